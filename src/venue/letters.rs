//! Letters to the contact of a venue. What is sealed are parameters only; the worker renders these words and no others.
//!
//! Anybody can apply in anybody's name, so a venue's name is a stranger's words in another stranger's mailbox: it stands in
//! no subject, is cut short, and whatever a mail program would turn into a link is turned into harmless look-alikes.
use super::approval::Decision;
use super::monthly::Due;
use super::owner_session;
use super::proof::{Link, Proof};
use super::review::Said;
use super::{VenueId, VenueStatus};
use crate::base::clock::Zone;
use crate::base::config::Service;
use crate::base::email_address::EmailAddress;
use crate::base::locale::Locale;
use crate::base::text;
use crate::base::token::Token;
use crate::mail::{self, Letter, LetterKind, Prepared, Rendered};
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Which link a letter holds.
const LINK: &str = "link";
/// The letter that told an owner of a registration that is taken back.
const TOLD: &str = "told";
/// How long a letter that takes another back waits for that one's end. What is being sent is at its end in two minutes.
const LOOK_AGAIN: Duration = Duration::minutes(3);
/// Characters of a venue's name that a letter repeats.
const MAX_QUOTED_CHARS: usize = 40;

/// The page behind a letter's link: the button that confirms (GET shows, POST confirms), and once active the posters.
#[must_use]
pub fn link_url(base_url: &str, token: &Token) -> String {
    format!("{base_url}/venues/confirm/{}", token.expose())
}

pub(super) fn confirmation(
    venue: VenueId,
    name: &str,
    contact: &EmailAddress,
    locale: Locale,
    proof: &Proof,
    expires_at: DateTime<Utc>,
) -> Letter {
    let params = [
        ("venue", venue.to_string()),
        ("name", name.to_owned()),
        ("token", proof.token.expose().to_owned()),
        ("digits", proof.digits.to_string()),
        ("expires_at", moment(expires_at)),
    ];
    letter(LetterKind::VenueConfirmation, contact, locale, params)
}

/// The same for a venue that is active already: its owner named the mailbox while activating, and nothing waits for an answer.
pub(super) fn of_active(mut confirmation: Letter) -> Letter {
    confirmation.params.insert("active".to_owned(), "yes".to_owned());
    confirmation
}

/// The letter about a decision; one that makes the venue active carries the `link` to its posters.
pub(super) fn decision(
    venue: VenueId,
    name: &str,
    contact: &EmailAddress,
    locale: Locale,
    decision: Decision,
    link: Option<&Link>,
    reason: Option<&Said>,
) -> Letter {
    let params = [("venue", venue.to_string()), ("name", name.to_owned()), ("decision", decision.as_str().to_owned())];
    let params = params.into_iter().chain(reason.map(|reason| ("reason", reason.as_str().to_owned())));
    let link = link.map(|link| [("token", link.token.expose().to_owned()), ("expires_at", moment(link.expires_at))]);
    letter(LetterKind::VenueDecision, contact, locale, params.chain(link.into_iter().flatten()))
}

/// The letter to the owner of a venue that the city entered in a list.
pub(super) fn entered(venue: VenueId, name: &str, contact: &EmailAddress, locale: Locale, link: &Link) -> Letter {
    decision(venue, name, contact, locale, Decision::Enter, Some(link), None)
}

/// The letter to an owner who was told of a registration that the city took back. `told` is the letter that told them; where it
/// never left, this one does not leave either.
pub(super) fn withdrawn(venue: VenueId, name: &str, contact: &EmailAddress, locale: Locale, told: Option<Uuid>) -> Letter {
    let mut letter = decision(venue, name, contact, locale, Decision::Withdraw, None, None);
    letter.params.extend(told.map(|told| (TOLD.to_owned(), told.to_string())));
    letter
}

/// The letter that asks a venue something about its application.
pub(super) fn question(venue: VenueId, name: &str, contact: &EmailAddress, locale: Locale, question: &Said) -> Letter {
    let params = [("venue", venue.to_string()), ("name", name.to_owned()), ("question", question.as_str().to_owned())];
    letter(LetterKind::VenueQuestion, contact, locale, params)
}

