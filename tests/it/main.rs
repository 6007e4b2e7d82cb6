//! The one integration-test binary: stories told through the front door, and the laws of the house.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on says so by panicking")]

mod accounts;
mod alert;
mod alert_desk;
mod audit;
mod audit_desk;
mod case;
mod check_in;
mod console;
mod console_walk;
mod dashboard;
mod database;
mod delivery;
mod delivery_desk;
mod deploy;
mod faults;
mod keys;
mod limits;
mod locales;
mod my;
mod official;
mod readme;
mod record;
mod recorder;
mod retention;
mod routes;
mod scale_out;
mod scan_to_mail;
mod schemathesis;
mod shop;
mod smtp;
mod support;
mod tidy;
mod venue;
mod venue_desk;
mod web;
