//! What becomes of single rows.
use super::fixture::{DeliveryFixture, PATIENT};
use crate::support::smtp_sink::{Behaviour, Stage};
use ashiato::base::clock::Clock;
use ashiato::mail::bounce::{Handled, People};
use ashiato::mail::suppression::{self, Cause};
use ashiato::mail::{Claimed, Counts, Drained, Interruption, bounce, cancel, oldest_waiting, reasons};
use chrono::Duration as Span;
use sqlx::PgConnection;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_mails_go_out_over_four_connections_once_each() {
    let fixture = DeliveryFixture::new().await;
    let ids = fixture.queue_many(300).await;
    let drained = fixture.notifier(4, PATIENT).await.drain().await;
    assert_eq!(drained, Drained { sent: 300, ..Drained::default() });
    assert_eq!(fixture.judge(300).await, Counts { sent: 300, ..Counts::default() });
    assert!(ids.iter().all(|id| fixture.accepted(*id) == 1));
    assert!((2..=4).contains(&fixture.sink.connections()), "{} connections", fixture.sink.connections());
    let mail = &fixture.sink.accepted()[0];
    assert_eq!((mail.from.as_str(), mail.subject.as_str()), ("notice@city.example.jp", "お知らせ"));
    assert_eq!(oldest_waiting(&fixture.pool).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_recipient_bounces_and_the_others_get_theirs() {
    let fixture = DeliveryFixture::new().await;
    let ids = fixture.queue(["a@example.jp", "gone@example.jp", "b@example.jp", "big@example.jp", "later@example.jp"]).await;
    fixture.sink.behave_for("gone@example.jp", Behaviour::reply(Stage::Rcpt, "550 5.1.1 <gone@example.jp> unknown"));
    fixture.sink.behave_for("big@example.jp", Behaviour::reply(Stage::Dot, "552 5.3.4 too big"));
    fixture.sink.behave_for("later@example.jp", Behaviour::reply(Stage::Rcpt, "450 4.2.1 later"));
    let drained = fixture.notifier(2, PATIENT).await.drain().await;
    assert_eq!(drained, Drained { sent: 2, bounced: 1, dead: 1, deferred: 1, ..Drained::default() });
    for (id, state, reason) in
        [(ids[1], "bounced", "rcpt 550 5.1.1"), (ids[3], "dead", "dot 552 5.3.4"), (ids[4], "deferred", "rcpt 450 4.2.1")]
    {
        let row = fixture.row(id).await;
        assert_eq!((row.state.as_str(), row.reason.as_deref()), (state, Some(reason)));
    }
    let reasons = reasons(&fixture.pool, None).await.unwrap();
    assert_eq!(reasons.len(), 3);
    fixture.judge(5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rooms_word_decides_and_a_poisonous_row_harms_no_other() {
    let fixture = DeliveryFixture::new().await;
    let words = ["merged", "suppressed", "cancelled", "paused", "a@example.jp", "no address", "panic", "mistake", "forgotten"];
    let ids = fixture.queue(words).await;
    let notifier = fixture.notifier(2, PATIENT).await;
    notifier.drain().await;
    let expected = ["merged", "suppressed", "cancelled", "queued", "sent", "dead", "deferred", "deferred", "deferred"];
    for (id, state) in ids.iter().zip(expected) {
        assert_eq!(fixture.row(*id).await.state, state);
    }
    assert_eq!(fixture.row(ids[5]).await.reason.as_deref(), Some("tampered"));
    assert_eq!(fixture.row(ids[6]).await.reason.as_deref(), Some("content failed"));
    assert_eq!(fixture.row(ids[8]).await.reason.as_deref(), Some("content unanswered"));
    assert_eq!(fixture.row(ids[3]).await.next_at, fixture.clock.now() + Span::minutes(5), "paused");
    assert_eq!(notifier.drain().await, Drained::default(), "nothing is due");
    fixture.judge(9).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unanswered_dot_is_repeated_once_with_the_same_message_id() {
    let fixture = DeliveryFixture::new().await;
    let id = fixture.queue_many(1).await[0];
    fixture.sink.behave_times(1, Behaviour::DropAfterDot);
    let notifier = fixture.notifier(1, PATIENT).await;
    assert_eq!(notifier.drain().await.ambiguous, 1);
    let row = fixture.row(id).await;
    assert_eq!((row.state.as_str(), row.reason.as_deref(), row.finished_at), ("ambiguous", Some("dot no_reply"), None));
    fixture.clock.advance(Span::minutes(15) - Span::seconds(1));
    assert_eq!(notifier.drain().await, Drained::default(), "too early");
    fixture.clock.advance(Span::seconds(1));
    assert_eq!(notifier.drain().await.sent, 1);
    assert_eq!(fixture.accepted(id), 2);
    assert_eq!(fixture.judge(1).await, Counts { sent: 1, ambiguous_attempts: 1, ..Counts::default() });
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_unanswered_dot_is_the_last() {
    let fixture = DeliveryFixture::new().await;
    let id = fixture.queue_many(1).await[0];
    fixture.sink.behave(Behaviour::DropAfterDot);
    let notifier = fixture.notifier(1, PATIENT).await;
    for _ in 0..4 {
        notifier.drain().await;
        fixture.clock.advance(Span::minutes(20));
    }
    let row = fixture.row(id).await;
    assert_eq!((row.state.as_str(), row.attempts, row.finished_at.is_some()), ("ambiguous", 2, true));
    assert_eq!(fixture.accepted(id), 2);
    fixture.judge(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_72_hours_a_row_is_dead_unless_it_may_have_arrived() {
    let fixture = DeliveryFixture::new().await;
    let ids = fixture.queue(["never@example.jp", "perhaps@example.jp", "never-claimed@example.jp"]).await;
    fixture.sink.behave_for("never@example.jp", Behaviour::reply(Stage::Rcpt, "450 4.2.1 later"));
    fixture.sink.behave_for("perhaps@example.jp", Behaviour::DropAfterDot);
    fixture.sink.behave_for("never-claimed@example.jp", Behaviour::reply(Stage::Rcpt, "450 4.2.1 later"));
    fixture.notifier(1, PATIENT).await.drain().await;
    fixture.clock.advance(Span::hours(72) - Span::seconds(1));
    assert_eq!(fixture.counts().await.dead, 0);
    assert!(fixture.rows().await.iter().all(|row| row.finished_at.is_none()));
    fixture.clock.advance(Span::seconds(1));
    fixture.notifier(1, PATIENT).await.drain().await;
    let dead = fixture.row(ids[0]).await;
    assert_eq!((dead.state.as_str(), dead.reason.as_deref()), ("dead", Some("expired")));
    let perhaps = fixture.row(ids[1]).await;
    assert_eq!((perhaps.state.as_str(), perhaps.finished_at), ("ambiguous", Some(fixture.clock.now())));
    fixture.judge(3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deferred_rows_wait_longer_each_time() {
    let fixture = DeliveryFixture::new().await;
    let id = fixture.queue_many(1).await[0];
    fixture.sink.behave(Behaviour::reply(Stage::Rcpt, "450 4.2.1 later"));
    let notifier = fixture.notifier(1, PATIENT).await;
    for minutes in [1, 2, 4, 8] {
        assert_eq!(notifier.drain().await.deferred, 1);
        let wait = fixture.row(id).await.next_at - fixture.clock.now();
        assert!(wait >= Span::minutes(minutes) && wait <= Span::minutes(2 * minutes), "{wait}");
        fixture.clock.advance(wait);
    }
    fixture.sink.heal();
    assert_eq!(notifier.drain().await.sent, 1);
    assert_eq!(fixture.row(id).await.reason, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_alert_sends_nothing_more() {
    let fixture = DeliveryFixture::new().await;
    fixture.queue_many(3).await;
    let alert = Uuid::new_v4();
    let venue = Uuid::new_v4();
    sqlx::query(
        "update outbox set kind = 'notice', alert_id = $1, venue_id = $2, mac = decode(md5(id::text), 'hex'),
             state = case when sealed = convert_to('visitor0' || chr(64) || 'example.jp', 'UTF8') then 'ambiguous' else state end",
    )
    .bind(alert)
    .bind(venue)
    .execute(&fixture.pool)
    .await
    .unwrap();
    let mut conn = fixture.pool.acquire().await.unwrap();
    assert_eq!(cancel(&mut conn, fixture.clock.now(), alert).await.unwrap(), 3);
    assert_eq!(fixture.notifier(1, PATIENT).await.drain().await, Drained::default());
    let counts = ashiato::mail::counts(&mut *conn, Some(alert)).await.unwrap();
    assert_eq!((counts.cancelled, counts.ambiguous, counts.rows()), (2, 1, 3), "what may have arrived is not called cancelled");
    assert_eq!(ashiato::mail::counts(&mut *conn, Some(Uuid::new_v4())).await.unwrap(), Counts::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_overtake_notices() {
    let fixture = DeliveryFixture::new().await;
    fixture.queue_many(40).await;
    sqlx::query("update outbox set kind = 'notice', alert_id = id, venue_id = id, mac = decode(md5(id::text), 'hex')")
        .execute(&fixture.pool)
        .await
        .unwrap();
    fixture.clock.advance(Span::seconds(1));
    fixture.queue(["shop@example.jp"]).await;
    assert_eq!(fixture.notifier(1, PATIENT).await.drain().await.sent, 41);
    let order: Vec<String> = fixture.sink.accepted().into_iter().map(|mail| mail.to).collect();
    assert!(order.iter().take(16).any(|to| to == "shop@example.jp"), "in the first group");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_server_costs_one_group_per_connection_and_not_the_whole_outbox() {
    let fixture = DeliveryFixture::new().await;
    fixture.queue_many(300).await;
    let down = fixture.notifier_at("smtp://127.0.0.1:1?tls=none", 2, PATIENT).await;
    assert_eq!(down.drain().await.interrupted, Some(Interruption::Relay));
    let counts = fixture.judge(300).await;
    assert!((16..=32).contains(&counts.deferred), "{counts:?}");
    assert_eq!((counts.queued + counts.deferred, counts.ambiguous_attempts), (300, 0));
    assert_eq!(reasons(&fixture.pool, None).await.unwrap()[0].reason, "connect refused");
    fixture.clock.advance(Span::minutes(3));
    assert_eq!(fixture.notifier(2, PATIENT).await.drain().await.sent, 300);
    fixture.judge(300).await;
}

struct Known([u8; 32]);

#[async_trait::async_trait]
impl People for Known {
    async fn person(&self, _: &mut PgConnection, _: &Claimed) -> Result<Option<[u8; 32]>, sqlx::Error> {
        Ok(Some(self.0))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hard_bounce_ends_a_sent_row_and_suppresses_the_person() {
    let fixture = DeliveryFixture::new().await;
    let ids = fixture.queue_many(2).await;
    fixture.notifier(1, PATIENT).await.drain().await;
    let mut conn = fixture.pool.acquire().await.unwrap();
    let now = fixture.clock.now();
    let people = Known([7; 32]);
    let dsn = |id: Uuid, action: &str, status: &str| {
        format!(
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n\
             --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.jp\r\n\r\nFinal-Recipient: rfc822; x@example.jp\r\n\
             Action: {action}\r\nStatus: {status}\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{id}@city.example.jp>\r\n\r\n--b--\r\n"
        )
    };
    let mut handle = async |raw: String| bounce::handle(&mut conn, now, raw.as_bytes(), "city.example.jp", &people).await.unwrap();
    assert_eq!(handle(dsn(ids[0], "delayed", "4.4.1")).await, Handled::Noted);
    assert_eq!(handle(dsn(Uuid::new_v4(), "failed", "5.1.1")).await, Handled::Ignored);
    assert_eq!(handle(dsn(ids[1], "failed", "5.2.2")).await, Handled::Bounced { row: ids[1], suppressed: false });
    assert_eq!(handle(dsn(ids[0], "failed", "5.1.1")).await, Handled::Bounced { row: ids[0], suppressed: true });
    assert_eq!(handle(dsn(ids[0], "failed", "5.1.1")).await, Handled::Ignored, "once is enough");
    let row = fixture.row(ids[0]).await;
    assert_eq!((row.state.as_str(), row.reason.as_deref()), ("bounced", Some("dsn 5.1.1")));
    assert!(suppression::contains(&fixture.pool, &[7; 32]).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_outlasts_a_bounce() {
    let fixture = DeliveryFixture::new().await;
    let now = fixture.clock.now();
    let (asked, bounced) = ([1; 32], [2; 32]);
    assert!(suppression::add(&fixture.pool, now, &bounced, Cause::Bounced).await.unwrap());
    assert!(suppression::add(&fixture.pool, now, &bounced, Cause::Asked).await.unwrap(), "a request replaces a bounce");
    assert!(!suppression::add(&fixture.pool, now, &bounced, Cause::Bounced).await.unwrap());
    assert!(suppression::add(&fixture.pool, now, &asked, Cause::Asked).await.unwrap());
    let found = suppression::among(&fixture.pool, &[asked, [3; 32]]).await.unwrap();
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [asked]);
    assert!(suppression::remove(&fixture.pool, &asked).await.unwrap());
    assert!(!suppression::contains(&fixture.pool, &asked).await.unwrap());
}
