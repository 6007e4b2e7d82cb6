//! Workers that are killed, asked to stop, or many. The mail server's record against the outbox is the judge.
use super::deployment::{Deployment, free_address};
use super::program::{PATIENT, Program, until};
use crate::support::smtp_sink::{Behaviour, Stage};
use ashiato::cli::demo::http;
use std::collections::BTreeMap;
use std::time::Duration;
use uuid::Uuid;

/// What stopping may take while mails are on their way.
const STOP: Duration = Duration::from_secs(10);

/// A mail server that takes its time, so that a kill hits mails that are on their way.
fn slow(deployment: &Deployment, per_mail: u64) {
    deployment.sink.behave(Behaviour::Delay(Stage::Dot, Duration::from_millis(per_mail)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_killed_again_and_again_loses_nothing() {
    const NOTICES: usize = 450;
    const ROUNDS: usize = 6;
    let deployment = Deployment::new().await;
    let prepared = Program::start(deployment.worker("first").await);
    let _web = Program::start(deployment.web());
    deployment.until_ready().await;
    prepared.stopped("TERM", STOP).await.well();
    let officials = deployment.officials().await;
    deployment.alarm(&officials, "駅前ホール", NOTICES).await;
    slow(&deployment, 8);
    for round in 1..=ROUNDS {
        let more = deployment.sink.accepted().len() + rand::random_range(1..40);
        let worker = Program::start(deployment.worker("mortal").await);
        deployment.sink.wait_for(more, PATIENT).await;
        tokio::time::sleep(Duration::from_millis(rand::random_range(0..15))).await;
        worker.kill();
        deployment.until_gone("mortal").await;
        judge_midway(&deployment, NOTICES).await;
        if round < ROUNDS {
            // The lease of two minutes and the wait of fifteen pass; the last killed worker's do not yet.
            pass(&deployment, "lease_until").await;
        }
        if round % 2 == 0 {
            pass(&deployment, "next_at").await;
        }
    }
    leases_of_the_dead_hold_until_they_end(&deployment, NOTICES).await;
    let ambiguous = deployment.judge(NOTICES).await;
    assert!(ambiguous > 0, "no kill ever hit a mail on its way");
    assert_eq!(stops(&deployment).await, 0, "no kill looks like a restored database");
}

/// How often sending was stopped.
async fn stops(deployment: &Deployment) -> i64 {
    sqlx::query_scalar("select count(*) from sending_stop").fetch_one(&mut deployment.owner().await).await.unwrap()
}

/// Lets a time in the outbox be over.
async fn pass(deployment: &Deployment, column: &str) {
    let of = if column == "next_at" { "state = 'ambiguous'" } else { "lease is not null" };
    let sql = format!("update outbox set {column} = now() - interval '1 second' where {of} and finished_at is null");
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut deployment.owner().await).await.unwrap();
}

/// What must hold at any moment: no mail was taken more often than its row admits.
async fn judge_midway(deployment: &Deployment, notices: usize) {
    let (rows, taken) = (deployment.notices().await, deployment.taken());
    assert_eq!(rows.len(), notices);
    for row in rows {
        let open = usize::from(matches!(row.state.as_str(), "sent" | "submitting"));
        let most = usize::try_from(row.ambiguous_attempts).unwrap() + open;
        assert!(taken(&row) <= most && taken(&row) >= usize::from(row.state == "sent"), "{row:?} was taken {} times", taken(&row));
    }
}

/// A living worker sends all the others, and leaves the dead one's rows alone until their lease is over; those that may
/// have been sent then wait a quarter of an hour more.
async fn leases_of_the_dead_hold_until_they_end(deployment: &Deployment, notices: usize) {
    deployment.sink.heal();
    pass(deployment, "next_at").await;
    let held: BTreeMap<Uuid, String> =
        deployment.notices().await.into_iter().filter(|row| row.lease.is_some()).map(|row| (row.id, row.state)).collect();
    let submitting: Vec<Uuid> = held.iter().filter(|(_, state)| *state == "submitting").map(|(id, _)| *id).collect();
    assert!(!submitting.is_empty(), "the last kill hit no mail on its way");
    let before = taken_of(deployment, &submitting).await;

    let worker = Program::start(deployment.worker("living").await);
    deployment.until_sent(notices - held.len()).await;
    let now: BTreeMap<Uuid, String> =
        deployment.notices().await.into_iter().filter(|row| row.lease.is_some()).map(|row| (row.id, row.state)).collect();
    assert_eq!(now, held, "a lease is kept, whoever holds it");
    pass(deployment, "lease_until").await;
    until("the leased are sent", PATIENT, async || (deployment.notices_in("sent").await == notices - submitting.len()).then_some(())).await;
    until("the others are ambiguous", PATIENT, async || (deployment.notices_in("ambiguous").await == submitting.len()).then_some(())).await;
    let sql = "select bool_and(next_at between now() + interval '14 minutes' and now() + interval '15 minutes') from outbox where state = 'ambiguous'";
    assert!(sqlx::query_scalar::<_, bool>(sql).fetch_one(&mut deployment.owner().await).await.unwrap(), "they wait a quarter of an hour");
    let after = taken_of(deployment, &submitting).await;
    assert_eq!(after, before, "they are not sent again at once");
    pass(deployment, "next_at").await;
    deployment.until_sent(notices).await;
    worker.stopped("TERM", STOP).await.well();
}

/// How often the mail server took these notices, together.
async fn taken_of(deployment: &Deployment, ids: &[Uuid]) -> usize {
    deployment.notices().await.iter().filter(|row| ids.contains(&row.id)).map(deployment.taken()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_and_four_workers_send_each_notice_once() {
    let deployment = Deployment::new().await;
    let (mut first, metrics) = (deployment.worker("w1").await, free_address());
    first.env("METRICS_ADDR", metrics.to_string());
    let mut workers = vec![Program::start(first), Program::start(deployment.worker("w2").await)];
    // The web process needs no keys directory, and starts before or after the workers.
    let web = Program::start(deployment.web());
    deployment.until_ready().await;
    for name in ["w1", "w2"] {
        connected(&deployment, name).await;
    }
    assert!(!deployment.dir.join("web/keys").exists());
    let officials = deployment.officials().await;
    // A worker may claim 256 at once and looks each second: slow enough that one alone cannot do it all.
    slow(&deployment, 25);
    deployment.alarm(&officials, "駅前ホール", 500).await;
    deployment.until_sent(500).await;
    assert_eq!(deployment.judge(500).await, 0);
    let counted = http::send(metrics, "GET", "/metrics", &[], b"").await.unwrap().expect_status(200).unwrap().text();
    assert!(counted.contains("outcome=\"sent\""), "a notifier by itself shows its counters: {counted}");
    let by_two = senders(&deployment);
    assert!(by_two.len() == 2, "both took part: {by_two:?}");

    for name in ["w3", "w4"] {
        workers.push(Program::start(deployment.worker(name).await));
    }
    for name in ["w3", "w4"] {
        connected(&deployment, name).await;
    }
    deployment.alarm(&officials, "市民会館", 1100).await;
    deployment.until_sent(1600).await;
    assert_eq!((deployment.judge(1600).await, deployment.notices_taken().await), (0, 1600));
    assert!(senders(&deployment).len() == 4, "all took part: {:?}", senders(&deployment));
    for worker in workers {
        worker.stopped("TERM", STOP).await.well();
    }
    web.stopped("TERM", STOP).await.well();
    assert_eq!(stops(&deployment).await, 0, "notifiers that share a directory do not alarm one another");
    let sql = "select deadlocks from pg_stat_database where datname = current_database()";
    assert_eq!(sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut deployment.owner().await).await.unwrap(), 0);
}

/// How many mails each worker has sent.
fn senders(deployment: &Deployment) -> BTreeMap<String, usize> {
    let mut senders = BTreeMap::new();
    for mail in deployment.sink.accepted() {
        *senders.entry(mail.from).or_default() += 1;
    }
    senders
}

/// Waits until a worker is at work.
async fn connected(deployment: &Deployment, login: &str) {
    let mut owner = deployment.owner().await;
    let sql = "select count(*) from pg_stat_activity where datname = current_database() and usename = $1 and query ilike '%outbox%'";
    until("it looks at the outbox", PATIENT, async || {
        (sqlx::query_scalar::<_, i64>(sql).bind(login).fetch_one(&mut owner).await.unwrap() > 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_asked_to_stop_leaves_nothing_in_doubt() {
    const NOTICES: usize = 300;
    let deployment = Deployment::new().await;
    let service = deployment.serve().await;
    let officials = deployment.officials().await;
    slow(&deployment, 20);
    deployment.alarm(&officials, "駅前ホール", NOTICES).await;
    // Notices, not mails: approvers and the venue get letters of the same alert.
    until("twenty notices are taken", PATIENT, async || (deployment.notices_taken().await >= 20).then_some(())).await;
    service.stopped("TERM", STOP).await.well();
    let (sent, queued) = (deployment.notices_in("sent").await, deployment.notices_in("queued").await);
    assert_eq!((sent, sent + queued), (deployment.notices_taken().await, NOTICES), "sent or queued, nothing in doubt");
    assert!(sent >= 20 && queued > 0, "{sent} sent");

    deployment.sink.heal();
    let service = deployment.serve().await;
    deployment.until_sent(NOTICES).await;
    assert_eq!((deployment.judge(NOTICES).await, deployment.notices_taken().await), (0, NOTICES));
    service.stopped("TERM", STOP).await.well();
}
