//! Requests of programs that are sent again under one `Idempotency-Key`.
use crate::support::app::{App, Plan};
use ashiato::base::db::DbRole;
use ashiato::cli::demo::http::Answer;
use ashiato::official::{ANSWER_KEPT, Role};
use chrono::Duration;
use serde_json::{Value, json};
use sqlx::Connection;
use std::collections::BTreeSet;
use std::sync::Arc;

const TODAY: &str = "2026-11-22";

/// A program's request under a key, as it stands in the header.
async fn send(app: &App, path: &str, token: Option<&str>, key: Option<&str>, body: &Value) -> Answer {
    let mut headers = vec!["Content-Type: application/json".to_owned()];
    headers.extend(token.map(|token| format!("Authorization: Bearer {token}")));
    headers.extend(key.map(|key| format!("Idempotency-Key: {key}")));
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    app.send("POST", path, &headers, body.to_string().as_bytes()).await
}

fn made(answer: &Answer) -> Value {
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json().unwrap()
}

fn code(answer: &Answer) -> (u16, String) {
    let problem: Value = answer.json().unwrap();
    (answer.status, problem["code"].as_str().unwrap().to_owned())
}

async fn rows(app: &App, table: &'static str) -> i64 {
    let count = format!("select count(*) from {table}");
    sqlx::query_scalar(sqlx::AssertSqlSafe(count)).fetch_one(&mut app.db.connect(DbRole::Owner).await).await.unwrap()
}

