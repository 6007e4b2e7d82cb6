//! One conversation with the mail server: opened, used for many mails one after the other, closed.
use super::stream::{Fault, Stream, Written};
use super::url::Credentials;
use super::wire::append_message;
use super::{Attempt, Deadlines, Envelope, Phase, Reply, SmtpError, SmtpUrl, TlsMode};
use data_encoding::BASE64;
use std::time::Duration;
use tokio::time::{Instant, timeout};
use zeroize::Zeroizing;

/// The extensions that the server offered in its last answer to EHLO (RFC 5321 §4.1.1.1).
#[derive(Clone, Copy, Default)]
struct Offers {
    pipelining: bool,
    start_tls: bool,
    auth_plain: bool,
    auth_login: bool,
}

impl Offers {
    fn note(&mut self, line: &[u8]) {
        let line = line.to_ascii_uppercase();
        let mut words = line.split(|&b| b == b' ');
        match words.next() {
            Some(b"PIPELINING") => self.pipelining = true,
            Some(b"STARTTLS") => self.start_tls = true,
            Some(b"AUTH") => words.for_each(|mechanism| self.note_mechanism(mechanism)),
            // Servers of before RFC 2554 write it with an equals sign, for clients that knew no other form.
            Some(first) if first.starts_with(b"AUTH=") => {
                self.note_mechanism(&first[b"AUTH=".len()..]);
                words.for_each(|mechanism| self.note_mechanism(mechanism));
            }
            _ => {}
        }
    }

    fn note_mechanism(&mut self, mechanism: &[u8]) {
        match mechanism {
            b"PLAIN" => self.auth_plain = true,
            b"LOGIN" => self.auth_login = true,
            _ => {}
        }
    }
}

/// Whether the next mail may follow on this connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ConnectionState {
    /// Nothing is open.
    Ready,
    /// A refused mail is still open on the server's side: RSET first.
    NeedsReset,
    /// Out of step, or lost. Also while a mail is under way, so that a dropped future leaves no half dialogue behind.
    Closed,
}

/// One command of the envelope, the codes that mean yes, and its deadline.
struct Step {
    phase: Phase,
    command: Zeroizing<String>,
    yes: &'static [u16],
    limit: Duration,
}

/// An open conversation with the mail server. Not shared: one mail at a time.
pub struct Connection {
    stream: Stream,
    offers: Offers,
    deadlines: Deadlines,
    state: ConnectionState,
    /// The message being written. Kept, so that its room is used again; wiped when the connection goes.
    out: Zeroizing<Vec<u8>>,
}

impl Connection {
    /// Connects, greets with `ehlo_name` (our host name), begins TLS as the URL demands, and logs in where it says so.
    ///
    /// # Errors
    /// [`SmtpError`]. Nothing has been sent then, so every one of them means: try later.
    pub async fn open(url: &SmtpUrl, ehlo_name: &str, deadlines: &Deadlines) -> Result<Self, SmtpError> {
        if !is_host_name(ehlo_name) {
            return Err(SmtpError::EhloName);
        }
        let mut stream = Stream::connect(url, deadlines.connect).await?;
        if url.tls() == TlsMode::Implicit {
            stream = stream.encrypt(url, Phase::Connect, deadlines.connect).await?;
        }
        let mut connection =
            Self { stream, offers: Offers::default(), deadlines: *deadlines, state: ConnectionState::Closed, out: Zeroizing::default() };
        connection.greet(ehlo_name).await?;
        if url.tls() == TlsMode::StartTls {
            connection = connection.start_tls(url, ehlo_name).await?;
        }
        if let Some(credentials) = url.credentials() {
            connection.log_in(credentials).await?;
        }
        connection.state = ConnectionState::Ready;
        Ok(connection)
    }

