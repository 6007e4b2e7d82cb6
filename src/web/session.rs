//! Who is asking: a bearer token becomes a [`Session`] whose type says what it may do.
use crate::base::token::Token;
use crate::official::{self, Caller, Permission, Session};
use crate::web::error::Error;
use crate::web::state::State;
use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, dev};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// A request whose caller may do `P`. 401 without a valid token, 403 without the right.
pub(crate) struct May<P>(pub Session<P>);

/// A request with a token, or none at all. A token that is wrong is refused, not ignored.
pub(crate) struct Somebody(pub Option<Caller>);

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

async fn caller(state: Arc<State>, token: Option<Token>) -> Result<Option<Caller>, Error> {
    let Some(token) = token else {
        return Ok(None);
    };
    let mut connection = state.pool.acquire().await?;
    official::caller_of(&mut connection, &token).await?.map(Some).ok_or_else(unauthorised)
}

fn state_of(request: &HttpRequest) -> Result<Arc<State>, Error> {
    request.app_data::<Data<State>>().map(|data| Arc::clone(data)).ok_or_else(Error::internal)
}

type Extracted<T> = Pin<Box<dyn Future<Output = Result<T, Error>>>>;

impl FromRequest for Somebody {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let (token, state) = (bearer(request), state_of(request));
        Box::pin(async move { Ok(Self(caller(state?, token?).await?)) })
    }
}

impl<P: Permission + 'static> FromRequest for May<P> {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let somebody = Somebody::from_request(request, payload);
        Box::pin(async move {
            let caller = somebody.await?.0.ok_or_else(unauthorised)?;
            caller.authorise::<P>().map(Self).map_err(|_| Error::forbidden("forbidden"))
        })
    }
}
