//! One person, recognised within one purpose and in no other.
use uuid::Uuid;

/// Within which purpose two addresses are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonScope {
    /// One mail per person in this alert.
    Alert(Uuid),
    /// Who wants no notices, or cannot be reached.
    Suppression,
}
