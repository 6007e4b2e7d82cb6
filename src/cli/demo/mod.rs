//! `ashiato demo`: everything in one process with its own Postgres and its own mail catcher; plays the story once and goes on serving.
mod catcher;
pub mod http;
mod officials;
mod output;
mod place;
mod showcase;
mod story;

use crate::alert::CityRules;
use crate::base::clock::SystemClock;
use crate::base::config::{Service, VenuePolicy, postgres_search};
use crate::base::db::{self, DbRole, SecondClock};
use crate::base::email_address::EmailAddress;
use crate::base::postgres::{Error as PostgresError, Launcher, Search, Server};
use crate::base::telemetry::{Half, Metrics};
use crate::cli::serve::listen;
use crate::cli::service::{Common, Web, WebPlan, Worker, WorkerPlan};
use crate::cli::signal::asked_to_stop;
use crate::cli::{EXIT_SETUP, Exit};
use crate::mail::DeliveryOptions;
use crate::mail::smtp::SmtpUrl;
use anyhow::Context;
use catcher::Caught;
use clap::Args;
use place::Place;
use showcase::Places;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Options of `ashiato demo`.
#[derive(Args)]
pub struct Options {
    /// End after the story instead of serving on
    #[arg(long)]
    once: bool,
    /// Address to listen on
    #[arg(long, env = "LISTEN_ADDR", default_value = "127.0.0.1:8080")]
    listen_addr: SocketAddr,
    /// Directory for everything the demonstration keeps
    #[arg(long, env = "DATA_DIR", default_value = "./data")]
    data_dir: PathBuf,
    /// Which log lines
    #[arg(long, env = "RUST_LOG", default_value = "warn")]
    rust_log: String,
}

impl Options {
    pub(super) fn log_filter(&self) -> &str {
        &self.rust_log
    }
}

/// Until readiness after the start; keys and partitions are made in well under a second.
const READY_WITHIN: Duration = Duration::from_secs(20);
const DATABASE: &str = "ashiato_demo";

/// Everything that runs, in the order in which it is stopped.
struct Running {
    web: Web,
    worker: Worker,
    server: Server,
    caught: Caught,
    places: Arc<Places>,
    service: Service,
    address: SocketAddr,
}

pub(super) async fn run(options: Options) -> anyhow::Result<()> {
    let listener = listen(options.listen_addr)?;
    let place = Place::open(&options.data_dir)?;
    output::title();
    let started = Instant::now();
    let mut running = start(&place, listener).await?;
    output::step("Postgres, migrations, keys, web and worker are up", &running.service.base_url, started);
    let told = tell(&mut running, &place, options.once).await;
    stop(running).await?;
    told
}

/// Plays the story unless it was played before; then serves until Ctrl-C.
async fn tell(running: &mut Running, place: &Place, once: bool) -> anyhow::Result<()> {
    let story = async {
        let links = match place.links()? {
            Some(links) => {
                output::line("The story was played before; its data is kept.");
                links
            }
            None => {
                let links = story::play(running, place).await?;
                place.keep_links(&links)?;
                links
            }
        };
        running.places.show(links.shown.clone());
        let base_url = &running.service.base_url;
        output::links(base_url, &links, &officials::accounts(&running.server.url(DATABASE), base_url).await?)?;
        anyhow::Ok(links)
    };
    let links = tokio::select! {
        links = story => links?,
        asked = asked_to_stop() => return Ok(asked?),
    };
    if once {
        output::line(&links.summary);
        return Ok(());
    }
    output::line("Serving. Ctrl-C stops everything.");
    tokio::select! {
        asked = asked_to_stop() => Ok(asked?),
        ended = running.web.server.ended() => ended.context("the HTTP server ended by itself"),
    }
}

