//! The columns of a list of venues: what they are called, in either language and in the licence lists that cities have.
use crate::base::locale::{Locale, Words};
use crate::base::table::TableRow;
use crate::venue::VenueKind;
use crate::venue::search_key::search_key;

/// A column of the list, in the template's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    /// The venue's name; needed.
    Name,
    /// How the name is read.
    Kana,
    /// Its kind, in a word or by its name in the API; needed.
    Kind,
    /// Seven digits.
    PostalCode,
    /// Where it is; needed.
    Address,
    /// Where its letters go; empty: invited by post.
    ContactEmail,
    /// A telephone number.
    Phone,
    /// Guests on a usual day.
    GuestsPerDay,
    /// Posters for tables, besides the one at the entrance.
    Tables,
    /// An event's first day.
    OpensOn,
    /// An event's last day.
    ClosesOn,
    /// The city's own number for it.
    Reference,
}

impl Column {
    /// All of them, in the template's order.
    pub const ALL: [Self; 12] = [
        Self::Name,
        Self::Kana,
        Self::Kind,
        Self::PostalCode,
        Self::Address,
        Self::ContactEmail,
        Self::Phone,
        Self::GuestsPerDay,
        Self::Tables,
        Self::OpensOn,
        Self::ClosesOn,
        Self::Reference,
    ];

    /// The name in JSON, also understood as a head.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Kana => "kana",
            Self::Kind => "kind",
            Self::PostalCode => "postal_code",
            Self::Address => "address",
            Self::ContactEmail => "contact_email",
            Self::Phone => "phone",
            Self::GuestsPerDay => "guests_per_day",
            Self::Tables => "tables",
            Self::OpensOn => "opens_on",
            Self::ClosesOn => "closes_on",
            Self::Reference => "reference",
        }
    }

    /// The head in the template.
    #[must_use]
    pub fn title(self, words: &Words) -> String {
        match self {
            Self::Name => words.bulk_col_name(),
            Self::Kana => words.bulk_col_kana(),
            Self::Kind => words.bulk_col_kind(),
            Self::PostalCode => words.bulk_col_postal_code(),
            Self::Address => words.bulk_col_address(),
            Self::ContactEmail => words.bulk_col_contact_email(),
            Self::Phone => words.bulk_col_phone(),
            Self::GuestsPerDay => words.bulk_col_guests(),
            Self::Tables => words.bulk_col_tables(),
            Self::OpensOn => words.bulk_col_opens_on(),
            Self::ClosesOn => words.bulk_col_closes_on(),
            Self::Reference => words.bulk_col_reference(),
        }
    }

    /// A hint for the template and the page.
    #[must_use]
    pub fn hint(self, words: &Words) -> String {
        match self {
            Self::Name => words.bulk_hint_name(),
            Self::Kana => words.bulk_hint_kana(),
            Self::Kind => words.bulk_hint_kind(),
            Self::PostalCode => words.bulk_hint_postal_code(),
            Self::Address => words.bulk_hint_address(),
            Self::ContactEmail => words.bulk_hint_contact_email(),
            Self::Phone => words.bulk_hint_phone(),
            Self::GuestsPerDay => words.bulk_hint_guests(),
            Self::Tables => words.bulk_hint_tables(),
            Self::OpensOn => words.bulk_hint_opens_on(),
            Self::ClosesOn => words.bulk_hint_closes_on(),
            Self::Reference => words.bulk_hint_reference(),
        }
    }

    /// Whether no list can be without it.
    #[must_use]
    pub fn is_needed(self) -> bool {
        matches!(self, Self::Name | Self::Kind | Self::Address)
    }

    /// Heads of licence lists (食品営業許可一覧 and the like) and of the standard open data set for public facilities.
    fn others(self) -> &'static [&'static str] {
        match self {
            Self::Name => &["名前", "店名", "店舗名", "施設名", "屋号", "営業所名称", "施設名称", "名称"],
            Self::Kana => &["カナ", "フリガナ", "名称_カナ", "名称カナ", "施設名カナ"],
            Self::Kind => &["業種", "種別", "業態", "営業の種類"],
            Self::PostalCode => &["〒", "郵便番号", "zip", "postcode", "postalcode"],
            Self::Address => &["所在地", "営業所所在地", "所在地_連結表記", "施設所在地"],
            Self::ContactEmail => &["メール", "連絡先メール", "連絡先メールアドレス", "email", "e-mail", "mail", "contactemail"],
            Self::Phone => &["電話", "tel", "連絡先電話番号", "営業所電話番号", "telephone"],
            Self::GuestsPerDay => &["客数", "1日の客数", "一日の客数", "guests", "guestsperday"],
            Self::Tables => &["テーブル", "卓数", "テーブルの数"],
            Self::OpensOn => &["開始日", "初日", "開催開始日", "openson"],
            Self::ClosesOn => &["終了日", "最終日", "開催終了日", "closeson"],
            Self::Reference => &[
                "許可番号",
                "届出番号",
                "許可・届出番号",
                "施設ID",
                "施設番号",
                "事業所番号",
                "医療機関コード",
                "整理番号",
                "番号",
                "id",
                "no",
            ],
        }
    }

    fn by_head(head: &str) -> Option<Self> {
        let head = bare_head(head);
        let is = |column: &Self| {
            search_key(column.as_str()) == head
                || Locale::ALL.iter().any(|locale| search_key(&column.title(locale.words())) == head)
                || column.others().iter().any(|other| search_key(other) == head)
        };
        Self::ALL.into_iter().find(is)
    }
}

