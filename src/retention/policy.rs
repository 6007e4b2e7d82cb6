//! The one list of what is kept for how long, and why. Documents and pages are made from it.

/// Days for which a case, its stays and the stays of its alert are kept: the health centre can still ask what was done, and
/// then nothing says any more where an infected person was.
pub const CASE_DAYS: u16 = 90;

/// Days for which a released alert's number and words are kept, so that `/alerts/check` answers whoever looks at an old mail.
pub const ALERT_DAYS: u16 = 365;

/// How long something is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// `RETENTION_DAYS` after the date it belongs to; see also [`super::MAX_WAIT_DAYS`].
    Retention,
    /// So many hours after it was made.
    Hours(u16),
    /// So many days after it was made.
    Days(u16),
    /// Until the person or venue it belongs to takes it back.
    UntilTakenBack,
    /// As long as the service runs.
    Always,
}

/// One line of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The tables or files, by name.
    pub what: &'static str,
    /// For how long.
    pub keep: Keep,
    /// Why so long and no longer.
    pub why: &'static str,
}

const fn rule(what: &'static str, keep: Keep, why: &'static str) -> Rule {
    Rule { what, keep, why }
}

/// Everything that is kept about people.
pub const POLICY: &[Rule] = &[
    rule("visit", Keep::Retention, "an infection is found within weeks of the visit, or the visit no longer matters"),
    rule("outbox", Keep::Retention, "a mail goes out within days; its sealed address ends with the visit's"),
    rule("day_key, day_mac_key, seal_epoch, KEYS_DIR/days", Keep::Retention, "old copies of the database must die with them"),
    rule("alert_person", Keep::Retention, "keeps one person to one mail per alert; useless once the visits are gone"),
    rule("my_link, my_request", Keep::Hours(1), "long enough to read a mail and look at one's own records"),
    rule("my_letter", Keep::Hours(24), "nobody's mailbox is filled through us; a keyed hash, no address"),
    rule(
        "case_report, case_note, stay, alert_stay",
        Keep::Days(CASE_DAYS),
        "questions of the health centre; then nothing says where a case was",
    ),
    rule("alert, if it was never released", Keep::Days(CASE_DAYS), "a draft nobody wanted ends with its case"),
    rule(
        "alert, alert_submission, alert_approval, alert_resume, alert_dispatch",
        Keep::Days(ALERT_DAYS),
        "people who find an old mail can still check its number",
    ),
    rule(
        "delivery_summary, delivery_company, delivery_request",
        Keep::Days(ALERT_DAYS),
        "how many were reached, when their mails are gone; counts, no people",
    ),
    rule("alert_venue_letter", Keep::Days(ALERT_DAYS), "a venue is told once of an alert"),
    rule("sending_stop", Keep::Always, "who stopped a city's mails, and who let them go on"),
    rule("sending_refusal", Keep::Hours(24), "whom one answer of the mail server met in a row; keyed hashes, no address"),
    rule("sending_counter, KEYS_DIR/sending", Keep::Always, "a restored database must not send again; a number of commits"),
    rule("suppression", Keep::UntilTakenBack, "who wants no mails must not get one a month later; a keyed hash, no address"),
    rule(
        "venue_activation, venue_import, venue_import_row",
        Keep::UntilTakenBack,
        "who was invited by which list, and who came; ends with the venue",
    ),
    rule("venue, venue_search, venue_question, poster", Keep::UntilTakenBack, "the posters hang until the venue closes"),
    rule("daily_count", Keep::Always, "how many checked in on a day in the whole city: what is usual; says nothing about anybody"),
    rule("alarm", Keep::Days(ALERT_DAYS), "what was wrong and since when; no people"),
    rule("signatory, signatory_token, official_act", Keep::Always, "whose signature counted, and on whose word; keys and hashes"),
    rule("service_clock", Keep::Always, "up to when time is believed to have passed, and when the last purge was; one row"),
    rule("audit_read", Keep::Hours(2), "an alarm on many reads looks back one hour; the chain keeps what was read"),
    rule("audit_entry", Keep::Always, "who decided what must stay provable; holds no address"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_gives_its_reason_and_no_table_has_two() {
        let mut names: Vec<&str> = POLICY.iter().flat_map(|rule| rule.what.split(", ")).filter(|name| !name.starts_with("if ")).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert!(POLICY.iter().all(|rule| !rule.why.is_empty()));
        // `alert` itself stands twice: released and never released.
        assert_eq!(names.len(), all - 1);
    }
}
