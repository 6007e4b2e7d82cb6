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

## What was done: a sentence for each action; an action without one is shown as its code

audit-did-alert-draft = お知らせの下書きを作りました
audit-did-alert-wording = お知らせの文面を変えました
audit-did-alert-submit = お知らせを承認へ提出しました
audit-did-alert-return = お知らせを差しもどしました
audit-did-alert-approve = お知らせを承認しました
audit-did-alert-cancel = お知らせを取り消しました
audit-did-alert-pause = お知らせの送信を一時停止しました
audit-did-alert-resume = お知らせの送信を再開しました
audit-did-alert-release-late = あとから登録された記録にも送ることを決めました
audit-did-alert-correct = お知らせの訂正を決めました
audit-did-audit-export = 操作記録を書き出しました
audit-did-audit-verify = 操作記録のつながりを確認しました
audit-did-case-report = 感染報告を登録しました
audit-did-case-close = 感染報告を閉じました
audit-did-case-reopen = 感染報告をふたたび開きました
audit-did-case-note = 感染報告にメモを加えました
audit-did-case-dates = 感染報告の日付を変えました
audit-did-case-add-stays = 感染報告に立ち寄り先を加えました
audit-did-case-remove-stay = 感染報告から立ち寄り先を外しました
audit-did-official-invite = 担当者を招待しました
audit-did-official-join = 招待を受けて、担当者の登録をすませました
audit-did-official-log-in = ログインしました
audit-did-official-log-in-refused = ログインできませんでした
audit-did-official-log-out = ログアウトしました
audit-did-official-prove = 確認コードで本人と確かめました
audit-did-official-prove-refused = 確認コードがちがいました
audit-did-official-disable = 担当者のアカウントを止めました
audit-did-official-enable = 担当者のアカウントを再開しました
audit-did-official-change-role = 担当者の役割を変えました
audit-did-official-change-second-factor = 確認コードの設定を変えました
audit-did-official-new-recovery-codes = 回復コードを作り直しました
audit-did-official-reset = 担当者のパスワードと確認コードを無効にし、招待し直しました
audit-did-official-confirm = 担当者の役割を、2人目の管理者として確認しました
audit-did-official-withdraw = 担当者の案内を取り消しました
audit-did-official-vouch = 担当者の署名のかぎを認めました
audit-did-official-change-password = パスワードを変えました
audit-did-official-end-session = ログイン中の端末を終わらせました
audit-did-delivery-retry = 待っているメールを、すぐに送り直すことを決めました
audit-did-delivery-send-again = 断られたメールを、もう一度送ることを決めました
audit-did-delivery-give-up = 待っているメールの送信をあきらめました
audit-did-read-alarm = 閲覧がいつもより多いため、知らせました
audit-did-read-alert-preview = お知らせの対象の件数を見ました
audit-did-read-alert-delivery = お知らせの送信状況を見ました
audit-did-read-alert-list = お知らせの一覧を見ました
audit-did-read-alert-record = お知らせの決裁票を見ました
audit-did-read-case-visits = 感染報告の立ち寄り先の件数を見ました
audit-did-read-daily-counts = 日ごとの登録の件数を見ました
audit-did-read-delivery-board = 全体の送信状況を見ました
audit-did-read-venue-visits = 店舗・施設の件数を見ました
audit-did-keys-wrap = データ鍵を別の SECRET_KEY で包みました
audit-did-keys-finish-change = SECRET_KEY の変更を終えました
audit-did-keys-discard = データ鍵を捨てました
audit-did-retention-let-go = 時計を疑って残していた日を、手で消すことにしました
audit-did-retention-purge = 保存期間を過ぎた日の記録と鍵を消しました
audit-did-retention-tidy = 保存期間を過ぎた感染報告とお知らせを消しました
audit-did-alarm-raise = 異常を見つけました
audit-did-alarm-clear = 異常がなくなりました
audit-did-sending-stop = すべての送信を止めました
audit-did-sending-trial = 止まっている送信を、ためしの1通で再開することを決めました
audit-did-sending-trial-refused = ためしの1通も断られ、送信は止まったままです
audit-did-sending-resume = 送信を再開しました
audit-did-token-create = APIトークンを作りました
audit-did-token-revoke = APIトークンを無効にしました
audit-did-venue-apply = 店舗・施設の利用を申請しました
audit-did-venue-confirm = 店舗・施設のメールアドレスを確認しました
audit-did-venue-approve = 店舗・施設の申請を承認しました
audit-did-venue-refuse = 店舗・施設の申請を断りました
audit-did-venue-ask = 店舗・施設に、申請の内容を問い合わせました
audit-did-venue-review = 店舗・施設を確認済みにしました
audit-did-venue-read-answer = お店の返事を読みました
audit-did-venue-kana = 店舗・施設の読みがなを直しました
audit-did-venue-suspend = 店舗・施設の利用を止めました
audit-did-venue-resume = 店舗・施設の利用を再開しました
audit-did-venue-close = 店舗・施設の利用を終わりにしました
audit-did-venue-contact = 店舗・施設の連絡先を変えました
audit-did-venue-add-posters = ポスターを追加しました
audit-did-venue-rotate-poster = ポスターを新しいコードに替えました
audit-did-venue-revoke-poster = ポスターを使えなくしました
audit-did-visit-forget = 本人の求めにより、利用記録を消しました
audit-did-visit-start-notices = 本人が、お知らせの受け取りを再開しました
audit-did-visit-stop-notices = 本人が、お知らせの受け取りを止めました
audit-did-visit-look-up = 本人が、自分の利用記録を見ました

