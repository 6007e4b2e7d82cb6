//! Check-ins of each day over the whole city, and what is usual for such a day. Small numbers are hidden.
//!
//! Invariants: a number is counted by the worker, never while a page loads; a date's number is final once it takes no more
//! check-ins, and outlives its visits; nothing here is narrower than a city and a day, but
//! for [`venue`]: what a venue's own page shows to its owner.
pub mod monthly;
mod store;
pub mod venue;

use crate::base::clock::Zone;
use chrono::{DateTime, Days, NaiveDate, Utc};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Below this a number is shown as "fewer than 5": small numbers are people (docs/DESIGN.md §3 "Small numbers").
pub const FEW: i64 = 5;
/// To what numbers are rounded for those who only look on.
pub const ROUNDED_TO: i64 = 5;
/// Days on the chart: two of each weekday.
pub const CHART_DAYS: u64 = 14;
/// Weeks that "usual" looks back on: two months, so that a season shows and one holiday does not.
pub const USUAL_WEEKS: u64 = 8;
/// Same weekdays that must be known before anything is called usual: a month.
pub const USUAL_LEAST: usize = 4;

/// A day of the chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// The business date.
    pub date: NaiveDate,
    /// Check-ins; `None`: nobody counted, for the service did not run.
    pub check_ins: Option<i64>,
    /// The median of the same weekdays before, where enough are known.
    pub usual: Option<i64>,
    /// Whether the number can still grow.
    pub open: bool,
    /// When it was counted.
    pub counted_at: Option<DateTime<Utc>>,
}

/// A stored count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) date: NaiveDate,
    pub(crate) check_ins: i64,
    pub(crate) counted_at: DateTime<Utc>,
    pub(crate) closed: bool,
}

/// A number as it may be shown to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownCount {
    /// Fewer than [`FEW`].
    Few,
    /// This many, perhaps rounded.
    Number(i64),
}

impl ShownCount {
    /// The form in which `number` may be shown: small ones hidden, and rounded to [`ROUNDED_TO`] for those who only look on.
    #[must_use]
    pub fn of(number: i64, exact: bool) -> Self {
        if number < FEW {
            Self::Few
        } else if exact {
            Self::Number(number)
        } else {
            Self::Number((number + ROUNDED_TO / 2) / ROUNDED_TO * ROUNDED_TO)
        }
    }

    /// The number, where there is one to show.
    #[must_use]
    pub fn number(self) -> Option<i64> {
        match self {
            Self::Few => None,
            Self::Number(number) => Some(number),
        }
    }
}

/// Counts dates whose number can still grow, and those that closed since they were last counted; for a periodic task.
/// Returns how many dates were counted.
///
/// # Errors
/// The database.
pub async fn count_days(conn: &mut PgConnection, now: DateTime<Utc>, zone: Zone) -> Result<usize, sqlx::Error> {
    let today = zone.today(now);
    let dates = store::dates_to_count(conn, today).await?;
    for date in &dates {
        let check_ins = store::count_visits(conn, *date).await?;
        store::keep(conn, &Count { date: *date, check_ins, counted_at: now, closed: zone.is_closed(*date, now) }).await?;
    }
    Ok(dates.len())
}

/// The last [`CHART_DAYS`] days up to `today`, oldest first.
///
/// # Errors
/// The database.
pub async fn last_days(conn: &mut PgConnection, today: NaiveDate) -> Result<Vec<Day>, sqlx::Error> {
    let back = |days: u64| today.checked_sub_days(Days::new(days)).unwrap_or(NaiveDate::MIN);
    let counts = store::since(conn, back(CHART_DAYS + USUAL_WEEKS * 7)).await?;
    Ok(days(&counts, back(CHART_DAYS - 1), today))
}

