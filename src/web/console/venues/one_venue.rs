//! One venue on the console, and the acts of an official on it. Refusing, stopping and closing are asked once more on a page.
use super::sign;
use crate::base::text::TextError;
use crate::official::MayTrace;
use crate::venue::review::{MAX_SAID_CHARS, ask as ask_venue, questions, read_answers, set_kana, twins};
use crate::venue::{self, PosterStatus, Said, Venue, VenueError, VenueId, VenueStatus};
use crate::web::console::history::{self, Happened, Names};
use crate::web::console::{ConsoleFrame, ConsoleRequest, Here};
use crate::web::error::Error;
use crate::web::form::{Form, Query};
use crate::web::page::{MAX_OPEN_ROWS, page};
use crate::web::print_kit::{self, Printing};
use crate::web::session::May;
use crate::web::state::State;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Path};
use askama::Template;

/// A question in words.
struct Asked {
    text: String,
    by: String,
    /// The venue's answer, and when it came.
    answer: Option<(String, String)>,
}

/// A poster: number, place, edition, whether it is alive. Its code is nobody's business here.
struct PosterLine {
    no: i16,
    label: String,
    edition: i16,
    alive: bool,
}

#[derive(Template)]
#[template(path = "web/console/venues/venue.html")]
struct VenuePage<'a> {
    d: ConsoleFrame<'a>,
    venue: Venue,
    kind: String,
    state: String,
    sign: &'static str,
    contact: Option<String>,
    applied: String,
    decided: Option<String>,
    twins: Vec<(VenueId, String, String)>,
    posters: Vec<PosterLine>,
    kit: Option<Printing>,
    asked: Vec<Asked>,
    /// Whether an answer is still on the list of those to read.
    unread: bool,
    history: Vec<Happened>,
    kana: String,
    kana_error: Option<String>,
    problem: Option<String>,
    done: Option<String>,
}

impl VenuePage<'_> {
    /// Whether the posters are too many to stand open.
    fn many(&self) -> bool {
        self.posters.len() > MAX_OPEN_ROWS
    }

    fn postal(&self) -> Option<String> {
        self.venue.postal_code.as_deref().map(venue::input::postal_code_shown)
    }

    /// An event's first and last day.
    fn days(&self) -> Option<String> {
        let (opens, closes) = self.venue.opens_on.zip(self.venue.closes_on)?;
        Some(format!("{} – {}", self.d.f.locale.date(opens), self.d.f.locale.date(closes)))
    }

    fn pending(&self) -> bool {
        self.venue.status == VenueStatus::Pending
    }

    fn invited(&self) -> bool {
        self.venue.status == VenueStatus::Invited
    }

    fn active(&self) -> bool {
        self.venue.status == VenueStatus::Active
    }

    fn suspended(&self) -> bool {
        self.venue.status == VenueStatus::Suspended
    }

    fn may_move(&self) -> bool {
        venue::contact::may_be_replaced(self.venue.status)
    }

    fn unreviewed(&self) -> bool {
        self.active() && self.venue.reviewed_at.is_none()
    }
}

/// The page that asks once more before an act is done.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asking {
    Question,
    Refusal,
    Suspension,
    Closing,
}

impl Asking {
    fn act(self) -> &'static str {
        match self {
            Self::Question => "ask",
            Self::Refusal => "refuse",
            Self::Suspension => "suspend",
            Self::Closing => "close",
        }
    }

    /// Whether the official says something to the venue.
    fn has_words(self) -> bool {
        matches!(self, Self::Question | Self::Refusal)
    }

    fn fits(self, status: VenueStatus) -> bool {
        match self {
            Self::Question => matches!(status, VenueStatus::Pending | VenueStatus::Active | VenueStatus::Suspended),
            Self::Refusal => status == VenueStatus::Pending,
            Self::Suspension => status == VenueStatus::Active,
            Self::Closing => matches!(status, VenueStatus::Invited | VenueStatus::Pending | VenueStatus::Active | VenueStatus::Suspended),
        }
    }
}

