//! The tables `api_token` and `official`.
use super::role::{Role, UnknownRole};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
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
