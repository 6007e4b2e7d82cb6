//! What a web process needs to judge passwords and codes: one hasher, and keys derived from `SECRET_KEY`.
use super::password::{self, PasswordError};
use super::recovery::{self, RecoveryKey};
use super::totp::{TotpHash, TotpSecret};
use crate::base::config::Service;
use crate::base::secret::SecretKey;
use crate::base::slow_hash::SlowHasher;
use crate::keys::Chest;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Labels of the derived keys, one for each use.
const TOTP_LABEL: &str = "official-totp/v1";
const RECOVERY_LABEL: &str = "official-recovery/v1";
const LANE_LABEL: &str = "official-lane/v1";

/// Judges what officials show. One per process.
pub struct Locksmith {
    pub(super) hasher: SlowHasher,
    chest: Chest,
    pub(super) recovery: RecoveryKey,
    lane: Zeroizing<[u8; 32]>,
    /// Words that stand on every page, and so in every guesser's list.
    own_words: [String; 4],
}

/// A secret as it is stored.
pub(super) struct SealedTotp {
    pub(super) sealed: Vec<u8>,
    pub(super) hash: TotpHash,
}

impl Locksmith {
    /// The locksmith of a process; `hasher` is shared with whatever else is hashed slowly.
    #[must_use]
    pub fn new(secret: &SecretKey, hasher: SlowHasher, service: &Service) -> Self {
        Self {
            hasher,
            chest: Chest::new(secret, TOTP_LABEL),
            recovery: RecoveryKey(secret.derive(RECOVERY_LABEL)),
            lane: secret.derive(LANE_LABEL),
            own_words: [service.city.clone(), service.name.clone(), service.operator.clone(), service.host.clone()],
        }
    }

    /// Checks a new password against the rules, the house's words and the person's own.
    pub(super) fn judge(&self, typed: &str, name: &str, email: &str) -> Result<Zeroizing<String>, PasswordError> {
        let own: Vec<&str> = self.own_words.iter().map(String::as_str).chain([name, email]).collect();
        password::check(typed, &own)
    }

    /// `None` never happens: the cipher's limit is 64 GiB.
    pub(super) fn seal(&self, official: Uuid, secret: &TotpSecret) -> Option<SealedTotp> {
        Some(SealedTotp { sealed: self.chest.seal(official.as_bytes(), secret.bytes())?, hash: secret.hash() })
    }

    /// `None`: sealed under another `SECRET_KEY`, or for another official.
    pub(super) fn open(&self, official: Uuid, totp: &SealedTotp) -> Option<TotpSecret> {
        let opened = self.chest.open(official.as_bytes(), &totp.sealed);
        if opened.is_none() {
            tracing::error!("a second factor does not open: was SECRET_KEY changed?");
        }
        TotpSecret::from_bytes(&opened?, totp.hash)
    }

    pub(super) fn lane(&self, parts: &[&[u8]]) -> [u8; 32] {
        recovery::keyed(&self.lane, parts)
    }
}
