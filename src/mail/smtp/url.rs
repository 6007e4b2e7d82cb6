//! The setting `SMTP_URL`: where the mail server is, and how it may be spoken to.
use super::SmtpError;
use super::stream;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};
use tokio_rustls::rustls::ClientConfig;
use zeroize::Zeroizing;

/// How the connection is encrypted. There is no "if the server happens to offer it": that is no protection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsMode {
    /// In clear. The default for this same machine only.
    None,
    /// `STARTTLS`, required (RFC 3207). The default for every other host.
    StartTls,
    /// TLS from the first byte (RFC 8314 §3.3), `smtps://`.
    Implicit,
}

/// The mistake in an `SMTP_URL`. Nothing of the URL is repeated: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Neither `smtp://` nor `smtps://`.
    #[error("SMTP_URL must begin with smtp:// or smtps://")]
    Scheme,
    /// No host, or a host with odd characters.
    #[error("SMTP_URL names no valid host")]
    Host,
    /// The port is not 1 to 65535.
    #[error("SMTP_URL has an invalid port")]
    Port,
    /// A path stands after the host.
    #[error("SMTP_URL must not have a path")]
    Path,
    /// `tls=` is not none, starttls or implicit, or contradicts `smtps://`.
    #[error("SMTP_URL: tls must be none, starttls or implicit, and smtps:// is implicit")]
    Tls,
    /// A parameter other than `tls` and `ca`, or one given twice.
    #[error("SMTP_URL knows only the parameters tls and ca, each once")]
    Parameter,
    /// A user without a password or the reverse, or broken percent-encoding, or a NUL in either.
    #[error("SMTP_URL: user and password must both be given, percent-encoded where needed")]
    Credentials,
    /// A password would be said in clear to another machine.
    #[error("SMTP_URL: a password needs TLS (or a server on this machine)")]
    CredentialsInClear,
}

/// User and password, wiped on drop, without `Debug`.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) user: Zeroizing<String>,
    pub(crate) password: Zeroizing<String>,
}

/// A parsed `SMTP_URL`: `smtp://user:pass@host:port?tls=none|starttls|implicit&ca=/path.pem`.
///
/// No `Debug` and no `Display`, since it may hold a password. Clones share one TLS configuration and its session cache.
#[derive(Clone)]
pub struct SmtpUrl {
    host: String,
    port: u16,
    tls: TlsMode,
    ca: Option<PathBuf>,
    credentials: Option<Credentials>,
    client: Arc<OnceLock<Arc<ClientConfig>>>,
}

impl SmtpUrl {
    /// Reads the setting. Defaults: no TLS to this machine, else STARTTLS; port 25, 587 or 465 as the mode has it.
    ///
    /// # Errors
    /// [`UrlError`], without any part of the input.
    pub fn parse(input: &str) -> Result<Self, UrlError> {
        let (implicit, rest) = match input.split_once("://") {
            Some(("smtp", rest)) => (false, rest),
            Some(("smtps", rest)) => (true, rest),
            _ => return Err(UrlError::Scheme),
        };
        let (before_query, query) = rest.split_once('?').unwrap_or((rest, ""));
        let authority = before_query.strip_suffix('/').unwrap_or(before_query);
        let (user_info, host_port) = match authority.rsplit_once('@') {
            Some((user_info, host_port)) => (Some(user_info), host_port),
            None => (None, authority),
        };
        if host_port.contains('/') {
            return Err(UrlError::Path);
        }
        let (host, port) = parse_host_port(host_port)?;
        let parameters = Parameters::parse(query)?;
        let tls = parameters.mode(implicit, is_loopback(&host))?;
        let credentials = user_info.map(Credentials::parse).transpose()?;
        if credentials.is_some() && tls == TlsMode::None && !is_loopback(&host) {
            return Err(UrlError::CredentialsInClear);
        }
        Ok(Self { port: port.unwrap_or(default_port(tls)), host, tls, ca: parameters.ca, credentials, client: Arc::default() })
    }

    /// The host name or IP address, IPv6 without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The TCP port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// How the connection is encrypted.
    #[must_use]
    pub fn tls(&self) -> TlsMode {
        self.tls
    }

