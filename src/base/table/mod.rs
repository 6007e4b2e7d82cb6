//! Tables that people made in a spreadsheet, as rows of texts: CSV (UTF-8, Shift_JIS) and XLSX, in and out. Knows no venue.
//!
//! A table comes from outside, so each limit below is checked while reading, before memory is spent on what breaks it: a file is
//! refused whole, and the reason names the row as the spreadsheet shows it. Formulas are never calculated: a cell is what the
//! spreadsheet showed when the file was saved.
mod sight;
mod text;
mod write;
mod xlsx;

pub use write::{XLSX_TYPE, xlsx};

/// Largest file, in bytes. Five thousand rows of everything a venue may say are under 1.5 MB.
pub const MAX_FILE_BYTES: usize = 2 * 1024 * 1024;
/// Most rows with something in them, the head included: a city of 10,000 places comes in parts.
pub const MAX_ROWS: usize = 5_001;
/// Most columns; a licence list has some twenty.
pub const MAX_COLUMNS: usize = 100;
/// Longest cell, in characters.
pub const MAX_CELL_CHARS: usize = 1_000;
/// All cells together, in characters: what a list of [`MAX_ROWS`] full rows may take, and no more (a spreadsheet stores a text
/// once however often it stands in it).
pub const MAX_TOTAL_CHARS: usize = 4_000_000;
/// The parts of an XLSX file unzipped, in bytes. A zip file of 2 MB can unpack to 2 GB.
pub const MAX_UNZIPPED_BYTES: u64 = 16 * 1024 * 1024;
/// The styles of an XLSX file unzipped, in bytes: calamine makes some hundred bytes of an entry of five.
pub const MAX_STYLES_BYTES: u64 = 1024 * 1024;
/// Parts of an XLSX file.
pub const MAX_PARTS: usize = 200;

/// One row with something in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableRow {
    /// Its number as a spreadsheet shows it, from 1.
    pub no: u32,
    /// Its cells from the first column on, as a person sees them; trimmed, and without the empty ones at the end.
    pub cells: Vec<String>,
    /// A person who opens the file does not see it: hidden by hand or by a filter, or of no height.
    pub hidden: bool,
    /// Columns whose text has a line through it, a bit each. [`MAX_COLUMNS`] are fewer than its bits.
    pub struck: u128,
}

impl TableRow {
    /// A row that everybody sees.
    #[must_use]
    pub fn new(no: u32, cells: Vec<String>) -> Self {
        Self { no, cells, hidden: false, struck: 0 }
    }

    /// Whether the cell of a column is struck out; none is where nothing stands.
    #[must_use]
    pub fn is_struck(&self, column: usize) -> bool {
        column < MAX_COLUMNS && self.struck & (1 << column) != 0 && self.cells.get(column).is_some_and(|cell| !cell.is_empty())
    }

    /// Whether every cell with something in it is struck out.
    #[must_use]
    pub fn is_all_struck(&self) -> bool {
        let filled = || self.cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty());
        filled().count() > 0 && filled().all(|(column, _)| self.is_struck(column))
    }
}

/// A table that was read: its rows, and what of it a person does not see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Rows with something in them, in the file's order.
    pub rows: Vec<TableRow>,
    /// Columns that are hidden, from 0. They are read all the same.
    pub hidden_columns: Vec<usize>,
}

impl From<Vec<TableRow>> for Table {
    fn from(rows: Vec<TableRow>) -> Self {
        Self { rows, hidden_columns: Vec::new() }
    }
}

impl std::ops::Deref for Table {
    type Target = [TableRow];

    fn deref(&self) -> &[TableRow] {
        &self.rows
    }
}

impl IntoIterator for Table {
    type Item = TableRow;
    type IntoIter = std::vec::IntoIter<TableRow>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.into_iter()
    }
}

