//! `/console/alerts`: what waits for somebody, what is out, drafts, what has ended, and open cases beside each other to be joined.
//! Each list is counted, shows its newest and has a page of its own that goes on and back.
use super::view::{day, moment, number};
use super::{done_words, go, path_of, state_words};
use crate::alert::listing::{self, Asked, Begin, List};
use crate::alert::{self, AlertLine, OpenCase, State as AlertState, Status};
use crate::base::cursor::{Cursor, Page};
use crate::case::CaseId;
use crate::official::MayTrace;
use crate::web::console::{ConsoleFrame, ConsoleRequest, Here};
use crate::web::error::Error;
use crate::web::form::{Form, Query};
use crate::web::page::page;
use crate::web::session::May;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use sqlx::PgConnection;

struct AlertRow {
    path: String,
    number: String,
    state: String,
    class: &'static str,
    extent: String,
    cases: String,
    next: String,
}

struct CaseRow {
    id: String,
    reference: String,
    stays: String,
    reported: String,
    /// Path and number.
    draft: Option<(String, String)>,
    chosen: bool,
}

/// Alerts of a list while all lists are shown.
const FIRST: i64 = 20;
/// Alerts of a list that is shown alone.
const PAGE: i64 = 50;
/// The name of the list of open cases in links.
const CASES: &str = "cases";

/// A list with its heading; of one that is not whole, where it goes on.
struct Section {
    title: String,
    size: String,
    rows: Vec<AlertRow>,
    /// A link to all of it.
    whole: Option<String>,
    prev: Option<String>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "web/console/alerts/list.html")]
struct ListPage<'a> {
    d: ConsoleFrame<'a>,
    done: Option<String>,
    error: Option<String>,
    /// Nothing waits; said only where it is looked for.
    none_waits: bool,
    /// Those above the open cases, and those below.
    above: Vec<Section>,
    below: Vec<Section>,
    cases: Option<Cases>,
    /// One list is shown alone.
    alone: bool,
    /// Where the joining form goes: back to the page that it stands on.
    action: String,
}

/// The open cases.
struct Cases {
    rows: Vec<CaseRow>,
    prev: Option<String>,
    next: Option<String>,
}

/// Which lists are asked for, and from where.
#[derive(Clone, Copy)]
enum ListChoice {
    All,
    One(List, Option<Begin>),
    Cases(Option<Begin>),
}

impl ListChoice {
    /// Reads the link; a place that no list gave out is the top.
    fn of(query: &Query) -> Self {
        let place = |name| query.get(name).parse::<Cursor>().ok();
        let from = place("after").map(Begin::After).or_else(|| place("before").map(Begin::Before));
        match List::parse(query.get("list")) {
            Some(list) => Self::One(list, from),
            None if query.get("list") == CASES => Self::Cases(from),
            None => Self::All,
        }
    }

    fn has(self, list: List) -> bool {
        match self {
            Self::All => true,
            Self::One(one, _) => one == list,
            Self::Cases(_) => false,
        }
    }
}

/// A link to a list, or to one of its pages.
fn link(d: &ConsoleFrame<'_>, list: &str, place: Option<(&str, Cursor)>) -> String {
    let lang = d.f.lang.replacen('?', "&", 1);
    match place {
        Some((name, cursor)) => format!("/console/alerts?list={list}&{name}={cursor}{lang}"),
        None => format!("/console/alerts?list={list}{lang}"),
    }
}

/// `GET /console/alerts`
pub(crate) async fn list(console: ConsoleRequest, query: Query) -> Result<HttpResponse, Error> {
    render(&console, ListChoice::of(&query), StatusCode::OK, &[], None).await
}

