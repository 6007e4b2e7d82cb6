//! A list of venues becomes venues: all of them, or none.
//!
//! Two steps. [`check`] judges a list and writes nothing; [`import`] makes it, in one transaction with its posters, letters and audit
//! entry. On the console the file waits in the database between the two (see [`keep`]), so what was looked at is what is made, and
//! nothing is uploaded twice. The button pressed twice makes one batch. The same file again within [`AGAIN_MINUTES`] is asked about.
//!
//! The city vouches for what it hands in: a row with a mailbox becomes `active` at once, and its owner gets a letter with the link to
//! his posters; a row without one becomes `invited`, and its owner gets a printed letter (see [`super::activation`]).
mod check;
mod column;

pub use check::{Checked, MAX_POSTERS, Planned, RowError, Twin, check};
pub use column::{Column, HeadError};

use super::store::import as store;
use super::{City, VenueError, VenueId, VenueStatus, letters};
use crate::audit::{self, Entry};
use crate::base::clock::Zone;
use crate::base::db;
use crate::base::id::ids;
use crate::keys::Sealer;
use crate::mail;
use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

ids!(
    /// One list that was handed in, and the batch of venues that it made.
    ImportId,
);

/// How long a checked file waits for the button. It holds mail addresses: no longer than a meeting.
pub const KEPT_MINUTES: i64 = 60;
/// The same file within this time is most likely the button pressed twice, or a colleague.
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

/// Looks for venues of the same name and address, and notes them beside those of the same file.
///
/// # Errors
/// The database.
pub async fn find_twins(conn: &mut PgConnection, checked: &mut Checked) -> Result<(), sqlx::Error> {
    let twins: Vec<[u8; 16]> = checked.planned.iter().map(|planned| planned.entry.twin).collect();
    let known = store::twins(conn, &twins).await?;
    for planned in &checked.planned {
        if let Some((venue, status)) = known.get(&planned.entry.twin) {
            let (row, name) = (planned.row, planned.new.name.clone());
            checked.twins.push(Twin { row, name, earlier_row: None, venue: Some(*venue), status: Some(*status) });
        }
    }
    checked.twins.sort_by_key(|twin| twin.row);
    Ok(())
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
pub async fn keep(tx: &mut PgConnection, now: DateTime<Utc>, by: &City, file: &[u8]) -> Result<ImportId, sqlx::Error> {
    forget_files(tx, now).await?;
    let id = ImportId::random();
    store::keep(tx, id, fingerprint(file), file, now, &by.principal).await?;
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
    /// The same file was imported within [`AGAIN_MINUTES`]; whoever means it says so.
    #[error("the same file was imported a moment ago")]
    Again(ImportId),
    /// A letter, or the database.
    #[error(transparent)]
    Venue(#[from] VenueError),
}

impl From<sqlx::Error> for ImportError {
    fn from(error: sqlx::Error) -> Self {
        Self::Venue(error.into())
    }
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

/// Makes every venue of a list, or nothing. `id` is the file that was kept, if it was.
///
/// # Errors
/// See [`ImportError`]; the caller rolls back.
#[expect(clippy::too_many_arguments, reason = "who, when, what, and how sure")]
pub async fn import(
    tx: &mut PgConnection,
    sealer: &Sealer,
    now: DateTime<Utc>,
    zone: Zone,
    by: &City,
    checked: &Checked,
    file_sha256: [u8; 32],
    id: Option<ImportId>,
    again: bool,
) -> Result<Imported, ImportError> {
    if !checked.errors.is_empty() {
        return Err(ImportError::Errors(checked.errors.len()));
    }
    db::lock_transaction(tx, LOCK).await?;
    // Whoever presses the button twice at once has seen the file waiting twice. What was ticked asks for another list, not for this.
    if let Some(id) = id
        && store::is_imported(tx, id).await?
    {
        return Err(ImportError::Again(id));
    }
    if let Some(before) = imported_before(tx, now, file_sha256).await?.filter(|_| !again) {
        return Err(ImportError::Again(before));
    }
    let id = match id {
        Some(id) => id,
        None => ImportId::random(),
    };
    let (venues, posters, invited) = (checked.planned.len(), checked.posters(), checked.invited());
    store::insert_batch(tx, id, file_sha256, now, &by.principal, venues, posters).await?;
    for chunk in checked.planned.chunks(CHUNK) {
        let made: Vec<(VenueId, &Planned)> = chunk.iter().map(|planned| (VenueId::random(), planned)).collect();
        store::insert_venues(tx, id, &made, now).await?;
        for (venue, planned) in &made {
            if let Some(contact) = &planned.new.contact {
                let link = super::proof::Link::new(now);
                super::store::put_link(tx, *venue, &link, now).await?;
                let letter = letters::entered(*venue, &planned.new.name, contact, planned.new.locale, &link);
                mail::post(tx, sealer, now, zone, &letter).await.map_err(VenueError::from)?;
            }
        }
    }
    let detail = json!({ "venues": venues, "posters": posters, "invited": invited });
    let entry = Entry { actor: by.actor, action: "venue.import", target_kind: "venue_import", target_id: Some(id.0), detail };
    audit::record(tx, now, &entry).await?;
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
