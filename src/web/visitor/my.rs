//! The visitor's own page: ask for a link by mail; behind the link see, take along and erase one's visits, stop or restart notices.
//!
//! Nothing here can open an address or look a visit up: what the buttons say is written down, sealed, and the worker does it.
use super::{address_error, shown_back};
use crate::audit::Actor;
use crate::base::clock::keep_until;
use crate::base::email_address::{AddressError, EmailAddress};
use crate::base::token::Token;
use crate::mail::PostError;
use crate::venue::{self, VenueId};
use crate::visit::my_visits::{self, Act, AskError, Found, Kind, LETTER_PAUSE, LETTERS_A_DAY, OwnPage, Posted};
use crate::web::error::Error;
use crate::web::form::Form;
use crate::web::limit;
use crate::web::page::{Frame, Language, page};
use crate::web::state::State;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, LOCATION};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How long an answer is held for the worker, whose turn comes each second; then the page says that it is being done.
const HOLD: Duration = Duration::from_secs(3);
/// How often the database is asked meanwhile.
const ASK_EVERY: Duration = Duration::from_millis(100);

#[derive(Template)]
#[template(path = "web/visitor/my_ask.html")]
struct AskPage<'a> {
    f: Frame<'a>,
    email: &'a str,
    error: Option<(String, bool)>,
}

#[derive(Template)]
#[template(path = "web/visitor/my_sent.html")]
struct SentPage<'a> {
    f: Frame<'a>,
}

#[derive(Template)]
#[template(path = "web/visitor/my_gone.html")]
struct GonePage<'a> {
    f: Frame<'a>,
}

#[derive(Template)]
#[template(path = "web/visitor/my_looking.html")]
struct LookingPage<'a> {
    f: Frame<'a>,
    token: &'a str,
}

#[derive(Template)]
#[template(path = "web/visitor/my_page.html")]
struct VisitsPage<'a> {
    f: Frame<'a>,
    token: &'a str,
    looked_at: String,
    open_until: String,
    /// The act that was just done; `Err`: it is being done.
    said: Option<Result<String, ()>>,
    stopped: bool,
    visits: Vec<Visit>,
}

/// A visit as it is shown.
struct Visit {
    venue: VenueId,
    name: String,
    date: NaiveDate,
    until: NaiveDate,
}

impl SentPage<'_> {
    fn minutes(&self) -> String {
        LETTER_PAUSE.num_minutes().to_string()
    }

    fn letters(&self) -> String {
        LETTERS_A_DAY.to_string()
    }
}

/// `GET /my`: one field.
pub(crate) async fn ask_form(language: Language, state: Data<State>) -> Result<HttpResponse, Error> {
    page(StatusCode::OK, &AskPage { f: language.frame(&state.service), email: "", error: None })
}

/// `POST /my`: has a letter sent. The answer is the same for every address, known or not, in words and in time.
pub(crate) async fn ask(request: HttpRequest, state: Data<State>, form: Form) -> Result<HttpResponse, Error> {
    let (language, typed) = (Language::of(&request), form.get("email"));
    let address = match EmailAddress::parse(typed) {
        Ok(address) => address,
        Err(error) => return wrong_address(language, &state, typed, error),
    };
    limit::check(&request, &state, limit::Act::Mail)?;
    let mut act = state.act(Actor::Visitor).await?;
    my_visits::ask(&mut act, address, language.locale).await?;
    act.commit().await?;
    page(StatusCode::OK, &SentPage { f: language.frame(&state.service) })
}

fn wrong_address(language: Language, state: &State, typed: &str, error: AddressError) -> Result<HttpResponse, Error> {
    let f = language.frame(&state.service);
    let error = Some(address_error(f.w, error));
    page(StatusCode::UNPROCESSABLE_ENTITY, &AskPage { f, email: shown_back(typed), error })
}

