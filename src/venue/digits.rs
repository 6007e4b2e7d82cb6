//! Eight digits that a person types, kept only as an argon2id hash.
//!
//! Hashing is slow on purpose (19 MiB and about 20 ms each with argon2's defaults, the OWASP minimum), so it runs off the
//! request threads and at most [`HASHES_AT_ONCE`] at a time: a flood of guesses costs 38 MiB and two cores, not the machine.
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// Hashes computed at the same time (research/dependencies.md 1f).
pub const HASHES_AT_ONCE: usize = 2;
/// How long a request waits for its turn before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(3);
/// Digits of a mailed code.
pub const DIGITS: usize = 8;
/// Bytes of typed text that are looked at: eight full-width digits with a space between any two are under 50.
const MAX_TYPED_BYTES: usize = 64;

/// Too many hashes are being computed; the caller may come back in a few seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many codes are being checked at the moment")]
pub struct Busy;

/// Hashes and checks typed digits. One per process, shared.
#[derive(Clone)]
pub struct DigitHasher {
    turns: Arc<Semaphore>,
    /// Checked when there is nothing to check, so that the answer takes as long.
    decoy: Arc<str>,
    patience: Duration,
}

impl DigitHasher {
    /// A hasher for the process. Computes one hash.
    ///
    /// # Errors
    /// [`Busy`] when the system gives no randomness or no memory.
    pub fn new() -> Result<Self, Busy> {
        let decoy = hash_now(&crate::base::token::eight_digits())?;
        Ok(Self { turns: Arc::new(Semaphore::new(HASHES_AT_ONCE)), decoy: decoy.into(), patience: PATIENCE })
    }

    /// The PHC string of `digits`.
    pub(super) async fn hash(&self, digits: Zeroizing<String>) -> Result<String, Busy> {
        let turn = self.turn().await?;
        run(turn, move || hash_now(&digits)).await?
    }

    /// Whether `digits` belong to `stored`. Takes the same time when there is nothing stored.
    pub(super) async fn verify(&self, digits: Zeroizing<String>, stored: Option<String>) -> Result<bool, Busy> {
        let turn = self.turn().await?;
        let decoy = Arc::clone(&self.decoy);
        run(turn, move || {
            let matches = Argon2::default().verify_password(digits.as_bytes(), stored.as_deref().unwrap_or(&decoy)).is_ok();
            matches && stored.is_some()
        })
        .await
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, Busy> {
        match tokio::time::timeout(self.patience, Arc::clone(&self.turns).acquire_owned()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(Busy),
        }
    }
}

/// Runs `work` on a thread of its own. The turn goes with it: a client that hangs up does not make room for another hash.
async fn run<T: Send + 'static>(turn: OwnedSemaphorePermit, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
    tokio::task::spawn_blocking(move || {
        let result = work();
        drop(turn);
        result
    })
    .await
    .map_err(|_| Busy)
}

fn hash_now(digits: &str) -> Result<String, Busy> {
    Argon2::default().hash_password(digits.as_bytes()).map(|hash| hash.to_string()).map_err(|_| Busy)
}

/// The digits of what a person typed: full-width digits, spaces and hyphens are fine. `None` when it is not eight digits.
pub(super) fn read_digits(typed: &str) -> Option<Zeroizing<String>> {
    if typed.len() > MAX_TYPED_BYTES {
        return None;
    }
    let mut digits = Zeroizing::new(String::with_capacity(MAX_TYPED_BYTES));
    digits.extend(typed.nfkc().filter(|c| !c.is_whitespace() && !matches!(c, '-' | 'ー' | '‐' | '−' | '–')));
    (digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(text: &str) -> Zeroizing<String> {
        Zeroizing::new(text.to_owned())
    }

    #[test]
    fn digits_are_read_as_people_type_them() {
        for typed in ["12345678", " 1234 5678 ", "１２３４５６７８", "1234-5678", "1234ー5678"] {
            assert_eq!(read_digits(typed).as_deref().map(String::as_str), Some("12345678"), "{typed}");
        }
        for bad in ["", "1234567", "123456789", "1234567a", "１２３４５６７", &"1 ".repeat(1000)] {
            assert!(read_digits(bad).is_none(), "{bad}");
        }
    }

    #[tokio::test]
    async fn only_the_stored_digits_match_and_nothing_stored_never_does() {
        let hasher = DigitHasher::new().unwrap();
        let stored = hasher.hash(digits("12345678")).await.unwrap();
        assert!(stored.starts_with("$argon2id$"), "{stored}");
        assert!(hasher.verify(digits("12345678"), Some(stored.clone())).await.unwrap());
        assert!(!hasher.verify(digits("12345679"), Some(stored)).await.unwrap());
        assert!(!hasher.verify(digits("12345678"), None).await.unwrap());
        assert!(!hasher.verify(digits("12345678"), Some("no PHC string".into())).await.unwrap());
    }

    #[tokio::test]
    async fn a_flood_is_told_to_come_back() {
        let hasher = DigitHasher { patience: Duration::ZERO, ..DigitHasher::new().unwrap() };
        let _turns = Arc::clone(&hasher.turns).acquire_many_owned(2).await.unwrap();
        assert_eq!(hasher.verify(digits("12345678"), None).await, Err(Busy));
    }
}