/// `POST /console/alerts`: joins the ticked cases into one alert.
pub(crate) async fn join(console: ConsoleRequest, may: May<MayTrace>, query: Query, form: Form) -> Result<HttpResponse, Error> {
    let (w, shown) = (console.language.locale.words(), ListChoice::of(&query));
    let typed: Vec<&str> = form.all("case").collect();
    let Some(cases) = typed.iter().map(|id| id.parse().ok()).collect::<Option<Vec<CaseId>>>().filter(|cases| !cases.is_empty()) else {
        return render(&console, shown, StatusCode::UNPROCESSABLE_ENTITY, &typed, Some(w.desk_alert_join_empty())).await;
    };
    let mut act = console.act(&may.0).await?;
    match alert::draft(&mut act, &cases).await {
        Ok(id) => {
            act.commit().await?;
            Ok(go(&console, &path_of(id), "joined"))
        }
        Err(alert::DraftError::Database(error)) => Err(error.into()),
        Err(_) => {
            act.rollback().await?;
            render(&console, shown, StatusCode::UNPROCESSABLE_ENTITY, &typed, Some(w.desk_alert_join_failed())).await
        }
    }
}

async fn render(
    console: &ConsoleRequest,
    shown: ListChoice,
    status: StatusCode,
    chosen: &[&str],
    error: Option<String>,
) -> Result<HttpResponse, Error> {
    let d = console.frame(Here::Alerts).await?;
    let mut connection = console.state.pool.acquire().await?;
    // A fresh draft stands beside its case, for whoever sees the cases.
    let sizes = listing::sizes(&mut connection, d.may_trace()).await?;
    let mut sections = Vec::new();
    for (list, size) in List::ALL.into_iter().zip(sizes).filter(|(list, size)| shown.has(*list) && *size > 0) {
        sections.push((list, section(&mut connection, console, &d, shown, (list, size)).await?));
    }
    let (above, below) = sections.into_iter().partition::<Vec<_>, _>(|(list, _)| matches!(list, List::Waiting | List::Out));
    let sections = |lists: Vec<(List, Section)>| lists.into_iter().map(|(_, section)| section).collect();
    let cases = match shown {
        ListChoice::All | ListChoice::Cases(_) if d.may_trace() => Some(cases(&mut connection, console, &d, shown, chosen).await?),
        _ => None,
    };
    let page_shown = ListPage {
        done: done_words(d.f.w, console.done.as_deref()),
        error,
        none_waits: shown.has(List::Waiting) && sizes[0] == 0,
        above: sections(above),
        below: sections(below),
        cases,
        alone: !matches!(shown, ListChoice::All),
        action: match shown {
            ListChoice::Cases(Some(Begin::After(cursor))) => link(&d, CASES, Some(("after", cursor))),
            ListChoice::Cases(Some(Begin::Before(cursor))) => link(&d, CASES, Some(("before", cursor))),
            _ => format!("/console/alerts{}", d.f.lang),
        },
        d,
    };
    page(status, &page_shown)
}

async fn section(
    connection: &mut PgConnection,
    console: &ConsoleRequest,
    d: &ConsoleFrame<'_>,
    shown: ListChoice,
    (list, size): (List, i64),
) -> Result<Section, Error> {
    let (from, limit) = match shown {
        ListChoice::One(_, from) => (from, PAGE),
        _ => (None, FIRST),
    };
    let asked = Asked { lists: Some(&[list]), apart_from_cases: d.may_trace(), from, limit, ..Asked::default() };
    let Page { rows, next, prev } = alert::lines(connection, &asked).await?;
    let joined: Vec<_> = rows.iter().filter_map(|line| line.status.replaced_by).map(|id| id.0).collect();
    let numbers = alert::names(connection, &joined).await?;
    let row = |line: &AlertLine| row(console, d, line, line.status.replaced_by.and_then(|id| numbers.get(&id.0).cloned()));
    let alone = matches!(shown, ListChoice::One(..));
    let w = d.f.w;
    Ok(Section {
        title: match list {
            List::Waiting => w.desk_alert_waiting(),
            List::Out => w.desk_alert_running(),
            List::Drafts => w.desk_alert_drafts(),
            List::Ended => w.desk_alert_ended(),
        },
        rows: rows.iter().map(row).collect(),
        whole: (!alone && next.is_some()).then(|| link(d, list.as_str(), None)),
        prev: prev.filter(|_| alone).map(|cursor| link(d, list.as_str(), Some(("before", cursor)))),
        next: next.filter(|_| alone).map(|cursor| link(d, list.as_str(), Some(("after", cursor)))),
        size: number(size),
    })
}

