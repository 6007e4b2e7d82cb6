//! Posters: one QR code each, hung somewhere in a venue.
//!
//! A poster's number and label belong to its place; its code belongs to one edition. Rotating gives the same place a new
//! edition with a new code, so counts per number go on while the old paper is dead.
use super::application::{Field, FieldError, Problem};
use super::authority::Authority;
use super::kind::{UnknownName, names};
use super::{PosterId, VenueError, VenueId, VenueKind, VenueStatus, input, store};
use crate::base::code::PosterCode;
use crate::base::text;
use crate::official::Act;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use sqlx::PgConnection;
use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

/// Longest label, in characters; a longer one does not fit a table card.
pub const MAX_LABEL_CHARS: usize = 40;
/// Posters that one form or request may ask for.
pub const MAX_POSTERS_AT_ONCE: usize = 500;
/// Posters of one venue, revoked ones included: the largest hall has fewer seats, and a number must fit `smallint`.
pub const MAX_POSTERS_PER_VENUE: i16 = 5_000;

names! {
    /// Whether a poster's code is alive.
    PosterStatus {
        /// It takes check-ins while its venue is active.
        Active = "active",
        /// Dead for good.
        Revoked = "revoked",
    }
}

/// One edition of a poster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poster {
    /// Its identifier.
    pub id: PosterId,
    /// The venue it hangs in.
    pub venue_id: VenueId,
    /// Its number inside the venue, from 1.
    pub no: i16,
    /// Which edition, from 1; each new code is the next.
    pub edition: i16,
    /// The venue's label for it: 入口, テーブル 3.
    pub label: String,
    /// Its code.
    pub code: PosterCode,
    /// Whether it is alive.
    pub status: PosterStatus,
    /// When this edition was made.
    pub created_at: DateTime<Utc>,
    /// When it died.
    pub revoked_at: Option<DateTime<Utc>>,
    /// The day on which its owner last scanned it and saw which it is.
    pub checked_on: Option<NaiveDate>,
    /// The last business day on which somebody checked in with it, for the first time that day or again.
    pub scanned_on: Option<NaiveDate>,
}

/// A poster with what else is printed on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HangingPoster {
    /// The poster.
    pub poster: Poster,
    /// Its venue's name.
    pub venue_name: String,
    /// Its venue's kind.
    pub kind: VenueKind,
    /// The state of its venue.
    pub venue_status: VenueStatus,
}

/// The facts that a check-in needs. One exists only for an active poster of an active venue, as of the moment it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PosterView {
    /// The venue.
    pub venue_id: VenueId,
    /// The poster.
    pub poster_id: PosterId,
    /// Its number inside the venue.
    pub poster_no: i16,
    /// Its label.
    pub label: String,
    /// The venue's name.
    pub venue_name: String,
    /// The venue's kind.
    pub kind: VenueKind,
    /// When the venue's business day begins, in minutes after midnight.
    pub day_starts_minutes: i16,
    /// An event's first business date.
    pub opens_on: Option<NaiveDate>,
    /// An event's last business date.
    pub closes_on: Option<NaiveDate>,
    /// Whether the venue itself takes no check-ins for now.
    pub paused: bool,
    /// The venue's own words for the confirmation.
    pub message: Option<String>,
}

/// Why a living code takes no check-in on a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    /// The event begins on this date.
    #[error("the event has not begun")]
    NotYet(NaiveDate),
    /// The event ended with this date.
    #[error("the event is over")]
    Over(NaiveDate),
    /// The venue itself takes none for now.
    #[error("the venue takes no check-ins for now")]
    Paused,
}

impl NotNow {
    /// A stable code for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotYet(_) => "event_not_begun",
            Self::Over(_) => "event_over",
            Self::Paused => "venue_paused",
        }
    }
}

impl PosterView {
    /// Whether the code takes check-ins on a business date.
    ///
    /// # Errors
    /// [`NotNow`] says why not.
    pub fn takes(&self, date: NaiveDate) -> Result<(), NotNow> {
        match (self.opens_on, self.closes_on) {
            (Some(opens), _) if date < opens => Err(NotNow::NotYet(opens)),
            (_, Some(closes)) if date > closes => Err(NotNow::Over(closes)),
            _ if self.paused => Err(NotNow::Paused),
            _ => Ok(()),
        }
    }
}

/// Checks labels: 1 … [`MAX_POSTERS_AT_ONCE`], each one line of at most [`MAX_LABEL_CHARS`].
///
/// # Errors
/// Every bad label with its place.
pub fn parse_labels(labels: &[String]) -> Result<Vec<String>, Vec<FieldError>> {
    let error = |entry, problem| FieldError { field: Field::Posters, entry, problem };
    if labels.is_empty() {
        return Err(vec![error(None, Problem::Text(text::TextError::Empty))]);
    }
    if labels.len() > MAX_POSTERS_AT_ONCE {
        return Err(vec![error(None, Problem::TooMany)]);
    }
    let mut good = Vec::with_capacity(labels.len());
    let mut bad = Vec::new();
    for (place, label) in labels.iter().enumerate() {
        match input::line(label, MAX_LABEL_CHARS) {
            Ok(label) => good.push(label),
            Err(problem) => bad.push(error(Some(place), Problem::Text(problem))),
        }
    }
    if bad.is_empty() { Ok(good) } else { Err(bad) }
}

