//! The JSON interface: the whole job answered as the document says, and hostile JSON refused by a stable code.
use super::raw::{JSON, post};
use crate::routes::contract::Contract;
use crate::support::app::{App, Plan};
use ashiato::official::Role;
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn the_whole_job_is_answered_as_the_document_says() {
    let (app, contract) = (App::with(Plan { hold_minutes: 10, ..Plan::default() }).await, Contract::read());
    let (tracer, approver) = (app.token(Role::Tracer, "tracer").await, app.token(Role::Approver, "approver").await);
    let (tracer, approver) = (Some(tracer.as_str()), Some(approver.as_str()));
    let new = json!({ "name": "喫茶", "kind": "bar", "address": "a", "contact_email": "shop@example.jp", "posters": ["入口", "奥"], "locale": "en", "day_starts_minutes": null });
    let anonymous = contract.at(&app).ask("POST", "/api/v1/venues", None, Some(new.clone())).await.expect_status(201).unwrap();
    assert_eq!(anonymous.json().unwrap()["status"], "unconfirmed");
    let made = contract.at(&app).ask("POST", "/api/v1/venues", tracer, Some(new)).await.expect_status(201).unwrap().json().unwrap();
    let venue = format!("/api/v1/venues/{}", made["id"].as_str().unwrap());
    contract.at(&app).ask("POST", &format!("{venue}/approve"), tracer, None).await.expect_status(200).unwrap();
    contract.at(&app).ask("POST", &format!("{venue}/approve"), tracer, None).await.expect_status(200).unwrap();
    let unconfirmed = format!("/api/v1/venues/{}/approve", anonymous.json().unwrap()["id"].as_str().unwrap());
    contract.at(&app).ask("POST", &unconfirmed, tracer, None).await.expect_status(409).unwrap();
    assert_eq!(contract.at(&app).ask("GET", &venue, tracer, None).await.json().unwrap()["status"], "active");
    let posters = contract.at(&app).ask("GET", &format!("{venue}/posters"), tracer, None).await.json().unwrap();
    for (kind, status) in
        [("svg", 200), ("png", 200), ("png?px=64", 200), ("png?px=65", 422), ("png?px=x", 422), ("pdf", 200), ("gif", 404)]
    {
        let path = format!("/api/v1/posters/{}.{kind}", posters[0]["id"].as_str().unwrap());
        contract.at(&app).ask("GET", &path, tracer, None).await.expect_status(status).unwrap();
    }
    for (part, status) in [("", 200), ("?part=tent,guide", 200), ("?part=poster", 422), ("?part=letter", 409)] {
        contract.at(&app).ask("GET", &format!("{venue}/kit.pdf{part}"), tracer, None).await.expect_status(status).unwrap();
    }
    for email in ["hanako@example.jp", "taro@example.jp"] {
        let body = json!({ "code": posters[0]["code"], "email": email, "locale": "en" });
        contract.at(&app).ask("POST", "/api/v1/check-ins", None, Some(body)).await.expect_status(201).unwrap();
    }
    let date = "2026-11-22";
    let case = json!({ "reference": "R8-1", "stays": [{ "venue_id": made["id"], "date": date }] });
    let case = contract.at(&app).ask("POST", "/api/v1/cases", tracer, Some(case)).await.expect_status(201).unwrap().json().unwrap();
    let joined =
        contract.at(&app).ask("POST", "/api/v1/alerts", tracer, Some(json!({ "cases": [case["id"]] }))).await.expect_status(201).unwrap();
    let alert = format!("/api/v1/alerts/{}", joined.json().unwrap()["id"].as_str().unwrap());
    let post = async |verb: &str, token, body, status| {
        let answer = contract.at(&app).ask("POST", &format!("{alert}/{verb}"), token, body).await.expect_status(status).unwrap();
        answer.json().unwrap()
    };
    let words = json!({ "advice": "test", "until": "2026-12-06", "note_ja": "2階の方へ。", "note_en": null, "name_venues": true });
    assert_eq!(post("wording", tracer, Some(words), 200).await["state"], "draft");
    let evil = json!({ "advice": "test", "note_ja": "evil.example へ", "note_en": "043-238-1111" });
    let errors = json!([{ "field": "note_ja", "code": "holds_link" }, { "field": "note_en", "code": "holds_phone_number" }]);
    assert_eq!(post("wording", tracer, Some(evil), 422).await["errors"], errors);
    let preview = contract.at(&app).ask("GET", &format!("{alert}/preview"), tracer, None).await.json().unwrap();
    assert_eq!((&preview["visits"], &preview["wording"]["note_ja"]), (&json!(2), &json!("2階の方へ。")));
    let seen = json!({ "revision": preview["revision"], "digest": preview["digest"], "tonight": "リハーサルが朝からあるため" });
    let stale = json!({ "revision": 9, "digest": preview["digest"] });
    assert_eq!(post("submit", tracer, Some(stale), 409).await["code"], "stale");
    assert_eq!(post("submit", tracer, Some(json!({ "revision": 1 })), 422).await["errors"][0]["field"], "digest");
    assert_eq!(post("submit", tracer, Some(json!({ "tonight": " " })), 422).await["errors"][0]["code"], "empty");
    assert_eq!(post("submit", tracer, Some(seen), 200).await["state"], "submitted");
    assert_eq!(post("wording", tracer, Some(json!({ "advice": "watch" })), 409).await["code"], "wrong_state");
    assert_eq!(post("return", approver, Some(json!({ "reason": "" })), 422).await["errors"][0]["code"], "empty");
    let back = post("return", approver, Some(json!({ "reason": "日が違います。" })), 200).await;
    assert_eq!((&back["state"], &back["returned"]["reason"]), (&json!("draft"), &json!("日が違います。")));
    let list = contract.at(&app).ask("GET", "/api/v1/alerts", tracer, None).await.json().unwrap();
    assert_eq!((list["alerts"].as_array().unwrap().len(), &list["alerts"][0]["cases"]), (2, &json!(["R8-1"])));
    assert_eq!(list["alerts"].as_array().unwrap().iter().filter(|alert| alert["replaced_by"].is_string()).count(), 1);
    assert_eq!(post("approve", approver, None, 409).await["code"], "wrong_state");
    assert_eq!(post("submit", approver, None, 200).await["state"], "submitted");
    assert_eq!(post("approve", approver, None, 403).await["code"], "same_principal");
    let admin = app.token(Role::Admin, "admin").await;
    let admin = Some(admin.as_str());
    assert_eq!(post("approve", admin, Some(json!({ "visits": 3 })), 409).await["code"], "wrong_count");
    assert_eq!(post("approve", admin, Some(json!({ "visits": 2 })), 200).await["state"], "held");
    assert_eq!(post("pause", tracer, None, 200).await["state"], "paused");
    post("resume", approver, None, 200).await;
    app.clock.set("2026-11-22T03:11:00Z".parse().unwrap());
    app.dispatch().await;
    app.deliver().await;
    let shown = contract.at(&app).ask("GET", &alert, tracer, None).await.json().unwrap();
    assert_eq!((&shown["delivery"]["sent"], &shown["late"]), (&json!(2), &json!(0)), "{shown}");
    assert_eq!(post("release-late", approver, None, 409).await["code"], "nothing_late");
    assert_eq!(post("submit", tracer, None, 409).await["code"], "wrong_state");
}

