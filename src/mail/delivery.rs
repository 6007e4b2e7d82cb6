//! The loop that empties the outbox: claim, prepare, hand groups to batch senders, and do it again.
use super::batch_sender::{BatchSender, GROUP, Group};
use super::claim::{self, Lease, MAX_CLAIM};
use super::content::Content;
use super::message::Sender;
use super::prepare::{Ready, prepare};
use super::provider::Noted;
use super::rate::Rate;
use super::relay::{Gate, Relay};
use super::result_writer::{ResultWriter, State, Tally};
use super::sending::{Halt, brake};
use super::smtp::{Deadlines, SmtpUrl};
use super::store::Claimable;
use super::upkeep::Upkeep;
use super::{board, sending, store};
use crate::base::clock::{Believed, SharedClock};
use crate::base::telemetry::Metrics;
use crate::keys::{HighWater, KeyFileError, KeyStore};
use crate::repeated;
use sqlx::{PgConnection, PgPool};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use uuid::Uuid;

/// How often an idle worker looks for due rows. A process that posts wakes its own at once ([`Delivery::waker`]).
pub const POLL: Duration = Duration::from_secs(1);
/// How often a busy worker looks whether somebody stopped all sending.
pub const LOOK: Duration = Duration::from_secs(1);
/// How long a stop waits for mails that are being sent, so that none becomes ambiguous.
pub const STOP_LIMIT: Duration = Duration::from_secs(10);
/// Longest pause between two looks at a database that is away.
pub const LONGEST_DATABASE_PAUSE: Duration = Duration::from_secs(10);
/// At a `NOTIFY_RATE`, no more is claimed than goes out in this time: far within a lease.
const RATED_CLAIM: Duration = Duration::from_secs(30);

/// How delivery works.
#[derive(Clone, Debug)]
pub struct DeliveryOptions {
    /// SMTP connections at once (`SMTP_CONNECTIONS`).
    pub connections: u8,
    /// Mails per second over all connections (`NOTIFY_RATE`); 0 = no limit.
    pub rate: u32,
    /// Of the SMTP conversation.
    pub deadlines: Deadlines,
    /// Our host name for EHLO; the domain of `MAIL_FROM` if absent.
    pub ehlo_name: Option<String>,
    /// Beside which keys it remembers how far sending came. Without any, nobody notices that the database was restored (tests).
    pub memory: Option<KeyStore>,
    /// What expires goes by it, and so does what may still be sent.
    pub believed: Believed,
}

impl Default for DeliveryOptions {
    fn default() -> Self {
        Self { connections: 8, rate: 0, deadlines: Deadlines::default(), ehlo_name: None, memory: None, believed: Believed::default() }
    }
}

/// What a delivery works with.
pub struct DeliveryParts {
    /// The worker's connections.
    pub pool: PgPool,
    /// Opens rows and writes their mails.
    pub content: Arc<dyn Content>,
    /// The mail server.
    pub url: SmtpUrl,
    /// Whom the mails are from.
    pub sender: Sender,
    /// The time.
    pub clock: SharedClock,
    /// Where it counts.
    pub metrics: Metrics,
}

/// Why [`Delivery::drain`] ended while rows were still due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// The mail server is down or takes nothing now.
    Relay,
    /// The database is away.
    Database,
}

/// The result of a [`Delivery::drain`]: how many rows were written in which state. A row may count more than once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drained {
    /// Taken by the mail server.
    pub sent: u64,
    /// To be tried again.
    pub deferred: u64,
    /// Perhaps taken.
    pub ambiguous: u64,
    /// The same person gets another mail.
    pub merged: u64,
    /// Wants none, or cannot be reached.
    pub suppressed: u64,
    /// No such mailbox.
    pub bounced: u64,
    /// Their alert was cancelled.
    pub cancelled: u64,
    /// Cannot be sent.
    pub dead: u64,
    /// Given back: their alert is paused, or their turn did not come.
    pub returned: u64,
    /// Whether something stopped it early.
    pub interrupted: Option<Interruption>,
}

/// The context that all parts of one delivery share.
pub(super) struct Shared {
    pub(super) pool: PgPool,
    pub(super) content: Arc<dyn Content>,
    pub(super) relay: Relay,
    pub(super) sender: Sender,
    pub(super) rate: Rate,
    pub(super) clock: SharedClock,
    pub(super) metrics: Metrics,
    pub(super) tally: Tally,
    /// Counts by provider that are not written down yet.
    pub(super) providers: Noted,
    memory: Option<HighWater>,
    /// Whether a stop held when somebody last looked, and whether the brake was on. Only ever a reason to send less: the claim and the
    /// mark ask the database.
    halted: AtomicBool,
    braked: Arc<AtomicBool>,
    pub(super) options: DeliveryOptions,
}

