//! The cluster on disk: where it lies, whose it is, how it is made, and who else still uses it.
use super::account::{self, Account};
use super::binaries::Binaries;
use super::error::{Error, io_error, last_words};
use super::keeper::wait_until;
use super::{Durability, FAST_STOP, IMMEDIATE_STOP, SUPERUSER};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The cluster's directory inside its home.
const NAME: &str = "postgres";

/// The name of a half-made cluster until it is whole. Such a directory is never a cluster.
const NEW_PREFIX: &str = ".postgres-new-";

/// Bytes of the SHA-256 of a data directory's path that name its home elsewhere: 64 bits never collide on one machine.
const HASH_BYTES: usize = 8;

/// Where the cluster lies, and who runs it.
#[derive(Debug)]
pub(super) struct Place {
    /// The directory that holds the cluster and half-made ones.
    home: PathBuf,
    /// The cluster.
    pub(super) dir: PathBuf,
    /// The account that runs its server.
    pub(super) account: Account,
    /// One line when `home` is not the data directory.
    pub(super) notice: Option<String>,
}

impl Place {
    /// Decides where the cluster of `data_dir` lies (docs/DESIGN.md §3 "Embedded default"). `uid` is our own effective user id.
    ///
    /// A cluster that exists stays where it is: a change of rights must not make an empty second one.
    pub(super) fn of(data_dir: &Path, away_root: &Path, uid: u32) -> Result<Self, Error> {
        let here = data_dir.join(NAME);
        if is_taken(&here)? {
            return Self::existing(data_dir, uid);
        }
        let account = Account::pick(uid)?;
        let away = away_root.join(hash(data_dir));
        if is_taken(&away.join(NAME))? {
            return Ok(Self { notice: Some(notice(data_dir, &away)), ..Self::existing(&away, uid)? });
        }
        if account.can_enter(data_dir) {
            return Ok(Self { home: data_dir.to_owned(), dir: here, account, notice: None });
        }
        make_away(away_root, &away)?;
        if !account.can_enter(&away) {
            return Err(Error::NotOurs { dir: away.join(NAME), reason: "the server's user cannot enter its directory" });
        }
        Ok(Self { dir: away.join(NAME), notice: Some(notice(data_dir, &away)), home: away, account })
    }

    fn existing(home: &Path, uid: u32) -> Result<Self, Error> {
        let dir = home.join(NAME);
        check_shape(&dir)?;
        let account = match account::owner(&dir, uid)? {
            Some(owner) => owner,
            None => Account::pick(uid)?,
        };
        if !account.can_enter(home) {
            return Err(Error::NotOurs { dir, reason: "the user who owns it cannot enter the directory above it" });
        }
        Ok(Self { home: home.to_owned(), dir, account, notice: None })
    }

