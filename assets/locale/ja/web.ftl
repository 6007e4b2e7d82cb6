## The frame of every page
skip = 本文へ進む
other-language = English
foot-call = 体調が心配なとき　相談窓口
foot-about = このサービスのしくみ
foot-my = 自分の記録を見る・消す
foot-check = 届いたメールが本物か確かめる
foot-privacy = 個人情報の取り扱い
error-prefix = エラー：

## Check-in
# $act (String) - 来店, 来館, 来場, 来院 or 利用
check-in-kind = { $act }の登録
# $act (String)
check-in-button = { $act }を登録する
email-label = メールアドレス
check-in-hint = お名前や電話番号はいりません。
check-in-after = 登録の確認メールは届きません。次の画面が控えになります。
fact-use = 使うのは、お知らせのときだけ
fact-use-text = 同じ日に感染した方の利用が分かったときに、市からメールを送ります。
# $host (String) - お店, 施設 or 主催者
fact-shop = { $host }には見えません
# $host (String)
fact-shop-text = { $host }に伝わるのは、その日の人数だけです。
# $until (String) - a short date
fact-until = 記録は{ $until }まで
# $until (String) - a date with its year
fact-until-text = { $until }まで保管し、そのあと消去します。その前に
fact-until-link = 自分で消すこともできます
fact-until-end = 。
email-empty = メールアドレスを入れてください。
email-no-at = 「@」が入っていません。
email-no-dot = 「@」のあとが足りません。
email-example = 例：hanako@example.jp
email-refused = このアドレスには届けられません。ふだん使っているアドレスを入れてください。
email-too-long = 長すぎます。254文字までで入れてください。

## Confirmation
done-title = 登録できました
# $host (String)
done-show = この画面を{ $host }の方にお見せください
# $until (String)
done-until-text = { $until }まで保管し、そのあと消去します。
done-until-link = 自分で見る・消す
done-mail = お知らせがあるときだけ、メールが届きます
done-mail-text = 同じ日に感染した方の利用が分かったとき、市から送ります。メールにリンクはありません。
done-stopped = 以前に受け取りを止めた方へ
done-stopped-text = 止めたアドレスや届かなかったアドレスには、お知らせも届きません。
done-stopped-link = 受け取りを再開する
done-more = いっしょに来た方も登録する

## Typed code
code-title = コードを入れて登録する
code-intro = QRコードを読み取れないときは、ポスターにある12文字のコードを入れてください。
code-label = コード
code-hint-example = 例：7K3M-9QXZ-2VTJ
code-hint = 小文字でも、ハイフンがなくても使えます。
code-button = 次へ進む
code-help = まちがえやすい文字
code-help-text = O は 0（ゼロ）、I と L は 1（いち）として読み取ります。U は使いません。
code-where = コードが見つからないとき
code-where-text = ポスターの QRコードのすぐ下にあります。お店の方にお尋ねください。
code-wrong = どこかの文字がちがうようです。ポスターと見くらべてください。
code-empty = コードを入れてください。

## A code that does not work
dead-code-title = このコードでは登録できません
dead-code-text = ポスターが新しくなったか、コードの文字がちがうようです。あなたの操作のせいではありません。
dead-code-can = できること
dead-code-ask = お店の方に「新しいポスターはありますか」とお尋ねください。
dead-code-retype = ポスターの文字を見ながら、コードを入れ直してください。
dead-code-button = コードを入れる
dead-code-sticker = ポスターの上に別のシールが貼られていたら、読み取らずに、お店の方か相談窓口に知らせてください。

