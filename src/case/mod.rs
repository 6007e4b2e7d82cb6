//! A case: a reported infection, known only by the health centre's own reference, and its stays.
//!
//! A stay says that the case was at a venue on a business date; the case need not have checked in there. Invariants: a case
//! is stored whole or not at all, its stays differ, and none lies in the future or so far back that its visits might be
//! purged before anybody was told. A case that is closed takes no more stays. Nothing in it says who it is.
mod note;
mod record;
mod reference;
mod store;
mod window;

pub use note::{MAX_NOTE_CHARS, MAX_NOTES, Note, NoteProblem};
pub use record::{
    Case, CaseRow, MAX_LISTED, Noted, add_note, add_stays, close, list, namesakes, of_form, open_among, remove_stays, reopen, set_dates,
    show,
};
pub use reference::{MAX_REFERENCE_CHARS, Reference, ReferenceProblem};
pub use window::{LEAD_DAYS, suggested_window};

use crate::audit::Target;
use crate::base::clock::Zone;
use crate::base::id::ids;
use crate::official::{Act, MayTrace, Session};
use crate::venue::{self, StayFacts, VenueId};
use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};
use store::{NewNote, NewReport};

ids! {
    /// One case.
    CaseId,
}

impl From<CaseId> for Target {
    fn from(id: CaseId) -> Self {
        Self::one("case", id.0)
    }
}

/// Stays of one case at most. A month of seven venues a day; more is a mistake in an import, not a person.
pub const MAX_STAYS: usize = 200;

/// Days between the oldest stay that can be reported and the end of retention: time for two people to decide, and for the
/// mails to leave, before the visits are gone (docs/DESIGN.md §3 "Time, retention, growth").
pub const MARGIN_DAYS: u16 = 5;

/// Days that an onset or a test may lie back. An older one is a mistyped year: no disease that is traced by visits of a month
/// is reported so late.
pub const MAX_DATE_AGE_DAYS: u64 = 180;

/// A case was at a venue on a business date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stay {
    /// Where.
    pub venue_id: VenueId,
    /// On which business date.
    pub date: NaiveDate,
}

/// An official's report, as it comes from a form or a program.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCase {
    /// The health centre's own reference; see [`Reference`].
    pub reference: String,
    /// 1 to [`MAX_STAYS`] stays; the same one twice counts once.
    pub stays: Vec<Stay>,
    /// When the first symptoms came; `None`: there are none, or nobody knows.
    #[serde(default)]
    pub onset: Option<NaiveDate>,
    /// When the positive test was taken.
    #[serde(default)]
    pub tested: Option<NaiveDate>,
    /// A first note; see [`Note`].
    #[serde(default)]
    pub note: Option<String>,
}

/// One of a case's two dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Which {
    /// First symptoms.
    Onset,
    /// The test.
    Tested,
}

impl Which {
    /// The name of the field.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Onset => "onset",
            Self::Tested => "tested",
        }
    }
}

/// The mistake in such a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DateProblem {
    /// It has not come yet.
    #[error("the date has not come yet")]
    Future,
    /// More than [`MAX_DATE_AGE_DAYS`] ago.
    #[error("the date is more than {MAX_DATE_AGE_DAYS} days ago")]
    TooOld,
}

/// Something that is wrong with a [`NewCase`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaseProblem {
    /// The reference cannot be used.
    #[error("reference: {0}")]
    Reference(#[from] ReferenceProblem),
    /// Onset or test cannot have been then.
    #[error("{}: {problem}", .which.as_str())]
    Date {
        /// Which of the two.
        which: Which,
        /// The mistake in it.
        problem: DateProblem,
    },
    /// The note cannot be kept.
    #[error("note: {0}")]
    Note(#[from] NoteProblem),
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
        /// The mistake in it.
        problem: StayProblem,
    },
}

/// The mistake in one stay.
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
    /// There is no such case.
    #[error("there is no such case")]
    Unknown,
    /// The case is closed: reopen it first.
    #[error("the case is closed")]
    Closed,
    /// [`MAX_NOTES`] notes are there already.
    #[error("a case has at most {MAX_NOTES} notes")]
    TooManyNotes,
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

/// Which form a case was typed into, so that one that is sent twice reports one case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormKey([u8; 32]);

impl FormKey {
    /// The key of a form with this nonce, filled in for this reference: another reference in the same form is another case.
    #[must_use]
    pub fn of(nonce: uuid::Uuid, reference: &str) -> Self {
        let hash = Sha256::new_with_prefix(b"ashiato case form").chain_update(nonce).chain_update(reference.trim());
        Self(hash.finalize().into())
    }
}

