//! Who is asking: a bearer token becomes a [`Session`] whose type says what it may do.
//!
//! The table of routes says who may use a route, and [`prove`] holds to it before the request's body is looked at: who may not
//! ask learns nothing from what is said about the question. The handler then takes its [`May`], which cannot be had otherwise.
use crate::base::token::Token;
use crate::official::{self, Caller, MayApprove, MayTrace, MayView, Permission, Session};
use crate::web::error::Error;
use crate::web::routes::Access;
use crate::web::state::State;
use actix_web::body::BoxBody;
use actix_web::dev::{self, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use std::future::{Ready, ready};

/// A request whose caller may do `P`. 401 without a valid token, 403 without the right.
pub(crate) struct May<P>(pub Session<P>);

/// A request with a token, or none at all. A token that is wrong is refused, not ignored.
pub(crate) struct Somebody(pub Option<Caller>);

/// Lets a request through to its handler if its caller may use the route.
pub(crate) async fn prove(access: Access, request: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse, actix_web::Error> {
    match admit(access, request.request()).await {
        Ok(Some(caller)) => {
            request.extensions_mut().insert(caller);
        }
        Ok(None) => {}
        Err(error) => return Ok(request.error_response(error)),
    }
    next.call(request).await
}

async fn admit(access: Access, request: &HttpRequest) -> Result<Option<Caller>, Error> {
    if access == Access::Anyone {
        return Ok(None);
    }
    let caller = caller(request).await?;
    let allowed = match &caller {
        None => return if access == Access::OpenOrTrace { Ok(None) } else { Err(unauthorised()) },
        Some(caller) => match access {
            Access::View => caller.authorise::<MayView>().is_ok(),
            Access::OpenOrTrace | Access::Trace => caller.authorise::<MayTrace>().is_ok(),
            Access::Approve => caller.authorise::<MayApprove>().is_ok(),
            Access::Anyone => true,
        },
    };
    if allowed { Ok(caller) } else { Err(forbidden()) }
}

async fn caller(request: &HttpRequest) -> Result<Option<Caller>, Error> {
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
