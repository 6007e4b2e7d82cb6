//! Finds what a person who opens an XLSX file does not see, or sees struck out: hidden rows (by hand, by a
//! filter, or of no height), hidden columns, and texts with a line through them (ECMA-376 §18.3.1.73,
//! §18.3.1.13, §18.4.10). calamine tells none of it but the style of a cell, so the same parts are
//! read once more here, event by event: no tree is built, and nothing is kept but marks on rows that
//! were read before.
//!
//! The limits of [`super::xlsx`] hold here too, since it unpacks every part once before. quick-xml
//! expands no entity and fetches nothing. What cannot be followed refuses the file: else a hidden row
//! would be taken for one that everybody sees.
use super::{MAX_COLUMNS, MAX_UNZIPPED_BYTES, TableError, TableRow};
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use std::collections::HashMap;
use std::io::{BufReader, Cursor, Read};
use zip::ZipArchive;

/// Columns that a sheet can have (ECMA-376, Office's limit): no range of hidden ones is longer.
const LAST_COLUMN: u32 = 16_384;
/// A shared text's number is shorter; what is longer is none.
const MAX_INDEX_BYTES: usize = 32;

/// Whether a text is struck out, by whether its cell's own font is.
#[derive(Clone, Copy)]
struct Strike {
    in_plain_cell: bool,
    in_struck_cell: bool,
}

/// A text without a format of its own has its cell's.
const AS_ITS_CELL: Strike = Strike { in_plain_cell: false, in_struck_cell: true };

impl Strike {
    fn in_cell(self, struck: bool) -> bool {
        if struck { self.in_struck_cell } else { self.in_plain_cell }
    }
}

/// Marks the rows, and returns the hidden columns, counted from 0. `struck_styles` says for each of the
/// book's cell formats whether its font has a line through it.
pub(super) fn look(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    sheet: &str,
    struck_styles: &[bool],
    rows: &mut [TableRow],
) -> Result<Vec<usize>, TableError> {
    let book = book_path(archive)?;
    let (folder, file) = book.rsplit_once('/').unwrap_or(("", &book));
    let relations = format!("{}_rels/{file}.rels", in_folder(folder));
    let target = relation_of(archive, &book, sheet)?;
    let target = related(archive, &relations, |id, _| id == target)?.ok_or(TableError::Unreadable)?;
    let path = match target.strip_prefix('/') {
        Some(whole) => whole.to_owned(),
        None => format!("{}{target}", in_folder(folder)),
    };
    let texts = shared_texts(archive, &format!("{}sharedStrings.xml", in_folder(folder)))?;
    let mut places: HashMap<u32, Vec<usize>> = HashMap::new();
    for (place, row) in rows.iter().enumerate() {
        places.entry(row.no).or_default().push(place);
    }
    let sheet = Sheet { struck_styles, texts: &texts, places, rows, hidden_columns: Vec::new() };
    sheet.read(part(archive, &path)?.ok_or(TableError::Unreadable)?)
}

fn in_folder(folder: &str) -> String {
    if folder.is_empty() { String::new() } else { format!("{folder}/") }
}

type Part<'a> = Reader<BufReader<Box<dyn Read + 'a>>>;

