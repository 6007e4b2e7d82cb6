//! One line of text that a person typed and others will read: names, labels, addresses of venues.
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use zeroize::Zeroizing;

/// Bytes of typed digits that are looked at: eight full-width digits with a space between any two are under 50.
const MAX_DIGITS_BYTES: usize = 64;

/// Marks on one letter: more than any living script needs once composed, too few to climb over the lines around it.
const MAX_MARKS: usize = 4;

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing is left after trimming, or nothing that can be seen.
    #[error("empty")]
    Empty,
    /// More characters than allowed.
    #[error("too long")]
    TooLong,
    /// Control or direction-changing characters, which could forge lines or hide what stands there, or a pile of accents.
    #[error("control or bidirectional characters")]
    Forbidden,
}

/// Trims, composes (NFC) and checks one line: 1 to `max_chars` characters of which one can be seen, no control and no bidi-control
/// characters (Unicode UAX #9 §2), no more than [`MAX_MARKS`] marks in a row. Markup and formulas are left as they are: every exit escapes.
pub fn line(text: &str, max_chars: usize) -> Result<String, TextError> {
    // Bounded before normalising: NFC of a hostile text may take long.
    if text.len() > max_chars.saturating_mul(16).max(256) {
        return Err(TextError::TooLong);
    }
    let composed: String = text.trim().nfc().collect();
    if composed.chars().any(is_forbidden) || is_piled(&composed) {
        return Err(TextError::Forbidden);
    }
    if !composed.chars().any(is_seen) {
        return Err(TextError::Empty);
    }
    if composed.chars().count() > max_chars {
        return Err(TextError::TooLong);
    }
    Ok(composed)
}

/// A text in which nothing is left that a mail program would turn into a link.
#[must_use]
pub fn unlinked(text: &str) -> String {
    let unlinked = |character| match character {
        '.' => '．',
        '@' => '＠',
        ':' => '：',
        '/' => '／',
        other => other,
    };
    text.chars().map(unlinked).collect()
}

/// As [`line`], for a text of several lines: line ends become `\n`, those at its ends and white space at the end of lines are dropped.
///
/// # Errors
/// See [`TextError`].
pub fn lines(text: &str, max_chars: usize) -> Result<String, TextError> {
    if text.len() > max_chars.saturating_mul(16).max(256) {
        return Err(TextError::TooLong);
    }
    let text = text.replace("\r\n", "\n");
    let kept: Vec<String> = text.trim().split('\n').map(|line| line.trim_end().nfc().collect()).collect();
    if kept.iter().any(|line| line.chars().any(is_forbidden) || is_piled(line)) {
        return Err(TextError::Forbidden);
    }
    let composed = kept.join("\n");
    if !composed.chars().any(is_seen) {
        return Err(TextError::Empty);
    }
    if composed.chars().count() > max_chars { Err(TextError::TooLong) } else { Ok(composed) }
}

