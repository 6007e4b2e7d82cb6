//! Where a recorder's story plays: a database of its own, and where a server must stop or break, a server of its own.
use super::tcp_proxy::TcpProxy;
use crate::support::db::{Db, search};
use ashiato::base::db::{self, DbRole};
use ashiato::base::postgres::{Durability, Launcher, Server};
use ashiato::base::telemetry::Metrics;
use ashiato::visit::{Limits, Recorder, RecorderTask, VisitRow, partitions};
use chrono::NaiveDate;
use sqlx::PgConnection;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
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

/// A server of a test's own, behind a proxy.
struct Own {
    // Fields drop in this order: the server stops before its directory goes.
    server: Option<Server>,
    launcher: Launcher,
    proxy: TcpProxy,
    _scratch: Scratch,
}

pub struct RecorderFixture {
    own: Option<Own>,
    /// Straight to the database, as long as its server has not been started anew.
    url: String,
    pub metrics: Metrics,
}

impl RecorderFixture {
    /// A database in the run's common server.
    pub async fn shared() -> Self {
        Self::prepare(None, Db::fresh().await.url().to_owned()).await
    }

    /// A server of its own; [`Durability::Full`] as in production, or `Fast` where no machine fails in the story.
    pub async fn own(durability: Durability) -> Self {
        let directory = Path::new("/tmp").join(format!("ashiato-recorder-{:016x}", rand::random::<u64>()));
        let scratch = Scratch(directory);
        let launcher = Launcher::new(&scratch.0, search()).durability(durability);
        let server = start(&launcher).await;
        let proxy = TcpProxy::to(server.socket_dir()).await;
        let url = server.url("postgres");
        db::migrate(&url).await.unwrap();
        Self::prepare(Some(Own { server: Some(server), launcher, proxy, _scratch: scratch }), url).await
    }

    async fn prepare(own: Option<Own>, url: String) -> Self {
        let fixture = Self { own, url, metrics: Metrics::new(ashiato::base::telemetry::Half::Both) };
        partitions::ensure_days(&mut fixture.connect(DbRole::Notifier).await, today(), 1).await.unwrap();
        fixture
    }

    fn own_server(&mut self) -> &mut Own {
        self.own.as_mut().expect("the story has a server of its own")
    }

    pub async fn connect(&self, role: DbRole) -> PgConnection {
        db::connect(&self.url, role).await.unwrap()
    }

    pub fn proxy(&self) -> &TcpProxy {
        &self.own.as_ref().expect("a shared server has no proxy").proxy
    }

    pub fn open_proxy(&self) {
        let own = self.own.as_ref().expect("a shared server has no proxy");
        own.proxy.open(own.server.as_ref().expect("the server runs").socket_dir());
    }

    /// A recorder; it goes through the proxy where there is one.
    pub fn recorder(&self, limits: Limits) -> (Recorder, RecorderTask) {
        let url = self.own.as_ref().map_or_else(|| self.url.clone(), |own| own.proxy.url("postgres"));
        Recorder::start(&url, &self.metrics, limits)
    }

    pub async fn stop_server(&mut self) {
        let own = self.own_server();
        own.proxy.shut();
        let server = own.server.take().expect("the server runs");
        tokio::task::spawn_blocking(move || server.stop()).await.unwrap().unwrap();
    }

    /// Ends all of Postgres at once, without a word to it.
    pub async fn kill_server(&mut self) {
        let mut connection = self.connect(DbRole::Owner).await;
        let pid: String =
            sqlx::query_scalar("select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)").fetch_one(&mut connection).await.unwrap();
        let killed = std::process::Command::new("kill").args(["-9", &pid]).status().unwrap();
        assert!(killed.success());
        let server = self.own_server().server.take();
        tokio::task::spawn_blocking(move || drop(server)).await.unwrap();
    }

    pub async fn start_server(&mut self) {
        let own = self.own_server();
        let server = start(&own.launcher).await;
        let url = server.url("postgres");
        own.server = Some(server);
        self.url = url;
        self.open_proxy();
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
        let waits = "select exists (select from pg_locks l join pg_database d on d.oid = l.database where not granted and datname = current_database())";
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
