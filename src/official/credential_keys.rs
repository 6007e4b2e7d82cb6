//! The keys with which a web process judges passwords and codes: one hasher, and its data keys.
use super::password::{self, PasswordError};
use super::recovery::{self, RecoveryKey};
use super::store::credentials;
use super::totp::{TotpHash, TotpSecret};
use crate::base::config::Service;
use crate::base::secret::{KEY_LEN, SecretUse};
use crate::base::slow_hash::SlowHasher;
use crate::keys::{DataKeys, SecretBox};
use crate::repeated;
use sqlx::PgConnection;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Judges what officials show. One per process.
pub struct CredentialKeys {
    pub(super) hasher: SlowHasher,
    secret_box: SecretBox,
    pub(super) recovery: RecoveryKey,
    throttle: Zeroizing<[u8; KEY_LEN]>,
    /// Words that stand on every page, and so in every guesser's list.
    own_words: [String; 4],
}

/// A secret as it is stored.
pub(super) struct SealedTotp {
    pub(super) sealed: Vec<u8>,
    pub(super) hash: TotpHash,
}

/// Whether these keys open any of the stored second factors; `None` where there is none.
///
/// # Errors
/// The database.
pub async fn opens_second_factors(conn: &mut PgConnection, keys: &DataKeys) -> Result<Option<bool>, sqlx::Error> {
    let stored = credentials::second_factors(conn).await?;
    let secret_box = SecretBox::new(keys, SecretUse::OfficialTotp);
    let opens = stored.iter().any(|(official, sealed)| secret_box.open(official.as_bytes(), sealed).is_some());
    Ok((!stored.is_empty()).then_some(opens))
}

impl CredentialKeys {
    /// The keys of a process; `hasher` is shared with whatever else is hashed slowly.
    #[must_use]
    pub fn new(keys: &DataKeys, hasher: SlowHasher, service: &Service) -> Self {
        Self {
            hasher,
            secret_box: SecretBox::new(keys, SecretUse::OfficialTotp),
            recovery: RecoveryKey(Zeroizing::new(*keys.key(SecretUse::OfficialRecovery))),
            throttle: Zeroizing::new(*keys.key(SecretUse::OfficialThrottle)),
            own_words: [service.city.clone(), service.name.clone(), service.operator.clone(), service.host.clone()],
        }
    }

    /// Checks a new password against the rules, the house's words and the person's own.
    pub(super) fn judge(&self, typed: &str, name: &str, email: &str) -> Result<Zeroizing<String>, PasswordError> {
        let own: Vec<&str> = self.own_words.iter().map(String::as_str).chain([name, email]).collect();
        password::check(typed, &own)
    }

    /// `None` never happens: the cipher's limit is 64 GiB.
    pub(super) fn seal(&self, official: Uuid, secret: &TotpSecret) -> Option<SealedTotp> {
        Some(SealedTotp { sealed: self.secret_box.seal(official.as_bytes(), secret.bytes())?, hash: secret.hash() })
    }

    /// `None`: sealed under another data key, or for another official.
    pub(super) fn open(&self, official: Uuid, totp: &SealedTotp) -> Option<TotpSecret> {
        let opened = self.secret_box.open(official.as_bytes(), &totp.sealed);
        if opened.is_none() {
            repeated!(error, "a second factor does not open: were the data keys thrown away since it was set up?", "");
        }
        TotpSecret::from_bytes(&opened?, totp.hash)
    }

    /// Seals what is sealed already, for its place. `None` never happens.
    pub(super) fn wrap(&self, place: &[u8], inner: &[u8]) -> Option<Vec<u8>> {
        self.secret_box.seal(place, inner)
    }

    /// The reverse of [`Self::wrap`].
    pub(super) fn open_wrapped(&self, place: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.secret_box.open(place, sealed)
    }

    pub(super) fn throttle(&self, parts: &[&[u8]]) -> [u8; 32] {
        recovery::keyed(&self.throttle, parts)
    }
}
