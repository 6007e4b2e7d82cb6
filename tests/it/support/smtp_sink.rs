//! A mail server in this process that takes mail, and on demand misbehaves in every way that mail servers do.
//!
//! ```ignore
//! let sink = SmtpSink::start().await;                       // plain, PIPELINING, on 127.0.0.1 and a free port
//! sink.behave(Behaviour::reply(Stage::Rcpt, "450 4.2.1 later"));   // from now on, for everybody
//! sink.behave_for("taro@example.jp", Behaviour::DropAfterDot);     // for one recipient, before the general rule
//! sink.behave_times(2, Behaviour::Drop(Stage::Data));              // the next two times, then as before
//! sink.heal();                                                     // all well again
//! let mails = sink.wait_for(3, Duration::from_secs(5)).await;      // as soon as three have been taken, or panic
//! assert_eq!(sink.accepted_by_message_id()["1@city.example.jp"], 1);
//! ```
//!
//! - TLS: `SmtpSink::builder().start_tls()` or `.implicit_tls()`. Each run makes a certificate authority of its own;
//!   [`SmtpSink::url`] names it as `ca=` file, so the URL is ready for `SMTP_URL` of a process under test too.
//! - *Taken* means that the sink holds the mail, whether or not it has said so. `DropAfterDot` and `HangAfterDot` take it
//!   and stay silent; `Drop(Stage::Dot)` and `Hang(Stage::Dot)` do not take it. To the sender these look the same:
//!   that is what "ambiguous" means, and [`SmtpSink::accepted`] is the judge.
//! - Rules for one recipient apply from RCPT on; before that nobody knows the recipient.
//! - Everything waits by notification. Nothing sleeps but `Delay`, `Drip` and the hanging stages, which end with the client.
mod session;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, crypto::ring};

/// Where in the conversation something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Greeting,
    Ehlo,
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// After the final dot.
    Dot,
    Rset,
    Quit,
}

/// What the sink does instead of the right thing.
#[derive(Clone, Debug, Default)]
pub enum Behaviour {
    #[default]
    Ok,
    /// Answers so at this stage. A mail is taken only if the code is 250. After a 421, or an answer other than 220 to
    /// the connection, the sink closes. Several lines: give them whole, `"250-a\r\n250 b"`.
    Reply(Stage, String),
    /// Never answers at this stage, until the client goes.
    Hang(Stage),
    /// Answers in the right way, but only after this long.
    Delay(Stage, Duration),
    /// Answers in the right way, one byte each time this long has passed.
    Drip(Stage, Duration),
    /// Resets the connection instead of answering.
    Drop(Stage),
    /// Resets the connection after the first line of the message.
    DropBeforeDot,
    /// Takes the mail and resets the connection without an answer.
    DropAfterDot,
    /// Takes the mail and never answers.
    HangAfterDot,
    /// Takes the mail, answers 250, and then resets the connection.
    DropAfterAccept,
    /// Takes so many mails in a session; to the next MAIL it says 421 and closes.
    SessionLimit(usize),
    /// Does not offer STARTTLS.
    StripStartTls,
    /// Sends these bytes together with the 220 to STARTTLS, before TLS.
    InjectAfterStartTls(String),
}

impl Behaviour {
    pub fn reply(stage: Stage, line: &str) -> Self {
        Self::Reply(stage, line.to_owned())
    }

    fn concerns(&self, stage: Stage) -> bool {
        match self {
            Self::Ok => false,
            Self::Reply(at, _) | Self::Hang(at) | Self::Delay(at, _) | Self::Drip(at, _) | Self::Drop(at) => *at == stage,
            Self::DropBeforeDot | Self::DropAfterDot | Self::HangAfterDot | Self::DropAfterAccept => stage == Stage::Dot,
            Self::SessionLimit(_) => stage == Stage::Mail,
            Self::StripStartTls => stage == Stage::Ehlo,
            Self::InjectAfterStartTls(_) => stage == Stage::StartTls,
        }
    }
}

