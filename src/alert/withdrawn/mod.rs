//! A notice whose alert was corrected is *withdrawn*: it does not count as told any more (docs/DESIGN.md §3 "Matching and alerts").
//!
//! It is withdrawn when the correction is released: two people said so, and what was in flight has ended. From that commit on
//! the next true alert reaches the same people; other alerts that are out over the same stays look again, and what they find
//! waits for a click as late visits do. A correction that is cancelled on its way takes nothing back: its alert stays a
//! mistake, and another correction may reach the rest.
//!
//! An alert that is cancelled tells nobody any more: what it had not sent counts for nobody either, and other alerts look again in the
//! same way ([`take_back`]).
//!
//! Two mails may be under way to one person then: the correction, and the notice that holds. The notice waits for the
//! correction, and says itself that it holds.
pub(super) mod store;

use super::AlertId;
use super::dispatch::{self, lock};
use crate::base::email_address::EmailAddress;
use crate::keys::{Opener, PersonScope};
use crate::mail;
use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// How long a notice waits for a correction to the same person that has not left yet. A correction that is paused, or whose
/// mailbox is busy, must not keep a true notice back for long; the notice says itself that it holds.
pub(super) const WAIT_FOR_CORRECTION: Duration = Duration::hours(1);

/// A person's hash under the key of one alert.
pub(super) type Hash = [u8; 32];

/// Withdraws the notices of `corrected`, whose correction is released in this transaction. Returns how many.
pub(super) async fn withdraw(tx: &mut PgConnection, now: DateTime<Utc>, corrected: AlertId) -> Result<u64, sqlx::Error> {
    lock_all_over_its_stays(tx, corrected).await?;
    let withdrawn = store::withdraw(tx, now, corrected).await?;
    store::look_again(tx, corrected).await?;
    Ok(withdrawn)
}

/// Takes back what a cancelled alert has not sent, and lets it count for nobody: what waited, what ended without arriving, and what was
/// merged into a notice that did not leave. Other alerts over the same stays look again. Called until the alert is finished; returns how
/// many mails were cancelled.
pub(super) async fn take_back(tx: &mut PgConnection, now: DateTime<Utc>, cancelled: AlertId) -> Result<u64, sqlx::Error> {
    lock_all_over_its_stays(tx, cancelled).await?;
    let mails = mail::cancel(tx, now, cancelled.0).await?;
    store::withdraw_ended(tx, now, cancelled).await?;
    // Who was merged into whom lies sealed: delivery asks each merged notice whether the one that speaks for its person left.
    if dispatch::store::free_speakers(tx, cancelled).await? > 0 {
        mail::ask_merged(tx, now, cancelled.0).await?;
    }
    store::look_again(tx, cancelled).await?;
    Ok(mails)
}

/// First every lock, then the rows: whoever matches the same stays is either done by then or sees what is written. Only corrections and
/// cancelled alerts lock others, in one order: nobody waits in a circle.
async fn lock_all_over_its_stays(tx: &mut PgConnection, alert: AlertId) -> Result<(), sqlx::Error> {
    let mut alerts = store::others_over_its_stays(tx, alert).await?;
    alerts.push(alert);
    alerts.sort_unstable();
    for alert in alerts {
        lock(tx, alert).await?;
    }
    Ok(())
}

/// The earlier mail of a person who gets a notice now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// A notice that was withdrawn; its correction has left, or will not.
    Withdrawn,
    /// The same, and the correction is still to leave.
    CorrectionWaits,
}

/// Which of these notices go to people who once got a notice that was withdrawn. `people`: notice and address.
pub(super) async fn told_before(
    conn: &mut PgConnection,
    opener: &Opener,
    people: &[(Uuid, &EmailAddress)],
) -> Result<HashMap<Uuid, Before>, sqlx::Error> {
    let mut before = HashMap::new();
    if people.is_empty() {
        return Ok(before);
    }
    let alerts = store::withdrawn_alerts(conn).await?;
    let mut asked: HashMap<(Uuid, Hash), Vec<Uuid>> = HashMap::new();
    for alert in &alerts {
        for (notice, address) in people {
            asked.entry((*alert, opener.person(PersonScope::Alert(*alert), address))).or_default().push(*notice);
        }
    }
    if asked.is_empty() {
        return Ok(before);
    }
    let keys: Vec<(Uuid, Hash)> = asked.keys().copied().collect();
    for (alert, person, waits) in store::got_withdrawn(conn, &keys).await? {
        for notice in asked.get(&(alert, person)).into_iter().flatten() {
            // Of several, the one that is to be waited for counts.
            let known = before.entry(*notice).or_insert(Before::Withdrawn);
            if waits {
                *known = Before::CorrectionWaits;
            }
        }
    }
    Ok(before)
}
