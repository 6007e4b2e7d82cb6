//! Sending again what was refused for good: by reason, since one reason is mended and another is not.
use super::acts::{back, lang};
use super::alert_label;
use super::mails::{Numbers, failure_reason};
use crate::alert::{self, AlertError, AlertId};
use crate::base::locale::Words;
use crate::mail::FailureReason;
use crate::official::MayApprove;
use crate::web::api::alerts::rules;
use crate::web::console::{ConsoleFrame, ConsoleRequest, Here};
use crate::web::error::Error;
use crate::web::form::Form;
use crate::web::page::page;
use crate::web::session::May;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;

/// A reason that can be ticked.
struct ReasonBox {
    code: String,
    label: String,
    ticked: bool,
}

#[derive(Template)]
#[template(path = "web/console/delivery/again.html")]
struct AgainPage<'a> {
    d: ConsoleFrame<'a>,
    w: &'static Words,
    id: AlertId,
    label: String,
    reasons: Vec<ReasonBox>,
    trouble: Option<String>,
}

/// `GET /console/alerts/{id}/progress/send-again`
pub(crate) async fn form(_may: May<MayApprove>, console: ConsoleRequest, id: Path<AlertId>) -> Result<HttpResponse, Error> {
    show(&console, *id, &[], None).await
}

async fn show(
    console: &ConsoleRequest,
    id: AlertId,
    ticked: &[String],
    trouble: Option<(StatusCode, String)>,
) -> Result<HttpResponse, Error> {
    let mut connection = console.state.pool.acquire().await?;
    let status = alert::status(&mut connection, id).await?.ok_or_else(Error::not_found)?;
    let refused = alert::refused(&mut connection, id).await?;
    drop(connection);
    let d = console.frame(Here::Delivery).await?;
    let (w, numbers) = (d.f.w, Numbers { exact: d.may_trace() });
    let only = refused.len() == 1;
    let reason_box = |reason: crate::mail::Reason| ReasonBox {
        label: w.delivery_send_again_reason(failure_reason(w, FailureReason::of(&reason.reason)), numbers.show(reason.rows)),
        ticked: only || ticked.contains(&reason.reason),
        code: reason.reason,
    };
    let reasons: Vec<_> = refused.into_iter().map(reason_box).collect();
    let (code, trouble) = match trouble {
        Some((code, text)) => (code, Some(text)),
        None if status.is_mistaken() => (StatusCode::OK, Some(w.delivery_refused_corrected())),
        None if reasons.is_empty() => (StatusCode::OK, Some(w.delivery_refused_nothing())),
        None => (StatusCode::OK, None),
    };
    page(code, &AgainPage { w, id, label: alert_label(w, &status), reasons, trouble, d })
}

/// `POST /console/alerts/{id}/progress/send-again`
pub(crate) async fn send(may: May<MayApprove>, console: ConsoleRequest, id: Path<AlertId>, form: Form) -> Result<HttpResponse, Error> {
    let w = console.language.locale.words();
    let ticked: Vec<String> = form.all("reason").map(ToOwned::to_owned).collect();
    if ticked.is_empty() {
        let trouble = (StatusCode::UNPROCESSABLE_ENTITY, w.delivery_send_again_none());
        return show(&console, *id, &ticked, Some(trouble)).await;
    }
    let mut act = console.act(&may.0).await?;
    let trouble = match alert::send_again(&mut act, &rules(&console.state), *id, Some(&ticked)).await {
        Ok(_) => {
            act.commit().await?;
            console.state.wake.notify_one();
            return Ok(back(*id, lang(&console), "sent_again"));
        }
        Err(error @ (AlertError::Unknown | AlertError::Database(_))) => return Err(error.into()),
        Err(AlertError::NothingWaiting) => w.delivery_refused_nothing(),
        Err(AlertError::RequestPending) => w.delivery_refused_pending(),
        Err(AlertError::TokenMayNotApprove) => w.delivery_refused_not_yours(),
        Err(_) => w.delivery_refused_state(),
    };
    act.rollback().await?;
    show(&console, *id, &ticked, Some((StatusCode::CONFLICT, trouble))).await
}
