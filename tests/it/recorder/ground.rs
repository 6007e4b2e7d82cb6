//! A server of the test's own, migrated, with partitions for the dates that the stories use.
use super::door::Door;
use ashiato::base::config::postgres_search;
use ashiato::base::db::{self, DbRole};
use ashiato::base::postgres::{Durability, Launcher, Search, Server};
use ashiato::base::telemetry::Metrics;
use ashiato::visit::{Limits, Recorder, RecorderTask, VisitRow, partitions};
use chrono::NaiveDate;
use sqlx::PgConnection;
use std::collections::HashSet;
use std::path::PathBuf;
use uuid::Uuid;

/// What tells one visit of a story from another; its epoch and sealed bytes are made up.
pub type Key = (Uuid, [u8; 16]);

/// A directory that the server's account may enter, removed at the end.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _best_effort = std::fs::remove_dir_all(&self.0);
    }
}

pub struct Ground {
    // Fields drop in this order: the server stops before its directory goes.
    server: Option<Server>,
    launcher: Launcher,
    door: Door,
    _scratch: Scratch,
    pub metrics: Metrics,
}

impl Ground {
    /// A server whose commits may be lost with the machine, which no test does to it.
    pub async fn fast() -> Self {
        Self::with(Durability::Fast).await
    }

    /// A server as in production: fsync on.
    pub async fn durable() -> Self {
        Self::with(Durability::Full).await
    }

    async fn with(durability: Durability) -> Self {
        let scratch = Scratch(std::env::temp_dir().join(format!("ashiato-recorder-{:016x}", rand::random::<u64>())));
        let (pg_bin, path) = postgres_search();
        let launcher = Launcher::new(&scratch.0, Search { pg_bin, path }).durability(durability);
        let server = start(&launcher).await;
        let door = Door::to(server.socket_dir()).await;
        let ground = Self { server: Some(server), launcher, door, _scratch: scratch, metrics: Metrics::new() };
        db::migrate(&ground.url()).await.unwrap();
        partitions::ensure_days(&mut ground.connect(DbRole::Notifier).await, today(), 1).await.unwrap();
        ground
    }

    fn server(&self) -> &Server {
        self.server.as_ref().expect("the server runs")
    }

    /// Straight to the server, past the door.
    fn url(&self) -> String {
        self.server().url("postgres")
    }

    pub async fn connect(&self, role: DbRole) -> PgConnection {
        db::connect(&self.url(), role).await.unwrap()
    }

    pub fn door(&self) -> &Door {
        &self.door
    }

    pub fn open_door(&self) {
        self.door.open(self.server().socket_dir());
    }

    /// A recorder that goes through the door.
    pub fn recorder(&self, limits: Limits) -> (Recorder, RecorderTask) {
        Recorder::start(&self.door.url("postgres"), &self.metrics, limits)
    }

    pub async fn stop_server(&mut self) {
        self.door.shut();
        let server = self.server.take().expect("the server runs");
        tokio::task::spawn_blocking(move || server.stop()).await.unwrap().unwrap();
    }

    /// As if the machine had been switched off, for all that Postgres knows.
    pub async fn kill_server(&mut self) {
        let mut connection = self.connect(DbRole::Owner).await;
        let pid: String =
            sqlx::query_scalar("select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)").fetch_one(&mut connection).await.unwrap();
        let killed = std::process::Command::new("kill").args(["-9", &pid]).status().unwrap();
        assert!(killed.success());
        let server = self.server.take();
        tokio::task::spawn_blocking(move || drop(server)).await.unwrap();
    }

    pub async fn start_server(&mut self) {
        self.server = Some(start(&self.launcher).await);
        self.open_door();
    }

    /// All visits that are stored.
    pub async fn stored(&self) -> Vec<Key> {
        let rows: Vec<(Uuid, Vec<u8>)> =
            sqlx::query_as("select venue_id, mac from visit").fetch_all(&mut self.connect(DbRole::Web).await).await.unwrap();
        rows.into_iter().map(|(venue, mac)| (venue, mac.try_into().unwrap())).collect()
    }

    pub async fn stored_set(&self) -> HashSet<Key> {
        let rows = self.stored().await;
        let set: HashSet<Key> = rows.iter().copied().collect();
        assert_eq!(set.len(), rows.len(), "a visit is stored once");
        set
    }

    /// How often `outcome` was counted.
    pub fn counted(&self, outcome: &'static str) -> u64 {
        self.metrics.check_ins.get_or_create(&[("outcome", outcome)]).get()
    }

    /// Waits until a session of the recorder waits for a lock.
    pub async fn until_recorder_waits_for_lock(&self) {
        let mut connection = self.connect(DbRole::Owner).await;
        let waits = "select exists (select from pg_locks where not granted)";
        while !sqlx::query_scalar::<_, bool>(waits).fetch_one(&mut connection).await.unwrap() {
            tokio::task::yield_now().await;
        }
    }
}

async fn start(launcher: &Launcher) -> Server {
    let launcher = launcher.clone();
    tokio::task::spawn_blocking(move || launcher.start()).await.unwrap().unwrap()
}

pub fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()
}

pub fn visit_on(visit_date: NaiveDate, (venue_id, mac): Key) -> VisitRow {
    VisitRow { venue_id, visit_date, mac, epoch_id: 7, poster_no: 1, sealed: vec![0xA5; 92] }
}

pub fn visit(key: Key) -> VisitRow {
    visit_on(today(), key)
}

/// Somebody new somewhere else.
pub fn anyone() -> Key {
    (Uuid::new_v4(), rand::random())
}
