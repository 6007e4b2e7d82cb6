## The mail of a correction. Fixed words: names neither venue nor date, holds no link and no number but the hotline.

# $city (String)
# $corrected (String) - number of the alert that was a mistake
# $number (String) - the correction's own number
delivery-correction-subject = 【{ $city }】お知らせ（番号 { $corrected }）の訂正（番号 { $number }）
# $city (String)
# $corrected (String)
# $hotline (String)
# $hours (String)
# $number (String)
delivery-correction-body =
    { $city }から先にお送りしたお知らせ（番号 { $corrected }）は、まちがいでした。

    そのお知らせでお願いしたことは、していただく必要がありません。ご心配とご迷惑をおかけしたことを、おわびします。ほかの番号のお知らせには、かかわりありません。

    ご質問があるとき、気になる症状があるときは、{ $hotline }（{ $hours }）へ電話してください。このメールにリンクはありません。市から電話やSMSで個人情報やお金をお願いすることはありません。

    本物かどうかは、{ $city }のホームページの「お知らせの確認」に番号 { $number } を入れて確かめられます。

## Letters to those who may approve.

# $service (String)
delivery-stopped-subject = 【{ $service }】すべての送信を止めました
# $by (String) - who stopped it
# $date (String)
# $reason (String) - as it was typed
# $time (String)
delivery-stopped-body =
    { $date } { $time } に、{ $by } さんが、お知らせと訂正の送信をすべて止めました。
    理由：{ $reason }
    ログインの案内など、お知らせでないメールは、これまでどおり送っています。
    再開できるのは、承認できる担当者です。管理画面の「送信状況」から再開してください。
# $service (String)
delivery-restored-subject = 【{ $service }】データが古い状態にもどされたため、送信を止めました
# $date (String)
# $time (String)
delivery-restored-body =
    { $date } { $time } に、データベースが、最後の送信より古い状態にもどされていることが分かりました。
    同じお知らせを2回送らないように、お知らせと訂正の送信をすべて止めています。
    もどしたあとのお知らせの状態を確かめてから、管理画面の「送信状況」で再開してください。再開できるのは、承認できる担当者です。
# $answer (String) - phase, numbers and known words of the answer
# $service (String)
delivery-refused-subject = 【{ $service }】メールサーバーが全員を同じ理由で断ったため、送信を止めました（{ $answer }）
# $answer (String)
# $date (String)
# $time (String)
delivery-refused-body =
    { $date } { $time } に、メールサーバーが何人ものあて先を、同じ返事（{ $answer }）で断りました。あて先ではなく、市の側の設定に原因があると考えられます。
    ほかのメールも断られないように、すべての送信を自動で止めました。断られたメールは失われていません。直したあとで送り直します。
    メールサーバーの担当者に、この返事を伝えてください。差出人のドメインの DNS（MX、SPF）、サーバーへのログイン、送信の許可、ブロックの一覧をご確認ください。
    直ったら、承認できる担当者が、管理画面の「送信状況」で再開してください。まず1通だけ送り、受け取られたら残りを送ります。
# $service (String)
delivery-resumed-subject = 【{ $service }】送信を再開しました
# $by (String)
# $date (String)
# $time (String)
delivery-resumed-body =
    { $date } { $time } に、{ $by } さんが、お知らせと訂正の送信を再開しました。
    お心当たりのない再開であれば、管理画面ですべての送信を止め、すぐに管理者へ知らせてください。
# $corrected (String)
# $number (String)
# $service (String)
# $time (String)
delivery-correction-held-subject = 【{ $service }】お知らせ（番号 { $corrected }）の訂正（番号 { $number }）を { $time } に送信します
# $corrected (String)
# $date (String)
# $number (String)
# $people (String)
# $time (String)
delivery-correction-held-body =
    お知らせ（番号 { $corrected }）の訂正（番号 { $number }）が承認されました。{ $date } { $time } まで待機し、そのあと { $people } 件を送信します。
    送る相手は、もとのお知らせが届いた方、届いた可能性のある方だけです。
    誤りに気づいたときは、それまでに管理画面で取り消してください。
    送信する文面:

## The letter to a venue's contact.

