//! Putting letters into the outbox, and counting what is in it.
use super::letter::{Letter, LetterError};
use super::sending::{self, StopKind};
use super::{board, store};
use crate::base::clock::Zone;
use crate::base::telemetry::Metrics;
use crate::keys::{LetterNotSealed, NotReady, Sealer};
use chrono::{DateTime, Duration as Span, NaiveDate, Utc};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

/// How long delivery is tried in all (docs/DESIGN.md §3 "Mail"); then the row is `dead` with the reason `expired`.
pub const EXPIRY: Span = Span::hours(72);
/// Most different reasons that [`reasons`] lists. Codes, not texts: more than this is noise.
pub const MAX_REASONS: u8 = 50;

/// Why a letter was not posted. Nothing was written then.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// No key to seal with is at hand; passes by itself.
    #[error(transparent)]
    NotReady(#[from] NotReady),
    /// The payload is longer than [`crate::keys::MAX_LETTER_BYTES`].
    #[error("the letter is too long")]
    TooLong,
    /// The database did not take it.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

impl From<LetterError> for PostError {
    fn from(_: LetterError) -> Self {
        Self::TooLong
    }
}

impl From<LetterNotSealed> for PostError {
    fn from(error: LetterNotSealed) -> Self {
        match error {
            LetterNotSealed::NotReady(error) => Self::NotReady(error),
            LetterNotSealed::TooLong => Self::TooLong,
        }
    }
}

pub(super) struct NewLetter<'a> {
    pub(super) id: Uuid,
    pub(super) kind: &'static str,
    pub(super) visit_date: NaiveDate,
    pub(super) epoch_id: i64,
    pub(super) sealed: &'a [u8],
    pub(super) now: DateTime<Utc>,
    pub(super) next_at: DateTime<Utc>,
    pub(super) expires_at: DateTime<Utc>,
}

/// Seals a letter and queues it, in the caller's transaction: it goes out if and only if that commits. Returns its identifier.
pub async fn post(conn: &mut PgConnection, sealer: &Sealer, now: DateTime<Utc>, zone: Zone, letter: &Letter) -> Result<Uuid, PostError> {
    post_at(conn, sealer, now, now, zone, letter).await
}

/// Seals a letter that goes out at `at` or later.
///
/// # Errors
/// [`PostError`].
pub async fn post_at(
    conn: &mut PgConnection,
    sealer: &Sealer,
    now: DateTime<Utc>,
    at: DateTime<Utc>,
    zone: Zone,
    letter: &Letter,
) -> Result<Uuid, PostError> {
    let id = Uuid::new_v4();
    let kind = letter.kind.as_str();
    let sealed = sealer.seal_letter(zone.today(now), id, kind, &letter.payload()?)?;
    let row = NewLetter {
        id,
        kind,
        visit_date: sealed.visit_date,
        epoch_id: sealed.epoch_id,
        sealed: &sealed.sealed,
        now,
        next_at: at,
        expires_at: at + EXPIRY,
    };
    store::insert_letter(conn, &row).await?;
    Ok(id)
}

/// Mails could not be tried from `since` to `until`: what waits gets that time back.
///
/// # Errors
/// The database.
pub async fn not_tried(conn: &mut PgConnection, since: DateTime<Utc>, until: DateTime<Utc>) -> Result<(), sqlx::Error> {
    store::not_tried(conn, since, until).await
}

/// Ends the notices of an alert that have not begun to be sent: `cancelled`, or finally `ambiguous` where one may have arrived.
/// Mails that are being sent this moment end as they end. Returns how many rows were ended.
pub async fn cancel(conn: &mut PgConnection, now: DateTime<Utc>, alert: Uuid) -> Result<u64, sqlx::Error> {
    store::cancel(conn, now, alert).await
}

