//! Whether what web processes seal can be opened: they cannot tell themselves, so each epoch carries a known text for the worker.
use super::epoch::canary_opens;
use super::{Opener, store};
use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;

/// An epoch whose canary nobody opened for this long makes the service degraded (docs/DESIGN.md §3 "Secrecy of addresses").
pub const CANARY_LATE: Duration = Duration::minutes(10);
/// How long a canary that was opened wrongly keeps the service from being ready.
pub const CANARY_MEMORY: Duration = Duration::hours(24);
/// Canaries of one round trip. Processes open a handful a day; only a worker that was away for long finds more.
const BATCH: i64 = 256;

/// The result of one round of canary checks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Canaries {
    /// Opened, and held what they should.
    pub opened: usize,
    /// Did not open, or held something else.
    pub failed: usize,
}

/// The health of sealing, as the canaries show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CanaryHealth {
    /// All were opened rightly.
    Good,
    /// One was not opened for [`CANARY_LATE`]: degraded, check-ins go on.
    Late,
    /// One of the last [`CANARY_MEMORY`] was opened wrongly: not ready.
    Failed,
}

impl Opener {
    /// Opens the canaries that nobody opened yet, and writes down how each fared.
    ///
    /// # Errors
    /// The database, or the directory: the canaries concerned stay unopened, and become late.
    pub async fn check_canaries(&self, conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Canaries, sqlx::Error> {
        let mut canaries = Canaries::default();
        loop {
            let rows = store::unchecked_epochs(conn, BATCH).await?;
            if rows.is_empty() {
                return Ok(canaries);
            }
            let known = self.derive(&rows).await?;
            let key = |id| known.get(&id).and_then(|epoch| epoch.key.as_deref());
            let opened: Vec<bool> = rows.iter().map(|row| key(row.id).is_some_and(|key| canary_opens(key, row))).collect();
            let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
            store::canaries_checked(conn, &ids, &opened, now).await?;
            let good = opened.iter().filter(|good| **good).count();
            canaries.opened += good;
            canaries.failed += opened.len() - good;
        }
    }
}

/// How the canaries fare, as any process can ask.
///
/// # Errors
/// The database's error.
pub async fn canary_health(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<CanaryHealth, sqlx::Error> {
    let counts = store::canary_counts(conn, now - CANARY_MEMORY, now - CANARY_LATE).await?;
    Ok(match counts {
        (1.., _) => CanaryHealth::Failed,
        (_, 1..) => CanaryHealth::Late,
        _ => CanaryHealth::Good,
    })
}

/// When a canary was last opened rightly: what a dashboard shows.
///
/// # Errors
/// The database's error.
pub async fn last_opened(conn: &mut PgConnection) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    store::last_opened(conn).await
}
