//! SQL of corrections, as far as people decide about them. Reads states of the outbox, never content.
use crate::alert::{AlertId, AlertNumber};
use crate::case::Stay;
use sqlx::PgConnection;

pub(in crate::alert) async fn number_of(conn: &mut PgConnection, id: AlertId) -> Result<AlertNumber, sqlx::Error> {
    let number = sqlx::query_scalar!("select number from alert where id = $1", id.0).fetch_one(conn).await?;
    Ok(AlertNumber::from_stored(number))
}

/// The recipients of a correction of this alert: its notices that were taken, or perhaps were, whose rows are still there and
/// that no earlier correction reached.
pub(in crate::alert) async fn accepted(conn: &mut PgConnection, id: AlertId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "mails!" from outbox o
           where o.alert_id = $1 and o.kind = 'notice' and o.state in ('sent', 'ambiguous')
             and not exists (
                 select from outbox e join alert c on c.id = e.alert_id and c.corrects = $1
                 where e.kind = 'correction' and e.venue_id = o.venue_id and e.visit_date = o.visit_date and e.mac = o.mac
                   and e.state in ('sent', 'ambiguous'))"#,
        id.0,
    )
    .fetch_one(conn)
    .await
}

/// The work that an alert still has before it.
pub(in crate::alert) struct Left {
    /// Mails that delivery will still touch, or is touching.
    pub(in crate::alert) mails: i64,
    /// Stays whose notices are not in the outbox yet.
    pub(in crate::alert) stays: i64,
}

pub(in crate::alert) async fn left(conn: &mut PgConnection, id: AlertId) -> Result<Left, sqlx::Error> {
    sqlx::query_as!(
        Left,
        r#"select (select count(*) from outbox where alert_id = $1 and finished_at is null) as "mails!",
                  (select count(*) from alert_stay_match where alert_id = $1 and matched_at is null) as "stays!""#,
        id.0,
    )
    .fetch_one(conn)
    .await
}

/// Makes a fresh alert the correction of another: over the stays where that one was accepted, or may be before it stands still.
pub(in crate::alert) async fn make_correction(tx: &mut PgConnection, id: AlertId, corrected: AlertId) -> Result<(), sqlx::Error> {
    sqlx::query!("update alert set corrects = $2 where id = $1", id.0, corrected.0).execute(&mut *tx).await?;
    sqlx::query!(
        "insert into alert_stay (alert_id, venue_id, visit_date)
         select distinct $1::uuid, venue_id, visit_date from outbox
         where alert_id = $2 and kind = 'notice' and (state in ('sent', 'ambiguous') or finished_at is null)",
        id.0,
        corrected.0,
    )
    .execute(tx)
    .await
    .map(drop)
}

/// How many notices of a stay were accepted or are being handed over, and how many of them have their correction: from this one, or
/// from an earlier one that was cancelled on its way.
pub(in crate::alert) async fn count_corrected(
    conn: &mut PgConnection,
    correction: AlertId,
    corrected: AlertId,
    stay: Stay,
) -> Result<(i64, i64), sqlx::Error> {
    let row = sqlx::query!(
        r#"select count(*) as "accepted!",
               count(*) filter (where exists (
                   select from outbox e join alert c on c.id = e.alert_id and c.corrects = $1
                   where e.kind = 'correction' and e.venue_id = o.venue_id and e.visit_date = o.visit_date and e.mac = o.mac
                     and (e.state in ('sent', 'ambiguous') or (c.id = $4 and e.state <> 'cancelled'))
               )) as "already!"
           from outbox o
           where o.alert_id = $1 and o.venue_id = $2 and o.visit_date = $3 and o.kind = 'notice'
             and o.state in ('sent', 'ambiguous', 'submitting')"#,
        corrected.0,
        stay.venue_id.0,
        stay.date,
        correction.0,
    )
    .fetch_one(conn)
    .await?;
    Ok((row.accepted, row.already))
}
