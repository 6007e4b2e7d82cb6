//! Sessions of officials who are logged in: opened after a proof, recognised by a cookie, ended at once.
use super::Role;
use super::session::{Caller, Principal};
use super::statement::Signer;
use super::store::{self, FoundSession};
use super::vouch::{fingerprint, weigh};
use crate::audit::Actor;
use crate::base::token::Token;
use crate::keys::{Lock, PersonalKey};
use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// How long an unused session lasts (ASVS 7.3.1; docs/DESIGN.md §5 "Web": an official who was called away).
pub const IDLE: Duration = Duration::minutes(30);
/// How long a session lasts at most (ASVS 7.3.2): a long shift.
pub const ABSOLUTE: Duration = Duration::hours(12);
/// How fresh a proof must be before something is released.
pub const FRESH: Duration = Duration::minutes(5);
/// How often the last use is written down: every request would be a write, and a minute of thirty does not matter.
const SEEN_EVERY: Duration = Duration::minutes(1);

/// Somebody who is logged in, as pages greet them.
#[derive(Clone, Debug)]
pub struct WebSession {
    /// The session; never shown.
    pub session_id: Uuid,
    /// Who.
    pub official: Uuid,
    /// The name that colleagues see.
    pub name: String,
    /// The role that counts now.
    pub role: Role,
    /// When the second factor was shown last.
    pub proven_at: DateTime<Utc>,
    /// The session's key as it is compared with the operator; none while it is not opened.
    pub key: Option<String>,
    /// Whether the worker believes what is signed with it.
    pub is_vouched_for: bool,
}

impl WebSession {
    /// Whether the second factor was shown within [`FRESH`].
    #[must_use]
    pub fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        now - self.proven_at <= FRESH
    }
}

/// Opens a session for an official who has just proven who they are, and seals the key in it that the password opened: what the
/// session decides is signed, and nobody can open the key without the token. The token is returned here and never again.
///
/// # Errors
/// The database's.
pub async fn open_session(conn: &mut PgConnection, now: DateTime<Utc>, official: Uuid, key: &PersonalKey) -> Result<Token, sqlx::Error> {
    let token = Token::random();
    let sealed = key.seal(Lock::Session(&token), official.as_bytes());
    let sealed = sealed.ok_or_else(|| sqlx::Error::Encode("a key was not sealed".into()))?;
    store::insert_session(conn, now, official, &token.sha256(), &sealed).await?;
    Ok(token)
}

/// The caller and the session behind a cookie.
/// `None` when it is unknown, ended, idle for [`IDLE`], older than [`ABSOLUTE`], the account is disabled, or
/// no key lies in it that the token opens: somebody else wrote it into the table.
///
/// # Errors
/// The database's.
pub async fn login_of(conn: &mut PgConnection, now: DateTime<Utc>, token: &Token) -> Result<Option<(Caller, WebSession)>, sqlx::Error> {
    let Some((mut found, signer)) = find(conn, now, token).await? else {
        return Ok(None);
    };
    if now - found.seen_at >= SEEN_EVERY {
        store::touch_session(conn, now, found.login.session_id).await?;
    }
    found.login.is_vouched_for = signer.is_some();
    let caller = Caller {
        principal: Principal::Official(found.login.official),
        role: found.login.role,
        actor: Actor::Official(found.login.official),
        by_command_line_token: false,
        signer,
    };
    Ok(Some((caller, found.login)))
}

/// The session, its role weighed, and with what it signs.
async fn find(conn: &mut PgConnection, now: DateTime<Utc>, token: &Token) -> Result<Option<(FoundSession, Option<Signer>)>, sqlx::Error> {
    let Some(mut found) = store::find_session(conn, &token.sha256(), now - IDLE, now - ABSOLUTE).await? else {
        return Ok(None);
    };
    let Some(key) = PersonalKey::open(Lock::Session(token), found.login.official.as_bytes(), &found.key_sealed) else {
        tracing::warn!("a session without a key of its own was refused: nobody logged in to it");
        return Ok(None);
    };
    let public = key.public();
    found.login.key = Some(fingerprint(&public));
    let (role, signer) = match &found.vouched {
        // Another key than the one that was vouched for, or nobody known: they may look, rounded.
        None => (Role::Viewer, None),
        Some(vouched) if vouched.public_key.as_ref().is_some_and(|known| known.as_slice() != public) => (Role::Viewer, None),
        Some(vouched) => {
            let signer = vouched.public_key.as_ref().map(|_| Signer::new(key, vouched.standing));
            (weigh(found.login.role, vouched.role, vouched.confirmed), signer)
        }
    };
    found.login.role = role;
    Ok(Some((found, signer)))
}

/// Whether a session still holds, without counting as a use of it: who only watches a page is logged out like everybody else.
///
/// # Errors
/// The database's.
pub async fn still_logged_in(conn: &mut PgConnection, now: DateTime<Utc>, token: &Token) -> Result<Option<WebSession>, sqlx::Error> {
    Ok(find(conn, now, token).await?.map(|(found, _)| found.login))
}

/// Ends a session at once.
///
/// # Errors
/// The database's.
pub async fn end_session(conn: &mut PgConnection, session: Uuid) -> Result<(), sqlx::Error> {
    store::delete_session(conn, session).await
}
