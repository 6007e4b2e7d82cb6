//! Letters to the officials who may approve: an alert waits for them, an alert is about to go out.
//!
//! The web process seals only numbers and moments; the notifier renders the words, as with notices.
use super::approval::ReleaseRules;
use super::preview::Preview;
use super::{AlertNumber, Texts, store};
use crate::base::config::Service;
use crate::base::locale::Locale;
use crate::mail::{self, Letter, LetterKind, PostError, Rendered};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// Officials who get such a letter at most: a city has a handful; more rows would be a mistake.
const MAX_APPROVERS: i64 = 200;

const NUMBER: &str = "number";
const VISITS: &str = "visits";
const UNTIL: &str = "until";
const HOLD_UNTIL: &str = "hold_until";

pub(super) async fn post_submitted(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    rules: &ReleaseRules<'_>,
    preview: &Preview,
) -> Result<(), PostError> {
    let params = [(NUMBER, preview.number.as_str().to_owned()), (VISITS, preview.visits.to_string())];
    post_to_approvers(tx, now, rules, LetterKind::AlertSubmitted, &params).await
}

pub(super) async fn post_held(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    rules: &ReleaseRules<'_>,
    preview: &Preview,
    until: NaiveDate,
    hold_until: DateTime<Utc>,
) -> Result<(), PostError> {
    let params = [
        (NUMBER, preview.number.as_str().to_owned()),
        (VISITS, preview.visits.to_string()),
        (UNTIL, until.to_string()),
        (HOLD_UNTIL, hold_until.to_rfc3339()),
    ];
    post_to_approvers(tx, now, rules, LetterKind::AlertHeld, &params).await
}

/// To all of them, the one who acts included: a letter about something one did not do is how a stolen login is noticed.
async fn post_to_approvers(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    rules: &ReleaseRules<'_>,
    kind: LetterKind,
    params: &[(&str, String)],
) -> Result<(), PostError> {
    let params: BTreeMap<String, String> = params.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    for to in store::approvers(tx, MAX_APPROVERS).await? {
        let letter = Letter { kind, to, locale: Locale::default(), params: params.clone() };
        mail::post(tx, rules.sealer, now, rules.service.zone, &letter).await?;
    }
    Ok(())
}

/// The mail of one of this room's letters; `None` for another room's, or for one that lacks what its words need.
#[must_use]
pub fn render(service: &Service, letter: &Letter) -> Option<Rendered> {
    let (subject, body) = match letter.kind {
        LetterKind::AlertSubmitted => render_submitted(service, letter)?,
        LetterKind::AlertHeld => render_held(service, letter)?,
        _ => return None,
    };
    Some(Rendered { to: letter.to.clone(), locale: letter.locale, subject, body })
}

fn render_submitted(service: &Service, letter: &Letter) -> Option<(String, String)> {
    let words = letter.locale.words();
    let number = AlertNumber::parse(letter.params.get(NUMBER)?)?.to_string();
    let subject = words.alert_submitted_subject(service.name.as_str(), number.as_str());
    let body = words.alert_submitted_body(number.as_str(), letter.params.get(VISITS)?);
    Some((subject, format!("{body}\n\n{}", words.alert_letter_foot())))
}

fn render_held(service: &Service, letter: &Letter) -> Option<(String, String)> {
    let words = letter.locale.words();
    let number = AlertNumber::parse(letter.params.get(NUMBER)?)?;
    let hold_until: DateTime<Utc> = letter.params.get(HOLD_UNTIL)?.parse().ok()?;
    let texts = Texts::render(service, &number, letter.params.get(UNTIL)?.parse().ok()?);
    let (time, date) = (service.zone.wall_time(hold_until), letter.locale.short_date(service.zone.today(hold_until)));
    let subject = words.alert_held_subject(service.name.as_str(), number.to_string(), time.as_str());
    let lead = words.alert_held_body(number.to_string(), date, time.as_str(), letter.params.get(VISITS)?);
    let notice = texts.of(letter.locale);
    let body = format!("{lead}\n\n{}\n\n{}\n\n--\n{}", notice.subject, notice.body, words.alert_letter_foot());
    Some((subject, body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Zone;
    use crate::base::email_address::EmailAddress;

    fn service() -> Service {
        Service {
            city: "あおば市".into(),
            name: "感染症お知らせサービス".into(),
            operator: "あおば市".into(),
            hotline: "0120-000-000".into(),
            hotline_hours: "毎日 9:00〜21:00".into(),
            base_url: "https://trace.example.jp".into(),
            host: "trace.example.jp".into(),
            zone: Zone(chrono_tz::Asia::Tokyo),
            retention_days: 31,
        }
    }

    fn letter(kind: LetterKind, locale: Locale) -> Letter {
        let params = [(NUMBER, "AB3K9QXZ"), (VISITS, "42"), (UNTIL, "2026-12-06"), (HOLD_UNTIL, "2026-11-22T15:05:00Z")];
        let params = params.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Letter { kind, to: EmailAddress::parse("approver@example.jp").unwrap(), locale, params }
    }

    #[test]
    fn the_letter_of_a_held_alert_holds_number_count_time_and_the_whole_text() {
        for locale in Locale::ALL {
            let mail = render(&service(), &letter(LetterKind::AlertHeld, locale)).unwrap();
            let texts = Texts::render(&service(), &AlertNumber::parse("AB3K9QXZ").unwrap(), "2026-12-06".parse().unwrap());
            assert!(mail.subject.contains("AB3K-9QXZ") && mail.subject.contains("00:05"), "{}", mail.subject);
            assert!(mail.body.contains("42") && mail.body.contains(&locale.short_date("2026-11-23".parse().unwrap())), "{}", mail.body);
            assert!(mail.body.contains(&texts.of(locale).body) && mail.body.contains(&texts.of(locale).subject));
        }
    }

    #[test]
    fn the_letter_of_a_submitted_alert_says_how_many() {
        for locale in Locale::ALL {
            let mail = render(&service(), &letter(LetterKind::AlertSubmitted, locale)).unwrap();
            assert!(mail.subject.contains("AB3K-9QXZ") && mail.body.contains("42"), "{}", mail.body);
        }
    }

    #[test]
    fn what_is_not_ours_or_not_whole_is_not_rendered() {
        assert!(render(&service(), &letter(LetterKind::VenueDecision, Locale::Ja)).is_none());
        for lacking in [NUMBER, VISITS, UNTIL, HOLD_UNTIL] {
            let mut letter = letter(LetterKind::AlertHeld, Locale::Ja);
            letter.params.remove(lacking);
            assert!(render(&service(), &letter).is_none(), "{lacking}");
        }
    }
}
