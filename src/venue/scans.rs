//! On which day each poster was scanned last, for its owner. Told from what visits are recorded it would be an oracle: only a
//! person's first check-in of a day is recorded, so an owner who hangs a fresh poster and checks an address in with it would see
//! whether that person had been there before. So every check-in that was accepted counts here, the first and any other alike.
//!
//! A note costs a check-in no statement: days are gathered in memory and written now and then, each poster once a day. What is
//! lost with a process is a date.
use super::PosterId;
use super::store::owner_actions as store;
use chrono::NaiveDate;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Posters that are remembered as written; beyond it all are forgotten, and some are written again.
const MAX_KNOWN: usize = 100_000;

/// Days to write, and those that were written.
#[derive(Default)]
pub struct Scans(Mutex<Noted>);

#[derive(Default)]
struct Noted {
    known: std::collections::HashMap<PosterId, NaiveDate>,
    waiting: BTreeMap<PosterId, NaiveDate>,
}

impl Scans {
    /// Notes that a check-in with this poster was accepted.
    pub fn note(&self, poster: PosterId, day: NaiveDate) {
        let mut noted = self.noted();
        if noted.known.get(&poster).is_some_and(|known| *known >= day) {
            return;
        }
        if noted.known.len() >= MAX_KNOWN {
            noted.known.clear();
        }
        noted.known.insert(poster, day);
        noted.waiting.insert(poster, day);
    }

    /// Writes what has been noted since the last time. What cannot be written waits for the next.
    ///
    /// # Errors
    /// The database.
    pub async fn write(&self, conn: &mut PgConnection) -> Result<(), sqlx::Error> {
        let waiting = std::mem::take(&mut self.noted().waiting);
        if waiting.is_empty() {
            return Ok(());
        }
        let days: Vec<(PosterId, NaiveDate)> = waiting.iter().map(|(poster, day)| (*poster, *day)).collect();
        let written = store::set_scanned(conn, &days).await;
        if written.is_err() {
            let mut noted = self.noted();
            for (poster, day) in waiting {
                let newer = noted.waiting.entry(poster).or_insert(day);
                *newer = day.max(*newer);
            }
        }
        written
    }

    // Nothing panics while it holds the lock.
    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poster_is_written_once_a_day_and_never_back() {
        let (scans, poster) = (Scans::default(), PosterId::random());
        let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        let waiting = || std::mem::take(&mut scans.noted().waiting).into_values().collect::<Vec<_>>();
        for (noted, written) in [(22, vec![day(22)]), (22, vec![]), (21, vec![]), (23, vec![day(23)])] {
            scans.note(poster, day(noted));
            assert_eq!(waiting(), written, "{noted}");
        }
        for _ in 0..=MAX_KNOWN {
            scans.note(PosterId::random(), day(22));
        }
        assert!(scans.noted().known.len() <= MAX_KNOWN);
    }
}
