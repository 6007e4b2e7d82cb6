//! The first visible sheet of an XLSX file (ECMA-376): texts, numbers and dates as a person sees them.
use super::{Gathered, MAX_PARTS, MAX_STYLES_BYTES, MAX_UNZIPPED_BYTES, Table, TableError, sight};
use calamine::{Data, DataRef, ExcelDateTime, Reader, Sheet, SheetType, SheetVisible, Style, Xlsx};
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// Largest whole number that is written without an exponent and is exact in a spreadsheet's arithmetic: fifteen digits.
const MAX_WHOLE: f64 = 1e15;

/// Reads the bytes of an XLSX file.
pub(super) fn read(bytes: &[u8]) -> Result<Table, TableError> {
    check_size(bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| TableError::Unreadable)?;
    let is_sheet = |sheet: &&Sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible;
    let name = book.sheets_metadata().iter().find(is_sheet).map(|sheet| sheet.name.clone()).ok_or(TableError::Unreadable)?;
    let mut cells = book.worksheet_cells_reader(&name).map_err(|_| TableError::Unreadable)?;
    // Formats are few; the reader of cells lends itself out while it reads.
    let zeros: Vec<usize> = cells.styles().iter().map(|style| style.number_format.as_ref().map_or(0, |f| zeros(&f.format_code))).collect();
    let has_line = |style: &Style| style.font.as_ref().is_some_and(|font| font.has_strikethrough());
    let struck: Vec<bool> = cells.styles().iter().map(has_line).collect();
    let mut gathered = Gathered::default();
    while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(|_| TableError::Unreadable)? {
        let (row, column) = cell.get_position();
        let no = row.saturating_add(1);
        let text = match cell.get_value() {
            DataRef::Error(_) => return Err(TableError::CellError(no)),
            DataRef::SharedString(text) => {
                gathered.put(no, column.try_into().unwrap_or(usize::MAX), text)?;
                continue;
            }
            value => seen(&value.clone().into(), zeros.get(style).copied().unwrap_or(0)),
        };
        gathered.put(no, column.try_into().unwrap_or(usize::MAX), &text)?;
    }
    let mut rows = gathered.rows;
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| TableError::Unreadable)?;
    let hidden_columns = sight::look(&mut archive, &name, &struck, &mut rows)?;
    Ok(Table { rows, hidden_columns })
}

/// Unpacks every part once and throws it away, up to the limits: what the directory says of a part's size is a stranger's word.
fn check_size(bytes: &[u8]) -> Result<(), TableError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| TableError::Unreadable)?;
    if archive.len() > MAX_PARTS {
        return Err(TableError::TooLargeUnzipped);
    }
    let mut left = MAX_UNZIPPED_BYTES;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| TableError::Unreadable)?;
        let name = part.name().unwrap_or_default().to_ascii_lowercase();
        let most = if name.ends_with("styles.xml") { left.min(MAX_STYLES_BYTES) } else { left };
        if part.size() > most {
            return Err(TableError::TooLargeUnzipped);
        }
        let mut part = part.take(most + 1);
        let read = if name.ends_with("sharedstrings.xml") {
            let mut text = Vec::new();
            part.read_to_end(&mut text).map_err(|_| TableError::Unreadable)?;
            if promises_too_much(&text) {
                return Err(TableError::TooLargeUnzipped);
            }
            u64::try_from(text.len()).unwrap_or(u64::MAX)
        } else {
            std::io::copy(&mut part, &mut std::io::sink()).map_err(|_| TableError::Unreadable)?
        };
        left = left.checked_sub(read).filter(|_| read <= most).ok_or(TableError::TooLargeUnzipped)?;
    }
    Ok(())
}

/// Whether the part says that it holds more texts than could stand in it. calamine (0.38) sets memory aside for as many as
/// `uniqueCount` says, unseen: for a hundred thousand million the allocator ends the whole process.
fn promises_too_much(shared_strings: &[u8]) -> bool {
    const ATTRIBUTE: &[u8] = b"uniqueCount";
    const SHORTEST_TEXT: usize = b"<si/>".len();
    let most = shared_strings.len() / SHORTEST_TEXT;
    let places = shared_strings.windows(ATTRIBUTE.len()).enumerate().filter(|(_, bytes)| *bytes == ATTRIBUTE).map(|(at, _)| at);
    places.map(|at| &shared_strings[at + ATTRIBUTE.len()..]).any(|behind| {
        let is_sign = |byte: &&u8| byte.is_ascii_whitespace() || matches!(byte, b'=' | b'"' | b'\'' | b'+');
        let digits = behind.iter().skip_while(is_sign).take_while(|byte| byte.is_ascii_digit());
        digits.fold(0_usize, |number, digit| number.saturating_mul(10).saturating_add(usize::from(digit - b'0'))) > most
    })
}

/// Digits that a number format of zeros alone fills up to: `0000000` shows 600001 as 0600001.
fn zeros(format: &str) -> usize {
    if format.bytes().all(|byte| byte == b'0') { format.len().min(20) } else { 0 }
}

fn seen(value: &Data, zeros: usize) -> String {
    match value {
        Data::Int(number) => format!("{number:0zeros$}"),
        Data::Float(number) if number.fract() == 0.0 && number.abs() < MAX_WHOLE => format!("{number:0zeros$.0}"),
        Data::Float(number) => number.to_string(),
        Data::Bool(true) => "TRUE".to_owned(),
        Data::Bool(false) => "FALSE".to_owned(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::DateTime(moment) => date(moment),
        _ => String::new(),
    }
}

/// A day as `2026-11-28`, a moment with its time behind it.
fn date(moment: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, ..) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute) == (0, 0) { date } else { format!("{date} {hour:02}:{minute:02}") }
}
