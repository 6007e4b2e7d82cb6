//! Statements on `outbox` and `suppression`. Every moment is bound from the caller's clock.
//! Every change of a leased row names the lease; a row whose lease is no longer the same is left alone.
use super::claim::{Claimed, Lease};
use super::outbox::{Counts, HOPELESS, NewLetter, Reason};
use super::result_writer::{Change, State};
use super::sending::Halt;
use super::sending::brake::Sign;
use super::upkeep::Bounds;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

pub(super) async fn insert_letter(conn: &mut PgConnection, letter: &NewLetter<'_>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into outbox (id, kind, visit_date, epoch_id, sealed, created_at, next_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        letter.id,
        letter.kind,
        letter.visit_date,
        letter.epoch_id,
        letter.sealed,
        letter.now,
        letter.next_at,
        letter.expires_at,
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Which rows a claim may take.
pub(super) struct Claimable {
    pub(super) now: DateTime<Utc>,
    /// What is not over by this time is not over.
    pub(super) believed: DateTime<Utc>,
    /// How many at most.
    pub(super) limit: i64,
    /// What is held back.
    pub(super) halt: Halt,
}

/// Leases rows that are due: letters first, then whatever has been due longest; while sending is stopped, letters
/// alone, and of them under the brake only those that tell of it. What is not over by the time that is believed is not over.
pub(super) async fn claim(conn: &mut PgConnection, lease: &Lease, rows: &Claimable) -> Result<Vec<Claimed>, sqlx::Error> {
    sqlx::query_as!(
        Claimed,
        "-- rows that another process is claiming this moment are passed over, not waited for
         with due as (
             select id from outbox
             where state in ('queued', 'deferred', 'ambiguous') and finished_at is null
               and next_at <= $1 and expires_at > $7 and not ($5 and alert_id is not null) and (not $6 or kind = 'sending_stopped')
             order by (alert_id is not null), next_at
             limit $2
             for update skip locked
         )
         update outbox set state = 'leased', lease = $3, lease_until = $4
         from due where outbox.id = due.id
         returning outbox.id, kind, visit_date, epoch_id, sealed, alert_id, venue_id, mac, attempts, ambiguous_attempts, created_at,
             repeats, ended_as",
        rows.now,
        rows.limit,
        lease.token,
        lease.until,
        rows.halt.notices,
        rows.halt.braked,
        rows.believed,
    )
    .fetch_all(conn)
    .await
}

/// Turns leased rows into `submitting` and renews their lease; returns those that were still ours. Looks for a stop in the same
/// statement: what it lets pass was let pass before the stop was committed.
pub(super) async fn mark_submitting(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    ids: &[Uuid],
    leases: &[Uuid],
) -> Result<Vec<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "update outbox set state = 'submitting', attempts = attempts + 1, lease_until = $2
         from unnest($3::uuid[], $4::uuid[]) as mine (id, lease)
         where outbox.id = mine.id and outbox.lease = mine.lease and outbox.state = 'leased' and outbox.lease_until > $1
           and not exists (
               select from sending_stop s where s.ended_at is null
                 and case when s.kind = 'refused' then s.trial_row is distinct from outbox.id and outbox.kind <> 'sending_stopped'
                          else outbox.alert_id is not null end)
         returning outbox.id",
        now,
        until,
        ids,
        leases,
    )
    .fetch_all(conn)
    .await
}

