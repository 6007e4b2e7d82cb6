//! Builds the two halves of the service and runs them: web, which can seal, and the worker, which can open. `serve`, `demo` and
//! the tests all go through here.
use crate::alert::{CityRules, DispatchOptions, Dispatcher, NoticeContent};
use crate::base::clock::{SharedClock, SystemClock};
use crate::base::config::{Service, Settings, SettingsError, VenuePolicy};
use crate::base::db::{self, DbRole, SecondClock};
use crate::base::email_address::EmailAddress;
use crate::base::secret::SecretKeys;
use crate::base::slow_hash::SlowHasher;
use crate::base::telemetry::{Half, Metrics};
use crate::cli::secret;
use crate::cli::serve::setup;
use crate::cli::stopping::{HTTP_STOP, Stopping, TASKS_STOP, WEB_STOP, WORKER_STOP};
use crate::keys::{KeyStore, NotifierPublicKey, Opener, ProcessKind, ProcessMark, Sealer};
use crate::mail::message::Sender;
use crate::mail::smtp::SmtpUrl;
use crate::mail::{Delivery, DeliveryOptions, DeliveryParts};
use crate::retention::Watch;
use crate::venue::Directory;
use crate::visit::{Limits, Recorder, RecorderTask};
use crate::web::{self, Limiter, Mailbox, ProxyWatch, Showcase};
use crate::worker::{self, Mailroom};
use anyhow::Context;
use ipnet::IpNet;
use sqlx::PgPool;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

/// Connections of the web process' pool: 16 do what 32 do on any machine, and leave room for officials (measured).
const WEB_CONNECTIONS: u32 = 16;
/// Connections of the worker's pool: claims, results, tasks and their locks.
const WORKER_CONNECTIONS: u32 = 20;

/// How long a stop waits for connections that requests have just given back: a ping each, so milliseconds.
const GIVEN_BACK: Duration = Duration::from_millis(500);
/// How often it looks.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// The parts that both halves share.
#[derive(Clone)]
pub struct Common {
    /// Postgres.
    pub database_url: String,
    /// How the service names itself.
    pub service: Service,
    /// `SECRET_KEY`, and the old one while it is being changed.
    pub secrets: SecretKeys,
    /// The time.
    pub clock: SharedClock,
    /// The clock that it is held against.
    pub second_clock: SecondClock,
    /// Counters.
    pub metrics: Metrics,
    /// From an approval in web to the dispatcher in the same process.
    pub wake: Arc<Notify>,
}

impl Common {
    /// From settings that [`Settings::require_production`] has let pass.
    pub fn from_settings(settings: &Settings, half: Half) -> anyhow::Result<Self> {
        Ok(Self {
            database_url: settings.database_url()?.ok_or(SettingsError::Missing(vec!["DATABASE_URL"]))?,
            service: settings.service()?,
            secrets: settings.secret_keys()?,
            clock: Arc::new(SystemClock),
            second_clock: SecondClock::default(),
            metrics: Metrics::new(half),
            wake: Arc::new(Notify::new()),
        })
    }
}

/// The settings of the web half alone.
pub struct WebPlan {
    /// Postgres for check-ins alone.
    pub ingest_database_url: Option<String>,
    /// The public key that must have signed every day key.
    pub notifier: NotifierPublicKey,
    /// Where to listen.
    pub listener: TcpListener,
    /// Where `/metrics` listens.
    pub metrics_listener: Option<TcpListener>,
    /// Threads that serve.
    pub workers: usize,
    /// The state that follows a confirmed application.
    pub venue_policy: VenuePolicy,
    /// Minutes between approval and the first mail.
    pub hold_minutes: u16,
    /// The city's further rules for alerts.
    pub city: CityRules,
    /// Whether command-line tokens may approve.
    pub tokens_may_approve: bool,
    /// Whether a venue's contact is told that an alert concerned it.
    pub tell_venues: bool,
    /// Check-ins per second of one client's network; 0 = no limit.
    pub check_in_rate: u32,
    /// The proxies whose `X-Forwarded-For` or `Forwarded` counts.
    pub trusted_proxies: Vec<IpNet>,
    /// The demonstration's mailbox.
    pub mailbox: Option<Arc<dyn Mailbox>>,
    /// The content of the demonstration's page.
    pub showcase: Option<Arc<dyn Showcase>>,
}

