//! One person, recognised within one purpose and in no other.
use super::mac::keyed;
use crate::base::email_address::EmailAddress;
use crate::base::secret::derive;
use crate::base::token::Token;
use hmac::Mac;
use rand::Rng;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Within which purpose two addresses are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonScope {
    /// One mail per person in this alert.
    Alert(Uuid),
    /// People who want no notices, or cannot be reached.
    Suppression,
    /// How many letters with a link to their own page somebody got today.
    OwnLink,
    /// Whether the mail server refuses several people or one, and several domains or one.
    Refusal,
}

/// The worker's key for recognising people. Each purpose has a key of its own, derived from it (HKDF, RFC 5869).
pub(super) struct PersonKey(Zeroizing<[u8; 32]>);

impl PersonKey {
    pub(super) fn random() -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rand::rng().fill_bytes(bytes.as_mut());
        Self(bytes)
    }

    pub(super) fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// HMAC-SHA256 of the normalised address under the purpose's key.
    pub(super) fn person(&self, scope: PersonScope, address: &EmailAddress) -> [u8; 32] {
        let mut mac = keyed(&self.scope_key(scope));
        mac.update(address.normalised().as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// The key under which the address behind a link is sealed: it takes this key and the link's token.
    pub(super) fn own_link_key(&self, token: &Token) -> Zeroizing<[u8; 32]> {
        let both = Zeroizing::new([self.0.as_slice(), token.expose().as_bytes()].concat());
        derive(&both, b"ashiato own link address v1")
    }

    fn scope_key(&self, scope: PersonScope) -> Zeroizing<[u8; 32]> {
        match scope {
            PersonScope::Alert(id) => derive(self.0.as_slice(), &[b"ashiato alert person v1".as_slice(), id.as_bytes()].concat()),
            PersonScope::Suppression => derive(self.0.as_slice(), b"ashiato suppressed person v1"),
            PersonScope::OwnLink => derive(self.0.as_slice(), b"ashiato own link person v1"),
            PersonScope::Refusal => derive(self.0.as_slice(), b"ashiato refused person v1"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_the_same_within_a_purpose_and_a_stranger_in_every_other() {
        let key = PersonKey::random();
        let (taro, typed) = (EmailAddress::parse("taro@example.jp").unwrap(), EmailAddress::parse("Taro@Example.JP").unwrap());
        let (one, other) = (PersonScope::Alert(Uuid::from_u128(1)), PersonScope::Alert(Uuid::from_u128(2)));
        assert_eq!(key.person(one, &taro), key.person(one, &typed));
        assert_ne!(key.person(one, &taro), key.person(other, &taro));
        assert_ne!(key.person(one, &taro), key.person(PersonScope::Suppression, &taro));
        assert_ne!(key.person(PersonScope::OwnLink, &taro), key.person(PersonScope::Suppression, &taro));
        assert_ne!(key.person(one, &taro), PersonKey::random().person(one, &taro));
        assert_ne!(key.person(one, &taro), key.person(one, &EmailAddress::parse("jiro@example.jp").unwrap()));
    }
}
