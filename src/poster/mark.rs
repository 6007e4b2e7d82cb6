//! Sheets of marks on paper, in millimetres from the upper left corner. The only thing that the drawing of formats
//! and the two backends (`svg`, `pdf`) know of each other.
use super::qr::Qr;
use std::rc::Rc;

/// A4 (ISO 216).
pub(super) const A4: (f64, f64) = (210.0, 297.0);
/// A5 (ISO 216).
pub(super) const A5: (f64, f64) = (148.0, 210.0);

/// A fold's dash and the gap after it.
pub(super) const DASHES: (f64, f64) = (3.0, 2.0);

/// The two colours of a poster; both are dark when printed without colour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Ink {
    Black,
    Blue,
}

/// Which end of a text `x` is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// One line of text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TextLine {
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
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Mark {
    Text(TextLine),
    /// A line through the points.
    Stroke {
        points: Vec<(f64, f64)>,
        width: f64,
        ink: Ink,
        /// Where to fold.
        dashed: bool,
    },
    Circle {
        x: f64,
        y: f64,
        radius: f64,
        width: f64,
        ink: Ink,
    },
    /// A code without its quiet zone.
    Qr {
        x: f64,
        y: f64,
        module: f64,
        code: Rc<Qr>,
    },
    /// Marks that stand on their head: turned by half about a point.
    Turned {
        about: (f64, f64),
        marks: Vec<Mark>,
    },
}

impl Mark {
    /// The mark as large as `factor` says, and then moved.
    pub(super) fn placed(self, factor: f64, (dx, dy): (f64, f64)) -> Self {
        let at = |(x, y): (f64, f64)| (x * factor + dx, y * factor + dy);
        match self {
            Self::Text(line) => {
                let (x, y) = at((line.x, line.y));
                let TextLine { size, tracking, room, .. } = line;
                Self::Text(TextLine { x, y, size: size * factor, tracking: tracking * factor, room: room * factor, ..line })
            }
            Self::Stroke { points, width, ink, dashed } => {
                Self::Stroke { points: points.into_iter().map(at).collect(), width: width * factor, ink, dashed }
            }
            Self::Circle { x, y, radius, width, ink } => {
                let (x, y) = at((x, y));
                Self::Circle { x, y, radius: radius * factor, width: width * factor, ink }
            }
            Self::Qr { x, y, module, code } => {
                let (x, y) = at((x, y));
                Self::Qr { x, y, module: module * factor, code }
            }
            Self::Turned { about, marks } => {
                let marks = marks.into_iter().map(|mark| mark.placed(factor, (dx, dy))).collect();
                Self::Turned { about: at(about), marks }
            }
        }
    }
}

/// One side of paper.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    pub(super) size: (f64, f64),
    /// In the order of reading.
    pub(super) marks: Vec<Mark>,
}

impl Sheet {
    /// The sheet on paper of another size of the same shape.
    pub(super) fn enlarged(self, factor: f64) -> Self {
        let size = (self.size.0 * factor, self.size.1 * factor);
        Self { size, marks: self.marks.into_iter().map(|mark| mark.placed(factor, (0.0, 0.0))).collect() }
    }
}
