//! Whether the kernel calls its time synchronised.
//!
//! The system call that tells (`adjtimex`) has no safe wrapper among the crates that do not also set the clock, and the
//! systemd units forbid it (`ProtectClock`). So what others have found out is read: the file that systemd-timesyncd
//! makes once it has synchronised, else the answer of `timedatectl`, which asks the kernel and so speaks for chrony and
//! ntpd too. In a container neither may be there: then nobody can say.
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

const MARKER: &str = "/run/systemd/timesync/synchronized";
const TIMEDATECTL: &str = "/usr/bin/timedatectl";
/// It answers within milliseconds, or there is nobody to answer.
const LIMIT: Duration = Duration::from_secs(2);

/// Whether the kernel calls its time synchronised; `None` when nobody can say.
pub async fn synchronised() -> Option<bool> {
    if Path::new(MARKER).exists() {
        return Some(true);
    }
    let mut command = tokio::process::Command::new(TIMEDATECTL);
    command.args(["show", "--property=NTPSynchronized", "--value"]).stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(LIMIT, command.output()).await.ok()?.ok()?;
    said(&String::from_utf8_lossy(&output.stdout))
}

fn said(text: &str) -> Option<bool> {
    match text.trim() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_yes_vouches_for_the_time() {
        assert_eq!([said("yes\n"), said("no\n"), said(""), said("Failed to connect to bus")], [Some(true), Some(false), None, None]);
    }
}
