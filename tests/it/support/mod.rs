//! What the stories lean on. One file per thing that a story needs and a city has: a mail server, for one.
pub mod smtp_sink;
