# Accounts of officials: log-in, invitation, own account, list of officials, tokens, letters.

## Log-in
official-login-title = ログイン
official-login-email = メールアドレス
official-login-password = パスワード
official-login-password-empty = パスワードを入れてください。
official-login-code = 確認コード
official-login-code-hint = 認証アプリに出ている6桁の数字
official-code-wrong = 認証アプリに出ている6桁の数字を入れてください。
official-login-button = ログイン
official-login-recover = 確認コードを出せないとき
official-login-recorded = ここでの操作は、すべて名前と時刻とともに記録されます。
official-login-refused = ログインできませんでした
official-login-refused-text = メールアドレス、パスワード、確認コードのどれかがちがいます。確認コードは1回しか使えません。次の数字が出てから、もう一度入れてください。
official-login-wait = 少し待ってください
# $seconds (String) - whole seconds
official-login-wait-text = 続けてまちがえたため、間をあけています。{ $seconds } 秒たってから、もう一度押してください。アカウントは止まっていません。
official-recover-title = 予備コードでログイン
official-recover-code = 予備コード
official-recover-code-hint = 登録のときに控えた12文字。1つのコードは1回だけ使えます。
official-recover-code-wrong = どこかの文字がちがうようです。控えと見くらべてください。
official-recover-refused-text = メールアドレス、パスワード、予備コードのどれかがちがうか、使ったことのあるコードです。
official-recover-back = 確認コードでログインする
official-to-login = ログインへ進む

## Invitation
official-join-steps = 登録の進みぐあい
official-join-step-1 = パスワード
official-join-step-2 = 認証アプリ
official-join-step-3 = 予備コード
# $name (String) - the official's name
official-join-title-1 = { $name } さんの登録
official-join-title-2 = 認証アプリをつなぐ
official-join-email = ログインに使うメールアドレス
official-join-role = 役割
official-join-password = パスワード
# $min (String) - fewest characters
# $max (String) - most characters
official-password-hint = { $min }文字から{ $max }文字まで。ほかで使っていないものにしてください。
official-join-again = パスワード（もう一度）
official-join-next = 次へ進む
# $until (String) - date and time
official-join-until = この案内は { $until } まで使えます。
official-join-scan = 認証アプリで、この四角いコードを読み取ってください。
official-join-qr = 認証アプリで読み取るコード
official-join-by-hand = 読み取れないときは、アプリにこの文字を入れてください。
official-join-confirm = 確認して登録する
official-join-token = 専用の機器（ハードウェアトークン）を使うとき
official-join-token-text = 機器に付いてきた「シード」を入れると、機器の数字でログインできます。30秒ごとに6桁の数字が出る機器が使えます。
official-join-seed = シード
official-join-seed-hint = 16進数または Base32。空白があってもかまいません。
official-join-hash = 計算のしかた
official-join-use-seed = このシードを使う
# $min (String) - fewest characters
official-password-short = 短すぎます。{ $min }文字以上にしてください。
# $max (String) - most characters
official-password-long = 長すぎます。{ $max }文字までにしてください。
official-password-forbidden = 使えない文字（改行や、見えない文字）が入っています。
official-password-common = よく使われるため、当てられやすいパスワードです。つながりのない言葉をいくつか並べると、覚えやすく、当てられにくくなります。
official-password-own = 市やサービス、ご自分の名前をもとにしたパスワードは使えません。
official-password-different = 2つのパスワードがちがいます。同じものを入れてください。
official-seed-malformed = シードは、16進数または Base32 の文字だけを入れてください。
official-seed-length = シードの長さが合いません。16バイトから64バイトまで使えます。
official-gone-title = この案内は使えません
official-gone-text = もう使われたか、7日を過ぎたか、新しい案内が送られています。管理者に、新しい案内を頼んでください。
official-joined = 登録できました
official-codes-title = 予備コードを控えてください
official-codes-text = 認証アプリを使えないときに、確認コードの代わりになります。1つのコードは1回だけ使えます。この画面はもう一度は出ません。印刷するか書き写して、かぎのかかる所に置いてください。

## Letters
# $city (String) - CITY_NAME
official-invitation-subject = 【{ $city }】担当者の登録のご案内
# $date (String) - a long date
# $link (String) - the one-time link
# $name (String) - the person's name
# $role (String) - the role in words
# $service (String) - SERVICE_NAME
# $time (String) - 22:34
official-invitation-body =
    { $name } さん

    「{ $service }」の担当者（{ $role }）として登録する案内です。
    次のページを開き、パスワードと認証アプリを登録してください。

    { $link }

    このページは { $date } { $time } まで使えます。使えるのは1回だけです。ほかの人に渡さないでください。

    お心当たりがないときは、何もしないでください。登録は行われません。
