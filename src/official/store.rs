//! The tables `api_token`, `official` and `official_session`.
pub(super) mod accounts;
pub(super) mod alarms;
pub(super) mod credentials;
pub(super) mod invitations;
pub(super) mod lanes;
pub(super) mod sessions;
pub(super) mod tokens;

use super::login::Login;
use super::role::{Role, UnknownRole};
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

pub(super) struct FoundToken {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) maker: Option<Maker>,
}

pub(super) struct Maker {
    pub(super) id: Uuid,
    pub(super) role: Role,
    pub(super) enabled: bool,
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

/// The unrevoked token with this hash, and its maker as the account is now.
pub(super) async fn find(conn: &mut PgConnection, sha256: &[u8; 32]) -> Result<Option<FoundToken>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select t.id, t.name, t.role, o.id as "maker_id?", o.role as "maker_role?", o.disabled_at as maker_disabled_at
           from api_token t left join official o on o.id = t.made_by
           where t.sha256 = $1 and t.revoked_at is null"#,
        sha256.as_slice()
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let maker = match (row.maker_id, row.maker_role) {
        (Some(id), Some(maker_role)) => Some(Maker { id, role: role(&maker_role)?, enabled: row.maker_disabled_at.is_none() }),
        _ => None,
    };
    Ok(Some(FoundToken { id: row.id, role: role(&row.role)?, name: row.name, maker }))
}

pub(super) async fn revoke(conn: &mut PgConnection, now: DateTime<Utc>, id: Uuid) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!("update api_token set revoked_at = $2 where id = $1 and revoked_at is null", id, now).execute(conn).await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn insert_session(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    id: Uuid,
    official: Uuid,
    sha256: &[u8; 32],
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into official_session (id, official_id, token_sha256, created_at, seen_at, proven_at) values ($1, $2, $3, $4, $4, $4)",
        id,
        official,
        sha256.as_slice(),
        now
    )
    .execute(conn)
    .await
    .map(drop)
}

pub(super) struct FoundSession {
    pub(super) login: Login,
    pub(super) seen_at: DateTime<Utc>,
}

/// The session with this hash, if it was used after `idle` and opened after `oldest`, and its account is enabled.
pub(super) async fn find_session(
    conn: &mut PgConnection,
    sha256: &[u8; 32],
    idle: DateTime<Utc>,
    oldest: DateTime<Utc>,
) -> Result<Option<FoundSession>, sqlx::Error> {
    let row = sqlx::query!(
        "select s.id, s.seen_at, s.proven_at, o.id as official, o.name, o.role
         from official_session s join official o on o.id = s.official_id
         where s.token_sha256 = $1 and s.seen_at > $2 and s.created_at > $3 and o.disabled_at is null",
        sha256.as_slice(),
        idle,
        oldest
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let login = Login { session_id: row.id, official: row.official, name: row.name, role: role(&row.role)?, proven_at: row.proven_at };
    Ok(Some(FoundSession { login, seen_at: row.seen_at }))
}

pub(super) async fn touch_session(conn: &mut PgConnection, now: DateTime<Utc>, id: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!("update official_session set seen_at = $2 where id = $1 and seen_at < $2", id, now).execute(conn).await.map(drop)
}

pub(super) async fn delete_session(conn: &mut PgConnection, id: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from official_session where id = $1", id).execute(conn).await.map(drop)
}

/// Where auditors and admins read their mail.
pub(super) async fn auditors(conn: &mut PgConnection, limit: i64) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "select email from official where role in ('auditor', 'admin') and disabled_at is null order by created_at, id limit $1",
        limit,
    )
    .fetch_all(conn)
    .await
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
