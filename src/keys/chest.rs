//! Small secrets of accounts at rest, sealed under `SECRET_KEY`: a dump of the database alone opens none of them.
use super::cipher::RowKey;
use crate::base::secret::SecretKey;
use zeroize::Zeroizing;

/// Seals and opens under a key of its own for each label.
pub struct Chest(RowKey);

impl Chest {
    /// The chest of `label`.
    #[must_use]
    pub fn new(secret: &SecretKey, label: &str) -> Self {
        Self(RowKey::new(&secret.derive(label)))
    }

    /// Seals `text` for `place`, which is whose it is: moved to another row it does not open. `None` only beyond 64 GiB.
    #[must_use]
    pub fn seal(&self, place: &[u8], text: &[u8]) -> Option<Vec<u8>> {
        self.0.seal(place, text.len(), |bytes| bytes.copy_from_slice(text))
    }

    /// What was sealed, if it was sealed by this chest for this place.
    #[must_use]
    pub fn open(&self, place: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.0.open(place, sealed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_for_its_key_its_label_and_its_place_alone() {
        let secret = SecretKey::random();
        let sealed = Chest::new(&secret, "a").seal(b"one", b"hello").unwrap();
        assert_eq!(Chest::new(&secret, "a").open(b"one", &sealed).unwrap().as_slice(), b"hello");
        assert!(Chest::new(&secret, "a").open(b"other", &sealed).is_none());
        assert!(Chest::new(&secret, "b").open(b"one", &sealed).is_none());
        assert!(Chest::new(&SecretKey::random(), "a").open(b"one", &sealed).is_none());
    }
}
