//! SQL of notices that no longer hold. Writes when they were withdrawn, and sends other alerts over the same stays to look again.
use super::Hash;
use crate::alert::AlertId;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// Alerts that may count these notices as told: those over the same stays, without this one and without corrections; in order.
pub(super) async fn others_over_its_stays(conn: &mut PgConnection, corrected: AlertId) -> Result<Vec<AlertId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select distinct a.id as "id!: AlertId"
           from alert_stay s
           join alert_stay o on o.venue_id = s.venue_id and o.visit_date = s.visit_date and o.alert_id <> s.alert_id
           join alert a on a.id = o.alert_id and a.cancelled_at is null and a.corrects is null
           where s.alert_id = $1
           order by a.id"#,
        corrected.0,
    )
    .fetch_all(conn)
    .await
}

pub(super) async fn withdraw(tx: &mut PgConnection, now: DateTime<Utc>, corrected: AlertId) -> Result<u64, sqlx::Error> {
    let withdrawn = sqlx::query!(
        "-- also those that were merged, suppressed or could not be sent: a mistake counts for nobody
         update outbox set withdrawn_at = $2
         where alert_id = $1 and kind = 'notice' and state <> 'cancelled' and withdrawn_at is null",
        corrected.0,
        now,
    )
    .execute(tx)
    .await?;
    Ok(withdrawn.rows_affected())
}

/// Notices of a cancelled alert that ended without arriving count for nobody: another alert may reach those people.
pub(super) async fn withdraw_ended(tx: &mut PgConnection, now: DateTime<Utc>, cancelled: AlertId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update outbox set withdrawn_at = $2
         where alert_id = $1 and kind = 'notice' and state in ('dead', 'bounced', 'suppressed') and withdrawn_at is null",
        cancelled.0,
        now,
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Opens the dates of other alerts over the same stays once more: their next pass counts whom nobody told validly. The alert
/// itself has nobody left to tell, and neither have others that were mistakes.
pub(super) async fn look_again(tx: &mut PgConnection, corrected: AlertId) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update alert_stay_match m set closed_at = null
         from alert b, alert_stay s
         where s.alert_id = $1 and m.venue_id = s.venue_id and m.visit_date = s.visit_date and m.alert_id <> $1
           and b.id = m.alert_id and b.corrects is null and b.cancelled_at is null
           and m.matched_at is not null and m.closed_at is not null
           and not exists (select from alert c left join alert_dispatch k on k.alert_id = c.id
                           where c.corrects = b.id and (c.cancelled_at is null or k.started_at is not null))",
        corrected.0,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("update alert_stay_match set late = 0 where alert_id = $1 and late > 0", corrected.0).execute(tx).await.map(drop)
}

/// Alerts whose correction was released and that may have told somebody.
pub(super) async fn withdrawn_alerts(conn: &mut PgConnection) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select distinct c.corrects as "alert!" from alert c join alert_dispatch k on k.alert_id = c.id
           where c.corrects is not null and k.started_at is not null
             and exists (select from alert_person p where p.alert_id = c.corrects)"#,
    )
    .fetch_all(conn)
    .await
}

/// Which of these people (alert, hash) got a notice of that alert, and whether the correction to them is still to leave.
pub(super) async fn got_withdrawn(conn: &mut PgConnection, people: &[(Uuid, Hash)]) -> Result<Vec<(Uuid, Hash, bool)>, sqlx::Error> {
    let alerts: Vec<Uuid> = people.iter().map(|(alert, _)| *alert).collect();
    let hashes: Vec<Vec<u8>> = people.iter().map(|(_, hash)| hash.to_vec()).collect();
    let rows = sqlx::query!(
        r#"-- a row that is gone went with its date; nothing can be on its way any more
           select p.alert_id as "alert_id!", p.person as "person!",
               coalesce((
                   select bool_or((c.cancelled_at is null and m.matched_at is null) or x.id is not null)
                   from alert c
                   join alert_stay_match m on m.alert_id = c.id and m.venue_id = o.venue_id and m.visit_date = o.visit_date
                   left join outbox x on x.kind = 'correction' and x.alert_id = c.id and x.venue_id = o.venue_id
                       and x.visit_date = o.visit_date and x.mac = o.mac and x.state <> 'cancelled' and x.finished_at is null
                   where c.corrects = p.alert_id), false) as "waits!"
           from unnest($1::uuid[], $2::bytea[]) as asked (alert_id, person)
           join alert_person p on p.alert_id = asked.alert_id and p.person = asked.person
           left join outbox o on o.id = p.outbox_id
           where o.id is null or o.state in ('sent', 'ambiguous')"#,
        &alerts,
        &hashes,
    )
    .fetch_all(conn)
    .await?;
    let found = |alert, person: Vec<u8>, waits| Some((alert, Hash::try_from(person).ok()?, waits));
    Ok(rows.into_iter().filter_map(|row| found(row.alert_id, row.person, row.waits)).collect())
}
