//! The brake: the same permanent answer to several people in a row is about us, whatever it says. Then nothing more is given to
//! the relay, and what the answer hit waits again, until an approver lets one mail go on trial and the relay takes it.
//! The counts stand in the database (`sending_refusal`), written in the transaction that writes the results: eight
//! connections and any number of workers count together, and a kill forgets nothing. Mails that are being sent while the brake
//! falls end as they end; what the same answer refuses then is put back as well.
use super::store;
use crate::audit::{self, Actor, Entry};
use crate::base::db;
use crate::base::email_address::EmailAddress;
use crate::mail::claim::{Claimed, Lease};
use crate::mail::outcome::Answer;
use crate::mail::provider::Provider;
use crate::mail::result_writer::{Change, State};
use chrono::{DateTime, Duration as Span, Utc};
use serde_json::json;
use sqlx::PgConnection;
use std::collections::HashSet;
use uuid::Uuid;

/// Different people who meet the same answer in a row, of at least [`DOMAINS`] domains, with no mail taken between. Three people at
/// two providers share nothing but us; two could be two typing errors. A brake that falls early costs a click, and no mail.
pub const PEOPLE: i64 = 3;
/// See [`PEOPLE`].
pub const DOMAINS: i64 = 2;
/// The same, where all are of one domain: in a row, or at one large provider since that provider last took a mail. One domain may
/// refuse for reasons of its own, so it takes more. Other domains do not count apart: anybody can have one and type addresses of it.
pub const PEOPLE_OF_ONE_DOMAIN: i64 = 10;
/// The same for an answer that plainly speaks of a mailbox or its filter. People do type addresses that do not exist, sometimes
/// several in a row; but not twenty at three providers with nobody between whom a mail reaches.
pub const MAILBOXES: i64 = 20;
/// See [`MAILBOXES`].
pub const MAILBOX_DOMAINS: i64 = 3;
/// How long an answer is remembered while no mail is taken: on a day of few mails the row may be slow, but what was yesterday was
/// another matter.
pub const ROW_LASTS: Span = Span::hours(24);
/// After a trial that had no clear answer (4xx, no connection, no answer to the dot), the next.
pub const TRIAL_PAUSE: Span = Span::minutes(1);

/// A keyed hash, cut short: two of them tell whether two people, or two domains, are the same one, and nothing else.
pub(in crate::mail) type Mark = [u8; 8];

/// Makes marks, under a key that only workers hold.
pub(in crate::mail) trait Marks {
    /// The keyed hash of an address.
    fn hash(&self, address: &EmailAddress) -> [u8; 32];

    fn mark(&self, address: &EmailAddress) -> Mark {
        let [a, b, c, d, e, f, g, h, ..] = self.hash(address);
        [a, b, c, d, e, f, g, h]
    }

    /// One mark for all domains of a large provider.
    fn domain_mark(&self, address: &EmailAddress) -> Mark {
        let domain = Provider::of(address).domain().unwrap_or_else(|| address.domain());
        EmailAddress::parse(&format!("postmaster@{domain}")).map_or([0; 8], |whole| self.mark(&whole))
    }
}

/// The sign that one result gives to the brake.
#[derive(Clone)]
pub(in crate::mail) enum Sign {
    /// A mail was taken; by which provider, if a large one.
    Taken(Option<Mark>),
    /// A permanent answer.
    Refused(Refusal),
}

/// One permanent answer.
#[derive(Clone)]
pub(in crate::mail) struct Refusal {
    pub(in crate::mail) answer: Answer,
    pub(in crate::mail) person: Mark,
    pub(in crate::mail) domain: Mark,
    pub(in crate::mail) provider: bool,
}

impl Sign {
    pub(in crate::mail) fn taken(marks: &dyn Marks, to: &EmailAddress) -> Self {
        Self::Taken((Provider::of(to) != Provider::Other).then(|| marks.domain_mark(to)))
    }

    pub(in crate::mail) fn refused(marks: &dyn Marks, to: &EmailAddress, answer: Answer) -> Self {
        let provider = Provider::of(to) != Provider::Other;
        Self::Refused(Refusal { answer, person: marks.mark(to), domain: marks.domain_mark(to), provider })
    }
}

