//! Which passwords are taken: 8 to 128 characters, none that a guesser tries first, no other rules (NIST SP 800-63B §3.1.1.2:
//! composition rules make passwords worse; a second factor is always asked for).
//!
//! The list of common passwords is a list of their *stems*. A password is refused when nothing but a stem is left of it after
//! the decorations that people add and guessers know: capitals, digits and signs at the ends, `@` for `a`, `0` for `o`.
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// Fewest characters (NIST SP 800-63B §3.1.1.2: eight where a second factor is asked for).
pub const MIN_PASSWORD_CHARS: usize = 8;
/// Most characters: a long sentence, and no work for a hostile client.
pub const MAX_PASSWORD_CHARS: usize = 128;
/// Bytes that are looked at before anything is counted: 128 characters, each of which may be composed of several.
const MAX_PASSWORD_BYTES: usize = 2_048;
/// Characters that must be left once common stems and decorations are taken away.
const MIN_OWN_CHARS: usize = 4;
/// Shortest word of the city, the service or the person that counts; shorter ones stand in everything.
const MIN_OWN_WORD_CHARS: usize = 3;

/// Words that guessers try first: the stems of the lists of leaked passwords, and what people in Japan add to them.
const STEMS: &str = include_str!("common_passwords.txt");
/// Rows of keyboards and orders that fingers know; any piece of four or more characters counts, in both directions.
const WALKS: [&str; 9] = [
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p",
    "!@#$%^&*()",
];
/// Shortest piece of a walk.
const WALK_CHARS: usize = 4;

/// A new password as somebody typed it. No `Debug`.
#[derive(Clone, Copy)]
pub struct NewPassword<'a> {
    /// The password.
    pub typed: &'a str,
    /// The same once more.
    pub again: &'a str,
}

/// Why a password is not taken. Each has its own sentence on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Fewer than [`MIN_PASSWORD_CHARS`].
    #[error("at least {MIN_PASSWORD_CHARS} characters are needed")]
    TooShort,
    /// More than [`MAX_PASSWORD_CHARS`].
    #[error("at most {MAX_PASSWORD_CHARS} characters")]
    TooLong,
    /// A control or direction-changing character, which nobody types twice alike.
    #[error("control or bidirectional characters")]
    Forbidden,
    /// On the list, or all but on it.
    #[error("this password is among those that are guessed first")]
    Common,
    /// Made of the name of the city, the service or the person.
    #[error("this password is made of names that everybody here knows")]
    OwnWords,
}

/// A password as it is hashed: Unicode-normalised, so that two keyboards give the same bytes (NIST SP 800-63B §3.1.1.2).
pub(super) fn normalised(typed: &str) -> Option<Zeroizing<String>> {
    if typed.len() > MAX_PASSWORD_BYTES {
        return None;
    }
    let bytes = typed.nfkc().map(char::len_utf8).sum();
    let mut text = Zeroizing::new(String::with_capacity(bytes));
    text.extend(typed.nfkc());
    Some(text)
}

/// Checks a new password; `own` are words that everybody around the person knows.
///
/// # Errors
/// [`PasswordError`]
pub(super) fn check(typed: &str, own: &[&str]) -> Result<Zeroizing<String>, PasswordError> {
    let password = normalised(typed).ok_or(PasswordError::TooLong)?;
    let chars = password.chars().count();
    if chars > MAX_PASSWORD_CHARS {
        return Err(PasswordError::TooLong);
    }
    if chars < MIN_PASSWORD_CHARS {
        return Err(PasswordError::TooShort);
    }
    if password.chars().any(crate::base::text::is_forbidden) {
        return Err(PasswordError::Forbidden);
    }
    let plain = Zeroizing::new(password.to_lowercase());
    if left_over(&without_walks(&plain), &STEMS.lines()) < MIN_OWN_CHARS {
        return Err(PasswordError::Common);
    }
    let words: Vec<String> = own.iter().flat_map(|text| words(text)).collect();
    if left_over(&without_walks(&plain), &words.iter().map(String::as_str).chain(STEMS.lines())) < MIN_OWN_CHARS {
        return Err(PasswordError::OwnWords);
    }
    Ok(password)
}

/// The words of a name that are long enough to be recognised.
fn words(text: &str) -> Vec<String> {
    let folded: String = text.nfkc().collect::<String>().to_lowercase();
    let parts = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() >= MIN_OWN_WORD_CHARS);
    parts.map(str::to_owned).collect()
}

/// How many different letters remain when every stem is taken out, decorations read as letters, digits and signs dropped.
fn left_over<'a>(plain: &str, stems: &(impl Iterator<Item = &'a str> + Clone)) -> usize {
    let letters = |text: &str| Zeroizing::new(text.chars().filter(|c| c.is_alphabetic()).collect::<String>());
    let undecorated: Zeroizing<String> = Zeroizing::new(plain.chars().map(undecorated).collect());
    [letters(plain), letters(&undecorated)].into_iter().map(|text| different(&without(text, stems.clone()))).min().unwrap_or(0)
}

