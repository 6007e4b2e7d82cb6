//! What is handed to operators says what the program says: settings by their right names, the private keys in one place, one Rust.
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// Names that others read: the postgres image, Docker Compose, cargo.
const FOREIGN: [&str; 3] = ["POSTGRES_PASSWORD_FILE", "COMPOSE_PROFILES", "SQLX_OFFLINE"];
const UNITS: [&str; 2] = ["deploy/ashiato-web.service", "deploy/ashiato-worker.service"];

fn file(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Every setting's name, as `ashiato serve --help` prints it.
fn settings() -> BTreeSet<String> {
    let help = Command::new(env!("CARGO_BIN_EXE_ashiato")).args(["serve", "--help"]).output().unwrap();
    let text = String::from_utf8(help.stdout).unwrap();
    // The name may stand on the next line; a value or a bracket may follow it.
    let names = text.split("[env:").skip(1).filter_map(|rest| rest.split_whitespace().next());
    let names: BTreeSet<_> = names.map(|name| name.split(['=', ']']).next().unwrap_or_default().to_owned()).collect();
    assert!(names.contains("BASE_URL") && names.contains("SMTP_URL_FILE"), "{names:?}");
    names
}

fn is_name(text: &str) -> bool {
    text.len() > 2 && text.starts_with(|c: char| c.is_ascii_uppercase()) && text.chars().all(|c| c.is_ascii_uppercase() || c == '_')
}

/// Names that are given a value: `NAME=value` anywhere, also behind a `#` that hides an example.
fn assigned(text: &str) -> BTreeSet<String> {
    let words = text.lines().flat_map(|line| line.trim_start_matches('#').split_whitespace());
    let names = words.filter_map(|word| word.trim_start_matches("Environment=").split_once('=')).map(|(name, _)| name);
    names.filter(|name| is_name(name)).map(str::to_owned).collect()
}

/// Keys in upper case: in a compose file those are environment variables.
fn upper_keys(yaml: &str) -> BTreeSet<String> {
    yaml.lines().filter_map(|line| line.trim().split_once(':')).map(|(key, _)| key).filter(|key| is_name(key)).map(str::to_owned).collect()
}

/// A service of the compose file: the lines below its name that stand deeper.
fn service(compose: &str, name: &str) -> String {
    let mut lines = compose.lines().skip_while(|line| *line != format!("  {name}:"));
    assert!(lines.next().is_some(), "{name}");
    let body: Vec<_> = lines.take_while(|line| line.is_empty() || line.starts_with("    ")).collect();
    body.join("\n")
}

#[test]
fn every_setting_that_is_handed_out_exists() {
    let known = settings();
    let mut handed_out = upper_keys(&file("docker-compose.yml"));
    for name in UNITS.into_iter().chain([".env.example", "Dockerfile"]) {
        let names = assigned(&file(name));
        assert!(!names.is_empty(), "{name} hands out nothing");
        handed_out.extend(names);
    }
    let strange: Vec<_> = handed_out.iter().filter(|name| !known.contains(*name) && !FOREIGN.contains(&name.as_str())).collect();
    assert!(strange.is_empty(), "{strange:?}");
    assert!(handed_out.contains("KEYS_DIR") && handed_out.contains("NOTIFIER_PUBLIC_KEY_FILE"), "{handed_out:?}");
}

#[test]
fn the_worker_alone_reaches_private_keys_and_the_relay() {
    let compose = file("docker-compose.yml");
    let worker = service(&compose, "worker");
    assert!(worker.contains("keys:/var/lib/ashiato") && worker.contains("KEYS_DIR") && worker.contains("relay"));
    for other in ["db", "web", "mail"] {
        let other = service(&compose, other);
        assert!(
            !other.contains("keys:") && !other.contains("KEYS_DIR") && !other.contains("smtp_url") && !other.contains("owner_database_url")
        );
    }
    assert!(!service(&compose, "web").contains("relay"));
    let [web, worker] = UNITS.map(file);
    assert!(!web.contains("KEYS_DIR") && !web.contains("smtp_url") && web.contains("User=ashiato-web"));
    assert!(worker.contains("KEYS_DIR") && worker.contains("User=ashiato-notifier"));
}

#[test]
fn containers_and_units_may_do_little() {
    let compose = file("docker-compose.yml");
    let hardened: Vec<_> = compose.lines().skip_while(|line| !line.starts_with("x-hardened")).take_while(|line| !line.is_empty()).collect();
    for rule in ["read_only: true", "cap_drop: [ALL]", "no-new-privileges:true"] {
        assert!(hardened.iter().any(|line| line.contains(rule)), "{rule}");
    }
    assert!(compose.contains("x-ashiato: &ashiato\n  <<: *hardened\n"));
    for name in ["db", "web", "worker", "mail"] {
        assert!(service(&compose, name).trim_start().starts_with("<<: *"), "{name}");
    }
    for unit in UNITS.map(file) {
        for rule in ["NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=\n", "LoadCredential=database_url:"] {
            assert!(unit.contains(rule), "{rule}");
        }
        for order in ["Wants=", "After="] {
            let line = unit.lines().find(|line| line.starts_with(order)).unwrap();
            assert!(line.split_whitespace().any(|target| target == "time-sync.target"), "a clock that is not set yet: {line}");
        }
    }
    assert!(file("Dockerfile").contains("\nUSER nonroot\n"));
}

#[test]
fn every_secret_of_the_compose_file_is_made_before_it_is_needed() {
    let (compose, script, manual) = (file("docker-compose.yml"), file("deploy/secrets.sh"), file("docs/OPERATIONS.md"));
    let names: Vec<_> =
        compose.lines().filter_map(|line| line.split_once("file: ./secrets/")).map(|(_, rest)| rest.trim_end_matches(" }")).collect();
    assert!(names.len() > 5, "{names:?}");
    for name in names {
        assert!(script.contains(&format!("keep {name}\n")) || manual.contains(&format!("keys init >> secrets/{name}\n")), "{name}");
    }
}

/// Whoever runs the service must not cut off a stop that would have ended by itself.
#[test]
fn units_and_containers_give_a_stop_its_time() {
    use ashiato::cli::stopping::{WEB_STOP, WORKER_STOP};
    let seconds = |text: &str, name: &str| -> u64 {
        let value = text.lines().find_map(|line| line.trim().strip_prefix(name)).unwrap_or_else(|| panic!("no {name}"));
        value.trim().trim_end_matches('s').parse().unwrap()
    };
    let compose = file("docker-compose.yml");
    for (unit, container, limit) in [(UNITS[0], "web", WEB_STOP), (UNITS[1], "worker", WORKER_STOP)] {
        // A second at the end for what hangs in a thread of its own.
        let needed = limit.as_secs() + 1;
        let (unit, container) = (seconds(&file(unit), "TimeoutStopSec="), seconds(&service(&compose, container), "stop_grace_period:"));
        assert!(unit > needed && container > needed, "unit {unit} s, container {container} s, needed {needed} s");
    }
}

/// Every use of `SECRET_KEY`, as the manual's table names it: label and what it protects, in order.
#[test]
fn the_manual_names_every_use_of_the_secret_key() {
    use ashiato::base::secret::SecretUse;
    let manual = file("docs/OPERATIONS.md");
    let (_, rest) = manual.split_once("\n## The secret key\n").unwrap();
    let rows = rest.lines().skip_while(|line| !line.starts_with("|---")).skip(1).take_while(|line| line.starts_with('|'));
    let told: Vec<_> = rows.map(|row| row.split('|').skip(1).take(2).map(str::trim).collect::<Vec<_>>().join(" ")).collect();
    let known = SecretUse::ALL.map(|usage| format!("`{}` {}", usage.label(), usage.protects()));
    assert_eq!(told, known);
}

#[test]
fn the_image_is_built_with_the_rust_that_the_crate_asks_for() {
    let manifest = file("Cargo.toml");
    let version = manifest.lines().find_map(|line| line.strip_prefix("rust-version = \"")).unwrap().trim_end_matches('"');
    assert!(file("Dockerfile").contains(&format!("FROM rust:{version}-")), "rust-version is {version}");
}

#[test]
fn the_laws_see_what_they_forbid() {
    assert_eq!(assigned("#A_B=1\nEnvironment=C_D=%d/x E_F=2\nNot=this").into_iter().collect::<Vec<_>>(), ["A_B", "C_D", "E_F"]);
    assert_eq!(service("services:\n  a:\n    x: 1\n\n  b:\n    y: 2\nvolumes:\n", "b"), "    y: 2");
}
