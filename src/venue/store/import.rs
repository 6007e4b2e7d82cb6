//! The SQL of lists that are handed in.
use super::fresh;
use crate::base::email_address::EmailAddress;
use crate::venue::export::Exported;
use crate::venue::import::{Batch, ImportId, Member, Numbered, Planned};
use crate::venue::{VenueId, VenueKind, VenueStatus, poster::Poster};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::{PgConnection, query, query_as, query_scalar};
use std::collections::HashMap;
use uuid::Uuid;

/// For each of `twins` that some venue has: the oldest such venue that is neither refused nor closed.
pub(in crate::venue) async fn twins(
    conn: &mut PgConnection,
    twins: &[[u8; 16]],
) -> Result<HashMap<[u8; 16], (VenueId, VenueStatus)>, sqlx::Error> {
    let twins: Vec<Vec<u8>> = twins.iter().map(|twin| twin.to_vec()).collect();
    let rows = query!(
        r#"select distinct on (s.twin) s.twin, v.id as "id: VenueId", v.status as "status: VenueStatus"
           from venue_search s join venue v on v.id = s.venue_id
           where s.twin = any($1) and v.status in ('invited', 'pending', 'active', 'suspended')
           order by s.twin, v.created_at, v.id"#,
        &twins
    );
    let rows = rows.fetch_all(conn).await?;
    Ok(rows.into_iter().filter_map(|row| Some((row.twin.try_into().ok()?, (row.id, row.status)))).collect())
}

/// Venues with one of these numbers that are neither refused nor closed, the oldest first.
pub(in crate::venue) async fn numbered(conn: &mut PgConnection, numbers: &[String]) -> Result<Vec<Numbered>, sqlx::Error> {
    query_as!(
        Numbered,
        r#"select r.number_key as "number_key!", v.id as "id: VenueId", v.status as "status: VenueStatus", v.name, v.address
           from venue_import_row r join venue v on v.id = r.venue_id
           where r.number_key = any($1) and v.status in ('invited', 'pending', 'active', 'suspended')
           order by v.created_at, v.id"#,
        numbers
    )
    .fetch_all(conn)
    .await
}

pub(in crate::venue) async fn imported_since(
    conn: &mut PgConnection,
    file_sha256: [u8; 32],
    since: DateTime<Utc>,
) -> Result<Option<ImportId>, sqlx::Error> {
    query_scalar!(
        r#"select id as "id: ImportId" from venue_import
           where imported and file_sha256 = $1 and made_at > $2 order by made_at desc limit 1"#,
        &file_sha256[..],
        since
    )
    .fetch_optional(conn)
    .await
}

pub(in crate::venue) async fn is_imported(conn: &mut PgConnection, id: ImportId) -> Result<bool, sqlx::Error> {
    query_scalar!(r#"select exists (select from venue_import where id = $1 and imported) as "imported!""#, id.0).fetch_one(conn).await
}

/// A list that somebody hands in.
pub(in crate::venue) struct HandedIn<'a> {
    pub(in crate::venue) id: ImportId,
    pub(in crate::venue) file_sha256: [u8; 32],
    pub(in crate::venue) at: DateTime<Utc>,
    /// A principal.
    pub(in crate::venue) by: &'a str,
}

pub(in crate::venue) async fn keep(tx: &mut PgConnection, list: &HandedIn<'_>, file: &[u8]) -> Result<(), sqlx::Error> {
    query!(
        "insert into venue_import (id, file_sha256, file, made_at, made_by) values ($1, $2, $3, $4, $5)",
        list.id.0,
        &list.file_sha256[..],
        file,
        list.at,
        list.by
    )
    .execute(tx)
    .await
    .map(drop)
}

pub(in crate::venue) async fn kept(
    conn: &mut PgConnection,
    id: ImportId,
    by: &str,
    since: DateTime<Utc>,
) -> Result<Option<Vec<u8>>, sqlx::Error> {
    let file = query_scalar!("select file from venue_import where id = $1 and made_by = $2 and made_at > $3", id.0, by, since);
    Ok(file.fetch_optional(conn).await?.flatten())
}

