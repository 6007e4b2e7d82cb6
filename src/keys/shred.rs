//! Forgetting a date: its private key and mac key are destroyed, and every old copy of the database dies with them.
use super::key_store::blocking;
use super::{KeyStore, KeysError, store};
use chrono::NaiveDate;
use sqlx::{Connection, PgConnection};

/// Destroys the keys of `date`, then removes the rows that belong to them. Doing it again is fine.
///
/// The file goes first. If the process dies between the two, the date is already forgotten and its rows in `day_key` still
/// name it for the next round ([`days_with_keys`]); the other way round a rolled-back transaction or a crash could leave a
/// key that no row speaks of. And nothing that happens to the transaction brings a destroyed key back.
///
/// # Errors
/// [`KeysError`]: the directory or the database. The next round goes on from there.
pub async fn shred(conn: &mut PgConnection, keys: &KeyStore, date: NaiveDate) -> Result<(), KeysError> {
    blocking(keys, move |keys| keys.destroy_day(date)).await?;
    let mut tx = conn.begin().await?;
    store::delete_date(&mut tx, date).await?;
    Ok(tx.commit().await?)
}

/// Every date of which a key is left somewhere: in the directory or in the database, in order.
///
/// # Errors
/// [`KeysError`]: the directory or the database.
pub async fn days_with_keys(conn: &mut PgConnection, keys: &KeyStore) -> Result<Vec<NaiveDate>, KeysError> {
    let mut days = blocking(keys, KeyStore::days).await?;
    days.extend(store::dates(conn).await?);
    days.sort_unstable();
    days.dedup();
    Ok(days)
}
