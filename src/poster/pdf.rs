//! Paper: text, rules and tables on pages in millimetres, as a PDF whose Japanese can be selected and read aloud. Pure: the same
//! data give the same bytes.
//!
//! `font` measures, `flow` breaks lines and pages, this file draws. A character that the font lacks is shown as 〓. Only the
//! glyphs that occur are put into the file.
mod flow;
mod font;

pub use flow::{Cell, Column, Flow, Paper, break_lines};
pub use font::{Weight, width};

use krilla::Document;
use krilla::color::luma;
use krilla::geom::{PathBuilder, Point};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::text::{GlyphId, KrillaGlyph};

/// Points in a millimetre (PDF 2.0, ISO 32000-2 §8.3.2.3: a point is 1/72 inch).
const POINTS: f32 = 72.0 / 25.4;

/// Something on a page, in millimetres from its left upper corner.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// One line of text; `y` is its base line.
    Text {
        /// Left end.
        x: f32,
        /// Base line.
        y: f32,
        /// Size of an em.
        size: f32,
        /// Regular or bold.
        weight: Weight,
        /// What is written.
        text: String,
    },
    /// A straight line.
    Rule {
        /// From here …
        from: (f32, f32),
        /// … to here.
        to: (f32, f32),
        /// Thickness.
        width: f32,
    },
}

/// One page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// What stands on it, in the order of reading.
    pub marks: Vec<Mark>,
}

/// Why there is no PDF. A fault of ours, never of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PdfError {
    /// The font inside the binary cannot be read.
    #[error("the font cannot be read")]
    Font,
    /// The writer refused.
    #[error("the PDF could not be written")]
    Writer,
}

/// What a reader's programs are told about a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About<'a> {
    /// Title of the window.
    pub title: &'a str,
    /// BCP 47 tag of the language.
    pub language: &'a str,
    /// Who issued it.
    pub author: &'a str,
}

/// Draws pages of one size.
///
/// # Errors
/// [`PdfError`].
pub fn pdf(paper: &Paper, pages: &[Page], about: &About<'_>) -> Result<Vec<u8>, PdfError> {
    let mut document = Document::new();
    document.set_metadata(
        Metadata::new()
            .title(about.title.to_owned())
            .language(about.language.to_owned())
            .authors(vec![about.author.to_owned()])
            .creator("Ashiato".to_owned()),
    );
    let settings = PageSettings::from_wh(paper.width * POINTS, paper.height * POINTS).ok_or(PdfError::Writer)?;
    for page in pages {
        let mut sheet = document.start_page_with(settings.clone());
        let mut surface = sheet.surface();
        for mark in &page.marks {
            draw(&mut surface, mark)?;
        }
        surface.finish();
        sheet.finish();
    }
    document.finish().map_err(|_| PdfError::Writer)
}

fn draw(surface: &mut Surface<'_>, mark: &Mark) -> Result<(), PdfError> {
    match mark {
        Mark::Text { x, y, size, weight, text } => write(surface, (*x, *y), *size, *weight, text),
        Mark::Rule { from, to, width } => {
            let mut path = PathBuilder::new();
            path.move_to(from.0 * POINTS, from.1 * POINTS);
            path.line_to(to.0 * POINTS, to.1 * POINTS);
            let Some(path) = path.finish() else { return Ok(()) };
            surface.set_fill(None);
            surface.set_stroke(Some(Stroke { paint: luma::Color::black().into(), width: width * POINTS, ..Stroke::default() }));
            surface.draw_path(&path);
            surface.set_stroke(None);
            Ok(())
        }
    }
}

fn write(surface: &mut Surface<'_>, at: (f32, f32), size: f32, weight: Weight, text: &str) -> Result<(), PdfError> {
    let face = font::face(weight).ok_or(PdfError::Font)?;
    let glyphs: Vec<KrillaGlyph> = text
        .char_indices()
        .filter_map(|(start, character)| {
            let glyph = face.glyph(character)?;
            let range = start..start + character.len_utf8();
            Some(KrillaGlyph::new(GlyphId::new(glyph.id), glyph.advance, 0.0, 0.0, 0.0, range, None))
        })
        .collect();
    surface.set_stroke(None);
    surface.set_fill(Some(Fill { paint: luma::Color::black().into(), opacity: NormalizedF32::ONE, ..Fill::default() }));
    surface.draw_glyphs(Point::from_xy(at.0 * POINTS, at.1 * POINTS), &glyphs, face.font.clone(), text, size * POINTS, false);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABOUT: About<'static> = About { title: "決裁票", language: "ja", author: "あおば市" };

    fn page(text: &str) -> Page {
        let text = Mark::Text { x: 20.0, y: 30.0, size: 4.0, weight: Weight::Regular, text: text.into() };
        Page { marks: vec![text, Mark::Rule { from: (20.0, 32.0), to: (190.0, 32.0), width: 0.2 }] }
    }

    #[test]
    fn the_same_data_give_the_same_small_file() {
        let draw = || pdf(&Paper::A4, &[page("利用された施設についてのお知らせ AB3K-9QXZ")], &ABOUT).unwrap();
        let first = draw();
        assert!(first.starts_with(b"%PDF-") && first.len() < 35_000, "{} bytes", first.len());
        assert!(first == draw());
    }

    #[test]
    fn what_the_font_lacks_does_not_stop_the_drawing() {
        for text in ["", "𠮷野家 ✕ 👪", "a\u{0}b\u{7}", "か\u{3099}", "\u{202E}x"] {
            assert!(pdf(&Paper::A4, &[page(text)], &ABOUT).is_ok(), "{text:?}");
        }
    }
}
