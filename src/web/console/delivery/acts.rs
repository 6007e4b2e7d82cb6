//! Acts on an alert that is on its way. Each weighty act has a page of its own that says what will happen; the act is a POST.
use super::alert_label;
use crate::alert::{self, AlertError, AlertId, DeliveryRequest, State as AlertState, Status};
use crate::base::locale::Words;
use crate::mail::Counts;
use crate::official::{MayApprove, MayTrace};
use crate::web::api::alerts::rules;
use crate::web::console::field::{Field, focus_first_wrong};
use crate::web::console::proof::Proven;
use crate::web::console::{ConsoleFrame, ConsoleRequest, Here};
use crate::web::error::Error;
use crate::web::form::Form;
use crate::web::page::page;
use crate::web::session::May;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::Path;
use askama::Template;

/// A page that asks before it is done.
#[derive(Template)]
#[template(path = "web/console/delivery/confirm.html")]
struct Confirm<'a> {
    d: ConsoleFrame<'a>,
    w: &'static Words,
    id: AlertId,
    /// The last part of the path.
    act: &'static str,
    label: String,
    title: String,
    text: Vec<String>,
    button: String,
    stops: bool,
    /// The number that was looked at, sent back with the form.
    seen: Option<i64>,
    trouble: Option<String>,
    /// The second factor, where the last proof is old.
    proof: Option<Field>,
}

/// Back to the alert, which says what was done.
pub(super) fn back(id: AlertId, lang: &str, done: &str) -> HttpResponse {
    let mark = if lang.is_empty() { '?' } else { '&' };
    HttpResponse::SeeOther().insert_header((LOCATION, format!("/console/alerts/{id}/progress{lang}{mark}done={done}"))).finish()
}

/// Shows the page of an act again when it could not be done.
async fn refused(console: &ConsoleRequest, id: AlertId, act: Act, error: AlertError) -> Result<HttpResponse, Error> {
    let w = console.language.locale.words();
    let trouble = match error {
        AlertError::Unknown | AlertError::Database(_) => return Err(error.into()),
        AlertError::TokenMayNotApprove | AlertError::NotYours => w.delivery_refused_not_yours(),
        AlertError::NotVouched => w.official_not_vouched(),
        AlertError::WrongCount => w.delivery_refused_count(),
        AlertError::RetentionOver => w.delivery_refused_retention(),
        AlertError::NobodyToCorrect => w.delivery_refused_nobody(),
        AlertError::NothingWaiting | AlertError::NothingLate => w.delivery_refused_nothing(),
        AlertError::RequestPending | AlertError::ReleasePending => w.delivery_refused_pending(),
        _ => w.delivery_refused_state(),
    };
    confirm(console, id, act, Some(trouble), None).await
}

/// An act with a page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Cancel,
    Late,
    Retry,
    GiveUp,
    Correct,
}

async fn confirm(
    console: &ConsoleRequest,
    id: AlertId,
    act: Act,
    trouble: Option<String>,
    unproven: Option<String>,
) -> Result<HttpResponse, Error> {
    let mut connection = console.state.pool.acquire().await?;
    let status = alert::status(&mut connection, id).await?.ok_or_else(Error::not_found)?;
    let counts = alert::delivery(&mut connection, id).await?;
    let reach = alert::reach(&mut connection, id).await?;
    let retryable = alert::concerned(&mut connection, id, DeliveryRequest::Retry).await?;
    drop(connection);
    let d = console.frame(Here::Delivery).await?;
    let w = d.f.w;
    let (path, title, text, button) = words_of(w, act, &Consequences { status: &status, counts, retryable, reach });
    let error_status = match (&trouble, &unproven) {
        (Some(_), _) => StatusCode::CONFLICT,
        (None, Some(_)) => StatusCode::UNPROCESSABLE_ENTITY,
        (None, None) => StatusCode::OK,
    };
    let mut proof = if act == Act::Late { console.proof_field(unproven) } else { None };
    if let Some(field) = &mut proof {
        focus_first_wrong(&mut [field]);
    }
    let page_of = Confirm {
        w,
        id,
        act: path,
        label: alert_label(w, &status),
        title,
        text,
        button,
        stops: matches!(act, Act::Cancel | Act::GiveUp),
        seen: (act == Act::Late).then_some(status.late),
        trouble,
        proof,
        d,
    };
    page(error_status, &page_of)
}