/// A part by its name, whose case does not count, as in calamine.
fn part<'a>(archive: &'a mut ZipArchive<Cursor<&[u8]>>, path: &str) -> Result<Option<Part<'a>>, TableError> {
    let name = archive.file_names().filter_map(Result::ok).find(|name| name.eq_ignore_ascii_case(path)).map(|name| name.to_string());
    let Some(name) = name else { return Ok(None) };
    let part = archive.by_name(&name).map_err(|_| TableError::Unreadable)?;
    let mut reader = Reader::from_reader(BufReader::new(Box::new(part.take(MAX_UNZIPPED_BYTES)) as Box<dyn Read + 'a>));
    let config = reader.config_mut();
    config.check_end_names = false;
    config.expand_empty_elements = true;
    Ok(Some(reader))
}

/// Where the book itself lies; most programs write it to the same place.
fn book_path(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<String, TableError> {
    let path = related(archive, "_rels/.rels", |_, kind| kind.ends_with("/officeDocument"))?;
    Ok(path.map_or_else(|| "xl/workbook.xml".to_owned(), |path| path.trim_start_matches('/').to_owned()))
}

/// The target of the first relation that is meant.
fn related(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    path: &str,
    is_meant: impl Fn(&str, &str) -> bool,
) -> Result<Option<String>, TableError> {
    let Some(mut xml) = part(archive, path)? else { return Ok(None) };
    let mut buffer = Vec::new();
    loop {
        match next(&mut xml, &mut buffer)? {
            Event::Start(e) if e.local_name().as_ref() == "Relationship" => {
                let attribute = |name| attribute(&e, name);
                if is_meant(&attribute("Id")?.unwrap_or_default(), &attribute("Type")?.unwrap_or_default()) {
                    return attribute("Target");
                }
            }
            Event::Eof => return Ok(None),
            _ => {}
        }
    }
}

/// The relation that leads to a sheet, by the sheet's name.
fn relation_of(archive: &mut ZipArchive<Cursor<&[u8]>>, book: &str, sheet: &str) -> Result<String, TableError> {
    let mut xml = part(archive, book)?.ok_or(TableError::Unreadable)?;
    let mut buffer = Vec::new();
    loop {
        match next(&mut xml, &mut buffer)? {
            Event::Start(e) if e.local_name().as_ref() == "sheet" && attribute(&e, "name")?.as_deref() == Some(sheet) => {
                return attribute(&e, "id")?.ok_or(TableError::Unreadable);
            }
            Event::Eof => return Err(TableError::Unreadable),
            _ => {}
        }
    }
}

fn next<'b>(xml: &mut Part<'_>, buffer: &'b mut Vec<u8>) -> Result<Event<'b>, TableError> {
    buffer.clear();
    xml.read_event_into(buffer).map_err(|_| TableError::Unreadable)
}

/// An attribute by its name, whatever stands before its colon.
fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, TableError> {
    for found in element.attributes().with_checks(false) {
        let found = found.map_err(|_| TableError::Unreadable)?;
        if found.key.local_name().as_ref() == name {
            let value = quick_xml::escape::unescape(&found.value).map_err(|_| TableError::Unreadable)?;
            return Ok(Some(value.into_owned()));
        }
    }
    Ok(None)
}

/// A switch of XML Schema: absent as `absent`, else on unless it says `0` or `false`.
fn is_on(value: Option<&str>, absent: bool) -> bool {
    value.map_or(absent, |value| !matches!(value, "0" | "false"))
}

/// How each text of the book is struck out, in their order.
fn shared_texts(archive: &mut ZipArchive<Cursor<&[u8]>>, path: &str) -> Result<Vec<Strike>, TableError> {
    let Some(mut xml) = part(archive, path)? else { return Ok(Vec::new()) };
    let (mut texts, mut buffer) = (Vec::new(), Vec::new());
    loop {
        match next(&mut xml, &mut buffer)? {
            Event::Start(e) if e.local_name().as_ref() == "si" => texts.push(text(&mut xml, &mut buffer, "si")?),
            Event::Eof => return Ok(texts),
            _ => {}
        }
    }
}

/// How one text is struck out, read up to the end of `element`. Of several runs, all that hold a letter
/// must be; how the text is read aloud (`rPh`) does not count.
fn text(xml: &mut Part<'_>, buffer: &mut Vec<u8>, element: &str) -> Result<Strike, TableError> {
    let mut of_all: Option<Strike> = None;
    let mut run = AS_ITS_CELL;
    let (mut aloud, mut in_text) = (false, false);
    loop {
        match next(xml, buffer)? {
            Event::Start(e) => match e.local_name().as_ref() {
                "rPh" => aloud = true,
                "r" => run = AS_ITS_CELL,
                "rPr" => run = Strike { in_plain_cell: false, in_struck_cell: false },
                "strike" => {
                    let on = is_on(attribute(&e, "val")?.as_deref(), true);
                    run = Strike { in_plain_cell: on, in_struck_cell: on };
                }
                "t" => in_text = true,
                _ => {}
            },
            Event::Text(said) if in_text && !aloud && !said.trim().is_empty() => of_all = Some(both(of_all, run)),
            Event::GeneralRef(_) | Event::CData(_) if in_text && !aloud => of_all = Some(both(of_all, run)),
            Event::End(e) => match e.local_name().as_ref() {
                name if name == element => return Ok(of_all.unwrap_or(AS_ITS_CELL)),
                "rPh" => aloud = false,
                "t" => in_text = false,
                _ => {}
            },
            Event::Eof => return Err(TableError::Unreadable),
            _ => {}
        }
    }
}

fn both(before: Option<Strike>, run: Strike) -> Strike {
    before.map_or(run, |before| Strike {
        in_plain_cell: before.in_plain_cell && run.in_plain_cell,
        in_struck_cell: before.in_struck_cell && run.in_struck_cell,
    })
}

/// The sheet as it is gone through.
struct Sheet<'a> {
    struck_styles: &'a [bool],
    texts: &'a [Strike],
    /// Where the rows of a number stand.
    places: HashMap<u32, Vec<usize>>,
    rows: &'a mut [TableRow],
    hidden_columns: Vec<usize>,
}

impl Sheet<'_> {
    fn read(mut self, mut xml: Part<'_>) -> Result<Vec<usize>, TableError> {
        let mut buffer = Vec::new();
        // Counted as calamine counts: from 0, and on where a row or a cell says no place.
        let (mut row, mut column, mut hidden, mut hidden_unless_said) = (0_u32, 0_u32, false, false);
        loop {
            match next(&mut xml, &mut buffer)? {
                Event::Start(e) => match e.local_name().as_ref() {
                    "sheetFormatPr" => hidden_unless_said = is_on(attribute(&e, "zeroHeight")?.as_deref(), false),
                    "col" => self.column(&e)?,
                    "row" => {
                        if let Some(said) = attribute(&e, "r")? {
                            row = said.trim().parse::<u32>().ok().and_then(|no| no.checked_sub(1)).ok_or(TableError::Unreadable)?;
                        }
                        hidden = is_hidden(&e, hidden_unless_said)?;
                        if hidden {
                            self.mark(row, |row| row.hidden = true);
                        }
                    }
                    "c" => {
                        let mut at = row;
                        if let Some(said) = attribute(&e, "r")? {
                            (at, column) = cell_place(&said).ok_or(TableError::Unreadable)?;
                        }
                        let struck = self.cell_begin(&e)?.read(&mut xml, &mut buffer, self.texts)?;
                        if hidden {
                            self.mark(at, |row| row.hidden = true);
                        }
                        if struck && (column as usize) < MAX_COLUMNS {
                            self.mark(at, |row| row.struck |= 1 << column);
                        }
                        column = column.saturating_add(1);
                    }
                    _ => {}
                },
                Event::End(e) => match e.local_name().as_ref() {
                    "row" => (row, column, hidden) = (row.saturating_add(1), 0, false),
                    "sheetData" => return Ok(self.hidden_columns),
                    _ => {}
                },
                Event::Eof => return Err(TableError::Unreadable),
                _ => {}
            }
        }
    }

    fn mark(&mut self, row: u32, mark: impl Fn(&mut TableRow)) {
        for place in self.places.get(&row.saturating_add(1)).into_iter().flatten() {
            if let Some(row) = self.rows.get_mut(*place) {
                mark(row);
            }
        }
    }

    fn column(&mut self, element: &BytesStart<'_>) -> Result<(), TableError> {
        let number = |name| Ok(attribute(element, name)?.and_then(|number| number.trim().parse::<u32>().ok()));
        let no_width = attribute(element, "width")?.is_some_and(|width| width.trim().parse() == Ok(0.0));
        if no_width || is_on(attribute(element, "hidden")?.as_deref(), false) {
            let first = number("min")?.unwrap_or(1).max(1);
            let last = number("max")?.unwrap_or(first).min(LAST_COLUMN).min(u32::try_from(MAX_COLUMNS).unwrap_or(LAST_COLUMN));
            self.hidden_columns.extend((first..=last).map(|column| column as usize - 1));
        }
        Ok(())
    }

    fn cell_begin(&self, element: &BytesStart<'_>) -> Result<Cell, TableError> {
        let style = attribute(element, "s")?.and_then(|style| style.trim().parse::<usize>().ok()).unwrap_or(0);
        let struck = self.struck_styles.get(style).copied().unwrap_or(false);
        Ok(Cell { struck, is_shared: attribute(element, "t")?.as_deref() == Some("s") })
    }
}

