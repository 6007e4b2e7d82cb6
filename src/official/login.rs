//! Sessions of officials who are logged in: opened after a proof, recognised by a cookie, ended at once.
use super::session::{Caller, Principal};
use super::{Role, store};
use crate::audit::Actor;
use crate::base::token::Token;
use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// How long an unused session lasts (ASVS 7.3.1, DESIGN: an official who was called away).
pub const IDLE: Duration = Duration::minutes(30);
/// How long a session lasts at most (ASVS 7.3.2): a long shift.
pub const ABSOLUTE: Duration = Duration::hours(12);
/// How fresh a proof must be before something is released.
pub const FRESH: Duration = Duration::minutes(5);
/// How often the last use is written down: every request would be a write, and a minute of thirty does not matter.
const SEEN_EVERY: Duration = Duration::minutes(1);

/// Somebody who is logged in, as pages greet him.
#[derive(Clone, Debug)]
pub struct Login {
    /// The session; never shown.
    pub session_id: Uuid,
    /// Who.
    pub official: Uuid,
    /// The name that colleagues see.
    pub name: String,
    /// The role of the account now.
    pub role: Role,
    /// When the second factor was shown last.
    pub proven_at: DateTime<Utc>,
}

impl Login {
    /// Whether the second factor was shown within [`FRESH`].
    #[must_use]
    pub fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        now - self.proven_at <= FRESH
    }
}

/// Opens a session for an official who has just proven who he is. The token is returned here and never again.
///
/// # Errors
/// The database's.
pub async fn open_session(conn: &mut PgConnection, now: DateTime<Utc>, official: Uuid) -> Result<Token, sqlx::Error> {
    let token = Token::random();
    store::insert_session(conn, now, Uuid::new_v4(), official, &token.sha256()).await?;
    Ok(token)
}

/// Whose session it is; `None` when it is unknown, ended, idle for [`IDLE`], older than [`ABSOLUTE`], or the account is disabled.
///
/// # Errors
/// The database's.
pub async fn login_of(conn: &mut PgConnection, now: DateTime<Utc>, token: &Token) -> Result<Option<(Caller, Login)>, sqlx::Error> {
    let Some(found) = store::find_session(conn, &token.sha256(), now - IDLE, now - ABSOLUTE).await? else {
        return Ok(None);
    };
    if now - found.seen_at >= SEEN_EVERY {
        store::touch_session(conn, now, found.login.session_id).await?;
    }
    let caller = Caller {
        principal: Principal::Official(found.login.official),
        role: found.login.role,
        actor: Actor::Official(found.login.official),
        by_command_line_token: false,
    };
    Ok(Some((caller, found.login)))
}

/// Whether a session still holds, without counting as a use of it: who only watches a page is logged out like everybody else.
///
/// # Errors
/// The database's.
pub async fn still_logged_in(conn: &mut PgConnection, now: DateTime<Utc>, token: &Token) -> Result<Option<Login>, sqlx::Error> {
    Ok(store::find_session(conn, &token.sha256(), now - IDLE, now - ABSOLUTE).await?.map(|found| found.login))
}

/// Ends a session at once.
///
/// # Errors
/// The database's.
pub async fn end_session(conn: &mut PgConnection, session: Uuid) -> Result<(), sqlx::Error> {
    store::delete_session(conn, session).await
}
