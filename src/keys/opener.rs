//! Opens sealed rows, in the worker. A row that does not open says why, and the others go on.
use super::cipher::RowKey;
use super::day_key::PrivateDay;
use super::epoch::{self, EpochRow};
use super::files::KeyFileError;
use super::key_store::blocking;
use super::{KeyStore, MAC_LEN, PersonScope, sealed, store};
use crate::base::email_address::EmailAddress;
use crate::base::locale::Locale;
use chrono::NaiveDate;
use sqlx::PgConnection;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use subtle::ConstantTimeEq;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Row keys kept, so that a batch need not decapsulate (0.4 ms) what the one before did. A web process makes one or two a
/// day, so this is a month of a dozen processes; each takes about 1 kB.
const MAX_CACHED_EPOCHS: usize = 1_024;

/// A visit's columns as they are needed to open it.
#[derive(Clone)]
pub struct SealedRow {
    /// Where.
    pub venue_id: Uuid,
    /// When.
    pub visit_date: NaiveDate,
    /// The person's mac at this venue on this date.
    pub mac: Vec<u8>,
    /// The epoch that opens it.
    pub epoch_id: i64,
    /// Nonce ‖ ciphertext ‖ tag.
    pub sealed: Vec<u8>,
}

/// A letter's columns as they are needed to open it.
#[derive(Clone)]
pub struct SealedLetterRow {
    /// The outbox row's identifier.
    pub id: Uuid,
    /// The outbox row's kind.
    pub kind: String,
    /// The date whose key sealed it.
    pub visit_date: NaiveDate,
    /// The epoch that opens it.
    pub epoch_id: i64,
    /// Nonce ‖ ciphertext ‖ tag.
    pub sealed: Vec<u8>,
}

/// The content of a visit's seal.
#[derive(Clone, Debug)]
pub struct OpenedVisit {
    /// As it was typed.
    pub address: EmailAddress,
    /// The language of the page it was typed into.
    pub locale: Locale,
}

/// Why a row does not open. It never will; the others are not concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unopenable {
    /// The date's private key is not here: shredded, or never this worker's.
    #[error("no private key for the date")]
    NoKey,
    /// The database holds no such epoch.
    #[error("no such epoch")]
    NoEpoch,
    /// The row, its place or its epoch is not what was sealed.
    #[error("moved or altered")]
    Tampered,
    /// It opens, and holds nothing that this version writes.
    #[error("malformed content")]
    Malformed,
}

impl Unopenable {
    /// A code for the outbox's `reason`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoKey => "no-key",
            Self::NoEpoch => "no-epoch",
            Self::Tampered => "tampered",
            Self::Malformed => "malformed",
        }
    }
}

/// Opens what web processes sealed. Shared between tasks.
pub struct Opener {
    keys: KeyStore,
    cache: Mutex<Cache>,
}

impl Opener {
    /// An opener over the worker's directory.
    #[must_use]
    pub fn new(keys: KeyStore) -> Self {
        Self { keys, cache: Mutex::default() }
    }

    /// Opens visits, in the order given. An address that does not give the row's mac is refused as tampered with: a web
    /// host taken over could otherwise put one person under many macs.
    ///
    /// # Errors
    /// The database, or the directory ([`sqlx::Error::Io`], so that it is tried again and nothing is given up): then nothing was opened.
    pub async fn open_visits(
        &self,
        conn: &mut PgConnection,
        rows: &[SealedRow],
    ) -> Result<Vec<Result<OpenedVisit, Unopenable>>, sqlx::Error> {
        let keys = self.unlock(conn, rows.iter().map(|row| (row.epoch_id, row.visit_date))).await?;
        Ok(rows.iter().map(|row| open_visit(row, &keys)).collect())
    }

    /// Opens letters, in the order given.
    ///
    /// # Errors
    /// As [`Opener::open_visits`].
    pub async fn open_letters(
        &self,
        conn: &mut PgConnection,
        rows: &[SealedLetterRow],
    ) -> Result<Vec<Result<Zeroizing<Vec<u8>>, Unopenable>>, sqlx::Error> {
        let keys = self.unlock(conn, rows.iter().map(|row| (row.epoch_id, row.visit_date))).await?;
        Ok(rows.iter().map(|row| open_letter(row, &keys)).collect())
    }

    /// One person's keyed hash within `scope`.
    #[must_use]
    pub fn person(&self, scope: PersonScope, address: &EmailAddress) -> [u8; 32] {
        self.keys.person(scope, address)
    }

