//! Turns the answer of an attempt into an outcome for its row and for the mail server: a refusal may be about the mailbox, the mail, or us.
//!
//! This is the one place that decides it. Sources: RFC 5321 §4.2.3 (reply codes), RFC 3463 §3 and the IANA registry "SMTP Enhanced
//! Status Codes" (subject and detail), RFC 4954 §6 (log-in), RFC 7504 (521, 556), and what large providers publish (quota codes).
use super::result_writer::State;
use super::smtp::{Attempt, EnhancedStatus, Phase, Reply, SmtpError, Words};
use chrono::Duration as Span;
use std::borrow::Cow;

/// First wait after a failed attempt; it doubles from there (docs/DESIGN.md §3 "Mail": 1 min … 6 h).
pub const FIRST_BACKOFF: Span = Span::minutes(1);
/// Longest wait between two attempts.
pub const LONGEST_BACKOFF: Span = Span::hours(6);
/// After so many attempts, a permanent answer that does not say whom it is about ends its row. With fewer, one wrong answer of a
/// relay would end the mails of a small alert before anybody counts them; the third comes some minutes after the first.
pub const UNCLEAR_TRIES: i32 = 3;

/// The party that a permanent answer is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// This mailbox: it is not there.
    Mailbox,
    /// The filter that this mailbox's owner, or the provider for the owner, has set.
    Filter,
    /// This mail: its size or form.
    Message,
    /// Us: name, right, reputation, log-in, or the server's own set-up.
    Us,
    /// This moment: a quota, a rate, a mailbox that is full.
    Moment,
    /// It does not say.
    Unclear,
}

/// Details of a subject, and whom they are about. The first line that fits holds; subject 0 says nothing.
type StatusRule = (u16, &'static [u16], About);
const ANY: &[u16] = &[];
const STATUSES: [StatusRule; 17] = [
    // RFC 3463 §3.2. 5.1.7 and 5.1.8 are the sender's address; 5.1.90 is a provider's word for too many mails in a day.
    (1, &[1, 2, 3, 4, 6, 10], About::Mailbox),
    (1, &[7, 8], About::Us),
    (1, &[90], About::Moment),
    // §3.3. 5.2.2 is a full mailbox; .121 and .122 count what a mailbox got in an hour.
    (2, &[1], About::Mailbox),
    (2, &[2, 121, 122], About::Moment),
    (2, &[3], About::Message),
    // §3.4: the server's own state.
    (3, &[4], About::Message),
    (3, &[1, 2], About::Moment),
    (3, ANY, About::Us),
    // §3.5. 5.4.1 and 5.4.4 are said of the recipient's host too, and by some servers of unknown recipients.
    (4, &[1, 4], About::Unclear),
    (4, &[5], About::Moment),
    (4, ANY, About::Us),
    // §3.7.
    (6, ANY, About::Message),
    // §3.8. RFC 7293: the mailbox has another owner now. RFC 7372: too many mails to it.
    (7, &[17, 18], About::Mailbox),
    (7, &[28], About::Moment),
    (7, ANY, About::Us),
    (0, ANY, About::Unclear),
];

fn by_status(status: EnhancedStatus) -> About {
    let fits = |(subject, details, _): &&StatusRule| *subject == status.subject && (details.is_empty() || details.contains(&status.detail));
    STATUSES.iter().find(fits).map_or(About::Unclear, |(_, _, about)| *about)
}

/// The party that a status notification's numbers are about (RFC 3464). Those of a refusal are weighed with all else that is known of it.
pub(super) fn about_report(class: u8, subject: u16, detail: u16) -> About {
    by_status(EnhancedStatus { class, subject, detail })
}

/// The party that a refusal is about, and the word that its reason gets where its numbers do not say so.
fn about(phase: Phase, reply: Reply) -> (About, Option<&'static str>) {
    let status = reply.enhanced().map_or(About::Unclear, by_status);
    if matches!(status, About::Mailbox | About::Message | About::Moment) {
        return (status, None);
    }
    // Some say a quota in the codes of a policy.
    if reply.words().speaks_of_rate() {
        return (About::Moment, Some(RATE));
    }
    match (reply.code(), phase) {
        // Commands (RFC 5321), a server that takes no mail (RFC 7504), log-in (RFC 4954).
        (500..=504 | 521 | 530 | 534 | 535 | 538, _) => (About::Us, None),
        (552, Phase::Rcpt) => (About::Moment, None),
        (552, _) => (About::Message, None),
        (556, Phase::Rcpt) => (About::Mailbox, None),
        _ if status == About::Us || phase <= Phase::Mail => (About::Us, None),
        (code, phase) => by_words(code, phase, reply.words()),
    }
}

/// The meaning of a bare 5xx. "Mailbox unavailable" alone is the standard's text for 550 and covers policies too (RFC 5321 §4.2.3).
fn by_words(code: u16, phase: Phase, words: Words) -> (About, Option<&'static str>) {
    match (words.any_of(Words::OURS), words.speaks_of_mailbox()) {
        (true, false) => (About::Us, Some(OURS)),
        (false, true) if phase == Phase::Rcpt => (About::Mailbox, Some(NO_MAILBOX)),
        // Only Japanese carriers know a recipient at RCPT and refuse the mail at the dot: their subscriber's filter (指定受信).
        _ if phase == Phase::Dot && code == 550 => (About::Filter, Some(FILTER)),
        _ => (About::Unclear, None),
    }
}

/// Words that stand in a reason behind the numbers.
pub(super) const NO_MAILBOX: &str = "no-mailbox";
/// The subscriber's filter.
pub(super) const FILTER: &str = "filter";
/// Us.
pub(super) const OURS: &str = "sender";
/// Too many mails.
pub(super) const RATE: &str = "rate";

/// Whether the mail server is in a state to be given more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    /// It answered about this mail; others may fare better.
    Works,
    /// The same would happen to every mail now.
    Trouble,
}

