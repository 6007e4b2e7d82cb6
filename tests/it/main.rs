//! The one integration-test binary: stories told through the front door, and the laws of the house.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on says so by panicking"
)]

mod alert;
mod recorder;
mod retention;
mod smtp;
mod support;
mod tidy;
mod venue;