pub(in crate::venue) async fn forget(conn: &mut PgConnection, kept_before: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    Ok(query!("delete from venue_import where not imported and made_at <= $1", kept_before).execute(conn).await?.rows_affected())
}

/// The batch's record, in place of the file that waited.
pub(in crate::venue) async fn insert_batch(
    tx: &mut PgConnection,
    list: &HandedIn<'_>,
    venues: usize,
    posters: usize,
) -> Result<(), sqlx::Error> {
    query!(
        "insert into venue_import (id, file_sha256, made_at, made_by, imported, venues, posters) values ($1, $2, $3, $4, true, $5, $6)
         on conflict (id) do update
         set file = null, made_at = excluded.made_at, made_by = excluded.made_by, imported = true, venues = excluded.venues,
             posters = excluded.posters",
        list.id.0,
        &list.file_sha256[..],
        list.at,
        list.by,
        i32::try_from(venues).unwrap_or(i32::MAX),
        i32::try_from(posters).unwrap_or(i32::MAX)
    )
    .execute(tx)
    .await
    .map(drop)
}

fn venue(id: VenueId, planned: &Planned) -> Value {
    let (new, more) = (&planned.new, &planned.new.more);
    let status = if planned.invited() { VenueStatus::Invited } else { VenueStatus::Active };
    json!({
        "id": id, "row_no": planned.row, "reference": planned.reference, "number_key": planned.number_key,
        "letter": new.contact.as_ref().map(|_| "held"), "name": new.name, "kana": new.kana, "kind": new.kind,
        "address": new.address, "contact_email": new.contact.as_ref().map(EmailAddress::expose), "locale": new.locale.tag(),
        "day_starts_minutes": new.day_starts_minutes, "status": status, "postal_code": more.postal_code, "phone": more.phone,
        "guests_per_day": more.guests_per_day, "opens_on": more.days.map(|(opens, _)| opens), "closes_on": more.days.map(|(_, closes)| closes),
        "monthly_mail": more.monthly_mail,
    })
}

fn poster(poster: &Poster) -> Value {
    json!({ "id": poster.id, "venue_id": poster.venue_id, "no": poster.no, "label": poster.label, "code": poster.code.as_str() })
}

/// Venues with their posters, their words for the search and their places in the list: one statement for each table.
pub(in crate::venue) async fn insert_venues(
    tx: &mut PgConnection,
    import: ImportId,
    made: &[(VenueId, &Planned)],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let venues = Value::Array(made.iter().map(|(id, planned)| venue(*id, planned)).collect());
    query!(
        "insert into venue (id, name, kana, kind, address, contact_email, locale, day_starts_minutes, status, created_at, reviewed_at,
                            postal_code, phone, guests_per_day, opens_on, closes_on, monthly_mail)
         select id, name, kana, kind, address, contact_email, locale, day_starts_minutes, status, $2, $2,
                postal_code, phone, guests_per_day, opens_on, closes_on, monthly_mail
         from jsonb_to_recordset($1) as new (
             id uuid, name text, kana text, kind text, address text, contact_email text, locale text, day_starts_minutes smallint,
             status text, postal_code text, phone text, guests_per_day integer, opens_on date, closes_on date, monthly_mail boolean)",
        venues,
        now
    )
    .execute(&mut *tx)
    .await?;
    query!(
        "insert into venue_import_row (venue_id, import_id, row_no, reference, number_key, letter)
         select id, $2, row_no, reference, number_key, letter
         from jsonb_to_recordset($1) as new (id uuid, row_no integer, reference text, number_key text, letter text)",
        venues,
        import.0
    )
    .execute(&mut *tx)
    .await?;
    let entries: Vec<_> = made.iter().map(|(id, planned)| (*id, &planned.entry)).collect();
    super::review::put_entries(tx, &entries).await?;
    let labels = made.iter().flat_map(|(id, planned)| (1..).zip(&planned.new.labels).map(move |(no, label)| (*id, no, label)));
    let posters = Value::Array(labels.map(|(id, no, label)| poster(&fresh(id, no, 1, label, now))).collect());
    query!(
        "insert into poster (id, venue_id, no, label, code, status, created_at)
         select id, venue_id, no, label, code, 'active', $2
         from jsonb_to_recordset($1) as new (id uuid, venue_id uuid, no smallint, label text, code text)",
        posters,
        now
    )
    .execute(tx)
    .await
    .map(drop)
}

