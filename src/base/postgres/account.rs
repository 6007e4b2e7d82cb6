//! Under which account the server runs. PostgreSQL refuses root, so root lends it another one.
use super::error::{Error, io_error};
use std::os::unix::fs::{MetadataExt, chown, lchown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// The accounts root lends, the fitting one first. `nobody` exists on every system.
const PREFERRED: [&str; 2] = ["postgres", "nobody"];

/// Variables that would change what the programs do behind our back. The server is set by its arguments alone.
const FOREIGN_VARIABLES: [&str; 8] =
    ["PGDATA", "PGPORT", "PGHOST", "PGUSER", "PGOPTIONS", "PGDATESTYLE", "PGCLIENTENCODING", "NOTIFY_SOCKET"];

/// The account that runs the server's programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Account {
    /// The user we are ourselves.
    Own,
    /// We are root and lend another account.
    Lent {
        /// User id, never 0.
        uid: u32,
        /// Group id.
        gid: u32,
    },
}

impl Account {
    /// The account for a new cluster. `uid` is our own effective user id.
    pub(super) fn pick(uid: u32) -> Result<Self, Error> {
        if uid != 0 {
            return Ok(Self::Own);
        }
        let passwd = Path::new("/etc/passwd");
        let text = std::fs::read(passwd).map_err(io_error("cannot read", passwd))?;
        lendable(&String::from_utf8_lossy(&text)).ok_or(Error::NoAccount)
    }

    /// A command that runs as this account, from `/`, without the caller's locale and PostgreSQL variables.
    pub(super) fn command(self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        // std drops the supplementary groups too when root sets the user.
        if let Self::Lent { uid, gid } = self {
            command.uid(uid).gid(gid);
        }
        for name in FOREIGN_VARIABLES {
            command.env_remove(name);
        }
        command.current_dir("/").env("LC_ALL", "C").stdin(Stdio::null());
        command
    }

    /// Whether this account can enter `dir`. Asked of the kernel: modes alone miss ACLs and name spaces.
    pub(super) fn can_enter(self, dir: &Path) -> bool {
        let mut probe = self.command("/bin/sh");
        probe.args(["-c", "cd -- \"$1\"", "sh"]).arg(dir).stdout(Stdio::null()).stderr(Stdio::null());
        probe.status().is_ok_and(|status| status.success())
    }

    /// Gives `path` to this account.
    pub(super) fn own(self, path: &Path) -> Result<(), Error> {
        match self {
            Self::Own => Ok(()),
            Self::Lent { uid, gid } => chown(path, Some(uid), Some(gid)).map_err(io_error("cannot change the owner of", path)),
        }
    }

    /// Gives `dir` and everything below it to this account. Links are given, not followed.
    pub(super) fn own_all(self, dir: &Path) -> Result<(), Error> {
        let Self::Lent { uid, gid } = self else {
            return Ok(());
        };
        for entry in std::fs::read_dir(dir).map_err(io_error("cannot read", dir))? {
            let path = entry.map_err(io_error("cannot read", dir))?.path();
            let meta = path.symlink_metadata().map_err(io_error("cannot read", &path))?;
            if meta.is_dir() {
                self.own_all(&path)?;
            } else {
                lchown(&path, Some(uid), Some(gid)).map_err(io_error("cannot change the owner of", &path))?;
            }
        }
        self.own(dir)
    }
}

/// The account that owns an existing cluster, seen by `uid` (our own effective user id).
/// `None`: root owns it, as after a copy made by root; PostgreSQL would refuse it.
pub(super) fn owner(cluster: &Path, uid: u32) -> Result<Option<Account>, Error> {
    let meta = cluster.metadata().map_err(io_error("cannot read", cluster))?;
    match (uid, meta.uid()) {
        (0, 0) => Ok(None),
        (0, owner) => Ok(Some(Account::Lent { uid: owner, gid: meta.gid() })),
        (own, owner) if own == owner => Ok(Some(Account::Own)),
        _ => Err(Error::NotOurs { dir: cluster.to_owned(), reason: "it belongs to another user" }),
    }
}

/// The first of [`PREFERRED`] in the text of `/etc/passwd` (`name:x:uid:gid:…`, passwd(5)).
fn lendable(passwd: &str) -> Option<Account> {
    PREFERRED.iter().find_map(|name| passwd.lines().find_map(|line| entry(line, name)))
}

fn entry(line: &str, name: &str) -> Option<Account> {
    let mut fields = line.split(':');
    if fields.next() != Some(name) {
        return None;
    }
    let (uid, gid) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
    (uid != 0).then_some(Account::Lent { uid, gid })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postgres_is_preferred_to_nobody_and_root_is_never_lent() {
        let nobody = "nobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin\n";
        let both = format!("root:x:0:0::/root:/bin/sh\n{nobody}postgres:x:101:104:admin:/var/lib/postgresql:/bin/bash\n");
        assert_eq!(lendable(&both), Some(Account::Lent { uid: 101, gid: 104 }));
        assert_eq!(lendable(nobody), Some(Account::Lent { uid: 65534, gid: 65533 }));
        assert_eq!(lendable("postgres:x:0:0::/:/bin/sh\n"), None);
        assert_eq!(lendable("postgresql:x:7:7::/:/bin/sh\npostgres:x:many:7::/:/bin/sh\n"), None);
    }

    #[test]
    fn an_ordinary_user_runs_the_server_itself() {
        assert_eq!(Account::pick(1000).unwrap(), Account::Own);
    }
}
