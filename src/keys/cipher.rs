//! AES-256-GCM with a random nonce per text: `nonce ‖ ciphertext ‖ tag`.
use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit, Nonce, Tag};
use rand::Rng;
use zeroize::{Zeroize, Zeroizing};

/// Bytes of a nonce (NIST SP 800-38D §5.2.1.1: 96 bits).
pub(super) const NONCE_LEN: usize = 12;
/// Bytes of a tag, the longest there is.
pub(super) const TAG_LEN: usize = 16;

/// A key and its schedule, expanded once. Wiped on drop.
pub(super) struct RowKey(Aes256Gcm);

impl RowKey {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        Self(Aes256Gcm::new(key.into()))
    }

    /// Seals `length` bytes that `fill` writes into zeroes, bound to `aad`. `None` only beyond 64 GiB, the cipher's limit.
    ///
    /// The nonce comes from the thread's generator (ChaCha12, seeded and regularly reseeded from the operating system,
    /// never shared or copied: the process does not fork) and costs no system call. Random nonces may repeat under one key
    /// with a chance below 2⁻³² as long as it seals at most 2³² texts (NIST SP 800-38D §8.3); an epoch stops at 2³⁰.
    pub(super) fn seal(&self, aad: &[u8], length: usize, fill: impl FnOnce(&mut [u8])) -> Option<Vec<u8>> {
        let mut sealed = Vec::with_capacity(NONCE_LEN + length + TAG_LEN);
        let mut nonce = [0; NONCE_LEN];
        rand::rng().fill_bytes(&mut nonce);
        sealed.extend_from_slice(&nonce);
        sealed.resize(NONCE_LEN + length, 0);
        let text = &mut sealed[NONCE_LEN..];
        fill(text);
        match self.0.encrypt_inout_detached(&Nonce::from(nonce), aad, text.into()) {
            Ok(tag) => {
                sealed.extend_from_slice(&tag);
                Some(sealed)
            }
            Err(_too_long) => {
                sealed.zeroize();
                None
            }
        }
    }

    /// The text, if it was sealed under this key and `aad` and nothing was altered since.
    pub(super) fn open(&self, aad: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let (text, tag) = rest.split_last_chunk::<TAG_LEN>()?;
        let mut text = Zeroizing::new(text.to_vec());
        self.0.decrypt_inout_detached(&Nonce::from(*nonce), aad, text.as_mut_slice().into(), &Tag::from(*tag)).ok()?;
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(key: &RowKey) -> Vec<u8> {
        key.seal(b"place", 5, |text| text.copy_from_slice(b"hello")).unwrap()
    }

    #[test]
    fn opens_under_its_key_and_place_alone() {
        let key = RowKey::new(&[1; 32]);
        let sealed = sealed(&key);
        assert_eq!(sealed.len(), NONCE_LEN + 5 + TAG_LEN);
        assert_eq!(key.open(b"place", &sealed).unwrap().as_slice(), b"hello");
        assert!(key.open(b"elsewhere", &sealed).is_none());
        assert!(RowKey::new(&[2; 32]).open(b"place", &sealed).is_none());
    }

    #[test]
    fn any_changed_or_missing_byte_is_noticed() {
        let key = RowKey::new(&[1; 32]);
        let sealed = sealed(&key);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(key.open(b"place", &changed).is_none(), "byte {at}");
            assert!(key.open(b"place", &sealed[..at]).is_none(), "cut at {at}");
        }
    }

    #[test]
    fn the_same_text_never_looks_the_same() {
        let key = RowKey::new(&[1; 32]);
        assert_ne!(sealed(&key), sealed(&key));
    }
}
