//! `/console/alerts/{id}`: whichever page fits where the alert stands.
use super::view::{self, People, ShownPreview, Step, moment, number};
use super::{done_words, found, path_of};
use crate::alert::{self, AlertId, Refusal, State as AlertState, Status};
use crate::audit::{Actor, Reading};
use crate::base::locale::Locale;
use crate::official::MayView;
use crate::web::console::{ConsoleFrame, ConsoleRequest, Here};
use crate::web::error::Error;
use crate::web::form::Form;
use crate::web::page::page;
use crate::web::read_audit;
use crate::web::session::May;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use chrono::{DateTime, Utc};

/// The fields of a form that comes back with an error. A code is never kept.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) visits: String,
    pub(super) visits_error: Option<String>,
    pub(super) code_error: Option<String>,
    pub(super) tonight: String,
    pub(super) tonight_error: Option<String>,
}

impl Asked {
    fn is_wrong(&self) -> bool {
        self.visits_error.is_some() || self.code_error.is_some() || self.tonight_error.is_some()
    }
}

/// How the page of an alert is shown.
pub(super) struct AlertPage<'a> {
    pub(super) code: StatusCode,
    /// The language of the mails that are shown; empty: the reader's.
    pub(super) text: &'a str,
    pub(super) asked: Asked,
}

impl AlertPage<'_> {
    /// A form that comes back with what is wrong in it.
    pub(super) fn refused(asked: Asked) -> Self {
        Self { code: StatusCode::UNPROCESSABLE_ENTITY, text: "", asked }
    }
}

/// Something that should be known before one decides.
struct Note {
    title: String,
    text: String,
}

/// The acts that this person may do on the page.
enum Mode {
    /// Submit it, change its words.
    Submit,
    /// Approve it or send it back.
    Approve {
        /// Whether the one-time code is asked for.
        needs_code: bool,
        /// The submitter's reason to send tonight.
        tonight_asked: Option<String>,
    },
    /// Only look.
    Watch { title: String, text: String },
}

#[derive(Template)]
#[template(path = "web/console/alerts/preview.html")]
struct PreviewPage<'a> {
    d: ConsoleFrame<'a>,
    done: Option<String>,
    title: String,
    lead: String,
    steps: Vec<Step>,
    notes: Vec<Note>,
    view: ShownPreview,
    mode: Mode,
    asked: Asked,
    path: String,
    /// Hours such as 08:00–20:00; empty for always.
    window: String,
    may_cancel: bool,
    may_edit: bool,
}

#[derive(Template)]
#[template(path = "web/console/alerts/hold.html")]
struct HoldPage<'a> {
    d: ConsoleFrame<'a>,
    done: Option<String>,
    title: String,
    steps: Vec<Step>,
    heading: String,
    facts: Vec<String>,
    waits: Option<String>,
    path: String,
    may_cancel: bool,
}

#[derive(Template)]
#[template(path = "web/console/alerts/ended.html")]
struct EndedPage<'a> {
    d: ConsoleFrame<'a>,
    title: String,
    text: String,
    path: String,
    /// The alert that took its cases over: path and number.
    into: Option<(String, String)>,
    has_progress: bool,
}

/// `GET /console/alerts/{id}`
pub(crate) async fn show(
    request: HttpRequest,
    console: ConsoleRequest,
    may: May<MayView>,
    id: Path<AlertId>,
) -> Result<HttpResponse, Error> {
    let query = Form::parse(request.query_string().as_bytes())?;
    let shown = AlertPage { code: StatusCode::OK, text: query.get("text"), asked: Asked::default() };
    render(&console, may.0.actor(), *id, shown).await
}

/// The page that fits where the alert stands now.
pub(super) async fn render(console: &ConsoleRequest, actor: Actor, id: AlertId, shown: AlertPage<'_>) -> Result<HttpResponse, Error> {
    let mut connection = console.state.pool.acquire().await?;
    let status = found(&mut connection, id).await?;
    drop(connection);
    match status.state {
        AlertState::Draft | AlertState::Submitted => preview_page(console, actor, &status, shown).await,
        AlertState::Held => hold_page(console, &status).await,
        AlertState::Cancelled => ended_page(console, &status).await,
        AlertState::Sending | AlertState::Paused | AlertState::Done => {
            let progress = format!("{}/progress{}", path_of(id), console.language.frame(&console.state.service).lang);
            Ok(HttpResponse::SeeOther().insert_header((LOCATION, progress)).finish())
        }
    }
}

