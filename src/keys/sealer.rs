//! What a web process holds.
use super::{KeysError, MAC_LEN, NotifierPublicKey};
use crate::base::clock::Zone;
use crate::base::email_address::EmailAddress;
use crate::base::locale::Locale;
use crate::base::secret::SecretKey;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// No good key is at hand for this date, so nothing can be sealed for it. Passing: the next refresh may bring one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no key is ready for {0}")]
pub struct NotReady(pub NaiveDate);

/// Why a letter was not sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LetterNotSealed {
    /// No good key is at hand.
    #[error(transparent)]
    NotReady(#[from] NotReady),
    /// The text is longer than [`super::MAX_LETTER_BYTES`].
    #[error("the letter is too long to seal")]
    TooLong,
}

/// A visit's secret columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedVisit {
    /// One person at one venue on one date; the same again gives the same.
    pub mac: [u8; MAC_LEN],
    /// The epoch that opens it.
    pub epoch_id: i64,
    /// Nonce ‖ ciphertext ‖ tag.
    pub sealed: Vec<u8>,
}

/// A letter's secret columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedLetter {
    /// The date whose key sealed it.
    pub visit_date: NaiveDate,
    /// The epoch that opens it.
    pub epoch_id: i64,
    /// Nonce ‖ ciphertext ‖ tag.
    pub sealed: Vec<u8>,
}

/// Seals for the notifier. No database inside; shared between all threads.
pub struct Sealer {
    #[expect(dead_code, reason = "used by the next commit")]
    zone: Zone,
}

impl Sealer {
    /// A sealer with no key yet; [`Sealer::refresh`] brings them.
    #[must_use]
    pub fn new(secret: SecretKey, notifier: NotifierPublicKey, zone: Zone) -> Self {
        let _ = (secret, notifier);
        Self { zone }
    }
    /// Takes up keys and opens epochs.
    pub async fn refresh(&self, conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), KeysError> {
        let _ = (conn, now);
        Ok(())
    }
    /// Whether visits of `date` can be sealed.
    #[must_use]
    pub fn ready(&self, date: NaiveDate) -> bool {
        let _ = date;
        false
    }
    /// The mac of one person at one venue on one date.
    pub fn mac(&self, date: NaiveDate, venue: Uuid, address: &EmailAddress) -> Result<[u8; MAC_LEN], NotReady> {
        let _ = (venue, address);
        Err(NotReady(date))
    }
    /// Seals a visit.
    pub fn seal_visit(&self, date: NaiveDate, venue: Uuid, address: &EmailAddress, locale: Locale) -> Result<SealedVisit, NotReady> {
        let _ = (venue, address, locale);
        Err(NotReady(date))
    }
    /// Seals a letter.
    pub fn seal_letter(&self, date: NaiveDate, id: Uuid, kind: &str, plaintext: &[u8]) -> Result<SealedLetter, LetterNotSealed> {
        let _ = (id, kind, plaintext);
        Err(NotReady(date).into())
    }
}
