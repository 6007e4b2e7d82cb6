//! Bounces that come back later: delivery status notifications (RFC 3464), read from raw mail.
//!
//! Anybody can send such a mail. It counts only if it names a Message-ID of ours, which is random and known to nobody but
//! the mail servers on the way and the recipient; the worst it can do is to mark that one row.
use super::claim::Claimed;
use super::outcome::{About, about_report};
use super::result_writer::State;
use super::store;
use super::suppression::{self, Cause, Person};
use chrono::{DateTime, Utc};
use mail_parser::{Message, MessageParser, MimeHeaders};
use sqlx::PgConnection;
use uuid::Uuid;

/// Longest mail that is looked at, in bytes. A bounce that returns our whole mail takes some 10 kB.
pub const MAX_BOUNCE_BYTES: usize = 256 * 1024;
/// Most body parts that are looked at; a bounce has three (RFC 6522 §3).
pub const MAX_PARTS: usize = 32;

/// The report of a status notification about one mail of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// The outbox row, from the Message-ID of the returned header.
    pub row: Uuid,
    /// Whether the failure is final.
    pub hard: bool,
    /// RFC 3463: class, subject, detail.
    pub status: (u8, u16, u16),
}

impl Report {
    /// Whether the mailbox itself is at fault: nothing will ever arrive there. A sender's address that is refused (5.1.7, 5.1.8) is
    /// no fault of the recipient's.
    #[must_use]
    pub fn is_about_address(&self) -> bool {
        let (class, subject, detail) = self.status;
        self.hard && about_report(class, subject, detail) == About::Mailbox
    }

    fn reason(&self) -> String {
        let (class, subject, detail) = self.status;
        format!("dsn {class}.{subject}.{detail}")
    }
}

/// The result for a mail that came to the bounce address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handled {
    /// Not a status notification about a mail of ours: an automatic answer, a newsletter, anything.
    Ignored,
    /// A delay or a passing failure: the mail server goes on trying.
    Noted,
    /// The row is `bounced` now, or `dead` where the mailbox is not at fault; perhaps its recipient is suppressed too.
    Bounced {
        /// The row.
        row: Uuid,
        /// Whether the recipient was added to the suppression list.
        suppressed: bool,
    },
}

/// Finds out whose row it is: only the worker can open it.
#[async_trait::async_trait]
pub trait People: Send + Sync {
    /// The keyed hash of the row's recipient; none where the row does not open.
    async fn person(&self, conn: &mut PgConnection, row: &Claimed) -> Result<Option<Person>, sqlx::Error>;
}

/// Reads a mail to the bounce address and acts on it, in the caller's transaction.
/// `domain` is that of `MAIL_FROM`, as in our Message-IDs.
pub async fn handle(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    raw: &[u8],
    domain: &str,
    people: &dyn People,
) -> Result<Handled, sqlx::Error> {
    let Some(report) = parse(raw, domain) else {
        return Ok(Handled::Ignored);
    };
    if !report.hard {
        return Ok(Handled::Noted);
    }
    let Some(row) = store::handed_over(conn, report.row).await? else {
        return Ok(Handled::Ignored);
    };
    let state = if report.is_about_address() { State::Bounced } else { State::Dead };
    store::bounce(conn, now, row.id, state, &report.reason()).await?;
    let person = if report.is_about_address() { people.person(conn, &row).await? } else { None };
    let suppressed = match person {
        Some(person) => suppression::add(conn, now, &person, Cause::Bounced).await?,
        None => false,
    };
    Ok(Handled::Bounced { row: row.id, suppressed })
}

