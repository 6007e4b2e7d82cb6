//! SQL of cases, their stays and notes.
use super::record::{CaseRow, Noted};
use super::{CaseId, Checked, FormKey, Note, Stay};
use crate::venue::VenueId;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, query, query_as, query_scalar};
use std::collections::{BTreeSet, HashSet};
use uuid::Uuid;

/// A case that is reported.
pub(super) struct NewReport<'a> {
    pub(super) id: CaseId,
    pub(super) case: &'a Checked,
    pub(super) form: Option<FormKey>,
    pub(super) by: &'a str,
    pub(super) at: DateTime<Utc>,
}

/// A note that is added to a case, as its `no`th.
pub(super) struct NewNote<'a> {
    pub(super) no: i16,
    pub(super) text: &'a Note,
    pub(super) by: &'a str,
    pub(super) at: DateTime<Utc>,
}

/// False when the same form was sent before.
pub(super) async fn insert(tx: &mut PgConnection, new: &NewReport<'_>) -> Result<bool, sqlx::Error> {
    let inserted = query!(
        "insert into case_report (id, reference, reported_by, created_at, onset, tested, form_key) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (form_key) do nothing",
        new.id.0,
        new.case.reference.as_str(),
        new.by,
        new.at,
        new.case.onset,
        new.case.tested,
        new.form.as_ref().map(|form| form.0.as_slice()),
    )
    .execute(tx)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

fn columns<'a>(stays: impl IntoIterator<Item = &'a Stay>) -> (Vec<Uuid>, Vec<NaiveDate>) {
    stays.into_iter().map(|stay| (stay.venue_id.0, stay.date)).unzip()
}

/// Returns how many were not there before.
pub(super) async fn insert_stays(tx: &mut PgConnection, id: CaseId, stays: &BTreeSet<Stay>) -> Result<u64, sqlx::Error> {
    let (venues, dates) = columns(stays);
    let inserted = query!(
        "insert into stay (case_id, venue_id, visit_date)
         select $1, venue_id, visit_date from unnest($2::uuid[], $3::date[]) as s (venue_id, visit_date)
         on conflict do nothing",
        id.0,
        &venues,
        &dates,
    )
    .execute(tx)
    .await?;
    Ok(inserted.rows_affected())
}

pub(super) async fn delete_stays(tx: &mut PgConnection, id: CaseId, stays: &[Stay]) -> Result<u64, sqlx::Error> {
    let (venues, dates) = columns(stays);
    let deleted = query!(
        "delete from stay
         where case_id = $1
           and (venue_id, visit_date) in (select venue_id, visit_date from unnest($2::uuid[], $3::date[]) as s (venue_id, visit_date))",
        id.0,
        &venues,
        &dates,
    )
    .execute(tx)
    .await?;
    Ok(deleted.rows_affected())
}

