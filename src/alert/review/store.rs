//! SQL of what officials see beside an alert. Reads cases, stays, venues and officials, and counts mails.
use crate::alert::AlertId;
use crate::base::cursor::Cursor;
use crate::case::{CaseId, Stay};
use crate::venue::VenueId;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// A case that no alert beyond a draft speaks of.
pub(super) struct CaseRow {
    pub(super) id: CaseId,
    pub(super) reference: String,
    pub(super) reported_by: String,
    pub(super) created_at: DateTime<Utc>,
    pub(super) draft: Option<AlertId>,
    pub(super) draft_number: Option<String>,
}

/// Open cases behind a place, or with `back` those before it, which come the wrong way round.
pub(super) async fn open_cases(conn: &mut PgConnection, from: Option<Cursor>, back: bool, limit: i64) -> Result<Vec<CaseRow>, sqlx::Error> {
    sqlx::query_as!(
        CaseRow,
        r#"select c.id as "id!: CaseId", c.reference as "reference!", c.reported_by as "reported_by!", c.created_at as "created_at!",
               d.id as "draft?: AlertId", d.number as "draft_number?"
           from case_report c
           left join lateral (
               select a.id, a.number from alert_case k join alert a on a.id = k.alert_id
               where k.case_id = c.id and a.cancelled_at is null and a.submitted_at is null
               order by a.created_at desc, a.id desc limit 1) d on true
           where c.closed_at is null and not exists (
               select from alert_case k join alert a on a.id = k.alert_id
               where k.case_id = c.id and a.cancelled_at is null and a.submitted_at is not null)
             and ($2::timestamptz is null
                  or (not $4 and (c.created_at, c.id) < ($2, $3)) or ($4 and (c.created_at, c.id) > ($2, $3)))
           order by case when $4 then c.created_at end, case when not $4 then c.created_at end desc,
               case when $4 then c.id end, case when not $4 then c.id end desc
           limit $1"#,
        limit,
        from.map(|cursor| cursor.at),
        from.map(|cursor| cursor.id),
        back,
    )
    .fetch_all(conn)
    .await
}

pub(super) async fn stays_of_cases(conn: &mut PgConnection, cases: &[CaseId]) -> Result<Vec<(CaseId, String, NaiveDate)>, sqlx::Error> {
    let cases: Vec<Uuid> = cases.iter().map(|case| case.0).collect();
    let rows = sqlx::query!(
        r#"select s.case_id as "case_id!: CaseId", v.name as "name!", s.visit_date as "visit_date!"
           from stay s join venue v on v.id = s.venue_id where s.case_id = any($1) order by s.visit_date, v.name, v.id"#,
        &cases,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.case_id, row.name, row.visit_date)).collect())
}

/// Venues and days of alerts: how many of each.
pub(super) async fn extents(conn: &mut PgConnection, alerts: &[AlertId]) -> Result<HashMap<AlertId, (i64, i64)>, sqlx::Error> {
    let alerts: Vec<Uuid> = alerts.iter().map(|alert| alert.0).collect();
    let rows = sqlx::query!(
        r#"select alert_id as "alert_id!: AlertId", count(distinct venue_id) as "venues!", count(distinct visit_date) as "days!"
           from alert_stay where alert_id = any($1) group by alert_id"#,
        &alerts,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.alert_id, (row.venues, row.days))).collect())
}

/// References of the cases of alerts, in order.
pub(super) async fn references(conn: &mut PgConnection, alerts: &[AlertId]) -> Result<Vec<(AlertId, CaseId, String)>, sqlx::Error> {
    let alerts: Vec<Uuid> = alerts.iter().map(|alert| alert.0).collect();
    let rows = sqlx::query!(
        r#"select k.alert_id as "alert_id!: AlertId", c.id as "id!: CaseId", c.reference as "reference!"
           from alert_case k join case_report c on c.id = k.case_id where k.alert_id = any($1) order by c.created_at, c.id"#,
        &alerts,
    )
    .fetch_all(conn)
    .await?;
    let mut found: Vec<_> = rows.into_iter().map(|row| (row.alert_id, row.id, row.reference)).collect();
    // As people write them down; what was reported in one minute has no order of its own.
    found.sort_by(|one, other| one.2.cmp(&other.2));
    Ok(found)
}

/// Stays of an alert that other alerts hold, too, cancelled ones left out.
pub(super) async fn overlaps(conn: &mut PgConnection, alert: AlertId, limit: i64) -> Result<Vec<(Stay, AlertId)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select s.venue_id as "venue_id!: VenueId", s.visit_date as "date!", o.alert_id as "alert_id!: AlertId"
           from alert_stay s
           join alert_stay o on o.venue_id = s.venue_id and o.visit_date = s.visit_date and o.alert_id <> s.alert_id
           join alert a on a.id = o.alert_id and a.cancelled_at is null
           where s.alert_id = $1
           order by s.venue_id, s.visit_date, a.created_at, a.id
           limit $2"#,
        alert.0,
        limit,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (Stay { venue_id: row.venue_id, date: row.date }, row.alert_id)).collect())
}

pub(super) async fn names_of_officials(conn: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, String>, sqlx::Error> {
    let rows = sqlx::query!("select id, name from official where id = any($1)", ids).fetch_all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// Mails accepted since `since`: how many, the first and the last.
pub(super) async fn sent_since(
    conn: &mut PgConnection,
    since: DateTime<Utc>,
) -> Result<(i64, Option<DateTime<Utc>>, Option<DateTime<Utc>>), sqlx::Error> {
    let row = sqlx::query!(
        r#"select count(*) as "mails!", min(finished_at) as first, max(finished_at) as last
           from outbox where state = 'sent' and finished_at > $1"#,
        since,
    )
    .fetch_one(conn)
    .await?;
    Ok((row.mails, row.first, row.last))
}

/// Alerts that wait for an approval and were not submitted by `principal`.
pub(super) async fn waiting(conn: &mut PgConnection, principal: &str) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "waiting!" from alert a join alert_standing s on s.alert_id = a.id
           where s.state = 'submitted' and a.submitted_by <> $1"#,
        principal,
    )
    .fetch_one(conn)
    .await
}

pub(super) async fn consents(conn: &mut PgConnection, alert: AlertId) -> Result<(i64, i64), sqlx::Error> {
    let row = sqlx::query!(
        r#"select count(distinct v.id) filter (where v.may_be_named) as "agreed!", count(distinct v.id) as "all!"
           from alert_stay s join venue v on v.id = s.venue_id where s.alert_id = $1"#,
        alert.0,
    )
    .fetch_one(conn)
    .await?;
    Ok((row.agreed, row.all))
}