/// Where an alert stands, and how many mails and people an act would concern.
struct Consequences<'a> {
    status: &'a Status,
    counts: Counts,
    retryable: i64,
    reach: alert::Reach,
}

type ActWords = (&'static str, String, Vec<String>, String);

fn words_of(w: &Words, act: Act, of: &Consequences<'_>) -> ActWords {
    let Consequences { status, counts, retryable, reach } = of;
    let waiting = (counts.queued + counts.deferred).to_string();
    match act {
        Act::Cancel => {
            let begun = status.started_at.is_some();
            let text = if status.state == AlertState::Done {
                w.delivery_cancel_nobody_text()
            } else if begun {
                w.delivery_cancel_text(waiting.as_str(), counts.sent.to_string())
            } else {
                w.delivery_cancel_held_text()
            };
            ("cancel", w.delivery_cancel_title(), vec![text, w.delivery_cancel_final()], w.delivery_cancel())
        }
        Act::Late => {
            let late = status.late.to_string();
            let text = vec![w.delivery_late_confirm(late.as_str())];
            ("late", w.delivery_late_title(late.as_str()), text, w.delivery_late_button(late.as_str()))
        }
        Act::Retry => {
            let text = vec![w.delivery_retry_text(retryable.to_string()), w.delivery_retry_not()];
            ("retry", w.delivery_retry(), text, w.delivery_retry_button(retryable.to_string()))
        }
        Act::GiveUp => {
            let text = vec![w.delivery_give_up_text(waiting.as_str()), w.delivery_give_up_not()];
            ("give-up", w.delivery_give_up(), text, w.delivery_give_up_button(waiting.as_str()))
        }
        Act::Correct => {
            let out = matches!(status.state, AlertState::Sending | AlertState::Paused);
            let mut text = vec![w.delivery_correct_text(reach.people.to_string()), w.delivery_correct_next()];
            if out {
                text.insert(0, w.delivery_stop_correct_text(waiting));
            }
            if reach.gone > 0 {
                text.push(w.delivery_correct_gone(reach.gone.to_string()));
            }
            if out {
                ("correct", w.delivery_stop_correct(), text, w.delivery_stop_correct_button())
            } else {
                ("correct", w.delivery_correct(), text, w.delivery_correct_button())
            }
        }
    }
}

/// `POST /console/alerts/{id}/progress/pause`
pub(crate) async fn pause(may: May<MayTrace>, console: ConsoleRequest, id: Path<AlertId>) -> Result<HttpResponse, Error> {
    let mut act = console.act(&may.0).await?;
    alert::pause(&mut act, *id).await?;
    act.commit().await?;
    Ok(back(*id, lang(&console), "paused"))
}

/// `POST /console/alerts/{id}/progress/resume`
pub(crate) async fn resume(may: May<MayApprove>, console: ConsoleRequest, id: Path<AlertId>) -> Result<HttpResponse, Error> {
    let mut act = console.act(&may.0).await?;
    alert::resume(&mut act, *id).await?;
    act.commit().await?;
    console.state.wake.notify_one();
    Ok(back(*id, lang(&console), "resumed"))
}

pub(super) fn lang(console: &ConsoleRequest) -> &'static str {
    console.language.frame(&console.state.service).lang
}

/// `GET /console/alerts/{id}/progress/cancel`
pub(crate) async fn cancel_form(_may: May<MayTrace>, console: ConsoleRequest, id: Path<AlertId>) -> Result<HttpResponse, Error> {
    confirm(&console, *id, Act::Cancel, None, None).await
}

/// `POST /console/alerts/{id}/progress/cancel`
pub(crate) async fn cancel(may: May<MayTrace>, console: ConsoleRequest, id: Path<AlertId>) -> Result<HttpResponse, Error> {
    let mut act = console.act(&may.0).await?;
    if let Err(error) = alert::cancel(&mut act, *id).await {
        act.rollback().await?;
        return refused(&console, *id, Act::Cancel, error).await;
    }
    act.commit().await?;
    Ok(back(*id, lang(&console), "cancelled"))
}

/// `GET /console/alerts/{id}/progress/late`
pub(crate) async fn late_form(_may: May<MayApprove>, console: ConsoleRequest, id: Path<AlertId>) -> Result<HttpResponse, Error> {
    confirm(&console, *id, Act::Late, None, None).await
}

