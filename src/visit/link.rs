//! The recorder's one connection: lost, given up in time, and opened again.
use super::health::Health;
use super::recorder::{Limits, VisitRow};
use super::store;
use crate::base::db::{self, Cause, DbRole};
use crate::repeated;
use sqlx::PgConnection;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout, timeout_at};

/// The first pause before a new try to connect; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// The longest pause between tries to connect: a restarted server is found within a second.
/// No jitter: a process has one such connection, and there are few processes.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Why an insert did not happen.
pub(super) enum Failure {
    /// The connection is gone, or did not answer in time.
    Lost(Cause),
    /// The server refused, and the connection is whole.
    Refused(sqlx::Error),
}

/// The one connection.
pub(super) struct Link {
    url: String,
    pub(super) limits: Limits,
    connection: Option<PgConnection>,
    pause: Duration,
}

impl Link {
    /// Not connected yet.
    pub(super) fn new(url: &str, limits: Limits) -> Self {
        Self { url: url.to_owned(), limits, connection: None, pause: FIRST_PAUSE }
    }

    /// Whether there is no connection, or the last one was given up.
    pub(super) fn is_broken(&self) -> bool {
        self.connection.is_none()
    }

    /// Inserts `rows` in one transaction, and once more over a new connection when the old one turns out to be dead.
    pub(super) async fn insert(&mut self, rows: &[VisitRow], deadline: Instant) -> Result<(), Failure> {
        match self.try_insert(rows, deadline).await {
            Err(Failure::Lost(_)) => self.try_insert(rows, deadline).await,
            other => other,
        }
    }

    async fn try_insert(&mut self, rows: &[VisitRow], deadline: Instant) -> Result<(), Failure> {
        self.try_once(deadline, async |connection| store::insert(connection, rows).await).await
    }

    /// One try. The connection is given back only when it is known to be whole.
    pub(super) async fn try_once(
        &mut self,
        deadline: Instant,
        act: impl AsyncFnOnce(&mut PgConnection) -> Result<(), sqlx::Error>,
    ) -> Result<(), Failure> {
        let limit = deadline.min(Instant::now() + self.limits.attempt);
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => timeout_at(limit, connect(&self.url, self.limits)).await.map_err(lost_in_time)?.map_err(|error| lost(&error))?,
        };
        match timeout_at(limit, act(&mut connection)).await {
            Ok(Ok(())) => {
                self.connection = Some(connection);
                self.pause = FIRST_PAUSE;
                Ok(())
            }
            Ok(Err(error)) if store::is_connection_lost(&error) => Err(lost(&error)),
            Ok(Err(error)) => {
                self.connection = Some(connection);
                Err(Failure::Refused(error))
            }
            Err(elapsed) => Err(lost_in_time(elapsed)),
        }
    }

    /// One try to connect.
    pub(super) async fn open(&mut self) -> Result<(), Failure> {
        let connected = timeout(self.limits.attempt, connect(&self.url, self.limits)).await;
        self.connection = Some(connected.map_err(lost_in_time)?.map_err(|error| lost(&error))?);
        Ok(())
    }

    /// Connects, however long it takes. The pause grows from outage to outage too, until an insert succeeds.
    pub(super) async fn open_again(&mut self, health: &Health) {
        loop {
            sleep(self.pause).await;
            self.pause = (self.pause * 2).min(LONGEST_PAUSE);
            match self.open().await {
                Ok(()) => return,
                Err(Failure::Lost(cause)) => health.disconnected(cause),
                Err(Failure::Refused(_)) => {}
            }
        }
    }
}

async fn connect(url: &str, limits: Limits) -> Result<PgConnection, sqlx::Error> {
    let mut connection = db::connect(url, DbRole::Web).await?;
    store::bound_lock_waits(&mut connection, limits.lock()).await?;
    Ok(connection)
}

/// The server's message may repeat values of the row, so the log line holds the cause and the SQLSTATE alone.
fn lost(error: &sqlx::Error) -> Failure {
    repeated!(warn, "recorder: connection lost", db::describe(error));
    Failure::Lost(Cause::of(error))
}

fn lost_in_time(_: tokio::time::error::Elapsed) -> Failure {
    repeated!(warn, "recorder: connection given up", Cause::NoAnswer.as_str());
    Failure::Lost(Cause::NoAnswer)
}
