//! The worker's directory: `identity`, `person`, `days/YYYY-MM-DD`, and the number `sending`. It lies outside Postgres and every backup.
use super::NotifierPublicKey;
use super::day_key::PrivateDay;
use super::files::{self, KeyFileError};
use super::identity::Identity;
use super::person::{PersonKey, PersonScope};
use crate::base::email_address::EmailAddress;
use crate::base::token::Token;
use chrono::NaiveDate;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zeroize::Zeroizing;

const IDENTITY: (&str, &str) = ("identity", "ashiato notifier identity v1");
const PERSON: (&str, &str) = ("person", "ashiato person key v1");
const DAYS: &str = "days";
const DAY_LABEL: &str = "ashiato day key v1";

/// The worker's private keys. Cloning shares them.
#[derive(Clone)]
pub struct KeyStore(Arc<Inner>);

impl std::fmt::Debug for KeyStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyStore(***)")
    }
}

struct Inner {
    dir: PathBuf,
    identity: Identity,
    person: PersonKey,
}

impl KeyStore {
    /// Makes the worker's identity and its key for recognising people, in files of their owner alone.
    ///
    /// # Errors
    /// [`KeyFileError::Exists`] when a worker's keys are there: they are never replaced. [`KeyFileError::Open`] when others
    /// can enter the directory and it is not empty.
    pub fn init(dir: &Path) -> Result<Self, KeyFileError> {
        files::make_dir(dir)?;
        let _turn = files::lock_dir(dir)?;
        if dir.join(IDENTITY.0).exists() {
            return Err(KeyFileError::Exists(dir.to_owned()));
        }
        files::remove_unfinished(dir)?;
        files::make_dir(&dir.join(DAYS))?;
        let (identity, person) = (Identity::random(), PersonKey::random());
        files::write(&dir.join(PERSON.0), PERSON.1, person.bytes())?;
        // Last: where an identity stands, everything stands.
        files::write(&dir.join(IDENTITY.0), IDENTITY.1, identity.to_bytes().as_slice())?;
        Ok(Self(Arc::new(Inner { dir: dir.to_owned(), identity, person })))
    }

    /// Opens what [`KeyStore::init`] made.
    ///
    /// # Errors
    /// [`KeyFileError`]: missing, open to others, damaged.
    pub fn open(dir: &Path) -> Result<Self, KeyFileError> {
        files::check_dir(dir)?;
        files::check_dir(&dir.join(DAYS))?;
        let identity = Identity::from_bytes(&*files::read(&dir.join(IDENTITY.0), IDENTITY.1)?);
        let person = PersonKey::from_bytes(&*files::read(&dir.join(PERSON.0), PERSON.1)?);
        Ok(Self(Arc::new(Inner { dir: dir.to_owned(), identity, person })))
    }

    /// The public key, which web processes are given as `NOTIFIER_PUBLIC_KEY`.
    #[must_use]
    pub fn public_key(&self) -> NotifierPublicKey {
        self.0.identity.public_key()
    }

    /// The dates whose private keys are here, in order.
    ///
    /// # Errors
    /// [`KeyFileError`] when the directory cannot be listed.
    pub fn days(&self) -> Result<Vec<NaiveDate>, KeyFileError> {
        let dir = self.days_dir();
        let io = |source| KeyFileError::Io { path: dir.clone(), source };
        let names: Result<Vec<_>, _> = std::fs::read_dir(&dir).map_err(io)?.map(|entry| entry.map(|entry| entry.file_name())).collect();
        let mut days: Vec<NaiveDate> = names.map_err(io)?.iter().filter_map(|name| name.to_str()?.parse().ok()).collect();
        days.sort_unstable();
        Ok(days)
    }

    /// Destroys a date's private key and mac key: nothing sealed for it opens again, and no address can be confirmed. A date
    /// whose keys are gone is fine. [`super::shred`] removes the rows that belong to them as well.
    ///
    /// # Errors
    /// [`KeyFileError`]; the keys may still be there then.
    pub fn destroy_day(&self, date: NaiveDate) -> Result<(), KeyFileError> {
        files::remove(&self.day_path(date))
    }

    /// One person's keyed hash within `scope`.
    pub(super) fn person(&self, scope: PersonScope, address: &EmailAddress) -> [u8; 32] {
        self.0.person.person(scope, address)
    }

    pub(super) fn own_link_key(&self, token: &Token) -> Zeroizing<[u8; 32]> {
        self.0.person.own_link_key(token)
    }

    pub(super) fn identity(&self) -> &Identity {
        &self.0.identity
    }

