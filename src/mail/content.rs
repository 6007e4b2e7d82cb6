//! The part of the rooms in delivery: they decide what becomes of a claimed row, and find the words for it.
use super::claim::Claimed;
use crate::base::email_address::EmailAddress;
use crate::base::locale::Locale;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

/// A mail in its final words. No `Debug`: it holds an address.
pub struct Rendered {
    /// The only recipient.
    pub to: EmailAddress,
    /// The language of the words.
    pub locale: Locale,
    /// One line of plain text.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

/// What a row waits for that is not sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// Its alert is paused.
    Paused,
    /// The hours in which notices may leave.
    Night,
    /// The correction of a notice that its person got before.
    Correction,
    /// What has to leave before it.
    Turn,
}

impl Wait {
    /// The word in the row's reason.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Night => "night",
            Self::Correction => "correction",
            Self::Turn => "turn",
        }
    }
}

/// A room's decision about a claimed row.
pub enum Prepared {
    /// Send it.
    Mail(Rendered),
    /// The same person gets another mail of this alert.
    Merged,
    /// The person wants no notices, or cannot be reached.
    Suppressed,
    /// Its alert was cancelled.
    Cancelled,
    /// Not before this moment.
    Wait(DateTime<Utc>, Wait),
    /// It can never be sent. A code, such as `tampered`; never content.
    Dead(&'static str),
}

/// The rooms' side of delivery.
#[async_trait::async_trait]
pub trait Content: Send + Sync {
    /// Opens and renders a claimed batch, at most [`super::claim::MAX_CLAIM`] rows, in one transaction that delivery commits
    /// before it sends anything. Two processes do this at once: take locks and insert keys in a sorted order.
    ///
    /// Every row must be answered. After an error the transaction is rolled back; if the error does not pass by itself
    /// (or after a panic) each row is prepared alone, so that a poisonous one harms no other.
    async fn prepare(&self, conn: &mut PgConnection, rows: Vec<Claimed>) -> Result<Vec<(Claimed, Prepared)>, sqlx::Error>;

    /// A hash of an address under a key that all workers share and nobody else has: for telling whether a refusal met one person
    /// or several. Rooms without keys give one that holds within this process.
    fn mark(&self, address: &EmailAddress) -> [u8; 32] {
        static KEY: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        let mut mark = [0; 32];
        mark[..8].copy_from_slice(&KEY.hash_one(address.normalised().as_bytes()).to_le_bytes());
        mark
    }
}
