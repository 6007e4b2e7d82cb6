//! Venues and their posters: application, confirmation, approval, codes, and the directory that check-ins read.
//!
//! A venue lives `unconfirmed → pending → active ⇄ suspended → closed`, or ends `refused`; one that the city entered without a
//! mailbox begins `invited` and becomes `active` by the code of a printed letter. What always holds:
//! - only an *active* poster of an *active* venue takes check-ins, in every process within [`directory::TTL_SECONDS`];
//! - a code is made once and never comes back; changing a venue's data changes no code;
//! - nobody can tell from an answer whether a confirmation exists, is used up or has expired;
//! - each change is written with its audit entry and its letter in the caller's transaction, or not at all.
//!
//! The contact address is account data: in clear in the database, shown to officials, never logged.
use crate::audit::Target;
use crate::base::id::ids;

pub mod activation;
pub mod application;
pub mod approval;
mod authority;
pub mod confirmation;
pub mod contact;
mod digits;
pub mod directory;
pub mod export;
pub mod import;
pub mod input;
mod kind;
pub mod letters;
pub mod monthly;
pub mod owner_actions;
pub mod owner_session;
pub mod poster;
mod proof;
pub mod public;
pub mod review;
mod same;
mod scans;
pub mod search;
pub mod search_key;
mod store;
pub mod venue_list;

pub use activation::{ActivateError, Activation, ActivationKey, Invited, NamedMailbox, activate};
pub use application::{Applicant, Applied, Field, FieldError, NewVenue, Problem, RawVenue, apply, apply_as};
pub use approval::{Decided, approve, close, close_own, refuse, resume, suspend};
pub use authority::{Authority, City};
pub use confirmation::{ConfirmError, Confirmed, PendingVenue, TypedDigits, confirm, confirm_by_digits, peek, resend};
pub use contact::replace_contact;
pub use directory::Directory;
pub use kind::{UnknownName, VenueKind, VenueStatus};
pub use owner_session::{MailboxHolder, Owner};
pub use poster::{HangingPoster, NotNow, Poster, PosterStatus, PosterView, add_posters, find_by_code, poster, posters, revoke, rotate};
pub use proof::Proof;
pub use review::{Card, Queue, Said, cards};
pub use scans::Scans;
pub use search::{Filter, VenueRow, index_outdated, list};
pub use search_key::Query;
pub use venue_list::{StayFacts, Venue, discard_abandoned, ids, names, show, stay_facts};

use crate::mail::PostError;

ids!(
    /// A venue's identifier.
    VenueId,
    /// A poster's identifier. Not its code: this one opens nothing.
    PosterId,
);

impl From<VenueId> for Target {
    fn from(id: VenueId) -> Self {
        Self::one("venue", id.0)
    }
}

/// Why a change of a venue was not made. Nothing is left of it once the caller's transaction is rolled back.
#[derive(Debug, thiserror::Error)]
pub enum VenueError {
    /// No such venue or poster.
    #[error("there is no such venue or poster")]
    Unknown,
    /// The venue's state does not allow it.
    #[error("a venue that is {from} cannot become {to}")]
    WrongTransition {
        /// Its state.
        from: VenueStatus,
        /// The state that was asked for.
        to: VenueStatus,
    },
    /// A question to a venue that has not confirmed its address, has none, or has ended.
    #[error("a venue that is {0} is asked nothing")]
    NobodyToAsk(VenueStatus),
    /// New posters for a venue that is refused or closed.
    #[error("a venue that is {0} takes no new posters")]
    NoPostersFor(VenueStatus),
    /// The poster is revoked already; it has no next edition.
    #[error("the poster is revoked")]
    Revoked,
    /// A poster with this label hangs there already: on a round nobody could tell the two apart.
    #[error("a poster with this label hangs already")]
    LabelThere(String),
    /// More than [`poster::MAX_POSTERS_PER_VENUE`] posters.
    #[error("a venue has at most {} posters", poster::MAX_POSTERS_PER_VENUE)]
    TooManyPosters,
    /// The mailbox got [`confirmation::MAX_LETTERS_TO_MAILBOX`] letters that nobody answered.
    #[error("a mailbox gets no more than {} unanswered letters a day", confirmation::MAX_LETTERS_TO_MAILBOX)]
    TooManyLetters,
    /// The form that brought it was sent before.
    #[error("this application was made already")]
    AppliedAlready,
    /// Its letter could not be posted: while keys are not ready, worth another try in a minute.
    #[error(transparent)]
    Post(#[from] PostError),
    /// The database.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}
