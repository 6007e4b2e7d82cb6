//! BIZ UDPGothic (SIL Open Font License 1.1, `assets/fonts/OFL.txt`), inside the binary: which glyph, and how wide.
use krilla::text::Font;
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider};
use std::sync::OnceLock;

static REGULAR: &[u8] = include_bytes!("../../../assets/fonts/BIZUDPGothic-Regular.ttf");
static BOLD: &[u8] = include_bytes!("../../../assets/fonts/BIZUDPGothic-Bold.ttf");

/// Stands for a character that the font lacks (the geta mark of Japanese printers).
pub(super) const MISSING: char = '〓';

/// How thick the strokes are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Weight {
    /// For running text.
    #[default]
    Regular,
    /// For headings and numbers.
    Bold,
}

/// A face, read once.
pub(super) struct Face {
    pub(super) font: Font,
    charmap: Charmap<'static>,
    metrics: GlyphMetrics<'static>,
    em: f32,
}

/// A glyph of a face.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Glyph {
    pub(super) id: u32,
    /// In em.
    pub(super) advance: f32,
    /// The character that it shows: the one asked for, or the mark for a missing one.
    pub(super) shown: char,
}

/// The face of this weight; `None` would mean that the file in the binary is broken.
pub(super) fn face(weight: Weight) -> Option<&'static Face> {
    static FACES: OnceLock<[Option<Face>; 2]> = OnceLock::new();
    let [regular, bold] = FACES.get_or_init(|| [Face::read(REGULAR), Face::read(BOLD)]);
    match weight {
        Weight::Regular => regular.as_ref(),
        Weight::Bold => bold.as_ref(),
    }
}

impl Face {
    fn read(bytes: &'static [u8]) -> Option<Self> {
        let reference = FontRef::new(bytes).ok()?;
        let (size, location) = (Size::unscaled(), LocationRef::default());
        let em = f32::from(reference.metrics(size, location).units_per_em);
        let (charmap, metrics) = (reference.charmap(), reference.glyph_metrics(size, location));
        Some(Self { font: Font::new(bytes.into(), 0)?, charmap, metrics, em })
    }

    /// The glyph of a character, or of the mark for a missing one; `None` for what is not drawn at all.
    pub(super) fn glyph(&self, character: char) -> Option<Glyph> {
        if is_invisible(character) {
            return None;
        }
        let (id, shown) = match self.charmap.map(character) {
            Some(id) => (id, character),
            None => (self.charmap.map(MISSING)?, MISSING),
        };
        Some(Glyph { id: id.to_u32(), advance: self.metrics.advance_width(id)? / self.em, shown })
    }

    /// Whether the mark for a missing character is drawn for this one.
    pub(super) fn lacks(&self, character: char) -> bool {
        !is_invisible(character) && self.charmap.map(character).is_none()
    }
}

/// Control characters, direction marks, joiners and variation selectors: they have no shape of their own.
fn is_invisible(character: char) -> bool {
    crate::base::text::is_forbidden(character)
        || matches!(character, '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// How wide a text is, in em.
#[must_use]
pub fn width(text: &str, weight: Weight) -> f32 {
    let Some(face) = face(weight) else { return 0.0 };
    text.chars().filter_map(|character| face.glyph(character)).map(|glyph| glyph.advance).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kanji_are_an_em_wide_and_what_is_missing_is_a_geta() {
        assert!((width("漢字", Weight::Regular) - 2.0).abs() < 0.01);
        assert!(width("iii", Weight::Regular) < width("mmm", Weight::Regular));
        let face = face(Weight::Bold).unwrap();
        assert_eq!(face.glyph('\u{20BB7}'), face.glyph(MISSING));
        assert!(face.lacks('\u{20BB7}') && !face.lacks('吉') && !face.lacks('\u{200D}'));
        for there in "髙﨑①㈱〜…「」（）★々ヵ".chars() {
            assert_ne!(face.glyph(there).unwrap().id, face.glyph(MISSING).unwrap().id, "{there}");
        }
        assert_eq!(face.glyph('\u{200D}'), None);
    }
}
