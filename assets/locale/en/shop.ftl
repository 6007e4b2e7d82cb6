## A venue applies: what the short form asks besides
shop-postal = Postal code
shop-postal-hint = Full-width digits and no hyphen are fine.
shop-postal-empty = Enter the postal code.
shop-postal-wrong = A postal code has 7 digits. Example: 123-4567
shop-days = Days of the event (events only)
shop-opens = First day
shop-closes = Last day
shop-date-hint = Example: 2026-11-28. 20261128 and 2026/11/28 are fine too.
shop-closes-hint = For an event of one day, the same day.
shop-date-empty = Enter the day of the event.
shop-date-wrong = This is not a date. Begin with the year and give a day that exists. Example: 2026-11-28
shop-closes-past = This day is over. Check the year.
shop-closes-wrong = This is before the first day.
shop-days-only-events = Only events begin and end.
shop-phone-wrong = A telephone number has 10 to 15 digits. Example: 0123-45-6789
shop-number-wrong = Enter a number from 1 to 100000.
shop-message-link = No links, site names or email addresses, please.

## A code that lives, but not today
shop-not-yet-title = Not open yet
shop-not-yet = Check-in opens on the morning of { $day }
shop-not-yet-text = The event runs from { $opens } to { $closes }. Scan again on the day.
shop-not-yet-one = The event is on { $opens }. Scan again on the day.
shop-over-title = Over
shop-over = This event has ended
shop-over-text = It ended on { $closes }. Records made there are erased { $days } days after each day.
shop-paused-title = Not at present
shop-paused = There is no check-in here at present
shop-paused-text = This place takes no check-ins now. If it is open, please ask the staff.

## On the visitor's confirmation
shop-from = From the { $host }

## The letter that opens the own page
shop-link-subject = { $city }: open your own page
shop-link-body =
    This email opens your page in { $city }’s “{ $service }”. Use one of these:

    1. Open this link and press the button
    { $link }

    2. Type this number on the page where you asked
    { $digits }

    Good until { $until }, once.

    If you did not ask, do nothing. Somebody typed the wrong address, and no page is opened.

## Asking for the own page
shop-login-title = Open your own page
shop-login-intro = Enter the contact email of your application. We send you a mail that opens the page.
shop-login-label = Contact email
shop-login-button = Send me the mail
shop-login-new = Not applied yet?
shop-login-new-text = To begin, apply for your place.
shop-login-new-link = Apply for a place
shop-login-letter = You got a letter from the city?
shop-login-letter-text = Its code makes your posters work.
shop-login-lost = Your address has changed?
shop-login-lost-text = If you cannot read mail at the old address, phone { $hotline } ({ $hours }). The staff will replace it.
shop-sent-title = Check your mail
shop-sent-text = If a place is registered with this address, a mail is on its way. Open its link, or type its 8 digits here. Good for one hour, once.
shop-sent-button = Open the page
shop-sent-refused = The digits are wrong or no longer work. Compare with the mail. After 5 wrong tries, ask for a new mail.
shop-sent-late = No mail?
shop-sent-late-text = Look into the spam folder too. An address that differs from the application gets none.
shop-sent-again = Send me a new mail
shop-open-intro = Press the button to open your page. It stays open on this device for 12 hours.
shop-open-dead = This link does not work
shop-open-dead-text = It was used, its hour is over, or it was cut short. Please ask for a new mail.
shop-again-title = Please open your page again
shop-again-text = The 12 hours are over, or the page was not opened yet. Nothing was changed.

