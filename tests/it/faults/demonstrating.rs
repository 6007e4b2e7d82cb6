//! `ashiato demo` on an ordinary machine, on a spoilt one, and at its end.
use super::deployment::free_address;
use super::program::{Program, ashiato, at, lives, postmaster, run, signal, until};
use crate::support::db::scratch;
use crate::support::say;
use ashiato::cli::demo::http;
use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// What Ctrl-C may take, Postgres included.
const CTRL_C: Duration = Duration::from_secs(5);
/// "Within seconds", with room for a busy machine.
const SOON: Duration = Duration::from_secs(20);
/// The user that owns nothing (`nobody` on every Unix of ours).
const NOBODY: u32 = 65_534;

/// A demonstration's command in a directory of its own.
fn demo(data_dir: &Path, address: SocketAddr, arguments: &[&str]) -> Command {
    let mut command = ashiato(&["demo", "--listen-addr", &address.to_string()]);
    command.args(arguments).env("DATA_DIR", data_dir);
    command
}

fn place(name: &str) -> PathBuf {
    let dir = scratch().join("demo").join(name);
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

/// Every file below, with its size and time of change, but for the log and the lock.
fn files(dir: &Path) -> BTreeMap<PathBuf, (u64, i64)> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        let (path, about) = (entry.path(), entry.metadata().unwrap());
        let name = entry.file_name().to_string_lossy().into_owned();
        if about.is_dir() {
            found.extend(files(&path));
        } else if !name.starts_with("postgres.log") && name != "postgres.lock" {
            found.insert(path, (about.len(), about.mtime_nsec()));
        }
    }
    found
}

async fn mails(address: SocketAddr) -> usize {
    http::send(address, "GET", "/mailbox", &[], b"").await.unwrap().expect_status(200).unwrap().text().matches("/mailbox/").count()
}

