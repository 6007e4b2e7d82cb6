# Accounts of officials: log-in, invitation, own account, list of officials, tokens, letters.

## Log-in
official-login-title = Log in
official-login-email = Email address
official-login-password = Password
official-login-password-empty = Enter your password.
official-login-code = Code
official-login-code-hint = The 6 digits in your authenticator app
official-code-wrong = Enter the 6 digits that your authenticator app shows now.
official-login-button = Log in
official-login-recover = You cannot get a code?
official-login-recorded = Everything done here is recorded with name and time.
official-login-refused = You are not logged in
official-login-refused-text = Address, password or code is not right. A code works once only. Wait for the next digits, then try again.
official-login-wait = Please wait a moment
official-login-wait-text = There were several mistakes, so we slow down. Press again in { $seconds } seconds. Your account is not locked.
official-recover-title = Log in with a recovery code
official-recover-code = Recovery code
official-recover-code-hint = 12 characters that you noted when you joined. Each code works once.
official-recover-code-wrong = One of the characters looks wrong. Compare with your note.
official-recover-refused-text = Address, password or recovery code is not right, or the code was used before.
official-recover-back = Log in with a code from the app
official-to-login = Go to the log-in

## Invitation
official-join-steps = Steps
official-join-step-1 = Password
official-join-step-2 = App
official-join-step-3 = Recovery codes
official-join-title-1 = Account of { $name }
official-join-title-2 = Connect your authenticator app
official-join-email = Email address for the log-in
official-join-role = Role
official-join-password = Password
official-password-hint = { $min } to { $max } characters. One that you use nowhere else.
official-join-again = Password (again)
official-join-next = Continue
official-join-until = This invitation works until { $until }.
official-join-scan = Scan this square code with your authenticator app.
official-join-qr = Code for the authenticator app
official-join-by-hand = If you cannot scan, type these characters into the app.
official-join-confirm = Check and finish
official-join-token = You use a hardware token?
official-join-token-text = Enter the “seed” that came with it, and its digits will work for the log-in. It must show 6 digits every 30 seconds.
official-join-seed = Seed
official-join-seed-hint = Hexadecimal or Base32. Spaces are fine.
official-join-hash = Method
official-join-use-seed = Use this seed
official-password-short = Too short. Use at least { $min } characters.
official-password-long = Too long. Use at most { $max } characters.
official-password-forbidden = It holds characters that cannot be used, such as line ends or invisible ones.
official-password-common = Many people use this one, so it is guessed early. A few unrelated words in a row are easy to remember and hard to guess.
official-password-own = Do not build it from the name of the city, the service or yourself.
official-password-different = The two passwords differ. Enter the same one twice.
official-seed-malformed = A seed holds hexadecimal or Base32 characters only.
official-seed-length = The length of the seed does not fit. It has 16 to 64 bytes.
official-gone-title = This invitation does not work
official-gone-text = It was used, is older than 7 days, or a newer one was sent. Ask an admin for a new invitation.
official-joined = Your account is ready
official-codes-title = Note your recovery codes
official-codes-text = They take the place of the app's code when you cannot use it. Each code works once. This page is not shown again. Print it or copy the codes, and keep them locked away.

## Letters
official-invitation-subject = [{ $city }] Your account as an official
official-invitation-body =
    { $name }

    You are invited to “{ $service }” as an official ({ $role }).
    Open this page and set up your password and authenticator app.

    { $link }

    The page works until { $time } on { $date }, and once only. Do not pass it on.

    If you did not expect this, do nothing. No account will be set up.
official-reset-subject = [{ $city }] Please set up your log-in again
official-reset-body =
    { $name }

    An admin withdrew your password and authenticator app for “{ $service }”.
    Open this page and set them up again.

    { $link }

    The page works until { $time } on { $date }, and once only. Do not pass it on.

    If you did not expect this, tell an admin at once.
official-changed-subject = [{ $city }] An official's account has changed
official-changed-body =
    The account of { $name } has changed.

    { $what }
    By: { $who }
    When: { $time } on { $date }

    If you did not expect this, look at the list of officials.
    { $page }
official-changed-invited = It is new. Role: { $role }
official-changed-role = It has another role: { $role }
official-changed-reset = Password and authenticator app were withdrawn, and a new invitation was sent.
official-changed-enabled = It was disabled and works again. Role: { $role }
official-changed-confirmed = It was confirmed by a second administrator. Role: { $role }
official-changed-withdrawn = Its open invitation was withdrawn.
official-changed-takes-two = Until another administrator confirms this in the list of officials, the account cannot approve alerts.
official-operator = The operator of the server
official-letter-foot =
    This email was sent automatically. Please do not reply.
    { $operator } · { $service }
    { $host }

## Second factor once more
official-proof-hint = We check once more before something important. Enter the 6 digits of your app, or a recovery code.
official-proof-empty = Enter the 6 digits, or a recovery code of 12 characters.
official-proof-refused = These digits are not right, or were used before. Wait for the next ones, then try again.
official-proof-wait = There were several mistakes, so we slow down. Press again in { $seconds } seconds.

