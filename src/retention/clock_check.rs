//! Whether a clock may be believed when something is about to be destroyed. Pure: what was seen goes in, a verdict comes out.
//!
//! Two clocks of one host are one clock, so their agreement proves little. The worker therefore remembers `lived_at`:
//! the moment up to which it has itself seen time pass, counted by the machine's monotonic clock, which nobody can set.
//! Nothing is destroyed that is not due by `lived_at` too.
//!
//! A service that stood still for 40 days and a clock that is 40 days ahead look the same at the start: the last row, the
//! last purge and the days of the signed keys are all 40 days old, and no evidence inside the machine tells them apart
//! (nor outside it: a relay's clock is one more clock, and a time server that is wrong makes a synchronised kernel wrong).
//! They differ in what happens next. A wrong clock is seen and set right; a right one stays as it is. So:
//!
//! - A gap of up to [`SLACK`] (a long weekend) is believed at once; up to [`SLACK_UNSYNCHRONISED`] where the kernel does
//!   not say that its time is synchronised. By itself that is only a warning, since many virtual machines never say so.
//! - These gaps have one budget ([`SLACK`] in all), or a clock that runs ahead by a little less at each start would be
//!   believed step by step. What was believed is paid back by running, the whole of it in [`PAID_BACK_IN`].
//! - A longer gap is a doubt: an alarm at once, and for [`PATIENCE`] of running time nothing is destroyed but what is due by
//!   the time that was lived. Somebody has these days to set the clock right.
//! - After that, `lived_at` catches up by [`CATCH_UP`] days for each day of running. So a service that stood still, however
//!   long, has forgotten all visits past retention within 5 + 26 ÷ 8 days, less than nine, without anybody's hand.
//! - After [`BELIEVED_AFTER`] of running in doubt the clock is believed, or what is recorded after a year's pause, or after
//!   an installation whose first clock was years behind, would be kept for months beyond its time.
//! - More dates due at once than days since the last purge, and [`DATES_SLACK`], are the same doubt (`RETENTION_DAYS` was
//!   mistyped, say): they wait as long, then go one by one.
pub use crate::base::clock::CLOCK_TOLERANCE;
use chrono::{DateTime, Duration, Utc};

/// A time in which the service was not running and which is believed at once: a long weekend.
pub const SLACK: Duration = Duration::days(3);
/// The same where nothing vouches for the kernel's time.
pub const SLACK_UNSYNCHRONISED: Duration = Duration::days(1);
/// Running time that makes the whole slack good again, so that a weekend of standstill each week is never a doubt.
pub const PAID_BACK_IN: i32 = 4;
/// Running time for which a doubt holds everything back: as long as a date may wait for an unsent alert, and longer than a
/// long weekend, so that somebody has read the letter.
pub const PATIENCE: Duration = Duration::days(super::MAX_WAIT_DAYS as i64);
/// Days by which `lived_at` catches up in a day of running, once [`PATIENCE`] is over.
pub const CATCH_UP: i32 = 7;
/// Running time in doubt after which the clock is believed, however long the gap: at [`CATCH_UP`] more than three months
/// have been caught up by then, so a wrong clock has long done to visits and cases what it can do.
pub const BELIEVED_AFTER: Duration = Duration::days(17);
/// Dates that may fall due beside those of the days since the last purge: those that waited for an alert end together.
pub const DATES_SLACK: usize = super::MAX_WAIT_DAYS as usize;
/// Once [`PATIENCE`] is over, one of too many dates goes each time so much has been lived: eight a day.
pub const ONE_BY_ONE: Duration = Duration::hours(3);

/// The clocks at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// This machine's clock.
    pub local: DateTime<Utc>,
    /// Postgres's.
    pub database: DateTime<Utc>,
    /// For how long this process has been running since its last look, by the monotonic clock; zero at its first.
    pub elapsed: Duration,
    /// Whether the kernel calls its time synchronised; `None` where nobody can say.
    pub synchronised: Option<bool>,
}

/// The memory between looks: the row of `service_clock`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Up to which moment time is believed to have passed.
    pub lived_at: DateTime<Utc>,
    /// The clocks at the last look.
    pub seen_at: DateTime<Utc>,
    /// Running time since the doubt began; zero without a doubt.
    pub doubted: Duration,
    /// `lived_at` of the last purge that went through.
    pub purged_at: DateTime<Utc>,
    /// Dates that the last purge found too many.
    pub crowd: usize,
    /// What was believed of the clock without having been lived, as far as running has not paid it back.
    pub gained: Duration,
}

