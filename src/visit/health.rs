//! Whether check-ins can be written, and if not since when, why, and how many were turned away.
//!
//! The writer says how each batch ended; `/readyz`, the dashboard's alarm and the metrics ask. A process that is not
//! ready gets no visitors, so the writer then tries by itself (see `recorder.rs:probe`): ready again needs nobody.
use crate::base::db::Cause;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Batches that fail wholly, one after the other, until the process calls itself not ready. One may be a deadlock, a
/// failover or a row that nobody would take; a third is no accident, and a busy door has had it within a second.
pub const FAILED_BATCHES: u32 = 3;

/// An interruption of connections alone is told to officials from this length on: a server that is started anew is
/// back earlier, and its visitors tried again.
pub const LONG_OUTAGE: Duration = Duration::from_secs(30);

/// A time in which check-ins could not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hole {
    /// Why, as last seen.
    pub cause: Cause,
    /// When the first was turned away.
    pub began: Instant,
    /// When one was written again; nothing while it lasts.
    pub ended: Option<Instant>,
    /// How many check-ins were turned away by this process.
    pub refused: u64,
    /// Whether batches failed one after the other, and not connections alone.
    steady: bool,
}

impl Hole {
    /// Whether officials should hear of it: somebody was turned away, and not only for the moment of a restart.
    #[must_use]
    pub fn is_worth_telling(&self, now: Instant) -> bool {
        let lasted = self.ended.unwrap_or(now).duration_since(self.began);
        self.refused > 0 && (self.steady || lasted >= LONG_OUTAGE)
    }
}

/// The writer's observations.
#[derive(Default)]
pub(super) struct Health(Mutex<Seen>);

#[derive(Default)]
struct Seen {
    connected: bool,
    in_a_row: u32,
    cause: Option<Cause>,
    hole: Option<Hole>,
}

impl Health {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn connected(&self) {
        self.seen().connected = true;
    }

    /// The connection is gone.
    pub(super) fn disconnected(&self, cause: Cause) {
        let mut seen = self.seen();
        (seen.connected, seen.cause) = (false, Some(cause));
    }

    /// A batch was written, in part or whole, or a probe was.
    pub(super) fn written(&self, now: Instant) {
        let mut seen = self.seen();
        (seen.in_a_row, seen.cause) = (0, None);
        // A hole too small to be told must not become the beginning of a hole of another day.
        seen.hole = seen.hole.filter(|hole| hole.is_worth_telling(now));
        if let Some(hole) = seen.hole.as_mut() {
            hole.ended.get_or_insert(now);
        }
    }

    /// Nothing of a batch was written.
    pub(super) fn failed(&self, cause: Cause, refused: u64, now: Instant) {
        let mut seen = self.seen();
        seen.in_a_row = seen.in_a_row.saturating_add(1);
        let steady = seen.in_a_row >= FAILED_BATCHES;
        seen.turned_away(cause, refused, steady, now);
    }

    /// Check-ins were turned away without a try, or a probe failed.
    pub(super) fn still_failing(&self, cause: Option<Cause>, refused: u64, now: Instant) {
        let mut seen = self.seen();
        let cause = cause.or(seen.cause).unwrap_or(Cause::Unreachable);
        seen.turned_away(cause, refused, false, now);
    }

    /// Why the process is not ready. Being connected is not enough after batches failed in a row.
    pub(super) fn trouble(&self) -> Option<Cause> {
        let seen = self.seen();
        let is_fine = seen.connected && seen.in_a_row < FAILED_BATCHES;
        (!is_fine).then(|| seen.cause.unwrap_or(Cause::Unreachable))
    }

    /// Whether batches fail one after the other, so that somebody has to try without visitors.
    pub(super) fn is_failing(&self) -> bool {
        self.seen().in_a_row >= FAILED_BATCHES
    }

    /// The hole that is open, or the last one until it was told.
    pub(super) fn hole(&self) -> Option<Hole> {
        self.seen().hole
    }

    /// Forgets a hole that was told and is over. One that grew meanwhile stays.
    pub(super) fn told(&self, told: &Hole) {
        let mut seen = self.seen();
        if seen.hole.as_ref() == Some(told) && told.ended.is_some() {
            seen.hole = None;
        }
    }
}

impl Seen {
    fn turned_away(&mut self, cause: Cause, refused: u64, steady: bool, now: Instant) {
        self.cause = Some(cause);
        // A hole that nobody was told of yet goes on, also when something was written in between.
        let hole = self.hole.get_or_insert(Hole { cause, began: now, ended: None, refused: 0, steady });
        (hole.cause, hole.ended) = (cause, None);
        hole.steady |= steady;
        hole.refused += refused;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_failed_batches_in_a_row_are_trouble_and_one_written_is_none() {
        let (health, now) = (Health::default(), Instant::now());
        assert_eq!(health.trouble(), Some(Cause::Unreachable), "not connected yet");
        health.connected();
        for batch in 1..=FAILED_BATCHES {
            assert_eq!(health.trouble(), None, "before batch {batch}");
            health.failed(Cause::DiskFull, 4, now);
        }
        assert_eq!(health.trouble(), Some(Cause::DiskFull));
        health.connected();
        assert_eq!(health.trouble(), Some(Cause::DiskFull), "a connection writes nothing");
        health.written(now);
        assert_eq!((health.trouble(), health.is_failing()), (None, false));
        for _ in 0..10 {
            health.failed(Cause::Refused, 1, now);
            health.failed(Cause::Refused, 1, now);
            health.written(now);
        }
        assert_eq!(health.trouble(), None, "never three in a row");
    }

    #[test]
    fn a_hole_is_told_with_its_ends_and_how_many() {
        let (health, start) = (Health::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        health.connected();
        (0..FAILED_BATCHES).for_each(|batch| health.failed(Cause::DiskFull, 10, at(u64::from(batch))));
        health.still_failing(None, 5, at(9));
        let open = health.hole().unwrap();
        assert!(open.is_worth_telling(at(9)) && open.ended.is_none());
        health.told(&open);
        health.written(at(12));
        let hole = health.hole().unwrap();
        assert_eq!((hole.began, hole.ended, hole.refused, hole.cause), (at(0), Some(at(12)), 35, Cause::DiskFull));
        health.told(&hole);
        assert_eq!(health.hole(), None);
    }

    #[test]
    fn a_short_outage_of_connections_is_not_told_and_a_long_one_is() {
        let (health, start) = (Health::default(), Instant::now());
        health.connected();
        health.disconnected(Cause::Unreachable);
        health.still_failing(None, 3, start);
        let hole = health.hole().unwrap();
        assert!(!hole.is_worth_telling(start + LONG_OUTAGE - Duration::from_millis(1)));
        assert!(hole.is_worth_telling(start + LONG_OUTAGE));
        assert_eq!(health.trouble(), Some(Cause::Unreachable));
    }
}
