//! The table `official`, as admins see it.
use crate::official::account::{AccountState, NewOfficial, Official, Trust};
use crate::official::role::Role;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// All accounts, or one, by name.
pub(in crate::official) async fn all(conn: &mut PgConnection, now: DateTime<Utc>, one: Option<Uuid>) -> Result<Vec<Official>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select o.id, o.name, o.email, o.role, o.created_at, o.disabled_at, c.official_id is not null as "has_credential!",
                  i.expires_at as "invited_until?", s.confirmed as "confirmed?", s.granted_by as "granted_by?",
                  coalesce(s.public_key is not null and s.ended_at is null, false) as "has_key!",
                  (select max(e.seen_at) from official_session e where e.official_id = o.id) as seen_at
           from official o left join official_credential c on c.official_id = o.id
                left join official_invitation i on i.official_id = o.id and i.expires_at > $1
                left join signatory s on s.official_id = o.id
           where $2::uuid is null or o.id = $2
           order by o.name, o.id"#,
        now,
        one
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let standing = match (row.disabled_at, row.has_credential, row.invited_until) {
                (Some(_), ..) => AccountState::Disabled,
                (None, true, _) => AccountState::Active,
                (None, false, Some(until)) => AccountState::Invited(until),
                (None, false, None) => AccountState::Lapsed,
            };
            let trust = match (row.confirmed, row.has_key) {
                (Some(false), _) => Trust::Waits { by: row.granted_by },
                (_, true) => Trust::Full,
                _ => Trust::NoKey,
            };
            Ok(Official {
                trust,
                id: row.id,
                name: row.name,
                email: row.email,
                role: super::role(&row.role)?,
                standing,
                created_at: row.created_at,
                seen_at: row.seen_at,
            })
        })
        .collect()
}

pub(in crate::official) async fn id_of(conn: &mut PgConnection, email: &str) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar!("select id from official where email = $1", email).fetch_optional(conn).await
}

/// `false` when the address has an account.
pub(in crate::official) async fn insert(
    conn: &mut PgConnection,
    id: Uuid,
    new: &NewOfficial,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let email = new.email.normalised();
    let done = sqlx::query!(
        "insert into official (id, email, name, role, created_at) values ($1, $2, $3, $4, $5) on conflict (email) do nothing",
        id,
        email.as_str(),
        new.name,
        new.role.as_str(),
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(in crate::official) async fn set_role(conn: &mut PgConnection, id: Uuid, role: Role) -> Result<(), sqlx::Error> {
    sqlx::query!("update official set role = $2 where id = $1", id, role.as_str()).execute(conn).await.map(drop)
}

pub(in crate::official) async fn set_disabled(conn: &mut PgConnection, id: Uuid, at: Option<DateTime<Utc>>) -> Result<(), sqlx::Error> {
    sqlx::query!("update official set disabled_at = $2 where id = $1", id, at).execute(conn).await.map(drop)
}

/// Enabled admins who can log in, but for this one.
pub(in crate::official) async fn other_admins(conn: &mut PgConnection, but: Uuid) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "others!" from official o join official_credential c on c.official_id = o.id
           where o.role = 'admin' and o.disabled_at is null and o.id <> $1"#,
        but
    )
    .fetch_one(conn)
    .await
}

/// False when its owner has joined, or it has something that stays.
pub(in crate::official) async fn forget_invited(conn: &mut PgConnection, official: Uuid) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"select forget_invited($1) as "forgotten!""#, official).fetch_one(conn).await
}

/// The one place that says who can be written to: enabled accounts whose owner has joined with a credential, in the mailbox and in a
/// role that were vouched for. None of `roles`: whatever the role.
pub(in crate::official) async fn readers(
    conn: &mut PgConnection,
    roles: &[Role],
    one: Option<Uuid>,
    most: i64,
) -> Result<Vec<String>, sqlx::Error> {
    let roles: Vec<String> = roles.iter().map(|role| role.as_str().to_owned()).collect();
    sqlx::query_scalar!(
        r#"select o.email from official o
           join official_credential c on c.official_id = o.id
           join signatory s on s.official_id = o.id and s.ended_at is null and s.confirmed and s.role = o.role
               and s.email_sha256 = sha256(convert_to(o.email, 'UTF8'))
           where o.disabled_at is null and (cardinality($1::text[]) = 0 or o.role = any($1)) and ($2::uuid is null or o.id = $2)
           order by o.created_at, o.id limit $3"#,
        &roles,
        one,
        most
    )
    .fetch_all(conn)
    .await
}
