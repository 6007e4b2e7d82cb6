//! Sending: each step of a mail with each way to go wrong, and what is known afterwards.
use super::*;
use crate::support::smtp_sink::{Behaviour, Builder, Stage};
use ashiato::mail::smtp::Phase;

const STEPS: [(Stage, Phase); 4] =
    [(Stage::Mail, Phase::Mail), (Stage::Rcpt, Phase::Rcpt), (Stage::Data, Phase::Data), (Stage::Dot, Phase::Dot)];

const TO: &str = "taro@example.jp";
const ACCEPTED: Attempt = Attempt::Accepted { code: 250 };

fn builders() -> [Builder; 3] {
    [SmtpSink::builder(), SmtpSink::builder().without_pipelining(), SmtpSink::builder().implicit_tls()]
}

/// Code and enhanced status of a refusal, and where it came.
fn refused(attempt: Attempt) -> (char, Phase, String) {
    match attempt {
        Attempt::Deferred { phase, reply } => ('4', phase, reply.to_string()),
        Attempt::Refused { phase, reply } => ('5', phase, reply.to_string()),
        other => panic!("no refusal: {other:?}"),
    }
}

/// A refusal of one mail leaves the connection in step: the next mail goes through on it.
#[tokio::test]
async fn each_step_refused_is_told_apart_and_the_next_mail_goes_through() {
    for builder in builders() {
        let sink = builder.start().await;
        let mut connection = open(&sink).await;
        let mut sent = 0;
        for (stage, phase) in STEPS {
            for code in ["450 4.2.1", "451 4.3.0", "550 5.1.1", "552 5.3.4"] {
                sink.behave(Behaviour::reply(stage, &format!("{code} <{TO}>: no")));
                let attempt = send(&mut connection, TO, "1@city.example.jp").await;
                let class = code.chars().next().unwrap();
                assert_eq!(refused(attempt), (class, phase, code.to_owned()));
                sink.heal();
                assert!(connection.is_usable());
                let next = send(&mut connection, "jiro@example.jp", "2@city.example.jp").await;
                assert_eq!(next, ACCEPTED, "after {code} at {phase}");
                sent += 1;
            }
        }
        assert_eq!(sink.connections(), 1);
        assert_eq!(sink.accepted_by_recipient()["jiro@example.jp"], sent);
        assert_eq!(sink.accepted_by_recipient().len(), 1);
    }
}

#[tokio::test]
async fn a_server_that_goes_away_politely_defers() {
    for builder in builders() {
        let sink = builder.start().await;
        for (stage, phase) in STEPS {
            sink.behave(Behaviour::reply(stage, "421 4.3.2 closing"));
            let mut connection = open(&sink).await;
            let attempt = send(&mut connection, TO, "1@city.example.jp").await;
            assert_eq!(refused(attempt), ('4', phase, "421 4.3.2".to_owned()));
            assert!(!connection.is_usable());
        }
        assert!(sink.accepted().is_empty());
    }
}

/// lettre 0.11 waited past its time-out for the answer to the dot (measured).
#[tokio::test]
async fn hanging_or_dropping_is_lost_before_the_dot_and_ambiguous_after() {
    for builder in builders() {
        let sink = builder.start().await;
        for (stage, phase) in STEPS {
            for (fault, deadlines) in [(Behaviour::Hang(stage), SHORT), (Behaviour::Drop(stage), PATIENT)] {
                sink.heal();
                let mut connection = try_open(&sink.url(), deadlines).await.ok().unwrap();
                sink.behave(fault.clone());
                let attempt = send(&mut connection, TO, "1@city.example.jp").await;
                let expected = match phase {
                    Phase::Dot => Attempt::Ambiguous,
                    phase => Attempt::Lost { phase },
                };
                assert_eq!(attempt, expected, "{fault:?}");
                assert!(!connection.is_usable());
            }
        }
        assert!(sink.accepted().is_empty());
    }
}

#[tokio::test]
async fn after_the_dot_taken_and_not_taken_look_the_same() {
    let sink = SmtpSink::start().await;
    for (fault, taken) in
        [(Behaviour::DropAfterDot, 1), (Behaviour::DropBeforeDot, 1), (Behaviour::Drop(Stage::Dot), 1), (Behaviour::HangAfterDot, 2)]
    {
        let mut connection = try_open(&sink.url(), SHORT).await.ok().unwrap();
        sink.behave_times(1, fault.clone());
        let attempt = send(&mut connection, TO, "1@city.example.jp").await;
        assert_eq!(attempt, Attempt::Ambiguous, "{fault:?}");
        assert_eq!(sink.accepted().len(), taken, "{fault:?}");
    }
    assert_eq!(sink.accepted_by_message_id()["1@city.example.jp"], 2);
}

