//! Paper: sheets of marks as a PDF whose Japanese can be selected and read aloud. Pure: the same data give the same bytes.
//!
//! `font` measures, `flow` breaks lines and pages, this file draws. A character that the font lacks is shown as 〓 and told to
//! whoever asked. Only the glyphs that occur are put into the file, once for all pages.
mod flow;
mod font;

pub use flow::{Cell, Column, Flow, Paper, break_lines};
pub use font::{Weight, width};

use super::mark::{Anchor, DASHES, Ink, Mark, Sheet, TextLine};
use super::qr::Qr;
use font::Glyph;
use krilla::Document;
use krilla::color::{luma, rgb};
use krilla::geom::{Path, PathBuilder, Point, Rect, Transform};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Paint, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::text::{GlyphId, KrillaGlyph};
use std::collections::BTreeSet;

/// Points in a millimetre (PDF 2.0, ISO 32000-2 §8.3.2.3: a point is 1/72 inch).
const POINTS: f64 = 72.0 / 25.4;

/// How far a circle's control points stand from its quarters, in radii (4/3 · (√2 − 1): 0.03 % off a circle).
const KAPPA: f64 = 0.552_284_75;

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

/// The metadata of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct About<'a> {
    /// Title of the window.
    pub title: &'a str,
    /// BCP 47 tag of the language.
    pub language: &'a str,
    /// The issuer.
    pub author: &'a str,
}

/// Draws sheets, a page each.
///
/// # Errors
/// [`PdfError`].
pub fn pdf(sheets: &[Sheet], about: &About<'_>) -> Result<Vec<u8>, PdfError> {
    let mut writer = Writer::new(about);
    sheets.iter().try_for_each(|sheet| writer.page(sheet))?;
    Ok(writer.finish()?.0)
}

/// A PDF that grows page by page.
pub(super) struct Writer {
    document: Document,
    missing: BTreeSet<char>,
    pages: usize,
}

impl Writer {
    pub(super) fn new(about: &About<'_>) -> Self {
        let mut document = Document::new();
        document.set_metadata(
            Metadata::new()
                .title(about.title.to_owned())
                .language(about.language.to_owned())
                .authors(vec![about.author.to_owned()])
                .creator("Ashiato".to_owned()),
        );
        Self { document, missing: BTreeSet::new(), pages: 0 }
    }

    /// Adds a page.
    pub(super) fn page(&mut self, sheet: &Sheet) -> Result<(), PdfError> {
        let (width, height) = sheet.size;
        let settings = PageSettings::from_wh(points(width), points(height)).ok_or(PdfError::Writer)?;
        let mut page = self.document.start_page_with(settings);
        let mut surface = page.surface();
        for mark in &sheet.marks {
            draw(&mut surface, mark, &mut self.missing)?;
        }
        surface.finish();
        page.finish();
        self.pages += 1;
        Ok(())
    }

    /// How many pages there are.
    pub(super) fn pages(&self) -> usize {
        self.pages
    }

    /// The file, and which characters the font lacks.
    pub(super) fn finish(self) -> Result<(Vec<u8>, BTreeSet<char>), PdfError> {
        let bytes = self.document.finish().map_err(|_| PdfError::Writer)?;
        Ok((bytes, self.missing))
    }
}

/// Which characters of a text the font lacks.
pub(super) fn missing(text: &str) -> BTreeSet<char> {
    let Some(face) = font::face(Weight::Regular) else { return BTreeSet::new() };
    text.chars().filter(|&character| face.lacks(character)).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "a hundred thousandth of a millimetre may be lost")]
fn points(millimetres: f64) -> f32 {
    (millimetres * POINTS) as f32
}

fn draw(surface: &mut Surface<'_>, mark: &Mark, missing: &mut BTreeSet<char>) -> Result<(), PdfError> {
    match mark {
        Mark::Text(line) => return write(surface, line, missing),
        Mark::Stroke { points: through, width, ink, dashed } => {
            let mut path = PathBuilder::new();
            for (index, &(x, y)) in through.iter().enumerate() {
                if index == 0 { path.move_to(points(x), points(y)) } else { path.line_to(points(x), points(y)) }
            }
            stroke(surface, path.finish(), *width, *ink, *dashed);
        }
        Mark::Circle { x, y, radius, width, ink } => stroke(surface, circle(*x, *y, *radius), *width, *ink, false),
        Mark::Qr { x, y, module, code } => {
            let Some(path) = modules(code) else { return Ok(()) };
            let scale = points(*module);
            surface.push_transform(&Transform::from_row(scale, 0.0, 0.0, scale, points(*x), points(*y)));
            fill(surface, Ink::Black);
            surface.draw_path(&path);
            surface.pop();
        }
        Mark::Turned { about: (x, y), marks } => {
            surface.push_transform(&Transform::from_row(-1.0, 0.0, 0.0, -1.0, points(2.0 * x), points(2.0 * y)));
            for mark in marks {
                draw(surface, mark, missing)?;
            }
            surface.pop();
        }
    }
    Ok(())
}

