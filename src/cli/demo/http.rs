//! A very small HTTP/1.1 client for the demonstration, the health check and the tests: one request, one connection, loopback.
use anyhow::{Context, bail};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long a request may take in all.
const DEADLINE: Duration = Duration::from_secs(20);
/// The largest answer that is read.
const MAX_ANSWER_BYTES: u64 = 16 * 1024 * 1024;

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The head as it came, for looking up headers.
    pub head: String,
    /// The body, dechunked.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> anyhow::Result<serde_json::Value> {
        serde_json::from_slice(&self.body).with_context(|| format!("the answer ({}) is not JSON", self.status))
    }

    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (field, value) = line.split_once(':')?;
            field.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The answer itself if its status is the expected one.
    pub fn expect_status(self, status: u16) -> anyhow::Result<Self> {
        if self.status != status {
            let start: String = self.text().chars().take(400).collect();
            bail!("expected status {status}, got {}: {start}", self.status);
        }
        Ok(self)
    }
}

/// Sends a request to `to`. `headers` are whole lines without their line ends.
pub async fn send(to: SocketAddr, method: &str, path: &str, headers: &[&str], body: &[u8]) -> anyhow::Result<Answer> {
    tokio::time::timeout(DEADLINE, exchange(to, method, path, headers, body)).await.context("no answer in time")?
}

async fn exchange(to: SocketAddr, method: &str, path: &str, headers: &[&str], body: &[u8]) -> anyhow::Result<Answer> {
    let mut stream = TcpStream::connect(to).await.with_context(|| format!("no connection to {to}"))?;
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\n");
    if !body.is_empty() || method == "POST" {
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    for line in headers {
        head += &format!("{line}\r\n");
    }
    head += "\r\n";
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    let mut bytes = Vec::new();
    stream.take(MAX_ANSWER_BYTES).read_to_end(&mut bytes).await?;
    parse(&bytes)
}

fn parse(bytes: &[u8]) -> anyhow::Result<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").context("the answer has no head")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).context("the answer has no status")?;
    let mut answer = Answer { status, head, body: bytes[end + 4..].to_vec() };
    if answer.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
        answer.body = dechunk(&answer.body)?;
    }
    Ok(answer)
}

/// Undoes the chunked transfer coding (RFC 9112 §7.1).
fn dechunk(mut rest: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n").context("a chunk has no size")?;
        let size = usize::from_str_radix(String::from_utf8_lossy(&rest[..end]).trim(), 16)?;
        if size == 0 {
            return Ok(body);
        }
        let chunk = rest.get(end + 2..end + 2 + size).context("a chunk is cut short")?;
        body.extend_from_slice(chunk);
        rest = rest.get(end + 4 + size..).context("a chunk has no end")?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_plain_and_chunked() {
        let plain = parse(b"HTTP/1.1 201 Created\r\nX-A: b\r\n\r\nhello").unwrap();
        assert_eq!((plain.status, plain.text().as_str(), plain.header("x-a")), (201, "hello", Some("b")));
        let chunked = parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").unwrap();
        assert_eq!(chunked.text(), "abcde");
        assert!(parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc").is_err());
    }
}
