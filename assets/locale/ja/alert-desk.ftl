## The officials' pages about alerts
desk-alert-list = お知らせ
desk-alert-none = 判断を待っているお知らせはありません。
desk-alert-running = 進んでいるお知らせ
desk-alert-ended = 終わったお知らせ
desk-alert-waiting = 判断を待っているお知らせ
desk-alert-drafts = 提出前のお知らせ
desk-alert-all-lists = すべてのお知らせへもどる
desk-alert-whole = すべて見る
# $count (String) - a number
desk-alert-size = { $count } 件
desk-alert-number = 番号
desk-alert-state = 状態
desk-alert-stays = 立ち寄り先
desk-alert-cases = 感染報告
desk-alert-next = 次に起こること
# $venues (String) - a number
# $days (String) - a number
desk-alert-extent = { $venues }か所 { $days }日
# $first (String) - a venue and its date
# $more (String) - a number
desk-alert-and-more = { $first } ほか{ $more }件
desk-alert-open-cases = 提出前の感染報告
desk-alert-open-cases-none = 提出前の感染報告はありません。
desk-alert-join-text = いくつか選ぶと、1つのお知らせにまとめられます。まとめても、同じ方に同じ施設と日のお知らせが2通届くことはありません。
desk-alert-choose = 選ぶ
desk-alert-draft = 下書き
desk-alert-reported = 報告
desk-alert-join = 選んだ感染報告を1つのお知らせにまとめる
desk-alert-join-empty = まとめる感染報告を選んでください。
desk-alert-join-failed = まとめられませんでした。選んだ感染報告を確かめてください。
desk-alert-state-draft = 下書き
desk-alert-state-returned = 差し戻し
desk-alert-state-submitted = 承認待ち
desk-alert-state-held = 待機中
desk-alert-state-sending = 送信中
desk-alert-state-paused = 一時停止
desk-alert-state-done = 完了
desk-alert-state-cancelled = 取り消し
desk-alert-next-draft = 提出すると、承認を待ちます
desk-alert-next-returned = 直して、もう一度提出します
desk-alert-next-yours = あなたの承認を待っています
desk-alert-next-other = ほかの承認者を待っています
# $time (String) - 22:41
desk-alert-next-held = { $time } に送信を始めます
desk-alert-next-sending = 送信しています
desk-alert-next-paused = 再開を待っています
desk-alert-next-late = 届いていない記録が、承認者の判断を待っています
desk-alert-next-none = ありません
# $number (String) - an alert's number
desk-alert-next-replaced = { $number } にまとめました

## Steps on top of each page
desk-alert-steps = お知らせの流れ
desk-alert-step-words = 対象と文面
desk-alert-step-submit = 提出
desk-alert-step-approve = 承認
# $minutes (String) - a number
desk-alert-step-hold = 待機（{ $minutes }分）
desk-alert-step-send = 送信
desk-alert-step-done = 完了

