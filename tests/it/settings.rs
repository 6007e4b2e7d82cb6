//! Settings as people write them: taken as they were meant, or refused with one sentence that names the setting, the form
//! and an example.
use std::process::Command;

/// What `ashiato serve` says when it has these settings and no others. It never gets as far as to serve.
fn said(settings: &[(&str, &str)]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ashiato"));
    command.arg("serve").env_clear();
    let output = command.envs(settings.iter().copied()).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{settings:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn what_is_meant_is_taken() {
    for (name, value) in [
        ("TRUSTED_PROXIES", "10.0.0.1"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, 127.0.0.1/32"),
        ("TRUSTED_PROXIES", "10.0.0.1,"),
        ("TRUSTED_PROXIES", ""),
        ("OPERATOR", ""),
        ("NOTIFY_RATE", ""),
        ("METRICS_ADDR", ""),
        ("RETENTION_DAYS", " "),
        ("TELL_VENUES", "yes"),
        ("PUBLIC_LIST", "0"),
        ("LISTEN_ADDR", ":8080"),
        ("TZ_NAME", "asia/tokyo"),
        ("RUST_LOG", "info,ashiato::mail=debug"),
        ("SEND_WINDOW", ""),
    ] {
        let said = said(&[(name, value)]);
        assert!(said.contains("these settings are missing: DATABASE_URL, BASE_URL"), "{name}={value}: {said}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused_with_form_and_example() {
    for (name, value, example) in [
        ("TRUSTED_PROXIES", "nginx", "10.0.0.1,10.1.0.0/16"),
        ("TRUSTED_PROXIES", "10.0.0.1:80", "10.0.0.1,10.1.0.0/16"),
        ("LISTEN_ADDR", "8080", "127.0.0.1:8080"),
        ("TZ_NAME", "JST", "Asia/Tokyo"),
        ("RUST_LOG", "verbose", "info"),
    ] {
        let said = said(&[(name, value)]);
        let flag = name.to_lowercase().replace('_', "-");
        assert!(said.contains(&flag) && said.contains(value) && said.contains(example), "{name}={value}: {said}");
    }
}

const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// Everything that production needs, and a Postgres that is nowhere.
const COMPLETE: [(&str, &str); 7] = [
    ("DATABASE_URL", "postgres:///nowhere?host=/nowhere"),
    ("BASE_URL", "https://trace.city.example.jp"),
    ("SECRET_KEY", KEY),
    ("SMTP_URL", "smtp://127.0.0.1:1?tls=none"),
    ("MAIL_FROM", "oshirase@city.example.jp"),
    ("HOTLINE", "0120-000-000"),
    ("NOTIFIER_PUBLIC_KEY", KEY),
];

/// The one line with which a start ends when this setting is as given and all others are good.
fn refusal(name: &str, value: &str) -> String {
    let said = said(&[&COMPLETE[..], &[(name, value)]].concat());
    assert_eq!(said.lines().count(), 1, "{value}: {said}");
    said
}

#[test]
fn a_base_url_that_leads_nowhere_stops_the_start() {
    for value in [
        "https://city.example.jp/trace",
        "https://city.example.jp?x=1",
        "https://user@city.example.jp",
        "city.example.jp",
        "https://追跡.example.jp",
    ] {
        let said = refusal("BASE_URL", value);
        assert!(said.contains("BASE_URL: ") && said.contains("https://trace.city.example.jp"), "{value}: {said}");
    }
}

#[test]
fn a_sender_with_a_name_stops_the_start_and_says_where_the_name_comes_from() {
    for value in ["あおば市 <oshirase@city.example.jp>", "City <notice@secret.example.jp>"] {
        let said = refusal("MAIL_FROM", value);
        assert!(said.contains("MAIL_FROM: ") && said.contains("as in notice@city.example.jp") && said.contains("CITY_NAME"), "{said}");
        assert!(!said.contains("oshirase") && !said.contains("secret"), "an address is not said back: {said}");
    }
}

#[test]
fn a_database_url_in_another_form_stops_the_start_and_no_password_is_said() {
    for value in [
        "host=/var/run/postgresql dbname=db user=u password=s3cret",
        "ashiato:s3cret@db/ashiato",
        "mysql://ashiato:s3cret@db/ashiato",
        "postgres://ashiato:s3cret/w@db/ashiato",
        "postgres://ashiato:s3cret#w@db/ashiato",
        "postgres://u:s3cret@h/db?sslmode=verify-full&sslrootcert=system",
    ] {
        for name in ["DATABASE_URL", "INGEST_DATABASE_URL"] {
            let said = refusal(name, value);
            assert!(said.contains(&format!("{name}: ")) && said.contains("postgres://user:password@host:5432/database"), "{said}");
            assert!(!said.contains("s3cret"), "{said}");
        }
    }
}

#[test]
fn a_base_url_without_tls_is_warned_of_and_not_refused() {
    for (value, warned) in
        [("http://trace.city.example.jp", true), ("https://trace.city.example.jp", false), ("http://127.0.0.1:8080", false)]
    {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ashiato"));
        let output = command.arg("serve").env_clear().envs(COMPLETE).env("BASE_URL", value).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "it got as far as to the database that is nowhere: {said}");
        assert_eq!(said.contains(" WARN ") && said.contains("write https://"), warned, "{value}: {said}");
    }
}
