//! Every page in both languages: well-formed, and every link and form of it leads somewhere.
use super::html::Page;
use super::raw::FORM;
use crate::accounts::person::{invitation, path_of};
use crate::routes::contract::{Contract, fits};
use crate::support::app::{App, OpenVenue, Plan};
use ashiato::cli::demo::http::Answer;
use ashiato::official::Role;
use ashiato::visit::VisitRow;
use ashiato::web::routes::{Access, table};
use ashiato::web::{CaughtMail, Mailbox, Showcase, Views};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

/// docs/DESIGN.md §7: a check-in page and what belongs to it, first view, over the wire.
const MAX_FIRST_VIEW: usize = 15_000;

/// Routes that are no pages.
const NO_PAGES: [&str; 7] =
    ["/assets/", "/open-data/", "/healthz", "/readyz", "/venues/confirm/{token}/{file}", "/my/{token}/export", "/my/{token}/"];

/// Names and values of a form.
pub type Fields = Vec<(&'static str, &'static str)>;

struct OneMail;

impl Mailbox for OneMail {
    fn newest(&self, _: usize) -> (Vec<Arc<CaughtMail>>, usize) {
        (self.get(1).into_iter().collect(), 1)
    }

    fn get(&self, no: usize) -> Option<Arc<CaughtMail>> {
        let (to, subject) = ("hanako@example.jp".into(), "お知らせ <b>\"&'".into());
        (no == 1).then(|| Arc::new(CaughtMail { no, to, subject, text: "a < b & c".into(), raw: "Subject: <x>\r\n\r\n&".into() }))
    }
}

struct OneVisit;

#[async_trait::async_trait]
impl Showcase for OneVisit {
    async fn views(&self) -> Result<Option<Views>, sqlx::Error> {
        let date: chrono::NaiveDate = "2026-11-22".parse().unwrap();
        let venue_id = sqlx::types::Uuid::from_u128(1);
        let row = VisitRow { venue_id, visit_date: date, mac: [7; 16], epoch_id: -1, poster_no: 1, sealed: vec![9; 97] };
        Ok(Some(Views {
            venue: "喫茶 <b>\"ひだまり\"".into(),
            poster: "テーブル <1>".into(),
            posters: 3,
            date,
            keep_until: date,
            recorded: 26,
            number: "ABCD-EFGH".into(),
            sent: 32,
            matched: 40,
            visitor: "visitor18@example.jp".into(),
            row: Some(row),
            mails: vec![1],
        }))
    }
}

/// A service with one of everything: a venue with a name that is hard to show, a mail, an alert that was released.
pub struct PagesFixture {
    pub app: App,
    venue: OpenVenue,
    number: String,
    /// The path of an official's invitation.
    invitation: String,
}

impl PagesFixture {
    pub async fn new() -> Self {
        let app = App::with(Plan { mailbox: Some(Arc::new(OneMail)), showcase: Some(Arc::new(OneVisit)), ..Plan::default() }).await;
        let venue = app.venue("喫茶 <b>\"ひだまり\" & '店'", &["入口", "テーブル <1>"]).await;
        app.check_in(&venue.codes[0], "hanako@example.jp").await;
        let number = release(&app, &venue).await;
        let invitation = path_of(&invitation(&app, Role::Viewer, "k@city.example.jp", "田中 <b>\"&'健").await);
        Self { app, venue, number, invitation }
    }