# $city (String)
# $number (String)
delivery-venue-subject = 【{ $city }】ご利用の登録に関係するお知らせ（番号 { $number }）
# $city (String)
# $hotline (String)
# $hours (String)
# $name (String) - the venue's name
# $number (String)
delivery-venue-body =
    「{ $name }」ご担当者さま

    貴店・貴施設で利用登録をされた方へ、{ $city }から感染についてのお知らせ（番号 { $number }）をメールで送りました。
    同じ日に利用した方のなかに、のちに感染が分かった方がいたためです。貴店・貴施設に落ち度があったという意味ではありません。

    感染した方を守るため、日付や人数、どなたかはお答えできません。営業を休む必要があるときは、保健所から別に連絡します。
    お客さまから尋ねられたときは、相談窓口 { $hotline }（{ $hours }）をご案内ください。

## Why a mail waits or ended.

delivery-why-busy = 接続や件数が多すぎると断られました
delivery-why-later = 相手が一時的に受け取れません
delivery-why-mailbox-full = 受信箱がいっぱいです
delivery-why-no-mailbox = あて先がありません
delivery-why-policy = 相手の受信の決まりで断られました
delivery-why-filter = 相手の受信設定（迷惑メール対策）で断られました
delivery-why-quota = 送れる数の上限に達したと断られました
delivery-why-too-large = メールが大きすぎると断られました
delivery-why-no-connection = 送信サーバーに接続できません
delivery-why-lost = 返事の前に接続が切れました
delivery-why-no-answer = 渡したあとに返事がありません。届いた可能性があります
delivery-why-tls = 暗号化した接続ができません
delivery-why-log-in = 送信サーバーにログインできません
delivery-why-paused = お知らせが一時停止中です
delivery-why-night = お知らせを送れる時間帯を待っています
delivery-why-correction = 同じ人への訂正メールが先に出るのを待っています
delivery-why-turn = 先に出るメールやお知らせを待っています
delivery-why-expired = 72時間送り直しても届きませんでした
delivery-why-given-up = 担当者が送信をやめました
delivery-why-interrupted = 送信中にプログラムが止まりました。届いた可能性があります
delivery-why-erased = 本人が記録を消したため、送れません
delivery-why-unopenable = 記録を開けません
delivery-why-internal = プログラムの不具合です。管理者に知らせてください
delivery-why-refused = 相手に断られました

## The pages about delivery.

delivery-few = 20未満
delivery-provider-other = その他
delivery-sent = 送信済み
delivery-sent-text = 相手のメールサーバーが受け取りました
delivery-queued = 送信待ち
delivery-queued-text = 順番を待っています
delivery-deferred = 再送待ち
delivery-deferred-text = いまは受け取られていません。72時間まで送り直します
delivery-ambiguous = 返事なし
delivery-ambiguous-text = 届いた可能性があります。15分後に1回だけ送り直します
delivery-merged = まとめ済み
delivery-merged-text = 同じ方には1通だけ送ります
delivery-suppressed = 受信停止
delivery-suppressed-text = 本人が受け取りを止めているか、前に届きませんでした
delivery-bounced = 不達
delivery-bounced-text = あて先がありません
delivery-cancelled = 取り消し
delivery-cancelled-text = 送る前に取り消しました
delivery-dead = 送信不能
delivery-dead-text = 理由は「断られた理由」の表にあります
delivery-sum = 合計
delivery-sum-text = 一致した記録と同じ数です
# $attempts (String)
delivery-ambiguous-attempts = 返事がなかった送信は、これまでに { $attempts } 回です。その回数だけ、2通届いた方がいるかもしれません。
# $repeats (String)
delivery-repeats = 一度終わったあとの送り直しは、これまでに { $repeats } 回です。
delivery-speed = 速さ
delivery-per-minute = 通／分
delivery-left = 残り
delivery-about = およそ
delivery-minutes = 分
delivery-oldest = いちばん古い待ち
delivery-progress = 送信の進み
delivery-states = 送信状況
delivery-states-table = 送信状況の表
delivery-state = 状態
delivery-mails = 件数
delivery-meaning = 意味
delivery-providers = あて先の会社ごと
delivery-providers-few = 20未満は数を出しません
delivery-providers-none = 20件に満たないあいだは、会社ごとの数を出しません。
delivery-providers-table = あて先の会社ごとの表
delivery-provider = ドメイン
delivery-put-off = 再送の回数
delivery-reasons = 断られた理由
delivery-reasons-none = 断られたメールはありません。
delivery-reasons-table = 断られた理由の表
delivery-reply = 理由と返事
delivery-next = 次の送信
delivery-next-now = まもなく
# $time (String)
delivery-next-other-day = 翌日以降 { $time }
delivery-next-none = 送りません
delivery-reload = 最新の状態を見る
# $number (String)
delivery-alert = お知らせ { $number }
# $number (String)
delivery-correction = 訂正 { $number }
delivery-alert-draft = 準備中
delivery-alert-submitted = 承認待ち
delivery-alert-held = 待機中
delivery-alert-sending = 送信中
delivery-alert-paused = 一時停止中
delivery-alert-done = 完了
delivery-alert-cancelled = 取り消し
delivery-alerts = お知らせごと
delivery-alerts-none = 送信したお知らせは、まだありません。
delivery-alerts-all = すべてのお知らせを見る
delivery-alerts-table = お知らせごとの表
delivery-alert-number = お知らせ
delivery-waiting = 待ち
delivery-failed = 届かない
delivery-steps = お知らせの流れ
delivery-step-1 = 対象と文面
delivery-step-2 = 提出
delivery-step-3 = 承認
delivery-step-4 = 待機
delivery-step-5 = 送信
delivery-step-6 = 完了
delivery-pause = 一時停止
delivery-resume = 再開する
delivery-cancel = 残りを取り消す
delivery-retry = いま送り直す
delivery-send-again = 届かなかったメールをもう一度送る
delivery-give-up = 残りの送信をやめる
delivery-correct = 訂正を送る
delivery-stop-correct = 止めて訂正を送る
# $number (String)
delivery-corrects = お知らせ { $number } の訂正です
# $number (String)
delivery-corrected-by = 訂正（番号 { $number }）を見る
delivery-request-pending = 前の操作を実行しています。まもなく終わります。
# $visits (String)
delivery-late-title = まだお知らせしていない記録が { $visits } 件
delivery-late-text = お知らせのあとに登録された記録や、前のお知らせが取り消された記録です。送るには、承認者の確認がいります。
delivery-late-refused = 前回は、確かめた数より大きく増えていたため、送りませんでした。数を見直してください。
delivery-late-pending = 送信の準備をしています。
# $visits (String)
delivery-late-look = { $visits } 件を確認して送る
# $visits (String)
delivery-late-confirm = まだお知らせしていない { $visits } 件に、同じお知らせを送ります。
# $visits (String)
delivery-late-button = { $visits } 件に送る

