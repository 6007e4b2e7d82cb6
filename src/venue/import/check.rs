//! Checks a list before anything is made.
//! Every row is judged by the same rules as a venue's own form, every problem with its row and column.
use super::column::{self, Column, Head, HeadError};
use crate::base::locale::Locale;
use crate::base::table::{Table, TableRow};
use crate::base::text;
use crate::venue::application::{Field, FieldError, NewVenue, RawVenue};
use crate::venue::poster::MAX_POSTERS_AT_ONCE;
use crate::venue::search_key::{Entry, search_key};
use crate::venue::{VenueId, VenueStatus, input};
use std::collections::HashMap;
use unicode_normalization::UnicodeNormalization;

/// Posters that one list may ask for: a city of a thousand venues with twenty tables each.
pub const MAX_POSTERS: usize = 20_000;
/// Longest number of the city's own, in characters.
pub const MAX_REFERENCE_CHARS: usize = 60;
/// Fewest characters of a number that belongs to a place for good: the rows of the longest list have four digits.
pub const MIN_NUMBER_CHARS: usize = 5;
/// Rows that begin with it say something to people and are not read.
const REMARK: [char; 2] = ['#', '＃'];

/// One thing to put right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct RowError {
    /// The row, as a spreadsheet shows it.
    pub row: u32,
    /// The column.
    pub column: Column,
    /// The kind of mistake: [`crate::venue::Problem::code`]'s codes.
    pub code: &'static str,
}

/// Rows that are left out unless somebody asks for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Rows whose venue there is already, or that stand in the list before.
    pub known: bool,
    /// Rows that a person who opens the file does not see.
    pub hidden: bool,
    /// Rows that are struck out.
    pub struck: bool,
}

/// Why a row was left out without a look at what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unseen {
    /// Hidden by hand or by a filter.
    Hidden,
    /// Its name, or all of it, has a line through it.
    Struck,
}

/// A row that was left out for how it looks.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct LeftOut {
    /// The row.
    pub row: u32,
    /// Its name, as it stands there.
    pub name: String,
    /// Why.
    pub why: Unseen,
}

/// By what a row's venue is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KnownBy {
    /// Name and address, however they are written.
    NameAndAddress,
    /// Its own number, and name or address besides.
    Number,
}

/// A row whose venue is known already. It is left out unless asked for: two venues may share a house and a name.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Twin {
    /// The row.
    pub row: u32,
    /// Its name.
    pub name: String,
    /// By what.
    pub by: KnownBy,
    /// The same in an earlier row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier_row: Option<u32>,
    /// The same among the venues that there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub venue: Option<VenueId>,
    /// That venue's state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<VenueStatus>,
}

/// A row that can be made.
pub struct Planned {
    pub(in crate::venue) row: u32,
    pub(in crate::venue) new: NewVenue,
    pub(in crate::venue) reference: Option<String>,
    /// The folded number by which it is known again.
    pub(in crate::venue) number_key: Option<String>,
    pub(in crate::venue) entry: Entry,
    /// The venue that it is already, or the row.
    pub(in crate::venue) twin: Option<Twin>,
}

impl Planned {
    /// The row, as a spreadsheet shows it.
    #[must_use]
    pub fn row(&self) -> u32 {
        self.row
    }

    /// The venue's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.new.name
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> crate::venue::VenueKind {
        self.new.kind
    }

    /// Where it is.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.new.address
    }

    /// Posters that it gets.
    #[must_use]
    pub fn posters(&self) -> usize {
        self.new.labels.len()
    }

    /// Whether it is invited by post, for its mailbox is not known.
    #[must_use]
    pub fn invited(&self) -> bool {
        self.new.contact.is_none()
    }
}

/// A list that was read.
pub struct Checked {
    /// Rows that can be made, the known ones among them.
    pub(in crate::venue) rows: Vec<Planned>,
    /// The mistakes, in the list's order. One is enough, and nothing is imported.
    pub errors: Vec<RowError>,
    /// The rows that were left out for how they look, in the list's order.
    pub left_out: Vec<LeftOut>,
    /// Heads of columns that were not read.
    pub ignored: Vec<String>,
    /// Columns that are read though the sheet hides them.
    pub hidden_columns: Vec<Column>,
    /// The rows that were asked for besides new ones.
    pub wanted: Wanted,
}

impl Checked {
    /// The rows that would be made: new ones, and known ones where they are asked for.
    pub fn planned(&self) -> impl Iterator<Item = &Planned> {
        self.rows.iter().filter(|planned| self.wanted.known || planned.twin.is_none())
    }

    /// Rows whose venue is known, whether they are asked for or not.
    pub fn twins(&self) -> impl Iterator<Item = &Twin> {
        self.rows.iter().filter_map(|planned| planned.twin.as_ref())
    }