    /// The pages that GET gives: path, status.
    pub fn pages(&self) -> Vec<(String, u16)> {
        let code = &self.venue.codes[0];
        vec![
            ("/".into(), 200),
            ("/about".into(), 200),
            ("/privacy".into(), 200),
            ("/alerts/check".into(), 200),
            (format!("/alerts/check?number={}", self.number), 200),
            ("/alerts/check?number=".into(), 422),
            ("/alerts/check?number=%3Cb%3E".into(), 422),
            ("/alerts/check?number=AB3K-9QXZ".into(), 404),
            ("/c".into(), 200),
            ("/C".into(), 200),
            ("/c?code=".into(), 422),
            ("/c?code=%22%3E%3Cscript%3E".into(), 422),
            (format!("/c/{code}"), 200),
            (format!("/C/{}", self.venue.codes[1]), 200),
            ("/c/7K3M9QXZ2VTJ".into(), 404),
            ("/venues/apply".into(), 200),
            ("/venues/confirm/unknown".into(), 404),
            (format!("/venues/{}/confirm", self.venue.id), 200),
            ("/venues".into(), 200),
            ("/venues?q=%22%3E%3Cscript%3E".into(), 200),
            ("/open-data".into(), 200),
            ("/venues/activate".into(), 200),
            ("/venues/activate?code=%22%3E".into(), 422),
            ("/venues/activate/7K3M9QXZ2VTJ".into(), 404),
            ("/venues/open/unknown".into(), 404),
            ("/shop/login".into(), 200),
            (format!("/shop/login/{}", self.venue.id), 200),
            ("/shop/mail/unknown".into(), 404),
            ("/my".into(), 200),
            ("/my/unknown".into(), 404),
            ("/console/login".into(), 200),
            ("/console/login?next=%2Fconsole%3Fdone%3Dx".into(), 200),
            ("/console/recover".into(), 200),
            (self.invitation.clone(), 200),
            ("/console/invitation/unknown".into(), 404),
            ("/demo".into(), 200),
            ("/mailbox".into(), 200),
            ("/mailbox/1".into(), 200),
            ("/mailbox/2".into(), 404),
            ("/nowhere".into(), 404),
            ("/c?code=a&code=b".into(), 400),
        ]
    }

    /// Pages that answer a form: path, fields, status.
    pub fn posted(&self) -> Vec<(String, Fields, u16)> {
        let (code, id) = (&self.venue.codes[0], &self.venue.id);
        let hostile = "\"><script>alert(1)</script>";
        vec![
            (format!("/c/{code}"), vec![("email", "hanako@example.jp")], 200),
            (format!("/c/{code}"), vec![("email", hostile)], 422),
            (format!("/c/{code}"), vec![], 422),
            ("/c/7K3M9QXZ2VTJ".into(), vec![("email", "hanako@example.jp")], 404),
            ("/venues/apply".into(), vec![], 422),
            ("/venues/apply".into(), vec![("name", hostile), ("kind", "bar"), ("address", hostile), ("contact_email", hostile)], 422),
            (
                "/venues/apply".into(),
                vec![("name", hostile), ("kind", "bar"), ("postal_code", "1234567"), ("address", "a"), ("contact_email", "a@example.jp")],
                200,
            ),
            (format!("/venues/{id}/confirm"), vec![("code", "1234")], 422),
            (format!("/venues/{id}/confirm"), vec![("code", "12345678")], 422),
            ("/my".into(), vec![("email", "hanako@example.jp")], 200),
            ("/my".into(), vec![("email", hostile)], 422),
            ("/venues/confirm/unknown".into(), vec![], 404),
            ("/venues/activate/7K3M9QXZ2VTJ".into(), vec![("email", hostile)], 404),
            ("/venues/open/unknown".into(), vec![], 404),
            ("/shop/login".into(), vec![("email", hostile)], 422),
            ("/shop/login".into(), vec![("email", "hanako@example.jp")], 200),
            (format!("/shop/login/{id}"), vec![("code", "1234")], 422),
            ("/shop/mail/unknown".into(), vec![], 404),
            ("/console/login".into(), vec![], 422),
            ("/console/login".into(), vec![("email", hostile), ("password", hostile), ("totp", hostile), ("next", hostile)], 422),
            ("/console/login".into(), vec![("email", "a@example.jp"), ("password", hostile), ("totp", "123456")], 422),
            ("/console/recover".into(), vec![("email", hostile)], 422),
            (self.invitation.clone(), vec![("password", hostile), ("again", "")], 422),
            (self.invitation.clone(), vec![("password", hostile), ("again", hostile)], 200),
            (format!("{}/confirm", self.invitation), vec![("totp", hostile)], 422),
            (format!("{}/seed", self.invitation), vec![("seed", hostile)], 422),
            ("/about".into(), vec![], 405),
            ("/nowhere".into(), vec![], 404),
        ]
    }
}

