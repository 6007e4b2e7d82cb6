//! Notes of officials about a case: they may say anything but who the person is.
//!
//! The check is a seat belt, not a wall: it catches what is typed by habit (a name with its title, a mail address, a telephone
//! number) before it is stored, because what is never stored cannot leak. Words for roles, such as 患者さん, pass.
use crate::base::text::{self, TextError};
use unicode_normalization::UnicodeNormalization;

/// Longest note, in characters.
pub const MAX_NOTE_CHARS: usize = 500;
/// Notes of one case at most.
pub const MAX_NOTES: i16 = 200;
/// Digits from which on a number that begins with 0 or + is a telephone's (Japan: 10 or 11; E.164: up to 15).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 9..=15;

/// Titles that follow a name, and how long the name before them is at least: 様, 君 and 殿 also end ordinary words (同様, 諸君).
const TITLES: [(&str, usize); 7] = [("さん", 1), ("様", 2), ("さま", 2), ("氏", 1), ("くん", 1), ("君", 2), ("ちゃん", 1)];
/// Ends of words that bear a title and are nobody's name.
const ROLES: [&str; 50] = [
    "患者",
    "利用者",
    "来店者",
    "参加者",
    "接触者",
    "感染者",
    "担当者",
    "関係者",
    "業者",
    "客",
    "皆",
    "奥",
    "子",
    "娘",
    "息子",
    "父",
    "母",
    "兄",
    "姉",
    "弟",
    "妹",
    "祖父",
    "祖母",
    "孫",
    "嫁",
    "婿",
    "赤",
    "彼",
    "店員",
    "看護師",
    "保健師",
    "医師",
    "職員",
    "担当",
    "係",
    "家族",
    "友人",
    "同僚",
    "上司",
    "部下",
    "店主",
    "店長",
    "大家",
    "警察",
    "運転手",
    "屋",
    "スタッフ",
    "オーナー",
    "マスター",
    "ママ",
];
const TITLES_BEFORE: [&str; 6] = ["mr", "mrs", "ms", "miss", "dr", "prof"];

/// A note that was checked. Lines are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note(String);

/// Why a text is no note. Holds nothing of the text: it may be somebody's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteProblem {
    /// The text itself.
    #[error("it is {0}")]
    Text(#[from] TextError),
    /// It holds a mail address.
    #[error("it holds a mail address")]
    Mail,
    /// It holds a telephone number.
    #[error("it holds a telephone number")]
    Phone,
    /// It holds a name with a title.
    #[error("it holds what looks like a name")]
    Name,
}

