//! Posters and bare codes as SVG: no script, no style sheet, nothing loaded from elsewhere.
use super::layout;
use super::mark::{Anchor, DASHES, Ink, Mark, Sheet, TextLine};
use super::qr::{QUIET_ZONE, Qr};
use super::text::{clean, is_measured};
use super::{Poster, PosterError};
use crate::base::locale::Locale;
use std::fmt::Write as _;
use std::rc::Rc;

/// BIZ UDPGothic is drawn to be read from afar; then what each system has for Japanese.
const FONTS: &str = "'BIZ UDPGothic','BIZ UDPゴシック','Hiragino Sans','Yu Gothic','Noto Sans CJK JP','Noto Sans JP',sans-serif";

/// How far letters reach above and below the baseline, in em.
const ASCENT: f64 = 0.95;
const LINE_HEIGHT: f64 = 1.25;

/// The A4 wall poster at true size, 210 × 297 mm.
///
/// # Errors
/// [`PosterError::UrlTooLong`].
pub fn svg(poster: &Poster) -> Result<String, PosterError> {
    let qr = Rc::new(Qr::encode(&poster.url())?);
    Ok(sheet(&layout::a4(poster, &qr), &title(poster)))
}

/// The title of the drawing of a poster.
pub(super) fn title(poster: &Poster) -> String {
    Locale::Ja.words().poster_title(clean(&poster.venue_name), clean(&poster.label))
}

/// One sheet at true size.
pub(super) fn sheet(sheet: &Sheet, title: &str) -> String {
    let (width, height) = (mm(sheet.size.0), mm(sheet.size.1));
    let mut out = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" viewBox="0 0 {width} {height}" xml:lang="ja" xml:space="preserve" role="img" font-family="{FONTS}"><title>{}</title><path d="M0 0h{width}v{height}H0z" fill="#fff"/>"##,
        escape(title)
    );
    for mark in &sheet.marks {
        draw(&mut out, mark);
    }
    out.push_str("</svg>\n");
    out
}

/// The code of `url` alone with its quiet zone, one millimetre per module unless the page says otherwise.
///
/// # Errors
/// [`PosterError::UrlTooLong`].
pub fn qr_svg(url: &str) -> Result<String, PosterError> {
    let qr = Qr::encode(url)?;
    let side = qr.full_side();
    Ok(format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{side}mm" height="{side}mm" viewBox="0 0 {side} {side}" role="img"><title>QR</title><path d="M0 0h{side}v{side}H0z" fill="#fff"/><path transform="translate({QUIET_ZONE} {QUIET_ZONE})" d="{}" fill="#000" shape-rendering="crispEdges"/></svg>
"##,
        qr.path()
    ))
}

/// A code to be read off a screen, with its quiet zone, as wide as the page lets it be. `label` is what is read aloud.
///
/// # Errors
/// [`PosterError::UrlTooLong`].
pub fn screen_qr_svg(text: &str, label: &str) -> Result<String, PosterError> {
    let qr = Qr::for_screen(text)?;
    let side = qr.full_side();
    Ok(format!(
        r##"<svg class="qr" viewBox="0 0 {side} {side}" role="img" aria-label="{}"><path d="M0 0h{side}v{side}H0z" fill="#fff"/><path transform="translate({QUIET_ZONE} {QUIET_ZONE})" d="{}" fill="#000" shape-rendering="crispEdges"/></svg>"##,
        escape(label),
        qr.path()
    ))
}

/// Appends one mark. Writing to a `String` cannot fail.
fn draw(out: &mut String, mark: &Mark) {
    match mark {
        Mark::Text(line) => text(out, line),
        Mark::Stroke { points, width, ink, dashed } => {
            let path: Vec<String> = points.iter().map(|&(x, y)| format!("{} {}", mm(x), mm(y))).collect();
            let (path, width, ink) = (path.join("L"), mm(*width), colour(*ink));
            let dashes = if *dashed { format!(r#" stroke-dasharray="{} {}""#, DASHES.0, DASHES.1) } else { String::new() };
            let _ = write!(out, r#"<path d="M{path}" fill="none" stroke="{ink}" stroke-width="{width}"{dashes}/>"#);
        }
        Mark::Circle { x, y, radius, width, ink } => {
            let (x, y, radius, width) = (mm(*x), mm(*y), mm(*radius), mm(*width));
            let ink = colour(*ink);
            let _ = write!(out, r#"<circle cx="{x}" cy="{y}" r="{radius}" fill="none" stroke="{ink}" stroke-width="{width}"/>"#);
        }
        Mark::Qr { x, y, module, code } => {
            let (x, y, path) = (mm(*x), mm(*y), code.path());
            let _ = write!(
                out,
                r##"<path transform="translate({x} {y}) scale({module:.5})" d="{path}" fill="#000" shape-rendering="crispEdges"/>"##
            );
        }
        Mark::Turned { about: (x, y), marks } => {
            let _ = write!(out, r#"<g transform="rotate(180 {} {})">"#, mm(*x), mm(*y));
            for mark in marks {
                draw(out, mark);
            }
            out.push_str("</g>");
        }
    }
}

/// A line of text; where its width is uncertain (emoji, rare scripts), in a window that cuts it at its room.
fn text(out: &mut String, line: &TextLine) {
    let room = line.room;
    let (left, anchor) = match line.anchor {
        Anchor::Start => (line.x, ""),
        Anchor::Middle => (line.x - room / 2.0, r#" text-anchor="middle""#),
        Anchor::End => (line.x - room, r#" text-anchor="end""#),
    };
    let measured = is_measured(&line.text);
    let (mut x, mut y) = (line.x, line.y);
    if !measured {
        let top = line.y - ASCENT * line.size;
        let (w, h) = (mm(room), mm(LINE_HEIGHT * line.size));
        let _ = write!(out, r#"<svg x="{}" y="{}" width="{w}" height="{h}" overflow="hidden">"#, mm(left), mm(top));
        (x, y) = (line.x - left, line.y - top);
    }
    let weight = if line.bold { r#" font-weight="700""# } else { "" };
    let _ = write!(out, r#"<text x="{}" y="{}" font-size="{}"{weight}{anchor}"#, mm(x), mm(y), mm(line.size));
    if line.tracking > 0.0 {
        let _ = write!(out, r#" letter-spacing="{}""#, mm(line.tracking));
    }
    if line.ink == Ink::Blue {
        let _ = write!(out, r#" fill="{}""#, colour(line.ink));
    }
    let _ = write!(out, r#">{}</text>"#, escape(&line.text));
    if !measured {
        out.push_str("</svg>");
    }
}

fn colour(ink: Ink) -> &'static str {
    match ink {
        Ink::Black => "#000",
        Ink::Blue => "#0017c1",
    }
}

/// Millimetres to a thousandth, rounded down so that a text never grows, without needless zeros.
fn mm(value: f64) -> String {
    let text = format!("{:.3}", (value * 1000.0 + 1e-6).floor() / 1000.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}
