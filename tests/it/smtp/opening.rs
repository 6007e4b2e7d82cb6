//! Opening: the three kinds of transport, log-in, and everything that must end before a mail is sent.
use super::*;
use crate::support::smtp_sink::{Behaviour, Builder, Stage};
use ashiato::mail::smtp::Phase;

async fn delivers(builder: Builder, encrypted: bool) {
    let sink = builder.start().await;
    let mut connection = open(&sink).await;
    assert_eq!(connection.is_encrypted(), encrypted);
    let attempt = send(&mut connection, "taro@example.jp", "1@city.example.jp").await;
    assert_eq!(attempt, Attempt::Accepted { code: 250 });
    connection.quit().await;
    let mails = sink.wait_for(1, Duration::from_secs(5)).await;
    let mail = &mails[0];
    assert_eq!(mail.from, "no-reply@city.example.jp");
    assert_eq!(mail.to, "taro@example.jp");
    assert_eq!(mail.subject, SUBJECT);
    assert_eq!(mail.text, BODY);
    assert_eq!(mail.message_id, "1@city.example.jp");
    assert_eq!(mail.header("Auto-Submitted"), Some("auto-generated"));
    assert_eq!(mail.encrypted, encrypted);
    assert_eq!(sink.accepted_by_recipient()["taro@example.jp"], 1);
}

#[tokio::test]
async fn a_japanese_mail_arrives_over_every_transport() {
    delivers(SmtpSink::builder(), false).await;
    delivers(SmtpSink::builder().without_pipelining(), false).await;
    delivers(SmtpSink::builder().start_tls(), true).await;
    delivers(SmtpSink::builder().implicit_tls(), true).await;
}

/// Without it each mail waits 44 ms for a delayed ACK (measured).
#[tokio::test]
async fn nagle_is_off_on_every_transport() {
    for builder in [SmtpSink::builder(), SmtpSink::builder().start_tls(), SmtpSink::builder().implicit_tls()] {
        let sink = builder.start().await;
        assert!(open(&sink).await.nodelay().unwrap());
    }
}

#[tokio::test]
async fn stripped_starttls_sends_nothing() {
    let sink = SmtpSink::builder().start_tls().start().await;
    sink.behave(Behaviour::StripStartTls);
    let error = refusal(&sink.url(), PATIENT).await;
    assert_eq!(error, SmtpError::StartTlsMissing);
    assert_eq!(sink.commands(), [format!("EHLO {NAME}")]);
}

/// lettre 0.11 takes such bytes for replies, which shifts all later ones by one (measured).
#[tokio::test]
async fn bytes_injected_before_tls_end_the_conversation() {
    let sink = SmtpSink::builder().start_tls().start().await;
    for bytes in ["250 2.0.0 injected\r\n", "2", "\r\n"] {
        sink.behave(Behaviour::InjectAfterStartTls(bytes.to_owned()));
        let error = refusal(&sink.url(), PATIENT).await;
        assert_eq!(error, SmtpError::InjectedBeforeTls, "{bytes:?}");
    }
    assert!(sink.commands().iter().all(|c| !c.starts_with("MAIL")));
}

#[tokio::test]
async fn a_bad_certificate_is_refused() {
    for builder in [SmtpSink::builder().start_tls(), SmtpSink::builder().implicit_tls()] {
        let elsewhere = builder.clone().certificate_for("mail.example.jp");
        let sink = elsewhere.start().await;
        let error = refusal(&sink.url(), PATIENT).await;
        assert_eq!(error, SmtpError::Certificate, "made for another host");

        let sink = builder.start().await;
        let trusting_the_world = sink.url().split("&ca=").next().unwrap().to_owned();
        let error = refusal(&trusting_the_world, PATIENT).await;
        assert_eq!(error, SmtpError::Certificate, "from an unknown authority");
        assert!(sink.commands().iter().all(|c| !c.starts_with("MAIL")));
    }
}

#[tokio::test]
async fn a_ca_file_that_holds_none_is_an_error() {
    let sink = SmtpSink::builder().implicit_tls().start().await;
    for path in ["/nonexistent.pem", "/dev/null"] {
        let url = format!("smtps://{}?ca={path}", sink.address());
        assert_eq!(refusal(&url, PATIENT).await, SmtpError::CaFile);
    }
}

#[tokio::test]
async fn a_password_opens_the_door() {
    for login_only in [false, true] {
        let builder = SmtpSink::builder().start_tls();
        let builder = builder.login("city", "p:ä s", login_only);
        let sink = builder.start().await;
        let good = sink.url_with("city:p%3A%C3%A4%20s@");
        let mut connection = try_open(&good, PATIENT).await.ok().unwrap();
        let attempt = send(&mut connection, "taro@example.jp", "1@city.example.jp").await;
        assert_eq!(attempt, Attempt::Accepted { code: 250 });

        let error = refusal(&sink.url_with("city:wrong@"), PATIENT).await;
        let SmtpError::Rejected { phase, reply } = error else { panic!("{error}") };
        assert_eq!((phase, reply.code()), (Phase::Auth, 535));
    }
}

