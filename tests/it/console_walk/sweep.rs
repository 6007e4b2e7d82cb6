//! Every page of the console, as the table of routes knows them: axe-core finds nothing against WCAG 2.0–2.2 A and AA, nothing
//! scrolls sideways at 320 px, in both languages. A page that is added is looked at without a word here.
use crate::support::app::{App, Plan};
use crate::support::browser::Browser;
use crate::support::say;
use ashiato::base::clock::Clock;
use ashiato::base::db::DbRole;
use ashiato::official::{Role, create_token};
use ashiato::web::routes::table;
use chrono::TimeDelta;
use serde_json::{Value, json};

/// What is no page: files, streams, and what a script puts into a page.
const NO_PAGES: [&str; 4] = [".csv", ".pdf", "/events", "{id}/venues"];

/// A city's console with one of everything, and alerts in every state.
struct ConsoleFixture {
    app: App,
    /// By the first part of the paths that speak of it: identifiers.
    known: Vec<(&'static str, Vec<String>)>,
}

impl ConsoleFixture {
    async fn new() -> Self {
        let app = App::with(Plan { hold_minutes: 10, ..Plan::default() }).await;
        let (tracer, approver) = (app.token(Role::Tracer, "田中").await, app.token(Role::Approver, "佐藤").await);
        let venue = app.venue("喫茶 ひだまり", &["入口", "テーブル 1"]).await;
        let library = app.venue("あおば市立図書館", &["入口"]).await;
        for person in 0..23 {
            app.check_in(&venue.codes[0], &format!("visitor{person:02}@example.jp")).await;
        }
        app.check_in(&library.codes[0], "visitor00@example.jp").await;
        let applied = json!({ "name": "青葉書店", "kind": "shop", "address": "あおば市本町4-5", "contact_email": "books@example.jp", "posters": ["入口"] });
        let waiting = app.api("POST", "/api/v1/venues", Some(&tracer), Some(applied)).await.json().unwrap();
        let (mut cases, mut alerts) = (Vec::new(), Vec::new());
        for (number, place) in [&library.id, &venue.id, &library.id, &venue.id].into_iter().enumerate() {
            let case = json!({ "reference": format!("R8-{number:04}"), "stays": [{ "venue_id": place, "date": "2026-11-22" }] });
            let case = app.api("POST", "/api/v1/cases", Some(&tracer), Some(case)).await.expect_status(201).unwrap().json().unwrap();
            cases.push(text(&case["id"]));
            alerts.push(text(&case["alert_id"]));
        }
        let act = async |alert: &str, verb: &str, token: &str| {
            app.api("POST", &format!("/api/v1/alerts/{alert}/{verb}"), Some(token), None).await.expect_status(200).unwrap();
        };
        // One is sending, one is held, one is submitted, one is a draft.
        act(&alerts[3], "submit", &tracer).await;
        act(&alerts[3], "approve", &approver).await;
        app.clock.advance(TimeDelta::minutes(11));
        app.dispatch().await;
        app.deliver().await;
        act(&alerts[2], "submit", &tracer).await;
        act(&alerts[2], "approve", &approver).await;
        act(&alerts[1], "submit", &tracer).await;
        let official = app.official(Role::Viewer, "鈴木 一").await.id.to_string();
        let mut owner = app.db.connect(DbRole::Owner).await;
        let (token, _) = create_token(&mut owner, app.clock.now(), "統計", Role::Viewer, None).await.unwrap();
        let known = vec![
            ("/console/cases/", cases),
            ("/console/alerts/", alerts),
            ("/console/venues/", vec![venue.id, text(&waiting["id"])]),
            ("/console/officials/", vec![official]),
            ("/console/tokens/", vec![token.to_string()]),
        ];
        Self { app, known }
    }

