//! A shop applies: one form, checked as a whole, turned into a venue with its posters.
use super::confirmation::new_confirmation;
use super::proof::Proof;
use super::{VenueError, VenueId, VenueKind, VenueStatus, poster, search, store};
use crate::audit::{self, Actor, Entry};
use crate::base::clock::{LATEST_DAY_START_MINUTES, Zone};
use crate::base::config::VenuePolicy;
use crate::base::email_address::{AddressError, EmailAddress};
use crate::base::locale::Locale;
use crate::base::text::{self, TextError};
use crate::keys::Sealer;
use crate::mail;
use crate::official::{MayTrace, Session};
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

/// Longest name of a venue, in characters; longer ones fit no poster.
pub const MAX_NAME_CHARS: usize = 100;
/// Longest postal address, in characters.
pub const MAX_ADDRESS_CHARS: usize = 200;

/// An application as it came in. Absent texts are empty: a form and JSON meet the same checks, all told at once.
#[derive(Clone, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawVenue {
    /// The venue's name.
    pub name: String,
    /// How the name is read, in kana; may be left out.
    pub kana: String,
    /// One of [`VenueKind`]'s names.
    pub kind: String,
    /// Where it is, on one line.
    pub address: String,
    /// Where letters go; visitors never see it.
    pub contact_email: String,
    /// The language of letters; empty: Japanese.
    pub locale: String,
    /// A label per poster; none: one poster at the entrance.
    pub posters: Vec<String>,
    /// When the business day begins; absent: as is usual for the kind.
    pub day_starts_minutes: Option<i16>,
}

/// A field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// `name`
    Name,
    /// `kana`
    Kana,
    /// `kind`
    Kind,
    /// `address`
    Address,
    /// `contact_email`
    ContactEmail,
    /// `locale`
    Locale,
    /// `posters`
    Posters,
    /// `day_starts_minutes`
    DayStartsMinutes,
}

impl Field {
    /// The field's name in form and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Kana => "kana",
            Self::Kind => "kind",
            Self::Address => "address",
            Self::ContactEmail => "contact_email",
            Self::Locale => "locale",
            Self::Posters => "posters",
            Self::DayStartsMinutes => "day_starts_minutes",
        }
    }
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// A line of text.
    Text(TextError),
    /// The contact address.
    Address(AddressError),
    /// None of the offered choices.
    UnknownChoice,
    /// More entries than allowed.
    TooMany,
    /// A number outside its bounds.
    OutOfRange,
}

impl Problem {
    /// A stable code for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Text(TextError::Empty) | Self::Address(AddressError::Empty) => "empty",
            Self::Text(TextError::TooLong) | Self::Address(AddressError::TooLong) => "too_long",
            Self::Text(TextError::Forbidden) => "forbidden_characters",
            Self::Address(AddressError::NoAt) => "no_at",
            Self::Address(AddressError::NoDotAfterAt) => "incomplete_domain",
            Self::Address(AddressError::Refused) => "undeliverable",
            Self::UnknownChoice => "unknown_choice",
            Self::TooMany => "too_many",
            Self::OutOfRange => "out_of_range",
        }
    }
}

/// One thing to put right. Holds nothing of what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Where.
    pub field: Field,
    /// Which entry of a list, counted from 0.
    pub entry: Option<usize>,
    /// What.
    pub problem: Problem,
}

/// A checked application: whoever holds one may write it down.
pub struct NewVenue {
    pub(super) name: String,
    pub(super) kana: Option<String>,
    pub(super) kind: VenueKind,
    pub(super) address: String,
    /// `None` where the city knows no mailbox.
    pub(super) contact: Option<EmailAddress>,
    pub(super) locale: Locale,
    pub(super) labels: Vec<String>,
    pub(super) day_starts_minutes: i16,
}

/// Gathers problems, so that a person reads all of them at once.
#[derive(Default)]
struct Problems(Vec<FieldError>);

impl Problems {
    fn note<T>(&mut self, field: Field, entry: Option<usize>, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.0.push(FieldError { field, entry, problem })).ok()
    }
}

