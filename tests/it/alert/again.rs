//! What was refused for good is sent again once an approver says so: to whom it should go, and to nobody else.
use super::fixture::AlertFixture;
use super::requesting::released;
use ashiato::alert::{self, AlertError, AlertId, DeliveryRequest, State};
use ashiato::base::email_address::EmailAddress;
use ashiato::keys::PersonScope;
use ashiato::mail::suppression::{self, Cause};
use ashiato::official::Role;
use chrono::Duration;

impl AlertFixture {
    async fn send_again(&self, alert: AlertId, reasons: Option<&[&str]>) -> Result<i64, AlertError> {
        let session = self.session("approver", Role::Approver).await;
        let reasons: Option<Vec<String>> = reasons.map(|reasons| reasons.iter().map(|reason| (*reason).to_owned()).collect());
        let mut act = self.act(&session).await;
        let mails = alert::send_again(&mut act, &self.rules(), alert, reasons.as_deref()).await?;
        act.commit().await.unwrap();
        Ok(mails)
    }

    /// Ends one waiting mail so.
    async fn ended(&self, alert: AlertId, state: &str, reason: &str) {
        sqlx::query(
            "update outbox set state = $2, reason = $3, finished_at = $4
             where id = (select id from outbox where alert_id = $1 and state = 'queued' order by mac limit 1)",
        )
        .bind(alert.0)
        .bind(state)
        .bind(reason)
        .bind(self.now())
        .execute(&self.notifier)
        .await
        .unwrap();
    }

    fn person(&self, address: &str) -> [u8; 32] {
        self.opener.person(PersonScope::Suppression, &EmailAddress::parse(address).unwrap())
    }
}

#[tokio::test]
async fn what_was_refused_is_sent_again_by_reason_and_counted() {
    let (fixture, _, alert) = released(6).await;
    for (state, reason) in [
        ("dead", "rcpt 553"),
        ("dead", "rcpt 553"),
        ("bounced", "rcpt 550 5.1.1"),
        ("dead", "dot 550 filter"),
        ("dead", "erased"),
        ("dead", "expired"),
    ] {
        fixture.ended(alert, state, reason).await;
    }
    let reasons = alert::refused(&mut fixture.web.acquire().await.unwrap(), alert).await.unwrap();
    let reasons: Vec<_> = reasons.iter().map(|reason| (reason.reason.as_str(), reason.rows)).collect();
    assert_eq!(reasons, [("rcpt 553", 2), ("dot 550 filter", 1), ("expired", 1), ("rcpt 550 5.1.1", 1)], "what is erased is gone");
    assert!(matches!(fixture.send_again(alert, Some(&["nonsense"])).await, Err(AlertError::NothingWaiting)));
    assert_eq!(fixture.send_again(alert, Some(&["rcpt 553", "nonsense"])).await.unwrap(), 2);
    assert!(matches!(fixture.send_again(alert, None).await, Err(AlertError::RequestPending)));
    assert_eq!(fixture.deliver().await.len(), 0, "the notifier does it, not web");
    // Long after it ended, with the whole time of a new mail.
    fixture.pass(Duration::hours(100)).await;
    fixture.clock.set("2026-11-27T03:00:00Z".parse().unwrap());
    fixture.dispatch().await;
    let left = fixture.count("select count(*) from outbox where state = 'queued' and expires_at = '2026-11-30T03:00:00Z'").await;
    assert_eq!(left, 2);
    assert_eq!(fixture.deliver().await.len(), 2);
    let counts = fixture.delivery(alert).await;
    assert_eq!((counts.sent, counts.dead, counts.bounced, counts.repeats, counts.rows()), (2, 3, 1, 2, 6));
    assert_eq!(fixture.send_again(alert, None).await.unwrap(), 3, "all that can be sent");
    fixture.dispatch().await;
    assert_eq!(fixture.deliver().await.len(), 3);
    assert_eq!((fixture.delivery(alert).await.sent, fixture.delivery(alert).await.repeats), (5, 5));
    let audited = fixture.count("select count(*) from audit_entry where action = 'delivery.send_again'").await;
    assert_eq!(audited, 2);
}

#[tokio::test]
async fn who_bounced_is_reachable_again_and_who_asked_for_no_mails_is_not() {
    let (fixture, _, alert) = released(2).await;
    for _ in 0..2 {
        fixture.ended(alert, "bounced", "dsn 5.1.1").await;
    }
    for (address, why) in [("visitor0@example.jp", Cause::Bounced), ("visitor1@example.jp", Cause::Asked)] {
        suppression::add(&fixture.notifier, fixture.now(), &fixture.person(address), why).await.unwrap();
    }
    fixture.send_again(alert, None).await.unwrap();
    fixture.dispatch().await;
    assert_eq!(fixture.told().await, ["visitor0@example.jp"]);
    assert_eq!(fixture.delivery(alert).await.suppressed, 1);
    assert!(!suppression::contains(&fixture.notifier, &fixture.person("visitor0@example.jp")).await.unwrap());
    assert!(suppression::contains(&fixture.notifier, &fixture.person("visitor1@example.jp")).await.unwrap());
}

