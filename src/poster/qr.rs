//! A link as a square of modules: level Q, the smallest version that holds it; a lower level on the smallest labels.
use super::PosterError;
use qrcode::bits::Bits;
use qrcode::optimize::{Segment, total_encoded_len};
use qrcode::types::Mode;
use qrcode::{Color, EcLevel, QrCode, Version};
use std::fmt::Write as _;

/// Light modules around the code on every side (ISO/IEC 18004: four).
pub const QUIET_ZONE: usize = 4;

/// Bytes of a link that are put into a code. 151 bytes are the most that version 10 holds at level Q: 57 modules,
/// 1.6 mm each on the A4 poster. A host of 24 characters needs 47 and version 4.
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
    /// Level Q reads with a quarter of the code dirty or torn.
    pub(super) fn encode(url: &str) -> Result<Self, PosterError> {
        Self::at_level(url, EcLevel::Q)
    }

    fn at_level(url: &str, level: EcLevel) -> Result<Self, PosterError> {
        if url.len() > MAX_URL_BYTES {
            return Err(PosterError::UrlTooLong);
        }
        smallest(url.as_bytes(), level).map(|code| Self::of(&code)).ok_or(PosterError::UrlTooLong)
    }

    fn of(code: &QrCode) -> Self {
        Self { side: code.width(), dark: code.to_colors().iter().map(|&c| c == Color::Dark).collect() }
    }

    /// The code at the first level of Q, M and L whose modules are `at_least` millimetres wide where code and quiet
    /// zone together have `room` millimetres. `None`: not even level L does.
    pub(super) fn fitting(url: &str, room: f64, at_least: f64) -> Result<Option<Self>, PosterError> {
        for level in [EcLevel::Q, EcLevel::M, EcLevel::L] {
            let code = Self::at_level(url, level)?;
            if code.module_in(room) >= at_least - 1e-9 {
                return Ok(Some(code));
            }
        }
        Ok(None)
    }

    /// How wide a module becomes where code and quiet zone together have `room`.
    pub(super) fn module_in(&self, room: f64) -> f64 {
        room / f64::from(u16::try_from(self.full_side()).unwrap_or(u16::MAX))
    }

    /// A longer text for a screen, which is clean and lit: level M (ISO/IEC 18004 §7.5: 15 % may be lost).
    pub(super) fn for_screen(text: &str) -> Result<Self, PosterError> {
        if text.len() > MAX_SCREEN_BYTES {
            return Err(PosterError::UrlTooLong);
        }
        let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| PosterError::UrlTooLong)?;
        Ok(Self::of(&code))
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

/// The smallest code of `data` at this level.
fn smallest(data: &[u8], level: EcLevel) -> Option<QrCode> {
    // How long the count of a segment's characters is depends on the version: here it changes after version 9.
    let divided = [Version::Normal(9), Version::Normal(26)].map(|version| segments(data, version));
    (1..=26).map(Version::Normal).find_map(|version| {
        let segments = &divided[usize::from(version.width() > Version::Normal(9).width())];
        let mut bits = Bits::new(version);
        if total_encoded_len(segments, version) > bits.max_len(level).ok()? {
            return None;
        }
        bits.push_segments(data, segments.iter().copied()).ok()?;
        bits.push_terminator(level).ok()?;
        QrCode::with_bits(bits, level).ok()
    })
}

/// Divides `data` into segments of digits, of capitals and digits, and of any bytes, so that all together are shortest.
///
/// The crate's own division is greedy: a code whose digits and letters take turns would be swallowed byte by byte by
/// the small letters before it, and grow the poster's code by a version. A link is short enough to look at every
/// division: the best one of the first `end` bytes is the best one up to some `begin`, and one segment more.
fn segments(data: &[u8], version: Version) -> Vec<Segment> {
    let mut best: Vec<(usize, Option<Segment>)> = vec![(0, None)];
    for end in 1..=data.len() {
        let ways = [Mode::Numeric, Mode::Alphanumeric, Mode::Byte].into_iter().flat_map(|mode| {
            let begins = (0..end).rev().take_while(move |&begin| mode_takes(mode, data[begin]));
            begins.map(move |begin| Segment { mode, begin, end })
        });
        let costs = ways.map(|segment| (best[segment.begin].0 + segment.encoded_len(version), Some(segment)));
        best.extend(costs.min_by_key(|&(cost, _)| cost));
    }
    let mut all = Vec::new();
    let mut end = data.len();
    while let Some(segment) = best.get(end).and_then(|&(_, segment)| segment) {
        end = segment.begin;
        all.push(segment);
    }
    all.reverse();
    all
}

/// Whether a mode has a sign for this byte (ISO/IEC 18004 §7.3).
fn mode_takes(mode: Mode, byte: u8) -> bool {
    match mode {
        Mode::Numeric => byte.is_ascii_digit(),
        Mode::Alphanumeric => byte.is_ascii_digit() || byte.is_ascii_uppercase() || b" $%*+-./:".contains(&byte),
        _ => true,
    }
}
