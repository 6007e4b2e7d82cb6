//! Seals in a web process. Its keys are taken up in the background, never in a request.
use super::day_key::PublicDay;
use super::epoch::Epoch;
use super::mac::MacKey;
use super::process::{ProcessKind, ProcessMark};
use super::{DAYS_AHEAD, DataKeyError, DataKeys, KeysError, MAC_LEN, MAX_LETTER_BYTES, NotifierPublicKey, sealed, store};
use crate::base::clock::{LATEST_DAY_START_MINUTES, Zone};
use crate::base::email_address::EmailAddress;
use crate::base::locale::Locale;
use crate::base::secret::SecretKeys;
use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use sqlx::{Connection, PgConnection, PgPool};
use std::sync::{Arc, PoisonError, RwLock};
use uuid::Uuid;

/// How long before midnight the next date's epoch is opened: refreshes come each minute, and a database may be down for a while.
const AHEAD: Duration = Duration::hours(1);
/// How long a date stays ready after it closed, for requests that were under way.
const GRACE: Duration = Duration::minutes(5);

/// No good key is at hand for this date, so nothing can be sealed for it. Passing: the next refresh may bring one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no key is ready for {0}")]
pub struct NotReady(pub NaiveDate);

/// Why a letter was not sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LetterNotSealed {
    /// No good key is at hand.
    #[error(transparent)]
    NotReady(#[from] NotReady),
    /// The text is longer than [`MAX_LETTER_BYTES`].
    #[error("the letter is too long to seal")]
    TooLong,
}

/// A visit's secret columns.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedVisit {
    /// One person at one venue on one date; the same again gives the same.
    pub mac: [u8; MAC_LEN],
    /// The epoch that opens it.
    pub epoch_id: i64,
    /// Nonce ‖ ciphertext ‖ tag: 92, 156 or 284 bytes.
    pub sealed: Vec<u8>,
}

/// A letter's secret columns.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedLetter {
    /// The date whose key sealed it.
    pub visit_date: NaiveDate,
    /// The epoch that opens it.
    pub epoch_id: i64,
    /// Nonce ‖ ciphertext ‖ tag.
    pub sealed: Vec<u8>,
}

/// Seals for the worker. No database inside; shared between all threads.
pub struct Sealer {
    secrets: SecretKeys,
    mark: ProcessMark,
    notifier: NotifierPublicKey,
    zone: Zone,
    /// Replaced as a whole, so that a request holds the lock only to copy one pointer.
    days: RwLock<Vec<Arc<OpenDay>>>,
    /// One refresh at a time, or two would open two epochs.
    refreshing: tokio::sync::Mutex<()>,
}

/// A date that can be sealed for.
struct OpenDay {
    date: NaiveDate,
    mac_key: MacKey,
    epoch: Epoch,
}

impl Sealer {
    /// A sealer that is not ready for any date; [`Sealer::refresh`] makes it so.
    #[must_use]
    pub fn new(secrets: SecretKeys, notifier: NotifierPublicKey, zone: Zone) -> Self {
        let mark = ProcessMark::new(ProcessKind::Web, &secrets);
        Self { secrets, mark, notifier, zone, days: RwLock::default(), refreshing: tokio::sync::Mutex::default() }
    }

    /// Takes up the keys of all dates that accept check-ins, and of the next one ahead of midnight: verifies signatures,
    /// unwraps mac keys, opens and commits an epoch each. Called at the start and about each minute, outside a transaction.
    ///
    /// An epoch stays in use over refreshes until it is 24 hours old, half full, or its canary was opened wrongly. One that
    /// is merely due goes on when no new one can be opened.
    ///
    /// # Errors
    /// The first [`KeysError`]; dates without trouble are ready nevertheless. If the database does not answer, what is ready stays.
    pub async fn refresh(&self, conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), KeysError> {
        if conn.is_in_transaction() {
            return Err(KeysError::InTransaction);
        }
        let _turn = self.refreshing.lock().await;
        let current = self.days.read().unwrap_or_else(PoisonError::into_inner).clone();
        let ids: Vec<i64> = current.iter().map(|day| day.epoch.id).collect();
        let failed = store::failed_epochs(conn, &ids).await?;
        let mut days = Vec::new();
        let mut trouble = None;
        for date in self.wanted(now) {
            let kept = current.iter().find(|day| day.date == date && !failed.contains(&day.epoch.id));
            if let Some(day) = kept.filter(|day| !day.epoch.is_spent(now)) {
                days.push(Arc::clone(day));
                continue;
            }
            match self.open_day(conn, date, now).await {
                Ok(day) => days.push(Arc::new(day)),
                Err(error) => {
                    days.extend(kept.cloned());
                    trouble = trouble.or(Some(error));
                }
            }
        }
        *self.days.write().unwrap_or_else(PoisonError::into_inner) = days;
        trouble.map_or(Ok(()), Err)
    }

    /// The data keys of this process, for whoever needs one in web.
    ///
    /// # Errors
    /// [`DataKeyError`]
    pub async fn data_keys(&self, conn: &mut PgConnection) -> Result<DataKeys, DataKeyError> {
        DataKeys::open(conn, &self.secrets).await
    }

    /// Writes down that this process runs, and with which `SECRET_KEY`.
    ///
    /// # Errors
    /// The database.
    pub async fn note_process(&self, conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
        self.mark.note(conn, now).await
    }

    /// Writes down that this process ends.
    pub async fn end_process(&self, pool: &PgPool, now: DateTime<Utc>) {
        self.mark.end(pool, now).await;
    }

