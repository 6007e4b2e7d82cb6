//! What the documents say is so: the settings are the program's, the commands exist, the files and functions named are there.
use std::path::{Path, PathBuf};
use std::process::Command;

const DOCUMENTS: [&str; 16] = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "docs/API.md",
    "docs/ARCHITECTURE.md",
    "docs/DESIGN.md",
    "docs/GUARANTEES.md",
    "docs/LICENSES.md",
    "docs/LOOK.md",
    "docs/NUMBERS.md",
    "docs/OFFICIALS.md",
    "docs/OPERATIONS.md",
    "docs/PRINTING.md",
    "docs/SETTINGS.md",
    "docs/SHOPS.md",
];
/// What a newcomer reads first, and how many lines of it.
const SHORT: [&str; 2] = ["README.md", "CONTRIBUTING.md"];
const MAX_SHORT_LINES: usize = 120;
const SETTINGS: &str = "docs/SETTINGS.md";
/// Set to have the table written instead of compared.
const REFRESH: &str = "REFRESH_DOCS";

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn file(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the one wish that the writer of the documents has")]
fn the_table_of_settings_is_the_programs_own() {
    let document = file(SETTINGS);
    let (begin, end) = ("<!-- settings -->\n", "<!-- /settings -->");
    let start = document.find(begin).expect("docs/SETTINGS.md has no <!-- settings -->") + begin.len();
    let stop = document.find(end).expect("docs/SETTINGS.md has no <!-- /settings -->");
    let table = ashiato::cli::settings_table();
    if std::env::var_os(REFRESH).is_some() {
        std::fs::write(path(SETTINGS), format!("{}{table}{}", &document[..start], &document[stop..])).unwrap();
        return;
    }
    assert!(document[start..stop] == table, "the settings have changed; run: {REFRESH}=1 cargo test --test it readme");
}

#[test]
fn the_first_documents_are_short() {
    for name in SHORT {
        let lines = file(name).lines().count();
        assert!(lines <= MAX_SHORT_LINES, "{name}: {lines} lines; a newcomer reads at most {MAX_SHORT_LINES}");
    }
}

/// Code in a document: fenced blocks of shell line by line, and spans between backticks.
fn code(text: &str) -> Vec<String> {
    let (mut found, mut fence) = (Vec::new(), None);
    for line in text.lines() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            fence = if fence.is_some() { None } else { Some(language) };
        } else if let Some(language) = fence {
            found.extend((language == "sh").then(|| line.to_owned()));
        } else {
            found.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    found
}

/// The words that follow the program's name: `ashiato keys init > key` → `["keys", "init"]`.
fn subcommand(code: &str) -> Vec<String> {
    let starts = |at: usize| !code[..at].ends_with(|c: char| c.is_alphanumeric() || "/_-.".contains(c));
    let Some((at, name)) = code.match_indices("ashiato ").find(|(at, _)| starts(*at)) else {
        return Vec::new();
    };
    let words = code[at + name.len()..].split_whitespace();
    words.take_while(|word| word.chars().all(|c| c.is_ascii_lowercase())).map(str::to_owned).collect()
}

#[test]
fn every_command_that_is_named_exists() {
    let mut seen = 0;
    for name in DOCUMENTS {
        for words in code(&file(name)).iter().map(|code| subcommand(code)).filter(|words| !words.is_empty()) {
            let asked = Command::new(env!("CARGO_BIN_EXE_ashiato")).args(&words).arg("--help").output().unwrap();
            let usage = String::from_utf8_lossy(&asked.stdout).into_owned();
            // A group of commands answers `--help` whatever follows it; its usage line tells how far it understood.
            let expected = format!("Usage: ashiato {}", words.join(" "));
            assert!(asked.status.success() && usage.contains(&expected), "{name}: ashiato {}", words.join(" "));
            seen += 1;
        }
    }
    assert!(seen > 15, "only {seen} commands found");
}

#[test]
fn every_place_in_the_code_that_is_named_is_there() {
    let mut seen = 0;
    for name in DOCUMENTS {
        for span in code(&file(name)) {
            let Some((place, function)) = span.split_once(".rs:") else { continue };
            let source = [format!("src/{place}.rs"), format!("tests/it/{place}.rs")].into_iter().find(|source| path(source).exists());
            let source = source.unwrap_or_else(|| panic!("{name}: there is no {place}.rs"));
            assert!(file(&source).contains(&format!("fn {function}")), "{name}: {source} has no fn {function}");
            seen += 1;
        }
    }
    assert!(seen > 200, "only {seen} places found");
}

#[test]
fn every_link_inside_the_repository_leads_somewhere() {
    for name in DOCUMENTS {
        let folder = path(name).parent().unwrap().to_owned();
        for target in file(name).split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = target.split('#').next().unwrap();
            if !target.is_empty() && !target.contains("://") {
                assert!(folder.join(target).exists(), "{name}: {target}");
            }
        }
    }
}

#[test]
fn every_metric_that_is_named_is_registered() {
    let telemetry = file("src/base/telemetry.rs");
    let names: Vec<_> = code(&file("docs/OPERATIONS.md"))
        .iter()
        .filter_map(|span| span.split('{').next())
        .filter(|span| span.starts_with("ashiato_") && !span.contains(' '))
        .map(|span| span.trim_end_matches("_total").to_owned())
        .filter(|span| !["ashiato_web", "ashiato_notifier", "ashiato_front"].contains(&span.as_str()))
        .collect();
    assert!(names.len() > 5, "{names:?}");
    for name in names {
        assert!(telemetry.contains(&format!("\"{name}\"")), "{name}");
    }
}

#[test]
fn the_laws_see_what_they_look_for() {
    let text = "Run `ashiato keys init > x`.\n```sh\nT=$(ashiato token create --role viewer)\n```\n```sql\ncreate role ashiato login;\n```\n`visit/recorder.rs:record`";
    let code = code(text);
    assert_eq!(code, ["ashiato keys init > x", "T=$(ashiato token create --role viewer)", "visit/recorder.rs:record"]);
    assert_eq!(subcommand(&code[0]), ["keys", "init"]);
    assert_eq!(subcommand(&code[1]), ["token", "create"]);
    assert!(subcommand(&code[2]).is_empty() && subcommand("chown /var/lib/ashiato now").is_empty());
}
