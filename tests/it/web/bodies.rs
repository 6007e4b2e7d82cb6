//! Bodies: how large, how slow, in which encoding and framing.
use super::raw::{FORM, JSON, chunked, post, raw};
use crate::support::app::App;
use ashiato::web::{BODY_DEADLINE, MAX_FORM_BYTES, MAX_JSON_BYTES};
use std::time::{Duration, Instant};

const CHUNKED: &str = "Transfer-Encoding: chunked";

async fn venue() -> (App, String) {
    let app = App::start().await;
    let code = app.venue("喫茶 ひだまり", &["入口"]).await.codes.remove(0);
    (app, format!("/c/{code}"))
}

fn length(body: &[u8]) -> String {
    format!("Content-Length: {}", body.len())
}

#[tokio::test]
async fn the_limit_of_a_form_holds_at_its_edge() {
    let (app, page) = venue().await;
    assert_eq!(MAX_FORM_BYTES, 16_384);
    for (size, status) in [(MAX_FORM_BYTES, 422), (MAX_FORM_BYTES + 1, 413)] {
        let body = [b"email=".as_slice(), &vec![b'a'; size - 6]].concat();
        assert_eq!(post(app.address, &page, &[FORM, &length(&body)], &body).await.status, status, "{size} bytes announced");
        assert_eq!(post(app.address, &page, &[FORM, CHUNKED], &chunked(&body)).await.status, status, "{size} bytes in chunks");
    }
    // A length that is too large is refused before anything is sent.
    assert_eq!(post(app.address, &page, &[FORM, "Content-Length: 16385"], b"").await.status, 413);
    assert_eq!(post(app.address, &page, &[FORM, "Content-Length: 99999999999"], b"").await.status, 413);
    let much = vec![b'a'; 4_000_000];
    assert_eq!(post(app.address, &page, &[FORM, &length(&much)], &much).await.status, 413);
    assert_eq!(post(app.address, &page, &[FORM, CHUNKED], &chunked(&much)).await.status, 413);
}

#[tokio::test]
async fn the_limit_of_json_holds_at_its_edge() {
    let (app, _) = venue().await;
    for (size, status) in [(MAX_JSON_BYTES, 404), (MAX_JSON_BYTES + 1, 413)] {
        let mut body = br#"{"code":"x","email":"hanako@example.jp"}"#.to_vec();
        body.resize(size, b' ');
        assert_eq!(post(app.address, "/api/v1/check-ins", &[JSON, &length(&body)], &body).await.status, status, "{size} bytes announced");
        assert_eq!(
            post(app.address, "/api/v1/check-ins", &[JSON, CHUNKED], &chunked(&body)).await.status,
            status,
            "{size} bytes in chunks"
        );
    }
}

#[tokio::test]
async fn text_that_is_not_utf_8_is_refused_and_never_repaired() {
    let (app, page) = venue().await;
    for body in [&b"email=\xff\xfe"[..], b"email=%FF", b"email=%E3%81", b"email=a%00b", b"email=a\0b", b"%C3=x", b"email=a&\xc0\xaf=b"] {
        for path in [page.as_str(), "/venues/apply"] {
            let answer = post(app.address, path, &[FORM, &length(body)], body).await;
            assert_eq!(answer.status, 400, "{body:?}");
            assert!(!answer.text().contains('\u{FFFD}'));
        }
    }
    let answer = post(app.address, "/api/v1/check-ins", &[JSON, "Content-Length: 4"], b"\"\xff\xfe\"").await;
    assert_eq!((answer.status, answer.text().contains("bad_encoding")), (400, true));
    let pairs = |count: usize| vec!["a=1"; count].join("&").into_bytes();
    for (count, status) in [(200, 422), (201, 400)] {
        assert_eq!(post(app.address, &page, &[FORM, &length(&pairs(count))], &pairs(count)).await.status, status, "{count} fields");
    }
}

#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    let (app, page) = venue().await;
    let body = b"email=hanako%40example.jp";
    let kinds = [
        ("X-None: 1", 415),
        ("Content-Type: text/plain", 415),
        ("Content-Type: multipart/form-data; boundary=x", 415),
        (JSON, 415),
        ("Content-Type: application/x-www-form-urlencoded-not", 415),
        ("Content-Type: \u{e9}", 415),
        ("Content-Type: application/x-www-form-urlencoded; charset=UTF-8", 200),
        ("Content-Type: Application/X-WWW-Form-URLencoded", 200),
    ];
    for (kind, status) in kinds {
        assert_eq!(post(app.address, &page, &[kind, &length(body)], body).await.status, status, "{kind}");
    }
    for (kind, status) in
        [("X-None: 1", 415), ("Content-Type: text/json", 415), (FORM, 415), ("Content-Type: application/json;charset=utf-8", 422)]
    {
        assert_eq!(post(app.address, "/api/v1/check-ins", &[kind, "Content-Length: 2"], b"{}").await.status, status, "{kind}");
    }
}

