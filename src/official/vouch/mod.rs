//! Signatories. The worker believes a decision when a signatory signed it, and signatories stand in tables that web cannot write.
//!
//! The chain begins with the operator, whose command line has the owner's login: an invitation, a token. From there each link is a
//! signed act that web writes down and the worker believes or not ([`believe_acts`]): an administrator invites (the statement holds
//! the public half of a key that follows from the link), the invited person brings in a key of their own (signed with the link's key),
//! an administrator changes a role, resets, enables; a second one confirms.
//!
//! Invariants:
//! - What gives somebody power is signed, numbered for each account, and believed once, in order: nothing old comes back.
//! - What takes power away needs no signature, and is believed from anybody: a false one costs a delay, never a mail.
//! - A statement counts while its signer holds the very standing in which it was signed. Disabled, reset, given another role: it
//!   counts no more, whatever is done later.
//! - The role that counts is the lesser of the signatory's and the account's.
mod acts;
mod believe;
mod operator;

pub(super) use acts::{Act, ActKind, Grant, grant, mailbox, sign_join, take_away, write_join, write_token};
pub use acts::{NotVouched, confirm};
pub use believe::believe_acts;
pub(super) use believe::{ByKey, Held, Waiting};
pub use operator::{confirm_by_operator, fingerprint, vouch};
pub(super) use operator::{end_by_operator, grant_by_operator, vouch_for_token};

use super::role::Role;
use super::session::Principal;
use super::statement::{Signed, Statement};
use super::store::signatories as store;
use sqlx::PgConnection;

/// Somebody whose signature was checked and counts at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voucher {
    /// Who.
    pub principal: Principal,
    /// In which role.
    pub role: Role,
}

impl Voucher {
    /// Whether it is a token that the operator made, which is nobody in particular.
    #[must_use]
    pub fn is_command_line_token(&self) -> bool {
        matches!(self.principal, Principal::Token(_))
    }

    /// Whether it acts as an administrator.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }

    /// Whether it may let mails go: an approver or administrator, and a command-line token only with `TOKENS_MAY_APPROVE`.
    #[must_use]
    pub fn may_release(&self, tokens_may_approve: bool) -> bool {
        self.role.covers(Role::Approver) && (tokens_may_approve || !self.is_command_line_token())
    }
}

/// The signatory behind `statement`, if one signed it in the standing held now.
///
/// # Errors
/// The database.
pub async fn vouched(conn: &mut PgConnection, statement: &Statement, signed: Option<&[u8]>) -> Result<Option<Voucher>, sqlx::Error> {
    let Some((key, standing)) = signed.and_then(|signed| Signed::check(statement, signed)) else {
        return Ok(None);
    };
    let found = store::by_key(conn, &key).await?;
    Ok(found.filter(|found| found.standing == standing).map(|found| Voucher { principal: found.principal, role: found.role }))
}

/// The role that counts: the lesser of what the account says and what was vouched for.
pub(super) fn weigh(account: Role, vouched: Role, confirmed: bool) -> Role {
    // An account that waits for the second administrator may prepare, and decides nothing.
    let vouched = if confirmed || !needs_two(vouched) { vouched } else { Role::Tracer };
    if vouched.covers(account) {
        account
    } else if account.covers(vouched) {
        vouched
    } else {
        Role::Viewer
    }
}

/// Roles that a second administrator confirms.
pub(super) fn needs_two(role: Role) -> bool {
    matches!(role, Role::Approver | Role::Admin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_role_that_counts_is_the_lesser_one() {
        for (account, vouched, confirmed, counts) in [
            (Role::Admin, Role::Tracer, true, Role::Tracer),
            (Role::Tracer, Role::Admin, true, Role::Tracer),
            (Role::Approver, Role::Approver, true, Role::Approver),
            (Role::Approver, Role::Approver, false, Role::Tracer),
            (Role::Admin, Role::Admin, false, Role::Tracer),
            (Role::Auditor, Role::Auditor, false, Role::Auditor),
            (Role::Auditor, Role::Tracer, true, Role::Viewer),
            (Role::Viewer, Role::Approver, false, Role::Viewer),
        ] {
            assert_eq!(weigh(account, vouched, confirmed), counts, "{account} {vouched} {confirmed}");
        }
    }
}
