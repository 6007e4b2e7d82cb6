//! The laws of the house (docs/DESIGN.md §5), read off the sources: who may use whom, what belongs where, how long things may be.
use proc_macro2::Span;
use std::path::{Path, PathBuf};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// The rooms from left to right: each may use those before it.
const ROOMS: [&str; 15] = [
    "base",
    "audit",
    "keys",
    "mail",
    "official",
    "venue",
    "poster",
    "visit",
    "case",
    "alert",
    "retention",
    "stats",
    "web",
    "worker",
    "cli",
];
const MAX_FILE_LINES: usize = 500;
const MAX_FUNCTION_LINES: usize = 70;

struct Source {
    /// Path below `src/`.
    name: String,
    text: String,
    tree: syn::File,
}

impl Source {
    fn room(&self) -> &str {
        self.name.split('/').next().unwrap()
    }

    /// A file that holds tests alone.
    fn is_test(&self) -> bool {
        self.name.split('/').any(|part| part == "tests" || part.ends_with("tests.rs") || part == "testing.rs")
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    assert!(files.len() > 50, "the law reads the sources it speaks of");
    files
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let tree = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            Source { name: path.strip_prefix(&root).unwrap().to_string_lossy().into_owned(), text, tree }
        })
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// What a walk over a file's code outside its tests finds.
#[derive(Default)]
struct Found {
    /// Every path, as `a::b::c`, with its line.
    paths: Vec<(String, usize)>,
    /// Every method called and macro invoked, with its line.
    calls: Vec<(String, usize)>,
    /// Every function's name and number of lines.
    functions: Vec<(String, usize)>,
}

fn is_test_only(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || (attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Ident>().is_ok_and(|flag| flag == "test"))
    })
}

fn lines(span: Span) -> usize {
    span.end().line - span.start().line + 1
}

impl Found {
    fn path(&mut self, path: String, span: Span) {
        self.paths.push((path, span.start().line));
    }

    fn use_tree(&mut self, prefix: &str, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => self.use_tree(&format!("{prefix}{}::", path.ident), &path.tree),
            syn::UseTree::Name(name) => self.path(format!("{prefix}{}", name.ident), name.span()),
            syn::UseTree::Rename(name) => self.path(format!("{prefix}{}", name.ident), name.span()),
            syn::UseTree::Glob(glob) => self.path(format!("{prefix}*"), glob.span()),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.use_tree(prefix, item)),
        }
    }
}

