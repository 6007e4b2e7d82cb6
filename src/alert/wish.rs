//! What an approver asks of an alert's waiting mails: a new turn now, or an end. Web writes the wish; the notifier carries it out.
use super::approval::{ReleaseRules, locked, may_approve};
use super::progress::State;
use super::sending::store;
use super::{AlertError, AlertId, signed};
use crate::audit::{self, Entry};
use crate::mail;
use crate::official::{MayApprove, Session};
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Wish {
    /// Whatever failed in a passing way gets its turn now.
    Retry,
    /// Whatever waits is not sent any more.
    GiveUp,
}

impl Wish {
    /// The name in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::GiveUp => "give_up",
        }
    }

    fn action(self) -> &'static str {
        match self {
            Self::Retry => "delivery.retry",
            Self::GiveUp => "delivery.give_up",
        }
    }
}

/// How many mails a wish would concern now.
///
/// # Errors
/// The database.
pub async fn concerned(conn: &mut PgConnection, alert: AlertId, wish: Wish) -> Result<i64, sqlx::Error> {
    match wish {
        Wish::Retry => store::retryable(conn, alert).await,
        Wish::GiveUp => {
            let counts = mail::counts(&mut *conn, Some(alert.0)).await?;
            Ok(counts.queued + counts.deferred)
        }
    }
}

/// Asks for a retry or an end. Returns how many mails it concerns at this moment.
///
/// # Errors
/// [`AlertError::WrongState`] unless the alert is sending, paused or done and not corrected, [`AlertError::NothingWaiting`],
/// [`AlertError::WishPending`], [`AlertError::TokenMayNotApprove`], [`AlertError::NotVouched`].
pub async fn wish(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    rules: &ReleaseRules<'_>,
    session: &Session<MayApprove>,
    alert: AlertId,
    wish: Wish,
) -> Result<i64, AlertError> {
    may_approve(rules, session)?;
    let status = locked(tx, alert).await?;
    // Nothing more of a mistake leaves, whatever failed to.
    if !matches!(status.state, State::Sending | State::Paused | State::Done) || status.is_mistaken() {
        return Err(AlertError::WrongState(status.state));
    }
    if status.wish_pending {
        return Err(AlertError::WishPending);
    }
    let mails = concerned(tx, alert, wish).await?;
    if mails == 0 {
        return Err(AlertError::NothingWaiting);
    }
    let signed = session.sign(&signed::wish(alert, wish, now))?;
    store::insert_wish(tx, now, alert, wish, &session.principal().to_string(), &signed).await?;
    let entry = Entry {
        actor: session.actor(),
        action: wish.action(),
        target_kind: "alert",
        target_id: Some(alert.0),
        detail: json!({ "mails": mails }),
    };
    audit::record(tx, now, &entry).await?;
    Ok(mails)
}
