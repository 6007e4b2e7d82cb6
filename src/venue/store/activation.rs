//! The SQL of activation codes.
use crate::base::email_address::EmailAddress;
use crate::venue::activation::Invited;
use crate::venue::{VenueId, VenueKind, VenueStatus};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, query, query_scalar};
use uuid::Uuid;

/// Those of `venues` that are `invited`, each with the edition of its letter: 1 where none was printed.
/// Locked, so that two who print at once write the same.
pub(in crate::venue) async fn lock_editions(tx: &mut PgConnection, venues: &[VenueId]) -> Result<Vec<(VenueId, i16)>, sqlx::Error> {
    let venues: Vec<Uuid> = venues.iter().map(|venue| venue.0).collect();
    let rows = query!(
        r#"select v.id as "id: VenueId", coalesce(a.edition, 1::smallint) as "edition!"
           from venue v left join venue_activation a on a.venue_id = v.id
           where v.id = any($1) and v.status = 'invited'
           order by v.id
           for update of v"#,
        &venues
    );
    Ok(rows.fetch_all(tx).await?.into_iter().map(|row| (row.id, row.edition)).collect())
}

/// Writes codes down, in place of earlier ones.
pub(in crate::venue) async fn put(
    tx: &mut PgConnection,
    codes: &[(VenueId, i16, [u8; 32])],
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let venues: Vec<Uuid> = codes.iter().map(|(venue, ..)| venue.0).collect();
    let editions: Vec<i16> = codes.iter().map(|(_, edition, _)| *edition).collect();
    let macs: Vec<Vec<u8>> = codes.iter().map(|(.., mac)| mac.to_vec()).collect();
    query!(
        "insert into venue_activation (venue_id, edition, code_mac, made_at, expires_at)
         select id, edition, mac, $1, $2 from unnest($3::uuid[], $4::smallint[], $5::bytea[]) as new (id, edition, mac)
         on conflict (venue_id) do update
         set edition = excluded.edition, code_mac = excluded.code_mac, made_at = excluded.made_at, expires_at = excluded.expires_at",
        now,
        expires_at,
        &venues,
        &editions,
        &macs
    )
    .execute(tx)
    .await
    .map(drop)
}

pub(in crate::venue) async fn by_code(conn: &mut PgConnection, mac: [u8; 32], now: DateTime<Utc>) -> Result<Option<Invited>, sqlx::Error> {
    let row = query!(
        r#"select v.id as "id: VenueId", v.name, v.kind as "kind: VenueKind", v.address, v.status as "status: VenueStatus", v.locale
           from venue_activation a join venue v on v.id = a.venue_id
           where a.code_mac = $1 and a.expires_at > $2 and v.status in ('invited', 'active', 'suspended')"#,
        &mac[..],
        now
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        let locale = super::locale(&row.locale)?;
        Ok(Invited { id: row.id, name: row.name, kind: row.kind, address: row.address, status: row.status, locale })
    })
    .transpose()
}

pub(in crate::venue) async fn activate(tx: &mut PgConnection, id: VenueId, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    query!("update venue set status = 'active', decided_at = $2 where id = $1 and status = 'invited'", id.0, now).execute(&mut *tx).await?;
    query!("update venue_activation set used_at = $2 where venue_id = $1", id.0, now).execute(tx).await.map(drop)
}

/// A mailbox that is not proven yet.
pub(in crate::venue) async fn name_mailbox(tx: &mut PgConnection, id: VenueId, contact: &EmailAddress) -> Result<(), sqlx::Error> {
    query!("update venue_activation set contact_email = $2 where venue_id = $1", id.0, contact.expose()).execute(tx).await.map(drop)
}

/// Letters since `since` to a mailbox (in lower case) about applications that it has not confirmed.
pub(in crate::venue) async fn unanswered_letters(conn: &mut PgConnection, mailbox: &str, since: DateTime<Utc>) -> Result<i64, sqlx::Error> {
    query_scalar!(
        r#"select coalesce(sum(c.letters), 0)::bigint as "letters!" from venue_confirmation c join venue v on v.id = c.venue_id
           where lower(v.contact_email) = $1::text and v.status = 'unconfirmed' and c.sent_at > $2"#,
        mailbox,
        since
    )
    .fetch_one(conn)
    .await
}

/// The named mailbox is proven and becomes the venue's. `false`: there is none, or the venue has got one meanwhile.
pub(in crate::venue) async fn take_mailbox(tx: &mut PgConnection, id: VenueId, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    let taken = query!(
        "update venue v set contact_email = a.contact_email, confirmed_at = $2
         from venue_activation a
         where v.id = $1 and a.venue_id = v.id and v.contact_email is null and a.contact_email is not null",
        id.0,
        now
    );
    let taken = taken.execute(&mut *tx).await?.rows_affected() == 1;
    query!("update venue_activation set contact_email = null where venue_id = $1", id.0).execute(tx).await?;
    Ok(taken)
}

/// Forgets mailboxes that nobody proved.
pub(in crate::venue) async fn forget_mailboxes(tx: &mut PgConnection, named_before: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    let forgotten =
        query!("update venue_activation set contact_email = null where contact_email is not null and used_at < $1", named_before);
    Ok(forgotten.execute(tx).await?.rows_affected())
}
