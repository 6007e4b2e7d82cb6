//! Alarms: something is wrong with the service, and somebody has to look. An open alarm is a line on the dashboard, a gauge in
//! `/metrics`, and one letter to every approver and administrator.
//!
//! Any process may raise and clear one. An alarm decides nothing: what may be sent or erased is decided where it is done, and the
//! alarm only says so. Letters hold no detail, so that a web process that was taken over cannot write to officials in words of
//! its own; the detail stands on the dashboard.
use super::mailbox::{APPROVERS, readers};
use super::store::alarms as store;
use crate::audit::{self, Actor, Entry};
use crate::base::clock::Zone;
use crate::base::config::Service;
use crate::base::locale::{Locale, Words};
use crate::base::telemetry::Metrics;
use crate::keys::Sealer;
use crate::mail::{self, Letter, LetterKind, PostError, Rendered};
use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use sqlx::{Connection, PgConnection};
use std::collections::BTreeMap;
use uuid::Uuid;

/// How often an alarm that holds on is written again: whoever looks sees that it is not an old one.
const SEEN_EVERY: Duration = Duration::minutes(1);
/// For how long nobody must have found it, until an alarm that each process finds by itself is over.
pub const STALE: Duration = Duration::minutes(5);
/// For how long a kind of alarm is not written about again, however often it comes back.
pub const LETTER_PAUSE: Duration = Duration::hours(6);
/// Characters of a detail; the table holds no more.
pub const MAX_DETAIL_CHARS: usize = 200;

/// The kinds of alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AlarmKind {
    /// The machine's clock does not fit what else is known of the time: erasing is held back.
    Clock,
    /// A process's clock and the database's differ: it records nothing where their dates do, and erases nothing.
    ClocksDiffer,
    /// The days for which check-ins can be sealed are nearly over.
    KeysRunOut,
    /// The worker has not been heard of for too long.
    WorkerSilent,
    /// Check-ins cannot be written.
    CheckInsFail,
    /// A trusted proxy does not say who its clients are.
    ProxyUnreadable,
    /// A release was asked for by somebody for whom nothing vouches.
    UnvouchedRelease,
}

impl AlarmKind {
    /// All there are.
    pub const ALL: [Self; 7] = [
        Self::Clock,
        Self::ClocksDiffer,
        Self::KeysRunOut,
        Self::WorkerSilent,
        Self::CheckInsFail,
        Self::ProxyUnreadable,
        Self::UnvouchedRelease,
    ];

    /// The name in the database and in `/metrics`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clock => "clock",
            Self::ClocksDiffer => "clocks_differ",
            Self::KeysRunOut => "keys_run_out",
            Self::WorkerSilent => "worker_silent",
            Self::CheckInsFail => "check_ins_fail",
            Self::ProxyUnreadable => "proxy_unreadable",
            Self::UnvouchedRelease => "unvouched_release",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The fault, and the way to mend it.
    #[must_use]
    pub fn words(self, w: &Words) -> (String, String) {
        match self {
            Self::Clock => (w.alarm_clock(), w.alarm_clock_help()),
            Self::ClocksDiffer => (w.alarm_clocks_differ(), w.alarm_clocks_differ_help()),
            Self::KeysRunOut => (w.alarm_keys_run_out(), w.alarm_keys_run_out_help()),
            Self::WorkerSilent => (w.alarm_worker_silent(), w.alarm_worker_silent_help()),
            Self::CheckInsFail => (w.alarm_check_ins_fail(), w.alarm_check_ins_fail_help()),
            Self::ProxyUnreadable => (w.alarm_proxy_unreadable(), w.alarm_proxy_unreadable_help()),
            Self::UnvouchedRelease => (w.alarm_unvouched_release(), w.alarm_unvouched_release_help()),
        }
    }
}

/// An alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// Which one; its audit entries name it.
    pub id: Uuid,
    /// The kind of fault.
    pub kind: AlarmKind,
    /// Dates and numbers that help whoever looks; no personal data.
    pub detail: String,
    /// Since when.
    pub raised_at: DateTime<Utc>,
}

