//! Request bodies: bounded in size and time, strictly UTF-8, with no silent repair.
//!
//! actix-web's own extractors replace bad UTF-8 by U+FFFD and wait for ever for a slow body (docs/DESIGN.md §5 "Web").
use crate::web::error::Error;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Bytes, BytesMut, Payload};
use actix_web::{FromRequest, HttpRequest, dev};
use serde::de::DeserializeOwned;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::time::Duration;
use uuid::Uuid;

/// Largest body of a form: an address, a code, an application. Beyond it 413.
pub const MAX_FORM_BYTES: usize = 16 * 1024;
/// Largest JSON body: 200 stays or 500 posters, with room. Beyond it 413.
pub const MAX_JSON_BYTES: usize = 64 * 1024;
/// How long a whole body may take: a form is one packet, and a slow sender holds a connection.
pub const BODY_DEADLINE: Duration = Duration::from_secs(10);
/// Most fields in a form: a calendar that is ticked whole when visits are kept for half a year (`RETENTION_DAYS` at its largest),
/// with room. Beyond it, as beyond [`MAX_FORM_BYTES`], nothing is looked at.
const MAX_FIELDS: usize = 200;

/// The fields of a submitted form, in order, as sent.
#[derive(Clone, Default)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// The first value of `name`, or nothing.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// All values of `name`, in order: ticked boxes.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// The names of all fields, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// The first value of `name`, if the field is there at all.
    #[must_use]
    pub fn given(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Decodes `application/x-www-form-urlencoded` text (WHATWG URL §5.1), refusing what is not UTF-8, and NUL.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        let bad = || Error::new(StatusCode::BAD_REQUEST, "bad_encoding");
        let mut fields = Vec::new();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if fields.len() == MAX_FIELDS {
                return Err(Error::new(StatusCode::BAD_REQUEST, "too_many_fields"));
            }
            let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &[][..]),
            };
            fields.push((decode(name).ok_or_else(bad)?, decode(value).ok_or_else(bad)?));
        }
        Ok(Self(fields))
    }
}

/// The parameters of a program's request.
#[derive(Default)]
pub struct Query(Form);

impl Query {
    /// The first value of `name`, or nothing.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name)
    }

    /// Whether `name` was sent, if only empty.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.all(name).next().is_some()
    }

    /// An identifier; nothing when it is left out.
    pub fn id(&self, name: &str) -> Result<Option<Uuid>, Error> {
        self.0.given(name).map(|text| text.parse().map_err(|_| Error::field(name, "malformed"))).transpose()
    }

    /// How many, from 1 to `most`; `usual` when it is left out.
    pub fn limit(&self, usual: i64, most: i64) -> Result<i64, Error> {
        match self.0.given("limit") {
            None => Ok(usual),
            Some(text) => text.parse().ok().filter(|limit| (1..=most).contains(limit)).ok_or_else(|| Error::field("limit", "out_of_range")),
        }
    }
}

impl FromRequest for Query {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(Form::parse(request.query_string().as_bytes()).map(Self))
    }
}

fn decode(text: &[u8]) -> Option<String> {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let decoded = percent_encoding::percent_decode(&spaced).decode_utf8().ok()?;
    (!decoded.contains('\0')).then(|| decoded.into_owned())
}

type Extracted<T> = Pin<Box<dyn Future<Output = Result<T, Error>>>>;

impl FromRequest for Form {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let typed = has_type(request, "application/x-www-form-urlencoded");
        let payload = Payload::from_request(request, payload);
        let declared = declared_length(request);
        Box::pin(async move {
            if !typed {
                return Err(Error::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"));
            }
            let body = read(payload.await.map_err(|_| Error::internal())?, declared, MAX_FORM_BYTES).await?;
            Self::parse(&body)
        })
    }
}

/// A JSON body, and its bytes as they came.
pub(super) struct RawJson<T> {
    pub(super) value: T,
    pub(super) bytes: Vec<u8>,
}

/// A JSON body. Its type refuses unknown fields.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let maybe = MaybeJson::from_request(request, payload);
        Box::pin(async move { maybe.await?.0.map(Self).ok_or(Error::new(StatusCode::BAD_REQUEST, "invalid_json")) })
    }
}

/// A JSON body that may be left out.
pub struct MaybeJson<T>(pub Option<T>);

