//! The batching writer: one task, one connection, one insert for all who wait (research/performance.md §1).
//!
//! There is no timer. The task takes what waits, commits it and answers; meanwhile the next batch gathers by itself.
//! So a lone check-in waits for nobody, and under load a commit is shared by hundreds.
//!
//! - `Ok` is answered only after the commit.
//! - Nobody waits long: a batch has [`ANSWER_LIMIT`]; while the database is away everybody is told so at once.
//! - A batch may be written twice (a connection that broke during the commit tells nothing); `on conflict do nothing` makes that harmless.
use super::store;
use crate::base::db::{self, DbRole};
use crate::base::telemetry::Metrics;
use chrono::NaiveDate;
use prometheus_client::metrics::counter::Counter;
use sqlx::PgConnection;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout, timeout_at};
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

/// What [`RecorderTask::stop`] waits for: one batch that stands, and the queue after it.
pub const STOP_LIMIT: Duration = Duration::from_secs(5);

/// The first pause before a new try to connect; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// The longest pause between tries to connect: a restarted server is found within a second.
/// No jitter: a process has one such connection, and there are few processes.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

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
    /// The date has no partition: the notifier makes them days ahead, so it has been still for long.
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
    fn lock(&self) -> Duration {
        self.attempt * 3 / 4
    }
}

/// Takes visits and answers when they are committed. Cloning shares the one writer.
#[derive(Clone)]
pub struct Recorder {
    queue: mpsc::Sender<Entry>,
    up: Arc<AtomicBool>,
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
        let up = Arc::new(AtomicBool::new(false));
        let outcome = |name| metrics.check_ins.get_or_create(&[("outcome", name)]).clone();
        let writer = Writer {
            inbox: Inbox { queue: inbox, stopped, listening: true, batch: limits.batch },
            link: Link { url: url.to_owned(), limits, connection: None, pause: FIRST_PAUSE },
            up: Arc::clone(&up),
            recorded: outcome("recorded"),
            failed: outcome("failed"),
            metrics: metrics.clone(),
        };
        let task = RecorderTask { stop, writer: tokio::spawn(writer.run()), limit: limits.stop };
        (Self { queue, up, full: outcome("full") }, task)
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

    /// Whether a check-in could be recorded now, as far as is known; for `/readyz`.
    #[must_use]
    pub fn is_up(&self) -> bool {
        self.up.load(Ordering::Relaxed) && !self.queue.is_closed()
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

/// Why an insert did not happen.
enum Failure {
    /// The connection is gone, or did not answer in time.
    Lost,
    /// The server refused, and the connection is whole.
    Refused(sqlx::Error),
}

/// The one connection.
struct Link {
    url: String,
    limits: Limits,
    connection: Option<PgConnection>,
    pause: Duration,
}

impl Link {
    /// Inserts `rows` in one transaction, and once more over a new connection when the old one turns out to be dead.
    async fn insert(&mut self, rows: &[VisitRow], deadline: Instant) -> Result<(), Failure> {
        match self.try_insert(rows, deadline).await {
            Err(Failure::Lost) => self.try_insert(rows, deadline).await,
            other => other,
        }
    }

    /// One try. The connection is given back only when it is known to be whole.
    async fn try_insert(&mut self, rows: &[VisitRow], deadline: Instant) -> Result<(), Failure> {
        let limit = deadline.min(Instant::now() + self.limits.attempt);
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => timeout_at(limit, connect(&self.url, self.limits)).await.map_err(lost_in_time)?.map_err(|error| lost(&error))?,
        };
        match timeout_at(limit, store::insert(&mut connection, rows)).await {
            Ok(Ok(())) => {
                self.connection = Some(connection);
                self.pause = FIRST_PAUSE;
                Ok(())
            }
            Ok(Err(error)) if store::is_connection_lost(&error) => Err(lost(&error)),
            Ok(Err(error)) => {
                self.connection = Some(connection);
                Err(Failure::Refused(error))
            }
            Err(elapsed) => Err(lost_in_time(elapsed)),
        }
    }

    /// One try to connect.
    async fn open(&mut self) -> Result<(), Failure> {
        let connected = timeout(self.limits.attempt, connect(&self.url, self.limits)).await;
        self.connection = Some(connected.map_err(lost_in_time)?.map_err(|error| lost(&error))?);
        Ok(())
    }

    /// Connects, however long it takes. The pause grows from outage to outage too, until an insert succeeds.
    async fn open_again(&mut self) {
        loop {
            sleep(self.pause).await;
            self.pause = (self.pause * 2).min(LONGEST_PAUSE);
            if self.open().await.is_ok() {
                return;
            }
        }
    }
}

async fn connect(url: &str, limits: Limits) -> Result<PgConnection, sqlx::Error> {
    let mut connection = db::connect(url, DbRole::Web).await?;
    store::bound_lock_waits(&mut connection, limits.lock()).await?;
    Ok(connection)
}

/// What the server says may repeat values of the row, so its log line is the SQLSTATE.
fn lost(error: &sqlx::Error) -> Failure {
    match error.as_database_error() {
        Some(said) => tracing::warn!(sqlstate = ?said.code(), "recorder: connection lost"),
        None => tracing::warn!(%error, "recorder: connection lost"),
    }
    Failure::Lost
}

fn lost_in_time(_: tokio::time::error::Elapsed) -> Failure {
    tracing::warn!("recorder: no answer in time, connection given up");
    Failure::Lost
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

    /// Tells every caller the verdict on his row. One who went away meanwhile misses nothing: his visit is recorded.
    fn answer(self, verdict: impl Fn(usize) -> Result<(), RecordError>) -> (u64, u64) {
        let (mut recorded, mut failed) = (0, 0);
        for (row, caller) in self.callers {
            let verdict = verdict(row);
            *if verdict.is_ok() { &mut recorded } else { &mut failed } += 1;
            let _gone = caller.send(verdict);
        }
        (recorded, failed)
    }
}

/// The task.
struct Writer {
    inbox: Inbox,
    link: Link,
    up: Arc<AtomicBool>,
    recorded: Counter,
    failed: Counter,
    metrics: Metrics,
}

impl Writer {
    async fn run(mut self) {
        let mut entries = Vec::with_capacity(self.inbox.batch);
        match self.link.open().await {
            Ok(()) => self.up.store(true, Ordering::Relaxed),
            Err(_lost) => self.outage(&mut entries).await,
        }
        while self.inbox.gather(&mut entries).await > 0 {
            let batch = Batch::of(&mut entries);
            self.write(batch).await;
            if self.link.connection.is_none() {
                self.outage(&mut entries).await;
            }
        }
    }