fn without<'a>(mut text: Zeroizing<String>, stems: impl Iterator<Item = &'a str>) -> Zeroizing<String> {
    // Longer stems stand first in the file; a gap between the pieces keeps them from forming new stems.
    for stem in stems.filter(|stem| !stem.is_empty()) {
        if text.contains(stem) {
            text = Zeroizing::new(text.replace(stem, " "));
        }
    }
    text
}

fn different(text: &str) -> usize {
    let mut seen: Vec<char> = text.chars().filter(|c| c.is_alphabetic()).collect();
    seen.sort_unstable();
    seen.dedup();
    seen.len()
}

/// The letter that a sign stands for in `P@ssw0rd`.
fn undecorated(c: char) -> char {
    match c {
        '@' | '4' => 'a',
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' => 'e',
        '5' | '$' => 's',
        '7' => 't',
        '8' => 'b',
        other => other,
    }
}

/// The text without every piece of a walk that has [`WALK_CHARS`] characters or more.
fn without_walks(plain: &str) -> Zeroizing<String> {
    let chars = Zeroizing::new(plain.chars().collect::<Vec<char>>());
    let mut rest = Zeroizing::new(String::with_capacity(plain.len()));
    let mut at = 0;
    while at < chars.len() {
        let longest = (WALK_CHARS..=chars.len() - at).take_while(|length| is_walk(&chars[at..at + length])).last();
        match longest {
            Some(length) => at += length,
            None => {
                rest.push(chars[at]);
                at += 1;
            }
        }
    }
    rest
}

fn is_walk(piece: &[char]) -> bool {
    let forward: String = piece.iter().collect();
    let backward: String = piece.iter().rev().collect();
    WALKS.iter().any(|walk| walk.contains(&forward) || walk.contains(&backward))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: [&str; 4] = ["あおば市", "感染症お知らせサービス", "trace.aoba-city.example.jp", "tanaka.ken@city.example.jp"];

    fn verdict(typed: &str) -> Result<(), PasswordError> {
        check(typed, &OWN).map(drop)
    }

    #[test]
    fn ordinary_good_passwords_are_taken_whatever_they_consist_of() {
        for good in
            ["correct horse battery", "川べりの猫は七匹", "tk8vRqz2", "xkqz vbnw", "9f3kd02mq1", "雨ニモマケズ風ニモ", "Tr0ub4dor&xyzzy"]
        {
            assert_eq!(verdict(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn what_is_guessed_first_is_refused_however_it_is_decorated() {
        for bad in [
            "password",
            "Password1!",
            "P@ssw0rd2026",
            "12345678",
            "87654321",
            "qwertyuiop",
            "1q2w3e4r",
            "1qaz2wsx",
            "asdfghjkl",
            "aaaaaaaa",
            "abababab",
            "iloveyou",
            "welcome123",
            "letmein!!",
            "admin2026",
            "sakura2026",
            "qwerty123456",
            "zaq12wsx",
            "passwordpassword",
            "Summer2026!",
            "20261122",
            "hokenjo1",
            "covid2019",
            "コロナコロナコロナ",
            "!!!!!!!!",
            "abcd1234",
            "changeme1",
        ] {
            assert_eq!(verdict(bad), Err(PasswordError::Common), "{bad}");
        }
    }

    #[test]
    fn the_words_of_the_house_are_refused() {
        for bad in ["あおば市あおば市2026", "aoba-trace1", "Tanaka1985!", "tanaka.ken", "感染症お知らせサービス", "traceaoba"]
        {
            assert_eq!(verdict(bad), Err(PasswordError::OwnWords), "{bad}");
        }
        assert_eq!(verdict("aoba-city 赤い自転車"), Ok(()), "with enough of one's own it is fine");
    }

    #[test]
    fn limits_hold_at_their_edges() {
        assert_eq!(verdict("tk8vRqz"), Err(PasswordError::TooShort));
        let long = "川べりの猫は七匹".repeat(16);
        assert_eq!(long.chars().count(), MAX_PASSWORD_CHARS);
        assert_eq!(verdict(&long), Ok(()));
        assert_eq!(verdict(&format!("{long}x")), Err(PasswordError::TooLong));
        assert_eq!(verdict(&"x".repeat(10_000)), Err(PasswordError::TooLong));
        for bad in ["tk8v\u{202E}Rqz2", "tk8v\0Rqz2", "tk8vRqz2\n"] {
            assert_eq!(verdict(bad), Err(PasswordError::Forbidden), "{bad:?}");
        }
    }

    #[test]
    fn two_keyboards_give_the_same_password() {
        assert_eq!(normalised("ｔｋ８ｖガ"), normalised("tk8vガ"));
        assert_eq!(normalised("カ\u{3099}"), normalised("ガ"));
    }
}
