//! Data keys and the two `SECRET_KEY`s: made once, wrapped anew, ended, thrown away.
use super::fixture::{KeysFixture, noon};
use ashiato::base::clock::CLOCK_TOLERANCE;
use ashiato::base::db::DbRole;
use ashiato::base::secret::{SecretKey, SecretKeys, SecretUse};
use ashiato::keys::{
    DataKeyError, DataKeys, PROCESS_GONE, ProcessKind, ProcessMark, Settled, begin_with, discard, finish, forget_processes,
    running_processes, settle, wrappings,
};
use chrono::Duration;
use sqlx::{Connection, PgConnection};
use tokio::task::JoinSet;

const USES: usize = SecretUse::ALL.len();

/// The data keys as these keys open them.
async fn opened(conn: &mut PgConnection, secrets: &SecretKeys) -> Result<[[u8; 32]; USES], DataKeyError> {
    let keys = DataKeys::open(conn, secrets).await?;
    Ok(SecretUse::ALL.map(|usage| *keys.key(usage)))
}

fn both(current: &SecretKeys, old: &SecretKeys) -> SecretKeys {
    SecretKeys::new(current.current.clone(), Some(old.current.clone()))
}

fn fresh() -> SecretKeys {
    SecretKey::random().into()
}

#[tokio::test(flavor = "multi_thread")]
async fn during_a_change_either_key_opens_the_same_data_keys() {
    let fixture = KeysFixture::bare().await;
    let (old, new) = (fixture.secrets.clone(), fresh());
    let mut notifier = fixture.notifier().await;
    let keys = opened(&mut notifier, &old).await.unwrap();
    assert!((0..USES).all(|place| keys[..place].iter().all(|other| *other != keys[place])), "each use has its own");

    let again = settle(&mut notifier, noon(), &old).await.unwrap();
    assert_eq!(again, Settled::default(), "nothing is made twice");
    let error = settle(&mut notifier, noon(), &new).await.unwrap_err();
    let (wanted, given) = (old.current.id().to_string(), new.current.id().to_string());
    assert!(error.to_string().contains(&wanted) && error.to_string().contains(&given), "{error}");
    let error = settle(&mut notifier, noon(), &both(&new, &fresh())).await.unwrap_err();
    assert!(matches!(error, DataKeyError::WrongKey { .. }), "the wrong old key: {error}");

    let settled = settle(&mut notifier, noon(), &both(&new, &old)).await.unwrap();
    assert_eq!(settled, Settled { wrapped: USES, ..Settled::default() });
    for secrets in [&old, &new, &both(&new, &old), &both(&old, &new)] {
        assert_eq!(opened(&mut fixture.web().await, secrets).await.unwrap(), keys);
    }
    let swapped = settle(&mut notifier, noon(), &both(&old, &fresh())).await.unwrap();
    assert_eq!(swapped, Settled { old_opens_nothing: true, ..Settled::default() });
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_takes_the_old_wrappings_and_nothing_of_value() {
    let fixture = KeysFixture::bare().await;
    let (old, new) = (fixture.secrets.clone(), fresh());
    let mut notifier = fixture.notifier().await;
    let keys = opened(&mut notifier, &old).await.unwrap();
    let early = finish(&mut notifier, noon(), &new.current).await.unwrap_err();
    assert!(matches!(early, DataKeyError::NotWrappedYet), "{early}");
    assert_eq!(finish(&mut notifier, noon(), &old.current).await.unwrap(), 0, "nothing to end");
    assert_eq!(opened(&mut notifier, &old).await.unwrap(), keys);

    settle(&mut notifier, noon(), &both(&new, &old)).await.unwrap();
    assert_eq!(finish(&mut notifier, noon(), &new.current).await.unwrap(), USES as u64);
    let after = opened(&mut notifier, &new).await.unwrap();
    for usage in SecretUse::ALL {
        let same = after[usage.place()] == keys[usage.place()];
        assert_eq!(same, usage != SecretUse::MacKeyWrap, "{}: what lasts stays", usage.label());
    }
    assert!(matches!(opened(&mut notifier, &old).await, Err(DataKeyError::WrongKey { .. })));
    let under = wrappings(&mut notifier).await.unwrap();
    assert!(under.iter().all(|(_, keys)| *keys == [new.current.id()]));
    assert_eq!(finish(&mut notifier, noon(), &new.current).await.unwrap(), 0, "ended twice");
    assert_eq!(opened(&mut notifier, &new).await.unwrap(), after);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_breaks_off_leaves_everything_as_it_was() {
    let fixture = KeysFixture::bare().await;
    let (old, new) = (fixture.secrets.clone(), fresh());
    let mut notifier = fixture.notifier().await;
    let keys = opened(&mut notifier, &old).await.unwrap();
    let mut tx = notifier.begin().await.unwrap();
    settle(&mut tx, noon(), &both(&new, &old)).await.unwrap();
    finish(&mut tx, noon(), &new.current).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(opened(&mut notifier, &old).await.unwrap(), keys);

    // One row that does not open, of five: nothing is wrapped and nothing made in its place.
    let damage = "update data_key set wrapped = set_byte(wrapped, 20, 255 - get_byte(wrapped, 20)) where use_label = 'official-totp/v1'";
    fixture.tamper(damage).await;
    let mut tx = notifier.begin().await.unwrap();
    assert!(settle(&mut tx, noon(), &both(&new, &old)).await.is_err());
    tx.rollback().await.unwrap();
    assert_eq!(fixture.count("select count(*) from data_key").await, USES as i64);

    // A row under another label opens nothing: it is bound to its use.
    fixture.tamper("delete from data_key where use_label = 'official-totp/v1'").await;
    fixture
        .tamper("insert into data_key select 'official-totp/v1', key_id, wrapped, wrapped_at from data_key where use_label = 'official-lane/v1'")
        .await;
    assert!(matches!(opened(&mut notifier, &old).await, Err(DataKeyError::WrongKey { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_workers_at_once_make_one_set() {
    let fixture = KeysFixture::bare().await;
    fixture.tamper("delete from data_key").await;
    let pool = fixture.db.pool(DbRole::Notifier).await;
    let mut starting = JoinSet::new();
    for _ in 0..8 {
        let (pool, secrets) = (pool.clone(), fixture.secrets.clone());
        starting.spawn(async move {
            let mut tx = pool.begin().await.unwrap();
            let settled = settle(&mut tx, noon(), &secrets).await.unwrap();
            tx.commit().await.unwrap();
            settled.made
        });
    }
    let made: usize = starting.join_all().await.iter().sum();
    assert_eq!(made, USES);
    assert!(opened(&mut fixture.web().await, &fixture.secrets).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_derived_before_becomes_the_data_keys() {
    let fixture = KeysFixture::bare().await;
    let mut notifier = fixture.notifier().await;
    fixture.tamper("delete from data_key").await;
    fixture.tamper("update data_key_origin set grown = true").await;
    assert!(matches!(settle(&mut notifier, noon(), &fixture.secrets).await, Err(DataKeyError::Grown)), "not random ones");
    begin_with(&mut notifier, noon(), &fixture.secrets.current).await.unwrap();
    let keys = opened(&mut notifier, &fixture.secrets).await.unwrap();
    assert_eq!(keys, SecretUse::ALL.map(|usage| *fixture.secrets.current.grown(usage)));
    // Not a second time: they may be others by now.
    discard(&mut notifier, noon(), &fixture.secrets.current).await.unwrap();
    begin_with(&mut notifier, noon(), &fixture.secrets.current).await.unwrap();
    let later = opened(&mut notifier, &fixture.secrets).await.unwrap();
    assert!((0..USES).all(|place| later[place] != keys[place]));
}

#[tokio::test(flavor = "multi_thread")]
async fn web_reads_data_keys_and_writes_none() {
    let fixture = KeysFixture::bare().await;
    let mut web = fixture.web().await;
    assert!(opened(&mut web, &fixture.secrets).await.is_ok());
    let stranger = fresh();
    assert!(settle(&mut web, noon(), &both(&stranger, &fixture.secrets)).await.is_err());
    for statement in ["delete from data_key", "update data_key set wrapped = wrapped", "update data_key_origin set grown = true"] {
        assert!(sqlx::query(statement).execute(&mut web).await.is_err(), "{statement}");
    }
    assert!(discard(&mut web, noon(), &stranger.current).await.is_err());
    assert_eq!(fixture.count("select count(*) from data_key").await, USES as i64);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_is_seen_until_it_ends_or_falls_silent() {
    let fixture = KeysFixture::bare().await;
    let (mut web, mut notifier) = (fixture.db.connect(DbRole::Web).await, fixture.notifier().await);
    let (one, other) = (ProcessMark::new(ProcessKind::Web, &fixture.secrets), ProcessMark::new(ProcessKind::Worker, &fresh()));
    one.note(&mut web, noon()).await.unwrap();
    one.note(&mut web, noon() + Duration::minutes(1)).await.unwrap();
    other.note(&mut notifier, noon()).await.unwrap();
    let edge = noon() + PROCESS_GONE;
    let seen = running_processes(&mut notifier, edge - Duration::seconds(1)).await.unwrap();
    assert_eq!(seen.iter().map(|process| process.kind.as_str()).collect::<Vec<_>>(), ["web", "worker"]);
    assert_eq!(seen[0].key, fixture.secrets.current.id());
    assert_eq!(running_processes(&mut notifier, edge).await.unwrap().len(), 1, "silent for three minutes");
    one.end(&fixture.db.pool(DbRole::Web).await, noon() + Duration::minutes(2)).await;
    assert!(running_processes(&mut notifier, noon() + Duration::minutes(2)).await.unwrap().len() == 1, "it said that it ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_from_the_future_holds_no_change_of_the_key_open() {
    let fixture = KeysFixture::bare().await;
    let (mut web, mut notifier) = (fixture.db.connect(DbRole::Web).await, fixture.notifier().await);
    let (one, near) = (ProcessMark::new(ProcessKind::Web, &fixture.secrets), ProcessMark::new(ProcessKind::Worker, &fresh()));
    one.note(&mut web, noon()).await.unwrap();
    near.note(&mut notifier, noon() + CLOCK_TOLERANCE).await.unwrap();
    // Whoever has web's login names a key that no process has.
    for seen_at in ["2999-01-01", "2026-12-22"] {
        let row =
            "insert into secret_process (id, kind, key_id, seen_at) values (gen_random_uuid(), 'web', '12345678', $1::text::timestamptz)";
        sqlx::query(row).bind(seen_at).execute(&mut web).await.unwrap();
    }
    let endless = "insert into secret_process values (gen_random_uuid(), 'web', '12345678', 'infinity')";
    assert!(sqlx::query(endless).execute(&mut web).await.is_err());
    let seen = running_processes(&mut notifier, noon()).await.unwrap();
    assert_eq!(seen.iter().map(|process| process.kind.as_str()).collect::<Vec<_>>(), ["web", "worker"]);
    assert_eq!(seen[0].key, fixture.secrets.current.id());
    forget_processes(&mut notifier, noon()).await.unwrap();
    assert_eq!(fixture.count("select count(*) from secret_process").await, 2);
}
