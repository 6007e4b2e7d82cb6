//! One web process's sealing for one business date: an encapsulated secret (RFC 9180), of which both sides derive a row key.
use super::cipher::RowKey;
use super::day_key::{DayKem, PUBLIC_LEN};
use super::{KeysError, date_bytes, sealed};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use hpke::aead::ExportOnlyAead;
use hpke::kdf::HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use rand::RngExt;
use std::sync::atomic::{AtomicU32, Ordering};
use zeroize::Zeroizing;

/// Texts that one row key seals at most: a quarter of what random nonces allow (NIST SP 800-38D §8.3).
pub(super) const MAX_ROWS: u32 = 1 << 30;
/// From here on a refresh opens the next epoch, so that the limit itself is never met in a request.
pub(super) const ROTATE_ROWS: u32 = MAX_ROWS / 2;
/// Oldest age at which a refresh opens the next epoch, so that no row key lives long.
pub(super) const ROTATE_AGE: Duration = Duration::hours(24);

/// An epoch that seals. Its row key is in memory alone, and wiped on drop.
pub(super) struct Epoch {
    pub(super) id: i64,
    opened_at: DateTime<Utc>,
    key: RowKey,
    rows: AtomicU32,
}

/// An epoch as the database keeps it.
pub(super) struct EpochRow {
    pub(super) id: i64,
    pub(super) date: NaiveDate,
    /// The encapsulated key.
    pub(super) enc: Vec<u8>,
    /// A known text, sealed like a row.
    pub(super) canary: Vec<u8>,
}

impl Epoch {
    /// Opens an epoch towards a date's public key. Nothing may be sealed before its row is committed.
    pub(super) fn open(date: NaiveDate, public_key: &[u8; PUBLIC_LEN], now: DateTime<Utc>) -> Result<(Self, EpochRow), KeysError> {
        let rng = &mut rand::rng();
        let id: i64 = rng.random();
        let bad = |_| KeysError::BadPublicKey(date);
        let recipient = <DayKem as Kem>::PublicKey::from_bytes(public_key).map_err(bad)?;
        let (enc, context) =
            hpke::setup_sender_with_rng::<ExportOnlyAead, HkdfSha256, DayKem>(&OpModeS::Base, &recipient, &info(date, id), rng)
                .map_err(bad)?;
        let mut secret = Zeroizing::new([0; 32]);
        context.export(EXPORT_LABEL, secret.as_mut()).map_err(bad)?;
        let key = RowKey::new(&secret);
        let canary =
            key.seal(&sealed::canary_place(date, id), sealed::CANARY_SIZE, sealed::write_canary).ok_or(KeysError::BadPublicKey(date))?;
        let row = EpochRow { id, date, enc: enc.to_bytes().to_vec(), canary };
        // The canary was the first text.
        Ok((Self { id, opened_at: now, key, rows: AtomicU32::new(1) }, row))
    }

    /// The row key, for one more text; `None` when [`MAX_ROWS`] were sealed.
    pub(super) fn take(&self) -> Option<&RowKey> {
        // Taking past the limit does not count, so the counter cannot run over and begin anew.
        let one_more = |rows| (rows < MAX_ROWS).then_some(rows + 1);
        self.rows.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).is_ok().then_some(&self.key)
    }

    /// Whether one more text may be sealed.
    pub(super) fn has_room(&self) -> bool {
        self.rows.load(Ordering::Relaxed) < MAX_ROWS
    }

    /// Whether the next epoch should be opened.
    pub(super) fn is_spent(&self, now: DateTime<Utc>) -> bool {
        self.rows.load(Ordering::Relaxed) >= ROTATE_ROWS || now - self.opened_at >= ROTATE_AGE
    }

    #[cfg(test)]
    pub(super) fn set_rows(&self, rows: u32) {
        self.rows.store(rows, Ordering::Relaxed);
    }
}

const EXPORT_LABEL: &[u8] = b"ashiato row key v1";