/// Says that something is wrong. True when nobody knew it yet: then it is logged once and put on record. Raising it again keeps
/// it fresh. Of `detail` the first [`MAX_DETAIL_CHARS`] characters are kept; it must hold no personal data.
///
/// # Errors
/// The database.
pub async fn raise(conn: &mut PgConnection, now: DateTime<Utc>, kind: AlarmKind, detail: &str) -> Result<bool, sqlx::Error> {
    let detail: String = detail.chars().take(MAX_DETAIL_CHARS).collect();
    if store::refresh(conn, now, now - SEEN_EVERY, kind, &detail).await? {
        return Ok(false);
    }
    let alarm = Alarm { id: Uuid::new_v4(), kind, detail, raised_at: now };
    let mut tx = conn.begin().await?;
    if !store::insert(&mut tx, &alarm).await? {
        return tx.rollback().await.map(|()| false);
    }
    record(&mut tx, now, "alarm.raise", alarm.id, kind).await?;
    tx.commit().await?;
    tracing::error!(alarm = kind.as_str(), detail = alarm.detail, "something is wrong; the dashboard says what to do");
    Ok(true)
}

/// Says that it is over. True when the alarm was open.
///
/// # Errors
/// The database.
pub async fn clear(conn: &mut PgConnection, now: DateTime<Utc>, kind: AlarmKind) -> Result<bool, sqlx::Error> {
    let mut tx = conn.begin().await?;
    let Some(id) = store::clear(&mut tx, now, kind).await? else {
        return tx.rollback().await.map(|()| false);
    };
    record(&mut tx, now, "alarm.clear", id, kind).await?;
    tx.commit().await?;
    tracing::info!(alarm = kind.as_str(), "it is over");
    Ok(true)
}

/// The same for what each process finds by itself: false while another found it within [`STALE`]. One that is well must not
/// take back what one that is not has said, nor the two go on raising and clearing.
///
/// # Errors
/// The database.
pub async fn clear_stale(conn: &mut PgConnection, now: DateTime<Utc>, kind: AlarmKind) -> Result<bool, sqlx::Error> {
    clear_if_quiet(conn, now, kind, STALE).await
}

/// The same with another time in which nobody may have found it. Longer than the minute in which a held alarm is written.
///
/// # Errors
/// The database.
pub async fn clear_if_quiet(conn: &mut PgConnection, now: DateTime<Utc>, kind: AlarmKind, quiet: Duration) -> Result<bool, sqlx::Error> {
    if store::seen_since(conn, kind, now - quiet).await? { Ok(false) } else { clear(conn, now, kind).await }
}

async fn record(tx: &mut PgConnection, now: DateTime<Utc>, action: &'static str, id: Uuid, kind: AlarmKind) -> Result<(), sqlx::Error> {
    let detail = json!({ "kind": kind.as_str() });
    audit::record(tx, now, &Entry { actor: Actor::System, action, target_kind: "alarm", target_id: Some(id), detail }).await
}

/// The open alarms, the oldest first.
///
/// # Errors
/// The database.
pub async fn open_alarms(conn: &mut PgConnection) -> Result<Vec<Alarm>, sqlx::Error> {
    store::open(conn).await
}

/// Sets the gauge of each kind: 1 while its alarm is open.
///
/// # Errors
/// The database.
pub async fn measure_alarms(conn: &mut PgConnection, metrics: &Metrics) -> Result<(), sqlx::Error> {
    let open = store::open(conn).await?;
    for kind in AlarmKind::ALL {
        let held = open.iter().any(|alarm| alarm.kind == kind);
        metrics.alarms.get_or_create(&[("kind", kind.as_str())]).set(i64::from(held));
    }
    Ok(())
}

