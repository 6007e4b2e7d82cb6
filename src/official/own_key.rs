//! An official's signing key as it lies in the database: sealed under the password, and once more under the service's own secret, so
//! that guessing passwords needs both a copy of the database and `SECRET_KEY`.
use super::credential_keys::CredentialKeys;
use crate::base::slow_hash::Busy;
use crate::keys::{Lock, PersonalKey};
use rand::Rng;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Bytes of the salt; its own, so that the password's hash tells nothing about the key.
const SALT_LEN: usize = 16;
/// The label that the outer seal is bound to, before the official's identifier.
const PLACE: &[u8] = b"official signing key";

/// A sealed key. No `Debug`.
pub(super) struct StoredKey {
    pub(super) salt: Vec<u8>,
    pub(super) sealed: Vec<u8>,
    pub(super) public: Vec<u8>,
}

impl StoredKey {
    /// As three columns hold it: all or nothing.
    pub(super) fn from_columns(salt: Option<Vec<u8>>, sealed: Option<Vec<u8>>, public: Option<Vec<u8>>) -> Option<Self> {
        Some(Self { salt: salt?, sealed: sealed?, public: public? })
    }
}

fn place(official: Uuid) -> Vec<u8> {
    [PLACE, official.as_bytes()].concat()
}

/// Seals a key under a password.
pub(super) async fn lock(
    credential_keys: &CredentialKeys,
    official: Uuid,
    key: &PersonalKey,
    password: Zeroizing<String>,
) -> Result<StoredKey, Busy> {
    let mut salt = [0; SALT_LEN];
    rand::rng().fill_bytes(&mut salt);
    let hash = credential_keys.hasher.derive(password, salt.to_vec()).await?;
    let inner = key.seal(Lock::Password(&hash), official.as_bytes()).ok_or(Busy)?;
    let sealed = credential_keys.wrap(&place(official), &inner).ok_or(Busy)?;
    Ok(StoredKey { salt: salt.to_vec(), sealed, public: key.public().to_vec() })
}

/// Opens a key with the password. `None`: it was sealed under another, for somebody else, or altered.
pub(super) async fn unlock(
    credential_keys: &CredentialKeys,
    official: Uuid,
    stored: &StoredKey,
    password: Zeroizing<String>,
) -> Result<Option<PersonalKey>, Busy> {
    let Some(inner) = credential_keys.open_wrapped(&place(official), &stored.sealed) else { return Ok(None) };
    let hash = credential_keys.hasher.derive(password, stored.salt.clone()).await?;
    let key = PersonalKey::open(Lock::Password(&hash), official.as_bytes(), &inner);
    Ok(key.filter(|key| key.public().as_slice() == stored.public))
}