    /// Known rows that are left out.
    #[must_use]
    pub fn known(&self) -> usize {
        if self.wanted.known { 0 } else { self.twins().count() }
    }

    /// Rows that are left out for how they look.
    #[must_use]
    pub fn unseen(&self, why: Unseen) -> usize {
        self.left_out.iter().filter(|left| left.why == why).count()
    }

    /// Venues that would be made.
    #[must_use]
    pub fn venues(&self) -> usize {
        self.planned().count()
    }

    /// Posters in all.
    #[must_use]
    pub fn posters(&self) -> usize {
        self.planned().map(Planned::posters).sum()
    }

    /// Venues that are invited by post.
    #[must_use]
    pub fn invited(&self) -> usize {
        self.planned().filter(|planned| planned.invited()).count()
    }
}

/// Judges every row. Rows that nobody sees are not judged unless they are asked for: what is wrong there stops nobody.
///
/// # Errors
/// [`HeadError`], when no row can be read at all.
pub fn check(table: &Table, wanted: Wanted) -> Result<Checked, HeadError> {
    let mut rows = table.iter().filter(|row| !row.cells.first().is_some_and(|cell| cell.starts_with(REMARK)));
    let head = Head::read(rows.next().ok_or(HeadError::NoRows)?)?;
    let mut checked = Checked {
        rows: Vec::new(),
        errors: Vec::new(),
        left_out: Vec::new(),
        ignored: head.ignored.clone(),
        hidden_columns: head.read_at(&table.hidden_columns),
        wanted,
    };
    let mut posters = 0;
    for row in rows {
        if let Some(why) = unseen(&head, row, wanted) {
            let name = head.cell(row, Column::Name).to_owned();
            checked.left_out.push(LeftOut { row: row.no, name, why });
            continue;
        }
        match read(&head, row) {
            Ok(planned) => {
                posters += planned.posters();
                if posters > MAX_POSTERS {
                    checked.errors.push(RowError { row: row.no, column: Column::Tables, code: "too_many" });
                    break;
                }
                checked.rows.push(planned);
            }
            Err(errors) => checked.errors.extend(errors),
        }
    }
    note_repeated(&mut checked.rows);
    let empty = checked.rows.is_empty() && checked.errors.is_empty() && checked.left_out.is_empty();
    if empty { Err(HeadError::NoRows) } else { Ok(checked) }
}

/// Why a row is passed over, if it is. A line through the name strikes the row out; through anything else, only through all of it.
fn unseen(head: &Head, row: &TableRow, wanted: Wanted) -> Option<Unseen> {
    let struck = row.is_all_struck() || head.place(Column::Name).is_some_and(|place| row.is_struck(place));
    if struck && !wanted.struck {
        Some(Unseen::Struck)
    } else if row.hidden && !wanted.hidden {
        Some(Unseen::Hidden)
    } else {
        None
    }
}

/// Notes which rows stand in the list before, by name and address.
pub(super) fn note_repeated(rows: &mut [Planned]) {
    let mut first: HashMap<[u8; 16], u32> = HashMap::new();
    for planned in rows {
        let earlier = *first.entry(planned.entry.twin).or_insert(planned.row);
        planned.twin = (earlier != planned.row).then(|| Twin {
            row: planned.row,
            name: planned.new.name.clone(),
            by: KnownBy::NameAndAddress,
            earlier_row: Some(earlier),
            venue: None,
            status: None,
        });
    }
}

fn read(head: &Head, row: &TableRow) -> Result<Planned, Vec<RowError>> {
    let mut errors = Vec::new();
    let mut wrong = |column, code| errors.push(RowError { row: row.no, column, code });
    let cell = |column| head.cell(row, column);
    let guests = input::guests(cell(Column::GuestsPerDay)).unwrap_or_else(|problem| {
        wrong(Column::GuestsPerDay, problem.code());
        None
    });
    let tables = tables(cell(Column::Tables)).unwrap_or_else(|code| {
        wrong(Column::Tables, code);
        0
    });
    let reference = match text::line(cell(Column::Reference), MAX_REFERENCE_CHARS) {
        Ok(reference) => Some(reference),
        Err(text::TextError::Empty) => None,
        Err(problem) => {
            wrong(Column::Reference, crate::venue::Problem::Text(problem).code());
            None
        }
    };
    let kind = cell(Column::Kind);
    let raw = RawVenue {
        name: cell(Column::Name).to_owned(),
        kana: cell(Column::Kana).to_owned(),
        kind: column::kind(kind).map_or_else(|| kind.to_owned(), |kind| kind.as_str().to_owned()),
        postal_code: padded(cell(Column::PostalCode)),
        address: cell(Column::Address).to_owned(),
        contact_email: cell(Column::ContactEmail).to_owned(),
        phone: phone(cell(Column::Phone)),
        guests_per_day: guests,
        opens_on: cell(Column::OpensOn).to_owned(),
        closes_on: cell(Column::ClosesOn).to_owned(),
        posters: labels(tables),
        ..RawVenue::default()
    };
    match NewVenue::parse_entered(&raw) {
        Ok(new) if errors.is_empty() => {
            let entry = Entry::of(&new.name, new.kana.as_deref(), &new.address);
            let number_key = reference.as_deref().filter(|_| head.numbers_are_identities).and_then(number_key);
            Ok(Planned { row: row.no, new, reference, number_key, entry, twin: None })
        }
        Ok(_) => Err(errors),
        Err(problems) => {
            errors.extend(problems.iter().map(|problem| error(row.no, problem)));
            errors.sort_by_key(|error| error.column as u8);
            Err(errors)
        }
    }
}

