//! What a reason's code means, for people. The code itself is phase and numbers, such as `rcpt 450 4.2.1`, or a word of ours.

/// The meaning of a reason. Few enough that each has its own short sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Too many connections, or too many mails at once.
    Busy,
    /// The server asks to come again.
    Later,
    /// The mailbox takes no more.
    MailboxFull,
    /// There is no such mailbox.
    NoMailbox,
    /// The server does not want this sender, or this mail.
    Policy,
    /// The mail is too large.
    TooLarge,
    /// Our mail server cannot be reached.
    NoConnection,
    /// The connection ended before an answer came.
    Lost,
    /// The mail was handed over and no answer came: it may have arrived.
    NoAnswer,
    /// The encrypted connection did not come about.
    Tls,
    /// Our mail server does not let us in.
    LogIn,
    /// The alert is paused.
    Paused,
    /// It was tried for 72 hours.
    Expired,
    /// Somebody gave it up.
    GivenUp,
    /// The notifier ended while it was sending.
    Interrupted,
    /// The person erased the record, and the address with it.
    Erased,
    /// The record or its key is gone, or was altered.
    Unopenable,
    /// A mistake of ours.
    Internal,
    /// Refused, in words that are none of the above.
    Refused,
}

impl Why {
    /// All meanings.
    pub const ALL: [Self; 19] = [
        Self::Busy,
        Self::Later,
        Self::MailboxFull,
        Self::NoMailbox,
        Self::Policy,
        Self::TooLarge,
        Self::NoConnection,
        Self::Lost,
        Self::NoAnswer,
        Self::Tls,
        Self::LogIn,
        Self::Paused,
        Self::Expired,
        Self::GivenUp,
        Self::Interrupted,
        Self::Erased,
        Self::Unopenable,
        Self::Internal,
        Self::Refused,
    ];

    /// The meaning of a code of [`super::reasons`].
    #[must_use]
    pub fn of(code: &str) -> Self {
        let (phase, rest) = code.split_once(' ').unwrap_or((code, ""));
        match (phase, rest) {
            ("paused", _) => Self::Paused,
            ("expired", _) => Self::Expired,
            (super::outbox::GIVEN_UP, _) => Self::GivenUp,
            ("interrupted", _) => Self::Interrupted,
            ("erased", _) => Self::Erased,
            ("no-key" | "no-epoch" | "tampered" | "malformed", _) => Self::Unopenable,
            ("dot", "no_reply") => Self::NoAnswer,
            ("connect", _) => Self::NoConnection,
            ("tls" | "starttls", _) => Self::Tls,
            ("auth", _) => Self::LogIn,
            (_, "timeout" | "lost") => Self::Lost,
            ("content" | "message" | "letter" | "unreadable" | "no-alert" | "not-released" | "ehlo", _) => Self::Internal,
            _ => Self::of_reply(phase, rest),
        }
    }

    /// SMTP reply codes (RFC 5321 §4.2.3) and enhanced status codes (RFC 3463 §3).
    fn of_reply(phase: &str, reply: &str) -> Self {
        let (code, status) = if phase == "dsn" { ("", reply) } else { reply.split_once(' ').unwrap_or((reply, "")) };
        let mut numbers = status.split('.').skip(1).map(|number| number.parse::<u16>().unwrap_or(u16::MAX));
        match (code, numbers.next(), numbers.next()) {
            ("421", _, _) | (_, Some(4), Some(2 | 5)) | (_, Some(3), Some(2)) | (_, Some(7), Some(1 | 28)) if code.starts_with('4') => {
                Self::Busy
            }
            ("452" | "552", _, _) if status.is_empty() => Self::MailboxFull,
            (_, Some(2), Some(2)) => Self::MailboxFull,
            ("552", _, _) | (_, Some(2), Some(3)) | (_, Some(3), Some(4)) => Self::TooLarge,
            ("530" | "534" | "535" | "538", _, _) => Self::LogIn,
            (_, Some(7), _) => Self::Policy,
            (_, Some(1), _) | ("550" | "551" | "553", None, _) if !code.starts_with('4') => Self::NoMailbox,
            (code, _, _) if code.starts_with('4') => Self::Later,
            _ => Self::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_mean_what_the_standards_say() {
        for (code, why) in [
            ("rcpt 421 4.3.2", Why::Busy),
            ("mail 421", Why::Busy),
            ("rcpt 451 4.7.1", Why::Busy),
            ("rcpt 450 4.2.1", Why::Later),
            ("dot 451", Why::Later),
            ("rcpt 452 4.2.2", Why::MailboxFull),
            ("rcpt 552", Why::MailboxFull),
            ("rcpt 550 5.1.1", Why::NoMailbox),
            ("rcpt 550", Why::NoMailbox),
            ("dsn 5.1.1", Why::NoMailbox),
            ("dsn 5.2.2", Why::MailboxFull),
            ("dot 550 5.7.26", Why::Policy),
            ("dot 552 5.3.4", Why::TooLarge),
            ("mail 535 5.7.8", Why::LogIn),
            ("connect refused", Why::NoConnection),
            ("greeting timeout", Why::Lost),
            ("body lost", Why::Lost),
            ("dot no_reply", Why::NoAnswer),
            ("tls certificate", Why::Tls),
            ("starttls missing", Why::Tls),
            ("auth in_clear", Why::LogIn),
            ("paused", Why::Paused),
            ("expired", Why::Expired),
            ("given-up", Why::GivenUp),
            ("interrupted", Why::Interrupted),
            ("erased", Why::Erased),
            ("tampered", Why::Unopenable),
            ("content failed", Why::Internal),
            ("data 554 5.5.1", Why::Refused),
            ("", Why::Refused),
            ("nonsense", Why::Refused),
        ] {
            assert_eq!(Why::of(code), why, "{code}");
        }
    }
}