## Pages that ask before something is done.

delivery-cancel-title = 残りの送信を取り消しますか
# $sent (String)
# $waiting (String)
delivery-cancel-text = 待っている { $waiting } 件は送りません。すでに送った { $sent } 件は取り消せません。
delivery-cancel-held-text = まだ1件も送っていません。取り消すと、だれにも届きません。
delivery-cancel-nobody-text = このお知らせは、だれにも届いていません。取り消すと、同じ日・同じ店の別のお知らせが、この人たちに届くようになります。
delivery-cancel-final = 取り消したお知らせは、再開できません。
# $mails (String)
delivery-retry-text = 一時的な理由で送れなかった { $mails } 件を、いま送り直します。72時間が過ぎたもの、送信をやめたものも含みます。
delivery-retry-not = 相手に断られて終わったもの、届いた可能性があるものは、送り直しません。
# $mails (String)
delivery-retry-button = { $mails } 件を送り直す
delivery-send-again-title = 届かなかったメールをもう一度送りますか
delivery-send-again-text = 断られて終わったメールを、選んだ理由ごとに、もう一度送ります。原因が直ってから送ってください。
delivery-send-again-not = 本人が受け取りを止めた方、記録を消した方、まとめた方、届いた可能性がある方には送りません。
delivery-send-again-legend = 送り直す理由
# $mails (String)
# $meaning (String)
delivery-send-again-reason = { $meaning }：{ $mails } 件
delivery-send-again-none = 送り直す理由を1つ以上選んでください。
delivery-send-again-button = 選んだメールを送る
# $mails (String)
delivery-give-up-text = 待っている { $mails } 件の送信をやめます。その方々には、メールが届きません。
delivery-give-up-not = いま送っているメールは、そのまま終わります。やめた送信は「いま送り直す」でもどせます。
# $mails (String)
delivery-give-up-button = { $mails } 件の送信をやめる
# $people (String)
delivery-correct-text = このお知らせが届いた方、届いた可能性のある方 { $people } 人に、「まちがいでした」という決まった文面のメールを送ります。
delivery-correct-next = お知らせと同じように、提出と、ほかの担当者の承認がいります。次の画面で文面を確かめられます。
# $gone (String)
delivery-correct-gone = 保管の日数が過ぎた { $gone } 人には、アドレスを消したため、送れません。
delivery-correct-button = 訂正を準備する
# $waiting (String)
delivery-stop-correct-text = このお知らせの送信をここで終わりにします。まだ送っていない { $waiting } 件は送りません。元にはもどせません。
delivery-stop-correct-button = 止めて訂正を準備する
delivery-refused-not-yours = この操作は、提出した担当者か承認者ができます。
delivery-refused-count = 件数が変わりました。数を見直してください。
delivery-refused-retention = 保管の日数が過ぎてアドレスを消したため、訂正は送れません。
delivery-refused-nobody = このお知らせは、だれにも届いていません。
delivery-refused-nothing = 対象のメールは、もうありません。
delivery-refused-corrected = このお知らせは訂正されています。送り直しはできません。
delivery-refused-pending = 前の操作を実行しています。終わってから、もう一度確かめてください。
delivery-refused-state = お知らせの状態が変わったため、できません。

