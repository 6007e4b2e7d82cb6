//! The check-in: parse, seal, record in batches, answer after commit (docs/DESIGN.md §3 "The hot path").
//!
//! - A visit is (venue, business date, person), once. It holds no time of day, network address or address in clear.
//! - An answer "recorded" means committed. It is the same whether the row is new or not, in words and in time.
//! - Every statement on `visit` that a request runs names venue and date, so that a distributed engine asks one node
//!   (docs/DESIGN.md §3 "Time, retention, growth"). Nothing here counts rows by what the server says it affected.
mod check_in;
mod health;
mod link;
pub mod my_visits;
pub mod partitions;
mod recorder;
mod store;
mod undo;

pub use check_in::{CheckIn, CheckInError, Receipt, check_in};
pub use health::{FAILED_BATCHES, Hole, LONG_OUTAGE};
pub use recorder::{BATCH_ROWS, Limits, PROBE_EVERY, QUEUE_ROWS, RecordError, Recorder, RecorderTask, VisitRow};
pub use store::{recorded, stored};
pub use undo::undo_import;
