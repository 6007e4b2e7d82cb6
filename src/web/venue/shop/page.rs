//! The own page: what to do next, how many came, which posters are scanned, what the city wrote.
use super::{ShopRequest, done_words};
use crate::alert;
use crate::base::locale::Locale;
use crate::stats::ShownCount;
use crate::stats::venue::{Numbers, numbers};
use crate::venue::owner_actions::{FromCity, from_city, is_unchecked, last_scans};
use crate::venue::review::Question;
use crate::venue::{self, Poster, PosterStatus, Venue, VenueId, VenueStatus};
use crate::web::error::Error;
use crate::web::form::Query;
use crate::web::page::{Frame, page};
use crate::web::state::State;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Days on the chart; the table has them all.
const CHART_DAYS: usize = 7;
/// Posters in the table of the own page; the others stand on the posters' page.
const MAX_ROWS: usize = 12;
/// Longest label that stays on one line.
const MAX_UNBROKEN: usize = 8;
/// Days without a scan after which a poster of a venue that is visited is shown.
pub(super) const STALE_DAYS: i64 = 7;
/// Posters that a note names; the others are counted.
const MAX_NAMED: usize = 3;

/// A poster as the own page shows it.
pub(super) struct PosterRow {
    pub(super) no: i16,
    pub(super) label: String,
    pub(super) last: String,
    pub(super) checked: String,
    pub(super) stale: bool,
}

impl PosterRow {
    /// Whether the label stays on one line of a phone's table.
    pub(super) fn is_short(&self) -> bool {
        self.label.chars().count() <= MAX_UNBROKEN
    }
}

/// A question of the city.
struct Asked {
    /// When it was asked, in microseconds: the form says by it which question it answers.
    key: i64,
    day: String,
    text: String,
    answer: Option<(String, String)>,
    /// An answer that was not fit, as it was typed, with its mistake.
    typed: String,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "web/venue/shop/page.html")]
struct ShopPage<'a> {
    f: Frame<'a>,
    work_style: &'static str,
    venue: &'a Venue,
    /// Whether the mailbox has other venues.
    others: bool,
    stale: Vec<String>,
    unchecked: usize,
    coverage: Option<String>,
    /// The chart, and where its drawing begins: nothing is left free above small numbers.
    chart: String,
    chart_top: u8,
    days: Vec<(String, String)>,
    rows: Vec<PosterRow>,
    posters: usize,
    told: Option<Vec<String>>,
    asked: Vec<Asked>,
    refused_because: Option<String>,
    done: Option<String>,
}

impl ShopPage<'_> {
    fn is(&self, status: VenueStatus) -> bool {
        self.venue.status == status
    }

    /// Whether people can check in now.
    fn open(&self) -> bool {
        self.is(VenueStatus::Active) && self.venue.paused_at.is_none()
    }

    fn paused(&self) -> bool {
        self.is(VenueStatus::Active) && self.venue.paused_at.is_some()
    }

    /// Whether it can be changed.
    fn alive(&self) -> bool {
        matches!(self.venue.status, VenueStatus::Pending | VenueStatus::Active | VenueStatus::Suspended)
    }

    /// Whether a question waits for an answer.
    fn waits(&self) -> bool {
        self.asked.iter().any(|question| question.answer.is_none())
    }

    fn is_wrong(&self) -> bool {
        self.asked.iter().any(|question| question.error.is_some())
    }

    /// An event's first and last day.
    fn days(&self) -> Option<String> {
        let (opens, closes) = self.venue.opens_on.zip(self.venue.closes_on)?;
        Some(format!("{} – {}", self.f.locale.weekday_date(opens), self.f.locale.weekday_date(closes)))
    }

    /// Whether there is something to say of the city: an alert or none, or a question that was answered.
    fn heard(&self) -> bool {
        self.told.is_some() || self.asked.iter().any(|question| question.answer.is_some())
    }

    fn retention(&self) -> String {
        self.f.service.retention_days.to_string()
    }
}

/// `GET /shop/{id}`
pub(crate) async fn show(shop: ShopRequest, id: Path<VenueId>, query: Query) -> Result<HttpResponse, Error> {
    own_page(&shop, *id, query.get("done"), None).await
}

