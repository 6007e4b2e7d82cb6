//! A mail server that gives everybody the same permanent answer: nothing is lost, nothing more is sent, and one mail tries.
use super::fixture::{DeliveryFixture, PATIENT};
use crate::support::smtp_sink::{Behaviour, SmtpSink, Stage};
use ashiato::base::clock::Clock;
use ashiato::base::db::DbRole;
use ashiato::mail::outbox::measure;
use ashiato::mail::sending::brake::{DOMAINS, MAILBOXES, PEOPLE, PEOPLE_OF_ONE_DOMAIN, ROW_LASTS, TRIAL_PAUSE};
use ashiato::mail::sending::{self, StopKind};
use ashiato::mail::{Counts, Drained, reasons};
use chrono::Duration as Span;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;
use uuid::Uuid;

/// What a carrier says when the sender's domain has no DNS.
const SENDER: &str = "553 city.example.jp does not exist";

impl DeliveryFixture {
    fn refuse(&self, line: &str) {
        self.sink.behave(Behaviour::reply(Stage::Rcpt, line));
    }

    async fn answers(&self) -> Vec<String> {
        let stops = sending::stops(&mut self.db.connect(DbRole::Web).await).await.unwrap();
        stops.into_iter().filter_map(|stop| stop.answer).collect()
    }

    fn offered(&self) -> usize {
        self.sink.commands().iter().filter(|line| line.starts_with("RCPT")).count()
    }
}