#[tokio::test]
async fn a_password_for_a_server_without_login_is_kept() {
    let sink = SmtpSink::builder().start_tls().start().await;
    let error = refusal(&sink.url_with("city:secret@"), PATIENT).await;
    assert_eq!(error, SmtpError::AuthMissing);
}

#[tokio::test]
async fn nobody_listening_is_an_error_like_the_others() {
    let sink = SmtpSink::start().await;
    let url = sink.url();
    let error = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let free = listener.local_addr().unwrap();
        drop(listener);
        refusal(&format!("smtp://{free}"), PATIENT).await
    };
    assert_eq!(error, SmtpError::Connect(std::io::ErrorKind::ConnectionRefused));
    assert!(try_open(&url, PATIENT).await.is_ok());
}

#[tokio::test]
async fn a_greeting_or_ehlo_that_is_not_one_ends_the_conversation() {
    let sink = SmtpSink::start().await;
    for (stage, phase) in [(Stage::Greeting, Phase::Greeting), (Stage::Ehlo, Phase::Ehlo)] {
        for code in ["421", "554"] {
            sink.behave(Behaviour::reply(stage, &format!("{code} 4.3.2 no")));
            let error = refusal(&sink.url(), PATIENT).await;
            let SmtpError::Rejected { phase: at, reply } = error else { panic!("{error}") };
            assert_eq!((at, reply.code().to_string().as_str()), (phase, code));
        }
        for nonsense in ["354 what", "299 odd", "hello", "220-a\r\n250 b"] {
            sink.behave(Behaviour::reply(stage, nonsense));
            let error = refusal(&sink.url(), PATIENT).await;
            assert_eq!(error, SmtpError::OutOfStep(phase), "{nonsense:?}");
        }
        sink.behave(Behaviour::Drop(stage));
        let error = refusal(&sink.url(), PATIENT).await;
        assert_eq!(error, SmtpError::Closed(phase));
    }
}

/// lettre 0.11's own time-out covers only the connect: a slow greeting was waited for (measured).
#[tokio::test]
async fn every_opening_step_has_its_deadline() {
    let plain = SmtpSink::start().await;
    for (stage, phase) in [(Stage::Greeting, Phase::Greeting), (Stage::Ehlo, Phase::Ehlo)] {
        plain.behave(Behaviour::Hang(stage));
        let error = refusal(&plain.url(), SHORT).await;
        assert_eq!(error, SmtpError::Timeout(phase));
    }
    let start_tls = SmtpSink::builder().start_tls().start().await;
    start_tls.behave(Behaviour::Hang(Stage::StartTls));
    let error = refusal(&start_tls.url(), SHORT).await;
    assert_eq!(error, SmtpError::Timeout(Phase::StartTls));
    // A server that speaks in clear never answers a TLS hello in kind: it waits for the end of a line.
    plain.heal();
    let error = refusal(&format!("smtps://{}", plain.address()), SHORT).await;
    assert!(matches!(error, SmtpError::Tls | SmtpError::Timeout(Phase::Connect)), "{error}");
}

#[tokio::test]
async fn long_replies_are_read_and_endless_ones_are_not() {
    let sink = SmtpSink::start().await;
    let lines = |n: usize| {
        let mut text = "250-line\r\n".repeat(n - 1);
        text.push_str("250 last");
        text
    };
    sink.behave(Behaviour::Reply(Stage::Ehlo, lines(200)));
    let mut connection = open(&sink).await;
    sink.behave(Behaviour::Reply(Stage::Dot, lines(200)));
    let attempt = send(&mut connection, "taro@example.jp", "1@city.example.jp").await;
    assert_eq!(attempt, Attempt::Accepted { code: 250 });
    // 64 KiB is the limit: "250-line" and its line end are 10 bytes.
    sink.behave(Behaviour::Reply(Stage::Ehlo, lines(6_553)));
    assert!(try_open(&sink.url(), PATIENT).await.is_ok());
    for endless in [lines(6_554), format!("250 {}", "a".repeat(70_000))] {
        sink.behave(Behaviour::Reply(Stage::Ehlo, endless));
        let error = refusal(&sink.url(), PATIENT).await;
        assert_eq!(error, SmtpError::OutOfStep(Phase::Ehlo));
    }
}

#[tokio::test]
async fn our_own_name_cannot_smuggle_a_command() {
    let sink = SmtpSink::start().await;
    for name in ["", "a b", "a\r\nMAIL FROM:<x@example.jp>", "日本"] {
        let opened = Connection::open(&url(&sink.url()), name, &PATIENT).await;
        assert_eq!(opened.err(), Some(SmtpError::EhloName), "{name:?}");
    }
    assert_eq!(sink.connections(), 0);
}
