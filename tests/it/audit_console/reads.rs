//! Who reads numbers that come from visits is on record, each time; who reads unusually many is noticed.
use crate::support::app::App;
use crate::support::console::employ;
use ashiato::audit::{self, Actor, LOOKS_PER_HOUR, READS_PER_HOUR, Read, Reading, Reason};
use ashiato::base::clock::Clock;
use ashiato::base::db::DbRole;
use ashiato::official::{Role, note_read};
use chrono::Duration;
use serde_json::Value;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

/// Actions of the chain about `target`, oldest first, with their details.
async fn chain(app: &App, action: &str) -> Vec<(Option<Uuid>, Value)> {
    sqlx::query_as("select target_id, detail from audit_entry where action = $1 order by id")
        .bind(action)
        .fetch_all(&mut app.db.connect(DbRole::Owner).await)
        .await
        .unwrap()
}

async fn chain_repeats(app: &App) -> usize {
    let mut notifier = app.db.connect(DbRole::Notifier).await;
    let mut tx = notifier.begin().await.unwrap();
    let written = audit::chain_repeats(&mut tx, app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    written
}

async fn official(app: &App, role: Role, name: &str) -> Uuid {
    let id = Uuid::new_v4();
    sqlx::query("insert into official (id, email, name, role, created_at) values ($1, $2, $3, $4, now())")
        .bind(id)
        .bind(format!("{}@city.example.jp", role.as_str()))
        .bind(name)
        .bind(role.as_str())
        .execute(&mut app.db.connect(DbRole::Owner).await)
        .await
        .unwrap();
    employ(&mut app.db.connect(DbRole::Owner).await, app.clock.now(), id).await;
    id
}

/// One look, as a page notes it. Gives whether an alarm was raised.
async fn look(app: &App, conn: &mut PgConnection, actor: Actor, target: Uuid) -> bool {
    let read = Read { actor, what: Reading::AlertPreview, target: Some(target), reason: None };
    let mut tx = conn.begin().await.unwrap();
    let excess = note_read(&mut tx, app.clock.now(), &app.web.state.sealer, app.web.state.service.zone, &read).await.unwrap();
    tx.commit().await.unwrap();
    excess.is_some()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_reads_numbers_leaves_its_trace_and_repeats_are_summed() {
    let app = App::start().await;
    let token = app.token(Role::Tracer, "夜間当番").await;
    let id = Uuid::new_v4();
    for _ in 0..3 {
        app.api("GET", &format!("/api/v1/alerts/{id}/preview"), Some(&token), None).await.expect_status(404).unwrap();
    }
    app.api("GET", &format!("/api/v1/alerts/{id}"), Some(&token), None).await.expect_status(404).unwrap();
    assert_eq!(chain(&app, "read.alert_preview").await, [(Some(id), serde_json::json!({}))], "the first look at once");
    assert_eq!(chain(&app, "read.alert_delivery").await.len(), 1);

    assert_eq!(chain_repeats(&app).await, 0, "the minute is not over");
    app.clock.advance(Duration::minutes(1));
    assert_eq!(chain_repeats(&app).await, 1);
    assert_eq!(chain_repeats(&app).await, 0, "once");
    let told = chain(&app, "read.alert_preview").await;
    assert_eq!((told.len(), &told[1].0, &told[1].1["again"]), (2, &Some(id), &Value::from(2)));
    assert_eq!(told[1].1["minute"], "2026-11-22T03:00:00Z");

    app.api("GET", &format!("/api/v1/alerts/{id}/preview"), Some(&token), None).await;
    assert_eq!(chain(&app, "read.alert_preview").await.len(), 3, "the next minute's first look is an entry of its own");
    audit::verify(&mut app.db.connect(DbRole::Web).await).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_read_leaves_no_trace_of_a_read() {
    let app = App::start().await;
    let viewer = app.token(Role::Viewer, "viewer").await;
    let path = format!("/api/v1/alerts/{}/preview", Uuid::new_v4());
    app.api("GET", &path, Some(&viewer), None).await.expect_status(403).unwrap();
    app.api("GET", &path, None, None).await.expect_status(401).unwrap();
    assert!(chain(&app, "read.alert_preview").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reason_is_kept_and_two_reasons_are_two_looks() {
    let app = App::start().await;
    let mut conn = app.db.connect(DbRole::Web).await;
    for reason in ["本人からの問い合わせ", "本人からの問い合わせ", "報告書のため"] {
        let read = Read {
            actor: Actor::System,
            what: Reading::VenueVisits,
            target: Some(Uuid::nil()),
            reason: Some(Reason::parse(reason).unwrap()),
        };
        let mut tx = conn.begin().await.unwrap();
        assert_eq!(audit::read(&mut tx, app.clock.now(), &read).await.unwrap(), None);
        tx.commit().await.unwrap();
    }
    let reasons: Vec<_> = chain(&app, "read.venue_visits").await.into_iter().map(|(_, detail)| detail["reason"].clone()).collect();
    assert_eq!(reasons, ["本人からの問い合わせ", "報告書のため"]);
    app.clock.advance(Duration::minutes(2));
    assert_eq!(chain_repeats(&app).await, 1);
    assert_eq!(chain(&app, "read.venue_visits").await.pop().unwrap().1["reason"], "本人からの問い合わせ");
}

#[tokio::test(flavor = "multi_thread")]
async fn unusually_many_looks_raise_one_alarm_an_hour_and_auditors_and_admins_get_a_letter() {
    let app = App::start().await;
    let (auditor, _) = (official(&app, Role::Auditor, "監査 一郎").await, official(&app, Role::Admin, "管理 花子").await);
    let reader = official(&app, Role::Tracer, "佐藤 みどり").await;
    let mut conn = app.db.connect(DbRole::Web).await;
    for number in 1..LOOKS_PER_HOUR {
        assert!(!look(&app, &mut conn, Actor::Official(reader), Uuid::from_u128(number.unsigned_abs().into())).await, "{number}");
    }
    assert!(!look(&app, &mut conn, Actor::Official(auditor), Uuid::nil()).await, "another person counts apart");
    assert!(look(&app, &mut conn, Actor::Official(reader), Uuid::nil()).await, "at the limit");
    assert!(!look(&app, &mut conn, Actor::Official(reader), Uuid::max()).await, "told once");
    let alarms = chain(&app, "read.alarm").await;
    assert_eq!(alarms.len(), 1);
    assert_eq!((alarms[0].0, &alarms[0].1["looks"]), (Some(reader), &Value::from(LOOKS_PER_HOUR)));

    app.deliver().await;
    let to: Vec<_> = app.sink.accepted_by_recipient().into_keys().collect();
    assert_eq!(to, ["admin@city.example.jp", "auditor@city.example.jp"]);
    assert!(app.sink.accepted()[0].text.contains("佐藤 みどり"));

    app.clock.advance(Duration::minutes(61));
    assert!(!look(&app, &mut conn, Actor::Official(reader), Uuid::nil()).await, "a quiet hour later there is nothing to tell");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_watches_one_number_all_the_time_is_noticed_too() {
    let app = App::start().await;
    let reader = official(&app, Role::Tracer, "佐藤 みどり").await;
    let mut conn = app.db.connect(DbRole::Web).await;
    assert!(!look(&app, &mut conn, Actor::Official(reader), Uuid::nil()).await);
    let almost = i32::try_from(READS_PER_HOUR - 2).unwrap();
    sqlx::query("update audit_read set reads = $1").bind(almost).execute(&mut app.db.connect(DbRole::Owner).await).await.unwrap();
    assert!(!look(&app, &mut conn, Actor::Official(reader), Uuid::nil()).await);
    assert!(look(&app, &mut conn, Actor::Official(reader), Uuid::nil()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn minutes_are_forgotten_after_two_hours_and_never_before_the_chain_tells_them() {
    let app = App::start().await;
    let mut conn = app.db.connect(DbRole::Web).await;
    look(&app, &mut conn, Actor::System, Uuid::nil()).await;
    look(&app, &mut conn, Actor::System, Uuid::nil()).await;
    let kept = || async {
        let mut owner = app.db.connect(DbRole::Owner).await;
        sqlx::query_scalar::<_, i64>("select count(*) from audit_read").fetch_one(&mut owner).await.unwrap()
    };
    app.clock.advance(Duration::hours(2));
    assert_eq!(chain_repeats(&app).await, 1);
    assert_eq!(kept().await, 1, "exactly two hours are kept");
    app.clock.advance(Duration::minutes(1));
    chain_repeats(&app).await;
    assert_eq!(kept().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_read_at_once_while_repeats_are_told_wait_for_each_other_without_a_deadlock() {
    let app = App::start().await;
    let mut readers = tokio::task::JoinSet::new();
    for number in 0..8_u128 {
        let mut conn = app.db.connect(DbRole::Web).await;
        let now = app.clock.now();
        readers.spawn(async move {
            for minute in 0..10 {
                let read =
                    Read { actor: Actor::System, what: Reading::AlertList, target: Some(Uuid::from_u128(number % 2 + 1)), reason: None };
                let mut tx = conn.begin().await.unwrap();
                audit::read(&mut tx, now + Duration::minutes(minute), &read).await.unwrap();
                tx.commit().await.unwrap();
            }
        });
    }
    let mut notifier = app.db.connect(DbRole::Notifier).await;
    let later = app.clock.now() + Duration::hours(1);
    while !readers.is_empty() {
        let mut tx = notifier.begin().await.unwrap();
        audit::chain_repeats(&mut tx, later).await.unwrap();
        tx.commit().await.unwrap();
        while readers.try_join_next().is_some_and(|ended| ended.map(|()| true).unwrap()) {}
    }
    let mut tx = notifier.begin().await.unwrap();
    audit::chain_repeats(&mut tx, later).await.unwrap();
    tx.commit().await.unwrap();
    let told = chain(&app, "read.alert_list").await;
    let sum: i64 = told.iter().map(|(_, detail)| detail["again"].as_i64().unwrap_or(1)).sum();
    assert_eq!(sum, 80, "every read is in the chain");
    assert_eq!(told.iter().filter(|(_, detail)| detail.get("again").is_none()).count(), 20, "20 things a minute, one entry each at once");
}
