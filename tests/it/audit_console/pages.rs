//! The auditor's page and what programs and the command line see of the chain.
use crate::support::app::App;
use ashiato::audit::{self, Actor, Entry, Target};
use ashiato::base::clock::Clock;
use ashiato::base::db::DbRole;
use ashiato::official::Role;
use chrono::Duration;
use serde_json::{Value, json};
use sqlx::Connection;
use uuid::Uuid;

const ALERT: Target = Target { kind: "alert", id: None };
const THING: Target = Target { kind: "thing", id: None };

/// Puts an entry on record, as a room would.
async fn enter(app: &App, actor: Actor, action: &'static str, target: Target, detail: Value) {
    let mut web = app.db.connect(DbRole::Web).await;
    let mut tx = web.begin().await.unwrap();
    let entry = Entry { actor, action, target_kind: target.kind, target_id: target.id, detail };
    audit::record(&mut tx, app.clock.now(), &entry).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_reads_who_did_what_in_words() {
    let app = App::start().await;
    let approver = app.official(Role::Approver, "佐藤 みどり").await;
    let alert = Uuid::new_v4();
    let detail = json!({ "revision": 2, "visits": 1284, "hold_until": "2026-11-22T03:10:00Z", "digest": "0".repeat(64) });
    enter(&app, Actor::Official(approver.id), "alert.approve", Target::one("alert", alert), detail).await;
    enter(&app, Actor::System, "made.up", THING, json!({ "odd": "<b>" })).await;
    let auditor = app.official(Role::Auditor, "監査 一郎").await;
    let page = auditor.get("/console/audit").await.expect_status(200).unwrap().text();
    for words in [
        "佐藤 みどり",
        "お知らせを承認しました",
        "記録 1284件",
        "第2版",
        "2026年11月22日 12:10:00",
        "made.up",
        "odd: &#60;b&#62;",
        "000000000000…",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let english = auditor.get("/console/audit?lang=en").await.text();
    assert!(english.contains("Approved an alert") && english.contains("1284 visits"), "{english}");
    assert!(
        page.find("made.up").unwrap() < page.find("お知らせを承認しました</td>").or(page.rfind("お知らせを承認しました")).unwrap(),
        "newest first"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_auditors_and_admins_get_in() {
    let app = App::start().await;
    for (role, status) in [(Role::Viewer, 403), (Role::Tracer, 403), (Role::Approver, 403), (Role::Auditor, 200), (Role::Admin, 200)] {
        let official = app.official(role, "係").await;
        for path in ["/console/audit", "/console/audit/export.csv"] {
            assert_eq!(official.get(path).await.status, status, "{role} {path}");
        }
        let verified = official.form("/console/audit/verify", &[]).await.status;
        assert_eq!(verified, if status == 200 { 303 } else { 403 }, "{role}");
    }
    assert_eq!(app.get("/console/audit").await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_find_by_day_person_action_and_thing() {
    let app = App::start().await;
    let (one, two) = (app.official(Role::Tracer, "田中 健").await, app.official(Role::Tracer, "森 七海").await);
    let (first, second) = (Uuid::new_v4(), Uuid::new_v4());
    // 14:59:59 and 15:00:00 UTC: the 22nd and the 23rd in Tokyo.
    app.clock.set("2026-11-22T14:59:59Z".parse().unwrap());
    enter(&app, Actor::Official(one.id), "alert.pause", Target::one("alert", first), json!({})).await;
    app.clock.set("2026-11-22T15:00:00Z".parse().unwrap());
    enter(&app, Actor::Official(two.id), "alert.resume", Target::one("alert", second), json!({})).await;
    let token = app.token(Role::Auditor, "監査の係").await;
    let found = |query: String| {
        let (app, token) = (&app, &token);
        async move {
            let answer = app.api("GET", &format!("/api/v1/audit?{query}"), Some(token), None).await.expect_status(200).unwrap();
            let entries = answer.json().unwrap()["entries"].as_array().unwrap().clone();
            let actions = entries.iter().map(|entry| entry["action"].as_str().unwrap().to_owned());
            actions.filter(|action| action.starts_with("alert.")).collect::<Vec<_>>()
        }
    };
    assert_eq!(found(String::new()).await, ["alert.resume", "alert.pause"]);
    assert_eq!(found("to=2026-11-22".into()).await, ["alert.pause"]);
    assert_eq!(found("from=2026-11-23".into()).await, ["alert.resume"]);
    assert_eq!(found("from=2026-11-22&to=2026-11-23".into()).await.len(), 2);
    assert_eq!(found(format!("actor=official%3A{}", one.id)).await, ["alert.pause"]);
    assert_eq!(found("actor=visitor".into()).await, [""; 0]);
    assert_eq!(found("action=alert.resume".into()).await, ["alert.resume"]);
    assert_eq!(found("action=alert.".into()).await.len(), 2);
    assert_eq!(found(format!("target={second}")).await, ["alert.resume"]);
    assert_eq!(
        found("limit=1".into()).await.len() + found("limit=1&before=2".into()).await.len(),
        1,
        "the token's own entry is the newest"
    );
    for bad in ["from=22-11-2026", "actor=nobody", "actor=official%3Ax", "target=%3F", "limit=0", "limit=501", "limit=x", "before=-1"] {
        app.api("GET", &format!("/api/v1/audit?{bad}"), Some(&token), None).await.expect_status(422).unwrap();
    }
    let auditor = app.official(Role::Auditor, "監査 一郎").await;
    let page = auditor.get("/console/audit?from=x&target=%22%3E").await.expect_status(422).unwrap().text();
    assert!(page.contains("条件を読み取れませんでした") && page.contains("value=\"&#34;&#62;\""), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_chain_is_leafed_through_without_gaps_or_doubles() {
    let app = App::start().await;
    for number in 0..120 {
        enter(&app, Actor::System, "alert.pause", ALERT, json!({ "visits": number })).await;
    }
    let auditor = app.official(Role::Auditor, "監査 一郎").await;
    let (mut path, mut seen) = ("/console/audit?action=alert.pause&lang=ja".to_owned(), Vec::new());
    loop {
        let page = auditor.get(&path).await.expect_status(200).unwrap().text();
        let numbers = page.split("記録 ").skip(1).filter_map(|rest| rest.split('件').next()?.parse::<u32>().ok());
        seen.extend(numbers);
        let Some(link) = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).find(|link| link.contains("before="))
        else {
            break;
        };
        assert!(link.contains("lang=ja") && link.contains("action=alert%2Epause"), "{link}");
        path = link.replace("&#38;", "&").replace("&amp;", "&");
    }
    assert_eq!(seen, (0..120).rev().collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chain_is_verified_by_a_button_and_what_was_found_is_on_record() {
    let app = App::start().await;
    let auditor = app.official(Role::Auditor, "監査 一郎").await;
    for _ in 0..3 {
        enter(&app, Actor::System, "alert.pause", ALERT, json!({})).await;
    }
    assert!(auditor.get("/console/audit").await.text().contains("まだ確認していません"));
    let answer = auditor.form("/console/audit/verify", &[]).await.expect_status(303).unwrap();
    assert_eq!(answer.header("Location"), Some("/console/audit?done=verified"));
    let page = auditor.get("/console/audit?done=verified").await.text();
    assert!(page.contains("異常はありません") && page.contains("異常なし（監査 一郎）"), "{page}");

    let mut owner = app.db.connect(DbRole::Owner).await;
    sqlx::query("update audit_entry set action = 'alert.cancel' where id = 2").execute(&mut owner).await.unwrap();
    let answer = auditor.form("/console/audit/verify?lang=en", &[]).await.expect_status(303).unwrap();
    assert_eq!(answer.header("Location"), Some("/console/audit?done=broken&lang=en"));
    let page = auditor.get("/console/audit?done=broken").await.text();
    assert!(page.contains("2番目の記録が") && page.contains("role=\"alert\""), "{page}");
    let token = app.token(Role::Auditor, "係").await;
    let answer = app.api("POST", "/api/v1/audit/verify", Some(&token), None).await.expect_status(200).unwrap().json().unwrap();
    assert_eq!(answer, json!({ "whole": false, "broken_at": 2 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_export_holds_every_entry_and_no_formula() {
    let app = App::start().await;
    let auditor = app.official(Role::Auditor, "=HYPERLINK(\"x\")").await;
    for number in 0..1_001 {
        enter(&app, Actor::Official(auditor.id), "alert.pause", ALERT, json!({ "visits": number })).await;
    }
    enter(&app, Actor::System, "=made.up", THING, json!({})).await;
    let answer = auditor.get("/console/audit/export.csv?lang=ja").await.expect_status(200).unwrap();
    assert_eq!(answer.header("Content-Type"), Some("text/csv; charset=utf-8"));
    assert!(answer.header("Content-Disposition").unwrap().contains("audit-2026-11-22.csv"));
    let text = answer.text();
    assert!(text.starts_with("\u{FEFF}番号,日時,"), "{}", &text[..80]);
    assert_eq!(text.matches("\r\n").count(), 1 + 1_001 + 1 + 1, "head, entries, and the export itself");
    assert!(text.contains("'=made.up") && text.contains("\"'=HYPERLINK(\"\"x\"\")\""));
    let narrow = auditor.get("/console/audit/export.csv?action=audit.&lang=ja").await.text();
    assert_eq!(narrow.matches("\r\n").count(), 3, "{narrow}");
    assert_eq!(auditor.get("/console/audit/export.csv?from=x").await.status, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_prints_the_head_and_fails_at_the_place() {
    let app = App::start().await;
    for _ in 0..3 {
        enter(&app, Actor::System, "alert.pause", ALERT, json!({})).await;
    }
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ashiato"));
        command.args(["audit"]).args(arguments).env("DATABASE_URL", app.db.url()).output().unwrap()
    };
    let verified = run(&["verify"]);
    let text = String::from_utf8(verified.stdout).unwrap();
    let head = text.lines().find_map(|line| line.strip_prefix("head: ")).unwrap().to_owned();
    assert!(verified.status.success() && text.contains("entries: 3") && head.len() == 64, "{text}");
    app.clock.advance(Duration::seconds(1));
    enter(&app, Actor::System, "alert.resume", ALERT, json!({})).await;
    assert!(run(&["verify", "--head", &head]).status.success(), "the noted head is still in the chain");
    let export = String::from_utf8(run(&["export"]).stdout).unwrap();
    assert!(export.matches("\r\n").count() == 5 && export.contains(&head) && export.contains("2026-11-22T03:00:01.000000Z"), "{export}");

    let mut owner = app.db.connect(DbRole::Owner).await;
    sqlx::query("delete from audit_entry where id >= 3").execute(&mut owner).await.unwrap();
    assert!(run(&["verify"]).status.success());
    let cut = run(&["verify", "--head", &head]);
    assert_eq!(cut.status.code(), Some(1), "cut off at its end");
    sqlx::query("update audit_entry set detail = '{\"a\":1}' where id = 2").execute(&mut owner).await.unwrap();
    let broken = run(&["verify"]);
    assert!(broken.status.code() == Some(1) && String::from_utf8(broken.stderr).unwrap().contains("entry 2"));
    assert_eq!(run(&["verify", "--head", "xyz"]).status.code(), Some(2));
}
