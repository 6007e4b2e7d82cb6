//! SQL of what people decide about alerts, and of what they see. Reads besides its own tables: stays and cases, visits and the
//! outbox (counts only), the officials who approve. What the worker does is in `dispatch/store.rs`.
use super::approval::StoredSubmission;
use super::signed::{Approved, LateReleased, Submitted as SignedSubmission};
use super::wording::Chosen;
use super::{AlertId, AlertNumber, Texts};
use crate::case::{CaseId, Stay};
use crate::official::Signed;
use crate::venue::VenueId;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use uuid::Uuid;

pub(super) async fn existing_cases(conn: &mut PgConnection, cases: &[CaseId]) -> Result<HashSet<CaseId>, sqlx::Error> {
    let ids: Vec<Uuid> = cases.iter().map(|case| case.0).collect();
    let found = sqlx::query_scalar!(r#"select id as "id: CaseId" from case_report where id = any($1)"#, &ids).fetch_all(conn).await?;
    Ok(found.into_iter().collect())
}

/// A draft, as it begins.
pub(super) struct NewAlert {
    pub(super) id: AlertId,
    pub(super) until: NaiveDate,
    pub(super) by: String,
    pub(super) at: DateTime<Utc>,
}

/// False when another alert has the number.
pub(super) async fn insert(tx: &mut PgConnection, number: &AlertNumber, new: &NewAlert) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query!(
        "insert into alert (id, number, until_date, created_by, created_at) values ($1, $2, $3, $4, $5) on conflict (number) do nothing",
        new.id.0,
        number.as_str(),
        new.until,
        new.by,
        new.at,
    )
    .execute(tx)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Ties cases to an alert and gives it their stays, folded. Returns how many stays.
pub(super) async fn join_cases(tx: &mut PgConnection, id: AlertId, cases: &[CaseId]) -> Result<u64, sqlx::Error> {
    let cases: Vec<Uuid> = cases.iter().map(|case| case.0).collect();
    sqlx::query!("insert into alert_case (alert_id, case_id) select $1, case_id from unnest($2::uuid[]) as c (case_id)", id.0, &cases)
        .execute(&mut *tx)
        .await?;
    let stays = sqlx::query!(
        "insert into alert_stay (alert_id, venue_id, visit_date)
         select distinct $1::uuid, venue_id, visit_date from stay where case_id = any($2)",
        id.0,
        &cases,
    )
    .execute(tx)
    .await?;
    Ok(stays.rows_affected())
}

/// Cancels drafts that hold no other cases than these, in favour of `id`. Says how many.
pub(super) async fn replace_drafts(tx: &mut PgConnection, now: DateTime<Utc>, id: AlertId, cases: &[CaseId]) -> Result<u64, sqlx::Error> {
    let cases: Vec<Uuid> = cases.iter().map(|case| case.0).collect();
    let replaced = sqlx::query!(
        "update alert a set cancelled_at = $2, replaced_by = $1
         where a.id <> $1 and a.submitted_at is null and a.cancelled_at is null
           and a.id in (select alert_id from alert_case where case_id = any($3))
           and not exists (select from alert_case c where c.alert_id = a.id and c.case_id <> all($3))",
        id.0,
        now,
        &cases,
    )
    .execute(tx)
    .await?;
    Ok(replaced.rows_affected())
}

/// The names of those venues of an alert that agreed to be named.
pub(super) async fn names_that_may_be_told(conn: &mut PgConnection, id: AlertId) -> Result<BTreeMap<VenueId, String>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select distinct v.id as "id!: VenueId", v.name as "name!" from alert_stay s join venue v on v.id = s.venue_id
           where s.alert_id = $1 and v.may_be_named"#,
        id.0,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

pub(super) async fn stays(conn: &mut PgConnection, id: AlertId) -> Result<BTreeSet<Stay>, sqlx::Error> {
    let stays =
        sqlx::query_as!(Stay, r#"select venue_id as "venue_id: VenueId", visit_date as date from alert_stay where alert_id = $1"#, id.0,)
            .fetch_all(conn)
            .await?;
    Ok(stays.into_iter().collect())
}

/// The visits of a stay, and whom notices told.
pub(super) struct StayNumbers {
    pub(super) visits: i64,
    /// Visits with a notice that was neither cancelled nor withdrawn.
    pub(super) already: i64,
    /// Of the others, those whose person got a notice that was withdrawn since.
    pub(super) withdrawn: i64,
}

/// How many visits a stay has, how many of them have a notice that holds, and how many once had one.
pub(super) async fn count_stay(conn: &mut PgConnection, stay: Stay) -> Result<StayNumbers, sqlx::Error> {
    sqlx::query_as!(
        StayNumbers,
        r#"-- the visits of one venue's day, read whole before any other table is looked at; a notice that was merged was got with
           -- the one that speaks for its person
           with v as materialized (select mac from visit where venue_id = $1 and visit_date = $2),
           told as (
               select exists (
                          select from outbox o
                          where o.venue_id = $1 and o.visit_date = $2 and o.mac = v.mac and o.kind = 'notice'
                            and o.state <> 'cancelled' and o.withdrawn_at is null) as holds,
                      exists (
                          select from outbox o
                          where o.venue_id = $1 and o.visit_date = $2 and o.mac = v.mac and o.withdrawn_at is not null
                            and o.state in ('sent', 'ambiguous', 'merged')) as held
               from v)
           select count(*) as "visits!", count(*) filter (where holds) as "already!",
               count(*) filter (where held and not holds) as "withdrawn!"
           from told"#,
        stay.venue_id.0,
        stay.date,
    )
    .fetch_one(conn)
    .await
}

pub(super) async fn lock(tx: &mut PgConnection, id: AlertId) -> Result<(), sqlx::Error> {
    sqlx::query!("select from alert where id = $1 for update", id.0).fetch_optional(tx).await.map(drop)
}

/// The columns that a submission writes.
pub(super) struct Submitted<'a> {
    pub(super) revision: i32,
    pub(super) by: &'a str,
    pub(super) until: NaiveDate,
    pub(super) tonight: Option<&'a str>,
}

pub(super) async fn submit(tx: &mut PgConnection, now: DateTime<Utc>, id: AlertId, submitted: &Submitted<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update alert set submitted_by = $2, submitted_at = $3, revision = $4, until_date = $5, tonight_reason = $6, paused_at = null,
             returned_at = null, returned_by = null, return_reason = null
         where id = $1",
        id.0,
        submitted.by,
        now,
        submitted.revision,
        submitted.until,
        submitted.tonight,
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Changes the words. Whoever waits for its approval has seen others, so it is a draft again, under a new revision if one was used.
pub(super) async fn set_wording(tx: &mut PgConnection, id: AlertId, revision: i32, chosen: &Chosen) -> Result<(), sqlx::Error> {
    let wording = &chosen.wording;
    sqlx::query!(
        "update alert set advice = $2, until_date = $3, until_chosen = $4, note_ja = $5, note_en = $6, name_venues = $7,
             revision = $8, submitted_by = null, submitted_at = null, tonight_reason = null, paused_at = null
         where id = $1",
        id.0,
        wording.advice.as_str(),
        wording.until,
        chosen.until_chosen,
        wording.note_ja,
        wording.note_en,
        wording.name_venues,
        revision,
    )
    .execute(tx)
    .await
    .map(drop)
}

/// An approver wants it otherwise: a draft again, under a new revision, so that what they saw can no longer be approved.
pub(super) async fn send_back(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    id: AlertId,
    principal: &str,
    reason: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update alert set revision = revision + 1, submitted_by = null, submitted_at = null, tonight_reason = null, paused_at = null,
             returned_at = $2, returned_by = $3, return_reason = $4
         where id = $1",
        id.0,
        now,
        principal,
        reason,
    )
    .execute(tx)
    .await
    .map(drop)
}

pub(super) async fn insert_submission(tx: &mut PgConnection, said: &SignedSubmission<'_>, signed: &Signed) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into alert_submission (alert_id, revision, digest, visits, submitted_at, signed) values ($1, $2, $3, $4, $5, $6)",
        said.alert.0,
        said.revision,
        said.digest,
        said.visits,
        said.at,
        signed.as_bytes(),
    )
    .execute(tx)
    .await
    .map(drop)
}

