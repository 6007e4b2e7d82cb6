//! Alerts: one release of notices over any number of stays, decided by two people and carried out by the worker.
//!
//! The way of an alert, a file each: `draft` → `edit` → `preview` → `approval` (submit, then approve: four eyes) → hold → `dispatch` (the
//! worker matches and re-matches) → `notice` (opens an address just before sending). `control` stops, `progress` tells.
//!
//! Invariants:
//! - Web writes what people decided (`alert`, `alert_approval`, `alert_late_release`); only the worker writes what it did
//!   (`alert_dispatch`, `alert_stay_match`, notices). The state is derived from both, nowhere stored.
//! - No notice exists without an approval by a second principal that binds the stays, the words and the count; the worker
//!   checks that itself, and that two signatories whom web cannot make have signed it (`signed`, `official::vouched`).
//! - Matching is by venue and business date and nothing narrower. Nobody holds two valid notices for the same venue and date,
//!   and one person gets one mail per alert. A notice whose alert was corrected is not valid any more (`withdrawn`).
//! - Words are the worker's own templates. What people choose (an advice, a date, a paragraph, naming) is bound by the approval,
//!   and the worker looks at a paragraph itself before it sends it.
//! - Nothing leaves outside the hours, or beyond the caps, unless two people, or an administrator, said so.
//! - Absent on purpose: any list of the people of an alert.
mod approval;
mod caps;
mod control;
pub mod control_letters;
mod correction;
mod delivery_request;
mod digest;
mod dispatch;
mod draft;
mod edit;
mod follow;
mod genuine;
pub mod listing;
mod notice;
mod number;
mod overview;
mod preview;
mod progress;
mod record;
pub mod release_letters;
mod review;
mod sending;
mod signed;
mod store;
mod text;
mod venue_told;
mod withdrawn;
mod wording;

pub use crate::base::plain::{MAX_NOTE_CHARS, NotPlain};
pub use approval::{Approval, MAX_REASON_CHARS, Reason, ReleaseRules, Seen, Submission, approve, growth_limit, send_back, submit};
pub use caps::{Caps, CityRules};
pub use control::{cancel, pause, release_late, resume};
pub use correction::{Reach, correct, may_be_corrected, reach};
pub use delivery_request::{DeliveryRequest, concerned, refused, request_delivery, send_again};
pub use digest::Digest;
pub use dispatch::{DispatchOptions, Dispatcher, PassReport, REMATCH_EVERY};
pub use draft::{DraftError, MAX_CASES, MAX_STAYS, ReportError, Reported, draft, report_case};
pub use edit::{WordingError, set_wording};
pub use follow::{CaseProgress, add_stays, of_case, progress_of_cases, remove_stays, submitted_stays, waiting_cases};
pub use genuine::{Corrected, Genuine, check_number};
pub use notice::NoticeContent;
pub use number::{AlertNumber, MAX_INPUT_BYTES, NUMBER_LEN};
pub use overview::{Overview, in_progress};
pub use preview::{Preview, StayCount, preview};
pub use progress::{Board, Refusal, Returned, State, Status, board, deliveries, delivery, status};
pub use record::{Reader, Record, RecordError, by_number, names, record};
pub use review::{
    AlertLine, CALLS_PER_HUNDRED, MAX_OPEN_CASES, OpenCase, Outlook, Overlap, Surroundings, consents, lines, open_cases, people,
    surroundings, waiting_for,
};
pub use sending::{Halt, halts, resume_sending, stop_sending, tell_of_stops};
pub use text::{Holds, Named, NoticeText, Texts};
pub use venue_told::{Told, prepare_venue_letter, told as venue_told_of};
pub use wording::{
    Advice, MAX_WATCH_DAYS, RawWording, WATCH_DAYS, Wording, WordingField, WordingProblem, may_last_until, rounded, watch_until,
};

use crate::audit::Target;
use crate::base::text::TextError;
use crate::mail::PostError;
use crate::official::NotVouched;

crate::base::id::ids! {
    /// One alert.
    AlertId,
}

impl From<AlertId> for Target {
    fn from(id: AlertId) -> Self {
        Self::one("alert", id.0)
    }
}

/// Why a verb on an alert was refused. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum AlertError {
    /// There is no such alert.
    #[error("there is no such alert")]
    Unknown,
    /// The alert's state does not allow it.
    #[error("the alert is {0}")]
    WrongState(State),
    /// The submitter of an alert cannot approve it.
    #[error("a second person must approve: this alert was submitted by the same one")]
    SamePrincipal,
    /// A command-line token may approve only with `TOKENS_MAY_APPROVE`.
    #[error("tokens from the command line may not approve")]
    TokenMayNotApprove,
    /// Nobody vouched for the caller's key, so the worker would not believe it.
    #[error("this account or token is not vouched for")]
    NotVouched,
    /// The submitter does not count any more, or signed something else: the alert must be submitted again.
    #[error("the submission does not count any more: send it back and submit it again")]
    SubmissionNotVouched,
    /// Only the submitter or an approver may cancel.
    #[error("only who submitted the alert, or an approver, may cancel it")]
    NotYours,
    /// Stays, words or revision are no longer those that were looked at.
    #[error("the alert has changed since it was looked at: look again")]
    Stale,
    /// The last day that its notices would name lies no longer ahead.
    #[error("the last day of the notices has come: choose another")]
    UntilPassed,
    /// More notices than an alert or a day may have without an administrator.
    #[error("more notices than allowed: an administrator must approve")]
    NeedsAdmin,
    /// The typed number is not the number of visits.
    #[error("the number of visits is another one: look again")]
    WrongCount,
    /// There is no late visit to release.
    #[error("no late visits are waiting")]
    NothingLate,
    /// A release of late visits was clicked and the worker has not come to it yet.
    #[error("late visits are being released already")]
    ReleasePending,
    /// The reason of a stop is missing or unfit.
    #[error("the reason: {0}")]
    Reason(TextError),
    /// All sending is stopped already.
    #[error("all sending is stopped already")]
    AlreadyStopped,
    /// Sending is not stopped.
    #[error("sending is not stopped")]
    NotStopped,
    /// No mail waits that this could concern.
    #[error("no mail of the alert waits for this")]
    NothingWaiting,
    /// The last request about the alert's mails is not carried out yet.
    #[error("the last request is not carried out yet")]
    RequestPending,
    /// The alert has a correction already.
    #[error("the alert is corrected already")]
    AlreadyCorrected,
    /// Nobody got a notice of the alert.
    #[error("nobody got a notice of the alert")]
    NobodyToCorrect,
    /// The addresses of the alert are erased: nobody can write to these people any more.
    #[error("the addresses are past retention and erased")]
    RetentionOver,
    /// The letters to the approvers cannot be sealed yet; worth another try in a minute.
    #[error("letters cannot be sealed at the moment")]
    NotReady,
    /// A letter to the approvers is longer than a letter can be.
    #[error("the letter to the approvers is too long")]
    LetterTooLong,
    /// The database.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<NotVouched> for AlertError {
    fn from(_: NotVouched) -> Self {
        Self::NotVouched
    }
}

impl From<PostError> for AlertError {
    fn from(error: PostError) -> Self {
        match error {
            PostError::NotReady(_) => Self::NotReady,
            PostError::TooLong => Self::LetterTooLong,
            PostError::Db(error) => Self::Database(error),
        }
    }
}
