//! Replies of the server: strictly read (RFC 5321 §4.2), and only their numbers and a few known words kept.
use super::words::Words;
use std::fmt;

/// Longest reply in bytes, all its lines together. A server with more to say is not one we can trust to stay in step.
pub(crate) const MAX_REPLY_BYTES: usize = 64 * 1024;

/// An enhanced status code such as 5.1.1 (RFC 3463): class, subject, detail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EnhancedStatus {
    /// 2 success, 4 persistent transient failure, 5 permanent failure.
    pub class: u8,
    /// Its subject: 1 addressing, 2 mailbox, 3 mail system, 4 network, 5 protocol, 6 content, 7 security.
    pub subject: u16,
    /// The exact condition within the subject.
    pub detail: u16,
}

impl fmt::Display for EnhancedStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

/// The numbers of one reply, and which of a few known words were in it. The text is dropped at once: it may hold the recipient's
/// address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reply {
    code: u16,
    enhanced: Option<EnhancedStatus>,
    words: Words,
}

impl Reply {
    /// The three digits, 200 to 599.
    #[must_use]
    pub fn code(self) -> u16 {
        self.code
    }

    /// The enhanced status, where the server gave one of the same class as the code.
    #[must_use]
    pub fn enhanced(self) -> Option<EnhancedStatus> {
        self.enhanced
    }

    /// The known words in it.
    #[must_use]
    pub fn words(self) -> Words {
        self.words
    }

    /// This line and the next one of the same reply.
    pub(crate) fn followed_by(self, next: Self) -> Self {
        Self { enhanced: self.enhanced.or(next.enhanced), words: self.words.with(next.words), ..self }
    }

    /// The numbers of a single line, for tests of what follows from them.
    #[cfg(test)]
    pub(crate) fn parse(line: &[u8]) -> Option<Self> {
        parse_line(line).ok().map(|(reply, _)| reply)
    }

    /// 421: the server is about to close the connection, whatever the step (RFC 5321 §3.8).
    pub(crate) fn is_closing(self) -> bool {
        self.code == 421
    }
}

impl fmt::Display for Reply {
    /// `550 5.1.1` or `550`: fit for logs and for the officials' page.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.enhanced {
            Some(status) => write!(f, "{} {status}", self.code),
            None => write!(f, "{}", self.code),
        }
    }
}

/// The bytes are no SMTP reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// Reads one line without its line end. True: it was the last of its reply.
pub(crate) fn parse_line(line: &[u8]) -> Result<(Reply, bool), Malformed> {
    let (digits, rest) = line.split_at_checked(3).ok_or(Malformed)?;
    let code = parse_code(digits).ok_or(Malformed)?;
    let (last, text) = match rest.split_first() {
        None => (true, &[][..]),
        Some((b' ', text)) => (true, text),
        Some((b'-', text)) => (false, text),
        Some(_) => return Err(Malformed),
    };
    let enhanced = find_enhanced(text, code / 100);
    // Only a refusal is ever asked for its words.
    let words = if code >= 400 { Words::of(text) } else { Words::NONE };
    Ok((Reply { code, enhanced, words }, last))
}

fn parse_code(digits: &[u8]) -> Option<u16> {
    let code = parse_number(digits)?;
    (200..=599).contains(&code).then_some(code)
}

/// The first status of this class in a text: at its start, `5.1.1 No such user` (RFC 2034 §4), or, as older servers write it, in
/// brackets at its end, `no such user (#5.1.1)`. Anything else is simply text.
fn find_enhanced(text: &[u8], class: u16) -> Option<EnhancedStatus> {
    text.split(|&b| b == b' ').map(unwrapped).filter_map(parse_enhanced).find(|status| u16::from(status.class) == class)
}

/// A word without what may stand around a number in a sentence.
fn unwrapped(word: &[u8]) -> &[u8] {
    let around = |byte: &u8| matches!(byte, b'(' | b')' | b'[' | b']' | b'#' | b':' | b';' | b',');
    let begin = word.iter().position(|byte| !around(byte)).unwrap_or(word.len());
    let end = word.iter().rposition(|byte| !around(byte)).map_or(begin, |last| last + 1);
    word.get(begin..end).unwrap_or_default()
}

fn parse_enhanced(word: &[u8]) -> Option<EnhancedStatus> {
    let mut parts = word.split(|&b| b == b'.').map(parse_number);
    let (class, subject, detail) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || !matches!(class, 2 | 4 | 5) {
        return None;
    }
    Some(EnhancedStatus { class: u8::try_from(class).ok()?, subject, detail })
}

/// One to three ASCII digits.
fn parse_number(digits: &[u8]) -> Option<u16> {
    if digits.is_empty() || digits.len() > 3 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(digits.iter().fold(0, |n, d| n * 10 + u16::from(d - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(line: &str) -> Option<(String, bool)> {
        parse_line(line.as_bytes()).ok().map(|(reply, last)| (reply.to_string(), last))
    }

    #[test]
    fn only_the_numbers_are_kept() {
        for (line, kept, last) in [
            ("250 ok", "250", true),
            ("250", "250", true),
            ("250-PIPELINING", "250", false),
            ("550 5.1.1 <taro@example.jp>: no such user", "550 5.1.1", true),
            ("550-5.7.26 first line", "550 5.7.26", false),
            ("450 5.1.1 class differs from the code", "450", true),
            ("250 2.0.0", "250 2.0.0", true),
            ("220 10.0.0.1 is no status", "220", true),
            ("421 4.3.2.1 nor is this", "421", true),
            ("250 2.0.1234 too long", "250", true),
            ("553 sorry, not in my list of rcpthosts (#5.7.1)", "553 5.7.1", true),
            ("550 [5.1.1]: unknown", "550 5.1.1", true),
            ("550 host 10.0.0.1 said 4.1.1 then 5.1.1", "550 5.1.1", true),
            ("550 mail from 5.1.1.1 refused", "550", true),
            ("550 (#)", "550", true),
        ] {
            assert_eq!(shown(line), Some((kept.to_owned(), last)), "{line}");
        }
    }

    #[test]
    fn what_is_no_reply_is_malformed() {
        for line in ["", "25", "2500 x", "250x", "199 x", "600 x", "abc d", "+25 x", " 250 ok", "250\tok"] {
            assert_eq!(shown(line), None, "{line:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(line in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Ok((reply, _)) = parse_line(&line) {
                prop_assert!((200..=599).contains(&reply.code()));
            }
        }
    }
}
