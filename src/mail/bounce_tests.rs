use super::*;
use proptest::prelude::*;

const ID: &str = "0b6c2f8e-52a4-4a7e-9d5c-6f1f0c1d2e3f";

fn dsn(status: &str, returned: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.example.jp\r\nTo: notice@city.example.jp\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"b1\"\r\n\r\n\
         --b1\r\nContent-Type: text/plain\r\n\r\nStatus: 5.9.9 is only text.\r\n\r\n\
         --b1\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.jp\r\n\r\n{status}\r\n\
         --b1\r\n{returned}\r\n--b1--\r\n"
    )
}

fn failed(status: &str) -> String {
    format!("Final-Recipient: rfc822; taro@example.jp\r\nAction: failed\r\nStatus: {status}\r\nDiagnostic-Code: smtp; 550 no\r\n")
}

fn headers() -> String {
    format!("Content-Type: text/rfc822-headers\r\n\r\nFrom: notice@city.example.jp\r\nMessage-ID: <{ID}@city.example.jp>\r\n")
}

fn whole() -> String {
    format!("Content-Type: message/rfc822\r\n\r\nMessage-ID: <{ID}@city.example.jp>\r\nSubject: x\r\n\r\nbody\r\n")
}

fn read(raw: &str) -> Option<Report> {
    parse(raw.as_bytes(), "city.example.jp")
}

#[test]
fn a_bounce_is_read_with_headers_or_the_whole_mail() {
    let expected = Report { row: ID.parse().unwrap(), hard: true, status: (5, 1, 1) };
    for returned in [headers(), whole()] {
        let report = read(&dsn(&failed("5.1.1 (unknown user)"), &returned));
        assert_eq!(report, Some(expected), "{returned}");
    }
    assert!(expected.is_about_address());
    assert_eq!(expected.reason(), "dsn 5.1.1");
}

#[test]
fn only_a_final_failure_is_hard() {
    for (action, status, hard) in [
        ("failed", "5.2.2", true),
        ("failed", "4.4.7", false),
        ("delayed", "4.4.1", false),
        ("delivered", "2.0.0", false),
        ("relayed", "5.0.0", false),
    ] {
        let report = read(&dsn(&format!("Action: {action}\r\nStatus: {status}\r\n"), &headers())).unwrap();
        assert_eq!((report.hard, report.is_about_address()), (hard, false), "{action} {status}");
    }
}

#[test]
fn what_is_no_bounce_of_ours_is_ignored() {
    let bounce = dsn(&failed("5.1.1"), &headers());
    for other in [
        String::new(),
        "Subject: I am away\r\nAuto-Submitted: auto-replied\r\n\r\nUntil Monday.\r\n".to_owned(),
        bounce.replace("delivery-status;", "disposition-notification;"),
        bounce.replace("multipart/report", "multipart/mixed"),
        bounce.replace(&format!("{ID}@city.example.jp"), &format!("{ID}@elsewhere.example.jp")),
        bounce.replace(ID, "1234"),
        bounce.replace("Status: 5.1.1", "Status: 5.1"),
        bounce.replace("Status: 5.1.1", "Status: 9.1.1"),
        bounce.replace("Action: failed", "Nothing: failed"),
        dsn("", &headers()),
    ] {
        assert_eq!(read(&other), None, "{other}");
    }
}

#[test]
fn line_ends_and_letter_case_do_not_matter() {
    let bounce = dsn(&failed("5.1.1"), &headers());
    assert!(read(&bounce.replace("\r\n", "\n")).is_some());
    assert!(
        read(&bounce.replace("message/delivery-status", "Message/Delivery-Status").replace("Action: failed", "action:FAILED")).is_some()
    );
    assert!(read(&bounce.replace("--b1--", "")).is_some(), "cut at the end");
}

#[test]
fn the_size_is_limited_at_its_edge() {
    let mut raw = dsn(&failed("5.1.1"), &headers());
    let room = MAX_BOUNCE_BYTES - raw.len();
    raw.push_str(&"x".repeat(room));
    assert!(read(&raw).is_some());
    raw.push('x');
    assert_eq!(read(&raw), None);
}

#[test]
fn parts_beyond_the_limit_are_not_looked_at() {
    let with_parts = |extra: usize| {
        let filler = "Content-Type: text/plain\r\n\r\nx\r\n--b1\r\n".repeat(extra);
        read(&dsn(&failed("5.1.1"), &format!("{filler}{}", headers())))
    };
    // Before the returned header come the text and the status.
    assert!(with_parts(MAX_PARTS - 3).is_some());
    assert!(with_parts(MAX_PARTS - 2).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn any_bytes_are_survived(raw in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = parse(&raw, "city.example.jp");
    }

    #[test]
    fn a_mangled_bounce_is_survived(at in 0_usize..900, byte in any::<u8>(), cut in 0_usize..900, nest in 0_usize..40) {
        let nested = "Content-Type: message/rfc822\r\n\r\n".repeat(nest);
        let mut raw = dsn(&failed("5.1.1"), &format!("{nested}{}", whole())).into_bytes();
        let len = raw.len();
        raw[at % len] = byte;
        raw.drain(..cut % len);
        let _ = parse(&raw, "city.example.jp");
        raw.truncate(cut);
        let _ = parse(&raw, "city.example.jp");
    }
}