/// A cell that was begun.
struct Cell {
    /// By the font of its format.
    struck: bool,
    /// Its value is the number of a shared text.
    is_shared: bool,
}

impl Cell {
    /// Whether its text is struck out; reads up to the end of the cell.
    fn read(self, xml: &mut Part<'_>, buffer: &mut Vec<u8>, texts: &[Strike]) -> Result<bool, TableError> {
        let (mut strike, mut in_value, mut value) = (AS_ITS_CELL, false, String::new());
        loop {
            match next(xml, buffer)? {
                Event::Start(e) => match e.local_name().as_ref() {
                    "is" => strike = text(xml, buffer, "is")?,
                    "v" => in_value = self.is_shared,
                    _ => {}
                },
                Event::Text(said) if in_value && value.len() < MAX_INDEX_BYTES => value.push_str(said.trim()),
                Event::End(e) => match e.local_name().as_ref() {
                    "v" => in_value = false,
                    "c" => break,
                    _ => {}
                },
                Event::Eof => return Err(TableError::Unreadable),
                _ => {}
            }
        }
        if let Some(shared) = value.parse::<usize>().ok().and_then(|index| texts.get(index)) {
            strike = *shared;
        }
        Ok(strike.in_cell(self.struck))
    }
}

/// A row that is hidden, or has no height.
fn is_hidden(row: &BytesStart<'_>, unless_said: bool) -> Result<bool, TableError> {
    let no_height = attribute(row, "ht")?.is_some_and(|height| height.trim().parse() == Ok(0.0));
    Ok(no_height || is_on(attribute(row, "hidden")?.as_deref(), unless_said))
}

/// `C3` as row 2 and column 2, both from 0.
fn cell_place(reference: &str) -> Option<(u32, u32)> {
    let letters = reference.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (letters, digits) = reference.split_at(letters);
    let number = |column: u32, letter: u8| column.checked_mul(26)?.checked_add(u32::from(letter.to_ascii_uppercase() - b'A') + 1);
    let column = letters.bytes().try_fold(0, number)?.checked_sub(1)?;
    Some((digits.parse::<u32>().ok()?.checked_sub(1)?, column))
}