/// Why a clock is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Doubt {
    /// One of two clocks is wrong, and nobody knows which.
    #[error("this machine's clock and Postgres's differ by {0} seconds")]
    ClocksDisagree(i64),
    /// The clock is ahead, or the service stood still.
    #[error("the clocks are {hours} hours ahead of the last time that the service was running ({})", .lived_at.format("%Y-%m-%d %H:%M UTC"))]
    Ahead {
        /// By how much.
        hours: i64,
        /// When the service was last seen to run.
        lived_at: DateTime<Utc>,
    },
    /// The clock is behind, or was ahead before.
    #[error("the clocks are {hours} hours behind the last time that the service was running ({})", .lived_at.format("%Y-%m-%d %H:%M UTC"))]
    Behind {
        /// By how much.
        hours: i64,
        /// When the service was last seen to run.
        lived_at: DateTime<Utc>,
    },
    /// Too many dates fall due at once.
    #[error("{due} dates fall due at once, where the days since the last purge explain {limit}")]
    TooMany {
        /// How many.
        due: usize,
        /// How many would not surprise.
        limit: usize,
    },
}

/// The judgement on a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The memory from now on.
    pub memory: Memory,
    /// Why the clocks are not believed, if they are not.
    pub doubt: Option<Doubt>,
    /// The moment up to which things count as due; nothing else is destroyed.
    pub believed: DateTime<Utc>,
    /// How much time was believed at once that no worker was at work in.
    pub away: Duration,
}

impl Verdict {
    /// The text for an operator: the doubt, and how long it holds things back.
    #[must_use]
    pub fn detail(&self) -> Option<String> {
        let doubt = self.doubt?;
        let left = PATIENCE - self.memory.doubted;
        Some(match doubt {
            Doubt::ClocksDisagree(_) => format!("{doubt}; nothing is erased until they agree"),
            _ if left > Duration::zero() => {
                format!("{doubt}; nothing more is erased for {} hours of running", (left.num_minutes() + 59) / 60)
            }
            _ => format!("{doubt}; the waiting time is over, and what is due goes step by step"),
        })
    }
}

/// Judges what the clocks say against what is remembered.
#[must_use]
pub fn judge(memory: Memory, look: &Look) -> Verdict {
    let now = look.local.min(look.database);
    // The monotonic clock says how long this process ran, the wall clock when anybody looked last: several workers must
    // not count the same hour twice.
    let passed = look.elapsed.min(now - memory.seen_at).max(Duration::zero());
    let slack = if look.synchronised == Some(true) { SLACK } else { SLACK_UNSYNCHRONISED };
    let gained = (memory.gained - repaid(slack, passed)).max(Duration::zero());
    let mut next = Memory { seen_at: now, gained, ..memory };
    let difference = (look.local - look.database).abs();
    if difference > CLOCK_TOLERANCE {
        next.lived_at = now.min(memory.lived_at + passed).max(memory.lived_at);
        return verdict(next, now, Some(Doubt::ClocksDisagree(difference.num_seconds())));
    }
    let ahead = now - (memory.lived_at + passed);
    let slack = (slack - gained).max(Duration::zero());
    if ahead > slack || ahead < -CLOCK_TOLERANCE {
        next.doubted = memory.doubted + passed;
        let patient = next.doubted <= PATIENCE;
        let endured = next.doubted > BELIEVED_AFTER;
        next.lived_at = match (ahead > slack, patient) {
            (true, true) => memory.lived_at + passed,
            (true, false) if endured => now,
            (true, false) => now.min(memory.lived_at + passed * (1 + CATCH_UP)),
            (false, true) => memory.lived_at,
            // Going back destroys nothing.
            (false, false) => now,
        };
        let (hours, lived_at) = (ahead.num_hours().abs(), memory.lived_at);
        let doubt = if ahead > slack { Doubt::Ahead { hours, lived_at } } else { Doubt::Behind { hours, lived_at } };
        return verdict(next, now, Some(doubt));
    }
    next.lived_at = now.max(memory.lived_at);
    next.gained = gained + ahead.max(Duration::zero());
    next.doubted = if memory.crowd > 0 { memory.doubted + passed } else { Duration::zero() };
    let limit = limit(&memory);
    let doubt = (memory.crowd > 0).then_some(Doubt::TooMany { due: memory.crowd, limit });
    Verdict { away: ahead.max(Duration::zero()), ..verdict(next, now, doubt) }
}

