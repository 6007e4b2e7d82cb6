//! Who got a correction is told of a later true alert, and reads that it holds.
use super::fixture::{AlertFixture, Mail, TOKYO};
use ashiato::alert::{self, AlertError, AlertId, DeliveryRequest, REMATCH_EVERY, Reach, State};
use ashiato::official::Role;
use ashiato::venue::VenueId;
use chrono::Duration;

impl AlertFixture {
    /// Corrects an alert and releases the correction.
    async fn corrected(&self, alert: AlertId) -> AlertId {
        let correction = self.correct(alert).await.unwrap();
        self.approved(correction).await;
        self.dispatch().await;
        correction
    }

    async fn correct_as(&self, name: &str, alert: AlertId) -> Result<AlertId, AlertError> {
        let session = self.session(name, Role::Tracer).await;
        let mut act = self.act(&session).await;
        let correction = alert::correct(&mut act, alert).await?;
        act.commit().await.unwrap();
        Ok(correction)
    }
}

fn to(mails: &[Mail], person: u32) -> usize {
    mails.iter().filter(|mail| mail.to == format!("visitor{person}@example.jp")).count()
}

/// An alert over today's six visitors at one venue, of whom three were told before it was cancelled.
async fn cancelled_halfway() -> (AlertFixture, VenueId, AlertId) {
    let fixture = AlertFixture::new().await;
    let venue = fixture.venue().await;
    fixture.visits(venue, 0..6).await;
    let alert = fixture.release(&[(venue, fixture.today())]).await;
    assert_eq!(fixture.deliver_some(1, 3).await.len(), 3);
    fixture.cancel(alert).await.unwrap();
    fixture.dispatch().await;
    (fixture, venue, alert)
}

#[tokio::test]
async fn a_true_alert_reaches_those_whose_notice_was_withdrawn_and_says_that_it_holds() {
    let (fixture, venue, mistake) = cancelled_halfway().await;
    let draft = fixture.report(&[(venue, fixture.today())]).await.alert_id;
    let before = fixture.preview(draft).await;
    assert_eq!((before.visits, before.withdrawn), (3, 0), "three hold a notice that nobody took back");
    fixture.corrected(mistake).await;
    assert_eq!(fixture.deliver().await.len(), 3, "the corrections");
    let after = fixture.preview(draft).await;
    assert_eq!((after.visits, after.withdrawn), (6, 3));
    assert_eq!((after.stays[0].already_alerted, after.stays[0].withdrawn), (0, 3));
    assert_eq!(after.digest, before.digest, "both forms of the text were bound before anybody was concerned");
    fixture.approved(draft).await;
    fixture.dispatch().await;
    let mails = fixture.deliver().await;
    assert_eq!(mails.len(), 6);
    let holds = after.text.holds.unwrap().ja;
    assert_eq!(mails.iter().filter(|mail| mail.body.contains(&holds)).count(), 3);
    assert!(mails.iter().all(|mail| mail.body.replace(&format!("\n\n{holds}"), "") == after.text.ja.body), "else word for word");
    assert_eq!(fixture.preview(draft).await.withdrawn, 0, "told once more, by a notice that holds");
    let mut web = fixture.web.acquire().await.unwrap();
    let number = fixture.status(draft).await.number;
    let checked = alert::check_number(&mut web, TOKYO, &number).await.unwrap().unwrap();
    assert_eq!(checked.text.holds.unwrap().ja, holds, "who compares the mail finds the sentence");
}

#[tokio::test]
async fn an_alert_that_was_out_before_the_correction_tells_them_after_one_click() {
    let (fixture, venue, mistake) = cancelled_halfway().await;
    let standing = fixture.release(&[(venue, fixture.today())]).await;
    assert_eq!(fixture.deliver().await.len(), 3, "three held the other");
    fixture.clock.set("2026-11-22T21:10:00Z".parse().unwrap());
    fixture.dispatch().await;
    assert_eq!((fixture.status(standing).await.state, fixture.status(standing).await.late), (State::Done, 0));
    fixture.corrected(mistake).await;
    fixture.deliver().await;
    fixture.dispatch().await;
    let status = fixture.status(standing).await;
    assert_eq!((status.state, status.late), (State::Done, 3), "it is done, and three wait for a click");
    let mut web = fixture.web.acquire().await.unwrap();
    let (listed, _) = alert::in_progress(&mut web, 10).await.unwrap();
    assert!(listed.iter().any(|overview| overview.status.id == standing), "where somebody looks");
    fixture.release_late(standing, 3).await.unwrap();
    fixture.dispatch().await;
    let mails = fixture.deliver().await;
    assert!(mails.len() == 3 && mails.iter().all(|mail| mail.body.contains("は有効です")));
    let mistaken = fixture.status(mistake).await;
    assert_eq!((mistaken.late, mistaken.withdrawn_at.is_some()), (0, true));
}