impl NewVenue {
    /// Checks every field and names every problem, in the form's order.
    ///
    /// # Errors
    /// A [`FieldError`] per problem.
    pub fn parse(raw: &RawVenue) -> Result<Self, Vec<FieldError>> {
        let mut problems = Problems::default();
        let line = |text: &str, max| text::line(text, max).map_err(Problem::Text);
        let name = problems.note(Field::Name, None, line(&raw.name, MAX_NAME_CHARS));
        let kana = problems.note(Field::Kana, None, parse_kana(&raw.kana).map_err(Problem::Text));
        let kind = problems.note(Field::Kind, None, raw.kind.trim().parse::<VenueKind>().map_err(|_| Problem::UnknownChoice));
        let address = problems.note(Field::Address, None, line(&raw.address, MAX_ADDRESS_CHARS));
        let contact = EmailAddress::parse(&raw.contact_email).map_err(Problem::Address);
        let contact = problems.note(Field::ContactEmail, None, contact);
        let locale = problems.note(Field::Locale, None, parse_locale(&raw.locale));
        let labels = parse_posters(&mut problems, &raw.posters, locale.unwrap_or_default());
        let day_starts = problems.note(Field::DayStartsMinutes, None, parse_day_starts(raw.day_starts_minutes, kind));
        match (name, kana, kind, address, contact, locale, day_starts) {
            (Some(name), Some(kana), Some(kind), Some(address), Some(contact), Some(locale), Some(day_starts_minutes))
                if problems.0.is_empty() =>
            {
                Ok(Self { name, kana, kind, address, contact: Some(contact), locale, labels, day_starts_minutes })
            }
            _ => Err(problems.0),
        }
    }
}

/// How a name is read; nothing, or a line as long as a name may be.
///
/// # Errors
/// See [`TextError`]; never [`TextError::Empty`].
pub fn parse_kana(text: &str) -> Result<Option<String>, TextError> {
    match text::line(text, MAX_NAME_CHARS) {
        Err(TextError::Empty) => Ok(None),
        kana => kana.map(Some),
    }
}

fn parse_locale(tag: &str) -> Result<Locale, Problem> {
    match tag.trim() {
        "" => Ok(Locale::default()),
        tag => Locale::from_tag(tag).ok_or(Problem::UnknownChoice),
    }
}

fn parse_day_starts(minutes: Option<i16>, kind: Option<VenueKind>) -> Result<i16, Problem> {
    let minutes = minutes.unwrap_or_else(|| kind.map_or(0, VenueKind::usual_day_starts_minutes));
    if (0..=LATEST_DAY_START_MINUTES).contains(&minutes) { Ok(minutes) } else { Err(Problem::OutOfRange) }
}

fn parse_posters(problems: &mut Problems, labels: &[String], locale: Locale) -> Vec<String> {
    if labels.is_empty() {
        return vec![locale.words().venue_poster_entrance()];
    }
    match poster::parse_labels(labels) {
        Ok(labels) => labels,
        Err(found) => {
            problems.0.extend(found);
            Vec::new()
        }
    }
}

/// Who applies, and what proves it.
pub enum Applicant<'a> {
    /// Anybody: the contact mail has to be confirmed with what the proof holds.
    Anonymous(&'a Proof),
    /// An official on the venue's behalf: nothing to confirm.
    Official(&'a Session<MayTrace>, VenuePolicy),
}

/// A venue that has just been written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Applied {
    /// Its identifier.
    pub id: VenueId,
    /// `unconfirmed`, or what follows a confirmation.
    pub status: VenueStatus,
}

/// What a venue becomes once nobody doubts its contact mail.
pub(super) fn status_by(policy: VenuePolicy) -> VenueStatus {
    match policy {
        VenuePolicy::Instant => VenueStatus::Active,
        VenuePolicy::Reviewed => VenueStatus::Pending,
    }
}

