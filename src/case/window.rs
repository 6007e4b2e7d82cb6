//! The days on which a case may have infected others.
use chrono::{Days, NaiveDate};

/// Days before the first symptoms from which on contacts count. WHO's and Japan's practice of 2020–21: "from 2 days before
/// onset" (so do Osaka's and Gifu's systems of 2020).
pub const LEAD_DAYS: u64 = 2;

/// The suggested window, both ends included: from [`LEAD_DAYS`] before onset, or before the test of a case without symptoms,
/// up to `last`, the day of the report. `None` without either date.
#[must_use]
pub fn suggested_window(onset: Option<NaiveDate>, tested: Option<NaiveDate>, last: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let first = onset.or(tested)?.checked_sub_days(Days::new(LEAD_DAYS))?;
    (first <= last).then_some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_window_begins_two_days_before_onset_or_else_before_the_test() {
        let (onset, tested, last) = (Some(day("2026-11-20")), Some(day("2026-11-21")), day("2026-11-22"));
        assert_eq!(suggested_window(onset, tested, last), Some((day("2026-11-18"), last)));
        assert_eq!(suggested_window(None, tested, last), Some((day("2026-11-19"), last)));
        assert_eq!(suggested_window(None, None, last), None);
        assert_eq!(suggested_window(Some(day("2026-11-24")), None, last), Some((last, last)));
        assert_eq!(suggested_window(Some(day("2026-11-25")), None, last), None, "an onset in the future suggests nothing");
        assert_eq!(suggested_window(Some(NaiveDate::MIN), None, last), None);
    }
}
