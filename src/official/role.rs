//! Roles of officials and tokens.
use std::fmt;
use std::str::FromStr;

/// The role of an official. Each has exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Role {
    /// Sees numbers, rounded.
    Viewer,
    /// Reports cases, drafts and submits alerts, reviews venues.
    Tracer,
    /// A tracer who also approves what others submitted.
    Approver,
    /// Reads the audit chain; changes nothing.
    Auditor,
    /// Everything, accounts and tokens included.
    Admin,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 5] = [Self::Viewer, Self::Tracer, Self::Approver, Self::Auditor, Self::Admin];

    /// The name as it is stored and typed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Tracer => "tracer",
            Self::Approver => "approver",
            Self::Auditor => "auditor",
            Self::Admin => "admin",
        }
    }

    /// Whether who holds this role may do everything that `other` may; so a token never outranks its maker.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        self == other
            || match self {
                Self::Admin => true,
                Self::Approver => matches!(other, Self::Tracer | Self::Viewer),
                Self::Tracer | Self::Auditor => other == Self::Viewer,
                Self::Viewer => false,
            }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a text is no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a role is one of viewer, tracer, approver, auditor, admin")]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(UnknownRole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways_and_nothing_else_is_a_role() {
        for role in Role::ALL {
            assert_eq!(role.to_string().parse(), Ok(role));
        }
        for other in ["", "Admin", "root", "admin "] {
            assert_eq!(other.parse::<Role>(), Err(UnknownRole), "{other:?}");
        }
    }
}
