//! Text that people wrote and the city shows or sends: nothing that leads away from it. In a notice no link, host name, mail address,
//! handle, or telephone number but the hotline; in a venue's own words to its visitors a telephone number is fine.
//! Web says so to who typed it; the worker looks again before it sends a notice, because the web process that let a text pass
//! may have been taken over since (docs/DESIGN.md §3 "Release").
//!
//! It errs on the side of refusing: a refused harmless sentence costs a minute, a link in a city's mail costs the city's word.
use crate::base::text::{self, TextError, is_forbidden};
use unicode_normalization::UnicodeNormalization;

/// Longest free paragraph of a notice, in characters.
pub const MAX_NOTE_CHARS: usize = 500;

/// From so many digits on, a row of them reads as a telephone number (the shortest in Japan that is not an emergency's has ten;
/// seven is a local number without its area code).
const PHONE_DIGITS: usize = 7;

/// Words after a full-width stop that make it a host name's dot (IDNA maps 。 to a dot: UTS #46 §2.3).
const WELL_KNOWN_ENDS: [&str; 16] =
    ["jp", "com", "net", "org", "info", "biz", "xyz", "top", "shop", "site", "online", "link", "app", "dev", "io", "me"];

/// The kind of thing that a text must not hold. It repeats nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotPlain {
    /// More characters than allowed.
    #[error("too long")]
    TooLong,
    /// Control characters, characters that change the direction of text or cannot be seen, braces.
    #[error("control, bidirectional or invisible characters, or braces")]
    Characters,
    /// A link or a host name.
    #[error("something that reads as a link or a host name")]
    Link,
    /// A mail address or another address with an @.
    #[error("something that reads as a mail address")]
    Mail,
    /// A telephone number other than the hotline.
    #[error("something that reads as a telephone number")]
    Phone,
}

/// A paragraph as it is stored and sent: composed (NFC), lines trimmed, empty lines dropped, so that it stays one paragraph.
/// Nothing typed is nothing.
///
/// # Errors
/// The first thing that must not be there.
pub fn note(typed: &str, hotline: &str) -> Result<Option<String>, NotPlain> {
    // Bounded before normalising: NFC of a hostile text may take long.
    if typed.len() > MAX_NOTE_CHARS * 16 {
        return Err(NotPlain::TooLong);
    }
    let composed: String = typed.nfc().collect();
    let lines: Vec<&str> = composed.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty()).collect();
    let text = lines.join("\n");
    if text.chars().count() > MAX_NOTE_CHARS {
        return Err(NotPlain::TooLong);
    }
    check(&text, hotline)?;
    Ok((!text.is_empty()).then_some(text))
}

/// One line that a venue says to its visitors, composed and trimmed: no link, no mail address, nothing that disguises.
/// Nothing typed is nothing.
///
/// # Errors
/// The first thing that must not be there.
pub fn line(typed: &str, max_chars: usize) -> Result<Option<String>, NotPlain> {
    let text = match text::line(typed, max_chars) {
        Ok(text) => text,
        Err(TextError::Empty) => return Ok(None),
        Err(TextError::TooLong) => return Err(NotPlain::TooLong),
        Err(TextError::Forbidden) => return Err(NotPlain::Characters),
    };
    if text.chars().any(is_disguise) {
        return Err(NotPlain::Characters);
    }
    stays(&text).map(|_| Some(text))
}

/// The text as it is compared, if nothing in it leads to a mailbox or a page.
fn stays(text: &str) -> Result<Vec<char>, NotPlain> {
    let folded: Vec<char> = text.nfkc().flat_map(char::to_lowercase).collect();
    if has_mail(&folded) {
        Err(NotPlain::Mail)
    } else if has_link(&folded) {
        Err(NotPlain::Link)
    } else {
        Ok(folded)
    }
}

/// Whether a text may stand in a notice.
///
/// # Errors
/// The first thing that must not be there.
pub fn check(text: &str, hotline: &str) -> Result<(), NotPlain> {
    if text.chars().any(|c| c != '\n' && (is_forbidden(c) || is_disguise(c))) {
        return Err(NotPlain::Characters);
    }
    let folded = stays(text)?;
    if has_phone(&folded, &digits(&hotline.nfkc().collect::<Vec<_>>())) { Err(NotPlain::Phone) } else { Ok(()) }
}

/// Braces stand for the venue and the date in named notices; the rest is drawn as nothing, or as whatever a font likes.
fn is_disguise(c: char) -> bool {
    matches!(c,
        '{' | '}' | '\u{AD}' | '\u{34F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{200C}' | '\u{200D}'
        | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FFA0}' | '\u{FFFC}' | '\u{FFFD}'
        | '\u{E000}'..='\u{F8FF}' | '\u{E0100}'..='\u{E01EF}' | '\u{F0000}'..='\u{10FFFF}')
}

