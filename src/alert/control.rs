//! Stopping an alert, letting it go on, and releasing what came late.
use super::approval::{ReleaseRules, locked, may_approve};
use super::progress::{State, Status};
use super::signed::{self, LateReleased};
use super::{AlertError, AlertId, correction, store};
use crate::official::{Act, MayApprove, MayTrace, Role, Session};
use serde_json::json;

/// Stops an alert for good, any time before it is done, and after that if it reached nobody. In the hold nobody has been told; later the worker takes back what
/// has not left. An approver or administrator may, and who submitted or drafted it.
///
/// # Errors
/// [`AlertError::WrongState`] when it is done or cancelled already, [`AlertError::NotYours`].
pub async fn cancel(act: &mut Act<'_, &Session<MayTrace>>, alert: AlertId) -> Result<(), AlertError> {
    let status = locked(&mut act.tx, alert).await?;
    let over = match status.state {
        State::Cancelled => true,
        // What reached nobody can be taken back still, so that it does not count as told; else a correction is due.
        State::Done => status.corrects.is_some() || status.is_mistaken() || reached_somebody(act, alert).await?,
        _ => false,
    };
    if over {
        return Err(AlertError::WrongState(status.state));
    }
    check_may_stop(act.by, &status)?;
    store::cancel(&mut act.tx, act.now, alert).await?;
    Ok(act.record("alert.cancel", status.id, json!({ "state": status.state })).await?)
}

async fn reached_somebody<By>(act: &mut Act<'_, By>, alert: AlertId) -> Result<bool, sqlx::Error> {
    let reach = correction::reach(&mut act.tx, alert).await?;
    Ok(reach.people + reach.gone > 0)
}

fn check_may_stop(session: &Session<MayTrace>, status: &Status) -> Result<(), AlertError> {
    let own = status.submitted_by.as_ref().unwrap_or(&status.created_by) == &session.principal().to_string();
    if own || matches!(session.role(), Role::Approver | Role::Admin) { Ok(()) } else { Err(AlertError::NotYours) }
}

/// Stops an alert that is out, so that it can be corrected. One that is `at_rest` takes nothing from anybody by being stopped,
/// so whoever may trace may do it.
pub(super) async fn stop_for_correction(act: &mut Act<'_, &Session<MayTrace>>, status: &Status, at_rest: bool) -> Result<(), AlertError> {
    if !at_rest {
        check_may_stop(act.by, status)?;
    }
    store::cancel(&mut act.tx, act.now, status.id).await?;
    Ok(act.record("alert.cancel", status.id, json!({ "state": status.state })).await?)
}

/// Stops sending until somebody resumes it. Anybody who may trace may: a stop that was not needed costs minutes.
///
/// # Errors
/// [`AlertError::WrongState`] unless it is held or sending.
pub async fn pause(act: &mut Act<'_, &Session<MayTrace>>, alert: AlertId) -> Result<(), AlertError> {
    let status = locked(&mut act.tx, alert).await?;
    if !matches!(status.state, State::Held | State::Sending) {
        return Err(AlertError::WrongState(status.state));
    }
    store::set_paused(&mut act.tx, alert, Some(act.now)).await?;
    Ok(act.record("alert.pause", status.id, json!({})).await?)
}

/// Lets a paused alert go on.
///
/// # Errors
/// [`AlertError::WrongState`] unless it is paused, [`AlertError::NotVouched`].
pub async fn resume(act: &mut Act<'_, &Session<MayApprove>>, alert: AlertId) -> Result<(), AlertError> {
    let status = locked(&mut act.tx, alert).await?;
    if status.state != State::Paused {
        return Err(AlertError::WrongState(status.state));
    }
    let pause = store::pauses(&mut act.tx, alert).await?;
    let signed = act.by.sign(&signed::resumed(alert, pause, act.now))?;
    store::insert_resume(&mut act.tx, alert, pause, act.now, &signed).await?;
    store::set_paused(&mut act.tx, alert, None).await?;
    Ok(act.record("alert.resume", status.id, json!({})).await?)
}

/// Releases the visits that appeared after the alert had gone out: one click of an approver, who types how many there are.
///
/// # Errors
/// [`AlertError::WrongState`] unless it is sending or done and not corrected, [`AlertError::NothingLate`], [`AlertError::WrongCount`],
/// [`AlertError::ReleasePending`], [`AlertError::TokenMayNotApprove`], [`AlertError::NotVouched`].
pub async fn release_late(
    act: &mut Act<'_, &Session<MayApprove>>,
    rules: &ReleaseRules,
    alert: AlertId,
    typed: i64,
) -> Result<(), AlertError> {
    may_approve(rules, act.by)?;
    let status = locked(&mut act.tx, alert).await?;
    check_late(&status, typed)?;
    let said = LateReleased { alert, visits: typed, at: act.now };
    let signed = act.by.sign(&said.statement())?;
    store::release_late(&mut act.tx, &said, &act.by.principal().to_string(), &signed).await?;
    Ok(act.record("alert.release_late", status.id, json!({ "visits": typed })).await?)
}

fn check_late(status: &Status, typed: i64) -> Result<(), AlertError> {
    if !matches!(status.state, State::Sending | State::Done) || status.corrects.is_some() || status.is_mistaken() {
        Err(AlertError::WrongState(status.state))
    } else if status.release_pending {
        Err(AlertError::ReleasePending)
    } else if status.late == 0 {
        Err(AlertError::NothingLate)
    } else if status.late != typed {
        Err(AlertError::WrongCount)
    } else {
        Ok(())
    }
}
