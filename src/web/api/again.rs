//! Requests that a program may send again under one `Idempotency-Key`.
use crate::official::{MarkError, Principal, RequestMark};
use crate::venue::VenueId;
use crate::web::error::Error;
use crate::web::form::RawJson;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::{FromRequest, HttpRequest, dev};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::pin::Pin;
use uuid::Builder;

/// The header (draft-ietf-httpapi-idempotency-key-header-07 §2).
const KEY: &str = "idempotency-key";
/// Longest key. A UUID has 36 characters.
pub const MAX_KEY_CHARS: usize = 255;

/// A JSON body, and what the request is known by when it comes again.
pub(crate) struct Repeatable<T> {
    /// The body.
    pub(crate) body: T,
    key: Option<String>,
    bytes: Vec<u8>,
    route: String,
}

impl<T> Repeatable<T> {
    /// The mark of the request, if it bears a key.
    pub(crate) fn mark(&self, principal: &Principal) -> Option<RequestMark> {
        self.key.as_ref().map(|key| RequestMark::new(principal, &self.route, key, &self.bytes))
    }

    /// An identifier for a venue that somebody unknown applies for: the same key and body, sent again, are one application.
    /// Nobody else's body can meet it.
    pub(crate) fn venue_id(&self) -> VenueId {
        let Some(key) = &self.key else { return VenueId::random() };
        let mut hash = Sha256::new_with_prefix(b"ashiato application by key");
        hash.update(key.len().to_be_bytes());
        hash.update(key);
        hash.update(&self.bytes);
        let hash: [u8; 32] = hash.finalize().into();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        VenueId(Builder::from_random_bytes(bytes).into_uuid())
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Repeatable<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let key = key(request.headers());
        let route = format!("{} {}", request.method(), request.path());
        let json = RawJson::from_request(request, payload);
        Box::pin(async move {
            let key = key?;
            let RawJson { value, bytes } = json.await?;
            Ok(Self { body: value, key, bytes, route })
        })
    }
}

/// The key: a string of structured fields (RFC 9651 §3.3.3), or the same without its quotes, as many programs write it.
fn key(headers: &HeaderMap) -> Result<Option<String>, Error> {
    let bad = || Error::new(StatusCode::BAD_REQUEST, "bad_idempotency_key");
    let mut lines = headers.get_all(KEY);
    let Some(line) = lines.next() else { return Ok(None) };
    if lines.next().is_some() {
        return Err(bad());
    }
    let text = line.to_str().map_err(|_| bad())?.trim();
    let bare = match text.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"').ok_or_else(bad)?,
        None => text,
    };
    let fits = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\' | b',' | b';');
    if bare.is_empty() || bare.len() > MAX_KEY_CHARS || !bare.bytes().all(fits) {
        return Err(bad());
    }
    Ok(Some(bare.to_owned()))
}

impl From<MarkError> for Error {
    fn from(error: MarkError) -> Self {
        match error {
            MarkError::InFlight => Self::conflict("request_in_progress"),
            MarkError::OtherBody => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused"),
            MarkError::Database(error) => error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    #[test]
    fn a_key_is_read_with_and_without_its_quotes() {
        let read = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(HeaderName::from_static(KEY), HeaderValue::from_str(value).unwrap());
            }
            key(&headers)
        };
        assert_eq!(read(&[]), Ok(None));
        for value in ["\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", " 8e03978e-40d5-43dd-bc93-6894a57f9324 "] {
            assert_eq!(read(&[value]), Ok(Some("8e03978e-40d5-43dd-bc93-6894a57f9324".to_owned())));
        }
        let (longest, longer) = ("k".repeat(MAX_KEY_CHARS), "k".repeat(MAX_KEY_CHARS + 1));
        assert!(read(&[&longest]).is_ok());
        for bad in [&[""][..], &["\"\""], &["\""], &["\"open"], &["two words"], &["\"a\";b"], &["a,b"], &[&longer], &["a", "a"]] {
            assert_eq!(read(bad).unwrap_err().code, "bad_idempotency_key", "{bad:?}");
        }
    }
}