impl<T: DeserializeOwned + 'static> FromRequest for MaybeJson<T> {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let body = json_body(request, payload);
        Box::pin(async move { body.await?.map(|body| parse_json(&body)).transpose().map(Self) })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for RawJson<T> {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let body = json_body(request, payload);
        Box::pin(async move {
            let body = body.await?.ok_or(Error::new(StatusCode::BAD_REQUEST, "invalid_json"))?;
            Ok(Self { value: parse_json(&body)?, bytes: body.to_vec() })
        })
    }
}

/// The body of a request, which says that it is JSON; nothing, if there is none.
fn json_body(request: &HttpRequest, payload: &mut dev::Payload) -> Extracted<Option<Bytes>> {
    let typed = has_type(request, "application/json");
    let payload = Payload::from_request(request, payload);
    let declared = declared_length(request);
    Box::pin(async move {
        let body = read(payload.await.map_err(|_| Error::internal())?, declared, MAX_JSON_BYTES).await?;
        if body.is_empty() {
            return Ok(None);
        }
        if !typed {
            return Err(Error::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"));
        }
        Ok(Some(body))
    })
}

/// Strict UTF-8, then JSON; what is wrong is a code, for serde's own words may quote the body.
fn parse_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    if std::str::from_utf8(body).is_err() {
        return Err(Error::new(StatusCode::BAD_REQUEST, "bad_encoding"));
    }
    let wrong_members = || Error::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_json_members");
    let value = serde_json::from_slice(body)
        .map_err(|error| if error.is_data() { wrong_members() } else { Error::new(StatusCode::BAD_REQUEST, "invalid_json") })?;
    // serde would also read a list of the members' values in their order, which no document promises.
    if body.trim_ascii_start().starts_with(b"{") { Ok(value) } else { Err(wrong_members()) }
}

pub(super) fn has_type(request: &HttpRequest, expected: &str) -> bool {
    let header = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    header.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(expected)
}

pub(super) fn declared_length(request: &HttpRequest) -> usize {
    let header = request.headers().get(actix_web::http::header::CONTENT_LENGTH);
    header.and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Reads a whole body within the deadline; a length that is too large is refused before the first byte.
async fn read(payload: Payload, declared: usize, limit: usize) -> Result<Bytes, Error> {
    read_within(payload, declared, limit, BODY_DEADLINE).await
}

pub(super) async fn read_within(mut payload: Payload, declared: usize, limit: usize, deadline: Duration) -> Result<Bytes, Error> {
    let too_large = || Error::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large");
    if declared > limit {
        return Err(too_large());
    }
    let whole = async {
        let mut body = BytesMut::with_capacity(declared);
        while let Some(chunk) = next(&mut payload).await {
            let chunk = chunk.map_err(|_| Error::new(StatusCode::BAD_REQUEST, "body_broken"))?;
            if body.len() + chunk.len() > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    };
    match tokio::time::timeout(deadline, whole).await {
        Ok(body) => body,
        Err(_) => Err(Error::new(StatusCode::REQUEST_TIMEOUT, "timeout")),
    }
}

/// The payload's next chunk.
async fn next(payload: &mut Payload) -> Option<Result<Bytes, actix_web::error::PayloadError>> {
    std::future::poll_fn(|context| futures_core::Stream::poll_next(Pin::new(&mut *payload), context)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_decode_and_keep_their_order() {
        let form = Form::parse("email=taro%40example.jp&name=%E3%81%82+b&empty=&flag".as_bytes()).unwrap();
        assert_eq!((form.get("email"), form.get("name"), form.get("empty"), form.get("absent")), ("taro@example.jp", "あ b", "", ""));
    }

    #[test]
    fn broken_text_is_refused_and_never_repaired() {
        for body in [&b"email=%FF"[..], b"email=\xff\xfe", b"email=a%00b", b"%C3=x"] {
            assert_eq!(Form::parse(body).err().unwrap().status, StatusCode::BAD_REQUEST);
        }
    }

    #[test]
    fn the_number_of_fields_is_bounded() {
        let fields = |count: usize| vec!["a=1"; count].join("&");
        assert!(Form::parse(fields(MAX_FIELDS).as_bytes()).is_ok());
        assert!(Form::parse(fields(MAX_FIELDS + 1).as_bytes()).is_err());
    }
}
