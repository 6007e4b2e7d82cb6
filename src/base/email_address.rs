//! An e-mail address: the only form in which one travels through the code.
//!
//! Parsed once at the border. What comes out is plain ASCII, can be written into an SMTP command as it stands
//! (no space, angle bracket, control character or line end), and never shows itself in a log.
//! Stricter than RFC 5321 where strictness protects (no IP literals, no dotless domains), more lenient where people in
//! Japan need it: mail addresses that docomo and au handed out until 2009 may hold dots anywhere in the local part.
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use std::fmt;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// Longest address in bytes, as it stands in an SMTP command (RFC 5321 §4.5.3.1.3: a path is 256 with its brackets).
pub const MAX_ADDRESS_BYTES: usize = 254;

/// Longest local part in bytes, quotes included (RFC 5321 §4.5.3.1.1).
pub const MAX_LOCAL_BYTES: usize = 64;

/// Longest input that is looked at. A full-width address of 254 characters takes 762 bytes; the rest is room for spaces.
pub const MAX_INPUT_BYTES: usize = 1024;

/// Top-level names that never receive mail from the internet (RFC 2606, RFC 6761, RFC 6762, RFC 7686).
const UNREACHABLE_TLDS: [&str; 4] = ["localhost", "local", "invalid", "onion"];

/// Why a text is no address we can send to. Each has its own sentence on the page (docs/LOOK.md §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing was typed.
    #[error("no address was given")]
    Empty,
    /// There is no `@`.
    #[error("the @ is missing")]
    NoAt,
    /// The part after the `@` is not a full domain: nothing, `localhost`, `example` or `example.`.
    #[error("the domain is incomplete")]
    NoDotAfterAt,
    /// Longer than [`MAX_ADDRESS_BYTES`].
    #[error("the address is too long")]
    TooLong,
    /// Anything else that cannot be delivered or must not be: odd characters, IP literals, names outside the internet.
    #[error("mail cannot be sent to this address")]
    Refused,
}

/// One deliverable address, ASCII, its domain in lower case and its local part as typed (without quotes).
///
/// Two addresses are equal when they belong to one person by our rule: the local parts differ at most in case.
/// There is no `Display` and no `Serialize`; `Debug` prints `***`; the memory is wiped on drop.
#[derive(Clone)]
pub struct EmailAddress {
    text: Zeroizing<String>,
    at: usize,
}

impl EmailAddress {
    /// Reads what a person typed or pasted.
    ///
    /// Full-width letters become ASCII (NFKC); white space at the ends and around the `@` is dropped; an international
    /// domain is turned into its ASCII form (UTS 46); quotes around the local part are taken off.
    ///
    /// # Errors
    /// [`AddressError`] says which sentence the person should read. It holds no part of the input.
    pub fn parse(input: &str) -> Result<Self, AddressError> {
        if input.len() > MAX_INPUT_BYTES {
            return Err(AddressError::TooLong);
        }
        let folded = fold_width(input);
        let typed = folded.trim();
        if typed.is_empty() {
            return Err(AddressError::Empty);
        }
        let (local, domain) = typed.rsplit_once('@').ok_or(AddressError::NoAt)?;
        let local = parse_local(local.trim_end())?;
        let domain = parse_domain(domain.trim_start())?;
        Self::assemble(local, &domain)
    }

    fn assemble(local: &str, domain: &str) -> Result<Self, AddressError> {
        let mut text = Zeroizing::new(String::with_capacity(local.len() + 1 + domain.len()));
        text.push_str(local);
        text.push('@');
        text.push_str(domain);
        let address = Self { text, at: local.len() };
        let quotes = if address.needs_quotes() { 2 } else { 0 };
        if address.text.len() + quotes > MAX_ADDRESS_BYTES {
            Err(AddressError::TooLong)
        } else if local.len() + quotes > MAX_LOCAL_BYTES {
            Err(AddressError::Refused)
        } else {
            Ok(address)
        }
    }

