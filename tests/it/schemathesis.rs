//! Schemathesis against the running service: no 5xx, no answer that the document does not know, nothing valid refused as malformed.
//!
//! Takes a minute or two and a Python environment, which `.ci/schemathesis` makes; a plain `cargo test` leaves it out.
use crate::support::app::{App, OpenVenue};
use crate::support::db::scratch;
use crate::support::say;
use ashiato::official::Role;
use ashiato::web::openapi::DOCUMENT;
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

/// Examples for each operation and phase: bounded, and the same in every run.
const EXAMPLES: &str = "8";
/// Shorter than any two requests are apart.
const TICK: Duration = Duration::from_millis(1);
const SEED: &str = "20261122";
/// What is right and cannot be in the service yet, or is there in a state that forbids it, is no fault of the document: the schema
/// cannot say which venues there are. A valid request must not be called malformed (400, 405, 413, 415).
const SETTINGS: &str = r#"
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "422", "429"]
"#;

/// Things that exist, by the names that the document's examples give them.
struct Identifiers {
    venue: OpenVenue,
    token: String,
    known: Vec<(&'static str, String)>,
}

impl Identifiers {
    async fn new(app: &App) -> Self {
        let token = app.token(Role::Admin, "schemathesis").await;
        let venue = app.venue("喫茶 ひだまり", &["入口", "テーブル 1"]).await;
        for person in 0..7 {
            app.check_in(&venue.codes[0], &format!("visitor{person}@example.jp")).await;
        }
        let posters = app.api("GET", &format!("/api/v1/venues/{}/posters", venue.id), Some(&token), None).await.json().unwrap();
        let case = json!({ "reference": "R8-0001", "stays": [{ "venue_id": venue.id, "date": "2026-11-22" }] });
        let case = app.api("POST", "/api/v1/cases", Some(&token), Some(case)).await.expect_status(201).unwrap().json().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let known = vec![
            ("1f0e7c5a-6f2d-4c1b-9a55-0d7a3b1f2c10", venue.id.clone()),
            ("8a1c3a86-2f0e-4f77-8f0f-6f1f2c9d4e11", text(&posters[0]["id"])),
            ("c2b7d2f4-94c1-4a3a-8d0e-5b6a7c8d9e12", text(&case["id"])),
            ("5d6e7f80-1a2b-4c3d-8e4f-90a1b2c3d413", text(&case["alert_id"])),
            ("7K3M-9QXZ-2VTJ", venue.codes[0].clone()),
            ("7K3M9QXZ2VTJ", venue.codes[0].clone()),
            ("2026-11-20", "2026-11-22".to_owned()),
        ];
        Self { venue, token, known }
    }

    fn id(&self, example: &str) -> &str {
        &self.known.iter().find(|(name, _)| *name == example).unwrap().1
    }

    /// The document with examples that are true here.
    fn document(&self) -> String {
        let true_here = |text: String, (name, value): &(&str, String)| {
            assert!(text.contains(name), "no example speaks of {name} any more");
            text.replace(name, value)
        };
        self.known.iter().fold(DOCUMENT.to_owned(), true_here)
    }

    /// Settings under which what is in a path exists.
    fn settings_of_what_exists(&self) -> String {
        let parts = [
            ("venues", "id", self.venue.id.clone()),
            ("cases", "id", self.id("c2b7d2f4-94c1-4a3a-8d0e-5b6a7c8d9e12").to_owned()),
            ("alerts", "id", self.id("5d6e7f80-1a2b-4c3d-8e4f-90a1b2c3d413").to_owned()),
            ("posters", "file", format!("{}.svg", self.id("8a1c3a86-2f0e-4f77-8f0f-6f1f2c9d4e11"))),
        ];
        let block = |(part, name, value): &(&str, &str, String)| {
            format!("\n[[operations]]\ninclude-path-regex = \"^/api/v1/{part}/\"\nparameters = {{ \"path.{name}\" = \"{value}\" }}\n")
        };
        format!("{SETTINGS}{}", parts.iter().map(block).collect::<String>())
    }
}

fn program() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("schemathesis/bin/st")
}

/// Runs it to its end; what it said, and whether it found nothing.
fn judge(app: &App, identifiers: &Identifiers, name: &str, settings: &str, phases: &str) -> (String, bool) {
    let dir = scratch().join("schemathesis").join(name);
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("openapi.json"), identifiers.document()).unwrap();
    std::fs::write(dir.join("schemathesis.toml"), settings).unwrap();
    let mut command = Command::new(program());
    command.current_dir(&dir).args(["--config-file", "schemathesis.toml", "--no-color", "run", "openapi.json"]);
    command.args(["--url", &format!("http://{}", app.address), "--header", &format!("Authorization: Bearer {}", identifiers.token)]);
    command.args(["--phases", phases, "--max-examples", EXAMPLES, "--seed", SEED, "--warnings", "off", "--continue-on-failure"]);
    let ended = command.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    (said, ended.status.success())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes; .ci/schemathesis runs it"]
async fn the_running_service_answers_as_its_document_says() {
    let mut app = App::start().await;
    let identifiers = Identifiers::new(&app).await;
    app.run_worker();
    let clock = Arc::clone(&app.clock);
    // Time passes, so that no two acts fall into one moment.
    let ticking = tokio::spawn(async move {
        loop {
            tokio::time::sleep(TICK).await;
            clock.advance(TimeDelta::milliseconds(1));
        }
    });
    for (name, settings, phases) in [
        ("whatever", SETTINGS.to_owned(), "examples,coverage,fuzzing"),
        ("what exists", identifiers.settings_of_what_exists(), "examples,fuzzing,stateful"),
    ] {
        let (said, good) = tokio::task::block_in_place(|| judge(&app, &identifiers, name, &settings, phases));
        say(&format!("schemathesis, {name}:\n{said}"));
        assert!(good, "schemathesis found something");
    }
    ticking.abort();
}
