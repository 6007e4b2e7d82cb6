//! Finding venues by what people remember of them: part of a name, its kana, its address, or a poster's code.
//!
//! Each venue's folded words stand in `venue_search` with the grams they are made of, under an inverted index: a query reads
//! only venues that hold all its grams, and then compares. Plain Postgres; nothing has to be installed.
use super::search_key::{self, Entry, Query};
use super::store::review as store;
use super::{VenueId, VenueKind, VenueStatus};
use sqlx::PgConnection;

/// Most venues in one answer.
pub const MAX_LISTED: i64 = 100;
/// Venues folded anew in one transaction.
const INDEX_BATCH: i64 = 500;

/// A line of a list.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct VenueRow {
    /// Its identifier.
    pub id: VenueId,
    /// Its name.
    pub name: String,
    /// How the name is read, where the venue said so.
    pub kana: Option<String>,
    /// Its kind.
    pub kind: VenueKind,
    /// Where it is.
    pub address: String,
    /// Its state.
    pub status: VenueStatus,
    /// Whether an official ever looked at it.
    pub reviewed: bool,
}

/// Which venues; an empty filter means all.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The search; `None`: all venues.
    pub query: Option<Query>,
    /// Only venues of this kind.
    pub kind: Option<VenueKind>,
    /// In one of these states; empty: in any.
    pub statuses: Vec<VenueStatus>,
    /// The last row of the page before.
    pub after: Option<VenueId>,
    /// How many; at most [`MAX_LISTED`], which also stands for `None`.
    pub limit: Option<i64>,
}

/// Venues page by page: those that begin with the first word first, then by name.
pub async fn list(conn: &mut PgConnection, filter: &Filter) -> Result<Vec<VenueRow>, sqlx::Error> {
    let limit = filter.limit.unwrap_or(MAX_LISTED).clamp(0, MAX_LISTED);
    match &filter.query {
        Some(query) => store::search(conn, query, filter, limit).await,
        None => store::browse(conn, filter, limit).await,
    }
}

/// Writes down a venue's folded words.
pub(super) async fn index(tx: &mut PgConnection, id: VenueId, name: &str, kana: Option<&str>, address: &str) -> Result<(), sqlx::Error> {
    store::put_entries(tx, &[(id, &Entry::of(name, kana, address))]).await
}

/// Folds the next venues that were never folded, or by other rules. Returns how many; 0: all are.
///
/// # Errors
/// The database's. What was done stays; the next call goes on.
pub async fn index_outdated(conn: &mut PgConnection) -> Result<usize, sqlx::Error> {
    let old = store::outdated(conn, search_key::VERSION, INDEX_BATCH).await?;
    let entries: Vec<_> = old.iter().map(|(id, name, kana, address)| (*id, Entry::of(name, kana.as_deref(), address))).collect();
    let borrowed: Vec<_> = entries.iter().map(|(id, entry)| (*id, entry)).collect();
    store::put_entries(conn, &borrowed).await?;
    Ok(entries.len())
}
