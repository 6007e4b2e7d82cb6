//! A case: a reported infection, known only by the health centre's own reference, and its stays.
//!
//! A stay says that the case was at a venue on a business date; the case need not have checked in there. Invariants: a case
//! is stored whole or not at all, its stays differ, and none lies in the future or so far back that its visits might be
//! purged before anybody was told.
mod reference;
mod store;

pub use reference::{MAX_REFERENCE_CHARS, Reference, ReferenceProblem};

use crate::audit::{self, Entry};
use crate::base::clock::Zone;
use crate::base::id::ids;
use crate::official::{MayTrace, Session};
use crate::venue::{self, Place, VenueId};
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::json;
use sqlx::PgConnection;
use std::collections::{BTreeSet, HashMap};

ids! {
    /// One case.
    CaseId,
}

/// Stays of one case at most. A month of seven places a day; more is a mistake in an import, not a person.
pub const MAX_STAYS: usize = 200;

/// Days between the oldest stay that can be reported and the end of retention: time for two people to decide, and for the
/// mails to leave, before the visits are gone (DESIGN §3 "Time, retention, growth").
pub const MARGIN_DAYS: u16 = 5;

/// A case was at a venue on a business date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stay {
    /// Where.
    pub venue_id: VenueId,
    /// On which business date.
    pub date: NaiveDate,
}

/// What an official reports, as it comes from a form or a program.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCase {
    /// The health centre's own reference; see [`Reference`].
    pub reference: String,
    /// 1 to [`MAX_STAYS`] stays; the same one twice counts once.
    pub stays: Vec<Stay>,
}

/// Something that is wrong with a [`NewCase`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaseProblem {
    /// The reference cannot be used.
    #[error("reference: {0}")]
    Reference(#[from] ReferenceProblem),
    /// No stay was given.
    #[error("stays: at least one is needed")]
    NoStays,
    /// More than [`MAX_STAYS`] stays were given; none of them was looked at.
    #[error("stays: at most {MAX_STAYS}, not {0}")]
    TooManyStays(usize),
    /// A stay cannot be used.
    #[error("stays[{index}]: {problem}")]
    Stay {
        /// Its place in the list, from 0.
        index: usize,
        /// What is wrong with it.
        problem: StayProblem,
    },
}

/// What is wrong with one stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StayProblem {
    /// That business date has not begun at the venue.
    #[error("the date has not come yet")]
    Future,
    /// So old that its visits are, or may soon be, gone.
    #[error("visits of that date are no longer kept long enough; the oldest date is {oldest}")]
    TooOld {
        /// The oldest date that can be reported today.
        oldest: NaiveDate,
    },
    /// There is no such venue.
    #[error("there is no such venue")]
    UnknownVenue,
    /// The venue was never active: its application is not confirmed, not decided or refused.
    #[error("this venue was never open for check-ins")]
    NeverActive,
}

/// Why a case was not stored.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// Everything that is wrong, in the order in which it was given. Nothing was stored.
    #[error("{} problem(s), first: {}", .0.len(), .0.first().map(ToString::to_string).unwrap_or_default())]
    Invalid(Vec<CaseProblem>),
    /// The database did not answer.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// The oldest date whose stays can be reported at `now`.
#[must_use]
pub fn oldest_date(now: DateTime<Utc>, zone: Zone, retention_days: u16) -> NaiveDate {
    let days = Days::new(u64::from(retention_days.saturating_sub(MARGIN_DAYS)));
    zone.today(now).checked_sub_days(days).unwrap_or(NaiveDate::MIN)
}

/// Stores a case, its stays and an audit entry in the caller's transaction.
///
/// Programs and pages call [`crate::alert::report_case`], which prepares the case's alert with it.
///
/// # Errors
/// [`CaseError::Invalid`] names every problem at once.
pub async fn report(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    zone: Zone,
    retention_days: u16,
    session: &Session<MayTrace>,
    case: &NewCase,
) -> Result<CaseId, CaseError> {
    let (reference, problems) = check_outline(case);
    let Some(reference) = reference.filter(|_| problems.is_empty()) else {
        return Err(CaseError::Invalid(problems));
    };
    let stays = check_stays(tx, now, zone, retention_days, &case.stays).await?;
    let id = CaseId::random();
    store::insert(tx, now, id, &reference, &session.principal().to_string(), &stays).await?;
    let entry = Entry {
        actor: session.actor(),
        action: "case.report",
        target_kind: "case",
        target_id: Some(id.0),
        detail: json!({ "stays": stays.len() }),
    };
    audit::record(tx, now, &entry).await?;
    Ok(id)
}

