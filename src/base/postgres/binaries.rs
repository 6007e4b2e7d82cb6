//! Finds PostgreSQL's server programs.
use super::error::Error;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where Debian and Ubuntu put the server programs, one directory per major version.
const DEBIAN_ROOT: &str = "/usr/lib/postgresql";

/// The programs we run. `postgres` first: its absence is the usual case (only the client is installed).
const PROGRAMS: [&str; 3] = ["postgres", "initdb", "pg_ctl"];

/// Where to look for the server programs. `base::config` fills it from the environment.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// `PG_BIN`. When given it is the only place: a setting that is wrong must not be passed over in silence.
    pub pg_bin: Option<PathBuf>,
    /// `PATH`.
    pub path: Option<OsString>,
}

impl Search {
    /// Every directory that holds the programs: `PG_BIN` alone, else `PATH`, then Debian's, newest first.
    pub(super) fn candidates(&self) -> Result<Vec<Binaries>, Error> {
        self.candidates_under(Path::new(DEBIAN_ROOT))
    }

    fn candidates_under(&self, debian_root: &Path) -> Result<Vec<Binaries>, Error> {
        let dirs = match &self.pg_bin {
            Some(dir) => vec![dir.clone()],
            None => self.usual_places(debian_root),
        };
        let found: Vec<Binaries> = dirs.iter().filter_map(|dir| Binaries::in_dir(dir)).collect();
        if found.is_empty() {
            return Err(Error::NoBinaries { looked_in: self.in_words(debian_root) });
        }
        Ok(found)
    }

    fn usual_places(&self, debian_root: &Path) -> Vec<PathBuf> {
        let path = self.path.as_deref().unwrap_or_default().as_bytes().split(|byte| *byte == b':');
        let named = path.filter(|dir| !dir.is_empty()).map(|dir| PathBuf::from(OsStr::from_bytes(dir)));
        named.chain(newest_first(debian_root)).collect()
    }

    fn in_words(&self, debian_root: &Path) -> String {
        match &self.pg_bin {
            Some(dir) => format!("PG_BIN={}", dir.display()),
            None => format!("PATH and {}/*/bin", debian_root.display()),
        }
    }
}

/// `<root>/<major>/bin`, the highest major first. Names that are no number are no version.
fn newest_first(root: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root).into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> =
        entries.filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin")))).collect();
    versions.sort_by_key(|(major, _)| std::cmp::Reverse(*major));
    versions.into_iter().map(|(_, bin)| bin).collect()
}

/// A directory that holds all of [`PROGRAMS`].
#[derive(Debug, Clone)]
pub(super) struct Binaries {
    dir: PathBuf,
}

impl Binaries {
    fn in_dir(dir: &Path) -> Option<Self> {
        let dir = std::path::absolute(dir).ok()?;
        PROGRAMS.iter().all(|name| is_executable(&dir.join(name))).then_some(Self { dir })
    }

    /// The path of one of the programs.
    pub(super) fn program(&self, name: &'static str) -> PathBuf {
        self.dir.join(name)
    }

    /// The major version, as `PG_VERSION` writes it. `None` when the program does not run or says something else.
    fn major(&self) -> Option<String> {
        let output = Command::new(self.program("postgres")).arg("--version").current_dir("/").output().ok()?;
        major_in(&String::from_utf8_lossy(&output.stdout))
    }
}

fn is_executable(file: &Path) -> bool {
    file.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// `postgres (PostgreSQL) 15.14 (Debian …)` → `15`; `19beta1` → `19`.
fn major_in(version_line: &str) -> Option<String> {
    let version = version_line.split_once("(PostgreSQL) ")?.1;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    (!digits.is_empty()).then_some(digits)
}

/// The first of `candidates` for a new cluster, or the first of the cluster's own major version.
pub(super) fn choose(candidates: &[Binaries], cluster: &Path, major: Option<&str>) -> Result<Binaries, Error> {
    let mut found = Vec::new();
    for binaries in candidates {
        let Some(wanted) = major else {
            return Ok(binaries.clone());
        };
        match binaries.major() {
            Some(own) if own == wanted => return Ok(binaries.clone()),
            Some(own) => found.push(own),
            None => {}
        }
    }
    Err(Error::OtherVersion {
        dir: cluster.to_owned(),
        cluster: major.unwrap_or_default().to_owned(),
        found: if found.is_empty() { "an unknown version".to_owned() } else { found.join(", ") },
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Scratch;
    use super::*;
    use std::fs;

    fn install(bin: &Path, version: &str) {
        fs::create_dir_all(bin).unwrap();
        for name in PROGRAMS {
            let file = bin.join(name);
            fs::write(&file, format!("#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    #[test]
    fn looks_in_path_first_then_in_the_newest_version() {
        let scratch = Scratch::new();
        let debian = scratch.path().join("debian");
        for major in ["9", "15", "17"] {
            install(&debian.join(major).join("bin"), major);
        }
        fs::create_dir_all(debian.join("common/bin")).unwrap();
        let own = scratch.path().join("own");
        install(&own, "16.1");
        let dirs = |path: Option<OsString>| -> Vec<PathBuf> {
            let search = Search { pg_bin: None, path };
            search.candidates_under(&debian).unwrap().into_iter().map(|found| found.dir).collect()
        };
        let debians = ["17/bin", "15/bin", "9/bin"].map(|bin| debian.join(bin));
        assert_eq!(dirs(None), debians);
        let path = format!("/nowhere::{}", own.display());
        assert_eq!(dirs(Some(path.into())).first(), Some(&own));
    }

    #[test]
    fn a_wrong_pg_bin_is_said_and_not_passed_over() {
        let scratch = Scratch::new();
        install(&scratch.path().join("17/bin"), "17.0");
        let search = Search { pg_bin: Some("/no such place".into()), path: None };
        let said = search.candidates_under(scratch.path()).unwrap_err().to_string();
        assert!(said.contains("PG_BIN=/no such place"), "{said}");
    }

    #[test]
    fn missing_programs_name_the_package_in_one_line() {
        let scratch = Scratch::new();
        let bin = scratch.path().join("17/bin");
        install(&bin, "17.0");
        fs::set_permissions(bin.join("pg_ctl"), fs::Permissions::from_mode(0o644)).unwrap();
        let said = Search::default().candidates_under(scratch.path()).unwrap_err().to_string();
        assert!(said.contains("apt-get install postgresql"), "{said}");
        assert_eq!(said.lines().count(), 1);
    }

    #[test]
    fn an_existing_cluster_gets_the_programs_of_its_own_version() {
        let scratch = Scratch::new();
        for version in ["15.14 (Debian 15.14-0)", "19beta1"] {
            install(&scratch.path().join(version.get(..2).unwrap()).join("bin"), version);
        }
        let found = Search::default().candidates_under(scratch.path()).unwrap();
        let chosen = |major| choose(&found, Path::new("/data/postgres"), major);
        assert_eq!(chosen(None).unwrap().dir, scratch.path().join("19/bin"));
        assert_eq!(chosen(Some("15")).unwrap().dir, scratch.path().join("15/bin"));
        let said = chosen(Some("14")).unwrap_err().to_string();
        assert!(said.contains("/data/postgres") && said.contains("PostgreSQL 19, 15"), "{said}");
        assert!(said.contains("nothing was changed"), "{said}");
    }
}