/// The letter that opens the owner's page: link and digits.
pub(super) fn shop_link(id: Uuid, to: &EmailAddress, locale: Locale, proof: &Proof, expires_at: DateTime<Utc>) -> Letter {
    let params = [
        (LINK, id.to_string()),
        ("token", proof.token.expose().to_owned()),
        ("digits", proof.digits.to_string()),
        ("expires_at", moment(expires_at)),
    ];
    letter(LetterKind::ShopLink, to, locale, params)
}

/// The monthly letter: who and with which link; its numbers are counted when it leaves.
pub(super) fn monthly(venue: &Due, off: &Token) -> Letter {
    let params = [("venue", venue.id.to_string()), ("name", venue.name.clone()), ("token", off.expose().to_owned())];
    letter(LetterKind::ShopMonthly, &venue.contact, venue.locale, params)
}

/// The letter to a mailbox that a venue no longer uses. It does not say which one is used instead.
pub(super) fn contact_left(venue: VenueId, name: &str, contact: &EmailAddress, locale: Locale) -> Letter {
    letter(LetterKind::VenueContact, contact, locale, [("venue", venue.to_string()), ("name", name.to_owned())])
}

/// The letter to a venue's new mailbox; with the `link` to its posters, if it has any to show.
pub(super) fn contact_taken(venue: VenueId, name: &str, contact: &EmailAddress, locale: Locale, link: Option<&Link>) -> Letter {
    let params = [("venue", venue.to_string()), ("name", name.to_owned()), ("taken", "yes".to_owned())];
    let link = link.map(|link| [("token", link.token.expose().to_owned()), ("expires_at", moment(link.expires_at))]);
    letter(LetterKind::VenueContact, contact, locale, params.into_iter().chain(link.into_iter().flatten()))
}

fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn letter<'a>(kind: LetterKind, to: &EmailAddress, locale: Locale, params: impl IntoIterator<Item = (&'a str, String)>) -> Letter {
    let params = params.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Letter { kind, to: to.clone(), locale, params }
}

/// A venue's letter as the worker sends it. Two are asked about at their turn: the letter about a list that was taken back
/// meanwhile stops here, and so does the one that takes back what nobody was told.
///
/// # Errors
/// The database.
pub async fn prepare(conn: &mut PgConnection, now: DateTime<Utc>, service: &Service, letter: &Letter) -> Result<Prepared, sqlx::Error> {
    let param = |name| letter.params.get(name).map(String::as_str);
    if letter.kind == LetterKind::VenueDecision && param("decision") == Some(Decision::Enter.as_str()) {
        let venue = param("venue").and_then(|venue| venue.parse::<VenueId>().ok());
        if let Some(venue) = venue
            && !matches!(super::store::status(conn, venue).await?, Some(VenueStatus::Active | VenueStatus::Suspended))
        {
            return Ok(Prepared::Suppressed);
        }
    }
    if letter.kind == LetterKind::VenueDecision
        && let Some(told) = param(TOLD).and_then(|told| told.parse::<Uuid>().ok())
    {
        match mail::fate(conn, told).await? {
            mail::Fate::Open => return Ok(Prepared::Wait(now + LOOK_AGAIN, mail::Wait::Turn)),
            mail::Fate::Never => return Ok(Prepared::Suppressed),
            mail::Fate::MayHaveArrived => {}
        }
    }
    let words = render(letter.kind, letter.locale, &letter.params, service);
    let mail = words.map(|(subject, body)| Rendered { to: letter.to.clone(), locale: letter.locale, subject, body });
    Ok(mail.map_or(Prepared::Dead("letter lacks a parameter"), Prepared::Mail))
}

/// Subject and body of a venue's letter. `None`: not a kind of this room, or parameters that this room did not make.
///
/// Runs in the worker, which believes nothing it opens: every parameter is checked again.
#[must_use]
pub fn render(kind: LetterKind, locale: Locale, params: &BTreeMap<String, String>, service: &Service) -> Option<(String, String)> {
    let name = quotable(params.get("name")?)?;
    params.get("venue")?.parse::<VenueId>().ok()?;
    match kind {
        LetterKind::VenueConfirmation => render_confirmation(locale, params, service, &name),
        LetterKind::VenueDecision => render_decision(locale, params, service, &name),
        LetterKind::VenueQuestion => render_question(locale, params, service, &name),
        LetterKind::VenueContact => render_contact(locale, params, service, &name),
        _ => None,
    }
}

