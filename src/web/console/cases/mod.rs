//! Cases on the console: the list, a new one, and (in `one_case`) one case with its search and calendar.
mod calendar;
pub(crate) mod one_case;
mod words;

use crate::alert::{self, CaseProgress};
use crate::case::{self, CaseError, CaseId, CaseProblem, CaseRow, FormKey, NewCase, Which};
use crate::official::MayTrace;
use crate::web::console::{ConsoleFrame, ConsoleRequest, Here};
use crate::web::error::Error;
use crate::web::form::{Form, Query};
use crate::web::page::page;
use crate::web::session::May;
use crate::web::state::State;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use askama::Template;
use chrono::NaiveDate;
use std::collections::HashMap;
use uuid::Uuid;

/// Cases on one page of the list.
const PAGE: i64 = 50;

/// A line of the list, in words.
struct CaseLine {
    id: CaseId,
    reference: String,
    /// Onset, or else the test.
    date: String,
    stays: i64,
    state: String,
    sign: &'static str,
    reported: String,
}

#[derive(Template)]
#[template(path = "web/console/cases/list.html")]
struct ListPage<'a> {
    d: ConsoleFrame<'a>,
    lines: Vec<CaseLine>,
    next: Option<CaseId>,
    first: bool,
}

/// A text field: what was typed, and what is wrong with it.
#[derive(Default)]
pub(super) struct Typed {
    value: String,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "web/console/cases/new.html")]
struct NewPage<'a> {
    d: ConsoleFrame<'a>,
    nonce: Uuid,
    reference: Typed,
    onset: Typed,
    tested: Typed,
    today: String,
}

impl NewPage<'_> {
    fn wrong(&self) -> usize {
        [&self.reference, &self.onset, &self.tested].into_iter().filter(|field| field.error.is_some()).count()
    }
}

/// To a page of ours, keeping the language that was chosen.
pub(super) fn to_page(console: &ConsoleRequest, path: &str, done: &str) -> HttpResponse {
    let lang = console.language.frame(&console.state.service).lang;
    let lang = if lang.is_empty() { String::new() } else { format!("&{}", &lang[1..]) };
    HttpResponse::SeeOther().insert_header((LOCATION, format!("{path}?done={done}{lang}"))).finish()
}

/// `GET /console/cases`
pub(crate) async fn list(console: ConsoleRequest, query: Query) -> Result<HttpResponse, Error> {
    let after = query.get("after").parse().ok();
    let mut connection = console.state.pool.acquire().await?;
    let rows = case::list(&mut connection, after, PAGE + 1).await?;
    let shown = rows.len().min(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let ids: Vec<CaseId> = rows.iter().take(shown).map(|row| row.id).collect();
    let progress_of_cases = alert::progress_of_cases(&mut connection, &ids).await?;
    drop(connection);
    let d = console.frame(Here::Cases).await?;
    let next = if rows.len() > shown { ids.last().copied() } else { None };
    let lines = rows.into_iter().take(shown).map(|row| line(&d, &console.state, row, &progress_of_cases)).collect();
    page(StatusCode::OK, &ListPage { d, lines, next, first: after.is_none() })
}

fn line(d: &ConsoleFrame<'_>, state: &State, row: CaseRow, progress_of_cases: &HashMap<CaseId, CaseProgress>) -> CaseLine {
    let (w, locale, zone) = (d.f.w, d.f.locale, state.service.zone);
    let (words, sign) = match (row.closed_at, progress_of_cases.get(&row.id)) {
        (Some(_), _) => (w.case_state_closed(), ""),
        (None, Some(CaseProgress::Submitted)) => (w.case_state_submitted(), "good"),
        (None, Some(CaseProgress::Draft)) => (w.case_state_draft(), "wait"),
        (None, None) => (w.case_state_empty(), "wait"),
    };
    let date = match (row.onset, row.tested) {
        (Some(onset), _) => w.case_onset_on(locale.short_date(onset)),
        (None, Some(tested)) => w.case_tested_on(locale.short_date(tested)),
        (None, None) => String::new(),
    };
    let reported = format!("{} {}", locale.short_date(zone.today(row.created_at)), zone.wall_time(row.created_at));
    CaseLine { id: row.id, reference: row.reference, date, stays: row.stays, state: words, sign, reported }
}

/// `GET /console/cases/new`
pub(crate) async fn new_form(console: ConsoleRequest) -> Result<HttpResponse, Error> {
    let d = console.frame(Here::Cases).await?;
    let today = console.state.service.zone.today(console.now).to_string();
    let [reference, onset, tested] = std::array::from_fn(|_| Typed::default());
    page(StatusCode::OK, &NewPage { d, nonce: Uuid::new_v4(), reference, onset, tested, today })
}

/// `POST /console/cases`: opens a case. The same form twice leads to the same case.
pub(crate) async fn create(console: ConsoleRequest, may: May<MayTrace>, form: Form) -> Result<HttpResponse, Error> {
    let w = console.language.frame(&console.state.service).w;
    // A form without a nonce of ours is nobody's second try.
    let nonce = form.get("nonce").parse().unwrap_or_else(|_| Uuid::new_v4());
    let reference = form.get("reference");
    let mut typed = HashMap::new();
    let mut dates = HashMap::new();
    for which in [Which::Onset, Which::Tested] {
        match words::typed_date(form.get(which.as_str())) {
            Ok(date) => {
                dates.insert(which, date);
            }
            Err(()) => {
                typed.insert(which, w.case_date_malformed());
            }
        }
    }
    let date = |which: Which| -> Option<NaiveDate> { dates.get(&which).copied().flatten() };
    let new = NewCase { reference: reference.to_owned(), onset: date(Which::Onset), tested: date(Which::Tested), ..NewCase::default() };
    let mut act = console.act(&may.0).await?;
    let opened = case::open(&mut act, &new, FormKey::of(nonce, reference)).await;
    let mut reference_error = None;
    match opened {
        Ok((id, fresh)) if typed.is_empty() => {
            act.commit().await?;
            return Ok(to_page(&console, &format!("/console/cases/{id}"), if fresh { "opened" } else { "opened_before" }));
        }
        Ok(_) => act.rollback().await?,
        Err(CaseError::Invalid(problems)) => {
            for problem in problems {
                match problem {
                    CaseProblem::Reference(problem) => reference_error = Some(words::reference(w, problem)),
                    CaseProblem::Date { which, problem } => {
                        typed.insert(which, words::date(w, problem));
                    }
                    _ => {}
                }
            }
        }
        Err(error) => return Err(error.into()),
    }
    let d = console.frame(Here::Cases).await?;
    let mut field = |which: Which| Typed { value: form.get(which.as_str()).to_owned(), error: typed.remove(&which) };
    let (onset, tested) = (field(Which::Onset), field(Which::Tested));
    let reference = Typed { value: reference.to_owned(), error: reference_error };
    let today = console.state.service.zone.today(console.now).to_string();
    page(StatusCode::UNPROCESSABLE_ENTITY, &NewPage { d, nonce, reference, onset, tested, today })
}
