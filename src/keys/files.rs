//! Private files: written whole or not at all, readable by their owner alone.
use std::path::PathBuf;

/// Why the notifier's directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// `keys init` found a notifier's keys already there.
    #[error("{0} already holds a notifier's keys; nothing was changed")]
    Exists(PathBuf),
    /// There are no keys yet.
    #[error("{0} is missing; make the notifier's keys with: ashiato keys init")]
    Missing(PathBuf),
    /// Others than the owner may read or enter it.
    #[error("{path} is open to others (mode {mode:04o}); run: chmod {wanted:o} {path}")]
    Open {
        /// The file or directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// What they should be.
        wanted: u32,
    },
    /// The content is not what was written here.
    #[error("{0} is damaged")]
    Damaged(PathBuf),
    /// What the system said.
    #[error("{path}: {source}")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}
