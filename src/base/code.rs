//! The code on a poster: 12 characters that a person can read aloud, type, and mistype without harm.
use std::fmt;
use std::str::FromStr;
use unicode_normalization::UnicodeNormalization;

/// Crockford's base32 alphabet (<https://www.crockford.com/base32.html>): no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Characters of a code: 11 random ones (55 bits) and the check character.
pub const CODE_LEN: usize = 12;

/// Bytes of typed text that are looked at. A code in full-width letters with a mark between any two is
/// under 100; longer text is no code, and must not buy Unicode work.
pub const MAX_INPUT_BYTES: usize = 128;

/// x⁵ + x² + 1, primitive over GF(2), so that α = x generates all 31 non-zero elements of GF(32).
const REDUCTION: u8 = 0b10_0101;

/// The public code of one poster: 11 random characters of Crockford's base32 and one check character.
///
/// **Check character.** A character is an element of GF(32) = GF(2)\[x\] / (x⁵ + x² + 1); a code c₁…c₁₂ is valid
/// when Σ cᵢ·α¹²⁻ⁱ = 0 for α = x. The weights are twelve consecutive powers of a generator of order 31, thus
/// distinct and not zero. Hence:
/// - one wrong character changes the sum by e·αᵏ with e ≠ 0, which is not 0 in a field: always caught;
/// - a swap of the different characters a, b in places k, l changes it by (a − b)(αᵏ − αˡ), and αᵏ ≠ αˡ: always
///   caught, for neighbours and for any other two places;
/// - a random mistake of any other form passes with chance 1/32, and then still has to hit an existing code.
///
/// A code is no credential: it lets people check in and read nothing (docs/DESIGN.md §3 "The code in the QR"). Still it says
/// where somebody is, so `Debug` hides it; `Display` and [`PosterCode::as_str`] are for paper, pages and the database.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PosterCode([u8; CODE_LEN]);

/// Why a text is not a poster code. Holds nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Nothing was typed, save for spaces and hyphens.
    #[error("the code is empty")]
    Empty,
    /// Not 12 characters, one that no code holds (U among them), or more than [`MAX_INPUT_BYTES`].
    #[error("a code has 12 letters and digits")]
    Malformed,
    /// Twelve good characters that do not belong together: one is wrong or two have changed places.
    #[error("a character of the code is wrong")]
    WrongCheck,
}

impl PosterCode {
    /// A new code with 55 bits from `rng`. Uniqueness is the database's to enforce.
    pub fn generate(rng: &mut impl rand::CryptoRng) -> Self {
        let mut bytes = [0; CODE_LEN - 1];
        rng.fill_bytes(&mut bytes);
        Self::from_bytes(bytes)
    }

    /// The code that these bytes stand for, 5 bits of each: as random as they are.
    #[must_use]
    pub fn from_bytes(bytes: [u8; CODE_LEN - 1]) -> Self {
        let mut values = [0; CODE_LEN];
        let (random, check) = values.split_at_mut(CODE_LEN - 1);
        // 256 is a multiple of 32: every character is equally likely.
        random.iter_mut().zip(bytes).for_each(|(value, byte)| *value = byte & 31);
        check.fill(times_alpha(weighted_sum(random)));
        Self::from_values(values)
    }

