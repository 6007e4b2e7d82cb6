//! One deployment for one test: an own database on a durable Postgres, keys, a mail server, and the commands to run it.
use super::program::{Ended, PATIENT, Program, ashiato, run, until};
use crate::support::db::{scratch, search};
use crate::support::smtp_sink::SmtpSink;
use ashiato::base::clock::{Clock, SystemClock, Zone};
use ashiato::base::db::{self, DbRole};
use ashiato::base::postgres::{Launcher, Server};
use ashiato::base::secret::SecretKey;
use ashiato::cli::demo::http::{self, Answer};
use ashiato::keys::{KeyStore, Opener, SealedRow};
use chrono::NaiveDate;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;
use uuid::Uuid;

/// The zone of all deployments here; it is the default of `TZ_NAME`.
const ZONE: Zone = Zone(chrono_tz::Asia::Tokyo);
/// Visitors who come at once when many are let in.
const AT_ONCE: usize = 8;

/// What a test has to itself.
pub struct Deployment {
    pub dir: PathBuf,
    pub url: String,
    pub address: SocketAddr,
    pub sink: SmtpSink,
    pub public_key: String,
    secret: String,
}

/// Two people who release alerts together.
pub struct Officials {
    pub tracer: String,
    pub approver: String,
}

/// A venue that takes check-ins.
pub struct Venue {
    pub id: String,
    pub code: String,
}

/// One notice as it stands.
#[derive(Debug, sqlx::FromRow)]
pub struct Notice {
    pub id: Uuid,
    pub state: String,
    pub ambiguous_attempts: i32,
    pub lease: Option<Uuid>,
}

impl Deployment {
    /// A deployment with a schema and keys, on the server that all share.
    pub async fn new() -> Self {
        let deployment = Self::bare(|name| server().url(name)).await;
        deployment.settle_in().await
    }

    /// The same on a server of its own, reached by `url`.
    pub async fn on(url: impl Fn(&str) -> String) -> Self {
        Self::bare(url).await.settle_in().await
    }

