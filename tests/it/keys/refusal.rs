//! A web process takes up no key that its notifier did not sign for that date; such a date is not ready, the others are.
use super::ground::{Ground, day, noon};
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
    let ground = Ground::published().await;
    ground.tamper(statement).await;
    let error = ground.sealer.refresh(&mut ground.web().await, night()).await.unwrap_err();
    assert!(!ground.sealer.ready(day(22)), "after: {statement}");
    assert!(ground.sealer.ready(day(21)), "yesterday has nothing to do with it: {statement}");
    assert_eq!(ground.count("select count(*) from seal_epoch where visit_date = '2026-11-22'").await, 0, "no epoch for a bad key");
    error
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_unsigned_or_altered_is_refused() {
    for change in [
        "signature = decode(repeat('00', 64), 'hex')",
        "public_key = (select public_key from day_key where visit_date = '2026-11-23')",
        "mac_key_hash = (select mac_key_hash from day_key where visit_date = '2026-11-23')",
        // All of another date's row: signed, by the right notifier, for another date.
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
async fn another_notifiers_keys_and_another_secret_are_refused() {
    let ground = Ground::published().await;
    let stranger = ground.another_notifier(&[]).await;
    let sealer = ground.sealer_with(stranger.public_key());
    let error = sealer.refresh(&mut ground.web().await, noon()).await.unwrap_err();
    assert!(matches!(error, KeysError::BadSignature(_)) && !sealer.ready(day(22)), "{error}");

    // A mac key that whoever holds SECRET_KEY wrapped, but the notifier never signed.
    let other = Ground::published().await;
    let mut notifier = ground.notifier().await;
    other.keys.refill_mac_keys(&mut notifier, &ground.secrets, day(22)).await.unwrap();
    let error = ground.sealer.refresh(&mut ground.web().await, noon()).await.unwrap_err();
    assert!(matches!(error, KeysError::WrongMacKey(_)) && !ground.sealer.ready(day(22)), "{error}");

    // The right notifier, and a mac key that was wrapped under a data key of before.
    discard(&mut other.notifier().await, noon(), &other.secrets.current).await.unwrap();
    let error = other.sealer.refresh(&mut other.web().await, noon()).await.unwrap_err();
    assert!(matches!(error, KeysError::Unwrap(_)), "{error}");
    other.keys.refill_mac_keys(&mut other.notifier().await, &other.secrets, day(22)).await.unwrap();
    other.sealer.refresh(&mut other.web().await, noon()).await.unwrap();
    assert!(other.sealer.ready(day(22)), "the next round mends it");
}

#[tokio::test(flavor = "multi_thread")]
async fn epochs_stay_over_refreshes_and_follow_the_open_dates() {
    let ground = Ground::open().await;
    let mut web = ground.web().await;
    let epoch = |date| ground.visit(date, Uuid::nil(), "taro@example.jp").epoch_id;
    let first = epoch(day(22));
    ground.sealer.refresh(&mut web, noon() + Duration::hours(10)).await.unwrap();
    assert_eq!(epoch(day(22)), first, "the same epoch at 22:00");
    assert!(!ground.sealer.ready(day(21)) && !ground.sealer.ready(day(23)));

    ground.sealer.refresh(&mut web, noon() + Duration::hours(11)).await.unwrap();
    assert!(ground.sealer.ready(day(23)), "from 23:00 on tomorrow is ready");
    let tomorrow = epoch(day(23));

    ground.keys.refill_mac_keys(&mut ground.notifier().await, &ground.secrets, day(23)).await.unwrap();
    ground.sealer.refresh(&mut web, noon() + Duration::hours(18) + Duration::minutes(4)).await.unwrap();
    assert!(ground.sealer.ready(day(22)), "at 06:04 a request of 05:59 may be under way");
    ground.sealer.refresh(&mut web, noon() + Duration::hours(18) + Duration::minutes(5)).await.unwrap();
    assert!(!ground.sealer.ready(day(22)), "at 06:05 yesterday is over");
    assert_eq!(epoch(day(23)), tomorrow);
    ground.sealer.refresh(&mut web, noon() + Duration::hours(35)).await.unwrap();
    assert_ne!(epoch(day(23)), tomorrow, "renewed after 24 hours");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_ready_stays_so_while_no_new_key_can_be_had() {
    let ground = Ground::open().await;
    let mut web = ground.web().await;
    ground.sealer.refresh(&mut web, noon() + Duration::hours(11)).await.unwrap();
    let first = ground.visit(day(23), Uuid::nil(), "taro@example.jp").epoch_id;
    ground.tamper("delete from day_key").await;
    // The epoch of 23:00 is a day old and due, but no key can be verified any more.
    let error = ground.sealer.refresh(&mut web, noon() + Duration::hours(35)).await.unwrap_err();
    assert!(matches!(error, KeysError::NoDayKey(date) if date == day(23)), "{error}");
    assert_eq!(ground.visit(day(23), Uuid::nil(), "taro@example.jp").epoch_id, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_epoch_is_never_opened_inside_a_transaction() {
    let ground = Ground::published().await;
    let mut web = ground.web().await;
    let mut tx = web.begin().await.unwrap();
    assert!(matches!(ground.sealer.refresh(&mut tx, noon()).await, Err(KeysError::InTransaction)));
    assert!(!ground.sealer.ready(day(22)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_longer_than_the_limit_is_refused() {
    use ashiato::keys::{LetterNotSealed, MAX_LETTER_BYTES, NotReady};
    let ground = Ground::open().await;
    let seal = |date, length| ground.sealer.seal_letter(date, Uuid::nil(), "x", &vec![1; length]).map(|letter| letter.sealed.len());
    assert_eq!(seal(day(22), MAX_LETTER_BYTES), Ok(12 + 4_096 + 16));
    assert_eq!(seal(day(22), MAX_LETTER_BYTES + 1), Err(LetterNotSealed::TooLong));
    assert_eq!(seal(day(22), 70_000), Err(LetterNotSealed::TooLong));
    assert_eq!(seal(day(25), 10), Err(LetterNotSealed::NotReady(NotReady(day(25)))));
}
