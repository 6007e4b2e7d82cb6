//! SQL of forgetting. Touches every table that holds something with an end (`POLICY`).
use super::clock_check::Memory;
use chrono::{DateTime, Duration, NaiveDate, Utc};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use sqlx::{Connection, PgConnection};

/// The memory of time; other looks wait until the caller's transaction ends.
pub(super) async fn memory(tx: &mut PgConnection) -> Result<Option<Memory>, sqlx::Error> {
    let row =
        sqlx::query!("select lived_at, seen_at, doubted_seconds, purged_at, crowd, gained_milliseconds from service_clock for update")
            .fetch_optional(tx)
            .await?;
    Ok(row.map(|row| Memory {
        lived_at: row.lived_at,
        seen_at: row.seen_at,
        doubted: Duration::seconds(row.doubted_seconds),
        purged_at: row.purged_at,
        crowd: usize::try_from(row.crowd).unwrap_or(0),
        gained: Duration::milliseconds(row.gained_milliseconds),
    }))
}

/// When the worker was last at work, by what it alone writes; `None` where it never was.
pub(super) async fn last_work(conn: &mut PgConnection) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    sqlx::query_scalar!("select greatest((select max(created_at) from day_key), (select max(canary_checked_at) from seal_epoch))")
        .fetch_one(conn)
        .await
}

pub(super) async fn remember(tx: &mut PgConnection, memory: &Memory) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into service_clock (lived_at, seen_at, doubted_seconds, purged_at, crowd, gained_milliseconds)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (id) do update set lived_at = excluded.lived_at, seen_at = excluded.seen_at,
             doubted_seconds = excluded.doubted_seconds, purged_at = excluded.purged_at, crowd = excluded.crowd,
             gained_milliseconds = excluded.gained_milliseconds",
        memory.lived_at,
        memory.seen_at,
        memory.doubted.num_seconds(),
        memory.purged_at,
        i32::try_from(memory.crowd).unwrap_or(i32::MAX),
        memory.gained.num_milliseconds(),
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Notes a purge that went through, and the oldest date that it kept.
pub(super) async fn purged(conn: &mut PgConnection, first_kept: NaiveDate) -> Result<(), sqlx::Error> {
    sqlx::query!("update service_clock set purged_at = lived_at, first_kept = $1", first_kept).execute(conn).await.map(drop)
}

/// Notes how many dates were due at once and held back for it; 0 for none.
pub(super) async fn crowd(conn: &mut PgConnection, dates: usize) -> Result<(), sqlx::Error> {
    let dates = i32::try_from(dates).unwrap_or(i32::MAX);
    sqlx::query!("update service_clock set crowd = $1 where crowd <> $1", dates).execute(conn).await.map(drop)
}

/// When the worker last looked at the clocks.
pub(super) async fn seen_at(conn: &mut PgConnection) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    sqlx::query_scalar!("select seen_at from service_clock").fetch_optional(conn).await
}

/// Dates that have visits' partitions or mails.
pub(super) async fn dates(conn: &mut PgConnection) -> Result<Vec<NaiveDate>, sqlx::Error> {
    sqlx::query_scalar!(r#"select day as "day!" from visit_days() as day union select visit_date from outbox"#).fetch_all(conn).await
}

/// Whether an alert on `date` was submitted and is neither stopped nor has it sent what it has to send for that date.
/// A draft that nobody submitted holds nothing up: what visitors were promised comes first.
pub(super) async fn has_unsent_alert(conn: &mut PgConnection, date: NaiveDate) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (
               select from alert_stay s
               join alert a on a.id = s.alert_id
               left join alert_stay_match m on m.alert_id = s.alert_id and m.venue_id = s.venue_id and m.visit_date = s.visit_date
               where s.visit_date = $1 and a.submitted_at is not null and a.cancelled_at is null
                 and (m.matched_at is null
                      or exists (select from outbox o where o.alert_id = a.id and o.visit_date = $1 and o.finished_at is null))
           ) as "unsent!""#,
        date,
    )
    .fetch_one(conn)
    .await
}