#[tokio::test]
async fn refusals_are_answered_as_the_document_says() {
    let (app, contract) = (App::start().await, Contract::read());
    let (tracer, viewer) = (app.token(Role::Tracer, "tracer").await, app.token(Role::Viewer, "viewer").await);
    let id = Uuid::new_v4();
    for path in [
        format!("/api/v1/alerts/{id}"),
        format!("/api/v1/alerts/{id}/preview"),
        format!("/api/v1/venues/{id}"),
        format!("/api/v1/venues/{id}/posters"),
        format!("/api/v1/posters/{id}.svg"),
        format!("/api/v1/posters/{id}.pdf"),
        format!("/api/v1/venues/{id}/kit.pdf"),
        "/api/v1/posters/x".into(),
        "/api/v1/alerts/x".into(),
    ] {
        assert_eq!(contract.at(&app).ask("GET", &path, Some(&tracer), None).await.status, 404, "{path}");
        assert_eq!(contract.at(&app).ask("GET", &path, None, None).await.status, 401, "{path}");
    }
    for verb in ["submit", "cancel", "pause"] {
        let path = format!("/api/v1/alerts/{id}/{verb}");
        assert_eq!(contract.at(&app).ask("POST", &path, Some(&tracer), None).await.status, 404, "{path}");
        assert_eq!(contract.at(&app).ask("POST", &path, Some(&viewer), None).await.status, 403, "{path}");
    }
    let approver = app.token(Role::Approver, "approver").await;
    for (verb, body) in [("wording", json!({ "advice": "watch" })), ("return", json!({ "reason": "x" }))] {
        let path = format!("/api/v1/alerts/{id}/{verb}");
        assert_eq!(contract.at(&app).ask("POST", &path, Some(&approver), Some(body)).await.status, 404, "{path}");
        assert_eq!(contract.at(&app).ask("POST", &path, Some(&viewer), None).await.status, 403, "{path}");
    }
    for verb in ["approve", "resume", "release-late"] {
        let path = format!("/api/v1/alerts/{id}/{verb}");
        assert_eq!(contract.at(&app).ask("POST", &path, Some(&approver), None).await.status, 404, "{path}");
        assert_eq!(contract.at(&app).ask("POST", &path, Some(&tracer), None).await.status, 403, "{path}");
    }
    let code = app.venue("喫茶", &["入口"]).await.codes.remove(0);
    for (email, wrong) in [
        ("", "empty"),
        ("a", "no_at"),
        ("a@localhost", "incomplete_domain"),
        ("a@[192.0.2.1]", "undeliverable"),
        (&format!("{}@example.jp", "a".repeat(250)), "too_long"),
    ] {
        let body = json!({ "code": code, "email": email });
        let answer = contract.at(&app).ask("POST", "/api/v1/check-ins", None, Some(body)).await.expect_status(422).unwrap();
        assert_eq!(answer.json().unwrap()["errors"], json!([{ "field": "email", "code": wrong }]));
    }
    let none = contract.at(&app).ask("POST", "/api/v1/venues", None, Some(json!({}))).await.expect_status(422).unwrap().json().unwrap();
    let fields: Vec<_> = none["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["name", "kind", "address", "contact_email"]);
}

#[tokio::test]
async fn wrong_cases_name_what_is_wrong() {
    let (app, contract) = (App::start().await, Contract::read());
    let tracer = app.token(Role::Tracer, "tracer").await;
    let venue = app.venue("喫茶", &["入口"]).await.id;
    let stay = |venue: &str, date: &str| json!({ "venue_id": venue, "date": date });
    let unknown = Uuid::new_v4().to_string();
    let reported = |reference: &str, stays: Vec<Value>| json!({ "reference": reference, "stays": stays });
    let cases = [
        (reported("山田 太郎", vec![stay(&venue, "2026-11-22")]), "reference", "bad_reference"),
        (reported("hanako@example.jp", vec![stay(&venue, "2026-11-22")]), "reference", "bad_reference"),
        (reported(&"R".repeat(41), vec![stay(&venue, "2026-11-22")]), "reference", "bad_reference"),
        (reported("R8-1", vec![]), "stays", "empty"),
        (reported("R8-1", vec![stay(&venue, "2026-11-22"); 201]), "stays", "too_many"),
        (reported("R8-1", vec![stay(&venue, "2026-11-23")]), "stays[0].date", "future"),
        (reported("R8-1", vec![stay(&venue, "2026-11-22"), stay(&venue, "2026-10-01")]), "stays[1].date", "too_old"),
        (reported("R8-1", vec![stay(&unknown, "2026-11-22")]), "stays[0].venue_id", "unknown_venue"),
    ];
    for (body, field, code) in cases {
        let answer = contract.at(&app).ask("POST", "/api/v1/cases", Some(&tracer), Some(body)).await.expect_status(422).unwrap();
        assert_eq!(answer.json().unwrap()["errors"], json!([{ "field": field, "code": code }]), "{field} {code}");
    }
    for (cases, code) in [(vec![], "empty"), (vec![Uuid::new_v4(); 101], "too_many"), (vec![Uuid::new_v4()], "unknown_case")] {
        let answer = contract
            .at(&app)
            .ask("POST", "/api/v1/alerts", Some(&tracer), Some(json!({ "cases": cases })))
            .await
            .expect_status(422)
            .unwrap();
        assert_eq!(answer.json().unwrap()["errors"], json!([{ "field": "cases", "code": code }]));
    }
}

#[tokio::test]
async fn hostile_json_is_refused_by_a_stable_code() {
    let (app, contract) = (App::start().await, Contract::read());
    let code = app.venue("喫茶", &["入口"]).await.codes.remove(0);
    let good = format!(r#"{{"code":"{code}","email":"hanako@example.jp"}}"#);
    let with = |more: &str| format!(r#"{{"code":"{code}","email":"hanako@example.jp"{more}}}"#);
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let cases: Vec<(String, u16, &str)> = vec![
        (good.clone(), 201, ""),
        (format!(" \r\n{good}\t "), 201, ""),
        (with(r#","locale":null"#), 201, ""),
        (String::new(), 400, "invalid_json"),
        ("{".into(), 400, "invalid_json"),
        ("hello".into(), 400, "invalid_json"),
        (format!("\u{FEFF}{good}"), 400, "invalid_json"),
        (format!("{good}{good}"), 400, "invalid_json"),
        (format!("{good},"), 400, "invalid_json"),
        (format!("{good}\0"), 400, "invalid_json"),
        (with(","), 400, "invalid_json"),
        (with(r#","locale":NaN"#), 400, "invalid_json"),
        (with(" /* comment */"), 400, "invalid_json"),
        (with(r#","locale":"\ud800""#), 400, "invalid_json"),
        (deep(30_000), 422, "invalid_json_members"),
        (format!(r#"{{"code":{}}}"#, deep(30_000)), 422, "invalid_json_members"),
        ("null".into(), 422, "invalid_json_members"),
        ("[]".into(), 422, "invalid_json_members"),
        (format!(r#"["{code}","hanako@example.jp",null]"#), 422, "invalid_json_members"),
        ("3".into(), 422, "invalid_json_members"),
        ("{}".into(), 422, "invalid_json_members"),
        (with(r#","extra":1"#), 422, "invalid_json_members"),
        (with(r#","__proto__":{}"#), 422, "invalid_json_members"),
        (with(r#","email":"taro@example.jp""#), 422, "invalid_json_members"),
        (with(r#","locale":"fr""#), 422, "invalid_json_members"),
        (r#"{"code":1,"email":"a@example.jp"}"#.into(), 422, "invalid_json_members"),
        (r#"{"code":["A"],"email":null}"#.into(), 422, "invalid_json_members"),
        (format!(r#"{{"code":"{code}","email":"ta\u0000ro@example.jp"}}"#), 422, "invalid_fields"),
        (format!(r#"{{"code":"{code}","email":"ta\u202ero@example.jp"}}"#), 422, "invalid_fields"),
        (format!(r#"{{"code":"{code}","email":"{}"}}"#, "a".repeat(10_000)), 422, "invalid_fields"),
        (format!(r#"{{"code":"{}","email":"a@example.jp"}}"#, "A".repeat(10_000)), 404, "not_found"),
        (r#"{"code":"\u0000","email":"a@example.jp"}"#.into(), 404, "not_found"),
    ];
    for (body, status, wrong) in cases {
        let start: String = body.chars().take(80).collect();
        let length = format!("Content-Length: {}", body.len());
        let answer = post(app.address, "/api/v1/check-ins", &[JSON, &length], body.as_bytes()).await;
        assert_eq!(answer.status, status, "{start}: {}", answer.text());
        contract.judge("POST", "/api/v1/check-ins", &answer);
        if status != 201 {
            assert_eq!(answer.json().unwrap()["code"], wrong, "{start}");
            assert!(!answer.text().contains("example.jp") && !answer.text().contains("line 1"), "{start}: {}", answer.text());
        }
    }
}
