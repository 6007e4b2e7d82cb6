//! Ashiato (足あと): QR check-in contact tracing that a city can run.
//!
//! The rooms in reading order; each may use only the rooms above it (`tests/it/tidy.rs` enforces it).

pub mod alert;
pub mod audit;
pub mod base;
pub mod case;
pub mod cli;
pub mod keys;
pub mod mail;
pub mod official;
pub mod poster;
pub mod retention;
pub mod stats;
pub mod venue;
pub mod visit;
pub mod web;
pub mod worker;
