//! Letters to the officials who may approve, about sending as a whole and about corrections.
//!
//! As with all letters, web seals parameters only; the worker renders these words and no others.
use super::correction;
use super::preview::Preview;
use super::release_letters::post_to_approvers;
use super::{AlertId, AlertNumber};
use crate::base::clock::Zone;
use crate::base::config::Service;
use crate::base::locale::Locale;
use crate::base::text;
use crate::mail::sending::{Stop, StopKind};
use crate::mail::{Letter, LetterKind, PostError, Rendered};
use crate::official::Act;
use chrono::{DateTime, Utc};

const AT: &str = "at";
const BY: &str = "by";
const KIND: &str = "kind";
const REASON: &str = "reason";
const NUMBER: &str = "number";
const CORRECTED: &str = "corrected";
const PEOPLE: &str = "people";

/// Longest name of whoever acted, as far as a letter repeats it.
const MAX_NAME: usize = 100;

pub(super) async fn post_stopped<By>(act: &mut Act<'_, By>, stop: &Stop, by: &str) -> Result<(), PostError> {
    let reason = stop.answer.as_ref().unwrap_or(&stop.reason).clone();
    let params = [(KIND, stop.kind.as_str().to_owned()), (REASON, reason), (BY, by.to_owned()), (AT, stop.stopped_at.to_rfc3339())];
    post_to_approvers(act, LetterKind::SendingStopped, &params).await
}

pub(super) async fn post_resumed<By>(act: &mut Act<'_, By>, by: &str) -> Result<(), PostError> {
    let params = [(BY, by.to_owned()), (AT, act.now.to_rfc3339())];
    post_to_approvers(act, LetterKind::SendingResumed, &params).await
}

pub(super) async fn post_correction_held<By>(
    act: &mut Act<'_, By>,
    preview: &Preview,
    corrected: AlertId,
    hold_until: DateTime<Utc>,
) -> Result<(), PostError> {
    let corrected = correction::store::number_of(&mut act.tx, corrected).await?;
    let params = [
        (NUMBER, preview.number.as_str().to_owned()),
        (CORRECTED, corrected.as_str().to_owned()),
        (PEOPLE, preview.visits.to_string()),
        (AT, hold_until.to_rfc3339()),
    ];
    post_to_approvers(act, LetterKind::CorrectionHeld, &params).await
}

/// The mail of one of these letters; `None` for another's, or for one that lacks what its words need.
#[must_use]
pub fn render(service: &Service, letter: &Letter) -> Option<Rendered> {
    let (subject, body) = match letter.kind {
        LetterKind::SendingStopped => render_stopped(service, letter)?,
        LetterKind::SendingResumed => render_resumed(service, letter)?,
        LetterKind::CorrectionHeld => render_correction_held(service, letter)?,
        _ => return None,
    };
    let foot = letter.locale.words().alert_letter_foot();
    Some(Rendered { to: letter.to.clone(), locale: letter.locale, subject, body: format!("{body}\n\n--\n{foot}") })
}

fn render_stopped(service: &Service, letter: &Letter) -> Option<(String, String)> {
    let (words, name) = (letter.locale.words(), service.name.as_str());
    let (date, time) = moment(letter, service.zone)?;
    let kind = letter.params.get(KIND)?;
    if kind == StopKind::Refused.as_str() {
        let answer = text::line(letter.params.get(REASON)?, super::MAX_REASON_CHARS).ok()?;
        let subject = words.delivery_refused_subject(answer.as_str(), name);
        return Some((subject, words.delivery_refused_body(date, time, answer)));
    }
    if kind == StopKind::Restored.as_str() {
        return Some((words.delivery_restored_subject(name), words.delivery_restored_body(date, time)));
    }
    let by = said(letter, BY, MAX_NAME)?;
    let reason = said(letter, REASON, super::MAX_REASON_CHARS)?;
    Some((words.delivery_stopped_subject(name), words.delivery_stopped_body(date, time, by, reason)))
}

/// A typed text as one line, without anything that a mail program would turn into a link.
fn said(letter: &Letter, param: &str, most: usize) -> Option<String> {
    text::line(letter.params.get(param)?, most).ok().map(|line| text::unlinked(&line))
}

fn render_resumed(service: &Service, letter: &Letter) -> Option<(String, String)> {
    let words = letter.locale.words();
    let (date, time) = moment(letter, service.zone)?;
    let by = said(letter, BY, MAX_NAME)?;
    Some((words.delivery_resumed_subject(service.name.as_str()), words.delivery_resumed_body(date, time, by)))
}

fn render_correction_held(service: &Service, letter: &Letter) -> Option<(String, String)> {
    let words = letter.locale.words();
    let number = |name: &str| AlertNumber::parse(letter.params.get(name)?);
    let (number, corrected) = (number(NUMBER)?, number(CORRECTED)?);
    let (date, time) = moment(letter, service.zone)?;
    let people = letter.params.get(PEOPLE)?.parse::<u64>().ok()?.to_string();
    let subject = words.delivery_correction_held_subject(service.name.as_str(), corrected.to_string(), number.to_string(), time.as_str());
    let lead = words.delivery_correction_held_body(corrected.to_string(), number.to_string(), date, time, people);
    let texts = correction::render(service, &number, &corrected);
    let mail = texts.of(letter.locale);
    Some((subject, format!("{lead}\n\n{}\n\n{}", mail.subject, mail.body)))
}