    /// Reads a code as people type or paste it.
    ///
    /// Small and full-width letters are as good as capitals; spaces and everything that looks like a hyphen are
    /// ignored, wherever they stand, among them the long vowel mark ー that Japanese keyboards give for it;
    /// O is read as 0, I and L as 1.
    ///
    /// # Errors
    /// See [`CodeError`].
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        if text.len() > MAX_INPUT_BYTES {
            return Err(CodeError::Malformed);
        }
        // NFKC leaves ASCII as it is (UAX #15 §7), and that is what a QR code holds.
        if text.is_ascii() { Self::read(text.chars()) } else { Self::read(text.nfkc()) }
    }

    fn read(characters: impl Iterator<Item = char>) -> Result<Self, CodeError> {
        let mut values = [0; CODE_LEN];
        let mut len = 0;
        for c in characters.filter(|&c| !is_separator(c)) {
            let slot = values.get_mut(len).ok_or(CodeError::Malformed)?;
            *slot = value_of(c).ok_or(CodeError::Malformed)?;
            len += 1;
        }
        match len {
            0 => Err(CodeError::Empty),
            CODE_LEN if weighted_sum(&values) == 0 => Ok(Self::from_values(values)),
            CODE_LEN => Err(CodeError::WrongCheck),
            _ => Err(CodeError::Malformed),
        }
    }

    /// The 12 characters in upper case, without hyphens: the stored form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // All bytes come from ALPHABET, so this cannot fail.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The form for reading: `ABCD-EFGH-JKMN`.
    #[must_use]
    pub fn grouped(&self) -> String {
        let text = self.as_str();
        format!("{}-{}-{}", &text[..4], &text[4..8], &text[8..])
    }

    fn from_values(values: [u8; CODE_LEN]) -> Self {
        Self(values.map(|value| ALPHABET[usize::from(value & 31)]))
    }
}

/// Characters that people put between those of a code, after NFKC (which already turned full-width and half-width forms into these).
fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || matches!(c,
            '-' | '\u{00AD}' | '\u{02D7}' | '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' // hyphens, dashes, minus
            | '\u{2500}' | '\u{2501}' | '\u{30FC}' | '\u{30A0}' // box line, 長音, katakana hyphen
            | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}') // invisible company of pasted text
}

fn value_of(c: char) -> Option<u8> {
    let canonical = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let position = ALPHABET.iter().position(|&a| char::from(a) == canonical)?;
    u8::try_from(position).ok()
}

/// Horner's rule: Σ vᵢ·αⁿ⁻ⁱ.
fn weighted_sum(values: &[u8]) -> u8 {
    values.iter().fold(0, |sum, value| times_alpha(sum) ^ value)
}

fn times_alpha(value: u8) -> u8 {
    let doubled = value << 1;
    if doubled & 0b10_0000 == 0 { doubled } else { doubled ^ REDUCTION }
}

impl fmt::Display for PosterCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for PosterCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PosterCode(***)")
    }
}

impl FromStr for PosterCode {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for PosterCode {
    type Error = CodeError;