/// The web half, running.
pub struct Web {
    /// Its state.
    pub state: Arc<web::State>,
    /// The HTTP server.
    pub server: web::Running,
    metrics: Option<web::Running>,
    recorder: RecorderTask,
    upkeep: JoinHandle<()>,
    stop: watch::Sender<bool>,
}

impl Web {
    /// Starts serving. Check-ins are taken as soon as keys are there (`/readyz`).
    pub fn start(common: &Common, plan: WebPlan) -> anyhow::Result<Self> {
        let pool = db::pool(&common.database_url, DbRole::Web, WEB_CONNECTIONS).context("DATABASE_URL")?;
        let ingest = plan.ingest_database_url.as_deref().unwrap_or(&common.database_url);
        let (recorder, recorder_task) = Recorder::start(ingest, &common.metrics, Limits::default());
        let hasher = SlowHasher::new().map_err(|error| anyhow::anyhow!("{error}"))?;
        let state = Arc::new(web::State {
            service: common.service.clone(),
            clock: Arc::clone(&common.clock),
            second_clock: common.second_clock.clone(),
            watch: web::Watch::default(),
            sealer: Arc::new(Sealer::new(common.secrets.clone(), plan.notifier, common.service.zone)),
            recorder,
            directory: Arc::new(Directory::new(pool.clone(), Arc::clone(&common.clock))),
            unlocked: web::Unlocked::default(),
            hasher,
            page_cache: web::PageCache::default(),
            scans: crate::venue::Scans::default(),
            pool,
            metrics: common.metrics.clone(),
            venue_policy: plan.venue_policy,
            tokens_may_approve: plan.tokens_may_approve,
            tell_venues: plan.tell_venues,
            hold_minutes: plan.hold_minutes,
            city: plan.city,
            streams: web::Streams::default(),
            limiter: Limiter::new(plan.check_in_rate),
            trusted_proxies: plan.trusted_proxies,
            proxies: ProxyWatch::default(),
            mailbox: plan.mailbox,
            showcase: plan.showcase,
            wake: Arc::clone(&common.wake),
        });
        let server = web::start(Arc::clone(&state), plan.listener, plan.workers).context("the HTTP server did not start")?;
        let metrics = plan.metrics_listener.map(|listener| web::start_metrics(common.metrics.clone(), listener)).transpose()?;
        let (stop, stopped) = watch::channel(false);
        let upkeep = tokio::spawn(web::upkeep(Arc::clone(&state), stopped));
        Ok(Self { state, server, metrics, recorder: recorder_task, upkeep, stop })
    }

    /// Stops in order: HTTP, recorder, pool. Takes at most [`WEB_STOP`].
    pub async fn stop(self) {
        let Self { state, server, metrics, recorder, upkeep, stop } = self;
        let stopping = Stopping::within(WEB_STOP);
        // Nobody waits for the upkeep when the receiver is gone.
        let _upkeep_ended = stop.send(true);
        // They would keep the server waiting for their end.
        state.streams.close();
        let http = async {
            given_back(&state.pool).await;
            tokio::join!(ended(server), async {
                if let Some(metrics) = metrics {
                    ended(metrics).await;
                }
            });
        };
        stopping.part("HTTP", HTTP_STOP, http).await;
        // It has a limit of its own, and says so itself.
        let _in_time = recorder.stop().await;
        upkeep.abort();
        let farewell = async {
            web::say_goodbye(&state).await;
            state.pool.close().await;
        };
        stopping.part("database connections of web", WEB_STOP, farewell).await;
    }
}

/// Ends an HTTP server.
pub(super) async fn ended(server: web::Running) {
    if let Err(error) = server.stop().await {
        tracing::warn!(%error, "the HTTP server ended badly");
    }
}

