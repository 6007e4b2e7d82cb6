//! The worker's side: releases what two people approved, matches visits, looks again for late ones, and says when it is done.
//!
//! A pass does whatever is due and can be run at any time, by any number of workers: each step is one transaction under the
//! alert's advisory lock that first asks how things stand now. A process killed anywhere leaves whole steps behind, and the
//! next pass goes on after them; what was inserted twice conflicts with the index that keeps notices single.
pub(super) mod store;

use super::approval::{Approval, believed, growth_limit, verify};
use super::progress::Refusal;
use super::sending::store as asked;
use super::signed::{self, DeliveryRequested, LateReleased};
use super::{AlertId, Caps, DeliveryRequest, Texts, correction, sending, withdrawn};
use crate::base::clock::SharedClock;
use crate::base::config::Service;
use crate::base::db;
use crate::base::window::SendWindow;
use crate::case::Stay;
use crate::mail;
use crate::official::{self, AlarmKind};
use crate::repeated;
use chrono::{DateTime, Duration, Utc};
use sqlx::{Connection, PgConnection, PgPool};
use store::{Look, Running};

/// How often a date that still accepts check-ins is looked at again (docs/DESIGN.md §3 "Matching and alerts").
pub const REMATCH_EVERY: Duration = Duration::minutes(10);

/// How long after its end a date is looked at for the last time: a check-in accepted in the last second may be committed later.
const SETTLE: Duration = Duration::minutes(10);

/// How long the alarm about a release that nobody vouched for stays at least: somebody has to see it, and it may have been undone.
const ALARM_STAYS: Duration = Duration::days(1);

/// The worker's own limits. It takes them from its own configuration, never from the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DispatchOptions {
    /// `MAX_NOTICES_PER_ALERT`, `MAX_NOTICES_PER_DAY`
    pub caps: Caps,
    /// `SEND_WINDOW`
    pub window: SendWindow,
    /// `TOKENS_MAY_APPROVE`
    pub tokens_may_approve: bool,
}

/// New notices, and all that decides whether they may leave.
#[derive(Clone, Copy)]
struct Batch {
    new: i64,
    /// The number that the approver saw.
    seen: i64,
    of_alert: i64,
    of_day: i64,
    /// The caps do not stop it.
    uncapped: bool,
}

/// The result of a pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PassReport {
    /// Alerts released.
    pub started: u64,
    /// Alerts sent back to `submitted`.
    pub refused: u64,
    /// Notices put into the outbox.
    pub notices: u64,
    /// Notices taken back from the outbox.
    pub cancelled: u64,
    /// Alerts that were done.
    pub finished: u64,
}

/// Carries out what was approved.
pub struct Dispatcher {
    pool: PgPool,
    clock: SharedClock,
    service: Service,
    options: DispatchOptions,
}

impl Dispatcher {
    /// A dispatcher that works with the worker's rights (`pool`) and renders with `service`.
    #[must_use]
    pub fn new(pool: PgPool, clock: SharedClock, service: Service, options: DispatchOptions) -> Self {
        Self { pool, clock, service, options }
    }

    /// Does everything that is due. One alert in trouble does not stop the others: the first error is returned at the end.
    ///
    /// # Errors
    /// The database's; the pass can simply be repeated.
    pub async fn run_due(&self) -> Result<PassReport, sqlx::Error> {
        let mut connection = self.pool.acquire().await?;
        let (mut report, mut first_error) = (PassReport::default(), None);
        // The signatories are brought up to date first: a role that was taken away a moment ago must release nothing.
        official::believe_acts(&mut connection, self.clock.now()).await?;
        self.watch(&mut connection).await?;
        store::reopen(&mut connection, self.clock.now()).await?;
        for alert in store::due(&mut connection, self.clock.now()).await? {
            if let Err(error) = self.advance(&mut connection, alert, &mut report).await {
                repeated!(warn, "an alert could not be carried on", error, %alert);
                first_error.get_or_insert(error);
            }
        }
        first_error.map_or(Ok(report), Err)
    }