/// Writes what became of leased rows and gives the leases up; returns the rows that were still ours.
pub(super) async fn settle(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    ambiguous_limit: i32,
    changes: &[Change],
) -> Result<Vec<Uuid>, sqlx::Error> {
    let ids: Vec<Uuid> = changes.iter().map(|change| change.id).collect();
    let leases: Vec<Uuid> = changes.iter().map(|change| change.lease).collect();
    let states: Vec<&str> = changes.iter().map(|change| change.state.name()).collect();
    let finals: Vec<bool> = changes.iter().map(|change| change.state.is_final()).collect();
    let next: Vec<Option<DateTime<Utc>>> = changes.iter().map(|change| change.next_at).collect();
    let reasons: Vec<Option<&str>> = changes.iter().map(|change| change.reason.as_deref()).collect();
    let taken = changes.iter().filter_map(|change| match change.sign {
        Some(Sign::Taken(provider)) => Some(provider),
        _ => None,
    });
    let taken: Vec<_> = taken.collect();
    let providers: Vec<&[u8]> = taken.iter().flatten().map(<[u8; 8]>::as_slice).collect();
    sqlx::query_scalar!(
        "-- `queued` gives a row back as it was; an attempt that was ambiguous once too often is not repeated;
         -- a mail that is taken ends every row of refusals before it, but for those of large providers that took none
         with ended as (
             delete from sending_refusal where $9 and (not provider or domain = any($10))
         ), broken as (
             update sending_refusal set in_row = false where $9 and provider and in_row and domain <> all($10)
         )
         update outbox set
             state = done.state,
             next_at = coalesce(done.next_at, outbox.next_at),
             reason = case when done.state = 'queued' then coalesce(done.reason, outbox.reason) else done.reason end,
             ambiguous_attempts = outbox.ambiguous_attempts + (done.state = 'ambiguous')::int,
             finished_at = case when done.final or (done.state = 'ambiguous' and outbox.ambiguous_attempts + 1 >= $2) then $1::timestamptz end,
             ended_as = case when done.state = 'queued' then outbox.ended_as end,
             lease = null,
             lease_until = null
         from unnest($3::uuid[], $4::uuid[], $5::text[], $6::bool[], $7::timestamptz[], $8::text[])
             as done (id, lease, state, final, next_at, reason)
         where outbox.id = done.id and outbox.lease = done.lease and outbox.state in ('leased', 'submitting')
         returning outbox.id",
        now,
        ambiguous_limit,
        &ids,
        &leases,
        &states as &[&str],
        &finals,
        &next as &[Option<DateTime<Utc>>],
        &reasons as &[Option<&str>],
        !taken.is_empty(),
        &providers as &[&[u8]],
    )
    .fetch_all(conn)
    .await
}

/// Ends leases at `at` that end after `astray`.
pub(super) async fn shorten_leases(conn: &mut PgConnection, at: DateTime<Utc>, astray: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!("update outbox set lease_until = $1 where state in ('leased', 'submitting') and lease_until > $2", at, astray,)
        .execute(conn)
        .await
        .map(drop)
}

/// Pulls times back that were written under a clock that was ahead: turns that lie farther off than any wait, the end of mails that
/// would live longer than any mail, and beginnings that are to come. Returns how many rows lay astray.
pub(super) async fn pull_back(conn: &mut PgConnection, now: DateTime<Utc>, bounds: &Bounds) -> Result<u64, sqlx::Error> {
    let pulled = sqlx::query!(
        "-- one that may have arrived waits its time again, so that its bounce can come
         update outbox set
             created_at = least(created_at, $1),
             next_at = least(next_at, case state when 'ambiguous' then $5 else $1 end),
             expires_at = case when expires_at > $7 then $6 else expires_at end
         where state in ('queued', 'deferred', 'ambiguous') and finished_at is null
           and (next_at > case state when 'queued' then $2::timestamptz when 'deferred' then $3 else $4 end
                or expires_at > $7 or created_at > $8)",
        now,
        bounds.turn,
        bounds.retry,
        bounds.ambiguous,
        bounds.ambiguous_retry,
        bounds.end,
        bounds.latest_end,
        bounds.beginning,
    )
    .execute(conn)
    .await?;
    Ok(pulled.rows_affected())
}

