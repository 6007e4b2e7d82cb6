## The notice (docs/DESIGN.md §3 "Mail"). Holds no link and no number but the hotline. Its paragraphs: what happened, one advice, perhaps the
## city's own, what is not told (or the venue that agreed to be named), how to tell a genuine mail. Who once got a
## notice that was withdrawn reads one sentence more, behind the first paragraph.

# $city (String)
# $number (String)
alert-notice-subject = 【{ $city }】利用された施設についてのお知らせ（番号 { $number }）
alert-notice-lead = 利用登録をされた施設を、同じ日に、のちに感染が分かった方が利用していました。あなたの感染が分かったという意味ではありません。
# $hotline (String)
# $hours (String)
# $until (String)
alert-notice-watch = { $until }まで体調に注意してください。熱・せき・だるさなどがあるときは外出を控え、{ $hotline }（{ $hours }）へ電話してください。息苦しいときは119番へ。
# $hotline (String)
# $hours (String)
# $until (String)
alert-notice-test = 検査を受けてください。検査を受ける場所は、{ $hotline }（{ $hours }）へ電話して聞いてください。{ $until }まで体調に注意し、熱・せき・だるさなどがあるときは外出を控えてください。息苦しいときは119番へ。
# $hotline (String)
# $hours (String)
# $until (String)
alert-notice-stay-home = { $until }まで外出を控えてください。熱・せき・だるさなどがあるときや、外出を控えられないときは、{ $hotline }（{ $hours }）へ電話してください。息苦しいときは119番へ。
alert-notice-unnamed = 施設名と日付は、感染した方を守るためお答えできません。このメールにリンクはありません。市から電話やSMSで個人情報やお金をお願いすることはありません。
# $date (String)
# $venue (String)
alert-notice-named = 利用された施設と日は、{ $venue }、{ $date }です。感染した方については、お答えできません。このメールにリンクはありません。市から電話やSMSで個人情報やお金をお願いすることはありません。
# $city (String)
# $number (String)
alert-notice-genuine = 本物かどうかは、{ $city }のホームページの「お知らせの確認」に番号 { $number } を入れて確かめられます。
# $number (String) - of this notice
alert-notice-holds = 以前お送りしたお知らせには、取り消したものがあります。このお知らせ（番号 { $number }）は有効です。

## Letters to the officials who may approve.

# $number (String)
# $service (String)
alert-submitted-subject = 【{ $service }】お知らせ（番号 { $number }）が承認を待っています
# $number (String)
# $visits (String)
alert-submitted-body =
    お知らせ（番号 { $number }）が、承認へ提出されました。
    送信の対象は { $visits } 件です。
    管理画面で、立ち寄り先と文面を確かめてから、承認してください。提出した担当者は、承認できません。
    お心当たりのない提出であれば、管理画面で取り消し、すぐに管理者へ知らせてください。
# $number (String)
# $service (String)
# $time (String)
alert-held-subject = 【{ $service }】お知らせ（番号 { $number }）を { $time } に送信します
# $date (String)
# $number (String)
# $time (String)
# $visits (String)
alert-held-body =
    お知らせ（番号 { $number }）が承認されました。{ $date } { $time } まで待機し、そのあと { $visits } 件を送信します。
    誤りに気づいたときは、それまでに管理画面で取り消してください。
    送信する文面:
# $service (String)
# $number (String)
alert-returned-subject = 【{ $service }】お知らせ（番号 { $number }）が差し戻されました
# $number (String)
alert-returned-body =
    あなたが提出したお知らせ（番号 { $number }）を、承認者が差し戻しました。
    理由は管理画面で見られます。直して、もう一度提出してください。
alert-letter-foot = このメールは、お知らせを承認できる担当者すべてに送っています。
