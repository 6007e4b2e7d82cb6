//! Facts that officials see beside an alert while they decide: open cases, other alerts over the same stays, how long it takes to send,
//! how many calls to expect.
mod store;

use super::approval::is_beyond_caps;
use super::preview::Preview;
use super::progress::{State, Status};
use super::{AlertError, AlertId, AlertNumber, CityRules, listing};
use crate::base::config::Service;
use crate::base::cursor::{Cursor, Page};
use crate::case::{CaseId, Stay};
use crate::official::Principal;
use crate::venue::{self, Card, VenueId};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use sqlx::PgConnection;
use std::collections::{BTreeSet, HashMap};

/// Open cases that are shown at once: more than a night brings, and all of them can be ticked (a form has at most 200 fields).
pub const MAX_OPEN_CASES: i64 = 60;

/// Overlaps that are looked for at most; beyond that the page says so much that nobody reads it.
const MAX_OVERLAPS: i64 = 200;

/// Of a hundred people who get a notice, so many call the hotline. An assumption on the careful side, for no city has published a
/// figure: the notice asks people with symptoms to call, and a sudden mail makes some call who have none.
pub const CALLS_PER_HUNDRED: i64 = 15;

/// Mails per second that are assumed while there is neither a setting nor a measurement: what a small relay takes without complaint
/// (`.env.example` suggests the same).
pub const ASSUMED_RATE: i64 = 20;

/// From so many mails on, an hour's sending is a measurement.
const MEASURED_FROM: i64 = 100;

/// A case that waits for its alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCase {
    /// Which.
    pub id: CaseId,
    /// The health centre's reference.
    pub reference: String,
    /// The reporter.
    pub reported_by: String,
    /// When.
    pub created_at: DateTime<Utc>,
    /// The draft that holds it.
    pub draft: Option<(AlertId, AlertNumber)>,
    /// Where it was: venue and date.
    pub stays: Vec<(String, NaiveDate)>,
}

/// An alert in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertLine {
    /// Where it stands.
    pub status: Status,
    /// How many venues.
    pub venues: i64,
    /// On how many days.
    pub days: i64,
    /// References of its cases.
    pub cases: Vec<String>,
}

/// Another alert that holds the same stay.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Overlap {
    /// Where.
    pub venue_id: VenueId,
    /// On which business date.
    pub date: NaiveDate,
    /// The other alert.
    pub alert_id: AlertId,
    /// Its number.
    pub number: AlertNumber,
    /// Where it stands.
    pub state: State,
}

/// The consequences of sending so many mails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Outlook {
    /// Minutes until the last mail is out, at least one.
    pub minutes: i64,
    /// Calls to expect within the first hour, when they are most.
    pub calls: i64,
    /// `HOTLINE_PER_HOUR`; 0 = not said.
    pub hotline_per_hour: u32,
    /// More than an alert or a day may have without an administrator's approval.
    pub needs_admin: bool,
}

impl Outlook {
    /// Whether the hotline will be swamped.
    #[must_use]
    pub fn is_too_much_for_the_hotline(&self) -> bool {
        self.hotline_per_hour > 0 && self.calls > i64::from(self.hotline_per_hour)
    }

    fn of(visits: i64, per_second: i64, rules: &CityRules, needs_admin: bool) -> Self {
        let per_minute = per_second.max(1).saturating_mul(60);
        Self {
            minutes: (visits.saturating_add(per_minute - 1) / per_minute).max(1),
            calls: visits.saturating_mul(CALLS_PER_HUNDRED).saturating_add(50) / 100,
            hotline_per_hour: rules.hotline_per_hour,
            needs_admin,
        }
    }
}

/// Everything beside a preview that two people should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surroundings {
    /// The venues of its stays.
    pub cards: HashMap<VenueId, Card>,
    /// Its cases, with their references.
    pub cases: Vec<(CaseId, String)>,
    /// Other alerts over the same stays.
    pub overlaps: Vec<Overlap>,
    /// The consequences.
    pub outlook: Outlook,
}

