//! One case: search on the left, calendar on the right; its stays, alerts, notes and history below.
use super::calendar::{self, DayWords, Month, Plan};
use super::{Typed, to_page, words};
use crate::alert::{self, AlertId, ReportError};
use crate::case::{self, Case, CaseError, CaseId, CaseProblem, Note, Stay, Which};
use crate::official::MayTrace;
use crate::venue::{self, Card, Filter, VenueId, VenueRow, VenueStatus};
use crate::web::console::history::{self, Happened, Names};
use crate::web::console::{ConsoleFrame, ConsoleRequest, Here};
use crate::web::error::Error;
use crate::web::form::{Form, Query};
use crate::web::page::page;
use crate::web::session::May;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use chrono::NaiveDate;
use sqlx::PgConnection;
use std::collections::{HashMap, HashSet};

/// Venues under one search (docs/LOOK.md §6 "Venue search").
const FOUND: i64 = 20;

/// A venue that was found.
struct Hit {
    id: VenueId,
    name: String,
    kana: String,
    address: String,
    /// Words and sign for what is not usual about it.
    mark: Option<(String, &'static str)>,
    chosen: bool,
}

/// The search and its result.
struct Found {
    case: CaseId,
    text: String,
    /// As it stands in a link.
    encoded: String,
    hits: Vec<Hit>,
    /// The last one, when there are more.
    more: Option<VenueId>,
    /// Not the first page.
    further: bool,
}

/// A stay in the table.
struct StayLine {
    venue: VenueId,
    name: String,
    place: String,
    date: String,
    said: String,
    /// Submitted with an alert: it stays.
    fixed: bool,
}

/// An alert of the case.
struct AlertLine {
    id: AlertId,
    number: String,
    state: String,
    sign: &'static str,
}

/// A note in words.
struct NoteLine {
    text: String,
    by: String,
}

#[derive(Template)]
#[template(path = "web/console/cases/case.html")]
struct CasePage<'a> {
    d: ConsoleFrame<'a>,
    script: &'static str,
    case: Case,
    found: Found,
    chosen: Option<Card>,
    months: Vec<Month>,
    weekdays: Vec<String>,
    window: Option<String>,
    complaints: Vec<String>,
    stays: Vec<StayLine>,
    alerts: Vec<AlertLine>,
    notes: Vec<NoteLine>,
    history: Vec<Happened>,
    namesakes: Vec<(CaseId, String)>,
    onset: Typed,
    tested: Typed,
    note: Typed,
    today: String,
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "web/console/cases/found.html")]
struct FoundPart<'a> {
    d: ConsoleFrame<'a>,
    found: Found,
}

/// The fields of a form that was refused.
#[derive(Default)]
struct Refused {
    complaints: Vec<String>,
    venue: Option<VenueId>,
    ticked: HashSet<NaiveDate>,
    onset: Option<Typed>,
    tested: Option<Typed>,
    note: Option<Typed>,
}

/// `GET /console/cases/{id}`
pub(crate) async fn show(console: ConsoleRequest, id: Path<CaseId>, query: Query) -> Result<HttpResponse, Error> {
    case_page(&console, *id, &query, Refused::default()).await
}

/// `GET /console/cases/{id}/venues`: what the search finds, as a piece of the page, for as-you-type.
pub(crate) async fn venues(console: ConsoleRequest, id: Path<CaseId>, query: Query) -> Result<HttpResponse, Error> {
    let d = console.frame(Here::Cases).await?;
    let mut connection = console.state.pool.acquire().await?;
    let found = find(&mut connection, &d, *id, &query, None).await?;
    page(StatusCode::OK, &FoundPart { d, found })
}

async fn find(
    connection: &mut PgConnection,
    d: &ConsoleFrame<'_>,
    case: CaseId,
    query: &Query,
    chosen: Option<VenueId>,
) -> Result<Found, Error> {
    let text: String = query.get("q").chars().take(venue::search_key::MAX_QUERY_CHARS).collect();
    let after = query.get("after").parse().ok();
    let mut rows = match venue::Query::parse(&text) {
        None => Vec::new(),
        Some(asked) => {
            let statuses = vec![VenueStatus::Active, VenueStatus::Suspended, VenueStatus::Closed];
            let filter = Filter { query: Some(asked), statuses, after, limit: Some(FOUND + 1), ..Filter::default() };
            venue::list(connection, &filter).await?
        }
    };
    let more = i64::try_from(rows.len()).is_ok_and(|count| count > FOUND);
    rows.truncate(usize::try_from(FOUND).unwrap_or(usize::MAX));
    let more = if more { rows.last().map(|row| row.id) } else { None };
    let encoded = percent_encoding::utf8_percent_encode(&text, percent_encoding::NON_ALPHANUMERIC).to_string();
    let hits = rows.into_iter().map(|row| hit(d, row, chosen)).collect();
    Ok(Found { case, text, encoded, hits, more, further: after.is_some() })
}

