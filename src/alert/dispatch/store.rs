//! SQL of the worker's side of an alert. Besides its own room's tables it reads one venue's day of `visit` at a time
//! and puts notices into the outbox.
pub(super) mod asked;
mod released;

pub(crate) use released::{ReleaseState, claim_people, release_states, told_by_another};

use crate::alert::approval::{Approval, StoredApproval};
use crate::alert::progress::Refusal;
use crate::alert::wording::Advice;
use crate::alert::{AlertId, AlertNumber, Texts, Wording};
use crate::case::Stay;
use crate::keys::MAX_SEALED_VISIT_BYTES;
use crate::mail::outbox::EXPIRY;
use crate::venue::VenueId;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;

/// An alert that may go on now: approved, its hold over, neither paused nor cancelled nor sent back.
pub(super) struct Running {
    pub(super) number: AlertNumber,
    /// The alert that it corrects; a correction goes to those who got that one.
    pub(super) corrects: Option<AlertId>,
    pub(super) wording: Wording,
    pub(super) approval: StoredApproval,
    /// Whether it was released under this very approval.
    pub(super) started: bool,
    /// Whether an administrator's approval released it.
    pub(super) by_admin: bool,
    /// How often it was paused, and up to which pause somebody who counts let it go on.
    pub(super) pauses: i32,
    pub(super) resumed_pause: i32,
}

impl Running {
    /// Whether no cap stops it: its approver is an administrator, or it is a correction, which reaches only who was told.
    pub(super) fn uncapped(&self) -> bool {
        self.by_admin || self.corrects.is_some()
    }

    /// Whether a pause holds, whatever `paused_at` says: an approval ends those before it, else somebody's signature does.
    pub(super) fn is_paused(&self) -> bool {
        self.pauses > self.resumed_pause.max(if self.started { 0 } else { self.approval.pauses })
    }
}

/// A look for the visits of a stay.
#[derive(Clone, Copy)]
pub(super) struct Look {
    pub(super) stay: Stay,
    pub(super) at: DateTime<Utc>,
    /// Visits that nobody was told about and that wait for a click.
    pub(super) late: i64,
    /// Whether it was the last one: the date will never get another visit.
    pub(super) settled: bool,
}

/// A matched stay whose date may still get visits.
pub(super) struct Looked {
    pub(super) stay: Stay,
    pub(super) last_look: DateTime<Utc>,
}

/// Alerts with something to do or to watch, the longest due first.
pub(super) async fn due(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<AlertId>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select a.id as "id!: AlertId"
           from alert a
           join alert_approval p on p.alert_id = a.id and p.revision = a.revision
           left join alert_dispatch d on d.alert_id = a.id
           where p.hold_until <= $1
             and d.refused_revision is distinct from a.revision
             and (case when a.cancelled_at is not null then d.started_at is not null and d.finished_at is null
                      else a.paused_at is null and (d.finished_at is null
                          or exists (select from alert_late_release r where r.alert_id = a.id and r.handled_at is null)
                          or exists (select from alert_stay_match m where m.alert_id = a.id and m.closed_at is null)) end
                  or exists (select from delivery_request w where w.alert_id = a.id and w.handled_at is null))
           order by p.hold_until, a.id"#,
        now,
    )
    .fetch_all(conn)
    .await
}

