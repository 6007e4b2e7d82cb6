//! Running text on pages: Japanese and Latin lines, terms with their facts, tables that go on on the next page.
use super::font::{Weight, width};
use crate::poster::mark::{Anchor, Ink, Mark, Sheet, TextLine};
use crate::poster::text::{NOT_FIRST, NOT_LAST};

/// Distance of base lines, in em: Japanese needs more room than Latin.
const LEADING: f32 = 1.6;
/// Where the base line stands below the top of its line, in em.
const ASCENT: f32 = 1.15;
/// Thickness of thin and thick rules, in millimetres.
const THIN: f32 = 0.15;
const THICK: f32 = 0.4;
/// Between two cells of a table.
const GAP: f32 = 3.0;
/// Above and below the text of a row.
const PADDING: f32 = 1.0;

/// A size of paper with its margins, in millimetres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paper {
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
    /// Left and right.
    pub side: f32,
    /// Above.
    pub top: f32,
    /// Below; page numbers stand inside it.
    pub bottom: f32,
}

impl Paper {
    /// ISO 216 A4, upright, with room at the left for two holes (JIS Z 8303: 80 mm apart, 12 mm from the edge).
    pub const A4: Self = Self { width: 210.0, height: 297.0, side: 20.0, top: 18.0, bottom: 20.0 };

    fn blank(&self) -> Sheet {
        Sheet { size: (self.width.into(), self.height.into()), marks: Vec::new() }
    }

    fn inner(&self) -> f32 {
        self.width - 2.0 * self.side
    }

    fn last(&self) -> f32 {
        self.height - self.bottom
    }
}

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    /// Its share of the width.
    pub share: f32,
    /// Numbers stand at the right.
    pub right: bool,
}

impl Column {
    /// A column of text.
    #[must_use]
    pub const fn text(share: f32) -> Self {
        Self { share, right: false }
    }

    /// A column of numbers.
    #[must_use]
    pub const fn number(share: f32) -> Self {
        Self { share, right: true }
    }
}

/// The content of a cell.
pub type Cell = String;

/// Pages that fill from above.
pub struct Flow {
    paper: Paper,
    pages: Vec<Sheet>,
    y: f32,
}

impl Flow {
    /// Empty pages of this size.
    #[must_use]
    pub fn new(paper: Paper) -> Self {
        Self { paper, pages: vec![paper.blank()], y: paper.top }
    }

    /// Leaves some millimetres free; none at the top of a page.
    pub fn space(&mut self, height: f32) {
        if self.y > self.paper.top {
            self.y += height;
        }
    }

    /// A heading; it never stands alone at the foot of a page.
    pub fn heading(&mut self, text: &str, size: f32) {
        self.need(size * LEADING * 3.0);
        self.paragraph(text, size, Weight::Bold);
    }

    /// Text across the page. Each line of it begins anew; empty lines are kept.
    pub fn paragraph(&mut self, text: &str, size: f32, weight: Weight) {
        let (x, inner) = (self.paper.side, self.paper.inner());
        for line in text.lines().flat_map(|line| break_lines(line, inner / size, weight)) {
            self.need(size * LEADING);
            self.write((x, self.y), size, weight, line);
            self.y += size * LEADING;
        }
    }

    /// A thick rule across the page.
    pub fn rule(&mut self) {
        self.line(THICK);
        self.y += 2.0;
    }

    /// A term at the left, and what is to be said about it beside it.
    pub fn fact(&mut self, term: &str, text: &str, size: f32, term_share: f32) {
        let columns = [Column::text(term_share), Column::text(1.0 - term_share)];
        self.row(&columns, &[term.to_owned(), text.to_owned()], size, &[Weight::Bold, Weight::Regular]);
    }

    /// A table; its head is repeated on each page.
    pub fn table(&mut self, columns: &[Column], head: &[Cell], rows: &[Vec<Cell>], size: f32) {
        self.need(size * LEADING * 4.0);
        self.head(columns, head, size);
        for row in rows {
            if self.height(columns, row, size) > self.paper.last() - self.y {
                self.turn();
                self.head(columns, head, size);
            }
            self.row(columns, row, size, &[]);
        }
    }

    /// The pages, each with its foot: `foot(page, of)`.
    #[must_use]
    pub fn finish(mut self, foot: impl Fn(usize, usize) -> String) -> Vec<Sheet> {
        const SIZE: f32 = 2.8;
        let of = self.pages.len();
        for (index, page) in self.pages.iter_mut().enumerate() {
            let text = foot(index + 1, of);
            let x = (self.paper.width - width(&text, Weight::Regular) * SIZE) / 2.0;
            page.marks.push(line((x, self.paper.height - self.paper.bottom / 2.0), SIZE, Weight::Regular, text));
        }
        self.pages
    }

