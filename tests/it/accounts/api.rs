//! The same for programs of admins, held to the OpenAPI document.
use super::person::Person;
use crate::routes::contract::Contract;
use crate::support::app::App;
use ashiato::base::clock::Clock;
use ashiato::base::db::DbRole;
use ashiato::official::{MAX_TOKEN_NAME, Role, create_token};
use serde_json::{Value, json};
use uuid::Uuid;

async fn own_token(app: &App, admin: &Person<'_>) -> String {
    let mut connection = app.db.connect(DbRole::Owner).await;
    let (_, token) = create_token(&mut connection, app.clock.now(), "script", Role::Admin, Some(admin.id)).await.unwrap();
    token.expose().to_owned()
}

#[tokio::test]
async fn accounts_live_and_end_through_the_api() {
    let (app, contract) = (App::start().await, Contract::read());
    let admin = Person::join(&app, Role::Admin, "midori@city.example.jp", "佐藤 みどり").await;
    let token = own_token(&app, &admin).await;
    let ask = async |method: &str, path: &str, body: Option<Value>| contract.at(&app).ask(method, path, Some(&token), body).await;
    let new = json!({ "email": "Ken@city.example.jp", "name": " 田中 健 ", "role": "tracer" });
    let made = ask("POST", "/api/v1/officials", Some(new.clone())).await.expect_status(201).unwrap().json().unwrap();
    assert!(!made.to_string().contains("invitation/"), "the link is in the mail alone");
    let ken = format!("/api/v1/officials/{}", made["id"].as_str().unwrap());
    assert_eq!(ask("POST", "/api/v1/officials", Some(new)).await.expect_status(409).unwrap().json().unwrap()["code"], "official_exists");
    let shown = ask("GET", &ken, None).await.expect_status(200).unwrap().json().unwrap();
    assert_eq!((&shown["status"], &shown["name"], &shown["email"]), (&json!("invited"), &json!("田中 健"), &json!("ken@city.example.jp")));
    app.deliver().await;
    let mails: Vec<_> = app.sink.accepted().into_iter().map(|mail| (mail.to, mail.text.contains("/console/invitation/"))).collect();
    assert_eq!(mails.len(), 2, "the link, and a word to the admin");
    assert!(mails.contains(&("Ken@city.example.jp".into(), true)) && mails.contains(&("midori@city.example.jp".into(), false)));
    let changed =
        ask("POST", &format!("{ken}/role"), Some(json!({ "role": "approver" }))).await.expect_status(200).unwrap().json().unwrap();
    assert_eq!(changed["role"], "approver");
    for (act, status) in
        [("disable", "disabled"), ("disable", "disabled"), ("enable", "lapsed"), ("enable", "lapsed"), ("reset", "invited")]
    {
        let answer = ask("POST", &format!("{ken}/{act}"), None).await.expect_status(200).unwrap().json().unwrap();
        assert_eq!(answer["status"], status, "{act}");
    }
    ask("POST", &format!("{ken}/disable"), None).await;
    assert_eq!(ask("POST", &format!("{ken}/reset"), None).await.json().unwrap()["code"], "official_disabled");
    assert_eq!(ask("GET", "/api/v1/officials", None).await.json().unwrap().as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_an_admins_program_may_not_do_has_a_code() {
    let (app, contract) = (App::start().await, Contract::read());
    let admin = Person::join(&app, Role::Admin, "midori@city.example.jp", "佐藤 みどり").await;
    let token = own_token(&app, &admin).await;
    let command_line = app.token(Role::Admin, "operator").await;
    let me = format!("/api/v1/officials/{}", admin.id);
    let stranger = format!("/api/v1/officials/{}", Uuid::new_v4());
    for (path, body, status, code) in [
        (format!("{me}/disable"), None, 409, "last_admin"),
        (format!("{me}/role"), Some(json!({ "role": "viewer" })), 409, "last_admin"),
        (format!("{me}/reset"), None, 409, "own_account"),
        (format!("{stranger}/disable"), None, 404, "not_found"),
        (format!("{stranger}/enable"), None, 404, "not_found"),
        (format!("{stranger}/reset"), None, 404, "not_found"),
        (format!("{stranger}/role"), Some(json!({ "role": "viewer" })), 404, "not_found"),
        (format!("{me}/role"), Some(json!({ "role": "root" })), 422, "invalid_fields"),
        (format!("{me}/role"), Some(json!({ "role": "viewer", "x": 1 })), 422, "invalid_json_members"),
        ("/api/v1/tokens".into(), Some(json!({ "name": "", "role": "viewer" })), 422, "invalid_fields"),
        ("/api/v1/tokens".into(), Some(json!({ "name": "あ".repeat(MAX_TOKEN_NAME + 1), "role": "viewer" })), 422, "invalid_fields"),
        ("/api/v1/tokens".into(), Some(json!({ "name": "a\u{202E}b", "role": "viewer" })), 422, "invalid_fields"),
        (format!("/api/v1/tokens/{}/revoke", Uuid::new_v4()), None, 404, "not_found"),
    ] {
        let answer = contract.at(&app).ask("POST", &path, Some(&token), body).await;
        assert_eq!((answer.status, &answer.json().unwrap()["code"]), (status, &json!(code)), "{path}");
    }
    let wrong = json!({ "email": "a@b", "name": "\u{202E}", "role": "" });
    let answer = contract.at(&app).ask("POST", "/api/v1/officials", Some(&token), Some(wrong)).await.json().unwrap();
    let fields: Vec<_> = answer["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap().to_owned()).collect();
    assert_eq!(fields, ["email", "name", "role"]);
    let made = contract.at(&app).ask("POST", "/api/v1/tokens", Some(&command_line), Some(json!({ "name": "x", "role": "viewer" }))).await;
    assert_eq!(made.json().unwrap()["code"], "token_may_not_make_tokens");
}

#[tokio::test]
async fn tokens_are_made_listed_and_revoked() {
    let (app, contract) = (App::start().await, Contract::read());
    let admin = Person::join(&app, Role::Admin, "midori@city.example.jp", "佐藤 みどり").await;
    let token = own_token(&app, &admin).await;
    let name = "あ".repeat(MAX_TOKEN_NAME);
    let made = contract.at(&app).ask("POST", "/api/v1/tokens", Some(&token), Some(json!({ "name": name, "role": "viewer" }))).await;
    let made = made.expect_status(201).unwrap().json().unwrap();
    let (id, text) = (made["id"].as_str().unwrap(), made["token"].as_str().unwrap());
    assert_eq!(app.api("GET", "/api/v1/officials", Some(text), None).await.status, 401, "the notifier has not believed it yet");
    app.vouch().await;
    assert_eq!(app.api("GET", "/api/v1/officials", Some(text), None).await.status, 403, "a viewer's token");
    let listed = contract.at(&app).ask("GET", "/api/v1/tokens", Some(&token), None).await.text();
    assert!(listed.contains(&name) && listed.contains(&admin.id.to_string()) && !listed.contains(text));
    contract.at(&app).ask("POST", &format!("/api/v1/tokens/{id}/revoke"), Some(&token), None).await.expect_status(200).unwrap();
    contract.at(&app).ask("POST", &format!("/api/v1/tokens/{id}/revoke"), Some(&token), None).await.expect_status(404).unwrap();
    assert_eq!(app.api("GET", "/api/v1/alerts/x", Some(text), None).await.status, 401);
}
