//! The number of an alert: printed in every notice, typed at `/alerts/check` by people who ask whether it is genuine.
use rand::Rng;
use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// Crockford's base32 alphabet (<https://www.crockford.com/base32.html>): no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Characters of a number: 40 random bits, so that a made-up number is no alert's.
pub const NUMBER_LEN: usize = 8;

/// Bytes of typed text that are looked at: a subject that somebody pasted. Longer text is no number.
pub const MAX_INPUT_BYTES: usize = 400;

/// The random public number of one alert, eight characters of Crockford's base32. Shown as `AB3K-9QXZ`, stored without hyphen.
///
/// It has no check character: a mistyped number is not found, and that is all the harm it can do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AlertNumber(String);

impl AlertNumber {
    /// A fresh number. Uniqueness is the database's to enforce.
    #[must_use]
    pub fn random() -> Self {
        let mut bytes = [0; NUMBER_LEN];
        rand::rng().fill_bytes(&mut bytes);
        // 256 is a multiple of 32: every character is equally likely.
        Self(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect())
    }

    /// Reads a number as people type or paste it, alone or with the words around it: `「番号 AB3K-9QXZ」`, a whole subject. Small and
    /// full-width letters are as good as capitals, spaces and marks between the characters are ignored (among them ー, which Japanese
    /// keyboards give for a hyphen), O is 0, I and L are 1. `None` where no number stands, or several do.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_INPUT_BYTES {
            return None;
        }
        let text: String = text.nfkc().collect();
        let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        // Typed with whatever between its characters.
        if let Some(number) = read(&words) {
            return Some(number);
        }
        // Between other words: in two halves, as it is printed, or else in one piece.
        let halves: Vec<_> =
            words.windows(2).filter(|pair| pair.iter().all(|half| half.len() == NUMBER_LEN / 2)).filter_map(read).collect();
        let pieces: Vec<_> = words.chunks(1).filter_map(read).collect();
        match (halves.as_slice(), pieces.as_slice()) {
            ([one], _) | ([], [one]) => Some(one.clone()),
            _ => None,
        }
    }

    /// The stored form, without hyphen.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A number from the database.
    pub(super) fn from_stored(text: String) -> Self {
        Self(text)
    }
}

/// The number that these words make together.
fn read(words: &[&str]) -> Option<AlertNumber> {
    let characters = words.iter().flat_map(|word| word.chars());
    let number: String = characters.map(canonical).collect::<Option<_>>()?;
    (number.len() == NUMBER_LEN).then_some(AlertNumber(number))
}

fn canonical(character: char) -> Option<char> {
    let character = match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET.iter().any(|&known| char::from(known) == character).then_some(character)
}

impl fmt::Display for AlertNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (head, tail) = self.0.split_at_checked(NUMBER_LEN / 2).unwrap_or((&self.0, ""));
        write!(f, "{head}-{tail}")
    }
}

impl serde::Serialize for AlertNumber {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_back_however_it_is_typed() {
        let number = AlertNumber::from_stored("AB3K90X1".into());
        assert_eq!(number.to_string(), "AB3K-90X1");
        for typed in ["AB3K-90X1", "ab3k 9oxl", "ＡＢ３Ｋ－９０Ｘ１", "ab3kー90xI", "AB3K–90X1\n", "「AB3K-90X1」", "A B 3 K 9 0 X 1"]
        {
            assert_eq!(AlertNumber::parse(typed), Some(number.clone()), "{typed}");
        }
    }

    #[test]
    fn a_number_is_found_between_the_words_around_it() {
        let number = AlertNumber::from_stored("H34ZDGYG".into());
        for pasted in [
            "番号H34Z-DGYG",
            "「番号 H34Z-DGYG」",
            "番号：Ｈ３４Ｚ－ＤＧＹＧ",
            "番号 H34ZDGYG",
            "【あおば市】利用された施設についてのお知らせ（番号 H34Z-DGYG）",
            "Subject: [Aoba] About a venue that you used (no. H34Z-DGYG)",
            "notice H34Z DGYG received 2026-11-22",
        ] {
            assert_eq!(AlertNumber::parse(pasted), Some(number.clone()), "{pasted}");
        }
        for unclear in ["H34Z-DGYG か AB3K-90X1", "H34ZDGYG AB3K90X1"] {
            assert_eq!(AlertNumber::parse(unclear), None, "{unclear}");
        }
    }

    #[test]
    fn what_is_no_number_is_not_looked_up() {
        for bad in ["", "AB3K-90X", "AB3K-90X1Z", "AB3K-90XU", "番号", "' or 1=1 --", "<b>"] {
            assert_eq!(AlertNumber::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn typed_text_is_read_up_to_its_limit() {
        let padded = |len: usize| format!("{}AB3K90X1", " ".repeat(len - NUMBER_LEN));
        assert!(AlertNumber::parse(&padded(MAX_INPUT_BYTES)).is_some());
        assert!(AlertNumber::parse(&padded(MAX_INPUT_BYTES + 1)).is_none());
    }

    #[test]
    fn numbers_differ_and_use_the_whole_alphabet() {
        let numbers: std::collections::HashSet<_> = (0..1_000).map(|_| AlertNumber::random()).collect();
        assert_eq!(numbers.len(), 1_000);
        assert_eq!(numbers.iter().flat_map(|number| number.as_str().chars()).collect::<std::collections::HashSet<_>>().len(), 32);
        assert!(numbers.iter().all(|number| AlertNumber::parse(&number.to_string()).as_ref() == Some(number)));
    }
}
