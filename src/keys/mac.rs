//! The date's mac key K_D: finds that two visits are one person's at one venue on one date, and tells nothing else.
use super::cipher::RowKey;
use super::{DataKeys, date_bytes};
use crate::base::email_address::EmailAddress;
use crate::base::secret::SecretUse;
use chrono::NaiveDate;
use hmac::{Hmac, KeyInit, Mac};
use rand::Rng;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

/// Bytes of a mac: 128 bits of HMAC-SHA256 (RFC 2104 §5 allows half), beyond any collision within one venue and date.
pub const MAC_LEN: usize = 16;
/// Bytes of a mac key.
pub(super) const MAC_KEY_LEN: usize = 32;
const MAC_LABEL: &[u8] = b"ashiato mac v1";
const WRAP_LABEL: &[u8] = b"ashiato mac key wrap v1";

/// One date's mac key. The keyed state is kept, so that a mac costs no key set-up.
pub(super) struct MacKey {
    bytes: Zeroizing<[u8; MAC_KEY_LEN]>,
    keyed: Hmac<Sha256>,
}

impl MacKey {
    pub(super) fn random() -> Self {
        let mut bytes = Zeroizing::new([0; MAC_KEY_LEN]);
        rand::rng().fill_bytes(bytes.as_mut());
        Self::new(bytes)
    }

    pub(super) fn new(bytes: Zeroizing<[u8; MAC_KEY_LEN]>) -> Self {
        let keyed = keyed(&bytes);
        Self { bytes, keyed }
    }

    pub(super) fn bytes(&self) -> &[u8; MAC_KEY_LEN] {
        &self.bytes
    }

    /// The hash that the worker signs. It names the key without telling it: it is random, so its hash cannot be searched.
    pub(super) fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.bytes.as_slice()).into()
    }

    /// HMAC-SHA256(K_D, label ‖ venue ‖ date ‖ normalised address), the first half. Only the address varies in length, and it is last.
    pub(super) fn mac(&self, venue: Uuid, date: NaiveDate, address: &EmailAddress) -> [u8; MAC_LEN] {
        let mut mac = self.keyed.clone();
        mac.update(MAC_LABEL);
        mac.update(venue.as_bytes());
        mac.update(&date_bytes(date));
        mac.update(address.normalised().as_bytes());
        let mut half = [0; MAC_LEN];
        half.copy_from_slice(&mac.finalize().into_bytes()[..MAC_LEN]);
        half
    }

    /// The key as web processes get it: sealed under its data key for this date. `None` cannot happen at this length.
    pub(super) fn wrap(&self, keys: &DataKeys, date: NaiveDate) -> Option<Vec<u8>> {
        wrapping_key(keys).seal(&wrap_place(date), MAC_KEY_LEN, |text| text.copy_from_slice(self.bytes.as_slice()))
    }

    /// The reverse of [`MacKey::wrap`]; `None` under another data key or for another date.
    pub(super) fn unwrap(keys: &DataKeys, date: NaiveDate, wrapped: &[u8]) -> Option<Self> {
        let text = wrapping_key(keys).open(&wrap_place(date), wrapped)?;
        let mut bytes = Zeroizing::new([0; MAC_KEY_LEN]);
        (text.len() == MAC_KEY_LEN).then(|| bytes.copy_from_slice(&text))?;
        Some(Self::new(bytes))
    }
}

/// HMAC-SHA256 with its key set up. A key of 32 bytes is used as it is (RFC 2104 §2: shorter than a block).
pub(super) fn keyed(key: &[u8; MAC_KEY_LEN]) -> Hmac<Sha256> {
    let mut block = Zeroizing::new(hmac::digest::Key::<Hmac<Sha256>>::default());
    block[..MAC_KEY_LEN].copy_from_slice(key);
    Hmac::new(&block)
}

fn wrapping_key(keys: &DataKeys) -> RowKey {
    RowKey::new(keys.key(SecretUse::MacKeyWrap))
}

fn wrap_place(date: NaiveDate) -> Vec<u8> {
    [WRAP_LABEL, &date_bytes(date)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    #[test]
    fn one_person_has_one_mac_per_venue_and_date_however_typed() {
        let (key, venue, date) = (MacKey::random(), Uuid::from_u128(1), day("2026-11-22"));
        let mac = key.mac(venue, date, &address("taro@example.jp"));
        for typed in ["Taro@EXAMPLE.jp", "  taro@example.jp ", "ｔａｒｏ＠ｅｘａｍｐｌｅ.jp"] {
            assert_eq!(key.mac(venue, date, &address(typed)), mac);
        }
        assert_ne!(key.mac(venue, date, &address("jiro@example.jp")), mac);
        assert_ne!(key.mac(Uuid::from_u128(2), date, &address("taro@example.jp")), mac);
        assert_ne!(key.mac(venue, day("2026-11-23"), &address("taro@example.jp")), mac);
        assert_ne!(MacKey::random().mac(venue, date, &address("taro@example.jp")), mac);
    }

    #[test]
    fn the_keyed_state_is_plain_hmac() {
        let (key, data) = ([0x0b; 32], b"Hi There");
        let mut ours = keyed(&key);
        ours.update(data);
        let mut theirs = <Hmac<Sha256> as KeyInit>::new_from_slice(&key).unwrap();
        theirs.update(data);
        assert_eq!(ours.finalize().into_bytes(), theirs.finalize().into_bytes());
    }

    #[test]
    fn a_wrapped_key_unwraps_under_its_data_key_for_its_date_alone() {
        let (key, keys, date) = (MacKey::random(), DataKeys::random(), day("2026-11-22"));
        let wrapped = key.wrap(&keys, date).unwrap();
        assert_eq!(MacKey::unwrap(&keys, date, &wrapped).unwrap().bytes(), key.bytes());
        assert!(MacKey::unwrap(&DataKeys::random(), date, &wrapped).is_none());
        assert!(MacKey::unwrap(&keys, day("2026-11-23"), &wrapped).is_none());
        assert!(MacKey::unwrap(&keys, date, &wrapped[1..]).is_none());
    }
}