#[tokio::test]
async fn one_person_gets_one_mail_also_when_it_is_sent_again() {
    let fixture = AlertFixture::new().await;
    let (cafe, library) = (fixture.venue().await, fixture.venue().await);
    for venue in [cafe, library] {
        fixture.visit(venue, "visitor0@example.jp").await;
    }
    let alert = fixture.release(&[(cafe, fixture.today()), (library, fixture.today())]).await;
    assert_eq!(fixture.deliver().await.len(), 1);
    fixture.sql("update outbox set state = 'bounced', reason = 'rcpt 550 5.1.1' where alert_id = $1 and state = 'sent'", alert.0).await;
    fixture.send_again(alert, None).await.unwrap();
    fixture.dispatch().await;
    assert_eq!(fixture.deliver().await.len(), 1);
    let counts = fixture.delivery(alert).await;
    assert_eq!((counts.sent, counts.merged), (1, 1));
}

#[tokio::test]
async fn nothing_of_a_cancelled_or_corrected_alert_is_sent_again() {
    let (fixture, _, alert) = released(3).await;
    fixture.ended(alert, "dead", "rcpt 553").await;
    fixture.send_again(alert, None).await.unwrap();
    fixture.cancel(alert).await.unwrap();
    fixture.dispatch().await;
    assert_eq!(fixture.deliver().await.len(), 0, "cancelled while it was asked for");
    assert!(matches!(fixture.send_again(alert, None).await, Err(AlertError::WrongState(State::Cancelled))));

    let (fixture, _, alert) = released(3).await;
    fixture.ended(alert, "dead", "rcpt 553").await;
    fixture.ended(alert, "dead", "expired").await;
    assert_eq!(fixture.deliver().await.len(), 1);
    fixture.clock.set("2026-11-22T21:10:00Z".parse().unwrap());
    fixture.dispatch().await;
    assert_eq!(fixture.status(alert).await.state, State::Done);
    fixture.send_again(alert, Some(&["rcpt 553"])).await.unwrap();
    let session = fixture.session("tracer", Role::Tracer).await;
    let mut act = fixture.act(&session).await;
    alert::correct(&mut act, alert).await.unwrap();
    act.commit().await.unwrap();
    fixture.clock.set("2026-11-23T03:00:00Z".parse().unwrap());
    fixture.dispatch().await;
    assert_eq!(fixture.deliver().await.len(), 0, "corrected while it was asked for");
    assert!(matches!(fixture.send_again(alert, None).await, Err(AlertError::WrongState(State::Done))));
    let session = fixture.session("approver", Role::Approver).await;
    let mut act = fixture.act(&session).await;
    let retried = alert::request_delivery(&mut act, &fixture.rules(), alert, DeliveryRequest::Retry).await;
    assert!(matches!(retried, Err(AlertError::WrongState(State::Done))), "nor what expired");
}

#[tokio::test]
async fn a_notice_that_waits_again_after_its_correction_left_is_not_sent() {
    let (fixture, _, alert) = released(2).await;
    fixture.ended(alert, "dead", "rcpt 553").await;
    assert_eq!(fixture.deliver().await.len(), 1);
    fixture.clock.set("2026-11-22T21:10:00Z".parse().unwrap());
    fixture.dispatch().await;
    fixture.clock.set("2026-11-23T03:00:00Z".parse().unwrap());
    let session = fixture.session("tracer", Role::Tracer).await;
    let mut act = fixture.act(&session).await;
    let correction = alert::correct(&mut act, alert).await.unwrap();
    act.commit().await.unwrap();
    fixture.approved(correction).await;
    fixture.dispatch().await;
    assert_eq!(fixture.deliver().await.len(), 1, "the correction");
    fixture.sql("update outbox set state = 'deferred', finished_at = null where alert_id = $1 and state = 'dead'", alert.0).await;
    assert_eq!(fixture.deliver().await.len(), 0);
    assert_eq!(fixture.delivery(alert).await.cancelled, 1);
}

#[tokio::test]
async fn an_alert_that_was_done_is_open_again_when_the_brake_gives_mails_back() {
    let (fixture, _, alert) = released(1).await;
    fixture.ended(alert, "bounced", "rcpt 550 5.1.1").await;
    fixture.clock.set("2026-11-22T21:10:00Z".parse().unwrap());
    fixture.dispatch().await;
    assert_eq!(fixture.status(alert).await.state, State::Done);
    fixture
        .sql("update outbox set state = 'deferred', ended_as = 'bounced', repeats = 1, finished_at = null where alert_id = $1", alert.0)
        .await;
    fixture.dispatch().await;
    assert_eq!(fixture.status(alert).await.state, State::Sending);
}
