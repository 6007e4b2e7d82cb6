//! Reads what people type about a venue as they mean it: any width, any hyphen, with or without 〒.
use super::application::{MAX_NAME_CHARS, Problem};
use super::search_key::is_hyphen;
use crate::base::text::{self, TextError};
use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;

/// Longest text of a short field that is looked at, in bytes: a postal code, telephone number or date is far shorter.
const MAX_SHORT_BYTES: usize = 200;
/// Digits of a telephone number: ten in Japan, eleven for mobiles, at most fifteen with the country's (ITU-T E.164).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 10..=15;
/// The year before the first of the era 令和.
const YEAR_BEFORE_REIWA: i32 = 2018;
/// Most guests a day: a stadium.
pub const MAX_GUESTS_PER_DAY: i32 = 100_000;
/// Longest message to visitors, in characters.
pub const MAX_MESSAGE_CHARS: usize = 80;

/// A line that others will read, with half-width kana made full-width and the rest as it was typed.
///
/// # Errors
/// See [`TextError`].
pub fn line(text: &str, max_chars: usize) -> Result<String, TextError> {
    if text.len() > max_chars.saturating_mul(16).max(256) {
        return Err(TextError::TooLong);
    }
    text::line(&widened(text), max_chars)
}

/// How a name is read; nothing, or a line as long as a name may be. Half-width kana become full-width, full-width letters narrow.
///
/// # Errors
/// See [`TextError`]; never [`TextError::Empty`].
pub fn parse_kana(text: &str) -> Result<Option<String>, TextError> {
    if text.len() > MAX_NAME_CHARS * 16 {
        return Err(TextError::TooLong);
    }
    match text::line(&text.nfkc().collect::<String>(), MAX_NAME_CHARS) {
        Err(TextError::Empty) => Ok(None),
        kana => kana.map(Some),
    }
}

/// Seven digits, however they are typed; nothing is nothing.
///
/// # Errors
/// [`Problem::NotPostalCode`].
pub fn postal_code(text: &str) -> Result<Option<String>, Problem> {
    let Some(text) = narrowed(text).map_err(|()| Problem::NotPostalCode)? else { return Ok(None) };
    let digits: String = text.chars().filter(|c| !is_hyphen(*c) && !matches!(c, '〒' | '〠')).collect();
    let is_code = digits.len() == 7 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_code { Ok(Some(digits)) } else { Err(Problem::NotPostalCode) }
}

/// `0600001` as people write it, `060-0001`; a spreadsheet that opens it keeps the zero.
#[must_use]
pub fn postal_code_shown(digits: &str) -> String {
    match digits.split_at_checked(3) {
        Some((first, last)) => format!("{first}-{last}"),
        None => digits.to_owned(),
    }
}

/// A telephone number in digits and single hyphens, with `+` before a country's; nothing is nothing.
///
/// # Errors
/// [`Problem::NotPhone`].
pub fn phone(text: &str) -> Result<Option<String>, Problem> {
    let Some(text) = narrowed(text).map_err(|()| Problem::NotPhone)? else { return Ok(None) };
    let mut number = String::with_capacity(text.len());
    for (at, c) in text.chars().enumerate() {
        match c {
            '0'..='9' => number.push(c),
            '+' if at == 0 => number.push(c),
            _ if is_hyphen(c) || matches!(c, '(' | ')' | '.') => {
                if number.ends_with(|last: char| last.is_ascii_digit()) {
                    number.push('-');
                }
            }
            _ => return Err(Problem::NotPhone),
        }
    }
    let number = number.trim_end_matches('-').to_owned();
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let parts = number.split('-').count();
    if PHONE_DIGITS.contains(&digits) && parts <= 5 { Ok(Some(number)) } else { Err(Problem::NotPhone) }
}