#[derive(Template)]
#[template(path = "web/console/venues/confirm.html")]
struct ConfirmPage<'a> {
    d: ConsoleFrame<'a>,
    venue: Venue,
    act: &'static str,
    words: bool,
    stop: bool,
    title: String,
    text: String,
    label: String,
    button: String,
    typed: String,
    error: Option<String>,
}

/// `GET /console/venues/{id}`
pub(crate) async fn show(console: ConsoleRequest, id: Path<VenueId>) -> Result<HttpResponse, Error> {
    venue_page(&console, *id, None, None).await
}

async fn venue_page(
    console: &ConsoleRequest,
    id: VenueId,
    kana: Option<(String, String)>,
    problem: Option<String>,
) -> Result<HttpResponse, Error> {
    let d = console.frame(Here::Venues).await?;
    let (w, locale, zone) = (d.f.w, d.f.locale, console.state.service.zone);
    let mut connection = console.state.pool.acquire().await?;
    let venue = venue::show(&mut connection, id).await?.ok_or_else(Error::not_found)?;
    let twins = twins(&mut connection, id).await?;
    let posters = venue::posters(&mut connection, id).await?;
    let asked = questions(&mut connection, id).await?;
    let names = Names::read(&mut connection, asked.iter().map(|question| question.asked_by.as_str())).await?;
    let history = history::about(&mut connection, &d, zone, "venue", id.0).await?;
    drop(connection);
    let moment = |at| format!("{} {}", locale.short_date(zone.today(at)), zone.wall_time(at));
    let (kana_text, kana_error) = match kana {
        Some((typed, error)) => (typed, Some(error)),
        None => (venue.kana.clone().unwrap_or_default(), None),
    };
    let page_of = VenuePage {
        kind: venue.kind.label(locale),
        state: venue.status.label(locale),
        sign: sign(venue.status),
        // Account data: shown to the role that writes to venues.
        contact: venue.contact.as_ref().filter(|_| d.may_trace()).map(|contact| contact.expose().to_owned()),
        applied: moment(venue.created_at),
        decided: venue.decided_at.map(moment),
        twins: twins.into_iter().map(|row| (row.id, row.name, row.status.label(locale))).collect(),
        kit: Printing::of(locale, &print_kit::of(&console.state.service, &venue, &posters), &format!("/console/venues/{id}"))
            .filter(|_| d.may_trace()),
        posters: posters
            .into_iter()
            .map(|poster| PosterLine {
                no: poster.no,
                edition: poster.edition,
                alive: poster.status == PosterStatus::Active,
                label: poster.label,
            })
            .collect(),
        unread: asked.iter().any(|question| question.answered_at.is_some() && question.read_at.is_none()),
        asked: asked
            .into_iter()
            .map(|question| Asked {
                by: w.desk_venue_asked_by(names.of(&question.asked_by), moment(question.asked_at)),
                text: question.question,
                answer: question.answer.zip(question.answered_at.map(moment)),
            })
            .collect(),
        kana: kana_text,
        done: console.done.as_deref().and_then(|key| done_words(&d, key)),
        history,
        kana_error,
        problem,
        venue,
        d,
    };
    let wrong = page_of.kana_error.is_some() || page_of.problem.is_some();
    page(if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page_of)
}

/// `GET /console/venues/{id}/kit.pdf?part=…`
pub(crate) async fn print_kit(state: Data<State>, _may: May<MayTrace>, id: Path<VenueId>, query: Query) -> Result<HttpResponse, Error> {
    let parts = print_kit::parts(&query)?;
    let mut connection = state.pool.acquire().await?;
    let kit = print_kit::read(&mut connection, &state.service, *id).await?.ok_or_else(Error::not_found)?;
    drop(connection);
    print_kit::answer(vec![kit], parts).await
}

