//! The story ①–⑦, played through the service's own HTTP interface and a real SMTP conversation. It knows what each step must
//! count; a wrong count is an error, and the program's exit code says so.
use super::http::{self, Answer};
use super::place::{Links, Place, ShownVisit};
use super::{Running, output};
use crate::base::clock::{Clock, SystemClock};
use crate::base::db::{self, DbRole};
use crate::official::{Role, create_token};
use anyhow::{Context, ensure};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use sqlx::Connection;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Made-up visitors: 18 at the café only, 8 at café and library, 6 at the library only, 8 elsewhere.
const VISITORS: usize = 40;
const CAFE_ONLY: usize = 18;
const BOTH: usize = 8;
const LIBRARY_ONLY: usize = 6;
/// Visitors of the café who check in again, at a table, with their address written another way.
const AGAIN: usize = 6;
/// Visits at café and library, and people among them: what the preview and the mailbox must say.
const CAFE_VISITS: usize = CAFE_ONLY + BOTH;
const LIBRARY_VISITS: usize = BOTH + LIBRARY_ONLY;
const PEOPLE: usize = CAFE_ONLY + BOTH + LIBRARY_ONLY;
/// The visitor whose visit `/demo` shows: at the café and at the library, and told by one mail.
const SHOWN_VISITOR: usize = CAFE_ONLY;
/// How long the mails may take.
const DELIVERED_WITHIN: Duration = Duration::from_secs(60);

/// A venue of the story.
struct Venue {
    id: String,
    name: &'static str,
    codes: Vec<String>,
    first_label: String,
}

/// A client of the service: nobody in particular, or an official by token.
struct Client<'a> {
    to: SocketAddr,
    token: Option<&'a str>,
}

/// The body of a request; an empty one has no type.
#[derive(Default)]
struct Body {
    kind: &'static str,
    text: String,
}

impl Client<'_> {
    async fn json(&self, method: &str, path: &str, body: Option<Value>, status: u16) -> anyhow::Result<Value> {
        let body = Body { kind: "application/json", text: body.map_or_else(String::new, |body| body.to_string()) };
        self.send(method, path, body, status).await?.json()
    }

    async fn form(&self, path: &str, fields: &[(&str, &str)], status: u16) -> anyhow::Result<Answer> {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let body: Vec<_> = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        self.send("POST", path, Body { kind: "application/x-www-form-urlencoded", text: body.join("&") }, status).await
    }

    async fn send(&self, method: &str, path: &str, body: Body, status: u16) -> anyhow::Result<Answer> {
        let authorization = self.token.map(|token| format!("Authorization: Bearer {token}"));
        let content = (!body.text.is_empty()).then(|| format!("Content-Type: {}", body.kind));
        let headers: Vec<&str> = authorization.iter().chain(&content).map(String::as_str).collect();
        let answer = http::send(self.to, method, path, &headers, body.text.as_bytes()).await?;
        answer.expect_status(status).with_context(|| format!("{method} {path}"))
    }
}

/// Plays the whole story and returns where to look.
pub(super) async fn play(running: &Running, place: &Place) -> anyhow::Result<Links> {
    let began = Instant::now();
    keep_clear_of_midnight(running).await;
    let mails_before = running.caught.all().len();
    let (tracer, approver) = tokens(running).await?;
    let official = Client { to: running.address, token: Some(&tracer) };
    let second = Client { to: running.address, token: Some(&approver) };
    let venues = apply(running, &official).await?;
    write_posters(&official, &venues, place).await?;
    let check_ins = visitors_come(running, &venues).await?;
    let date = running.service.zone.today(SystemClock.now()).to_string();
    let alert = report(&official, &venues, &date).await?;
    let number = release(&official, &second, &alert).await?;
    let mails = delivered(running, &official, &alert, mails_before).await?;
    genuine(running, &number).await?;
    let summary = format!(
        "story: {} venues, {check_ins} check-ins, {} visits matched, {mails} people notified by {mails} mails, nobody twice; {} ms",
        venues.len(),
        CAFE_VISITS + LIBRARY_VISITS,
        began.elapsed().as_millis()
    );
    let shown = venues.first().context("no venue")?;
    let code = shown.codes.first().context("no poster")?.clone();
    let poster = format!("{}　{}", shown.name, shown.first_label);
    let shown = ShownVisit {
        venue_id: shown.id.parse()?,
        venue: shown.name.to_owned(),
        poster: shown.first_label.clone(),
        posters: shown.codes.len(),
        date: date.parse()?,
        visitor: address(SHOWN_VISITOR),
        alert_id: alert.parse()?,
        number: number.clone(),
    };
    Ok(Links { code, poster, number, summary, shown })
}

