//! Mails that met a clock that was ahead, once it is right again.
use super::fixture::{DeliveryFixture, PATIENT};
use crate::support::smtp_sink::{Behaviour, Stage};
use ashiato::base::clock::{Believed, Clock};
use ashiato::mail::{Counts, Drained};
use chrono::{DateTime, Duration as Span, Utc};
use std::time::Duration;
use uuid::Uuid;

const AHEAD: Span = Span::days(40);

impl DeliveryFixture {
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
    let fixture = DeliveryFixture::new().await;
    let right = fixture.clock.now();
    fixture.clock.set(right + AHEAD);
    let [put_off, lost, waits, leased, submitting] =
        ["put-off", "lost", "waits", "leased", "submitting"].map(|who| format!("{who}@example.jp"));
    let ids = fixture.queue([&put_off, &lost, &waits, &leased, &submitting].map(String::as_str)).await;
    fixture.lease(ids[3], "leased").await;
    fixture.lease(ids[4], "submitting").await;
    sqlx::query("update outbox set next_at = $2 where id = $1")
        .bind(ids[2])
        .bind(right + AHEAD + Span::hours(8))
        .execute(&fixture.pool)
        .await
        .unwrap();
    fixture.sink.behave_for(&put_off, Behaviour::reply(Stage::Rcpt, "450 4.2.1 later"));
    fixture.sink.behave_for(&lost, Behaviour::DropAfterDot);
    let drained = fixture.notifier(1, PATIENT).await.drain().await;
    assert_eq!((drained.deferred, drained.ambiguous, drained.sent), (1, 1, 0));

    fixture.clock.set(right);
    fixture.sink.heal();
    let drained = fixture.notifier(1, PATIENT).await.drain().await;
    assert_eq!(drained, Drained { sent: 2, ..Drained::default() }, "what was put off, and what waited");
    for id in [ids[0], ids[2]] {
        assert_eq!((fixture.row(id).await.state.as_str(), fixture.accepted(id)), ("sent", 1));
    }
    assert_eq!(fixture.row(ids[1]).await.next_at, right + Span::minutes(15), "its bounce may still come");
    for id in [ids[3], ids[4]] {
        assert_eq!(fixture.time("lease_until", id).await, right + Span::seconds(120), "as long as a new lease");
    }
    fixture.clock.advance(Span::seconds(120));
    assert_eq!(fixture.notifier(1, PATIENT).await.drain().await.sent, 1, "what was only leased");
    assert_eq!((fixture.row(ids[4]).await.state.as_str(), fixture.accepted(ids[4])), ("ambiguous", 0));
    assert_eq!(fixture.time("expires_at", ids[4]).await, right + Span::seconds(120) + Span::hours(72), "the whole time, and no more");
    assert_eq!(fixture.time("created_at", ids[4]).await, right + Span::seconds(120), "no row is from tomorrow");
    fixture.clock.advance(Span::minutes(15));
    assert_eq!(fixture.notifier(1, PATIENT).await.drain().await.sent, 2);
    assert_eq!(fixture.judge(5).await, Counts { sent: 5, ambiguous_attempts: 2, ..Counts::default() });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_right_in_mid_sending_has_no_mail_sent_twice() {
    let fixture = DeliveryFixture::new().await;
    let right = fixture.clock.now();
    fixture.clock.set(right + AHEAD);
    let id = fixture.queue_many(1).await[0];
    fixture.sink.behave(Behaviour::Delay(Stage::Dot, Duration::from_secs(2)));
    let (first, second) = (fixture.notifier(1, PATIENT).await, fixture.notifier(1, PATIENT).await);
    let sending = tokio::spawn(async move { first.drain().await });
    fixture.until(id, "submitting").await;
    fixture.clock.set(right);
    assert_eq!(second.drain().await, Drained::default());
    assert_eq!(fixture.row(id).await.state, "submitting", "the one that sends it still holds it");
    assert_eq!(sending.await.unwrap().sent, 1);
    fixture.clock.advance(Span::minutes(20));
    second.drain().await;
    assert_eq!(fixture.accepted(id), 1);
    assert_eq!(fixture.judge(1).await, Counts { sent: 1, ..Counts::default() });
}

#[tokio::test(flavor = "multi_thread")]
async fn each_bound_of_a_time_astray_holds_at_its_edge() {
    let fixture = DeliveryFixture::new().await;
    let now = fixture.clock.now();
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
            let id = fixture.queue_many(1).await[0];
            let set = format!("update outbox set state = $2, next_at = $3, {column} = $4 where id = $1");
            let statement =
                if column == "next_at" { "update outbox set state = $2, next_at = greatest($3, $4) where id = $1".to_owned() } else { set };
            sqlx::query(sqlx::AssertSqlSafe(statement))
                .bind(id)
                .bind(state)
                .bind(now + minute)
                .bind(at)
                .execute(&fixture.pool)
                .await
                .unwrap();
            fixture.notifier(1, PATIENT).await.drain().await;
            let sent = fixture.row(id).await.state == "sent";
            let pulled = sent || fixture.time(column, id).await < at;
            assert_eq!(pulled, astray, "{state} {column} {}", at - now);
            sqlx::query("delete from outbox").execute(&fixture.pool).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_behind_or_in_doubt_pulls_nothing_back() {
    let fixture = DeliveryFixture::new().await;
    let (right, believed) = (fixture.clock.now(), Believed::default());
    believed.bound(right, true);
    let id = fixture.queue_many(1).await[0];
    fixture.clock.set(right - AHEAD);
    let notifier = fixture.notifier_believing(&believed).await;
    assert_eq!(notifier.drain().await, Drained::default(), "before anybody has looked");
    believed.bound(right - AHEAD, false);
    assert_eq!(fixture.notifier_believing(&believed).await.drain().await, Drained::default());
    assert_eq!(fixture.time("expires_at", id).await, right + Span::hours(72));
    fixture.clock.set(right);
    believed.bound(right, true);
    assert_eq!(notifier.drain().await.sent, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_brake_that_fell_under_a_clock_that_was_ahead_ends_no_mail_and_is_tried_again() {
    let fixture = DeliveryFixture::new().await;
    let right = fixture.clock.now();
    let ids = fixture.queue_many(2).await;
    sqlx::query(
        "insert into sending_stop (id, kind, reason, stopped_at, answer, trial_at, trial_by, trial_after)
         values (gen_random_uuid(), 'refused', '', $1, 'rcpt 553', $1, 'token:x', $1)",
    )
    .bind(right + AHEAD)
    .execute(&fixture.pool)
    .await
    .unwrap();
    assert_eq!(fixture.notifier(1, PATIENT).await.drain().await.sent, 2, "the one on trial, and the other");
    for id in ids {
        assert!(fixture.time("expires_at", id).await >= right + Span::hours(72), "no time was taken from it");
    }
}