## Own account
official-own-title = Your account
official-name = Name
official-own-factor = Authenticator app and recovery codes
official-own-codes-left = Unused recovery codes: { $left }
official-own-new-factor = Change the authenticator app
official-own-new-codes = Make new recovery codes
official-own-password = Password
official-own-change-password = Change the password
official-own-sessions = Where you are logged in
official-own-key = Signing key
official-own-key-good = What you submit and approve is signed with this key. Your password protects it.
official-own-key-bad = Nobody has vouched for this key yet
official-own-key-bad-text = You cannot submit or approve alerts. Tell whoever runs the server these letters (ashiato official vouch). If you have just joined, it takes a few seconds.
official-own-sessions-text = You are logged out after 30 minutes without use and 12 hours after the log-in. If you do not recognise one, end it and change your password.
official-own-since = Logged in
official-own-used = Last used
official-own-act = Action
official-own-this = This page
official-own-end = End
official-own-end-others = End all but this one
official-own-password-text = All your other log-ins end when you change it.
official-own-present = Present password
official-own-new-password = New password
official-own-new-again = New password (again)
official-own-wrong-password = This is not your present password.
official-own-factor-text = The present app works until you have checked the first digits of the new one. Then all your other log-ins end.
official-own-begin = Show a new code
official-own-next-code = Code from the new app
official-own-confirm = Check and change
official-own-codes-text = Your present recovery codes stop working when you make new ones.
official-own-make-codes = Make recovery codes
official-done-recovered = You logged in with a recovery code. { $left } are left. If your app is lost, change it here.
official-done-password = Your password is changed. All other log-ins have ended.
official-done-factor = Your authenticator app is changed.
official-done-ended = The log-in has ended.

## Officials, for admins
official-invite = Invite an official
official-tokens = API tokens
official-standing = State
official-seen = Last used
official-standing-active = In use
official-standing-invited = Invited
official-standing-lapsed = Invitation lapsed
official-standing-disabled = Disabled
official-standing-unconfirmed = To be confirmed
official-unconfirmed-short = needs another administrator
official-standing-no-key = No signing key yet
official-no-key-short = cannot submit or approve
official-standing-until = until { $until }
official-invite-text = We send an invitation to the person's mailbox alone. Within 7 days he or she sets up a password and an authenticator app.
official-name-hint = It stands in the records and on colleagues' pages.
official-invite-email-hint = A work address that nobody else reads.
official-invite-send = Send the invitation
official-role-empty = Choose one.
official-exists = There is an official with this address. Choose from the list.
official-role-viewer = Sees numbers, rounded.
official-role-tracer = Reports cases, prepares and submits alerts, reviews venues.
official-role-approver = As the tracer, and approves alerts that others submitted.
official-role-auditor = Reads the records. Changes nothing.
official-role-admin = Everything, officials and API tokens included.
official-what = What to do
official-act-empty = Choose what to do.
official-act-role = Change the role
official-act-role-text = To the one chosen below. All log-ins of this person end.
official-act-reset = Withdraw password and app
official-act-reset-text = For a lost phone, say. All log-ins end, and a new invitation goes to the person's mailbox.
official-act-again = Send the invitation again
official-act-again-text = The earlier one stops working.
official-act-disable = Disable
official-act-disable-text = Log-ins and API tokens of this person stop at once. The records stay.
official-act-enable = Enable again
official-act-enable-text = Password and app are those of before.
official-act-withdraw = Withdraw the invitation
official-act-withdraw-text = The link is dead, and a letter that is still waiting does not leave. An account that never joined is removed and its address is free again.
official-act-confirm = Confirm this role
official-act-confirm-text = You vouch for it as the second administrator. From then on the account can do what its role allows.
official-new-role = New role
official-new-role-hint = Counts only if you chose to change the role.
official-do = Do it
official-not-done = Not done
official-last-admin = No other admin can log in. Invite a second admin first.
official-own-reset = Change your own app on the page of your account.
official-is-disabled = The account is disabled. Enable it first.
official-waits = Waiting for another administrator
official-waits-text = An approver or administrator is confirmed by a second administrator. Until then the account counts as a tracer. If there is no other administrator who can act, ask whoever runs the server (ashiato official confirm).
official-own-role = You cannot confirm your own role.
official-same-admin = Whoever gave this role cannot confirm it. Another administrator has to.
official-no-invitation = There is no invitation to withdraw: the person has joined.
official-not-vouched = This was not done, because nobody has vouched for your signing key yet. Tell whoever runs the server the letters that stand on “My account” (ashiato official vouch). If you have just joined, wait a few seconds and try again.
official-done-invited = The invitation is sent. The account shows as “in use” when it is set up.
official-done-role = The role is changed. All admins were told by email.
official-done-reset = Withdrawn, and a new invitation is sent. All admins were told by email.
official-done-again = The invitation is sent again. The earlier one stopped working.
official-done-disable = Disabled.
official-done-enable = Enabled again. All admins were told by email.
official-done-withdraw = The invitation was withdrawn.
official-done-confirm = Confirmed. All administrators were told by mail.

## Tokens, for admins
official-tokens-text = Keys with which programs use the API. What they do is recorded as done by who made them, and they can do no more than that person.
official-tokens-none = There are none yet.
official-token-name = Purpose
official-token-name-hint = Example: the city's reporting system
official-token-maker = Made by
official-token-since = Made
official-token-command-line = Command line
official-token-new = Make a token
official-token-make = Make and show
official-token-made = The token is made
official-token-made-text = It is shown now and never again. Put it into the program's settings at once.
official-token-revoke = Revoke
official-token-revoked = Revoked
official-token-revoke-text = Programs that use this token stop working at once. This cannot be undone.
official-done-revoked = The token is revoked.