/// `GET /my/{token}`: what is kept. The first time the worker is asked to look; a mail scanner that comes first harms nothing.
pub(crate) async fn show(language: Language, state: Data<State>, token: Path<String>) -> Result<HttpResponse, Error> {
    let Some((token, own)) = opened(&state, &token).await? else {
        return gone(language, &state);
    };
    match own.found {
        Some(ref found) => visits_page(language, &state, &token, &own, found).await,
        None => page(StatusCode::OK, &LookingPage { f: language.frame(&state.service), token: token.expose() }),
    }
}

/// `GET /my/{token}/export`: the same as a file.
pub(crate) async fn export(language: Language, state: Data<State>, token: Path<String>) -> Result<HttpResponse, Error> {
    let Some((token, own)) = opened(&state, &token).await? else {
        return gone(language, &state);
    };
    let Some(found) = own.found else {
        return Ok(back(language, &token));
    };
    let visits = named(language, &state, &found).await?;
    let visits = visits.iter().map(|visit| ExportedVisit { date: visit.date, venue: &visit.name, kept_until: visit.until });
    let file = Export {
        city: &state.service.city,
        service: &state.service.name,
        looked_at: found.looked_at,
        notices_stopped: found.stopped,
        visits: visits.collect(),
    };
    let body = serde_json::to_vec_pretty(&file).map_err(|_| Error::internal())?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"my-visits.json\""))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(body))
}

/// The file. Its members are a promise to whoever keeps it.
#[derive(Serialize)]
struct Export<'a> {
    city: &'a str,
    service: &'a str,
    looked_at: DateTime<Utc>,
    notices_stopped: bool,
    visits: Vec<ExportedVisit<'a>>,
}

#[derive(Serialize)]
struct ExportedVisit<'a> {
    date: NaiveDate,
    venue: &'a str,
    kept_until: NaiveDate,
}

/// `POST /my/{token}/forget`: erases one visit.
pub(crate) async fn forget(request: HttpRequest, state: Data<State>, token: Path<String>, form: Form) -> Result<HttpResponse, Error> {
    let venue = form.get("venue").parse().map_err(|_| Error::field("venue", "invalid"))?;
    let date = form.get("date").parse().map_err(|_| Error::field("date", "invalid"))?;
    act(Language::of(&request), &state, &token, Act::Forget { venue, date }).await
}

/// `POST /my/{token}/forget-all`: erases every visit that the page lists.
pub(crate) async fn forget_all(language: Language, state: Data<State>, token: Path<String>) -> Result<HttpResponse, Error> {
    act(language, &state, &token, Act::ForgetAll).await
}

/// `POST /my/{token}/stop`: no more notices to this address.
pub(crate) async fn stop(language: Language, state: Data<State>, token: Path<String>) -> Result<HttpResponse, Error> {
    act(language, &state, &token, Act::Stop).await
}

/// `POST /my/{token}/start`: notices again.
pub(crate) async fn start(language: Language, state: Data<State>, token: Path<String>) -> Result<HttpResponse, Error> {
    act(language, &state, &token, Act::Start).await
}

