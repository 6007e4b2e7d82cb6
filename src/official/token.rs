//! API tokens: made, recognised, revoked. The text is shown once; the database keeps its SHA-256.
use super::role::Role;
use super::session::{Caller, MayAdmin, Principal, Session};
use super::statement::Signer;
use super::store::signatories::TokenSignatory;
use super::store::{self, NewToken, tokens};
use super::vouch::{self, ActKind, NotVouched};
use crate::audit::{self, Actor, Entry};
use crate::base::text::{self, TextError};
use crate::base::token::Token;
use crate::keys::PersonalKey;
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

/// Longest name of a token, in characters: one line in a list.
pub const MAX_TOKEN_NAME: usize = 60;

/// A token as admins see it. The token itself is not known to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// The token.
    pub id: Uuid,
    /// The name that its maker gave it.
    pub name: String,
    /// Its role.
    pub role: Role,
    /// The official who made it, and their name; none: the command line.
    pub made_by: Option<(Uuid, String)>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// All tokens, those that work first, the newest first.
///
/// # Errors
/// The database.
pub async fn tokens(conn: &mut PgConnection) -> Result<Vec<ApiToken>, sqlx::Error> {
    tokens::all(conn).await
}

/// Makes a token that counts as the admin who asks. A command-line token makes none: it could make itself a second person. The
/// token works once the worker has believed its maker's signature, a second or two later.
///
/// # Errors
/// [`TokenError`]; nothing is written then.
pub async fn create_own_token(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    by: &Session<MayAdmin>,
    name: &str,
    role: Role,
) -> Result<(Uuid, Token), TokenError> {
    let Principal::Official(maker) = by.principal() else {
        return Err(TokenError::ByToken);
    };
    let mut tx = conn.begin().await?;
    let (id, token) = insert(&mut tx, now, name, role, Some(*maker)).await?;
    let made = (id, role, PersonalKey::of_token(&token).public());
    vouch::write_token(&mut tx, now, by, *maker, made).await??;
    tx.commit().await?;
    Ok((id, token))
}

/// Why no token was made.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The name is empty, too long or holds characters that disguise it.
    #[error("the token's name: {0}")]
    Name(#[from] TextError),
    /// `made_by` is no official, or one whose account is disabled.
    #[error("no such official, or the account is disabled")]
    UnknownMaker,
    /// A command-line token may not make tokens.
    #[error("a command-line token makes no tokens")]
    ByToken,
    /// A token may not be able to do what its maker may not.
    #[error("a token may not have more rights than its maker")]
    BeyondMaker,
    /// Nobody vouched for the key of who asks.
    #[error(transparent)]
    NotVouched(#[from] NotVouched),
    /// The database did not answer.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

/// Makes a token on the operator's word, with the schema owner's login; it is returned here and never again. Audited in the same transaction.
///
/// One with a maker counts as that official for as long as the account is enabled and its role covers the token's.
/// One without (command line) counts as a principal by its name, so that two of one name are one person.
///
/// # Errors
/// [`TokenError`]; nothing is written then.
pub async fn create_token(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    name: &str,
    role: Role,
    made_by: Option<Uuid>,
) -> Result<(Uuid, Token), TokenError> {
    let mut tx = conn.begin().await?;
    let (id, token) = insert(&mut tx, now, name, role, made_by).await?;
    let principal = made_by.map_or_else(|| text::line(name, MAX_TOKEN_NAME).map(Principal::Token), |id| Ok(Principal::Official(id)))?;
    let key = PersonalKey::of_token(&token).public();
    let signatory = TokenSignatory { token: id, key: &key, principal: &principal, role, since: now };
    vouch::vouch_for_token(&mut tx, &signatory).await?;
    tx.commit().await?;
    Ok((id, token))
}

async fn insert(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    name: &str,
    role: Role,
    made_by: Option<Uuid>,
) -> Result<(Uuid, Token), TokenError> {
    let name = text::line(name, MAX_TOKEN_NAME)?;
    if let Some(maker) = made_by {
        let maker_role = store::role_of_official(tx, maker).await?.ok_or(TokenError::UnknownMaker)?;
        if !maker_role.covers(role) {
            return Err(TokenError::BeyondMaker);
        }
    }
    let (id, token) = (Uuid::new_v4(), Token::random());
    store::insert(tx, &NewToken { id, name: &name, role, sha256: token.sha256(), made_by, now }).await?;
    let actor = made_by.map_or(Actor::System, Actor::Official);
    let detail = json!({ "name": name, "role": role.as_str() });
    let entry = Entry { actor, action: "token.create", target_kind: "api_token", target_id: Some(id), detail };
    audit::record(tx, now, &entry).await?;
    Ok((id, token))
}

/// The caller that a token stands for.
/// `None` when it is unknown, revoked or not vouched for, or its maker is disabled or no longer holds what the
/// token may do. The key with which it signs follows from its text.
///
/// Every token costs one look-up of its SHA-256 in a unique index. How long that takes tells at most something about
/// stored hashes, from which no token can be found.
///
/// # Errors
/// The database's error.
pub async fn caller_of(conn: &mut PgConnection, token: &Token) -> Result<Option<Caller>, sqlx::Error> {
    let key = PersonalKey::of_token(token);
    let Some(found) = store::find(conn, &token.sha256(), &key.public()).await? else {
        return Ok(None);
    };
    let by_command_line_token = matches!(found.principal, Principal::Token(_));
    let signer = found.standing.map(|standing| Signer::new(key, standing));
    Ok(Some(Caller { principal: found.principal, role: found.role, actor: Actor::Token(found.id), by_command_line_token, signer }))
}

/// Ends a token at once; `false` when it does not exist or was revoked before. Audited in the same transaction.
///
/// # Errors
/// The database's error.
pub async fn revoke_token(conn: &mut PgConnection, now: DateTime<Utc>, id: Uuid, by: Actor) -> Result<bool, sqlx::Error> {
    let mut tx = conn.begin().await?;
    let revoked = store::revoke(&mut tx, now, id).await?;
    if revoked {
        let entry = Entry { actor: by, action: "token.revoke", target_kind: "api_token", target_id: Some(id), detail: json!({}) };
        audit::record(&mut tx, now, &entry).await?;
        vouch::take_away(&mut tx, now, ActKind::Revoke, id, Some(id)).await?;
    }
    tx.commit().await?;
    Ok(revoked)
}
