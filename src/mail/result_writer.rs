//! The one writer of delivery's progress: what is about to be sent, and what came of it.
//!
//! All connections hand their notes to one task, which writes whatever has gathered in one transaction; while it commits,
//! the next notes gather. A mail is sent only after the note that it will be is committed. A result that cannot be written
//! is tried again until its lease is past and then left to the rescue, which counts it as ambiguous; it is never sent
//! again by us at once.
use super::claim::{AMBIGUOUS_LIMIT, Lease};
use super::sending::brake::{self, Sign};
use super::{sending, store};
use crate::base::clock::SharedClock;
use crate::base::db::is_transient;
use crate::base::telemetry::Metrics;
use crate::repeated;
use chrono::{DateTime, Utc};
use sqlx::PgPool;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

/// Notes that wait for the writer; a connection has at most one, so this is never what limits.
const QUEUE: usize = 128;
/// Wait after a failed transaction.
const RETRY: Duration = Duration::from_millis(250);

/// The states of an outbox row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Waits for its turn.
    Queued,
    /// A process is about to send it.
    Submitting,
    /// Failed in a way that passes; waits.
    Deferred,
    /// Perhaps taken by the mail server.
    Ambiguous,
    /// Taken by the mail server.
    Sent,
    /// The same person gets another mail of this alert.
    Merged,
    /// The person wants no notices, or cannot be reached.
    Suppressed,
    /// There is no such mailbox.
    Bounced,
    /// Its alert was cancelled.
    Cancelled,
    /// Cannot be sent.
    Dead,
}

impl State {
    /// The name in the database and in metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Submitting => "submitting",
            Self::Deferred => "deferred",
            Self::Ambiguous => "ambiguous",
            Self::Sent => "sent",
            Self::Merged => "merged",
            Self::Suppressed => "suppressed",
            Self::Bounced => "bounced",
            Self::Cancelled => "cancelled",
            Self::Dead => "dead",
        }
    }

    /// The state of that name, of those in which a row may have ended before it got another turn.
    pub(super) fn ended(name: &str) -> Option<Self> {
        [Self::Bounced, Self::Dead, Self::Sent].into_iter().find(|state| state.name() == name)
    }

    /// Whether a row in this state is done with, whatever its history.
    #[must_use]
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Submitting | Self::Deferred | Self::Ambiguous)
    }
}

/// A change to one leased row.
#[derive(Clone)]
pub(super) struct Change {
    pub(super) id: Uuid,
    pub(super) lease: Uuid,
    /// `Queued` gives the row back.
    pub(super) state: State,
    /// Not before this; none: as it was.
    pub(super) next_at: Option<DateTime<Utc>>,
    pub(super) reason: Option<Cow<'static, str>>,
    /// The sign that it gives to the brake.
    pub(super) sign: Option<Sign>,
}

impl Change {
    /// Gives a row back as it was.
    pub(super) fn release(id: Uuid, lease: Lease) -> Self {
        Self::bare(id, lease.token)
    }

    pub(super) fn bare(id: Uuid, lease: Uuid) -> Self {
        Self { id, lease, state: State::Queued, next_at: None, reason: None, sign: None }
    }
}

/// How many rows were written in which state, since the start of a run.
pub(super) type Tally = Arc<Mutex<HashMap<State, u64>>>;

/// The note could not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the database did not take the note")]
pub(super) struct NotWritten;

enum Note {
    Mark { ids: Vec<Uuid>, lease: Lease, reply: oneshot::Sender<Result<Marked, NotWritten>> },
    Settle { changes: Vec<Change>, lease: Lease, reply: oneshot::Sender<Result<(), NotWritten>> },
}

/// The rows that are `submitting` now, and the lease that they have from here.
pub(super) struct Marked {
    pub(super) ours: HashSet<Uuid>,
    pub(super) lease: Lease,
    /// The count that must be remembered outside the database before the first of them leaves.
    pub(super) counter: i64,
}

/// Where connections hand in their notes.
#[derive(Clone)]
pub(super) struct ResultWriter(mpsc::Sender<Note>);

/// The writing task's half.
pub(super) struct WriterTask {
    notes: mpsc::Receiver<Note>,
    pool: PgPool,
    clock: SharedClock,
    metrics: Metrics,
    tally: Tally,
    /// Whether the brake is on, as far as this process knows.
    braked: Arc<AtomicBool>,
}

impl ResultWriter {
    /// A writer and the task that must be run for it: [`WriterTask::run`], until all handles are dropped.
    pub(super) fn new(pool: PgPool, clock: SharedClock, metrics: Metrics, tally: Tally, braked: Arc<AtomicBool>) -> (Self, WriterTask) {
        let (sender, notes) = mpsc::channel(QUEUE);
        (Self(sender), WriterTask { notes, pool, clock, metrics, tally, braked })
    }

    /// Commits that these rows are about to be sent. Rows whose lease was lost, and those that a stop holds back, are not among
    /// those returned.
    /// After an error nothing may be sent: whether the commit happened is unknown.
    pub(super) async fn mark(&self, ids: Vec<Uuid>, lease: Lease) -> Result<Marked, NotWritten> {
        let (reply, answer) = oneshot::channel();
        self.0.send(Note::Mark { ids, lease, reply }).await.map_err(|_| NotWritten)?;
        answer.await.map_err(|_| NotWritten)?
    }