    /// Whether another mail may be sent on this connection. If not, drop it and open a new one.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.state != ConnectionState::Closed
    }

    /// Whether TLS protects this connection.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.stream.is_encrypted()
    }

    /// Whether Nagle's algorithm is off on the socket; it always should be.
    ///
    /// # Errors
    /// The system's error when it cannot tell.
    pub fn nodelay(&self) -> std::io::Result<bool> {
        self.stream.tcp().nodelay()
    }

    /// Sends one mail to one recipient. `message` is header and body with any line ends; see [`Attempt`] for the answer.
    ///
    /// Dropping the future half-way closes the connection; the mail then is to be treated as [`Attempt::Ambiguous`].
    pub async fn send(&mut self, envelope: &Envelope<'_>, message: &[u8]) -> Attempt {
        self.send_if(envelope, message, || true).await
    }

    /// The same, but `may_send` is asked at the last moment, when the server waits for the message. If it says no, the
    /// connection is closed without a final dot and the answer is [`Attempt::Lost`] at [`Phase::Data`].
    pub async fn send_if(&mut self, envelope: &Envelope<'_>, message: &[u8], may_send: impl FnOnce() -> bool) -> Attempt {
        if let Err(lost) = self.make_ready().await {
            return lost;
        }
        let steps = self.envelope_steps(envelope);
        let opened = if self.offers.pipelining { self.open_in_one_write(&steps).await } else { self.open_step_by_step(&steps).await };
        match opened {
            Ok(()) if may_send() => self.transmit(message).await,
            Ok(()) => {
                self.state = ConnectionState::Closed;
                Attempt::Lost { phase: Phase::Data }
            }
            Err(attempt) => attempt,
        }
    }

    /// Says goodbye and closes. A server that does not answer is not waited for.
    pub async fn quit(mut self) {
        let farewell = async {
            if self.is_usable() {
                self.stream.write(b"QUIT\r\n", after(Deadlines::QUIT)).await?;
                self.stream.reply(after(Deadlines::QUIT)).await?;
            }
            self.stream.shutdown().await?;
            Ok::<(), Fault>(())
        };
        // The result does not matter: every mail has had its answer.
        let _ = timeout(Deadlines::QUIT, farewell).await;
    }
}

/// Opening: greeting, EHLO, TLS, log-in.
impl Connection {
    async fn greet(&mut self, ehlo_name: &str) -> Result<(), SmtpError> {
        let greeting = self.stream.reply(after(self.deadlines.connect)).await;
        demand(Phase::Greeting, greeting, 220)?;
        self.ehlo(ehlo_name).await
    }

    async fn ehlo(&mut self, ehlo_name: &str) -> Result<(), SmtpError> {
        let by = after(self.deadlines.ehlo);
        let command = format!("EHLO {ehlo_name}\r\n");
        let written = self.stream.write(command.as_bytes(), by).await;
        written.map_err(|fault| fault.at(Phase::Ehlo))?;
        let mut offers = Offers::default();
        let reply = self.stream.reply_lines(by, |line| offers.note(line)).await;
        demand(Phase::Ehlo, reply, 250)?;
        self.offers = offers;
        Ok(())
    }

    /// RFC 3207. All that was said before TLS is forgotten, and nothing that came along with the 220 is taken over.
    async fn start_tls(mut self, url: &SmtpUrl, ehlo_name: &str) -> Result<Self, SmtpError> {
        if !self.offers.start_tls {
            return Err(SmtpError::StartTlsMissing);
        }
        if self.stream.has_unread() {
            return Err(SmtpError::InjectedBeforeTls);
        }
        self.exchange(Phase::StartTls, b"STARTTLS\r\n", 220).await?;
        if self.stream.has_unread() {
            return Err(SmtpError::InjectedBeforeTls);
        }
        let limit = self.deadlines.ehlo;
        self.stream = self.stream.encrypt(url, Phase::StartTls, limit).await?;
        self.ehlo(ehlo_name).await?;
        Ok(self)
    }

    /// AUTH PLAIN (RFC 4616), or the older LOGIN where only that is offered.
    async fn log_in(&mut self, credentials: &Credentials) -> Result<(), SmtpError> {
        let here = self.stream.tcp().peer_addr();
        if !self.is_encrypted() && !here.is_ok_and(|peer| peer.ip().is_loopback()) {
            return Err(SmtpError::CredentialsInClear);
        }
        let (user, password) = (credentials.user.as_str(), credentials.password.as_str());
        if self.offers.auth_plain {
            let token = Zeroizing::new(format!("\0{user}\0{password}"));
            let command = Zeroizing::new(format!("AUTH PLAIN {}\r\n", *base64(&token)));
            self.exchange(Phase::Auth, command.as_bytes(), 235).await
        } else if self.offers.auth_login {
            let user = Zeroizing::new(format!("{}\r\n", *base64(user)));
            let password = Zeroizing::new(format!("{}\r\n", *base64(password)));
            self.exchange(Phase::Auth, b"AUTH LOGIN\r\n", 334).await?;
            self.exchange(Phase::Auth, user.as_bytes(), 334).await?;
            self.exchange(Phase::Auth, password.as_bytes(), 235).await
        } else {
            Err(SmtpError::AuthMissing)
        }
    }