impl Shared {
    /// The Message-ID of a row, the same in all attempts.
    pub(super) fn message_id(&self, row: Uuid) -> String {
        format!("{row}@{}", self.sender.address.domain())
    }

    /// Remembers outside the database how far sending came.
    pub(super) async fn remember(&self, counter: i64) -> Result<(), KeyFileError> {
        match &self.memory {
            Some(memory) => memory.raise(counter).await,
            None => Ok(()),
        }
    }

    /// Whether a mail that was not begun stays.
    pub(super) fn is_held(&self, mail: &Ready) -> bool {
        (mail.alert.is_some() && self.halted.load(Ordering::SeqCst)) || (!mail.passes && self.braked.load(Ordering::SeqCst))
    }

    /// Counts by provider what an attempt made of a mail, instead of what it was before.
    pub(super) fn note(&self, mail: &Ready, state: State) {
        if let Some(alert) = mail.alert {
            self.providers.note(alert, mail.provider, state);
            if let Some(ended) = mail.ended_as {
                self.providers.take_back(alert, mail.provider, ended);
            }
        }
    }

    /// Looks whether mails may leave, and notes it for the connections.
    async fn look(&self, conn: &mut PgConnection) -> Result<Halt, sqlx::Error> {
        let halt = sending::look(conn, self.clock.now(), self.memory.as_ref()).await?;
        self.halted.store(halt.notices, Ordering::SeqCst);
        self.braked.store(halt.braked, Ordering::SeqCst);
        Ok(halt)
    }

    /// Looks each second, also while all connections are busy, so that a stop holds within a group. Never ends.
    async fn keep_looking(self: Arc<Self>) {
        loop {
            tokio::time::sleep(LOOK).await;
            if let Ok(mut conn) = self.pool.acquire().await {
                if let Err(error) = self.look(&mut conn).await {
                    tracing::debug!(%error, "could not look whether sending is stopped");
                }
                board::write_down(&mut conn, &self.providers).await;
            }
            if let Some(memory) = &self.memory
                && let Err(error) = memory.sync().await
            {
                repeated!(warn, "the sending counter was not forced to disk", error);
            }
        }
    }

    /// Most rows to claim at once.
    fn claim_limit(&self) -> u16 {
        match self.options.rate {
            0 => MAX_CLAIM,
            rate => u16::try_from(u64::from(rate) * RATED_CLAIM.as_secs()).map_or(MAX_CLAIM, |limit| limit.min(MAX_CLAIM)),
        }
    }

    /// Most mails of a group: a tenth of a second's worth at a `NOTIFY_RATE`, so that it is kept evenly.
    fn group_limit(&self) -> usize {
        match self.options.rate {
            0 => GROUP,
            rate => usize::try_from(rate / 10).map_or(GROUP, |limit| limit.clamp(1, GROUP)),
        }
    }
}

/// Delivers what the outbox holds. Any number of them, in any number of processes, may work on one database.
pub struct Delivery {
    shared: Arc<Shared>,
    wake: Arc<Notify>,
}

impl Delivery {
    /// A delivery. Nothing happens before [`Self::run`] or [`Self::drain`].
    #[must_use]
    pub fn new(parts: DeliveryParts, options: DeliveryOptions) -> Self {
        let DeliveryParts { pool, content, url, sender, clock, metrics } = parts;
        let ehlo_name = options.ehlo_name.clone().unwrap_or_else(|| sender.address.domain().to_owned());
        let relay = Relay::new(url, ehlo_name, options.deadlines);
        let rate = Rate::new(options.rate);
        let tally = Tally::default();
        let memory = options.memory.clone().map(HighWater::new);
        let (halted, braked) = (AtomicBool::new(false), Arc::default());
        let shared = Arc::new(Shared {
            pool,
            content,
            relay,
            sender,
            rate,
            clock,
            metrics,
            tally,
            providers: Noted::default(),
            memory,
            halted,
            braked,
            options,
        });
        Self { shared, wake: Arc::default() }
    }

    /// `notify_one` on it makes a sleeping [`Self::run`] look at once.
    #[must_use]
    pub fn waker(&self) -> Arc<Notify> {
        Arc::clone(&self.wake)
    }