    /// The cluster's major version; `None` when there is no cluster yet.
    pub(super) fn major(&self) -> Result<Option<String>, Error> {
        let file = self.dir.join("PG_VERSION");
        match fs::read_to_string(&file) {
            Ok(text) => Ok(Some(text.trim().to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(io_error("cannot read", &file)(error)),
        }
    }

    /// Gives a cluster that root owns (a copy made by root) to the server's account.
    pub(super) fn claim(&self, uid: u32) -> Result<(), Error> {
        match account::owner(&self.dir, uid)? {
            Some(_) => Ok(()),
            None => self.account.own_all(&self.dir),
        }
    }

    /// Makes the cluster: whole or not at all. `initdb` works in a directory of another name, which is then renamed.
    pub(super) fn init(&self, binaries: &Binaries, durability: Durability) -> Result<(), Error> {
        self.sweep();
        let half_made = self.home.join(format!("{NEW_PREFIX}{:08x}", rand::random::<u32>()));
        let made = self
            .init_in(&half_made, binaries, durability)
            .and_then(|()| fs::rename(&half_made, &self.dir).map_err(io_error("cannot make", &self.dir)));
        if made.is_err() {
            let _ = fs::remove_dir_all(&half_made);
        } else if durability == Durability::Full {
            fs::File::open(&self.home).and_then(|home| home.sync_all()).map_err(io_error("cannot sync", &self.home))?;
        }
        made
    }

    fn init_in(&self, half_made: &Path, binaries: &Binaries, durability: Durability) -> Result<(), Error> {
        let mut said = String::new();
        // C.UTF-8 is not on every system; plain C sorts the same way, by bytes.
        for locale in ["C.UTF-8", "C"] {
            make_private(half_made)?;
            self.account.own(half_made)?;
            said = match run(self.initdb(half_made, binaries, durability, locale))? {
                Outcome::Done => return Ok(()),
                Outcome::Failed(said) => said,
            };
            if !said.contains("locale") {
                break;
            }
            fs::remove_dir_all(half_made).map_err(io_error("cannot remove", half_made))?;
        }
        Err(Error::Init { dir: self.dir.clone(), said })
    }

    fn initdb(&self, dir: &Path, binaries: &Binaries, durability: Durability, locale: &str) -> Command {
        let mut initdb = self.account.command(binaries.program("initdb"));
        initdb.arg("-D").arg(dir).args(["-U", SUPERUSER, "--encoding=UTF8", "--data-checksums"]);
        // Only the private socket directory leads in, so the socket needs no password and TCP gets no entry at all.
        initdb.args(["--auth-local=trust", "--auth-host=reject"]).arg(format!("--locale={locale}"));
        if durability == Durability::Fast {
            initdb.arg("--no-sync");
        }
        initdb
    }

    /// Removes what an `initdb` that was killed left behind. The caller holds the lock, so nobody is at work there.
    fn sweep(&self) {
        for entry in fs::read_dir(&self.home).into_iter().flatten().flatten() {
            if entry.file_name().as_bytes().starts_with(NEW_PREFIX.as_bytes()) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
    }

    /// Stops a server that an earlier run left, and removes the trace of one that is gone.
    pub(super) fn clear_left_over(&self, binaries: &Binaries) -> Result<(), Error> {
        let Some(pid) = self.recorded_pid() else {
            return Ok(());
        };
        let here = processes_in(&self.dir);
        match &here {
            // Without /proc only pg_ctl can tell.
            None if self.pg_ctl_sees_it(binaries) => return self.stop_left_over(binaries),
            None => return Ok(()),
            Some(here) if here.contains(&pid) => return self.stop_left_over(binaries),
            Some(_) => {}
        }
        // The postmaster is gone. Its backends notice and go; two servers on the same files would destroy them.
        if !wait_until(FAST_STOP, || processes_in(&self.dir).is_some_and(|here| here.is_empty())) {
            let said = "processes of a server that crashed are still there".to_owned();
            return Err(Error::LeftOver { dir: self.dir.clone(), said });
        }
        // PostgreSQL judges by the bare number and would take whoever bears it now for a server.
        if Path::new("/proc").join(pid.to_string()).exists() {
            fs::remove_file(self.pid_file()).map_err(io_error("cannot remove", &self.pid_file()))?;
        }
        Ok(())
    }

    fn stop_left_over(&self, binaries: &Binaries) -> Result<(), Error> {
        if let Outcome::Done = run(self.pg_ctl_stop(binaries, "fast", FAST_STOP))? {
            return Ok(());
        }
        match run(self.pg_ctl_stop(binaries, "immediate", IMMEDIATE_STOP))? {
            Outcome::Done => Ok(()),
            // It may have ended between the two.
            Outcome::Failed(_) if self.recorded_pid().is_none() => Ok(()),
            Outcome::Failed(said) => Err(Error::LeftOver { dir: self.dir.clone(), said }),
        }
    }

    /// Ends the server without a checkpoint; the next start recovers from the log.
    pub(super) fn stop_at_once(&self, binaries: &Binaries) {
        let _ = run(self.pg_ctl_stop(binaries, "immediate", IMMEDIATE_STOP));
    }

    fn pg_ctl(&self, binaries: &Binaries) -> Command {
        let mut pg_ctl = self.account.command(binaries.program("pg_ctl"));
        pg_ctl.arg("-D").arg(&self.dir);
        pg_ctl
    }

    fn pg_ctl_stop(&self, binaries: &Binaries, mode: &str, limit: Duration) -> Command {
        let mut stop = self.pg_ctl(binaries);
        stop.args(["stop", "-w", "-m", mode, "-t"]).arg(limit.as_secs().to_string());
        stop
    }

    fn pg_ctl_sees_it(&self, binaries: &Binaries) -> bool {
        let mut status = self.pg_ctl(binaries);
        status.arg("status").output().is_ok_and(|output| output.status.success())
    }

    fn pid_file(&self) -> PathBuf {
        self.dir.join("postmaster.pid")
    }

    /// The first line of `postmaster.pid`; a single-user server writes its number negated.
    fn recorded_pid(&self) -> Option<u32> {
        let text = fs::read(self.pid_file()).ok()?;
        let text = String::from_utf8_lossy(&text);
        text.lines().next()?.trim().parse::<i32>().ok().map(i32::unsigned_abs)
    }
}

/// Every process that works in `dir`, as all of a server's processes do. `None` without a Linux `/proc`.
fn processes_in(dir: &Path) -> Option<Vec<u32>> {
    Path::new("/proc/self/cwd").symlink_metadata().ok()?;
    let dir = dir.canonicalize().ok()?;
    let entries = fs::read_dir("/proc").ok()?.flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    Some(pids.filter(|pid| fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == dir)).collect())
}

enum Outcome {
    Done,
    Failed(String),
}

/// Runs a program to its end and keeps its last words.
fn run(mut command: Command) -> Result<Outcome, Error> {
    let output = command.output().map_err(io_error("cannot run", Path::new(command.get_program())))?;
    if output.status.success() {
        return Ok(Outcome::Done);
    }
    Ok(Outcome::Failed(last_words(&String::from_utf8_lossy(&output.stderr))))
}

/// Whether something lies at `dir`. An empty directory is nothing: people make them beforehand.
fn is_taken(dir: &Path) -> Result<bool, Error> {
    match fs::read_dir(dir) {
        Ok(mut entries) => Ok(entries.next().is_some()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Err(Error::NotOurs { dir: dir.to_owned(), reason: "it belongs to another user" })
        }
        Err(error) => Err(io_error("cannot read", dir)(error)),
    }
}

/// Refuses what cannot be a cluster before anything touches it.
fn check_shape(dir: &Path) -> Result<(), Error> {
    let damaged = |reason| Err(Error::Damaged { dir: dir.to_owned(), reason });
    if !dir.is_dir() {
        return damaged("it is not a directory");
    }
    match fs::read_to_string(dir.join("PG_VERSION")) {
        Ok(text) if text.trim().is_empty() => damaged("its PG_VERSION is empty"),
        Ok(_) if !dir.join("global/pg_control").is_file() => damaged("it lacks global/pg_control"),
        Ok(_) => Ok(()),
        Err(_) => damaged("it is not empty and has no readable PG_VERSION"),
    }
}

fn make_private(dir: &Path) -> Result<(), Error> {
    fs::DirBuilder::new().mode(0o700).create(dir).map_err(io_error("cannot make", dir))
}

/// Makes the home elsewhere. Others may pass through it, whatever our umask says, but not list it.
fn make_away(root: &Path, away: &Path) -> Result<(), Error> {
    fs::create_dir_all(away).map_err(io_error("cannot make", away))?;
    for dir in [root, away] {
        fs::set_permissions(dir, fs::Permissions::from_mode(0o711)).map_err(io_error("cannot open", dir))?;
    }
    Ok(())
}

fn hash(data_dir: &Path) -> String {
    let digest = Sha256::digest(data_dir.as_os_str().as_bytes());
    HEXLOWER.encode(digest.get(..HASH_BYTES).unwrap_or_default())
}

fn notice(data_dir: &Path, away: &Path) -> String {
    format!(
        "the database lies in {}, because PostgreSQL does not run as root and its user cannot enter {}",
        away.display(),
        data_dir.display()
    )
}
