//! Mails that waited while no worker was there, or while its clock was in doubt: that time does not count against them.
use super::fixture::DeliveryFixture;
use crate::support::smtp_sink::{Behaviour, Stage};
use ashiato::base::clock::{Believed, Clock};
use ashiato::mail::{Drained, send_again};
use ashiato::retention::{AWAY, Look, keep_time};
use chrono::Duration as Span;
use uuid::Uuid;

impl DeliveryFixture {
    /// The worker looks at the clocks, as it does at its start and each minute.
    async fn look(&self, believed: &Believed, synchronised: Option<bool>) {
        let now = self.clock.now();
        let look = Look { local: now, database: now, elapsed: Span::zero(), synchronised };
        let verdict = keep_time(&mut self.pool.acquire().await.unwrap(), &look).await.unwrap();
        believed.bound(verdict.believed, verdict.doubt.is_none());
    }

    /// Leaves a mail so much time.
    async fn leave(&self, id: Uuid, time: Span) {
        let until = self.clock.now() + time;
        sqlx::query("update outbox set expires_at = $2 where id = $1").bind(id).bind(until).execute(&self.pool).await.unwrap();
    }
}

/// A worker is away for `hours`. Before that it had tried one mail for three days but an hour; web posts a letter meanwhile.
async fn comes_back_after(hours: i64, synchronised: Option<bool>) {
    let fixture = DeliveryFixture::new().await;
    fixture.look(&Believed::default(), synchronised).await;
    let alert = Uuid::new_v4();
    let notices = fixture.queue_notices(alert, 2).await;
    fixture.leave(notices[1], Span::hours(1)).await;
    fixture.clock.advance(Span::hours(hours / 2));
    let letter = fixture.queue(["letter@example.jp"]).await[0];
    fixture.clock.advance(Span::hours(hours - hours / 2));

    let believed = Believed::default();
    fixture.look(&believed, synchronised).await;
    // The mail server puts off what was tried longest.
    fixture.sink.behave_for("visitor1@example.jp", Behaviour::reply(Stage::Rcpt, "450 4.2.1 later"));
    let notifier = fixture.notifier_believing(&believed).await;
    let drained = notifier.drain().await;
    assert_eq!(drained, Drained { sent: 2, deferred: 1, ..Drained::default() }, "{hours} {synchronised:?}");
    assert!([notices[0], letter].iter().all(|id| fixture.accepted(*id) == 1));
    assert_eq!(fixture.row(notices[1]).await.attempts, 1, "its next turn is not at once");

    fixture.sink.heal();
    fixture.clock.advance(Span::minutes(3));
    fixture.look(&believed, synchronised).await;
    assert_eq!(notifier.drain().await.sent, 1, "{hours} {synchronised:?}");
    fixture.judge(3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_are_sent_when_a_worker_comes_back_after_three_days_or_nine() {
    for hours in [1, 23, 71, 73, 9 * 24] {
        for synchronised in [Some(true), None] {
            comes_back_after(hours, synchronised).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_tried_for_its_time_ends_seen_and_can_be_sent_again() {
    let fixture = DeliveryFixture::new().await;
    let (believed, alert) = (Believed::default(), Uuid::new_v4());
    fixture.look(&believed, Some(true)).await;
    let id = fixture.queue_notices(alert, 1).await[0];
    fixture.leave(id, Span::hours(1)).await;
    fixture.sink.behave(Behaviour::reply(Stage::Rcpt, "450 4.2.1 later"));
    fixture.clock.advance(Span::hours(71));
    fixture.look(&believed, Some(true)).await;
    fixture.notifier_believing(&believed).await.drain().await;
    // A restart is no absence.
    for passed in [Span::minutes(50), AWAY] {
        assert_eq!(fixture.row(id).await.state, "deferred");
        fixture.clock.advance(passed);
        sqlx::query("update service_clock set lived_at = $1, seen_at = $1")
            .bind(fixture.clock.now() - AWAY)
            .execute(&fixture.pool)
            .await
            .unwrap();
        fixture.look(&believed, Some(true)).await;
        fixture.notifier_believing(&believed).await.drain().await;
    }
    let row = fixture.row(id).await;
    assert_eq!((row.state.as_str(), row.reason.as_deref()), ("dead", Some("expired")));
    let again = send_again(&mut fixture.pool.acquire().await.unwrap(), fixture.clock.now(), alert, None).await.unwrap();
    fixture.sink.heal();
    assert_eq!((again, fixture.notifier_believing(&believed).await.drain().await.sent), (1, 1));
    fixture.judge(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_is_over_only_by_a_clock_in_doubt_is_sent() {
    let fixture = DeliveryFixture::new().await;
    let believed = Believed::default();
    fixture.look(&believed, Some(true)).await;
    let ids = fixture.queue(["visitor1@example.jp", "visitor2@example.jp"]).await;
    fixture.sink.behave_for("visitor2@example.jp", Behaviour::reply(Stage::Rcpt, "450 4.2.1 later"));
    fixture.clock.advance(Span::days(40));
    // Nobody has looked yet.
    let notifier = fixture.notifier_believing(&believed).await;
    assert_eq!(notifier.drain().await, Drained { sent: 1, deferred: 1, ..Drained::default() });
    assert_eq!(fixture.row(ids[1]).await.attempts, 1, "put off, and not tried over and over");
    fixture.look(&believed, Some(true)).await;
    fixture.sink.heal();
    fixture.clock.advance(Span::minutes(3));
    assert_eq!(notifier.drain().await.sent, 1);
    fixture.judge(2).await;
}