async fn preview_page(console: &ConsoleRequest, actor: Actor, status: &Status, shown: AlertPage<'_>) -> Result<HttpResponse, Error> {
    let AlertPage { code, text, asked } = shown;
    read_audit::note(&console.state, actor, Reading::AlertPreview, Some(status.id.0)).await?;
    let d = console.frame(Here::Alerts).await?;
    let mut connection = console.state.pool.acquire().await?;
    let preview = alert::preview(&mut connection, console.now, &console.state.service, status.id).await?;
    let around = alert::surroundings(&mut connection, console.now, &console.state.service, &console.state.city, &preview).await?;
    let people = People::of(&mut connection, d.f.w, &[status]).await?;
    let corrected = match status.corrects {
        Some(id) => alert::status(&mut connection, id).await?.map(|corrected| corrected.number.to_string()),
        None => None,
    };
    let mut view = view::shown_preview(console, &d, &preview, &around, text);
    view.corrects = corrected;
    let mode = mode(console, &d, status);
    let facts = Facts { console, d: &d, status, view: &view, people: &people };
    let ((title, lead, at), notes) = (facts.heading(&mode), facts.notes());
    let filled = PreviewPage {
        done: done_words(d.f.w, console.done.as_deref()),
        title,
        lead,
        steps: view::steps(d.f.w, console.state.hold_minutes, at),
        notes,
        view,
        mode,
        asked,
        path: path_of(status.id),
        window: console.state.city.window.to_string(),
        may_cancel: view::may_cancel(&d, status),
        may_edit: d.may_trace() && status.may_be_edited(),
        d,
    };
    page(code, &filled)
}

fn mode(console: &ConsoleRequest, d: &ConsoleFrame<'_>, status: &Status) -> Mode {
    let w = d.f.w;
    if status.state == AlertState::Draft {
        return if d.may_trace() {
            Mode::Submit
        } else {
            Mode::Watch { title: w.desk_alert_state_draft(), text: w.desk_alert_next_draft() }
        };
    }
    if status.submitted_by.as_deref() == Some(&format!("official:{}", console.login.official)) {
        return Mode::Watch { title: w.desk_alert_own_title(), text: w.desk_alert_own_text() };
    }
    if !d.may_approve() {
        return Mode::Watch { title: w.desk_alert_waiting_title(), text: w.desk_alert_waiting_text() };
    }
    let needs_code = !console.login.is_fresh(console.now);
    Mode::Approve { needs_code, tonight_asked: status.tonight_submitted.clone() }
}

/// All that the words of a preview follow from.
struct Facts<'a> {
    console: &'a ConsoleRequest,
    d: &'a ConsoleFrame<'a>,
    status: &'a Status,
    view: &'a ShownPreview,
    people: &'a People,
}

impl Facts<'_> {
    /// Title, first sentence, and the step at which it stands.
    fn heading(&self, mode: &Mode) -> (String, String, usize) {
        let Self { console, d, status, view, people } = *self;
        let (w, number) = (d.f.w, status.number.to_string());
        if status.state == AlertState::Draft {
            return match &view.corrects {
                Some(corrected) => (w.desk_alert_correction_title(number), w.desk_alert_correction_lead(corrected.as_str()), 0),
                None => (w.desk_alert_title(number), w.desk_alert_lead(view.cases.as_str()), 0),
            };
        }
        let time = status.submitted_at.map_or_else(String::new, |at| moment(d.f.locale, console.state.service.zone, at, console.now));
        let submitted = w.desk_alert_submitted_by(people.name(status.submitted_by.as_deref()), time);
        let space = if d.f.locale == Locale::Ja { "" } else { " " };
        let submitted = match &view.corrects {
            Some(corrected) => format!("{}{space}{submitted}", w.desk_alert_correction_of(corrected.as_str())),
            None => submitted,
        };
        if !matches!(mode, Mode::Approve { .. }) {
            let title = if view.corrects.is_some() { w.desk_alert_correction_title(number) } else { w.desk_alert_title(number) };
            return (title, submitted, 2);
        }
        let hold_until = console.now + chrono::Duration::minutes(i64::from(console.state.hold_minutes));
        // The consequence if the approver gives no reason of their own for tonight.
        let starts = console.state.city.window.opens(hold_until, console.state.service.zone);
        let start = moment(d.f.locale, console.state.service.zone, starts, console.now);
        let lead = format!("{submitted}{space}{}", w.desk_alert_approve_text(console.state.hold_minutes.to_string(), start));
        let title =
            if view.corrects.is_some() { w.desk_alert_correction_approve_title(number) } else { w.desk_alert_approve_title(number) };
        (title, lead, 2)
    }

    /// What should be known before one decides.
    fn notes(&self) -> Vec<Note> {
        let Self { d, status, view, people, .. } = *self;
        let w = d.f.w;
        let mut notes = Vec::new();
        if let Some(returned) = &status.returned {
            let text = w.desk_alert_returned_note(people.name(Some(&returned.by)), returned.reason.as_str());
            notes.push(Note { title: w.desk_alert_returned_title(), text });
        }
        if let Some(refusal) = status.refused {
            let text = match refusal {
                Refusal::SamePrincipal => w.desk_alert_refused_same_principal(),
                Refusal::Digest => w.desk_alert_refused_digest(),
                Refusal::Growth => w.desk_alert_refused_growth(),
                Refusal::Cap => w.desk_alert_refused_cap(),
                Refusal::Wording => w.desk_alert_refused_wording(),
                Refusal::Unvouched => w.desk_alert_refused_unvouched(),
            };
            notes.push(Note { title: w.desk_alert_refused_title(), text });
        }
        if let Some(withdrawn) = &view.withdrawn {
            let text = w.desk_alert_withdrawn_text(withdrawn.as_str());
            notes.push(Note { title: w.desk_alert_withdrawn_title(), text });
        }
        if view.needs_admin {
            notes.push(Note { title: w.desk_alert_admin_title(), text: w.desk_alert_admin_text() });
        }
        if view.too_many_calls {
            let text = w.desk_alert_hotline_text(view.calls.as_str(), view.hotline.as_deref().unwrap_or_default());
            notes.push(Note { title: w.desk_alert_hotline_title(), text });
        }
        notes
    }
}

