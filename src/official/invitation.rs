//! Invitations: a one-time link with which an official chooses a password and sets up a second factor.
//!
//! Opening the link, as mail scanners do, uses nothing up and shows no secret before a password was chosen. The account can
//! log in once the first code of its second factor was typed; then the link is dead.
use super::credential_keys::{CredentialKeys, SealedTotp};
use super::own_key;
use super::password::{NewPassword, PasswordError};
use super::recovery::RecoveryCodes;
use super::role::Role;
use super::store::credentials::{self, NewCredential};
use super::store::invitations::{self as store, Chosen, ChosenKey, Open};
use super::totp::{BadSeed, CODE_DIGITS, Seed, TotpSecret};
use super::vouch;
use crate::audit::{self, Actor, Entry};
use crate::base::email_address::EmailAddress;
use crate::base::slow_hash::Busy;
use crate::base::text;
use crate::base::token::Token;
use crate::keys::PersonalKey;
use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

/// How long an invitation is good.
pub const INVITATION_DAYS: i64 = 7;

/// An invitation that was just made. The token is here and nowhere else.
pub struct Invitation {
    /// The official whose account it is.
    pub official: Uuid,
    /// The person's mailbox.
    pub email: EmailAddress,
    /// The person's name.
    pub name: String,
    /// The role that waits.
    pub role: Role,
    /// The link's secret.
    pub token: Token,
    /// The link is good before this.
    pub expires_at: DateTime<Utc>,
    /// Whether it takes the place of what the person logged in with until now.
    pub is_reset: bool,
    /// A second administrator must confirm before the account may approve.
    pub takes_two: bool,
}

impl Invitation {
    /// The page behind the link.
    #[must_use]
    pub fn url(&self, base_url: &str) -> String {
        url(base_url, &self.token)
    }
}

pub(super) fn url(base_url: &str, token: &Token) -> String {
    format!("{base_url}/console/invitation/{}", token.expose())
}

/// The content of the page behind a good link. No `Debug`.
pub struct Invited {
    /// The official whose account it is.
    pub official: Uuid,
    /// The person's name.
    pub name: String,
    /// The address with which they will log in.
    pub email: String,
    /// The role that waits.
    pub role: Role,
    /// The link is good before this.
    pub expires_at: DateTime<Utc>,
    /// The second factor to set up; `None`: a password comes first.
    pub totp: Option<TotpSecret>,
}

