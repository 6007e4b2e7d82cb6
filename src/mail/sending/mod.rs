//! Whether anything of an alert may leave at all: the stop that people make, the one that the worker makes by itself when its
//! database was restored from an older state, and the one for a relay that refuses everybody ([`brake`]), which holds letters too.
//!
//! Each commit that says "these mails are about to be sent" raises `sending_counter`; before the first of them leaves, the number
//! is remembered outside the database ([`HighWater`]). So whatever was sent after a backup was made, that backup's number is
//! smaller than the remembered one, and what it holds as waiting may have arrived long ago.
pub mod brake;
pub(super) mod store;

use crate::audit::{self, Actor, Entry};
use crate::keys::HighWater;
use crate::repeated;
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

/// Why nothing of an alert leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum StopKind {
    /// Somebody asked for it.
    Asked,
    /// The database is older than what was sent from it.
    Restored,
    /// The mail server gives everybody the same permanent answer.
    Refused,
}

impl StopKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Asked, Self::Restored, Self::Refused];

    /// The name in the database and in answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Restored => "restored",
            Self::Refused => "refused",
        }
    }
}

/// A stop of all sending.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Stop {
    /// Which stop.
    pub id: Uuid,
    /// The kind of stop: by a person, or by the worker itself.
    pub kind: StopKind,
    /// As an official typed it; empty where the worker stopped by itself.
    pub reason: String,
    /// Principal.
    pub stopped_by: Option<String>,
    /// Since when.
    pub stopped_at: DateTime<Utc>,
    /// Refused: phase, numbers and known words of the answer, such as `rcpt 553 (exist)`.
    pub answer: Option<String>,
    /// Refused: since when one mail may go on trial.
    pub trial_at: Option<DateTime<Utc>>,
    /// Refused: when the last mail on trial was refused.
    pub trial_refused_at: Option<DateTime<Utc>>,
}

impl Stop {
    fn new(kind: StopKind, now: DateTime<Utc>) -> Self {
        let (reason, stopped_by) = (String::new(), None);
        Self { id: Uuid::new_v4(), kind, reason, stopped_by, stopped_at: now, answer: None, trial_at: None, trial_refused_at: None }
    }
}

/// Why mails are held back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Halt {
    /// Notices and corrections stay.
    pub(super) notices: bool,
    /// The brake is on: everything stays but the letters that tell of it.
    pub(super) braked: bool,
    /// One mail may go on trial.
    pub(super) trial: bool,
}

/// The end of a stop of which the approvers have no letter yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The person who let it go on.
    pub by: String,
}

/// The stops that hold now, the oldest first; at most one of each kind.
///
/// # Errors
/// The database.
pub async fn stops(conn: &mut PgConnection) -> Result<Vec<Stop>, sqlx::Error> {
    store::open_stops(conn).await
}

/// Stops all sending, as somebody asked. None: it was stopped already.
///
/// # Errors
/// The database.
pub async fn stop(conn: &mut PgConnection, now: DateTime<Utc>, principal: &str, reason: &str) -> Result<Option<Stop>, sqlx::Error> {
    let (reason, stopped_by) = (reason.to_owned(), Some(principal.to_owned()));
    let stop = Stop { reason, stopped_by, ..Stop::new(StopKind::Asked, now) };
    let made = store::insert_stop(conn, &stop).await?;
    Ok(made.then_some(stop))
}

/// Ends a stop, with the signature of who ends it: the worker holds to it until it believed that. False: it had ended.
///
/// # Errors
/// The database.
pub async fn resume(conn: &mut PgConnection, now: DateTime<Utc>, principal: &str, stop: Uuid, signed: &[u8]) -> Result<bool, sqlx::Error> {
    store::end_stop(conn, now, principal, stop, signed).await
}

/// A stop that somebody is said to have ended, before the worker believes it.
pub struct EndedStop {
    /// Which stop.
    pub id: Uuid,
    /// When it is said to have ended.
    pub resumed_at: DateTime<Utc>,
    /// The principal who is said to have ended it.
    pub resumed_by: String,
    /// The signature.
    pub resume_signed: Option<Vec<u8>>,
}

/// Stops that wait for the worker to believe their end.
///
/// # Errors
/// The database.
pub async fn unbelieved(conn: &mut PgConnection) -> Result<Vec<EndedStop>, sqlx::Error> {
    store::unbelieved(conn).await
}

/// The worker believed who ended it: notices and corrections go on.
///
/// # Errors
/// The database.
pub async fn believe_end(conn: &mut PgConnection, now: DateTime<Utc>, stop: Uuid) -> Result<(), sqlx::Error> {
    store::believe_end(conn, now, stop).await
}

/// The worker did not believe who ended it: the stop holds, and shows that it does.
///
/// # Errors
/// The database.
pub async fn hold_on(conn: &mut PgConnection, now: DateTime<Utc>, stop: Uuid) -> Result<(), sqlx::Error> {
    store::hold_on(conn, now, stop).await
}

/// Lets one mail go on trial under a brake, whatever the last one said. False: the brake is off.
///
/// # Errors
/// The database.
pub async fn allow_trial(conn: &mut PgConnection, now: DateTime<Utc>, principal: &str, stop: Uuid) -> Result<bool, sqlx::Error> {
    store::allow_trial(conn, now, principal, stop).await
}

/// Brakes that a trial ended and of which the approvers have no letter yet, taken by this transaction: who commits has told them.
///
/// # Errors
/// The database.
pub async fn untold_ends(tx: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<Ended>, sqlx::Error> {
    store::take_untold_ends(tx, now).await
}

/// Stops about which the approvers have no letter yet, taken by this transaction: who commits has told them.
///
/// # Errors
/// The database.
pub async fn untold(tx: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<Stop>, sqlx::Error> {
    store::take_untold(tx, now).await
}

/// The worker's look before it claims: what must stay. Writes the stop itself when the database knows less than what was sent from
/// it, and then takes the remembered number over, so that it is stopped once for each restore.
pub(super) async fn look(conn: &mut PgConnection, now: DateTime<Utc>, memory: Option<&HighWater>) -> Result<Halt, sqlx::Error> {
    // First the file, then the database: both only grow, and the database first, so the other order would raise false alarms.
    let remembered = match memory {
        None => Some(0),
        Some(memory) => match memory.read().await {
            Ok(value) => Some(value),
            Err(error) => {
                repeated!(error, "it cannot be told whether the database was restored: no notice leaves until this is mended", error);
                None
            }
        },
    };
    let (known, halt) = store::look(&mut *conn).await?;
    let Some(remembered) = remembered else {
        return Ok(Halt { notices: true, ..halt });
    };
    if known >= remembered {
        return Ok(halt);
    }
    tracing::error!(known, remembered, "the database is older than what was sent from it: nothing leaves until an approver resumes");
    let mut tx = conn.begin().await?;
    let stop = Stop::new(StopKind::Restored, now);
    let made = store::insert_stop(&mut tx, &stop).await?;
    store::raise_counter(&mut tx, remembered).await?;
    if made {
        let detail = json!({ "kind": stop.kind, "known": known, "remembered": remembered });
        let entry = Entry { actor: Actor::System, action: "sending.stop", target_kind: "sending_stop", target_id: Some(stop.id), detail };
        audit::record(&mut tx, now, &entry).await?;
    }
    tx.commit().await?;
    Ok(Halt { notices: true, ..halt })
}
