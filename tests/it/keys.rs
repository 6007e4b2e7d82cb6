//! Addresses are sealed for the worker, open nowhere else, and are forgotten on time.
mod fixture;
mod publishing;
mod refusal;
mod secrets;

use crate::support::db::Db;
use ashiato::base::db::DbRole;
use ashiato::base::email_address::EmailAddress;
use ashiato::base::locale::Locale;
use ashiato::keys::{
    CanaryHealth, KeyStore, Opener, PersonScope, SealedLetterRow, SealedRow, Unopenable, canary_health, days_with_keys, shred,
};
use chrono::Duration;
use fixture::{KeysFixture, day, noon};
use uuid::Uuid;

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_web_process_seals_the_worker_opens() {
    let fixture = KeysFixture::open().await;
    let (today, venue) = (day(22), Uuid::new_v4());
    let rows: Vec<SealedRow> =
        ["Taro@example.jp", "a..b@docomo.ne.jp"].into_iter().map(|typed| fixture.visit(today, venue, typed)).collect();
    let opened = fixture.opener().open_visits(&mut fixture.notifier().await, &rows).await.unwrap();
    let texts: Vec<_> = opened.iter().map(|visit| visit.as_ref().unwrap().address.expose().to_owned()).collect();
    assert_eq!(texts, ["Taro@example.jp", "a..b@docomo.ne.jp"]);
    assert!(opened.iter().all(|visit| visit.as_ref().unwrap().locale == Locale::En));

    let id = Uuid::new_v4();
    let sealed = fixture.sealer.seal_letter(today, id, "venue-confirmation", b"a letter").unwrap();
    let row = |kind: &str| SealedLetterRow {
        id,
        kind: kind.into(),
        visit_date: sealed.visit_date,
        epoch_id: sealed.epoch_id,
        sealed: sealed.sealed.clone(),
    };
    let rows = [row("venue-confirmation"), row("venue-decision"), SealedLetterRow { id: Uuid::new_v4(), ..row("venue-confirmation") }];
    let opened = fixture.opener().open_letters(&mut fixture.notifier().await, &rows).await.unwrap();
    assert_eq!(opened[0].as_ref().unwrap().as_slice(), b"a letter");
    assert_eq!((opened[1].as_ref().err(), opened[2].as_ref().err()), (Some(&Unopenable::Tampered), Some(&Unopenable::Tampered)));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_is_one_row_however_typed_and_texts_differ() {
    let fixture = KeysFixture::open().await;
    let venue = Uuid::new_v4();
    let (one, again) = (fixture.visit(day(22), venue, "taro@example.jp"), fixture.visit(day(22), venue, " Taro@EXAMPLE.jp"));
    assert_eq!(one.mac, again.mac);
    assert_ne!(one.sealed, again.sealed);
    assert_eq!(one.mac, fixture.sealer.mac(day(22), venue, &address("taro@example.jp")).unwrap());
    // Another web process with the same SECRET_KEY agrees on the person and shares no epoch.
    let other = fixture.another_sealer().await.seal_visit(day(22), venue, &address("taro@example.jp"), Locale::Ja).unwrap();
    assert_eq!(one.mac, other.mac);
    assert_ne!(one.epoch_id, other.epoch_id);
    let person = |text: &str| fixture.opener().person(PersonScope::Suppression, &address(text));
    assert_eq!(person("taro@example.jp"), person("TARO@example.jp"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moved_row_does_not_open_and_the_others_go_on() {
    let fixture = KeysFixture::open().await;
    let (today, venue) = (day(22), Uuid::new_v4());
    let good = fixture.visit(today, venue, "taro@example.jp");
    let neighbour = fixture.visit(today, venue, "jiro@example.jp");
    let other_epoch = fixture.another_sealer().await.seal_visit(today, venue, &address("taro@example.jp"), Locale::Ja).unwrap().epoch_id;
    let mut flipped = good.sealed.clone();
    flipped[20] ^= 1;
    let moved = [
        ("another venue", SealedRow { venue_id: Uuid::new_v4(), ..good.clone() }, Unopenable::Tampered),
        ("another mac", SealedRow { mac: neighbour.mac.clone(), ..good.clone() }, Unopenable::Tampered),
        ("another's seal", SealedRow { sealed: neighbour.sealed.clone(), ..good.clone() }, Unopenable::Tampered),
        ("another date", SealedRow { visit_date: day(23), ..good.clone() }, Unopenable::Tampered),
        ("a date without a key", SealedRow { visit_date: day(1), ..good.clone() }, Unopenable::NoKey),
        ("another epoch", SealedRow { epoch_id: other_epoch, ..good.clone() }, Unopenable::Tampered),
        ("no epoch", SealedRow { epoch_id: 1, ..good.clone() }, Unopenable::NoEpoch),
        ("a short mac", SealedRow { mac: vec![1; 15], ..good.clone() }, Unopenable::Tampered),
        ("one bit", SealedRow { sealed: flipped, ..good.clone() }, Unopenable::Tampered),
        ("nothing", SealedRow { sealed: Vec::new(), ..good.clone() }, Unopenable::Tampered),
    ];
    let mut rows: Vec<SealedRow> = moved.iter().map(|(_, row, _)| row.clone()).collect();
    rows.insert(5, good);
    rows.push(neighbour);
    let mut opened = fixture.opener().open_visits(&mut fixture.notifier().await, &rows).await.unwrap();
    assert!(opened.pop().unwrap().is_ok(), "the last");
    assert!(opened.remove(5).is_ok(), "the one in the middle");
    for ((what, _, why), result) in moved.iter().zip(opened) {
        assert_eq!(result.err(), Some(*why), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_epoch_moved_to_another_date_or_another_workers_key_opens_nothing() {
    let fixture = KeysFixture::open().await;
    let row = fixture.visit(day(22), Uuid::new_v4(), "taro@example.jp");
    let stranger = Opener::new(fixture.another_notifier(&[day(22)]).await);
    let opened = stranger.open_visits(&mut fixture.notifier().await, std::slice::from_ref(&row)).await.unwrap();
    assert_eq!(opened[0].as_ref().err(), Some(&Unopenable::Tampered), "another notifier's key");

    fixture.tamper(&format!("update seal_epoch set visit_date = '2026-11-23' where id = {}", row.epoch_id)).await;
    let moved = SealedRow { visit_date: day(23), ..row.clone() };
    let opened = fixture.opener().open_visits(&mut fixture.notifier().await, &[row, moved]).await.unwrap();
    assert!(opened.iter().all(|result| result.as_ref().err() == Some(&Unopenable::Tampered)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_canary_tells_whether_what_is_sealed_can_be_opened() {
    let fixture = KeysFixture::open().await;
    let mut web = fixture.web().await;
    let opener = fixture.opener();
    assert_eq!(canary_health(&mut web, noon()).await.unwrap(), CanaryHealth::Good);
    assert_eq!(canary_health(&mut web, noon() + Duration::minutes(10) - Duration::seconds(1)).await.unwrap(), CanaryHealth::Good);
    assert_eq!(canary_health(&mut web, noon() + Duration::minutes(10)).await.unwrap(), CanaryHealth::Late);

    let canaries = opener.check_canaries(&mut fixture.notifier().await, noon()).await.unwrap();
    assert_eq!((canaries.opened, canaries.failed), (1, 0));
    assert_eq!(canary_health(&mut web, noon() + Duration::hours(1)).await.unwrap(), CanaryHealth::Good);
    assert_eq!(opener.check_canaries(&mut fixture.notifier().await, noon()).await.unwrap().opened, 0, "each is opened once");

    let bad = fixture.visit(day(22), Uuid::new_v4(), "taro@example.jp").epoch_id;
    fixture.tamper("update seal_epoch set canary_checked_at = null, canary_opened = null, enc = decode(repeat('04', 65), 'hex')").await;
    let canaries = Opener::new(fixture.keys.clone()).check_canaries(&mut fixture.notifier().await, noon()).await.unwrap();
    assert_eq!((canaries.opened, canaries.failed), (0, 1));
    assert_eq!(canary_health(&mut web, noon() + Duration::hours(23)).await.unwrap(), CanaryHealth::Failed);
    assert_eq!(canary_health(&mut web, noon() + Duration::hours(24)).await.unwrap(), CanaryHealth::Good);

    fixture.sealer.refresh(&mut web, noon()).await.unwrap();
    let renewed = fixture.visit(day(22), Uuid::new_v4(), "taro@example.jp");
    assert_ne!(renewed.epoch_id, bad, "nothing more is sealed under an epoch that does not open");
    assert!(opener.open_visits(&mut fixture.notifier().await, &[renewed]).await.unwrap()[0].is_ok());
}

/// All that a thief of the database has: the rows, and `SECRET_KEY` from a web host.
#[tokio::test(flavor = "multi_thread")]
async fn after_shredding_an_old_copy_of_the_database_opens_and_confirms_nothing() {
    let fixture = KeysFixture::open().await;
    let (date, venue) = (day(22), Uuid::new_v4());
    let row = fixture.visit(date, venue, "taro@example.jp");
    let mut notifier = fixture.notifier().await;

    let end = noon() + Duration::days(31);
    fixture.keys.ensure_days(&mut notifier, end, end.date_naive(), 7).await.unwrap();
    fixture.keys.refill_mac_keys(&mut notifier, &fixture.secrets, end.date_naive()).await.unwrap();
    let copy = fixture.copy().await;
    let opener = fixture.opener();
    assert!(opener.open_visits(&mut notifier, std::slice::from_ref(&row)).await.unwrap()[0].is_ok(), "until now it opens");

    shred(&mut notifier, &fixture.keys, date).await.unwrap();
    assert!(!days_with_keys(&mut notifier, &fixture.keys).await.unwrap().contains(&date));
    let gone = opener.open_visits(&mut notifier, std::slice::from_ref(&row)).await.unwrap();
    assert_eq!(gone[0].as_ref().err(), Some(&Unopenable::NoKey), "not even under a row key in memory");

    let mut restored = copy.connect(DbRole::Owner).await;
    for opener in [opener, Opener::new(KeyStore::open(&fixture.keys_dir()).unwrap())] {
        let opened = opener.open_visits(&mut restored, std::slice::from_ref(&row)).await.unwrap();
        assert_eq!(opened[0].as_ref().err(), Some(&Unopenable::NoKey));
    }
    // With SECRET_KEY a mac could be computed again, if the mac key were anywhere.
    let sealer = fixture.sealer_with(fixture.keys.public_key());
    let refused = sealer.refresh(&mut restored, noon()).await.unwrap_err();
    assert_eq!(refused.to_string(), "no mac key is there for 2026-11-22; is the notifier running?");
    assert!(sealer.mac(date, venue, &address("taro@example.jp")).is_err());
    assert!(fixture.keys.refill_mac_keys(&mut restored, &fixture.secrets, date).await.is_ok());
    assert!(sealer.refresh(&mut restored, noon()).await.is_err() && !sealer.ready(date), "the notifier cannot bring it back either");
}

#[tokio::test(flavor = "multi_thread")]
async fn shredding_that_broke_off_is_found_and_finished() {
    let fixture = KeysFixture::open().await;
    let mut notifier = fixture.notifier().await;
    fixture.keys.destroy_day(day(22)).unwrap();
    assert!(days_with_keys(&mut notifier, &fixture.keys).await.unwrap().contains(&day(22)), "its rows still name it");
    shred(&mut notifier, &fixture.keys, day(22)).await.unwrap();
    shred(&mut notifier, &fixture.keys, day(22)).await.unwrap();
    assert!(!days_with_keys(&mut notifier, &fixture.keys).await.unwrap().contains(&day(22)));
    for table in ["day_key", "day_mac_key", "seal_epoch"] {
        assert_eq!(fixture.count(&format!("select count(*) from {table} where visit_date = '2026-11-22'")).await, 0, "{table}");
    }
    fixture.tamper("delete from day_key where visit_date = '2026-11-23'").await;
    assert!(days_with_keys(&mut notifier, &fixture.keys).await.unwrap().contains(&day(23)), "its file still names it");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_web_role_reads_and_forges_nothing_sealed() {
    let db = Db::fresh().await;
    let mut web = db.connect(DbRole::Web).await;
    let into_outbox = "insert into outbox (id, kind, visit_date, epoch_id, sealed, created_at, next_at, expires_at";
    let values = "'2026-11-22', 1, '', now(), now(), now()";
    let refused = [
        "select sealed from visit".to_owned(),
        "select * from visit".to_owned(),
        "select epoch_id from visit".to_owned(),
        "update visit set sealed = ''".to_owned(),
        "delete from visit".to_owned(),
        "select sealed from outbox".to_owned(),
        "update outbox set state = 'sent'".to_owned(),
        "delete from outbox".to_owned(),
        format!("{into_outbox}) values (gen_random_uuid(), 'notice', {values})"),
        format!(
            "{into_outbox}, alert_id, venue_id, mac) values (gen_random_uuid(), 'notice', {values}, gen_random_uuid(), gen_random_uuid(), '')"
        ),
        "insert into day_key values ('2026-11-22', '', '', '', now())".to_owned(),
        "update day_key set public_key = ''".to_owned(),
        "delete from day_key".to_owned(),
        "insert into day_mac_key values ('2026-11-22', '')".to_owned(),
        "update seal_epoch set canary_opened = true".to_owned(),
        "delete from seal_epoch".to_owned(),
        "update audit_entry set action = ''".to_owned(),
        "delete from audit_entry".to_owned(),
        "insert into suppression values ('', 'asked', now())".to_owned(),
    ];
    for statement in refused {
        let error = sqlx::query(sqlx::AssertSqlSafe(statement.clone())).execute(&mut web).await.unwrap_err();
        let code = error.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
        assert_eq!(code.as_deref(), Some("42501"), "insufficient privilege expected: {statement}: {error}");
    }
    for allowed in [
        "select venue_id, visit_date, mac from visit".to_owned(),
        format!("{into_outbox}) values (gen_random_uuid(), 'venue-confirmation', {values})"),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(allowed)).execute(&mut web).await.unwrap();
    }
}
