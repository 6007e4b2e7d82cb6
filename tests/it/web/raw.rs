//! Requests byte by byte, for what no decent client sends.
use ashiato::cli::demo::http::Answer;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub const FORM: &str = "Content-Type: application/x-www-form-urlencoded";
pub const JSON: &str = "Content-Type: application/json";

/// Writes the bytes, then reads to the end; an answer that comes before everything was written is read all the same.
pub async fn raw(to: SocketAddr, bytes: &[u8]) -> Answer {
    let (mut read, mut write) = TcpStream::connect(to).await.unwrap().into_split();
    let bytes = bytes.to_vec();
    let writer = tokio::spawn(async move {
        let _refused_halfway = write.write_all(&bytes).await;
        write
    });
    let mut answer = Vec::new();
    // A server that closes while more is coming may reset the connection; what it said before counts.
    let _reset = tokio::time::timeout(Duration::from_secs(20), read.read_to_end(&mut answer)).await.expect("an answer in time");
    drop(writer.await);
    let text = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer but {text:?}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_owned(), body: body.as_bytes().to_vec() }
}

/// A POST with these header lines; its framing is among them.
pub async fn post(to: SocketAddr, path: &str, headers: &[&str], body: &[u8]) -> Answer {
    let mut bytes = format!("POST {path} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\n{}\r\n\r\n", headers.join("\r\n")).into_bytes();
    bytes.extend_from_slice(body);
    raw(to, &bytes).await
}

/// The body in the chunked transfer coding, as sent without a length.
pub fn chunked(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for chunk in body.chunks(4_000) {
        bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    bytes
}