    /// Commits what became of these rows; tries until their lease is past.
    pub(super) async fn settle(&self, changes: Vec<Change>, lease: Lease) -> Result<(), NotWritten> {
        if changes.is_empty() {
            return Ok(());
        }
        let (reply, answer) = oneshot::channel();
        self.0.send(Note::Settle { changes, lease, reply }).await.map_err(|_| NotWritten)?;
        answer.await.map_err(|_| NotWritten)?
    }
}

impl WriterTask {
    /// Writes notes until there can be no more.
    pub(super) async fn run(mut self) {
        let mut notes = Vec::with_capacity(QUEUE);
        loop {
            if notes.is_empty() && self.notes.recv_many(&mut notes, QUEUE).await == 0 {
                return;
            }
            while notes.len() < QUEUE {
                let Ok(note) = self.notes.try_recv() else { break };
                notes.push(note);
            }
            notes = self.write(std::mem::take(&mut notes)).await;
            if !notes.is_empty() {
                tokio::time::sleep(RETRY).await;
            }
        }
    }

    /// Returns the notes that are to be tried again.
    async fn write(&self, notes: Vec<Note>) -> Vec<Note> {
        let error = match self.commit(&notes).await {
            Ok(marked) => {
                self.answer(notes, &marked);
                return Vec::new();
            }
            Err(error) => error,
        };
        repeated!(warn, "the outbox did not take a batch", error, notes = notes.len());
        if is_transient(&error) || notes.len() == 1 {
            return self.keep(notes);
        }
        // One bad note must not hold up the others.
        let mut kept = Vec::new();
        for note in notes {
            let one = vec![note];
            match self.commit(&one).await {
                Ok(marked) => self.answer(one, &marked),
                Err(_) => kept.extend(self.keep(one)),
            }
        }
        kept
    }

    /// One transaction: results first, then the rows about to be sent. Returns those that are ours, and their new lease.
    async fn commit(&self, notes: &[Note]) -> Result<Marked, sqlx::Error> {
        let now = self.clock.now();
        let fresh = Lease::begin(&*self.clock);
        let (mut changes, mut ids, mut leases) = (Vec::new(), Vec::new(), Vec::new());
        for note in notes {
            match note {
                Note::Settle { changes: new, .. } => changes.extend_from_slice(new),
                Note::Mark { ids: new, lease, .. } => {
                    leases.extend(new.iter().map(|_| lease.token));
                    ids.extend_from_slice(new);
                }
            }
        }
        let (was_braked, mut braked) = (self.braked.load(Ordering::SeqCst), None);
        let mut tx = self.pool.begin().await?;
        if !changes.is_empty() {
            let written: HashSet<Uuid> = store::settle(&mut tx, now, AMBIGUOUS_LIMIT, &changes).await?.into_iter().collect();
            let written: Vec<&Change> = changes.iter().filter(|change| written.contains(&change.id)).collect();
            if was_braked || written.iter().any(|change| matches!(change.sign, Some(Sign::Refused(_)))) {
                braked = Some(brake::weigh(&mut tx, now, &written, was_braked).await?);
            }
        }
        let (mut ours, mut counter) = (HashSet::new(), 0);
        if !ids.is_empty() {
            ours.extend(store::mark_submitting(&mut tx, now, fresh.until, &ids, &leases).await?);
        }
        if !ours.is_empty() {
            counter = sending::store::count_on(&mut tx).await?;
        }
        tx.commit().await?;
        if let Some(braked) = braked {
            self.braked.store(braked, Ordering::SeqCst);
        }
        Ok(Marked { ours, lease: fresh, counter })
    }

    fn answer(&self, notes: Vec<Note>, marked: &Marked) {
        for note in notes {
            // A connection that no longer waits was stopped; its rows are safe in the database.
            match note {
                Note::Mark { ids, lease, reply } => {
                    let ours = ids.into_iter().filter(|id| marked.ours.contains(id)).collect();
                    let _ = reply.send(Ok(Marked { ours, lease: marked.lease.named(lease.token), counter: marked.counter }));
                }
                Note::Settle { changes, reply, .. } => {
                    count(&self.metrics, &self.tally, &changes);
                    let _ = reply.send(Ok(()));
                }
            }
        }
    }

    /// Marks fail at once, so that nothing is sent; results are kept while their lease lasts.
    fn keep(&self, notes: Vec<Note>) -> Vec<Note> {
        let mut kept = Vec::new();
        for note in notes {
            match note {
                Note::Mark { reply, .. } => {
                    let _ = reply.send(Err(NotWritten));
                }
                Note::Settle { changes, lease, reply } if lease.holds(&*self.clock) => kept.push(Note::Settle { changes, lease, reply }),
                Note::Settle { changes, reply, .. } => {
                    tracing::error!(rows = changes.len(), "results are lost; these rows will count as ambiguous");
                    let _ = reply.send(Err(NotWritten));
                }
            }
        }
        kept
    }
}

/// Counts what is committed.
pub(super) fn count(metrics: &Metrics, tally: &Tally, changes: &[Change]) {
    let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
    for change in changes {
        metrics.mails.get_or_create(&[("outcome", change.state.name())]).inc();
        *tally.entry(change.state).or_default() += 1;
    }
}
