//! Alerts at the officials' console: the list and what waits to be joined, the words, the preview, the approval, the hold, the end.
//! Invariants: the person who decides has seen the page that the decision names (revision and digest travel with the form), and a
//! refused decision has done nothing and says so on a page of its own.
mod decide;
mod list;
mod show;
mod view;
mod wording;

pub(crate) use decide::{approve, cancel, cancel_form, send_back, send_back_form, submit};
pub(crate) use list::{join, list};
pub(crate) use show::show;
pub(crate) use wording::{word, wording_form};

use crate::alert::{self, AlertError, AlertId, State as AlertState, Status};
use crate::base::locale::Words;
use crate::web::console::{ConsoleFrame, ConsoleRequest, Here};
use crate::web::error::Error;
use crate::web::page::page;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use askama::Template;

/// Where an alert's page is.
fn path_of(id: AlertId) -> String {
    format!("/console/alerts/{id}")
}

/// To a page, with what was done as a key.
fn go(console: &ConsoleRequest, path: &str, done: &str) -> HttpResponse {
    let lang = if console.language.chosen { format!("lang={}&", console.language.locale.tag()) } else { String::new() };
    HttpResponse::SeeOther().insert_header((LOCATION, format!("{path}?{lang}done={done}"))).finish()
}

/// The result of the last act, in words.
fn done_words(w: &Words, done: Option<&str>) -> Option<String> {
    match done? {
        "joined" => Some(w.desk_alert_done_joined()),
        "worded" => Some(w.desk_alert_done_worded()),
        "submitted" => Some(w.desk_alert_done_submitted()),
        "approved" => Some(w.desk_alert_done_approved()),
        "returned" => Some(w.desk_alert_done_returned()),
        "cancelled" => Some(w.desk_alert_done_cancelled()),
        _ => None,
    }
}

/// A state in words, and how it is drawn.
fn state_words(w: &Words, status: &Status) -> (String, &'static str) {
    let returned = status.returned.is_some() || status.refused.is_some();
    match status.state {
        AlertState::Draft | AlertState::Submitted if returned => (w.desk_alert_state_returned(), "bad"),
        state => (name_of(w, state), class_of(state)),
    }
}

fn name_of(w: &Words, state: AlertState) -> String {
    match state {
        AlertState::Draft => w.desk_alert_state_draft(),
        AlertState::Submitted => w.desk_alert_state_submitted(),
        AlertState::Held => w.desk_alert_state_held(),
        AlertState::Sending => w.desk_alert_state_sending(),
        AlertState::Paused => w.desk_alert_state_paused(),
        AlertState::Done => w.desk_alert_state_done(),
        AlertState::Cancelled => w.desk_alert_state_cancelled(),
    }
}

fn class_of(state: AlertState) -> &'static str {
    match state {
        AlertState::Draft | AlertState::Cancelled => "",
        AlertState::Submitted | AlertState::Held | AlertState::Paused => "wait",
        AlertState::Sending => "go",
        AlertState::Done => "good",
    }
}

/// A decision that was not carried out, and why.
#[derive(Template)]
#[template(path = "web/console/alerts/refused.html")]
struct Refused<'a> {
    d: ConsoleFrame<'a>,
    title: String,
    text: String,
    /// Where to look now.
    path: String,
}

/// The page of a refused decision: 409 when things are otherwise than they were, 403 when this person may not.
async fn refused(console: &ConsoleRequest, id: AlertId, error: AlertError) -> Result<HttpResponse, Error> {
    let w = console.language.locale.words();
    let (status, title, text) = match &error {
        AlertError::Stale | AlertError::WrongCount => (StatusCode::CONFLICT, w.desk_alert_stale_title(), w.desk_alert_stale_text()),
        AlertError::WrongState(now) => (StatusCode::CONFLICT, w.desk_alert_state_title(name_of(w, *now)), w.desk_alert_state_text()),
        AlertError::UntilPassed => (StatusCode::CONFLICT, w.desk_alert_until_title(), w.desk_alert_until_text()),
        AlertError::SamePrincipal => (StatusCode::FORBIDDEN, w.desk_alert_same_title(), w.desk_alert_same_text()),
        AlertError::TokenMayNotApprove => (StatusCode::FORBIDDEN, w.desk_alert_token_title(), w.desk_alert_same_text()),
        AlertError::NotYours => (StatusCode::FORBIDDEN, w.desk_alert_not_yours_title(), w.desk_alert_not_yours_text()),
        AlertError::NeedsAdmin => (StatusCode::FORBIDDEN, w.desk_alert_admin_title(), w.desk_alert_admin_text()),
        AlertError::NotVouched => (StatusCode::FORBIDDEN, w.desk_alert_unvouched_title(), w.official_not_vouched()),
        AlertError::SubmissionNotVouched => (StatusCode::CONFLICT, w.desk_alert_submission_title(), w.desk_alert_submission_text()),
        _ => return Err(error.into()),
    };
    let d = console.frame(Here::Alerts).await?;
    page(status, &Refused { d, title, text, path: path_of(id) })
}

/// The alert, or 404.
async fn found(connection: &mut sqlx::PgConnection, id: AlertId) -> Result<Status, Error> {
    alert::status(connection, id).await?.ok_or_else(Error::not_found)
}