/// Ends the notices about a visit whose record its visitor erased, as [`cancel`] does, and empties the sealed addresses of those
/// that ended before. Only a mail that is being sent this moment keeps its address, until retention. Returns how many were cancelled.
pub async fn forget_visit(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    venue: Uuid,
    date: NaiveDate,
    mac: &[u8],
) -> Result<u64, sqlx::Error> {
    store::forget_visit(conn, now, venue, date, mac).await
}

/// Has the merged notices of a cancelled alert asked whether the notice that speaks for their person left. They are claimed like others;
/// [`cancel`] leaves them to that.
///
/// # Errors
/// The database.
pub async fn ask_merged(conn: &mut PgConnection, now: DateTime<Utc>, alert: Uuid) -> Result<(), sqlx::Error> {
    store::ask_merged(conn, now, alert).await
}

/// Gives an alert's merged notices their turn again: whoever still has a notice that speaks for them is merged once more.
///
/// # Errors
/// The database.
pub async fn requeue_merged(conn: &mut PgConnection, now: DateTime<Utc>, alert: Uuid) -> Result<u64, sqlx::Error> {
    store::requeue_merged(conn, now, alert).await
}

/// Why a mail is dead that somebody gave up.
pub const GIVEN_UP: &str = "given-up";

/// Reasons of what cannot be sent by any repetition: erased, or not to be opened.
pub const HOPELESS: [&str; 6] = ["erased", "no-key", "no-epoch", "tampered", "malformed", "not-released"];

/// Gives an alert's mails that ended as `bounced` or `dead` another turn: those with one of these reasons, or all. They get the whole
/// time of a new mail. Returns how many.
///
/// # Errors
/// The database.
pub async fn send_again(conn: &mut PgConnection, now: DateTime<Utc>, alert: Uuid, reasons: Option<&[String]>) -> Result<u64, sqlx::Error> {
    store::send_again(conn, now, now + EXPIRY, alert, reasons).await
}

/// Gives an alert's mails that failed in a passing way a new turn now: `deferred` ones, and `dead` ones that expired or were given
/// up. What a server refused for good is not asked again. Returns for how many.
///
/// # Errors
/// The database.
pub async fn retry(conn: &mut PgConnection, now: DateTime<Utc>, alert: Uuid) -> Result<u64, sqlx::Error> {
    store::retry(conn, now, now + EXPIRY, alert).await
}

/// Ends an alert's waiting mails: `dead`, or finally `ambiguous` where one may have arrived. Mails that are being sent this moment
/// end as they end. Returns how many were ended.
///
/// # Errors
/// The database.
pub async fn give_up(conn: &mut PgConnection, now: DateTime<Utc>, alert: Uuid) -> Result<u64, sqlx::Error> {
    store::give_up(conn, now, alert).await
}

/// Rows by state. All fields but the last two sum to the rows there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Wait for their turn, or are being sent.
    pub queued: i64,
    /// Taken by the mail server.
    pub sent: i64,
    /// Failed in a way that passes; tried again.
    pub deferred: i64,
    /// Perhaps taken by the mail server.
    pub ambiguous: i64,
    /// The same person gets another mail of this alert.
    pub merged: i64,
    /// The person wants no notices, or cannot be reached.
    pub suppressed: i64,
    /// There is no such mailbox.
    pub bounced: i64,
    /// The alert was cancelled before.
    pub cancelled: i64,
    /// Cannot be sent; [`reasons`] says why.
    pub dead: i64,
    /// Attempts, over all rows, after which nobody knows whether the mail was taken.
    pub ambiguous_attempts: i64,
    /// Turns, over all rows, after a row had ended.
    pub repeats: i64,
}

impl Counts {
    /// All rows.
    #[must_use]
    pub fn rows(&self) -> i64 {
        self.by_state().iter().map(|(_, rows)| rows).sum()
    }

