//! Ashiato (足あと): QR check-in contact tracing that a city can run.
//!
//! The rooms in reading order; each may use only the rooms above it (`tests/it/tidy.rs` enforces it).
//! Blank lines keep the formatter from sorting them by name.

pub mod base;

pub mod audit;

pub mod keys;

pub mod mail;

pub mod official;

pub mod venue;

pub mod poster;

pub mod visit;

pub mod case;

pub mod alert;

pub mod retention;

pub mod stats;

pub mod web;

pub mod worker;

pub mod cli;