pub(in crate::venue) async fn batches(
    conn: &mut PgConnection,
    id: Option<ImportId>,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Batch>, sqlx::Error> {
    query_as!(
        Batch,
        r#"select i.id as "id: ImportId", i.made_at, i.made_by, i.venues::bigint as "venues!", i.posters::bigint as "posters!",
                  count(*) filter (where v.status = 'invited') as "invited!",
                  count(*) filter (where a.used_at is not null or v.status in ('active', 'suspended')) as "activated!",
                  count(*) filter (where v.status = 'invited' and a.expires_at > $2) as "printed!",
                  i.released_at, i.released_by, i.undone_at, i.undone_by,
                  count(*) filter (where r.kept is not null) as "kept!",
                  count(*) filter (where r.letter = 'held') as "held!",
                  count(*) filter (where r.letter = 'posted') as "posted!",
                  count(*) filter (where r.letter = 'left_out') as "mails_left_out!",
                  count(*) filter (where r.letter = 'withdrawn') as "withdrawn!",
                  count(*) filter (where r.letter in ('recalling', 'recalled')) as "recalled!"
           from venue_import i
           left join venue_import_row r on r.import_id = i.id
           left join venue v on v.id = r.venue_id
           left join venue_activation a on a.venue_id = r.venue_id
           where i.imported and ($1::uuid is null or i.id = $1)
           group by i.id
           order by i.made_at desc, i.id
           limit $3"#,
        id.map(|id| id.0),
        now,
        limit
    )
    .fetch_all(conn)
    .await
}

pub(in crate::venue) async fn members(conn: &mut PgConnection, id: ImportId, after: i32, limit: i64) -> Result<Vec<Member>, sqlx::Error> {
    query_as!(
        Member,
        r#"select v.id as "id: VenueId", r.row_no as row, r.reference, v.name, v.address, v.status as "status: VenueStatus"
           from venue_import_row r join venue v on v.id = r.venue_id
           where r.import_id = $1 and r.row_no > $2
           order by r.row_no
           limit $3"#,
        id.0,
        after,
        limit
    )
    .fetch_all(conn)
    .await
}

pub(in crate::venue) async fn waiting(conn: &mut PgConnection, id: ImportId) -> Result<Vec<(i32, VenueId, i64)>, sqlx::Error> {
    let rows = query!(
        r#"select r.row_no, v.id as "id: VenueId",
                  (select count(*) from poster p where p.venue_id = v.id and p.status = 'active') as "posters!"
           from venue_import_row r join venue v on v.id = r.venue_id
           where r.import_id = $1 and v.status = 'invited'
           order by r.row_no"#,
        id.0
    );
    Ok(rows.fetch_all(conn).await?.into_iter().map(|row| (row.row_no, row.id, row.posters)).collect())
}

/// Venues by identifier after `after`, with all that a list holds of them; applications that nobody confirmed are left out.
pub(in crate::venue) async fn exported(conn: &mut PgConnection, after: Option<Uuid>, limit: i64) -> Result<Vec<Exported>, sqlx::Error> {
    query_as!(
        Exported,
        r#"select v.id as "id: VenueId", v.name, v.kana, v.kind as "kind: VenueKind", v.postal_code, v.address, v.contact_email, v.phone,
                  v.guests_per_day, v.opens_on, v.closes_on, v.status as "status: VenueStatus", r.reference as "reference?",
                  (select count(*) from poster p where p.venue_id = v.id and p.status = 'active') as "posters!"
           from venue v left join venue_import_row r on r.venue_id = v.id
           where v.status <> 'unconfirmed' and ($1::uuid is null or v.id > $1)
           order by v.id
           limit $2"#,
        after,
        limit
    )
    .fetch_all(conn)
    .await
}
