//! Delivery: how mails fare, of all alerts and of one, what may be asked of waiting ones, and the stop of everything.
pub(crate) mod acts;
pub(crate) mod again;
pub(crate) mod events;
mod mails;
pub(crate) mod progress;
pub(crate) mod stop;

use crate::alert::listing::{Asked, List};
use crate::alert::{self, Halt, State as AlertState, Status};
use crate::audit::Reading;
use crate::base::cursor::Page;
use crate::base::locale::Words;
use crate::mail::sending::StopKind;
use crate::official::MayView;
use crate::web::console::{ConsoleFrame, ConsoleRequest, Here};
use crate::web::error::Error;
use crate::web::page::{Language, page, render};
use crate::web::read_audit;
use crate::web::session::May;
use crate::web::state::State;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use mails::{Mails, Numbers};
use sqlx::PgConnection;

/// Alerts that the board lists: what is on its way, and what ended lately.
const MAX_ALERTS: i64 = 50;
/// Of those, alerts that ended.
const MAX_ENDED: i64 = 10;

/// The result of the last act, in words; nothing for a key that is not ours.
pub(super) fn done_text(w: &Words, done: Option<&str>) -> Option<String> {
    Some(match done? {
        "stopped" => w.delivery_done_stopped(),
        "resumed_all" => w.delivery_done_resumed_all(),
        "paused" => w.delivery_done_paused(),
        "resumed" => w.delivery_done_resumed(),
        "cancelled" => w.delivery_done_cancelled(),
        "released" => w.delivery_done_released(),
        "retried" => w.delivery_done_retried(),
        "given_up" => w.delivery_done_given_up(),
        "sent_again" => w.delivery_done_sent_again(),
        "trial" => w.delivery_done_trial(),
        _ => return None,
    })
}

/// The stops that hold, in words. For the layout of every page, and for the board.
#[derive(Template)]
#[template(path = "web/console/delivery/stopped.html")]
pub(crate) struct Stopped {
    w: &'static Words,
    lang: &'static str,
    texts: Vec<String>,
    may_approve: bool,
}

impl Stopped {
    /// The banner of a page in `language`, if all sending is stopped.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn now(state: &State, language: Language, may_approve: bool) -> Result<Option<Self>, Error> {
        let mut connection = state.pool.acquire().await?;
        let halts = alert::halts(&mut connection).await?;
        if halts.is_empty() {
            return Ok(None);
        }
        let frame = language.frame(&state.service);
        let texts = halts.iter().flat_map(|halt| halt_texts(frame.w, state, language, halt)).collect();
        Ok(Some(Self { w: frame.w, lang: frame.lang, texts, may_approve }))
    }
}

/// Why a stop holds; where the mail server refuses everybody, also what to do and how the last trial went.
fn halt_texts(w: &Words, state: &State, language: Language, Halt { stop, by }: &Halt) -> Vec<String> {
    let zone = state.service.zone;
    let (date, time) = (language.locale.short_date(zone.today(stop.stopped_at)), zone.wall_time(stop.stopped_at));
    match stop.kind {
        StopKind::Asked => vec![w.delivery_stopped_by(date, time, by.as_deref().unwrap_or_default(), stop.reason.as_str())],
        StopKind::Restored => vec![w.delivery_stopped_restored(date, time)],
        StopKind::Refused => {
            let mut texts = vec![w.delivery_stopped_refused(date, time, stop.answer.as_deref().unwrap_or_default())];
            match (stop.trial_at, stop.trial_refused_at) {
                (Some(at), _) => texts.push(w.delivery_stopped_trial(zone.wall_time(at))),
                (None, Some(at)) => texts.push(w.delivery_stopped_trial_refused(zone.wall_time(at))),
                (None, None) => {}
            }
            texts.push(w.delivery_stopped_refused_do());
            texts
        }
    }
}

