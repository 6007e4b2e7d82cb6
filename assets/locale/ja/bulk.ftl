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
