//! A server of the benchmark's own, on the real disk with fsync on.
use anyhow::{Result, ensure};
use ashiato::base::clock::{Clock, SystemClock, Zone};
use ashiato::base::config::postgres_search;
use ashiato::base::db::{self, DbRole};
use ashiato::base::postgres::{self, Durability, Launcher, Search};
use ashiato::visit::partitions;
use chrono::NaiveDate;
use std::path::{Path, PathBuf};

/// The rows fit into memory, and no checkpoint falls into a measurement. All else as Postgres comes.
const SETTINGS: [(&str, &str); 7] = [
    ("shared_buffers", "1GB"),
    ("max_wal_size", "16GB"),
    ("min_wal_size", "2GB"),
    ("checkpoint_timeout", "15min"),
    ("jit", "off"),
    ("max_parallel_workers_per_gather", "0"),
    ("max_connections", "100"),
];

struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _best_effort = std::fs::remove_dir_all(&self.0);
    }
}

/// The server and its directory, gone when dropped.
pub struct BenchServer {
    postgres: postgres::Server,
    scratch: Scratch,
    date: NaiveDate,
}

impl BenchServer {
    pub async fn start() -> Result<Self> {
        // Under target/: a temporary folder may lie in memory, where a commit costs nothing.
        let parent = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let scratch = Scratch(parent.join(format!("check-in-{:08x}", rand::random::<u32>())));
        let (pg_bin, path) = postgres_search();
        let mut launcher = Launcher::new(&scratch.0, Search { pg_bin, path }).durability(Durability::Full);
        for (name, value) in SETTINGS {
            launcher = launcher.setting(name, value);
        }
        let server = tokio::task::spawn_blocking(move || launcher.start()).await??;
        let server = Self { postgres: server, scratch, date: Zone(chrono_tz::Asia::Tokyo).today(SystemClock.now()) };
        db::migrate(&server.url()).await?;
        partitions::ensure_days(&mut db::connect(&server.url(), DbRole::Notifier).await?, server.date, 1).await?;
        Ok(server)
    }

    pub fn url(&self) -> String {
        self.postgres.url("postgres")
    }

    pub fn socket_dir(&self) -> &Path {
        self.postgres.socket_dir()
    }

    /// A directory on the disk that the server uses.
    pub fn scratch(&self) -> &Path {
        &self.scratch.0
    }

    /// The date that every measurement writes to.
    pub fn date(&self) -> NaiveDate {
        self.date
    }

    /// Removes all visits, so that each measurement begins with the same table.
    pub async fn empty(&self) -> Result<()> {
        let mut connection = db::connect(&self.url(), DbRole::Owner).await?;
        sqlx::query("truncate visit").execute(&mut connection).await?;
        sqlx::query("checkpoint").execute(&mut connection).await?;
        Ok(())
    }

    /// Every answered check-in was a different person: as many rows must be there, none more.
    pub async fn check_rows(&self, answered: u64) -> Result<()> {
        let mut connection = db::connect(&self.url(), DbRole::Owner).await?;
        let rows: i64 = sqlx::query_scalar("select count(*) from visit").fetch_one(&mut connection).await?;
        ensure!(u64::try_from(rows)? == answered, "{answered} answered, {rows} rows stored");
        Ok(())
    }
}
