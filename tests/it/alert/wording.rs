//! What an alert says: chosen by people, bound by the approval, looked at again by the worker.
use super::fixture::AlertFixture;
use ashiato::alert::{self, AlertError, AlertId, RawWording, Refusal, State, WordingError};
use ashiato::base::locale::Locale;
use ashiato::official::Role;
use ashiato::venue::VenueId;
use chrono::{Days, Duration};

fn raw(advice: &str) -> RawWording {
    RawWording { advice: advice.into(), ..RawWording::default() }
}

/// A fixture with three visitors at one venue and a draft over them.
async fn drafted() -> (AlertFixture, VenueId, AlertId) {
    let fixture = AlertFixture::new().await;
    let venue = fixture.venue().await;
    fixture.visits(venue, 0..3).await;
    let alert = fixture.report(&[(venue, fixture.today())]).await.alert_id;
    (fixture, venue, alert)
}

#[tokio::test]
async fn chosen_words_are_the_ones_that_arrive() {
    let (fixture, venue, alert) = drafted().await;
    fixture.visit_in(venue, "en@example.jp", Locale::En).await;
    let until = (fixture.today() + Days::new(20)).to_string();
    let chosen =
        RawWording {
            until, note_ja: " 2階の方へ。\r\n\r\n18時から21時です。 ".into(), note_en: "Second floor.".into(), ..raw("test")
        };
    fixture.word(alert, &chosen).await.unwrap();
    fixture.approved(alert).await;
    fixture.dispatch().await;
    let mails = fixture.deliver().await;
    assert_eq!(mails.len(), 4);
    for mail in mails {
        let (advice, note, until) = match mail.locale {
            Locale::Ja => ("検査を受けてください。", "\n\n2階の方へ。\n18時から21時です。\n\n", "2026年12月12日まで"),
            Locale::En => ("Please get tested.", "\n\nSecond floor.\n\n", "until 12 December 2026"),
        };
        assert!(mail.body.contains(advice) && mail.body.contains(note) && mail.body.contains(until), "{}", mail.body);
    }
    let shown =
        alert::check_number(&mut fixture.web.acquire().await.unwrap(), super::fixture::TOKYO, &fixture.status(alert).await.number).await;
    assert!(shown.unwrap().unwrap().text.ja.body.contains("18時から21時です。"));
}

#[tokio::test]
async fn a_date_that_nobody_chose_follows_the_day_of_the_submission() {
    let (fixture, venue, alert) = drafted().await;
    let chosen = fixture.report(&[(venue, fixture.today())]).await.alert_id;
    fixture.word(chosen, &RawWording { until: "2026-11-24".into(), ..raw("watch") }).await.unwrap();
    fixture.pass(Duration::days(1)).await;
    assert!(fixture.preview(alert).await.text.ja.body.contains("2026年12月7日まで"));
    assert!(fixture.submit(alert, "tracer").await.text.ja.body.contains("2026年12月7日まで"));
    assert!(fixture.preview(chosen).await.text.ja.body.contains("2026年11月24日まで"));
    fixture.pass(Duration::days(1)).await;
    let session = fixture.session("tracer", Role::Tracer).await;
    let mut act = fixture.act(&session).await;
    let late = alert::submit(&mut act, &fixture.rules(), chosen, &alert::Submission::default()).await;
    assert!(matches!(late, Err(AlertError::UntilPassed)), "the day has come");
}

#[tokio::test]
async fn what_must_not_be_said_is_refused_and_nothing_changes() {
    let (fixture, _, alert) = drafted().await;
    for note in ["https://evil.example", "043-238-1111へ", "a@example.jp", "a\u{202E}b", &"あ".repeat(501)] {
        for field in [
            |note: &str| RawWording { note_ja: note.into(), ..raw("test") },
            |note: &str| RawWording { note_en: note.into(), ..raw("test") },
        ] {
            assert!(
                matches!(fixture.word(alert, &field(note)).await, Err(WordingError::Invalid(problems)) if problems.len() == 1),
                "{note}"
            );
        }
    }
    assert_eq!(fixture.status(alert).await.wording.advice, alert::Advice::Watch);
    fixture.word(alert, &RawWording { note_ja: "0120-000-000 へ。".into(), ..raw("test") }).await.unwrap();
}

