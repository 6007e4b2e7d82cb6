//! Asks a server over its unix socket whether it accepts connections.
//!
//! The first message of the PostgreSQL protocol ("Frontend/Backend Protocol", StartupMessage, version 3.0) suffices,
//! so the launcher needs neither a client program nor a runtime.
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// How long a server that took the connection may stay silent. A healthy one answers within milliseconds.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);

/// The longest answer we read. Errors at start-up are a few hundred bytes.
const ANSWER_BYTES: usize = 8 * 1024;

/// `cannot_connect_now`: the server is starting, recovering or stopping (PostgreSQL, appendix A).
const CANNOT_CONNECT_NOW: &str = "57P03";

/// The server's answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It let us in.
    Ready,
    /// Nobody listens yet, or the server asks for patience.
    NotYet,
    /// It will not let us in, whatever we wait.
    Refused(String),
}

/// One attempt, bounded by [`ANSWER_LIMIT`].
pub(super) fn ask(socket: &Path, user: &str) -> Answer {
    converse(socket, user).map_or(Answer::NotYet, |answer| judge(&answer))
}

fn converse(socket: &Path, user: &str) -> io::Result<Vec<u8>> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(ANSWER_LIMIT))?;
    stream.set_write_timeout(Some(ANSWER_LIMIT))?;
    stream.write_all(&startup(user)?)?;
    read_message(&mut stream)
}

/// Length (itself included), protocol 3.0, then pairs of NUL-ended strings, then a NUL.
fn startup(user: &str) -> io::Result<Vec<u8>> {
    let pairs = format!("user\0{user}\0database\0postgres\0\0");
    let length = u32::try_from(pairs.len() + 8).map_err(io::Error::other)?;
    let mut message = length.to_be_bytes().to_vec();
    message.extend_from_slice(&(3_u32 << 16).to_be_bytes());
    message.extend_from_slice(pairs.as_bytes());
    Ok(message)
}

/// One message: its kind (a byte) followed by its body.
fn read_message(stream: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = [0_u8; 5];
    stream.read_exact(&mut head)?;
    let [kind, length @ ..] = head;
    let length = usize::try_from(u32::from_be_bytes(length)).map_err(io::Error::other)?;
    let mut message = vec![kind];
    message.resize(length.saturating_sub(3).clamp(1, ANSWER_BYTES), 0);
    stream.read_exact(message.get_mut(1..).unwrap_or_default())?;
    Ok(message)
}

fn judge(message: &[u8]) -> Answer {
    match message.split_first() {
        Some((b'R', [0, 0, 0, 0, ..])) => Answer::Ready,
        Some((b'R', _)) => Answer::Refused("it asks for a password, so pg_hba.conf was changed".to_owned()),
        Some((b'E', fields)) => judge_error(fields),
        _ => Answer::NotYet,
    }
}

/// ErrorResponse: fields of one type byte and a NUL-ended string; `C` is the SQLSTATE, `M` the message.
fn judge_error(fields: &[u8]) -> Answer {
    let field = |kind: u8| {
        let found = fields.split(|byte| *byte == 0).find_map(|field| field.strip_prefix(&[kind]));
        String::from_utf8_lossy(found.unwrap_or_default()).into_owned()
    };
    if field(b'C') == CANNOT_CONNECT_NOW { Answer::NotYet } else { Answer::Refused(field(b'M')) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_server_that_lets_us_in_is_ready() {
        assert_eq!(judge(b"R\0\0\0\0"), Answer::Ready);
        assert!(matches!(judge(b"R\0\0\0\x03"), Answer::Refused(_)));
        assert_eq!(judge(b"ESFATAL\0C57P03\0Mthe database system is starting up\0\0"), Answer::NotYet);
        let refused = judge(b"ESFATAL\0C28000\0Mrole \"ashiato\" does not exist\0\0");
        assert_eq!(refused, Answer::Refused("role \"ashiato\" does not exist".to_owned()));
        assert_eq!(judge(b""), Answer::NotYet);
    }

    #[test]
    fn an_answer_is_read_up_to_its_limit() {
        let message = |body: usize| {
            let mut bytes = vec![b'E'];
            bytes.extend_from_slice(&u32::try_from(body + 4).unwrap().to_be_bytes());
            bytes.resize(body + 5, b'x');
            read_message(&mut bytes.as_slice()).unwrap().len()
        };
        assert_eq!(message(3), 4);
        assert_eq!(message(ANSWER_BYTES - 1), ANSWER_BYTES);
        assert_eq!(message(ANSWER_BYTES), ANSWER_BYTES);
    }

    #[test]
    fn nobody_listening_is_not_yet() {
        assert_eq!(ask(Path::new("/nowhere/.s.PGSQL.5432"), "ashiato"), Answer::NotYet);
    }
}