fn check_in_path(out: &str) -> String {
    let line = out.lines().find(|line| line.trim_start().starts_with("check in ")).unwrap();
    line.trim().rsplit_once("/c/").map(|(_, code)| format!("/c/{code}")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_is_told_once_and_its_data_outlives_every_end() {
    let (dir, address) = (place("市の デモ 'x' $HOME"), free_address());
    let told = run(demo(&dir, address, &["--once"])).await.well();
    let last = told.out.trim_end().lines().last().unwrap();
    assert!(last.starts_with("story: ") && last.contains("nobody twice"), "{last}");
    assert_eq!(told.err, "");
    assert!(!dir.join("postgres/postmaster.pid").exists(), "it has stopped its Postgres");

    // A second start does not replay, keeps the data, and goes on serving.
    let mut second = Program::start(demo(&dir, address, &[]));
    second.says("Serving.").await;
    assert!(second.out().contains("The story was played before") && !second.out().contains('①'), "{}", second.out());
    let path = check_in_path(&told.out);
    http::send(address, "GET", &path, &[], b"").await.unwrap().expect_status(200).unwrap();
    four_views(address, 26).await;
    let mailbox = mails(address).await;
    assert!(mailbox >= 32, "{mailbox} mails are kept");
    let form = ["Content-Type: application/x-www-form-urlencoded"];
    http::send(address, "POST", &path, &form, b"email=visitor99%40example.jp").await.unwrap().expect_status(200).unwrap();
    four_views(address, 27).await;
    let pid = postmaster(&dir);
    assert!(lives(pid));
    let ended = second.stopped("INT", CTRL_C).await.well();
    assert!(!lives(pid), "Postgres outlives Ctrl-C");
    assert_eq!(ended.err, "");

    // After a kill its Postgres ends by itself, and nothing is lost.
    let mut third = Program::start(demo(&dir, address, &[]));
    third.says("Serving.").await;
    let pid = postmaster(&dir);
    third.kill();
    until("Postgres is gone", SOON, async || (!lives(pid)).then_some(())).await;
    let again = run(demo(&dir, address, &["--once"])).await.well();
    assert_eq!(again.out.trim_end().lines().last().unwrap(), last, "the same story");
    assert_eq!(check_in_path(&again.out), path);
    a_spoilt_machine_is_one_line_and_nothing_is_destroyed(&dir, address).await;
}

/// The page with four views shows what is there now: the venue's visits, the row's own bytes, the visitor's one mail.
async fn four_views(address: SocketAddr, visits: usize) {
    for (path, words) in
        [("/demo", ["お店", "保健所", "データベース", "来た人"]), ("/demo?lang=en", ["shop", "centre", "database", "visitor"])]
    {
        let page = http::send(address, "GET", path, &[], b"").await.unwrap().expect_status(200).unwrap().text();
        assert!(words.iter().all(|word| page.contains(word)), "{page}");
        assert_eq!(page.matches(&format!("<dd>{visits}<small>")).count(), 2, "shop and health centre count alike: {page}");
        assert!(page.contains("<dd>32<small> / 40</small>") && page.contains("<dd>1<small>"), "{page}");
        let field = |name: &str| page.lines().find_map(|line| line.split(name).nth(1)).unwrap().trim().to_owned();
        let (mac, sealed) = (field("mac  "), field("sealed  "));
        assert_eq!(mac.split(' ').count(), 8, "{mac}");
        assert!(sealed.split(" …").next().unwrap().split(' ').count() == 6 && sealed.contains("bytes"), "{sealed}");
        let mail = page.split("/mailbox/").nth(1).unwrap().split(['"', '?']).next().unwrap();
        let mail = http::send(address, "GET", &format!("/mailbox/{mail}"), &[], b"").await.unwrap().expect_status(200).unwrap().text();
        assert!(mail.contains("visitor18@example.jp") && mail.contains("お知らせ"), "{mail}");
    }
}

/// On the data of a story that was told.
async fn a_spoilt_machine_is_one_line_and_nothing_is_destroyed(dir: &Path, address: SocketAddr) {
    let before = files(dir);
    let holder = TcpListener::bind(address).unwrap();
    let taken = run(demo(dir, address, &[])).await;
    assert!(taken.refusal().contains(&address.to_string()) && taken.refusal().contains("LISTEN_ADDR"), "{taken:?}");
    drop(holder);

    let empty = place("empty");
    let mut without = demo(dir, address, &[]);
    without.env("PG_BIN", &empty);
    let without = run(without).await;
    assert!(without.refusal().contains("PG_BIN") && without.refusal().contains("postgresql"), "{without:?}");

    let file = place("beside").join("file");
    std::fs::write(&file, "precious").unwrap();
    let refused = run(demo(&file, address, &[])).await;
    assert!(refused.refusal().contains(file.to_str().unwrap()), "{refused:?}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "precious");
    assert_eq!(files(dir), before, "nothing was touched");

    let control = dir.join("postgres/global/pg_control");
    std::fs::remove_file(&control).unwrap();
    let before = files(dir);
    let damaged = run(demo(dir, address, &[])).await;
    assert!(damaged.refusal().contains("pg_control") && damaged.refusal().contains("nothing was changed"), "{damaged:?}");
    assert_eq!(files(dir), before, "nothing was touched");
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_in_the_middle_of_the_story_ends_everything() {
    let (dir, address) = (place("interrupted"), free_address());
    let mut program = Program::start(demo(&dir, address, &[]));
    program.says("  Postgres, migrations, keys").await;
    let pid = postmaster(&dir);
    program.stopped("INT", CTRL_C).await.well();
    assert!(!lives(pid));
    assert!(!dir.join("story.json").exists(), "a story that was not told to its end is told again");
    run(demo(&dir, address, &["--once"])).await.well();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ordinary_user_can_try_it_too() {
    if scratch().metadata().map_or(0, |about| about.uid()) != 0 {
        return say("skipped: every other story shows it when the tests do not run as root");
    }
    // A place that everybody can reach, wherever the sources lie.
    let home = std::env::temp_dir().join(format!("ashiato-nobody-{}", std::process::id()));
    std::fs::create_dir(&home).unwrap();
    let _swept = Swept(home.clone());
    let (binary, data_dir, address) = (home.join("ashiato"), home.join("data"), free_address());
    std::fs::copy(env!("CARGO_BIN_EXE_ashiato"), &binary).unwrap();
    std::fs::create_dir(&data_dir).unwrap();
    chown(&data_dir, Some(NOBODY), Some(NOBODY)).unwrap();
    let mut command = at(&binary, &["demo", "--listen-addr", &address.to_string()]);
    command.env("DATA_DIR", &data_dir).current_dir(&data_dir).uid(NOBODY).gid(NOBODY);
    let mut program = Program::start(command);
    program.says("Serving.").await;
    assert_eq!(data_dir.join("postgres").metadata().unwrap().uid(), NOBODY);
    let pid = postmaster(&data_dir);
    signal(pid, "0");
    program.stopped("INT", CTRL_C).await.well();
    assert!(!lives(pid));
}

/// A directory that goes with the test.
struct Swept(PathBuf);

impl Drop for Swept {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
