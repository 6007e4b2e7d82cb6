//! How long a stop waits for each part. A database that stands still, a scrape or a lock elsewhere must not hold it up: the
//! part is named in the log and left behind, and the process ends. Nothing promised is lost by it, as after a kill.
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// The whole web half: HTTP, the recorder's own limit of five seconds, and a second for the
/// database. Less than `TimeoutStopSec` of its unit.
pub const WEB_STOP: Duration = Duration::from_secs(10);
/// HTTP alone: its requests in flight have three seconds, and those who gave a connection back half a second.
pub(super) const HTTP_STOP: Duration = Duration::from_secs(4);
/// The whole worker: mails whose final dot is out have ten seconds, so that none becomes
/// ambiguous; then its farewell. Less than `TimeoutStopSec` of its unit.
pub const WORKER_STOP: Duration = Duration::from_secs(13);
/// Delivery and the periodic tasks; leaves the farewell its time.
pub(super) const TASKS_STOP: Duration = Duration::from_secs(11);

/// The time in which one half stops.
pub(super) struct Stopping {
    end: Instant,
}

impl Stopping {
    /// Begins now and ends after `whole`.
    pub(super) fn within(whole: Duration) -> Self {
        Self { end: Instant::now() + whole }
    }

    /// Waits for the end of a part, at most `limit` and never beyond the whole time. Returns whether it ended.
    pub(super) async fn part(&self, part: &'static str, limit: Duration, ends: impl Future) -> bool {
        let by = self.end.min(Instant::now() + limit);
        let ended = timeout_at(by, ends).await.is_ok();
        if !ended {
            tracing::warn!(part, "this part did not stop in time; it was left behind");
        }
        ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_part_that_never_ends_is_left_behind() {
        let (started, stopping) = (Instant::now(), Stopping::within(Duration::from_millis(60)));
        let never = std::future::pending::<()>;
        assert!(stopping.part("good", WEB_STOP, std::future::ready(())).await);
        assert!(!stopping.part("first", Duration::from_millis(20), never()).await);
        assert!(started.elapsed() < Duration::from_millis(60), "the next part keeps its time");
        assert!(!stopping.part("second", WEB_STOP, never()).await);
        assert!(started.elapsed() < WEB_STOP);
        assert!(stopping.part("what has ended already", WEB_STOP, std::future::ready(())).await);
    }
}
