## The mail of a correction. Fixed words: names neither venue nor date, holds no link and no number but the hotline.

delivery-correction-subject = [{ $city }] Correction ({ $number }) of notice { $corrected }
delivery-correction-body =
    The earlier notice { $corrected } from { $city } was a mistake.

    Please disregard it: you need not do what it asked of you. We are sorry for the worry and the trouble.

    If you have questions or feel unwell, call { $hotline } ({ $hours }). This mail holds no link. The city never asks for personal data or money by phone or text message.

    To check that this mail is genuine, enter number { $number } at “Check a notice” on the website of { $city }.

## Letters to those who may approve.

delivery-stopped-subject = [{ $service }] All sending was stopped
delivery-stopped-body =
    At { $time } on { $date }, { $by } stopped all notices and corrections.
    Reason: { $reason }
    Other mails, such as log-in invitations, still go out.
    An approver can let sending go on, under “Delivery” in the console.
delivery-restored-subject = [{ $service }] Sending was stopped: the data were set back to an older state
delivery-restored-body =
    At { $time } on { $date } the database was found in a state older than the last mail that was sent.
    All notices and corrections are stopped, so that nobody gets the same notice twice.
    Look at how the alerts stand after the restore, then let sending go on under “Delivery” in the console. An approver can do that.
delivery-resumed-subject = [{ $service }] Sending goes on
delivery-resumed-body =
    At { $time } on { $date }, { $by } let notices and corrections go on.
    If you did not expect this, stop all sending in the console and tell an administrator at once.
delivery-correction-held-subject = [{ $service }] Correction { $number } of notice { $corrected } goes out at { $time }
delivery-correction-held-body =
    Correction { $number } of notice { $corrected } was approved. It is held until { $time } on { $date }, then { $people } mails are sent.
    It goes only to those who got the earlier notice, or may have got it.
    If something is wrong, cancel it in the console before then.
    The text:

## The letter to a venue's contact.

delivery-venue-subject = [{ $city }] A notice ({ $number }) concerns your venue
delivery-venue-body =
    To whoever looks after “{ $name }”

    { $city } has sent a notice about an infection (number { $number }) by email to people who checked in at your venue.
    Somebody who was there on the same day was later found to be infected. It does not mean that you did anything wrong.

    To protect that person we cannot tell you the date, how many people, or who. If you need to close for a time, the health centre will contact you separately.
    If visitors ask, please refer them to the hotline { $hotline } ({ $hours }).

## Why a mail waits or ended.

delivery-why-busy = Refused: too many connections or mails
delivery-why-later = The server cannot take it now
delivery-why-mailbox-full = The mailbox is full
delivery-why-no-mailbox = There is no such mailbox
delivery-why-policy = Refused by the receiver’s rules
delivery-why-too-large = Refused as too large
delivery-why-no-connection = Our mail server cannot be reached
delivery-why-lost = The connection ended before an answer
delivery-why-no-answer = Handed over, no answer: it may have arrived
delivery-why-tls = No encrypted connection
delivery-why-log-in = Our mail server does not let us in
delivery-why-paused = The alert is paused
delivery-why-expired = Tried for 72 hours without success
delivery-why-given-up = An official gave it up
delivery-why-interrupted = The program ended while sending: it may have arrived
delivery-why-erased = The person erased the record
delivery-why-unopenable = The record cannot be opened
delivery-why-internal = A fault in the program: tell an administrator
delivery-why-refused = Refused by the receiver
