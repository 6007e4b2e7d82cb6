//! Tokens that are shown once and stored only as their SHA-256, and short codes that people type.
use data_encoding::BASE64URL_NOPAD;
use rand::{Rng, RngExt};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Random bytes in a token: 256 bits, beyond any guessing.
const TOKEN_BYTES: usize = 32;
/// The longest text that is worth hashing when a token is looked up.
const MAX_TOKEN_TEXT: usize = 64;

/// A bearer token or one-time link's secret. Shown once to its owner; no Debug, no Display.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Token(String);

impl Token {
    /// A fresh token: 43 characters of URL-safe base64.
    #[must_use]
    pub fn random() -> Self {
        let mut bytes = [0; TOKEN_BYTES];
        rand::rng().fill_bytes(&mut bytes);
        let token = Self(BASE64URL_NOPAD.encode(&bytes));
        bytes.zeroize();
        token
    }

    /// Reads what a client sent as a token; `None` when it cannot be one.
    #[must_use]
    pub fn from_client(text: &str) -> Option<Self> {
        let plausible = !text.is_empty() && text.len() <= MAX_TOKEN_TEXT && text.bytes().all(|byte| byte.is_ascii_graphic());
        plausible.then(|| Self(text.to_owned()))
    }

    /// The text, for the one who asked for it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The hash that is stored and looked up.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// Eight random digits that a person can copy from a mail.
#[must_use]
pub fn eight_digits() -> String {
    format!("{:08}", rand::rng().random_range(0..100_000_000_u32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_survive_the_way_to_the_client_and_back() {
        let (one, other) = (Token::random(), Token::random());
        assert_ne!(one.expose(), other.expose());
        assert_eq!(one.expose().len(), 43);
        assert_eq!(Token::from_client(one.expose()).unwrap().sha256(), one.sha256());
        assert_eq!(format!("{one:?}"), "***");
    }

    #[test]
    fn what_cannot_be_a_token_is_not_looked_up() {
        assert!(Token::from_client("").is_none());
        assert!(Token::from_client("a b").is_none());
        assert!(Token::from_client(&"a".repeat(MAX_TOKEN_TEXT)).is_some());
        assert!(Token::from_client(&"a".repeat(MAX_TOKEN_TEXT + 1)).is_none());
    }

    #[test]
    fn typed_codes_have_eight_digits() {
        let code = eight_digits();
        assert_eq!(code.len(), 8);
        assert!(code.bytes().all(|byte| byte.is_ascii_digit()));
    }
}
