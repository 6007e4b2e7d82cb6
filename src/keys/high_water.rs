//! How far sending has come, remembered beside the keys: outside Postgres and outside every backup of it.
//!
//! A database that knows a smaller number than this file was restored from an older state. The file is raised only to numbers that
//! the database has committed, so a kill between the two leaves the file behind, which is no alarm.
use super::KeyStore;
use super::files::{self, KeyFileError};
use super::key_store::blocking;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a number may wait to be forced to disk. It is written at once, which outlasts any kill of the worker; only a power
/// failure within this time, followed by a restore of a backup that is younger still, would go unnoticed.
pub const SYNC_EVERY: Duration = Duration::from_secs(1);

/// The remembered number. Any number of workers may share the directory.
#[derive(Clone)]
pub struct HighWater(Arc<Inner>);

struct Inner {
    keys: KeyStore,
    /// The largest number that the file was asked to hold.
    wanted: AtomicI64,
    /// The largest that it is known to hold.
    written: tokio::sync::Mutex<i64>,
    synced: Mutex<Synced>,
}

struct Synced {
    at: Instant,
    dirty: bool,
}

impl HighWater {
    /// The number beside these keys. Nothing is read or written yet.
    #[must_use]
    pub fn new(keys: KeyStore) -> Self {
        let synced = Mutex::new(Synced { at: Instant::now(), dirty: false });
        Self(Arc::new(Inner { keys, wanted: AtomicI64::new(0), written: tokio::sync::Mutex::new(0), synced }))
    }

    /// The number in the file; 0 where nothing was ever sent.
    ///
    /// # Errors
    /// [`KeyFileError`]: a number that cannot be read must not pass for a small one.
    pub async fn read(&self) -> Result<i64, KeyFileError> {
        blocking(&self.0.keys, |keys| files::read_number(&keys.high_water_path())).await
    }

    /// Makes the file hold at least `value`. Callers that come together share one write.
    ///
    /// # Errors
    /// [`KeyFileError`]; the file holds what it held then.
    pub async fn raise(&self, value: i64) -> Result<(), KeyFileError> {
        self.0.wanted.fetch_max(value, Ordering::SeqCst);
        let mut written = self.0.written.lock().await;
        if *written >= value {
            return Ok(());
        }
        let to = self.0.wanted.load(Ordering::SeqCst);
        let sync = self.is_due(true);
        blocking(&self.0.keys, move |keys| files::raise_number(&keys.high_water_path(), to, sync)).await?;
        *written = to;
        Ok(())
    }

    /// Forces to disk what was written and not forced yet, if it is time. For a task that comes by each second.
    pub async fn sync(&self) -> Result<(), KeyFileError> {
        if !self.is_due(false) {
            return Ok(());
        }
        blocking(&self.0.keys, |keys| files::raise_number(&keys.high_water_path(), 0, true)).await
    }

    /// Whether something written waits for the disk long enough; notes that something is (`write`).
    fn is_due(&self, write: bool) -> bool {
        let mut synced = self.0.synced.lock().unwrap_or_else(PoisonError::into_inner);
        synced.dirty |= write;
        let due = synced.dirty && synced.at.elapsed() >= SYNC_EVERY;
        if due {
            *synced = Synced { at: Instant::now(), dirty: false };
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::super::files::tests::{Scratch, mode};
    use super::*;

    fn keys(scratch: &Scratch) -> KeyStore {
        KeyStore::init(&scratch.0.join("keys")).unwrap()
    }

    #[tokio::test]
    async fn it_grows_and_never_shrinks_whoever_writes() {
        let scratch = Scratch::new();
        let keys = keys(&scratch);
        let (one, other) = (HighWater::new(keys.clone()), HighWater::new(keys.clone()));
        assert_eq!(one.read().await.unwrap(), 0, "nothing was sent yet");
        one.raise(7).await.unwrap();
        other.raise(3).await.unwrap();
        assert_eq!((one.read().await.unwrap(), other.read().await.unwrap()), (7, 7));
        other.raise(i64::MAX).await.unwrap();
        assert_eq!(one.read().await.unwrap(), i64::MAX);
        assert_eq!(mode(&keys.high_water_path()), 0o600);
    }

    #[tokio::test]
    async fn eight_at_once_end_at_the_largest() {
        let scratch = Scratch::new();
        let keys = keys(&scratch);
        let mut together = tokio::task::JoinSet::new();
        for value in 1..=8 {
            let mine = if value % 2 == 0 {
                HighWater::new(keys.clone())
            } else {
                HighWater::new(KeyStore::open(&scratch.0.join("keys")).unwrap())
            };
            together.spawn(async move { mine.raise(value).await.unwrap() });
        }
        together.join_all().await;
        assert_eq!(HighWater::new(keys).read().await.unwrap(), 8);
    }

    #[tokio::test]
    async fn damage_is_no_small_number() {
        let scratch = Scratch::new();
        let keys = keys(&scratch);
        let mark = HighWater::new(keys.clone());
        mark.raise(9).await.unwrap();
        for damaged in ["", "ashiato sending counter v1\n", "ashiato sending counter v1\n0000000000000000000x\n", "9\n"] {
            std::fs::write(keys.high_water_path(), damaged).unwrap();
            assert!(matches!(mark.read().await, Err(KeyFileError::Damaged(_))), "{damaged:?}");
            assert!(HighWater::new(keys.clone()).raise(10).await.is_err(), "{damaged:?}");
        }
        std::fs::remove_dir_all(scratch.0.join("keys")).unwrap();
        assert!(mark.read().await.is_err(), "a volume that is not mounted is no zero");
    }
}
