//! Who may act: principals, roles, API tokens. Authority is a type: what only an approver may do takes a `&Session<MayApprove>`.
//!
//! Invariants: a [`Caller`] exists only for a proven identity, a [`Session`] only for a caller whose role holds the permission.
//! Principals decide who is the *same person* where two are needed: a token that an official made is that official, and two
//! command-line tokens of one name are one person.
mod login;
mod reads;
mod role;
mod session;
mod store;
mod token;

pub use login::{ABSOLUTE, FRESH, IDLE, Login, end_session, login_of, open_session};
pub use reads::{names, note_read, render_alarm};
pub use role::{Role, UnknownRole};
pub use session::{BadPrincipal, Caller, Forbidden, MayAdmin, MayApprove, MayAudit, MayTrace, MayView, Permission, Principal, Session};
pub use token::{MAX_TOKEN_NAME, TokenError, caller_of, create_token, revoke_token};
