//! The health of clocks, keys and the worker, as a web process sees it. It looks at each refresh, in the background, so that a request
//! never asks the database for it.
use crate::base::clock::{LATEST_DAY_START_MINUTES, Zone};
use crate::official::{self, AlarmKind};
use crate::retention;
use crate::visit::partitions;
use crate::web::state::State;
use chrono::{DateTime, Duration, NaiveDate, Utc};
use sqlx::PgConnection;
use std::sync::{PoisonError, RwLock};

/// How far this machine's clock may be from Postgres's before their dates are compared: honest clocks differ by a second at
/// midnight, and a machine whose time is kept by anybody is never a minute off.
pub const CLOCK_DIFFERENCE: Duration = Duration::seconds(60);
/// Dates after today below which somebody is told that check-ins will end. The worker makes eight, and tries each
/// 20 seconds: at four it has failed for four days, and four are left to find out why.
pub const FEW_DAYS: i64 = 5;
/// Without a sign of life for so long the worker counts as silent: it gives one each minute, and an upgrade takes a few.
pub const WORKER_SILENT: Duration = Duration::minutes(10);
/// A process that has just started may look at a worker that is just starting: for so long it raises no alarm about it.
const SETTLED: std::time::Duration = std::time::Duration::from_secs(10 * 60);
/// A look that took longer says nothing about the difference of two clocks.
const LONGEST_LOOK: Duration = Duration::seconds(30);

/// The observations of the last look.
#[derive(Default)]
pub struct Watch {
    seen: RwLock<Seen>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    /// The lead of Postgres's clock over this machine's.
    offset: Option<Duration>,
    /// The last date on which check-ins can be taken if the worker makes nothing more.
    until: Option<NaiveDate>,
    /// The worker's last sign of life.
    alive_at: Option<DateTime<Utc>>,
}

