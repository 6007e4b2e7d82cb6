//! The purge: dates past retention are forgotten, then cases and alerts past theirs.
use super::clock_check::{Doubt, Look, Verdict, judge, limit, may_go};
use super::clock_watch::{keep_time, remembered};
use super::policy::{ALERT_DAYS, CASE_DAYS};
use super::store;
use crate::audit::{self, Actor, Entry};
use crate::base::clock::{Zone, keep_until};
use crate::case;
use crate::keys::{self, KeyStore, KeysError};
use crate::official::{self, AlarmKind};
use crate::visit::partitions;
use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use serde_json::json;
use sqlx::{Connection, PgConnection, PgPool};
use std::collections::BTreeSet;

/// Days by which a date may outlive retention for an alert on it that is not sent yet. Also the margin below which no stay can
/// be reported, so an alert has at least twice that time.
pub const MAX_WAIT_DAYS: u16 = case::MARGIN_DAYS;

/// How to purge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct How {
    /// Change nothing, and say what would be done.
    pub dry_run: bool,
    /// Dates that an administrator lets go although the clocks are in doubt. They must be past retention by the clock.
    pub let_go: Vec<NaiveDate>,
}

/// The result of a purge, or of its rehearsal.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Purged {
    /// Dates that were forgotten.
    pub dates: Vec<NaiveDate>,
    /// Dates past retention that wait for an alert.
    pub waiting: Vec<NaiveDate>,
    /// Dates that are past retention by the clock and were held back, because the clock is not believed.
    pub held: Vec<NaiveDate>,
    /// Why it is not believed.
    pub doubt: Option<String>,
    /// Mails of those dates that had not been sent.
    pub expired: u64,
    /// Other rows that were past their time.
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
    /// A date that was to be let go is not past retention by the clock either.
    #[error("{0} is not past retention, or nothing of it is left: it cannot be let go")]
    NotDue(NaiveDate),
    /// The worker's keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The database.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// How long dates are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Where a date begins and ends.
    pub zone: Zone,
    /// `RETENTION_DAYS`
    pub days: u16,
}

/// Forgets every date that is past retention and may go, then what else is past its time.
///
/// A date that waits for an alert is kept up to [`MAX_WAIT_DAYS`] longer. It does not hold up the other dates. What the
/// clocks call due and the time that was lived does not is held back ([`super::judge`]).
///
/// # Errors
/// [`PurgeError::ClocksDisagree`] and [`PurgeError::NotDue`] before anything is touched.
pub async fn purge(look: &Look, pool: &PgPool, keys: &KeyStore, retention: Retention, how: &How) -> Result<Purged, PurgeError> {
    let Retention { zone, days: retention_days } = retention;
    let mut conn = pool.acquire().await?;
    let verdict = judged(&mut conn, look, how.dry_run).await?;
    if let Some(Doubt::ClocksDisagree(seconds)) = verdict.doubt {
        return Err(PurgeError::ClocksDisagree(seconds));
    }
    let by_clock = past_retention(&mut conn, keys, zone.today(look.local.min(look.database)), retention_days).await?;
    if let Some(date) = how.let_go.iter().find(|date| !by_clock.contains(date)) {
        return Err(PurgeError::NotDue(*date));
    }
    let mut run = Run { conn: &mut conn, keys, now: look.local, dry_run: how.dry_run, purged: Purged::default() };
    run.let_go(&how.let_go).await?;
    let today = zone.today(verdict.believed);
    let left = by_clock.into_iter().filter(|date| !how.let_go.contains(date));
    let (due, held): (Vec<_>, Vec<_>) = left.partition(|date| keep_until(*date, retention_days) < today);
    run.purged.held = held;
    run.purged.doubt = verdict.detail();
    let due = run.without_waiting(due, today, retention_days).await?;
    let (due, only_mails) = run.apart(due).await?;
    let first_kept = first_kept(today, retention_days);
    let all = run.go(due, &verdict, first_kept).await?;
    for date in only_mails {
        run.forget(date).await?;
    }
    let mut purged = run.purged;
    purged.held.sort_unstable();
    if all {
        purged.tidied = tidy(&mut conn, look.local, verdict.believed, first_kept, how.dry_run).await?;
    }
    Ok(purged)
}