/// The dark modules in one path, a unit wide each.
fn modules(code: &Qr) -> Option<Path> {
    let small = |number: usize| f32::from(u16::try_from(number).unwrap_or(u16::MAX));
    let mut path = PathBuilder::new();
    for (x, y, len) in code.runs() {
        path.push_rect(Rect::from_xywh(small(x), small(y), small(len), 1.0)?);
    }
    path.finish()
}

fn circle(x: f64, y: f64, radius: f64) -> Option<Path> {
    let at = |dx: f64, dy: f64| (points(x + dx * radius), points(y + dy * radius));
    let mut path = PathBuilder::new();
    let (start_x, start_y) = at(1.0, 0.0);
    path.move_to(start_x, start_y);
    let quarters = [((1.0, 0.0), (0.0, 1.0)), ((0.0, 1.0), (-1.0, 0.0)), ((-1.0, 0.0), (0.0, -1.0)), ((0.0, -1.0), (1.0, 0.0))];
    for ((ax, ay), (bx, by)) in quarters {
        let first = at(ax + bx * KAPPA, ay + by * KAPPA);
        let second = at(bx + ax * KAPPA, by + ay * KAPPA);
        let end = at(bx, by);
        path.cubic_to(first.0, first.1, second.0, second.1, end.0, end.1);
    }
    path.close();
    path.finish()
}

fn stroke(surface: &mut Surface<'_>, path: Option<Path>, width: f64, ink: Ink, dashed: bool) {
    let Some(path) = path else { return };
    let dash = dashed.then(|| StrokeDash { array: vec![points(DASHES.0), points(DASHES.1)], offset: 0.0 });
    surface.set_fill(None);
    surface.set_stroke(Some(Stroke { paint: colour(ink), width: points(width), dash, ..Stroke::default() }));
    surface.draw_path(&path);
    surface.set_stroke(None);
}

fn fill(surface: &mut Surface<'_>, ink: Ink) {
    surface.set_stroke(None);
    surface.set_fill(Some(Fill { paint: colour(ink), opacity: NormalizedF32::ONE, ..Fill::default() }));
}

/// Black in grey: a colour printer takes its black ink alone.
fn colour(ink: Ink) -> Paint {
    match ink {
        Ink::Black => luma::Color::black().into(),
        Ink::Blue => rgb::Color::new(0, 0x17, 0xc1).into(),
    }
}

fn write(surface: &mut Surface<'_>, line: &TextLine, missing: &mut BTreeSet<char>) -> Result<(), PdfError> {
    let face = font::face(if line.bold { Weight::Bold } else { Weight::Regular }).ok_or(PdfError::Font)?;
    let size = points(line.size);
    let tracking = points(line.tracking) / size;
    // The drawn text is also the text that is read aloud and copied: 〓 stands for a missing glyph.
    let mut text = String::with_capacity(line.text.len());
    let mut glyphs: Vec<KrillaGlyph> = Vec::with_capacity(line.text.len());
    let mut width = 0.0;
    for character in line.text.chars() {
        let Some(Glyph { id, advance, shown }) = face.glyph(character) else { continue };
        if shown != character {
            missing.insert(character);
        }
        let start = text.len();
        text.push(shown);
        glyphs.push(KrillaGlyph::new(GlyphId::new(id), advance + tracking, 0.0, 0.0, 0.0, start..text.len(), None));
        width += (advance + tracking) * size;
    }
    if glyphs.is_empty() {
        return Ok(());
    }
    let start = match line.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => width / 2.0,
        Anchor::End => width,
    };
    fill(surface, line.ink);
    surface.draw_glyphs(Point::from_xy(points(line.x) - start, points(line.y)), &glyphs, face.font.clone(), &text, size, false);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::poster::mark::A4;

    const ABOUT: About<'static> = About { title: "決裁票", language: "ja", author: "あおば市" };

    fn sheet(text: &str) -> Sheet {
        let mut pen = crate::poster::pen::Pen::new(20.0, 190.0);
        pen.text(crate::poster::pen::left(4.0), 30.0, 170.0, text);
        pen.rule(32.0, 0.2, Ink::Black);
        Sheet { size: A4, marks: pen.marks }
    }

    #[test]
    fn the_same_data_give_the_same_small_file() {
        let draw = || pdf(&[sheet("利用された施設についてのお知らせ AB3K-9QXZ")], &ABOUT).unwrap();
        let first = draw();
        assert!(first.starts_with(b"%PDF-") && first.len() < 35_000, "{} bytes", first.len());
        assert!(first == draw());
    }

    #[test]
    fn what_the_font_lacks_does_not_stop_the_drawing_and_is_told() {
        for (text, lacks) in [("", ""), ("𠮷野家 ✕ 👪", "✕👪𠮷"), ("a\u{0}b\u{7}", ""), ("か\u{3099}", ""), ("\u{202E}x", "")]
        {
            let mut writer = Writer::new(&ABOUT);
            writer.page(&sheet(text)).unwrap();
            let (_, told) = writer.finish().unwrap();
            assert_eq!(told, lacks.chars().collect(), "{text:?}");
            assert_eq!(missing(text), told);
        }
    }
}
