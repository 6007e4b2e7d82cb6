//! Runs the HTTP server, the metrics listener beside it, and the web process's own upkeep.
use crate::audit::Actor;
use crate::base::apart::apart;
use crate::base::repeat;
use crate::base::telemetry::Metrics;
use crate::official::{self, Act, Letters};
use crate::repeated;
use crate::web::health;
use crate::web::middleware::surround;
use crate::web::routes;
use crate::web::state::State;
use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::web::{Data, get};
use actix_web::{App, HttpResponse, HttpServer};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// How long a client may take for its request line and headers: a slower one only holds a connection.
const HEAD_DEADLINE: Duration = Duration::from_secs(5);
/// How long an idle connection is kept: a visitor's next tap comes within a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(60);
/// Seconds that requests in flight get at shutdown.
const SHUTDOWN_SECONDS: u64 = 3;
/// Waiting connections that the kernel holds for us.
const BACKLOG: u32 = 4096;
/// How often the sealer looks for new keys; while it has none, every second.
const REFRESH_EVERY: Duration = Duration::from_secs(20);
const REFRESH_UNREADY: Duration = Duration::from_secs(1);

/// A running HTTP server.
pub struct Running {
    handle: ServerHandle,
    task: JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// Takes no more requests, finishes those in flight, and ends.
    pub async fn stop(self) -> std::io::Result<()> {
        self.handle.stop(true).await;
        self.task.await.map_err(std::io::Error::other)?
    }

    /// Ends when the server ends by itself, which is a fault.
    pub async fn ended(&mut self) -> std::io::Result<()> {
        (&mut self.task).await.map_err(std::io::Error::other)?
    }
}

/// Serves on `listener` with `workers` threads.
pub fn start(state: Arc<State>, listener: TcpListener, workers: usize) -> std::io::Result<Running> {
    let data = Data::from(state);
    let server = HttpServer::new(move || App::new().app_data(data.clone()).wrap(from_fn(surround)).configure(routes::configure))
        .workers(workers)
        .backlog(BACKLOG)
        .client_request_timeout(HEAD_DEADLINE)
        .keep_alive(KEEP_ALIVE)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .disable_signals()
        .listen(listener)?
        .run();
    Ok(Running { handle: server.handle(), task: tokio::spawn(server) })
}

/// Serves `/metrics` alone, on an address of its own that no visitor reaches.
pub fn start_metrics(metrics: Metrics, listener: TcpListener) -> std::io::Result<Running> {
    const TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let server = HttpServer::new(move || {
        let metrics = metrics.clone();
        let answer = move || {
            let text = metrics.encode();
            async move { HttpResponse::Ok().content_type(TYPE).body(text) }
        };
        App::new().route("/metrics", get().to(answer))
    })
    .workers(1)
    .client_request_timeout(HEAD_DEADLINE)
    .shutdown_timeout(SHUTDOWN_SECONDS)
    .disable_signals()
    .listen(listener)?
    .run();
    Ok(Running { handle: server.handle(), task: tokio::spawn(server) })
}

/// Keeps the sealer's keys and epochs fresh until told to stop. Never in a request.
pub async fn upkeep(state: Arc<State>, stop: watch::Receiver<bool>) {
    let stopped = stop.clone();
    again(REFRESH_EVERY, stop, move || keep_up(Arc::clone(&state), stopped.clone())).await;
}