    /// A date's keys; `None` when they were destroyed or never here.
    ///
    /// # Errors
    /// A directory that is gone altogether (a volume that is not mounted) is an error and not an absent key: what is
    /// declared unopenable is given up for ever.
    pub(super) fn day(&self, date: NaiveDate) -> Result<Option<PrivateDay>, KeyFileError> {
        let path = self.day_path(date);
        match files::read(&path, DAY_LABEL) {
            Ok(bytes) => PrivateDay::from_bytes(&bytes).ok_or(KeyFileError::Damaged(path)).map(Some),
            Err(KeyFileError::Missing(_)) => {
                files::check_dir(&self.days_dir())?;
                files::read::<32>(&self.0.dir.join(IDENTITY.0), IDENTITY.1)?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// A date's keys, made now if there are none. The second value tells whether they were.
    ///
    /// The directory is locked meanwhile: of two workers that share it, neither overwrites what the other made.
    pub(super) fn day_or_new(&self, date: NaiveDate) -> Result<(PrivateDay, bool), KeyFileError> {
        let dir = self.days_dir();
        let _turn = files::lock_dir(&dir)?;
        if let Some(day) = self.day(date)? {
            return Ok((day, false));
        }
        files::remove_unfinished(&dir)?;
        let day = PrivateDay::random();
        files::write(&self.day_path(date), DAY_LABEL, day.to_bytes().as_slice())?;
        Ok((day, true))
    }

    /// Where [`super::HighWater`] remembers its number.
    pub(super) fn high_water_path(&self) -> PathBuf {
        self.0.dir.join("sending")
    }

    fn days_dir(&self) -> PathBuf {
        self.0.dir.join(DAYS)
    }

    fn day_path(&self, date: NaiveDate) -> PathBuf {
        self.days_dir().join(date.to_string())
    }
}

/// Runs file work off the tasks' threads: an fsync may take long.
pub(super) async fn blocking<T: Send + 'static>(
    keys: &KeyStore,
    work: impl FnOnce(&KeyStore) -> Result<T, KeyFileError> + Send + 'static,
) -> Result<T, KeyFileError> {
    let shared = keys.clone();
    let path = keys.0.dir.clone();
    tokio::task::spawn_blocking(move || work(&shared))
        .await
        .unwrap_or_else(|stopped| Err(KeyFileError::Io { path, source: std::io::Error::other(stopped) }))
}

#[cfg(test)]
mod tests {
    use super::super::files::tests::{Scratch, chmod, mode};
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn what_init_made_is_opened_again_and_never_replaced() {
        let scratch = Scratch::new();
        let dir = scratch.0.join("鍵 keys");
        let made = KeyStore::init(&dir).unwrap();
        let opened = KeyStore::open(&dir).unwrap();
        assert_eq!(made.public_key(), opened.public_key());
        let address = EmailAddress::parse("taro@example.jp").unwrap();
        assert_eq!(made.person(PersonScope::Suppression, &address), opened.person(PersonScope::Suppression, &address));
        assert!(matches!(KeyStore::init(&dir), Err(KeyFileError::Exists(_))));
        assert_eq!(KeyStore::open(&dir).unwrap().public_key(), made.public_key());
        assert_eq!(
            (mode(&dir), mode(&dir.join("days")), mode(&dir.join("identity")), mode(&dir.join("person"))),
            (0o700, 0o700, 0o400, 0o400)
        );
    }

    #[test]
    fn an_init_that_broke_off_is_done_again() {
        let scratch = Scratch::new();
        let dir = scratch.0.join("keys");
        KeyStore::init(&dir).unwrap();
        std::fs::remove_file(dir.join("identity")).unwrap();
        std::fs::write(dir.join(".new-1"), "half").unwrap();
        KeyStore::init(&dir).unwrap();
        assert!(KeyStore::open(&dir).is_ok() && !dir.join(".new-1").exists());
    }

    #[test]
    fn a_directory_open_to_others_is_refused() {
        let scratch = Scratch::new();
        let dir = scratch.0.join("keys");
        let keys = KeyStore::init(&dir).unwrap();
        keys.day_or_new(day("2026-11-22")).unwrap();
        for (path, open, right) in [("", 0o750, 0o700), ("days", 0o705, 0o700), ("identity", 0o404, 0o400), ("person", 0o440, 0o400)] {
            chmod(&dir.join(path), open);
            assert!(matches!(KeyStore::open(&dir), Err(KeyFileError::Open { .. })), "{path:?}");
            chmod(&dir.join(path), right);
        }
        chmod(&dir.join("days/2026-11-22"), 0o644);
        assert!(matches!(keys.day(day("2026-11-22")), Err(KeyFileError::Open { .. })));
    }

    #[test]
    fn a_day_is_made_once_and_destroyed_for_good() {
        let scratch = Scratch::new();
        let keys = KeyStore::init(&scratch.0.join("keys")).unwrap();
        let date = day("2026-11-22");
        let (made, fresh) = keys.day_or_new(date).unwrap();
        assert!(fresh);
        let (again, fresh) = keys.day_or_new(date).unwrap();
        assert!(!fresh && *made.to_bytes() == *again.to_bytes());
        assert_eq!(mode(&keys.day_path(date)), 0o400);
        assert_eq!(keys.days().unwrap(), [date]);
        keys.destroy_day(date).unwrap();
        keys.destroy_day(date).unwrap();
        assert!(keys.day(date).unwrap().is_none() && keys.days().unwrap().is_empty());
    }

    #[test]
    fn a_volume_that_is_not_mounted_is_no_destroyed_key() {
        let scratch = Scratch::new();
        let dir = scratch.0.join("keys");
        let keys = KeyStore::init(&dir).unwrap();
        assert!(keys.day(day("2026-11-22")).unwrap().is_none());
        std::fs::rename(&dir, scratch.0.join("elsewhere")).unwrap();
        assert!(keys.day(day("2026-11-22")).is_err());
        // An empty directory where the volume should be.
        files::make_dir(&dir.join("days")).unwrap();
        assert!(keys.day(day("2026-11-22")).is_err());
    }

    #[test]
    fn eight_at_once_make_one_key() {
        let scratch = Scratch::new();
        let keys = KeyStore::init(&scratch.0.join("keys")).unwrap();
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let keys = keys.clone();
                std::thread::spawn(move || keys.day_or_new(day("2026-11-22")).unwrap())
            })
            .collect();
        let made: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        assert_eq!(made.iter().filter(|(_, fresh)| *fresh).count(), 1);
        assert!(made.iter().all(|(day, _)| *day.to_bytes() == *made[0].0.to_bytes()));
    }
}
