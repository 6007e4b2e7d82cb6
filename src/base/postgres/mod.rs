//! Starts an own PostgreSQL for `ashiato demo` and for the tests (docs/DESIGN.md §3 "Embedded default").
//!
//! - The cluster lies in `<data dir>/postgres`, is made once, and is whole or absent.
//! - The server listens on a unix socket only, in a private directory; whoever can enter that directory is trusted:
//!   root and the account that runs the server.
//! - It never outlives us (`keeper`), and one data directory has one launcher at a time.
//! - Nothing here repairs or deletes a cluster.
//!
//! Everything blocks; asynchronous callers use `spawn_blocking`.
mod account;
mod binaries;
mod cluster;
mod error;
mod keeper;
mod probe;
mod socket;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use binaries::Search;
pub use error::Error;

use binaries::Binaries;
use cluster::Place;
use error::{io_error, last_words};
use keeper::{Keeper, POLL};
use probe::Answer;
use socket::SocketDir;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// The role and superuser that owns everything in a cluster of ours.
pub const SUPERUSER: &str = "ashiato";

/// How long a server may need until it accepts connections. Usually 0.1 s; recovery after a crash takes longer.
pub const START_LIMIT: Duration = Duration::from_secs(60);

/// How long a fast shutdown may need: it ends with a checkpoint.
pub const FAST_STOP: Duration = Duration::from_secs(7);

/// How long an immediate shutdown may need, after a fast one did not end in time. With [`KEEPER_END`] 10 s in all.
pub const IMMEDIATE_STOP: Duration = Duration::from_secs(2);

/// How long the keeper may need to notice that its server has ended.
const KEEPER_END: Duration = Duration::from_secs(1);

/// Where a cluster lies when the server's account cannot enter the data directory (FHS 3.0 §5.8: state of a program).
const AWAY: &str = "/var/lib/ashiato";

/// Where the socket directory is made. Not `TMPDIR`: a socket's path must be short, and macOS' is long.
const TEMPORARY: &str = "/tmp";

/// How much of the end of the log is read for an error.
const LOG_TAIL: u64 = 4 * 1024;

/// How durable a commit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// A commit is on the disk (`fsync` on).
    #[default]
    Full,
    /// A commit may vanish and the cluster may break when the machine fails. For tests.
    Fast,
}

/// How to start a server.
#[derive(Debug, Clone)]
pub struct Launcher {
    data_dir: PathBuf,
    search: Search,
    durability: Durability,
    settings: Vec<(String, String)>,
    temporary: PathBuf,
    away: PathBuf,
}

impl Launcher {
    /// A launcher for `data_dir`, which is made when absent.
    pub fn new(data_dir: impl Into<PathBuf>, search: Search) -> Self {
        Self {
            data_dir: data_dir.into(),
            search,
            durability: Durability::Full,
            settings: Vec::new(),
            temporary: TEMPORARY.into(),
            away: AWAY.into(),
        }
    }

    /// Chooses what a commit means. [`Durability::Full`] unless said.
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Adds a setting of the server (`postgresql.conf`), such as `max_connections`. A later one wins.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Chooses the folder for the socket directory; `/tmp` unless said. Its path must be short (about 70 bytes).
    #[must_use]
    pub fn temporary(mut self, dir: impl Into<PathBuf>) -> Self {
        self.temporary = dir.into();
        self
    }

    /// Starts the server, making its cluster first when there is none, and waits until it accepts connections.
    ///
    /// A server that an earlier run left on the same cluster is stopped first.
    /// Blocks for about a second the first time, at most [`START_LIMIT`] and what stopping a left-over takes.
    ///
    /// # Errors
    /// Every [`Error`]; an existing cluster is never changed by a start that fails.
    pub fn start(&self) -> Result<Server, Error> {
        let candidates = self.search.candidates()?;
        let data_dir = make_data_dir(&self.data_dir)?;
        let lock = lock(&data_dir)?;
        let socket = SocketDir::new(&self.temporary)?;
        let uid = socket.maker()?;
        let place = Place::of(&data_dir, &self.away, uid)?;
        let major = place.major()?;
        let binaries = binaries::choose(&candidates, &place.dir, major.as_deref())?;
        if major.is_some() {
            place.claim(uid)?;
            place.clear_left_over(&binaries)?;
        } else {
            place.init(&binaries, self.durability)?;
        }
        socket.give_to(place.account)?;
        let log = data_dir.join("postgres.log");
        let command = self.command(&place, &binaries, &socket);
        let keeper = Keeper::spawn(place.account, socket.path(), &command, &fresh_log(&log)?)?;
        let notice = place.notice.clone();
        let mut server = Server { keeper, place, binaries, data_dir, log, given_up: false, notice, socket, _lock: lock };
        server.wait_ready()?;
        Ok(server)
    }

    /// The server's command line. Only program and arguments count: the keeper sets the rest.
    fn command(&self, place: &Place, binaries: &Binaries, socket: &SocketDir) -> Command {
        let mut command = Command::new(binaries.program("postgres"));
        command.arg("-D").arg(&place.dir);
        let mut set = |name: &str, value: &str| {
            command.arg("-c").arg(format!("{name}={value}"));
        };
        set("listen_addresses", "");
        set("port", &socket::PORT.to_string());
        set("unix_socket_directories", &socket.as_setting());
        set("logging_collector", "off");
        set("log_destination", "stderr");
        // The log must hold no personal data: DETAIL lines repeat values, statements may hold them.
        set("log_error_verbosity", "terse");
        set("log_min_error_statement", "panic");
        let on = if self.durability == Durability::Full { "on" } else { "off" };
        for name in ["fsync", "synchronous_commit", "full_page_writes"] {
            set(name, on);
        }
        for (name, value) in &self.settings {
            set(name, value);
        }
        command
    }
}

