//! The mails to the owners of an imported list wait for one click.
use super::{count, import, list};
use crate::support::app::{App, Plan};
use ashiato::official::Role;
use ashiato::web::{post_import_letters, post_monthly};
use chrono::TimeDelta;
use serde_json::Value;

/// A batch of these rows, by its path in the API.
pub(super) async fn batch(app: &App, token: &str, rows: &[&str]) -> String {
    let made = import(app, token, "", &list(rows)).await.expect_status(201).unwrap().json().unwrap();
    format!("/api/v1/venues/import/{}", made["id"].as_str().unwrap())
}

pub(super) async fn call(app: &App, token: &str, method: &str, path: &str) -> Value {
    app.api(method, path, Some(token), None).await.expect_status(200).unwrap().json().unwrap()
}

#[tokio::test]
async fn mails_wait_for_the_release_and_go_once() {
    let app = App::with(Plan { now: "2026-11-30T03:00:00Z", ..Plan::default() }).await;
    let token = app.token(Role::Tracer, "clerk").await;
    let rows = ["喫茶,飲食店,あおば市1,a@example.jp,,", "本屋,店舗,あおば市2,b@example.jp,,", "花屋,店舗,あおば市3,,,"];
    let path = batch(&app, &token, &rows).await;
    let waiting = call(&app, &token, "GET", &path).await;
    assert_eq!((waiting["mails"]["held"].as_i64(), waiting["released_at"].is_null()), (Some(2), true), "{waiting}");
    assert_eq!(count(&app, "select count(*) from outbox").await, 0, "nothing is sealed ahead");
    assert_eq!(count(&app, "select count(*) from venue_confirmation").await, 0, "no link runs out before it is sent");
    assert_eq!(post_import_letters(&app.web.state, usize::MAX).await.unwrap(), 0, "the upkeep waits too");
    // Posters are usable meanwhile. What a month brings waits for the first letter.
    assert_eq!(count(&app, "select count(*) from venue where status = 'active'").await, 2);
    app.clock.advance(TimeDelta::days(1));
    ashiato::web::refresh(&app.web.state).await.unwrap();
    post_monthly(&app.web.state).await.unwrap();
    assert_eq!(count(&app, "select count(*) from shop_monthly").await, 0, "nobody hears of it by the monthly letter");
    let viewer = app.token(Role::Viewer, "viewer").await;
    assert_eq!(app.api("POST", &format!("{path}/release"), Some(&viewer), None).await.status, 403);
    // One of them is closed meanwhile, and gets the letter about that alone.
    let shop: String = name_to_id(&app, "本屋").await;
    call(&app, &token, "POST", &format!("/api/v1/venues/{shop}/close")).await;
    let released = call(&app, &token, "POST", &format!("{path}/release")).await;
    assert_eq!((released["mails"].as_i64(), released["changed"].as_bool()), (Some(2), Some(true)));
    let again = call(&app, &token, "POST", &format!("{path}/release")).await;
    assert_eq!((again["mails"].as_i64(), again["changed"].as_bool()), (Some(0), Some(false)), "pressed twice");
    let now = call(&app, &token, "GET", &path).await;
    assert_eq!(
        (now["mails"]["posted"].as_i64(), now["mails"]["left_out"].as_i64(), now["mails"]["held"].as_i64()),
        (Some(1), Some(1), Some(0))
    );
    app.deliver().await;
    let texts: Vec<String> = app.sink.accepted().into_iter().map(|mail| mail.text).collect();
    assert_eq!(texts.iter().filter(|text| text.contains("/venues/confirm/")).count(), 1, "{texts:?}");
    assert!(texts.iter().any(|text| text.contains("「喫茶」を、あおば市が")), "{texts:?}");
    assert_eq!(count(&app, "select count(*) from audit_entry where action = 'venue.release_mails'").await, 1);
}

