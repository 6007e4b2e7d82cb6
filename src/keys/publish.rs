//! Publishing day keys ahead of time, and handing the mac keys of the open dates to web processes.
use super::day_key::PublicDay;
use super::files::KeyFileError;
use super::key_store::blocking;
use super::mac::MacKey;
use super::{DataKeys, KeyStore, KeysError, store};
use crate::base::secret::SecretKeys;
use chrono::{DateTime, Days, NaiveDate, Utc};
use sqlx::PgConnection;
use subtle::ConstantTimeEq;

/// Days before today whose mac keys web processes get: yesterday takes check-ins until 06:00, one more for clocks that differ.
const MAC_DAYS_BACK: u64 = 2;
/// Days after today for which keys are made and web processes get what they need to seal: a worker that is away for a week
/// and a day stops no check-in.
///
/// Mac keys go as far ahead as day keys. One of a day to come tells nothing about any visit that was made. Who takes a web
/// host over keeps those of eight more days, and can use them only while they read the database too; the price of holding
/// them back would be that a worker which stands still stops the city's check-ins on the second midnight.
pub const DAYS_AHEAD: u16 = 8;

/// The result of [`KeyStore::ensure_days`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PublishedDays {
    /// Keys that were made now.
    pub made: usize,
    /// Dates without a gap, from today on, whose keys are published and are this worker's.
    pub ready: usize,
}

impl KeyStore {
    /// Makes, signs and publishes the keys that are missing from yesterday (it takes check-ins until 06:00) to `ahead_days`
    /// after `today`. Repeating it, or running it in several processes over one directory, makes nothing twice.
    ///
    /// A key reaches the disk before its public half reaches the database: nothing is ever sealed for a key that a crash lost.
    ///
    /// # Errors
    /// [`KeysError::Foreign`] names published dates that this directory cannot open (another worker's, or this one's after
    /// the directory was lost). They are not replaced, since visits may be sealed for them; all other dates are done first.
    pub async fn ensure_days(
        &self,
        conn: &mut PgConnection,
        now: DateTime<Utc>,
        today: NaiveDate,
        ahead_days: u16,
    ) -> Result<PublishedDays, KeysError> {
        let (first, last) = (today - Days::new(1), today + Days::new(u64::from(ahead_days)));
        let mut published = store::day_keys(conn, first, last).await?;
        let missing: Vec<_> = dates(first, last).filter(|date| published.iter().all(|day| day.date != *date)).collect();
        let mut made = 0;
        if !missing.is_empty() {
            let days = blocking(self, move |keys| keys.make_days(&missing)).await?;
            made = days.iter().filter(|(_, fresh)| *fresh).count();
            for (day, _) in &days {
                store::publish_day(conn, day, now).await?;
            }
            // Read again: another worker may have been first.
            published = store::day_keys(conn, first, last).await?;
        }
        let foreign = blocking(self, move |keys| keys.foreign_among(&published)).await?;
        if foreign.is_empty() { Ok(PublishedDays { made, ready: usize::from(ahead_days) + 1 }) } else { Err(KeysError::Foreign(foreign)) }
    }

    fn make_days(&self, missing: &[NaiveDate]) -> Result<Vec<(PublicDay, bool)>, KeyFileError> {
        let make = |date: &NaiveDate| self.day_or_new(*date).map(|(day, fresh)| (day.publish(*date, self.identity()), fresh));
        missing.iter().map(make).collect()
    }

    fn foreign_among(&self, published: &[PublicDay]) -> Result<Vec<NaiveDate>, KeyFileError> {
        let mut foreign = Vec::new();
        for day in published {
            let own = self.day(day.date)?.map(|own| own.publish(day.date, self.identity()));
            if own.as_ref() != Some(day) {
                foreign.push(day.date);
            }
        }
        Ok(foreign)
    }

    /// Gives web processes the mac keys of D−2 … D+8 ([`DAYS_AHEAD`]), wrapped under its data key, and takes all others back. Writes only what
    /// is missing (the table is empty after a crash of Postgres) or was wrapped under another data key.
    ///
    /// # Errors
    /// [`KeysError`]: the database, the directory or the data keys.
    pub async fn refill_mac_keys(&self, conn: &mut PgConnection, secrets: &SecretKeys, today: NaiveDate) -> Result<(), KeysError> {
        let keys = DataKeys::open(conn, secrets).await?;
        let (first, last) = (today - Days::new(MAC_DAYS_BACK), today + Days::new(u64::from(DAYS_AHEAD)));
        store::take_mac_keys_back(conn, first, last).await?;
        for date in dates(first, last) {
            let Some(day) = blocking(self, move |keys| keys.day(date)).await? else { continue };
            let there = store::mac_key(conn, date).await?;
            let known = there.and_then(|wrapped| MacKey::unwrap(&keys, date, &wrapped));
            if known.is_some_and(|known| bool::from(known.bytes().ct_eq(day.mac_key.bytes()))) {
                continue;
            }
            let wrapped = day.mac_key.wrap(&keys, date).ok_or(KeysError::Unwrap(date))?;
            store::hand_over_mac_key(conn, date, &wrapped).await?;
        }
        Ok(())
    }
}

fn dates(first: NaiveDate, last: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    first.iter_days().take_while(move |date| *date <= last)
}