/// While part of a long message is still on this side, its dot has not left, and the mail is surely not taken.
#[tokio::test]
async fn a_connection_lost_in_the_middle_of_a_long_message_is_no_ambiguity() {
    for builder in builders() {
        let sink = builder.start().await;
        let mut connection = open(&sink).await;
        sink.behave(Behaviour::DropBeforeDot);
        let to = address(TO);
        let long = b"Subject: long\r\n\r\n".repeat(1_000_000);
        let attempt = send_bytes(&mut connection, &to, &long).await;
        let expected = if connection.is_encrypted() {
            // How much of TLS's own buffer went out cannot be known.
            Attempt::Ambiguous
        } else {
            Attempt::Lost { phase: Phase::Body }
        };
        assert_eq!(attempt, expected);
        assert!(sink.accepted().is_empty());
    }
}

/// lettre 0.11 counts a 354 to the dot as success (measured).
#[tokio::test]
async fn a_wrong_code_is_no_answer() {
    for builder in builders() {
        let sink = builder.start().await;
        for (stage, phase) in STEPS {
            for line in ["354 what", "250 what", "252 what", "220 what", "what", "250-a\r\n550 b"] {
                let right = match stage {
                    Stage::Data => "354",
                    _ => "250 ",
                };
                if line.starts_with(right) {
                    continue;
                }
                sink.heal();
                let mut connection = open(&sink).await;
                sink.behave(Behaviour::reply(stage, line));
                let attempt = send(&mut connection, TO, "1@city.example.jp").await;
                let expected = match phase {
                    Phase::Dot => Attempt::Ambiguous,
                    phase => Attempt::Lost { phase },
                };
                assert_eq!(attempt, expected, "{line:?} at {phase}");
                assert!(!connection.is_usable());
                // To the dot the sink may say anything and hold the mail; before it, nothing may have been sent.
                assert!(phase == Phase::Dot || sink.accepted().is_empty());
            }
        }
    }
}

/// A second reply in the same packet would become the answer to the next command.
#[tokio::test]
async fn replies_that_nobody_asked_for_end_the_connection() {
    let sink = SmtpSink::start().await;
    let mut connection = open(&sink).await;
    sink.behave_times(1, Behaviour::reply(Stage::Dot, "250 ok\r\n250 and more"));
    let attempt = send(&mut connection, TO, "1@city.example.jp").await;
    assert_eq!(attempt, ACCEPTED);
    let next = send(&mut connection, TO, "2@city.example.jp").await;
    assert_eq!(next, Attempt::Lost { phase: Phase::Mail });
    assert!(!connection.is_usable());

    // An early answer to the message, before it was sent, is not taken for one either.
    let mut connection = open(&sink).await;
    sink.behave_times(1, Behaviour::reply(Stage::Data, "354 go\r\n250 taken"));
    let attempt = send(&mut connection, TO, "3@city.example.jp").await;
    assert_eq!(attempt, Attempt::Lost { phase: Phase::Data });
    assert_eq!(sink.accepted().len(), 1);
}

/// RFC 2920 §3.1: with PIPELINING a server may refuse the recipient and still wait for the message.
#[tokio::test]
async fn a_message_wanted_for_nobody_is_ended_by_a_lone_dot() {
    let sink = SmtpSink::start().await;
    let mut connection = open(&sink).await;
    sink.behave_times(1, Behaviour::reply(Stage::Rcpt, "550 5.1.1 no such user"));
    sink.behave_times(1, Behaviour::reply(Stage::Data, "354 go"));
    let attempt = send(&mut connection, TO, "1@city.example.jp").await;
    assert_eq!(refused(attempt), ('5', Phase::Rcpt, "550 5.1.1".to_owned()));
    let next = send(&mut connection, "jiro@example.jp", "2@city.example.jp").await;
    assert_eq!(next, ACCEPTED);
    assert_eq!(sink.accepted_by_recipient().len(), 1);
}

