//! A person with a mailbox, in front of the own page; and the officials who would have something to tell.
use crate::support::app::{App, OpenVenue};
use ashiato::base::db::DbRole;
use ashiato::cli::demo::http::Answer;
use ashiato::official::Role;
use ashiato::{web, worker};
use chrono::Duration as Span;
use serde_json::json;
use std::future::Future;
use std::time::Duration;

/// Lets the worker take its turns, quicker than each second, while a request waits for it.
pub async fn with_notifier<T>(app: &App, request: impl Future<Output = T>) -> T {
    let mut request = std::pin::pin!(request);
    loop {
        tokio::select! {
            answer = &mut request => return answer,
            () = tokio::time::sleep(Duration::from_millis(20)) => worker::serve_people(&app.worker.state).await.unwrap(),
        }
    }
}

/// Asks for a link; says how many mails this caused.
pub async fn ask(app: &App, email: &str) -> usize {
    app.deliver().await;
    let before = app.sink.accepted().len();
    app.form("/my", &[("email", email)]).await.expect_status(200).unwrap();
    app.deliver().await;
    app.sink.accepted().len() - before
}

/// The path in the last mail to this mailbox, as the server spells it.
pub fn path_in_mail(app: &App, mailbox: &str) -> String {
    let mail = app.sink.accepted().into_iter().rfind(|mail| mail.to == mailbox).expect("a mail came");
    let start = format!("http://{}/my/", app.address);
    let link = mail.text.lines().find(|line| line.starts_with(&start)).expect("it holds a link");
    link.strip_prefix(&format!("http://{}", app.address)).unwrap().to_owned()
}

/// Asks, and reads the mail.
pub async fn link(app: &App, email: &str) -> String {
    assert_eq!(ask(app, email).await, 1);
    path_in_mail(app, email)
}

/// Opens the page behind a link.
pub async fn open(app: &App, path: &str) -> String {
    with_notifier(app, app.get(path)).await.expect_status(200).unwrap().text()
}

/// Presses a button and follows it back to the page.
pub async fn press(app: &App, path: &str, button: &str, fields: &[(&str, &str)]) -> String {
    let answer = with_notifier(app, app.form(&format!("{path}/{button}"), fields)).await.expect_status(303).unwrap();
    assert_eq!(answer.header("location"), Some(path));
    open(app, path).await
}

/// What the page's file holds: date and venue.
pub async fn exported(app: &App, path: &str) -> Vec<(String, String)> {
    let file = with_notifier(app, app.get(&format!("{path}/export"))).await.expect_status(200).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let file = file.json().unwrap();
    file["visits"].as_array().unwrap().iter().map(|visit| (text(&visit["date"]), text(&visit["venue"]))).collect()
}

/// The next days come, with their keys.
pub async fn days_later(app: &App, days: i64) {
    for _ in 0..days {
        app.clock.advance(Span::days(1));
        worker::prepare(&app.worker.state).await.unwrap();
    }
    web::refresh(&app.web.state).await.unwrap();
}

/// A case is reported, released by two officials, and sent. The number of mails that went out.
pub async fn alert(app: &App, venue: &OpenVenue, date: &str) -> usize {
    queue_alert(app, venue, date).await;
    let before = app.sink.accepted().len();
    app.deliver().await;
    app.sink.accepted().len() - before
}

/// The same, up to the outbox.
pub async fn queue_alert(app: &App, venue: &OpenVenue, date: &str) {
    queue_alert_over(app, &[venue], date).await;
}

/// The same over several venues of one date.
pub async fn queue_alert_over(app: &App, venues: &[&OpenVenue], date: &str) {
    app.deliver().await;
    let (tracer, approver) = (app.token(Role::Tracer, "tanaka").await, app.token(Role::Approver, "sato").await);
    let stays: Vec<_> = venues.iter().map(|venue| json!({ "venue_id": venue.id, "date": date })).collect();
    let case = json!({ "reference": "HC-1", "stays": stays });
    let reported = app.api("POST", "/api/v1/cases", Some(&tracer), Some(case)).await.expect_status(201).unwrap().json().unwrap();
    let alert = reported["alert_id"].as_str().unwrap();
    let act = |token: String, what: &'static str, body| async move {
        app.api("POST", &format!("/api/v1/alerts/{alert}/{what}"), Some(&token), body).await.expect_status(200).unwrap()
    };
    let preview = app.api("GET", &format!("/api/v1/alerts/{alert}/preview"), Some(&tracer), None).await.json().unwrap();
    act(tracer, "submit", None).await;
    act(approver, "approve", Some(json!({ "visits": preview["visits"] }))).await;
    app.dispatch().await;
}

/// A number from the database.
pub async fn count(app: &App, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&mut app.db.connect(DbRole::Owner).await).await.unwrap()
}

/// Whether an answer leads back to the start.
pub fn is_gone(answer: &Answer) -> bool {
    answer.status == 404 && answer.text().contains("このリンクは使えません") && answer.text().contains("href=\"/my\"")
}
