//! The whole service for one test: its own database, a scriptable mail server, a clock that the test moves, real HTTP.
use super::db::{Db, scratch};
use super::smtp_sink::SmtpSink;
use ashiato::alert::CityRules;
use ashiato::base::clock::{Clock, SetClock, SharedClock, Zone};
use ashiato::base::config::{Service, VenuePolicy};
use ashiato::base::db::{DbRole, SecondClock};
use ashiato::base::email_address::EmailAddress;
use ashiato::base::secret::{SecretKey, SecretKeys};
use ashiato::base::telemetry::Metrics;
use ashiato::base::token::Token;
use ashiato::cli::demo::http::{self, Answer};
use ashiato::cli::service::{Common, Web, WebPlan, Worker, WorkerPlan};
use ashiato::keys::KeyStore;
use ashiato::mail::smtp::SmtpUrl;
use ashiato::mail::{DeliveryOptions, Drained};
use ashiato::official::{Role, create_token};
use ashiato::web::{Mailbox, Showcase};
use ipnet::IpNet;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// What may differ between tests.
pub struct Plan {
    /// After a confirmed application.
    pub venue_policy: VenuePolicy,
    /// Minutes between approval and the first mail.
    pub hold_minutes: u16,
    /// Whether command-line tokens may approve.
    pub tokens_may_approve: bool,
    /// Hours, caps and hotline.
    pub city: CityRules,
    /// Whether a venue's contact is told that an alert concerned it.
    pub tell_venues: bool,
    /// Check-ins per second of one client; 0 = no limit.
    pub check_in_rate: u32,
    /// Whose word about clients counts.
    pub trusted_proxies: Vec<IpNet>,
    /// Where the service finds Postgres, if not directly at `db`.
    pub database_url: Option<String>,
    /// The test's own database, if it has made one already.
    pub db: Option<Db>,
    /// The demonstration's mailbox.
    pub mailbox: Option<Arc<dyn Mailbox>>,
    /// The content of the demonstration's page.
    pub showcase: Option<Arc<dyn Showcase>>,
    /// `SECRET_KEY`, and an old one.
    pub secrets: SecretKeys,
    /// The database's clock, if it is not the test's own.
    pub second_clock: Option<SharedClock>,
    /// When the test begins: 22 November 2026, 12:00 in Tokyo, unless said.
    pub now: &'static str,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            venue_policy: VenuePolicy::Reviewed,
            hold_minutes: 0,
            tokens_may_approve: true,
            city: CityRules::default(),
            tell_venues: false,
            check_in_rate: 0,
            trusted_proxies: Vec::new(),
            database_url: None,
            db: None,
            mailbox: None,
            showcase: None,
            secrets: SecretKey::random().into(),
            second_clock: None,
            now: "2026-11-22T03:00:00Z",
        }
    }
}

/// A running service. The worker does nothing by itself: the test says [`App::dispatch`] and [`App::deliver`], or [`App::run_worker`].
pub struct App {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its database.
    pub db: Db,
    /// The mail server.
    pub sink: SmtpSink,
    /// The time.
    pub clock: Arc<SetClock>,
    /// The web half.
    pub web: Web,
    /// The worker half.
    pub worker: Worker,
    /// `SECRET_KEY`
    pub secrets: SecretKeys,
}

/// A venue that takes check-ins.
pub struct OpenVenue {
    /// Its identifier.
    pub id: String,
    /// The code of each poster.
    pub codes: Vec<String>,
}

impl App {
    /// The service as most tests want it.
    pub async fn start() -> Self {
        Self::with(Plan::default()).await
    }

