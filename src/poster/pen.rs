//! Sets texts, rules and codes into a column, and gathers the marks.
use super::mark::{Anchor, Ink, Mark, TextLine};
use super::pdf::{Weight, break_lines, width};
use super::qr::{QUIET_ZONE, Qr};
use super::text::{fit, squeeze, width_em};
use crate::base::locale::{Locale, Words};
use std::rc::Rc;

/// [`QUIET_ZONE`] as a factor.
pub(super) const QUIET: f64 = QUIET_ZONE as f64;

/// How a text is set.
#[derive(Clone, Copy)]
pub(super) struct Style {
    pub(super) size: f64,
    bold: bool,
    anchor: Anchor,
    ink: Ink,
}

impl Style {
    pub(super) const fn new(size: f64, anchor: Anchor) -> Self {
        Self { size, bold: false, anchor, ink: Ink::Black }
    }
    pub(super) const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }
    pub(super) const fn blue(self) -> Self {
        Self { ink: Ink::Blue, ..self }
    }
    const fn sized(self, size: f64) -> Self {
        Self { size, ..self }
    }
}

/// At the left of its column.
pub(super) const fn left(size: f64) -> Style {
    Style::new(size, Anchor::Start)
}

/// In the middle of its column.
pub(super) const fn middle(size: f64) -> Style {
    Style::new(size, Anchor::Middle)
}

/// At the right of its column.
pub(super) const fn right(size: f64) -> Style {
    Style::new(size, Anchor::End)
}

/// The corners of a viewfinder around a code.
#[derive(Clone, Copy)]
pub(super) struct Corners {
    /// How thick their lines are.
    pub(super) thick: f64,
    /// How long each arm is.
    pub(super) arm: f64,
}

/// Writes into the column between `left` and `right`.
pub(super) struct Pen {
    pub(super) marks: Vec<Mark>,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) ja: &'static Words,
    pub(super) en: &'static Words,
}

impl Pen {
    pub(super) fn new(left: f64, right: f64) -> Self {
        Self { marks: Vec::new(), left, right, ja: Locale::Ja.words(), en: Locale::En.words() }
    }

    /// From now on, writes between these.
    pub(super) fn column(&mut self, left: f64, right: f64) {
        (self.left, self.right) = (left, right);
    }

    /// Width of the column.
    pub(super) fn room(&self) -> f64 {
        self.right - self.left
    }

    fn line(&self, style: Style, y: f64, room: f64, text: String) -> TextLine {
        let Style { size, bold, anchor, ink } = style;
        let x = match anchor {
            Anchor::Start => self.left,
            Anchor::Middle => f64::midpoint(self.left, self.right),
            Anchor::End => self.right,
        };
        TextLine { x, y, size, bold, anchor, ink, tracking: 0.0, room, text }
    }

    /// One line in its room, shrunk and at last cut. Returns the width it takes.
    pub(super) fn text(&mut self, style: Style, y: f64, room: f64, text: &str) -> f64 {
        let fitted = fit(text, room, style.size, 1);
        let mut width = 0.0;
        for text in fitted.lines {
            width = width_em(&text) * fitted.size;
            let line = self.line(style.sized(fitted.size), y, room, text);
            self.marks.push(Mark::Text(line));
        }
        width
    }

    /// One line that is never cut: half an address or telephone number helps nobody. Returns the width it takes.
    pub(super) fn whole(&mut self, style: Style, y: f64, room: f64, text: &str) -> f64 {
        let size = squeeze(text, room, style.size);
        let line = self.line(style.sized(size), y, room, text.to_owned());
        self.marks.push(Mark::Text(line));
        width_em(text) * size
    }

    /// A code to be typed, its letters a little apart.
    pub(super) fn spelled(&mut self, style: Style, y: f64, tracking: f64, code: String) {
        let mut line = self.line(style, y, self.room(), code);
        line.tracking = tracking;
        self.marks.push(Mark::Text(line));
    }

    /// A name in its room in as many lines as there are `baselines`; fewer lines stand on those of `fewer`. Returns how many.
    pub(super) fn name(&mut self, style: Style, room: f64, baselines: &[&[f64]], text: &str) -> usize {
        let fitted = fit(text, room, style.size, baselines.len());
        let lines = fitted.lines.len();
        let at = lines.checked_sub(1).and_then(|index| baselines.get(index)).copied().unwrap_or_default();
        for (text, &y) in fitted.lines.into_iter().zip(at) {
            let line = self.line(style.sized(fitted.size), y, room, text);
            self.marks.push(Mark::Text(line));
        }
        lines
    }

