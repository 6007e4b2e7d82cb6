//! The golden story, through the front door: a venue applies, gets its QR, people check in, a case is reported, two officials
//! release the alert, and everybody who was there that day gets one mail.
use crate::support::app::App;
use crate::support::logs;
use ashiato::base::clock::{Clock, SystemClock};
use ashiato::base::db::DbRole;
use ashiato::official::Role;
use ashiato::retention::{How, Look, Retention};
use ashiato::{audit, retention};
use chrono::Duration;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Addresses of the story, as typed. All are made up.
const AT_THE_CAFE: [&str; 4] = ["hanako@example.jp", "Taro@EXAMPLE.jp", "ji..ro@docomo.example.jp", "shiro.@ezweb.example.jp"];
const AT_THE_LIBRARY: [&str; 3] = ["hanako@example.jp", "goro@example.jp", "ｒｏｋｕｒｏ@ｅｘａｍｐｌｅ.jp"];
const ELSEWHERE: [&str; 2] = ["nana@example.jp", "goro@example.jp"];

#[tokio::test(flavor = "multi_thread")]
async fn from_scan_to_mail() {
    logs::capture();
    let app = App::start().await;
    let (tracer, approver) = (app.token(Role::Tracer, "tanaka").await, app.token(Role::Approver, "sato").await);
    let cafe = app.venue("喫茶 ひだまり", &["入口", "テーブル 1"]).await;
    let library = app.venue("あおば市立図書館", &["入口"]).await;
    let shop = app.venue("青葉書店", &["入口"]).await;
    poster_leads_to_the_form(&app, &tracer, &cafe.id).await;

    for address in AT_THE_CAFE {
        app.check_in(&cafe.codes[0], address).await;
    }
    app.check_in(&cafe.codes[1], " TARO@example.jp ").await;
    for address in AT_THE_LIBRARY {
        app.check_in(&library.codes[0], address).await;
    }
    for address in ELSEWHERE {
        app.check_in(&shop.codes[0], address).await;
    }

    let stays = json!([{ "venue_id": cafe.id, "date": "2026-11-22" }, { "venue_id": library.id, "date": "2026-11-22" }]);
    let alert = report(&app, &tracer, stays).await;
    let preview = app.api("GET", &format!("/api/v1/alerts/{alert}/preview"), Some(&tracer), None).await.json().unwrap();
    assert_eq!(preview["visits"], 7);
    let number = release(&app, &tracer, &approver, &alert, 7).await;
    app.dispatch().await;
    app.deliver().await;

    everybody_got_one_mail(&app, &number);
    let shown = app.api("GET", &format!("/api/v1/alerts/{alert}"), Some(&tracer), None).await.json().unwrap();
    assert_eq!((&shown["delivery"]["sent"], &shown["delivery"]["merged"]), (&json!(6), &json!(1)));
    assert_eq!(shown["state"], "sending", "the date still takes check-ins");
    genuine(&app, &number).await;
    late_visit_waits_for_a_click(&app, &approver, &alert, &cafe.codes[0]).await;
    a_wrong_clock_erases_nothing(&app).await;
    nothing_personal_was_logged();
    audit::verify(&mut app.db.connect(DbRole::Web).await).await.unwrap();
}

async fn poster_leads_to_the_form(app: &App, token: &str, venue: &str) {
    let posters = app.api("GET", &format!("/api/v1/venues/{venue}/posters"), Some(token), None).await.json().unwrap();
    let (id, url) = (posters[0]["id"].as_str().unwrap(), posters[0]["url"].as_str().unwrap());
    let png = app.api("GET", &format!("/api/v1/posters/{id}.png"), Some(token), None).await.expect_status(200).unwrap();
    let mut picture = rqrr::PreparedImage::prepare(image::load_from_memory(&png.body).unwrap().to_luma8());
    let (_, decoded) = picture.detect_grids()[0].decode().unwrap();
    assert_eq!(decoded, url);
    let path = decoded.strip_prefix(&format!("http://{}", app.address)).unwrap();
    assert!(app.get(path).await.expect_status(200).unwrap().text().contains("喫茶 ひだまり"));
    let svg = app.api("GET", &format!("/api/v1/posters/{id}.svg"), Some(token), None).await.expect_status(200).unwrap().text();
    assert!(svg.contains("喫茶 ひだまり") && !svg.contains("<script") && !svg.contains("href=\"http"));
}

async fn report(app: &App, token: &str, stays: Value) -> String {
    let body = json!({ "reference": "HC-2026-0042", "stays": stays });
    let reported = app.api("POST", "/api/v1/cases", Some(token), Some(body)).await.expect_status(201).unwrap().json().unwrap();
    reported["alert_id"].as_str().unwrap().to_owned()
}

