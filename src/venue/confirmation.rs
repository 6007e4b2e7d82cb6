//! The contact mail is proven: by the link in the letter, or by its eight digits typed on the page.
//!
//! Mail scanners open links, so looking a link up uses nothing up; only the button confirms. What a guesser learns is the
//! same whether the venue exists, is confirmed, has expired or has no tries left. Digits open the own page of all the mailbox's
//! venues. Chance to guess some: [`MAX_TRIES`] × [`MAX_LETTERS_TO_MAILBOX`] in 10⁸ a day, from however many addresses.
use super::application::status_by;
use super::digits::read_digits;
use super::proof::Proof;
use super::store::Pending;
use super::{VenueError, VenueId, VenueStatus, letters, store};
use crate::audit::{self, Actor, Entry};
use crate::base::config::VenuePolicy;
use crate::base::db;
use crate::base::email_address::EmailAddress;
use crate::base::locale::Locale;
use crate::base::slow_hash::{Busy, SlowHasher};
use crate::base::token::Token;
use crate::mail::Letter;
use crate::official::Act;
use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use sqlx::{PgConnection, PgPool};

/// How long link and digits are good, from the moment of the letter.
pub const VALID_DAYS: i64 = 7;
/// Digits that may be typed before a new letter must be asked for; a CHECK holds it too.
pub const MAX_TRIES: i16 = 5;
/// Letters one application may cause, so that nobody's mailbox is filled through us; a CHECK holds it too.
pub const MAX_LETTERS: i16 = 10;
/// Letters of all applications in a mailbox's name within [`MAILBOX_HOURS`] that it has not confirmed: an organiser enters two dozen
/// places in a row; who applies in a stranger's name fills no mailbox and gets few digits to guess.
pub const MAX_LETTERS_TO_MAILBOX: i64 = 30;
/// For how long those letters count.
pub const MAILBOX_HOURS: i64 = 24;
/// Shortest time between two letters: a second click is not a second letter.
pub const LETTER_PAUSE_SECONDS: i64 = 60;

/// Why a confirmation was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    /// Not eight digits. It does not count as a try, for it could never be right.
    #[error("eight digits are needed")]
    NotEightDigits,
    /// Wrong, unknown, expired, or no tries left: one answer for all.
    #[error("this link or code is not good; ask for a new letter")]
    Refused,
    /// Worth another try in a few seconds.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The database.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

/// The content of the page behind the link before the button is pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingVenue {
    /// The venue.
    pub id: VenueId,
    /// Its name.
    pub name: String,
    /// Where it stands; anything but `unconfirmed` means it was confirmed before.
    pub status: VenueStatus,
    /// The language of its letters.
    pub locale: Locale,
    /// Link and digits are good before this.
    pub expires_at: DateTime<Utc>,
}

/// A proven contact mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed {
    /// The venue.
    pub id: VenueId,
    /// Its name.
    pub name: String,
    /// Its state now.
    pub status: VenueStatus,
    /// Whether this confirmation did it; `false`: it was confirmed before, and nothing changed.
    pub first: bool,
}

/// The digits of a letter as they were typed on a venue's page. No `Debug`.
#[derive(Clone, Copy)]
pub struct TypedDigits<'a> {
    /// The venue of the page.
    pub venue: VenueId,
    /// As they were typed.
    pub text: &'a str,
}

/// Looks a link up without using anything up. `None`: unknown or expired.
pub async fn peek(conn: &mut PgConnection, now: DateTime<Utc>, token: &Token) -> Result<Option<PendingVenue>, sqlx::Error> {
    let found = store::confirmation_by_token(conn, token.sha256(), now).await?;
    Ok(found.map(|(pending, expires_at)| PendingVenue {
        id: pending.id,
        name: pending.name,
        status: pending.status,
        locale: pending.locale,
        expires_at,
    }))
}

/// Confirms by the link. Twice is harmless: the second time says so.
///
/// # Errors
/// [`ConfirmError::Refused`] and [`ConfirmError::Db`].
pub async fn confirm(tx: &mut PgConnection, now: DateTime<Utc>, policy: VenuePolicy, token: &Token) -> Result<Confirmed, ConfirmError> {
    let (pending, _) = store::confirmation_by_token(tx, token.sha256(), now).await?.ok_or(ConfirmError::Refused)?;
    complete(tx, now, policy, pending).await
}

