//! Statements that count the outbox, and on `delivery_summary` and `delivery_company`.
use crate::mail::outbox::Counts;
use crate::mail::provider::{ByProvider, Fared, Provider};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

pub(super) async fn outbox_totals(executor: impl PgExecutor<'_>) -> Result<Counts, sqlx::Error> {
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
         from outbox where alert_id is not null"#,
    )
    .fetch_one(executor)
    .await
}

/// The summary of purged dates: of one alert, or of all. None of these mails wait any more.
pub(super) async fn kept(executor: impl PgExecutor<'_>, alert: Option<Uuid>) -> Result<Counts, sqlx::Error> {
    sqlx::query_as!(
        Counts,
        r#"select 0::bigint as "queued!", 0::bigint as "deferred!",
             coalesce(sum(sent), 0) as "sent!",
             coalesce(sum(ambiguous), 0) as "ambiguous!",
             coalesce(sum(merged), 0) as "merged!",
             coalesce(sum(suppressed), 0) as "suppressed!",
             coalesce(sum(bounced), 0) as "bounced!",
             coalesce(sum(cancelled), 0) as "cancelled!",
             coalesce(sum(dead), 0) as "dead!",
             coalesce(sum(ambiguous_attempts), 0) as "ambiguous_attempts!",
             coalesce(sum(repeats), 0) as "repeats!"
         from delivery_summary where $1::uuid is null or alert_id = $1"#,
        alert,
    )
    .fetch_one(executor)
    .await
}

pub(in crate::mail) async fn counts_of(executor: impl PgExecutor<'_>, alerts: &[Uuid]) -> Result<Vec<(Uuid, Counts)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"with kept as (
               select alert_id, 'sent' as state, sent::bigint as mails, 0::bigint as again, repeats::bigint as repeats from delivery_summary where alert_id = any($1)
               union all select alert_id, 'ambiguous', ambiguous, ambiguous_attempts, 0 from delivery_summary where alert_id = any($1)
               union all select alert_id, 'merged', merged, 0, 0 from delivery_summary where alert_id = any($1)
               union all select alert_id, 'suppressed', suppressed, 0, 0 from delivery_summary where alert_id = any($1)
               union all select alert_id, 'bounced', bounced, 0, 0 from delivery_summary where alert_id = any($1)
               union all select alert_id, 'cancelled', cancelled, 0, 0 from delivery_summary where alert_id = any($1)
               union all select alert_id, 'dead', dead, 0, 0 from delivery_summary where alert_id = any($1)
           ), every as (
               select * from kept
               union all
               select alert_id, case when state in ('leased', 'submitting') then 'queued' else state end, count(*), sum(ambiguous_attempts), sum(repeats)
               from outbox where alert_id = any($1) group by 1, 2
           )
           select alert_id as "alert_id!",
               coalesce(sum(mails) filter (where state = 'queued'), 0)::bigint as "queued!",
               coalesce(sum(mails) filter (where state = 'sent'), 0)::bigint as "sent!",
               coalesce(sum(mails) filter (where state = 'deferred'), 0)::bigint as "deferred!",
               coalesce(sum(mails) filter (where state = 'ambiguous'), 0)::bigint as "ambiguous!",
               coalesce(sum(mails) filter (where state = 'merged'), 0)::bigint as "merged!",
               coalesce(sum(mails) filter (where state = 'suppressed'), 0)::bigint as "suppressed!",
               coalesce(sum(mails) filter (where state = 'bounced'), 0)::bigint as "bounced!",
               coalesce(sum(mails) filter (where state = 'cancelled'), 0)::bigint as "cancelled!",
               coalesce(sum(mails) filter (where state = 'dead'), 0)::bigint as "dead!",
               coalesce(sum(again), 0)::bigint as "ambiguous_attempts!",
               coalesce(sum(repeats), 0)::bigint as "repeats!"
           from every group by alert_id"#,
        alerts,
    )
    .fetch_all(executor)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let counts = Counts {
                queued: row.queued,
                sent: row.sent,
                deferred: row.deferred,
                ambiguous: row.ambiguous,
                merged: row.merged,
                suppressed: row.suppressed,
                bounced: row.bounced,
                cancelled: row.cancelled,
                dead: row.dead,
                ambiguous_attempts: row.ambiguous_attempts,
                repeats: row.repeats,
            };
            (row.alert_id, counts)
        })
        .collect())
}

