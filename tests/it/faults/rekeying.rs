//! `SECRET_KEY` is changed while the service runs: the manual's own lines are played, on two web hosts and a worker.
use super::deployment::{Deployment, Venue, free_address};
use super::program::{Ended, PATIENT, Program, run, until};
use crate::accounts::person::{PASSWORD, codes_on, secret_on};
use crate::bulk::activating::code_on;
use crate::support::pdf;
use ashiato::base::clock::{Clock, SystemClock};
use ashiato::base::secret::{SecretKey, SecretUse};
use ashiato::cli::demo::http::{self, Answer};
use ashiato::keys::DataKeys;
use ashiato::official::TotpSecret;
use chrono::{DateTime, TimeDelta, Utc};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// What stopping a process may take here.
const STOP: Duration = Duration::from_secs(10);
/// One step of an app's codes.
const STEP: TimeDelta = TimeDelta::seconds(30);

/// The lines of the first shell block below a heading of the manual.
fn chapter(heading: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/OPERATIONS.md");
    let manual = std::fs::read_to_string(path).unwrap();
    let (_, rest) = manual.split_once(&format!("\n{heading}\n")).unwrap();
    let block = rest.split("```sh\n").nth(1).unwrap();
    block.split("```").next().unwrap().lines().map(str::to_owned).collect()
}

/// A deployment whose secret key lies in files, as systemd hands them over, with two web hosts.
struct Hosts {
    deployment: Deployment,
    etc: PathBuf,
    addresses: [SocketAddr; 2],
    webs: [Option<Program>; 2],
    worker: Option<Program>,
}

impl Hosts {
    async fn new() -> Self {
        let deployment = Deployment::new().await;
        let etc = deployment.dir.join("etc");
        std::fs::create_dir_all(&etc).unwrap();
        std::fs::write(etc.join("secret_key"), SecretKey::random().to_base64().as_bytes()).unwrap();
        // What the units' SetCredential makes of a file that is not there.
        std::fs::write(etc.join("nothing"), "\n").unwrap();
        let addresses = [deployment.address, free_address()];
        Self { deployment, etc, addresses, webs: [None, None], worker: None }
    }

    /// A command with the files that are there now instead of the deployment's own key.
    fn with_files(&self, mut command: Command) -> Command {
        let old = self.etc.join("secret_key_old");
        let old = if old.exists() { old } else { self.etc.join("nothing") };
        command.env_remove("SECRET_KEY").env("SECRET_KEY_FILE", self.etc.join("secret_key")).env("SECRET_KEY_OLD_FILE", old);
        command.env("NOTIFIER_PUBLIC_KEY", &self.deployment.public_key).env("CITY_NAME", "あおば市").env("RUST_LOG", "warn");
        command
    }

    async fn ashiato(&self, arguments: &[&str]) -> Ended {
        run(self.with_files(self.deployment.command(arguments))).await
    }

    async fn restart_worker(&mut self) {
        if let Some(worker) = self.worker.take() {
            worker.stopped("TERM", STOP).await.well();
        }
        self.worker = Some(Program::start(self.with_files(self.deployment.command(&["worker"]))));
    }

    async fn restart_web(&mut self, host: usize) {
        if let Some(web) = self.webs[host].take() {
            web.stopped("TERM", STOP).await.well();
        }
        let mut command = self.with_files(self.deployment.web());
        command.env("LISTEN_ADDR", self.addresses[host].to_string());
        let mut web = Program::start(command);
        until("check-ins are taken", PATIENT, async || {
            assert!(web.runs(), "it ended: {}", web.err());
            let ready = http::send(self.addresses[host], "GET", "/readyz", &[], b"").await.ok()?;
            (ready.status == 200).then_some(())
        })
        .await;
        self.webs[host] = Some(web);
    }

