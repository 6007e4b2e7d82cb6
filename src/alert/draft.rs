//! The beginning of an alert: stays of one or more cases, folded, under a fresh number.
use super::store::NewAlert;
use super::wording::watch_until;
use super::{AlertId, AlertNumber, store};
use crate::case::{self, CaseError, CaseId, NewCase};
use crate::official::{Act, MayTrace, Session};
use serde_json::json;
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// Cases that one alert joins at most: an outbreak, not an import gone wrong.
pub const MAX_CASES: usize = 100;

/// Different stays that one alert holds at most: what two people can still look through.
pub const MAX_STAYS: usize = 2_000;

/// Numbers tried before giving up; with 40 random bits even a second try will hardly ever be needed.
const NUMBER_TRIES: usize = 5;

/// A case and the alert that was prepared for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Reported {
    /// The case.
    pub id: CaseId,
    /// Its alert, a draft.
    pub alert_id: AlertId,
}

/// Why an alert was not drafted.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// No case was named.
    #[error("at least one case is needed")]
    NoCases,
    /// More than [`MAX_CASES`] cases.
    #[error("at most {MAX_CASES} cases")]
    TooManyCases,
    /// The cases have no stays: there is nobody to tell.
    #[error("the cases have no stays")]
    NoStays,
    /// These cases do not exist (any more).
    #[error("{} case(s) do not exist", .0.len())]
    UnknownCases(Vec<CaseId>),
    /// More than [`MAX_STAYS`] different stays.
    #[error("at most {MAX_STAYS} stays")]
    TooManyStays,
    /// The database.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Why a case was not reported.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The case itself.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// Its alert.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// A stay that an alert was submitted with cannot be taken away.
    #[error("an alert was submitted with this stay")]
    Submitted,
    /// The database.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Reports a case and prepares an alert of its own, in the caller's transaction.
///
/// # Errors
/// [`CaseError::Invalid`] names everything that is wrong with the case; nothing is stored then.
pub async fn report_case(act: &mut Act<'_, &Session<MayTrace>>, new: &NewCase) -> Result<Reported, ReportError> {
    let id = case::report(act, new).await?;
    let alert_id = draft(act, &[id]).await?;
    Ok(Reported { id, alert_id })
}

/// Drafts an alert over all stays of `cases`; the same stay of two cases counts once. Drafts that hold nothing but these cases
/// are replaced by it: cancelled, with a note by which, so that nobody submits both.
///
/// # Errors
/// See [`DraftError`].
pub async fn draft(act: &mut Act<'_, &Session<MayTrace>>, cases: &[CaseId]) -> Result<AlertId, DraftError> {
    let cases = known_cases(&mut act.tx, cases).await?;
    let id = AlertId::random();
    insert_with_number(act, id).await?;
    let stays = store::join_cases(&mut act.tx, id, &cases).await?;
    if stays == 0 {
        return Err(DraftError::NoStays);
    }
    if stays > MAX_STAYS as u64 {
        return Err(DraftError::TooManyStays);
    }
    let replaced = store::replace_drafts(&mut act.tx, act.now, id, &cases).await?;
    act.record("alert.draft", id, json!({ "cases": cases, "stays": stays, "replaces": replaced })).await?;
    Ok(id)
}

async fn known_cases(tx: &mut PgConnection, cases: &[CaseId]) -> Result<Vec<CaseId>, DraftError> {
    let wanted: BTreeSet<CaseId> = cases.iter().copied().collect();
    if wanted.is_empty() {
        return Err(DraftError::NoCases);
    }
    if cases.len() > MAX_CASES {
        return Err(DraftError::TooManyCases);
    }
    let wanted: Vec<CaseId> = wanted.into_iter().collect();
    let known = store::existing_cases(tx, &wanted).await?;
    let unknown: Vec<CaseId> = wanted.iter().copied().filter(|id| !known.contains(id)).collect();
    if unknown.is_empty() { Ok(wanted) } else { Err(DraftError::UnknownCases(unknown)) }
}

/// Begins a draft under a fresh number, to be watched over as long as drafts are unless somebody chooses another date.
pub(super) async fn insert_with_number(act: &mut Act<'_, &Session<MayTrace>>, id: AlertId) -> Result<(), sqlx::Error> {
    let new = NewAlert { id, until: watch_until(act.now, act.zone()), by: act.by.principal().to_string(), at: act.now };
    for _ in 0..NUMBER_TRIES {
        if store::insert(&mut act.tx, &AlertNumber::random(), &new).await? {
            return Ok(());
        }
    }
    Err(sqlx::Error::Protocol("no free alert number was found".into()))
}