pub(super) async fn count_stays(conn: &mut PgConnection, id: CaseId) -> Result<usize, sqlx::Error> {
    let count = query_scalar!(r#"select count(*) as "count!" from stay where case_id = $1"#, id.0).fetch_one(conn).await?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

pub(super) async fn stays(conn: &mut PgConnection, id: CaseId) -> Result<Vec<Stay>, sqlx::Error> {
    query_as!(
        Stay,
        r#"select venue_id as "venue_id: VenueId", visit_date as date from stay where case_id = $1 order by venue_id, visit_date"#,
        id.0
    )
    .fetch_all(conn)
    .await
}

pub(super) async fn notes(conn: &mut PgConnection, id: CaseId) -> Result<Vec<Noted>, sqlx::Error> {
    query_as!(Noted, "select no, note, noted_by, noted_at from case_note where case_id = $1 order by no", id.0).fetch_all(conn).await
}

pub(super) async fn insert_note(tx: &mut PgConnection, id: CaseId, new: &NewNote<'_>) -> Result<(), sqlx::Error> {
    query!(
        "insert into case_note (case_id, no, note, noted_by, noted_at) values ($1, $2, $3, $4, $5)",
        id.0,
        new.no,
        new.text.as_str(),
        new.by,
        new.at
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Locks the row; says whether the case is closed.
pub(super) async fn lock(tx: &mut PgConnection, id: CaseId) -> Result<Option<bool>, sqlx::Error> {
    query_scalar!(r#"select closed_at is not null as "closed!" from case_report where id = $1 for update"#, id.0).fetch_optional(tx).await
}

pub(super) async fn row(conn: &mut PgConnection, id: CaseId) -> Result<Option<(CaseRow, String)>, sqlx::Error> {
    let row = query!(
        r#"select reference, onset, tested, created_at, closed_at, reported_by,
                  (select count(*) from stay s where s.case_id = case_report.id) as "stays!"
           from case_report where id = $1"#,
        id.0
    );
    let Some(row) = row.fetch_optional(conn).await? else {
        return Ok(None);
    };
    let reported_by = row.reported_by;
    let row = CaseRow {
        id,
        reference: row.reference,
        onset: row.onset,
        tested: row.tested,
        stays: row.stays,
        created_at: row.created_at,
        closed_at: row.closed_at,
    };
    Ok(Some((row, reported_by)))
}

pub(super) async fn list(conn: &mut PgConnection, after: Option<CaseId>, limit: i64) -> Result<Vec<CaseRow>, sqlx::Error> {
    query_as!(
        CaseRow,
        r#"with last as (select closed_at is not null as closed, created_at, id from case_report where id = $1)
           select c.id as "id: CaseId", c.reference, c.onset, c.tested,
                  (select count(*) from stay s where s.case_id = c.id) as "stays!", c.created_at, c.closed_at
           from case_report c left join last l on true
           where $1::uuid is null
              or (c.closed_at is not null) > l.closed
              or ((c.closed_at is not null) = l.closed and (c.created_at < l.created_at or (c.created_at = l.created_at and c.id > l.id)))
           order by (c.closed_at is not null), c.created_at desc, c.id
           limit $2"#,
        after.map(|id| id.0),
        limit
    )
    .fetch_all(conn)
    .await
}

pub(super) async fn namesakes(conn: &mut PgConnection, id: CaseId, reference: &str) -> Result<Vec<CaseRow>, sqlx::Error> {
    query_as!(
        CaseRow,
        r#"select c.id as "id: CaseId", c.reference, c.onset, c.tested,
                  (select count(*) from stay s where s.case_id = c.id) as "stays!", c.created_at, c.closed_at
           from case_report c where c.reference = $2 and c.id <> $1
           order by c.created_at desc, c.id limit 10"#,
        id.0,
        reference
    )
    .fetch_all(conn)
    .await
}

pub(super) async fn of_form(conn: &mut PgConnection, form: FormKey) -> Result<Option<CaseId>, sqlx::Error> {
    query_scalar!(r#"select id as "id: CaseId" from case_report where form_key = $1"#, form.0.as_slice()).fetch_optional(conn).await
}

pub(super) async fn open_among(conn: &mut PgConnection, cases: &[CaseId]) -> Result<HashSet<CaseId>, sqlx::Error> {
    let ids: Vec<Uuid> = cases.iter().map(|case| case.0).collect();
    let open = query_scalar!(r#"select id as "id: CaseId" from case_report where id = any($1) and closed_at is null"#, &ids);
    Ok(open.fetch_all(conn).await?.into_iter().collect())
}

/// Whether that changed anything.
pub(super) async fn set_dates(
    tx: &mut PgConnection,
    id: CaseId,
    onset: Option<NaiveDate>,
    tested: Option<NaiveDate>,
) -> Result<bool, sqlx::Error> {
    let done = query!(
        "update case_report set onset = $2, tested = $3
         where id = $1 and (onset is distinct from $2 or tested is distinct from $3)",
        id.0,
        onset,
        tested
    )
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn set_closed(tx: &mut PgConnection, id: CaseId, at: Option<DateTime<Utc>>) -> Result<(), sqlx::Error> {
    query!("update case_report set closed_at = $2 where id = $1", id.0, at).execute(tx).await.map(drop)
}
