//! The first page after the log-in: numbers that were counted before, alerts on their way, and how the service is.
use crate::routes::contract::Contract;
use crate::support::app::App;
use ashiato::base::clock::Clock;
use ashiato::base::db::DbRole;
use ashiato::official::Role;
use ashiato::stats::{self, USUAL_LEAST};
use chrono::{Days, Duration, NaiveDate};
use serde_json::Value;
use sqlx::PgConnection;

const TODAY: &str = "2026-11-22";

async fn count_days(app: &App) -> usize {
    let mut notifier = app.db.connect(DbRole::Notifier).await;
    stats::count_days(&mut notifier, app.clock.now(), app.web.state.service.zone).await.unwrap()
}

/// Counts of days that are long over.
async fn known(owner: &mut PgConnection, first: &str, numbers: &[(u64, i64)]) {
    let first: NaiveDate = first.parse().unwrap();
    for (days_before, number) in numbers {
        sqlx::query("insert into daily_count (date, check_ins, counted_at, closed) values ($1, $2, now(), true)")
            .bind(first - Days::new(*days_before))
            .bind(number)
            .execute(&mut *owner)
            .await
            .unwrap();
    }
}

async fn visitors(app: &App, code: &str, numbers: std::ops::Range<u32>) {
    for number in numbers {
        app.check_in(code, &format!("visitor{number}@example.jp")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn todays_check_ins_stand_beside_the_usual_of_the_weekday() {
    let app = App::start().await;
    let cafe = app.venue("喫茶 ひだまり", &["入口"]).await;
    visitors(&app, &cafe.codes[0], 0..7).await;
    let mut owner = app.db.connect(DbRole::Owner).await;
    known(&mut owner, TODAY, &[(7, 90), (14, 100), (21, 110), (28, 120), (1, 1_234), (2, 3)]).await;
    let tracer = app.official(Role::Tracer, "田中 健").await;
    let page = tracer.get("/console").await.expect_status(200).unwrap().text();
    assert!(page.contains("今日の数は、まだ数えていません"), "{page}");

    count_days(&app).await;
    let page = tracer.get("/console").await.text();
    assert!(page.contains("2026年11月22日（日）（途中）</th><td class=\"r\">7</td><td class=\"r\">100</td>"), "{page}");
    assert!(page.contains("<td class=\"r\">1,234</td>") && page.contains("<td class=\"r\">5未満</td>"));
    assert!(page.contains("class=\"part\"") && page.contains("class=\"usual\"") && page.contains("12:00までの数"));
    let viewer = app.official(Role::Viewer, "森 七海").await;
    let page = viewer.get("/console").await.text();
    assert!(page.contains("<td class=\"r\">1,235</td>") && page.contains("（途中）</th><td class=\"r\">5</td>"), "{page}");
    assert!(page.contains("5件きざみ") && page.contains("この役割の作業はありません"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_is_counted_until_it_closes_and_its_number_outlives_its_visits() {
    let app = App::start().await;
    let cafe = app.venue("喫茶 ひだまり", &["入口"]).await;
    visitors(&app, &cafe.codes[0], 0..6).await;
    count_days(&app).await;
    visitors(&app, &cafe.codes[0], 6..8).await;
    let today: NaiveDate = TODAY.parse().unwrap();
    let stored = || async {
        let mut owner = app.db.connect(DbRole::Owner).await;
        let row: (i64, bool) =
            sqlx::query_as("select check_ins, closed from daily_count where date = $1").bind(today).fetch_one(&mut owner).await.unwrap();
        row
    };
    assert_eq!(stored().await, (6, false));
    count_days(&app).await;
    assert_eq!(stored().await, (8, false));
    // 06:00 the next morning: no venue's business day reaches further.
    app.clock.set("2026-11-22T20:59:59Z".parse().unwrap());
    count_days(&app).await;
    assert_eq!(stored().await, (8, false), "a bar may still be open");
    app.clock.set("2026-11-22T21:00:00Z".parse().unwrap());
    assert!(count_days(&app).await >= 1);
    assert_eq!(stored().await, (8, true));
    let mut owner = app.db.connect(DbRole::Owner).await;
    sqlx::query("select drop_visit_day($1)").bind(today).execute(&mut owner).await.unwrap();
    app.clock.advance(Duration::days(7));
    count_days(&app).await;
    assert_eq!(stored().await, (8, true), "kept as it was");
    let web = sqlx::query("update daily_count set check_ins = 0").execute(&mut app.db.connect(DbRole::Web).await).await;
    assert!(web.is_err(), "web only reads");
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_read_the_same_numbers() {
    let app = App::start().await;
    let cafe = app.venue("喫茶 ひだまり", &["入口"]).await;
    visitors(&app, &cafe.codes[0], 0..7).await;
    let mut owner = app.db.connect(DbRole::Owner).await;
    let weeks: Vec<(u64, i64)> = (1..=USUAL_LEAST as u64).map(|week| (week * 7, 1_000 + i64::try_from(week).unwrap())).collect();
    known(&mut owner, TODAY, &weeks).await;
    known(&mut owner, TODAY, &[(1, 4)]).await;
    count_days(&app).await;
    let contract = Contract::read();
    let (viewer, tracer) = (app.token(Role::Viewer, "viewer").await, app.token(Role::Tracer, "tracer").await);
    let days = |answer: Value| answer["days"].as_array().unwrap().clone();
    let exact = days(contract.at(&app).ask("GET", "/api/v1/stats", Some(&tracer), None).await.json().unwrap());
    let rounded = days(contract.at(&app).ask("GET", "/api/v1/stats", Some(&viewer), None).await.json().unwrap());
    assert_eq!((exact.len(), &exact[13]["date"]), (14, &Value::from(TODAY)));
    assert_eq!((&exact[13]["check_ins"], &exact[13]["usual"], &exact[13]["open"]), (&7.into(), &1_002.into(), &true.into()));
    assert_eq!((&rounded[13]["check_ins"], &rounded[13]["usual"]), (&5.into(), &1_000.into()));
    assert_eq!((&exact[12]["check_ins"], &exact[12]["few"]), (&Value::Null, &true.into()), "few are hidden from everybody");
    assert_eq!((&exact[0]["check_ins"], &exact[0]["few"]), (&Value::Null, &false.into()), "nobody counted");
    contract.at(&app).ask("GET", "/api/v1/stats", None, None).await.expect_status(401).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_on_their_way_say_what_happens_next_and_to_whom_it_falls() {
    let app = App::start().await;
    let cafe = app.venue("喫茶 ひだまり", &["入口"]).await;
    visitors(&app, &cafe.codes[0], 0..7).await;
    let (day, night) = (app.token(Role::Tracer, "昼の係").await, app.token(Role::Approver, "夜の係").await);
    let body = serde_json::json!({ "reference": "R8-0123", "stays": [{ "venue_id": cafe.id, "date": TODAY }] });
    let created = app.api("POST", "/api/v1/cases", Some(&day), Some(body)).await.expect_status(201).unwrap().json().unwrap();
    let path = format!("/api/v1/alerts/{}", created["alert_id"].as_str().unwrap());
    let (approver, viewer) = (app.official(Role::Approver, "佐藤 みどり").await, app.official(Role::Viewer, "森 七海").await);
    assert!(approver.get("/console").await.text().contains("いま進んでいるお知らせはありません"), "a draft is not on its way");

    app.api("POST", &format!("{path}/submit"), Some(&day), None).await.expect_status(200).unwrap();
    let page = approver.get("/console").await.text();
    assert!(page.contains("承認待ち") && page.contains("あなたの承認を待っています") && page.contains("1か所 1日"), "{page}");
    assert!(page.contains("<td class=\"r\">7</td><td class=\"r\">0</td>"), "{page}");
    let page = viewer.get("/console").await.text();
    assert!(page.contains("別の承認者の承認を待っています") && page.contains("<td class=\"r\">5</td><td class=\"r\">0</td>"), "{page}");

    app.api("POST", &format!("{path}/approve"), Some(&night), None).await.expect_status(200).unwrap();
    app.dispatch().await;
    let page = approver.get("/console").await.text();
    assert!(page.contains("送信中") && page.contains("残り7通を送っています"), "{page}");
    app.deliver().await;
    let page = approver.get("/console").await.text();
    assert!(page.contains("あとから登録される記録を見ています") && page.contains("<td class=\"r\">7</td><td class=\"r\">7</td>"), "{page}");
    // What ended without arriving is not called sent.
    let mut owner = app.db.connect(DbRole::Owner).await;
    let ended = "update outbox set state = 'bounced', reason = 'rcpt 550' where id in (select id from outbox where state = 'sent' and alert_id is not null limit 6)";
    sqlx::query(ended).execute(&mut owner).await.unwrap();
    let page = approver.get("/console").await.text();
    assert!(page.contains("届いていないメール：6。") && !page.contains("送り終わりました"), "{page}");
    app.api("POST", &format!("{path}/pause"), Some(&day), None).await.expect_status(200).unwrap();
    assert!(approver.get("/console").await.text().contains("承認者の再開を待っています"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_health_of_keys_seals_and_mails_is_told_with_what_to_do() {
    let app = App::start().await;
    let tracer = app.official(Role::Tracer, "田中 健").await;
    let page = tracer.get("/console").await.text();
    assert!(page.contains("11月30日分まで") && page.contains("待ちはありません"), "{page}");
    let mut owner = app.db.connect(DbRole::Owner).await;
    sqlx::query("delete from day_key where visit_date > '2026-11-23'").execute(&mut owner).await.unwrap();
    app.clock.advance(Duration::minutes(20));
    let page = tracer.get("/console").await.text();
    assert!(page.contains("11月23日分まで") && page.contains("鍵がない日は"), "{page}");
    assert!(page.contains("10分以上、確かめられていません") && page.contains("運用の担当へ、すぐに知らせてください"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_at_the_numbers_is_on_record_once_a_minute() {
    let app = App::start().await;
    let tracer = app.official(Role::Tracer, "田中 健").await;
    for _ in 0..3 {
        tracer.get("/console").await;
    }
    let mut owner = app.db.connect(DbRole::Owner).await;
    let entries: Vec<(String, Option<sqlx::types::Uuid>)> =
        sqlx::query_as("select action, actor_id from audit_entry where action like 'read.%'").fetch_all(&mut owner).await.unwrap();
    assert_eq!(entries, [("read.daily_counts".to_owned(), Some(tracer.id))]);
}