/// A running server. Stops when it is dropped, and when our process ends in whatever way.
#[derive(Debug)]
pub struct Server {
    keeper: Keeper,
    place: Place,
    binaries: Binaries,
    data_dir: PathBuf,
    log: PathBuf,
    /// `stop` has already waited in vain.
    given_up: bool,
    /// One line for the operator when the cluster does not lie in the data directory.
    pub notice: Option<String>,
    // The order matters: after `drop` has stopped the server its socket goes, and last the lock.
    socket: SocketDir,
    _lock: Lock,
}

impl Server {
    /// The URL of a database in this server, for sqlx and libpq alike. Any name works; the database need not exist.
    pub fn url(&self, database: &str) -> String {
        self.socket.url(database, SUPERUSER)
    }

    /// The directory of the socket, for `psql -h`.
    pub fn socket_dir(&self) -> &Path {
        self.socket.path()
    }

    /// The data directory, absolute.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// Stops the server: fast (open transactions are rolled back), then at once. Takes at most 10 s.
    ///
    /// # Errors
    /// [`Error::DidNotStop`] when it still runs after [`FAST_STOP`] and [`IMMEDIATE_STOP`].
    pub fn stop(mut self) -> Result<(), Error> {
        if self.halt() {
            return Ok(());
        }
        self.given_up = true;
        Err(Error::DidNotStop { dir: self.place.dir.clone(), log: self.log.clone() })
    }

    /// Whether the server has ended. Does nothing when it had ended before.
    fn halt(&mut self) -> bool {
        self.keeper.ask_to_stop();
        if self.keeper.wait(FAST_STOP) {
            return true;
        }
        self.place.stop_at_once(&self.binaries);
        self.keeper.wait(KEEPER_END)
    }

    fn wait_ready(&mut self) -> Result<(), Error> {
        let (started, socket) = (Instant::now(), self.socket.file());
        loop {
            match probe::ask(&socket, SUPERUSER) {
                Answer::Ready => return Ok(()),
                Answer::Refused(said) => return Err(self.did_not_start(said)),
                Answer::NotYet if self.keeper.ended().is_some() => {
                    return Err(self.did_not_start(self.log_tail()));
                }
                Answer::NotYet if started.elapsed() >= START_LIMIT => {
                    return Err(self.did_not_start(format!("not ready after {START_LIMIT:?}: {}", self.log_tail())));
                }
                Answer::NotYet => std::thread::sleep(POLL),
            }
        }
    }

    fn did_not_start(&self, said: String) -> Error {
        Error::DidNotStart { dir: self.place.dir.clone(), log: self.log.clone(), said }
    }

    fn log_tail(&self) -> String {
        last_words(&read_tail(&self.log).unwrap_or_default())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !self.given_up && !self.halt() {
            tracing::warn!(log = %self.log.display(), "PostgreSQL did not stop in time");
        }
    }
}

/// The hold on a data directory.
#[derive(Debug)]
struct Lock(File);

impl Drop for Lock {
    /// Closing is not enough: a child that another thread has forked and that has not reached its program yet
    /// still shares the open file, and the lock with it (flock(2)). Unlocking counts for all of them.
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

/// Makes the data directory and names it absolutely, without links: the name decides where a cluster elsewhere lies.
fn make_data_dir(dir: &Path) -> Result<PathBuf, Error> {
    fs::create_dir_all(dir).and_then(|()| dir.canonicalize()).map_err(|error| not_writable(dir, error))
}

/// Takes the data directory for us. The system gives it back when we end, in whatever way.
fn lock(data_dir: &Path) -> Result<Lock, Error> {
    let path = data_dir.join("postgres.lock");
    let mut options = File::options();
    let file = options.write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = file.map_err(|error| not_writable(data_dir, error))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(Error::InUse { dir: data_dir.to_owned() }),
        // Some network file systems have no locks. Then PostgreSQL's own postmaster.pid is the only guard.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => Ok(Lock(file)),
        Err(TryLockError::Error(error)) => Err(io_error("cannot lock", &path)(error)),
    }
}

fn not_writable(dir: &Path, source: io::Error) -> Error {
    Error::NotWritable { dir: dir.to_owned(), source }
}

/// Opens an empty log for this run. One older log is kept, so two runs are the most that fill the disk.
fn fresh_log(log: &Path) -> Result<File, Error> {
    match fs::rename(log, log.with_extension("log.old")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(io_error("cannot rename", log)(error));
        }
        _ => {}
    }
    let mut options = File::options();
    options.append(true).create_new(true).mode(0o600).open(log).map_err(io_error("cannot make", log))
}

fn read_tail(log: &Path) -> io::Result<String> {
    let mut file = File::open(log)?;
    let start = file.metadata()?.len().saturating_sub(LOG_TAIL);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(LOG_TAIL).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
