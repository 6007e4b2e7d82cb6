//! The middleware around every request. It refuses foreign origins, makes errors readable, sets security headers and
//! writes one quiet log line.
use crate::repeated;
use crate::web::error::{self, Error};
use crate::web::page::{self, Language};
use crate::web::session;
use crate::web::state::State;
use crate::web::venue::shop;
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpResponse, ResponseError};
use std::time::Instant;

/// On every page: no script runs anywhere.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// On the console: its own small scripts, which speak to nobody else.
const CONSOLE_POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// Sent with every answer (docs/DESIGN.md §5 "Web"; OWASP ASVS 5.0 §3.4).
const HEADERS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
    (header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
    (header::PERMISSIONS_POLICY, "camera=(), geolocation=(), microphone=()"),
];
/// Two years, as the preload list asks; only sent where the service itself is reached over https.
const HSTS: &str = "max-age=63072000; includeSubDomains";

/// The middleware around the whole application.
pub(crate) async fn surround(request: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse, actix_web::Error> {
    let started = Instant::now();
    let Some(state) = request.app_data::<Data<State>>().cloned() else {
        return Err(Error::internal().into());
    };
    let response =
        if is_foreign(&request, &state) { request.error_response(Error::forbidden("foreign_origin")) } else { next.call(request).await? };
    let mut response = readable(response, &state);
    let https = state.service.base_url.starts_with("https://");
    let policy = if response.request().path().starts_with("/console") { CONSOLE_POLICY } else { POLICY };
    put_headers(response.headers_mut(), policy, https);
    log(&response, started);
    Ok(response)
}

/// Turns any error, ours or the framework's, into a page or problem details.
fn readable(response: ServiceResponse, state: &Data<State>) -> ServiceResponse {
    let Some(cause) = response.response().error() else {
        return response;
    };
    let cause = cause.as_error::<Error>().cloned().unwrap_or_else(|| error::of_framework(response.status()));
    let answer: HttpResponse = if response.request().path().starts_with("/api/") {
        cause.error_response()
    } else {
        page::error_page(Language::of(response.request()), state, response.request().path(), &cause)
    };
    response.into_response(answer)
}

/// A state-changing request from another site. Browsers say so in `Sec-Fetch-Site`, older ones in `Origin`; a client that sends
/// neither must carry no ambient authority of ours: public forms use no cookie, and with a session's cookie it is refused.
fn is_foreign(request: &ServiceRequest, state: &State) -> bool {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return false;
    }
    let text = |name: HeaderName| request.headers().get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return !matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text(header::ORIGIN) else {
        return session::session_token(request.request(), state).is_some() || shop::token(request.request(), state).is_some();
    };
    let host = origin.split_once("://").map_or("", |(_, host)| host);
    origin != state.service.base_url && (host.is_empty() || text(header::HOST) != Some(host))
}

fn put_headers(headers: &mut HeaderMap, policy: &'static str, https: bool) {
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// Nothing is computed unless the line is wanted.
fn log(response: &ServiceResponse, started: Instant) {
    let status = response.status().as_u16();
    // "Not ready" is an answer that was asked for, not a fault.
    if status >= 500 && response.request().path() != "/readyz" {
        let (method, route) = (response.request().method(), route(response));
        repeated!(warn, "answered", format!("{status} {method} {route}"), micros = started.elapsed().as_micros());
    } else {
        tracing::debug!(
            method = %response.request().method(), route = route(response).as_str(), status, micros = started.elapsed().as_micros(), "answered"
        );
    }
}

/// Route pattern, not path: a path may hold a code. No client address, no user agent.
fn route(response: &ServiceResponse) -> String {
    response.request().match_pattern().unwrap_or_else(|| "none".to_owned())
}
