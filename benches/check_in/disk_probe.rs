//! What a commit costs on this disk and how busy the machine is: a rate means little without it.
use anyhow::Result;
use std::fs::File;
use std::io::{Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// Writes that are timed, each followed by fdatasync(2).
const WRITES: usize = 200;
/// Bytes of one: a page of the write-ahead log.
const PAGE: [u8; 8192] = [0xA5; 8192];

/// One line: what a commit costs on the disk under `dir` now, and how busy the machine is.
pub fn report(dir: &Path) -> Result<String> {
    let mut times = fdatasync_times(&dir.join("disk-probe"))?;
    times.sort_unstable();
    let at = |index: usize| times.get(index).copied().unwrap_or_default().as_micros();
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("unknown");
    Ok(format!("fdatasync p50 {} µs, p99 {} µs; load {load}", at(WRITES / 2), at(WRITES * 99 / 100)))
}

fn fdatasync_times(path: &Path) -> Result<Vec<Duration>> {
    let mut file = File::create(path)?;
    // The log is written into files that have their length already; so is this one.
    for _ in 0..WRITES {
        file.write_all(&PAGE)?;
    }
    file.sync_all()?;
    file.rewind()?;
    let mut times = Vec::with_capacity(WRITES);
    for _ in 0..WRITES {
        let begun = Instant::now();
        file.write_all(&PAGE)?;
        file.sync_data()?;
        times.push(begun.elapsed());
    }
    std::fs::remove_file(path)?;
    Ok(times)
}
