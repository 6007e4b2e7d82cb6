//! A case as it is worked on: listed, looked at, given dates, stays and notes, closed and opened again.
use super::store::NewNote;
use super::{CaseError, CaseId, CaseProblem, FormKey, MAX_NOTES, MAX_STAYS, Note, Stay, check_dates, check_stays, store};
use crate::official::{Act, MayTrace, Session};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use sqlx::PgConnection;
use std::collections::HashSet;

/// Most cases in one answer.
pub const MAX_LISTED: i64 = 100;

/// A line of the list.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct CaseRow {
    /// Its identifier.
    pub id: CaseId,
    /// The health centre's reference.
    pub reference: String,
    /// First symptoms.
    pub onset: Option<NaiveDate>,
    /// The test.
    pub tested: Option<NaiveDate>,
    /// How many stays.
    pub stays: i64,
    /// When it was reported.
    pub created_at: DateTime<Utc>,
    /// When it was closed, if it is.
    pub closed_at: Option<DateTime<Utc>>,
}

/// A note of a case.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Noted {
    /// Its number in the case, from 1.
    pub no: i16,
    /// Its words.
    pub note: String,
    /// By whom, as a stored principal.
    pub noted_by: String,
    /// When.
    pub noted_at: DateTime<Utc>,
}

/// A case, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its row in the list.
    pub row: CaseRow,
    /// The reporter, as a stored principal.
    pub reported_by: String,
    /// Its stays, by venue and date.
    pub stays: Vec<Stay>,
    /// Its notes, oldest first.
    pub notes: Vec<Noted>,
}

/// Cases: open ones first, then newest first, up to `limit` after the case `after`.
pub async fn list(conn: &mut PgConnection, after: Option<CaseId>, limit: i64) -> Result<Vec<CaseRow>, sqlx::Error> {
    store::list(conn, after, limit.clamp(0, MAX_LISTED)).await
}

/// One case.
pub async fn show(conn: &mut PgConnection, id: CaseId) -> Result<Option<Case>, sqlx::Error> {
    let Some((row, reported_by)) = store::row(conn, id).await? else {
        return Ok(None);
    };
    let (stays, notes) = (store::stays(conn, id).await?, store::notes(conn, id).await?);
    Ok(Some(Case { row, reported_by, stays, notes }))
}

/// The case that was reported with this form.
pub async fn of_form(conn: &mut PgConnection, form: FormKey) -> Result<Option<CaseId>, sqlx::Error> {
    store::of_form(conn, form).await
}

/// Other cases of the same reference: perhaps two people reported the same one.
pub async fn namesakes(conn: &mut PgConnection, case: &Case) -> Result<Vec<CaseRow>, sqlx::Error> {
    store::namesakes(conn, case.row.id, &case.row.reference).await
}

/// Which of these cases are open.
pub async fn open_among(conn: &mut PgConnection, cases: &[CaseId]) -> Result<HashSet<CaseId>, sqlx::Error> {
    store::open_among(conn, cases).await
}

/// Adds stays; those that are there already count as done. Returns how many are new.
///
/// Pages and programs call [`crate::alert::add_stays`], which lets the case's draft follow.
///
/// # Errors
/// [`CaseError::Invalid`] names every problem, and nothing is added then; [`CaseError::Unknown`], [`CaseError::Closed`].
pub async fn add_stays(act: &mut Act<'_, &Session<MayTrace>>, id: CaseId, stays: &[Stay]) -> Result<u64, CaseError> {
    lock_open(&mut act.tx, id).await?;
    match stays.len() {
        0 => return Err(CaseError::Invalid(vec![CaseProblem::NoStays])),
        count if count > MAX_STAYS => return Err(CaseError::Invalid(vec![CaseProblem::TooManyStays(count)])),
        _ => {}
    }
    let stays = check_stays(act, stays).await?;
    let added = store::insert_stays(&mut act.tx, id, &stays).await?;
    let all = store::count_stays(&mut act.tx, id).await?;
    if all > MAX_STAYS {
        return Err(CaseError::Invalid(vec![CaseProblem::TooManyStays(all)]));
    }
    if added > 0 {
        act.record("case.add_stays", id, json!({ "stays": added })).await?;
    }
    Ok(added)
}

