//! Stopping everything: one click of anybody who may trace, ended by an approver. Letters (log-in, confirmation) go on, but for the
//! stop that the worker makes when the mail server refuses everybody alike.
pub(super) mod store;

use super::approval::{ReleaseRules, may_approve};
use super::{AlertError, MAX_REASON_CHARS, control_letters, signed};
use crate::audit::{self, Entry};
use crate::base::text;
use crate::mail::sending::{self, Stop, StopKind};
use crate::official::{self, MayApprove, MayTrace, Session};
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{Connection, PgConnection};
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
pub async fn stop_sending(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    rules: &ReleaseRules<'_>,
    session: &Session<MayTrace>,
    reason: &str,
) -> Result<(), AlertError> {
    let reason = text::line(reason, MAX_REASON_CHARS).map_err(AlertError::Reason)?;
    let stop = sending::stop(tx, now, &session.principal().to_string(), &reason).await?.ok_or(AlertError::AlreadyStopped)?;
    tell(tx, now, rules).await?;
    let detail = json!({ "kind": stop.kind, "reason": stop.reason });
    record(tx, now, session.actor(), "sending.stop", stop.id, detail).await
}

/// Lets notices and corrections go on: ends the stops that were looked at, and no other. Where the mail server refused everybody,
/// one mail goes on trial, and the worker ends the stop once it is taken.
///
/// # Errors
/// [`AlertError::NotStopped`], [`AlertError::Stale`] when another stop holds too, [`AlertError::TokenMayNotApprove`],
/// [`AlertError::NotVouched`].
pub async fn resume_sending(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    rules: &ReleaseRules<'_>,
    session: &Session<MayApprove>,
    seen: &[Uuid],
) -> Result<(), AlertError> {
    may_approve(rules, session)?;
    let open = sending::stops(tx).await?;
    let first = open.first().ok_or(AlertError::NotStopped)?;
    if open.iter().any(|stop| !seen.contains(&stop.id)) {
        return Err(AlertError::Stale);
    }
    let principal = session.principal().to_string();
    for stop in &open {
        // The mail on trial was released by two people already, and the worker ends the brake by what the mail server says.
        if stop.kind == StopKind::Refused {
            sending::allow_trial(tx, now, &principal, stop.id).await?;
            continue;
        }
        let signed = session.sign(&signed::stop_ended(stop.id, now))?;
        if !sending::resume(tx, now, &principal, stop.id, signed.as_bytes()).await? {
            return Err(AlertError::NotStopped);
        }
    }
    if let Some(stop) = open.iter().find(|stop| stop.kind == StopKind::Refused) {
        record(tx, now, session.actor(), "sending.trial", stop.id, json!({ "answer": stop.answer })).await?;
    }
    let kinds: Vec<_> = open.iter().map(|stop| stop.kind).filter(|kind| *kind != StopKind::Refused).collect();
    if kinds.is_empty() {
        return Ok(());
    }
    // Sending goes on either way; who missed the letter sees it on every page.
    let by = store::name_of(tx, &principal).await?;
    let mut letter = tx.begin().await?;
    match control_letters::post_resumed(&mut letter, now, rules, &by).await.map_err(AlertError::from) {
        Ok(()) => letter.commit().await?,
        Err(AlertError::Database(error)) => return Err(error.into()),
        Err(_) => letter.rollback().await?,
    }
    record(tx, now, session.actor(), "sending.resume", first.id, json!({ "kinds": kinds })).await
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
pub async fn tell_of_stops(conn: &mut PgConnection, now: DateTime<Utc>, rules: &ReleaseRules<'_>) -> Result<(), AlertError> {
    let mut tx = conn.begin().await?;
    tell(&mut tx, now, rules).await?;
    tell_ends(&mut tx, now, rules).await?;
    Ok(tx.commit().await?)
}

async fn tell_ends(tx: &mut PgConnection, now: DateTime<Utc>, rules: &ReleaseRules<'_>) -> Result<(), AlertError> {
    let mut part = tx.begin().await?;
    for ended in sending::untold_ends(&mut part, now).await? {
        let by = store::name_of(&mut part, &ended.by).await?;
        match control_letters::post_resumed(&mut part, now, rules, &by).await.map_err(AlertError::from) {
            Ok(()) => {}
            Err(AlertError::Database(error)) => return Err(error.into()),
            Err(_) => return Ok(part.rollback().await?),
        }
    }
    Ok(part.commit().await?)
}

async fn tell(tx: &mut PgConnection, now: DateTime<Utc>, rules: &ReleaseRules<'_>) -> Result<(), AlertError> {
    let mut part = tx.begin().await?;
    for stop in sending::untold(&mut part, now).await? {
        let by = match &stop.stopped_by {
            Some(principal) => store::name_of(&mut part, principal).await?,
            None => String::new(),
        };
        match control_letters::post_stopped(&mut part, now, rules, &stop, &by).await.map_err(AlertError::from) {
            Ok(()) => {}
            Err(AlertError::Database(error)) => return Err(error.into()),
            // They stay untold, and the next turn tries again.
            Err(_) => return Ok(part.rollback().await?),
        }
    }
    Ok(part.commit().await?)
}

async fn record(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    actor: audit::Actor,
    action: &'static str,
    stop: Uuid,
    detail: serde_json::Value,
) -> Result<(), AlertError> {
    let entry = Entry { actor, action, target_kind: "sending_stop", target_id: Some(stop), detail };
    Ok(audit::record(tx, now, &entry).await?)
}
