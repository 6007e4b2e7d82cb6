//! What every room stands on: settings, database, clock, addresses, codes, words. Knows no venue, visit or case.
pub mod clock;
pub mod code;
pub mod config;
pub mod csv;
pub mod db;
pub mod email_address;
pub mod id;
pub mod locale;
pub mod plain;
pub mod postgres;
pub mod secret;
pub mod slow_hash;
pub mod table;
pub mod telemetry;
pub mod text;
pub mod token;
pub mod window;
