//! What the stories lean on. One file per thing that a story needs and a city has: the service, a database, a mail server.
pub mod app;
pub mod browser;
pub mod console;
pub mod db;
pub mod logs;
pub mod smtp_sink;
