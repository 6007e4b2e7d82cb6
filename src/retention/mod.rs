//! Forgetting: what is kept for how long and why ([`POLICY`]), and the purge that keeps the promise.
//!
//! Invariants: a date is purged only when two clocks, this machine's and Postgres's, agree that it is over, and when it is
//! over too by the time that the worker has seen pass ([`Verdict::believed`]); its keys go last, so that a purge killed
//! anywhere is found again and finished by the next; once they are gone no copy of the database opens an address of that
//! date. Nothing here ever reads an address.
mod clock_check;
mod clock_watch;
mod policy;
mod purge;
mod store;

pub use clock_check::{
    BELIEVED_AFTER, CATCH_UP, CLOCK_TOLERANCE, DATES_SLACK, Doubt, Look, Memory, ONE_BY_ONE, PATIENCE, SLACK, SLACK_UNSYNCHRONISED,
    Verdict, judge,
};
pub use clock_watch::{AWAY, Watch, alive_at, keep_time};
pub use policy::{ALERT_DAYS, CASE_DAYS, Keep, POLICY, Rule};
pub use purge::{How, MAX_WAIT_DAYS, PurgeError, Purged, Retention, Tidied, purge};
