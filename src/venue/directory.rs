//! The posters behind codes, from memory: every check-in and every check-in page asks here.
//!
//! An answer is fresh for [`TTL_SECONDS`]; so a revoked poster is dead everywhere after that. While the database is away old
//! answers are served on, since they cannot have changed either. Both kinds of answers are bounded and kept apart, so that
//! somebody who tries codes at random pushes no real poster out. A fresh answer costs one shared lock of one shard.
use super::poster::{PosterView, find_by_code};
use crate::base::clock::SharedClock;
use crate::base::code::PosterCode;
use crate::base::db;
use crate::repeated;
use chrono::{DateTime, Duration, Utc};
use sqlx::PgPool;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// How long a poster is taken as it was read, in seconds.
pub const TTL_SECONDS: i64 = 10;
/// How long a code is taken as unknown, in seconds: short, for the poster may have been made a moment ago.
pub const UNKNOWN_TTL_SECONDS: i64 = 2;
/// Posters remembered, about 300 bytes each. A city of a thousand venues with fifty tables fits; beyond it the database is asked more often.
pub const MAX_POSTERS: usize = 1 << 16;
/// Unknown codes remembered, about 32 bytes each.
pub const MAX_UNKNOWN: usize = 1 << 13;
/// Independent parts, so that one that is being written does not stop the others.
const SHARDS: usize = 16;
/// After a failure the database is left alone this long where an old answer will do, in seconds.
const LEAVE_ALONE_SECONDS: i64 = 1;
/// How long one request may be reading a poster anew while the others get the old answer, in seconds.
const READING_SECONDS: i64 = 2;

/// Codes and what is behind them. One per process, shared by reference.
pub struct Directory {
    pool: PgPool,
    clock: SharedClock,
    hasher: RandomState,
    shards: [RwLock<Shard>; SHARDS],
    /// Until when (µs since 1970) the database is not asked again where an old answer will do.
    left_alone_until: AtomicI64,
}

#[derive(Default)]
struct Shard {
    posters: HashMap<PosterCode, Known>,
    unknown: HashMap<PosterCode, DateTime<Utc>>,
}

struct Known {
    poster: Arc<PosterView>,
    read_at: DateTime<Utc>,
    /// Somebody is reading it anew; until then the others take it as it is.
    being_read_until: DateTime<Utc>,
}

/// The memory's answer about a code.
enum Memory {
    Fresh(Option<Arc<PosterView>>),
    Old(Arc<PosterView>),
    Nothing,
}

impl Directory {
    /// An empty directory over `pool`.
    #[must_use]
    pub fn new(pool: PgPool, clock: SharedClock) -> Self {
        Self { pool, clock, hasher: RandomState::new(), shards: Default::default(), left_alone_until: AtomicI64::new(i64::MIN) }
    }

    /// The active poster of an active venue behind `code`; `None` for every other code.
    ///
    /// # Errors
    /// The database's, for a code that memory knows nothing of.
    pub async fn find(&self, code: &PosterCode) -> Result<Option<Arc<PosterView>>, sqlx::Error> {
        let now = self.clock.now();
        let old = match self.remembered(code, now) {
            Memory::Fresh(answer) => return Ok(answer),
            Memory::Nothing => None,
            Memory::Old(old) if self.is_left_alone(now) || !self.start_reading(code, now) => return Ok(Some(old)),
            Memory::Old(old) => Some(old),
        };
        // Boxed: the query's future is large and would be carried along by every check-in that memory answers.
        match Box::pin(self.read(code)).await {
            Ok(found) => Ok(self.remember(code, found, now)),
            Err(error) => self.fall_back(old, error, now),
        }
    }

