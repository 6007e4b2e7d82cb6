//! A new turn for what failed, an end for what waits, and the letter to the venue.
use super::fixture::AlertFixture;
use ashiato::alert::{self, AlertError, AlertId, DeliveryRequest, State};
use ashiato::official::Role;
use ashiato::venue::VenueId;

impl AlertFixture {
    async fn request_delivery(&self, alert: AlertId, request: DeliveryRequest) -> Result<i64, AlertError> {
        let session = self.session("approver", Role::Approver).await;
        let mut act = self.act(&session).await;
        let mails = alert::request_delivery(&mut act, &self.rules(), alert, request).await?;
        act.commit().await.unwrap();
        Ok(mails)
    }

    async fn failed(&self, alert: AlertId, states: [(&'static str, &'static str); 5]) {
        for (state, reason) in states {
            let finished = matches!(state, "dead" | "bounced");
            sqlx::query(
                "update outbox set state = $2, reason = $3, finished_at = case when $4 then $5::timestamptz end, next_at = $5 + interval '3 hours'
                 where id = (select id from outbox where alert_id = $1 and state = 'queued' limit 1)",
            )
            .bind(alert.0)
            .bind(state)
            .bind(reason)
            .bind(finished)
            .bind(self.now())
            .execute(&self.notifier)
            .await
            .unwrap();
        }
    }
}

pub async fn released(visitors: u32) -> (AlertFixture, VenueId, AlertId) {
    let fixture = AlertFixture::new().await;
    let venue = fixture.venue().await;
    fixture.visits(venue, 0..visitors).await;
    let alert = fixture.release(&[(venue, fixture.today())]).await;
    (fixture, venue, alert)
}

#[tokio::test]
async fn what_failed_in_a_passing_way_gets_a_new_turn_and_nothing_else() {
    let (fixture, _, alert) = released(5).await;
    fixture
        .failed(
            alert,
            [
                ("deferred", "rcpt 450 4.2.1"),
                ("dead", "expired"),
                ("dead", "given-up"),
                ("dead", "dot 552 5.3.4"),
                ("bounced", "rcpt 550 5.1.1"),
            ],
        )
        .await;
    assert_eq!(fixture.deliver().await.len(), 0, "nothing is due");
    assert_eq!(fixture.request_delivery(alert, DeliveryRequest::Retry).await.unwrap(), 3);
    assert!(matches!(fixture.request_delivery(alert, DeliveryRequest::Retry).await, Err(AlertError::RequestPending)));
    assert_eq!(fixture.deliver().await.len(), 0, "the notifier does it, not web");
    fixture.dispatch().await;
    assert_eq!(fixture.deliver().await.len(), 3);
    let counts = fixture.delivery(alert).await;
    assert_eq!((counts.sent, counts.dead, counts.bounced), (3, 1, 1));
    assert!(matches!(fixture.request_delivery(alert, DeliveryRequest::Retry).await, Err(AlertError::NothingWaiting)));
}

#[tokio::test]
async fn an_alert_that_was_done_goes_on_for_a_retry_and_is_done_again() {
    let (fixture, _, alert) = released(1).await;
    fixture.sql("update outbox set state = 'dead', reason = 'expired', finished_at = now() where alert_id = $1", alert.0).await;
    fixture.clock.set("2026-11-22T21:10:00Z".parse().unwrap());
    fixture.dispatch().await;
    assert_eq!(fixture.status(alert).await.state, State::Done);
    fixture.request_delivery(alert, DeliveryRequest::Retry).await.unwrap();
    fixture.clock.set("2026-11-23T03:00:00Z".parse().unwrap());
    fixture.dispatch().await;
    assert_eq!(fixture.status(alert).await.state, State::Sending);
    assert_eq!(fixture.deliver().await.len(), 1);
    fixture.dispatch().await;
    assert_eq!(fixture.status(alert).await.state, State::Done);
}

#[tokio::test]
async fn what_waits_can_be_given_up_and_brought_back() {
    let (fixture, _, alert) = released(3).await;
    fixture
        .sql(
            "update outbox set state = 'ambiguous', ambiguous_attempts = 1 where id = (select id from outbox where alert_id = $1 limit 1)",
            alert.0,
        )
        .await;
    fixture.pause(alert).await.unwrap();
    assert_eq!(fixture.request_delivery(alert, DeliveryRequest::GiveUp).await.unwrap(), 2);
    fixture.dispatch().await;
    let counts = fixture.delivery(alert).await;
    assert_eq!(
        (counts.dead, counts.ambiguous, counts.rows()),
        (2, 1, 3),
        "one may have arrived: to call it dead would be to claim too much"
    );
    let waiting = fixture.count("select count(*) from outbox where finished_at is null").await;
    assert_eq!(waiting, 0);
    assert!(matches!(fixture.request_delivery(alert, DeliveryRequest::GiveUp).await, Err(AlertError::NothingWaiting)));
    fixture.resume(alert).await.unwrap();
    assert_eq!(fixture.request_delivery(alert, DeliveryRequest::Retry).await.unwrap(), 2);
    fixture.dispatch().await;
    assert_eq!(fixture.deliver().await.len(), 2);
}

#[tokio::test]
async fn a_cancelled_alert_and_a_draft_take_no_requests() {
    let (fixture, venue, alert) = released(2).await;
    fixture.cancel(alert).await.unwrap();
    assert!(matches!(fixture.request_delivery(alert, DeliveryRequest::GiveUp).await, Err(AlertError::WrongState(State::Cancelled))));
    let draft = fixture.report(&[(venue, fixture.today())]).await.alert_id;
    assert!(matches!(fixture.request_delivery(draft, DeliveryRequest::Retry).await, Err(AlertError::WrongState(State::Draft))));
    let mut strict = AlertFixture::new().await;
    strict.tokens_may_approve = false;
    assert!(matches!(strict.request_delivery(AlertId::random(), DeliveryRequest::Retry).await, Err(AlertError::TokenMayNotApprove)));
}

#[tokio::test]
async fn a_request_about_an_alert_cancelled_meanwhile_does_nothing() {
    let (fixture, _, alert) = released(2).await;
    fixture.failed(alert, [("dead", "expired"), ("deferred", "rcpt 450"), ("queued", ""), ("queued", ""), ("queued", "")]).await;
    fixture.request_delivery(alert, DeliveryRequest::Retry).await.unwrap();
    fixture.cancel(alert).await.unwrap();
    fixture.dispatch().await;
    assert_eq!(fixture.deliver().await.len(), 0);
    let counts = fixture.delivery(alert).await;
    assert_eq!((counts.dead, counts.cancelled), (1, 1));
}
