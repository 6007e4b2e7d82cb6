//! A case on the console: its dates, stays and notes, and the draft that follows it.
#[path = "case/console.rs"]
mod console;
#[path = "case/programs.rs"]
mod programs;