    async fn exchange(&mut self, phase: Phase, command: &[u8], code: u16) -> Result<(), SmtpError> {
        let by = after(self.deadlines.ehlo);
        let written = self.stream.write(command, by).await;
        written.map_err(|fault| fault.at(phase))?;
        demand(phase, self.stream.reply(by).await, code)
    }
}

/// One mail: envelope, then message.
impl Connection {
    /// Sees to it that server and we are at the same point, before a mail begins. The connection counts as closed from
    /// here until the mail has had a proper answer.
    async fn make_ready(&mut self) -> Result<(), Attempt> {
        let state = std::mem::replace(&mut self.state, ConnectionState::Closed);
        // A reply that nobody asked for would be read as the answer to the next command, and so on down the line.
        if state == ConnectionState::Closed || self.stream.has_unread() {
            return Err(Attempt::Lost { phase: Phase::Mail });
        }
        if state == ConnectionState::NeedsReset {
            let step =
                Step { phase: Phase::Reset, command: Zeroizing::new("RSET\r\n".to_owned()), yes: &[250], limit: self.deadlines.mail };
            // A server that refuses RSET says nothing about the mail to come.
            if self.take_step(&step).await.is_err() {
                self.state = ConnectionState::Closed;
                return Err(Attempt::Lost { phase: Phase::Reset });
            }
        }
        Ok(())
    }

    fn envelope_steps(&self, envelope: &Envelope<'_>) -> [Step; 3] {
        let from = envelope.from.envelope_form();
        let to = envelope.to.envelope_form();
        let Deadlines { mail, rcpt, data, .. } = self.deadlines;
        [
            Step { phase: Phase::Mail, command: Zeroizing::new(format!("MAIL FROM:<{}>\r\n", *from)), yes: &[250, 251], limit: mail },
            Step { phase: Phase::Rcpt, command: Zeroizing::new(format!("RCPT TO:<{}>\r\n", *to)), yes: &[250, 251], limit: rcpt },
            Step { phase: Phase::Data, command: Zeroizing::new("DATA\r\n".to_owned()), yes: &[354], limit: data },
        ]
    }

    async fn open_step_by_step(&mut self, steps: &[Step]) -> Result<(), Attempt> {
        for step in steps {
            self.take_step(step).await?;
        }
        Ok(())
    }

    async fn take_step(&mut self, step: &Step) -> Result<(), Attempt> {
        let lost = Attempt::Lost { phase: step.phase };
        let by = after(step.limit);
        let written = self.stream.write(step.command.as_bytes(), by).await;
        written.map_err(|_| lost)?;
        let reply = self.stream.reply(by).await.map_err(|_| lost)?;
        step.judge(reply).inspect_err(|_| {
            self.state = after_refusal(reply);
        })
    }

    /// Writes the whole envelope at once and reads the answers in order (RFC 2920). The first bad one decides.
    async fn open_in_one_write(&mut self, steps: &[Step; 3]) -> Result<(), Attempt> {
        let group: Zeroizing<Vec<u8>> = Zeroizing::new(steps.each_ref().map(|s| s.command.as_bytes()).concat());
        let mut by = after(self.deadlines.mail);
        let written = self.stream.write(&group, by).await;
        written.map_err(|_| Attempt::Lost { phase: Phase::Mail })?;
        let mut outcome = Ok(());
        let mut state = ConnectionState::Ready;
        let mut last = None;
        for step in steps {
            if step.phase != Phase::Mail {
                by = after(step.limit);
            }
            let Ok(reply) = self.stream.reply(by).await else {
                return outcome.and(Err(Attempt::Lost { phase: step.phase }));
            };
            last = Some(reply);
            if let Err(attempt) = step.judge(reply) {
                outcome = outcome.and(Err(attempt));
                state = state.worse(after_refusal(reply));
            }
        }
        if let Err(attempt) = outcome {
            if last.is_some_and(|reply| reply.code() == 354) {
                state = self.end_unwanted_data(attempt).await;
            }
            self.state = state;
        }
        outcome
    }

