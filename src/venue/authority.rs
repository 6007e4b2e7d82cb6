//! The right to change a venue and its posters: of an official who may trace, or of the venue's owner. It can be made nowhere else.
//! And who enters venues and prints their letters: the city, by an official or by its operator.
use super::owner_session::Owner;
use super::{VenueError, VenueId};
use crate::audit::{Acting, Actor};
use crate::official::{MayTrace, Session};

/// The right to change one venue, or any.
pub struct Authority {
    actor: Actor,
    /// The one venue that it is over; `None`: an official's, over all.
    over: Option<VenueId>,
}

impl Authority {
    /// The actor for the audit chain, if the right reaches this venue. An owner is told of another's venue that there is none.
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

impl Acting for Owner {
    fn actor(&self) -> Actor {
        Actor::Venue(self.venue().0)
    }
}

/// The actor who enters venues for the city and prints their letters.
pub struct City {
    pub(super) actor: Actor,
    /// As batches name them.
    pub(super) principal: String,
}

impl Acting for City {
    fn actor(&self) -> Actor {
        self.actor
    }
}

impl City {
    /// The command line, with the database's password.
    #[must_use]
    pub fn operator() -> Self {
        Self { actor: Actor::System, principal: "command-line".to_owned() }
    }
}

impl From<&Session<MayTrace>> for City {
    fn from(session: &Session<MayTrace>) -> Self {
        Self { actor: session.actor(), principal: session.principal().to_string() }
    }
}
