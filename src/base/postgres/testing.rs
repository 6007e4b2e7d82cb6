//! Helpers that the launcher's tests share.
use super::*;
use std::os::unix::fs::PermissionsExt;

/// A directory of a test's own, which everybody may enter. Removed on drop.
pub(super) struct Scratch {
    path: PathBuf,
}

impl Scratch {
    pub(super) fn new() -> Self {
        let path = PathBuf::from(format!("/tmp/ashiato-test-{:016x}", rand::random::<u64>()));
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Self { path }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

#[expect(clippy::disallowed_methods, reason = "a test's own switches, not settings of the program")]
pub(super) fn variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}

/// Says on the terminal what libtest would capture.
pub(super) fn say(line: &str) {
    use std::io::Write;
    writeln!(io::stdout(), "{line}").unwrap();
}

/// Where the programs are; `None`, said aloud, on a machine without PostgreSQL.
pub(super) fn search() -> Option<Search> {
    let search = Search { pg_bin: None, path: variable("PATH") };
    match search.candidates() {
        Ok(_) => return Some(search),
        Err(error) if variable("ASHIATO_NO_SKIP").is_some_and(|value| value == "1") => {
            panic!("{error}")
        }
        Err(error) => say(&format!("skipped: {error}")),
    }
    None
}

/// A launcher that is quick and cannot touch the real `/var/lib`.
pub(super) fn launcher(data_dir: &Path, scratch: &Scratch) -> Option<Launcher> {
    let mut launcher = Launcher::new(data_dir, search()?).durability(Durability::Fast);
    launcher.away = scratch.path().join("away");
    Some(launcher)
}

/// Runs SQL through `psql`, which reads our URL with libpq.
pub(super) fn psql(server: &Server, sql: &str) -> String {
    let mut psql = Command::new("psql");
    let output = psql.args(["-XAtq", "-d", &server.url("postgres"), "-c", sql]).output().unwrap();
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)).trim().to_owned()
}

/// The number of the running postmaster.
pub(super) fn postmaster(data_dir: &Path) -> u32 {
    let text = fs::read_to_string(data_dir.join("postgres/postmaster.pid")).unwrap();
    text.lines().next().unwrap().parse().unwrap()
}

pub(super) fn lives(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}
