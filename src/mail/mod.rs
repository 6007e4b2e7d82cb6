//! The outbox and its delivery over SMTP: never lost, never twice but for counted ambiguity.
pub mod message;
pub mod smtp;