/// Stores a case, its stays and an audit entry in the caller's transaction.
///
/// Programs and pages call [`crate::alert::report_case`], which prepares the case's alert with it.
///
/// # Errors
/// [`CaseError::Invalid`] names every problem at once; no stay at all is one.
pub async fn report(act: &mut Act<'_, &Session<MayTrace>>, case: &NewCase) -> Result<CaseId, CaseError> {
    let (checked, mut problems) = check_outline(act.now, act.zone(), case);
    if case.stays.is_empty() {
        problems.push(CaseProblem::NoStays);
    }
    let Some(checked) = checked.filter(|_| problems.is_empty()) else {
        return Err(CaseError::Invalid(problems));
    };
    let stays = check_stays(act, &case.stays).await?;
    let id = CaseId::random();
    write(act, id, &checked, None, &stays).await?;
    Ok(id)
}

/// Opens a case without stays, as the console does: they are added one venue after the other. The same form twice opens one
/// case; the second time its identifier comes back with `false`.
///
/// # Errors
/// [`CaseError::Invalid`] names every problem at once. `case.stays` is not looked at.
pub async fn open(act: &mut Act<'_, &Session<MayTrace>>, case: &NewCase, form: FormKey) -> Result<(CaseId, bool), CaseError> {
    let case = NewCase { stays: Vec::new(), ..case.clone() };
    let (checked, problems) = check_outline(act.now, act.zone(), &case);
    let Some(checked) = checked.filter(|_| problems.is_empty()) else {
        return Err(CaseError::Invalid(problems));
    };
    let id = CaseId::random();
    if write(act, id, &checked, Some(form), &BTreeSet::new()).await? {
        return Ok((id, true));
    }
    let first = of_form(&mut act.tx, form).await?.ok_or(CaseError::Unknown)?;
    Ok((first, false))
}

/// Whether it was new.
async fn write(
    act: &mut Act<'_, &Session<MayTrace>>,
    id: CaseId,
    checked: &Checked,
    form: Option<FormKey>,
    stays: &BTreeSet<Stay>,
) -> Result<bool, CaseError> {
    let principal = act.by.principal().to_string();
    if !store::insert(&mut act.tx, &NewReport { id, case: checked, form, by: &principal, at: act.now }).await? {
        return Ok(false);
    }
    store::insert_stays(&mut act.tx, id, stays).await?;
    if let Some(note) = &checked.note {
        store::insert_note(&mut act.tx, id, &NewNote { no: 1, text: note, by: &principal, at: act.now }).await?;
    }
    act.record("case.report", id, json!({ "stays": stays.len() })).await?;
    Ok(true)
}

/// The parts of a case that are good by themselves.
struct Checked {
    reference: Reference,
    onset: Option<NaiveDate>,
    tested: Option<NaiveDate>,
    note: Option<Note>,
}

/// Checks that need no look at a single stay, so that a hostile list costs nothing.
fn check_outline(now: DateTime<Utc>, zone: Zone, case: &NewCase) -> (Option<Checked>, Vec<CaseProblem>) {
    let mut problems = Vec::new();
    let reference = Reference::parse(&case.reference).map_err(|problem| problems.push(problem.into())).ok();
    problems.extend(check_dates(now, zone, case.onset, case.tested));
    let note = case.note.as_deref().filter(|note| !note.trim().is_empty()).map(Note::parse).transpose();
    let note = note.map_err(|problem| problems.push(problem.into())).unwrap_or_default();
    if case.stays.len() > MAX_STAYS {
        problems.push(CaseProblem::TooManyStays(case.stays.len()));
    }
    (reference.map(|reference| Checked { reference, onset: case.onset, tested: case.tested, note }), problems)
}

fn check_dates(now: DateTime<Utc>, zone: Zone, onset: Option<NaiveDate>, tested: Option<NaiveDate>) -> Vec<CaseProblem> {
    let today = zone.today(now);
    let oldest = today.checked_sub_days(Days::new(MAX_DATE_AGE_DAYS)).unwrap_or(NaiveDate::MIN);
    let check = |(which, date): (Which, Option<NaiveDate>)| {
        let problem = match date? {
            date if date > today => DateProblem::Future,
            date if date < oldest => DateProblem::TooOld,
            _ => return None,
        };
        Some(CaseProblem::Date { which, problem })
    };
    [(Which::Onset, onset), (Which::Tested, tested)].into_iter().filter_map(check).collect()
}

