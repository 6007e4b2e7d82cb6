//! Alerts on their way, each with the few numbers that a list shows.
use super::listing::{self, Asked, List};
use super::progress::Status;
use super::record::store;
use crate::mail::{self, Counts};
use sqlx::PgConnection;

/// An alert in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overview {
    /// Where it stands.
    pub status: Status,
    /// Different venues.
    pub venues: i64,
    /// Different business dates.
    pub days: i64,
    /// How many people it reaches. After the release these are the matched rows; before it, the number that the last decision was based on.
    pub target: Option<i64>,
    /// How its notices fare.
    pub delivery: Counts,
}

/// Alerts that wait for somebody, then those that are held or on their way; in each part the newest first. At most `limit`, and how
/// many there are besides.
///
/// # Errors
/// The database.
pub async fn in_progress(conn: &mut PgConnection, limit: i64) -> Result<(Vec<Overview>, i64), sqlx::Error> {
    let asked = Asked { lists: Some(&[List::Waiting, List::Out]), limit, ..Asked::default() };
    let statuses = listing::page(conn, &asked).await?.rows;
    let [waiting, out, ..] = listing::sizes(conn, false).await?;
    let more = waiting + out - i64::try_from(statuses.len()).unwrap_or(i64::MAX);
    let extents = store::extents(conn, &statuses.iter().map(|status| status.id.0).collect::<Vec<_>>()).await?;
    let mut overviews = Vec::with_capacity(statuses.len());
    for status in statuses {
        let extent = extents.get(&status.id.0).copied().unwrap_or_default();
        let delivery = if status.started_at.is_some() { mail::counts(&mut *conn, Some(status.id.0)).await? } else { Counts::default() };
        let target = match (status.started_at, status.approved_visits) {
            (Some(_), _) => Some(delivery.rows()),
            (None, Some(seen)) => Some(seen.into()),
            (None, None) => extent.submitted,
        };
        overviews.push(Overview { status, venues: extent.venues, days: extent.days, target, delivery });
    }
    Ok((overviews, more))
}

/// How far an alert reaches.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extent {
    pub(super) venues: i64,
    pub(super) days: i64,
    /// The number that the submitter saw.
    pub(super) submitted: Option<i64>,
}