/// A 252 to RCPT is no refusal: a lone dot after it would be delivered as an empty mail.
#[tokio::test]
async fn an_unclear_recipient_never_gets_an_empty_mail() {
    let sink = SmtpSink::start().await;
    for line in ["252 perhaps", "299 odd"] {
        let mut connection = open(&sink).await;
        sink.behave(Behaviour::reply(Stage::Rcpt, line));
        let attempt = send(&mut connection, TO, "1@city.example.jp").await;
        assert_eq!(attempt, Attempt::Lost { phase: Phase::Rcpt });
        assert!(!connection.is_usable());
        connection.quit().await;
    }
    assert!(sink.accepted().is_empty());
}

/// When MAIL was refused and DATA nevertheless taken, the two sides no longer agree about anything.
#[tokio::test]
async fn a_message_wanted_after_a_refused_sender_ends_the_connection() {
    let sink = SmtpSink::start().await;
    let mut connection = open(&sink).await;
    sink.behave_times(1, Behaviour::reply(Stage::Mail, "550 5.7.1 not you"));
    sink.behave_times(1, Behaviour::reply(Stage::Data, "354 go"));
    let attempt = send(&mut connection, TO, "1@city.example.jp").await;
    assert_eq!(refused(attempt), ('5', Phase::Mail, "550 5.7.1".to_owned()));
    assert!(!connection.is_usable());
}

#[tokio::test]
async fn a_server_that_drops_after_its_250_has_accepted() {
    let sink = SmtpSink::start().await;
    let mut connection = open(&sink).await;
    sink.behave_times(1, Behaviour::DropAfterAccept);
    let attempt = send(&mut connection, TO, "1@city.example.jp").await;
    assert_eq!(attempt, ACCEPTED);
    let next = send(&mut connection, TO, "2@city.example.jp").await;
    assert_eq!(next, Attempt::Lost { phase: Phase::Mail });
    connection.quit().await;
}

#[tokio::test]
async fn a_slow_answer_within_the_deadline_is_an_answer() {
    let sink = SmtpSink::start().await;
    let mut connection = open(&sink).await;
    for (stage, _) in STEPS {
        sink.behave(Behaviour::Delay(stage, Duration::from_millis(50)));
        let attempt = send(&mut connection, TO, "1@city.example.jp").await;
        assert_eq!(attempt, ACCEPTED, "{stage:?}");
    }
}

/// A worker that stops waits for nobody; what it leaves behind must not be taken for a connection at rest.
#[tokio::test]
async fn a_mail_given_up_half_way_closes_the_connection() {
    let sink = SmtpSink::start().await;
    let mut connection = open(&sink).await;
    sink.behave_times(1, Behaviour::Hang(Stage::Data));
    let sending = send(&mut connection, TO, "1@city.example.jp");
    let given_up = tokio::time::timeout(Duration::from_millis(200), sending).await;
    assert!(given_up.is_err());
    assert!(!connection.is_usable());
    let next = send(&mut connection, TO, "2@city.example.jp").await;
    assert_eq!(next, Attempt::Lost { phase: Phase::Mail });
}

/// A reply that drips in cannot prolong a step: the deadline is for all of it, not for each byte.
#[tokio::test]
async fn a_dripping_answer_is_cut_off_at_the_deadline() {
    let sink = SmtpSink::start().await;
    let mut connection = try_open(&sink.url(), SHORT).await.ok().unwrap();
    sink.behave(Behaviour::Drip(Stage::Dot, Duration::from_millis(100)));
    let attempt = send(&mut connection, TO, "1@city.example.jp").await;
    assert_eq!(attempt, Attempt::Ambiguous);
}

#[tokio::test]
async fn a_bad_reset_costs_only_the_connection() {
    let sink = SmtpSink::start().await;
    for fault in [Behaviour::Hang(Stage::Rset), Behaviour::Drop(Stage::Rset), Behaviour::reply(Stage::Rset, "500 5.5.1 no such thing")] {
        let mut connection = try_open(&sink.url(), SHORT).await.ok().unwrap();
        sink.behave_times(1, Behaviour::reply(Stage::Rcpt, "550 5.1.1 no"));
        sink.behave(fault);
        send(&mut connection, TO, "1@city.example.jp").await;
        let next = send(&mut connection, TO, "2@city.example.jp").await;
        let phase = Phase::Reset;
        assert_eq!(next, Attempt::Lost { phase });
        assert!(!connection.is_usable());
    }
}