async fn check_stays<By>(act: &mut Act<'_, By>, stays: &[Stay]) -> Result<BTreeSet<Stay>, CaseError> {
    let venues = venue::stay_facts(&mut act.tx, &stays.iter().map(|stay| stay.venue_id).collect::<Vec<_>>()).await?;
    let oldest = oldest_date(act.now, act.zone(), act.with.service.retention_days);
    let problems: Vec<_> = stays
        .iter()
        .enumerate()
        .filter_map(|(index, stay)| {
            let problem = check_stay(act.now, act.zone(), oldest, &venues, stay)?;
            Some(CaseProblem::Stay { index, problem })
        })
        .collect();
    if problems.is_empty() { Ok(stays.iter().copied().collect()) } else { Err(CaseError::Invalid(problems)) }
}

fn check_stay(now: DateTime<Utc>, zone: Zone, oldest: NaiveDate, venues: &HashMap<VenueId, StayFacts>, stay: &Stay) -> Option<StayProblem> {
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

    fn problem_of(now: &str, date: &str, place: Option<StayFacts>) -> Option<StayProblem> {
        let (now, venue_id) = (at(now), VenueId::random());
        let venues = place.map(|place| (venue_id, place)).into_iter().collect();
        check_stay(now, TOKYO, oldest_date(now, TOKYO, 31), &venues, &Stay { venue_id, date: day(date) })
    }

    fn open(day_starts_minutes: i16) -> Option<StayFacts> {
        Some(StayFacts { was_active: true, day_starts_minutes })
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
        let never = StayFacts { was_active: false, day_starts_minutes: 0 };
        assert_eq!(problem_of(now, "2026-11-22", Some(never)), Some(StayProblem::NeverActive));
    }

    #[test]
    fn the_number_of_stays_is_bounded_at_its_edge() {
        let stay = Stay { venue_id: VenueId::random(), date: day("2026-11-22") };
        let case = |count| NewCase { reference: "R8-1".into(), stays: vec![stay; count], ..NewCase::default() };
        let problems = |count| check_outline(at("2026-11-22T03:00:00Z"), TOKYO, &case(count)).1;
        assert_eq!(problems(MAX_STAYS), []);
        assert_eq!(problems(MAX_STAYS + 1), [CaseProblem::TooManyStays(MAX_STAYS + 1)]);
        assert_eq!(problems(10_000), [CaseProblem::TooManyStays(10_000)]);
    }

    #[test]
    fn onset_and_test_lie_in_the_last_half_year() {
        let problems = |onset: &str, tested: &str| check_dates(at("2026-11-22T03:00:00Z"), TOKYO, Some(day(onset)), Some(day(tested)));
        assert_eq!(problems("2026-11-22", "2026-05-26"), []);
        let wrong = [
            CaseProblem::Date { which: Which::Onset, problem: DateProblem::Future },
            CaseProblem::Date { which: Which::Tested, problem: DateProblem::TooOld },
        ];
        assert_eq!(problems("2026-11-23", "2026-05-25"), wrong);
    }

    #[test]
    fn everything_that_is_wrong_with_a_case_is_told_at_once() {
        let case =
            NewCase { reference: "山田".into(), onset: Some(day("2030-01-01")), note: Some("田中さん".into()), ..NewCase::default() };
        let (checked, problems) = check_outline(at("2026-11-22T03:00:00Z"), TOKYO, &case);
        assert!(checked.is_none());
        let wrong = [
            CaseProblem::Reference(ReferenceProblem::Characters),
            CaseProblem::Date { which: Which::Onset, problem: DateProblem::Future },
            CaseProblem::Note(NoteProblem::Name),
        ];
        assert_eq!(problems, wrong);
    }

    #[test]
    fn a_form_is_the_same_only_for_the_same_reference() {
        let nonce = uuid::Uuid::new_v4();
        assert_eq!(FormKey::of(nonce, "R8-1"), FormKey::of(nonce, " R8-1 "));
        assert_ne!(FormKey::of(nonce, "R8-1"), FormKey::of(nonce, "R8-2"));
        assert_ne!(FormKey::of(nonce, "R8-1"), FormKey::of(uuid::Uuid::new_v4(), "R8-1"));
    }

    #[test]
    fn fields_nobody_knows_are_refused() {
        let text = r#"{"reference":"R8-1","stays":[],"name":"x"}"#;
        assert!(serde_json::from_str::<NewCase>(text).is_err());
    }
}
