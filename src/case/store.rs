//! SQL of cases and stays. Reads of a venue only what a stay's check needs.
use super::{CaseId, Place, Reference, Stay};
use crate::venue::VenueId;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// The venues of `stays` that exist. Suspended and closed ones were active once.
pub(super) async fn venues(conn: &mut PgConnection, stays: &[Stay]) -> Result<HashMap<VenueId, Place>, sqlx::Error> {
    let ids: Vec<Uuid> = stays.iter().map(|stay| stay.venue_id.0).collect();
    let rows = sqlx::query!(
        r#"select id as "id: VenueId", day_starts_minutes, status in ('active', 'suspended', 'closed') as "was_active!"
           from venue where id = any($1)"#,
        &ids,
    )
    .fetch_all(conn)
    .await?;
    let place = |was_active, day_starts_minutes| Place { was_active, day_starts_minutes };
    Ok(rows.into_iter().map(|row| (row.id, place(row.was_active, row.day_starts_minutes))).collect())
}

pub(super) async fn insert(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    id: CaseId,
    reference: &Reference,
    reported_by: &str,
    stays: &BTreeSet<Stay>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into case_report (id, reference, reported_by, created_at) values ($1, $2, $3, $4)",
        id.0,
        reference.as_str(),
        reported_by,
        now,
    )
    .execute(&mut *tx)
    .await?;
    let (venues, dates): (Vec<Uuid>, Vec<NaiveDate>) = stays.iter().map(|stay| (stay.venue_id.0, stay.date)).unzip();
    sqlx::query!(
        "insert into stay (case_id, venue_id, visit_date) select $1, venue_id, visit_date from unnest($2::uuid[], $3::date[]) as s (venue_id, visit_date)",
        id.0,
        &venues,
        &dates,
    )
    .execute(tx)
    .await?;
    Ok(())
}
