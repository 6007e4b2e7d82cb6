//! Cases and venues through the API, held to the document.
use crate::routes::contract::Contract;
use crate::support::app::App;
use ashiato::case::MAX_STAYS;
use ashiato::official::Role;
use serde_json::{Value, json};
use uuid::Uuid;

const TODAY: &str = "2026-11-22";

/// A service, its document and a tracer's token.
struct ConsoleFixture {
    app: App,
    contract: Contract,
    tracer: String,
}

impl ConsoleFixture {
    async fn open() -> Self {
        let app = App::start().await;
        let tracer = app.token(Role::Tracer, "tracer").await;
        Self { app, contract: Contract::read(), tracer }
    }

    async fn get(&self, path: &str) -> Value {
        self.contract.at(&self.app).ask("GET", path, Some(&self.tracer), None).await.expect_status(200).unwrap().json().unwrap()
    }

    async fn post(&self, path: &str, body: Value, status: u16) -> Value {
        self.contract.at(&self.app).ask("POST", path, Some(&self.tracer), Some(body)).await.expect_status(status).unwrap().json().unwrap()
    }

    async fn act(&self, path: &str, status: u16) -> Value {
        self.contract.at(&self.app).ask("POST", path, Some(&self.tracer), None).await.expect_status(status).unwrap().json().unwrap()
    }

    /// Its path.
    async fn case(&self, body: Value) -> String {
        format!("/api/v1/cases/{}", self.post("/api/v1/cases", body, 201).await["id"].as_str().unwrap())
    }

    async fn stays_of_draft(&self, case: &str) -> usize {
        let alert = self.get(case).await["alerts"][0].as_str().unwrap().to_owned();
        self.get(&format!("/api/v1/alerts/{alert}/preview")).await["stays"].as_array().unwrap().len()
    }
}

fn stay(venue: &str, date: &str) -> Value {
    json!({ "venue_id": venue, "date": date })
}

