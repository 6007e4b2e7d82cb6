## The notice (docs/DESIGN.md §3 "Mail"). Says the same as the Japanese one.

alert-notice-subject = [{ $city }] About a place you visited (number { $number })
alert-notice-lead = Someone who was later found to be infected was at a place where you checked in, on the same day. This does not mean that you are infected.
alert-notice-watch = Please watch your health until { $until }. If you have a fever, a cough, fatigue or other symptoms, stay at home and call { $hotline } ({ $hours }). If you have trouble breathing, call 119.
alert-notice-test = Please get tested. Call { $hotline } ({ $hours }) to ask where. Watch your health until { $until }, and stay at home if you have a fever, a cough, fatigue or other symptoms. If you have trouble breathing, call 119.
alert-notice-stay-home = Please stay at home until { $until }. If you have a fever, a cough, fatigue or other symptoms, or if you cannot stay at home, call { $hotline } ({ $hours }). If you have trouble breathing, call 119.
alert-notice-unnamed = To protect the infected person, we cannot tell you the place or the date. This mail holds no link. The city will never phone or text you to ask for personal data or money.
alert-notice-named = The place was { $venue }, the day { $date }. We cannot tell you anything about the infected person. This mail holds no link. The city will never phone or text you to ask for personal data or money.
alert-notice-genuine = To make sure that this mail is genuine, enter the number { $number } under “Check a notice” on the website of { $city }.
alert-notice-holds = An earlier notice that we sent you was withdrawn. This notice (number { $number }) holds.

## Letters to the officials who may approve.

alert-submitted-subject = [{ $service }] An alert awaits approval (number { $number })
alert-submitted-body =
    The alert with number { $number } was submitted for approval.
    It is meant for { $visits } visits.
    Please check its stays and its text in the console before you approve. Whoever submitted it cannot approve it.
    If nobody should have submitted it, cancel it in the console and tell an administrator at once.
alert-held-subject = [{ $service }] An alert will be sent at { $time } (number { $number })
alert-held-body =
    The alert with number { $number } was approved. It is held until { $time } on { $date }, then { $visits } notices are sent.
    If something is wrong, cancel it in the console before then.
    The text that will be sent:
alert-returned-subject = [{ $service }] Alert sent back (number { $number })
alert-returned-body =
    An approver sent back the alert with number { $number }, which you submitted.
    The reason stands in the console. Change it and submit it again.
alert-letter-foot = This mail goes to every official who may approve alerts.
