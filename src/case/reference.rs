//! The reference of a case: the health centre's own number for it, and nothing that says who it is.

/// Longest reference, in characters.
pub const MAX_REFERENCE_CHARS: usize = 40;

/// A reference such as `R8-0123`: 1 to [`MAX_REFERENCE_CHARS`] ASCII letters, digits and `-` `/` `_` `.`.
///
/// The narrow alphabet is on purpose. Names, mail addresses and telephone numbers typed by habit hold spaces, `@`, `+`,
/// kana or kanji; they are refused at the door, because what is never stored cannot leak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference(String);

/// Why a text is no reference. Holds nothing of the text: it may be somebody's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceProblem {
    /// Nothing was given.
    #[error("it is empty")]
    Empty,
    /// Longer than [`MAX_REFERENCE_CHARS`].
    #[error("at most {MAX_REFERENCE_CHARS} characters")]
    TooLong,
    /// Holds other characters than allowed.
    #[error("only the letters A to Z, digits, hyphen, slash, underscore and dot; give the case's number, never a name or an address")]
    Characters,
}

impl Reference {
    /// Reads a reference; white space at its ends is dropped.
    ///
    /// # Errors
    /// See [`ReferenceProblem`].
    pub fn parse(text: &str) -> Result<Self, ReferenceProblem> {
        let text = text.trim();
        if text.is_empty() {
            Err(ReferenceProblem::Empty)
        } else if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-/_.".contains(&byte)) {
            Err(ReferenceProblem::Characters)
        } else if text.len() > MAX_REFERENCE_CHARS {
            Err(ReferenceProblem::TooLong)
        } else {
            Ok(Self(text.to_owned()))
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_cases_pass() {
        for good in ["R8-0123", "2026/11/22-7", " chiba_01.2 ", "1"] {
            assert_eq!(Reference::parse(good).unwrap().as_str(), good.trim());
        }
    }

    #[test]
    fn what_may_be_a_person_is_refused_and_not_repeated() {
        for bad in ["山田太郎", "Yamada Taro", "taro@example.jp", "+81 43 000", "R8-0123;", "R8\0", "ﾔﾏﾀﾞ", "Ｒ８"] {
            let problem = Reference::parse(bad).unwrap_err();
            assert_eq!(problem, ReferenceProblem::Characters, "{bad}");
            assert!(!problem.to_string().contains(bad));
        }
        assert_eq!(Reference::parse(" \u{3000}"), Err(ReferenceProblem::Empty));
    }

    #[test]
    fn the_length_is_bounded_at_its_edge() {
        assert!(Reference::parse(&"7".repeat(MAX_REFERENCE_CHARS)).is_ok());
        assert_eq!(Reference::parse(&"7".repeat(MAX_REFERENCE_CHARS + 1)), Err(ReferenceProblem::TooLong));
    }
}