/// A service with a venue, and a case there.
async fn case_at_a_venue() -> (App, Value) {
    let app = App::start().await;
    let cafe = app.venue("喫茶 ひだまり", &["入口"]).await;
    let body = json!({ "reference": "R8-0123", "stays": [{ "venue_id": cafe.id, "date": TODAY }] });
    (app, body)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_is_sent_again_under_its_key_is_reported_once() {
    let (app, body) = case_at_a_venue().await;
    let (tanaka, sato) = (app.token(Role::Tracer, "tanaka").await, app.token(Role::Tracer, "sato").await);
    let key = "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"";
    let report = async |token: &str, key: Option<&str>, body: &Value| send(&app, "/api/v1/cases", Some(token), key, body).await;
    let first = made(&report(&tanaka, Some(key), &body).await);
    let (entries, mails) = (rows(&app, "audit_entry").await, rows(&app, "outbox").await);
    assert_eq!(made(&report(&tanaka, Some(key), &body).await), first);
    assert_eq!(made(&report(&tanaka, Some(key.trim_matches('"')), &body).await), first, "the quotes are no part of it");
    assert_eq!((rows(&app, "case_report").await, rows(&app, "alert").await), (1, 1));
    assert_eq!((rows(&app, "audit_entry").await, rows(&app, "outbox").await), (entries, mails), "nothing was done");

    let mut other = body.clone();
    other["reference"] = "R8-0124".into();
    assert_eq!(code(&report(&tanaka, Some(key), &other).await), (422, "idempotency_key_reused".to_owned()));
    assert_eq!(rows(&app, "case_report").await, 1);
    // A key is its sender's alone, and without one each request stands for itself.
    let mut ids = BTreeSet::from([first["id"].to_string()]);
    for (token, key) in [(&sato, Some(key)), (&tanaka, Some("another")), (&tanaka, None), (&tanaka, None)] {
        ids.insert(made(&report(token, key, &body).await)["id"].to_string());
    }
    assert_eq!((ids.len(), rows(&app, "case_report").await), (5, 5));

    app.clock.advance(ANSWER_KEPT - Duration::seconds(1));
    assert_eq!(made(&report(&tanaka, Some(key), &body).await), first, "a day long");
    app.clock.advance(Duration::seconds(1));
    assert_ne!(made(&report(&tanaka, Some(key), &body).await), first, "and no longer");
    app.clock.advance(ANSWER_KEPT);
    ashiato::worker::serve_people(&app.worker.state).await.unwrap();
    assert_eq!(rows(&app, "kept_answer").await, 0, "the worker forgets it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_under_way_is_said_and_many_at_once_report_once() {
    let (app, body) = case_at_a_venue().await;
    let token = app.token(Role::Tracer, "tanaka").await;
    let mut owner = app.db.connect(DbRole::Owner).await;
    let mut held = owner.begin().await.unwrap();
    sqlx::query("lock table case_report in share mode").execute(&mut *held).await.unwrap();
    let app = Arc::new(app);
    let first = {
        let (app, token, body) = (Arc::clone(&app), token.clone(), body.clone());
        tokio::spawn(async move { send(&app, "/api/v1/cases", Some(&token), Some("k"), &body).await })
    };
    let mut watcher = app.db.connect(DbRole::Owner).await;
    let waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    while sqlx::query_scalar::<_, i64>(waits).fetch_one(&mut watcher).await.unwrap() == 0 {
        assert!(!first.is_finished(), "it did not wait");
        tokio::task::yield_now().await;
    }
    let second = send(&app, "/api/v1/cases", Some(&token), Some("k"), &body).await;
    assert_eq!(code(&second), (409, "request_in_progress".to_owned()));
    held.rollback().await.unwrap();
    let first = made(&first.await.unwrap());
    assert_eq!(made(&send(&app, "/api/v1/cases", Some(&token), Some("k"), &body).await), first);

    let many = futures_of(&app, &token, &body, 12).await;
    let (done, busy): (Vec<_>, Vec<_>) = many.iter().partition(|answer| answer.status == 201);
    assert!(busy.iter().all(|answer| code(answer) == (409, "request_in_progress".to_owned())));
    let ids: BTreeSet<_> = done.into_iter().map(|answer| made(answer).to_string()).collect();
    assert_eq!((ids.len(), rows(&app, "case_report").await), (1, 2));
}

/// So many of the same at once.
async fn futures_of(app: &Arc<App>, token: &str, body: &Value, many: usize) -> Vec<Answer> {
    let mut sent = tokio::task::JoinSet::new();
    for _ in 0..many {
        let (app, token, body) = (Arc::clone(app), token.to_owned(), body.clone());
        sent.spawn(async move { send(&app, "/api/v1/cases", Some(&token), Some("many"), &body).await });
    }
    sent.join_all().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_request_keeps_nothing_and_a_key_has_its_form() {
    let (app, body) = case_at_a_venue().await;
    let (tracer, viewer) = (app.token(Role::Tracer, "tanaka").await, app.token(Role::Viewer, "mori").await);
    let mut wrong = body.clone();
    wrong["stays"][0]["date"] = "2027-01-01".into();
    assert_eq!(send(&app, "/api/v1/cases", Some(&tracer), Some("k"), &wrong).await.status, 422);
    assert_eq!(send(&app, "/api/v1/cases", Some(&viewer), Some("k"), &body).await.status, 403);
    assert_eq!(rows(&app, "kept_answer").await, 0);
    made(&send(&app, "/api/v1/cases", Some(&tracer), Some("k"), &body).await);
    let long = "k".repeat(256);
    for key in ["two words", "\"open", "a,b", "\"\"", &long] {
        let refused = send(&app, "/api/v1/cases", Some(&tracer), Some(key), &body).await;
        assert_eq!(code(&refused), (400, "bad_idempotency_key".to_owned()), "{key}");
    }
    assert_eq!(rows(&app, "case_report").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_venue_that_is_sent_again_under_its_key_is_one_venue() {
    let app = App::with(Plan { now: "2026-11-22T03:00:00Z", ..Plan::default() }).await;
    let token = app.token(Role::Tracer, "tanaka").await;
    let venue = |name: &str| json!({ "name": name, "kind": "restaurant", "address": "あおば市中央1-2-3", "contact_email": "shop@example.jp", "posters": ["入口"] });
    for token in [Some(token.as_str()), None] {
        let (cafe, bar) = (venue("喫茶 ひだまり"), venue("酒場 ひかり"));
        let before = (rows(&app, "venue").await, rows(&app, "outbox").await);
        let first = made(&send(&app, "/api/v1/venues", token, Some("\"one\""), &cafe).await);
        let after = (rows(&app, "venue").await, rows(&app, "outbox").await);
        assert_eq!((after.0, after.1 - before.1), (before.0 + 1, i64::from(token.is_none())), "an unknown person's is confirmed by mail");
        assert_eq!(made(&send(&app, "/api/v1/venues", token, Some("\"one\""), &cafe).await), first, "{token:?}");
        assert_eq!((rows(&app, "venue").await, rows(&app, "outbox").await), after, "{token:?}");
        let other = send(&app, "/api/v1/venues", token, Some("\"one\""), &bar).await;
        match token {
            Some(_) => assert_eq!(code(&other), (422, "idempotency_key_reused".to_owned())),
            // Nobody knows whether it is the same person: the words belong to the key.
            None => assert_ne!(made(&other), first),
        }
    }
}