/// The judgement on the clocks; a dry run remembers nothing of it.
async fn judged(conn: &mut PgConnection, look: &Look, dry_run: bool) -> Result<Verdict, sqlx::Error> {
    if !dry_run {
        return keep_time(conn, look).await;
    }
    let mut tx = conn.begin().await?;
    let verdict = judge(remembered(&mut tx, look).await?, look);
    tx.rollback().await?;
    Ok(verdict)
}

/// A purge under way.
struct Run<'a> {
    conn: &'a mut PgConnection,
    keys: &'a KeyStore,
    now: DateTime<Utc>,
    dry_run: bool,
    purged: Purged,
}

impl Run<'_> {
    /// The dates that an administrator lets go. Each date has an entry of its own, before anything of it is destroyed.
    async fn let_go(&mut self, dates: &[NaiveDate]) -> Result<(), PurgeError> {
        for date in dates {
            if !self.dry_run {
                let mut tx = self.conn.begin().await?;
                audit::record(&mut tx, self.now, &entry("retention.let_go", json!({ "date": date }))).await?;
                tx.commit().await?;
            }
            self.forget(*date).await?;
        }
        Ok(())
    }

    /// Sets those aside that wait for an alert, and returns the others.
    async fn without_waiting(&mut self, due: Vec<NaiveDate>, today: NaiveDate, retention_days: u16) -> Result<Vec<NaiveDate>, PurgeError> {
        let mut going = Vec::new();
        for date in due {
            let may_wait = today <= keep_until(date, retention_days.saturating_add(MAX_WAIT_DAYS));
            let waits = may_wait && store::has_unsent_alert(self.conn, date).await?;
            if waits { self.purged.waiting.push(date) } else { going.push(date) }
        }
        Ok(going)
    }

    /// Dates with visits or keys, and those of which only mails are left. The worker alone makes the former. Web posts
    /// letters and writes their dates, so these must not count where too many dates are a doubt: whoever has its login would
    /// hold everything back for ever.
    async fn apart(&mut self, due: Vec<NaiveDate>) -> Result<(Vec<NaiveDate>, Vec<NaiveDate>), PurgeError> {
        let mut own = keys::days_with_keys(self.conn, self.keys).await?;
        own.extend(partitions::days(self.conn).await?);
        Ok(due.into_iter().partition(|date| own.contains(date)))
    }

    /// Forgets what is due, unless it is too much at once; false then.
    async fn go(&mut self, due: Vec<NaiveDate>, verdict: &Verdict, first_kept: NaiveDate) -> Result<bool, PurgeError> {
        let (count, may) = (due.len(), may_go(&verdict.memory, due.len()));
        for (done, date) in due.into_iter().enumerate() {
            if done < may { self.forget(date).await? } else { self.purged.held.push(date) }
        }
        let crowd = count.saturating_sub(may);
        if crowd > 0 {
            let doubt = Doubt::TooMany { due: count, limit: limit(&verdict.memory) };
            self.purged.doubt = Verdict { doubt: Some(doubt), ..*verdict }.detail();
        }
        if self.dry_run {
            return Ok(crowd == 0);
        }
        store::crowd(self.conn, crowd).await?;
        match &self.purged.doubt {
            Some(detail) if crowd > 0 => official::raise(self.conn, self.now, AlarmKind::Clock, detail).await?,
            Some(_) if matches!(verdict.doubt, Some(Doubt::TooMany { .. })) => {
                self.purged.doubt = None;
                official::clear(self.conn, self.now, AlarmKind::Clock).await?
            }
            _ => false,
        };
        if crowd == 0 || may > 0 {
            store::purged(self.conn, first_kept).await?;
        }
        Ok(crowd == 0)
    }

    async fn forget(&mut self, date: NaiveDate) -> Result<(), PurgeError> {
        self.purged.expired +=
            if self.dry_run { store::unsent(self.conn, date).await? } else { forget(self.conn, self.now, self.keys, date).await? };
        self.purged.dates.push(date);
        Ok(())
    }
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

/// Deletes cases and alerts past their time, by the time that is believed. A dry run does the same and takes it back.
async fn tidy(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    believed: DateTime<Utc>,
    first_kept: NaiveDate,
    dry_run: bool,
) -> Result<Tidied, PurgeError> {
    let mut tx = conn.begin().await?;
    let (cases_before, alerts_before) = (believed - Duration::days(CASE_DAYS.into()), believed - Duration::days(ALERT_DAYS.into()));
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