/// A head as heads are compared. Marks of "needed" and notes in brackets do not count: `名称（必須）`, `Name *`.
fn bare_head(head: &str) -> String {
    search_key(head.split(['（', '(', '*', '＊', '※']).next().unwrap_or_default())
}

/// Whether a number under this head belongs to the place for good. `No.` and 番号 count the rows of one list: under them two lists
/// call different places by one number. 整理番号 is either, so it is taken for a running number too.
fn is_identity(head: &str) -> bool {
    const HEADS: [&str; 10] =
        ["許可番号", "届出番号", "許可・届出番号", "施設ID", "施設番号", "事業所番号", "医療機関コード", "管理番号", "reference", "id"];
    let head = bare_head(head);
    HEADS.iter().any(|known| search_key(known) == head)
}

/// Where each column stands.
pub(super) struct Head {
    places: Vec<(Column, usize)>,
    /// The column of [`Column::Reference`] holds numbers that belong to the venues for good.
    pub(super) numbers_are_identities: bool,
    /// Heads that mean nothing to us; their columns are not read.
    pub(super) ignored: Vec<String>,
}

/// Why no list can be read under a head.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// Nothing stands below the head.
    #[error("the list has no rows")]
    NoRows,
    /// Needed columns that are not there.
    #[error("the first row lacks these columns: {}", names(.0))]
    Missing(Vec<Column>),
    /// Two columns of the same meaning.
    #[error("the column {} stands twice", .0.as_str())]
    Twice(Column),
}

fn names(columns: &[Column]) -> String {
    columns.iter().map(|column| column.as_str()).collect::<Vec<_>>().join(", ")
}

impl Head {
    pub(super) fn read(row: &TableRow) -> Result<Self, HeadError> {
        let mut head = Self { places: Vec::new(), numbers_are_identities: false, ignored: Vec::new() };
        for (place, text) in row.cells.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
            match Column::by_head(text) {
                Some(Column::Reference) => head.put_reference(row, place)?,
                Some(column) if head.has(column) => return Err(HeadError::Twice(column)),
                Some(column) => head.places.push((column, place)),
                None => head.ignored.push(text.clone()),
            }
        }
        let missing: Vec<Column> = Column::ALL.into_iter().filter(|column| column.is_needed() && !head.has(*column)).collect();
        if missing.is_empty() { Ok(head) } else { Err(HeadError::Missing(missing)) }
    }

    /// `No.` stands beside the licence's number in many lists: the one that belongs to the place for good is read.
    fn put_reference(&mut self, row: &TableRow, place: usize) -> Result<(), HeadError> {
        let text = |place: usize| row.cells.get(place).cloned().unwrap_or_default();
        let known = self.places.iter().position(|(column, _)| *column == Column::Reference);
        match (known, self.numbers_are_identities, is_identity(&text(place))) {
            (None, _, identity) => {
                self.places.push((Column::Reference, place));
                self.numbers_are_identities = identity;
            }
            (Some(_), true, false) => self.ignored.push(text(place)),
            (Some(known), false, true) => {
                if let Some((_, before)) = self.places.get_mut(known) {
                    self.ignored.push(text(*before));
                    *before = place;
                }
                self.numbers_are_identities = true;
            }
            _ => return Err(HeadError::Twice(Column::Reference)),
        }
        Ok(())
    }

    fn has(&self, column: Column) -> bool {
        self.places.iter().any(|(known, _)| *known == column)
    }

    /// Where a column stands, from 0.
    pub(super) fn place(&self, column: Column) -> Option<usize> {
        self.places.iter().find(|(known, _)| *known == column).map(|(_, place)| *place)
    }

    /// The columns among these places that are read.
    pub(super) fn read_at(&self, places: &[usize]) -> Vec<Column> {
        self.places.iter().filter(|(_, place)| places.contains(place)).map(|(column, _)| *column).collect()
    }

    /// The cell of a row, or nothing.
    pub(super) fn cell<'a>(&self, row: &'a TableRow, column: Column) -> &'a str {
        self.place(column).and_then(|place| row.cells.get(place)).map_or("", String::as_str)
    }
}