## Trouble
busy-title = もう一度お試しください
busy-not-yet = まだ登録できていません
busy-text = ただいま混み合っています。入力した内容は残っています。少し待って、もう一度押してください。
busy-clock = サーバーの時計の日付を確かめているため、いまは登録できません。入力した内容は残っています。少し待って、もう一度押してください。
busy-hint = このままで送れます。書き直すこともできます。
busy-button = もう一度登録する
busy-fails = うまくいかないときは
busy-fails-text = お店の方に「つながらない」と伝えて、そのままお入りください。今日中なら、あとからでも登録できます。
wait-title = 少し待ってください
wait-text = 少し待ってから、もう一度押してください。
error-not-found = ページが見つかりません
error-not-found-text = アドレスがちがうか、なくなったページです。
error-forbidden = この操作は受け付けられません
error-forbidden-text = ほかのサイトから送られたようです。このサービスのページを開き直してから、もう一度お試しください。
error-method = この操作はできません
error-method-text = ページを開き直してから、もう一度お試しください。
error-too-large = 長すぎて受け取れません
error-too-large-text = 入力を短くして、もう一度お試しください。
error-bad-request = 読み取れませんでした
error-bad-request-text = 送られた文字に読めないものがありました。ページを開き直してから、もう一度お試しください。
error-timeout = 時間がかかりすぎました
error-timeout-text = 電波のよいところで、もう一度お試しください。
error-unavailable = ただいま使えません
error-unavailable-text = 少し待ってから、もう一度お試しください。入力は記録されていません。
error-key = サービスの鍵が合いません
error-key-text = 入力が正しくても、サービスの秘密鍵で保存内容を開けないため、確かめられません。サービスの運用担当者に知らせるか、管理者にアカウントの再設定を頼んでください。入力は記録されていません。
error-internal = うまく動きませんでした
error-internal-text = わたしたちの側の不具合です。記録に残しましたので、直します。少し待ってから、もう一度お試しください。
error-home = はじめのページへ

## Home
home-title = 店や施設の利用を登録して、お知らせを受け取る
home-intro = 同じ日に同じ場所を利用した方の感染があとで分かったとき、市からメールでお知らせします。
home-scan = 店や施設を利用したとき
home-scan-text = 入口や席のQRコードをスマートフォンで読み取り、メールアドレスだけを登録します。アプリも会員登録もいりません。
home-scan-button = コードを入れて登録する
home-venue = 店・施設・催しの方
home-venue-text = 申し込むと、ポスターのQRコードが届きます。費用はかかりません。
home-venue-own = 申請がすんだ方：店舗・施設のページ
home-venue-letter = 市から封書が届いた方：ポスターを有効にする
home-venue-button = 利用を申し込む
home-ill = 体調が心配なとき
# $hotline (String)
# $hours (String)
home-ill-text = 熱・せき・だるさなどがあるときは、外出を控えて{ $hotline }（{ $hours }）へ電話してください。

## How it works
about-title = このサービスのしくみ
about-1 = 店や施設が申し込む
about-1-text = 店・施設・催しが申し込み、自分のQRコードを受け取って、入口や席に貼ります。
about-2 = 読み取って、登録する
about-2-text = 利用した方は、QRコードを読み取ってメールアドレスを登録します。記録するのは、場所と日付とアドレスだけです。
about-3 = 感染が分かったとき
about-3-text = 保健所が、感染した方の立ち寄り先と日付を入れます。担当者が二人で確かめてから、同じ日に同じ場所を利用した方へメールを送ります。
about-4 = お知らせを受け取ったら
# $hotline (String)
about-4-text = 体調に注意し、症状があるときは{ $hotline }へ電話してください。

## What is kept
privacy-title = 個人情報の取り扱い
privacy-who = だれが
# $operator (String)
privacy-who-text = { $operator }が、このサービスのためだけに使います。
privacy-what = 何を
privacy-what-text = 利用した場所、日付、メールアドレス。お名前、電話番号、時刻、位置、端末の情報は記録しません。
privacy-until = いつまで
# $days (String)
privacy-until-text = 利用した日から{ $days }日間。そのあと鍵ごと消去し、控え（バックアップ）からも読めなくなります。
privacy-how = どのように守るか
privacy-how-text = アドレスは、その日だけの鍵で封をして保管します。お知らせを送る仕組みのほかは、市の担当者もお店も読めません。
privacy-mail = メールについて
privacy-mail-text = お知らせにリンクはありません。市から電話やSMSで個人情報やお金をお願いすることはありません。
privacy-ask = 見る・消す・止める
privacy-ask-text = 自分の記録は、いつでも見たり消したりできます。