async fn hold_page(console: &ConsoleRequest, status: &Status) -> Result<HttpResponse, Error> {
    let d = console.frame(Here::Alerts).await?;
    let (w, zone) = (d.f.w, console.state.service.zone);
    let mut connection = console.state.pool.acquire().await?;
    let people = People::of(&mut connection, w, &[status]).await?;
    let starts = status.starts_at(console.state.city.window, zone).unwrap_or(console.now);
    let soon = starts <= console.now;
    let now = console.now.with_timezone(&zone.0).format("%H:%M:%S").to_string();
    let mut facts = Vec::with_capacity(4);
    if !soon {
        facts.push(w.desk_alert_left(left(&d, starts, console.now), now));
    }
    if d.may_approve() {
        facts.push(w.desk_alert_count(number(status.approved_visits.unwrap_or_default().into())));
    }
    facts.push(w.desk_alert_by_submitter(people.name(status.submitted_by.as_deref())));
    facts.push(w.desk_alert_by_approver(people.name(status.approved_by.as_deref())));
    let waits = if status.is_for_tonight() {
        Some(w.desk_alert_hold_tonight())
    } else {
        status.hold_until.filter(|hold| starts > *hold).map(|_| w.desk_alert_waits(console.state.city.window.to_string()))
    };
    let shown = HoldPage {
        done: done_words(w, console.done.as_deref()),
        title: w.desk_alert_title(status.number.to_string()),
        steps: view::steps(w, console.state.hold_minutes, 3),
        heading: if soon { w.desk_alert_starts_soon() } else { w.desk_alert_starts(moment(d.f.locale, zone, starts, console.now)) },
        facts,
        waits,
        path: path_of(status.id),
        may_cancel: view::may_cancel(&d, status),
        d,
    };
    page(StatusCode::OK, &shown)
}

fn left(d: &ConsoleFrame<'_>, until: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let seconds = (until - now).num_seconds().max(0);
    if seconds >= 3_600 {
        d.f.w.desk_alert_hours_minutes((seconds / 3_600).to_string(), (seconds / 60 % 60).to_string())
    } else {
        d.f.w.desk_alert_minutes_seconds((seconds / 60).to_string(), (seconds % 60).to_string())
    }
}

async fn ended_page(console: &ConsoleRequest, status: &Status) -> Result<HttpResponse, Error> {
    let d = console.frame(Here::Alerts).await?;
    let w = d.f.w;
    let mut connection = console.state.pool.acquire().await?;
    let into = match status.replaced_by {
        Some(id) => alert::status(&mut connection, id).await?.map(|other| (path_of(id), other.number.to_string())),
        None => None,
    };
    let correction = match status.corrected_by {
        Some(id) => alert::status(&mut connection, id).await?.map(|other| (path_of(id), other.number.to_string())),
        None => None,
    };
    let text = match (&into, &correction) {
        (Some((_, number)), _) => w.desk_alert_replaced_text(number.as_str()),
        (None, Some((_, number))) => w.desk_alert_corrected_text(number.as_str()),
        // What had left before is not taken back by a stop.
        (None, None) if status.started_at.is_some() => w.desk_alert_stopped_text(),
        (None, None) => w.desk_alert_cancelled_text(),
    };
    let into = into.or(correction);
    let title = w.desk_alert_title(status.number.to_string());
    let shown = EndedPage { d, title, text, path: path_of(status.id), into, has_progress: status.started_at.is_some() };
    page(StatusCode::OK, &shown)
}
