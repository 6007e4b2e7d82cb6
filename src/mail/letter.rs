//! Letters: mails that answer something a person did. The web process seals who gets which; only the worker opens them.
use crate::base::email_address::EmailAddress;
use crate::base::locale::Locale;
use crate::keys::MAX_LETTER_BYTES;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// Which letter. Each has its words in the room that posts it; the worker sends no other words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LetterKind {
    /// To a venue: please confirm that this is your mailbox.
    VenueConfirmation,
    /// To a venue: approved, or not.
    VenueDecision,
    /// To a venue: a question about its application.
    VenueQuestion,
    /// To a venue that asked: the link and the digits that open its own page.
    ShopLink,
    /// To a venue, once a month: its numbers.
    ShopMonthly,
    /// To a venue's old mailbox and to its new one: an official replaced the one by the other.
    VenueContact,
    /// To a visitor who asked: the link to their own page.
    VisitorLink,
    /// To officials: an alert waits for its second pair of eyes.
    AlertSubmitted,
    /// To the official who submitted an alert: an approver wants it otherwise.
    AlertReturned,
    /// To approvers: an alert is held and goes out at a given hour; number and text.
    AlertHeld,
    /// To approvers: a correction is held and goes out at a given hour; numbers and text.
    CorrectionHeld,
    /// To approvers: somebody, or the worker itself, stopped all sending.
    SendingStopped,
    /// To approvers: notices and corrections leave again.
    SendingResumed,
    /// To a venue's contact: an alert concerned it.
    VenueAlerted,
    /// To approvers and admins: something is wrong with the service.
    Alarm,
    /// To auditors and admins: somebody reads unusually much.
    ReadAlarm,
    /// To somebody who is to be an official: the one-time link.
    OfficialInvitation,
    /// To admins: an account was given something.
    OfficialChanged,
}

impl LetterKind {
    /// All letters there are.
    pub const ALL: [Self; 18] = [
        Self::VenueConfirmation,
        Self::VenueDecision,
        Self::VenueQuestion,
        Self::VenueContact,
        Self::ShopLink,
        Self::ShopMonthly,
        Self::VisitorLink,
        Self::AlertSubmitted,
        Self::AlertReturned,
        Self::AlertHeld,
        Self::Alarm,
        Self::ReadAlarm,
        Self::OfficialInvitation,
        Self::OfficialChanged,
        Self::CorrectionHeld,
        Self::SendingStopped,
        Self::SendingResumed,
        Self::VenueAlerted,
    ];

    /// The name in the outbox.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VenueConfirmation => "venue_confirmation",
            Self::VenueDecision => "venue_decision",
            Self::VenueQuestion => "venue_question",
            Self::ShopLink => "shop_link",
            Self::ShopMonthly => "shop_monthly",
            Self::VenueContact => "venue_contact",
            Self::VisitorLink => "visitor_link",
            Self::AlertSubmitted => "alert_submitted",
            Self::AlertReturned => "alert_returned",
            Self::AlertHeld => "alert_held",
            Self::CorrectionHeld => "correction_held",
            Self::SendingStopped => "sending_stopped",
            Self::SendingResumed => "sending_resumed",
            Self::VenueAlerted => "venue_alerted",
            Self::Alarm => "alarm",
            Self::ReadAlarm => "read_alarm",
            Self::OfficialInvitation => "official_invitation",
            Self::OfficialChanged => "official_changed",
        }
    }

    /// The letter of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A letter before it is sealed and after it was opened. No `Debug`: it holds an address and perhaps a link.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// Which letter.
    pub kind: LetterKind,
    /// To whom.
    pub to: EmailAddress,
    /// In which language.
    pub locale: Locale,
    /// The parameters of the template.
    pub params: BTreeMap<String, String>,
}

/// The payload cannot be written, or is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LetterError {
    /// More than [`MAX_LETTER_BYTES`].
    #[error("the letter is too long")]
    TooLong,
    /// Not a letter of this service.
    #[error("not a letter")]
    Malformed,
}

