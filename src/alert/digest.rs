//! What binds an approval to exactly the stays and the words that were looked at.
use super::Texts;
use crate::base::locale::Locale;
use crate::case::Stay;
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// SHA-256 over an alert's stays and words. Written in lower-case hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these stays and words: each field behind its length, so that no bytes can wander between fields.
    #[must_use]
    pub fn of(stays: &BTreeSet<Stay>, texts: &Texts) -> Self {
        let mut hash = Sha256::new_with_prefix(b"ashiato alert v1");
        let mut field = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        for locale in Locale::ALL {
            let text = texts.of(locale);
            field(locale.tag().as_bytes());
            field(text.subject.as_bytes());
            field(text.body.as_bytes());
        }
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
    use crate::alert::NoticeText;
    use crate::venue::VenueId;

    fn texts() -> Texts {
        let text = |subject: &str| NoticeText { subject: subject.into(), body: "body".into() };
        Texts { ja: text("件名"), en: text("subject") }
    }

    #[test]
    fn the_digest_moves_with_every_word_and_every_stay() {
        let stay = |day: &str| Stay { venue_id: VenueId(uuid::Uuid::from_u128(7)), date: day.parse().unwrap() };
        let stays = BTreeSet::from([stay("2026-11-22")]);
        let before = Digest::of(&stays, &texts());
        assert_eq!(before, Digest::of(&stays.clone(), &texts()));
        let mut longer = texts();
        longer.en.body.push('.');
        assert_ne!(before, Digest::of(&stays, &longer));
        let mut shifted = texts();
        let moved = shifted.ja.subject.pop().unwrap();
        shifted.ja.body.insert(0, moved);
        assert_ne!(before, Digest::of(&stays, &shifted));
        assert_ne!(before, Digest::of(&BTreeSet::from([stay("2026-11-23")]), &texts()));
        assert_ne!(before, Digest::of(&BTreeSet::from([stay("2026-11-22"), stay("2026-11-23")]), &texts()));
    }

    #[test]
    fn a_digest_survives_the_form_it_is_sent_in() {
        let digest = Digest::of(&BTreeSet::new(), &texts());
        assert_eq!(digest.to_string().parse(), Ok(digest));
        for bad in ["", "00", &"0".repeat(66), &"g".repeat(64)] {
            assert_eq!(bad.parse::<Digest>(), Err(BadDigest));
        }
    }
}