/// A number as numbers are compared; `None` for one that is too short to be anything but a running number.
fn number_key(reference: &str) -> Option<String> {
    let key = search_key(reference);
    (key.chars().count() >= MIN_NUMBER_CHARS).then_some(key)
}

fn error(row: u32, problem: &FieldError) -> RowError {
    let column = match problem.field {
        Field::Kana => Column::Kana,
        Field::Kind => Column::Kind,
        Field::PostalCode => Column::PostalCode,
        Field::Address => Column::Address,
        Field::ContactEmail => Column::ContactEmail,
        Field::Phone => Column::Phone,
        Field::GuestsPerDay => Column::GuestsPerDay,
        Field::Posters => Column::Tables,
        Field::OpensOn => Column::OpensOn,
        Field::ClosesOn => Column::ClosesOn,
        _ => Column::Name,
    };
    RowError { row, column, code: problem.problem.code() }
}

/// The poster at the entrance, and one for each table.
fn labels(tables: usize) -> Vec<String> {
    let words = Locale::default().words();
    std::iter::once(words.venue_poster_entrance()).chain((1..=tables).map(|no| words.bulk_table(no.to_string()))).collect()
}

fn tables(text: &str) -> Result<usize, &'static str> {
    let digits = digits(text);
    match digits.trim_end_matches(['卓', '台', '席']) {
        "" if text.trim().is_empty() => Ok(0),
        digits if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) => Err("out_of_range"),
        digits => digits.parse().ok().filter(|tables| *tables < MAX_POSTERS_AT_ONCE).ok_or("too_many"),
    }
}

/// A short text without width and white space; a long one as it is, for nothing short comes of it.
fn digits(text: &str) -> String {
    if text.len() > 64 { text.to_owned() } else { text.nfkc().filter(|c| !c.is_whitespace()).collect() }
}

/// A postal code whose zeros at the beginning a spreadsheet dropped: 0600001 becomes 600001 when it is taken for a number.
fn padded(text: &str) -> String {
    let narrow = digits(text);
    let dropped = (5..7).contains(&narrow.len()) && narrow.bytes().all(|byte| byte.is_ascii_digit());
    if dropped { format!("{narrow:0>7}") } else { text.to_owned() }
}

