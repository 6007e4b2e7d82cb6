## The mail of a correction. Fixed words: names neither venue nor date, holds no link and no number but the hotline.

delivery-correction-subject = [{ $city }] Correction ({ $number }) of notice { $corrected }
delivery-correction-body =
    The earlier notice { $corrected } from { $city } was a mistake.

    Please disregard it: you need not do what it asked of you. We are sorry for the worry and the trouble. Notices with other numbers are not concerned.

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
delivery-refused-subject = [{ $service }] The mail server refuses everybody alike: sending was stopped ({ $answer })
delivery-refused-body =
    At { $time } on { $date } the mail server refused several people with the same answer ({ $answer }). The cause is probably not with them but in our own settings.
    All sending stopped by itself, so that no other mails are refused. The refused mails are not lost. They are sent again once this is mended.
    Tell whoever runs the mail server this answer. Look at the DNS of the sender's domain (MX, SPF), the log-in to the server, its permission to send, and block lists.
    Once it is mended, an approver lets sending go on under “Delivery” in the console. One mail goes first; if it is taken, the rest follows.
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
delivery-why-filter = Refused by the recipient’s filter
delivery-why-quota = Refused: no more mails may be sent for now
delivery-why-too-large = Refused as too large
delivery-why-no-connection = Our mail server cannot be reached
delivery-why-lost = The connection ended before an answer
delivery-why-no-answer = Handed over, no answer: it may have arrived
delivery-why-tls = No encrypted connection
delivery-why-log-in = Our mail server does not let us in
delivery-why-paused = The alert is paused
delivery-why-night = Waits for the hours in which notices may leave
delivery-why-correction = Waits for a correction to the same person to go first
delivery-why-turn = Waits for another mail or alert to go first
delivery-why-expired = Tried for 72 hours without success
delivery-why-given-up = An official gave it up
delivery-why-interrupted = The program ended while sending: it may have arrived
delivery-why-erased = The person erased the record
delivery-why-unopenable = The record cannot be opened
delivery-why-internal = A fault in the program: tell an administrator
delivery-why-refused = Refused by the receiver

## The pages about delivery.

delivery-few = <20
delivery-provider-other = Others
delivery-sent = Sent
delivery-sent-text = Taken by the receiver’s mail server
delivery-queued = Queued
delivery-queued-text = Waiting for its turn
delivery-deferred = Deferred
delivery-deferred-text = Not taken for now; tried again for up to 72 hours
delivery-ambiguous = No answer
delivery-ambiguous-text = May have arrived; sent once more after 15 minutes
delivery-merged = Merged
delivery-merged-text = One mail for each person
delivery-suppressed = Suppressed
delivery-suppressed-text = Wants no mails, or could not be reached before
delivery-bounced = Bounced
delivery-bounced-text = There is no such mailbox
delivery-cancelled = Cancelled
delivery-cancelled-text = Taken back before it was sent
delivery-dead = Dead
delivery-dead-text = The reason is in the table of reasons
delivery-sum = Sum
delivery-sum-text = The number of records matched
delivery-ambiguous-attempts = { $attempts } attempts so far had no answer. At most so many people may have got it twice.
delivery-repeats = { $repeats } times so far a mail was sent again after it had ended.
delivery-speed = Rate
delivery-per-minute = a minute
delivery-left = Left
delivery-about = about{" "}
delivery-minutes = min
delivery-oldest = Oldest waiting
delivery-progress = Progress of sending
delivery-states = Delivery
delivery-states-table = Table of states
delivery-state = State
delivery-mails = Mails
delivery-meaning = Meaning
delivery-providers = By provider
delivery-providers-few = below 20 no number is shown
delivery-providers-none = With fewer than 20 mails, no numbers by provider are shown.
delivery-providers-table = Table by provider
delivery-provider = Domain
delivery-put-off = Times deferred
delivery-reasons = Reasons
delivery-reasons-none = No mail was refused.
delivery-reasons-table = Table of reasons
delivery-reply = Reason and reply
delivery-next = Next try
delivery-next-now = soon
delivery-next-other-day = a later day, { $time }
delivery-next-none = none
delivery-reload = Show the latest
delivery-alert = Alert { $number }
delivery-correction = Correction { $number }
delivery-alert-draft = Draft
delivery-alert-submitted = Waiting for approval
delivery-alert-held = Held
delivery-alert-sending = Sending
delivery-alert-paused = Paused
delivery-alert-done = Done
delivery-alert-cancelled = Cancelled
delivery-alerts = By alert
delivery-alerts-none = No alert was sent yet.
delivery-alerts-all = See all alerts
delivery-alerts-table = Table of alerts
delivery-alert-number = Alert
delivery-waiting = Waiting
delivery-failed = Failed
delivery-steps = The steps of an alert
delivery-step-1 = Stays and text
delivery-step-2 = Submit
delivery-step-3 = Approve
delivery-step-4 = Hold
delivery-step-5 = Send
delivery-step-6 = Done
delivery-pause = Pause
delivery-resume = Resume
delivery-cancel = Cancel the rest
delivery-retry = Try again now
delivery-send-again = Send refused mails again
delivery-give-up = Give up the rest
delivery-correct = Send a correction
delivery-stop-correct = Stop it and send a correction
delivery-corrects = Corrects alert { $number }
delivery-corrected-by = See the correction ({ $number })
delivery-request-pending = The last request is being carried out. It will end soon.
delivery-late-title = { $visits } records are not told yet
delivery-late-text = They came after the release, or their earlier notice was withdrawn. An approver must look before they are sent.
delivery-late-refused = Last time there were far more than had been looked at, so nothing was sent. Look at the number again.
delivery-late-pending = They are being prepared.
delivery-late-look = Look at { $visits } and send
delivery-late-confirm = The same notice goes to { $visits } records that are not told yet.
delivery-late-button = Send to { $visits }