#[tokio::test]
async fn a_notice_waits_for_the_correction_to_the_same_person_but_not_for_ever() {
    for (hours, arrives) in [(0, false), (1, true)] {
        let (fixture, venue, mistake) = cancelled_halfway().await;
        let correction = fixture.corrected(mistake).await;
        fixture.pause(correction).await.unwrap();
        fixture.release(&[(venue, fixture.today())]).await;
        assert_eq!(fixture.deliver().await.len(), 3, "those who never got the first");
        assert_eq!(fixture.waits_for().await, ["correction", "correction", "correction"], "the notices; nobody paused their alert");
        let almost = if arrives { Duration::zero() } else { Duration::seconds(-1) };
        fixture.clock.advance(Duration::hours(1) + almost);
        let mails = fixture.deliver().await;
        assert_eq!(mails.len(), if arrives { 3 } else { 0 }, "after {hours} hours");
        assert!(mails.iter().all(|mail| mail.body.contains("は有効です")));
        fixture.resume(correction).await.unwrap();
        fixture.dispatch().await;
        fixture.clock.advance(Duration::minutes(1));
        assert_eq!(fixture.deliver().await.len(), if arrives { 3 } else { 6 }, "the corrections, and who waited for one may");
        fixture.clock.advance(Duration::minutes(1));
        assert_eq!(fixture.deliver().await.len(), 0);
    }
}

#[tokio::test]
async fn at_another_venue_the_person_is_known_too() {
    let fixture = AlertFixture::new().await;
    let (cafe, library) = (fixture.venue().await, fixture.venue().await);
    fixture.visit(cafe, "visitor0@example.jp").await;
    fixture.visit(library, "visitor0@example.jp").await;
    let mistake = fixture.release(&[(cafe, fixture.today()), (library, fixture.today())]).await;
    assert_eq!(fixture.deliver().await.len(), 1, "one mail for both");
    fixture.corrected(mistake).await;
    fixture.deliver().await;
    // Whichever of the two spoke: the notice of the other had been merged and is withdrawn with it.
    for venue in [cafe, library] {
        let alert = fixture.report(&[(venue, fixture.today())]).await.alert_id;
        assert_eq!(fixture.preview(alert).await.withdrawn, 1);
        fixture.approved(alert).await;
        fixture.dispatch().await;
        let mails = fixture.deliver().await;
        assert!(mails.len() == 1 && mails[0].body.contains("は有効です"));
    }
}

#[tokio::test]
async fn a_wholly_sent_alert_is_corrected_at_once_by_whoever_may_trace() {
    let fixture = AlertFixture::new().await;
    let venue = fixture.venue().await;
    fixture.visits(venue, 0..3).await;
    let alert = fixture.release(&[(venue, fixture.today())]).await;
    fixture.deliver().await;
    fixture.dispatch().await;
    assert_eq!(fixture.status(alert).await.state, State::Sending, "its date still takes check-ins");
    let correction = fixture.correct_as("another", alert).await.unwrap();
    assert_eq!((fixture.status(alert).await.state, fixture.preview(correction).await.visits), (State::Cancelled, 3));
    fixture.visits(venue, 3..4).await;
    fixture.clock.advance(REMATCH_EVERY);
    fixture.approved(correction).await;
    fixture.dispatch().await;
    let mails = fixture.deliver().await;
    assert_eq!((mails.len(), to(&mails, 3), fixture.status(alert).await.late), (3, 0, 0), "nobody is told of a mistake any more");
}

