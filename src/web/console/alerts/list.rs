//! `/console/alerts`: what is under way, and open cases beside each other to be joined.
use super::view::{day, moment};
use super::{done_words, go, path_of, state_words};
use crate::alert::{self, Line, OpenCase, State as AlertState, Status};
use crate::case::CaseId;
use crate::official::MayTrace;
use crate::web::console::{Desk, DeskFrame, Here};
use crate::web::error::Error;
use crate::web::form::Form;
use crate::web::look::page;
use crate::web::session::May;
use crate::web::state::State;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;

struct Row {
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

#[derive(Template)]
#[template(path = "web/console/alerts/list.html")]
struct ListPage<'a> {
    d: DeskFrame<'a>,
    done: Option<String>,
    error: Option<String>,
    running: Vec<Row>,
    ended: Vec<Row>,
    cases: Vec<CaseRow>,
}

/// `GET /console/alerts`
pub(crate) async fn list(state: Data<State>, desk: Desk) -> Result<HttpResponse, Error> {
    render(&state, &desk, StatusCode::OK, &[], None).await
}

/// `POST /console/alerts`: joins the ticked cases into one alert.
pub(crate) async fn join(state: Data<State>, desk: Desk, may: May<MayTrace>, form: Form) -> Result<HttpResponse, Error> {
    let w = desk.look.locale.words();
    let typed: Vec<&str> = form.all("case").collect();
    let Some(cases) = typed.iter().map(|id| id.parse().ok()).collect::<Option<Vec<CaseId>>>().filter(|cases| !cases.is_empty()) else {
        return render(&state, &desk, StatusCode::UNPROCESSABLE_ENTITY, &typed, Some(w.desk_alert_join_empty())).await;
    };
    let mut tx = state.pool.begin().await?;
    match alert::draft(&mut tx, desk.now, state.service.zone, &may.0, &cases).await {
        Ok(id) => {
            tx.commit().await?;
            Ok(go(&desk, &path_of(id), "joined"))
        }
        Err(alert::DraftError::Database(error)) => Err(error.into()),
        Err(_) => {
            tx.rollback().await?;
            render(&state, &desk, StatusCode::UNPROCESSABLE_ENTITY, &typed, Some(w.desk_alert_join_failed())).await
        }
    }
}

async fn render(state: &State, desk: &Desk, status: StatusCode, chosen: &[&str], error: Option<String>) -> Result<HttpResponse, Error> {
    let d = desk.frame(state, Here::Alerts).await?;
    let mut connection = state.pool.acquire().await?;
    let open = if d.may_trace() { alert::open_cases(&mut connection).await? } else { Vec::new() };
    let in_cases = |status: &Status| open.iter().any(|case| case.draft.as_ref().is_some_and(|(id, _)| *id == status.id));
    let lines = alert::lines(&mut connection, alert::MAX_LISTED).await?;
    // A fresh draft stands beside its case below; here stand those that somebody waits for.
    let shown =
        lines.iter().filter(|line| line.status.state != AlertState::Draft || line.status.returned.is_some() || !in_cases(&line.status));
    let (ended, running): (Vec<&Line>, Vec<&Line>) =
        shown.partition(|line| matches!(line.status.state, AlertState::Done | AlertState::Cancelled));
    let number_of = |id| lines.iter().find(|line| line.status.id == id).map(|line| line.status.number.to_string());
    let row = |line: &Line| row(state, desk, &d, line, line.status.replaced_by.and_then(number_of));
    let page_shown = ListPage {
        done: done_words(d.f.w, desk.done.as_deref()),
        error,
        running: running.into_iter().map(row).collect(),
        ended: ended.into_iter().map(row).collect(),
        cases: open.iter().map(|case| case_row(state, desk, &d, case, chosen)).collect(),
        d,
    };
    page(status, &page_shown)
}

fn row(state: &State, desk: &Desk, d: &DeskFrame<'_>, line: &Line, replaced_by: Option<String>) -> Row {
    let (w, status) = (d.f.w, &line.status);
    let (words, class) = state_words(w, status);
    Row {
        path: path_of(status.id),
        number: status.number.to_string(),
        state: words,
        class,
        extent: w.desk_alert_extent(line.venues.to_string(), line.days.to_string()),
        cases: line.cases.join(&w.desk_alert_lead_sep()),
        next: next(state, desk, d, status, replaced_by),
    }
}

/// What happens next, in words.
fn next(state: &State, desk: &Desk, d: &DeskFrame<'_>, status: &Status, replaced_by: Option<String>) -> String {
    let w = d.f.w;
    let own = status.submitted_by.as_deref() == Some(&format!("official:{}", desk.login.official));
    match status.state {
        AlertState::Draft if status.returned.is_some() => w.desk_alert_next_returned(),
        AlertState::Draft => w.desk_alert_next_draft(),
        AlertState::Submitted if d.may_approve() && !own => w.desk_alert_next_yours(),
        AlertState::Submitted => w.desk_alert_next_other(),
        AlertState::Held => {
            let starts = status.starts_at(state.city.window, state.service.zone).unwrap_or(desk.now);
            w.desk_alert_next_held(moment(d.f.locale, state.service.zone, starts, desk.now))
        }
        AlertState::Sending => w.desk_alert_next_sending(),
        AlertState::Paused => w.desk_alert_next_paused(),
        AlertState::Done | AlertState::Cancelled => {
            replaced_by.map_or_else(|| w.desk_alert_next_none(), |number| w.desk_alert_next_replaced(number))
        }
    }
}

fn case_row(state: &State, desk: &Desk, d: &DeskFrame<'_>, case: &OpenCase, chosen: &[&str]) -> CaseRow {
    let (w, locale, id) = (d.f.w, d.f.locale, case.id.to_string());
    let first = case.stays.first().map(|(venue, date)| format!("{venue} {}", day(locale, *date))).unwrap_or_default();
    let more = case.stays.len().saturating_sub(1);
    CaseRow {
        reference: case.reference.clone(),
        stays: if more > 0 { w.desk_alert_and_more(first, more.to_string()) } else { first },
        reported: moment(locale, state.service.zone, case.created_at, desk.now),
        draft: case.draft.as_ref().map(|(id, number)| (path_of(*id), number.to_string())),
        chosen: chosen.contains(&id.as_str()),
        id,
    }
}