/// Confirms by the venue's identifier (it stands in the page on which the digits are typed) and the eight digits.
/// Takes the pool: the try is counted and committed *before* the digits are looked at, so that guesses at the same time,
/// or a client that hangs up, win nothing.
///
/// # Errors
/// See [`ConfirmError`].
pub async fn confirm_by_digits(
    pool: &PgPool,
    hasher: &SlowHasher,
    now: DateTime<Utc>,
    policy: VenuePolicy,
    typed: TypedDigits<'_>,
) -> Result<Confirmed, ConfirmError> {
    let venue = typed.venue;
    let digits = read_digits(typed.text).ok_or(ConfirmError::NotEightDigits)?;
    let stored = store::take_try(&mut *pool.acquire().await?, venue, MAX_TRIES, now).await?;
    if !hasher.verify(digits, stored).await? {
        return Err(ConfirmError::Refused);
    }
    let mut tx = pool.begin().await?;
    let pending = store::pending(&mut tx, venue).await?.ok_or(ConfirmError::Refused)?;
    let confirmed = complete(&mut tx, now, policy, pending).await?;
    // The right digits may be typed again: only wrong ones count.
    store::reset_tries(&mut tx, venue).await?;
    tx.commit().await?;
    Ok(confirmed)
}

async fn complete(tx: &mut PgConnection, now: DateTime<Utc>, policy: VenuePolicy, pending: Pending) -> Result<Confirmed, ConfirmError> {
    let Pending { id, name, .. } = pending;
    if store::activation::take_mailbox(tx, id, now).await? {
        let (actor, target_id) = (Actor::Venue(id.0), Some(id.0));
        let entry = Entry { actor, action: "venue.confirm_mailbox", target_kind: "venue", target_id, detail: json!({}) };
        audit::record(tx, now, &entry).await?;
        let status = store::status(tx, id).await?.ok_or(ConfirmError::Refused)?;
        return Ok(Confirmed { id, name, status, first: true });
    }
    let target = status_by(policy);
    if !store::confirm(tx, id, target, now).await? {
        let status = store::status(tx, id).await?.ok_or(ConfirmError::Refused)?;
        return Ok(Confirmed { id, name, status, first: false });
    }
    let entry = Entry {
        actor: Actor::Venue(id.0),
        action: "venue.confirm",
        target_kind: "venue",
        target_id: Some(id.0),
        detail: json!({ "status": target }),
    };
    audit::record(tx, now, &entry).await?;
    Ok(Confirmed { id, name, status: target, first: true })
}

/// Sends a new letter with a new link and new digits; the old ones are dead and the tries begin anew.
/// `false` when there is nothing to confirm, or letters went out too often or a moment ago: the page says the same either way.
///
/// # Errors
/// [`VenueError::Post`] and [`VenueError::Db`].
pub async fn resend<By>(act: &mut Act<'_, By>, venue: VenueId, proof: &Proof) -> Result<bool, VenueError> {
    let Some(pending) = store::pending(&mut act.tx, venue).await? else {
        return Ok(false);
    };
    let Some(contact) = &pending.contact else {
        return Ok(false);
    };
    if !may_write_to(&mut act.tx, contact, act.now).await? {
        return Ok(false);
    }
    let mailbox = UnprovenMailbox { venue, name: &pending.name, contact, locale: pending.locale };
    let new = new_confirmation(mailbox, proof, act.now);
    let renewed = store::renew_confirmation(&mut act.tx, venue, proof, act.now, new.expires_at).await?;
    if renewed {
        act.post(&new.letter).await?;
    }
    Ok(renewed)
}

/// Whether this mailbox may get one more letter that it did not ask for. Who asks for the same mailbox at the same time waits.
pub(super) async fn may_write_to(tx: &mut PgConnection, contact: &EmailAddress, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    let mailbox = contact.normalised();
    db::lock_transaction(tx, &format!("letters to {}", mailbox.as_str())).await?;
    Ok(store::activation::unanswered_letters(tx, &mailbox, now - Duration::hours(MAILBOX_HOURS)).await? < MAX_LETTERS_TO_MAILBOX)
}

/// A letter and how long what it carries is good.
pub(super) struct NewConfirmation {
    pub(super) letter: Letter,
    pub(super) expires_at: DateTime<Utc>,
}

/// A mailbox that is to be proven, and the venue that named it.
#[derive(Clone, Copy)]
pub(super) struct UnprovenMailbox<'a> {
    pub(super) venue: VenueId,
    /// The venue's name.
    pub(super) name: &'a str,
    pub(super) contact: &'a EmailAddress,
    /// The language of the venue's letters.
    pub(super) locale: Locale,
}

pub(super) fn new_confirmation(mailbox: UnprovenMailbox<'_>, proof: &Proof, now: DateTime<Utc>) -> NewConfirmation {
    let UnprovenMailbox { venue, name, contact, locale } = mailbox;
    let expires_at = now + Duration::days(VALID_DAYS);
    NewConfirmation { letter: letters::confirmation(venue, name, contact, locale, proof, expires_at), expires_at }
}
