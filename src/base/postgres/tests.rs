//! The launcher against a real PostgreSQL.
use super::testing::*;
use super::*;
use crate::base::postgres::keeper::wait_until;
use sqlx::{Connection, PgConnection};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};

/// Names the data directory to the helper process of [`helper`].
const HELPER: &str = "ASHIATO_TEST_LAUNCHER";

/// "Within seconds", with room for a busy machine.
const SOON: Duration = Duration::from_secs(20);

#[test]
fn data_lives_on_over_a_restart_in_a_path_with_spaces_and_japanese_letters() {
    let scratch = Scratch::new();
    let data_dir = scratch.path().join("市の データ 'x' \"y\" $HOME");
    let Some(launcher) = launcher(&data_dir, &scratch) else {
        return;
    };
    let server = launcher.start().unwrap();
    assert_eq!(psql(&server, "create table t as select 1 as n"), "");
    let socket_dir = server.socket_dir().to_owned();
    server.stop().unwrap();
    assert!(!socket_dir.exists());

    let server = launcher.start().unwrap();
    assert_eq!(psql(&server, "select n from t"), "1");
    assert_eq!(server.notice, None);
    assert_eq!(server.data_dir(), data_dir);
    assert_ne!(server.socket_dir(), socket_dir);
}

#[test]
fn the_cluster_is_as_the_design_says() {
    let scratch = Scratch::new();
    let Some(mut launcher) = launcher(scratch.path(), &scratch) else {
        return;
    };
    launcher = launcher.durability(Durability::Full).setting("max_connections", "17");
    let server = launcher.start().unwrap();
    let show = |name: &str| psql(&server, &format!("show {name}"));
    assert_eq!((show("fsync"), show("synchronous_commit"), show("full_page_writes")), ("on".into(), "on".into(), "on".into()));
    assert_eq!((show("listen_addresses"), show("max_connections")), (String::new(), "17".into()));
    assert_eq!((show("server_encoding"), show("data_checksums")), ("UTF8".into(), "on".into()));
    assert_eq!(psql(&server, "select current_user"), SUPERUSER);
    let socket = server.socket_dir().metadata().unwrap();
    assert_eq!(socket.mode() & 0o777, 0o700);
    assert_eq!(socket.uid(), fs::metadata(scratch.path().join("postgres")).unwrap().uid());
    server.stop().unwrap();
    let server = launcher.durability(Durability::Fast).start().unwrap();
    assert_eq!(psql(&server, "show fsync"), "off");
}

#[tokio::test]
async fn sqlx_connects_with_the_url() {
    let scratch = Scratch::new();
    let Some(launcher) = launcher(scratch.path(), &scratch) else {
        return;
    };
    let server = tokio::task::spawn_blocking(move || launcher.start()).await.unwrap().unwrap();
    let mut connection = PgConnection::connect(&server.url("postgres")).await.unwrap();
    connection.ping().await.unwrap();
    tokio::task::spawn_blocking(|| server.stop()).await.unwrap().unwrap();
}