/// Gives what is not done with the time back from `since` to `until`, or the part of it in which it was there.
pub(super) async fn not_tried(conn: &mut PgConnection, since: DateTime<Utc>, until: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update outbox set expires_at = expires_at + greatest($1 - greatest(created_at, $2), interval '0') where finished_at is null",
        until,
        since,
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Frees rows whose lease is past. Returns how many were only leased, and how many may have been sent.
pub(super) async fn rescue(conn: &mut PgConnection, now: DateTime<Utc>, retry_at: DateTime<Utc>) -> Result<(u64, u64), sqlx::Error> {
    let states = sqlx::query_scalar!(
        "with past as (
             select id, state from outbox
             where state in ('leased', 'submitting') and lease_until <= $1
             for update skip locked
         )
         update outbox set
             state = case past.state when 'leased' then 'queued' else 'ambiguous' end,
             ambiguous_attempts = ambiguous_attempts + (past.state = 'submitting')::int,
             next_at = case past.state when 'leased' then next_at else $2 end,
             reason = case past.state when 'leased' then reason else 'interrupted' end,
             lease = null,
             lease_until = null
         from past where outbox.id = past.id
         returning past.state",
        now,
        retry_at,
    )
    .fetch_all(conn)
    .await?;
    let ambiguous = states.iter().filter(|state| *state == State::Submitting.name()).count() as u64;
    Ok((states.len() as u64 - ambiguous, ambiguous))
}

/// Ends what waited too long; while the brake is on, nothing did. A row that may have arrived stays `ambiguous`: to call it dead would be to claim more than is known.
pub(super) async fn expire(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        "with past as (
             select id, state from outbox
             where state in ('queued', 'deferred', 'ambiguous') and finished_at is null and expires_at <= $1
               and not exists (select from sending_stop where ended_at is null and kind = 'refused')
             for update skip locked
         )
         update outbox set
             state = case past.state when 'ambiguous' then 'ambiguous' else 'dead' end,
             reason = case past.state when 'ambiguous' then reason else 'expired' end,
             finished_at = $1
         from past where outbox.id = past.id
         returning outbox.state",
        now,
    )
    .fetch_all(conn)
    .await
}

/// Why a merged notice of a cancelled alert waits: it is asked once whom it was merged into.
const WAS_MERGED: &str = "was-merged";

/// Ends an alert's notices that have not begun to be sent.
pub(super) async fn cancel(conn: &mut PgConnection, now: DateTime<Utc>, alert: Uuid) -> Result<u64, sqlx::Error> {
    let cancelled = sqlx::query!(
        "update outbox set
             state = case state when 'ambiguous' then state else 'cancelled' end,
             finished_at = $2, lease = null, lease_until = null
         where alert_id = $1 and state in ('queued', 'leased', 'deferred', 'ambiguous') and finished_at is null
           and reason is distinct from $3",
        alert,
        now,
        WAS_MERGED,
    )
    .execute(conn)
    .await?;
    Ok(cancelled.rows_affected())
}

