//! Who may release what: four eyes, stale looks, the hold, growth, stopping.
use super::fixture::AlertFixture;
use ashiato::alert::{self, AlertError, AlertId, Refusal, Seen, State, Submission};
use ashiato::official::{MayApprove, MayTrace, Role, Session};
use ashiato::venue::VenueId;
use chrono::Duration;

/// A fixture with one venue, some visitors and a submitted alert.
async fn submitted(visitors: u32) -> (AlertFixture, VenueId, AlertId) {
    let fixture = AlertFixture::new().await;
    let venue = fixture.venue().await;
    fixture.visits(venue, 0..visitors).await;
    let alert = fixture.report(&[(venue, fixture.today())]).await.alert_id;
    fixture.submit(alert, "tracer").await;
    (fixture, venue, alert)
}

#[tokio::test]
async fn who_submitted_cannot_approve_by_another_token_of_the_same_name() {
    let (fixture, _, alert) = submitted(3).await;
    let seen = fixture.seen(alert).await;
    assert!(matches!(fixture.approve(alert, "tracer", &seen).await, Err(AlertError::SamePrincipal)));
    assert_eq!(fixture.status(alert).await.state, State::Submitted);
    assert!(fixture.approve(alert, "approver", &seen).await.is_ok());
}

#[tokio::test]
async fn officials_cannot_approve_what_a_console_token_of_theirs_submitted() {
    let mut fixture = AlertFixture::new().await;
    fixture.tokens_may_approve = false;
    let venue = fixture.venue().await;
    fixture.visits(venue, 0..3).await;
    let alert = fixture.report(&[(venue, fixture.today())]).await.alert_id;
    let (one, other) = (fixture.official("approver").await, fixture.official("approver").await);
    let submitter: Session<MayTrace> = fixture.session_of("morning", Role::Approver, Some(one)).await;
    let mut act = fixture.act(&submitter).await;
    alert::submit(&mut act, &fixture.rules(), alert, &Submission::default()).await.unwrap();
    act.commit().await.unwrap();
    let seen = fixture.seen(alert).await;
    let again: Session<MayApprove> = fixture.session_of("evening", Role::Approver, Some(one)).await;
    assert!(matches!(fixture.approve_as(alert, &again, &seen).await, Err(AlertError::SamePrincipal)));
    let second: Session<MayApprove> = fixture.session_of("evening", Role::Approver, Some(other)).await;
    assert!(fixture.approve_as(alert, &second, &seen).await.is_ok());
    assert_eq!(fixture.count("select count(*) from outbox where kind = 'alert_submitted'").await, 2);
    assert_eq!(fixture.count("select count(*) from outbox where kind = 'alert_held'").await, 2, "both approvers are told");
}

#[tokio::test]
async fn tokens_of_the_command_line_approve_only_where_the_city_lets_them() {
    let (mut fixture, _, alert) = submitted(1).await;
    fixture.tokens_may_approve = false;
    let seen = fixture.seen(alert).await;
    assert!(matches!(fixture.approve(alert, "approver", &seen).await, Err(AlertError::TokenMayNotApprove)));
}

#[tokio::test]
async fn an_approval_of_something_else_than_was_seen_is_refused() {
    let (fixture, venue, alert) = submitted(3).await;
    let seen = fixture.seen(alert).await;
    for visits in [seen.visits - 1, seen.visits + 1, 0, -1] {
        assert!(matches!(fixture.approve(alert, "approver", &Seen { visits, ..seen }).await, Err(AlertError::WrongCount)));
    }
    fixture.visit(venue, "new@example.jp").await;
    assert!(matches!(fixture.approve(alert, "approver", &seen).await, Err(AlertError::WrongCount)), "a visit came in");
    let seen = fixture.seen(alert).await;
    let revision = Seen { revision: seen.revision + 1, ..seen };
    assert!(matches!(fixture.approve(alert, "approver", &revision).await, Err(AlertError::Stale)));
    let other = fixture.venue().await;
    fixture.sql("insert into alert_stay (alert_id, venue_id, visit_date) select alert_id, $1, visit_date from alert_stay", other.0).await;
    assert!(matches!(fixture.approve(alert, "approver", &seen).await, Err(AlertError::Stale)), "a stay was added");
}