    /// One line of the manual, as it stands there.
    async fn play(&mut self, line: &str) -> Option<Ended> {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["systemctl", "restart", "ashiato-worker"] => self.restart_worker().await,
            ["systemctl", "restart", "ashiato-web"] => {
                for host in 0..2 {
                    self.restart_web(host).await;
                }
            }
            ["systemctl", "stop", "ashiato-web", "ashiato-worker"] => {
                for program in self.webs.iter_mut().chain([&mut self.worker]).filter_map(Option::take) {
                    program.stopped("TERM", STOP).await.well();
                }
            }
            ["systemctl", "start", "ashiato-worker", "ashiato-web"] => {
                self.restart_worker().await;
                for host in 0..2 {
                    self.restart_web(host).await;
                }
            }
            ["ashiato", arguments @ ..] => return Some(self.ashiato(arguments).await),
            _ => {
                let line = line.replace("/etc/ashiato", self.etc.to_str().unwrap());
                assert!(Command::new("/bin/sh").args(["-euc", &line]).status().unwrap().success(), "{line}");
            }
        }
        None
    }

    async fn form(&self, host: usize, path: &str, fields: &[(&str, &str)]) -> Answer {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let body: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let headers = ["Content-Type: application/x-www-form-urlencoded"];
        http::send(self.addresses[host], "POST", path, &headers, body.join("&").as_bytes()).await.unwrap()
    }

    /// One visitor through either host.
    async fn check_in(&self, host: usize, venue: &Venue, address: &str) {
        let body = json!({ "code": venue.code, "email": address }).to_string();
        let headers = ["Content-Type: application/json"];
        let answer = http::send(self.addresses[host], "POST", "/api/v1/check-ins", &headers, body.as_bytes()).await.unwrap();
        answer.expect_status(201).unwrap();
    }
}

/// Somebody who joined by the link that the command line prints.
struct Person {
    email: &'static str,
    secret: TotpSecret,
    joined_at: DateTime<Utc>,
    recovery_codes: Vec<String>,
}

impl Person {
    async fn join(hosts: &Hosts, email: &'static str) -> Self {
        let link = hosts.ashiato(&["official", "invite", email, "--role", "admin", "--name", "田中 健"]).await.well().out;
        Self::follow(hosts, email, &link).await
    }

    async fn follow(hosts: &Hosts, email: &'static str, link: &str) -> Self {
        let path = format!("/console{}", link.trim().split("/console").nth(1).unwrap());
        let chosen = hosts.form(0, &path, &[("password", PASSWORD), ("again", PASSWORD)]).await.expect_status(200).unwrap();
        let (secret, joined_at) = (secret_on(&chosen.text()), SystemClock.now());
        // The step before, so that two more are left at once.
        let code = secret.code(joined_at - STEP);
        let done = hosts.form(0, &format!("{path}/confirm"), &[("totp", &code)]).await.expect_status(200).unwrap();
        Self { email, secret, joined_at, recovery_codes: codes_on(&done.text()) }
    }

    async fn log_in(&self, hosts: &Hosts, host: usize, code: &str) -> u16 {
        hosts.form(host, "/console/login", &[("email", self.email), ("password", PASSWORD), ("totp", code)]).await.status
    }

    /// By the app, with a code that nobody used; waits for one if need be.
    async fn by_app(&self, hosts: &Hosts, host: usize, steps_later: i32) -> u16 {
        let at = self.joined_at + STEP * steps_later;
        until("the code is good", PATIENT, async || (SystemClock.now() >= at - STEP + TimeDelta::seconds(1)).then_some(())).await;
        self.log_in(hosts, host, &self.secret.code(at.max(SystemClock.now()))).await
    }

    async fn by_recovery_code(&mut self, hosts: &Hosts, host: usize) -> u16 {
        let code = self.recovery_codes.pop().unwrap();
        let fields = [("email", self.email), ("password", PASSWORD), ("code", code.as_str())];
        hosts.form(host, "/console/recover", &fields).await.status
    }
}

/// A venue that the deployment entered, and the code that stands on its letter.
async fn printed_letter(hosts: &Hosts) -> String {
    let list = hosts.deployment.dir.join("list.csv");
    std::fs::write(&list, "名称,種類,住所,メールアドレス,テーブル数,管理番号\r\n花屋,店舗,あおば市中央9,,,\r\n").unwrap();
    let made = hosts.ashiato(&["venue", "import", list.to_str().unwrap(), "--json"]).await.well().out;
    let batch = serde_json::from_str::<serde_json::Value>(&made).unwrap()["id"].as_str().unwrap().to_owned();
    let file = hosts.deployment.dir.join("letters.pdf");
    hosts.ashiato(&["venue", "letters", "--import", &batch, "--out", file.to_str().unwrap()]).await.well();
    let pages = pdf::read(&std::fs::read(file).unwrap());
    code_on(pages.iter().find(|page| page.contains("/venues/activate")).unwrap())
}

