//! Records who reads numbers that come from visits. The record is written first; only then are the numbers shown.
use crate::audit::{Actor, Read, Reading, Reason};
use crate::official;
use crate::web::error::Error;
use crate::web::state::State;
use uuid::Uuid;

/// Records one reading. Call it before the numbers are read; when it fails, show nothing.
///
/// Cheap enough for every page load: one small statement, and an entry of the chain once a minute for each person and thing
/// (see `audit/reading.rs`). A stream or a page that renews itself notes the look when it opens, not with each renewal.
pub(crate) async fn note(state: &State, actor: Actor, what: Reading, target: Option<Uuid>) -> Result<(), Error> {
    note_with_reason(state, actor, what, target, None).await
}

/// As [`note`], where the page asks for a reason.
pub(crate) async fn note_with_reason(
    state: &State,
    actor: Actor,
    what: Reading,
    target: Option<Uuid>,
    reason: Option<Reason>,
) -> Result<(), Error> {
    let read = Read { actor, what, target, reason };
    let mut tx = state.pool.begin().await?;
    let excess = official::note_read(&mut tx, state.clock.now(), &state.sealer, state.service.zone, &read).await?;
    tx.commit().await?;
    if let Some(excess) = excess {
        state.metrics.read_alarms.inc();
        tracing::warn!(
            actor_kind = actor.kind(), actor = ?actor.id(), looks = excess.looks, reads = excess.reads,
            "unusually many reads of numbers within an hour; auditors and admins get a letter"
        );
    }
    Ok(())
}
