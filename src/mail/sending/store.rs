//! Statements on `sending_stop`, `sending_refusal` and `sending_counter`.
use super::brake::{Brake, Refusal, Run, TRIAL_PAUSE};
use super::{Ended, EndedStop, Halt, Stop, StopKind};
use crate::mail::claim::Claimed;
use crate::mail::outbox;
use crate::mail::result_writer::Change;
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

pub(in crate::mail) async fn open_stops(executor: impl PgExecutor<'_>) -> Result<Vec<Stop>, sqlx::Error> {
    sqlx::query_as!(
        Stop,
        r#"select id, kind as "kind: StopKind", reason, stopped_by, stopped_at, answer, trial_at, trial_refused_at
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
        "update sending_stop set resumed_at = $1, resumed_by = $2, resume_signed = $4
         where id = $3 and resumed_at is null and kind <> 'refused'",
        now,
        principal,
        stop,
        signed,
    )
    .execute(conn)
    .await?;
    Ok(ended.rows_affected() == 1)
}

/// Stops that somebody is said to have ended, and that the worker still holds to.
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
           returning s.id, s.kind as "kind: StopKind", s.reason, s.stopped_by, s.stopped_at, s.answer, s.trial_at, s.trial_refused_at"#,
        now,
    )
    .fetch_all(tx)
    .await
}

/// One mail may go on trial, whatever the last trial said.
pub(super) async fn allow_trial(conn: &mut PgConnection, now: DateTime<Utc>, principal: &str, stop: Uuid) -> Result<bool, sqlx::Error> {
    let allowed = sqlx::query!(
        "update sending_stop set trial_at = $1, trial_by = $2, trial_after = null
         where id = $3 and ended_at is null and kind = 'refused'",
        now,
        principal,
        stop,
    )
    .execute(conn)
    .await?;
    Ok(allowed.rows_affected() == 1)
}

pub(super) async fn take_untold_ends(tx: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<Ended>, sqlx::Error> {
    sqlx::query_as!(
        Ended,
        r#"with untold as (
               select id from sending_stop
               where kind = 'refused' and ended_at is not null and end_told_at is null for update skip locked
           )
           update sending_stop s set end_told_at = $1 from untold where s.id = untold.id returning s.resumed_by as "by!""#,
        now,
    )
    .fetch_all(tx)
    .await
}

/// The counter, and what is held back.
pub(super) async fn look(executor: impl PgExecutor<'_>) -> Result<(i64, Halt), sqlx::Error> {
    let row = sqlx::query!(
        r#"select coalesce((select value from sending_counter), 0) as "value!",
               coalesce(bool_or(kind <> 'refused'), false) as "notices!",
               coalesce(bool_or(kind = 'refused'), false) as "braked!",
               coalesce(bool_or(trial_at is not null), false) as "trial!"
           from sending_stop where resumed_at is null"#,
    )
    .fetch_one(executor)
    .await?;
    Ok((row.value, Halt { notices: row.notices, braked: row.braked, trial: row.trial }))
}

pub(super) async fn note_refusals(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    refused: &[(&Change, &Refusal, bool)],
) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = refused.iter().map(|(change, _, _)| change.id).collect();
    let answers: Vec<&str> = refused.iter().map(|(_, refusal, _)| refusal.answer.text.as_str()).collect();
    let mailboxes: Vec<bool> = refused.iter().map(|(_, refusal, _)| refusal.answer.mailbox).collect();
    let people: Vec<&[u8]> = refused.iter().map(|(_, refusal, _)| refusal.person.as_slice()).collect();
    let domains: Vec<&[u8]> = refused.iter().map(|(_, refusal, _)| refusal.domain.as_slice()).collect();
    let providers: Vec<bool> = refused.iter().map(|(_, refusal, _)| refusal.provider).collect();
    let in_row: Vec<bool> = refused.iter().map(|(_, _, in_row)| *in_row).collect();
    sqlx::query!(
        "insert into sending_refusal (outbox_id, answer, mailbox, person, domain, provider, in_row, refused_at)
         select distinct on (id) id, answer, mailbox, person, domain, provider, in_row, $1
         from unnest($2::uuid[], $3::text[], $4::bool[], $5::bytea[], $6::bytea[], $7::bool[], $8::bool[])
             as r (id, answer, mailbox, person, domain, provider, in_row)
         on conflict (outbox_id) do update set answer = excluded.answer, mailbox = excluded.mailbox, in_row = excluded.in_row,
             refused_at = excluded.refused_at",
        now,
        &ids,
        &answers as &[&str],
        &mailboxes,
        &people as &[&[u8]],
        &domains as &[&[u8]],
        &providers,
        &in_row,
    )
    .execute(tx)
    .await
    .map(drop)
}

pub(super) async fn forget_refusals(tx: &mut PgConnection, before: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from sending_refusal where refused_at < $1", before).execute(tx).await.map(drop)
}

/// Each answer since a mail was last taken, the most frequent first.
pub(super) async fn runs(tx: &mut PgConnection) -> Result<Vec<Run>, sqlx::Error> {
    sqlx::query_as!(
        Run,
        r#"with at_provider as (
               select answer, max(people) as people from (
                   select answer, count(distinct person) as people from sending_refusal where provider group by answer, domain
               ) p group by answer
           )
           select r.answer as "answer!", bool_and(r.mailbox) as "mailbox!",
               count(distinct r.person) filter (where r.in_row) as "people!",
               count(distinct r.domain) filter (where r.in_row) as "domains!",
               coalesce(max(p.people), 0) as "at_provider!"
           from sending_refusal r left join at_provider p on p.answer = r.answer
           group by r.answer order by 3 desc, 1"#,
    )
    .fetch_all(tx)
    .await
}

