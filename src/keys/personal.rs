//! Signing keys of people and programs (Ed25519, RFC 8032). What they decide is signed, so that whoever can merely write into the
//! database cannot decide in their name.
//!
//! A person's private half is stored sealed: under a key that follows from the password, and for the time of a session under one
//! that follows from the session's token. A program's follows from its token and is stored nowhere.
use super::cipher::RowKey;
use crate::base::secret::derive;
use crate::base::token::Token;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use rand::Rng;
use zeroize::Zeroizing;

/// Bytes of a public key.
pub const PUBLIC_KEY_LEN: usize = 32;
/// Bytes of a signature.
pub const SIGNATURE_LEN: usize = 64;

/// Labels of the keys that follow from a secret, one for each use.
const TOKEN_LABEL: &[u8] = b"ashiato token signing key v1";
const INVITATION_LABEL: &[u8] = b"ashiato invitation signing key v1";
const SESSION_LABEL: &[u8] = b"ashiato session seal v1";
const PASSWORD_LABEL: &[u8] = b"ashiato password seal v1";
/// The label that a sealed key is bound to, before its owner's identifier.
const PLACE: &[u8] = b"ashiato personal key v1";

/// The private half of a signing key. Wiped on drop; no `Debug`.
#[derive(Clone)]
pub struct PersonalKey(SigningKey);

/// Under what a private half lies sealed.
#[derive(Clone, Copy)]
pub enum Lock<'a> {
    /// The slow hash of a password, with a salt of its own.
    Password(&'a [u8; 32]),
    /// A session's token.
    Session(&'a Token),
}

impl Lock<'_> {
    fn key(self) -> RowKey {
        let key = match self {
            Self::Password(hash) => derive(hash, PASSWORD_LABEL),
            Self::Session(token) => derive(token.expose().as_bytes(), SESSION_LABEL),
        };
        RowKey::new(&key)
    }
}

impl PersonalKey {
    /// A fresh key.
    #[must_use]
    pub fn random() -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rand::rng().fill_bytes(seed.as_mut());
        Self(SigningKey::from_bytes(&seed))
    }

    /// The key of whoever holds an API token.
    #[must_use]
    pub fn of_token(token: &Token) -> Self {
        Self(SigningKey::from_bytes(&derive(token.expose().as_bytes(), TOKEN_LABEL)))
    }

    /// The key of whoever holds the link of an invitation.
    #[must_use]
    pub fn of_invitation(token: &Token) -> Self {
        Self(SigningKey::from_bytes(&derive(token.expose().as_bytes(), INVITATION_LABEL)))
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> [u8; PUBLIC_KEY_LEN] {
        self.0.verifying_key().to_bytes()
    }

    /// Signs these bytes.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> [u8; SIGNATURE_LEN] {
        self.0.sign(bytes).to_bytes()
    }

    /// The private half, sealed for `owner`: it opens under the same lock and for the same owner alone. `None` never happens.
    #[must_use]
    pub fn seal(&self, lock: Lock<'_>, owner: &[u8]) -> Option<Vec<u8>> {
        let seed = Zeroizing::new(self.0.to_bytes());
        lock.key().seal(&[PLACE, owner].concat(), seed.len(), |into| into.copy_from_slice(seed.as_slice()))
    }

    /// Opens a sealed key; `None` with another lock, for another owner, or when it was altered.
    #[must_use]
    pub fn open(lock: Lock<'_>, owner: &[u8], sealed: &[u8]) -> Option<Self> {
        let seed = lock.key().open(&[PLACE, owner].concat(), sealed)?;
        let seed: Zeroizing<[u8; 32]> = Zeroizing::new(seed.as_slice().try_into().ok()?);
        Some(Self(SigningKey::from_bytes(&seed)))
    }
}

/// Whether the holder of `public`'s private half signed these bytes. Strict: no malleable signature, no weak key (RFC 8032 §8.4).
#[must_use]
pub fn has_signed(public: &[u8; PUBLIC_KEY_LEN], bytes: &[u8], signature: &[u8; SIGNATURE_LEN]) -> bool {
    let Ok(key) = VerifyingKey::from_bytes(public) else { return false };
    !key.is_weak() && key.verify_strict(bytes, &Signature::from_bytes(signature)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_bytes_and_its_key_alone() {
        let (mine, other) = (PersonalKey::random(), PersonalKey::random());
        let signature = mine.sign(b"release 7");
        assert!(has_signed(&mine.public(), b"release 7", &signature));
        assert!(!has_signed(&mine.public(), b"release 8", &signature));
        assert!(!has_signed(&other.public(), b"release 7", &signature));
        let mut neutral = [0; PUBLIC_KEY_LEN];
        neutral[0] = 1;
        assert!(!has_signed(&neutral, b"release 7", &[0; SIGNATURE_LEN]), "a key of small order signs nothing");
    }

    #[test]
    fn a_sealed_key_opens_under_its_lock_and_for_its_owner_alone() {
        let (key, token) = (PersonalKey::random(), Token::random());
        for lock in [Lock::Password(&[7; 32]), Lock::Session(&token)] {
            let sealed = key.seal(lock, b"ken").unwrap();
            assert_eq!(PersonalKey::open(lock, b"ken", &sealed).unwrap().public(), key.public());
            assert!(PersonalKey::open(lock, b"midori", &sealed).is_none(), "moved to another row");
            assert!(PersonalKey::open(Lock::Password(&[8; 32]), b"ken", &sealed).is_none());
            assert!(PersonalKey::open(Lock::Session(&Token::random()), b"ken", &sealed).is_none());
        }
    }

    #[test]
    fn one_text_gives_different_keys_for_different_uses() {
        let token = Token::random();
        assert_eq!(PersonalKey::of_token(&token).public(), PersonalKey::of_token(&token).public());
        assert_ne!(PersonalKey::of_token(&token).public(), PersonalKey::of_invitation(&token).public());
        assert_ne!(PersonalKey::of_token(&token).public(), PersonalKey::of_token(&Token::random()).public());
    }
}
