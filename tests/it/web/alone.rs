//! The worker stands still. Check-ins go on for as long as the documents say, and somebody hears of it long before they end.
use crate::support::app::App;
use ashiato::base::clock::Clock;
use ashiato::base::db::DbRole;
use ashiato::keys::DAYS_AHEAD;
use ashiato::official::{self, AlarmKind, Role, STALE};
use ashiato::web::{self, health, health::FEW_DAYS};
use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use std::time::Duration as Span;

const TODAY: &str = "2026-11-22";
/// Long enough for a process to raise alarms.
const LONG: Span = Span::from_secs(3600);

/// A moment of `days` after the test's today, so long after its midnight in Tokyo.
fn at(days: u64, after_midnight: Duration) -> DateTime<Utc> {
    let midnight: DateTime<Utc> = "2026-11-21T15:00:00Z".parse().unwrap();
    midnight + Days::new(days) + after_midnight
}

async fn open(app: &App) -> Vec<AlarmKind> {
    let mut web = app.db.connect(DbRole::Web).await;
    official::open_alarms(&mut web).await.unwrap().into_iter().map(|alarm| alarm.kind).collect()
}

async fn checks_in(app: &App, code: &str) -> u16 {
    app.form(&format!("/c/{code}"), &[("email", "hanako@example.jp")]).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn check_ins_go_on_for_eight_more_days_and_no_longer() {
    let app = App::start().await;
    let cafe = app.venue("喫茶 ひだまり", &["入口"]).await;
    let (state, code) = (&app.web.state, cafe.codes[0].as_str());
    for day in 0..=u64::from(DAYS_AHEAD) {
        for after in [Duration::seconds(1), Duration::hours(12), Duration::hours(23)] {
            app.clock.set(at(day, after));
            let refreshed = web::refresh(state).await;
            assert!(refreshed.is_ok() || at(day, after) >= at(u64::from(DAYS_AHEAD), Duration::hours(23)), "{refreshed:?}");
            assert_eq!(checks_in(&app, code).await, 200, "day {day}, {after}");
            assert_eq!(app.get("/readyz").await.status, 200);
        }
        assert_eq!(state.metrics.ready_days.get(), i64::from(DAYS_AHEAD) + 1 - i64::try_from(day).unwrap());
    }
    let visits: i64 = sqlx::query_scalar("select count(*) from visit").fetch_one(&mut app.db.connect(DbRole::Owner).await).await.unwrap();
    assert_eq!(visits, i64::from(DAYS_AHEAD) + 1, "each on its own date");
    app.clock.set(at(u64::from(DAYS_AHEAD) + 1, Duration::seconds(1)));
    assert!(web::refresh(state).await.is_err());
    assert_eq!(checks_in(&app, code).await, 503);
    assert!(app.get("/readyz").await.text().contains("day key"));
    assert_eq!(state.metrics.ready_days.get(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_will_end_check_ins_is_said_days_ahead() {
    let app = App::start().await;
    let state = &app.web.state;
    let said = async |days: u64, after: Duration| {
        app.clock.set(at(days, after));
        web::refresh(state).await.unwrap();
        health::tell(state, LONG).await.unwrap();
        (app.get("/readyz").await.text(), open(&app).await)
    };
    let noon = Duration::hours(12);
    assert_eq!(said(0, noon + Duration::minutes(9)).await, ("ready\n".to_owned(), vec![]));
    let (ready, alarms) = said(0, noon + Duration::minutes(10)).await;
    assert_eq!(ready, "ready\nwarning: worker: no sign of life since 2026-11-22 03:00 UTC\n");
    assert_eq!(alarms, [AlarmKind::WorkerSilent]);
    assert_eq!(state.metrics.worker_silent.get(), 600);

    let first_warned = u64::from(DAYS_AHEAD) + 1 - u64::try_from(FEW_DAYS).unwrap();
    let (ready, alarms) = said(first_warned - 1, noon).await;
    assert!(!ready.contains("keys") && alarms.len() == 1, "{ready}");
    let (ready, alarms) = said(first_warned, noon).await;
    assert!(ready.contains("warning: keys: check-ins can be taken until 2026-11-30, then no more\n"), "{ready}");
    assert_eq!(alarms, [AlarmKind::WorkerSilent, AlarmKind::KeysRunOut]);
    assert_eq!(web::tell_of_alarms(state).await.unwrap(), 2, "four days ahead");

    let page = app.official(Role::Viewer, "森 七海").await.get("/console").await.text();
    for part in ["11月30日分まで", "最後の合図 11月22日 12:00", "通知係を起動するよう"] {
        assert!(page.contains(part), "lacks {part}: {page}");
    }
    // The worker is back.
    let mut worker = app.db.connect(DbRole::Notifier).await;
    let (keys, today) = (&app.worker.state.keys, TODAY.parse::<NaiveDate>().unwrap() + Days::new(first_warned));
    app.worker.state.watch.look(&mut worker, app.clock.now(), &app.worker.state.second_clock).await.unwrap();
    keys.ensure_days(&mut worker, app.clock.now(), today, DAYS_AHEAD).await.unwrap();
    keys.refill_mac_keys(&mut worker, &app.worker.state.secrets, today).await.unwrap();
    ashiato::visit::partitions::ensure_days(&mut worker, today, ashiato::visit::partitions::DAYS_AHEAD).await.unwrap();
    assert_eq!(said(first_warned, noon).await.1.len(), 3, "another process may still find it");
    let (ready, alarms) = said(first_warned, noon + STALE).await;
    assert_eq!(ready, "ready\n");
    // It was away for longer than a weekend: that is a doubt about the clock, which the worker itself tells.
    assert_eq!(alarms, [AlarmKind::Clock]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_has_just_started_raises_no_alarm_about_a_worker_that_is_starting() {
    let app = App::start().await;
    app.clock.set(at(6, Duration::hours(12)));
    web::refresh(&app.web.state).await.unwrap();
    health::tell(&app.web.state, Span::from_secs(599)).await.unwrap();
    assert_eq!(open(&app).await, []);
    assert!(app.get("/readyz").await.text().contains("warning"), "but it says so");
}
