//! A web process whose date is not the database's records nothing, and says so.
use crate::support::app::{App, OpenVenue, Plan};
use ashiato::base::clock::{Clock, SetClock, SharedClock};
use ashiato::base::db::DbRole;
use ashiato::official::{self, AlarmKind};
use ashiato::web::{self, health};
use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration as Span;

/// A service whose database has a clock of its own, and a café in it.
async fn two_clocks() -> (App, Arc<SetClock>, OpenVenue) {
    let now = Plan::default().now;
    let theirs = Arc::new(SetClock::new(now.parse().unwrap()));
    let second: SharedClock = theirs.clone();
    let app = App::with(Plan { second_clock: Some(second), ..Plan::default() }).await;
    let cafe = app.venue("喫茶 ひだまり", &["入口"]).await;
    (app, theirs, cafe)
}

async fn open(app: &App) -> Vec<AlarmKind> {
    let mut web = app.db.connect(DbRole::Web).await;
    official::open_alarms(&mut web).await.unwrap().into_iter().map(|alarm| alarm.kind).collect()
}

async fn visits(app: &App) -> i64 {
    sqlx::query_scalar("select count(*) from visit").fetch_one(&mut app.db.connect(DbRole::Owner).await).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_a_day_off_records_nothing_and_says_why() {
    let (app, theirs, cafe) = two_clocks().await;
    let (state, path) = (&app.web.state, format!("/c/{}", cafe.codes[0]));
    for wrong in [Duration::days(1), Duration::days(40), Duration::days(-1)] {
        theirs.set(app.clock.now() + wrong);
        web::refresh(state).await.unwrap();
        let page = app.form(&path, &[("email", "hanako@example.jp")]).await;
        assert_eq!((page.status, page.header("retry-after").is_some()), (503, true));
        let text = page.text();
        assert!(text.contains("サーバーの時計の日付を確かめているため") && text.contains("hanako@example.jp"), "{text}");
        assert!(!text.contains("11月22日"), "a date that is in doubt is not shown: {text}");
        let english = app.form(&format!("{path}?lang=en"), &[("email", "hanako@example.jp")]).await.text();
        assert!(english.contains("not sure of today’s date"), "{english}");
        let body = json!({ "code": cafe.codes[0], "email": "hanako@example.jp" });
        let refused = app.api("POST", "/api/v1/check-ins", None, Some(body)).await;
        assert_eq!((refused.status, &refused.json().unwrap()["code"]), (503, &json!("date_in_doubt")));
        let ready = app.get("/readyz").await;
        assert_eq!((ready.status, ready.text().as_str()), (503, "clock\n"));
        health::tell(state, Span::ZERO).await.unwrap();
        assert_eq!(open(&app).await, [AlarmKind::ClocksDiffer], "at once, also by a process that has just started");
    }
    assert_eq!(visits(&app).await, 0);
    let metrics = state.metrics.encode();
    assert!(metrics.contains("ashiato_check_ins_total{outcome=\"date_in_doubt\"} 9"), "{metrics}");

    theirs.set(app.clock.now() + Duration::seconds(2));
    web::refresh(state).await.unwrap();
    health::tell(state, Span::ZERO).await.unwrap();
    assert_eq!((app.get("/readyz").await.status, open(&app).await.len()), (200, 0), "by the database's clock it was last seen a day ago");
    assert_eq!(app.form(&path, &[("email", "hanako@example.jp")]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn honest_clocks_do_not_disagree_at_midnight() {
    let (app, theirs, cafe) = two_clocks().await;
    let path = format!("/c/{}", cafe.codes[0]);
    let midnight: DateTime<Utc> = "2026-11-22T15:00:00Z".parse().unwrap();
    for (ours, difference, status) in [
        // Two seconds before midnight here, after it there.
        (-2, 4, 200),
        (-2, 60, 200),
        (2, -4, 200),
        (2, -60, 200),
        // A minute and more: the dates differ, and nobody knows whose is right.
        (-2, 61, 503),
        (2, -61, 503),
        // As far apart, and no midnight between them.
        (-70, 61, 200),
        (70, -61, 200),
    ] {
        app.clock.set(midnight + Duration::seconds(ours));
        theirs.set(app.clock.now() + Duration::seconds(difference));
        web::refresh(&app.web.state).await.unwrap();
        let answer = app.form(&path, &[("email", "hanako@example.jp")]).await;
        assert_eq!(answer.status, status, "{ours} {difference}");
        let warned = app.get("/readyz").await.text().contains("warning: clock: this machine's clock is 61 seconds");
        assert_eq!(warned, status == 200 && difference.abs() > 60, "{ours} {difference}");
    }
    assert_eq!(visits(&app).await, 2, "one on each date");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bar_is_closed_only_around_its_own_turn_of_the_day() {
    let (app, theirs, cafe) = two_clocks().await;
    let mut owner = app.db.connect(DbRole::Owner).await;
    sqlx::query("update venue set day_starts_minutes = 300").execute(&mut owner).await.unwrap();
    let path = format!("/c/{}", cafe.codes[0]);
    // The directory has not seen the venue yet. Ten minutes apart: at midnight its date is the same on both, at five not.
    for (ours, status) in [("2026-11-22T14:55:00Z", 200), ("2026-11-22T19:55:00Z", 503), ("2026-11-22T20:05:00Z", 200)] {
        app.clock.set(ours.parse().unwrap());
        theirs.set(app.clock.now() + Duration::minutes(10));
        web::refresh(&app.web.state).await.unwrap();
        assert_eq!(app.form(&path, &[("email", "hanako@example.jp")]).await.status, status, "{ours}");
    }
}
