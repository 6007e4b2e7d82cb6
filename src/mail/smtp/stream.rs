//! The bytes under the conversation: a TCP socket without Nagle's delay, in clear or under TLS, with its read buffer.
use super::reply::{MAX_REPLY_BYTES, Malformed, Reply, parse_line};
use super::{Phase, SmtpError, SmtpUrl};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore, crypto::ring};
use zeroize::Zeroizing;

/// Room for replies at first; they are short.
const READ_BYTES: usize = 4096;

/// Why a reply did not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Timeout,
    Closed,
    Malformed,
}

impl Fault {
    pub(crate) fn at(self, phase: Phase) -> SmtpError {
        match self {
            Self::Timeout => SmtpError::Timeout(phase),
            Self::Closed => SmtpError::Closed(phase),
            Self::Malformed => SmtpError::OutOfStep(phase),
        }
    }
}

impl From<io::Error> for Fault {
    fn from(_: io::Error) -> Self {
        Self::Closed
    }
}

impl From<Malformed> for Fault {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

/// How far the writing of a message came.
pub(crate) enum Written {
    /// All of it was handed to the system: the server may have read it, final dot included.
    Whole,
    /// The final dot has surely not left.
    Part,
}

enum Transport {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// A socket with what was read from it and not yet used.
pub(crate) struct Stream {
    transport: Transport,
    buffer: Zeroizing<Vec<u8>>,
}

impl Stream {
    /// Connects, and turns Nagle's algorithm off: with it every mail waits 44 ms for a delayed ACK (measured).
    pub(crate) async fn connect(url: &SmtpUrl, limit: Duration) -> Result<Self, SmtpError> {
        let tcp = timeout(limit, TcpStream::connect((url.host(), url.port())))
            .await
            .map_err(|_| SmtpError::Timeout(Phase::Connect))?
            .map_err(|e| SmtpError::Connect(e.kind()))?;
        tcp.set_nodelay(true).map_err(|e| SmtpError::Connect(e.kind()))?;
        Ok(Self { transport: Transport::Plain(tcp), buffer: Zeroizing::new(Vec::with_capacity(READ_BYTES)) })
    }

    /// Shakes hands over the socket. Whatever was read before stays behind: it was not protected.
    pub(crate) async fn encrypt(self, url: &SmtpUrl, phase: Phase, limit: Duration) -> Result<Self, SmtpError> {
        let Transport::Plain(tcp) = self.transport else {
            return Err(SmtpError::OutOfStep(phase));
        };
        let name = ServerName::try_from(url.host().to_owned()).map_err(|_| SmtpError::Tls)?;
        let connector = TlsConnector::from(url.client_config()?);
        let tls =
            timeout(limit, connector.connect(name, tcp)).await.map_err(|_| SmtpError::Timeout(phase))?.map_err(|e| handshake_error(&e))?;
        Ok(Self { transport: Transport::Tls(Box::new(tls)), buffer: Zeroizing::new(Vec::with_capacity(READ_BYTES)) })
    }

    pub(crate) fn tcp(&self) -> &TcpStream {
        match &self.transport {
            Transport::Plain(tcp) => tcp,
            Transport::Tls(tls) => tls.get_ref().0,
        }
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        matches!(self.transport, Transport::Tls(_))
    }

    /// Whether the server said something that nobody asked for.
    pub(crate) fn has_unread(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// Writes commands, all of them before the instant `by`.
    pub(crate) async fn write(&mut self, bytes: &[u8], by: Instant) -> Result<(), Fault> {
        let writing = async {
            match &mut self.transport {
                Transport::Plain(tcp) => tcp.write_all(bytes).await,
                Transport::Tls(tls) => {
                    tls.write_all(bytes).await?;
                    tls.flush().await
                }
            }
        };
        timeout_at(by, writing).await.map_err(|_| Fault::Timeout)??;
        Ok(())
    }

    /// Writes a message with its final dot, and tells whether the dot may have left.
    ///
    /// The count of bytes taken by the system decides, also after a time-out. Under TLS an error can hide how much
    /// of the last piece went out; that counts as [`Written::Whole`], which leads to "ambiguous", never to a loss.
    pub(crate) async fn write_message(&mut self, bytes: &[u8], limit: Duration) -> Result<(), Written> {
        let mut taken = 0;
        let written = timeout(limit, self.write_counted(bytes, &mut taken)).await;
        match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) if self.is_encrypted() => Err(Written::Whole),
            _ if taken < bytes.len() => Err(Written::Part),
            _ => Err(Written::Whole),
        }
    }