#[test]
fn stopping_does_not_wait_for_clients_and_dropping_stops() {
    let scratch = Scratch::new();
    let Some(launcher) = launcher(scratch.path(), &scratch) else {
        return;
    };
    let server = launcher.start().unwrap();
    let pid = postmaster(scratch.path());
    let mut client = Command::new("psql")
        .args(["-X", "-d", &server.url("postgres"), "-c", "select pg_sleep(600)"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    assert!(wait_until(SOON, || psql(&server, "select count(*) from pg_stat_activity where query ~ '^select pg_sleep'") == "1"));
    drop(server);
    assert!(!lives(pid));
    client.wait().unwrap();
}

#[test]
fn one_data_directory_has_one_launcher() {
    let scratch = Scratch::new();
    let Some(launcher) = launcher(scratch.path(), &scratch) else {
        return;
    };
    let server = launcher.start().unwrap();
    let said = launcher.start().unwrap_err();
    assert!(matches!(said, Error::InUse { .. }), "{said}");
    assert_eq!(psql(&server, "select 1"), "1");
}

#[test]
fn the_log_holds_no_values_and_is_kept_for_two_runs() {
    let scratch = Scratch::new();
    let Some(launcher) = launcher(scratch.path(), &scratch) else {
        return;
    };
    for _ in 0..3 {
        let server = launcher.start().unwrap();
        psql(&server, "create table if not exists t (email text primary key)");
        psql(&server, "insert into t values ('taro@example.jp'), ('taro@example.jp')");
        let log = fs::read_to_string(scratch.path().join("postgres.log")).unwrap();
        assert!(log.contains("duplicate key") && !log.contains('@'), "{log}");
        assert_eq!(log.matches("is ready to accept connections").count() + log.matches("are ready").count(), 1);
    }
    let logs = fs::read_dir(scratch.path()).unwrap().flatten();
    assert_eq!(logs.filter(|file| file.file_name().to_string_lossy().contains(".log")).count(), 2);
}

#[test]
fn a_damaged_directory_is_refused_and_left_alone() {
    let scratch = Scratch::new();
    let Some(launcher) = launcher(scratch.path(), &scratch) else {
        return;
    };
    let cluster = scratch.path().join("postgres");
    fs::create_dir(&cluster).unwrap();
    fs::write(cluster.join("precious"), "x").unwrap();
    let refused = || {
        let said = launcher.start().unwrap_err().to_string();
        assert!(said.contains(cluster.to_str().unwrap()) && said.contains("nothing was changed"), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert_eq!(fs::read_to_string(cluster.join("precious")).unwrap(), "x");
        said
    };
    refused();
    fs::write(cluster.join("PG_VERSION"), "9\n").unwrap();
    assert!(refused().contains("global/pg_control"));
    fs::create_dir(cluster.join("global")).unwrap();
    fs::write(cluster.join("global/pg_control"), "").unwrap();
    assert!(refused().contains("made by PostgreSQL 9"));
}

#[test]
fn a_server_that_refuses_to_start_says_why() {
    let scratch = Scratch::new();
    let Some(launcher) = launcher(scratch.path(), &scratch) else {
        return;
    };
    launcher.start().unwrap().stop().unwrap();
    fs::write(scratch.path().join("postgres/global/pg_control"), "broken").unwrap();
    let started = Instant::now();
    let said = launcher.start().unwrap_err().to_string();
    assert!(started.elapsed() < SOON, "it waited although the server had ended");
    assert!(said.contains("pg_control") && said.contains("nothing was changed"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn a_half_made_cluster_is_swept_and_an_empty_directory_is_used() {
    let scratch = Scratch::new();
    let Some(launcher) = launcher(scratch.path(), &scratch) else {
        return;
    };
    let half_made = scratch.path().join(".postgres-new-00000000");
    fs::create_dir(&half_made).unwrap();
    fs::write(half_made.join("PG_VERSION"), "15\n").unwrap();
    fs::create_dir(scratch.path().join("postgres")).unwrap();
    let server = launcher.start().unwrap();
    assert_eq!(psql(&server, "select 1"), "1");
    assert!(!half_made.exists());
}

#[test]
fn a_left_over_server_is_stopped_first() {
    let scratch = Scratch::new();
    let Some(launcher) = launcher(scratch.path(), &scratch) else {
        return;
    };
    let server = launcher.start().unwrap();
    let (account, binaries) = (server.place.account, server.binaries.clone());
    psql(&server, "create table t as select 1 as n");
    server.stop().unwrap();
    let mut left_over = account.command(binaries.program("pg_ctl"));
    left_over.arg("-D").arg(scratch.path().join("postgres")).args(["-w", "start", "-o"]);
    left_over.arg(format!("-c listen_addresses='' -k {}/postgres", scratch.path().display())).stdout(Stdio::null()).stderr(Stdio::null());
    assert!(left_over.status().unwrap().success());
    let pid = postmaster(scratch.path());

    let server = launcher.start().unwrap();
    assert!(!lives(pid));
    assert_eq!(psql(&server, "select n from t"), "1");
}

#[test]
fn a_stale_pid_file_does_not_hinder_whoever_bears_the_number_now() {
    let scratch = Scratch::new();
    let Some(launcher) = launcher(scratch.path(), &scratch) else {
        return;
    };
    let server = launcher.start().unwrap();
    let account = server.place.account;
    server.stop().unwrap();
    let mut stranger = account.command("/bin/sleep").arg("30").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    for pid in [stranger.id(), 4_000_000] {
        let file = scratch.path().join("postgres/postmaster.pid");
        fs::write(&file, format!("{pid}\n/nowhere\n0\n5432\n\n\n\n")).unwrap();
        account.own(&file).unwrap();
        assert_eq!(psql(&launcher.start().unwrap(), "select 1"), "1");
    }
    assert!(lives(stranger.id()), "a stranger was stopped");
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

#[test]
fn a_crash_of_the_server_is_recovered_from() {
    let scratch = Scratch::new();
    let Some(launcher) = launcher(scratch.path(), &scratch) else {
        return;
    };
    let launcher = launcher.durability(Durability::Full);
    let mut server = launcher.start().unwrap();
    psql(&server, "create table t as select 1 as n");
    kill_9(postmaster(scratch.path()));
    assert!(server.keeper.wait(SOON), "the keeper outlives its server");
    drop(server);
    assert_eq!(psql(&launcher.start().unwrap(), "select n from t"), "1");
}

#[test]
fn root_puts_the_cluster_elsewhere_when_its_user_cannot_enter_and_it_stays_there() {
    let scratch = Scratch::new();
    let data_dir = scratch.path().join("closed");
    fs::create_dir(&data_dir).unwrap();
    fs::set_permissions(&data_dir, fs::Permissions::from_mode(0o700)).unwrap();
    let Some(launcher) = launcher(&data_dir, &scratch) else {
        return;
    };
    if scratch.path().metadata().unwrap().uid() != 0 {
        return say("skipped: only root lends the server another account");
    }
    let server = launcher.start().unwrap();
    let notice = server.notice.clone().unwrap();
    assert!(notice.contains(data_dir.to_str().unwrap()) && notice.contains(launcher.away.to_str().unwrap()), "{notice}");
    assert_eq!(notice.lines().count(), 1);
    psql(&server, "create table t as select 1 as n");
    server.stop().unwrap();
    fs::set_permissions(&data_dir, fs::Permissions::from_mode(0o755)).unwrap();
    let server = launcher.start().unwrap();
    assert_eq!(psql(&server, "select n from t"), "1");
    assert_eq!(server.notice, Some(notice));
}

#[test]
fn a_cluster_copied_by_root_is_given_back_to_the_servers_user() {
    let scratch = Scratch::new();
    let Some(launcher) = launcher(scratch.path(), &scratch) else {
        return;
    };
    if scratch.path().metadata().unwrap().uid() != 0 {
        return say("skipped: only root can own another's files");
    }
    launcher.start().unwrap().stop().unwrap();
    let status = Command::new("chown").args(["-R", "0:0"]).arg(scratch.path().join("postgres")).status().unwrap();
    assert!(status.success());
    assert_eq!(psql(&launcher.start().unwrap(), "select 1"), "1");
}

#[test]
fn a_directory_that_cannot_be_written_is_named() {
    let scratch = Scratch::new();
    let file = scratch.path().join("file");
    fs::write(&file, "").unwrap();
    let Some(launcher) = launcher(&file.join("below"), &scratch) else {
        return;
    };
    let said = launcher.start().unwrap_err();
    assert!(matches!(said, Error::NotWritable { .. }) && said.to_string().contains("file/below"), "{said}");
}

#[test]
fn the_server_dies_with_its_parent_even_under_kill_9() {
    let scratch = Scratch::new();
    let data_dir = scratch.path().join("data");
    if search().is_none() {
        return;
    }
    let (mut parent, socket_dir) = spawn_helper(&mut Command::new(std::env::current_exe().unwrap()), &data_dir);
    let pid = postmaster(&data_dir);
    assert!(lives(pid));
    parent.kill().unwrap();
    parent.wait().unwrap();
    assert!(wait_until(SOON, || !lives(pid)), "the server outlives its parent");
    assert!(wait_until(SOON, || !socket_dir.exists()), "the socket directory stays");
}

#[test]
fn an_ordinary_user_can_start_it_too() {
    let scratch = Scratch::new();
    let uid = scratch.path().metadata().unwrap().uid();
    if search().is_none() || uid != 0 {
        return say("skipped: every other test shows it when the tests do not run as root");
    }
    let program = scratch.path().join("tests");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let data_dir = scratch.path().join("home/足あと data");
    let home = data_dir.parent().unwrap();
    fs::create_dir(home).unwrap();
    std::os::unix::fs::chown(home, Some(65534), Some(65534)).unwrap();
    let (mut user, socket_dir) = spawn_helper(Command::new(&program).uid(65534).gid(65534), &data_dir);
    assert_eq!(data_dir.join("postgres").metadata().unwrap().uid(), 65534);
    assert_eq!(socket_dir.metadata().unwrap().uid(), 65534);
    user.kill().unwrap();
    user.wait().unwrap();
    assert!(wait_until(SOON, || !socket_dir.exists()));
}

/// Not a test of its own: the body of the process that [`spawn_helper`] starts. Returns at once in an ordinary run.
#[test]
fn helper() {
    let Some(data_dir) = variable(HELPER) else {
        return;
    };
    let server = Launcher::new(data_dir, search().unwrap()).durability(Durability::Fast).start().unwrap();
    // Children started meanwhile must not hold the keeper's pipe open when we are killed.
    let mut sibling = Command::new("/bin/sleep").arg("30").stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    say(&format!("socket:{}", server.socket_dir().display()));
    sibling.wait().unwrap();
}

fn spawn_helper(program: &mut Command, data_dir: &Path) -> (Child, PathBuf) {
    program.args(["--exact", "base::postgres::tests::helper", "--nocapture", "--test-threads=1"]);
    let mut child = program.env(HELPER, data_dir).current_dir("/").stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let socket = lines.into_iter().find_map(|line| Some(line.split_once("socket:")?.1.to_owned()));
    (child, socket.expect("the helper started no server").into())
}

fn kill_9(pid: u32) {
    assert!(Command::new("/bin/sh").args(["-c", &format!("kill -9 {pid}")]).status().unwrap().success());
}