/// The counts of the story speak of one date; it does not begin in the last minute of one.
async fn keep_clear_of_midnight(running: &Running) {
    while running.service.zone.wall_time(SystemClock.now()) == "23:59" {
        output::line("  waiting for midnight to pass …");
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
}

/// A token for each of the two officials, as `ashiato token create` makes them.
async fn tokens(running: &Running) -> anyhow::Result<(String, String)> {
    let mut connection = db::connect(&running.server.url(super::DATABASE), DbRole::Owner).await?;
    let mut tx = connection.begin().await?;
    let (_, tracer) = create_token(&mut tx, SystemClock.now(), "Tanaka (tracer)", Role::Approver, None).await?;
    let (_, approver) = create_token(&mut tx, SystemClock.now(), "Sato (approver)", Role::Approver, None).await?;
    tx.commit().await?;
    Ok((tracer.expose().to_owned(), approver.expose().to_owned()))
}

/// ① Two venues are entered by an official; one applies on the web page and confirms with the digits from its mail. ② All are approved.
async fn apply(running: &Running, official: &Client<'_>) -> anyhow::Result<Vec<Venue>> {
    let started = Instant::now();
    let cafe = enter(official, "喫茶 ひだまり", "restaurant", &["入口", "テーブル 1", "テーブル 2"]).await?;
    let library = enter(official, "あおば市立図書館", "public", &["入口"]).await?;
    let shop = apply_on_the_web(running, "青葉書店").await?;
    let mut venues = Vec::new();
    for (id, name) in [(cafe, "喫茶 ひだまり"), (library, "あおば市立図書館"), (shop, "青葉書店")] {
        let approved = official.json("POST", &format!("/api/v1/venues/{id}/approve"), None, 200).await?;
        ensure!(approved["status"] == "active", "{name} should be active, it is {}", approved["status"]);
        let posters = official.json("GET", &format!("/api/v1/venues/{id}/posters"), None, 200).await?;
        let posters = posters.as_array().context("posters")?;
        let text = |poster: &Value, member: &str| poster[member].as_str().unwrap_or_default().to_owned();
        let codes = posters.iter().map(|poster| text(poster, "code")).collect();
        let first_label = posters.first().map(|poster| text(poster, "label")).unwrap_or_default();
        venues.push(Venue { id, name, codes, first_label });
    }
    let posters: usize = venues.iter().map(|venue| venue.codes.len()).sum();
    output::step(
        "① venues apply (one by web form and mail), ② are approved",
        &format!("{} venues, {posters} posters", venues.len()),
        started,
    );
    Ok(venues)
}

async fn enter(official: &Client<'_>, name: &str, kind: &str, posters: &[&str]) -> anyhow::Result<String> {
    let body =
        json!({ "name": name, "kind": kind, "address": "あおば市中央1-2-3", "contact_email": "shop@example.jp", "posters": posters });
    let created = official.json("POST", "/api/v1/venues", Some(body), 201).await?;
    Ok(created["id"].as_str().context("a venue has an id")?.to_owned())
}

async fn apply_on_the_web(running: &Running, name: &str) -> anyhow::Result<String> {
    let anybody = Client { to: running.address, token: None };
    let contact = format!("books-{}@example.jp", running.caught.all().len());
    let fields = [
        ("name", name),
        ("kind", "shop"),
        ("postal_code", "123-4567"),
        ("address", "あおば市本町4-5"),
        ("contact_email", contact.as_str()),
    ];
    let page = anybody.form("/venues/apply", &fields, 200).await?.text();
    let id = between(&page, "action=\"/venues/", "/confirm").context("the page after the application has no form")?;
    let deadline = Instant::now() + DELIVERED_WITHIN;
    let digits = loop {
        if let Some(mail) = running.caught.all().iter().find(|mail| mail.to == contact) {
            break eight_digits(&mail.text).context("the confirmation mail holds no digits")?;
        }
        ensure!(Instant::now() < deadline, "the confirmation mail did not arrive");
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    anybody.form(&format!("/venues/{id}/confirm"), &[("code", &digits)], 303).await?;
    Ok(id)
}

fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let start = text.find(before)? + before.len();
    Some(text[start..start + text[start..].find(after)?].to_owned())
}

/// Eight digits that stand together, perhaps with one gap in the middle.
fn eight_digits(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let digits: String = line.chars().filter(char::is_ascii_digit).collect();
        let plain = line.trim().chars().all(|character| character.is_ascii_digit() || matches!(character, ' ' | '-' | '\u{3000}'));
        (plain && digits.len() == 8).then_some(digits)
    })
}

