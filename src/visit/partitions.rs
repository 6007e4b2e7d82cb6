//! Upkeep of the partitions of `visit`, one per business date (docs/DESIGN.md §3 "Time, retention, growth").
//!
//! The worker calls this; it runs through SQL functions that have their owner's rights.
use super::store;
use chrono::{Days, NaiveDate};
use sqlx::PgConnection;
use uuid::Uuid;

/// How many days ahead partitions are made: one more than keys, so that no check-in ever fails for want of a partition.
pub const DAYS_AHEAD: u32 = crate::keys::DAYS_AHEAD as u32 + 1;

/// Makes the partitions from the day before `today` to `ahead` days after it, those that are missing. Returns the new ones.
///
/// Yesterday is among them because a bar's business day may still be open (at most until 06:00).
/// Each is a transaction of its own: making one locks `visit` for an instant, and that is no time to wait for the next.
///
/// # Errors
/// The database's; a lock that was not free within a second is transient, and the next call goes on.
pub async fn ensure_days(connection: &mut PgConnection, today: NaiveDate, ahead: u32) -> Result<Vec<NaiveDate>, sqlx::Error> {
    let there = store::days(connection).await?;
    let mut made = Vec::new();
    for day in wanted(today, ahead).filter(|day| !there.contains(day)) {
        store::create_day(connection, day).await?;
        made.push(day);
    }
    Ok(made)
}

fn wanted(today: NaiveDate, ahead: u32) -> impl Iterator<Item = NaiveDate> {
    let last = today.checked_add_days(Days::new(u64::from(ahead))).unwrap_or(today);
    let first = today.pred_opt().unwrap_or(today);
    first.iter_days().take_while(move |day| *day <= last)
}

/// The dates that have a partition, in order.
///
/// # Errors
/// The database's.
pub async fn days(connection: &mut PgConnection) -> Result<Vec<NaiveDate>, sqlx::Error> {
    store::days(connection).await
}

/// The closed dates (before `first_open`, the earliest date that still takes check-ins) that wait for [`cluster_closed_day`].
///
/// # Errors
/// The database's.
pub async fn unclustered_days(connection: &mut PgConnection, first_open: NaiveDate) -> Result<Vec<NaiveDate>, sqlx::Error> {
    store::unclustered_days(connection, first_open).await
}

/// Gives the rows of a closed date their key's order, so that one venue's day lies together on disk.
///
/// Locks that date's rows for as long as it takes (about a second for a million rows); no check-in writes there any more.
/// A date without a partition is fine. A second call costs the same again: see [`unclustered_days`].
///
/// # Errors
/// The database's; a lock that was not free within five seconds is transient.
pub async fn cluster_closed_day(connection: &mut PgConnection, date: NaiveDate) -> Result<(), sqlx::Error> {
    store::cluster_day(connection, date).await
}

/// `vacuum (freeze, analyze)` of a closed date, after [`cluster_closed_day`].
///
/// Needs a connection as `DbRole::Owner` outside of a transaction. A login that does not own the table changes nothing:
/// Postgres warns and skips it, and its autovacuum does the same later.
///
/// # Errors
/// The database's; no such partition (SQLSTATE 42P01) among them.
pub async fn vacuum_closed_day(connection: &mut PgConnection, date: NaiveDate) -> Result<(), sqlx::Error> {
    store::vacuum_day(connection, date).await
}

/// Drops the partition of `date` with all its visits; none is fine. Only `retention` decides when.
///
/// # Errors
/// The database's; a lock that was not free within a second is transient.
pub async fn drop_day(connection: &mut PgConnection, date: NaiveDate) -> Result<(), sqlx::Error> {
    store::drop_day(connection, date).await
}

/// How many visits one venue has on one date.
///
/// # Errors
/// The database's.
pub async fn count(connection: &mut PgConnection, venue: Uuid, date: NaiveDate) -> Result<i64, sqlx::Error> {
    store::count(connection, venue, date).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yesterday_and_the_days_ahead_are_wanted() {
        let today = NaiveDate::from_ymd_opt(2026, 12, 30).unwrap();
        let days: Vec<String> = wanted(today, 3).map(|day| day.to_string()).collect();
        assert_eq!(days, ["2026-12-29", "2026-12-30", "2026-12-31", "2027-01-01", "2027-01-02"]);
        assert_eq!(wanted(today, 0).count(), 2);
    }
}
