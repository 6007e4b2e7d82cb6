//! The worker process: it alone opens addresses and sends. Delivery runs all the time; the rest are tasks by the clock, each
//! under an advisory lock, so that any number of workers may run.
mod letters;
mod periodic;
mod tasks;

pub use letters::Mailroom;

use crate::alert::Dispatcher;
use crate::base::clock::SharedClock;
use crate::base::config::Service;
use crate::base::db::{self, SecondClock};
use crate::base::secret::SecretKeys;
use crate::base::telemetry::Metrics;
use crate::keys::{KeyStore, Opener, ProcessMark};
use crate::mail::Delivery;
use crate::retention::Watch;
use sqlx::PgPool;
use std::sync::Arc;
use tokio::sync::{Notify, watch};

/// The state of the worker. It can open and never seal: there is no sealer here.
pub struct State {
    /// Connections with the role `ashiato_notifier`.
    pub pool: PgPool,
    /// The schema owner's URL, for maintenance that only an owner may do.
    pub owner_url: String,
    /// The private keys.
    pub keys: KeyStore,
    /// Opens with them.
    pub opener: Arc<Opener>,
    /// Opens the data key that wraps the mac keys for the web processes.
    pub secrets: SecretKeys,
    /// This process among those that run.
    pub mark: ProcessMark,
    /// The time.
    pub clock: SharedClock,
    /// The clock that it is held against.
    pub second_clock: SecondClock,
    /// The observations of both.
    pub watch: Watch,
    /// How the service names itself.
    pub service: Service,
    /// Sends.
    pub delivery: Delivery,
    /// Turns approved alerts into notices.
    pub dispatcher: Dispatcher,
    /// Counters.
    pub metrics: Metrics,
    /// Wakes the dispatcher before its time, after an approval in the same process.
    pub wake: Arc<Notify>,
}

/// Runs until told to stop; then finishes the mails in flight.
pub async fn run(state: Arc<State>, stop: watch::Receiver<bool>) {
    let mut running = periodic::spawn_all(&state, &stop);
    state.delivery.run(stop).await;
    while let Some(ended) = running.join_next().await {
        if let Err(error) = ended {
            tracing::error!(panicked = error.is_panic(), "a periodic task ended badly");
        }
    }
}

/// Brings keys and partitions up to date once: what web needs before it can take the first check-in.
///
/// Under the locks of the periodic tasks, and waiting for them: workers that start at once must not make the same thing twice,
/// and the later one must not go on before it is made.
pub async fn prepare(state: &State) -> Result<(), TaskError> {
    let mut turn = state.pool.begin().await?;
    db::lock_transaction(&mut turn, periodic::CLOCK).await?;
    db::lock_transaction(&mut turn, periodic::KEYS).await?;
    db::lock_transaction(&mut turn, periodic::PARTITIONS).await?;
    // First of all: keys that are made now would look as if the worker had been at work all the time.
    state.watch.ask_kernel().await;
    tasks::clock(state).await?;
    tasks::keys(state).await?;
    tasks::partitions(state).await?;
    Ok(turn.commit().await?)
}

/// Does what people asked for on their own page and forgets links that expired, once; [`run`] does so each second.
pub async fn serve_people(state: &State) -> Result<(), TaskError> {
    tasks::my_visits(state).await?;
    tasks::my_links(state).await
}

/// Says that this process ends. A database that does not answer finds out by itself.
pub async fn say_goodbye(state: &State) {
    state.mark.end(&state.pool, state.clock.now()).await;
}

pub use tasks::TaskError;
