//! The tables `signatory` and `signatory_token`: the worker and the owner write them, web reads.
use super::role;
use crate::official::role::Role;
use crate::official::session::Principal;
use crate::official::vouch::{ByKey, Held, Waiting, weigh};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// Power that an account is given, as it is stored.
pub(in crate::official) struct Given<'a> {
    pub(in crate::official) official: Uuid,
    pub(in crate::official) standing: i64,
    pub(in crate::official) role: Role,
    /// The principal who gives it; none: the operator.
    pub(in crate::official) by: Option<&'a str>,
    pub(in crate::official) confirmed: bool,
    pub(in crate::official) now: DateTime<Utc>,
}

/// The principal that a key belongs to, if it counts now:
/// an enabled official's own, or that of a token that works, whose maker may do as much.
pub(in crate::official) async fn by_key(conn: &mut PgConnection, key: &[u8]) -> Result<Option<ByKey>, sqlx::Error> {
    let person = sqlx::query!(
        r#"select s.official_id, s.role as "vouched!", s.confirmed, s.standing, o.role as "account!"
           from signatory s join official o on o.id = s.official_id
           where s.public_key = $1 and s.ended_at is null and o.disabled_at is null"#,
        key
    )
    .fetch_optional(&mut *conn)
    .await?;
    if let Some(row) = person {
        let counts = weigh(role(&row.account)?, role(&row.vouched)?, row.confirmed);
        return Ok(Some(ByKey { principal: Principal::Official(row.official_id), role: counts, standing: row.standing }));
    }
    let token = sqlx::query!(
        r#"select t.principal, t.role as "vouched!", a.role as "account!", s.role as "maker_vouched?", s.confirmed as "confirmed?",
               s.standing as "standing?", o.role as "maker_account?"
           from signatory_token t join api_token a on a.id = t.token_id and a.revoked_at is null
           left join (signatory s join official o on o.id = s.official_id and o.disabled_at is null)
               on t.principal = 'official:' || s.official_id and s.ended_at is null
           where t.public_key = $1 and t.ended_at is null"#,
        key
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = token else { return Ok(None) };
    let Ok(principal) = row.principal.parse::<Principal>() else { return Ok(None) };
    let counts = weigh(role(&row.account)?, role(&row.vouched)?, true);
    let maker = row.maker_account.zip(row.maker_vouched).zip(row.confirmed).zip(row.standing);
    match (&principal, maker) {
        (Principal::Token(_), _) => Ok(Some(ByKey { principal, role: counts, standing: 0 })),
        (Principal::Official(_), Some((((account, vouched), confirmed), standing))) => {
            let maker = weigh(role(&account)?, role(&vouched)?, confirmed);
            Ok(maker.covers(counts).then_some(ByKey { principal, role: counts, standing }))
        }
        (Principal::Official(_), None) => Ok(None),
    }
}

/// An account's place among the signatories, ended or not.
pub(in crate::official) async fn held(conn: &mut PgConnection, official: Uuid) -> Result<Option<Held>, sqlx::Error> {
    let row = sqlx::query!("select role, confirmed from signatory where official_id = $1", official).fetch_optional(conn).await?;
    row.map(|row| Ok(Held { role: role(&row.role)?, confirmed: row.confirmed })).transpose()
}

/// A grant of this account that waits for a second administrator.
pub(in crate::official) async fn waiting(conn: &mut PgConnection, official: Uuid) -> Result<Option<Waiting>, sqlx::Error> {
    let row = sqlx::query!(
        "select standing, role, granted_by from signatory where official_id = $1 and not confirmed and ended_at is null",
        official
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| Ok(Waiting { standing: row.standing, role: role(&row.role)?, granted_by: row.granted_by })).transpose()
}

/// Whether there is, or was, another administrator than who acts. One whom an administrator took away still counts: else one of two
/// would only have to disable the other. The operator's word takes them out.
pub(in crate::official) async fn is_second(conn: &mut PgConnection, acting: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from signatory where was_admin and 'official:' || official_id <> $1) as "second!""#,
        acting
    )
    .fetch_one(conn)
    .await
}

/// Notes who is an administrator now, for [`is_second`].
pub(in crate::official) async fn note_admins(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update signatory set was_admin = true
         where role = 'admin' and confirmed and public_key is not null and ended_at is null and not was_admin"
    )
    .execute(conn)
    .await
    .map(drop)
}

pub(in crate::official) async fn forget_admin(conn: &mut PgConnection, official: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!("update signatory set was_admin = false where official_id = $1", official).execute(conn).await.map(drop)
}