## Preview
# $number (String) - an alert's number
desk-alert-title = お知らせ { $number }
desk-alert-preview = 確認
# $cases (String) - references of cases
desk-alert-lead = 感染報告 { $cases } の立ち寄り先をまとめています。まだ何も送っていません。
desk-alert-lead-sep = 、
desk-alert-recipients = 送る相手
# $count (String) - a number
desk-alert-about = およそ{ $count }
desk-alert-records = 記録
desk-alert-until-sent = 送り終わるまで
desk-alert-minutes = 分
desk-alert-calls = 予想される電話
# $most (String) - a number
desk-alert-calls-of = 件／時（窓口は{ $most }件まで）
desk-alert-calls-unsaid = 件／時
desk-alert-day = 日
desk-alert-visits = 記録
desk-alert-told = 通知済み
desk-alert-unreviewed = 未審査
desk-alert-named = 施設名を知らせる
desk-alert-table = 立ち寄り先の表
desk-alert-once = 同じ施設と日について、すでに有効なお知らせを送った方には送りません。
# $count (String) - a number
desk-alert-overlap-count = ほかのお知らせと重なる立ち寄り先は{ $count }か所です。
# $number (String) - an alert's number
# $state (String) - its state in words
desk-alert-overlap = { $number }（{ $state }）と重なる
desk-alert-mail = 届くメール
desk-alert-mail-languages = メールの言語
desk-alert-from = 差出人
desk-alert-subject = 件名
# $venue (String) - a venue
# $date (String) - a date
desk-alert-mail-named = { $venue }（{ $date }）を利用された方に届く形です。施設名と日は、利用された所によって変わります。
desk-alert-mail-unnamed = そのほかの施設を利用された方に届く形です。
desk-alert-mail-no-note = 市からの補足は、この言語にはありません。
desk-alert-mail-holds = 取り消したお知らせを以前に受け取った方へのメールには、初めの段落のあとに次の一文が入ります。
desk-alert-withdrawn-title = 取り消したお知らせを受け取った方がいます
# $visits (String)
desk-alert-withdrawn-text = 送信の対象のうち { $visits } 件は、以前のお知らせが訂正で取り消された記録です。このお知らせはその方にも届き、「このお知らせは有効です」という一文が入ります。
desk-alert-submit = この内容で承認へ提出する
desk-alert-edit = 文面を直す
desk-alert-submit-text = 提出すると、対象・文面・人数が固定されます。承認できるのは、あなた以外の承認者です。
desk-alert-cancel-link = 取り消す
# $from (String) - hours such as 08:00–20:00
desk-alert-tonight-summary = { $from } のほかの時間にも送るとき
desk-alert-tonight-label = 今夜のうちに送る理由
# $hours (String) - hours such as 08:00–20:00
desk-alert-tonight-hint = 空欄なら、{ $hours } のあいだに送ります。提出する人と承認する人の両方が理由を書いたときだけ、夜も送ります。200文字まで。
desk-alert-tonight-agree = 今夜のうちに送ってよい理由
# $reason (String) - the submitter's words
desk-alert-tonight-asked = 提出した人は、今夜のうちに送ることを望んでいます。理由：{ $reason }
# $hours (String) - hours such as 08:00–20:00
desk-alert-waits = 送信できるのは { $hours } です。その時間まで待って送ります。
desk-alert-wrong-reason = 200文字までの1行で書いてください。
# $by (String) - an official's name
# $reason (String) - his words
desk-alert-returned-note = { $by } が差し戻しました。理由：{ $reason }
desk-alert-returned-title = 差し戻されています
desk-alert-refused-title = 送信前の確認で差し戻されました
desk-alert-refused-same-principal = 提出した人と承認した人が、同じ人でした。
desk-alert-refused-digest = 承認のあとで、対象か文面が変わりました。
desk-alert-refused-growth = 承認のあとで、記録が大きく増えました。
desk-alert-refused-cap = 1件か1日に送れる数をこえました。管理者の承認がいります。
desk-alert-refused-wording = 文面に、送れない内容が入っていました。
desk-alert-refused-unvouched = 提出または承認の署名を確かめられませんでした。担当者が停止や再登録されたか、だれかがデータを書きかえたおそれがあります。
desk-alert-unvouched-title = 署名のかぎが認められていません
desk-alert-submission-title = 提出をやり直してください
desk-alert-submission-text = 提出した人の署名が、今は有効ではありません。差し戻して、もう一度提出してください。
desk-alert-hotline-title = 窓口が受けられる数をこえます
# $calls (String) - a number
# $most (String) - a number
desk-alert-hotline-text = 1時間に { $calls } 件の電話が予想されます。窓口は { $most } 件までです。人を増やすか、日を分けて送ってください。
desk-alert-admin-title = 管理者の承認がいります
desk-alert-admin-text = 1件か1日に送れる数をこえています。
desk-alert-viewer-total = 数は、5きざみで示しています。

