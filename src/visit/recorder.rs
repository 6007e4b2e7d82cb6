//! The batching writer: one task, one connection, one insert for all who wait (docs/DESIGN.md §3 "The hot path").
//!
//! There is no timer. The task takes what waits, commits it and answers; meanwhile the next batch gathers by itself.
//! So a lone check-in waits for nobody, and under load a commit is shared by hundreds.
//!
//! - `Ok` is answered only after the commit.
//! - Who cannot write says so and tries by itself until it can (`health.rs`).
//! - Nobody waits long: a batch has [`ANSWER_LIMIT`]; while the database is away everybody is told so at once.
//! - A batch may be written twice (a connection that broke during the commit tells nothing); `on conflict do nothing` makes that harmless.
use super::health::{Health, Hole};
use super::link::{Failure, Link};
use super::store;
use crate::base::db::{self, Cause};
use crate::base::telemetry::Metrics;
use crate::repeated;
use chrono::NaiveDate;
use prometheus_client::metrics::counter::Counter;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};
use uuid::Uuid;

/// Check-ins that may wait. At 20,000 a second this is 0.4 s; who comes later is better told to try again.
pub const QUEUE_ROWS: usize = 8192;

/// Rows of one insert at most. Measured with 2,000 callers: 64 rows 11,000/s, 250 rows 23,000/s, 500 rows 35,000/s, 1,000 rows
/// 36,000/s; beyond 500 a batch only lets its first callers wait longer.
pub const BATCH_ROWS: usize = 500;

/// One try of one statement, connecting included. A commit takes milliseconds; after this the connection counts as dead.
pub const ATTEMPT_LIMIT: Duration = Duration::from_secs(2);

/// One batch with all its tries. A visitor stands at a door: an honest "try again" after three seconds beats a spinner.
pub const ANSWER_LIMIT: Duration = Duration::from_secs(3);

/// The time that [`RecorderTask::stop`] waits: one batch that stands, and the queue after it.
pub const STOP_LIMIT: Duration = Duration::from_secs(5);

/// How often the writer tries by itself after batches failed in a row, while no visitor makes it try.
pub const PROBE_EVERY: Duration = Duration::from_secs(5);

/// Rows of such a try, and the sealed bytes of each: more than two pages, so that the table has to grow for them.
const PROBE_ROWS: u8 = 64;
const PROBE_BYTES: usize = 256;

/// One visit, ready to be stored. All personal data in it is sealed.
pub struct VisitRow {
    /// Where.
    pub venue_id: Uuid,
    /// The business date.
    pub visit_date: NaiveDate,
    /// The person on this date at this venue: 16 bytes of HMAC-SHA256 under the date's mac key.
    pub mac: [u8; 16],
    /// The epoch whose key sealed it.
    pub epoch_id: i64,
    /// The poster, numbered inside its venue.
    pub poster_no: i16,
    /// Nonce and ciphertext of language and address.
    pub sealed: Vec<u8>,
}

impl VisitRow {
    /// The primary key.
    fn key(&self) -> (Uuid, NaiveDate, [u8; 16]) {
        (self.venue_id, self.visit_date, self.mac)
    }
}

/// Why a visit was not recorded. Nothing was promised to the visitor; trying again is always harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// More wait than [`QUEUE_ROWS`]: 503 and Retry-After.
    #[error("too many check-ins wait")]
    Full,
    /// The database is away or does not answer in time: 503 and Retry-After.
    #[error("the database is not available")]
    Unavailable,
    /// The recorder has been stopped.
    #[error("the recorder has been stopped")]
    Closed,
    /// The date has no partition: the worker makes them days ahead, so it has been still for long.
    #[error("the date has no partition")]
    NoPartition,
    /// The database refuses this row, for a reason that does not pass.
    #[error("the database refuses the row")]
    Refused,
}

/// How much a recorder holds and how long it waits.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// See [`QUEUE_ROWS`].
    pub queue: usize,
    /// See [`BATCH_ROWS`].
    pub batch: usize,
    /// See [`ATTEMPT_LIMIT`].
    pub attempt: Duration,
    /// See [`ANSWER_LIMIT`].
    pub answer: Duration,
    /// See [`STOP_LIMIT`].
    pub stop: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { queue: QUEUE_ROWS, batch: BATCH_ROWS, attempt: ATTEMPT_LIMIT, answer: ANSWER_LIMIT, stop: STOP_LIMIT }
    }
}

