//! A case's own draft follows its stays: what is added to the case is added to the draft, what is taken away is taken away.
//! A submitted alert never changes: its stays were looked at. A stay added later gets a draft of its own, without those that
//! were submitted already; and a stay that was submitted with an alert stays with its case.
mod store;

pub use store::CaseProgress;

use super::AlertId;
use super::draft::{DraftError, MAX_STAYS, ReportError, draft};
use crate::case::{self, CaseId, Stay};
use crate::official::{Act, MayTrace, Session};
use sqlx::PgConnection;
use std::collections::{HashMap, HashSet};

/// Adds stays to a case and lets its draft follow. Returns how many are new.
///
/// # Errors
/// Those of [`case::add_stays`]; [`DraftError::TooManyStays`].
pub async fn add_stays(act: &mut Act<'_, &Session<MayTrace>>, case: CaseId, stays: &[Stay]) -> Result<u64, ReportError> {
    let added = case::add_stays(act, case, stays).await?;
    if added > 0 {
        follow(act, case).await?;
    }
    Ok(added)
}

/// Takes stays away from a case and from its draft. Returns how many were there.
///
/// # Errors
/// [`ReportError::Submitted`] when one of them was submitted with an alert, and nothing is taken away then; those of
/// [`case::remove_stays`].
pub async fn remove_stays(act: &mut Act<'_, &Session<MayTrace>>, case: CaseId, stays: &[Stay]) -> Result<u64, ReportError> {
    let removed = case::remove_stays(act, case, stays).await?;
    // Drafts are locked before it is asked what was submitted: whoever submits one meanwhile waits, or was first.
    store::lock_drafts(&mut act.tx, case).await?;
    let submitted = store::submitted_stays(&mut act.tx, case).await?;
    if stays.iter().any(|stay| submitted.contains(stay)) {
        return Err(ReportError::Submitted);
    }
    if removed > 0 {
        follow(act, case).await?;
    }
    Ok(removed)
}

/// Brings the drafts of a case in line with its stays, or prepares one if there is none and something to tell.
async fn follow(act: &mut Act<'_, &Session<MayTrace>>, case: CaseId) -> Result<(), DraftError> {
    let mut drafts = store::lock_drafts(&mut act.tx, case).await?;
    if drafts.is_empty() && store::has_untold_stay(&mut act.tx, case).await? {
        drafts.push(draft(act, &[case]).await?);
    }
    for draft in drafts {
        match store::align(&mut act.tx, draft).await? {
            // Nothing is left to tell; the next stay gets a draft of its own.
            0 => super::store::cancel(&mut act.tx, act.now, draft).await?,
            stays if stays > MAX_STAYS as i64 => return Err(DraftError::TooManyStays),
            _ => {}
        }
    }
    Ok(())
}

/// The stays of a case that an alert was submitted with; they cannot be taken away.
pub async fn submitted_stays(conn: &mut PgConnection, case: CaseId) -> Result<HashSet<Stay>, sqlx::Error> {
    store::submitted_stays(conn, case).await
}

/// The alerts of a case, newest first.
pub async fn of_case(conn: &mut PgConnection, case: CaseId) -> Result<Vec<AlertId>, sqlx::Error> {
    store::of_case(conn, case).await
}

/// How far the alerts of these cases are; a case without any is left out.
pub async fn progress_of_cases(conn: &mut PgConnection, cases: &[CaseId]) -> Result<HashMap<CaseId, CaseProgress>, sqlx::Error> {
    store::progress_of_cases(conn, cases).await
}

/// Open cases of which no alert was submitted.
pub async fn waiting_cases(conn: &mut PgConnection) -> Result<i64, sqlx::Error> {
    store::waiting_cases(conn).await
}