/// A mail that the sink has taken.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// As it stood between the angle brackets, quotes included.
    pub from: String,
    /// As it stood between the angle brackets, quotes included.
    pub to: String,
    /// Header and body after the dots were taken off.
    pub raw: Vec<u8>,
    /// Without angle brackets; empty if there was none.
    pub message_id: String,
    pub subject: String,
    /// The decoded text, with LF.
    pub text: String,
    /// Names as sent, values as sent (not decoded), in order.
    pub headers: Vec<(String, String)>,
    pub encrypted: bool,
    /// Counts from 1 in the order of connecting.
    pub connection: usize,
}

impl Taken {
    /// The value of the first field of this name, not decoded.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Security {
    #[default]
    Plain,
    StartTls,
    Implicit,
}

/// How the sink is set up before it listens.
#[derive(Clone, Debug)]
pub struct Builder {
    security: Security,
    pipelining: bool,
    login: Option<(String, String)>,
    login_only: bool,
    old_auth: bool,
    host: String,
}

impl Builder {
    pub fn start_tls(mut self) -> Self {
        self.security = Security::StartTls;
        self
    }

    pub fn implicit_tls(mut self) -> Self {
        self.security = Security::Implicit;
        self
    }

    pub fn without_pipelining(mut self) -> Self {
        self.pipelining = false;
        self
    }

    /// Takes mail only from those who log in so. `login_only`: offers AUTH LOGIN and not PLAIN.
    pub fn login(mut self, user: &str, password: &str, login_only: bool) -> Self {
        self.login = Some((user.to_owned(), password.to_owned()));
        self.login_only = login_only;
        self
    }

    /// Offers log-in as servers of before 1999 do: `AUTH=LOGIN PLAIN`.
    pub fn old_auth(mut self) -> Self {
        self.old_auth = true;
        self
    }

    /// The name in the certificate, `127.0.0.1` at first. Another one makes it a bad certificate for this sink.
    pub fn certificate_for(mut self, host: &str) -> Self {
        host.clone_into(&mut self.host);
        self
    }

    pub async fn start(self) -> SmtpSink {
        SmtpSink::listen(self).await
    }
}

type Script = Box<dyn FnMut(&str) -> Behaviour + Send>;

#[derive(Default)]
struct Rules {
    general: Behaviour,
    by_recipient: HashMap<String, Behaviour>,
    /// Before all others, each so many times.
    times: Vec<(usize, Behaviour)>,
    script: Option<Script>,
}

struct Shared {
    setup: Builder,
    tls: Option<TlsAcceptor>,
    rules: Mutex<Rules>,
    taken: Mutex<Vec<Taken>>,
    count: watch::Sender<usize>,
    connections: watch::Sender<usize>,
    commands: Mutex<Vec<String>>,
}

/// The mail server. It stops listening when it is dropped; open conversations end with their clients.
pub struct SmtpSink {
    shared: Arc<Shared>,
    address: SocketAddr,
    ca: Option<(String, PathBuf)>,
    listener: tokio::task::JoinHandle<()>,
}

