//! A database of its own for every test: one server a run, one migrated template, a clone in some 30 ms.
use ashiato::base::config::postgres_search;
use ashiato::base::db::{self, DbRole};
use ashiato::base::postgres::{Durability, Launcher, Search, Server};
use sqlx::{Connection, PgConnection, PgPool};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::OnceCell;

const TEMPLATE: &str = "ashiato_template";

/// A fresh, migrated database with partitions for a month around the tests' dates.
pub struct Db {
    url: String,
}

impl Db {
    /// Clones the template.
    pub async fn fresh() -> Self {
        static TEMPLATE_READY: OnceCell<()> = OnceCell::const_new();
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        TEMPLATE_READY.get_or_init(make_template).await;
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::SeqCst));
        administer(&format!("create database {name} template {TEMPLATE} strategy file_copy")).await;
        Self { url: server().url(&name) }
    }

    /// A database on a server of the test's own, migrated here.
    pub async fn at(url: String) -> Self {
        db::migrate(&url).await.unwrap();
        Self { url }
    }

    /// The database's URL, as the schema's owner.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A small pool that wears `role`.
    pub async fn pool(&self, role: DbRole) -> PgPool {
        db::pool(&self.url, role, 8).unwrap()
    }

    /// One connection that wears `role`.
    pub async fn connect(&self, role: DbRole) -> PgConnection {
        db::connect(&self.url, role).await.unwrap()
    }
}

async fn make_template() {
    administer(&format!("create database {TEMPLATE}")).await;
    db::migrate(&server().url(TEMPLATE)).await.unwrap();
}

/// Runs a statement that belongs to no database. `create database` cannot run twice at once on one template: retried.
async fn administer(statement: &str) {
    static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let _turn = TURN.lock().await;
    let mut connection = PgConnection::connect(&server().url("postgres")).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned())).execute(&mut connection).await.unwrap();
}

/// How tests search for Postgres' binaries.
pub fn search() -> Search {
    let (pg_bin, path) = postgres_search();
    Search { pg_bin, path }
}

/// A folder for this run, away from the sources; folders of runs that have ended are removed in the background.
pub fn scratch() -> &'static Path {
    static SCRATCH: OnceLock<PathBuf> = OnceLock::new();
    SCRATCH.get_or_init(|| {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR"));
        std::thread::spawn(move || remove_old_runs(root));
        root.join(format!("run-{}", std::process::id()))
    })
}

fn remove_old_runs(root: &Path) {
    for old in std::fs::read_dir(root).into_iter().flatten().flatten() {
        let pid = old.file_name().to_string_lossy().strip_prefix("run-").map(ToOwned::to_owned);
        if pid.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            let _gone_or_not = std::fs::remove_dir_all(old.path());
        }
    }
}

/// The run's server. It ends with this process, however that ends.
fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        Launcher::new(scratch().join("postgres"), search())
            .durability(Durability::Fast)
            .setting("max_connections", "300")
            .setting("shared_buffers", "256MB")
            .start()
            .unwrap_or_else(|error| panic!("tests need PostgreSQL: {error}"))
    })
}
