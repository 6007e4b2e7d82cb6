//! The law over the table of routes: the document says the same, access is what the table says, wrong methods are told the right
//! ones, and every answer wears the security headers.
#[path = "routes/access.rs"]
mod access;
#[path = "routes/contract.rs"]
pub mod contract;

use crate::support::app::{App, Plan};
use access::By;
use ashiato::cli::demo::http::Answer;
use ashiato::official::Role;
use ashiato::web::openapi::DOCUMENT;
use ashiato::web::routes::table;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What every answer wears (RFC 9110 has no names for most; docs/DESIGN.md §5 "Web").
const WORN: [(&str, &str); 5] = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
];

/// Nothing runs on a page; on the console, its own scripts do and speak to nobody else.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const CONSOLE_POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Fails if the answer lacks a security header, may be stored, or sets a cookie.
pub fn wears_its_headers(what: &str, answer: &Answer) {
    for (name, value) in WORN {
        assert_eq!(answer.header(name), Some(value), "{what}: {name}");
    }
    let policy = if what.contains(" /console") || what.starts_with("/console") { CONSOLE_POLICY } else { POLICY };
    assert_eq!(answer.header("Content-Security-Policy"), Some(policy), "{what}");
    let stylesheet = answer.status == 200 && answer.header("Content-Type").is_some_and(|kind| kind.starts_with("text/css"));
    let path = what.rsplit(' ').next().unwrap_or_default();
    let published = answer.status == 200 && (path == "/venues" || path.starts_with("/open-data"));
    let cached = match (stylesheet, published) {
        (true, _) => "public, max-age=31536000, immutable",
        (_, true) => "public, max-age=600",
        _ => "no-store",
    };
    assert_eq!(answer.header("Cache-Control"), Some(cached), "{what}");
    // Leaving takes the browser's cookie away; nothing else that this test asks touches one.
    let leaves = (what.ends_with("POST /console/logout") || what.ends_with("POST /shop/logout")) && answer.status == 303;
    let cookie = answer.header("Set-Cookie");
    assert!(cookie.map_or(!leaves, |cookie| leaves && cookie.contains("Max-Age=0")), "{what}: {}", cookie.is_some());
}

/// Method, path, headers, body.
type Request<'a> = (&'a str, &'a str, &'a [&'a str], &'a [u8]);

/// A path of the table with something in its gaps that the service may not know.
fn filled(path: &str, code: &str) -> String {
    let id = Uuid::new_v4().to_string();
    let file = if path.starts_with("/assets") { "0.css".to_owned() } else { format!("{id}.svg") };
    path.replace("{id}", &id).replace("{file}", &file).replace("{code}", code).replace("{token}", "unknown").replace("{no}", "1")
}

fn paths() -> BTreeMap<&'static str, Vec<String>> {
    let mut paths: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for (_, method, path) in table() {
        paths.entry(path).or_default().push(method.to_string());
    }
    paths
}

#[test]
fn the_document_holds_every_api_route_and_no_other() {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let mut written = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        written.extend(item.as_object().unwrap().keys().map(|method| (method.to_ascii_uppercase(), path.clone())));
    }
    let built: BTreeSet<_> = table()
        .into_iter()
        .filter(|(_, _, path)| path.starts_with("/api/"))
        .map(|(_, method, path)| (method.to_string(), path.to_owned()))
        .collect();
    assert_eq!(written, built);
}

#[test]
fn the_document_says_who_may_use_a_route_as_the_law_does() {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    for line in access::lines().into_iter().filter(|line| line.path.starts_with("/api/")) {
        let operation = &document["paths"][line.path][line.method.to_ascii_lowercase()];
        let security = match line.by {
            By::All => json!([]),
            By::Open => json!([{}, { "bearer": [] }]),
            _ => json!([{ "bearer": [] }]),
        };
        assert_eq!(operation["security"], security, "{} {}", line.method, line.path);
        let roles: Vec<_> = line.roles.iter().map(|role| role.as_str()).collect();
        let said = if line.by == By::All { json!(roles) } else { operation["x-roles"].clone() };
        assert_eq!(said, json!(roles), "{} {}", line.method, line.path);
    }
}

