## A venue applies: what the short form asks besides
shop-postal = Postal code
shop-postal-hint = Full-width digits and no hyphen are fine.
shop-postal-wrong = A postal code has 7 digits. Example: 123-4567
shop-days = Days of the event (events only)
shop-opens = First day
shop-closes = Last day
shop-date-hint = Example: 2026-11-28. 20261128 and 2026/11/28 are fine too.
shop-closes-hint = For an event of one day, the same day.
shop-date-empty = Enter the day of the event.
shop-date-wrong = Begin with the year. Example: 2026-11-28
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