    /// How many posters and how many unknown codes are remembered.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        self.shards
            .iter()
            .map(read)
            .fold((0, 0), |(posters, unknown), shard| (posters + shard.posters.len(), unknown + shard.unknown.len()))
    }

    fn remembered(&self, code: &PosterCode, now: DateTime<Utc>) -> Memory {
        let shard = read(self.shard(code));
        match shard.posters.get(code) {
            Some(known) if is_fresh(known.read_at, now, TTL_SECONDS) => Memory::Fresh(Some(Arc::clone(&known.poster))),
            Some(known) => Memory::Old(Arc::clone(&known.poster)),
            None if shard.unknown.get(code).is_some_and(|read_at| is_fresh(*read_at, now, UNKNOWN_TTL_SECONDS)) => Memory::Fresh(None),
            None => Memory::Nothing,
        }
    }

    /// Whether the caller is the one who reads the poster anew. A busy poster is read once per TTL, not once per visitor.
    fn start_reading(&self, code: &PosterCode, now: DateTime<Utc>) -> bool {
        match write(self.shard(code)).posters.get_mut(code) {
            Some(known) if known.being_read_until > now => false,
            Some(known) => {
                known.being_read_until = now + Duration::seconds(READING_SECONDS);
                true
            }
            None => true,
        }
    }

    async fn read(&self, code: &PosterCode) -> Result<Option<PosterView>, sqlx::Error> {
        find_by_code(&mut *self.pool.acquire().await?, code).await
    }

    /// `read_at` is the moment *before* the database was asked: an answer is never taken for younger than it is.
    fn remember(&self, code: &PosterCode, found: Option<PosterView>, read_at: DateTime<Utc>) -> Option<Arc<PosterView>> {
        let mut shard = write(self.shard(code));
        match found {
            Some(poster) => {
                let poster = Arc::new(poster);
                shard.unknown.remove(code);
                shard.make_room();
                shard.posters.insert(*code, Known { poster: Arc::clone(&poster), read_at, being_read_until: read_at });
                Some(poster)
            }
            None => {
                shard.posters.remove(code);
                if shard.unknown.len() >= MAX_UNKNOWN / SHARDS {
                    shard.unknown.clear();
                }
                shard.unknown.insert(*code, read_at);
                None
            }
        }
    }

    fn fall_back(
        &self,
        old: Option<Arc<PosterView>>,
        error: sqlx::Error,
        asked_at: DateTime<Utc>,
    ) -> Result<Option<Arc<PosterView>>, sqlx::Error> {
        if !self.is_left_alone(asked_at) {
            repeated!(warn, "the directory of posters answers from memory what it can", db::describe(&error));
        }
        let until = self.clock.now() + Duration::seconds(LEAVE_ALONE_SECONDS);
        self.left_alone_until.store(until.timestamp_micros(), Ordering::Relaxed);
        old.map(Some).ok_or(error)
    }

    fn is_left_alone(&self, now: DateTime<Utc>) -> bool {
        now.timestamp_micros() < self.left_alone_until.load(Ordering::Relaxed)
    }

    fn shard(&self, code: &PosterCode) -> &RwLock<Shard> {
        let hash = self.hasher.hash_one(code).to_ne_bytes();
        &self.shards[usize::from(hash[0]) % SHARDS]
    }
}

impl Shard {
    /// When the shard is full the half that was read longest ago goes. Costs one pass per half a shard of newcomers.
    fn make_room(&mut self) {
        if self.posters.len() < MAX_POSTERS / SHARDS {
            return;
        }
        let mut ages: Vec<_> = self.posters.values().map(|known| known.read_at).collect();
        let middle = ages.len() / 2;
        let (_, median, _) = ages.select_nth_unstable(middle);
        let median = *median;
        self.posters.retain(|_, known| known.read_at > median);
    }
}

/// A clock that was set back makes nothing immortal: what was read in the future is old.
fn is_fresh(read_at: DateTime<Utc>, now: DateTime<Utc>, ttl_seconds: i64) -> bool {
    (Duration::zero()..Duration::seconds(ttl_seconds)).contains(&(now - read_at))
}

// Nothing panics while it holds a lock, and each entry is whole by itself: a poisoned shard is as good as any.
fn read(shard: &RwLock<Shard>) -> RwLockReadGuard<'_, Shard> {
    shard.read().unwrap_or_else(PoisonError::into_inner)
}

