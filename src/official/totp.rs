//! The second factor: six digits that change every 30 seconds (RFC 6238), from an app or from a token of hardware.
use chrono::{DateTime, Utc};
use data_encoding::{BASE32_NOPAD, HEXLOWER_PERMISSIVE};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rand::Rng;
use totp_rs::{Algorithm, Builder, Secret, Totp};
use zeroize::Zeroizing;

/// Digits of a code.
pub const CODE_DIGITS: usize = 6;
/// Seconds for which a code is the present one (RFC 6238 §5.2).
pub const STEP_SECONDS: i64 = 30;
/// Bytes of a secret that we make (RFC 4226 §4: 160 bits).
const SECRET_BYTES: usize = 20;
/// Shortest seed of a hardware token, in bytes (RFC 4226 §4: 128 bits).
pub const MIN_SEED_BYTES: usize = 16;
/// Longest seed, in bytes: a block of SHA-256.
pub const MAX_SEED_BYTES: usize = 64;
/// Characters of a seed that are looked at: 64 bytes in hexadecimal with a space between any two.
const MAX_SEED_TEXT: usize = 400;

/// The characters that are escaped in a label: all but the unreserved ones (RFC 3986 §2.3).
const LABEL: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_').remove(b'~');

/// The hash under which codes are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TotpHash {
    /// The hash that every app knows.
    #[default]
    Sha1,
    /// The hash of some hardware tokens.
    Sha256,
}

impl TotpHash {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Sha1, Self::Sha256];

    /// The name as it is stored and posted.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }

    /// The hash of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hash| hash.as_str() == name)
    }

    fn algorithm(self) -> Algorithm {
        match self {
            Self::Sha1 => Algorithm::SHA1,
            Self::Sha256 => Algorithm::SHA256,
        }
    }
}

/// The seed of a hardware token as somebody typed it. No `Debug`.
#[derive(Clone, Copy)]
pub struct Seed<'a> {
    /// Base32 or hexadecimal, with or without spaces.
    pub text: &'a str,
    /// The hash under which the token makes its codes.
    pub hash: TotpHash,
}

/// Why a text is no seed of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSeed {
    /// Neither base32 nor hexadecimal.
    #[error("a seed is written in base32 or in hexadecimal")]
    Malformed,
    /// Shorter than [`MIN_SEED_BYTES`] or longer than [`MAX_SEED_BYTES`].
    #[error("a seed has 16 to 64 bytes")]
    Length,
}

/// The secret that app and service share. No `Debug`; wiped on drop.
#[derive(Clone)]
pub struct TotpSecret {
    bytes: Zeroizing<Vec<u8>>,
    hash: TotpHash,
}

impl TotpSecret {
    /// A fresh secret for an app.
    #[must_use]
    pub fn random() -> Self {
        let mut bytes = Zeroizing::new(vec![0; SECRET_BYTES]);
        rand::rng().fill_bytes(&mut bytes);
        Self { bytes, hash: TotpHash::Sha1 }
    }

    /// The seed that came with a hardware token. Spaces and hyphens are ignored. A text of hexadecimal digits alone is read as
    /// such: base32 looks like that once in 10¹³ seeds.
    ///
    /// # Errors
    /// [`BadSeed`]
    pub fn from_seed(text: &str, hash: TotpHash) -> Result<Self, BadSeed> {
        if text.len() > MAX_SEED_TEXT {
            return Err(BadSeed::Length);
        }
        let mut bare = Zeroizing::new(String::with_capacity(text.len()));
        bare.extend(text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '=' | ':')).map(|c| c.to_ascii_uppercase()));
        let is_hex = bare.bytes().all(|byte| byte.is_ascii_hexdigit());
        let bytes = if is_hex { HEXLOWER_PERMISSIVE.decode(bare.as_bytes()) } else { BASE32_NOPAD.decode(bare.as_bytes()) };
        Self::from_bytes(&bytes.map(Zeroizing::new).map_err(|_| BadSeed::Malformed)?, hash).ok_or(BadSeed::Length)
    }

    pub(super) fn from_bytes(bytes: &[u8], hash: TotpHash) -> Option<Self> {
        (MIN_SEED_BYTES..=MAX_SEED_BYTES).contains(&bytes.len()).then(|| Self { bytes: Zeroizing::new(bytes.to_vec()), hash })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The hash under which codes are made.
    #[must_use]
    pub fn hash(&self) -> TotpHash {
        self.hash
    }

    /// The secret as people type it into an app: base32 in groups of four.
    #[must_use]
    pub fn grouped(&self) -> Zeroizing<String> {
        let text = Zeroizing::new(BASE32_NOPAD.encode(&self.bytes));
        let groups: Vec<&str> = text.as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
        Zeroizing::new(groups.join(" "))
    }

    /// The text of the QR code (the "Key Uri Format" that apps agree on): label `issuer:account`, both plain ASCII.
    #[must_use]
    pub fn url(&self, issuer: &str, account: &str) -> Zeroizing<String> {
        let encode = |text: &str| utf8_percent_encode(text, LABEL).to_string();
        let (issuer, account) = (encode(issuer), encode(account));
        let secret = Zeroizing::new(BASE32_NOPAD.encode(&self.bytes));
        let hash = self.hash.algorithm();
        Zeroizing::new(format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm={}&digits={CODE_DIGITS}&period={STEP_SECONDS}",
            secret.as_str(),
            hash.as_str()
        ))
    }

    /// The code at `at`, as the app shows it: for tests and demonstrations.
    #[must_use]
    pub fn code(&self, at: DateTime<Utc>) -> String {
        self.totp().generate(seconds(at)).to_string()
    }

    /// The step to which `code` belongs: the present one, the one before or the one after (RFC 6238 §5.2), and later than
    /// `after`, the last one used. `code` is six digits already.
    pub(super) fn step_of(&self, code: &str, now: DateTime<Utc>, after: i64) -> Option<i64> {
        let totp = self.totp();
        let present = now.timestamp() / STEP_SECONDS;
        let matching = (present - 1..=present + 1).filter(|step| {
            let at = u64::try_from(step * STEP_SECONDS).unwrap_or(0);
            totp.check(code, at).is_some()
        });
        matching.filter(|step| *step > after).min()
    }

    fn totp(&self) -> Totp {
        let secret = Secret::new(self.bytes.as_slice().into());
        let step = STEP_SECONDS.unsigned_abs();
        Builder::new()
            .with_algorithm(self.hash.algorithm())
            .with_digits(6)
            .with_skew(0)
            .with_step_duration(step)
            .with_secret(secret)
            .build_noncompliant()
    }
}

