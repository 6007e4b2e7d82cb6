## The letter about unusually many reads.

# $service (String)
# $who (String)
audit-alarm-subject = 【{ $service }】利用記録の件数が、いつもより多く見られています（{ $who }）
# $date (String)
# $looks (String)
# $page (String)
# $reads (String)
# $time (String)
# $who (String)
audit-alarm-body =
    { $date } { $time } までの1時間に、「{ $who }」が利用記録の件数を、いつもより多く見ました。
    見たもの: { $looks } 件（同じものは、1分ごとに1件と数えます）
    くり返しを含む回数: { $reads } 回

    仕事で必要な閲覧かどうか、本人に確かめてください。
    心当たりがないときは、その担当者かAPIトークンを、すぐに止めてください。
    何を見たかは、操作記録で確かめられます: { $page }

    このメールは、監査者と管理者すべてに送っています。同じ相手については、次の1時間は送りません。
