//! The same verbs for programs: JSON in and out, RFC 9457 problems with stable codes, ids as UUIDs, dates as `YYYY-MM-DD`.
pub(crate) mod again;
pub(crate) mod alert_decisions;
pub(crate) mod alerts;
pub(crate) mod audit;
pub(crate) mod cases;
pub(crate) mod check_in;
pub(crate) mod delivery;
pub(crate) mod officials;
pub mod openapi;
pub(crate) mod stats;
pub(crate) mod venue_lists;
pub(crate) mod venues;