/// Guests on a usual day, as typed: `１２０人`, `1,200`. Nothing is nothing.
///
/// # Errors
/// [`Problem::OutOfRange`] for anything but 1 … [`MAX_GUESTS_PER_DAY`].
pub fn guests(text: &str) -> Result<Option<i32>, Problem> {
    let Some(text) = narrowed(text).map_err(|()| Problem::OutOfRange)? else { return Ok(None) };
    let digits: String = text.trim_end_matches(['人', '名']).chars().filter(|c| *c != ',').collect();
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse().ok().filter(|_| is_number).ok_or(Problem::OutOfRange)?;
    in_range(number).map(Some)
}

pub(super) fn in_range(guests: i32) -> Result<i32, Problem> {
    if (1..=MAX_GUESTS_PER_DAY).contains(&guests) { Ok(guests) } else { Err(Problem::OutOfRange) }
}

/// A date with its year, as people write it: `2026-11-28`, `２０２６／１１／２８`, `2026年11月28日`, `令和8年11月28日`, `20261128`.
/// Nothing is nothing.
///
/// # Errors
/// [`Problem::NotDate`].
pub fn date(text: &str) -> Result<Option<NaiveDate>, Problem> {
    let Some(text) = narrowed(text).map_err(|()| Problem::NotDate)? else { return Ok(None) };
    read_date(&text).filter(|date| is_of_this_century(*date)).map(Some).ok_or(Problem::NotDate)
}

fn read_date(text: &str) -> Option<NaiveDate> {
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return NaiveDate::parse_from_str(text, "%Y%m%d").ok();
    }
    let (text, year_before) = match text.strip_prefix("令和").or_else(|| text.strip_prefix(['R', 'r'])) {
        Some(rest) => (rest, YEAR_BEFORE_REIWA),
        None => (text, 0),
    };
    let is_sign = |c: char| is_hyphen(c) || matches!(c, '/' | '.' | '年' | '月');
    let parts: Vec<&str> = text.trim_end_matches('日').split(is_sign).collect();
    let [year, month, day] = parts.as_slice() else { return None };
    let number = |text: &str, most: usize| {
        let good = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        good.then(|| text.parse::<u32>().ok()).flatten()
    };
    let year = if *year == "元" { 1 } else { i32::try_from(number(year, 4)?).ok().filter(|year| *year > 0)? };
    NaiveDate::from_ymd_opt(year.checked_add(year_before)?, number(month, 2)?, number(day, 2)?)
}

fn is_of_this_century(date: NaiveDate) -> bool {
    (2000..2100).contains(&chrono::Datelike::year(&date))
}

/// A short text without width (NFKC) and white space; `None` when nothing is left.
fn narrowed(text: &str) -> Result<Option<String>, ()> {
    if text.len() > MAX_SHORT_BYTES {
        return Err(());
    }
    let narrow: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
    Ok((!narrow.is_empty()).then_some(narrow))
}

