//! When notices leave, and how many without an administrator.
use super::fixture::AlertFixture;
use ashiato::alert::{self, AlertError, AlertId, Caps, CityRules, REMATCH_EVERY, Refusal, State};
use ashiato::official::{MayApprove, Role, Session};
use ashiato::venue::VenueId;
use chrono::{DateTime, Duration, Utc};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// 21:00 in Tokyo, an hour after the window closed; three visitors and a draft.
async fn evening() -> (AlertFixture, VenueId, AlertId) {
    let mut fixture = AlertFixture::at(at("2026-11-22T12:00:00Z")).await;
    fixture.city = CityRules { window: "08:00-20:00".parse().unwrap(), ..CityRules::default() };
    let venue = fixture.venue().await;
    fixture.visits(venue, 0..3).await;
    let alert = fixture.report(&[(venue, fixture.today())]).await.alert_id;
    (fixture, venue, alert)
}

#[tokio::test]
async fn at_night_an_alert_waits_for_the_morning_unless_both_say_tonight() {
    for (submitter, approver, goes) in
        [(None, None, false), (Some("now"), None, false), (None, Some("now"), false), (Some("a rehearsal"), Some("agreed"), true)]
    {
        let (fixture, _, alert) = evening().await;
        fixture.approved_for(alert, submitter, approver).await;
        let report = fixture.dispatch().await;
        assert_eq!((report.started, report.refused), (u64::from(goes), 0), "{submitter:?} {approver:?}");
        let starts = fixture.status(alert).await.starts_at(fixture.city.window, super::fixture::TOKYO).unwrap();
        if goes {
            assert_eq!(starts, fixture.now());
            assert_eq!(fixture.told().await.len(), 3);
            continue;
        }
        assert_eq!(starts, at("2026-11-22T23:00:00Z"));
        fixture.clock.set(starts - Duration::microseconds(1));
        assert_eq!((fixture.dispatch().await.started, fixture.status(alert).await.state), (0, State::Held));
        fixture.clock.set(starts);
        assert_eq!(fixture.dispatch().await.started, 1);
        assert_eq!(fixture.told().await.len(), 3);
    }
}

#[tokio::test]
async fn a_reason_put_in_for_one_of_the_two_does_not_count() {
    // The submitter's is bound by the approval; the approver's alone is not enough.
    let (fixture, _, alert) = evening().await;
    fixture.approved_for(alert, None, Some("now")).await;
    fixture.sql("update alert_approval set tonight_reason = 'forged' where alert_id = $1", alert.0).await;
    assert_eq!(fixture.dispatch().await.started, 0);
    fixture.sql("update alert set tonight_reason = 'forged' where id = $1", alert.0).await;
    assert_eq!(fixture.dispatch().await.refused, 1);
    assert_eq!(fixture.status(alert).await.refused, Some(Refusal::Digest));
}

#[tokio::test]
async fn mails_that_are_left_when_the_window_closes_wait_too() {
    let (fixture, _, alert) = evening().await;
    fixture.clock.set(at("2026-11-22T10:59:00Z"));
    fixture.approved(alert).await;
    fixture.dispatch().await;
    fixture.clock.set(at("2026-11-22T11:00:00Z"));
    assert_eq!(fixture.told().await.len(), 0, "20:00 has struck");
    assert_eq!((fixture.delivery(alert).await.queued, fixture.waits_for().await), (3, vec!["night".to_owned(); 3]));
    fixture.pause(alert).await.unwrap();
    fixture.clock.set(at("2026-11-22T23:00:00Z"));
    assert_eq!((fixture.told().await.len(), fixture.waits_for().await), (0, vec!["paused".to_owned(); 3]));
    fixture.resume(alert).await.unwrap();
    fixture.clock.set(at("2026-11-22T23:01:00Z"));
    fixture.dispatch().await;
    assert_eq!(fixture.told().await.len(), 3);
}

#[tokio::test]
async fn tonight_ends_with_the_night() {
    let (fixture, _, alert) = evening().await;
    fixture.approved_for(alert, Some("a rehearsal"), Some("agreed")).await;
    fixture.dispatch().await;
    // Deferred until the next evening, for whatever reason.
    fixture.clock.set(at("2026-11-23T11:30:00Z"));
    assert_eq!(fixture.told().await.len(), 0);
    fixture.clock.set(at("2026-11-23T23:00:00Z"));
    assert_eq!(fixture.told().await.len(), 3);
}

#[tokio::test]
async fn an_approval_for_tonight_that_nobody_carried_out_waits_for_the_next_window() {
    let (fixture, _, alert) = evening().await;
    fixture.approved_for(alert, Some("a rehearsal"), Some("agreed")).await;
    // The worker was away until the next evening.
    fixture.clock.set(at("2026-11-23T11:30:00Z"));
    assert_eq!(fixture.dispatch().await.started, 0);
    fixture.clock.set(at("2026-11-23T23:00:00Z"));
    assert_eq!(fixture.dispatch().await.started, 1);
}

async fn approve_as(fixture: &AlertFixture, alert: AlertId, session: &Session<MayApprove>) -> Result<(), AlertError> {
    let seen = fixture.seen(alert).await;
    fixture.approve_as(alert, session, &seen).await.map(drop)
}

