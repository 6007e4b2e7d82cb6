//! Stopping everything, and letting it go on.
use super::{Stopped, halt_texts};
use crate::alert::{self, AlertError, MAX_REASON_CHARS};
use crate::base::locale::Words;
use crate::base::text::TextError;
use crate::mail::sending::StopKind;
use crate::official::{MayApprove, MayTrace};
use crate::web::api::alerts::rules;
use crate::web::console::{ConsoleFrame, ConsoleRequest, Here};
use crate::web::error::Error;
use crate::web::form::Form;
use crate::web::page::{Language, page};
use crate::web::session::May;
use crate::web::state::State;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use askama::Template;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "web/console/delivery/stop.html")]
struct StopPage<'a> {
    d: ConsoleFrame<'a>,
    w: &'static Words,
    typed: &'a str,
    error: Option<String>,
    limit: usize,
}

#[derive(Template)]
#[template(path = "web/console/delivery/resume.html")]
struct ResumePage<'a> {
    d: ConsoleFrame<'a>,
    w: &'static Words,
    stops: Vec<(Uuid, Vec<String>)>,
    restored: bool,
    /// One mail goes first, on trial.
    refused: bool,
    trouble: Option<String>,
}

fn to_board(console: &ConsoleRequest, done: &str) -> HttpResponse {
    let lang = console.language.frame(&console.state.service).lang;
    let mark = if lang.is_empty() { '?' } else { '&' };
    HttpResponse::SeeOther().insert_header((LOCATION, format!("/console/delivery{lang}{mark}done={done}"))).finish()
}

/// `GET /console/sending/stop`
pub(crate) async fn stop_form(_may: May<MayTrace>, console: ConsoleRequest) -> Result<HttpResponse, Error> {
    let d = console.frame(Here::Delivery).await?;
    page(StatusCode::OK, &StopPage { w: d.f.w, d, typed: "", error: None, limit: MAX_REASON_CHARS })
}

/// `POST /console/sending/stop`
pub(crate) async fn stop(may: May<MayTrace>, console: ConsoleRequest, form: Form) -> Result<HttpResponse, Error> {
    let mut act = console.act(&may.0).await?;
    let error = match alert::stop_sending(&mut act, form.get("reason")).await {
        Ok(()) => {
            act.commit().await?;
            return Ok(to_board(&console, "stopped"));
        }
        // Two people at once: both see that it is stopped.
        Err(AlertError::AlreadyStopped) => return Ok(to_board(&console, "stopped")),
        Err(AlertError::Reason(error)) => error,
        Err(error) => return Err(error.into()),
    };
    act.rollback().await?;
    let d = console.frame(Here::Delivery).await?;
    let w = d.f.w;
    let text = match error {
        TextError::Empty => w.delivery_stop_reason_empty(),
        TextError::TooLong => w.delivery_stop_reason_long(MAX_REASON_CHARS.to_string()),
        TextError::Forbidden => w.delivery_stop_reason_forbidden(),
    };
    page(StatusCode::UNPROCESSABLE_ENTITY, &StopPage { w, d, typed: form.get("reason"), error: Some(text), limit: MAX_REASON_CHARS })
}

/// `GET /console/sending/resume`
pub(crate) async fn resume_form(_may: May<MayApprove>, console: ConsoleRequest) -> Result<HttpResponse, Error> {
    resume_page(&console, None).await
}

async fn resume_page(console: &ConsoleRequest, trouble: Option<String>) -> Result<HttpResponse, Error> {
    let mut connection = console.state.pool.acquire().await?;
    let halts = alert::halts(&mut connection).await?;
    drop(connection);
    let d = console.frame(Here::Delivery).await?;
    let w = d.f.w;
    let stops = halts.iter().map(|halt| (halt.stop.id, halt_texts(w, &console.state, console.language, halt))).collect();
    let is_held_by = |kind| halts.iter().any(|halt| halt.stop.kind == kind);
    let (restored, refused) = (is_held_by(StopKind::Restored), is_held_by(StopKind::Refused));
    let status = if trouble.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    page(status, &ResumePage { d, w, stops, restored, refused, trouble })
}

/// `POST /console/sending/resume`
pub(crate) async fn resume(may: May<MayApprove>, console: ConsoleRequest, form: Form) -> Result<HttpResponse, Error> {
    let seen: Vec<Uuid> = form.all("stop").filter_map(|id| id.parse().ok()).collect();
    let mut act = console.act(&may.0).await?;
    let w = console.language.locale.words();
    let trouble = match alert::resume_sending(&mut act, &rules(&console.state), &seen).await {
        Ok(()) => {
            let trial = !alert::halts(&mut act.tx).await?.is_empty();
            act.commit().await?;
            console.state.wake.notify_one();
            return Ok(to_board(&console, if trial { "trial" } else { "resumed_all" }));
        }
        Err(AlertError::NotStopped) => w.delivery_resume_none(),
        Err(AlertError::Stale) => w.delivery_resume_stale(),
        Err(AlertError::NotVouched) => w.official_not_vouched(),
        Err(error) => return Err(error.into()),
    };
    act.rollback().await?;
    resume_page(&console, Some(trouble)).await
}

/// The banner on every page while nothing leaves.
///
/// # Errors
/// The database's.
pub(crate) async fn banner(state: &State, language: Language, may_approve: bool) -> Result<Option<String>, Error> {
    Stopped::now(state, language, may_approve).await?.map(|stopped| super::part(&stopped)).transpose()
}