## Stopping everything.

delivery-stop-all = 全送信を止める
delivery-stop-text = お知らせと訂正の送信を、すべて数秒のうちに止めます。いま送っているメールは、そのまま終わります。
delivery-stop-letters = ログインの案内など、お知らせでないメールは止まりません。
delivery-stop-end = 承認できる担当者すべてに、メールで知らせます。再開できるのは、その担当者です。
delivery-stop-reason = 理由
delivery-stop-reason-hint = ほかの担当者が読みます。例：文面にまちがいがあった
delivery-stop-reason-empty = 理由を入れてください。
# $limit (String)
delivery-stop-reason-long = 長すぎます。{ $limit }文字までで入れてください。
delivery-stop-reason-forbidden = 使えない文字が入っています。1行で入れてください。
delivery-stop-button = すべての送信を止める
delivery-stopped-title = すべての送信を止めています
# $by (String)
# $date (String)
# $reason (String)
# $time (String)
delivery-stopped-by = { $date } { $time } に { $by } さんが止めました。理由：{ $reason }
# $date (String)
# $time (String)
delivery-stopped-restored = { $date } { $time } に、データベースが最後の送信より古い状態にもどされたことが分かり、自動で止めました。
# $date (String)
# $time (String)
# $answer (String)
delivery-stopped-refused = { $date } { $time } に、メールサーバーが何人ものあて先を同じ返事（{ $answer }）で断ったため、自動で止めました。断られたメールは、送り直せるように戻しました。
delivery-stopped-refused-do = メールサーバーの担当者に、この返事を伝えてください。差出人のドメインの DNS（MX、SPF）、ログイン、送信の許可、ブロックの一覧をご確認ください。直ったら、承認者が再開します。
# $time (String)
delivery-stopped-trial = { $time } から、ためしの1通を送っています。受け取られたら、残りも送ります。
# $time (String)
delivery-stopped-trial-refused = { $time } に送ったためしの1通も断られました。ほかには送っていません。
delivery-resume-look = 再開の確認へ進む
delivery-resume-who = 再開できるのは、承認者です。
delivery-resume-title = 送信を再開しますか
delivery-resume-restored = もどしたデータでは、送ったはずのお知らせが「送信待ち」に見えることがあります。お知らせごとに状態を確かめ、もう送ったものは取り消してから再開してください。
delivery-resume-text = 再開すると、待っているお知らせと訂正がすぐに送られます。
delivery-resume-trial = 再開すると、まず1通だけをためしに送ります。受け取られたら残りを送り、断られたらまた止まります。
delivery-resume-button = 送信を再開する
delivery-resume-none = 送信は、もう止まっていません。
delivery-resume-stale = ほかにも止めている理由があります。確かめてください。
delivery-not-stopped = 送信は止まっていません。

## What the last act did.

delivery-done-stopped = すべての送信を止めました。承認者が再開できます。
delivery-done-resumed-all = 送信を再開しました。「全送信を止める」でまた止められます。
delivery-done-trial = ためしの1通を送ります。受け取られたら、残りも送ります。
delivery-done-paused = 一時停止しました。承認者が再開できます。
delivery-done-resumed = 再開しました。
delivery-done-cancelled = 残りを取り消しました。
delivery-done-released = あとから登録された記録にも送ります。
delivery-done-retried = 送り直しを頼みました。数秒で始まります。
delivery-done-sent-again = もう一度送るように頼みました。数秒で始まります。
delivery-done-given-up = 残りの送信をやめるように頼みました。「いま送り直す」でもどせます。

## /alerts/check

delivery-check-corrected = このお知らせは、まちがいでした
# $date (String)
# $number (String)
delivery-check-corrected-text = { $date }に、市が訂正（番号 { $number }）を送りました。お願いしたことは、していただく必要がありません。