/// Reads a status notification about one mail of ours. Never panics, whatever the bytes.
///
/// The parts are told apart here: mail-parser 0.11.9 panics on some mails that nest others, so it reads headers only.
#[must_use]
pub fn parse(raw: &[u8], domain: &str) -> Option<Report> {
    let raw = (raw.len() <= MAX_BOUNCE_BYTES).then_some(raw)?;
    let (head, body) = split_head(raw);
    let boundary = report_boundary(&headers(head)?)?;
    let mut outcome = None;
    let mut row = None;
    for part in parts(body, boundary.as_bytes()).into_iter().take(MAX_PARTS) {
        let (head, body) = split_head(part);
        match headers(head).and_then(|headers| kind(&headers)).as_deref() {
            Some("message/delivery-status") => outcome = outcome.or_else(|| status(body)),
            Some("message/rfc822" | "message/global" | "message/rfc822-headers" | "message/global-headers" | "text/rfc822-headers") => {
                row = row.or_else(|| row_in(headers(split_head(body).0)?.message_id()?, domain));
            }
            _ => {}
        }
    }
    let (hard, status) = outcome?;
    Some(Report { row: row?, hard, status })
}

fn headers(head: &[u8]) -> Option<Message<'_>> {
    MessageParser::default().parse_headers(head)
}

/// Header and body; the empty line between them belongs to the header.
fn split_head(mail: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    for line in mail.split_inclusive(|&byte| byte == b'\n') {
        at += line.len();
        if line.trim_ascii().is_empty() {
            break;
        }
    }
    mail.split_at(at)
}

/// The parts between lines of `--boundary`, up to `--boundary--` or the end (RFC 2046 §5.1.1).
fn parts<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    let mut begin = None;
    let mut at = 0;
    for line in body.split_inclusive(|&byte| byte == b'\n') {
        let delimiter = line.strip_prefix(b"--").and_then(|rest| rest.strip_prefix(boundary)).map(<[u8]>::trim_ascii_end);
        if let Some(end @ (b"" | b"--")) = delimiter {
            parts.extend(begin.map(|begin| &body[begin..at]));
            begin = (end.is_empty() && parts.len() < MAX_PARTS).then_some(at + line.len());
        }
        at += line.len();
    }
    parts.extend(begin.map(|begin| &body[begin..]));
    parts
}

/// `type/subtype` in lower case.
fn kind(headers: &Message<'_>) -> Option<String> {
    let kind = headers.content_type()?;
    Some(format!("{}/{}", kind.ctype(), kind.subtype()?).to_ascii_lowercase())
}

/// The boundary of a `multipart/report` about delivery (RFC 6522 §3).
fn report_boundary(headers: &Message<'_>) -> Option<String> {
    let about = headers.content_type()?;
    let is_report = kind(headers)? == "multipart/report"
        && about.attribute("report-type").is_some_and(|report| report.eq_ignore_ascii_case("delivery-status"));
    about.attribute("boundary").filter(|boundary| is_report && !boundary.is_empty()).map(ToOwned::to_owned)
}

/// The outbox row of a Message-ID of ours.
fn row_in(message_id: &str, domain: &str) -> Option<Uuid> {
    let (left, right) = message_id.trim_matches(['<', '>']).split_once('@')?;
    right.eq_ignore_ascii_case(domain).then(|| left.parse().ok())?
}

/// `Action` and `Status` of the recipient's group (RFC 3464 §2.3). We send to one recipient, so the first group is it.
fn status(fields: &[u8]) -> Option<(bool, (u8, u16, u16))> {
    let text = String::from_utf8_lossy(fields);
    let field = |name: &str| {
        text.lines().filter_map(|line| line.split_once(':')).find(|(key, _)| key.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    let status = parse_status(field("status")?)?;
    let failed = field("action")?.trim().eq_ignore_ascii_case("failed");
    Some((failed && status.0 == 5, status))
}

/// `5.1.1`, perhaps with a comment behind it.
fn parse_status(value: &str) -> Option<(u8, u16, u16)> {
    let mut numbers = value.split_whitespace().next()?.split('.');
    let (class, subject, detail) = (numbers.next()?, numbers.next()?, numbers.next()?);
    let short = |text: &str| (text.len() <= 3).then(|| text.parse().ok()).flatten();
    let class = short(class).and_then(|class: u16| u8::try_from(class).ok()).filter(|class| matches!(class, 2 | 4 | 5))?;
    numbers.next().is_none().then_some((class, short(subject)?, short(detail)?))
}

#[cfg(test)]
#[path = "bounce_tests.rs"]
mod tests;
