//! The outbox and its delivery over SMTP: never lost, never twice but for counted ambiguity.
//!
//! Rooms put sealed letters and notices into the outbox, in their own transactions ([`outbox`]). The worker claims what
//! is due ([`claim`]), lets the rooms open and render it ([`Content`]), and hands it to the mail server ([`delivery`], [`smtp`]).
//!
//! Invariants (docs/DESIGN.md §3 "Mail"):
//! - A row becomes `submitting` in a commit before its mail begins, and every change of a leased row names its lease.
//! - For every row that is `sent` or `ambiguous`: 1 ≤ accepted ≤ 1 + `ambiguous_attempts` + `repeats`, as far as the mail server keeps its word.
//! - A row is ambiguous if its process died while sending (then it is tried again, 15 minutes later, until there is an
//!   answer), or if the final dot had no answer (then it is tried again once; the second time `ambiguous` is final).
//!   It keeps its Message-ID in all attempts.
//! - Nothing here deletes a row. `finished_at` is set exactly when delivery will never touch the row again.
//! - No address, no server's text in a log, an error or a `reason`.
mod batch_sender;
pub mod board;
pub mod bounce;
pub mod claim;
mod content;
pub mod delivery;
mod failure_reason;
mod letter;
pub mod message;
pub mod outbox;
mod outcome;
mod prepare;
pub mod provider;
mod rate;
mod relay;
mod result_writer;
pub mod sending;
pub mod smtp;
mod store;
pub mod suppression;
mod upkeep;

pub use claim::Claimed;
pub use content::{Content, Prepared, Rendered, Wait};
pub use delivery::{Delivery, DeliveryOptions, DeliveryParts, Drained, Interruption};
pub use failure_reason::FailureReason;
pub use letter::{Letter, LetterError, LetterKind};
pub use outbox::{
    Counts, Fate, PostError, Reason, ask_merged, cancel, counts, fate, forget_visit, give_up, not_tried, oldest_waiting, post, post_at,
    reasons, requeue_merged, retry, send_again, waiting,
};
pub use result_writer::State;
