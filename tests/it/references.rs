//! What sources, templates, SQL and documents point at is there: the file, its section, its heading; and nothing points
//! at a file outside the repository.
use std::path::{Path, PathBuf};

/// Where files are looked for, beside those that lie in the root itself.
const FOLDERS: [&str; 9] = ["src", "tests", "benches", "migrations", "docs", "assets", "deploy", ".ci", ".cargo"];
/// It holds references that lead nowhere, to try the reader with.
const THIS_FILE: &str = "tests/it/references.rs";
/// Migrations that were applied before the documents lay here. Their checksum is checked, so they keep their words,
/// `DESIGN §n`; the law reads them as `docs/DESIGN.md §n`, and what they name must be there like anything else.
const APPLIED: [&str; 2] = ["migrations/0001_roles.sql", "migrations/0010_my.sql"];

/// One pointer to a document.
#[derive(Debug, PartialEq)]
struct Reference {
    /// From the root: `docs/DESIGN.md`.
    file: String,
    /// `3` of `§3`.
    section: Option<String>,
    /// What stands in quotation marks behind it.
    heading: Option<String>,
}

/// One heading of a document, with the number of the section that it stands in.
#[derive(Debug, PartialEq)]
struct Heading {
    section: Option<String>,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>, deeper: bool) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if !path.is_dir() {
            files.push(path);
        } else if deeper {
            collect(&path, files, true);
        }
    }
}

/// Name from the root and text of every file that is text.
fn texts() -> Vec<(String, String)> {
    let mut files = Vec::new();
    collect(root(), &mut files, false);
    FOLDERS.iter().for_each(|folder| collect(&root().join(folder), &mut files, true));
    let named = files.into_iter().filter_map(|path| {
        let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        std::fs::read_to_string(&path).ok().map(|text| (name, text))
    });
    named.filter(|(name, _)| name != THIS_FILE && name != "Cargo.lock").collect()
}

/// The text in one line, without what begins a comment: a reference may go on in the next line.
fn joined(text: &str) -> String {
    let lines = text.lines().map(|line| line.trim().trim_start_matches(['/', '!', '-', '#', '*']).trim_start());
    lines.collect::<Vec<_>>().join(" ").replace("\\\"", "\"")
}

/// The part of a path that `text` begins with.
fn path_at(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "/._-".contains(c))).unwrap_or(text.len());
    text[..end].trim_end_matches('.')
}

/// What follows a file's name: `§3 "Mail"`, `, "Mail"`, or nothing.
fn place(rest: &str) -> (Option<String>, Option<String>) {
    let rest = rest.trim_start_matches(['`', ')']);
    let (section, rest) = match rest.strip_prefix(" §") {
        Some(rest) => {
            let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
            let number = rest[..end].trim_end_matches('.');
            (Some(number.to_owned()), &rest[number.len()..])
        }
        None => (None, rest),
    };
    let quoted = rest.strip_prefix(" \"").or_else(|| rest.strip_prefix(", \""));
    (section, quoted.and_then(|text| text.split_once('"')).map(|(heading, _)| heading.to_owned()))
}

/// Every reference of a text: `docs/FILE.md …` anywhere, and links of markdown in a document of `folder`.
fn references(text: &str, folder: &str) -> Vec<Reference> {
    let text = joined(text);
    let mut found = Vec::new();
    for (at, _) in text.match_indices("docs/") {
        let whole = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || "/._-".contains(c));
        let file = path_at(&text[at..]);
        if whole && file.contains('.') {
            let (section, heading) = place(&text[at + file.len()..]);
            found.push(Reference { file: file.to_owned(), section, heading });
        }
    }
    for (at, mark) in text.match_indices("](") {
        let target = path_at(&text[at + mark.len()..]);
        if folder == "docs" && target.ends_with(".md") && !target.contains('/') {
            let (section, heading) = place(&text[at + mark.len() + target.len()..]);
            found.push(Reference { file: format!("docs/{target}"), section, heading });
        }
    }
    found
}

fn headings(document: &str) -> Vec<Heading> {
    let (mut found, mut section, mut fenced) = (Vec::new(), None, false);
    for line in document.lines() {
        fenced ^= line.starts_with("```");
        let text = line.trim_start_matches('#').trim();
        if fenced || !line.starts_with('#') {
            continue;
        }
        let numbered = text.split_once(". ").filter(|(number, _)| number.parse::<u8>().is_ok());
        if line.starts_with("## ") {
            section = numbered.map(|(number, _)| number.to_owned());
        }
        found.push(Heading { section: section.clone(), text: numbered.map_or(text, |(_, text)| text).to_owned() });
    }
    found
}