pub(super) async fn running(tx: &mut PgConnection, alert: AlertId, now: DateTime<Utc>) -> Result<Option<Running>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select a.number as "number!", a.until_date as "until_date!", a.advice as "advice!: Advice", a.note_ja, a.note_en,
               a.name_venues as "name_venues!", a.tonight_reason as "tonight_submitted?", a.corrects as "corrects: AlertId", a.submitted_by, p.revision as "revision!",
               p.principal as "principal!", p.digest as "digest!", p.visits as "visits!", p.approved_at as "approved_at!",
               p.hold_until as "hold_until!", p.tonight_reason as "tonight_approved?",
               p.pauses as "approved_pauses!", p.signed, a.pauses as "pauses!", coalesce(d.resumed_pause, 0) as "resumed_pause!",
               coalesce(d.by_admin, false) as "by_admin!", coalesce(d.revision = a.revision, false) as "started!"
           from alert a
           join alert_approval p on p.alert_id = a.id and p.revision = a.revision
           left join alert_dispatch d on d.alert_id = a.id
           where a.id = $1 and p.hold_until <= $2 and a.paused_at is null and a.cancelled_at is null
             and d.refused_revision is distinct from a.revision
             -- what is or was being corrected tells nobody else
             and not exists (select from alert c left join alert_dispatch k on k.alert_id = c.id
                             where c.corrects = a.id and (c.cancelled_at is null or k.started_at is not null))"#,
        alert.0,
        now,
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| Running {
        number: AlertNumber::from_stored(row.number),
        corrects: row.corrects,
        wording: Wording {
            advice: row.advice,
            until: row.until_date,
            note_ja: row.note_ja,
            note_en: row.note_en,
            name_venues: row.name_venues,
        },
        started: row.started,
        by_admin: row.by_admin,
        pauses: row.pauses,
        resumed_pause: row.resumed_pause,
        approval: StoredApproval {
            revision: row.revision,
            submitted_by: row.submitted_by,
            principal: row.principal,
            digest: row.digest,
            visits: row.visits,
            approved_at: row.approved_at,
            hold_until: row.hold_until,
            tonight_submitted: row.tonight_submitted,
            tonight_approved: row.tonight_approved,
            pauses: row.approved_pauses,
            signed: row.signed,
        },
    }))
}

pub(super) async fn is_cancelled(tx: &mut PgConnection, alert: AlertId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"select cancelled_at is not null as "cancelled!" from alert where id = $1"#, alert.0).fetch_one(tx).await
}

/// Whether officials said that an alert was a mistake: a correction is prepared, or was released.
pub(super) async fn is_mistaken(tx: &mut PgConnection, alert: AlertId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from alert c left join alert_dispatch k on k.alert_id = c.id
                          where c.corrects = $1 and (c.cancelled_at is null or k.started_at is not null)) as "mistaken!""#,
        alert.0,
    )
    .fetch_one(tx)
    .await
}

/// Alerts that were done, and some of whose mails wait again: the mail server had refused them for a reason of ours. And those that
/// were cancelled after they were done, for they had reached nobody.
pub(super) async fn reopen(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update alert_dispatch d set finished_at = null
         from alert a
         where a.id = d.alert_id and d.finished_at is not null
           and (exists (select from outbox o where o.alert_id = d.alert_id and o.ended_as is not null and o.finished_at is null)
                or (a.cancelled_at > d.finished_at and a.cancelled_at <= $1))",
        now,
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Forgets who speaks for the people whose speaking notice was cancelled. Says how many there were.
pub(in crate::alert) async fn free_speakers(tx: &mut PgConnection, alert: AlertId) -> Result<u64, sqlx::Error> {
    let freed = sqlx::query!(
        "delete from alert_person p using outbox o
         where o.alert_id = $1 and o.state = 'cancelled' and p.alert_id = $1 and p.outbox_id = o.id",
        alert.0,
    )
    .execute(tx)
    .await?;
    Ok(freed.rows_affected())
}

/// Writes the release down: under which approval, in which words, over which stays.
pub(super) async fn start(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    (approval, pauses, by_admin): (&Approval, i32, bool),
    texts: &Texts,
    tonight_until: Option<DateTime<Utc>>,
) -> Result<(), sqlx::Error> {
    let alert = approval.alert().0;
    sqlx::query!(
        "-- started before under an older approval: the first release's moment stays
         insert into alert_dispatch (alert_id, revision, started_at, texts, tonight_until, resumed_pause, by_admin)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (alert_id) do update set
             revision = excluded.revision, started_at = coalesce(alert_dispatch.started_at, excluded.started_at),
             texts = excluded.texts, tonight_until = excluded.tonight_until, refused_revision = null, refused_reason = null,
             resumed_pause = greatest(alert_dispatch.resumed_pause, excluded.resumed_pause), by_admin = excluded.by_admin",
        alert,
        approval.revision(),
        now,
        Json(texts) as _,
        tonight_until,
        pauses,
        by_admin,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into alert_stay_match (alert_id, venue_id, visit_date)
         select alert_id, venue_id, visit_date from alert_stay where alert_id = $1 on conflict do nothing",
        alert,
    )
    .execute(tx)
    .await
    .map(drop)
}

pub(super) async fn refuse(tx: &mut PgConnection, alert: AlertId, revision: i32, refusal: Refusal) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into alert_dispatch (alert_id, refused_revision, refused_reason) values ($1, $2, $3)
         on conflict (alert_id) do update set
             refused_revision = excluded.refused_revision, refused_reason = excluded.refused_reason",
        alert.0,
        revision,
        refusal.as_str(),
    )
    .execute(tx)
    .await
    .map(drop)
}

