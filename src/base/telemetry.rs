//! Logs and metrics. Neither ever holds an address, a token, a code or a client's network address.
use crate::base::config::LogFormat;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::sync::{Arc, Mutex, PoisonError};
use tracing_subscriber::EnvFilter;

/// Starts logging to standard error. A second call changes nothing.
pub fn start_logs(format: LogFormat, filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _already_started = match format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
}

/// A counter by one label, such as the outcome.
pub type ByLabel = Family<[(&'static str, &'static str); 1], Counter>;
/// A gauge by one label, such as the state.
pub type GaugeByLabel = Family<[(&'static str, &'static str); 1], Gauge>;

/// The process's metrics. Cloning shares them.
#[derive(Clone, Default)]
pub struct Metrics {
    registry: Arc<Mutex<Registry>>,
    /// Check-ins by outcome: `recorded`, `full`, `failed`, `date_in_doubt`.
    pub check_ins: ByLabel,
    /// Batches that the recorder committed.
    pub batches: Counter,
    /// Batches that failed and were written row by row.
    pub row_by_row: Counter,
    /// Mails by outcome: `sent`, `deferred`, `bounced`, `dead`, `ambiguous`, `merged`, `suppressed`.
    pub mails: ByLabel,
    /// Rows in the outbox by state, as last counted.
    pub outbox: GaugeByLabel,
    /// Age of the oldest mail that waits, in seconds.
    pub oldest_waiting: Gauge,
    /// Stops of sending that hold, by kind: `asked`, `restored`, `refused`.
    pub sending_stopped: GaugeByLabel,
    /// Canaries by result: `opened`, `failed`.
    pub canaries: ByLabel,
    /// Alarms about unusually many reads of numbers.
    pub read_alarms: Counter,
    /// Alarms by kind: 1 while one is open.
    pub alarms: GaugeByLabel,
    /// Dates from today on for which the worker has day keys; today is one of them.
    pub key_days: Gauge,
    /// Dates from today on that this web process could record on if the worker gave no sign any more; today is one of them.
    pub ready_days: Gauge,
    /// Seconds since the worker gave a sign of life.
    pub worker_silent: Gauge,
}

/// Which half of the service a process is. A metric stands only where it can be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// Pages and API.
    Web,
    /// The worker.
    Worker,
    /// One process for both.
    Both,
}

impl Metrics {
    /// The metrics of `half` under their published names.
    #[must_use]
    pub fn new(half: Half) -> Self {
        let metrics = Self::default();
        {
            let mut registry = metrics.registry.lock().unwrap_or_else(PoisonError::into_inner);
            registry.register("ashiato_alarms", "Alarms by kind: 1 while one is open", metrics.alarms.clone());
            if half != Half::Worker {
                metrics.register_web(&mut registry);
            }
            if half != Half::Web {
                metrics.register_worker(&mut registry);
            }
        }
        metrics
    }

    fn register_web(&self, registry: &mut Registry) {
        registry.register("ashiato_check_ins", "Check-ins by outcome", self.check_ins.clone());
        registry.register("ashiato_recorder_batches", "Batches committed", self.batches.clone());
        registry.register("ashiato_recorder_row_by_row", "Batches that failed and were written row by row", self.row_by_row.clone());
        registry.register("ashiato_read_alarms", "Alarms about unusually many reads of numbers", self.read_alarms.clone());
        registry.register("ashiato_ready_days", "Days from today on which check-ins can be taken", self.ready_days.clone());
        registry.register("ashiato_worker_silent_seconds", "Time since the worker's last sign of life", self.worker_silent.clone());
    }

    fn register_worker(&self, registry: &mut Registry) {
        registry.register("ashiato_mails", "Mails by outcome", self.mails.clone());
        registry.register("ashiato_outbox_rows", "Outbox rows by state", self.outbox.clone());
        registry.register("ashiato_outbox_oldest_waiting_seconds", "Age of the oldest waiting mail", self.oldest_waiting.clone());
        registry.register("ashiato_sending_stopped", "Stops of sending that hold, by kind", self.sending_stopped.clone());
        registry.register("ashiato_canaries", "Canaries by result", self.canaries.clone());
        registry.register("ashiato_key_days", "Days from today for which a day key is ready", self.key_days.clone());
    }

    /// The OpenMetrics text.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut text = String::new();
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        // Writing to a String cannot fail.
        let _infallible = encode(&mut text, &registry);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_appear_under_their_names() {
        let metrics = Metrics::new(Half::Both);
        metrics.check_ins.get_or_create(&[("outcome", "recorded")]).inc();
        let text = metrics.encode();
        assert!(text.contains("ashiato_check_ins_total{outcome=\"recorded\"} 1"), "{text}");
    }

    #[test]
    fn a_process_shows_no_number_that_only_the_other_knows() {
        let [web, worker, both] = [Half::Web, Half::Worker, Half::Both].map(|half| Metrics::new(half).encode());
        for (name, of_web) in [
            ("ashiato_recorder_batches_total", true),
            ("ashiato_ready_days", true),
            ("ashiato_worker_silent_seconds", true),
            ("ashiato_key_days", false),
            ("ashiato_outbox_oldest_waiting_seconds", false),
        ] {
            let stands = |text: &str| text.lines().any(|line| line.starts_with(name));
            assert_eq!((stands(&web), stands(&worker), stands(&both)), (of_web, !of_web, true), "{name}");
        }
    }
}
