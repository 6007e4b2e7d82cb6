//! Looking things up in the chain: newest first, by time, person, action and thing; a page at a time.
use super::{Actor, store};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::HashSet;
use uuid::Uuid;

/// Entries that [`list`] gives at most: also what an export reads at once.
pub const MAX_LISTED: i64 = 500;

/// Which entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Not before this.
    pub from: Option<DateTime<Utc>>,
    /// Before this.
    pub until: Option<DateTime<Utc>>,
    /// The actor.
    pub actor: Option<Actor>,
    /// The act, such as `alert.approve`, or a whole room with a dot at the end: `read.`
    pub action: Option<String>,
    /// To which thing.
    pub target: Option<Uuid>,
}

/// An entry as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditLine {
    /// Its place in the chain.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// The actor; `None` for a kind that this version does not know.
    pub actor: Option<Actor>,
    /// The kind of actor as it is stored.
    pub actor_kind: String,
    /// The actor's identifier as it is stored.
    pub actor_id: Option<Uuid>,
    /// What was done.
    pub action: String,
    /// The kind of its target.
    pub target_kind: String,
    /// Which one.
    pub target: Option<Uuid>,
    /// The details, as the very text that was hashed.
    pub detail: String,
    /// The hash of the entry before it.
    pub previous: [u8; 32],
    /// Its own hash.
    pub hash: [u8; 32],
}

/// Up to `limit` entries (at most [`MAX_LISTED`]) before the one numbered `before`, newest first.
///
/// # Errors
/// The database.
pub async fn list(conn: &mut PgConnection, filter: &Filter, before: Option<i64>, limit: i64) -> Result<Vec<AuditLine>, sqlx::Error> {
    store::list(conn, filter, before.unwrap_or(i64::MAX), limit.clamp(0, MAX_LISTED)).await
}

/// Up to `limit` entries (at most [`MAX_LISTED`]) after the one numbered `after`, oldest first: for reading the whole chain.
///
/// # Errors
/// The database.
pub async fn after(conn: &mut PgConnection, after: i64, limit: i64) -> Result<Vec<AuditLine>, sqlx::Error> {
    store::after(conn, after, limit.clamp(0, MAX_LISTED)).await
}

/// Every act on one thing, oldest first, up to `limit`; looks at it are left out.
///
/// # Errors
/// The database.
pub async fn about(conn: &mut PgConnection, kind: &str, target: Uuid, limit: i64) -> Result<Vec<AuditLine>, sqlx::Error> {
    store::about(conn, kind, target, limit.clamp(0, MAX_LISTED)).await
}

/// Which of these things any act is about, other than acts of these names.
///
/// # Errors
/// The database.
pub async fn touched(conn: &mut PgConnection, kind: &str, targets: &[Uuid], other_than: &[&str]) -> Result<HashSet<Uuid>, sqlx::Error> {
    store::touched(conn, kind, targets, other_than).await
}

/// Every action that occurs, by name.
///
/// # Errors
/// The database.
pub async fn actions(conn: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    store::actions(conn).await
}

/// How long the chain is and its newest hash, without walking it; `None` while it is empty.
///
/// # Errors
/// The database.
pub async fn head(conn: &mut PgConnection) -> Result<Option<(i64, [u8; 32])>, sqlx::Error> {
    store::newest(conn).await
}
