//! Sends one group of mails over one connection.
//!
//! First the connection, then the commit that the group is `submitting`, then MAIL: a server that cannot be reached
//! never makes a row ambiguous. Whatever was not begun goes back as it was.
use super::claim::{AMBIGUOUS_RETRY, Lease};
use super::content::Content;
use super::delivery::Shared;
use super::outcome::{Health, Outcome, backoff, judge, unreachable};
use super::prepare::Ready;
use super::relay::{Gate, PooledConnection};
use super::result_writer::{Change, Marked, ResultWriter, State};
use super::sending::brake::{Marks, Sign};
use super::smtp::{Attempt, Envelope, Phase, SmtpError};
use crate::base::email_address::EmailAddress;
use crate::repeated;
use chrono::{DateTime, Utc};
use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Most mails that become `submitting` in one commit (docs/DESIGN.md §3 "Mail"): what a kill may make ambiguous, per connection.
pub(super) const GROUP: usize = 16;
/// On a slow server, results are written this often and not only when the group is done.
const FLUSH_AFTER: Duration = Duration::from_millis(250);
/// Pause before another try to connect while other connections work: the server limits how many it takes.
const CROWDED: Duration = Duration::from_secs(1);

/// Mails of one claim.
pub(super) struct Group {
    pub(super) mails: Vec<Ready>,
    pub(super) lease: Lease,
}

impl Group {
    fn changes(&self, change: impl Fn(&Ready) -> Change) -> Vec<Change> {
        self.mails.iter().map(change).collect()
    }
}

/// Sends groups.
#[derive(Clone)]
pub(super) struct BatchSender {
    pub(super) shared: Arc<Shared>,
    pub(super) result_writer: ResultWriter,
    pub(super) stop: watch::Receiver<bool>,
}

impl BatchSender {
    /// Sends the group, and returns when its results are written or can no longer be.
    pub(super) async fn send_group(mut self, group: Group) {
        let pooled = match self.connect(&group.lease).await {
            Ok(Some(pooled)) => pooled,
            Ok(None) => return self.give_back(&group).await,
            Err(error) => {
                repeated!(warn, "the mail server cannot be reached", error, mails = group.mails.len());
                let now = self.shared.clock.now();
                let changes = group.changes(|mail| deferred(mail, &group.lease, now, unreachable(error)));
                return self.settle(changes, group.lease).await;
            }
        };
        if !self.await_turn(group.mails.len()).await || !self.may_begin(&group.lease) {
            self.shared.relay.give_back(pooled);
            return self.give_back(&group).await;
        }
        let ids = group.mails.iter().map(|mail| mail.id).collect();
        match self.result_writer.mark(ids, group.lease).await {
            Ok(marked) => self.send_marked(pooled, group, marked).await,
            // Perhaps they are `submitting` by now. Nothing was sent, so they may go back.
            Err(_) => {
                self.shared.relay.give_back(pooled);
                self.give_back(&group).await;
            }
        }
    }

    /// Sends what was marked once it is remembered outside the database, and gives the rest back: a stop holds it, or its lease was lost.
    async fn send_marked(&self, pooled: PooledConnection, group: Group, marked: Marked) {
        let Group { mails, lease } = group;
        let (ours, held): (Vec<_>, Vec<_>) = mails.into_iter().partition(|mail| marked.ours.contains(&mail.id));
        self.give_back(&Group { mails: held, lease }).await;
        match self.shared.remember(marked.counter).await {
            Ok(()) => self.send_all(pooled, ours, marked.lease).await,
            Err(error) => {
                repeated!(error, "what is being sent cannot be remembered: nothing leaves until this is mended", error);
                self.shared.relay.give_back(pooled);
                self.give_back(&Group { mails: ours, lease: marked.lease }).await;
            }
        }
    }

    /// Gives rows back that were not begun.
    pub(super) async fn give_back(&self, group: &Group) {
        let changes = group.changes(|mail| Change::release(mail.id, group.lease));
        self.settle(changes, group.lease).await;
    }

    async fn settle(&self, changes: Vec<Change>, lease: Lease) {
        // The rescue takes care of results that cannot be written; the writer has logged them.
        let _ = self.result_writer.settle(changes, lease).await;
    }

    /// A connection; none if it is no longer the time to send.
    async fn connect(&mut self, lease: &Lease) -> Result<Option<PooledConnection>, SmtpError> {
        while self.may_begin(lease) {
            match self.shared.relay.connection().await {
                Ok(pooled) => return Ok(Some(pooled)),
                Err(_) if self.shared.relay.has_connections() => self.pause(Instant::now() + CROWDED).await,
                Err(error) => {
                    self.shared.relay.down();
                    return Err(error);
                }
            }
        }
        Ok(None)
    }

    /// Waits for the tokens of `NOTIFY_RATE`; false if delivery stops meanwhile.
    async fn await_turn(&mut self, mails: usize) -> bool {
        let at = self.shared.rate.reserve(u32::try_from(mails).unwrap_or(u32::MAX), Instant::now());
        if at > Instant::now() {
            self.pause(at).await;
        }
        !*self.stop.borrow()
    }

    async fn pause(&mut self, until: Instant) {
        tokio::select! {
            _ = self.stop.wait_for(|stop| *stop) => {}
            () = tokio::time::sleep_until(until.into()) => {}
        }
    }

