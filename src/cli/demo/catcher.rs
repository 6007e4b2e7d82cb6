//! The demonstration's mail server: speaks SMTP on loopback, delivers nothing, keeps every mail for the mailbox page, also over a restart.
use crate::web::{CaughtMail, Mailbox};
use mail_parser::MessageParser;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// Mails kept; later ones push out the first.
const MAX_MAILS: usize = 10_000;
/// The longest command line (RFC 5321 §4.5.3.1.4 asks for 512) and the largest mail.
const MAX_LINE_BYTES: u64 = 2048;
const MAX_MAIL_BYTES: usize = 1024 * 1024;

/// A line of the file that keeps the mails.
#[derive(Serialize, Deserialize)]
struct KeptMail {
    to: String,
    raw: String,
}

#[derive(Default)]
struct Kept {
    count: usize,
    mails: Vec<Arc<CaughtMail>>,
    file: Option<File>,
}

/// Everything that was caught. Cloning shares it.
#[derive(Clone, Default)]
pub struct Caught(Arc<Mutex<Kept>>);

impl Caught {
    /// Reads the mails that an earlier run caught; new ones are appended to the same file.
    fn open(path: &Path) -> std::io::Result<Self> {
        let caught = Self::default();
        if path.exists() {
            for line in std::fs::read_to_string(path)?.lines() {
                if let Ok(line) = serde_json::from_str::<KeptMail>(line) {
                    caught.show(line.to, &line.raw);
                }
            }
        }
        caught.lock().file = Some(std::fs::OpenOptions::new().create(true).append(true).open(path)?);
        Ok(caught)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a mail on disk, then shows it; the answer to the final dot waits for this.
    fn keep(&self, to: String, raw: &[u8]) -> std::io::Result<()> {
        let line = KeptMail { to, raw: String::from_utf8_lossy(raw).into_owned() };
        if let Some(file) = &mut self.lock().file {
            let text = serde_json::to_string(&line).map_err(std::io::Error::other)?;
            file.write_all(format!("{text}\n").as_bytes())?;
        }
        self.show(line.to, &line.raw);
        Ok(())
    }

    fn show(&self, to: String, raw: &str) {
        let parsed = MessageParser::default().parse(raw.as_bytes());
        let subject = parsed.as_ref().and_then(|mail| mail.subject()).unwrap_or_default().to_owned();
        let text = parsed.as_ref().and_then(|mail| mail.body_text(0)).unwrap_or_default().into_owned();
        let mut caught = self.lock();
        caught.count += 1;
        let no = caught.count;
        if caught.mails.len() == MAX_MAILS {
            caught.mails.remove(0);
        }
        caught.mails.push(Arc::new(CaughtMail { no, to, subject, text, raw: raw.to_owned() }));
    }

    /// All mails that are kept, oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<CaughtMail>> {
        self.lock().mails.clone()
    }
}

impl Mailbox for Caught {
    fn newest(&self, limit: usize) -> (Vec<Arc<CaughtMail>>, usize) {
        let caught = self.lock();
        (caught.mails.iter().rev().take(limit).cloned().collect(), caught.count)
    }

    fn get(&self, no: usize) -> Option<Arc<CaughtMail>> {
        self.lock().mails.iter().find(|mail| mail.no == no).cloned()
    }
}

/// Listens on a free port of loopback; the task ends with the runtime.
pub async fn start(kept_in: PathBuf) -> std::io::Result<(SocketAddr, Caught)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let caught = Caught::open(&kept_in)?;
    let keeper = caught.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let caught = keeper.clone();
            tokio::spawn(async move {
                if let Err(error) = converse(stream, caught).await {
                    tracing::debug!(kind = ?error.kind(), "catcher: connection ended");
                }
            });
        }
    });
    Ok((address, caught))
}

async fn converse(stream: TcpStream, caught: Caught) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    write.write_all(b"220 catcher.invalid ESMTP demonstration\r\n").await?;
    let mut recipient = None;
    loop {
        let mut line = String::new();
        if (&mut read).take(MAX_LINE_BYTES).read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" => write.write_all(b"250-catcher.invalid\r\n250-PIPELINING\r\n250 8BITMIME\r\n").await?,
            "RCPT" => {
                recipient = line.split(['<', '>']).nth(1).map(ToOwned::to_owned);
                write.write_all(b"250 2.1.5 ok\r\n").await?;
            }
            "DATA" => data(&mut read, &mut write, &caught, recipient.take()).await?,
            "QUIT" => return write.write_all(b"221 2.0.0 bye\r\n").await,
            "HELO" | "MAIL" | "RSET" | "NOOP" => write.write_all(b"250 2.0.0 ok\r\n").await?,
            _ => write.write_all(b"502 5.5.1 unknown\r\n").await?,
        }
    }
}

async fn data(
    read: &mut BufReader<OwnedReadHalf>,
    write: &mut OwnedWriteHalf,
    caught: &Caught,
    recipient: Option<String>,
) -> std::io::Result<()> {
    let Some(recipient) = recipient else {
        return write.write_all(b"503 5.5.1 RCPT first\r\n").await;
    };
    write.write_all(b"354 go on\r\n").await?;
    let mut mail = Vec::new();
    loop {
        let start = mail.len();
        if read.read_until(b'\n', &mut mail).await? == 0 || mail.len() > MAX_MAIL_BYTES {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if &mail[start..] == b".\r\n" {
            mail.truncate(start);
            break;
        }
        // RFC 5321 §4.5.2: a leading dot was doubled by the sender.
        if mail[start] == b'.' {
            mail.remove(start);
        }
    }
    caught.keep(recipient, &mail)?;
    write.write_all(b"250 2.0.0 kept\r\n").await
}