/// Takes stays away again; returns how many were there.
///
/// Pages and programs call [`crate::alert::remove_stays`], which refuses what an alert was submitted with.
///
/// # Errors
/// [`CaseError::Unknown`], [`CaseError::Closed`], [`CaseError::Database`].
pub async fn remove_stays(act: &mut Act<'_, &Session<MayTrace>>, id: CaseId, stays: &[Stay]) -> Result<u64, CaseError> {
    lock_open(&mut act.tx, id).await?;
    let removed = store::delete_stays(&mut act.tx, id, stays).await?;
    if removed > 0 {
        act.record("case.remove_stay", id, json!({ "stays": removed })).await?;
    }
    Ok(removed)
}

/// Sets both dates; `None` takes one away. `false`: they were so before.
///
/// # Errors
/// [`CaseError::Invalid`], [`CaseError::Unknown`], [`CaseError::Closed`], [`CaseError::Database`].
pub async fn set_dates(
    act: &mut Act<'_, &Session<MayTrace>>,
    id: CaseId,
    onset: Option<NaiveDate>,
    tested: Option<NaiveDate>,
) -> Result<bool, CaseError> {
    lock_open(&mut act.tx, id).await?;
    let problems = check_dates(act.now, act.zone(), onset, tested);
    if !problems.is_empty() {
        return Err(CaseError::Invalid(problems));
    }
    let changed = store::set_dates(&mut act.tx, id, onset, tested).await?;
    if changed {
        act.record("case.dates", id, json!({})).await?;
    }
    Ok(changed)
}

/// Adds a note. `false`: the last note says the same, by the same person; a form that was sent twice.
///
/// # Errors
/// [`CaseError::Unknown`], [`CaseError::TooManyNotes`], [`CaseError::Database`]. A closed case takes notes.
pub async fn add_note(act: &mut Act<'_, &Session<MayTrace>>, id: CaseId, note: &Note) -> Result<bool, CaseError> {
    store::lock(&mut act.tx, id).await?.ok_or(CaseError::Unknown)?;
    let last = store::notes(&mut act.tx, id).await?.pop();
    let principal = act.by.principal().to_string();
    if last.as_ref().is_some_and(|last| last.note == note.as_str() && last.noted_by == principal) {
        return Ok(false);
    }
    let no = last.map_or(0, |last| last.no);
    if no >= MAX_NOTES {
        return Err(CaseError::TooManyNotes);
    }
    store::insert_note(&mut act.tx, id, &NewNote { no: no + 1, text: note, by: &principal, at: act.now }).await?;
    act.record("case.note", id, json!({ "no": no + 1 })).await?;
    Ok(true)
}

/// Closes a case: its work is done. `false`: it was closed before.
///
/// # Errors
/// [`CaseError::Unknown`], [`CaseError::Database`].
pub async fn close(act: &mut Act<'_, &Session<MayTrace>>, id: CaseId) -> Result<bool, CaseError> {
    set_closed(act, id, true).await
}

/// Opens a closed case again. `false`: it was open.
///
/// # Errors
/// [`CaseError::Unknown`], [`CaseError::Database`].
pub async fn reopen(act: &mut Act<'_, &Session<MayTrace>>, id: CaseId) -> Result<bool, CaseError> {
    set_closed(act, id, false).await
}

async fn set_closed(act: &mut Act<'_, &Session<MayTrace>>, id: CaseId, closed: bool) -> Result<bool, CaseError> {
    let was_closed = store::lock(&mut act.tx, id).await?.ok_or(CaseError::Unknown)?;
    if was_closed == closed {
        return Ok(false);
    }
    store::set_closed(&mut act.tx, id, closed.then_some(act.now)).await?;
    act.record(if closed { "case.close" } else { "case.reopen" }, id, json!({})).await?;
    Ok(true)
}

/// The case's row, locked: changes of one case come one after the other.
async fn lock_open(tx: &mut PgConnection, id: CaseId) -> Result<(), CaseError> {
    if store::lock(tx, id).await?.ok_or(CaseError::Unknown)? { Err(CaseError::Closed) } else { Ok(()) }
}
