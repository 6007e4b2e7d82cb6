//! The tables `api_token`, `official` and `official_session`.
pub(super) mod accounts;
pub(super) mod acts;
pub(super) mod alarms;
pub(super) mod credentials;
pub(super) mod invitations;
pub(super) mod kept_answers;
pub(super) mod sessions;
pub(super) mod signatories;
pub(super) mod throttles;
pub(super) mod tokens;

use super::role::{Role, UnknownRole};
use super::session::Principal;
use super::vouch::weigh;
use super::web_session::WebSession;
use crate::audit::Actor;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

pub(super) struct NewToken<'a> {
    pub(super) id: Uuid,
    pub(super) name: &'a str,
    pub(super) role: Role,
    pub(super) sha256: [u8; 32],
    pub(super) made_by: Option<Uuid>,
    pub(super) now: DateTime<Utc>,
}

/// A token that works and that was vouched for.
pub(super) struct FoundToken {
    pub(super) id: Uuid,
    pub(super) role: Role,
    pub(super) principal: Principal,
    /// The standing in which it signs; none: its key was not vouched for.
    pub(super) standing: Option<i64>,
}

fn role(text: &str) -> Result<Role, sqlx::Error> {
    text.parse().map_err(|error: UnknownRole| sqlx::Error::Decode(Box::new(error)))
}

/// The role of an official whose account is enabled.
pub(super) async fn role_of_official(conn: &mut PgConnection, id: Uuid) -> Result<Option<Role>, sqlx::Error> {
    let found = sqlx::query_scalar!("select role from official where id = $1 and disabled_at is null", id).fetch_optional(conn).await?;
    found.as_deref().map(role).transpose()
}

pub(super) async fn insert(conn: &mut PgConnection, new: &NewToken<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into api_token (id, name, role, sha256, made_by, created_at) values ($1, $2, $3, $4, $5, $6)",
        new.id,
        new.name,
        new.role.as_str(),
        new.sha256.as_slice(),
        new.made_by,
        new.now
    )
    .execute(conn)
    .await
    .map(drop)
}

/// The unrevoked token with this hash, as far as it was vouched for, and in the lesser of its role and its maker's.
pub(super) async fn find(conn: &mut PgConnection, sha256: &[u8; 32], key: &[u8; 32]) -> Result<Option<FoundToken>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select t.id, t.role, v.role as "vouched!", v.principal, v.public_key = $2 as "is_key?", o.role as "maker_role?",
               s.role as "maker_vouched?", s.confirmed as "confirmed?", s.standing as "standing?"
           from api_token t join signatory_token v on v.token_id = t.id and v.ended_at is null
           left join (signatory s join official o on o.id = s.official_id and o.disabled_at is null)
               on s.official_id = t.made_by and s.ended_at is null
           where t.sha256 = $1 and t.revoked_at is null"#,
        sha256.as_slice(),
        key.as_slice()
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let Ok(principal) = row.principal.parse::<Principal>() else { return Ok(None) };
    let counts = weigh(role(&row.role)?, role(&row.vouched)?, true);
    // A token from before keys has none; another key than the one that was vouched for is somebody else's text.
    if row.is_key == Some(false) {
        return Ok(None);
    }
    let is_key = row.is_key.is_some();
    let maker = row.maker_role.zip(row.maker_vouched).zip(row.confirmed).zip(row.standing);
    let standing = match (&principal, maker) {
        (Principal::Token(_), _) => 0,
        (Principal::Official(_), Some((((account, vouched), confirmed), standing))) => {
            if !weigh(role(&account)?, role(&vouched)?, confirmed).covers(counts) {
                return Ok(None);
            }
            standing
        }
        (Principal::Official(_), None) => return Ok(None),
    };
    Ok(Some(FoundToken { id: row.id, role: counts, principal, standing: is_key.then_some(standing) }))
}

pub(super) async fn revoke(conn: &mut PgConnection, now: DateTime<Utc>, id: Uuid) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!("update api_token set revoked_at = $2 where id = $1 and revoked_at is null", id, now).execute(conn).await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn insert_session(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    official: Uuid,
    sha256: &[u8; 32],
    key_sealed: &[u8],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into official_session (id, official_id, token_sha256, created_at, seen_at, proven_at, key_sealed)
         values ($1, $2, $3, $4, $4, $4, $5)",
        Uuid::new_v4(),
        official,
        sha256.as_slice(),
        now,
        key_sealed
    )
    .execute(conn)
    .await
    .map(drop)
}

pub(super) struct FoundSession {
    pub(super) login: WebSession,
    pub(super) seen_at: DateTime<Utc>,
    pub(super) key_sealed: Vec<u8>,
    /// The vouched part; none: nobody vouched for it.
    pub(super) vouched: Option<Vouched>,
}

/// The vouched part of an account.
pub(super) struct Vouched {
    pub(super) role: Role,
    pub(super) confirmed: bool,
    pub(super) standing: i64,
    pub(super) public_key: Option<Vec<u8>>,
}

/// The session with this hash, if it was used after `idle` and opened after `oldest`, and its account is enabled and not ended.
pub(super) async fn find_session(
    conn: &mut PgConnection,
    sha256: &[u8; 32],
    idle: DateTime<Utc>,
    oldest: DateTime<Utc>,
) -> Result<Option<FoundSession>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select s.id, s.seen_at, s.proven_at, s.key_sealed, o.id as official, o.name, o.role, v.role as "vouched?",
               v.confirmed as "confirmed?", v.standing as "standing?", v.public_key as "public_key?"
           from official_session s join official o on o.id = s.official_id
           left join signatory v on v.official_id = o.id
           where s.token_sha256 = $1 and s.seen_at > $2 and s.created_at > $3 and o.disabled_at is null and v.ended_at is null"#,
        sha256.as_slice(),
        idle,
        oldest
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let login = WebSession {
        session_id: row.id,
        official: row.official,
        name: row.name,
        role: role(&row.role)?,
        proven_at: row.proven_at,
        key: None,
        is_vouched_for: false,
    };
    let vouched = match (row.vouched, row.confirmed, row.standing) {
        (Some(vouched), Some(confirmed), Some(standing)) => {
            Some(Vouched { role: role(&vouched)?, confirmed, standing, public_key: row.public_key })
        }
        _ => None,
    };
    Ok(Some(FoundSession { login, seen_at: row.seen_at, key_sealed: row.key_sealed, vouched }))
}

pub(super) async fn touch_session(conn: &mut PgConnection, now: DateTime<Utc>, id: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!("update official_session set seen_at = $2 where id = $1 and seen_at < $2", id, now).execute(conn).await.map(drop)
}

pub(super) async fn delete_session(conn: &mut PgConnection, id: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from official_session where id = $1", id).execute(conn).await.map(drop)
}

/// The names of officials and tokens with these identifiers.
pub(super) async fn names(conn: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, String>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id as "id!", name as "name!" from official where id = any($1)
           union all select id, name from api_token where id = any($1)"#,
        ids,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// Officials and tokens with their names, those that can act no more included.
pub(super) async fn everybody(conn: &mut PgConnection, limit: i64) -> Result<Vec<(Actor, String)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id as "id!", name as "name!", is_official as "is_official!" from (
               select id, name, true as is_official from official union all select id, name, false from api_token
           ) as all_of_them order by is_official desc, name, id limit $1"#,
        limit,
    )
    .fetch_all(conn)
    .await?;
    let actor = |id, is_official| if is_official { Actor::Official(id) } else { Actor::Token(id) };
    Ok(rows.into_iter().map(|row| (actor(row.id, row.is_official), row.name)).collect())
}
