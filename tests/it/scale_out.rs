//! The rules that let `visit` be distributed by Citus one day (docs/DESIGN.md §3 "Time, retention, growth"), read off the SQL.
mod roles;

use std::path::Path;

/// Every string literal in a store that speaks of `visit`.
fn statements() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    for room in ["visit", "alert", "retention", "stats"] {
        let mut files = vec![root.join(room).join("store.rs")];
        files.extend(std::fs::read_dir(root.join(room).join("store")).into_iter().flatten().flatten().map(|entry| entry.path()));
        for file in files.into_iter().filter(|file| file.exists()) {
            let text = std::fs::read_to_string(&file).unwrap();
            for literal in literals(&text) {
                let words: Vec<&str> = literal.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).collect();
                if words.windows(2).any(|pair| matches!(pair[0], "from" | "into" | "join" | "update") && pair[1] == "visit") {
                    found.push((file.display().to_string(), literal.to_lowercase()));
                }
            }
        }
    }
    found
}

/// The string literals of a Rust source, plain and raw.
fn literals(text: &str) -> Vec<String> {
    struct Literals(Vec<String>);
    impl syn::visit::Visit<'_> for Literals {
        fn visit_lit_str(&mut self, literal: &syn::LitStr) {
            self.0.push(literal.value());
        }
        fn visit_macro(&mut self, macro_: &syn::Macro) {
            collect(macro_.tokens.clone(), &mut self.0);
        }
    }
    fn collect(tokens: proc_macro2::TokenStream, found: &mut Vec<String>) {
        for token in tokens {
            match token {
                proc_macro2::TokenTree::Literal(literal) => {
                    found.extend(syn::parse_str::<syn::LitStr>(&literal.to_string()).map(|text| text.value()));
                }
                proc_macro2::TokenTree::Group(group) => collect(group.stream(), found),
                _ => {}
            }
        }
    }
    let mut literals = Literals(Vec::new());
    syn::visit::Visit::visit_file(&mut literals, &syn::parse_file(text).unwrap());
    literals.0
}

#[test]
fn every_statement_on_visits_names_venue_and_date() {
    let statements = statements();
    assert!(statements.len() >= 3, "the law reads the statements it speaks of");
    for (file, sql) in statements {
        assert!(sql.contains("venue_id") && sql.contains("visit_date"), "{file}: a request may not search all shards: {sql}");
    }
}

#[test]
fn visits_join_no_local_table_and_decide_nothing_by_names() {
    for (file, sql) in statements() {
        if sql.contains("join") || sql.contains("insert into outbox") {
            assert!(sql.contains("materialized"), "{file}: read one venue's day first, `as materialized`: {sql}");
        }
        for word in ["xmax", "on constraint", "now()", "random()", "for update", "do update"] {
            assert!(!sql.contains(word), "{file}: `{word}` does not work on a distributed table: {sql}");
        }
    }
}

#[test]
fn the_table_itself_could_be_distributed() {
    let migration = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/0006_visit.sql")).unwrap();
    let start = migration.find("create table visit (").unwrap();
    let table = &migration[start..start + migration[start..].find("partition by").unwrap()];
    assert!(table.contains("primary key (venue_id, visit_date, mac)"));
    for word in ["references", "check (", "default", "serial", "generated", "unique"] {
        assert!(!table.contains(word), "`{word}` on visit");
    }
    assert!(!migration.contains("trigger") && !migration.contains("default partition"));
}

/// On a table that is distributed already Citus takes one statement of a file, and no statement over `visit` and a local table.
#[test]
fn later_migrations_fit_a_distributed_table() {
    /// The last one that went before this was known; it stands for an installation that was not distributed yet.
    const LAST_FREE: &str = "0035";
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    for file in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".sql") && name[..4] > *LAST_FREE {
            let why = unfit(&std::fs::read_to_string(&file).unwrap());
            assert!(why.is_none(), "{name}: {}", why.unwrap_or_default());
        }
    }
}

/// Why a migration could not run where `visit` is distributed.
fn unfit(sql: &str) -> Option<&'static str> {
    let bare: String = sql.lines().map(|line| line.split("--").next().unwrap_or_default()).collect::<Vec<_>>().join("\n").to_lowercase();
    let words: Vec<&str> = bare.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).collect();
    let names = |first: &[&str]| words.windows(2).any(|pair| first.contains(&pair[0]) && pair[1] == "visit");
    if !names(&["table", "on", "from", "join", "into", "update"]) {
        return None;
    }
    if names(&["from", "join"]) {
        return Some("it reads visit in a migration: fill a new column in the background");
    }
    let one = bare.trim().matches(";\n").count() == 0 || (bare.trim().starts_with("do $$") && bare.trim().ends_with("end $$;"));
    (!one).then_some("it touches visit: one statement to a file, or one do $$ … $$")
}

#[test]
fn the_law_of_migrations_sees_what_it_forbids() {
    assert!(unfit("update poster p set a = s.a from (select max(a) from visit) s;").is_some());
    assert!(unfit("alter table visit add column a int;\ncreate index b on visit (venue_id, a);\n").is_some());
    assert!(unfit("-- Why.\nalter table visit add column a int;\n").is_none());
    assert!(unfit("do $$ begin alter table visit add a int; create index b on visit (a);\nend $$;\n").is_none());
    assert!(unfit("create table x (visit_date date);\ncreate table y (a int);\n").is_none());
}

#[test]
fn the_law_reads_strings_inside_macros() {
    assert_eq!(literals("fn f() { query!(\"select 1 from visit\", a); }"), ["select 1 from visit"]);
}