    /// Both together.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            queued: self.queued + other.queued,
            sent: self.sent + other.sent,
            deferred: self.deferred + other.deferred,
            ambiguous: self.ambiguous + other.ambiguous,
            merged: self.merged + other.merged,
            suppressed: self.suppressed + other.suppressed,
            bounced: self.bounced + other.bounced,
            cancelled: self.cancelled + other.cancelled,
            dead: self.dead + other.dead,
            ambiguous_attempts: self.ambiguous_attempts + other.ambiguous_attempts,
            repeats: self.repeats + other.repeats,
        }
    }

    /// The nine states in the order in which they are always shown, zeroes included.
    #[must_use]
    pub fn by_state(&self) -> [(&'static str, i64); 9] {
        [
            ("queued", self.queued),
            ("sent", self.sent),
            ("deferred", self.deferred),
            ("ambiguous", self.ambiguous),
            ("merged", self.merged),
            ("suppressed", self.suppressed),
            ("bounced", self.bounced),
            ("cancelled", self.cancelled),
            ("dead", self.dead),
        ]
    }
}

/// Why rows are in a state, and how many.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Reason {
    /// The state.
    pub state: String,
    /// A code such as `rcpt 450 4.2.1`.
    pub reason: String,
    /// How many rows.
    pub rows: i64,
    /// When the next of them has its turn; none where none waits.
    pub next_at: Option<DateTime<Utc>>,
}

/// Counts the mails of one alert, those of purged dates included; or all rows that there are, letters among them.
pub async fn counts(executor: impl PgExecutor<'_>, alert: Option<Uuid>) -> Result<Counts, sqlx::Error> {
    match alert {
        None => store::counts(executor).await,
        Some(alert) => Ok(board::store::counts_of(executor, &[alert]).await?.pop().map(|(_, counts)| counts).unwrap_or_default()),
    }
}

/// The fate of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Delivery is not done with it.
    Open,
    /// It was sent, or nobody knows; or its row is gone with its date.
    MayHaveArrived,
    /// It was never sent, and will not be.
    Never,
}

/// Finds the fate of one letter.
///
/// # Errors
/// The database.
pub async fn fate(conn: &mut PgConnection, letter: Uuid) -> Result<Fate, sqlx::Error> {
    Ok(match store::state(conn, letter).await? {
        None => Fate::MayHaveArrived,
        Some((state, _)) if matches!(state.as_str(), "sent" | "ambiguous") => Fate::MayHaveArrived,
        Some((_, true)) => Fate::Never,
        Some((_, false)) => Fate::Open,
    })
}

/// How many mails delivery will still touch; read off the indexes of what waits, however many mails have gone out.
pub async fn waiting(executor: impl PgExecutor<'_>) -> Result<i64, sqlx::Error> {
    store::waiting(executor).await
}

/// When the mail that waits longest was put into the outbox.
pub async fn oldest_waiting(executor: impl PgExecutor<'_>) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    store::oldest_waiting(executor).await
}

/// The reasons of one alert's rows, or of all alerts', most frequent first; at most [`MAX_REASONS`].
pub async fn reasons(executor: impl PgExecutor<'_>, alert: Option<Uuid>) -> Result<Vec<Reason>, sqlx::Error> {
    store::reasons(executor, alert, i64::from(MAX_REASONS)).await
}

/// Brings the outbox's gauges up to date; for a periodic task.
pub async fn measure(conn: &mut PgConnection, now: DateTime<Utc>, metrics: &Metrics) -> Result<Counts, sqlx::Error> {
    let counts = counts(&mut *conn, None).await?;
    for (state, rows) in counts.by_state() {
        metrics.outbox.get_or_create(&[("state", state)]).set(rows);
    }
    let stops = sending::stops(conn).await?;
    for kind in StopKind::ALL {
        let open = stops.iter().filter(|stop| stop.kind == kind).count();
        metrics.sending_stopped.get_or_create(&[("kind", kind.as_str())]).set(i64::try_from(open).unwrap_or(i64::MAX));
    }
    let oldest = oldest_waiting(&mut *conn).await?;
    metrics.oldest_waiting.set(oldest.map_or(0, |at| (now - at).num_seconds().max(0)));
    Ok(counts)
}