/// ③ Every poster as SVG and PNG in the data directory.
async fn write_posters(official: &Client<'_>, venues: &[Venue], place: &Place) -> anyhow::Result<()> {
    let (started, dir) = (Instant::now(), place.posters_dir()?);
    let mut files = 0;
    for venue in venues {
        let posters = official.json("GET", &format!("/api/v1/venues/{}/posters", venue.id), None, 200).await?;
        for poster in posters.as_array().context("posters")? {
            let (id, code) = (poster["id"].as_str().unwrap_or_default(), poster["code"].as_str().unwrap_or_default());
            for extension in ["svg", "png"] {
                let path = format!("/api/v1/posters/{id}.{extension}");
                let file = official.send("GET", &path, Body::default(), 200).await?;
                std::fs::write(dir.join(format!("{code}.{extension}")), file.body).context("poster file")?;
                files += 1;
            }
        }
    }
    ensure!(files == 2 * venues.iter().map(|venue| venue.codes.len()).sum::<usize>(), "{files} poster files");
    output::step("③ posters are written", &format!("{files} files in {}", dir.display()), started);
    Ok(())
}

/// ④ and ⑤: people scan and check in; some twice and with their address written in another way, some elsewhere.
async fn visitors_come(running: &Running, venues: &[Venue]) -> anyhow::Result<usize> {
    let started = Instant::now();
    let anybody = Client { to: running.address, token: None };
    let code = |venue: usize, poster: usize| venues.get(venue).and_then(|venue| venue.codes.get(poster)).context("no such poster");
    let mut check_ins = 0;
    for number in 0..VISITORS {
        let address = address(number);
        let goes_to: &[usize] = match number {
            _ if number < CAFE_ONLY => &[0],
            _ if number < CAFE_ONLY + BOTH => &[0, 1],
            _ if number < PEOPLE => &[1],
            _ => &[2],
        };
        for venue in goes_to {
            check_in(&anybody, code(*venue, 0)?, &address).await?;
            check_ins += 1;
        }
    }
    for number in 0..AGAIN {
        check_in(&anybody, code(0, 1 + number % 2)?, &written_otherwise(number)).await?;
        check_ins += 1;
    }
    let counted = format!("{VISITORS} people, {check_ins} check-ins, {AGAIN} of them repeated");
    output::step("④ they scan, ⑤ visits are recorded, addresses sealed", &counted, started);
    Ok(check_ins)
}

async fn check_in(anybody: &Client<'_>, code: &str, address: &str) -> anyhow::Result<()> {
    let page = anybody.form(&format!("/c/{code}"), &[("email", address)], 200).await?.text();
    ensure!(page.contains("登録できました"), "a check-in was not confirmed");
    Ok(())
}

/// Two visitors have addresses of the old carriers' form, which others refuse.
fn address(number: usize) -> String {
    match number {
        3 => "ha..nako.demo@example.jp".to_owned(),
        4 => "taro.demo.@example.jp".to_owned(),
        _ => format!("visitor{number:02}@example.jp"),
    }
}

/// The same person, typed differently.
fn written_otherwise(number: usize) -> String {
    let plain = address(number);
    match number % 3 {
        0 => plain.to_uppercase(),
        1 => format!("  {plain} "),
        _ => plain.chars().map(full_width).collect(),
    }
}

fn full_width(character: char) -> char {
    match character {
        '!'..='~' => char::from_u32(u32::from(character) + 0xFEE0).unwrap_or(character),
        _ => character,
    }
}

