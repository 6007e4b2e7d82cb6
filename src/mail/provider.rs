//! Which large provider keeps a mailbox: what an official can do something about (a call to docomo), and no more than that.
use crate::base::email_address::EmailAddress;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

use super::result_writer::State;

/// Providers that most visitors of a Japanese city use, and all others together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum Provider {
    /// docomo.ne.jp
    Docomo,
    /// ezweb.ne.jp, au.com and UQ mobile
    Au,
    /// SoftBank with what was Vodafone, Y!mobile and Willcom
    Softbank,
    /// gmail.com
    Gmail,
    /// yahoo.co.jp and its sisters
    Yahoo,
    /// icloud.com and Apple's older names
    Icloud,
    /// Everything else
    Other,
}

impl Provider {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 7] = [Self::Docomo, Self::Au, Self::Softbank, Self::Gmail, Self::Yahoo, Self::Icloud, Self::Other];

    /// The name in the database and in answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Docomo => "docomo",
            Self::Au => "au",
            Self::Softbank => "softbank",
            Self::Gmail => "gmail",
            Self::Yahoo => "yahoo",
            Self::Icloud => "icloud",
            Self::Other => "other",
        }
    }

    /// One domain that stands for all of a provider's; none for all others.
    pub(super) fn domain(self) -> Option<&'static str> {
        Some(match self {
            Self::Docomo => "docomo.ne.jp",
            Self::Au => "au.com",
            Self::Softbank => "softbank.ne.jp",
            Self::Gmail => "gmail.com",
            Self::Yahoo => "yahoo.co.jp",
            Self::Icloud => "icloud.com",
            Self::Other => return None,
        })
    }

    /// The provider that keeps the mailbox of an address.
    #[must_use]
    pub fn of(address: &EmailAddress) -> Self {
        Self::of_domain(&address.domain().to_ascii_lowercase())
    }

    fn of_domain(domain: &str) -> Self {
        /// Domains that end so, below a dot or whole.
        const ENDINGS: [(&str, Provider); 21] = [
            ("docomo.ne.jp", Provider::Docomo),
            ("ezweb.ne.jp", Provider::Au),
            ("au.com", Provider::Au),
            ("uqmobile.jp", Provider::Au),
            ("softbank.ne.jp", Provider::Softbank),
            ("vodafone.ne.jp", Provider::Softbank),
            ("disney.ne.jp", Provider::Softbank),
            ("disneymobile.ne.jp", Provider::Softbank),
            ("ymobile.ne.jp", Provider::Softbank),
            ("yahoo.ne.jp", Provider::Softbank),
            ("ymobile1.ne.jp", Provider::Softbank),
            ("emobile.ne.jp", Provider::Softbank),
            ("pdx.ne.jp", Provider::Softbank),
            ("gmail.com", Provider::Gmail),
            ("googlemail.com", Provider::Gmail),
            ("yahoo.co.jp", Provider::Yahoo),
            ("ymail.ne.jp", Provider::Yahoo),
            ("yahoo.com", Provider::Yahoo),
            ("icloud.com", Provider::Icloud),
            ("me.com", Provider::Icloud),
            ("mac.com", Provider::Icloud),
        ];
        let ends_in = |ending: &str| domain.strip_suffix(ending).is_some_and(|before| before.is_empty() || before.ends_with('.'));
        ENDINGS.into_iter().find(|(ending, _)| ends_in(ending)).map_or(Self::Other, |(_, provider)| provider)
    }
}

/// How an alert's mails fared at one provider. Attempts, for `deferred` and `ambiguous`; mails otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Fared {
    /// Taken.
    pub sent: i64,
    /// Put off.
    pub deferred: i64,
    /// Without an answer.
    pub ambiguous: i64,
    /// No such mailbox.
    pub bounced: i64,
    /// Refused for another reason.
    pub dead: i64,
}

impl Fared {
    /// Attempts that ended.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.sent + self.deferred + self.ambiguous + self.bounced + self.dead
    }

    fn note(&mut self, state: State, by: i64) {
        match state {
            State::Sent => self.sent += by,
            State::Deferred => self.deferred += by,
            State::Ambiguous => self.ambiguous += by,
            State::Bounced => self.bounced += by,
            State::Dead => self.dead += by,
            State::Queued | State::Submitting | State::Merged | State::Suppressed | State::Cancelled => {}
        }
    }
}

/// One alert's counts by provider.
pub(super) type ByProvider = HashMap<Provider, Fared>;

/// Counts that wait to be written. They are kept apart from the rows and written in batches, in transactions of their own: whoever
/// holds the database could otherwise tell from rows that changed together whose domain a row has. A kill loses the last seconds of
/// them, and nothing else.
#[derive(Default)]
pub(super) struct Noted(Mutex<HashMap<Uuid, ByProvider>>);

impl Noted {
    pub(super) fn note(&self, alert: Uuid, provider: Provider, state: State) {
        self.add(alert, provider, state, 1);
    }

    /// A mail that had ended so has had another turn: it counts as what it is now.
    pub(super) fn take_back(&self, alert: Uuid, provider: Provider, state: State) {
        self.add(alert, provider, state, -1);
    }

    fn add(&self, alert: Uuid, provider: Provider, state: State, by: i64) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.entry(alert).or_default().entry(provider).or_default().note(state, by);
    }

    /// Takes everything out; what could not be written is put back with [`Self::keep`].
    pub(super) fn take(&self) -> HashMap<Uuid, ByProvider> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn keep(&self, alert: Uuid, counts: ByProvider) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = noted.entry(alert).or_default();
        for (provider, more) in counts {
            let fared = kept.entry(provider).or_default();
            fared.sent += more.sent;
            fared.deferred += more.deferred;
            fared.ambiguous += more.ambiguous;
            fared.bounced += more.bounced;
            fared.dead += more.dead;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_belongs_to_its_provider_and_a_look_alike_to_none() {
        for (domain, provider) in [
            ("docomo.ne.jp", Provider::Docomo),
            ("ezweb.ne.jp", Provider::Au),
            ("au.com", Provider::Au),
            ("i.softbank.ne.jp", Provider::Softbank),
            ("t.vodafone.ne.jp", Provider::Softbank),
            ("gmail.com", Provider::Gmail),
            ("yahoo.co.jp", Provider::Yahoo),
            ("icloud.com", Provider::Icloud),
            ("me.com", Provider::Icloud),
            ("notdocomo.ne.jp", Provider::Other),
            ("docomo.ne.jp.example.com", Provider::Other),
            ("acme.com", Provider::Other),
            ("example.jp", Provider::Other),
        ] {
            assert_eq!(Provider::of_domain(domain), provider, "{domain}");
        }
        assert_eq!(Provider::of(&EmailAddress::parse("A..b@DOCOMO.ne.jp").unwrap()), Provider::Docomo);
    }

    #[test]
    fn what_was_put_back_is_added_to_what_came_meanwhile() {
        let (noted, alert) = (Noted::default(), Uuid::from_u128(1));
        noted.note(alert, Provider::Au, State::Sent);
        noted.note(alert, Provider::Au, State::Merged);
        let taken = noted.take().remove(&alert).unwrap();
        noted.note(alert, Provider::Au, State::Bounced);
        noted.keep(alert, taken);
        assert_eq!(noted.take()[&alert][&Provider::Au], Fared { sent: 1, bounced: 1, ..Fared::default() });
    }
}
