//! Answers that are kept for programs which may have missed them: whoever sends the same request again under the same key is
//! answered as before, and nothing is done twice (draft-ietf-httpapi-idempotency-key-header-07).
use super::act::Act;
use super::session::Principal;
use super::store::kept_answers as store;
use crate::base::db;
use chrono::{DateTime, Duration, Utc};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

/// How long an answer is kept: a program tries again within minutes, a clerk's script the next morning.
pub const ANSWER_KEPT: Duration = Duration::hours(24);

/// By what a request is known when it comes again: who asks, for what, under which key; and what it says.
pub struct RequestMark {
    request: [u8; 32],
    body: [u8; 32],
}

/// An answer to be kept.
pub(super) struct KeptAnswer {
    pub(super) body: Vec<u8>,
    pub(super) answer: serde_json::Value,
}

/// Why a request under a key is not carried out.
#[derive(Debug, thiserror::Error)]
pub enum MarkError {
    /// The same is being carried out at this moment.
    #[error("the request is being carried out")]
    InFlight,
    /// The key belongs to a request with another body.
    #[error("the key belongs to another request")]
    OtherBody,
    /// The database.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
}

impl RequestMark {
    /// The mark of a request of `principal` for `route` under `key`. Others may use the same key: it is not theirs.
    #[must_use]
    pub fn new(principal: &Principal, route: &str, key: &str, body: &[u8]) -> Self {
        let mut request = Sha256::new_with_prefix(b"ashiato request");
        for part in [principal.to_string().as_str(), route, key] {
            request.update(part.len().to_be_bytes());
            request.update(part);
        }
        Self { request: request.finalize().into(), body: Sha256::digest(body).into() }
    }
}

impl<By, With> Act<'_, By, With> {
    /// The answer that this request got before. `None`: it is to be carried out in this act, and [`Act::keep_answer`] ends it.
    ///
    /// # Errors
    /// [`MarkError`]
    pub async fn kept_answer(&mut self, mark: &RequestMark) -> Result<Option<serde_json::Value>, MarkError> {
        let lock = format!("request {}", HEXLOWER.encode(&mark.request));
        if !db::try_lock_transaction(&mut self.tx, &lock).await? {
            return Err(MarkError::InFlight);
        }
        match store::find(&mut self.tx, &mark.request, self.now - ANSWER_KEPT).await? {
            Some(kept) if kept.body == mark.body => Ok(Some(kept.answer)),
            Some(_) => Err(MarkError::OtherBody),
            None => Ok(None),
        }
    }

    /// Keeps the answer, if the act commits.
    ///
    /// # Errors
    /// The database.
    pub async fn keep_answer(&mut self, mark: &RequestMark, answer: &serde_json::Value) -> Result<(), sqlx::Error> {
        store::keep(&mut self.tx, self.now, (&mark.request, &mark.body), answer).await
    }
}

/// Forgets answers whose time is over, and those of a clock that was far ahead: they would lie there for as long.
///
/// # Errors
/// The database.
pub async fn forget_answers(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    store::forget(conn, now - ANSWER_KEPT, now + ANSWER_KEPT).await
}
