## Venues on the officials' desk
desk-venue-waiting = 承認を待つ申請
desk-venue-waiting-none = 承認を待つ申請はありません。
desk-venue-answered-title = お店からの返事
desk-venue-answered-none = まだ読んでいない返事はありません。
desk-venue-unreviewed = 未確認
desk-venue-unreviewed-title = 未確認の店舗・施設
desk-venue-unreviewed-none = 未確認の店舗・施設はありません。
desk-venue-all = すべて見る
desk-venue-to-queue = 申請の一覧へもどる
desk-venue-notes = 気づいたこと
desk-venue-applied = 申請
desk-venue-twin = 同じ名前と住所
# $day (String) - A short date
desk-venue-asked = { $day } 質問済み
desk-venue-twins = 同じ名前と住所の店舗・施設があります
desk-venue-kind = 種類
desk-venue-kana = よみがな
desk-venue-address = 住所
desk-venue-contact = 連絡先
desk-venue-decided = 最後の判断
desk-venue-named = お知らせに名前を出すこと
desk-venue-listed = 公開の一覧に名前を出すこと
desk-venue-named-yes = 同意しています
desk-venue-named-no = 同意していません
desk-venue-approve-button = 申請を承認する
desk-venue-review-button = 確認済みにする
desk-venue-reinstate-button = 利用を再開する
# $day (String) - A short date
desk-venue-answered = { $day } 返事あり
desk-venue-read-button = 返事を読みました
desk-venue-done-read = 返事を読んだことを記録しました。
desk-venue-asked-title = お店への質問
# $who (String) - An official
# $moment (String) - Date and time
desk-venue-asked-by = { $who }　{ $moment }
desk-venue-posters = ポスター
desk-venue-poster-no = 番号
desk-venue-poster-place = 場所
desk-venue-poster-edition = 版
desk-venue-poster-alive = 使用中
desk-venue-poster-dead = 使用終了
desk-venue-kana-title = よみがなを直す
desk-venue-kana-hint = さがすときに使います。100文字まで。空けると、なくなります。
desk-venue-kana-save = よみがなを保存する
desk-venue-kana-wrong = 100文字までの、ふつうの文字で入れてください。

desk-venue-ask = お店に質問する
desk-venue-ask-text = 質問を、連絡先へメールで送ります。お返事は、この店舗・施設のページに出るか、電話で届きます。
desk-venue-ask-label = 質問
desk-venue-ask-button = 質問をメールで送る
desk-venue-refuse = 申請を見送る
desk-venue-refuse-text = ポスターは使えるようになりません。理由を、連絡先へメールで送ります。お店は、直してもう一度申請できます。
desk-venue-refuse-label = 理由
desk-venue-refuse-button = 見送って、理由をメールで送る
desk-venue-suspend = 利用を止める
desk-venue-suspend-text = すべてのポスターが、10秒以内に使えなくなります。これまでの記録は残ります。連絡先へメールで知らせます。あとから再開できます。
desk-venue-suspend-button = 利用を止める
desk-venue-close = 利用を終わりにする
desk-venue-close-text = すべてのコードが使えなくなり、元にはもどせません。これまでの記録は残り、お知らせにも使えます。連絡先へメールで知らせます。
desk-venue-close-button = 利用を終わりにする
desk-venue-said-hint = 300文字まで。そのままメールに入ります。
desk-venue-said-empty = お店へ伝えることを書いてください。
# $most (String) - A number
desk-venue-said-too-long = { $most }文字までで書いてください。
desk-venue-said-forbidden = 使えない文字が入っています。

# $state (String) - A venue's state
desk-venue-not-now = いまは「{ $state }」なので、できません。ほかの担当者が先に判断したのかもしれません。
desk-venue-done-approved = 申請を承認しました。ポスターのメールを送ります。
desk-venue-done-reviewed = 確認済みにしました。
desk-venue-done-refused = 申請を見送りました。理由のメールを送ります。
desk-venue-done-asked = 質問のメールを、連絡先へ送ります。
desk-venue-done-suspended = 利用を止めました。「利用を再開する」で元にもどせます。
desk-venue-done-reinstated = 利用を再開しました。
desk-venue-done-closed = 利用を終わりにしました。
desk-venue-done-kana = よみがなを保存しました。
desk-venue-done-contact = 連絡先を変えました。前のアドレスと新しいアドレスの両方へ、メールで知らせます。
desk-contact-title = 連絡先のメールアドレスを変える
desk-contact-link = 連絡先を変える
desk-contact-text = お店が前のメールを受け取れなくなったときに使います。前のアドレスと新しいアドレスの両方へ、変わったことを知らせます。前のメールのリンクは使えなくなります。ポスターのコードは変わりません。
desk-contact-label = 新しいメールアドレス
# $address (String) - A shop's mail address
desk-contact-now = いまの連絡先：{ $address }
desk-contact-none = いまの連絡先はありません。
desk-contact-checked = お店の人であることを、電話か対面で確かめました
desk-contact-unchecked = お店の人であることを確かめてから、印を付けてください。
desk-contact-button = 連絡先を変える
desk-venue-done-before = もう、そうなっています。何も変えていません。