#[tokio::test]
async fn the_worker_sends_no_paragraph_that_web_should_not_have_let_pass() {
    // As if the web process had been taken over: the paragraph stands in the row before anybody looks, so the approval binds it.
    for forged in [
        "update alert set note_ja = 'https://evil.example' where id = $1",
        "update alert set note_en = 'Call 043-238-1111' where id = $1",
        "update alert set note_ja = '一つ目' || chr(10) || chr(10) || '二つ目' where id = $1",
    ] {
        let (fixture, _, alert) = drafted().await;
        fixture.sql(forged, alert.0).await;
        fixture.approved(alert).await;
        assert_eq!(fixture.dispatch().await.refused, 1, "{forged}");
        let status = fixture.status(alert).await;
        assert_eq!((status.state, status.refused), (State::Submitted, Some(Refusal::Wording)));
        assert_eq!(fixture.count("select count(*) from outbox where kind = 'notice'").await, 0);
    }
}

#[tokio::test]
async fn words_that_change_after_the_approval_are_not_sent() {
    for change in [
        "update alert set note_ja = '2階の方へ。' where id = $1",
        "update alert set note_en = null where id = $1",
        "update alert set advice = 'stay_home' where id = $1",
        "update alert set name_venues = true where id = $1",
        "update alert set tonight_reason = 'because' where id = $1",
    ] {
        let (fixture, venue, alert) = drafted().await;
        fixture.sql("update venue set may_be_named = true where id = $1", venue.0).await;
        fixture.word(alert, &RawWording { note_en: "Second floor.".into(), ..raw("test") }).await.unwrap();
        fixture.approved(alert).await;
        fixture.sql(change, alert.0).await;
        fixture.dispatch().await;
        assert_eq!(fixture.status(alert).await.refused, Some(Refusal::Digest), "{change}");
    }
}

#[tokio::test]
async fn a_venue_is_named_to_those_who_were_there_if_it_agreed_and_the_alert_asks() {
    for (asks, agreed, named) in [(true, true, true), (true, false, false), (false, true, false)] {
        let (fixture, venue, alert) = drafted().await;
        if agreed {
            fixture.sql("update venue set may_be_named = true where id = $1", venue.0).await;
        }
        fixture.word(alert, &RawWording { name_venues: asks, ..raw("watch") }).await.unwrap();
        fixture.approved(alert).await;
        fixture.dispatch().await;
        for mail in fixture.deliver().await {
            assert_eq!(mail.body.contains("喫茶 ひだまり、2026年11月22日（日）"), named, "{}", mail.body);
            assert!(mail.body.contains("お答えできません"), "{}", mail.body);
        }
        let number = fixture.status(alert).await.number;
        let shown = alert::check_number(&mut fixture.web.acquire().await.unwrap(), super::fixture::TOKYO, &number).await.unwrap().unwrap();
        assert!(!serde_json::to_string(&shown).unwrap().contains("ひだまり"), "never under the number");
        assert_eq!(shown.names_venues, named);
    }
}

#[tokio::test]
async fn who_was_at_two_places_is_told_of_the_one_that_speaks() {
    let fixture = AlertFixture::new().await;
    let (agreed, other, today) = (fixture.venue().await, fixture.venue().await, fixture.today());
    fixture.sql("update venue set may_be_named = true where id = $1", agreed.0).await;
    fixture.sql("update venue set name = '小料理 なぎさ' where id = $1", other.0).await;
    for venue in [agreed, other] {
        fixture.visit(venue, "often@example.jp").await;
    }
    fixture.visit(other, "once@example.jp").await;
    let alert = fixture.report(&[(agreed, today), (other, today)]).await.alert_id;
    fixture.word(alert, &RawWording { name_venues: true, ..raw("watch") }).await.unwrap();
    fixture.approved(alert).await;
    fixture.dispatch().await;
    let mails = fixture.deliver().await;
    assert_eq!(mails.len(), 2);
    for mail in &mails {
        assert!(!mail.body.contains("なぎさ"), "it did not agree");
        assert!(mail.to != "once@example.jp" || !mail.body.contains("ひだまり"), "this person was not there");
    }
}

