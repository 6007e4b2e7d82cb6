dash-alarms = Needs attention now
alarm-since = since { $time }

alarm-clock = The clock is wrong, or the service stood still for long
alarm-clock-help = Look at the server’s clock (NTP). If it is wrong, set it right at once. To leave you time, erasing records is held back. If the clock is right, just wait: after five days erasing goes on step by step. The operator’s guide has the steps under “Retention”.
alarm-clocks-differ = A server’s clock and the database’s do not agree
alarm-clocks-differ-help = Set the clocks of all servers (NTP). While the dates differ, that server takes no check-ins. Erasing records waits too.
alarm-keys-run-out = The daily keys are about to run out
alarm-keys-run-out-help = Ask the operator whether the notifier (worker) is running. From the first day without a key, no check-in can be taken.
alarm-worker-silent = The notifier (worker) has not been heard of
alarm-worker-silent-help = Mails may not be leaving. Ask the operator at once to start the notifier.
alarm-check-ins-fail = Check-ins could not be stored
alarm-check-ins-fail-help = Ask the operator to look at the database: is its disk full? No check-in that was not stored was answered “registered”.
alarm-proxy-unreadable = The proxy does not say who its clients are
alarm-proxy-unreadable-help = Ask the operator to check the proxy’s X-Forwarded-For or Forwarded header.
alarm-unvouched-release = Somebody unproven tried to release an alert
alarm-unvouched-release-help = It did not count and nothing was sent. An administrator should look at once for officials and API tokens that nobody knows.

alarm-subject = [{ $service }] { $name }
alarm-body =
    At { $time } on { $date } this was found:

    { $name }
    { $help }

    How it is now: { $page }