fn done_words(d: &ConsoleFrame<'_>, key: &str) -> Option<String> {
    let w = d.f.w;
    Some(match key {
        "approved" => w.desk_venue_done_approved(),
        "reviewed" => w.desk_venue_done_reviewed(),
        "refused" => w.desk_venue_done_refused(),
        "asked" => w.desk_venue_done_asked(),
        "read" => w.desk_venue_done_read(),
        "suspended" => w.desk_venue_done_suspended(),
        "reinstated" => w.desk_venue_done_reinstated(),
        "closed" => w.desk_venue_done_closed(),
        "kana" => w.desk_venue_done_kana(),
        "letter_renewed" => w.bulk_renew_done(),
        "contact" => w.desk_venue_done_contact(),
        "before" => w.desk_venue_done_before(),
        _ => return None,
    })
}

pub(super) fn back(console: &ConsoleRequest, id: VenueId, done: &str) -> HttpResponse {
    crate::web::console::cases::to_page(console, &format!("/console/venues/{id}"), done)
}

/// The answer to an act: back to the venue, or its page with a sentence why not.
pub(super) async fn decided<T>(
    console: &ConsoleRequest,
    id: VenueId,
    result: Result<T, VenueError>,
    done: impl FnOnce(T) -> &'static str,
) -> Result<HttpResponse, Error> {
    match result {
        Ok(value) => Ok(back(console, id, done(value))),
        Err(VenueError::WrongTransition { from, .. } | VenueError::NobodyToAsk(from)) => {
            let locale = console.language.locale;
            let sentence = locale.words().desk_venue_not_now(from.label(locale));
            venue_page(console, id, None, Some(sentence)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Declares acts that need no words: in a transaction of their own, rolled back when they fail.
macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident = $act:path => $done:expr),* $(,)?) => {$(
        $(#[$doc])*
        pub(crate) async fn $name(console: ConsoleRequest, may: May<MayTrace>, id: Path<VenueId>) -> Result<HttpResponse, Error> {
            let mut act = console.act(&may.0).await?;
            let result = $act(&mut act, *id).await;
            let result = act.settle(result).await;
            decided(&console, *id, result, |decided| if decided.changed { $done } else { "before" }).await
        }
    )*};
}

acts! {
    /// `POST /console/venues/{id}/approve`
    approve = venue::approve => "approved",
    /// `POST /console/venues/{id}/review`: the same act; what is active already is marked as looked at.
    review = venue::approve => "reviewed",
    /// `POST /console/venues/{id}/suspend`
    suspend = venue::suspend => "suspended",
    /// `POST /console/venues/{id}/reinstate`
    reinstate = venue::resume => "reinstated",
    /// `POST /console/venues/{id}/close`
    close = venue::close => "closed",
}

/// Declares the pages that ask once more.
macro_rules! forms {
    ($($(#[$doc:meta])* $name:ident = $asking:ident),* $(,)?) => {$(
        $(#[$doc])*
        pub(crate) async fn $name(console: ConsoleRequest, id: Path<VenueId>) -> Result<HttpResponse, Error> {
            confirm_page(&console, *id, Asking::$asking, String::new(), None).await
        }
    )*};
}

forms! {
    /// `GET /console/venues/{id}/ask`
    ask_form = Question,
    /// `GET /console/venues/{id}/refuse`
    refuse_form = Refusal,
    /// `GET /console/venues/{id}/suspend`
    suspend_form = Suspension,
    /// `GET /console/venues/{id}/close`
    close_form = Closing,
}

async fn confirm_page(
    console: &ConsoleRequest,
    id: VenueId,
    asking: Asking,
    typed: String,
    error: Option<String>,
) -> Result<HttpResponse, Error> {
    let d = console.frame(Here::Venues).await?;
    let venue = venue::show(&mut *console.state.pool.acquire().await?, id).await?.ok_or_else(Error::not_found)?;
    if !asking.fits(venue.status) {
        // Somebody else was first: the venue's page says how it stands.
        let lang = d.f.lang;
        return Ok(HttpResponse::SeeOther().insert_header((LOCATION, format!("/console/venues/{id}{lang}"))).finish());
    }
    let w = d.f.w;
    let (title, text, label, button) = match asking {
        Asking::Question => (w.desk_venue_ask(), w.desk_venue_ask_text(), w.desk_venue_ask_label(), w.desk_venue_ask_button()),
        Asking::Refusal => (w.desk_venue_refuse(), w.desk_venue_refuse_text(), w.desk_venue_refuse_label(), w.desk_venue_refuse_button()),
        Asking::Suspension => (w.desk_venue_suspend(), w.desk_venue_suspend_text(), String::new(), w.desk_venue_suspend_button()),
        Asking::Closing => (w.desk_venue_close(), w.desk_venue_close_text(), String::new(), w.desk_venue_close_button()),
    };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (act, words, stop) = (asking.act(), asking.has_words(), asking != Asking::Question);
    page(status, &ConfirmPage { d, venue, act, words, stop, title, text, label, button, typed, error })
}

fn said_words(console: &ConsoleRequest, problem: TextError) -> String {
    let w = console.language.locale.words();
    match problem {
        TextError::Empty => w.desk_venue_said_empty(),
        TextError::TooLong => w.desk_venue_said_too_long(MAX_SAID_CHARS.to_string()),
        TextError::Forbidden => w.desk_venue_said_forbidden(),
    }
}

/// `POST /console/venues/{id}/refuse`
pub(crate) async fn refuse(console: ConsoleRequest, may: May<MayTrace>, id: Path<VenueId>, form: Form) -> Result<HttpResponse, Error> {
    let typed = form.get("said");
    let reason = match Said::parse(typed) {
        Ok(reason) => reason,
        Err(problem) => {
            return confirm_page(&console, *id, Asking::Refusal, typed.to_owned(), Some(said_words(&console, problem))).await;
        }
    };
    let mut act = console.act(&may.0).await?;
    let result = venue::refuse(&mut act, *id, &reason).await;
    match &result {
        Ok(_) => act.commit().await?,
        Err(_) => act.rollback().await?,
    }
    decided(&console, *id, result, |decided| if decided.changed { "refused" } else { "before" }).await
}

/// `POST /console/venues/{id}/ask`
pub(crate) async fn ask(console: ConsoleRequest, may: May<MayTrace>, id: Path<VenueId>, form: Form) -> Result<HttpResponse, Error> {
    let typed = form.get("said");
    let question = match Said::parse(typed) {
        Ok(question) => question,
        Err(problem) => {
            return confirm_page(&console, *id, Asking::Question, typed.to_owned(), Some(said_words(&console, problem))).await;
        }
    };
    let mut act = console.act(&may.0).await?;
    let result = ask_venue(&mut act, *id, &question).await;
    match &result {
        Ok(_) => act.commit().await?,
        Err(_) => act.rollback().await?,
    }
    decided(&console, *id, result, |asked| if asked { "asked" } else { "before" }).await
}

/// `POST /console/venues/{id}/answers/read`
pub(crate) async fn read(console: ConsoleRequest, may: May<MayTrace>, id: Path<VenueId>) -> Result<HttpResponse, Error> {
    let mut act = console.act(&may.0).await?;
    let read = read_answers(&mut act, *id).await?;
    act.commit().await?;
    Ok(back(&console, *id, if read { "read" } else { "before" }))
}

/// `POST /console/venues/{id}/kana`
pub(crate) async fn kana(console: ConsoleRequest, may: May<MayTrace>, id: Path<VenueId>, form: Form) -> Result<HttpResponse, Error> {
    let typed = form.get("kana");
    match venue::input::parse_kana(typed) {
        Ok(kana) => {
            let mut act = console.act(&may.0).await?;
            set_kana(&mut act, *id, kana.as_deref()).await?;
            act.commit().await?;
            Ok(back(&console, *id, "kana"))
        }
        Err(_) => {
            let error = console.language.locale.words().desk_venue_kana_wrong();
            venue_page(&console, *id, Some((typed.to_owned(), error)), None).await
        }
    }
}
