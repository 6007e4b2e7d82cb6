//! One alert on its way: the page, and the part of it that changes while it is looked at.
use super::mails::{Mails, Numbers};
use super::{alert_label, alert_state, done_text, part};
use crate::alert::{self, AlertId, Board, DeliveryRequest, State as AlertState, Status};
use crate::audit::Reading;
use crate::base::locale::Words;
use crate::official::{MayView, Role, WebSession};
use crate::web::assets;
use crate::web::console::{ConsoleFrame, ConsoleRequest, Here};
use crate::web::error::Error;
use crate::web::page::{Language, page};
use crate::web::read_audit;
use crate::web::session::May;
use crate::web::state::State;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use chrono::{DateTime, Utc};

/// The script that renews the page's live part.
pub(super) const SCRIPT: &str = "progress.js";

/// Everything on the page that changes by itself.
#[derive(Template)]
#[template(path = "web/console/delivery/live.html")]
struct Live {
    w: &'static Words,
    lang: &'static str,
    id: AlertId,
    m: Mails,
    time: String,
    late: Option<Late>,
    acts: Acts,
    links: Vec<Link>,
    request_pending: bool,
}

struct Late {
    visits: String,
    refused: bool,
    pending: bool,
}

/// Which acts this person may do now; the server asks again when they come.
#[derive(Default)]
struct Acts {
    pause: bool,
    resume: bool,
    cancel: bool,
    late: bool,
    retry: bool,
    again: bool,
    give_up: bool,
    correct: bool,
    /// It is still out: correcting it stops it.
    stops: bool,
}

/// The other half of a correction.
struct Link {
    path: String,
    label: String,
}

/// The live part in words, and the state that a screen reader is told of.
pub(super) struct Rendered {
    pub(super) html: String,
    pub(super) state: String,
    /// The moment that stands in the text.
    pub(super) time: String,
}

/// Renders the live part for somebody. None: there is no such alert.
pub(super) async fn live(
    state: &State,
    now: DateTime<Utc>,
    language: Language,
    login: &WebSession,
    id: AlertId,
) -> Result<Option<(Status, Rendered)>, Error> {
    let mut connection = state.pool.acquire().await?;
    let Some(status) = alert::status(&mut connection, id).await? else {
        return Ok(None);
    };
    let frame = language.frame(&state.service);
    let (w, lang) = (frame.w, frame.lang);
    let traces = matches!(login.role, Role::Tracer | Role::Approver | Role::Admin);
    let numbers = Numbers { exact: traces };
    let board = alert::board(&mut connection, now, Some(id)).await?;
    let retryable = alert::concerned(&mut connection, id, DeliveryRequest::Retry).await?;
    let refused = alert::concerned(&mut connection, id, DeliveryRequest::SendAgain).await?;
    let others = status.corrects.into_iter().map(|other| (other, true)).chain(status.corrected_by.map(|other| (other, false)));
    let mut links = Vec::new();
    for (other, corrects) in others {
        if let Some(other) = alert::status(&mut connection, other).await? {
            let number = other.number.to_string();
            let label = if corrects { w.delivery_corrects(number) } else { w.delivery_corrected_by(number) };
            links.push(Link { path: format!("/console/alerts/{}/progress{lang}", other.id), label });
        }
    }
    let acts = acts(login.role, &status, retryable, refused, &board);
    let late = (status.late > 0).then(|| Late {
        visits: numbers.show(status.late),
        refused: status.release_refused.is_some(),
        pending: status.release_pending,
    });
    let m = Mails::of(w, state.service.zone, now, numbers, &board);
    let time = now.with_timezone(&state.service.zone.0).format("%H:%M:%S").to_string();
    let html = part(&Live { w, lang, id, m, time: time.clone(), late, acts, links, request_pending: status.request_pending })?;
    let rendered = Rendered { html, state: alert_state(w, status.state).1, time };
    Ok(Some((status, rendered)))
}

/// Whether an alert that has ended reached nobody: taken back it stands in no other's way.
fn may_be_taken_back(status: &Status, board: &Board) -> bool {
    board.counts.sent + board.counts.ambiguous == 0 && status.corrects.is_none() && !status.is_mistaken()
}

fn acts(role: Role, status: &Status, retryable: i64, refused: i64, board: &Board) -> Acts {
    let (approves, traces) = (matches!(role, Role::Approver | Role::Admin), matches!(role, Role::Tracer | Role::Approver | Role::Admin));
    let (running, paused) = (matches!(status.state, AlertState::Held | AlertState::Sending), status.state == AlertState::Paused);
    let mistaken = status.is_mistaken();
    let may_request = approves
        && !mistaken
        && !status.request_pending
        && matches!(status.state, AlertState::Sending | AlertState::Paused | AlertState::Done);
    Acts {
        pause: traces && running,
        resume: approves && paused,
        cancel: traces && (running || paused || (status.state == AlertState::Done && may_be_taken_back(status, board))),
        late: approves
            && !mistaken
            && status.late > 0
            && !status.release_pending
            && matches!(status.state, AlertState::Sending | AlertState::Done),
        retry: may_request && retryable > 0,
        again: may_request && refused > 0,
        give_up: may_request && board.waiting() > 0,
        correct: traces && alert::may_be_corrected(status) && status.corrected_by.is_none(),
        stops: running || paused,
    }
}

#[derive(Template)]
#[template(path = "web/console/delivery/progress.html")]
struct Progress<'a> {
    d: ConsoleFrame<'a>,
    w: &'static Words,
    id: AlertId,
    label: String,
    state: String,
    steps: [Step; 6],
    done: Option<String>,
    live: String,
    script: &'static str,
}

/// `GET /console/alerts/{id}/progress`
pub(crate) async fn show(may: May<MayView>, console: ConsoleRequest, id: Path<AlertId>) -> Result<HttpResponse, Error> {
    read_audit::note(&console.state, may.0.actor(), Reading::AlertDelivery, Some(id.0)).await?;
    let (status, live) = live(&console.state, console.now, console.language, &console.login, *id).await?.ok_or_else(Error::not_found)?;
    let d = console.frame(Here::Delivery).await?;
    let w = d.f.w;
    page(
        StatusCode::OK,
        &Progress {
            w,
            id: *id,
            label: alert_label(w, &status),
            state: live.state,
            steps: steps(w, status.state),
            done: done_text(w, console.done.as_deref()),
            live: live.html,
            script: assets::path_of(SCRIPT),
            d,
        },
    )
}

/// One step of an alert's way.
struct Step {
    past: bool,
    current: bool,
    name: String,
}

/// The six steps of every alert.
fn steps(w: &Words, state: AlertState) -> [Step; 6] {
    let current = match state {
        AlertState::Draft => Some(0),
        AlertState::Submitted => Some(2),
        AlertState::Held => Some(3),
        AlertState::Sending | AlertState::Paused => Some(4),
        AlertState::Done => Some(5),
        AlertState::Cancelled => None,
    };
    let names =
        [w.delivery_step_1(), w.delivery_step_2(), w.delivery_step_3(), w.delivery_step_4(), w.delivery_step_5(), w.delivery_step_6()];
    let mut index = 0;
    names.map(|name| {
        let step = Step { past: current.is_some_and(|current| index < current), current: current == Some(index), name };
        index += 1;
        step
    })
}