/// Posts the letters about alarms of which nobody was told yet. For web's upkeep: the worker cannot seal letters. While letters
/// cannot be sealed the alarms stay untold, and the next turn tries again. Returns how many alarms were told.
///
/// # Errors
/// The database.
pub async fn tell_of_alarms(conn: &mut PgConnection, now: DateTime<Utc>, sealer: &Sealer, zone: Zone) -> Result<usize, sqlx::Error> {
    let mut tx = conn.begin().await?;
    let alarms = store::take_untold(&mut tx, now, now - LETTER_PAUSE).await?;
    match post(&mut tx, now, sealer, zone, &alarms).await {
        Ok(()) => {}
        Err(PostError::Db(error)) => return Err(error),
        Err(PostError::NotReady(_) | PostError::TooLong) => return tx.rollback().await.map(|()| 0),
    }
    tx.commit().await?;
    Ok(alarms.len())
}

async fn post(tx: &mut PgConnection, now: DateTime<Utc>, sealer: &Sealer, zone: Zone, alarms: &[Alarm]) -> Result<(), PostError> {
    if alarms.is_empty() {
        return Ok(());
    }
    let mailboxes = readers(tx, &APPROVERS).await?;
    for alarm in alarms {
        let params = BTreeMap::from([("kind".to_owned(), alarm.kind.as_str().to_owned()), ("at".to_owned(), alarm.raised_at.to_rfc3339())]);
        for to in &mailboxes {
            let letter = Letter { kind: LetterKind::Alarm, to: to.clone(), locale: Locale::default(), params: params.clone() };
            mail::post(tx, sealer, now, zone, &letter).await?;
        }
    }
    Ok(())
}

/// The mail about an alarm; `None` for another letter, or one that lacks what its words need.
#[must_use]
pub fn render_alarm_raised(service: &Service, letter: &Letter) -> Option<Rendered> {
    if letter.kind != LetterKind::Alarm {
        return None;
    }
    let words = letter.locale.words();
    let at: DateTime<Utc> = letter.params.get("at")?.parse().ok()?;
    let (name, help) = AlarmKind::from_name(letter.params.get("kind")?)?.words(words);
    let (date, time) = (letter.locale.long_date(service.zone.today(at)), service.zone.wall_time(at));
    let page = format!("{}/console", service.base_url);
    let subject = words.alarm_subject(service.name.as_str(), name.as_str());
    let body = words.alarm_body(date, time, name, help, page);
    Some(Rendered { to: letter.to.clone(), locale: letter.locale, subject, body })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::email_address::EmailAddress;

    fn service() -> Service {
        Service::sample()
    }

    fn letter(kind: &str, at: &str) -> Letter {
        let params = BTreeMap::from([("kind".to_owned(), kind.to_owned()), ("at".to_owned(), at.to_owned())]);
        Letter { kind: LetterKind::Alarm, to: EmailAddress::parse("duty@example.jp").unwrap(), locale: Locale::Ja, params }
    }

    #[test]
    fn names_are_read_back() {
        for kind in AlarmKind::ALL {
            assert_eq!(AlarmKind::from_name(kind.as_str()), Some(kind));
        }
        assert_eq!(AlarmKind::from_name("Clock"), None);
    }

    #[test]
    fn each_letter_says_what_since_when_and_where_to_look() {
        for kind in AlarmKind::ALL {
            for locale in Locale::ALL {
                let letter = Letter { locale, ..letter(kind.as_str(), "2026-12-01T15:05:00Z") };
                let mail = render_alarm_raised(&service(), &letter).unwrap();
                let (name, help) = kind.words(locale.words());
                assert!(mail.subject.contains(&name), "{}", mail.subject);
                for fact in [help.as_str(), "00:05", "https://trace.example.jp/console"] {
                    assert!(mail.body.contains(fact), "{kind:?} {locale:?} lacks {fact}: {}", mail.body);
                }
            }
        }
    }

    #[test]
    fn what_is_not_ours_or_not_whole_is_not_rendered() {
        for (kind, at) in [("", "2026-12-01T15:05:00Z"), ("clock\r\nBcc: x", "2026-12-01T15:05:00Z"), ("clock", "soon")] {
            assert!(render_alarm_raised(&service(), &letter(kind, at)).is_none(), "{kind:?} {at:?}");
        }
        let other = Letter { kind: LetterKind::ReadAlarm, ..letter("clock", "2026-12-01T15:05:00Z") };
        assert!(render_alarm_raised(&service(), &other).is_none());
    }
}