fn moment(letter: &Letter, zone: Zone) -> Option<(String, String)> {
    let at: DateTime<Utc> = letter.params.get(AT)?.parse().ok()?;
    let locale: Locale = letter.locale;
    Some((locale.short_date(zone.today(at)), zone.wall_time(at)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::email_address::EmailAddress;

    fn service() -> Service {
        Service::sample()
    }

    fn letter(kind: LetterKind, locale: Locale, params: &[(&str, &str)]) -> Letter {
        let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Letter { kind, to: EmailAddress::parse("approver@example.jp").unwrap(), locale, params }
    }

    const NIGHT: (&str, &str) = (AT, "2026-11-22T15:05:00Z");

    #[test]
    fn a_stop_says_who_why_and_when_in_the_zone() {
        for locale in Locale::ALL {
            let params = [(KIND, "asked"), (REASON, "文面のまちがい"), (BY, "田中 健"), NIGHT];
            let mail = render(&service(), &letter(LetterKind::SendingStopped, locale, &params)).unwrap();
            let date = locale.short_date("2026-11-23".parse().unwrap());
            let (begin, why) = match locale {
                Locale::Ja => (format!("{date} 00:05 に、田中 健 さんが"), "理由：文面のまちがい"),
                Locale::En => (format!("At 00:05 on {date}, 田中 健 stopped"), "Reason: 文面のまちがい"),
            };
            assert!(mail.body.starts_with(&begin) && mail.body.contains(why), "{}", mail.body);
            let params = [(KIND, "restored"), (REASON, ""), (BY, ""), NIGHT];
            assert!(render(&service(), &letter(LetterKind::SendingStopped, locale, &params)).unwrap().body.contains("00:05"));
            let params = [(KIND, "refused"), (REASON, "rcpt 553 (exist)"), (BY, ""), NIGHT];
            let mail = render(&service(), &letter(LetterKind::SendingStopped, locale, &params)).unwrap();
            assert!(mail.body.contains("rcpt 553 (exist)") && mail.subject.contains("rcpt 553"), "{}", mail.subject);
            let mail = render(&service(), &letter(LetterKind::SendingResumed, locale, &[(BY, "田中 健"), NIGHT])).unwrap();
            assert!(mail.body.contains("田中 健"));
        }
    }

    #[test]
    fn the_letter_of_a_held_correction_holds_the_whole_text() {
        let params = [(NUMBER, "AB3K9QXZ"), (CORRECTED, "7K3M9QXZ"), (PEOPLE, "42"), NIGHT];
        for locale in Locale::ALL {
            let mail = render(&service(), &letter(LetterKind::CorrectionHeld, locale, &params)).unwrap();
            let texts = correction::render(&service(), &AlertNumber::parse("AB3K9QXZ").unwrap(), &AlertNumber::parse("7K3M9QXZ").unwrap());
            assert!(mail.body.contains(&texts.of(locale).body));
            let (lead, count) = match locale {
                Locale::Ja => ("お知らせ（番号 7K3M-9QXZ）の訂正（番号 AB3K-9QXZ）が承認されました", "42 件"),
                Locale::En => ("Correction AB3K-9QXZ of notice 7K3M-9QXZ was approved", "42 mails"),
            };
            assert!(mail.body.starts_with(lead) && mail.body.contains(count), "{}", mail.body);
            assert!(
                mail.subject.contains("感染症お知らせサービス】") || mail.subject.starts_with("[感染症お知らせサービス]"),
                "{}",
                mail.subject
            );
        }
    }

    #[test]
    fn what_is_not_whole_or_disguises_itself_is_not_rendered() {
        let whole = [(KIND, "asked"), (REASON, "x"), (BY, "y"), NIGHT];
        for lacking in 0..whole.len() {
            let mut params = whole.to_vec();
            params.remove(lacking);
            assert!(render(&service(), &letter(LetterKind::SendingStopped, Locale::Ja, &params)).is_none(), "{lacking}");
        }
        let linked = [(KIND, "asked"), (REASON, "https://evil.example"), (BY, "ken@evil.example"), NIGHT];
        let mail = render(&service(), &letter(LetterKind::SendingStopped, Locale::Ja, &linked)).unwrap();
        assert!(!mail.body.contains("evil.example"), "{}", mail.body);
        let forged = [(KIND, "asked"), (REASON, "x\r\nSubject: y"), (BY, "y"), NIGHT];
        assert!(render(&service(), &letter(LetterKind::SendingStopped, Locale::Ja, &forged)).is_none());
        assert!(render(&service(), &letter(LetterKind::VenueDecision, Locale::Ja, &whole)).is_none());
    }
}
