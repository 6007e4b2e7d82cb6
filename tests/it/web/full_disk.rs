//! A real full disk below Postgres: said by name, visitors lose nothing that they typed, and it is over by itself.
use super::html::Page;
use crate::support::app::{App, Plan};
use crate::support::browser::say_skipped;
use crate::support::db::{Db, search};
use crate::support::logs;
use ashiato::base::db::{Cause, DbRole};
use ashiato::base::postgres::{Durability, Launcher, Server};
use ashiato::official::{self, AlarmKind};
use ashiato::web;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// Check-ins after which a full disk must have shown: a page and its index hold a few hundred.
const MOST: usize = 5_000;

/// A small disk of its own, in memory. Whoever may not mount one cannot run this test.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mounted() -> Result<Self, String> {
        let path = Path::new("/tmp").join(format!("ashiato-disk-{:016x}", rand::random::<u64>()));
        std::fs::create_dir(&path).unwrap();
        let disk = Self(path);
        let output = Command::new("mount").args(["-t", "tmpfs", "-o", "size=192m,mode=755", "tmpfs"]).arg(&disk.0).output();
        match output {
            Ok(output) if output.status.success() => Ok(disk),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Writes until nothing more fits.
    fn fill(&self) {
        use std::io::Write;
        let mut filler = std::fs::File::create(self.0.join("filler")).unwrap();
        for size in [1 << 20, 4096, 1] {
            while filler.write_all(&vec![0; size]).is_ok() {}
        }
    }

    fn make_room(&self) {
        std::fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _best_effort = Command::new("umount").arg("-l").arg(&self.0).output();
        let _best_effort = std::fs::remove_dir(&self.0);
    }
}

async fn server_on(disk: &SmallDisk) -> Server {
    let launcher = Launcher::new(disk.0.join("data"), search()).durability(Durability::Fast).setting("max_wal_size", "32MB");
    tokio::task::spawn_blocking(move || launcher.start()).await.unwrap().unwrap()
}

/// Checks somebody new in; whether it was recorded. Who is turned away finds what they typed in the form again.
async fn came(app: &App, path: &str, number: usize) -> bool {
    let email = format!("visitor{number}@example.jp");
    let answer = app.form(path, &[("email", &email)]).await;
    if answer.status == 200 {
        return true;
    }
    assert_eq!((answer.status, answer.header("Retry-After")), (503, Some("5")));
    assert_eq!(Page::checked(path, &answer.text(), "en").field("email").get("value"), Some(email.as_str()), "what was typed is kept");
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_said_by_name_and_is_over_by_itself() {
    let disk = match SmallDisk::mounted() {
        Ok(disk) => disk,
        Err(why) => return say_skipped(&format!("this test mounts a tmpfs, which needs root: {why}")),
    };
    logs::capture();
    let server = server_on(&disk).await;
    let db = Db::at(server.url("postgres")).await;
    let app = App::with(Plan { db: Some(db), ..Plan::default() }).await;
    let path = format!("/c/{}?lang=en", app.venue("喫茶 ひだまり", &["入口"]).await.codes[0]);
    assert!(came(&app, &path, 0).await);

    disk.fill();
    let (mut recorded, mut refused) = (1, 0);
    let mut ready = app.get("/readyz").await;
    assert_eq!(ready.status, 200, "nobody knows yet");
    for number in 1..MOST {
        if came(&app, &path, number).await {
            recorded += 1;
        } else {
            refused += 1;
        }
        ready = app.get("/readyz").await;
        if ready.status == 503 {
            break;
        }
    }
    assert!(ready.text().contains("check-ins: disk full"), "{} {}", ready.status, ready.text());
    // Who comes all the same is answered as before; a line for each of them would fill the disk further.
    for number in MOST..MOST + 200 {
        if came(&app, &path, number).await {
            recorded += 1;
        } else {
            refused += 1;
        }
    }
    let lines = logs::text().lines().filter(|line| line.contains("53100")).count();
    assert!((1..20).contains(&lines), "{lines} lines for {refused} check-ins");
    let hole = app.web.state.recorder.hole().unwrap();
    assert_eq!((hole.cause, hole.ended), (Cause::DiskFull, None));

    // There is room again, and nobody comes: the process has been taken out of the balancer.
    disk.make_room();
    let deadline = Instant::now() + PATIENCE;
    while app.get("/readyz").await.status != 200 {
        assert!(Instant::now() < deadline, "not ready again: {}", app.get("/readyz").await.text());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(came(&app, &path, MOST + 1_000).await);
    let mut owner = app.db.connect(DbRole::Owner).await;
    let stored: i64 = sqlx::query_scalar("select count(*) from visit").fetch_one(&mut owner).await.unwrap();
    assert_eq!(stored, recorded + 1, "what was answered is there, and the writer's own tries left nothing");

    // Officials learn of the hole.
    web::watch(&app.web.state).await.unwrap();
    let alarms = official::open_alarms(&mut app.db.connect(DbRole::Web).await).await.unwrap();
    let alarm = alarms.iter().find(|alarm| alarm.kind == AlarmKind::CheckInsFail).unwrap();
    assert!(alarm.detail.ends_with(&format!(": {refused} × 503 (disk full)")), "{refused}: {}", alarm.detail);
    assert_eq!(app.web.state.recorder.hole(), None, "told once");
    app.web.stop().await;
    tokio::task::spawn_blocking(move || server.stop()).await.unwrap().unwrap();
}
