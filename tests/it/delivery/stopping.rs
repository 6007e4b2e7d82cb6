//! The stop of everything, and the one that the worker makes by itself when its database was restored.
use super::fixture::{DeliveryFixture, PATIENT};
use crate::support::db::scratch;
use crate::support::smtp_sink::{Behaviour, Stage};
use ashiato::base::clock::Clock;
use ashiato::base::db::DbRole;
use ashiato::keys::{HighWater, KeyStore};
use ashiato::mail::sending::{self, StopKind};
use ashiato::official::SIGNED_LEN;
use chrono::Duration as Span;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use uuid::Uuid;

/// What a stop may take until it holds.
const FEW_SECONDS: Duration = Duration::from_secs(3);

impl DeliveryFixture {
    pub async fn stop(&self) -> Uuid {
        let mut web = self.db.connect(DbRole::Web).await;
        sending::stop(&mut web, self.clock.now(), "token:tracer", "文面のまちがい").await.unwrap().unwrap().id
    }

    pub async fn resume(&self) -> u64 {
        let mut web = self.db.connect(DbRole::Web).await;
        let mut ended = 0;
        for stop in sending::stops(&mut web).await.unwrap() {
            if stop.kind == StopKind::Refused {
                ended += u64::from(sending::allow_trial(&mut web, self.clock.now(), "token:approver", stop.id).await.unwrap());
                continue;
            }
            let resumed = sending::resume(&mut web, self.clock.now(), "token:approver", stop.id, &[0; SIGNED_LEN]).await.unwrap();
            // What the dispatcher does once it believes who signed.
            let mut notifier = self.db.connect(DbRole::Notifier).await;
            sending::believe_end(&mut notifier, self.clock.now(), stop.id).await.unwrap();
            ended += u64::from(resumed);
        }
        ended
    }

    pub async fn stopped(&self) -> Vec<StopKind> {
        sending::stops(&mut self.db.connect(DbRole::Web).await).await.unwrap().iter().map(|stop| stop.kind).collect()
    }

    async fn counter(&self) -> i64 {
        sqlx::query_scalar("select value from sending_counter").fetch_one(&self.pool).await.unwrap()
    }

    pub async fn owner(&self, sql: &'static str) {
        sqlx::raw_sql(sql).execute(&mut self.db.connect(DbRole::Owner).await).await.unwrap();
    }
}

