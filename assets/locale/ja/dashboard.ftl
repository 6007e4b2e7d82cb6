## The first page after the log-in

dash-tasks = あなたの作業
dash-tasks-none = この役割の作業はありません。状況を見るだけの画面です。
dash-task-alerts = 承認を待つお知らせ
dash-task-cases = 提出前の感染報告
dash-task-venues = 店舗・施設の申請
dash-task-mails = 店舗・施設へのメール（送らずに待っています）
# $lists (String) - How many
dash-task-mails-lists = 登録した一覧：{ $lists }
dash-task-unit = 件
# $time (String)
# $who (String)
dash-task-submitted = 提出 { $who }（{ $time }）
dash-progress = 進んでいるお知らせ
dash-progress-none = いま進んでいるお知らせはありません。
dash-progress-table = 進んでいるお知らせの表
dash-col-number = 番号
dash-col-state = 状態
dash-col-stays = 立ち寄り先
dash-col-target = 対象
dash-col-sent = 送信済み
dash-col-next = 次に起こること
# $count (String)
dash-more = ほか { $count } 件を見る
# $days (String)
# $places (String)
dash-extent = { $places }か所 { $days }日
dash-state-submitted = 承認待ち
dash-state-held = 待機中
dash-state-sending = 送信中
dash-state-paused = 一時停止中
dash-state-done = 送信終了
dash-next-yours = あなたの承認を待っています
dash-next-other = 別の承認者の承認を待っています
dash-next-refused = システムが差しもどしました。もう一度、内容の確認と承認が必要です
# $time (String)
dash-next-start = { $time } に送信を始めます
dash-next-soon = まもなく送信を始めます
dash-next-stopped = 全送信が止まっているため、再開を待っています
# $minutes (String)
dash-next-minutes = およそ{ $minutes }分で送り終わります
# $count (String)
dash-next-left = 残り{ $count }通を送っています
dash-next-watch = 送り終わりました。あとから登録される記録を見ています
# $count (String)
dash-next-undelivered = 送信は終わりました。届いていないメール：{ $count }。送信状況を見てください
dash-next-paused = 承認者の再開を待っています
# $count (String)
dash-next-late = まだお知らせしていない記録 { $count }件が、承認者の判断を待っています
dash-counts = 登録の件数
dash-counts-sub = 太い線はふだんの同じ曜日
dash-chart = この14日間の登録の件数。くわしい数は下の表にあります。
# $time (String)
dash-chart-thousands = 単位は千件。今日（点線）は{ $time }までの数です。
# $time (String)
dash-chart-units = 単位は件。今日（点線）は{ $time }までの数です。
dash-chart-waiting = 今日の数は、まだ数えていません。
dash-rounded = 閲覧者には、5件きざみで示します。
dash-table-open = 表で見る
dash-table = 登録の件数の表
dash-col-day = 日
dash-col-check-ins = 登録
dash-col-usual = ふだん
dash-so-far = （途中）
dash-not-counted = なし
dash-health = システムの状態
dash-worker = 通知係（worker）
# $time (String)
dash-worker-at = 最後の合図 { $time }
dash-worker-never = 合図がありません
dash-worker-help = メールが出ず、やがて登録も受け付けられなくなります。通知係を起動するよう、運用の担当へすぐに知らせてください。
dash-keys = 日ごとの鍵
# $date (String)
dash-keys-until = { $date }分まで
dash-keys-none = ありません
dash-keys-help = 通知係（worker）が動いているかを、運用の担当へ確かめてください。鍵がない日は、登録を受け付けられません。
dash-canary = 開封の確認
# $minutes (String)
dash-canary-ago = { $minutes }分前に成功
# $time (String)
dash-canary-at = { $time } に成功
dash-canary-never = まだありません
dash-canary-late = 10分以上、確かめられていません
dash-canary-failed = 開けない記録があります
dash-canary-help = 登録された記録を、あとで開けないおそれがあります。運用の担当へ、すぐに知らせてください。
dash-queue = メールの列
dash-queue-empty = 待ちはありません
# $count (String)
dash-queue-waiting = 待ち { $count }通
# $minutes (String)
dash-queue-oldest = いちばん古いもの { $minutes }分前
dash-queue-help = 送信状況を見る
dash-stop = 全送信
dash-stop-on = 止めています
dash-stop-off = 動いています
