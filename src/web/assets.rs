//! Files of our own that pages ask for. Their address holds their hash, so that they may be cached for ever.
use crate::web::error::Error;
use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::Path;
use sha2::{Digest, Sha256};
use std::sync::OnceLock;

/// One file, ready to be sent.
struct Asset {
    name: &'static str,
    path: String,
    kind: &'static str,
    text: String,
}

/// The path of the stylesheet of every page, as pages link it.
#[must_use]
pub fn style_path() -> &'static str {
    path_of("style.css")
}

/// The path of the stylesheet that work pages add to it.
#[must_use]
pub fn work_style_path() -> &'static str {
    path_of("work.css")
}

/// The path of a file by its name below `assets/`; empty for one that is not in the list, which a test would see.
#[must_use]
pub fn path_of(name: &str) -> &'static str {
    assets().iter().find(|asset| asset.name == name).map_or("", |asset| &asset.path)
}

/// Every file that pages may ask for.
fn assets() -> &'static [Asset] {
    static ASSETS: OnceLock<Vec<Asset>> = OnceLock::new();
    ASSETS.get_or_init(|| {
        vec![
            style("style.css", include_str!("../../assets/style.css")),
            style("work.css", include_str!("../../assets/work.css")),
            script("case.js", include_str!("../../assets/case.js")),
            script("progress.js", include_str!("../../assets/progress.js")),
        ]
    })
}

fn style(name: &'static str, text: &str) -> Asset {
    let text = minify(text);
    Asset { name, path: hashed_path(&text, "css"), kind: "text/css; charset=utf-8", text }
}

/// A script is sent as it is written: they are small, and their readers are few.
fn script(name: &'static str, text: &'static str) -> Asset {
    Asset { name, path: hashed_path(text, "js"), kind: "text/javascript; charset=utf-8", text: text.to_owned() }
}

fn hashed_path(text: &str, extension: &str) -> String {
    format!("/assets/{}.{extension}", data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes())[..6]))
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
    let wanted = format!("/assets/{file}");
    let asset = assets().iter().find(|asset| asset.path == wanted).ok_or_else(Error::not_found)?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, asset.kind))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(asset.text.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first view of the check-in page must stay small (docs/LOOK.md §8).
    const MAX_STYLE_BYTES: usize = 7_000;
    /// Officials sit at desks; still one file that a phone loads at once.
    const MAX_WORK_STYLE_BYTES: usize = 10_000;

    #[test]
    fn the_stylesheets_are_small_and_whole() {
        for asset in assets().iter().filter(|asset| asset.kind.starts_with("text/css")) {
            let (name, text) = (asset.name, &asset.text);
            let most = if name == "style.css" { MAX_STYLE_BYTES } else { MAX_WORK_STYLE_BYTES };
            assert!(text.len() <= most, "{name}: {} bytes", text.len());
            assert_eq!(text.matches('{').count(), text.matches('}').count(), "{name}");
            assert!(!text.contains("/*"), "{name}");
        }
        assert!(path_of("style.css") != path_of("work.css") && path_of("nowhere.css").is_empty());
    }
}
