//! The officials' console: applications that wait, questions to venues, and what an official sees of a venue beside a stay.
use super::store::review as store;
use super::{VenueError, VenueId, VenueKind, VenueStatus, letters, search, store as venues};
use crate::base::text::{self, TextError};
use crate::official::{Act, MayTrace, Session};
use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use sqlx::PgConnection;
use std::collections::HashMap;

/// Longest question or reason, in characters: two short paragraphs, within a letter's bounds whatever the script.
pub const MAX_SAID_CHARS: usize = 300;
/// The same question within this time is a form that was sent twice.
const SAME_QUESTION: Duration = Duration::minutes(10);

/// An official's own words to a venue: a question, or the reason of a refusal. Lines are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said(String);

impl Said {
    /// Checks what was typed: 1 to [`MAX_SAID_CHARS`] characters, no control characters but line ends.
    ///
    /// # Errors
    /// See [`TextError`].
    pub fn parse(text: &str) -> Result<Self, TextError> {
        text::lines(text, MAX_SAID_CHARS).map(Self)
    }

    /// The words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The facts about a venue that an official sees beside a stay.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Card {
    /// Its identifier.
    pub id: VenueId,
    /// Its name.
    pub name: String,
    /// How the name is read, where the venue said so.
    pub kana: Option<String>,
    /// Its kind.
    pub kind: VenueKind,
    /// Where it is.
    pub address: String,
    /// Its state.
    pub status: VenueStatus,
    /// Whether an official ever looked at it; else it is active by policy `instant` alone.
    pub reviewed: bool,
    /// Whether it agreed that a notice names it.
    pub may_be_named: bool,
}

/// The venues among `ids` that exist.
pub async fn cards(conn: &mut PgConnection, ids: &[VenueId]) -> Result<HashMap<VenueId, Card>, sqlx::Error> {
    store::cards(conn, ids).await
}

/// Which of the console's lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    /// Applications that wait for a decision.
    Waiting,
    /// In use, the venue answered a question, and nobody has read it or decided anything since.
    Answered,
    /// Active by policy `instant`, and nobody has looked yet.
    Unreviewed,
}

impl Queue {
    /// Its name in links and statements.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Answered => "answered",
            Self::Unreviewed => "unreviewed",
        }
    }
}

/// How many venues are in each list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueSizes {
    /// In [`Queue::Waiting`].
    pub waiting: i64,
    /// In [`Queue::Answered`].
    pub answered: i64,
    /// In [`Queue::Unreviewed`].
    pub unreviewed: i64,
}

/// An application as the queue shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// Its identifier.
    pub id: VenueId,
    /// Its name.
    pub name: String,
    /// How the name is read.
    pub kana: Option<String>,
    /// Its kind.
    pub kind: VenueKind,
    /// Where it is.
    pub address: String,
    /// When it applied.
    pub created_at: DateTime<Utc>,
    /// When the venue was last asked something.
    pub asked_at: Option<DateTime<Utc>>,
    /// When the venue last answered something that nobody has read.
    pub answered_at: Option<DateTime<Utc>>,
    /// Other venues of the same name and address that are neither refused nor closed.
    pub twins: i64,
}

/// One of the console's lists, oldest first, up to `limit` after `after`.
pub async fn queue(conn: &mut PgConnection, which: Queue, after: Option<VenueId>, limit: i64) -> Result<Vec<Application>, sqlx::Error> {
    store::queue(conn, which, after, limit.clamp(0, search::MAX_LISTED)).await
}

/// How many venues are in each list.
pub async fn queue_sizes(conn: &mut PgConnection) -> Result<QueueSizes, sqlx::Error> {
    store::queue_sizes(conn).await
}

/// Other venues of the same name and address, whatever their state.
pub async fn twins(conn: &mut PgConnection, id: VenueId) -> Result<Vec<search::VenueRow>, sqlx::Error> {
    store::twins(conn, id).await
}

/// Whether another venue of the same name and address is in use or waits: its applicant is told so in general words.
pub async fn has_twin(conn: &mut PgConnection, id: VenueId) -> Result<bool, sqlx::Error> {
    let lives = |status| matches!(status, VenueStatus::Pending | VenueStatus::Active | VenueStatus::Suspended | VenueStatus::Invited);
    Ok(store::twins(conn, id).await?.iter().any(|other| lives(other.status)))
}