    fn wanted(&self, now: DateTime<Utc>) -> impl Iterator<Item = NaiveDate> {
        let (first, last) = (self.zone.business_date(now - GRACE, LATEST_DAY_START_MINUTES), self.zone.today(now + AHEAD));
        first.iter_days().take_while(move |date| *date <= last)
    }

    /// The last date that could be sealed for if no more keys came: without a gap from `today` on.
    ///
    /// # Errors
    /// The database's.
    pub async fn lasts_until(&self, conn: &mut PgConnection, today: NaiveDate) -> Result<Option<NaiveDate>, sqlx::Error> {
        let last = today + Days::new(u64::from(DAYS_AHEAD));
        let keys = match self.data_keys(conn).await {
            Ok(keys) => keys,
            Err(DataKeyError::Db(error)) => return Err(error),
            // Nothing can be sealed with another SECRET_KEY.
            Err(_) => return Ok(None),
        };
        let (days, macs) = (store::day_keys(conn, today, last).await?, store::mac_keys(conn, today, last).await?);
        let good = |date: &NaiveDate| {
            let (day, mac) = (days.iter().find(|day| day.date == *date), macs.iter().find(|(of, _)| of == date));
            day.zip(mac).is_some_and(|(day, (_, wrapped))| self.mac_key(&keys, day, Some(wrapped)).is_ok())
        };
        Ok(today.iter_days().take_while(|date| *date <= last && good(date)).last())
    }

    /// The mac key of a published date, if all that web got for it is in order.
    fn mac_key(&self, keys: &DataKeys, day: &PublicDay, wrapped: Option<&[u8]>) -> Result<MacKey, KeysError> {
        day.verify(&self.notifier)?;
        let wrapped = wrapped.ok_or(KeysError::NoMacKey(day.date))?;
        let mac_key = MacKey::unwrap(keys, day.date, wrapped).ok_or(KeysError::Unwrap(day.date))?;
        if mac_key.hash() == day.mac_key_hash { Ok(mac_key) } else { Err(KeysError::WrongMacKey(day.date)) }
    }

    async fn open_day(&self, conn: &mut PgConnection, date: NaiveDate, now: DateTime<Utc>) -> Result<OpenDay, KeysError> {
        let public = store::day_keys(conn, date, date).await?.pop().ok_or(KeysError::NoDayKey(date))?;
        let keys = self.data_keys(conn).await?;
        let wrapped = store::mac_key(conn, date).await?;
        let mac_key = self.mac_key(&keys, &public, wrapped.as_deref())?;
        let (epoch, row) = Epoch::open(date, &public.public_key, now)?;
        store::insert_epoch(conn, &row, now).await?;
        Ok(OpenDay { date, mac_key, epoch })
    }

    fn day(&self, date: NaiveDate) -> Result<Arc<OpenDay>, NotReady> {
        let days = self.days.read().unwrap_or_else(PoisonError::into_inner);
        days.iter().find(|day| day.date == date).cloned().ok_or(NotReady(date))
    }

    /// Whether visits of `date` can be sealed.
    #[must_use]
    pub fn ready(&self, date: NaiveDate) -> bool {
        self.day(date).is_ok_and(|day| day.epoch.has_room())
    }

    /// Which row of a venue's day is this person's: the same for every way of typing the address.
    ///
    /// # Errors
    /// [`NotReady`]
    pub fn mac(&self, date: NaiveDate, venue: Uuid, address: &EmailAddress) -> Result<[u8; MAC_LEN], NotReady> {
        Ok(self.day(date)?.mac_key.mac(venue, date, address))
    }

    /// Seals a visit. No system call and no database: about a microsecond.
    ///
    /// # Errors
    /// [`NotReady`]
    pub fn seal_visit(&self, date: NaiveDate, venue: Uuid, address: &EmailAddress, locale: Locale) -> Result<SealedVisit, NotReady> {
        let day = self.day(date)?;
        let key = day.epoch.take().ok_or(NotReady(date))?;
        let (mac, epoch_id) = (day.mac_key.mac(venue, date, address), day.epoch.id);
        let place = sealed::visit_place(venue, date, &mac, epoch_id);
        let write = |text: &mut [u8]| sealed::write_visit(text, address, locale);
        let sealed = key.seal(&place, sealed::visit_size(address), write).ok_or(NotReady(date))?;
        Ok(SealedVisit { mac, epoch_id, sealed })
    }

    /// Seals a letter's recipient and parameters under the key of `date`, bound to the outbox row's identifier and kind.
    ///
    /// # Errors
    /// [`LetterNotSealed`]
    pub fn seal_letter(&self, date: NaiveDate, id: Uuid, kind: &str, plaintext: &[u8]) -> Result<SealedLetter, LetterNotSealed> {
        let length = u16::try_from(plaintext.len()).map_err(|_| LetterNotSealed::TooLong)?;
        if plaintext.len() > MAX_LETTER_BYTES {
            return Err(LetterNotSealed::TooLong);
        }
        let day = self.day(date)?;
        let key = day.epoch.take().ok_or(NotReady(date))?;
        let place = sealed::letter_place(id, kind, date, day.epoch.id);
        let write = |text: &mut [u8]| sealed::write_letter(text, plaintext, length);
        let sealed = key.seal(&place, sealed::letter_size(plaintext), write).ok_or(NotReady(date))?;
        Ok(SealedLetter { visit_date: date, epoch_id: day.epoch.id, sealed })
    }
}