    pub(crate) fn credentials(&self) -> Option<&Credentials> {
        self.credentials.as_ref()
    }

    /// The TLS configuration, made at the first use.
    pub(crate) fn client_config(&self) -> Result<Arc<ClientConfig>, SmtpError> {
        if let Some(config) = self.client.get() {
            return Ok(Arc::clone(config));
        }
        let config = Arc::new(stream::client_config(self.ca.as_deref())?);
        Ok(Arc::clone(self.client.get_or_init(|| config)))
    }
}

impl FromStr for SmtpUrl {
    type Err = UrlError;

    fn from_str(input: &str) -> Result<Self, UrlError> {
        Self::parse(input)
    }
}

#[derive(Default)]
struct Parameters {
    tls: Option<TlsMode>,
    ca: Option<PathBuf>,
}

impl Parameters {
    fn parse(query: &str) -> Result<Self, UrlError> {
        let mut parameters = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("tls", value)) if parameters.tls.is_none() => {
                    parameters.tls = Some(parse_tls(value)?);
                }
                Some(("ca", value)) if parameters.ca.is_none() && !value.is_empty() => {
                    let path = percent_decode(value).ok_or(UrlError::Parameter)?;
                    parameters.ca = Some(PathBuf::from(path.as_str()));
                }
                _ => return Err(UrlError::Parameter),
            }
        }
        Ok(parameters)
    }

    fn mode(&self, smtps: bool, loopback: bool) -> Result<TlsMode, UrlError> {
        match (smtps, self.tls) {
            (true, None | Some(TlsMode::Implicit)) => Ok(TlsMode::Implicit),
            (true, Some(_)) => Err(UrlError::Tls),
            (false, Some(mode)) => Ok(mode),
            (false, None) if loopback => Ok(TlsMode::None),
            (false, None) => Ok(TlsMode::StartTls),
        }
    }
}

impl Credentials {
    fn parse(user_info: &str) -> Result<Self, UrlError> {
        let (user, password) = user_info.split_once(':').ok_or(UrlError::Credentials)?;
        let user = percent_decode(user).ok_or(UrlError::Credentials)?;
        let password = percent_decode(password).ok_or(UrlError::Credentials)?;
        // NUL separates the parts of AUTH PLAIN (RFC 4616 §2).
        if user.is_empty() || password.is_empty() || user.contains('\0') || password.contains('\0') {
            return Err(UrlError::Credentials);
        }
        Ok(Self { user, password })
    }
}

fn parse_tls(value: &str) -> Result<TlsMode, UrlError> {
    match value {
        "none" => Ok(TlsMode::None),
        "starttls" => Ok(TlsMode::StartTls),
        "implicit" => Ok(TlsMode::Implicit),
        _ => Err(UrlError::Tls),
    }
}

/// Submission has ports of its own (RFC 6409, RFC 8314); 25 is what a relay on the same machine listens on.
fn default_port(tls: TlsMode) -> u16 {
    match tls {
        TlsMode::None => 25,
        TlsMode::StartTls => 587,
        TlsMode::Implicit => 465,
    }
}

fn parse_host_port(text: &str) -> Result<(String, Option<u16>), UrlError> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']').ok_or(UrlError::Host)?;
            host.parse::<std::net::Ipv6Addr>().map_err(|_| UrlError::Host)?;
            (host, after)
        }
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':');
    if host.is_empty() || !host.bytes().all(plain) {
        return Err(UrlError::Host);
    }
    Ok((host.to_ascii_lowercase(), parse_port(port)?))
}

/// Nothing, or `:` and a number. `":+25"` parses as a number in Rust; it is none here.
fn parse_port(text: &str) -> Result<Option<u16>, UrlError> {
    if text.is_empty() {
        return Ok(None);
    }
    let digits = text.strip_prefix(':').ok_or(UrlError::Port)?;
    match digits.parse::<u16>() {
        Ok(port) if port > 0 && digits.bytes().all(|b| b.is_ascii_digit()) => Ok(Some(port)),
        _ => Err(UrlError::Port),
    }
}

