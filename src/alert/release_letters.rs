//! Letters to officials: an alert waits for those who may approve, goes out soon, or came back to who submitted it.
//!
//! The web process seals only numbers and moments; the worker renders the words, as with notices, and takes those of the alert
//! from where it takes the notices' own.
use super::preview::Preview;
use super::{AlertNumber, Texts, progress, store};
use crate::base::config::Service;
use crate::base::locale::Locale;
use crate::mail::{Letter, LetterKind, PostError, Rendered};
use crate::official::{self, Act, Principal};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::BTreeMap;

const NUMBER: &str = "number";
const VISITS: &str = "visits";
const HOLD_UNTIL: &str = "hold_until";

pub(super) async fn post_submitted<By>(act: &mut Act<'_, By>, preview: &Preview) -> Result<(), PostError> {
    let params = [(NUMBER, preview.number.as_str().to_owned()), (VISITS, preview.visits.to_string())];
    post_to_approvers(act, LetterKind::AlertSubmitted, &params).await
}

/// To the official who submitted it, if it was one. The reason stays in the console: a web process that was taken over must not
/// write to officials in words of its own.
pub(super) async fn post_returned<By>(act: &mut Act<'_, By>, number: &AlertNumber, submitter: &str) -> Result<(), PostError> {
    let Ok(Principal::Official(official)) = submitter.parse() else {
        return Ok(());
    };
    let Some(to) = official::mailbox_of(&mut act.tx, official).await? else {
        return Ok(());
    };
    let params = BTreeMap::from([(NUMBER.to_owned(), number.as_str().to_owned())]);
    let letter = Letter { kind: LetterKind::AlertReturned, to, locale: Locale::default(), params };
    act.post(&letter).await
}

pub(super) async fn post_held<By>(act: &mut Act<'_, By>, preview: &Preview, starts_at: DateTime<Utc>) -> Result<(), PostError> {
    let params = [(NUMBER, preview.number.as_str().to_owned()), (VISITS, preview.visits.to_string()), (HOLD_UNTIL, starts_at.to_rfc3339())];
    post_to_approvers(act, LetterKind::AlertHeld, &params).await
}

/// To all of them, the one who acts included: a letter about something one did not do is how a stolen login is noticed.
pub(super) async fn post_to_approvers<By>(act: &mut Act<'_, By>, kind: LetterKind, params: &[(&str, String)]) -> Result<(), PostError> {
    let params: BTreeMap<String, String> = params.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    for to in official::readers(&mut act.tx, &official::APPROVERS).await? {
        let letter = Letter { kind, to, locale: Locale::default(), params: params.clone() };
        act.post(&letter).await?;
    }
    Ok(())
}

/// The mail of one of this room's letters; `None` for another room's, or for one that lacks what its words need.
///
/// # Errors
/// The database's.
pub async fn prepare(conn: &mut PgConnection, service: &Service, letter: &Letter) -> Result<Option<Rendered>, sqlx::Error> {
    let texts = if letter.kind == LetterKind::AlertHeld { texts_of(conn, service, letter).await? } else { None };
    Ok(render(service, letter, texts.as_ref()))
}

/// The words of the alert that a letter speaks of. A paragraph that must not leave stays out of this letter, too.
async fn texts_of(conn: &mut PgConnection, service: &Service, letter: &Letter) -> Result<Option<Texts>, sqlx::Error> {
    let Some(number) = letter.params.get(NUMBER).and_then(|number| AlertNumber::parse(number)) else {
        return Ok(None);
    };
    let Some(alert) = store::by_number(conn, &number).await? else {
        return Ok(None);
    };
    let Some(status) = progress::status(conn, alert).await? else {
        return Ok(None);
    };
    let mut wording = status.wording;
    if !wording.is_plain(&service.hotline) {
        (wording.note_ja, wording.note_en) = (None, None);
    }
    Ok(Some(Texts::render(service, &number, &wording, &store::names_that_may_be_told(conn, alert).await?)))
}

fn render(service: &Service, letter: &Letter, texts: Option<&Texts>) -> Option<Rendered> {
    let (subject, body) = match letter.kind {
        LetterKind::AlertSubmitted => render_submitted(service, letter)?,
        LetterKind::AlertReturned => render_returned(service, letter)?,
        LetterKind::AlertHeld => render_held(service, letter, texts?)?,
        _ => return None,
    };
    Some(Rendered { to: letter.to.clone(), locale: letter.locale, subject, body })
}

fn render_submitted(service: &Service, letter: &Letter) -> Option<(String, String)> {
    let words = letter.locale.words();
    let number = AlertNumber::parse(letter.params.get(NUMBER)?)?.to_string();
    let subject = words.alert_submitted_subject(service.name.as_str(), number.as_str());
    let body = words.alert_submitted_body(number.as_str(), visits(letter)?);
    Some((subject, format!("{body}\n\n{}", words.alert_letter_foot())))
}