fn render_confirmation(locale: Locale, params: &BTreeMap<String, String>, service: &Service, name: &str) -> Option<(String, String)> {
    let (link, until) = link_until(locale, params, service)?;
    let digits = params.get("digits").filter(|digits| digits.len() == super::digits::DIGITS && is_number(digits))?;
    let (words, digits, city, title) = (locale.words(), spaced(digits), service.city.as_str(), service.name.as_str());
    let (subject, body) = if params.contains_key("active") {
        (words.bulk_mailbox_subject(city), words.bulk_mailbox_body(name, title, link, digits, until))
    } else {
        (words.venue_confirmation_subject(city), words.venue_confirmation_body(name, city, title, link, digits, until))
    };
    Some((subject, signed(&body, locale, service)))
}

/// The page that opens an owner's session: GET shows a button, POST uses the link up.
#[must_use]
pub fn open_url(base_url: &str, token: &Token) -> String {
    format!("{base_url}/venues/open/{}", token.expose())
}

/// The letter that opens an owner's page, as the worker sends it; `Suppressed` where no venue has that mailbox: then somebody
/// asked for a stranger, or too often.
///
/// # Errors
/// The database.
pub async fn prepare_shop_link(conn: &mut PgConnection, service: &Service, letter: &Letter) -> Result<Prepared, sqlx::Error> {
    let Some(id) = letter.params.get(LINK).and_then(|id| id.parse().ok()) else {
        return Ok(Prepared::Dead("letter lacks a parameter"));
    };
    if !owner_session::may_leave(conn, id).await? {
        return Ok(Prepared::Suppressed);
    }
    Ok(render_shop_link(service, letter).map_or(Prepared::Dead("letter lacks a parameter"), Prepared::Mail))
}

fn render_shop_link(service: &Service, letter: &Letter) -> Option<Rendered> {
    let (locale, params) = (letter.locale, &letter.params);
    let token = Token::from_client(params.get("token")?).filter(is_url_safe)?;
    let until = until(locale, service.zone, params.get("expires_at")?.parse().ok()?);
    let digits = params.get("digits").filter(|digits| digits.len() == super::digits::DIGITS && is_number(digits))?;
    let words = locale.words();
    let (city, name) = (service.city.as_str(), service.name.as_str());
    let body = words.shop_link_body(city, name, open_url(&service.base_url, &token), spaced(digits), until);
    Some(Rendered { to: letter.to.clone(), locale, subject: words.shop_link_subject(city), body: signed(&body, locale, service) })
}

fn render_question(locale: Locale, params: &BTreeMap<String, String>, service: &Service, name: &str) -> Option<(String, String)> {
    let (words, question) = (locale.words(), said(params.get("question")?)?);
    let Service { city, name: title, hotline, hotline_hours, .. } = service;
    let page = format!("{}/shop", service.base_url);
    let body = words.venue_question_body(name, title.as_str(), city.as_str(), question, page, hotline.as_str(), hotline_hours.as_str());
    Some((words.venue_question_subject(city.as_str()), signed(&body, locale, service)))
}

fn render_contact(locale: Locale, params: &BTreeMap<String, String>, service: &Service, name: &str) -> Option<(String, String)> {
    let words = locale.words();
    let Service { city, name: title, hotline, hotline_hours, .. } = service;
    let (city, title, hotline, hours) = (city.as_str(), title.as_str(), hotline.as_str(), hotline_hours.as_str());
    let body = match (params.contains_key("taken"), params.contains_key("token")) {
        (false, _) => words.venue_contact_left_body(name, title, city, hotline, hours),
        (true, false) => words.venue_contact_taken_body(name, title, city, hotline, hours),
        (true, true) => {
            let (link, until) = link_until(locale, params, service)?;
            let body = words.venue_contact_taken_body(name, title, city, hotline, hours);
            format!("{body}\n\n{}", words.venue_contact_link(link, until))
        }
    };
    Some((words.venue_contact_subject(city), signed(&body, locale, service)))
}

