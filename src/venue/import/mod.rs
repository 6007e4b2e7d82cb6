//! A list of venues becomes venues: all of what is asked for, or nothing.
//!
//! Two steps. [`check`] judges a list and writes nothing; [`import`] makes it, in one transaction with its posters and audit entry.
//! On the console the file waits in the database between the two (see [`keep`]), so what was looked at is what is made, and
//! nothing is uploaded twice. The button pressed twice makes one batch. Rows whose venue there is already are left out, and so are
//! rows that a person who opens the file does not see ([`Wanted`]); which those are is decided anew under the lock of the import,
//! so two clerks with the same list make it once.
//!
//! The city vouches for what it hands in: a row with a mailbox becomes `active` at once; a row without one becomes `invited`, and
//! its owner gets a printed letter (see [`super::activation`]). The letters to the mailboxes wait until somebody releases them
//! ([`letters`]), and for [`undo::UNDO_DAYS`] days the import can be taken back ([`undo`]).
mod check;
mod column;
mod known;
pub mod letters;
pub mod undo;

pub use check::{Checked, KnownBy, LeftOut, MAX_POSTERS, Planned, RowError, Twin, Unseen, Wanted, check};
pub use column::{Column, HeadError};
pub use known::find_twins;
pub use letters::{ReleaseError, Released, ToRelease, release, to_release};

pub(in crate::venue) use known::Numbered;

use super::store::import::{self as store, HandedIn};
use super::{City, VenueId, VenueStatus};
use crate::audit::Target;
use crate::base::db;
use crate::base::id::ids;
use crate::official::Act;
use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

ids!(
    /// One list that was handed in, and the batch of venues that it made.
    ImportId,
);

impl From<ImportId> for Target {
    fn from(id: ImportId) -> Self {
        Self::one("venue_import", id.0)
    }
}

/// How long a checked file waits for the button. It holds mail addresses: no longer than a meeting.
pub const KEPT_MINUTES: i64 = 60;
/// The same file within this time is most likely the button pressed twice, or a colleague: whoever hands it in is told of it.
pub const AGAIN_MINUTES: i64 = 60;
/// Batches that are listed.
const MAX_LISTED: i64 = 50;
/// Venues written by one statement.
const CHUNK: usize = 500;
/// One import at a time, so that two of the same file see each other.
const LOCK: &str = "venue_import";

/// A file's hash, by which it is known again.
#[must_use]
pub fn fingerprint(file: &[u8]) -> [u8; 32] {
    Sha256::digest(file).into()
}

/// Whether the same file was imported a moment ago, and as which batch.
///
/// # Errors
/// The database.
pub async fn imported_before(conn: &mut PgConnection, now: DateTime<Utc>, file_sha256: [u8; 32]) -> Result<Option<ImportId>, sqlx::Error> {
    store::imported_since(conn, file_sha256, now - Duration::minutes(AGAIN_MINUTES)).await
}

/// Keeps a file that was checked until the button is pressed, at most [`KEPT_MINUTES`]. Others that have waited longer are forgotten.
///
/// # Errors
/// The database.
pub async fn keep<With>(act: &mut Act<'_, City, With>, file: &[u8]) -> Result<ImportId, sqlx::Error> {
    forget_files(&mut act.tx, act.now).await?;
    let id = ImportId::random();
    let list = HandedIn { id, file_sha256: fingerprint(file), at: act.now, by: &act.by.principal };
    store::keep(&mut act.tx, &list, file).await?;
    Ok(id)
}

/// The file that waits, for whoever kept it. `None`: imported, forgotten, or another's.
///
/// # Errors
/// The database.
pub async fn kept(conn: &mut PgConnection, now: DateTime<Utc>, by: &City, id: ImportId) -> Result<Option<Vec<u8>>, sqlx::Error> {
    store::kept(conn, id, &by.principal, now - Duration::minutes(KEPT_MINUTES)).await
}

/// Forgets files that waited too long. For retention too.
///
/// # Errors
/// The database.
pub async fn forget_files(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    store::forget(conn, now - Duration::minutes(KEPT_MINUTES)).await
}

/// Why a list was not imported. Nothing is left of it once the caller's transaction is rolled back.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Some row is wrong.
    #[error("{0} things in the list are wrong")]
    Errors(usize),
    /// This very file was made by the button already, or nothing in it is new and it was imported within [`AGAIN_MINUTES`].
    #[error("the same file was imported a moment ago")]
    Again(ImportId),
    /// Every row is known, hidden or struck out, and none of that was asked for.
    #[error("nothing in the list is new")]
    NothingNew,
    /// The database.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

/// A batch that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Imported {
    /// The batch.
    pub id: ImportId,
    /// Venues.
    pub venues: usize,
    /// Posters.
    pub posters: usize,
    /// Venues that wait for their printed letter.
    pub invited: usize,
}