    /// A deployment with an empty database and nothing else.
    pub async fn bare(url: impl Fn(&str) -> String) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        keep_clear_of_midnight().await;
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let dir = scratch().join(format!("city-{number}"));
        std::fs::create_dir_all(&dir).unwrap();
        let name = format!("city_{number}");
        let mut connection = PgConnection::connect(&url("postgres")).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("create database {name}"))).execute(&mut connection).await.unwrap();
        let secret = SecretKey::random().to_base64().to_string();
        Self { dir, url: url(&name), address: free_address(), sink: SmtpSink::start().await, public_key: String::new(), secret }
    }

    async fn settle_in(mut self) -> Self {
        // Roles belong to the whole server: two first migrations at once would make the same ones.
        static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
        let _turn = TURN.lock().await;
        self.public_key = self.run(&["keys", "init"]).await.well().out.trim().to_owned();
        self.run(&["migrate"]).await.well();
        self
    }

    /// Where the worker's private keys lie.
    pub fn keys_dir(&self) -> PathBuf {
        self.dir.join("keys")
    }

    /// A command with every setting of production.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = ashiato(arguments);
        command.current_dir(&self.dir).env("DATABASE_URL", &self.url).env("KEYS_DIR", self.keys_dir());
        command.env("BASE_URL", format!("http://{}", self.address)).env("LISTEN_ADDR", self.address.to_string());
        command.env("SECRET_KEY", &self.secret).env("SMTP_URL", self.sink.url()).env("MAIL_FROM", "oshirase@city.example.jp");
        command
            .env("HOTLINE", "0120-000-000")
            .env("HOLD_MINUTES", "0")
            .env("SEND_WINDOW", "")
            .env("TOKENS_MAY_APPROVE", "true")
            .env("SMTP_CONNECTIONS", "3");
        // All visitors come from one address here.
        command.env("CHECK_IN_RATE", "0");
        command
    }

    /// Runs a command that ends by itself.
    pub async fn run(&self, arguments: &[&str]) -> Ended {
        run(self.command(arguments)).await
    }

    /// Starts both halves in one process and waits until check-ins are taken.
    pub async fn serve(&self) -> Program {
        let program = Program::start(self.command(&["serve"]));
        self.until_ready().await;
        program
    }

    /// The web half as it should run: without the keys, which it could not use anyway.
    pub fn web(&self) -> Command {
        let mut command = self.command(&["serve", "--role", "web"]);
        command.env_remove("KEYS_DIR").env("DATA_DIR", self.dir.join("web")).env("NOTIFIER_PUBLIC_KEY", &self.public_key);
        command
    }

    /// The worker, whose mails name `sender`, and whose connections bear the database role of that name.
    pub async fn worker(&self, sender: &str) -> Command {
        let mut owner = self.owner().await;
        let login = format!(
            "do $$ begin create role {sender} superuser login; exception when duplicate_object or unique_violation then null; end $$"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(login)).execute(&mut owner).await.unwrap();
        let mut command = self.command(&["worker"]);
        command
            .env("MAIL_FROM", format!("{sender}@city.example.jp"))
            .env("DATABASE_URL", self.url.replace("user=ashiato", &format!("user={sender}")));
        command
    }

    /// Waits until check-ins are taken.
    pub async fn until_ready(&self) {
        until("check-ins are taken", PATIENT, async || Some(self.ready().await?.status == 200).filter(|ready| *ready)).await;
    }

    /// What `/readyz` says, if anybody listens.
    pub async fn ready(&self) -> Option<Answer> {
        http::send(self.address, "GET", "/readyz", &[], b"").await.ok()
    }

    /// A request of a program.
    pub async fn api(&self, method: &str, path: &str, token: Option<&str>, body: Option<Value>) -> Answer {
        let authorization = token.map(|token| format!("Authorization: Bearer {token}"));
        let content = body.is_some().then(|| "Content-Type: application/json".to_owned());
        let headers: Vec<&str> = authorization.iter().chain(&content).map(String::as_str).collect();
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        http::send(self.address, method, path, &headers, body.as_bytes()).await.unwrap()
    }

    /// A token for each of two people, by the command line.
    pub async fn officials(&self) -> Officials {
        Officials { tracer: self.token("tracer", "tanaka").await, approver: self.token("approver", "sato").await }
    }

    async fn token(&self, role: &str, name: &str) -> String {
        let made = self.run(&["token", "create", "--role", role, "--name", name]).await.well();
        let token = made.out.strip_suffix('\n').unwrap().to_owned();
        assert!(token.len() >= 40 && !token.contains(char::is_whitespace), "the token stands alone: {made:?}");
        token
    }

    /// A venue that takes check-ins, entered and approved by an official.
    pub async fn venue(&self, officials: &Officials, name: &str) -> Venue {
        let body = json!({ "name": name, "kind": "restaurant", "address": "あおば市中央1-2-3", "contact_email": "shop@example.jp", "posters": ["入口"] });
        let created = told(self.api("POST", "/api/v1/venues", Some(&officials.tracer), Some(body)).await, 201);
        let id = created["id"].as_str().unwrap().to_owned();
        told(self.api("POST", &format!("/api/v1/venues/{id}/approve"), Some(&officials.tracer), None).await, 200);
        let posters = told(self.api("GET", &format!("/api/v1/venues/{id}/posters"), Some(&officials.tracer), None).await, 200);
        Venue { code: posters[0]["code"].as_str().unwrap().to_owned(), id }
    }

    /// One visitor; the date that was recorded.
    pub async fn check_in(&self, venue: &Venue, address: &str) -> NaiveDate {
        let body = json!({ "code": venue.code, "email": address });
        let answer = self.api("POST", "/api/v1/check-ins", None, Some(body)).await.expect_status(201).unwrap().json().unwrap();
        answer["visit_date"].as_str().unwrap().parse().unwrap()
    }

    /// Many visitors, several at once.
    pub async fn many_check_in(&self, venue: &Venue, people: usize) {
        let mut coming = JoinSet::new();
        for first in 0..AT_ONCE {
            let (to, code, prefix) = (self.address, venue.code.clone(), venue.id[..8].to_owned());
            coming.spawn(async move {
                for number in (first..people).step_by(AT_ONCE) {
                    let body = json!({ "code": code, "email": format!("v{number}-{prefix}@example.jp") }).to_string();
                    let json = ["Content-Type: application/json"];
                    let answer = http::send(to, "POST", "/api/v1/check-ins", &json, body.as_bytes()).await.unwrap();
                    answer.expect_status(201).unwrap();
                }
            });
        }
        coming.join_all().await;
    }

    /// What the preview of a new alert on these venues counts, today; and the alert.
    pub async fn report(&self, officials: &Officials, venues: &[&Venue]) -> (String, u64) {
        let date = ZONE.today(SystemClock.now());
        let stays: Vec<_> = venues.iter().map(|venue| json!({ "venue_id": venue.id, "date": date })).collect();
        let body = json!({ "reference": format!("HC-{}", &venues[0].id[..8]), "stays": stays });
        let reported = told(self.api("POST", "/api/v1/cases", Some(&officials.tracer), Some(body)).await, 201);
        let alert = reported["alert_id"].as_str().unwrap().to_owned();
        let preview = told(self.api("GET", &format!("/api/v1/alerts/{alert}/preview"), Some(&officials.tracer), None).await, 200);
        (alert, preview["visits"].as_u64().unwrap())
    }

    /// Submits and approves; the alert's number.
    pub async fn release(&self, officials: &Officials, alert: &str, visits: u64) -> String {
        let submitted = told(self.api("POST", &format!("/api/v1/alerts/{alert}/submit"), Some(&officials.tracer), None).await, 200);
        let approve = format!("/api/v1/alerts/{alert}/approve");
        told(self.api("POST", &approve, Some(&officials.approver), Some(json!({ "visits": visits }))).await, 200);
        submitted["number"].as_str().unwrap().to_owned()
    }

    /// A venue where so many people were today, and a released alert on it.
    pub async fn alarm(&self, officials: &Officials, name: &str, people: usize) -> String {
        let venue = self.venue(officials, name).await;
        self.many_check_in(&venue, people).await;
        let (alert, visits) = self.report(officials, &[&venue]).await;
        assert_eq!(visits, people as u64);
        self.release(officials, &alert, visits).await
    }

    /// A connection of the schema's owner.
    pub async fn owner(&self) -> PgConnection {
        db::connect(&self.url, DbRole::Owner).await.unwrap()
    }

    /// Everybody whose visit is in the database, read with the worker's keys.
    pub async fn visitors(&self) -> BTreeSet<String> {
        type VisitRow = (Uuid, NaiveDate, Vec<u8>, i64, Vec<u8>);
        let mut owner = self.owner().await;
        let select = "select venue_id, visit_date, mac, epoch_id, sealed from visit";
        let rows: Vec<VisitRow> = sqlx::query_as(select).fetch_all(&mut owner).await.unwrap();
        let sealed = |(venue_id, visit_date, mac, epoch_id, sealed)| SealedRow { venue_id, visit_date, mac, epoch_id, sealed };
        let rows: Vec<SealedRow> = rows.into_iter().map(sealed).collect();
        let opener = Opener::new(KeyStore::open(&self.keys_dir()).unwrap());
        let opened = opener.open_visits(&mut owner, &rows).await.unwrap();
        let names: BTreeSet<String> =
            opened.into_iter().map(|visit| visit.unwrap_or_else(|_| panic!("a visit does not open")).address.expose().to_owned()).collect();
        assert_eq!(names.len(), rows.len(), "each once");
        names
    }

    /// All notices.
    pub async fn notices(&self) -> Vec<Notice> {
        let select = "select id, state, ambiguous_attempts, lease from outbox where kind = 'notice'";
        sqlx::query_as(select).fetch_all(&mut self.owner().await).await.unwrap()
    }

    /// How many notices are in this state.
    pub async fn notices_in(&self, state: &str) -> usize {
        self.notices().await.iter().filter(|notice| notice.state == state).count()
    }

    /// Waits until so many notices count as sent.
    pub async fn until_sent(&self, notices: usize) {
        until("all is sent", PATIENT, async || (self.notices_in("sent").await == notices).then_some(())).await;
    }

    /// How often a notice was taken by the mail server.
    pub fn taken(&self) -> impl Fn(&Notice) -> usize + use<> {
        let counts = self.sink.accepted_by_message_id();
        move |notice| counts.get(&format!("{}@city.example.jp", notice.id)).copied().unwrap_or(0)
    }

    /// How many notices the mail server has taken; letters do not count.
    pub async fn notices_taken(&self) -> usize {
        self.notices().await.iter().map(self.taken()).sum()
    }

    /// The promise of delivery, notice by notice, once all are sent. Returns how many attempts were ambiguous.
    pub async fn judge(&self, notices: usize) -> usize {
        let (rows, taken) = (self.notices().await, self.taken());
        assert_eq!(rows.len(), notices);
        let mut ambiguous = 0;
        for row in &rows {
            let may_be = usize::try_from(row.ambiguous_attempts).unwrap();
            assert!(row.state == "sent" && (1..=1 + may_be).contains(&taken(row)), "{row:?} was taken {} times", taken(row));
            ambiguous += may_be;
        }
        ambiguous
    }

    /// Waits until a killed program's statements have ended in the server.
    pub async fn until_gone(&self, login: &str) {
        let mut owner = self.owner().await;
        let sql = "select count(*) from pg_stat_activity where datname = current_database() and usename = $1";
        until("its connections are closed", PATIENT, async || {
            let left: i64 = sqlx::query_scalar(sql).bind(login).fetch_one(&mut owner).await.unwrap();
            (left == 0).then_some(())
        })
        .await;
    }
}

/// Counts of a story speak of one date: none begins shortly before midnight.
async fn keep_clear_of_midnight() {
    while ZONE.wall_time(SystemClock.now()) == "23:59" {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// An address on loopback where nobody listens; below the ports that the kernel gives to clients, so that it stays free over a restart.
pub fn free_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + u16::try_from(std::process::id() % 600).unwrap() * 20;
    loop {
        let address = SocketAddr::from(([127, 0, 0, 1], first + NEXT.fetch_add(1, Ordering::SeqCst)));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// A launcher whose commits are on the disk.
pub fn durable(name: &str) -> Launcher {
    Launcher::new(scratch().join(name), search()).setting("max_connections", "300")
}

/// The server that most stories share. It ends with this process, however that ends.
fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| durable("durable-postgres").start().unwrap_or_else(|error| panic!("tests need PostgreSQL: {error}")))
}

/// What an answer says that must have this status.
fn told(answer: Answer, status: u16) -> Value {
    answer.expect_status(status).unwrap().json().unwrap()
}