/// Exactly `count` digits that a person typed; full-width digits, spaces and hyphens are fine. `None` when it is anything else.
#[must_use]
pub fn digits(typed: &str, count: usize) -> Option<Zeroizing<String>> {
    if typed.len() > MAX_DIGITS_BYTES {
        return None;
    }
    let mut digits = Zeroizing::new(String::with_capacity(MAX_DIGITS_BYTES));
    digits.extend(typed.nfkc().filter(|c| !c.is_whitespace() && !matches!(c, '-' | 'ー' | '‐' | '−' | '–')));
    (digits.len() == count && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

/// Control characters (C0, C1, line and paragraph separators), bidi controls, invisible characters that disguise a text, and what is no
/// character at all (Unicode §23.7; XML 1.0 §2.2 refuses U+FFFE and U+FFFF, so one of them would break a whole SVG or XLSX file).
/// Joiners and variation selectors stay: emoji and Japanese names need them.
#[must_use]
pub fn is_forbidden(character: char) -> bool {
    character.is_control()
        || u32::from(character) & 0xFFFE == 0xFFFE
        || matches!(character,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
            | '\u{FDD0}'..='\u{FDEF}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E00FF}' | '\u{E01F0}'..='\u{E0FFF}')
}

/// Whether a character by itself leaves something on the page.
fn is_seen(character: char) -> bool {
    let joins = matches!(character, '\u{200C}' | '\u{200D}' | '\u{2800}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}');
    !(joins || character.is_whitespace() || is_combining_mark(character))
}

/// Whether some letter carries more than [`MAX_MARKS`] marks.
fn is_piled(text: &str) -> bool {
    let mut marks = 0;
    text.chars().any(|character| {
        marks = if is_combining_mark(character) { marks + 1 } else { 0 };
        marks > MAX_MARKS
    })
}

/// A number with a comma between thousands.
#[must_use]
pub fn thousands(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_told_apart() {
        let all = [0, 7, 999, 1_000, 12_345, 1_234_567].map(thousands);
        assert_eq!(all, ["0", "7", "999", "1,000", "12,345", "1,234,567"]);
    }

    #[test]
    fn ordinary_names_pass_trimmed_and_composed() {
        assert_eq!(line("  喫茶 ひだまり ", 100).unwrap(), "喫茶 ひだまり");
        assert_eq!(line("か\u{3099}", 1).unwrap(), "が");
        assert_eq!(line("<svg onload=x>", 100).unwrap(), "<svg onload=x>");
    }

    #[test]
    fn the_limit_counts_characters_and_holds_at_its_edge() {
        assert!(line(&"あ".repeat(100), 100).is_ok());
        assert_eq!(line(&"あ".repeat(101), 100), Err(TextError::TooLong));
        assert_eq!(line(&"あ".repeat(10_000), 100), Err(TextError::TooLong));
        assert_eq!(line(" \u{3000}", 100), Err(TextError::Empty));
    }

    #[test]
    fn a_text_of_lines_keeps_its_lines_and_the_same_bounds() {
        assert_eq!(lines(" a \r\n\r\nb\n ", 4).unwrap(), "a\n\nb");
        assert_eq!(lines("a\n\nbc", 4), Err(TextError::TooLong));
        assert_eq!(lines("\n \r\n", 4), Err(TextError::Empty));
        assert_eq!(lines(&"x".repeat(10_000), 4), Err(TextError::TooLong));
        for bad in ["a\rb", "a\n\u{202E}b", "a\tb"] {
            assert_eq!(lines(bad, 10), Err(TextError::Forbidden), "{bad:?}");
        }
    }

    #[test]
    fn digits_are_read_as_people_type_them() {
        for typed in ["12345678", " 1234 5678 ", "１２３４５６７８", "1234-5678", "1234ー5678"] {
            assert_eq!(digits(typed, 8).as_deref().map(String::as_str), Some("12345678"), "{typed}");
        }
        for bad in ["", "1234567", "123456789", "1234567a", "１２３４５６７", &"1 ".repeat(1000)] {
            assert!(digits(bad, 8).is_none(), "{bad}");
        }
        assert!(digits("123 456", 6).is_some());
    }

    #[test]
    fn what_forges_or_hides_is_refused() {
        for bad in ["a\r\nBcc: x", "a\0b", "a\u{202E}b", "a\u{2066}b", "a\u{1B}[31m", "a\u{85}b", "a\u{200B}b"] {
            assert_eq!(line(bad, 100), Err(TextError::Forbidden), "{bad:?}");
        }
        for bad in ["a\u{FFFE}b", "a\u{10FFFF}b", "a\u{FDD0}b", "a\u{AD}b", "a\u{206A}b", "\u{3164}", "a\u{FFA0}b", "a\u{E0041}b"] {
            assert_eq!((line(bad, 100), lines(bad, 100)), (Err(TextError::Forbidden), Err(TextError::Forbidden)), "{bad:?}");
        }
    }

    #[test]
    fn a_text_that_nobody_sees_is_none_and_accents_do_not_pile_up() {
        for blank in ["\u{200D}", "\u{2800}\u{2800}", "\u{301}", "\u{FE0F} \u{200C}", "\u{A0}\u{3000}", "\u{E0100}"] {
            assert_eq!((line(blank, 100), lines(blank, 100)), (Err(TextError::Empty), Err(TextError::Empty)), "{blank:?}");
        }
        let piled = |marks: usize| format!("か{}", "\u{0337}".repeat(marks));
        assert_eq!((line(&piled(MAX_MARKS), 100).is_ok(), line(&piled(MAX_MARKS + 1), 100)), (true, Err(TextError::Forbidden)));
        assert_eq!(lines(&piled(MAX_MARKS + 1), 100), Err(TextError::Forbidden));
        for fine in ["👨\u{200D}🍳の店", "葛\u{E0100}城", "髙島屋", "ハート❤\u{FE0F}", "か\u{309A}", "ภูเก็ต"]
        {
            assert!(line(fine, 100).is_ok(), "{fine:?}");
        }
    }
}
