//! One business date's keys: the P-256 pair that addresses are sealed for, and the mac key.
use super::identity::{DayClaim, Identity};
use super::mac::{MAC_KEY_LEN, MacKey};
use super::{KeysError, NotifierPublicKey};
use chrono::NaiveDate;
use hpke::kem::DhP256HkdfSha256;
use hpke::{Deserializable, Kem, Serializable};
use zeroize::Zeroizing;

/// DHKEM(P-256, HKDF-SHA256), RFC 9180 §7.1.
pub(super) type DayKem = DhP256HkdfSha256;
/// Bytes of a public key, uncompressed (SEC 1 §2.3.3).
pub(super) const PUBLIC_LEN: usize = 65;
/// Bytes of a private key.
const PRIVATE_LEN: usize = 32;
/// Bytes of a day's file: private key ‖ mac key.
pub(super) const DAY_LEN: usize = PRIVATE_LEN + MAC_KEY_LEN;

/// The public part of a date's keys.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct PublicDay {
    pub(super) date: NaiveDate,
    pub(super) public_key: [u8; PUBLIC_LEN],
    pub(super) mac_key_hash: [u8; 32],
    pub(super) signature: [u8; 64],
}

impl PublicDay {
    /// Refuses what `notifier` did not sign for this very date.
    pub(super) fn verify(&self, notifier: &NotifierPublicKey) -> Result<(), KeysError> {
        let claim = DayClaim { date: self.date, public_key: &self.public_key, mac_key_hash: &self.mac_key_hash };
        if notifier.has_signed(&claim, &self.signature) { Ok(()) } else { Err(KeysError::BadSignature(self.date)) }
    }
}

/// The private part, which only the worker has. Wiped on drop.
pub(super) struct PrivateDay {
    pub(super) private_key: <DayKem as Kem>::PrivateKey,
    pub(super) mac_key: MacKey,
}

impl PrivateDay {
    pub(super) fn random() -> Self {
        let (private_key, _) = DayKem::gen_keypair_with_rng(&mut rand::rng());
        Self { private_key, mac_key: MacKey::random() }
    }

    /// The bytes of the date's file.
    pub(super) fn to_bytes(&self) -> Zeroizing<[u8; DAY_LEN]> {
        let mut bytes = Zeroizing::new([0; DAY_LEN]);
        let (private, mac) = bytes.split_at_mut(PRIVATE_LEN);
        self.private_key.write_exact(private);
        mac.copy_from_slice(self.mac_key.bytes());
        bytes
    }

    /// The reverse of [`PrivateDay::to_bytes`].
    pub(super) fn from_bytes(bytes: &[u8; DAY_LEN]) -> Option<Self> {
        let (private, mac) = bytes.split_at(PRIVATE_LEN);
        let mut mac_key = Zeroizing::new([0; MAC_KEY_LEN]);
        mac_key.copy_from_slice(mac);
        let private_key = <DayKem as Kem>::PrivateKey::from_bytes(private).ok()?;
        Some(Self { private_key, mac_key: MacKey::new(mac_key) })
    }

    /// The row that is published for `date`. Ed25519 is deterministic, so the same keys always give the same row.
    pub(super) fn publish(&self, date: NaiveDate, identity: &Identity) -> PublicDay {
        let mut public_key = [0; PUBLIC_LEN];
        DayKem::sk_to_pk(&self.private_key).write_exact(&mut public_key);
        let mac_key_hash = self.mac_key.hash();
        let signature = identity.sign(&DayClaim { date, public_key: &public_key, mac_key_hash: &mac_key_hash });
        PublicDay { date, public_key, mac_key_hash, signature }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_goes_through_its_file_form_and_publishes_the_same() {
        let (identity, date) = (Identity::random(), "2026-11-22".parse().unwrap());
        let day = PrivateDay::random();
        let again = PrivateDay::from_bytes(&day.to_bytes()).unwrap();
        let published = day.publish(date, &identity);
        assert!(published == again.publish(date, &identity));
        assert!(published.verify(&identity.public_key()).is_ok());
        assert!(PrivateDay::from_bytes(&[0; DAY_LEN]).is_none(), "zero is no private key");
    }

    #[test]
    fn a_published_day_counts_for_its_date_and_notifier_alone() {
        let (identity, date) = (Identity::random(), "2026-11-22".parse().unwrap());
        let published = PrivateDay::random().publish(date, &identity);
        let moved = PublicDay { date: date.succ_opt().unwrap(), ..published.clone() };
        assert!(matches!(moved.verify(&identity.public_key()), Err(KeysError::BadSignature(_))));
        assert!(matches!(published.verify(&Identity::random().public_key()), Err(KeysError::BadSignature(_))));
    }
}
