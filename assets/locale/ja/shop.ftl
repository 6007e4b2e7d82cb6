## A venue applies: what the short form asks besides
shop-postal = 郵便番号
shop-postal-hint = 全角でも、ハイフンがなくても使えます。
shop-postal-empty = 郵便番号を入れてください。
shop-postal-wrong = 郵便番号は7桁の数字です。例：123-4567
shop-days = 催しの期間（催しのときだけ）
shop-opens = はじまる日
shop-closes = おわる日
shop-date-hint = 例：2026年11月28日。令和8年11月28日 や 2026/11/28 でも使えます。
shop-closes-hint = 1日だけの催しは、はじまる日と同じ日です。
shop-date-empty = 催しの日を入れてください。
shop-date-wrong = 日付として読めません。年から、実際にある日を入れてください。例：2026年11月28日
shop-closes-past = もう過ぎた日です。年をまちがえていないか、確かめてください。
shop-closes-wrong = はじまる日より前になっています。
shop-days-only-events = 期間があるのは催しだけです。
shop-phone-wrong = 電話番号は10〜15桁の数字です。例：0123-45-6789
shop-number-wrong = 1から100000までの数を入れてください。
shop-message-link = リンク、サイトの名前、メールアドレスは入れられません。

## A code that lives, but not today
shop-not-yet-title = まだ始まっていません
# $day (String) - A date without its year
shop-not-yet = 登録は、{ $day }の朝から
# $opens (String) - A date with its weekday
# $closes (String) - A date with its weekday
shop-not-yet-text = 開催は{ $opens }〜{ $closes }です。当日、会場でもう一度読み取ってください。
# $opens (String) - A date with its weekday
shop-not-yet-one = 開催は{ $opens }です。当日、会場でもう一度読み取ってください。
shop-over-title = 終わりました
shop-over = この催しは終わりました
# $closes (String) - A date with its weekday
# $days (String) - Days for which a visit is kept
shop-over-text = { $closes }に終わりました。すでに登録した記録は、それぞれの日から{ $days }日で消えます。
shop-paused-title = お休みしています
shop-paused = いまは登録をお休みしています
shop-paused-text = この店舗・施設は、いま登録を受け付けていません。開いているときは、スタッフの方にお尋ねください。

## On the visitor's confirmation
# $host (String) - お店, 施設 or 主催者
shop-from = { $host }から

## The letter that opens the own page
# $city (String) - The city
shop-link-subject = 【{ $city }】店舗・施設のページを開く
# $city (String) - The city
# $service (String) - The service
# $link (String) - Link that opens the page
# $digits (String) - Eight digits
# $until (String) - Date and time
shop-link-body =
    { $city }の「{ $service }」の、店舗・施設のページを開くためのメールです。次のどちらかで開いてください。

    1. このリンクを開いて、ボタンを押す
    { $link }

    2. 申し込んだ画面に、この番号を入れる
    { $digits }

    { $until }まで、1回だけ使えます。

    覚えがないときは、何もしないでください。だれかがまちがえて入れたもので、ページは開きません。

## Asking for the own page
shop-login-title = 店舗・施設のページを開く
shop-login-intro = 申請のときの連絡先メールアドレスを入れてください。ページを開くためのメールを送ります。
shop-login-label = 連絡先メールアドレス
shop-login-button = メールを受け取る
shop-login-new = まだ申請していない方
shop-login-new-text = 新しく使いはじめるときは、申請をしてください。
shop-login-new-link = 店舗・施設の申請
shop-login-letter = 市から封書が届いた方
shop-login-letter-text = 封書のコードで、ポスターを使いはじめられます。
shop-login-lost = メールアドレスが変わったとき
# $hotline (String) - Telephone number
# $hours (String) - When it is answered
shop-login-lost-text = 前のアドレスのメールを読めないときは、{ $hotline }（{ $hours }）へお電話ください。担当者が新しいアドレスに替えます。
shop-sent-title = メールを確かめてください
shop-sent-text = このアドレスで登録のある店舗・施設があれば、メールを送りました。リンクを開くか、8桁の数字をここに入れてください。1時間、1回だけ使えます。
shop-sent-button = ページを開く
shop-sent-refused = 数字がちがうか、使えなくなりました。メールを見くらべてください。5回まちがえたときは、メールを受け取り直してください。
shop-sent-late = メールが届かないとき
shop-sent-late-text = 迷惑メールの入れ物も見てください。申請のときとちがうアドレスには届きません。
shop-sent-again = メールを受け取り直す
shop-open-intro = ボタンを押すと、店舗・施設のページが開きます。12時間のあいだ、この端末で使えます。
shop-open-dead = このリンクは使えません
shop-open-dead-text = もう使ったか、1時間が過ぎたか、途中で切れています。メールを受け取り直してください。
shop-again-title = もう一度ページを開いてください
shop-again-text = 12時間が過ぎたか、まだ開いていません。何も変えていません。

