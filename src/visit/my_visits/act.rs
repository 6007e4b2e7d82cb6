//! The acts that people may ask for on their own page.
use crate::base::token::Token;
use crate::venue::VenueId;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Something that the worker is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Look the visits up, and whether notices are stopped.
    Look,
    /// Erase one visit.
    Forget {
        /// Where.
        venue: VenueId,
        /// When.
        date: NaiveDate,
    },
    /// Erase every visit that the page lists.
    ForgetAll,
    /// Send no more notices.
    Stop,
    /// Send notices again.
    Start,
}

/// Which [`Act`], without its particulars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// [`Act::Look`]
    Look,
    /// [`Act::Forget`]
    Forget,
    /// [`Act::ForgetAll`]
    ForgetAll,
    /// [`Act::Stop`]
    Stop,
    /// [`Act::Start`]
    Start,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Look, Self::Forget, Self::ForgetAll, Self::Stop, Self::Start];

    /// The name in the database. The seal is bound to it, and no letter is called so.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Look => "my_look",
            Self::Forget => "my_forget",
            Self::ForgetAll => "my_forget_all",
            Self::Stop => "my_stop",
            Self::Start => "my_start",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether visits are erased.
    #[must_use]
    pub fn forgets(self) -> bool {
        matches!(self, Self::Forget | Self::ForgetAll)
    }
}

impl Act {
    /// Which act it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Self::Look => Kind::Look,
            Self::Forget { .. } => Kind::Forget,
            Self::ForgetAll => Kind::ForgetAll,
            Self::Stop => Kind::Stop,
            Self::Start => Kind::Start,
        }
    }

    /// The bytes that are sealed for the worker. The token is the authority: without it there is nothing to do.
    pub(super) fn payload(self, token: &Token) -> Option<Zeroizing<Vec<u8>>> {
        let (venue, date) = match self {
            Self::Forget { venue, date } => (Some(venue), Some(date)),
            Self::Look | Self::ForgetAll | Self::Stop | Self::Start => (None, None),
        };
        serde_json::to_vec(&Payload { token: token.expose(), venue, date }).ok().map(Zeroizing::new)
    }

    /// The reverse of [`Act::payload`].
    pub(super) fn read(kind: &str, payload: &[u8]) -> Option<(Self, Token)> {
        let payload: Payload<'_> = serde_json::from_slice(payload).ok()?;
        let act = match (Kind::from_name(kind)?, payload.venue, payload.date) {
            (Kind::Look, None, None) => Self::Look,
            (Kind::Forget, Some(venue), Some(date)) => Self::Forget { venue, date },
            (Kind::ForgetAll, None, None) => Self::ForgetAll,
            (Kind::Stop, None, None) => Self::Stop,
            (Kind::Start, None, None) => Self::Start,
            _ => return None,
        };
        Some((act, Token::from_client(payload.token)?))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload<'a> {
    /// Borrowed: a token holds nothing that JSON escapes, and no copy of it stays behind.
    token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    venue: Option<VenueId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<NaiveDate>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::LetterKind;

    #[test]
    fn what_was_asked_is_what_is_done() {
        let (token, date) = (Token::random(), "2026-11-22".parse().unwrap());
        for act in [Act::Look, Act::Forget { venue: VenueId::random(), date }, Act::ForgetAll, Act::Stop, Act::Start] {
            let payload = act.payload(&token).unwrap();
            let (read, with) = Act::read(act.kind().as_str(), &payload).unwrap();
            assert!(read == act && with.expose() == token.expose());
            assert_eq!(Kind::from_name(act.kind().as_str()), Some(act.kind()));
        }
        let all = Act::ForgetAll.payload(&token).unwrap();
        assert!(Act::read("my_forget", &all).is_none(), "one visit, and not which");
        assert!(Act::read("my_dance", &all).is_none());
        assert!(Act::read("my_look", b"{}").is_none());
    }

    #[test]
    fn no_request_can_be_taken_for_a_letter() {
        assert!(Kind::ALL.iter().all(|kind| LetterKind::from_name(kind.as_str()).is_none()));
    }
}
