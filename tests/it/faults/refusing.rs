//! What production must not start with.
use super::deployment::Deployment;
use super::program::{PATIENT, Program, ashiato, run, until};
use ashiato::base::clock::{Clock, SystemClock};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Instant;

const NEEDED: [&str; 6] = ["DATABASE_URL", "BASE_URL", "SECRET_KEY", "SMTP_URL", "MAIL_FROM", "HOTLINE"];

#[tokio::test(flavor = "multi_thread")]
async fn production_names_every_setting_that_is_missing() {
    for arguments in [&["serve"][..], &["worker"], &["serve", "--role", "web"], &["serve", "--role", "worker"]] {
        let ended = run(ashiato(arguments)).await;
        for name in NEEDED {
            assert!(ended.refusal().contains(name), "{arguments:?} does not name {name}: {ended:?}");
        }
        assert_eq!(ended.refusal().contains("NOTIFIER_PUBLIC_KEY"), arguments.contains(&"web"), "{ended:?}");
    }
    // As a compose file hands over what nobody has filled in.
    let mut empty = ashiato(&["serve"]);
    empty.envs(NEEDED.map(|name| (name, "")));
    let ended = run(empty).await;
    assert!(NEEDED.iter().all(|name| ended.refusal().contains(name)), "{ended:?}");
    for arguments in [&["migrate"][..], &["token", "create", "--role", "viewer", "--name", "tanaka"]] {
        assert!(run(ashiato(arguments)).await.refusal().contains("DATABASE_URL"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn web_takes_no_check_in_without_the_right_worker_key() {
    let deployment = Deployment::new().await;
    let mut without = deployment.web();
    without.env_remove("NOTIFIER_PUBLIC_KEY");
    let refused = run(without).await;
    assert!(refused.refusal().ends_with("missing: NOTIFIER_PUBLIC_KEY"), "{refused:?}");
    let mut nonsense = deployment.web();
    nonsense.env("NOTIFIER_PUBLIC_KEY", "nonsense");
    assert!(run(nonsense).await.refusal().contains("NOTIFIER_PUBLIC_KEY"));

    let service = deployment.serve().await;
    let officials = deployment.officials().await;
    let venue = deployment.venue(&officials, "駅前ホール").await;
    service.stopped("TERM", PATIENT).await.well();
    a_stranger_never_becomes_ready(&deployment, &venue.code).await;

    let _right = Program::start(deployment.web());
    deployment.until_ready().await;
    deployment.check_in(&venue, "visitor@example.jp").await;
    assert_eq!(deployment.visitors().await.len(), 1);
}

/// One line at once and at most one for each minute that is over, however often it has tried: it tries each second.
async fn it_says_why_and_counts_the_rest(deployment: &Deployment, stranger: &mut Program, started: Instant) {
    let mut owner = deployment.owner().await;
    let mut tries = BTreeSet::new();
    until("it has tried five times", PATIENT, async || {
        assert!(stranger.runs(), "{}", stranger.err());
        // Each try begins with a sign of life.
        let last: Option<DateTime<Utc>> =
            sqlx::query_scalar("select max(seen_at) from secret_process").fetch_one(&mut owner).await.unwrap();
        tries.extend(last.filter(|seen| SystemClock.now() - seen < TimeDelta::minutes(1)));
        (tries.len() > 5).then_some(())
    })
    .await;
    // The minutes are counted after the lines, so that none of them can be counted short.
    let lines = stranger.err().matches("is not signed by the notifier named in NOTIFIER_PUBLIC_KEY").count();
    let minutes = usize::try_from(started.elapsed().as_secs() / 60).unwrap();
    assert!((1..=1 + minutes).contains(&lines), "{lines} lines in {minutes} minutes: {}", stranger.err());
}

/// The keys in the database are signed by another than this web process is told to believe.
async fn a_stranger_never_becomes_ready(deployment: &Deployment, code: &str) {
    let mut init = deployment.command(&["keys", "init"]);
    let strangers_key = run({
        init.env("KEYS_DIR", deployment.dir.join("stranger"));
        init
    })
    .await
    .well()
    .out;
    let mut web = deployment.web();
    web.env("NOTIFIER_PUBLIC_KEY", strangers_key.trim());
    let (started, mut stranger) = (Instant::now(), Program::start(web));
    it_says_why_and_counts_the_rest(deployment, &mut stranger, started).await;
    let ready = deployment.ready().await.unwrap();
    assert_eq!((ready.status, ready.text().as_str()), (503, "day key\n"));
    assert_eq!(deployment.run(&["healthcheck"]).await.code(), Some(1));
    let refused = deployment.api("POST", "/api/v1/check-ins", None, Some(json!({ "code": code, "email": "visitor@example.jp" }))).await;
    assert_eq!((refused.status, refused.header("retry-after").is_some()), (503, true));
    assert!(deployment.visitors().await.is_empty(), "nothing is stored");
    stranger.stopped("TERM", PATIENT).await.well();
}
