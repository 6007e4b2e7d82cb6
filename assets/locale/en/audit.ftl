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
