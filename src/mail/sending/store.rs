//! Statements on `sending_stop` and `sending_counter`.
use super::{EndedStop, Stop, StopKind};
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

pub(super) async fn end_stop(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    principal: &str,
    stop: Uuid,
    signed: &[u8],
) -> Result<bool, sqlx::Error> {
    let ended = sqlx::query!(
        "update sending_stop set resumed_at = $1, resumed_by = $2, resume_signed = $4 where id = $3 and resumed_at is null",
        now,
        principal,
        stop,
        signed,
    )
    .execute(conn)
    .await?;
    Ok(ended.rows_affected() == 1)
}

/// Stops that somebody is said to have ended, and that the notifier still holds to.
pub(super) async fn unbelieved(executor: impl PgExecutor<'_>) -> Result<Vec<EndedStop>, sqlx::Error> {
    sqlx::query_as!(
        EndedStop,
        r#"select id, resumed_at as "resumed_at!", resumed_by as "resumed_by!", resume_signed from sending_stop
           where ended_at is null and resumed_at is not null order by stopped_at"#,
    )
    .fetch_all(executor)
    .await
}

/// Takes back an end that nobody signed who counts. Where a newer stop of the kind holds, this one may end.
pub(super) async fn hold_on(conn: &mut PgConnection, now: DateTime<Utc>, stop: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update sending_stop s set
             ended_at = case when n.newer then $2::timestamptz end,
             resumed_at = case when n.newer then s.resumed_at end,
             resumed_by = case when n.newer then s.resumed_by end,
             resume_signed = null
         from (select exists (select from sending_stop o join sending_stop i on i.id = $1
                              where o.kind = i.kind and o.id <> i.id and o.resumed_at is null) as newer) as n
         where s.id = $1",
        stop,
        now
    )
    .execute(conn)
    .await
    .map(drop)
}

pub(super) async fn believe_end(conn: &mut PgConnection, now: DateTime<Utc>, stop: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!("update sending_stop set ended_at = $2 where id = $1", stop, now).execute(conn).await.map(drop)
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
               exists (select from sending_stop where ended_at is null) as "stopped!""#,
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
