//! Visits that appear after the release wait for one click.
use super::town::Town;
use ashiato::alert::{AlertError, AlertId, REMATCH_EVERY, Refusal, State};
use ashiato::venue::VenueId;
use chrono::Duration;

/// A town whose alert over today's visitors at one venue has gone out.
async fn released(visitors: u32) -> (Town, VenueId, AlertId) {
    let town = Town::new().await;
    let venue = town.venue().await;
    town.visits(venue, 0..visitors).await;
    let alert = town.release(&[(venue, town.today())]).await;
    town.deliver().await;
    (town, venue, alert)
}

#[tokio::test]
async fn late_visits_are_counted_every_ten_minutes_and_no_sooner() {
    let (town, venue, alert) = released(3).await;
    town.visits(venue, 3..5).await;
    town.clock.advance(REMATCH_EVERY - Duration::microseconds(1));
    town.dispatch().await;
    assert_eq!(town.status(alert).await.late, 0, "not looked yet");
    town.clock.advance(Duration::microseconds(1));
    town.dispatch().await;
    assert_eq!(town.status(alert).await.late, 2);
    town.visits(venue, 5..6).await;
    town.clock.advance(Duration::minutes(9));
    town.dispatch().await;
    assert_eq!(town.status(alert).await.late, 2);
    town.clock.advance(Duration::minutes(1));
    town.dispatch().await;
    assert_eq!(town.status(alert).await.late, 3);
    assert_eq!(town.told().await.len(), 0, "they wait for a click");
}

#[tokio::test]
async fn one_click_with_the_right_number_releases_them() {
    let (town, venue, alert) = released(3).await;
    assert!(matches!(town.release_late(alert, 0).await, Err(AlertError::NothingLate)));
    town.visits(venue, 3..5).await;
    town.clock.advance(REMATCH_EVERY);
    town.dispatch().await;
    assert!(matches!(town.release_late(alert, 3).await, Err(AlertError::WrongCount)));
    town.release_late(alert, 2).await.unwrap();
    assert!(matches!(town.release_late(alert, 2).await, Err(AlertError::ReleasePending)));
    town.dispatch().await;
    assert_eq!(town.told().await, ["visitor3@example.jp", "visitor4@example.jp"]);
    let status = town.status(alert).await;
    assert_eq!((status.late, status.release_pending, status.release_refused), (0, false, None));
    assert_eq!(town.delivery(alert).await.sent, 5);
}

#[tokio::test]
async fn a_click_does_not_release_far_more_than_was_seen() {
    for (grows_by, told) in [(5, 6), (6, 0)] {
        let (town, venue, alert) = released(1).await;
        town.visits(venue, 1..2).await;
        town.clock.advance(REMATCH_EVERY);
        town.dispatch().await;
        town.release_late(alert, 1).await.unwrap();
        town.visits(venue, 2..2 + grows_by).await;
        town.dispatch().await;
        assert_eq!(town.told().await.len(), told);
        let status = town.status(alert).await;
        assert_eq!(status.release_refused, (told == 0).then_some(Refusal::Growth));
        assert_eq!(status.late, if told == 0 { 7 } else { 0 }, "the next click sees the new number");
    }
}

#[tokio::test]
async fn a_date_is_looked_at_once_more_after_it_closed_and_then_the_alert_is_done() {
    let (town, venue, alert) = released(2).await;
    town.visits(venue, 2..3).await;
    // 06:09 the next morning: closed, but a check-in of the last second might still be on its way.
    town.clock.set("2026-11-22T21:09:59Z".parse().unwrap());
    town.dispatch().await;
    assert_eq!((town.status(alert).await.state, town.status(alert).await.late), (State::Sending, 1));
    town.clock.set("2026-11-22T21:10:00Z".parse().unwrap());
    assert_eq!(town.dispatch().await.finished, 1);
    let done = town.status(alert).await;
    assert_eq!((done.state, done.late), (State::Done, 1));
    // The click still counts.
    town.release_late(alert, 1).await.unwrap();
    town.dispatch().await;
    assert_eq!(town.status(alert).await.state, State::Sending);
    assert_eq!(town.told().await, ["visitor2@example.jp"]);
    town.dispatch().await;
    assert_eq!((town.status(alert).await.state, town.status(alert).await.late), (State::Done, 0));
}

#[tokio::test]
async fn what_grew_too_much_between_two_stays_is_left_for_a_click() {
    let town = Town::new().await;
    let (venue, today) = (town.venue().await, town.today());
    town.visits(venue, 0..1).await;
    let alert = town.release(&[(venue, today)]).await;
    // As if the process had died before this stay, and a crowd had come before it was started again.
    town.sql("delete from outbox where alert_id = $1", alert.0).await;
    town.sql("update alert_stay_match set matched_at = null where alert_id = $1", alert.0).await;
    town.visits(venue, 1..7).await;
    town.dispatch().await;
    assert_eq!((town.told().await.len(), town.status(alert).await.late), (0, 7));
    town.release_late(alert, 7).await.unwrap();
    town.dispatch().await;
    assert_eq!(town.told().await.len(), 7);
}
