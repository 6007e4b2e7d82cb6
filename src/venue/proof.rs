//! The secrets in letters to a venue: a link's token, and in the confirmation letter eight digits besides.
use super::confirmation::VALID_DAYS;
use crate::base::slow_hash::{Busy, SlowHasher};
use crate::base::token::{Token, eight_digits};
use chrono::{DateTime, Duration, Utc};
use zeroize::Zeroizing;

/// A fresh pair of secrets for one confirmation letter, with the hash that is stored of the digits.
pub struct Proof {
    pub(super) token: Token,
    pub(super) digits: Zeroizing<String>,
    pub(super) digits_hash: String,
}

impl Proof {
    /// New secrets. Call it before the transaction is opened: it takes its turn at the hasher and some 20 ms.
    ///
    /// # Errors
    /// [`Busy`]: too many people apply or confirm in this second.
    pub async fn new(hasher: &SlowHasher) -> Result<Self, Busy> {
        let digits = Zeroizing::new(eight_digits());
        let digits_hash = hasher.hash(digits.clone()).await?;
        Ok(Self { token: Token::random(), digits, digits_hash })
    }

    /// The link's secret, for the letter and its reader.
    #[must_use]
    pub fn token(&self) -> &Token {
        &self.token
    }

    /// The eight digits, for the letter and its reader.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.digits
    }
}

/// The link in a letter that says an active venue may print its posters. No digits go with it, so nothing slow is computed.
pub(super) struct Link {
    pub(super) token: Token,
    /// The link is good before this.
    pub(super) expires_at: DateTime<Utc>,
}

impl Link {
    pub(super) fn new(now: DateTime<Utc>) -> Self {
        Self { token: Token::random(), expires_at: now + Duration::days(VALID_DAYS) }
    }
}
