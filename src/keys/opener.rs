//! What the notifier opens with.
use super::{Canaries, KeyStore, PersonScope};
use crate::base::email_address::EmailAddress;
use crate::base::locale::Locale;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use uuid::Uuid;
use zeroize::Zeroizing;

/// A visit's columns as they are needed to open it.
#[derive(Clone, Debug)]
pub struct SealedRow {
    /// Where.
    pub venue_id: Uuid,
    /// When.
    pub visit_date: NaiveDate,
    /// Who, at this venue on this date.
    pub mac: Vec<u8>,
    /// What opens it.
    pub epoch_id: i64,
    /// Nonce ‖ ciphertext ‖ tag.
    pub sealed: Vec<u8>,
}

/// A letter's columns as they are needed to open it.
#[derive(Clone, Debug)]
pub struct SealedLetterRow {
    /// The outbox row's identifier.
    pub id: Uuid,
    /// The outbox row's kind.
    pub kind: String,
    /// The date whose key sealed it.
    pub visit_date: NaiveDate,
    /// What opens it.
    pub epoch_id: i64,
    /// Nonce ‖ ciphertext ‖ tag.
    pub sealed: Vec<u8>,
}

/// What a visit's seal held.
#[derive(Clone, Debug)]
pub struct OpenedVisit {
    /// As it was typed.
    pub address: EmailAddress,
    /// The language of the page it was typed into.
    pub locale: Locale,
}

/// Why a row does not open. It never will; the others are not concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unopenable {
    /// The date's private key is not here: shredded, or never this notifier's.
    #[error("no private key for the date")]
    NoKey,
    /// The database holds no such epoch.
    #[error("no such epoch")]
    NoEpoch,
    /// The row, its place or its epoch is not what was sealed.
    #[error("moved or altered")]
    Tampered,
    /// It opens, and holds nothing that this version writes.
    #[error("malformed content")]
    Malformed,
}

impl Unopenable {
    /// A code for the outbox's `reason`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoKey => "no-key",
            Self::NoEpoch => "no-epoch",
            Self::Tampered => "tampered",
            Self::Malformed => "malformed",
        }
    }
}

/// Opens what web processes sealed.
pub struct Opener {
    keys: KeyStore,
}

impl Opener {
    /// An opener over the notifier's directory.
    #[must_use]
    pub fn new(keys: KeyStore) -> Self {
        Self { keys }
    }
    /// Opens visits.
    pub async fn open_visits(
        &self,
        conn: &mut PgConnection,
        rows: &[SealedRow],
    ) -> Result<Vec<Result<OpenedVisit, Unopenable>>, sqlx::Error> {
        let _ = (conn, &self.keys);
        Ok(rows.iter().map(|_| Err(Unopenable::NoKey)).collect())
    }
    /// Opens letters.
    pub async fn open_letters(
        &self,
        conn: &mut PgConnection,
        rows: &[SealedLetterRow],
    ) -> Result<Vec<Result<Zeroizing<Vec<u8>>, Unopenable>>, sqlx::Error> {
        let _ = conn;
        Ok(rows.iter().map(|_| Err(Unopenable::NoKey)).collect())
    }
    /// One person's keyed hash within `scope`.
    #[must_use]
    pub fn person(&self, scope: PersonScope, address: &EmailAddress) -> [u8; 32] {
        let _ = (scope, address);
        [0; 32]
    }
    /// Opens the canaries nobody opened yet.
    pub async fn check_canaries(&self, conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Canaries, sqlx::Error> {
        let _ = (conn, now);
        Ok(Canaries::default())
    }
}