async fn release(app: &App, venue: &OpenVenue) -> String {
    let (tracer, approver) = (app.token(Role::Tracer, "tracer").await, app.token(Role::Approver, "approver").await);
    let case = json!({ "reference": "R8-1", "stays": [{ "venue_id": venue.id, "date": "2026-11-22" }] });
    let reported = app.api("POST", "/api/v1/cases", Some(&tracer), Some(case)).await.expect_status(201).unwrap().json().unwrap();
    let alert = format!("/api/v1/alerts/{}", reported["alert_id"].as_str().unwrap());
    app.api("POST", &format!("{alert}/submit"), Some(&tracer), None).await.expect_status(200).unwrap();
    app.api("POST", &format!("{alert}/approve"), Some(&approver), None).await.expect_status(200).unwrap();
    app.dispatch().await;
    let shown = app.api("GET", &alert, Some(&tracer), None).await.json().unwrap();
    shown["number"].as_str().unwrap().to_owned()
}

pub fn with_lang(path: &str, lang: &str) -> String {
    format!("{path}{}lang={lang}", if path.contains('?') { '&' } else { '?' })
}

/// A link as a browser resolves it on the page at `path`.
fn resolved(path: &str, link: &str) -> String {
    if link.starts_with('?') { format!("{}{link}", path.split('?').next().unwrap()) } else { link.to_owned() }
}

/// Holds a page to the rules, its links to answers and its forms to routes.
async fn check(app: &App, path: &str, answer: &Answer, lang: &str, seen: &mut BTreeSet<String>) -> Page {
    let what = format!("{path} {} {lang}", answer.status);
    assert_eq!(answer.header("Content-Type"), Some("text/html; charset=utf-8"), "{what}");
    let page = Page::checked(&what, &answer.text(), lang);
    for link in page.links() {
        let to = resolved(path, link);
        // The other language of a page that is not there is not there either.
        let expected = if link.starts_with('?') && answer.status == 404 { 404 } else { 200 };
        if seen.insert(to.clone()) {
            let status = app.get(&to).await.status;
            let is_page_of_a_form = link.starts_with('?') && status == 200;
            assert!(status == expected || is_page_of_a_form, "{what}: {to} answers {status}");
        }
        let chosen = if path.contains("lang=") { format!("lang={lang}") } else { String::new() };
        assert!(link.contains("lang=") || link.starts_with("/assets/") || chosen.is_empty(), "{what}: {link} forgets the language");
    }
    for (method, action) in page.forms() {
        let known = table().into_iter().any(|(_, known, pattern)| known == method.as_str() && fits(pattern, action));
        assert!(known, "{what}: no {method} {action}");
        let kept = action.contains(&format!("lang={lang}")) || (method == "GET" && page.field("lang").get("value") == Some(lang));
        assert!(kept || !path.contains("lang="), "{what}: {action} forgets the language");
    }
    page
}

#[tokio::test]
async fn every_page_is_well_formed_and_leads_nowhere_in_vain() {
    let fixture = PagesFixture::new().await;
    let mut seen = BTreeSet::new();
    for lang in ["ja", "en"] {
        for (path, status) in fixture.pages() {
            let path = with_lang(&path, lang);
            let answer = fixture.app.get(&path).await;
            assert_eq!(answer.status, status, "{path}");
            let page = check(&fixture.app, &path, &answer, lang, &mut seen).await;
            let refused = page.title().starts_with(if lang == "ja" { "エラー：" } else { "Error: " });
            assert_eq!(refused, status == 422, "{path}: {}", page.title());
        }
        for (path, fields, status) in fixture.posted() {
            let path = with_lang(&path, lang);
            let answer = fixture.app.form(&path, &fields).await;
            assert_eq!(answer.status, status, "{path}");
            let page = check(&fixture.app, &path, &answer, lang, &mut seen).await;
            let refused = page.title().starts_with(if lang == "ja" { "エラー：" } else { "Error: " });
            assert_eq!(refused, status == 422, "{path}: {}", page.title());
        }
    }
    let (japanese, english): (Vec<_>, Vec<_>) = (fixture.app.get("/c").await.body, fixture.app.get("/c?lang=en").await.body);
    assert_ne!(japanese, english);
}

