//! Logging in: password and second factor at once, and one answer to everything that is wrong.
//! A refused person learns neither whether the account exists, nor whether it is disabled, nor which half was wrong: the same
//! answer, after the same work. What was right is used up only when everything was.
use super::credential_keys::CredentialKeys;
use super::own_key::{self, StoredKey};
use super::password;
use super::recovery;
use super::store::credentials::{self as store, Credential};
use super::throttle::{Throttles, Wait};
use super::totp::CODE_DIGITS;
use super::web_session::{self, WebSession};
use crate::audit::{self, Actor, Entry};
use crate::base::code::PosterCode;
use crate::base::email_address::EmailAddress;
use crate::base::slow_hash::{self, Busy};
use crate::base::text;
use crate::base::token::Token;
use crate::keys::PersonalKey;
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use std::net::IpAddr;
use uuid::Uuid;
use zeroize::Zeroizing;

/// The form of a log-in, as it was typed. No `Debug`.
pub struct Typed<'a> {
    /// The account's mail address.
    pub email: &'a str,
    /// The password.
    pub password: &'a str,
    /// The six digits of the moment, or a recovery code.
    pub factor: Factor<'a>,
}

/// Which second factor was typed.
#[derive(Clone, Copy)]
pub enum Factor<'a> {
    /// The six digits of app or token.
    Code(&'a str),
    /// A recovery code.
    Recovery(&'a str),
    /// Whichever of the two it looks like.
    Either(&'a str),
}

/// Why somebody was not let in.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// Something was wrong; nobody says what.
    #[error("address, password or code are not right")]
    Refused,
    /// Too many mistakes a moment ago: nothing was looked at.
    #[error(transparent)]
    Wait(#[from] Wait),
    /// The password was right and the stored second factor does not open: the service's fault.
    #[error("the stored second factor does not open")]
    Key,
    /// Worth another try in a few seconds.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The database.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

/// Somebody came in. No `Debug`.
pub struct LoggedIn {
    /// For the browser's cookie; a new one at every log-in.
    pub token: Token,
    /// Who.
    pub official: Uuid,
    /// Recovery codes that are left, if one was used now.
    pub recovery_codes_left: Option<i64>,
}

/// A second factor that was recognised, before it is used up.
enum ShownFactor {
    Step(i64),
    Recovery(PosterCode),
}

/// Lets somebody in who shows both halves. `network` is the client's (an IPv4 address or an IPv6 /64).
///
/// # Errors
/// [`LogInError`]; a refusal is counted, and audited when its number is a power of two, so that a flood does not fill the chain.
pub async fn log_in(
    pool: &PgPool,
    credential_keys: &CredentialKeys,
    now: DateTime<Utc>,
    network: IpAddr,
    typed: &Typed<'_>,
) -> Result<LoggedIn, LogInError> {
    // One spelling of an address is one account, and what is no address has a throttle too.
    let email = EmailAddress::parse(typed.email).map(|address| address.normalised()).ok();
    let throttles = Throttles::of_log_in(credential_keys, email.as_deref().map_or("", String::as_str), network);
    let turn = throttles.take(pool, now).await??;
    let found = store::by_email(&mut *pool.acquire().await?, email.as_deref().map_or("", String::as_str)).await?;
    let password = password::normalised(typed.password).unwrap_or_default();
    let right = credential_keys.hasher.verify(password.clone(), found.as_ref().map(|found| found.password.clone())).await?;
    let shown = found.as_ref().and_then(|found| recognise(credential_keys, now, found, typed.factor));
    if let (Some(credential), Some(shown), true) = (&found, shown, right) {
        let key = key_of(credential_keys, credential, password.clone()).await?;
        let renewed = renewed(credential_keys, credential, password).await?;
        let mut tx = pool.begin().await?;
        if use_up(&mut tx, credential_keys, now, credential, &shown).await? {
            let logged_in = admit(&mut tx, now, credential, &shown, (renewed, key)).await?;
            throttles.succeeded(&mut tx, now).await?;
            record(&mut tx, now, "official.log_in", Some(credential.official), json!({ "recovery_code": shown.is_recovery() })).await?;
            tx.commit().await?;
            return Ok(logged_in);
        }
    }
    if right && found.as_ref().is_some_and(|found| credential_keys.open(found.official, &found.totp).is_none()) {
        return Err(LogInError::Key);
    }
    refuse(pool, now, turn.tries, "official.log_in_refused", found.map(|found| found.official)).await?;
    Err(LogInError::Refused)
}

/// Shows the second factor once more before something weighty is done; good for [`web_session::FRESH`] in this session.
/// Six digits or a recovery code, as typed. Commits by itself: a mistake counts whatever the caller does next.
///
/// # Errors
/// [`LogInError`]; `Refused` also when the session or the account has ended meanwhile.
pub async fn prove_again(
    pool: &PgPool,
    credential_keys: &CredentialKeys,
    now: DateTime<Utc>,
    login: &WebSession,
    typed: &str,
) -> Result<(), LogInError> {
    let throttles = Throttles::of_proof(credential_keys, login.official);
    let turn = throttles.take(pool, now).await??;
    let mut tx = pool.begin().await?;
    let found = store::by_id(&mut tx, login.official).await?;
    let shown = found.as_ref().and_then(|found| recognise(credential_keys, now, found, Factor::Either(typed)));
    if let (Some(credential), Some(shown)) = (&found, shown)
        && use_up(&mut tx, credential_keys, now, credential, &shown).await?
        && store::set_proven(&mut tx, login.session_id, now).await?
    {
        throttles.succeeded(&mut tx, now).await?;
        record(&mut tx, now, "official.prove", Some(login.official), json!({ "recovery_code": shown.is_recovery() })).await?;
        tx.commit().await?;
        return Ok(());
    }
    tx.rollback().await?;
    if found.is_some_and(|found| credential_keys.open(found.official, &found.totp).is_none()) {
        return Err(LogInError::Key);
    }
    refuse(pool, now, turn.tries, "official.prove_refused", Some(login.official)).await?;
    Err(LogInError::Refused)
}

impl ShownFactor {
    fn is_recovery(&self) -> bool {
        matches!(self, Self::Recovery(_))
    }
}

fn recognise(credential_keys: &CredentialKeys, now: DateTime<Utc>, found: &Credential, factor: Factor<'_>) -> Option<ShownFactor> {
    let code = |typed: &str| {
        let digits = text::digits(typed, CODE_DIGITS)?;
        credential_keys.open(found.official, &found.totp)?.step_of(&digits, now, found.last_step).map(ShownFactor::Step)
    };
    match factor {
        Factor::Code(typed) => code(typed),
        Factor::Recovery(typed) => recovery::read(typed).map(ShownFactor::Recovery),
        Factor::Either(typed) => recovery::read(typed).map(ShownFactor::Recovery).or_else(|| code(typed)),
    }
}

/// Uses the second factor up, if nobody did meanwhile and the account still is what it was.
async fn use_up(
    tx: &mut PgConnection,
    credential_keys: &CredentialKeys,
    now: DateTime<Utc>,
    credential: &Credential,
    shown: &ShownFactor,
) -> Result<bool, sqlx::Error> {
    if !store::holds(tx, credential).await? {
        return Ok(false);
    }
    match shown {
        ShownFactor::Step(step) => store::use_step(tx, credential.official, *step).await,
        ShownFactor::Recovery(code) => {
            store::use_recovery_code(tx, credential.official, &credential_keys.recovery.mac(credential.official, code), now).await
        }
    }
}

/// A stronger hash of the same password, where the stored one is weaker than today's.
async fn renewed(credential_keys: &CredentialKeys, credential: &Credential, password: Zeroizing<String>) -> Result<Option<String>, Busy> {
    if slow_hash::is_weak(&credential.password) { credential_keys.hasher.hash(password).await.map(Some) } else { Ok(None) }
}

/// The official's signing key, and how to store it where it had to be made: a new one counts once somebody vouches for it.
async fn key_of(
    credential_keys: &CredentialKeys,
    credential: &Credential,
    password: Zeroizing<String>,
) -> Result<(PersonalKey, Option<StoredKey>), Busy> {
    if let Some(stored) = &credential.key {
        if let Some(key) = own_key::unlock(credential_keys, credential.official, stored, password.clone()).await? {
            return Ok((key, None));
        }
        tracing::warn!("an official's signing key does not open with the right password: a new one is made, and counts for nothing yet");
    }
    let key = PersonalKey::random();
    let stored = own_key::lock(credential_keys, credential.official, &key, password).await?;
    Ok((key, Some(stored)))
}

async fn admit(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    credential: &Credential,
    shown: &ShownFactor,
    (renewed, (key, made)): (Option<String>, (PersonalKey, Option<StoredKey>)),
) -> Result<LoggedIn, sqlx::Error> {
    if let Some(password) = renewed {
        store::set_password(tx, credential.official, &password, now).await?;
    }
    if let Some(made) = made {
        store::set_key(tx, credential.official, &made).await?;
    }
    store::drop_ended_sessions(tx, now - web_session::IDLE, now - web_session::ABSOLUTE).await?;
    let token = web_session::open_session(tx, now, credential.official, &key).await?;
    let recovery_codes_left = if shown.is_recovery() { Some(store::recovery_codes_left(tx, credential.official).await?) } else { None };
    Ok(LoggedIn { token, official: credential.official, recovery_codes_left })
}

async fn refuse(pool: &PgPool, now: DateTime<Utc>, tries: i32, action: &'static str, official: Option<Uuid>) -> Result<(), sqlx::Error> {
    if !tries.unsigned_abs().is_power_of_two() {
        return Ok(());
    }
    let mut tx = pool.begin().await?;
    let entry = Entry { actor: Actor::Visitor, action, target_kind: "official", target_id: official, detail: json!({ "tries": tries }) };
    audit::record(&mut tx, now, &entry).await?;
    tx.commit().await
}

async fn record(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    action: &'static str,
    official: Option<Uuid>,
    detail: serde_json::Value,
) -> Result<(), sqlx::Error> {
    let actor = official.map_or(Actor::Visitor, Actor::Official);
    audit::record(tx, now, &Entry { actor, action, target_kind: "official", target_id: official, detail }).await
}
