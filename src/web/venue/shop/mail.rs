//! The link in the monthly letter that stops it. GET shows a button and changes nothing: mail scanners open links.
use crate::base::token::Token;
use crate::venue::monthly;
use crate::web::error::Error;
use crate::web::limit::{self, Act};
use crate::web::page::{Frame, Language, page};
use crate::web::state::State;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

#[derive(Template)]
#[template(path = "web/venue/shop/mail.html")]
struct MailPage<'a> {
    f: Frame<'a>,
    token: &'a str,
    /// The venue; `None`: no such link.
    name: Option<String>,
    done: bool,
}

fn mail_page(language: Language, state: &State, token: &str, name: Option<String>, done: bool) -> Result<HttpResponse, Error> {
    let status = if name.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    page(status, &MailPage { f: language.frame(&state.service), token, name, done })
}

/// `GET /shop/mail/{token}`
pub(crate) async fn form(language: Language, state: Data<State>, token: Path<String>) -> Result<HttpResponse, Error> {
    let found = match Token::from_client(&token) {
        Some(secret) => monthly::peek_off(&mut *state.pool.acquire().await?, &secret).await?,
        None => None,
    };
    mail_page(language, &state, &token, found.map(|(_, name)| name), false)
}

/// `POST /shop/mail/{token}`
pub(crate) async fn stop(request: HttpRequest, language: Language, state: Data<State>, token: Path<String>) -> Result<HttpResponse, Error> {
    limit::check(&request, &state, Act::Guess)?;
    let Some(secret) = Token::from_client(&token) else { return mail_page(language, &state, "", None, false) };
    let mut tx = state.pool.begin().await?;
    let name = monthly::turn_off(&mut tx, state.clock.now(), &secret).await?;
    tx.commit().await?;
    mail_page(language, &state, &token, name, true)
}