    /// The service with other settings.
    pub async fn with(plan: Plan) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let keys_dir = scratch().join(format!("keys-{}", NUMBER.fetch_add(1, Ordering::SeqCst)));
        let db = match plan.db {
            Some(db) => db,
            None => Db::fresh().await,
        };
        let sink = SmtpSink::start().await;
        let clock = Arc::new(SetClock::new(plan.now.parse().unwrap()));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared: SharedClock = clock.clone();
        let common = Common {
            database_url: plan.database_url.clone().unwrap_or_else(|| db.url().to_owned()),
            service: service(address),
            secrets: plan.secrets.clone(),
            second_clock: SecondClock::Set(plan.second_clock.unwrap_or_else(|| Arc::clone(&shared))),
            clock: shared,
            metrics: Metrics::new(ashiato::base::telemetry::Half::Both),
            wake: Arc::new(Notify::new()),
        };
        let worker_plan = WorkerPlan {
            keys: KeyStore::init(&keys_dir).unwrap(),
            smtp: SmtpUrl::parse(&sink.url()).unwrap(),
            mail_from: EmailAddress::parse("oshirase@city.example.jp").unwrap(),
            delivery: DeliveryOptions { connections: 2, ..DeliveryOptions::default() },
            city: plan.city,
            tokens_may_approve: plan.tokens_may_approve,
        };
        let worker = Worker::prepare(&common, worker_plan).await.unwrap();
        let web_plan = WebPlan {
            ingest_database_url: None,
            notifier: worker.state.keys.public_key(),
            listener,
            metrics_listener: None,
            workers: 1,
            venue_policy: plan.venue_policy,
            hold_minutes: plan.hold_minutes,
            city: plan.city,
            tokens_may_approve: plan.tokens_may_approve,
            tell_venues: plan.tell_venues,
            check_in_rate: plan.check_in_rate,
            trusted_proxies: plan.trusted_proxies,
            mailbox: plan.mailbox,
            showcase: plan.showcase,
        };
        let web = Web::start(&common, web_plan).unwrap();
        let app = Self { address, db, sink, clock, web, worker, secrets: plan.secrets };
        app.until_ready().await;
        app
    }

    /// Waits until a check-in can be taken.
    pub async fn until_ready(&self) {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let answer = self.get("/readyz").await;
            if answer.status == 200 {
                return;
            }
            assert!(Instant::now() < deadline, "not ready: {}", answer.text());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Lets the worker run by itself, as in production.
    pub fn run_worker(&mut self) {
        self.worker.run();
    }

    /// Turns approved alerts into notices, once.
    pub async fn dispatch(&self) {
        self.worker.state.dispatcher.run_due().await.unwrap();
    }

    /// Sends what is due.
    pub async fn deliver(&self) -> Drained {
        self.worker.state.delivery.drain().await
    }

    /// `GET path`
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], b"").await
    }

    /// Any request.
    pub async fn send(&self, method: &str, path: &str, headers: &[&str], body: &[u8]) -> Answer {
        http::send(self.address, method, path, headers, body).await.unwrap()
    }

    /// A form, as a browser posts it.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let body: Vec<_> = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        self.send("POST", path, &["Content-Type: application/x-www-form-urlencoded"], body.join("&").as_bytes()).await
    }

    /// A request of a program, with or without a token and a body.
    pub async fn api(&self, method: &str, path: &str, token: Option<&str>, body: Option<Value>) -> Answer {
        let authorization = token.map(|token| format!("Authorization: Bearer {token}"));
        let content = body.is_some().then(|| "Content-Type: application/json".to_owned());
        let headers: Vec<&str> = authorization.iter().chain(&content).map(String::as_str).collect();
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        self.send(method, path, &headers, body.as_bytes()).await
    }

    /// A command-line token.
    pub async fn token(&self, role: Role, name: &str) -> String {
        let mut connection = self.db.connect(DbRole::Owner).await;
        let (_, token) = create_token(&mut connection, self.clock.now(), name, role, None).await.unwrap();
        token.expose().to_owned()
    }

    /// A venue that takes check-ins, entered and approved by an official.
    pub async fn venue(&self, name: &str, posters: &[&str]) -> OpenVenue {
        let token = self.token(Role::Tracer, "venue clerk").await;
        let body = json!({ "name": name, "kind": "restaurant", "address": "あおば市中央1-2-3", "contact_email": "shop@example.jp", "posters": posters });
        let created = self.api("POST", "/api/v1/venues", Some(&token), Some(body)).await.expect_status(201).unwrap().json().unwrap();
        let id = created["id"].as_str().unwrap().to_owned();
        if created["status"] != "active" {
            self.api("POST", &format!("/api/v1/venues/{id}/approve"), Some(&token), None).await.expect_status(200).unwrap();
        }
        let posters = self.api("GET", &format!("/api/v1/venues/{id}/posters"), Some(&token), None).await.json().unwrap();
        let codes = posters.as_array().unwrap().iter().map(|poster| poster["code"].as_str().unwrap().to_owned()).collect();
        OpenVenue { id, codes }
    }

    /// The cookie's value of a session of whoever reads this mailbox.
    pub async fn shop_session(&self, contact: &str) -> String {
        let token = Token::random();
        let mut owner = self.db.connect(DbRole::Owner).await;
        let session = "insert into shop_session (token_sha256, contact, expires_at) values ($1, $2, $3)";
        let expires_at = self.clock.now() + chrono::Duration::hours(12);
        let session = sqlx::query(session).bind(&token.sha256()[..]).bind(contact).bind(expires_at);
        session.execute(&mut owner).await.unwrap();
        token.expose().to_owned()
    }

    /// Asks as a venue with that session's cookie; a form if there are fields, else a page.
    pub async fn as_shop(&self, session: &str, method: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let body: Vec<_> = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let cookie = format!("Cookie: shop={session}");
        let headers = [cookie.as_str(), "Sec-Fetch-Site: same-origin", "Content-Type: application/x-www-form-urlencoded"];
        self.send(method, path, &headers, body.join("&").as_bytes()).await
    }

    /// Checks a made-up visitor in, through the page.
    pub async fn check_in(&self, code: &str, email: &str) -> Answer {
        self.form(&format!("/c/{code}"), &[("email", email)]).await.expect_status(200).unwrap()
    }
}

/// A made-up city.
pub fn service(address: SocketAddr) -> Service {
    Service {
        city: "あおば市".into(),
        name: "感染症お知らせサービス".into(),
        operator: "あおば市保健所".into(),
        hotline: "0120-000-000".into(),
        hotline_hours: "毎日 9:00〜21:00".into(),
        base_url: format!("http://{address}"),
        host: address.to_string(),
        zone: Zone(chrono_tz::Asia::Tokyo),
        retention_days: 31,
        public_list: true,
    }
}