    /// Every page that GET gives, with all that fits into its gap.
    fn pages(&self) -> Vec<String> {
        let mut pages = Vec::new();
        for (access, method, path) in table() {
            let of_the_console = access.is_console() || path.starts_with("/console/");
            if method != "GET" || !of_the_console || NO_PAGES.iter().any(|end| path.ends_with(end)) {
                continue;
            }
            let ids = self.known.iter().find(|(start, _)| path.starts_with(start)).map(|(_, ids)| ids);
            match ids {
                Some(ids) if path.contains("{id}") => pages.extend(ids.iter().map(|id| path.replace("{id}", id))),
                _ => pages.push(path.replace("{token}", "unknown")),
            }
        }
        assert!(pages.iter().all(|page| !page.contains('{')), "teach the sweep what fits: {pages:?}");
        pages
    }

    /// Pages that answer an empty form: what is refused, and how it is said.
    fn forms(&self) -> Vec<String> {
        let posts = table().into_iter().filter(|(access, method, path)| {
            let ends_the_session = path.contains("logout") || path.contains("/sessions/");
            *method == "POST" && (access.is_console() || path.starts_with("/console/")) && !ends_the_session
        });
        let fill = |path: &str| {
            let id = self.known.iter().find(|(start, _)| path.starts_with(start)).map(|(_, ids)| ids[0].clone()).unwrap_or_default();
            path.replace("{id}", &id).replace("{token}", "unknown")
        };
        posts.map(|(_, _, path)| fill(path)).collect()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// What is wrong with the page that is open. English differs by its words alone: axe-core looks once, where they are tightest.
async fn faults(browser: &Browser, what: &str, japanese: bool) -> Vec<String> {
    let mut faults = Vec::new();
    for width in [1280, 320] {
        browser.width(width).await;
        faults.extend(browser.beyond().await.into_iter().map(|line| format!("{what} at {width}: beyond the edge: {line}")));
        if width == 320 || japanese {
            faults.extend(browser.axe().await.into_iter().map(|line| format!("{what} at {width}: {line}")));
        }
    }
    browser.width(1280).await;
    if japanese {
        browser.dark(true).await;
        faults.extend(browser.axe().await.into_iter().map(|line| format!("{what}, dark: {line}")));
        browser.dark(false).await;
    }
    faults
}

/// `/console/cases/…/venues` as a file's name, identifiers left out.
fn shot_name(path: &str) -> String {
    let parts: Vec<&str> =
        path.split(['/', '?']).filter(|part| !part.is_empty()).map(|part| if part.len() == 36 { "x" } else { part }).collect();
    parts.join("-")
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_of_the_console_fails_axe_or_scrolls_sideways() {
    let Some(browser) = Browser::open().await else { return };
    let console = ConsoleFixture::new().await;
    let origin = format!("http://{}", console.app.address);
    let admin = console.app.official(Role::Admin, "高橋 みなと").await;
    let (name, value) = admin.cookie().strip_prefix("Cookie: ").unwrap().split_once('=').unwrap();
    browser.cookie(&origin, name, value).await;
    let (mut wrong, mut looked) = (Vec::new(), 0);
    for lang in ["ja", "en"] {
        for (number, path) in console.pages().iter().enumerate() {
            browser.goto(&format!("{origin}{path}?lang={lang}")).await;
            if lang == "ja" {
                browser.shot(&format!("{number:02}-{}", shot_name(path))).await;
            }
            wrong.extend(faults(&browser, &format!("{path} {lang}"), lang == "ja").await);
            looked += 1;
        }
        for path in console.forms() {
            browser.goto(&format!("{origin}/console/account?lang={lang}")).await;
            browser.post(&format!("{path}?lang={lang}"), &[]).await;
            wrong.extend(faults(&browser, &format!("POST {path} {lang}"), lang == "ja").await);
            looked += 1;
        }
    }
    say(&format!("axe-core: {looked} console pages, {} faults", wrong.len()));
    assert!(wrong.is_empty(), "{} faults on {looked} pages:\n{}", wrong.len(), wrong.join("\n"));
    browser.close().await;
}
