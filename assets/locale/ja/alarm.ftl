# Alarms: what is wrong with the service, and what to do. On the dashboard and in letters to approvers and administrators.

dash-alarms = いま、対応が必要なこと
# $time (String)
alarm-since = { $time } から

alarm-clock = 時計が合っていません（または、長く止まっていました）
alarm-clock-help = サーバーの時計を確かめてください（NTP）。ずれていたら、すぐに合わせてください。確かめる時間をとるため、記録の消去を止めています。時計が正しければ、待つだけで、5日後から順に消去が進みます。手順は運用の手引き「Retention」にあります。
alarm-clocks-differ = サーバーとデータベースの時計が合っていません
alarm-clocks-differ-help = すべてのサーバーの時計を合わせてください（NTP）。日付が食い違うあいだ、そのサーバーは利用登録を受け付けません。記録の消去も止めています。
alarm-keys-run-out = 日ごとの鍵が、まもなくなくなります
alarm-keys-run-out-help = 通知係（worker）が動いているかを、運用の担当へ確かめてください。鍵がなくなった日から、登録を受け付けられません。
alarm-worker-silent = 通知係（worker）から合図がありません
alarm-worker-silent-help = メールが出ていないおそれがあります。通知係を起動するよう、運用の担当へすぐに知らせてください。
alarm-check-ins-fail = 利用登録を保存できませんでした
alarm-check-ins-fail-help = データベースのディスクの空きと状態を、運用の担当へ確かめてください。保存できなかった登録には「登録できました」と答えていません。
alarm-proxy-unreadable = 前段のサーバーが、利用者の接続元を伝えていません
alarm-proxy-unreadable-help = プロキシの X-Forwarded-For か Forwarded の設定を、運用の担当へ確かめてください。
alarm-unvouched-release = 本人と確かめられない承認がありました
alarm-unvouched-release-help = その承認は数えず、お知らせは出していません。担当者とAPIトークンの一覧に覚えのないものがないか、管理者がすぐに確かめてください。

# $service (String)
# $name (String)
alarm-subject = 【{ $service }】{ $name }
# $date (String)
# $time (String)
# $name (String)
# $help (String)
# $page (String)
alarm-body =
    { $date } { $time } に、次のことが分かりました。

    { $name }
    { $help }

    いまの状態は、管理画面で確かめられます: { $page }
