## The frame of the officials' pages
console-name = Officials
console-title = Officials’ desk
console-menu = Main menu
console-logout = Log out
console-who = { $name } ({ $role })
console-top = Overview
console-cases = Cases
console-alerts = Alerts
console-delivery = Delivery
console-venues = Venues
console-officials = Officials
console-audit = Audit
console-role-viewer = viewer
console-role-tracer = tracer
console-role-approver = approver
console-role-auditor = auditor
console-role-admin = administrator
console-as-of = as of { $time }

## Words that many pages use
console-few = <5
console-back = Back
console-again = Please log in again
console-again-text = You were logged out because time had passed. Log in to go on.
console-to-login = Log in
console-prev = Previous
console-next = Next
