//! Sheets of equal cells: paper for name cards and labels as it is sold in Japan.
//!
//! Sizes as the makers give them; what remains of A4 lies half on each side.
//! - 10 cards of 91 × 55 mm (the size of Japanese name cards; A-one 51002, 72110, 31514: margins of 14 and 11 mm, no gaps);
//! - 21 labels of 70 × 42.3 mm (no margins at the sides, 0.45 mm above: labels reach the paper's edge);
//! - 65 labels of 38.1 × 21.2 mm (gaps of 2.5 mm between columns, none between rows; the same as Avery L7651).
use crate::base::locale::{Locale, Words};
use crate::poster::mark::{A4, Ink, Mark, Sheet};
use crate::poster::pen::{Pen, left, middle, right};

/// Cells on an A4 sheet.
pub(super) struct Grid {
    columns: usize,
    rows: usize,
    width: f64,
    height: f64,
    /// Between two columns.
    gap: f64,
    /// The sheet has no margin: its last cell holds what the margins of others say.
    full: bool,
    /// Marks for cutting plain paper.
    cut: bool,
    name: fn(&Words) -> String,
}

pub(super) const CARDS: Grid =
    Grid { columns: 2, rows: 5, width: 91.0, height: 55.0, gap: 0.0, full: false, cut: true, name: Words::kit_sheet_cards };
pub(super) const LABELS_21: Grid =
    Grid { columns: 3, rows: 7, width: 70.0, height: 42.3, gap: 0.0, full: true, cut: false, name: Words::kit_sheet_labels21 };
pub(super) const LABELS_65: Grid =
    Grid { columns: 5, rows: 13, width: 38.1, height: 21.2, gap: 2.5, full: false, cut: false, name: Words::kit_sheet_labels65 };

/// Home printers leave this much of every edge white.
const UNPRINTABLE: f64 = 5.0;

#[expect(clippy::cast_precision_loss, reason = "there are at most 13 rows")]
fn real(count: usize) -> f64 {
    count as f64
}

impl Grid {
    /// Codes on one sheet.
    fn codes(&self) -> usize {
        self.columns * self.rows - usize::from(self.full)
    }

    /// Sheets for so many posters.
    pub(super) fn sheets(&self, posters: usize) -> usize {
        posters.div_ceil(self.codes())
    }

    /// How often each poster is printed: as often as a whole round still fits the first sheet, for labels are not bought singly.
    fn rounds(&self, posters: usize) -> usize {
        (self.codes() / posters.max(1)).max(1)
    }

    /// The upper left corner of a cell, row by row.
    fn cell(&self, index: usize) -> (f64, f64) {
        let (column, row) = (index % self.columns, index / self.columns);
        let (left, top) = self.margins();
        (left + real(column) * (self.width + self.gap), top + real(row) * self.height)
    }

    /// Left and above.
    fn margins(&self) -> (f64, f64) {
        let wide = real(self.columns) * (self.width + self.gap) - self.gap;
        ((A4.0 - wide) / 2.0, (A4.1 - real(self.rows) * self.height) / 2.0)
    }

