//! One venue's numbers, for its owner: check-ins by day, and when each poster was scanned last. Counted when he looks: no time
//! of day, nobody's address, and small numbers are hidden where they are shown.
use super::store;
use crate::venue::VenueId;
use chrono::NaiveDate;
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Days with check-ins that must be known before coverage is guessed: a few, so that one slow day says nothing.
const COVERAGE_LEAST_DAYS: usize = 3;

/// Check-ins of one poster on one day. The poster kept is the day's first, so the sum over posters is the day's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scans {
    pub(crate) date: NaiveDate,
    pub(crate) poster_no: i16,
    pub(crate) visits: i64,
}

/// A venue's numbers over some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// Every day from the first to the last, with its check-ins.
    pub days: Vec<(NaiveDate, i64)>,
    /// The last day on which each poster was scanned, by its number.
    pub last_scan: BTreeMap<i16, NaiveDate>,
}

/// A venue's numbers from `first` to `last`.
///
/// # Errors
/// The database.
pub async fn numbers(conn: &mut PgConnection, venue: VenueId, first: NaiveDate, last: NaiveDate) -> Result<Numbers, sqlx::Error> {
    Ok(gather(&store::scans(conn, venue, first, last).await?, first, last))
}

fn gather(scans: &[Scans], first: NaiveDate, last: NaiveDate) -> Numbers {
    let mut by_day: BTreeMap<NaiveDate, i64> = first.iter_days().take_while(|day| *day <= last).map(|day| (day, 0)).collect();
    let mut last_scan: BTreeMap<i16, NaiveDate> = BTreeMap::new();
    for scan in scans {
        *by_day.entry(scan.date).or_default() += scan.visits;
        let seen = last_scan.entry(scan.poster_no).or_insert(scan.date);
        *seen = scan.date.max(*seen);
    }
    Numbers { days: by_day.into_iter().collect(), last_scan }
}

impl Numbers {
    /// In tenths, how many of the guests check in on a usual day: the mean over days with check-ins, `today` left out.
    /// `None` while too few days are known. At most ten.
    #[must_use]
    pub fn coverage(&self, guests_per_day: i32, today: NaiveDate) -> Option<i64> {
        let known: Vec<i64> = self.days.iter().filter(|(day, visits)| *day < today && *visits > 0).map(|(_, visits)| *visits).collect();
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

    fn scans(of: &[(u32, i16, i64)]) -> Vec<Scans> {
        of.iter().map(|&(date, poster_no, visits)| Scans { date: day(date), poster_no, visits }).collect()
    }

    #[test]
    fn every_day_is_there_and_posters_add_up() {
        let numbers = gather(&scans(&[(20, 1, 3), (20, 2, 4), (22, 1, 1)]), day(19), day(22));
        assert_eq!(numbers.days, [(day(19), 0), (day(20), 7), (day(21), 0), (day(22), 1)]);
        assert_eq!(numbers.last_scan, BTreeMap::from([(1, day(22)), (2, day(20))]));
    }

    #[test]
    fn coverage_needs_three_open_days_and_leaves_today_out() {
        let of = |visits: &[i64], guests| {
            let scans: Vec<_> = (1..).zip(visits).map(|(date, visits)| Scans { date: day(date), poster_no: 1, visits: *visits }).collect();
            gather(&scans, day(1), day(22)).coverage(guests, day(22))
        };
        assert_eq!(of(&[40, 40], 100), None);
        assert_eq!(of(&[40, 40, 40], 100), Some(4));
        assert_eq!(of(&[44, 0, 45, 46], 100), Some(5));
        assert_eq!(of(&[500, 500, 500], 100), Some(10));
        assert_eq!(of(&[1, 1, 1], 100), Some(0));
        assert_eq!(gather(&scans(&[(1, 1, 9), (2, 1, 9), (22, 1, 9)]), day(1), day(22)).coverage(10, day(22)), None);
    }
}
