//! The directory: what a check-in believes about a code, and for how long.
use super::{Hall, noon};
use ashiato::base::clock::{SetClock, SharedClock};
use ashiato::base::code::PosterCode;
use ashiato::venue::directory::{TTL_SECONDS, UNKNOWN_TTL_SECONDS};
use ashiato::venue::{Directory, VenueId, revoke, suspend};
use chrono::Duration;
use rand::SeedableRng;
use std::sync::Arc;

struct Door {
    hall: Hall,
    clock: Arc<SetClock>,
    directory: Directory,
    venue: VenueId,
    code: PosterCode,
}

impl Door {
    async fn open() -> Self {
        let hall = Hall::open().await;
        let clock = Arc::new(SetClock::new(noon()));
        let directory = Directory::new(hall.pool.clone(), Arc::clone(&clock) as SharedClock);
        let venue = hall.active_venue().await;
        let code = hall.posters(venue).await[0].code;
        Self { hall, clock, directory, venue, code }
    }

    async fn is_open(&self) -> bool {
        self.directory.find(&self.code).await.unwrap().is_some()
    }
}

#[tokio::test]
async fn a_revoked_poster_is_dead_when_its_time_in_memory_is_over() {
    let door = Door::open().await;
    assert!(door.is_open().await);
    let session = door.hall.tracer().await;
    let poster = door.hall.posters(door.venue).await.remove(0);
    let mut act = door.hall.act(&session).await;
    revoke(&mut act, door.venue, poster.id).await.unwrap();
    act.commit().await.unwrap();
    door.clock.advance(Duration::seconds(TTL_SECONDS) - Duration::microseconds(1));
    assert!(door.is_open().await, "still within its time: memory answers, not the database");
    door.clock.advance(Duration::microseconds(1));
    assert!(!door.is_open().await);
}

#[tokio::test]
async fn a_suspended_venue_closes_all_its_posters() {
    let door = Door::open().await;
    assert!(door.is_open().await);
    let session = door.hall.tracer().await;
    let mut act = door.hall.act(&session).await;
    suspend(&mut act, door.venue).await.unwrap();
    act.commit().await.unwrap();
    door.clock.advance(Duration::seconds(TTL_SECONDS));
    assert!(!door.is_open().await);
}

#[tokio::test]
async fn an_unknown_code_is_asked_for_once_in_its_time() {
    let door = Door::open().await;
    let unknown = PosterCode::generate(&mut rand::rngs::StdRng::seed_from_u64(1));
    assert!(door.directory.find(&unknown).await.unwrap().is_none());
    assert_eq!(door.directory.size(), (0, 1));
    door.hall.pool.close().await;
    assert!(door.directory.find(&unknown).await.unwrap().is_none(), "from memory");
    door.clock.advance(Duration::seconds(UNKNOWN_TTL_SECONDS));
    assert!(door.directory.find(&unknown).await.is_err(), "an old `unknown` is worth nothing");
}

#[tokio::test]
async fn while_the_database_is_away_old_answers_are_served() {
    let door = Door::open().await;
    assert!(door.is_open().await);
    door.hall.pool.close().await;
    door.clock.advance(Duration::hours(3));
    assert!(door.is_open().await);
    assert!(door.is_open().await, "and again, without asking");
}