    /// Sheets filled with what is drawn for each poster.
    pub(super) fn filled<'a, T>(
        &'static self,
        posters: Vec<&'a T>,
        draw: impl Fn(&'a T) -> Vec<Mark> + 'a,
    ) -> impl Iterator<Item = Sheet> + 'a {
        let rounds = self.rounds(posters.len());
        let sheets = self.sheets(posters.len());
        (0..sheets).map(move |sheet| {
            let here = posters.iter().skip(sheet * self.codes()).take(self.codes());
            let drawn: Vec<Vec<Mark>> = here.map(|poster| draw(poster)).collect();
            let mut marks = self.heading();
            for (index, cell) in (0..rounds).flat_map(|_| &drawn).take(self.codes()).enumerate() {
                let at = self.cell(index);
                marks.extend(cell.iter().map(|mark| mark.clone().placed(1.0, at)));
            }
            marks.extend(self.proof());
            Sheet { size: A4, marks }
        })
    }

    /// The heading: the kind of sheet, and that it is printed at its size.
    fn heading(&self) -> Vec<Mark> {
        let (side, _) = self.margins();
        let mut pen = Pen::new(side.max(UNPRINTABLE + 2.0) + 2.0, A4.0 - side.max(UNPRINTABLE + 2.0) - 2.0);
        let (ja, en) = (Locale::Ja.words(), Locale::En.words());
        if self.full {
            return pen.marks;
        }
        let room = pen.room() / 2.0 - 1.0;
        pen.text(left(2.6), 8.6, room, &(self.name)(ja));
        pen.text(right(2.6).bold(), 8.6, room, &format!("{} / {}", ja.kit_at_100(), en.kit_at_100()));
        if self.cut {
            self.cutting(&mut pen);
        }
        pen.marks
    }

    /// Short lines in the margins, where the edges of the cards would meet them.
    fn cutting(&self, pen: &mut Pen) {
        const WIDTH: f64 = 0.15;
        let (left, top) = self.margins();
        for column in 0..=self.columns {
            let x = left + real(column) * self.width;
            // The ruler's sentence stands below.
            for (from, to) in [(UNPRINTABLE, top - 1.0), (A4.1 - top + 1.0, A4.1 - top + 2.2)] {
                pen.stroke(vec![(x, from), (x, to)], WIDTH, Ink::Black);
            }
        }
        for row in 0..=self.rows {
            let y = top + real(row) * self.height;
            for (from, to) in [(UNPRINTABLE, left - 1.0), (A4.0 - left + 1.0, A4.0 - UNPRINTABLE)] {
                pen.stroke(vec![(from, y), (to, y)], WIDTH, Ink::Black);
            }
        }
    }

    /// The ruler: in the lower margin, or in the last cell.
    fn proof(&self) -> Vec<Mark> {
        let (ja, en) = (Locale::Ja.words(), Locale::En.words());
        if self.full {
            let mut pen = Pen::new(5.0, self.width - 5.0);
            pen.text(middle(2.6).bold(), 9.0, pen.room(), &ja.kit_at_100());
            pen.text(middle(2.4), 12.6, pen.room(), &en.kit_at_100());
            pen.ruler(10.0, 21.0);
            pen.text(middle(2.4), 25.0, pen.room(), &ja.kit_ruler());
            pen.text(middle(2.4), 28.4, pen.room(), &en.kit_ruler());
            pen.text(middle(2.4), 34.0, pen.room(), &(self.name)(ja));
            let at = self.cell(self.codes());
            return pen.marks.into_iter().map(|mark| mark.placed(1.0, at)).collect();
        }
        let (side, _) = self.margins();
        let from = side.max(UNPRINTABLE + 2.0) + 2.0;
        let mut pen = Pen::new(from + 52.0, A4.0 - from);
        pen.ruler(from, 291.4);
        pen.text(left(2.6), 291.2, pen.room(), &format!("{} / {}", ja.kit_ruler(), en.kit_ruler()));
        pen.marks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_lie_where_the_makers_cut_them() {
        for (grid, first, last, codes) in [
            (&CARDS, (14.0, 11.0), (105.0, 231.0), 10),
            (&LABELS_21, (0.0, 0.45), (140.0, 254.25), 20),
            (&LABELS_65, (4.75, 10.7), (167.15, 265.1), 65),
        ] {
            let near = |(ax, ay): (f64, f64), (bx, by): (f64, f64)| (ax - bx).abs() < 1e-9 && (ay - by).abs() < 1e-9;
            assert!(near(grid.cell(0), first), "{:?}", grid.cell(0));
            let end = grid.cell(grid.columns * grid.rows - 1);
            assert!(near(end, last), "{end:?}");
            assert_eq!(grid.codes(), codes);
        }
    }

    #[test]
    fn a_sheet_is_filled_with_whole_rounds() {
        for (posters, rounds, sheets) in [(1, 10, 1), (3, 3, 1), (6, 1, 1), (10, 1, 1), (11, 1, 2), (500, 1, 50)] {
            assert_eq!((CARDS.rounds(posters), CARDS.sheets(posters)), (rounds, sheets), "{posters}");
        }
    }
}
