//! The chain itself: what is hashed, and how the hashes hang together. Pure.
use super::{Entry, Verified};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use uuid::Uuid;

/// The hash that stands before the first entry.
pub(super) const GENESIS: [u8; 32] = [0; 32];
/// Entries that [`super::verify`] holds in memory at once: with details of a few hundred bytes less than a megabyte.
pub(super) const PAGE: i64 = 1_000;
/// Tells these hashes from any other SHA-256 in the system, and this form of the entry from later ones.
const LABEL: &[u8] = b"ashiato audit entry v1";

/// One entry as it is stored and hashed.
pub(super) struct Link<'a> {
    pub(super) id: i64,
    /// Cut to microseconds, as Postgres keeps it.
    pub(super) at: DateTime<Utc>,
    pub(super) actor_kind: Cow<'a, str>,
    pub(super) actor_id: Option<Uuid>,
    pub(super) action: Cow<'a, str>,
    pub(super) target_kind: Cow<'a, str>,
    pub(super) target_id: Option<Uuid>,
    pub(super) detail: Cow<'a, str>,
}

impl<'a> Link<'a> {
    pub(super) fn new(id: i64, now: DateTime<Utc>, entry: &'a Entry) -> Self {
        Self {
            id,
            at: DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now),
            actor_kind: entry.actor.kind().into(),
            actor_id: entry.actor.id(),
            action: entry.action.into(),
            target_kind: entry.target_kind.into(),
            target_id: entry.target_id,
            detail: entry.detail.to_string().into(),
        }
    }

    /// SHA-256 of the previous hash and every field, each with its length before it, so that no two entries share their bytes.
    pub(super) fn hash(&self, previous: &[u8; 32]) -> [u8; 32] {
        let mut hash = Sha256::new_with_prefix(LABEL);
        hash.update(previous);
        hash.update(self.id.to_be_bytes());
        hash.update(self.at.timestamp_micros().to_be_bytes());
        let identifiers = [self.actor_id, self.target_id];
        for id in &identifiers {
            field(&mut hash, id.as_ref().map_or(&[], |id| id.as_bytes().as_slice()));
        }
        for text in [&self.actor_kind, &self.action, &self.target_kind, &self.detail] {
            field(&mut hash, text.as_bytes());
        }
        hash.finalize().into()
    }
}

fn field(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

/// An entry read back, with the two hashes that stand beside it.
pub(super) struct Stored {
    pub(super) link: Link<'static>,
    pub(super) previous: Vec<u8>,
    pub(super) hash: Vec<u8>,
}

/// A walk along the chain from its beginning.
pub(super) struct Walk {
    last_id: i64,
    head: [u8; 32],
}

impl Walk {
    pub(super) fn new() -> Self {
        Self { last_id: 0, head: GENESIS }
    }

    pub(super) fn last_id(&self) -> i64 {
        self.last_id
    }

    /// Takes the next entry, or gives the identifier at which the chain does not fit.
    pub(super) fn step(&mut self, stored: &Stored) -> Result<(), i64> {
        let expected = self.last_id + 1;
        let hash = stored.link.hash(&self.head);
        if stored.link.id != expected || stored.previous != self.head || stored.hash != hash {
            return Err(expected);
        }
        (self.last_id, self.head) = (expected, hash);
        Ok(())
    }

    pub(super) fn finish(&self) -> Verified {
        Verified { entries: self.last_id.unsigned_abs(), head: self.head }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::Actor;
    use serde_json::json;

    fn entry(detail: serde_json::Value) -> Entry {
        Entry { actor: Actor::System, action: "case.report", target_kind: "case", target_id: Some(Uuid::nil()), detail }
    }

    fn chain(length: i64) -> Vec<Stored> {
        let mut head = GENESIS;
        let now = DateTime::from_timestamp(1_795_000_000, 123_456_789).unwrap();
        (1..=length)
            .map(|id| {
                let entry = entry(json!({ "visits": id }));
                let made = Link::new(id, now, &entry);
                let (previous, hash) = (head, made.hash(&head));
                head = hash;
                Stored { link: owned(&made), previous: previous.to_vec(), hash: hash.to_vec() }
            })
            .collect()
    }

    fn owned(link: &Link<'_>) -> Link<'static> {
        let text = |cow: &Cow<'_, str>| Cow::Owned(cow.clone().into_owned());
        Link {
            actor_kind: text(&link.actor_kind),
            action: text(&link.action),
            target_kind: text(&link.target_kind),
            detail: text(&link.detail),
            ..*link
        }
    }

    fn broken_at(chain: &[Stored]) -> Option<i64> {
        let mut walk = Walk::new();
        chain.iter().find_map(|stored| walk.step(stored).err())
    }

    #[test]
    fn a_chain_as_written_is_whole() {
        assert_eq!(broken_at(&chain(20)), None);
    }

    #[test]
    fn every_field_is_covered() {
        let changes: [fn(&mut Link<'static>); 8] = [
            |link| link.at += chrono::Duration::microseconds(1),
            |link| link.actor_kind = "visitor".into(),
            |link| link.actor_id = Some(Uuid::nil()),
            |link| link.action = "case.close".into(),
            |link| link.target_kind = "venue".into(),
            |link| link.target_id = None,
            |link| link.detail = "{\"visits\": 3}".into(),
            |link| std::mem::swap(&mut link.action, &mut link.target_kind),
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let mut chain = chain(5);
            change(&mut chain[2].link);
            assert_eq!(broken_at(&chain), Some(3), "change {number}");
        }
    }

    #[test]
    fn removing_exchanging_and_slipping_in_are_found() {
        let mut removed = chain(5);
        removed.remove(2);
        assert_eq!(broken_at(&removed), Some(3));

        let mut exchanged = chain(5);
        exchanged.swap(2, 3);
        (exchanged[2].link.id, exchanged[3].link.id) = (3, 4);
        assert_eq!(broken_at(&exchanged), Some(3));

        let mut slipped = chain(5);
        slipped[4].hash = vec![7; 32];
        assert_eq!(broken_at(&slipped), Some(5));
    }

    #[test]
    fn a_time_finer_than_postgres_keeps_it_hashes_alike() {
        let entry = entry(json!({}));
        let fine = DateTime::from_timestamp(1_795_000_000, 123_456_789).unwrap();
        let kept = DateTime::from_timestamp(1_795_000_000, 123_456_000).unwrap();
        assert_eq!(Link::new(1, fine, &entry).hash(&GENESIS), Link::new(1, kept, &entry).hash(&GENESIS));
    }
}
