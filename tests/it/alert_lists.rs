//! Lists of alerts and of open cases: what waits for somebody is never left out, pages go on and back, limits hold at their edges,
//! and a program that asks for what a route does not know is told so.
use crate::routes::contract::Contract;
use crate::support::app::{App, Plan};
use ashiato::alert::listing::{Asked, List, MAX_LISTED, page, sizes};
use ashiato::alert::{MAX_OPEN_CASES, open_cases};
use ashiato::base::db::DbRole;
use ashiato::official::Role;
use ashiato::web::routes::table;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A city in which one alert waits for approval, and so many newer drafts were made after it.
struct Crowd {
    app: App,
    token: String,
    /// Identifier and number of the one that waits.
    waiting: (String, String),
}

impl Crowd {
    async fn of(newer: i64) -> Self {
        let app = App::with(Plan { hold_minutes: 10, ..Plan::default() }).await;
        let cafe = app.venue("喫茶 ひだまり", &["入口"]).await;
        app.check_in(&cafe.codes[0], "visitor1@example.jp").await;
        let token = app.token(Role::Tracer, "reporter").await;
        let body = json!({ "reference": "HC-1", "stays": [{ "venue_id": cafe.id, "date": "2026-11-22" }] });
        let made = app.api("POST", "/api/v1/cases", Some(&token), Some(body)).await.expect_status(201).unwrap().json().unwrap();
        let id = made["alert_id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/alerts/{id}/submit");
        let shown = app.api("POST", &path, Some(&token), None).await.expect_status(200).unwrap().json().unwrap();
        let crowd = Self { app, token, waiting: (id, shown["number"].as_str().unwrap().to_owned()) };
        crowd.draft(newer).await;
        crowd
    }

    /// Newer drafts, some of them made in the same moment.
    async fn draft(&self, count: i64) {
        self.draft_at("2026-11-22T03:00:01Z", count).await;
    }

    async fn draft_at(&self, from: &str, count: i64) {
        sqlx::query(
            "insert into alert (id, number, until_date, created_by, created_at)
             select gen_random_uuid(), upper(left(md5(gen_random_uuid()::text), 8)), '2026-12-06', 'token:made up',
                 $2::timestamptz + (no / 3) * interval '1 second' from generate_series(1, $1) as no",
        )
        .bind(count)
        .bind(from.parse::<DateTime<Utc>>().unwrap())
        .execute(&mut self.app.db.connect(DbRole::Owner).await)
        .await
        .unwrap();
    }

    async fn sql(&self, statement: &'static str, count: i64) {
        sqlx::query(statement).bind(count).execute(&mut self.app.db.connect(DbRole::Owner).await).await.unwrap();
    }

    async fn ask(&self, query: &str, status: u16) -> Value {
        let answer = self.app.api("GET", &format!("/api/v1/alerts{query}"), Some(&self.token), None).await;
        Contract::read().judge("GET", "/api/v1/alerts", &answer);
        answer.expect_status(status).unwrap().json().unwrap()
    }
}

