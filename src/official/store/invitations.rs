//! The table `official_invitation`.
use super::credentials::totp;
use crate::official::locksmith::SealedTotp;
use crate::official::role::Role;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// An invitation whose link is good. No `Debug`.
pub(in crate::official) struct Open {
    pub(in crate::official) official: Uuid,
    pub(in crate::official) name: String,
    pub(in crate::official) email: String,
    pub(in crate::official) role: Role,
    pub(in crate::official) expires_at: DateTime<Utc>,
    pub(in crate::official) chosen: Option<Chosen>,
}

/// What was chosen in the first step.
pub(in crate::official) struct Chosen {
    pub(in crate::official) password: String,
    pub(in crate::official) totp: SealedTotp,
}

/// A new link for this official; an older one is dead, and with it what was chosen there.
pub(in crate::official) async fn put(
    conn: &mut PgConnection,
    official: Uuid,
    sha256: &[u8; 32],
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into official_invitation (official_id, token_sha256, made_at, expires_at) values ($1, $2, $3, $4)
         on conflict (official_id) do update set token_sha256 = excluded.token_sha256, made_at = excluded.made_at,
            expires_at = excluded.expires_at, password = null, totp_sealed = null, totp_hash = null",
        official,
        sha256.as_slice(),
        now,
        expires_at
    )
    .execute(conn)
    .await
    .map(drop)
}

/// The invitation behind a link, if it is good and its account enabled.
pub(in crate::official) async fn find(conn: &mut PgConnection, sha256: &[u8; 32], now: DateTime<Utc>) -> Result<Option<Open>, sqlx::Error> {
    let row = sqlx::query!(
        "select i.official_id, i.expires_at, i.password, i.totp_sealed, i.totp_hash, o.name, o.email, o.role
         from official_invitation i join official o on o.id = i.official_id
         where i.token_sha256 = $1 and i.expires_at > $2 and o.disabled_at is null",
        sha256.as_slice(),
        now
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let chosen = match (row.password, row.totp_sealed, row.totp_hash) {
        (Some(password), Some(sealed), Some(hash)) => Some(Chosen { password, totp: totp(sealed, &hash)? }),
        _ => None,
    };
    let role = super::role(&row.role)?;
    Ok(Some(Open { official: row.official_id, name: row.name, email: row.email, role, expires_at: row.expires_at, chosen }))
}

/// Writes down what was chosen; `false` when the link is not good any more.
pub(in crate::official) async fn choose(
    conn: &mut PgConnection,
    sha256: &[u8; 32],
    now: DateTime<Utc>,
    password: &str,
    totp: &SealedTotp,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update official_invitation set password = $3, totp_sealed = $4, totp_hash = $5 where token_sha256 = $1 and expires_at > $2",
        sha256.as_slice(),
        now,
        password,
        totp.sealed,
        totp.hash.as_str()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Uses the link up; `false` when it is not good any more.
pub(in crate::official) async fn use_up(conn: &mut PgConnection, sha256: &[u8; 32], now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!("delete from official_invitation where token_sha256 = $1 and expires_at > $2", sha256.as_slice(), now)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes a link away, if there is one.
pub(in crate::official) async fn remove(conn: &mut PgConnection, official: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from official_invitation where official_id = $1", official).execute(conn).await.map(drop)
}