pub(super) async fn next_unmatched(conn: &mut PgConnection, alert: AlertId) -> Result<Option<Stay>, sqlx::Error> {
    sqlx::query_as!(
        Stay,
        r#"select venue_id as "venue_id: VenueId", visit_date as date from alert_stay_match
           where alert_id = $1 and matched_at is null order by venue_id, visit_date limit 1"#,
        alert.0,
    )
    .fetch_optional(conn)
    .await
}

pub(super) async fn is_unmatched(tx: &mut PgConnection, alert: AlertId, stay: Stay) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from alert_stay_match
               where alert_id = $1 and venue_id = $2 and visit_date = $3 and matched_at is null) as "unmatched!""#,
        alert.0,
        stay.venue_id.0,
        stay.date,
    )
    .fetch_one(tx)
    .await
}

/// Puts a notice into the outbox for each visit of a stay that has none that holds. Of what is longer than any visit it is empty. Returns how many.
pub(super) async fn queue_notices(tx: &mut PgConnection, now: DateTime<Utc>, alert: AlertId, stay: Stay) -> Result<u64, sqlx::Error> {
    let queued = sqlx::query!(
        "-- one venue's day, read whole before the outbox is touched (one shard on Citus instead of all);
         -- in one order, so that two alerts over the same stay wait for each other and never for one another
         with v as materialized (
             select mac, epoch_id, case when octet_length(sealed) <= $6 then sealed else '' end as sealed
             from visit where venue_id = $1 and visit_date = $2 order by mac
         )
         insert into outbox (id, kind, visit_date, epoch_id, sealed, alert_id, venue_id, mac, created_at, next_at, expires_at)
         select gen_random_uuid(), 'notice', $2, epoch_id, sealed, $3, $1, mac, $4, $4, $5 from v
         on conflict (venue_id, visit_date, mac) where kind = 'notice' and state <> 'cancelled' and withdrawn_at is null do nothing
         returning id",
        stay.venue_id.0,
        stay.date,
        alert.0,
        now,
        now + EXPIRY,
        i32::try_from(MAX_SEALED_VISIT_BYTES).unwrap_or(i32::MAX),
    )
    .fetch_all(tx)
    .await?;
    Ok(queued.len() as u64)
}

/// Whether no mail of an alert, nor of an earlier correction of it, can change its state by delivery any more.
pub(super) async fn is_settled(tx: &mut PgConnection, corrected: AlertId, correction: AlertId) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select not exists (
               select from outbox o where o.finished_at is null and o.alert_id in (
                   select $1::uuid union all select c.id from alert c where c.corrects = $1 and c.id <> $2)) as "settled!""#,
        corrected.0,
        correction.0,
    )
    .fetch_one(tx)
    .await
}

/// Puts a correction into the outbox for each notice of a stay that was taken, or perhaps was, and has none yet. One whose address
/// its visitor erased stands there as one that cannot be sent, so that the sum stays that of the accepted. Returns how many.
pub(super) async fn queue_corrections(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    correction: AlertId,
    corrected: AlertId,
    stay: Stay,
) -> Result<u64, sqlx::Error> {
    let queued = sqlx::query!(
        "insert into outbox (id, kind, state, visit_date, epoch_id, sealed, alert_id, venue_id, mac, created_at, next_at, expires_at,
             reason, finished_at)
         select gen_random_uuid(), 'correction', case when sealed = '' then 'dead' else 'queued' end, visit_date, epoch_id, sealed, $1,
             venue_id, mac, $5, $5, $6, case when sealed = '' then 'erased' end, case when sealed = '' then $5::timestamptz end
         from outbox o
         where alert_id = $2 and venue_id = $3 and visit_date = $4 and kind = 'notice' and state in ('sent', 'ambiguous')
           -- an earlier correction that was cancelled on its way may have reached some
           and not exists (
               select from outbox e join alert c on c.id = e.alert_id and c.corrects = $2 and c.id <> $1
               where e.kind = 'correction' and e.venue_id = $3 and e.visit_date = $4 and e.mac = o.mac
                 and e.state in ('sent', 'ambiguous'))
         order by mac
         on conflict (alert_id, venue_id, visit_date, mac) where kind = 'correction' and state <> 'cancelled' do nothing
         returning id",
        correction.0,
        corrected.0,
        stay.venue_id.0,
        stay.date,
        now,
        now + EXPIRY,
    )
    .fetch_all(tx)
    .await?;
    Ok(queued.len() as u64)
}