/// `localhost` and the loopback addresses. Whether a name really led to this machine is checked again before a password
/// is said ([`SmtpError::CredentialsInClear`]).
fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// RFC 3986 §2.1. `None` for a broken escape or bytes that are not UTF-8.
fn percent_decode(text: &str) -> Option<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        if first == b'%' {
            let (escape, tail) = after.split_at_checked(2)?;
            let high = char::from(escape[0]).to_digit(16)?;
            let low = char::from(escape[1]).to_digit(16)?;
            bytes.push(u8::try_from(high * 16 + low).ok()?);
            rest = tail;
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    std::str::from_utf8(&bytes).ok().map(|text| Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> (TlsMode, u16) {
        let url = SmtpUrl::parse(url).map_err(|e| e.to_string()).unwrap();
        (url.tls(), url.port())
    }

    fn error(url: &str) -> UrlError {
        SmtpUrl::parse(url).err().unwrap()
    }

    #[test]
    fn only_this_machine_is_spoken_to_in_clear_by_default() {
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "[::1]"] {
            assert_eq!(mode(&format!("smtp://{host}")), (TlsMode::None, 25));
        }
        for host in ["mail.example.jp", "10.0.0.1", "localhost.example.jp", "[2001:db8::1]"] {
            assert_eq!(mode(&format!("smtp://{host}")), (TlsMode::StartTls, 587));
        }
        assert_eq!(mode("smtps://mail.example.jp"), (TlsMode::Implicit, 465));
        assert_eq!(mode("smtp://postfix:2525?tls=none"), (TlsMode::None, 2525));
        assert_eq!(mode("smtp://127.0.0.1:26/?tls=starttls"), (TlsMode::StartTls, 26));
    }

    #[test]
    fn a_password_needs_tls_or_this_machine() {
        assert_eq!(error("smtp://u:p@mail.example.jp?tls=none"), UrlError::CredentialsInClear);
        assert_eq!(mode("smtp://u:p@mail.example.jp").0, TlsMode::StartTls);
        assert_eq!(mode("smtp://u:p@127.0.0.1").0, TlsMode::None);
    }

    #[test]
    fn credentials_and_paths_are_percent_decoded() {
        let url = SmtpUrl::parse("smtps://city%40example.jp:a%3Ab%2f%25@m.example.jp?ca=%2Fetc/c%20a.pem");
        let url = url.ok().unwrap();
        let credentials = url.credentials().unwrap();
        assert_eq!(*credentials.user, "city@example.jp");
        assert_eq!(*credentials.password, "a:b/%");
        assert_eq!(url.ca.unwrap(), PathBuf::from("/etc/c a.pem"));
    }

    #[test]
    fn mistakes_are_named_without_repeating_the_url() {
        for (url, expected) in [
            ("", UrlError::Scheme),
            ("http://example.jp", UrlError::Scheme),
            ("smtp://", UrlError::Host),
            ("smtp://exa mple.jp", UrlError::Host),
            ("smtp://[::1", UrlError::Host),
            ("smtp://[x]", UrlError::Host),
            ("smtp://h:0", UrlError::Port),
            ("smtp://h:+25", UrlError::Port),
            ("smtp://h:65536", UrlError::Port),
            ("smtp://[::1]25", UrlError::Port),
            ("smtp://h/path", UrlError::Path),
            ("smtp://h?tls=maybe", UrlError::Tls),
            ("smtps://h?tls=none", UrlError::Tls),
            ("smtp://h?TLS=none", UrlError::Parameter),
            ("smtp://h?tls=none&tls=none", UrlError::Parameter),
            ("smtp://h?ca=", UrlError::Parameter),
            ("smtp://secret@h", UrlError::Credentials),
            ("smtp://u:@h", UrlError::Credentials),
            ("smtp://u:%zz@h", UrlError::Credentials),
            ("smtp://u:%ff@h", UrlError::Credentials),
            ("smtp://u:%00@h", UrlError::Credentials),
        ] {
            assert_eq!(error(url), expected, "{url}");
            assert!(!error(url).to_string().contains("secret"));
        }
    }
}
