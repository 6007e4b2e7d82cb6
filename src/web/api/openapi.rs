//! The OpenAPI document.
use actix_web::HttpResponse;
use actix_web::http::header::CONTENT_TYPE;

/// The document, written by hand beside the handlers; `tests/it/routes.rs` holds it to the table of routes.
pub const DOCUMENT: &str = include_str!("openapi.json");

/// `GET /api/v1/openapi.json`
pub(crate) async fn document() -> HttpResponse {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/json")).body(DOCUMENT)
}