#[tokio::test]
async fn a_venue_that_takes_its_consent_back_is_not_named() {
    let (fixture, venue, alert) = drafted().await;
    fixture.sql("update venue set may_be_named = true where id = $1", venue.0).await;
    fixture.word(alert, &RawWording { name_venues: true, ..raw("watch") }).await.unwrap();
    fixture.approved(alert).await;
    fixture.sql("update venue set may_be_named = false where id = $1", venue.0).await;
    fixture.dispatch().await;
    assert_eq!(fixture.status(alert).await.refused, Some(Refusal::Digest));
}

#[tokio::test]
async fn sent_back_by_an_approver_it_is_a_draft_again_and_the_old_look_counts_no_more() {
    let (fixture, _, alert) = drafted().await;
    assert!(matches!(fixture.send_back(alert, "x").await, Err(AlertError::WrongState(State::Draft))));
    fixture.submit(alert, "tracer").await;
    let old = fixture.seen(alert).await;
    assert!(matches!(fixture.word(alert, &raw("test")).await, Err(WordingError::Alert(AlertError::WrongState(State::Submitted)))));
    fixture.send_back(alert, "二つ目の立ち寄り先は前の日です。").await.unwrap();
    let status = fixture.status(alert).await;
    assert_eq!((status.state, status.returned.unwrap().reason.as_str()), (State::Draft, "二つ目の立ち寄り先は前の日です。"));
    fixture.submit(alert, "tracer").await;
    assert!(fixture.status(alert).await.returned.is_none());
    assert!(matches!(fixture.approve(alert, "approver", &old).await, Err(AlertError::Stale)), "another revision");
    let seen = fixture.seen(alert).await;
    fixture.approve(alert, "approver", &seen).await.unwrap();
    assert!(matches!(fixture.send_back(alert, "x").await, Err(AlertError::WrongState(State::Held))), "cancel it instead");
}

#[tokio::test]
async fn words_changed_after_the_worker_sent_it_back_need_a_new_submission() {
    let (fixture, venue, alert) = drafted().await;
    fixture.approved(alert).await;
    fixture.visits(venue, 3..20).await;
    fixture.dispatch().await;
    assert_eq!(fixture.status(alert).await.refused, Some(Refusal::Growth));
    fixture.word(alert, &raw("test")).await.unwrap();
    assert_eq!(fixture.status(alert).await.state, State::Draft);
    let seen = fixture.seen(alert).await;
    assert!(matches!(fixture.approve(alert, "approver", &seen).await, Err(AlertError::WrongState(State::Draft))));
    fixture.approved(alert).await;
    fixture.dispatch().await;
    assert_eq!(fixture.told().await.len(), 20);
}

#[tokio::test]
async fn drafts_that_were_joined_cannot_be_submitted_any_more() {
    let fixture = AlertFixture::new().await;
    let (one, two, today) = (fixture.venue().await, fixture.venue().await, fixture.today());
    let (first, second, third) =
        (fixture.report(&[(one, today)]).await, fixture.report(&[(two, today)]).await, fixture.report(&[(one, today)]).await);
    let session = fixture.session("tracer", Role::Tracer).await;
    let mut act = fixture.act(&session).await;
    let joined = alert::draft(&mut act, &[first.id, second.id]).await.unwrap();
    act.commit().await.unwrap();
    for own in [first.alert_id, second.alert_id] {
        let status = fixture.status(own).await;
        assert_eq!((status.state, status.replaced_by), (State::Cancelled, Some(joined)));
    }
    assert_eq!(fixture.status(third.alert_id).await.state, State::Draft, "its case was not joined");
    // A joint draft is replaced by one that holds all of its cases, not by one that holds some.
    let mut act = fixture.act(&session).await;
    alert::draft(&mut act, &[first.id, third.id]).await.unwrap();
    act.commit().await.unwrap();
    assert_eq!(fixture.status(joined).await.state, State::Draft);
    let mut act = fixture.act(&session).await;
    alert::draft(&mut act, &[first.id, second.id, third.id]).await.unwrap();
    act.commit().await.unwrap();
    assert_eq!(fixture.status(joined).await.state, State::Cancelled);
    assert_eq!(fixture.count("select count(*) from alert where cancelled_at is null").await, 1);
}