/// What can be told without looking at a single stay, so that a hostile list costs nothing.
fn check_outline(case: &NewCase) -> (Option<Reference>, Vec<CaseProblem>) {
    let mut problems = Vec::new();
    let reference = Reference::parse(&case.reference).map_err(|problem| problems.push(problem.into())).ok();
    match case.stays.len() {
        0 => problems.push(CaseProblem::NoStays),
        count if count > MAX_STAYS => problems.push(CaseProblem::TooManyStays(count)),
        _ => {}
    }
    (reference, problems)
}

async fn check_stays(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    zone: Zone,
    retention_days: u16,
    stays: &[Stay],
) -> Result<BTreeSet<Stay>, CaseError> {
    let venues = venue::places(tx, &stays.iter().map(|stay| stay.venue_id).collect::<Vec<_>>()).await?;
    let oldest = oldest_date(now, zone, retention_days);
    let problems: Vec<_> = stays
        .iter()
        .enumerate()
        .filter_map(|(index, stay)| {
            let problem = check_stay(now, zone, oldest, &venues, stay)?;
            Some(CaseProblem::Stay { index, problem })
        })
        .collect();
    if problems.is_empty() { Ok(stays.iter().copied().collect()) } else { Err(CaseError::Invalid(problems)) }
}

fn check_stay(now: DateTime<Utc>, zone: Zone, oldest: NaiveDate, venues: &HashMap<VenueId, Place>, stay: &Stay) -> Option<StayProblem> {
    let Some(place) = venues.get(&stay.venue_id) else {
        return Some(StayProblem::UnknownVenue);
    };
    if !place.was_active {
        Some(StayProblem::NeverActive)
    } else if stay.date > zone.business_date(now, place.day_starts_minutes) {
        Some(StayProblem::Future)
    } else if stay.date < oldest {
        Some(StayProblem::TooOld { oldest })
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKYO: Zone = Zone(chrono_tz::Asia::Tokyo);

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn problem_of(now: &str, date: &str, place: Option<Place>) -> Option<StayProblem> {
        let (now, venue_id) = (at(now), VenueId::random());
        let venues = place.map(|place| (venue_id, place)).into_iter().collect();
        check_stay(now, TOKYO, oldest_date(now, TOKYO, 31), &venues, &Stay { venue_id, date: day(date) })
    }

    fn open(day_starts_minutes: i16) -> Option<Place> {
        Some(Place { was_active: true, day_starts_minutes })
    }

    #[test]
    fn a_stay_may_be_today_and_not_tomorrow() {
        let just_before_midnight = "2026-11-22T14:59:59Z";
        assert_eq!(problem_of(just_before_midnight, "2026-11-22", open(0)), None);
        assert_eq!(problem_of(just_before_midnight, "2026-11-23", open(0)), Some(StayProblem::Future));
    }

    #[test]
    fn a_bar_has_not_begun_its_day_at_two_in_the_morning() {
        let two_at_night = "2026-11-22T17:00:00Z";
        assert_eq!(problem_of(two_at_night, "2026-11-23", open(0)), None);
        assert_eq!(problem_of(two_at_night, "2026-11-23", open(300)), Some(StayProblem::Future));
        assert_eq!(problem_of(two_at_night, "2026-11-22", open(300)), None);
    }

    #[test]
    fn the_oldest_stay_leaves_five_days_before_its_visits_go() {
        let now = "2026-11-22T03:00:00Z";
        assert_eq!(problem_of(now, "2026-10-27", open(0)), None);
        assert_eq!(problem_of(now, "2026-10-26", open(0)), Some(StayProblem::TooOld { oldest: day("2026-10-27") }));
    }

    #[test]
    fn venues_that_never_opened_are_told_from_unknown_ones() {
        let now = "2026-11-22T03:00:00Z";
        assert_eq!(problem_of(now, "2026-11-22", None), Some(StayProblem::UnknownVenue));
        let never = Place { was_active: false, day_starts_minutes: 0 };
        assert_eq!(problem_of(now, "2026-11-22", Some(never)), Some(StayProblem::NeverActive));
    }

    #[test]
    fn the_number_of_stays_is_bounded_at_its_edge() {
        let stay = Stay { venue_id: VenueId::random(), date: day("2026-11-22") };
        let problems = |count| check_outline(&NewCase { reference: "R8-1".into(), stays: vec![stay; count] }).1;
        assert_eq!(problems(0), [CaseProblem::NoStays]);
        assert_eq!(problems(MAX_STAYS), []);
        assert_eq!(problems(MAX_STAYS + 1), [CaseProblem::TooManyStays(MAX_STAYS + 1)]);
        assert_eq!(problems(10_000), [CaseProblem::TooManyStays(10_000)]);
    }

    #[test]
    fn fields_nobody_knows_are_refused() {
        let text = r#"{"reference":"R8-1","stays":[],"name":"x"}"#;
        assert!(serde_json::from_str::<NewCase>(text).is_err());
    }
}