impl Limits {
    /// How long the server waits for a lock: less than [`Limits::attempt`], so that it answers before we hang up.
    pub(super) fn lock(&self) -> Duration {
        self.attempt * 3 / 4
    }
}

/// Takes visits and answers when they are committed. Cloning shares the one writer.
#[derive(Clone)]
pub struct Recorder {
    queue: mpsc::Sender<Entry>,
    health: Arc<Health>,
    full: Counter,
}

/// The writer's handle. Dropped without [`RecorderTask::stop`], the writer goes on until the last [`Recorder`] is gone.
pub struct RecorderTask {
    stop: oneshot::Sender<()>,
    writer: JoinHandle<()>,
    limit: Duration,
}

/// A visit and the one who waits for it.
struct Entry {
    row: VisitRow,
    answer: oneshot::Sender<Result<(), RecordError>>,
}

impl Recorder {
    /// Starts the writer on the current tokio runtime; it connects to `url` as [`DbRole::Web`].
    ///
    /// A database that is down does not stop the start.
    #[must_use]
    pub fn start(url: &str, metrics: &Metrics, limits: Limits) -> (Self, RecorderTask) {
        let (queue, inbox) = mpsc::channel(limits.queue);
        let (stop, stopped) = oneshot::channel();
        let health = Arc::new(Health::default());
        let outcome = |name| metrics.check_ins.get_or_create(&[("outcome", name)]).clone();
        let writer = Writer {
            inbox: Inbox { queue: inbox, stopped, listening: true, batch: limits.batch },
            link: Link::new(url, limits),
            health: Arc::clone(&health),
            probes: Probes { venue_id: Uuid::new_v4(), date: None, next: Instant::now() },
            recorded: outcome("recorded"),
            failed: outcome("failed"),
            metrics: metrics.clone(),
        };
        let task = RecorderTask { stop, writer: tokio::spawn(writer.run()), limit: limits.stop };
        (Self { queue, health, full: outcome("full") }, task)
    }

    /// Records `row`. `Ok` means committed, and says nothing about whether it was new.
    ///
    /// # Errors
    /// See [`RecordError`]. `Full` and `Closed` come at once, the others within [`ANSWER_LIMIT`] and the batch before.
    pub async fn record(&self, row: VisitRow) -> Result<(), RecordError> {
        let (answer, answered) = oneshot::channel();
        self.queue.try_send(Entry { row, answer }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => {
                self.full.inc();
                RecordError::Full
            }
            mpsc::error::TrySendError::Closed(_) => RecordError::Closed,
        })?;
        answered.await.unwrap_or(Err(RecordError::Unavailable))
    }

    /// Whether a check-in could be recorded now, as far as is known.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.health.trouble().is_none() && !self.queue.is_closed()
    }

    /// Why no check-in can be recorded now, as far as is known; for `/readyz`.
    #[must_use]
    pub fn trouble(&self) -> Option<Cause> {
        self.health.trouble()
    }

    /// The time in which check-ins cannot be written, or the last such time until [`Recorder::told`] of it.
    #[must_use]
    pub fn hole(&self) -> Option<Hole> {
        self.health.hole()
    }

    /// Officials were told of this hole; one that is over is forgotten.
    pub fn told(&self, hole: &Hole) {
        self.health.told(hole);
    }
}

impl RecorderTask {
    /// Takes no more visits, writes those that wait, and ends. Returns whether that was done within [`STOP_LIMIT`];
    /// otherwise those who still wait are told `Unavailable`.
    pub async fn stop(mut self) -> bool {
        // The writer may have ended already, when every recorder was dropped.
        let _ended = self.stop.send(());
        let done = timeout(self.limit, &mut self.writer).await.is_ok();
        if !done {
            tracing::warn!("the recorder did not end in time");
            self.writer.abort();
        }
        done
    }
}

