//! The open data of a city, once it says so (`PUBLIC_LIST`): the venues that agreed, and totals. As pages for people, and as
//! CSV and JSON whose names of columns stay as they are (docs/OPEN_DATA.md). Anybody may keep the answers for a while.
use crate::base::csv::Sheet;
use crate::base::locale::Locale;
use crate::base::text::thousands;
use crate::stats::{self, ShownCount};
use crate::venue::public::{self, Listed, MAX_PAGES, PAGE};
use crate::venue::{Query as Words, VenueKind};
use crate::web::assets;
use crate::web::error::Error;
use crate::web::form::Query;
use crate::web::page::{Frame, Language, page_in};
use crate::web::state::State;
use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, VARY};
use actix_web::web::Data;
use askama::Template;
use chrono::NaiveDate;
use serde_json::json;

/// How long an answer may be kept: a day's number changes once a day.
const KEPT: &str = "public, max-age=600";
/// The licence, as SPDX names it (<https://spdx.org/licenses/CC-BY-4.0.html>).
const LICENCE: &str = "CC-BY-4.0";
/// Where it is explained.
const LICENCE_URL: &str = "https://creativecommons.org/licenses/by/4.0/deed.ja";
/// Days on the page; the files have all.
const SHOWN_DAYS: usize = 14;

struct ListedVenue {
    name: String,
    kana: Option<String>,
    kind: String,
    address: String,
}

#[derive(Template)]
#[template(path = "web/public/venues.html")]
struct VenuesPage<'a> {
    f: Frame<'a>,
    text: String,
    encoded: String,
    found: String,
    lines: Vec<ListedVenue>,
    page: i64,
    next: Option<i64>,
}

#[derive(Template)]
#[template(path = "web/public/open_data.html")]
struct OpenDataPage<'a> {
    f: Frame<'a>,
    /// Its tables look like those of work pages.
    work_style: &'static str,
    venues: String,
    kinds: Vec<(String, String)>,
    days: Vec<(String, String)>,
    licence: &'static str,
}

fn published(state: &State) -> Result<(), Error> {
    if state.service.public_list { Ok(()) } else { Err(Error::not_found()) }
}

/// `GET /venues?q=&page=`: the venues that agreed, found by name, reading or address.
pub(crate) async fn venues(language: Language, state: Data<State>, query: Query) -> Result<HttpResponse, Error> {
    published(&state)?;
    let f = language.frame(&state.service);
    let text: String = query.get("q").chars().take(crate::venue::search_key::MAX_QUERY_CHARS).collect();
    let encoded = percent_encoding::utf8_percent_encode(&text, percent_encoding::NON_ALPHANUMERIC).to_string();
    let at = query.get("page").parse().unwrap_or(1).clamp(1, MAX_PAGES);
    let today = state.service.zone.today(state.clock.now());
    let (rows, found) = public::listed(&mut *state.pool.acquire().await?, today, Words::parse(&text).as_ref(), at).await?;
    let next = (at * PAGE < found && at < MAX_PAGES).then_some(at + 1);
    let line = |row: Listed| ListedVenue { name: row.name, kana: row.kana, kind: row.kind.label(language.locale), address: row.address };
    let lines = rows.into_iter().map(line).collect();
    page_in(
        HttpResponse::Ok().insert_header((CACHE_CONTROL, KEPT)).insert_header((VARY, "Accept-Language")),
        &VenuesPage { f, text, encoded, found: thousands(found), lines, page: at, next },
    )
}

/// `GET /open-data`: totals, and the files.
pub(crate) async fn overview(language: Language, state: Data<State>) -> Result<HttpResponse, Error> {
    published(&state)?;
    let f = language.frame(&state.service);
    let mut connection = state.pool.acquire().await?;
    let kinds = public::kinds(&mut connection).await?;
    let days = stats::closed_days(&mut connection).await?;
    let venues = thousands(kinds.iter().map(|(_, venues)| venues).sum());
    let kinds = kinds.into_iter().map(|(kind, venues)| (kind.label(language.locale), thousands(venues))).collect();
    let days = days
        .into_iter()
        .rev()
        .take(SHOWN_DAYS)
        .map(|(date, shown)| (language.locale.long_date(date), said(shown, language.locale)))
        .collect();
    page_in(
        HttpResponse::Ok().insert_header((CACHE_CONTROL, KEPT)).insert_header((VARY, "Accept-Language")),
        &OpenDataPage { f, work_style: assets::work_style_path(), venues, kinds, days, licence: LICENCE_URL },
    )
}

