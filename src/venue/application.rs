//! A venue applies: one form, checked as a whole, turned into a venue with its posters.
use super::confirmation::{UnprovenMailbox, may_write_to, new_confirmation};
use super::proof::Proof;
use super::store::Begins;
use super::{VenueError, VenueId, VenueKind, VenueStatus, input, poster, search, store};
use crate::audit::Actor;
use crate::base::clock::LATEST_DAY_START_MINUTES;
use crate::base::config::VenuePolicy;
use crate::base::db;
use crate::base::email_address::{AddressError, EmailAddress};
use crate::base::locale::Locale;
use crate::base::plain::{self, NotPlain};
use crate::base::text::TextError;
use crate::official::Act;
use crate::official::{MayTrace, Session};
use chrono::NaiveDate;
use serde_json::json;

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
    /// Seven digits in any form; may be left out by programs.
    pub postal_code: String,
    /// A telephone number in any form; may be left out.
    pub phone: String,
    /// Guests on a usual day.
    pub guests_per_day: Option<i32>,
    /// The venue's own words to its visitors; may be left out.
    pub message: String,
    /// An event's first day.
    pub opens_on: String,
    /// An event's last day.
    pub closes_on: String,
    /// Whether a letter tells the numbers each month; absent: yes.
    pub monthly_mail: Option<bool>,
    /// Whether a notice may name it.
    pub may_be_named: bool,
    /// Whether it may stand in the public list.
    pub listed: bool,
}

/// A field of the form, in the form's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// `name`
    Name,
    /// `kana`
    Kana,
    /// `kind`
    Kind,
    /// `opens_on`
    OpensOn,
    /// `closes_on`
    ClosesOn,
    /// `postal_code`
    PostalCode,
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
    /// `phone`
    Phone,
    /// `guests_per_day`
    GuestsPerDay,
    /// `message`
    Message,
}

impl Field {
    /// The field's name in form and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Kana => "kana",
            Self::Kind => "kind",
            Self::OpensOn => "opens_on",
            Self::ClosesOn => "closes_on",
            Self::PostalCode => "postal_code",
            Self::Address => "address",
            Self::ContactEmail => "contact_email",
            Self::Locale => "locale",
            Self::Posters => "posters",
            Self::DayStartsMinutes => "day_starts_minutes",
            Self::Phone => "phone",
            Self::GuestsPerDay => "guests_per_day",
            Self::Message => "message",
        }
    }
}

/// The mistake in a field.
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
    /// Not seven digits.
    NotPostalCode,
    /// Not 10 to 15 digits.
    NotPhone,
    /// No date with its year.
    NotDate,
    /// The last day lies before the first.
    EndsBeforeBegin,
    /// Only events begin and end.
    OnlyForEvents,
    /// A link, a mail address, or characters that disguise.
    NotPlain(NotPlain),
}

impl Problem {
    /// A stable code for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Text(TextError::Empty) | Self::Address(AddressError::Empty) => "empty",
            Self::Text(TextError::TooLong) | Self::Address(AddressError::TooLong) | Self::NotPlain(NotPlain::TooLong) => "too_long",
            Self::Text(TextError::Forbidden) | Self::NotPlain(NotPlain::Characters) => "forbidden_characters",
            Self::Address(AddressError::NoAt) => "no_at",
            Self::Address(AddressError::NoDotAfterAt) => "incomplete_domain",
            Self::Address(AddressError::Refused) => "undeliverable",
            Self::UnknownChoice => "unknown_choice",
            Self::TooMany => "too_many",
            Self::OutOfRange => "out_of_range",
            Self::NotPostalCode => "not_a_postal_code",
            Self::NotPhone => "not_a_phone_number",
            Self::NotDate => "not_a_date",
            Self::EndsBeforeBegin => "ends_before_begin",
            Self::OnlyForEvents => "only_for_events",
            Self::NotPlain(NotPlain::Link | NotPlain::Mail | NotPlain::Phone) => "leads_away",
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
    pub(super) more: More,
}

/// The optional fields of an application; all of it can be said later on the venue's own page.
pub(super) struct More {
    pub(super) postal_code: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) guests_per_day: Option<i32>,
    pub(super) message: Option<String>,
    /// First and last day of an event.
    pub(super) days: Option<(NaiveDate, NaiveDate)>,
    pub(super) monthly_mail: bool,
    pub(super) may_be_named: bool,
    pub(super) listed: bool,
}