## Words
# $number (String) - an alert's number
desk-alert-words-title = お知らせ { $number } の文面
desk-alert-words-text = 選べるのは、ここにあるものだけです。ほかの文は、決まっています。次の画面で、届くメールのとおりに確かめられます。
desk-alert-advice = お願いすること
desk-alert-advice-watch = 体調に注意してもらう
desk-alert-advice-test = 検査を受けてもらう
desk-alert-advice-stay-home = 外出を控えてもらう
desk-alert-until = いつまで
desk-alert-until-hint = 今日から数えます。施設を利用した日が分からないように、日曜日に丸めることもできます。
# $date (String) - a date
desk-alert-until-suggested = 提出の日から14日後（今日なら { $date }）
# $date (String) - a date
desk-alert-until-sunday = { $date }　丸めた日
desk-alert-note-ja = 市からの補足（日本語）
desk-alert-note-en = 市からの補足（英語）
# $hotline (String) - a telephone number
desk-alert-note-hint = 書かなくてもかまいません。500文字まで。リンク、メールアドレス、{ $hotline } のほかの電話番号は書けません。患者のことは書かないでください。
desk-alert-naming = 施設名と日
desk-alert-name-venues = 同意している施設では、利用された方に施設名と日を知らせる
# $agreed (String) - a number
# $all (String) - a number
desk-alert-name-hint = 立ち寄り先 { $all }か所のうち、同意しているのは { $agreed }か所です。ほかの施設の名前は知らせません。
desk-alert-words-save = 文面を決めて、確認へ進む
desk-alert-words-back = 変えずにもどる
desk-alert-wrong-choice = 選んでください。
desk-alert-wrong-until = 明日から50日後までの日を選んでください。
desk-alert-wrong-long = 500文字までで書いてください。
desk-alert-wrong-characters = 使えない文字が入っています。制御文字、見えない文字、波かっこは使えません。
desk-alert-wrong-link = リンクかホスト名のように見える所があります。書かずに、市のホームページを見てもらってください。
desk-alert-wrong-mail = メールアドレスのように見える所があります。
# $hotline (String) - a telephone number
desk-alert-wrong-phone = 電話番号のように見える所があります。書けるのは { $hotline } だけです。日は「11月20日」のように書いてください。

## Approval
# $number (String) - an alert's number
desk-alert-approve-title = お知らせ { $number } を承認する
# $by (String) - an official's name
# $time (String) - 22:21
desk-alert-submitted-by = { $by } が { $time } に提出しました。
# $minutes (String) - a number
# $start (String) - 22:44
desk-alert-approve-text = 承認すると { $minutes }分の待機に入り、{ $start } に送信を始めます。待機のあいだは、提出した人と承認者が取り消せます。
desk-alert-approve-heading = 承認
desk-alert-typed-label = 送る相手の数を入れてください
desk-alert-typed-hint = 表のいちばん下の数です。見ずに押すことを防ぎます。
desk-alert-typed-wrong = 数がちがいます。表のいちばん下の数を、もう一度見てください。
desk-alert-code-label = あなたの確認コード
desk-alert-code-hint = 認証アプリの6桁の数字。使えないときは、予備のコード。
# $count (String) - a number
desk-alert-approve = { $count }件の送信を承認する
desk-alert-return-link = 差し戻す
desk-alert-own-title = あなたは承認できません
desk-alert-own-text = 提出した人は承認できません。ほかの承認者が確かめます。
desk-alert-waiting-title = 承認を待っています
desk-alert-waiting-text = 承認者が、対象と文面を確かめます。

## Sending back, cancelling
# $number (String) - an alert's number
desk-alert-return-title = お知らせ { $number } を差し戻す
desk-alert-return-text = 下書きにもどります。提出した人が、理由を読んで直します。
desk-alert-reason-label = 理由
desk-alert-reason-hint = 200文字までの1行。患者のことは書かないでください。
desk-alert-return = 差し戻す
# $number (String) - an alert's number
desk-alert-cancel-title = お知らせ { $number } を取り消す
desk-alert-cancel-text = 取り消すと、もとにもどせません。まだ送っていないお知らせメールは、送りません。
desk-alert-cancel-sending = すでに送ったお知らせメールは、取りもどせません。
desk-alert-cancel = 取り消す
desk-alert-keep = 取り消さずにもどる

