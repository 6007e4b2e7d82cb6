//! A venue helps itself: it applies on the web, proves its mail, is approved, and the letter's link leads to its posters.
use crate::support::app::{App, Plan};
use ashiato::base::code::PosterCode;
use ashiato::base::config::VenuePolicy;
use ashiato::base::db::DbRole;
use ashiato::cli::demo::http::Answer;
use ashiato::official::Role;
use ashiato::venue::confirmation::VALID_DAYS;
use chrono::Duration;
use serde_json::json;

const CONTACT: &str = "books@example.jp";
const FORM: [(&str, &str); 5] =
    [("name", "青葉書店"), ("kind", "shop"), ("postal_code", "〒123−4567"), ("address", "あおば市本町4-5"), ("contact_email", CONTACT)];

/// Applies on the web form; the venue's identifier, as the next page's form holds it.
async fn apply(app: &App) -> String {
    let page = app.form("/venues/apply", &FORM).await.expect_status(200).unwrap().text();
    app.deliver().await;
    between(&page, "action=\"/venues/", "/confirm").to_owned()
}

/// The newest letter to the venue.
fn newest_letter(app: &App) -> String {
    app.sink.accepted().into_iter().rfind(|mail| mail.to == CONTACT).unwrap().text
}

/// The path of the newest letter's link.
fn newest_link(app: &App) -> String {
    let base = format!("http://{}", app.address);
    let letter = newest_letter(app);
    letter.lines().find_map(|line| line.trim().strip_prefix(&base)).unwrap_or_else(|| panic!("no link in {letter}")).to_owned()
}

fn digits(letter: &str) -> String {
    letter.lines().map(|line| line.trim().replace(' ', "")).find(|line| line.len() == 8 && line.parse::<u32>().is_ok()).unwrap()
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let start = text.find(before).unwrap_or_else(|| panic!("no {before} in {text}")) + before.len();
    &text[start..start + text[start..].find(after).unwrap()]
}

async fn approve(app: &App, id: &str) {
    let tracer = app.token(Role::Tracer, "tanaka").await;
    app.api("POST", &format!("/api/v1/venues/{id}/approve"), Some(&tracer), None).await.expect_status(200).unwrap();
    app.deliver().await;
}

/// A venue that has come all the way; the link of its newest letter.
async fn approved(app: &App) -> String {
    let id = apply(app).await;
    let typed = digits(&newest_letter(app));
    app.form(&format!("/venues/{id}/confirm"), &[("code", &typed)]).await.expect_status(303).unwrap();
    approve(app, &id).await;
    newest_link(app)
}

