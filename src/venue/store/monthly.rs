//! The SQL of monthly letters.
use crate::base::email_address::EmailAddress;
use crate::base::locale::Locale;
use crate::venue::VenueId;
use crate::venue::monthly::Due;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, query};

/// Active venues that want a letter, were there when the month began, and have none of it yet. Who was entered in a list and not
/// told so yet gets none: the first letter waits for its release.
pub(in crate::venue) async fn due(
    tx: &mut PgConnection,
    month: NaiveDate,
    begin: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Due>, sqlx::Error> {
    let rows = query!(
        r#"select id as "id: VenueId", name, contact_email as "contact_email!", locale from venue v
           where status = 'active' and monthly_mail and contact_email is not null and created_at < $2
             and not exists (select from shop_monthly m where m.venue_id = v.id and m.month = $1)
             and not exists (select from venue_import_row r where r.venue_id = v.id and r.letter = 'held')
           order by id limit $3"#,
        month,
        begin,
        limit
    )
    .fetch_all(tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            let contact =
                EmailAddress::parse(&row.contact_email).map_err(|_| sqlx::Error::Decode("venue.contact_email is no address".into()))?;
            Ok(Due { id: row.id, name: row.name, contact, locale: Locale::from_tag(&row.locale).unwrap_or_default() })
        })
        .collect()
}

pub(in crate::venue) async fn insert(
    tx: &mut PgConnection,
    venue: VenueId,
    month: NaiveDate,
    now: DateTime<Utc>,
    off: [u8; 32],
) -> Result<(), sqlx::Error> {
    query!("insert into shop_monthly (venue_id, month, posted_at, off_sha256) values ($1, $2, $3, $4)", venue.0, month, now, &off[..])
        .execute(tx)
        .await
        .map(drop)
}

pub(in crate::venue) async fn by_link(conn: &mut PgConnection, off: [u8; 32]) -> Result<Option<(VenueId, String)>, sqlx::Error> {
    let row = query!(
        r#"select v.id as "id: VenueId", v.name from shop_monthly m join venue v on v.id = m.venue_id where m.off_sha256 = $1"#,
        &off[..]
    );
    Ok(row.fetch_optional(conn).await?.map(|row| (row.id, row.name)))
}

pub(in crate::venue) async fn forget_before(conn: &mut PgConnection, month: NaiveDate) -> Result<(), sqlx::Error> {
    query!("delete from shop_monthly where month < $1", month).execute(conn).await.map(drop)
}