#[tokio::test]
async fn the_first_page_says_how_many_mails_wait_and_leads_to_them() {
    const LABEL: &str = "店舗・施設へのメール（送らずに待っています）";
    let app = App::with(Plan { now: "2026-11-30T03:00:00Z", ..Plan::default() }).await;
    let token = app.token(Role::Tracer, "clerk").await;
    let (tracer, viewer) = (app.official(Role::Tracer, "田中 健").await, app.official(Role::Viewer, "森 七海").await);
    let first_page = async || tracer.get("/console").await.expect_status(200).unwrap().text();
    batch(&app, &token, &["花屋,店舗,あおば市3,,,"]).await;
    assert!(!first_page().await.contains(LABEL), "nobody of that list has an address");

    let one = batch(&app, &token, &["喫茶,飲食店,あおば市1,a@example.jp,,", "本屋,店舗,あおば市2,b@example.jp,,"]).await;
    let at_page = |api: &str| format!("href=\"{}\"", api.replace("/api/v1", "/console"));
    let card = |link: &str, count: u8| format!("{link}>{LABEL}</a></p><b>{count}<i>件");
    let page = first_page().await;
    assert!(page.contains(&card(&at_page(&one), 2)), "{page}");
    assert!(!viewer.get("/console").await.text().contains(LABEL), "a viewer cannot release them");

    let other = batch(&app, &token, &["茶屋,飲食店,あおば市4,c@example.jp,,"]).await;
    let page = first_page().await;
    assert!(page.contains(&card("href=\"/console/venues/import\"", 3)) && page.contains("登録した一覧：2"), "{page}");

    // Neither what was undone waits, nor what was released and waits for its turn alone.
    call(&app, &token, "POST", &format!("{one}/undo")).await;
    let page = first_page().await;
    assert!(page.contains(&card(&at_page(&other), 1)), "{page}");
    call(&app, &token, "POST", &format!("{other}/release")).await;
    assert!(!first_page().await.contains(LABEL));
}

pub(super) async fn name_to_id(app: &App, name: &str) -> String {
    let mut owner = app.db.connect(ashiato::base::db::DbRole::Owner).await;
    sqlx::query_scalar("select id::text from venue where name = $1").bind(name).fetch_one(&mut owner).await.unwrap()
}

/// More letters than one turn takes: the click posts the first, the upkeep the rest, each once.
#[tokio::test]
async fn many_mails_leave_in_turns() {
    let app = App::start().await;
    let token = app.token(Role::Tracer, "clerk").await;
    let rows: Vec<String> = (0..201).map(|no| format!("店{no},店舗,あおば市{no},shop{no}@example.jp,,")).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let path = batch(&app, &token, &rows).await;
    call(&app, &token, "POST", &format!("{path}/release")).await;
    let mails = call(&app, &token, "GET", &path).await["mails"].clone();
    let (held, posted) = (mails["held"].as_i64().unwrap(), mails["posted"].as_i64().unwrap());
    assert!(posted >= 100 && held + posted == 201, "a turn is a hundred, and the upkeep may have had some: {mails}");
    post_import_letters(&app.web.state, usize::MAX).await.unwrap();
    assert_eq!(count(&app, "select count(*) from outbox").await, 201);
    assert_eq!(count(&app, "select count(distinct letter_id) from venue_import_row where letter = 'posted'").await, 201);
}

#[tokio::test]
async fn the_page_says_what_waits_and_what_the_mail_says() {
    let app = App::start().await;
    let token = app.token(Role::Tracer, "clerk").await;
    let path = batch(&app, &token, &["喫茶,飲食店,あおば市1,a@example.jp,,"]).await;
    let page = path.replace("/api/v1/", "/console/");
    let tanaka = app.official(Role::Tracer, "田中 健").await;
    let shown = tanaka.get(&page).await.text();
    for word in ["1通のメールが、送られずに待っています", "ポスターをこのリンクから印刷してください", "1通を送る"]
    {
        assert!(shown.contains(word), "{word} is missing in {shown}");
    }
    assert!(tanaka.get("/console/venues/import").await.text().contains("1通が待っている"));
    let viewer = app.official(Role::Viewer, "見る人").await;
    assert_eq!(viewer.form(&format!("{page}/release"), &[]).await.status, 403);
    assert!(tanaka.form(&format!("{page}/release"), &[]).await.header("Location").unwrap().ends_with("done=released"));
    assert!(tanaka.form(&format!("{page}/release"), &[]).await.header("Location").unwrap().ends_with("done=released_before"));
    let shown = tanaka.get(&page).await.text();
    assert!(shown.contains("田中 健が送りました") && !shown.contains("通を送る"), "{shown}");
}
