//! One venue's numbers, for its owner: check-ins by day. Counted when the owner looks: no time of day, nobody's address, and small numbers
//! are hidden where they are shown.
//!
//! Only days that take no check-ins any more are counted. While a day grows, its number would tell whether somebody was there:
//! check the address in, and see whether the number moves. For the same reason nothing here depends on which poster a visit was
//! recorded at (it is the day's first), and sums are made of nothing but what is shown.
use super::{FEW, store};
use crate::base::clock::{LATEST_DAY_START_MINUTES, Zone};
use crate::venue::VenueId;
use chrono::{DateTime, Days, NaiveDate, Utc};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Days with check-ins that must be known before coverage is guessed: a few, so that one slow day says nothing.
const COVERAGE_LEAST_DAYS: usize = 3;
/// The value of a hidden number where coverage is guessed: the middle of 1 … 4.
const HIDDEN: i64 = FEW / 2;

/// Check-ins of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DayVisits {
    pub(crate) date: NaiveDate,
    pub(crate) visits: i64,
}

/// A venue's numbers over some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// Every day from the first to the last, with its check-ins.
    pub days: Vec<(NaiveDate, i64)>,
}

/// The last date that takes no more check-ins anywhere, whatever a venue says of its business day.
#[must_use]
pub fn last_closed(zone: Zone, now: DateTime<Utc>) -> NaiveDate {
    let open = zone.business_date(now, LATEST_DAY_START_MINUTES);
    open.checked_sub_days(Days::new(1)).unwrap_or(open)
}

/// A venue's numbers of the days from `first` that are closed.
///
/// # Errors
/// The database.
pub async fn numbers(
    conn: &mut PgConnection,
    zone: Zone,
    now: DateTime<Utc>,
    venue: VenueId,
    first: NaiveDate,
) -> Result<Numbers, sqlx::Error> {
    let last = last_closed(zone, now);
    Ok(gather(&store::visits_by_day(conn, venue, first, last).await?, first, last))
}

fn gather(visits: &[DayVisits], first: NaiveDate, last: NaiveDate) -> Numbers {
    let mut by_day: BTreeMap<NaiveDate, i64> = first.iter_days().take_while(|day| *day <= last).map(|day| (day, 0)).collect();
    for day in visits {
        *by_day.entry(day.date).or_default() += day.visits;
    }
    Numbers { days: by_day.into_iter().collect() }
}

impl Numbers {
    /// The sum of those days whose number is shown. Of the others' sum no part may be known: it could be one day's.
    #[must_use]
    pub fn shown_sum(&self) -> i64 {
        self.days.iter().map(|(_, visits)| *visits).filter(|visits| *visits >= FEW).sum()
    }

    /// In tenths, how many of the guests check in on a usual day: the mean over days with check-ins, hidden numbers taken as
    /// [`HIDDEN`], for whoever sets the number of guests could otherwise work them out. `None` while too few days are known. At most ten.
    #[must_use]
    pub fn coverage(&self, guests_per_day: i32) -> Option<i64> {
        let number = |visits: i64| if visits < FEW { HIDDEN } else { visits };
        let known: Vec<i64> = self.days.iter().filter(|(_, visits)| *visits > 0).map(|(_, visits)| number(*visits)).collect();
        let days = i64::try_from(known.len()).unwrap_or(i64::MAX);
        let guests = i64::from(guests_per_day).checked_mul(days).filter(|guests| *guests > 0)?;
        (known.len() >= COVERAGE_LEAST_DAYS).then(|| ((known.iter().sum::<i64>() * 10 + guests / 2) / guests).min(10))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
    }

    fn numbers(visits: &[i64]) -> Numbers {
        let days: Vec<_> = (1..).zip(visits).map(|(date, visits)| DayVisits { date: day(date), visits: *visits }).collect();
        gather(&days, day(1), day(22))
    }

    #[test]
    fn every_day_is_there() {
        let visits = [DayVisits { date: day(20), visits: 7 }, DayVisits { date: day(22), visits: 1 }];
        assert_eq!(gather(&visits, day(19), day(22)).days, [(day(19), 0), (day(20), 7), (day(21), 0), (day(22), 1)]);
    }

    #[test]
    fn coverage_needs_three_open_days() {
        assert_eq!(numbers(&[40, 40]).coverage(100), None);
        assert_eq!(numbers(&[40, 40, 40]).coverage(100), Some(4));
        assert_eq!(numbers(&[44, 0, 45, 46]).coverage(100), Some(5));
        assert_eq!(numbers(&[500, 500, 500]).coverage(100), Some(10));
        assert_eq!(numbers(&[1, 1, 1]).coverage(100), Some(0));
    }

    #[test]
    fn nothing_that_is_told_depends_on_a_hidden_number() {
        // The owner sets the number of guests, and can try every number.
        let told = |hidden: i64| {
            let numbers = numbers(&[40, 7, hidden, 12]);
            (numbers.shown_sum(), (1..=400).map(|guests| numbers.coverage(guests)).collect::<Vec<_>>())
        };
        for hidden in 2..FEW {
            assert_eq!(told(hidden), told(1), "{hidden}");
        }
        assert_eq!(told(1).0, 59);
        assert_ne!(told(FEW), told(1), "five are shown");
    }

    #[test]
    fn a_day_is_closed_from_six_on_for_every_venue() {
        let closed = |now: &str| last_closed(Zone(chrono_tz::Asia::Tokyo), now.parse().unwrap());
        assert_eq!((closed("2026-11-22T20:59:59Z"), closed("2026-11-22T21:00:00Z")), (day(21), day(22)));
    }
}
