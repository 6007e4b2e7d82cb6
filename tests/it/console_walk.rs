//! The console in a real browser: every page of it, and officials who do their work there.
#[path = "console_walk/sweep.rs"]
mod sweep;
#[path = "console_walk/walk.rs"]
mod walk;