#[tokio::test]
async fn more_than_an_alert_may_have_needs_an_administrator() {
    for (per_alert, needs) in [(3, false), (2, true)] {
        let mut fixture = AlertFixture::new().await;
        fixture.max_notices = per_alert;
        fixture.city.caps.per_alert = per_alert;
        let venue = fixture.venue().await;
        fixture.visits(venue, 0..3).await;
        let alert = fixture.report(&[(venue, fixture.today())]).await.alert_id;
        fixture.submit(alert, "tracer").await;
        let (approver, admin) = (fixture.official("approver").await, fixture.official("admin").await);
        let approver: Session<MayApprove> = fixture.session_of("a", Role::Approver, Some(approver)).await;
        let refused = approve_as(&fixture, alert, &approver).await;
        assert_eq!(matches!(refused, Err(AlertError::NeedsAdmin)), needs);
        if needs {
            let admin: Session<MayApprove> = fixture.session_of("b", Role::Admin, Some(admin)).await;
            approve_as(&fixture, alert, &admin).await.unwrap();
        }
        fixture.dispatch().await;
        assert_eq!(fixture.told().await.len(), 3);
    }
}

#[tokio::test]
async fn an_administrator_counts_while_account_and_signatory_both_say_so() {
    for (change, goes) in [
        ("select $1::uuid", true),
        ("update official set role = 'approver' where id = $1", false),
        ("update official set disabled_at = now() where id = $1", false),
    ] {
        let mut fixture = AlertFixture::new().await;
        let venue = fixture.venue().await;
        fixture.visits(venue, 0..3).await;
        let alert = fixture.report(&[(venue, fixture.today())]).await.alert_id;
        fixture.submit(alert, "tracer").await;
        let id = fixture.official("admin").await;
        let admin: Session<MayApprove> = fixture.session_of("b", Role::Admin, Some(id)).await;
        approve_as(&fixture, alert, &admin).await.unwrap();
        fixture.max_notices = 2;
        fixture.sql(change, id).await;
        fixture.dispatch().await;
        assert_eq!(fixture.status(alert).await.refused, (!goes).then_some(Refusal::Unvouched), "{change}");
    }
}

#[tokio::test]
async fn a_day_has_its_cap_over_all_alerts_and_begins_anew_at_midnight() {
    let mut fixture = AlertFixture::new().await;
    fixture.city.caps = Caps { per_day: 5, ..Caps::default() };
    let (one, two, three, today) = (fixture.venue().await, fixture.venue().await, fixture.venue().await, fixture.today());
    fixture.visits(one, 0..3).await;
    fixture.visits(two, 3..5).await;
    fixture.visits(three, 5..6).await;
    fixture.release(&[(one, today)]).await;
    fixture.release(&[(two, today)]).await;
    let sixth = fixture.report(&[(three, today)]).await.alert_id;
    fixture.submit(sixth, "tracer").await;
    let seen = fixture.seen(sixth).await;
    assert!(matches!(fixture.approve(sixth, "approver", &seen).await, Err(AlertError::NeedsAdmin)));
    // Web let it pass all the same; the worker holds to its own settings.
    fixture.city.caps.per_day = 6;
    fixture.approve(sixth, "approver", &seen).await.unwrap();
    fixture.city.caps.per_day = 5;
    fixture.dispatch().await;
    assert_eq!(fixture.status(sixth).await.refused, Some(Refusal::Cap));
    // 23:59:59 in Tokyo, and then midnight.
    fixture.clock.set(at("2026-11-22T14:59:59Z"));
    let seen = fixture.seen(sixth).await;
    assert!(matches!(fixture.approve(sixth, "approver", &seen).await, Err(AlertError::NeedsAdmin)));
    fixture.clock.set(at("2026-11-22T15:00:00Z"));
    fixture.approve(sixth, "approver", &seen).await.unwrap();
    fixture.dispatch().await;
    assert_eq!(fixture.status(sixth).await.state, State::Sending);
    assert_eq!(fixture.told().await.len(), 6);
}

#[tokio::test]
async fn late_visits_count_for_the_day_and_an_administrator_may_release_them() {
    let mut fixture = AlertFixture::new().await;
    fixture.city.caps = Caps { per_day: 3, ..Caps::default() };
    let venue = fixture.venue().await;
    fixture.visits(venue, 0..3).await;
    let alert = fixture.release(&[(venue, fixture.today())]).await;
    fixture.visits(venue, 3..4).await;
    fixture.clock.advance(REMATCH_EVERY);
    fixture.dispatch().await;
    fixture.release_late(alert, 1).await.unwrap();
    fixture.dispatch().await;
    assert_eq!(fixture.status(alert).await.release_refused, Some(Refusal::Cap));
    let id = fixture.official("admin").await;
    let admin: Session<MayApprove> = fixture.session_of("b", Role::Admin, Some(id)).await;
    fixture.clock.advance(Duration::seconds(1));
    let mut act = fixture.act(&admin).await;
    alert::release_late(&mut act, &fixture.rules(), alert, 1).await.unwrap();
    act.commit().await.unwrap();
    fixture.dispatch().await;
    assert_eq!(fixture.status(alert).await.release_refused, None);
    assert_eq!(fixture.told().await.len(), 4);
}