#[tokio::test]
async fn stopping_and_correcting_is_one_act_and_reaches_what_was_in_flight() {
    let fixture = AlertFixture::new().await;
    let venue = fixture.venue().await;
    fixture.visits(venue, 0..6).await;
    let alert = fixture.release(&[(venue, fixture.today())]).await;
    assert_eq!(fixture.deliver_some(1, 2).await.len(), 2);
    // Two more are being handed over this moment, one is claimed.
    fixture
        .sql(
            "with picked as (select id, row_number() over (order by id) as no from outbox where alert_id = $1 and state = 'queued' limit 3)
         update outbox o set state = case when picked.no < 3 then 'submitting' else 'leased' end, lease = gen_random_uuid(),
             lease_until = now() + interval '100 years' from picked where o.id = picked.id",
            alert.0,
        )
        .await;
    assert!(matches!(fixture.correct_as("another", alert).await, Err(AlertError::NotYours)), "others' mails still wait");
    assert_eq!(fixture.status(alert).await.state, State::Sending, "nothing was changed");
    let correction = fixture.correct(alert).await.unwrap();
    assert_eq!(fixture.status(alert).await.state, State::Cancelled);
    assert_eq!(fixture.preview(correction).await.visits, 4, "taken, or perhaps");
    fixture.approved(correction).await;
    fixture.dispatch().await;
    assert_eq!(fixture.delivery(alert).await.cancelled, 2, "the rest was taken back");
    assert_eq!((fixture.deliver().await.len(), fixture.status(correction).await.state), (0, State::Held), "it waits until it is known");
    fixture.sql(
        "update outbox set state = case when ctid = (select min(ctid) from outbox where alert_id = $1 and state = 'submitting') then 'sent' else 'bounced' end,
             finished_at = now(), lease = null, lease_until = null where alert_id = $1 and state = 'submitting'",
        alert.0,
    )
    .await;
    fixture.dispatch().await;
    assert_eq!(fixture.deliver().await.len(), 3, "two before, one in flight, none to the mailbox that does not exist");
}

#[tokio::test]
async fn a_second_correction_goes_to_those_whom_the_first_did_not_reach() {
    let (fixture, venue, mistake) = cancelled_halfway().await;
    let first = fixture.corrected(mistake).await;
    assert_eq!(fixture.deliver_some(1, 1).await.len(), 1);
    fixture.cancel(first).await.unwrap();
    fixture.dispatch().await;
    let mut web = fixture.web.acquire().await.unwrap();
    assert_eq!(alert::reach(&mut web, mistake).await.unwrap(), Reach { people: 2, gone: 0 });
    let second = fixture.correct(mistake).await.unwrap();
    assert_eq!(fixture.preview(second).await.visits, 2);
    fixture.approved(second).await;
    fixture.dispatch().await;
    assert_eq!(fixture.deliver().await.len(), 2);
    assert!(matches!(fixture.correct(mistake).await, Err(AlertError::AlreadyCorrected)));
    fixture.release(&[(venue, fixture.today())]).await;
    assert_eq!(fixture.deliver().await.len(), 6);
}

#[tokio::test]
async fn nothing_more_of_a_mistake_leaves() {
    let (fixture, venue, _) = cancelled_halfway().await;
    fixture.visits(venue, 6..9).await;
    let alert = fixture.release(&[(venue, fixture.today())]).await;
    fixture.deliver().await;
    fixture.sql("update outbox set state = 'dead', reason = 'expired' where id = (select id from outbox where alert_id = $1 and state = 'sent' limit 1)", alert.0).await;
    fixture.clock.set("2026-11-22T21:10:00Z".parse().unwrap());
    fixture.dispatch().await;
    assert_eq!(fixture.status(alert).await.state, State::Done);
    let approver = fixture.session("approver", Role::Approver).await;
    // Asked for before the correction, carried out after it: nothing.
    let mut act = fixture.act(&approver).await;
    alert::request_delivery(&mut act, &fixture.rules(), alert, DeliveryRequest::Retry).await.unwrap();
    act.commit().await.unwrap();
    let correction = fixture.correct(alert).await.unwrap();
    fixture.dispatch().await;
    assert_eq!(fixture.deliver().await.len(), 0);
    let mut act = fixture.act(&approver).await;
    let again = alert::request_delivery(&mut act, &fixture.rules(), alert, DeliveryRequest::Retry).await;
    drop(act);
    assert!(matches!(again, Err(AlertError::WrongState(State::Done))));
    fixture.cancel(correction).await.unwrap();
    fixture.clock.advance(Duration::seconds(1));
    let mut act = fixture.act(&approver).await;
    let again = alert::request_delivery(&mut act, &fixture.rules(), alert, DeliveryRequest::Retry).await;
    assert!(again.is_ok(), "nobody released that correction: {again:?}");
}

/// Everything that waits fails in a passing way, as with a relay that is not there.
const NOBODY_TAKES_IT: &str = "update outbox set state = 'deferred', reason = 'rcpt 450', next_at = next_at + interval '1 hour' where alert_id = $1 and state = 'queued'";

