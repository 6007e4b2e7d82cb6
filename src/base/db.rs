//! The database: pools, roles, migrations, locks, and the one judgement of which errors pass by themselves.
use crate::base::clock::SharedClock;
use chrono::{DateTime, Utc};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, PgConnection, PgPool};
use std::str::FromStr;
use std::time::Duration;

/// All migrations, inside the binary.
pub static MIGRATOR: Migrator = sqlx::migrate!();

/// How long a request waits for a connection before it answers 503 (sqlx's own 30 s is far too long for a visitor at a door).
pub const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);
/// Longest statement of a web process: every one of its statements reads or writes a few rows.
const WEB_STATEMENT_TIMEOUT: &str = "10s";
/// Statements slower than this are worth a line in the log.
const SLOW_STATEMENT: Duration = Duration::from_secs(1);

/// Which group role a process puts on (docs/DESIGN.md §3 "Database roles").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DbRole {
    /// Cannot read `sealed`, nor write notices.
    Web,
    /// Opens and sends.
    Notifier,
    /// Owns the schema: migrations and maintenance only.
    Owner,
}

impl DbRole {
    /// The role's name in Postgres; the owner puts on none.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Web => Some("ashiato_web"),
            Self::Notifier => Some("ashiato_notifier"),
            Self::Owner => None,
        }
    }
}

/// A pool of at most `max` connections that each wear `role`. Connects lazily: a database that is down does not stop the start.
pub fn pool(url: &str, role: DbRole, max: u32) -> Result<PgPool, sqlx::Error> {
    Ok(PgPoolOptions::new()
        .max_connections(max)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .after_connect(move |connection, _| Box::pin(put_on(connection, role)))
        .connect_lazy_with(options(url)?))
}

/// One connection outside any pool, wearing `role`.
pub async fn connect(url: &str, role: DbRole) -> Result<PgConnection, sqlx::Error> {
    let mut connection = options(url)?.connect().await?;
    put_on(&mut connection, role).await?;
    Ok(connection)
}

fn options(url: &str) -> Result<PgConnectOptions, sqlx::Error> {
    Ok(PgConnectOptions::from_str(url)?
        .application_name("ashiato")
        .log_statements(tracing::log::LevelFilter::Trace)
        .log_slow_statements(tracing::log::LevelFilter::Warn, SLOW_STATEMENT))
}

/// Puts the group role on where the login is a member of it (otherwise the login's own rights stay, and in production they are
/// the same). Citus reaches its nodes as this role, so the group roles may log in (migration 0062). Also bounds what a
/// statement of web may take, so that a lock elsewhere turns requests away instead of piling them up.
async fn put_on(connection: &mut PgConnection, role: DbRole) -> Result<(), sqlx::Error> {
    if role == DbRole::Web {
        sqlx::query("select set_config('statement_timeout', $1, false)").bind(WEB_STATEMENT_TIMEOUT).execute(&mut *connection).await?;
    }
    if let Some(name) = role.name() {
        sqlx::query(
            "select set_config('role', rolname, false) from pg_roles
             where rolname = $1 and pg_has_role(session_user, rolname, 'member')",
        )
        .bind(name)
        .execute(connection)
        .await?;
    }
    Ok(())
}

/// Makes the database `name` if the server has none of that name. The name is ours, never a client's.
pub async fn ensure_database(connection: &mut PgConnection, name: &'static str) -> Result<(), sqlx::Error> {
    let there: bool =
        sqlx::query_scalar("select exists (select from pg_database where datname = $1)").bind(name).fetch_one(&mut *connection).await?;
    if !there {
        let statement = format!("create database \"{name}\"");
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(connection).await?;
    }
    Ok(())
}

/// Brings the schema up to date. Safe with many processes at once: sqlx holds an advisory lock.
pub async fn migrate(url: &str) -> Result<(), MigrateError> {
    let mut connection = connect(url, DbRole::Owner).await?;
    MIGRATOR.run(&mut connection).await
}

/// Whether the schema is the one this binary was built for: its newest migration is applied.
pub async fn is_migrated(pool: &PgPool) -> Result<bool, sqlx::Error> {
    let newest = MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or(0);
    sqlx::query_scalar("select exists (select from _sqlx_migrations where version = $1 and success)").bind(newest).fetch_one(pool).await
}

/// Takes the session-wide lock `name` if it is free; it is held until the connection closes or [`unlock`].
pub async fn try_lock(connection: &mut PgConnection, name: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("select pg_try_advisory_lock(hashtextextended('ashiato:' || $1, 0))").bind(name).fetch_one(connection).await
}

/// Gives the lock `name` back.
pub async fn unlock(connection: &mut PgConnection, name: &str) -> Result<(), sqlx::Error> {
    sqlx::query("select pg_advisory_unlock(hashtextextended('ashiato:' || $1, 0))").bind(name).execute(connection).await.map(drop)
}

/// Takes the lock `name` if it is free; it is held until the transaction ends.
pub async fn try_lock_transaction(connection: &mut PgConnection, name: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("select pg_try_advisory_xact_lock(hashtextextended('ashiato:' || $1, 0))").bind(name).fetch_one(connection).await
}

/// Waits for the lock `name` and holds it until the transaction ends.
pub async fn lock_transaction(connection: &mut PgConnection, name: &str) -> Result<(), sqlx::Error> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('ashiato:' || $1, 0))").bind(name).execute(connection).await.map(drop)
}

/// The clock that this machine's is held against: what is recorded, and what is destroyed, believes no single one.
#[derive(Clone, Default)]
pub enum SecondClock {
    /// Postgres's own.
    #[default]
    Postgres,
    /// One that is set by hand; for tests and rehearsals.
    Set(SharedClock),
}

