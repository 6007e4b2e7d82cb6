//! SQL of drafts that follow their cases. Reads stays and cases besides its own tables.
use crate::alert::AlertId;
use crate::case::{CaseId, Stay};
use crate::venue::VenueId;
use sqlx::{PgConnection, query, query_as, query_scalar};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// How far the alerts of a case are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseProgress {
    /// A draft is prepared; nobody has submitted it.
    Draft,
    /// At least one was submitted, and perhaps sent.
    Submitted,
}

/// The drafts that hold a case, locked.
pub(super) async fn lock_drafts(tx: &mut PgConnection, case: CaseId) -> Result<Vec<AlertId>, sqlx::Error> {
    query_scalar!(
        r#"select a.id as "id: AlertId" from alert a
           where a.submitted_at is null and a.cancelled_at is null
             and exists (select from alert_case l where l.alert_id = a.id and l.case_id = $1)
           order by a.id
           for update"#,
        case.0
    )
    .fetch_all(tx)
    .await
}

/// Whether the case has a stay that no alert of it was submitted with.
pub(super) async fn has_untold_stay(conn: &mut PgConnection, case: CaseId) -> Result<bool, sqlx::Error> {
    query_scalar!(
        r#"select exists (
               select from stay t
               where t.case_id = $1
                 and not exists (
                     select from alert_case k join alert b on b.id = k.alert_id
                     join alert_stay u on u.alert_id = b.id and u.venue_id = t.venue_id and u.visit_date = t.visit_date
                     where k.case_id = t.case_id and b.submitted_at is not null and b.cancelled_at is null)
           ) as "untold!""#,
        case.0
    )
    .fetch_one(conn)
    .await
}

/// Gives a draft the stays of its cases, without those that another alert of the case was submitted with. Returns how many it
/// has now.
pub(super) async fn align(tx: &mut PgConnection, draft: AlertId) -> Result<i64, sqlx::Error> {
    query!(
        "insert into alert_stay (alert_id, venue_id, visit_date)
         select distinct l.alert_id, t.venue_id, t.visit_date
         from alert_case l join stay t on t.case_id = l.case_id
         where l.alert_id = $1
         on conflict do nothing",
        draft.0
    )
    .execute(&mut *tx)
    .await?;
    query!("select withdraw_draft_stays($1)", draft.0).fetch_one(&mut *tx).await?;
    query_scalar!(r#"select count(*) as "count!" from alert_stay where alert_id = $1"#, draft.0).fetch_one(tx).await
}

/// The stays that an alert of this case was submitted with.
pub(super) async fn submitted_stays(conn: &mut PgConnection, case: CaseId) -> Result<HashSet<Stay>, sqlx::Error> {
    let stays = query_as!(
        Stay,
        r#"select distinct u.venue_id as "venue_id: VenueId", u.visit_date as date
           from alert_case k join alert b on b.id = k.alert_id join alert_stay u on u.alert_id = b.id
           where k.case_id = $1 and b.submitted_at is not null and b.cancelled_at is null"#,
        case.0
    );
    Ok(stays.fetch_all(conn).await?.into_iter().collect())
}

pub(super) async fn of_case(conn: &mut PgConnection, case: CaseId) -> Result<Vec<AlertId>, sqlx::Error> {
    query_scalar!(
        r#"select a.id as "id: AlertId" from alert a join alert_case l on l.alert_id = a.id
           where l.case_id = $1 order by a.created_at desc, a.id limit 20"#,
        case.0
    )
    .fetch_all(conn)
    .await
}

pub(super) async fn progress_of_cases(conn: &mut PgConnection, cases: &[CaseId]) -> Result<HashMap<CaseId, CaseProgress>, sqlx::Error> {
    let ids: Vec<Uuid> = cases.iter().map(|case| case.0).collect();
    let rows = query!(
        r#"select l.case_id as "case_id: CaseId", bool_or(a.submitted_at is not null) as "submitted!"
           from alert_case l join alert a on a.id = l.alert_id
           where l.case_id = any($1) and a.cancelled_at is null
           group by l.case_id"#,
        &ids
    );
    let progress = |submitted| if submitted { CaseProgress::Submitted } else { CaseProgress::Draft };
    Ok(rows.fetch_all(conn).await?.into_iter().map(|row| (row.case_id, progress(row.submitted))).collect())
}

pub(super) async fn waiting_cases(conn: &mut PgConnection) -> Result<i64, sqlx::Error> {
    query_scalar!(
        r#"select count(*) as "count!" from case_report c
           where c.closed_at is null
             and not exists (select from alert_case l join alert a on a.id = l.alert_id
                             where l.case_id = c.id and a.submitted_at is not null and a.cancelled_at is null)"#
    )
    .fetch_one(conn)
    .await
}
