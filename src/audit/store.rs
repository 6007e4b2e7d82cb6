//! The table `audit_entry`.
use super::chain::{Link, Stored};
use sqlx::PgConnection;

/// The newest entry's identifier and hash.
pub(super) async fn newest(conn: &mut PgConnection) -> Result<Option<(i64, [u8; 32])>, sqlx::Error> {
    let row = sqlx::query!("select id, hash from audit_entry order by id desc limit 1").fetch_optional(conn).await?;
    row.map(|row| Ok((row.id, row.hash.try_into().map_err(|_| sqlx::Error::Decode("audit_entry.hash is not 32 bytes".into()))?)))
        .transpose()
}

/// Adds an entry. `detail` goes in as text, so that the very bytes that were hashed are kept.
pub(super) async fn insert(conn: &mut PgConnection, link: &Link<'_>, previous: &[u8; 32], hash: &[u8; 32]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into audit_entry (id, at, actor_kind, actor_id, action, target_kind, target_id, detail, previous, hash)
         values ($1, $2, $3, $4, $5, $6, $7, $8::text::json, $9, $10)",
        link.id,
        link.at,
        &*link.actor_kind,
        link.actor_id,
        &*link.action,
        &*link.target_kind,
        link.target_id,
        &*link.detail,
        previous.as_slice(),
        hash.as_slice(),
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Up to `limit` entries after the one numbered `after`, in order.
pub(super) async fn page(conn: &mut PgConnection, after: i64, limit: i64) -> Result<Vec<Stored>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id, at, actor_kind, actor_id, action, target_kind, target_id, detail::text as "detail!", previous, hash
           from audit_entry where id > $1 order by id limit $2"#,
        after,
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Stored {
            link: Link {
                id: row.id,
                at: row.at,
                actor_kind: row.actor_kind.into(),
                actor_id: row.actor_id,
                action: row.action.into(),
                target_kind: row.target_kind.into(),
                target_id: row.target_id,
                detail: row.detail.into(),
            },
            previous: row.previous,
            hash: row.hash,
        })
        .collect())
}