/// Where entries come from, until somebody stops us.
struct Inbox {
    queue: mpsc::Receiver<Entry>,
    stopped: oneshot::Receiver<()>,
    listening: bool,
    batch: usize,
}

impl Inbox {
    /// Waits for entries and takes up to a batch of them; none: the end. Cancelling it loses nothing.
    async fn gather(&mut self, entries: &mut Vec<Entry>) -> usize {
        loop {
            tokio::select! {
                biased;
                signal = &mut self.stopped, if self.listening => {
                    self.listening = false;
                    if signal.is_ok() {
                        self.queue.close();
                    }
                }
                taken = self.queue.recv_many(entries, self.batch) => return taken,
            }
        }
    }
}

/// The rows of one insert in the order of their key, each once, and those who wait for them.
struct Batch {
    rows: Vec<VisitRow>,
    /// Index into `rows`, and the caller.
    callers: Vec<(usize, oneshot::Sender<Result<(), RecordError>>)>,
}

impl Batch {
    /// Sorted so that two writers cannot deadlock. The sort is stable: of equal visits the first one's poster stays.
    fn of(entries: &mut Vec<Entry>) -> Self {
        entries.sort_by_key(|entry| entry.row.key());
        let mut batch = Self { rows: Vec::with_capacity(entries.len()), callers: Vec::with_capacity(entries.len()) };
        for Entry { row, answer } in entries.drain(..) {
            if batch.rows.last().is_none_or(|last| last.key() != row.key()) {
                batch.rows.push(row);
            }
            batch.callers.push((batch.rows.len() - 1, answer));
        }
        batch
    }

    /// Tells each caller the outcome of their row. Who went away meanwhile misses nothing: the visit is recorded.
    fn answer(self, outcome: impl Fn(usize) -> Result<(), RecordError>) -> (u64, u64) {
        let (mut recorded, mut failed) = (0, 0);
        for (row, caller) in self.callers {
            let outcome = outcome(row);
            *if outcome.is_ok() { &mut recorded } else { &mut failed } += 1;
            let _gone = caller.send(outcome);
        }
        (recorded, failed)
    }
}

/// Tries of the writer's own.
struct Probes {
    /// A venue that is none: rows of it meet nobody's, and are taken back anyway.
    venue_id: Uuid,
    /// The date on which check-ins failed.
    date: Option<NaiveDate>,
    next: Instant,
}

/// The task.
struct Writer {
    inbox: Inbox,
    link: Link,
    health: Arc<Health>,
    probes: Probes,
    recorded: Counter,
    failed: Counter,
    metrics: Metrics,
}

impl Writer {
    async fn run(mut self) {
        let mut entries = Vec::with_capacity(self.inbox.batch);
        match self.link.open().await {
            Ok(()) => self.health.connected(),
            Err(failure) => self.outage(&mut entries, failure).await,
        }
        loop {
            let probe_due = self.probes.next;
            let lost = tokio::select! {
                biased;
                taken = self.inbox.gather(&mut entries) => {
                    if taken == 0 {
                        return;
                    }
                    self.write(Batch::of(&mut entries)).await
                }
                () = sleep_until(probe_due), if self.health.is_failing() => self.probe().await,
            };
            if let Some(failure) = lost {
                self.outage(&mut entries, failure).await;
            }
        }
    }

    /// Writes a batch and answers. Returns how the connection was lost, if it was.
    async fn write(&mut self, batch: Batch) -> Option<Failure> {
        self.probes.next = Instant::now() + PROBE_EVERY;
        self.probes.date = batch.rows.first().map(|row| row.visit_date);
        let deadline = Instant::now() + self.link.limits.answer;
        match self.link.insert(&batch.rows, deadline).await {
            Ok(()) => {
                self.metrics.batches.inc();
                self.settle(batch, Cause::Refused, |_| Ok(()));
            }
            Err(Failure::Lost(cause)) => {
                self.settle(batch, cause, |_| Err(RecordError::Unavailable));
                return Some(Failure::Lost(cause));
            }
            Err(Failure::Refused(error)) => {
                self.metrics.row_by_row.inc();
                repeated!(warn, "recorder: batch refused, writing row by row", db::describe(&error), rows = batch.rows.len());
                let outcomes = self.row_by_row(&batch.rows, deadline).await;
                self.settle(batch, Cause::of(&error), |row| outcomes.get(row).copied().unwrap_or(Err(RecordError::Unavailable)));
            }
        }
        self.link.is_broken().then_some(Failure::Lost(Cause::Unreachable))
    }