impl SmtpSink {
    /// Plain, with PIPELINING.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    pub fn builder() -> Builder {
        Builder {
            security: Security::Plain,
            pipelining: true,
            login: None,
            login_only: false,
            old_auth: false,
            host: "127.0.0.1".to_owned(),
        }
    }

    async fn listen(setup: Builder) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (tls, ca) = if setup.security == Security::Plain {
            (None, None)
        } else {
            let (acceptor, pem) = certificate(&setup.host);
            let path = std::env::temp_dir().join(format!("ashiato-sink-{}-{}.pem", std::process::id(), address.port()));
            std::fs::write(&path, &pem).unwrap();
            (Some(acceptor), Some((pem, path)))
        };
        let shared = Arc::new(Shared {
            setup,
            tls,
            rules: Mutex::default(),
            taken: Mutex::default(),
            count: watch::Sender::new(0),
            connections: watch::Sender::new(0),
            commands: Mutex::default(),
        });
        let listener = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self { shared, address, ca, listener }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ready for `SMTP_URL`: mode and CA file included.
    pub fn url(&self) -> String {
        self.url_with("")
    }

    /// The same, with `user:password@` before the host.
    pub fn url_with(&self, login: &str) -> String {
        let mode = match self.shared.setup.security {
            Security::Plain => "none",
            Security::StartTls => "starttls",
            Security::Implicit => "implicit",
        };
        let ca = match &self.ca {
            Some((_, path)) => format!("&ca={}", path.display()),
            None => String::new(),
        };
        format!("smtp://{login}{}?tls={mode}{ca}", self.address)
    }

    /// The certificate of this run's authority, in PEM.
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca.as_ref().map(|(pem, _)| pem.as_str())
    }

    /// From now on, for everybody without a rule of their own. Conversations under way change at their next stage.
    pub fn behave(&self, behaviour: Behaviour) {
        lock(&self.shared.rules).general = behaviour;
    }

    /// From now on for this recipient (as in RCPT, quotes included, case ignored).
    pub fn behave_for(&self, recipient: &str, behaviour: Behaviour) {
        let recipient = recipient.to_ascii_lowercase();
        lock(&self.shared.rules).by_recipient.insert(recipient, behaviour);
    }

    /// The next so many times that the stage comes up, whoever it is for; then the other rules again.
    pub fn behave_times(&self, times: usize, behaviour: Behaviour) {
        lock(&self.shared.rules).times.push((times, behaviour));
    }

    /// Asks the function once for each mail, with its recipient, at RCPT. For seeded random faults.
    pub fn behave_by(&self, script: impl FnMut(&str) -> Behaviour + Send + 'static) {
        lock(&self.shared.rules).script = Some(Box::new(script));
    }

    /// Forgets all rules.
    pub fn heal(&self) {
        *lock(&self.shared.rules) = Rules::default();
    }

    /// Every mail taken so far, in order.
    pub fn accepted(&self) -> Vec<Taken> {
        lock(&self.shared.taken).clone()
    }

    /// How often each Message-ID was taken.
    pub fn accepted_by_message_id(&self) -> BTreeMap<String, usize> {
        self.counted(|mail| mail.message_id.clone())
    }

    /// How often each recipient got a mail, by the address as in RCPT.
    pub fn accepted_by_recipient(&self) -> BTreeMap<String, usize> {
        self.counted(|mail| mail.to.clone())
    }

    fn counted(&self, key: impl Fn(&Taken) -> String) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for mail in lock(&self.shared.taken).iter() {
            *counts.entry(key(mail)).or_default() += 1;
        }
        counts
    }

    /// All mails, as soon as at least `n` have been taken. Panics after `deadline`.
    pub async fn wait_for(&self, n: usize, deadline: Duration) -> Vec<Taken> {
        let mut count = self.shared.count.subscribe();
        let reached = tokio::time::timeout(deadline, count.wait_for(|taken| *taken >= n)).await;
        let reached = reached.map(|count| *count.unwrap());
        let now = *self.shared.count.borrow();
        reached.unwrap_or_else(|_| panic!("only {now} of {n} mails within {deadline:?}"));
        self.accepted()
    }

    /// How many connections were made so far.
    pub fn connections(&self) -> usize {
        *self.shared.connections.borrow()
    }

    /// Waits until so many connections were made in all. Panics after `deadline`.
    pub async fn wait_for_connections(&self, n: usize, deadline: Duration) {
        let mut count = self.shared.connections.subscribe();
        let reached = tokio::time::timeout(deadline, count.wait_for(|made| *made >= n)).await;
        reached.unwrap_or_else(|_| panic!("no {n} connections within {deadline:?}")).unwrap();
    }

    /// Every command line received so far, over all connections.
    pub fn commands(&self) -> Vec<String> {
        lock(&self.shared.commands).clone()
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.listener.abort();
        if let Some((_, path)) = &self.ca {
            let _ = std::fs::remove_file(path);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

/// An authority made for this run, and a server certificate for `host` signed by it.
fn certificate(host: &str) -> (TlsAcceptor, String) {
    let mut authority = CertificateParams::new(vec![]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![host.to_owned()]).unwrap();
    let leaf = params.signed_by(&key, &issuer).unwrap();
    let chain: Vec<CertificateDer<'static>> = vec![leaf.der().clone()];
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), issuer.pem())
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        let shared = Arc::clone(&shared);
        shared.connections.send_modify(|n| *n += 1);
        let number = *shared.connections.borrow();
        tokio::spawn(async move {
            // An error or an end means that the conversation is over, by the client's will or by ours.
            let _ = session::converse(socket, shared, number).await;
        });
    }
}