/// The outcome of an attempt for its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) state: State,
    /// Phase and numbers, such as `rcpt 450 4.2.1`, perhaps with a word of ours.
    pub(super) reason: Option<Cow<'static, str>>,
    pub(super) health: Health,
    /// A permanent answer, for the brake to count.
    pub(super) refusal: Option<Answer>,
}

/// A permanent answer as far as two of them can be the same: phase, numbers, known words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) text: String,
    /// It speaks of a mailbox or its filter, as far as one can tell.
    pub(super) mailbox: bool,
}

impl Outcome {
    fn new(state: State, health: Health, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { state, health, reason: Some(reason.into()), refusal: None }
    }
}

/// Judges an attempt, the `tries`-th of its row. Only a refusal that is about this very mailbox or mail ends its row; whatever
/// speaks of us or of the moment is tried again, since it would end ten thousand notices for one mistake in a configuration.
pub(super) fn judge(attempt: Attempt, tries: i32) -> Outcome {
    match attempt {
        Attempt::Accepted { .. } => Outcome { state: State::Sent, reason: None, health: Health::Works, refusal: None },
        Attempt::Deferred { phase, reply } => {
            let about_us = reply.code() == 421 || phase <= Phase::Mail;
            let health = if about_us { Health::Trouble } else { Health::Works };
            Outcome::new(State::Deferred, health, code(phase, reply))
        }
        Attempt::Refused { phase, reply } => refused(phase, reply, tries),
        Attempt::Lost { phase } => Outcome::new(State::Deferred, Health::Trouble, format!("{phase} lost")),
        Attempt::Ambiguous => Outcome::new(State::Ambiguous, Health::Trouble, "dot no_reply"),
    }
}

fn refused(phase: Phase, reply: Reply, tries: i32) -> Outcome {
    let (about, word) = about(phase, reply);
    let (state, health) = match about {
        About::Mailbox => (State::Bounced, Health::Works),
        About::Filter | About::Message => (State::Dead, Health::Works),
        About::Unclear if tries >= UNCLEAR_TRIES => (State::Dead, Health::Works),
        About::Unclear => (State::Deferred, Health::Works),
        About::Us => (State::Deferred, Health::Trouble),
        // A full mailbox is one mailbox's moment, a quota everybody's.
        About::Moment if is_full_mailbox(phase, reply) => (State::Deferred, Health::Works),
        About::Moment => (State::Deferred, Health::Trouble),
    };
    let mut reason = code(phase, reply);
    if let Some(word) = word {
        reason = format!("{reason} {word}");
    }
    let refusal = (about != About::Moment)
        .then(|| Answer { text: format!("{phase} {reply}{}", reply.words()), mailbox: matches!(about, About::Mailbox | About::Filter) });
    Outcome { refusal, ..Outcome::new(state, health, reason) }
}

