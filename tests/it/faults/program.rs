//! `ashiato` as a child process. It dies with its guard.
use crate::support::db::scratch;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Longer than anything should take on a busy machine.
pub const PATIENT: Duration = Duration::from_secs(60);
/// Between two looks at something that another process changes.
const LOOK: Duration = Duration::from_millis(10);

/// A running program.
pub struct Program {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

/// How a program ended.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    pub out: String,
    pub err: String,
}

impl Ended {
    /// The exit code; none after a signal.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// Itself, if all went well.
    pub fn well(self) -> Self {
        assert_eq!(self.code(), Some(0), "{self:#?}");
        self
    }

    /// The one line with which it refused to start.
    pub fn refusal(&self) -> &str {
        assert_eq!(self.code(), Some(2), "{self:#?}");
        let line = self.err.trim_end();
        assert!(line.starts_with("ashiato: ") && line.lines().count() == 1, "one clear line: {self:#?}");
        line
    }
}

/// The program under test with nothing in its environment but `PATH`, and no input.
pub fn ashiato(arguments: &[&str]) -> Command {
    at(Path::new(env!("CARGO_BIN_EXE_ashiato")), arguments)
}

/// The same, from a copy that lies elsewhere.
pub fn at(binary: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary);
    command.args(arguments).env_clear().stdin(Stdio::null());
    let (pg_bin, path) = ashiato::base::config::postgres_search();
    command.envs(pg_bin.map(|value| ("PG_BIN", value.into_os_string()))).envs(path.map(|value| ("PATH", value)));
    command
}

impl Program {
    /// Starts it; what it says goes to files.
    pub fn start(mut command: Command) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let (dir, number) = (scratch().join("said"), NUMBER.fetch_add(1, Ordering::SeqCst));
        std::fs::create_dir_all(&dir).unwrap();
        let (out, err) = (dir.join(format!("{number}.out")), dir.join(format!("{number}.err")));
        let file = |path: &Path| std::fs::File::create(path).unwrap();
        let child = command.stdout(file(&out)).stderr(file(&err)).spawn().unwrap();
        Self { child, out, err }
    }

    /// What it has printed so far.
    pub fn out(&self) -> String {
        std::fs::read_to_string(&self.out).unwrap()
    }

    /// What it has logged so far.
    pub fn err(&self) -> String {
        std::fs::read_to_string(&self.err).unwrap()
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Sends a signal by its name, such as `TERM`.
    pub fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// `kill -9`, and waits until the kernel has cleared it away.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        assert_eq!(self.child.wait().unwrap().signal(), Some(9), "it had ended before: {}", self.err());
    }

    /// Waits for its end; panics when it takes longer than `limit`.
    pub async fn ended(mut self, limit: Duration) -> Ended {
        let status = until("the program ends", limit, async || self.child.try_wait().unwrap()).await;
        Ended { status, out: self.out(), err: self.err() }
    }

    /// Asks it to stop and waits for its end.
    pub async fn stopped(self, name: &str, limit: Duration) -> Ended {
        self.signal(name);
        self.ended(limit).await
    }

    /// Waits until it has printed a line that begins so.
    pub async fn says(&mut self, start: &str) {
        until(&format!("it says {start:?}"), PATIENT, async || {
            assert!(self.runs(), "it ended: {}", self.err());
            self.out().lines().any(|line| line.starts_with(start)).then_some(())
        })
        .await;
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended long ago.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command that ends by itself.
pub async fn run(command: Command) -> Ended {
    Program::start(command).ended(PATIENT).await
}

/// Sends a signal to one process.
pub fn signal(pid: u32, name: &str) {
    assert!(Command::new("/bin/sh").args(["-c", &format!("kill -{name} {pid}")]).status().unwrap().success());
}

/// Whether a process of this number runs.
pub fn lives(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

/// The server's number, from the data directory in which the launcher made its cluster.
pub fn postmaster(data_dir: &Path) -> u32 {
    let text = std::fs::read_to_string(data_dir.join("postgres/postmaster.pid")).unwrap();
    text.lines().next().unwrap().parse().unwrap()
}

/// Looks again and again until there is something to see. Panics after `limit`.
pub async fn until<T>(what: &str, limit: Duration, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(started.elapsed() < limit, "waited {limit:?} until {what}");
        tokio::time::sleep(LOOK).await;
    }
}
