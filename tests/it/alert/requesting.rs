//! A new turn for what failed, an end for what waits, and the letter to the venue.
use super::town::Town;
use ashiato::alert::{self, AlertError, AlertId, DeliveryRequest, State};
use ashiato::official::Role;
use ashiato::venue::VenueId;

impl Town {
    async fn request_delivery(&self, alert: AlertId, request: DeliveryRequest) -> Result<i64, AlertError> {
        let session = self.session("approver", Role::Approver).await;
        let mut tx = self.web.begin().await.unwrap();
        let mails = alert::request_delivery(&mut tx, self.now(), &self.rules(), &session, alert, request).await?;
        tx.commit().await.unwrap();
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

pub async fn released(visitors: u32) -> (Town, VenueId, AlertId) {
    let town = Town::new().await;
    let venue = town.venue().await;
    town.visits(venue, 0..visitors).await;
    let alert = town.release(&[(venue, town.today())]).await;
    (town, venue, alert)
}

#[tokio::test]
async fn what_failed_in_a_passing_way_gets_a_new_turn_and_nothing_else() {
    let (town, _, alert) = released(5).await;
    town.failed(
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
    assert_eq!(town.deliver().await.len(), 0, "nothing is due");
    assert_eq!(town.request_delivery(alert, DeliveryRequest::Retry).await.unwrap(), 3);
    assert!(matches!(town.request_delivery(alert, DeliveryRequest::Retry).await, Err(AlertError::RequestPending)));
    assert_eq!(town.deliver().await.len(), 0, "the notifier does it, not web");
    town.dispatch().await;
    assert_eq!(town.deliver().await.len(), 3);
    let counts = town.delivery(alert).await;
    assert_eq!((counts.sent, counts.dead, counts.bounced), (3, 1, 1));
    assert!(matches!(town.request_delivery(alert, DeliveryRequest::Retry).await, Err(AlertError::NothingWaiting)));
}

#[tokio::test]
async fn an_alert_that_was_done_goes_on_for_a_retry_and_is_done_again() {
    let (town, _, alert) = released(1).await;
    town.sql("update outbox set state = 'dead', reason = 'expired', finished_at = now() where alert_id = $1", alert.0).await;
    town.clock.set("2026-11-22T21:10:00Z".parse().unwrap());
    town.dispatch().await;
    assert_eq!(town.status(alert).await.state, State::Done);
    town.request_delivery(alert, DeliveryRequest::Retry).await.unwrap();
    town.clock.set("2026-11-23T03:00:00Z".parse().unwrap());
    town.dispatch().await;
    assert_eq!(town.status(alert).await.state, State::Sending);
    assert_eq!(town.deliver().await.len(), 1);
    town.dispatch().await;
    assert_eq!(town.status(alert).await.state, State::Done);
}

#[tokio::test]
async fn what_waits_can_be_given_up_and_brought_back() {
    let (town, _, alert) = released(3).await;
    town.sql(
        "update outbox set state = 'ambiguous', ambiguous_attempts = 1 where id = (select id from outbox where alert_id = $1 limit 1)",
        alert.0,
    )
    .await;
    town.pause(alert).await.unwrap();
    assert_eq!(town.request_delivery(alert, DeliveryRequest::GiveUp).await.unwrap(), 2);
    town.dispatch().await;
    let counts = town.delivery(alert).await;
    assert_eq!(
        (counts.dead, counts.ambiguous, counts.rows()),
        (2, 1, 3),
        "one may have arrived: to call it dead would be to claim too much"
    );
    let waiting = town.count("select count(*) from outbox where finished_at is null").await;
    assert_eq!(waiting, 0);
    assert!(matches!(town.request_delivery(alert, DeliveryRequest::GiveUp).await, Err(AlertError::NothingWaiting)));
    town.resume(alert).await.unwrap();
    assert_eq!(town.request_delivery(alert, DeliveryRequest::Retry).await.unwrap(), 2);
    town.dispatch().await;
    assert_eq!(town.deliver().await.len(), 2);
}

#[tokio::test]
async fn a_cancelled_alert_and_a_draft_take_no_requests() {
    let (town, venue, alert) = released(2).await;
    town.cancel(alert).await.unwrap();
    assert!(matches!(town.request_delivery(alert, DeliveryRequest::GiveUp).await, Err(AlertError::WrongState(State::Cancelled))));
    let draft = town.report(&[(venue, town.today())]).await.alert_id;
    assert!(matches!(town.request_delivery(draft, DeliveryRequest::Retry).await, Err(AlertError::WrongState(State::Draft))));
    let mut strict = Town::new().await;
    strict.tokens_may_approve = false;
    assert!(matches!(strict.request_delivery(AlertId::random(), DeliveryRequest::Retry).await, Err(AlertError::TokenMayNotApprove)));
}

#[tokio::test]
async fn a_request_about_an_alert_cancelled_meanwhile_does_nothing() {
    let (town, _, alert) = released(2).await;
    town.failed(alert, [("dead", "expired"), ("deferred", "rcpt 450"), ("queued", ""), ("queued", ""), ("queued", "")]).await;
    town.request_delivery(alert, DeliveryRequest::Retry).await.unwrap();
    town.cancel(alert).await.unwrap();
    town.dispatch().await;
    assert_eq!(town.deliver().await.len(), 0);
    let counts = town.delivery(alert).await;
    assert_eq!((counts.dead, counts.cancelled), (1, 1));
}