fn problems(answer: &Value) -> Vec<(&str, &str)> {
    let errors = answer["errors"].as_array().unwrap();
    errors.iter().map(|error| (error["field"].as_str().unwrap(), error["code"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn a_case_is_reported_with_its_dates_and_worked_on_until_it_is_closed() {
    let console = ConsoleFixture::open().await;
    let venue = console.app.venue("喫茶 ひだまり", &["入口"]).await.id;
    let case = console.case(json!({ "reference": "R8-1", "onset": "2026-11-20", "tested": "2026-11-21", "note": "電話で確認。", "stays": [stay(&venue, TODAY)] })).await;
    let shown = console.get(&case).await;
    assert_eq!(
        (&shown["onset"], &shown["tested"], &shown["notes"][0]["note"]),
        (&json!("2026-11-20"), &json!("2026-11-21"), &json!("電話で確認。"))
    );
    let shown =
        console.post(&format!("{case}/stays"), json!({ "stays": [stay(&venue, "2026-11-20"), stay(&venue, "2026-11-21")] }), 200).await;
    assert_eq!(shown["stays"], 3);
    assert_eq!(console.stays_of_draft(&case).await, 3, "the draft follows");
    console
        .post(&format!("{case}/stays"), json!({ "remove": [stay(&venue, "2026-11-20")], "stays": [stay(&venue, "2026-11-19")] }), 200)
        .await;
    assert_eq!(console.stays_of_draft(&case).await, 3);
    console.post(&format!("{case}/notes"), json!({ "note": "2回目の電話。" }), 200).await;
    console.post(&format!("{case}/notes"), json!({ "note": "2回目の電話。" }), 200).await;
    assert_eq!(console.get(&case).await["notes"].as_array().unwrap().len(), 2, "sent twice, noted once");
    for _ in 0..2 {
        assert!(console.act(&format!("{case}/close"), 200).await["closed_at"].is_string());
    }
    let closed = console.post(&format!("{case}/stays"), json!({ "stays": [stay(&venue, TODAY)] }), 409).await;
    assert_eq!(closed["code"], "case_closed");
    assert!(console.act(&format!("{case}/reopen"), 200).await["closed_at"].is_null());
}

#[tokio::test]
async fn what_was_submitted_cannot_be_taken_away_and_what_comes_later_gets_a_draft_of_its_own() {
    let console = ConsoleFixture::open().await;
    let venue = console.app.venue("喫茶 ひだまり", &["入口"]).await.id;
    let case = console.case(json!({ "reference": "R8-1", "stays": [stay(&venue, TODAY)] })).await;
    let first = console.get(&case).await["alerts"][0].as_str().unwrap().to_owned();
    console.act(&format!("/api/v1/alerts/{first}/submit"), 200).await;
    let refused = console
        .post(&format!("{case}/stays"), json!({ "remove": [stay(&venue, TODAY)], "stays": [stay(&venue, "2026-11-21")] }), 409)
        .await;
    assert_eq!(refused["code"], "stay_submitted");
    assert_eq!(console.get(&case).await["stays"], 1, "nothing half done");
    let shown = console.post(&format!("{case}/stays"), json!({ "stays": [stay(&venue, "2026-11-21")] }), 200).await;
    let alerts = shown["alerts"].as_array().unwrap();
    assert_eq!(alerts.len(), 2);
    let new = alerts.iter().find(|alert| **alert != json!(first)).unwrap().as_str().unwrap();
    let preview = console.get(&format!("/api/v1/alerts/{new}/preview")).await;
    assert_eq!(preview["stays"].as_array().unwrap().len(), 1, "only what was not submitted yet");
    assert_eq!(preview["stays"][0]["date"], "2026-11-21");
    console.act(&format!("/api/v1/alerts/{first}/cancel"), 200).await;
    console.post(&format!("{case}/stays"), json!({ "remove": [stay(&venue, TODAY)] }), 200).await;
}

#[tokio::test]
async fn a_draft_that_lost_its_last_stay_ends_and_the_next_stay_begins_another() {
    let console = ConsoleFixture::open().await;
    let venue = console.app.venue("喫茶 ひだまり", &["入口"]).await.id;
    let case = console.case(json!({ "reference": "R8-1", "stays": [stay(&venue, TODAY)] })).await;
    let shown = console.post(&format!("{case}/stays"), json!({ "remove": [stay(&venue, TODAY)] }), 200).await;
    let alert = format!("/api/v1/alerts/{}", shown["alerts"][0].as_str().unwrap());
    assert_eq!((&shown["stays"], &console.get(&alert).await["state"]), (&json!(0), &json!("cancelled")));
    let joined = console.post("/api/v1/alerts", json!({ "cases": [shown["id"]] }), 422).await;
    assert_eq!(problems(&joined), [("cases", "no_stays")]);
    console.app.clock.advance(chrono::Duration::seconds(1));
    let shown = console.post(&format!("{case}/stays"), json!({ "stays": [stay(&venue, TODAY)] }), 200).await;
    assert_eq!(shown["alerts"].as_array().unwrap().len(), 2);
    assert_eq!(console.stays_of_draft(&case).await, 1);
}

#[tokio::test]
async fn bad_input_is_named_and_nothing_is_half_done() {
    let console = ConsoleFixture::open().await;
    let venue = console.app.venue("喫茶 ひだまり", &["入口"]).await.id;
    let bad = json!({ "reference": "山田太郎", "onset": "2026-11-23", "tested": "2020-11-20", "note": "田中さんと食事", "stays": [] });
    let answer = console.post("/api/v1/cases", bad, 422).await;
    let expected =
        [("reference", "bad_reference"), ("onset", "future"), ("tested", "too_old"), ("note", "names_a_person"), ("stays", "empty")];
    assert_eq!(problems(&answer), expected);
    let case = console.case(json!({ "reference": "R8-1", "stays": [stay(&venue, TODAY)] })).await;
    let (stays, stranger) = (format!("{case}/stays"), Uuid::new_v4().to_string());
    let mixed =
        json!({ "stays": [stay(&venue, "2026-11-21"), stay(&venue, "2026-11-23"), stay(&venue, "2026-10-26"), stay(&stranger, TODAY)] });
    let answer = console.post(&stays, mixed, 422).await;
    assert_eq!(problems(&answer), [("stays[1].date", "future"), ("stays[2].date", "too_old"), ("stays[3].venue_id", "unknown_venue")]);
    assert_eq!(console.get(&case).await["stays"], 1);
    assert_eq!(problems(&console.post(&stays, json!({}), 422).await), [("stays", "empty")]);
    let many = |count| vec![stay(&venue, "2026-11-20"); count];
    assert_eq!(problems(&console.post(&stays, json!({ "stays": many(MAX_STAYS + 1) }), 422).await), [("stays", "too_many")]);
    assert_eq!(problems(&console.post(&stays, json!({ "remove": many(MAX_STAYS + 1) }), 422).await), [("remove", "too_many")]);
    console.post(&stays, json!({ "stays": many(10_000) }), 413).await;
    console.post(&stays, json!({ "stays": many(MAX_STAYS) }), 200).await;
    assert_eq!(console.get(&case).await["stays"], 2, "the same stay counts once");
    for (note, code) in [("", "empty"), ("a\u{202E}", "forbidden_characters"), ("043-222-3333", "names_a_person")] {
        assert_eq!(problems(&console.post(&format!("{case}/notes"), json!({ "note": note }), 422).await), [("note", code)], "{note}");
    }
    assert_eq!(problems(&console.post(&format!("{case}/notes"), json!({ "note": "あ".repeat(501) }), 422).await), [("note", "too_long")]);
    let unknown = format!("/api/v1/cases/{stranger}");
    for (path, body) in [
        ("stays", json!({ "stays": [stay(&venue, TODAY)] })),
        ("notes", json!({ "note": "a" })),
        ("close", json!({})),
        ("reopen", json!({})),
    ] {
        console.post(&format!("{unknown}/{path}"), body, 404).await;
    }
    console.contract.at(&console.app).ask("GET", &unknown, Some(&console.tracer), None).await.expect_status(404).unwrap();
}

#[tokio::test]
async fn a_case_has_at_most_so_many_stays_in_all() {
    let console = ConsoleFixture::open().await;
    let mut stays = Vec::new();
    for number in 0..8 {
        let venue = console.app.venue(&format!("店 {number}"), &["入口"]).await.id;
        stays.extend(
            (0..26).map(|day| stay(&venue, &(chrono::NaiveDate::from_ymd_opt(2026, 11, 22).unwrap() - chrono::Days::new(day)).to_string())),
        );
    }
    let case = console.case(json!({ "reference": "R8-1", "stays": stays[..MAX_STAYS - 1] })).await;
    let answer = console.post(&format!("{case}/stays"), json!({ "stays": stays[MAX_STAYS - 1..=MAX_STAYS] }), 422).await;
    assert_eq!(problems(&answer), [("stays", "too_many")]);
    assert_eq!(console.get(&case).await["stays"], MAX_STAYS - 1, "nothing half done");
    assert_eq!(console.post(&format!("{case}/stays"), json!({ "stays": stays[MAX_STAYS - 1..MAX_STAYS] }), 200).await["stays"], MAX_STAYS);
}

#[tokio::test]
async fn the_list_holds_open_cases_first_and_goes_on_where_it_ended() {
    let console = ConsoleFixture::open().await;
    let venue = console.app.venue("喫茶 ひだまり", &["入口"]).await.id;
    let mut cases = Vec::new();
    for number in 0..5 {
        console.app.clock.advance(chrono::Duration::minutes(1));
        cases.push(console.case(json!({ "reference": format!("R8-{number}"), "stays": [stay(&venue, TODAY)] })).await);
    }
    console.act(&format!("{}/close", cases[4]), 200).await;
    console.act(&format!("{}/close", cases[1]), 200).await;
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = console.get(&format!("/api/v1/cases?limit=2{after}")).await;
        seen.extend(page["cases"].as_array().unwrap().iter().map(|case| case["reference"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(seen, ["R8-3", "R8-2", "R8-0", "R8-4", "R8-1"]);
    for (query, field) in [("limit=0", "limit"), ("limit=101", "limit"), ("limit=x", "limit"), ("after=x", "after")] {
        let answer = console.contract.at(&console.app).ask("GET", &format!("/api/v1/cases?{query}"), Some(&console.tracer), None).await;
        assert_eq!((answer.status, problems(&answer.json().unwrap())[0].0), (422, field), "{query}");
    }
    assert_eq!(console.get("/api/v1/cases?limit=100").await["cases"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn venues_are_found_and_decided_by_programs() {
    let console = ConsoleFixture::open().await;
    let new = |name: &str| json!({ "name": name, "kana": "きっさ ひだまり", "kind": "restaurant", "address": "中央1-2-3", "contact_email": "shop@example.jp" });
    let mut venues = Vec::new();
    for name in ["喫茶 ひだまり", "喫茶 こもれび"] {
        let id = console.post("/api/v1/venues", new(name), 201).await["id"].as_str().unwrap().to_owned();
        venues.push(format!("/api/v1/venues/{id}"));
    }
    let found = console.get("/api/v1/venues?q=%EF%BE%8B%EF%BE%80%EF%BE%9E%EF%BE%8F%EF%BE%98&limit=1").await;
    assert!(found["next"].is_string(), "by kana both; {found}");
    assert_eq!(console.get("/api/v1/venues?status=active").await["venues"].as_array().unwrap().len(), 0);
    assert_eq!(console.get("/api/v1/venues").await["venues"].as_array().unwrap().len(), 2);
    let wrong = console.contract.at(&console.app).ask("GET", "/api/v1/venues?status=x", Some(&console.tracer), None).await;
    assert_eq!(problems(&wrong.json().unwrap()), [("status", "unknown_choice")]);
    let [first, second] = &venues[..] else { panic!("two venues") };
    console.post(&format!("{first}/ask"), json!({ "question": "2階ですか。" }), 200).await;
    assert_eq!(problems(&console.post(&format!("{first}/ask"), json!({ "question": "" }), 422).await), [("question", "empty")]);
    assert_eq!(
        problems(&console.post(&format!("{first}/refuse"), json!({ "reason": "あ".repeat(301) }), 422).await),
        [("reason", "too_long")]
    );
    assert_eq!(console.post(&format!("{first}/refuse"), json!({ "reason": "見つかりません。" }), 200).await["status"], "refused");
    assert_eq!(console.act(&format!("{first}/suspend"), 409).await["code"], "wrong_state");
    assert_eq!(console.post(&format!("{first}/ask"), json!({ "question": "2階ですか。" }), 409).await["code"], "wrong_state");
    console.act(&format!("{second}/approve"), 200).await;
    for (act, status) in [("suspend", "suspended"), ("reinstate", "active"), ("close", "closed")] {
        assert_eq!(console.act(&format!("{second}/{act}"), 200).await["status"], status);
    }
    console.app.deliver().await;
    let mails: Vec<String> = console.app.sink.accepted().into_iter().map(|mail| mail.text).collect();
    assert!(mails.iter().any(|mail| mail.contains("2階ですか。") && mail.contains("0120-000-000")), "{mails:?}");
    assert!(mails.iter().any(|mail| mail.contains("見つかりません。")), "{mails:?}");
}