fn keys() -> (PathBuf, KeyStore) {
    let dir = scratch().join(format!("keys-{}", Uuid::new_v4()));
    let keys = KeyStore::init(&dir).unwrap();
    (dir, keys)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_in_mid_sending_holds_within_seconds_and_leaves_nothing_in_doubt() {
    const NOTICES: usize = 300;
    let fixture = DeliveryFixture::new().await;
    let alert = Uuid::new_v4();
    let ids = fixture.queue_notices(alert, NOTICES).await;
    fixture.sink.behave(Behaviour::Delay(Stage::Dot, Duration::from_millis(40)));
    let notifier = fixture.notifier(2, PATIENT).await;
    let (stop, shutdown) = watch::channel(false);
    let running = tokio::spawn(async move { notifier.run(shutdown).await });
    fixture.sink.wait_for(10, PATIENT).await;
    fixture.stop().await;
    tokio::time::sleep(FEW_SECONDS).await;
    let taken = fixture.sink.accepted().len();
    let letter = fixture.queue(["letter@example.jp"]).await[0];
    fixture.until(letter, "sent").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(fixture.sink.accepted().len(), taken + 1, "only the letter left while it was stopped");
    let counts = fixture.judge(NOTICES + 1).await;
    assert!(counts.sent > 10 && counts.queued > 0, "{counts:?}");
    assert_eq!((counts.ambiguous_attempts, counts.sent + counts.queued), (0, 301), "mails in flight ended as they end");
    let held = fixture.rows().await.into_iter().filter(|row| row.state == "leased" || row.state == "submitting").count();
    assert_eq!(held, 0, "what was claimed was given back");

    fixture.sink.heal();
    assert_eq!(fixture.resume().await, 1);
    fixture.sink.wait_for(NOTICES + 1, PATIENT).await;
    stop.send(true).unwrap();
    running.await.unwrap();
    assert_eq!(fixture.judge(NOTICES + 1).await.sent, 301);
    assert!(ids.iter().all(|id| fixture.accepted(*id) == 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_between_claim_and_mark_is_seen_by_the_mark() {
    let fixture = DeliveryFixture::new().await;
    let ids = fixture.queue_notices(Uuid::new_v4(), 3).await;
    fixture.queue(["somebody stops"]).await;
    let notifier = fixture.notifier(1, PATIENT).await;
    let drained = notifier.drain().await;
    assert_eq!((drained.sent, drained.returned), (0, 3), "claimed, and given back");
    assert_eq!(notifier.drain().await.sent, 0, "nothing is claimed either");
    assert_eq!(fixture.resume().await, 1);
    assert_eq!(fixture.resume().await, 0, "once");
    assert_eq!(notifier.drain().await.sent, 3);
    assert!(ids.iter().all(|id| fixture.accepted(*id) == 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_set_back_to_an_older_state_sends_nothing_until_somebody_resumes() {
    let fixture = DeliveryFixture::new().await;
    let (_, keys) = keys();
    let ids = fixture.queue_notices(Uuid::new_v4(), 40).await;
    fixture.owner("create table copy as select * from outbox; create table copied as select value from sending_counter").await;
    let notifier = fixture.notifier_remembering(keys.clone()).await;
    assert_eq!(notifier.drain().await.sent, 40);
    assert!(fixture.counter().await > 0 && fixture.stopped().await.is_empty());

    // The restore: every table as the backup had it, the counter among them.
    fixture
        .owner("truncate outbox; insert into outbox select * from copy; update sending_counter set value = (select value from copied)")
        .await;
    for notifier in [&notifier, &fixture.notifier_remembering(keys.clone()).await] {
        assert_eq!(notifier.drain().await.sent, 0, "also one that was started anew");
    }
    assert_eq!(fixture.stopped().await, [StopKind::Restored], "once, whoever sees it");
    assert!(ids.iter().all(|id| fixture.accepted(*id) == 1), "nobody got it twice");
    let audited: i64 = sqlx::query_scalar("select count(*) from audit_entry where action = 'sending.stop' and actor_kind = 'system'")
        .fetch_one(&fixture.pool)
        .await
        .unwrap();
    assert_eq!(audited, 1);
    let letter = fixture.queue(["letter@example.jp"]).await[0];
    notifier.drain().await;
    assert_eq!(fixture.row(letter).await.state, "sent", "letters go on");

    assert_eq!(fixture.resume().await, 1);
    assert_eq!(notifier.drain().await.sent, 40, "an official said so");
    assert!(fixture.stopped().await.is_empty(), "and it does not stop again by itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_made_in_mid_group_is_noticed_as_well() {
    let fixture = DeliveryFixture::new().await;
    let (_, keys) = keys();
    fixture.queue_notices(Uuid::new_v4(), 40).await;
    let notifier = fixture.notifier_remembering(keys.clone()).await;
    // Two groups of sixteen are being sent while the backup is made; the others leave after it.
    fixture.sink.behave(Behaviour::Delay(Stage::Dot, Duration::from_millis(60)));
    let sending = tokio::spawn(async move { notifier.drain().await });
    fixture.sink.wait_for(2, PATIENT).await;
    fixture.owner("create table copy as select * from outbox; create table copied as select value from sending_counter").await;
    assert_eq!(sending.await.unwrap().sent, 40);
    fixture
        .owner("truncate outbox; insert into outbox select * from copy; update sending_counter set value = (select value from copied)")
        .await;
    fixture.clock.advance(Span::seconds(121));
    assert_eq!(fixture.notifier_remembering(keys).await.drain().await.sent, 0);
    assert_eq!(fixture.stopped().await, [StopKind::Restored]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_the_two_writes_is_no_alarm() {
    let fixture = DeliveryFixture::new().await;
    let (_, keys) = keys();
    fixture.queue_notices(Uuid::new_v4(), 10).await;
    // Committed, and then killed before the file was written: also the very first time.
    fixture.owner("update sending_counter set value = value + 1").await;
    let notifier = fixture.notifier_remembering(keys.clone()).await;
    assert_eq!(notifier.drain().await.sent, 10);
    let (known, remembered) = (fixture.counter().await, HighWater::new(keys).read().await.unwrap());
    assert_eq!(known, remembered, "the next write makes up for it");
    fixture.owner("update sending_counter set value = value + 5").await;
    fixture.queue_notices(Uuid::new_v4(), 10).await;
    assert_eq!(notifier.drain().await.sent, 10);
    assert!(fixture.stopped().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_workers_over_one_directory_raise_no_false_alarm_however_often_they_are_killed() {
    const NOTICES: usize = 400;
    let fixture = DeliveryFixture::new().await;
    let (dir, _) = keys();
    fixture.queue_notices(Uuid::new_v4(), NOTICES).await;
    for round in 1..=6 {
        let target = fixture.sink.accepted().len() + 20 * round;
        let mut together = JoinSet::new();
        for _ in 0..3 {
            // Each with a handle of its own, as in processes of their own.
            let notifier = fixture.notifier_remembering(KeyStore::open(&dir).unwrap()).await;
            let (never, shutdown) = watch::channel(false);
            together.spawn(async move {
                let _open = never;
                notifier.run(shutdown).await;
            });
        }
        fixture.sink.wait_for(target.min(NOTICES), PATIENT).await;
        together.abort_all();
        while together.join_next().await.is_some() {}
        fixture.clock.advance(Span::minutes(20));
        assert!(fixture.stopped().await.is_empty(), "round {round}");
    }
    let last = fixture.notifier_remembering(KeyStore::open(&dir).unwrap()).await;
    last.drain().await;
    fixture.clock.advance(Span::minutes(20));
    last.drain().await;
    assert_eq!(fixture.judge(NOTICES).await.sent, 400);
    assert!(fixture.stopped().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_memory_no_notice_leaves_and_letters_do() {
    let fixture = DeliveryFixture::new().await;
    let (dir, keys) = keys();
    fixture.queue_notices(Uuid::new_v4(), 5).await;
    let notifier = fixture.notifier_remembering(keys).await;
    assert_eq!(notifier.drain().await.sent, 5);
    std::fs::write(dir.join("sending"), "damaged").unwrap();
    fixture.queue_notices(Uuid::new_v4(), 5).await;
    let drained = fixture.notifier_remembering(KeyStore::open(&dir).unwrap()).await.drain().await;
    assert_eq!(drained.sent, 0);
    assert!(fixture.stopped().await.is_empty(), "it is no restore, and mends itself with the file");
    fixture.judge(10).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn providers_are_counted_apart_from_the_rows_and_not_before_there_are_twenty() {
    let fixture = DeliveryFixture::new().await;
    let alert = fixture.alert().await;
    let docomo: Vec<String> = (0..15).map(|n| format!("a{n}@docomo.ne.jp")).collect();
    let gmail: Vec<String> = (0..4).map(|n| format!("a{n}@gmail.com")).collect();
    fixture.queue_notices_to(alert, docomo.iter().chain(&gmail)).await;
    fixture.sink.behave_for("a0@gmail.com", Behaviour::reply(Stage::Rcpt, "550 5.1.1 no"));
    let notifier = fixture.notifier(2, PATIENT).await;
    notifier.drain().await;
    assert_eq!(fixture.providers(alert).await, [], "nineteen: a row could be told");
    fixture.queue_notices_to(alert, ["b@gmail.com"]).await;
    notifier.drain().await;
    assert_eq!(fixture.providers(alert).await, [("docomo".into(), 15, 0), ("gmail".into(), 4, 1)], "with the twentieth all of them");
    fixture.queue_notices_to(alert, ["b@example.jp"]).await;
    notifier.drain().await;
    assert_eq!(fixture.providers(alert).await.len(), 3);
    // No row was written by the transaction that wrote the numbers.
    let shared: i64 = sqlx::query_scalar("select count(*) from outbox o join delivery_company c on o.xmin = c.xmin")
        .fetch_one(&fixture.pool)
        .await
        .unwrap();
    assert_eq!(shared, 0);
}

impl DeliveryFixture {
    pub async fn providers(&self, alert: Uuid) -> Vec<(String, i32, i32)> {
        sqlx::query_as("select company, sent, bounced from delivery_company where alert_id = $1 order by company")
            .bind(alert)
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }

    pub async fn alert(&self) -> Uuid {
        let id = Uuid::new_v4();
        sqlx::query("insert into alert (id, number, until_date, created_by, created_at) values ($1, $2, '2026-12-06', 'token:x', $3)")
            .bind(id)
            .bind(&id.to_string()[..8])
            .bind(self.clock.now())
            .execute(&mut self.db.connect(DbRole::Owner).await)
            .await
            .unwrap();
        id
    }

    pub async fn queue_notices(&self, alert: Uuid, rows: usize) -> Vec<Uuid> {
        let addresses: Vec<String> = (0..rows).map(|n| format!("visitor{n}@example.jp")).collect();
        self.queue_notices_to(alert, &addresses).await
    }

    pub async fn queue_notices_to(&self, alert: Uuid, to: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<Uuid> {
        let sealed: Vec<Vec<u8>> = to.into_iter().map(|to| to.as_ref().as_bytes().to_vec()).collect();
        let ids: Vec<Uuid> = sealed.iter().map(|_| Uuid::new_v4()).collect();
        sqlx::query(
            "insert into outbox (id, kind, visit_date, epoch_id, sealed, alert_id, venue_id, mac, created_at, next_at, expires_at)
             select id, 'notice', $3::date, 1, sealed, $4, $4, decode(replace(id::text, '-', ''), 'hex'), $3, $3, $3 + interval '72 hours'
             from unnest($1::uuid[], $2::bytea[]) as t (id, sealed)",
        )
        .bind(&ids)
        .bind(&sealed)
        .bind(self.clock.now())
        .bind(alert)
        .execute(&self.pool)
        .await
        .unwrap();
        ids
    }
}