/// How often one answer came since a mail was last taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::mail) struct Run {
    pub(in crate::mail) answer: String,
    pub(in crate::mail) mailbox: bool,
    /// Different people in a row, and their domains.
    pub(in crate::mail) people: i64,
    pub(in crate::mail) domains: i64,
    /// Different people at one large provider since it took a mail, where they are most.
    pub(in crate::mail) at_provider: i64,
}

impl Run {
    /// Whether this can no longer be about those people.
    fn is_about_us(&self) -> bool {
        if self.mailbox {
            return self.people >= MAILBOXES && self.domains >= MAILBOX_DOMAINS;
        }
        (self.people >= PEOPLE && self.domains >= DOMAINS)
            || self.people >= PEOPLE_OF_ONE_DOMAIN
            || self.at_provider >= PEOPLE_OF_ONE_DOMAIN
    }
}

/// A brake that is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::mail) struct Brake {
    pub(in crate::mail) id: Uuid,
    pub(in crate::mail) answer: String,
    pub(in crate::mail) stopped_at: DateTime<Utc>,
    /// The approver who let a mail go on trial, while one may go.
    pub(in crate::mail) trial_by: Option<String>,
    /// The mail on trial.
    pub(in crate::mail) trial_row: Option<Uuid>,
}

/// Weighs a batch of results for the brake, in the transaction that writes them. `changes` are those that were ours, in the order
/// in which their answers came. Returns whether the brake is on now.
pub(in crate::mail) async fn weigh(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    changes: &[&Change],
    was_on: bool,
) -> Result<bool, sqlx::Error> {
    let refused = since_taken(changes);
    if refused.is_empty() && !was_on {
        return Ok(false);
    }
    // Two workers that each see half of a row would both see none.
    db::lock_transaction(tx, "brake").await?;
    store::note_refusals(tx, now, &refused).await?;
    store::forget_refusals(tx, now - ROW_LASTS).await?;
    match store::brake(tx).await? {
        Some(brake) => carry_on(tx, now, &brake, changes).await,
        None => fall(tx, now).await,
    }
}

/// The answers after the last mail that was taken, and those of a large provider after it last took one.
fn since_taken<'a>(changes: &[&'a Change]) -> Vec<(&'a Change, &'a Refusal, bool)> {
    let (mut in_row, mut taken_by) = (true, HashSet::<Mark>::new());
    let mut kept = Vec::new();
    for change in changes.iter().rev() {
        match &change.sign {
            Some(Sign::Taken(provider)) => {
                in_row = false;
                taken_by.extend(provider);
            }
            Some(Sign::Refused(refusal)) if in_row || (refusal.provider && !taken_by.contains(&refusal.domain)) => {
                kept.push((*change, refusal, in_row));
            }
            Some(Sign::Refused(_)) | None => {}
        }
    }
    kept
}

/// Puts the brake on if an answer came too often.
async fn fall(tx: &mut PgConnection, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    let Some(run) = store::runs(tx).await?.into_iter().find(Run::is_about_us) else {
        return Ok(false);
    };
    // An official has looked, and mails were taken since: those mailboxes are not there.
    if run.mailbox && store::was_let_go(tx, &run.answer, now - ROW_LASTS).await? {
        return Ok(false);
    }
    let stop = Uuid::new_v4();
    store::insert_brake(tx, now, stop, &run).await?;
    let mails = store::put_back_run(tx, now, &run.answer).await?;
    tracing::error!(
        answer = run.answer,
        people = run.people,
        "the mail server refuses everybody alike: nothing leaves until an approver tries"
    );
    record(tx, now, "sending.stop", stop, json!({ "kind": "refused", "answer": run.answer, "mails": mails })).await?;
    Ok(true)
}

