//! The letters to the owners of an imported list wait for one click: a list with a mistake mails nobody.
//! Only the intention waits, in `venue_import_row.letter`: nothing is sealed ahead, so no link runs out
//! and no key is gone before somebody looks. [`release`] says that they may go; [`post_due`] posts them in
//! turns of [`BATCH`], each in a transaction of its own, so that a list of thousands blocks nobody. A
//! letter goes to the mailbox that its venue has then, and to active venues alone.
//!
//! An import that is undone after its letters have gone owes their owners a word; the same turns post it.
use super::ImportId;
use crate::base::clock::Zone;
use crate::base::db;
use crate::base::email_address::EmailAddress;
use crate::base::locale::Locale;
use crate::keys::Sealer;
use crate::mail::{self, PostError};
use crate::official::Act;
use crate::venue::proof::Link;
use crate::venue::store::{self as venues, import_letters as store};
use crate::venue::{City, VenueId, letters};
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

/// Letters sealed in one transaction: a fraction of a second each.
const BATCH: i64 = 100;
/// One process posts at a time.
const LOCK: &str = "venue_import_letters";

/// Why letters were not released.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// No such import.
    #[error("there is no such import")]
    Unknown,
    /// It was undone: its owners are not to be written to.
    #[error("the import was undone")]
    Undone,
    /// The database.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

/// The result of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Released {
    /// The import.
    pub id: ImportId,
    /// Letters that wait for their turn now.
    pub mails: i64,
    /// Whether this act did it; `false`: they were released before.
    pub changed: bool,
}

/// Lets the letters of an import go. Twice is harmless.
///
/// # Errors
/// See [`ReleaseError`].
pub async fn release<With>(act: &mut Act<'_, City, With>, id: ImportId) -> Result<Released, ReleaseError> {
    let import = store::lock(&mut act.tx, id).await?.ok_or(ReleaseError::Unknown)?;
    if import.undone {
        return Err(ReleaseError::Undone);
    }
    let mails = store::held(&mut act.tx, id).await?;
    if import.released {
        return Ok(Released { id, mails, changed: false });
    }
    store::set_released(&mut act.tx, id, act.now, &act.by.principal).await?;
    act.record("venue.release_mails", id, json!({ "letters": mails })).await?;
    Ok(Released { id, mails, changed: true })
}

/// A letter whose turn it is.
pub(in crate::venue) struct Owed {
    pub(in crate::venue) venue: VenueId,
    pub(in crate::venue) name: String,
    /// `None`: nobody may be written to: the venue has ended or is suspended.
    pub(in crate::venue) contact: Option<EmailAddress>,
    pub(in crate::venue) locale: Locale,
    /// The letter that told of the registration, where this one takes it back.
    pub(in crate::venue) recalls: Option<Option<Uuid>>,
}

/// Letters that wait for somebody's release, of all imports together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToRelease {
    /// How many.
    pub letters: i64,
    /// Of how many imports.
    pub imports: i64,
    /// The newest of these imports.
    pub newest: Option<ImportId>,
}

/// What waits for a release.
///
/// # Errors
/// The database.
pub async fn to_release(conn: &mut PgConnection) -> Result<ToRelease, sqlx::Error> {
    store::to_release(conn).await
}

/// Posts what is released and what is to be taken back, in at most so many turns. Returns how many letters; 0 too while another
/// process is at it.
///
/// # Errors
/// [`PostError`]; what was committed stays, the next call goes on.
pub async fn post_due(conn: &mut PgConnection, sealer: &Sealer, now: DateTime<Utc>, zone: Zone, turns: usize) -> Result<usize, PostError> {
    if !db::try_lock(conn, LOCK).await? {
        return Ok(0);
    }
    let posted = post_turns(conn, sealer, now, zone, turns).await;
    db::unlock(conn, LOCK).await?;
    posted
}

async fn post_turns(conn: &mut PgConnection, sealer: &Sealer, now: DateTime<Utc>, zone: Zone, turns: usize) -> Result<usize, PostError> {
    let mut posted = 0;
    for _ in 0..turns {
        let Some(import) = store::next_import(conn).await? else { break };
        let mut tx = conn.begin().await?;
        // An undo waits for this turn, or this turn sees it.
        store::lock(&mut tx, import).await?;
        let owed = store::owed(&mut tx, import, BATCH).await?;
        for letter in &owed {
            posted += usize::from(post(&mut tx, sealer, now, zone, letter).await?);
        }
        tx.commit().await?;
    }
    Ok(posted)
}

async fn post(tx: &mut PgConnection, sealer: &Sealer, now: DateTime<Utc>, zone: Zone, owed: &Owed) -> Result<bool, PostError> {
    let Some(contact) = &owed.contact else {
        store::settle(tx, owed.venue, if owed.recalls.is_some() { "recalled" } else { "left_out" }, None).await?;
        return Ok(false);
    };
    let (letter, settled) = match owed.recalls {
        Some(told) => (letters::withdrawn(owed.venue, &owed.name, contact, owed.locale, told), "recalled"),
        None => {
            let link = Link::new(now);
            venues::put_link(tx, owed.venue, &link, now).await?;
            (letters::entered(owed.venue, &owed.name, contact, owed.locale, &link), "posted")
        }
    };
    let id = mail::post(tx, sealer, now, zone, &letter).await?;
    store::settle(tx, owed.venue, settled, Some(id)).await?;
    Ok(true)
}