pub(super) async fn oldest_waiting(executor: impl PgExecutor<'_>, alert: Option<Uuid>) -> Result<Option<DateTime<Utc>>, sqlx::Error> {
    sqlx::query_scalar!(
        "select min(created_at) from outbox
         where alert_id is not null and ($1::uuid is null or alert_id = $1) and finished_at is null",
        alert,
    )
    .fetch_one(executor)
    .await
}

pub(super) async fn sent_since(executor: impl PgExecutor<'_>, since: DateTime<Utc>, alert: Option<Uuid>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "sent!" from outbox
           where alert_id is not null and ($1::uuid is null or alert_id = $1) and state = 'sent' and finished_at > $2"#,
        alert,
        since,
    )
    .fetch_one(executor)
    .await
}

pub(super) async fn providers(executor: impl PgExecutor<'_>, alert: Option<Uuid>) -> Result<Vec<(Provider, Fared)>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select company as "provider!: Provider", sum(sent) as "sent!", sum(deferred) as "deferred!", sum(ambiguous) as "ambiguous!",
               sum(bounced) as "bounced!", sum(dead) as "dead!"
           from delivery_company where $1::uuid is null or alert_id = $1 group by company"#,
        alert,
    )
    .fetch_all(executor)
    .await?;
    let mut fared: Vec<_> = rows
        .into_iter()
        .map(|row| {
            let fared = Fared { sent: row.sent, deferred: row.deferred, ambiguous: row.ambiguous, bounced: row.bounced, dead: row.dead };
            (row.provider, fared)
        })
        .collect();
    fared.sort_by_key(|(provider, _)| *provider);
    Ok(fared)
}

/// Adds what was counted; false, and nothing added, as long as the alert has fewer than `few` mails counted in all.
pub(super) async fn add_providers(conn: &mut PgConnection, alert: Uuid, counts: &ByProvider, few: i64) -> Result<bool, sqlx::Error> {
    let column = |of: fn(&Fared) -> i64| counts.values().map(of).collect::<Vec<i64>>();
    let providers: Vec<&str> = counts.keys().map(|provider| provider.as_str()).collect();
    let mails: i64 = counts.values().map(|fared| fared.total()).sum();
    let added = sqlx::query!(
        "insert into delivery_company (alert_id, company, sent, deferred, ambiguous, bounced, dead)
         select $1, company, sent, deferred, ambiguous, bounced, dead
         from unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
             as n (company, sent, deferred, ambiguous, bounced, dead)
         where $8 + coalesce((select sum(c.sent + c.deferred + c.ambiguous + c.bounced + c.dead)
                              from delivery_company c where c.alert_id = $1), 0) >= $9
         order by company
         on conflict (alert_id, company) do update set
             sent = delivery_company.sent + excluded.sent, deferred = delivery_company.deferred + excluded.deferred,
             ambiguous = delivery_company.ambiguous + excluded.ambiguous, bounced = delivery_company.bounced + excluded.bounced,
             dead = delivery_company.dead + excluded.dead",
        alert,
        &providers as &[&str],
        &column(|fared| fared.sent),
        &column(|fared| fared.deferred),
        &column(|fared| fared.ambiguous),
        &column(|fared| fared.bounced),
        &column(|fared| fared.dead),
        mails,
        few,
    )
    .execute(conn)
    .await?;
    Ok(added.rows_affected() > 0)
}