    /// Running text of the house across the column, `leading` em from line to line. Returns the next baseline.
    pub(super) fn paragraph(&mut self, style: Style, mut y: f64, leading: f64, text: &str) -> f64 {
        let weight = if style.bold { Weight::Bold } else { Weight::Regular };
        let room = self.room();
        let em = narrow(room / style.size);
        for part in text.lines() {
            for text in balanced(part, em, weight) {
                let line = self.line(style, y, room, text.to_owned());
                self.marks.push(Mark::Text(line));
                y += style.size * leading;
            }
        }
        y
    }

    /// A numbered sentence in Japanese and, smaller, in English, each of its own size. Returns the next baseline.
    pub(super) fn item(&mut self, number: usize, y: f64, [size, small]: [f64; 2], [ja, en]: &[String; 2]) -> f64 {
        let (left_edge, right_edge) = (self.left, self.right);
        self.text(left(size).bold(), y, size * 3.0, &number.to_string());
        self.column(left_edge + size * 1.5, right_edge);
        let y = self.paragraph(left(size), y, 1.35, ja);
        let y = self.paragraph(left(small), y - 0.1 * size, 1.3, en);
        self.column(left_edge, right_edge);
        y + 0.45 * size
    }

    /// Draws what stands on the right, whose width the left must know, but which is read after it: returns that width
    /// and the marks, to be put back in reading order.
    pub(super) fn aside(&mut self, draw: impl FnOnce(&mut Self) -> f64) -> (f64, Vec<Mark>) {
        let before = self.marks.len();
        let width = draw(self);
        (width, self.marks.split_off(before))
    }

    /// A line across the column.
    pub(super) fn rule(&mut self, y: f64, width: f64, ink: Ink) {
        self.stroke(vec![(self.left, y), (self.right, y)], width, ink);
    }

    /// A line through points.
    pub(super) fn stroke(&mut self, points: Vec<(f64, f64)>, width: f64, ink: Ink) {
        self.marks.push(Mark::Stroke { points, width, ink, dashed: false });
    }

    /// A code `side` wide around a point, in the corners of a viewfinder, which stand where its quiet zone ends.
    pub(super) fn framed_code(&mut self, code: &Rc<Qr>, (x, y): (f64, f64), side: f64, corners: Corners) {
        let Corners { thick, arm } = corners;
        let module = side / code.modules();
        let half = side / 2.0 + module * QUIET + thick / 2.0;
        for (dx, dy) in [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)] {
            let (x, y) = (x + dx * half, y + dy * half);
            self.stroke(vec![(x, y - dy * arm), (x, y), (x - dx * arm, y)], thick, Ink::Blue);
        }
        self.code(code, (x - side / 2.0, y - side / 2.0), module);
    }

    /// A code with its upper left corner at a point.
    pub(super) fn code(&mut self, code: &Rc<Qr>, (x, y): (f64, f64), module: f64) {
        self.marks.push(Mark::Qr { x, y, module, code: Rc::clone(code) });
    }

    /// 50 millimetres with a mark every ten, from `x` to the right, standing on `y`: to be measured after printing.
    pub(super) fn ruler(&mut self, x: f64, y: f64) {
        const WIDTH: f64 = 0.3;
        self.stroke(vec![(x, y), (x + 50.0, y)], WIDTH, Ink::Black);
        for (tick, height) in [(0.0, 2.0), (10.0, 1.0), (20.0, 1.0), (30.0, 1.0), (40.0, 1.0), (50.0, 2.0)] {
            self.stroke(vec![(x + tick, y - height), (x + tick, y)], WIDTH, Ink::Black);
        }
    }
}

/// Breaks a text into lines, without a last line of one word where a narrower column needs no line more.
fn balanced(text: &str, room: f32, weight: Weight) -> Vec<&str> {
    let lines = break_lines(text, room, weight);
    let is_short = |lines: &[&str]| lines.last().is_some_and(|last| width(last, weight) < room / 3.0);
    if lines.len() < 2 || !is_short(&lines) {
        return lines;
    }
    let narrower = [0.92, 0.84, 0.76, 0.68].map(|factor| break_lines(text, room * factor, weight));
    narrower.into_iter().take_while(|other| other.len() == lines.len()).find(|other| !is_short(other)).unwrap_or(lines)
}

#[expect(clippy::cast_possible_truncation, reason = "the room of a line is a small number")]
fn narrow(em: f64) -> f32 {
    em as f32
}