/// An official's words, with nothing in them that becomes a link: who holds the web process may word none for a venue.
fn said(text: &str) -> Option<String> {
    Some(text::unlinked(Said::parse(text).ok()?.as_str()))
}

fn render_decision(locale: Locale, params: &BTreeMap<String, String>, service: &Service, name: &str) -> Option<(String, String)> {
    let decision = params.get("decision")?;
    let decision = Decision::ALL.into_iter().find(|known| known.as_str() == decision)?;
    let words = locale.words();
    let body = match decision {
        Decision::Approve => {
            let (link, until) = link_until(locale, params, service)?;
            words.venue_approved_body(name, service.name.as_str(), link, until)
        }
        Decision::Refuse => {
            let reason = said(params.get("reason")?)?;
            words.venue_refused_body(name, service.name.as_str(), reason, service.city.as_str())
        }
        Decision::Suspend => words.venue_suspended_body(name, service.city.as_str()),
        Decision::Resume => {
            let (link, until) = link_until(locale, params, service)?;
            words.venue_resumed_body(name, link, until)
        }
        Decision::Close => words.venue_closed_body(name, service.retention_days.to_string()),
        Decision::Withdraw => {
            let Service { city, name: title, hotline, hotline_hours, .. } = service;
            words.bulk_withdrawn_body(name, title.as_str(), city.as_str(), hotline.as_str(), hotline_hours.as_str())
        }
        Decision::Enter => {
            let (link, until) = link_until(locale, params, service)?;
            let Service { city, name: title, hotline, hotline_hours, .. } = service;
            words.bulk_entered_body(name, city.as_str(), title.as_str(), link, until, hotline.as_str(), hotline_hours.as_str())
        }
    };
    let city = service.city.as_str();
    let subject = match decision {
        Decision::Approve => words.venue_approved_subject(city),
        Decision::Refuse => words.venue_refused_subject(city),
        Decision::Suspend => words.venue_suspended_subject(city),
        Decision::Resume => words.venue_resumed_subject(city),
        Decision::Close => words.venue_closed_subject(city),
        Decision::Enter => words.bulk_entered_subject(city),
        Decision::Withdraw => words.bulk_withdrawn_subject(city),
    };
    Some((subject, signed(&body, locale, service)))
}

fn signed(body: &str, locale: Locale, service: &Service) -> String {
    let foot = locale.words().venue_letter_foot(service.operator.as_str(), service.name.as_str(), service.host.as_str());
    format!("{body}\n\n{foot}\n")
}

/// A letter's link, and until when it is good.
fn link_until(locale: Locale, params: &BTreeMap<String, String>, service: &Service) -> Option<(String, String)> {
    let token = Token::from_client(params.get("token")?).filter(is_url_safe)?;
    let expires_at = params.get("expires_at")?.parse().ok()?;
    Some((link_url(&service.base_url, &token), until(locale, service.zone, expires_at)))
}

/// A moment as people write it, in the service's zone.
#[must_use]
pub fn until(locale: Locale, zone: Zone, at: DateTime<Utc>) -> String {
    locale.words().venue_moment(locale.long_date(zone.today(at)), zone.wall_time(at))
}

fn is_url_safe(token: &Token) -> bool {
    token.expose().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `12345678` as `1234 5678`.
fn spaced(digits: &str) -> String {
    let (first, last) = digits.split_at(digits.len() / 2);
    format!("{first} {last}")
}

/// A stranger's name for a venue, short and without anything that becomes a link.
#[must_use]
pub fn quotable(name: &str) -> Option<String> {
    let name = text::line(name, super::application::MAX_NAME_CHARS).ok()?;
    let mut short: String = text::unlinked(&name).chars().take(MAX_QUOTED_CHARS).collect();
    if name.chars().count() > MAX_QUOTED_CHARS {
        short.push('…');
    }
    Some(short)
}

#[cfg(test)]
#[path = "letters_tests.rs"]
mod tests;