#[tokio::test]
async fn the_worker_sends_back_what_is_not_what_was_approved() {
    for (change, refusal) in [
        (
            "insert into alert_stay (alert_id, venue_id, visit_date) select id, (select min(v.id::text)::uuid from venue v), '2026-11-20' from alert where id = $1",
            Refusal::Digest,
        ),
        ("update alert set until_date = until_date + 1 where id = $1", Refusal::Digest),
        ("update alert_approval set principal = 'token:tracer' where alert_id = $1", Refusal::SamePrincipal),
        ("update alert_approval set principal = 'somebody' where alert_id = $1", Refusal::SamePrincipal),
    ] {
        let (fixture, _, alert) = submitted(3).await;
        let seen = fixture.seen(alert).await;
        fixture.approve(alert, "approver", &seen).await.unwrap();
        fixture.sql(change, alert.0).await;
        assert_eq!(fixture.dispatch().await.refused, 1, "{change}");
        let status = fixture.status(alert).await;
        assert_eq!((status.state, status.refused), (State::Submitted, Some(refusal)));
        assert_eq!(fixture.count("select count(*) from outbox where kind = 'notice'").await, 0);
        assert_eq!(fixture.dispatch().await.refused, 0, "once");
    }
}

#[tokio::test]
async fn words_that_changed_with_the_settings_are_not_sent() {
    let (mut fixture, _, alert) = submitted(3).await;
    let seen = fixture.seen(alert).await;
    fixture.approve(alert, "approver", &seen).await.unwrap();
    fixture.service.hotline = "0120-999-999".into();
    fixture.dispatch().await;
    assert_eq!(fixture.status(alert).await.refused, Some(Refusal::Digest));
    assert!(matches!(fixture.approve(alert, "approver", &seen).await, Err(AlertError::Stale)));
    let seen = fixture.seen(alert).await;
    let other_words = fixture.approve(alert, "approver", &seen).await;
    assert!(matches!(other_words, Err(AlertError::SubmissionNotVouched)), "who submitted it signed other words");
    fixture.submit(alert, "tracer").await;
    let seen = fixture.seen(alert).await;
    fixture.approve(alert, "approver", &seen).await.unwrap();
    assert_eq!(fixture.status(alert).await.state, State::Held);
    fixture.dispatch().await;
    assert!(fixture.deliver().await.iter().all(|mail| mail.body.contains("0120-999-999")));
}

#[tokio::test]
async fn growth_is_allowed_to_its_edge_and_no_visit_further() {
    for (before, grows_by, passes) in [(3, 5, true), (3, 6, false), (40, 8, true), (40, 9, false)] {
        let (fixture, venue, alert) = submitted(before).await;
        let seen = fixture.seen(alert).await;
        fixture.approve(alert, "approver", &seen).await.unwrap();
        fixture.visits(venue, before..before + grows_by).await;
        fixture.dispatch().await;
        let status = fixture.status(alert).await;
        if passes {
            assert_eq!((status.state, fixture.told().await.len()), (State::Sending, (before + grows_by) as usize));
        } else {
            assert_eq!((status.state, status.refused), (State::Submitted, Some(Refusal::Growth)));
            assert_eq!(fixture.told().await.len(), 0);
            // The approver looks again, and it goes.
            let seen = fixture.seen(alert).await;
            assert_eq!(seen.revision, 2);
            fixture.approve(alert, "approver", &seen).await.unwrap();
            fixture.dispatch().await;
            assert_eq!(fixture.told().await.len(), (before + grows_by) as usize);
        }
    }
}

#[tokio::test]
async fn a_sent_back_alert_can_be_submitted_by_somebody_else() {
    let (fixture, venue, alert) = submitted(1).await;
    let seen = fixture.seen(alert).await;
    fixture.approve(alert, "approver", &seen).await.unwrap();
    fixture.visits(venue, 1..20).await;
    fixture.dispatch().await;
    let preview = fixture.submit(alert, "approver").await;
    assert_eq!((preview.revision, preview.visits), (2, 20));
    let seen = fixture.seen(alert).await;
    assert!(matches!(fixture.approve(alert, "approver", &seen).await, Err(AlertError::SamePrincipal)));
    assert!(fixture.approve(alert, "tracer", &seen).await.is_ok());
}

#[tokio::test]
async fn an_alert_larger_than_the_worker_allows_is_sent_back_at_its_edge() {
    for (max, passes) in [(3, true), (2, false)] {
        let (mut fixture, _, alert) = submitted(3).await;
        fixture.max_notices = max;
        let seen = fixture.seen(alert).await;
        fixture.approve(alert, "approver", &seen).await.unwrap();
        fixture.dispatch().await;
        assert_eq!(fixture.status(alert).await.refused, (!passes).then_some(Refusal::Cap));
    }
}

