//! `NOTIFY_RATE`: at most so many mails per second, over all connections of the process.
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How much of a second's mails may go at once after a pause. Small, so that a relay that counts per second is never surprised.
const BURST: Duration = Duration::from_millis(100);

/// A token bucket, kept as the moment up to which tokens are spent (GCRA, ITU-T I.371).
pub(super) struct Rate {
    interval: Duration,
    spent_until: Mutex<Option<Instant>>,
}

impl Rate {
    /// `per_second` mails; 0 = no limit.
    pub(super) fn new(per_second: u32) -> Self {
        Self { interval: Duration::from_secs(1).checked_div(per_second).unwrap_or_default(), spent_until: Mutex::default() }
    }

    /// Spends `mails` tokens; returns when they may be used.
    pub(super) fn reserve(&self, mails: u32, now: Instant) -> Instant {
        let mut spent = self.spent_until.lock().unwrap_or_else(PoisonError::into_inner);
        let earliest = now.checked_sub(BURST).unwrap_or(now);
        let from = spent.unwrap_or(earliest).max(earliest);
        *spent = Some(from + self.interval * mails);
        from.max(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many mails, taken in groups as fast as allowed, go out within `time`.
    fn sent_within(rate: &Rate, group: u32, time: Duration) -> u32 {
        let start = Instant::now();
        let groups = (0..100_000).take_while(|_| rate.reserve(group, start) <= start + time).count();
        u32::try_from(groups).unwrap() * group
    }

    #[test]
    fn the_rate_holds_over_any_time() {
        for (per_second, group) in [(1, 1), (7, 1), (100, 10), (1000, 16)] {
            let sent = sent_within(&Rate::new(per_second), group, Duration::from_secs(20));
            let most = 20 * per_second + per_second / 10 + 2 * group;
            assert!(sent <= most && sent >= 20 * per_second, "{per_second}/s: {sent}");
        }
    }

    #[test]
    fn a_pause_saves_up_no_more_than_the_burst() {
        let rate = Rate::new(100);
        let start = Instant::now();
        rate.reserve(1, start);
        let later = start + Duration::from_secs(3600);
        let at_once = (0..1000).take_while(|_| rate.reserve(1, later) <= later).count();
        assert_eq!(at_once, 11, "a tenth of a second, and the one that is due");
    }

    #[test]
    fn no_rate_is_no_limit() {
        let now = Instant::now();
        let rate = Rate::new(0);
        assert!((0..1000).all(|_| rate.reserve(16, now) <= now));
    }
}
