## The decision sheet of an alert, on paper

# $number (String)
record-title = 決裁票　お知らせ { $number }
# $of (String)
# $page (String)
# $title (String)
record-foot = { $title }　{ $page } / { $of }
record-link = 決裁票（PDF）
record-state = 状態
record-cases = 感染報告
record-reach = 対象
record-withdrawn = うち取消しの通知を受けた記録
record-made = この票の作成
record-gone = 保存期間を過ぎました
record-state-draft = 下書き
record-state-submitted = 承認待ち
record-state-held = 待機中
record-state-sending = 送信中
record-state-paused = 一時停止中
record-state-done = 送信終了
record-state-cancelled = 取り消し
record-decisions = 決裁の経過
record-step-report = 感染報告
record-step-draft = 下書き
record-step-submit = 提出
record-step-approve = 承認
record-step-return = 差しもどし
# $revision (String)
record-revision = 第{ $revision }版
# $visits (String)
record-visits = 記録 { $visits }件
# $time (String)
record-held-until = { $time } まで待機
# $reason (String)
record-tonight = 時間外の送信を希望: { $reason }
record-col-step = 段階
record-col-who = だれが
record-col-when = 日時
record-col-what = 内容
# $count (String)
record-stays = 立ち寄り先（{ $count }件）
record-col-venue = 店舗・施設
record-col-date = 日付
record-col-notices = お知らせ（件）
record-text = 送る文面
record-text-named = 店舗・施設名を知らせる方への文面
record-text-holds = 以前のお知らせが取り消された方へのメールに加わる一文
record-delivery = 送信状況
record-not-sent = まだ送信していません。
record-started = 送信の開始
record-finished = 送信の終了
record-not-finished = 終わっていません
record-queued = 送信待ち
record-sent = 送信済み
record-deferred = 再送待ち
record-ambiguous = 返事なし
record-merged = まとめ済み
record-suppressed = 受信停止
record-bounced = 不達
record-cancelled = 取り消し
record-dead = 送信不能
record-sum = 合計
record-attempts = 返事がなかった送信の回数（合計に入りません）
record-col-state = 状態
record-col-mails = 通数
record-late = あとから登録された記録
record-late-none = 追加の送信はありません。
# $visits (String)
record-late-open = 判断を待っている記録が { $visits }件あります。
# $reason (String)
record-late-refused = 差しもどし: { $reason }
# $time (String)
record-late-sent = { $time } に送信へ
record-late-waiting = 処理を待っています
record-refused-growth = 見た件数より大きく増えていた
record-refused-cap = 件数の上限を超えた
record-refused-unvouched = 署名を確かめられなかった
record-col-visits = 記録
record-col-outcome = 結果
record-proof = 操作記録
record-proof-hint = 番号とハッシュは、操作記録のものです。この票の内容が書きかえられていないことを、これで確かめられます。
record-col-no = 番号
record-col-did = 何をした
record-col-hash = ハッシュ
# $name (String)
record-token = { $name }（APIトークン）
record-corrects = 訂正のもと
record-corrected-by = 訂正のお知らせ
