//! Append-only, hash-chained record of who did what, written in the caller's transaction.
//!
//! Invariants: identifiers count 1, 2, 3 … without gaps; each entry's hash covers the entry before it, so that nothing can be
//! altered, removed from the middle, exchanged or slipped in without [`verify`] naming the place. Cutting off the newest
//! entries shows only against a [`Verified::head`] noted elsewhere, so `doctor` prints it.
//!
//! An entry never holds an e-mail address, a token or a poster's code: actor and target are a kind and an identifier, and
//! `detail` holds counts, states, dates and names of venues only.
mod chain;
mod log;
mod reading;
mod store;
pub mod words;

pub use log::{AuditLine, Filter, MAX_LISTED, about, actions, after, head, list, touched};
pub use reading::{
    ALARM_SPAN, Excess, LOOKS_PER_HOUR, MAX_REASON_CHARS, READS_PER_HOUR, Read, Reading, Reason, ReasonError, chain_repeats, raise, read,
};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// The actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// An official who is logged in.
    Official(Uuid),
    /// The holder of an API token; `api_token` says whose it is.
    Token(Uuid),
    /// A venue, through its own page.
    Venue(Uuid),
    /// Somebody unknown, who is not told apart from others.
    Visitor,
    /// The service itself, or its operator on the command line.
    System,
}

impl Actor {
    /// The kind as it is stored.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::Official(_) => "official",
            Self::Token(_) => "token",
            Self::Venue(_) => "venue",
            Self::Visitor => "visitor",
            Self::System => "system",
        }
    }

    /// The actor that was stored as this kind and identifier.
    #[must_use]
    pub fn of(kind: &str, id: Option<Uuid>) -> Option<Self> {
        match (kind, id) {
            ("official", Some(id)) => Some(Self::Official(id)),
            ("token", Some(id)) => Some(Self::Token(id)),
            ("venue", Some(id)) => Some(Self::Venue(id)),
            ("visitor", None) => Some(Self::Visitor),
            ("system", None) => Some(Self::System),
            _ => None,
        }
    }

    /// The identifier, where the kind has one.
    #[must_use]
    pub fn id(self) -> Option<Uuid> {
        match self {
            Self::Official(id) | Self::Token(id) | Self::Venue(id) => Some(id),
            Self::Visitor | Self::System => None,
        }
    }
}

/// On whose account something is done.
pub trait Acting {
    /// How the chain names them.
    fn actor(&self) -> Actor;
}

impl Acting for Actor {
    fn actor(&self) -> Actor {
        *self
    }
}

impl<A: Acting> Acting for &A {
    fn actor(&self) -> Actor {
        (*self).actor()
    }
}

/// To what something is done. Rooms say how their identifiers become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// The kind, such as `alert`.
    pub kind: &'static str,
    /// Which one, where there is one.
    pub id: Option<Uuid>,
}

impl Target {
    /// One thing of a kind.
    #[must_use]
    pub const fn one(kind: &'static str, id: Uuid) -> Self {
        Self { kind, id: Some(id) }
    }
}

/// One thing that was done.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The actor.
    pub actor: Actor,
    /// The act, as `room.verb`, such as `alert.approve`.
    pub action: &'static str,
    /// The kind of its target, such as `alert`.
    pub target_kind: &'static str,
    /// Which one, where there is one.
    pub target_id: Option<Uuid>,
    /// The details that matter later: counts, states, dates. Never an address, a token or a code.
    pub detail: serde_json::Value,
}

/// The chain is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many entries there are.
    pub entries: u64,
    /// The newest entry's hash. Noted elsewhere, it later proves that nothing was cut off the end.
    pub head: [u8; 32],
}

/// Why the chain could not be verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// An entry was altered, removed, exchanged or slipped in; `at_id` is the first place where the chain does not fit.
    #[error("the audit chain is broken at entry {at_id}")]
    Broken {
        /// The identifier that was expected or that does not fit.
        at_id: i64,
    },
    /// The chain is whole, but no entry of it has the hash that was noted elsewhere: entries were cut off or the whole was rewritten.
    #[error("the chain is whole, but no entry has the hash that was noted: its end was cut off, or it was written anew")]
    HeadMissing,
    /// The database did not answer.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

/// Appends `entry` in the caller's transaction.
///
/// Writers take turns from here until the caller's transaction ends, so this stands last before the commit. The
/// transaction must be `read committed` (Postgres's default): a snapshot taken before the turn came would not see the newest entry.
///
/// # Errors
/// The database's error; nothing is written then.
pub async fn record(tx: &mut PgConnection, now: DateTime<Utc>, entry: &Entry) -> Result<(), sqlx::Error> {
    take_turn(tx).await?;
    let (last_id, previous) = store::newest(tx).await?.unwrap_or((0, chain::GENESIS));
    let link = chain::Link::new(last_id + 1, now, entry);
    let hash = link.hash(&previous);
    store::insert(tx, &link, &previous, &hash).await
}

/// Waits until this transaction alone may add to the chain, and holds that until it ends.
async fn take_turn(tx: &mut PgConnection) -> Result<(), sqlx::Error> {
    crate::base::db::lock_transaction(tx, "audit").await
}

/// Walks the whole chain, [`chain::PAGE`] entries at a time.
///
/// # Errors
/// [`VerifyError::Broken`] names the first entry that does not fit.
pub async fn verify(conn: &mut PgConnection) -> Result<Verified, VerifyError> {
    let mut walk = chain::Walk::new();
    loop {
        let page = store::page(conn, walk.last_id(), chain::PAGE).await?;
        if page.is_empty() {
            return Ok(walk.finish());
        }
        for stored in &page {
            walk.step(stored).map_err(|at_id| VerifyError::Broken { at_id })?;
        }
    }
}

/// Walks the whole chain, and looks for a hash that was noted elsewhere.
///
/// # Errors
/// As [`verify`]; [`VerifyError::HeadMissing`] when no entry has the hash any more.
pub async fn verify_with_head(conn: &mut PgConnection, noted: &[u8; 32]) -> Result<Verified, VerifyError> {
    let verified = verify(conn).await?;
    let there = *noted == verified.head || store::has_hash(conn, noted).await?;
    if there { Ok(verified) } else { Err(VerifyError::HeadMissing) }
}