#[derive(Serialize)]
struct Out<'a> {
    to: &'a str,
    locale: Locale,
    params: &'a BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct In<'a> {
    /// Borrowed, so that no copy is made; an address holds nothing that JSON escapes.
    to: &'a str,
    locale: Locale,
    params: BTreeMap<String, String>,
}

impl Letter {
    /// The payload that is sealed: compact JSON `{"to","locale","params"}`. The kind stands beside it and is bound by the seal.
    pub fn payload(&self) -> Result<Zeroizing<Vec<u8>>, LetterError> {
        let out = Out { to: self.to.expose(), locale: self.locale, params: &self.params };
        // Full size from the start: growing would leave copies of the address behind.
        let mut bytes = Zeroizing::new(vec![0; MAX_LETTER_BYTES]);
        let mut rest = bytes.as_mut_slice();
        serde_json::to_writer(&mut rest, &out).map_err(|_| LetterError::TooLong)?;
        let used = MAX_LETTER_BYTES - rest.len();
        bytes.truncate(used);
        Ok(bytes)
    }

    /// Reads what [`Self::payload`] wrote, after the worker opened it. `kind` is the outbox row's.
    pub fn open(kind: &str, payload: &[u8]) -> Result<Self, LetterError> {
        let kind = LetterKind::from_name(kind).ok_or(LetterError::Malformed)?;
        let payload = payload.get(..MAX_LETTER_BYTES.min(payload.len())).filter(|whole| whole.len() == payload.len());
        let letter: In<'_> = serde_json::from_slice(payload.ok_or(LetterError::TooLong)?).map_err(|_| LetterError::Malformed)?;
        let to = EmailAddress::parse(letter.to).map_err(|_| LetterError::Malformed)?;
        Ok(Self { kind, to, locale: letter.locale, params: letter.params })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(text: &str) -> Letter {
        let params = BTreeMap::from([("name".to_owned(), text.to_owned())]);
        Letter { kind: LetterKind::AlertHeld, to: EmailAddress::parse("a..b@docomo.ne.jp").unwrap(), locale: Locale::Ja, params }
    }

    #[test]
    fn what_was_written_is_read() {
        let written = letter("喫茶あおば \"\r\n").payload().unwrap();
        assert!(Letter::open("alert_held", &written).unwrap() == letter("喫茶あおば \"\r\n"));
        assert_eq!(Letter::open("notice", &written).err(), Some(LetterError::Malformed));
    }

    #[test]
    fn a_payload_holds_exactly_its_limit_and_no_byte_more() {
        let empty = letter("").payload().unwrap().len();
        let fits = letter(&"x".repeat(MAX_LETTER_BYTES - empty)).payload().unwrap();
        assert_eq!(fits.len(), MAX_LETTER_BYTES);
        assert!(Letter::open("alert_held", &fits).is_ok());
        assert_eq!(letter(&"x".repeat(MAX_LETTER_BYTES - empty + 1)).payload().err(), Some(LetterError::TooLong));
        let mut longer = fits.to_vec();
        longer.push(b' ');
        assert_eq!(Letter::open("alert_held", &longer).err(), Some(LetterError::TooLong));
    }

    #[test]
    fn what_is_no_letter_is_refused() {
        for payload in
            ["", "{}", "null", r#"{"to":"x","locale":"ja","params":{}}"#, r#"{"to":"a@example.jp","locale":"ja","params":{},"body":"x"}"#]
        {
            assert_eq!(Letter::open("alert_held", payload.as_bytes()).err(), Some(LetterError::Malformed), "{payload}");
        }
    }

    #[test]
    fn names_are_read_back() {
        for kind in LetterKind::ALL {
            assert_eq!(LetterKind::from_name(kind.as_str()), Some(kind));
        }
    }
}
