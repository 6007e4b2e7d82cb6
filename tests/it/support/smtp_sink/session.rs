//! One conversation of the sink with a client.
use super::{Behaviour, Security, Shared, Stage, Taken, lock};
use data_encoding::BASE64;
use mail_parser::MessageParser;
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

/// The conversation is over.
pub(super) struct Over;

impl From<io::Error> for Over {
    fn from(_: io::Error) -> Self {
        Self
    }
}

/// A socket, or TLS over one; a reset needs the socket itself.
trait Channel: AsyncRead + AsyncWrite + Unpin + Send {
    fn tcp(&self) -> &TcpStream;
}

impl Channel for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Channel for TlsStream<Box<dyn Channel>> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0.tcp()
    }
}

struct Session {
    wire: BufReader<Box<dyn Channel>>,
    /// Replies not yet written: like other servers, the sink writes when it has read all that came.
    out: Vec<u8>,
    shared: Arc<Shared>,
    number: usize,
    encrypted: bool,
    logged_in: bool,
    from: Option<String>,
    to: Option<String>,
    /// Begun in this session.
    mails: usize,
    /// What the script said about this mail.
    plan: Behaviour,
}

pub(super) async fn converse(socket: TcpStream, shared: Arc<Shared>, number: usize) -> Result<(), Over> {
    socket.set_nodelay(true)?;
    let mut session = Session {
        wire: BufReader::new(Box::new(socket)),
        out: Vec::new(),
        logged_in: shared.setup.login.is_none(),
        shared,
        number,
        encrypted: false,
        from: None,
        to: None,
        mails: 0,
        plan: Behaviour::Ok,
    };
    if session.shared.setup.security == Security::Implicit {
        session = session.encrypt().await?;
    }
    if !session.answer(Stage::Greeting, "220 sink ESMTP").await? {
        session.flush().await?;
        return Err(Over);
    }
    loop {
        session.flush_if_idle().await?;
        let line = session.line().await?;
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        lock(&session.shared.commands).push(text.clone());
        let verb = text.split([' ', ':']).next().unwrap_or_default();
        if verb.eq_ignore_ascii_case("STARTTLS") {
            session = session.start_tls().await?;
        } else {
            session.command(&verb.to_ascii_uppercase(), &text).await?;
        }
    }
}

impl Session {
    async fn command(&mut self, verb: &str, text: &str) -> Result<(), Over> {
        match verb {
            "EHLO" => self.ehlo().await,
            "AUTH" => self.auth(text).await,
            "MAIL" => self.mail(text).await,
            "RCPT" => self.rcpt(text).await,
            "DATA" => self.data().await,
            "RSET" => {
                self.forget();
                self.answer(Stage::Rset, "250 2.0.0 ok").await.map(drop)
            }
            "QUIT" => {
                self.answer(Stage::Quit, "221 2.0.0 bye").await?;
                self.flush().await?;
                self.wire.get_mut().shutdown().await?;
                Err(Over)
            }
            _ => self.say("502 5.5.2 no"),
        }
    }

    async fn ehlo(&mut self) -> Result<(), Over> {
        let setup = self.shared.setup.clone();
        let behaviour = self.behaviour(Stage::Ehlo);
        let mut offers = vec!["sink", "8BITMIME", "ENHANCEDSTATUSCODES"];
        if setup.pipelining {
            offers.push("PIPELINING");
        }
        let stripped = matches!(behaviour, Behaviour::StripStartTls);
        if setup.security == Security::StartTls && !self.encrypted && !stripped {
            offers.push("STARTTLS");
        }
        match &setup.login {
            Some(_) if setup.old_auth => offers.push("AUTH=LOGIN PLAIN"),
            Some(_) if setup.login_only => offers.push("AUTH LOGIN"),
            Some(_) => offers.push("AUTH PLAIN LOGIN"),
            None => {}
        }
        let last = offers.len() - 1;
        let lines: Vec<_> =
            offers.iter().enumerate().map(|(i, offer)| format!("250{}{offer}", if i == last { ' ' } else { '-' })).collect();
        self.act(behaviour, &lines.join("\r\n")).await.map(drop)
    }

    async fn start_tls(mut self) -> Result<Self, Over> {
        let normal = "220 2.0.0 go ahead";
        match self.behaviour(Stage::StartTls) {
            Behaviour::InjectAfterStartTls(bytes) => {
                self.say(normal)?;
                self.out.extend_from_slice(bytes.as_bytes());
            }
            other => {
                if !self.act(other, normal).await? {
                    return Ok(self);
                }
            }
        }
        self.flush().await?;
        self.encrypt().await
    }

