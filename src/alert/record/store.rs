//! SQL of the decision sheet, and of what things are called. Reads many rooms' tables, writes none.
use super::{ApprovalLine, Case, LateLine, StayLine};
use crate::alert::overview::Extent;
use crate::alert::{AlertNumber, Texts};
use sqlx::PgConnection;
use sqlx::types::Json;
use std::collections::HashMap;
use uuid::Uuid;

/// The names of the alerts, cases, venues, officials and tokens with these identifiers.
pub(super) async fn names(conn: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, String>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id as "id!", name as "name!", false as "is_alert!" from venue where id = any($1)
           union all select id, reference, false from case_report where id = any($1)
           union all select id, name, false from official where id = any($1)
           union all select id, name, false from api_token where id = any($1)
           union all select id, number, true from alert where id = any($1)"#,
        ids,
    )
    .fetch_all(conn)
    .await?;
    let shown = |name: String, is_alert: bool| if is_alert { AlertNumber::from_stored(name).to_string() } else { name };
    Ok(rows.into_iter().map(|row| (row.id, shown(row.name, row.is_alert))).collect())
}

/// The alert with this number.
pub(super) async fn by_number(conn: &mut PgConnection, number: &AlertNumber) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar!("select id from alert where number = $1", number.as_str()).fetch_optional(conn).await
}

/// How many venues and dates alerts have, and how many visits their submitters saw.
pub(in crate::alert) async fn extents(conn: &mut PgConnection, alerts: &[Uuid]) -> Result<HashMap<Uuid, Extent>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select s.alert_id, count(distinct s.venue_id) as "venues!", count(distinct s.visit_date) as "days!",
               (select (e.detail ->> 'visits')::bigint from audit_entry e
                where e.target_kind = 'alert' and e.target_id = s.alert_id and e.action = 'alert.submit'
                order by e.id desc limit 1) as submitted
           from alert_stay s where s.alert_id = any($1) group by s.alert_id"#,
        alerts,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.alert_id, Extent { venues: row.venues, days: row.days, submitted: row.submitted })).collect())
}

/// The cases of an alert, oldest first.
pub(super) async fn cases(conn: &mut PgConnection, alert: Uuid) -> Result<Vec<Case>, sqlx::Error> {
    sqlx::query_as!(
        Case,
        "select c.reference, c.reported_by, c.created_at from alert_case l join case_report c on c.id = l.case_id
         where l.alert_id = $1 order by c.created_at, c.id",
        alert,
    )
    .fetch_all(conn)
    .await
}

/// The stays of an alert with the notices that were made for each: read off the outbox, as long as its rows are kept.
pub(super) async fn stays(conn: &mut PgConnection, alert: Uuid) -> Result<Vec<StayLine>, sqlx::Error> {
    sqlx::query_as!(
        StayLine,
        r#"select s.venue_id, v.name as venue, s.visit_date as date, m.late as "late?",
               (select count(*) from outbox o
                where o.alert_id = s.alert_id and o.venue_id = s.venue_id and o.visit_date = s.visit_date and o.kind = 'notice') as "notices!"
           from alert_stay s join venue v on v.id = s.venue_id
           left join alert_stay_match m on m.alert_id = s.alert_id and m.venue_id = s.venue_id and m.visit_date = s.visit_date
           where s.alert_id = $1 order by s.visit_date, v.name, s.venue_id"#,
        alert,
    )
    .fetch_all(conn)
    .await
}

/// Notices of an alert to visits that once had a notice which was withdrawn; as long as both rows are kept.
pub(super) async fn told_before(conn: &mut PgConnection, alert: Uuid) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "notices!" from outbox n
           where n.alert_id = $1 and n.kind = 'notice' and n.withdrawn_at is null
             and exists (select from outbox o
                         where o.venue_id = n.venue_id and o.visit_date = n.visit_date and o.mac = n.mac
                           and o.withdrawn_at is not null and o.state in ('sent', 'ambiguous', 'merged'))"#,
        alert,
    )
    .fetch_one(conn)
    .await
}

/// Every approval of an alert, oldest first.
pub(super) async fn approvals(conn: &mut PgConnection, alert: Uuid) -> Result<Vec<ApprovalLine>, sqlx::Error> {
    sqlx::query_as!(
        ApprovalLine,
        "select revision, principal, visits, approved_at, hold_until, tonight_reason from alert_approval where alert_id = $1 order by revision",
        alert,
    )
    .fetch_all(conn)
    .await
}

/// The words under which an alert was released.
pub(super) async fn released_texts(conn: &mut PgConnection, alert: Uuid) -> Result<Option<Texts>, sqlx::Error> {
    let texts = sqlx::query_scalar!(r#"select texts as "texts: Json<Texts>" from alert_dispatch where alert_id = $1"#, alert)
        .fetch_optional(conn)
        .await?;
    Ok(texts.flatten().map(|texts| texts.0))
}

/// Every click on late visits, oldest first.
pub(super) async fn late_releases(conn: &mut PgConnection, alert: Uuid) -> Result<Vec<LateLine>, sqlx::Error> {
    sqlx::query_as!(
        LateLine,
        "select released_at, principal, visits, handled_at, refused_reason from alert_late_release where alert_id = $1 order by released_at",
        alert,
    )
    .fetch_all(conn)
    .await
}
