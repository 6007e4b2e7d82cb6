//! One error for every handler. It becomes a page in the reader's language, or RFC 9457 problem details under `/api/`
//! (see [`crate::web::middleware`]); neither ever shows SQL, serde or a stack.
use crate::base::db;
use crate::repeated;
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use serde::Serialize;

/// Seconds after which a client that was turned away for load should come back.
pub const RETRY_AFTER_SECONDS: u16 = 5;

/// A field that was refused, for programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldProblem {
    /// The JSON member, such as `email` or `stays[3].date`.
    pub field: String,
    /// A stable code, such as `no_at`.
    pub code: &'static str,
}

/// An error as a stable code. Its wording is the page's business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// HTTP status.
    pub status: StatusCode,
    /// Stable code for programs, documented in the OpenAPI document.
    pub code: &'static str,
    /// Refused fields, if that is the trouble.
    pub fields: Vec<FieldProblem>,
    /// Methods that the resource knows, for 405 (RFC 9110 §15.5.6).
    pub allow: Option<String>,
}

impl Error {
    /// An error with a status and a stable code.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str) -> Self {
        Self { status, code, fields: Vec::new(), allow: None }
    }

    /// 404: nothing here, or nothing for you; the two look the same.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found")
    }

    /// 422: the request was understood and its fields are wrong.
    #[must_use]
    pub fn invalid(fields: Vec<FieldProblem>) -> Self {
        Self { fields, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_fields") }
    }

    /// 422 for one field.
    #[must_use]
    pub fn field(field: &str, code: &'static str) -> Self {
        Self::invalid(vec![FieldProblem { field: field.to_owned(), code }])
    }

    /// 503: not now.
    #[must_use]
    pub fn unavailable() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable")
    }

    /// 503: what hangs on `SECRET_KEY` does not open here; the operator must look at it.
    #[must_use]
    pub fn key_unavailable() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "key_unavailable")
    }

    /// 503: this machine and the database do not agree on the date.
    #[must_use]
    pub fn date_in_doubt() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "date_in_doubt")
    }

    /// 500: our fault. The cause goes to the log, never to the client.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal")
    }

    /// 409: the thing is not in a state that allows this.
    #[must_use]
    pub fn conflict(code: &'static str) -> Self {
        Self::new(StatusCode::CONFLICT, code)
    }

    /// 403 with a stable code.
    #[must_use]
    pub fn forbidden(code: &'static str) -> Self {
        Self::new(StatusCode::FORBIDDEN, code)
    }

    /// Starts the answer: status and the headers that belong to it.
    pub(crate) fn begin(&self) -> HttpResponseBuilder {
        let mut response = HttpResponse::build(self.status);
        if matches!(self.status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            response.insert_header((RETRY_AFTER, RETRY_AFTER_SECONDS.to_string()));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            // RFC 9110 §11.6.1: a 401 names the scheme that would do (RFC 6750 §3).
            response.insert_header((WWW_AUTHENTICATE, "Bearer"));
        }
        if let Some(allow) = self.allow.as_deref().and_then(|allow| HeaderValue::from_str(allow).ok()) {
            response.insert_header((ALLOW, allow));
        }
        response
    }
}

/// RFC 9457 problem details.
#[derive(Serialize)]
struct Problem<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'a str,
    status: u16,
    code: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldProblem],
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status.as_u16(), self.code)
    }
}

impl std::error::Error for Error {}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let problem = Problem {
            kind: format!("urn:ashiato:problem:{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            code: self.code,
            errors: &self.fields,
        };
        let body = serde_json::to_vec(&problem).unwrap_or_default();
        self.begin().insert_header((CONTENT_TYPE, "application/problem+json")).body(body)
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if db::is_transient(&error) {
            repeated!(warn, "the database did not do what a request needs", db::describe(&error));
            return Self::unavailable();
        }
        repeated!(error, "database error", db::describe(&error));
        Self::internal()
    }
}

/// The status and code of errors that actix-web itself raises.
#[must_use]
pub fn of_framework(status: StatusCode) -> Error {
    let code = match status {
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
        StatusCode::PAYLOAD_TOO_LARGE => "too_large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported_media_type",
        StatusCode::REQUEST_TIMEOUT => "timeout",
        status if status.is_client_error() => "bad_request",
        _ => "internal",
    };
    Error::new(status, code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_follow_rfc_9457_and_name_their_fields() {
        let response = Error::field("email", "no_at").error_response();
        assert_eq!(response.status(), 422);
        assert_eq!(response.headers().get(CONTENT_TYPE).unwrap(), "application/problem+json");
    }

    #[test]
    fn a_401_names_its_scheme() {
        let response = Error::new(StatusCode::UNAUTHORIZED, "unauthorised").error_response();
        assert_eq!(response.headers().get(WWW_AUTHENTICATE).unwrap(), "Bearer");
    }

    #[test]
    fn who_is_turned_away_for_load_is_told_when_to_return() {
        assert_eq!(Error::unavailable().error_response().headers().get(RETRY_AFTER).unwrap(), "5");
        assert!(Error::not_found().error_response().headers().get(RETRY_AFTER).is_none());
    }
}
