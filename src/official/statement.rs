//! A decision as bytes that can be signed, and its signature.
use crate::base::token::Token;
use crate::keys::{PUBLIC_KEY_LEN, PersonalKey, SIGNATURE_LEN, has_signed};
use chrono::{DateTime, Utc};
use uuid::Uuid;

const STANDING_LEN: usize = 8;
/// Bytes of a stored signature: public key, standing, signature.
pub const SIGNED_LEN: usize = PUBLIC_KEY_LEN + STANDING_LEN + SIGNATURE_LEN;

/// A decision, each field behind its length: no bytes can wander between fields, and no two kinds of decision share their bytes.
#[derive(Clone)]
pub struct Statement(Vec<u8>);

impl Statement {
    /// A statement of the kind that `label` names.
    #[must_use]
    pub fn new(label: &'static str) -> Self {
        Self(Vec::new()).text(label)
    }

    /// With these bytes.
    #[must_use]
    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        self.0.extend_from_slice(bytes);
        self
    }

    /// With this text.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes())
    }

    /// With this number.
    #[must_use]
    pub fn number(self, number: i64) -> Self {
        self.bytes(&number.to_be_bytes())
    }

    /// With this identifier.
    #[must_use]
    pub fn id(self, id: Uuid) -> Self {
        self.bytes(id.as_bytes())
    }

    /// With this moment, as exact as Postgres keeps it.
    #[must_use]
    pub fn at(self, at: DateTime<Utc>) -> Self {
        self.number(at.timestamp_micros())
    }

    /// With these bytes, or with none: an absent field differs from an empty one.
    #[must_use]
    pub fn maybe(self, bytes: Option<&[u8]>) -> Self {
        match bytes {
            None => self.number(0),
            Some(bytes) => self.number(1).bytes(bytes),
        }
    }

    /// The bytes that are signed: the statement, by whom, and in which standing.
    fn signed_bytes(&self, key: &[u8; PUBLIC_KEY_LEN], standing: i64) -> Vec<u8> {
        self.clone().bytes(key).number(standing).0
    }
}

/// With what a caller signs: a key, and the number of the grant under which it counts.
#[derive(Clone)]
pub struct Signer {
    key: PersonalKey,
    standing: i64,
}

impl Signer {
    pub(super) fn new(key: PersonalKey, standing: i64) -> Self {
        Self { key, standing }
    }

    /// The signer behind an invitation's link; it has no standing yet.
    pub(super) fn of_invitation(token: &Token) -> Self {
        Self::new(PersonalKey::of_invitation(token), 0)
    }

    pub(super) fn sign(&self, statement: &Statement) -> Signed {
        let public = self.key.public();
        let signature = self.key.sign(&statement.signed_bytes(&public, self.standing));
        let mut signed = [0; SIGNED_LEN];
        signed[..PUBLIC_KEY_LEN].copy_from_slice(&public);
        signed[PUBLIC_KEY_LEN..PUBLIC_KEY_LEN + STANDING_LEN].copy_from_slice(&self.standing.to_be_bytes());
        signed[PUBLIC_KEY_LEN + STANDING_LEN..].copy_from_slice(&signature);
        Signed(signed)
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// A signature as it is stored: by which key, in which standing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signed([u8; SIGNED_LEN]);

impl Signed {
    /// The bytes that are stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The key and the standing that signed `statement`; `None` when nobody did. Whether they count is another question.
    pub(super) fn check(statement: &Statement, stored: &[u8]) -> Option<([u8; PUBLIC_KEY_LEN], i64)> {
        let (key, rest) = stored.split_first_chunk::<PUBLIC_KEY_LEN>()?;
        let (standing, signature) = rest.split_first_chunk::<STANDING_LEN>()?;
        let signature: &[u8; SIGNATURE_LEN] = signature.try_into().ok()?;
        let standing = i64::from_be_bytes(*standing);
        has_signed(key, &statement.signed_bytes(key, standing), signature).then_some((*key, standing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_binds_every_field_the_key_and_the_standing() {
        let (key, id) = (PersonalKey::random(), Uuid::from_u128(7));
        let statement = |label, text: &str, number| Statement::new(label).text(text).number(number).id(id).maybe(None);
        let signed = Signer::new(key.clone(), 3).sign(&statement("a", "b", 1));
        assert_eq!(Signed::check(&statement("a", "b", 1), signed.as_bytes()), Some((key.public(), 3)));
        for other in [statement("b", "b", 1), statement("a", "c", 1), statement("a", "b", 2), statement("a", "b", 1).text("")] {
            assert_eq!(Signed::check(&other, signed.as_bytes()), None);
        }
        for at in 0..SIGNED_LEN {
            let mut altered = signed.0;
            altered[at] ^= 1;
            assert_eq!(Signed::check(&statement("a", "b", 1), &altered), None, "byte {at}");
        }
        assert_eq!(Signed::check(&statement("a", "b", 1), &signed.0[1..]), None);
    }

    #[test]
    fn no_bytes_wander_between_fields() {
        let one = Statement::new("x").text("ab").text("c");
        let other = Statement::new("x").text("a").text("bc");
        assert_ne!(one.0, other.0);
        assert_ne!(Statement::new("x").maybe(None).0, Statement::new("x").maybe(Some(b"")).0);
    }
}
