//! What delivery tidies up every few seconds: rows of processes that died, times that were written under a clock that was ahead,
//! and mails whose time is over. Each step is kept apart from the others.
use super::claim::{self, AMBIGUOUS_RETRY};
use super::delivery::Shared;
use super::outbox::EXPIRY;
use super::outcome::LONGEST_BACKOFF;
use super::result_writer::State;
use super::sending::brake;
use super::store;
use crate::base::apart::{Failed, Steps};
use crate::base::clock::CLOCK_TOLERANCE;
use crate::repeated;
use chrono::{DateTime, Duration as Span, Utc};
use sqlx::PgConnection;
use std::time::{Duration, Instant};

/// How often rows of dead processes are freed and expired rows ended.
pub const UPKEEP: Duration = Duration::from_secs(5);
/// How often times that lie astray are looked for. It reads every waiting row, and a clock is set right once.
pub const PULL_BACK: Duration = Duration::from_secs(60);

/// No mail that was never tried has its first turn farther off: a night, or a venue's letter behind a hold of a day that would end
/// at night, are less than two days. Whoever waits asks again at each turn, so that one that comes too early does no harm.
pub const FARTHEST_TURN: Span = Span::days(2);
/// No mail lives longer from any moment on: the whole time of a new one, after the farthest first turn.
pub const LONGEST_LIFE: Span = Span::hours(EXPIRY.num_hours() + FARTHEST_TURN.num_hours());

/// Beyond these a time of a row lies astray, and where it is pulled to.
pub(super) struct Bounds {
    /// Of a row that waits for its first turn, one that was deferred, and one that may have arrived.
    pub(super) turn: DateTime<Utc>,
    pub(super) retry: DateTime<Utc>,
    pub(super) ambiguous: DateTime<Utc>,
    /// Where the turn of one that may have arrived goes; those of others come now.
    pub(super) ambiguous_retry: DateTime<Utc>,
    /// Where an end goes that is beyond the latest.
    pub(super) end: DateTime<Utc>,
    pub(super) latest_end: DateTime<Utc>,
    pub(super) beginning: DateTime<Utc>,
}

impl Bounds {
    /// Those at `now`. Another process may have written by a clock that is as far ahead as is borne.
    fn at(now: DateTime<Utc>) -> Self {
        let borne = now + CLOCK_TOLERANCE;
        Self {
            turn: borne + FARTHEST_TURN,
            retry: borne + LONGEST_BACKOFF,
            ambiguous: borne + AMBIGUOUS_RETRY,
            ambiguous_retry: now + AMBIGUOUS_RETRY,
            end: now + EXPIRY,
            latest_end: borne + LONGEST_LIFE,
            beginning: borne,
        }
    }
}

/// When upkeep comes next.
pub(super) struct Upkeep {
    tidy_at: Instant,
    pull_back_at: Instant,
}

/// The steps of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Nothing,
    Tidying,
    /// And times that lie astray.
    All,
}

impl Upkeep {
    /// The first turn is at once.
    pub(super) fn from(now: Instant) -> Self {
        Self { tidy_at: now, pull_back_at: now }
    }

    fn due(&mut self, now: Instant) -> Due {
        if now < self.tidy_at {
            return Due::Nothing;
        }
        self.tidy_at = now + UPKEEP;
        if now < self.pull_back_at {
            return Due::Tidying;
        }
        self.pull_back_at = now + PULL_BACK;
        Due::All
    }

    /// Tidies up if it is time. A step that fails is logged and tried again at the next turn; it holds up neither the other
    /// steps nor what is due to be sent.
    pub(super) async fn turn(&mut self, shared: &Shared, conn: &mut PgConnection, now: DateTime<Utc>) {
        let due = self.due(Instant::now());
        if due == Due::Nothing {
            return;
        }
        let mut steps = Steps::<Failed<sqlx::Error>>::default();
        steps.take(rescue(shared, conn, now)).await;
        if due == Due::All {
            steps.take(pull_back(shared, conn, now)).await;
        }
        steps.take(expire(shared, conn, now)).await;
        steps.take(brake::forget(conn, now)).await;
        if let Err(error) = steps.end() {
            repeated!(warn, "a step of the outbox's upkeep failed", error);
        }
    }
}

async fn rescue(shared: &Shared, conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    let rescued = claim::rescue(conn, now).await?;
    if rescued != claim::Rescued::default() {
        tracing::warn!(queued = rescued.queued, ambiguous = rescued.ambiguous, "rows of a process that died were freed");
        shared.metrics.mails.get_or_create(&[("outcome", State::Ambiguous.name())]).inc_by(rescued.ambiguous);
    }
    Ok(())
}

async fn pull_back(shared: &Shared, conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    // By a clock that is behind, what is right would lie astray, and be over when the clock is set right.
    if !shared.options.believed.is_sure(now) {
        return Ok(());
    }
    let pulled = store::pull_back(conn, now, &Bounds::at(now)).await?;
    if pulled > 0 {
        tracing::warn!(mails = pulled, "waiting mails had times of a clock that was ahead; they have their turn now");
    }
    Ok(())
}

async fn expire(shared: &Shared, conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    for state in store::expire(conn, shared.options.believed.at_most(now)).await? {
        let name = if state == State::Dead.name() { State::Dead.name() } else { "expired_ambiguous" };
        shared.metrics.mails.get_or_create(&[("outcome", name)]).inc();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_pulled_back_at_the_start_and_then_once_a_minute() {
        let start = Instant::now();
        let mut upkeep = Upkeep::from(start);
        let mut due = |seconds| upkeep.due(start + Duration::from_secs(seconds));
        assert_eq!((due(0), due(4), due(5)), (Due::All, Due::Nothing, Due::Tidying));
        let later: Vec<_> = (6..=600).map(due).collect();
        let count = |which| later.iter().filter(|due| **due == which).count();
        assert_eq!((count(Due::All), count(Due::Tidying)), (10, 109), "{later:?}");
    }
}
