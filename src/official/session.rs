//! Proven identities, and the permissions that their types carry.
use super::role::Role;
use super::statement::{Signed, Signer, Statement};
use super::vouch::NotVouched;
use crate::audit::{Acting, Actor};
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;
use uuid::Uuid;

/// A person, as far as two different ones are needed (four eyes).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Principal {
    /// An official, logged in or through a token of their own.
    Official(Uuid),
    /// A command-line token of this name, whoever holds it.
    Token(String),
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Official(id) => write!(f, "official:{id}"),
            Self::Token(name) => write!(f, "token:{name}"),
        }
    }
}

/// Why a text is no principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a principal reads official:<uuid> or token:<name>")]
pub struct BadPrincipal;

impl FromStr for Principal {
    type Err = BadPrincipal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("official", id)) => id.parse().map(Self::Official).map_err(|_| BadPrincipal),
            Some(("token", name)) if !name.is_empty() => Ok(Self::Token(name.to_owned())),
            _ => Err(BadPrincipal),
        }
    }
}

/// A proven identity. Only this room makes one, from a credential.
#[derive(Clone, Debug)]
pub struct Caller {
    pub(super) principal: Principal,
    pub(super) role: Role,
    pub(super) actor: Actor,
    pub(super) by_command_line_token: bool,
    /// None: the key is not the one that was vouched for.
    pub(super) signer: Option<Signer>,
}

impl Caller {
    /// The principal.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// The role it acts in.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// How the audit chain names it.
    #[must_use]
    pub fn actor(&self) -> Actor {
        self.actor
    }

    /// Whether it came with a token made on the command line, which may approve only with `TOKENS_MAY_APPROVE`.
    #[must_use]
    pub fn is_command_line_token(&self) -> bool {
        self.by_command_line_token
    }

    /// Whether the worker would believe what this caller signs.
    #[must_use]
    pub fn is_vouched_for(&self) -> bool {
        self.signer.is_some()
    }

    /// The right to do what `P` stands for.
    ///
    /// # Errors
    /// [`Forbidden`] when the role does not hold the permission.
    pub fn authorise<P: Permission>(&self) -> Result<Session<P>, Forbidden> {
        if P::allows(self.role) { Ok(Session { caller: self.clone(), permission: PhantomData }) } else { Err(Forbidden(self.role)) }
    }
}

/// The role does not hold the permission that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("role {0} may not do this")]
pub struct Forbidden(pub Role);

/// A caller who was found to hold permission `P`.
pub struct Session<P> {
    caller: Caller,
    permission: PhantomData<fn() -> P>,
}

impl<P> Session<P> {
    /// The principal.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        self.caller.principal()
    }

    /// The role it acts in.
    #[must_use]
    pub fn role(&self) -> Role {
        self.caller.role()
    }

    /// How the audit chain names it.
    #[must_use]
    pub fn actor(&self) -> Actor {
        self.caller.actor()
    }

    /// Whether it came with a token made on the command line.
    #[must_use]
    pub fn is_command_line_token(&self) -> bool {
        self.caller.is_command_line_token()
    }

    /// Signs what is decided: without it the worker believes nothing.
    ///
    /// # Errors
    /// [`NotVouched`] when nobody vouched for the caller's key.
    pub fn sign(&self, statement: &Statement) -> Result<Signed, NotVouched> {
        self.caller.signer.as_ref().map(|signer| signer.sign(statement)).ok_or(NotVouched)
    }
}

impl<P> Acting for Session<P> {
    fn actor(&self) -> Actor {
        self.caller.actor()
    }
}

mod sealed {
    pub trait Sealed {}
}

/// A permission: a type that only this room declares.
pub trait Permission: sealed::Sealed {
    /// Whether `role` holds it.
    fn allows(role: Role) -> bool;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident: $($role:ident)|+;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl sealed::Sealed for $name {}

        impl Permission for $name {
            fn allows(role: Role) -> bool {
                matches!(role, $(Role::$role)|+)
            }
        }
    )*};
}

permissions! {
    /// See venues, cases, alerts and numbers.
    MayView: Viewer | Tracer | Approver | Auditor | Admin;
    /// Report cases, draft and submit alerts, review venues.
    MayTrace: Tracer | Approver | Admin;
    /// Approve what somebody else submitted.
    MayApprove: Approver | Admin;
    /// Read the audit chain.
    MayAudit: Auditor | Admin;
    /// Manage accounts and tokens.
    MayAdmin: Admin;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(role: Role) -> Caller {
        Caller { principal: Principal::Token("night desk".into()), role, actor: Actor::System, by_command_line_token: true, signer: None }
    }

    fn held(role: Role) -> [bool; 5] {
        let caller = caller(role);
        [
            caller.authorise::<MayView>().is_ok(),
            caller.authorise::<MayTrace>().is_ok(),
            caller.authorise::<MayApprove>().is_ok(),
            caller.authorise::<MayAudit>().is_ok(),
            caller.authorise::<MayAdmin>().is_ok(),
        ]
    }

    #[test]
    fn each_role_holds_exactly_its_permissions() {
        assert_eq!(held(Role::Viewer), [true, false, false, false, false]);
        assert_eq!(held(Role::Tracer), [true, true, false, false, false]);
        assert_eq!(held(Role::Approver), [true, true, true, false, false]);
        assert_eq!(held(Role::Auditor), [true, false, false, true, false]);
        assert_eq!(held(Role::Admin), [true; 5]);
    }

    #[test]
    fn a_role_covers_another_exactly_when_it_holds_all_its_permissions() {
        for role in Role::ALL {
            for other in Role::ALL {
                let holds_all = held(role).into_iter().zip(held(other)).all(|(mine, theirs)| mine || !theirs);
                assert_eq!(role.covers(other), holds_all, "{role} and {other}");
            }
        }
    }

    #[test]
    fn principals_go_both_ways() {
        let id = Uuid::from_u128(7);
        for principal in [Principal::Official(id), Principal::Token("a:b 係".into())] {
            assert_eq!(principal.to_string().parse(), Ok(principal));
        }
        for other in ["", "official:", "official:x", "token:", "system", "Token:a"] {
            assert_eq!(other.parse::<Principal>(), Err(BadPrincipal), "{other:?}");
        }
    }

    #[test]
    fn a_session_says_who_acts() {
        let session = caller(Role::Admin).authorise::<MayAdmin>().unwrap();
        assert_eq!(session.principal(), &Principal::Token("night desk".into()));
        assert_eq!((session.role(), session.actor(), session.is_command_line_token()), (Role::Admin, Actor::System, true));
    }
}