/// The submission that an approval of this revision speaks of: an approval after one that was refused has a revision of its own.
pub(super) async fn submission(conn: &mut PgConnection, id: AlertId, revision: i32) -> Result<Option<StoredSubmission>, sqlx::Error> {
    sqlx::query_as!(
        StoredSubmission,
        "select revision, digest, visits, submitted_at, signed from alert_submission
         where alert_id = $1 and revision <= $2 order by revision desc limit 1",
        id.0,
        revision,
    )
    .fetch_optional(conn)
    .await
}

/// How often an alert was paused.
pub(super) async fn pauses(conn: &mut PgConnection, id: AlertId) -> Result<i32, sqlx::Error> {
    sqlx::query_scalar!("select pauses from alert where id = $1", id.0).fetch_one(conn).await
}

pub(super) async fn insert_resume(
    tx: &mut PgConnection,
    id: AlertId,
    pause: i32,
    now: DateTime<Utc>,
    signed: &Signed,
) -> Result<(), sqlx::Error> {
    let resume = sqlx::query!(
        "insert into alert_resume (alert_id, pause, resumed_at, signed) values ($1, $2, $3, $4)",
        id.0,
        pause,
        now,
        signed.as_bytes(),
    );
    resume.execute(tx).await.map(drop)
}

pub(super) async fn approve(tx: &mut PgConnection, said: &Approved<'_>, principal: &str, signed: &Signed) -> Result<(), sqlx::Error> {
    let visits = i32::try_from(said.visits).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
    sqlx::query!("update alert set revision = $2, paused_at = null where id = $1", said.alert.0, said.revision).execute(&mut *tx).await?;
    sqlx::query!(
        "insert into alert_approval (alert_id, revision, principal, digest, visits, approved_at, hold_until, tonight_reason, pauses, signed)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        said.alert.0,
        said.revision,
        principal,
        said.digest,
        visits,
        said.at,
        said.hold_until,
        said.tonight,
        said.pauses,
        signed.as_bytes(),
    )
    .execute(tx)
    .await
    .map(drop)
}