# $city (String) - CITY_NAME
official-reset-subject = 【{ $city }】ログインの登録をやり直してください
# $date (String) - a long date
# $link (String) - the one-time link
# $name (String) - the person's name
# $service (String) - SERVICE_NAME
# $time (String) - 22:34
official-reset-body =
    { $name } さん

    「{ $service }」のパスワードと認証アプリが、管理者によって取り消されました。
    次のページを開き、もう一度登録してください。

    { $link }

    このページは { $date } { $time } まで使えます。使えるのは1回だけです。ほかの人に渡さないでください。

    お心当たりがないときは、すぐに管理者へ知らせてください。
# $city (String) - CITY_NAME
official-changed-subject = 【{ $city }】担当者のアカウントが変わりました
# $date (String) - a long date
# $name (String) - the account's name
# $page (String) - the list of accounts
# $time (String) - 22:34
# $what (String) - what was done, a sentence
# $who (String) - who did it
official-changed-body =
    担当者 { $name } のアカウントについて、次のことが行われました。

    { $what }
    行った人：{ $who }
    時刻：{ $date } { $time }

    お心当たりがないときは、担当者の一覧を確かめてください。
    { $page }
# $role (String) - the role in words
official-changed-invited = 新しく招かれました。役割：{ $role }
# $role (String) - the role in words
official-changed-role = 役割が変わりました：{ $role }
official-changed-reset = パスワードと認証アプリが取り消され、新しい案内が送られました。
# $role (String) - the role in words
official-changed-enabled = 止めていたアカウントが、また使えるようになりました。役割：{ $role }
# $role (String) - the role in words
official-changed-confirmed = 2人目の管理者が確認しました。役割：{ $role }
official-changed-withdrawn = 登録の案内が取り消されました。
official-changed-takes-two = ほかの管理者が担当者の一覧で確認するまで、お知らせの承認はできません。
official-operator = サーバーの運用担当者
# $host (String) - host of BASE_URL
# $operator (String) - OPERATOR
# $service (String) - SERVICE_NAME
official-letter-foot =
    このメールは自動で送っています。返信はできません。
    { $operator }　{ $service }
    { $host }

## Second factor once more
official-proof-hint = 大切な操作の前に、もう一度たしかめます。認証アプリの6桁の数字か、予備コードを入れてください。
official-proof-empty = 6桁の数字か、12文字の予備コードを入れてください。
official-proof-refused = 数字がちがうか、使ったことのある数字です。次の数字が出てから、もう一度入れてください。
# $seconds (String) - whole seconds
official-proof-wait = 続けてまちがえたため、間をあけています。{ $seconds } 秒たってから、もう一度押してください。

## Own account
official-own-title = 自分のアカウント
official-name = 名前
official-own-factor = 認証アプリと予備コード
# $left (String) - a number
official-own-codes-left = 使っていない予備コード：{ $left } 個
official-own-new-factor = 認証アプリを取りかえる
official-own-new-codes = 予備コードを作り直す
official-own-password = パスワード
official-own-change-password = パスワードを変える
official-own-sessions = ログインしている所
official-own-key = 署名のかぎ
official-own-key-good = 提出や承認は、このかぎで署名されます。かぎはパスワードで守られています。
official-own-key-bad = このかぎは、まだ認められていません
official-own-key-bad-text = お知らせの提出と承認はできません。下の文字を、サーバーの運用担当者に伝えてください（ashiato official vouch）。登録したばかりのときは、数秒で認められます。
official-own-sessions-text = 30分使わないとき、またはログインから12時間たったときは、自動でログアウトします。心当たりのないものは終わらせて、パスワードを変えてください。
official-own-since = ログインした時刻
official-own-used = 最後に使った時刻
official-own-act = 操作
official-own-this = この画面
official-own-end = 終わらせる
official-own-end-others = この画面のほかをすべて終わらせる
official-own-password-text = 変えると、ほかの所でのログインはすべて終わります。
official-own-present = 今のパスワード
official-own-new-password = 新しいパスワード
official-own-new-again = 新しいパスワード（もう一度）
official-own-wrong-password = 今のパスワードとちがいます。
official-own-factor-text = 新しい認証アプリで最初の数字を確かめるまでは、今のものが使えます。確かめたあと、ほかの所でのログインはすべて終わります。
official-own-begin = 新しいコードを出す
official-own-next-code = 新しい認証アプリの確認コード
official-own-confirm = 確認して取りかえる
official-own-codes-text = 新しく作ると、これまでの予備コードは使えなくなります。
official-own-make-codes = 予備コードを作る
# $left (String) - a number
official-done-recovered = 予備コードでログインしました。残りは { $left } 個です。認証アプリが使えなくなったときは、ここで取りかえてください。
official-done-password = パスワードを変えました。ほかの所でのログインは終わりました。
official-done-factor = 認証アプリを取りかえました。
official-done-ended = ログインを終わらせました。