    async fn write_counted(&mut self, bytes: &[u8], taken: &mut usize) -> io::Result<()> {
        while *taken < bytes.len() {
            let rest = &bytes[*taken..];
            let count = match &mut self.transport {
                Transport::Plain(tcp) => tcp.write(rest).await?,
                Transport::Tls(tls) => tls.write(rest).await?,
            };
            if count == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            *taken += count;
        }
        match &mut self.transport {
            Transport::Plain(_) => Ok(()),
            Transport::Tls(tls) => tls.flush().await,
        }
    }

    /// Reads one whole reply before the instant `by`.
    pub(crate) async fn reply(&mut self, by: Instant) -> Result<Reply, Fault> {
        self.reply_lines(by, |_| ()).await
    }

    /// Reads one whole reply before the instant `by` and shows the text of each of its lines, without code and line end.
    ///
    /// All its lines bear the same code (RFC 5321 §4.2.1), and it ends within [`MAX_REPLY_BYTES`].
    pub(crate) async fn reply_lines(&mut self, by: Instant, mut each: impl FnMut(&[u8])) -> Result<Reply, Fault> {
        let reading = async {
            let mut first: Option<Reply> = None;
            let mut total = 0;
            loop {
                let length = self.line_end(MAX_REPLY_BYTES - total).await?;
                total += length;
                let line = self.buffer[..length].trim_ascii_end();
                let (reply, last) = parse_line(line)?;
                each(line.get(4..).unwrap_or_default());
                self.consume(length);
                let whole = first.map_or(reply, |first| first.followed_by(reply));
                if whole.code() != reply.code() {
                    return Err(Fault::Malformed);
                }
                first = Some(whole);
                if last {
                    return Ok(whole);
                }
            }
        };
        timeout_at(by, reading).await.map_err(|_| Fault::Timeout)?
    }

    /// Reads until the buffer holds a line of at most `room` bytes, and returns its length with its line end.
    async fn line_end(&mut self, room: usize) -> Result<usize, Fault> {
        let mut searched = 0;
        loop {
            if let Some(found) = self.buffer[searched..].iter().position(|&b| b == b'\n') {
                let length = searched + found + 1;
                return if length <= room { Ok(length) } else { Err(Fault::Malformed) };
            }
            searched = self.buffer.len();
            if searched >= room {
                return Err(Fault::Malformed);
            }
            self.fill().await?;
        }
    }

    async fn fill(&mut self) -> Result<(), Fault> {
        let buffer: &mut Vec<u8> = &mut self.buffer;
        let count = match &mut self.transport {
            Transport::Plain(tcp) => tcp.read_buf(buffer).await?,
            Transport::Tls(tls) => tls.read_buf(buffer).await?,
        };
        if count == 0 {
            return Err(Fault::Closed);
        }
        Ok(())
    }

    /// Drops the first bytes of the buffer. In the usual case that is all of it. (Wiping waits for the end of the
    /// connection: byte-wise volatile writes after every reply would cost more than the reply.)
    fn consume(&mut self, length: usize) {
        if length == self.buffer.len() {
            self.buffer.clear();
        } else {
            self.buffer.drain(..length);
        }
    }

    /// Ends the connection in order: TLS says goodbye (RFC 8446 §6.1), then the socket closes.
    pub(crate) async fn shutdown(&mut self) -> io::Result<()> {
        match &mut self.transport {
            Transport::Plain(tcp) => tcp.shutdown().await,
            Transport::Tls(tls) => tls.shutdown().await,
        }
    }
}

/// A bad certificate is told apart: it needs a person, and waiting does not help.
fn handshake_error(error: &io::Error) -> SmtpError {
    let inner = error.get_ref().and_then(|e| e.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidCertificate(_)) => SmtpError::Certificate,
        _ => SmtpError::Tls,
    }
}

/// Trusts the certificates of the file `ca`, or else the authorities of Mozilla's list.
pub(crate) fn client_config(ca: Option<&Path>) -> Result<ClientConfig, SmtpError> {
    let roots = match ca {
        Some(path) => roots_of(path)?,
        None => RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() },
    };
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| SmtpError::Tls)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

fn roots_of(path: &Path) -> Result<RootCertStore, SmtpError> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|_| SmtpError::CaFile)? {
        let certificate = certificate.map_err(|_| SmtpError::CaFile)?;
        roots.add(certificate).map_err(|_| SmtpError::CaFile)?;
    }
    if roots.is_empty() {
        return Err(SmtpError::CaFile);
    }
    Ok(roots)
}
