//! The SQL on `visit` and its partitions.
use super::recorder::VisitRow;
use crate::keys::MAC_LEN;
use chrono::NaiveDate;
use sqlx::postgres::{PgDatabaseError, PgSeverity};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::time::Duration;
use uuid::Uuid;

/// `cannot execute … in a read-only transaction` (PostgreSQL, appendix A): this server has become a standby.
const READ_ONLY: &str = "25006";

/// Inserts `rows` in their order, in one transaction of its own. A row that is there already stays as it is.
///
/// Returns after the commit: sqlx reads up to ReadyForQuery, which the server sends when the transaction has ended.
/// The caller sorts the rows by key, since two writers that lock keys in different orders deadlock.
pub(super) async fn insert(connection: &mut PgConnection, rows: &[VisitRow]) -> Result<(), sqlx::Error> {
    let venues: Vec<Uuid> = rows.iter().map(|row| row.venue_id).collect();
    let dates: Vec<NaiveDate> = rows.iter().map(|row| row.visit_date).collect();
    let macs: Vec<&[u8]> = rows.iter().map(|row| row.mac.as_slice()).collect();
    let epochs: Vec<i64> = rows.iter().map(|row| row.epoch_id).collect();
    let posters: Vec<i16> = rows.iter().map(|row| row.poster_no).collect();
    let sealed: Vec<&[u8]> = rows.iter().map(|row| row.sealed.as_slice()).collect();
    sqlx::query!(
        "insert into visit (venue_id, visit_date, mac, epoch_id, poster_no, sealed)
         select venue_id, visit_date, mac, epoch_id, poster_no, sealed
         from unnest($1::uuid[], $2::date[], $3::bytea[], $4::bigint[], $5::smallint[], $6::bytea[])
             as new (venue_id, visit_date, mac, epoch_id, poster_no, sealed)
         on conflict do nothing",
        &venues,
        &dates,
        &macs as _,
        &epochs,
        &posters,
        &sealed as _,
    )
    .execute(connection)
    .await
    .map(drop)
}

/// Does all that recording `rows` takes, and leaves none of them: they are taken back before the commit. The commit is
/// a real one, so that a full disk shows where it would show: at the table's new pages, or in the log of the database.
pub(super) async fn probe(connection: &mut PgConnection, rows: &[VisitRow]) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin().await?;
    let mut taken_back = transaction.begin().await?;
    insert(&mut taken_back, rows).await?;
    taken_back.rollback().await?;
    transaction.commit().await
}

/// A visit as it lies in the database. The roles of production may not see it whole; the demonstration shows one.
///
/// # Errors
/// The database.
pub async fn stored(conn: &mut PgConnection, venue: Uuid, date: NaiveDate, mac: &[u8; MAC_LEN]) -> Result<Option<VisitRow>, sqlx::Error> {
    let row = sqlx::query!(
        "select epoch_id, poster_no, sealed from visit where venue_id = $1 and visit_date = $2 and mac = $3",
        venue,
        date,
        mac.as_slice(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| VisitRow {
        venue_id: venue,
        visit_date: date,
        mac: *mac,
        epoch_id: row.epoch_id,
        poster_no: row.poster_no,
        sealed: row.sealed,
    }))
}

/// How many visits a venue's day holds.
///
/// # Errors
/// The database.
pub async fn recorded(conn: &mut PgConnection, venue: Uuid, date: NaiveDate) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"select count(*) as "visits!" from visit where venue_id = $1 and visit_date = $2"#, venue, date)
        .fetch_one(conn)
        .await
}

/// Lets every later statement of this session wait for a lock no longer than `limit` (then SQLSTATE 55P03).
///
/// A statement that we gave up on must not wait in the server for ever: it holds a backend.
pub(super) async fn bound_lock_waits(connection: &mut PgConnection, limit: Duration) -> Result<(), sqlx::Error> {
    let milliseconds = limit.as_millis().max(1).to_string();
    sqlx::query_scalar!("select set_config('lock_timeout', $1, false)", milliseconds).fetch_one(connection).await.map(drop)
}