    /// The plain form, `ta..ro@docomo.ne.jp`: for sealing, and for showing it to its owner. Never for a log.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The form under which one person is one person: all in lower case. Its bytes are what a mac is taken over.
    ///
    /// RFC 5321 §2.4 lets a server tell `Taro` from `taro`; none that matters does, and people type both.
    #[must_use]
    pub fn normalised(&self) -> Zeroizing<String> {
        Zeroizing::new(self.text.to_ascii_lowercase())
    }

    /// The form for SMTP commands and header fields: the local part is quoted where its dots need it (RFC 5321 §4.1.2).
    #[must_use]
    pub fn envelope_form(&self) -> Zeroizing<String> {
        if !self.needs_quotes() {
            return self.text.clone();
        }
        let mut quoted = Zeroizing::new(String::with_capacity(self.text.len() + 2));
        quoted.push('"');
        quoted.push_str(self.local());
        quoted.push('"');
        quoted.push_str(&self.text[self.at..]);
        quoted
    }

    /// The domain in ASCII and lower case, without the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.text[self.at + 1..]
    }

    fn local(&self) -> &str {
        &self.text[..self.at]
    }

    /// Whether the local part is no dot-atom (RFC 5322 §3.2.3): a dot at an end, or two in a row.
    fn needs_quotes(&self) -> bool {
        self.local().split('.').any(str::is_empty)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.text.eq_ignore_ascii_case(&other.text)
    }
}

impl Eq for EmailAddress {}

/// NFKC, collected without growing, so that no copy of the address is left behind in freed memory.
fn fold_width(input: &str) -> Zeroizing<String> {
    // NFKC leaves ASCII as it is (UAX #15 §7), and nearly every address is ASCII.
    if input.is_ascii() {
        return Zeroizing::new(input.to_owned());
    }
    let bytes = input.nfkc().map(char::len_utf8).sum();
    let mut folded = Zeroizing::new(String::with_capacity(bytes));
    folded.extend(input.nfkc());
    folded
}

/// The local part without its quotes. Within quotes the same characters are allowed as without: letters, digits,
/// the signs of RFC 5322 `atext`, and dots anywhere. So nothing inside ever needs a backslash.
fn parse_local(typed: &str) -> Result<&str, AddressError> {
    let bare = typed.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(typed);
    if !bare.is_empty() && bare.bytes().all(|b| b == b'.' || is_atext(b)) { Ok(bare) } else { Err(AddressError::Refused) }
}

fn is_atext(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

/// The domain in ASCII. `。` counts as a dot (UTS 46 maps it), since Japanese keyboards put it there.
fn parse_domain(typed: &str) -> Result<String, AddressError> {
    if typed.starts_with('[') {
        return Err(AddressError::Refused);
    }
    if typed.len() > MAX_INPUT_BYTES {
        return Err(AddressError::TooLong);
    }
    if !has_inner_dot(typed) {
        return Err(AddressError::NoDotAfterAt);
    }
    let domain = Uts46::new()
        .to_ascii(typed.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Ignore)
        .map_err(|_| AddressError::Refused)?
        .into_owned();
    if domain.len() > MAX_ADDRESS_BYTES {
        return Err(AddressError::TooLong);
    }
    let fits_dns = idna::uts46::verify_dns_length(&domain, false);
    let reachable = domain.rsplit('.').next().is_some_and(is_public_tld);
    if fits_dns && reachable && domain.contains('.') { Ok(domain) } else { Err(AddressError::Refused) }
}

/// Whether something stands on both sides of a dot; otherwise the person has not finished typing.
fn has_inner_dot(typed: &str) -> bool {
    let is_dot = |c| matches!(c, '.' | '。');
    typed.find(is_dot).is_some_and(|dot| {
        let tail = &typed[dot..];
        dot > 0 && !tail.trim_start_matches(is_dot).is_empty()
    })
}

/// A last label that can hold mail: two characters or more, not a number (so no IPv4 address), not reserved.
fn is_public_tld(label: &str) -> bool {
    label.len() >= 2 && !label.bytes().all(|b| b.is_ascii_digit()) && !UNREACHABLE_TLDS.contains(&label)
}

#[cfg(test)]
#[path = "email_address_tests.rs"]
mod tests;