#[tokio::test]
async fn whoever_may_not_ask_learns_nothing_from_what_they_send() {
    let app = App::start().await;
    let (viewer, stranger) = (app.token(Role::Viewer, "viewer").await, ashiato::base::token::Token::random());
    let json = "Content-Type: application/json";
    let big = vec![b' '; 70_000];
    for (token, status) in [(None, 401), (Some(stranger.expose()), 401), (Some(viewer.as_str()), 403)] {
        let authorization = token.map(|token| format!("Authorization: Bearer {token}"));
        let headers: Vec<&str> = authorization.iter().map(String::as_str).chain([json]).collect();
        for (path, body) in [
            ("/api/v1/cases", &b"{"[..]),
            ("/api/v1/cases", b"\xff"),
            ("/api/v1/cases", &big),
            ("/api/v1/alerts/not-an-id/submit", b""),
            ("/api/v1/alerts/not-an-id/approve", b"[]"),
            ("/api/v1/venues/not-an-id/approve", b""),
        ] {
            assert_eq!(app.send("POST", path, &headers, body).await.status, status, "{path}");
        }
    }
    for authorization in ["Authorization: Basic YTpi", "Authorization: Bearer", "Authorization: ", "Authorization: Bearer \u{e9}"] {
        assert_eq!(app.send("GET", "/api/v1/alerts/not-an-id", &[authorization], b"").await.status, 401, "{authorization}");
    }
    let lower = format!("authorization: bearer  {viewer}");
    assert_eq!(app.send("GET", "/api/v1/alerts/not-an-id", &[&lower], b"").await.status, 404);
}

#[tokio::test]
async fn what_is_not_in_the_table_does_not_exist() {
    let app = App::start().await;
    let names: BTreeSet<_> = table().into_iter().map(|(_, method, path)| (method.to_string(), path)).collect();
    assert_eq!(names.len(), table().len(), "no route stands there twice");
    let random = format!("/{}", Uuid::new_v4());
    for path in [
        random.as_str(),
        "/console/",
        "/metrics",
        "/api",
        "/api/v1",
        "/api/v1/",
        "/api/v2/check-ins",
        "/c/",
        "//",
        "/../etc/passwd",
        "/c/a/b",
    ] {
        for method in ["GET", "POST", "DELETE"] {
            let answer = app.send(method, path, &[], b"").await;
            assert_eq!(answer.status, 404, "{method} {path}");
            let kind = if path.starts_with("/api/") { "application/problem+json" } else { "text/html; charset=utf-8" };
            assert_eq!(answer.header("Content-Type"), Some(kind), "{method} {path}");
            wears_its_headers(path, &answer);
        }
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let app = App::start().await;
    let code = app.venue("喫茶 ひだまり", &["入口"]).await.codes.remove(0);
    for (path, methods) in paths() {
        let mut allowed: Vec<&str> = Vec::new();
        for method in &methods {
            allowed.extend(if method == "GET" { &["GET", "HEAD"][..] } else { &["POST"] });
        }
        for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "FROB"] {
            let answer = app.send(method, &filled(path, &code), &[], b"").await;
            let what = format!("{method} {path}");
            assert_eq!(answer.status == 405, !allowed.contains(&method), "{what}: {}", answer.status);
            assert_eq!(answer.header("Allow"), (answer.status == 405).then(|| allowed.join(", ")).as_deref(), "{what}");
            wears_its_headers(&what, &answer);
        }
    }
}

#[tokio::test]
async fn head_answers_like_get_without_a_body() {
    let app = App::start().await;
    let code = app.venue("喫茶 ひだまり", &["入口"]).await.codes.remove(0);
    let headers = |answer: &Answer| {
        let lines = answer.head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("date:"));
        lines.map(ToOwned::to_owned).collect::<BTreeSet<String>>()
    };
    for (_, method, path) in table() {
        if method == "GET" {
            let path = filled(path, &code);
            let (get, head) = (app.get(&path).await, app.send("HEAD", &path, &[], b"").await);
            assert_eq!(headers(&get), headers(&head), "{path}");
            assert!(head.body.is_empty() && (!get.body.is_empty() || get.status == 303), "{path}");
        }
    }
}

#[tokio::test]
async fn problems_of_every_kind_wear_the_headers() {
    let app = App::with(Plan::default()).await;
    let code = app.venue("喫茶 ひだまり", &["入口"]).await.codes.remove(0);
    let (form, json) = ("Content-Type: application/x-www-form-urlencoded", "Content-Type: application/json");
    let page = format!("/c/{code}");
    let big = vec![b'a'; 16_385];
    let cases: [(u16, Request<'_>); 9] = [
        (400, ("POST", &page, &[form], b"email=%FF")),
        (403, ("POST", &page, &[form, "Origin: https://evil.example"], b"email=a")),
        (403, ("POST", "/api/v1/check-ins", &[json, "Sec-Fetch-Site: cross-site"], b"{}")),
        (413, ("POST", &page, &[form], &big)),
        (415, ("POST", &page, &["Content-Type: text/plain"], b"email=a")),
        (422, ("POST", &page, &[form], b"email=a")),
        (422, ("POST", "/api/v1/check-ins", &[json], b"{}")),
        (303, ("GET", &format!("/c?code={code}"), &[], b"")),
        (400, ("GET", "/c?code=a&code=b", &[], b"")),
    ];
    for (status, (method, path, headers, body)) in cases {
        let answer = app.send(method, path, headers, body).await;
        assert_eq!(answer.status, status, "{method} {path}");
        wears_its_headers(&format!("{method} {path} {status}"), &answer);
    }
}