pub(in crate::official) async fn invite(
    conn: &mut PgConnection,
    given: &Given<'_>,
    email: Option<&[u8]>,
    key: &[u8],
    until: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "insert into signatory (official_id, email_sha256, role, standing, granted_by, confirmed, invitation_key, invited_until, since)
         select $1, $2::bytea, $3, $4, $5, $6, $7, $8, $9 where $2 is not null on conflict do nothing",
        given.official,
        email,
        given.role.as_str(),
        given.standing,
        given.by,
        given.confirmed,
        key,
        until,
        given.now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The old key ends; who reads the link brings in a new one. Only for the mailbox and the role that were vouched for.
pub(in crate::official) async fn reset(
    conn: &mut PgConnection,
    given: &Given<'_>,
    email: Option<&[u8]>,
    key: &[u8],
    until: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update signatory set standing = $2, granted_by = $3, confirmed = $4, invitation_key = $5, invited_until = $6,
            public_key = null, since = $7
         where official_id = $1 and standing < $2 and role = $8 and email_sha256 = $9 and ended_at is null",
        given.official,
        given.standing,
        given.by,
        given.confirmed,
        key,
        until,
        given.now,
        given.role.as_str(),
        email
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(in crate::official) async fn set_role(conn: &mut PgConnection, given: &Given<'_>) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update signatory set role = $2, standing = $3, granted_by = $4, confirmed = $5, since = $6
         where official_id = $1 and standing < $3",
        given.official,
        given.role.as_str(),
        given.standing,
        given.by,
        given.confirmed,
        given.now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Another role that the old one covers.
pub(in crate::official) async fn lessen(
    conn: &mut PgConnection,
    official: Uuid,
    role: Role,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!("update signatory set role = $2, since = $3 where official_id = $1", official, role.as_str(), now);
    Ok(done.execute(conn).await?.rows_affected() == 1)
}

pub(in crate::official) async fn enable(conn: &mut PgConnection, given: &Given<'_>) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update signatory set ended_at = null, standing = $2, granted_by = $3, confirmed = $4, since = $5
         where official_id = $1 and standing < $2 and role = $6",
        given.official,
        given.standing,
        given.by,
        given.confirmed,
        given.now,
        given.role.as_str()
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// On the operator's word. An account that stands here keeps the role and the mailbox that were vouched for.
pub(in crate::official) async fn put(
    conn: &mut PgConnection,
    given: &Given<'_>,
    email: &[u8],
    link: Option<(&[u8], DateTime<Utc>)>,
) -> Result<(), sqlx::Error> {
    let (key, until) = link.unzip();
    sqlx::query!(
        "insert into signatory (official_id, email_sha256, role, standing, confirmed, invitation_key, invited_until, since)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (official_id) do update set standing = excluded.standing, granted_by = null, confirmed = excluded.confirmed,
            invitation_key = excluded.invitation_key, invited_until = excluded.invited_until, since = excluded.since, ended_at = null,
            public_key = case when excluded.invitation_key is null then signatory.public_key end",
        given.official,
        email,
        given.role.as_str(),
        given.standing,
        given.confirmed,
        key,
        until,
        given.now
    )
    .execute(conn)
    .await
    .map(drop)
}

pub(in crate::official) async fn confirm(conn: &mut PgConnection, official: Uuid, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!("update signatory set confirmed = true, since = $2 where official_id = $1 and not confirmed", official, now);
    Ok(done.execute(conn).await?.rows_affected() == 1)
}

/// Uses an invitation's key up: the account has this key from now on.
pub(in crate::official) async fn join(
    conn: &mut PgConnection,
    official: Uuid,
    (link, at): (&[u8], DateTime<Utc>),
    key: &[u8],
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update signatory set public_key = $4, invitation_key = null, invited_until = null, since = $5
         where official_id = $1 and invitation_key = $2 and invited_until > $3 and ended_at is null
           and not exists (select from signatory o where o.public_key = $4)",
        official,
        link,
        at,
        key,
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(in crate::official) async fn set_key(conn: &mut PgConnection, official: Uuid, key: &[u8]) -> Result<(), sqlx::Error> {
    sqlx::query!("update signatory set public_key = $2 where official_id = $1", official, key).execute(conn).await.map(drop)
}

/// The key that the account logs in with, vouched for or not.
pub(in crate::official) async fn key_of(conn: &mut PgConnection, official: Uuid) -> Result<Option<Vec<u8>>, sqlx::Error> {
    let key = sqlx::query_scalar!("select public_key from official_credential where official_id = $1", official);
    Ok(key.fetch_optional(conn).await?.flatten())
}

pub(in crate::official) async fn drop_invitation(conn: &mut PgConnection, official: Uuid) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!("update signatory set invitation_key = null, invited_until = null where official_id = $1", official);
    Ok(done.execute(conn).await?.rows_affected() == 1)
}

pub(in crate::official) async fn end(conn: &mut PgConnection, official: Uuid, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "update signatory set ended_at = coalesce(ended_at, $2), invitation_key = null, invited_until = null where official_id = $1",
        official,
        now
    );
    Ok(done.execute(conn).await?.rows_affected() == 1)
}

pub(in crate::official) async fn end_token(conn: &mut PgConnection, token: Uuid, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!("update signatory_token set ended_at = coalesce(ended_at, $2) where token_id = $1", token, now);
    Ok(done.execute(conn).await?.rows_affected() == 1)
}

/// Ends what is disabled or revoked now among the signatories: it stays out until somebody signs it back in.
pub(in crate::official) async fn end_what_was_ended(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update signatory s set ended_at = $1, invitation_key = null, invited_until = null from official o
         where o.id = s.official_id and o.disabled_at is not null and s.ended_at is null",
        now
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "update signatory_token t set ended_at = $1 from api_token a
         where a.id = t.token_id and a.revoked_at is not null and t.ended_at is null",
        now
    )
    .execute(conn)
    .await
    .map(drop)
}

/// A token that is vouched for: what it signs counts as this principal's, in this role.
pub(in crate::official) struct TokenSignatory<'a> {
    pub(in crate::official) token: Uuid,
    /// Its public key.
    pub(in crate::official) key: &'a [u8],
    pub(in crate::official) principal: &'a Principal,
    pub(in crate::official) role: Role,
    pub(in crate::official) since: DateTime<Utc>,
}

/// False when the token, or one with this key, stands here already.
pub(in crate::official) async fn insert_token(conn: &mut PgConnection, new: &TokenSignatory<'_>) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "insert into signatory_token (token_id, public_key, principal, role, since) values ($1, $2, $3, $4, $5) on conflict do nothing",
        new.token,
        new.key,
        new.principal.to_string(),
        new.role.as_str(),
        new.since
    );
    Ok(done.execute(conn).await?.rows_affected() == 1)
}
