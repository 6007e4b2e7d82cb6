//! Where everything stands on the A4 wall poster, in millimetres from the upper left corner (look/LOOK.md §7).
//!
//! A flat list of marks, so that every format draws the same poster.
use super::qr::{QUIET_ZONE, Qr};
use super::text::{clean, fit, squeeze, width_em};
use super::{Place, Poster, typing_address};
use crate::base::locale::{Locale, Words};

/// A4 (ISO 216).
pub(super) const PAGE: (f64, f64) = (210.0, 297.0);
/// Free on every side: home printers do not reach the edge.
const MARGIN: f64 = 15.0;
const LEFT: f64 = MARGIN;
const RIGHT: f64 = PAGE.0 - MARGIN;
const MIDDLE: f64 = PAGE.0 / 2.0;
const ROOM: f64 = RIGHT - LEFT;
/// Width of the code: read from ten times as far, 0.9 m.
const QR_SIDE: f64 = 90.0;
/// Middle of the code from the top.
const QR_Y: f64 = 138.8;
/// Thickness and length of the viewfinder's corners.
const BRACKET: f64 = 1.8;
const BRACKET_ARM: f64 = 16.0;
/// Between what stands left and right in one line.
const GAP: f64 = 6.0;

/// The two colours of a poster; both are dark when printed without colour.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Ink {
    Black,
    Blue,
}

/// Which end of a text `x` is.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// One line of text.
pub(super) struct Line {
    pub(super) x: f64,
    /// The baseline.
    pub(super) y: f64,
    /// One em.
    pub(super) size: f64,
    pub(super) bold: bool,
    pub(super) anchor: Anchor,
    pub(super) ink: Ink,
    /// Added between letters.
    pub(super) tracking: f64,
    /// The width that the text must not leave.
    pub(super) room: f64,
    pub(super) text: String,
}

/// One mark on the paper.
pub(super) enum Mark {
    Text(Line),
    /// A line through the points.
    Stroke {
        points: Vec<(f64, f64)>,
        width: f64,
        ink: Ink,
    },
    Circle {
        x: f64,
        y: f64,
        radius: f64,
        width: f64,
        ink: Ink,
    },
    /// The code without its quiet zone.
    Qr {
        x: f64,
        y: f64,
        module: f64,
    },
}

/// The A4 wall poster from top to bottom.
pub(super) fn a4(poster: &Poster, qr: &Qr) -> Vec<Mark> {
    let mut page = Page { marks: Vec::new(), ja: Locale::Ja.words(), en: Locale::En.words() };
    page.header(poster);
    page.headline(poster.place);
    page.code(poster, qr);
    page.steps();
    page.why(poster);
    page.hotline_and_venue(poster);
    page.foot(poster);
    page.marks
}

/// How a text is set. `x` follows from the anchor unless it is moved.
#[derive(Clone, Copy)]
struct Style {
    size: f64,
    bold: bool,
    anchor: Anchor,
    ink: Ink,
}

impl Style {
    const fn new(size: f64, anchor: Anchor) -> Self {
        Self { size, bold: false, anchor, ink: Ink::Black }
    }
    const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }
    const fn blue(self) -> Self {
        Self { ink: Ink::Blue, ..self }
    }
    fn x(self) -> f64 {
        match self.anchor {
            Anchor::Start => LEFT,
            Anchor::Middle => MIDDLE,
            Anchor::End => RIGHT,
        }
    }
    fn line(self, y: f64, size: f64, room: f64, text: String) -> Line {
        let Self { bold, anchor, ink, .. } = self;
        Line { x: self.x(), y, size, bold, anchor, ink, tracking: 0.0, room, text }
    }
}

struct Page {
    marks: Vec<Mark>,
    ja: &'static Words,
    en: &'static Words,
}

impl Page {
    /// One line in its room, shrunk and at last cut. Returns the width it takes.
    fn text(&mut self, style: Style, y: f64, room: f64, text: &str) -> f64 {
        let fitted = fit(text, room, style.size, 1);
        let mut width = 0.0;
        for line in fitted.lines {
            width = width_em(&line) * fitted.size;
            self.marks.push(Mark::Text(style.line(y, fitted.size, room, line)));
        }
        width
    }