/// Whether a brake for this answer was let go since `since`.
pub(super) async fn was_let_go(tx: &mut PgConnection, answer: &str, since: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from sending_stop where kind = 'refused' and answer = $1 and ended_at > $2) as "let_go!""#,
        answer,
        since,
    )
    .fetch_one(tx)
    .await
}

pub(super) async fn insert_brake(tx: &mut PgConnection, now: DateTime<Utc>, id: Uuid, run: &Run) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into sending_stop (id, kind, reason, stopped_at, answer, mailbox) values ($1, 'refused', '', $2, $3, $4)",
        id,
        now,
        run.answer,
        run.mailbox,
    )
    .execute(tx)
    .await
    .map(drop)
}

pub(super) async fn brake(tx: &mut PgConnection) -> Result<Option<Brake>, sqlx::Error> {
    sqlx::query_as!(
        Brake,
        "select id, answer as \"answer!\", stopped_at, trial_by, trial_row from sending_stop
         where kind = 'refused' and ended_at is null for update",
    )
    .fetch_optional(tx)
    .await
}

/// Gives what an answer hit its turn again. Returns how many mails it hit.
pub(super) async fn put_back_run(tx: &mut PgConnection, now: DateTime<Utc>, answer: &str) -> Result<u64, sqlx::Error> {
    let ids = sqlx::query_scalar!("select outbox_id from sending_refusal where answer = $1", answer).fetch_all(&mut *tx).await?;
    put_back(tx, now, &ids, true).await
}

/// Lets mails wait again that an answer about us hit, also those that it had ended. What was emptied meanwhile stays ended. Under
/// a brake that is on, what waits keeps its growing wait: the letters that tell of the brake may pass it each time.
pub(super) async fn put_back(tx: &mut PgConnection, now: DateTime<Utc>, ids: &[Uuid], at_once: bool) -> Result<u64, sqlx::Error> {
    if ids.is_empty() {
        return Ok(0);
    }
    let put_back = sqlx::query!(
        "update outbox set
             repeats = repeats + (state <> 'deferred')::int,
             ended_as = case when state = 'deferred' then ended_as else state end,
             next_at = case when $3 then $2::timestamptz when state = 'deferred' then next_at
                            else $2::timestamptz + least(interval '6 hours', interval '1 minute' * (2 ^ least(attempts, 10))) end,
             state = 'deferred', finished_at = null
         where id = any($1) and (state = 'deferred' or (state in ('bounced', 'dead') and sealed <> ''))",
        ids,
        now,
        at_once,
    )
    .execute(tx)
    .await?;
    Ok(put_back.rows_affected())
}

/// Leases one mail for the trial, and notes that it is the one. Rather one that the answer hit; for an answer about mailboxes rather
/// another, since those may be gone indeed. Nobody else's is on trial: one that was lost with its process is not leased any more.
/// A pause that is longer than pauses are was written under a clock that was ahead.
pub(super) async fn claim_trial(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    token: Uuid,
    until: DateTime<Utc>,
    notices_stopped: bool,
) -> Result<Vec<Claimed>, sqlx::Error> {
    sqlx::query_as!(
        Claimed,
        "with turn as (
             select id, answer, mailbox from sending_stop s
             where kind = 'refused' and ended_at is null and trial_at is not null and coalesce(trial_after <= $1 or trial_after > $5, true)
               and not exists (select from outbox o where o.id = s.trial_row and o.state in ('leased', 'submitting'))
             for update skip locked
         ), due as (
             select o.id, turn.id as stop from outbox o, turn
             where o.state in ('queued', 'deferred') and o.finished_at is null and o.next_at <= $1
               and o.kind <> 'sending_stopped' and not ($4 and o.alert_id is not null)
             order by (exists (select from sending_refusal r where r.outbox_id = o.id and r.answer = turn.answer)) = turn.mailbox,
                 o.attempts, o.alert_id is not null, o.next_at
             limit 1
             for update of o skip locked
         ), noted as (
             update sending_stop set trial_row = due.id from due where sending_stop.id = due.stop
         )
         update outbox set state = 'leased', lease = $2, lease_until = $3
         from due where outbox.id = due.id
         returning outbox.id, kind, visit_date, epoch_id, sealed, alert_id, venue_id, mac, attempts, ambiguous_attempts, created_at,
             repeats, ended_as",
        now,
        token,
        until,
        notices_stopped,
        now + TRIAL_PAUSE * 2,
    )
    .fetch_all(conn)
    .await
}

/// The relay took the mail on trial: the stop is over. The time in which nothing could leave is no time that mails were tried.
pub(super) async fn let_go(tx: &mut PgConnection, now: DateTime<Utc>, brake: &Brake) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update sending_stop set ended_at = $2, resumed_at = $2, resumed_by = coalesce(trial_by, 'system'), trial_row = null where id = $1",
        brake.id,
        now,
    )
    .execute(&mut *tx)
    .await?;
    outbox::not_tried(&mut *tx, brake.stopped_at, now).await?;
    sqlx::query!("delete from sending_refusal").execute(tx).await.map(drop)
}

/// The relay refused the mail on trial: another needs another click.
pub(super) async fn end_trial(tx: &mut PgConnection, now: DateTime<Utc>, stop: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update sending_stop set trial_at = null, trial_by = null, trial_row = null, trial_refused_at = $2 where id = $1",
        stop,
        now,
    )
    .execute(tx)
    .await
    .map(drop)
}

pub(super) async fn try_again(tx: &mut PgConnection, after: DateTime<Utc>, stop: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!("update sending_stop set trial_row = null, trial_after = $2 where id = $1", stop, after).execute(tx).await.map(drop)
}

/// One more commit of mails that are about to be sent. Stands last in its transaction: all workers take turns here.
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
