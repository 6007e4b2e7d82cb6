//! Acts of officials on their own accounts: another password, another second factor, new recovery codes, sessions.
use super::credential_keys::CredentialKeys;
use super::invitation::sealed;
use super::own_key;
use super::password::{self, NewPassword, PasswordError};
use super::recovery::RecoveryCodes;
use super::store::{credentials, sessions as store};
use super::throttle::{Throttles, Wait};
use super::totp::{BadSeed, CODE_DIGITS, Seed, TotpSecret};
use super::web_session::{self, WebSession};
use crate::audit::{self, Actor, Entry};
use crate::base::slow_hash::Busy;
use crate::base::text;
use crate::base::token::Token;
use crate::keys::PersonalKey;
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OwnAccountError {
    /// The second factor must be shown first ([`super::prove_again`]).
    #[error("the second factor was shown too long ago")]
    NotFresh,
    /// The present password is another.
    #[error("this is not the present password")]
    WrongPassword,
    /// The new password.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The two new passwords differ.
    #[error("the two passwords differ")]
    Different,
    /// The seed of a hardware token.
    #[error(transparent)]
    Seed(#[from] BadSeed),
    /// Not the code of this moment.
    #[error("this code is not the one of this moment")]
    WrongCode,
    /// No second factor waits to be confirmed, or the account has ended.
    #[error("there is nothing to confirm")]
    Nothing,
    /// Too many mistakes a moment ago.
    #[error(transparent)]
    Wait(#[from] Wait),
    /// Worth another try in a few seconds.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The database.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

/// A session as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSession {
    /// The session.
    pub id: Uuid,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// When it was used last, to the minute.
    pub seen_at: DateTime<Utc>,
    /// Whether it is the one that asks.
    pub is_this: bool,
}

/// The present password, which proves who asks, and a new one. No `Debug`.
#[derive(Clone, Copy)]
pub struct PasswordChange<'a> {
    /// The password of now.
    pub present: &'a str,
    /// The one that takes its place.
    pub new: NewPassword<'a>,
}

/// Exchanges the password, ends all sessions, and opens a new one for who asks.
///
/// # Errors
/// [`OwnAccountError`]
pub async fn change_password(
    pool: &PgPool,
    credential_keys: &CredentialKeys,
    now: DateTime<Utc>,
    login: &WebSession,
    change: PasswordChange<'_>,
) -> Result<Token, OwnAccountError> {
    let PasswordChange { present, new } = change;
    let throttles = Throttles::of_proof(credential_keys, login.official);
    throttles.take(pool, now).await??;
    let (found, email) = {
        let mut connection = pool.acquire().await?;
        let found = credentials::by_id(&mut connection, login.official).await?.ok_or(OwnAccountError::Nothing)?;
        (found, store::email(&mut connection, login.official).await?.unwrap_or_default())
    };
    let present = password::normalised(present).unwrap_or_default();
    if !credential_keys.hasher.verify(present.clone(), Some(found.password.clone())).await? {
        return Err(OwnAccountError::WrongPassword);
    }
    let password = credential_keys.judge(new.typed, &login.name, &email)?;
    if new.typed != new.again {
        return Err(OwnAccountError::Different);
    }
    // The same key goes on, under the new password.
    let key = match &found.key {
        Some(stored) => own_key::unlock(credential_keys, login.official, stored, present).await?,
        None => None,
    };
    let key = key.unwrap_or_else(PersonalKey::random);
    let stored = own_key::lock(credential_keys, login.official, &key, password.clone()).await?;
    let password = credential_keys.hasher.hash(password).await?;
    let mut tx = pool.begin().await?;
    if !credentials::holds(&mut tx, &found).await? {
        return Err(OwnAccountError::Nothing);
    }
    credentials::set_password(&mut tx, login.official, &password, now).await?;
    credentials::set_key(&mut tx, login.official, &stored).await?;
    let ended = credentials::end_sessions(&mut tx, login.official, None).await?;
    let token = web_session::open_session(&mut tx, now, login.official, &key).await?;
    throttles.succeeded(&mut tx, now).await?;
    record(&mut tx, now, login, "official.change_password", json!({ "sessions_ended": ended })).await?;
    tx.commit().await?;
    Ok(token)
}

/// Prepares another second factor, from a hardware token's seed or fresh; it counts once its first code was typed.
///
/// # Errors
/// [`OwnAccountError::NotFresh`], [`OwnAccountError::Seed`], [`OwnAccountError::Db`]
pub async fn begin_second_factor(
    conn: &mut PgConnection,
    credential_keys: &CredentialKeys,
    now: DateTime<Utc>,
    login: &WebSession,
    seed: Option<Seed<'_>>,
) -> Result<(), OwnAccountError> {
    let secret = match seed {
        Some(seed) => TotpSecret::from_seed(seed.text, seed.hash)?,
        None => TotpSecret::random(),
    };
    if !login.is_fresh(now) {
        return Err(OwnAccountError::NotFresh);
    }
    let next = sealed(credential_keys, login.official, &secret)?;
    credentials::set_next_totp(conn, login.official, &next).await?;
    Ok(())
}

/// The second factor that waits for its first code.
///
/// # Errors
/// The database.
pub async fn next_second_factor(
    conn: &mut PgConnection,
    credential_keys: &CredentialKeys,
    login: &WebSession,
) -> Result<Option<TotpSecret>, sqlx::Error> {
    let next = credentials::next_totp(conn, login.official).await?;
    Ok(next.and_then(|next| credential_keys.open(login.official, &next)))
}

/// Makes the waiting second factor the one that counts. Its code counts as used; other sessions end.
///
/// # Errors
/// [`OwnAccountError`]
pub async fn confirm_second_factor(
    tx: &mut PgConnection,
    credential_keys: &CredentialKeys,
    now: DateTime<Utc>,
    login: &WebSession,
    code: &str,
) -> Result<(), OwnAccountError> {
    let next = credentials::next_totp(tx, login.official).await?.ok_or(OwnAccountError::Nothing)?;
    let secret = credential_keys.open(login.official, &next).ok_or(OwnAccountError::Nothing)?;
    let digits = text::digits(code, CODE_DIGITS).ok_or(OwnAccountError::WrongCode)?;
    let step = secret.step_of(&digits, now, 0).ok_or(OwnAccountError::WrongCode)?;
    if !credentials::adopt_next_totp(tx, login.official, &next, step).await? {
        return Err(OwnAccountError::Nothing);
    }
    let ended = credentials::end_sessions(tx, login.official, Some(login.session_id)).await?;
    let detail = json!({ "second_factor": next.hash.as_str(), "sessions_ended": ended });
    record(tx, now, login, "official.change_second_factor", detail).await?;
    Ok(())
}

/// New recovery codes; the old ones are dead.
///
/// # Errors
/// [`OwnAccountError::NotFresh`] and [`OwnAccountError::Db`]
pub async fn new_recovery_codes(
    tx: &mut PgConnection,
    credential_keys: &CredentialKeys,
    now: DateTime<Utc>,
    login: &WebSession,
) -> Result<RecoveryCodes, OwnAccountError> {
    if !login.is_fresh(now) {
        return Err(OwnAccountError::NotFresh);
    }
    let codes = RecoveryCodes::random();
    credentials::set_recovery_codes(tx, login.official, &codes.macs(&credential_keys.recovery, login.official)).await?;
    record(tx, now, login, "official.new_recovery_codes", json!({})).await?;
    Ok(codes)
}

/// Recovery codes that have not been used.
///
/// # Errors
/// The database.
pub async fn recovery_codes_left(conn: &mut PgConnection, login: &WebSession) -> Result<i64, sqlx::Error> {
    credentials::recovery_codes_left(conn, login.official).await
}

/// The official's open sessions, the newest first.
///
/// # Errors
/// The database.
pub async fn sessions(conn: &mut PgConnection, now: DateTime<Utc>, login: &WebSession) -> Result<Vec<OpenSession>, sqlx::Error> {
    store::of(conn, login.official, login.session_id, now - web_session::IDLE, now - web_session::ABSOLUTE).await
}

/// Ends one of the official's own sessions; `false` when it is not theirs, or has ended.
///
/// # Errors
/// The database.
pub async fn end_own_session(tx: &mut PgConnection, now: DateTime<Utc>, login: &WebSession, session: Uuid) -> Result<bool, sqlx::Error> {
    let ended = store::end(tx, login.official, session).await?;
    if ended {
        let action = if session == login.session_id { "official.log_out" } else { "official.end_session" };
        record(tx, now, login, action, json!({})).await?;
    }
    Ok(ended)
}

/// Ends all of the official's sessions but the one that asks. Returns how many.
///
/// # Errors
/// The database.
pub async fn end_other_sessions(tx: &mut PgConnection, now: DateTime<Utc>, login: &WebSession) -> Result<u64, sqlx::Error> {
    let ended = credentials::end_sessions(tx, login.official, Some(login.session_id)).await?;
    if ended > 0 {
        record(tx, now, login, "official.end_session", json!({ "sessions_ended": ended })).await?;
    }
    Ok(ended)
}

async fn record(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    login: &WebSession,
    action: &'static str,
    detail: serde_json::Value,
) -> Result<(), sqlx::Error> {
    let actor = Actor::Official(login.official);
    audit::record(tx, now, &Entry { actor, action, target_kind: "official", target_id: Some(login.official), detail }).await
}