/// ⑥ A case with two stays; the preview must know the numbers.
async fn report(official: &Client<'_>, venues: &[Venue], date: &str) -> anyhow::Result<String> {
    let started = Instant::now();
    let stays: Vec<_> = venues.iter().take(2).map(|venue| json!({ "venue_id": venue.id, "date": date })).collect();
    let reference = format!("HC-{}", &venues.first().context("no venue")?.id[..8]);
    let reported = official.json("POST", "/api/v1/cases", Some(json!({ "reference": reference, "stays": stays })), 201).await?;
    let alert = reported["alert_id"].as_str().context("a case has an alert")?.to_owned();
    let preview = official.json("GET", &format!("/api/v1/alerts/{alert}/preview"), None, 200).await?;
    let stays = preview["stays"].as_array().context("stays")?;
    let counted: BTreeMap<&str, u64> =
        stays.iter().map(|stay| (stay["venue_id"].as_str().unwrap_or_default(), stay["visits"].as_u64().unwrap_or(0))).collect();
    for (venue, expected) in venues.iter().zip([CAFE_VISITS, LIBRARY_VISITS]) {
        let visits = counted.get(venue.id.as_str()).copied().unwrap_or(0);
        ensure!(visits == expected as u64, "{}: {visits} visits counted, {expected} expected", venue.name);
    }
    let total = preview["visits"].as_u64().unwrap_or(0);
    ensure!(total == (CAFE_VISITS + LIBRARY_VISITS) as u64, "the preview counts {total} visits");
    output::step("⑥ a case is reported and previewed", &format!("2 stays, {total} visits of the same day"), started);
    Ok(alert)
}

/// Four eyes: who submitted cannot approve; somebody else can.
async fn release(official: &Client<'_>, second: &Client<'_>, alert: &str) -> anyhow::Result<String> {
    let started = Instant::now();
    let submitted = official.json("POST", &format!("/api/v1/alerts/{alert}/submit"), None, 200).await?;
    let number = submitted["number"].as_str().context("an alert has a number")?.to_owned();
    let visits = json!({ "visits": CAFE_VISITS + LIBRARY_VISITS });
    let approve = format!("/api/v1/alerts/{alert}/approve");
    official.json("POST", &approve, Some(visits.clone()), 403).await?;
    second.json("POST", &approve, Some(visits), 200).await?;
    output::step("  submitted; self-approval refused; approved by a second", &format!("alert {number}, hold 0 min"), started);
    Ok(number)
}

/// Every person of the two stays gets one mail, nobody else any; the states sum to the rows matched.
async fn delivered(running: &Running, official: &Client<'_>, alert: &str, mails_before: usize) -> anyhow::Result<usize> {
    let (started, rows) = (Instant::now(), CAFE_VISITS + LIBRARY_VISITS);
    let deadline = started + DELIVERED_WITHIN;
    let delivery = loop {
        let shown = official.json("GET", &format!("/api/v1/alerts/{alert}"), None, 200).await?;
        let count = |state: &str| shown["delivery"][state].as_u64().unwrap_or(0);
        if count("sent") + count("merged") == rows as u64 {
            break shown["delivery"].clone();
        }
        ensure!(Instant::now() < deadline, "not delivered in time: {}", shown["delivery"]);
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    ensure!(delivery["sent"] == PEOPLE && delivery["merged"] == rows - PEOPLE, "delivery ended as {delivery}");
    let notices: Vec<_> =
        running.caught.all().into_iter().skip(mails_before).filter(|mail| mail.subject.contains("についてのお知らせ（番号")).collect();
    let mut per_person: BTreeMap<String, usize> = BTreeMap::new();
    for mail in &notices {
        *per_person.entry(mail.to.replace('"', "")).or_default() += 1;
        ensure!(!mail.text.contains("http"), "a notice holds a link");
    }
    for number in 0..VISITORS {
        let (mails, expected) = (per_person.get(&address(number)).copied().unwrap_or(0), usize::from(number < PEOPLE));
        ensure!(mails == expected, "visitor {number} got {mails} mails, {expected} expected");
    }
    ensure!(notices.len() == PEOPLE, "{} notices in the mailbox, {PEOPLE} expected", notices.len());
    let counted = format!("{rows} matched = {PEOPLE} sent + {} merged", rows - PEOPLE);
    output::step("  matched, opened, sent over SMTP, each person once", &counted, started);
    Ok(notices.len())
}

/// ⑦ Who doubts the mail asks by its number; who feels ill calls the hotline that it names.
async fn genuine(running: &Running, number: &str) -> anyhow::Result<()> {
    let started = Instant::now();
    let anybody = Client { to: running.address, token: None };
    let page = anybody.send("GET", &format!("/alerts/check?number={number}"), Body::default(), 200).await?.text();
    ensure!(page.contains(&running.service.hotline), "the text under the number does not name the hotline");
    anybody.send("GET", "/alerts/check?number=0000-0000", Body::default(), 404).await?;
    output::step("⑦ the mail proves genuine and names the hotline", &running.service.hotline, started);
    Ok(())
}
