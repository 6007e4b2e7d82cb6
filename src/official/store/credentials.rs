//! The tables `official_credential` and `official_recovery_code`, and what logging in reads and writes of `official_session`.
use crate::official::credential_keys::SealedTotp;
use crate::official::own_key::StoredKey;
use crate::official::totp::TotpHash;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// With what an enabled account logs in. No `Debug`.
pub(in crate::official) struct Credential {
    pub(in crate::official) official: Uuid,
    pub(in crate::official) password: String,
    pub(in crate::official) totp: SealedTotp,
    pub(in crate::official) last_step: i64,
    /// The signing key; none: joined before there were keys, and has not logged in since.
    pub(in crate::official) key: Option<StoredKey>,
}

struct CredentialRow {
    official_id: Uuid,
    password: String,
    totp_sealed: Vec<u8>,
    totp_hash: String,
    totp_last_step: i64,
    key_salt: Option<Vec<u8>>,
    key_sealed: Option<Vec<u8>>,
    public_key: Option<Vec<u8>>,
}

pub(in crate::official) fn totp(sealed: Vec<u8>, hash: &str) -> Result<SealedTotp, sqlx::Error> {
    let hash = TotpHash::from_name(hash).ok_or_else(|| sqlx::Error::Decode("totp_hash is none that we know".into()))?;
    Ok(SealedTotp { sealed, hash })
}

impl TryFrom<CredentialRow> for Credential {
    type Error = sqlx::Error;

    fn try_from(row: CredentialRow) -> Result<Self, sqlx::Error> {
        let totp = totp(row.totp_sealed, &row.totp_hash)?;
        let key = StoredKey::from_columns(row.key_salt, row.key_sealed, row.public_key);
        Ok(Self { official: row.official_id, password: row.password, totp, last_step: row.totp_last_step, key })
    }
}

/// The sealed second factors of all accounts; a city has some hundred at most.
pub(in crate::official) async fn second_factors(conn: &mut PgConnection) -> Result<Vec<(Uuid, Vec<u8>)>, sqlx::Error> {
    let rows = sqlx::query!("select official_id, totp_sealed from official_credential").fetch_all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.official_id, row.totp_sealed)).collect())
}

/// The credential of the enabled account with this address.
pub(in crate::official) async fn by_email(conn: &mut PgConnection, email: &str) -> Result<Option<Credential>, sqlx::Error> {
    let row = sqlx::query_as!(
        CredentialRow,
        "select c.official_id, c.password, c.totp_sealed, c.totp_hash, c.totp_last_step, c.key_salt, c.key_sealed, c.public_key
         from official o join official_credential c on c.official_id = o.id where o.email = $1 and o.disabled_at is null",
        email
    )
    .fetch_optional(conn)
    .await?;
    row.map(Credential::try_from).transpose()
}

/// The credential of this official, if the account is enabled.
pub(in crate::official) async fn by_id(conn: &mut PgConnection, official: Uuid) -> Result<Option<Credential>, sqlx::Error> {
    let row = sqlx::query_as!(
        CredentialRow,
        "select c.official_id, c.password, c.totp_sealed, c.totp_hash, c.totp_last_step, c.key_salt, c.key_sealed, c.public_key
         from official o join official_credential c on c.official_id = o.id where o.id = $1 and o.disabled_at is null",
        official
    )
    .fetch_optional(conn)
    .await?;
    row.map(Credential::try_from).transpose()
}

