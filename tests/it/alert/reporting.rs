//! Cases come in whole or not at all, and drafts join them.
use super::fixture::{AlertFixture, TOKYO};
use ashiato::alert::{self, AlertNumber, DraftError, ReportError, State};
use ashiato::case::{CaseError, CaseId, CaseProblem, NewCase, Stay, StayProblem};
use ashiato::official::Role;
use ashiato::venue::VenueId;
use chrono::Days;

#[tokio::test]
async fn a_reported_case_has_a_draft_of_its_own_and_says_each_stay_once() {
    let fixture = AlertFixture::new().await;
    let (venue, today) = (fixture.venue().await, fixture.today());
    fixture.visits(venue, 0..3).await;
    let reported = fixture.report(&[(venue, today), (venue, today)]).await;
    let preview = fixture.preview(reported.alert_id).await;
    assert_eq!((preview.stays.len(), preview.visits), (1, 3));
    assert_eq!((preview.stays[0].visits, preview.stays[0].already_alerted), (3, 0));
    assert_eq!(fixture.status(reported.alert_id).await.state, State::Draft);
    assert!(preview.text.ja.body.contains(&preview.number.to_string()));
    assert_eq!(fixture.count("select count(*) from audit_entry where action in ('case.report', 'alert.draft')").await, 2);
}

#[tokio::test]
async fn every_problem_is_named_with_its_place_and_nothing_is_stored() {
    let fixture = AlertFixture::new().await;
    let (venue, today) = (fixture.venue().await, fixture.today());
    let closed = fixture.venue().await;
    fixture.sql("update venue set status = 'pending' where id = $1", closed.0).await;
    let stays = [
        (venue, today),
        (venue, today + Days::new(1)),
        (VenueId::random(), today),
        (closed, today),
        (venue, today - Days::new(27)),
        (venue, today - Days::new(26)),
    ];
    let stays = stays.into_iter().map(|(venue_id, date)| Stay { venue_id, date }).collect();
    let case = NewCase { reference: "R8-0123".into(), stays, ..NewCase::default() };
    let session = fixture.session("reporter", Role::Tracer).await;
    let mut act = fixture.act(&session).await;
    let error = alert::report_case(&mut act, &case).await.unwrap_err();
    act.commit().await.unwrap();
    let ReportError::Case(CaseError::Invalid(problems)) = error else { panic!("{error}") };
    let oldest = today - Days::new(26);
    let stay = |index, problem| CaseProblem::Stay { index, problem };
    assert_eq!(
        problems,
        [
            stay(1, StayProblem::Future),
            stay(2, StayProblem::UnknownVenue),
            stay(3, StayProblem::NeverActive),
            stay(4, StayProblem::TooOld { oldest }),
        ]
    );
    assert_eq!(
        fixture.count("select (select count(*) from case_report) + (select count(*) from alert) + (select count(*) from stay)").await,
        0
    );
}

#[tokio::test]
async fn an_alert_over_two_cases_folds_their_stays() {
    let fixture = AlertFixture::new().await;
    let (one, other, today) = (fixture.venue().await, fixture.venue().await, fixture.today());
    let cases = [fixture.report(&[(one, today), (other, today)]).await.id, fixture.report(&[(one, today)]).await.id];
    let session = fixture.session("tracer", Role::Tracer).await;
    let mut act = fixture.act(&session).await;
    let joined = alert::draft(&mut act, &[cases[0], cases[1], cases[0]]).await.unwrap();
    act.commit().await.unwrap();
    assert_eq!(fixture.preview(joined).await.stays.len(), 2);
    let unknown = CaseId::random();
    let mut act = fixture.act(&session).await;
    let error = alert::draft(&mut act, &[cases[0], unknown]).await.unwrap_err();
    assert!(matches!(error, DraftError::UnknownCases(cases) if cases == [unknown]));
    let none = alert::draft(&mut act, &[]).await.unwrap_err();
    assert!(matches!(none, DraftError::NoCases));
    let many: Vec<CaseId> = (0..=alert::MAX_CASES).map(|_| CaseId::random()).collect();
    let many = alert::draft(&mut act, &many).await.unwrap_err();
    assert!(matches!(many, DraftError::TooManyCases));
}

#[tokio::test]
async fn only_a_released_alert_answers_to_its_number() {
    let mut fixture = AlertFixture::new().await;
    fixture.hold_minutes = 10;
    let (venue, today) = (fixture.venue().await, fixture.today());
    fixture.visits(venue, 0..1).await;
    let alert = fixture.report(&[(venue, today)]).await.alert_id;
    let preview = fixture.preview(alert).await;
    let typed = AlertNumber::parse(&preview.number.to_string().to_lowercase().replace('-', " ")).unwrap();
    fixture.approved(alert).await;
    let check = async || alert::check_number(&mut fixture.web.acquire().await.unwrap(), TOKYO, &typed).await.unwrap();
    assert_eq!(check().await, None, "held: nobody has been told");
    fixture.clock.advance(chrono::Duration::minutes(10));
    fixture.dispatch().await;
    let genuine = check().await.unwrap();
    assert_eq!((genuine.released, &genuine.text), (today, &preview.text));
    assert_eq!(fixture.deliver().await[0].body, genuine.text.ja.body);
    assert!(
        alert::check_number(&mut fixture.web.acquire().await.unwrap(), TOKYO, &AlertNumber::parse("0000-0000").unwrap())
            .await
            .unwrap()
            .is_none()
    );
}