fn seconds(at: DateTime<Utc>) -> u64 {
    u64::try_from(at.timestamp()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    /// RFC 6238 appendix B: its secrets and the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let sha1 = TotpSecret::from_bytes(b"12345678901234567890", TotpHash::Sha1).unwrap();
        let sha256 = TotpSecret::from_bytes(b"12345678901234567890123456789012", TotpHash::Sha256).unwrap();
        for (time, one, other) in [
            (59, "287082", "119246"),
            (1_111_111_109, "081804", "084774"),
            (1_111_111_111, "050471", "062674"),
            (1_234_567_890, "005924", "819424"),
            (2_000_000_000, "279037", "698825"),
            (20_000_000_000, "353130", "737706"),
        ] {
            assert_eq!((sha1.code(at(time)).as_str(), sha256.code(at(time)).as_str()), (one, other), "{time}");
        }
    }

    #[test]
    fn one_step_of_drift_is_forgiven_and_no_more() {
        let secret = TotpSecret::random();
        let now = at(1_000_000_000);
        let step = now.timestamp() / STEP_SECONDS;
        for (drift, found) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let code = secret.code(at((step + drift) * STEP_SECONDS));
            assert_eq!(secret.step_of(&code, now, 0), found.then_some(step + drift), "{drift}");
        }
    }

    #[test]
    fn a_used_step_and_all_before_it_are_over() {
        let secret = TotpSecret::random();
        let now = at(1_000_000_000);
        let step = now.timestamp() / STEP_SECONDS;
        let code = secret.code(now);
        assert_eq!(secret.step_of(&code, now, step - 1), Some(step));
        assert_eq!(secret.step_of(&code, now, step), None);
        assert_eq!(secret.step_of(&secret.code(at((step - 1) * STEP_SECONDS)), now, step), None);
        assert_eq!(secret.step_of(&secret.code(at((step + 1) * STEP_SECONDS)), now, step), Some(step + 1));
    }

    #[test]
    fn seeds_are_read_in_both_spellings() {
        let bytes = b"12345678901234567890";
        for text in
            ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "gezd gnbv gy3t qojq gezd gnbv gy3t qojq", "3132333435363738393031323334353637383930"]
        {
            let seed = TotpSecret::from_seed(text, TotpHash::Sha256).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!((seed.bytes(), seed.hash()), (&bytes[..], TotpHash::Sha256), "{text}");
        }
        for bad in ["", "31", "GEZDGNBV", &"A".repeat(401), &"ab".repeat(MAX_SEED_BYTES + 1), &"00".repeat(MIN_SEED_BYTES - 1)] {
            assert_eq!(TotpSecret::from_seed(bad, TotpHash::Sha1).err(), Some(BadSeed::Length), "{bad}");
        }
        for bad in ["あいうえおかきくけこ", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQO1!", "abc", "\0\0\0"] {
            assert_eq!(TotpSecret::from_seed(bad, TotpHash::Sha1).err(), Some(BadSeed::Malformed), "{bad}");
        }
        for edge in [MIN_SEED_BYTES, MAX_SEED_BYTES] {
            assert!(TotpSecret::from_seed(&"0a".repeat(edge), TotpHash::Sha1).is_ok(), "{edge}");
        }
    }

    #[test]
    fn apps_are_told_everything_in_one_link() {
        let secret = TotpSecret::from_bytes(b"12345678901234567890", TotpHash::Sha1).unwrap();
        assert_eq!(
            secret.url("trace.city.example.jp", "k.tanaka@city.example.jp").as_str(),
            "otpauth://totp/trace.city.example.jp:k.tanaka%40city.example.jp?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=trace.city.example.jp&algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(secret.grouped().as_str(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    }
}