/// How much of `slack` is made good by running for `passed`.
fn repaid(slack: Duration, passed: Duration) -> Duration {
    let whole = Duration::days(i64::from(PAID_BACK_IN));
    let parts = passed.num_milliseconds().saturating_mul(slack.num_hours()) / whole.num_hours();
    Duration::milliseconds(parts)
}

fn verdict(memory: Memory, now: DateTime<Utc>, doubt: Option<Doubt>) -> Verdict {
    Verdict { memory, doubt, believed: now.min(memory.lived_at), away: Duration::zero() }
}

/// How many dates may fall due without a doubt: a day each since the last purge, and [`DATES_SLACK`].
#[must_use]
pub fn limit(memory: &Memory) -> usize {
    let days = (memory.lived_at - memory.purged_at).num_days().max(0) + 1;
    usize::try_from(days).unwrap_or(0) + DATES_SLACK
}

/// How many of `due` dates may go now, the oldest first.
#[must_use]
pub fn may_go(memory: &Memory, due: usize) -> usize {
    if due <= limit(memory) {
        return due;
    }
    usize::from(memory.doubted > PATIENCE && memory.lived_at - memory.purged_at >= ONE_BY_ONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn start() -> DateTime<Utc> {
        at("2026-11-22T03:00:00Z")
    }

    fn memory() -> Memory {
        Memory { lived_at: start(), seen_at: start(), doubted: Duration::zero(), purged_at: start(), crowd: 0, gained: Duration::zero() }
    }

    fn look(now: DateTime<Utc>, elapsed: Duration) -> Look {
        Look { local: now, database: now, elapsed, synchronised: Some(true) }
    }

    /// Looks each minute for `time` of running, with clocks that are `offset` away from the truth; returns what came of it.
    fn run(mut memory: Memory, from: DateTime<Utc>, time: Duration, offset: Duration) -> Verdict {
        let minute = Duration::minutes(1);
        let mut last = judge(memory, &look(from + offset, Duration::zero()));
        memory = last.memory;
        for step in 1..=time.num_minutes() {
            last = judge(memory, &look(from + offset + minute * i32::try_from(step).unwrap(), minute));
            memory = last.memory;
        }
        last
    }

    #[test]
    fn a_running_service_believes_its_clock_to_the_minute() {
        let verdict = run(memory(), start(), Duration::days(2), Duration::zero());
        assert_eq!((verdict.doubt, verdict.believed), (None, start() + Duration::days(2)));
    }

    #[test]
    fn a_long_weekend_is_believed_and_an_hour_more_is_not() {
        for (synchronised, slack) in [(Some(true), SLACK), (Some(false), SLACK_UNSYNCHRONISED), (None, SLACK_UNSYNCHRONISED)] {
            let judged = |gap| judge(memory(), &Look { synchronised, ..look(start() + gap, Duration::zero()) });
            assert_eq!((judged(slack).doubt, judged(slack).believed, judged(slack).away), (None, start() + slack, slack));
            let doubted = judged(slack + Duration::hours(1));
            assert_eq!(doubted.doubt, Some(Doubt::Ahead { hours: slack.num_hours() + 1, lived_at: start() }));
            assert_eq!((doubted.believed, doubted.away), (start(), Duration::zero()));
        }
    }

    #[test]
    fn a_clock_that_jumps_while_the_service_runs_adds_only_what_was_lived() {
        let jumped = judge(memory(), &look(start() + Duration::days(40), Duration::minutes(1)));
        assert_eq!(jumped.believed, start() + Duration::minutes(1));
        assert!(matches!(jumped.doubt, Some(Doubt::Ahead { .. })));
    }

    #[test]
    fn a_clock_forty_days_ahead_moves_nothing_for_five_days_and_is_forgotten_when_set_right() {
        let ahead = Duration::days(40);
        let verdict = run(memory(), start(), PATIENCE, ahead);
        assert!(matches!(verdict.doubt, Some(Doubt::Ahead { .. })));
        assert_eq!(verdict.believed, start() + PATIENCE, "what was lived, and no more");
        assert!(verdict.detail().unwrap().contains("for 0 hours") || verdict.detail().unwrap().contains("step by step"));
        let mended = run(verdict.memory, start() + PATIENCE, Duration::minutes(1), Duration::zero());
        assert_eq!((mended.doubt, mended.memory.doubted), (None, Duration::zero()));
        assert_eq!(mended.believed, start() + PATIENCE + Duration::minutes(1));
    }

    #[test]
    fn who_stood_still_believes_all_visits_are_over_within_nine_days_however_long_it_was() {
        for still in [4, 10, 35, 400] {
            let from = start() + Duration::days(still);
            let verdict = run(memory(), from, Duration::days(9), Duration::zero());
            let retention = Duration::days(31);
            assert!(verdict.doubt.is_none() || verdict.believed > start() + retention, "{still} days: {verdict:?}");
            let early = run(memory(), from, PATIENCE, Duration::zero());
            assert_eq!(early.believed, start() + PATIENCE, "{still} days: not at once");
        }
    }

    #[test]
    fn a_gap_of_years_is_over_within_weeks_so_that_new_visits_are_not_kept_beyond_their_time() {
        for still in [120, 400, 1095] {
            let from = start() + Duration::days(still);
            let before = run(memory(), from, BELIEVED_AFTER, Duration::zero());
            assert!(before.doubt.is_some() && before.believed < from, "{still} days: step by step at first: {before:?}");
            let verdict = run(before.memory, from + BELIEVED_AFTER, Duration::minutes(2), Duration::zero());
            let believed = from + BELIEVED_AFTER + Duration::minutes(2);
            assert_eq!((verdict.doubt, verdict.believed), (None, believed), "{still} days");
        }
    }

    /// Starts again and again, each time `step` later by the clocks than the last time.
    fn steps(synchronised: Option<bool>, step: Duration, times: i32) -> Vec<Verdict> {
        let mut memory = memory();
        let judged = (1..=times).map(|time| {
            let verdict = judge(memory, &Look { synchronised, ..look(start() + step * time, Duration::zero()) });
            memory = verdict.memory;
            verdict
        });
        judged.collect()
    }

    #[test]
    fn many_steps_of_a_clock_that_creeps_ahead_are_believed_no_further_than_one() {
        for (synchronised, slack, believed) in [(Some(true), SLACK, 3), (None, SLACK_UNSYNCHRONISED, 1)] {
            let verdicts = steps(synchronised, Duration::hours(23), 13);
            assert_eq!(verdicts.iter().filter(|verdict| verdict.doubt.is_none()).count(), believed);
            assert!(verdicts.iter().all(|verdict| verdict.believed <= start() + slack), "{verdicts:?}");
            assert!(verdicts[12].doubt.is_some());
        }
    }

    #[test]
    fn a_weekend_of_standstill_each_week_is_never_a_doubt() {
        let (mut memory, mut now) = (memory(), start());
        for week in 0..10 {
            now += SLACK;
            let verdict = run(memory, now, Duration::days(4), Duration::zero());
            now += Duration::days(4);
            assert_eq!((verdict.doubt, verdict.believed), (None, now), "week {week}");
            memory = verdict.memory;
        }
    }

    #[test]
    fn what_a_paused_machine_or_a_corrected_clock_gains_is_paid_back_within_minutes() {
        let spent = Memory { gained: SLACK, ..memory() };
        let (minute, second) = (Duration::minutes(1), Duration::seconds(1));
        let corrected = judge(spent, &look(start() + minute + second, minute));
        assert_eq!((corrected.doubt, corrected.believed), (None, start() + minute + second));
        let paused = judge(spent, &look(start() + minute * 10, minute));
        assert!(matches!(paused.doubt, Some(Doubt::Ahead { .. })), "{paused:?}");
        let later = run(paused.memory, start() + minute * 10, minute * 15, Duration::zero());
        assert_eq!((later.doubt, later.believed), (None, start() + minute * 25));
    }

    #[test]
    fn a_paused_machine_with_its_slack_whole_is_believed_and_owes_the_pause() {
        let pause = Duration::hours(20);
        let verdict = judge(memory(), &look(start() + pause, Duration::minutes(1)));
        assert_eq!((verdict.doubt, verdict.believed), (None, start() + pause));
        assert_eq!(verdict.memory.gained, pause - Duration::minutes(1));
    }

    #[test]
    fn three_weeks_of_standstill_with_nothing_left_to_believe_are_over_within_nine_days() {
        let spent = Memory { gained: SLACK, ..memory() };
        let from = start() + Duration::weeks(3);
        let held = run(spent, from, PATIENCE, Duration::zero());
        assert_eq!(held.believed, start() + PATIENCE);
        let over = run(held.memory, from + PATIENCE, Duration::days(4), Duration::zero());
        assert_eq!((over.doubt, over.believed), (None, from + Duration::days(9)));
    }

    #[test]
    fn a_clock_behind_gains_nothing_and_spends_nothing() {
        let behind = judge(memory(), &look(start() - Duration::hours(2), Duration::minutes(1)));
        assert!(matches!(behind.doubt, Some(Doubt::Behind { hours: 2, .. })), "{behind:?}");
        assert_eq!(behind.memory.gained, Duration::zero());
    }

    #[test]
    fn restarts_do_not_pass_for_running_time() {
        let mut memory = memory();
        for hour in 0..24 * 30 {
            let verdict = judge(memory, &look(start() + Duration::days(40) + Duration::hours(hour), Duration::zero()));
            assert_eq!(verdict.believed, start());
            memory = verdict.memory;
        }
    }

    #[test]
    fn two_notifiers_do_not_count_an_hour_twice() {
        let (mut memory, hour) = (memory(), Duration::hours(1));
        let wrong = start() + Duration::days(40);
        memory = judge(memory, &look(wrong, Duration::zero())).memory;
        for half in 1..=48 {
            let now = wrong + Duration::minutes(30) * half;
            // Each looks once an hour, in turn, and says that it ran for an hour since its own last look.
            memory = judge(memory, &look(now, hour)).memory;
        }
        assert_eq!(memory.lived_at, start() + Duration::days(1));
    }

    #[test]
    fn clocks_that_disagree_are_never_believed_however_long() {
        let (mut memory, minute) = (memory(), Duration::minutes(1));
        for (difference, agree) in [(CLOCK_TOLERANCE, true), (CLOCK_TOLERANCE + Duration::seconds(1), false)] {
            let two = Look { database: start() + difference, ..look(start(), minute) };
            assert_eq!(judge(memory, &two).doubt.is_none(), agree);
        }
        for step in 1..=60 * 24 * 10 {
            let now = start() + minute * step;
            let two = Look { local: now + Duration::days(40), ..look(now, minute) };
            let verdict = judge(memory, &two);
            assert!(matches!(verdict.doubt, Some(Doubt::ClocksDisagree(_))) && verdict.believed <= now);
            memory = verdict.memory;
        }
    }

    #[test]
    fn a_clock_that_was_set_back_destroys_nothing_and_is_believed_in_the_end() {
        let back = Duration::days(-40);
        let verdict = run(memory(), start(), PATIENCE, back);
        assert!(matches!(verdict.doubt, Some(Doubt::Behind { hours: 960.., .. } | Doubt::Behind { .. })));
        assert!(verdict.believed < start());
        let later = run(verdict.memory, start() + PATIENCE, Duration::hours(1), back);
        assert_eq!((later.doubt, later.memory.doubted), (None, Duration::zero()));
    }

    #[test]
    fn as_many_dates_as_days_may_go_and_one_more_is_held_back() {
        let purged_before = |days| Memory { lived_at: start() + Duration::days(days), ..memory() };
        for (days, most) in [(0, 6), (1, 7), (30, 36)] {
            assert_eq!(limit(&purged_before(days)), most);
            assert_eq!((may_go(&purged_before(days), most), may_go(&purged_before(days), most + 1)), (most, 0));
        }
    }

    #[test]
    fn too_many_dates_wait_and_then_go_one_by_one() {
        let crowd = Memory { crowd: 20, ..memory() };
        let waited = run(crowd, start(), PATIENCE, Duration::zero());
        assert_eq!(waited.doubt, Some(Doubt::TooMany { due: 20, limit: 10 }));
        assert_eq!(may_go(&waited.memory, 20), 0);
        let over = run(waited.memory, start() + PATIENCE, Duration::minutes(1), Duration::zero());
        assert_eq!(may_go(&over.memory, 20), 1);
        let again = Memory { purged_at: over.memory.lived_at, ..over.memory };
        assert_eq!(may_go(&again, 19), 0, "not at once");
        let later = run(again, again.lived_at, ONE_BY_ONE, Duration::zero());
        assert_eq!(may_go(&later.memory, 19), 1);
    }
}
