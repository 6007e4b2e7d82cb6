//! A web process takes up no key that its worker did not sign for that date; such a date is not ready, the others are.
use super::fixture::{KeysFixture, day, noon};
use ashiato::keys::{KeysError, discard};
use chrono::{DateTime, Duration, Utc};
use sqlx::Connection;
use uuid::Uuid;

/// One at night: yesterday (bars) and today take check-ins.
fn night() -> DateTime<Utc> {
    "2026-11-21T16:00:00Z".parse().unwrap()
}

/// Refreshes at night after `statement`: today is refused with an error, yesterday is ready nevertheless.
async fn refused_today(statement: &str) -> KeysError {
    let fixture = KeysFixture::published().await;
    fixture.tamper(statement).await;
    let error = fixture.sealer.refresh(&mut fixture.web().await, night()).await.unwrap_err();
    assert!(!fixture.sealer.ready(day(22)), "after: {statement}");
    assert!(fixture.sealer.ready(day(21)), "yesterday has nothing to do with it: {statement}");
    assert_eq!(fixture.count("select count(*) from seal_epoch where visit_date = '2026-11-22'").await, 0, "no epoch for a bad key");
    error
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_unsigned_or_altered_is_refused() {
    for change in [
        "signature = decode(repeat('00', 64), 'hex')",
        "public_key = (select public_key from day_key where visit_date = '2026-11-23')",
        "mac_key_hash = (select mac_key_hash from day_key where visit_date = '2026-11-23')",
        // All of another date's row: signed, by the right worker, for another date.
        "(public_key, mac_key_hash, signature) =
         (select public_key, mac_key_hash, signature from day_key where visit_date = '2026-11-23')",
    ] {
        let error = refused_today(&format!("update day_key set {change} where visit_date = '2026-11-22'")).await;
        assert!(matches!(error, KeysError::BadSignature(date) if date == day(22)), "{change}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mac_key_that_was_not_signed_or_is_another_dates_is_refused() {
    let error = refused_today("delete from day_key where visit_date = '2026-11-22'").await;
    assert!(matches!(error, KeysError::NoDayKey(date) if date == day(22)), "{error}");
    let error = refused_today("delete from day_mac_key where visit_date = '2026-11-22'").await;
    assert!(matches!(error, KeysError::NoMacKey(date) if date == day(22)), "{error}");
    let moved = "update day_mac_key set wrapped = (select wrapped from day_mac_key where visit_date = '2026-11-23') where visit_date = '2026-11-22'";
    let error = refused_today(moved).await;
    assert!(matches!(error, KeysError::Unwrap(date) if date == day(22)), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_workers_keys_and_another_secret_are_refused() {
    let fixture = KeysFixture::published().await;
    let stranger = fixture.another_notifier(&[]).await;
    let sealer = fixture.sealer_with(stranger.public_key());
    let error = sealer.refresh(&mut fixture.web().await, noon()).await.unwrap_err();
    assert!(matches!(error, KeysError::BadSignature(_)) && !sealer.ready(day(22)), "{error}");

    // A mac key that whoever holds SECRET_KEY wrapped, but the worker never signed.
    let other = KeysFixture::published().await;
    let mut notifier = fixture.notifier().await;
    other.keys.refill_mac_keys(&mut notifier, &fixture.secrets, day(22)).await.unwrap();
    let error = fixture.sealer.refresh(&mut fixture.web().await, noon()).await.unwrap_err();
    assert!(matches!(error, KeysError::WrongMacKey(_)) && !fixture.sealer.ready(day(22)), "{error}");

    // The right worker, and a mac key that was wrapped under a data key of before.
    discard(&mut other.notifier().await, noon(), &other.secrets.current).await.unwrap();
    let error = other.sealer.refresh(&mut other.web().await, noon()).await.unwrap_err();
    assert!(matches!(error, KeysError::Unwrap(_)), "{error}");
    other.keys.refill_mac_keys(&mut other.notifier().await, &other.secrets, day(22)).await.unwrap();
    other.sealer.refresh(&mut other.web().await, noon()).await.unwrap();
    assert!(other.sealer.ready(day(22)), "the next round mends it");
}

#[tokio::test(flavor = "multi_thread")]
async fn epochs_stay_over_refreshes_and_follow_the_open_dates() {
    let fixture = KeysFixture::open().await;
    let mut web = fixture.web().await;
    let epoch = |date| fixture.visit(date, Uuid::nil(), "taro@example.jp").epoch_id;
    let first = epoch(day(22));
    fixture.sealer.refresh(&mut web, noon() + Duration::hours(10)).await.unwrap();
    assert_eq!(epoch(day(22)), first, "the same epoch at 22:00");
    assert!(!fixture.sealer.ready(day(21)) && !fixture.sealer.ready(day(23)));

    fixture.sealer.refresh(&mut web, noon() + Duration::hours(11)).await.unwrap();
    assert!(fixture.sealer.ready(day(23)), "from 23:00 on tomorrow is ready");
    let tomorrow = epoch(day(23));

    fixture.keys.refill_mac_keys(&mut fixture.notifier().await, &fixture.secrets, day(23)).await.unwrap();
    fixture.sealer.refresh(&mut web, noon() + Duration::hours(18) + Duration::minutes(4)).await.unwrap();
    assert!(fixture.sealer.ready(day(22)), "at 06:04 a request of 05:59 may be under way");
    fixture.sealer.refresh(&mut web, noon() + Duration::hours(18) + Duration::minutes(5)).await.unwrap();
    assert!(!fixture.sealer.ready(day(22)), "at 06:05 yesterday is over");
    assert_eq!(epoch(day(23)), tomorrow);
    fixture.sealer.refresh(&mut web, noon() + Duration::hours(35)).await.unwrap();
    assert_ne!(epoch(day(23)), tomorrow, "renewed after 24 hours");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_ready_stays_so_while_no_new_key_can_be_had() {
    let fixture = KeysFixture::open().await;
    let mut web = fixture.web().await;
    fixture.sealer.refresh(&mut web, noon() + Duration::hours(11)).await.unwrap();
    let first = fixture.visit(day(23), Uuid::nil(), "taro@example.jp").epoch_id;
    fixture.tamper("delete from day_key").await;
    // The epoch of 23:00 is a day old and due, but no key can be verified any more.
    let error = fixture.sealer.refresh(&mut web, noon() + Duration::hours(35)).await.unwrap_err();
    assert!(matches!(error, KeysError::NoDayKey(date) if date == day(23)), "{error}");
    assert_eq!(fixture.visit(day(23), Uuid::nil(), "taro@example.jp").epoch_id, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_epoch_is_never_opened_inside_a_transaction() {
    let fixture = KeysFixture::published().await;
    let mut web = fixture.web().await;
    let mut tx = web.begin().await.unwrap();
    assert!(matches!(fixture.sealer.refresh(&mut tx, noon()).await, Err(KeysError::InTransaction)));
    assert!(!fixture.sealer.ready(day(22)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_longer_than_the_limit_is_refused() {
    use ashiato::keys::{LetterNotSealed, MAX_LETTER_BYTES, NotReady};
    let fixture = KeysFixture::open().await;
    let seal = |date, length| fixture.sealer.seal_letter(date, Uuid::nil(), "x", &vec![1; length]).map(|letter| letter.sealed.len());
    assert_eq!(seal(day(22), MAX_LETTER_BYTES), Ok(12 + 4_096 + 16));
    assert_eq!(seal(day(22), MAX_LETTER_BYTES + 1), Err(LetterNotSealed::TooLong));
    assert_eq!(seal(day(22), 70_000), Err(LetterNotSealed::TooLong));
    assert_eq!(seal(day(25), 10), Err(LetterNotSealed::NotReady(NotReady(day(25)))));
}
