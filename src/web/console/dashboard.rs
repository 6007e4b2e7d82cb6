//! The first page after the log-in: what waits for this person, what is on its way, how many check in, how the service is.
mod chart;
mod health;

use crate::alert::{self, Overview, State as AlertState};
use crate::audit::Reading;
use crate::base::clock::Zone;
use crate::base::locale::{Locale, Words};
use crate::base::text::thousands;
use crate::official::{self, Alarm, MayView, Principal, Role};
use crate::stats::{self, ShownCount};
use crate::venue::import::{self, ToRelease};
use crate::web::console::{ConsoleFrame, ConsoleRequest, Here};
use crate::web::error::Error;
use crate::web::page::page;
use crate::web::read_audit;
use crate::web::session::May;
use crate::web::state::State;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::borrow::Cow;
use std::collections::HashMap;
use uuid::Uuid;

/// Alerts on the page; more are behind the menu.
const MAX_ALERTS: i64 = 20;

/// A task.
struct Card {
    path: Cow<'static, str>,
    label: String,
    count: i64,
    hint: Option<String>,
    /// It is this person's own and something waits.
    due: bool,
}

/// An alert on its way, in words.
struct AlertRow {
    id: Uuid,
    number: String,
    class: &'static str,
    state: String,
    extent: String,
    target: String,
    sent: String,
    next: String,
}

/// Something wrong, in words.
struct Wrong {
    name: String,
    help: String,
    since: String,
    detail: String,
}

#[derive(Template)]
#[template(path = "web/console/dashboard.html")]
struct Dashboard<'a> {
    d: ConsoleFrame<'a>,
    date: String,
    time: String,
    alarms: Vec<Wrong>,
    cards: Vec<Card>,
    alerts: Vec<AlertRow>,
    chart: chart::Chart,
    rounded: bool,
    /// How many alerts are under way besides those on the page.
    more: Option<String>,
    health: Vec<health::HealthLine>,
}

/// `GET /console`
pub(crate) async fn show(console: ConsoleRequest, may: May<MayView>) -> Result<HttpResponse, Error> {
    read_audit::note(&console.state, may.0.actor(), Reading::DailyCounts, None).await?;
    let (zone, now) = (console.state.service.zone, console.now);
    let d = console.frame(Here::Top).await?;
    let locale = d.f.locale;
    let mut connection = console.state.pool.acquire().await?;
    let (overviews, more) = alert::in_progress(&mut connection, MAX_ALERTS).await?;
    if !overviews.is_empty() {
        read_audit::note(&console.state, may.0.actor(), Reading::AlertList, None).await?;
    }
    let stopped = !alert::halts(&mut connection).await?.is_empty();
    let teller = Teller { stopped, locale, zone, now, me: may.0.principal(), role: console.login.role, state: &console.state };
    let cards = cards(&mut connection, &d, &teller, &overviews).await?;
    let days = stats::last_days(&mut connection, zone.today(now)).await?;
    let chart = chart::draw(locale, &days, teller.is_exact(), |day| day.counted_at.map(|at| zone.wall_time(at)));
    let health = health::lines(&mut connection, &console.state, locale, now).await?;
    let alarms = official::open_alarms(&mut connection).await?;
    let dashboard = Dashboard {
        date: locale.long_date(zone.today(now)),
        time: zone.wall_time(now),
        alarms: alarms.into_iter().map(|alarm| wrong(locale, zone, alarm)).collect(),
        cards,
        alerts: overviews.iter().map(|overview| teller.row(overview)).collect(),
        chart,
        rounded: !teller.is_exact(),
        more: (more > 0).then(|| more.to_string()),
        health,
        d,
    };
    page(StatusCode::OK, &dashboard)
}

fn wrong(locale: Locale, zone: Zone, alarm: Alarm) -> Wrong {
    let w = locale.words();
    let (name, help) = alarm.kind.words(w);
    let at = format!("{} {}", locale.short_date(zone.today(alarm.raised_at)), zone.wall_time(alarm.raised_at));
    Wrong { name, help, since: w.alarm_since(at), detail: alarm.detail }
}

async fn cards(
    conn: &mut PgConnection,
    d: &ConsoleFrame<'_>,
    teller: &Teller<'_>,
    overviews: &[Overview],
) -> Result<Vec<Card>, sqlx::Error> {
    let w = d.f.w;
    let waiting = overviews.iter().rfind(|overview| teller.may_decide(overview));
    let hint = match waiting {
        Some(overview) => Some(w.dash_task_submitted(
            name_of(conn, overview.status.submitted_by.as_deref()).await?,
            teller.zone.wall_time(overview.status.submitted_at.unwrap_or(overview.status.created_at)),
        )),
        None => None,
    };
    let card = |path, label, count, hint, due| Card { path: Cow::Borrowed(path), label, count, hint, due };
    let mut cards = Vec::new();
    if d.may_approve() {
        let seen = overviews.iter().filter(|overview| teller.may_decide(overview)).count();
        let count = d.tasks.alerts.max(i64::try_from(seen).unwrap_or(i64::MAX));
        cards.push(card("/console/alerts", w.dash_task_alerts(), count, hint, count > 0));
    }
    if d.may_trace() {
        cards.push(card("/console/cases", w.dash_task_cases(), d.tasks.cases, None, !d.may_approve() && d.tasks.cases > 0));
        cards.push(card("/console/venues", w.dash_task_venues(), d.tasks.venues, None, false));
        cards.extend(mails(import::to_release(conn).await?, w));
    }
    Ok(cards)
}