/// Whether the connection is of no more use after `error`: it broke, the server ended it, or the server became a standby.
/// A statement that failed otherwise leaves it whole.
pub(super) fn is_connection_lost(error: &sqlx::Error) -> bool {
    let Some(said) = error.as_database_error() else { return true };
    let ended =
        said.try_downcast_ref::<PgDatabaseError>().is_some_and(|said| matches!(said.severity(), PgSeverity::Fatal | PgSeverity::Panic));
    ended || said.code().is_some_and(|code| code == READ_ONLY)
}

/// At which of these venues anybody checked in on a date.
pub(super) async fn visited(connection: &mut PgConnection, date: NaiveDate, venues: &[Uuid]) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!("select venue_id from visit where visit_date = $1 and venue_id = any($2) group by venue_id", date, venues)
        .fetch_all(connection)
        .await
}

/// How many visits one venue has on one date.
pub(super) async fn count(connection: &mut PgConnection, venue: Uuid, date: NaiveDate) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"select count(*) as "count!" from visit where venue_id = $1 and visit_date = $2"#, venue, date)
        .fetch_one(connection)
        .await
}

/// At which of these venues the date holds the visit of that mac. `venues` and `macs` are of equal length, a pair each.
pub(super) async fn own(
    connection: &mut PgConnection,
    date: NaiveDate,
    venues: &[Uuid],
    macs: &[[u8; MAC_LEN]],
) -> Result<Vec<Uuid>, sqlx::Error> {
    let macs: Vec<&[u8]> = macs.iter().map(<[u8; MAC_LEN]>::as_slice).collect();
    sqlx::query_scalar!(
        "select venue_id from visit
         where visit_date = $1
           and (venue_id, mac) in (select venue_id, mac from unnest($2::uuid[], $3::bytea[]) as own (venue_id, mac))",
        date,
        venues,
        &macs as _,
    )
    .fetch_all(connection)
    .await
}

/// Erases one visit; false if it was not there.
pub(super) async fn erase(connection: &mut PgConnection, venue: Uuid, date: NaiveDate, mac: &[u8]) -> Result<bool, sqlx::Error> {
    let erased =
        sqlx::query_scalar!("delete from visit where venue_id = $1 and visit_date = $2 and mac = $3 returning venue_id", venue, date, mac,)
            .fetch_all(connection)
            .await?;
    Ok(!erased.is_empty())
}

/// The dates that have a partition, in order.
pub(super) async fn days(connection: &mut PgConnection) -> Result<Vec<NaiveDate>, sqlx::Error> {
    sqlx::query_scalar!(r#"select day as "day!" from visit_days() as day order by day"#).fetch_all(connection).await
}

/// The dates before `first_open` whose partition was never put in order. `cluster` leaves its mark on the index.
pub(super) async fn unclustered_days(connection: &mut PgConnection, first_open: NaiveDate) -> Result<Vec<NaiveDate>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select day as "day!" from visit_days() as day
           where day < $1 and not exists (
               select from pg_index where indrelid = to_regclass(visit_day_name(day)) and indisclustered)
           order by day"#,
        first_open,
    )
    .fetch_all(connection)
    .await
}

/// Makes the partition of `date`, unless it is there.
pub(super) async fn create_day(connection: &mut PgConnection, date: NaiveDate) -> Result<(), sqlx::Error> {
    sqlx::query!("select create_visit_day($1)", date).execute(connection).await.map(drop)
}

/// Drops the partition of `date` with all its rows; none is fine.
pub(super) async fn drop_day(connection: &mut PgConnection, date: NaiveDate) -> Result<(), sqlx::Error> {
    sqlx::query!("select drop_visit_day($1)", date).execute(connection).await.map(drop)
}

/// Gives the rows of `date` their key's order on disk.
pub(super) async fn cluster_day(connection: &mut PgConnection, date: NaiveDate) -> Result<(), sqlx::Error> {
    sqlx::query!("select cluster_visit_day($1)", date).execute(connection).await.map(drop)
}

/// Freezes the rows of `date` and marks its pages all-visible. Only the table's owner can; for others the server skips it.
pub(super) async fn vacuum_day(connection: &mut PgConnection, date: NaiveDate) -> Result<(), sqlx::Error> {
    // A utility statement takes no parameters; the name consists of digits that we write ourselves.
    let statement = format!("vacuum (freeze, analyze) visit_{}", date.format("%Y%m%d"));
    sqlx::query(AssertSqlSafe(statement)).execute(connection).await.map(drop)
}
