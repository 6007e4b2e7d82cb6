//! One form for all ways to write the same name: what is stored and what is typed are compared in it.
//!
//! Folded are width (NFKC, Unicode UAX #15), case, katakana to hiragana, everything that looks like a hyphen, old forms of kanji
//! that names still use, and the small ヶ and ヵ. Spaces, middle dots, quotes and brackets are left out.
//! The same code folds both sides, so a change of the rules needs only a new [`VERSION`].
use super::same;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;

/// The version of the rules below. A stored key of another version is computed anew at the next start.
pub(super) const VERSION: i16 = 2;
/// Characters of a folded field that count; NFKC may lengthen a text up to 18-fold (U+FDFA).
const MAX_KEY_CHARS: usize = 600;
/// Characters of a query that are looked at; the longest name has as many.
pub const MAX_QUERY_CHARS: usize = 100;
/// Words of a query that are looked at.
const MAX_WORDS: usize = 8;
/// Characters from which on a word may be the beginning of a poster's code; fewer would find a poster for any short word.
const MIN_CODE_CHARS: usize = 4;

/// Kanji in old or unusual form, and the form of the Jōyō list that people type.
const OLD_KANJI: [(char, char); 16] = [
    ('髙', '高'),
    ('﨑', '崎'),
    ('嵜', '崎'),
    ('德', '徳'),
    ('濵', '浜'),
    ('濱', '浜'),
    ('邉', '辺'),
    ('邊', '辺'),
    ('澤', '沢'),
    ('廣', '広'),
    ('櫻', '桜'),
    ('國', '国'),
    ('齋', '斎'),
    ('齊', '斉'),
    ('龍', '竜'),
    ('嶋', '島'),
];

/// The folded form of one field.
#[must_use]
pub fn search_key(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).filter_map(key_char).take(MAX_KEY_CHARS).collect()
}

fn key_char(c: char) -> Option<char> {
    match c {
        _ if c.is_whitespace() || c.is_control() || is_left_out(c) => None,
        _ if is_hyphen(c) => Some('-'),
        'ゖ' | 'ヶ' => Some('け'),
        'ゕ' | 'ヵ' => Some('か'),
        'ァ'..='ヴ' => char::from_u32(u32::from(c) - 0x60),
        'ヽ' | 'ヾ' => char::from_u32(u32::from(c) - 0x60),
        _ => Some(OLD_KANJI.iter().find(|(old, _)| *old == c).map_or(c, |(_, new)| *new)),
    }
}

/// Marks between words, which people type or not; variation selectors, which only choose a glyph.
fn is_left_out(c: char) -> bool {
    matches!(c,
        '・' | '.' | ',' | '、' | '。' | '\'' | '"' | '’' | '‘' | '“' | '”' | '(' | ')' | '「' | '」' | '『' | '』' | '[' | ']' | '【' | '】'
        | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}')
}

/// Hyphens, dashes, minus, box lines, and the long vowel mark ー that Japanese keyboards give for them.
pub(super) fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{02D7}' | '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{2500}' | '\u{2501}' | '\u{30A0}' | '\u{30FC}')
}

/// A venue's fields as the search compares them.
pub(super) struct Entry {
    /// Name, kana and address, a line each.
    pub(super) key: String,
    /// Every character and every pair of neighbours in a line, each once. No gram holds a space.
    pub(super) grams: BTreeSet<String>,
    /// Equal for venues of the same name and address, as [`super::same`] compares them.
    pub(super) twin: [u8; 16],
}

impl Entry {
    pub(super) fn of(name: &str, kana: Option<&str>, address: &str) -> Self {
        let twin = twin(name, address);
        let (name, kana, address) = (search_key(name), search_key(kana.unwrap_or_default()), search_key(address));
        let mut grams = BTreeSet::new();
        for line in [&name, &kana, &address] {
            grams.extend(line.chars().map(String::from));
            grams.extend(pairs(line));
        }
        Self { key: [name, kana, address].join("\n"), grams, twin }
    }
}

fn twin(name: &str, address: &str) -> [u8; 16] {
    let mut hash = Sha256::new_with_prefix(b"ashiato venue twin");
    hash.update(same::name(name).as_bytes());
    hash.update(b"\n");
    hash.update(same::address(address).as_bytes());
    let hash: [u8; 32] = hash.finalize().into();
    let mut twin = [0; 16];
    twin.copy_from_slice(&hash[..16]);
    twin
}

fn pairs(line: &str) -> impl Iterator<Item = String> {
    line.chars().zip(line.chars().skip(1)).map(|(first, second)| String::from_iter([first, second]))
}

/// A search as it was typed: words that must all be there, each somewhere in name, kana or address; or the code of
/// a poster, or its beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    pub(super) words: Vec<String>,
    pub(super) code: Option<String>,
}

impl Query {
    /// Reads a query; `None` when nothing is left of it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text: String = text.chars().take(MAX_QUERY_CHARS).collect();
        let words: Vec<String> = text.split_whitespace().map(search_key).filter(|word| !word.is_empty()).take(MAX_WORDS).collect();
        let code = code_begin(&text);
        (!words.is_empty()).then_some(Self { words, code })
    }

    /// The grams that every venue with all these words must have.
    pub(super) fn grams(&self) -> BTreeSet<String> {
        let word = |word: &String| match word.chars().count() {
            1 => vec![word.clone()],
            _ => pairs(word).collect(),
        };
        self.words.iter().flat_map(word).collect()
    }
}