/// Why a reference leads nowhere.
fn fault(reference: &Reference, document: Option<&str>) -> Option<String> {
    let Some(document) = document else { return Some(format!("there is no {}", reference.file)) };
    let headings = headings(document);
    let inside: Vec<_> = headings.iter().filter(|found| reference.section.is_none() || found.section == reference.section).collect();
    if inside.is_empty() {
        return Some(format!("{} has no §{}", reference.file, reference.section.as_deref().unwrap_or_default()));
    }
    let heading = reference.heading.as_ref()?;
    let known = inside.iter().any(|found| found.text == *heading);
    (!known).then(|| format!("{} §{} has no heading {heading:?}", reference.file, reference.section.as_deref().unwrap_or("?")))
}

/// Files and folders that a document names between backticks: `src/lib.rs`, `assets/locale/`.
fn named_paths(document: &str) -> Vec<String> {
    let spans = document.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let paths = spans.filter(|span| FOLDERS.iter().any(|folder| span.starts_with(&format!("{folder}/"))));
    paths.filter(|span| path_at(span) == *span).map(str::to_owned).collect()
}

/// Words that point at a file which is not here, or at a list of tasks.
fn astray(text: &str) -> Vec<String> {
    let text = joined(text);
    let mut found = Vec::new();
    for word in ["research/", "shared/", "look/LOOK", "DESIGN §", "DESIGN \"", "LOOK §", "LOOK \"", "issue "] {
        for (at, _) in text.match_indices(word) {
            let begins = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
            let number = text[at + word.len()..].starts_with(|c: char| c.is_ascii_digit());
            if begins && (word != "issue " || number) {
                found.push(text[at..].chars().take(word.chars().count() + 20).collect());
            }
        }
    }
    found
}

#[test]
fn whatever_is_pointed_at_is_there() {
    let (mut seen, mut broken) = (0, Vec::new());
    for (name, text) in texts() {
        let text = if APPLIED.contains(&name.as_str()) { text.replace("DESIGN §", "docs/DESIGN.md §") } else { text };
        let folder = name.split_once('/').map_or("", |(folder, _)| folder);
        for reference in references(&text, folder) {
            let markdown = reference.file.ends_with(".md");
            let document = if markdown { std::fs::read_to_string(root().join(&reference.file)).ok() } else { None };
            let missing = if markdown { fault(&reference, document.as_deref()) } else { None };
            let gone = (!root().join(&reference.file).exists()).then(|| format!("there is no {}", reference.file));
            broken.extend(missing.or(gone).map(|why| format!("{name}: {why}")));
            seen += 1;
        }
        let paths = if name.ends_with(".md") { named_paths(&text) } else { Vec::new() };
        broken.extend(paths.iter().filter(|path| !root().join(path).exists()).map(|path| format!("{name}: there is no {path}")));
        broken.extend(astray(&text).into_iter().map(|words| format!("{name}: leads out of the repository: {words}")));
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(seen > 100, "only {seen} references found");
}

#[test]
fn the_reader_sees_good_and_bad_references() {
    let document = "# Design\n## 3. Decisions\n### Mail\n```text\n### Not one\n```\n## 4. Interface\n### Paths\n";
    let good = "/// (docs/D.md §3\n/// \"Mail\") and `docs/D.md` §4, docs/D.md, \"Paths\", docs/D.md §3 \\\"Mail\\\".";
    let found = references(good, "src");
    assert_eq!(found.len(), 4, "{found:?}");
    assert_eq!(found[0], Reference { file: "docs/D.md".into(), section: Some("3".into()), heading: Some("Mail".into()) });
    assert_eq!((found[1].section.as_deref(), found[2].heading.as_deref()), (Some("4"), Some("Paths")));
    assert!(found.iter().all(|reference| fault(reference, Some(document)).is_none()));
    for bad in ["docs/D.md §5", "docs/D.md §4 \"Mail\"", "docs/D.md §3 \"Not one\"", "docs/D.md \"Post\"", "[D](D.md) \"Post\""] {
        let found = references(bad, "docs");
        assert!(found.len() == 1 && fault(&found[0], Some(document)).is_some(), "{bad}: {found:?}");
    }
    assert!(fault(&references("docs/GONE.md", "src")[0], None).is_some());
    for bad in ["(research/x.md §1)", "../shared/DESIGN.md", "DESIGN §3", "as\n// LOOK §3 draws it", "(issue 4: fast)", "DESIGN \"Web\""]
    {
        assert_eq!(astray(bad).len(), 1, "{bad}");
    }
    for fine in ["docs/DESIGN.md §3 \"Mail\"", "const LOOK: u8 = 1;", "an issue of 1890", "an issue, 3 of them"] {
        assert!(astray(fine).is_empty(), "{fine}");
    }
    assert_eq!(named_paths("`src/x.rs` and `assets/<tag>/`, `.ci/run`, `x.rs:f`"), ["src/x.rs", ".ci/run"]);
    assert!(references("https://example.jp/docs/x.md, [\"docs/\", \"docs/…\"]", "src").is_empty());
}
