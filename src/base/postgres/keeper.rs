//! The keeper: a small shell between us and the server, so that the server never outlives us.
//!
//! It holds the reading end of a pipe whose writing end only we have. However we end, `kill -9` included, the kernel
//! closes the pipe, and the keeper asks the server for a fast shutdown. It ends with the server.
use super::account::Account;
use super::error::{Error, io_error};
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// `$1`: the socket directory, then the server and its arguments.
///
/// - Jobs in the background get `/dev/null` as input, so the pipe moves to descriptor 3; the server must not hold it.
/// - Such jobs ignore SIGINT until they ask for it; PostgreSQL installs its own handler, for which SIGINT is "fast".
///   Before that a signal is lost, hence the repetition; a server that is stopping already ignores further ones.
/// - `read` is built in: no other program waits. Nobody writes into the pipe, so it returns when the pipe closes.
/// - When the server ends by itself, the shell ends the watcher and goes too, before the server's number is given anew.
const SCRIPT: &str = r#"
dir=$1
shift
exec 3<&0 </dev/null
"$@" 3<&- &
server=$!
{ read -r _ <&3; while kill -INT "$server"; do sleep 1; done; } >/dev/null 2>&1 &
watcher=$!
exec 3<&-
wait "$server"
status=$?
kill "$watcher" 2>/dev/null
rm -f -- "$dir"/.s.PGSQL.* && rmdir -- "$dir" 2>/dev/null
exit "$status"
"#;

/// Between two looks at something that other processes change. Short against everything we wait for.
pub(super) const POLL: Duration = Duration::from_millis(10);

/// Looks every [`POLL`] until `done` says so or `limit` has passed; whether it was done.
pub(super) fn wait_until(limit: Duration, mut done: impl FnMut() -> bool) -> bool {
    let started = Instant::now();
    loop {
        if done() {
            return true;
        }
        if started.elapsed() >= limit {
            return false;
        }
        std::thread::sleep(POLL);
    }
}

/// The running keeper. Dropping it closes the pipe.
#[derive(Debug)]
pub(super) struct Keeper {
    shell: Child,
}

impl Keeper {
    /// Starts `server` (program and arguments) under `account`. Its output goes to `log`.
    ///
    /// The keeper leads a process group of its own: Ctrl-C in a terminal reaches us, and we decide when it stops.
    /// std opens pipes close-on-exec, so no other child of ours keeps this one open.
    pub(super) fn spawn(account: Account, socket_dir: &Path, server: &Command, log: &File) -> Result<Self, Error> {
        let shell = Path::new("/bin/sh");
        let failed = || io_error("cannot run", shell);
        let mut command = account.command(shell);
        command.args(["-c", SCRIPT, "ashiato-keeper"]).arg(socket_dir);
        command.arg(server.get_program()).args(server.get_args());
        command.stdin(Stdio::piped()).process_group(0);
        command.stdout(log.try_clone().map_err(failed())?).stderr(log.try_clone().map_err(failed())?);
        Ok(Self { shell: command.spawn().map_err(failed())? })
    }

    /// The exit status when keeper and server have ended.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.shell.try_wait().ok().flatten()
    }

    /// Asks for a fast shutdown by closing the pipe.
    pub(super) fn ask_to_stop(&mut self) {
        drop(self.shell.stdin.take());
    }

    /// Waits for the end; whether it came within `limit`.
    pub(super) fn wait(&mut self, limit: Duration) -> bool {
        wait_until(limit, || self.ended().is_some())
    }
}