## The list and the own page
shop-page = Your own page
shop-list-title = Your places
shop-list-none = There is no place with this email address.
shop-list-new = Add a place
shop-logout = Leave this page
shop-others = Your other places
shop-paused-state = Paused
shop-print = Print all posters (PDF)
shop-print-text = Page one says how to print and where to hang them. A convenience store prints them too.
shop-print-parts = Print other sizes
shop-pending = An official is looking at it
shop-pending-text = We write to you when it is ready. Please print the posters then.
shop-refused = It could not be registered
shop-refused-again = You can put it right and apply again.
shop-suspended = The city has stopped its use
shop-suspended-text = Nobody can check in at present. Ask { $hotline } about starting again.
shop-closed = It is closed for good
shop-closed-text = Its codes no longer work. Records made there are erased { $days } days after each day.
shop-is-paused = Check-in is paused
shop-is-paused-text = Nobody can check in at present.
shop-unpause = Start again
shop-stale = Not scanned for a while
shop-stale-one = “{ $label }” was last scanned { $days } days ago.
shop-stale-never = “{ $label }” was never scanned.
shop-stale-ask = Please look whether it still hangs there.
shop-stale-more = There are { $count } more.
shop-unchecked = Please check your posters
shop-unchecked-text = Posters not checked for 30 days: { $count }. Look also whether a sticker covers one.
shop-check = Check the posters
shop-numbers = People who checked in
shop-today = Each day’s number appears at six the next morning.
shop-coverage = About { $tenths } in 10 of your guests check in.
shop-coverage-low = Fewer than 1 in 10 of your guests check in. Is the poster easy to see at the entrance or till?
shop-coverage-ask = Enter your guests per day to see about how many of them check in.
shop-chart = Check-ins of the last 7 days. The table below has the numbers.
shop-table = As a table ({ $days } days)
shop-table-label = Table of check-ins
shop-day = Day
shop-count = Check-ins
shop-few = <5
shop-posters = Posters
shop-posters-list = List of posters
shop-place = Place
shop-last = Last scan
shop-last-today = Today
shop-last-yesterday = Yesterday
shop-last-days = { $days } days ago
shop-last-never = None in { $days } days
shop-checked = Checked
shop-checked-never = Not yet
shop-posters-all = See all { $count }
shop-posters-manage = Add or change posters
shop-city = From the city
shop-city-none = In the last { $days } days the city told you of no infected visitor.
shop-city-told = On { $day } the city wrote about an infected visitor (number { $number }). The mail you got says more.
shop-city-corrected = On { $day } the city corrected it: the notice was a mistake.
shop-city-asked = A question from the city
shop-city-asked-on = Asked on { $day }
shop-city-answer = Your answer
shop-city-answer-empty = Write your answer.
shop-city-answer-hint = Up to 300 characters. Only the city’s staff read it.
shop-city-answer-button = Send the answer
shop-city-answered = Answered on { $day }
shop-settings = Your details
shop-edit = Change details
shop-pause = Pause check-in
shop-close = Close for good
shop-monthly-on = Get the monthly mail
shop-monthly-off = Stop the monthly mail

## Editing
shop-edit-title = Change details
shop-edit-intro = A new name changes no code. Posters that hang stay good.
shop-edit-kana = Reading in kana (optional)
shop-edit-phone = Telephone (optional)
shop-edit-phone-hint = Only the city’s staff see it.
shop-edit-guests = Guests per day (optional)
shop-edit-guests-hint = Roughly, on a usual day.
shop-edit-day = Begin of the day
shop-edit-day-hint = If you are open past midnight, choose a time after closing.
shop-edit-day-time = From { $time }
shop-edit-message = A word to those who checked in (optional)
shop-edit-message-hint = Up to 80 characters. It stands on their confirmation. No links.
shop-edit-named = A notice about an infected visitor may name this place
shop-edit-listed = The list of places that take part may show its name and address
shop-edit-save = Save

## Posters
shop-posters-title = Add or change posters
shop-add-title = Add one
shop-add-label = Name of the spot
shop-label-empty = Enter the name of the spot.
shop-label-there = “{ $label }” is there already. Choose another name or number.
shop-add-hint = For example: Entrance, Till, Upstairs. Up to 40 characters.
shop-add-button = Add a poster
shop-run-title = Add several with numbers
shop-run-label = Name of the spots
shop-run-hint = A number follows it. For example: Table
shop-run-first = First number
shop-run-last = Last number
shop-run-button = Add them all
shop-run-wrong = Enter first and last number, the smaller first. At most { $most } posters at once.
shop-too-many = A place has at most { $most } posters, removed ones included.
shop-poster-no = No. { $no }
shop-poster-pdf = Print this poster (PDF, all sizes)
shop-poster-svg = Poster (SVG, A4)
shop-poster-png = QR code alone (PNG)
shop-poster-code = Code
shop-poster-nfc = Address for an NFC tag
shop-rename-button = Change the name of the spot
shop-rotate-title = Replace the code
shop-rotate-text = The code dies within 10 seconds. The same spot gets a new one. Print it and hang it in place of the old poster.
shop-rotate-button = Replace the code
shop-revoke-title = Remove this poster
shop-revoke-text = The code dies within 10 seconds and never comes back. Records are kept.
shop-revoke-button = Remove this poster
shop-pause-text = Nobody can check in until you start again. Records are kept.
shop-close-text = All codes die and never come back. Records are kept and erased { $days } days after each day. Please take the posters down.
shop-back = Back

