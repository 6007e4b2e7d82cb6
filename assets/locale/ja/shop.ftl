## A venue applies: what the short form asks besides
shop-postal = 郵便番号
shop-postal-hint = 全角でも、ハイフンがなくても使えます。
shop-postal-wrong = 郵便番号は7桁の数字です。例：123-4567
shop-days = 催しの期間（催しのときだけ）
shop-opens = はじまる日
shop-closes = おわる日
shop-date-hint = 例：2026年11月28日。20261128 や 2026/11/28 でも使えます。
shop-closes-hint = 1日だけの催しは、はじまる日と同じ日です。
shop-date-empty = 催しの日を入れてください。
shop-date-wrong = 年から入れてください。例：2026年11月28日
shop-closes-wrong = はじまる日より前になっています。
shop-days-only-events = 期間があるのは催しだけです。
shop-phone-wrong = 電話番号は10〜15桁の数字です。例：0123-45-6789
shop-number-wrong = 1から100000までの数を入れてください。
shop-message-link = リンク、サイトの名前、メールアドレスは入れられません。

## A code that lives, but not today
shop-not-yet-title = まだ始まっていません
# $day (String) - A date without its year
shop-not-yet = 登録は、{ $day }の朝から
# $opens (String) - A date with its weekday
# $closes (String) - A date with its weekday
shop-not-yet-text = 開催は{ $opens }〜{ $closes }です。当日、会場でもう一度読み取ってください。
# $opens (String) - A date with its weekday
shop-not-yet-one = 開催は{ $opens }です。当日、会場でもう一度読み取ってください。
shop-over-title = 終わりました
shop-over = この催しは終わりました
# $closes (String) - A date with its weekday
# $days (String) - Days for which a visit is kept
shop-over-text = { $closes }に終わりました。すでに登録した記録は、それぞれの日から{ $days }日で消えます。
shop-paused-title = お休みしています
shop-paused = いまは登録をお休みしています
shop-paused-text = この店舗・施設は、いま登録を受け付けていません。開いているときは、スタッフの方にお尋ねください。

## On the visitor's confirmation
# $host (String) - お店, 施設 or 主催者
shop-from = { $host }から
