//! Time comes in by this door. Business dates are computed in the service's zone, whatever the host's.
use chrono::{DateTime, Days, Duration, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

/// Latest begin of a business day after midnight, in minutes (docs/DESIGN.md §3 "Matching and alerts": at most 06:00; bars).
pub const LATEST_DAY_START_MINUTES: i16 = 6 * 60;

/// Where the present moment comes from.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> DateTime<Utc>;
}

/// A clock that can be shared between tasks.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where time is read")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// A clock that stands where it is put; for tests and rehearsals.
#[derive(Debug)]
pub struct SetClock(AtomicI64);

impl SetClock {
    /// A clock that shows `at` until it is moved.
    #[must_use]
    pub fn new(at: DateTime<Utc>) -> Self {
        Self(AtomicI64::new(at.timestamp_micros()))
    }

    /// Moves the clock to `at`.
    pub fn set(&self, at: DateTime<Utc>) {
        self.0.store(at.timestamp_micros(), Ordering::SeqCst);
    }

    /// Moves the clock forward by `by`.
    pub fn advance(&self, by: Duration) {
        self.set(self.now() + by);
    }
}

impl Clock for SetClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0.load(Ordering::SeqCst)).unwrap_or_default()
    }
}

/// How far the clocks of this machine and of Postgres may differ. Wide enough for sloppy time keeping, far too narrow for
/// the mistake that matters: a date purged days early because one clock was set wrong (docs/DESIGN.md §3 "Time, retention, growth").
pub const CLOCK_TOLERANCE: Duration = Duration::minutes(15);

/// A moment that was believed, when this process began to count from it, and whether the clocks were in no doubt then.
type Bound = (DateTime<Utc>, Instant, bool);

/// Up to which moment time is believed: what was believed at the last look at the clocks, and the running time since then, by
/// the monotonic clock. So a clock that jumps between two looks ends nothing. Before the first look there is no bound.
/// Everything that ends something for good by the clock asks it. Cloning shares it; the watch over the clocks sets it.
#[derive(Clone, Debug, Default)]
pub struct Believed(Arc<Mutex<Option<Bound>>>);

impl Believed {
    /// Sets the bound as it is at this moment, and says whether the clocks are in no doubt.
    pub fn bound(&self, at: DateTime<Utc>, sure: bool) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((at, Instant::now(), sure));
    }

    /// Whether `now` may be believed: no doubt at the last look, and no jump since. Before the first look it may.
    #[must_use]
    pub fn is_sure(&self, now: DateTime<Utc>) -> bool {
        let Some((at, since, sure)) = *self.0.lock().unwrap_or_else(PoisonError::into_inner) else { return true };
        let counted = at + Duration::from_std(since.elapsed()).unwrap_or_default();
        sure && (now - counted).abs() <= CLOCK_TOLERANCE
    }

    /// `now`, or the bound where that is earlier.
    #[must_use]
    pub fn at_most(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let Some((at, since, _)) = *self.0.lock().unwrap_or_else(PoisonError::into_inner) else { return now };
        now.min(at + Duration::from_std(since.elapsed()).unwrap_or_default())
    }
}

/// The service's time zone and what follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone(pub Tz);

impl Zone {
    /// The business date at `now` of a venue whose day begins `day_starts_minutes` after midnight (0 … 360).
    #[must_use]
    pub fn business_date(self, now: DateTime<Utc>, day_starts_minutes: i16) -> NaiveDate {
        let shift = Duration::minutes(i64::from(day_starts_minutes.clamp(0, LATEST_DAY_START_MINUTES)));
        (now.with_timezone(&self.0).naive_local() - shift).date()
    }

    /// The calendar date at `now`.
    #[must_use]
    pub fn today(self, now: DateTime<Utc>) -> NaiveDate {
        self.business_date(now, 0)
    }

    /// The dates that still accept check-ins somewhere: today, and until 06:00 yesterday too.
    #[must_use]
    pub fn open_dates(self, now: DateTime<Utc>) -> Vec<NaiveDate> {
        let (first, last) = (self.business_date(now, LATEST_DAY_START_MINUTES), self.today(now));
        first.iter_days().take_while(|day| *day <= last).collect()
    }

    /// Whether `date` takes no more check-ins anywhere.
    #[must_use]
    pub fn is_closed(self, date: NaiveDate, now: DateTime<Utc>) -> bool {
        date < self.business_date(now, LATEST_DAY_START_MINUTES)
    }

