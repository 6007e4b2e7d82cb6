//! The content of a seal, and the data that it is bound to. Pure.
//!
//! A text is padded so that its length tells nearly nothing, and authenticated together with the place it belongs to.
use super::cipher::{NONCE_LEN, TAG_LEN};
use super::{MAC_LEN, date_bytes};
use crate::base::email_address::{EmailAddress, MAX_ADDRESS_BYTES};
use crate::base::locale::Locale;
use chrono::NaiveDate;
use uuid::Uuid;
use zeroize::Zeroizing;

/// Lengths of a visit's text. Nearly every address fits the first; the longest possible fits the last exactly.
const VISIT_SIZES: [usize; 3] = [64, 128, 256];
/// Locale and flags stand before the address.
const VISIT_HEADER: usize = 2;
const _: () = assert!(VISIT_HEADER + MAX_ADDRESS_BYTES <= VISIT_SIZES[2]);

/// Longest text of a letter, in bytes: an address, a few parameters and room to grow.
pub const MAX_LETTER_BYTES: usize = 4_000;
/// A letter's text is padded to multiples of this.
const LETTER_STEP: usize = 256;
/// A letter's length stands before its text, big-endian.
const LETTER_HEADER: usize = 2;
/// The longest letter once it is sealed; nothing in the outbox is longer. The database's constraints hold the same number.
pub const MAX_SEALED_BYTES: usize = NONCE_LEN + (LETTER_HEADER + MAX_LETTER_BYTES).next_multiple_of(LETTER_STEP) + TAG_LEN;
/// The longest visit once it is sealed.
pub const MAX_SEALED_VISIT_BYTES: usize = NONCE_LEN + VISIT_SIZES[2] + TAG_LEN;

/// The text in every canary: if it does not open, sealing is broken.
const CANARY: &[u8] = b"ashiato: what was sealed here can be opened";
/// A canary is as long as an ordinary visit's text.
pub(super) const CANARY_SIZE: usize = VISIT_SIZES[0];

/// Everything up to the address has a fixed length, in every place below, so no two places share their bytes.
pub(super) fn visit_place(venue: Uuid, date: NaiveDate, mac: &[u8; MAC_LEN], epoch: i64) -> Vec<u8> {
    [b"ashiato visit v1".as_slice(), venue.as_bytes(), &date_bytes(date), mac, &epoch.to_be_bytes()].concat()
}

pub(super) fn letter_place(id: Uuid, kind: &str, date: NaiveDate, epoch: i64) -> Vec<u8> {
    [b"ashiato letter v1".as_slice(), id.as_bytes(), &date_bytes(date), &epoch.to_be_bytes(), kind.as_bytes()].concat()
}

pub(super) fn canary_place(date: NaiveDate, epoch: i64) -> Vec<u8> {
    [b"ashiato canary v1".as_slice(), &date_bytes(date), &epoch.to_be_bytes()].concat()
}

/// The padded length of a visit's text.
pub(super) fn visit_size(address: &EmailAddress) -> usize {
    let needed = VISIT_HEADER + address.expose().len();
    VISIT_SIZES.into_iter().find(|size| *size >= needed).unwrap_or(needed)
}

/// Locale ‖ flags ‖ address ‖ zeroes. No flag means anything yet.
pub(super) fn write_visit(text: &mut [u8], address: &EmailAddress, locale: Locale) {
    let address = address.expose().as_bytes();
    text[0] = locale_byte(locale);
    text[VISIT_HEADER..VISIT_HEADER + address.len()].copy_from_slice(address);
}

/// The reverse of [`write_visit`]; `None` when this version would not have written it.
pub(super) fn read_visit(text: &[u8]) -> Option<(EmailAddress, Locale)> {
    let (&[locale, flags], rest) = text.split_first_chunk::<VISIT_HEADER>()?;
    let end = rest.iter().rposition(|byte| *byte != 0)? + 1;
    let address = EmailAddress::parse(std::str::from_utf8(&rest[..end]).ok()?).ok()?;
    let locale = Locale::ALL.into_iter().find(|known| locale_byte(*known) == locale)?;
    (flags == 0).then_some((address, locale))
}

/// A language as it is sealed. These numbers stay for ever: rows of other versions hold them.
fn locale_byte(locale: Locale) -> u8 {
    match locale {
        Locale::Ja => 1,
        Locale::En => 2,
    }
}

/// The padded length of a letter's text.
pub(super) fn letter_size(text: &[u8]) -> usize {
    (LETTER_HEADER + text.len()).next_multiple_of(LETTER_STEP)
}

/// Length ‖ text ‖ zeroes. The text has at most [`MAX_LETTER_BYTES`].
pub(super) fn write_letter(into: &mut [u8], text: &[u8], length: u16) {
    into[..LETTER_HEADER].copy_from_slice(&length.to_be_bytes());
    into[LETTER_HEADER..LETTER_HEADER + text.len()].copy_from_slice(text);
}

