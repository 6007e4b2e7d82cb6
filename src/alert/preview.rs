//! A preview of an alert: visits per stay, and the exact words of its notices.
use super::progress::{self, State, Status};
use super::wording::watch_until;
use super::{AlertError, AlertId, AlertNumber, Digest, Texts, Wording, correction, store};
use crate::base::config::Service;
use crate::case::Stay;
use crate::venue::VenueId;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// The numbers of one stay. Counts, never people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct StayCount {
    /// Where.
    pub venue_id: VenueId,
    /// On which business date.
    pub date: NaiveDate,
    /// Visits recorded there that day.
    pub visits: i64,
    /// Of these, those that this or another alert has told already, by a notice that still holds.
    pub already_alerted: i64,
    /// Of the rest, those who once got a notice that was withdrawn. Their mail says in one sentence that this one holds.
    pub withdrawn: i64,
}

impl StayCount {
    /// Visits that would get a notice.
    #[must_use]
    pub fn untold(&self) -> i64 {
        self.visits - self.already_alerted
    }
}

/// The preview that two people look at before anything is sent.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Preview {
    /// The alert that was looked at.
    #[serde(skip)]
    pub alert: AlertId,
    /// All stays, ordered by venue and date.
    pub stays: Vec<StayCount>,
    /// Visits that would get a notice: the sum of `visits - already_alerted`. This is the number that an approver types.
    pub visits: i64,
    /// Of these, those who once got a notice that was withdrawn.
    pub withdrawn: i64,
    /// The exact words in every language.
    pub text: Texts,
    /// The choices among them.
    #[serde(skip)]
    pub wording: Wording,
    /// The alert's number as it stands in the words.
    pub number: AlertNumber,
    /// The revision that an approval of this preview would bind.
    pub revision: i32,
    /// The digest that an approval of this preview would bind.
    pub digest: Digest,
}

/// Looks at an alert as it is now.
///
/// # Errors
/// [`AlertError::Unknown`].
pub async fn preview(conn: &mut PgConnection, now: DateTime<Utc>, service: &Service, alert: AlertId) -> Result<Preview, AlertError> {
    let status = progress::status(conn, alert).await?.ok_or(AlertError::Unknown)?;
    Ok(preview_of(conn, now, service, &status).await?)
}

pub(super) async fn preview_of(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    service: &Service,
    status: &Status,
) -> Result<Preview, sqlx::Error> {
    if let Some(corrected) = status.corrects {
        return correction::preview_of(conn, service, status, corrected).await;
    }
    let stays = store::stays(conn, status.id).await?;
    let names = store::names_that_may_be_told(conn, status.id).await?;
    let wording = wording_at(status, now, service);
    let text = Texts::render(service, &status.number, &wording, &names);
    let digest = Digest::of(&stays, &text, status.tonight_submitted.as_deref());
    let stays = count(conn, &stays).await?;
    let visits = stays.iter().map(StayCount::untold).sum();
    let withdrawn = stays.iter().map(|stay| stay.withdrawn).sum();
    let (number, revision) = (status.number.clone(), status.next_revision());
    Ok(Preview { alert: status.id, stays, visits, withdrawn, text, wording, number, revision, digest })
}

/// The wording as it would be submitted at `now`: a draft's date follows the day unless somebody chose it.
fn wording_at(status: &Status, now: DateTime<Utc>, service: &Service) -> Wording {
    let follows = status.state == State::Draft && !status.until_chosen;
    let until = if follows { watch_until(now, service.zone) } else { status.wording.until };
    Wording { until, ..status.wording.clone() }
}

/// Counts each stay by a statement of its own: one venue and one date each, so that a distributed `visit` answers from one
/// shard (docs/DESIGN.md §3 "Time, retention, growth").
pub(super) async fn count(conn: &mut PgConnection, stays: &BTreeSet<Stay>) -> Result<Vec<StayCount>, sqlx::Error> {
    let mut counts = Vec::with_capacity(stays.len());
    for stay in stays {
        let store::StayNumbers { visits, already, withdrawn } = store::count_stay(conn, *stay).await?;
        counts.push(StayCount { venue_id: stay.venue_id, date: stay.date, visits, already_alerted: already, withdrawn });
    }
    Ok(counts)
}
