//! The SQL of owners' links, sessions and rounds.
use crate::venue::owner_session::OwnVenue;
use crate::venue::proof::Proof;
use crate::venue::{VenueId, VenueKind, VenueStatus};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, query, query_as, query_scalar};
use uuid::Uuid;

/// A link that was asked for.
pub(in crate::venue) struct NewLink<'a> {
    pub(in crate::venue) id: Uuid,
    /// The mailbox, normalised.
    pub(in crate::venue) contact: &'a str,
    pub(in crate::venue) proof: &'a Proof,
    pub(in crate::venue) sent_at: DateTime<Utc>,
    pub(in crate::venue) expires_at: DateTime<Utc>,
}

/// Writes a link down; without its mailbox where no venue has that one or `most` letters went there within the links' time.
pub(in crate::venue) async fn insert_link(tx: &mut PgConnection, new: &NewLink<'_>, most: i64) -> Result<(), sqlx::Error> {
    query!(
        "insert into shop_link (id, contact, token_sha256, code_hash, sent_at, expires_at)
         select $1,
                case when exists (select from venue
                                  where lower(contact_email) = $2::text and status not in ('unconfirmed', 'invited'))
                      and (select count(*) from shop_link l where l.contact = $2::text and l.expires_at > $5) < $7::bigint
                     then $2::text end,
                $3, $4, $5, $6",
        new.id,
        new.contact,
        &new.proof.token.sha256()[..],
        new.proof.digits_hash,
        new.sent_at,
        new.expires_at,
        most
    )
    .execute(tx)
    .await
    .map(drop)
}

pub(in crate::venue) async fn may_leave(conn: &mut PgConnection, id: Uuid) -> Result<bool, sqlx::Error> {
    let found = query_scalar!(r#"select contact is not null as "known!" from shop_link where id = $1"#, id);
    Ok(found.fetch_optional(conn).await?.unwrap_or(false))
}

pub(in crate::venue) async fn link_is_good(conn: &mut PgConnection, token: [u8; 32], now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    query_scalar!(
        r#"select exists (select from shop_link where token_sha256 = $1 and contact is not null and code_hash <> '' and expires_at > $2)
               as "good!""#,
        &token[..],
        now
    )
    .fetch_one(conn)
    .await
}

/// Uses a link up: no text has the empty hash. The row stays, so that letters are counted.
pub(in crate::venue) async fn use_link(tx: &mut PgConnection, token: [u8; 32], now: DateTime<Utc>) -> Result<Option<String>, sqlx::Error> {
    query_scalar!(
        r#"update shop_link set code_hash = '' where token_sha256 = $1 and contact is not null and code_hash <> '' and expires_at > $2
           returning contact as "contact!""#,
        &token[..],
        now
    )
    .fetch_optional(tx)
    .await
}

pub(in crate::venue) async fn use_link_by_id(tx: &mut PgConnection, id: Uuid, now: DateTime<Utc>) -> Result<Option<String>, sqlx::Error> {
    query_scalar!(
        r#"update shop_link set code_hash = '' where id = $1 and contact is not null and code_hash <> '' and expires_at > $2
           returning contact as "contact!""#,
        id,
        now
    )
    .fetch_optional(tx)
    .await
}

pub(in crate::venue) async fn take_try(
    conn: &mut PgConnection,
    id: Uuid,
    most: i16,
    now: DateTime<Utc>,
) -> Result<Option<String>, sqlx::Error> {
    query_scalar!(
        "update shop_link set tries = tries + 1 where id = $1 and tries < $2 and expires_at > $3 and code_hash <> '' returning code_hash",
        id,
        most,
        now
    )
    .fetch_optional(conn)
    .await
}

/// The mailbox of a confirmation that has not opened the owner's page yet; from now on it has.
pub(in crate::venue) async fn use_confirmation(
    tx: &mut PgConnection,
    venue: VenueId,
    now: DateTime<Utc>,
) -> Result<Option<String>, sqlx::Error> {
    query_scalar!(
        r#"update venue_confirmation c set opened_at = $2 from venue v
           where c.venue_id = $1 and v.id = c.venue_id and c.opened_at is null and c.expires_at > $2 and v.contact_email is not null
           returning lower(v.contact_email) as "contact!""#,
        venue.0,
        now
    )
    .fetch_optional(tx)
    .await
}

pub(in crate::venue) async fn insert_session(
    tx: &mut PgConnection,
    token: [u8; 32],
    contact: &str,
    expires_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    query!("insert into shop_session (token_sha256, contact, expires_at) values ($1, $2, $3)", &token[..], contact, expires_at)
        .execute(tx)
        .await
        .map(drop)
}

pub(in crate::venue) async fn session(conn: &mut PgConnection, token: [u8; 32], now: DateTime<Utc>) -> Result<Option<String>, sqlx::Error> {
    query_scalar!("select contact from shop_session where token_sha256 = $1 and expires_at > $2", &token[..], now)
        .fetch_optional(conn)
        .await
}

pub(in crate::venue) async fn end_session(conn: &mut PgConnection, token: [u8; 32]) -> Result<(), sqlx::Error> {
    query!("delete from shop_session where token_sha256 = $1", &token[..]).execute(conn).await.map(drop)
}

pub(in crate::venue) async fn insert_check(
    conn: &mut PgConnection,
    token: [u8; 32],
    venue: VenueId,
    expires_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    query!("insert into shop_check (token_sha256, venue_id, expires_at) values ($1, $2, $3)", &token[..], venue.0, expires_at)
        .execute(conn)
        .await
        .map(drop)
}

pub(in crate::venue) async fn check(conn: &mut PgConnection, token: [u8; 32], now: DateTime<Utc>) -> Result<Option<VenueId>, sqlx::Error> {
    query_scalar!(r#"select venue_id as "venue_id: VenueId" from shop_check where token_sha256 = $1 and expires_at > $2"#, &token[..], now)
        .fetch_optional(conn)
        .await
}

pub(in crate::venue) async fn venues(conn: &mut PgConnection, contact: &str) -> Result<Vec<OwnVenue>, sqlx::Error> {
    query_as!(
        OwnVenue,
        r#"select id as "id: VenueId", name, kind as "kind: VenueKind", status as "status: VenueStatus", paused_at is not null as "paused!"
           from venue where lower(contact_email) = $1::text and status not in ('unconfirmed', 'invited') order by name, id"#,
        contact
    )
    .fetch_all(conn)
    .await
}

pub(in crate::venue) async fn holds(conn: &mut PgConnection, contact: &str, venue: VenueId) -> Result<bool, sqlx::Error> {
    query_scalar!(
        r#"select exists (select from venue
                          where id = $2 and lower(contact_email) = $1::text and status not in ('unconfirmed', 'invited')) as "holds!""#,
        contact,
        venue.0
    )
    .fetch_one(conn)
    .await
}

pub(in crate::venue) async fn forget_expired(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    query!("delete from shop_link where expires_at <= $1", now).execute(&mut *conn).await?;
    query!("delete from shop_session where expires_at <= $1", now).execute(&mut *conn).await?;
    query!("delete from shop_check where expires_at <= $1", now).execute(conn).await.map(drop)
}
