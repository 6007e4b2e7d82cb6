//! A check-in from the parsed form to its receipt: mac → seal → one row → answer after commit.
use super::recorder::{RecordError, Recorder, VisitRow};
use crate::base::clock::keep_until;
use crate::base::config::Service;
use crate::base::email_address::EmailAddress;
use crate::base::locale::Locale;
use crate::keys::{NotReady, Sealer};
use crate::venue::{NotNow, PosterView};
use chrono::{DateTime, NaiveDate, Utc};
use std::sync::Arc;

/// One person at one poster. The border has parsed it: the poster takes check-ins, the address can be written to.
pub struct CheckIn {
    /// The poster that was scanned.
    pub poster: Arc<PosterView>,
    /// Where a notice would go.
    pub address: EmailAddress,
    /// The language that a notice would speak.
    pub locale: Locale,
}

/// The answer to the visitor, who shows it at the door. It holds nothing that depends on whether the visit was new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The poster, with its venue's name and its label.
    pub poster: Arc<PosterView>,
    /// The business date of the visit.
    pub visit_date: NaiveDate,
    /// The last date on which the record still exists.
    pub keep_until: NaiveDate,
}

/// Why nothing was recorded. All but [`CheckInError::NotNow`] are 503 for the visitor, who may try again at once without harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckInError {
    /// The venue takes no check-ins on this date.
    #[error(transparent)]
    NotNow(#[from] NotNow),
    /// Two clocks do not agree on the date: to record it on one of them would be a guess.
    #[error("this machine and the database do not agree on the date")]
    DateInDoubt,
    /// No key is ready for the date: never is an address kept in clear instead.
    #[error(transparent)]
    NotReady(#[from] NotReady),
    /// The recorder.
    #[error(transparent)]
    Record(#[from] RecordError),
}

/// Seals and records a check-in; returns after its commit.
///
/// The service says in which zone a date begins, and how long visits are kept.
/// `now` is read once by the caller, so that mac, seal, row and receipt name the same date even at midnight.
/// A second check-in of the same person on that date takes the same way and answers the same.
///
/// # Errors
/// [`CheckInError`]; nothing of the address is in it.
pub async fn check_in(
    sealer: &Sealer,
    recorder: &Recorder,
    now: DateTime<Utc>,
    service: &Service,
    check_in: CheckIn,
) -> Result<Receipt, CheckInError> {
    let CheckIn { poster, address, locale } = check_in;
    let visit_date = service.zone.business_date(now, poster.day_starts_minutes);
    poster.takes(visit_date)?;
    let venue_id = poster.venue_id.0;
    let sealed = sealer.seal_visit(visit_date, venue_id, &address, locale)?;
    // The address is needed no longer, and waiting for the commit is the long part: it is wiped here.
    drop(address);
    let row =
        VisitRow { venue_id, visit_date, mac: sealed.mac, epoch_id: sealed.epoch_id, poster_no: poster.poster_no, sealed: sealed.sealed };
    recorder.record(row).await?;
    Ok(Receipt { poster, visit_date, keep_until: keep_until(visit_date, service.retention_days) })
}