/// Half-width kana (U+FF61 … U+FF9F) as full-width, their voice marks joined; everything else as it is.
fn widened(text: &str) -> String {
    let is_half = |c: char| ('\u{FF61}'..='\u{FF9F}').contains(&c);
    let mut wide = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| is_half(c) != is_half(first)).unwrap_or(rest.len());
        let (run, behind) = rest.split_at(end);
        if is_half(first) {
            wide.extend(run.nfkc());
        } else {
            wide.push_str(run);
        }
        rest = behind;
    }
    wide
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_postal_code_is_seven_digits_however_typed() {
        for typed in ["1234567", "123-4567", "〒123-4567", "１２３−４５６７", "〒　１２３ー４５６７", "123‐4567", " 123 4567 "]
        {
            assert_eq!(postal_code(typed).unwrap().as_deref(), Some("1234567"), "{typed}");
        }
        assert_eq!(postal_code(" 　"), Ok(None));
        for bad in ["123456", "12345678", "123-456a", "〒", "あ", &"1".repeat(1000), "１２３４５６７\u{0}"] {
            assert_eq!(postal_code(bad), Err(Problem::NotPostalCode), "{bad:?}");
        }
    }

    #[test]
    fn a_telephone_number_is_kept_in_digits_and_hyphens() {
        for (typed, kept) in [
            ("0123-45-6789", "0123-45-6789"),
            ("０１２３（４５）６７８９", "0123-45-6789"),
            ("(03) 1234−5678", "03-1234-5678"),
            ("09012345678", "09012345678"),
            ("+81 90-1234-5678", "+8190-1234-5678"),
            ("03ー1234ー5678", "03-1234-5678"),
        ] {
            assert_eq!(phone(typed).unwrap().as_deref(), Some(kept), "{typed}");
        }
        assert_eq!(phone(""), Ok(None));
        assert!(phone(&"1".repeat(15)).is_ok());
        for bad in ["119", "123456789", &"1".repeat(16), "03-1234-5678内線2", "0+312345678", "\r\n0312345678x", "1-2-3-4-5-678901"] {
            assert_eq!(phone(bad), Err(Problem::NotPhone), "{bad:?}");
        }
    }

    #[test]
    fn guests_are_counted_from_one_to_a_stadium() {
        for (typed, number) in [("120", 120), ("１２０人", 120), ("1,200", 1200), ("100000", MAX_GUESTS_PER_DAY), ("1名", 1)] {
            assert_eq!(guests(typed), Ok(Some(number)), "{typed}");
        }
        assert_eq!(guests(" "), Ok(None));
        for bad in ["0", "-1", "+5", "100001", "人", "12.5", "99999999999", "たくさん"] {
            assert_eq!(guests(bad), Err(Problem::OutOfRange), "{bad}");
        }
    }

    #[test]
    fn a_date_is_read_with_its_year() {
        for typed in ["2026-11-28", "２０２６／１１／２８", "2026年11月28日", "20261128", "2026.11.28", "2026ー11ー28"] {
            assert_eq!(date(typed), Ok(NaiveDate::from_ymd_opt(2026, 11, 28)), "{typed}");
        }
        for typed in ["令和8年11月28日", "令和８年１１月２８日", "R8.11.28", "r8/11/28"] {
            assert_eq!(date(typed), Ok(NaiveDate::from_ymd_opt(2026, 11, 28)), "{typed}");
        }
        assert_eq!(date("令和元年5月1日"), Ok(NaiveDate::from_ymd_opt(2019, 5, 1)));
        for bad in ["8年11月28日", "令和2026年11月28日", "令和0年1月1日", "元年5月1日", "R20261128"] {
            assert_eq!(date(bad), Err(Problem::NotDate), "{bad}");
        }
        assert_eq!(date("2026/1/2"), Ok(NaiveDate::from_ymd_opt(2026, 1, 2)));
        assert_eq!(date(" "), Ok(None));
        for bad in ["11/28", "2026-02-30", "2026-13-01", "28-11-2026", "1999-12-31", "2100-01-01", "あした", "2026-+1-01", "2026--1-1"] {
            assert_eq!(date(bad), Err(Problem::NotDate), "{bad}");
        }
    }

    #[test]
    fn half_width_kana_become_full_width_and_letters_stay() {
        assert_eq!(line("ｶﾌｪ ﾋﾀﾞﾏﾘ Ｂ１ｶﾞ", 100).unwrap(), "カフェ ヒダマリ Ｂ１ガ");
        assert_eq!(line("ﾊﾟ", 1).unwrap(), "パ");
        assert_eq!(line(&"ｶﾞ".repeat(10_000), 100), Err(TextError::TooLong));
        assert_eq!(parse_kana("ﾋﾀﾞﾏﾘ　ＡＢ").unwrap().as_deref(), Some("ヒダマリ AB"));
        assert_eq!(parse_kana(" \u{3000}"), Ok(None));
        assert_eq!(parse_kana(&"ﷺ".repeat(100)), Err(TextError::TooLong));
    }
}