pub(super) async fn cancel(tx: &mut PgConnection, now: DateTime<Utc>, id: AlertId) -> Result<(), sqlx::Error> {
    sqlx::query!("update alert set cancelled_at = $2 where id = $1", id.0, now).execute(tx).await.map(drop)
}

pub(super) async fn set_paused(tx: &mut PgConnection, id: AlertId, at: Option<DateTime<Utc>>) -> Result<(), sqlx::Error> {
    sqlx::query!("update alert set paused_at = $2 where id = $1", id.0, at).execute(tx).await.map(drop)
}

pub(super) async fn release_late(tx: &mut PgConnection, said: &LateReleased, principal: &str, signed: &Signed) -> Result<(), sqlx::Error> {
    let visits = i32::try_from(said.visits).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
    sqlx::query!(
        "insert into alert_late_release (alert_id, released_at, principal, visits, signed) values ($1, $2, $3, $4, $5)",
        said.alert.0,
        said.at,
        principal,
        visits,
        signed.as_bytes(),
    )
    .execute(tx)
    .await
    .map(drop)
}

/// When an alert of that number was released, in which words, and the number and moment of its correction.
pub(super) async fn released(conn: &mut PgConnection, number: &AlertNumber) -> Result<Option<Released>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select d.started_at as "started_at!", d.texts as "texts!: Json<Texts>", c.number as "corrected_by?", k.started_at as "corrected_at?"
           from alert a join alert_dispatch d on d.alert_id = a.id
           left join (alert c join alert_dispatch k on k.alert_id = c.id and k.started_at is not null) on c.corrects = a.id
           where a.number = $1 and d.started_at is not null
           order by k.started_at limit 1"#,
        number.as_str(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Released {
        at: row.started_at,
        texts: row.texts.0,
        corrected: row.corrected_by.map(AlertNumber::from_stored).zip(row.corrected_at),
    }))
}

/// The result of [`released`].
pub(super) struct Released {
    pub(super) at: DateTime<Utc>,
    pub(super) texts: Texts,
    pub(super) corrected: Option<(AlertNumber, DateTime<Utc>)>,
}

/// Notices of an alert, and of all alerts since `since`, that were not cancelled: what the caps count.
pub(super) async fn notices_sent(conn: &mut PgConnection, id: AlertId, since: DateTime<Utc>) -> Result<(i64, i64), sqlx::Error> {
    let row = sqlx::query!(
        r#"select (select count(*) from outbox where alert_id = $1 and state <> 'cancelled') as "of_alert!",
                  (select count(*) from outbox where kind = 'notice' and state <> 'cancelled' and created_at >= $2) as "of_day!""#,
        id.0,
        since,
    )
    .fetch_one(conn)
    .await?;
    Ok((row.of_alert, row.of_day))
}

/// The alert of a number, for a letter that shows its words.
pub(super) async fn by_number(conn: &mut PgConnection, number: &AlertNumber) -> Result<Option<AlertId>, sqlx::Error> {
    sqlx::query_scalar!(r#"select id as "id: AlertId" from alert where number = $1"#, number.as_str()).fetch_optional(conn).await
}