    fn head(&mut self, columns: &[Column], head: &[Cell], size: f32) {
        self.row(columns, head, size, &vec![Weight::Bold; head.len()]);
        self.y -= THIN;
        self.line(THICK);
    }

    fn height(&self, columns: &[Column], row: &[Cell], size: f32) -> f32 {
        let lines = self.cells(columns, row, size, &[]).iter().map(|(_, _, lines)| lines.len()).max().unwrap_or(0);
        #[expect(clippy::cast_precision_loss, reason = "a row has few lines")]
        let lines = lines as f32;
        lines * size * LEADING + 2.0 * PADDING
    }

    /// Where each cell begins, its width, and its lines.
    fn cells(&self, columns: &[Column], row: &[Cell], size: f32, weights: &[Weight]) -> Vec<(f32, f32, Vec<String>)> {
        let shares: f32 = columns.iter().map(|column| column.share).sum();
        let mut x = self.paper.side;
        let mut cells = Vec::with_capacity(columns.len());
        for (index, column) in columns.iter().enumerate() {
            let wide = self.paper.inner() * column.share / shares;
            let room = if index + 1 == columns.len() { wide } else { wide - GAP };
            let weight = weights.get(index).copied().unwrap_or_default();
            let text = row.get(index).map_or("", String::as_str);
            let lines: Vec<String> = text.lines().flat_map(|line| break_lines(line, room / size, weight)).map(ToOwned::to_owned).collect();
            cells.push((x, room, lines));
            x += wide;
        }
        cells
    }

    fn row(&mut self, columns: &[Column], row: &[Cell], size: f32, weights: &[Weight]) {
        let cells = self.cells(columns, row, size, weights);
        let lines = cells.iter().map(|(_, _, lines)| lines.len()).max().unwrap_or(0);
        self.need(self.height(columns, row, size).min(self.paper.last() - self.paper.top));
        self.y += PADDING;
        for number in 0..lines {
            self.need(size * LEADING);
            for (index, (x, room, lines)) in cells.iter().enumerate() {
                let Some(text) = lines.get(number) else { continue };
                let weight = weights.get(index).copied().unwrap_or_default();
                let right = columns.get(index).is_some_and(|column| column.right);
                let x = if right { x + room - width(text, weight) * size } else { *x };
                self.write((x, self.y), size, weight, text);
            }
            self.y += size * LEADING;
        }
        self.y += PADDING;
        self.line(THIN);
    }

    fn line(&mut self, thickness: f32) {
        let (from, to) = ((self.paper.side, self.y), (self.paper.width - self.paper.side, self.y));
        let points = [from, to].map(|(x, y)| (x.into(), y.into())).to_vec();
        self.put(Mark::Stroke { points, width: thickness.into(), ink: Ink::Black, dashed: false });
        self.y += thickness;
    }

    fn write(&mut self, (x, top): (f32, f32), size: f32, weight: Weight, text: &str) {
        if !text.is_empty() {
            self.put(line((x, top + size * ASCENT), size, weight, text.to_owned()));
        }
    }

    fn put(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.marks.push(mark);
        }
    }

    /// Turns the page unless so much room is left.
    fn need(&mut self, height: f32) {
        if self.y + height > self.paper.last() && self.y > self.paper.top {
            self.turn();
        }
    }

    fn turn(&mut self) {
        self.pages.push(self.paper.blank());
        self.y = self.paper.top;
    }
}

fn line((x, y): (f32, f32), size: f32, weight: Weight, text: String) -> Mark {
    let (x, y, bold) = (x.into(), y.into(), weight == Weight::Bold);
    Mark::Text(TextLine { x, y, size: size.into(), bold, anchor: Anchor::Start, ink: Ink::Black, tracking: 0.0, room: f64::INFINITY, text })
}

/// Breaks one line of text into lines of at most `room` em. Latin words and numbers stay whole where they fit; a word that is
/// wider than the room is cut. An empty text is one empty line.
#[must_use]
pub fn break_lines(text: &str, room: f32, weight: Weight) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text.trim_end();
    loop {
        let end = fitting(rest, room, weight);
        if end == rest.len() {
            lines.push(rest);
            return lines;
        }
        let cut = best_break(rest, end);
        lines.push(rest[..cut].trim_end());
        rest = rest[cut..].trim_start_matches(' ');
        if rest.is_empty() {
            return lines;
        }
    }
}

/// How many bytes of the text fit; at least one character, so that every line gets on.
fn fitting(text: &str, room: f32, weight: Weight) -> usize {
    let mut used = 0.0;
    for (start, character) in text.char_indices() {
        let mut buffer = [0; 4];
        used += width(character.encode_utf8(&mut buffer), weight);
        // Half a percent for what adding up loses.
        if used > room * 1.005 && start > 0 && character != ' ' {
            return start;
        }
    }
    text.len()
}