/// Has delivery ask each merged notice of a cancelled alert whether the one that speaks for its person left; what was emptied or is over
/// counts for nobody at once.
pub(super) async fn ask_merged(conn: &mut PgConnection, now: DateTime<Utc>, alert: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update outbox set
             state = case when sealed <> '' and expires_at > $2 then 'queued' else 'cancelled' end,
             finished_at = case when sealed <> '' and expires_at > $2 then null else finished_at end,
             next_at = $2, reason = $3
         where alert_id = $1 and state = 'merged'",
        alert,
        now,
        WAS_MERGED,
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Gives an alert's merged notices their turn again; those that were emptied stay as they are.
pub(super) async fn requeue_merged(conn: &mut PgConnection, now: DateTime<Utc>, alert: Uuid) -> Result<u64, sqlx::Error> {
    let queued = sqlx::query!(
        "update outbox set state = 'queued', finished_at = null, next_at = $2
         where alert_id = $1 and state = 'merged' and sealed <> '' and expires_at > $2",
        alert,
        now,
    )
    .execute(conn)
    .await?;
    Ok(queued.rows_affected())
}

/// Gives what failed in a passing way its turn now. What was emptied stays as it is.
pub(super) async fn retry(conn: &mut PgConnection, now: DateTime<Utc>, expires_at: DateTime<Utc>, alert: Uuid) -> Result<u64, sqlx::Error> {
    let retried = sqlx::query!(
        "update outbox set
             repeats = repeats + (state = 'dead')::int,
             state = case state when 'dead' then 'queued' else state end, next_at = $2,
             expires_at = case state when 'dead' then $3 else expires_at end, finished_at = null
         where alert_id = $1 and sealed <> '' and (state = 'deferred' or (state = 'dead' and reason in ('expired', 'given-up')))",
        alert,
        now,
        expires_at,
    )
    .execute(conn)
    .await?;
    Ok(retried.rows_affected())
}

/// Gives what ended as `bounced` or `dead` another turn, if it was for one of these reasons. What was emptied, or does not open, stays.
pub(super) async fn send_again(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    alert: Uuid,
    reasons: Option<&[String]>,
) -> Result<u64, sqlx::Error> {
    let again = sqlx::query!(
        "update outbox set
             ended_as = case when reason like 'dsn %' then 'sent' when reason ~ '^[a-z]+ 5[0-9][0-9]' then state end,
             state = 'queued', next_at = $2, expires_at = $3, finished_at = null, reason = null, repeats = repeats + 1
         where alert_id = $1 and state in ('bounced', 'dead') and sealed <> '' and ($4::text[] is null or reason = any($4))
           and coalesce(reason, '') <> all($5)",
        alert,
        now,
        expires_at,
        reasons,
        &HOPELESS as &[&str],
    )
    .execute(conn)
    .await?;
    Ok(again.rows_affected())
}

/// Ends what waits; a row that may have arrived stays `ambiguous`.
pub(super) async fn give_up(conn: &mut PgConnection, now: DateTime<Utc>, alert: Uuid) -> Result<u64, sqlx::Error> {
    let ended = sqlx::query!(
        "update outbox set
             reason = case state when 'ambiguous' then reason else 'given-up' end,
             state = case state when 'ambiguous' then state else 'dead' end,
             finished_at = $2, lease = null, lease_until = null
         where alert_id = $1 and state in ('queued', 'leased', 'deferred', 'ambiguous') and finished_at is null",
        alert,
        now,
    )
    .execute(conn)
    .await?;
    Ok(ended.rows_affected())
}

/// Ends what was not sent about a visit, and empties what was sealed. Returns how many rows were cancelled.
pub(super) async fn forget_visit(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    venue: Uuid,
    date: NaiveDate,
    mac: &[u8],
) -> Result<u64, sqlx::Error> {
    let states = sqlx::query_scalar!(
        "-- a row that ended keeps its state, and one that may have arrived stays `ambiguous`
         update outbox set
             state = case when finished_at is not null or state = 'ambiguous' then state else 'cancelled' end,
             finished_at = coalesce(finished_at, $4), lease = null, lease_until = null, sealed = ''
         where alert_id is not null and state <> 'cancelled' and state <> 'submitting' and venue_id = $1 and visit_date = $2 and mac = $3
         returning state",
        venue,
        date,
        mac,
        now,
    )
    .fetch_all(conn)
    .await?;
    Ok(states.iter().filter(|state| *state == State::Cancelled.name()).count() as u64)
}

pub(super) async fn counts(executor: impl PgExecutor<'_>) -> Result<Counts, sqlx::Error> {
    sqlx::query_as!(
        Counts,
        r#"select
             count(*) filter (where state in ('queued', 'leased', 'submitting')) as "queued!",
             count(*) filter (where state = 'sent') as "sent!",
             count(*) filter (where state = 'deferred') as "deferred!",
             count(*) filter (where state = 'ambiguous') as "ambiguous!",
             count(*) filter (where state = 'merged') as "merged!",
             count(*) filter (where state = 'suppressed') as "suppressed!",
             count(*) filter (where state = 'bounced') as "bounced!",
             count(*) filter (where state = 'cancelled') as "cancelled!",
             count(*) filter (where state = 'dead') as "dead!",
             coalesce(sum(ambiguous_attempts), 0) as "ambiguous_attempts!",
             coalesce(sum(repeats), 0) as "repeats!"
         from outbox"#,
    )
    .fetch_one(executor)
    .await
}

/// Mails that delivery will still touch.
pub(super) async fn waiting(executor: impl PgExecutor<'_>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select (select count(*) from outbox where state in ('queued', 'deferred', 'ambiguous') and finished_at is null)
               + (select count(*) from outbox where state in ('leased', 'submitting')) as "waiting!""#
    )
    .fetch_one(executor)
    .await
}

