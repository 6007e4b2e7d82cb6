//! The schema itself: migrations apply, the two group roles hold, partitions come and go.
use crate::alert::fixture::AlertFixture;
use crate::support::db::Db;
use ashiato::base::db::{self, DbRole};
use ashiato::keys::{MAX_LETTER_BYTES, MAX_SEALED_BYTES};
use ashiato::mail::LetterKind;
use chrono::NaiveDate;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_is_current_and_each_role_wears_its_name() {
    let db = Db::fresh().await;
    assert!(db::is_migrated(&db.pool(DbRole::Web).await).await.unwrap());
    for role in [DbRole::Web, DbRole::Notifier] {
        let mut connection = db.connect(role).await;
        let name: String = sqlx::query_scalar("select current_user::text").fetch_one(&mut connection).await.unwrap();
        assert_eq!(Some(name.as_str()), role.name());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_worker_makes_and_drops_partitions() {
    let db = Db::fresh().await;
    let day = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
    let create = "select create_visit_day($1)";
    assert!(sqlx::query(create).bind(day).execute(&mut db.connect(DbRole::Web).await).await.is_err());
    let mut notifier = db.connect(DbRole::Notifier).await;
    sqlx::query(create).bind(day).execute(&mut notifier).await.unwrap();
    let days: Vec<NaiveDate> = sqlx::query_scalar("select visit_days()").fetch_all(&mut notifier).await.unwrap();
    assert_eq!(days, [day]);
    sqlx::query("select drop_visit_day($1)").bind(day).execute(&mut notifier).await.unwrap();
    let days: Vec<NaiveDate> = sqlx::query_scalar("select visit_days()").fetch_all(&mut notifier).await.unwrap();
    assert!(days.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_is_held_by_one_at_a_time() {
    let db = Db::fresh().await;
    let (mut one, mut other) = (db.connect(DbRole::Web).await, db.connect(DbRole::Web).await);
    assert!(db::try_lock(&mut one, "a").await.unwrap());
    assert!(!db::try_lock(&mut other, "a").await.unwrap());
    assert!(db::try_lock(&mut other, "b").await.unwrap());
    db::unlock(&mut one, "a").await.unwrap();
    assert!(db::try_lock(&mut other, "a").await.unwrap());
}

#[tokio::test]
async fn no_time_is_stored_that_our_programs_cannot_read() {
    let db = Db::fresh().await;
    let mut owner = db.connect(DbRole::Owner).await;
    let open: Vec<String> = sqlx::query_scalar(
        "select c.relname || '.' || a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and not c.relispartition and c.relname <> '_sqlx_migrations'
           and a.atttypid in ('timestamptz'::regtype, 'date'::regtype)
           and not exists (select from pg_constraint k where k.conrelid = c.oid and k.conname = c.relname || '_' || a.attname || '_in_range')",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    assert_eq!(open, Vec::<String>::new(), "a column of a newer migration: bound it as 0120 does");
    let act =
        "insert into official_act (kind, official_id, standing, acted_at) values ('confirm', gen_random_uuid(), 0, $1::text::timestamptz)";
    let mut web = db.connect(DbRole::Web).await;
    for (at, fits) in [
        ("infinity", false),
        ("-infinity", false),
        ("10000-01-01 00:00:00+00", false),
        ("0001-12-31 23:59:59+00 BC", false),
        ("9999-12-31 23:59:59+00", true),
        ("0001-01-01 00:00:00+00", true),
    ] {
        assert_eq!(sqlx::query(act).bind(at).execute(&mut web).await.is_ok(), fits, "{at}");
    }
}

#[tokio::test]
async fn what_web_may_write_sealed_is_as_long_as_sealing_makes_it_and_no_longer() {
    let fixture = AlertFixture::new().await;
    let longest = fixture.sealer.seal_letter(fixture.today(), Uuid::new_v4(), "alarm", &vec![b'x'; MAX_LETTER_BYTES]).unwrap();
    assert_eq!(longest.sealed.len(), MAX_SEALED_BYTES, "the longest letter that can be sealed");
    let letter = "insert into outbox (id, kind, visit_date, epoch_id, sealed, created_at, next_at, expires_at)
                  values (gen_random_uuid(), $2, '2026-11-22', 1, $1, now(), now(), now())";
    let request = "insert into my_request (id, token_sha256, kind, visit_date, epoch_id, sealed, requested_at)
                   values (gen_random_uuid(), decode(repeat('00', 32), 'hex'), $2, '2026-11-22', 1, $1, now())";
    sqlx::query("insert into my_link (token_sha256, address, expires_at) values (decode(repeat('00', 32), 'hex'), '', now())")
        .execute(&fixture.notifier)
        .await
        .unwrap();
    for (statement, kind) in [(letter, "alarm"), (request, "my_look")] {
        for (length, fits) in [(MAX_SEALED_BYTES, true), (MAX_SEALED_BYTES + 1, false), (100_000_000, false)] {
            let written = sqlx::query(statement).bind(vec![0_u8; length]).bind(kind).execute(&fixture.web).await;
            assert_eq!(written.is_ok(), fits, "{kind} {length}");
        }
    }
    for (length, fits) in [(64, true), (65, false)] {
        let written = sqlx::query(letter).bind(vec![0_u8]).bind("k".repeat(length)).execute(&fixture.web).await;
        assert_eq!(written.is_ok(), fits, "a kind of {length}");
    }
    assert!(LetterKind::ALL.into_iter().all(|kind| kind.as_str().len() <= 32));
}