## Hold
desk-alert-on-hold = 待機中
# $time (String) - 22:41
desk-alert-starts = { $time } に送信を始めます
desk-alert-starts-soon = まもなく送信を始めます
# $left (String) - 6分20秒
# $now (String) - 22:34:40
desk-alert-left = 残り { $left }（{ $now } 現在）
# $minutes (String) - a number
# $seconds (String) - a number
desk-alert-minutes-seconds = { $minutes }分{ $seconds }秒
# $hours (String) - a number
# $minutes (String) - a number
desk-alert-hours-minutes = { $hours }時間{ $minutes }分
# $count (String) - a number
desk-alert-count = { $count }件
# $name (String) - an official's name
desk-alert-by-submitter = 提出 { $name }
# $name (String) - an official's name
desk-alert-by-approver = 承認 { $name }
desk-alert-stop = 送信を取り消す
desk-alert-reload = 最新の状態を見る
desk-alert-hold-tonight = 提出した人と承認した人の両方が、今夜のうちに送ることを選びました。
desk-alert-unknown-person = 不明

## Afterwards
desk-alert-cancelled-title = 取り消しました
desk-alert-cancelled-text = このお知らせは送りません。
# $number (String)
desk-alert-correction-title = 訂正 { $number }
# $number (String)
desk-alert-correction-lead = お知らせ { $number } の訂正です。そのお知らせが届いた人、届いたかもしれない人に送ります。まだ何も送っていません。
# $number (String)
desk-alert-correction-of = お知らせ { $number } の訂正です。
# $number (String)
desk-alert-correction-approve-title = 訂正 { $number } を承認する
desk-alert-correction-once = 訂正するお知らせが届いた人、届いたかもしれない人だけに送ります。同じ人に2度送ることはありません。
# $number (String)
desk-alert-corrected-text = このお知らせは誤りとして止められ、届いた人には訂正 { $number } を送ります。
desk-alert-stopped-text = 送信の途中で止められました。それまでに出たメールは戻りません。何通出たかは配信の画面にあります。
# $number (String) - an alert's number
desk-alert-replaced-text = 感染報告を、お知らせ { $number } にまとめました。
desk-alert-to-list = お知らせの一覧へ
desk-alert-done-joined = 1つのお知らせにまとめました。もとの下書きは取り消しました。
desk-alert-done-worded = 文面を決めました。下で、届くメールのとおりに確かめてください。
desk-alert-done-submitted = 承認へ提出しました。承認者にメールで知らせました。提出した人と承認者が取り消せます。
desk-alert-done-approved = 承認しました。承認者すべてにメールで知らせました。提出した人と承認者が取り消せます。
desk-alert-done-returned = 差し戻しました。提出した人が直せます。
desk-alert-done-cancelled = 取り消しました。

## Refused
desk-alert-stale-title = 内容が変わっています
desk-alert-stale-text = 見ていたあいだに、対象か文面が変わりました。何も実行していません。もう一度確かめてください。
# $state (String) - a state in words
desk-alert-state-title = いまは「{ $state }」です
desk-alert-state-text = ほかの担当者が先に進めたか、同じ操作が2回届きました。何も実行していません。
desk-alert-until-title = 日を選び直してください
desk-alert-until-text = 文面の「いつまで」の日が、もう過ぎています。何も実行していません。
desk-alert-same-title = 提出した人は承認できません
desk-alert-same-text = 別のログインやトークンを使っても、同じ人です。ほかの承認者に頼んでください。
desk-alert-token-title = このトークンでは承認できません
desk-alert-not-yours-title = 取り消せません
desk-alert-not-yours-text = 取り消せるのは、提出した人と承認者です。
desk-alert-look-again = もう一度確かめる
desk-alert-check-named = このお知らせのメールには、施設名と日が書かれているものがあります。ここには出しません。
desk-alert-check-holds = 以前のお知らせが取り消された方へのメールには、次の一文も入っています。