/// The last place up to `end` where a line may end; `end` itself where there is none.
fn best_break(text: &str, end: usize) -> usize {
    text.char_indices()
        .map(|(start, _)| start)
        .filter(|start| *start > 0 && *start <= end)
        .rfind(|start| may_break(text[..*start].chars().next_back(), text[*start..].chars().next()))
        .unwrap_or(end)
}

fn may_break(before: Option<char>, after: Option<char>) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return true };
    // A hyphen begins no line; it ends one between the parts of a word, not of a number or a code.
    if matches!(after, ' ' | '-') || NOT_FIRST.contains(after) || NOT_LAST.contains(before) {
        return false;
    }
    before == ' ' || (before == '-' && after.is_ascii_lowercase()) || !after.is_ascii_graphic() || !before.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, room: f32) -> Vec<&str> {
        break_lines(text, room, Weight::Regular)
    }

    #[test]
    fn lines_are_filled_and_no_mark_begins_one() {
        assert_eq!(lines("あいうえおかきくけこ", 5.0), ["あいうえお", "かきくけこ"]);
        assert_eq!(lines("あいうえお。かき", 5.05), ["あいうえ", "お。かき"], "a full stop takes its neighbour along");
        assert_eq!(lines("あいう「えおかき」", 4.0)[0], "あいう", "an opening bracket goes with what it opens");
        for line in lines("熱・せき・だるさなどがあるときは外出を控え、（毎日 9:00〜21:00）へ電話してください。", 7.0)
        {
            let (first, last) = (line.chars().next().unwrap(), line.chars().next_back().unwrap());
            assert!(!NOT_FIRST.contains(first) && !NOT_LAST.contains(last), "{line}");
            assert!(width(line, Weight::Regular) <= 7.1, "{line}");
        }
    }

    #[test]
    fn words_and_numbers_stay_whole_unless_they_are_too_wide() {
        assert_eq!(lines("call 0120-000-000 now", 9.0), ["call", "0120-000-000", "now"]);
        assert_eq!(lines("番号 AB3K9QXZ です", 6.5), ["番号", "AB3K9QXZ", "です"]);
        let long = "a".repeat(100);
        assert_eq!(lines(&long, 10.0).concat(), long);
        assert_eq!(lines("", 10.0), [""]);
        assert_eq!(lines("あ", 0.1), ["あ"], "every line gets on");
    }

    #[test]
    fn nothing_is_lost_however_narrow_the_room() {
        let text = "お知らせ（番号 AB3K-9QXZ）が承認されました。2026年11月22日 22:41 まで待機し、そのあと 1,284 件を送信します。";
        for room in [1.0, 2.5, 7.0, 13.3, 40.0, 200.0] {
            let squeezed = |text: &str| text.replace(' ', "");
            assert_eq!(squeezed(&lines(text, room).concat()), squeezed(text), "{room}");
        }
    }

    #[test]
    fn a_long_table_turns_the_page_with_its_head_and_pages_are_numbered() {
        let mut flow = Flow::new(Paper::A4);
        flow.heading("立ち寄り先", 5.0);
        let rows: Vec<Vec<Cell>> = (0..120).map(|number| vec![format!("店舗 {number}"), number.to_string()]).collect();
        flow.table(&[Column::text(3.0), Column::number(1.0)], &["名前".into(), "記録".into()], &rows, 3.4);
        let pages = flow.finish(|page, of| format!("{page} / {of}"));
        assert!(pages.len() >= 3, "{}", pages.len());
        for (index, page) in pages.iter().enumerate() {
            let lines: Vec<&TextLine> =
                page.marks.iter().filter_map(|mark| if let Mark::Text(line) = mark { Some(line) } else { None }).collect();
            let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
            assert!(texts.contains(&"名前") && texts.contains(&format!("{} / {}", index + 1, pages.len()).as_str()));
            for TextLine { x, y, size, bold, text, .. } in lines {
                let weight = if *bold { Weight::Bold } else { Weight::Regular };
                assert!(*y < 297.0 && x + f64::from(width(text, weight)) * size <= 190.1, "{text}");
            }
        }
        let all: Vec<_> = pages
            .iter()
            .flat_map(|page| &page.marks)
            .filter(|mark| matches!(mark, Mark::Text(line) if line.text.starts_with("店舗")))
            .collect();
        assert_eq!(all.len(), 120);
    }

    #[test]
    fn a_row_longer_than_a_page_goes_on_on_the_next() {
        let mut flow = Flow::new(Paper::A4);
        flow.table(&[Column::text(1.0)], &["本文".into()], &[vec!["あ\n".repeat(200)]], 3.4);
        let pages = flow.finish(|page, _| page.to_string());
        assert!(pages.len() >= 4);
        let count = pages.iter().flat_map(|page| &page.marks).filter(|mark| matches!(mark, Mark::Text(line) if line.text == "あ")).count();
        assert_eq!(count, 200);
    }
}