    fn try_from(text: String) -> Result<Self, CodeError> {
        Self::parse(&text)
    }
}

impl From<PosterCode> for String {
    fn from(code: PosterCode) -> Self {
        code.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    fn code(seed: u64) -> PosterCode {
        PosterCode::generate(&mut StdRng::seed_from_u64(seed))
    }

    #[test]
    fn alpha_generates_the_whole_field() {
        let mut power = 1;
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..31 {
            seen.insert(power);
            power = times_alpha(power);
        }
        assert_eq!((seen.len(), power), (31, 1));
    }

    #[test]
    fn every_wrong_character_is_caught() {
        for seed in 0..200 {
            let good = code(seed);
            for place in 0..CODE_LEN {
                for &other in ALPHABET.iter().filter(|&&a| a != good.0[place]) {
                    let mut bytes = good.0;
                    bytes[place] = other;
                    let typed = String::from_utf8(bytes.to_vec()).unwrap();
                    assert_eq!(PosterCode::parse(&typed), Err(CodeError::WrongCheck));
                }
            }
        }
    }

    #[test]
    fn every_swap_of_two_characters_is_caught() {
        for seed in 0..500 {
            let good = code(seed);
            for a in 0..CODE_LEN {
                for b in (a + 1)..CODE_LEN {
                    let mut bytes = good.0;
                    bytes.swap(a, b);
                    let typed = String::from_utf8(bytes.to_vec()).unwrap();
                    let want = match bytes == good.0 {
                        true => Ok(good),
                        false => Err(CodeError::WrongCheck),
                    };
                    assert_eq!(PosterCode::parse(&typed), want);
                }
            }
        }
    }

    #[test]
    fn the_check_character_of_a_code_worked_by_hand() {
        // Worked by hand: the sum of 0…01 is 1, times α is 2.
        assert!(PosterCode::parse("0000-0000-0012").is_ok());
        assert_eq!(PosterCode::parse("0000-0000-0011"), Err(CodeError::WrongCheck));
    }

    #[test]
    fn every_way_of_typing_gives_the_same_code() {
        let want = PosterCode::parse("000000000012").unwrap();
        for typed in [
            "ooooOOOO00i2",
            "ＯＯＯＯ－００００－００１２",
            "0000ー0000ー0012",
            "0000ｰ0000ｰ００l2",
            "0000‐0000‑0012",
            "0000–0000—0012",
            "0000−0000─0012",
            " 0000\u{3000}0000\t0012\r\n",
            "\u{FEFF}0000\u{200B}00000012\u{200E}",
            "0-0-0-0-0-0-0-0-0-0-1-2",
        ] {
            let got = PosterCode::parse(typed);
            assert_eq!(got, Ok(want), "{typed}");
        }
    }

    #[test]
    fn what_is_no_code_is_refused_in_its_own_way() {
        for empty in ["", "  ", "--ー　"] {
            assert_eq!(PosterCode::parse(empty), Err(CodeError::Empty));
        }
        for bad in [
            "U00000000012",
            "00000000001",
            "0000000000012",
            "00000000001é",
            "0000\u{0}0000012",
            "HTTPS://A/C/000000000012",
            "喫茶ひだまり",
            "ﷺ",
        ] {
            assert_eq!(PosterCode::parse(bad), Err(CodeError::Malformed), "{bad}");
        }
    }

    #[test]
    fn input_is_read_up_to_its_limit_and_no_further() {
        let padded = |len: usize| format!("{}000000000012", " ".repeat(len - CODE_LEN));
        assert!(PosterCode::parse(&padded(MAX_INPUT_BYTES)).is_ok());
        assert_eq!(PosterCode::parse(&padded(MAX_INPUT_BYTES + 1)), Err(CodeError::Malformed));
        assert_eq!(PosterCode::parse(&"ﷺ".repeat(1_000_000)), Err(CodeError::Malformed));
    }

    #[test]
    fn the_forms_agree_and_debug_says_nothing() {
        let good = code(1);
        let grouped = good.grouped();
        assert_eq!((good.as_str().len(), grouped.len()), (12, 14));
        assert_eq!(grouped.replace('-', ""), good.to_string());
        assert_eq!(grouped.parse(), Ok(good));
        let json = serde_json::to_string(&good).unwrap();
        assert_eq!(json, format!("\"{good}\""));
        assert_eq!(serde_json::from_str::<PosterCode>(&json).unwrap(), good);
        let error = serde_json::from_str::<PosterCode>("\"SECRETSECRET\"").unwrap_err();
        assert!(!error.to_string().contains("SECRET"));
        assert_eq!(format!("{good:?}"), "PosterCode(***)");
    }

    #[test]
    fn every_character_turns_up_in_every_place() {
        let mut seen = vec![std::collections::BTreeSet::new(); CODE_LEN];
        for seed in 0..1_000 {
            for (place, byte) in code(seed).0.into_iter().enumerate() {
                seen[place].insert(byte);
            }
        }
        assert!(seen.iter().all(|characters| characters.len() == 32));
    }

    proptest! {
        #[test]
        fn any_code_survives_the_round_trip(seed: u64) {
            let good = code(seed);
            prop_assert_eq!(PosterCode::parse(good.as_str()), Ok(good));
            prop_assert_eq!(PosterCode::parse(&good.grouped().to_lowercase()), Ok(good));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,60}") {
            if let Ok(code) = PosterCode::parse(&text) {
                prop_assert_eq!(PosterCode::parse(code.as_str()), Ok(code));
            }
        }
    }
}