    /// Ends stops of all sending that somebody who counts ended, and says whether what is asked here is asked by nobody who counts.
    async fn watch(&self, conn: &mut PgConnection) -> Result<(), sqlx::Error> {
        let now = self.clock.now();
        if sending::believe_ends(conn, now, self.options.tokens_may_approve).await? {
            official::raise(conn, now, AlarmKind::UnvouchedRelease, "sending").await?;
        }
        let alarm = official::open_alarms(conn).await?.into_iter().find(|alarm| alarm.kind == AlarmKind::UnvouchedRelease);
        if alarm.is_some_and(|alarm| now - alarm.raised_at >= ALARM_STAYS) && !store::asked::is_any_unvouched(conn).await? {
            official::clear(conn, now, AlarmKind::UnvouchedRelease).await?;
        }
        Ok(())
    }

    async fn advance(&self, conn: &mut PgConnection, alert: AlertId, report: &mut PassReport) -> Result<(), sqlx::Error> {
        self.sweep(conn, alert, report).await?;
        self.resume(conn, alert).await?;
        self.start(conn, alert, report).await?;
        while let Some(stay) = store::next_unmatched(conn, alert).await? {
            if !self.match_stay(conn, alert, stay, report).await? {
                break;
            }
        }
        self.release_late(conn, alert, report).await?;
        self.carry_out_request(conn, alert, report).await?;
        self.rematch(conn, alert).await?;
        self.finish(conn, alert, report).await
    }

    /// Takes back what a cancelled alert has still waiting. In an alert that goes on, the notice that spoke for a person may have been
    /// cancelled with an erased visit: the person's other notices, merged into it, get their turn again.
    async fn sweep(&self, conn: &mut PgConnection, alert: AlertId, report: &mut PassReport) -> Result<(), sqlx::Error> {
        let mut tx = conn.begin().await?;
        if store::is_cancelled(&mut tx, alert).await? {
            report.cancelled += withdrawn::take_back(&mut tx, self.clock.now(), alert).await?;
            return tx.commit().await;
        }
        lock(&mut tx, alert).await?;
        if !store::is_mistaken(&mut tx, alert).await? && store::free_speakers(&mut tx, alert).await? > 0 {
            report.notices += mail::requeue_merged(&mut tx, self.clock.now(), alert.0).await?;
        }
        tx.commit().await
    }

    /// An alert that may go on now. A pause holds until somebody who counts ended it.
    async fn running(&self, tx: &mut PgConnection, alert: AlertId) -> Result<Option<Running>, sqlx::Error> {
        Ok(store::running(tx, alert, self.clock.now()).await?.filter(|running| !running.is_paused()))
    }

    /// Lets an alert go on after a pause, if an approver who counts has signed that.
    async fn resume(&self, conn: &mut PgConnection, alert: AlertId) -> Result<(), sqlx::Error> {
        let now = self.clock.now();
        let mut tx = conn.begin().await?;
        lock(&mut tx, alert).await?;
        if let Some(resume) = store::asked::open_resume(&mut tx, alert).await? {
            let said = signed::resumed(alert, resume.pause, resume.resumed_at);
            let by = official::vouched(&mut tx, &said, Some(&resume.signed)).await?;
            if by.is_some_and(|by| by.role.covers(official::Role::Approver)) {
                store::asked::believe_resume(&mut tx, alert, resume.pause).await?;
            } else {
                official::raise(&mut tx, now, AlarmKind::UnvouchedRelease, "resume").await?;
            }
        }
        tx.commit().await
    }

