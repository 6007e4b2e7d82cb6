//! SQL of cases and stays.
use super::{CaseId, Reference, Stay};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use std::collections::BTreeSet;
use uuid::Uuid;

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
