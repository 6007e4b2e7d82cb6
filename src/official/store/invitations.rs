//! The table `official_invitation`.
use super::credentials::totp;
use crate::official::credential_keys::SealedTotp;
use crate::official::own_key::StoredKey;
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

/// The choices of the first step.
pub(in crate::official) struct Chosen {
    pub(in crate::official) password: String,
    pub(in crate::official) totp: SealedTotp,
    /// The signing key that was made with the password, and the link's word for it; none: chosen before there were keys.
    pub(in crate::official) key: Option<ChosenKey>,
}

/// A signing key that was made in the first step, signed for with the link's own key.
pub(in crate::official) struct ChosenKey {
    pub(in crate::official) stored: StoredKey,
    pub(in crate::official) signed: Vec<u8>,
    pub(in crate::official) signed_at: DateTime<Utc>,
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
            expires_at = excluded.expires_at, password = null, totp_sealed = null, totp_hash = null, key_salt = null, key_sealed = null,
            public_key = null, join_signed = null, join_signed_at = null",
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
        "select i.official_id, i.expires_at, i.password, i.totp_sealed, i.totp_hash, i.key_salt, i.key_sealed, i.public_key,
             i.join_signed, i.join_signed_at, o.name, o.email, o.role
         from official_invitation i join official o on o.id = i.official_id
         where i.token_sha256 = $1 and i.expires_at > $2 and o.disabled_at is null",
        sha256.as_slice(),
        now
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let stored = StoredKey::from_columns(row.key_salt, row.key_sealed, row.public_key);
    let key = stored.zip(row.join_signed).zip(row.join_signed_at);
    let key = key.map(|((stored, signed), signed_at)| ChosenKey { stored, signed, signed_at });
    let chosen = match (row.password, row.totp_sealed, row.totp_hash) {
        (Some(password), Some(sealed), Some(hash)) => Some(Chosen { password, totp: totp(sealed, &hash)?, key }),
        _ => None,
    };
    let role = super::role(&row.role)?;
    Ok(Some(Open { official: row.official_id, name: row.name, email: row.email, role, expires_at: row.expires_at, chosen }))
}

/// Whether a link is good at this moment.
pub(in crate::official) async fn is_open(conn: &mut PgConnection, sha256: &[u8; 32], now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from official_invitation i join official o on o.id = i.official_id
               where i.token_sha256 = $1 and i.expires_at > $2 and o.disabled_at is null) as "open!""#,
        sha256.as_slice(),
        now
    )
    .fetch_one(conn)
    .await
}

/// Writes down what was chosen; `false` when the link is not good any more.
pub(in crate::official) async fn choose(
    conn: &mut PgConnection,
    sha256: &[u8; 32],
    now: DateTime<Utc>,
    chosen: &Chosen,
) -> Result<bool, sqlx::Error> {
    let key = chosen.key.as_ref();
    let done = sqlx::query!(
        "update official_invitation set password = $3, totp_sealed = $4, totp_hash = $5, key_salt = $6, key_sealed = $7, public_key = $8,
            join_signed = $9, join_signed_at = $10
         where token_sha256 = $1 and expires_at > $2",
        sha256.as_slice(),
        now,
        chosen.password,
        chosen.totp.sealed,
        chosen.totp.hash.as_str(),
        key.map(|key| key.stored.salt.as_slice()),
        key.map(|key| key.stored.sealed.as_slice()),
        key.map(|key| key.stored.public.as_slice()),
        key.map(|key| key.signed.as_slice()),
        key.map(|key| key.signed_at)
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
