//! An import is taken back: one act for a list that was the wrong one.
//!
//! For [`UNDO_DAYS`] days. What is taken back is closed and its codes die, as by hand; no venue's row is
//! deleted, for a visit may name it, and its visitors can be told as long as visits are kept. A closed
//! venue is not "known" to the next list (see [`super::known`]), so the right list makes it again.
//!
//! Kept back, and told with the reason, is a venue where somebody has checked in, that its owner has
//! opened, or that anybody changed since. Letters that were only printed keep nothing back: that is how
//! most mistakes are seen, and their codes die with their venue.
//!
//! Whether somebody has checked in is asked of the visits themselves, a date at a time, since the day on a
//! poster (`poster.scanned_on`) is written with a delay and lost with a process. The answer is one bit for
//! a whole venue, the same for a person's first check-in and for any later one, so that it tells nobody
//! whether somebody else was there. A check-in in the seconds after, by a process that still knows the
//! code, is recorded at the closed venue and is notified like any other.
//!
//! Letters that wait are withdrawn. Letters that wait in the outbox stop there (`letters::prepare`), and
//! who was told is told once more.
use super::ImportId;
use crate::audit::{self};
use crate::official::Act;
use crate::venue::store::{import_letters, import_undo as store};
use crate::venue::{City, VenueId, VenueStatus};
use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use sqlx::PgConnection;
use std::collections::HashSet;

/// Days for which an import can be taken back: a week of work, in which a clerk sees a wrong list and a venue calls.
pub const UNDO_DAYS: i64 = 7;
/// Acts about a venue that change nothing of it: they keep nothing back.
const HARMLESS: [&str; 4] = ["venue.print_letters", "venue.renew_letter", "venue.review", "read.venue_visits"];

/// Why an import was not taken back. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    /// No such import.
    #[error("there is no such import")]
    Unknown,
    /// It was taken back already.
    #[error("the import was undone already")]
    Undone,
    /// [`UNDO_DAYS`] days are over.
    #[error("an import can be undone for {UNDO_DAYS} days")]
    TooLate,
    /// The database.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

/// Why a venue stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum KeptReason {
    /// Somebody has checked in.
    CheckedIn,
    /// Its owner has activated it, or opened its page by the letter's link.
    Opened,
    /// An official or its owner has changed something.
    Changed,
    /// It was closed before.
    Closed,
}

impl KeptReason {
    /// The name in JSON and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CheckedIn => "checked_in",
            Self::Opened => "opened",
            Self::Changed => "changed",
            Self::Closed => "closed",
        }
    }
}

/// A venue that stays.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Kept {
    /// Its row in the list.
    pub row: i32,
    /// The venue.
    pub venue: VenueId,
    /// Its name.
    pub name: String,
    /// Why.
    pub why: KeptReason,
}

/// The result of an undo, or of its rehearsal.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Undone {
    /// The import.
    pub id: ImportId,
    /// Venues that are closed by it.
    pub venues: usize,
    /// Letters to owners that are not sent.
    pub withdrawn: i64,
    /// Owners who had a letter and get another.
    pub recalled: i64,
    /// Venues that stay, in the list's order.
    pub kept: Vec<Kept>,
}

/// A venue of an import that is to be undone, locked.
pub struct Member {
    pub(in crate::venue) venue: VenueId,
    pub(in crate::venue) row: i32,
    pub(in crate::venue) name: String,
    pub(in crate::venue) status: VenueStatus,
    pub(in crate::venue) scanned: bool,
    pub(in crate::venue) opened: bool,
}

/// The venues of an import that is to be undone, and since when they have taken check-ins.
pub struct Begun {
    id: ImportId,
    made_at: DateTime<Utc>,
    members: Vec<Member>,
}

impl Begun {
    /// The venues.
    #[must_use]
    pub fn venues(&self) -> Vec<VenueId> {
        self.members.iter().map(|member| member.venue).collect()
    }

    /// When they were made; nobody checked in before.
    #[must_use]
    pub fn made_at(&self) -> DateTime<Utc> {
        self.made_at
    }
}

/// Locks an import and its venues, so that nobody changes them before [`finish`]. The caller asks meanwhile where somebody was.
///
/// # Errors
/// See [`UndoError`].
pub async fn begin(tx: &mut PgConnection, now: DateTime<Utc>, id: ImportId) -> Result<Begun, UndoError> {
    let import = import_letters::lock(tx, id).await?.ok_or(UndoError::Unknown)?;
    if import.undone {
        return Err(UndoError::Undone);
    }
    if now >= import.made_at + Duration::days(UNDO_DAYS) {
        return Err(UndoError::TooLate);
    }
    Ok(Begun { id, made_at: import.made_at, members: store::lock_members(tx, id).await? })
}

/// Takes back what may be taken back; `visited` are the venues where somebody has checked in.
///
/// # Errors
/// The database; the caller rolls back.
pub async fn finish<With>(act: &mut Act<'_, City, With>, begun: Begun, visited: &HashSet<VenueId>) -> Result<Undone, UndoError> {
    let id = begun.id;
    let all: Vec<uuid::Uuid> = begun.members.iter().map(|member| member.venue.0).collect();
    let changed = audit::touched(&mut act.tx, "venue", &all, &HARMLESS).await?;
    let mut taken = Vec::new();
    let mut kept = Vec::new();
    for member in begun.members {
        match kept_reason(&member, visited, &changed) {
            Some(why) => kept.push(Kept { row: member.row, venue: member.venue, name: member.name, why }),
            None => taken.push(member.venue),
        }
    }
    store::close(&mut act.tx, &taken, act.now).await?;
    store::keep(&mut act.tx, &kept).await?;
    let (withdrawn, recalled) = store::take_letters_back(&mut act.tx, id, &taken).await?;
    store::set_undone(&mut act.tx, id, act.now, &act.by.principal).await?;
    let detail = json!({ "venues": taken.len(), "kept": kept.len(), "withdrawn": withdrawn, "recalled": recalled });
    act.record("venue.undo_import", id, detail).await?;
    Ok(Undone { id, venues: taken.len(), withdrawn, recalled, kept })
}

/// The venues that stayed when an import was undone: up to `limit`, in the list's order.
///
/// # Errors
/// The database.
pub async fn kept(conn: &mut PgConnection, id: ImportId, limit: i64) -> Result<Vec<Kept>, sqlx::Error> {
    store::kept(conn, id, limit).await
}

fn kept_reason(member: &Member, visited: &HashSet<VenueId>, changed: &HashSet<uuid::Uuid>) -> Option<KeptReason> {
    match member.status {
        VenueStatus::Closed | VenueStatus::Refused => Some(KeptReason::Closed),
        _ if member.scanned || visited.contains(&member.venue) => Some(KeptReason::CheckedIn),
        _ if member.opened => Some(KeptReason::Opened),
        _ if changed.contains(&member.venue.0) => Some(KeptReason::Changed),
        _ => None,
    }
}
