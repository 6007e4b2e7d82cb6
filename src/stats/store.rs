//! The table `daily_count`, the count of a day's visits, and of one venue's.
use super::Count;
use super::venue::DayVisits;
use crate::venue::VenueId;
use chrono::NaiveDate;
use sqlx::PgConnection;

/// Dates up to `today` that have visits' partitions and no final count.
pub(super) async fn dates_to_count(conn: &mut PgConnection, today: NaiveDate) -> Result<Vec<NaiveDate>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select day as "day!" from visit_days() as day
           where day <= $1 and not exists (select from daily_count c where c.date = day and c.closed)
           order by day"#,
        today,
    )
    .fetch_all(conn)
    .await
}

/// The visits of one date. Added up by venue, so that a distributed table answers with one number from each shard.
pub(super) async fn count_visits(conn: &mut PgConnection, date: NaiveDate) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select coalesce(sum(visits), 0)::bigint as "visits!"
           from (select venue_id, count(*) as visits from visit where visit_date = $1 group by venue_id) as by_venue"#,
        date,
    )
    .fetch_one(conn)
    .await
}

/// Keeps a count; a final one stays as it is.
pub(super) async fn keep(conn: &mut PgConnection, count: &Count) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into daily_count (date, check_ins, counted_at, closed) values ($1, $2, $3, $4)
         on conflict (date) do update set check_ins = excluded.check_ins, counted_at = excluded.counted_at, closed = excluded.closed
         where not daily_count.closed",
        count.date,
        count.check_ins,
        count.counted_at,
        count.closed,
    )
    .execute(conn)
    .await
    .map(drop)
}

/// All counts from `first` on.
pub(super) async fn since(conn: &mut PgConnection, first: NaiveDate) -> Result<Vec<Count>, sqlx::Error> {
    sqlx::query_as!(Count, "select date, check_ins, counted_at, closed from daily_count where date >= $1 order by date", first)
        .fetch_all(conn)
        .await
}

/// One venue's visits by day, `first` to `last`.
pub(super) async fn visits_by_day(
    conn: &mut PgConnection,
    venue: VenueId,
    first: NaiveDate,
    last: NaiveDate,
) -> Result<Vec<DayVisits>, sqlx::Error> {
    sqlx::query_as!(
        DayVisits,
        r#"select visit_date as date, count(*) as "visits!"
           from visit where venue_id = $1 and visit_date between $2 and $3 group by visit_date order by visit_date"#,
        venue.0,
        first,
        last,
    )
    .fetch_all(conn)
    .await
}