/// Has something done and goes back to the page, which says how it stands.
async fn act(language: Language, state: &State, token: &str, act: Act) -> Result<HttpResponse, Error> {
    let Some(token) = Token::from_client(token) else {
        return gone(language, state);
    };
    match post(state, &token, act).await? {
        Posted::Waits(id) => hold(state, id).await?,
        Posted::Refused if own(state, &token).await?.is_some() => {
            return Err(Error::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests"));
        }
        Posted::Refused => return gone(language, state),
    }
    Ok(back(language, &token))
}

async fn post(state: &State, token: &Token, act: Act) -> Result<Posted, Error> {
    let mut asking = state.act(Actor::Visitor).await?;
    let posted = my_visits::post(&mut asking, token, act).await;
    Ok(asking.settle(posted).await?)
}

async fn own(state: &State, token: &Token) -> Result<Option<OwnPage>, Error> {
    let mut connection = state.pool.acquire().await?;
    Ok(my_visits::open(&mut connection, state.clock.now(), token).await?)
}

/// The page behind a link, after the worker has looked or [`HOLD`] is over. `None`: unknown or expired.
async fn opened(state: &State, token: &str) -> Result<Option<(Token, OwnPage)>, Error> {
    let Some(token) = Token::from_client(token) else {
        return Ok(None);
    };
    let Some(page) = own(state, &token).await? else {
        return Ok(None);
    };
    if page.found.is_some() || page.looking {
        return Ok(Some((token, page)));
    }
    if let Posted::Waits(id) = post(state, &token, Act::Look).await? {
        hold(state, id).await?;
    }
    Ok(own(state, &token).await?.map(|page| (token, page)))
}

/// Waits for the worker, at most [`HOLD`]. No connection is held meanwhile.
async fn hold(state: &State, id: Uuid) -> Result<(), Error> {
    let begun = Instant::now();
    while begun.elapsed() < HOLD {
        if my_visits::is_done(&mut *state.pool.acquire().await?, id).await? {
            return Ok(());
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
    Ok(())
}

async fn visits_page(language: Language, state: &State, token: &Token, own: &OwnPage, found: &Found) -> Result<HttpResponse, Error> {
    let zone = state.service.zone;
    let f = language.frame(&state.service);
    let template = VisitsPage {
        f,
        token: token.expose(),
        looked_at: zone.wall_time(found.looked_at),
        open_until: zone.wall_time(own.expires_at),
        said: own.last.map(|(kind, done)| if done { Ok(said(f, kind)) } else { Err(()) }),
        stopped: found.stopped,
        visits: named(language, state, found).await?,
    };
    page(StatusCode::OK, &template)
}

fn said(f: Frame<'_>, kind: Kind) -> String {
    match kind {
        Kind::Look => f.w.my_looking(),
        Kind::Forget => f.w.my_done_forget(),
        Kind::ForgetAll => f.w.my_done_forget_all(),
        Kind::Stop => f.w.my_done_stop(),
        Kind::Start => f.w.my_done_start(),
    }
}

/// The visits with the venues' names of today.
async fn named(language: Language, state: &State, found: &Found) -> Result<Vec<Visit>, Error> {
    let venues: Vec<VenueId> = found.visits.iter().map(|visit| visit.venue).collect();
    let names = venue::names(&mut *state.pool.acquire().await?, &venues).await?;
    let visit = |visit: &my_visits::OwnVisit| Visit {
        venue: visit.venue,
        name: names.get(&visit.venue).cloned().unwrap_or_else(|| language.locale.words().my_visit_unknown()),
        date: visit.date,
        until: keep_until(visit.date, state.service.retention_days),
    };
    Ok(found.visits.iter().map(visit).collect())
}

fn back(language: Language, token: &Token) -> HttpResponse {
    let lang = if language.chosen { format!("?lang={}", language.locale.tag()) } else { String::new() };
    HttpResponse::SeeOther().insert_header((LOCATION, format!("/my/{}{lang}", token.expose()))).finish()
}

/// Unknown and expired are one calm page.
fn gone(language: Language, state: &State) -> Result<HttpResponse, Error> {
    page(StatusCode::NOT_FOUND, &GonePage { f: language.frame(&state.service) })
}

impl From<AskError> for Error {
    fn from(error: AskError) -> Self {
        match error {
            AskError::NotReady(_) => Self::unavailable(),
            AskError::TooLong => Self::internal(),
            AskError::Db(error) => error.into(),
        }
    }
}

impl From<PostError> for Error {
    fn from(error: PostError) -> Self {
        match error {
            PostError::NotReady(_) => Self::unavailable(),
            PostError::TooLong => Self::internal(),
            PostError::Db(error) => error.into(),
        }
    }
}