/// Where an alert stands, in words, with the class of its sign.
pub(super) fn alert_state(w: &Words, state: AlertState) -> (&'static str, String) {
    match state {
        AlertState::Draft => ("", w.delivery_alert_draft()),
        AlertState::Submitted => ("wait", w.delivery_alert_submitted()),
        AlertState::Held => ("wait", w.delivery_alert_held()),
        AlertState::Sending => ("go", w.delivery_alert_sending()),
        AlertState::Paused => ("wait", w.delivery_alert_paused()),
        AlertState::Done => ("good", w.delivery_alert_done()),
        AlertState::Cancelled => ("", w.delivery_alert_cancelled()),
    }
}

/// A line of the list of alerts.
struct AlertLine {
    path: String,
    label: String,
    class: &'static str,
    state: String,
    sent: String,
    waiting: String,
    failed: String,
    all: String,
}

#[derive(Template)]
#[template(path = "web/console/delivery/overall.html")]
struct Overall<'a> {
    d: ConsoleFrame<'a>,
    done: Option<String>,
    time: String,
    stopped: bool,
    m: Mails,
    w: &'static Words,
    alerts: Vec<AlertLine>,
    /// There are more than are shown.
    more: bool,
}

/// `GET /console/delivery`
pub(crate) async fn overall(may: May<MayView>, console: ConsoleRequest) -> Result<HttpResponse, Error> {
    read_audit::note(&console.state, may.0.actor(), Reading::DeliveryBoard, None).await?;
    let d = console.frame(Here::Delivery).await?;
    let (w, numbers) = (d.f.w, Numbers { exact: d.may_trace() });
    let mut connection = console.state.pool.acquire().await?;
    let board = alert::board(&mut connection, console.now, None).await?;
    let stopped = !alert::halts(&mut connection).await?.is_empty();
    let (shown, more) = shown_alerts(&mut connection).await?;
    let ids: Vec<_> = shown.iter().map(|status| status.id).collect();
    let counts = alert::deliveries(&mut connection, &ids).await?;
    let line = |(status, counts): (&Status, &crate::mail::Counts)| {
        let (class, state) = alert_state(w, status.state);
        AlertLine {
            path: format!("/console/alerts/{}/progress{}", status.id, d.f.lang),
            label: alert_label(w, status),
            class,
            state,
            sent: numbers.show(counts.sent),
            waiting: numbers.show(counts.queued + counts.deferred),
            failed: numbers.show(counts.bounced + counts.dead),
            all: numbers.show(counts.rows()),
        }
    };
    let alerts = shown.iter().zip(&counts).map(line).collect();
    let m = Mails::of(w, console.state.service.zone, console.now, numbers, &board);
    let (done, time) = (done_text(w, console.done.as_deref()), console.state.service.zone.wall_time(console.now));
    page(StatusCode::OK, &Overall { d, done, time, stopped, m, w, alerts, more })
}

/// Those that were released: what is on its way, and the newest that ended. Whether there are more.
async fn shown_alerts(connection: &mut PgConnection) -> Result<(Vec<Status>, bool), Error> {
    let on_the_way = Asked { lists: Some(&[List::Waiting, List::Out]), released: true, limit: MAX_ALERTS, ..Asked::default() };
    let Page { rows: mut shown, next, .. } = alert::listing::page(connection, &on_the_way).await?;
    let ended = Asked { lists: Some(&[List::Ended]), released: true, limit: MAX_ENDED, ..Asked::default() };
    let ended = alert::listing::page(connection, &ended).await?;
    shown.extend(ended.rows);
    Ok((shown, next.or(ended.next).is_some()))
}

fn alert_label(w: &Words, status: &Status) -> String {
    let number = status.number.to_string();
    if status.corrects.is_some() { w.delivery_correction(number) } else { w.delivery_alert(number) }
}

/// A part of a page, rendered by itself.
fn part(template: &impl Template) -> Result<String, Error> {
    render(template)
}
