//! An approver's request about an alert's mails: a new turn now for those that wait or were refused, or an end. Web writes the request; the
//! worker carries it out.
use super::approval::{ReleaseRules, locked, may_approve};
use super::progress::State;
use super::sending::store;
use super::signed::DeliveryRequested;
use super::{AlertError, AlertId};
use crate::mail;
use crate::official::{Act, MayApprove, Session};
use serde_json::json;
use sqlx::PgConnection;

/// The kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum DeliveryRequest {
    /// Mails that failed in a passing way get their turn now.
    Retry,
    /// Mails that wait are not sent any more.
    GiveUp,
    /// Mails that were refused for good are sent once more.
    SendAgain,
}

impl DeliveryRequest {
    /// The name in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::GiveUp => "give_up",
            Self::SendAgain => "send_again",
        }
    }

    fn action(self) -> &'static str {
        match self {
            Self::Retry => "delivery.retry",
            Self::GiveUp => "delivery.give_up",
            Self::SendAgain => "delivery.send_again",
        }
    }
}

/// How many mails a request would concern now.
///
/// # Errors
/// The database.
pub async fn concerned(conn: &mut PgConnection, alert: AlertId, request: DeliveryRequest) -> Result<i64, sqlx::Error> {
    match request {
        DeliveryRequest::Retry => store::retryable(conn, alert).await,
        DeliveryRequest::GiveUp => {
            let counts = mail::counts(&mut *conn, Some(alert.0)).await?;
            Ok(counts.queued + counts.deferred)
        }
        DeliveryRequest::SendAgain => Ok(refused(conn, alert).await?.iter().map(|reason| reason.rows).sum()),
    }
}

/// Why mails of an alert ended that can be sent again, the most frequent first; at most [`mail::outbox::MAX_REASONS`].
///
/// # Errors
/// The database.
pub async fn refused(conn: &mut PgConnection, alert: AlertId) -> Result<Vec<mail::Reason>, sqlx::Error> {
    store::refused(conn, alert, i64::from(mail::outbox::MAX_REASONS)).await
}

/// Asks that what ended for one of these reasons is sent again, or all that was refused. Returns how many mails it concerns at this
/// moment. Reasons of which there is none any more are passed over.
///
/// # Errors
/// As [`request_delivery`].
pub async fn send_again(
    act: &mut Act<'_, &Session<MayApprove>>,
    rules: &ReleaseRules,
    alert: AlertId,
    only: Option<&[String]>,
) -> Result<i64, AlertError> {
    ready(act, rules, alert).await?;
    let is_asked = |reason: &mail::Reason| only.is_none_or(|only| only.contains(&reason.reason));
    let asked: Vec<_> = refused(&mut act.tx, alert).await?.into_iter().filter(is_asked).collect();
    let mails = asked.iter().map(|reason| reason.rows).sum();
    let reasons: Vec<String> = asked.into_iter().map(|reason| reason.reason).collect();
    ask(act, alert, DeliveryRequest::SendAgain, mails, Some(&reasons)).await
}

/// Asks for a retry or an end. Returns how many mails it concerns at this moment.
///
/// # Errors
/// [`AlertError::WrongState`] unless the alert is sending, paused or done and not corrected, [`AlertError::NothingWaiting`],
/// [`AlertError::RequestPending`], [`AlertError::TokenMayNotApprove`], [`AlertError::NotVouched`]. What was refused for good is asked
/// for with [`send_again`]; here it would be all of it.
pub async fn request_delivery(
    act: &mut Act<'_, &Session<MayApprove>>,
    rules: &ReleaseRules,
    alert: AlertId,
    request: DeliveryRequest,
) -> Result<i64, AlertError> {
    ready(act, rules, alert).await?;
    let mails = concerned(&mut act.tx, alert, request).await?;
    ask(act, alert, request, mails, None).await
}

async fn ready(act: &mut Act<'_, &Session<MayApprove>>, rules: &ReleaseRules, alert: AlertId) -> Result<(), AlertError> {
    may_approve(rules, act.by)?;
    let status = locked(&mut act.tx, alert).await?;
    // Nothing more of a mistake leaves, whatever failed to.
    if !matches!(status.state, State::Sending | State::Paused | State::Done) || status.is_mistaken() {
        return Err(AlertError::WrongState(status.state));
    }
    if status.request_pending { Err(AlertError::RequestPending) } else { Ok(()) }
}

async fn ask(
    act: &mut Act<'_, &Session<MayApprove>>,
    alert: AlertId,
    request: DeliveryRequest,
    mails: i64,
    reasons: Option<&[String]>,
) -> Result<i64, AlertError> {
    if mails == 0 {
        return Err(AlertError::NothingWaiting);
    }
    let said = DeliveryRequested { alert, request, reasons, at: act.now };
    let signed = act.by.sign(&said.statement())?;
    store::insert_request(&mut act.tx, &said, &act.by.principal().to_string(), &signed).await?;
    act.record(
        request.action(),
        alert,
        match reasons {
            Some(reasons) => json!({ "mails": mails, "reasons": reasons }),
            None => json!({ "mails": mails }),
        },
    )
    .await?;
    Ok(mails)
}