## Officials, for admins
official-invite = 担当者を招く
official-tokens = APIトークン
official-standing = 状態
official-seen = 最後の利用
official-standing-active = 使用中
official-standing-invited = 登録待ち
official-standing-lapsed = 案内の期間切れ
official-standing-disabled = 停止中
official-standing-unconfirmed = 確認待ち
official-unconfirmed-short = 別の管理者の確認が必要
official-standing-no-key = 署名のかぎ待ち
official-no-key-short = まだ提出と承認はできません
# $until (String) - date and time
official-standing-until = { $until } まで
official-invite-text = 登録の案内を、その人のメールアドレスだけに送ります。7日のあいだに、本人がパスワードと認証アプリを登録します。
official-name-hint = 操作記録と、ほかの担当者の画面に出ます。
official-invite-email-hint = 本人だけが読める、仕事用のアドレスにしてください。
official-invite-send = 案内を送る
official-role-empty = どれかを選んでください。
official-exists = このアドレスの担当者は、もう登録されています。一覧から選んでください。
official-role-viewer = 数字を見ます。数字はおよそのものになります。
official-role-tracer = 感染報告とお知らせを作り、承認へ提出します。店舗・施設を審査します。
official-role-approver = 調査担当のすることに加えて、ほかの人が提出したお知らせを承認します。
official-role-auditor = 操作記録を読みます。何も変えません。
official-role-admin = すべて。担当者とAPIトークンも扱います。
official-what = 行うこと
official-act-empty = 行うことを選んでください。
official-act-role = 役割を変える
official-act-role-text = 下で選んだものに変えます。その人のログインはすべて終わります。
official-act-reset = パスワードと認証アプリを取り消す
official-act-reset-text = 電話をなくしたときなど。ログインはすべて終わり、新しい案内を本人のアドレスに送ります。
official-act-again = 案内を送り直す
official-act-again-text = 前の案内は使えなくなります。
official-act-disable = 止める
official-act-disable-text = ログインも、その人のAPIトークンも、すぐに使えなくなります。記録は残ります。
official-act-enable = また使えるようにする
official-act-enable-text = パスワードと認証アプリは、前のものです。
official-act-withdraw = 案内を取り消す
official-act-withdraw-text = 送った案内は使えなくなり、まだ送られていないものは送られません。一度も登録していないアカウントは消え、そのアドレスはまた使えます。
official-act-confirm = この役割を確認する
official-act-confirm-text = 2人目の管理者として認めます。確認すると、この役割のことができるようになります。
official-new-role = 新しい役割
official-new-role-hint = 「役割を変える」を選んだときだけ使います。
official-do = 実行する
official-not-done = 実行できませんでした
official-last-admin = ほかにログインできる管理者がいません。先に、もう1人の管理者を招いてください。
official-own-reset = 自分の認証アプリは「自分のアカウント」で取りかえてください。
official-is-disabled = 止まっているアカウントです。先に「また使えるようにする」を行ってください。
official-waits = 別の管理者の確認を待っています
official-waits-text = 承認者と管理者には、2人目の管理者の確認が必要です。それまでは調査担当として扱われます。確認できる管理者がほかにいないときは、サーバーの運用担当者に頼んでください（ashiato official confirm）。
official-own-role = 自分の役割は、自分では確認できません。
official-same-admin = この役割を与えた本人は確認できません。別の管理者が行ってください。
official-no-invitation = 取り消せる案内がありません。もう登録が済んでいます。
official-not-vouched = あなたの署名のかぎがまだ認められていないため、できません。「自分のアカウント」に出ている文字を、サーバーの運用担当者に伝えてください（ashiato official vouch）。登録したばかりのときは、数秒待ってからもう一度行ってください。
official-done-invited = 案内を送りました。登録が終わると「使用中」になります。
official-done-role = 役割を変えました。管理者全員にメールで知らせました。
official-done-reset = 取り消して、新しい案内を送りました。管理者全員にメールで知らせました。
official-done-again = 案内を送り直しました。前の案内は使えません。
official-done-disable = 止めました。
official-done-enable = また使えるようにしました。管理者全員にメールで知らせました。
official-done-withdraw = 案内を取り消しました。
official-done-confirm = 確認しました。管理者全員にメールで知らせました。

## Tokens, for admins
official-tokens-text = プログラムがAPIを使うためのかぎです。作った人の操作として記録され、その人にできることしかできません。
official-tokens-none = まだありません。
official-token-name = 使いみち
official-token-name-hint = 例：市の集計システム
official-token-maker = 作った人
official-token-since = 作った時刻
official-token-command-line = コマンドライン
official-token-new = トークンを作る
official-token-make = 作って表示する
official-token-made = トークンを作りました
official-token-made-text = 表示されるのは今だけです。すぐに、使うプログラムの設定に入れてください。
official-token-revoke = 使えなくする
official-token-revoked = 使えません
official-token-revoke-text = このトークンを使っているプログラムは、すぐに使えなくなります。元にはもどせません。
official-done-revoked = トークンを使えなくしました。