/// A kind by its name in the API, its label in either language, or a word of licence lists.
pub(super) fn kind(text: &str) -> Option<VenueKind> {
    let key = search_key(text);
    let word = |words: &[&str]| words.iter().any(|word| search_key(word) == key);
    if let Some(kind) = VenueKind::ALL
        .iter()
        .find(|kind| search_key(kind.as_str()) == key || Locale::ALL.iter().any(|locale| search_key(&kind.label(*locale)) == key))
    {
        return Some(*kind);
    }
    let others: [(VenueKind, &[&str]); 8] = [
        (VenueKind::Restaurant, &["飲食店営業", "喫茶店営業", "喫茶店", "カフェ", "レストラン", "食堂", "cafe"]),
        (VenueKind::Bar, &["バー", "スナック", "クラブ", "ライブハウス", "居酒屋"]),
        (VenueKind::Shop, &["物販", "小売", "小売店", "商店", "スーパー"]),
        (VenueKind::Public, &["公共施設", "図書館", "博物館", "美術館", "公民館", "体育館", "museum", "library"]),
        (VenueKind::School, &["大学", "塾", "幼稚園", "保育園", "保育所"]),
        (VenueKind::Medical, &["医療", "介護", "病院", "診療所", "クリニック", "介護施設", "hospital"]),
        (VenueKind::Office, &["会社", "工場", "オフィス", "事務所"]),
        (VenueKind::Event, &["イベント", "行事", "祭り"]),
    ];
    others.into_iter().find(|(_, words)| word(words)).map(|(kind, _)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> TableRow {
        TableRow::new(1, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn heads_are_known_in_either_language_and_as_licence_lists_have_them() {
        for heads in [
            ["名称", "種類", "住所"],
            ["Name", "KIND", "Address"],
            ["営業所名称", "業種", "営業所 所在地"],
            ["名称（必須）", "種類 *", "住所※"],
            ["名前", "種類", "住所"],
        ] {
            let head = Head::read(&row(&heads)).ok().unwrap();
            assert_eq!(head.cell(&row(&["a", "b", "c"]), Column::Address), "c", "{heads:?}");
            assert!(head.ignored.is_empty());
        }
        for column in Column::ALL {
            for locale in Locale::ALL {
                assert_eq!(Column::by_head(&column.title(locale.words())), Some(column), "{column:?}");
            }
            for other in column.others() {
                assert_eq!(Column::by_head(other), Some(column), "{other}");
            }
        }
    }

    #[test]
    fn a_head_without_what_is_needed_or_with_something_twice_is_refused() {
        assert_eq!(Head::read(&row(&["名称", "電話"])).err(), Some(HeadError::Missing(vec![Column::Kind, Column::Address])));
        assert_eq!(Head::read(&row(&["名称", "店名", "種類", "住所"])).err(), Some(HeadError::Twice(Column::Name)));
        assert_eq!(Head::read(&row(&["名称", "", "種類", "住所", "許可年月日"])).ok().unwrap().ignored, ["許可年月日"]);
    }

    #[test]
    fn a_running_number_is_no_identity_and_gives_way_to_one() {
        let read = |heads: &[&str]| Head::read(&row(heads));
        for (head, identity) in [
            ("許可番号", true),
            ("管理番号", true),
            ("Reference", true),
            ("ＩＤ", true),
            ("施設ID（必須）", true),
            ("No.", false),
            ("番号", false),
            ("整理番号", false),
        ] {
            assert_eq!(read(&["名称", "種類", "住所", head]).ok().unwrap().numbers_are_identities, identity, "{head}");
        }
        for heads in [["No.", "許可番号", "名称", "種類", "住所"], ["許可番号", "No.", "名称", "種類", "住所"]] {
            let head = read(&heads).ok().unwrap();
            let cell = head.cell(&row(&heads), Column::Reference).to_owned();
            assert_eq!((cell.as_str(), head.numbers_are_identities, head.ignored), ("許可番号", true, vec!["No.".to_owned()]));
        }
        assert_eq!(read(&["名称", "種類", "住所", "許可番号", "施設ID"]).err(), Some(HeadError::Twice(Column::Reference)));
        assert_eq!(read(&["名称", "種類", "住所", "No", "番号"]).err(), Some(HeadError::Twice(Column::Reference)));
    }

    #[test]
    fn kinds_are_known_by_code_label_and_licence() {
        for kind_of in VenueKind::ALL {
            assert_eq!(kind(kind_of.as_str()), Some(*kind_of));
            assert_eq!(kind(&kind_of.label(Locale::Ja)), Some(*kind_of));
            assert_eq!(kind(&kind_of.label(Locale::En)), Some(*kind_of));
        }
        assert_eq!((kind("飲食店営業"), kind("ﾗｲﾌﾞﾊｳｽ"), kind("魔法")), (Some(VenueKind::Restaurant), Some(VenueKind::Bar), None));
    }
}
