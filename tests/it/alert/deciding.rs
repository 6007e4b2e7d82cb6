//! Who may release what: four eyes, stale looks, the hold, growth, stopping.
use super::town::Town;
use ashiato::alert::{self, AlertError, AlertId, Refusal, Seen, State, Submission};
use ashiato::official::{MayApprove, MayTrace, Role, Session};
use ashiato::venue::VenueId;
use chrono::Duration;

/// A town with one venue, some visitors and a submitted alert.
async fn submitted(visitors: u32) -> (Town, VenueId, AlertId) {
    let town = Town::new().await;
    let venue = town.venue().await;
    town.visits(venue, 0..visitors).await;
    let alert = town.report(&[(venue, town.today())]).await.alert_id;
    town.submit(alert, "tracer").await;
    (town, venue, alert)
}

#[tokio::test]
async fn who_submitted_cannot_approve_by_another_token_of_the_same_name() {
    let (town, _, alert) = submitted(3).await;
    let seen = town.seen(alert).await;
    assert!(matches!(town.approve(alert, "tracer", &seen).await, Err(AlertError::SamePrincipal)));
    assert_eq!(town.status(alert).await.state, State::Submitted);
    assert!(town.approve(alert, "approver", &seen).await.is_ok());
}

#[tokio::test]
async fn an_official_cannot_approve_what_a_console_token_of_his_submitted() {
    let mut town = Town::new().await;
    town.tokens_may_approve = false;
    let venue = town.venue().await;
    town.visits(venue, 0..3).await;
    let alert = town.report(&[(venue, town.today())]).await.alert_id;
    let (one, other) = (town.official("approver").await, town.official("approver").await);
    let submitter: Session<MayTrace> = town.session_of("morning", Role::Approver, Some(one)).await;
    alert::submit(&mut town.web.acquire().await.unwrap(), town.now(), &town.rules(), &submitter, alert, &Submission::default())
        .await
        .unwrap();
    let seen = town.seen(alert).await;
    let again: Session<MayApprove> = town.session_of("evening", Role::Approver, Some(one)).await;
    assert!(matches!(town.approve_as(alert, &again, &seen).await, Err(AlertError::SamePrincipal)));
    let second: Session<MayApprove> = town.session_of("evening", Role::Approver, Some(other)).await;
    assert!(town.approve_as(alert, &second, &seen).await.is_ok());
    assert_eq!(town.count("select count(*) from outbox where kind = 'alert_submitted'").await, 2);
    assert_eq!(town.count("select count(*) from outbox where kind = 'alert_held'").await, 2, "both approvers are told");
}

#[tokio::test]
async fn tokens_of_the_command_line_approve_only_where_the_city_lets_them() {
    let (mut town, _, alert) = submitted(1).await;
    town.tokens_may_approve = false;
    let seen = town.seen(alert).await;
    assert!(matches!(town.approve(alert, "approver", &seen).await, Err(AlertError::TokenMayNotApprove)));
}

#[tokio::test]
async fn an_approval_of_something_else_than_was_seen_is_refused() {
    let (town, venue, alert) = submitted(3).await;
    let seen = town.seen(alert).await;
    for visits in [seen.visits - 1, seen.visits + 1, 0, -1] {
        assert!(matches!(town.approve(alert, "approver", &Seen { visits, ..seen }).await, Err(AlertError::WrongCount)));
    }
    town.visit(venue, "new@example.jp").await;
    assert!(matches!(town.approve(alert, "approver", &seen).await, Err(AlertError::WrongCount)), "a visit came in");
    let seen = town.seen(alert).await;
    let revision = Seen { revision: seen.revision + 1, ..seen };
    assert!(matches!(town.approve(alert, "approver", &revision).await, Err(AlertError::Stale)));
    let other = town.venue().await;
    town.sql("insert into alert_stay (alert_id, venue_id, visit_date) select alert_id, $1, visit_date from alert_stay", other.0).await;
    assert!(matches!(town.approve(alert, "approver", &seen).await, Err(AlertError::Stale)), "a stay was added");
}

