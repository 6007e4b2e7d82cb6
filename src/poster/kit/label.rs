//! Stickers. The sheet may lie a millimetre off in the printer, and the outer labels of a sheet reach where none prints.
use crate::poster::layout::{label_or_number, names};
use crate::poster::mark::{Ink, Mark};
use crate::poster::pen::{Pen, QUIET, left};
use crate::poster::qr::Qr;
use crate::poster::text::clean;
use crate::poster::{Poster, typing_address};
use std::rc::Rc;

/// Room of the code with its quiet zone on a label of 70 × 42.3 mm.
pub(super) const CODE_ROOM: f64 = 31.0;
/// The same on one of 38.1 × 21.2 mm: 41 modules of half a millimetre. That is version 4, which at level Q holds a host
/// of 25 characters, at level M of 41 and at level L of 57.
pub(super) const SMALL_CODE_ROOM: f64 = 20.5;

/// 70 × 42.3 mm.
pub(super) fn marks(poster: &Poster, code: &Rc<Qr>) -> Vec<Mark> {
    let module = (CODE_ROOM / (code.modules() + 2.0 * QUIET)).min(0.8);
    // The quiet zone may lie where nothing is printed; the code may not.
    let start = 5.2;
    let mut pen = beside(code, (start, 42.3 / 2.0), module);
    pen.column(start + module * (code.modules() + QUIET) + 0.6, 65.0);
    let room = pen.room();
    let [name, _] = names(&pen, poster);
    let lines = pen.name(left(2.4).bold(), room, &[&[8.0], &[6.8, 9.5]], &name);
    let down = if lines > 1 { 0.7 } else { 0.0 };
    let [ja, en] = [pen.ja.kit_label_headline(), pen.en.kit_card_headline()];
    pen.text(left(3.8).bold().blue(), 13.2 + down, room, &ja);
    pen.text(left(2.4), 16.6 + down, room, &en);
    pen.rule(18.2 + down, 0.25, Ink::Black);
    let lines = pen.name(left(3.0).bold(), room, &[&[22.0 + down], &[21.2 + down, 24.1 + down]], &clean(&poster.venue_name));
    let down = if lines > 1 { down + 2.0 } else { down };
    let label = label_or_number(&pen, poster);
    pen.text(left(2.6), 25.6 + down, room, &label);
    pen.whole(left(2.4), 28.8 + down, room, &clean(&typing_address(&poster.base_url)));
    pen.whole(left(2.8).bold(), 32.2 + down, room, &poster.code.grouped());
    let sticker = pen.ja.kit_sticker_short();
    pen.text(left(2.4), 37.2, room, &sticker);
    pen.marks
}

/// 38.1 × 21.2 mm: label, host and code, and whose it is.
pub(super) fn small_marks(poster: &Poster, code: &Rc<Qr>) -> Vec<Mark> {
    const PITCH: f64 = 2.75;
    let module = SMALL_CODE_ROOM / (code.modules() + 2.0 * QUIET);
    let start = 0.4 + module * QUIET;
    let mut pen = beside(code, (start, 21.2 / 2.0), module);
    pen.column(start + module * (code.modules() + QUIET) + 0.2, 37.3);
    let room = pen.room();
    let (city, label) = (clean(&poster.city_name), label_or_number(&pen, poster));
    let host = clean(&typing_address(&poster.base_url));
    let code = poster.code.grouped();
    let address = halves(&host).into_iter().map(|half| (half, false));
    let typed = code.split_inclusive('-').map(|group| (group, true));
    let names = [(city.as_str(), false), (label.as_str(), true)].into_iter().filter(|(name, _)| !name.is_empty());
    let lines: Vec<(&str, bool)> = names.chain(address).chain(typed).collect();
    let height = PITCH * f64::from(u8::try_from(lines.len()).unwrap_or(u8::MAX));
    let mut y = (21.2 - height) / 2.0 + 2.2;
    for (text, bold) in lines {
        let style = if bold { left(2.4).bold() } else { left(2.4) };
        // A name may be cut; half an address or code helps nobody.
        if text == city || text == label {
            pen.text(style, y, room, text)
        } else {
            pen.whole(style, y, room, text)
        };
        y += PITCH;
    }
    pen.marks
}

/// A pen that has drawn the code with its left edge at `x` and its middle at `y`.
fn beside(code: &Rc<Qr>, (x, y): (f64, f64), module: f64) -> Pen {
    let mut pen = Pen::new(0.0, 0.0);
    pen.code(code, (x, y - module * code.modules() / 2.0), module);
    pen
}

/// A long host in two lines, parted after the dot nearest to its middle.
fn halves(host: &str) -> Vec<&str> {
    let middle = host.len() / 2;
    let dots = host.char_indices().filter(|&(_, c)| c == '.').map(|(at, _)| at + 1);
    match dots.min_by_key(|at| at.abs_diff(middle)) {
        Some(at) if host.len() > 12 => vec![&host[..at], &host[at..]],
        _ => vec![host],
    }
}