/// Binds the secret to its epoch and date: an epoch's row under another identifier or date gives another key.
fn info(date: NaiveDate, id: i64) -> Vec<u8> {
    [b"ashiato epoch v1".as_slice(), &date_bytes(date), &id.to_be_bytes()].concat()
}

/// The worker's side: the row key of an epoch. `None` when `enc` is no point of the curve.
pub(super) fn row_key(private_key: &<DayKem as Kem>::PrivateKey, date: NaiveDate, id: i64, enc: &[u8]) -> Option<RowKey> {
    let enc = <DayKem as Kem>::EncappedKey::from_bytes(enc).ok()?;
    let context = hpke::setup_receiver::<ExportOnlyAead, HkdfSha256, DayKem>(&OpModeR::Base, private_key, &enc, &info(date, id)).ok()?;
    let mut secret = Zeroizing::new([0; 32]);
    context.export(EXPORT_LABEL, secret.as_mut()).ok()?;
    Some(RowKey::new(&secret))
}

/// Whether the epoch's canary opens under `key` and holds what it should.
pub(super) fn canary_opens(key: &RowKey, row: &EpochRow) -> bool {
    key.open(&sealed::canary_place(row.date, row.id), &row.canary).is_some_and(|text| sealed::is_canary(&text))
}

#[cfg(test)]
mod tests {
    use super::super::day_key::PrivateDay;
    use super::super::identity::Identity;
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-22T00:00:00Z".parse().unwrap()
    }

    fn opened() -> (PrivateDay, Epoch, EpochRow) {
        let (day, date) = (PrivateDay::random(), "2026-11-22".parse().unwrap());
        let public = day.publish(date, &Identity::random());
        let (epoch, row) = Epoch::open(date, &public.public_key, now()).unwrap();
        (day, epoch, row)
    }

    #[test]
    fn both_sides_derive_the_same_row_key() {
        let (day, epoch, row) = opened();
        let key = row_key(&day.private_key, row.date, row.id, &row.enc).unwrap();
        assert!(canary_opens(&key, &row));
        let sealed = epoch.take().unwrap().seal(b"place", 4, |text| text.copy_from_slice(b"text")).unwrap();
        assert_eq!(key.open(b"place", &sealed).unwrap().as_slice(), b"text");
    }

    #[test]
    fn an_epoch_under_another_key_date_or_identifier_opens_nothing() {
        let (day, _, row) = opened();
        let opens = |day: &PrivateDay, date, id| row_key(&day.private_key, date, id, &row.enc).is_some_and(|key| canary_opens(&key, &row));
        assert!(opens(&day, row.date, row.id));
        assert!(!opens(&PrivateDay::random(), row.date, row.id));
        assert!(!opens(&day, row.date.succ_opt().unwrap(), row.id));
        assert!(!opens(&day, row.date, row.id ^ 1));
        assert!(row_key(&day.private_key, row.date, row.id, &[4; PUBLIC_LEN]).is_none());
    }

    #[test]
    fn a_key_that_is_no_point_is_refused() {
        assert!(matches!(Epoch::open(now().date_naive(), &[4; PUBLIC_LEN], now()), Err(KeysError::BadPublicKey(_))));
    }

    #[test]
    fn the_last_row_is_sealed_and_the_next_is_not() {
        let (_, epoch, _) = opened();
        epoch.set_rows(MAX_ROWS - 1);
        assert!(epoch.has_room() && epoch.take().is_some());
        assert!(!epoch.has_room() && epoch.take().is_none());
        assert!(epoch.take().is_none());
    }

    #[test]
    fn an_epoch_is_renewed_by_age_and_by_half_its_rows() {
        let (_, epoch, _) = opened();
        assert!(!epoch.is_spent(now() + ROTATE_AGE - Duration::seconds(1)));
        assert!(epoch.is_spent(now() + ROTATE_AGE));
        epoch.set_rows(ROTATE_ROWS - 1);
        assert!(!epoch.is_spent(now()));
        epoch.set_rows(ROTATE_ROWS);
        assert!(epoch.is_spent(now()));
    }
}