#[tokio::test]
async fn the_notifier_sends_back_what_is_not_what_was_approved() {
    for (change, refusal) in [
        (
            "insert into alert_stay (alert_id, venue_id, visit_date) select id, (select min(v.id::text)::uuid from venue v), '2026-11-20' from alert where id = $1",
            Refusal::Digest,
        ),
        ("update alert set until_date = until_date + 1 where id = $1", Refusal::Digest),
        ("update alert_approval set principal = 'token:tracer' where alert_id = $1", Refusal::SamePrincipal),
        ("update alert_approval set principal = 'somebody' where alert_id = $1", Refusal::SamePrincipal),
    ] {
        let (town, _, alert) = submitted(3).await;
        let seen = town.seen(alert).await;
        town.approve(alert, "approver", &seen).await.unwrap();
        town.sql(change, alert.0).await;
        assert_eq!(town.dispatch().await.refused, 1, "{change}");
        let status = town.status(alert).await;
        assert_eq!((status.state, status.refused), (State::Submitted, Some(refusal)));
        assert_eq!(town.count("select count(*) from outbox where kind = 'notice'").await, 0);
        assert_eq!(town.dispatch().await.refused, 0, "once");
    }
}

#[tokio::test]
async fn words_that_changed_with_the_settings_are_not_sent() {
    let (mut town, _, alert) = submitted(3).await;
    let seen = town.seen(alert).await;
    town.approve(alert, "approver", &seen).await.unwrap();
    town.service.hotline = "0120-999-999".into();
    town.dispatch().await;
    assert_eq!(town.status(alert).await.refused, Some(Refusal::Digest));
    assert!(matches!(town.approve(alert, "approver", &seen).await, Err(AlertError::Stale)));
    let seen = town.seen(alert).await;
    let other_words = town.approve(alert, "approver", &seen).await;
    assert!(matches!(other_words, Err(AlertError::SubmissionNotVouched)), "who submitted it signed other words");
    town.submit(alert, "tracer").await;
    let seen = town.seen(alert).await;
    town.approve(alert, "approver", &seen).await.unwrap();
    assert_eq!(town.status(alert).await.state, State::Held);
    town.dispatch().await;
    assert!(town.deliver().await.iter().all(|mail| mail.body.contains("0120-999-999")));
}

#[tokio::test]
async fn growth_is_allowed_to_its_edge_and_no_visit_further() {
    for (before, grows_by, passes) in [(3, 5, true), (3, 6, false), (40, 8, true), (40, 9, false)] {
        let (town, venue, alert) = submitted(before).await;
        let seen = town.seen(alert).await;
        town.approve(alert, "approver", &seen).await.unwrap();
        town.visits(venue, before..before + grows_by).await;
        town.dispatch().await;
        let status = town.status(alert).await;
        if passes {
            assert_eq!((status.state, town.told().await.len()), (State::Sending, (before + grows_by) as usize));
        } else {
            assert_eq!((status.state, status.refused), (State::Submitted, Some(Refusal::Growth)));
            assert_eq!(town.told().await.len(), 0);
            // The approver looks again, and it goes.
            let seen = town.seen(alert).await;
            assert_eq!(seen.revision, 2);
            town.approve(alert, "approver", &seen).await.unwrap();
            town.dispatch().await;
            assert_eq!(town.told().await.len(), (before + grows_by) as usize);
        }
    }
}

#[tokio::test]
async fn a_sent_back_alert_can_be_submitted_by_somebody_else() {
    let (town, venue, alert) = submitted(1).await;
    let seen = town.seen(alert).await;
    town.approve(alert, "approver", &seen).await.unwrap();
    town.visits(venue, 1..20).await;
    town.dispatch().await;
    let preview = town.submit(alert, "approver").await;
    assert_eq!((preview.revision, preview.visits), (2, 20));
    let seen = town.seen(alert).await;
    assert!(matches!(town.approve(alert, "approver", &seen).await, Err(AlertError::SamePrincipal)));
    assert!(town.approve(alert, "tracer", &seen).await.is_ok());
}

#[tokio::test]
async fn an_alert_larger_than_the_notifier_allows_is_sent_back_at_its_edge() {
    for (max, passes) in [(3, true), (2, false)] {
        let (mut town, _, alert) = submitted(3).await;
        town.max_notices = max;
        let seen = town.seen(alert).await;
        town.approve(alert, "approver", &seen).await.unwrap();
        town.dispatch().await;
        assert_eq!(town.status(alert).await.refused, (!passes).then_some(Refusal::Cap));
    }
}

