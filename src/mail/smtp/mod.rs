//! Handing one mail to the mail server over SMTP (RFC 5321), so that the sender always knows how far it came.
//!
//! Written by hand, because the promise of docs/DESIGN.md §3 "Mail" hangs on details that lettre 0.11's client does not give:
//! a deadline on every reply, exact reply codes (lettre counts a 354 to the final dot as success), no bytes taken over
//! from before TLS, and the message and its final dot in one write on a socket without Nagle's delay.
//!
//! Invariants:
//! - What happened is told by [`Attempt`], and only by it. Everything before the final dot is safe to retry.
//! - A connection on which anything unexpected was said is never used again ([`Connection::is_usable`]).
//! - A reply keeps its numbers and a few known words, never the server's text: that often repeats the recipient's address.
//! - TLS is never given up silently, and a password is only said under TLS or to this same machine.
mod connection;
mod reply;
mod stream;
mod url;
mod wire;
mod words;

pub use connection::Connection;
pub use reply::{EnhancedStatus, Reply};
pub use url::{SmtpUrl, TlsMode, UrlError};
pub use words::Words;

use crate::base::email_address::EmailAddress;
use std::fmt;
use std::time::Duration;

/// The steps of a conversation, in order. Up to and including [`Phase::Body`] the server cannot have taken the mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// TCP, or TCP and TLS where that comes first.
    Connect,
    /// The server's first line.
    Greeting,
    /// `EHLO`, before and after TLS.
    Ehlo,
    /// `STARTTLS` and the handshake after it.
    StartTls,
    /// `AUTH`.
    Auth,
    /// `RSET` after a refused mail.
    Reset,
    /// `MAIL FROM`.
    Mail,
    /// `RCPT TO`.
    Rcpt,
    /// `DATA`, up to its 354.
    Data,
    /// Writing the message; its final dot has not left this machine.
    Body,
    /// Waiting for the answer to the final dot.
    Dot,
}

impl Phase {
    /// A short lower-case name for logs and metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Greeting => "greeting",
            Self::Ehlo => "ehlo",
            Self::StartTls => "starttls",
            Self::Auth => "auth",
            Self::Reset => "rset",
            Self::Mail => "mail",
            Self::Rcpt => "rcpt",
            Self::Data => "data",
            Self::Body => "body",
            Self::Dot => "dot",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How long each step may take, from its first byte written to its last byte read. A slow drip does not prolong it.
///
/// RFC 5321 §4.5.3.2 allows minutes, for a sender that speaks to the world. Ours speaks to one relay nearby, which
/// answers in milliseconds; a shorter wait keeps a hanging relay from holding leases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// TCP connect; again for an implicit TLS handshake; again for the greeting.
    pub connect: Duration,
    /// `EHLO`, `STARTTLS`, its handshake, and each line of `AUTH`.
    pub ehlo: Duration,
    /// `MAIL`, and `RSET`.
    pub mail: Duration,
    /// `RCPT`.
    pub rcpt: Duration,
    /// `DATA`, and then the writing of the message.
    pub data: Duration,
    /// The answer to the final dot.
    pub dot: Duration,
}

impl Deadlines {
    /// For every step before the final dot.
    pub const STEP: Duration = Duration::from_secs(30);
    /// For the answer to the final dot: the relay stores the mail durably before it answers.
    pub const DOT: Duration = Duration::from_secs(60);
    /// For `QUIT`: a politeness on which nothing hangs.
    pub const QUIT: Duration = Duration::from_secs(2);

    /// The same limit for every step; tests use a small one.
    #[must_use]
    pub const fn all(limit: Duration) -> Self {
        Self { connect: limit, ehlo: limit, mail: limit, rcpt: limit, data: limit, dot: limit }
    }

    /// The longest that one [`Connection::send`] can take: RSET, MAIL, RCPT, DATA, the message and its answer, each at
    /// its limit. A lease must outlast it, times the mails that wait behind each other on one connection.
    #[must_use]
    pub const fn longest_send(&self) -> Duration {
        let commands = self.mail.saturating_mul(2).saturating_add(self.rcpt);
        let message = self.data.saturating_mul(2).saturating_add(self.dot);
        commands.saturating_add(message)
    }
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { dot: Self::DOT, ..Self::all(Self::STEP) }
    }
}

/// Sender and recipient. There is always one recipient, so that nobody's address reaches another.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    /// The return path, to which bounces go.
    pub from: &'a EmailAddress,
    /// The one recipient.
    pub to: &'a EmailAddress,
}

