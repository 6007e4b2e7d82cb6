//! Lists of alerts, page by page: what waits for somebody, what is out, what is a draft, what has ended.
//!
//! Which list an alert stands in follows from its state, and the database decides it before it takes a page: however many newer
//! alerts there are, none that waits for somebody is left out.
pub(super) mod store;

use super::AlertId;
use super::progress::Status;
use crate::base::cursor::{Cursor, Page};
use sqlx::PgConnection;

/// Alerts of one page at most: what somebody looks through.
pub const MAX_LISTED: i64 = 200;

/// The lists, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum List {
    /// Somebody must decide: submitted, sent back, or out with visits that wait for a click.
    Waiting,
    /// Held, sending or paused, with nothing to decide.
    Out,
    /// Prepared; nobody has submitted it.
    Drafts,
    /// Done or cancelled.
    Ended,
}

impl List {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Out, Self::Drafts, Self::Ended];

    /// The name in links and questions.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Out => "out",
            Self::Drafts => "drafts",
            Self::Ended => "ended",
        }
    }

    /// The list of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.as_str() == name)
    }

    /// Its place among the lists, as [`Cursor::rank`].
    fn rank(self) -> i16 {
        match self {
            Self::Waiting => 0,
            Self::Out => 1,
            Self::Drafts => 2,
            Self::Ended => 3,
        }
    }
}

/// Where a page begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// Behind this place.
    After(Cursor),
    /// Before this place: the page that ends there.
    Before(Cursor),
}

/// Which alerts.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Only these.
    pub ids: Option<&'a [AlertId]>,
    /// Only those in one of these lists.
    pub lists: Option<&'a [List]>,
    /// Without drafts that stand beside the open case that they were prepared for.
    pub apart_from_cases: bool,
    /// Only those that were released, or are held before it.
    pub released: bool,
    /// Where the page begins; at the top otherwise.
    pub from: Option<Begin>,
    /// How many; at most [`MAX_LISTED`].
    pub limit: i64,
}

impl Default for Asked<'_> {
    fn default() -> Self {
        Self { ids: None, lists: None, apart_from_cases: false, released: false, from: None, limit: MAX_LISTED }
    }
}

/// A page of alerts: list by list, in each the newest first.
///
/// # Errors
/// The database.
pub async fn page(conn: &mut PgConnection, asked: &Asked<'_>) -> Result<Page<Status>, sqlx::Error> {
    let limit = asked.limit.clamp(0, MAX_LISTED);
    let rows = store::statuses(conn, &Asked { limit: limit + 1, ..*asked }).await?;
    let back = matches!(asked.from, Some(Begin::Before(_)));
    Ok(Page::cut(rows, usize::try_from(limit).unwrap_or(usize::MAX), back, asked.from.is_some()))
}

/// These alerts, however many; unknown ones are left out.
pub(super) async fn of_ids(conn: &mut PgConnection, ids: &[AlertId]) -> Result<Vec<Status>, sqlx::Error> {
    let asked = Asked { ids: Some(ids), limit: i64::MAX, ..Asked::default() };
    Ok(store::statuses(conn, &asked).await?.into_iter().map(|(status, _)| status).collect())
}

/// How many alerts each list has, in the order of [`List::ALL`].
pub type Sizes = [i64; 4];

/// Counts the lists. `apart_from_cases` as in [`Asked`].
///
/// # Errors
/// The database.
pub async fn sizes(conn: &mut PgConnection, apart_from_cases: bool) -> Result<Sizes, sqlx::Error> {
    store::sizes(conn, apart_from_cases).await
}
