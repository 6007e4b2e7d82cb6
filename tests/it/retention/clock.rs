//! Forgetting when the clock may be wrong: nothing is destroyed by a clock alone, and nothing is kept because of a doubt for ever.
use crate::alert::fixture::{AlertFixture, NOON, RETENTION_DAYS, TOKYO};
use crate::support::app::App;
use crate::support::smtp_sink::{Behaviour, Stage};
use ashiato::base::clock::Clock;
use ashiato::base::db::DbRole;
use ashiato::official::{self, AlarmKind, Role};
use ashiato::retention::{self, How, Look, ONE_BY_ONE, PATIENCE, PurgeError, Purged, Retention};
use ashiato::web;
use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde_json::json;

/// How often the worker purges here.
const PACE: Duration = Duration::hours(3);

/// A fixture where three people checked in on each of ten days. The worker was at work all the time.
async fn ten_days() -> (AlertFixture, ashiato::venue::VenueId) {
    let fixture = AlertFixture::at(NOON.parse::<DateTime<Utc>>().unwrap() - Duration::days(9)).await;
    let venue = fixture.venue().await;
    for day in 0..10 {
        if day > 0 {
            fixture.pass(Duration::days(1)).await;
        }
        fixture.visits(venue, 0..3).await;
    }
    fixture.worked_until(fixture.now()).await;
    (fixture, venue)
}

fn look(now: DateTime<Utc>, elapsed: Duration) -> Look {
    Look { local: now, database: now, elapsed, synchronised: Some(true) }
}

async fn purge(fixture: &AlertFixture, look: &Look, how: &How) -> Result<Purged, PurgeError> {
    retention::purge(look, &fixture.notifier, &fixture.keys, Retention { zone: TOKYO, days: RETENTION_DAYS }, how).await
}

/// Runs from `begin` (true time) for `time`, with clocks that both show `wrong` more; returns what the last purge said.
async fn run(fixture: &AlertFixture, begin: DateTime<Utc>, time: Duration, wrong: Duration) -> Purged {
    let mut last = purge(fixture, &look(begin + wrong, Duration::zero()), &How::default()).await.unwrap();
    let mut passed = Duration::zero();
    while passed < time {
        passed += PACE;
        last = purge(fixture, &look(begin + wrong + passed, PACE), &How::default()).await.unwrap();
    }
    last
}

async fn visits(fixture: &AlertFixture) -> i64 {
    fixture.count("select count(*) from visit").await
}

async fn alarms(fixture: &AlertFixture) -> Vec<AlarmKind> {
    let open = official::open_alarms(&mut fixture.web.acquire().await.unwrap()).await.unwrap();
    open.into_iter().map(|alarm| alarm.kind).collect()
}

#[tokio::test]
async fn a_clock_forty_days_ahead_erases_nothing_for_five_days_and_somebody_is_told() {
    let (fixture, _) = ten_days().await;
    let (begin, ahead) = (fixture.now(), Duration::days(40));
    let first = purge(&fixture, &look(begin + ahead, Duration::zero()), &How::default()).await.unwrap();
    assert_eq!((first.dates.len(), first.held.len()), (0, 10 + 3), "every day with visits or keys: {first:?}");
    assert!(first.doubt.unwrap().contains("960 hours ahead"));
    assert_eq!(alarms(&fixture).await, [AlarmKind::Clock]);
    let keys = fixture.keys.days().unwrap();

    let last = run(&fixture, begin, PATIENCE, ahead).await;
    assert_eq!((last.dates.len(), visits(&fixture).await), (0, 30));
    assert_eq!(fixture.keys.days().unwrap(), keys, "no key was destroyed");
    assert_eq!(fixture.count("select count(*) from audit_entry where action = 'retention.purge'").await, 0);

    // Somebody set the clock right.
    let mended = run(&fixture, begin + PATIENCE, PACE, Duration::zero()).await;
    assert_eq!((mended.doubt, mended.held.len(), visits(&fixture).await), (None, 0, 30));
    assert_eq!(alarms(&fixture).await, []);
}

#[tokio::test]
async fn a_doubt_does_not_keep_back_what_is_truly_due() {
    let (fixture, _) = ten_days().await;
    // The worker works on; on the 24th day the clock jumps ahead, and nobody looks.
    let begin = fixture.now() + Duration::days(22);
    fixture.worked_until(begin).await;
    let before = visits(&fixture).await;
    run(&fixture, begin, Duration::days(4), Duration::days(40)).await;
    assert_eq!((before, visits(&fixture).await), (30, 30 - 4 * 3), "a date goes each day, as it would without the jump");
}