/// A question that was put to a venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// When.
    pub asked_at: DateTime<Utc>,
    /// By whom, as a stored principal.
    pub asked_by: String,
    /// What.
    pub question: String,
    /// The venue's answer on its page.
    pub answer: Option<String>,
    /// When.
    pub answered_at: Option<DateTime<Utc>>,
    /// When an official said that the answer is read.
    pub read_at: Option<DateTime<Utc>>,
}

/// The questions that a venue was asked, newest first.
pub async fn questions(conn: &mut PgConnection, id: VenueId) -> Result<Vec<Question>, sqlx::Error> {
    store::questions(conn, id).await
}

/// Asks a venue something by letter. It answers to the city, not to the service: the letter says where.
/// `false`: the same was asked a moment ago, and no second letter goes out.
///
/// # Errors
/// [`VenueError::Unknown`], [`VenueError::NobodyToAsk`] for a venue that is not confirmed, has ended or has no mailbox, [`VenueError::Post`], [`VenueError::Db`].
pub async fn ask(act: &mut Act<'_, &Session<MayTrace>>, id: VenueId, question: &Said) -> Result<bool, VenueError> {
    let venue = venues::lock_venue(&mut act.tx, id).await?.ok_or(VenueError::Unknown)?;
    if !matches!(venue.status, VenueStatus::Pending | VenueStatus::Active | VenueStatus::Suspended) {
        return Err(VenueError::NobodyToAsk(venue.status));
    }
    if store::was_asked(&mut act.tx, id, question.as_str(), act.now - SAME_QUESTION).await? {
        return Ok(false);
    }
    store::insert_question(&mut act.tx, id, act.now, &act.by.principal().to_string(), question.as_str()).await?;
    let contact = venue.contact.as_ref().ok_or(VenueError::NobodyToAsk(venue.status))?;
    let letter = letters::question(id, &venue.name, contact, venue.locale, question);
    act.post(&letter).await?;
    act.record("venue.ask", id, json!({})).await?;
    Ok(true)
}

/// Takes a venue's answers off the list: they are read. `false`: there was none to read.
///
/// # Errors
/// [`VenueError::Unknown`], [`VenueError::Db`].
pub async fn read_answers(act: &mut Act<'_, &Session<MayTrace>>, id: VenueId) -> Result<bool, VenueError> {
    venues::lock_venue(&mut act.tx, id).await?.ok_or(VenueError::Unknown)?;
    let read = store::mark_read(&mut act.tx, id, act.now).await?;
    if read {
        act.record("venue.read_answer", id, json!({})).await?;
    }
    Ok(read)
}

/// Sets how a venue's name is read; empty takes it away.
///
/// # Errors
/// [`VenueError::Unknown`], [`VenueError::Db`].
pub async fn set_kana(act: &mut Act<'_, &Session<MayTrace>>, id: VenueId, kana: Option<&str>) -> Result<(), VenueError> {
    let venue = venues::venue(&mut act.tx, id).await?.ok_or(VenueError::Unknown)?;
    store::set_kana(&mut act.tx, id, kana).await?;
    search::index(&mut act.tx, id, &venue.name, kana, &venue.address).await?;
    act.record("venue.kana", id, json!({})).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_official_says_keeps_its_lines_and_its_bounds() {
        assert_eq!(Said::parse(" 住所は\r\n本町ですか。\n ").unwrap().as_str(), "住所は\n本町ですか。");
        assert!(Said::parse(&"あ".repeat(MAX_SAID_CHARS)).is_ok());
        assert_eq!(Said::parse(&"あ".repeat(MAX_SAID_CHARS + 1)), Err(TextError::TooLong));
        assert_eq!(Said::parse(" \n\u{3000}"), Err(TextError::Empty));
        for bad in ["a\0b", "a\u{202E}b", "a\rb\u{1B}"] {
            assert_eq!(Said::parse(bad), Err(TextError::Forbidden), "{bad:?}");
        }
    }
}
