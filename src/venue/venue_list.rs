//! Venues as officials and programs look them up.
use super::{VenueId, VenueKind, VenueStatus, store};
use crate::base::email_address::EmailAddress;
use crate::base::locale::Locale;
use chrono::{DateTime, Days, NaiveDate, Utc};
use sqlx::PgConnection;
use std::collections::HashMap;

/// Days that an application nobody confirmed is kept: its contact address is a stranger's until then.
pub const UNCONFIRMED_DAYS: u64 = 30;

/// A venue with everything an official may see.
#[derive(Clone)]
pub struct Venue {
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
    /// Where its letters go; `None`: the city entered it and nobody gave one yet. For officials only.
    pub contact: Option<EmailAddress>,
    /// The language of its letters.
    pub locale: Locale,
    /// When its business day begins, in minutes after midnight.
    pub day_starts_minutes: i16,
    /// Whether it agreed that a notice names it.
    pub may_be_named: bool,
    /// Its state.
    pub status: VenueStatus,
    /// When it applied.
    pub created_at: DateTime<Utc>,
    /// When its contact mail was proven.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// When an official last decided about it.
    pub decided_at: Option<DateTime<Utc>>,
    /// When an official first looked at it.
    pub reviewed_at: Option<DateTime<Utc>>,
    /// Seven digits, where it said so.
    pub postal_code: Option<String>,
    /// Its telephone number, where it said so. For officials only.
    pub phone: Option<String>,
    /// Guests on a usual day, by its own estimate.
    pub guests_per_day: Option<i32>,
    /// Its own words to its visitors.
    pub message: Option<String>,
    /// An event's first day.
    pub opens_on: Option<NaiveDate>,
    /// An event's last day.
    pub closes_on: Option<NaiveDate>,
    /// Whether a letter tells the numbers each month.
    pub monthly_mail: bool,
    /// Since when the venue itself takes no check-ins.
    pub paused_at: Option<DateTime<Utc>>,
    /// Whether it agreed to stand in the public list.
    pub listed: bool,
}

/// One venue.
pub async fn show(conn: &mut PgConnection, id: VenueId) -> Result<Option<Venue>, sqlx::Error> {
    store::venue(conn, id).await
}

/// Every venue there is or was, in whatever state: people may have been there.
pub async fn ids(conn: &mut PgConnection) -> Result<Vec<VenueId>, sqlx::Error> {
    store::ids(conn).await
}

/// The names of these venues; those that are not there any more are left out.
pub async fn names(conn: &mut PgConnection, venues: &[VenueId]) -> Result<HashMap<VenueId, String>, sqlx::Error> {
    store::names(conn, venues).await
}

/// Deletes applications that nobody confirmed for [`UNCONFIRMED_DAYS`]; says how many. Mailboxes that an owner named and nobody
/// proved are forgotten after the same time, and lists that were checked and not imported. For retention's list of policies.
pub async fn discard_abandoned(tx: &mut PgConnection, now: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    let before = now.checked_sub_days(Days::new(UNCONFIRMED_DAYS)).unwrap_or(now);
    store::activation::forget_mailboxes(tx, before).await?;
    super::import::forget_files(tx, now).await?;
    store::discard_abandoned(tx, before).await
}

/// The facts about a venue that a reported stay is checked against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StayFacts {
    /// Whether it ever took check-ins; suspended and closed venues did once.
    pub was_active: bool,
    /// When its business day begins, in minutes after midnight.
    pub day_starts_minutes: i16,
}

/// The venues among `ids` that exist.
pub async fn stay_facts(conn: &mut PgConnection, ids: &[VenueId]) -> Result<HashMap<VenueId, StayFacts>, sqlx::Error> {
    store::stay_facts(conn, ids).await
}