/// Does work that ends only when it is told to. A panic ends one turn of it: a row that cannot be read must not end all
/// upkeep until somebody starts the process again.
async fn again<W>(pause: Duration, mut stop: watch::Receiver<bool>, work: impl Fn() -> W)
where
    W: Future<Output = ()> + Send + 'static,
{
    loop {
        // A set ends its task when it is dropped.
        let mut turn = JoinSet::new();
        turn.spawn(work());
        if !matches!(turn.join_next().await, Some(Err(_))) {
            return;
        }
        repeated!(error, "the upkeep of the web process begins again", "it panicked");
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

async fn keep_up(state: Arc<State>, mut stop: watch::Receiver<bool>) {
    let (mut all_indexed, started) = (false, Instant::now());
    loop {
        if !all_indexed {
            let indexed = apart(index_outdated(&state)).await;
            all_indexed = indexed.inspect_err(|error| repeated!(warn, "venues could not be folded for the search", error)).is_ok();
        }
        if let Err(error) = apart(refresh(&state)).await {
            repeated!(warn, "keys could not be refreshed", error);
        }
        if let Err(error) = apart(health::tell(&state, started.elapsed())).await {
            repeated!(warn, "alarms could not be raised or cleared", error);
        }
        if let Err(error) = apart(tell_of_stops(&state)).await {
            repeated!(warn, "approvers could not be told that sending is stopped", error);
        }
        if let Err(error) = apart(crate::web::watch::watch(&state)).await {
            repeated!(warn, "what is wrong could not be put on the dashboard", error);
        }
        if let Err(error) = apart(tell_of_alarms(&state)).await {
            repeated!(warn, "nobody could be told of alarms", error);
        }
        if let Err(error) = apart(post_monthly(&state)).await {
            repeated!(warn, "monthly letters to shops could not be posted", error);
        }
        if let Err(error) = apart(post_import_letters(&state, usize::MAX)).await {
            repeated!(warn, "letters of imported lists could not be posted", error);
        }
        if let Err(error) = apart(write_scans(&state)).await {
            repeated!(warn, "days on which posters were scanned could not be written", error);
        }
        repeat::tell_ended();
        let now = state.clock.now();
        let ready = state.is_unlocked() && state.sealer.ready(state.service.zone.today(now));
        let pause = if ready { REFRESH_EVERY } else { REFRESH_UNREADY };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// Folds the venues that an older program wrote down, so that the search finds them.
async fn index_outdated(state: &State) -> Result<(), sqlx::Error> {
    let mut connection = state.pool.acquire().await?;
    while crate::venue::index_outdated(&mut connection).await? > 0 {}
    Ok(())
}

/// Posts the letters about stops that the worker made by itself: it cannot seal any.
pub async fn tell_of_stops(state: &State) -> Result<(), crate::alert::AlertError> {
    let with = Letters { service: &state.service, sealer: &state.sealer };
    let mut act = Act::begin(&state.pool, state.clock.now(), with, Actor::System).await?;
    let told = crate::alert::tell_of_stops(&mut act).await;
    act.settle(told).await
}

/// Posts the letters about alarms that nobody was told of, and counts what is open for the metrics. Returns how many were told.
pub async fn tell_of_alarms(state: &State) -> Result<usize, sqlx::Error> {
    let mut connection = state.pool.acquire().await?;
    official::measure_alarms(&mut connection, &state.metrics).await?;
    official::tell_of_alarms(&mut connection, state.clock.now(), &state.sealer, state.service.zone).await
}

/// Posts the monthly letters that are due: the worker cannot seal any. One process does it. Returns how many.
pub async fn post_monthly(state: &State) -> Result<usize, crate::mail::PostError> {
    let mut connection = state.pool.acquire().await?;
    crate::venue::monthly::post_due(&mut connection, &state.sealer, state.clock.now(), state.service.zone).await
}

/// Posts the letters that released imports owe, in at most so many turns: the worker cannot seal any. Returns how many.
pub async fn post_import_letters(state: &State, turns: usize) -> Result<usize, crate::mail::PostError> {
    let mut connection = state.pool.acquire().await?;
    crate::venue::import::letters::post_due(&mut connection, &state.sealer, state.clock.now(), state.service.zone, turns).await
}

/// Writes on which day each poster was scanned last.
pub async fn write_scans(state: &State) -> Result<(), sqlx::Error> {
    state.scans.write(&mut *state.pool.acquire().await?).await
}

/// Says that this process ends. A database that does not answer finds out by itself.
pub async fn say_goodbye(state: &State) {
    state.sealer.end_process(&state.pool, state.clock.now()).await;
}

/// One refresh of the sealer's keys and epochs, and of the data keys until they are at hand; and one look at the clocks, the
/// days ahead and the worker.
pub async fn refresh(state: &State) -> Result<(), crate::keys::KeysError> {
    let mut connection = state.pool.acquire().await?;
    if !state.is_unlocked() {
        state.unlock(&state.sealer.data_keys(&mut connection).await?);
    }
    state.sealer.note_process(&mut connection, state.clock.now()).await?;
    let refreshed = state.sealer.refresh(&mut connection, state.clock.now()).await;
    health::look(state, &mut connection).await?;
    refreshed
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test]
    async fn an_upkeep_that_panics_begins_again_until_it_is_told_to_stop() {
        let (stop, stopped) = watch::channel(false);
        let turns = Arc::new(AtomicUsize::new(0));
        let work = |last: usize| {
            let turns = Arc::clone(&turns);
            move || {
                let turn = turns.fetch_add(1, Ordering::SeqCst) + 1;
                async move { assert!(turn >= last, "a row that cannot be read") }
            }
        };
        again(Duration::ZERO, stopped.clone(), work(3)).await;
        assert_eq!(turns.load(Ordering::SeqCst), 3);
        stop.send(true).unwrap();
        again(REFRESH_EVERY, stopped, work(usize::MAX)).await;
        assert_eq!(turns.load(Ordering::SeqCst), 4, "it was told to stop");
    }
}