## The list and the own page
shop-page = 店舗・施設のページ
shop-list-title = あなたの店舗・施設
shop-list-none = このメールアドレスの店舗・施設はありません。
shop-list-new = 店舗・施設を加える
shop-logout = このページから出る
shop-others = ほかの店舗・施設
shop-paused-state = お休み中
shop-print = ポスター一式を印刷する（PDF）
shop-print-text = 最初のページに、印刷のしかたと貼り方の説明があります。コンビニでも印刷できます。
shop-print-parts = ほかの大きさで印刷する
shop-pending = 担当者が確かめています
shop-pending-text = 使えるようになったら、メールでお知らせします。ポスターは、それから印刷してください。
shop-refused = 登録できませんでした
shop-refused-again = 内容を直して、もう一度申請できます。
shop-suspended = 市の担当が利用を止めています
# $hotline (String) - Telephone number
shop-suspended-text = いまは、読み取っても登録できません。再開については{ $hotline }へお尋ねください。
shop-closed = 利用を終わりにしました
# $days (String) - Days that records are kept
shop-closed-text = コードはもう使えません。これまでの記録は、それぞれの日から{ $days }日で消えます。
shop-is-paused = 登録をお休みしています
shop-is-paused-text = いまは、読み取っても登録できません。
shop-unpause = 登録を再開する
shop-stale = しばらく読み取られていません
# $label (String) - A poster's label
# $days (String) - Days
shop-stale-one = 「{ $label }」は{ $days }日前が最後です。
# $label (String) - A poster's label
shop-stale-never = 「{ $label }」は、まだ一度も読み取られていません。
shop-stale-ask = はがれていないか、ご確認ください。
# $count (String) - How many more
shop-stale-more = ほかに{ $count }枚あります。
shop-unchecked = ポスターの確認をお願いします
# $count (String) - How many
shop-unchecked-text = 30日のあいだ確認していないポスターが{ $count }枚あります。上に別のシールが貼られていないかも見てください。
shop-check = ポスターを確認する
shop-numbers = 登録した人数
shop-today = その日の人数は、次の日の朝6時に出ます。
# $tenths (String) - Tenths of the guests
shop-coverage = 来客のおよそ{ $tenths }割の方が登録しています。
shop-coverage-low = 登録している方は、来客の1割に届いていません。入口やレジのポスターが見えやすいか、ご確認ください。
shop-coverage-ask = 1日の来客数を入れると、どれくらいの方が登録しているかの目安が出ます。
shop-chart = この7日間の登録人数。くわしい数は下の表にあります。
# $days (String) - Number of days
shop-table = 表で見る（{ $days }日分）
shop-table-label = 登録した人数の表
shop-day = 日
shop-count = 人数
shop-few = 5未満
shop-posters = ポスター
shop-posters-list = ポスターの一覧
shop-place = 場所
shop-last = 最後の読み取り
shop-last-today = 今日
shop-last-yesterday = 昨日
# $days (String) - Days
shop-last-days = { $days }日前
# $days (String) - Days
shop-last-never = { $days }日以内にはなし
shop-checked = 確認した日
shop-checked-never = まだ
# $count (String) - How many
shop-posters-all = { $count }枚すべてを見る
shop-posters-manage = ポスターを増やす・直す
shop-city = 市からのお知らせ
# $days (String) - Days
shop-city-none = この{ $days }日間に、市からお知らせした感染した方の利用はありません。
# $day (String) - A date
# $number (String) - An alert's number
shop-city-told = { $day }に、感染した方の利用についてのお知らせ（番号 { $number }）を市が送りました。くわしくは、届いたメールをごらんください。
# $day (String)
shop-city-corrected = { $day }に、市はこのお知らせがまちがいだったと訂正しました。
shop-city-asked = 市の担当からの質問
# $day (String) - A date
shop-city-asked-on = { $day }の質問
shop-city-answer = お返事
shop-city-answer-empty = お返事を書いてください。
shop-city-answer-hint = 300文字まで。市の担当だけが読みます。
shop-city-answer-button = 返事を送る
# $day (String) - A date
shop-city-answered = { $day }のお返事
shop-settings = 登録の内容
shop-edit = 内容を直す
shop-pause = 登録をしばらく休む
shop-close = 利用を終わりにする
shop-monthly-on = 毎月のメールを受け取る
shop-monthly-off = 毎月のメールを止める

