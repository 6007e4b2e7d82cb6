//! A check-in with real keys on a real database: what the visitor is told, and what is (not) kept.
use crate::support::db::{Db, scratch};
use ashiato::base::clock::Zone;
use ashiato::base::config::Service;
use ashiato::base::db::DbRole;
use ashiato::base::email_address::EmailAddress;
use ashiato::base::locale::Locale;
use ashiato::base::secret::{SecretKey, SecretKeys};
use ashiato::base::telemetry::Metrics;
use ashiato::keys::{KeyStore, NotReady, Sealer, settle};
use ashiato::venue::{PosterId, PosterView, VenueId, VenueKind};
use ashiato::visit::{CheckIn, CheckInError, Limits, Receipt, Recorder, check_in, partitions};
use chrono::{DateTime, NaiveDate, Utc};
use std::sync::Arc;

const TOKYO: Zone = Zone(chrono_tz::Asia::Tokyo);

/// One o'clock at night in Tokyo, on 23 November.
fn one_at_night() -> DateTime<Utc> {
    "2026-11-22T16:00:00Z".parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A worker that has published its keys, and a web process that has taken them up.
struct CheckInFixture {
    db: Db,
    sealer: Sealer,
    recorder: Recorder,
}

impl CheckInFixture {
    async fn new() -> Self {
        let db = Db::fresh().await;
        let (secrets, now) = (SecretKeys::from(SecretKey::random()), one_at_night());
        let keys = KeyStore::init(&scratch().join(format!("keys-{:016x}", rand::random::<u64>()))).unwrap();
        let mut notifier = db.connect(DbRole::Notifier).await;
        settle(&mut notifier, now, &secrets).await.unwrap();
        keys.ensure_days(&mut notifier, now, TOKYO.today(now), 7).await.unwrap();
        keys.refill_mac_keys(&mut notifier, &secrets, TOKYO.today(now)).await.unwrap();
        partitions::ensure_days(&mut notifier, TOKYO.today(now), 1).await.unwrap();
        let sealer = Sealer::new(secrets, keys.public_key(), TOKYO);
        sealer.refresh(&mut db.connect(DbRole::Web).await, now).await.unwrap();
        let (recorder, _runs_on) = Recorder::start(db.url(), &Metrics::new(ashiato::base::telemetry::Half::Both), Limits::default());
        Self { db, sealer, recorder }
    }

    async fn check_in(&self, poster: &Arc<PosterView>, address: &str) -> Result<Receipt, CheckInError> {
        let address = EmailAddress::parse(address).unwrap();
        let visit = CheckIn { poster: Arc::clone(poster), address, locale: Locale::Ja };
        check_in(&self.sealer, &self.recorder, one_at_night(), &Service::sample(), visit).await
    }

    async fn count(&self, poster: &PosterView, date: &str) -> i64 {
        partitions::count(&mut self.db.connect(DbRole::Web).await, poster.venue_id.0, day(date)).await.unwrap()
    }
}

fn poster(no: i16, day_starts_minutes: i16) -> Arc<PosterView> {
    Arc::new(PosterView {
        venue_id: VenueId::random(),
        poster_id: PosterId::random(),
        poster_no: no,
        label: "入口".into(),
        venue_name: "喫茶あおば".into(),
        kind: VenueKind::Restaurant,
        day_starts_minutes,
        opens_on: None,
        closes_on: None,
        paused: false,
        message: None,
    })
}

#[tokio::test]
async fn a_second_check_in_is_answered_like_the_first_and_kept_once() {
    let (fixture, cafe) = (CheckInFixture::new().await, poster(1, 0));
    let first = fixture.check_in(&cafe, "hanako@example.jp").await.unwrap();
    assert_eq!((first.visit_date, first.keep_until), (day("2026-11-23"), day("2026-12-24")));
    assert_eq!(first.poster, cafe);
    for variant in ["hanako@example.jp", " Hanako@EXAMPLE.jp ", "ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｊｐ"] {
        assert_eq!(fixture.check_in(&cafe, variant).await.unwrap(), first);
    }
    assert_eq!(fixture.count(&cafe, "2026-11-23").await, 1);
    fixture.check_in(&cafe, "taro@example.jp").await.unwrap();
    assert_eq!(fixture.count(&cafe, "2026-11-23").await, 2);
}

#[tokio::test]
async fn a_bar_writes_to_the_evening_that_is_still_on() {
    let (fixture, bar) = (CheckInFixture::new().await, poster(1, 300));
    let receipt = fixture.check_in(&bar, "hanako@example.jp").await.unwrap();
    assert_eq!((receipt.visit_date, receipt.keep_until), (day("2026-11-22"), day("2026-12-23")));
    assert_eq!((fixture.count(&bar, "2026-11-22").await, fixture.count(&bar, "2026-11-23").await), (1, 0));
}

#[tokio::test]
async fn what_is_kept_holds_no_address_and_nothing_that_two_places_share() {
    let (fixture, cafe, library) = (CheckInFixture::new().await, poster(1, 0), poster(4, 0));
    fixture.check_in(&cafe, "hanako@example.jp").await.unwrap();
    fixture.check_in(&library, "hanako@example.jp").await.unwrap();
    let rows: Vec<(Vec<u8>, i16, Vec<u8>)> = sqlx::query_as("select mac, poster_no, sealed from visit order by poster_no")
        .fetch_all(&mut fixture.db.connect(DbRole::Owner).await)
        .await
        .unwrap();
    let [(cafe_mac, 1, cafe_sealed), (library_mac, 4, library_sealed)] = rows.as_slice() else { panic!("{} rows", rows.len()) };
    assert_eq!(cafe_mac.len(), 16);
    assert_ne!(cafe_mac, library_mac);
    for sealed in [cafe_sealed, library_sealed] {
        assert!(!sealed.windows(6).any(|bytes| bytes == b"hanako"));
    }
    let read = sqlx::query("select sealed from visit").fetch_all(&mut fixture.db.connect(DbRole::Web).await).await;
    assert_eq!(read.unwrap_err().as_database_error().unwrap().code().unwrap(), "42501", "web cannot read it");
}

#[tokio::test]
async fn without_a_key_nothing_is_recorded() {
    let mut fixture = CheckInFixture::new().await;
    let stranger = KeyStore::init(&scratch().join(format!("keys-{:016x}", rand::random::<u64>()))).unwrap();
    fixture.sealer = Sealer::new(SecretKey::random().into(), stranger.public_key(), TOKYO);
    let cafe = poster(1, 0);
    let refused = fixture.check_in(&cafe, "hanako@example.jp").await;
    assert_eq!(refused, Err(CheckInError::NotReady(NotReady(day("2026-11-23")))));
    assert_eq!(fixture.count(&cafe, "2026-11-23").await, 0);
}
