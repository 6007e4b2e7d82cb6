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
use crate::official::{Act, MayTrace, Session};
use VenueStatus::{Active, Closed, Invited, Pending, Refused, Suspended};
use serde_json::json;

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
        pub async fn $name(act: &mut Act<'_, &Session<MayTrace>>, venue: VenueId) -> Result<Decided, VenueError> {
            let by = act.by.into();
            decide(act, &by, venue, Decision::$decision, None).await
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
pub async fn refuse(act: &mut Act<'_, &Session<MayTrace>>, venue: VenueId, reason: &Said) -> Result<Decided, VenueError> {
    let by = act.by.into();
    decide(act, &by, venue, Decision::Refuse, Some(reason)).await
}

/// An owner closes their venue for good; as [`close`]. The letter tells whoever reads the mailbox.
///
/// # Errors
/// As of [`approve`].
pub async fn close_own(act: &mut Act<'_, &Owner>) -> Result<Decided, VenueError> {
    let (by, venue) = (act.by.into(), act.by.venue());
    decide(act, &by, venue, Decision::Close, None).await
}

async fn decide<By>(
    act: &mut Act<'_, By>,
    by: &Authority,
    id: VenueId,
    decision: Decision,
    reason: Option<&Said>,
) -> Result<Decided, VenueError> {
    let actor = by.over(id)?;
    let venue = store::lock_venue(&mut act.tx, id).await?.ok_or(VenueError::Unknown)?;
    let to = decision.to();
    if venue.status == to && decision == Decision::Approve && !venue.reviewed {
        store::review::mark_reviewed(&mut act.tx, id, act.now).await?;
        act.record_as(actor, "venue.review", id, json!({})).await?;
        return Ok(Decided { id, status: to, changed: true });
    }
    if venue.status == to {
        return Ok(Decided { id, status: to, changed: false });
    }
    if !decision.from().contains(&venue.status) {
        return Err(VenueError::WrongTransition { from: venue.status, to });
    }
    store::set_status(&mut act.tx, id, to, act.now).await?;
    if decision == Decision::Close {
        store::revoke_all(&mut act.tx, id, act.now).await?;
    }
    if let Some(reason) = reason {
        store::set_refused_because(&mut act.tx, id, reason.as_str()).await?;
    }
    let link = (to == Active).then(|| Link::new(act.now));
    if let Some(link) = &link {
        store::put_link(&mut act.tx, id, link, act.now).await?;
    }
    if let Some(contact) = &venue.contact {
        let letter = letters::decision(id, &venue.name, contact, venue.locale, decision, link.as_ref(), reason);
        act.post(&letter).await?;
    }
    act.record_as(actor, decision.action(), id, json!({ "from": venue.status, "to": to })).await?;
    Ok(Decided { id, status: to, changed: true })
}