/// The mails of imported lists that wait for a release. One list is led to at once.
fn mails(waiting: ToRelease, w: &Words) -> Option<Card> {
    let newest = waiting.newest?;
    let (path, hint) = match waiting.imports {
        1 => (format!("/console/venues/import/{newest}"), None),
        lists => ("/console/venues/import".to_owned(), Some(w.dash_task_mails_lists(lists.to_string()))),
    };
    Some(Card { path: Cow::Owned(path), label: w.dash_task_mails(), count: waiting.letters, hint, due: true })
}

/// The name of a principal.
async fn name_of(conn: &mut PgConnection, principal: Option<&str>) -> Result<String, sqlx::Error> {
    Ok(match principal.and_then(|text| text.parse().ok()) {
        Some(Principal::Official(id)) => {
            let mut names: HashMap<Uuid, String> = alert::names(conn, &[id]).await?;
            names.remove(&id).unwrap_or_default()
        }
        Some(Principal::Token(name)) => name,
        None => String::new(),
    })
}

/// Tells one person, in their language, how alerts stand.
struct Teller<'a> {
    locale: Locale,
    zone: Zone,
    now: DateTime<Utc>,
    me: &'a Principal,
    role: Role,
    state: &'a State,
    /// All sending is stopped.
    stopped: bool,
}

impl Teller<'_> {
    /// Whether numbers are exact: viewers see rounded ones (docs/LOOK.md §6 "Small numbers").
    fn is_exact(&self) -> bool {
        self.role != Role::Viewer
    }

    /// Whether this person can approve it: it waits, and somebody else submitted it.
    fn may_decide(&self, overview: &Overview) -> bool {
        let mine = overview.status.submitted_by.as_deref() == Some(self.me.to_string().as_str());
        overview.status.state == AlertState::Submitted && !mine && matches!(self.role, Role::Approver | Role::Admin)
    }

    fn row(&self, overview: &Overview) -> AlertRow {
        let w = self.locale.words();
        let (class, state) = match overview.status.state {
            AlertState::Submitted => ("wait", w.dash_state_submitted()),
            AlertState::Held => ("wait", w.dash_state_held()),
            AlertState::Paused => ("wait", w.dash_state_paused()),
            AlertState::Sending => ("go", w.dash_state_sending()),
            _ => ("good", w.dash_state_done()),
        };
        let number =
            |number: i64| if number == 0 { "0".to_owned() } else { chart::full(self.locale, ShownCount::of(number, self.is_exact())) };
        AlertRow {
            id: overview.status.id.0,
            number: overview.status.number.to_string(),
            class,
            state,
            extent: w.dash_extent(overview.venues.to_string(), overview.days.to_string()),
            target: overview.target.map_or_else(|| "–".to_owned(), number),
            sent: number(overview.delivery.sent),
            next: self.next(overview),
        }
    }

    /// The next step, and who has to take it.
    fn next(&self, overview: &Overview) -> String {
        let (w, status) = (self.locale.words(), &overview.status);
        if status.late > 0 && matches!(status.state, AlertState::Sending | AlertState::Done) {
            return w.dash_next_late(chart::full(self.locale, ShownCount::of(status.late, self.is_exact())));
        }
        match status.state {
            AlertState::Submitted if status.refused.is_some() => w.dash_next_refused(),
            AlertState::Submitted if self.may_decide(overview) => w.dash_next_yours(),
            AlertState::Submitted => w.dash_next_other(),
            AlertState::Paused => w.dash_next_paused(),
            AlertState::Held | AlertState::Sending if self.stopped => w.dash_next_stopped(),
            AlertState::Held => match status.starts_at(self.state.city.window, self.zone) {
                Some(at) if at > self.now && self.zone.today(at) == self.zone.today(self.now) => w.dash_next_start(self.zone.wall_time(at)),
                Some(at) if at > self.now => {
                    w.dash_next_start(format!("{} {}", self.locale.short_date(self.zone.today(at)), self.zone.wall_time(at)))
                }
                _ => w.dash_next_soon(),
            },
            _ => self.sending(overview),
        }
    }

    fn sending(&self, overview: &Overview) -> String {
        let w = self.locale.words();
        let left = overview.delivery.queued + overview.delivery.deferred;
        let per_minute = i64::from(self.state.city.notify_rate) * 60;
        // What cannot arrive is over too, and is not sent.
        let failed = overview.delivery.bounced + overview.delivery.dead;
        if left == 0 && failed > 0 {
            w.dash_next_undelivered(chart::full(self.locale, ShownCount::of(failed, self.is_exact())))
        } else if left == 0 {
            w.dash_next_watch()
        } else if per_minute > 0 {
            w.dash_next_minutes(thousands(left.div_euclid(per_minute) + 1))
        } else {
            w.dash_next_left(chart::full(self.locale, ShownCount::of(left, self.is_exact())))
        }
    }
}
