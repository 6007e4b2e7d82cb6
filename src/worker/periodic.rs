//! The clockwork: which task, how often, and that only one worker at a time does it.
use crate::base::apart::apart;
use crate::base::db;
use crate::repeated;
use crate::worker::State;
use crate::worker::tasks::{self, TaskError};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

type Run = for<'a> fn(&'a State) -> Pin<Box<dyn Future<Output = Result<(), TaskError>> + Send + 'a>>;

/// A task with its pace. The reason for each pace stands beside it.
struct Task {
    name: &'static str,
    every: Duration,
    run: Run,
}

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// The tasks that a start does too, under the same locks.
pub(super) const CLOCK: &str = "clock";
pub(super) const KEYS: &str = "keys";
pub(super) const PARTITIONS: &str = "partitions";

/// Every task of the worker.
const TASKS: [Task; 12] = [
    // A hold that is over should not be seen to wait; re-matching keeps its own ten minutes.
    Task { name: tasks::DISPATCH, every: SECOND, run: |state| Box::pin(tasks::dispatch(state)) },
    // Web calls a worker silent that gives no sign of life for ten minutes.
    Task { name: CLOCK, every: MINUTE, run: |state| Box::pin(tasks::clock(state)) },
    // A person waits in front of the page.
    Task { name: "my_visits", every: SECOND, run: |state| Box::pin(tasks::my_visits(state)) },
    // Links end by their own time; this erases what is left of them.
    Task { name: "my_links", every: MINUTE, run: |state| Box::pin(tasks::my_links(state)) },
    // An UNLOGGED table is empty after a crash, and check-ins wait for it (docs/DESIGN.md §3 "Secrecy of addresses": each minute).
    Task { name: KEYS, every: Duration::from_secs(20), run: |state| Box::pin(tasks::keys(state)) },
    // Checked ten times before it would count as late.
    Task { name: "canaries", every: MINUTE, run: |state| Box::pin(tasks::canaries(state)) },
    // After a clock was set there may be none for today, and check-ins wait for it. Looking costs one read.
    Task { name: PARTITIONS, every: MINUTE, run: |state| Box::pin(tasks::partitions(state)) },
    Task { name: "cluster", every: Duration::from_secs(30 * 60), run: |state| Box::pin(tasks::cluster(state)) },
    // Everything that is due goes within the hour.
    Task { name: "purge", every: Duration::from_secs(60 * 60), run: |state| Box::pin(tasks::purge(state)) },
    // The chain tells of a minute's repeated reads when the minute is over.
    Task { name: "reads", every: MINUTE, run: |state| Box::pin(tasks::reads(state)) },
    // As fresh as an official looks at it; a day of a million visits takes a fifth of a second.
    Task { name: "daily_counts", every: MINUTE, run: |state| Box::pin(tasks::daily_counts(state)) },
    Task { name: "gauges", every: Duration::from_secs(15), run: |state| Box::pin(tasks::gauges(state)) },
];

pub(super) fn spawn_all(state: &Arc<State>, stop: &watch::Receiver<bool>) -> JoinSet<()> {
    let mut running = JoinSet::new();
    for task in TASKS {
        running.spawn(keep_doing(task, Arc::clone(state), stop.clone()));
    }
    running
}

async fn keep_doing(task: Task, state: Arc<State>, mut stop: watch::Receiver<bool>) {
    loop {
        if let Err(error) = once(&task, &state).await {
            repeated!(warn, "periodic task failed; it is tried again at its next turn", format!("{}: {error}", task.name));
        }
        tokio::select! {
            () = tokio::time::sleep(task.every) => {}
            () = state.wake.notified(), if task.name == tasks::DISPATCH => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// Does the task if no other worker is at it.
async fn once(task: &Task, state: &State) -> Result<(), TaskError> {
    let mut connection = state.pool.acquire().await?;
    if !db::try_lock(&mut connection, task.name).await? {
        return Ok(());
    }
    // After a panic too the lock is given back, and the next turn comes.
    let done = apart((task.run)(state)).await;
    db::unlock(&mut connection, task.name).await?;
    Ok(done?)
}