fn has_mail(folded: &[char]) -> bool {
    let text = without_spaces(folded);
    folded.contains(&'@') || ["(at)", "[at]", "アットマーク", "あっとまーく"].iter().any(|sign| text.contains(sign))
}

fn has_link(folded: &[char]) -> bool {
    let text = without_spaces(folded);
    let signs =
        ["//", "\\\\", "http", "hxxp", "www.", "mailto:", "tel:", "sms:", "[.]", "(.)", "(dot)", "[dot]", "ドットコム", "どっとこむ"];
    signs.iter().any(|sign| text.contains(sign)) || has_host(folded)
}

fn without_spaces(folded: &[char]) -> String {
    folded.iter().filter(|c| !c.is_whitespace()).collect()
}

/// A dot with a name before it and letters right behind it (`city.example`, `例え.テスト`, `host .jp`), or four numbers between dots.
/// English puts a space behind a full stop and Japanese has its own, so sentences pass.
fn has_host(folded: &[char]) -> bool {
    let has_name = folded.iter().enumerate().filter(|(_, c)| is_dot(**c)).any(|(at, dot)| {
        let before = folded[..at].iter().rev().find(|c| !c.is_whitespace()).copied().filter(|c| c.is_alphanumeric());
        let behind: String = folded[at + 1..].iter().take_while(|c| c.is_alphanumeric() || **c == '-').collect();
        before.is_some_and(|before| is_name(*dot, before, &behind))
    });
    has_name
        || folded
            .split(|c| !c.is_ascii_digit() && *c != '.')
            .any(|run| run.split(|c| *c == '.').filter(|part| !part.is_empty()).count() > 3)
}

fn is_name(dot: char, before: char, behind: &str) -> bool {
    let letters = behind.chars().count() >= 2 && behind.starts_with(char::is_alphabetic);
    let ascii_on_both_sides = before.is_ascii() && behind.is_ascii();
    letters && (dot == '.' || ascii_on_both_sides || WELL_KNOWN_ENDS.contains(&behind))
}

/// The stops that IDNA maps to a dot, after NFKC (U+FF0E and U+FF61 are folded into these).
fn is_dot(c: char) -> bool {
    matches!(c, '.' | '。')
}

fn has_phone(folded: &[char], hotline: &str) -> bool {
    // `#7119`, `*21*`: short numbers that are dialled with a sign.
    if folded.windows(2).any(|pair| matches!(pair[0], '#' | '*' | '♯') && digit(pair[1]).is_some()) {
        return true;
    }
    folded.split(|c| digit(*c).is_none() && !is_between_digits(*c)).any(|run| {
        let dialled = digits(run);
        dialled.len() >= PHONE_DIGITS && dialled != hotline && !is_dates(run)
    })
}

/// Characters that people write between the digits of a telephone number.
fn is_between_digits(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '-' | '(' | ')' | '.' | '/' | '+' | 'ー' | '・' | '_' | ',' | '、' | '〜' | '~' | '―' | '\u{2010}'..='\u{2015}' | '\u{2212}'
        )
}

/// Whether a row of digits is nothing but dates and times: `2026/11/22`, `2026-11-22`, `2026.11.22`, `11/20-11/22`.
fn is_dates(run: &[char]) -> bool {
    let text: String = run.iter().map(|c| if matches!(c, '〜' | '~' | ',' | '、') { ' ' } else { *c }).collect();
    text.split_whitespace().all(|word| is_date(word) || word.split_once('-').is_some_and(|(one, other)| is_date(one) && is_date(other)))
}

fn is_date(word: &str) -> bool {
    ['/', '-', '.'].into_iter().any(|sign| {
        let parts: Vec<&str> = word.split(sign).collect();
        let short = |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        match parts.as_slice() {
            [month, day] => sign == '/' && short(month) && short(day),
            [year, month, day] => year.len() == 4 && year.starts_with("20") && short(month) && short(day),
            _ => false,
        }
    })
}

fn digits(run: &[char]) -> String {
    run.iter().filter_map(|c| digit(*c)).collect()
}

/// A digit in any script, kanji included; those of other scripts than ours become `?`, which no hotline holds.
fn digit(c: char) -> Option<char> {
    const KANJI: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    match c {
        '0'..='9' => Some(c),
        '零' => Some('0'),
        _ => match KANJI.iter().position(|kanji| *kanji == c) {
            Some(value) => u32::try_from(value).ok().and_then(|value| char::from_digit(value, 10)),
            None => c.is_numeric().then_some('?'),
        },
    }
}

#[cfg(test)]
#[path = "plain_tests.rs"]
mod tests;