/// The text as the beginning of a code, as [`crate::base::code::PosterCode::parse`] would read it.
fn code_begin(text: &str) -> Option<String> {
    let characters = text.nfkc().filter(|c| !c.is_whitespace() && !is_hyphen(*c)).map(|c| match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    });
    let code: String = characters.collect();
    let is_code = code.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !code.contains('U');
    ((MIN_CODE_CHARS..=crate::base::code::CODE_LEN).contains(&code.len()) && is_code).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_ways_to_write_a_name_fold_to_one() {
        for same in ["カフェ ひだまり", "ｶﾌｪ　ひだまり", "かふぇひだまり", "カフェ・ヒダマリ", "「カフェ」ひだまり"]
        {
            assert_eq!(search_key(same), "かふぇひだまり", "{same}");
        }
        assert_eq!(search_key("ＣＡＦÉ　１００％"), "café100%");
        assert_eq!(search_key("ﾊﾞｰ ｶﾞﾚ"), "ば-がれ");
        assert_eq!(search_key("スーパー"), search_key("スーパ−"));
        for same in ["１ー２ー３", "1-2-3", "1−2‐3", "1‑2–3", "1―2─3"] {
            assert_eq!(search_key(same), "1-2-3", "{same}");
        }
        assert_eq!(search_key("髙島屋"), search_key("高嶋屋"));
        assert_eq!(search_key("霞ヶ関"), search_key("霞ケ関"));
        assert_eq!(search_key("ヾヽヴ"), "ゞゝゔ");
        assert_eq!(search_key(" ・\u{3000}"), "");
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for text in ["ｶﾌｪ　Ｂ－１", "ﷺ", "İstanbul", "㍿あおば", "Straße ẞ", "ｶﾞ\u{3099}"] {
            assert_eq!(search_key(&search_key(text)), search_key(text), "{text}");
        }
    }

    #[test]
    fn a_hostile_text_folds_to_a_bounded_one() {
        assert_eq!(search_key(&"\u{FDFA}".repeat(100)).chars().count(), MAX_KEY_CHARS);
    }

    #[test]
    fn an_entry_holds_characters_and_pairs_of_each_line_and_none_across_lines() {
        let entry = Entry::of("喫茶", Some("きっさ"), "中央");
        assert_eq!(entry.key, "喫茶\nきっさ\n中央");
        let grams: Vec<_> = entry.grams.iter().map(String::as_str).collect();
        assert_eq!(
            grams,
            ["きっ", "き", "さ", "っさ", "っ", "中", "中央", "央", "喫", "喫茶", "茶"]
                .map(String::from)
                .iter()
                .collect::<BTreeSet<_>>()
                .into_iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn twins_have_one_name_and_address_whatever_their_kana() {
        let twin = |name, kana, address| Entry::of(name, kana, address).twin;
        assert_eq!(twin("喫茶 ひだまり", None, "中央１−２"), twin("喫茶ひだまり", Some("きっさ"), "中央 1-2"));
        assert_eq!(twin("㈱ひだまり", None, "中央1丁目2番3号"), twin("ひだまり", None, "中央1-2-3"));
        assert_ne!(twin("喫茶", None, "中央1-2"), twin("喫茶", None, "中央1-3"));
        assert_ne!(twin("ab", None, "c"), twin("a", None, "bc"));
    }

    #[test]
    fn a_query_is_words_and_perhaps_a_code() {
        let query = Query::parse("　ヒダマリ　中央 ").unwrap();
        assert_eq!(query.words, ["ひだまり", "中央"]);
        assert_eq!(query.code, None);
        assert_eq!(query.grams().into_iter().collect::<Vec<_>>(), ["だま", "ひだ", "まり", "中央"]);
        assert_eq!(Query::parse("駅").unwrap().grams().into_iter().collect::<Vec<_>>(), ["駅"]);
        assert_eq!((Query::parse(" ・ "), Query::parse("")), (None, None));
        assert_eq!(Query::parse(&"あ ".repeat(100)).unwrap().words.len(), MAX_WORDS);
        assert_eq!(Query::parse(&"あ".repeat(MAX_QUERY_CHARS + 1)).unwrap().words[0].chars().count(), MAX_QUERY_CHARS);
    }

    #[test]
    fn the_beginning_of_a_code_is_known_however_it_is_typed() {
        let code = |text: &str| Query::parse(text).unwrap().code;
        assert_eq!(code("７k3m－9q").as_deref(), Some("7K3M9Q"));
        assert_eq!(code("oIl7").as_deref(), Some("0117"));
        assert_eq!(code("7K3M-9QXZ-2VTA").as_deref(), Some("7K3M9QXZ2VTA"));
        for none in ["7K3", "7K3M-9QXZ-2VTA7", "ひだまり", "7K3U"] {
            assert_eq!(code(none), None, "{none}");
        }
    }
}
