//! Where an alert stands: its state, its delivery in numbers, what waits for a click.
use super::{AlertId, AlertNumber, Wording, listing};
use crate::base::clock::Zone;
use crate::base::window::SendWindow;
use crate::mail::provider::{Fared, Provider};
use crate::mail::{self, Counts, Reason};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::fmt;

/// Where an alert stands. Derived from what people decided and what the worker did; stored nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum State {
    /// Prepared; nobody has asked for its release.
    Draft,
    /// Waits for a second person, at first or again after the worker sent it back.
    Submitted,
    /// Approved; can still be cancelled without anybody having been told.
    Held,
    /// Notices are being queued and sent.
    Sending,
    /// Stopped for the moment.
    Paused,
    /// Every notice has its final state and no date of it accepts check-ins any more.
    Done,
    /// Stopped for good.
    Cancelled,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Held => "held",
            Self::Sending => "sending",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        })
    }
}

/// Why the worker sent an approved alert back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Refusal {
    /// Submitter and approver are the same principal.
    SamePrincipal,
    /// Stays or words are not those that were approved.
    Digest,
    /// Far more visits than the approver saw.
    Growth,
    /// More notices than one alert or one day may send, without an administrator's approval (`MAX_NOTICES_PER_ALERT`, `_DAY`).
    Cap,
    /// A paragraph holds a link, an address, a number or hidden characters, which the web process should not have let pass.
    Wording,
    /// Not signed by two people who count: an account was disabled or reset since, or somebody wrote into the database.
    Unvouched,
}

impl Refusal {
    /// The name in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SamePrincipal => "same_principal",
            Self::Digest => "digest",
            Self::Growth => "growth",
            Self::Cap => "cap",
            Self::Wording => "wording",
            Self::Unvouched => "unvouched",
        }
    }
}

/// An alert as it stands, without its delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Which alert.
    pub id: AlertId,
    /// Its public number.
    pub number: AlertNumber,
    /// Where it stands.
    pub state: State,
    /// The current revision; an approval binds one.
    pub revision: i32,
    /// Its words.
    pub wording: Wording,
    /// Whether somebody chose the wording's date; else it follows the day of the submission.
    pub until_chosen: bool,
    /// Principal who drafted it.
    pub created_by: String,
    /// When it was drafted.
    pub created_at: DateTime<Utc>,
    /// Principal who submitted it.
    pub submitted_by: Option<String>,
    /// When.
    pub submitted_at: Option<DateTime<Utc>>,
    /// Why the submitter asks to send outside the hours, if they do.
    pub tonight_submitted: Option<String>,
    /// Why the approver does.
    pub tonight_approved: Option<String>,
    /// An approver sent it back: it is a draft again.
    pub returned: Option<Returned>,
    /// The alert into which this draft was joined.
    pub replaced_by: Option<AlertId>,
    /// Principal who approved the current revision.
    pub approved_by: Option<String>,
    /// How many visits that approver saw.
    pub approved_visits: Option<i32>,
    /// When the hold of that approval ends.
    pub hold_until: Option<DateTime<Utc>>,
    /// When the worker released it.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was done.
    pub finished_at: Option<DateTime<Utc>>,
    /// Why the worker sent the current revision back.
    pub refused: Option<Refusal>,
    /// Visits that appeared after the release and wait for one click.
    pub late: i64,
    /// A click on late visits that the worker has not handled yet.
    pub release_pending: bool,
    /// Why the last click on late visits was sent back.
    pub release_refused: Option<Refusal>,
    /// The alert that this one corrects.
    pub corrects: Option<AlertId>,
    /// The alert that corrects this one, unless it was cancelled.
    pub corrected_by: Option<AlertId>,
    /// When a correction of it was released: from then on its notices do not count, whatever became of that correction.
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// A request about its mails that the worker has not carried out yet.
    pub request_pending: bool,
}

/// The reason with which an approver sent an alert back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// When.
    pub at: DateTime<Utc>,
    /// Principal who did.
    pub by: String,
    /// In their words.
    pub reason: String,
}