## Pages that ask before something is done.

delivery-cancel-title = Cancel the rest?
delivery-cancel-text = { $waiting } waiting mails will not be sent. { $sent } that were sent cannot be taken back.
delivery-cancel-held-text = Nothing was sent yet. If you cancel now, nobody is told.
delivery-cancel-nobody-text = This alert reached nobody. Once it is taken back, another alert about the same venue and day can reach these people.
delivery-cancel-final = A cancelled alert cannot go on.
delivery-retry-text = { $mails } mails that failed for a passing reason are tried again now, also those that expired or were given up.
delivery-retry-not = Mails that were refused for good, and mails that may have arrived, are not tried again.
delivery-retry-button = Try { $mails } again
delivery-send-again-title = Send refused mails again?
delivery-send-again-text = Mails that ended because they were refused are sent once more, by the reasons that you tick. Do so when the cause is mended.
delivery-send-again-not = Nothing goes to people who want no mails, who erased their record, who got another mail of this alert, or who may have got it.
delivery-send-again-legend = Reasons
delivery-send-again-reason = { $meaning }: { $mails }
delivery-send-again-none = Tick one reason at least.
delivery-send-again-button = Send these mails
delivery-give-up-text = { $mails } waiting mails will not be sent. These people get no mail.
delivery-give-up-not = Mails in flight end as they end. “Try again now” brings the others back.
delivery-give-up-button = Give up { $mails }
delivery-correct-text = { $people } people who got this notice, or may have got it, get a mail in fixed words that says it was a mistake.
delivery-correct-next = Like an alert it is submitted, and somebody else approves it. The next page shows the text.
delivery-correct-gone = { $gone } people cannot be reached any more: their addresses are past retention and erased.
delivery-correct-button = Prepare the correction
delivery-stop-correct-text = This alert ends here. { $waiting } mails that have not left are not sent. This cannot be undone.
delivery-stop-correct-button = Stop it and prepare the correction
delivery-refused-not-yours = Only who submitted it, or an approver, can do this.
delivery-refused-count = The number has changed. Look again.
delivery-refused-retention = The addresses are past retention and erased: no correction can be sent.
delivery-refused-nobody = Nobody got this notice.
delivery-refused-nothing = There is no such mail any more.
delivery-refused-corrected = This alert is corrected. Its mails cannot be sent again.
delivery-refused-pending = The last request is being carried out. Look again when it is done.
delivery-refused-state = The alert has changed, so this cannot be done.

## Stopping everything.

delivery-stop-all = Stop all sending
delivery-stop-text = All notices and corrections stop within seconds. Mails in flight end as they end.
delivery-stop-letters = Other mails, such as log-in invitations, go on.
delivery-stop-end = Every approver is told by mail. They can let sending go on.
delivery-stop-reason = Reason
delivery-stop-reason-hint = Colleagues read it. Example: the text is wrong
delivery-stop-reason-empty = Enter a reason.
delivery-stop-reason-long = Too long. Use at most { $limit } characters.
delivery-stop-reason-forbidden = Some characters cannot be used. Write one line.
delivery-stop-button = Stop all sending
delivery-stopped-title = All sending is stopped
delivery-stopped-by = Stopped by { $by } at { $time } on { $date }. Reason: { $reason }
delivery-stopped-restored = At { $time } on { $date } the database was found older than the last mail that was sent, and sending stopped by itself.
delivery-stopped-refused = At { $time } on { $date } the mail server refused several people with the same answer ({ $answer }), and sending stopped by itself. What was refused waits to be sent again.
delivery-stopped-refused-do = Tell whoever runs the mail server this answer. Look at the DNS of the sender’s domain (MX, SPF), the log-in, the permission to send, and block lists. Once it is mended, an approver resumes.
delivery-stopped-trial = Since { $time } one mail goes on trial. If it is taken, the rest follows.
delivery-stopped-trial-refused = The mail on trial was refused too, at { $time }. Nothing else was sent.
delivery-resume-look = Look and resume
delivery-resume-who = An approver can resume.
delivery-resume-title = Let sending go on?
delivery-resume-restored = In restored data, notices that were sent may look queued. Look at each alert, and cancel what was sent already before you resume.
delivery-resume-text = Waiting notices and corrections leave at once.
delivery-resume-trial = One mail goes first, on trial. If it is taken, the rest follows; if it is refused, sending stays stopped.
delivery-resume-button = Resume sending
delivery-resume-none = Sending is not stopped any more.
delivery-resume-stale = There is another stop. Look at it, too.
delivery-not-stopped = Sending is not stopped.

## What the last act did.

delivery-done-stopped = All sending was stopped. An approver can resume it.
delivery-done-resumed-all = Sending goes on. “Stop all sending” stops it again.
delivery-done-trial = One mail goes on trial. If it is taken, the rest follows.
delivery-done-paused = Paused. An approver can resume.
delivery-done-resumed = Resumed.
delivery-done-cancelled = The rest was cancelled.
delivery-done-released = Late records get the notice, too.
delivery-done-retried = Asked to try again. It begins within seconds.
delivery-done-sent-again = Asked to send again. It begins within seconds.
delivery-done-given-up = Asked to give up the rest. “Try again now” brings it back.

## /alerts/check

delivery-check-corrected = This notice was a mistake
delivery-check-corrected-text = On { $date } the city sent a correction ({ $number }). You need not do what the notice asked.
