# Lists of venues in and out, venues that the city enters, and what is published about all of them.
bulk-status-invited = 封書での案内中
# $no (String) - A number
bulk-table = テーブル { $no }

## Columns of a list
bulk-col-name = 名称
bulk-col-kana = よみがな
bulk-col-kind = 種類
bulk-col-postal-code = 郵便番号
bulk-col-address = 住所
bulk-col-contact-email = メールアドレス
bulk-col-phone = 電話番号
bulk-col-guests = 1日の利用者数
bulk-col-tables = テーブル数
bulk-col-opens-on = 開催初日
bulk-col-closes-on = 開催最終日
bulk-col-reference = 管理番号
bulk-hint-name = 必ず入れる。100文字まで
bulk-hint-kana = ひらがなかカタカナ
bulk-hint-kind = 必ず入れる。飲食店、バー・ライブハウス、店舗、図書館・博物館・公共施設、学校、医療・介護、事業所、催し、その他
bulk-hint-postal-code = 7けた
bulk-hint-address = 必ず入れる。200文字まで
bulk-hint-contact-email = わからないときは空けておく（封書で案内する）
bulk-hint-phone = わかるとき
bulk-hint-guests = わかるとき。数字
bulk-hint-tables = テーブルごとのポスターの数。入口の1枚は、いつも付く
bulk-hint-opens-on = 催しのとき。2026-11-28
bulk-hint-closes-on = 催しのとき。2026-11-29
bulk-hint-reference = 市の番号。60文字まで

## The letter to an owner whose venue the city entered
# $city (String) - The city
bulk-entered-subject = 【{ $city }】ポスターをお使いください
# $name (String) - The venue
# $city (String) - The city
# $service (String) - The service
# $page (String) - Link to the posters
# $until (String) - Date and time
# $hotline (String) - Telephone number
# $hours (String) - When it is answered
bulk-entered-body =
    「{ $name }」を、{ $city }が「{ $service }」に登録しました。
    今日から、ポスターを読み取って登録できます。

    ポスターはこちらから印刷してください。
    { $page }
    { $until }まで使えます。

    お店や施設に心あたりがないときは、{ $hotline }（{ $hours }）へお電話ください。

## The letter to an owner who was told of a registration that the city took back
# $city (String) - The city
bulk-withdrawn-subject = 【{ $city }】登録を取り消しました
# $name (String) - The venue
# $city (String) - The city
# $service (String) - The service
# $hotline (String) - Telephone number
# $hours (String) - When it is answered
bulk-withdrawn-body =
    先日お知らせした「{ $name }」の「{ $service }」への登録を、{ $city }が取り消しました。
    ご迷惑をおかけしました。していただくことは、ありません。

    印刷したポスターがあれば、外してください。前のメールのリンクも、もう使えません。

    ご質問は、{ $hotline }（{ $hours }）へお電話ください。

## The letter that proves a mailbox which an owner named while activating
# $city (String) - The city
bulk-mailbox-subject = 【{ $city }】メールアドレスの確認をお願いします
# $name (String) - The venue
# $service (String) - The service
# $link (String) - Link that confirms
# $digits (String) - Eight digits
# $until (String) - Date and time
bulk-mailbox-body =
    「{ $name }」の「{ $service }」の連絡先として、このメールアドレスが入力されました。
    ポスターはもう使えます。人数などのページを開くには、次のどちらかで確認してください。

    1. このリンクを開いて、ボタンを押す
    { $link }

    2. ポスターを有効にした画面に、この番号を入れる
    { $digits }

    { $until }まで使えます。

    入力した覚えがないときは、何もしないでください。このメールアドレスは連絡先にならずに消えます。

## Columns
bulk-col-state = 状態
bulk-col-id = ID
bulk-example-name = 例：喫茶 ひだまり
bulk-example-kana = きっさ ひだまり
bulk-example-address = あおば市中央1-2-3
bulk-example-reference = 許可2026-001

