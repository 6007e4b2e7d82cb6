//! Where everything stands on the A4 wall poster, in millimetres from the upper left corner (docs/LOOK.md §7 "What stands on A4").
//!
//! A flat list of marks, so that every format draws the same poster.
use super::mark::{A4, Ink, Mark, Sheet};
use super::pen::{Corners, Pen, left, middle, right};
use super::qr::Qr;
use super::text::{clean, fit, width_em};
use super::{Place, Poster, typing_address};
use crate::base::locale::Words;
use std::rc::Rc;

/// Free on every side: home printers do not reach the edge.
const MARGIN: f64 = 15.0;
const LEFT: f64 = MARGIN;
const RIGHT: f64 = A4.0 - MARGIN;
const ROOM: f64 = RIGHT - LEFT;
/// Width of the code: read from ten times as far, 0.9 m.
const QR_SIDE: f64 = 90.0;
/// Middle of the code.
const QR_AT: (f64, f64) = (A4.0 / 2.0, 138.8);
/// Between what stands left and right in one line.
pub(super) const GAP: f64 = 6.0;

/// The A4 wall poster from top to bottom.
pub(super) fn a4(poster: &Poster, qr: &Rc<Qr>) -> Sheet {
    let mut pen = Pen::new(LEFT, RIGHT);
    header(&mut pen, poster);
    headline(&mut pen, poster.place);
    code(&mut pen, poster, qr);
    steps(&mut pen);
    why(&mut pen, poster);
    hotline_and_venue(&mut pen, poster);
    foot(&mut pen, poster);
    Sheet { size: A4, marks: pen.marks }
}

/// City and service in Japanese and in English, with general names where the city set none.
pub(super) fn names(pen: &Pen, poster: &Poster) -> [String; 2] {
    let or = |text: &str, general: String| {
        let text = clean(text);
        if text.is_empty() { general } else { text }
    };
    let service = or(&poster.service_name, pen.ja.poster_service());
    let name = format!("{}　{service}", clean(&poster.city_name));
    [name.trim().to_owned(), or(&poster.english_name, pen.en.poster_service())]
}

fn header(pen: &mut Pen, poster: &Poster) {
    let [name, english] = names(pen, poster);
    let (taken, aside) = pen.aside(|pen| pen.text(right(4.2), 19.8, ROOM * 0.45, &english));
    pen.text(left(6.2).bold(), 20.0, ROOM - taken - GAP, &name);
    pen.marks.extend(aside);
    pen.rule(25.0, 1.6, Ink::Blue);
}

fn headline(pen: &mut Pen, place: Place) {
    let [ja, en] = headlines(pen, place);
    for (line, y) in ja.lines().zip([44.2, 64.7]) {
        pen.text(middle(18.0).bold().blue(), y, ROOM, line);
    }
    pen.text(middle(7.0), 74.8, ROOM, &en);
}

fn code(pen: &mut Pen, poster: &Poster, qr: &Rc<Qr>) {
    pen.framed_code(qr, QR_AT, QR_SIDE, Corners { thick: 1.8, arm: 16.0 });
    let address = clean(&typing_address(&poster.base_url));
    let [ja, en] = [pen.ja.poster_type_code(&address), pen.en.poster_type_code(&address)];
    pen.whole(middle(4.8), 204.9, ROOM, &ja);
    pen.spelled(middle(8.4).bold(), 214.4, 0.5, poster.code.grouped());
    pen.whole(middle(3.7), 220.0, ROOM, &en);
}

fn steps(pen: &mut Pen) {
    const Y: f64 = 231.0;
    for (step, (x, room)) in step_words(pen).into_iter().zip([(20.0, 38.0), (72.0, 63.0), (149.0, 37.5)]) {
        pen.marks.push(Mark::Circle { x, y: Y, radius: 5.0, width: 0.9, ink: Ink::Blue });
        pen.column(x - 4.5, x + 4.5);
        pen.text(middle(6.0).bold().blue(), Y + 2.2, 9.0, step.0);
        pen.column(x + 8.5, x + 8.5 + room);
        pen.text(left(5.2).bold(), Y - 0.2, room, &step.1);
        pen.text(left(3.7), Y + 5.2, room, &step.2);
    }
    pen.column(LEFT, RIGHT);
}

