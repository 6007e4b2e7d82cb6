//! What delivery tidies up every few seconds: rows of processes that died, times that were written under a clock that was ahead,
//! and mails whose time is over.
use super::claim::{self, AMBIGUOUS_RETRY};
use super::delivery::Shared;
use super::outbox::EXPIRY;
use super::outcome::LONGEST_BACKOFF;
use super::result_writer::State;
use super::sending::brake;
use super::store;
use crate::base::clock::CLOCK_TOLERANCE;
use chrono::{DateTime, Duration as Span, Utc};
use sqlx::PgConnection;

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

/// Tidies up once.
pub(super) async fn tidy(shared: &Shared, conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    let rescued = claim::rescue(conn, now).await?;
    if rescued != claim::Rescued::default() {
        tracing::warn!(queued = rescued.queued, ambiguous = rescued.ambiguous, "rows of a process that died were freed");
        shared.metrics.mails.get_or_create(&[("outcome", State::Ambiguous.name())]).inc_by(rescued.ambiguous);
    }
    let believed = &shared.options.believed;
    // By a clock that is behind, what is right would lie astray, and be over when the clock is set right.
    if believed.is_sure(now) {
        let pulled = store::pull_back(conn, now, &Bounds::at(now)).await?;
        if pulled > 0 {
            tracing::warn!(mails = pulled, "waiting mails had times of a clock that was ahead; they have their turn now");
        }
    }
    for state in store::expire(conn, believed.at_most(now)).await? {
        let name = if state == State::Dead.name() { State::Dead.name() } else { "expired_ambiguous" };
        shared.metrics.mails.get_or_create(&[("outcome", name)]).inc();
    }
    brake::forget(conn, now).await
}