/// The count that a letter names: a number and no other words, whoever sealed it.
fn visits(letter: &Letter) -> Option<String> {
    letter.params.get(VISITS)?.parse::<u64>().ok().map(|visits| visits.to_string())
}

fn render_returned(service: &Service, letter: &Letter) -> Option<(String, String)> {
    let words = letter.locale.words();
    let number = AlertNumber::parse(letter.params.get(NUMBER)?)?.to_string();
    Some((words.alert_returned_subject(service.name.as_str(), number.as_str()), words.alert_returned_body(number.as_str())))
}

fn render_held(service: &Service, letter: &Letter, texts: &Texts) -> Option<(String, String)> {
    let words = letter.locale.words();
    let number = AlertNumber::parse(letter.params.get(NUMBER)?)?;
    let hold_until: DateTime<Utc> = letter.params.get(HOLD_UNTIL)?.parse().ok()?;
    let (time, date) = (service.zone.wall_time(hold_until), letter.locale.short_date(service.zone.today(hold_until)));
    let subject = words.alert_held_subject(service.name.as_str(), number.to_string(), time.as_str());
    let lead = words.alert_held_body(number.to_string(), date, time.as_str(), visits(letter)?);
    // A named notice differs by venue; the letter shows it with its gaps.
    let named = texts.named.as_ref().map(|named| if letter.locale == Locale::Ja { &named.ja } else { &named.en });
    let notice = named.unwrap_or_else(|| texts.of(letter.locale));
    let body = format!("{lead}\n\n{}\n\n{}\n\n--\n{}", notice.subject, notice.body, words.alert_letter_foot());
    Some((subject, body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::Wording;

    use crate::base::email_address::EmailAddress;

    fn service() -> Service {
        Service::sample()
    }

    fn letter(kind: LetterKind, locale: Locale) -> Letter {
        let params = [(NUMBER, "AB3K9QXZ"), (VISITS, "42"), (HOLD_UNTIL, "2026-11-22T15:05:00Z")];
        let params = params.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Letter { kind, to: EmailAddress::parse("approver@example.jp").unwrap(), locale, params }
    }

    fn texts() -> Texts {
        let wording = Wording::suggested("2026-12-06".parse().unwrap());
        Texts::render(&service(), &AlertNumber::parse("AB3K9QXZ").unwrap(), &wording, &BTreeMap::new())
    }

    #[test]
    fn the_letter_of_a_held_alert_holds_number_count_time_and_the_whole_text() {
        for locale in Locale::ALL {
            let texts = texts();
            let mail = render(&service(), &letter(LetterKind::AlertHeld, locale), Some(&texts)).unwrap();
            assert!(mail.subject.contains("AB3K-9QXZ") && mail.subject.contains("00:05"), "{}", mail.subject);
            assert!(mail.body.contains("42") && mail.body.contains(&locale.short_date("2026-11-23".parse().unwrap())), "{}", mail.body);
            assert!(mail.body.contains(&texts.of(locale).body) && mail.body.contains(&texts.of(locale).subject));
        }
    }

    #[test]
    fn the_letter_of_a_submitted_alert_says_how_many() {
        for locale in Locale::ALL {
            let mail = render(&service(), &letter(LetterKind::AlertSubmitted, locale), None).unwrap();
            assert!(mail.subject.contains("AB3K-9QXZ") && mail.body.contains("42"), "{}", mail.body);
        }
    }

    #[test]
    fn the_letter_of_a_returned_alert_names_it_and_no_reason() {
        for locale in Locale::ALL {
            let mail = render(&service(), &letter(LetterKind::AlertReturned, locale), None).unwrap();
            assert!(mail.subject.contains("AB3K-9QXZ") && mail.body.contains("AB3K-9QXZ"), "{}", mail.body);
            assert!(!mail.body.contains("http"), "{}", mail.body);
        }
    }

    #[test]
    fn what_is_not_ours_or_not_whole_is_not_rendered() {
        assert!(render(&service(), &letter(LetterKind::VenueDecision, Locale::Ja), None).is_none());
        assert!(render(&service(), &letter(LetterKind::AlertHeld, Locale::Ja), None).is_none());
        for lacking in [NUMBER, VISITS, HOLD_UNTIL] {
            let mut letter = letter(LetterKind::AlertHeld, Locale::Ja);
            letter.params.remove(lacking);
            assert!(render(&service(), &letter, Some(&texts())).is_none(), "{lacking}");
        }
        for kind in [LetterKind::AlertSubmitted, LetterKind::AlertHeld] {
            let mut letter = letter(kind, Locale::Ja);
            letter.params.insert(VISITS.to_owned(), "42 https://evil.example".to_owned());
            assert!(render(&service(), &letter, Some(&texts())).is_none(), "words in the place of a number");
        }
    }
}
