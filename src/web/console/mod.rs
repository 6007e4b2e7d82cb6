//! The officials' console: the frame around every page of it, and an area a file.
//! Invariants: a page is reached only through a session's cookie, whose role the table of routes checks first · an act is a
//! POST from our own page · every page works without script, from the keyboard and at 320 px · no page shows a visitor's address.
pub(crate) mod account;
pub(crate) mod alerts;
pub(crate) mod audit;
pub(crate) mod cases;
pub(crate) mod dashboard;
pub(crate) mod delivery;
pub(crate) mod field;
pub(crate) mod history;
pub(crate) mod invitation;
pub(crate) mod login;
pub(crate) mod officials;
pub(crate) mod proof;
pub(crate) mod record;
pub(crate) mod tokens;
pub(crate) mod venues;

use crate::alert;
pub(crate) use crate::official::role_name;
use crate::official::{Act, Principal, Role, WebSession};
use crate::venue;
use crate::web::assets;
use crate::web::error::Error;
use crate::web::page::{Frame, Language};
use crate::web::state::State;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev};
use chrono::{DateTime, Utc};
use std::future::{Ready, ready};

/// The part of the menu in which a page stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Here {
    /// Tasks, alerts in progress, numbers, health.
    Top,
    /// Reported cases.
    Cases,
    /// Alerts.
    Alerts,
    /// How mails fare.
    Delivery,
    /// Venues and applications.
    Venues,
    /// Accounts and tokens.
    Officials,
    /// The audit chain.
    Audit,
    /// The official's own account: no line of the menu.
    Account,
}

/// The tasks that wait for this person: the numbers in the menu, not totals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tasks {
    /// Cases whose alert nobody has submitted.
    pub(crate) cases: i64,
    /// Alerts that wait for this person's approval.
    pub(crate) alerts: i64,
    /// Applications of venues that wait for a decision.
    pub(crate) venues: i64,
}

/// A request of an official: who asks, in which language, when, and of what.
pub(crate) struct ConsoleRequest {
    /// The state of the process.
    pub(crate) state: Data<State>,
    /// The session of the official.
    pub(crate) login: WebSession,
    /// The language of the page.
    pub(crate) language: Language,
    /// The moment of the request.
    pub(crate) now: DateTime<Utc>,
    /// The key of the last act in the address (`?done=`), never words.
    pub(crate) done: Option<String>,
    /// The note about a stop of all sending, once a frame was asked for.
    banner: std::sync::OnceLock<String>,
}

impl FromRequest for ConsoleRequest {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let console = request.extensions().get::<WebSession>().cloned().zip(request.app_data::<Data<State>>()).map(|(login, state)| Self {
            state: state.clone(),
            login,
            language: Language::of(request),
            now: state.clock.now(),
            done: done(request),
            banner: std::sync::OnceLock::new(),
        });
        ready(console.ok_or(Error::new(StatusCode::UNAUTHORIZED, "unauthorised")))
    }
}

/// The key of `?done=`: short lower-case words with underscores; anything else is not ours.
fn done(request: &HttpRequest) -> Option<String> {
    const LONGEST: usize = 40;
    let query = crate::web::form::Form::parse(request.query_string().as_bytes()).ok()?;
    let key = query.get("done");
    let ours = !key.is_empty() && key.len() <= LONGEST && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    ours.then(|| key.to_owned())
}

impl ConsoleRequest {
    /// Begins an act of `by`, at the moment of the request.
    ///
    /// # Errors
    /// 503 without a connection.
    pub(crate) async fn act<By>(&self, by: By) -> Result<Act<'_, By>, Error> {
        self.state.act_at(self.now, by).await
    }

    /// The frame of a page that stands at `here`.
    pub(crate) async fn frame(&self, here: Here) -> Result<ConsoleFrame<'_>, Error> {
        let state = &self.state;
        let tasks = tasks(state, &self.login).await?;
        let releases = matches!(self.login.role, Role::Approver | Role::Admin);
        let banner = delivery::stop::banner(state, self.language, releases).await?.unwrap_or_default();
        let stopped = self.banner.get_or_init(|| banner);
        Ok(ConsoleFrame {
            f: self.language.frame(&state.service),
            work_style: assets::work_style_path(),
            login: &self.login,
            here,
            tasks,
            stopped,
        })
    }
}

/// Counts what waits for this person.
async fn tasks(state: &State, login: &WebSession) -> Result<Tasks, Error> {
    let mut tasks = Tasks::default();
    let mut connection = state.pool.acquire().await?;
    if matches!(login.role, Role::Tracer | Role::Approver | Role::Admin) {
        tasks.cases = alert::waiting_cases(&mut connection).await?;
        let sizes = venue::review::queue_sizes(&mut connection).await?;
        tasks.venues = sizes.waiting + sizes.answered;
    }
    if matches!(login.role, Role::Approver | Role::Admin) {
        tasks.alerts = alert::waiting_for(&mut connection, &Principal::Official(login.official)).await?;
    }
    Ok(tasks)
}

/// The frame of every console page.
#[derive(Clone, Copy)]
pub(crate) struct ConsoleFrame<'a> {
    /// The frame of every page.
    pub(crate) f: Frame<'a>,
    /// Path of the stylesheet of work pages.
    pub(crate) work_style: &'static str,
    /// The session of the official.
    pub(crate) login: &'a WebSession,
    /// Where the page stands.
    pub(crate) here: Here,
    /// The numbers in the menu.
    pub(crate) tasks: Tasks,
    /// The note about a stop of all sending, as HTML; empty while mails leave.
    pub(crate) stopped: &'a str,
}

/// A line of the menu.
pub(crate) struct Item {
    pub(crate) path: &'static str,
    pub(crate) label: String,
    pub(crate) count: i64,
    pub(crate) current: bool,
}

impl ConsoleFrame<'_> {
    /// May report cases and prepare alerts.
    pub(crate) fn may_trace(&self) -> bool {
        matches!(self.login.role, Role::Tracer | Role::Approver | Role::Admin)
    }

    /// May release alerts.
    pub(crate) fn may_approve(&self) -> bool {
        matches!(self.login.role, Role::Approver | Role::Admin)
    }

    /// May read the audit chain.
    pub(crate) fn may_audit(&self) -> bool {
        matches!(self.login.role, Role::Auditor | Role::Admin)
    }

    /// May manage accounts.
    pub(crate) fn may_admin(&self) -> bool {
        self.login.role == Role::Admin
    }

    /// The role in the reader's words.
    pub(crate) fn role(&self) -> String {
        role_name(self.f.w, self.login.role)
    }

    /// The menu: what this role has no business with is not in it.
    pub(crate) fn menu(&self) -> Vec<Item> {
        let (w, tasks) = (self.f.w, self.tasks);
        let all = [
            (true, Here::Top, "/console", w.console_top(), 0),
            (true, Here::Cases, "/console/cases", w.console_cases(), tasks.cases),
            (true, Here::Alerts, "/console/alerts", w.console_alerts(), tasks.alerts),
            (true, Here::Delivery, "/console/delivery", w.console_delivery(), 0),
            (true, Here::Venues, "/console/venues", w.console_venues(), tasks.venues),
            (self.may_admin(), Here::Officials, "/console/officials", w.console_officials(), 0),
            (self.may_audit(), Here::Audit, "/console/audit", w.console_audit(), 0),
        ];
        let shown = all.into_iter().filter(|(shown, ..)| *shown);
        shown.map(|(_, here, path, label, count)| Item { path, label, count, current: here == self.here }).collect()
    }
}
