//! A venue's contact is told by mail that an alert concerned it: no date, no number of people, nothing about the case.
//!
//! The worker cannot seal a letter, so web seals it with the approval, for the end of the hold. Whether it really leaves is the
//! worker's to say, just before it does: only once the alert was released under that very approval, once for each alert and venue,
//! and not while the alert is paused, cancelled, or all sending is stopped.
use super::approval::ReleaseRules;
use super::preview::Preview;
use super::sending::store;
use super::{AlertId, AlertNumber};
use crate::base::config::Service;
use crate::base::email_address::EmailAddress;
use crate::base::locale::Locale;
use crate::mail::{Letter, LetterKind, PostError, Prepared, Rendered, Wait};
use crate::official::Act;
use crate::venue::{VenueId, letters::quotable};
use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

const NUMBER: &str = "number";
const NAME: &str = "name";

/// How long a letter waits before it is asked for again whether its alert was released.
const LOOK_AGAIN: Duration = Duration::seconds(30);

/// A venue that an alert concerns, and where its contact reads mail.
pub(super) struct Concerned {
    pub(super) venue: VenueId,
    pub(super) name: String,
    pub(super) to: EmailAddress,
    pub(super) locale: Locale,
}

/// How a venue's letter stands to its alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SendPermission {
    /// Its alert was released, and no other letter told this venue.
    May,
    /// Not yet: the alert is held or paused, or all sending is stopped.
    NotYet,
    /// Never: the alert was cancelled or approved anew, or the venue knows.
    Never,
}

/// Seals the letters of an approval, if the city wants venues to be told. They wait for the end of the hold.
pub(super) async fn post<By>(
    act: &mut Act<'_, By>,
    rules: &ReleaseRules,
    preview: &Preview,
    alert: AlertId,
    hold_until: DateTime<Utc>,
) -> Result<(), PostError> {
    if !rules.tell_venues {
        return Ok(());
    }
    for Concerned { venue, name, to, locale } in store::concerned_venues(&mut act.tx, alert).await? {
        let params = [(NUMBER, preview.number.as_str().to_owned()), (NAME, name)];
        let params = params.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let letter = Letter { kind: LetterKind::VenueAlerted, to, locale, params };
        let id = act.post_at(hold_until, &letter).await?;
        store::insert_venue_letter(&mut act.tx, id, alert, venue, preview.revision).await?;
    }
    Ok(())
}

/// Decides about a venue's letter that delivery has claimed. Runs in the worker, in the transaction that prepares the mail.
///
/// # Errors
/// The database.
pub async fn prepare_venue_letter(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    service: &Service,
    row: Uuid,
    letter: &Letter,
) -> Result<Prepared, sqlx::Error> {
    Ok(match store::venue_letter(tx, now, row).await? {
        None => Prepared::Dead("no-alert"),
        Some(SendPermission::Never) => Prepared::Cancelled,
        Some(SendPermission::NotYet) => Prepared::Wait(now + LOOK_AGAIN, Wait::Turn),
        Some(SendPermission::May) => render(service, letter).map_or(Prepared::Dead("letter lacks a parameter"), Prepared::Mail),
    })
}

/// An alert of which a venue's contact was told. The same as the letter said, no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its number.
    pub number: AlertNumber,
    /// When its letter left.
    pub at: DateTime<Utc>,
    /// When the city began to tell people that it was a mistake.
    pub corrected_at: Option<DateTime<Utc>>,
}

/// Of which alerts a venue's contact was told since `since`, newest first.
///
/// # Errors
/// The database.
pub async fn told(conn: &mut PgConnection, venue: VenueId, since: DateTime<Utc>) -> Result<Vec<Told>, sqlx::Error> {
    store::told(conn, venue, since).await
}

fn render(service: &Service, letter: &Letter) -> Option<Rendered> {
    let words = letter.locale.words();
    let number = AlertNumber::parse(letter.params.get(NUMBER)?)?.to_string();
    let name = quotable(letter.params.get(NAME)?)?;
    let (city, hotline, hours) = (service.city.as_str(), service.hotline.as_str(), service.hotline_hours.as_str());
    let body = words.delivery_venue_body(name, city, number.as_str(), hotline, hours);
    let foot = words.venue_letter_foot(service.operator.as_str(), service.name.as_str(), service.host.as_str());
    let subject = words.delivery_venue_subject(city, number.as_str());
    Some(Rendered { to: letter.to.clone(), locale: letter.locale, subject, body: format!("{body}\n\n{foot}\n") })
}
