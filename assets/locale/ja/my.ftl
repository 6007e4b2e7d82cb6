## A visitor's own page: ask for the link
my-title = 自分の記録を見る・消す
my-intro = メールアドレスを入れると、あなたの記録のページを開くリンクを送ります。パスワードや会員登録はいりません。
my-hint = 利用を登録したときのアドレスを入れてください。
my-button = リンクをメールで受け取る
my-can = ページでできること
my-can-text = いつ、どこを利用したかの記録を見る、ファイルで受け取る、消す。お知らせを止める、また受け取る。
my-who = 見られるのは、あなただけ
my-who-text = リンクは、そのアドレスのメールを読める方にだけ届きます。市の担当者もお店も、あなたの記録のページは見られません。
my-sent = メールを確かめてください
my-sent-text = 入れたアドレスに、リンクをメールで送ります。1時間のあいだ使えます。
my-sent-late = 届かないとき
# $minutes (String)
# $letters (String)
my-sent-late-text = 迷惑メールに入っていないか、アドレスにまちがいがないか、確かめてください。続けて頼んでも、{ $minutes }分に1通、1日に{ $letters }通までしか送りません。
my-sent-same = この画面は、いつも同じです
my-sent-same-text = 記録があるかどうかは、ここには出ません。ほかの方に知られないようにするためです。
my-again = アドレスを入れ直す

## The letter
# $date (String)
# $time (String)
my-moment = { $date } { $time }
# $city (String)
my-letter-subject = 【{ $city }】あなたの記録のページ
# $city (String)
# $service (String)
# $link (String)
# $until (String)
my-letter-body =
    { $city }「{ $service }」のページで、このアドレスの記録を見たいと入力がありました。
    次のリンクから、記録を見たり、消したり、お知らせを止めたりできます。

    { $link }

    { $until }まで使えます。

    心当たりがなければ、何もせずに、このメールを捨ててください。リンクを知らない人には、何も見えません。
    感染についてのお知らせではありません。感染についてのお知らせメールには、リンクはありません。
# $operator (String)
# $service (String)
# $host (String)
my-letter-foot =
    { $operator }
    { $service }　{ $host }

## The page
my-page-title = あなたの記録
# $time (String)
# $until (String)
my-page-intro = { $time }に調べた結果です。このページは{ $until }まで開けます。
my-looking = 調べています
my-looking-text = 数秒かかります。少し待って、開き直してください。
my-reload = 開き直す
my-none = 記録はありません
my-none-text = このアドレスで登録された記録は、残っていません。期間が過ぎた記録は、消えています。
# $count (String)
my-visits = 記録 { $count }件
# $until (String)
my-visit-until = { $until }まで保管
my-visit-unknown = 名前の分からない施設
my-forget = 消す
# $date (String)
# $venue (String)
my-forget-label = { $date }の{ $venue }の記録を消す
my-forget-all = すべての記録を消す
my-forget-note = 消した記録は戻せません。消すと、その日のその施設についてのお知らせも届かなくなります。
my-export = ファイルで受け取る
my-notices = お知らせメール
my-notices-on = 同じ日に感染した方の利用が分かったとき、このアドレスにお知らせが届きます。
my-notices-off = このアドレスには、お知らせが届きません。あなたが止めたか、以前に送ったメールが届かなかったためです。
my-stop = お知らせを止める
my-start = お知らせをまた受け取る
my-doing = 受け付けました
my-doing-text = まもなく終わります。少し待って、開き直してください。
my-done-forget = 記録を消しました
my-done-forget-all = すべての記録を消しました
my-done-stop = お知らせを止めました
my-done-start = お知らせを、また受け取ります
my-gone = このリンクは使えません
my-gone-text = 1時間が過ぎたか、リンクが途中で切れています。もう一度、リンクを受け取ってください。
my-gone-button = リンクを受け取る