/// While it is on: results of mails that were under way, and of the mail on trial. Returns whether it stays on.
async fn carry_on(tx: &mut PgConnection, now: DateTime<Utc>, brake: &Brake, changes: &[&Change]) -> Result<bool, sqlx::Error> {
    let hit = |change: &&&Change| match &change.sign {
        Some(Sign::Refused(refusal)) => refusal.answer.text == brake.answer || !refusal.answer.mailbox,
        _ => false,
    };
    let hit: Vec<Uuid> = changes.iter().filter(hit).map(|change| change.id).collect();
    store::put_back(tx, now, &hit, false).await?;
    let Some(tried) = changes.iter().find(|change| Some(change.id) == brake.trial_row) else {
        return Ok(true);
    };
    let detail = json!({ "kind": "refused", "answer": brake.answer });
    match &tried.sign {
        Some(Sign::Taken(_)) => {
            store::let_go(tx, now, brake).await?;
            tracing::info!(answer = brake.answer, "the mail server took the mail on trial: sending goes on");
            record(tx, now, "sending.resume", brake.id, detail).await?;
            Ok(false)
        }
        Some(Sign::Refused(refusal)) => {
            store::put_back(tx, now, &[tried.id], false).await?;
            store::end_trial(tx, now, brake.id).await?;
            let detail = json!({ "kind": "refused", "answer": refusal.answer.text });
            record(tx, now, "sending.trial_refused", brake.id, detail).await?;
            Ok(true)
        }
        // Given back before it was begun: its turn comes at once. Otherwise nobody knows more than before.
        None => {
            let after = if tried.state == State::Queued { now } else { now + TRIAL_PAUSE };
            store::try_again(tx, after, brake.id).await?;
            Ok(true)
        }
    }
}

/// The mail that an approver let go on trial, leased, if it is its turn.
pub(in crate::mail) async fn claim_trial(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    lease: &Lease,
    notices_stopped: bool,
) -> Result<Vec<Claimed>, sqlx::Error> {
    store::claim_trial(conn, now, lease.token, lease.until, notices_stopped).await
}

/// Forgets what is older than a row may last.
pub(in crate::mail) async fn forget(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    store::forget_refusals(conn, now - ROW_LASTS).await
}

async fn record(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    action: &'static str,
    stop: Uuid,
    detail: serde_json::Value,
) -> Result<(), sqlx::Error> {
    let entry = Entry { actor: Actor::System, action, target_kind: "sending_stop", target_id: Some(stop), detail };
    audit::record(tx, now, &entry).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(mailbox: bool, people: i64, domains: i64, at_provider: i64) -> bool {
        Run { answer: "rcpt 553".to_owned(), mailbox, people, domains, at_provider }.is_about_us()
    }

    #[test]
    fn each_bound_holds_at_its_edge() {
        assert!(run(false, PEOPLE, DOMAINS, 0));
        assert!(!run(false, PEOPLE - 1, DOMAINS, 0) && !run(false, PEOPLE, DOMAINS - 1, 0));
        assert!(run(false, PEOPLE_OF_ONE_DOMAIN, 1, 0) && !run(false, PEOPLE_OF_ONE_DOMAIN - 1, 1, 0));
        assert!(run(false, 0, 0, PEOPLE_OF_ONE_DOMAIN) && !run(false, 0, 0, PEOPLE_OF_ONE_DOMAIN - 1));
        assert!(run(true, MAILBOXES, MAILBOX_DOMAINS, 0));
        assert!(!run(true, MAILBOXES - 1, MAILBOX_DOMAINS, 0) && !run(true, MAILBOXES, MAILBOX_DOMAINS - 1, 0));
        assert!(!run(true, MAILBOXES, 1, MAILBOXES), "a domain that is gone");
    }

    fn change(sign: Option<Sign>) -> Change {
        Change { sign, ..Change::bare(Uuid::nil(), Uuid::nil()) }
    }

    fn refused(domain: u8, provider: bool) -> Change {
        let answer = Answer { text: "rcpt 553".to_owned(), mailbox: false };
        change(Some(Sign::Refused(Refusal { answer, person: [0; 8], domain: [domain; 8], provider })))
    }

    #[test]
    fn a_mail_that_is_taken_ends_the_row_and_a_provider_that_takes_one_its_own() {
        let taken = |provider| change(Some(Sign::Taken(provider)));
        let kept = |changes: &[Change]| {
            let changes: Vec<&Change> = changes.iter().collect();
            since_taken(&changes).iter().map(|(_, refusal, in_row)| (refusal.domain[0], *in_row)).collect::<Vec<_>>()
        };
        assert_eq!(kept(&[refused(1, false), taken(None), refused(2, false), change(None)]), [(2, true)]);
        assert_eq!(kept(&[refused(1, true), taken(None), refused(2, false)]), [(2, true), (1, false)]);
        assert_eq!(kept(&[refused(1, true), taken(Some([1; 8])), refused(1, true)]), [(1, true)]);
        assert_eq!(kept(&[refused(1, true), refused(2, true), taken(Some([1; 8]))]), [(2, false)]);
    }
}