/// Every day whose number is final, oldest first, for the public: small numbers are hidden.
///
/// # Errors
/// The database.
pub async fn closed_days(conn: &mut PgConnection) -> Result<Vec<(NaiveDate, ShownCount)>, sqlx::Error> {
    let counts = store::since(conn, NaiveDate::default()).await?;
    Ok(counts.into_iter().filter(|count| count.closed).map(|count| (count.date, ShownCount::of(count.check_ins, true))).collect())
}

fn days(counts: &[Count], first: NaiveDate, last: NaiveDate) -> Vec<Day> {
    let by_date: BTreeMap<NaiveDate, &Count> = counts.iter().map(|count| (count.date, count)).collect();
    first
        .iter_days()
        .take_while(|date| *date <= last)
        .map(|date| {
            let count = by_date.get(&date);
            let before = (1..=USUAL_WEEKS).filter_map(|weeks| date.checked_sub_days(Days::new(weeks * 7)));
            let same: Vec<i64> =
                before.filter_map(|date| by_date.get(&date)).filter(|count| count.closed).map(|count| count.check_ins).collect();
            Day {
                date,
                check_ins: count.map(|count| count.check_ins),
                usual: if same.len() < USUAL_LEAST { None } else { median(same) },
                open: count.is_none_or(|count| !count.closed),
                counted_at: count.map(|count| count.counted_at),
            }
        })
        .collect()
}

/// The middle value; of an even number the lower of the two in the middle, so that it is one that occurred.
fn median(mut numbers: Vec<i64>) -> Option<i64> {
    numbers.sort_unstable();
    numbers.get(numbers.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn count(date: NaiveDate, check_ins: i64) -> Count {
        Count { date, check_ins, counted_at: DateTime::UNIX_EPOCH, closed: true }
    }

    fn usual(known: &[i64]) -> Option<i64> {
        let sunday = day("2026-11-22");
        let counts: Vec<Count> = known.iter().zip(1..).map(|(number, week)| count(sunday - Days::new(week * 7), *number)).collect();
        days(&counts, sunday, sunday)[0].usual
    }

    #[test]
    fn usual_is_the_median_of_four_to_eight_same_weekdays() {
        assert_eq!(usual(&[100, 200, 300]), None);
        assert_eq!(usual(&[100, 200, 300, 400]), Some(200));
        assert_eq!(usual(&[100, 200, 300, 400, 500]), Some(300));
        assert_eq!(usual(&[9_000, 1, 2, 3, 4, 5, 6, 7]), Some(4), "one feast day changes little");
        assert_eq!(usual(&[1, 1, 1, 1, 1, 1, 1, 1, 900, 900, 900, 900, 900, 900, 900, 900, 900]), Some(1), "nine weeks ago is long ago");
    }

    #[test]
    fn every_day_of_the_chart_is_there_whether_it_was_counted_or_not() {
        let (first, last) = (day("2026-11-09"), day("2026-11-22"));
        let mut today = count(last, 2_140);
        today.closed = false;
        let days = days(&[count(first, 3_120), today], first, last);
        assert_eq!(days.len(), 14);
        assert_eq!((days[0].check_ins, days[0].open), (Some(3_120), false));
        assert_eq!((days[1].check_ins, days[1].open), (None, true));
        assert_eq!((days[13].check_ins, days[13].open, days[13].usual), (Some(2_140), true, None));
    }

    #[test]
    fn small_numbers_are_hidden_and_onlookers_see_round_ones() {
        assert_eq!(
            (ShownCount::of(0, true), ShownCount::of(4, true), ShownCount::of(5, true)),
            (ShownCount::Few, ShownCount::Few, ShownCount::Number(5))
        );
        assert_eq!(ShownCount::of(1_283, true), ShownCount::Number(1_283));
        assert_eq!(ShownCount::of(1_283, false), ShownCount::Number(1_285));
        assert_eq!(
            (ShownCount::of(7, false), ShownCount::of(8, false), ShownCount::of(5, false)),
            (ShownCount::Number(5), ShownCount::Number(10), ShownCount::Number(5))
        );
        assert_eq!(ShownCount::of(4, false), ShownCount::Few);
    }
}
