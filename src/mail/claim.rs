//! Claiming rows for this process, and freeing those of processes that died.
//!
//! A lease is a random token and a time. Whoever changes a leased row names the token, so that a process which was
//! stopped and woke up late changes nothing. Before each mail both clocks are asked: the monotonic one, which nobody can
//! set, and the wall clock, which goes on while the machine sleeps.
use super::store;
use crate::base::clock::Clock;
use chrono::{DateTime, Duration as Span, NaiveDate, Utc};
use sqlx::PgConnection;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How long a claim is ours (docs/DESIGN.md §3 "Mail"). Longer than one mail may take by our deadlines before its
/// final dot, short enough that the rows of a dead process wait only minutes.
pub const LEASE: Duration = Duration::from_secs(120);
/// A lease that ends later than this was written under a clock that was ahead: four times as far as two clocks may differ.
pub const LEASE_ASTRAY: Span = Span::hours(1);
/// Most rows of one claim. 100 already give 21 times the rate of one by one (measured).
pub const MAX_CLAIM: u16 = 256;
/// How long an ambiguous row waits for its retry (docs/DESIGN.md §3 "Mail"): time for a relay to deliver, and for its bounce to come.
pub const AMBIGUOUS_RETRY: Span = Span::minutes(15);
/// An unanswered final dot is repeated once (docs/DESIGN.md §3 "Mail"); the second time the row stays `ambiguous` for good.
pub const AMBIGUOUS_LIMIT: i32 = 2;

/// A row of the outbox that this process holds for now. No `Debug`; cloning copies sealed bytes only.
#[derive(Clone)]
pub struct Claimed {
    /// The row; also the left part of the Message-ID.
    pub id: Uuid,
    /// `notice`, or which letter.
    pub kind: String,
    /// The visit's date; a letter's is the date whose key sealed it.
    pub visit_date: NaiveDate,
    /// Which epoch opens it.
    pub epoch_id: i64,
    /// Sealed content.
    pub sealed: Vec<u8>,
    /// A notice's alert.
    pub alert_id: Option<Uuid>,
    /// A notice's venue.
    pub venue_id: Option<Uuid>,
    /// A notice's mac of the visit, 16 bytes.
    pub mac: Option<Vec<u8>>,
    /// Times it was about to be sent, before this one.
    pub attempts: i32,
    /// How many of them ended without an answer.
    pub ambiguous_attempts: i32,
    /// When it was put into the outbox.
    pub created_at: DateTime<Utc>,
    /// Turns that it got after it had ended.
    pub repeats: i32,
    /// How it had ended before this turn, where it counts so by provider.
    pub ended_as: Option<String>,
}

/// Proof of a claim, and until when it holds.
#[derive(Clone, Copy)]
pub(super) struct Lease {
    /// Names the claim in the rows.
    pub(super) token: Uuid,
    /// The end as the database sees it.
    pub(super) until: DateTime<Utc>,
    /// The end as this process sees it.
    deadline: Instant,
}

impl Lease {
    /// A lease from this moment. Made before the statement that writes it, so that it never ends too late.
    pub(super) fn begin(clock: &dyn Clock) -> Self {
        Self { token: Uuid::new_v4(), until: clock.now() + LEASE, deadline: Instant::now() + LEASE }
    }

    /// The same time under another claim's name, which it renews.
    pub(super) fn named(self, token: Uuid) -> Self {
        Self { token, ..self }
    }

    /// Whether the claim surely holds now.
    pub(super) fn holds(&self, clock: &dyn Clock) -> bool {
        Instant::now() < self.deadline && clock.now() < self.until
    }

    /// Whether enough of it is left to begin another mail: half.
    pub(super) fn has_room(&self, clock: &dyn Clock) -> bool {
        self.deadline.saturating_duration_since(Instant::now()) > LEASE / 2 && clock.now() + LEASE / 2 < self.until
    }
}

/// The result of a rescue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rescued {
    /// Rows that were only leased: they are queued again.
    pub queued: u64,
    /// Rows that may have been sent: ambiguous, retried after [`AMBIGUOUS_RETRY`]. However often a process dies, such a
    /// row is tried again until the server has answered: nobody knows whether its mail ever left the house.
    pub ambiguous: u64,
}

/// Frees the rows whose lease is past. A lease that lies astray ends like a new one: whoever holds it goes by the monotonic clock
/// too, and has written its results by then, so that nothing is sent twice.
pub async fn rescue(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Rescued, sqlx::Error> {
    store::shorten_leases(conn, now + LEASE, now + LEASE_ASTRAY).await?;
    let (queued, ambiguous) = store::rescue(conn, now, now + AMBIGUOUS_RETRY).await?;
    Ok(Rescued { queued, ambiguous })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::SetClock;

    #[test]
    fn a_lease_ends_by_the_wall_clock_too() {
        let clock = SetClock::new(DateTime::UNIX_EPOCH);
        let lease = Lease::begin(&clock);
        assert!(lease.holds(&clock) && lease.has_room(&clock));
        clock.advance(Span::seconds(60));
        assert!(lease.holds(&clock) && !lease.has_room(&clock), "half is gone");
        clock.advance(Span::seconds(60));
        assert!(!lease.holds(&clock));
        let renewed = Lease::begin(&clock).named(lease.token);
        assert!(renewed.holds(&clock) && renewed.token == lease.token);
    }

    #[test]
    fn a_lease_ends_by_the_monotonic_clock_too() {
        let clock = SetClock::new(DateTime::UNIX_EPOCH);
        let lease = Lease { deadline: Instant::now(), ..Lease::begin(&clock) };
        assert!(!lease.holds(&clock) && !lease.has_room(&clock));
    }
}