/// Waits a moment until every connection lies in the pool again. The way back runs on the server's own threads: ended in the
/// middle of it, sqlx warns of a broken connection.
async fn given_back(pool: &PgPool) {
    let all_back = async {
        while usize::try_from(pool.size()).is_ok_and(|size| pool.num_idle() < size) {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    // Under load somebody always has one: then the server's own grace decides.
    let _all_or_not = tokio::time::timeout(GIVEN_BACK, all_back).await;
}

/// The settings of the worker half alone.
pub struct WorkerPlan {
    /// The private keys.
    pub keys: KeyStore,
    /// The mail relay.
    pub smtp: SmtpUrl,
    /// The sender of the mails.
    pub mail_from: EmailAddress,
    /// How to deliver.
    pub delivery: DeliveryOptions,
    /// The city's rules for alerts: hours and caps.
    pub city: CityRules,
    /// Whether the worker believes approvals of command-line tokens.
    pub tokens_may_approve: bool,
}

impl WorkerPlan {
    /// From settings; the keys must have been made with `ashiato keys init`.
    pub fn from_settings(settings: &Settings) -> anyhow::Result<Self> {
        let smtp = settings.smtp_url()?.ok_or(SettingsError::Missing(vec!["SMTP_URL"]))?;
        Ok(Self {
            keys: KeyStore::open(&settings.keys_dir()).map_err(setup)?,
            smtp: SmtpUrl::parse(&smtp).map_err(setup)?,
            mail_from: settings.mail_from()?,
            delivery: DeliveryOptions { connections: settings.smtp_connections, rate: settings.notify_rate, ..DeliveryOptions::default() },
            city: CityRules::from_settings(settings),
            tokens_may_approve: settings.tokens_may_approve,
        })
    }
}

/// The worker half, running.
pub struct Worker {
    /// Its state.
    pub state: Arc<worker::State>,
    task: Option<JoinHandle<()>>,
    stop: watch::Sender<bool>,
}

impl Worker {
    /// Makes ready what web waits for (data keys, day keys, partitions). Nothing runs yet; see [`Self::run`].
    pub async fn prepare(common: &Common, plan: WorkerPlan) -> anyhow::Result<Self> {
        let pool = db::pool(&common.database_url, DbRole::Notifier, WORKER_CONNECTIONS).context("DATABASE_URL")?;
        secret::settle(&common.database_url, common.clock.now(), &common.secrets).await?;
        let opener = Arc::new(Opener::new(plan.keys.clone()));
        let service = common.service.clone();
        let notices = NoticeContent::new(Arc::clone(&opener), Arc::clone(&common.clock), plan.city.window, service.zone);
        let mailroom = Arc::new(Mailroom::new(Arc::clone(&opener), notices, service.clone(), Arc::clone(&common.clock)));
        let watch = Watch::default();
        let options = DeliveryOptions { memory: Some(plan.keys.clone()), believed: watch.believed(), ..plan.delivery };
        let sender = Sender { name: format!("{} {}", service.city, service.name), address: plan.mail_from };
        let parts = DeliveryParts {
            pool: pool.clone(),
            content: mailroom,
            url: plan.smtp,
            sender,
            clock: Arc::clone(&common.clock),
            metrics: common.metrics.clone(),
        };
        let delivery = Delivery::new(parts, options);
        let options = DispatchOptions { caps: plan.city.caps, window: plan.city.window, tokens_may_approve: plan.tokens_may_approve };
        let state = Arc::new(worker::State {
            dispatcher: Dispatcher::new(pool.clone(), Arc::clone(&common.clock), service.clone(), options),
            pool,
            owner_url: common.database_url.clone(),
            keys: plan.keys,
            opener,
            mark: ProcessMark::new(ProcessKind::Worker, &common.secrets),
            secrets: common.secrets.clone(),
            clock: Arc::clone(&common.clock),
            second_clock: common.second_clock.clone(),
            watch,
            service,
            delivery,
            metrics: common.metrics.clone(),
            wake: Arc::clone(&common.wake),
        });
        worker::prepare(&state).await.context("keys and partitions could not be made ready")?;
        let (stop, _) = watch::channel(false);
        Ok(Self { state, task: None, stop })
    }

    /// Starts delivery and the periodic tasks.
    pub fn run(&mut self) {
        self.task = Some(tokio::spawn(worker::run(Arc::clone(&self.state), self.stop.subscribe())));
    }

    /// Finishes the mails in flight and ends. Takes at most [`WORKER_STOP`].
    pub async fn stop(self) {
        let stopping = Stopping::within(WORKER_STOP);
        self.stop.send_replace(true);
        if let Some(mut task) = self.task {
            let ends = async {
                if let Err(error) = (&mut task).await {
                    tracing::error!(panicked = error.is_panic(), "the worker ended badly");
                }
            };
            if !stopping.part("worker", TASKS_STOP, ends).await {
                task.abort();
            }
        }
        let farewell = async {
            worker::say_goodbye(&self.state).await;
            self.state.pool.close().await;
        };
        stopping.part("database connections of the worker", WORKER_STOP, farewell).await;
    }
}
