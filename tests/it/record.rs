//! The decision sheet of an alert: read back as text, as a reader's program would.
use crate::support::app::{App, Plan};
use crate::support::pdf::read;
use ashiato::official::Role;

const TODAY: &str = "2026-11-22";

/// Without the spaces that the layout adds.
fn squeezed(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace()).collect()
}

/// An alert over a venue where `visitors` checked in: reported and submitted by the day, approved by the night.
async fn released(app: &App, visitors: u32) -> String {
    let cafe = app.venue("喫茶 ひだまり", &["入口"]).await;
    for number in 0..visitors {
        app.check_in(&cafe.codes[0], &format!("visitor{number}@example.jp")).await;
    }
    let (day, night) = (app.token(Role::Tracer, "昼の係").await, app.token(Role::Approver, "夜の係").await);
    let body = serde_json::json!({ "reference": "R8-0123", "stays": [{ "venue_id": cafe.id, "date": TODAY }] });
    let created = app.api("POST", "/api/v1/cases", Some(&day), Some(body)).await.expect_status(201).unwrap().json().unwrap();
    let id = created["alert_id"].as_str().unwrap().to_owned();
    app.api("POST", &format!("/api/v1/alerts/{id}/submit"), Some(&day), None).await.expect_status(200).unwrap();
    app.api("POST", &format!("/api/v1/alerts/{id}/approve"), Some(&night), None).await.expect_status(200).unwrap();
    app.dispatch().await;
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sheet_says_who_decided_what_with_which_words_and_how_it_went() {
    let app = App::with(Plan { hold_minutes: 0, ..Plan::default() }).await;
    let id = released(&app, 7).await;
    app.deliver().await;
    let auditor = app.official(Role::Auditor, "監査 一郎").await;
    let answer = auditor.get(&format!("/console/alerts/{id}/record.pdf?lang=ja")).await.expect_status(200).unwrap();
    assert_eq!(answer.header("Content-Type"), Some("application/pdf"));
    assert!(answer.body.starts_with(b"%PDF-") && answer.body.len() < 120_000, "{} bytes", answer.body.len());
    let pages = read(&answer.body);
    let text = squeezed(&pages.concat());
    let token = app.token(Role::Auditor, "係").await;
    let number =
        app.api("GET", &format!("/api/v1/alerts/{id}"), Some(&token), None).await.json().unwrap()["number"].as_str().unwrap().to_owned();
    for words in [
        &format!("決裁票お知らせ{number}"),
        "昼の係（APIトークン）",
        "夜の係（APIトークン）",
        "R8-0123",
        "喫茶ひだまり",
        "2026年11月22日（日）",
        "記録7件",
        "利用登録をされた施設を、同じ日に、のちに感染が分かった方が利用していました。",
        "Someonewhowaslaterfoundtobeinfected",
        "送信済み7",
        "合計7",
        "お知らせを承認しました",
        "あとから登録された記録",
    ] {
        assert!(text.contains(&squeezed(words)), "{words}: {text}");
    }
    for (index, page) in pages.iter().enumerate() {
        let foot = squeezed(&format!("{} / {}", index + 1, pages.len()));
        assert!(squeezed(page).ends_with(&foot), "{page}");
    }
    assert!(!text.contains("example.jp"), "no address stands on paper");
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_release_the_sheet_says_that_nothing_was_sent_and_a_viewer_gets_round_numbers() {
    let app = App::with(Plan { hold_minutes: 10, ..Plan::default() }).await;
    let id = released(&app, 7).await;
    let path = format!("/api/v1/alerts/{id}/record.pdf?lang=ja");
    let (tracer, viewer) = (app.token(Role::Tracer, "係").await, app.token(Role::Viewer, "閲覧").await);
    let text = |answer: ashiato::cli::demo::http::Answer| squeezed(&read(&answer.body).concat());
    let exact = text(app.api("GET", &path, Some(&tracer), None).await.expect_status(200).unwrap());
    assert!(exact.contains("まだ送信していません") && exact.contains("待機中") && exact.contains("記録7件"), "{exact}");
    let rounded = text(app.api("GET", &path, Some(&viewer), None).await.expect_status(200).unwrap());
    assert!(rounded.contains("記録5件") && !rounded.contains("記録7件"), "{rounded}");
    app.api("GET", &format!("/api/v1/alerts/{}/record.pdf", sqlx::types::Uuid::nil()), Some(&tracer), None)
        .await
        .expect_status(404)
        .unwrap();
    let english = text(app.api("GET", &path.replace("lang=ja", "lang=en"), Some(&tracer), None).await);
    assert!(english.contains("Decisionsheet") && english.contains("Nothinghasbeensent"), "{english}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_took_a_sheet_is_on_record_and_the_same_moment_gives_the_same_bytes() {
    let app = App::start().await;
    let id = released(&app, 5).await;
    let approver = app.official(Role::Approver, "佐藤 みどり").await;
    let path = format!("/console/alerts/{id}/record.pdf");
    approver.get(&path).await.expect_status(200).unwrap();
    let (first, second) = (approver.get(&path).await, approver.get(&path).await);
    assert!(first.body == second.body);
    assert!(!squeezed(&read(&second.body).concat()).contains("見ました"), "looks do not fill the sheet");
    let mut owner = app.db.connect(ashiato::base::db::DbRole::Owner).await;
    let looks: Vec<Option<sqlx::types::Uuid>> =
        sqlx::query_scalar("select actor_id from audit_entry where action = 'read.alert_record'").fetch_all(&mut owner).await.unwrap();
    assert_eq!(looks, [Some(approver.id)]);
    assert_eq!(app.get(&path).await.status, 303);
}
