//! Recovery codes: for the day on which the phone lies at home. Ten, each good once, shown once.
use crate::base::code::PosterCode;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Codes that an official is given.
pub const RECOVERY_CODES: usize = 10;

/// Fresh recovery codes, in the form of a poster's: twelve characters that read well, mistyping is noticed, 55 random bits.
/// No `Debug`: they are shown once to their owner.
pub struct RecoveryCodes(Vec<PosterCode>);

impl RecoveryCodes {
    pub(super) fn random() -> Self {
        Self((0..RECOVERY_CODES).map(|_| PosterCode::generate(&mut rand::rng())).collect())
    }

    /// The codes as they are shown: `ABCD-EFGH-JKMN`.
    #[must_use]
    pub fn grouped(&self) -> Vec<String> {
        self.0.iter().map(PosterCode::grouped).collect()
    }

    pub(super) fn macs(&self, key: &RecoveryKey, official: Uuid) -> Vec<Vec<u8>> {
        self.0.iter().map(|code| key.mac(official, code).to_vec()).collect()
    }
}

/// Reads a recovery code as a person typed it; `None` when it cannot be one.
pub(super) fn read(typed: &str) -> Option<PosterCode> {
    PosterCode::parse(typed).ok()
}

/// The key of what is stored. With it 55 bits are out of reach even for who holds a dump, and one look-up costs nothing.
pub(super) struct RecoveryKey(pub(super) Zeroizing<[u8; 32]>);

impl RecoveryKey {
    pub(super) fn mac(&self, official: Uuid, code: &PosterCode) -> [u8; 32] {
        keyed(&self.0, &[official.as_bytes(), code.as_str().as_bytes()])
    }
}

/// HMAC-SHA256 over parts, each with its length before it.
pub(super) fn keyed(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut block = Zeroizing::new(hmac::digest::Key::<Hmac<Sha256>>::default());
    block[..key.len()].copy_from_slice(key);
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&block);
    for part in parts {
        mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_differ_and_are_read_back_as_people_type_them() {
        let codes = RecoveryCodes::random();
        let (shown, official) = (codes.grouped(), Uuid::from_u128(7));
        let key = RecoveryKey(Zeroizing::new([3; 32]));
        let macs = codes.macs(&key, official);
        assert_eq!((shown.len(), macs.len()), (RECOVERY_CODES, RECOVERY_CODES));
        assert_eq!(shown.iter().collect::<std::collections::BTreeSet<_>>().len(), RECOVERY_CODES);
        for (shown, mac) in shown.iter().zip(&macs) {
            let typed = read(&shown.to_lowercase().replace('-', " ")).unwrap();
            assert_eq!(key.mac(official, &typed).as_slice(), mac);
            assert_ne!(key.mac(Uuid::from_u128(8), &typed).as_slice(), mac, "another official's");
        }
        assert!(read("123456").is_none() && read("").is_none());
    }
}