## Checking posters
shop-check-title = Check the posters
shop-check-intro = Scan each poster where it hangs with the camera of this phone. You see which it is, and the day is kept.
shop-check-begin = Begin
shop-check-end = End
shop-check-on = You are checking now
shop-check-on-text = Scan the posters with the camera. It ends after 30 minutes.
shop-check-type = If the camera does not read it
shop-check-type-label = The poster’s code
shop-check-type-button = Check by code
shop-check-progress = { $done } of { $all } checked today.
shop-check-left = Not checked yet
shop-check-left-more = { $count } more
shop-check-good = Checked
shop-check-good-text = This is no. { $no }, “{ $label }”. It works.
shop-check-wrong-place = If it hangs elsewhere than at “{ $label }”, please move it.
shop-check-dead = This poster does not work
shop-check-dead-text = This is the old no. { $no }, “{ $label }”. Take it down and hang the newly printed one.
shop-check-foreign = This is no poster of your place
shop-check-foreign-text = A sticker may cover yours. Take it off and scan the poster below. If in doubt, ask the city’s staff.
shop-check-next = Now scan the next one.
shop-check-back = Back to checking

## What was done
shop-done-confirmed = Your address is confirmed. Print the posters and hang them up.
shop-done-confirmed-pending = Your address is confirmed.
shop-done-saved = Saved.
shop-done-moved = Saved. As name or address changed, an official will look at it. You can go on meanwhile.
shop-done-added = Posters added. Print them and hang them up.
shop-done-renamed = The spot has a new name. The code is the same.
shop-done-rotated = The code was replaced. Print the new poster and hang it in place of the old.
shop-done-revoked = The poster was removed. If it still hangs, take it down.
shop-done-paused = Check-in is paused. “Start again” ends that.
shop-done-unpaused = Check-in works again.
shop-done-closed = It is closed for good. Please take the posters down.
shop-done-answered = Your answer was sent to the city’s staff.
shop-done-mail-on = You will get the monthly mail.
shop-done-mail-off = The monthly mail is stopped.
shop-done-already = It was so already. Nothing was changed.
shop-done-checked-end = The round is over.

## A venue that may be there already
shop-twin = This place may be registered already
shop-twin-text = There was an application with the same name and address. If somebody else has applied, this one is not needed. You can also go on.

## On the officials' desk
shop-desk-answer = The shop’s answer
shop-desk-paused = The shop has paused check-in
shop-desk-postal = Postal code
shop-desk-phone = Telephone
shop-desk-days = Days of the event
shop-desk-message = A word to those who checked in

## What the audit chain tells
shop-did-edit = Changed its details
shop-did-pause = Paused check-in
shop-did-unpause = Started check-in again
shop-did-monthly-mail = Changed whether it gets the monthly mail
shop-did-answer = Answered the city
shop-did-rename = Renamed a poster’s spot

## The monthly letter
shop-monthly-subject = { $city }: check-ins of the last 4 weeks
shop-monthly-people = { $count } (without days of fewer than 5)
shop-monthly-few = fewer than 5 each day
shop-monthly-body =
    “{ $name }” in “{ $service }”, from { $first } to { $last }:

    Check-ins: { $people }

    { $told }

    All numbers and your posters are on your own page.
    { $page }

    This mail comes once a month. To stop it, open this and press the button.
    { $off }
shop-monthly-silent = Nobody scanned these posters in the 4 weeks. Please look whether they still hang there.
shop-monthly-off-text = This stops the monthly mail. Your posters stay as they are.
shop-monthly-again = You can change this any time on your own page.
