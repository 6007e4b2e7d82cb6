//! The SQL of what owners do.
use crate::base::code::PosterCode;
use crate::venue::application::NewVenue;
use crate::venue::{PosterId, VenueId};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, query, query_scalar};
use uuid::Uuid;

pub(in crate::venue) async fn edit(tx: &mut PgConnection, venue: VenueId, new: &NewVenue, moved: bool) -> Result<(), sqlx::Error> {
    query!(
        "update venue
         set name = $2, kana = $3, address = $4, postal_code = $5, phone = $6, guests_per_day = $7, day_starts_minutes = $8,
             may_be_named = $9, listed = $10, message = $11, opens_on = $12, closes_on = $13,
             reviewed_at = case when $14 then null else reviewed_at end
         where id = $1",
        venue.0,
        new.name,
        new.kana,
        new.address,
        new.more.postal_code,
        new.more.phone,
        new.more.guests_per_day,
        new.day_starts_minutes,
        new.more.may_be_named,
        new.more.listed,
        new.more.message,
        new.more.days.map(|(opens, _)| opens),
        new.more.days.map(|(_, closes)| closes),
        moved
    )
    .execute(tx)
    .await
    .map(drop)
}

pub(in crate::venue) async fn set_paused(
    tx: &mut PgConnection,
    venue: VenueId,
    paused_at: Option<DateTime<Utc>>,
) -> Result<bool, sqlx::Error> {
    let done =
        query!("update venue set paused_at = $2 where id = $1 and (paused_at is null) <> ($2::timestamptz is null)", venue.0, paused_at);
    Ok(done.execute(tx).await?.rows_affected() == 1)
}

pub(in crate::venue) async fn set_monthly_mail(tx: &mut PgConnection, venue: VenueId, on: bool) -> Result<bool, sqlx::Error> {
    let done = query!("update venue set monthly_mail = $2 where id = $1 and monthly_mail <> $2", venue.0, on);
    Ok(done.execute(tx).await?.rows_affected() == 1)
}

pub(in crate::venue) async fn answer(
    tx: &mut PgConnection,
    venue: VenueId,
    asked_at: DateTime<Utc>,
    answer: &str,
    now: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let done = query!(
        "update venue_question set answer = $2, answered_at = $3 where venue_id = $1 and answered_at is null and asked_at = $4",
        venue.0,
        answer,
        now,
        asked_at
    );
    Ok(done.execute(tx).await?.rows_affected() > 0)
}

pub(in crate::venue) async fn refused_because(conn: &mut PgConnection, venue: VenueId) -> Result<Option<String>, sqlx::Error> {
    Ok(query_scalar!("select refused_because from venue where id = $1", venue.0).fetch_optional(conn).await?.flatten())
}

pub(in crate::venue) async fn own_poster(
    conn: &mut PgConnection,
    venue: VenueId,
    code: &PosterCode,
) -> Result<Option<(PosterId, i16, String, bool)>, sqlx::Error> {
    let row = query!(
        r#"select id as "id: PosterId", no, label, status = 'active' as "alive!" from poster where code = $2 and venue_id = $1"#,
        venue.0,
        code.as_str()
    );
    Ok(row.fetch_optional(conn).await?.map(|row| (row.id, row.no, row.label, row.alive)))
}

pub(in crate::venue) async fn set_checked(tx: &mut PgConnection, poster: PosterId, today: NaiveDate) -> Result<(), sqlx::Error> {
    query!("update poster set checked_on = $2 where id = $1 and checked_on is distinct from $2", poster.0, today)
        .execute(tx)
        .await
        .map(drop)
}

/// Days on which posters were scanned; later ones stay. In the posters' order, so that two processes do not wait for each other.
pub(in crate::venue) async fn set_scanned(conn: &mut PgConnection, scanned: &[(PosterId, NaiveDate)]) -> Result<(), sqlx::Error> {
    let (posters, days): (Vec<Uuid>, Vec<NaiveDate>) = scanned.iter().map(|(poster, day)| (poster.0, *day)).unzip();
    query!(
        "with new as (select * from unnest($1::uuid[], $2::date[]) as new (id, day)),
              held as (select p.id from poster p join new on new.id = p.id
                       where p.scanned_on is null or p.scanned_on < new.day order by p.id for update of p)
         update poster p set scanned_on = new.day from new, held
         where p.id = new.id and p.id = held.id and (p.scanned_on is null or p.scanned_on < new.day)",
        &posters,
        &days
    )
    .execute(conn)
    .await
    .map(drop)
}

pub(in crate::venue) async fn rename(tx: &mut PgConnection, poster: PosterId, label: &str) -> Result<bool, sqlx::Error> {
    let done = query!("update poster set label = $2 where id = $1 and status = 'active'", poster.0, label);
    Ok(done.execute(tx).await?.rows_affected() == 1)
}