/// The state of one row, and whether delivery is done with it; `None`: there is none, or it went with its date.
pub(super) async fn state(conn: &mut PgConnection, id: Uuid) -> Result<Option<(String, bool)>, sqlx::Error> {
    let row = sqlx::query!(r#"select state, finished_at is not null as "finished!" from outbox where id = $1"#, id);
    Ok(row.fetch_optional(conn).await?.map(|row| (row.state, row.finished)))
}

pub(super) async fn oldest_waiting(executor: impl PgExecutor<'_>) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    sqlx::query_scalar!("select min(created_at) from outbox where state in ('queued', 'deferred', 'ambiguous') and finished_at is null")
        .fetch_one(executor)
        .await
}

pub(super) async fn reasons(executor: impl PgExecutor<'_>, alert: Option<Uuid>, limit: i64) -> Result<Vec<Reason>, sqlx::Error> {
    sqlx::query_as!(
        Reason,
        r#"select state, reason as "reason!", count(*) as "rows!", min(next_at) filter (where finished_at is null) as next_at
         from outbox where reason is not null and ($1::uuid is null or alert_id = $1) and state not in ('sent', 'leased', 'submitting')
         group by state, reason order by count(*) desc, state, reason limit $2"#,
        alert,
        limit,
    )
    .fetch_all(executor)
    .await
}

/// The row that a bounce speaks of, locked, if its mail was handed over.
pub(super) async fn handed_over(conn: &mut PgConnection, id: Uuid) -> Result<Option<Claimed>, sqlx::Error> {
    sqlx::query_as!(
        Claimed,
        "select id, kind, visit_date, epoch_id, sealed, alert_id, venue_id, mac, attempts, ambiguous_attempts, created_at, repeats, ended_as
         from outbox where id = $1 and state in ('sent', 'ambiguous') for update",
        id,
    )
    .fetch_optional(conn)
    .await
}

pub(super) async fn bounce(conn: &mut PgConnection, now: DateTime<Utc>, id: Uuid, state: State, reason: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update outbox set state = $4, reason = $3, finished_at = $2 where id = $1 and state in ('sent', 'ambiguous')",
        id,
        now,
        reason,
        state.name(),
    )
    .execute(conn)
    .await
    .map(drop)
}

pub(super) async fn suppress(
    executor: impl PgExecutor<'_>,
    now: DateTime<Utc>,
    person: &[u8; 32],
    cause: &str,
) -> Result<bool, sqlx::Error> {
    // A request of the person stays: a later bounce must not turn it into something that an operator may undo.
    let added = sqlx::query!(
        "insert into suppression (person, reason, created_at) values ($1, $2, $3)
         on conflict (person) do update set reason = excluded.reason where suppression.reason = 'bounced' and excluded.reason = 'asked'",
        person,
        cause,
        now,
    )
    .execute(executor)
    .await?;
    Ok(added.rows_affected() == 1)
}

pub(super) async fn unsuppress(executor: impl PgExecutor<'_>, person: &[u8; 32]) -> Result<bool, sqlx::Error> {
    let removed = sqlx::query!("delete from suppression where person = $1", person).execute(executor).await?;
    Ok(removed.rows_affected() == 1)
}

/// Takes those people off the list who are on it because of a bounce; who asked stays.
pub(super) async fn forgive(executor: impl PgExecutor<'_>, people: &[Vec<u8>]) -> Result<u64, sqlx::Error> {
    let forgiven = sqlx::query!("delete from suppression where person = any($1) and reason = 'bounced'", people).execute(executor).await?;
    Ok(forgiven.rows_affected())
}

pub(super) async fn suppressed(executor: impl PgExecutor<'_>, people: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, sqlx::Error> {
    sqlx::query_scalar!("select person from suppression where person = any($1)", people).fetch_all(executor).await
}