    /// Tries what recording takes, without a visitor: who is not ready gets none, and would never know that it is over.
    async fn probe(&mut self) -> Option<Failure> {
        self.probes.next = Instant::now() + PROBE_EVERY;
        let (venue_id, visit_date) = (self.probes.venue_id, self.probes.date?);
        let row =
            |number: u8| VisitRow { venue_id, visit_date, mac: [number; 16], epoch_id: 0, poster_no: 0, sealed: vec![0; PROBE_BYTES] };
        let rows: Vec<VisitRow> = (0..PROBE_ROWS).map(row).collect();
        let deadline = Instant::now() + self.link.limits.attempt;
        let tried = self.link.try_once(deadline, async |connection| store::probe(connection, &rows).await).await;
        let now = Instant::now().into_std();
        match tried {
            Ok(()) => {
                tracing::info!("recorder: check-ins can be written again");
                self.health.written(now);
                None
            }
            Err(Failure::Lost(cause)) => {
                self.health.still_failing(Some(cause), 0, now);
                Some(Failure::Lost(cause))
            }
            Err(Failure::Refused(error)) => {
                repeated!(warn, "recorder: check-ins still cannot be written", db::describe(&error));
                self.health.still_failing(Some(Cause::of(&error)), 0, now);
                None
            }
        }
    }

    /// Writes each row on its own, so that one poisoned row cannot fail its neighbours, nor one node of a cluster the others' rows.
    /// Returns the outcomes on the first rows; what the deadline or a lost connection left over has none.
    async fn row_by_row(&mut self, rows: &[VisitRow], deadline: Instant) -> Vec<Result<(), RecordError>> {
        let mut outcomes = Vec::with_capacity(rows.len());
        for row in rows {
            match self.link.insert(std::slice::from_ref(row), deadline).await {
                Ok(()) => outcomes.push(Ok(())),
                Err(Failure::Refused(error)) => outcomes.push(Err(outcome(&error))),
                Err(Failure::Lost(_)) => break,
            }
        }
        outcomes
    }

    /// Connects again with growing pauses. Meanwhile everybody is turned away at once: nothing piles up.
    async fn outage(&mut self, entries: &mut Vec<Entry>, failure: Failure) {
        if let Failure::Lost(cause) = failure {
            self.health.disconnected(cause);
        }
        let health = Arc::clone(&self.health);
        let Self { inbox, link, failed, .. } = self;
        let mut opened = pin!(link.open_again(&health));
        loop {
            tokio::select! {
                biased;
                () = &mut opened => {
                    repeated!(info, "recorder: connected again", "");
                    health.connected();
                    break;
                }
                taken = inbox.gather(entries) => {
                    if taken == 0 {
                        return;
                    }
                    let refused = Batch::of(entries).answer(|_| Err(RecordError::Unavailable)).1;
                    failed.inc_by(refused);
                    health.still_failing(None, refused, Instant::now().into_std());
                }
            }
        }
        self.probes.next = Instant::now();
    }

    /// Answers, counts, and remembers how it went; `cause` is why, where nothing was written.
    fn settle(&self, batch: Batch, cause: Cause, outcome: impl Fn(usize) -> Result<(), RecordError>) {
        let (recorded, failed) = batch.answer(outcome);
        self.recorded.inc_by(recorded);
        self.failed.inc_by(failed);
        let now = Instant::now().into_std();
        if recorded > 0 {
            self.health.written(now);
        } else {
            self.health.failed(cause, failed, now);
        }
    }
}

fn outcome(error: &sqlx::Error) -> RecordError {
    match error {
        error if db::is_without_partition(error) => RecordError::NoPartition,
        error if db::is_transient(error) => RecordError::Unavailable,
        _ => RecordError::Refused,
    }
}
