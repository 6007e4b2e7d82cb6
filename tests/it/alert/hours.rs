//! When notices leave, and how many without an administrator.
use super::town::Town;
use ashiato::alert::{self, AlertError, AlertId, Caps, CityRules, REMATCH_EVERY, Refusal, State};
use ashiato::official::{MayApprove, Role, Session};
use ashiato::venue::VenueId;
use chrono::{DateTime, Duration, Utc};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// 21:00 in Tokyo, an hour after the window closed; three visitors and a draft.
async fn evening() -> (Town, VenueId, AlertId) {
    let mut town = Town::at(at("2026-11-22T12:00:00Z")).await;
    town.city = CityRules { window: "08:00-20:00".parse().unwrap(), ..CityRules::default() };
    let venue = town.venue().await;
    town.visits(venue, 0..3).await;
    let alert = town.report(&[(venue, town.today())]).await.alert_id;
    (town, venue, alert)
}

#[tokio::test]
async fn at_night_an_alert_waits_for_the_morning_unless_both_say_tonight() {
    for (submitter, approver, goes) in
        [(None, None, false), (Some("now"), None, false), (None, Some("now"), false), (Some("a rehearsal"), Some("agreed"), true)]
    {
        let (town, _, alert) = evening().await;
        town.approved_for(alert, submitter, approver).await;
        let report = town.dispatch().await;
        assert_eq!((report.started, report.refused), (u64::from(goes), 0), "{submitter:?} {approver:?}");
        let starts = town.status(alert).await.starts_at(town.city.window, super::town::TOKYO).unwrap();
        if goes {
            assert_eq!(starts, town.now());
            assert_eq!(town.told().await.len(), 3);
            continue;
        }
        assert_eq!(starts, at("2026-11-22T23:00:00Z"));
        town.clock.set(starts - Duration::microseconds(1));
        assert_eq!((town.dispatch().await.started, town.status(alert).await.state), (0, State::Held));
        town.clock.set(starts);
        assert_eq!(town.dispatch().await.started, 1);
        assert_eq!(town.told().await.len(), 3);
    }
}

#[tokio::test]
async fn a_reason_put_in_for_one_of_the_two_does_not_count() {
    // The submitter's is bound by the approval; the approver's alone is not enough.
    let (town, _, alert) = evening().await;
    town.approved_for(alert, None, Some("now")).await;
    town.sql("update alert_approval set tonight_reason = 'forged' where alert_id = $1", alert.0).await;
    assert_eq!(town.dispatch().await.started, 0);
    town.sql("update alert set tonight_reason = 'forged' where id = $1", alert.0).await;
    assert_eq!(town.dispatch().await.refused, 1);
    assert_eq!(town.status(alert).await.refused, Some(Refusal::Digest));
}

#[tokio::test]
async fn mails_that_are_left_when_the_window_closes_wait_too() {
    let (town, _, alert) = evening().await;
    town.clock.set(at("2026-11-22T10:59:00Z"));
    town.approved(alert).await;
    town.dispatch().await;
    town.clock.set(at("2026-11-22T11:00:00Z"));
    assert_eq!(town.told().await.len(), 0, "20:00 has struck");
    assert_eq!((town.delivery(alert).await.queued, town.waits_for().await), (3, vec!["night".to_owned(); 3]));
    town.pause(alert).await.unwrap();
    town.clock.set(at("2026-11-22T23:00:00Z"));
    assert_eq!((town.told().await.len(), town.waits_for().await), (0, vec!["paused".to_owned(); 3]));
    town.resume(alert).await.unwrap();
    town.clock.set(at("2026-11-22T23:01:00Z"));
    town.dispatch().await;
    assert_eq!(town.told().await.len(), 3);
}

#[tokio::test]
async fn tonight_ends_with_the_night() {
    let (town, _, alert) = evening().await;
    town.approved_for(alert, Some("a rehearsal"), Some("agreed")).await;
    town.dispatch().await;
    // Deferred until the next evening, for whatever reason.
    town.clock.set(at("2026-11-23T11:30:00Z"));
    assert_eq!(town.told().await.len(), 0);
    town.clock.set(at("2026-11-23T23:00:00Z"));
    assert_eq!(town.told().await.len(), 3);
}

#[tokio::test]
async fn an_approval_for_tonight_that_nobody_carried_out_waits_for_the_next_window() {
    let (town, _, alert) = evening().await;
    town.approved_for(alert, Some("a rehearsal"), Some("agreed")).await;
    // The notifier was away until the next evening.
    town.clock.set(at("2026-11-23T11:30:00Z"));
    assert_eq!(town.dispatch().await.started, 0);
    town.clock.set(at("2026-11-23T23:00:00Z"));
    assert_eq!(town.dispatch().await.started, 1);
}

async fn approve_as(town: &Town, alert: AlertId, session: &Session<MayApprove>) -> Result<(), AlertError> {
    let seen = town.seen(alert).await;
    town.approve_as(alert, session, &seen).await.map(drop)
}

