//! Visits that appear after the release wait for one click.
use super::fixture::AlertFixture;
use ashiato::alert::{AlertError, AlertId, REMATCH_EVERY, Refusal, State};
use ashiato::venue::VenueId;
use chrono::Duration;

/// A fixture whose alert over today's visitors at one venue has gone out.
async fn released(visitors: u32) -> (AlertFixture, VenueId, AlertId) {
    let fixture = AlertFixture::new().await;
    let venue = fixture.venue().await;
    fixture.visits(venue, 0..visitors).await;
    let alert = fixture.release(&[(venue, fixture.today())]).await;
    fixture.deliver().await;
    (fixture, venue, alert)
}

#[tokio::test]
async fn late_visits_are_counted_every_ten_minutes_and_no_sooner() {
    let (fixture, venue, alert) = released(3).await;
    fixture.visits(venue, 3..5).await;
    fixture.clock.advance(REMATCH_EVERY - Duration::microseconds(1));
    fixture.dispatch().await;
    assert_eq!(fixture.status(alert).await.late, 0, "not looked yet");
    fixture.clock.advance(Duration::microseconds(1));
    fixture.dispatch().await;
    assert_eq!(fixture.status(alert).await.late, 2);
    fixture.visits(venue, 5..6).await;
    fixture.clock.advance(Duration::minutes(9));
    fixture.dispatch().await;
    assert_eq!(fixture.status(alert).await.late, 2);
    fixture.clock.advance(Duration::minutes(1));
    fixture.dispatch().await;
    assert_eq!(fixture.status(alert).await.late, 3);
    assert_eq!(fixture.told().await.len(), 0, "they wait for a click");
}

#[tokio::test]
async fn one_click_with_the_right_number_releases_them() {
    let (fixture, venue, alert) = released(3).await;
    assert!(matches!(fixture.release_late(alert, 0).await, Err(AlertError::NothingLate)));
    fixture.visits(venue, 3..5).await;
    fixture.clock.advance(REMATCH_EVERY);
    fixture.dispatch().await;
    assert!(matches!(fixture.release_late(alert, 3).await, Err(AlertError::WrongCount)));
    fixture.release_late(alert, 2).await.unwrap();
    assert!(matches!(fixture.release_late(alert, 2).await, Err(AlertError::ReleasePending)));
    fixture.dispatch().await;
    assert_eq!(fixture.told().await, ["visitor3@example.jp", "visitor4@example.jp"]);
    let status = fixture.status(alert).await;
    assert_eq!((status.late, status.release_pending, status.release_refused), (0, false, None));
    assert_eq!(fixture.delivery(alert).await.sent, 5);
}

#[tokio::test]
async fn a_click_does_not_release_far_more_than_was_seen() {
    for (grows_by, told) in [(5, 6), (6, 0)] {
        let (fixture, venue, alert) = released(1).await;
        fixture.visits(venue, 1..2).await;
        fixture.clock.advance(REMATCH_EVERY);
        fixture.dispatch().await;
        fixture.release_late(alert, 1).await.unwrap();
        fixture.visits(venue, 2..2 + grows_by).await;
        fixture.dispatch().await;
        assert_eq!(fixture.told().await.len(), told);
        let status = fixture.status(alert).await;
        assert_eq!(status.release_refused, (told == 0).then_some(Refusal::Growth));
        assert_eq!(status.late, if told == 0 { 7 } else { 0 }, "the next click sees the new number");
    }
}

#[tokio::test]
async fn a_date_is_looked_at_once_more_after_it_closed_and_then_the_alert_is_done() {
    let (fixture, venue, alert) = released(2).await;
    fixture.visits(venue, 2..3).await;
    // 06:09 the next morning: closed, but a check-in of the last second might still be on its way.
    fixture.clock.set("2026-11-22T21:09:59Z".parse().unwrap());
    fixture.dispatch().await;
    assert_eq!((fixture.status(alert).await.state, fixture.status(alert).await.late), (State::Sending, 1));
    fixture.clock.set("2026-11-22T21:10:00Z".parse().unwrap());
    assert_eq!(fixture.dispatch().await.finished, 1);
    let done = fixture.status(alert).await;
    assert_eq!((done.state, done.late), (State::Done, 1));
    // The click still counts.
    fixture.release_late(alert, 1).await.unwrap();
    fixture.dispatch().await;
    assert_eq!(fixture.status(alert).await.state, State::Sending);
    assert_eq!(fixture.told().await, ["visitor2@example.jp"]);
    fixture.dispatch().await;
    assert_eq!((fixture.status(alert).await.state, fixture.status(alert).await.late), (State::Done, 0));
}

#[tokio::test]
async fn what_grew_too_much_between_two_stays_is_left_for_a_click() {
    let fixture = AlertFixture::new().await;
    let (venue, today) = (fixture.venue().await, fixture.today());
    fixture.visits(venue, 0..1).await;
    let alert = fixture.release(&[(venue, today)]).await;
    // As if the process had died before this stay, and a crowd had come before it was started again.
    fixture.sql("delete from outbox where alert_id = $1", alert.0).await;
    fixture.sql("update alert_stay_match set matched_at = null where alert_id = $1", alert.0).await;
    fixture.visits(venue, 1..7).await;
    fixture.dispatch().await;
    assert_eq!((fixture.told().await.len(), fixture.status(alert).await.late), (0, 7));
    fixture.release_late(alert, 7).await.unwrap();
    fixture.dispatch().await;
    assert_eq!(fixture.told().await.len(), 7);
}