    /// The first moment of `date`; an hour later where its first hour was skipped.
    #[must_use]
    pub fn begin_of(self, date: NaiveDate) -> DateTime<Utc> {
        let local = |hour| date.and_hms_opt(hour, 0, 0).and_then(|time| self.0.from_local_datetime(&time).earliest());
        local(0).or_else(|| local(1)).map(|begin| begin.to_utc()).unwrap_or_default()
    }

    /// `now` on the wall clock of the service's zone, as `HH:MM`.
    #[must_use]
    pub fn wall_time(self, now: DateTime<Utc>) -> String {
        now.with_timezone(&self.0).format("%H:%M").to_string()
    }
}

/// The last date on which a record of `date` still exists.
#[must_use]
pub fn keep_until(date: NaiveDate, retention_days: u16) -> NaiveDate {
    date.checked_add_days(Days::new(u64::from(retention_days))).unwrap_or(NaiveDate::MAX)
}

/// A moment of this process that never goes back, for deadlines and durations.
#[must_use]
pub fn process_start() -> Instant {
    static START: OnceLock<Instant> = OnceLock::new();
    *START.get_or_init(Instant::now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    const TOKYO: Zone = Zone(chrono_tz::Asia::Tokyo);

    #[test]
    fn a_clock_that_jumps_ends_nothing_beyond_what_is_believed() {
        let (believed, now) = (Believed::default(), at("2026-11-22T03:00:00Z"));
        assert_eq!(believed.at_most(now), now, "nobody has looked yet");
        believed.clone().bound(now, true);
        let jumped = believed.at_most(now + Duration::days(40));
        assert!(jumped >= now && jumped < now + Duration::days(1), "running time counts, and no more: {jumped}");
        believed.bound(now + Duration::days(1), true);
        assert_eq!(believed.at_most(now), now);
    }

    #[test]
    fn a_clock_is_sure_without_a_doubt_and_without_a_jump() {
        let (believed, now) = (Believed::default(), at("2026-11-22T03:00:00Z"));
        assert!(believed.is_sure(now), "nobody has looked yet");
        believed.bound(now, true);
        assert!(believed.is_sure(now) && believed.is_sure(now + CLOCK_TOLERANCE - Duration::seconds(60)));
        assert!(!believed.is_sure(now + Duration::days(1)) && !believed.is_sure(now - Duration::days(1)), "a jump");
        believed.bound(now, false);
        assert!(!believed.is_sure(now), "a doubt");
    }

    #[test]
    fn the_date_turns_at_tokyo_midnight_whatever_the_host() {
        assert_eq!(TOKYO.today(at("2026-11-22T14:59:59.999Z")), day("2026-11-22"));
        assert_eq!(TOKYO.today(at("2026-11-22T15:00:00Z")), day("2026-11-23"));
    }

    #[test]
    fn a_day_begins_at_midnight_of_the_zone() {
        assert_eq!(TOKYO.begin_of(day("2026-11-22")), at("2026-11-21T15:00:00Z"));
        // Chile moved its clocks at midnight: 6 September 2026 began at one o'clock.
        assert_eq!(Zone(chrono_tz::America::Santiago).begin_of(day("2026-09-06")), at("2026-09-06T04:00:00Z"));
    }

    #[test]
    fn a_bar_turns_its_day_later() {
        let one_at_night = at("2026-11-22T16:00:00Z");
        assert_eq!(TOKYO.business_date(one_at_night, 300), day("2026-11-22"));
        assert_eq!(TOKYO.business_date(one_at_night, 0), day("2026-11-23"));
        assert_eq!(TOKYO.open_dates(one_at_night), [day("2026-11-22"), day("2026-11-23")]);
        assert!(!TOKYO.is_closed(day("2026-11-22"), one_at_night));
        assert!(TOKYO.is_closed(day("2026-11-22"), at("2026-11-22T21:00:00Z")));
        assert_eq!(TOKYO.open_dates(at("2026-11-22T21:00:00Z")), [day("2026-11-23")]);
    }

    #[test]
    fn a_day_start_outside_its_bounds_is_held_at_the_bound() {
        let now = at("2026-11-22T22:00:00Z");
        assert_eq!(TOKYO.business_date(now, 10_000), TOKYO.business_date(now, LATEST_DAY_START_MINUTES));
        assert_eq!(TOKYO.business_date(now, -5), TOKYO.today(now));
    }

    #[test]
    fn a_record_is_kept_for_the_days_promised() {
        assert_eq!(keep_until(day("2026-11-22"), 31), day("2026-12-23"));
    }
}