## The list on the desk
bulk-import-link = 一覧から登録する
bulk-export-xlsx = Excelで書き出す
bulk-export-csv = CSVで書き出す
bulk-import-title = 店舗・施設を一覧から登録する
bulk-import-intro = 食品営業許可などの一覧から、まとめて登録します。ファイルを調べたあと、登録する前に、できるものを画面でお見せします。
bulk-file = 一覧のファイル
# $max (String) - Most rows
bulk-file-hint = CSV（UTF-8かShift_JIS）かExcel（.xlsx）。{ $max }行、2MBまで。
bulk-check-button = ファイルを調べる
bulk-columns-title = 一覧の列
bulk-columns-text = 1行目に列の名前を入れます。順番は自由で、ほかの列があってもかまいません。「#」で始まる行は読みません。
bulk-template-xlsx = ひな形（Excel）
bulk-template-csv = ひな形（CSV）
bulk-column = 列
bulk-column-hint = 入れるもの
bulk-row = 行
bulk-what = 直すところ
bulk-earlier-title = これまでの登録
bulk-when = 日時
bulk-who = 担当者
bulk-venues = 店舗・施設
bulk-waiting = 返事待ち
bulk-posters = ポスター
bulk-activated = 有効になった
bulk-by-command-line = コマンドライン
# $count (String) - How many
bulk-wrong-title = 直すところが{ $count }か所あります
bulk-wrong-text = 何も登録していません。ファイルを直して、もう一度選んでください。
bulk-wrong-list = 直すところ
# $count (String) - How many
bulk-first-shown = 初めの{ $count }件を表示しています。
bulk-file-none = ファイルを選んでください。
bulk-file-too-large = ファイルが大きすぎます。2MBまでです。
bulk-file-too-large-unzipped = 中身が大きすぎます。いらないシートや画像を消すか、CSVで保存してください。
# $max (String) - Most rows
bulk-file-too-many-rows = 行が多すぎます。{ $max }行までにして、分けて登録してください。
# $row (String) - A row
# $max (String) - Most columns
bulk-file-too-many-columns = { $row }行目の列が多すぎます。{ $max }列までです。
# $row (String) - A row
# $max (String) - Most characters
bulk-file-cell-too-long = { $row }行目に{ $max }文字を超えるところがあります。引用符（"）が閉じていないかもしれません。
# $row (String) - A row
bulk-file-cell-error = { $row }行目に、計算できていない式（#N/Aなど）があります。
bulk-file-encoding = 文字が読み取れません。UTF-8かShift_JISのCSVで保存してください。
bulk-file-old = 古い形式か、パスワード付きのファイルです。.xlsxかCSVで、パスワードを付けずに保存してください。
bulk-file-unreadable = ファイルを読み取れません。Excelで開いて、.xlsxかCSVで保存し直してください。
bulk-file-empty = 一覧に、店舗・施設の行がありません。
# $column (String) - A column
bulk-head-twice = 「{ $column }」の列が2つあります。
# $columns (String) - Columns
bulk-head-missing = 1行目に、次の列がありません：{ $columns }
bulk-row-empty = 入っていません。
bulk-row-too-long = 長すぎます。
bulk-row-forbidden = 使えない文字（改行や、向きを変える文字など）が入っています。
bulk-row-undeliverable = このアドレスには届けられません。
bulk-row-unknown = 知らない種類です。下の「一覧の列」の言葉を使ってください。
# $max (String) - Most posters
bulk-row-too-many = 多すぎます。1か所に499卓、一覧の全部で{ $max }枚までです。
bulk-row-out-of-range = 数字で入れてください。
bulk-row-postal-code = 7けたの数字で入れてください。
bulk-row-phone = 10けた以上の電話番号を入れてください。
bulk-row-date = 2026-11-28のように、年から入れてください。
bulk-row-ends = 初日より前の日です。
bulk-row-events = 日を入れるのは、種類が「催し」のときだけです。
bulk-row-wrong = 読み取れません。
bulk-checked-title = 登録する内容を確かめる
bulk-checked-intro = まだ何も登録していません。このページは、あなたにだけ1時間見えます。
bulk-by-mail = メールで案内
bulk-by-post = 封書で案内
bulk-way = 案内のしかた
bulk-ignored-title = 読まない列
# $row (String) - A row
bulk-twin-row = { $row }行目
# $row (String) - A row
bulk-twin-earlier = { $row }行目と同じ
bulk-twin-venue = 登録ずみ
bulk-again-title = 同じファイルを、1時間以内に登録しています
bulk-again-link = その登録を見る
# $count (String) - How many
bulk-import-button = { $count }件を登録する
bulk-other-file = ほかのファイルを選ぶ
bulk-rows-title = 登録する店舗・施設
# $at (String) - Date and time
bulk-batch-title = { $at }の登録
# $who (String) - An official
bulk-batch-by = 登録した担当者：{ $who }
# $count (String) - How many
bulk-printed = （封書の印刷ずみ { $count }件）
bulk-members-title = 登録した店舗・施設
bulk-to-lists = 一覧からの登録へもどる
# $venues (String) - How many
# $posters (String) - How many
bulk-done-imported = { $venues }件の店舗・施設と、{ $posters }枚のポスターを登録しました。
bulk-done-before = もう登録してあります。2回目は何もしていません。
bulk-letters-title = 封書を印刷する
bulk-letters-text = まだ有効になっていない店舗・施設に、案内の封書とポスターを1つのPDFで作ります。何度印刷しても、コードは同じです。コードは、印刷した日から180日使えます。
bulk-letters-button = 封書とポスターのPDF
# $from (String) - A row
# $to (String) - A row
bulk-letters-part = { $from }〜{ $to }行目
bulk-renew = 封書のコードを新しくする
bulk-renew-done = 封書のコードを新しくしました。前の封書は使えません。印刷し直してください。