/// All posters of a venue by number, newest edition first; revoked ones too.
pub async fn posters(conn: &mut PgConnection, venue: VenueId) -> Result<Vec<Poster>, sqlx::Error> {
    store::posters(conn, venue).await
}

/// One poster with what is printed on it.
pub async fn poster(conn: &mut PgConnection, id: PosterId) -> Result<Option<HangingPoster>, sqlx::Error> {
    store::poster(conn, id).await
}

/// The poster behind a code, if it takes check-ins. Requests go through [`super::Directory`], which remembers.
pub async fn find_by_code(conn: &mut PgConnection, code: &PosterCode) -> Result<Option<PosterView>, sqlx::Error> {
    store::find_by_code(conn, code).await
}

/// Adds a poster per label, numbered after the last. Labels come from [`parse_labels`]; here they are only bounded in number.
///
/// # Errors
/// [`VenueError::Unknown`], [`VenueError::NoPostersFor`] (refused, closed), [`VenueError::TooManyPosters`], [`VenueError::LabelThere`],
/// [`VenueError::Db`].
pub async fn add_posters<By: Copy + Into<Authority>>(
    act: &mut Act<'_, By>,
    venue: VenueId,
    labels: &[String],
) -> Result<Vec<Poster>, VenueError> {
    let actor = act.by.into().over(venue)?;
    let status = store::lock_venue(&mut act.tx, venue).await?.ok_or(VenueError::Unknown)?.status;
    if matches!(status, VenueStatus::Refused | VenueStatus::Closed) {
        return Err(VenueError::NoPostersFor(status));
    }
    let last = store::last_poster_no(&mut act.tx, venue).await?;
    let added = i16::try_from(labels.len()).unwrap_or(i16::MAX);
    if added > MAX_POSTERS_PER_VENUE.saturating_sub(last) {
        return Err(VenueError::TooManyPosters);
    }
    check_labels(&mut act.tx, venue, labels, None).await?;
    let made = store::insert_posters(&mut act.tx, venue, last.saturating_add(1), labels, act.now).await?;
    act.record_as(actor, "venue.add_posters", venue, json!({ "posters": labels.len() })).await?;
    Ok(made)
}

/// Refuses a label that another hanging poster of the venue, which is locked, bears; `but` may keep its own.
pub(super) async fn check_labels(
    tx: &mut PgConnection,
    venue: VenueId,
    labels: &[String],
    but: Option<PosterId>,
) -> Result<(), VenueError> {
    let posters = store::posters(tx, venue).await?;
    let hanging = posters.iter().filter(|poster| poster.status == PosterStatus::Active && Some(poster.id) != but);
    let there: HashSet<&str> = hanging.map(|poster| poster.label.as_str()).collect();
    match labels.iter().find(|label| there.contains(label.as_str())) {
        Some(twice) => Err(VenueError::LabelThere(twice.clone())),
        None => Ok(()),
    }
}

/// Kills a poster's code. `false`: it was dead before.
///
/// # Errors
/// [`VenueError::Unknown`] when this venue has no such poster; [`VenueError::Db`].
pub async fn revoke<By: Copy + Into<Authority>>(act: &mut Act<'_, By>, venue: VenueId, id: PosterId) -> Result<bool, VenueError> {
    let actor = act.by.into().over(venue)?;
    let poster = lock(&mut act.tx, venue, id).await?;
    let alive = store::revoke(&mut act.tx, id, act.now).await?;
    if alive {
        act.record_as(actor, "venue.revoke_poster", venue, json!({ "no": poster.no, "edition": poster.edition })).await?;
    }
    Ok(alive)
}

/// Kills a poster's code and gives its place, number and label, the next edition with a new code.
///
/// # Errors
/// [`VenueError::Unknown`] when this venue has no such poster; [`VenueError::Revoked`] when its code is dead already
/// (so a double click makes one edition, not two); [`VenueError::Db`].
pub async fn rotate<By: Copy + Into<Authority>>(act: &mut Act<'_, By>, venue: VenueId, id: PosterId) -> Result<Poster, VenueError> {
    let actor = act.by.into().over(venue)?;
    let old = lock(&mut act.tx, venue, id).await?;
    if !store::revoke(&mut act.tx, id, act.now).await? {
        return Err(VenueError::Revoked);
    }
    let new = store::insert_edition(&mut act.tx, &old, act.now).await?;
    act.record_as(actor, "venue.rotate_poster", venue, json!({ "no": new.no, "edition": new.edition })).await?;
    Ok(new)
}

/// The poster, with its venue's row locked: all changes of one venue's posters come one after the other.
async fn lock(tx: &mut PgConnection, venue: VenueId, id: PosterId) -> Result<Poster, VenueError> {
    store::lock_venue(tx, venue).await?.ok_or(VenueError::Unknown)?;
    let found = store::poster(tx, id).await?.ok_or(VenueError::Unknown)?;
    if found.poster.venue_id == venue { Ok(found.poster) } else { Err(VenueError::Unknown) }
}