    pub(super) fn keys(&self) -> &KeyStore {
        &self.keys
    }

    /// The keys for rows of these epochs and dates. The days' files are read each time: a key that was destroyed, by this
    /// process or another, is gone from the next batch on, whatever the cache holds.
    async fn unlock(&self, conn: &mut PgConnection, wanted: impl Iterator<Item = (i64, NaiveDate)>) -> Result<Unlocked, sqlx::Error> {
        let (ids, dates): (HashSet<i64>, HashSet<NaiveDate>) = wanted.unzip();
        let days = blocking(&self.keys, move |keys| read_days(keys, dates)).await.map_err(unreadable)?;
        let mut unlocked = Unlocked { days, epochs: self.cached(&ids) };
        let unknown: Vec<i64> = ids.into_iter().filter(|id| !unlocked.epochs.contains_key(id)).collect();
        if !unknown.is_empty() {
            let rows = store::epochs(conn, &unknown).await?;
            unlocked.epochs.extend(self.derive(&rows).await?);
        }
        Ok(unlocked)
    }

    /// The row keys of epochs as the database has them, remembered.
    pub(super) async fn derive(&self, rows: &[EpochRow]) -> Result<HashMap<i64, KnownEpoch>, sqlx::Error> {
        let wanted: Vec<(i64, NaiveDate, Vec<u8>)> = rows.iter().map(|row| (row.id, row.date, row.enc.clone())).collect();
        let derived = blocking(&self.keys, move |keys| {
            let days = read_days(keys, wanted.iter().map(|(_, date, _)| *date).collect())?;
            Ok(wanted
                .into_iter()
                .map(|(id, date, enc)| {
                    let day = days.get(&date).and_then(Option::as_ref);
                    let key = day.and_then(|day| epoch::row_key(&day.private_key, date, id, &enc)).map(Arc::new);
                    (id, KnownEpoch { date, key })
                })
                .collect::<HashMap<_, _>>())
        })
        .await
        .map_err(unreadable)?;
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).remember(&derived);
        Ok(derived)
    }

    fn cached(&self, ids: &HashSet<i64>) -> HashMap<i64, KnownEpoch> {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        ids.iter().filter_map(|id| cache.get(*id).map(|epoch| (*id, epoch))).collect()
    }
}

type OwnDays = HashMap<NaiveDate, Option<PrivateDay>>;

fn read_days(keys: &KeyStore, dates: HashSet<NaiveDate>) -> Result<OwnDays, KeyFileError> {
    dates.into_iter().map(|date| keys.day(date).map(|day| (date, day))).collect()
}

/// A directory that cannot be read now must not make a row unopenable for ever.
fn unreadable(error: KeyFileError) -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::other(error))
}

/// The keys with which a batch is opened.
struct Unlocked {
    days: OwnDays,
    epochs: HashMap<i64, KnownEpoch>,
}

impl Unlocked {
    fn key(&self, epoch_id: i64, date: NaiveDate) -> Result<(&PrivateDay, &RowKey), Unopenable> {
        let day = self.days.get(&date).and_then(Option::as_ref).ok_or(Unopenable::NoKey)?;
        let epoch = self.epochs.get(&epoch_id).ok_or(Unopenable::NoEpoch)?;
        // A row under another date's epoch was moved; so was an epoch whose encapsulated key is none.
        let key = epoch.key.as_deref().filter(|_| epoch.date == date).ok_or(Unopenable::Tampered)?;
        Ok((day, key))
    }
}

fn open_visit(row: &SealedRow, keys: &Unlocked) -> Result<OpenedVisit, Unopenable> {
    let (day, key) = keys.key(row.epoch_id, row.visit_date)?;
    let mac: &[u8; MAC_LEN] = row.mac.as_slice().try_into().map_err(|_| Unopenable::Tampered)?;
    let place = sealed::visit_place(row.venue_id, row.visit_date, mac, row.epoch_id);
    let text = key.open(&place, &row.sealed).ok_or(Unopenable::Tampered)?;
    let (address, locale) = sealed::read_visit(&text).ok_or(Unopenable::Malformed)?;
    let own = day.mac_key.mac(row.venue_id, row.visit_date, &address);
    if bool::from(own.ct_eq(mac)) { Ok(OpenedVisit { address, locale }) } else { Err(Unopenable::Tampered) }
}

