//! Decisions about an alert: submit, approve, send back, cancel. Each is one POST from the page that was looked at.
use super::show::{AlertPage, Asked, render};
use super::{found, go, path_of, refused};
use crate::alert::{self, AlertError, AlertId, Digest, Reason, Seen, State as AlertState, Submission};
use crate::official::{MayApprove, MayTrace};
use crate::web::api::alerts::rules;
use crate::web::console::proof::Proven;
use crate::web::console::{ConsoleFrame, ConsoleRequest, Here};
use crate::web::error::Error;
use crate::web::form::Form;
use crate::web::page::page;
use crate::web::session::May;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use unicode_normalization::UnicodeNormalization;

/// Longest typed number that is read.
const MAX_TYPED: usize = 40;

#[derive(Template)]
#[template(path = "web/console/alerts/return.html")]
struct ReturnPage<'a> {
    d: ConsoleFrame<'a>,
    title: String,
    path: String,
    reason: String,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "web/console/alerts/cancel.html")]
struct CancelPage<'a> {
    d: ConsoleFrame<'a>,
    title: String,
    path: String,
    sending: bool,
}

/// The revision and digest that the page had shown. A form that was tampered with names none.
fn seen(form: &Form) -> Option<(i32, Digest)> {
    Some((form.get("revision").parse().ok()?, form.get("digest").parse().ok()?))
}

/// A reason that may be left out.
fn tonight(form: &Form) -> Result<Option<Reason>, ()> {
    let typed = form.get("tonight");
    if typed.trim().is_empty() { Ok(None) } else { Reason::parse(typed).map(Some).map_err(|_| ()) }
}

/// A number as people type it: full width, with commas or spaces.
fn typed_number(text: &str) -> Option<i64> {
    if text.len() > MAX_TYPED {
        return None;
    }
    let plain: String = text.nfkc().filter(|c| !c.is_whitespace() && !matches!(c, ',' | '、' | '件')).collect();
    plain.bytes().all(|byte| byte.is_ascii_digit()).then(|| plain.parse().ok()).flatten()
}

/// `POST /console/alerts/{id}/submit`
pub(crate) async fn submit(console: ConsoleRequest, may: May<MayTrace>, id: Path<AlertId>, form: Form) -> Result<HttpResponse, Error> {
    let w = console.language.locale.words();
    let Ok(tonight) = tonight(&form) else {
        let asked = Asked { tonight: form.get("tonight").into(), tonight_error: Some(w.desk_alert_wrong_reason()), ..Asked::default() };
        return render(&console, may.0.actor(), *id, AlertPage::refused(asked)).await;
    };
    let Some(seen) = seen(&form) else {
        return refused(&console, *id, AlertError::Stale).await;
    };
    let mut act = console.act(&may.0).await?;
    match alert::submit(&mut act, &rules(&console.state), *id, &Submission { seen: Some(seen), tonight }).await {
        Ok(_) => {
            act.commit().await?;
            Ok(go(&console, &path_of(*id), "submitted"))
        }
        Err(error) => {
            act.rollback().await?;
            refused(&console, *id, error).await
        }
    }
}

/// `POST /console/alerts/{id}/approve`
pub(crate) async fn approve(
    mut console: ConsoleRequest,
    may: May<MayApprove>,
    id: Path<AlertId>,
    form: Form,
) -> Result<HttpResponse, Error> {
    let w = console.language.locale.words();
    let mut asked = Asked { visits: form.get("visits").into(), tonight: form.get("tonight").into(), ..Asked::default() };
    let (visits, tonight) = (typed_number(form.get("visits")), tonight(&form));
    if visits.is_none() {
        asked.visits_error = Some(w.desk_alert_typed_wrong());
    }
    if tonight.is_err() {
        asked.tonight_error = Some(w.desk_alert_wrong_reason());
    }
    let (Some(visits), Ok(tonight)) = (visits, tonight) else {
        return render(&console, may.0.actor(), *id, AlertPage::refused(asked)).await;
    };
    let Some((revision, digest)) = seen(&form) else {
        return refused(&console, *id, AlertError::Stale).await;
    };
    if let Proven::No(refusal) = console.prove(&form).await? {
        let code = if refusal.wait.is_some() { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::UNPROCESSABLE_ENTITY };
        asked.code_error = Some(refusal.text);
        return render(&console, may.0.actor(), *id, AlertPage { code, ..AlertPage::refused(asked) }).await;
    }
    let mut act = console.act(&may.0).await?;
    let seen = Seen { revision, digest, visits };
    match alert::approve(&mut act, &rules(&console.state), *id, &seen, tonight.as_ref()).await {
        Ok(_) => {
            act.commit().await?;
            console.state.wake.notify_one();
            Ok(go(&console, &path_of(*id), "approved"))
        }
        Err(AlertError::WrongCount) => {
            act.rollback().await?;
            asked.visits_error = Some(w.desk_alert_typed_wrong());
            render(&console, may.0.actor(), *id, AlertPage::refused(asked)).await
        }
        Err(error) => {
            act.rollback().await?;
            refused(&console, *id, error).await
        }
    }
}

