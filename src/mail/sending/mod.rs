//! Whether anything of an alert may leave at all: the stop that people make, and the one that the notifier makes by itself when
//! its database was restored from an older state.
//!
//! Each commit that says "these mails are about to be sent" raises `sending_counter`; before the first of them leaves, the number
//! is remembered outside the database ([`HighWater`]). So whatever was sent after a backup was made, that backup's number is
//! smaller than the remembered one, and what it holds as waiting may have arrived long ago.
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
}

impl StopKind {
    /// The name in the database and in answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Restored => "restored",
        }
    }
}

/// A stop of all sending.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Stop {
    /// Which stop.
    pub id: Uuid,
    /// Whose idea it was.
    pub kind: StopKind,
    /// As an official typed it; empty where the notifier stopped by itself.
    pub reason: String,
    /// Principal.
    pub stopped_by: Option<String>,
    /// Since when.
    pub stopped_at: DateTime<Utc>,
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
    let stop = Stop {
        id: Uuid::new_v4(),
        kind: StopKind::Asked,
        reason: reason.to_owned(),
        stopped_by: Some(principal.to_owned()),
        stopped_at: now,
    };
    let made = store::insert_stop(conn, &stop).await?;
    Ok(made.then_some(stop))
}

/// Ends a stop, with the signature of who ends it: the notifier holds to it until it believed that. False: it had ended.
///
/// # Errors
/// The database.
pub async fn resume(conn: &mut PgConnection, now: DateTime<Utc>, principal: &str, stop: Uuid, signed: &[u8]) -> Result<bool, sqlx::Error> {
    store::end_stop(conn, now, principal, stop, signed).await
}

/// A stop that somebody is said to have ended, before the notifier believes it.
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

/// Stops that wait for the notifier to believe their end.
///
/// # Errors
/// The database.
pub async fn unbelieved(conn: &mut PgConnection) -> Result<Vec<EndedStop>, sqlx::Error> {
    store::unbelieved(conn).await
}

/// The notifier believed who ended it: notices and corrections go on.
///
/// # Errors
/// The database.
pub async fn believe_end(conn: &mut PgConnection, now: DateTime<Utc>, stop: Uuid) -> Result<(), sqlx::Error> {
    store::believe_end(conn, now, stop).await
}

/// The notifier did not believe who ended it: the stop holds, and shows that it does.
///
/// # Errors
/// The database.
pub async fn hold_on(conn: &mut PgConnection, now: DateTime<Utc>, stop: Uuid) -> Result<(), sqlx::Error> {
    store::hold_on(conn, now, stop).await
}

/// Stops about which the approvers have no letter yet, taken by this transaction: who commits has told them.
///
/// # Errors
/// The database.
pub async fn untold(tx: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<Stop>, sqlx::Error> {
    store::take_untold(tx, now).await
}

/// The notifier's look before it claims: whether notices and corrections must stay. Writes the stop itself when the database
/// knows less than what was sent from it, and then takes the remembered number over, so that it is stopped once for each restore.
pub(super) async fn is_stopped(conn: &mut PgConnection, now: DateTime<Utc>, memory: Option<&HighWater>) -> Result<bool, sqlx::Error> {
    // First the file, then the database: both only grow, and the database first, so the other order would raise false alarms.
    let remembered = match memory {
        None => 0,
        Some(memory) => match memory.read().await {
            Ok(value) => value,
            Err(error) => {
                repeated!(error, "it cannot be told whether the database was restored: no notice leaves until this is mended", error);
                return Ok(true);
            }
        },
    };
    let (known, stopped) = store::look(&mut *conn).await?;
    if known >= remembered {
        return Ok(stopped);
    }
    tracing::error!(known, remembered, "the database is older than what was sent from it: nothing leaves until an approver resumes");
    let mut tx = conn.begin().await?;
    let stop = Stop { id: Uuid::new_v4(), kind: StopKind::Restored, reason: String::new(), stopped_by: None, stopped_at: now };
    let made = store::insert_stop(&mut tx, &stop).await?;
    store::raise_counter(&mut tx, remembered).await?;
    if made {
        let detail = json!({ "kind": stop.kind, "known": known, "remembered": remembered });
        let entry = Entry { actor: Actor::System, action: "sending.stop", target_kind: "sending_stop", target_id: Some(stop.id), detail };
        audit::record(&mut tx, now, &entry).await?;
    }
    tx.commit().await?;
    Ok(true)
}