/// Why a file is not read. Holds nothing of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// More than [`MAX_FILE_BYTES`].
    #[error("the file has more than {MAX_FILE_BYTES} bytes")]
    TooLarge,
    /// More than [`MAX_UNZIPPED_BYTES`] or [`MAX_STYLES_BYTES`] once unzipped, more than [`MAX_PARTS`] parts, or a part that
    /// promises more than it holds.
    #[error("the file is too large once it is unzipped")]
    TooLargeUnzipped,
    /// More than [`MAX_ROWS`].
    #[error("more than {MAX_ROWS} rows")]
    TooManyRows,
    /// More than [`MAX_COLUMNS`].
    #[error("row {0}: more than {MAX_COLUMNS} columns")]
    TooManyColumns(u32),
    /// A cell with more than [`MAX_CELL_CHARS`]; in CSV also a quotation mark that never ends.
    #[error("row {0}: a cell with more than {MAX_CELL_CHARS} characters")]
    CellTooLong(u32),
    /// More than [`MAX_TOTAL_CHARS`].
    #[error("more than {MAX_TOTAL_CHARS} characters in all")]
    TooMuchText,
    /// A formula that came to nothing: `#N/A`.
    #[error("row {0}: a formula without a result")]
    CellError(u32),
    /// Neither UTF-8 nor Shift_JIS.
    #[error("neither UTF-8 nor Shift_JIS")]
    Encoding,
    /// An Excel file of before 2007, or one with a password.
    #[error("an old or protected Excel file")]
    OldFormat,
    /// No table that can be read.
    #[error("the file cannot be read")]
    Unreadable,
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
}

impl TableError {
    /// A stable code for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::TooLargeUnzipped => "too_large_unzipped",
            Self::TooManyRows => "too_many_rows",
            Self::TooManyColumns(_) => "too_many_columns",
            Self::CellTooLong(_) => "cell_too_long",
            Self::TooMuchText => "too_much_text",
            Self::CellError(_) => "formula_without_result",
            Self::Encoding => "list_encoding",
            Self::OldFormat => "old_or_protected_file",
            Self::Unreadable => "unreadable_file",
            Self::Empty => "empty_file",
        }
    }

    /// The row it happened in, where it happened in one.
    #[must_use]
    pub fn row(self) -> Option<u32> {
        match self {
            Self::TooManyColumns(row) | Self::CellTooLong(row) | Self::CellError(row) => Some(row),
            _ => None,
        }
    }
}

/// Reads a file of either format, known by its content: its name is a stranger's word. Takes up to a second: see [`read_apart`].
///
/// # Errors
/// See [`TableError`].
pub fn read(bytes: &[u8]) -> Result<Table, TableError> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(TableError::TooLarge);
    }
    let table = match bytes {
        [b'P', b'K', 3, 4, ..] => xlsx::read(bytes)?,
        // A compound file (MS-CFB §2.2): .xls, and every Office file with a password.
        [0xD0, 0xCF, 0x11, 0xE0, ..] => return Err(TableError::OldFormat),
        // Bytes that happen to be text, and no list (ISO 32000-1 §7.5.2).
        [b'%', b'P', b'D', b'F', b'-', ..] => return Err(TableError::Unreadable),
        _ => text::read(bytes)?,
    };
    if table.is_empty() { Err(TableError::Empty) } else { Ok(table) }
}

/// The same on a thread for slow work. A panic of a library over a broken file ends there.
///
/// # Errors
/// See [`TableError`].
pub async fn read_apart(bytes: Vec<u8>) -> Result<Table, TableError> {
    tokio::task::spawn_blocking(move || read(&bytes)).await.unwrap_or(Err(TableError::Unreadable))
}

/// Gathers rows and holds the limits.
#[derive(Default)]
struct Gathered {
    rows: Vec<TableRow>,
    chars: usize,
}

impl Gathered {
    /// Adds a cell, in the order of rows; `column` counts from 0.
    fn put(&mut self, no: u32, column: usize, cell: &str) -> Result<(), TableError> {
        let cell = bare(cell.trim());
        if cell.is_empty() {
            return Ok(());
        }
        if column >= MAX_COLUMNS {
            return Err(TableError::TooManyColumns(no));
        }
        // Four bytes are the longest character: long texts are not even counted.
        let chars = if cell.len() > MAX_CELL_CHARS * 4 { usize::MAX } else { cell.chars().count() };
        if chars > MAX_CELL_CHARS {
            return Err(TableError::CellTooLong(no));
        }
        self.chars += chars;
        if self.chars > MAX_TOTAL_CHARS {
            return Err(TableError::TooMuchText);
        }
        if self.rows.last().is_none_or(|row| row.no != no) {
            if self.rows.len() == MAX_ROWS {
                return Err(TableError::TooManyRows);
            }
            self.rows.push(TableRow::new(no, Vec::new()));
        }
        if let Some(row) = self.rows.last_mut() {
            if row.cells.len() <= column {
                row.cells.resize(column + 1, String::new());
            }
            cell.clone_into(&mut row.cells[column]);
        }
        Ok(())
    }
}

/// A cell without the apostrophe that [`crate::base::csv::harmless`] put before it: what goes out comes in again as it was.
fn bare(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if crate::base::csv::harmless(rest).len() > rest.len() => rest.trim(),
        _ => cell,
    }
}

#[cfg(test)]
mod tests;
