//! The HTTP interface, split by who is looking: visitors, venues, officials, everybody, programs; and the operator.
//! Invariants: a check-in is answered after its commit · every answer carries the security headers · links are built
//! from `BASE_URL` alone · nothing here can open an address · an error shows no inside.
mod api;
mod assets;
mod client;
mod console;
mod demo;
mod error;
mod form;
pub mod health;
mod limit;
mod mailbox;
mod middleware;
mod ops;
mod page;
pub(crate) mod print_kit;
mod public;
mod question;
mod read_audit;
pub mod routes;
mod server;
mod session;
mod state;
mod upload;
mod venue;
mod visitor;
mod watch;

pub use api::openapi;
pub use client::{ProxyState, ProxyWatch, UNREADABLE_SECONDS};
pub use console::delivery::events::{MAX_STREAMS, Streams};
pub use demo::{Showcase, Views};
pub use form::{BODY_DEADLINE, MAX_FORM_BYTES, MAX_JSON_BYTES};
pub use health::Watch;
pub use limit::Limiter;
pub use mailbox::{CaughtMail, Mailbox};
pub use server::{
    Running, post_import_letters, post_monthly, refresh, say_goodbye, start, start_metrics, tell_of_alarms, tell_of_stops, upkeep,
    write_scans,
};
pub use state::{State, Unlocked};
pub use visitor::PageCache;
pub use watch::{HOLE_SHOWN, READABLE_AGAIN, watch};
