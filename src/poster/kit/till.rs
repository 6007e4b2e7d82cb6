//! The card for the till, A5: the wall poster in proportion, but nothing below 3 mm (docs/LOOK.md §7).
use crate::poster::layout::{GAP, edition, headlines, label_and_number, names, step_words};
use crate::poster::mark::{A5, Ink, Mark, Sheet};
use crate::poster::pen::{Corners, Pen, left, middle, right};
use crate::poster::qr::Qr;
use crate::poster::text::clean;
use crate::poster::{Poster, typing_address};
use std::rc::Rc;

const LEFT: f64 = 11.0;
const RIGHT: f64 = A5.0 - LEFT;
const ROOM: f64 = RIGHT - LEFT;

pub(super) fn sheet(poster: &Poster, code: &Rc<Qr>) -> Sheet {
    let mut pen = Pen::new(LEFT, RIGHT);
    header(&mut pen, poster);
    let [ja, en] = headlines(&pen, poster.place);
    for (line, y) in ja.lines().zip([30.5, 44.5]) {
        pen.text(middle(12.6).bold().blue(), y, ROOM, line);
    }
    pen.text(middle(5.0), 51.5, ROOM, &en);
    pen.framed_code(code, (A5.0 / 2.0, 96.6), 64.0, Corners { thick: 1.3, arm: 11.0 });
    type_code(&mut pen, poster, [142.9, 149.6, 154.0]);
    steps(&mut pen, 161.4);
    why(&mut pen, poster);
    venue_and_hotline(&mut pen, poster);
    let stickers = [pen.ja.poster_sticker(), pen.en.poster_sticker()];
    for (text, y) in stickers.iter().zip([200.8, 204.6]) {
        pen.text(left(3.0), y, ROOM, text);
    }
    Sheet { size: A5, marks: pen.marks }
}

/// City and service, and a blue line.
pub(super) fn header(pen: &mut Pen, poster: &Poster) {
    let [name, english] = names(pen, poster);
    let (taken, aside) = pen.aside(|pen| pen.text(right(3.0), 13.4, ROOM * 0.42, &english));
    pen.text(left(4.4).bold(), 13.5, ROOM - taken - GAP / 2.0, &name);
    pen.marks.extend(aside);
    pen.rule(17.0, 1.2, Ink::Blue);
}

/// Where to type which code.
pub(super) fn type_code(pen: &mut Pen, poster: &Poster, [ja, code, en]: [f64; 3]) {
    let address = clean(&typing_address(&poster.base_url));
    let room = pen.room();
    let words = [pen.ja.poster_type_code(&address), pen.en.poster_type_code(&address)];
    pen.whole(middle(3.5), ja, room, &words[0]);
    pen.spelled(middle(6.0).bold(), code, 0.35, poster.code.grouped());
    pen.whole(middle(3.0), en, room, &words[1]);
}

fn steps(pen: &mut Pen, y: f64) {
    for (step, (x, room)) in step_words(pen).into_iter().zip([(14.6, 24.0), (45.0, 43.0), (100.0, 29.5)]) {
        pen.marks.push(Mark::Circle { x, y, radius: 3.5, width: 0.7, ink: Ink::Blue });
        pen.column(x - 3.5, x + 3.5);
        pen.text(middle(4.2).bold().blue(), y + 1.5, 7.0, step.0);
        pen.column(x + 5.6, x + 5.6 + room);
        pen.text(left(3.8).bold(), y - 0.2, room, &step.1);
        pen.text(left(3.0), y + 3.7, room, &step.2);
    }
    pen.column(LEFT, RIGHT);
}

fn why(pen: &mut Pen, poster: &Poster) {
    let days = poster.retention_days.to_string();
    let [ja, en] = [pen.ja.poster_why(&days), pen.en.poster_why(&days)];
    let y = pen.paragraph(left(3.2), 171.6, 1.25, &ja);
    pen.paragraph(left(3.0), y, 1.22, &en);
    pen.rule(181.8, 0.3, Ink::Black);
}

fn venue_and_hotline(pen: &mut Pen, poster: &Poster) {
    let (taken, aside) = pen.aside(|pen| hotline(pen, poster));
    let room = ROOM - taken - GAP / 2.0;
    let lines = pen.name(left(5.2).bold(), room, &[&[188.4], &[187.0, 191.4]], &clean(&poster.venue_name));
    let label = label_and_number(pen, poster, room / 3.3);
    let words = edition(pen.ja, poster);
    if lines > 1 {
        pen.text(left(3.0), 196.0, room, &format!("{label}　{words}"));
    } else {
        pen.text(left(3.3), 192.4, room, &label);
        pen.text(left(3.0), 196.2, room, &words);
    }
    pen.marks.extend(aside);
}

/// Returns the width that it takes from the right.
fn hotline(pen: &mut Pen, poster: &Poster) -> f64 {
    const WIDEST: f64 = 56.0;
    let number = clean(&poster.hotline);
    if number.is_empty() {
        return 0.0;
    }
    let label = pen.ja.poster_hotline();
    let width = [
        pen.text(right(3.0), 186.6, WIDEST, &label),
        pen.whole(right(4.6).bold(), 191.8, WIDEST, &number),
        pen.text(right(3.0), 196.2, WIDEST, &clean(&poster.hotline_hours)),
    ];
    width.into_iter().fold(0.0, f64::max)
}
