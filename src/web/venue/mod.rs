//! The venue's pages: apply ([`apply`]), confirm the contact mail by its link or its eight digits, print the posters, and its own
//! page behind a session ([`shop`]).
pub(crate) mod activate;
pub(crate) mod apply;
pub(crate) mod posters;
pub(crate) mod shop;

use crate::base::token::Token;
use crate::mail::PostError;
use crate::venue::{self, ConfirmError, Confirmed, TypedDigits, VenueError, VenueId, VenueStatus};
use crate::web::error::Error;
use crate::web::form::Form;
use crate::web::limit::{self, Act};
use crate::web::page::{Frame, Language, page};
use crate::web::state::State;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

#[derive(Template)]
#[template(path = "web/venue/confirm.html")]
struct ConfirmPage<'a> {
    f: Frame<'a>,
    id: VenueId,
    name: &'a str,
    /// Where the letter went, for who has just typed it; empty later.
    email: &'a str,
    /// Whether the place may be registered already.
    twin: bool,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "web/venue/confirm_link.html")]
struct ConfirmLinkPage<'a> {
    f: Frame<'a>,
    token: &'a str,
    name: Option<&'a str>,
    /// Whether the place may be registered already.
    twin: bool,
}

#[derive(Template)]
#[template(path = "web/venue/confirmed.html")]
struct ConfirmedPage<'a> {
    f: Frame<'a>,
    name: &'a str,
    pending: bool,
}

/// `GET /venues/confirm/{token}`: what the button would do, later how the application stands, in the end the posters.
/// Opening it, as mail scanners do, uses nothing up.
pub(crate) async fn confirm_form(language: Language, state: Data<State>, token: Path<String>) -> Result<HttpResponse, Error> {
    let mut connection = state.pool.acquire().await?;
    let found = match Token::from_client(&token) {
        Some(token) => venue::peek(&mut connection, state.clock.now(), &token).await?,
        None => None,
    };
    drop(connection);
    let f = language.frame(&state.service);
    match found {
        None => page(StatusCode::NOT_FOUND, &ConfirmLinkPage { f, token: "", name: None, twin: false }),
        Some(venue) if venue.status == VenueStatus::Unconfirmed => {
            let twin = venue::review::has_twin(&mut *state.pool.acquire().await?, venue.id).await?;
            page(StatusCode::OK, &ConfirmLinkPage { f, token: &token, name: Some(&venue.name), twin })
        }
        Some(venue) if venue.status == VenueStatus::Active => posters::by_link(language, &state, &token, &venue).await,
        Some(venue) => standing_page(language, &state, &venue.name, venue.status),
    }
}

/// `POST /venues/confirm/{token}`: confirms, and opens the owner's page; once for each letter.
pub(crate) async fn confirm_by_link(language: Language, state: Data<State>, token: Path<String>) -> Result<HttpResponse, Error> {
    if let Some(secret) = Token::from_client(&token) {
        let mut tx = state.pool.begin().await?;
        let now = state.clock.now();
        match venue::confirm(&mut tx, now, state.venue_policy, &secret).await {
            Ok(confirmed) => {
                let session = venue::owner_session::open_by_confirmation(&mut tx, now, confirmed.id).await?;
                tx.commit().await?;
                return Ok(match session {
                    Some(session) => to_own_page(language, &state, &session, &confirmed),
                    // The letter opened the page before: a new link is a mail away.
                    None => HttpResponse::SeeOther()
                        .insert_header((LOCATION, format!("/shop/login{}", language.frame(&state.service).lang)))
                        .finish(),
                });
            }
            Err(ConfirmError::Refused | ConfirmError::NotEightDigits) => tx.rollback().await?,
            Err(error) => return Err(error.into()),
        }
    }
    confirm_form(language, state, token).await
}

/// On to the own page of a venue that has just proven its mailbox.
fn to_own_page(language: Language, state: &State, session: &Token, confirmed: &Confirmed) -> HttpResponse {
    let done = if confirmed.status == VenueStatus::Active { "confirmed" } else { "confirmed-pending" };
    shop::enter(state, session, &shop::done_path(language, state, &format!("/shop/{}", confirmed.id), done))
}

/// `GET /venues/{id}/confirm`: the field for the digits again, in the other language or after a reload. The same for every id.
pub(crate) async fn confirm_code_form(language: Language, state: Data<State>, id: Path<VenueId>) -> Result<HttpResponse, Error> {
    page(StatusCode::OK, &ConfirmPage { f: language.frame(&state.service), id: *id, name: "", email: "", twin: false, error: None })
}

/// `POST /venues/{id}/confirm`: the eight digits, typed on the page that followed the application.
pub(crate) async fn confirm_by_code(
    request: HttpRequest,
    language: Language,
    state: Data<State>,
    id: Path<VenueId>,
    form: Form,
) -> Result<HttpResponse, Error> {
    limit::check(&request, &state, Act::Guess)?;
    let typed = TypedDigits { venue: *id, text: form.get("code") };
    let confirmed = venue::confirm_by_digits(&state.pool, &state.hasher, state.clock.now(), state.venue_policy, typed).await;
    let frame = language.frame(&state.service);
    if let Ok(confirmed) = &confirmed {
        let mut tx = state.pool.begin().await?;
        let session = venue::owner_session::open_by_confirmation(&mut tx, state.clock.now(), confirmed.id).await?;
        tx.commit().await?;
        if let Some(session) = session {
            return Ok(to_own_page(language, &state, &session, confirmed));
        }
    }
    let error = match confirmed {
        Ok(Confirmed { id, name, status: VenueStatus::Active, .. }) => return posters::by_digits(language, &state, id, &name).await,
        Ok(Confirmed { name, status, .. }) => return standing_page(language, &state, &name, status),
        Err(ConfirmError::NotEightDigits) => frame.w.confirm_digits(),
        Err(ConfirmError::Refused) => frame.w.confirm_refused(),
        Err(error) => return Err(error.into()),
    };
    page(StatusCode::UNPROCESSABLE_ENTITY, &ConfirmPage { f: frame, id: *id, name: "", email: "", twin: false, error: Some(error) })
}

/// How a confirmed application stands that has no posters to show.
fn standing_page(language: Language, state: &State, name: &str, status: VenueStatus) -> Result<HttpResponse, Error> {
    page(StatusCode::OK, &ConfirmedPage { f: language.frame(&state.service), name, pending: status == VenueStatus::Pending })
}

impl From<VenueError> for Error {
    fn from(error: VenueError) -> Self {
        match error {
            VenueError::Unknown => Self::not_found(),
            VenueError::Post(PostError::NotReady(_)) => Self::unavailable(),
            VenueError::Post(PostError::TooLong) => Self::internal(),
            VenueError::Post(PostError::Db(error)) => error.into(),
            VenueError::Db(error) => error.into(),
            VenueError::WrongTransition { .. } | VenueError::NobodyToAsk(_) | VenueError::LabelThere(_) | VenueError::AppliedAlready => {
                Self::conflict("wrong_state")
            }
            VenueError::NoPostersFor(_) => Self::conflict("no_posters_in_this_state"),
            VenueError::Revoked => Self::conflict("poster_revoked"),
            VenueError::TooManyLetters => Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests"),
            VenueError::TooManyPosters => Self::conflict("too_many_posters"),
        }
    }
}

impl From<ConfirmError> for Error {
    fn from(error: ConfirmError) -> Self {
        match error {
            ConfirmError::NotEightDigits | ConfirmError::Refused => Self::not_found(),
            ConfirmError::Busy(_) => Self::unavailable(),
            ConfirmError::Db(error) => error.into(),
        }
    }
}
