//! A code that lives but not today: an event before and after its days, a venue that takes a break; and a venue's own words.
use super::Shop;
use crate::support::app::{App, Plan};
use ashiato::official::Role;
use chrono::Duration;
use serde_json::json;

/// An event from 28 to 29 November that somebody entered; the code of its poster.
async fn event(app: &App) -> String {
    let token = app.token(Role::Tracer, "clerk").await;
    let body = json!({
        "name": "あおば秋まつり 2026", "kind": "event", "address": "あおば公園", "contact_email": "matsuri@example.jp", "posters": ["正面入口"],
        "opens_on": "2026-11-28", "closes_on": "２０２６年１１月２９日", "postal_code": "〒123-4567"
    });
    let created = app.api("POST", "/api/v1/venues", Some(&token), Some(body)).await.expect_status(201).unwrap().json().unwrap();
    let id = created["id"].as_str().unwrap();
    app.api("POST", &format!("/api/v1/venues/{id}/approve"), Some(&token), None).await.expect_status(200).unwrap();
    let posters = app.api("GET", &format!("/api/v1/venues/{id}/posters"), Some(&token), None).await.json().unwrap();
    posters[0]["code"].as_str().unwrap().to_owned()
}

/// A night market on the 28th whose business day ends at five in the morning, a second before that day begins.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_across_midnight_begins_and_ends_with_its_business_day() {
    let app = App::with(Plan { now: "2026-11-27T19:59:59Z", ..Plan::default() }).await;
    let token = app.token(Role::Tracer, "clerk").await;
    let body = json!({
        "name": "夜市", "kind": "event", "address": "あおば公園", "contact_email": "yoichi@example.jp", "opens_on": "2026-11-28",
        "closes_on": "2026-11-28", "day_starts_minutes": 300
    });
    let created = app.api("POST", "/api/v1/venues", Some(&token), Some(body)).await.expect_status(201).unwrap().json().unwrap();
    let id = created["id"].as_str().unwrap();
    app.api("POST", &format!("/api/v1/venues/{id}/approve"), Some(&token), None).await.expect_status(200).unwrap();
    let posters = app.api("GET", &format!("/api/v1/venues/{id}/posters"), Some(&token), None).await.json().unwrap();
    let code = posters[0]["code"].as_str().unwrap();
    let page = app.get(&format!("/c/{code}")).await.expect_status(200).unwrap().text();
    assert!(page.contains("登録は、11月28日の朝から") && !page.contains("<form"), "04:59:59 of the 28th is still the 27th: {page}");
    refused(&app, code, "event_not_begun").await;
    app.clock.advance(Duration::seconds(1));
    assert!(app.get(&format!("/c/{code}")).await.text().contains("<form"));
    app.check_in(code, "hanako@example.jp").await;
    app.clock.advance(Duration::hours(24) - Duration::seconds(1));
    ashiato::web::refresh(&app.web.state).await.unwrap();
    // 04:59:59 of the 29th: whoever comes again that night is there once.
    app.check_in(code, "hanako@example.jp").await;
    app.check_in(code, "taro@example.jp").await;
    app.clock.advance(Duration::seconds(1));
    refused(&app, code, "event_over").await;
    let page = app.get(&format!("/c/{code}")).await.expect_status(200).unwrap().text();
    assert!(page.contains("11月28日（土）に終わりました"), "{page}");
    let mut owner = app.db.connect(ashiato::base::db::DbRole::Owner).await;
    let dates: Vec<String> = sqlx::query_scalar("select visit_date::text from visit").fetch_all(&mut owner).await.unwrap();
    assert_eq!(dates, ["2026-11-28", "2026-11-28"]);
}

async fn refused(app: &App, code: &str, why: &str) {
    let body = json!({ "code": code, "email": "hanako@example.jp" });
    let answer = app.api("POST", "/api/v1/check-ins", None, Some(body)).await.expect_status(409).unwrap();
    assert_eq!(answer.json().unwrap()["code"], why);
    app.form(&format!("/c/{code}"), &[("email", "hanako@example.jp")]).await.expect_status(409).unwrap();
}

