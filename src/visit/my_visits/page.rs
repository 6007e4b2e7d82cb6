//! The content of the page behind the link.
use super::act::Kind;
use super::store;
use crate::base::token::Token;
use crate::keys::{open_with_link, seal_for_link};
use crate::venue::VenueId;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

/// One visit of the person: there is no more to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnVisit {
    /// The business date.
    pub date: NaiveDate,
    /// The venue.
    pub venue: VenueId,
}

/// The visits that were found when the link was opened, kept true by the acts since. A person's movements: no `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// When it was looked up. Later visits are not in it.
    pub looked_at: DateTime<Utc>,
    /// Whether this person gets no notices: stopped on request, or because mail came back.
    pub stopped: bool,
    /// The visits, newest first.
    pub visits: Vec<OwnVisit>,
}

impl Found {
    /// Sealed under the link.
    pub(super) fn seal(&self, token: &Token) -> Option<Vec<u8>> {
        let text = zeroize::Zeroizing::new(serde_json::to_vec(self).ok()?);
        seal_for_link(token, &text)
    }

    /// The reverse of [`Found::seal`].
    pub(super) fn open(token: &Token, sealed: &[u8]) -> Option<Self> {
        serde_json::from_slice(&open_with_link(token, sealed)?).ok()
    }
}

/// The page behind a link that is good.
pub struct OwnPage {
    /// The link opens nothing from this moment on.
    pub expires_at: DateTime<Utc>,
    /// The kept visits; none until the worker has looked.
    pub found: Option<Found>,
    /// The last act that was asked for, other than a look, and whether it is done.
    pub last: Option<(Kind, bool)>,
    /// Whether a look waits for the worker.
    pub looking: bool,
}

/// Opens a link without using anything up. `None`: unknown or expired.
///
/// # Errors
/// The database.
pub async fn open(conn: &mut PgConnection, now: DateTime<Utc>, token: &Token) -> Result<Option<OwnPage>, sqlx::Error> {
    let hash = token.sha256();
    let Some(link) = store::link(conn, &hash, now).await? else {
        return Ok(None);
    };
    let requests = store::requests(conn, &hash).await?;
    let asked = requests.iter().filter_map(|(name, done)| Some((Kind::from_name(name)?, *done)));
    let (looks, acts): (Vec<_>, Vec<_>) = asked.partition(|(kind, _)| *kind == Kind::Look);
    Ok(Some(OwnPage {
        expires_at: link.expires_at,
        found: link.found.and_then(|sealed| Found::open(token, &sealed)),
        last: acts.last().copied(),
        looking: looks.iter().any(|(_, done)| !done),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_survives_its_seal_and_opens_with_its_link_alone() {
        let visit = |venue| OwnVisit { date: "2026-11-22".parse().unwrap(), venue: VenueId(uuid::Uuid::from_u128(venue)) };
        for visits in [0, 1, 500] {
            let found = Found { looked_at: DateTime::UNIX_EPOCH, stopped: visits == 1, visits: (0..visits).map(visit).collect() };
            let token = Token::random();
            let sealed = found.seal(&token).unwrap();
            assert!(Found::open(&token, &sealed) == Some(found));
            assert!(Found::open(&Token::random(), &sealed).is_none());
        }
    }
}
