//! Headers that lie: hosts that are not ours change no link, and other sites' pages post nothing.
use super::raw::{FORM, JSON, post, raw};
use crate::support::app::App;
use ashiato::official::Role;

const SPOOFS: [&str; 6] = [
    "X-Forwarded-Host: evil.example",
    "X-Forwarded-Proto: https",
    "X-Forwarded-For: 203.0.113.9",
    "Forwarded: for=203.0.113.9;host=evil.example;proto=https",
    "X-Original-URL: /evil",
    "X-Rewrite-URL: /evil",
];

#[tokio::test]
async fn a_spoofed_host_changes_no_page_and_no_poster() {
    let app = App::start().await;
    let (venue, token) = (app.venue("喫茶 ひだまり", &["入口"]).await, app.token(Role::Tracer, "tracer").await);
    let authorization = format!("Authorization: Bearer {token}");
    let posters = format!("/api/v1/venues/{}/posters", venue.id);
    let listed = app.api("GET", &posters, Some(&token), None).await.json().unwrap();
    let id = listed[0]["id"].as_str().unwrap();
    assert_eq!(listed[0]["url"], format!("http://{}/c/{}", app.address, venue.codes[0]));
    let paths = [
        "/".to_owned(),
        "/nowhere".into(),
        format!("/c/{}", venue.codes[0]),
        posters,
        format!("/api/v1/posters/{id}.svg"),
        format!("/api/v1/posters/{id}.png"),
    ];
    for path in paths {
        let honest = app.send("GET", &path, &[&authorization], b"").await;
        let mut headers = SPOOFS.to_vec();
        headers.push(&authorization);
        assert_eq!(app.send("GET", &path, &headers, b"").await.body, honest.body, "{path}");
        for host in ["evil.example", "evil.example:443", "", "\"><b>"] {
            let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{authorization}\r\n\r\n");
            let answer = raw(app.address, request.as_bytes()).await;
            let same = answer.status == 400 || String::from_utf8_lossy(&answer.body) == String::from_utf8_lossy(&honest.body);
            assert!(same, "{path} as {host}: {}", answer.status);
            assert!(!answer.head.contains("evil") && !answer.text().contains("evil"), "{path} as {host}");
        }
    }
}

#[tokio::test]
async fn a_spoofed_host_changes_no_mail() {
    let app = App::start().await;
    let body = "name=Cafe&kind=shop&postal_code=1234567&address=a&contact_email=shop%40example.jp";
    let length = format!("Content-Length: {}", body.len());
    let mut headers = vec![FORM, &length];
    headers.extend(SPOOFS);
    let mut request = format!("POST /venues/apply HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n{}\r\n\r\n", headers.join("\r\n"));
    request += body;
    assert_eq!(raw(app.address, request.as_bytes()).await.status, 200);
    app.deliver().await;
    let mails = app.sink.accepted();
    let [mail] = &mails[..] else { panic!("one letter, not {}", mails.len()) };
    assert!(mail.text.contains(&format!("http://{}/venues/confirm/", app.address)), "{}", mail.text);
    assert!(!String::from_utf8_lossy(&mail.raw).contains("evil") && !mail.text.contains("evil"));
}

#[tokio::test]
async fn pages_of_other_sites_post_nothing() {
    let app = App::start().await;
    let code = app.venue("喫茶 ひだまり", &["入口"]).await.codes.remove(0);
    let own = format!("Origin: http://{}", app.address);
    let port = format!("Origin: http://127.0.0.1:{}", app.address.port() ^ 1);
    let cases: [(&[&str], bool); 14] = [
        (&[], true),
        (&[&own], true),
        (&["Sec-Fetch-Site: same-origin"], true),
        (&["Sec-Fetch-Site: same-origin", &own], true),
        (&["Sec-Fetch-Site: none"], true),
        (&["Sec-Fetch-Site: same-site"], false),
        (&["Sec-Fetch-Site: cross-site"], false),
        (&["Sec-Fetch-Site: cross-site", &own], false),
        (&["Sec-Fetch-Site: \u{e9}"], false),
        (&["Origin: https://evil.example"], false),
        (&["Origin: null"], false),
        (&["Origin: "], false),
        (&["Origin: \u{e9}"], false),
        (&[&port], false),
    ];
    for (headers, good) in cases {
        for (path, kind, body, status) in [
            (format!("/c/{code}"), FORM, "email=hanako%40example.jp".to_owned(), 200),
            ("/venues/apply".to_owned(), FORM, String::new(), 422),
            ("/api/v1/check-ins".to_owned(), JSON, format!("{{\"code\":\"{code}\",\"email\":\"hanako@example.jp\"}}"), 201),
        ] {
            let length = format!("Content-Length: {}", body.len());
            let all: Vec<&str> = headers.iter().copied().chain([kind, &length]).collect();
            let answer = post(app.address, &path, &all, body.as_bytes()).await;
            assert_eq!(answer.status, if good { status } else { 403 }, "{headers:?} {path}");
        }
        assert_eq!(app.send("GET", &format!("/c/{code}"), headers, b"").await.status, 200, "{headers:?}: reading is free");
    }
}
