//! The service's one secret, from which every other symmetric key is derived with a label of its own (HKDF-SHA256, RFC 5869).
use data_encoding::BASE64;
use hkdf::Hkdf;
use rand::Rng;
use sha2::Sha256;
use std::str::FromStr;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Length of `SECRET_KEY` and of every key derived from it, in bytes.
pub const KEY_LEN: usize = 32;

/// `SECRET_KEY`: 32 random bytes, written in base64. Never shown, never used directly.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretKey([u8; KEY_LEN]);

/// Why a text is no secret key.
#[derive(Debug, thiserror::Error)]
#[error("SECRET_KEY must be 32 random bytes in base64; make one with: openssl rand -base64 32")]
pub struct BadSecretKey;

impl SecretKey {
    /// A fresh key from the operating system's randomness.
    #[must_use]
    pub fn random() -> Self {
        let mut bytes = [0; KEY_LEN];
        rand::rng().fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// The key's text form, for the one file it is kept in.
    #[must_use]
    pub fn to_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(BASE64.encode(&self.0))
    }

    /// The key for one use. Equal labels give equal keys; different labels give unrelated ones.
    #[must_use]
    pub fn derive(&self, label: &str) -> Zeroizing<[u8; KEY_LEN]> {
        derive(&self.0, label.as_bytes())
    }
}

/// HKDF-SHA256 of `secret` under `label`, 32 bytes.
#[must_use]
pub fn derive(secret: &[u8], label: &[u8]) -> Zeroizing<[u8; KEY_LEN]> {
    let mut key = Zeroizing::new([0; KEY_LEN]);
    // RFC 5869 §2.3 allows 255 × 32 bytes; 32 cannot fail, and an all-zero key must never leave by accident.
    if Hkdf::<Sha256>::new(None, secret).expand(label, key.as_mut()).is_err() {
        std::process::abort();
    }
    key
}

impl FromStr for SecretKey {
    type Err = BadSecretKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = Zeroizing::new(BASE64.decode(text.trim().as_bytes()).map_err(|_| BadSecretKey)?);
        bytes.as_slice().try_into().map(Self).map_err(|_| BadSecretKey)
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_separate_uses_and_the_text_form_returns_the_same_key() {
        let key = SecretKey::random();
        let again: SecretKey = key.to_base64().parse().unwrap();
        assert_eq!(*key.derive("a"), *again.derive("a"));
        assert_ne!(*key.derive("a"), *key.derive("b"));
        assert_eq!(format!("{key:?}"), "***");
    }

    #[test]
    fn anything_but_32_bytes_is_refused() {
        for length in [0, 16, 31, 33, 64] {
            assert!(BASE64.encode(&vec![1; length]).parse::<SecretKey>().is_err());
        }
        assert!("not base64".parse::<SecretKey>().is_err());
    }
}