/// The three steps: digit, Japanese, English.
pub(super) fn step_words(pen: &Pen) -> [(&'static str, String, String); 3] {
    let (ja, en) = (pen.ja, pen.en);
    [
        ("1", ja.poster_step_scan(), en.poster_step_scan()),
        ("2", ja.poster_step_email(), en.poster_step_email()),
        ("3", ja.poster_step_show(), en.poster_step_show()),
    ]
}

fn why(pen: &mut Pen, poster: &Poster) {
    let days = poster.retention_days.to_string();
    let [ja, en] = [pen.ja.poster_why(&days), pen.en.poster_why(&days)];
    pen.text(left(4.1), 244.5, ROOM, &ja);
    pen.text(left(3.7), 249.8, ROOM, &en);
    pen.rule(253.4, 0.35, Ink::Black);
}

fn hotline_and_venue(pen: &mut Pen, poster: &Poster) {
    let (taken, aside) = pen.aside(|pen| hotline(pen, poster));
    let room = ROOM - taken - GAP;
    let lines = pen.name(left(7.4).bold(), room, &[&[262.4], &[259.9, 266.6]], &clean(&poster.venue_name));
    let under = if lines > 1 { 272.2 } else { 269.4 };
    let label = label_and_number(pen, poster, room / 4.6);
    pen.text(left(4.6), under, room, &label);
    pen.marks.extend(aside);
}

/// 「入口　1番」: the number stays whole, whatever the label is.
pub(super) fn label_and_number(pen: &Pen, poster: &Poster, room_em: f64) -> String {
    let number = pen.ja.poster_number(poster.no.to_string());
    let spare = room_em - width_em(&number) - 1.0;
    let label = fit(&clean(&poster.label), spare, 1.0, 1).lines.concat();
    format!("{label}　{number}").trim().to_owned()
}

/// The title of a card or sticker: its label, or where it has none its number.
pub(super) fn label_or_number(pen: &Pen, poster: &Poster) -> String {
    let label = clean(&poster.label);
    if label.is_empty() { pen.ja.poster_number(poster.no.to_string()) } else { label }
}

/// Returns the width that the block takes from the right.
fn hotline(pen: &mut Pen, poster: &Poster) -> f64 {
    const WIDEST: f64 = 82.0;
    let number = clean(&poster.hotline);
    if number.is_empty() {
        return 0.0;
    }
    let [ja, en] = [pen.ja.poster_hotline(), pen.en.poster_hotline()];
    let width = [
        pen.text(right(3.7), 258.4, WIDEST, &ja),
        pen.text(right(3.2), 262.2, WIDEST, &en),
        pen.whole(right(6.4).bold(), 268.6, WIDEST, &number),
        pen.text(right(3.7), 273.0, WIDEST, &clean(&poster.hotline_hours)),
    ];
    width.into_iter().fold(0.0, f64::max)
}

fn foot(pen: &mut Pen, poster: &Poster) {
    for (words, y) in [(pen.ja, 277.8), (pen.en, 281.9)] {
        let edition = edition(words, poster);
        let (taken, aside) = pen.aside(|pen| pen.text(right(3.2), y, ROOM / 2.0, &edition));
        pen.text(left(3.2), y, ROOM - taken - GAP, &words.poster_sticker());
        pen.marks.extend(aside);
    }
}

/// The headline in Japanese, as many lines as the catalogue has, and in English.
pub(super) fn headlines(pen: &Pen, place: Place) -> [String; 2] {
    [pen.ja, pen.en].map(|words| match place {
        Place::Entrance => words.poster_headline_entrance(),
        Place::Seat => words.poster_headline_seat(),
        Place::Till => words.poster_headline_till(),
        Place::Event => words.poster_headline_event(),
        Place::Staff => words.kit_headline_staff(),
    })
}

/// Which edition of the poster this is, and until when it is valid.
pub(super) fn edition(words: &Words, poster: &Poster) -> String {
    let (edition, issued) = (poster.edition.to_string(), poster.issued.to_string());
    match poster.valid_until {
        Some(until) => words.poster_edition_until(edition, issued, until.to_string()),
        None => words.poster_edition(edition, issued),
    }
}