#[tokio::test]
async fn framing_that_two_readers_could_read_differently_is_refused() {
    let (app, page) = venue().await;
    let body = "email=hanako%40example.jp";
    let cases: [(&[&str], &str); 9] = [
        (&["Content-Length: 25", CHUNKED], "19\r\nemail=hanako%40example.jp\r\n0\r\n\r\n"),
        (&[CHUNKED, "Content-Length: 25"], "19\r\nemail=hanako%40example.jp\r\n0\r\n\r\n"),
        (&["Content-Length: 25", "Content-Length: 26"], body),
        (&["Content-Length: 25", "Content-Length: 25"], body),
        (&["Content-Length: +25"], body),
        (&["Content-Length: 25, 25"], body),
        (&["Content-Length: -1"], body),
        (&["Transfer-Encoding: chunked, chunked"], "19\r\nemail=hanako%40example.jp\r\n0\r\n\r\n"),
        (&[CHUNKED], "zz\r\nemail\r\n0\r\n\r\n"),
    ];
    for (framing, body) in cases {
        let headers: Vec<&str> = [FORM].into_iter().chain(framing.iter().copied()).collect();
        let answer = post(app.address, &page, &headers, body.as_bytes()).await;
        assert_eq!(answer.status, 400, "{framing:?}");
        assert!(!answer.text().contains("登録できました"), "{framing:?}");
    }
    let visits: i64 = sqlx::query_scalar("select count(*) from visit")
        .fetch_one(&mut app.db.connect(ashiato::base::db::DbRole::Owner).await)
        .await
        .unwrap();
    assert_eq!(visits, 0);
    for broken in ["GET / HTTP/1.1\r\nHost\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02\r\n\r\n", "GET / HTTP/9.9\r\n\r\n"] {
        assert_eq!(raw(app.address, broken.as_bytes()).await.status, 400, "{broken:?}");
    }
}

#[tokio::test]
async fn a_slow_body_is_not_waited_for() {
    let (app, page) = venue().await;
    let started = Instant::now();
    let headers = [FORM, "Content-Length: 40"];
    let (form, json) = tokio::join!(
        post(app.address, &page, &headers, b"email=hana"),
        post(app.address, "/api/v1/check-ins", &[JSON, "Content-Length: 40"], b"{"),
    );
    let waited = started.elapsed();
    assert_eq!((form.status, json.status), (408, 408));
    assert!(waited >= BODY_DEADLINE && waited < BODY_DEADLINE + Duration::from_secs(5), "{waited:?}");
    assert!(form.text().contains("<h1>") && json.text().contains("\"timeout\""));
}

#[tokio::test]
async fn very_long_names_are_told_so() {
    let (app, _) = venue().await;
    let long = "あ".repeat(10_000);
    let body = serde_json::json!({ "name": long, "kind": "shop", "address": long, "contact_email": long, "posters": [long] });
    let answer = app.api("POST", "/api/v1/venues", None, Some(body.clone())).await;
    assert_eq!(answer.status, 413, "120 kB are more than a body may have");
    let cut = "あ".repeat(5_000);
    let body = serde_json::json!({ "name": cut, "kind": "shop", "address": cut, "contact_email": cut, "posters": [cut] });
    let answer = app.api("POST", "/api/v1/venues", None, Some(body)).await;
    assert_eq!(answer.status, 422);
    let errors = answer.json().unwrap()["errors"].clone();
    let told: Vec<_> =
        errors.as_array().unwrap().iter().map(|error| (error["field"].as_str().unwrap(), error["code"].as_str().unwrap())).collect();
    assert_eq!(told, [("name", "too_long"), ("address", "too_long"), ("contact_email", "too_long"), ("posters[0]", "too_long")]);
    let ascii = "a".repeat(10_000);
    for (field, other) in [("name", "address"), ("address", "name"), ("contact_email", "name")] {
        let mut fields = vec![(other, "a"), ("kind", "shop"), ("postal_code", "1234567"), (field, ascii.as_str())];
        if field != "contact_email" {
            fields.push(("contact_email", "shop@example.jp"));
        } else {
            fields.push(("address", "a"));
        }
        let answer = app.form("/venues/apply", &fields).await;
        assert_eq!(answer.status, 422, "{field}");
        let page = super::html::Page::checked(field, &answer.text(), "ja");
        assert_eq!(page.field(field).get("aria-invalid"), Some("true"), "{field}");
        assert_eq!(page.field(other).get("value"), Some("a"), "{field}");
    }
}