    async fn write(&mut self, batch: Batch) {
        let deadline = Instant::now() + self.link.limits.answer;
        match self.link.insert(&batch.rows, deadline).await {
            Ok(()) => {
                self.metrics.batches.inc();
                self.settle(batch, |_| Ok(()));
            }
            Err(Failure::Lost) => self.settle(batch, |_| Err(RecordError::Unavailable)),
            Err(Failure::Refused(error)) => {
                self.metrics.row_by_row.inc();
                tracing::warn!(sqlstate = %sqlstate(&error), rows = batch.rows.len(), "recorder: batch refused, writing row by row");
                let verdicts = self.row_by_row(&batch.rows, deadline).await;
                self.settle(batch, |row| verdicts.get(row).copied().unwrap_or(Err(RecordError::Unavailable)));
            }
        }
    }

    /// Writes each row on its own, so that one poisoned row cannot fail its neighbours, nor one node of a cluster the others' rows.
    /// Returns the verdicts on the first rows; what the deadline or a lost connection left over has none.
    async fn row_by_row(&mut self, rows: &[VisitRow], deadline: Instant) -> Vec<Result<(), RecordError>> {
        let mut verdicts = Vec::with_capacity(rows.len());
        for row in rows {
            match self.link.insert(std::slice::from_ref(row), deadline).await {
                Ok(()) => verdicts.push(Ok(())),
                Err(Failure::Refused(error)) => verdicts.push(Err(verdict(&error))),
                Err(Failure::Lost) => break,
            }
        }
        verdicts
    }

    /// Connects again with growing pauses. Meanwhile everybody is turned away at once: nothing piles up.
    async fn outage(&mut self, entries: &mut Vec<Entry>) {
        self.up.store(false, Ordering::Relaxed);
        let Self { inbox, link, failed, .. } = self;
        let mut opened = pin!(link.open_again());
        loop {
            tokio::select! {
                biased;
                () = &mut opened => {
                    tracing::info!("recorder: connected again");
                    break;
                }
                taken = inbox.gather(entries) => {
                    if taken == 0 {
                        return;
                    }
                    failed.inc_by(Batch::of(entries).answer(|_| Err(RecordError::Unavailable)).1);
                }
            }
        }
        self.up.store(true, Ordering::Relaxed);
    }

    fn settle(&self, batch: Batch, verdict: impl Fn(usize) -> Result<(), RecordError>) {
        let (recorded, failed) = batch.answer(verdict);
        self.recorded.inc_by(recorded);
        self.failed.inc_by(failed);
    }
}

fn verdict(error: &sqlx::Error) -> RecordError {
    match error {
        error if db::is_without_partition(error) => RecordError::NoPartition,
        error if db::is_transient(error) => RecordError::Unavailable,
        _ => RecordError::Refused,
    }
}

fn sqlstate(error: &sqlx::Error) -> String {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).map_or_else(String::new, |code| code.into_owned())
}
