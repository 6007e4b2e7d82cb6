//! The meaning of a reason's code, for people. The code itself is phase and numbers, such as `rcpt 450 4.2.1`, or a word of ours.
use super::outcome;

/// The meaning of a reason. Few enough that each has its own short sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureReason {
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
    /// The recipient's filter, or the provider's, does not let it through.
    Filter,
    /// Our mail server, or the receiver's, lets no more mails through for now.
    Quota,
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
    /// It is not the time of day for notices.
    Night,
    /// A correction goes to the same person first.
    Correction,
    /// Something else has to leave first.
    Turn,
    /// It was tried for 72 hours.
    Expired,
    /// Somebody gave it up.
    GivenUp,
    /// The worker ended while it was sending.
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

impl FailureReason {
    /// All meanings.
    pub const ALL: [Self; 24] = [
        Self::Busy,
        Self::Later,
        Self::MailboxFull,
        Self::NoMailbox,
        Self::Policy,
        Self::Filter,
        Self::Quota,
        Self::TooLarge,
        Self::NoConnection,
        Self::Lost,
        Self::NoAnswer,
        Self::Tls,
        Self::LogIn,
        Self::Paused,
        Self::Night,
        Self::Correction,
        Self::Turn,
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
            ("night", _) => Self::Night,
            ("correction", _) => Self::Correction,
            ("turn", _) => Self::Turn,
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

    /// SMTP reply codes (RFC 5321 §4.2.3) and enhanced status codes (RFC 3463 §3), and the word that [`super::outcome`] put behind
    /// them. A bare 5xx says no more than that it is one.
    fn of_reply(phase: &str, reply: &str) -> Self {
        let mut words = reply.split(' ');
        let code = if phase == "dsn" { "" } else { words.next().unwrap_or_default() };
        let (mut status, mut word) = ("", "");
        for next in words {
            if next.contains('.') { status = next } else { word = next }
        }
        match word {
            outcome::NO_MAILBOX => return Self::NoMailbox,
            outcome::FILTER => return Self::Filter,
            outcome::RATE => return Self::Quota,
            outcome::OURS => return Self::Policy,
            _ => {}
        }
        let mut numbers = status.split('.').skip(1).map(|number| number.parse::<u16>().unwrap_or(u16::MAX));
        match (code, numbers.next(), numbers.next()) {
            ("421", _, _) | (_, Some(4), Some(2 | 5)) | (_, Some(3), Some(2)) | (_, Some(7), Some(1 | 28)) if code.starts_with('4') => {
                Self::Busy
            }
            (_, Some(4), Some(5)) | (_, Some(1), Some(90)) | (_, Some(7), Some(28)) => Self::Quota,
            ("452", _, _) if status.is_empty() => Self::MailboxFull,
            ("552", _, _) if status.is_empty() => {
                if phase == "rcpt" {
                    Self::MailboxFull
                } else {
                    Self::TooLarge
                }
            }
            (_, Some(2), Some(2)) => Self::MailboxFull,
            ("552", _, _) | (_, Some(2), Some(3)) | (_, Some(3), Some(4)) => Self::TooLarge,
            ("530" | "534" | "535" | "538", _, _) => Self::LogIn,
            (_, Some(7), _) | (_, Some(1), Some(7 | 8)) => Self::Policy,
            (_, Some(1), _) | (_, Some(2), Some(1)) | ("556", _, _) if !code.starts_with('4') => Self::NoMailbox,
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
        for (code, failure_reason) in [
            ("rcpt 421 4.3.2", FailureReason::Busy),
            ("mail 421", FailureReason::Busy),
            ("rcpt 451 4.7.1", FailureReason::Busy),
            ("rcpt 450 4.2.1", FailureReason::Later),
            ("dot 451", FailureReason::Later),
            ("rcpt 452 4.2.2", FailureReason::MailboxFull),
            ("rcpt 552", FailureReason::MailboxFull),
            ("rcpt 550 5.1.1", FailureReason::NoMailbox),
            ("rcpt 550", FailureReason::Refused),
            ("rcpt 553", FailureReason::Refused),
            ("rcpt 550 no-mailbox", FailureReason::NoMailbox),
            ("rcpt 550 5.2.1", FailureReason::NoMailbox),
            ("rcpt 556", FailureReason::NoMailbox),
            ("rcpt 550 sender", FailureReason::Policy),
            ("rcpt 550 5.1.8", FailureReason::Policy),
            ("rcpt 550 rate", FailureReason::Quota),
            ("rcpt 550 5.7.1 rate", FailureReason::Quota),
            ("rcpt 550 5.4.5", FailureReason::Quota),
            ("dot 550 filter", FailureReason::Filter),
            ("dot 552", FailureReason::TooLarge),
            ("dsn 5.1.1", FailureReason::NoMailbox),
            ("dsn 5.2.2", FailureReason::MailboxFull),
            ("dot 550 5.7.26", FailureReason::Policy),
            ("dot 552 5.3.4", FailureReason::TooLarge),
            ("mail 535 5.7.8", FailureReason::LogIn),
            ("connect refused", FailureReason::NoConnection),
            ("greeting timeout", FailureReason::Lost),
            ("body lost", FailureReason::Lost),
            ("dot no_reply", FailureReason::NoAnswer),
            ("tls certificate", FailureReason::Tls),
            ("starttls missing", FailureReason::Tls),
            ("auth in_clear", FailureReason::LogIn),
            ("paused", FailureReason::Paused),
            ("night", FailureReason::Night),
            ("correction", FailureReason::Correction),
            ("turn", FailureReason::Turn),
            ("expired", FailureReason::Expired),
            ("given-up", FailureReason::GivenUp),
            ("interrupted", FailureReason::Interrupted),
            ("erased", FailureReason::Erased),
            ("tampered", FailureReason::Unopenable),
            ("content failed", FailureReason::Internal),
            ("data 554 5.5.1", FailureReason::Refused),
            ("", FailureReason::Refused),
            ("nonsense", FailureReason::Refused),
        ] {
            assert_eq!(FailureReason::of(code), failure_reason, "{code}");
        }
    }
}