/// So many people of domains in turn, among them large providers.
fn people(count: usize) -> Vec<String> {
    let domains = ["docomo.ne.jp", "gmail.com", "au.com", "example.jp", "example.com"];
    (0..count).map(|n| format!("visitor{n}@{}", domains[n % domains.len()])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_answer_to_everybody_ends_no_mail_and_all_are_sent_once_it_is_mended() {
    const NOTICES: usize = 2000;
    let fixture = DeliveryFixture::new().await;
    let ids = fixture.queue_notices_to(fixture.alert().await, people(NOTICES)).await;
    let letter = fixture.queue(["log-in@example.jp"]).await[0];
    fixture.refuse(SENDER);
    let notifier = fixture.notifier(8, PATIENT).await;
    notifier.drain().await;
    let (counts, hit) = (fixture.judge(NOTICES + 1).await, fixture.offered());
    assert_eq!((fixture.stopped().await, fixture.answers().await), (vec![StopKind::Refused], vec!["rcpt 553 (exist)".to_owned()]));
    assert!((3..=8 * 4).contains(&hit), "{hit} of {NOTICES}: no more than some on each of the eight connections");
    assert_eq!((counts.bounced, counts.dead, counts.deferred + counts.queued), (0, 0, i64::try_from(NOTICES).unwrap() + 1));

    let offered = fixture.offered();
    fixture.clock.advance(Span::hours(80));
    for notifier in [&notifier, &fixture.notifier(8, PATIENT).await] {
        assert_eq!(notifier.drain().await, Drained::default(), "notices and letters stay, and nothing expires");
    }
    assert_eq!(fixture.offered(), offered);

    // The first trial comes too early: one mail, and the brake is on again.
    assert_eq!(fixture.resume().await, 1);
    notifier.drain().await;
    assert_eq!((fixture.offered(), fixture.stopped().await), (offered + 1, vec![StopKind::Refused]));
    notifier.drain().await;
    assert_eq!(fixture.offered(), offered + 1, "another needs another click");
    let counts = fixture.judge(NOTICES + 1).await;
    assert_eq!((counts.bounced, counts.dead), (0, 0));

    fixture.sink.heal();
    fixture.clock.advance(Span::minutes(5)); // The one that was on trial has its turn again.
    assert_eq!(fixture.resume().await, 1);
    notifier.drain().await;
    assert_eq!(fixture.stopped().await, []);
    let counts = fixture.judge(NOTICES + 1).await;
    assert_eq!((counts.sent, counts.ambiguous_attempts), (i64::try_from(NOTICES).unwrap() + 1, 0));
    assert!(ids.iter().chain([&letter]).all(|id| fixture.accepted(*id) == 1));
    let acts: Vec<String> = sqlx::query_scalar("select action from audit_entry order by id").fetch_all(&fixture.pool).await.unwrap();
    assert_eq!(acts, ["sending.stop", "sending.trial_refused", "sending.resume"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_mail_after_a_click_goes_alone_also_over_many_connections_and_workers() {
    let fixture = DeliveryFixture::new().await;
    fixture.queue_notices_to(fixture.alert().await, people(300)).await;
    fixture.refuse(SENDER);
    fixture.notifier(8, PATIENT).await.drain().await;
    let offered = fixture.offered();
    fixture.resume().await;
    let mut together = JoinSet::new();
    for _ in 0..3 {
        let notifier = fixture.notifier(8, PATIENT).await;
        together.spawn(async move { notifier.drain().await });
    }
    together.join_all().await;
    assert_eq!(fixture.offered(), offered + 1);
    fixture.judge(300).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_count_together_what_each_saw_only_a_part_of() {
    let fixture = DeliveryFixture::new().await;
    fixture.refuse(SENDER);
    for (at, address) in ["a@example.jp", "b@example.jp", "c@example.com"].into_iter().enumerate() {
        assert_eq!(fixture.stopped().await, [], "after {at}");
        fixture.queue([address]).await;
        fixture.notifier(1, PATIENT).await.drain().await;
    }
    assert_eq!(fixture.stopped().await, [StopKind::Refused]);
    let counts = fixture.judge(3).await;
    assert_eq!(counts.deferred, 3);
    assert!(fixture.rows().await.iter().all(|row| row.next_at <= fixture.clock.now()), "they have their turn as soon as it goes on");
}

/// Whether the brake is on after these were refused.
async fn brakes(line: &str, addresses: &[String]) -> bool {
    let fixture = DeliveryFixture::new().await;
    fixture.refuse(line);
    fixture.queue(addresses.iter().map(String::as_str)).await;
    fixture.notifier(1, PATIENT).await.drain().await;
    fixture.judge(addresses.len()).await;
    !fixture.stopped().await.is_empty()
}

fn of_domain(count: i64, domain: &str) -> Vec<String> {
    (0..count).map(|n| format!("visitor{n}@{domain}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_bound_of_the_brake_holds_at_its_edge() {
    let two_domains = |people: i64| [of_domain(people - 1, "example.jp"), of_domain(1, "example.com")].concat();
    assert_eq!(DOMAINS, 2);
    assert!(brakes(SENDER, &two_domains(PEOPLE)).await);
    assert!(!brakes(SENDER, &two_domains(PEOPLE - 1)).await);
    assert!(brakes(SENDER, &of_domain(PEOPLE_OF_ONE_DOMAIN, "example.jp")).await);
    assert!(!brakes(SENDER, &of_domain(PEOPLE_OF_ONE_DOMAIN - 1, "example.jp")).await);
    let one_person = vec!["visitor@example.jp".to_owned(); 12];
    assert!(!brakes(SENDER, &one_person).await, "one mailbox is one mailbox, however often it is asked");
    for line in ["550 relay not permitted", "550 5.7.1 not you", "550 5.1.8 bad sender", "554 5.3.5 configuration"] {
        // Three in trouble close the gate for a second; they are the three.
        assert!(brakes(line, &two_domains(PEOPLE)).await, "{line}");
    }
    for line in ["550 5.4.5 Daily sending quota exceeded", "550 Domain city.example.jp has exceeded the max emails per hour"] {
        assert!(!brakes(line, &people(12)).await, "{line}: it passes by itself");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_with_dead_mailboxes_in_a_row_brakes_nothing() {
    let dead = "550 5.1.1 <x@example.jp>: user unknown";
    let many = |count: i64| people(usize::try_from(count).unwrap());
    assert!(!brakes(dead, &many(MAILBOXES - 1)).await);
    assert!(brakes(dead, &many(MAILBOXES)).await);
    assert!(!brakes(dead, &of_domain(3 * MAILBOXES, "example.jp")).await, "a domain that is gone");
    assert!(!brakes("550 no such user", &many(MAILBOXES - 1)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_is_taken_ends_the_row() {
    let fixture = DeliveryFixture::new().await;
    let notifier = fixture.notifier(1, PATIENT).await;
    for address in ["a@example.jp", "b@example.com", "well@example.jp", "c@example.jp", "d@example.com", "well@example.com"] {
        fixture.queue([address]).await;
        if !address.starts_with("well") {
            fixture.sink.behave_for(address, Behaviour::reply(Stage::Rcpt, SENDER));
        }
        notifier.drain().await;
    }
    assert_eq!(fixture.stopped().await, []);
    // What was refused long ago is another matter.
    fixture.queue(["e@example.jp", "f@example.com"]).await;
    fixture.refuse(SENDER);
    notifier.drain().await;
    fixture.clock.advance(ROW_LASTS + Span::seconds(1));
    sqlx::query("update outbox set next_at = next_at + interval '28 hours' where attempts > 0 and finished_at is null")
        .execute(&fixture.pool)
        .await
        .unwrap();
    fixture.queue(["g@example.jp"]).await;
    notifier.drain().await;
    assert_eq!(fixture.stopped().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_refuses_everybody_is_seen_beside_others_that_take_their_mails() {
    let fixture = DeliveryFixture::new().await;
    let notifier = fixture.notifier(1, PATIENT).await;
    for n in 0..PEOPLE_OF_ONE_DOMAIN {
        assert_eq!(fixture.stopped().await, [], "after {n}");
        let (docomo, other) = (format!("a{n}@docomo.ne.jp"), format!("a{n}@example.jp"));
        fixture.sink.behave_for(&docomo, Behaviour::reply(Stage::Rcpt, SENDER));
        fixture.queue([docomo.as_str()]).await;
        notifier.drain().await;
        fixture.queue([other.as_str()]).await;
        notifier.drain().await;
    }
    assert_eq!(fixture.stopped().await, [StopKind::Refused]);
    // Its own mail is the one on trial: another's would be taken and say nothing.
    fixture.resume().await;
    notifier.drain().await;
    assert_eq!(fixture.stopped().await, [StopKind::Refused]);
    fixture.sink.heal();
    fixture.resume().await;
    notifier.drain().await;
    fixture.clock.advance(Span::minutes(10));
    notifier.drain().await;
    assert_eq!((fixture.stopped().await, fixture.judge(20).await.sent), (vec![], 20));
}

#[tokio::test(flavor = "multi_thread")]
async fn mailboxes_that_a_wrong_answer_ended_wait_again_and_what_is_gone_ends_after_all() {
    const MAILS: usize = 20;
    let fixture = DeliveryFixture::new().await;
    let alert = fixture.alert().await;
    fixture.queue_notices_to(alert, people(MAILS)).await;
    fixture.refuse("550 5.1.1 user unknown");
    let notifier = fixture.notifier(1, PATIENT).await;
    notifier.drain().await;
    let counts = fixture.judge(MAILS).await;
    assert_eq!((counts.bounced, counts.deferred, counts.repeats), (0, 20, 20));
    assert_eq!(fixture.stopped().await, [StopKind::Refused]);

    // Somebody else's mail says whether the server is well again; half of these mailboxes are gone indeed.
    fixture.sink.heal();
    for n in 0..MAILS / 2 {
        fixture.sink.behave_for(&people(MAILS)[n], Behaviour::reply(Stage::Rcpt, "550 5.1.1 user unknown"));
    }
    fixture.queue(["letter@example.jp"]).await;
    fixture.resume().await;
    notifier.drain().await;
    assert_eq!(fixture.stopped().await, []);
    let counts = fixture.judge(MAILS + 1).await;
    assert_eq!((counts.sent, counts.bounced), (11, 10));
    let by_provider: (i64, i64) = sqlx::query_as("select sum(sent), sum(bounced) from delivery_company where alert_id = $1")
        .bind(alert)
        .fetch_one(&fixture.pool)
        .await
        .unwrap();
    assert_eq!(by_provider, (10, 10), "what was put back counts as what it is now");
}

#[tokio::test(flavor = "multi_thread")]
async fn those_that_are_all_gone_do_not_brake_for_ever() {
    let fixture = DeliveryFixture::new().await;
    let addresses = people(25);
    fixture.queue(addresses.iter().map(String::as_str)).await;
    for address in &addresses {
        fixture.sink.behave_for(address, Behaviour::reply(Stage::Rcpt, "550 5.1.1 user unknown"));
    }
    let notifier = fixture.notifier(1, PATIENT).await;
    notifier.drain().await;
    assert_eq!(fixture.stopped().await, [StopKind::Refused]);
    fixture.queue(["well@example.jp"]).await;
    fixture.resume().await;
    notifier.drain().await;
    assert_eq!(fixture.stopped().await, [], "an official has looked");
    assert_eq!((fixture.judge(26).await.bounced, fixture.judge(26).await.sent), (25, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_without_a_clear_answer_is_repeated_later_and_ends_nothing() {
    let fixture = DeliveryFixture::new().await;
    fixture.queue(people(6).iter().map(String::as_str)).await;
    fixture.refuse(SENDER);
    let notifier = fixture.notifier(1, PATIENT).await;
    notifier.drain().await;
    fixture.resume().await;
    fixture.refuse("450 4.2.1 later");
    let offered = fixture.offered();
    notifier.drain().await;
    assert_eq!(fixture.offered(), offered + 1);
    notifier.drain().await;
    assert_eq!(fixture.offered(), offered + 1, "not at once");
    fixture.sink.heal();
    fixture.clock.advance(TRIAL_PAUSE - Span::seconds(1));
    assert_eq!(notifier.drain().await.sent, 0);
    fixture.clock.advance(Span::seconds(1));
    notifier.drain().await;
    fixture.clock.advance(Span::minutes(5));
    notifier.drain().await;
    assert_eq!((fixture.stopped().await, fixture.judge(6).await.sent), (vec![], 6));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_killed_with_the_mail_on_trial_leaves_it_to_the_next() {
    let fixture = DeliveryFixture::new().await;
    fixture.queue(people(6).iter().map(String::as_str)).await;
    fixture.refuse(SENDER);
    fixture.notifier(2, PATIENT).await.drain().await;
    fixture.resume().await;
    fixture.sink.behave(Behaviour::Hang(Stage::Dot));
    let notifier = fixture.notifier(2, PATIENT).await;
    let (_never, shutdown) = watch::channel(false);
    let running = tokio::spawn(async move { notifier.run(shutdown).await });
    let begun = async {
        while !fixture.rows().await.iter().any(|row| row.state == "submitting") {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENT, begun).await.unwrap();
    running.abort();
    let _killed = running.await;
    fixture.sink.heal();
    let next = fixture.notifier(2, PATIENT).await;
    assert_eq!(next.drain().await.sent, 0, "its lease holds");
    fixture.clock.advance(Span::seconds(121));
    next.drain().await;
    next.drain().await;
    assert_eq!(fixture.stopped().await, []);
    fixture.clock.advance(Span::minutes(20));
    next.drain().await;
    let counts = fixture.judge(6).await;
    assert_eq!((counts.sent, counts.ambiguous_attempts), (6, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_that_are_killed_while_the_brake_falls_lose_nothing() {
    const NOTICES: usize = 300;
    let fixture = DeliveryFixture::new().await;
    fixture.queue_notices_to(fixture.alert().await, people(NOTICES)).await;
    for round in 0..6_u64 {
        let mut n = 0_u64;
        fixture.sink.behave_by(move |_| {
            n += 1;
            if n > 3 * round { Behaviour::reply(Stage::Rcpt, SENDER) } else { Behaviour::Delay(Stage::Dot, Duration::from_millis(5)) }
        });
        let notifier = fixture.notifier(4, PATIENT).await;
        let (_never, shutdown) = watch::channel(false);
        let running = tokio::spawn(async move { notifier.run(shutdown).await });
        let offered = fixture.offered();
        let seen = async {
            while fixture.offered() < offered + 4 * usize::try_from(round).unwrap() + 2 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        // When the brake is on already there is nothing to wait for.
        let _ = tokio::time::timeout(Duration::from_secs(2), seen).await;
        running.abort();
        let _killed = running.await;
        fixture.clock.advance(Span::minutes(20));
        let counts = fixture.judge_midway(NOTICES).await;
        assert_eq!((counts.bounced, counts.dead), (0, 0), "round {round}: {counts:?}");
        fixture.resume().await;
    }
    fixture.sink.heal();
    for _ in 0..4 {
        fixture.resume().await;
        fixture.notifier(8, PATIENT).await.drain().await;
        fixture.clock.advance(Span::minutes(20));
    }
    let counts = fixture.judge(NOTICES).await;
    assert_eq!(counts.sent + counts.ambiguous, i64::try_from(NOTICES).unwrap(), "{counts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_somebody_asked_for_holds_notices_also_on_trial() {
    let fixture = DeliveryFixture::new().await;
    fixture.queue_notices_to(fixture.alert().await, people(10)).await;
    fixture.refuse(SENDER);
    let notifier = fixture.notifier(2, PATIENT).await;
    notifier.drain().await;
    fixture.sink.heal();
    fixture.stop().await;
    let brake = sending::stops(&mut fixture.db.connect(DbRole::Web).await).await.unwrap();
    let brake = brake.iter().find(|stop| stop.kind == StopKind::Refused).unwrap().id;
    sending::allow_trial(&mut fixture.db.connect(DbRole::Web).await, fixture.clock.now(), "token:approver", brake).await.unwrap();
    assert_eq!(notifier.drain().await.sent, 0);
    fixture.queue(["letter@example.jp"]).await;
    notifier.drain().await;
    assert_eq!((fixture.stopped().await, fixture.counts().await.sent), (vec![StopKind::Asked], 1), "the letter was the trial");
    fixture.resume().await;
    notifier.drain().await;
    assert_eq!(fixture.judge(11).await.sent, 11);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_letter_that_tells_of_the_brake_tries_to_leave_and_is_never_ended_by_it() {
    let fixture = DeliveryFixture::new().await;
    fixture.queue(people(6).iter().map(String::as_str)).await;
    fixture.refuse(SENDER);
    let notifier = fixture.notifier(1, PATIENT).await;
    notifier.drain().await;
    let told = fixture.queue(["approver@example.jp", "approver@example.com"]).await;
    sqlx::query("update outbox set kind = 'sending_stopped' where id = any($1)").bind(&told).execute(&fixture.pool).await.unwrap();
    for _ in 0..5 {
        notifier.drain().await;
        fixture.clock.advance(Span::minutes(40));
    }
    let row = fixture.row(told[0]).await;
    assert!(row.state == "deferred" && row.attempts >= 4, "{row:?}");
    fixture.sink.behave_by(|to| if to == "approver@example.com" { Behaviour::Ok } else { Behaviour::reply(Stage::Rcpt, SENDER) });
    fixture.sink.behave(Behaviour::Ok);
    fixture.clock.advance(Span::hours(7));
    notifier.drain().await;
    assert_eq!(fixture.row(told[1]).await.state, "sent", "where one mailbox still works, its owner hears of it");
    assert_eq!(fixture.stopped().await, [StopKind::Refused], "and nothing else leaves");
    assert_eq!(fixture.counts().await.sent, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_unclear_refusal_is_asked_again_before_it_ends_a_mail() {
    let fixture = DeliveryFixture::new().await;
    let id = fixture.queue(["a@example.jp"]).await[0];
    fixture.refuse(SENDER);
    let notifier = fixture.notifier(1, PATIENT).await;
    for (attempt, state) in [(1, "deferred"), (2, "deferred"), (3, "dead")] {
        notifier.drain().await;
        let row = fixture.row(id).await;
        assert_eq!((row.attempts, row.state.as_str(), row.reason.as_deref()), (attempt, state, Some("rcpt 553")));
        fixture.clock.advance(Span::minutes(5));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_at_the_dot_is_no_missing_mailbox() {
    let fixture = DeliveryFixture::new().await;
    let ids = fixture.queue(of_domain(5, "docomo.ne.jp").iter().map(String::as_str)).await;
    fixture.sink.behave(Behaviour::reply(Stage::Dot, "550 Unknown user (end of data)"));
    let drained = fixture.notifier(2, PATIENT).await.drain().await;
    assert_eq!(drained, Drained { dead: 5, ..Drained::default() });
    assert_eq!(fixture.row(ids[0]).await.reason.as_deref(), Some("dot 550 filter"));
    assert_eq!(reasons(&fixture.pool, None).await.unwrap().len(), 1);
    assert_eq!(fixture.stopped().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn quotas_defer_and_everything_is_sent_once_they_are_over() {
    for line in ["550 5.4.5 Daily sending quota exceeded", "550 Domain city.example.jp has exceeded the max emails per hour"] {
        let fixture = DeliveryFixture::new().await;
        fixture.queue(people(40).iter().map(String::as_str)).await;
        fixture.refuse(line);
        let notifier = fixture.notifier(4, PATIENT).await;
        for _ in 0..5 {
            notifier.drain().await;
            fixture.clock.advance(Span::hours(3));
        }
        let counts = fixture.judge(40).await;
        assert_eq!((counts.bounced + counts.dead, counts.sent, fixture.stopped().await), (0, 0, vec![]), "{line}");
        fixture.sink.heal();
        fixture.clock.advance(Span::hours(7));
        notifier.drain().await;
        assert_eq!(fixture.judge(40).await, Counts { sent: 40, ..Counts::default() }, "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_five_mails_a_session_gets_sixty_within_seconds() {
    let fixture = DeliveryFixture::new().await;
    fixture.queue_many(60).await;
    fixture.sink.behave(Behaviour::SessionLimit(5));
    let started = Instant::now();
    let drained = fixture.notifier(2, PATIENT).await.drain().await;
    assert_eq!(drained, Drained { sent: 60, ..Drained::default() }, "none was put off");
    assert!(started.elapsed() < PATIENT);
    assert_eq!(fixture.judge(60).await, Counts { sent: 60, ..Counts::default() });
    assert!((12..=16).contains(&fixture.sink.connections()), "{} connections", fixture.sink.connections());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_none_in_a_session_is_down() {
    let fixture = DeliveryFixture::new().await;
    fixture.queue_many(3).await;
    fixture.sink.behave(Behaviour::SessionLimit(0));
    let drained = fixture.notifier(1, PATIENT).await.drain().await;
    assert_eq!((drained.sent, drained.deferred), (0, 3), "a fresh connection is not tried again at once");
    assert!(fixture.sink.connections() <= 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stops_that_hold_are_a_gauge() {
    let fixture = DeliveryFixture::new().await;
    fixture.queue(people(6).iter().map(String::as_str)).await;
    fixture.refuse(SENDER);
    fixture.notifier(1, PATIENT).await.drain().await;
    let metrics = ashiato::base::telemetry::Metrics::new(ashiato::base::telemetry::Half::Worker);
    measure(&mut fixture.pool.acquire().await.unwrap(), fixture.clock.now(), &metrics).await.unwrap();
    let text = metrics.encode();
    assert!(text.contains(r#"ashiato_sending_stopped{kind="refused"} 1"#) && text.contains(r#"ashiato_sending_stopped{kind="asked"} 0"#));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_brake_remembers_names_nobody() {
    let fixture = DeliveryFixture::new().await;
    fixture.queue(["taro.yamada@example.jp", "hanako@example.com"]).await;
    fixture.refuse("550 taro.yamada hanako yamada <taro.yamada@example.jp> is blocked by 10.1.2.3");
    fixture.notifier(1, PATIENT).await.drain().await;
    let kept: Vec<(Uuid, String, Vec<u8>)> =
        sqlx::query_as("select outbox_id, answer, person from sending_refusal").fetch_all(&fixture.pool).await.unwrap();
    assert_eq!(kept.len(), 2);
    assert!(kept.iter().all(|(_, answer, person)| answer == "rcpt 550 (blocked)" && person.len() == 8));
    assert_ne!(kept[0].2, kept[1].2);
}

#[tokio::test]
async fn a_sink_of_before_1999_is_logged_in_to() {
    let sink = SmtpSink::builder().login("city", "secret", false).old_auth().start().await;
    let url = ashiato::mail::smtp::SmtpUrl::parse(&sink.url_with("city:secret@")).unwrap_or_else(|error| panic!("{error}"));
    let opened = ashiato::mail::smtp::Connection::open(&url, "city", &ashiato::mail::smtp::Deadlines::all(PATIENT)).await;
    assert!(opened.is_ok());
}