/// The result of sending one mail. This is all that delivery decides by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// The server took responsibility: 250 to the final dot.
    Accepted {
        /// Always 250; kept for the log.
        code: u16,
    },
    /// A 4xx, even to the final dot: not taken, try later.
    Deferred {
        /// Which step was answered so.
        phase: Phase,
        /// The numbers of the answer.
        reply: Reply,
    },
    /// A 5xx. Whom it is about is for `mail::outcome` to say.
    Refused {
        /// Which step was answered so.
        phase: Phase,
        /// The numbers of the answer.
        reply: Reply,
    },
    /// The connection was lost, too slow or out of step, surely before the final dot: not taken, try again.
    Lost {
        /// The step that was not answered, or not properly.
        phase: Phase,
    },
    /// The final dot may have been read and no proper answer came: taken or not, nobody can know (RFC 1047).
    Ambiguous,
}

impl Attempt {
    /// The refusal of a reply that is not the expected one, before the dot: anything but 4xx and 5xx is out of step.
    pub(crate) fn from_reply(phase: Phase, reply: Reply) -> Self {
        match reply.code() {
            400..=499 => Self::Deferred { phase, reply },
            500..=599 => Self::Refused { phase, reply },
            _ => Self::Lost { phase },
        }
    }
}

/// Why no conversation could be opened. No mail has been sent then, so each of these means: try later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SmtpError {
    /// The server cannot be reached at all.
    #[error("cannot connect to the mail server: {0}")]
    Connect(std::io::ErrorKind),
    /// A step took longer than its deadline.
    #[error("the mail server did not answer in time at {0}")]
    Timeout(Phase),
    /// The connection was closed or broken.
    #[error("the mail server closed the connection at {0}")]
    Closed(Phase),
    /// The server said no: a 421 greeting, a wrong password.
    #[error("the mail server answered {reply} at {phase}")]
    Rejected {
        /// Which step was answered so.
        phase: Phase,
        /// The numbers of the answer.
        reply: Reply,
    },
    /// The answer is no SMTP reply, or not one that belongs to this step.
    #[error("the mail server's answer at {0} makes no sense")]
    OutOfStep(Phase),
    /// The settings ask for STARTTLS and the server does not offer it. Someone may have stripped it.
    #[error("the mail server does not offer STARTTLS; nothing is sent in clear")]
    StartTlsMissing,
    /// There were bytes after the answer to STARTTLS and before TLS: an attack, or a broken server.
    #[error("bytes were injected before TLS began")]
    InjectedBeforeTls,
    /// The certificate is not valid for this host under the trusted authorities.
    #[error("the mail server's certificate is not trusted")]
    Certificate,
    /// The handshake failed for another reason.
    #[error("the TLS handshake failed")]
    Tls,
    /// The file named by `ca=` cannot be read, or holds no certificate.
    #[error("the CA file of SMTP_URL cannot be used")]
    CaFile,
    /// The settings hold a password and the server offers neither PLAIN nor LOGIN.
    #[error("the mail server offers no way to log in that we speak")]
    AuthMissing,
    /// A password would have to be said in clear to another machine.
    #[error("a password is never sent in clear to another machine")]
    CredentialsInClear,
    /// Our own name for EHLO is no host name.
    #[error("the name for EHLO is not a host name")]
    EhloName,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deadlines_are_those_of_the_design() {
        let deadlines = Deadlines::default();
        for step in [deadlines.connect, deadlines.ehlo, deadlines.mail, deadlines.rcpt, deadlines.data] {
            assert_eq!(step, Duration::from_secs(30));
        }
        assert_eq!(deadlines.dot, Duration::from_secs(60));
        assert_eq!(deadlines.longest_send(), Duration::from_secs(210));
    }

    #[test]
    fn a_worker_can_spawn_the_sending() {
        fn spawnable<T: Send>(_: &T) {}
        let from = EmailAddress::parse("no-reply@city.example.jp").unwrap();
        let envelope = Envelope { from: &from, to: &from };
        let open_and_send = async {
            let url = SmtpUrl::parse("smtp://127.0.0.1").ok()?;
            let mut connection = Connection::open(&url, "city", &Deadlines::default()).await.ok()?;
            Some(connection.send(&envelope, b"").await)
        };
        spawnable(&open_and_send);
    }

    #[test]
    fn all_phases_up_to_the_body_come_before_the_dot() {
        for phase in [Phase::Connect, Phase::Reset, Phase::Data, Phase::Body] {
            assert!(phase < Phase::Dot);
        }
    }
}
