//! The statements about alerts that people sign, field for field. Web writes the signature beside the decision; the worker builds the same
//! statement from what is stored and believes the decision when somebody who counts has signed it.
use super::{AlertId, DeliveryRequest};
use crate::official::Statement;
use chrono::{DateTime, Utc};
use uuid::Uuid;

/// Somebody asks for the release of an alert.
pub(super) struct Submitted<'a> {
    pub(super) alert: AlertId,
    pub(super) revision: i32,
    /// Over stays, words and the request to send outside the hours.
    pub(super) digest: &'a [u8],
    pub(super) visits: i64,
    pub(super) at: DateTime<Utc>,
}

impl Submitted<'_> {
    pub(super) fn statement(&self) -> Statement {
        Statement::new("ashiato alert submission v1")
            .id(self.alert.0)
            .number(self.revision.into())
            .bytes(self.digest)
            .number(self.visits)
            .at(self.at)
    }
}

/// A second person lets it go.
pub(super) struct Approved<'a> {
    pub(super) alert: AlertId,
    pub(super) revision: i32,
    pub(super) digest: &'a [u8],
    pub(super) visits: i64,
    pub(super) at: DateTime<Utc>,
    pub(super) hold_until: DateTime<Utc>,
    pub(super) tonight: Option<&'a str>,
    /// The alert's pauses that it ends.
    pub(super) pauses: i32,
}

impl Approved<'_> {
    pub(super) fn statement(&self) -> Statement {
        Statement::new("ashiato alert approval v1")
            .id(self.alert.0)
            .number(self.revision.into())
            .bytes(self.digest)
            .number(self.visits)
            .at(self.at)
            .at(self.hold_until)
            .maybe(self.tonight.map(str::as_bytes))
            .number(self.pauses.into())
    }
}

/// Late visits are let go, so many.
pub(super) struct LateReleased {
    pub(super) alert: AlertId,
    pub(super) visits: i64,
    pub(super) at: DateTime<Utc>,
}

impl LateReleased {
    pub(super) fn statement(&self) -> Statement {
        Statement::new("ashiato late release v1").id(self.alert.0).number(self.visits).at(self.at)
    }
}

/// An alert goes on after its so-manieth pause.
pub(super) fn resumed(alert: AlertId, pause: i32, at: DateTime<Utc>) -> Statement {
    Statement::new("ashiato alert resume v1").id(alert.0).number(pause.into()).at(at)
}

/// Mails of an alert get another turn, perhaps only those that ended for these reasons, or an end.
pub(super) struct DeliveryRequested<'a> {
    pub(super) alert: AlertId,
    pub(super) request: DeliveryRequest,
    pub(super) reasons: Option<&'a [String]>,
    pub(super) at: DateTime<Utc>,
}

impl DeliveryRequested<'_> {
    pub(super) fn statement(&self) -> Statement {
        let said = Statement::new("ashiato delivery request v1").id(self.alert.0).text(self.request.as_str()).at(self.at);
        self.reasons.unwrap_or_default().iter().fold(said, |said, reason| said.text(reason))
    }
}

/// A stop of all sending is ended.
pub(super) fn stop_ended(stop: Uuid, at: DateTime<Utc>) -> Statement {
    Statement::new("ashiato sending resume v1").id(stop).at(at)
}