async fn wrappings(deployment: &Deployment) -> Vec<(String, i64)> {
    let sql = "select encode(key_id, 'hex'), count(*) from data_key group by 1 order by 1";
    sqlx::query_as(sql).fetch_all(&mut deployment.owner().await).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chapter_on_changing_the_secret_key_is_played() {
    let mut hosts = Hosts::new().await;
    hosts.restart_worker().await;
    hosts.restart_web(0).await;
    hosts.restart_web(1).await;
    let officials = hosts.deployment.officials().await;
    let venue = hosts.deployment.venue(&officials, "駅前ホール").await;
    let (mut ken, yui) = (Person::join(&hosts, "ken@city.example.jp").await, Person::join(&hosts, "yui@city.example.jp").await);
    let letter = printed_letter(&hosts).await;
    assert_eq!(ken.by_app(&hosts, 0, 0).await, 303, "before, by the app");
    assert_eq!(ken.by_recovery_code(&hosts, 1).await, 303, "before, by a recovery code");
    let old = std::fs::read_to_string(hosts.etc.join("secret_key")).unwrap().parse::<SecretKey>().unwrap().id().to_string();
    assert_eq!(wrappings(&hosts.deployment).await, [(old.clone(), 5)]);

    let lines = chapter("### Change it");
    assert_eq!(lines.len(), 9, "{lines:?}");
    for (number, line) in lines.iter().enumerate() {
        let ended = hosts.play(line).await;
        for host in 0..2 {
            hosts.check_in(host, &venue, &format!("visitor{number}-{host}@example.jp")).await;
        }
        assert_eq!(ken.by_recovery_code(&hosts, number % 2).await, 303, "after: {line}");
        match line.as_str() {
            "systemctl restart ashiato-worker" if number == 2 => {
                assert_eq!(ken.by_app(&hosts, 0, 1).await, 303, "in the middle, by the app, on a host with the old key");
                let early = hosts.ashiato(&["keys", "rotate-secret", "--finish"]).await;
                assert!(early.code() == Some(1) && early.err.contains("2 running processes do not have"), "{early:?}");
                assert!(hosts.ashiato(&["keys", "rotate-secret"]).await.out.contains("left: 2 running processes"));
            }
            "ashiato keys rotate-secret --status" => {
                let said = ended.unwrap();
                assert_eq!(said.code(), Some(1), "{said:?}");
                assert!(SecretUse::ALL.iter().all(|usage| said.out.contains(usage.label())), "{said:?}");
                assert!(said.out.contains(&old) && said.out.contains("every process that runs has the new one"), "{said:?}");
            }
            "ashiato keys rotate-secret --finish" => {
                assert!(ended.unwrap().well().out.contains("5 wrappings under other keys"));
                let status = hosts.ashiato(&["keys", "rotate-secret", "--status"]).await.well();
                assert!(!status.out[status.out.find("official-totp").unwrap()..].contains(&old), "{status:?}");
            }
            _ => {}
        }
    }
    let new = std::fs::read_to_string(hosts.etc.join("secret_key")).unwrap().parse::<SecretKey>().unwrap().id().to_string();
    assert_eq!(wrappings(&hosts.deployment).await, [(new, 5)]);
    assert!(!hosts.etc.join("secret_key_old").exists());
    // The worker has wrapped the mac keys under their fresh data key, or a restarted web would not be ready.
    assert_eq!(yui.by_app(&hosts, 1, 0).await, 303, "after, by an app that was never used meanwhile");
    let activated = hosts.form(0, &format!("/venues/activate/{}", letter.replace('-', "")), &[("contact_email", "")]).await;
    assert!(activated.status == 200 && activated.text().contains("ポスターが使えます"), "the printed letter");
    assert_eq!(hosts.deployment.visitors().await.len(), 2 * lines.len());
    let actions = "select count(*) from audit_entry where action in ('keys.wrap', 'keys.finish_change')";
    assert_eq!(sqlx::query_scalar::<_, i64>(actions).fetch_one(&mut hosts.deployment.owner().await).await.unwrap(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_fits_nothing_starts_nothing() {
    let mut hosts = Hosts::new().await;
    hosts.restart_worker().await;
    hosts.restart_web(0).await;
    let ken = Person::join(&hosts, "ken@city.example.jp").await;
    hosts.play("systemctl stop ashiato-web ashiato-worker").await;
    let (key, used) = (hosts.etc.join("secret_key"), std::fs::read(hosts.etc.join("secret_key")).unwrap());
    let write = |name: &str, secret: &SecretKey| std::fs::write(hosts.etc.join(name), secret.to_base64().as_bytes()).unwrap();
    // A new key alone, and one with a wrong old one.
    write("secret_key", &SecretKey::random());
    for _ in 0..2 {
        for command in [hosts.deployment.web(), hosts.deployment.command(&["worker"]), hosts.deployment.command(&["serve"])] {
            let refused = run(hosts.with_files(command)).await;
            let why = refused.refusal();
            assert!(why.contains("SECRET_KEY") && why.contains("does not open what is stored") && why.contains("SECRET_KEY_OLD"), "{why}");
        }
        write("secret_key_old", &SecretKey::random());
    }
    // Values of before there were data keys: the same, derived from the key.
    std::fs::remove_file(hosts.etc.join("secret_key_old")).unwrap();
    let mut owner = hosts.deployment.owner().await;
    let before = "delete from data_key; update data_key_origin set grown = true";
    sqlx::raw_sql(before).execute(&mut owner).await.unwrap();
    let refused = run(hosts.with_files(hosts.deployment.command(&["worker"]))).await;
    assert!(refused.refusal().contains("opens none of the officials' second factors"), "{refused:?}");
    std::fs::write(&key, &used).unwrap();
    // This account was made under random data keys: it stands for one that another key made.
    let refused = run(hosts.with_files(hosts.deployment.command(&["worker"]))).await;
    assert!(refused.refusal().contains("opens none"), "{refused:?}");
    sqlx::query("delete from official_credential").execute(&mut owner).await.unwrap();
    hosts.restart_worker().await;
    hosts.restart_web(0).await;
    let secret: SecretKey = String::from_utf8(used).unwrap().parse().unwrap();
    let keys = DataKeys::open(&mut owner, &secret.clone().into()).await.unwrap();
    assert!(SecretUse::ALL.into_iter().all(|usage| keys.key(usage) == &*secret.grown(usage)), "nobody is locked out by the upgrade");
    // Joined now, under what grew; then upgraded anew, with a new key and the old one at once.
    let link = hosts.ashiato(&["official", "reset", ken.email]).await.well().out;
    let ken = Person::follow(&hosts, ken.email, &link).await;
    hosts.play("systemctl stop ashiato-web ashiato-worker").await;
    sqlx::raw_sql(before).execute(&mut owner).await.unwrap();
    std::fs::rename(&key, hosts.etc.join("secret_key_old")).unwrap();
    std::fs::write(&key, SecretKey::random().to_base64().as_bytes()).unwrap();
    hosts.restart_worker().await;
    hosts.restart_web(0).await;
    assert_eq!(ken.by_app(&hosts, 0, 0).await, 303);
    assert_eq!(wrappings(&hosts.deployment).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_lost_key_everybody_is_reset_and_check_ins_go_on() {
    let mut hosts = Hosts::new().await;
    hosts.restart_worker().await;
    hosts.restart_web(0).await;
    hosts.restart_web(1).await;
    let officials = hosts.deployment.officials().await;
    let venue = hosts.deployment.venue(&officials, "駅前ホール").await;
    let mut ken = Person::join(&hosts, "ken@city.example.jp").await;
    hosts.check_in(0, &venue, "before@example.jp").await;
    let running = hosts.ashiato(&["keys", "rotate-secret", "--discard"]).await;
    assert!(running.code() == Some(1) && running.err.contains("3 processes run"), "{running:?}");
    std::fs::write(hosts.etc.join("secret_key"), SecretKey::random().to_base64().as_bytes()).unwrap();
    for line in chapter("### Lost, or stolen") {
        if line.ends_with(" EMAIL") {
            for answer in [ken.by_app(&hosts, 0, 0).await, ken.by_recovery_code(&hosts, 0).await] {
                assert_eq!(answer, 503, "the person typed everything right");
            }
            let link = hosts.play(&line.replace("EMAIL", ken.email)).await.unwrap().well().out;
            let again = Person::follow(&hosts, ken.email, &link).await;
            assert_eq!(again.by_app(&hosts, 1, 0).await, 303);
        } else if let Some(ended) = hosts.play(&line).await {
            ended.well();
        }
    }
    hosts.check_in(1, &venue, "after@example.jp").await;
    assert_eq!(hosts.deployment.visitors().await.len(), 2);
}
