//! The tables `data_key`, `data_key_origin` and `secret_process`.
use crate::base::secret::KEY_ID_LEN;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// A data key as it is stored.
pub(in crate::keys) struct Wrapped {
    pub(in crate::keys) use_label: String,
    pub(in crate::keys) key_id: [u8; KEY_ID_LEN],
    pub(in crate::keys) wrapped: Vec<u8>,
}

/// A running process, by the `SECRET_KEY` that it has.
pub(in crate::keys) struct Process {
    pub(in crate::keys) kind: String,
    pub(in crate::keys) key_id: [u8; KEY_ID_LEN],
    pub(in crate::keys) seen_at: DateTime<Utc>,
}

/// Every data key under every key that wraps it.
pub(in crate::keys) async fn wrapped(conn: &mut PgConnection) -> Result<Vec<Wrapped>, sqlx::Error> {
    let rows =
        sqlx::query!("select use_label, key_id, wrapped from data_key order by use_label, wrapped_at, key_id").fetch_all(conn).await?;
    rows.into_iter()
        .map(|row| Ok(Wrapped { use_label: row.use_label, key_id: super::exactly(row.key_id)?, wrapped: row.wrapped }))
        .collect()
}

/// Whether the first data keys are those that were derived from `SECRET_KEY`.
pub(in crate::keys) async fn is_grown(conn: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"select coalesce(bool_or(grown), false) as "grown!" from data_key_origin"#).fetch_one(conn).await
}

pub(in crate::keys) async fn put(
    tx: &mut PgConnection,
    use_label: &str,
    key_id: &[u8; KEY_ID_LEN],
    wrapped: &[u8],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into data_key (use_label, key_id, wrapped, wrapped_at) values ($1, $2, $3, $4)
         on conflict (use_label, key_id) do update set wrapped = excluded.wrapped, wrapped_at = excluded.wrapped_at",
        use_label,
        key_id.as_slice(),
        wrapped,
        now
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Removes what is wrapped under any other key. Returns how many rows went.
pub(in crate::keys) async fn delete_other(tx: &mut PgConnection, key_id: &[u8; KEY_ID_LEN]) -> Result<u64, sqlx::Error> {
    sqlx::query!("delete from data_key where key_id <> $1", key_id.as_slice()).execute(tx).await.map(|done| done.rows_affected())
}

/// Removes every data key; the next ones grow from nothing.
pub(in crate::keys) async fn delete_all(tx: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from data_key").execute(&mut *tx).await?;
    sqlx::query!("update data_key_origin set grown = false").execute(tx).await.map(drop)
}

/// Writes down that a process runs, and with which key.
pub(in crate::keys) async fn note_process(
    conn: &mut PgConnection,
    id: Uuid,
    kind: &str,
    key_id: &[u8; KEY_ID_LEN],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into secret_process (id, kind, key_id, seen_at) values ($1, $2, $3, $4)
         on conflict (id) do update set key_id = excluded.key_id, seen_at = excluded.seen_at",
        id,
        kind,
        key_id.as_slice(),
        now
    )
    .execute(conn)
    .await
    .map(drop)
}

pub(in crate::keys) async fn processes(
    conn: &mut PgConnection,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<Process>, sqlx::Error> {
    let rows = sqlx::query!(
        "select kind, key_id, seen_at from secret_process where seen_at > $1 and seen_at <= $2 order by kind, seen_at",
        since,
        until,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| Ok(Process { kind: row.kind, key_id: super::exactly(row.key_id)?, seen_at: row.seen_at })).collect()
}

pub(in crate::keys) async fn forget_processes(
    conn: &mut PgConnection,
    before: DateTime<Utc>,
    after: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from secret_process where seen_at < $1 or seen_at > $2", before, after).execute(conn).await.map(drop)
}
