//! The SQL of letters that an import owes.
use super::{address, locale};
use crate::venue::VenueId;
use crate::venue::import::ImportId;
use crate::venue::import::letters::{Owed, ToRelease};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, query, query_as, query_scalar};
use uuid::Uuid;

/// How an import stands.
pub(in crate::venue) struct Import {
    pub(in crate::venue) made_at: DateTime<Utc>,
    pub(in crate::venue) released: bool,
    pub(in crate::venue) undone: bool,
}

/// An import, its row locked: release, undo and the turns of its letters come one after the other.
pub(in crate::venue) async fn lock(tx: &mut PgConnection, id: ImportId) -> Result<Option<Import>, sqlx::Error> {
    let row = query!(
        r#"select made_at, released_at is not null as "released!", undone_at is not null as "undone!"
           from venue_import where id = $1 and imported for update"#,
        id.0
    );
    Ok(row.fetch_optional(tx).await?.map(|row| Import { made_at: row.made_at, released: row.released, undone: row.undone }))
}

/// Letters that wait.
pub(in crate::venue) async fn held(conn: &mut PgConnection, id: ImportId) -> Result<i64, sqlx::Error> {
    query_scalar!(r#"select count(*) as "held!" from venue_import_row where import_id = $1 and letter = 'held'"#, id.0)
        .fetch_one(conn)
        .await
}

/// Letters of imports that nobody has released.
pub(in crate::venue) async fn to_release(conn: &mut PgConnection) -> Result<ToRelease, sqlx::Error> {
    query_as!(
        ToRelease,
        r#"select count(*) as "letters!", count(distinct i.id) as "imports!",
                  (array_agg(i.id order by i.made_at desc, i.id))[1] as "newest: ImportId"
           from venue_import i join venue_import_row r on r.import_id = i.id
           where r.letter = 'held' and i.imported and i.released_at is null and i.undone_at is null"#
    )
    .fetch_one(conn)
    .await
}

pub(in crate::venue) async fn set_released(tx: &mut PgConnection, id: ImportId, now: DateTime<Utc>, by: &str) -> Result<(), sqlx::Error> {
    query!("update venue_import set released_at = $2, released_by = $3 where id = $1", id.0, now, by).execute(tx).await.map(drop)
}

/// An import with a letter whose turn it is.
pub(in crate::venue) async fn next_import(conn: &mut PgConnection) -> Result<Option<ImportId>, sqlx::Error> {
    query_scalar!(
        r#"select i.id as "id: ImportId" from venue_import i
           where exists (select from venue_import_row r
                         where r.import_id = i.id and r.letter in ('held', 'recalling')
                           and (r.letter = 'recalling' or (i.released_at is not null and i.undone_at is null)))
           order by i.released_at, i.id limit 1"#
    )
    .fetch_optional(conn)
    .await
}

/// The next letters of an import, in the list's order. Who is told of an undo had an active venue; who is told of a registration
/// must have one still.
pub(in crate::venue) async fn owed(tx: &mut PgConnection, id: ImportId, limit: i64) -> Result<Vec<Owed>, sqlx::Error> {
    let rows = query!(
        r#"select v.id as "id: VenueId", v.name, v.locale, r.letter = 'recalling' as "recalls!", r.letter_id,
                  case when r.letter = 'recalling' or v.status = 'active' then v.contact_email end as contact_email
           from venue_import_row r join venue v on v.id = r.venue_id join venue_import i on i.id = r.import_id
           where r.import_id = $1 and r.letter in ('held', 'recalling')
             and (r.letter = 'recalling' or (i.released_at is not null and i.undone_at is null))
           order by r.row_no limit $2
           for update of r, v"#,
        id.0,
        limit
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            let (contact, locale) = (address(row.contact_email.as_deref())?, locale(&row.locale)?);
            Ok(Owed { venue: row.id, name: row.name, contact, locale, recalls: row.recalls.then_some(row.letter_id) })
        })
        .collect()
}

/// A letter's turn is over.
pub(in crate::venue) async fn settle(
    tx: &mut PgConnection,
    venue: VenueId,
    letter: &str,
    letter_id: Option<Uuid>,
) -> Result<(), sqlx::Error> {
    query!("update venue_import_row set letter = $2, letter_id = coalesce($3, letter_id) where venue_id = $1", venue.0, letter, letter_id)
        .execute(tx)
        .await
        .map(drop)
}