/// Gathers problems, so that a person reads all of them at once.
#[derive(Default)]
struct Problems(Vec<FieldError>);

impl Problems {
    fn note<T>(&mut self, field: Field, entry: Option<usize>, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.0.push(FieldError { field, entry, problem })).ok()
    }

    /// In the form's order.
    fn sorted(mut self) -> Vec<FieldError> {
        self.0.sort_by_key(|error| (error.field, error.entry));
        self.0
    }
}

impl NewVenue {
    /// Checks every field and names every problem, in the form's order.
    ///
    /// # Errors
    /// A [`FieldError`] per problem.
    pub fn parse(raw: &RawVenue) -> Result<Self, Vec<FieldError>> {
        Self::read(raw, true)
    }

    /// The same for a venue that the city enters: nobody may know its mailbox.
    ///
    /// # Errors
    /// A [`FieldError`] per problem.
    pub fn parse_entered(raw: &RawVenue) -> Result<Self, Vec<FieldError>> {
        Self::read(raw, false)
    }

    fn read(raw: &RawVenue, needs_contact: bool) -> Result<Self, Vec<FieldError>> {
        let mut problems = Problems::default();
        let line = |text: &str, max| input::line(text, max).map_err(Problem::Text);
        let name = problems.note(Field::Name, None, line(&raw.name, MAX_NAME_CHARS));
        let kana = problems.note(Field::Kana, None, input::parse_kana(&raw.kana).map_err(Problem::Text));
        let kind = problems.note(Field::Kind, None, raw.kind.trim().parse::<VenueKind>().map_err(|_| Problem::UnknownChoice));
        let address = problems.note(Field::Address, None, line(&raw.address, MAX_ADDRESS_CHARS));
        let unknown = !needs_contact && raw.contact_email.trim().is_empty();
        let contact = if unknown { Ok(None) } else { EmailAddress::parse(&raw.contact_email).map(Some).map_err(Problem::Address) };
        let contact = problems.note(Field::ContactEmail, None, contact);
        let locale = problems.note(Field::Locale, None, parse_locale(&raw.locale));
        let labels = parse_posters(&mut problems, &raw.posters, locale.unwrap_or_default());
        let day_starts = problems.note(Field::DayStartsMinutes, None, parse_day_starts(raw.day_starts_minutes, kind));
        let more = parse_more(&mut problems, raw, kind);
        match (name, kana, kind, address, contact, locale, day_starts) {
            (Some(name), Some(kana), Some(kind), Some(address), Some(contact), Some(locale), Some(day_starts_minutes))
                if problems.0.is_empty() =>
            {
                Ok(Self { name, kana, kind, address, contact, locale, labels, day_starts_minutes, more })
            }
            _ => Err(problems.sorted()),
        }
    }

    /// Whether it is an event whose last day lies before `today`: a year was mistyped.
    #[must_use]
    pub fn ends_before(&self, today: NaiveDate) -> bool {
        self.more.days.is_some_and(|(_, closes)| closes < today)
    }

    /// The same for the form that people fill in: it asks for the postal code, and for an event's days.
    ///
    /// # Errors
    /// A [`FieldError`] per problem.
    pub fn parse_form(raw: &RawVenue) -> Result<Self, Vec<FieldError>> {
        let is_event = raw.kind.trim() == VenueKind::Event.as_str();
        let asked = [
            (Field::OpensOn, &raw.opens_on, is_event),
            (Field::ClosesOn, &raw.closes_on, is_event),
            (Field::PostalCode, &raw.postal_code, true),
        ];
        let left_out = asked.iter().filter(|(_, text, asked)| *asked && text.trim().is_empty());
        let empty = |field| FieldError { field, entry: None, problem: Problem::Text(TextError::Empty) };
        let mut problems = Problems(left_out.map(|(field, ..)| empty(*field)).collect());
        match Self::parse(raw) {
            Ok(venue) if problems.0.is_empty() => Ok(venue),
            parsed => {
                let told: Vec<Field> = problems.0.iter().map(|error| error.field).collect();
                problems.0.extend(parsed.err().unwrap_or_default().into_iter().filter(|error| !told.contains(&error.field)));
                Err(problems.sorted())
            }
        }
    }
}

