//! The SQL of what is published.
use crate::venue::public::Listed;
use crate::venue::{VenueId, VenueKind};
use chrono::NaiveDate;
use sqlx::{PgConnection, query, query_as};

/// Active venues that agreed to be listed, save for events that are over, with all of `words` in their folded texts.
pub(in crate::venue) async fn listed(
    conn: &mut PgConnection,
    today: NaiveDate,
    words: &[String],
    offset: i64,
    limit: i64,
) -> Result<Vec<Listed>, sqlx::Error> {
    query_as!(
        Listed,
        r#"select v.id as "id: VenueId", v.name, v.kana, v.kind as "kind: VenueKind", v.postal_code, v.address, count(*) over () as "found!"
           from venue v join venue_search s on s.venue_id = v.id
           where v.status = 'active' and v.listed and (v.closes_on is null or v.closes_on >= $1)
             and not exists (select from unnest($2::text[]) as w (word) where position(word in s.folded) = 0)
           order by coalesce(v.kana, v.name), v.name, v.id
           offset $3 limit $4"#,
        today,
        words,
        offset,
        limit
    )
    .fetch_all(conn)
    .await
}

pub(in crate::venue) async fn kinds(conn: &mut PgConnection) -> Result<Vec<(VenueKind, i64)>, sqlx::Error> {
    let rows = query!(r#"select kind as "kind: VenueKind", count(*) as "venues!" from venue where status = 'active' group by kind"#);
    let mut kinds: Vec<_> = rows.fetch_all(conn).await?.into_iter().map(|row| (row.kind, row.venues)).collect();
    kinds.sort_by_key(|(kind, _)| VenueKind::ALL.iter().position(|known| known == kind));
    Ok(kinds)
}