/// The reverse of [`write_letter`].
pub(super) fn read_letter(padded: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (length, rest) = padded.split_first_chunk::<LETTER_HEADER>()?;
    let (text, padding) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    padding.iter().all(|byte| *byte == 0).then(|| Zeroizing::new(text.to_vec()))
}

pub(super) fn write_canary(text: &mut [u8]) {
    text[..CANARY.len()].copy_from_slice(CANARY);
}

pub(super) fn is_canary(text: &[u8]) -> bool {
    text.len() == CANARY_SIZE && text.strip_prefix(CANARY).is_some_and(|rest| rest.iter().all(|byte| *byte == 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An address of exactly `length` bytes.
    fn address(length: usize) -> EmailAddress {
        let mut domain = String::from("example.jp");
        while domain.len() + 62 < length {
            domain = format!("{}.{domain}", "d".repeat((length - domain.len() - 62).min(63)));
        }
        EmailAddress::parse(&format!("{}@{domain}", "a".repeat(length - domain.len() - 1))).unwrap()
    }

    fn padded(address: &EmailAddress) -> Vec<u8> {
        let mut text = vec![0; visit_size(address)];
        write_visit(&mut text, address, Locale::En);
        text
    }

    #[test]
    fn visits_of_all_lengths_go_both_ways_and_show_only_three_sizes() {
        for (length, size) in [(16, 64), (62, 64), (63, 128), (126, 128), (127, 256), (MAX_ADDRESS_BYTES, 256)] {
            let address = address(length);
            assert_eq!(address.expose().len(), length);
            let text = padded(&address);
            assert_eq!(text.len(), size, "{length} bytes");
            let (read, locale) = read_visit(&text).unwrap();
            assert!(read.expose() == address.expose(), "{length} bytes");
            assert_eq!(locale, Locale::En);
        }
    }

    #[test]
    fn what_no_version_wrote_is_malformed() {
        let good = padded(&address(30));
        let changed = |at: usize, byte: u8| {
            let mut text = good.clone();
            text[at] = byte;
            read_visit(&text).is_none()
        };
        assert!(changed(0, 0), "locale 0");
        assert!(changed(0, 3), "unknown locale");
        assert!(changed(1, 1), "unknown flag");
        assert!(changed(VISIT_HEADER, b' ' - 1), "control character");
        assert!(changed(VISIT_HEADER + 30, 0xFF), "not UTF-8");
        assert!(changed(63, b'x'), "a zero inside the address");
        for empty in [&[][..], &[1], &[1, 0], &[1, 0, 0, 0]] {
            assert!(read_visit(empty).is_none());
        }
    }

    #[test]
    fn letters_go_both_ways_up_to_their_limit() {
        for (length, size) in [(0, 256), (254, 256), (255, 512), (MAX_LETTER_BYTES, 4_096)] {
            let text = vec![7; length];
            let mut into = vec![0; letter_size(&text)];
            write_letter(&mut into, &text, u16::try_from(length).unwrap());
            assert_eq!(into.len(), size);
            assert_eq!(*read_letter(&into).unwrap(), text);
        }
        assert!(read_letter(&[0]).is_none());
        assert!(read_letter(&[0, 3, 1, 2]).is_none(), "shorter than it says");
        assert!(read_letter(&[0, 1, 1, 2]).is_none(), "longer than it says");
    }

    #[test]
    fn a_canary_is_known_again() {
        let mut text = [0; CANARY_SIZE];
        assert!(!is_canary(&text));
        write_canary(&mut text);
        assert!(is_canary(&text));
        text[CANARY_SIZE - 1] = 1;
        assert!(!is_canary(&text));
    }

    #[test]
    fn every_part_of_a_place_matters() {
        let (date, other) = (NaiveDate::from_ymd_opt(2026, 11, 22).unwrap(), NaiveDate::from_ymd_opt(2026, 11, 23).unwrap());
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let places = [
            visit_place(a, date, &[0; 16], 1),
            visit_place(b, date, &[0; 16], 1),
            visit_place(a, other, &[0; 16], 1),
            visit_place(a, date, &[1; 16], 1),
            visit_place(a, date, &[0; 16], 2),
            letter_place(a, "x", date, 1),
            letter_place(b, "x", date, 1),
            letter_place(a, "y", date, 1),
            letter_place(a, "x", other, 1),
            letter_place(a, "x", date, 2),
            canary_place(date, 1),
            canary_place(other, 1),
            canary_place(date, 2),
        ];
        let distinct: std::collections::HashSet<_> = places.iter().collect();
        assert_eq!(distinct.len(), places.len());
    }
}
