//! A link as a square of modules: level Q, the smallest version that holds it.
use super::PosterError;
use qrcode::{Color, EcLevel, QrCode};
use std::fmt::Write as _;

/// Light modules around the code on every side (ISO/IEC 18004: four).
pub const QUIET_ZONE: usize = 4;

/// Bytes of a link that are put into a code. 151 bytes are the most that version 10 holds at level Q: 57 modules,
/// 1.6 mm each on the A4 poster. A host of 24 characters needs 47 and version 3.
pub const MAX_URL_BYTES: usize = 151;

/// Bytes of a text for a screen: version 20 at level M, 97 modules, still 3 pixels each at 320 pixels.
pub const MAX_SCREEN_BYTES: usize = 600;

/// An encoded link.
#[derive(Debug, PartialEq)]
pub(super) struct Qr {
    side: usize,
    dark: Vec<bool>,
}

impl Qr {
    /// Level Q reads with a quarter of the code dirty or torn; alphanumeric mode where the link allows it.
    pub(super) fn encode(url: &str) -> Result<Self, PosterError> {
        if url.len() > MAX_URL_BYTES {
            return Err(PosterError::UrlTooLong);
        }
        let code = QrCode::with_error_correction_level(url, EcLevel::Q).map_err(|_| PosterError::UrlTooLong)?;
        Ok(Self { side: code.width(), dark: code.into_colors().iter().map(|&c| c == Color::Dark).collect() })
    }

    /// A longer text for a screen, which is clean and lit: level M (ISO/IEC 18004 §7.5: 15 % may be lost).
    pub(super) fn for_screen(text: &str) -> Result<Self, PosterError> {
        if text.len() > MAX_SCREEN_BYTES {
            return Err(PosterError::UrlTooLong);
        }
        let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| PosterError::UrlTooLong)?;
        Ok(Self { side: code.width(), dark: code.into_colors().iter().map(|&c| c == Color::Dark).collect() })
    }

    /// Modules along one side, without the quiet zone.
    pub(super) fn side(&self) -> usize {
        self.side
    }

    /// Modules along one side, with the quiet zone on both ends.
    pub(super) fn full_side(&self) -> usize {
        self.side + 2 * QUIET_ZONE
    }

    /// The rows of the code with its quiet zone, from the top; `true` is dark.
    pub(super) fn rows(&self) -> Vec<Vec<bool>> {
        let mut rows = vec![vec![false; self.full_side()]; self.full_side()];
        for (row, dark) in rows[QUIET_ZONE..].iter_mut().zip(self.dark.chunks(self.side)) {
            row[QUIET_ZONE..QUIET_ZONE + self.side].copy_from_slice(dark);
        }
        rows
    }

    /// [`Qr::side`] for reckoning with millimetres.
    pub(super) fn modules(&self) -> f64 {
        f64::from(u16::try_from(self.side()).unwrap_or(u16::MAX))
    }

    /// The dark modules as runs in rows: column, row, length; without the quiet zone.
    pub(super) fn runs(&self) -> impl Iterator<Item = (usize, usize, usize)> {
        self.dark.chunks(self.side).enumerate().flat_map(|(y, row)| {
            let mut x = 0;
            row.chunk_by(|a, b| a == b).filter_map(move |run| {
                let start = x;
                x += run.len();
                run[0].then_some((start, y, run.len()))
            })
        })
    }

    /// SVG path data of the dark modules, one rectangle per run, 1 unit per module, without the quiet zone.
    pub(super) fn path(&self) -> String {
        let mut path = String::with_capacity(4_096);
        for (x, y, len) in self.runs() {
            // Writing to a String cannot fail.
            let _ = write!(path, "M{x} {y}h{len}v1h-{len}z");
        }
        path
    }
}
