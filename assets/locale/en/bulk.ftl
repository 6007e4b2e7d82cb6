# Lists of venues in and out, venues that the city enters, and what is published about all of them.
bulk-status-invited = Invited by post
bulk-table = Table { $no }

## Columns of a list
bulk-col-name = Name
bulk-col-kana = Reading
bulk-col-kind = Kind
bulk-col-postal-code = Postal code
bulk-col-address = Address
bulk-col-contact-email = Email address
bulk-col-phone = Telephone
bulk-col-guests = Guests per day
bulk-col-tables = Tables
bulk-col-opens-on = First day
bulk-col-closes-on = Last day
bulk-col-reference = Reference
bulk-hint-name = Required. Up to 100 characters
bulk-hint-kana = In kana
bulk-hint-kind = Required. Restaurant or café, Bar or live house, Shop, Library, museum or public facility, School, Medical or care, Office, Event, Other
bulk-hint-postal-code = 7 digits
bulk-hint-address = Required. Up to 200 characters
bulk-hint-contact-email = Leave empty if unknown (the owner is invited by post)
bulk-hint-phone = If known
bulk-hint-guests = If known. A number
bulk-hint-tables = Posters for tables. One for the entrance is always made
bulk-hint-opens-on = For an event. 2026-11-28
bulk-hint-closes-on = For an event. 2026-11-29
bulk-hint-reference = The city's own number. Up to 60 characters

## The letter to an owner whose venue the city entered
bulk-entered-subject = [{ $city }] Your posters are ready
bulk-entered-body =
    { $city } has entered "{ $name }" in { $service }.
    From today, people can scan your posters to check in.

    Print the posters here.
    { $page }
    The link works until { $until }.

    If this is not your venue, call { $hotline } ({ $hours }).

## The letter to an owner who was told of a registration that the city took back
bulk-withdrawn-subject = [{ $city }] A registration was withdrawn
bulk-withdrawn-body =
    { $city } has withdrawn the registration of "{ $name }" in { $service } that we wrote to you about.
    We are sorry for the trouble. There is nothing you need to do.

    If you printed posters, please take them down. The link in the earlier mail no longer works.

    If you have questions, call { $hotline } ({ $hours }).

## The letter that proves a mailbox which an owner named while activating
bulk-mailbox-subject = [{ $city }] Please confirm your email address
bulk-mailbox-body =
    This address was given as the contact of “{ $name }” for “{ $service }”.
    The posters work already. To open the page with your numbers, confirm it in one of two ways.

    1. Open this link and press the button
    { $link }

    2. Type this number on the page where you activated the posters
    { $digits }

    Both work until { $until }.

    If you did not give it, do nothing. The address will not be used and is erased.

## Columns
bulk-col-state = State
bulk-col-id = ID
bulk-example-name = Example: Café Hidamari
bulk-example-kana = きっさ ひだまり
bulk-example-address = 1-2-3 Chuo, Aoba
bulk-example-reference = 2026-001

