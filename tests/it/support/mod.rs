//! What the stories lean on. One file per thing that a story needs and a city has: the service, a database, a mail server.
pub mod app;
pub mod browser;
pub mod console;
pub mod db;
pub mod logs;
pub mod pdf;
pub mod smtp_sink;

/// Says on the terminal what libtest would capture: figures that people want to read, and why a test was passed over.
pub fn say(text: &str) {
    use std::io::Write;
    // Nobody waits for the words of a test whose terminal is gone.
    let _ = writeln!(std::io::stderr(), "{text}");
}
