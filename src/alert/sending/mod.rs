//! Stopping everything: one click of anybody who may trace, ended by an approver. Letters (log-in, confirmation) go on, but for the
//! stop that the worker makes when the mail server refuses everybody alike.
pub(super) mod store;

use super::approval::{ReleaseRules, may_approve};
use super::{AlertError, MAX_REASON_CHARS, control_letters, signed};
use crate::audit::Target;
use crate::base::text;
use crate::mail::sending::{self, Stop, StopKind};
use crate::official::{self, Act, MayApprove, MayTrace, Session};
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

/// A stop that holds, and who made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Halt {
    /// The stop.
    pub stop: Stop,
    /// The official's or token's name; none where the worker stopped by itself.
    pub by: Option<String>,
}

/// The stops that hold all sending up now, the oldest first.
///
/// # Errors
/// The database.
pub async fn halts(conn: &mut PgConnection) -> Result<Vec<Halt>, sqlx::Error> {
    let mut halts = Vec::new();
    for stop in sending::stops(conn).await? {
        let by = match &stop.stopped_by {
            Some(principal) => Some(store::name_of(conn, principal).await?),
            None => None,
        };
        halts.push(Halt { stop, by });
    }
    Ok(halts)
}

/// Stops all notices and corrections. Mails in flight end as they end. Every approver gets a letter, also while none can be
/// sealed: then [`tell_of_stops`] posts them later, for a stop must never wait for a letter.
///
/// # Errors
/// [`AlertError::Reason`], [`AlertError::AlreadyStopped`].
pub async fn stop_sending(act: &mut Act<'_, &Session<MayTrace>>, reason: &str) -> Result<(), AlertError> {
    let reason = text::line(reason, MAX_REASON_CHARS).map_err(AlertError::Reason)?;
    let stop = sending::stop(&mut act.tx, act.now, &act.by.principal().to_string(), &reason).await?.ok_or(AlertError::AlreadyStopped)?;
    tell(act).await?;
    let detail = json!({ "kind": stop.kind, "reason": stop.reason });
    Ok(act.record("sending.stop", Target::one("sending_stop", stop.id), detail).await?)
}

/// Lets notices and corrections go on: ends the stops that were looked at, and no other. Where the mail server refused everybody,
/// one mail goes on trial, and the worker ends the stop once it is taken.
///
/// # Errors
/// [`AlertError::NotStopped`], [`AlertError::Stale`] when another stop holds too, [`AlertError::TokenMayNotApprove`],
/// [`AlertError::NotVouched`].
pub async fn resume_sending(act: &mut Act<'_, &Session<MayApprove>>, rules: &ReleaseRules, seen: &[Uuid]) -> Result<(), AlertError> {
    may_approve(rules, act.by)?;
    let open = sending::stops(&mut act.tx).await?;
    let first = open.first().ok_or(AlertError::NotStopped)?;
    if open.iter().any(|stop| !seen.contains(&stop.id)) {
        return Err(AlertError::Stale);
    }
    let principal = act.by.principal().to_string();
    for stop in &open {
        // The mail on trial was released by two people already, and the worker ends the brake by what the mail server says.
        if stop.kind == StopKind::Refused {
            sending::allow_trial(&mut act.tx, act.now, &principal, stop.id).await?;
            continue;
        }
        let signed = act.by.sign(&signed::stop_ended(stop.id, act.now))?;
        if !sending::resume(&mut act.tx, act.now, &principal, stop.id, signed.as_bytes()).await? {
            return Err(AlertError::NotStopped);
        }
    }
    if let Some(stop) = open.iter().find(|stop| stop.kind == StopKind::Refused) {
        act.record("sending.trial", Target::one("sending_stop", stop.id), json!({ "answer": stop.answer })).await?;
    }
    let kinds: Vec<_> = open.iter().map(|stop| stop.kind).filter(|kind| *kind != StopKind::Refused).collect();
    if kinds.is_empty() {
        return Ok(());
    }
    // Sending goes on either way; who missed the letter sees it on every page.
    let by = store::name_of(&mut act.tx, &principal).await?;
    let mut letter = act.part(act.by).await?;
    match control_letters::post_resumed(&mut letter, &by).await.map_err(AlertError::from) {
        Ok(()) => letter.commit().await?,
        Err(AlertError::Database(error)) => return Err(error.into()),
        Err(_) => letter.rollback().await?,
    }
    Ok(act.record("sending.resume", Target::one("sending_stop", first.id), json!({ "kinds": kinds })).await?)
}

/// The worker's look at stops that somebody is said to have ended: it goes on once an approver who counts has signed that. True:
/// one was ended by nobody who counts, and holds.
pub(super) async fn believe_ends(conn: &mut PgConnection, now: DateTime<Utc>, tokens_may_approve: bool) -> Result<bool, sqlx::Error> {
    let mut unvouched = false;
    for stop in sending::unbelieved(conn).await? {
        let said = signed::stop_ended(stop.id, stop.resumed_at);
        let by = official::vouched(conn, &said, stop.resume_signed.as_deref()).await?;
        if by.is_some_and(|by| by.may_release(tokens_may_approve) && by.principal.to_string() == stop.resumed_by) {
            sending::believe_end(conn, now, stop.id).await?;
        } else {
            sending::hold_on(conn, now, stop.id).await?;
            unvouched = true;
        }
    }
    Ok(unvouched)
}

/// Posts the letters about stops, and about ends of stops, of which the approvers were not told yet: those that the worker made by
/// itself, for it cannot seal letters. For a task that comes by.
///
/// # Errors
/// [`AlertError::Database`].
pub async fn tell_of_stops<By: Copy>(act: &mut Act<'_, By>) -> Result<(), AlertError> {
    tell(act).await?;
    tell_ends(act).await
}

async fn tell_ends<By: Copy>(act: &mut Act<'_, By>) -> Result<(), AlertError> {
    let mut part = act.part(act.by).await?;
    for ended in sending::untold_ends(&mut part.tx, part.now).await? {
        let by = store::name_of(&mut part.tx, &ended.by).await?;
        match control_letters::post_resumed(&mut part, &by).await.map_err(AlertError::from) {
            Ok(()) => {}
            Err(AlertError::Database(error)) => return Err(error.into()),
            Err(_) => return Ok(part.rollback().await?),
        }
    }
    Ok(part.commit().await?)
}

async fn tell<By: Copy>(act: &mut Act<'_, By>) -> Result<(), AlertError> {
    let mut part = act.part(act.by).await?;
    for stop in sending::untold(&mut part.tx, part.now).await? {
        let by = match &stop.stopped_by {
            Some(principal) => store::name_of(&mut part.tx, principal).await?,
            None => String::new(),
        };
        match control_letters::post_stopped(&mut part, &stop, &by).await.map_err(AlertError::from) {
            Ok(()) => {}
            Err(AlertError::Database(error)) => return Err(error.into()),
            // They stay untold, and the next turn tries again.
            Err(_) => return Ok(part.rollback().await?),
        }
    }
    Ok(part.commit().await?)
}
