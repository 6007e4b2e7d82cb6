# Kinds of venues, what being there is called, states, and letters to a venue's contact.
venue-kind-restaurant = 飲食店
venue-kind-bar = バー・ライブハウス
venue-kind-shop = 店舗
venue-kind-public = 図書館・博物館・公共施設
venue-kind-school = 学校
venue-kind-medical = 医療・介護
venue-kind-office = 事業所
venue-kind-event = 催し
venue-kind-other = その他

venue-visit-shop = 来店
venue-visit-public = 来館
venue-visit-event = 来場
venue-visit-medical = 来院
venue-visit-other = 利用

venue-status-unconfirmed = メールの確認待ち
venue-status-pending = 承認待ち
venue-status-active = 利用中
venue-status-refused = 見送り
venue-status-suspended = 停止中
venue-status-closed = 終了

venue-poster-entrance = 入口

# $date (String) - Date with weekday
# $time (String) - Time of day, HH:MM
venue-moment = { $date } { $time }

# $city (String) - The city
venue-confirmation-subject = 【{ $city }】申請の確認をお願いします
# $city (String) - The city
# $digits (String) - Eight digits
# $link (String) - Link that confirms
# $name (String) - The venue
# $service (String) - The service
# $until (String) - Date and time
venue-confirmation-body =
    「{ $name }」から、{ $city }の「{ $service }」への申請を受け付けました。
    まだ申請は終わっていません。次のどちらかで確認してください。

    1. このリンクを開いて、ボタンを押す
    { $link }

    2. 申請した画面に、この番号を入れる
    { $digits }

    { $until }まで使えます。

    申請した覚えがないときは、何もしないでください。この申請は取り消され、メールアドレスも消えます。

# $city (String) - The city
venue-approved-subject = 【{ $city }】ポスターをお使いいただけます
# $name (String) - The venue
# $page (String) - Link to the posters
# $service (String) - The service
# $until (String) - Date and time
venue-approved-body =
    「{ $name }」の「{ $service }」への申請を承認しました。
    今日から、ポスターを読み取って登録できます。

    ポスターはこちらから印刷してください。
    { $page }
    { $until }まで使えます。

# $city (String) - The city
venue-refused-subject = 【{ $city }】申請についてのお知らせ
# $city (String) - The city
# $name (String) - The venue
# $reason (String) - Why, in an official's words
# $service (String) - The service
venue-refused-body =
    「{ $name }」の「{ $service }」への申請を確かめましたが、登録できませんでした。

    理由：
    { $reason }

    ポスターがすでに印刷してあるときは、貼らないでください。

    内容を直して、もう一度申請することができます。わからないことは、{ $city }の担当へお尋ねください。

# $city (String) - The city
venue-suspended-subject = 【{ $city }】ポスターの利用を止めました
# $city (String) - The city
# $name (String) - The venue
venue-suspended-body =
    「{ $name }」のポスターの利用を止めました。いまは、読み取っても登録できません。
    これまでの記録はなくなりません。

    再開については、{ $city }の担当へお尋ねください。

# $city (String) - The city
venue-resumed-subject = 【{ $city }】ポスターの利用を再開しました
# $name (String) - The venue
# $page (String) - Link to the posters
# $until (String) - Date and time
venue-resumed-body =
    「{ $name }」のポスターの利用を再開しました。
    いま貼ってあるポスターを、そのままお使いください。

    印刷し直すときは、こちらを開いてください。
    { $page }
    { $until }まで使えます。

# $city (String) - The city
venue-closed-subject = 【{ $city }】利用の終了を受け付けました
# $days (String) - Days that records are kept
# $name (String) - The venue
venue-closed-body =
    「{ $name }」の利用を終わりにしました。
    ポスターはもう使えません。はがしてください。

    これまでの記録は、それぞれの日から{ $days }日で消えます。

# $city (String) - The city
venue-question-subject = 【{ $city }】お店・施設についてお尋ねします
# $city (String) - The city
# $hotline (String) - Telephone number
# $hours (String) - When it is answered
# $name (String) - The venue
# $page (String) - Link to the venue's own page
# $question (String) - An official's words
# $service (String) - The service
venue-question-body =
    「{ $name }」の「{ $service }」の利用について、{ $city }の担当からお尋ねします。

    { $question }

    お返事は、店舗・施設のページに書いてください。
    { $page }

    お電話でもかまいません。{ $hotline }（{ $hours }）
    このメールに返信しても、担当には届きません。

# $city (String) - The city
venue-contact-subject = 【{ $city }】お店・施設の連絡先を変えました
# $city (String) - The city
# $hotline (String) - Telephone number
# $hours (String) - When it is answered
# $name (String) - The venue
# $service (String) - The service
venue-contact-left-body =
    「{ $name }」の「{ $service }」の連絡先を、{ $city }の担当が別のメールアドレスに変えました。
    これからのお便りは、このアドレスには届きません。ポスターはそのまま使えます。

    お心当たりがないときは、すぐに { $hotline }（{ $hours }）へお電話ください。
# $city (String) - The city
# $hotline (String) - Telephone number
# $hours (String) - When it is answered
# $name (String) - The venue
# $service (String) - The service
venue-contact-taken-body =
    「{ $name }」の「{ $service }」の連絡先を、{ $city }の担当がこのメールアドレスに変えました。
    これからのお便りは、このアドレスに届きます。ポスターはそのまま使えます。

    お心当たりがないときは、{ $hotline }（{ $hours }）へお電話ください。
# $page (String) - Link to the posters
# $until (String) - Date and time
venue-contact-link =
    ポスターと人数は、こちらで見られます。
    { $page }
    { $until }まで使えます。

# $host (String) - The service's host
# $operator (String) - Who runs the service
# $service (String) - The service
venue-letter-foot =
    このメールは自動で送っています。返信はできません。
    { $operator }　{ $service }
    { $host }