fn open_letter(row: &SealedLetterRow, keys: &Unlocked) -> Result<Zeroizing<Vec<u8>>, Unopenable> {
    let (_, key) = keys.key(row.epoch_id, row.visit_date)?;
    let place = sealed::letter_place(row.id, &row.kind, row.visit_date, row.epoch_id);
    let text = key.open(&place, &row.sealed).ok_or(Unopenable::Tampered)?;
    sealed::read_letter(&text).ok_or(Unopenable::Malformed)
}

/// An epoch of the database, and its row key where the date's private key gives one.
#[derive(Clone)]
pub(super) struct KnownEpoch {
    date: NaiveDate,
    pub(super) key: Option<Arc<RowKey>>,
}

/// Row keys of late, the longest unused of which goes first.
#[derive(Default)]
struct Cache {
    epochs: HashMap<i64, (KnownEpoch, u64)>,
    uses: u64,
}

impl Cache {
    fn get(&mut self, id: i64) -> Option<KnownEpoch> {
        self.uses += 1;
        let (epoch, used) = self.epochs.get_mut(&id)?;
        *used = self.uses;
        Some(epoch.clone())
    }

    /// Only keys that are there: a missing one may come, or its row be mended.
    fn remember(&mut self, derived: &HashMap<i64, KnownEpoch>) {
        for (id, epoch) in derived.iter().filter(|(_, epoch)| epoch.key.is_some()) {
            self.uses += 1;
            self.epochs.insert(*id, (epoch.clone(), self.uses));
            if self.epochs.len() > MAX_CACHED_EPOCHS {
                let oldest = self.epochs.iter().min_by_key(|(_, (_, used))| *used).map(|(id, _)| *id);
                oldest.and_then(|id| self.epochs.remove(&id));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epochs(ids: impl IntoIterator<Item = i64>) -> HashMap<i64, KnownEpoch> {
        let known = |_| KnownEpoch { date: NaiveDate::MIN, key: Some(Arc::new(RowKey::new(&[0; 32]))) };
        ids.into_iter().map(|id| (id, known(id))).collect()
    }

    /// A batch of one date and one epoch, and a row that `write` sealed in it.
    fn sealed_by(mac_of: &EmailAddress, write: impl FnOnce(&mut [u8])) -> Result<OpenedVisit, Unopenable> {
        let (date, venue_id, epoch_id) = (NaiveDate::from_ymd_opt(2026, 11, 22).unwrap(), Uuid::from_u128(1), 7);
        let (day, key) = (PrivateDay::random(), RowKey::new(&[1; 32]));
        let mac = day.mac_key.mac(venue_id, date, mac_of);
        let sealed = key.seal(&sealed::visit_place(venue_id, date, &mac, epoch_id), 64, write).unwrap();
        let known = KnownEpoch { date, key: Some(Arc::new(key)) };
        let keys = Unlocked { days: HashMap::from([(date, Some(day))]), epochs: HashMap::from([(epoch_id, known)]) };
        open_visit(&SealedRow { venue_id, visit_date: date, mac: mac.to_vec(), epoch_id, sealed }, &keys)
    }

    #[test]
    fn a_web_host_cannot_put_one_person_under_anothers_mac_or_seal_nonsense() {
        let (taro, jiro) = (EmailAddress::parse("taro@example.jp").unwrap(), EmailAddress::parse("jiro@example.jp").unwrap());
        let seal = |mac_of| sealed_by(mac_of, |text| sealed::write_visit(text, &taro, Locale::Ja));
        assert!(seal(&taro).is_ok_and(|visit| visit.address == taro));
        assert_eq!(seal(&jiro).err(), Some(Unopenable::Tampered));
        assert_eq!(sealed_by(&taro, |text| text.fill(b'x')).err(), Some(Unopenable::Malformed));
    }

    #[test]
    fn the_cache_holds_its_limit_and_drops_the_longest_unused() {
        let mut cache = Cache::default();
        let limit = i64::try_from(MAX_CACHED_EPOCHS).unwrap();
        for id in 0..limit {
            cache.remember(&epochs([id]));
        }
        assert!(cache.get(0).is_some(), "all fit, and this one was used now");
        cache.remember(&epochs([limit]));
        assert_eq!(cache.epochs.len(), MAX_CACHED_EPOCHS);
        assert!(cache.get(1).is_none(), "the longest unused went");
        assert!(cache.get(0).is_some() && cache.get(limit).is_some());
    }

    #[test]
    fn an_epoch_without_a_key_is_looked_at_again() {
        let mut cache = Cache::default();
        cache.remember(&HashMap::from([(1, KnownEpoch { date: NaiveDate::MIN, key: None })]));
        assert!(cache.get(1).is_none());
    }
}