async fn visits(app: &App) -> i64 {
    let mut owner = app.db.connect(ashiato::base::db::DbRole::Owner).await;
    sqlx::query_scalar("select count(*) from visit").fetch_one(&mut owner).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_takes_check_ins_on_its_days_alone() {
    let app = App::start().await;
    let code = event(&app).await;
    let page = app.get(&format!("/c/{code}")).await.expect_status(200).unwrap().text();
    assert!(page.contains("登録は、11月28日の朝から") && page.contains("開催は11月28日（土）〜11月29日（日）です"), "{page}");
    assert!(page.contains("あおば秋まつり 2026") && page.contains("来場の登録") && !page.contains("<form"), "{page}");
    let english = app.get(&format!("/c/{code}?lang=en")).await.text();
    assert!(
        english.contains("Check-in opens on the morning of 28 November")
            && english.contains("from Saturday 28 November to Sunday 29 November")
    );
    refused(&app, &code, "event_not_begun").await;
    // The clock stood at noon of 22 November; now it is the last minute of the 27th.
    app.clock.advance(Duration::hours(5 * 24 + 12) - Duration::minutes(1));
    refused(&app, &code, "event_not_begun").await;
    assert_eq!(visits(&app).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_over_says_so() {
    let app = App::start().await;
    let code = event(&app).await;
    let mut owner = app.db.connect(ashiato::base::db::DbRole::Owner).await;
    let days = async |owner: &mut sqlx::PgConnection, opens: &str, closes: &str| {
        let days = "update venue set opens_on = $1::date, closes_on = $2::date where kind = 'event'";
        sqlx::query(days).bind(opens).bind(closes).execute(owner).await.unwrap();
    };
    days(&mut owner, "2026-11-22", "2026-11-22").await;
    let page = app.get(&format!("/c/{code}")).await.expect_status(200).unwrap().text();
    assert!(page.contains("来場を登録する"), "its one day: {page}");
    app.check_in(&code, "hanako@example.jp").await;
    days(&mut owner, "2026-11-20", "2026-11-21").await;
    app.clock.advance(Duration::seconds(11));
    let page = app.get(&format!("/c/{code}")).await.expect_status(200).unwrap().text();
    // Old answers are served while one is read anew; the second look is of the new days.
    let page = if page.contains("<form") { app.get(&format!("/c/{code}")).await.text() } else { page };
    assert!(
        page.contains("この催しは終わりました") && page.contains("11月21日（土）に終わりました") && page.contains("31日で消えます"),
        "{page}"
    );
    refused(&app, &code, "event_over").await;
    assert_eq!(visits(&app).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_asks_an_event_for_its_days_and_forgives_how_they_are_typed() {
    let app = App::start().await;
    let fields = |opens: &'static str, closes: &'static str, kind: &'static str| {
        [
            ("name", "ｱｵﾊﾞ祭"),
            ("kind", kind),
            ("opens_on", opens),
            ("closes_on", closes),
            ("postal_code", "１２３ー４５６７"),
            ("address", "公園"),
            ("contact_email", "m@example.jp"),
        ]
    };
    for (opens, closes, says) in [
        ("", "", "催しの日を入れてください"),
        ("11/28", "2026-11-29", "年から、実際にある日を"),
        ("2026-11-29", "2026-11-28", "はじまる日より前になっています"),
        ("2026-02-30", "2026-03-01", "実際にある日"),
        ("2025-11-28", "2025-11-29", "もう過ぎた日です"),
        ("2026-11-01", "2026-11-21", "もう過ぎた日です"),
    ] {
        let page = app.form("/venues/apply", &fields(opens, closes, "event")).await.expect_status(422).unwrap().text();
        assert!(page.contains(says) && page.contains("value=\"公園\""), "{page}");
    }
    app.form("/venues/apply", &fields("20261128", "2026年11月29日", "event")).await.expect_status(200).unwrap();
    app.form("/venues/apply", &fields("令和9年11月1日", "R9.11.22", "event")).await.expect_status(200).unwrap();
    app.form("/venues/apply", &fields("nonsense", "", "shop")).await.expect_status(200).unwrap();
    let mut owner = app.db.connect(ashiato::base::db::DbRole::Owner).await;
    let stored = "select name, postal_code, opens_on::text, closes_on::text from venue order by opens_on nulls last";
    let stored: Vec<(String, String, Option<String>, Option<String>)> = sqlx::query_as(stored).fetch_all(&mut owner).await.unwrap();
    let (name, postal) = ("アオバ祭".to_owned(), "1234567".to_owned());
    assert_eq!(stored[0], (name.clone(), postal.clone(), Some("2026-11-28".into()), Some("2026-11-29".into())));
    assert_eq!(stored[1], (name.clone(), postal.clone(), Some("2027-11-01".into()), Some("2027-11-22".into())));
    assert_eq!(stored[2], (name, postal, None, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_is_said_to_visitors_and_ends_at_a_press() {
    let shop = Shop::open(&["入口"]).await;
    let code = &shop.venue.codes[0];
    assert!(shop.page("/pause").await.contains("読み取っても登録できなくなります"));
    shop.act("/pause", &[], "?done=paused", "登録を休みました").await;
    shop.act("/pause", &[], "?done=already", "何も変えていません").await;
    let page = shop.app.get(&format!("/c/{code}")).await.expect_status(200).unwrap().text();
    assert!(page.contains("いまは登録をお休みしています") && !page.contains("<form"), "{page}");
    refused(&shop.app, code, "venue_paused").await;
    shop.act("/unpause", &[], "?done=unpaused", "登録を再開しました").await;
    shop.app.clock.advance(Duration::seconds(11));
    shop.app.get(&format!("/c/{code}")).await.expect_status(200).unwrap();
    shop.app.check_in(code, "hanako@example.jp").await;
    assert_eq!(shop.audited().await, ["venue.pause", "venue.unpause"]);
}