    /// Releases an alert whose hold is over, or sends it back. Outside the hours it waits, unless two people chose otherwise.
    async fn start(&self, conn: &mut PgConnection, alert: AlertId, report: &mut PassReport) -> Result<(), sqlx::Error> {
        let now = self.clock.now();
        let mut tx = conn.begin().await?;
        lock(&mut tx, alert).await?;
        let Some(running) = self.running(&mut tx, alert).await?.filter(|running| !running.started) else {
            return Ok(());
        };
        let tonight_until = running.approval.tonight_until(self.options.window, self.service.zone);
        if !self.options.window.is_open(now, self.service.zone) && tonight_until.is_none_or(|until| now >= until) {
            return Ok(());
        }
        let Some(texts) = self.texts(&mut tx, alert, &running).await? else {
            return Ok(());
        };
        match self.check(&mut tx, alert, &running, &texts).await? {
            Ok((approval, by_admin)) => {
                store::start(&mut tx, now, (&approval, running.approval.pauses, by_admin), &texts, tonight_until).await?;
                if let Some(corrected) = running.corrects {
                    withdrawn::withdraw(&mut tx, now, corrected).await?;
                }
                report.started += 1;
            }
            Err(refusal) => {
                if refusal == Refusal::Unvouched {
                    official::raise(&mut tx, now, AlarmKind::UnvouchedRelease, &running.number.to_string()).await?;
                }
                tracing::warn!(%alert, refusal = refusal.as_str(), "an approved alert was sent back");
                store::refuse(&mut tx, alert, running.approval.revision, refusal).await?;
                report.refused += 1;
            }
        }
        tx.commit().await
    }

    /// The words that an alert is released with. None: it corrects one whose mails may still be leaving, so that nobody knows yet who
    /// gets it.
    async fn texts(&self, tx: &mut PgConnection, alert: AlertId, running: &Running) -> Result<Option<Texts>, sqlx::Error> {
        let Some(corrected) = running.corrects else {
            let names = super::store::names_that_may_be_told(tx, alert).await?;
            return Ok(Some(Texts::render(&self.service, &running.number, &running.wording, &names)));
        };
        if !store::is_settled(tx, corrected, alert).await? {
            return Ok(None);
        }
        correction::words(tx, &self.service, &running.number, corrected).await.map(Some)
    }

