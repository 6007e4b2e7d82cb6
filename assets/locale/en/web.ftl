## The frame of every page
skip = Skip to content
other-language = 日本語
foot-call = Worried about your health? Call
foot-about = How this service works
foot-my = See or delete my records
foot-check = Is this mail genuine?
foot-privacy = What we keep
error-prefix = Error:{" "}

## Check-in
check-in-kind = { $act ->
   *[other] Check in
}
check-in-button = { $act ->
   *[other] Check in
}
email-label = Email address
check-in-hint = No name or phone number needed.
check-in-after = We send no mail to confirm this. The next page is your receipt.
fact-use = Used for one purpose
fact-use-text = If someone who was here on the same day turns out to be infected, the city will email you.
fact-shop = The { $host } cannot see it
fact-shop-text = The { $host } learns only how many people checked in that day.
fact-until = Gone after { $until }
fact-until-text = Your record is kept until { $until }, then erased. You can also{" "}
fact-until-link = delete it yourself
fact-until-end = {" "}before then.
email-empty = Enter your email address.
email-no-at = The “@” is missing.
email-no-dot = Something is missing after the “@”.
email-example = {" "}Example: hanako@example.jp
email-refused = We cannot send to this address. Enter the one you normally use.
email-too-long = Too long. Use at most 254 characters.

## Confirmation
done-title = You are checked in
done-show = Please show this page to the { $host }’s staff
done-until-text = Your record is kept until { $until }, then erased.
done-until-link = See or delete it
done-mail = A mail only if there is something to tell
done-mail-text = The city writes if someone infected was here that day. Its mail holds no link.
done-stopped = If you once stopped our mails
done-stopped-text = Addresses that were stopped or did not work get no notices either.
done-stopped-link = Start again
done-more = Check in someone with you

## Typed code
code-title = Check in with a code
code-intro = If you cannot scan, type the 12 characters on the poster.
code-label = Code
code-hint-example = Example: 7K3M-9QXZ-2VTJ
code-hint = Small letters and no hyphens are fine.
code-button = Continue
code-help = Easily confused characters
code-help-text = O is read as 0 (zero), I and L as 1 (one). U is not used.
code-where = Where is the code?
code-where-text = Right below the QR code on the poster. Ask the staff if you cannot find it.
code-wrong = One of the characters looks wrong. Compare with the poster.
code-empty = Enter the code.

## A code that does not work
dead-code-title = This code does not work here
dead-code-text = The poster may have been replaced, or a character is different. It is not your fault.
dead-code-can = What you can do
dead-code-ask = Ask the staff for the new poster.
dead-code-retype = Type the code again from the poster.
dead-code-button = Type a code
dead-code-sticker = If a sticker covers the poster, do not scan it; tell the staff or the hotline.

## Trouble
busy-title = Please try again
busy-not-yet = Not checked in yet
busy-text = We are busy. What you typed is still here. Wait a moment and press again.
busy-clock = Our server is not sure of today’s date, so nothing can be recorded now. What you typed is still here. Wait a moment and press again.
busy-hint = You can send it as it is, or change it.
busy-button = Try again
busy-fails = If it keeps failing
busy-fails-text = Tell the staff it does not connect and go in. You can check in later today.
wait-title = Please wait a moment
wait-text = Wait a moment, then press again.
error-not-found = Page not found
error-not-found-text = The address is wrong, or the page is gone.
error-forbidden = We cannot accept this
error-forbidden-text = It seems to come from another site. Open our page again and retry.
error-method = This cannot be done here
error-method-text = Open the page again and retry.
error-too-large = Too long to accept
error-too-large-text = Shorten what you typed and try again.
error-bad-request = We could not read this
error-bad-request-text = Some of the characters sent were not readable. Open the page again and retry.
error-timeout = That took too long
error-timeout-text = Try again where the signal is better.
error-unavailable = Not available right now
error-unavailable-text = Wait a moment and try again. Nothing was recorded.
error-key = The service's key does not fit
error-key-text = What you typed may be right: the service cannot check it, because its secret key does not open what is stored. Please tell whoever runs the service, or ask an administrator to reset your account. Nothing was recorded.
error-internal = Something went wrong
error-internal-text = The fault is ours. It has been logged and we will mend it. Wait a moment and try again.
error-home = To the first page

## Home
home-title = Check in where you go, and be told if it matters
home-intro = If someone who was at the same place on the same day turns out to be infected, the city will email you.
home-scan = When you visit a place
home-scan-text = Scan the QR code at the entrance or your seat with your phone and enter your email address. No app, no account.
home-scan-button = Check in with a code
home-venue = For shops, facilities and events
home-venue-text = Apply and you get a QR code to print. It is free.
home-venue-own = You have applied: your own page
home-venue-letter = You got a letter from the city: activate your posters
home-venue-button = Apply
home-ill = When you feel unwell
home-ill-text = With fever, cough or fatigue, stay home and call { $hotline } ({ $hours }).

