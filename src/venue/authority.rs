//! Who may change a venue and its posters: an official who may trace, or the venue's owner. Neither can be made elsewhere.
use super::owner::Owner;
use super::{VenueError, VenueId};
use crate::audit::Actor;
use crate::official::{MayTrace, Session};

/// The right to change one venue, or any.
pub struct Authority {
    actor: Actor,
    /// The one venue that it is over; `None`: an official's, over all.
    over: Option<VenueId>,
}

impl Authority {
    /// Whom the audit chain names, if the right reaches this venue. An owner is told of another's venue that there is none.
    ///
    /// # Errors
    /// [`VenueError::Unknown`]
    pub(super) fn over(&self, venue: VenueId) -> Result<Actor, VenueError> {
        match self.over {
            Some(own) if own != venue => Err(VenueError::Unknown),
            _ => Ok(self.actor),
        }
    }
}

impl From<&Session<MayTrace>> for Authority {
    fn from(session: &Session<MayTrace>) -> Self {
        Self { actor: session.actor(), over: None }
    }
}

impl From<&Owner> for Authority {
    fn from(owner: &Owner) -> Self {
        Self { actor: Actor::Venue(owner.venue().0), over: Some(owner.venue()) }
    }
}
