//! The monthly letter to a venue: web seals one for each active venue that wants it, once a month; its numbers are counted when it
//! leaves (`stats`). It can be turned off on the own page, and by the link in the letter.
use super::store::monthly as store;
use super::{VenueId, letters};
use crate::audit::{self, Actor, Entry};
use crate::base::clock::Zone;
use crate::base::db;
use crate::base::email_address::EmailAddress;
use crate::base::locale::Locale;
use crate::base::token::Token;
use crate::keys::Sealer;
use crate::mail::{self, PostError};
use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};
use serde_json::json;
use sqlx::{Connection, PgConnection};

/// From this hour of the month's first day letters go out: when people read mail.
const FIRST_HOUR: i64 = 9;
/// After so many days of a month nobody is told any more: a service that was down for a week does not catch up.
const LAST_DAY: u32 = 7;
/// Letters sealed in one transaction.
const BATCH: i64 = 100;
/// The lock under which one process posts.
const LOCK: &str = "shop_monthly";
/// Months for which a letter's link works.
const LINK_MONTHS: i64 = 13;

/// A venue whose letter is due.
pub(super) struct Due {
    pub(super) id: VenueId,
    pub(super) name: String,
    pub(super) contact: EmailAddress,
    pub(super) locale: Locale,
}

/// The month whose letters are due at `now`, by its first day; `None`: not these days, or not yet this morning.
fn due_month(zone: Zone, now: DateTime<Utc>) -> Option<NaiveDate> {
    let today = zone.today(now);
    let month = today.with_day(1)?;
    let begins = zone.begin_of(month) + Duration::hours(FIRST_HOUR);
    (today.day() <= LAST_DAY && now >= begins).then_some(month)
}

/// Seals what is due and has not been. Returns how many; 0 too while another process is at it.
///
/// # Errors
/// [`PostError`]; what was committed stays, the next call goes on.
pub async fn post_due(conn: &mut PgConnection, sealer: &Sealer, now: DateTime<Utc>, zone: Zone) -> Result<usize, PostError> {
    let Some(month) = due_month(zone, now) else { return Ok(0) };
    if !db::try_lock(conn, LOCK).await? {
        return Ok(0);
    }
    let posted = post_all(conn, sealer, now, zone, month).await;
    db::unlock(conn, LOCK).await?;
    posted
}

async fn post_all(conn: &mut PgConnection, sealer: &Sealer, now: DateTime<Utc>, zone: Zone, month: NaiveDate) -> Result<usize, PostError> {
    let mut posted = 0;
    loop {
        let mut tx = conn.begin().await?;
        let due = store::due(&mut tx, month, zone.begin_of(month), BATCH).await?;
        for venue in &due {
            let off = Token::random();
            store::insert(&mut tx, venue.id, month, now, off.sha256()).await?;
            mail::post(&mut tx, sealer, now, zone, &letters::monthly(venue, &off)).await?;
        }
        tx.commit().await?;
        posted += due.len();
        if due.is_empty() {
            return Ok(posted);
        }
    }
}

/// The venue whose letters a link stops; looking at it stops nothing.
pub async fn peek_off(conn: &mut PgConnection, token: &Token) -> Result<Option<(VenueId, String)>, sqlx::Error> {
    store::by_link(conn, token.sha256()).await
}

/// Stops the letters by the link in one. `None`: no such link. Twice is harmless.
pub async fn turn_off(tx: &mut PgConnection, now: DateTime<Utc>, token: &Token) -> Result<Option<String>, sqlx::Error> {
    let Some((id, name)) = store::by_link(tx, token.sha256()).await? else { return Ok(None) };
    if super::store::owner_actions::set_monthly_mail(tx, id, false).await? {
        let detail = json!({ "on": false });
        let entry = Entry { actor: Actor::Venue(id.0), action: "venue.monthly_mail", target_kind: "venue", target_id: Some(id.0), detail };
        audit::record(tx, now, &entry).await?;
    }
    Ok(Some(name))
}

/// Erases what is left of letters whose link works no more; for a periodic task.
pub async fn forget_old(conn: &mut PgConnection, today: NaiveDate) -> Result<(), sqlx::Error> {
    store::forget_before(conn, today - Duration::days(LINK_MONTHS * 31)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_due_from_nine_on_the_first_to_the_seventh() {
        let due = |now: &str| due_month(Zone(chrono_tz::Asia::Tokyo), now.parse().unwrap()).map(|month| month.to_string());
        assert_eq!(due("2026-11-30T23:59:59Z"), None);
        assert_eq!(due("2026-12-01T00:00:00Z").as_deref(), Some("2026-12-01"));
        assert_eq!(due("2026-12-07T14:59:59Z").as_deref(), Some("2026-12-01"));
        assert_eq!(due("2026-12-07T15:00:00Z"), None);
    }
}
