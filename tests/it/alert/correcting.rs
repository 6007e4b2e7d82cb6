//! An alert sent in error is corrected: exactly those who got it are told, once each.
use super::fixture::{AlertFixture, Mail, TOKYO};
use ashiato::alert::{self, AlertError, AlertId, State};
use ashiato::base::clock::{Clock, SystemClock};
use ashiato::official::Role;
use chrono::Duration;

impl AlertFixture {
    pub(super) async fn correct(&self, alert: AlertId) -> Result<AlertId, AlertError> {
        let session = self.session("tracer", Role::Tracer).await;
        let mut act = self.act(&session).await;
        let correction = alert::correct(&mut act, alert).await?;
        act.commit().await.unwrap();
        Ok(correction)
    }
}

fn names(mails: &[Mail]) -> Vec<&str> {
    let mut names: Vec<&str> = mails.iter().map(|mail| mail.to.as_str()).collect();
    names.sort_unstable();
    names
}

/// An alert of which two were told, one may have been, one was told at another venue too, and the others were cancelled.
async fn cancelled_halfway() -> (AlertFixture, AlertId) {
    let fixture = AlertFixture::new().await;
    let (cafe, library) = (fixture.venue().await, fixture.venue().await);
    fixture.visits(cafe, 0..4).await;
    fixture.visit(library, "visitor0@example.jp").await;
    let alert = fixture.release(&[(cafe, fixture.today()), (library, fixture.today())]).await;
    assert_eq!(fixture.told().await.len(), 4);
    // One mail was taken or not, and one had not left when somebody noticed.
    fixture.sql(
        "update outbox set state = 'ambiguous', ambiguous_attempts = 1 where id = (select id from outbox where alert_id = $1 and state = 'sent' order by mac limit 1)",
        alert.0,
    )
    .await;
    fixture.visits(cafe, 4..6).await;
    fixture.clock.advance(alert::REMATCH_EVERY);
    fixture.dispatch().await;
    fixture.release_late(alert, 2).await.unwrap();
    fixture.dispatch().await;
    fixture.cancel(alert).await.unwrap();
    fixture.dispatch().await;
    let counts = fixture.delivery(alert).await;
    assert_eq!((counts.sent, counts.ambiguous, counts.merged, counts.cancelled), (3, 1, 1, 2));
    (fixture, alert)
}

#[tokio::test]
async fn a_correction_reaches_exactly_those_who_were_or_may_have_been_told_and_once() {
    let (fixture, alert) = cancelled_halfway().await;
    let number = fixture.status(alert).await.number;
    let correction = fixture.correct(alert).await.unwrap();
    let preview = fixture.preview(correction).await;
    assert_eq!(preview.visits, 4);
    assert_ne!(preview.number, number, "a number of its own");
    assert!(preview.text.ja.body.contains(&number.to_string()) && preview.text.ja.body.contains(&preview.number.to_string()));
    fixture.approved(correction).await;
    fixture.dispatch().await;
    let mails = fixture.deliver().await;
    assert_eq!(names(&mails), ["visitor0@example.jp", "visitor1@example.jp", "visitor2@example.jp", "visitor3@example.jp"]);
    assert!(mails.iter().all(|mail| mail.subject == preview.text.ja.subject && mail.body == preview.text.ja.body));
    fixture.dispatch().await;
    assert_eq!((fixture.deliver().await.len(), fixture.status(correction).await.state), (0, State::Done));
    assert_eq!(fixture.delivery(correction).await.sent, 4);

    let mut web = fixture.web.acquire().await.unwrap();
    let checked = alert::check_number(&mut web, TOKYO, &number).await.unwrap().unwrap();
    assert_eq!(checked.corrected.unwrap().number, preview.number, "who asks by the old number is told");
    let own = alert::check_number(&mut web, TOKYO, &preview.number).await.unwrap().unwrap();
    assert!(own.corrected.is_none() && own.text.ja.body == preview.text.ja.body);
    assert!(matches!(fixture.correct(alert).await, Err(AlertError::AlreadyCorrected)));
    assert!(matches!(fixture.correct(correction).await, Err(AlertError::WrongState(State::Done))), "a correction is not corrected");
}

#[tokio::test]
async fn a_correction_needs_four_eyes_and_its_hold() {
    let (mut fixture, alert) = cancelled_halfway().await;
    fixture.hold_minutes = 10;
    let correction = fixture.correct(alert).await.unwrap();
    fixture.submit(correction, "somebody").await;
    let seen = fixture.seen(correction).await;
    assert!(matches!(fixture.approve(correction, "somebody", &seen).await, Err(AlertError::SamePrincipal)));
    let few = alert::Seen { visits: seen.visits - 1, ..seen };
    assert!(matches!(fixture.approve(correction, "somebody else", &few).await, Err(AlertError::WrongCount)));
    fixture.approve(correction, "somebody else", &seen).await.unwrap();
    fixture.clock.advance(Duration::minutes(10) - Duration::microseconds(1));
    fixture.dispatch().await;
    assert_eq!((fixture.deliver().await.len(), fixture.status(correction).await.state), (0, State::Held));
    let mut web = fixture.web.acquire().await.unwrap();
    let number = fixture.status(alert).await.number;
    assert!(alert::check_number(&mut web, TOKYO, &number).await.unwrap().unwrap().corrected.is_none(), "nobody was told yet");
    fixture.cancel(correction).await.unwrap();
    fixture.clock.advance(Duration::minutes(1));
    fixture.dispatch().await;
    assert_eq!(fixture.deliver().await.len(), 0);
    assert!(fixture.correct(alert).await.is_ok(), "a cancelled one can be made anew");
}