    /// Delivers until `shutdown` becomes true (or its sender is gone); then finishes the mails that are being sent, at most
    /// [`STOP_LIMIT`], and gives the other rows back. Never fails: whatever is away is waited for.
    pub async fn run(&self, mut shutdown: watch::Receiver<bool>) {
        let mut session = Session::start(Arc::clone(&self.shared), shutdown.clone());
        let mut database_pause = POLL;
        while !session.is_stopped() {
            let next = tokio::select! {
                turn = session.turn() => turn,
                // A database that hangs must not hold up a stop; rows in hand are left to the rescue.
                () = stopped_long_ago(shutdown.clone()) => break,
            };
            let wait = match next {
                Turn::Worked => continue,
                Turn::Idle => Instant::now() + POLL,
                Turn::RelayDown(until) => until.max(Instant::now()),
                Turn::DatabaseDown => Instant::now() + database_pause,
            };
            database_pause = if next == Turn::DatabaseDown { (database_pause * 2).min(LONGEST_DATABASE_PAUSE) } else { POLL };
            session.reap();
            tokio::select! {
                _ = shutdown.wait_for(|stop| *stop) => {}
                () = self.wake.notified(), if next == Turn::Idle => {}
                () = tokio::time::sleep_until(wait.into()) => {}
            }
            self.shared.relay.close_idle(false).await;
        }
        if tokio::time::timeout(STOP_LIMIT, session.finish()).await.is_err() {
            tracing::warn!("mails that were being sent did not end in time");
        }
    }

    /// Delivers until nothing is due, or the mail server or the database is away. For tests, demonstrations and `--once`.
    pub async fn drain(&self) -> Drained {
        let (_never, stop) = watch::channel(false);
        let before = self.shared.drained();
        self.shared.relay.try_again();
        let mut session = Session::start(Arc::clone(&self.shared), stop);
        let interrupted = loop {
            match session.turn().await {
                Turn::Worked => {}
                Turn::Idle if session.wait_for_one().await => {}
                Turn::Idle => break None,
                Turn::RelayDown(_) => break Some(Interruption::Relay),
                Turn::DatabaseDown => break Some(Interruption::Database),
            }
        };
        session.finish().await;
        Drained { interrupted, ..self.shared.drained().since(&before) }
    }
}

/// Ends [`STOP_LIMIT`] after the stop.
async fn stopped_long_ago(mut shutdown: watch::Receiver<bool>) {
    // Asked, or nobody is left to ask.
    drop(shutdown.wait_for(|stop| *stop).await);
    tokio::time::sleep(STOP_LIMIT).await;
}

/// The result of one turn of the loop.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Worked,
    Idle,
    RelayDown(Instant),
    DatabaseDown,
}

/// One run of the loop. Dropping it stops its tasks where they are.
struct Session {
    shared: Arc<Shared>,
    batch_sender: BatchSender,
    stop: watch::Receiver<bool>,
    slots: Arc<Semaphore>,
    batch_senders: JoinSet<()>,
    writer: JoinSet<()>,
    /// Ends with the session.
    _lookout: JoinSet<()>,
    upkeep: Upkeep,
}

impl Session {
    fn start(shared: Arc<Shared>, stop: watch::Receiver<bool>) -> Self {
        let Shared { pool, clock, metrics, tally, braked, options, .. } = &*shared;
        let (result_writer, notes) =
            ResultWriter::new(pool.clone(), Arc::clone(clock), metrics.clone(), Arc::clone(tally), Arc::clone(braked));
        let mut writer = JoinSet::new();
        writer.spawn(notes.run());
        let mut lookout = JoinSet::new();
        lookout.spawn(Arc::clone(&shared).keep_looking());
        Self {
            batch_sender: BatchSender { shared: Arc::clone(&shared), result_writer, stop: stop.clone() },
            stop,
            slots: Arc::new(Semaphore::new(usize::from(options.connections.max(1)))),
            batch_senders: JoinSet::new(),
            writer,
            _lookout: lookout,
            upkeep: Upkeep::from(Instant::now()),
            shared,
        }
    }

    fn is_stopped(&self) -> bool {
        *self.stop.borrow() || self.stop.has_changed().is_err()
    }

    /// Claims once and hands out what was claimed.
    async fn turn(&mut self) -> Turn {
        let limit = match self.shared.relay.gate() {
            Gate::Open => usize::from(self.shared.claim_limit()),
            Gate::Probe => self.shared.group_limit(),
            Gate::Shut(until) => return Turn::RelayDown(until),
        };
        let probing = self.shared.relay.gate() == Gate::Probe;
        match self.claim_and_prepare(limit).await {
            Ok(0) => Turn::Idle,
            Ok(_) if probing => {
                while self.wait_for_one().await {}
                Turn::Worked
            }
            Ok(_) => Turn::Worked,
            Err(()) => Turn::DatabaseDown,
        }
    }

