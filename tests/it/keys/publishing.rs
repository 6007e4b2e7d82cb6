//! Keys are made ahead of time, once, and mac keys leave the worker for the days that web may need alone.
use super::fixture::{KeysFixture, day, fresh_keys, noon};
use ashiato::base::secret::{SecretKey, SecretKeys};
use ashiato::keys::{DataKeyError, KeysError, finish, settle};
use chrono::{Days, NaiveDate};

#[tokio::test(flavor = "multi_thread")]
async fn each_date_gets_one_key_however_often_and_by_however_many() {
    let fixture = KeysFixture::bare().await;
    let publish = || async { fixture.keys.ensure_days(&mut fixture.notifier().await, noon(), day(22), 7).await.unwrap() };
    let all = tokio::join!(publish(), publish(), publish(), publish());
    assert_eq!(all.0.made + all.1.made + all.2.made + all.3.made, 9, "yesterday to a week ahead");
    assert_eq!((all.0.ready, publish().await.made), (8, 0));
    let dates: Vec<NaiveDate> = day(21).iter_days().take(9).collect();
    assert_eq!(fixture.keys.days().unwrap(), dates);
    assert_eq!(fixture.count("select count(*) from day_key").await, 9);
    let next = fixture.keys.ensure_days(&mut fixture.notifier().await, noon(), day(23), 7).await.unwrap();
    assert_eq!((next.made, next.ready), (1, 8));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_reached_the_disk_but_not_the_database_is_published_as_it_is() {
    let fixture = KeysFixture::published().await;
    let before = fixture.count("select hashtextextended(encode(public_key, 'hex'), 0) from day_key where visit_date = '2026-11-24'").await;
    fixture.tamper("delete from day_key where visit_date = '2026-11-24'").await;
    let again = fixture.keys.ensure_days(&mut fixture.notifier().await, noon(), day(22), 7).await.unwrap();
    assert_eq!((again.made, again.ready), (0, 8));
    let after = fixture.count("select hashtextextended(encode(public_key, 'hex'), 0) from day_key where visit_date = '2026-11-24'").await;
    assert_eq!(before, after);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_directorys_keys_are_named_and_never_replaced() {
    let fixture = KeysFixture::published().await;
    let mut notifier = fixture.notifier().await;
    let rows = "select hashtextextended(string_agg(encode(public_key, 'hex'), ',' order by visit_date), 0) from day_key where visit_date < '2026-11-30'";
    let before = fixture.count(rows).await;
    let error = fresh_keys().ensure_days(&mut notifier, noon(), day(22), 8).await.unwrap_err();
    let KeysError::Foreign(dates) = error else { panic!("{error}") };
    assert_eq!(dates, day(21).iter_days().take(9).collect::<Vec<_>>());
    assert_eq!(fixture.count(rows).await, before);
    assert_eq!(fixture.count("select count(*) from day_key where visit_date = '2026-11-30'").await, 1, "the free date is done");

    fixture.keys.destroy_day(day(25)).unwrap();
    let error = fixture.keys.ensure_days(&mut notifier, noon(), day(22), 7).await.unwrap_err();
    assert!(matches!(&error, KeysError::Foreign(dates) if *dates == [day(25)]), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn mac_keys_reach_as_far_ahead_as_day_keys_and_no_further_back_than_open_dates() {
    let fixture = KeysFixture::published().await;
    let handed = || fixture.count("select count(*) from day_mac_key");
    assert_eq!(handed().await, 9, "21 to 29: the 20th and the 30th have no key");
    let mut notifier = fixture.notifier().await;
    let refill = async |notifier: &mut _, secrets: &SecretKeys, today: NaiveDate| {
        fixture.keys.refill_mac_keys(notifier, secrets, today).await.unwrap();
    };

    fixture.tamper("delete from day_mac_key").await;
    refill(&mut notifier, &fixture.secrets, day(22)).await;
    assert_eq!(handed().await, 9, "refilled after a crash of Postgres");

    let marks = || fixture.count("select coalesce(sum(xmin::text::bigint), 0)::bigint from day_mac_key");
    let written = marks().await;
    refill(&mut notifier, &fixture.secrets, day(22)).await;
    assert_eq!(marks().await, written, "nothing is written when nothing is missing");
    let next = SecretKeys::new(SecretKey::random(), Some(fixture.secrets.current.clone()));
    settle(&mut notifier, noon(), &next).await.unwrap();
    refill(&mut notifier, &next, day(22)).await;
    assert_eq!(marks().await, written, "another SECRET_KEY, the same data key");
    finish(&mut notifier, noon(), &next.current).await.unwrap();
    refill(&mut notifier, &next, day(22)).await;
    assert_ne!(marks().await, written, "another data key: wrapped anew");
    let error = fixture.keys.refill_mac_keys(&mut notifier, &fixture.secrets, day(22)).await.unwrap_err();
    assert!(matches!(error, KeysError::DataKey(DataKeyError::WrongKey { .. })), "{error}");

    refill(&mut notifier, &next, day(25)).await;
    assert_eq!(fixture.count("select count(*) from day_mac_key where visit_date between '2026-11-23' and '2026-11-29'").await, 7);
    assert_eq!(handed().await, 7, "all others were taken back");
    refill(&mut notifier, &next, day(22) + Days::new(60)).await;
    assert_eq!(handed().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealer_tells_how_long_it_lasts_without_the_worker() {
    let fixture = KeysFixture::published().await;
    let (mut web, mut until) = (fixture.web().await, Vec::new());
    for spoil in [
        "select",
        "delete from day_mac_key where visit_date = '2026-11-28'",
        "update day_key set signature = decode(repeat('00', 64), 'hex') where visit_date = '2026-11-26'",
        "update day_mac_key set wrapped = decode(repeat('00', 60), 'hex') where visit_date = '2026-11-24'",
        "delete from day_key where visit_date = '2026-11-22'",
    ] {
        if spoil != "select" {
            fixture.tamper(spoil).await;
        }
        until.push(fixture.sealer.lasts_until(&mut web, day(22)).await.unwrap());
    }
    assert_eq!(until, [Some(day(29)), Some(day(27)), Some(day(25)), Some(day(23)), None]);
}