impl Watch {
    fn seen(&self) -> Seen {
        *self.seen.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this machine and Postgres agree on the business date of a venue whose day begins so many minutes after
    /// midnight. Before the first look nobody knows, and nothing may be recorded.
    #[must_use]
    pub fn agree(&self, zone: Zone, now: DateTime<Utc>, day_starts_minutes: i16) -> bool {
        self.seen().offset.is_some_and(|offset| same_date(zone, now, offset, day_starts_minutes))
    }

    /// Whether they agree for every venue.
    #[must_use]
    pub fn agree_everywhere(&self, zone: Zone, now: DateTime<Utc>) -> bool {
        self.agree(zone, now, 0) && self.agree(zone, now, LATEST_DAY_START_MINUTES)
    }

    /// The faults that will stop check-ins unless somebody acts, a line each: for `/readyz`.
    #[must_use]
    pub fn warnings(&self, zone: Zone, now: DateTime<Utc>) -> Vec<String> {
        let seen = self.seen();
        let clock = clock_detail(&seen).map(|detail| format!("warning: clock: {detail}"));
        let keys = keys_detail(&seen, zone.today(now)).map(|detail| format!("warning: keys: {detail}"));
        let worker = worker_detail(&seen, now).map(|detail| format!("warning: worker: {detail}"));
        clock.into_iter().chain(keys).chain(worker).collect()
    }
}

/// Decided by the instants: two clocks that are close agree, though midnight lies between them.
fn same_date(zone: Zone, now: DateTime<Utc>, offset: Duration, day_starts_minutes: i16) -> bool {
    let date = |at| zone.business_date(at, day_starts_minutes);
    offset.abs() <= CLOCK_DIFFERENCE || date(now) == date(now + offset)
}

fn clock_detail(seen: &Seen) -> Option<String> {
    let offset = seen.offset.filter(|offset| offset.abs() > CLOCK_DIFFERENCE)?;
    let way = if offset > Duration::zero() { "behind" } else { "ahead of" };
    Some(format!("this machine's clock is {} seconds {way} Postgres's", offset.num_seconds().abs()))
}

fn keys_detail(seen: &Seen, today: NaiveDate) -> Option<String> {
    match seen.until {
        Some(until) => ((until - today).num_days() < FEW_DAYS).then(|| format!("check-ins can be taken until {until}, then no more")),
        // Looked, and found neither keys nor a partition for today.
        None => seen.offset.map(|_| format!("no check-in can be taken on {today}")),
    }
}

fn worker_detail(seen: &Seen, now: DateTime<Utc>) -> Option<String> {
    match seen.alive_at {
        Some(at) if now - at < WORKER_SILENT => None,
        Some(at) => Some(format!("no sign of life since {}", at.format("%Y-%m-%d %H:%M UTC"))),
        None => Some("never seen".to_owned()),
    }
}

/// Looks, and notes what it sees.
pub(super) async fn look(state: &State, conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    let before = state.clock.now();
    let theirs = state.second_clock.now(&mut *conn).await?;
    let took = state.clock.now() - before;
    let today = state.service.zone.today(before);
    let seen = Seen {
        offset: if took.abs() <= LONGEST_LOOK { Some(theirs - (before + took / 2)) } else { state.watch.seen().offset },
        until: lasts_until(state, &mut *conn, today).await?,
        alive_at: retention::alive_at(conn).await?,
    };
    state.metrics.ready_days.set(seen.until.map_or(0, |until| (until - today).num_days() + 1));
    state.metrics.worker_silent.set(seen.alive_at.map_or(-1, |at| (before - at).num_seconds().max(0)));
    *state.watch.seen.write().unwrap_or_else(PoisonError::into_inner) = seen;
    Ok(())
}

/// The last date, without a gap from `today` on, for which keys and a partition are there.
pub(crate) async fn lasts_until(state: &State, conn: &mut PgConnection, today: NaiveDate) -> Result<Option<NaiveDate>, sqlx::Error> {
    let sealed = state.sealer.lasts_until(&mut *conn, today).await?;
    let days = partitions::days(conn).await?;
    let stored = today.iter_days().take_while(|date| days.contains(date)).last();
    Ok(sealed.zip(stored).map(|(sealed, stored)| sealed.min(stored)))
}

/// Raises and clears the alarms that only a web process can raise: the worker may be what is missing. By Postgres's clock,
/// since this machine's may be what is wrong.
///
/// # Errors
/// The database's error.
pub async fn tell(state: &State, running: std::time::Duration) -> Result<(), sqlx::Error> {
    let (seen, now, zone) = (state.watch.seen(), state.clock.now(), state.service.zone);
    // Nothing was seen yet.
    let Some(offset) = seen.offset else { return Ok(()) };
    let clock = clock_detail(&seen).filter(|_| !state.watch.agree_everywhere(zone, now) || offset.abs() > retention::CLOCK_TOLERANCE);
    let mut found = vec![(AlarmKind::ClocksDiffer, clock)];
    if running >= SETTLED {
        found.push((AlarmKind::KeysRunOut, keys_detail(&seen, zone.today(now))));
        found.push((AlarmKind::WorkerSilent, worker_detail(&seen, now)));
    }
    let mut connection = state.pool.acquire().await?;
    for (kind, detail) in found {
        match detail {
            Some(detail) => official::raise(&mut connection, now + offset, kind, &detail).await?,
            None => official::clear_stale(&mut connection, now + offset, kind).await?,
        };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_compared_only_where_the_clocks_are_apart() {
        let zone = Zone(chrono_tz::Asia::Tokyo);
        let midnight: DateTime<Utc> = "2026-11-22T15:00:00Z".parse().unwrap();
        let agree = |before, offset| same_date(zone, midnight - Duration::seconds(before), Duration::seconds(offset), 0);
        assert!(agree(1, 60) && !agree(1, 61) && agree(62, 61) && !agree(61, 61));
        assert!(agree(-1, -60) && !agree(-1, -62) && agree(-61, -61));
        assert!(!Watch::default().agree(zone, midnight, 0), "before the first look nobody knows");
    }

    #[test]
    fn warnings_begin_at_their_bounds() {
        let (today, now): (NaiveDate, DateTime<Utc>) = ("2026-11-22".parse().unwrap(), "2026-11-22T03:00:00Z".parse().unwrap());
        let seen =
            |days: i64, silent: Duration| Seen { until: Some(today + Duration::days(days)), alive_at: Some(now - silent), offset: None };
        let (busy, still) = (seen(FEW_DAYS, WORKER_SILENT - Duration::seconds(1)), seen(FEW_DAYS - 1, WORKER_SILENT));
        assert!(keys_detail(&busy, today).is_none() && worker_detail(&busy, now).is_none());
        assert!(keys_detail(&still, today).is_some() && worker_detail(&still, now).is_some());
        let nothing = Seen { offset: Some(Duration::zero()), ..Seen::default() };
        assert!(keys_detail(&nothing, today).is_some(), "nothing left is less than a few days");
        assert!(keys_detail(&Seen::default(), today).is_none(), "nobody has looked yet");
        assert_eq!(worker_detail(&Seen::default(), now).as_deref(), Some("never seen"));
    }
}
