//! The purge: dates past retention are forgotten, then cases and alerts past theirs.
use super::policy::{ALERT_DAYS, CASE_DAYS};
use super::store;
use crate::audit::{self, Actor, Entry};
use crate::base::clock::{Zone, keep_until};
use crate::case;
use crate::keys::{self, KeyStore, KeysError};
use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use serde_json::json;
use sqlx::{Connection, PgConnection, PgPool};
use std::collections::BTreeSet;

/// How far the clocks of this machine and of Postgres may differ. Wide enough for sloppy time keeping, far too narrow for the
/// mistake that matters: a date purged days early because one clock was set wrong (DESIGN §3 "Time, retention, growth").
pub const CLOCK_TOLERANCE: Duration = Duration::minutes(15);

/// Days by which a date may outlive retention for an alert on it that is not sent yet. Also the margin below which no stay can
/// be reported, so an alert has at least twice that time.
pub const MAX_WAIT_DAYS: u16 = case::MARGIN_DAYS;

/// What a purge did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Purged {
    /// Dates that were forgotten.
    pub dates: Vec<NaiveDate>,
    /// Dates past retention that wait for an alert.
    pub waiting: Vec<NaiveDate>,
    /// Mails of those dates that had not been sent.
    pub expired: u64,
    /// What else was past its time.
    pub tidied: Tidied,
}

/// Rows about cases and alerts past their time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Tidied {
    /// Cases, with their stays.
    pub cases: u64,
    /// Alerts.
    pub alerts: u64,
    /// Keyed hashes of people who were told.
    pub people: u64,
}

/// Why nothing more was purged. What was purged before stays purged, and the next purge goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum PurgeError {
    /// One of two clocks is wrong, and nobody knows which.
    #[error("this machine's clock and Postgres's differ by {0} seconds: set them right, then purge")]
    ClocksDisagree(i64),
    /// The notifier's keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The database.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Forgets every date that is past retention, then what else is past its time. With `dry_run` nothing is changed.
///
/// A date that waits for an alert is kept up to [`MAX_WAIT_DAYS`] longer. It does not hold up the other dates.
///
/// # Errors
/// [`PurgeError::ClocksDisagree`] before anything is touched.
pub async fn purge(
    now: DateTime<Utc>,
    pool: &PgPool,
    keys: &KeyStore,
    zone: Zone,
    retention_days: u16,
    dry_run: bool,
) -> Result<Purged, PurgeError> {
    let mut conn = pool.acquire().await?;
    let today = agreed_today(&mut conn, now, zone).await?;
    let mut purged = Purged::default();
    for date in past_retention(&mut conn, keys, today, retention_days).await? {
        if today <= keep_until(date, retention_days.saturating_add(MAX_WAIT_DAYS)) && store::has_unsent_alert(&mut conn, date).await? {
            purged.waiting.push(date);
            continue;
        }
        purged.expired += if dry_run { store::unsent(&mut conn, date).await? } else { forget(&mut conn, now, keys, date).await? };
        purged.dates.push(date);
    }
    purged.tidied = tidy(&mut conn, now, first_kept(today, retention_days), dry_run).await?;
    Ok(purged)
}

/// Today's date by both clocks; where they straddle midnight, the earlier one.
async fn agreed_today(conn: &mut PgConnection, now: DateTime<Utc>, zone: Zone) -> Result<NaiveDate, PurgeError> {
    let theirs = store::database_now(conn).await?;
    let difference = (now - theirs).abs();
    if difference > CLOCK_TOLERANCE {
        return Err(PurgeError::ClocksDisagree(difference.num_seconds()));
    }
    Ok(zone.today(now.min(theirs)))
}

/// Every date past retention of which anything is left: visits, mails, keys.
async fn past_retention(
    conn: &mut PgConnection,
    keys: &KeyStore,
    today: NaiveDate,
    retention_days: u16,
) -> Result<BTreeSet<NaiveDate>, PurgeError> {
    let mut dates: BTreeSet<NaiveDate> = keys::days_with_keys(conn, keys).await?.into_iter().collect();
    dates.extend(store::dates(conn).await?);
    dates.retain(|date| keep_until(*date, retention_days) < today);
    Ok(dates)
}

/// The oldest date that is still kept.
fn first_kept(today: NaiveDate, retention_days: u16) -> NaiveDate {
    today.checked_sub_days(Days::new(u64::from(retention_days))).unwrap_or(NaiveDate::MIN)
}

/// Forgets one date; returns how many of its mails had not been sent.
///
/// Each step is a commit of its own that may be repeated. The keys go last and with the audit entry: as long as anything else
/// of the date may be left, its row in `day_key` names it to the next purge.
async fn forget(conn: &mut PgConnection, now: DateTime<Utc>, keys: &KeyStore, date: NaiveDate) -> Result<u64, PurgeError> {
    let expired = store::expire(conn, now, date).await?;
    store::drop_visits(conn, date).await?;
    store::delete_outbox(conn, date).await?;
    let mut tx = conn.begin().await?;
    let public_key = store::public_key_sha256(&mut tx, date).await?;
    keys::shred(&mut tx, keys, date).await?;
    let detail = json!({ "date": date, "unsent": expired, "public_key_sha256": public_key });
    audit::record(&mut tx, now, &entry("retention.purge", detail)).await?;
    tx.commit().await?;
    tracing::info!(%date, unsent = expired, "a date was forgotten");
    Ok(expired)
}

/// Deletes cases and alerts past their time. A dry run does the same and takes it back.
async fn tidy(conn: &mut PgConnection, now: DateTime<Utc>, first_kept: NaiveDate, dry_run: bool) -> Result<Tidied, PurgeError> {
    let mut tx = conn.begin().await?;
    let (cases_before, alerts_before) = (now - Duration::days(CASE_DAYS.into()), now - Duration::days(ALERT_DAYS.into()));
    let people = store::delete_people(&mut tx, first_kept).await?;
    let alerts = store::delete_alerts(&mut tx, cases_before, alerts_before).await?;
    let cases = store::delete_cases(&mut tx, cases_before).await?;
    store::delete_alarms(&mut tx, alerts_before).await?;
    let tidied = Tidied { cases, alerts, people };
    if dry_run {
        tx.rollback().await?;
        return Ok(tidied);
    }
    if tidied != Tidied::default() {
        audit::record(&mut tx, now, &entry("retention.tidy", json!(tidied))).await?;
    }
    tx.commit().await?;
    Ok(tidied)
}

fn entry(action: &'static str, detail: serde_json::Value) -> Entry {
    Entry { actor: Actor::System, action, target_kind: "retention", target_id: None, detail }
}