    async fn encrypt(self) -> Result<Self, Over> {
        let acceptor = self.shared.tls.clone().ok_or(Over)?;
        let tls = acceptor.accept(self.wire.into_inner()).await?;
        Ok(Self { wire: BufReader::new(Box::new(tls)), encrypted: true, ..self })
    }

    async fn auth(&mut self, text: &str) -> Result<(), Over> {
        let Some((user, password)) = self.shared.setup.login.clone() else {
            return self.say("502 5.5.1 no");
        };
        let given = match text.split(' ').collect::<Vec<_>>()[..] {
            [_, "PLAIN", token] if !self.shared.setup.login_only => decode(token),
            [_, "LOGIN"] => {
                let user = self.ask("334 VXNlcm5hbWU6").await?;
                let password = self.ask("334 UGFzc3dvcmQ6").await?;
                format!("\0{user}\0{password}")
            }
            _ => String::new(),
        };
        if given == format!("\0{user}\0{password}") {
            self.logged_in = self.answer(Stage::Auth, "235 2.7.0 welcome").await?;
            Ok(())
        } else {
            self.say("535 5.7.8 who are you")
        }
    }

    async fn ask(&mut self, question: &str) -> Result<String, Over> {
        self.say(question)?;
        self.flush().await?;
        let line = self.line().await?;
        Ok(decode(String::from_utf8_lossy(&line).trim_end()))
    }

    async fn mail(&mut self, text: &str) -> Result<(), Over> {
        if !self.logged_in {
            return self.say("530 5.7.0 log in first");
        }
        if self.from.is_some() {
            return self.say("503 5.5.1 a mail is open already");
        }
        let behaviour = self.behaviour(Stage::Mail);
        if matches!(behaviour, Behaviour::SessionLimit(most) if self.mails >= most) {
            self.say("421 4.7.0 too many messages in this session")?;
            self.flush().await?;
            return Err(Over);
        }
        self.mails += 1;
        if self.act(behaviour, "250 2.1.0 ok").await? {
            self.from = Some(bracketed(text));
        }
        Ok(())
    }

    async fn rcpt(&mut self, text: &str) -> Result<(), Over> {
        if self.from.is_none() {
            return self.say("503 5.5.1 MAIL first");
        }
        if self.to.is_some() {
            return self.say("452 4.5.3 one recipient a mail");
        }
        let to = bracketed(text);
        let plan = lock(&self.shared.rules).script.as_mut().map(|f| f(&to));
        self.plan = plan.unwrap_or_default();
        self.to = Some(to);
        if !self.answer(Stage::Rcpt, "250 2.1.5 ok").await? {
            self.to = None;
        }
        Ok(())
    }

    async fn data(&mut self) -> Result<(), Over> {
        let behaviour = self.behaviour(Stage::Data);
        let normal = if self.to.is_some() { "354 go ahead" } else { "554 5.5.1 no valid recipients" };
        let asked = match &behaviour {
            Behaviour::Reply(_, line) => line.starts_with("354"),
            _ => self.to.is_some(),
        };
        self.act(behaviour, normal).await?;
        if asked {
            self.flush().await?;
            self.message().await?;
        }
        Ok(())
    }

    async fn message(&mut self) -> Result<(), Over> {
        let behaviour = self.behaviour(Stage::Dot);
        let mut raw = Vec::new();
        loop {
            let line = self.line().await?;
            if line == b".\r\n" {
                break;
            }
            raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            if matches!(behaviour, Behaviour::DropBeforeDot) {
                return Err(self.reset());
            }
        }
        let (from, to) = (self.from.take(), self.to.take());
        self.plan = Behaviour::Ok;
        let (Some(from), Some(to)) = (from, to) else {
            return self.say("554 5.5.1 no valid recipients");
        };
        let taken = match &behaviour {
            Behaviour::Drop(_) | Behaviour::Hang(_) => false,
            Behaviour::Reply(_, line) => line.starts_with("250"),
            _ => true,
        };
        if taken {
            self.take(from, to, raw);
        }
        self.act(behaviour, "250 2.0.0 queued").await.map(drop)
    }