#[tokio::test]
async fn nothing_is_queued_before_the_hold_is_over() {
    let (mut fixture, _, alert) = submitted(2).await;
    fixture.hold_minutes = 10;
    let seen = fixture.seen(alert).await;
    let approval = fixture.approve(alert, "approver", &seen).await.unwrap();
    assert_eq!(approval.hold_until(), fixture.now() + Duration::minutes(10));
    fixture.clock.set(approval.hold_until() - Duration::microseconds(1));
    assert_eq!(fixture.dispatch().await.started, 0);
    assert_eq!(
        (fixture.status(alert).await.state, fixture.count("select count(*) from outbox where kind = 'notice'").await),
        (State::Held, 0)
    );
    fixture.clock.set(approval.hold_until());
    assert_eq!(fixture.dispatch().await.started, 1);
    assert_eq!(fixture.told().await.len(), 2);
}

#[tokio::test]
async fn cancelling_in_the_hold_tells_nobody() {
    let (mut fixture, _, alert) = submitted(2).await;
    fixture.hold_minutes = 10;
    let seen = fixture.seen(alert).await;
    fixture.approve(alert, "approver", &seen).await.unwrap();
    fixture.cancel(alert).await.unwrap();
    fixture.clock.advance(Duration::minutes(11));
    assert_eq!(fixture.dispatch().await, alert::PassReport::default());
    assert_eq!((fixture.status(alert).await.state, fixture.told().await.len()), (State::Cancelled, 0));
    assert!(matches!(fixture.cancel(alert).await, Err(AlertError::WrongState(State::Cancelled))));
    // Another alert may tell them still.
    assert_eq!(fixture.count("select count(*) from outbox where kind = 'notice'").await, 0);
}

#[tokio::test]
async fn cancelling_while_sending_takes_back_what_has_not_left() {
    let (fixture, venue, alert) = submitted(4).await;
    let seen = fixture.seen(alert).await;
    fixture.approve(alert, "approver", &seen).await.unwrap();
    fixture.dispatch().await;
    let one = "update outbox set state = 'submitting', lease = gen_random_uuid(), lease_until = now()
               where id = (select id from outbox where alert_id = $1 order by id limit 1)";
    fixture.sql(one, alert.0).await;
    fixture.cancel(alert).await.unwrap();
    assert_eq!(fixture.told().await.len(), 0, "delivery asks again just before it sends");
    assert_eq!(fixture.dispatch().await.cancelled, 0, "delivery was quicker");
    let counts = fixture.delivery(alert).await;
    assert_eq!((counts.cancelled, counts.queued), (3, 1), "what is being sent this moment ends as it ends");
    let next = fixture.report(&[(venue, fixture.today())]).await.alert_id;
    assert_eq!(fixture.preview(next).await.visits, 3, "who was not told can be told by another alert");
}

#[tokio::test]
async fn the_worker_takes_back_a_cancelled_alert_s_waiting_notices() {
    let (fixture, _, alert) = submitted(4).await;
    let seen = fixture.seen(alert).await;
    fixture.approve(alert, "approver", &seen).await.unwrap();
    fixture.dispatch().await;
    fixture.cancel(alert).await.unwrap();
    assert_eq!(fixture.dispatch().await.cancelled, 4);
    assert_eq!(fixture.delivery(alert).await.cancelled, 4);
    assert_eq!(fixture.dispatch().await, alert::PassReport::default());
}

#[tokio::test]
async fn a_tracer_cancels_only_what_they_submitted() {
    let (fixture, _, alert) = submitted(1).await;
    let stranger: Session<MayTrace> = fixture.session("stranger", Role::Tracer).await;
    let mut act = fixture.act(&stranger).await;
    assert!(matches!(alert::cancel(&mut act, alert).await, Err(AlertError::NotYours)));
    let own: Session<MayTrace> = fixture.session("tracer", Role::Tracer).await;
    alert::cancel(&mut act.by(&own), alert).await.unwrap();
}

#[tokio::test]
async fn a_pause_holds_matching_and_mails_until_it_is_lifted() {
    let (fixture, _, alert) = submitted(3).await;
    assert!(matches!(fixture.pause(alert).await, Err(AlertError::WrongState(State::Submitted))));
    let seen = fixture.seen(alert).await;
    fixture.approve(alert, "approver", &seen).await.unwrap();
    fixture.pause(alert).await.unwrap();
    assert_eq!((fixture.status(alert).await.state, fixture.dispatch().await.started), (State::Paused, 0));
    fixture.resume(alert).await.unwrap();
    fixture.dispatch().await;
    fixture.pause(alert).await.unwrap();
    assert_eq!(fixture.told().await.len(), 0);
    assert_eq!(fixture.delivery(alert).await.queued, 3, "they wait");
    fixture.resume(alert).await.unwrap();
    assert!(matches!(fixture.resume(alert).await, Err(AlertError::WrongState(State::Sending))));
    fixture.dispatch().await;
    fixture.clock.advance(Duration::seconds(30));
    assert_eq!(fixture.told().await.len(), 3);
}
