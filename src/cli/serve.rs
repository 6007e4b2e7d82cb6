//! `ashiato serve` and `ashiato worker`
use crate::alert::CityRules;
use crate::base::config::{Settings, SettingsError};
use crate::base::db;
use crate::base::forms::is_open_to_readers;
use crate::base::telemetry::Half;
use crate::cli::secret;
use crate::cli::service::{Common, Web, WebPlan, Worker, WorkerPlan, ended};
use crate::cli::signal::StopSignals;
use crate::cli::stopping::{HTTP_STOP, Stopping};
use crate::cli::{EXIT_SETUP, Exit};
use crate::keys::{KeyStore, NotifierPublicKey};
use crate::web;
use anyhow::Context;
use clap::{Args, ValueEnum};
use std::net::{SocketAddr, TcpListener};

/// Options of `ashiato serve`.
#[derive(Args)]
pub(super) struct Options {
    #[command(flatten)]
    pub(super) settings: Settings,
    /// Which half of the service: web cannot open an address, worker alone can
    #[arg(long, env = "ROLE", value_enum, default_value_t = Role::All)]
    pub(super) role: Role,
}

/// Which half of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Role {
    /// Both in one process.
    All,
    /// Pages and API.
    Web,
    /// The worker.
    Worker,
}

pub(super) async fn run(settings: Settings, role: Role) -> anyhow::Result<()> {
    let required = settings.require_production(role == Role::Web);
    required.map_err(|error| Exit { code: EXIT_SETUP, message: error.to_string() })?;
    // Before anything is started, and in each process: what one does not use, the other will.
    settings.mail_from()?;
    settings.ingest_database_url()?;
    let base_url = settings.base_url()?;
    if is_open_to_readers(&base_url) {
        tracing::warn!(base_url, "BASE_URL begins with http://: addresses, codes and passwords can be read on the way; write https://");
    }
    let mut signals = StopSignals::listen()?;
    let Parts { mut web, worker, metrics } = tokio::select! {
        started = start(&settings, role) => started?,
        // The next start does again what this one leaves half done.
        () = signals.asked() => return Ok(()),
    };
    tracing::info!(role = ?role, listen = %settings.listen_addr, "serving");
    tokio::select! {
        () = signals.asked() => {}
        ended = async { match &mut web { Some(web) => web.server.ended().await, None => std::future::pending().await } } => {
            ended.context("the HTTP server ended by itself")?;
        }
    }
    tracing::info!("stopping");
    Parts { web, worker, metrics }.stop().await;
    Ok(())
}

/// The running parts.
struct Parts {
    web: Option<Web>,
    worker: Option<Worker>,
    metrics: Option<web::Running>,
}

impl Parts {
    /// Stops all at once: a mail that is being sent has its whole time, and web waits for nothing of the worker.
    async fn stop(self) {
        let Self { web, worker, metrics } = self;
        let web = async {
            if let Some(web) = web {
                web.stop().await;
            }
        };
        let worker = async {
            if let Some(worker) = worker {
                worker.stop().await;
            }
        };
        let metrics = async {
            if let Some(metrics) = metrics {
                Stopping::within(HTTP_STOP).part("metrics", HTTP_STOP, ended(metrics)).await;
            }
        };
        tokio::join!(web, worker, metrics);
    }
}

/// Everything that `role` needs, up to serving.
async fn start(settings: &Settings, role: Role) -> anyhow::Result<Parts> {
    let half = match role {
        Role::All => Half::Both,
        Role::Web => Half::Web,
        Role::Worker => Half::Worker,
    };
    let common = Common::from_settings(settings, half)?;
    if role == Role::Web {
        secret::refuse_a_wrong_key(&common.database_url, &common.secrets).await?;
    } else {
        db::migrate(&common.database_url).await.context("migrations")?;
    }
    let mut worker = match role {
        Role::Web => None,
        Role::All | Role::Worker => Some(Worker::prepare(&common, WorkerPlan::from_settings(settings)?).await?),
    };
    let web = match role {
        Role::Worker => None,
        Role::All | Role::Web => Some(Web::start(&common, web_plan(settings, worker.as_ref())?)?),
    };
    // Web serves its own; a worker by itself has no web half to do it, and most of what an operator watches is counted here.
    let metrics = match (role, settings.metrics_addr) {
        (Role::Worker, Some(address)) => Some(web::start_metrics(common.metrics.clone(), listen(address)?)?),
        _ => None,
    };
    if let Some(worker) = &mut worker {
        worker.run();
    }
    Ok(Parts { web, worker, metrics })
}

/// The worker's public key comes from its setting; in one process with the worker, from the keys themselves.
fn web_plan(settings: &Settings, worker: Option<&Worker>) -> anyhow::Result<WebPlan> {
    let notifier = match (settings.notifier_public_key()?, worker) {
        (Some(text), _) => text.parse::<NotifierPublicKey>().map_err(setup)?,
        (None, Some(worker)) => KeyStore::public_key(&worker.state.keys),
        (None, None) => return Err(SettingsError::Missing(vec!["NOTIFIER_PUBLIC_KEY"]).into()),
    };
    Ok(WebPlan {
        ingest_database_url: settings.ingest_database_url()?,
        notifier,
        listener: listen(settings.listen_addr)?,
        metrics_listener: settings.metrics_addr.map(listen).transpose()?,
        workers: std::thread::available_parallelism().map_or(2, usize::from),
        venue_policy: settings.venue_policy,
        hold_minutes: settings.hold_minutes,
        city: CityRules::from_settings(settings),
        tokens_may_approve: settings.tokens_may_approve,
        tell_venues: settings.tell_venues,
        check_in_rate: settings.check_in_rate,
        trusted_proxies: settings.trusted_proxies.clone().unwrap_or_default().0,
        mailbox: None,
        showcase: None,
    })
}

/// Nothing was started: this machine or its settings must be put right first.
pub(super) fn setup(error: impl std::fmt::Display) -> Exit {
    Exit { code: EXIT_SETUP, message: error.to_string() }
}

/// Binds an address; a port that is taken is a clear line and exit code 2.
pub(super) fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).map_err(|error| {
        let why = match error.kind() {
            std::io::ErrorKind::AddrInUse => "another program listens there already; choose another with LISTEN_ADDR".to_owned(),
            std::io::ErrorKind::PermissionDenied => "this user may not listen there; choose a port above 1023".to_owned(),
            _ => error.to_string(),
        };
        Exit { code: EXIT_SETUP, message: format!("cannot listen on {address}: {why}") }.into()
    })
}