/// The session that an answer opens on its way to `to`.
fn opens(answer: &Answer, to: &str) -> String {
    assert_eq!((answer.status, answer.header("Location")), (303, Some(to)));
    let cookie = answer.header("Set-Cookie").unwrap();
    for part in ["; HttpOnly", "; SameSite=Strict", "; Path=/shop", "; Max-Age=43200"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    between(cookie, "shop=", ";").to_owned()
}

/// The paths of a page's files with this ending.
fn files(page: &str, ending: &str) -> Vec<String> {
    page.split("href=\"").filter_map(|rest| rest.split('"').next()).filter(|path| path.ends_with(ending)).map(Into::into).collect()
}

fn decoded(picture: &image::GrayImage) -> String {
    let mut picture = rqrr::PreparedImage::prepare(picture.clone());
    picture.detect_grids()[0].decode().unwrap().1
}

/// What the first code in an SVG or on a page says: each run of dark modules, `M{x} {y}h{length}…z`, painted as pixels.
fn decoded_svg(svg: &str) -> String {
    const PX: u32 = 8;
    const QUIET: u32 = 4;
    let group = svg.split("<path ").find(|path| path.contains("crispEdges")).unwrap();
    let run = |run: &str| -> (u32, u32, u32) {
        let (start, length) = run.split_once('h').unwrap();
        let (x, y) = start.split_once(' ').unwrap();
        (x.parse().unwrap(), y.parse().unwrap(), length.split('v').next().unwrap().parse().unwrap())
    };
    let runs: Vec<_> = between(group, " d=\"", "\"").split('M').skip(1).map(run).collect();
    let side = (runs.iter().map(|(x, _, length)| x + length).max().unwrap() + 2 * QUIET) * PX;
    let dark = |x, y| runs.iter().any(|&(left, top, length)| y == top + QUIET && (left + QUIET..left + QUIET + length).contains(&x));
    decoded(&image::GrayImage::from_fn(side, side, |x, y| image::Luma([if dark(x / PX, y / PX) { 0 } else { 255 }])))
}

fn is_download(answer: &Answer, kind: &str, name: &str) {
    assert_eq!(answer.header("content-type"), Some(kind));
    assert_eq!(answer.header("content-disposition"), Some(format!("attachment; filename=\"{name}\"").as_str()));
}

/// A reload, a second and a third press send the same form: one venue, one letter, one page. A corrected word is another application.
#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_sent_again_applies_once() {
    let app = App::start().await;
    let form = app.get("/venues/apply").await.text();
    let nonce = between(&form, "name=\"nonce\" value=\"", "\"").to_owned();
    let press = async |contact: &str| {
        let mut fields: Vec<(&str, &str)> =
            FORM.iter().map(|(name, value)| (*name, if *name == "contact_email" { contact } else { *value })).collect();
        fields.push(("nonce", &nonce));
        let page = app.form("/venues/apply", &fields).await.expect_status(200).unwrap().text();
        between(&page, "action=\"/venues/", "/confirm").to_owned()
    };
    let (first, second) = tokio::join!(press(CONTACT), press(CONTACT));
    assert_eq!((&first, &press(CONTACT).await), (&second, &second), "each press leads to the same page");
    assert_eq!(app.deliver().await.sent, 1);
    assert_ne!(press("corrected@example.jp").await, first);
    assert_eq!(app.deliver().await.sent, 1, "to the corrected mailbox");
    let again = app.get("/venues/apply").await.text();
    assert_ne!(between(&again, "name=\"nonce\" value=\"", "\""), nonce, "each form has its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_form_to_a_check_in_with_nobodys_help() {
    let app = App::start().await;
    let id = apply(&app).await;
    let first_link = newest_link(&app);
    let typed = digits(&newest_letter(&app));
    let entered = app.form(&format!("/venues/{id}/confirm"), &[("code", &typed)]).await;
    let page = app.as_shop(&opens(&entered, &format!("/shop/{id}?done=confirmed-pending")), "GET", &format!("/shop/{id}"), &[]).await;
    let page = page.expect_status(200).unwrap().text();
    assert!(page.contains("担当者が確かめています") && !page.contains("ポスターを印刷する"), "{page}");
    assert!(app.get(&first_link).await.expect_status(200).unwrap().text().contains("担当者が確かめます"));
    approve(&app, &id).await;
    app.get(&first_link).await.expect_status(404).unwrap();

    let page = app.get(&newest_link(&app)).await.expect_status(200).unwrap().text();
    assert!(page.contains("ポスターを印刷する") && page.contains("青葉書店") && page.contains("入口") && page.contains("110〜130cm"));
    assert!(page.contains("2026年11月29日（日） 12:00まで"), "{page}");
    assert!(!page.contains("style=") && page.contains("店舗・施設のページを開く"), "the policy of content forbids styles");
    let png = app.get(&files(&page, ".png")[0]).await.expect_status(200).unwrap();
    is_download(&png, "image/png", "qr-1.png");
    let svg = app.get(&files(&page, ".svg")[0]).await.expect_status(200).unwrap();
    is_download(&svg, "image/svg+xml", "poster-1.svg");
    let url = decoded(&image::load_from_memory(&png.body).unwrap().to_luma8());
    assert_eq!(decoded_svg(&svg.text()), url, "on the wall");
    assert_eq!(decoded_svg(&page), url, "on the page");
    let path = url.strip_prefix(&format!("http://{}", app.address)).unwrap();
    let code: PosterCode = path.rsplit('/').next().unwrap().parse().unwrap();
    assert!(page.contains(&code.grouped()));
    let done = app.form(path, &[("email", "hanako@example.jp")]).await.expect_status(200).unwrap().text();
    assert!(done.contains("登録できました") && done.contains("青葉書店"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opens_its_own_venue_and_only_what_hangs_there() {
    let app = App::start().await;
    let (mine, theirs) = (approved(&app).await, approved(&app).await);
    assert_ne!(mine, theirs);
    let page = app.get(&mine).await.text();
    let (png, other) = (&files(&page, ".png")[0], &files(&app.get(&theirs).await.text(), ".png")[0]);
    app.get(png).await.expect_status(200).unwrap();
    let name = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    for file in [
        name(other),
        name(png).replace(".png", ".gif"),
        name(png).replace(".png", ""),
        "x.png".into(),
        format!("{}.png", uuid::Uuid::new_v4()),
    ] {
        app.get(&format!("{mine}/{file}")).await.expect_status(404).unwrap();
    }
    app.get(&format!("/venues/confirm/{}/{}", "A".repeat(43), name(png))).await.expect_status(404).unwrap();
    let mut owner = app.db.connect(DbRole::Owner).await;
    let poster: uuid::Uuid = name(png).trim_end_matches(".png").parse().unwrap();
    sqlx::query("update poster set status = 'revoked', revoked_at = now() where id = $1").bind(poster).execute(&mut owner).await.unwrap();
    app.get(png).await.expect_status(404).unwrap();
    assert!(files(&app.get(&mine).await.expect_status(200).unwrap().text(), ".png").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_is_good_for_seven_days_and_a_stopped_venue_shows_nothing() {
    let app = App::start().await;
    let link = approved(&app).await;
    let png = files(&app.get(&link).await.text(), ".png").remove(0);
    app.clock.advance(Duration::days(VALID_DAYS) - Duration::microseconds(1));
    app.get(&png).await.expect_status(200).unwrap();
    let mut owner = app.db.connect(DbRole::Owner).await;
    sqlx::query("update venue set status = 'suspended'").execute(&mut owner).await.unwrap();
    app.get(&png).await.expect_status(404).unwrap();
    let stopped = app.get(&link).await.expect_status(200).unwrap().text();
    assert!(stopped.contains("いまはポスターを使えません") && files(&stopped, ".png").is_empty());
    sqlx::query("update venue set status = 'active'").execute(&mut owner).await.unwrap();
    app.clock.advance(Duration::microseconds(1));
    app.get(&png).await.expect_status(404).unwrap();
    assert!(app.get(&link).await.expect_status(404).unwrap().text().contains("いちばん新しいメール"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scanner_that_opens_every_link_changes_nothing() {
    let app = App::with(Plan { venue_policy: VenuePolicy::Instant, ..Plan::default() }).await;
    let id = apply(&app).await;
    let link = newest_link(&app);
    let state = async || -> Vec<(String, Vec<u8>, i16, String, i64)> {
        let mut owner = app.db.connect(DbRole::Owner).await;
        let rows = "select v.status, c.token_sha256, c.tries, c.sent_at::text, (select count(*) from audit_entry) from venue v join venue_confirmation c on c.venue_id = v.id";
        sqlx::query_as(rows).fetch_all(&mut owner).await.unwrap()
    };
    for confirmed in [false, true] {
        let before = state().await;
        for _ in 0..3 {
            let page = app.get(&link).await.expect_status(200).unwrap().text();
            assert_eq!((page.contains("確認を終える"), page.contains("ポスター（SVG, A4）")), (!confirmed, confirmed));
            app.send("HEAD", &link, &[], b"").await.expect_status(200).unwrap();
        }
        assert_eq!(state().await, before);
        let pressed = app.send("POST", &link, &[], b"").await;
        if confirmed {
            assert_eq!((pressed.status, pressed.header("Location"), pressed.header("Set-Cookie")), (303, Some("/shop/login"), None));
        } else {
            opens(&pressed, &format!("/shop/{id}?done=confirmed"));
        }
        let shown = app.get(&link).await.expect_status(200).unwrap().text();
        app.get(&files(&shown, ".svg")[0]).await.expect_status(200).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn typed_digits_open_the_own_page_once_and_then_show_the_posters() {
    let app = App::with(Plan { venue_policy: VenuePolicy::Instant, ..Plan::default() }).await;
    let id = apply(&app).await;
    let typed = digits(&newest_letter(&app));
    let session = opens(&app.form(&format!("/venues/{id}/confirm"), &[("code", &typed)]).await, &format!("/shop/{id}?done=confirmed"));
    let own = app.as_shop(&session, "GET", &format!("/shop/{id}/posters/1"), &[]).await.expect_status(200).unwrap().text();
    let again = app.form(&format!("/venues/{id}/confirm"), &[("code", &typed)]).await.expect_status(200).unwrap();
    assert!(
        again.header("Set-Cookie").is_none() && again.text().contains("届いたメールのリンク") && files(&again.text(), ".png").is_empty()
    );
    let kept = app.get(&newest_link(&app)).await.expect_status(200).unwrap().text();
    assert_eq!(decoded_svg(&own), decoded_svg(&kept));
    assert_eq!(decoded_svg(&again.text()), decoded_svg(&kept));
    assert_eq!(files(&kept, ".png").len(), 1);
    let poster = app.as_shop(&session, "GET", &format!("/shop/{id}/files/1.png"), &[]).await.expect_status(200).unwrap();
    is_download(&poster, "image/png", "qr-1.png");
}

#[tokio::test(flavor = "multi_thread")]
async fn approval_leaves_no_digits_to_guess() {
    let app = App::start().await;
    let id = apply(&app).await;
    let typed = digits(&newest_letter(&app));
    let confirm = format!("/venues/{id}/confirm");
    app.form(&confirm, &[("code", &typed)]).await.expect_status(303).unwrap();
    approve(&app, &id).await;
    app.form(&confirm, &[("code", &typed)]).await.expect_status(422).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_venue_that_an_official_entered_gets_its_link_too_and_many_posters_are_not_all_drawn() {
    const DRAWN: usize = 20;
    let app = App::start().await;
    let tracer = app.token(Role::Tracer, "tanaka").await;
    let labels: Vec<_> = (0..=DRAWN).map(|no| format!("テーブル {no}")).collect();
    let body = json!({ "name": "青葉書店", "kind": "shop", "address": "あおば市本町4-5", "contact_email": CONTACT, "posters": labels });
    let created = app.api("POST", "/api/v1/venues", Some(&tracer), Some(body)).await.expect_status(201).unwrap().json().unwrap();
    let id = created["id"].as_str().unwrap();
    app.api("POST", &format!("/api/v1/venues/{id}/approve"), Some(&tracer), None).await.expect_status(200).unwrap();
    app.deliver().await;
    let page = app.get(&newest_link(&app)).await.expect_status(200).unwrap().text();
    assert_eq!((files(&page, ".png").len(), page.matches("<svg xmlns").count()), (DRAWN + 1, DRAWN));
    let english = app.get(&format!("{}?lang=en", newest_link(&app))).await.expect_status(200).unwrap().text();
    assert!(english.contains("Print your posters") && english.contains("110–130 cm") && english.contains("QR code alone (PNG)"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_may_be_there_already_is_told_in_general_words_and_not_refused() {
    let app = App::with(Plan { venue_policy: VenuePolicy::Instant, ..Plan::default() }).await;
    let apply = async |name: &str, contact: &str| {
        let fields =
            [("name", name), ("kind", "shop"), ("postal_code", "1234567"), ("address", "あおば市本町４−５"), ("contact_email", contact)];
        app.form("/venues/apply", &fields).await.expect_status(200).unwrap().text()
    };
    let told = |page: &str| page.contains("もう登録されている店舗・施設かもしれません");
    let first = apply("青葉書店", CONTACT).await;
    assert!(!told(&first) && !told(&apply("青葉書店", "again@example.jp").await), "nobody has confirmed one yet");
    app.deliver().await;
    assert!(!told(&app.get(&newest_link(&app)).await.text()));
    let id = between(&first, "action=\"/venues/", "/confirm");
    app.form(&format!("/venues/{id}/confirm"), &[("code", &digits(&newest_letter(&app)))]).await.expect_status(303).unwrap();
    let second = apply("ｱｵﾊﾞ書店", "other@example.jp").await;
    assert!(!told(&second), "another name");
    let page = apply(" 青葉 書店", "third@example.jp").await;
    assert!(told(&page) && !page.contains(CONTACT) && !page.contains(id), "{page}");
    app.deliver().await;
    let letter = app.sink.accepted().into_iter().find(|mail| mail.to == "third@example.jp").unwrap().text;
    let link = letter.lines().find_map(|line| line.trim().strip_prefix(&format!("http://{}", app.address)).map(ToOwned::to_owned)).unwrap();
    assert!(told(&app.get(&link).await.expect_status(200).unwrap().text()));
}