fn hit(d: &ConsoleFrame<'_>, row: VenueRow, chosen: Option<VenueId>) -> Hit {
    let mark = match row.status {
        VenueStatus::Active if row.reviewed => None,
        VenueStatus::Active => Some((d.f.w.desk_venue_unreviewed(), "wait")),
        status => Some((status.label(d.f.locale), "")),
    };
    let chosen = chosen == Some(row.id);
    Hit { id: row.id, name: row.name, kana: row.kana.unwrap_or_default(), address: row.address, mark, chosen }
}

async fn case_page(console: &ConsoleRequest, id: CaseId, query: &Query, refused: Refused) -> Result<HttpResponse, Error> {
    let d = console.frame(Here::Cases).await?;
    let (w, locale, zone) = (d.f.w, d.f.locale, console.state.service.zone);
    let mut connection = console.state.pool.acquire().await?;
    let case = case::show(&mut connection, id).await?.ok_or_else(Error::not_found)?;
    let wanted = refused.venue.or_else(|| query.get("venue").parse().ok());
    let ids: Vec<VenueId> = case.stays.iter().map(|stay| stay.venue_id).chain(wanted).collect();
    let cards = venue::cards(&mut connection, &ids).await?;
    let chosen = wanted.and_then(|venue| cards.get(&venue)).cloned();
    let found = find(&mut connection, &d, id, query, wanted).await?;
    let fixed = alert::submitted_stays(&mut connection, id).await?;
    let alerts = alerts(&mut connection, &d, id).await?;
    let namesakes = case::namesakes(&mut connection, &case).await?;
    let names = Names::read(&mut connection, case.notes.iter().map(|note| note.noted_by.as_str())).await?;
    let history = history::about(&mut connection, &d, zone, "case", id.0).await?;
    drop(connection);
    let window = case::suggested_window(case.row.onset, case.row.tested, zone.today(console.now));
    let months = match &chosen {
        Some(card) => months(console, &case, card, window, &refused.ticked).await?,
        None => Vec::new(),
    };
    let moment = |at| format!("{} {}", locale.short_date(zone.today(at)), zone.wall_time(at));
    let page_of = CasePage {
        script: crate::web::assets::path_of("case.js"),
        stays: stay_lines(&d, &case, &cards, &fixed),
        notes: case
            .notes
            .iter()
            .map(|note| NoteLine { text: note.note.clone(), by: w.case_note_by(names.of(&note.noted_by), moment(note.noted_at)) })
            .collect(),
        weekdays: w.case_weekdays().split(' ').map(str::to_owned).collect(),
        window: window.map(|(first, _)| window_words(&d, &case, first)),
        namesakes: namesakes.into_iter().map(|row| (row.id, moment(row.created_at))).collect(),
        onset: refused.onset.unwrap_or_else(|| Typed::date(case.row.onset)),
        tested: refused.tested.unwrap_or_else(|| Typed::date(case.row.tested)),
        note: refused.note.unwrap_or_default(),
        today: zone.today(console.now).to_string(),
        done: console.done.as_deref().and_then(|key| done_words(&d, key)),
        complaints: refused.complaints,
        found,
        chosen,
        months,
        alerts,
        history,
        case,
        d,
    };
    let wrong =
        !page_of.complaints.is_empty() || [&page_of.onset, &page_of.tested, &page_of.note].iter().any(|field| field.error.is_some());
    page(if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page_of)
}

impl Typed {
    fn date(date: Option<NaiveDate>) -> Self {
        Self { value: date.map(|date| date.to_string()).unwrap_or_default(), error: None }
    }
}

async fn alerts(connection: &mut PgConnection, d: &ConsoleFrame<'_>, id: CaseId) -> Result<Vec<AlertLine>, Error> {
    let mut lines = Vec::new();
    for alert in alert::of_case(connection, id).await? {
        if let Some(status) = alert::status(connection, alert).await? {
            let (state, sign) = words::alert_state(d.f.w, status.state);
            lines.push(AlertLine { id: alert, number: status.number.to_string(), state, sign });
        }
    }
    Ok(lines)
}