#[tokio::test]
async fn no_page_of_the_table_is_forgotten() {
    let fixture = PagesFixture::new().await;
    let walked: Vec<String> =
        fixture.pages().into_iter().map(|(path, _)| path).chain(fixture.posted().into_iter().map(|(path, ..)| path)).collect();
    // The console's pages are walked in `console_walk/sweep.rs` too.
    for (access, method, pattern) in table() {
        // A venue's pages are walked in `shop_page/pages.rs`.
        if access.is_console()
            || access == Access::Shop
            || pattern.starts_with("/api/")
            || NO_PAGES.iter().any(|other| pattern.starts_with(other))
        {
            continue;
        }
        assert!(walked.iter().any(|path| fits(pattern, path)), "{method} {pattern} is walked by no test");
    }
}

#[tokio::test]
async fn error_pages_of_the_frame_are_pages_too() {
    let fixture = PagesFixture::new().await;
    let page = format!("/c/{}?lang=en", fixture.venue.codes[0]);
    let big = vec![b'a'; 16_385];
    let cases: [(&str, &[&str], &[u8], u16); 5] = [
        ("POST", &[FORM], &big, 413),
        ("POST", &["Content-Type: text/plain"], b"email=a", 415),
        ("POST", &[FORM], b"email=%FF", 400),
        ("POST", &[FORM, "Sec-Fetch-Site: cross-site"], b"email=a", 403),
        ("DELETE", &[], b"", 405),
    ];
    for (method, headers, body, status) in cases {
        let answer = fixture.app.send(method, &page, headers, body).await;
        assert_eq!(answer.status, status);
        check(&fixture.app, &page, &answer, "en", &mut BTreeSet::new()).await;
    }
}

#[tokio::test]
async fn an_application_keeps_what_was_typed_and_names_what_is_wrong() {
    let app = App::start().await;
    let hostile = "\"><script>alert(1)</script>";
    let good = [
        ("name", hostile),
        ("kind", "bar"),
        ("postal_code", "〒123-4567"),
        ("address", "あおば市'1"),
        ("contact_email", "shop@example.jp"),
    ];
    for wrong in ["name", "kind", "postal_code", "address", "contact_email"] {
        let fields: Vec<_> = good.iter().map(|(name, value)| (*name, if *name == wrong { "" } else { value })).collect();
        let answer = app.form("/venues/apply", &fields).await;
        assert_eq!(answer.status, 422, "{wrong}");
        let page = Page::checked(wrong, &answer.text(), "ja");
        for (name, value) in &fields {
            let field = page.field(name);
            let (refused, focused) = (field.get("aria-invalid") == Some("true"), field.get("autofocus").is_some());
            assert_eq!((refused, focused), (*name == wrong, *name == wrong), "{wrong}: {name}");
            assert_eq!(page.description(field).is_empty(), *name == "address" && wrong != "address" || *name == "kind" && wrong != "kind");
            if *name != "kind" {
                assert_eq!(field.get("value"), Some(*value), "{wrong}: {name} is kept");
            }
        }
        let chosen = page.elements.iter().find(|element| element.get("selected").is_some()).and_then(|option| option.get("value"));
        assert_eq!(chosen, (wrong != "kind").then_some("bar"));
    }
    let answer = app.form("/venues/apply", &[]).await;
    let page = Page::checked("empty", &answer.text(), "ja");
    assert_eq!(page.elements.iter().filter(|element| element.get("aria-invalid").is_some()).count(), 5);
    let summary: Vec<&str> = page.elements.iter().filter_map(|element| element.get("href")).filter(|to| to.starts_with('#')).collect();
    assert_eq!(summary, ["#main", "#n", "#k", "#z", "#a", "#m"], "a summary leads to each field");
}

