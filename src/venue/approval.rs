//! An official decides about a venue; its owner closes it. States are closed: what does not lead on is an error with a name.
//!
//! | act | from | to |
//! |---|---|---|
//! | approve | pending | active |
//! | refuse | pending | refused |
//! | suspend | active | suspended |
//! | resume | suspended | active |
//! | approve | active, and nobody looked yet | active, looked at; no letter |
//! | close | invited, pending, active, suspended | closed, and every code dies |
//! Every act that makes a venue active sends a fresh link to its posters; older links of the venue are dead from then on.
//! An act that is done already is harmless and says so: two officials may click at the same time.
use super::authority::Authority;
use super::owner_session::Owner;
use super::proof::Link;
use super::review::Said;
use super::{VenueError, VenueId, VenueStatus, letters, store};
use crate::audit::{self, Entry};
use crate::base::clock::Zone;
use crate::keys::Sealer;
use crate::mail;
use crate::official::{MayTrace, Session};
use VenueStatus::{Active, Closed, Invited, Pending, Refused, Suspended};
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;

/// An act of an official on a venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Approve,
    Refuse,
    Suspend,
    Resume,
    Close,
    /// The city entered it in a list: nobody applied, nothing was decided about it. A letter only.
    Enter,
    /// The city took its list back. A letter only.
    Withdraw,
}

impl Decision {
    pub(super) const ALL: [Self; 7] = [Self::Approve, Self::Refuse, Self::Suspend, Self::Resume, Self::Close, Self::Enter, Self::Withdraw];

    fn from(self) -> &'static [VenueStatus] {
        match self {
            Self::Approve | Self::Refuse => &[Pending],
            Self::Suspend => &[Active],
            Self::Resume => &[Suspended],
            Self::Close => &[Invited, Pending, Active, Suspended],
            Self::Enter | Self::Withdraw => &[],
        }
    }

    fn to(self) -> VenueStatus {
        match self {
            Self::Approve | Self::Resume | Self::Enter => Active,
            Self::Refuse => Refused,
            Self::Suspend => Suspended,
            Self::Close | Self::Withdraw => Closed,
        }
    }

    /// The name in a letter's parameters.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Refuse => "refuse",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Close => "close",
            Self::Enter => "enter",
            Self::Withdraw => "withdraw",
        }
    }

    fn action(self) -> &'static str {
        match self {
            Self::Approve => "venue.approve",
            Self::Refuse => "venue.refuse",
            Self::Suspend => "venue.suspend",
            Self::Resume => "venue.resume",
            Self::Close => "venue.close",
            Self::Enter => "venue.import",
            Self::Withdraw => "venue.undo_import",
        }
    }
}

/// The result of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Decided {
    /// The venue.
    pub id: VenueId,
    /// Its state now.
    pub status: VenueStatus,
    /// Whether this act did it; `false`: it was so before, nothing was written and no letter goes out.
    pub changed: bool,
}

/// Declares the public acts, alike but for their name.
macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident = $decision:ident),* $(,)?) => {$(
        $(#[$doc])*
        ///
        /// Change, audit entry and a letter to the contact are one transaction, the caller's.
        ///
        /// # Errors
        /// [`VenueError::Unknown`], [`VenueError::WrongTransition`], [`VenueError::Post`], [`VenueError::Db`].
        pub async fn $name(
            tx: &mut PgConnection,
            sealer: &Sealer,
            now: DateTime<Utc>,
            zone: Zone,
            session: &Session<MayTrace>,
            venue: VenueId,
        ) -> Result<Decided, VenueError> {
            decide(tx, sealer, now, zone, &session.into(), venue, Decision::$decision, None).await
        }
    )*};
}

acts! {
    /// Lets a venue that waits take check-ins.
    approve = Approve,
    /// Stops check-ins for a time.
    suspend = Suspend,
    /// Ends a suspension.
    resume = Resume,
    /// Closes a venue for good. Its posters are revoked; visits stay until retention ends and can still be matched.
    close = Close,
}

/// Turns a venue that waits away, and says why in the letter.
///
/// # Errors
/// As of [`approve`].
pub async fn refuse(
    tx: &mut PgConnection,
    sealer: &Sealer,
    now: DateTime<Utc>,
    zone: Zone,
    session: &Session<MayTrace>,
    venue: VenueId,
    reason: &Said,
) -> Result<Decided, VenueError> {
    decide(tx, sealer, now, zone, &session.into(), venue, Decision::Refuse, Some(reason)).await
}

/// An owner closes their venue for good; as [`close`]. The letter tells whoever reads the mailbox.
///
/// # Errors
/// As of [`approve`].
pub async fn close_own(
    tx: &mut PgConnection,
    sealer: &Sealer,
    now: DateTime<Utc>,
    zone: Zone,
    owner: &Owner,
) -> Result<Decided, VenueError> {
    decide(tx, sealer, now, zone, &owner.into(), owner.venue(), Decision::Close, None).await
}

#[expect(clippy::too_many_arguments, reason = "what its six faces pass on")]
async fn decide(
    tx: &mut PgConnection,
    sealer: &Sealer,
    now: DateTime<Utc>,
    zone: Zone,
    by: &Authority,
    id: VenueId,
    decision: Decision,
    reason: Option<&Said>,
) -> Result<Decided, VenueError> {
    let actor = by.over(id)?;
    let venue = store::lock_venue(tx, id).await?.ok_or(VenueError::Unknown)?;
    let to = decision.to();
    if venue.status == to && decision == Decision::Approve && !venue.reviewed {
        store::review::mark_reviewed(tx, id, now).await?;
        let entry = Entry { actor, action: "venue.review", target_kind: "venue", target_id: Some(id.0), detail: json!({}) };
        audit::record(tx, now, &entry).await?;
        return Ok(Decided { id, status: to, changed: true });
    }
    if venue.status == to {
        return Ok(Decided { id, status: to, changed: false });
    }
    if !decision.from().contains(&venue.status) {
        return Err(VenueError::WrongTransition { from: venue.status, to });
    }
    store::set_status(tx, id, to, now).await?;
    if decision == Decision::Close {
        store::revoke_all(tx, id, now).await?;
    }
    if let Some(reason) = reason {
        store::set_refused_because(tx, id, reason.as_str()).await?;
    }
    let link = (to == Active).then(|| Link::new(now));
    if let Some(link) = &link {
        store::put_link(tx, id, link, now).await?;
    }
    let entry = Entry {
        actor,
        action: decision.action(),
        target_kind: "venue",
        target_id: Some(id.0),
        detail: json!({ "from": venue.status, "to": to }),
    };
    if let Some(contact) = &venue.contact {
        let letter = letters::decision(id, &venue.name, contact, venue.locale, decision, link.as_ref(), reason);
        mail::post(tx, sealer, now, zone, &letter).await?;
    }
    audit::record(tx, now, &entry).await?;
    Ok(Decided { id, status: to, changed: true })
}