/// Looks around an alert that was previewed at `now`.
///
/// # Errors
/// The database's.
pub async fn surroundings(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    service: &Service,
    rules: &CityRules,
    preview: &Preview,
) -> Result<Surroundings, AlertError> {
    let venues: BTreeSet<VenueId> = preview.stays.iter().map(|stay| stay.venue_id).collect();
    let cards = venue::cards(conn, &venues.into_iter().collect::<Vec<_>>()).await?;
    let cases = store::references(conn, &[preview.alert]).await?.into_iter().map(|(_, id, reference)| (id, reference)).collect();
    let today = service.zone.begin_of(service.zone.today(now));
    let needs_admin = is_beyond_caps(conn, today, rules.caps, preview).await?;
    let rate = rate(conn, now, rules).await?;
    let overlaps = overlaps(conn, preview.alert).await?;
    Ok(Surroundings { cards, cases, overlaps, outlook: Outlook::of(preview.visits, rate, rules, needs_admin) })
}

/// Mails per second, as set, as measured within the last hour, or as assumed.
async fn rate(conn: &mut PgConnection, now: DateTime<Utc>, rules: &CityRules) -> Result<i64, sqlx::Error> {
    if rules.notify_rate > 0 {
        return Ok(rules.notify_rate.into());
    }
    let (mails, first, last) = store::sent_since(conn, now - Duration::hours(1)).await?;
    let seconds = first.zip(last).map_or(0, |(first, last)| (last - first).num_seconds());
    Ok(if mails >= MEASURED_FROM { (mails / seconds.max(1)).max(1) } else { ASSUMED_RATE })
}

async fn overlaps(conn: &mut PgConnection, alert: AlertId) -> Result<Vec<Overlap>, sqlx::Error> {
    let found: Vec<(Stay, AlertId)> = store::overlaps(conn, alert, MAX_OVERLAPS).await?;
    let others: BTreeSet<AlertId> = found.iter().map(|(_, other)| *other).collect();
    let others: Vec<AlertId> = others.into_iter().collect();
    let statuses = listing::of_ids(conn, &others).await?;
    let known: HashMap<AlertId, Status> = statuses.into_iter().map(|status| (status.id, status)).collect();
    let overlap = |(stay, other): (Stay, AlertId)| {
        let status = known.get(&other)?;
        let number = status.number.clone();
        Some(Overlap { venue_id: stay.venue_id, date: stay.date, alert_id: other, number, state: status.state })
    };
    Ok(found.into_iter().filter_map(overlap).collect())
}

/// Cases that wait for their alert, the newest first: a page of at most [`MAX_OPEN_CASES`].
///
/// # Errors
/// The database's.
pub async fn open_cases(conn: &mut PgConnection, from: Option<listing::Begin>) -> Result<Page<OpenCase>, sqlx::Error> {
    let (cursor, back) = match from {
        Some(listing::Begin::After(cursor)) => (Some(cursor), false),
        Some(listing::Begin::Before(cursor)) => (Some(cursor), true),
        None => (None, false),
    };
    let rows = store::open_cases(conn, cursor, back, MAX_OPEN_CASES + 1).await?;
    let place = |row: store::CaseRow| {
        let place = Cursor { rank: 0, at: row.created_at, id: row.id.0 };
        (row, place)
    };
    let rows = rows.into_iter().map(place).collect();
    let limit = usize::try_from(MAX_OPEN_CASES).unwrap_or(usize::MAX);
    let Page { rows, next, prev } = Page::cut(rows, limit, back, cursor.is_some());
    let ids: Vec<CaseId> = rows.iter().map(|row| row.id).collect();
    let mut stays: HashMap<CaseId, Vec<(String, NaiveDate)>> = HashMap::new();
    for (case, venue, date) in store::stays_of_cases(conn, &ids).await? {
        stays.entry(case).or_default().push((venue, date));
    }
    let open = |row: store::CaseRow| OpenCase {
        stays: stays.remove(&row.id).unwrap_or_default(),
        id: row.id,
        reference: row.reference,
        reported_by: row.reported_by,
        created_at: row.created_at,
        draft: row.draft.zip(row.draft_number.map(AlertNumber::from_stored)),
    };
    Ok(Page { rows: rows.into_iter().map(open).collect(), next, prev })
}

