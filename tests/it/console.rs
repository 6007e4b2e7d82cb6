//! The frame of the console: who gets in, for how long, and from whose pages.
use crate::support::app::App;
use crate::support::console::key_of;
use ashiato::base::clock::Clock;
use ashiato::base::db::DbRole;
use ashiato::official::{ABSOLUTE, FRESH, IDLE, Role, login_of, open_session};
use chrono::Duration;

#[tokio::test]
async fn who_is_logged_in_sees_the_desk_with_name_and_role() {
    let app = App::start().await;
    let official = app.official(Role::Tracer, "田中 健").await;
    let page = official.get("/console").await.expect_status(200).unwrap().text();
    assert!(page.contains("田中 健（調査担当）") && page.contains("2026年11月22日（日）") && page.contains("12:00 現在"), "{page}");
    assert!(page.contains("href=\"/console/cases\"") && !page.contains("/console/audit") && !page.contains("/console/officials"));
    let english = official.get("/console?lang=en").await.text();
    assert!(english.contains("田中 健 (tracer)") && english.contains("href=\"/console/cases?lang=en\""));
    let admin = app.official(Role::Admin, "管理 花子").await.get("/console").await.text();
    assert!(admin.contains("/console/audit") && admin.contains("/console/officials"));
}

#[tokio::test]
async fn who_is_not_logged_in_is_sent_to_the_log_in_and_back() {
    let app = App::start().await;
    let answer = app.get("/console?lang=en").await;
    assert_eq!((answer.status, answer.header("Location")), (303, Some("/console/login?next=%2Fconsole%3Flang%3Den")));
    for cookie in ["Cookie: ashiato=", "Cookie: ashiato=x", "Cookie: other=1; ashiato=AAAA"] {
        assert_eq!(app.send("GET", "/console", &[cookie], b"").await.status, 303, "{cookie}");
    }
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_when_it_is_old_and_when_its_account_is_disabled() {
    let app = App::start().await;
    let official = app.official(Role::Viewer, "森 七海").await;
    app.clock.advance(IDLE - Duration::seconds(1));
    assert_eq!(official.get("/console").await.status, 200);
    app.clock.advance(IDLE - Duration::seconds(1));
    assert_eq!(official.get("/console").await.status, 200, "the last use counts");
    app.clock.advance(IDLE);
    assert_eq!(official.get("/console").await.status, 303);

    let official = app.session_of(official.id).await;
    let steps = ABSOLUTE.num_minutes() / 20;
    for step in 1..=steps {
        app.clock.advance(Duration::minutes(20));
        assert_eq!(official.get("/console").await.status, if step < steps { 200 } else { 303 }, "after {step} × 20 minutes");
    }

    let official = app.session_of(official.id).await;
    assert_eq!(official.get("/console").await.status, 200);
    let mut owner = app.db.connect(DbRole::Owner).await;
    sqlx::query("update official set disabled_at = now() where id = $1").bind(official.id).execute(&mut owner).await.unwrap();
    assert_eq!(official.get("/console").await.status, 303);
}

#[tokio::test]
async fn a_proof_is_fresh_for_five_minutes() {
    let app = App::start().await;
    let official = app.official(Role::Approver, "佐藤 みどり").await;
    let mut connection = app.db.connect(DbRole::Web).await;
    let token = open_session(&mut connection, app.clock.now(), official.id, &key_of(official.id)).await.unwrap();
    let (_, login) = login_of(&mut connection, app.clock.now(), &token).await.unwrap().unwrap();
    assert!(login.is_fresh(app.clock.now() + FRESH));
    assert!(!login.is_fresh(app.clock.now() + FRESH + Duration::microseconds(1)));
}

#[tokio::test]
async fn a_form_with_the_cookie_must_come_from_our_own_page() {
    let app = App::start().await;
    let official = app.official(Role::Admin, "管理 花子").await;
    let form = "Content-Type: application/x-www-form-urlencoded";
    // `/console` takes no POST: whoever is let through is told so.
    for (headers, status) in [
        (&[official.cookie(), form][..], 403),
        (&[official.cookie(), form, "Sec-Fetch-Site: cross-site"], 403),
        (&[official.cookie(), form, "Sec-Fetch-Site: same-site"], 403),
        (&[official.cookie(), form, "Origin: https://evil.example"], 403),
        (&[official.cookie(), form, "Origin: null"], 403),
        (&[official.cookie(), form, "Sec-Fetch-Site: same-origin"], 405),
        (&[form], 405),
    ] {
        assert_eq!(app.send("POST", "/console", headers, b"").await.status, status, "{:?}", &headers[1..]);
    }
}