## Editing
shop-edit-title = 登録の内容を直す
shop-edit-intro = 名前を変えても、コードは変わりません。貼ってあるポスターは使えます。
shop-edit-kana = よみがな（なくても使えます）
shop-edit-phone = 電話番号（なくても使えます）
shop-edit-phone-hint = 市の担当だけが見ます。
shop-edit-guests = 1日の来客数（なくても使えます）
shop-edit-guests-hint = ふだんの日の、おおよその数です。
shop-edit-day = 1日のはじまり
shop-edit-day-hint = 夜中まで開いているときは、閉めたあとの時刻にしてください。
# $time (String) - Time of day
shop-edit-day-time = { $time }から
shop-edit-message = 登録した方へのひとこと（なくても使えます）
shop-edit-message-hint = 80文字まで。登録したあとの画面に出ます。リンクは入れられません。
shop-edit-named = 感染した方の利用が分かったとき、お知らせに名前を出してもよい
shop-edit-listed = 参加している店舗・施設の一覧に、名前と住所を出してもよい
shop-edit-save = 保存する

## Posters
shop-posters-title = ポスターを増やす・直す
shop-add-title = 1枚増やす
shop-add-label = 場所の名前
shop-label-empty = 場所の名前を入れてください。
# $label (String) - A poster's label
shop-label-there = 「{ $label }」は、もうあります。ほかの名前か番号にしてください。
shop-add-hint = 例：入口、レジ、2階の席。40文字まで。
shop-add-button = ポスターを増やす
shop-run-title = 番号でまとめて増やす
shop-run-label = 場所の名前
shop-run-hint = 番号がうしろに付きます。例：テーブル
shop-run-first = はじめの番号
shop-run-last = おわりの番号
shop-run-button = まとめて増やす
# $most (String) - A number
shop-run-wrong = はじめとおわりの番号を、小さいほうから入れてください。1回に{ $most }枚までです。
# $most (String) - A number
shop-too-many = ポスターは、やめたものも合わせて{ $most }枚までです。
# $no (String) - Number of the poster
shop-poster-no = { $no }番
shop-poster-pdf = このポスターを印刷する（PDF、すべての大きさ）
shop-poster-svg = ポスター（SVG, A4）
shop-poster-png = QRコードだけ（PNG）
shop-poster-code = コード
shop-poster-nfc = NFCタグに書くアドレス
shop-rename-button = 場所の名前を変える
shop-rotate-title = コードを交換する
shop-rotate-text = いまのコードは、10秒以内に使えなくなります。同じ場所の名前で、新しいコードができます。貼ってあるポスターは、印刷して貼り替えてください。
shop-rotate-button = コードを交換する
shop-revoke-title = このポスターをやめる
shop-revoke-text = コードは、10秒以内に使えなくなり、元にはもどせません。これまでの記録は残ります。
shop-revoke-button = このポスターをやめる
shop-pause-text = 読み取っても登録できなくなります。いつでも再開できます。これまでの記録は残ります。
# $days (String) - Days that records are kept
shop-close-text = すべてのコードが使えなくなり、元にはもどせません。これまでの記録は残り、それぞれの日から{ $days }日で消えます。ポスターは、はがしてください。
shop-back = もどる