fn parse_more(problems: &mut Problems, raw: &RawVenue, kind: Option<VenueKind>) -> More {
    let message = plain::line(&raw.message, input::MAX_MESSAGE_CHARS).map_err(Problem::NotPlain);
    More {
        postal_code: problems.note(Field::PostalCode, None, input::postal_code(&raw.postal_code)).flatten(),
        phone: problems.note(Field::Phone, None, input::phone(&raw.phone)).flatten(),
        guests_per_day: problems.note(Field::GuestsPerDay, None, raw.guests_per_day.map(input::in_range).transpose()).flatten(),
        message: problems.note(Field::Message, None, message).flatten(),
        days: parse_days(problems, raw, kind),
        monthly_mail: raw.monthly_mail.unwrap_or(true),
        may_be_named: raw.may_be_named,
        listed: raw.listed,
    }
}

/// Both days of an event, or none.
fn parse_days(problems: &mut Problems, raw: &RawVenue, kind: Option<VenueKind>) -> Option<(NaiveDate, NaiveDate)> {
    let opens = problems.note(Field::OpensOn, None, input::date(&raw.opens_on))?;
    let closes = problems.note(Field::ClosesOn, None, input::date(&raw.closes_on))?;
    let wrong = |field, problem| Err::<(), _>((field, problem));
    let judged = match (opens, closes) {
        (None, None) => return None,
        _ if kind.is_some_and(|kind| kind != VenueKind::Event) => {
            wrong(if opens.is_some() { Field::OpensOn } else { Field::ClosesOn }, Problem::OnlyForEvents)
        }
        (None, Some(_)) => wrong(Field::OpensOn, Problem::Text(TextError::Empty)),
        (Some(_), None) => wrong(Field::ClosesOn, Problem::Text(TextError::Empty)),
        (Some(opens), Some(closes)) if closes < opens => wrong(Field::ClosesOn, Problem::EndsBeforeBegin),
        (Some(_), Some(_)) => Ok(()),
    };
    if let Err((field, problem)) = judged {
        problems.0.push(FieldError { field, entry: None, problem });
    }
    opens.zip(closes)
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

/// The applicant, and the proof of it.
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

/// The state of a venue once its contact mail is confirmed.
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
/// [`VenueError::NobodyToAsk`] for an anonymous application without a mailbox, [`VenueError::TooManyLetters`], [`VenueError::Post`] and [`VenueError::Db`]; the caller
/// rolls back.
pub async fn apply<By>(act: &mut Act<'_, By>, new: &NewVenue, applicant: Applicant<'_>) -> Result<Applied, VenueError> {
    apply_as(act, VenueId::random(), new, applicant).await
}

/// The same under an identifier that was chosen before: a form that is sent twice brings it twice.
///
/// # Errors
/// As of [`apply`]; [`VenueError::AppliedAlready`] the second time.
pub async fn apply_as<By>(act: &mut Act<'_, By>, id: VenueId, new: &NewVenue, applicant: Applicant<'_>) -> Result<Applied, VenueError> {
    db::lock_transaction(&mut act.tx, &format!("apply:{id}")).await?;
    if store::status(&mut act.tx, id).await?.is_some() {
        return Err(VenueError::AppliedAlready);
    }
    if let (Applicant::Anonymous(_), Some(contact)) = (&applicant, &new.contact)
        && !may_write_to(&mut act.tx, contact, act.now).await?
    {
        return Err(VenueError::TooManyLetters);
    }
    let (status, actor) = match &applicant {
        Applicant::Anonymous(_) => (VenueStatus::Unconfirmed, Actor::Venue(id.0)),
        Applicant::Official(session, policy) => (status_by(*policy), session.actor()),
    };
    let reviewed = matches!(applicant, Applicant::Official(..));
    store::insert_venue(&mut act.tx, new, &Begins { id, status, reviewed, at: act.now }).await?;
    search::index(&mut act.tx, id, &new.name, new.kana.as_deref(), &new.address).await?;
    store::insert_posters(&mut act.tx, id, 1, &new.labels, act.now).await?;
    if let Applicant::Anonymous(proof) = applicant {
        let contact = new.contact.as_ref().ok_or(VenueError::NobodyToAsk(status))?;
        let mailbox = UnprovenMailbox { venue: id, name: &new.name, contact, locale: new.locale };
        let confirmation = new_confirmation(mailbox, proof, act.now);
        store::insert_confirmation(&mut act.tx, id, proof, act.now, confirmation.expires_at).await?;
        act.post(&confirmation.letter).await?;
    }
    let detail = json!({ "status": status, "posters": new.labels.len() });
    act.record_as(actor, "venue.apply", id, detail).await?;
    Ok(Applied { id, status })
}

#[cfg(test)]
#[path = "application_tests.rs"]
mod tests;
