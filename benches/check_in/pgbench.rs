//! The reference: one row, one statement, one commit, by PostgreSQL's own load generator.
use anyhow::{Context, Result, ensure};
use ashiato::base::config::postgres_search;
use ashiato::base::postgres::SUPERUSER;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Connections: more than 32 is slower on two cores (measured).
const CLIENTS: &str = "32";

/// The row that a check-in writes: 12 bytes of nonce, 64 of text, 16 of tag. `now()` is the date in any zone near enough:
/// the partitions of yesterday, today and tomorrow exist.
const SCRIPT: &str = r"\set venue random(1, 1000)
insert into visit (venue_id, visit_date, mac, epoch_id, poster_no, sealed)
values (('00000000-0000-4000-8000-' || lpad(:venue::text, 12, '0'))::uuid, current_date, uuid_send(gen_random_uuid()), 7, 1,
        decode(repeat('a5', 92), 'hex'))
on conflict do nothing;
";

/// Runs pgbench for `spell` and returns its transactions per second, connecting excluded.
pub fn single_inserts_per_second(socket_dir: &Path, scratch: &Path, spell: Duration) -> Result<f64> {
    let script = scratch.join("single-insert.sql");
    std::fs::write(&script, SCRIPT)?;
    let output = Command::new(program())
        .args(["-n", "-M", "prepared", "-c", CLIENTS, "-j", "2", "-T", &spell.as_secs().to_string(), "-f"])
        .arg(&script)
        .arg("-h")
        .arg(socket_dir)
        .args(["-U", SUPERUSER, "postgres"])
        .output()
        .context("pgbench does not run; Debian has it in postgresql-contrib")?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "pgbench: {}", String::from_utf8_lossy(&output.stderr));
    let tps = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split_whitespace().next());
    Ok(tps.context("pgbench printed no rate")?.parse()?)
}

/// `pgbench` beside the server's programs, else in `PATH`.
fn program() -> PathBuf {
    let (pg_bin, _) = postgres_search();
    pg_bin.map(|dir| dir.join("pgbench")).filter(|program| program.exists()).unwrap_or_else(|| "pgbench".into())
}