#[tokio::test]
async fn nothing_is_queued_before_the_hold_is_over() {
    let (mut town, _, alert) = submitted(2).await;
    town.hold_minutes = 10;
    let seen = town.seen(alert).await;
    let approval = town.approve(alert, "approver", &seen).await.unwrap();
    assert_eq!(approval.hold_until(), town.now() + Duration::minutes(10));
    town.clock.set(approval.hold_until() - Duration::microseconds(1));
    assert_eq!(town.dispatch().await.started, 0);
    assert_eq!((town.status(alert).await.state, town.count("select count(*) from outbox where kind = 'notice'").await), (State::Held, 0));
    town.clock.set(approval.hold_until());
    assert_eq!(town.dispatch().await.started, 1);
    assert_eq!(town.told().await.len(), 2);
}

#[tokio::test]
async fn cancelling_in_the_hold_tells_nobody() {
    let (mut town, _, alert) = submitted(2).await;
    town.hold_minutes = 10;
    let seen = town.seen(alert).await;
    town.approve(alert, "approver", &seen).await.unwrap();
    town.cancel(alert).await.unwrap();
    town.clock.advance(Duration::minutes(11));
    assert_eq!(town.dispatch().await, alert::PassReport::default());
    assert_eq!((town.status(alert).await.state, town.told().await.len()), (State::Cancelled, 0));
    assert!(matches!(town.cancel(alert).await, Err(AlertError::WrongState(State::Cancelled))));
    // Another alert may tell them still.
    assert_eq!(town.count("select count(*) from outbox where kind = 'notice'").await, 0);
}

#[tokio::test]
async fn cancelling_while_sending_takes_back_what_has_not_left() {
    let (town, venue, alert) = submitted(4).await;
    let seen = town.seen(alert).await;
    town.approve(alert, "approver", &seen).await.unwrap();
    town.dispatch().await;
    let one = "update outbox set state = 'submitting', lease = gen_random_uuid(), lease_until = now()
               where id = (select id from outbox where alert_id = $1 order by id limit 1)";
    town.sql(one, alert.0).await;
    town.cancel(alert).await.unwrap();
    assert_eq!(town.told().await.len(), 0, "delivery asks again just before it sends");
    assert_eq!(town.dispatch().await.cancelled, 0, "delivery was quicker");
    let counts = town.delivery(alert).await;
    assert_eq!((counts.cancelled, counts.queued), (3, 1), "what is being sent this moment ends as it ends");
    let next = town.report(&[(venue, town.today())]).await.alert_id;
    assert_eq!(town.preview(next).await.visits, 3, "who was not told can be told by another alert");
}

#[tokio::test]
async fn the_notifier_takes_back_a_cancelled_alert_s_waiting_notices() {
    let (town, _, alert) = submitted(4).await;
    let seen = town.seen(alert).await;
    town.approve(alert, "approver", &seen).await.unwrap();
    town.dispatch().await;
    town.cancel(alert).await.unwrap();
    assert_eq!(town.dispatch().await.cancelled, 4);
    assert_eq!(town.delivery(alert).await.cancelled, 4);
    assert_eq!(town.dispatch().await, alert::PassReport::default());
}

#[tokio::test]
async fn a_tracer_cancels_only_what_he_submitted() {
    let (town, _, alert) = submitted(1).await;
    let mut conn = town.web.acquire().await.unwrap();
    let stranger: Session<MayTrace> = town.session("stranger", Role::Tracer).await;
    assert!(matches!(alert::cancel(&mut conn, town.now(), &stranger, alert).await, Err(AlertError::NotYours)));
    let own: Session<MayTrace> = town.session("tracer", Role::Tracer).await;
    alert::cancel(&mut conn, town.now(), &own, alert).await.unwrap();
}

#[tokio::test]
async fn a_pause_holds_matching_and_mails_until_it_is_lifted() {
    let (town, _, alert) = submitted(3).await;
    assert!(matches!(town.pause(alert).await, Err(AlertError::WrongState(State::Submitted))));
    let seen = town.seen(alert).await;
    town.approve(alert, "approver", &seen).await.unwrap();
    town.pause(alert).await.unwrap();
    assert_eq!((town.status(alert).await.state, town.dispatch().await.started), (State::Paused, 0));
    town.resume(alert).await.unwrap();
    town.dispatch().await;
    town.pause(alert).await.unwrap();
    assert_eq!(town.told().await.len(), 0);
    assert_eq!(town.delivery(alert).await.queued, 3, "they wait");
    town.resume(alert).await.unwrap();
    assert!(matches!(town.resume(alert).await, Err(AlertError::WrongState(State::Sending))));
    town.dispatch().await;
    town.clock.advance(Duration::seconds(30));
    assert_eq!(town.told().await.len(), 3);
}
