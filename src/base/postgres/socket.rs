//! The private directory of the unix socket, and the URL that leads there.
use super::account::Account;
use super::error::{Error, io_error};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// PostgreSQL's port. It only names the socket file here, `.s.PGSQL.5432`.
pub(super) const PORT: u16 = 5432;

/// The longest path of a socket in bytes: `sun_path` has 104 bytes on BSD and macOS (108 on Linux), one is the final NUL.
const SOCKET_PATH_LIMIT: usize = 103;

/// How often a random name is tried. Names are 32 bits, so a second try is rare already.
const NAME_TRIES: usize = 16;

/// A fresh directory with mode 0700. Its mode is the server's only lock: authentication is `trust`.
/// Removed on drop.
#[derive(Debug)]
pub(super) struct SocketDir {
    path: PathBuf,
}

impl SocketDir {
    /// Makes the directory under `parent`.
    pub(super) fn new(parent: &Path) -> Result<Self, Error> {
        let parent = parent.canonicalize().map_err(io_error("cannot use the temporary folder", parent))?;
        for _ in 0..NAME_TRIES {
            let path = parent.join(format!("ashiato-{:08x}", rand::random::<u32>()));
            check_length(&path, &parent)?;
            match std::fs::DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Self { path }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(io_error("cannot make", &path)(error)),
            }
        }
        Err(io_error("cannot find a free name in", &parent)(io::ErrorKind::AlreadyExists.into()))
    }

    /// Our own effective user id: std has no safe call for it, but what we made bears it.
    pub(super) fn maker(&self) -> Result<u32, Error> {
        Ok(self.path.metadata().map_err(io_error("cannot read", &self.path))?.uid())
    }

    /// Hands the directory to the server's account. Root still enters it.
    pub(super) fn give_to(&self, account: Account) -> Result<(), Error> {
        account.own(&self.path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The socket's own path.
    pub(super) fn file(&self) -> PathBuf {
        socket_file(&self.path)
    }

    /// The directory as `unix_socket_directories` wants it: a quoted name in a list.
    pub(super) fn as_setting(&self) -> String {
        format!("\"{}\"", self.path.to_string_lossy().replace('"', "\"\""))
    }

    /// See [`super::Server::url`]. Everything that could come from the environment (`PGPORT`, `PGSSLMODE`) is said.
    pub(super) fn url(&self, database: &str, user: &str) -> String {
        let (database, host) = (percent(database.as_bytes()), percent(self.path.as_os_str().as_bytes()));
        format!("postgres:///{database}?host={host}&port={PORT}&user={user}&sslmode=disable")
    }
}

impl Drop for SocketDir {
    fn drop(&mut self) {
        // The keeper may have removed it before us; a directory that stays is empty or holds a dead socket.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

fn socket_file(dir: &Path) -> PathBuf {
    dir.join(format!(".s.PGSQL.{PORT}"))
}

fn check_length(dir: &Path, parent: &Path) -> Result<(), Error> {
    let fits = socket_file(dir).as_os_str().len() <= SOCKET_PATH_LIMIT;
    if fits && dir.to_str().is_some() { Ok(()) } else { Err(Error::SocketPath { dir: parent.to_owned() }) }
}

/// Percent-encodes every byte that is not unreserved (RFC 3986 §2.3).
fn percent(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(char::from(byte));
            }
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::testing::Scratch;
    use super::*;
    use sqlx::postgres::PgConnectOptions;

    #[test]
    fn sqlx_reads_back_socket_database_and_user() {
        let dir = SocketDir { path: PathBuf::from("/nowhere/a b+足&c") };
        let options: PgConnectOptions = dir.url("d/b ?", "ashiato").parse().unwrap();
        assert_eq!(options.get_socket().map(PathBuf::as_path), Some(dir.path()));
        assert_eq!(options.get_database(), Some("d/b ?"));
        assert_eq!((options.get_username(), options.get_port()), ("ashiato", PORT));
    }

    #[test]
    fn the_directory_is_private_and_goes_away() {
        let scratch = Scratch::new();
        let dir = SocketDir::new(scratch.path()).unwrap();
        let path = dir.path().to_owned();
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o700);
        drop(dir);
        assert!(!path.exists());
    }

    #[test]
    fn the_longest_socket_path_fits_and_one_more_byte_does_not() {
        let parent = Path::new("/tmp");
        let fits = SOCKET_PATH_LIMIT - "/.s.PGSQL.5432".len();
        let named = |length: usize| PathBuf::from(format!("/{}", "x".repeat(length - 1)));
        assert!(check_length(&named(fits), parent).is_ok());
        assert!(matches!(check_length(&named(fits + 1), parent), Err(Error::SocketPath { .. })));
    }
}
