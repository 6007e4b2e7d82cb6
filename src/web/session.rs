//! Authentication: a program's bearer token or an official's cookie becomes a [`Session`] whose type says what it may do.
//!
//! The table of routes says who may use a route, and [`prove`] holds to it before the request's body is looked at: a caller who may
//! not ask learns nothing about the question from the answer. The handler then takes its [`May`], which cannot be had otherwise.
use crate::base::token::Token;
use crate::official::{self, Caller, MayAdmin, MayApprove, MayAudit, MayTrace, MayView, Permission, Session};
use crate::web::error::Error;
use crate::web::page::Language;
use crate::web::routes::Access;
use crate::web::state::State;
use crate::web::venue::shop;
use actix_web::body::BoxBody;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::{self, ServiceRequest, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, LOCATION};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::future::{Ready, ready};

/// A request whose caller may do `P`. 401 without a valid token, 403 without the right.
pub(crate) struct May<P>(pub Session<P>);

/// A request with a token, or none at all. A token that is wrong is refused, not ignored.
pub(crate) struct Somebody(pub Option<Caller>);

/// Lets a request through to its handler if its caller may use the route.
pub(crate) async fn prove(access: Access, request: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse, actix_web::Error> {
    if access == Access::Shop {
        return prove_shop(request, next).await;
    }
    match admit(access, request.request()).await {
        Ok(Some(caller)) => {
            request.extensions_mut().insert(caller);
        }
        Ok(None) => {}
        Err(error) => {
            let login = (access.is_console() && error.status == StatusCode::UNAUTHORIZED).then(|| to_login(request.request())).flatten();
            return Ok(match login {
                Some(answer) => request.into_response(answer),
                None => request.error_response(error),
            });
        }
    }
    next.call(request).await
}

/// The same for a venue's own page: its session belongs to a mailbox, and which venues it reaches is the handler's to ask.
async fn prove_shop(request: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse, actix_web::Error> {
    let Some(state) = request.app_data::<Data<State>>().cloned() else {
        return Err(Error::internal().into());
    };
    match shop::mailbox_holder(request.request(), &state).await {
        Ok(Some(holder)) => {
            request.extensions_mut().insert(holder);
            next.call(request).await
        }
        Ok(None) if matches!(*request.method(), Method::GET | Method::HEAD) => {
            let to = format!("/shop/login{}", Language::of(request.request()).frame(&state.service).lang);
            Ok(request.into_response(HttpResponse::SeeOther().insert_header((LOCATION, to)).finish()))
        }
        Ok(None) => Ok(request.error_response(unauthorised())),
        Err(error) => Ok(request.error_response(error)),
    }
}

async fn admit(access: Access, request: &HttpRequest) -> Result<Option<Caller>, Error> {
    if access == Access::Anyone {
        return Ok(None);
    }
    let caller = if access.is_console() { logged_in(request).await? } else { by_token(request).await? };
    let allowed = match &caller {
        None => return if access == Access::OpenOrTrace { Ok(None) } else { Err(unauthorised()) },
        Some(caller) => match access {
            Access::View | Access::ConsoleView => caller.authorise::<MayView>().is_ok(),
            Access::OpenOrTrace | Access::Trace | Access::ConsoleTrace => caller.authorise::<MayTrace>().is_ok(),
            Access::Approve | Access::ConsoleApprove => caller.authorise::<MayApprove>().is_ok(),
            Access::Audit | Access::ConsoleAudit => caller.authorise::<MayAudit>().is_ok(),
            Access::Admin | Access::ConsoleAdmin => caller.authorise::<MayAdmin>().is_ok(),
            Access::Anyone | Access::Shop => true,
        },
    };
    if allowed { Ok(caller) } else { Err(forbidden()) }
}

/// Finds who is logged in, by the cookie. The [`WebSession`] is left in the request for [`crate::web::console::ConsoleRequest`].
async fn logged_in(request: &HttpRequest) -> Result<Option<Caller>, Error> {
    let state = request.app_data::<Data<State>>().ok_or_else(Error::internal)?;
    let Some(token) = session_token(request, state) else {
        return Ok(None);
    };
    let mut connection = state.pool.acquire().await?;
    let found = official::login_of(&mut connection, state.clock.now(), &token).await?;
    Ok(found.map(|(caller, login)| {
        request.extensions_mut().insert(login);
        caller
    }))
}

/// The session's token, if the request carries one.
pub(crate) fn session_token(request: &HttpRequest, state: &State) -> Option<Token> {
    let cookie = request.cookie(cookie_name(&state.service.base_url))?;
    Token::from_client(cookie.value())
}

/// `__Host-`: no other host and no unsafe connection can set it (RFC 6265bis §4.1.3.2). Without https, on a developer's machine,
/// a browser would refuse that name.
fn cookie_name(base_url: &str) -> &'static str {
    if base_url.starts_with("https://") { "__Host-ashiato" } else { "ashiato" }
}

/// The cookie that holds a session. It ends with the browser; the server ends it sooner.
pub(crate) fn session_cookie(state: &State, token: &Token) -> Cookie<'static> {
    let base_url = &state.service.base_url;
    Cookie::build(cookie_name(base_url), token.expose().to_owned())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(base_url.starts_with("https://"))
        .finish()
}

/// The cookie that takes a session's cookie away.
pub(crate) fn no_session_cookie(state: &State) -> Cookie<'static> {
    let mut cookie = Cookie::build(cookie_name(&state.service.base_url), "").path("/").http_only(true).same_site(SameSite::Strict).finish();
    cookie.set_secure(state.service.base_url.starts_with("https://"));
    cookie.make_removal();
    cookie
}

/// Where somebody who is not logged in goes: a page asks for the log-in and comes back; anything else says 401.
fn to_login(request: &HttpRequest) -> Option<HttpResponse> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return None;
    }
    let here = request.uri().path_and_query().map_or("/console", |path| path.as_str());
    let next = utf8_percent_encode(here, NON_ALPHANUMERIC);
    Some(HttpResponse::SeeOther().insert_header((LOCATION, format!("/console/login?next={next}"))).finish())
}

async fn by_token(request: &HttpRequest) -> Result<Option<Caller>, Error> {
    let Some(token) = bearer(request)? else {
        return Ok(None);
    };
    let state = request.app_data::<Data<State>>().ok_or_else(Error::internal)?;
    let mut connection = state.pool.acquire().await?;
    official::caller_of(&mut connection, &token).await?.map(Some).ok_or_else(unauthorised)
}

fn bearer(request: &HttpRequest) -> Result<Option<Token>, Error> {
    let Some(header) = request.headers().get(AUTHORIZATION) else {
        return Ok(None);
    };
    let text = header.to_str().map_err(|_| unauthorised())?;
    let (scheme, token) = text.split_once(' ').ok_or_else(unauthorised)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(unauthorised());
    }
    Token::from_client(token.trim()).map(Some).ok_or_else(unauthorised)
}

fn unauthorised() -> Error {
    Error::new(StatusCode::UNAUTHORIZED, "unauthorised")
}

fn forbidden() -> Error {
    Error::forbidden("forbidden")
}

impl FromRequest for Somebody {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(Ok(Self(request.extensions().get::<Caller>().cloned())))
    }
}

impl<P: Permission + 'static> FromRequest for May<P> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let caller = request.extensions().get::<Caller>().cloned().ok_or_else(unauthorised);
        ready(caller.and_then(|caller| caller.authorise::<P>().map(Self).map_err(|_| forbidden())))
    }
}