async fn start(place: &Place, listener: TcpListener) -> anyhow::Result<Running> {
    let server = start_postgres(place.data_dir()).await?;
    if let Some(notice) = &server.notice {
        output::line(notice);
    }
    create_database(&server).await?;
    let database_url = server.url(DATABASE);
    db::migrate(&database_url).await.context("migrations")?;
    let address = listener.local_addr()?;
    let (smtp, caught) = catcher::start(place.mailbox_file()).await?;
    let service = service(address);
    let common = Common {
        database_url,
        service: service.clone(),
        secrets: place.secret()?.into(),
        clock: Arc::new(SystemClock),
        second_clock: SecondClock::default(),
        metrics: Metrics::new(Half::Both),
        wake: Arc::new(Notify::new()),
    };
    let worker_plan = WorkerPlan {
        keys: place.keys()?,
        smtp: SmtpUrl::parse(&format!("smtp://{smtp}"))?,
        mail_from: EmailAddress::parse("oshirase@city.aoba.example.jp")?,
        delivery: DeliveryOptions::default(),
        city: city(),
        tokens_may_approve: true,
    };
    let mut worker = Worker::prepare(&common, worker_plan).await?;
    let opener = Arc::clone(&worker.state.opener);
    let places = Arc::new(Places::new(common.database_url.clone(), opener, caught.clone(), service.retention_days));
    let web = Web::start(&common, web_plan(&worker, listener, &caught, &places))?;
    worker.run();
    let running = Running { web, worker, server, caught, places, service, address };
    wait_until_ready(&running).await?;
    Ok(running)
}

fn web_plan(worker: &Worker, listener: TcpListener, caught: &Caught, places: &Arc<Places>) -> WebPlan {
    WebPlan {
        ingest_database_url: None,
        notifier: worker.state.keys.public_key(),
        listener,
        metrics_listener: None,
        workers: std::thread::available_parallelism().map_or(2, usize::from),
        venue_policy: VenuePolicy::Reviewed,
        hold_minutes: 0,
        city: city(),
        tokens_may_approve: true,
        tell_venues: true,
        check_in_rate: 0,
        trusted_proxies: Vec::new(),
        mailbox: Some(Arc::new(caught.clone())),
        showcase: Some(Arc::<Places>::clone(places)),
    }
}

/// At any hour, with a small hotline, so that a preview has something to say.
fn city() -> CityRules {
    CityRules { hotline_per_hour: 40, ..CityRules::default() }
}

fn service(address: SocketAddr) -> Service {
    let zone = crate::base::clock::Zone(chrono_tz::Asia::Tokyo);
    Service {
        city: "あおば市".into(),
        name: "感染症お知らせサービス".into(),
        operator: "あおば市保健所".into(),
        hotline: "0120-000-000".into(),
        hotline_hours: "毎日 9:00〜21:00".into(),
        base_url: format!("http://{address}"),
        host: address.to_string(),
        zone,
        retention_days: 31,
        public_list: true,
    }
}

/// Starts the embedded Postgres; everything that is missing on the machine is one line and exit code 2.
async fn start_postgres(data_dir: PathBuf) -> anyhow::Result<Server> {
    let (pg_bin, path) = postgres_search();
    let launcher = Launcher::new(data_dir, Search { pg_bin, path });
    let started: Result<Server, PostgresError> = tokio::task::spawn_blocking(move || launcher.start()).await?;
    started.map_err(|error| Exit { code: EXIT_SETUP, message: error.to_string() }.into())
}

async fn create_database(server: &Server) -> anyhow::Result<()> {
    let mut connection = db::connect(&server.url("postgres"), DbRole::Owner).await.context("the embedded Postgres")?;
    db::ensure_database(&mut connection, DATABASE).await.context("the demonstration's database")
}

async fn wait_until_ready(running: &Running) -> anyhow::Result<()> {
    let deadline = Instant::now() + READY_WITHIN;
    loop {
        let answer = http::send(running.address, "GET", "/readyz", &[], b"").await?;
        if answer.status == 200 {
            return Ok(());
        }
        anyhow::ensure!(Instant::now() < deadline, "not ready in time: {}", answer.text().trim().replace('\n', ", "));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// HTTP, recorder, worker, pools, Postgres: each when nothing needs it any more.
async fn stop(running: Running) -> anyhow::Result<()> {
    running.web.stop().await;
    running.worker.stop().await;
    let server = running.server;
    tokio::task::spawn_blocking(move || server.stop()).await?.context("the embedded Postgres")
}