## The list on the desk
bulk-import-link = Import a list
bulk-export-xlsx = Export for Excel
bulk-export-csv = Export as CSV
bulk-import-title = Import a list of venues
bulk-import-intro = Enter many venues at once, from a list of food licences for example. The file is checked first; nothing is made before you have seen what it would make.
bulk-file = File with the list
bulk-file-hint = CSV (UTF-8 or Shift_JIS) or Excel (.xlsx). Up to { $max } rows and 2 MB.
bulk-check-button = Check the file
bulk-columns-title = Columns of the list
bulk-columns-text = The first row holds the names of the columns, in any order; other columns do no harm. Rows that begin with # are not read.
bulk-template-xlsx = Template (Excel)
bulk-template-csv = Template (CSV)
bulk-column = Column
bulk-column-hint = What to enter
bulk-row = Row
bulk-what = What to correct
bulk-earlier-title = Earlier imports
bulk-when = When
bulk-who = Who
bulk-venues = Venues
bulk-waiting = Waiting
bulk-posters = Posters
bulk-activated = Activated
bulk-by-command-line = Command line
bulk-wrong-title = { $count } things to correct
bulk-wrong-text = Nothing was imported. Correct the file and choose it again.
bulk-wrong-list = Things to correct
bulk-first-shown = The first { $count } are shown.
bulk-file-none = Choose a file.
bulk-file-too-large = The file is too large. Up to 2 MB.
bulk-file-too-large-unzipped = There is too much in the file. Remove sheets and pictures, or save it as CSV.
bulk-file-too-many-rows = Too many rows. Import up to { $max } at a time.
bulk-file-too-many-columns = Row { $row } has too many columns. Up to { $max }.
bulk-file-cell-too-long = Row { $row } has a cell of more than { $max } characters. A quotation mark (") may not be closed.
bulk-file-cell-error = Row { $row } has a formula without a result, such as #N/A.
bulk-file-encoding = The characters cannot be read. Save it as CSV in UTF-8 or Shift_JIS.
bulk-file-old = This is an old Excel file or one with a password. Save it as .xlsx or CSV without a password.
bulk-file-unreadable = The file cannot be read. Open it in Excel and save it again as .xlsx or CSV.
bulk-file-empty = There are no venues in the list.
bulk-head-twice = There are two columns for "{ $column }".
bulk-head-missing = These columns are missing in the first row: { $columns }
bulk-row-empty = This is empty.
bulk-row-too-long = This is too long.
bulk-row-forbidden = There are characters that cannot be used, such as line breaks.
bulk-row-undeliverable = We cannot send to this address.
bulk-row-unknown = This kind is not known. Use the words under "Columns of the list".
bulk-row-too-many = Too many. Up to 499 tables for one venue, and { $max } posters for the whole list.
bulk-row-out-of-range = Enter a number.
bulk-row-postal-code = Enter 7 digits.
bulk-row-phone = Enter a telephone number of at least 10 digits.
bulk-row-date = Enter a date with its year, like 2026-11-28.
bulk-row-ends = This is before the first day.
bulk-row-events = Only an event has days.
bulk-row-wrong = This cannot be read.
bulk-checked-title = Check before importing
bulk-checked-intro = Nothing was imported yet. Only you see this page, for one hour.
bulk-by-mail = By email
bulk-by-post = By post
bulk-way = How the owner is told
bulk-ignored-title = Columns that are not read
bulk-twin-row = Row { $row }
bulk-twin-earlier = same as row { $row }
bulk-twin-venue = entered already
bulk-again-title = The same file was imported within the last hour
bulk-again-link = See that import
bulk-import-button = Import { $count } venues
bulk-other-file = Choose another file
bulk-rows-title = Venues to be made
bulk-batch-title = Import of { $at }
bulk-batch-by = Imported by { $who }
bulk-printed = ({ $count } letters printed)
bulk-members-title = Venues of this import
bulk-to-lists = Back to imports
bulk-done-imported = { $venues } venues and { $posters } posters were made.
bulk-done-before = This was imported already. Nothing was done twice.
bulk-letters-title = Print the letters
bulk-letters-text = Letters and posters in one PDF, for the venues that are not active yet. The codes stay the same however often you print. They work for 180 days from the day of printing.
bulk-letters-button = Letters and posters (PDF)
bulk-letters-part = Rows { $from } to { $to }
bulk-renew = Replace the code of the letter
bulk-renew-done = The code was replaced. The old letter no longer works; print a new one.

## What a list leaves out
bulk-left-title = Rows left out
bulk-left-text = To import them too, tick them and check again.
bulk-left-known = { $count } venues that exist already (importing them makes them twice)
bulk-left-hidden = { $count } hidden rows (hidden by hand or by a filter)
bulk-left-struck = { $count } rows struck out
bulk-left-known-rows = Show the rows of existing venues ({ $count })
bulk-left-unseen-rows = Show hidden and struck-out rows ({ $count })
bulk-new = To be imported
bulk-kept-why = Why it stays
bulk-left-recheck = Check again with these
bulk-left-known-choice = Import venues that exist already (makes them twice)
bulk-left-hidden-choice = Import hidden rows
bulk-left-struck-choice = Import rows that are struck out
bulk-twin-by-number = same number
bulk-nothing-new = There are no new venues. Nothing will be imported.
bulk-hidden-columns = Columns hidden in the sheet were read too: { $columns }

## An imported list: its mails, and taking it back
bulk-mails-title = Mails to the venues
bulk-mails-wait = { $count } mails wait and have not been sent.
bulk-mails-say = The mail says: the city has entered your venue; print your posters from this link; call us if this is not your venue.
bulk-mails-release = Send { $count } mails
bulk-mails-released = Released by { $who } on { $at }.
bulk-mails-stand = { $posted } handed over for sending, { $held } waiting for their turn.
bulk-mails-left-out = { $count } not sent, for the venue is no longer in use.
bulk-mails-done = The mails will be sent. Many mails leave a few at a time.
bulk-mails-before = They were released already. Nothing was done the second time.
bulk-undo-title = Undo this import
bulk-undo-text = Possible until { $until }. The venues are closed, and the codes of their posters and letters stop working. Mails that wait are not sent. Whoever got a mail is told by mail that the registration was withdrawn.
bulk-undo-keeps = These stay: venues where somebody has checked in, that their owners have opened, or that were changed.
bulk-undo-printed = { $count } letters were printed. Throw them away.
bulk-undo-sure = Undo this import
bulk-undo-tick = Tick this to undo the import.
bulk-undo-button = Undo the import
bulk-undo-over = It could be undone until { $until }.
bulk-undone-done = The import was undone.
bulk-undone-before = It was undone already. Nothing was done the second time.
bulk-undone-title = This import was undone
bulk-undone-by = By { $who } on { $at }. The same list can be imported again.
bulk-undone-withdrawn = { $count } mails were not sent.
bulk-undone-recalled = { $count } mails tell owners that it was withdrawn.
bulk-kept-title = { $count } venues stay
bulk-kept-checked-in = Somebody has checked in
bulk-kept-opened = Its owner has opened it
bulk-kept-changed = It was changed
bulk-kept-closed = It was closed before
bulk-mails = Mails
bulk-earlier-wait = { $count } wait
bulk-earlier-undone = Undone
bulk-earlier-released = Released
bulk-earlier-none = None

## The owner activates
bulk-activate-title = Activate your posters
bulk-activate-code-intro = Enter the code on the letter from the city.
bulk-activate-code = Code on the letter
bulk-activate-code-hint = The 12 characters in the letter, not those of a poster. Small letters and no hyphens are fine.
bulk-code-wrong = One of the characters looks wrong. Compare with the letter.
bulk-activate-intro = Is this your venue? Press the button, and the posters you received work from today.
bulk-activate-mail = Email address (may be left out)
bulk-activate-mail-hint = If you give one, we mail you a link to a page with your numbers and posters.
bulk-activate-button = Activate the posters
bulk-activate-fact-then = Then just hang them
bulk-activate-fact-then-text = Hang the posters at the entrance, the till and on the tables.
bulk-activate-fact-wrong = If name or address is wrong
bulk-activate-fact-wrong-text = Do not press the button; call { $hotline }.
bulk-activated-title = Your posters work
bulk-activated-note = Activated.
bulk-activated-text = From today, people can scan your posters. Hang them where they are easy to see.
bulk-activated-mail-title = We sent you an email
bulk-activated-mail-text = Open the link in the email and press the button, or type its 8 digits here. Your own page opens.
bulk-activated-late = Look among junk mail too. If the address was wrong, call { $hotline }. Your posters go on working.
bulk-activate-dead-title = This code does not work
bulk-activate-dead-text = A character is different, the letter is an old one, or this is the code of a poster.
bulk-activate-dead-one = Type the 12 large characters of the letter.
bulk-activate-dead-two = If it still does not work, call { $hotline } ({ $hours }).
bulk-activate-dead-button = Type a code

## Open to all
bulk-foot-list = Participating venues
bulk-home-list = Find participating venues
bulk-list-title = Participating venues
bulk-list-intro = Places that hang our posters and agreed to be named.
bulk-list-search = Search
bulk-list-search-hint = Part of a name, its reading or an area
bulk-list-search-button = Search
bulk-list-empty = None yet. Places that agree to be named will stand here.
bulk-list-none = Nothing was found. Try a shorter word.
bulk-list-found = { $count } found.
bulk-list-before = Previous page
bulk-list-next = Next page
bulk-open-title = Open data
bulk-open-intro = How much { $service } is used in { $city }, free for anybody to use. There is nothing about persons in it.
bulk-open-venues = Participating venues
bulk-open-venues-text = Posters are in use in { $count } places.
bulk-open-venues-csv = Venues that agreed (CSV)
bulk-open-venues-json = Venues that agreed (JSON)
bulk-open-days = Check-ins per day
bulk-open-days-text = Numbers of complete days. Days with fewer than 5 are shown as <5.
bulk-open-days-none = No day is complete yet.
bulk-open-date = Date
bulk-open-check-ins = Check-ins
bulk-few = <5
bulk-open-days-csv = Check-ins per day (CSV)
bulk-open-days-json = Check-ins per day (JSON)
bulk-open-licence = Licence
bulk-open-licence-text = Published under Creative Commons Attribution 4.0 International. Free to use if you name { $city } as the source.

## What the record of acts says
bulk-did-activate = Activated a venue by the code of a letter
bulk-did-confirm-mailbox = Confirmed the mail address of a venue
bulk-did-export = Exported the list of venues
bulk-did-import = Imported a list of venues
bulk-did-print-letters = Printed letters to venues
bulk-did-renew-letter = Replaced the code of a letter
bulk-fact-venues = { $value } venues
bulk-fact-invited = { $value } invited by post
bulk-fact-letters = { $value } letters
bulk-did-release-mails = Released the mails of an imported list
bulk-did-undo-import = Undid the import of a list
bulk-fact-known = { $value } left out as known
bulk-fact-hidden = { $value } left out as hidden
bulk-fact-struck = { $value } left out as struck out
bulk-fact-kept = { $value } kept
bulk-fact-withdrawn = { $value } mails not sent
bulk-fact-recalled = { $value } mails tell of it