#[tokio::test]
async fn who_changes_the_language_after_applying_still_has_the_field_for_the_digits() {
    let app = App::start().await;
    let fields = [("name", "店"), ("kind", "shop"), ("postal_code", "1234567"), ("address", "a"), ("contact_email", "shop@example.jp")];
    let page = Page::checked("applied", &app.form("/venues/apply", &fields).await.text(), "ja");
    let other = page.all("a").find(|link| link.get("hreflang") == Some("en")).and_then(|link| link.get("href")).unwrap();
    let english = Page::checked(other, &app.get(other).await.expect_status(200).unwrap().text(), "en");
    assert_eq!(english.forms(), [("POST".to_owned(), format!("{}?lang=en", page.forms()[0].1).as_str())]);
    assert!(english.field("code").get("inputmode") == Some("numeric"));
    let (mistyped, lang) = (app.form(other, &[("code", "1234")]).await, "en");
    assert_eq!(mistyped.status, 422);
    assert!(Page::checked("mistyped", &mistyped.text(), lang).title().starts_with("Error: "));
}

#[tokio::test]
async fn a_number_is_genuine_unknown_or_missing() {
    let fixture = PagesFixture::new().await;
    for (number, status, told) in [
        (fixture.number.as_str(), 200, "市からのお知らせです"),
        (&fixture.number.replace('-', "").to_lowercase(), 200, "市からのお知らせです"),
        ("ZZZZ-ZZZZ", 404, "role=\"alert\""),
        // However it was pasted: a genuine mail is not called false for the words around its number.
        (&format!("「番号 {}」", fixture.number), 200, "市からのお知らせです"),
        (&format!("【あおば市】利用された施設についてのお知らせ（番号 {}）", fixture.number), 200, "市からのお知らせです"),
        // What is no number says nothing of the mail.
        ("AB3K", 422, "番号として読めません"),
        ("\0", 422, "番号として読めません"),
        ("", 422, "aria-invalid=\"true\""),
        ("\u{3000}", 422, "aria-invalid=\"true\""),
    ] {
        let typed = utf8_percent_encode(number, NON_ALPHANUMERIC);
        let answer = fixture.app.get(&format!("/alerts/check?number={typed}")).await;
        assert_eq!(answer.status, status, "{number}");
        assert!(answer.text().contains(told), "{number}");
        assert_eq!(answer.text().contains("class=\"mail said\""), status == 200, "{number}");
    }
}

#[tokio::test]
async fn a_first_view_of_the_check_in_page_is_small_and_of_one_origin() {
    let app = App::start().await;
    let venue = app.venue(&"あ".repeat(100), &["い".repeat(40).as_str()]).await;
    let answer = app.get(&format!("/c/{}", venue.codes[0])).await.expect_status(200).unwrap();
    let page = Page::checked("check-in", &answer.text(), "ja");
    let sheets: Vec<&str> = page.all("link").map(|link| link.get("href").unwrap()).collect();
    let [sheet] = sheets[..] else { panic!("one stylesheet, not {sheets:?}") };
    assert!(page.all("img").next().is_none(), "count what the images weigh");
    let style = app.get(sheet).await.expect_status(200).unwrap();
    assert!(!style.text().contains("url(") && !style.text().contains("@import"), "the stylesheet loads nothing");
    let bytes: usize = [&answer, &style].iter().map(|part| part.head.len() + 4 + part.body.len()).sum();
    assert!(bytes <= MAX_FIRST_VIEW, "{bytes} bytes");
}

#[tokio::test]
async fn who_is_too_quick_gets_a_page_and_a_problem_too() {
    let app = App::with(Plan { check_in_rate: 1, ..Plan::default() }).await;
    let code = app.venue("喫茶 ひだまり", &["入口"]).await.codes.remove(0);
    let path = format!("/c/{code}?lang=en");
    let answer = loop {
        let answer = app.form(&path, &[("email", "hanako@example.jp")]).await;
        if answer.status != 200 {
            break answer;
        }
    };
    assert_eq!(answer.status, 429);
    let page = check(&app, &path, &answer, "en", &mut BTreeSet::new()).await;
    assert_eq!(page.field("email").get("value"), Some("hanako@example.jp"));
    let body = json!({ "code": code, "email": "hanako@example.jp" });
    let problem = Contract::read().at(&app).ask("POST", "/api/v1/check-ins", None, Some(body)).await;
    assert_eq!((problem.status, problem.header("Retry-After").is_some()), (429, true));
}