#[tokio::test]
async fn who_stood_still_for_five_weeks_forgets_by_itself_within_nine_days() {
    let (fixture, _) = ten_days().await;
    let again = fixture.now() + Duration::days(35);
    let last = run(&fixture, again, PATIENCE, Duration::zero()).await;
    assert_eq!((last.dates.len(), visits(&fixture).await), (0, 30), "it cannot know yet");
    assert_eq!(alarms(&fixture).await, [AlarmKind::Clock]);
    let last = run(&fixture, again + PATIENCE, Duration::days(9) - PATIENCE, Duration::zero()).await;
    assert_eq!((visits(&fixture).await, last.held.len()), (0, 0), "{last:?}");
    let oldest_kept = TOKYO.today(again + Duration::days(9)) - Duration::days(i64::from(RETENTION_DAYS));
    assert!(fixture.keys.days().unwrap().into_iter().all(|day| day >= oldest_kept));
    let days: Vec<NaiveDate> = sqlx::query_scalar("select visit_date from day_key").fetch_all(&fixture.notifier).await.unwrap();
    assert!(days.into_iter().all(|day| day >= oldest_kept));
    // The last of the gap is caught up soon after, and the alarm ends.
    run(&fixture, again + Duration::days(9), Duration::days(1), Duration::zero()).await;
    assert_eq!(alarms(&fixture).await, []);
}

#[tokio::test]
async fn a_worker_that_remembers_nothing_goes_by_its_own_last_work() {
    let (fixture, _) = ten_days().await;
    sqlx::query("delete from service_clock").execute(&mut fixture.db.connect(DbRole::Owner).await).await.unwrap();
    let purged = purge(&fixture, &look(fixture.now() + Duration::days(40), Duration::zero()), &How::default()).await.unwrap();
    assert_eq!((purged.dates.len(), visits(&fixture).await), (0, 30), "its newest key is 40 days old");
    assert_eq!(alarms(&fixture).await, [AlarmKind::Clock]);
}

#[tokio::test]
async fn a_retention_that_was_mistyped_erases_nothing_before_somebody_could_look() {
    let (fixture, _) = ten_days().await;
    fixture.worked_until(fixture.now()).await;
    sqlx::query("update service_clock set purged_at = lived_at").execute(&fixture.notifier).await.unwrap();
    let mistyped = async |at: DateTime<Utc>| {
        let look = look(at, PACE);
        retention::purge(&look, &fixture.notifier, &fixture.keys, Retention { zone: TOKYO, days: 1 }, &How::default()).await.unwrap()
    };
    let first = mistyped(fixture.now()).await;
    assert_eq!((first.dates.len(), visits(&fixture).await), (0, 30));
    assert!(first.doubt.unwrap().contains("fall due at once"));
    assert_eq!(alarms(&fixture).await, [AlarmKind::Clock]);
    // It is put right: the alarm ends, and nothing was lost.
    let mended = purge(&fixture, &look(fixture.now() + PACE, PACE), &How::default()).await.unwrap();
    assert_eq!((mended.doubt, alarms(&fixture).await, visits(&fixture).await), (None, vec![], 30));
    // It was meant: after the waiting time the dates go one by one, eight a day.
    let begin = fixture.now() + PACE * 3;
    let mut at = begin;
    while at - begin <= PATIENCE {
        assert_eq!(mistyped(at).await.dates.len(), 0, "{:?}", at - begin);
        at += PACE;
    }
    for _ in 0..4 {
        assert_eq!(mistyped(at).await.dates.len(), 1);
        assert_eq!(mistyped(at + Duration::minutes(1)).await.dates.len(), 0, "not twice within {ONE_BY_ONE}");
        at += PACE;
    }
}

#[tokio::test]
async fn an_administrator_lets_named_dates_go_and_no_others() {
    let (fixture, _) = ten_days().await;
    let clock = look(fixture.now() + Duration::days(40), Duration::zero());
    let oldest = fixture.today() - Duration::days(9);
    let how = |date, dry_run| How { dry_run, let_go: vec![date] };
    let young = TOKYO.today(clock.local);
    assert!(matches!(purge(&fixture, &clock, &how(young, false)).await, Err(PurgeError::NotDue(date)) if date == young));
    assert_eq!(purge(&fixture, &clock, &how(oldest, true)).await.unwrap().dates, [oldest]);
    assert_eq!(visits(&fixture).await, 30, "a dry run");
    let purged = purge(&fixture, &clock, &how(oldest, false)).await.unwrap();
    assert_eq!((purged.dates.as_slice(), visits(&fixture).await), ([oldest].as_slice(), 27));
    assert!(!fixture.keys.days().unwrap().contains(&oldest) && !purged.held.contains(&oldest) && purged.held.len() == 12);
    let entries: Vec<serde_json::Value> =
        sqlx::query_scalar("select detail from audit_entry where action = 'retention.let_go'").fetch_all(&fixture.notifier).await.unwrap();
    assert_eq!(entries, [json!({ "date": oldest })]);
}

