//! The words of an alert that people may choose: which advice, until when, a paragraph of the city's own, and whether
//! venues that agreed are named. Everything else in a notice is the worker's own template.
use crate::base::clock::Zone;
use crate::base::locale::Locale;
use crate::base::plain::{self, NotPlain};
use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use std::fmt;
use std::str::FromStr;

/// Days from the submission for which a notice asks to watch one's health, unless somebody chooses. Counted from there and not from
/// the visit, because a date that follows from the visit would tell it (docs/DESIGN.md §3 "Matching and alerts": neither venue nor date).
/// 14 days is what Japan asked contacts to watch in 2020, the longest of the usual incubation times.
pub const WATCH_DAYS: u64 = 14;

/// The last day may lie so far ahead: six weeks cover the long incubation times (measles 21 days, hepatitis A 50).
pub const MAX_WATCH_DAYS: u64 = 50;

/// The advice of a notice. Each has its fixed sentences in every language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Advice {
    /// Watch your health.
    #[default]
    Watch,
    /// Get tested.
    Test,
    /// Stay at home.
    StayHome,
}

impl Advice {
    /// All of them, from the mildest on.
    pub const ALL: [Self; 3] = [Self::Watch, Self::Test, Self::StayHome];

    /// The name in forms and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Watch => "watch",
            Self::Test => "test",
            Self::StayHome => "stay_home",
        }
    }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a text is no advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an advice is one of watch, test, stay_home")]
pub struct UnknownAdvice;

impl FromStr for Advice {
    type Err = UnknownAdvice;

    fn from_str(text: &str) -> Result<Self, UnknownAdvice> {
        Self::ALL.into_iter().find(|advice| advice.as_str() == text).ok_or(UnknownAdvice)
    }
}

/// The chosen words of an alert, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    /// The advice.
    pub advice: Advice,
    /// The last day on which they should.
    pub until: NaiveDate,
    /// The city's own paragraph in Japanese.
    pub note_ja: Option<String>,
    /// The city's own paragraph in English.
    pub note_en: Option<String>,
    /// Whether venues that agreed are named, each to those who were there.
    pub name_venues: bool,
}

impl Wording {
    /// The wording of a fresh draft.
    #[must_use]
    pub fn suggested(until: NaiveDate) -> Self {
        Self { advice: Advice::default(), until, note_ja: None, note_en: None, name_venues: false }
    }

    /// The city's own paragraph in one language.
    #[must_use]
    pub fn note(&self, locale: Locale) -> Option<&str> {
        match locale {
            Locale::Ja => self.note_ja.as_deref(),
            Locale::En => self.note_en.as_deref(),
        }
    }

    /// Whether its paragraphs are as [`RawWording::parse`] would let them pass. The worker asks this of every stored wording.
    #[must_use]
    pub fn is_plain(&self, hotline: &str) -> bool {
        Locale::ALL
            .into_iter()
            .filter_map(|locale| self.note(locale))
            .all(|note| matches!(plain::note(note, hotline), Ok(Some(clean)) if clean == note))
    }
}

/// A wording as it comes from a form or a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawWording {
    /// `watch`, `test` or `stay_home`.
    pub advice: String,
    /// `YYYY-MM-DD`; nothing for the suggested date, which then follows the day of the submission.
    pub until: String,
    /// Free text.
    pub note_ja: String,
    /// Free text.
    pub note_en: String,
    /// As in [`Wording::name_venues`].
    pub name_venues: bool,
}

/// A wording that somebody chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The wording.
    pub wording: Wording,
    /// Whether its date was chosen, too.
    pub until_chosen: bool,
}

/// A field of a [`RawWording`] that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WordingField {
    /// `advice`
    Advice,
    /// `until`
    Until,
    /// `note_ja`
    NoteJa,
    /// `note_en`
    NoteEn,
}

impl WordingField {
    /// The name in forms and programs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Advice => "advice",
            Self::Until => "until",
            Self::NoteJa => "note_ja",
            Self::NoteEn => "note_en",
        }
    }
}

/// The mistake in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WordingProblem {
    /// No known advice, or no date.
    #[error("not one of the known values")]
    Unknown,
    /// The date is today or before, or more than [`MAX_WATCH_DAYS`] ahead.
    #[error("the date must lie 1 to {MAX_WATCH_DAYS} days ahead")]
    OutOfRange,
    /// The paragraph holds what it must not.
    #[error(transparent)]
    Note(#[from] NotPlain),
}