/// `GET /console/alerts/{id}/return`
pub(crate) async fn send_back_form(console: ConsoleRequest, id: Path<AlertId>) -> Result<HttpResponse, Error> {
    let status = found(&mut *console.state.pool.acquire().await?, *id).await?;
    if status.state != AlertState::Submitted {
        return refused(&console, *id, AlertError::WrongState(status.state)).await;
    }
    return_page(&console, *id, StatusCode::OK, "", None).await
}

/// `POST /console/alerts/{id}/return`
pub(crate) async fn send_back(console: ConsoleRequest, may: May<MayApprove>, id: Path<AlertId>, form: Form) -> Result<HttpResponse, Error> {
    let w = console.language.locale.words();
    let Ok(reason) = Reason::parse(form.get("reason")) else {
        let error = Some(w.desk_alert_wrong_reason());
        return return_page(&console, *id, StatusCode::UNPROCESSABLE_ENTITY, form.get("reason"), error).await;
    };
    let mut act = console.act(&may.0).await?;
    match alert::send_back(&mut act, &rules(&console.state), *id, &reason).await {
        Ok(()) => {
            act.commit().await?;
            Ok(go(&console, &path_of(*id), "returned"))
        }
        Err(error) => {
            act.rollback().await?;
            refused(&console, *id, error).await
        }
    }
}

async fn return_page(
    console: &ConsoleRequest,
    id: AlertId,
    code: StatusCode,
    reason: &str,
    error: Option<String>,
) -> Result<HttpResponse, Error> {
    let status = found(&mut *console.state.pool.acquire().await?, id).await?;
    let d = console.frame(Here::Alerts).await?;
    let title = d.f.w.desk_alert_return_title(status.number.to_string());
    page(code, &ReturnPage { d, title, path: path_of(id), reason: reason.to_owned(), error })
}

/// `GET /console/alerts/{id}/cancel`
pub(crate) async fn cancel_form(console: ConsoleRequest, id: Path<AlertId>) -> Result<HttpResponse, Error> {
    let status = found(&mut *console.state.pool.acquire().await?, *id).await?;
    if matches!(status.state, AlertState::Done | AlertState::Cancelled) {
        return refused(&console, *id, AlertError::WrongState(status.state)).await;
    }
    let d = console.frame(Here::Alerts).await?;
    let title = d.f.w.desk_alert_cancel_title(status.number.to_string());
    page(StatusCode::OK, &CancelPage { d, title, path: path_of(*id), sending: status.started_at.is_some() })
}

/// `POST /console/alerts/{id}/cancel`
pub(crate) async fn cancel(console: ConsoleRequest, may: May<MayTrace>, id: Path<AlertId>) -> Result<HttpResponse, Error> {
    let mut act = console.act(&may.0).await?;
    match alert::cancel(&mut act, *id).await {
        Ok(()) => {
            act.commit().await?;
            Ok(go(&console, &path_of(*id), "cancelled"))
        }
        Err(error) => {
            act.rollback().await?;
            refused(&console, *id, error).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_type_them() {
        for (text, value) in [("189", Some(189)), (" １８９件 ", Some(189)), ("1,284", Some(1_284)), ("0", Some(0))] {
            assert_eq!(typed_number(text), value, "{text}");
        }
        for bad in ["", "-1", "1.5", "abc", "99999999999999999999", &"1".repeat(41)] {
            assert_eq!(typed_number(bad), None, "{bad}");
        }
    }
}