#[tokio::test]
async fn a_cancelled_alert_that_reached_nobody_stands_in_no_others_way() {
    let fixture = AlertFixture::new().await;
    let (cafe, hall, today) = (fixture.venue().await, fixture.venue().await, fixture.today());
    fixture.visits(cafe, 0..4).await;
    fixture.visits(hall, 4..6).await;
    let first = fixture.release(&[(cafe, today)]).await;
    fixture.sql(NOBODY_TAKES_IT, first.0).await;
    // Out meanwhile: it counts the four as told, and is done.
    let standing = fixture.release(&[(cafe, today), (hall, today)]).await;
    assert_eq!(fixture.deliver().await.len(), 2);
    fixture.clock.set("2026-11-22T21:10:00Z".parse().unwrap());
    fixture.dispatch().await;
    assert_eq!((fixture.status(standing).await.state, fixture.status(standing).await.late), (State::Done, 0));
    fixture.cancel(first).await.unwrap();
    fixture.dispatch().await;
    fixture.dispatch().await;
    assert_eq!(fixture.status(standing).await.late, 4, "they wait for a click");
    fixture.release_late(standing, 4).await.unwrap();
    fixture.dispatch().await;
    assert_eq!(fixture.told().await.len(), 4);
}

#[tokio::test]
async fn what_ended_without_arriving_can_be_taken_back_and_counts_for_nobody() {
    let fixture = AlertFixture::new().await;
    let (venue, today) = (fixture.venue().await, fixture.today());
    fixture.visits(venue, 0..5).await;
    let given_up = fixture.release(&[(venue, today)]).await;
    fixture.sql("update outbox set state = 'dead', reason = 'given-up', finished_at = now() where alert_id = $1", given_up.0).await;
    fixture.clock.set("2026-11-22T21:10:00Z".parse().unwrap());
    fixture.dispatch().await;
    assert_eq!(fixture.status(given_up).await.state, State::Done);
    assert!(matches!(fixture.correct(given_up).await, Err(AlertError::NobodyToCorrect)));
    let next = fixture.report(&[(venue, today)]).await.alert_id;
    assert_eq!(fixture.preview(next).await.visits, 0, "it may still be sent again");
    fixture.clock.advance(Duration::seconds(1));
    fixture.cancel(given_up).await.unwrap();
    fixture.dispatch().await;
    assert_eq!((fixture.preview(next).await.visits, fixture.preview(next).await.withdrawn), (5, 0), "nobody ever got one");
    assert_eq!(fixture.delivery(given_up).await.dead, 5, "why nothing arrived stays to be read");
    fixture.approved(next).await;
    fixture.dispatch().await;
    assert_eq!(fixture.told().await.len(), 5);
    // What reached somebody is not taken back but corrected.
    fixture.clock.set("2026-11-23T21:10:00Z".parse().unwrap());
    fixture.dispatch().await;
    assert_eq!(fixture.status(next).await.state, State::Done);
    assert!(matches!(fixture.cancel(next).await, Err(AlertError::WrongState(State::Done))));
}

#[tokio::test]
async fn who_was_merged_into_a_notice_that_never_left_is_told_by_the_next_alert() {
    let fixture = AlertFixture::new().await;
    let (cafe, hall, today) = (fixture.venue().await, fixture.venue().await, fixture.today());
    // Both places: 0 to 3.
    fixture.visits(cafe, 0..4).await;
    fixture.visits(hall, 0..4).await;
    let alert = fixture.release(&[(cafe, today), (hall, today)]).await;
    // Two people get their mail; of the other two the one that speaks for them was tried in vain.
    let told = fixture.deliver_some(8, 8).await.len();
    assert_eq!((told, fixture.delivery(alert).await.merged), (4, 4));
    let in_vain = "update outbox set state = 'deferred', reason = 'rcpt 450', finished_at = null
                   where id in (select id from outbox where alert_id = $1 and state = 'sent' order by id limit 2)";
    fixture.sql(in_vain, alert.0).await;
    fixture.cancel(alert).await.unwrap();
    for _ in 0..3 {
        fixture.dispatch().await;
        assert_eq!(fixture.deliver().await.len(), 0, "a cancelled alert writes to nobody");
    }
    let counts = fixture.delivery(alert).await;
    assert_eq!((counts.sent, counts.merged, counts.cancelled, counts.queued), (2, 2, 4, 0));
    let next = fixture.release(&[(cafe, today), (hall, today)]).await;
    let mails = fixture.deliver().await;
    assert_eq!(mails.len(), 2, "those two, once each; the others hold theirs");
    assert_eq!((fixture.delivery(next).await.sent, fixture.delivery(next).await.merged), (2, 2));
}
