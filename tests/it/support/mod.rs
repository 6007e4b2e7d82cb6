//! What the stories lean on. One file per thing that a story needs and a city has: a database, a mail server.
pub mod db;
pub mod smtp_sink;