impl<'a> Visit<'a> for Found {
    fn visit_item_mod(&mut self, item: &'a syn::ItemMod) {
        if !is_test_only(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        if !is_test_only(&item.attrs) {
            self.use_tree("", &item.tree);
        }
    }

    fn visit_item_fn(&mut self, item: &'a syn::ItemFn) {
        if !is_test_only(&item.attrs) {
            self.functions.push((item.sig.ident.to_string(), lines(item.span())));
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'a syn::ImplItemFn) {
        if !is_test_only(&item.attrs) {
            self.functions.push((item.sig.ident.to_string(), lines(item.span())));
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        let text: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.path(text.join("::"), path.span());
        visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'a syn::ExprMethodCall) {
        self.calls.push((format!(".{}", call.method), call.method.span().start().line));
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, macro_: &'a syn::Macro) {
        let name = macro_.path.segments.last().unwrap().ident.to_string();
        self.calls.push((format!("{name}!"), macro_.span().start().line));
        visit::visit_macro(self, macro_);
    }
}

fn walk(source: &Source) -> Found {
    let mut found = Found::default();
    if !source.is_test() {
        found.visit_file(&source.tree);
    }
    found
}

fn judge(law: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{law}:\n{}", broken.join("\n"));
}

#[test]
fn a_room_uses_only_rooms_to_its_left() {
    let mut broken = Vec::new();
    let place = |room: &str| ROOMS.iter().position(|known| *known == room);
    for source in sources() {
        let Some(own) = place(source.room()) else { continue };
        for (path, line) in walk(&source).paths {
            let Some(used) = path.strip_prefix("crate::").and_then(|rest| rest.split("::").next()) else { continue };
            let Some(other) = place(used) else { continue };
            let strangers = matches!((source.room(), used), ("web", "worker") | ("worker", "web"));
            if other > own || strangers {
                broken.push(format!("{}:{line}: `{}` must not use `{used}`", source.name, source.room()));
            }
        }
    }
    judge("import order", &broken);
}

#[test]
fn the_library_lists_its_rooms_in_reading_order() {
    let sources = sources();
    let library = sources.iter().find(|source| source.name == "lib.rs").unwrap();
    let listed = library.tree.items.iter().filter_map(|item| match item {
        syn::Item::Mod(room) => Some(room.ident.to_string()),
        _ => None,
    });
    assert_eq!(listed.collect::<Vec<_>>(), ROOMS, "src/lib.rs tells a newcomer where to begin");
}

#[test]
fn what_belongs_to_one_place_is_used_in_no_other() {
    let mut broken = Vec::new();
    for source in sources() {
        let name = source.name.as_str();
        let room = source.room().to_owned();
        let homes = [
            ("actix_web", room == "web"),
            ("lettre", room == "mail" || name.starts_with("base/email_address")),
            ("std::env", name == "base/config.rs"),
            ("clap", room == "cli" || name == "base/config.rs" || name == "official/role.rs"),
            ("anyhow", room == "cli"),
            ("crate::keys::Opener", room != "web"),
            ("crate::keys::KeyStore", room != "web"),
            ("crate::keys::Sealer", room != "worker"),
        ];
        for (path, line) in walk(&source).paths {
            for (thing, at_home) in homes {
                if !at_home && (path == thing || path.starts_with(&format!("{thing}::"))) {
                    broken.push(format!("{name}:{line}: {thing} does not belong here"));
                }
            }
        }
    }
    judge("places", &broken);
}

#[test]
fn sql_stands_in_stores_alone() {
    let mut broken = Vec::new();
    for source in sources() {
        if source.name.ends_with("/store.rs") || source.name.contains("/store/") || source.name == "base/db.rs" {
            continue;
        }
        let found = walk(&source);
        let paths = found.paths.iter().filter(|(path, _)| path.starts_with("sqlx::query") || path.starts_with("sqlx::raw_sql"));
        let macros = found.calls.iter().filter(|(call, _)| matches!(call.as_str(), "query!" | "query_as!" | "query_scalar!"));
        broken.extend(paths.chain(macros).map(|(thing, line)| format!("{}:{line}: {thing}", source.name)));
    }
    judge("SQL outside a store", &broken);
}

#[test]
fn a_store_touches_only_the_tables_of_its_room() {
    const TABLES: [(&str, &[&str]); 10] = [
        ("audit", &["audit_entry", "audit_read"]),
        ("keys", &["day_key", "day_mac_key", "seal_epoch", "data_key", "data_key_origin", "secret_process"]),
        ("mail", &["outbox", "suppression", "sending_stop", "sending_refusal", "sending_counter", "delivery_summary", "delivery_company"]),
        (
            "official",
            &[
                "official",
                "api_token",
                "official_session",
                "official_credential",
                "official_recovery_code",
                "official_invitation",
                "login_lane",
                "official_act",
                "signatory",
                "signatory_token",
            ],
        ),
        (
            "venue",
            &[
                "venue",
                "venue_confirmation",
                "venue_activation",
                "venue_import",
                "venue_import_row",
                "shop_link",
                "shop_session",
                "shop_check",
                "shop_monthly",
                "venue_search",
                "venue_question",
                "poster",
            ],
        ),
        ("retention", &["service_clock"]),
        ("stats", &["daily_count"]),
        ("visit", &["visit", "my_link", "my_request", "my_letter"]),
        ("case", &["case_report", "case_note", "stay"]),
        (
            "alert",
            &[
                "alert",
                "alert_case",
                "alert_stay",
                "alert_approval",
                "alert_submission",
                "alert_resume",
                "alert_late_release",
                "alert_dispatch",
                "alert_stay_match",
                "alert_person",
                "alert_venue_letter",
                "delivery_request",
            ],
        ),
    ];
    /// Rooms whose trade is joining (docs/DESIGN.md §5).
    const JOINERS: [&str; 3] = ["alert", "retention", "stats"];
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| source.name.contains("/store")) {
        if JOINERS.contains(&source.room()) {
            continue;
        }
        for (line, text) in source.text.lines().enumerate() {
            let words: Vec<&str> = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).collect();
            for pair in words.windows(2).filter(|pair| matches!(pair[0], "from" | "join" | "into" | "update")) {
                let owner = TABLES.iter().find(|(_, tables)| tables.contains(&pair[1])).map(|(room, _)| *room);
                if owner.is_some_and(|owner| owner != source.room()) {
                    broken.push(format!("{}:{}: table {} is another room's", source.name, line + 1, pair[1]));
                }
            }
        }
    }
    judge("tables", &broken);
}

#[test]
fn nothing_gives_up_by_panicking() {
    const FORBIDDEN: [&str; 8] = [".unwrap", ".expect", "panic!", "todo!", "unimplemented!", "unreachable!", "dbg!", ".unwrap_unchecked"];
    let mut broken = Vec::new();
    for source in sources() {
        for (call, line) in walk(&source).calls {
            if FORBIDDEN.contains(&call.as_str()) {
                broken.push(format!("{}:{line}: {call}", source.name));
            }
        }
    }
    judge("panics", &broken);
}

#[test]
fn files_and_functions_keep_their_size() {
    let mut broken = Vec::new();
    for source in sources() {
        let length = source.text.lines().count();
        if length > MAX_FILE_LINES {
            broken.push(format!("{}: {length} lines", source.name));
        }
        let long = walk(&source).functions.into_iter().filter(|(_, length)| *length > MAX_FUNCTION_LINES);
        broken.extend(long.map(|(name, length)| format!("{}: fn {name} has {length} lines", source.name)));
    }
    judge("sizes", &broken);
}

#[test]
fn the_law_sees_what_it_forbids() {
    let text = "use crate::web::x; fn a() { b.unwrap(); std::env::var(\"X\"); } #[cfg(test)] mod tests { fn c() { d.unwrap(); } }";
    let source = Source { name: "base/x.rs".into(), text: text.into(), tree: syn::parse_file(text).unwrap() };
    let found = walk(&source);
    assert_eq!(found.calls.iter().filter(|(call, _)| call == ".unwrap").count(), 1);
    assert!(found.paths.iter().any(|(path, _)| path == "crate::web::x"));
    assert!(found.paths.iter().any(|(path, _)| path == "std::env::var"));
}

/// Every string in code outside tests that names an act of the audit log: a room or `read`, a dot, a verb.
fn actions(source: &Source) -> Vec<String> {
    const FIRST: [&str; 11] = ["alert", "audit", "case", "delivery", "official", "read", "retention", "sending", "token", "venue", "visit"];
    const FILES: [&str; 6] = ["rs", "html", "js", "csv", "pdf", "json"];
    let code = source.text.split("#[cfg(test)]").next().unwrap();
    let literals = code.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| line.split('"').skip(1).step_by(2));
    literals
        .filter(|text| {
            text.split_once('.').is_some_and(|(room, verb)| {
                FIRST.contains(&room)
                    && !verb.is_empty()
                    && !FILES.contains(&verb)
                    && verb.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
            })
        })
        .map(str::to_owned)
        .collect()
}

#[test]
fn whatever_is_written_into_the_audit_log_has_a_sentence_in_every_language() {
    use ashiato::{audit::words, base::locale::Locale};
    let sources: Vec<_> = sources().into_iter().filter(|source| !source.is_test() && source.name != "audit/words.rs").collect();
    let actions: std::collections::BTreeSet<_> = sources.iter().flat_map(actions).collect();
    assert!(actions.len() > 50 && actions.contains("alert.approve") && actions.contains("read.alert_record"), "{actions:?}");
    for locale in Locale::ALL {
        let silent: Vec<_> = actions.iter().filter(|action| words::did(locale.words(), action) == **action).collect();
        assert!(silent.is_empty(), "{locale:?}: {silent:?}");
    }
}
