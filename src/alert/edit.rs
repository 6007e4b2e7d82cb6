//! Changing what an alert says, while nobody waits for it.
use super::approval::locked;
use super::wording::{RawWording, WordingField, WordingProblem};
use super::{AlertError, AlertId, store};
use crate::official::{Act, MayTrace, Session};
use serde_json::json;

/// Why the words were not changed.
#[derive(Debug, thiserror::Error)]
pub enum WordingError {
    /// Everything that is wrong with them, in the order of the form.
    #[error("{} field(s) are wrong", .0.len())]
    Invalid(Vec<(WordingField, WordingProblem)>),
    /// The alert's state does not allow it, or the database did not answer.
    #[error(transparent)]
    Alert(#[from] AlertError),
}

/// Sets what a draft says. One that the worker sent back becomes a draft again: whoever saw the old words must not approve the new.
///
/// # Errors
/// [`WordingError::Invalid`] with all that is wrong; [`AlertError::WrongState`] once somebody waits for it.
pub async fn set_wording(act: &mut Act<'_, &Session<MayTrace>>, alert: AlertId, raw: &RawWording) -> Result<(), WordingError> {
    let status = locked(&mut act.tx, alert).await?;
    if !status.may_be_edited() {
        return Err(AlertError::WrongState(status.state).into());
    }
    let chosen = raw.parse(act.now, act.with.service.zone, &act.with.service.hotline).map_err(WordingError::Invalid)?;
    store::set_wording(&mut act.tx, alert, status.next_revision(), &chosen).await.map_err(AlertError::from)?;
    let wording = &chosen.wording;
    // The paragraph itself is bound by the digest of the submission; here it counts that there is one.
    let detail = json!({
        "advice": wording.advice, "until": wording.until, "notes": usize::from(wording.note_ja.is_some()) + usize::from(wording.note_en.is_some()),
        "name_venues": wording.name_venues,
    });
    Ok(act.record("alert.wording", alert, detail).await.map_err(AlertError::from)?)
}
