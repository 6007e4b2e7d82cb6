//! The table `login_lane`.
use crate::official::throttle::Throttle;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Rows that one call forgets: a little each time, so that nobody waits for it.
const FORGOTTEN_AT_ONCE: i64 = 20;

/// Drops some throttles whose time is over; those that somebody else holds are left alone.
pub(in crate::official) async fn forget(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "delete from login_lane where lane in
            (select lane from login_lane where forget_at <= $1 order by forget_at limit $2 for update skip locked)",
        now,
        FORGOTTEN_AT_ONCE
    )
    .execute(conn)
    .await
    .map(drop)
}

/// The throttle, made if it is not there, and held until the transaction ends.
pub(in crate::official) async fn enter(
    conn: &mut PgConnection,
    throttle: &[u8; 32],
    now: DateTime<Utc>,
    forget_at: DateTime<Utc>,
) -> Result<Throttle, sqlx::Error> {
    sqlx::query_as!(
        Throttle,
        r#"insert into login_lane (lane, tries, tried_at, known_until, forget_at) values ($1, 0, $2, $2, $3)
           on conflict (lane) do update set tries = login_lane.tries
           returning tries, tried_at, known_until"#,
        throttle.as_slice(),
        now,
        forget_at
    )
    .fetch_one(conn)
    .await
}

pub(in crate::official) async fn count(
    conn: &mut PgConnection,
    throttle: &[u8; 32],
    tries: i32,
    now: DateTime<Utc>,
    forget_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update login_lane set tries = $2, tried_at = $3, forget_at = $4 where lane = $1",
        throttle.as_slice(),
        tries,
        now,
        forget_at
    )
    .execute(conn)
    .await
    .map(drop)
}

pub(in crate::official) async fn clear(
    conn: &mut PgConnection,
    throttle: &[u8; 32],
    now: DateTime<Utc>,
    known_until: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update login_lane set tries = 0, tried_at = $2, known_until = $3, forget_at = $3 where lane = $1",
        throttle.as_slice(),
        now,
        known_until
    )
    .execute(conn)
    .await
    .map(drop)
}

pub(in crate::official) async fn remove(conn: &mut PgConnection, throttle: &[u8; 32]) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from login_lane where lane = $1", throttle.as_slice()).execute(conn).await.map(drop)
}