## What a list leaves out
bulk-left-title = 登録しない行
bulk-left-text = 登録するときは、印を付けて調べ直してください。
# $count (String) - How many
bulk-left-known = もうある店舗・施設 { $count }件（登録すると、2つになります）
# $count (String) - How many
bulk-left-hidden = 隠れている行 { $count }件（非表示の行や、フィルターで隠れた行）
# $count (String) - How many
bulk-left-struck = 取り消し線のある行 { $count }件
# $count (String) - How many
bulk-left-known-rows = もうある店舗・施設の行を見る（{ $count }件）
# $count (String) - How many
bulk-left-unseen-rows = 隠れている行と、取り消し線のある行を見る（{ $count }件）
bulk-new = 新しく登録
bulk-kept-why = 残した理由
bulk-left-recheck = 選んだとおりに調べ直す
bulk-left-known-choice = もうある店舗・施設も登録する（2つになる）
bulk-left-hidden-choice = 隠れている行も登録する
bulk-left-struck-choice = 取り消し線のある行も登録する
bulk-twin-by-number = 番号が同じ
bulk-nothing-new = 新しい店舗・施設はありません。何も登録しません。
# $columns (String) - Columns
bulk-hidden-columns = 表で隠れている列も読みました：{ $columns }

## An imported list: its mails, and taking it back
bulk-mails-title = 店舗・施設へのメール
# $count (String) - How many
bulk-mails-wait = { $count }通のメールが、送られずに待っています。
bulk-mails-say = 「市が登録しました。ポスターをこのリンクから印刷してください。心あたりがないときはお電話ください」というメールです。
# $count (String) - How many
bulk-mails-release = { $count }通を送る
# $at (String) - Date and time
# $who (String) - An official
bulk-mails-released = { $at }に、{ $who }が送りました。
# $posted (String) - How many
# $held (String) - How many
bulk-mails-stand = 送信へ渡した { $posted }通、順番を待っている { $held }通。
# $count (String) - How many
bulk-mails-left-out = 使われなくなったので送らない { $count }通。
bulk-mails-done = メールを送ります。数が多いときは、少しずつ出ていきます。
bulk-mails-before = もう送ることになっています。2回目は何もしていません。
bulk-undo-title = この登録を取り消す
# $until (String) - Date and time
bulk-undo-text = { $until }まで取り消せます。店舗・施設を閉じて、ポスターのコードと封書のコードを使えなくします。待っているメールは送りません。メールを受け取った方には、取り消しをメールでお知らせします。
bulk-undo-keeps = 次のところは残します：だれかがポスターを読み取ったところ、店舗・施設の方が開いたところ、変更があったところ。
# $count (String) - How many
bulk-undo-printed = 印刷した封書が{ $count }通あります。捨ててください。
bulk-undo-sure = この登録を取り消します
bulk-undo-tick = 取り消すときは、ここに印を付けてください。
bulk-undo-button = 登録を取り消す
# $until (String) - Date and time
bulk-undo-over = 取り消せるのは、{ $until }まででした。
bulk-undone-done = 登録を取り消しました。
bulk-undone-before = もう取り消してあります。2回目は何もしていません。
bulk-undone-title = この登録は取り消しました
# $at (String) - Date and time
# $who (String) - An official
bulk-undone-by = { $at }に、{ $who }が取り消しました。同じ一覧を、もう一度登録できます。
# $count (String) - How many
bulk-undone-withdrawn = 送らなかったメール { $count }通。
# $count (String) - How many
bulk-undone-recalled = 取り消しを知らせるメール { $count }通。
# $count (String) - How many
bulk-kept-title = 残した店舗・施設 { $count }件
bulk-kept-checked-in = だれかがポスターを読み取った
bulk-kept-opened = 店舗・施設の方が開いた
bulk-kept-changed = 変更があった
bulk-kept-closed = 前から閉じていた
bulk-mails = メール
# $count (String) - How many
bulk-earlier-wait = { $count }通が待っている
bulk-earlier-undone = 取り消した
bulk-earlier-released = 送った
bulk-earlier-none = なし