fn said(shown: ShownCount, locale: Locale) -> String {
    match shown {
        ShownCount::Few => locale.words().bulk_few(),
        ShownCount::Number(number) => thousands(number),
    }
}

/// A file of lines: named for its columns in Japanese, as the standard open data set of Japan's municipalities does.
fn csv(name: &str, head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> HttpResponse {
    let mut sheet = Sheet::default();
    sheet.row(head.iter().copied());
    rows.for_each(|row| sheet.row(row.iter().map(String::as_str)));
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")))
        .insert_header((CACHE_CONTROL, KEPT))
        .body(sheet.take())
}

fn json(state: &State, member: &str, rows: &serde_json::Value) -> HttpResponse {
    let today = state.service.zone.today(state.clock.now());
    let body = json!({ "publisher": state.service.city, "licence": LICENCE, "licence_url": LICENCE_URL, "as_of": today, member: rows });
    HttpResponse::Ok().insert_header((CACHE_CONTROL, KEPT)).json(body)
}

async fn all(state: &State) -> Result<Vec<Listed>, Error> {
    published(state)?;
    let today = state.service.zone.today(state.clock.now());
    Ok(public::all_listed(&mut *state.pool.acquire().await?, today).await?)
}

async fn days(state: &State) -> Result<Vec<(NaiveDate, ShownCount)>, Error> {
    published(state)?;
    Ok(stats::closed_days(&mut *state.pool.acquire().await?).await?)
}

/// `GET /open-data/venues.csv`
pub(crate) async fn venues_csv(state: Data<State>) -> Result<HttpResponse, Error> {
    let city = state.service.city.clone();
    let row = |venue: Listed| {
        let (id, postal_code) = (venue.public_id(), venue.postal_code.unwrap_or_default());
        vec![id, city.clone(), venue.name, venue.kana.unwrap_or_default(), venue.kind.label(Locale::Ja), postal_code, venue.address]
    };
    let head = ["ID", "地方公共団体名", "名称", "名称_カナ", "種類", "郵便番号", "所在地_連結表記"];
    Ok(csv("venues", &head, all(&state).await?.into_iter().map(row)))
}

/// `GET /open-data/venues.json`
pub(crate) async fn venues_json(state: Data<State>) -> Result<HttpResponse, Error> {
    let row = |venue: Listed| {
        json!({
            "id": venue.public_id(), "name": venue.name, "kana": venue.kana, "kind": VenueKind::as_str(venue.kind),
            "postal_code": venue.postal_code, "address": venue.address,
        })
    };
    let rows = all(&state).await?.into_iter().map(row).collect();
    Ok(json(&state, "venues", &rows))
}

/// `GET /open-data/check-ins.csv`: fewer than 5 as `<5`.
pub(crate) async fn check_ins_csv(state: Data<State>) -> Result<HttpResponse, Error> {
    let city = state.service.city.clone();
    let number = |shown: ShownCount| shown.number().map_or_else(|| "<5".to_owned(), |number| number.to_string());
    let row = |(date, shown): (NaiveDate, ShownCount)| vec![date.to_string(), city.clone(), number(shown)];
    Ok(csv("check-ins", &["日付", "地方公共団体名", "登録件数"], days(&state).await?.into_iter().map(row)))
}

/// `GET /open-data/check-ins.json`: fewer than 5 as `null`, and `few` says so.
pub(crate) async fn check_ins_json(state: Data<State>) -> Result<HttpResponse, Error> {
    let row =
        |(date, shown): (NaiveDate, ShownCount)| json!({ "date": date, "check_ins": shown.number(), "few": shown == ShownCount::Few });
    let rows = days(&state).await?.into_iter().map(row).collect();
    Ok(json(&state, "days", &rows))
}