    /// How many rows were claimed; an error if the database was away.
    async fn claim_and_prepare(&mut self, limit: usize) -> Result<usize, ()> {
        let lease = Lease::begin(&*self.shared.clock);
        let claimed = self.claim(&lease, limit).await;
        let (rows, trial) = claimed.map_err(|error| repeated!(warn, "the outbox cannot be read", error))?;
        let count = rows.len();
        if count == 0 {
            return Ok(0);
        }
        let mut batch = prepare(&self.shared, lease, rows).await;
        batch.ready.iter_mut().for_each(|mail| mail.passes |= trial);
        // A lost note is left to the rescue.
        let _ = self.batch_sender.result_writer.settle(batch.returned, lease).await;
        let mut mails = batch.ready.into_iter().peekable();
        while mails.peek().is_some() {
            let mails = mails.by_ref().take(self.shared.group_limit()).collect();
            self.launch(Group { mails, lease }).await;
        }
        if batch.interrupted { Err(()) } else { Ok(count) }
    }

    /// Claims what is due. True: it is the one mail that an approver let go on trial.
    async fn claim(&mut self, lease: &Lease, limit: usize) -> Result<(Vec<claim::Claimed>, bool), sqlx::Error> {
        let mut conn = self.shared.pool.acquire().await?;
        let now = self.shared.clock.now();
        self.upkeep.turn(&self.shared, &mut conn, now).await;
        let halt = self.shared.look(&mut conn).await?;
        let tried = if halt.trial { brake::claim_trial(&mut conn, now, lease, halt.notices).await? } else { Vec::new() };
        if !tried.is_empty() {
            return Ok((tried, true));
        }
        let believed = self.shared.options.believed.at_most(now);
        let rows = Claimable { now, believed, limit: i64::try_from(limit).unwrap_or(i64::MAX), halt };
        Ok((store::claim(&mut conn, lease, &rows).await?, false))
    }

    /// Hands a group to a batch sender as soon as a connection is free; gives it back if delivery stops first.
    async fn launch(&mut self, group: Group) {
        self.reap();
        match self.slot().await {
            Some(slot) => {
                let sending_group = self.batch_sender.clone().send_group(group);
                self.batch_senders.spawn(async move {
                    sending_group.await;
                    drop(slot);
                });
            }
            None => self.batch_sender.give_back(&group).await,
        }
    }

    async fn slot(&mut self) -> Option<OwnedSemaphorePermit> {
        tokio::select! {
            biased;
            _ = self.stop.wait_for(|stop| *stop) => None,
            slot = Arc::clone(&self.slots).acquire_owned() => slot.ok(),
        }
    }

    fn reap(&mut self) {
        while let Some(ended) = self.batch_senders.try_join_next() {
            report(&ended);
        }
    }

    /// Waits until one more group is done; false if none is under way.
    async fn wait_for_one(&mut self) -> bool {
        match self.batch_senders.join_next().await {
            Some(ended) => {
                report(&ended);
                true
            }
            None => false,
        }
    }

    /// Waits for the groups under way, their results and the farewells.
    async fn finish(mut self) {
        while self.wait_for_one().await {}
        let Self { shared, batch_sender, mut writer, .. } = self;
        drop(batch_sender);
        while writer.join_next().await.is_some() {}
        if let Ok(mut conn) = shared.pool.acquire().await {
            board::write_down(&mut conn, &shared.providers).await;
        }
        shared.relay.close_idle(true).await;
    }
}

/// A panic in a batch sender leaves its rows to the rescue; it must not stay unseen.
fn report(ended: &Result<(), tokio::task::JoinError>) {
    if ended.as_ref().is_err_and(tokio::task::JoinError::is_panic) {
        tracing::error!("a batch sender panicked; its rows wait for their lease to end");
    }
}

impl Shared {
    fn drained(&self) -> Drained {
        let tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = |state: State| tally.get(&state).copied().unwrap_or(0);
        Drained {
            sent: rows(State::Sent),
            deferred: rows(State::Deferred),
            ambiguous: rows(State::Ambiguous),
            merged: rows(State::Merged),
            suppressed: rows(State::Suppressed),
            bounced: rows(State::Bounced),
            cancelled: rows(State::Cancelled),
            dead: rows(State::Dead),
            returned: rows(State::Queued),
            interrupted: None,
        }
    }
}

impl Drained {
    fn since(self, before: &Self) -> Self {
        Self {
            sent: self.sent - before.sent,
            deferred: self.deferred - before.deferred,
            ambiguous: self.ambiguous - before.ambiguous,
            merged: self.merged - before.merged,
            suppressed: self.suppressed - before.suppressed,
            bounced: self.bounced - before.bounced,
            cancelled: self.cancelled - before.cancelled,
            dead: self.dead - before.dead,
            returned: self.returned - before.returned,
            interrupted: self.interrupted,
        }
    }
}
