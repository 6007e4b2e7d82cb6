//! Lists on the command line.
use super::activating::code_on;
use super::{count, everything, list};
use crate::support::app::App;
use crate::support::pdf::read;
use ashiato::base::clock::Clock;
use ashiato::base::code::PosterCode;
use ashiato::base::db::DbRole;
use ashiato::venue::activation::peek;
use std::path::PathBuf;
use std::process::{Command, Output};

fn run(app: &App, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ashiato"));
    command
        .arg("venue")
        .args(arguments)
        .env_clear()
        .env("DATABASE_URL", app.db.url())
        .env("SECRET_KEY", app.secrets.current.to_base64().as_str());
    command.env("BASE_URL", "https://trace.example.jp").env("CITY_NAME", "あおば市").env("HOTLINE", "0120-000-000");
    command.env("NOTIFIER_PUBLIC_KEY", app.worker.state.keys.public_key().to_string()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = std::env::temp_dir().join(format!("ashiato-{}-{name}", sqlx::types::Uuid::new_v4()));
    std::fs::write(&path, bytes).unwrap();
    path
}

#[tokio::test]
async fn a_list_is_tried_imported_looked_up_and_exported() {
    let app = App::start().await;
    let good = file("good.csv", &list(&["喫茶 ひだまり,飲食店,あおば市中央1,,2,許可1", "=店,店舗,あおば市2,,,"]));
    let good = good.to_str().unwrap();
    let before = everything(&app).await;
    let dry = run(&app, &["import", good, "--dry-run"]);
    assert!(dry.status.success(), "{}", text(&dry.stderr));
    assert!(text(&dry.stdout).contains("venues\t2\nposters\t4\ninvited\t2\nnothing was changed\n"), "{}", text(&dry.stdout));
    let bad = file("bad.csv", &list(&["喫茶,飲食店,あおば市1,,,", ",魔法,あおば市2,,,"]));
    let wrong = run(&app, &["import", bad.to_str().unwrap()]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(text(&wrong.stdout).contains("row 3\tname\tempty\nrow 3\tkind\tunknown_choice\n"), "{}", text(&wrong.stdout));
    assert_eq!(run(&app, &["import", "/nowhere.csv"]).status.code(), Some(2));
    assert_eq!(everything(&app).await, before);
    let made = run(&app, &["import", good, "--json"]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let told: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    assert_eq!((told["venues"].as_u64(), told["invited"].as_u64(), told["dry_run"].as_bool()), (Some(2), Some(2), Some(false)));
    let again = run(&app, &["import", good]);
    assert!(again.status.code() == Some(1) && text(&again.stderr).contains("--again"), "{}", text(&again.stderr));
    assert_eq!(count(&app, "select count(*) from venue_import where made_by = 'command-line'").await, 1);
    let listed = text(&run(&app, &["list", "ひだまり"]).stdout);
    assert!(listed.lines().count() == 1 && listed.contains("\tinvited\trestaurant\t喫茶 ひだまり\tあおば市中央1"), "{listed}");
    let id = listed.split('\t').next().unwrap();
    let shown = text(&run(&app, &["show", id]).stdout);
    assert!(shown.starts_with("喫茶 ひだまり\t飲食店（封書での案内中）\n") && shown.contains("posters\t3\n"), "{shown}");
    assert_eq!(run(&app, &["show", "00000000-0000-4000-8000-000000000000"]).status.code(), Some(1));
    let csv = text(&run(&app, &["export"]).stdout);
    assert!(csv.contains("'=店,") && csv.contains("許可1"), "{csv}");
    let out = std::env::temp_dir().join(format!("ashiato-{}.xlsx", sqlx::types::Uuid::new_v4()));
    assert!(run(&app, &["export", "--out", out.to_str().unwrap()]).status.success());
    assert!(ashiato::base::table::read(&std::fs::read(&out).unwrap()).unwrap().iter().any(|row| row.cells[0] == "=店"));
    assert_eq!(run(&app, &["export", "--out", "list.pdf"]).status.code(), Some(2));
}

/// The command line leaves out, releases and takes back as the page does.
#[tokio::test]
async fn a_batch_is_released_and_taken_back() {
    let app = App::start().await;
    let hidden = file("hidden.xlsx", include_bytes!("lists/03_hidden_row.xlsx"));
    let hidden = hidden.to_str().unwrap();
    let made = run(&app, &["import", hidden]);
    let said = text(&made.stdout);
    for line in ["row 3\thidden\t食堂 ゆうひ\n", "venues\t2\n", "left out, hidden\t1\n", "mails that wait for their release\t2\n"] {
        assert!(said.contains(line), "{line} is missing in {said}");
    }
    let id = said.lines().find_map(|line| line.strip_prefix("imported\t")).unwrap().to_owned();
    let told = text(&run(&app, &["import", hidden, "--dry-run", "--hidden"]).stdout);
    assert!(told.contains("venues\t1\n") && told.contains("left out, known\t2\n"), "{told}");
    let batch = |act: &'static str| run(&app, &["batch", id.as_str(), act].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>());
    let shown = text(&batch("").stdout);
    assert!(shown.contains("mails that wait\t2\n") && shown.contains("released\tno\nundone\tno\n"), "{shown}");
    assert!(!text(&batch("--release").stdout).contains("released\tno"));
    assert!(!text(&batch("--undo").stdout).contains("undone\tno"));
    assert_eq!(count(&app, "select count(*) from venue where status = 'closed'").await, 2);
    for act in ["--release", "--undo"] {
        let refused = batch(act);
        assert!(refused.status.code() == Some(1) && text(&refused.stderr).contains("undone"), "{}", text(&refused.stderr));
    }
    let json: serde_json::Value = serde_json::from_slice(&batch("--json").stdout).unwrap();
    assert!(json["undone_at"].is_string() && json["kept_count"] == 0, "{json}");
    assert_eq!(run(&app, &["batch", "00000000-0000-4000-8000-000000000000"]).status.code(), Some(1));
}

#[tokio::test]
async fn letters_of_a_list_are_written_and_open_their_venues() {
    let app = App::start().await;
    let rows = file("list.csv", &list(&["喫茶 ひだまり,飲食店,あおば市中央1,,1,", "𠮷野屋,飲食店,あおば市2,,,"]));
    let told: serde_json::Value = serde_json::from_slice(&run(&app, &["import", rows.to_str().unwrap(), "--json"]).stdout).unwrap();
    let batch = told["id"].as_str().unwrap();
    let out = file("letters.pdf", b"");
    let written = run(&app, &["letters", "--import", batch, "--out", out.to_str().unwrap()]);
    assert!(written.status.success(), "{}", text(&written.stderr));
    let said = text(&written.stdout);
    assert!(said.ends_with("letters\t2\n") && said.contains("pages"), "{said}");
    let pages = read(&std::fs::read(&out).unwrap());
    let key = app.web.state.activation().unwrap();
    let mut web = app.db.connect(DbRole::Web).await;
    let mut names = Vec::new();
    for page in pages.iter().filter(|page| page.contains("trace.example.jp/venues/activate")) {
        let code = PosterCode::parse(&code_on(page)).unwrap();
        names.extend(peek(&mut web, key, app.clock.now(), &code).await.unwrap().map(|venue| venue.name));
    }
    assert_eq!(names, ["喫茶 ひだまり", "𠮷野屋"]);

    let id = text(&run(&app, &["list", "ひだまり"]).stdout).split('\t').next().unwrap().to_owned();
    let alone = run(&app, &["letters", &id, "--out", out.to_str().unwrap()]);
    assert!(text(&alone.stdout).ends_with("letters\t1\n"), "{}", text(&alone.stderr));
    let nobody = "00000000-0000-4000-8000-000000000000";
    for (arguments, code, words) in [
        (vec!["letters", nobody, "--out", "x.pdf"], 1, "nothing was printed"),
        (vec!["letters", "--import", nobody, "--out", "x.pdf"], 1, "no import"),
        (vec!["letters", "--out", "x.pdf"], 2, "required"),
        (vec!["letters", &id, "--import", batch, "--out", "x.pdf"], 2, "cannot be used with"),
    ] {
        let refused = run(&app, &arguments);
        assert_eq!(refused.status.code(), Some(code), "{arguments:?}");
        assert!(text(&refused.stderr).contains(words), "{}", text(&refused.stderr));
    }
}