/// Mails of a date that delivery would still touch.
pub(super) async fn unsent(conn: &mut PgConnection, date: NaiveDate) -> Result<u64, sqlx::Error> {
    let rows = sqlx::query_scalar!(r#"select count(*) as "rows!" from outbox where visit_date = $1 and finished_at is null"#, date)
        .fetch_one(conn)
        .await?;
    Ok(rows.unsigned_abs())
}

/// Ends the mails of a date that were not sent. Returns how many.
pub(super) async fn expire(conn: &mut PgConnection, now: DateTime<Utc>, date: NaiveDate) -> Result<u64, sqlx::Error> {
    let expired = sqlx::query!(
        "update outbox set state = 'dead', reason = 'expired', finished_at = $2, lease = null, lease_until = null
         where visit_date = $1 and finished_at is null",
        date,
        now,
    )
    .execute(conn)
    .await?;
    Ok(expired.rows_affected())
}

/// Drops a date's visits. Rather gives up than waits behind a long read: whoever checks in meanwhile would wait behind the drop.
pub(super) async fn drop_visits(conn: &mut PgConnection, date: NaiveDate) -> Result<(), sqlx::Error> {
    let mut tx = conn.begin().await?;
    sqlx::query!("set local lock_timeout = '2s'").execute(&mut *tx).await?;
    sqlx::query!("select drop_visit_day($1)", date).fetch_one(&mut *tx).await?;
    tx.commit().await
}

/// Deletes the mails of a date and keeps of each alert's how many ended in which state: one statement, so that a purge killed
/// before or after it loses none and counts none twice.
pub(super) async fn delete_outbox(conn: &mut PgConnection, date: NaiveDate) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "with gone as (delete from outbox where visit_date = $1 returning alert_id, state, ambiguous_attempts, repeats)
         insert into delivery_summary (alert_id, visit_date, sent, ambiguous, merged, suppressed, bounced, cancelled, dead,
             ambiguous_attempts, repeats)
         select g.alert_id, $1,
             count(*) filter (where state = 'sent'), count(*) filter (where state = 'ambiguous'),
             count(*) filter (where state = 'merged'), count(*) filter (where state = 'suppressed'),
             count(*) filter (where state = 'bounced'), count(*) filter (where state = 'cancelled'),
             count(*) filter (where state not in ('sent', 'ambiguous', 'merged', 'suppressed', 'bounced', 'cancelled')),
             sum(g.ambiguous_attempts), sum(g.repeats)
         from gone g join alert a on a.id = g.alert_id
         group by g.alert_id
         on conflict (alert_id, visit_date) do update set
             sent = delivery_summary.sent + excluded.sent, ambiguous = delivery_summary.ambiguous + excluded.ambiguous,
             merged = delivery_summary.merged + excluded.merged, suppressed = delivery_summary.suppressed + excluded.suppressed,
             bounced = delivery_summary.bounced + excluded.bounced, cancelled = delivery_summary.cancelled + excluded.cancelled,
             dead = delivery_summary.dead + excluded.dead,
             ambiguous_attempts = delivery_summary.ambiguous_attempts + excluded.ambiguous_attempts,
             repeats = delivery_summary.repeats + excluded.repeats",
        date,
    )
    .execute(conn)
    .await
    .map(drop)
}

/// The SHA-256 of a date's public key, for the audit chain: it says which key was destroyed, and opens nothing.
pub(super) async fn public_key_sha256(conn: &mut PgConnection, date: NaiveDate) -> Result<Option<String>, sqlx::Error> {
    let key = sqlx::query_scalar!("select public_key from day_key where visit_date = $1", date).fetch_optional(conn).await?;
    Ok(key.map(|key| HEXLOWER.encode(&Sha256::digest(key))))
}

/// Deletes who was told by alerts all of whose dates are forgotten.
pub(super) async fn delete_people(conn: &mut PgConnection, first_kept: NaiveDate) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query!(
        "delete from alert_person p
         where not exists (select from alert_stay s where s.alert_id = p.alert_id and s.visit_date >= $1)
           and not exists (select from outbox o where o.alert_id = p.alert_id)",
        first_kept,
    )
    .execute(conn)
    .await?;
    Ok(deleted.rows_affected())
}

/// Deletes alerts that were released before `released_before`, and those never released and drafted before `drafted_before`.
pub(super) async fn delete_alerts(
    conn: &mut PgConnection,
    drafted_before: DateTime<Utc>,
    released_before: DateTime<Utc>,
) -> Result<u64, sqlx::Error> {
    let deleted = sqlx::query!(
        "delete from alert a
         where case when exists (select from alert_dispatch d where d.alert_id = a.id and d.started_at is not null)
                    then (select d.started_at from alert_dispatch d where d.alert_id = a.id) < $2
                    else a.created_at < $1 end",
        drafted_before,
        released_before,
    )
    .execute(conn)
    .await?;
    Ok(deleted.rows_affected())
}

/// Deletes alarms that were over before `before`.
pub(super) async fn delete_alarms(conn: &mut PgConnection, before: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from alarm where cleared_at < $1", before).execute(conn).await.map(drop)
}

/// Deletes cases reported before `before`, and the stays of alerts drafted before then. Returns how many cases.
pub(super) async fn delete_cases(conn: &mut PgConnection, before: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    sqlx::query!("delete from alert_stay s using alert a where a.id = s.alert_id and a.created_at < $1", before)
        .execute(&mut *conn)
        .await?;
    sqlx::query!("delete from alert_case l using case_report c where c.id = l.case_id and c.created_at < $1", before)
        .execute(&mut *conn)
        .await?;
    let deleted = sqlx::query!("delete from case_report where created_at < $1", before).execute(conn).await?;
    Ok(deleted.rows_affected())
}
