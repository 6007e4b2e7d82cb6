//! The kinds of venues with their names, and the states that venues pass through.
use crate::base::locale::Locale;
use std::fmt;
use std::str::FromStr;

/// A text that names no kind or state. Holds nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown name")]
pub struct UnknownName;

/// Declares an enum whose names are the same in JSON, SQL and code: closed by a CHECK in the migrations.
macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, sqlx::Type)]
        #[serde(rename_all = "lowercase")]
        #[sqlx(type_name = "text", rename_all = "lowercase")]
        pub enum $name { $($(#[$variant_doc])* $variant),* }

        impl $name {
            /// All of them, in the order in which they are offered.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name in JSON and SQL.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }

        impl FromStr for $name {
            type Err = UnknownName;

            fn from_str(text: &str) -> Result<Self, UnknownName> {
                Self::ALL.iter().copied().find(|name| name.as_str() == text).ok_or(UnknownName)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(super) use names;

names! {
    /// The kind of a venue; it decides words and defaults, nothing else.
    VenueKind {
        /// Restaurants, cafés.
        Restaurant = "restaurant",
        /// Bars, clubs, live houses.
        Bar = "bar",
        /// Shops.
        Shop = "shop",
        /// Libraries, museums, public facilities.
        Public = "public",
        /// Schools.
        School = "school",
        /// Medical and care.
        Medical = "medical",
        /// Offices, factories.
        Office = "office",
        /// Events.
        Event = "event",
        /// Anything else.
        Other = "other",
    }
}

names! {
    /// Where a venue is on its way. `active` alone takes check-ins.
    VenueStatus {
        /// Applied; the contact mail is not proven.
        Unconfirmed = "unconfirmed",
        /// Entered by the city; waits for its owner to use the code of a printed letter.
        Invited = "invited",
        /// Waits for an official.
        Pending = "pending",
        /// Takes check-ins.
        Active = "active",
        /// An official said no. Final: a new application may be made.
        Refused = "refused",
        /// Stopped by an official, may be resumed.
        Suspended = "suspended",
        /// Closed for good; its codes are dead, its visits stay until retention ends.
        Closed = "closed",
    }
}

/// A bar's business day begins at 05:00, so that a night counts as one day.
const BAR_DAY_STARTS_MINUTES: i16 = 5 * 60;

impl VenueKind {
    /// The kind's name for people: 飲食店, Restaurant.
    #[must_use]
    pub fn label(self, locale: Locale) -> String {
        let words = locale.words();
        match self {
            Self::Restaurant => words.venue_kind_restaurant(),
            Self::Bar => words.venue_kind_bar(),
            Self::Shop => words.venue_kind_shop(),
            Self::Public => words.venue_kind_public(),
            Self::School => words.venue_kind_school(),
            Self::Medical => words.venue_kind_medical(),
            Self::Office => words.venue_kind_office(),
            Self::Event => words.venue_kind_event(),
            Self::Other => words.venue_kind_other(),
        }
    }

    /// The word for being there: 来店・来館・来場・来院, 利用 where none fits (docs/LOOK.md §3 "Plate").
    #[must_use]
    pub fn check_in_word(self, locale: Locale) -> String {
        let words = locale.words();
        match self {
            Self::Restaurant | Self::Bar | Self::Shop => words.venue_visit_shop(),
            Self::Public => words.venue_visit_public(),
            Self::Event => words.venue_visit_event(),
            Self::Medical => words.venue_visit_medical(),
            Self::School | Self::Office | Self::Other => words.venue_visit_other(),
        }
    }

    /// When the business day begins if the applicant does not say: minutes after midnight.
    #[must_use]
    pub fn usual_day_starts_minutes(self) -> i16 {
        if self == Self::Bar { BAR_DAY_STARTS_MINUTES } else { 0 }
    }
}

impl VenueStatus {
    /// The state's name for people.
    #[must_use]
    pub fn label(self, locale: Locale) -> String {
        let words = locale.words();
        match self {
            Self::Unconfirmed => words.venue_status_unconfirmed(),
            Self::Invited => words.bulk_status_invited(),
            Self::Pending => words.venue_status_pending(),
            Self::Active => words.venue_status_active(),
            Self::Refused => words.venue_status_refused(),
            Self::Suspended => words.venue_status_suspended(),
            Self::Closed => words.venue_status_closed(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_in_text_and_json() {
        for kind in VenueKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        for status in VenueStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(*status));
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
        assert_eq!("Restaurant".parse::<VenueKind>(), Err(UnknownName));
    }

    #[test]
    fn the_word_follows_the_kind() {
        let word = |kind: VenueKind| kind.check_in_word(Locale::Ja);
        assert_eq!(word(VenueKind::Bar), "来店");
        assert_eq!(word(VenueKind::Public), "来館");
        assert_eq!(word(VenueKind::Event), "来場");
        assert_eq!(word(VenueKind::Medical), "来院");
        assert_eq!(word(VenueKind::School), "利用");
    }

    #[test]
    fn every_kind_and_state_has_a_name_of_its_own_in_every_language() {
        for locale in Locale::ALL {
            let kinds: std::collections::BTreeSet<_> = VenueKind::ALL.iter().map(|kind| kind.label(locale)).collect();
            let states: std::collections::BTreeSet<_> = VenueStatus::ALL.iter().map(|status| status.label(locale)).collect();
            assert_eq!((kinds.len(), states.len()), (VenueKind::ALL.len(), VenueStatus::ALL.len()));
        }
    }

    #[test]
    fn default_day_starts_are_within_the_bound() {
        for kind in VenueKind::ALL {
            assert!((0..=crate::base::clock::LATEST_DAY_START_MINUTES).contains(&kind.usual_day_starts_minutes()));
        }
    }
}
