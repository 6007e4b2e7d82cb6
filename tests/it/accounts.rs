//! Accounts of officials through the front door: invited, let in, slowed down, sent away.
#[path = "accounts/api.rs"]
mod api;
#[path = "accounts/command_line.rs"]
mod command_line;
#[path = "accounts/joining.rs"]
mod joining;
#[path = "accounts/logging_in.rs"]
mod logging_in;
#[path = "accounts/managing.rs"]
mod managing;
#[path = "accounts/person.rs"]
pub mod person;
#[path = "accounts/vouching.rs"]
mod vouching;