fn is_full_mailbox(phase: Phase, reply: Reply) -> bool {
    reply.enhanced().map_or(reply.code() == 552 && phase == Phase::Rcpt, |status| (status.subject, status.detail) == (2, 2))
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

    fn outcome_at(phase: Phase, line: &str, tries: i32) -> Outcome {
        let reply = reply(line);
        let attempt = if reply.code() < 500 { Attempt::Deferred { phase, reply } } else { Attempt::Refused { phase, reply } };
        judge(attempt, tries)
    }

    /// State, whether the server counts as in trouble, and the reason.
    fn first(phase: Phase, line: &str) -> (State, Health, String) {
        let outcome = outcome_at(phase, line, 1);
        (outcome.state, outcome.health, outcome.reason.unwrap().into_owned())
    }

    #[test]
    fn only_what_is_about_the_mailbox_bounces() {
        for (line, reason) in [
            ("550 5.1.1 no such user", "rcpt 550 5.1.1"),
            ("550 no such user here", "rcpt 550 no-mailbox"),
            ("550 <taro@example.jp>: user unknown", "rcpt 550 no-mailbox"),
            ("550 Mailbox not found", "rcpt 550 no-mailbox"),
            ("550 sorry, no mailbox here by that name (#5.1.1)", "rcpt 550 5.1.1"),
            ("501 5.1.3 bad address syntax", "rcpt 501 5.1.3"),
            ("550 5.1.6 moved", "rcpt 550 5.1.6"),
            ("550 5.2.1 disabled", "rcpt 550 5.2.1"),
            ("556 5.1.10 null mx", "rcpt 556 5.1.10"),
            ("556 no", "rcpt 556"),
        ] {
            assert_eq!(first(Phase::Rcpt, line), (State::Bounced, Health::Works, reason.to_owned()), "{line}");
        }
        assert_eq!(first(Phase::Dot, "550 5.1.1 no such user").0, State::Bounced);
    }

    #[test]
    fn what_is_about_the_mail_or_a_filter_ends_its_row_and_nobody() {
        for (phase, line, reason) in [
            (Phase::Dot, "550 Unknown user (end of data)", "dot 550 filter"),
            (Phase::Dot, "552 5.3.4 too big", "dot 552 5.3.4"),
            (Phase::Mail, "552 5.2.3 too big", "mail 552 5.2.3"),
            (Phase::Dot, "552 too big", "dot 552"),
            (Phase::Dot, "554 5.6.1 media not supported", "dot 554 5.6.1"),
        ] {
            assert_eq!(first(phase, line), (State::Dead, Health::Works, reason.to_owned()), "{phase} {line}");
        }
    }

    #[test]
    fn what_is_about_us_ends_nothing() {
        for (phase, line) in [
            (Phase::Mail, "530 5.7.0 must issue STARTTLS"),
            (Phase::Mail, "550 sender unknown"),
            (Phase::Mail, "451 4.7.1 too fast"),
            (Phase::Mail, "553 5.1.8 sender's domain"),
            (Phase::Rcpt, "550 5.1.7 bad sender"),
            (Phase::Rcpt, "550 5.1.8 bad sender"),
            (Phase::Rcpt, "554 5.7.1 relay access denied"),
            (Phase::Rcpt, "550 relay not permitted"),
            (Phase::Rcpt, "550 Sender domain does not exist"),
            (Phase::Rcpt, "553 sorry, not in my list of allowed rcpthosts (#5.7.1)"),
            (Phase::Rcpt, "503 5.5.1 MAIL first"),
            (Phase::Rcpt, "550 5.4.6 loop"),
            (Phase::Rcpt, "554 5.3.5 configuration"),
            (Phase::Rcpt, "421 4.3.2 closing"),
            (Phase::Dot, "550 5.7.26 not authenticated"),
            (Phase::Dot, "554 rejected as spam"),
            (Phase::Reset, "500 what"),
            (Phase::Data, "535 5.7.8 bad password"),
        ] {
            let (state, health, _) = first(phase, line);
            assert_eq!((state, health), (State::Deferred, Health::Trouble), "{phase} {line}");
        }
    }

    #[test]
    fn a_quota_is_about_the_moment_whatever_its_code() {
        for (line, reason) in [
            ("550 5.4.5 Daily sending quota exceeded", "rcpt 550 5.4.5"),
            ("550 5.1.90 recipient limit", "rcpt 550 5.1.90"),
            ("550 Domain city.example.jp has exceeded the max emails per hour", "rcpt 550 rate"),
            ("550 5.7.1 too many messages", "rcpt 550 5.7.1 rate"),
            ("554 5.7.28 mail flood", "rcpt 554 5.7.28"),
        ] {
            let outcome = outcome_at(Phase::Rcpt, line, 20);
            assert_eq!((outcome.state, outcome.health), (State::Deferred, Health::Trouble), "{line}");
            assert_eq!((outcome.reason.as_deref(), outcome.refusal), (Some(reason), None), "{line}");
        }
        for line in ["552 5.2.2 full", "552 no room", "450 4.2.1 later"] {
            assert_eq!((first(Phase::Rcpt, line).0, first(Phase::Rcpt, line).1), (State::Deferred, Health::Works), "{line}");
        }
    }

    #[test]
    fn what_does_not_say_whom_it_is_about_is_asked_again_before_it_ends_a_row() {
        for (phase, line) in [
            (Phase::Rcpt, "553 city.example.jp does not exist"),
            (Phase::Rcpt, "550 no"),
            (Phase::Rcpt, "550 Requested action not taken: mailbox unavailable"),
            (Phase::Rcpt, "550 5.4.1 Recipient address rejected: Access denied"),
            (Phase::Rcpt, "550 Host unknown"),
            (Phase::Rcpt, "550 5.0.0 宛先がありません"),
            (Phase::Dot, "554 no"),
            (Phase::Data, "554 5.5.1 no"),
        ] {
            assert_eq!(outcome_at(phase, line, UNCLEAR_TRIES - 1).state, State::Deferred, "{phase} {line}");
            let last = outcome_at(phase, line, UNCLEAR_TRIES);
            assert_eq!((last.state, last.health), (State::Dead, Health::Works), "{phase} {line}");
        }
    }

    #[test]
    fn an_answer_is_the_same_for_everybody_and_says_of_which_kind_it_is() {
        let answer = |line| outcome_at(Phase::Rcpt, line, 1).refusal.unwrap();
        assert_eq!(answer("553 city.example.jp does not exist").text, "rcpt 553 (exist)");
        assert_eq!(answer("550 5.1.1 <a@example.jp> user unknown"), answer("550 5.1.1 <b@example.com> user unknown"));
        assert!(answer("550 5.1.1 <a@example.jp> user unknown").mailbox && !answer("550 5.7.1 no").mailbox && !answer("550 no").mailbox);
        assert!(outcome_at(Phase::Dot, "550 no", 1).refusal.unwrap().mailbox, "a filter is one mailbox's");
        assert_eq!(outcome_at(Phase::Rcpt, "450 no", 1).refusal, None);
    }

    #[test]
    fn silence_is_deferred_before_the_dot_and_ambiguous_after_it() {
        let lost = judge(Attempt::Lost { phase: Phase::Body }, 1);
        assert_eq!((lost.state, lost.reason.as_deref()), (State::Deferred, Some("body lost")));
        assert_eq!(judge(Attempt::Ambiguous, 1).state, State::Ambiguous);
        let taken = Outcome { state: State::Sent, reason: None, health: Health::Works, refusal: None };
        assert_eq!(judge(Attempt::Accepted { code: 250 }, 1), taken);
    }

    #[test]
    fn the_wait_grows_from_one_minute_to_six_hours() {
        assert_eq!((backoff(0, 0.0), backoff(1, 0.0), backoff(2, 0.0)), (FIRST_BACKOFF, FIRST_BACKOFF, FIRST_BACKOFF * 2));
        assert_eq!(backoff(i32::MAX, 1.0), LONGEST_BACKOFF);
        assert!((1..20).all(|n| backoff(n, 0.3) < backoff(n, 0.9) && backoff(n, 0.5) <= backoff(n + 1, 0.5)));
    }
}
