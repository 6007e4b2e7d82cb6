//! Commands, the main job through the API, and visitors who are answered while the service or its Postgres dies.
use super::deployment::{Deployment, durable};
use super::load::{Load, Told};
use super::program::{PATIENT, Program, lives, postmaster, signal, until};
use ashiato::base::postgres::Server;
use serde_json::Value;
use sqlx::Connection;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::PathBuf;
use std::time::Duration;

/// What stopping may take: a service that is restarted must not be away for long.
const STOP: Duration = Duration::from_secs(10);

/// The same when nothing answers any more: Postgres stands still, and every part waits as long as it may.
const STANDSTILL: Duration = Duration::from_secs(25);

/// Everybody who was told "ok" is in the database, and nobody who never came.
async fn nothing_answered_is_lost(deployment: &Deployment, told: &Told) {
    let stored = deployment.visitors().await;
    let lost: Vec<_> = told.accepted.difference(&stored).collect();
    assert!(lost.is_empty(), "answered, and lost: {} of {}", lost.len(), told.accepted.len());
    assert!(stored.is_subset(&told.tried));
    assert!(told.odd.is_empty(), "odd answers: {:#?}", told.odd);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_works_and_one_process_does_the_whole_job() {
    let deployment = Deployment::new().await;
    keys_are_made_once(&deployment).await;
    let document: Value = serde_json::from_str(&deployment.run(&["openapi"]).await.well().out).unwrap();
    assert!(document.is_object(), "JSON on standard output, alone");
    assert!(deployment.run(&["migrate"]).await.well().out.contains("up to date"), "a second time too");
    let before = deployment.run(&["healthcheck"]).await;
    assert_eq!((before.code(), before.out.as_str()), (Some(1), ""), "nobody listens yet");

    let program = deployment.serve().await;
    assert_eq!(deployment.run(&["healthcheck"]).await.well().out, "ready\n");
    whole_job(&deployment).await;
    let status = deployment.run(&["keys", "status"]).await.well().out;
    assert!(status.contains(&deployment.public_key) && status.contains("day keys: ") && status.contains("canaries: good"), "{status}");
    a_dry_run_of_the_purge_erases_nothing(&deployment).await;
    let ended = program.stopped("TERM", STOP).await.well();
    assert_eq!(ended.out, "", "a service prints nothing; it logs");
    assert!(!ended.err.contains("visitor"), "no address in the log");
}

async fn keys_are_made_once(deployment: &Deployment) {
    let identity = deployment.keys_dir().join("identity");
    let (mode, bytes) = (identity.metadata().unwrap().mode() & 0o777, std::fs::read(&identity).unwrap());
    assert_eq!((mode, deployment.keys_dir().metadata().unwrap().mode() & 0o777), (0o400, 0o700));
    let again = deployment.run(&["keys", "init"]).await;
    assert!(again.code() != Some(0) && again.out.is_empty() && again.err.lines().count() == 1, "{again:?}");
    assert_eq!(std::fs::read(&identity).unwrap(), bytes);
    assert_eq!(deployment.public_key.lines().count(), 1);
}

/// From an application to the mail, through the API alone.
async fn whole_job(deployment: &Deployment) {
    let officials = deployment.officials().await;
    let (cafe, library) = (deployment.venue(&officials, "喫茶 ひだまり").await, deployment.venue(&officials, "図書館").await);
    for visitor in 0..6 {
        deployment.check_in(&cafe, &format!("visitor{visitor}@example.jp")).await;
    }
    deployment.check_in(&cafe, " VISITOR0@Example.JP").await;
    deployment.check_in(&library, "visitor0@example.jp").await;
    let elsewhere = deployment.venue(&officials, "書店").await;
    deployment.check_in(&elsewhere, "visitor9@example.jp").await;
    let (alert, visits) = deployment.report(&officials, &[&cafe, &library]).await;
    assert_eq!(visits, 7);
    let number = deployment.release(&officials, &alert, visits).await;
    let (sent, merged) = until("all are told", PATIENT, async || {
        let counts = (deployment.notices_in("sent").await, deployment.notices_in("merged").await);
        (counts.0 + counts.1 == 7).then_some(counts)
    })
    .await;
    assert_eq!((sent, merged), (6, 1));
    // Six visitors, each once; and the two venues are told that an alert concerned them.
    let mut expected: Vec<_> = (0..6).map(|visitor| format!("visitor{visitor}@example.jp")).collect();
    expected.extend(["shop@example.jp".to_owned(), "shop@example.jp".to_owned()]);
    expected.sort();
    until("visitors and shops have their mails", PATIENT, async || {
        let about =
            deployment.sink.accepted().into_iter().filter(|mail| mail.subject.contains(&number) && !mail.to.starts_with("official"));
        let mut told: Vec<_> = about.map(|mail| mail.to).collect();
        told.sort();
        assert!(told.len() <= expected.len(), "{told:?}");
        (told == expected).then_some(())
    })
    .await;
    let shown = deployment.api("GET", &format!("/api/v1/alerts/{alert}"), Some(&officials.tracer), None).await.json().unwrap();
    assert_eq!((&shown["delivery"]["sent"], &shown["delivery"]["merged"]), (&6.into(), &1.into()));
    deployment.api("GET", &format!("/alerts/check?number={number}"), None, None).await.expect_status(200).unwrap();
}

async fn a_dry_run_of_the_purge_erases_nothing(deployment: &Deployment) {
    let mut owner = deployment.owner().await;
    let old = "select create_visit_day('2026-01-15');
        insert into visit values (gen_random_uuid(), '2026-01-15', decode(repeat('00', 16), 'hex'), 1, 1, 'x')";
    sqlx::raw_sql(old).execute(&mut owner).await.unwrap();
    let old_visits = "select count(*) from visit where visit_date = '2026-01-15'";
    let said = deployment.run(&["purge", "--dry-run"]).await.well().out;
    assert!(said.contains("would be erased: 1 dates") && said.contains("2026-01-15: "), "{said}");
    assert_eq!(sqlx::query_scalar::<_, i64>(old_visits).fetch_one(&mut owner).await.unwrap(), 1);
    let said = deployment.run(&["purge"]).await.well().out;
    assert!(said.contains("\nerased: 1 dates"), "{said}");
    assert_eq!(sqlx::query_scalar::<_, i64>(old_visits).fetch_one(&mut owner).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_killed_under_load_has_lost_no_answered_check_in() {
    let deployment = Deployment::new().await;
    let officials = deployment.officials().await;
    let mut program = deployment.serve().await;
    let venue = deployment.venue(&officials, "駅前ホール").await;
    let load = Load::start(deployment.address, &venue.code, 24);
    for round in 1..=3 {
        let more = load.accepted() + 150;
        until("visitors come", PATIENT, async || (load.accepted() >= more).then_some(())).await;
        tokio::time::sleep(Duration::from_millis(rand::random_range(0..40))).await;
        program.kill();
        program = deployment.serve().await;
        assert!(program.runs(), "round {round}: {}", program.err());
    }
    let more = load.accepted() + 100;
    until("the service goes on", PATIENT, async || (load.accepted() >= more).then_some(())).await;
    let told = load.end().await;
    assert!(told.unanswered > 0, "no kill ever hit");
    nothing_answered_is_lost(&deployment, &told).await;
    let (_, visits) = deployment.report(&officials, &[&venue]).await;
    assert_eq!(visits, deployment.visitors().await.len() as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_asked_to_stop_under_load_keeps_its_word() {
    let deployment = Deployment::new().await;
    let officials = deployment.officials().await;
    let program = deployment.serve().await;
    let venue = deployment.venue(&officials, "駅前ホール").await;
    let load = Load::start(deployment.address, &venue.code, 24);
    until("visitors come", PATIENT, async || (load.accepted() >= 200).then_some(())).await;
    program.stopped("TERM", STOP).await.well();
    let told = load.end().await;
    nothing_answered_is_lost(&deployment, &told).await;
}

/// As the first process of a container hears it: a signal that comes before the service is up is not lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_asked_to_stop_while_it_starts_ends_well() {
    let deployment = Deployment::new().await;
    let mut owner = deployment.owner().await;
    let mut held = owner.begin().await.unwrap();
    sqlx::query("lock table day_key in access exclusive mode").execute(&mut *held).await.unwrap();
    let program = Program::start(deployment.command(&["serve"]));
    // Inside a transaction the view would show the same moment for ever.
    let mut watcher = deployment.owner().await;
    let waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    until("the start waits", PATIENT, async || {
        (sqlx::query_scalar::<_, i64>(waits).fetch_one(&mut watcher).await.unwrap() > 0).then_some(())
    })
    .await;
    program.stopped("TERM", STOP).await.well();
}

/// A Postgres that can be killed and started again under the same address.
struct Mortal {
    name: &'static str,
    server: Option<Server>,
    link: PathBuf,
}

impl Mortal {
    fn new(name: &'static str) -> Self {
        let link = std::env::temp_dir().join(format!("ashiato-{name}-{}", std::process::id()));
        let mut mortal = Self { name, server: None, link };
        mortal.start();
        mortal
    }

    fn start(&mut self) {
        let server = durable(self.name).start().unwrap();
        let _not_there_at_first = std::fs::remove_file(&self.link);
        symlink(server.socket_dir(), &self.link).unwrap();
        self.server = Some(server);
    }

    /// The socket's directory has a new name at each start; the link has not.
    fn url(&self, database: &str) -> String {
        format!(
            "postgres:///{database}?host={}&port=5432&user=ashiato&sslmode=disable",
            self.link.display().to_string().replace('/', "%2F")
        )
    }

    /// Sends a signal to the server's first process and to all of its children.
    fn signal_all(&self, name: &str) {
        let pid = postmaster(self.server.as_ref().unwrap().data_dir());
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
        for pid in children.split_whitespace().map(|child| child.parse().unwrap()).chain([pid]) {
            signal(pid, name);
        }
    }

    /// `kill -9` of the server's first process.
    async fn kill(&mut self) {
        let server = self.server.take().unwrap();
        let pid = postmaster(server.data_dir());
        signal(pid, "KILL");
        until("the server is gone", PATIENT, async || (!lives(pid)).then_some(())).await;
        drop(server);
    }
}

impl Drop for Mortal {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.link);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_stands_still_does_not_hold_up_a_stop() {
    let mortal = Mortal::new("still");
    let deployment = Deployment::on(|name| mortal.url(name)).await;
    let officials = deployment.officials().await;
    let program = deployment.serve().await;
    let venue = deployment.venue(&officials, "駅前ホール").await;
    let load = Load::start(deployment.address, &venue.code, 4);
    until("visitors come", PATIENT, async || (load.accepted() >= 20).then_some(())).await;
    mortal.signal_all("STOP");
    until("visitors are told to come again", PATIENT, async || (load.turned_away() >= 4).then_some(())).await;
    let ended = program.stopped("TERM", STANDSTILL).await;
    mortal.signal_all("CONT");
    ended.well();
    nothing_answered_is_lost(&deployment, &load.end().await).await;
}

/// As a lock does that somebody forgot, or a Postgres that stands still in the middle of a statement.
#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_never_ends_does_not_hold_up_a_stop() {
    let deployment = Deployment::new().await;
    let program = deployment.serve().await;
    let mut owner = deployment.owner().await;
    let mut held = owner.begin().await.unwrap();
    // The worker's tasks read both; web's statements have a limit of their own.
    sqlx::query("lock table outbox, day_key in access exclusive mode").execute(&mut *held).await.unwrap();
    let mut watcher = deployment.owner().await;
    let waits = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    until("statements wait", PATIENT, async || {
        (sqlx::query_scalar::<_, i64>(waits).fetch_one(&mut watcher).await.unwrap() >= 2).then_some(())
    })
    .await;
    let ended = program.stopped("TERM", STANDSTILL).await.well();
    assert!(ended.err.contains("left behind") && ended.err.contains("part=\"worker\""), "it says what it did not wait for: {ended:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_is_killed_under_load_has_lost_no_answered_check_in() {
    let mut mortal = Mortal::new("mortal");
    let deployment = Deployment::on(|name| mortal.url(name)).await;
    let officials = deployment.officials().await;
    let mut program = deployment.serve().await;
    let venue = deployment.venue(&officials, "駅前ホール").await;
    let load = Load::start(deployment.address, &venue.code, 24);
    for _ in 0..2 {
        let (more, away) = (load.accepted() + 150, load.turned_away());
        until("visitors come", PATIENT, async || (load.accepted() >= more).then_some(())).await;
        mortal.kill().await;
        until("visitors are told to come again", PATIENT, async || (load.turned_away() >= away + 24).then_some(())).await;
        let unready = deployment.ready().await.unwrap();
        assert_eq!((unready.status, unready.header("retry-after").is_some()), (503, true), "{}", unready.text());
        let (accepted, away) = (load.accepted(), load.turned_away());
        until("more are told to come again", PATIENT, async || (load.turned_away() >= away + 24).then_some(())).await;
        assert_eq!(load.accepted(), accepted, "nobody is accepted without a database");
        mortal.start();
        let more = accepted + 100;
        until("the service goes on by itself", PATIENT, async || (load.accepted() >= more).then_some(())).await;
        deployment.until_ready().await;
    }
    let told = load.end().await;
    assert!(program.runs(), "{}", program.err());
    nothing_answered_is_lost(&deployment, &told).await;
    let number = the_job_goes_on(&deployment).await;
    assert!(deployment.sink.accepted().iter().any(|mail| mail.subject.contains(&number)));
    program.stopped("TERM", STOP).await.well();
}

/// The worker too has found its database again.
async fn the_job_goes_on(deployment: &Deployment) -> String {
    let officials = deployment.officials().await;
    let number = deployment.alarm(&officials, "翌日の店", 3).await;
    deployment.until_sent(3).await;
    number
}
