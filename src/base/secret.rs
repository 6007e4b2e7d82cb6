//! `SECRET_KEY`, and the one list of what hangs on it.
//!
//! No stored value hangs on `SECRET_KEY` itself. Each use has a *data key* of its own, which lies in
//! Postgres wrapped under `SECRET_KEY` (see `keys::data_key`), so that another `SECRET_KEY` re-wraps a
//! few rows and every value stays good. Until December 2026 the data keys were derived from
//! `SECRET_KEY`; [`SecretKey::grown`] still makes them for installations of that time.
use data_encoding::{BASE64, HEXLOWER};
use hkdf::Hkdf;
use rand::Rng;
use sha2::Sha256;
use std::str::FromStr;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Length of `SECRET_KEY` and of every data key, in bytes.
pub const KEY_LEN: usize = 32;
/// Length of a [`KeyId`], in bytes: enough to tell keys apart, and a hash, so it tells nothing of them.
pub const KEY_ID_LEN: usize = 8;
const WRAP_LABEL: &[u8] = b"data-key-wrap/v1";
const ID_LABEL: &[u8] = b"key-id/v1";

/// The uses of `SECRET_KEY`. Every use is here, and there is no other way to a key;
/// docs/OPERATIONS.md holds the same list for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretUse {
    /// Seals the second factors of officials.
    OfficialTotp,
    /// The keyed hashes by which officials' recovery codes are known.
    OfficialRecovery,
    /// Names the throttles in which guesses at log-ins are slowed down.
    OfficialThrottle,
    /// Makes the codes of printed activation letters.
    VenueActivation,
    /// Wraps the mac keys of the open dates on their way from the worker to web.
    MacKeyWrap,
}

impl SecretUse {
    /// Every use.
    pub const ALL: [Self; 5] =
        [Self::OfficialTotp, Self::OfficialRecovery, Self::OfficialThrottle, Self::VenueActivation, Self::MacKeyWrap];

    /// The label, which is stored. It never changes.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::OfficialTotp => "official-totp/v1",
            Self::OfficialRecovery => "official-recovery/v1",
            Self::OfficialThrottle => "official-lane/v1",
            Self::VenueActivation => "venue-activation/v1",
            Self::MacKeyWrap => "mac-key-wrap/v1",
        }
    }

    /// A description of what it protects, for the operator.
    #[must_use]
    pub fn protects(self) -> &'static str {
        match self {
            Self::OfficialTotp => "second factors of officials",
            Self::OfficialRecovery => "recovery codes of officials",
            Self::OfficialThrottle => "pauses after wrong log-ins",
            Self::VenueActivation => "codes of printed activation letters",
            Self::MacKeyWrap => "mac keys on their way to web",
        }
    }

    /// Its place in [`Self::ALL`].
    #[must_use]
    pub fn place(self) -> usize {
        match self {
            Self::OfficialTotp => 0,
            Self::OfficialRecovery => 1,
            Self::OfficialThrottle => 2,
            Self::VenueActivation => 3,
            Self::MacKeyWrap => 4,
        }
    }
}

/// Names a `SECRET_KEY` without telling it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyId(pub [u8; KEY_ID_LEN]);

impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// `SECRET_KEY`: 32 random bytes, written in base64. Never shown, never used directly.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretKey([u8; KEY_LEN]);

/// Why a text is no secret key.
#[derive(Debug, thiserror::Error)]
#[error("must be 32 random bytes in base64; make one with: openssl rand -base64 32")]
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

    /// Its name.
    #[must_use]
    pub fn id(&self) -> KeyId {
        let mut id = [0; KEY_ID_LEN];
        id.copy_from_slice(&derive(&self.0, ID_LABEL)[..KEY_ID_LEN]);
        KeyId(id)
    }

    /// The key that wraps data keys.
    #[must_use]
    pub fn wrapping(&self) -> Zeroizing<[u8; KEY_LEN]> {
        derive(&self.0, WRAP_LABEL)
    }

    /// The key of a use before there were data keys: an installation of that time keeps it as its
    /// data key, so that nobody is locked out.
    #[must_use]
    pub fn grown(&self, usage: SecretUse) -> Zeroizing<[u8; KEY_LEN]> {
        derive(&self.0, usage.label().as_bytes())
    }
}

/// `SECRET_KEY`, and during a change of it `SECRET_KEY_OLD` beside it.
#[derive(Clone, Debug)]
pub struct SecretKeys {
    /// `SECRET_KEY`
    pub current: SecretKey,
    /// `SECRET_KEY_OLD`; never the same as `current`.
    pub old: Option<SecretKey>,
}

impl SecretKeys {
    /// Both, unless they are the same key.
    #[must_use]
    pub fn new(current: SecretKey, old: Option<SecretKey>) -> Self {
        let old = old.filter(|old| old.id() != current.id());
        Self { current, old }
    }

    /// The present one, then the old one.
    pub fn all(&self) -> impl Iterator<Item = &SecretKey> {
        std::iter::once(&self.current).chain(&self.old)
    }
}

impl From<SecretKey> for SecretKeys {
    fn from(current: SecretKey) -> Self {
        Self { current, old: None }
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
    use std::collections::BTreeSet;

    #[test]
    fn every_use_has_a_label_and_a_key_of_its_own() {
        let key = SecretKey::random();
        let labels: BTreeSet<_> = SecretUse::ALL.map(SecretUse::label).into_iter().collect();
        let mut keys: BTreeSet<_> = SecretUse::ALL.map(|usage| *key.grown(usage)).into_iter().collect();
        keys.insert(*key.wrapping());
        assert_eq!((labels.len(), keys.len()), (SecretUse::ALL.len(), SecretUse::ALL.len() + 1));
        for (place, usage) in SecretUse::ALL.into_iter().enumerate() {
            assert_eq!(usage.place(), place);
        }
    }

    #[test]
    fn the_text_form_returns_the_same_key_and_nothing_shows_it() {
        let key = SecretKey::random();
        let again: SecretKey = key.to_base64().parse().unwrap();
        assert_eq!((key.id(), *key.wrapping()), (again.id(), *again.wrapping()));
        assert_ne!(key.id(), SecretKey::random().id());
        assert_eq!(format!("{:?}", SecretKeys::from(key.clone())), "SecretKeys { current: ***, old: None }");
        assert!(!key.to_base64().contains(&key.id().to_string()));
    }

    #[test]
    fn an_old_key_that_is_the_same_is_none() {
        let (key, old) = (SecretKey::random(), SecretKey::random());
        assert!(SecretKeys::new(key.clone(), Some(key.clone())).old.is_none());
        assert_eq!(SecretKeys::new(key.clone(), Some(old.clone())).all().map(SecretKey::id).collect::<Vec<_>>(), [key.id(), old.id()]);
    }

    #[test]
    fn anything_but_32_bytes_is_refused() {
        for length in [0, 16, 31, 33, 64] {
            assert!(BASE64.encode(&vec![1; length]).parse::<SecretKey>().is_err());
        }
        assert!("not base64".parse::<SecretKey>().is_err());
    }

    /// The keys that versions before data keys derived; a change here would lock every official out.
    #[test]
    fn what_grew_from_a_secret_key_stays_what_it_was() {
        let key: SecretKey = BASE64.encode(&[7; KEY_LEN]).parse().unwrap();
        let expected = derive(&[7; KEY_LEN], b"official-totp/v1");
        assert_eq!(*key.grown(SecretUse::OfficialTotp), *expected);
    }
}