## Checking posters
shop-check-title = ポスターを確認する
shop-check-intro = 貼ってあるポスターを1枚ずつ、このスマートフォンのカメラで読み取ってください。どのポスターかが出て、確認した日が残ります。
shop-check-begin = 確認を始める
shop-check-end = 確認を終わる
shop-check-on = いまは確認中です
shop-check-on-text = カメラでポスターを読み取ってください。30分で終わります。
shop-check-type = カメラで読み取れないとき
shop-check-type-label = ポスターのコード
shop-check-type-button = コードで確認する
# $done (String) - A number
# $all (String) - A number
shop-check-progress = { $all }枚のうち{ $done }枚を、今日確認しました。
shop-check-left = まだ確認していないポスター
# $count (String) - How many more
shop-check-left-more = ほかに{ $count }枚
shop-check-good = 確認できました
# $no (String) - Number of the poster
# $label (String) - Its label
shop-check-good-text = これは{ $no }番「{ $label }」です。正しく使えます。
# $label (String) - Its label
shop-check-wrong-place = 「{ $label }」とちがう場所に貼ってあれば、貼り替えてください。
shop-check-dead = このポスターは使えません
# $no (String) - Number of the poster
# $label (String) - Its label
shop-check-dead-text = これは前の{ $no }番「{ $label }」です。はがして、新しく印刷したものに貼り替えてください。
shop-check-foreign = この店舗・施設のポスターではありません
shop-check-foreign-text = 上に別のシールが貼られているかもしれません。はがして、もとのポスターを読み取ってください。わからないときは、市の担当にお尋ねください。
shop-check-next = 次のポスターを読み取ってください。
shop-check-back = 確認のページへもどる

## What was done
shop-done-confirmed = メールを確かめました。ポスターを印刷して、貼ってください。
shop-done-confirmed-pending = メールを確かめました。
shop-done-saved = 保存しました。
shop-done-moved = 保存しました。名前か住所が変わったので、市の担当が見直します。そのあいだも使えます。
shop-done-added = ポスターを増やしました。印刷して、貼ってください。
shop-done-renamed = 場所の名前を変えました。コードは同じです。
shop-done-rotated = コードを交換しました。新しいポスターを印刷して、貼り替えてください。
shop-done-revoked = ポスターを使えなくしました。貼ってあれば、はがしてください。
shop-done-paused = 登録を休みました。「登録を再開する」でもどせます。
shop-done-unpaused = 登録を再開しました。
shop-done-closed = 利用を終わりにしました。ポスターは、はがしてください。
shop-done-answered = 市の担当に返事を送りました。
shop-done-mail-on = 毎月のメールを送ります。
shop-done-mail-off = 毎月のメールを止めました。
shop-done-already = もう、そうなっています。何も変えていません。
shop-done-checked-end = 確認を終わりました。

## A venue that may be there already
shop-twin = もう登録されている店舗・施設かもしれません
shop-twin-text = 同じ名前と住所の申請がありました。ほかの方がもう申し込んでいれば、この申請は要りません。そのまま進むこともできます。

## On the officials' desk
shop-desk-answer = お店の返事
shop-desk-paused = お店が登録を休んでいます
shop-desk-postal = 郵便番号
shop-desk-phone = 電話番号
shop-desk-days = 催しの期間
shop-desk-message = 登録した方へのひとこと

## What the audit chain tells
shop-did-edit = 登録の内容を直しました
shop-did-pause = 登録を休みました
shop-did-unpause = 登録を再開しました
shop-did-monthly-mail = 毎月のメールの受け取りを変えました
shop-did-answer = 市の担当に返事をしました
shop-did-rename = ポスターの場所の名前を変えました

## The monthly letter
# $city (String) - The city
shop-monthly-subject = 【{ $city }】この4週間の登録人数
# $count (String) - How many
shop-monthly-people = { $count }人（5人未満の日は入れていません）
shop-monthly-few = どの日も5人未満
# $name (String) - The venue
# $service (String) - The service
# $first (String) - A date
# $last (String) - A date
# $people (String) - How many, as it may be shown
# $told (String) - Coverage and posters, in sentences
# $page (String) - Link to the own page
# $off (String) - Link that stops the letters
shop-monthly-body =
    「{ $name }」の「{ $service }」の、{ $first }から{ $last }までのまとめです。

    登録した人数：{ $people }

    { $told }

    くわしい数とポスターは、店舗・施設のページにあります。
    { $page }

    このメールは月に1回です。止めるときは、ここを開いてボタンを押してください。
    { $off }
shop-monthly-silent = 次のポスターは、4週間のあいだ読み取られていません。はがれていないか、ご確認ください。
shop-monthly-off-text = 月に1回のメールを止めます。ポスターはそのまま使えます。
shop-monthly-again = 店舗・施設のページで、いつでも変えられます。