/// Makes every venue of a list that is asked for, or nothing. `id` is the file that was kept, if it was.
///
/// # Errors
/// See [`ImportError`]; the caller rolls back.
pub async fn import<With>(
    act: &mut Act<'_, City, With>,
    checked: &mut Checked,
    file_sha256: [u8; 32],
    id: Option<ImportId>,
) -> Result<Imported, ImportError> {
    if !checked.errors.is_empty() {
        return Err(ImportError::Errors(checked.errors.len()));
    }
    db::lock_transaction(&mut act.tx, LOCK).await?;
    // Two presses of the button at once have both seen the file waiting. What was ticked asks for another list, not for this.
    if let Some(id) = id
        && store::is_imported(&mut act.tx, id).await?
    {
        return Err(ImportError::Again(id));
    }
    // The holder of the lock before us may have made these very venues.
    find_twins(&mut act.tx, checked).await?;
    let (venues, posters, invited) = (checked.venues(), checked.posters(), checked.invited());
    if venues == 0 {
        let before = imported_before(&mut act.tx, act.now, file_sha256).await?;
        return Err(before.map_or(ImportError::NothingNew, ImportError::Again));
    }
    let id = match id {
        Some(id) => id,
        None => ImportId::random(),
    };
    let list = HandedIn { id, file_sha256, at: act.now, by: &act.by.principal };
    store::insert_batch(&mut act.tx, &list, venues, posters).await?;
    let planned: Vec<&Planned> = checked.planned().collect();
    for chunk in planned.chunks(CHUNK) {
        let made: Vec<(VenueId, &Planned)> = chunk.iter().map(|planned| (VenueId::random(), *planned)).collect();
        store::insert_venues(&mut act.tx, id, &made, act.now).await?;
    }
    let (hidden, struck) = (checked.unseen(Unseen::Hidden), checked.unseen(Unseen::Struck));
    let detail = json!({
        "venues": venues, "posters": posters, "invited": invited, "known": checked.known(), "hidden": hidden, "struck": struck,
    });
    act.record("venue.import", id, detail).await?;
    Ok(Imported { id, venues, posters, invited })
}

/// A batch as it stands today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its identifier.
    pub id: ImportId,
    /// When it was imported.
    pub made_at: DateTime<Utc>,
    /// By whom, as a stored principal.
    pub made_by: String,
    /// Venues it made.
    pub venues: i64,
    /// Posters it made.
    pub posters: i64,
    /// Venues that still wait for their owner.
    pub invited: i64,
    /// Venues that people can check in at: active at once by their mail address, or by the letter's code.
    pub activated: i64,
    /// Venues whose letter was printed and is still good.
    pub printed: i64,
    /// When the letters to its owners' mailboxes were released, and by whom.
    pub released_at: Option<DateTime<Utc>>,
    /// By whom, as a stored principal.
    pub released_by: Option<String>,
    /// When it was taken back.
    pub undone_at: Option<DateTime<Utc>>,
    /// By whom, as a stored principal.
    pub undone_by: Option<String>,
    /// Venues that stayed when it was taken back.
    pub kept: i64,
    /// Letters that wait for the release, or for their turn.
    pub held: i64,
    /// Letters that were posted.
    pub posted: i64,
    /// Letters that nobody gets: their venue was not active any more when their turn came.
    pub mails_left_out: i64,
    /// Letters that the undo came before.
    pub withdrawn: i64,
    /// Owners who had their letter when the import was undone: they are told, or will be in a moment.
    pub recalled: i64,
}

impl Batch {
    /// How it stands, for programs; `kept` are the venues that stayed when it was taken back, or the first of them.
    #[must_use]
    pub fn told(&self, kept: &[undo::Kept]) -> serde_json::Value {
        json!({
            "id": self.id, "made_at": self.made_at, "venues": self.venues, "posters": self.posters, "invited": self.invited,
            "activated": self.activated, "printed": self.printed,
            "mails": {
                "held": self.held, "posted": self.posted, "left_out": self.mails_left_out, "withdrawn": self.withdrawn,
                "recalled": self.recalled,
            },
            "released_at": self.released_at, "undo_until": self.undo_until(), "undone_at": self.undone_at,
            "kept_count": self.kept, "kept": kept,
        })
    }

    /// Until when it can be taken back.
    #[must_use]
    pub fn undo_until(&self) -> DateTime<Utc> {
        self.made_at + Duration::days(undo::UNDO_DAYS)
    }

    /// Whether it can be taken back now.
    #[must_use]
    pub fn may_undo(&self, now: DateTime<Utc>) -> bool {
        self.undone_at.is_none() && now < self.undo_until()
    }

    /// Whether letters wait for somebody's release.
    #[must_use]
    pub fn waits_for_release(&self) -> bool {
        self.held > 0 && self.released_at.is_none() && self.undone_at.is_none()
    }
}

/// Batches, newest first.
///
/// # Errors
/// The database.
pub async fn batches(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<Batch>, sqlx::Error> {
    store::batches(conn, None, now, MAX_LISTED).await
}

/// One batch.
///
/// # Errors
/// The database.
pub async fn batch(conn: &mut PgConnection, now: DateTime<Utc>, id: ImportId) -> Result<Option<Batch>, sqlx::Error> {
    Ok(store::batches(conn, Some(id), now, 1).await?.pop())
}

/// The venues of a batch that wait for their owner: row, venue, posters.
///
/// # Errors
/// The database.
pub async fn waiting(conn: &mut PgConnection, id: ImportId) -> Result<Vec<(i32, VenueId, i64)>, sqlx::Error> {
    store::waiting(conn, id).await
}

/// A venue of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The venue.
    pub id: VenueId,
    /// Its row in the list.
    pub row: i32,
    /// The city's own number for it.
    pub reference: Option<String>,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub address: String,
    /// Where it stands.
    pub status: VenueStatus,
}

/// The venues of a batch in the list's order: up to `limit` after row `after`.
///
/// # Errors
/// The database.
pub async fn members(conn: &mut PgConnection, id: ImportId, after: i32, limit: i64) -> Result<Vec<Member>, sqlx::Error> {
    store::members(conn, id, after, limit).await
}
