//! Asking, as the web process does: for a link by mail, and for what the page's buttons say.
use super::act::Act;
use super::store::{self, NewRequest};
use crate::base::email_address::EmailAddress;
use crate::base::locale::Locale;
use crate::base::token::Token;
use crate::keys::{LetterNotSealed, NotReady};
use crate::mail::{Letter, LetterKind, PostError};
use crate::official;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Requests that one link may cause: each visit of a full month one by one, and some changes of mind.
pub const MAX_REQUESTS_PER_LINK: i64 = 200;

/// Why nothing was asked.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// No key to seal with is at hand; passes by itself.
    #[error(transparent)]
    NotReady(#[from] NotReady),
    /// It does not fit under a seal; cannot happen with what is asked here.
    #[error("the request is too long")]
    TooLong,
    /// The database.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

impl From<LetterNotSealed> for AskError {
    fn from(error: LetterNotSealed) -> Self {
        match error {
            LetterNotSealed::NotReady(error) => Self::NotReady(error),
            LetterNotSealed::TooLong => Self::TooLong,
        }
    }
}

/// The result of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Posted {
    /// It waits for the worker under this identifier.
    Waits(Uuid),
    /// The link is not good any more, or has asked [`MAX_REQUESTS_PER_LINK`] times.
    Refused,
}

/// Asks the worker for a letter with a link. Nothing here knows whether the address was ever seen, or had a letter just now.
///
/// # Errors
/// [`PostError`]
pub async fn ask<By>(act: &mut official::Act<'_, By>, address: EmailAddress, locale: Locale) -> Result<(), PostError> {
    let letter = Letter { kind: LetterKind::VisitorLink, to: address, locale, params: BTreeMap::new() };
    act.post(&letter).await
}

/// Writes down what the holder of the link wants, sealed for the worker.
///
/// # Errors
/// [`AskError`]
pub async fn post<By>(act: &mut official::Act<'_, By>, token: &Token, wanted: Act) -> Result<Posted, AskError> {
    let (id, kind) = (Uuid::new_v4(), wanted.kind().as_str());
    let payload = wanted.payload(token).ok_or(AskError::TooLong)?;
    let sealed = act.with.sealer.seal_letter(act.today(), id, kind, &payload)?;
    let request = NewRequest { id, kind, token_sha256: token.sha256(), sealed, now: act.now };
    let posted = store::insert_request(&mut act.tx, &request, MAX_REQUESTS_PER_LINK).await?;
    Ok(if posted { Posted::Waits(id) } else { Posted::Refused })
}

/// Whether the worker has dealt with a request, or its link has expired meanwhile.
///
/// # Errors
/// The database.
pub async fn is_done(conn: &mut PgConnection, id: Uuid) -> Result<bool, sqlx::Error> {
    store::is_done(conn, id).await
}
