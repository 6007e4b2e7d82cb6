//! SQL of links, of what is asked through them, and of letters counted. The tables hold nothing that opens without a link.
use super::act::Kind;
use crate::keys::SealedLetter;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// A link as the web process may read it.
pub(super) struct Link {
    pub(super) found: Option<Vec<u8>>,
    pub(super) expires_at: DateTime<Utc>,
}

/// A link as the worker reads it.
pub(super) struct OwnLink {
    pub(super) address: Vec<u8>,
    pub(super) found: Option<Vec<u8>>,
}

pub(super) struct NewRequest {
    pub(super) id: Uuid,
    pub(super) kind: &'static str,
    pub(super) token_sha256: [u8; 32],
    pub(super) sealed: SealedLetter,
    pub(super) now: DateTime<Utc>,
}

/// A request that the worker has not dealt with. Its content is sealed.
pub struct Waiting {
    pub(super) id: Uuid,
    pub(super) kind: String,
    pub(super) visit_date: NaiveDate,
    pub(super) epoch_id: i64,
    pub(super) sealed: Vec<u8>,
}

impl Waiting {
    /// Whether it erases visits.
    #[must_use]
    pub fn forgets(&self) -> bool {
        Kind::from_name(&self.kind).is_some_and(Kind::forgets)
    }
}

/// How many letters a person may get.
pub(super) struct LetterLimits {
    /// None while another one is younger.
    pub(super) pause_since: DateTime<Utc>,
    /// At most `max` since then.
    pub(super) day_since: DateTime<Utc>,
    pub(super) max: i64,
}

/// Counts a letter to a person, unless they have had as many as they may. False: it must not be sent. The same letter again is
/// counted once.
pub(super) async fn count_letter(
    conn: &mut PgConnection,
    id: Uuid,
    person: &[u8; 32],
    now: DateTime<Utc>,
    limits: &LetterLimits,
) -> Result<bool, sqlx::Error> {
    let counted = sqlx::query_scalar!(
        "with others as (
             select prepared_at from my_letter where person = $2 and outbox_id <> $1 and prepared_at > $5
         )
         insert into my_letter (outbox_id, person, prepared_at)
         select $1, $2, $3
         where not exists (select from others where prepared_at > $4) and (select count(*) from others) < $6
         on conflict (outbox_id) do update set prepared_at = excluded.prepared_at
         returning outbox_id",
        id,
        person,
        now,
        limits.pause_since,
        limits.day_since,
        limits.max,
    )
    .fetch_optional(conn)
    .await?;
    Ok(counted.is_some())
}

pub(super) async fn insert_link(
    conn: &mut PgConnection,
    token_sha256: &[u8; 32],
    address: &[u8],
    expires_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("insert into my_link (token_sha256, address, expires_at) values ($1, $2, $3)", token_sha256, address, expires_at)
        .execute(conn)
        .await
        .map(drop)
}

pub(super) async fn link(conn: &mut PgConnection, token_sha256: &[u8; 32], now: DateTime<Utc>) -> Result<Option<Link>, sqlx::Error> {
    sqlx::query_as!(Link, "select found, expires_at from my_link where token_sha256 = $1 and expires_at > $2", token_sha256, now)
        .fetch_optional(conn)
        .await
}

pub(super) async fn own_link(conn: &mut PgConnection, token_sha256: &[u8; 32], now: DateTime<Utc>) -> Result<Option<OwnLink>, sqlx::Error> {
    sqlx::query_as!(OwnLink, "select address, found from my_link where token_sha256 = $1 and expires_at > $2", token_sha256, now)
        .fetch_optional(conn)
        .await
}

/// Everything asked through a link, oldest first: its kind, and whether it is done.
pub(super) async fn requests(conn: &mut PgConnection, token_sha256: &[u8; 32]) -> Result<Vec<(String, bool)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select kind, done_at is not null as "done!" from my_request where token_sha256 = $1 order by requested_at, id"#,
        token_sha256,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.kind, row.done)).collect())
}

/// Writes a request down if its link is good and has asked fewer than `max` times.
pub(super) async fn insert_request(conn: &mut PgConnection, request: &NewRequest, max: i64) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query!(
        "insert into my_request (id, token_sha256, kind, visit_date, epoch_id, sealed, requested_at)
         select $1, token_sha256, $3, $4, $5, $6, $7 from my_link
         where token_sha256 = $2 and expires_at > $7
           and (select count(*) from my_request where token_sha256 = $2) < $8",
        request.id,
        &request.token_sha256,
        request.kind,
        request.sealed.visit_date,
        request.sealed.epoch_id,
        request.sealed.sealed,
        request.now,
        max,
    )
    .execute(conn)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

pub(super) async fn is_done(conn: &mut PgConnection, id: Uuid) -> Result<bool, sqlx::Error> {
    let waits = sqlx::query_scalar!(r#"select exists (select from my_request where id = $1 and done_at is null) as "waits!""#, id)
        .fetch_one(conn)
        .await?;
    Ok(!waits)
}

/// Requests of links that are still good, oldest first.
pub(super) async fn waiting(conn: &mut PgConnection, now: DateTime<Utc>, limit: i64) -> Result<Vec<Waiting>, sqlx::Error> {
    sqlx::query_as!(
        Waiting,
        "select id, kind, visit_date, epoch_id, sealed from my_request
         where done_at is null and exists (
             select from my_link where my_link.token_sha256 = my_request.token_sha256 and expires_at > $1)
         order by requested_at limit $2",
        now,
        limit,
    )
    .fetch_all(conn)
    .await
}

/// Closes a request; the token that it carried goes with it.
pub(super) async fn done(conn: &mut PgConnection, id: Uuid, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!("update my_request set done_at = $2, sealed = '' where id = $1", id, now).execute(conn).await.map(drop)
}

pub(super) async fn set_found(conn: &mut PgConnection, token_sha256: &[u8; 32], found: &[u8]) -> Result<(), sqlx::Error> {
    sqlx::query!("update my_link set found = $2 where token_sha256 = $1", token_sha256, found).execute(conn).await.map(drop)
}

pub(super) async fn delete_expired(
    conn: &mut PgConnection,
    links_until: DateTime<Utc>,
    letters_until: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from my_link where expires_at <= $1", links_until).execute(&mut *conn).await?;
    sqlx::query!("delete from my_letter where prepared_at <= $1", letters_until).execute(conn).await.map(drop)
}
