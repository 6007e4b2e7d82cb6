//! How many check-ins a second are on the disk, beside what pgbench's single inserts reach on the same server (docs/DESIGN.md §7).
//!
//! Each round runs pgbench, the recorder alone, and the whole HTTP route in turn, so that a neighbour's noise hits all;
//! the figure is the median of the rounds' ratios. Then a fixed rate, for latency. Never a gate: machines differ.
//! Needs PostgreSQL's server programs and `pgbench`; takes about two minutes.
#![expect(clippy::print_stdout, reason = "a benchmark speaks to the one who started it")]

mod direct;
mod disk_probe;
mod latency;
mod load;
mod pgbench;
mod server;
mod service;

use anyhow::{Result, ensure};
use latency::Latencies;
use server::BenchServer;
use service::Service;
use std::time::Duration;

/// Rounds of pgbench and check-ins in turn (docs/DESIGN.md §7: at least five).
const ROUNDS: usize = 5;
/// One measurement of pgbench and of the route.
const SPELL: Duration = Duration::from_secs(5);
/// One measurement of the recorder alone.
const DIRECT_SPELL: Duration = Duration::from_secs(2);
/// One measurement at a fixed rate.
const FIXED_SPELL: Duration = Duration::from_secs(8);
/// Connections of the closed loop (docs/DESIGN.md §7).
const CONNECTIONS: usize = 256;
/// Connections of the open loop: at 20,000/s each is used every 6 ms.
const FIXED_CONNECTIONS: usize = 128;
/// Check-ins a second, and the p99 that docs/DESIGN.md §7 asks for.
const FIXED_RATES: [(u32, f64); 2] = [(5_000, 3.0), (20_000, 5.0)];

fn main() -> Result<()> {
    // `cargo bench` hands `--bench` to every harness, and a filter if there is one; this one has a single story.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run())
}

async fn run() -> Result<()> {
    let server = BenchServer::start().await?;
    let service = Service::start(&server).await?;
    let (idle, _) = service.memory()?;
    let (mut by_recorder, mut by_route) = (Vec::new(), Vec::new());
    let mut latencies = Latencies::default();
    for round in 1..=ROUNDS {
        let naive = pgbench_round(&server).await?;
        let (recorder, batch) = recorder_round(&server).await?;
        let (route, cost) = route_round(&server, &service, &mut latencies).await?;
        by_recorder.push(recorder / naive);
        by_route.push(route / naive);
        print!("round {round}: pgbench {naive:.0}/s, recorder {recorder:.0}/s ({batch:.0} rows a batch), ");
        print!("check-ins {route:.0}/s ({cost:.1} µs of the service each), ratio {:.2}", route / naive);
        println!(" | {}", disk_probe::report(server.scratch())?);
    }
    println!("recorder ratio: {:.2}", median(&mut by_recorder));
    println!("ratio: {:.2} (bar 2.0, goal 3.0)", median(&mut by_route));
    println!("latency with {CONNECTIONS} connections, closed loop: {}", latencies.report());
    for (rate, bar) in FIXED_RATES {
        fixed_rate(&server, &service, rate, bar).await?;
    }
    let (_, highest) = service.memory()?;
    println!("memory: {idle:.1} MB idle, {highest:.1} MB at its highest (bars 30 and 60)");
    service.stop().await
}

async fn pgbench_round(server: &BenchServer) -> Result<f64> {
    server.empty().await?;
    let (socket, scratch) = (server.socket_dir().to_owned(), server.scratch().to_owned());
    tokio::task::spawn_blocking(move || pgbench::single_inserts_per_second(&socket, &scratch, SPELL)).await?
}

/// Rows a second, and rows per batch.
async fn recorder_round(server: &BenchServer) -> Result<(f64, f64)> {
    server.empty().await?;
    let outcome = direct::records_per_second(&server.url(), server.date(), CONNECTIONS, DIRECT_SPELL).await?;
    server.check_rows(outcome.answered).await?;
    Ok((outcome.per_second, outcome.rows_per_batch))
}

/// Check-ins a second, and the microseconds of processor time that the service spent on each.
async fn route_round(server: &BenchServer, service: &Service, latencies: &mut Latencies) -> Result<(f64, f64)> {
    server.empty().await?;
    let before = service.processor_seconds()?;
    let outcome = load::closed_loop(service.target(), CONNECTIONS, SPELL).await?;
    let cost = (service.processor_seconds()? - before) * 1e6 / outcome.answered as f64;
    ensure!(outcome.refused == 0, "{} check-ins were refused", outcome.refused);
    server.check_rows(outcome.answered).await?;
    latencies.take_over(outcome.latencies);
    Ok((outcome.per_second, cost))
}

async fn fixed_rate(server: &BenchServer, service: &Service, rate: u32, bar: f64) -> Result<()> {
    server.empty().await?;
    let outcome = load::open_loop(service.target(), FIXED_CONNECTIONS, rate, FIXED_SPELL).await?;
    server.check_rows(outcome.answered).await?;
    let (reached, refused, disk_probe) = (outcome.per_second, outcome.refused, disk_probe::report(server.scratch())?);
    println!("at {rate}/s: {reached:.0}/s, {refused} refused, {}, p99 bar {bar} ms | {disk_probe}", outcome.latencies.report());
    Ok(())
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
