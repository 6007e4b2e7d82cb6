//! Errors of the launcher, each as one line that a person at a terminal can act on.
use std::io;
use std::path::{Path, PathBuf};

/// Why no server could be started or stopped. Every `Display` is one line and names the directory concerned.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No directory holds `initdb`, `postgres` and `pg_ctl`.
    #[error(
        "the PostgreSQL server programs (initdb, postgres, pg_ctl) were not found in {looked_in}; \
         install them (Debian and Ubuntu: apt-get install postgresql) or point PG_BIN at their directory"
    )]
    NoBinaries {
        /// Where we looked, in words.
        looked_in: String,
    },
    /// The data directory cannot be made or written.
    #[error("the data directory {} cannot be written: {source}", dir.display())]
    NotWritable {
        /// The data directory.
        dir: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// Another living launcher holds this data directory.
    #[error("the data directory {} is in use by another running ashiato; stop that one first", dir.display())]
    InUse {
        /// The data directory.
        dir: PathBuf,
    },
    /// Something else lies where the cluster should lie. It was not touched.
    #[error("{} holds no usable PostgreSQL cluster ({reason}); nothing was changed there", dir.display())]
    Damaged {
        /// The directory of the cluster.
        dir: PathBuf,
        /// The mistake in it.
        reason: &'static str,
    },
    /// The cluster was made by a major version of which no programs were found. It was not touched.
    #[error(
        "the cluster in {} was made by PostgreSQL {cluster}, but only PostgreSQL {found} was found; \
         install version {cluster} (apt-get install postgresql-{cluster}); nothing was changed there",
        dir.display()
    )]
    OtherVersion {
        /// The directory of the cluster.
        dir: PathBuf,
        /// Major version in `PG_VERSION`.
        cluster: String,
        /// Major versions of the programs found, separated by commas.
        found: String,
    },
    /// The cluster belongs to somebody else, or somebody else's rights are needed to reach it.
    #[error("the cluster in {} cannot be used: {reason}; nothing was changed there", dir.display())]
    NotOurs {
        /// The directory of the cluster.
        dir: PathBuf,
        /// Which right is missing.
        reason: &'static str,
    },
    /// We are root, PostgreSQL refuses root, and no other account exists.
    #[error(
        "PostgreSQL does not run as root, and /etc/passwd has neither a user postgres nor nobody; \
         run ashiato as another user"
    )]
    NoAccount,
    /// `initdb` failed. The half-made cluster was removed.
    #[error("a new PostgreSQL cluster could not be made in {}: {said}", dir.display())]
    Init {
        /// Where the cluster should have been made.
        dir: PathBuf,
        /// The last lines that `initdb` wrote.
        said: String,
    },
    /// A server left over from an earlier run does not stop.
    #[error("a PostgreSQL server of an earlier run still uses {} and does not stop: {said}", dir.display())]
    LeftOver {
        /// The directory of the cluster.
        dir: PathBuf,
        /// The output of `pg_ctl`.
        said: String,
    },
    /// The server ended or answered with an error before it accepted a connection.
    #[error("PostgreSQL did not start in {} (nothing was changed there): {said}; its log is {}", dir.display(), log.display())]
    DidNotStart {
        /// The directory of the cluster.
        dir: PathBuf,
        /// The server's log.
        log: PathBuf,
        /// The last lines of that log, or the server's answer.
        said: String,
    },
    /// The server did not end within the limits of [`super::FAST_STOP`] and [`super::IMMEDIATE_STOP`].
    #[error("PostgreSQL in {} did not stop in time; its log is {}", dir.display(), log.display())]
    DidNotStop {
        /// The directory of the cluster.
        dir: PathBuf,
        /// The server's log.
        log: PathBuf,
    },
    /// The folder for the socket is too long, or cannot be written as text.
    #[error("the temporary folder {} cannot hold a unix socket: its path is too long or not UTF-8", dir.display())]
    SocketPath {
        /// The temporary folder.
        dir: PathBuf,
    },
    /// The system refused something else.
    #[error("{what} {}: {source}", path.display())]
    Io {
        /// The step that failed.
        what: &'static str,
        /// To which file or directory.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

/// Names the deed and the path in an [`Error::Io`].
pub(super) fn io_error(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Io { what, path, source }
}

/// How many lines of a program's last words an error repeats: a FATAL with the lines that led to it.
const LAST_LINES: usize = 5;

/// The last lines of `text` as one line.
pub(super) fn last_words(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let tail = lines.get(lines.len().saturating_sub(LAST_LINES)..).unwrap_or_default();
    if tail.is_empty() { "it said nothing".to_owned() } else { tail.join(" / ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_words_are_one_line_of_the_last_five() {
        assert_eq!(last_words("1\n2\n\n 3 \n4\n5\n6\n"), "2 / 3 / 4 / 5 / 6");
        assert_eq!(last_words("only\n"), "only");
        assert_eq!(last_words("\n"), "it said nothing");
    }
}
