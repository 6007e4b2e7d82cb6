//! The SQL of imports that are taken back.
use crate::venue::import::ImportId;
use crate::venue::import::undo::{Kept, KeptReason, Member};
use crate::venue::{VenueId, VenueStatus};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, query, query_as};
use uuid::Uuid;

/// The venues of an import, locked in one order.
pub(in crate::venue) async fn lock_members(tx: &mut PgConnection, id: ImportId) -> Result<Vec<Member>, sqlx::Error> {
    query_as!(
        Member,
        r#"select v.id as "venue: VenueId", r.row_no as row, v.name, v.status as "status: VenueStatus",
                  exists (select from poster p where p.venue_id = v.id and p.scanned_on is not null) as "scanned!",
                  exists (select from venue_activation a where a.venue_id = v.id and a.used_at is not null)
                  or exists (select from venue_confirmation c where c.venue_id = v.id and c.opened_at is not null)
                  or exists (select from poster p where p.venue_id = v.id and p.checked_on is not null) as "opened!"
           from venue_import_row r join venue v on v.id = r.venue_id
           where r.import_id = $1
           order by r.row_no, v.id
           for update of v"#,
        id.0
    )
    .fetch_all(tx)
    .await
}

fn uuids(ids: &[VenueId]) -> Vec<Uuid> {
    ids.iter().map(|id| id.0).collect()
}

/// Closes venues, and kills every code of theirs.
pub(in crate::venue) async fn close(tx: &mut PgConnection, venues: &[VenueId], now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    let venues = uuids(venues);
    query!("update venue set status = 'closed', decided_at = $2 where id = any($1)", &venues, now).execute(&mut *tx).await?;
    query!("update poster set status = 'revoked', revoked_at = $2 where venue_id = any($1) and status = 'active'", &venues, now)
        .execute(tx)
        .await
        .map(drop)
}

/// Writes down why venues stay.
pub(in crate::venue) async fn keep(tx: &mut PgConnection, kept: &[Kept]) -> Result<(), sqlx::Error> {
    let venues: Vec<Uuid> = kept.iter().map(|kept| kept.venue.0).collect();
    let reasons: Vec<String> = kept.iter().map(|kept| kept.why.as_str().to_owned()).collect();
    query!(
        "update venue_import_row r set kept = new.kept from unnest($1::uuid[], $2::text[]) as new (venue_id, kept)
         where r.venue_id = new.venue_id",
        &venues,
        &reasons
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Venues that stayed when their import was undone, in the list's order.
pub(in crate::venue) async fn kept(conn: &mut PgConnection, id: ImportId, limit: i64) -> Result<Vec<Kept>, sqlx::Error> {
    query_as!(
        Kept,
        r#"select r.row_no as row, v.id as "venue: VenueId", v.name, r.kept as "why!: KeptReason"
           from venue_import_row r join venue v on v.id = r.venue_id
           where r.import_id = $1 and r.kept is not null
           order by r.row_no limit $2"#,
        id.0,
        limit
    )
    .fetch_all(conn)
    .await
}

/// Withdraws what waits of an import's letters, and owes a word to those of `venues` that had theirs. Returns how many of each.
pub(in crate::venue) async fn take_letters_back(
    tx: &mut PgConnection,
    id: ImportId,
    venues: &[VenueId],
) -> Result<(i64, i64), sqlx::Error> {
    let withdrawn = query!("update venue_import_row set letter = 'withdrawn' where import_id = $1 and letter = 'held'", id.0);
    let withdrawn = withdrawn.execute(&mut *tx).await?.rows_affected();
    let recalled = query!(
        "update venue_import_row set letter = 'recalling' where import_id = $1 and letter = 'posted' and venue_id = any($2)",
        id.0,
        &uuids(venues)
    );
    let recalled = recalled.execute(tx).await?.rows_affected();
    Ok((i64::try_from(withdrawn).unwrap_or(i64::MAX), i64::try_from(recalled).unwrap_or(i64::MAX)))
}

pub(in crate::venue) async fn set_undone(tx: &mut PgConnection, id: ImportId, now: DateTime<Utc>, by: &str) -> Result<(), sqlx::Error> {
    query!("update venue_import set undone_at = $2, undone_by = $3 where id = $1", id.0, now, by).execute(tx).await.map(drop)
}
