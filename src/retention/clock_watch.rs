//! Looks at the clocks, remembers what was lived, and says so when they are not to be believed.
use super::clock_check::{Doubt, Look, Memory, Verdict, judge};
use super::store;
use crate::base::clock::Believed;
use crate::base::db::SecondClock;
use crate::base::time_sync;
use crate::mail;
use crate::official::{self, AlarmKind};
use chrono::{DateTime, Duration, Utc};
use sqlx::{Connection, PgConnection};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Time without a worker that does not count against what waits to be sent; less is a restart. As long as web waits before it
/// calls the worker silent.
pub const AWAY: Duration = Duration::minutes(10);

/// A worker's knowledge of time between two looks.
#[derive(Default)]
pub struct Watch {
    seen: Mutex<Seen>,
    believed: Believed,
}

#[derive(Clone, Copy, Default)]
struct Seen {
    last: Option<Instant>,
    synchronised: Option<bool>,
}

impl Watch {
    /// The bound that [`Watch::look`] sets.
    #[must_use]
    pub fn believed(&self) -> Believed {
        self.believed.clone()
    }

    /// Asks whether the kernel calls its time synchronised; the answer stands until the next time.
    pub async fn ask_kernel(&self) {
        let synchronised = time_sync::synchronised().await;
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).synchronised = synchronised;
    }

    /// Looks at both clocks, judges and remembers, and bounds what ends by the clock until the next look.
    ///
    /// # Errors
    /// The database's error. The running time since the last look is lost then, which is on the safe side.
    pub async fn look(&self, conn: &mut PgConnection, local: DateTime<Utc>, second: &SecondClock) -> Result<Look, sqlx::Error> {
        let database = second.now(conn).await?;
        let look = self.at(Instant::now(), local, database);
        let verdict = keep_time(conn, &look).await?;
        // Too many dates at once say nothing of the clock.
        let sure = matches!(verdict.doubt, None | Some(Doubt::TooMany { .. }));
        self.believed.bound(verdict.believed, sure);
        Ok(look)
    }

    fn at(&self, now: Instant, local: DateTime<Utc>, database: DateTime<Utc>) -> Look {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let elapsed = seen.last.replace(now).map(|last| now.saturating_duration_since(last)).unwrap_or_default();
        Look { local, database, elapsed: Duration::from_std(elapsed).unwrap_or_default(), synchronised: seen.synchronised }
    }
}

/// Judges a look, remembers it, gives what waits to be sent the time back that nobody was at work in, and raises or clears the alarm.
///
/// # Errors
/// The database's error.
pub async fn keep_time(conn: &mut PgConnection, look: &Look) -> Result<Verdict, sqlx::Error> {
    let mut tx = conn.begin().await?;
    let verdict = judge(remembered(&mut tx, look).await?, look);
    store::remember(&mut tx, &verdict.memory).await?;
    if verdict.away > AWAY {
        // Time in which nobody was there to send is no time that a mail was tried.
        mail::not_tried(&mut tx, verdict.memory.lived_at - verdict.away, verdict.memory.lived_at).await?;
    }
    tell(&mut tx, look, &verdict).await?;
    tx.commit().await?;
    Ok(verdict)
}

/// Raises and clears. By Postgres's clock: several processes write these alarms, and theirs may be what is wrong.
async fn tell(tx: &mut PgConnection, look: &Look, verdict: &Verdict) -> Result<(), sqlx::Error> {
    let now = look.database;
    let (doubt, differ) = match verdict.doubt {
        Some(Doubt::ClocksDisagree(_)) => (None, verdict.detail()),
        _ => (verdict.detail(), None),
    };
    match (&doubt, &differ) {
        (Some(doubt), _) => official::raise(tx, now, AlarmKind::Clock, doubt).await?,
        // Whether the clock is right cannot be said while the two differ.
        (None, Some(_)) => false,
        (None, None) => official::clear(tx, now, AlarmKind::Clock).await?,
    };
    match differ {
        Some(differ) => official::raise(tx, now, AlarmKind::ClocksDiffer, &differ).await?,
        None => official::clear_stale(tx, now, AlarmKind::ClocksDiffer).await?,
    };
    Ok(())
}

/// The memory; at the very first look, when the worker was last at work (an older program kept no such row).
pub(super) async fn remembered(tx: &mut PgConnection, look: &Look) -> Result<Memory, sqlx::Error> {
    if let Some(memory) = store::memory(tx).await? {
        return Ok(memory);
    }
    let begun = store::last_work(tx).await?.unwrap_or(look.local.min(look.database));
    let none = Duration::zero();
    Ok(Memory { lived_at: begun, seen_at: begun, doubted: none, purged_at: begun, crowd: 0, gained: none })
}

/// The worker's last sign of life; it gives one each minute. `None` before its first.
///
/// # Errors
/// The database's error.
pub async fn alive_at(conn: &mut PgConnection) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    store::seen_at(conn).await
}
