# What stands on a poster (docs/LOOK.md §7). A line break here is a line break on paper.
poster-headline-entrance =
    入るときに、
    読み取ってください
poster-headline-seat =
    お席に着いたら、
    読み取ってください
poster-headline-till =
    お会計のまえに、
    読み取ってください
poster-headline-event =
    会場に入るときに、
    読み取ってください
poster-service = 感染症お知らせサービス
# $address (String) - Where a code is typed: host/c
poster-type-code = 読み取れないときは　{ $address }　に
poster-step-scan = 読み取る
poster-step-email = メールアドレスを入れる
poster-step-show = 画面を見せる
# $days (String) - Days for which a visit is kept
poster-why = 同じ日に感染した方の利用が分かると、市からメールが届きます。記録は{ $days }日で消えます。
# $no (String) - Number of the poster inside the venue
poster-number = { $no }番
poster-hotline = 体調が心配なとき　相談窓口
poster-sticker = 上に別のシールが貼られていたら、係の方に知らせてください。
# $edition (String) - Count of editions of this poster
# $issued (String) - Date, YYYY-MM-DD
poster-edition = 第{ $edition }版 { $issued }
# $edition (String) - Count of editions of this poster
# $issued (String) - Date, YYYY-MM-DD
# $until (String) - Last day of validity, YYYY-MM-DD
poster-edition-until = 第{ $edition }版 { $issued }　{ $until }まで有効
# $venue (String) - Name of the venue
# $label (String) - Where the poster hangs
poster-title = { $venue }　{ $label }のポスター
