//! Mail servers and databases that misbehave.
use super::fixture::{DeliveryFixture, PATIENT, SHORT};
use crate::support::smtp_sink::{Behaviour, Stage};
use ashiato::mail::Counts;
use ashiato::mail::Interruption;
use chrono::Duration as Span;
use std::collections::HashSet;
use std::time::Duration;

/// With this fault nothing may die; once it is mended, every mail arrives once.
async fn survives(fault: Behaviour) {
    let fixture = DeliveryFixture::new().await;
    fixture.queue_many(5).await;
    fixture.sink.behave(fault.clone());
    let notifier = fixture.notifier(2, SHORT).await;
    notifier.drain().await;
    let counts = fixture.judge(5).await;
    assert!(counts.deferred > 0 && counts.deferred + counts.queued == 5, "{fault:?}: {counts:?}");
    fixture.sink.heal();
    fixture.clock.advance(Span::minutes(5));
    let drained = notifier.drain().await;
    assert_eq!((drained.sent, drained.interrupted), (5, None), "{fault:?}");
    assert_eq!(fixture.judge(5).await, Counts { sent: 5, ..Counts::default() }, "{fault:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn passing_answers_defer_in_every_phase() {
    for (stage, line) in [
        (Stage::Greeting, "421 4.3.2 too busy"),
        (Stage::Ehlo, "421 4.3.2 too busy"),
        (Stage::Mail, "451 4.3.0 later"),
        (Stage::Rcpt, "450 4.2.1 later"),
        (Stage::Rcpt, "421 4.3.2 closing"),
        (Stage::Data, "451 4.3.0 later"),
        (Stage::Dot, "451 4.3.0 later"),
    ] {
        survives(Behaviour::reply(stage, line)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_that_are_about_us_kill_nothing() {
    for (stage, line) in [
        (Stage::Greeting, "554 5.7.1 not you"),
        (Stage::Mail, "530 5.7.0 authentication required"),
        (Stage::Mail, "550 sender unknown"),
        (Stage::Rcpt, "554 5.7.1 relay access denied"),
    ] {
        survives(Behaviour::reply(stage, line)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hanging_and_dropping_before_the_dot_defer() {
    for stage in [Stage::Greeting, Stage::Ehlo, Stage::Mail, Stage::Rcpt, Stage::Data] {
        survives(Behaviour::Hang(stage)).await;
        survives(Behaviour::Drop(stage)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hanging_after_the_dot_is_ambiguous_and_counted() {
    let fixture = DeliveryFixture::new().await;
    fixture.queue_many(4).await;
    fixture.sink.behave(Behaviour::HangAfterDot);
    let notifier = fixture.notifier(2, SHORT).await;
    notifier.drain().await;
    let counts = fixture.judge(4).await;
    assert!(counts.ambiguous > 0 && counts.ambiguous + counts.queued == 4, "{counts:?}");
    fixture.sink.heal();
    fixture.clock.advance(Span::minutes(16));
    notifier.drain().await;
    let done = fixture.judge(4).await;
    assert_eq!((done.sent, done.ambiguous_attempts), (4, counts.ambiguous));
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_break_now_and_then_lose_nothing() {
    let fixture = DeliveryFixture::new().await;
    fixture.queue_many(120).await;
    let (mut n, mut cut) = (0_u32, HashSet::new());
    fixture.sink.behave_by(move |to| {
        n += 1;
        match n % 11 {
            // Once each: see `two_resets_in_mid_message_are_shown_and_not_called_sent`.
            3 if cut.insert(to.to_owned()) => Behaviour::DropBeforeDot,
            5 => Behaviour::DropAfterAccept,
            7 => Behaviour::Drop(Stage::Rcpt),
            9 if cut.insert(to.to_owned()) => Behaviour::DropAfterDot,
            _ => Behaviour::Ok,
        }
    });
    let notifier = fixture.notifier(3, PATIENT).await;
    for _ in 0..10 {
        notifier.drain().await;
        fixture.clock.advance(Span::minutes(40));
    }
    let counts = fixture.judge(120).await;
    assert_eq!((counts.sent + counts.ambiguous, counts.dead), (120, 0), "{counts:?}");
    assert!(counts.ambiguous_attempts > 0, "{counts:?}");
}

/// What TCP cannot tell: the whole mail had left this machine, but the server reset the connection before it read the dot.
/// After the one retry such a row rests as `ambiguous`, counted, for people to see; it is never taken for sent.
#[tokio::test(flavor = "multi_thread")]
async fn two_resets_in_mid_message_are_shown_and_not_called_sent() {
    let fixture = DeliveryFixture::new().await;
    let id = fixture.queue_many(1).await[0];
    fixture.sink.behave(Behaviour::DropBeforeDot);
    let notifier = fixture.notifier(1, PATIENT).await;
    for _ in 0..20 {
        notifier.drain().await;
        fixture.clock.advance(Span::minutes(20));
    }
    let row = fixture.row(id).await;
    assert!(row.state == "ambiguous" || row.state == "deferred", "{row:?}");
    assert_eq!(row.finished_at.is_some(), row.ambiguous_attempts == 2, "{row:?}");
    assert_eq!(fixture.accepted(id), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_the_database_misses_for_a_moment_is_not_lost() {
    let fixture = DeliveryFixture::new().await;
    let id = fixture.queue_many(1).await[0];
    fixture.sink.behave(Behaviour::Delay(Stage::Dot, Duration::from_millis(600)));
    let notifier = fixture.notifier(1, PATIENT).await;
    let story = async {
        fixture.sink.wait_for(1, PATIENT).await;
        fixture.take_database_away().await;
        // The answer has come by now, and could not be written.
        tokio::time::sleep(Duration::from_millis(1000)).await;
        fixture.bring_database_back().await;
    };
    let (drained, ()) = tokio::join!(notifier.drain(), story);
    assert_eq!(drained.sent, 1);
    assert_eq!(fixture.accepted(id), 1);
    assert_eq!(fixture.judge(1).await, Counts { sent: 1, ..Counts::default() });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_cannot_be_written_within_the_lease_becomes_ambiguous() {
    let fixture = DeliveryFixture::new().await;
    let id = fixture.queue_many(1).await[0];
    fixture.sink.behave(Behaviour::Delay(Stage::Dot, Duration::from_millis(600)));
    let notifier = fixture.notifier(1, PATIENT).await;
    let story = async {
        fixture.sink.wait_for(1, PATIENT).await;
        fixture.take_database_away().await;
        fixture.clock.advance(Span::seconds(121));
    };
    let (drained, ()) = tokio::join!(notifier.drain(), story);
    assert_eq!((drained.sent, drained.interrupted), (0, Some(Interruption::Database)));
    fixture.bring_database_back().await;
    assert_eq!(fixture.row(id).await.state, "submitting");
    notifier.drain().await;
    let row = fixture.row(id).await;
    assert_eq!((row.state.as_str(), row.reason.as_deref()), ("ambiguous", Some("interrupted")), "not sent again at once");
    fixture.sink.heal();
    fixture.clock.advance(Span::minutes(15));
    assert_eq!(notifier.drain().await.sent, 1);
    assert_eq!(fixture.accepted(id), 2);
    fixture.judge(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_slept_past_its_lease_sends_nothing() {
    let fixture = DeliveryFixture::new().await;
    let id = fixture.queue_many(1).await[0];
    // Long enough to see the row on its way and to move the clock, on a machine that is busy with other tests.
    fixture.sink.behave(Behaviour::Delay(Stage::Data, Duration::from_secs(3)));
    let notifier = fixture.notifier(1, PATIENT).await;
    let story = async {
        fixture.until(id, "submitting").await;
        fixture.clock.advance(Span::seconds(121));
    };
    let (drained, ()) = tokio::join!(notifier.drain(), story);
    assert_eq!((drained.returned, drained.sent), (1, 1), "given back unsent, then sent under a new lease");
    assert_eq!(fixture.sink.commands().iter().filter(|line| *line == "DATA").count(), 2);
    assert_eq!(fixture.accepted(id), 1);
    fixture.judge(1).await;
}
