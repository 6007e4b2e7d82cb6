//! The service under test: the built program itself, `serve --role all`, as a city would run it, in a process of its own.
//! So its threads, its allocator and its memory are its own, and the load generator does not blur them.
use crate::server::BenchServer;
use anyhow::{Context, Result, ensure};
use ashiato::base::clock::{Clock, SystemClock};
use ashiato::base::db::{self, DbRole};
use ashiato::base::secret::SecretKey;
use ashiato::cli::demo::http;
use ashiato::keys::KeyStore;
use ashiato::official::{Role, create_token};
use serde_json::json;
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Venues, each with one poster: as many as pgbench's script draws from.
const VENUES: usize = 1_000;
/// Clients that enter venues at once.
const CLERKS: usize = 8;
/// Until keys, partitions and the recorder's connection are there.
const READY_WITHIN: Duration = Duration::from_secs(20);
/// What the service may take to finish and end.
const STOP_WITHIN: Duration = Duration::from_secs(10);
/// The kernel counts processor time in hundredths of a second (proc(5), `USER_HZ`).
const TICKS_PER_SECOND: f64 = 100.0;

/// Where check-ins go.
#[derive(Clone)]
pub struct Target {
    pub address: SocketAddr,
    /// Posters that take check-ins, in venues of their own.
    pub codes: Arc<[String]>,
}

/// A running service.
pub struct Service {
    process: Process,
    target: Target,
}

/// The service's process, killed when dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ended_already = self.0.kill();
        let _ended_already = self.0.wait();
    }
}

impl Service {
    /// Starts the service on `server` with fresh keys and hangs its posters.
    pub async fn start(server: &BenchServer) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let process = Process(spawn(server, address)?);
        ready(address).await?;
        let target = Target { address, codes: enter_venues(server, address).await?.into() };
        Ok(Self { process, target })
    }

    pub fn target(&self) -> Target {
        self.target.clone()
    }

    /// Resident memory now and at its highest, in megabytes.
    pub fn memory(&self) -> Result<(f64, f64)> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.0.id()))?;
        let megabytes = |name: &str| -> Result<f64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("no {name}"))?;
            Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
        };
        Ok((megabytes("VmRSS:")?, megabytes("VmHWM:")?))
    }

    /// Seconds of processor time that the service has used so far (proc(5), fields 14 and 15).
    pub fn processor_seconds(&self) -> Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.0.id()))?;
        let (_, rest) = stat.rsplit_once(')').context("no process name")?;
        let ticks = rest.split_whitespace().skip(11).take(2).map(str::parse::<f64>).sum::<Result<f64, _>>()?;
        Ok(ticks / TICKS_PER_SECOND)
    }

    /// Asks the service to end, which it must do well.
    pub async fn stop(mut self) -> Result<()> {
        let asked = Command::new("kill").arg(self.process.0.id().to_string()).status()?;
        ensure!(asked.success(), "the service has ended before its time");
        let status = self.ended().await?;
        ensure!(status.success(), "the service ended with {status}");
        Ok(())
    }

    async fn ended(&mut self) -> Result<ExitStatus> {
        let deadline = Instant::now() + STOP_WITHIN;
        loop {
            if let Some(status) = self.process.0.try_wait()? {
                return Ok(status);
            }
            ensure!(Instant::now() < deadline, "the service did not end within {STOP_WITHIN:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Nothing of the caller's environment reaches the service. Nobody listens for its mails, and a check-in sends none.
fn spawn(server: &BenchServer, address: SocketAddr) -> Result<Child> {
    let data = server.scratch().join("service");
    std::fs::create_dir(&data)?;
    KeyStore::init(&data.join("keys"))?;
    Command::new(env!("CARGO_BIN_EXE_ashiato"))
        .args(["serve", "--role", "all"])
        .env_clear()
        .env("DATABASE_URL", server.url())
        .env("BASE_URL", format!("http://{address}"))
        .env("LISTEN_ADDR", address.to_string())
        .env("DATA_DIR", &data)
        .env("SECRET_KEY", SecretKey::random().to_base64().as_str())
        .env("SMTP_URL", "smtp://127.0.0.1:1?tls=none")
        .env("MAIL_FROM", "notice@city.example.jp")
        .env("HOTLINE", "0120-000-000")
        // All the load comes from one address, which in a city would be one client.
        .env("CHECK_IN_RATE", "0")
        .env("VENUE_POLICY", "instant")
        .env("RUST_LOG", "warn")
        .stdin(Stdio::null())
        .spawn()
        .context("the service did not start")
}

async fn ready(address: SocketAddr) -> Result<()> {
    let deadline = Instant::now() + READY_WITHIN;
    while !http::send(address, "GET", "/readyz", &[], b"").await.is_ok_and(|answer| answer.status == 200) {
        ensure!(Instant::now() < deadline, "the service was not ready within {READY_WITHIN:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// Enters venues as an official's program does, and returns their posters' codes.
async fn enter_venues(server: &BenchServer, address: SocketAddr) -> Result<Vec<String>> {
    let mut connection = db::connect(&server.url(), DbRole::Owner).await?;
    let (_, token) = create_token(&mut connection, SystemClock.now(), "benchmark", Role::Tracer, None).await?;
    let authority = Arc::new(format!("Authorization: Bearer {}", token.expose()));
    let mut clerks = JoinSet::new();
    for clerk in 0..CLERKS {
        let authority = Arc::clone(&authority);
        clerks.spawn(async move {
            let mut codes = Vec::new();
            for number in (clerk..VENUES).step_by(CLERKS) {
                codes.push(enter_venue(address, &authority, number).await?);
            }
            anyhow::Ok(codes)
        });
    }
    Ok(clerks.join_all().await.into_iter().collect::<Result<Vec<_>>>()?.concat())
}

async fn enter_venue(address: SocketAddr, authority: &str, number: usize) -> Result<String> {
    let venue = json!({
        "name": format!("喫茶 ひだまり {number}号店"), "kind": "restaurant", "address": "あおば市中央1-2-3",
        "contact_email": format!("shop{number}@example.jp"), "posters": ["テーブル 1"], "day_starts_minutes": 0,
    });
    let headers = [authority, "Content-Type: application/json"];
    let entered = http::send(address, "POST", "/api/v1/venues", &headers, venue.to_string().as_bytes()).await?;
    let entered = entered.expect_status(201)?.json()?;
    let id = entered["id"].as_str().context("a venue has an id")?;
    let posters = http::send(address, "GET", &format!("/api/v1/venues/{id}/posters"), &[authority], b"").await?;
    let posters = posters.expect_status(200)?.json()?;
    posters[0]["code"].as_str().map(ToOwned::to_owned).context("a poster has a code")
}