/// The page; with `answer` after an answer that was not fit: to which question, what was typed and what is wrong.
pub(super) async fn own_page(
    shop: &ShopRequest,
    id: VenueId,
    done: &str,
    answer: Option<(i64, String, String)>,
) -> Result<HttpResponse, Error> {
    let f = shop.language.frame(&shop.state.service);
    let mut connection = shop.state.pool.acquire().await?;
    let (_, venue) = shop.venue(&mut connection, id).await?;
    let others = shop.holder.venues(&mut connection).await?.len() > 1;
    let today = shop.state.service.zone.business_date(shop.state.clock.now(), venue.day_starts_minutes);
    let first = first_day(&shop.state, today);
    let numbers = numbers(&mut connection, shop.state.service.zone, shop.state.clock.now(), id, first).await?;
    let (posters, last_scans) = scanned(&mut connection, &shop.state, id, first).await?;
    let FromCity { questions, refused_because } = from_city(&mut connection, id).await?;
    let told = if shop.state.tell_venues {
        Some(alert::venue_told_of(&mut connection, id, shop.state.service.zone.begin_of(first)).await?)
    } else {
        None
    };
    drop(connection);
    let zone = shop.state.service.zone;
    let day = |at| f.locale.short_date(zone.today(at));
    let rows = posters.iter().map(|poster| row(&f, &shop.state, poster, &last_scans, today));
    let status = if answer.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let shown = ShopPage {
        work_style: crate::web::assets::work_style_path(),
        others,
        stale: if !last_scans.is_empty() { stale(&f, &shop.state, &posters, &last_scans, today) } else { Vec::new() },
        unchecked: posters.iter().filter(|poster| is_unchecked(zone.today(poster.created_at), poster.checked_on, today)).count(),
        coverage: venue.guests_per_day.and_then(|guests| numbers.coverage(guests)).map(|tenths| match tenths {
            0 => f.w.shop_coverage_low(),
            tenths => f.w.shop_coverage(tenths.to_string()),
        }),
        chart: chart(&f, &numbers),
        chart_top: if has_bars(&numbers) { 0 } else { 95 },
        days: numbers.days.iter().rev().map(|(day, visits)| (f.locale.weekday_date(*day), shown_number(&f, *visits))).collect(),
        rows: rows.take(MAX_ROWS).collect(),
        posters: posters.len(),
        told: told.map(|told| told.into_iter().map(|told| told_words(&f, &told, day)).collect()),
        asked: questions.into_iter().map(|question| asked(&f, &shop.state, question, answer.as_ref())).collect(),
        refused_because,
        done: done_words(&f, done),
        venue: &venue,
        f,
    };
    page(status, &shown)
}

/// That an alert concerned the venue; and, once the city corrected it, that it was a mistake.
fn told_words(f: &Frame<'_>, told: &alert::Told, day: impl Fn(DateTime<Utc>) -> String) -> String {
    let words = f.w.shop_city_told(day(told.at), told.number.to_string());
    match told.corrected_at {
        Some(at) => format!("{words} {}", f.w.shop_city_corrected(day(at))),
        None => words,
    }
}

fn asked(f: &Frame<'_>, state: &State, question: Question, answer: Option<&(i64, String, String)>) -> Asked {
    let day = |at| f.locale.short_date(state.service.zone.today(at));
    let key = question.asked_at.timestamp_micros();
    let wrong = answer.filter(|(to, ..)| *to == key);
    Asked {
        key,
        day: f.w.shop_city_asked_on(day(question.asked_at)),
        text: question.question,
        answer: question.answer.zip(question.answered_at).map(|(text, at)| (f.w.shop_city_answered(day(at)), text)),
        typed: wrong.map(|(_, typed, _)| typed.clone()).unwrap_or_default(),
        error: wrong.map(|(.., error)| error.clone()),
    }
}

/// The first day whose visits are still there.
pub(super) fn first_day(state: &State, today: NaiveDate) -> NaiveDate {
    today.checked_sub_days(Days::new(u64::from(state.service.retention_days))).unwrap_or(today)
}

/// The editions that hang, by number.
pub(super) fn hanging(posters: Vec<Poster>) -> Vec<Poster> {
    posters.into_iter().filter(|poster| poster.status == PosterStatus::Active).collect()
}

/// The editions that hang, and when each place was scanned last; what this process knows of it is written first.
pub(super) async fn scanned(
    connection: &mut PgConnection,
    state: &State,
    id: VenueId,
    first: NaiveDate,
) -> Result<(Vec<Poster>, BTreeMap<i16, NaiveDate>), Error> {
    state.scans.write(connection).await?;
    let posters = venue::posters(connection, id).await?;
    let last_scans = last_scans(&posters, first);
    Ok((hanging(posters), last_scans))
}

