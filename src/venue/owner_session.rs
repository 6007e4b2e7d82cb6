//! A venue's owner proves the contact mailbox and gets a session: by a one-time link, or by eight digits typed on the page that
//! asked. What a guesser learns is the same whether a mailbox has venues or none.
//!
//! The session belongs to the mailbox. Which venues it reaches is asked each time: a venue whose contact was replaced is out of
//! reach of the old mailbox at once.
use super::confirmation::{ConfirmError, MAX_TRIES};
use super::digits::read_digits;
use super::proof::Proof;
use super::store::owner_session::{self as store, NewLink};
use super::{VenueError, VenueId, VenueKind, VenueStatus, letters};
use crate::base::db;
use crate::base::email_address::EmailAddress;
use crate::base::locale::Locale;
use crate::base::slow_hash::SlowHasher;
use crate::base::token::Token;
use crate::official::Act;
use chrono::{DateTime, Duration, Utc};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// How long a mailed link and its digits are good.
pub const LINK_VALID: Duration = Duration::hours(1);
/// How long a session lasts: a working day.
pub const SESSION_VALID: Duration = Duration::hours(12);
/// How long scanned codes say which poster they are: a round through a large hall.
pub const CHECK_VALID: Duration = Duration::minutes(30);
/// Most letters with a link to one mailbox within [`LINK_VALID`], so that nobody fills it through us.
pub const MAX_LINKS: i64 = 5;

/// The holder of a venue's contact mailbox. Only this module makes one, from a session's token. No `Debug`: it holds an address.
#[derive(Clone)]
pub struct MailboxHolder {
    contact: String,
}

/// The owner of one venue.
#[derive(Clone)]
pub struct Owner {
    venue: VenueId,
}

impl Owner {
    /// The venue.
    #[must_use]
    pub fn venue(&self) -> VenueId {
        self.venue
    }
}

/// A venue in the list of a mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnVenue {
    /// Its identifier.
    pub id: VenueId,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: VenueKind,
    /// Its state.
    pub status: VenueStatus,
    /// Whether it takes no check-ins by its owner's request.
    pub paused: bool,
}

impl MailboxHolder {
    /// The venues of the mailbox, by name; those that nobody confirmed are left out.
    pub async fn venues(&self, conn: &mut PgConnection) -> Result<Vec<OwnVenue>, sqlx::Error> {
        store::venues(conn, &self.contact).await
    }

    /// The right over one venue; `None` when the mailbox is not its contact.
    pub async fn owner(&self, conn: &mut PgConnection, venue: VenueId) -> Result<Option<Owner>, sqlx::Error> {
        Ok(store::holds(conn, &self.contact, venue).await?.then_some(Owner { venue }))
    }
}

/// Writes a link down and seals its letter. The same work for every address; the worker sends none where no venue has the
/// mailbox, or where it got [`MAX_LINKS`]. Returns what the page needs to take the digits.
///
/// # Errors
/// [`VenueError::Post`] and [`VenueError::Db`]; the caller rolls back.
pub async fn ask_link<By>(act: &mut Act<'_, By>, proof: &Proof, to: &EmailAddress, locale: Locale) -> Result<Uuid, VenueError> {
    let (id, expires_at) = (Uuid::new_v4(), act.now + LINK_VALID);
    let mailbox = to.normalised();
    // Letters are counted one after the other: who asks from many places at once gets no more of them.
    db::lock_transaction(&mut act.tx, &format!("letters to {}", mailbox.as_str())).await?;
    let link = NewLink { id, contact: &mailbox, proof, sent_at: act.now, expires_at };
    store::insert_link(&mut act.tx, &link, MAX_LINKS).await?;
    act.post(&letters::shop_link(id, to, locale, proof, expires_at)).await?;
    Ok(id)
}

/// Whether the letter with this link may leave: its mailbox has a venue. Runs in the worker.
pub async fn may_leave(conn: &mut PgConnection, id: Uuid) -> Result<bool, sqlx::Error> {
    store::may_leave(conn, id).await
}

/// Whether a link would open. Looking uses nothing up.
pub async fn peek_link(conn: &mut PgConnection, now: DateTime<Utc>, token: &Token) -> Result<bool, sqlx::Error> {
    store::link_is_good(conn, token.sha256(), now).await
}

/// Opens a session by the link, which is used up. `None`: unknown, used or expired.
pub async fn open_by_link(tx: &mut PgConnection, now: DateTime<Utc>, token: &Token) -> Result<Option<Token>, sqlx::Error> {
    match store::use_link(tx, token.sha256(), now).await? {
        Some(contact) => open(tx, now, &contact).await.map(Some),
        None => Ok(None),
    }
}

/// Opens a session by the eight digits and the identifier that stands in the page. The try is counted and committed before the
/// digits are looked at.
///
/// # Errors
/// See [`ConfirmError`].
pub async fn open_by_digits(pool: &PgPool, hasher: &SlowHasher, now: DateTime<Utc>, id: Uuid, typed: &str) -> Result<Token, ConfirmError> {
    let digits = read_digits(typed).ok_or(ConfirmError::NotEightDigits)?;
    let stored = store::take_try(&mut *pool.acquire().await?, id, MAX_TRIES, now).await?;
    if !hasher.verify(digits, stored).await? {
        return Err(ConfirmError::Refused);
    }
    let mut tx = pool.begin().await?;
    let contact = store::use_link_by_id(&mut tx, id, now).await?.ok_or(ConfirmError::Refused)?;
    let session = open(&mut tx, now, &contact).await?;
    tx.commit().await?;
    Ok(session)
}

/// Opens a session by a confirmation that was just accepted; once for each letter. `None`: it did before, or the venue has no
/// mailbox.
pub async fn open_by_confirmation(tx: &mut PgConnection, now: DateTime<Utc>, venue: VenueId) -> Result<Option<Token>, sqlx::Error> {
    match store::use_confirmation(tx, venue, now).await? {
        Some(contact) => open(tx, now, &contact).await.map(Some),
        None => Ok(None),
    }
}

async fn open(tx: &mut PgConnection, now: DateTime<Utc>, contact: &str) -> Result<Token, sqlx::Error> {
    let token = Token::random();
    store::insert_session(tx, token.sha256(), contact, now + SESSION_VALID).await?;
    Ok(token)
}

/// The holder of a session, if it has not ended.
pub async fn mailbox_holder(conn: &mut PgConnection, now: DateTime<Utc>, token: &Token) -> Result<Option<MailboxHolder>, sqlx::Error> {
    Ok(store::session(conn, token.sha256(), now).await?.map(|contact| MailboxHolder { contact }))
}

/// Ends a session.
pub async fn leave(conn: &mut PgConnection, token: &Token) -> Result<(), sqlx::Error> {
    store::end_session(conn, token.sha256()).await
}

/// Begins a round: until [`CHECK_VALID`] is over, whoever shows the token is told which poster a code belongs to.
pub async fn begin_check(conn: &mut PgConnection, now: DateTime<Utc>, owner: &Owner) -> Result<Token, sqlx::Error> {
    let token = Token::random();
    store::insert_check(conn, token.sha256(), owner.venue, now + CHECK_VALID).await?;
    Ok(token)
}

/// The owner of a round, if it has not ended.
pub async fn checking(conn: &mut PgConnection, now: DateTime<Utc>, token: &Token) -> Result<Option<Owner>, sqlx::Error> {
    Ok(store::check(conn, token.sha256(), now).await?.map(|venue| Owner { venue }))
}

/// Erases links, sessions and rounds whose time is over; for a periodic task.
pub async fn forget_expired(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    store::forget_expired(conn, now).await
}