## Is this mail genuine
check-title = 届いたメールが本物か確かめる
check-intro = メールの件名にある番号を入れてください。リンクがあるメールは、市からのものではありません。
check-label = お知らせの番号
check-hint = 例：AB3K-9QXZ
check-button = 確かめる
check-empty = 番号を入れてください。
check-unreadable = 番号として読めません。件名にある8文字を入れてください。
check-genuine = 市からのお知らせです
# $number (String)
# $date (String)
check-genuine-text = 番号 { $number } のお知らせは、{ $date }に市が送りました。本文は次のとおりです。ちがうところがあれば、市からのものではありません。
check-unknown = この番号のお知らせはありません
check-unknown-text = 番号を見くらべてください。番号が合っていれば、市からのメールではありません。書かれた電話番号やリンクは使わず、相談窓口にお尋ねください。
check-subject = 件名

## The demonstration's mailbox
mailbox-title = 届いたメール（体験用）
# $count (String)
mailbox-text = 体験用の受信箱です。{ $count }通届いています。宛先はすべて架空です。
mailbox-raw = 送られたままの形

## Who stands behind a venue
host-shop = お店
host-facility = 施設
host-event = 主催者

## A venue applies
apply-title = 店舗・施設の申請
apply-steps = 申請の流れ
apply-step-1 = 入力
apply-step-2 = メールの確認
apply-step-3 = ポスターを印刷
apply-intro = 5つの項目（催しは7つ）で終わります。すべて入力してください。
apply-errors = 入力を確かめてください
apply-name = 名前
apply-name-empty = 名前を入れてください。
apply-name-hint = ポスターと利用者の画面に出ます。
apply-kind = 種類
apply-kind-empty = 種類を選んでください。
apply-choose = 選んでください
apply-address = 住所
apply-address-empty = 住所を入れてください。
apply-email = 連絡先メールアドレス
apply-email-hint = 確認のメールを送ります。利用者には見えません。
apply-button = 確認メールを受け取る
apply-free = 費用はかかりません
apply-free-text = プリンターがなければ、コンビニでも印刷できます。
apply-nothing = お客様の情報は渡りません
apply-nothing-text = お店から見えるのは人数だけです。管理や保管の手間はありません。
apply-empty = 入力してください。
apply-too-long = 長すぎます。短くしてください。
apply-forbidden = 使えない文字があります。ふつうの文字だけで入れてください。
confirm-title = メールを確かめてください
confirm-late = 迷惑メールの入れ物も見てください。アドレスがちがっていたときと、5回まちがえたときは、申請し直してください。
confirm-intro = 連絡先に確認のメールを送りました。メールのリンクを開くか、8桁の数字を入れてください。7日のあいだ使えます。
confirm-label = 8桁の数字
confirm-hint = 全角でも、空白があっても使えます。
confirm-button = 確認を終える
confirm-link-intro = このメールアドレスを、この店舗・施設の連絡先にします。心当たりがなければ、何もせずに閉じてください。
confirm-digits = メールにある8桁の数字を入れてください。
confirm-refused = 数字がちがうか、使えなくなりました。メールを見くらべてください。5回まちがえたときは、申請し直してください。
confirm-dead = このリンクは使えません
confirm-dead-text = 7日が過ぎたか、リンクが途中で切れているか、もっと新しいメールがあります。いちばん新しいメールのリンクを開いてください。申請が終わっていないときは、申請し直してください。
confirmed-title = 申請を受け付けました
confirmed-stopped = いまはポスターを使えません。くわしくは、届いたメールをごらんください。
confirmed-pending = 担当者が確かめます。使えるようになったら、メールでお知らせします。

## A venue's posters
posters-title = ポスターを印刷する
posters-intro = すぐに使えます。ポスターを印刷して、入口や席に貼ってください。
# $until (String) - Date and time
posters-until = このページは{ $until }まで開けます。ファイルを手元に残しておいてください。
posters-by-mail = ファイルは、届いたメールのリンクを開くと保存できます。
posters-svg = ポスター（SVG, A4）
posters-png = QRコードだけ（PNG）
posters-hang = 印刷と貼り方
posters-print = A4に、倍率100%で印刷します
posters-print-text = いろいろな大きさを1つにまとめたPDFは、店舗・施設のページにあります。コンビニでも印刷できます。
posters-height = QRコードの中心を、床から110〜130cmに
posters-height-text = 立っている方にも、車いすの方にも読み取りやすい高さです。
posters-inside = 入口の内側に、1か所に1枚
posters-inside-text = 開けると隠れてしまうガラスの引き戸には貼らないでください。
posters-glare = 光が映りこまないところに
posters-glare-text = 貼ったら、ご自分のスマートフォンで一度読み取ってみてください。
