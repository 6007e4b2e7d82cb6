//! The published list of venues: those that agreed to it, by name and address, and how many there are of each kind. Never a contact.
use super::search_key::Query;
use super::store::public as store;
use super::{VenueId, VenueKind};
use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

/// Venues on one page.
pub const PAGE: i64 = 50;
/// Pages that are shown; beyond it nobody looks, and a reader asks for the file.
pub const MAX_PAGES: i64 = 200;
/// Venues in a file: every venue of a large city.
pub const MAX_FILE_ROWS: i64 = 200_000;
const PUBLIC_ID_LABEL: &[u8] = b"ashiato open data";

/// A venue that agreed to stand in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub(super) id: VenueId,
    /// Its name.
    pub name: String,
    /// How the name is read.
    pub kana: Option<String>,
    /// Its kind.
    pub kind: VenueKind,
    /// Seven digits.
    pub postal_code: Option<String>,
    /// Where it is.
    pub address: String,
    /// How many were found in all.
    pub(super) found: i64,
}

impl Listed {
    /// An identifier for tables of others: always the same for the same venue, and no way to ask the service about it.
    #[must_use]
    pub fn public_id(&self) -> String {
        let hash = Sha256::new_with_prefix(PUBLIC_ID_LABEL).chain_update(self.id.0.as_bytes()).finalize();
        data_encoding::BASE32_NOPAD.encode(&hash[..10])
    }
}

/// A page of the list, by reading, and how many there are in all. `page` counts from 1.
///
/// # Errors
/// The database.
pub async fn listed(
    conn: &mut PgConnection,
    today: NaiveDate,
    query: Option<&Query>,
    page: i64,
) -> Result<(Vec<Listed>, i64), sqlx::Error> {
    let words = query.map(|query| query.words.clone()).unwrap_or_default();
    let rows = store::listed(conn, today, &words, (page.clamp(1, MAX_PAGES) - 1) * PAGE, PAGE).await?;
    let found = rows.first().map_or(0, |row| row.found);
    Ok((rows, found))
}

/// All of the list, for files.
///
/// # Errors
/// The database.
pub async fn all_listed(conn: &mut PgConnection, today: NaiveDate) -> Result<Vec<Listed>, sqlx::Error> {
    store::listed(conn, today, &[], 0, MAX_FILE_ROWS).await
}

/// How many venues take part, of each kind that there is.
///
/// # Errors
/// The database.
pub async fn kinds(conn: &mut PgConnection) -> Result<Vec<(VenueKind, i64)>, sqlx::Error> {
    store::kinds(conn).await
}