    /// The server refused the envelope and still waits for a message: a lone dot ends it (RFC 2920 §3.1).
    ///
    /// Only where the recipient was refused in so many words, for then there is nobody to whom the empty message could
    /// go. After anything less clear, and when the server says that it took one, the connection is given up.
    async fn end_unwanted_data(&mut self, refusal: Attempt) -> ConnectionState {
        let (Attempt::Deferred { phase, reply } | Attempt::Refused { phase, reply }) = refusal else {
            return ConnectionState::Closed;
        };
        let by = after(self.deadlines.data);
        if phase != Phase::Rcpt || reply.is_closing() || self.stream.write(b".\r\n", by).await.is_err() {
            return ConnectionState::Closed;
        }
        match self.stream.reply(by).await {
            Ok(reply) if (400..=599).contains(&reply.code()) => after_refusal(reply),
            _ => ConnectionState::Closed,
        }
    }

    /// Writes message and final dot in one piece, and waits for the one answer that counts.
    async fn transmit(&mut self, message: &[u8]) -> Attempt {
        // An answer before the message is not an answer to it.
        if self.stream.has_unread() {
            return Attempt::Lost { phase: Phase::Data };
        }
        self.out.clear();
        append_message(&mut self.out, message);
        let limit = self.deadlines.data;
        match self.stream.write_message(&self.out, limit).await {
            Ok(()) => {}
            Err(Written::Part) => return Attempt::Lost { phase: Phase::Body },
            Err(Written::Whole) => return Attempt::Ambiguous,
        }
        let Ok(reply) = self.stream.reply(after(self.deadlines.dot)).await else {
            return Attempt::Ambiguous;
        };
        let attempt = match reply.code() {
            250 => Attempt::Accepted { code: 250 },
            400..=599 => Attempt::from_reply(Phase::Dot, reply),
            _ => return Attempt::Ambiguous,
        };
        if !reply.is_closing() {
            self.state = ConnectionState::Ready;
        }
        attempt
    }
}

impl Step {
    fn judge(&self, reply: Reply) -> Result<(), Attempt> {
        if self.yes.contains(&reply.code()) { Ok(()) } else { Err(Attempt::from_reply(self.phase, reply)) }
    }
}

impl ConnectionState {
    fn worse(self, other: Self) -> Self {
        match (self, other) {
            (Self::Closed, _) | (_, Self::Closed) => Self::Closed,
            (Self::NeedsReset, _) | (_, Self::NeedsReset) => Self::NeedsReset,
            _ => Self::Ready,
        }
    }
}

/// A plain no leaves the dialogue in step. A 421, or a code that does not belong there, ends it.
fn after_refusal(reply: Reply) -> ConnectionState {
    if reply.is_closing() || !(400..=599).contains(&reply.code()) { ConnectionState::Closed } else { ConnectionState::NeedsReset }
}

/// The reply must be this one; a 4xx or 5xx is a rejection, anything else makes no sense here.
fn demand(phase: Phase, reply: Result<Reply, Fault>, code: u16) -> Result<(), SmtpError> {
    let reply = reply.map_err(|fault| fault.at(phase))?;
    match reply.code() {
        given if given == code => Ok(()),
        400..=599 => Err(SmtpError::Rejected { phase, reply }),
        _ => Err(SmtpError::OutOfStep(phase)),
    }
}

/// The instant at which a step that begins now must be over.
fn after(limit: Duration) -> Instant {
    Instant::now() + limit
}

fn base64(text: &str) -> Zeroizing<String> {
    Zeroizing::new(BASE64.encode(text.as_bytes()))
}

/// A host name or an address literal (RFC 5321 §4.1.3); above all, nothing that could end the line.
fn is_host_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']');
    !name.is_empty() && name.len() <= 255 && name.bytes().all(plain)
}