/// A telephone number whose zero at the beginning a spreadsheet dropped.
fn phone(text: &str) -> String {
    let narrow = digits(text);
    let dropped = (9..=10).contains(&narrow.len()) && !narrow.starts_with('0') && narrow.bytes().all(|byte| byte.is_ascii_digit());
    if dropped { format!("0{narrow}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(lines: &[&[&str]]) -> Table {
        let row = |(no, cells): (u32, &&[&str])| TableRow::new(no, cells.iter().map(|cell| (*cell).to_owned()).collect());
        Table::from((1..).zip(lines).map(row).collect::<Vec<_>>())
    }

    fn check(table: &Table) -> Result<Checked, HeadError> {
        super::check(table, Wanted::default())
    }

    const HEAD: &[&str] =
        &["名称", "種類", "郵便番号", "住所", "メールアドレス", "電話番号", "テーブルの数", "開催初日", "開催最終日", "管理番号"];

    #[test]
    fn a_row_becomes_a_venue_with_its_posters() {
        let list = rows(&[
            &["# 説明"],
            HEAD,
            &["＃例", "x"],
            &["髙島屋 ①", "飲食店営業", "600001", "あおば市1", "", "312345678", "２卓", "", "", "許可1"],
            &["花火", "催し", "〒０６０－０００１", "川", "a@example.jp", "", "", "2026/11/28", "2026年11月29日"],
        ]);
        let checked = check(&list).unwrap();
        assert!(checked.errors.is_empty(), "{:?}", checked.errors);
        let [shop, event] = checked.rows.as_slice() else { panic!("two rows") };
        assert_eq!((shop.row, shop.name(), shop.invited(), shop.reference.as_deref()), (4, "髙島屋 ①", true, Some("許可1")));
        assert_eq!((shop.new.more.postal_code.as_deref(), shop.new.more.phone.as_deref()), (Some("0600001"), Some("0312345678")));
        assert_eq!(shop.new.labels, ["入口", "テーブル 1", "テーブル 2"]);
        assert!(!event.invited() && event.new.more.days.is_some());
        assert_eq!((checked.posters(), checked.invited()), (4, 1));
    }

    #[test]
    fn every_problem_is_told_with_its_row_and_column() {
        let list = rows(&[
            HEAD,
            &["", "魔法", "12", "あおば市1", "a@b", "x", "500", "2026-11-28", "", &"1".repeat(MAX_REFERENCE_CHARS + 1)],
            &["喫茶", "飲食店", "", "あおば市1"],
            &["喫 茶", "飲食店", "", "あおば市１", "", "", "499"],
        ]);
        let checked = check(&list).unwrap();
        let told: Vec<_> = checked.errors.iter().map(|error| (error.row, error.column.as_str(), error.code)).collect();
        let expected = [
            (2, "name", "empty"),
            (2, "kind", "unknown_choice"),
            (2, "postal_code", "not_a_postal_code"),
            (2, "contact_email", "incomplete_domain"),
            (2, "phone", "not_a_phone_number"),
            (2, "tables", "too_many"),
            (2, "closes_on", "empty"),
            (2, "reference", "too_long"),
        ];
        assert_eq!(told, expected);
        assert_eq!(checked.rows.len(), 2);
        let twins: Vec<_> = checked.twins().map(|twin| (twin.row, twin.earlier_row)).collect();
        assert_eq!(twins, [(4, Some(3))], "folded alike");
        assert_eq!((checked.venues(), checked.known()), (1, 1), "left out unless asked for");
    }

    #[test]
    fn posters_are_bounded_over_the_whole_list() {
        let full: &[&str] = &["店", "店舗", "", "あおば市1", "", "", "499"];
        let lines: Vec<&[&str]> = std::iter::once(HEAD).chain(std::iter::repeat_n(full, MAX_POSTERS / MAX_POSTERS_AT_ONCE)).collect();
        assert!(check(&rows(&lines)).unwrap().errors.is_empty());
        let more: Vec<&[&str]> = lines.iter().copied().chain([&["店", "店舗", "", "あおば市1"][..]]).collect();
        let error = check(&rows(&more)).unwrap().errors[0];
        assert_eq!((error.column, error.code), (Column::Tables, "too_many"));
        assert_eq!(check(&rows(&[HEAD, &["#", "nothing"]])).err(), Some(HeadError::NoRows));
        assert_eq!(check(&Table::default()).err(), Some(HeadError::NoRows));
    }

    #[test]
    fn what_nobody_sees_is_left_out_unless_asked_for_and_stops_nobody() {
        let mut list = rows(&[
            HEAD,
            &["喫茶", "飲食店", "", "あおば市1"],
            &["隠", "魔法", "", "あおば市2"],
            &["線", "店舗", "", "あおば市3"],
            &["喫茶", "飲食店", "", "あおば市1"],
        ]);
        list.rows[2].hidden = true;
        list.rows[3].struck = 1;
        list.rows[4].struck = 1 << 3;
        list.hidden_columns = vec![4, 60];
        let checked = super::check(&list, Wanted::default()).unwrap();
        assert!(checked.errors.is_empty(), "{:?}", checked.errors);
        let left: Vec<_> = checked.left_out.iter().map(|left| (left.row, left.name.as_str(), left.why)).collect();
        assert_eq!(left, [(3, "隠", Unseen::Hidden), (4, "線", Unseen::Struck)]);
        assert_eq!((checked.venues(), checked.known(), checked.unseen(Unseen::Hidden), checked.unseen(Unseen::Struck)), (1, 1, 1, 1));
        assert_eq!(checked.hidden_columns, [Column::ContactEmail], "read all the same, and said");
        let all = super::check(&list, Wanted { known: true, hidden: true, struck: true }).unwrap();
        assert_eq!((all.errors.len(), all.venues(), all.known(), all.left_out.len()), (1, 3, 0, 0), "what is asked for is judged");
        list.rows[2].struck = u128::MAX;
        assert_eq!(super::check(&list, Wanted::default()).unwrap().left_out[0].why, Unseen::Struck, "both: struck out");
    }

    #[test]
    fn a_short_number_is_never_an_identity() {
        for (number, key) in
            [("許可第１２３４号", Some("許可第1234号")), ("12345", Some("12345")), ("1234", None), ("１２３４", None), ("", None)]
        {
            assert_eq!(number_key(number).as_deref(), key, "{number}");
        }
        assert!(crate::base::table::MAX_ROWS.to_string().len() < MIN_NUMBER_CHARS, "no running number is as long");
    }
}
