## Cases on the officials' desk
case-new = 新しい感染報告
# $reference (String) - The health centre's own number
case-title = 感染報告 { $reference }
case-none = 感染報告はまだありません。
case-more = 次の50件
case-from-start = 最初から見る
case-reference = 報告番号
case-dates-short = 発症・検査
case-stays-short = 立ち寄り先
case-state = 状況
case-reported = 報告
# $date (String) - A short date
case-onset-on = 発症 { $date }
# $date (String) - A short date
case-tested-on = 検査 { $date }
case-state-closed = 終了
case-state-submitted = お知らせ 提出済み
case-state-draft = お知らせ 未提出
case-state-empty = 立ち寄り先 未入力

case-no-names = 患者の名前は書かないでください
case-no-names-text = 患者の名前・住所・電話番号は書かないでください。番号だけで扱います。
case-to-correct = 直していただくところがあります
case-reference-hint = 保健所の管理番号です。英数字と - / _ . が使えます。例：HC-2026-1184
case-onset = 発症日
case-onset-hint = 症状が出はじめた日。症状がなければ、空けておきます。
case-tested = 検査日
case-tested-hint = 検体をとった日。わからなければ、空けておきます。
case-open = 立ち寄り先の入力へ進む
case-reference-empty = 報告番号を入れてください。
case-reference-too-long = 報告番号は40文字までです。
case-reference-characters = 英数字と - / _ . だけが使えます。名前や住所は書かないでください。
case-date-malformed = 日付として読み取れません。例：2026-11-20
case-date-future = まだ来ていない日です。
case-date-too-old = 180日より前の日です。年を確かめてください。

case-search = 立ち寄り先をさがす
case-search-label = 名前・かな・住所・コード
case-search-button = さがす
# $count (String) - How many
case-found = { $count }件
case-found-page = 20件ずつ表示しています
case-found-none = 見つかりませんでした
case-found-none-text = 名前・かな・住所・ポスターのコードからさがしました。言葉を短くして、もう一度さがしてください。
case-found-more = 次の20件
case-choose = 選ぶ
# $name (String) - A venue
case-choose-this = { $name }を選ぶ
case-chosen = 選択中
case-days = 利用した日
case-days-first = 先に、立ち寄り先を選んでください。
# $name (String) - A venue
case-days-of = { $name }を利用した日
case-weekdays = 日 月 火 水 木 金 土
case-day-window = 目安の日
case-day-had = 追加済み
# $day (String) - A short date
case-window-onset = 太い枠は、発症の2日前（{ $day }）からの目安です。枠の外も選べます。
# $day (String) - A short date
case-window-tested = 太い枠は、検査の2日前（{ $day }）からの目安です。枠の外も選べます。
case-window-none = 発症日か検査日を入れると、目安の日に太い枠がつきます。
case-add = 選んだ日を立ち寄り先に加える
case-add-one = 1日分を立ち寄り先に加える
case-add-many = #日分を立ち寄り先に加える

case-stays = 立ち寄り先
# $count (String) - How many
case-count = { $count }件
case-stays-empty = 立ち寄り先がまだありません。1件加えると、お知らせの下書きができます。
case-venue = 店舗・施設
case-day = 利用した日
case-act = 操作
case-stay-fixed = 提出済み
case-remove = 取り除く
# $name (String) - A venue
# $day (String) - A date
case-remove-this = { $name }の{ $day }を取り除く
case-stays-none = 立ち寄り先の日を選んでください。
# $most (String) - A number
case-stays-too-many = 立ち寄り先は、1つの報告に{ $most }件までです。
# $day (String) - A short date
case-stay-future = { $day }は、まだ来ていない日です。
# $day (String) - A short date
# $oldest (String) - The oldest date that can be chosen
case-stay-too-old = { $day }は古すぎます。記録が残っているのは{ $oldest }からです。
case-stay-unknown-venue = その店舗・施設は登録されていません。もう一度さがして選んでください。
case-stay-never-active = その店舗・施設は、まだ利用登録を受け付けたことがありません。
case-stay-submitted = お知らせに提出済みの立ち寄り先は、取り除けません。
case-draft-too-many = お知らせの立ち寄り先が多すぎます。
case-is-closed = この報告は終了しています。先に再開してください。
case-not-done = まだ登録していません

case-alerts-none = 立ち寄り先を加えると、ここにお知らせの下書きができます。
# $number (String) - An alert's number
case-alert = お知らせ { $number }
case-alert-draft = 下書き
case-alert-submitted = 承認待ち
case-alert-held = 待機中
case-alert-sending = 送信中
case-alert-paused = 一時停止
case-alert-done = 完了
case-alert-cancelled = 取り消し

case-dates = 発症日と検査日
case-dates-save = 日付を保存する
case-unknown = 未入力
case-namesakes = 同じ番号の報告が、ほかにもあります
# $moment (String) - Date and time
case-namesake = { $moment } の報告を見る
case-notes = メモ
case-note-label = メモを加える
case-note-hint = 500文字まで。あとから直せません。名前・メールアドレス・電話番号は書かないでください。
case-note-save = メモを残す
# $who (String) - An official
# $moment (String) - Date and time
case-note-by = { $who }　{ $moment }
case-note-empty = メモを書いてください。
# $most (String) - A number
case-note-too-long = メモは{ $most }文字までです。
case-note-forbidden = 使えない文字が入っています。
case-note-mail = メールアドレスのようです。消してから残してください。
case-note-phone = 電話番号のようです。消してから残してください。
case-note-name = 名前のようです。「患者さん」のような言い方に直してください。
case-notes-too-many = メモは200件までです。
case-history = 履歴
case-close = この報告を終了する
case-close-hint = 立ち寄り先を加えられなくなります。あとから再開できます。
case-reopen = この報告を再開する
case-reopen-hint = 立ち寄り先を加えられるようになります。

case-done-opened = 報告を登録しました。立ち寄り先を加えてください。
case-done-opened-before = この報告は、もう登録されています。
case-done-added = 立ち寄り先を加えました。お知らせの下書きにも入りました。
case-done-added-before = 選んだ日は、もう立ち寄り先に入っています。
case-done-removed = 立ち寄り先から取り除きました。もう一度加えることもできます。
case-done-dates = 日付を保存しました。
case-done-noted = メモを残しました。
case-done-closed = この報告を終了しました。再開することもできます。
case-done-reopened = この報告を再開しました。
