//! Requests about an alert that is being sent, as they are stored: the worker has not checked the signatures yet.
use crate::alert::AlertId;
use crate::case::Stay;
use crate::venue::VenueId;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// A click that lets late visits go, before anybody believes it.
pub(in crate::alert) struct OpenRelease {
    pub(in crate::alert) visits: i64,
    pub(in crate::alert) released_at: DateTime<Utc>,
    pub(in crate::alert) principal: String,
    pub(in crate::alert) signed: Option<Vec<u8>>,
}

/// The click that is to be handled, if there is one.
pub(in crate::alert) async fn open_release(tx: &mut PgConnection, alert: AlertId) -> Result<Option<OpenRelease>, sqlx::Error> {
    sqlx::query_as!(
        OpenRelease,
        r#"select visits::bigint as "visits!", released_at, principal, signed
           from alert_late_release where alert_id = $1 and handled_at is null"#,
        alert.0,
    )
    .fetch_optional(tx)
    .await
}

/// The stays of a release that was carried out: what was added to the alert since is none of it.
pub(in crate::alert) async fn matched_stays(tx: &mut PgConnection, alert: AlertId) -> Result<Vec<Stay>, sqlx::Error> {
    sqlx::query_as!(
        Stay,
        r#"select venue_id as "venue_id: VenueId", visit_date as date from alert_stay_match
           where alert_id = $1 order by venue_id, visit_date"#,
        alert.0,
    )
    .fetch_all(tx)
    .await
}

/// A resume of an alert's last pause, before anybody believes it.
pub(in crate::alert) struct OpenResume {
    pub(in crate::alert) pause: i32,
    pub(in crate::alert) resumed_at: DateTime<Utc>,
    pub(in crate::alert) signed: Vec<u8>,
}

pub(in crate::alert) async fn open_resume(tx: &mut PgConnection, alert: AlertId) -> Result<Option<OpenResume>, sqlx::Error> {
    sqlx::query_as!(
        OpenResume,
        "select r.pause, r.resumed_at, r.signed from alert_resume r join alert a on a.id = r.alert_id and a.pauses = r.pause
         left join alert_dispatch d on d.alert_id = a.id
         where a.id = $1 and r.pause > coalesce(d.resumed_pause, 0)",
        alert.0,
    )
    .fetch_optional(tx)
    .await
}

pub(in crate::alert) async fn believe_resume(tx: &mut PgConnection, alert: AlertId, pause: i32) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into alert_dispatch (alert_id, resumed_pause) values ($1, $2)
         on conflict (alert_id) do update set resumed_pause = excluded.resumed_pause",
        alert.0,
        pause,
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Whether an alert waits that was sent back because nobody who counts had signed it.
pub(in crate::alert) async fn is_any_unvouched(conn: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from alert_dispatch d join alert a on a.id = d.alert_id
               where d.refused_reason = 'unvouched' and d.refused_revision = a.revision and a.cancelled_at is null) as "any!""#
    )
    .fetch_one(conn)
    .await
}
