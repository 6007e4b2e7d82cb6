//! Acts of a venue's owner on their own page. Every act is written with its audit entry, and with no letter: they did it themselves.
//! Changing data changes no code.
use super::application::NewVenue;
use super::owner_session::Owner;
use super::review::{Question, Said};
use super::store::owner_actions as store;
use super::{Poster, PosterId, VenueError, VenueId, VenueStatus, poster, search, store as venues};
use crate::audit::{self, Actor, Entry};
use crate::base::code::PosterCode;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Days after which a poster that nobody checked is shown as unchecked.
pub const CHECKED_DAYS: i64 = 30;

/// Writes an owner's data down. Mailbox, kind and posters stay as they are. A new name or address of a venue that an official
/// has looked at is looked at again. Returns whether name or address changed.
///
/// # Errors
/// [`VenueError::Unknown`], [`VenueError::Db`].
pub async fn edit(tx: &mut PgConnection, now: DateTime<Utc>, owner: &Owner, new: &NewVenue) -> Result<bool, VenueError> {
    let id = owner.venue();
    venues::lock_venue(tx, id).await?.ok_or(VenueError::Unknown)?;
    let old = venues::venue(tx, id).await?.ok_or(VenueError::Unknown)?;
    let moved = old.name != new.name || old.address != new.address;
    store::edit(tx, id, new, moved).await?;
    search::index(tx, id, &new.name, new.kana.as_deref(), &new.address).await?;
    note(tx, now, owner, "venue.edit", json!({ "name": old.name != new.name, "address": old.address != new.address })).await?;
    Ok(moved)
}

/// Takes no check-ins until [`unpause`]. `false`: it was so before.
///
/// # Errors
/// [`VenueError::WrongTransition`] for a venue that is not active, [`VenueError::Db`].
pub async fn pause(tx: &mut PgConnection, now: DateTime<Utc>, owner: &Owner) -> Result<bool, VenueError> {
    set_paused(tx, now, owner, Some(now), "venue.pause").await
}

/// Takes check-ins again. `false`: it did before.
///
/// # Errors
/// As of [`pause`].
pub async fn unpause(tx: &mut PgConnection, now: DateTime<Utc>, owner: &Owner) -> Result<bool, VenueError> {
    set_paused(tx, now, owner, None, "venue.unpause").await
}

async fn set_paused(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    owner: &Owner,
    paused_at: Option<DateTime<Utc>>,
    action: &'static str,
) -> Result<bool, VenueError> {
    let venue = venues::lock_venue(tx, owner.venue()).await?.ok_or(VenueError::Unknown)?;
    if venue.status != VenueStatus::Active {
        return Err(VenueError::WrongTransition { from: venue.status, to: venue.status });
    }
    let changed = store::set_paused(tx, owner.venue(), paused_at).await?;
    if changed {
        note(tx, now, owner, action, json!({})).await?;
    }
    Ok(changed)
}

/// Turns the monthly letter on or off. `false`: it was so before.
///
/// # Errors
/// The database.
pub async fn set_monthly_mail(tx: &mut PgConnection, now: DateTime<Utc>, owner: &Owner, on: bool) -> Result<bool, VenueError> {
    let changed = store::set_monthly_mail(tx, owner.venue(), on).await?;
    if changed {
        note(tx, now, owner, "venue.monthly_mail", json!({ "on": on })).await?;
    }
    Ok(changed)
}

/// Answers the question that the city asked at `asked_at`. `false`: there is none without an answer.
///
/// # Errors
/// The database.
pub async fn answer(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    owner: &Owner,
    asked_at: DateTime<Utc>,
    answer: &Said,
) -> Result<bool, VenueError> {
    let answered = store::answer(tx, owner.venue(), asked_at, answer.as_str(), now).await?;
    if answered {
        note(tx, now, owner, "venue.answer", json!({})).await?;
    }
    Ok(answered)
}

