//! Small secrets of accounts at rest, sealed under the data key of their use: a dump of the database alone opens none of them.
use super::DataKeys;
use super::cipher::RowKey;
use crate::base::secret::SecretUse;
use zeroize::Zeroizing;

/// Seals and opens under the data key of one use.
pub struct SecretBox(RowKey);

impl SecretBox {
    /// The box of `usage`.
    #[must_use]
    pub fn new(keys: &DataKeys, usage: SecretUse) -> Self {
        Self(RowKey::new(keys.key(usage)))
    }

    /// Seals `text` for `place`, which is whose it is: moved to another row it does not open. `None` only beyond 64 GiB.
    #[must_use]
    pub fn seal(&self, place: &[u8], text: &[u8]) -> Option<Vec<u8>> {
        self.0.seal(place, text.len(), |bytes| bytes.copy_from_slice(text))
    }

    /// Opens what this box sealed for this place; `None` for anything else.
    #[must_use]
    pub fn open(&self, place: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.0.open(place, sealed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_for_its_key_its_use_and_its_place_alone() {
        let keys = DataKeys::random();
        let (one, other) = (SecretUse::OfficialTotp, SecretUse::OfficialRecovery);
        let sealed = SecretBox::new(&keys, one).seal(b"one", b"hello").unwrap();
        assert_eq!(SecretBox::new(&keys, one).open(b"one", &sealed).unwrap().as_slice(), b"hello");
        assert!(SecretBox::new(&keys, one).open(b"other", &sealed).is_none());
        assert!(SecretBox::new(&keys, other).open(b"one", &sealed).is_none());
        assert!(SecretBox::new(&DataKeys::random(), one).open(b"one", &sealed).is_none());
    }
}
