//! Faults that repeat. A full disk makes every request fail; a line for each fills the disk further and hides the rest.
//!
//! A fault is logged at once when it is new. While it goes on there is a line a minute that says how often it came; when
//! it has not come for a minute, one that says that it is over ([`tell_ended`]). Faults of other kinds at the same place
//! are counted apart. Use [`crate::repeated!`] wherever a line may be written for each request, batch or turn.
//!
//! The counts belong to the process, as its log does.
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often a fault that goes on has a line, and how long it must be absent to be over.
pub const PAUSE: Duration = Duration::from_secs(60);
/// Kinds that one place tells apart. More share the last one's count: each line of a place costs the disk something.
pub const MAX_KINDS: usize = 16;

static PLACES: Mutex<Vec<&'static Place>> = Mutex::new(Vec::new());

/// A place in the code at which a fault may repeat.
pub struct Place {
    what: &'static str,
    kinds: Mutex<Vec<Kind>>,
}

/// A fault of one kind that goes on.
struct Kind {
    name: String,
    said_at: Instant,
    last_at: Instant,
    unsaid: u64,
}

/// A line to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// How often the fault came since the last line, this time not counted.
    pub repeated: u64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Place {
    /// A place that logs `what`.
    #[must_use]
    pub const fn new(what: &'static str) -> Self {
        Self { what, kinds: Mutex::new(Vec::new()) }
    }

    /// The fault came. `Some`: it is to be logged.
    pub fn occurs(&'static self, kind: &str) -> Option<Said> {
        let (said, is_new) = self.count(kind, Instant::now());
        if is_new {
            let mut places = lock(&PLACES);
            if !places.iter().any(|place| std::ptr::eq(*place, self)) {
                places.push(self);
            }
        }
        said
    }

    fn count(&self, kind: &str, now: Instant) -> (Option<Said>, bool) {
        let mut kinds = lock(&self.kinds);
        let full = kinds.len() >= MAX_KINDS;
        let at = kinds.iter().position(|known| known.name == kind).or_else(|| full.then_some(MAX_KINDS - 1));
        let Some(known) = at.and_then(|at| kinds.get_mut(at)) else {
            kinds.push(Kind { name: kind.to_owned(), said_at: now, last_at: now, unsaid: 0 });
            return (Some(Said { repeated: 0 }), true);
        };
        known.last_at = now;
        if now.duration_since(known.said_at) < PAUSE {
            known.unsaid += 1;
            return (None, false);
        }
        known.said_at = now;
        (Some(Said { repeated: std::mem::take(&mut known.unsaid) }), false)
    }

    /// Takes out the faults that have not come for [`PAUSE`]: their kinds, and how often they came unsaid.
    fn ended(&self, now: Instant) -> Vec<(String, u64)> {
        let mut kinds = lock(&self.kinds);
        let over = kinds.extract_if(.., |kind| now.duration_since(kind.last_at) >= PAUSE);
        over.map(|kind| (kind.name, kind.unsaid)).collect()
    }
}

/// Logs the faults that are over. To be called from time to time by each process.
pub fn tell_ended() {
    let places = lock(&PLACES).clone();
    for place in places {
        for (kind, repeated) in place.ended(Instant::now()) {
            tracing::info!(fault = place.what, kind, repeated, "a fault has not come for a minute");
        }
    }
}

/// Logs a fault that may repeat, as [`crate::base::repeat`] says: level, words, kind, and perhaps more fields.
#[macro_export]
macro_rules! repeated {
    ($level:ident, $what:literal, $kind:expr $(, $($field:tt)+)?) => {{
        static PLACE: $crate::base::repeat::Place = $crate::base::repeat::Place::new($what);
        let kind = ::std::string::ToString::to_string(&$kind);
        if let Some(said) = PLACE.occurs(&kind) {
            ::tracing::$level!(kind, repeated = said.repeated, $($($field)+,)? $what);
        }
    }};
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_said_at_once_and_then_a_count_each_minute() {
        let place = Place::new("test");
        let start = Instant::now();
        let said = |kind: &str, seconds: u64| place.count(kind, start + Duration::from_secs(seconds)).0.map(|said| said.repeated);
        assert_eq!(said("disk full", 0), Some(0));
        assert!((0..59).all(|second| said("disk full", second).is_none()));
        assert_eq!(said("no answer", 30), Some(0), "another kind is news");
        assert_eq!(said("disk full", 60), Some(59));
        assert_eq!(said("disk full", 61), None);
        assert_eq!(said("disk full", 120), Some(1));
    }

    #[test]
    fn what_is_over_is_said_once_and_is_news_when_it_comes_again() {
        let place = Place::new("test");
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        place.count("disk full", at(0));
        place.count("disk full", at(10));
        assert_eq!(place.ended(at(69)), []);
        assert_eq!(place.ended(at(70)), [("disk full".to_owned(), 1)]);
        assert_eq!(place.ended(at(71)), []);
        assert_eq!(place.count("disk full", at(72)).0, Some(Said { repeated: 0 }));
    }

    #[test]
    fn a_place_tells_sixteen_kinds_apart() {
        let place = Place::new("test");
        let now = Instant::now();
        let lines = (0..1_000).filter(|kind| place.count(&kind.to_string(), now).0.is_some()).count();
        assert_eq!((lines, lock(&place.kinds).len()), (MAX_KINDS, MAX_KINDS));
    }
}
