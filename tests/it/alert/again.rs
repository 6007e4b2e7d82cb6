//! What was refused for good is sent again once an approver says so: to whom it should go, and to nobody else.
use super::requesting::released;
use super::town::{TOKYO, Town};
use ashiato::alert::{self, AlertError, AlertId, DeliveryRequest, State};
use ashiato::base::email_address::EmailAddress;
use ashiato::keys::PersonScope;
use ashiato::mail::suppression::{self, Cause};
use ashiato::official::Role;
use chrono::Duration;

impl Town {
    async fn send_again(&self, alert: AlertId, reasons: Option<&[&str]>) -> Result<i64, AlertError> {
        let session = self.session("approver", Role::Approver).await;
        let reasons: Option<Vec<String>> = reasons.map(|reasons| reasons.iter().map(|reason| (*reason).to_owned()).collect());
        let mut tx = self.web.begin().await.unwrap();
        let mails = alert::send_again(&mut tx, self.now(), &self.rules(), &session, alert, reasons.as_deref()).await?;
        tx.commit().await.unwrap();
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
    let (town, _, alert) = released(6).await;
    for (state, reason) in [
        ("dead", "rcpt 553"),
        ("dead", "rcpt 553"),
        ("bounced", "rcpt 550 5.1.1"),
        ("dead", "dot 550 filter"),
        ("dead", "erased"),
        ("dead", "expired"),
    ] {
        town.ended(alert, state, reason).await;
    }
    let reasons = alert::refused(&mut town.web.acquire().await.unwrap(), alert).await.unwrap();
    let reasons: Vec<_> = reasons.iter().map(|reason| (reason.reason.as_str(), reason.rows)).collect();
    assert_eq!(reasons, [("rcpt 553", 2), ("dot 550 filter", 1), ("expired", 1), ("rcpt 550 5.1.1", 1)], "what is erased is gone");
    assert!(matches!(town.send_again(alert, Some(&["nonsense"])).await, Err(AlertError::NothingWaiting)));
    assert_eq!(town.send_again(alert, Some(&["rcpt 553", "nonsense"])).await.unwrap(), 2);
    assert!(matches!(town.send_again(alert, None).await, Err(AlertError::RequestPending)));
    assert_eq!(town.deliver().await.len(), 0, "the notifier does it, not web");
    // Long after it ended, with the whole time of a new mail.
    town.pass(Duration::hours(100)).await;
    town.clock.set("2026-11-27T03:00:00Z".parse().unwrap());
    town.dispatch().await;
    let left = town.count("select count(*) from outbox where state = 'queued' and expires_at = '2026-11-30T03:00:00Z'").await;
    assert_eq!(left, 2);
    assert_eq!(town.deliver().await.len(), 2);
    let counts = town.delivery(alert).await;
    assert_eq!((counts.sent, counts.dead, counts.bounced, counts.repeats, counts.rows()), (2, 3, 1, 2, 6));
    assert_eq!(town.send_again(alert, None).await.unwrap(), 3, "all that can be sent");
    town.dispatch().await;
    assert_eq!(town.deliver().await.len(), 3);
    assert_eq!((town.delivery(alert).await.sent, town.delivery(alert).await.repeats), (5, 5));
    let audited = town.count("select count(*) from audit_entry where action = 'delivery.send_again'").await;
    assert_eq!(audited, 2);
}

#[tokio::test]
async fn who_bounced_is_reachable_again_and_who_asked_for_no_mails_is_not() {
    let (town, _, alert) = released(2).await;
    for _ in 0..2 {
        town.ended(alert, "bounced", "dsn 5.1.1").await;
    }
    for (address, why) in [("visitor0@example.jp", Cause::Bounced), ("visitor1@example.jp", Cause::Asked)] {
        suppression::add(&town.notifier, town.now(), &town.person(address), why).await.unwrap();
    }
    town.send_again(alert, None).await.unwrap();
    town.dispatch().await;
    assert_eq!(town.told().await, ["visitor0@example.jp"]);
    assert_eq!(town.delivery(alert).await.suppressed, 1);
    assert!(!suppression::contains(&town.notifier, &town.person("visitor0@example.jp")).await.unwrap());
    assert!(suppression::contains(&town.notifier, &town.person("visitor1@example.jp")).await.unwrap());
}

#[tokio::test]
async fn one_person_gets_one_mail_also_when_it_is_sent_again() {
    let town = Town::new().await;
    let (cafe, library) = (town.venue().await, town.venue().await);
    for venue in [cafe, library] {
        town.visit(venue, "visitor0@example.jp").await;
    }
    let alert = town.release(&[(cafe, town.today()), (library, town.today())]).await;
    assert_eq!(town.deliver().await.len(), 1);
    town.sql("update outbox set state = 'bounced', reason = 'rcpt 550 5.1.1' where alert_id = $1 and state = 'sent'", alert.0).await;
    town.send_again(alert, None).await.unwrap();
    town.dispatch().await;
    assert_eq!(town.deliver().await.len(), 1);
    let counts = town.delivery(alert).await;
    assert_eq!((counts.sent, counts.merged), (1, 1));
}

#[tokio::test]
async fn nothing_of_a_cancelled_or_corrected_alert_is_sent_again() {
    let (town, _, alert) = released(3).await;
    town.ended(alert, "dead", "rcpt 553").await;
    town.send_again(alert, None).await.unwrap();
    town.cancel(alert).await.unwrap();
    town.dispatch().await;
    assert_eq!(town.deliver().await.len(), 0, "cancelled while it was asked for");
    assert!(matches!(town.send_again(alert, None).await, Err(AlertError::WrongState(State::Cancelled))));

    let (town, _, alert) = released(3).await;
    town.ended(alert, "dead", "rcpt 553").await;
    town.ended(alert, "dead", "expired").await;
    assert_eq!(town.deliver().await.len(), 1);
    town.clock.set("2026-11-22T21:10:00Z".parse().unwrap());
    town.dispatch().await;
    assert_eq!(town.status(alert).await.state, State::Done);
    town.send_again(alert, Some(&["rcpt 553"])).await.unwrap();
    let session = town.session("tracer", Role::Tracer).await;
    let mut tx = town.web.begin().await.unwrap();
    alert::correct(&mut tx, town.now(), TOKYO, &session, alert).await.unwrap();
    tx.commit().await.unwrap();
    town.clock.set("2026-11-23T03:00:00Z".parse().unwrap());
    town.dispatch().await;
    assert_eq!(town.deliver().await.len(), 0, "corrected while it was asked for");
    assert!(matches!(town.send_again(alert, None).await, Err(AlertError::WrongState(State::Done))));
    let session = town.session("approver", Role::Approver).await;
    let mut tx = town.web.begin().await.unwrap();
    let retried = alert::request_delivery(&mut tx, town.now(), &town.rules(), &session, alert, DeliveryRequest::Retry).await;
    assert!(matches!(retried, Err(AlertError::WrongState(State::Done))), "nor what expired");
}

#[tokio::test]
async fn a_notice_that_waits_again_after_its_correction_left_is_not_sent() {
    let (town, _, alert) = released(2).await;
    town.ended(alert, "dead", "rcpt 553").await;
    assert_eq!(town.deliver().await.len(), 1);
    town.clock.set("2026-11-22T21:10:00Z".parse().unwrap());
    town.dispatch().await;
    town.clock.set("2026-11-23T03:00:00Z".parse().unwrap());
    let session = town.session("tracer", Role::Tracer).await;
    let mut tx = town.web.begin().await.unwrap();
    let correction = alert::correct(&mut tx, town.now(), TOKYO, &session, alert).await.unwrap();
    tx.commit().await.unwrap();
    town.approved(correction).await;
    town.dispatch().await;
    assert_eq!(town.deliver().await.len(), 1, "the correction");
    town.sql("update outbox set state = 'deferred', finished_at = null where alert_id = $1 and state = 'dead'", alert.0).await;
    assert_eq!(town.deliver().await.len(), 0);
    assert_eq!(town.delivery(alert).await.cancelled, 1);
}

#[tokio::test]
async fn an_alert_that_was_done_is_open_again_when_the_brake_gives_mails_back() {
    let (town, _, alert) = released(1).await;
    town.ended(alert, "bounced", "rcpt 550 5.1.1").await;
    town.clock.set("2026-11-22T21:10:00Z".parse().unwrap());
    town.dispatch().await;
    assert_eq!(town.status(alert).await.state, State::Done);
    town.sql("update outbox set state = 'deferred', ended_as = 'bounced', repeats = 1, finished_at = null where alert_id = $1", alert.0)
        .await;
    town.dispatch().await;
    assert_eq!(town.status(alert).await.state, State::Sending);
}
