//! The tables `day_key`, `day_mac_key` and `seal_epoch`.
pub(super) mod secrets;

use super::day_key::PublicDay;
use super::epoch::EpochRow;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

/// The published keys of `first` … `last`, in order.
pub(super) async fn day_keys(conn: &mut PgConnection, first: NaiveDate, last: NaiveDate) -> Result<Vec<PublicDay>, sqlx::Error> {
    let rows = sqlx::query!(
        "select visit_date, public_key, mac_key_hash, signature from day_key where visit_date between $1 and $2 order by visit_date",
        first,
        last
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(PublicDay {
                date: row.visit_date,
                public_key: exactly(row.public_key)?,
                mac_key_hash: exactly(row.mac_key_hash)?,
                signature: exactly(row.signature)?,
            })
        })
        .collect()
}

/// The table's CHECKs hold the lengths.
fn exactly<const N: usize>(bytes: Vec<u8>) -> Result<[u8; N], sqlx::Error> {
    bytes.try_into().map_err(|_| sqlx::Error::Decode("a day_key column has another length".into()))
}

/// Publishes a day's key unless the date has one.
pub(super) async fn publish_day(conn: &mut PgConnection, day: &PublicDay, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into day_key (visit_date, public_key, mac_key_hash, signature, created_at) values ($1, $2, $3, $4, $5)
         on conflict (visit_date) do nothing",
        day.date,
        day.public_key.as_slice(),
        day.mac_key_hash.as_slice(),
        day.signature.as_slice(),
        now
    )
    .execute(conn)
    .await
    .map(drop)
}

pub(super) async fn mac_key(conn: &mut PgConnection, date: NaiveDate) -> Result<Option<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar!("select wrapped from day_mac_key where visit_date = $1", date).fetch_optional(conn).await
}

/// The wrapped mac keys of `first` … `last`.
pub(super) async fn mac_keys(conn: &mut PgConnection, first: NaiveDate, last: NaiveDate) -> Result<Vec<(NaiveDate, Vec<u8>)>, sqlx::Error> {
    let rows =
        sqlx::query!("select visit_date, wrapped from day_mac_key where visit_date between $1 and $2", first, last).fetch_all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.visit_date, row.wrapped)).collect())
}

pub(super) async fn hand_over_mac_key(conn: &mut PgConnection, date: NaiveDate, wrapped: &[u8]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into day_mac_key (visit_date, wrapped) values ($1, $2) on conflict (visit_date) do update set wrapped = excluded.wrapped",
        date,
        wrapped
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Removes the mac keys of all dates but `first` … `last`.
pub(super) async fn take_mac_keys_back(conn: &mut PgConnection, first: NaiveDate, last: NaiveDate) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from day_mac_key where visit_date not between $1 and $2", first, last).execute(conn).await.map(drop)
}

pub(super) async fn insert_epoch(conn: &mut PgConnection, row: &EpochRow, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into seal_epoch (id, visit_date, enc, canary, created_at) values ($1, $2, $3, $4, $5)",
        row.id,
        row.date,
        row.enc,
        row.canary,
        now
    )
    .execute(conn)
    .await
    .map(drop)
}

pub(super) async fn epochs(conn: &mut PgConnection, ids: &[i64]) -> Result<Vec<EpochRow>, sqlx::Error> {
    sqlx::query_as!(EpochRow, r#"select id, visit_date as "date", enc, canary from seal_epoch where id = any($1)"#, ids)
        .fetch_all(conn)
        .await
}

/// Which of these epochs have a canary that was opened wrongly.
pub(super) async fn failed_epochs(conn: &mut PgConnection, ids: &[i64]) -> Result<Vec<i64>, sqlx::Error> {
    sqlx::query_scalar!("select id from seal_epoch where id = any($1) and not canary_opened", ids).fetch_all(conn).await
}

/// Epochs whose canary nobody opened yet, oldest first.
pub(super) async fn unchecked_epochs(conn: &mut PgConnection, limit: i64) -> Result<Vec<EpochRow>, sqlx::Error> {
    sqlx::query_as!(
        EpochRow,
        r#"select id, visit_date as "date", enc, canary from seal_epoch where canary_checked_at is null order by created_at limit $1"#,
        limit
    )
    .fetch_all(conn)
    .await
}

/// Writes down which canaries opened. The first answer stands.
pub(super) async fn canaries_checked(conn: &mut PgConnection, ids: &[i64], opened: &[bool], now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update seal_epoch set canary_checked_at = $3, canary_opened = found.opened
         from unnest($1::bigint[], $2::bool[]) as found (id, opened)
         where seal_epoch.id = found.id and canary_checked_at is null",
        ids,
        opened,
        now
    )
    .execute(conn)
    .await
    .map(drop)
}

/// How many canaries opened wrongly since `failed_since`, and how many made before `late_before` nobody opened.
pub(super) async fn canary_counts(
    conn: &mut PgConnection,
    failed_since: DateTime<Utc>,
    late_before: DateTime<Utc>,
) -> Result<(i64, i64), sqlx::Error> {
    let row = sqlx::query!(
        r#"select (select count(*) from seal_epoch where not canary_opened and created_at > $1) as "failed!",
                  (select count(*) from seal_epoch where canary_checked_at is null and created_at <= $2) as "late!""#,
        failed_since,
        late_before
    )
    .fetch_one(conn)
    .await?;
    Ok((row.failed, row.late))
}

/// All dates that these tables speak of.
pub(super) async fn dates(conn: &mut PgConnection) -> Result<Vec<NaiveDate>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select visit_date as "visit_date!" from day_key
           union select visit_date from day_mac_key
           union select visit_date from seal_epoch"#
    )
    .fetch_all(conn)
    .await
}

/// Removes every row of a date. In the caller's transaction.
pub(super) async fn delete_date(tx: &mut PgConnection, date: NaiveDate) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from day_mac_key where visit_date = $1", date).execute(&mut *tx).await?;
    sqlx::query!("delete from seal_epoch where visit_date = $1", date).execute(&mut *tx).await?;
    sqlx::query!("delete from day_key where visit_date = $1", date).execute(&mut *tx).await.map(drop)
}

/// When a canary was last opened rightly.
pub(super) async fn last_opened(conn: &mut PgConnection) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    sqlx::query_scalar!("select max(canary_checked_at) from seal_epoch where canary_opened").fetch_one(conn).await
}
