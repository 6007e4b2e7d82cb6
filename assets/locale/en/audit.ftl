## The letter about unusually many reads.

audit-alarm-subject = [{ $service }] Unusually many looks at visit numbers ({ $who })
audit-alarm-body =
    In the hour up to { $time } on { $date }, “{ $who }” looked at visit numbers more often than usual.
    Things looked at: { $looks } (the same thing counts once a minute)
    Looks, repeats included: { $reads }

    Please ask them whether their work needed it.
    If it was not them, disable that official or API token at once.
    The audit log shows what was looked at: { $page }

    This mail goes to every auditor and administrator. It is not repeated about the same person within an hour.

## What was done: a sentence for each action; an action without one is shown as its code

audit-did-alert-draft = Prepared an alert
audit-did-alert-wording = Changed the wording of an alert
audit-did-alert-submit = Submitted an alert for approval
audit-did-alert-return = Sent an alert back
audit-did-alert-approve = Approved an alert
audit-did-alert-cancel = Cancelled an alert
audit-did-alert-pause = Paused an alert
audit-did-alert-resume = Resumed an alert
audit-did-alert-release-late = Released notices for late visits
audit-did-alert-correct = Decided on a correction of an alert
audit-did-audit-export = Exported the audit log
audit-did-audit-verify = Verified the audit log
audit-did-case-report = Reported a case
audit-did-case-close = Closed a case
audit-did-case-reopen = Reopened a case
audit-did-case-note = Added a note to a case
audit-did-case-dates = Changed the dates of a case
audit-did-case-add-stays = Added stays to a case
audit-did-case-remove-stay = Removed stays from a case
audit-did-official-invite = Invited an official
audit-did-official-join = Accepted the invitation
audit-did-official-log-in = Logged in
audit-did-official-log-in-refused = Could not log in
audit-did-official-log-out = Logged out
audit-did-official-prove = Proved identity again with a code
audit-did-official-prove-refused = Gave a wrong code
audit-did-official-disable = Disabled an official's account
audit-did-official-enable = Enabled an official's account
audit-did-official-change-role = Changed an official's role
audit-did-official-change-second-factor = Set the second factor anew
audit-did-official-new-recovery-codes = Made new recovery codes
audit-did-official-reset = Reset an official's password and second factor
audit-did-official-confirm = Confirmed an official’s role as the second administrator
audit-did-official-withdraw = Withdrew an official’s invitation
audit-did-official-vouch = Vouched for an official’s signing key
audit-did-official-change-password = Changed the password
audit-did-official-end-session = Ended a session
audit-did-delivery-retry = Decided to retry waiting mails now
audit-did-delivery-send-again = Decided to send refused mails again
audit-did-delivery-give-up = Gave up waiting mails
audit-did-read-alarm = Raised an alarm about unusually many reads
audit-did-read-alert-preview = Looked at whom an alert would reach
audit-did-read-alert-delivery = Looked at an alert's delivery
audit-did-read-alert-list = Looked at the list of alerts
audit-did-read-alert-record = Looked at an alert's decision sheet
audit-did-read-case-visits = Looked at the visit numbers of a case
audit-did-read-daily-counts = Looked at check-ins by day
audit-did-read-delivery-board = Looked at delivery overall
audit-did-read-venue-visits = Looked at a venue's visit numbers
audit-did-keys-wrap = Wrapped the data keys under another SECRET_KEY
audit-did-keys-finish-change = Ended a change of SECRET_KEY
audit-did-keys-discard = Threw the data keys away
audit-did-retention-let-go = Let a day go that was held back because the clock was in doubt
audit-did-retention-purge = Erased the visits and keys of a day past retention
audit-did-retention-tidy = Erased cases and alerts past retention
audit-did-alarm-raise = Found something wrong
audit-did-alarm-clear = Found it to be over
audit-did-sending-stop = Stopped all sending
audit-did-sending-trial = Decided to resume stopped sending with one mail on trial
audit-did-sending-trial-refused = The mail on trial was refused, sending stays stopped
audit-did-sending-resume = Resumed sending
audit-did-token-create = Made an API token
audit-did-token-revoke = Revoked an API token
audit-did-venue-apply = Applied for a venue
audit-did-venue-confirm = Confirmed a venue's mailbox
audit-did-venue-approve = Approved a venue
audit-did-venue-refuse = Refused a venue
audit-did-venue-ask = Asked a venue about its application
audit-did-venue-review = Marked a venue as reviewed
audit-did-venue-read-answer = Read a venue’s answer
audit-did-venue-kana = Corrected a venue's kana
audit-did-venue-suspend = Suspended a venue
audit-did-venue-resume = Reinstated a venue
audit-did-venue-close = Closed a venue
audit-did-venue-contact = Changed a venue’s contact
audit-did-venue-add-posters = Added posters
audit-did-venue-rotate-poster = Replaced a poster's code
audit-did-venue-revoke-poster = Revoked a poster
audit-did-visit-forget = Erased visits at the person's own wish
audit-did-visit-start-notices = Somebody began to receive notices again
audit-did-visit-stop-notices = Somebody stopped receiving notices
audit-did-visit-look-up = Somebody looked at their own visits