fn window_words(d: &ConsoleFrame<'_>, case: &Case, first: NaiveDate) -> String {
    let (w, day) = (d.f.w, d.f.locale.short_date(first));
    if case.row.onset.is_some() { w.case_window_onset(day) } else { w.case_window_tested(day) }
}

async fn months(
    console: &ConsoleRequest,
    case: &Case,
    card: &Card,
    window: Option<(NaiveDate, NaiveDate)>,
    ticked: &HashSet<NaiveDate>,
) -> Result<Vec<Month>, Error> {
    let zone = console.state.service.zone;
    let facts = venue::stay_facts(&mut *console.state.pool.acquire().await?, &[card.id]).await?;
    let starts = facts.get(&card.id).map_or(0, |facts| facts.day_starts_minutes);
    let possible = (case::oldest_date(console.now, zone, console.state.service.retention_days), zone.business_date(console.now, starts));
    let had = case.stays.iter().filter(|stay| stay.venue_id == card.id).map(|stay| stay.date).collect();
    let locale = console.language.locale;
    let said = DayWords { window: locale.words().case_day_window(), had: locale.words().case_day_had() };
    Ok(calendar::months(&Plan { possible, window, had: &had, ticked }, locale, &said))
}

/// Newest day first, then by name.
fn stay_lines(d: &ConsoleFrame<'_>, case: &Case, cards: &HashMap<VenueId, Card>, fixed: &HashSet<Stay>) -> Vec<StayLine> {
    let mut lines: Vec<StayLine> = case
        .stays
        .iter()
        .map(|stay| {
            let card = cards.get(&stay.venue_id);
            let kana = card.and_then(|card| card.kana.clone()).map(|kana| format!("{kana}　")).unwrap_or_default();
            StayLine {
                venue: stay.venue_id,
                name: card.map(|card| card.name.clone()).unwrap_or_default(),
                place: card.map(|card| format!("{kana}{}", card.address)).unwrap_or_default(),
                date: stay.date.to_string(),
                said: d.f.locale.long_date(stay.date),
                fixed: fixed.contains(stay),
            }
        })
        .collect();
    lines.sort_by(|a, b| b.date.cmp(&a.date).then_with(|| a.name.cmp(&b.name)));
    lines
}

fn done_words(d: &ConsoleFrame<'_>, key: &str) -> Option<String> {
    let w = d.f.w;
    Some(match key {
        "opened" => w.case_done_opened(),
        "opened_before" => w.case_done_opened_before(),
        "added" => w.case_done_added(),
        "added_before" => w.case_done_added_before(),
        "removed" => w.case_done_removed(),
        "dates" => w.case_done_dates(),
        "noted" => w.case_done_noted(),
        "closed" => w.case_done_closed(),
        "reopened" => w.case_done_reopened(),
        _ => return None,
    })
}

/// Back to the case with the key of what was done, or the page again with what is wrong.
async fn answer(
    console: &ConsoleRequest,
    id: CaseId,
    done: Result<&'static str, ReportError>,
    refused: Refused,
    dates: &[NaiveDate],
) -> Result<HttpResponse, Error> {
    match done {
        Ok(done) => Ok(to_page(console, &format!("/console/cases/{id}"), done)),
        Err(error) => match words::complaints(console.language.locale, &error, dates) {
            Some(complaints) => case_page(console, id, &Query::default(), Refused { complaints, ..refused }).await,
            None => Err(error.into()),
        },
    }
}

/// `POST /console/cases/{id}/stays`: many days of one venue at once.
pub(crate) async fn add_stays(console: ConsoleRequest, may: May<MayTrace>, id: Path<CaseId>, form: Form) -> Result<HttpResponse, Error> {
    let venue: Option<VenueId> = form.get("venue").parse().ok();
    let dates: Result<Vec<NaiveDate>, _> = form.all("date").map(str::parse).collect();
    let dates = dates.map_err(|_| Error::new(StatusCode::BAD_REQUEST, "bad_request"))?;
    let refused = Refused { venue, ticked: dates.iter().copied().collect(), ..Refused::default() };
    let Some(venue_id) = venue else {
        let missing = ReportError::Case(CaseError::Invalid(vec![CaseProblem::NoStays]));
        return answer(&console, *id, Err(missing), refused, &dates).await;
    };
    let stays: Vec<Stay> = dates.iter().map(|date| Stay { venue_id, date: *date }).collect();
    let mut act = console.act(&may.0).await?;
    let added = alert::add_stays(&mut act, *id, &stays).await;
    match &added {
        Ok(_) => act.commit().await?,
        Err(_) => act.rollback().await?,
    }
    let done = added.map(|added| if added > 0 { "added" } else { "added_before" });
    answer(&console, *id, done, refused, &dates).await
}