impl Status {
    /// Whether both people chose to send outside the hours.
    #[must_use]
    pub fn is_for_tonight(&self) -> bool {
        self.tonight_submitted.is_some() && self.tonight_approved.is_some()
    }

    /// When its first notices leave, if all goes well: after the hold, and within the hours unless both chose otherwise.
    #[must_use]
    pub fn starts_at(&self, window: SendWindow, zone: Zone) -> Option<DateTime<Utc>> {
        self.hold_until.map(|hold| if self.is_for_tonight() { hold } else { window.opens(hold, zone) })
    }

    /// Whether its words may be changed: nobody waits for it, or the worker sent it back. Those of a correction are fixed.
    #[must_use]
    pub fn may_be_edited(&self) -> bool {
        self.corrects.is_none() && self.may_be_submitted()
    }

    /// Whether it was a mistake, as far as officials said so: it is being corrected, or was. It tells nobody else then.
    #[must_use]
    pub fn is_mistaken(&self) -> bool {
        self.corrected_by.is_some() || self.withdrawn_at.is_some()
    }

    /// Whether somebody may ask for its release: nobody waits for it, or the worker sent it back.
    #[must_use]
    pub fn may_be_submitted(&self) -> bool {
        self.state == State::Draft || self.refused.is_some()
    }

    /// The revision that the next approval would bind: a refused one is used up.
    #[must_use]
    pub fn next_revision(&self) -> i32 {
        self.revision.saturating_add(i32::from(self.refused.is_some()))
    }
}

/// Where one alert stands.
pub async fn status(conn: &mut PgConnection, alert: AlertId) -> Result<Option<Status>, sqlx::Error> {
    Ok(listing::of_ids(conn, &[alert]).await?.pop())
}

/// How mails fare: of one alert, or of all together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Board {
    /// The nine states; they sum to the rows matched.
    pub counts: Counts,
    /// When the mail that waits longest was queued.
    pub oldest_waiting: Option<DateTime<Utc>>,
    /// Mails that were taken within the last minute.
    pub per_minute: i64,
    /// Why mails wait or ended, the most frequent first.
    pub reasons: Vec<Reason>,
    /// How they fared by provider; nothing while there are fewer than [`mail::board::FEW`].
    pub providers: Vec<(Provider, Fared)>,
}

impl Board {
    /// Mails that are not done with.
    #[must_use]
    pub fn waiting(&self) -> i64 {
        self.counts.queued + self.counts.deferred
    }
}

/// How the mails of one alert, or of all, fare at `now`.
///
/// # Errors
/// The database.
pub async fn board(conn: &mut PgConnection, now: DateTime<Utc>, alert: Option<AlertId>) -> Result<Board, sqlx::Error> {
    let id = alert.map(|alert| alert.0);
    let counts = match id {
        Some(id) => mail::counts(&mut *conn, Some(id)).await?,
        None => mail::board::totals(conn).await?,
    };
    Ok(Board {
        counts,
        oldest_waiting: mail::board::oldest_waiting(conn, id).await?,
        per_minute: mail::board::sent_lately(conn, now, id).await?,
        reasons: mail::reasons(&mut *conn, id).await?,
        providers: mail::board::providers(conn, id).await?,
    })
}

/// The counts of several alerts at once, in the order asked.
///
/// # Errors
/// The database.
pub async fn deliveries(conn: &mut PgConnection, alerts: &[AlertId]) -> Result<Vec<Counts>, sqlx::Error> {
    let ids: Vec<_> = alerts.iter().map(|alert| alert.0).collect();
    let found: std::collections::HashMap<_, _> = mail::board::counts_of(conn, &ids).await?.into_iter().collect();
    Ok(ids.iter().map(|id| found.get(id).copied().unwrap_or_default()).collect())
}

/// How an alert's notices fared. `leased` and `submitting` count as queued.
pub async fn delivery(conn: &mut PgConnection, alert: AlertId) -> Result<Counts, sqlx::Error> {
    mail::counts(conn, Some(alert.0)).await
}
