//! Forgetting: what is kept for how long and why ([`POLICY`]), and the purge that keeps the promise.
//!
//! Invariants: a date is purged only when two clocks, this machine's and Postgres's, agree that it is over; its keys go last, so
//! that a purge killed anywhere is found again and finished by the next; once they are gone no copy of the database opens an
//! address of that date. Nothing here ever reads an address.
mod policy;
mod purge;
mod store;

pub use policy::{ALERT_DAYS, CASE_DAYS, Keep, POLICY, Rule};
pub use purge::{CLOCK_TOLERANCE, MAX_WAIT_DAYS, PurgeError, Purged, Tidied, purge};