#[tokio::test]
async fn one_persons_trouble_is_not_anothers() {
    let sink = SmtpSink::start().await;
    sink.behave_for(TO, Behaviour::reply(Stage::Rcpt, "550 5.1.1 no such user"));
    let mut connection = open(&sink).await;
    for (n, to) in ["jiro@example.jp", TO, "hanako@example.jp"].iter().enumerate() {
        let attempt = send(&mut connection, to, &format!("{n}@city.example.jp")).await;
        assert_eq!(attempt == ACCEPTED, *to != TO);
    }
    let people: Vec<_> = sink.accepted().into_iter().map(|mail| mail.to).collect();
    assert_eq!(people, ["jiro@example.jp", "hanako@example.jp"]);
}

/// lettre 0.11 loses the quotes between builder and envelope (measured).
#[tokio::test]
async fn old_carrier_addresses_arrive_quoted() {
    let sink = SmtpSink::start().await;
    let mut connection = open(&sink).await;
    for (to, quoted) in [("ta..ro@docomo.ne.jp", "\"ta..ro\"@docomo.ne.jp"), ("taro.@ezweb.ne.jp", "\"taro.\"@ezweb.ne.jp")] {
        assert_eq!(send(&mut connection, to, "1@city.example.jp").await, ACCEPTED);
        let mail = sink.accepted().pop().unwrap();
        assert_eq!(mail.to, quoted);
        assert_eq!(mail.header("To"), Some(quoted));
    }
}

#[tokio::test]
async fn no_body_can_smuggle_a_second_mail() {
    let sink = SmtpSink::start().await;
    let mut connection = open(&sink).await;
    let to = address(TO);
    let ends = ["\n.\n", "\r.\r", "\r\n.\n", "\n.\r\n", "\r\n.\r\n", "\r.\r\n"];
    for end in ends {
        let body = format!("Subject: x\r\n\r\nbody{end}MAIL FROM:<evil@example.jp>\r\nRCPT TO:<x@example.jp>\r\nDATA\r\n.\r\n");
        let attempt = send_bytes(&mut connection, &to, body.as_bytes()).await;
        assert_eq!(attempt, ACCEPTED);
        let mail = sink.accepted().pop().unwrap();
        let raw = String::from_utf8(mail.raw).unwrap();
        assert!(raw.contains("body\r\n.\r\nMAIL FROM:<evil@example.jp>"), "{raw:?}");
    }
    assert_eq!(sink.accepted().len(), ends.len());
    assert!(sink.commands().iter().all(|c| !c.contains("evil")));
}

#[tokio::test]
async fn many_mails_share_one_connection() {
    let sink = SmtpSink::start().await;
    let mut connection = open(&sink).await;
    for n in 0..100 {
        let id = format!("{n}@city.example.jp");
        assert_eq!(send(&mut connection, TO, &id).await, ACCEPTED);
    }
    connection.quit().await;
    assert_eq!(sink.wait_for(100, Duration::from_secs(5)).await.len(), 100);
    assert_eq!(sink.accepted_by_message_id().len(), 100);
    assert_eq!(sink.connections(), 1);
}

/// The sink's own promises that the fault matrix leans on: a script decides per mail, and counts tell connections apart.
#[tokio::test]
async fn a_script_decides_for_each_mail() {
    let sink = SmtpSink::start().await;
    let mut turn = 0;
    sink.behave_by(move |_| {
        turn += 1;
        match turn % 3 {
            1 => Behaviour::DropAfterDot,
            2 => Behaviour::reply(Stage::Dot, "451 4.3.0 later"),
            _ => Behaviour::Ok,
        }
    });
    let mut seen = Vec::new();
    for _ in 0..3 {
        let mut connection = open(&sink).await;
        seen.push(send(&mut connection, TO, "1@city.example.jp").await);
    }
    assert_eq!(seen[0], Attempt::Ambiguous);
    assert_eq!(refused(seen[1]).0, '4');
    assert_eq!(seen[2], ACCEPTED);
    sink.wait_for_connections(3, Duration::from_secs(5)).await;
    let by: Vec<_> = sink.accepted().iter().map(|mail| mail.connection).collect();
    assert_eq!(by, [1, 3]);
    assert_eq!(sink.ca_pem(), None);
}
