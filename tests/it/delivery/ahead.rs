//! Mails that met a clock that was ahead, once it is right again.
use super::world::{PATIENT, World};
use crate::support::smtp_sink::{Behaviour, Stage};
use ashiato::base::clock::{Believed, Clock};
use ashiato::mail::{Counts, Drained};
use chrono::{DateTime, Duration as Span, Utc};
use std::time::Duration;
use uuid::Uuid;

const AHEAD: Span = Span::days(40);

impl World {
    /// Leases a row as a process did that died since.
    async fn lease(&self, id: Uuid, state: &str) {
        sqlx::query("update outbox set state = $2, lease = id, lease_until = $3 where id = $1")
            .bind(id)
            .bind(state)
            .bind(self.clock.now() + Span::seconds(120))
            .execute(&self.pool)
            .await
            .unwrap();
    }

    async fn time(&self, column: &str, id: Uuid) -> DateTime<Utc> {
        let statement = format!("select {column} from outbox where id = $1");
        sqlx::query_scalar(sqlx::AssertSqlSafe(statement)).bind(id).fetch_one(&self.pool).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_that_met_a_clock_that_was_ahead_have_their_turn_once_it_is_right() {
    let world = World::new().await;
    let right = world.clock.now();
    world.clock.set(right + AHEAD);
    let [put_off, lost, waits, leased, submitting] =
        ["put-off", "lost", "waits", "leased", "submitting"].map(|who| format!("{who}@example.jp"));
    let ids = world.queue([&put_off, &lost, &waits, &leased, &submitting].map(String::as_str)).await;
    world.lease(ids[3], "leased").await;
    world.lease(ids[4], "submitting").await;
    sqlx::query("update outbox set next_at = $2 where id = $1")
        .bind(ids[2])
        .bind(right + AHEAD + Span::hours(8))
        .execute(&world.pool)
        .await
        .unwrap();
    world.sink.behave_for(&put_off, Behaviour::reply(Stage::Rcpt, "450 4.2.1 later"));
    world.sink.behave_for(&lost, Behaviour::DropAfterDot);
    let drained = world.notifier(1, PATIENT).await.drain().await;
    assert_eq!((drained.deferred, drained.ambiguous, drained.sent), (1, 1, 0));

    world.clock.set(right);
    world.sink.heal();
    let drained = world.notifier(1, PATIENT).await.drain().await;
    assert_eq!(drained, Drained { sent: 2, ..Drained::default() }, "what was put off, and what waited");
    for id in [ids[0], ids[2]] {
        assert_eq!((world.row(id).await.state.as_str(), world.accepted(id)), ("sent", 1));
    }
    assert_eq!(world.row(ids[1]).await.next_at, right + Span::minutes(15), "its bounce may still come");
    for id in [ids[3], ids[4]] {
        assert_eq!(world.time("lease_until", id).await, right + Span::seconds(120), "as long as a new lease");
    }
    world.clock.advance(Span::seconds(120));
    assert_eq!(world.notifier(1, PATIENT).await.drain().await.sent, 1, "what was only leased");
    assert_eq!((world.row(ids[4]).await.state.as_str(), world.accepted(ids[4])), ("ambiguous", 0));
    assert_eq!(world.time("expires_at", ids[4]).await, right + Span::seconds(120) + Span::hours(72), "the whole time, and no more");
    assert_eq!(world.time("created_at", ids[4]).await, right + Span::seconds(120), "no row is from tomorrow");
    world.clock.advance(Span::minutes(15));
    assert_eq!(world.notifier(1, PATIENT).await.drain().await.sent, 2);
    assert_eq!(world.judge(5).await, Counts { sent: 5, ambiguous_attempts: 2, ..Counts::default() });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_right_in_mid_sending_has_no_mail_sent_twice() {
    let world = World::new().await;
    let right = world.clock.now();
    world.clock.set(right + AHEAD);
    let id = world.queue_many(1).await[0];
    world.sink.behave(Behaviour::Delay(Stage::Dot, Duration::from_secs(2)));
    let (first, second) = (world.notifier(1, PATIENT).await, world.notifier(1, PATIENT).await);
    let sending = tokio::spawn(async move { first.drain().await });
    world.until(id, "submitting").await;
    world.clock.set(right);
    assert_eq!(second.drain().await, Drained::default());
    assert_eq!(world.row(id).await.state, "submitting", "the one that sends it still holds it");
    assert_eq!(sending.await.unwrap().sent, 1);
    world.clock.advance(Span::minutes(20));
    second.drain().await;
    assert_eq!(world.accepted(id), 1);
    assert_eq!(world.judge(1).await, Counts { sent: 1, ..Counts::default() });
}

#[tokio::test(flavor = "multi_thread")]
async fn each_bound_of_a_time_astray_holds_at_its_edge() {
    let world = World::new().await;
    let now = world.clock.now();
    let (minute, borne) = (Span::minutes(1), Span::minutes(15));
    let hours = |hours| Span::hours(hours) + borne;
    for (state, column, farthest) in [
        ("queued", "next_at", hours(48)),
        ("deferred", "next_at", hours(6)),
        ("ambiguous", "next_at", borne + borne),
        ("deferred", "expires_at", hours(72 + 48)),
        ("queued", "created_at", borne),
    ] {
        for (at, astray) in [(now + farthest, false), (now + farthest + minute, true)] {
            let id = world.queue_many(1).await[0];
            let set = format!("update outbox set state = $2, next_at = $3, {column} = $4 where id = $1");
            let statement =
                if column == "next_at" { "update outbox set state = $2, next_at = greatest($3, $4) where id = $1".to_owned() } else { set };
            sqlx::query(sqlx::AssertSqlSafe(statement))
                .bind(id)
                .bind(state)
                .bind(now + minute)
                .bind(at)
                .execute(&world.pool)
                .await
                .unwrap();
            world.notifier(1, PATIENT).await.drain().await;
            let sent = world.row(id).await.state == "sent";
            let pulled = sent || world.time(column, id).await < at;
            assert_eq!(pulled, astray, "{state} {column} {}", at - now);
            sqlx::query("delete from outbox").execute(&world.pool).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_behind_or_in_doubt_pulls_nothing_back() {
    let world = World::new().await;
    let (right, believed) = (world.clock.now(), Believed::default());
    believed.bound(right, true);
    let id = world.queue_many(1).await[0];
    world.clock.set(right - AHEAD);
    let notifier = world.notifier_believing(&believed).await;
    assert_eq!(notifier.drain().await, Drained::default(), "before anybody has looked");
    believed.bound(right - AHEAD, false);
    assert_eq!(world.notifier_believing(&believed).await.drain().await, Drained::default());
    assert_eq!(world.time("expires_at", id).await, right + Span::hours(72));
    world.clock.set(right);
    believed.bound(right, true);
    assert_eq!(notifier.drain().await.sent, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_brake_that_fell_under_a_clock_that_was_ahead_ends_no_mail_and_is_tried_again() {
    let world = World::new().await;
    let right = world.clock.now();
    let ids = world.queue_many(2).await;
    sqlx::query(
        "insert into sending_stop (id, kind, reason, stopped_at, answer, trial_at, trial_by, trial_after)
         values (gen_random_uuid(), 'refused', '', $1, 'rcpt 553', $1, 'token:x', $1)",
    )
    .bind(right + AHEAD)
    .execute(&world.pool)
    .await
    .unwrap();
    assert_eq!(world.notifier(1, PATIENT).await.drain().await.sent, 2, "the one on trial, and the other");
    for id in ids {
        assert!(world.time("expires_at", id).await >= right + Span::hours(72), "no time was taken from it");
    }
}