/// `POST /console/cases/{id}/stays/remove`
pub(crate) async fn remove_stay(console: ConsoleRequest, may: May<MayTrace>, id: Path<CaseId>, form: Form) -> Result<HttpResponse, Error> {
    let bad = || Error::new(StatusCode::BAD_REQUEST, "bad_request");
    let stay = Stay { venue_id: form.get("venue").parse().map_err(|_| bad())?, date: form.get("date").parse().map_err(|_| bad())? };
    let mut act = console.act(&may.0).await?;
    let removed = alert::remove_stays(&mut act, *id, &[stay]).await;
    match &removed {
        Ok(_) => act.commit().await?,
        Err(_) => act.rollback().await?,
    }
    answer(&console, *id, removed.map(|_| "removed"), Refused::default(), &[stay.date]).await
}

/// `POST /console/cases/{id}/dates`
pub(crate) async fn set_dates(console: ConsoleRequest, may: May<MayTrace>, id: Path<CaseId>, form: Form) -> Result<HttpResponse, Error> {
    let w = console.language.locale.words();
    let mut wrong: HashMap<Which, String> = HashMap::new();
    let mut read = |which: Which| {
        words::typed_date(form.get(which.as_str())).unwrap_or_else(|()| {
            wrong.insert(which, w.case_date_malformed());
            None
        })
    };
    let (onset, tested) = (read(Which::Onset), read(Which::Tested));
    if wrong.is_empty() {
        let mut act = console.act(&may.0).await?;
        match case::set_dates(&mut act, *id, onset, tested).await {
            Ok(_) => {
                act.commit().await?;
                return Ok(to_page(&console, &format!("/console/cases/{id}"), "dates"));
            }
            Err(CaseError::Invalid(problems)) => wrong.extend(problems.into_iter().filter_map(|problem| match problem {
                CaseProblem::Date { which, problem } => Some((which, words::date(w, problem))),
                _ => None,
            })),
            Err(error) => {
                act.rollback().await?;
                return answer(&console, *id, Err(error.into()), Refused::default(), &[]).await;
            }
        }
    }
    let mut field = |which: Which| Some(Typed { value: form.get(which.as_str()).to_owned(), error: wrong.remove(&which) });
    let refused = Refused { onset: field(Which::Onset), tested: field(Which::Tested), ..Refused::default() };
    case_page(&console, *id, &Query::default(), refused).await
}

/// `POST /console/cases/{id}/notes`
pub(crate) async fn add_note(console: ConsoleRequest, may: May<MayTrace>, id: Path<CaseId>, form: Form) -> Result<HttpResponse, Error> {
    let typed = form.get("note");
    let note = match Note::parse(typed) {
        Ok(note) => note,
        Err(problem) => {
            let note = Typed { value: typed.to_owned(), error: Some(words::note(console.language.locale.words(), problem)) };
            return case_page(&console, *id, &Query::default(), Refused { note: Some(note), ..Refused::default() }).await;
        }
    };
    let mut act = console.act(&may.0).await?;
    let noted = case::add_note(&mut act, *id, &note).await.map_err(ReportError::from);
    match &noted {
        Ok(_) => act.commit().await?,
        Err(_) => act.rollback().await?,
    }
    answer(&console, *id, noted.map(|_| "noted"), Refused::default(), &[]).await
}

/// `POST /console/cases/{id}/close`
pub(crate) async fn close(console: ConsoleRequest, may: May<MayTrace>, id: Path<CaseId>) -> Result<HttpResponse, Error> {
    let mut act = console.act(&may.0).await?;
    case::close(&mut act, *id).await?;
    act.commit().await?;
    Ok(to_page(&console, &format!("/console/cases/{id}"), "closed"))
}

/// `POST /console/cases/{id}/reopen`
pub(crate) async fn reopen(console: ConsoleRequest, may: May<MayTrace>, id: Path<CaseId>) -> Result<HttpResponse, Error> {
    let mut act = console.act(&may.0).await?;
    case::reopen(&mut act, *id).await?;
    act.commit().await?;
    Ok(to_page(&console, &format!("/console/cases/{id}"), "reopened"))
}
