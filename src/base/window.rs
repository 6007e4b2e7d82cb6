//! `SEND_WINDOW`: the hours of the day in which notices may leave. A mail about an infection read at three in the morning
//! frightens people whom nobody answers the telephone.
use crate::base::clock::Zone;
use chrono::{DateTime, Days, LocalResult, NaiveDate, NaiveTime, TimeZone, Utc};
use std::fmt;
use std::str::FromStr;

/// From when to when, on the wall clock of the service's zone; the end is no longer in it. Nothing: always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SendWindow(Option<Hours>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hours {
    from: NaiveTime,
    /// `None`: until midnight, written 24:00.
    to: Option<NaiveTime>,
}

/// Why a text is no window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a window reads 08:00-20:00, its begin before its end; empty for always")]
pub struct BadWindow;

impl SendWindow {
    /// No hours: notices may leave at any time.
    pub const ALWAYS: Self = Self(None);

    /// Whether there are hours in which nothing may leave.
    #[must_use]
    pub fn is_limited(self) -> bool {
        self.0.is_some()
    }

    /// Whether notices may leave at `at`.
    #[must_use]
    pub fn is_open(self, at: DateTime<Utc>, zone: Zone) -> bool {
        let time = at.with_timezone(&zone.0).time();
        self.0.is_none_or(|hours| hours.from <= time && hours.to.is_none_or(|to| time < to))
    }

    /// The first moment from `at` on at which notices may leave.
    #[must_use]
    pub fn opens(self, at: DateTime<Utc>, zone: Zone) -> DateTime<Utc> {
        if self.is_open(at, zone) { at } else { self.next_opening(at, zone) }
    }

    /// The first opening after `at`, whether the window is open then or not: the end of the night that follows.
    #[must_use]
    pub fn next_opening(self, at: DateTime<Utc>, zone: Zone) -> DateTime<Utc> {
        let Some(hours) = self.0 else {
            return at;
        };
        let today = zone.today(at);
        let openings = (0..=2).filter_map(|days| opening(today.checked_add_days(Days::new(days))?, hours.from, zone));
        openings.into_iter().find(|opens| *opens > at).unwrap_or(at)
    }
}

/// The moment at which the clock shows `from` on `date`; an hour later where that hour was skipped.
fn opening(date: NaiveDate, from: NaiveTime, zone: Zone) -> Option<DateTime<Utc>> {
    let local = |time| zone.0.from_local_datetime(&date.and_time(time));
    match local(from) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Some(at.to_utc()),
        LocalResult::None => local(from.overflowing_add_signed(chrono::Duration::hours(1)).0).earliest().map(|at| at.to_utc()),
    }
}

fn time(text: &str) -> Result<NaiveTime, BadWindow> {
    NaiveTime::parse_from_str(text.trim(), "%H:%M").map_err(|_| BadWindow)
}

impl FromStr for SendWindow {
    type Err = BadWindow;

    fn from_str(text: &str) -> Result<Self, BadWindow> {
        if text.trim().is_empty() {
            return Ok(Self::ALWAYS);
        }
        let (from, to) = text.split_once(['-', '–', '〜']).ok_or(BadWindow)?;
        let from = time(from)?;
        let to = if to.trim() == "24:00" { None } else { Some(time(to)?) };
        if to.is_some_and(|to| to <= from) { Err(BadWindow) } else { Ok(Self(Some(Hours { from, to }))) }
    }
}

/// `08:00–20:00`; nothing for always.
impl fmt::Display for SendWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(hours) = self.0 else {
            return Ok(());
        };
        let to = hours.to.map_or_else(|| "24:00".to_owned(), |to| to.format("%H:%M").to_string());
        write!(f, "{}–{to}", hours.from.format("%H:%M"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKYO: Zone = Zone(chrono_tz::Asia::Tokyo);

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn day() -> SendWindow {
        "08:00-20:00".parse().unwrap()
    }

    #[test]
    fn the_window_holds_at_its_edges() {
        // Tokyo is nine hours ahead.
        for (moment, open) in [
            ("2026-11-21T22:59:59.999Z", false),
            ("2026-11-21T23:00:00Z", true),
            ("2026-11-22T10:59:59.999Z", true),
            ("2026-11-22T11:00:00Z", false),
        ] {
            assert_eq!(day().is_open(at(moment), TOKYO), open, "{moment}");
            assert!(SendWindow::ALWAYS.is_open(at(moment), TOKYO));
        }
    }

    #[test]
    fn what_waits_goes_when_the_window_opens() {
        assert_eq!(day().opens(at("2026-11-22T03:00:00Z"), TOKYO), at("2026-11-22T03:00:00Z"), "open");
        assert_eq!(day().opens(at("2026-11-22T11:00:00Z"), TOKYO), at("2026-11-22T23:00:00Z"), "the next morning");
        assert_eq!(day().opens(at("2026-11-21T16:00:00Z"), TOKYO), at("2026-11-21T23:00:00Z"), "the same morning");
        assert_eq!(SendWindow::ALWAYS.opens(at("2026-11-21T16:00:00Z"), TOKYO), at("2026-11-21T16:00:00Z"));
        assert_eq!(day().next_opening(at("2026-11-22T03:00:00Z"), TOKYO), at("2026-11-22T23:00:00Z"), "tomorrow's");
        assert_eq!(day().next_opening(at("2026-11-21T23:00:00Z"), TOKYO), at("2026-11-22T23:00:00Z"), "after, not at");
    }

    #[test]
    fn a_skipped_hour_opens_an_hour_later() {
        let berlin = Zone(chrono_tz::Europe::Berlin);
        let window: SendWindow = "02:30-20:00".parse().unwrap();
        assert_eq!(window.opens(at("2027-03-28T00:00:00Z"), berlin), at("2027-03-28T01:30:00Z"));
    }

    #[test]
    fn windows_are_read_and_written() {
        assert_eq!(day().to_string(), "08:00–20:00");
        assert_eq!("00:00 – 24:00".parse::<SendWindow>().unwrap().to_string(), "00:00–24:00");
        assert_eq!(" ".parse(), Ok(SendWindow::ALWAYS));
        for bad in ["8", "08:00", "20:00-08:00", "08:00-08:00", "08:00-25:00", "a-b", "24:00-24:00"] {
            assert_eq!(bad.parse::<SendWindow>(), Err(BadWindow), "{bad}");
        }
    }
}