#[tokio::test]
async fn a_worker_killed_between_queueing_and_noting_it_tells_nobody_twice() {
    let (fixture, alert) = cancelled_halfway().await;
    let correction = fixture.correct(alert).await.unwrap();
    fixture.approved(correction).await;
    fixture.dispatch().await;
    // As if it had died after the first mails left, before it wrote down that the stays were matched.
    assert_eq!(fixture.deliver_by(1).await.len(), 4);
    fixture.sql("update alert_stay_match set matched_at = null, closed_at = null where alert_id = $1", correction.0).await;
    fixture.sql("update alert_dispatch set finished_at = null where alert_id = $1", correction.0).await;
    fixture.dispatch().await;
    assert_eq!((fixture.deliver().await.len(), fixture.delivery(correction).await.rows()), (0, 4));
}

#[tokio::test]
async fn the_correction_waits_until_it_is_known_who_got_the_first() {
    let (fixture, alert) = cancelled_halfway().await;
    fixture
        .sql(
            "update outbox set finished_at = null, next_at = now() + interval '1000 days' where alert_id = $1 and state = 'ambiguous'",
            alert.0,
        )
        .await;
    fixture.sql("update alert_dispatch set finished_at = '2026-11-22T03:20:00Z' where alert_id = $1", alert.0).await;
    let correction = fixture.correct(alert).await.unwrap();
    fixture.approved(correction).await;
    fixture.dispatch().await;
    assert_eq!((fixture.deliver().await.len(), fixture.status(correction).await.state), (0, State::Held));
    fixture.sql("update outbox set finished_at = now() where alert_id = $1 and finished_at is null", alert.0).await;
    fixture.dispatch().await;
    assert_eq!(fixture.deliver().await.len(), 4);
}

#[tokio::test]
async fn who_erased_the_record_is_counted_and_not_written_to() {
    let (fixture, alert) = cancelled_halfway().await;
    fixture
        .sql("update outbox set sealed = '' where id = (select id from outbox where alert_id = $1 and state = 'sent' limit 1)", alert.0)
        .await;
    let correction = fixture.correct(alert).await.unwrap();
    fixture.approved(correction).await;
    fixture.dispatch().await;
    assert_eq!(fixture.deliver().await.len(), 3);
    let counts = fixture.delivery(correction).await;
    assert_eq!((counts.sent, counts.dead, counts.rows()), (3, 1, 4));
}

#[tokio::test]
async fn what_cannot_be_corrected_says_why() {
    let fixture = AlertFixture::new().await;
    let venue = fixture.venue().await;
    fixture.visits(venue, 0..2).await;
    let draft = fixture.report(&[(venue, fixture.today())]).await.alert_id;
    assert!(matches!(fixture.correct(draft).await, Err(AlertError::WrongState(State::Draft))));
    assert!(matches!(fixture.correct(AlertId::random()).await, Err(AlertError::Unknown)));
    let alert = fixture.release(&[(venue, fixture.today())]).await;
    fixture.cancel(alert).await.unwrap();
    fixture.dispatch().await;
    assert!(matches!(fixture.correct(alert).await, Err(AlertError::NobodyToCorrect)));
}

#[tokio::test]
async fn after_a_correction_no_late_visit_gets_the_mistake() {
    let fixture = AlertFixture::new().await;
    let venue = fixture.venue().await;
    fixture.visits(venue, 0..2).await;
    let alert = fixture.release(&[(venue, fixture.today())]).await;
    fixture.deliver().await;
    fixture.visits(venue, 2..3).await;
    fixture.clock.set("2026-11-22T21:10:00Z".parse().unwrap());
    fixture.dispatch().await;
    assert_eq!((fixture.status(alert).await.state, fixture.status(alert).await.late), (State::Done, 1));
    fixture.correct(alert).await.unwrap();
    assert!(matches!(fixture.release_late(alert, 1).await, Err(AlertError::WrongState(State::Done))));
}

#[tokio::test]
async fn after_retention_no_correction_is_possible_and_the_counts_are_still_there() {
    let now = SystemClock.now();
    let fixture = AlertFixture::at(now - Duration::days(33)).await;
    let venue = fixture.venue().await;
    fixture.visits(venue, 0..3).await;
    let alert = fixture.release(&[(venue, fixture.today())]).await;
    fixture.deliver().await;
    fixture.clock.advance(Duration::days(2));
    fixture.dispatch().await;
    let before = fixture.delivery(alert).await;
    assert_eq!((before.sent, fixture.status(alert).await.state), (3, State::Done));
    let purged = fixture.purge_at(now, false).await.unwrap();
    assert!(!purged.dates.is_empty());
    assert_eq!(fixture.count("select count(*) from outbox where alert_id is not null").await, 0);
    assert_eq!(fixture.delivery(alert).await, before, "kept when the rows went");
    let mut web = fixture.web.acquire().await.unwrap();
    assert_eq!(alert::board(&mut web, now, None).await.unwrap().counts, before, "overall, too");
    assert!(matches!(fixture.correct(alert).await, Err(AlertError::RetentionOver)));
    assert_eq!(alert::reach(&mut web, alert).await.unwrap(), alert::Reach { people: 0, gone: 3 });
    fixture.purge_at(now, false).await.unwrap();
    assert_eq!(fixture.delivery(alert).await, before, "a second purge counts nothing twice");
}