impl RawWording {
    /// Checks everything and names all that is wrong.
    ///
    /// # Errors
    /// Each wrong field with its problem, in the order of the form.
    pub fn parse(&self, now: DateTime<Utc>, zone: Zone, hotline: &str) -> Result<Chosen, Vec<(WordingField, WordingProblem)>> {
        let mut problems = Vec::new();
        let advice = self.advice.parse().map_err(|_| problems.push((WordingField::Advice, WordingProblem::Unknown))).unwrap_or_default();
        let until_chosen = !self.until.trim().is_empty();
        let until = self.until(now, zone).unwrap_or_else(|problem| {
            problems.push((WordingField::Until, problem));
            watch_until(now, zone)
        });
        let mut note = |field, text: &str| {
            plain::note(text, hotline).unwrap_or_else(|problem| {
                problems.push((field, problem.into()));
                None
            })
        };
        let (note_ja, note_en) = (note(WordingField::NoteJa, &self.note_ja), note(WordingField::NoteEn, &self.note_en));
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Chosen { wording: Wording { advice, until, note_ja, note_en, name_venues: self.name_venues }, until_chosen })
    }

    fn until(&self, now: DateTime<Utc>, zone: Zone) -> Result<NaiveDate, WordingProblem> {
        if self.until.trim().is_empty() {
            return Ok(watch_until(now, zone));
        }
        let until = self.until.trim().parse().map_err(|_| WordingProblem::Unknown)?;
        if may_last_until(until, now, zone) { Ok(until) } else { Err(WordingProblem::OutOfRange) }
    }
}

/// The last day that is suggested for a notice submitted at `now`.
#[must_use]
pub fn watch_until(now: DateTime<Utc>, zone: Zone) -> NaiveDate {
    zone.today(now).checked_add_days(Days::new(WATCH_DAYS)).unwrap_or(NaiveDate::MAX)
}

/// Whether a notice may ask to watch one's health until that day: tomorrow at the earliest, [`MAX_WATCH_DAYS`] ahead at the latest.
#[must_use]
pub fn may_last_until(until: NaiveDate, now: DateTime<Utc>, zone: Zone) -> bool {
    let ahead = until.signed_duration_since(zone.today(now)).num_days();
    (1..=i64::try_from(MAX_WATCH_DAYS).unwrap_or(i64::MAX)).contains(&ahead)
}

/// The Sunday on or after a day: a date that stands for a whole week tells less about when the visit was.
#[must_use]
pub fn rounded(until: NaiveDate) -> NaiveDate {
    let to_sunday = 6 - u64::from(until.weekday().num_days_from_monday());
    until.checked_add_days(Days::new(to_sunday)).unwrap_or(until)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKYO: Zone = Zone(chrono_tz::Asia::Tokyo);

    fn now() -> DateTime<Utc> {
        "2026-11-22T03:00:00Z".parse().unwrap()
    }

    fn parse(raw: &RawWording) -> Result<Chosen, Vec<(WordingField, WordingProblem)>> {
        raw.parse(now(), TOKYO, "0120-000-000")
    }

    fn raw(until: &str) -> RawWording {
        RawWording { advice: "watch".into(), until: until.into(), ..RawWording::default() }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_date_is_suggested_or_chosen_within_its_bounds() {
        let suggested = parse(&raw("")).unwrap();
        assert_eq!((suggested.wording.until, suggested.until_chosen), (day("2026-12-06"), false));
        let chosen = parse(&raw("2026-12-13")).unwrap();
        assert_eq!((chosen.wording.until, chosen.until_chosen), (day("2026-12-13"), true));
        for (until, problem) in [
            ("2026-11-22", Some(WordingProblem::OutOfRange)),
            ("2026-11-23", None),
            ("2027-01-11", None),
            ("2027-01-12", Some(WordingProblem::OutOfRange)),
            ("tomorrow", Some(WordingProblem::Unknown)),
        ] {
            assert_eq!(parse(&raw(until)).err(), problem.map(|problem| vec![(WordingField::Until, problem)]), "{until}");
        }
    }

    #[test]
    fn everything_that_is_wrong_is_named() {
        let bad =
            RawWording { advice: "panic".into(), until: "x".into(), note_ja: "a@b".into(), note_en: "b.com".into(), name_venues: true };
        let fields: Vec<_> = parse(&bad).unwrap_err().into_iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["advice", "until", "note_ja", "note_en"]);
    }

    #[test]
    fn a_stored_paragraph_is_believed_only_as_it_would_have_been_written() {
        let stored = |note: &str| Wording { note_en: Some(note.into()), ..Wording::suggested(day("2026-12-06")) }.is_plain("0120-000-000");
        assert!(stored("Please get tested."));
        for forged in ["https://evil.example", "two\n\nparagraphs", " spaces ", "", "090-1234-5678"] {
            assert!(!stored(forged), "{forged:?}");
        }
    }

    #[test]
    fn a_rounded_date_is_a_sunday() {
        for (from, to) in [("2026-12-06", "2026-12-06"), ("2026-12-07", "2026-12-13"), ("2026-12-12", "2026-12-13")] {
            assert_eq!(rounded(day(from)), day(to));
        }
    }

    #[test]
    fn names_of_advice_go_both_ways() {
        for advice in Advice::ALL {
            assert_eq!(advice.to_string().parse(), Ok(advice));
        }
        assert_eq!("Watch".parse::<Advice>(), Err(UnknownAdvice));
    }
}
