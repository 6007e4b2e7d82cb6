//! An alert that was sent in error is corrected by an alert of its own: number, four eyes, hold, pause and delivery are those of
//! every alert. Only who gets it differs, exactly those whose notice was taken by a mail server or perhaps was, and its words, which
//! are fixed and name neither venue nor date.
pub(super) mod store;

use super::approval::locked;
use super::draft::insert_with_number;
use super::preview::{Preview, StayCount};
use super::progress::{State, Status};
use super::store as alerts;
use super::text::NoticeText;
use super::{AlertError, AlertId, AlertNumber, Digest, Texts, control};
use crate::base::config::Service;
use crate::base::locale::Locale;
use crate::mail::board;
use crate::official::{Act, MayTrace, Session};
use serde_json::json;
use sqlx::PgConnection;

/// The people whom a correction could still reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Mails of the alert that were taken, or perhaps taken, and whose addresses still exist: one for each person.
    pub people: i64,
    /// Those whose dates are past retention: nobody can write to them any more.
    pub gone: i64,
}

/// Counts the people whom a correction of `alert` could reach.
///
/// # Errors
/// The database.
pub async fn reach(conn: &mut PgConnection, alert: AlertId) -> Result<Reach, sqlx::Error> {
    let kept = board::kept(conn, alert.0).await?;
    Ok(Reach { people: store::accepted(conn, alert).await?, gone: kept.sent + kept.ambiguous })
}

/// Prepares the correction of an alert: a draft that somebody submits and somebody else approves, like every alert. An alert
/// that is out and not ended is stopped for good in the same act, whether it still has mails to send or only dates to watch;
/// mails that are being handed over end as they end, and the correction waits until it is known who got them.
///
/// # Errors
/// [`AlertError::WrongState`] when the alert was never released or is a correction itself; [`AlertError::NotYours`] when mails of it
/// still wait, for who may not stop it; [`AlertError::AlreadyCorrected`]; [`AlertError::NobodyToCorrect`];
/// [`AlertError::RetentionOver`] when the addresses are erased.
pub async fn correct(act: &mut Act<'_, &Session<MayTrace>>, alert: AlertId) -> Result<AlertId, AlertError> {
    let status = locked(&mut act.tx, alert).await?;
    if !may_be_corrected(&status) {
        return Err(AlertError::WrongState(status.state));
    }
    if status.corrected_by.is_some() {
        return Err(AlertError::AlreadyCorrected);
    }
    let reach = reach(&mut act.tx, alert).await?;
    let left = store::left(&mut act.tx, alert).await?;
    if reach.people == 0 && left.mails == 0 {
        return Err(if reach.gone > 0 { AlertError::RetentionOver } else { AlertError::NobodyToCorrect });
    }
    if matches!(status.state, State::Sending | State::Paused) {
        let at_rest = left.mails == 0 && left.stays == 0;
        control::stop_for_correction(act, &status, at_rest).await?;
    }
    let id = AlertId::random();
    insert_with_number(act, id).await?;
    store::make_correction(&mut act.tx, id, alert).await?;
    act.record("alert.correct", alert, json!({ "correction": id, "people": reach.people, "gone": reach.gone })).await?;
    Ok(id)
}

/// Whether an alert is one that a correction could be made of: released, and no correction itself.
#[must_use]
pub fn may_be_corrected(status: &Status) -> bool {
    let out = matches!(status.state, State::Sending | State::Paused | State::Done | State::Cancelled);
    out && status.started_at.is_some() && status.corrects.is_none()
}

/// The effect of a correction: how many of the accepted notices of each stay are not corrected yet.
pub(super) async fn preview_of(
    conn: &mut PgConnection,
    service: &Service,
    status: &Status,
    corrected: AlertId,
) -> Result<Preview, sqlx::Error> {
    let stays = alerts::stays(conn, status.id).await?;
    let text = words(conn, service, &status.number, corrected).await?;
    let digest = Digest::of(&stays, &text, status.tonight_submitted.as_deref());
    let mut counts = Vec::with_capacity(stays.len());
    for stay in &stays {
        let (visits, already_alerted) = store::count_corrected(conn, status.id, corrected, *stay).await?;
        counts.push(StayCount { venue_id: stay.venue_id, date: stay.date, visits, already_alerted, withdrawn: 0 });
    }
    let visits = counts.iter().map(StayCount::untold).sum();
    let (wording, number, revision) = (status.wording.clone(), status.number.clone(), status.next_revision());
    Ok(Preview { alert: status.id, stays: counts, visits, withdrawn: 0, text, wording, number, revision, digest })
}

/// The words of the correction `number` of the alert `corrected`.
pub(super) async fn words(
    conn: &mut PgConnection,
    service: &Service,
    number: &AlertNumber,
    corrected: AlertId,
) -> Result<Texts, sqlx::Error> {
    Ok(render(service, number, &store::number_of(conn, corrected).await?))
}

pub(super) fn render(service: &Service, number: &AlertNumber, corrected: &AlertNumber) -> Texts {
    let text = |locale: Locale| {
        let (words, city, number, corrected) = (locale.words(), service.city.as_str(), number.to_string(), corrected.to_string());
        NoticeText {
            subject: words.delivery_correction_subject(city, corrected.as_str(), number.as_str()),
            body: words.delivery_correction_body(
                city,
                corrected.as_str(),
                service.hotline.as_str(),
                service.hotline_hours.as_str(),
                number.as_str(),
            ),
        }
    };
    Texts { ja: text(Locale::Ja), en: text(Locale::En), named: None, holds: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_correction_names_both_numbers_and_the_hotline_and_nothing_else() {
        let service = Service::sample();
        let number = |text: &str| AlertNumber::parse(text).unwrap();
        let texts = render(&service, &number("AB3K9QXZ"), &number("7K3M9QXZ"));
        for locale in Locale::ALL {
            let text = texts.of(locale);
            assert_eq!(text.subject.lines().count(), 1);
            for fact in ["AB3K-9QXZ", "7K3M-9QXZ", "あおば市"] {
                assert!(text.body.contains(fact) && text.subject.contains(fact), "{locale:?} lacks {fact}");
            }
            assert!(text.body.contains("0120-000-000") && text.body.contains("毎日 9:00〜21:00"));
            let lower = text.body.to_lowercase();
            assert!(["http", "://", "www", ".jp", "trace.example"].iter().all(|link| !lower.contains(link)), "{locale:?}");
            assert!(!text.body.contains('月') || text.body.contains("毎月"), "no date");
        }
    }
}
