use super::*;
use std::io::Write;
use zip::write::{SimpleFileOptions, ZipWriter};

fn rows(bytes: &[u8]) -> Vec<(u32, Vec<String>)> {
    read(bytes).unwrap().into_iter().map(|row| (row.no, row.cells)).collect()
}

fn cells(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn a_list_is_read_in_either_encoding_and_with_any_line_end() {
    let expected = vec![(1, cells(&["名称", "住所"])), (3, cells(&["髙島屋 ①番館", "あおば市1, 2"]))];
    let text = "名称,住所\n\n髙島屋 ①番館,\"あおば市1, 2\"\n";
    for end in ["\n", "\r\n", "\r"] {
        let text = text.replace('\n', end);
        assert_eq!(rows(text.as_bytes()), expected, "{end:?}");
        assert_eq!(rows(format!("\u{FEFF}{text}").as_bytes()), expected, "{end:?}, with a mark");
        let (sjis, _, unmappable) = encoding_rs::SHIFT_JIS.encode(&text);
        assert!(!unmappable);
        assert_eq!(rows(&sjis), expected, "{end:?}, Shift_JIS");
    }
    assert_eq!(rows("名称\t住所\n喫茶\tあおば市, 中央\n".as_bytes())[1], (2, cells(&["喫茶", "あおば市, 中央"])), "tabs");
}

#[test]
fn rows_keep_the_numbers_that_a_spreadsheet_shows() {
    let text = "a,b\n\"two\nlines\",x\n,,,\n\n y , 'z \n";
    assert_eq!(rows(text.as_bytes()), [(1, cells(&["a", "b"])), (2, cells(&["two\nlines", "x"])), (5, cells(&["y", "'z"]))]);
}

#[test]
fn what_went_out_guarded_comes_in_as_it_was() {
    let mut sheet = crate::base::csv::Sheet::default();
    let row = ["=1+1", "+81 3 0000", "＠店", "'=x", "-"];
    sheet.row(row);
    assert_eq!(rows(&sheet.take()), [(1, cells(&["=1+1", "+81 3 0000", "＠店", "=x", "-"]))], "but for what was quoted already");
}

#[test]
fn what_is_no_table_is_refused_with_a_reason() {
    assert_eq!(read(b""), Err(TableError::Empty));
    assert_eq!(read("\u{FEFF}\r\n ,,\r\n".as_bytes()), Err(TableError::Empty));
    assert_eq!(read(b"name\n\x81\xFF\n"), Err(TableError::Encoding));
    let (sjis, ..) = encoding_rs::SHIFT_JIS.encode("喫茶,あおば市\n");
    assert_eq!(read(&["名称,住所\n".as_bytes(), &sjis].concat()), Err(TableError::Encoding), "two files in one");
    assert_eq!(read(&[b"name,address\n", &*sjis].concat()).unwrap()[1].cells[0], "喫茶");
    let entity = "<!DOCTYPE sst [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><sst><si><t>&x;</t></si></sst>";
    let outside = book("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>", &[("xl/sharedStrings.xml", entity)]);
    assert_eq!(read(&outside), Err(TableError::Unreadable), "nothing from elsewhere");
    assert_eq!(read(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 ..."), Err(TableError::OldFormat));
    assert_eq!(read(b"PK\x03\x04 and nothing behind it"), Err(TableError::Unreadable));
    assert_eq!(read(b"%PDF-1.7\nname,kind,address\n"), Err(TableError::Unreadable));
    assert_eq!(read(&vec![b'a'; MAX_FILE_BYTES + 1]), Err(TableError::TooLarge));
}

#[test]
fn limits_hold_at_their_edges() {
    let lines = |count: usize| "a\n".repeat(count);
    assert_eq!(read(lines(MAX_ROWS).as_bytes()).unwrap().len(), MAX_ROWS);
    assert_eq!(read(lines(MAX_ROWS + 1).as_bytes()), Err(TableError::TooManyRows));
    let wide = |columns: usize| format!("a\n{}b", ",".repeat(columns - 1));
    assert_eq!(read(wide(MAX_COLUMNS).as_bytes()).unwrap()[1].cells.len(), MAX_COLUMNS);
    assert_eq!(read(wide(MAX_COLUMNS + 1).as_bytes()), Err(TableError::TooManyColumns(2)));
    let long = |chars: usize| format!("a\nb\n{}", "髙".repeat(chars));
    assert_eq!(read(long(MAX_CELL_CHARS).as_bytes()).unwrap().len(), 3);
    assert_eq!(read(long(MAX_CELL_CHARS + 1).as_bytes()), Err(TableError::CellTooLong(3)));
    let unended = format!("a\n\"b\n{}", "c\n".repeat(MAX_CELL_CHARS));
    assert_eq!(read(unended.as_bytes()), Err(TableError::CellTooLong(2)), "a quotation mark that never ends");
}

/// An XLSX file of the given parts; a real one needs these names.
fn book(sheet: &str, more: &[(&str, &str)]) -> Vec<u8> {
    book_of(&format!("<sheetData>{sheet}</sheetData>"), more)
}

/// The same with what stands around the cells.
fn book_of(worksheet: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let rels = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let parts = [
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r1\" Type=\"{rels}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{rels}\"><sheets><sheet name=\"1\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r1\" Type=\"{rels}/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
            ),
        ),
        ("xl/worksheets/sheet1.xml", format!("<worksheet xmlns=\"{main}\">{worksheet}</worksheet>")),
    ];
    let parts = parts.iter().map(|(name, text)| (*name, text.as_str())).chain(more.iter().copied());
    for (name, text) in parts {
        zip.start_file(name, SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated)).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const STYLES: &str = "<styleSheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><numFmts><numFmt numFmtId=\"164\" formatCode=\"0000000\"/></numFmts><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"164\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>";

#[test]
fn a_sheet_is_read_as_a_person_sees_it() {
    let sheet = "<row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>髙島屋</t></is></c><c r=\"C2\" s=\"1\"><v>600001</v></c><c r=\"D2\"><v>35</v></c>\
                 <c r=\"E2\" s=\"2\"><v>46354</v></c><c r=\"F2\"><v>1.5</v></c><c r=\"G2\" t=\"b\"><v>1</v></c><c r=\"H2\"><f>1+1</f><v>2</v></c></row>";
    let bytes = book(sheet, &[("xl/styles.xml", STYLES)]);
    assert_eq!(rows(&bytes), [(2, cells(&["髙島屋", "", "0600001", "35", "2026-11-28", "1.5", "TRUE", "2"]))]);
    let broken = book("<row r=\"7\"><c r=\"A7\" t=\"e\"><v>#N/A</v></c></row>", &[]);
    assert_eq!(read(&broken), Err(TableError::CellError(7)));
}

#[test]
fn a_sheet_far_out_costs_no_memory_and_is_refused() {
    let far = |cell: &str, row: u32| book(&format!("<row r=\"{row}\"><c r=\"{cell}\"><v>1</v></c></row>"), &[]);
    assert_eq!(rows(&far("A1048576", 1_048_576)), [(1_048_576, cells(&["1"]))], "one row is one row, wherever it stands");
    assert_eq!(read(&far("XFD3", 3)), Err(TableError::TooManyColumns(3)));
}

#[test]
fn a_zip_bomb_is_refused_by_what_it_unpacks_to() {
    let bytes = |size: u64| "a".repeat(usize::try_from(size).unwrap());
    let texts = |size| book("", &[("xl/sharedStrings.xml", &bytes(size))]);
    assert_eq!(read(&texts(MAX_UNZIPPED_BYTES)), Err(TableError::TooLargeUnzipped));
    let bomb = texts(MAX_UNZIPPED_BYTES - 10_000);
    assert!(bomb.len() < 40_000, "a bomb is small");
    assert_ne!(read(&bomb), Err(TableError::TooLargeUnzipped));
    let styles = |size| book("", &[("xl/Styles.xml", &bytes(size))]);
    assert_ne!(read(&styles(MAX_STYLES_BYTES)), Err(TableError::TooLargeUnzipped));
    assert_eq!(read(&styles(MAX_STYLES_BYTES + 1)), Err(TableError::TooLargeUnzipped));
    let names: Vec<String> = (0..MAX_PARTS).map(|no| format!("docProps/{no}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    assert_eq!(read(&book("", &many[..MAX_PARTS - 4])), Err(TableError::Empty));
    assert_eq!(read(&book("", &many[..MAX_PARTS - 3])), Err(TableError::TooLargeUnzipped));
    // The directory lies: it says one byte, and as many come out as there are.
    let mut lying = texts(MAX_UNZIPPED_BYTES + 1);
    let honest = u32::try_from(MAX_UNZIPPED_BYTES + 1).unwrap().to_le_bytes();
    let places: Vec<usize> = lying.windows(4).enumerate().filter(|(_, window)| *window == honest).map(|(at, _)| at).collect();
    assert_eq!(places.len(), 2, "in the local header and in the directory");
    for at in places {
        lying[at..at + 4].copy_from_slice(&1_u32.to_le_bytes());
    }
    assert!(matches!(read(&lying), Err(TableError::TooLargeUnzipped | TableError::Unreadable)));
}

#[test]
fn a_file_that_promises_texts_without_end_takes_no_memory() {
    let texts = |head: &str, text: &str| book("", &[("xl/sharedStrings.xml", &format!("<sst {head}><si><t>{text}</t></si></sst>"))]);
    // Before it was looked at, each of these ended the process: the allocator gives up (`memory allocation failed`).
    for head in ["uniqueCount=\"100000000000\"", "uniqueCount = '0100000000000'", "count=\"1\" uniqueCount=\n\"99999999999999999999\""] {
        assert_eq!(read(&texts(head, "あ")), Err(TableError::TooLargeUnzipped), "{head}");
    }
    let room = |count: usize| texts(&format!("uniqueCount=\"{count}\""), &"a".repeat(1_000));
    assert_eq!(read(&room(200)), Err(TableError::Empty));
    assert_eq!(read(&room(300)), Err(TableError::TooLargeUnzipped), "more than could stand in it");
}

#[test]
fn one_text_in_a_million_cells_is_counted_as_often_as_it_stands_there() {
    let text = format!("<sst><si><t>{}</t></si></sst>", "あ".repeat(MAX_CELL_CHARS));
    let row: String = (1..=4_100).map(|no| format!("<row r=\"{no}\"><c r=\"A{no}\" t=\"s\"><v>0</v></c></row>")).collect();
    let bytes = book(&row, &[("xl/sharedStrings.xml", &text)]);
    assert_eq!(read(&bytes), Err(TableError::TooMuchText));
}

#[tokio::test]
async fn broken_bytes_come_to_an_error_and_never_further() {
    let whole = book(
        "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>",
        &[("xl/sharedStrings.xml", "<sst><si><t>あ</t></si></sst>"), ("xl/styles.xml", STYLES)],
    );
    for at in (0..whole.len()).step_by(7) {
        let mut broken = whole.clone();
        broken[at] ^= 0x55;
        let _read = read_apart(broken).await;
        let _cut = read_apart(whole[..at].to_vec()).await;
    }
}

#[test]
fn a_book_is_written_as_texts_and_reads_back() {
    let row = ["=HYPERLINK(\"http://example.com\")", "https://example.com", "＝1", "0600001", "<svg onload=x>", "{{7*7}}", "髙"];
    let made_at = "2026-11-28T00:00:00Z".parse().unwrap();
    let bytes = xlsx(&[cells(&["名称"]), cells(&row)], made_at).unwrap();
    assert_eq!(rows(&bytes), [(1, cells(&["名称"])), (2, cells(&row))]);
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&bytes)).unwrap();
    let mut sheet = String::new();
    std::io::Read::read_to_string(&mut archive.by_name("xl/worksheets/sheet1.xml").unwrap(), &mut sheet).unwrap();
    assert!(!sheet.contains("<f>") && !sheet.contains("hyperlink"), "{sheet}");
    assert_eq!(xlsx(&[cells(&["名称"]), cells(&row)], made_at).unwrap(), bytes, "the same bytes for the same rows");
}

/// A row with one text.
fn text_row(attributes: &str, cell: &str, text: &str) -> String {
    format!("<row {attributes}><c r=\"{cell}\" t=\"inlineStr\"><is>{text}</is></c></row>")
}

#[test]
fn rows_that_nobody_sees_are_marked() {
    let plain = "<t>a</t>";
    let sheet = [
        text_row("r=\"1\"", "A1", plain),
        text_row("r=\"2\" hidden=\"1\"", "A2", plain),
        text_row("r=\"3\" hidden=\"0\"", "A3", plain),
        text_row("hidden=\"true\"", "A4", plain),
        text_row("r=\"5\" ht=\"0\" customHeight=\"1\"", "A5", plain),
        text_row("r=\"6\" hidden=\"false\" ht=\"15\"", "A6", plain),
        // The cell says another row than the one around it: calamine believes the cell.
        text_row("r=\"7\" hidden=\"1\"", "A9", plain),
    ]
    .concat();
    let read_hidden = |sheet: &str| {
        let hidden = read(&book_of(sheet, &[])).unwrap().into_iter().filter(|row| row.hidden);
        hidden.map(|row| row.no).collect::<Vec<_>>()
    };
    let data = format!("<sheetData>{sheet}</sheetData>");
    assert_eq!(read_hidden(&data), [2, 4, 5, 9]);
    assert_eq!(read_hidden(&format!("<sheetFormatPr zeroHeight=\"1\"/>{data}")), [1, 2, 4, 5, 9], "hidden unless it says otherwise");
    let columns = "<cols><col min=\"2\" max=\"3\" hidden=\"1\"/><col min=\"5\" max=\"5\" width=\"0\"/><col min=\"7\" max=\"16384\" hidden=\"1\"/></cols>";
    let table = read(&book_of(&format!("{columns}{data}"), &[])).unwrap();
    assert_eq!(table.hidden_columns[..4], [1, 2, 4, 6]);
    assert!(table.hidden_columns.iter().all(|column| *column < MAX_COLUMNS));
}

#[test]
fn a_line_through_a_text_is_seen_wherever_it_is_written_down() {
    let struck = "<rPr><strike/></rPr>";
    let styles = "<styleSheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><fonts><font/><font><strike val=\"1\"/></font><font><strike val=\"0\"/></font></fonts><cellXfs><xf fontId=\"0\"/><xf fontId=\"1\"/><xf fontId=\"2\"/></cellXfs></styleSheet>";
    let texts = [
        "<t>plain</t>".to_owned(),
        format!("<r>{struck}<t>all</t></r><r>{struck}<t>of it</t></r>"),
        format!("<r>{struck}<t>half</t></r><r><t>of it</t></r>"),
        "<r><rPr><strike val=\"0\"/></rPr><t>said not to be</t></r>".to_owned(),
        format!("<r>{struck}<t>read aloud</t></r><rPh sb=\"0\" eb=\"1\"><t>よみ</t></rPh>"),
        format!("<r>{struck}<t>and nothing</t></r><r><t xml:space=\"preserve\"> </t></r>"),
    ];
    let shared = format!("<sst>{}</sst>", texts.iter().map(|text| format!("<si>{text}</si>")).collect::<String>());
    let cell = |column: &str, style: usize, text: usize| format!("<c r=\"{column}1\" s=\"{style}\" t=\"s\"><v>{text}</v></c>");
    let row = |cells: &[String]| {
        book(&format!("<row r=\"1\">{}</row>", cells.concat()), &[("xl/styles.xml", styles), ("xl/sharedStrings.xml", &shared)])
    };
    let columns = ["A", "B", "C", "D", "E", "F"];
    let struck_in = |style: usize| {
        let cells: Vec<String> = (0..texts.len()).map(|text| cell(columns[text], style, text)).collect();
        let table = read(&row(&cells)).unwrap();
        (0..texts.len()).map(|column| table[0].is_struck(column)).collect::<Vec<_>>()
    };
    assert_eq!(struck_in(0), [false, true, false, false, true, true]);
    assert_eq!(struck_in(1), [true, true, true, false, true, true], "a run without a format of its own has its cell's");
    assert_eq!(struck_in(2), struck_in(0), "val=\"0\" is no line");
    let all = |styles: [usize; 2]| read(&row(&[cell("A", styles[0], 0), cell("C", styles[1], 0)])).unwrap()[0].is_all_struck();
    assert!(all([1, 1]) && !all([1, 0]) && !all([0, 0]), "empty cells do not count");
    let number = "<row r=\"1\"><c r=\"A1\" s=\"1\"><v>5</v></c><c r=\"CV1\" s=\"1\"><v>5</v></c></row>";
    let table = read(&book(number, &[("xl/styles.xml", styles)])).unwrap();
    assert!(table[0].is_struck(0) && table[0].is_struck(MAX_COLUMNS - 1) && !table[0].is_struck(MAX_COLUMNS), "numbers too");
    let inline = format!("{}{}", text_row("r=\"1\"", "A1", &texts[1]), text_row("r=\"2\"", "A2", &texts[2]));
    let table = read(&book(&inline, &[])).unwrap();
    assert!(table[0].is_struck(0) && !table[1].is_struck(0));
}

#[test]
fn the_reader_of_what_nobody_sees_expands_nothing_and_ends() {
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>";
    let sheet = text_row("r=\"1\" hidden=\"&b;\"", "A1", "<t>a</t>");
    assert_eq!(read(&book(&sheet, &[])), Err(TableError::Unreadable), "an unknown entity, not expanded");
    let shared = format!("{bomb}<sst><si><t>&b;</t></si></sst>");
    let cell = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>";
    assert_eq!(read(&book(cell, &[("xl/sharedStrings.xml", &shared)])), Err(TableError::Unreadable));
    // Rows and styles without end and without a text: nothing is kept of them.
    let many: String = (1..=200_000).map(|no| format!("<row r=\"{no}\" hidden=\"1\"><c r=\"A{no}\" s=\"9\"/></row>")).collect();
    assert_eq!(read(&book(&many, &[])), Err(TableError::Empty));
    for broken in ["<row r=\"0\"><c><v>1</v></c></row>", "<row><c r=\"1A\"><v>1</v></c></row>"] {
        assert!(read(&book(broken, &[])).is_err(), "{broken}");
    }
    let unended = book_of("<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row>", &[]);
    assert_eq!(read(&unended), Err(TableError::Unreadable));
}