impl Note {
    /// Checks a note.
    ///
    /// # Errors
    /// See [`NoteProblem`].
    pub fn parse(text: &str) -> Result<Self, NoteProblem> {
        let text = text::lines(text, MAX_NOTE_CHARS)?;
        let plain: Vec<char> = text.nfkc().collect();
        if holds_mail(&plain) {
            Err(NoteProblem::Mail)
        } else if holds_phone(&plain) {
            Err(NoteProblem::Phone)
        } else if holds_name(&plain) || holds_western_name(&plain) {
            Err(NoteProblem::Name)
        } else {
            Ok(Self(text))
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn holds_mail(text: &[char]) -> bool {
    text.windows(3).any(|around| around[1] == '@' && around[0].is_alphanumeric() && around[2].is_alphanumeric())
}

/// Digits with at most one separator between two of them, beginning with 0 or +. A date begins with neither.
fn holds_phone(text: &[char]) -> bool {
    let is_separator = |c: char| matches!(c, '-' | ' ' | '(' | ')' | '\u{2010}'..='\u{2015}' | '\u{2212}' | 'ー');
    let mut at = 0;
    while at < text.len() {
        if !(text[at] == '0' || text[at] == '+')
            || (at > 0 && (text[at - 1].is_alphanumeric() && text[at - 1].is_ascii() || text[at - 1] == '-'))
        {
            at += 1;
            continue;
        }
        let (mut end, mut digits, mut gap) = (at, 0, 0);
        while end < text.len() && gap <= 2 {
            match text[end] {
                c if c.is_ascii_digit() => (digits, gap) = (digits + 1, 0),
                '+' if end == at => {}
                c if is_separator(c) => gap += 1,
                _ => break,
            }
            end += 1;
        }
        if PHONE_DIGITS.contains(&digits) {
            return true;
        }
        at = end.max(at + 1);
    }
    false
}

fn holds_name(text: &[char]) -> bool {
    TITLES.iter().any(|(title, least)| {
        let title: Vec<char> = title.chars().collect();
        let places = text.windows(title.len()).enumerate().filter(|(_, window)| *window == title);
        places.into_iter().any(|(at, _)| {
            let word: String = text[..at].iter().rev().take_while(|c| is_of_a_name(**c)).collect::<Vec<_>>().into_iter().rev().collect();
            // 氏名 and 様子 are words of their own.
            let goes_on = title.len() == 1 && text.get(at + 1).is_some_and(|next| is_kanji(*next));
            word.chars().count() >= *least && !goes_on && !ROLES.iter().any(|role| word.ends_with(role))
        })
    })
}

fn is_kanji(c: char) -> bool {
    matches!(c, '々' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

fn is_of_a_name(c: char) -> bool {
    is_kanji(c) || matches!(c, 'ァ'..='ヺ' | 'ー')
}

fn holds_western_name(text: &[char]) -> bool {
    let text: String = text.iter().collect();
    let words: Vec<&str> = text.split_whitespace().collect();
    words.windows(2).any(|pair| {
        let title = pair[0].trim_matches(|c: char| !c.is_alphanumeric()).to_ascii_lowercase();
        TITLES_BEFORE.contains(&title.as_str()) && pair[1].chars().next().is_some_and(char::is_uppercase)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_about_the_case_passes_as_it_was_written() {
        for good in [
            "11月20日に発症。\n勤務先は休んでいる。",
            "患者さんに電話した。お客さんは5人。皆様マスク。",
            "氏名は聞いていない。様子を見る。同様の症状。多様な店。",
            "たくさんの店に寄った。パン屋さんと酒屋さん。",
            "2026-11-20 から 2026-11-22 まで、09:00〜18:00",
            "R8-0123 2026-11-22 と同じ職場。看護師さんから聞いた。",
            "Dr. called back; mrs of the shop",
            "@市役所",
        ] {
            assert_eq!(Note::parse(good).as_ref().map(Note::as_str), Ok(good), "{good}");
        }
    }

    #[test]
    fn who_it_is_is_refused_and_not_repeated() {
        let cases = [
            (
                NoteProblem::Name,
                &["田中さんと食事", "山田太郎様", "佐藤氏の店", "ヤマダくん", "鈴木君", "林ちゃん", "Mr. Tanaka came", "spoke to Ms Sato"]
                    [..],
            ),
            (NoteProblem::Mail, &["taro@example.jp", "ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ"]),
            (
                NoteProblem::Phone,
                &["043-222-3333", "０９０１２３４５６７８", "(043) 222-3333", "+81 43 222 3333", "電話は0120-000-000です"],
            ),
        ];
        for (problem, texts) in cases {
            for text in texts {
                let refused = Note::parse(text).unwrap_err();
                assert_eq!(refused, problem, "{text}");
                assert!(!refused.to_string().contains(text));
            }
        }
    }

    #[test]
    fn the_length_is_bounded_at_its_edge() {
        assert!(Note::parse(&"あ".repeat(MAX_NOTE_CHARS)).is_ok());
        assert_eq!(Note::parse(&"あ".repeat(MAX_NOTE_CHARS + 1)), Err(NoteProblem::Text(TextError::TooLong)));
        assert_eq!(Note::parse(" \n"), Err(NoteProblem::Text(TextError::Empty)));
        assert_eq!(Note::parse("a\u{202E}b"), Err(NoteProblem::Text(TextError::Forbidden)));
    }
}
