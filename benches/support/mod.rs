//! What benchmarks of one process share.
use anyhow::{Context, Result};

/// Peak of this process's resident set (proc(5): VmHWM, in units of 1,024 bytes), in millions of bytes.
pub fn peak_mb() -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status").context("Linux tells the peak")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("VmHWM")?;
    let kibibytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kibibytes * 1_024.0 / 1_000_000.0)
}