    /// One line that is never cut: half an address or telephone number helps nobody. Returns the width it takes.
    fn whole(&mut self, style: Style, y: f64, room: f64, text: &str) -> f64 {
        let size = squeeze(text, room, style.size);
        let line = style.line(y, size, room, text.to_owned());
        self.marks.push(Mark::Text(line));
        width_em(text) * size
    }

    /// Draws what stands on the right, whose width the left must know, but which is read after it: returns that width
    /// and the marks, to be put back in reading order.
    fn aside(&mut self, draw: impl FnOnce(&mut Self) -> f64) -> (f64, Vec<Mark>) {
        let before = self.marks.len();
        let width = draw(self);
        (width, self.marks.split_off(before))
    }

    fn rule(&mut self, y: f64, width: f64, ink: Ink) {
        let points = vec![(LEFT, y), (RIGHT, y)];
        self.marks.push(Mark::Stroke { points, width, ink });
    }

    fn header(&mut self, poster: &Poster) {
        let or = |text: &str, general: String| {
            let text = clean(text);
            if text.is_empty() { general } else { text }
        };
        let service = or(&poster.service_name, self.ja.poster_service());
        let name = format!("{}　{service}", clean(&poster.city_name));
        let english = or(&poster.english_name, self.en.poster_service());
        let style = Style::new(4.2, Anchor::End);
        let (taken, right) = self.aside(|page| page.text(style, 19.8, ROOM * 0.45, &english));
        let style = Style::new(6.2, Anchor::Start).bold();
        self.text(style, 20.0, ROOM - taken - GAP, name.trim());
        self.marks.extend(right);
        self.rule(25.0, 1.6, Ink::Blue);
    }

    fn headline(&mut self, place: Place) {
        let style = Style::new(18.0, Anchor::Middle).bold().blue();
        for (line, y) in headline(self.ja, place).lines().zip([44.2, 64.7]) {
            self.text(style, y, ROOM, line);
        }
        self.text(Style::new(7.0, Anchor::Middle), 74.8, ROOM, &headline(self.en, place));
    }

    fn code(&mut self, poster: &Poster, qr: &Qr) {
        let corner = (MIDDLE - QR_SIDE / 2.0, QR_Y - QR_SIDE / 2.0);
        let module = QR_SIDE / f64::from(u16::try_from(qr.side()).unwrap_or(u16::MAX));
        self.brackets(QR_SIDE / 2.0 + module * QUIET);
        self.marks.push(Mark::Qr { x: corner.0, y: corner.1, module });
        let address = clean(&typing_address(&poster.base_url));
        let style = Style::new(4.8, Anchor::Middle);
        self.whole(style, 204.9, ROOM, &self.ja.poster_type_code(&address));
        let big = Style::new(8.4, Anchor::Middle).bold();
        let mut code = big.line(214.4, big.size, ROOM, poster.code.grouped());
        code.tracking = 0.5;
        self.marks.push(Mark::Text(code));
        let style = Style::new(3.7, Anchor::Middle);
        self.whole(style, 220.0, ROOM, &self.en.poster_type_code(&address));
    }