/// Writes an application down: venue, posters with their codes, audit entry and, for the anonymous, the confirmation letter.
/// The codes exist at once; they take check-ins when the venue is active.
///
/// # Errors
/// [`VenueError::NobodyToAsk`] for an anonymous application without a mailbox, [`VenueError::Post`] and [`VenueError::Db`]; the caller
/// rolls back.
pub async fn apply(
    tx: &mut PgConnection,
    sealer: &Sealer,
    now: DateTime<Utc>,
    zone: Zone,
    new: &NewVenue,
    applicant: Applicant<'_>,
) -> Result<Applied, VenueError> {
    let id = VenueId::random();
    let (status, actor) = match &applicant {
        Applicant::Anonymous(_) => (VenueStatus::Unconfirmed, Actor::Venue(id.0)),
        Applicant::Official(session, policy) => (status_by(*policy), session.actor()),
    };
    let reviewed = matches!(applicant, Applicant::Official(..));
    store::insert_venue(tx, id, new, status, reviewed, now).await?;
    search::index(tx, id, &new.name, new.kana.as_deref(), &new.address).await?;
    store::insert_posters(tx, id, 1, &new.labels, now).await?;
    if let Applicant::Anonymous(proof) = applicant {
        let contact = new.contact.as_ref().ok_or(VenueError::NobodyToAsk(status))?;
        let confirmation = new_confirmation(id, &new.name, contact, new.locale, proof, now);
        store::insert_confirmation(tx, id, proof, now, confirmation.expires_at).await?;
        mail::post(tx, sealer, now, zone, &confirmation.letter).await?;
    }
    let detail = json!({ "status": status, "posters": new.labels.len() });
    audit::record(tx, now, &Entry { actor, action: "venue.apply", target_kind: "venue", target_id: Some(id.0), detail }).await?;
    Ok(Applied { id, status })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::venue::poster::{MAX_LABEL_CHARS, MAX_POSTERS_AT_ONCE};

    fn raw() -> RawVenue {
        RawVenue {
            name: "喫茶 ひだまり".into(),
            kind: "restaurant".into(),
            address: "あおば市中央1-2-3".into(),
            contact_email: "shop@example.jp".into(),
            ..RawVenue::default()
        }
    }

    fn problems(raw: &RawVenue) -> Vec<(Field, Option<usize>, Problem)> {
        let errors = NewVenue::parse(raw).err().unwrap_or_default();
        errors.into_iter().map(|error| (error.field, error.entry, error.problem)).collect()
    }

    #[test]
    fn the_short_form_is_enough() {
        let venue = NewVenue::parse(&raw()).ok().unwrap();
        assert_eq!(venue.labels, ["入口"]);
        assert_eq!((venue.locale, venue.day_starts_minutes), (Locale::Ja, 0));
        let bar = NewVenue::parse(&RawVenue { kind: "bar".into(), locale: "en".into(), ..raw() }).ok().unwrap();
        assert_eq!((bar.day_starts_minutes, bar.labels[0].as_str()), (300, "Entrance"));
    }

    #[test]
    fn an_empty_form_is_told_everything_at_once() {
        use Field::{Address, ContactEmail, Kind, Name};
        let empty = Problem::Text(TextError::Empty);
        let expected = [
            (Name, None, empty),
            (Kind, None, Problem::UnknownChoice),
            (Address, None, empty),
            (ContactEmail, None, Problem::Address(AddressError::Empty)),
        ];
        assert_eq!(problems(&RawVenue::default()), expected);
    }

    #[test]
    fn limits_hold_at_their_edges() {
        let with = |change: fn(&mut RawVenue, usize), size: usize| {
            let mut raw = raw();
            change(&mut raw, size);
            problems(&raw).first().map(|(field, _, problem)| (*field, *problem))
        };
        let too_long = Problem::Text(TextError::TooLong);
        let name: fn(&mut RawVenue, usize) = |raw, size| raw.name = "あ".repeat(size);
        assert_eq!((with(name, MAX_NAME_CHARS), with(name, MAX_NAME_CHARS + 1)), (None, Some((Field::Name, too_long))));
        let address: fn(&mut RawVenue, usize) = |raw, size| raw.address = "あ".repeat(size);
        assert_eq!((with(address, MAX_ADDRESS_CHARS), with(address, MAX_ADDRESS_CHARS + 1)), (None, Some((Field::Address, too_long))));
        let label: fn(&mut RawVenue, usize) = |raw, size| raw.posters = vec!["あ".repeat(size)];
        assert_eq!((with(label, MAX_LABEL_CHARS), with(label, MAX_LABEL_CHARS + 1)), (None, Some((Field::Posters, too_long))));
        let count: fn(&mut RawVenue, usize) = |raw, size| raw.posters = vec!["席".into(); size];
        let too_many = Some((Field::Posters, Problem::TooMany));
        assert_eq!((with(count, MAX_POSTERS_AT_ONCE), with(count, MAX_POSTERS_AT_ONCE + 1)), (None, too_many));
    }

    #[test]
    fn a_business_day_begins_between_midnight_and_six() {
        for (minutes, good) in [(0, true), (360, true), (361, false), (-1, false)] {
            assert_eq!(NewVenue::parse(&RawVenue { day_starts_minutes: Some(minutes), ..raw() }).is_ok(), good, "{minutes}");
        }
    }

    #[test]
    fn hostile_names_are_refused_or_kept_as_they_are() {
        for bad in ["a\r\nBcc: x@example.jp", "a\0", "a\u{202E}b", "\u{2066}"] {
            let found = problems(&RawVenue { name: bad.into(), ..raw() });
            assert_eq!(found, [(Field::Name, None, Problem::Text(TextError::Forbidden))], "{bad:?}");
        }
        for inert in ["<svg onload=alert(1)>", "=HYPERLINK(\"x\")", "{{7*7}}", "'; drop table venue; --"] {
            assert_eq!(NewVenue::parse(&RawVenue { name: inert.into(), ..raw() }).ok().unwrap().name, inert);
        }
    }

    #[test]
    fn a_bad_label_is_named_by_its_place() {
        let found = problems(&RawVenue { posters: vec!["入口".into(), " ".into(), "a\nb".into()], ..raw() });
        let places: Vec<_> = found.iter().map(|(_, entry, _)| *entry).collect();
        assert_eq!(places, [Some(1), Some(2)]);
    }

    #[test]
    fn unknown_fields_are_refused_in_json() {
        assert!(serde_json::from_str::<RawVenue>(r#"{"name":"a"}"#).is_ok());
        assert!(serde_json::from_str::<RawVenue>(r#"{"name":"a","status":"active"}"#).is_err());
    }
}