#[tokio::test]
async fn more_than_an_alert_may_have_needs_an_administrator() {
    for (per_alert, needs) in [(3, false), (2, true)] {
        let mut town = Town::new().await;
        town.max_notices = per_alert;
        town.city.caps.per_alert = per_alert;
        let venue = town.venue().await;
        town.visits(venue, 0..3).await;
        let alert = town.report(&[(venue, town.today())]).await.alert_id;
        town.submit(alert, "tracer").await;
        let (approver, admin) = (town.official("approver").await, town.official("admin").await);
        let approver: Session<MayApprove> = town.session_of("a", Role::Approver, Some(approver)).await;
        let refused = approve_as(&town, alert, &approver).await;
        assert_eq!(matches!(refused, Err(AlertError::NeedsAdmin)), needs);
        if needs {
            let admin: Session<MayApprove> = town.session_of("b", Role::Admin, Some(admin)).await;
            approve_as(&town, alert, &admin).await.unwrap();
        }
        town.dispatch().await;
        assert_eq!(town.told().await.len(), 3);
    }
}

#[tokio::test]
async fn an_administrator_counts_while_account_and_signatory_both_say_so() {
    for (change, goes) in [
        ("select $1::uuid", true),
        ("update official set role = 'approver' where id = $1", false),
        ("update official set disabled_at = now() where id = $1", false),
    ] {
        let mut town = Town::new().await;
        let venue = town.venue().await;
        town.visits(venue, 0..3).await;
        let alert = town.report(&[(venue, town.today())]).await.alert_id;
        town.submit(alert, "tracer").await;
        let id = town.official("admin").await;
        let admin: Session<MayApprove> = town.session_of("b", Role::Admin, Some(id)).await;
        approve_as(&town, alert, &admin).await.unwrap();
        town.max_notices = 2;
        town.sql(change, id).await;
        town.dispatch().await;
        assert_eq!(town.status(alert).await.refused, (!goes).then_some(Refusal::Unvouched), "{change}");
    }
}

#[tokio::test]
async fn a_day_has_its_cap_over_all_alerts_and_begins_anew_at_midnight() {
    let mut town = Town::new().await;
    town.city.caps = Caps { per_day: 5, ..Caps::default() };
    let (one, two, three, today) = (town.venue().await, town.venue().await, town.venue().await, town.today());
    town.visits(one, 0..3).await;
    town.visits(two, 3..5).await;
    town.visits(three, 5..6).await;
    town.release(&[(one, today)]).await;
    town.release(&[(two, today)]).await;
    let sixth = town.report(&[(three, today)]).await.alert_id;
    town.submit(sixth, "tracer").await;
    let seen = town.seen(sixth).await;
    assert!(matches!(town.approve(sixth, "approver", &seen).await, Err(AlertError::NeedsAdmin)));
    // Web let it pass all the same; the notifier holds to its own settings.
    town.city.caps.per_day = 6;
    town.approve(sixth, "approver", &seen).await.unwrap();
    town.city.caps.per_day = 5;
    town.dispatch().await;
    assert_eq!(town.status(sixth).await.refused, Some(Refusal::Cap));
    // 23:59:59 in Tokyo, and then midnight.
    town.clock.set(at("2026-11-22T14:59:59Z"));
    let seen = town.seen(sixth).await;
    assert!(matches!(town.approve(sixth, "approver", &seen).await, Err(AlertError::NeedsAdmin)));
    town.clock.set(at("2026-11-22T15:00:00Z"));
    town.approve(sixth, "approver", &seen).await.unwrap();
    town.dispatch().await;
    assert_eq!(town.status(sixth).await.state, State::Sending);
    assert_eq!(town.told().await.len(), 6);
}

#[tokio::test]
async fn late_visits_count_for_the_day_and_an_administrator_may_release_them() {
    let mut town = Town::new().await;
    town.city.caps = Caps { per_day: 3, ..Caps::default() };
    let venue = town.venue().await;
    town.visits(venue, 0..3).await;
    let alert = town.release(&[(venue, town.today())]).await;
    town.visits(venue, 3..4).await;
    town.clock.advance(REMATCH_EVERY);
    town.dispatch().await;
    town.release_late(alert, 1).await.unwrap();
    town.dispatch().await;
    assert_eq!(town.status(alert).await.release_refused, Some(Refusal::Cap));
    let id = town.official("admin").await;
    let admin: Session<MayApprove> = town.session_of("b", Role::Admin, Some(id)).await;
    town.clock.advance(Duration::seconds(1));
    alert::release_late(&mut town.web.acquire().await.unwrap(), town.now(), &town.rules(), &admin, alert, 1).await.unwrap();
    town.dispatch().await;
    assert_eq!(town.status(alert).await.release_refused, None);
    assert_eq!(town.told().await.len(), 4);
}
