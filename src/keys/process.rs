//! Which `SECRET_KEY` each running process has: a change of it must not end while one needs the old key.
use super::store::secrets as store;
use crate::base::clock::CLOCK_TOLERANCE;
use crate::base::secret::{KeyId, SecretKeys};
use chrono::{DateTime, Duration, Utc};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// A process that was not seen for so long runs no more: it says so each minute.
pub const PROCESS_GONE: Duration = Duration::minutes(3);
/// How long a process that stops tries to say so: a database that stands still must not hold up a stop.
const GOODBYE: std::time::Duration = std::time::Duration::from_secs(1);
/// How long ended processes are kept.
const MEMORY: Duration = Duration::hours(1);

/// The two kinds of processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessKind {
    /// Pages and API.
    Web,
    /// The worker.
    Worker,
}

/// One life of one process.
#[derive(Clone, Copy, Debug)]
pub struct ProcessMark {
    id: Uuid,
    kind: ProcessKind,
    key: KeyId,
}

/// A process that runs, as it is shown to the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningProcess {
    /// `web` or `worker`
    pub kind: String,
    /// Its `SECRET_KEY`.
    pub key: KeyId,
    /// When it said so last.
    pub seen_at: DateTime<Utc>,
}

impl ProcessMark {
    /// The mark of a process that begins now.
    #[must_use]
    pub fn new(kind: ProcessKind, secrets: &SecretKeys) -> Self {
        Self { id: Uuid::new_v4(), kind, key: secrets.current.id() }
    }

    /// Writes down that this process runs.
    ///
    /// # Errors
    /// The database.
    pub async fn note(&self, conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
        let kind = match self.kind {
            ProcessKind::Web => "web",
            ProcessKind::Worker => "worker",
        };
        store::note_process(conn, self.id, kind, &self.key.0, now).await
    }

    /// Writes down that this process ends: nobody has to wait until it counts as gone. A database that
    /// does not answer within [`GOODBYE`] finds out by itself.
    pub async fn end(&self, pool: &PgPool, now: DateTime<Utc>) {
        let goodbye = async { self.note(&mut *pool.acquire().await?, now - PROCESS_GONE).await };
        if !matches!(tokio::time::timeout(GOODBYE, goodbye).await, Ok(Ok(()))) {
            tracing::debug!("the end of this process was not written down");
        }
    }
}

/// The processes that were seen lately. A row from the future is no sign of life: web writes such rows, and one would hold
/// a change of the key open for ever.
///
/// # Errors
/// The database.
pub async fn running_processes(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<RunningProcess>, sqlx::Error> {
    let found = store::processes(conn, now - PROCESS_GONE, now + CLOCK_TOLERANCE).await?;
    Ok(found.into_iter().map(|row| RunningProcess { kind: row.kind, key: KeyId(row.key_id), seen_at: row.seen_at }).collect())
}

/// Forgets processes that ended long ago, and rows from the future. A process that runs writes its row again.
///
/// # Errors
/// The database.
pub async fn forget_processes(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    store::forget_processes(conn, now - MEMORY, now + MEMORY).await
}
