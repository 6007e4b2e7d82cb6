//! CSV (RFC 4180) as people have it: UTF-8 with or without a byte order mark, Shift_JIS, any line end, commas or tabs.
use super::{Gathered, Table, TableError};
use encoding_rs::SHIFT_JIS;
use std::borrow::Cow;

/// Characters of three bytes or more at the beginning that no text in Shift_JIS has by chance.
const CERTAINLY_UTF8: usize = 3;

/// Reads the bytes of a CSV file.
pub(super) fn read(bytes: &[u8]) -> Result<Table, TableError> {
    let text = decode(bytes)?;
    // The csv crate counts LF alone as a line: with all ends alike its line numbers are a spreadsheet's row numbers.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let delimiter = delimiter(&text);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut gathered = Gathered::default();
    let mut inside = 0;
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|_| TableError::Unreadable)? {
        let (line, byte) = record.position().map_or((0, 0), |position| (position.line(), position.byte()));
        // The position is where the record before ended: empty lines come first. Line ends inside cells are no rows.
        let rest = text.as_bytes().get(usize::try_from(byte).unwrap_or(usize::MAX)..).unwrap_or_default();
        let empty = rest.iter().take_while(|byte| **byte == b'\n').count();
        let no = u32::try_from(line.saturating_sub(inside)).unwrap_or(u32::MAX).saturating_add(empty.try_into().unwrap_or(u32::MAX));
        for (column, cell) in record.iter().enumerate() {
            gathered.put(no, column, cell)?;
        }
        inside += record.iter().map(line_ends).sum::<u64>();
    }
    Ok(Table::from(gathered.rows))
}

fn line_ends(cell: &str) -> u64 {
    cell.bytes().map(|byte| u64::from(byte == b'\n')).sum()
}

/// UTF-8 where it is UTF-8; else what Excel in Japan writes: Windows-31J, which has ① and 髙 (WHATWG Encoding "shift_jis").
/// A text in Shift_JIS that is UTF-8 by chance is unheard of: the second byte of a kanji is rarely 0x80 … 0xBF thrice in a row.
/// Hence a text that is UTF-8 up to somewhere is one of two files put together, and not read as the other encoding: that would
/// make nonsense of its names, and seldom an error.
fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, TableError> {
    let bytes = bytes.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(bytes);
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok(Cow::Borrowed(text)),
        Err(error) => bytes.get(..error.valid_up_to()).unwrap_or_default(),
    };
    if valid.iter().filter(|byte| **byte >= 0xE0).count() >= CERTAINLY_UTF8 {
        return Err(TableError::Encoding);
    }
    SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes).ok_or(TableError::Encoding)
}

/// Tabs, where the head has them and no comma: copied from a spreadsheet.
fn delimiter(text: &str) -> u8 {
    let head = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    if head.contains('\t') && !head.contains(',') { b'\t' } else { b',' }
}
