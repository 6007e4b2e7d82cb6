//! The card for the room of those who work there, A5: they check in too, and know what to say.
use super::till::{header, type_code};
use crate::poster::layout::{edition, headlines};
use crate::poster::mark::{A5, Ink, Sheet};
use crate::poster::pen::{Corners, Pen, left, middle};
use crate::poster::qr::Qr;
use crate::poster::text::clean;
use crate::poster::{Place, Poster, typing_address};
use std::rc::Rc;

const LEFT: f64 = 11.0;
const RIGHT: f64 = A5.0 - LEFT;

pub(super) fn sheet(poster: &Poster, code: &Rc<Qr>) -> Sheet {
    let mut pen = Pen::new(LEFT, RIGHT);
    let room = pen.room();
    header(&mut pen, poster);
    let [ja, en] = headlines(&pen, Place::Staff);
    let ja: String = ja.lines().collect();
    pen.text(middle(8.6).bold().blue(), 29.0, room, &ja);
    pen.text(middle(4.2), 35.4, room, &en);
    pen.framed_code(code, (A5.0 / 2.0, 69.0), 46.0, Corners { thick: 1.2, arm: 9.0 });
    type_code(&mut pen, poster, [104.6, 111.0, 115.4]);
    pen.rule(119.4, 0.3, Ink::Black);
    let y = asked(&mut pen, poster, 126.0);
    foot(&mut pen, poster, y);
    Sheet { size: A5, marks: pen.marks }
}

/// Draws the facts that those who work there should know. Returns where they end.
fn asked(pen: &mut Pen, poster: &Poster, y: f64) -> f64 {
    let host = clean(&typing_address(&poster.base_url));
    let title = [pen.ja.kit_staff_title(), pen.en.kit_staff_title()];
    pen.text(left(4.2).bold(), y, pen.room(), &title.join("　"));
    let items = [
        [pen.ja.kit_staff_seen(), pen.en.kit_staff_seen()],
        [pen.ja.kit_staff_names(), pen.en.kit_staff_names()],
        [pen.ja.kit_staff_typed(&host), pen.en.kit_staff_typed(&host)],
        [pen.ja.kit_staff_sticker(), pen.en.kit_staff_sticker()],
    ];
    items.iter().enumerate().fold(y + 6.4, |y, (index, item)| pen.item(index + 1, y, [3.4, 3.0], item))
}

fn foot(pen: &mut Pen, poster: &Poster, y: f64) {
    let room = pen.room();
    let number = clean(&poster.hotline);
    let label = pen.ja.kit_staff_hotline();
    let y = y.max(190.0);
    pen.rule(y, 0.3, Ink::Black);
    if !number.is_empty() {
        let hours = clean(&poster.hotline_hours);
        pen.whole(left(3.6).bold(), y + 5.0, room, format!("{label}　{number}　{hours}").trim());
    }
    let venue = clean(&poster.venue_name);
    pen.text(left(3.4), y + 9.8, room, &venue);
    let edition = edition(pen.ja, poster);
    pen.text(left(3.0), y + 14.0, room, &edition);
}
