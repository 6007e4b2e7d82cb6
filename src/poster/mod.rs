//! Draws posters: the whole print kit as PDF and SVG, the bare QR code as SVG, PNG or terminal text. Pure: data in, bytes out.
//!
//! A format (`layout`, `kit`) puts marks on sheets with a pen; `svg` and `pdf` draw any sheet.
//!
//! Invariants: the picture is one file that refers to nothing outside itself and runs nothing; every text that a
//! person wrote is cleaned, escaped and fitted into its room; a QR code always has four light modules around it.
use crate::base::code::PosterCode;
use chrono::NaiveDate;

pub mod kit;
mod layout;
mod mark;
pub mod pdf;
mod pen;
mod png;
mod qr;
mod svg;
mod terminal;
mod text;
mod url;

pub use mark::Sheet;
pub use png::{MAX_MODULE_PX, png};
pub use qr::{MAX_SCREEN_BYTES, MAX_URL_BYTES, QUIET_ZONE};
pub use svg::{qr_svg, screen_qr_svg, svg};
pub use terminal::terminal;
pub use url::{check_in_url, typing_address};

/// All that one printed poster says. Texts may be as their authors wrote them: drawing cleans and fits them.
#[derive(Clone)]
pub struct Poster {
    /// The venue's name as its people write it.
    pub venue_name: String,
    /// Where the poster is used, which decides the headline.
    pub place: Place,
    /// The venue's label for this poster: 入口, テーブル 3. May be empty.
    pub label: String,
    /// The poster's number inside its venue, from 1.
    pub no: i16,
    /// The poster's code.
    pub code: PosterCode,
    /// The service's `BASE_URL`; the link in the QR and the address to type are made of it.
    pub base_url: String,
    /// `CITY_NAME`.
    pub city_name: String,
    /// `SERVICE_NAME`; empty: a general name in Japanese.
    pub service_name: String,
    /// City and service in English; empty: a general name.
    pub english_name: String,
    /// `HOTLINE`: the number that also stands in every notice. Empty: the poster names no hotline.
    pub hotline: String,
    /// `HOTLINE_HOURS`; may be empty.
    pub hotline_hours: String,
    /// Days for which a visit is kept (`RETENTION_DAYS`).
    pub retention_days: u16,
    /// Which edition of this poster this is, from 1: it grows with each new code.
    pub edition: u16,
    /// The day on which this edition was made.
    pub issued: NaiveDate,
    /// The last day on which the poster is valid, when there is one.
    pub valid_until: Option<NaiveDate>,
}

impl Poster {
    /// The link in the QR code.
    #[must_use]
    pub fn url(&self) -> String {
        check_in_url(&self.base_url, &self.code)
    }
}

/// Where a poster is used: the words of its headline follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// At a door: 入るときに.
    #[default]
    Entrance,
    /// On a table or seat: お席に着いたら.
    Seat,
    /// At the till: お会計のまえに.
    Till,
    /// At the entrance of an event: 会場に入るときに.
    Event,
    /// Where those meet who work here: 出勤したら.
    Staff,
}

impl Place {
    /// The place that a venue's own label speaks of; an entrance where it says nothing.
    #[must_use]
    pub fn from_label(label: &str) -> Self {
        const TILL: [&str; 5] = ["レジ", "会計", "till", "register", "cashier"];
        const STAFF: [&str; 5] = ["従業員", "スタッフ", "職員", "休憩室", "staff"];
        const SEAT: [&str; 6] = ["席", "テーブル", "卓", "table", "seat", "カウンター"];
        let label = label.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| label.contains(word));
        if says(&STAFF) {
            Self::Staff
        } else if says(&TILL) {
            Self::Till
        } else if says(&SEAT) {
            Self::Seat
        } else {
            Self::Entrance
        }
    }
}

/// Why a code could not be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PosterError {
    /// The link is longer than [`MAX_URL_BYTES`].
    #[error("the link is too long for a QR code that reads well")]
    UrlTooLong,
    /// A module must be 1 to [`MAX_MODULE_PX`] pixels wide.
    #[error("a module is 1 to {MAX_MODULE_PX} pixels wide")]
    ModuleSize,
}

#[cfg(test)]
mod tests;