## Details of an entry

# $value (String)
audit-fact-again = 同じ1分間に、あと{ $value }回
# $value (String)
audit-fact-correction = 訂正のお知らせ: { $value }
# $value (String)
audit-fact-digest = 内容のハッシュ: { $value }
# $value (String)
audit-fact-filter = 条件: { $value }
# $value (String)
audit-fact-gone = 届けられない { $value }人
# $value (String)
audit-fact-head = そのときの最新のハッシュ: { $value }
# $value (String)
audit-fact-notices-cancelled = 取り消したお知らせメール { $value }通
# $value (String)
audit-fact-answer = メールサーバーの返事: { $value }
audit-fact-recovery-code = 回復コードを使用
# $value (String)
audit-fact-replaces = まとめた下書き { $value }件
audit-fact-tonight = 時間外の送信を希望
# $value (String)
audit-fact-edition = 第{ $value }刷
# $value (String)
audit-fact-kind = 種類: { $value }
# $value (String)
audit-fact-no = ポスター番号 { $value }
# $value (String)
audit-fact-people = { $value }人
# $value (String)
audit-fact-sessions-ended = 終わらせたログイン { $value }件
# $value (String)
audit-fact-tries = { $value }回
# $value (String)
audit-fact-state = そのときの状態: { $value }
# $value (String)
audit-fact-broken-at = { $value }番目のところで、つながりません
# $value (String)
audit-fact-cases = 感染報告 { $value }件
# $value (String)
audit-fact-count = { $value }件
# $value (String)
audit-fact-date = { $value }の記録
# $value (String)
audit-fact-key = 鍵 { $value }
# $value (String)
audit-fact-data-keys = データ鍵 { $value }個
# $value (String)
audit-fact-wrappings = 古い鍵による包み { $value }個
# $value (String)
audit-fact-entries = { $value }件
# $value (String)
audit-fact-from = もとの状態: { $value }
# $value (String)
audit-fact-hold-until = 待機は { $value } まで
# $value (String)
audit-fact-late = あとから登録 { $value }件
# $value (String)
audit-fact-looks = 見たもの { $value }件
# $value (String)
audit-fact-name = 名前: { $value }
# $value (String)
audit-fact-posters = ポスター { $value }枚
# $value (String)
audit-fact-reads = くり返しを含め { $value }回
# $value (String)
audit-fact-reason = 理由: { $value }
# $value (String)
audit-fact-revision = 第{ $value }版
# $value (String)
audit-fact-role = 役割: { $value }
# $value (String)
audit-fact-status = 状態: { $value }
# $value (String)
audit-fact-stays = 立ち寄り先 { $value }件
# $value (String)
audit-fact-to = あとの状態: { $value }
# $value (String)
audit-fact-unsent = 未送信 { $value }通
# $value (String)
audit-fact-visits = 記録 { $value }件

## The auditor's page

audit-title = 操作記録
audit-intro = だれが、いつ、何をしたかの記録です。利用記録の件数を見たことも残ります。あとから書きかえることはできません。
audit-chain = 記録のつながり
# $entries (String)
audit-chain-length = { $entries }件
audit-chain-count = 記録の数
audit-chain-head = 最新のハッシュ
audit-chain-head-hint = 別の場所に書き留めておくと、あとで記録が切り取られていないことを確かめられます。
audit-chain-checked = 最後の確認
audit-chain-never = まだ確認していません
# $time (String)
# $who (String)
audit-chain-good = { $time } 異常なし（{ $who }）
# $place (String)
# $time (String)
audit-chain-bad = { $time } { $place }番目のところで、つながっていません
audit-verify = いま確認する
audit-done-verified = 操作記録を初めから終わりまで確認しました。異常はありません。
audit-done-broken = 操作記録がつながっていません
# $place (String)
audit-done-broken-text = { $place }番目の記録が、書きかえられたか、抜き取られています。データベースを触らずに、管理者へ知らせてください。
audit-filter = 記録をしぼる
audit-filter-from = この日から
audit-filter-to = この日まで
audit-filter-actor = だれが
audit-filter-action = 何をした
audit-filter-target = 対象の番号
audit-filter-target-hint = お知らせの番号か、表の「対象」のID
audit-filter-all = すべて
audit-filter-button = しぼる
audit-filter-clear = 条件をもどす
audit-filter-bad = 条件を読み取れませんでした。日付か番号を見直してください。
audit-export = CSVで書き出す
# $count (String)
audit-shown = 新しい順に{ $count }件
audit-none = この条件の記録はありません。
audit-next = 前の50件
audit-newest = 新しい記録にもどる
audit-table = 操作記録の表
audit-col-no = 番号
audit-col-at = 日時
audit-col-who = だれが
audit-col-did = 何をした
audit-col-target = 対象
audit-col-detail = くわしく
audit-col-code = 操作コード
audit-col-hash = ハッシュ
audit-col-kind = 種類
audit-col-id = ID
audit-actor-official = 担当者
audit-actor-token = APIトークン
audit-actor-venue = 店舗・施設
audit-actor-visitor = 利用者
audit-actor-system = システム
audit-actor-unknown = 消えたアカウント
audit-target-alert = お知らせ
audit-target-case = 感染報告
audit-target-keys = 鍵
audit-target-venue = 店舗・施設
audit-target-official = 担当者
audit-target-api-token = APIトークン
audit-reads = 閲覧のすべて