/// `POST /console/alerts/{id}/progress/late`
pub(crate) async fn late(may: May<MayApprove>, mut console: ConsoleRequest, id: Path<AlertId>, form: Form) -> Result<HttpResponse, Error> {
    if let Proven::No(refusal) = console.prove(&form).await? {
        return confirm(&console, *id, Act::Late, None, Some(refusal.text)).await;
    }
    let seen = form.get("visits").parse().unwrap_or(-1);
    let mut act = console.act(&may.0).await?;
    if let Err(error) = alert::release_late(&mut act, &rules(&console.state), *id, seen).await {
        act.rollback().await?;
        return refused(&console, *id, Act::Late, error).await;
    }
    act.commit().await?;
    console.state.wake.notify_one();
    Ok(back(*id, lang(&console), "released"))
}

/// `GET /console/alerts/{id}/progress/retry`
pub(crate) async fn retry_form(_may: May<MayApprove>, console: ConsoleRequest, id: Path<AlertId>) -> Result<HttpResponse, Error> {
    confirm(&console, *id, Act::Retry, None, None).await
}

/// `POST /console/alerts/{id}/progress/retry`
pub(crate) async fn retry(may: May<MayApprove>, console: ConsoleRequest, id: Path<AlertId>) -> Result<HttpResponse, Error> {
    request_delivery(&may, &console, *id, DeliveryRequest::Retry).await
}

/// `GET /console/alerts/{id}/progress/give-up`
pub(crate) async fn give_up_form(_may: May<MayApprove>, console: ConsoleRequest, id: Path<AlertId>) -> Result<HttpResponse, Error> {
    confirm(&console, *id, Act::GiveUp, None, None).await
}

/// `POST /console/alerts/{id}/progress/give-up`
pub(crate) async fn give_up(may: May<MayApprove>, console: ConsoleRequest, id: Path<AlertId>) -> Result<HttpResponse, Error> {
    request_delivery(&may, &console, *id, DeliveryRequest::GiveUp).await
}

async fn request_delivery(
    may: &May<MayApprove>,
    console: &ConsoleRequest,
    id: AlertId,
    request: DeliveryRequest,
) -> Result<HttpResponse, Error> {
    let (kind, done) = match request {
        DeliveryRequest::Retry => (Act::Retry, "retried"),
        // Sending refused mails again has a page of its own.
        DeliveryRequest::GiveUp | DeliveryRequest::SendAgain => (Act::GiveUp, "given_up"),
    };
    let mut act = console.act(&may.0).await?;
    if let Err(error) = alert::request_delivery(&mut act, &rules(&console.state), id, request).await {
        act.rollback().await?;
        return refused(console, id, kind, error).await;
    }
    act.commit().await?;
    console.state.wake.notify_one();
    Ok(back(id, lang(console), done))
}

/// `GET /console/alerts/{id}/progress/correct`
pub(crate) async fn correct_form(_may: May<MayTrace>, console: ConsoleRequest, id: Path<AlertId>) -> Result<HttpResponse, Error> {
    let mut connection = console.state.pool.acquire().await?;
    let status = alert::status(&mut connection, *id).await?.ok_or_else(Error::not_found)?;
    let reach = alert::reach(&mut connection, *id).await?;
    drop(connection);
    let w = console.language.locale.words();
    let ended = matches!(status.state, AlertState::Done | AlertState::Cancelled);
    let trouble = if reach.people == 0 && reach.gone > 0 {
        Some(w.delivery_refused_retention())
    } else if status.started_at.is_some() && ended && reach.people == 0 {
        Some(w.delivery_refused_nobody())
    } else {
        None
    };
    confirm(&console, *id, Act::Correct, trouble, None).await
}

/// `POST /console/alerts/{id}/progress/correct`
pub(crate) async fn correct(may: May<MayTrace>, console: ConsoleRequest, id: Path<AlertId>) -> Result<HttpResponse, Error> {
    let mut act = console.act(&may.0).await?;
    match alert::correct(&mut act, *id).await {
        Ok(correction) => {
            act.commit().await?;
            console.state.wake.notify_one();
            let path = format!("/console/alerts/{correction}{}", lang(&console));
            Ok(HttpResponse::SeeOther().insert_header((LOCATION, path)).finish())
        }
        Err(error) => {
            act.rollback().await?;
            refused(&console, *id, Act::Correct, error).await
        }
    }
}