## The owner activates
bulk-activate-title = ポスターを有効にする
bulk-activate-code-intro = 市からの封書にあるコードを入れてください。
bulk-activate-code = 封書のコード
bulk-activate-code-hint = 手紙にある12文字です。ポスターのコードとはちがいます。小文字でも、ハイフンがなくても使えます。
bulk-code-wrong = どこかの文字がちがうようです。封書と見くらべてください。
bulk-activate-intro = この店舗・施設の方ですか。ボタンを押すと、届いたポスターが今日から使えます。
bulk-activate-mail = メールアドレス（なくてもかまいません）
bulk-activate-mail-hint = 入れると、人数を見たりポスターを増やしたりできるページを、確認のメールでお送りします。
bulk-activate-button = ポスターを有効にする
bulk-activate-fact-then = そのあとは、貼るだけです
bulk-activate-fact-then-text = 入口とレジ、テーブルに、届いたポスターを貼ってください。
bulk-activate-fact-wrong = 名前や住所がちがうとき
# $hotline (String) - Telephone number
bulk-activate-fact-wrong-text = ボタンを押さずに、{ $hotline }へお電話ください。
bulk-activated-title = ポスターが使えます
bulk-activated-note = 有効になりました。
bulk-activated-text = 今日から、ポスターを読み取って登録できます。入口など、見やすいところに貼ってください。
bulk-activated-mail-title = 確認のメールをお送りしました
bulk-activated-mail-text = メールのリンクを開いてボタンを押すか、8桁の数字をここに入れてください。お店のページが開きます。
# $hotline (String) - Telephone number
bulk-activated-late = 迷惑メールの入れ物も見てください。アドレスがちがっていたときは、{ $hotline }へお電話ください。ポスターは、そのまま使えます。
bulk-activate-dead-title = このコードでは有効にできません
bulk-activate-dead-text = コードの文字がちがうか、古い封書か、ポスターのコードのようです。
bulk-activate-dead-one = 封書の手紙にある、大きな文字の12文字を入れてください。
# $hotline (String) - Telephone number
# $hours (String) - When it is answered
bulk-activate-dead-two = それでも使えないときは、{ $hotline }（{ $hours }）へお電話ください。
bulk-activate-dead-button = コードを入れる

