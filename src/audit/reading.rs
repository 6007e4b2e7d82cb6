//! Reads of numbers that come from visits: every one is on record, and unusually many raise an alarm.
//!
//! **Folding.** A page may be loaded again and again, and each entry of the chain waits its turn. So the first look of a person
//! at a thing (with one reason) in a minute is an entry at once; what follows within that minute only adds one to a counter in
//! `audit_read`, and [`chain_repeats`] tells the chain the sum when the minute is over. Nothing is lost (each read is in the
//! chain, as an entry or in a sum), the chain takes at most one lock a minute for each person and thing, and times of reading are
//! exact to the minute, which is finer than any number that is shown.
//!
//! **Alarm.** Two limits, because there are two ways to misuse numbers: looking at very many things, and watching one of them
//! until it changes (which tells at what time somebody came, and that is stored nowhere).
use super::{Actor, Entry, record, store};
use crate::base::text::{self, TextError};
use chrono::{DateTime, Duration, DurationRound, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

/// Different looks (a thing, in a minute) of one person in an hour from which on an alarm is raised. A hard night of 14 new
/// cases, each previewed by hand five times, with a progress page and the board open all the time, comes to some 190.
pub const LOOKS_PER_HOUR: i64 = 300;
/// Reads of one person in an hour, repeats included, from which on an alarm is raised. A progress page that renews itself every
/// two seconds makes 1,800; who asks nearly once a second is a program that waits for a number to change.
pub const READS_PER_HOUR: i64 = 3_000;
/// How far an alarm looks back, and how long it keeps silent about the same person afterwards.
pub const ALARM_SPAN: Duration = Duration::hours(1);
/// Longest reason for a read, in characters: a sentence.
pub const MAX_REASON_CHARS: usize = 200;
/// How long `audit_read` keeps a minute: twice what an alarm looks back on.
const KEEP: Duration = Duration::hours(2);
/// Minutes that [`chain_repeats`] tells of at once.
const REPEATS_AT_ONCE: i64 = 500;
/// Stands for an absent identifier in a key that may hold no null.
const NIL: Uuid = Uuid::nil();

/// A kind of number that comes from visits and that somebody can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reading {
    /// Visits of each stay of an alert, before its release.
    AlertPreview,
    /// How an alert's notices fared.
    AlertDelivery,
    /// All alerts with their counts.
    AlertList,
    /// Delivery over all alerts.
    DeliveryBoard,
    /// Visits at the stays of a case.
    CaseVisits,
    /// Visits of one venue.
    VenueVisits,
    /// Check-ins of each day.
    DailyCounts,
    /// The decision sheet of an alert.
    AlertRecord,
}

impl Reading {
    /// All there are.
    pub const ALL: [Self; 8] = [
        Self::AlertPreview,
        Self::AlertDelivery,
        Self::AlertList,
        Self::DeliveryBoard,
        Self::CaseVisits,
        Self::VenueVisits,
        Self::DailyCounts,
        Self::AlertRecord,
    ];

    /// The action in the chain.
    #[must_use]
    pub fn action(self) -> &'static str {
        match self {
            Self::AlertPreview => "read.alert_preview",
            Self::AlertDelivery => "read.alert_delivery",
            Self::AlertList => "read.alert_list",
            Self::DeliveryBoard => "read.delivery_board",
            Self::CaseVisits => "read.case_visits",
            Self::VenueVisits => "read.venue_visits",
            Self::DailyCounts => "read.daily_counts",
            Self::AlertRecord => "read.alert_record",
        }
    }

    /// The kind of its target.
    #[must_use]
    pub fn target_kind(self) -> &'static str {
        match self {
            Self::AlertPreview | Self::AlertDelivery | Self::AlertList | Self::AlertRecord => "alert",
            Self::DeliveryBoard => "delivery",
            Self::CaseVisits => "case",
            Self::VenueVisits => "venue",
            Self::DailyCounts => "statistics",
        }
    }

    fn of_action(action: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reading| reading.action() == action)
    }
}

/// Why somebody looks, in their own words: one line without an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(String);

/// Why a text is no reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReasonError {
    /// Not one line of up to [`MAX_REASON_CHARS`] characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// It holds what looks like an e-mail address, and an entry can never be changed.
    #[error("an entry may not hold an address")]
    Address,
}

impl Reason {
    /// Checks what was typed.
    ///
    /// # Errors
    /// [`ReasonError`].
    pub fn parse(text: &str) -> Result<Self, ReasonError> {
        let line = text::line(text, MAX_REASON_CHARS)?;
        if line.contains(['@', '＠']) { Err(ReasonError::Address) } else { Ok(Self(line)) }
    }

    /// The words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One look at numbers.
#[derive(Clone, Debug)]
pub struct Read {
    /// The reader.
    pub actor: Actor,
    /// At what.
    pub what: Reading,
    /// The thing that the numbers are of, where there is one.
    pub target: Option<Uuid>,
    /// Why, where the page asks.
    pub reason: Option<Reason>,
}

/// One person has read unusually much; see [`LOOKS_PER_HOUR`] and [`READS_PER_HOUR`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excess {
    /// Who.
    pub actor: Actor,
    /// Different looks within [`ALARM_SPAN`].
    pub looks: i64,
    /// Reads within [`ALARM_SPAN`], repeats included.
    pub reads: i64,
}