/// The city's message to a venue.
pub struct FromCity {
    /// Questions, newest first, with their answers.
    pub questions: Vec<Question>,
    /// Why the application was refused.
    pub refused_because: Option<String>,
}

/// The city's message to a venue.
pub async fn from_city(conn: &mut PgConnection, venue: VenueId) -> Result<FromCity, sqlx::Error> {
    let questions = super::review::questions(&mut *conn, venue).await?;
    Ok(FromCity { questions, refused_because: store::refused_because(conn, venue).await? })
}

/// Which poster an owner has scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// One of theirs that hangs: its day is kept.
    Good {
        /// Its number.
        no: i16,
        /// Its label.
        label: String,
    },
    /// One of theirs whose code is dead: it must come down.
    Dead {
        /// Its number.
        no: i16,
        /// Its label.
        label: String,
    },
    /// None of theirs.
    Foreign,
}

/// Looks up which poster of the owner's venue a code belongs to, and keeps the day on which it was seen hanging.
///
/// # Errors
/// The database.
pub async fn check(tx: &mut PgConnection, owner: &Owner, code: &PosterCode, today: NaiveDate) -> Result<Checked, sqlx::Error> {
    Ok(match store::own_poster(tx, owner.venue(), code).await? {
        None => Checked::Foreign,
        Some((_, no, label, false)) => Checked::Dead { no, label },
        Some((id, no, label, true)) => {
            store::set_checked(tx, id, today).await?;
            Checked::Good { no, label }
        }
    })
}

/// Whether a poster that was made at `made_on` and last checked on `checked_on` should be looked at again.
#[must_use]
pub fn is_unchecked(made_on: NaiveDate, checked_on: Option<NaiveDate>, today: NaiveDate) -> bool {
    let since = checked_on.unwrap_or(made_on);
    (today - since).num_days() >= CHECKED_DAYS
}

/// The last day on which each place was scanned, by its number, if that was on `first` or later. Editions count together.
#[must_use]
pub fn last_scans(posters: &[Poster], first: NaiveDate) -> BTreeMap<i16, NaiveDate> {
    let mut last = BTreeMap::new();
    for (no, day) in posters.iter().filter_map(|poster| Some((poster.no, poster.scanned_on?))).filter(|(_, day)| *day >= first) {
        let known = last.entry(no).or_insert(day);
        *known = day.max(*known);
    }
    last
}

/// Gives a hanging poster another label; number and code stay.
///
/// # Errors
/// [`VenueError::Unknown`] when the venue has no such poster, [`VenueError::Revoked`] for a dead one, [`VenueError::LabelThere`],
/// [`VenueError::Db`].
pub async fn rename(tx: &mut PgConnection, now: DateTime<Utc>, owner: &Owner, id: PosterId, label: &str) -> Result<(), VenueError> {
    let found = venues::poster(tx, id).await?.filter(|found| found.poster.venue_id == owner.venue()).ok_or(VenueError::Unknown)?;
    venues::lock_venue(tx, owner.venue()).await?;
    poster::check_labels(tx, owner.venue(), &[label.to_owned()], Some(id)).await?;
    if !store::rename(tx, id, label).await? {
        return Err(VenueError::Revoked);
    }
    note(tx, now, owner, "venue.rename_poster", json!({ "no": found.poster.no })).await?;
    Ok(())
}

async fn note(tx: &mut PgConnection, now: DateTime<Utc>, owner: &Owner, action: &'static str, detail: Value) -> Result<(), sqlx::Error> {
    let id = owner.venue().0;
    audit::record(tx, now, &Entry { actor: Actor::Venue(id), action, target_kind: "venue", target_id: Some(id), detail }).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poster_is_unchecked_after_thirty_days() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        let (made, today) = (day(1), NaiveDate::from_ymd_opt(2026, 12, 1).unwrap());
        assert!(is_unchecked(made, None, today) && !is_unchecked(day(2), None, today));
        assert!(is_unchecked(made, Some(day(1)), today) && !is_unchecked(made, Some(day(2)), today));
    }
}