fn write(shard: &RwLock<Shard>) -> RwLockWriteGuard<'_, Shard> {
    shard.write().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::{Clock, SetClock};
    use crate::base::db::{DbRole, pool};
    use crate::venue::{PosterId, VenueId, VenueKind};
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    /// A directory whose database never answers.
    fn cut_off(clock: &Arc<SetClock>) -> Directory {
        let nowhere = pool("postgres://nobody@127.0.0.1:1/nothing", DbRole::Web, 1).unwrap();
        Directory::new(nowhere, Arc::clone(clock) as SharedClock)
    }

    fn clock() -> Arc<SetClock> {
        Arc::new(SetClock::new("2026-11-22T03:00:00Z".parse().unwrap()))
    }

    fn view() -> PosterView {
        PosterView {
            venue_id: VenueId::random(),
            poster_id: PosterId::random(),
            poster_no: 1,
            label: "入口".into(),
            venue_name: "喫茶 ひだまり".into(),
            kind: VenueKind::Restaurant,
            day_starts_minutes: 0,
            opens_on: None,
            closes_on: None,
            paused: false,
            message: None,
        }
    }

    #[tokio::test]
    async fn a_fresh_answer_needs_no_database_and_an_old_one_is_served_without() {
        let clock = clock();
        let directory = cut_off(&clock);
        directory.pool.close().await;
        let code = PosterCode::generate(&mut StdRng::seed_from_u64(1));
        assert!(directory.find(&code).await.is_err(), "nothing is known yet");
        directory.remember(&code, Some(view()), clock.now());
        clock.advance(Duration::days(3));
        assert!(directory.find(&code).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_search_carries_no_query_along() {
        let (directory, code) = (cut_off(&clock()), PosterCode::generate(&mut StdRng::seed_from_u64(1)));
        let bytes = size_of_val(&directory.find(&code));
        assert!(bytes <= 256, "{bytes} bytes");
    }

    #[tokio::test]
    async fn an_answer_is_fresh_up_to_its_time_and_not_a_moment_longer() {
        let clock = clock();
        let directory = cut_off(&clock);
        let code = PosterCode::generate(&mut StdRng::seed_from_u64(1));
        directory.remember(&code, Some(view()), clock.now());
        clock.advance(Duration::seconds(TTL_SECONDS) - Duration::microseconds(1));
        assert!(matches!(directory.remembered(&code, clock.now()), Memory::Fresh(Some(_))));
        clock.advance(Duration::microseconds(1));
        assert!(matches!(directory.remembered(&code, clock.now()), Memory::Old(_)));
        clock.advance(Duration::days(-1));
        assert!(matches!(directory.remembered(&code, clock.now()), Memory::Old(_)), "read in the future");
        directory.remember(&code, None, clock.now());
        assert!(matches!(directory.remembered(&code, clock.now()), Memory::Fresh(None)));
        clock.advance(Duration::seconds(UNKNOWN_TTL_SECONDS));
        assert!(matches!(directory.remembered(&code, clock.now()), Memory::Nothing));
    }

    #[tokio::test]
    async fn one_visitor_reads_anew_and_the_others_do_not_wait() {
        let clock = clock();
        let directory = cut_off(&clock);
        let code = PosterCode::generate(&mut StdRng::seed_from_u64(1));
        directory.remember(&code, Some(view()), clock.now());
        clock.advance(Duration::seconds(TTL_SECONDS));
        assert!(directory.start_reading(&code, clock.now()));
        assert!(!directory.start_reading(&code, clock.now()));
        clock.advance(Duration::seconds(READING_SECONDS));
        assert!(directory.start_reading(&code, clock.now()), "the first one never came back");
    }

    #[tokio::test]
    async fn memory_is_bounded_and_random_codes_push_no_poster_out() {
        let clock = clock();
        let directory = cut_off(&clock);
        let mut rng = StdRng::seed_from_u64(7);
        let real = PosterCode::generate(&mut rng);
        directory.remember(&real, Some(view()), clock.now());
        for _ in 0..MAX_UNKNOWN * 2 {
            directory.remember(&PosterCode::generate(&mut rng), None, clock.now());
        }
        let (posters, unknown) = directory.size();
        assert!(posters == 1 && unknown <= MAX_UNKNOWN && unknown > MAX_UNKNOWN / 4, "{posters} {unknown}");
        for _ in 0..MAX_POSTERS + MAX_POSTERS / 2 {
            clock.advance(Duration::microseconds(1));
            directory.remember(&PosterCode::generate(&mut rng), Some(view()), clock.now());
        }
        let newest = PosterCode::generate(&mut rng);
        directory.remember(&newest, Some(view()), clock.now());
        let (posters, _) = directory.size();
        assert!(posters <= MAX_POSTERS && posters > MAX_POSTERS / 3, "{posters}");
        assert!(matches!(directory.remembered(&newest, clock.now()), Memory::Fresh(Some(_))));
        assert!(matches!(directory.remembered(&real, clock.now()), Memory::Nothing), "the oldest goes first");
    }
}
