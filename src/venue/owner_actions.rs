//! Acts of a venue's owner on their own page. Every act is written with its audit entry, and with no letter: they did it themselves.
//! Changing data changes no code.
use super::application::NewVenue;
use super::owner_session::Owner;
use super::review::{Question, Said};
use super::store::owner_actions as store;
use super::{Poster, PosterId, VenueError, VenueId, VenueStatus, poster, search, store as venues};
use crate::base::code::PosterCode;
use crate::official::Act;
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
pub async fn edit(act: &mut Act<'_, &Owner>, new: &NewVenue) -> Result<bool, VenueError> {
    let id = act.by.venue();
    venues::lock_venue(&mut act.tx, id).await?.ok_or(VenueError::Unknown)?;
    let old = venues::venue(&mut act.tx, id).await?.ok_or(VenueError::Unknown)?;
    let moved = old.name != new.name || old.address != new.address;
    store::edit(&mut act.tx, id, new, moved).await?;
    search::index(&mut act.tx, id, &new.name, new.kana.as_deref(), &new.address).await?;
    note(act, "venue.edit", json!({ "name": old.name != new.name, "address": old.address != new.address })).await?;
    Ok(moved)
}

/// Takes no check-ins until [`unpause`]. `false`: it was so before.
///
/// # Errors
/// [`VenueError::WrongTransition`] for a venue that is not active, [`VenueError::Db`].
pub async fn pause(act: &mut Act<'_, &Owner>) -> Result<bool, VenueError> {
    let now = act.now;
    set_paused(act, Some(now), "venue.pause").await
}

/// Takes check-ins again. `false`: it did before.
///
/// # Errors
/// As of [`pause`].
pub async fn unpause(act: &mut Act<'_, &Owner>) -> Result<bool, VenueError> {
    set_paused(act, None, "venue.unpause").await
}

async fn set_paused(act: &mut Act<'_, &Owner>, paused_at: Option<DateTime<Utc>>, action: &'static str) -> Result<bool, VenueError> {
    let venue = venues::lock_venue(&mut act.tx, act.by.venue()).await?.ok_or(VenueError::Unknown)?;
    if venue.status != VenueStatus::Active {
        return Err(VenueError::WrongTransition { from: venue.status, to: venue.status });
    }
    let changed = store::set_paused(&mut act.tx, act.by.venue(), paused_at).await?;
    if changed {
        note(act, action, json!({})).await?;
    }
    Ok(changed)
}

/// Turns the monthly letter on or off. `false`: it was so before.
///
/// # Errors
/// The database.
pub async fn set_monthly_mail(act: &mut Act<'_, &Owner>, on: bool) -> Result<bool, VenueError> {
    let changed = store::set_monthly_mail(&mut act.tx, act.by.venue(), on).await?;
    if changed {
        note(act, "venue.monthly_mail", json!({ "on": on })).await?;
    }
    Ok(changed)
}

/// Answers the question that the city asked at `asked_at`. `false`: there is none without an answer.
///
/// # Errors
/// The database.
pub async fn answer(act: &mut Act<'_, &Owner>, asked_at: DateTime<Utc>, answer: &Said) -> Result<bool, VenueError> {
    let answered = store::answer(&mut act.tx, act.by.venue(), asked_at, answer.as_str(), act.now).await?;
    if answered {
        note(act, "venue.answer", json!({})).await?;
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
pub async fn rename(act: &mut Act<'_, &Owner>, id: PosterId, label: &str) -> Result<(), VenueError> {
    let found =
        venues::poster(&mut act.tx, id).await?.filter(|found| found.poster.venue_id == act.by.venue()).ok_or(VenueError::Unknown)?;
    venues::lock_venue(&mut act.tx, act.by.venue()).await?;
    poster::check_labels(&mut act.tx, act.by.venue(), &[label.to_owned()], Some(id)).await?;
    if !store::rename(&mut act.tx, id, label).await? {
        return Err(VenueError::Revoked);
    }
    note(act, "venue.rename_poster", json!({ "no": found.poster.no })).await?;
    Ok(())
}

async fn note(act: &mut Act<'_, &Owner>, action: &'static str, detail: Value) -> Result<(), sqlx::Error> {
    act.record(action, act.by.venue(), detail).await
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
