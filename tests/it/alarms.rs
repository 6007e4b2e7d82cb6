//! Alarms: said once, shown until they are over, written about to those who have joined and can do something.
use crate::support::app::App;
use ashiato::base::clock::Clock;
use ashiato::base::db::DbRole;
use ashiato::official::{self, AlarmKind, LETTER_PAUSE, MAX_DETAIL_CHARS, Role, STALE};
use ashiato::web;
use chrono::Duration;
use std::collections::BTreeMap;

/// Takes away what the owner of an account would have chosen on joining.
async fn has_not_joined(app: &App, official: uuid::Uuid) {
    let mut owner = app.db.connect(DbRole::Owner).await;
    sqlx::query("delete from official_credential where official_id = $1").bind(official).execute(&mut owner).await.unwrap();
}

/// How many letters each mailbox got until now.
async fn letters(app: &App) -> BTreeMap<String, usize> {
    web::tell_of_alarms(&app.web.state).await.unwrap();
    app.deliver().await;
    app.sink.accepted_by_recipient()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_is_said_once_and_shown_until_it_is_over() {
    let app = App::start().await;
    let viewer = app.official(Role::Viewer, "森 七海").await;
    let page = viewer.get("/console").await.expect_status(200).unwrap().text();
    assert!(!page.contains("いま、対応が必要なこと"), "{page}");

    let mut worker = app.db.connect(DbRole::Notifier).await;
    let now = app.clock.now();
    assert!(official::raise(&mut worker, now, AlarmKind::Clock, "2026-10-01 … 2026-10-10").await.unwrap());
    assert!(!official::raise(&mut worker, now, AlarmKind::Clock, "2026-10-01 … 2026-10-11").await.unwrap());
    let page = viewer.get("/console").await.text();
    for part in ["いま、対応が必要なこと", "時計が合っていません", "11月22日 12:00 から", "2026-10-01 … 2026-10-11"]
    {
        assert!(page.contains(part), "lacks {part}: {page}");
    }
    assert!(viewer.get("/console?lang=en").await.text().contains("The clock is wrong"));
    web::tell_of_alarms(&app.web.state).await.unwrap();
    let metrics = app.web.state.metrics.encode();
    assert!(metrics.contains("ashiato_alarms{kind=\"clock\"} 1"), "{metrics}");
    assert!(metrics.contains("ashiato_alarms{kind=\"keys_run_out\"} 0"), "{metrics}");

    let mut web_login = app.db.connect(DbRole::Web).await;
    assert!(official::clear(&mut web_login, now, AlarmKind::Clock).await.unwrap());
    assert!(!official::clear(&mut web_login, now, AlarmKind::Clock).await.unwrap());
    assert!(!viewer.get("/console").await.text().contains("時計が合っていません"));
    let actions = "select count(*) from audit_entry where action in ('alarm.raise', 'alarm.clear')";
    let entries: i64 = sqlx::query_scalar(actions).fetch_one(&mut app.db.connect(DbRole::Owner).await).await.unwrap();
    assert_eq!(entries, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_go_to_joined_approvers_and_administrators_and_not_again_for_hours() {
    let app = App::start().await;
    for (role, joins) in [(Role::Admin, true), (Role::Approver, true), (Role::Tracer, true), (Role::Approver, false)] {
        let official = app.official(role, role.as_str()).await.id;
        if !joins {
            has_not_joined(&app, official).await;
        }
    }
    let mut worker = app.db.connect(DbRole::Notifier).await;
    official::raise(&mut worker, app.clock.now(), AlarmKind::KeysRunOut, "").await.unwrap();
    let told = letters(&app).await;
    assert_eq!(told.values().copied().collect::<Vec<_>>(), [1, 1], "an administrator and an approver who joined");
    let mail = app.sink.accepted().remove(0);
    assert!(mail.header("Subject").is_some());

    // It comes and goes: nobody is written to again until the pause is over.
    for (after, mails) in [(Duration::zero(), 1), (LETTER_PAUSE - Duration::seconds(1), 1), (Duration::seconds(2), 2)] {
        official::clear(&mut worker, app.clock.now(), AlarmKind::KeysRunOut).await.unwrap();
        app.clock.advance(after);
        official::raise(&mut worker, app.clock.now(), AlarmKind::KeysRunOut, "").await.unwrap();
        assert!(letters(&app).await.values().all(|count| *count == mails), "{after}");
    }
    // Another kind is another matter.
    official::raise(&mut worker, app.clock.now(), AlarmKind::WorkerSilent, "").await.unwrap();
    assert!(letters(&app).await.values().all(|count| *count == 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_detail_is_cut_at_its_limit() {
    let app = App::start().await;
    let mut worker = app.db.connect(DbRole::Notifier).await;
    for (kind, chars) in [(AlarmKind::Clock, MAX_DETAIL_CHARS), (AlarmKind::CheckInsFail, MAX_DETAIL_CHARS + 1)] {
        official::raise(&mut worker, app.clock.now(), kind, &"日".repeat(chars)).await.unwrap();
    }
    for alarm in official::open_alarms(&mut worker).await.unwrap() {
        assert_eq!(alarm.detail.chars().count(), MAX_DETAIL_CHARS);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_well_does_not_take_back_what_another_finds() {
    let app = App::start().await;
    let (mut sick, mut well) = (app.db.connect(DbRole::Web).await, app.db.connect(DbRole::Web).await);
    let (begun, second) = (app.clock.now(), Duration::seconds(1));
    for minute in 0..10 {
        let now = begun + Duration::minutes(minute);
        assert_eq!(official::raise(&mut sick, now, AlarmKind::ClocksDiffer, "61 seconds").await.unwrap(), minute == 0);
        assert!(!official::clear_stale(&mut well, now + second, AlarmKind::ClocksDiffer).await.unwrap());
    }
    let last = begun + Duration::minutes(9);
    assert!(!official::clear_stale(&mut well, last + STALE - second, AlarmKind::ClocksDiffer).await.unwrap());
    assert!(official::clear_stale(&mut well, last + STALE, AlarmKind::ClocksDiffer).await.unwrap());
}