## Open to all
bulk-foot-list = 参加している店舗・施設
bulk-home-list = 参加している店舗・施設をさがす
bulk-list-title = 参加している店舗・施設
bulk-list-intro = ポスターを貼っていて、名前を出すことに同意したところの一覧です。
bulk-list-search = さがす
bulk-list-search-hint = 名前、よみがな、町の名前の一部
bulk-list-search-button = この言葉でさがす
bulk-list-empty = まだありません。名前を出すことに同意した店舗・施設が、ここに並びます。
bulk-list-none = 見つかりませんでした。言葉を短くして、もう一度さがしてください。
# $count (String) - How many
bulk-list-found = { $count }件あります。
bulk-list-before = 前のページ
bulk-list-next = 次のページ
bulk-open-title = オープンデータ
# $city (String) - The city
# $service (String) - The service
bulk-open-intro = { $city }の「{ $service }」がどのくらい使われているかを、だれでも使える形でお知らせします。個人についての情報はありません。
bulk-open-venues = 参加している店舗・施設の数
# $count (String) - How many
bulk-open-venues-text = いま{ $count }か所で、ポスターが使われています。
bulk-open-venues-csv = 同意した店舗・施設の一覧（CSV）
bulk-open-venues-json = 同意した店舗・施設の一覧（JSON）
bulk-open-days = 1日の登録件数
bulk-open-days-text = 締め切った日の数です。5件より少ない日は「5未満」とします。
bulk-open-days-none = 締め切った日は、まだありません。
bulk-open-date = 日付
bulk-open-check-ins = 登録件数
bulk-few = 5未満
bulk-open-days-csv = 1日の登録件数（CSV）
bulk-open-days-json = 1日の登録件数（JSON）
bulk-open-licence = 使うときの約束
# $city (String) - The city
bulk-open-licence-text = クリエイティブ・コモンズ 表示 4.0 国際で公開しています。出どころを「{ $city }」と書けば、だれでも自由に使えます。

## What the record of acts says
bulk-did-activate = 封書のコードで、店舗・施設を有効にしました
bulk-did-confirm-mailbox = 店舗・施設のメールアドレスを確認しました
bulk-did-export = 店舗・施設の一覧を書き出しました
bulk-did-import = 店舗・施設を一覧から登録しました
bulk-did-print-letters = 店舗・施設への封書を作りました
bulk-did-renew-letter = 封書のコードを新しくしました
# $value (String) - How many
bulk-fact-venues = 店舗・施設 { $value }件
# $value (String) - How many
bulk-fact-invited = 封書で案内 { $value }件
# $value (String) - How many
bulk-fact-letters = 封書 { $value }通
bulk-did-release-mails = 一覧から登録した店舗・施設へのメールを送りました
bulk-did-undo-import = 一覧からの登録を取り消しました
# $value (String) - How many
bulk-fact-known = もうあるので登録しない { $value }件
# $value (String) - How many
bulk-fact-hidden = 隠れているので登録しない { $value }件
# $value (String) - How many
bulk-fact-struck = 取り消し線で登録しない { $value }件
# $value (String) - How many
bulk-fact-kept = 残した { $value }件
# $value (String) - How many
bulk-fact-withdrawn = 送らなかったメール { $value }通
# $value (String) - How many
bulk-fact-recalled = 取り消しを知らせるメール { $value }通
