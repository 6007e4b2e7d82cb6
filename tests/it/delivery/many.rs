//! Several workers, workers that die, and workers that are asked to stop.
use super::fixture::{DeliveryFixture, PATIENT};
use crate::support::smtp_sink::{Behaviour, Stage};
use ashiato::base::clock::Clock;
use ashiato::base::db::DbRole;
use ashiato::mail::Counts;
use ashiato::mail::claim::{Rescued, rescue};
use chrono::Duration as Span;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

async fn drain_together(notifiers: usize, rows: usize) {
    let fixture = DeliveryFixture::new().await;
    let ids = fixture.queue_many(rows).await;
    let mut together = JoinSet::new();
    for _ in 0..notifiers {
        let notifier = fixture.notifier(2, PATIENT).await;
        together.spawn(async move { notifier.drain().await.sent });
    }
    let sent: Vec<u64> = together.join_all().await;
    assert_eq!(sent.iter().sum::<u64>(), u64::try_from(rows).unwrap(), "{sent:?}");
    assert!(ids.iter().all(|id| fixture.accepted(*id) == 1));
    assert_eq!(fixture.judge(rows).await, Counts { sent: i64::try_from(rows).unwrap(), ..Counts::default() });
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_send_each_mail_once() {
    drain_together(2, 600).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn four_workers_send_each_mail_once() {
    drain_together(4, 900).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_that_are_killed_in_mid_sending_lose_nothing() {
    const ROWS: usize = 500;
    const CONNECTIONS: u8 = 3;
    let fixture = DeliveryFixture::new().await;
    fixture.queue_many(ROWS).await;
    let mut random = 42_usize;
    for _ in 0..12 {
        // Numbers from a linear congruence (Knuth's MMIX): any kill is as good as another, and a failure can be repeated.
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let unsent = usize::try_from(ROWS as i64 - fixture.counts().await.sent).unwrap();
        let before = fixture.counts().await;
        let more = (random >> 33) % 60 % unsent.max(1);
        let target = fixture.sink.accepted().len() + more;
        let notifier = fixture.notifier(CONNECTIONS, PATIENT).await;
        let (_never, shutdown) = watch::channel(false);
        let running = tokio::spawn(async move { notifier.run(shutdown).await });
        fixture.sink.wait_for(target, PATIENT).await;
        running.abort();
        let _killed = running.await;
        fixture.clock.advance(Span::seconds(121));
        let mut conn = fixture.pool.acquire().await.unwrap();
        let rescued = rescue(&mut conn, fixture.clock.now()).await.unwrap();
        assert!(rescued.ambiguous <= u64::from(CONNECTIONS) * 16, "{rescued:?}");
        let counts = fixture.judge_midway(ROWS).await;
        assert!(counts.sent >= before.sent, "{counts:?}");
        fixture.clock.advance(Span::minutes(15));
    }
    // A kill ends no row, however often it hits: it is tried again until the server has answered. The last statement of one that was
    // killed may commit after the last rescue above; its row is freed by the first turn here, and has its own after the pause.
    for _ in 0..2 {
        fixture.notifier(CONNECTIONS, PATIENT).await.drain().await;
        fixture.clock.advance(Span::minutes(15));
    }
    let counts = fixture.judge(ROWS).await;
    let ambiguous_attempts = counts.ambiguous_attempts;
    assert_eq!(counts, Counts { sent: i64::try_from(ROWS).unwrap(), ambiguous_attempts, ..Counts::default() });
    assert!(ambiguous_attempts > 0, "no kill ever hit: {counts:?}");
    let doubles = fixture.sink.accepted().len() - ROWS;
    assert!(doubles <= usize::try_from(ambiguous_attempts).unwrap(), "{doubles} doubles, {ambiguous_attempts} attempts without an answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rescue_tells_the_leased_from_the_submitting() {
    let fixture = DeliveryFixture::new().await;
    let ids = fixture.queue_many(2).await;
    let now = fixture.clock.now();
    for (id, state) in [(ids[0], "leased"), (ids[1], "submitting")] {
        sqlx::query("update outbox set state = $2, lease = id, lease_until = $3 where id = $1")
            .bind(id)
            .bind(state)
            .bind(now + Span::seconds(120))
            .execute(&fixture.pool)
            .await
            .unwrap();
    }
    let mut conn = fixture.db.connect(DbRole::Notifier).await;
    fixture.clock.advance(Span::seconds(120) - Span::milliseconds(1));
    assert_eq!(rescue(&mut conn, fixture.clock.now()).await.unwrap(), Rescued::default(), "a lease holds to its end");
    fixture.clock.advance(Span::milliseconds(1));
    assert_eq!(rescue(&mut conn, fixture.clock.now()).await.unwrap(), Rescued { queued: 1, ambiguous: 1 });
    let (leased, submitting) = (fixture.row(ids[0]).await, fixture.row(ids[1]).await);
    assert_eq!((leased.state.as_str(), leased.ambiguous_attempts, leased.next_at), ("queued", 0, now));
    assert_eq!((submitting.state.as_str(), submitting.ambiguous_attempts), ("ambiguous", 1));
    assert_eq!(submitting.next_at, fixture.clock.now() + Span::minutes(15));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_asked_to_stop_ends_its_mails_and_leaves_nothing_ambiguous() {
    let fixture = DeliveryFixture::new().await;
    fixture.queue_many(200).await;
    fixture.sink.behave(Behaviour::Delay(Stage::Dot, Duration::from_millis(30)));
    let notifier = fixture.notifier(2, PATIENT).await;
    let (stop, shutdown) = watch::channel(false);
    let running = tokio::spawn(async move { notifier.run(shutdown).await });
    fixture.sink.wait_for(10, PATIENT).await;
    stop.send(true).unwrap();
    tokio::time::timeout(PATIENT, running).await.unwrap().unwrap();
    let counts = fixture.judge(200).await;
    assert_eq!(counts, Counts { sent: counts.sent, queued: 200 - counts.sent, ..Counts::default() });
    assert!(counts.sent >= 10 && counts.queued > 0, "{counts:?}");
    let held = fixture.rows().await.into_iter().filter(|row| row.state == "leased" || row.state == "submitting").count();
    assert_eq!(held, 0, "all leases are given up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sleeping_worker_wakes_when_called_and_reopens_its_connections() {
    let fixture = DeliveryFixture::new().await;
    let notifier = fixture.notifier(2, PATIENT).await;
    let waker = notifier.waker();
    let (stop, shutdown) = watch::channel(false);
    let running = tokio::spawn(async move { notifier.run(shutdown).await });
    for round in 1..=3 {
        fixture.queue_many(1).await;
        waker.notify_one();
        fixture.sink.wait_for(round, PATIENT).await;
    }
    stop.send(true).unwrap();
    running.await.unwrap();
    fixture.judge(3).await;
}
