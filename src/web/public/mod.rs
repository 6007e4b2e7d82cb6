//! Pages for everybody: what this is, how it works, what is kept, and whether a mail is genuine.
pub(crate) mod open_data;

use crate::alert::{self, AlertNumber, MAX_INPUT_BYTES};
use crate::web::error::Error;
use crate::web::limit::{self, Act};
use crate::web::page::{Frame, Language, page};
use crate::web::state::State;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "web/public/home.html")]
struct HomePage<'a> {
    f: Frame<'a>,
}

#[derive(Template)]
#[template(path = "web/public/about.html")]
struct AboutPage<'a> {
    f: Frame<'a>,
}

#[derive(Template)]
#[template(path = "web/public/privacy.html")]
struct PrivacyPage<'a> {
    f: Frame<'a>,
}

#[derive(Template)]
#[template(path = "web/public/alert_check.html")]
struct CheckPage<'a> {
    f: Frame<'a>,
    typed: &'a str,
    answer: Answer,
}

/// The page's answer about a number.
enum Answer {
    NotAsked,
    Empty,
    Unreadable,
    Unknown,
    Genuine {
        number: String,
        date: String,
        subject: String,
        body: String,
        names_venues: bool,
        holds: Option<String>,
        corrected: Option<String>,
    },
}

impl Answer {
    /// Whether the field has to be filled in again.
    fn is_wrong(&self) -> bool {
        matches!(self, Self::Empty | Self::Unreadable)
    }
}

/// `GET /`
pub(crate) async fn home(language: Language, state: Data<State>) -> Result<HttpResponse, Error> {
    page(StatusCode::OK, &HomePage { f: language.frame(&state.service) })
}

/// `GET /about`
pub(crate) async fn about(language: Language, state: Data<State>) -> Result<HttpResponse, Error> {
    page(StatusCode::OK, &AboutPage { f: language.frame(&state.service) })
}

/// `GET /privacy`
pub(crate) async fn privacy(language: Language, state: Data<State>) -> Result<HttpResponse, Error> {
    page(StatusCode::OK, &PrivacyPage { f: language.frame(&state.service) })
}

/// The query of `GET /alerts/check`.
#[derive(Deserialize)]
pub(crate) struct Asked {
    number: Option<String>,
}

/// `GET /alerts/check?number=`: is this mail from us? It speaks of an alert, never of a person.
pub(crate) async fn alert_check(
    request: HttpRequest,
    language: Language,
    state: Data<State>,
    asked: Query<Asked>,
) -> Result<HttpResponse, Error> {
    let frame = language.frame(&state.service);
    let typed = asked.number.as_deref().map(str::trim);
    let answer = match (typed, typed.and_then(AlertNumber::parse)) {
        (None, _) => Answer::NotAsked,
        (Some(""), _) => Answer::Empty,
        // What is no number says nothing of the mail that it was read in.
        (Some(_), None) => Answer::Unreadable,
        (Some(_), Some(number)) => {
            limit::check(&request, &state, Act::Guess)?;
            look_up(language, &state, number).await?
        }
    };
    let typed = typed.filter(|typed| typed.len() <= MAX_INPUT_BYTES);
    let status = match answer {
        Answer::Empty | Answer::Unreadable => StatusCode::UNPROCESSABLE_ENTITY,
        Answer::Unknown => StatusCode::NOT_FOUND,
        Answer::NotAsked | Answer::Genuine { .. } => StatusCode::OK,
    };
    page(status, &CheckPage { f: frame, typed: typed.unwrap_or_default(), answer })
}

async fn look_up(language: Language, state: &State, number: AlertNumber) -> Result<Answer, Error> {
    let mut connection = state.pool.acquire().await?;
    let Some(genuine) = alert::check_number(&mut connection, state.service.zone, &number).await? else {
        return Ok(Answer::Unknown);
    };
    let text = genuine.text.of(language.locale);
    let corrected = genuine.corrected.as_ref().map(|correction| {
        let date = language.locale.long_date(correction.released);
        language.locale.words().delivery_check_corrected_text(date, correction.number.to_string())
    });
    Ok(Answer::Genuine {
        number: genuine.number.to_string(),
        date: language.locale.long_date(genuine.released),
        subject: text.subject.clone(),
        body: text.body.clone(),
        names_venues: genuine.names_venues,
        holds: genuine.text.holds.as_ref().filter(|_| genuine.corrected.is_none()).map(|holds| holds.of(language.locale).to_owned()),
        corrected,
    })
}
