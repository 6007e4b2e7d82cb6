//! From claimed rows to mails that are ready to be sent, through the rooms' [`Content`](super::Content).
use super::claim::{Claimed, Lease};
use super::content::{Prepared, Rendered};
use super::delivery::Shared;
use super::letter::LetterKind;
use super::message::Message;
use super::provider::Provider;
use super::result_writer::{Change, State, count};
use super::store;
use crate::base::db::is_transient;
use crate::base::email_address::EmailAddress;
use crate::repeated;
use chrono::{DateTime, Duration as Span, Utc};
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use tokio::task::JoinSet;
use uuid::Uuid;
use zeroize::Zeroizing;

/// How long a row waits that the rooms could not prepare: a mistake of ours, which may be mended before it expires.
const CONTENT_RETRY: Span = Span::minutes(15);
/// Shortest wait that a room may ask for, so that an alert paused "until now" is not claimed over and over.
const SHORTEST_WAIT: Span = Span::seconds(10);

/// A mail in its last form.
pub(super) struct Ready {
    pub(super) id: Uuid,
    /// Before this one.
    pub(super) attempts: i32,
    /// A notice's or correction's alert; a stop does not hold letters back.
    pub(super) alert: Option<Uuid>,
    pub(super) provider: Provider,
    /// How it had ended before this turn, where it counts so by provider.
    pub(super) ended_as: Option<State>,
    /// The brake lets it pass: it is on trial, or tells of the brake.
    pub(super) passes: bool,
    pub(super) to: EmailAddress,
    pub(super) bytes: Zeroizing<Vec<u8>>,
}

/// The result of preparing a batch; rows that ended are written already.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) ready: Vec<Ready>,
    /// To be given back, changed like this.
    pub(super) returned: Vec<Change>,
    /// The database was away.
    pub(super) interrupted: bool,
}

enum Failed {
    Passing,
    Poison,
}

/// Prepares a batch; each row alone if the batch as a whole is poisonous.
pub(super) async fn prepare(shared: &Arc<Shared>, lease: Lease, rows: Vec<Claimed>) -> Batch {
    let mut batch = Batch::default();
    match apart(shared, lease, rows.clone()).await {
        Ok(ready) => batch.ready = ready,
        Err(Failed::Passing) => batch.give_back(&rows, lease),
        Err(Failed::Poison) => {
            for row in rows {
                prepare_alone(shared, lease, row, &mut batch).await;
            }
        }
    }
    batch
}

async fn prepare_alone(shared: &Arc<Shared>, lease: Lease, row: Claimed, batch: &mut Batch) {
    let rows = vec![row];
    match apart(shared, lease, rows.clone()).await {
        Ok(ready) => batch.ready.extend(ready),
        Err(Failed::Passing) => batch.give_back(&rows, lease),
        Err(Failed::Poison) => {
            repeated!(error, "a row cannot be prepared", "poison", row = %rows[0].id);
            let now = shared.clock.now();
            batch.returned.push(Change {
                state: State::Deferred,
                next_at: Some(now + CONTENT_RETRY),
                reason: Some("content failed".into()),
                ..Change::release(rows[0].id, lease)
            });
        }
    }
}

impl Batch {
    fn give_back(&mut self, rows: &[Claimed], lease: Lease) {
        self.interrupted = true;
        self.returned.extend(rows.iter().map(|row| Change::release(row.id, lease)));
    }
}

impl From<sqlx::Error> for Failed {
    fn from(error: sqlx::Error) -> Self {
        repeated!(warn, "a batch of mails could not be prepared", error);
        if is_transient(&error) { Self::Passing } else { Self::Poison }
    }
}

/// In a task of its own, so that a panic in a room ends nothing but the batch. Stopped with its caller.
async fn apart(shared: &Arc<Shared>, lease: Lease, rows: Vec<Claimed>) -> Result<Vec<Ready>, Failed> {
    let mut task = JoinSet::new();
    task.spawn(work(Arc::clone(shared), lease, rows));
    match task.join_next().await {
        Some(Ok(Ok(ready))) => Ok(ready),
        Some(Ok(Err(failed))) => Err(failed),
        // A panic.
        Some(Err(_)) | None => Err(Failed::Poison),
    }
}

/// One transaction: what the rooms write, and the rows that they end.
async fn work(shared: Arc<Shared>, lease: Lease, rows: Vec<Claimed>) -> Result<Vec<Ready>, Failed> {
    let mut unanswered: HashSet<Uuid> = rows.iter().map(|row| row.id).collect();
    // No connection is never the fault of a row.
    let mut tx = shared.pool.begin().await.map_err(|_| Failed::Passing)?;
    let answers = shared.content.prepare(&mut tx, rows).await?;
    let now = shared.clock.now();
    let (mut ready, mut changes) = (Vec::with_capacity(answers.len()), Vec::new());
    for (row, prepared) in answers {
        if unanswered.remove(&row.id) {
            match answer(&shared, now, &row, prepared) {
                Ok(mail) => ready.push(mail),
                Err((state, next_at, reason)) => {
                    let reason = reason.map(Into::into);
                    changes.push(Change { state, next_at, reason, ..Change::release(row.id, lease) });
                }
            }
        }
    }
    changes.extend(unanswered.into_iter().map(|id| Change {
        state: State::Deferred,
        next_at: Some(now + CONTENT_RETRY),
        reason: Some("content unanswered".into()),
        ..Change::release(id, lease)
    }));
    if !changes.is_empty() {
        store::settle(&mut tx, now, super::claim::AMBIGUOUS_LIMIT, &changes).await?;
    }
    tx.commit().await?;
    count(&shared.metrics, &shared.tally, &changes);
    Ok(ready)
}

type Ended = (State, Option<DateTime<Utc>>, Option<&'static str>);

fn answer(shared: &Shared, now: DateTime<Utc>, row: &Claimed, prepared: Prepared) -> Result<Ready, Ended> {
    match prepared {
        Prepared::Mail(rendered) => compose(shared, now, row, rendered).ok_or((State::Dead, None, Some("message unprintable"))),
        Prepared::Merged => Err((State::Merged, None, None)),
        Prepared::Suppressed => Err((State::Suppressed, None, None)),
        Prepared::Cancelled => Err((State::Cancelled, None, None)),
        Prepared::Wait(until, what) => Err((State::Queued, Some(until.max(now + SHORTEST_WAIT)), Some(what.as_str()))),
        Prepared::Dead(reason) => Err((State::Dead, None, Some(reason))),
    }
}

/// None if the words make the mail builder panic: one such mail must not take the worker down with it.
fn compose(shared: &Shared, now: DateTime<Utc>, row: &Claimed, rendered: Rendered) -> Option<Ready> {
    let message_id = shared.message_id(row.id);
    let message = Message {
        from: &shared.sender,
        to: &rendered.to,
        subject: &rendered.subject,
        body: &rendered.body,
        message_id: &message_id,
        date: now,
        locale: rendered.locale,
    };
    let bytes = catch_unwind(AssertUnwindSafe(|| message.to_bytes())).ok()?;
    Some(Ready {
        id: row.id,
        attempts: row.attempts,
        alert: row.alert_id,
        provider: Provider::of(&rendered.to),
        ended_as: row.ended_as.as_deref().and_then(State::ended),
        passes: row.kind == LetterKind::SendingStopped.as_str(),
        to: rendered.to,
        bytes,
    })
}
