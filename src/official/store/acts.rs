//! The table `official_act`.
use crate::official::statement::Signed;
use crate::official::vouch::{Act, ActKind};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// How far ahead of the grant that counts the numbers of waiting grants may be: more than administrators give one account while
/// the worker is away. A number beyond is rubbish; taken for true, the next one would leave no room for another.
const GRANTS_AHEAD: i64 = 1_000;

/// The number that the next grant about an account takes. Whoever asks holds the lock on accounts.
pub(in crate::official) async fn next_standing(conn: &mut PgConnection, official: Uuid) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"with held as (select coalesce((select standing from signatory where official_id = $1), 0) as standing)
           select greatest(held.standing, coalesce((
               select max(a.standing) from official_act a
               where a.official_id = $1 and a.believed is null and a.standing <= held.standing + $2), 0)) + 1 as "next!"
           from held"#,
        official,
        GRANTS_AHEAD
    )
    .fetch_one(conn)
    .await
}

pub(in crate::official) async fn insert(tx: &mut PgConnection, act: &Act, signed: Option<&Signed>) -> Result<(), sqlx::Error> {
    insert_signed(tx, act, signed.map(Signed::as_bytes)).await
}

pub(in crate::official) async fn insert_signed(tx: &mut PgConnection, act: &Act, signed: Option<&[u8]>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into official_act (kind, official_id, standing, role, email_sha256, public_key, until, token_id, acted_at, signed)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        act.kind.as_str(),
        act.official,
        act.standing,
        act.role.map(|role| role.as_str()),
        act.email_sha256.as_deref(),
        act.public_key.as_deref(),
        act.until,
        act.token,
        act.at,
        signed
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Acts that the worker has not looked at, in the order in which they were done.
pub(in crate::official) async fn new(tx: &mut PgConnection, limit: i64) -> Result<Vec<(i64, Act, Option<Vec<u8>>)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id, kind as "kind: ActKind", official_id, standing, role, email_sha256, public_key, until, token_id, acted_at, signed
           from official_act where believed is null order by id limit $1"#,
        limit
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            let act = Act {
                kind: row.kind,
                official: row.official_id,
                standing: row.standing,
                role: row.role.as_deref().map(super::role).transpose()?,
                email_sha256: row.email_sha256,
                public_key: row.public_key,
                until: row.until,
                token: row.token_id,
                at: row.acted_at,
            };
            Ok((row.id, act, row.signed))
        })
        .collect()
}

pub(in crate::official) async fn looked(tx: &mut PgConnection, id: i64, believed: bool, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!("update official_act set believed = $2, looked_at = $3 where id = $1", id, believed, now).execute(tx).await.map(drop)
}
