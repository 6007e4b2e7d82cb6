//! Slow hashes (argon2id) of what people type: passwords, and the digits of a letter.
//!
//! Hashing is slow on purpose (19 MiB and about 20 ms each with argon2's defaults, the OWASP minimum: m=19456, t=2, p=1), so it
//! runs off the request threads and at most [`HASHES_AT_ONCE`] at a time: a flood of guesses costs 38 MiB and two cores, not the
//! machine.
use argon2::{Argon2, Params, PasswordHasher, PasswordVerifier};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zeroize::Zeroizing;

/// Hashes computed at the same time: each takes 19 MiB and, measured, 36 ms of a core that check-ins need.
pub const HASHES_AT_ONCE: usize = 2;
/// How long a request waits for its turn before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(3);

/// Too many hashes are being computed; the caller may come back in a few seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many codes are being checked at the moment")]
pub struct Busy;

/// Hashes and checks. One per process, shared, so that the bound holds over all its uses.
#[derive(Clone)]
pub struct SlowHasher {
    turns: Arc<Semaphore>,
    /// Checked when there is nothing to check, so that the answer takes as long.
    decoy: Arc<str>,
    patience: Duration,
    load: Arc<Load>,
}

/// How many hashes are computed now, and were at most.
#[derive(Default)]
struct Load {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl SlowHasher {
    /// A hasher for the process. Computes one hash.
    ///
    /// # Errors
    /// [`Busy`] when the system gives no randomness or no memory.
    pub fn new() -> Result<Self, Busy> {
        let decoy = hash_now(&crate::base::token::eight_digits())?;
        Ok(Self { turns: Arc::new(Semaphore::new(HASHES_AT_ONCE)), decoy: decoy.into(), patience: PATIENCE, load: Arc::default() })
    }

    /// The PHC string of `text`.
    ///
    /// # Errors
    /// [`Busy`]
    pub async fn hash(&self, text: Zeroizing<String>) -> Result<String, Busy> {
        self.run(move |_| hash_now(&text)).await?
    }

    /// Whether `text` belongs to `stored`. Takes the same time when there is nothing stored.
    ///
    /// # Errors
    /// [`Busy`]
    pub async fn verify(&self, text: Zeroizing<String>, stored: Option<String>) -> Result<bool, Busy> {
        self.run(move |decoy| {
            let matches = Argon2::default().verify_password(text.as_bytes(), stored.as_deref().unwrap_or(decoy)).is_ok();
            matches && stored.is_some()
        })
        .await
    }

    /// A key from `text` and `salt`, as slow to compute as a hash. The same both times.
    ///
    /// # Errors
    /// [`Busy`]
    pub async fn derive(&self, text: Zeroizing<String>, salt: Vec<u8>) -> Result<Zeroizing<[u8; 32]>, Busy> {
        self.run(move |_| {
            let mut key = Zeroizing::new([0; 32]);
            Argon2::default().hash_password_into(text.as_bytes(), &salt, key.as_mut()).map_err(|_| Busy).map(|()| key)
        })
        .await?
    }

    /// The most hashes that were ever computed at the same time.
    #[must_use]
    pub fn most_at_once(&self) -> usize {
        self.load.most.load(Ordering::SeqCst)
    }

    /// Runs `work` on a thread of its own. The turn goes with it: a client that hangs up does not make room for another hash.
    async fn run<T: Send + 'static>(&self, work: impl FnOnce(&str) -> T + Send + 'static) -> Result<T, Busy> {
        let turn = self.turn().await?;
        let (decoy, load) = (Arc::clone(&self.decoy), Arc::clone(&self.load));
        tokio::task::spawn_blocking(move || {
            let running = load.now.fetch_add(1, Ordering::SeqCst) + 1;
            load.most.fetch_max(running, Ordering::SeqCst);
            let result = work(&decoy);
            load.now.fetch_sub(1, Ordering::SeqCst);
            drop(turn);
            result
        })
        .await
        .map_err(|_| Busy)
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, Busy> {
        match tokio::time::timeout(self.patience, Arc::clone(&self.turns).acquire_owned()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(Busy),
        }
    }
}

fn hash_now(text: &str) -> Result<String, Busy> {
    Argon2::default().hash_password(text.as_bytes()).map(|hash| hash.to_string()).map_err(|_| Busy)
}

/// Whether a stored hash is weaker than those that are made today, so that it is renewed when its owner comes by.
#[must_use]
pub fn is_weak(phc: &str) -> bool {
    let mut parts = phc.split('$').skip(1);
    let (name, version, costs) = (parts.next(), parts.next(), parts.next().unwrap_or_default());
    let cost = |name: &str| {
        let value = costs.split(',').find_map(|cost| cost.strip_prefix(name)?.strip_prefix('='));
        value.and_then(|value| value.parse().ok()).unwrap_or(0_u32)
    };
    name != Some("argon2id") || version != Some("v=19") || cost("m") < Params::DEFAULT_M_COST || cost("t") < Params::DEFAULT_T_COST
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Zeroizing<String> {
        Zeroizing::new(text.to_owned())
    }

    #[tokio::test]
    async fn only_the_stored_text_matches_and_nothing_stored_never_does() {
        let hasher = SlowHasher::new().unwrap();
        let stored = hasher.hash(text("12345678")).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(hasher.verify(text("12345678"), Some(stored.clone())).await.unwrap());
        assert!(!hasher.verify(text("12345679"), Some(stored)).await.unwrap());
        assert!(!hasher.verify(text("12345678"), None).await.unwrap());
        assert!(!hasher.verify(text("12345678"), Some("no PHC string".into())).await.unwrap());
    }

    #[tokio::test]
    async fn a_flood_is_told_to_come_back() {
        let hasher = SlowHasher { patience: Duration::ZERO, ..SlowHasher::new().unwrap() };
        let _turns = Arc::clone(&hasher.turns).acquire_many_owned(2).await.unwrap();
        assert_eq!(hasher.verify(text("12345678"), None).await, Err(Busy));
    }

    #[tokio::test]
    async fn never_more_than_two_are_computed_at_once() {
        let hasher = SlowHasher { patience: Duration::from_secs(60), ..SlowHasher::new().unwrap() };
        let all: Vec<_> = (0..12)
            .map(|_| {
                let hasher = hasher.clone();
                tokio::spawn(async move { hasher.verify(text("12345678"), None).await })
            })
            .collect();
        for one in all {
            assert_eq!(one.await.unwrap(), Ok(false));
        }
        assert!((1..=HASHES_AT_ONCE).contains(&hasher.most_at_once()));
    }

    #[test]
    fn weaker_hashes_are_known_for_what_they_are() {
        let today = hash_now("12345678").unwrap();
        assert!(!is_weak(&today), "{today}");
        for (strong, weak) in [("argon2id", "argon2i"), ("m=19456", "m=19455"), ("t=2", "t=1"), ("v=19", "v=16"), ("$m=", "$n=")] {
            assert!(is_weak(&today.replace(strong, weak)), "{weak}");
        }
        assert!(!is_weak(&today.replace("m=19456", "m=47104")));
        assert!(is_weak("") && is_weak("$2b$12$abc"));
    }
}
