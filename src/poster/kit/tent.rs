//! 三角POP: an A4 sheet in four strips, flap 27, face 100, face 100, base 70 mm. Folded at the dashed lines it stands as a tent
//! whose ridge is the fold between the faces; the upper face is printed on its head, so that both stand upright.
use crate::poster::layout::{edition, headlines, label_or_number, names};
use crate::poster::mark::{A4, Ink, Mark, Sheet};
use crate::poster::pen::{Corners, Pen, left, middle, right};
use crate::poster::qr::Qr;
use crate::poster::text::{clean, width_em};
use crate::poster::{Place, Poster, typing_address};
use std::rc::Rc;

/// Where the paper is folded: under the flap, at the ridge, above the base.
const FOLDS: [f64; 3] = [27.0, 127.0, 227.0];

pub(super) fn sheet(poster: &Poster, code: &Rc<Qr>) -> Sheet {
    let mut pen = Pen::new(13.0, 197.0);
    let [ja, en] = [pen.ja.kit_tent_flap(), pen.en.kit_tent_flap()];
    pen.text(middle(4.2).bold(), 12.0, pen.room(), &ja);
    pen.text(middle(3.4), 18.5, pen.room(), &en);
    fold(&mut pen, FOLDS[0]);
    let ridge = FOLDS[1];
    let lower: Vec<Mark> = face(poster, code).into_iter().map(|mark| mark.placed(1.0, (0.0, ridge))).collect();
    pen.marks.push(Mark::Turned { about: (A4.0 / 2.0, ridge), marks: lower.clone() });
    fold(&mut pen, ridge);
    pen.marks.extend(lower);
    fold(&mut pen, FOLDS[2]);
    base(&mut pen, poster);
    Sheet { size: A4, marks: pen.marks }
}

fn fold(pen: &mut Pen, y: f64) {
    let points = vec![(5.0, y), (A4.0 - 5.0, y)];
    pen.marks.push(Mark::Stroke { points, width: 0.25, ink: Ink::Black, dashed: true });
}

/// One face, the ridge at its top.
fn face(poster: &Poster, code: &Rc<Qr>) -> Vec<Mark> {
    let mut pen = Pen::new(98.0, 197.0);
    let room = pen.room();
    pen.framed_code(code, (50.0, 50.0), 58.0 * fitting(code), Corners { thick: 1.4, arm: 10.0 });
    let [name, _] = names(&pen, poster);
    pen.name(left(4.4).bold(), room, &[&[16.6], &[13.6, 19.0]], &name);
    let [ja, en] = headlines(&pen, if poster.place == Place::Entrance { Place::Seat } else { poster.place });
    for (line, y) in ja.lines().zip([34.0, 48.0]) {
        pen.text(left(11.0).bold().blue(), y, room, line);
    }
    pen.text(left(4.6), 55.6, room, &en);
    let [ja, en] = [pen.ja.kit_assure(), pen.en.kit_assure()];
    pen.text(left(4.2), 65.0, room, &ja);
    pen.text(left(3.5), 70.4, room, &en);
    pen.rule(74.5, 0.35, Ink::Black);
    venue(&mut pen, poster);
    pen.marks
}

/// Venue and label in one line where both fit, and under them host and code.
fn venue(pen: &mut Pen, poster: &Poster) {
    let room = pen.room();
    let (name, label) = (clean(&poster.venue_name), label_or_number(pen, poster));
    let wide = (width_em(&name) * 5.4 + width_em(&label) * 5.4) + 6.0 > room;
    let y = if wide {
        let lines = pen.name(left(5.0).bold(), room, &[&[80.4], &[79.6, 84.6]], &name);
        let y = if lines > 1 { 89.6 } else { 86.0 };
        pen.text(left(4.4), y, room, &label);
        y + 4.8
    } else {
        pen.text(left(5.4).bold(), 81.2, room, &name);
        pen.text(right(5.4).bold(), 81.2, room, &label);
        87.0
    };
    let host = clean(&typing_address(&poster.base_url));
    let line = format!("{host}　{}", poster.code.grouped());
    pen.whole(left(3.4), y, room, &line);
}

/// 1 for the usual codes; a little less for larger ones, so that quiet zone and brackets stay where they are.
fn fitting(code: &Qr) -> f64 {
    let modules = code.modules();
    (74.0 / 58.0 * modules / (modules + 8.0)).min(1.0)
}

fn base(pen: &mut Pen, poster: &Poster) {
    let room = pen.room();
    let (ja, en) = (pen.ja, pen.en);
    pen.text(middle(4.6).bold(), 241.0, room, &ja.kit_tent_base());
    pen.text(middle(3.4), 247.0, room, &en.kit_tent_base());
    let number = clean(&poster.hotline);
    pen.text(middle(3.4), 255.0, room, &format!("{}　{}", ja.poster_sticker(), en.poster_sticker()));
    if !number.is_empty() {
        let hours = clean(&poster.hotline_hours);
        pen.whole(middle(3.4), 260.4, room, format!("{}　{number}　{hours}", ja.poster_hotline()).trim());
    }
    pen.ruler(80.0, 270.0);
    pen.text(middle(3.2), 275.0, room, &format!("{}　{}", ja.kit_ruler(), en.kit_ruler()));
    pen.text(middle(3.2), 279.6, room, &format!("{}　{}", ja.kit_at_100(), en.kit_at_100()));
    pen.text(middle(3.0), 285.0, room, &format!("{}　{}", edition(ja, poster), edition(en, poster)));
}
