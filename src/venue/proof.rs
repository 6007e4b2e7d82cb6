//! What a confirmation letter carries: a link's token and eight digits. Made before the transaction, because hashing is slow.
use super::digits::{Busy, DigitHasher};
use crate::base::token::{Token, eight_digits};
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
    pub async fn new(hasher: &DigitHasher) -> Result<Self, Busy> {
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