    /// Checks a stored approval before anything is queued: its words, stays and signatures, its growth, and the caps. Returns it, and
    /// whether an administrator gave it.
    async fn check(
        &self,
        tx: &mut PgConnection,
        alert: AlertId,
        running: &Running,
        texts: &Texts,
    ) -> Result<Result<(Approval, bool), Refusal>, sqlx::Error> {
        if !running.wording.is_plain(&self.service.hotline) {
            return Ok(Err(Refusal::Wording));
        }
        let stays = super::store::stays(tx, alert).await?;
        let approval = match verify(alert, &running.approval, &stays, texts) {
            Ok(approval) => approval,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let Some(approver) = believed(tx, &approval, &running.approval, self.options.tokens_may_approve).await? else {
            return Ok(Err(Refusal::Unvouched));
        };
        let by_admin = approver.is_admin();
        let mut new = 0;
        for stay in &stays {
            new += count_untold(tx, alert, running.corrects, *stay).await?;
        }
        let (of_alert, of_day) = super::store::notices_sent(tx, alert, self.begin_of_today()).await?;
        let uncapped = by_admin || running.corrects.is_some();
        let batch = Batch { new, seen: approval.visits(), of_alert, of_day, uncapped };
        Ok(self.fits(batch).map_or(Ok((approval, by_admin)), Err))
    }

    /// Why so many new notices must not leave, if they must not.
    fn fits(&self, batch: Batch) -> Option<Refusal> {
        if batch.new > growth_limit(batch.seen) {
            Some(Refusal::Growth)
        } else if !batch.uncapped && self.options.caps.stop(batch.new, batch.of_alert, batch.of_day) {
            Some(Refusal::Cap)
        } else {
            None
        }
    }

    fn begin_of_today(&self) -> DateTime<Utc> {
        self.service.zone.begin_of(self.service.zone.today(self.clock.now()))
    }

    /// Queues the notices of one stay. False when the alert may not go on now.
    async fn match_stay(&self, conn: &mut PgConnection, alert: AlertId, stay: Stay, report: &mut PassReport) -> Result<bool, sqlx::Error> {
        let now = self.clock.now();
        let mut tx = conn.begin().await?;
        lock(&mut tx, alert).await?;
        let Some(running) = self.running(&mut tx, alert).await?.filter(|running| running.started) else {
            return Ok(false);
        };
        if !store::is_unmatched(&mut tx, alert, stay).await? {
            return Ok(true);
        }
        let mut attempt = tx.begin().await?;
        let queued = match running.corrects {
            None => store::queue_notices(&mut attempt, now, alert, stay).await?,
            Some(corrected) => store::queue_corrections(&mut attempt, now, alert, corrected, stay).await?,
        };
        // The count was checked when the alert started; a date that is still open may have grown since. What is too much
        // stays out and shows up as late: it waits for a click.
        let since = store::notices(&mut attempt, alert, running.approval.approved_at).await?;
        let all = store::notices(&mut attempt, alert, DateTime::UNIX_EPOCH).await?;
        // The day's cap was looked at when the alert started.
        let seen = running.approval.visits.into();
        let batch = Batch { new: since, seen, of_alert: all - since, of_day: 0, uncapped: running.uncapped() };
        let late = if self.fits(batch).is_some() {
            attempt.rollback().await?;
            count_untold(&mut tx, alert, running.corrects, stay).await?
        } else {
            attempt.commit().await?;
            report.notices += queued;
            0
        };
        let settled = running.corrects.is_some() || self.is_settled(stay, now);
        store::mark_matched(&mut tx, alert, Look { stay, at: now, late, settled }).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Queues what an approver released with one click: all of it in one transaction, or none when it is far more than was seen.
    async fn release_late(&self, conn: &mut PgConnection, alert: AlertId, report: &mut PassReport) -> Result<(), sqlx::Error> {
        let now = self.clock.now();
        let mut tx = conn.begin().await?;
        lock(&mut tx, alert).await?;
        let Some(running) = self.running(&mut tx, alert).await?.filter(|running| running.started) else {
            return Ok(());
        };
        let Some(click) = store::asked::open_release(&mut tx, alert).await? else {
            return Ok(());
        };
        let said = LateReleased { alert, visits: click.visits, at: click.released_at };
        let by = official::vouched(&mut tx, &said.statement(), click.signed.as_deref()).await?;
        let by = by.filter(|by| by.may_release(self.options.tokens_may_approve) && by.principal.to_string() == click.principal);
        if by.is_none() {
            official::raise(&mut tx, now, AlarmKind::UnvouchedRelease, &running.number.to_string()).await?;
            store::close_release(&mut tx, now, alert, Some(Refusal::Unvouched)).await?;
            return tx.commit().await;
        }
        let (seen, by_admin) = (click.visits, by.is_some_and(|by| by.is_admin()));
        let stays = store::asked::matched_stays(&mut tx, alert).await?;
        let mut late = Vec::with_capacity(stays.len());
        for stay in stays {
            late.push((stay, count_late(&mut tx, stay).await?));
        }
        let (of_alert, of_day) = super::store::notices_sent(&mut tx, alert, self.begin_of_today()).await?;
        let refusal = self.fits(Batch { new: late.iter().map(|(_, count)| count).sum(), seen, of_alert, of_day, uncapped: by_admin });
        for (stay, count) in late {
            let mut left = count;
            if refusal.is_none() && count > 0 {
                report.notices += store::queue_notices(&mut tx, now, alert, stay).await?;
                left = count_late(&mut tx, stay).await?;
            }
            store::set_late(&mut tx, alert, stay, left).await?;
        }
        store::close_release(&mut tx, now, alert, refusal).await?;
        tx.commit().await
    }

    /// Does what an approver asked of the alert's waiting mails.
    async fn carry_out_request(&self, conn: &mut PgConnection, alert: AlertId, report: &mut PassReport) -> Result<(), sqlx::Error> {
        let now = self.clock.now();
        let mut tx = conn.begin().await?;
        lock(&mut tx, alert).await?;
        let Some(request) = asked::open_request(&mut tx, alert).await? else {
            return Ok(());
        };
        let said = DeliveryRequested { alert, request: request.request, reasons: request.reasons.as_deref(), at: request.asked_at };
        let by = official::vouched(&mut tx, &said.statement(), request.signed.as_deref()).await?;
        let counts = by.is_some_and(|by| by.may_release(self.options.tokens_may_approve));
        if !counts {
            official::raise(&mut tx, now, AlarmKind::UnvouchedRelease, request.request.as_str()).await?;
        }
        let (request, reasons) = (request.request, request.reasons);
        let mails = match request {
            _ if !counts || store::is_cancelled(&mut tx, alert).await? || store::is_mistaken(&mut tx, alert).await? => 0,
            DeliveryRequest::GiveUp => mail::give_up(&mut tx, now, alert.0).await?,
            DeliveryRequest::Retry => mail::retry(&mut tx, now, alert.0).await?,
            DeliveryRequest::SendAgain => mail::send_again(&mut tx, now, alert.0, reasons.as_deref()).await?,
        };
        let again = request != DeliveryRequest::GiveUp && mails > 0;
        asked::close_request(&mut tx, now, alert, mails, again).await?;
        tx.commit().await?;
        report.notices += if again { mails } else { 0 };
        Ok(())
    }

    /// Looks again at dates that still accept check-ins, and once at each after it closed.
    async fn rematch(&self, conn: &mut PgConnection, alert: AlertId) -> Result<(), sqlx::Error> {
        let now = self.clock.now();
        for looked in store::unclosed(conn, alert).await? {
            let settled = self.is_settled(looked.stay, now);
            if !settled && now < looked.last_look + REMATCH_EVERY {
                continue;
            }
            let mut tx = conn.begin().await?;
            lock(&mut tx, alert).await?;
            let late = count_late(&mut tx, looked.stay).await?;
            store::mark_rematched(&mut tx, alert, Look { stay: looked.stay, at: now, late, settled }).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Whether a date will never get another visit.
    fn is_settled(&self, stay: Stay, now: DateTime<Utc>) -> bool {
        self.service.zone.is_closed(stay.date, now - SETTLE)
    }

    async fn finish(&self, conn: &mut PgConnection, alert: AlertId, report: &mut PassReport) -> Result<(), sqlx::Error> {
        let mut tx = conn.begin().await?;
        lock(&mut tx, alert).await?;
        report.finished += u64::from(store::finish(&mut tx, self.clock.now(), alert).await?);
        tx.commit().await
    }
}

/// Visits of a stay that nobody has been told about by a notice that holds.
async fn count_late(conn: &mut PgConnection, stay: Stay) -> Result<i64, sqlx::Error> {
    let counted = super::store::count_stay(conn, stay).await?;
    Ok(counted.visits - counted.already)
}

/// Rows of a stay for which an alert has no mail yet: visits nobody was told about, or for a correction notices not corrected yet.
async fn count_untold(conn: &mut PgConnection, alert: AlertId, corrects: Option<AlertId>, stay: Stay) -> Result<i64, sqlx::Error> {
    match corrects {
        None => count_late(conn, stay).await,
        Some(corrected) => {
            let (accepted, already) = correction::store::count_corrected(conn, alert, corrected, stay).await?;
            Ok(accepted - already)
        }
    }
}

/// One step of one alert at a time, whatever the number of workers.
pub(super) async fn lock(tx: &mut PgConnection, alert: AlertId) -> Result<(), sqlx::Error> {
    db::lock_transaction(tx, &format!("alert:{alert}")).await
}
