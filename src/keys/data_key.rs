//! Data keys: what hangs on `SECRET_KEY` hangs on one random key for each use, and these lie in
//! Postgres wrapped under `SECRET_KEY`.
//!
//! A change of `SECRET_KEY` touches these rows alone. While it lasts each data key is wrapped under
//! both keys, so that a process works with either; [`finish`] takes the old wrappings away. Only the
//! worker and the schema's owner may write the rows; web reads them.
use super::cipher::RowKey;
use super::store::secrets::{self as store, Wrapped};
use crate::audit::{self, Actor, Entry};
use crate::base::db;
use crate::base::secret::{KEY_LEN, KeyId, SecretKey, SecretKeys, SecretUse};
use chrono::{DateTime, Utc};
use rand::Rng;
use serde_json::json;
use sqlx::PgConnection;
use zeroize::Zeroizing;

const PLACE_LABEL: &[u8] = b"ashiato data key v1";
/// The lock under which data keys are written.
const LOCK: &str = "data_keys";

/// Why the data keys are not at hand.
#[derive(Debug, thiserror::Error)]
pub enum DataKeyError {
    /// The database.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
    /// The worker has not made them yet.
    #[error("the data keys are not made yet; the worker makes them when it starts")]
    NotMade,
    /// They are there, and neither `SECRET_KEY` nor `SECRET_KEY_OLD` opens them.
    #[error(
        "SECRET_KEY ({given}) does not open what is stored: it hangs on the key {needed}. Give that key, or give it \
         as SECRET_KEY_OLD beside the new one (docs/OPERATIONS.md, \"The secret key\")"
    )]
    WrongKey {
        /// The names of the keys that were given.
        given: String,
        /// The names of the keys that would open it.
        needed: String,
    },
    /// The first data keys must be those that grew from `SECRET_KEY`; see [`begin_with`].
    #[error("the first data keys must be the ones that were in use before")]
    Grown,
    /// A text longer than the cipher takes; cannot happen at this length.
    #[error("a data key was not wrapped")]
    NotWrapped,
    /// A change is ended only with nothing but the new key.
    #[error("SECRET_KEY opens only a part of what is stored; restart the worker with both keys first")]
    NotWrappedYet,
}

/// The data keys of all uses, opened. No `Debug`; wiped on drop.
pub struct DataKeys([Zeroizing<[u8; KEY_LEN]>; SecretUse::ALL.len()]);

impl DataKeys {
    /// Fresh ones.
    #[must_use]
    pub fn random() -> Self {
        Self(SecretUse::ALL.map(|_| random()))
    }

    /// The keys of the time before there were data keys.
    #[must_use]
    pub fn grown(secret: &SecretKey) -> Self {
        Self(SecretUse::ALL.map(|usage| secret.grown(usage)))
    }

    /// The key of one use.
    #[must_use]
    pub fn key(&self, usage: SecretUse) -> &[u8; KEY_LEN] {
        &self.0[usage.place()]
    }

    /// Opens what is stored with either key.
    ///
    /// # Errors
    /// [`DataKeyError::NotMade`], [`DataKeyError::WrongKey`], [`DataKeyError::Db`]
    pub async fn open(conn: &mut PgConnection, secrets: &SecretKeys) -> Result<Self, DataKeyError> {
        let rows = store::wrapped(conn).await?;
        let mut keys = DataKeys(SecretUse::ALL.map(|_| Zeroizing::new([0; KEY_LEN])));
        for usage in SecretUse::ALL {
            if of(&rows, usage).next().is_none() {
                return Err(DataKeyError::NotMade);
            }
            keys.0[usage.place()] = unwrap(&rows, usage, secrets).ok_or_else(|| wrong_key(&rows, secrets))?;
        }
        Ok(keys)
    }
}

/// The result of [`settle`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Data keys that were made now.
    pub made: usize,
    /// Data keys that were there and are wrapped under `SECRET_KEY` from now on.
    pub wrapped: usize,
    /// `SECRET_KEY_OLD` was given and opens nothing: it is not needed, or it is not the old key.
    pub old_opens_nothing: bool,
}

/// Makes the data keys that are missing and wraps all of them under `SECRET_KEY`. What is wrapped
/// under another key stays. In the caller's transaction, under a lock; repeating it changes nothing.
///
/// # Errors
/// [`DataKeyError`]; nothing is written when one data key does not open.
pub async fn settle(tx: &mut PgConnection, now: DateTime<Utc>, secrets: &SecretKeys) -> Result<Settled, DataKeyError> {
    db::lock_transaction(tx, LOCK).await?;
    let rows = store::wrapped(tx).await?;
    if rows.is_empty() && store::is_grown(tx).await? {
        return Err(DataKeyError::Grown);
    }
    let current = secrets.current.id();
    let old_opens = |old: &SecretKey| rows.iter().any(|row| row.key_id == old.id().0);
    let mut settled =
        Settled { old_opens_nothing: secrets.old.as_ref().is_some_and(|old| !rows.is_empty() && !old_opens(old)), ..Settled::default() };
    for usage in SecretUse::ALL {
        let is_there = of(&rows, usage).next().is_some();
        if unwrap(&rows, usage, &secrets.current.clone().into()).is_some() {
            continue;
        }
        let key = if is_there { unwrap(&rows, usage, secrets).ok_or_else(|| wrong_key(&rows, secrets))? } else { random() };
        put(tx, now, usage, &key, &secrets.current).await?;
        *(if is_there { &mut settled.wrapped } else { &mut settled.made }) += 1;
    }
    if settled.wrapped > 0 {
        record(tx, now, "keys.wrap", json!({ "key": current.to_string(), "data_keys": settled.wrapped })).await?;
    }
    Ok(settled)
}

