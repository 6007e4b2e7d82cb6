//! What an attempt means for the row, and what it says about the mail server.
use super::ledger::State;
use super::smtp::{Attempt, Phase, Reply, SmtpError};
use chrono::Duration as Span;
use std::borrow::Cow;

/// First wait after a failed attempt; it doubles from there (DESIGN §3 "Mail": 1 min … 6 h).
pub const FIRST_BACKOFF: Span = Span::minutes(1);
/// Longest wait between two attempts.
pub const LONGEST_BACKOFF: Span = Span::hours(6);

/// Whether the mail server is in a state to be given more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    /// It answered about this mail; others may fare better.
    Works,
    /// What happened would happen to every mail now.
    Trouble,
}

/// What becomes of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) state: State,
    /// Phase and numbers, such as `rcpt 450 4.2.1`.
    pub(super) reason: Option<Cow<'static, str>>,
    pub(super) health: Health,
}

impl Verdict {
    fn new(state: State, health: Health, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { state, health, reason: Some(reason.into()) }
    }
}

/// Judges an attempt. Only a refusal that is about this very mail ends its row; whatever speaks of the session, the sender
/// or the server's policy is tried again, since it would end ten thousand notices for one mistake in a configuration.
pub(super) fn judge(attempt: Attempt) -> Verdict {
    match attempt {
        Attempt::Accepted { .. } => Verdict { state: State::Sent, reason: None, health: Health::Works },
        Attempt::Deferred { phase, reply } => {
            let about_us = reply.code() == 421 || phase <= Phase::Mail;
            let health = if about_us { Health::Trouble } else { Health::Works };
            Verdict::new(State::Deferred, health, code(phase, reply))
        }
        Attempt::Refused { phase, reply } => refused(phase, reply),
        Attempt::Lost { phase } => Verdict::new(State::Deferred, Health::Trouble, format!("{phase} lost")),
        Attempt::Ambiguous => Verdict::new(State::Ambiguous, Health::Trouble, "dot no_reply"),
    }
}

fn refused(phase: Phase, reply: Reply) -> Verdict {
    let reason = code(phase, reply);
    if is_about_us(phase, reply) {
        Verdict::new(State::Deferred, Health::Trouble, reason)
    } else if phase == Phase::Rcpt {
        Verdict::new(State::Bounced, Health::Works, reason)
    } else {
        Verdict::new(State::Dead, Health::Works, reason)
    }
}

/// 5xx answers that would meet any mail of ours: out of order or unknown commands (500–504), a server that takes no mail
/// (521, RFC 7504), missing or failed log-in (530, 534, 535, 538, RFC 4954), security and policy (5.7.x, RFC 3463 §3.8), and
/// anything to MAIL, where only the sender is known yet; a message too large for the server (552, 5.2.3, 5.3.4) is about the mail.
fn is_about_us(phase: Phase, reply: Reply) -> bool {
    let status = reply.enhanced().map(|status| (status.subject, status.detail));
    let about_session = matches!(reply.code(), 500..=504 | 521 | 530 | 534 | 535 | 538) || status.is_some_and(|(subject, _)| subject == 7);
    let too_large = reply.code() == 552 || matches!(status, Some((2 | 3, 3 | 4)));
    about_session || phase < Phase::Mail || (phase == Phase::Mail && !too_large)
}

fn code(phase: Phase, reply: Reply) -> String {
    format!("{phase} {reply}")
}

/// The reason of a row for which no connection could be opened.
pub(super) fn unreachable(error: SmtpError) -> Cow<'static, str> {
    match error {
        SmtpError::Connect(std::io::ErrorKind::ConnectionRefused) => "connect refused".into(),
        SmtpError::Connect(_) => "connect failed".into(),
        SmtpError::Timeout(phase) => format!("{phase} timeout").into(),
        SmtpError::Closed(phase) => format!("{phase} lost").into(),
        SmtpError::Rejected { phase, reply } => code(phase, reply).into(),
        SmtpError::OutOfStep(phase) => format!("{phase} out_of_step").into(),
        SmtpError::StartTlsMissing => "starttls missing".into(),
        SmtpError::InjectedBeforeTls => "starttls injected".into(),
        SmtpError::Certificate => "tls certificate".into(),
        SmtpError::Tls => "tls failed".into(),
        SmtpError::CaFile => "tls ca_file".into(),
        SmtpError::AuthMissing => "auth missing".into(),
        SmtpError::CredentialsInClear => "auth in_clear".into(),
        SmtpError::EhloName => "ehlo name".into(),
    }
}

