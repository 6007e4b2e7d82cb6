//! The table card, 91 × 55 mm: the size of a Japanese name card.
use crate::poster::layout::{label_or_number, names};
use crate::poster::mark::{Ink, Mark};
use crate::poster::pen::{Corners, Pen, QUIET, left, right};
use crate::poster::qr::Qr;
use crate::poster::text::clean;
use crate::poster::{Poster, typing_address};
use std::rc::Rc;

/// Width of the code with its quiet zone.
pub(super) const CODE_ROOM: f64 = 40.8;
/// Width of the code where that leaves enough for the quiet zone.
const CODE: f64 = 32.0;

pub(super) fn marks(poster: &Poster, code: &Rc<Qr>) -> Vec<Mark> {
    let mut pen = Pen::new(48.0, 87.0);
    let room = pen.room();
    let modules = code.modules();
    let side = CODE.min(CODE_ROOM / (modules + 2.0 * QUIET) * modules);
    pen.framed_code(code, (24.5, 25.4), side, Corners { thick: 0.9, arm: 6.0 });
    let [name, _] = names(&pen, poster);
    pen.name(left(2.4).bold(), room, &[&[7.6], &[5.6, 8.6]], &name);
    let [ja, en] = [pen.ja, pen.en].map(|words| words.kit_card_headline());
    for (line, y) in ja.lines().zip([15.6, 22.4]) {
        pen.text(left(5.6).bold().blue(), y, room, line);
    }
    pen.text(left(2.8), 26.8, room, &en);
    pen.rule(29.4, 0.25, Ink::Black);
    let lines = pen.name(left(3.6).bold(), room, &[&[34.0], &[32.6, 36.2]], &clean(&poster.venue_name));
    let down = if lines > 1 { 1.4 } else { 0.0 };
    let label = label_or_number(&pen, poster);
    pen.text(left(3.0), 38.2 + down, room, &label);
    pen.whole(left(2.4), 42.2 + down, room, &clean(&typing_address(&poster.base_url)));
    pen.whole(left(2.8).bold(), 45.8 + down, room, &poster.code.grouped());
    foot(&mut pen, poster);
    pen.marks
}

fn foot(pen: &mut Pen, poster: &Poster) {
    pen.column(4.0, 87.0);
    let (room, sticker) = (pen.room(), pen.ja.poster_sticker());
    let edition = pen.ja.kit_edition_short(poster.edition.to_string());
    let (taken, aside) = pen.aside(|pen| pen.text(right(2.4), 51.4, room, &edition));
    pen.text(left(2.4), 51.4, room - taken - 1.0, &sticker);
    pen.marks.extend(aside);
}
