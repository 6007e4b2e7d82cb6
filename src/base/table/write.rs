//! XLSX out: every cell a text, never a formula or a link.
use crate::base::csv::harmless;
use chrono::{DateTime, Datelike, Utc};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

/// The media type of XLSX (IANA, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet").
pub const XLSX_TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// Columns are as wide as the longest of their first rows, within these bounds, in characters.
const WIDTHS: std::ops::RangeInclusive<usize> = 8..=48;
/// Rows that are looked at for a column's width.
const MEASURED_ROWS: usize = 50;

/// A workbook of one sheet, the first row bold and held in place. What would begin a formula is marked as text besides
/// (`quotePrefix`, ECMA-376 §18.8.45), so that it stays one when somebody edits the cell.
///
/// # Errors
/// [`XlsxError`], when there are more rows or longer texts than a sheet takes.
pub fn xlsx(rows: &[Vec<String>], made_at: DateTime<Utc>) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let (year, month, day) = (made_at.year(), made_at.month(), made_at.day());
    let date = ExcelDateTime::from_ymd(year.try_into().unwrap_or(2000), month.try_into().unwrap_or(1), day.try_into().unwrap_or(1))?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&date));
    let (text, head, quoted) = (
        Format::new().set_num_format("@"),
        Format::new().set_num_format("@").set_bold(),
        Format::new().set_num_format("@").set_quote_prefix(),
    );
    let sheet = book.add_worksheet();
    sheet.set_freeze_panes(1, 0)?;
    for (no, row) in (0_u32..).zip(rows) {
        for (column, cell) in (0_u16..).zip(row) {
            let format = match no {
                0 => &head,
                _ if harmless(cell).len() > cell.len() => &quoted,
                _ => &text,
            };
            sheet.write_string_with_format(no, column, cell, format)?;
        }
    }
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    for column in 0..columns {
        let longest = rows.iter().take(MEASURED_ROWS).filter_map(|row| row.get(column)).map(|cell| width(cell)).max().unwrap_or(0);
        let width = u16::try_from(longest.clamp(*WIDTHS.start(), *WIDTHS.end())).unwrap_or(8);
        sheet.set_column_width(column.try_into().unwrap_or(u16::MAX), width + 2)?;
    }
    book.save_to_buffer()
}

/// Characters, those beyond Latin counted twice.
fn width(cell: &str) -> usize {
    cell.chars().map(|c| if c < '\u{1100}' { 1 } else { 2 }).sum()
}
