//! One line of text that a person typed and others will read: names, labels, addresses of venues.
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// Bytes of typed digits that are looked at: eight full-width digits with a space between any two are under 50.
const MAX_DIGITS_BYTES: usize = 64;

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing is left after trimming.
    #[error("empty")]
    Empty,
    /// More characters than allowed.
    #[error("too long")]
    TooLong,
    /// Control or direction-changing characters, which could forge lines or hide what stands there.
    #[error("control or bidirectional characters")]
    Forbidden,
}

/// Trims, composes (NFC) and checks one line: 1 to `max_chars` characters, no control and no bidi-control characters
/// (Unicode UAX #9 §2). Markup and formulas are left as they are: every exit escapes.
pub fn line(text: &str, max_chars: usize) -> Result<String, TextError> {
    // Bounded before normalising: NFC of a hostile text may take long.
    if text.len() > max_chars.saturating_mul(16).max(256) {
        return Err(TextError::TooLong);
    }
    let composed: String = text.trim().nfc().collect();
    if composed.is_empty() {
        return Err(TextError::Empty);
    }
    if composed.chars().any(is_forbidden) {
        return Err(TextError::Forbidden);
    }
    if composed.chars().count() > max_chars {
        return Err(TextError::TooLong);
    }
    Ok(composed)
}

/// The same for a text of several lines: line ends become `\n`, those at its ends and white space at the end of lines are dropped.
///
/// # Errors
/// See [`TextError`].
pub fn lines(text: &str, max_chars: usize) -> Result<String, TextError> {
    if text.len() > max_chars.saturating_mul(16).max(256) {
        return Err(TextError::TooLong);
    }
    let text = text.replace("\r\n", "\n");
    let kept: Vec<String> = text.trim().split('\n').map(|line| line.trim_end().nfc().collect()).collect();
    if kept.iter().flat_map(|line| line.chars()).any(is_forbidden) {
        return Err(TextError::Forbidden);
    }
    let composed = kept.join("\n");
    if composed.is_empty() {
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

/// Control characters (C0, C1, line and paragraph separators), bidi controls and invisible characters that disguise a text.
#[must_use]
pub fn is_forbidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}'
            | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
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
    }
}