/// Why a step of an invitation was not taken.
#[derive(Debug, thiserror::Error)]
pub enum InvitationError {
    /// Unknown, used, expired, or its account is disabled.
    #[error("this link is not good any more")]
    Gone,
    /// The password.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The two passwords differ.
    #[error("the two passwords differ")]
    Different,
    /// The seed of a hardware token.
    #[error(transparent)]
    Seed(#[from] BadSeed),
    /// Not the code of this moment.
    #[error("this code is not the one of this moment")]
    WrongCode,
    /// A password must be chosen first.
    #[error("choose a password first")]
    NoPassword,
    /// Worth another try in a few seconds.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The database.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

/// Makes the link and writes it down, in place of an older one.
pub(super) async fn open(tx: &mut PgConnection, now: DateTime<Utc>, official: Uuid) -> Result<(Token, DateTime<Utc>), sqlx::Error> {
    let (token, expires_at) = (Token::random(), now + Duration::days(INVITATION_DAYS));
    store::put(tx, official, &token.sha256(), now, expires_at).await?;
    Ok((token, expires_at))
}

/// Looks a link up without using anything up. `None`: see [`InvitationError::Gone`].
///
/// # Errors
/// The database.
pub async fn peek(
    conn: &mut PgConnection,
    credential_keys: &CredentialKeys,
    now: DateTime<Utc>,
    token: &Token,
) -> Result<Option<Invited>, sqlx::Error> {
    let Some(found) = store::find(conn, &token.sha256(), now).await? else {
        return Ok(None);
    };
    let totp = found.chosen.as_ref().and_then(|chosen| credential_keys.open(found.official, &chosen.totp));
    Ok(Some(Invited {
        official: found.official,
        name: found.name,
        email: found.email,
        role: found.role,
        expires_at: found.expires_at,
        totp,
    }))
}

/// The first step: a password. Choosing again, before the second step is done, is fine; the second factor shown stays the same.
///
/// # Errors
/// [`InvitationError`]
pub async fn choose_password(
    pool: &PgPool,
    credential_keys: &CredentialKeys,
    now: DateTime<Utc>,
    token: &Token,
    new: NewPassword<'_>,
) -> Result<(), InvitationError> {
    let found = found(&mut *pool.acquire().await?, now, token).await?;
    let password = credential_keys.judge(new.typed, &found.name, &found.email)?;
    if new.typed != new.again {
        return Err(InvitationError::Different);
    }
    // The key is made here, where the password is at hand, and signed for with the key that only this link's reader has.
    let key = PersonalKey::random();
    let stored = own_key::lock(credential_keys, found.official, &key, password.clone()).await?;
    let signed = vouch::sign_join(token, found.official, key.public(), now).as_bytes().to_vec();
    let password = credential_keys.hasher.hash(password).await?;
    // The shown secret stays, so that a phone that has scanned it is right; unless the data keys were thrown away meanwhile.
    let shown = found.chosen.map(|chosen| chosen.totp).filter(|totp| credential_keys.open(found.official, totp).is_some());
    let totp = match shown {
        Some(totp) => totp,
        None => sealed(credential_keys, found.official, &TotpSecret::random())?,
    };
    let chosen = Chosen { password, totp, key: Some(ChosenKey { stored, signed, signed_at: now }) };
    let chosen = store::choose(&mut *pool.acquire().await?, &token.sha256(), now, &chosen).await?;
    if chosen { Ok(()) } else { Err(InvitationError::Gone) }
}

/// Takes the seed of a hardware token instead of the secret that was shown.
///
/// # Errors
/// [`InvitationError`]
pub async fn use_seed(
    conn: &mut PgConnection,
    credential_keys: &CredentialKeys,
    now: DateTime<Utc>,
    token: &Token,
    seed: Seed<'_>,
) -> Result<(), InvitationError> {
    let found = found(conn, now, token).await?;
    let mut chosen = found.chosen.ok_or(InvitationError::NoPassword)?;
    chosen.totp = sealed(credential_keys, found.official, &TotpSecret::from_seed(seed.text, seed.hash)?)?;
    let changed = store::choose(conn, &token.sha256(), now, &chosen).await?;
    if changed { Ok(()) } else { Err(InvitationError::Gone) }
}

/// The last step: the first code of the second factor. From now on the account logs in, and the link is dead. The code counts
/// as used. In the caller's transaction; the recovery codes are returned here and never again.
///
/// # Errors
/// [`InvitationError`]
pub async fn finish(
    tx: &mut PgConnection,
    credential_keys: &CredentialKeys,
    now: DateTime<Utc>,
    token: &Token,
    code: &str,
) -> Result<(Uuid, RecoveryCodes), InvitationError> {
    let found = found(tx, now, token).await?;
    let chosen = found.chosen.ok_or(InvitationError::NoPassword)?;
    let secret = credential_keys.open(found.official, &chosen.totp).ok_or(InvitationError::Gone)?;
    let digits = text::digits(code, CODE_DIGITS).ok_or(InvitationError::WrongCode)?;
    let step = secret.step_of(&digits, now, 0).ok_or(InvitationError::WrongCode)?;
    if !store::use_up(tx, &token.sha256(), now).await? {
        return Err(InvitationError::Gone);
    }
    let key = chosen.key.as_ref();
    let credential = NewCredential {
        official: found.official,
        password: &chosen.password,
        totp: &chosen.totp,
        step,
        key: key.map(|key| &key.stored),
        set_at: now,
    };
    credentials::put(tx, &credential).await?;
    if let Some(key) = key {
        vouch::write_join(tx, found.official, key.stored.public.clone(), key.signed_at, &key.signed).await?;
    }
    let codes = RecoveryCodes::random();
    credentials::set_recovery_codes(tx, found.official, &codes.macs(&credential_keys.recovery, found.official)).await?;
    credentials::end_sessions(tx, found.official, None).await?;
    let entry = Entry {
        actor: Actor::Official(found.official),
        action: "official.join",
        target_kind: "official",
        target_id: Some(found.official),
        detail: json!({ "role": found.role.as_str(), "second_factor": chosen.totp.hash.as_str() }),
    };
    audit::record(tx, now, &entry).await?;
    Ok((found.official, codes))
}

async fn found(conn: &mut PgConnection, now: DateTime<Utc>, token: &Token) -> Result<Open, InvitationError> {
    store::find(conn, &token.sha256(), now).await?.ok_or(InvitationError::Gone)
}

pub(super) fn sealed(credential_keys: &CredentialKeys, official: Uuid, secret: &TotpSecret) -> Result<SealedTotp, sqlx::Error> {
    credential_keys.seal(official, secret).ok_or_else(|| sqlx::Error::Encode("a second factor was not sealed".into()))
}
