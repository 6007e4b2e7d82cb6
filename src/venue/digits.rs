//! Eight digits that a person types, kept only as a slow hash ([`crate::base::slow_hash`]).
use crate::base::text::digits;
use zeroize::Zeroizing;

/// Digits of a mailed code.
pub const DIGITS: usize = 8;

/// The digits of what a person typed. `None` when it is not eight digits.
pub(super) fn read_digits(typed: &str) -> Option<Zeroizing<String>> {
    digits(typed, DIGITS)
}
