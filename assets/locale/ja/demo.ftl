## The demonstration's page: one visit, four pairs of eyes
demo-title = 同じ利用記録を、四つの目で見る
# $date (String)
# $poster (String)
# $venue (String)
demo-lead = { $date }、ひとりの人が{ $venue }の「{ $poster }」で登録しました。同じ一つの記録が、立場によってどう見えるかを並べます。数字も文字も、いま動いている体験版から読んだものです。
demo-shop = お店
# $venue (String)
demo-shop-who = { $venue }の店主
demo-people = 人
demo-posters = ポスター
demo-sheets = 枚
demo-shop-not = 見えないもの：だれが来たか、メールアドレス、時刻
demo-official = 保健所
# $number (String)
demo-official-who = お知らせ（番号 { $number }）を出した担当者
demo-records = 記録
demo-sent = 送信済み
demo-official-not = 見えないもの：メールアドレス、その人がほかに行った店
demo-database = データベース
demo-database-who = 盗まれたとしても、これだけ
demo-row = データベースの一行
demo-row-gone = この記録は、もうありません。
# $date (String)
demo-database-not = 鍵はデータベースの外にあり、{ $date }を過ぎると壊されます。そのあとは、だれにも読めません。
demo-visitor = 来た人
demo-kept = 保管
# $date (String)
demo-until = { $date }まで
demo-mails = お知らせメール
demo-letters = 通
demo-read = 読む
demo-visitor-not = 登録の確認メールは届きません。お知らせには、リンクも店の名前もありません。