async fn cases(
    connection: &mut PgConnection,
    console: &ConsoleRequest,
    d: &ConsoleFrame<'_>,
    shown: ListChoice,
    chosen: &[&str],
) -> Result<Cases, Error> {
    let from = if let ListChoice::Cases(from) = shown { from } else { None };
    let Page { rows, next, prev } = alert::open_cases(connection, from).await?;
    Ok(Cases {
        rows: rows.iter().map(|case| case_row(console, d, case, chosen)).collect(),
        prev: prev.map(|cursor| link(d, CASES, Some(("before", cursor)))),
        next: next.map(|cursor| link(d, CASES, Some(("after", cursor)))),
    })
}

fn row(console: &ConsoleRequest, d: &ConsoleFrame<'_>, line: &AlertLine, replaced_by: Option<String>) -> AlertRow {
    let (w, status) = (d.f.w, &line.status);
    let (words, class) = state_words(w, status);
    AlertRow {
        path: path_of(status.id),
        number: status.number.to_string(),
        state: words,
        class,
        extent: w.desk_alert_extent(line.venues.to_string(), line.days.to_string()),
        cases: line.cases.join(&w.desk_alert_lead_sep()),
        next: next(console, d, status, replaced_by),
    }
}

/// The next step, in words.
fn next(console: &ConsoleRequest, d: &ConsoleFrame<'_>, status: &Status, replaced_by: Option<String>) -> String {
    let w = d.f.w;
    let own = status.submitted_by.as_deref() == Some(&format!("official:{}", console.login.official));
    match status.state {
        AlertState::Sending | AlertState::Done if status.late > 0 && !status.is_mistaken() => w.desk_alert_next_late(),
        AlertState::Draft if status.returned.is_some() => w.desk_alert_next_returned(),
        AlertState::Draft => w.desk_alert_next_draft(),
        AlertState::Submitted if d.may_approve() && !own => w.desk_alert_next_yours(),
        AlertState::Submitted => w.desk_alert_next_other(),
        AlertState::Held => {
            let starts = status.starts_at(console.state.city.window, console.state.service.zone).unwrap_or(console.now);
            w.desk_alert_next_held(moment(d.f.locale, console.state.service.zone, starts, console.now))
        }
        AlertState::Sending => w.desk_alert_next_sending(),
        AlertState::Paused => w.desk_alert_next_paused(),
        AlertState::Done | AlertState::Cancelled => {
            replaced_by.map_or_else(|| w.desk_alert_next_none(), |number| w.desk_alert_next_replaced(number))
        }
    }
}

fn case_row(console: &ConsoleRequest, d: &ConsoleFrame<'_>, case: &OpenCase, chosen: &[&str]) -> CaseRow {
    let (w, locale, id) = (d.f.w, d.f.locale, case.id.to_string());
    let first = case.stays.first().map(|(venue, date)| format!("{venue} {}", day(locale, *date))).unwrap_or_default();
    let more = case.stays.len().saturating_sub(1);
    CaseRow {
        reference: case.reference.clone(),
        stays: if more > 0 { w.desk_alert_and_more(first, more.to_string()) } else { first },
        reported: moment(locale, console.state.service.zone, case.created_at, console.now),
        draft: case.draft.as_ref().map(|(id, number)| (path_of(*id), number.to_string())),
        chosen: chosen.contains(&id.as_str()),
        id,
    }
}