async fn release(app: &App, tracer: &str, approver: &str, alert: &str, visits: u64) -> String {
    let submitted = app.api("POST", &format!("/api/v1/alerts/{alert}/submit"), Some(tracer), None).await.expect_status(200).unwrap();
    let approve = format!("/api/v1/alerts/{alert}/approve");
    app.api("POST", &approve, Some(tracer), Some(json!({ "visits": visits }))).await.expect_status(403).unwrap();
    app.api("POST", &approve, Some(approver), Some(json!({ "visits": visits + 1 }))).await.expect_status(409).unwrap();
    app.api("POST", &approve, Some(approver), Some(json!({ "visits": visits }))).await.expect_status(200).unwrap();
    submitted.json().unwrap()["number"].as_str().unwrap().to_owned()
}

fn everybody_got_one_mail(app: &App, number: &str) {
    let notices: Vec<_> = app.sink.accepted().into_iter().filter(|mail| mail.subject.contains(number)).collect();
    let people: BTreeSet<String> = notices.iter().map(|mail| mail.to.to_lowercase()).collect();
    let expected = [
        "hanako@example.jp",
        "taro@example.jp",
        "\"ji..ro\"@docomo.example.jp",
        "\"shiro.\"@ezweb.example.jp",
        "goro@example.jp",
        "rokuro@example.jp",
    ];
    assert_eq!(people, expected.map(ToOwned::to_owned).into());
    assert_eq!(notices.len(), people.len(), "one mail each");
    for mail in &notices {
        assert!(mail.text.contains("0120-000-000") && mail.text.contains(number));
        assert!(!mail.text.contains("http") && !mail.text.contains("ひだまり") && !mail.text.contains("図書館"));
    }
}

async fn genuine(app: &App, number: &str) {
    let page =
        app.get(&format!("/alerts/check?number={}", number.to_lowercase().replace('-', ""))).await.expect_status(200).unwrap().text();
    assert!(page.contains("市からのお知らせです") && page.contains("同じ日に"));
    app.get("/alerts/check?number=AAAA-AAAA").await.expect_status(404).unwrap();
}

async fn late_visit_waits_for_a_click(app: &App, approver: &str, alert: &str, code: &str) {
    let sent_before = app.sink.accepted().len();
    app.check_in(code, "hachiro@example.jp").await;
    app.clock.advance(Duration::minutes(11));
    app.dispatch().await;
    app.deliver().await;
    let shown = app.api("GET", &format!("/api/v1/alerts/{alert}"), Some(approver), None).await.json().unwrap();
    assert_eq!(shown["late"], 1);
    assert_eq!(app.sink.accepted().len(), sent_before, "nobody is told before the click");
    let click = format!("/api/v1/alerts/{alert}/release-late");
    app.api("POST", &click, Some(approver), Some(json!({ "visits": 1 }))).await.expect_status(200).unwrap();
    app.dispatch().await;
    app.deliver().await;
    assert_eq!(app.sink.accepted().len(), sent_before + 1);
}

/// The purge believes only two clocks that agree: a test's clock that runs ahead erases nothing (`retention.rs` tells what it erases).
async fn a_wrong_clock_erases_nothing(app: &App) {
    let (state, database) = (&app.worker.state, SystemClock.now());
    let look = Look { local: database + Duration::days(40), database, elapsed: Duration::zero(), synchronised: None };
    let kept = Retention { zone: state.service.zone, days: 31 };
    let refused = retention::purge(&look, &state.pool, &state.keys, kept, &How::default()).await;
    assert!(matches!(refused, Err(retention::PurgeError::ClocksDisagree(_))));
    let visits: i64 = sqlx::query_scalar("select count(*) from visit").fetch_one(&mut app.db.connect(DbRole::Owner).await).await.unwrap();
    assert_eq!(visits, 10);
}

fn nothing_personal_was_logged() {
    let text = logs::text();
    assert!(text.len() > 1000, "the capture captures");
    // An address has a host right behind its sign; SQL's operator `@>` has not.
    let holds_address = |line: &&str| line.split('@').skip(1).any(|host| host.starts_with(|c: char| c.is_alphanumeric() || c == '['));
    let told: Vec<_> = text.lines().filter(holds_address).filter(|line| !line.contains("oshirase@city.example.jp")).collect();
    assert!(told.is_empty(), "addresses in logs: {told:#?}");
    for name in ["hanako", "rokuro", "goro"] {
        assert!(!text.contains(name), "{name} in the logs");
    }
}
