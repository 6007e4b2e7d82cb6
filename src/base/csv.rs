//! Lists for spreadsheets: UTF-8 with a byte order mark (Excel reads UTF-8 only with it), lines end with CR LF (RFC 4180), and no
//! cell is taken for a formula.
use std::borrow::Cow;

/// Begins every file: U+FEFF in UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{FEFF}".as_bytes();
/// Characters that make a spreadsheet calculate, or end a cell (OWASP "CSV Injection"); the full-width forms too, for Japanese
/// spreadsheets take them for the narrow ones.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A list that grows by rows. What is written so far can be taken away in between, so that a long list needs little memory.
pub struct Sheet {
    writer: csv::Writer<Vec<u8>>,
}

impl Default for Sheet {
    fn default() -> Self {
        Self { writer: writer(BYTE_ORDER_MARK.to_vec()) }
    }
}

fn writer(bytes: Vec<u8>) -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).flexible(true).from_writer(bytes)
}

impl Sheet {
    /// Adds a row; each cell is made harmless.
    pub fn row<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) {
        let cells: Vec<_> = cells.into_iter().map(harmless).collect();
        // Writing to memory cannot fail, and rows may differ in length.
        let _infallible = self.writer.write_record(cells.iter().map(|cell| cell.as_bytes()));
    }

    /// Takes away what was written since the last time.
    #[must_use]
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::replace(&mut self.writer, writer(Vec::new())).into_inner().unwrap_or_default()
    }
}

/// A cell that no spreadsheet takes for a formula: an apostrophe before what would begin one, also behind spaces.
#[must_use]
pub fn harmless(cell: &str) -> Cow<'_, str> {
    let first = cell.trim_start_matches([' ', '\u{3000}', '\u{A0}', '\u{FEFF}']).chars().next();
    if first.is_some_and(|first| FORMULA.contains(&first)) { format!("'{cell}").into() } else { cell.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_begins_with_its_mark_and_ends_lines_as_rfc_4180_asks() {
        let mut sheet = Sheet::default();
        sheet.row(["日時", "内容, 理由"]);
        sheet.row(["1", "二行\nの \"文\""]);
        assert_eq!(String::from_utf8(sheet.take()).unwrap(), "\u{FEFF}日時,\"内容, 理由\"\r\n1,\"二行\nの \"\"文\"\"\"\r\n");
        sheet.row(["", "2"]);
        assert_eq!(String::from_utf8(sheet.take()).unwrap(), ",2\r\n", "the mark stands once");
    }

    #[test]
    fn nothing_that_begins_like_a_formula_is_left_as_it_is() {
        for formula in ["=1+1", "+81 3", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x", " =1", "　＝1"] {
            assert_eq!(harmless(formula), format!("'{formula}"), "{formula:?}");
        }
        for plain in ["", "喫茶 ひだまり", "1-2", "a=b", "'=1", "0120-000-000"] {
            assert_eq!(harmless(plain), plain);
        }
    }
}