## Details of an entry

audit-fact-again = { $value } more times in the same minute
audit-fact-correction = Correction: { $value }
audit-fact-digest = Hash of the content: { $value }
audit-fact-filter = Filter: { $value }
audit-fact-gone = { $value } beyond reach
audit-fact-head = Newest hash then: { $value }
audit-fact-notices-cancelled = { $value } notices cancelled
audit-fact-answer = answer of the mail server: { $value }
audit-fact-recovery-code = With a recovery code
audit-fact-replaces = { $value } drafts joined
audit-fact-tonight = Wished to send outside the hours
audit-fact-edition = Edition { $value }
audit-fact-kind = Kind: { $value }
audit-fact-no = Poster { $value }
audit-fact-people = { $value } people
audit-fact-sessions-ended = { $value } sessions ended
audit-fact-tries = { $value } tries
audit-fact-state = State then: { $value }
audit-fact-broken-at = Broken at entry { $value }
audit-fact-cases = { $value } cases
audit-fact-count = { $value }
audit-fact-date = Visits of { $value }
audit-fact-key = Key { $value }
audit-fact-data-keys = { $value } data keys
audit-fact-wrappings = { $value } wrappings under other keys
audit-fact-entries = { $value } entries
audit-fact-from = Before: { $value }
audit-fact-hold-until = Held until { $value }
audit-fact-late = { $value } late
audit-fact-looks = { $value } looks
audit-fact-name = Name: { $value }
audit-fact-posters = { $value } posters
audit-fact-reads = { $value } reads, repeats included
audit-fact-reason = Reason: { $value }
audit-fact-revision = Revision { $value }
audit-fact-role = Role: { $value }
audit-fact-status = State: { $value }
audit-fact-stays = { $value } stays
audit-fact-to = After: { $value }
audit-fact-unsent = { $value } unsent
audit-fact-visits = { $value } visits

## The auditor's page

audit-title = Audit log
audit-intro = Who did what, and when. Looking at visit numbers is on record too. Nothing here can be changed afterwards.
audit-chain = The chain
audit-chain-length = { $entries }
audit-chain-count = Entries
audit-chain-head = Newest hash
audit-chain-head-hint = Note it elsewhere: later it proves that nothing was cut off the end.
audit-chain-checked = Last verified
audit-chain-never = Not yet
audit-chain-good = { $time }, whole ({ $who })
audit-chain-bad = { $time }, broken at entry { $place }
audit-verify = Verify now
audit-done-verified = The whole log was verified. Nothing is wrong.
audit-done-broken = The audit log does not fit together
audit-done-broken-text = Entry { $place } was altered or taken out. Do not touch the database; tell an administrator.
audit-filter = Filter
audit-filter-from = From
audit-filter-to = To
audit-filter-actor = Who
audit-filter-action = What
audit-filter-target = Number of the target
audit-filter-target-hint = An alert's number, or the ID of a target in the table
audit-filter-all = All
audit-filter-button = Filter
audit-filter-clear = Clear
audit-filter-bad = The filter could not be read. Check the dates and the number.
audit-export = Export as CSV
audit-shown = { $count }, newest first
audit-none = No entries match.
audit-next = 50 older
audit-newest = Back to the newest
audit-table = Table of the audit log
audit-col-no = No.
audit-col-at = Time
audit-col-who = Who
audit-col-did = What
audit-col-target = Target
audit-col-detail = Details
audit-col-code = Code
audit-col-hash = Hash
audit-col-kind = Kind
audit-col-id = ID
audit-actor-official = Official
audit-actor-token = API token
audit-actor-venue = Venue
audit-actor-visitor = Visitor
audit-actor-system = System
audit-actor-unknown = Account that is gone
audit-target-alert = Alert
audit-target-case = Case
audit-target-keys = Keys
audit-target-venue = Venue
audit-target-official = Official
audit-target-api-token = API token
audit-reads = All reads