impl SecondClock {
    /// What it shows.
    ///
    /// # Errors
    /// The database's error.
    pub async fn now(&self, connection: &mut PgConnection) -> Result<DateTime<Utc>, sqlx::Error> {
        match self {
            Self::Postgres => sqlx::query_scalar("select clock_timestamp()").fetch_one(connection).await,
            Self::Set(clock) => Ok(clock.now()),
        }
    }
}

/// Whether the same statement may succeed a moment later: connection trouble, failover, deadlock, time-out, lack of resources
/// (on Citus class 08 comes as a database error). Decided by SQLSTATE, never by names.
#[must_use]
pub fn is_transient(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| is_transient_state(&code)),
        _ => false,
    }
}

fn is_transient_state(code: &str) -> bool {
    const STATES: [&str; 11] = ["25006", "40001", "40P01", "53100", "53200", "53300", "55P03", "57014", "57P01", "57P02", "57P03"];
    code.starts_with("08") || STATES.contains(&code)
}

/// Why the database does not do what it is asked, in the words of whoever has to mend it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// 53100.
    DiskFull,
    /// 53200.
    OutOfMemory,
    /// 53300.
    TooManyConnections,
    /// Another state of class 53.
    OutOfResources,
    /// 25006: the server has become a standby, after a failover.
    ReadOnly,
    /// 57P03: it starts, or recovers after a crash.
    Starting,
    /// 57P01, 57P02: it stops, or has crashed.
    Stopping,
    /// 23514 on a partitioned table: the worker makes partitions days ahead, so it has been still for long.
    NoPartition,
    /// It does not answer in time.
    NoAnswer,
    /// There is no connection to it.
    Unreachable,
    /// Anything else that it says.
    Refused,
}

impl Cause {
    /// Of this error.
    #[must_use]
    pub fn of(error: &sqlx::Error) -> Self {
        let Some(code) = error.as_database_error().and_then(sqlx::error::DatabaseError::code) else {
            return match error {
                sqlx::Error::PoolTimedOut => Self::NoAnswer,
                _ => Self::Unreachable,
            };
        };
        match &*code {
            "53100" => Self::DiskFull,
            "53200" => Self::OutOfMemory,
            "53300" => Self::TooManyConnections,
            "25006" => Self::ReadOnly,
            "57P03" => Self::Starting,
            "57P01" | "57P02" => Self::Stopping,
            "23514" => Self::NoPartition,
            "55P03" | "57014" => Self::NoAnswer,
            code if code.starts_with("53") => Self::OutOfResources,
            code if code.starts_with("08") => Self::Unreachable,
            _ => Self::Refused,
        }
    }

    /// For `/readyz`, logs and the dashboard.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DiskFull => "disk full",
            Self::OutOfMemory => "database out of memory",
            Self::TooManyConnections => "too many connections to the database",
            Self::OutOfResources => "database out of resources",
            Self::ReadOnly => "database is read-only (a standby?)",
            Self::Starting => "database is starting",
            Self::Stopping => "database is stopping",
            Self::NoPartition => "no partition for the date (is the worker running?)",
            Self::NoAnswer => "no answer from the database in time",
            Self::Unreachable => "no connection to the database",
            Self::Refused => "refused by the database",
        }
    }
}

/// An error for a log line: its cause, and what tells it from others of that cause. Never the values that Postgres likes
/// to quote in its messages.
#[must_use]
pub fn describe(error: &sqlx::Error) -> String {
    let cause = Cause::of(error).as_str();
    match error {
        sqlx::Error::Database(error) => format!("{cause} (sqlstate {})", error.code().unwrap_or_default()),
        sqlx::Error::Io(error) => format!("{cause} ({:?})", error.kind()),
        sqlx::Error::PoolTimedOut => "no free connection in time".to_owned(),
        sqlx::Error::RowNotFound => "row not found".to_owned(),
        sqlx::Error::ColumnDecode { index, .. } => format!("column {index}"),
        _ => "client".to_owned(),
    }
}

/// Whether a unique key already holds the value (SQLSTATE 23505).
#[must_use]
pub fn is_duplicate(error: &sqlx::Error) -> bool {
    has_state(error, "23505")
}

/// Whether the database refused the very values (SQLSTATE classes 22, data, and 23, integrity): they never fit, however often it is tried.
#[must_use]
pub fn is_refused_value(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| code.starts_with("22") || code.starts_with("23"))
}

/// Whether a row that was named does not exist (SQLSTATE 23503, foreign key).
#[must_use]
pub fn is_unknown_reference(error: &sqlx::Error) -> bool {
    has_state(error, "23503")
}

/// Whether no partition takes the row (SQLSTATE 23514; hence no CHECK on partitioned tables).
#[must_use]
pub fn is_without_partition(error: &sqlx::Error) -> bool {
    has_state(error, "23514")
}

fn has_state(error: &sqlx::Error, state: &str) -> bool {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|code| code == state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_passing_troubles_are_transient() {
        for state in ["08006", "08001", "57P01", "57P03", "40P01", "53100", "53300", "57014", "25006"] {
            assert!(is_transient_state(state), "{state}");
        }
        for state in ["23505", "23514", "42601", "0A000", "22001", "28P01"] {
            assert!(!is_transient_state(state), "{state}");
        }
        assert!(is_transient(&sqlx::Error::PoolTimedOut));
        assert!(!is_transient(&sqlx::Error::RowNotFound));
    }
}
