//! Latencies and their percentiles.
use std::time::Duration;

#[derive(Default)]
pub struct Latencies(Vec<Duration>);

impl Latencies {
    pub fn add(&mut self, latency: Duration) {
        self.0.push(latency);
    }

    /// Adds another measurement's.
    pub fn take_over(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The three that matter, for people to read.
    pub fn report(mut self) -> String {
        self.0.sort_unstable();
        let [p50, p99, p999] = [0.5, 0.99, 0.999].map(|share| self.percentile(share));
        format!("p50 {p50:.2} ms, p99 {p99:.2} ms, p99.9 {p999:.2} ms")
    }

    /// Of a list in order, the nearest rank: the smallest latency that `share` of all do not exceed, in milliseconds.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank in a list that fits into memory")]
    fn percentile(&self, share: f64) -> f64 {
        let rank = (self.0.len() as f64 * share).ceil() as usize;
        self.0.get(rank.saturating_sub(1)).map_or(f64::NAN, |latency| latency.as_secs_f64() * 1e3)
    }
}