    /// The viewfinder's corners; their inner edge is `half` away from the middle, where the quiet zone ends.
    fn brackets(&mut self, half: f64) {
        let half = half + BRACKET / 2.0;
        for (dx, dy) in [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)] {
            let (x, y) = (MIDDLE + dx * half, QR_Y + dy * half);
            let points = vec![(x, y - dy * BRACKET_ARM), (x, y), (x - dx * BRACKET_ARM, y)];
            self.marks.push(Mark::Stroke { points, width: BRACKET, ink: Ink::Blue });
        }
    }

    fn steps(&mut self) {
        let (ja, en) = (self.ja, self.en);
        let steps = [
            ("1", 20.0, ja.poster_step_scan(), en.poster_step_scan()),
            ("2", 72.0, ja.poster_step_email(), en.poster_step_email()),
            ("3", 149.0, ja.poster_step_show(), en.poster_step_show()),
        ];
        let rooms = [38.0, 63.0, 37.5];
        for ((digit, x, ja, en), room) in steps.into_iter().zip(rooms) {
            self.step(digit, x, room, [&ja, &en]);
        }
    }

    fn step(&mut self, digit: &str, x: f64, room: f64, [ja, en]: [&str; 2]) {
        const Y: f64 = 231.0;
        self.marks.push(Mark::Circle { x, y: Y, radius: 5.0, width: 0.9, ink: Ink::Blue });
        let style = Style::new(6.0, Anchor::Middle).bold().blue();
        self.moved(style, (x, Y + 2.2), 9.0, digit);
        self.moved(Style::new(5.2, Anchor::Start).bold(), (x + 8.5, Y - 0.2), room, ja);
        self.moved(Style::new(3.7, Anchor::Start), (x + 8.5, Y + 5.2), room, en);
    }

    fn moved(&mut self, style: Style, (x, y): (f64, f64), room: f64, text: &str) {
        self.text(style, y, room, text);
        if let Some(Mark::Text(line)) = self.marks.last_mut() {
            line.x = x;
        }
    }

    fn why(&mut self, poster: &Poster) {
        let days = poster.retention_days.to_string();
        let style = Style::new(4.1, Anchor::Start);
        self.text(style, 244.5, ROOM, &self.ja.poster_why(&days));
        let style = Style::new(3.7, Anchor::Start);
        self.text(style, 249.8, ROOM, &self.en.poster_why(&days));
        self.rule(253.4, 0.35, Ink::Black);
    }

    fn hotline_and_venue(&mut self, poster: &Poster) {
        let (taken, hotline) = self.aside(|page| page.hotline(poster));
        let room = ROOM - taken - GAP;
        let label = clean(&poster.label);
        let number = self.ja.poster_number(poster.no.to_string());
        let style = Style::new(7.4, Anchor::Start).bold();
        let name = fit(&clean(&poster.venue_name), room, style.size, 2);
        let baselines: &[f64] = if name.lines.len() > 1 { &[259.9, 266.6] } else { &[262.4] };
        for (line, &y) in name.lines.into_iter().zip(baselines) {
            self.marks.push(Mark::Text(style.line(y, name.size, room, line)));
        }
        let under = if baselines.len() > 1 { 272.2 } else { 269.4 };
        // The number stays whole, whatever the label is.
        let style = Style::new(4.6, Anchor::Start);
        let spare = room - width_em(&number) * style.size - style.size;
        let label = fit(&label, spare, style.size, 1).lines.concat();
        self.text(style, under, room, format!("{label}　{number}").trim());
        self.marks.extend(hotline);
    }

    /// Returns the width that the block takes from the right.
    fn hotline(&mut self, poster: &Poster) -> f64 {
        const WIDEST: f64 = 82.0;
        let number = clean(&poster.hotline);
        if number.is_empty() {
            return 0.0;
        }
        let [ja, en] = [self.ja.poster_hotline(), self.en.poster_hotline()];
        let hours = clean(&poster.hotline_hours);
        let style = Style::new(6.4, Anchor::End).bold();
        let width = [
            self.text(Style::new(3.7, Anchor::End), 258.4, WIDEST, &ja),
            self.text(Style::new(3.2, Anchor::End), 262.2, WIDEST, &en),
            self.whole(style, 268.6, WIDEST, &number),
            self.text(Style::new(3.7, Anchor::End), 273.0, WIDEST, &hours),
        ];
        width.into_iter().fold(0.0, f64::max)
    }

    fn foot(&mut self, poster: &Poster) {
        for (words, y) in [(self.ja, 277.8), (self.en, 281.9)] {
            let style = Style::new(3.2, Anchor::End);
            let edition = edition(words, poster);
            let (taken, right) = self.aside(|page| page.text(style, y, ROOM / 2.0, &edition));
            let style = Style::new(3.2, Anchor::Start);
            self.text(style, y, ROOM - taken - GAP, &words.poster_sticker());
            self.marks.extend(right);
        }
    }
}

/// [`QUIET_ZONE`] as a factor.
const QUIET: f64 = QUIET_ZONE as f64;

fn headline(words: &Words, place: Place) -> String {
    match place {
        Place::Entrance => words.poster_headline_entrance(),
        Place::Seat => words.poster_headline_seat(),
        Place::Till => words.poster_headline_till(),
        Place::Event => words.poster_headline_event(),
    }
}

fn edition(words: &Words, poster: &Poster) -> String {
    let (edition, issued) = (poster.edition.to_string(), poster.issued.to_string());
    match poster.valid_until {
        Some(until) => words.poster_edition_until(edition, issued, until.to_string()),
        None => words.poster_edition(edition, issued),
    }
}
