## A visitor's own page: ask for the link
my-title = See or delete your records
my-intro = Enter your email address and we send you a link to the page with your records. No password, no account.
my-hint = The address you used to check in.
my-button = Send me the link
my-can = What you can do there
my-can-text = See where you checked in and when, take the records along as a file, delete them. Stop notices, or get them again.
my-who = Only you can see it
my-who-text = The link goes to whoever reads the mail of that address. Neither the city’s staff nor the shops can see the page.
my-sent = Check your mail
my-sent-text = We send a link to the address you entered. It works for about one hour.
my-sent-late = If it does not come
my-sent-late-text = Look into your spam folder and check the address. We send at most one mail in { $minutes } minutes and { $letters } a day, however often you ask.
my-sent-same = This page is always the same
my-sent-same-text = It does not say whether there are records, so that nobody else can find out.
my-again = Enter the address again

## The letter
my-moment = { $time } on { $date }
my-letter-subject = [{ $city }] Your records
my-letter-body =
    Someone asked on the pages of { $city }, “{ $service }”, to see the records of this address.
    This link lets you see them, delete them, or stop notices.

    { $link }

    It works until { $until }.

    If it was not you, do nothing and throw this mail away. Nobody can see anything without the link.
    This is not a notice about an infection. Notices about infections never hold a link.
my-letter-foot =
    { $operator }
    { $service }, { $host }

## The page
my-page-title = Your records
my-page-intro = Looked up at { $time }. This page opens until { $until }.
my-looking = We are looking
my-looking-text = This takes a few seconds. Wait a moment and open the page again.
my-reload = Open again
my-none = No records
my-none-text = No records are kept for this address. Those past their time are erased.
my-visits = Records: { $count }
my-visit-until = kept until { $until }
my-visit-unknown = A place whose name is gone
my-forget = Delete
my-forget-label = Delete the record of { $venue } on { $date }
my-forget-all = Delete all records
my-forget-note = A deleted record cannot be brought back, and you will get no notice about that place on that day.
my-export = Download as a file
my-notices = Notices by email
my-notices-on = If someone infected was at the same place on the same day, this address gets a notice.
my-notices-off = This address gets no notices: you stopped them, or an earlier mail could not be delivered.
my-stop = Stop notices
my-start = Get notices again
my-doing = We got it
my-doing-text = It will be done in a moment. Wait a little and open the page again.
my-done-forget = The record is deleted
my-done-forget-all = All records are deleted
my-done-stop = Notices are stopped
my-done-start = You get notices again
my-gone = This link does not work
my-gone-text = The hour is over, or part of the link is missing. Ask for a new one.
my-gone-button = Get a link