/// Whether the first data keys must still be made from what was derived until now; then [`begin_with`].
///
/// # Errors
/// The database.
pub async fn must_grow(conn: &mut PgConnection) -> Result<bool, sqlx::Error> {
    Ok(store::is_grown(conn).await? && store::wrapped(conn).await?.is_empty())
}

/// Makes what grew from `used`, the `SECRET_KEY` in use until now, the first data keys.
///
/// # Errors
/// [`DataKeyError`]
pub async fn begin_with(tx: &mut PgConnection, now: DateTime<Utc>, used: &SecretKey) -> Result<(), DataKeyError> {
    db::lock_transaction(tx, LOCK).await?;
    if !must_grow(tx).await? {
        return Ok(());
    }
    for usage in SecretUse::ALL {
        put(tx, now, usage, &used.grown(usage), used).await?;
    }
    Ok(())
}

/// Ends a change: takes all wrappings under other keys away. The key that wraps mac keys is replaced as
/// well, since nothing lasting hangs on it; the worker wraps them anew at its next turn. Returns how
/// many wrappings went; with none, nothing was changed.
///
/// # Errors
/// [`DataKeyError::NotWrappedYet`] while `SECRET_KEY` does not open every data key.
pub async fn finish(tx: &mut PgConnection, now: DateTime<Utc>, secret: &SecretKey) -> Result<u64, DataKeyError> {
    db::lock_transaction(tx, LOCK).await?;
    match DataKeys::open(tx, &secret.clone().into()).await {
        Err(DataKeyError::WrongKey { .. }) => return Err(DataKeyError::NotWrappedYet),
        opened => opened.map(drop)?,
    }
    let gone = store::delete_other(tx, &secret.id().0).await?;
    if gone > 0 {
        put(tx, now, SecretUse::MacKeyWrap, &random(), secret).await?;
        record(tx, now, "keys.finish_change", json!({ "key": secret.id().to_string(), "wrappings": gone })).await?;
    }
    Ok(gone)
}

/// Throws all data keys away and makes new ones: for a `SECRET_KEY` that is lost, or was stolen with a
/// dump. Every second factor, recovery code and printed activation letter is dead then.
///
/// # Errors
/// [`DataKeyError`]
pub async fn discard(tx: &mut PgConnection, now: DateTime<Utc>, secret: &SecretKey) -> Result<(), DataKeyError> {
    db::lock_transaction(tx, LOCK).await?;
    store::delete_all(tx).await?;
    for usage in SecretUse::ALL {
        put(tx, now, usage, &random(), secret).await?;
    }
    record(tx, now, "keys.discard", json!({ "key": secret.id().to_string() })).await?;
    Ok(())
}

/// Under which keys the data key of each use is wrapped.
///
/// # Errors
/// The database.
pub async fn wrappings(conn: &mut PgConnection) -> Result<Vec<(SecretUse, Vec<KeyId>)>, sqlx::Error> {
    let rows = store::wrapped(conn).await?;
    Ok(SecretUse::ALL.map(|usage| (usage, of(&rows, usage).map(|row| KeyId(row.key_id)).collect())).into())
}

fn random() -> Zeroizing<[u8; KEY_LEN]> {
    let mut key = Zeroizing::new([0; KEY_LEN]);
    rand::rng().fill_bytes(key.as_mut());
    key
}

fn of(rows: &[Wrapped], usage: SecretUse) -> impl Iterator<Item = &Wrapped> {
    rows.iter().filter(move |row| row.use_label == usage.label())
}

fn place(usage: SecretUse, key: KeyId) -> Vec<u8> {
    [PLACE_LABEL, &key.0, usage.label().as_bytes()].concat()
}

/// The data key, by the first of the keys that opens a row of it.
fn unwrap(rows: &[Wrapped], usage: SecretUse, secrets: &SecretKeys) -> Option<Zeroizing<[u8; KEY_LEN]>> {
    secrets.all().find_map(|secret| {
        let row = of(rows, usage).find(|row| row.key_id == secret.id().0)?;
        let text = RowKey::new(&secret.wrapping()).open(&place(usage, secret.id()), &row.wrapped)?;
        let mut key = Zeroizing::new([0; KEY_LEN]);
        (text.len() == KEY_LEN).then(|| key.copy_from_slice(&text))?;
        Some(key)
    })
}

async fn put(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    usage: SecretUse,
    key: &[u8; KEY_LEN],
    secret: &SecretKey,
) -> Result<(), DataKeyError> {
    let place = place(usage, secret.id());
    let wrapped = RowKey::new(&secret.wrapping()).seal(&place, KEY_LEN, |text| text.copy_from_slice(key));
    let wrapped = wrapped.ok_or(DataKeyError::NotWrapped)?;
    Ok(store::put(tx, usage.label(), &secret.id().0, &wrapped, now).await?)
}

fn wrong_key(rows: &[Wrapped], secrets: &SecretKeys) -> DataKeyError {
    let mut needed: Vec<_> = rows.iter().map(|row| KeyId(row.key_id).to_string()).collect();
    needed.sort_unstable();
    needed.dedup();
    let given: Vec<_> = secrets.all().map(|secret| secret.id().to_string()).collect();
    DataKeyError::WrongKey { given: given.join(", "), needed: needed.join(" or ") }
}

async fn record(tx: &mut PgConnection, now: DateTime<Utc>, action: &'static str, detail: serde_json::Value) -> Result<(), sqlx::Error> {
    audit::record(tx, now, &Entry { actor: Actor::System, action, target_kind: "keys", target_id: None, detail }).await
}
