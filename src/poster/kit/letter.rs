//! The city's letter to a venue that it entered itself: A4, folded in three for an envelope with a window (長形3号, window at the
//! upper left), with the code that sets the venue's posters to work.
use crate::base::locale::Locale;
use crate::poster::mark::{A4, Ink, Sheet};
use crate::poster::pen::{Corners, Pen, left, middle, right};
use crate::poster::qr::Qr;
use crate::poster::text::clean;
use chrono::NaiveDate;
use std::rc::Rc;

/// Where the address must stand to be seen through the window, in millimetres from the left and from above: windows of 長形3号 are
/// 45 × 90 mm or so, 20 mm from the left and 12 mm from above.
const WINDOW: (f64, f64, f64) = (25.0, 105.0, 22.0);

/// The words of the letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The venue's name.
    pub venue_name: String,
    /// Seven digits; `None` where they are not known.
    pub postal_code: Option<String>,
    /// The venue's address.
    pub address: String,
    /// `CITY_NAME`.
    pub city_name: String,
    /// `SERVICE_NAME`; may be empty.
    pub service_name: String,
    /// `OPERATOR`: who signs. Empty: the city.
    pub operator: String,
    /// `HOTLINE`; may be empty.
    pub hotline: String,
    /// `HOTLINE_HOURS`; may be empty.
    pub hotline_hours: String,
    /// The day of the letter.
    pub written: NaiveDate,
    /// The activation that it brings.
    pub activation: Activation,
}

/// The code by which an owner takes over a venue.
#[derive(Clone, PartialEq, Eq)]
pub struct Activation {
    /// The link in the QR code, the code in it.
    pub url: String,
    /// Where the code is typed, as people write it: `host/venues/activate`.
    pub page: String,
    /// The code as it is typed.
    pub code: String,
    /// The last day on which it works.
    pub valid_until: NaiveDate,
}

impl std::fmt::Debug for Activation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Link and code open the venue to whoever reads them.
        f.debug_struct("Activation").field("valid_until", &self.valid_until).finish_non_exhaustive()
    }
}

pub(super) fn sheet(letter: &Letter, code: &Rc<Qr>) -> Sheet {
    let mut pen = Pen::new(WINDOW.0, WINDOW.1);
    address(&mut pen, letter);
    pen.column(115.0, 190.0);
    sender(&mut pen, letter);
    for fold in [99.0, 198.0] {
        pen.stroke(vec![(5.0, fold), (10.0, fold)], 0.2, Ink::Black);
    }
    pen.column(20.0, 190.0);
    let y = words(&mut pen, letter, 82.0);
    let y = activation(&mut pen, letter, code, y + 4.0);
    closing(&mut pen, letter, y + 9.0);
    Sheet { size: A4, marks: pen.marks }
}

fn address(pen: &mut Pen, letter: &Letter) {
    let room = pen.room();
    let mut y = WINDOW.2;
    if let Some(digits) = &letter.postal_code {
        let digits = clean(digits);
        let postal = match digits.split_at_checked(3) {
            Some((area, town)) if digits.len() == 7 => format!("〒{area}-{town}"),
            _ => digits,
        };
        pen.text(left(4.2), y, room, &postal);
        y += 6.4;
    }
    let lines = pen.name(left(4.0), room, &[&[y], &[y, y + 5.6], &[y, y + 5.6, y + 11.2]], &clean(&letter.address));
    y += 5.6 * f64::from(u8::try_from(lines.max(1)).unwrap_or(3)) + 2.0;
    let name = pen.ja.kit_letter_to(clean(&letter.venue_name));
    pen.name(left(4.8).bold(), room, &[&[y], &[y, y + 6.2]], name.trim());
}

fn sender(pen: &mut Pen, letter: &Letter) {
    let room = pen.room();
    let city = clean(&letter.city_name);
    let operator = clean(&letter.operator);
    pen.text(right(3.8), 22.0, room, &Locale::Ja.date(letter.written));
    if !operator.is_empty() {
        pen.name(right(4.2).bold(), room, &[&[60.0], &[54.6, 60.0]], &operator);
    }
    if !operator.contains(&city) {
        pen.text(right(4.0), 49.0, room, &city);
    }
}

/// Title and what this is about. Returns where it ends.
fn words(pen: &mut Pen, letter: &Letter, y: f64) -> f64 {
    let room = pen.room();
    let service = clean(&letter.service_name);
    let service = if service.is_empty() { pen.ja.poster_service() } else { service };
    let [ja, en] = [pen.ja.kit_letter_title(), pen.en.kit_letter_title()];
    pen.text(middle(6.0).bold(), y, room, &format!("{service}　{ja}"));
    pen.text(middle(3.6), y + 6.2, room, &en);
    let body = pen.ja.kit_letter_body();
    let y = pen.paragraph(left(4.0), y + 16.0, 1.6, &body);
    let english = pen.en.kit_letter_body();
    pen.paragraph(left(3.2), y, 1.4, &english)
}

/// The code, once to be scanned and once to be typed. Returns where it ends.
fn activation(pen: &mut Pen, letter: &Letter, code: &Rc<Qr>, y: f64) -> f64 {
    const SIDE: f64 = 44.0;
    let quiet = SIDE / code.modules() * 4.0;
    pen.framed_code(code, (20.0 + quiet + 1.2 + SIDE / 2.0, y + quiet + SIDE / 2.0), SIDE, Corners { thick: 1.2, arm: 9.0 });
    let page = clean(&letter.activation.page);
    let date = Locale::Ja.date(letter.activation.valid_until);
    pen.column(20.0 + 2.0 * quiet + SIDE + 8.0, 190.0);
    let room = pen.room();
    let [scan, typed, until] = [pen.ja.kit_letter_scan(), pen.ja.kit_letter_typed(&page), pen.ja.kit_letter_until(&date)];
    let next = pen.paragraph(left(4.2).bold(), y + 6.0, 1.45, &scan);
    let next = pen.paragraph(left(4.0), next + 1.6, 1.45, &typed);
    pen.whole(left(9.0).bold(), next + 6.4, room, &clean(&letter.activation.code));
    let next = pen.paragraph(left(4.0), next + 14.4, 1.45, &until);
    let english =
        [pen.en.kit_letter_scan(), pen.en.kit_letter_typed(&page), pen.en.kit_letter_until(letter.activation.valid_until.to_string())];
    let next = pen.paragraph(left(3.0), next, 1.35, &english.join(" "));
    pen.column(20.0, 190.0);
    next.max(y + 2.0 * quiet + SIDE + 2.0)
}

fn closing(pen: &mut Pen, letter: &Letter, y: f64) {
    let y = pen.paragraph(left(4.0), y, 1.6, &{ pen.ja.kit_letter_then() });
    let y = pen.paragraph(left(3.2), y, 1.4, &{ pen.en.kit_letter_then() });
    let number = clean(&letter.hotline);
    if number.is_empty() {
        return;
    }
    let room = pen.room();
    let hours = clean(&letter.hotline_hours);
    pen.rule(y + 1.0, 0.3, Ink::Black);
    let [ja, en] = [pen.ja.kit_letter_ask(), pen.en.kit_letter_ask()];
    pen.text(left(3.6), y + 7.0, room * 0.5, &ja);
    pen.text(left(3.0), y + 11.6, room * 0.5, &en);
    pen.whole(right(6.0).bold(), y + 8.0, room * 0.48, &number);
    pen.text(right(3.6), y + 12.8, room * 0.48, &hours);
}