fn ids(list: &Value) -> Vec<String> {
    list["alerts"].as_array().unwrap().iter().map(|alert| alert["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_waits_is_first_everywhere_however_many_newer_alerts_there_are() {
    let crowd = Crowd::of(MAX_LISTED + 5).await;
    let (id, number) = &crowd.waiting;
    let list = crowd.ask("", 200).await;
    assert_eq!((&list["waiting"], &ids(&list)[0]), (&json!(1), id));
    assert_eq!(ids(&crowd.ask("?list=waiting&limit=1", 200).await), [id.as_str()]);
    let approver = crowd.app.official(Role::Approver, "佐藤 みどり").await;
    for path in ["/console", "/console/alerts", "/console/alerts?list=waiting"] {
        let shown = approver.get(path).await.expect_status(200).unwrap().text();
        assert!(shown.contains(number.as_str()), "{path}: {shown}");
    }
    assert!(approver.get("/console/alerts").await.text().contains("判断を待っているお知らせ<wbr><span>1 件"));
    // Held, with as many newer ones: the board of deliveries, too.
    let seen = crowd.app.api("GET", &format!("/api/v1/alerts/{id}/preview"), Some(&crowd.token), None).await.json().unwrap();
    let second = crowd.app.token(Role::Approver, "second").await;
    let body = json!({ "visits": seen["visits"] });
    crowd.app.api("POST", &format!("/api/v1/alerts/{id}/approve"), Some(&second), Some(body)).await.expect_status(200).unwrap();
    for path in ["/console", "/console/alerts", "/console/delivery"] {
        assert!(approver.get(path).await.text().contains(number.as_str()), "{path}");
    }
    assert_eq!(crowd.ask("", 200).await["waiting"], json!(0));
}

#[tokio::test]
async fn pages_hold_every_alert_once_and_go_back_the_same_way() {
    let crowd = Crowd::of(11).await;
    let (mut forth, mut after) = (Vec::new(), String::new());
    loop {
        let list = crowd.ask(&format!("?limit=5{after}"), 200).await;
        assert_eq!(list["prev"].is_null(), forth.is_empty());
        forth.push((ids(&list), list["prev"].as_str().map(ToOwned::to_owned)));
        // What is made meanwhile moves nothing that is still to be read.
        crowd.draft_at("2026-11-22T04:00:00Z", 1).await;
        match list["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    let all: Vec<String> = forth.iter().flat_map(|(ids, _)| ids.clone()).collect();
    let once: BTreeSet<&String> = all.iter().collect();
    assert!(once.len() == all.len() && all.len() >= 12 && all[0] == crowd.waiting.0, "{all:?}");
    let (last, before) = (&forth[forth.len() - 2].0, forth[forth.len() - 1].1.as_ref().unwrap());
    let back = crowd.ask(&format!("?limit=5&before={before}"), 200).await;
    assert_eq!(&ids(&back), last);
    assert_eq!(crowd.ask(&format!("?limit=5&after={}", back["next"].as_str().unwrap()), 200).await["prev"].as_str(), Some(before.as_str()));
}

#[tokio::test]
async fn the_question_for_alerts_is_held_to_its_limits() {
    let crowd = Crowd::of(1).await;
    let next = crowd.ask("?limit=1", 200).await["next"].as_str().unwrap().to_owned();
    for good in ["?limit=1", "?limit=200", "?list=ended", &format!("?after={next}"), &format!("?before={next}")] {
        crowd.ask(good, 200).await;
    }
    let both = format!("?after={next}&before={next}");
    for bad in ["?limit=0", "?limit=201", "?limit=x", "?list=", "?list=submitted", "?after=", "?after=x", "?before=x", &both] {
        assert_eq!(crowd.ask(bad, 422).await["code"], "invalid_fields", "{bad}");
    }
    for bad in ["?state=submitted", "?limit=1&offset=5", "?Limit=1"] {
        assert_eq!(crowd.ask(bad, 400).await["code"], "unknown_parameter", "{bad}");
    }
}

#[tokio::test]
async fn limits_hold_at_their_edges() {
    let crowd = Crowd::of(MAX_LISTED).await;
    let mut connection = crowd.app.db.connect(DbRole::Owner).await;
    let drafts = Asked { lists: Some(&[List::Drafts]), ..Asked::default() };
    let full = page(&mut connection, &drafts).await.unwrap();
    assert_eq!((full.rows.len() as i64, full.next), (MAX_LISTED, None), "all of them, and no more to come");
    crowd.draft(1).await;
    let more = page(&mut connection, &drafts).await.unwrap();
    assert!(more.rows.len() as i64 == MAX_LISTED && more.next.is_some() && more.prev.is_none());
    assert_eq!(sizes(&mut connection, false).await.unwrap(), [1, 0, MAX_LISTED + 1, 0]);
    // Open cases: the form holds a page of them, and the rest is a page away.
    let stay = "insert into case_report (id, reference, reported_by, created_at)
                select gen_random_uuid(), 'HC-' || no, 'token:made up', '2026-11-22T03:00:00Z'::timestamptz + no * interval '1 second'
                from generate_series(1, $1) as no";
    crowd.sql(stay, MAX_OPEN_CASES).await;
    let full = open_cases(&mut connection, None).await.unwrap();
    assert_eq!((full.rows.len() as i64, full.next), (MAX_OPEN_CASES, None), "the submitted one is none of them");
    crowd.sql(stay, 1).await;
    let tracer = crowd.app.official(Role::Tracer, "田中 健").await;
    let first = tracer.get("/console/alerts").await.text();
    let next = first.split("href=\"/console/alerts?list=cases&#38;after=").nth(1).unwrap_or_else(|| panic!("{first}"));
    let next = tracer.get(&format!("/console/alerts?list=cases&after={}", next.split('"').next().unwrap())).await.text();
    // Two of that name were reported in one moment, and the alert that waits is of a third.
    assert_eq!((first.matches(">HC-1<").count(), next.matches(">HC-1<").count()), (2, 1));
    assert!(first.contains(">HC-2<") && !next.contains(">HC-2<") && next.contains("前へ"), "{next}");
}

#[tokio::test]
async fn the_pages_of_a_list_are_links_forth_and_back() {
    let crowd = Crowd::of(0).await;
    crowd.draft(51).await;
    crowd.sql("update alert set cancelled_at = created_at where submitted_at is null and $1 > 0", 1).await;
    let viewer = crowd.app.official(Role::Viewer, "鈴木 一").await;
    let all = viewer.get("/console/alerts?lang=en").await.text();
    assert!(all.contains("See all") && all.matches("Cancelled").count() >= 20, "{all}");
    let first = viewer.get("/console/alerts?list=ended&lang=en").await.text();
    assert_eq!(first.matches("class=\"state \">Cancelled").count(), 50, "{first}");
    let link = |page: &str, word: &str| {
        let before = page.split(&format!("\">{word}</a>")).next().filter(|before| before.len() < page.len())?;
        Some(before.rsplit("href=\"").next()?.replace("&#38;", "&").replace("&amp;", "&"))
    };
    assert_eq!(link(&first, "Previous"), None);
    let next = viewer.get(&link(&first, "Next").unwrap()).await.text();
    assert_eq!((next.matches("class=\"state \">Cancelled").count(), link(&next, "Next")), (1, None), "{next}");
    assert!(next.contains("lang=\"en\""), "the language is kept");
    let back = viewer.get(&link(&next, "Previous").unwrap()).await.text();
    assert_eq!(back.matches("class=\"state \">Cancelled").count(), 50);
}

#[tokio::test]
async fn the_dashboard_says_how_many_more_are_under_way() {
    for (under_way, more) in [(20, None), (21, Some("ほか 1 件を見る"))] {
        let crowd = Crowd::of(0).await;
        crowd.draft(under_way - 1).await;
        crowd
            .sql("update alert set submitted_by = 'token:made up', submitted_at = created_at where submitted_at is null and $1 > 0", 1)
            .await;
        let shown = crowd.app.official(Role::Approver, "佐藤 みどり").await.get("/console").await.text();
        assert_eq!(shown.contains("件を見る</a>"), more.is_some(), "{shown}");
        assert!(more.is_none_or(|more| shown.contains(more)), "{shown}");
    }
}

#[tokio::test]
async fn every_route_for_programs_refuses_parameters_that_it_does_not_know() {
    let app = App::start().await;
    let admin = app.token(Role::Admin, "admin").await;
    let auditor = app.token(Role::Auditor, "auditor").await;
    let contract = Contract::read();
    let mut asked = 0;
    for (_, method, path) in table().into_iter().filter(|(_, _, path)| path.starts_with("/api/")) {
        let filled = path.replace("{id}", "00000000-0000-4000-8000-000000000000").replace("{file}", "x.svg");
        let token = if path.starts_with("/api/v1/audit") { &auditor } else { &admin };
        let question = format!("{filled}?no_such=1&taro%40example.jp");
        let answer = app.api(method.as_str(), &question, Some(token), None).await;
        assert_eq!(answer.status, 400, "{method} {path}: {}", answer.text());
        contract.judge(method.as_str(), &filled, &answer);
        let problem = answer.json().unwrap();
        assert_eq!(problem["code"], "unknown_parameter", "{method} {path}");
        assert_eq!(
            problem["errors"],
            json!([{ "field": "no_such", "code": "unknown" }]),
            "{method} {path}: what was typed is not said back"
        );
        assert!(!answer.text().contains("example.jp"));
        asked += 1;
    }
    assert!(asked > 50, "{asked}");
    // Who may not ask at all is told that first.
    let stranger = app.api("GET", "/api/v1/alerts?no_such=1", None, None).await;
    assert_eq!(stranger.status, 401);
    // Pages of people go on taking whatever a link brings along.
    assert_eq!(app.get("/?utm_source=x").await.status, 200);
}
