//! The language of a page, and the frame around every page. Visitors get no cookie: the choice travels in `?lang=`.
use crate::base::config::Service;
use crate::base::locale::{Locale, Words};
use crate::repeated;
use crate::web::assets;
use crate::web::error::Error;
use crate::web::form::Form;
use crate::web::state::State;
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderValue};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder, dev};
use askama::Template;
use std::future::{Ready, ready};

/// The reader's language, and whether they chose it on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Language {
    /// The language.
    pub locale: Locale,
    /// Chosen by `?lang=`, so that links keep it.
    pub chosen: bool,
}

impl Language {
    /// `?lang=` first, then `Accept-Language`, then Japanese.
    #[must_use]
    pub fn of(request: &HttpRequest) -> Self {
        let query = Form::parse(request.query_string().as_bytes()).unwrap_or_default();
        if let Some(locale) = Locale::from_tag(query.get("lang")) {
            return Self { locale, chosen: true };
        }
        let header = request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Self { locale: header.and_then(Locale::negotiate).unwrap_or_default(), chosen: false }
    }

    /// The frame for a page in this language.
    #[must_use]
    pub fn frame(self, service: &Service) -> Frame<'_> {
        let other = if self.locale == Locale::Ja { Locale::En } else { Locale::Ja };
        let lang = match (self.chosen, self.locale) {
            (false, _) => "",
            (true, Locale::Ja) => "?lang=ja",
            (true, Locale::En) => "?lang=en",
        };
        Frame { w: self.locale.words(), locale: self.locale, other, lang, service, style: assets::style_path() }
    }
}

impl FromRequest for Language {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

/// The frame of every page.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// The words of the page's language.
    pub w: &'static Words,
    /// The page's language.
    pub locale: Locale,
    /// The language offered at the top.
    pub other: Locale,
    /// The query that links carry to keep a chosen language: `?lang=en` or nothing.
    pub lang: &'static str,
    /// The service's names and settings.
    pub service: &'a Service,
    /// Path of the stylesheet.
    pub style: &'static str,
}

/// Posters that stand open on a venue's page, its owner's or the city's; more are folded away, or what stands below was a long way off.
pub(crate) const MAX_OPEN_ROWS: usize = 24;

/// Renders a page with a status.
pub fn page(status: StatusCode, template: &impl Template) -> Result<HttpResponse, Error> {
    page_in(&mut HttpResponse::build(status), template)
}

/// Renders a page into an answer that has been begun, with its own headers.
pub(crate) fn page_in(response: &mut HttpResponseBuilder, template: &impl Template) -> Result<HttpResponse, Error> {
    Ok(html(response, render(template)?))
}

/// A page's text.
pub(crate) fn render(template: &impl Template) -> Result<String, Error> {
    template.render().map_err(|_| {
        repeated!(error, "a template failed to render", std::any::type_name_of_val(template));
        Error::internal()
    })
}

/// An answer with a page that has been rendered. Nobody stores it, for many pages speak of one person: the middleware sees to that.
pub(crate) fn html(response: &mut HttpResponseBuilder, text: String) -> HttpResponse {
    response.insert_header((CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))).body(text)
}

#[derive(Template)]
#[template(path = "web/error.html")]
struct ErrorPage<'a> {
    f: Frame<'a>,
    title: String,
    text: String,
    /// Where the button leads, and what it says.
    way: (&'static str, String),
}

/// The page for an error, in the reader's language.
pub(crate) fn error_page(language: Language, state: &Data<State>, path: &str, error: &Error) -> HttpResponse {
    let frame = language.frame(&state.service);
    let w = frame.w;
    let (at_console, at_shop) = (path.starts_with("/console"), path.starts_with("/shop"));
    let (title, text) = match error.status.as_u16() {
        404 => (w.error_not_found(), w.error_not_found_text()),
        401 if at_shop => (w.shop_again_title(), w.shop_again_text()),
        401 if at_console => (w.console_again(), w.console_again_text()),
        401 | 403 => (w.error_forbidden(), w.error_forbidden_text()),
        405 => (w.error_method(), w.error_method_text()),
        408 => (w.error_timeout(), w.error_timeout_text()),
        413 => (w.error_too_large(), w.error_too_large_text()),
        400 if error.code == "too_many_fields" => (w.error_too_large(), w.error_too_large_text()),
        429 => (w.wait_title(), w.wait_text()),
        503 if error.code == "key_unavailable" => (w.error_key(), w.error_key_text()),
        503 => (w.error_unavailable(), w.error_unavailable_text()),
        status if status < 500 => (w.error_bad_request(), w.error_bad_request_text()),
        _ => (w.error_internal(), w.error_internal_text()),
    };
    let way = match (at_console, error.status.as_u16()) {
        (true, 401) => ("/console/login", w.console_to_login()),
        (true, _) => ("/console", w.console_back()),
        (false, 401) if at_shop => ("/shop/login", w.shop_login_title()),
        (false, _) => ("/", w.error_home()),
    };
    let page = ErrorPage { f: frame, title, text, way };
    page_in(&mut error.begin(), &page).unwrap_or_else(|_| HttpResponse::InternalServerError().finish())
}
