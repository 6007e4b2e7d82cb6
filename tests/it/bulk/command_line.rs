//! Lists on the command line.
use super::{count, everything, list};
use crate::support::app::App;
use std::path::PathBuf;
use std::process::{Command, Output};

fn run(app: &App, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ashiato"));
    let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    command.arg("venue").args(arguments).env_clear().env("DATABASE_URL", app.db.url()).env("SECRET_KEY", key);
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