/// Whether the account is enabled and its credential is still the one that was judged; holds both until the transaction ends.
pub(in crate::official) async fn holds(conn: &mut PgConnection, judged: &Credential) -> Result<bool, sqlx::Error> {
    let row = sqlx::query_scalar!(
        "select c.official_id from official_credential c join official o on o.id = c.official_id
         where c.official_id = $1 and c.password = $2 and c.totp_sealed = $3 and o.disabled_at is null
         for update of c for share of o",
        judged.official,
        judged.password,
        judged.totp.sealed
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

/// Uses up a step of the second factor; `false` when it, or a later one, was used before.
pub(in crate::official) async fn use_step(conn: &mut PgConnection, official: Uuid, step: i64) -> Result<bool, sqlx::Error> {
    let done =
        sqlx::query!("update official_credential set totp_last_step = $2 where official_id = $1 and totp_last_step < $2", official, step)
            .execute(conn)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Uses up a recovery code; `false` when there is no such code, or it was used before.
pub(in crate::official) async fn use_recovery_code(
    conn: &mut PgConnection,
    official: Uuid,
    mac: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update official_recovery_code set used_at = $3 where official_id = $1 and mac = $2 and used_at is null",
        official,
        mac.as_slice(),
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(in crate::official) async fn recovery_codes_left(conn: &mut PgConnection, official: Uuid) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"select count(*) as "left!" from official_recovery_code where official_id = $1 and used_at is null"#, official)
        .fetch_one(conn)
        .await
}

/// Exchanges all recovery codes for these.
pub(in crate::official) async fn set_recovery_codes(conn: &mut PgConnection, official: Uuid, macs: &[Vec<u8>]) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from official_recovery_code where official_id = $1", official).execute(&mut *conn).await?;
    sqlx::query!("insert into official_recovery_code (official_id, mac) select $1, unnest($2::bytea[])", official, macs)
        .execute(conn)
        .await
        .map(drop)
}

pub(in crate::official) async fn set_password(
    conn: &mut PgConnection,
    official: Uuid,
    password: &str,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("update official_credential set password = $2, set_at = $3 where official_id = $1", official, password, now)
        .execute(conn)
        .await
        .map(drop)
}

/// With what an account will log in, from `set_at` on. No `Debug`.
pub(in crate::official) struct NewCredential<'a> {
    pub(in crate::official) official: Uuid,
    /// The password's hash.
    pub(in crate::official) password: &'a str,
    pub(in crate::official) totp: &'a SealedTotp,
    /// The step of the code that was typed, which counts as used.
    pub(in crate::official) step: i64,
    pub(in crate::official) key: Option<&'a StoredKey>,
    pub(in crate::official) set_at: DateTime<Utc>,
}

/// Gives an official a credential, whatever stood there before.
pub(in crate::official) async fn put(conn: &mut PgConnection, new: &NewCredential<'_>) -> Result<(), sqlx::Error> {
    let (key, totp) = (new.key, new.totp);
    sqlx::query!(
        "insert into official_credential (official_id, password, totp_sealed, totp_hash, totp_last_step, set_at, key_salt, key_sealed,
            public_key)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (official_id) do update set password = excluded.password, totp_sealed = excluded.totp_sealed,
            totp_hash = excluded.totp_hash, totp_last_step = excluded.totp_last_step, set_at = excluded.set_at,
            next_totp_sealed = null, next_totp_hash = null, key_salt = excluded.key_salt, key_sealed = excluded.key_sealed,
            public_key = excluded.public_key",
        new.official,
        new.password,
        totp.sealed,
        totp.hash.as_str(),
        new.step,
        new.set_at,
        key.map(|key| key.salt.as_slice()),
        key.map(|key| key.sealed.as_slice()),
        key.map(|key| key.public.as_slice())
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("update official set joined_at = coalesce(joined_at, $2) where id = $1", new.official, new.set_at)
        .execute(conn)
        .await
        .map(drop)
}

/// Exchanges the sealed signing key.
pub(in crate::official) async fn set_key(conn: &mut PgConnection, official: Uuid, key: &StoredKey) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update official_credential set key_salt = $2, key_sealed = $3, public_key = $4 where official_id = $1",
        official,
        key.salt,
        key.sealed,
        key.public
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Takes away everything with which an official could log in.
pub(in crate::official) async fn remove(conn: &mut PgConnection, official: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from official_credential where official_id = $1", official).execute(&mut *conn).await?;
    sqlx::query!("delete from official_recovery_code where official_id = $1", official).execute(conn).await.map(drop)
}

/// The second factor that waits for its first code.
pub(in crate::official) async fn next_totp(conn: &mut PgConnection, official: Uuid) -> Result<Option<SealedTotp>, sqlx::Error> {
    let row = sqlx::query!("select next_totp_sealed, next_totp_hash from official_credential where official_id = $1", official)
        .fetch_optional(conn)
        .await?;
    match row.map(|row| (row.next_totp_sealed, row.next_totp_hash)) {
        Some((Some(sealed), Some(hash))) => totp(sealed, &hash).map(Some),
        _ => Ok(None),
    }
}

pub(in crate::official) async fn set_next_totp(conn: &mut PgConnection, official: Uuid, next: &SealedTotp) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update official_credential set next_totp_sealed = $2, next_totp_hash = $3 where official_id = $1",
        official,
        next.sealed,
        next.hash.as_str()
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Makes the waiting second factor the one that counts, if it is still this one.
pub(in crate::official) async fn adopt_next_totp(
    conn: &mut PgConnection,
    official: Uuid,
    next: &SealedTotp,
    step: i64,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update official_credential set totp_sealed = next_totp_sealed, totp_hash = next_totp_hash, totp_last_step = $3,
            next_totp_sealed = null, next_totp_hash = null
         where official_id = $1 and next_totp_sealed = $2",
        official,
        next.sealed,
        step
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes that the second factor was shown in this session; `false` when it has ended.
pub(in crate::official) async fn set_proven(conn: &mut PgConnection, session: Uuid, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!("update official_session set proven_at = $2 where id = $1", session, now).execute(conn).await?;
    Ok(done.rows_affected() == 1)
}

/// Drops sessions that ended by themselves.
pub(in crate::official) async fn drop_ended_sessions(
    conn: &mut PgConnection,
    idle: DateTime<Utc>,
    oldest: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from official_session where seen_at <= $1 or created_at <= $2", idle, oldest).execute(conn).await.map(drop)
}

/// Ends the sessions of an official, all but `kept`.
pub(in crate::official) async fn end_sessions(conn: &mut PgConnection, official: Uuid, kept: Option<Uuid>) -> Result<u64, sqlx::Error> {
    let done = sqlx::query!("delete from official_session where official_id = $1 and ($2::uuid is null or id <> $2)", official, kept)
        .execute(conn)
        .await?;
    Ok(done.rows_affected())
}
