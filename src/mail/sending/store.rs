//! Statements on `sending_stop` and `sending_counter`.
use super::{Stop, StopKind};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

pub(in crate::mail) async fn open_stops(executor: impl PgExecutor<'_>) -> Result<Vec<Stop>, sqlx::Error> {
    sqlx::query_as!(
        Stop,
        r#"select id, kind as "kind: StopKind", reason, stopped_by, stopped_at
           from sending_stop where resumed_at is null order by stopped_at, kind"#,
    )
    .fetch_all(executor)
    .await
}

/// False when one of its kind holds already.
pub(super) async fn insert_stop(conn: &mut PgConnection, stop: &Stop) -> Result<bool, sqlx::Error> {
    let made = sqlx::query!(
        "insert into sending_stop (id, kind, reason, stopped_by, stopped_at) values ($1, $2, $3, $4, $5)
         on conflict (kind) where resumed_at is null do nothing",
        stop.id,
        stop.kind.as_str(),
        stop.reason,
        stop.stopped_by.as_deref(),
        stop.stopped_at,
    )
    .execute(conn)
    .await?;
    Ok(made.rows_affected() == 1)
}

pub(super) async fn end_stops(conn: &mut PgConnection, now: DateTime<Utc>, principal: &str, seen: &[Uuid]) -> Result<u64, sqlx::Error> {
    let ended = sqlx::query!(
        "update sending_stop set resumed_at = $1, resumed_by = $2 where id = any($3) and resumed_at is null",
        now,
        principal,
        seen,
    )
    .execute(conn)
    .await?;
    Ok(ended.rows_affected())
}

pub(super) async fn take_untold(tx: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<Stop>, sqlx::Error> {
    sqlx::query_as!(
        Stop,
        r#"-- of two web processes one tells
           with untold as (select id from sending_stop where told_at is null and resumed_at is null for update skip locked)
           update sending_stop s set told_at = $1 from untold where s.id = untold.id
           returning s.id, s.kind as "kind: StopKind", s.reason, s.stopped_by, s.stopped_at"#,
        now,
    )
    .fetch_all(tx)
    .await
}

/// What the counter stands at, and whether a stop holds.
pub(super) async fn look(executor: impl PgExecutor<'_>) -> Result<(i64, bool), sqlx::Error> {
    let row = sqlx::query!(
        r#"select coalesce((select value from sending_counter), 0) as "value!",
               exists (select from sending_stop where resumed_at is null) as "stopped!""#,
    )
    .fetch_one(executor)
    .await?;
    Ok((row.value, row.stopped))
}

/// One more commit of mails that are about to be sent. Stands last in its transaction: all notifiers take turns here.
pub(in crate::mail) async fn count_on(tx: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        "insert into sending_counter (value) values (1)
         on conflict (only_one) do update set value = sending_counter.value + 1 returning value",
    )
    .fetch_one(tx)
    .await
}

pub(super) async fn raise_counter(tx: &mut PgConnection, to: i64) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into sending_counter (value) values ($1)
         on conflict (only_one) do update set value = greatest(sending_counter.value, excluded.value)",
        to,
    )
    .execute(tx)
    .await
    .map(drop)
}
