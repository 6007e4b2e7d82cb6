//! SQL of corrections, as far as people decide about them. Reads states of the outbox, never content.
use crate::alert::{AlertId, AlertNumber};
use crate::case::Stay;
use sqlx::PgConnection;

pub(in crate::alert) async fn number_of(conn: &mut PgConnection, id: AlertId) -> Result<AlertNumber, sqlx::Error> {
    let number = sqlx::query_scalar!("select number from alert where id = $1", id.0).fetch_one(conn).await?;
    Ok(AlertNumber::from_stored(number))
}

/// Notices of an alert that were taken, or perhaps were, and whose rows are still there.
pub(in crate::alert) async fn accepted(conn: &mut PgConnection, id: AlertId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "mails!" from outbox where alert_id = $1 and kind = 'notice' and state in ('sent', 'ambiguous')"#,
        id.0,
    )
    .fetch_one(conn)
    .await
}

/// Makes a fresh alert the correction of another: over the stays where that one was accepted.
pub(in crate::alert) async fn make_correction(tx: &mut PgConnection, id: AlertId, corrected: AlertId) -> Result<(), sqlx::Error> {
    sqlx::query!("update alert set corrects = $2 where id = $1", id.0, corrected.0).execute(&mut *tx).await?;
    sqlx::query!(
        "insert into alert_stay (alert_id, venue_id, visit_date)
         select distinct $1::uuid, venue_id, visit_date from outbox
         where alert_id = $2 and kind = 'notice' and state in ('sent', 'ambiguous')",
        id.0,
        corrected.0,
    )
    .execute(tx)
    .await
    .map(drop)
}

/// How many notices of a stay were accepted, and how many of them have their correction.
pub(in crate::alert) async fn count_corrected(
    conn: &mut PgConnection,
    correction: AlertId,
    corrected: AlertId,
    stay: Stay,
) -> Result<(i64, i64), sqlx::Error> {
    let row = sqlx::query!(
        r#"select count(*) as "accepted!",
               count(*) filter (where exists (
                   select from outbox c
                   where c.kind = 'correction' and c.alert_id = $4 and c.venue_id = o.venue_id and c.visit_date = o.visit_date
                     and c.mac = o.mac and c.state <> 'cancelled'
               )) as "already!"
           from outbox o
           where o.alert_id = $1 and o.venue_id = $2 and o.visit_date = $3 and o.kind = 'notice' and o.state in ('sent', 'ambiguous')"#,
        corrected.0,
        stay.venue_id.0,
        stay.date,
        correction.0,
    )
    .fetch_one(conn)
    .await?;
    Ok((row.accepted, row.already))
}