/// How long a row waits after its `attempts`-th attempt (from 1): one to two minutes, then twice that, up to six hours.
/// `jitter` in 0 … 1 spreads rows that failed together.
pub(super) fn backoff(attempts: i32, jitter: f64) -> Span {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(16);
    let base = (FIRST_BACKOFF * 2_i32.pow(doublings)).min(LONGEST_BACKOFF / 2);
    #[expect(clippy::cast_possible_truncation, reason = "at most three hours in milliseconds")]
    let spread = Span::milliseconds((base.num_milliseconds() as f64 * jitter.clamp(0.0, 1.0)) as i64);
    base + spread
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(line: &str) -> Reply {
        Reply::parse(line.as_bytes()).unwrap()
    }

    fn verdict(phase: Phase, line: &str) -> (State, Health) {
        let reply = reply(line);
        let attempt = if reply.code() < 500 { Attempt::Deferred { phase, reply } } else { Attempt::Refused { phase, reply } };
        let verdict = judge(attempt);
        assert_eq!(verdict.reason.unwrap(), format!("{phase} {reply}"));
        (verdict.state, verdict.health)
    }

    #[test]
    fn what_is_about_the_mail_ends_its_row() {
        for (phase, line, state) in [
            (Phase::Rcpt, "550 5.1.1 no such user", State::Bounced),
            (Phase::Rcpt, "550 no", State::Bounced),
            (Phase::Rcpt, "556 5.1.10 null mx", State::Bounced),
            (Phase::Dot, "552 5.3.4 too big", State::Dead),
            (Phase::Dot, "554 no", State::Dead),
            (Phase::Data, "554 5.5.1 no", State::Dead),
            (Phase::Mail, "552 5.2.3 too big", State::Dead),
            (Phase::Rcpt, "450 4.2.1 later", State::Deferred),
            (Phase::Dot, "451 4.3.0 later", State::Deferred),
        ] {
            assert_eq!(verdict(phase, line), (state, Health::Works), "{phase} {line}");
        }
    }

    #[test]
    fn what_is_about_us_ends_nothing() {
        for (phase, line) in [
            (Phase::Mail, "530 5.7.0 must issue STARTTLS"),
            (Phase::Mail, "550 sender unknown"),
            (Phase::Mail, "451 4.7.1 too fast"),
            (Phase::Rcpt, "554 5.7.1 relay access denied"),
            (Phase::Rcpt, "503 5.5.1 MAIL first"),
            (Phase::Rcpt, "421 4.3.2 closing"),
            (Phase::Dot, "550 5.7.26 not authenticated"),
            (Phase::Reset, "500 what"),
            (Phase::Data, "535 5.7.8 bad password"),
        ] {
            assert_eq!(verdict(phase, line), (State::Deferred, Health::Trouble), "{phase} {line}");
        }
    }

    #[test]
    fn silence_is_deferred_before_the_dot_and_ambiguous_after_it() {
        let lost = judge(Attempt::Lost { phase: Phase::Body });
        assert_eq!((lost.state, lost.reason.as_deref()), (State::Deferred, Some("body lost")));
        assert_eq!(judge(Attempt::Ambiguous).state, State::Ambiguous);
        assert_eq!(judge(Attempt::Accepted { code: 250 }), Verdict { state: State::Sent, reason: None, health: Health::Works });
    }

    #[test]
    fn the_wait_grows_from_one_minute_to_six_hours() {
        assert_eq!((backoff(0, 0.0), backoff(1, 0.0), backoff(2, 0.0)), (FIRST_BACKOFF, FIRST_BACKOFF, FIRST_BACKOFF * 2));
        assert_eq!(backoff(i32::MAX, 1.0), LONGEST_BACKOFF);
        assert!((1..20).all(|n| backoff(n, 0.3) < backoff(n, 0.9) && backoff(n, 0.5) <= backoff(n + 1, 0.5)));
    }
}
