//! The way in: a contact mailbox is asked for, and its letter opens the page by link or by digits. The same answer for every
//! address, known or not.
use super::enter;
use crate::audit::Actor;
use crate::base::email_address::EmailAddress;
use crate::base::token::Token;
use crate::venue::{self, ConfirmError, Problem, Proof};
use crate::web::console::field::{self, Field as Input};
use crate::web::error::Error;
use crate::web::form::Form;
use crate::web::limit::{self, Act};
use crate::web::page::{Frame, Language, page};
use crate::web::state::State;
use crate::web::venue::apply;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "web/venue/shop/login.html")]
struct LoginPage<'a> {
    f: Frame<'a>,
    email: Input,
}

#[derive(Template)]
#[template(path = "web/venue/shop/sent.html")]
struct SentPage<'a> {
    f: Frame<'a>,
    id: Uuid,
    digits: Input,
}

#[derive(Template)]
#[template(path = "web/venue/shop/open.html")]
struct OpenPage<'a> {
    f: Frame<'a>,
    /// `None`: it does not open.
    token: Option<&'a str>,
}

fn login_page(language: Language, state: &State, typed: &str, error: Option<String>) -> Result<HttpResponse, Error> {
    let f = language.frame(&state.service);
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let mut email = Input::new("m", "email", f.w.shop_login_label()).value(typed).error(error);
    field::focus_first_wrong(&mut [&mut email]);
    page(status, &LoginPage { f, email })
}

fn sent_page(language: Language, state: &State, id: Uuid, error: Option<String>) -> Result<HttpResponse, Error> {
    let f = language.frame(&state.service);
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let mut digits = Input::new("d", "code", f.w.confirm_label()).hint(f.w.confirm_hint()).error(error);
    field::focus_first_wrong(&mut [&mut digits]);
    page(status, &SentPage { f, id, digits })
}

/// `GET /shop/login`
pub(crate) async fn form(language: Language, state: Data<State>) -> Result<HttpResponse, Error> {
    login_page(language, &state, "", None)
}

/// `POST /shop/login`: the letter goes out if the mailbox has a venue; the answer says the same either way.
pub(crate) async fn ask(request: HttpRequest, language: Language, state: Data<State>, form: Form) -> Result<HttpResponse, Error> {
    let typed = form.get("email");
    let address = match EmailAddress::parse(typed) {
        Ok(address) => address,
        Err(error) => {
            let words = apply::words(language.locale.words(), venue::Field::ContactEmail, Problem::Address(error));
            return login_page(language, &state, typed, Some(words));
        }
    };
    limit::check(&request, &state, Act::Mail)?;
    let proof = Proof::new(&state.hasher).await.map_err(|_| Error::unavailable())?;
    let mut act = state.act(Actor::Visitor).await?;
    let id = venue::owner_session::ask_link(&mut act, &proof, &address, language.locale).await?;
    act.commit().await?;
    sent_page(language, &state, id, None)
}

/// `GET /shop/login/{id}`: the field for the digits again. The same for every id.
pub(crate) async fn digits_form(language: Language, state: Data<State>, id: Path<Uuid>) -> Result<HttpResponse, Error> {
    sent_page(language, &state, *id, None)
}

/// `POST /shop/login/{id}`: the eight digits.
pub(crate) async fn by_digits(
    request: HttpRequest,
    language: Language,
    state: Data<State>,
    id: Path<Uuid>,
    form: Form,
) -> Result<HttpResponse, Error> {
    limit::check(&request, &state, Act::Guess)?;
    let opened = venue::owner_session::open_by_digits(&state.pool, &state.hasher, state.clock.now(), *id, form.get("code")).await;
    let w = language.locale.words();
    match opened {
        Ok(session) => Ok(enter(&state, &session, &home(language, &state))),
        Err(ConfirmError::NotEightDigits) => sent_page(language, &state, *id, Some(w.confirm_digits())),
        Err(ConfirmError::Refused) => sent_page(language, &state, *id, Some(w.shop_sent_refused())),
        Err(error) => Err(error.into()),
    }
}

fn home(language: Language, state: &State) -> String {
    format!("/shop{}", language.frame(&state.service).lang)
}

/// `GET /venues/open/{token}`: the button. Opening it, as mail scanners do, uses nothing up.
pub(crate) async fn open_form(language: Language, state: Data<State>, token: Path<String>) -> Result<HttpResponse, Error> {
    let good = match Token::from_client(&token) {
        Some(secret) => venue::owner_session::peek_link(&mut *state.pool.acquire().await?, state.clock.now(), &secret).await?,
        None => false,
    };
    let (status, token) = if good { (StatusCode::OK, Some(token.as_str())) } else { (StatusCode::NOT_FOUND, None) };
    page(status, &OpenPage { f: language.frame(&state.service), token })
}

/// `POST /venues/open/{token}`: opens the session; the link is used up.
pub(crate) async fn open(request: HttpRequest, language: Language, state: Data<State>, token: Path<String>) -> Result<HttpResponse, Error> {
    limit::check(&request, &state, Act::Guess)?;
    let opened = match Token::from_client(&token) {
        Some(secret) => {
            let mut tx = state.pool.begin().await?;
            let session = venue::owner_session::open_by_link(&mut tx, state.clock.now(), &secret).await?;
            tx.commit().await?;
            session
        }
        None => None,
    };
    match opened {
        Some(session) => Ok(enter(&state, &session, &home(language, &state))),
        None => page(StatusCode::NOT_FOUND, &OpenPage { f: language.frame(&state.service), token: None }),
    }
}

/// `POST /shop/logout`: ends the session here and in the browser.
pub(crate) async fn log_out(
    request: HttpRequest,
    language: Language,
    state: Data<State>,
    _shop: super::ShopRequest,
) -> Result<HttpResponse, Error> {
    if let Some(token) = super::token(&request, &state) {
        venue::owner_session::leave(&mut *state.pool.acquire().await?, &token).await?;
    }
    let mut gone = super::session_cookie(&state.service.base_url, "");
    gone.make_removal();
    let to = format!("/shop/login{}", language.frame(&state.service).lang);
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, to)).cookie(gone).finish())
}