pub(super) fn row(f: &Frame<'_>, state: &State, poster: &Poster, last_scans: &BTreeMap<i16, NaiveDate>, today: NaiveDate) -> PosterRow {
    let last_scan = last_scans.get(&poster.no).copied();
    let days = last_scan.map(|last| (today - last).num_days());
    PosterRow {
        no: poster.no,
        label: poster.label.clone(),
        last: match days {
            None => f.w.shop_last_never(state.service.retention_days.to_string()),
            Some(days) => days_ago(f, days),
        },
        checked: poster.checked_on.map_or_else(|| f.w.shop_checked_never(), |day| days_ago(f, (today - day).num_days())),
        stale: days.is_none_or(|days| days >= STALE_DAYS),
    }
}

fn days_ago(f: &Frame<'_>, days: i64) -> String {
    match days {
        ..=0 => f.w.shop_last_today(),
        1 => f.w.shop_last_yesterday(),
        days => f.w.shop_last_days(days.to_string()),
    }
}

/// The hint about posters that nobody scans, for a venue that is visited. One made less than [`STALE_DAYS`] ago may still be in the
/// printer.
fn stale(f: &Frame<'_>, state: &State, posters: &[Poster], last_scans: &BTreeMap<i16, NaiveDate>, today: NaiveDate) -> Vec<String> {
    let mut told = Vec::new();
    let mut more = 0;
    for poster in posters {
        let made = (today - state.service.zone.today(poster.created_at)).num_days();
        let days = last_scans.get(&poster.no).map(|last| (today - *last).num_days());
        if made < STALE_DAYS || days.is_some_and(|days| days < STALE_DAYS) {
            continue;
        }
        if told.len() == MAX_NAMED {
            more += 1;
            continue;
        }
        told.push(match days {
            Some(days) => f.w.shop_stale_one(poster.label.as_str(), days.to_string()),
            None => f.w.shop_stale_never(poster.label.as_str()),
        });
    }
    if more > 0 {
        told.push(f.w.shop_stale_more(more.to_string()));
    }
    told
}

/// A number of people as its owner sees it: exact, but for small ones.
fn shown_number(f: &Frame<'_>, number: i64) -> String {
    match ShownCount::of(number, true).number() {
        None => f.w.shop_few(),
        Some(number) => number.to_string(),
    }
}

/// Whether a day of the chart has a number of its own.
fn has_bars(numbers: &Numbers) -> bool {
    let from = numbers.days.len().saturating_sub(CHART_DAYS);
    numbers.days.iter().skip(from).any(|(_, visits)| ShownCount::of(*visits, true).number().is_some())
}

/// The last closed days as bars. Small numbers have no height of their own.
fn chart(f: &Frame<'_>, numbers: &Numbers) -> String {
    const STEP: usize = 50;
    const WIDTH: usize = 31;
    const BASE: f64 = 126.0;
    const TALL: f64 = 100.0;
    let from = numbers.days.len().saturating_sub(CHART_DAYS);
    let days = numbers.days.get(from..).unwrap_or_default();
    let most = days.iter().map(|(_, visits)| *visits).max().unwrap_or(0).max(10);
    let mut bars = format!("<path d=\"M0 {BASE}H{}\"/>", STEP * CHART_DAYS);
    for (place, (day, visits)) in days.iter().enumerate() {
        let shown = ShownCount::of(*visits, true).number();
        #[expect(clippy::cast_precision_loss, reason = "check-ins of a day, for a drawing")]
        let height = shown.map_or(2.0, |visits| (visits as f64 / most as f64 * TALL).max(2.0));
        let (x, middle) = (STEP * place + 9, STEP * place + 25);
        let text = shown.map_or_else(|| few(f.locale).to_owned(), |visits| visits.to_string());
        let top = BASE - height;
        // Writing into a String cannot fail.
        let _ = write!(
            bars,
            "<rect x=\"{x}\" y=\"{top:.1}\" width=\"{WIDTH}\" height=\"{height:.1}\"/><text x=\"{middle}\" y=\"143\" text-anchor=\"middle\">{}</text><text x=\"{middle}\" y=\"{:.1}\" text-anchor=\"middle\">{text}</text>",
            day.day(),
            top - 7.0
        );
    }
    bars
}

/// "Fewer than five" as it fits over a bar, ready for the page.
fn few(locale: Locale) -> &'static str {
    match locale {
        Locale::Ja => "5未満",
        Locale::En => "&lt;5",
    }
}