#[tokio::test]
async fn cases_and_alerts_go_by_the_time_that_is_believed() {
    let (fixture, venue) = ten_days().await;
    fixture.report(&[(venue, fixture.today())]).await;
    let purged = purge(&fixture, &look(fixture.now() + Duration::days(400), Duration::zero()), &How::default()).await.unwrap();
    assert_eq!((purged.tidied.cases, purged.tidied.alerts), (0, 0));
    assert_eq!(fixture.count("select count(*) from case_report").await, 1);
}

#[tokio::test]
async fn web_reads_what_the_worker_remembers_of_time_and_cannot_write_it() {
    let (fixture, _) = ten_days().await;
    assert!(retention::alive_at(&mut fixture.web.acquire().await.unwrap()).await.unwrap().is_some());
    for statement in
        ["update service_clock set lived_at = now()", "delete from service_clock", "insert into service_clock values (1, now(), now())"]
    {
        let refused = sqlx::query(statement).execute(&fixture.web).await.unwrap_err();
        assert_eq!(refused.as_database_error().unwrap().code().unwrap(), "42501", "{statement}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_do_not_expire_by_a_clock_that_is_not_believed_and_officials_are_written_to() {
    let app = App::start().await;
    let cafe = app.venue("喫茶 ひだまり", &["入口"]).await;
    app.check_in(&cafe.codes[0], "visitor1@example.jp").await;
    let (tracer, approver) = (app.token(Role::Tracer, "昼の係").await, app.token(Role::Approver, "夜の係").await);
    let body = json!({ "reference": "R8-0123", "stays": [{ "venue_id": cafe.id, "date": "2026-11-22" }] });
    let created = app.api("POST", "/api/v1/cases", Some(&tracer), Some(body)).await.expect_status(201).unwrap().json().unwrap();
    let path = format!("/api/v1/alerts/{}", created["alert_id"].as_str().unwrap());
    app.api("POST", &format!("{path}/submit"), Some(&tracer), None).await.expect_status(200).unwrap();
    app.api("POST", &format!("{path}/approve"), Some(&approver), None).await.expect_status(200).unwrap();
    app.dispatch().await;

    // The machine's clock jumps, and with it Postgres's: one host.
    let right = app.clock.now();
    app.clock.advance(Duration::days(40));
    // Before anybody has looked at the clocks again, and after. The mail server puts the mail off meanwhile.
    app.sink.behave(Behaviour::reply(Stage::Rcpt, "450 4.2.1 later"));
    app.deliver().await;
    let worker = &app.worker.state;
    let mut connection = worker.pool.acquire().await.unwrap();
    worker.watch.look(&mut connection, app.clock.now(), &worker.second_clock).await.unwrap();
    app.deliver().await;
    let state = async || {
        let mut owner = app.db.connect(DbRole::Owner).await;
        let state: String = sqlx::query_scalar("select state from outbox where kind = 'notice'").fetch_one(&mut owner).await.unwrap();
        state
    };
    assert_eq!(state().await, "deferred", "not dead: it is tried as if the clock were right");
    app.sink.heal();
    app.clock.set(right);
    worker.watch.look(&mut connection, app.clock.now(), &worker.second_clock).await.unwrap();
    app.deliver().await;
    assert_eq!(state().await, "sent");
    assert!(web::tell_of_alarms(&app.web.state).await.unwrap() <= 1);
}

#[tokio::test]
async fn letters_that_web_dates_long_ago_hold_no_date_back() {
    let (fixture, _) = ten_days().await;
    let due = fixture.now() + Duration::days(23);
    fixture.worked_until(due).await;
    // More dates than any number of days explains, written with web's login.
    sqlx::query(
        "insert into outbox (id, kind, visit_date, epoch_id, sealed, created_at, next_at, expires_at)
         select gen_random_uuid(), 'my-link', date '2020-01-01' + day, 1, '', now(), now(), now() from generate_series(1, 50) day",
    )
    .execute(&fixture.web)
    .await
    .unwrap();
    let purged = purge(&fixture, &look(due, Duration::zero()), &How::default()).await.unwrap();
    assert_eq!((purged.doubt, purged.held.len()), (None, 0));
    assert_eq!((visits(&fixture).await, fixture.count("select count(*) from outbox").await), (30 - 3, 0));
    assert_eq!(alarms(&fixture).await, []);
}
