//! Counts of an alert's mails, and the summary that is kept when the rows go with their date.
pub(super) mod store;

use super::outbox::Counts;
use super::provider::{Fared, Provider};
use chrono::{DateTime, Duration as Span, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// Mails of an alert below which nothing is kept by provider, and below which a number by provider is not shown: with fewer, a
/// provider's number could be laid beside the rows.
pub const FEW: i64 = 20;
/// Over which time the rate of sending is measured.
pub const RATE_SPAN: Span = Span::minutes(1);

/// The mails of all alerts together, those of purged dates included; letters are not among them.
///
/// # Errors
/// The database.
pub async fn totals(conn: &mut PgConnection) -> Result<Counts, sqlx::Error> {
    Ok(store::outbox_totals(&mut *conn).await?.plus(&store::kept(conn, None).await?))
}

/// The counts of one alert's purged dates, which [`super::counts`] includes.
///
/// # Errors
/// The database.
pub async fn kept(conn: &mut PgConnection, alert: Uuid) -> Result<Counts, sqlx::Error> {
    store::kept(conn, Some(alert)).await
}

/// The counts of several alerts at once, purged dates included; alerts without mails are not among them.
///
/// # Errors
/// The database.
pub async fn counts_of(conn: &mut PgConnection, alerts: &[Uuid]) -> Result<Vec<(Uuid, Counts)>, sqlx::Error> {
    store::counts_of(conn, alerts).await
}

/// When the mail that waits longest was queued: of one alert, or of all.
///
/// # Errors
/// The database.
pub async fn oldest_waiting(conn: &mut PgConnection, alert: Option<Uuid>) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    store::oldest_waiting(conn, alert).await
}

/// Mails taken by mail servers within [`RATE_SPAN`] before `now`: of one alert, or of all.
///
/// # Errors
/// The database.
pub async fn sent_lately(conn: &mut PgConnection, now: DateTime<Utc>, alert: Option<Uuid>) -> Result<i64, sqlx::Error> {
    store::sent_since(conn, now - RATE_SPAN, alert).await
}

/// How the mails of one alert, or of all, fared at each provider; providers without any are not among them.
///
/// # Errors
/// The database.
pub async fn providers(conn: &mut PgConnection, alert: Option<Uuid>) -> Result<Vec<(Provider, Fared)>, sqlx::Error> {
    store::providers(conn, alert).await
}

/// Writes what was counted by provider; keeps what is still too little to be written.
pub(super) async fn write_down(conn: &mut PgConnection, noted: &super::provider::Noted) {
    for (alert, counts) in noted.take() {
        match store::add_providers(conn, alert, &counts, FEW).await {
            Ok(true) => {}
            // The alert is gone: so is the question how it fared.
            Err(error) if crate::base::db::is_unknown_reference(&error) => {}
            Ok(false) => noted.keep(alert, counts),
            Err(error) => {
                tracing::debug!(%error, "counts by provider wait for the database");
                noted.keep(alert, counts);
            }
        }
    }
}
