//! Reads of numbers that come from visits, and the letter about unusually many: it goes to every auditor and admin.
use super::letters;
use super::mailbox::{AUDITORS, readers};
use super::store;
use crate::audit::{self, Actor, Excess, Read};
use crate::base::clock::Zone;
use crate::base::config::Service;
use crate::base::locale::Locale;
use crate::keys::Sealer;
use crate::mail::{self, Letter, LetterKind, PostError, Rendered};
use chrono::{DateTime, Utc};
use sqlx::{Connection, PgConnection};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

const WHO: &str = "who";
const LOOKS: &str = "looks";
const READS: &str = "reads";
const AT: &str = "at";

/// Puts a look on record before anything is shown, in a transaction of its own that is committed before the answer.
///
/// Where it is one too many, the alarm's entry and its letters are written with it, and the [`Excess`] is returned so that it
/// can be logged. While letters cannot be sealed the alarm waits for that person's next look; the look itself is on record.
///
/// # Errors
/// The database's error; nothing may be shown then.
pub async fn note_read(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    sealer: &Sealer,
    zone: Zone,
    read: &Read,
) -> Result<Option<Excess>, sqlx::Error> {
    let Some(excess) = audit::read(tx, now, read).await? else { return Ok(None) };
    let mut alarm = tx.begin().await?;
    match post_alarm(&mut alarm, now, sealer, zone, &excess).await {
        Ok(()) => {}
        Err(PostError::Db(error)) => return Err(error),
        Err(PostError::NotReady(_) | PostError::TooLong) => return alarm.rollback().await.map(|()| None),
    }
    if audit::raise(&mut alarm, now, &excess).await? {
        alarm.commit().await?;
        Ok(Some(excess))
    } else {
        alarm.rollback().await.map(|()| None)
    }
}

async fn post_alarm(tx: &mut PgConnection, now: DateTime<Utc>, sealer: &Sealer, zone: Zone, excess: &Excess) -> Result<(), PostError> {
    let params: BTreeMap<String, String> = [
        (WHO, name_of(tx, excess.actor).await?),
        (LOOKS, excess.looks.to_string()),
        (READS, excess.reads.to_string()),
        (AT, now.to_rfc3339()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    for to in readers(tx, &AUDITORS).await? {
        let letter = Letter { kind: LetterKind::ReadAlarm, to, locale: Locale::default(), params: params.clone() };
        mail::post(tx, sealer, now, zone, &letter).await?;
    }
    Ok(())
}

/// The name of a person or program: an official's, a token's; otherwise the kind.
async fn name_of(conn: &mut PgConnection, actor: Actor) -> Result<String, sqlx::Error> {
    let Some(id) = actor.id() else { return Ok(actor.kind().to_owned()) };
    Ok(names(conn, &[id]).await?.remove(&id).unwrap_or_else(|| actor.kind().to_owned()))
}

/// The names of officials and tokens, as far as there are such.
///
/// # Errors
/// The database.
pub async fn names(conn: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, String>, sqlx::Error> {
    if ids.is_empty() { Ok(HashMap::new()) } else { store::names(conn, ids).await }
}

/// Officials and tokens that can be asked for on the auditor's page: a list that is still a list.
const MAX_EVERYBODY: i64 = 500;

/// Officials and tokens with their names, those that can act no more included.
///
/// # Errors
/// The database.
pub async fn everybody(conn: &mut PgConnection) -> Result<Vec<(Actor, String)>, sqlx::Error> {
    store::everybody(conn, MAX_EVERYBODY).await
}

/// The mail of an alarm; `None` for another room's letter, or one that lacks what its words need.
#[must_use]
pub fn render_alarm(service: &Service, letter: &Letter) -> Option<Rendered> {
    if letter.kind != LetterKind::ReadAlarm {
        return None;
    }
    let words = letter.locale.words();
    let param = |name: &str| letter.params.get(name).map(String::as_str);
    let at: DateTime<Utc> = param(AT)?.parse().ok()?;
    let (time, date) = (service.zone.wall_time(at), letter.locale.short_date(service.zone.today(at)));
    // The worker believes nothing it opens: numbers are numbers, and no name becomes a link.
    let count = |name: &str| param(name)?.parse::<u64>().ok().map(|count| count.to_string());
    let (who, looks, reads) = (letters::name(param(WHO)?)?, count(LOOKS)?, count(READS)?);
    let subject = words.audit_alarm_subject(service.name.as_str(), who.as_str());
    let page = format!("{}/console/audit", service.base_url);
    let body = words.audit_alarm_body(date.as_str(), time.as_str(), who.as_str(), looks.as_str(), reads.as_str(), page.as_str());
    Some(Rendered { to: letter.to.clone(), locale: letter.locale, subject, body })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::email_address::EmailAddress;

    fn service() -> Service {
        Service::sample()
    }

    fn letter(locale: Locale) -> Letter {
        let params = [(WHO, "佐藤 みどり"), (LOOKS, "300"), (READS, "412"), (AT, "2026-11-22T15:05:00Z")];
        let params = params.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Letter { kind: LetterKind::ReadAlarm, to: EmailAddress::parse("auditor@example.jp").unwrap(), locale, params }
    }

    #[test]
    fn the_letter_says_who_when_and_how_much() {
        for locale in Locale::ALL {
            let mail = render_alarm(&service(), &letter(locale)).unwrap();
            assert!(mail.subject.contains("佐藤 みどり"), "{}", mail.subject);
            if locale == Locale::Ja {
                assert!(mail.body.contains("見たもの: 300 件") && mail.body.contains("回数: 412 回"), "{}", mail.body);
            }
            for fact in ["佐藤 みどり", "300", "412", "00:05", "https://trace.example.jp/console/audit"] {
                assert!(mail.body.contains(fact), "{locale:?} lacks {fact}: {}", mail.body);
            }
        }
    }

    #[test]
    fn what_is_not_ours_or_not_whole_is_not_rendered() {
        let other = Letter { kind: LetterKind::AlertHeld, ..letter(Locale::Ja) };
        assert!(render_alarm(&service(), &other).is_none());
        for lacking in [WHO, LOOKS, READS, AT] {
            let mut letter = letter(Locale::Ja);
            letter.params.remove(lacking);
            assert!(render_alarm(&service(), &letter).is_none(), "{lacking}");
        }
        for (place, words) in [(LOOKS, "300 https://evil.example"), (READS, "many"), (WHO, "ken\nhttps://evil.example")] {
            let mut letter = letter(Locale::Ja);
            letter.params.insert(place.to_owned(), words.to_owned());
            assert!(render_alarm(&service(), &letter).is_none(), "{words}");
        }
        let mut letter = letter(Locale::Ja);
        letter.params.insert(WHO.to_owned(), "https://evil.example".to_owned());
        let mail = render_alarm(&service(), &letter).unwrap();
        assert!(!mail.body.contains("evil.example") && !mail.subject.contains("evil.example"), "{}", mail.body);
    }
}