    fn may_begin(&self, lease: &Lease) -> bool {
        !*self.stop.borrow() && !matches!(self.shared.relay.gate(), Gate::Shut(_)) && lease.has_room(&*self.shared.clock)
    }

    async fn send_all(&self, pooled: PooledConnection, mails: Vec<Ready>, lease: Lease) {
        let mut waiting = VecDeque::from(mails);
        let mut pooled = Some(pooled);
        let mut changes = Vec::with_capacity(waiting.len());
        let mut written = Instant::now();
        while self.may_begin(&lease)
            && let Some(mail) = waiting.front()
        {
            if self.shared.is_held(mail) {
                changes.extend(waiting.pop_front().map(|mail| Change::release(mail.id, lease)));
                continue;
            }
            let outcome = self.send(&mut pooled, mail, &lease).await;
            let now = self.shared.clock.now();
            // A refusal is written at once: the brake must not wait for the rest of the group.
            let urgent;
            match outcome {
                Ok(Some(outcome)) => {
                    urgent = outcome.refusal.is_some();
                    self.shared.note(mail, outcome.state);
                    changes.push(self.change(mail, &lease, now, outcome));
                }
                Ok(None) => break,
                Err(error) => {
                    self.shared.relay.down();
                    changes.extend(waiting.drain(..).map(|mail| deferred(&mail, &lease, now, unreachable(error))));
                    break;
                }
            }
            waiting.pop_front();
            if urgent || written.elapsed() >= FLUSH_AFTER {
                self.settle(std::mem::take(&mut changes), lease).await;
                written = Instant::now();
            }
        }
        if let Some(pooled) = pooled {
            self.shared.relay.give_back(pooled);
        }
        changes.extend(waiting.iter().map(|mail| Change::release(mail.id, lease)));
        self.settle(changes, lease).await;
    }

    fn change(&self, mail: &Ready, lease: &Lease, now: DateTime<Utc>, outcome: Outcome) -> Change {
        let next_at = match outcome.state {
            State::Deferred => Some(now + backoff(mail.attempts.saturating_add(1), rand::random())),
            State::Ambiguous => Some(now + AMBIGUOUS_RETRY),
            _ => None,
        };
        let marks = Keyed(&*self.shared.content);
        let sign = match outcome.refusal {
            Some(answer) => Some(Sign::refused(&marks, &mail.to, answer)),
            None => (outcome.state == State::Sent).then(|| Sign::taken(&marks, &mail.to)),
        };
        Change { state: outcome.state, next_at, reason: outcome.reason, sign, ..Change::release(mail.id, *lease) }
    }

    /// Sends one mail over `pooled`, or a new one where that is gone. None: the lease was lost before DATA was answered, and
    /// nothing was sent.
    async fn send(&self, pooled: &mut Option<PooledConnection>, mail: &Ready, lease: &Lease) -> Result<Option<Outcome>, SmtpError> {
        let mut attempt = self.send_over(pooled, mail, lease).await?;
        // A connection that waited idle may have been closed by the server, or it takes only so many mails in a session; neither says
        // anything about the server now. With a 421 it has not taken the mail, whatever the step.
        let used_up = match attempt.outcome {
            Attempt::Lost { phase: Phase::Reset | Phase::Mail } => attempt.reused,
            Attempt::Deferred { reply, .. } => attempt.served && reply.code() == 421,
            _ => false,
        };
        if used_up {
            attempt = self.send_over(pooled, mail, lease).await?;
        }
        if matches!(attempt.outcome, Attempt::Lost { .. }) && !lease.holds(&*self.shared.clock) {
            return Ok(None);
        }
        let outcome = judge(attempt.outcome, mail.attempts.saturating_add(1));
        match outcome.health {
            Health::Works => self.shared.relay.works(),
            Health::Trouble => self.shared.relay.trouble(),
        }
        tracing::debug!(mail = %mail.id, state = outcome.state.name(), reason = outcome.reason.as_deref(), "attempted");
        Ok(Some(outcome))
    }

    async fn send_over(&self, pooled: &mut Option<PooledConnection>, mail: &Ready, lease: &Lease) -> Result<Tried, SmtpError> {
        let mut on = match pooled.take() {
            Some(pooled) => pooled,
            None => self.shared.relay.new_connection().await?,
        };
        let envelope = Envelope { from: &self.shared.sender.address, to: &mail.to };
        let outcome = on.connection.send_if(&envelope, &mail.bytes, || lease.holds(&*self.shared.clock)).await;
        let tried = Tried { outcome, reused: on.reused, served: on.served };
        (on.reused, on.served) = (false, true);
        *pooled = on.connection.is_usable().then_some(on);
        Ok(tried)
    }
}

/// Marks under the rooms' key.
struct Keyed<'a>(&'a dyn Content);

impl Marks for Keyed<'_> {
    fn hash(&self, address: &EmailAddress) -> [u8; 32] {
        self.0.mark(address)
    }
}

struct Tried {
    outcome: Attempt,
    reused: bool,
    served: bool,
}

fn deferred(mail: &Ready, lease: &Lease, now: DateTime<Utc>, reason: Cow<'static, str>) -> Change {
    let next_at = Some(now + backoff(mail.attempts.saturating_add(1), rand::random()));
    Change { state: State::Deferred, next_at, reason: Some(reason), ..Change::release(mail.id, *lease) }
}
