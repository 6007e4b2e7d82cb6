//! The tasks that the worker does by the clock.
use crate::audit;
use crate::base::apart::{Failed, Steps};
use crate::base::db::{self, DbRole};
use crate::base::repeat;
use crate::keys::{self, KeysError, forget_processes};
use crate::official;
use crate::repeated;
use crate::retention;
use crate::stats;
use crate::venue;
use crate::visit::{my_visits as own, partitions};
use crate::worker::State;
use sqlx::PgConnection;

/// The task that matches visits, and the lock under which it runs.
pub(super) const DISPATCH: &str = "dispatch";

/// Why a task failed.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// The database.
    #[error("database: {0}")]
    Db(#[from] sqlx::Error),
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The purge.
    #[error(transparent)]
    Purge(#[from] retention::PurgeError),
    /// It panicked.
    #[error("it panicked")]
    Panicked,
}

impl<E: Into<Self>> From<Failed<E>> for TaskError {
    fn from(failed: Failed<E>) -> Self {
        match failed {
            Failed::Panicked => Self::Panicked,
            Failed::By(error) => error.into(),
        }
    }
}

/// Looks at the clocks, and gives a sign of life.
pub(super) async fn clock(state: &State) -> Result<(), TaskError> {
    let mut connection = state.pool.acquire().await?;
    state.watch.look(&mut connection, state.clock.now(), &state.second_clock).await?;
    Ok(())
}

/// Makes and publishes keys ahead of time, and refills the mac keys of the open dates.
pub(super) async fn keys(state: &State) -> Result<(), TaskError> {
    let (now, mut connection) = (state.clock.now(), state.pool.acquire().await?);
    let today = state.service.zone.today(now);
    let mut steps = Steps::<TaskError>::default();
    // Check-ins go on with the keys that are there, and wait for mac keys: a disk without room for a new day's must not end them.
    steps.take(state.keys.ensure_days(&mut connection, now, today, keys::DAYS_AHEAD)).await;
    steps.take(state.keys.refill_mac_keys(&mut connection, &state.secrets, today)).await;
    steps.take(state.mark.note(&mut connection, now)).await;
    steps.take(forget_processes(&mut connection, now)).await;
    if let Some(days) = steps.take(async { state.keys.days().map_err(KeysError::from) }).await {
        let ahead = days.into_iter().filter(|day| *day >= today).count();
        state.metrics.key_days.set(i64::try_from(ahead).unwrap_or(i64::MAX));
    }
    steps.end()
}

/// Opens the canaries of new epochs: a sealing that cannot be opened must be seen before it matters.
pub(super) async fn canaries(state: &State) -> Result<(), TaskError> {
    let mut connection = state.pool.acquire().await?;
    let canaries = state.opener.check_canaries(&mut connection, state.clock.now()).await?;
    state.metrics.canaries.get_or_create(&[("result", "opened")]).inc_by(canaries.opened as u64);
    state.metrics.canaries.get_or_create(&[("result", "failed")]).inc_by(canaries.failed as u64);
    if canaries.failed > 0 {
        repeated!(error, "canaries did not open: check-ins sealed by these epochs cannot be notified", "", failed = canaries.failed);
    }
    Ok(())
}

/// Makes the partitions of the days to come.
pub(super) async fn partitions(state: &State) -> Result<(), TaskError> {
    let mut connection = state.pool.acquire().await?;
    let today = state.service.zone.today(state.clock.now());
    partitions::ensure_days(&mut connection, today, partitions::DAYS_AHEAD).await?;
    Ok(())
}

/// Puts closed days into their key's order, once each.
pub(super) async fn cluster(state: &State) -> Result<(), TaskError> {
    let mut connection = state.pool.acquire().await?;
    let open = state.service.zone.open_dates(state.clock.now());
    let first_open = open.first().copied().unwrap_or_else(|| state.service.zone.today(state.clock.now()));
    let mut steps = Steps::<TaskError>::default();
    for day in partitions::unclustered_days(&mut connection, first_open).await? {
        let in_order = async {
            partitions::cluster_closed_day(&mut connection, day).await?;
            let mut owner = db::connect(&state.owner_url, DbRole::Owner).await?;
            partitions::vacuum_closed_day(&mut owner, day).await?;
            tracing::info!(%day, "closed day put in order");
            Ok::<_, sqlx::Error>(())
        };
        steps.take(in_order).await;
    }
    steps.end()
}

/// Dispatches alerts whose hold is over, re-matches, releases late visits, ends what is done.
pub(super) async fn dispatch(state: &State) -> Result<(), TaskError> {
    let report = state.dispatcher.run_due().await?;
    if report.notices > 0 {
        state.delivery.waker().notify_one();
    }
    Ok(())
}

/// Does what people asked for on their own page. One that fails is tried again at the next turn, and holds up no other.
pub(super) async fn my_visits(state: &State) -> Result<(), TaskError> {
    let mut connection = state.pool.acquire().await?;
    let mut steps = Steps::default();
    for request in own::waiting(&mut connection, state.clock.now()).await? {
        steps.take(my_request(state, &mut connection, &request)).await;
    }
    steps.end()
}

/// While visits are erased no alert may be matched: what the matcher has read already would still be queued.
async fn my_request(state: &State, connection: &mut PgConnection, request: &own::Waiting) -> Result<(), sqlx::Error> {
    let (now, zone) = (state.clock.now(), state.service.zone);
    if !request.forgets() {
        return own::carry_out(connection, &state.opener, now, zone, request).await;
    }
    if !db::try_lock(connection, DISPATCH).await? {
        return Ok(());
    }
    let done = own::carry_out(connection, &state.opener, now, zone, request).await;
    db::unlock(connection, DISPATCH).await?;
    done
}

/// Erases links whose hour is over, owners' sessions, and answers that were kept for programs.
pub(super) async fn my_links(state: &State) -> Result<(), TaskError> {
    let mut connection = state.pool.acquire().await?;
    let mut steps = Steps::default();
    steps.take(own::forget_expired(&mut connection, state.clock.now())).await;
    steps.take(official::forget_answers(&mut connection, state.clock.now())).await;
    steps.take(venue::owner_session::forget_expired(&mut connection, state.clock.now())).await;
    steps.take(venue::monthly::forget_old(&mut connection, state.service.zone.today(state.clock.now()))).await;
    steps.end()
}

/// Erases what has outlived its retention.
pub(super) async fn purge(state: &State) -> Result<(), TaskError> {
    // A day that was never counted would be gone.
    daily_counts(state).await?;
    state.watch.ask_kernel().await;
    let look = state.watch.look(&mut *state.pool.acquire().await?, state.clock.now(), &state.second_clock).await?;
    let kept = retention::Retention { zone: state.service.zone, days: state.service.retention_days };
    let look = retention::Look { elapsed: chrono::Duration::zero(), ..look };
    let purged = retention::purge(&look, &state.pool, &state.keys, kept, &retention::How::default()).await?;
    if let Some(doubt) = purged.doubt {
        tracing::warn!(held = purged.held.len(), doubt, "dates past retention by the clock were held back");
    }
    Ok(())
}

/// Counts the outbox and the alarms for the metrics.
pub(super) async fn gauges(state: &State) -> Result<(), TaskError> {
    let mut connection = state.pool.acquire().await?;
    let mut steps = Steps::default();
    steps.take(crate::mail::outbox::measure(&mut connection, state.clock.now(), &state.metrics)).await;
    steps.take(official::measure_alarms(&mut connection, &state.metrics)).await;
    repeat::tell_ended();
    steps.end()
}

/// Tells the audit chain of reads that were repeated within a minute.
pub(super) async fn reads(state: &State) -> Result<(), TaskError> {
    let mut tx = state.pool.begin().await?;
    audit::chain_repeats(&mut tx, state.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// Counts check-ins by day, for the dashboard: pages only read the number.
pub(super) async fn daily_counts(state: &State) -> Result<(), TaskError> {
    let mut connection = state.pool.acquire().await?;
    stats::count_days(&mut connection, state.clock.now(), state.service.zone).await?;
    Ok(())
}