/// Puts a look on record before anything is shown. In a transaction of its own, committed before the answer: it may take the
/// chain's lock.
///
/// Gives an [`Excess`] when a limit is crossed and no alarm about this person was raised within [`ALARM_SPAN`]; whoever gets it
/// tells people and calls [`raise`].
///
/// # Errors
/// The database's error; nothing may be shown then.
pub async fn read(tx: &mut PgConnection, now: DateTime<Utc>, read: &Read) -> Result<Option<Excess>, sqlx::Error> {
    let reads = store::count_read(tx, minute_of(now), read).await?;
    if reads == 1 {
        record(tx, now, &entry_of(read, json!({}))).await?;
    }
    let (looks, reads) = store::reads_since(tx, read.actor, now - ALARM_SPAN).await?;
    if looks < LOOKS_PER_HOUR && reads < READS_PER_HOUR {
        return Ok(None);
    }
    let told = store::alarm_since(tx, read.actor, now - ALARM_SPAN).await?;
    Ok((!told).then_some(Excess { actor: read.actor, looks, reads }))
}

/// Puts an alarm on record; false when somebody else has done so meanwhile, and nothing is written then.
///
/// # Errors
/// The database's error.
pub async fn raise(tx: &mut PgConnection, now: DateTime<Utc>, excess: &Excess) -> Result<bool, sqlx::Error> {
    super::take_turn(tx).await?;
    if store::alarm_since(tx, excess.actor, now - ALARM_SPAN).await? {
        return Ok(false);
    }
    let entry = Entry {
        actor: Actor::System,
        action: ALARM,
        target_kind: excess.actor.kind(),
        target_id: excess.actor.id(),
        detail: json!({ "looks": excess.looks, "reads": excess.reads }),
    };
    record(tx, now, &entry).await?;
    Ok(true)
}

/// The action of an alarm; its target is the person who read.
pub(super) const ALARM: &str = "read.alarm";

/// Tells the chain of repeated reads whose minute is over, and forgets minutes that no alarm looks back on; for a periodic task.
/// Returns how many entries were written.
///
/// Rows are locked before the chain is: a reader holds its row while it waits for the chain, never the other way round.
///
/// # Errors
/// The database's error.
pub async fn chain_repeats(tx: &mut PgConnection, now: DateTime<Utc>) -> Result<usize, sqlx::Error> {
    let over = store::lock_repeats(tx, minute_of(now), REPEATS_AT_ONCE).await?;
    let mut written = 0;
    for repeat in &over {
        let Some(what) = Reading::of_action(&repeat.what) else { continue };
        let Some(actor) = Actor::of(&repeat.actor_kind, some(repeat.actor_id)) else { continue };
        let read = Read {
            actor,
            what,
            target: some(repeat.target_id),
            reason: Some(Reason(repeat.reason.clone())).filter(|reason| !reason.0.is_empty()),
        };
        record(tx, now, &entry_of(&read, json!({ "again": repeat.reads - repeat.chained, "minute": repeat.minute }))).await?;
        written += 1;
    }
    store::mark_chained(tx, &over).await?;
    store::forget_reads(tx, now - KEEP).await?;
    Ok(written)
}

fn entry_of(read: &Read, mut detail: serde_json::Value) -> Entry {
    if let Some(reason) = &read.reason {
        detail["reason"] = json!(reason.as_str());
    }
    Entry { actor: read.actor, action: read.what.action(), target_kind: read.what.target_kind(), target_id: read.target, detail }
}

fn minute_of(now: DateTime<Utc>) -> DateTime<Utc> {
    now.duration_trunc(Duration::minutes(1)).unwrap_or(now)
}

fn some(id: Uuid) -> Option<Uuid> {
    (id != NIL).then_some(id)
}

/// A minute with more reads than the chain tells of.
pub(super) struct Repeat {
    pub(super) actor_kind: String,
    pub(super) actor_id: Uuid,
    pub(super) minute: DateTime<Utc>,
    pub(super) what: String,
    pub(super) target_id: Uuid,
    pub(super) reason: String,
    pub(super) reads: i32,
    pub(super) chained: i32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_line_without_an_address() {
        assert_eq!(Reason::parse("  報告の確認のため ").unwrap().as_str(), "報告の確認のため");
        assert!(Reason::parse(&"あ".repeat(MAX_REASON_CHARS)).is_ok());
        assert_eq!(Reason::parse(&"あ".repeat(MAX_REASON_CHARS + 1)), Err(ReasonError::Text(TextError::TooLong)));
        assert_eq!(Reason::parse(" "), Err(ReasonError::Text(TextError::Empty)));
        for address in ["taro@example.jp からの電話", "taro＠example.jp"] {
            assert_eq!(Reason::parse(address), Err(ReasonError::Address));
        }
    }

    #[test]
    fn every_reading_has_a_name_of_its_own_that_is_read_back() {
        for reading in Reading::ALL {
            assert_eq!(Reading::of_action(reading.action()), Some(reading));
            assert!(reading.action().starts_with("read.") && reading.action() != ALARM);
        }
    }

    #[test]
    fn a_minute_begins_at_its_first_second() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(minute_of(at("2026-11-22T03:04:59.999999Z")), at("2026-11-22T03:04:00Z"));
        assert_eq!(minute_of(at("2026-11-22T03:05:00Z")), at("2026-11-22T03:05:00Z"));
    }
}
