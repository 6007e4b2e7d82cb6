//! The few words of a refusal that are kept.
//!
//! A server's text often names the recipient, so it is never kept. But its words say whom a refusal is about. This list is all that
//! is looked for, and a set of these words is all that stays: none of them can name a person.
use std::fmt;

/// A set of words from the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Words(u64);

/// Beginnings of words, in lower case, and the name that stands for them. The order is that of the bits.
const VOCABULARY: [(&str, &[&str]); 36] = [
    ("user", &["user"]),
    ("mailbox", &["mailbox"]),
    ("recipient", &["recipient", "addressee"]),
    ("account", &["account"]),
    ("address", &["address"]),
    ("unknown", &["unknown"]),
    ("such", &["such"]),
    ("exist", &["exist"]),
    ("found", &["found"]),
    ("invalid", &["invalid"]),
    ("disabled", &["disabled", "inactive", "deactivated", "suspended"]),
    ("full", &["full", "overquota"]),
    ("sender", &["sender", "envelope", "originator"]),
    ("domain", &["domain", "host"]),
    ("relay", &["relay"]),
    ("permitted", &["permitted", "allowed"]),
    ("denied", &["denied", "prohibited", "refused"]),
    ("rejected", &["reject"]),
    ("spam", &["spam", "junk", "unsolicited", "virus", "malware", "phish"]),
    ("blocked", &["block", "blacklist", "blocklist", "banned", "listed", "rbl", "dnsbl"]),
    ("policy", &["policy", "policies", "content"]),
    ("reputation", &["reputation"]),
    ("authentication", &["authenti", "spf", "dkim", "dmarc", "login", "credential"]),
    ("dns", &["dns", "ptr", "rdns", "helo", "ehlo"]),
    ("client", &["client"]),
    ("quota", &["quota"]),
    ("rate", &["rate", "throttl", "ratelimit"]),
    ("limit", &["limit", "maximum", "max"]),
    ("exceeded", &["exceed"]),
    ("many", &["many", "much", "flood"]),
    ("hour", &["hour", "minute"]),
    ("day", &["day", "daily", "today"]),
    ("later", &["later", "temporar", "greylist", "graylist"]),
    ("size", &["size", "large", "big"]),
    ("syntax", &["syntax", "malformed"]),
    ("unavailable", &["unavailable"]),
];

impl Words {
    /// No word.
    pub const NONE: Self = Self(0);
    /// It speaks of a mailbox …
    pub const MAILBOX: Self = Self(0b1_1111);
    /// … that is not there.
    pub const NOT_THERE: Self = Self(0b111_1110_0000);
    /// It speaks of whoever sends: of their name, right or reputation.
    pub const OURS: Self = Self(bit(12) | bit(14) | bit(18) | bit(19) | bit(20) | bit(21) | bit(22) | bit(23) | bit(24));
    /// It speaks of how much was sent …
    pub const RATE: Self = Self(bit(11) | bit(25) | bit(26) | bit(29) | bit(32));
    /// … or does so where two of these stand together.
    pub const MEASURE: Self = Self(bit(27) | bit(28) | bit(30) | bit(31));

    /// The listed words of a text. What holds an `@`, a digit or a dot inside is an address, a number or a host, and is passed over.
    #[must_use]
    pub fn of(text: &[u8]) -> Self {
        let mut found = 0;
        for chunk in text.split(|byte| byte.is_ascii_whitespace()) {
            let chunk = chunk.trim_ascii();
            let inner = chunk.strip_suffix(b".").unwrap_or(chunk);
            if inner.iter().any(|byte| matches!(byte, b'@' | b'.') || byte.is_ascii_digit()) {
                continue;
            }
            for word in chunk.split(|byte| !byte.is_ascii_alphabetic()).filter(|word| !word.is_empty()) {
                let word = word.to_ascii_lowercase();
                let at = VOCABULARY.iter().position(|(_, stems)| stems.iter().any(|stem| word.starts_with(stem.as_bytes())));
                found |= at.map_or(0, |at| 1 << at);
            }
        }
        Self(found)
    }

    /// Both together.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether one word at least is in both.
    #[must_use]
    pub fn any_of(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether it speaks of how much was sent.
    #[must_use]
    pub fn speaks_of_rate(self) -> bool {
        self.any_of(Self::RATE) || (self.0 & Self::MEASURE.0).count_ones() > 1
    }

    /// Whether it says that there is no such mailbox.
    #[must_use]
    pub fn speaks_of_mailbox(self) -> bool {
        self.any_of(Self::MAILBOX) && self.any_of(Self::NOT_THERE)
    }
}

const fn bit(at: u32) -> u64 {
    1 << at
}

impl fmt::Display for Words {
    /// ` (relay permitted)`, or nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names = VOCABULARY.iter().enumerate().filter(|(at, _)| self.0 & (1 << at) != 0).map(|(_, (name, _))| *name);
        let Some(first) = names.next() else { return Ok(()) };
        write!(f, " ({first}")?;
        names.try_for_each(|name| write!(f, " {name}"))?;
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        Words::of(text.as_bytes()).to_string()
    }

    #[test]
    fn an_answer_is_the_same_whomever_it_names() {
        for (one, other) in [
            ("<taro@example.jp>: user unknown", "<user.blocked@policy.example.jp>: user unknown"),
            ("relay not permitted", "Relay not permitted."),
            ("city.example.jp does not exist", "x.example.jp does not exist"),
            ("5.1.1 no such user 8a4f-blocked99", "no such user"),
        ] {
            assert_eq!(shown(one), shown(other), "{one}");
        }
        assert_eq!(shown("relay not permitted"), " (relay permitted)");
        assert_eq!(shown("city.example.jp does not exist"), " (exist)");
        assert_eq!(shown("yamada taro"), "");
        assert_eq!(shown("宛先がありません"), "");
    }

    #[test]
    fn the_sets_are_the_words_they_mean() {
        for (set, names) in [
            (Words::MAILBOX, " (user mailbox recipient account address)"),
            (Words::NOT_THERE, " (unknown such exist found invalid disabled)"),
            (Words::OURS, " (sender relay spam blocked policy reputation authentication dns client)"),
            (Words::RATE, " (full quota rate many later)"),
            (Words::MEASURE, " (limit exceeded hour day)"),
        ] {
            assert_eq!(set.to_string(), names);
        }
    }

    #[test]
    fn rates_are_told_from_sizes_and_users() {
        for text in [
            "Daily sending quota exceeded",
            "Domain city.example.jp has exceeded the max emails per hour",
            "too many messages today, try again later",
            "sending rate too high",
            "hourly limit reached",
        ] {
            assert!(Words::of(text.as_bytes()).speaks_of_rate(), "{text}");
        }
        for text in ["user unknown", "message exceeds size", "relay not permitted", "too big"] {
            assert!(!Words::of(text.as_bytes()).speaks_of_rate(), "{text}");
        }
    }
}
