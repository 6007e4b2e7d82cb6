//! People who get no notices: they asked, or their address does not exist. Known only by a keyed hash that the worker makes.
use super::store;
use chrono::{DateTime, Utc};
use sqlx::PgExecutor;
use std::collections::HashSet;

/// The keyed hash of one person (`keys::Opener::person`, suppression scope).
pub type Person = [u8; 32];

/// Why somebody is on the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The person asked.
    Asked,
    /// A mail bounced because the address does not exist.
    Bounced,
}

impl Cause {
    fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Bounced => "bounced",
        }
    }
}

/// Puts a person on the list; false if nothing changed. A request outlasts a bounce, never the other way round.
pub async fn add(executor: impl PgExecutor<'_>, now: DateTime<Utc>, person: &Person, cause: Cause) -> Result<bool, sqlx::Error> {
    store::suppress(executor, now, person, cause.name()).await
}

/// Takes a person off the list; false if it was not there.
pub async fn remove(executor: impl PgExecutor<'_>, person: &Person) -> Result<bool, sqlx::Error> {
    store::unsuppress(executor, person).await
}

/// Takes those of these people off the list who are on it because a mail bounced: they are to get one again. Who asked stays.
///
/// # Errors
/// The database.
pub async fn forgive(executor: impl PgExecutor<'_>, people: &[Person]) -> Result<u64, sqlx::Error> {
    let people: Vec<Vec<u8>> = people.iter().map(|person| person.to_vec()).collect();
    store::forgive(executor, &people).await
}

/// Whether a person is on the list.
pub async fn contains(executor: impl PgExecutor<'_>, person: &Person) -> Result<bool, sqlx::Error> {
    Ok(!store::suppressed(executor, &[person.to_vec()]).await?.is_empty())
}

/// Which of these people are on the list: one statement for a whole batch.
pub async fn among(executor: impl PgExecutor<'_>, people: &[Person]) -> Result<HashSet<Person>, sqlx::Error> {
    let people: Vec<Vec<u8>> = people.iter().map(|person| person.to_vec()).collect();
    let found = store::suppressed(executor, &people).await?;
    Ok(found.into_iter().filter_map(|person| person.try_into().ok()).collect())
}
