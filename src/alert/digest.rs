//! A digest binds an approval to exactly the stays, the words and the hour that the approver looked at.
use super::{NoticeText, Texts};
use crate::base::locale::Locale;
use crate::case::Stay;
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// SHA-256 over an alert's stays and words, and over the request to send outside the hours. Written in lower-case hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these stays and words: each field behind its length, so that no bytes can wander between fields. `tonight` is
    /// the submitter's reason to send outside `SEND_WINDOW`, if they ask for it.
    #[must_use]
    pub fn of(stays: &BTreeSet<Stay>, texts: &Texts, tonight: Option<&str>) -> Self {
        let mut hash = Sha256::new_with_prefix(b"ashiato alert v2");
        let mut field = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        let mut text = |label: &str, text: &NoticeText| [label, &text.subject, &text.body].iter().for_each(|part| field(part.as_bytes()));
        for locale in Locale::ALL {
            text(locale.tag(), texts.of(locale));
        }
        if let Some(named) = &texts.named {
            text("named ja", &named.ja);
            text("named en", &named.en);
            for (venue, name) in &named.venues {
                field(venue.0.as_bytes());
                field(name.as_bytes());
            }
        }
        if let Some(holds) = &texts.holds {
            field(b"holds");
            field(holds.ja.as_bytes());
            field(holds.en.as_bytes());
        }
        if let Some(reason) = tonight {
            field(b"tonight");
            field(reason.as_bytes());
        }
        field(b"stays");
        for stay in stays {
            field(stay.venue_id.0.as_bytes());
            field(stay.date.to_string().as_bytes());
        }
        Self(hash.finalize().into())
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

/// Why a text is no digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a digest is 64 hexadecimal digits")]
pub struct BadDigest;

impl FromStr for Digest {
    type Err = BadDigest;

    fn from_str(text: &str) -> Result<Self, BadDigest> {
        let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| BadDigest)?;
        bytes.try_into().map(Self).map_err(|_| BadDigest)
    }
}

impl serde::Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::text::{Holds, Named};
    use crate::venue::VenueId;
    use std::collections::BTreeMap;

    fn texts() -> Texts {
        Texts { ja: text("件名"), en: text("subject"), named: None, holds: None }
    }

    fn text(subject: &str) -> NoticeText {
        NoticeText { subject: subject.into(), body: "body".into() }
    }

    #[test]
    fn the_digest_moves_with_every_word_and_every_stay() {
        let stay = |day: &str| Stay { venue_id: VenueId(uuid::Uuid::from_u128(7)), date: day.parse().unwrap() };
        let stays = BTreeSet::from([stay("2026-11-22")]);
        let before = Digest::of(&stays, &texts(), None);
        assert_eq!(before, Digest::of(&stays.clone(), &texts(), None));
        let mut longer = texts();
        longer.en.body.push('.');
        assert_ne!(before, Digest::of(&stays, &longer, None));
        let mut shifted = texts();
        let moved = shifted.ja.subject.pop().unwrap();
        shifted.ja.body.insert(0, moved);
        assert_ne!(before, Digest::of(&stays, &shifted, None));
        assert_ne!(before, Digest::of(&BTreeSet::from([stay("2026-11-23")]), &texts(), None));
        assert_ne!(before, Digest::of(&BTreeSet::from([stay("2026-11-22"), stay("2026-11-23")]), &texts(), None));
    }

    #[test]
    fn the_digest_moves_with_names_the_hour_and_the_sentence_that_it_holds() {
        let stays = BTreeSet::new();
        let named = |name: &str| {
            let venues = BTreeMap::from([(VenueId(uuid::Uuid::from_u128(7)), name.to_owned())]);
            Texts { named: Some(Named { ja: text("件名"), en: text("subject"), venues }), ..texts() }
        };
        let holds = |ja: &str| Texts { holds: Some(Holds { ja: ja.into(), en: "this one holds".into() }), ..texts() };
        let mut all = vec![
            Digest::of(&stays, &texts(), None),
            Digest::of(&stays, &texts(), Some("")),
            Digest::of(&stays, &texts(), Some("exposed today")),
            Digest::of(&stays, &named("喫茶"), None),
            Digest::of(&stays, &named("喫茶店"), None),
            Digest::of(&stays, &holds("この番号は有効です"), None),
            Digest::of(&stays, &holds("この番号が有効です"), None),
        ];
        all.dedup();
        assert_eq!(all.len(), 7);
    }

    #[test]
    fn a_digest_survives_the_form_it_is_sent_in() {
        let digest = Digest::of(&BTreeSet::new(), &texts(), None);
        assert_eq!(digest.to_string().parse(), Ok(digest));
        for bad in ["", "00", &"0".repeat(66), &"g".repeat(64)] {
            assert_eq!(bad.parse::<Digest>(), Err(BadDigest));
        }
    }
}
