//! Files of our own that pages ask for. Their address holds their hash, so that they may be cached for ever.
use crate::web::error::Error;
use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::Path;
use sha2::{Digest, Sha256};
use std::sync::OnceLock;

struct Style {
    path: String,
    text: String,
}

/// The path of the stylesheet, as pages link it.
#[must_use]
pub fn style_path() -> &'static str {
    &style().path
}

fn style() -> &'static Style {
    static STYLE: OnceLock<Style> = OnceLock::new();
    STYLE.get_or_init(|| {
        let text = minify(include_str!("../../assets/style.css"));
        let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes())[..6]);
        Style { path: format!("/assets/{hash}.css"), text }
    })
}

/// Drops comments and the white space around line ends; the file is ours, so no quoted text holds either.
fn minify(css: &str) -> String {
    let mut text = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(start) = rest.find("/*") {
        text.push_str(&rest[..start]);
        rest = rest[start..].find("*/").map_or("", |end| &rest[start + end + 2..]);
    }
    text.push_str(rest);
    let mut text: String = text.lines().map(str::trim).collect();
    // Where a space means nothing in CSS. Those around + and - in `calc()` and between a value's parts do mean something.
    for (spaced, tight) in [(" {", "{"), ("{ ", "{"), ("; ", ";"), (" }", "}"), (";}", "}"), (": ", ":"), (", ", ","), (" > ", ">")] {
        text = text.replace(spaced, tight);
    }
    text
}

/// `GET /assets/{file}`
pub(crate) async fn file(file: Path<String>) -> Result<HttpResponse, Error> {
    if style_path().strip_prefix("/assets/") != Some(file.as_str()) {
        return Err(Error::not_found());
    }
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/css; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(style().text.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// LOOK §8.
    const MAX_STYLE_BYTES: usize = 7_000;

    #[test]
    fn the_stylesheet_is_small_and_whole() {
        let text = &style().text;
        assert!(text.len() <= MAX_STYLE_BYTES, "{} bytes", text.len());
        assert_eq!(text.matches('{').count(), text.matches('}').count());
        assert!(!text.contains("/*") && text.contains(":focus{"));
    }
}
