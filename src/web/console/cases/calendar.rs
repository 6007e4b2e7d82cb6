//! A calendar to tick: the days that a stay can have, the suggested window, the days that are stays already.
use crate::base::locale::Locale;
use chrono::{Datelike, Days, Months, NaiveDate};
use std::collections::HashSet;

/// One day of the table.
pub(super) struct Day {
    /// `2026-11-18`
    pub(super) date: String,
    /// 18
    pub(super) number: u32,
    /// The whole date with what is to be said about it, for who does not see the table.
    pub(super) label: String,
    /// In the suggested window.
    pub(super) window: bool,
    /// Can be ticked: neither in the future nor too old, and no stay yet.
    pub(super) possible: bool,
    /// A stay of this venue already.
    pub(super) had: bool,
    /// Ticked, when the form comes back.
    pub(super) ticked: bool,
}

/// One month of the table.
pub(super) struct Month {
    /// `2026年11月`
    pub(super) caption: String,
    /// From Sunday to Saturday; nothing before the first and after the last day.
    pub(super) weeks: Vec<[Option<Day>; 7]>,
}

/// The days of the calendar.
pub(super) struct Plan<'a> {
    /// The oldest and the newest day of a stay.
    pub(super) possible: (NaiveDate, NaiveDate),
    /// The suggested window, if there is one.
    pub(super) window: Option<(NaiveDate, NaiveDate)>,
    /// Days that are stays of this venue.
    pub(super) had: &'a HashSet<NaiveDate>,
    /// Days that were ticked.
    pub(super) ticked: &'a HashSet<NaiveDate>,
}

/// The hidden text of a day.
pub(super) struct DayWords {
    pub(super) window: String,
    pub(super) had: String,
}

fn within(range: (NaiveDate, NaiveDate), date: NaiveDate) -> bool {
    (range.0..=range.1).contains(&date)
}

/// The months from the newest day back to the oldest, newest last. Of older months only weeks with a day that can be ticked.
pub(super) fn months(plan: &Plan<'_>, locale: Locale, words: &DayWords) -> Vec<Month> {
    let (oldest, newest) = plan.possible;
    let mut months = Vec::new();
    let mut first = oldest.with_day(1);
    while let Some(day) = first.filter(|day| *day <= newest) {
        let last_month = (day.year(), day.month()) == (newest.year(), newest.month());
        let weeks = weeks(day).into_iter().filter(|week| last_month || week.iter().flatten().any(|date| within(plan.possible, *date)));
        let weeks = weeks.map(|week| week.map(|date| date.map(|date| one_day(plan, locale, words, date)))).collect();
        months.push(Month { caption: locale.month(day), weeks });
        first = day.checked_add_months(Months::new(1));
    }
    months
}

/// The weeks of the month that begins with `first`.
fn weeks(first: NaiveDate) -> Vec<[Option<NaiveDate>; 7]> {
    let mut weeks = Vec::new();
    let mut week = [None; 7];
    let days = first.iter_days().take_while(|day| day.month() == first.month());
    for day in days {
        let place = day.weekday().num_days_from_sunday() as usize;
        week[place] = Some(day);
        if place == 6 || day.checked_add_days(Days::new(1)).is_none_or(|next| next.month() != first.month()) {
            weeks.push(std::mem::take(&mut week));
        }
    }
    weeks
}

fn one_day(plan: &Plan<'_>, locale: Locale, words: &DayWords, date: NaiveDate) -> Day {
    let window = plan.window.is_some_and(|window| within(window, date)) && within(plan.possible, date);
    let had = plan.had.contains(&date);
    let mut label = locale.long_date(date);
    for more in [window.then_some(&words.window), had.then_some(&words.had)].into_iter().flatten() {
        label.push(' ');
        label.push_str(more);
    }
    let possible = within(plan.possible, date) && !had;
    Day { date: date.to_string(), number: date.day(), label, window, possible, had, ticked: possible && plan.ticked.contains(&date) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn drawn(oldest: &str, newest: &str) -> Vec<Month> {
        let (had, ticked) = (HashSet::from([day("2026-11-19")]), HashSet::from([day("2026-11-19"), day("2026-11-20")]));
        let window = Some((day("2026-11-18"), day("2026-11-22")));
        let plan = Plan { possible: (day(oldest), day(newest)), window, had: &had, ticked: &ticked };
        months(&plan, Locale::Ja, &DayWords { window: "目安の日".into(), had: "追加済み".into() })
    }

    fn find<'a>(months: &'a [Month], date: &str) -> Option<&'a Day> {
        months.iter().flat_map(|month| month.weeks.iter().flatten().flatten()).find(|day| day.date == date)
    }

    #[test]
    fn the_newest_month_is_whole_and_older_ones_hold_what_can_be_ticked() {
        let months = drawn("2026-10-27", "2026-11-22");
        assert_eq!(months.iter().map(|month| month.caption.as_str()).collect::<Vec<_>>(), ["2026年10月", "2026年11月"]);
        assert_eq!((months[0].weeks.len(), months[1].weeks.len()), (1, 5));
        assert!(find(&months, "2026-10-24").is_none(), "a week with nothing to tick is left out");
        assert!(months[1].weeks[0][0].as_ref().is_some_and(|first| first.number == 1), "1 November 2026 is a Sunday");
        for (date, possible) in [("2026-10-26", false), ("2026-10-27", true), ("2026-11-22", true), ("2026-11-23", false)] {
            assert_eq!(find(&months, date).map(|day| day.possible), Some(possible), "{date}");
        }
        assert_eq!(drawn("2026-12-05", "2027-01-03").len(), 2, "over the turn of a year");
        assert_eq!(drawn("2026-11-01", "2026-11-30").len(), 1);
    }

    #[test]
    fn window_and_stays_are_marked_for_eyes_and_ears() {
        let months = drawn("2026-10-27", "2026-11-22");
        let of = |date| find(&months, date).unwrap();
        assert!(!of("2026-11-17").window && of("2026-11-18").window && of("2026-11-22").window && !of("2026-11-23").window);
        assert_eq!(of("2026-11-18").label, "2026年11月18日（水） 目安の日");
        assert_eq!(of("2026-11-17").label, "2026年11月17日（火）");
        let had = of("2026-11-19");
        assert!(had.had && !had.possible && !had.ticked, "what is a stay already cannot be ticked again");
        assert_eq!(had.label, "2026年11月19日（木） 目安の日 追加済み");
        assert!(of("2026-11-20").ticked);
    }
}