    fn take(&self, from: String, to: String, raw: Vec<u8>) {
        let mut taken = Taken { from, to, encrypted: self.encrypted, connection: self.number, ..Taken::default() };
        // mail-parser 0.11 gives nothing for an empty mail, and panics on its own empty `Message`.
        if let Some(mail) = MessageParser::default().parse(&raw) {
            taken.message_id = mail.message_id().unwrap_or_default().to_owned();
            taken.subject = mail.subject().unwrap_or_default().to_owned();
            taken.text = mail.body_text(0).unwrap_or_default().replace("\r\n", "\n");
            let fields = mail.headers_raw();
            taken.headers = fields.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect();
        }
        taken.raw = raw;
        lock(&self.shared.taken).push(taken);
        self.shared.count.send_modify(|n| *n += 1);
    }

    /// Answers as the rules say. True: with the right answer, or one of its kind.
    async fn answer(&mut self, stage: Stage, normal: &str) -> Result<bool, Over> {
        let behaviour = self.behaviour(stage);
        self.act(behaviour, normal).await
    }

    async fn act(&mut self, behaviour: Behaviour, normal: &str) -> Result<bool, Over> {
        match behaviour {
            Behaviour::Ok | Behaviour::SessionLimit(_) | Behaviour::StripStartTls | Behaviour::InjectAfterStartTls(_) => {
                self.say(normal)?;
            }
            Behaviour::Reply(_, line) => {
                self.say(&line)?;
                if line.starts_with("421") {
                    self.flush().await?;
                    return Err(Over);
                }
                return Ok(line.as_bytes().first() == normal.as_bytes().first());
            }
            Behaviour::Delay(_, time) => {
                self.flush().await?;
                tokio::time::sleep(time).await;
                self.say(normal)?;
            }
            Behaviour::Drip(_, pause) => {
                self.flush().await?;
                for byte in format!("{normal}\r\n").bytes() {
                    tokio::time::sleep(pause).await;
                    self.out.push(byte);
                    self.flush().await?;
                }
            }
            Behaviour::Hang(_) | Behaviour::HangAfterDot => return self.hang().await,
            Behaviour::DropAfterAccept => {
                self.say(normal)?;
                self.flush().await?;
                // The 250 must arrive: an orderly end, where a reset could overtake it.
                return Err(Over);
            }
            Behaviour::Drop(_) | Behaviour::DropBeforeDot | Behaviour::DropAfterDot => {
                self.flush().await?;
                return Err(self.reset());
            }
        }
        Ok(true)
    }

    fn behaviour(&self, stage: Stage) -> Behaviour {
        let mut rules = lock(&self.shared.rules);
        let next = rules.times.iter_mut().find(|(_, b)| b.concerns(stage));
        if let Some((left, behaviour)) = next {
            *left -= 1;
            let behaviour = behaviour.clone();
            rules.times.retain(|(left, _)| *left > 0);
            return behaviour;
        }
        let own = self.to.as_ref().and_then(|to| rules.by_recipient.get(&to.to_ascii_lowercase()));
        let rules = [Some(&self.plan), own, Some(&rules.general)];
        let found = rules.into_iter().flatten().find(|b| b.concerns(stage));
        found.cloned().unwrap_or_default()
    }

    /// Waits for the client to give up.
    async fn hang(&mut self) -> Result<bool, Over> {
        self.flush().await?;
        let mut ignored = [0; 1024];
        while self.wire.read(&mut ignored).await? > 0 {}
        Err(Over)
    }

    /// The connection ends with a RST, as when a process dies.
    fn reset(&self) -> Over {
        let _ = self.wire.get_ref().tcp().set_zero_linger();
        Over
    }

    fn forget(&mut self) {
        self.from = None;
        self.to = None;
        self.plan = Behaviour::Ok;
    }

    fn say(&mut self, line: &str) -> Result<(), Over> {
        self.out.extend_from_slice(line.as_bytes());
        self.out.extend_from_slice(b"\r\n");
        Ok(())
    }

    async fn flush_if_idle(&mut self) -> Result<(), Over> {
        if self.wire.buffer().is_empty() {
            self.flush().await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), Over> {
        let wire = self.wire.get_mut();
        wire.write_all(&self.out).await?;
        wire.flush().await?;
        self.out.clear();
        Ok(())
    }

    async fn line(&mut self) -> Result<Vec<u8>, Over> {
        let mut line = Vec::new();
        if self.wire.read_until(b'\n', &mut line).await? == 0 {
            return Err(Over);
        }
        Ok(line)
    }
}

fn bracketed(text: &str) -> String {
    let inner = text.split_once('<').and_then(|(_, rest)| rest.rsplit_once('>'));
    inner.map_or_else(String::new, |(address, _)| address.to_owned())
}

fn decode(token: &str) -> String {
    let bytes = BASE64.decode(token.as_bytes()).unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}