/// A page of alerts, with how far each reaches.
///
/// # Errors
/// The database's.
pub async fn lines(conn: &mut PgConnection, asked: &listing::Asked<'_>) -> Result<Page<AlertLine>, sqlx::Error> {
    let Page { rows: statuses, next, prev } = listing::page(conn, asked).await?;
    let ids: Vec<AlertId> = statuses.iter().map(|status| status.id).collect();
    let extents = store::extents(conn, &ids).await?;
    let mut cases: HashMap<AlertId, Vec<String>> = HashMap::new();
    for (alert, _, reference) in store::references(conn, &ids).await? {
        cases.entry(alert).or_default().push(reference);
    }
    let line = |status: Status| {
        let (venues, days) = extents.get(&status.id).copied().unwrap_or_default();
        AlertLine { venues, days, cases: cases.remove(&status.id).unwrap_or_default(), status }
    };
    Ok(Page { rows: statuses.into_iter().map(line).collect(), next, prev })
}

/// The names of these principals as colleagues know them: an official's, or a token's. Unknown ones are left out.
///
/// # Errors
/// The database's.
pub async fn people(conn: &mut PgConnection, principals: &[&str]) -> Result<HashMap<String, String>, sqlx::Error> {
    let parsed: Vec<(&str, Principal)> =
        principals.iter().filter_map(|text| text.parse().ok().map(|principal| (*text, principal))).collect();
    let ids: Vec<_> = parsed
        .iter()
        .filter_map(|(_, principal)| match principal {
            Principal::Official(id) => Some(*id),
            Principal::Token(_) => None,
        })
        .collect();
    let names = store::names_of_officials(conn, &ids).await?;
    let name = |(text, principal): (&str, Principal)| {
        let name = match principal {
            Principal::Official(id) => names.get(&id)?.clone(),
            Principal::Token(name) => name,
        };
        Some((text.to_owned(), name))
    };
    Ok(parsed.into_iter().filter_map(name).collect())
}

/// Of an alert's venues, how many agreed to be named, and how many there are.
///
/// # Errors
/// The database's.
pub async fn consents(conn: &mut PgConnection, alert: AlertId) -> Result<(i64, i64), sqlx::Error> {
    store::consents(conn, alert).await
}

/// How many alerts wait for this person's approval.
///
/// # Errors
/// The database's.
pub async fn waiting_for(conn: &mut PgConnection, principal: &Principal) -> Result<i64, sqlx::Error> {
    store::waiting(conn, &principal.to_string()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_and_calls_are_rounded_to_the_careful_side() {
        let rules = CityRules { hotline_per_hour: 28, ..CityRules::default() };
        let of = |visits, rate| Outlook::of(visits, rate, &rules, false);
        for (visits, rate, minutes) in [(0, 20, 1), (1, 20, 1), (1_200, 20, 1), (1_201, 20, 2), (20_000, 20, 17), (10, 0, 1)] {
            assert_eq!(of(visits, rate).minutes, minutes, "{visits} at {rate}/s");
        }
        for (visits, calls) in [(0, 0), (3, 0), (4, 1), (189, 28), (20_000, 3_000)] {
            assert_eq!(of(visits, 20).calls, calls, "{visits}");
        }
        assert!(!of(189, 20).is_too_much_for_the_hotline() && of(194, 20).is_too_much_for_the_hotline());
        assert!(!Outlook::of(20_000, 20, &CityRules::default(), false).is_too_much_for_the_hotline());
    }
}