/// Notices of an alert put into the outbox from `since` on.
pub(super) async fn notices(tx: &mut PgConnection, alert: AlertId, since: DateTime<Utc>) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(r#"select count(*) as "notices!" from outbox where alert_id = $1 and created_at >= $2"#, alert.0, since)
        .fetch_one(tx)
        .await
}

pub(super) async fn mark_matched(tx: &mut PgConnection, alert: AlertId, look: Look) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update alert_stay_match set matched_at = $4, late = $5::bigint::int, closed_at = case when $6 then $4::timestamptz end
         where alert_id = $1 and venue_id = $2 and visit_date = $3",
        alert.0,
        look.stay.venue_id.0,
        look.stay.date,
        look.at,
        look.late,
        look.settled,
    )
    .execute(tx)
    .await
    .map(drop)
}

pub(super) async fn unclosed(conn: &mut PgConnection, alert: AlertId) -> Result<Vec<Looked>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select m.venue_id as "venue_id!: VenueId", m.visit_date as "visit_date!", coalesce(m.rematched_at, m.matched_at) as "last_look!"
           from alert_stay_match m
           join alert a on a.id = m.alert_id
           where m.alert_id = $1 and m.matched_at is not null and m.closed_at is null
             and a.cancelled_at is null and a.paused_at is null
           order by m.venue_id, m.visit_date"#,
        alert.0,
    )
    .fetch_all(conn)
    .await?;
    let looked = |venue_id, date, last_look| Looked { stay: Stay { venue_id, date }, last_look };
    Ok(rows.into_iter().map(|row| looked(row.venue_id, row.visit_date, row.last_look)).collect())
}

pub(super) async fn mark_rematched(tx: &mut PgConnection, alert: AlertId, look: Look) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update alert_stay_match set rematched_at = $4, late = $5::bigint::int, closed_at = case when $6 then $4::timestamptz end
         where alert_id = $1 and venue_id = $2 and visit_date = $3",
        alert.0,
        look.stay.venue_id.0,
        look.stay.date,
        look.at,
        look.late,
        look.settled,
    )
    .execute(tx)
    .await
    .map(drop)
}

pub(super) async fn set_late(tx: &mut PgConnection, alert: AlertId, stay: Stay, late: i64) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update alert_stay_match set late = $4::bigint::int where alert_id = $1 and venue_id = $2 and visit_date = $3",
        alert.0,
        stay.venue_id.0,
        stay.date,
        late,
    )
    .execute(tx)
    .await
    .map(drop)
}

/// The click was handled; an alert that was done has notices to send again.
pub(super) async fn close_release(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    alert: AlertId,
    refusal: Option<Refusal>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update alert_late_release set handled_at = $2, refused_reason = $3 where alert_id = $1 and handled_at is null",
        alert.0,
        now,
        refusal.map(Refusal::as_str),
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("update alert_dispatch set finished_at = null where alert_id = $1", alert.0).execute(tx).await.map(drop)
}

/// True when the alert was done just now: every stay matched and closed (or the alert cancelled), no click open, and no notice
/// that delivery would touch again.
pub(super) async fn finish(tx: &mut PgConnection, now: DateTime<Utc>, alert: AlertId) -> Result<bool, sqlx::Error> {
    let finished = sqlx::query!(
        "update alert_dispatch d set finished_at = $2
         from alert a
         where d.alert_id = $1 and a.id = d.alert_id and d.started_at is not null and d.finished_at is null
           and (a.cancelled_at is not null
                or (d.revision = a.revision
                    and not exists (select from alert_stay_match m where m.alert_id = $1 and m.closed_at is null)
                    and not exists (select from alert_late_release r where r.alert_id = $1 and r.handled_at is null)))
           and not exists (select from outbox o where o.alert_id = $1 and o.finished_at is null)",
        alert.0,
        now,
    )
    .execute(tx)
    .await?;
    Ok(finished.rows_affected() > 0)
}
