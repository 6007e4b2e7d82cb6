//! The worker's signing key (Ed25519, RFC 8032), by which web processes know its day keys from a stranger's.
use super::date_bytes;
use chrono::NaiveDate;
use data_encoding::BASE64;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use rand::Rng;
use std::fmt;
use std::str::FromStr;
use zeroize::Zeroizing;

/// Tells these signatures from any other use of the key.
const LABEL: &[u8] = b"ashiato day key v1";

/// The claim that the worker signs: this key pair's public half and this mac key belong to this date.
pub(super) struct DayClaim<'a> {
    pub(super) date: NaiveDate,
    /// P-256, uncompressed (65 bytes).
    pub(super) public_key: &'a [u8; 65],
    /// SHA-256 of the mac key.
    pub(super) mac_key_hash: &'a [u8; 32],
}

impl DayClaim<'_> {
    /// Label ‖ date ‖ public key ‖ hash: every part has a fixed length, so no two claims share their bytes.
    fn bytes(&self) -> Vec<u8> {
        [LABEL, &date_bytes(self.date), self.public_key, self.mac_key_hash].concat()
    }
}

/// `NOTIFIER_PUBLIC_KEY`: 32 bytes in base64, written by `keys init`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotifierPublicKey(VerifyingKey);

impl NotifierPublicKey {
    /// Whether this worker signed `claim`. Strict: no malleable signature and no weak key passes (RFC 8032 §8.4).
    pub(super) fn has_signed(&self, claim: &DayClaim<'_>, signature: &[u8; 64]) -> bool {
        self.0.verify_strict(&claim.bytes(), &Signature::from_bytes(signature)).is_ok()
    }
}

impl fmt::Display for NotifierPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64.encode(self.0.as_bytes()))
    }
}

/// Why a text is no worker's public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("NOTIFIER_PUBLIC_KEY must be the line that `ashiato keys init` printed (32 bytes in base64)")]
pub struct BadNotifierKey;

impl FromStr for NotifierPublicKey {
    type Err = BadNotifierKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = BASE64.decode(text.trim().as_bytes()).map_err(|_| BadNotifierKey)?;
        let bytes: [u8; 32] = bytes.as_slice().try_into().map_err(|_| BadNotifierKey)?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| BadNotifierKey)?;
        // A key of small order would verify signatures that nobody made.
        if key.is_weak() { Err(BadNotifierKey) } else { Ok(Self(key)) }
    }
}

/// The worker's private half. Wiped on drop.
pub(super) struct Identity(SigningKey);

impl Identity {
    pub(super) fn random() -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rand::rng().fill_bytes(seed.as_mut());
        Self::from_bytes(&seed)
    }

    pub(super) fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(bytes))
    }

    pub(super) fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    pub(super) fn public_key(&self) -> NotifierPublicKey {
        NotifierPublicKey(self.0.verifying_key())
    }

    pub(super) fn sign(&self, claim: &DayClaim<'_>) -> [u8; 64] {
        self.0.sign(&claim.bytes()).to_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim<'a>(date: &str, public_key: &'a [u8; 65], mac_key_hash: &'a [u8; 32]) -> DayClaim<'a> {
        DayClaim { date: date.parse().unwrap(), public_key, mac_key_hash }
    }

    #[test]
    fn a_signature_holds_for_its_claim_alone() {
        let (identity, stranger) = (Identity::random(), Identity::random());
        let signature = identity.sign(&claim("2026-11-22", &[4; 65], &[7; 32]));
        let key = identity.public_key();
        assert!(key.has_signed(&claim("2026-11-22", &[4; 65], &[7; 32]), &signature));
        assert!(!key.has_signed(&claim("2026-11-23", &[4; 65], &[7; 32]), &signature), "another date");
        assert!(!key.has_signed(&claim("2026-11-22", &[5; 65], &[7; 32]), &signature), "another key");
        assert!(!key.has_signed(&claim("2026-11-22", &[4; 65], &[8; 32]), &signature), "another mac key");
        assert!(!stranger.public_key().has_signed(&claim("2026-11-22", &[4; 65], &[7; 32]), &signature), "another notifier");
        assert!(!key.has_signed(&claim("2026-11-22", &[4; 65], &[7; 32]), &[0; 64]), "no signature");
    }

    #[test]
    fn the_public_key_goes_through_its_text_form() {
        let key = Identity::random().public_key();
        assert_eq!(format!(" {key}\n").parse(), Ok(key));
        for bad in ["", "AAAA", "not base64!"] {
            assert_eq!(bad.parse::<NotifierPublicKey>(), Err(BadNotifierKey), "{bad:?}");
        }
    }

    #[test]
    fn a_weak_key_that_would_verify_anything_is_refused() {
        let mut neutral = [0; 32];
        neutral[0] = 1;
        assert_eq!(BASE64.encode(&neutral).parse::<NotifierPublicKey>(), Err(BadNotifierKey));
    }
}
