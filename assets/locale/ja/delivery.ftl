## The mail of a correction. Fixed words: names neither venue nor date, holds no link and no number but the hotline.

# $city (String)
# $corrected (String) - number of the alert that was a mistake
# $number (String) - the correction's own number
delivery-correction-subject = 【{ $city }】お知らせ（番号 { $corrected }）の訂正（番号 { $number }）
# $city (String)
# $corrected (String)
# $hotline (String)
# $hours (String)
# $number (String)
delivery-correction-body =
    { $city }から先にお送りしたお知らせ（番号 { $corrected }）は、まちがいでした。

    そのお知らせでお願いしたことは、していただく必要がありません。ご心配とご迷惑をおかけしたことを、おわびします。

    ご質問があるとき、気になる症状があるときは、{ $hotline }（{ $hours }）へ電話してください。このメールにリンクはありません。市から電話やSMSで個人情報やお金をお願いすることはありません。

    本物かどうかは、{ $city }のホームページの「お知らせの確認」に番号 { $number } を入れて確かめられます。

## Letters to those who may approve.

# $service (String)
delivery-stopped-subject = 【{ $service }】すべての送信を止めました
# $by (String) - who stopped it
# $date (String)
# $reason (String) - as it was typed
# $time (String)
delivery-stopped-body =
    { $date } { $time } に、{ $by } さんが、お知らせと訂正の送信をすべて止めました。
    理由：{ $reason }
    ログインの案内など、お知らせでないメールは、これまでどおり送っています。
    再開できるのは、承認できる担当者です。管理画面の「送信状況」から再開してください。
# $service (String)
delivery-restored-subject = 【{ $service }】データが古い状態にもどされたため、送信を止めました
# $date (String)
# $time (String)
delivery-restored-body =
    { $date } { $time } に、データベースが、最後の送信より古い状態にもどされていることが分かりました。
    同じお知らせを2回送らないように、お知らせと訂正の送信をすべて止めています。
    もどしたあとのお知らせの状態を確かめてから、管理画面の「送信状況」で再開してください。再開できるのは、承認できる担当者です。
# $service (String)
delivery-resumed-subject = 【{ $service }】送信を再開しました
# $by (String)
# $date (String)
# $time (String)
delivery-resumed-body =
    { $date } { $time } に、{ $by } さんが、お知らせと訂正の送信を再開しました。
    お心当たりのない再開であれば、管理画面ですべての送信を止め、すぐに管理者へ知らせてください。
# $corrected (String)
# $number (String)
# $service (String)
# $time (String)
delivery-correction-held-subject = 【{ $service }】お知らせ（番号 { $corrected }）の訂正（番号 { $number }）を { $time } に送信します
# $corrected (String)
# $date (String)
# $number (String)
# $people (String)
# $time (String)
delivery-correction-held-body =
    お知らせ（番号 { $corrected }）の訂正（番号 { $number }）が承認されました。{ $date } { $time } まで待機し、そのあと { $people } 件を送信します。
    送る相手は、もとのお知らせが届いた方、届いた可能性のある方だけです。
    誤りに気づいたときは、それまでに管理画面で取り消してください。
    送信する文面:

## The letter to a venue's contact.

# $city (String)
# $number (String)
delivery-venue-subject = 【{ $city }】ご利用の登録に関係するお知らせ（番号 { $number }）
# $city (String)
# $hotline (String)
# $hours (String)
# $name (String) - the venue's name
# $number (String)
delivery-venue-body =
    「{ $name }」ご担当者さま

    貴店・貴施設で利用登録をされた方へ、{ $city }から感染についてのお知らせ（番号 { $number }）をメールで送りました。
    同じ日に利用した方のなかに、のちに感染が分かった方がいたためです。貴店・貴施設に落ち度があったという意味ではありません。

    感染した方を守るため、日付や人数、どなたかはお答えできません。営業を休む必要があるときは、保健所から別に連絡します。
    お客さまから尋ねられたときは、相談窓口 { $hotline }（{ $hours }）をご案内ください。

## Why a mail waits or ended.

delivery-why-busy = 接続や件数が多すぎると断られました
delivery-why-later = 相手が一時的に受け取れません
delivery-why-mailbox-full = 受信箱がいっぱいです
delivery-why-no-mailbox = あて先がありません
delivery-why-policy = 相手の受信の決まりで断られました
delivery-why-too-large = メールが大きすぎると断られました
delivery-why-no-connection = 送信サーバーに接続できません
delivery-why-lost = 返事の前に接続が切れました
delivery-why-no-answer = 渡したあとに返事がありません。届いた可能性があります
delivery-why-tls = 暗号化した接続ができません
delivery-why-log-in = 送信サーバーにログインできません
delivery-why-paused = お知らせが一時停止中です
delivery-why-expired = 72時間送り直しても届きませんでした
delivery-why-given-up = 担当者が送信をやめました
delivery-why-interrupted = 送信中にプログラムが止まりました。届いた可能性があります
delivery-why-erased = 本人が記録を消したため、送れません
delivery-why-unopenable = 記録を開けません
delivery-why-internal = プログラムの不具合です。管理者に知らせてください
delivery-why-refused = 相手に断られました