## How it works
about-title = How this service works
about-1 = A place applies
about-1-text = Shops, facilities and events apply, get their own QR code and post it at the entrance or the seats.
about-2 = You scan and check in
about-2-text = Visitors scan the code and enter an email address. We record the place, the date and the address, nothing else.
about-3 = Someone turns out to be infected
about-3-text = The health centre enters the places and dates. Two officials check it, then everyone recorded there that day gets a mail.
about-4 = If you get a notice
about-4-text = Watch your health and call { $hotline } if you have symptoms.

## What is kept
privacy-title = What we keep
privacy-who = Who
privacy-who-text = { $operator } uses it for this service only.
privacy-what = What
privacy-what-text = The place, the date and the email address. No name, phone number, time of day, position or device.
privacy-until = How long
privacy-until-text = For { $days } days after your visit. Then it is erased together with its key, and cannot be read even from a backup.
privacy-how = How it is protected
privacy-how-text = Addresses are sealed with a key of that day alone. Only the part that sends notices can open them; neither officials nor shops can.
privacy-mail = About our mails
privacy-mail-text = Notices hold no link. The city never asks for personal details or money by phone or text message.
privacy-ask = See, delete, stop
privacy-ask-text = You can see or delete your own records at any time.

## Is this mail genuine
check-title = Is this mail genuine?
check-intro = Enter the number from the mail’s subject. A mail that holds a link is not from the city.
check-label = Number of the notice
check-hint = Example: AB3K-9QXZ
check-button = Check
check-empty = Enter the number.
check-unreadable = This cannot be read as a number. Enter the eight characters in the subject.
check-genuine = This notice is from the city
check-genuine-text = The city sent notice { $number } on { $date }. Its text follows. If yours differs, it is not from the city.
check-unknown = There is no notice with this number
check-unknown-text = Compare the number. If it is right, the mail is not from the city: use no phone number or link in it, and ask the hotline.
check-subject = Subject

## The demonstration's mailbox
mailbox-title = Mails that arrived (demonstration)
mailbox-text = This is the demonstration’s mailbox. It holds { $count } mails. All recipients are made up.
mailbox-raw = As it came over the wire

## Who stands behind a venue
host-shop = shop
host-facility = facility
host-event = organiser

## A venue applies
apply-title = Apply for a place
apply-steps = Steps of the application
apply-step-1 = Fill in
apply-step-2 = Confirm by mail
apply-step-3 = Print the poster
apply-intro = Five fields (seven for an event), and all are needed.
apply-errors = Please check these fields
apply-name = Name
apply-name-empty = Enter the name.
apply-name-hint = It stands on the poster and on the visitors’ page.
apply-kind = Kind
apply-kind-empty = Choose a kind.
apply-choose = Choose one
apply-address-empty = Enter the address.
apply-address = Address
apply-email = Contact email
apply-email-hint = We send a mail to confirm it. Visitors do not see it.
apply-button = Send me the mail
apply-free = It is free
apply-free-text = Without a printer you can print at a convenience store.
apply-nothing = You get no visitor data
apply-nothing-text = You only see how many came. There is nothing to keep or guard.
apply-empty = Please fill this in.
apply-too-long = Too long. Please shorten it.
apply-forbidden = Some characters cannot be used. Use ordinary ones only.
confirm-title = Check your mail
confirm-late = Look among junk mail too. If the address was wrong, or after 5 wrong tries, apply again.
confirm-intro = We sent a mail to the contact address. Open its link, or type its 8 digits here. Both work for 7 days.
confirm-label = The 8 digits
confirm-hint = Full-width digits and spaces are fine.
confirm-button = Confirm
confirm-link-intro = This makes your email address the contact of this place. If you do not know it, just close this page.
confirm-digits = Enter the 8 digits from the mail.
confirm-refused = The digits are wrong or no longer work. Compare with the mail. After 5 wrong tries, apply again.
confirm-dead = This link does not work
confirm-dead-text = Its 7 days are over, the link was cut short, or there is a newer mail. Open the link in the newest one. If your application was never completed, please apply again.
confirmed-title = Your application has arrived
confirmed-stopped = The posters cannot be used at present. The mail you got says more.
confirmed-pending = An official will look at it. We will write to you when it is ready.

## A venue's posters
posters-title = Print your posters
posters-intro = You can start now. Print the poster and hang it at the entrance or the seats.
posters-until = This page opens until { $until }. Please keep the files.
posters-by-mail = To save the files, open the link in the mail you got.
posters-svg = Poster (SVG, A4)
posters-png = QR code alone (PNG)
posters-hang = How to print and hang it
posters-print = Print on A4 at 100%
posters-print-text = One PDF with all sizes is on your own page. A convenience store prints it, too.
posters-height = Middle of the QR code 110–130 cm above the floor
posters-height-text = Easy to scan both standing and from a wheelchair.
posters-inside = Inside the door, one per entrance
posters-inside-text = Not on a glass door that slides away when it opens.
posters-glare = Where no light is reflected
posters-glare-text = Once it hangs, scan it with your own phone to try it.
