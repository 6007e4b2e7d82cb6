//! The batching writer against real servers: nothing that was answered is lost, nobody waits long, nobody fails for another.
mod fixture;
pub mod tcp_proxy;

use ashiato::base::db::{Cause, DbRole};
use ashiato::base::postgres::Durability;
use ashiato::visit::{Limits, RecordError, Recorder, VisitRow, partitions};
use fixture::{Key, RecorderFixture, anyone, today, visit, visit_on};
use sqlx::Connection;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// Longer than any test: for those that stall the writer on purpose and must not run into a limit.
const PATIENT: Duration = Duration::from_secs(60);

type Waiting = Pin<Box<dyn Future<Output = Result<(), RecordError>> + Send>>;

/// Puts `row` into the queue now; the answer is awaited later.
fn queued(recorder: &Recorder, row: VisitRow) -> Waiting {
    let recorder = recorder.clone();
    let mut waiting: Waiting = Box::pin(async move { recorder.record(row).await });
    match waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Pending => waiting,
        Poll::Ready(answer) => Box::pin(std::future::ready(answer)),
    }
}

fn patient() -> Limits {
    Limits { attempt: PATIENT, answer: PATIENT, stop: PATIENT, ..Limits::default() }
}

async fn until_up(recorder: &Recorder) {
    while !recorder.is_up() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_at_once_are_all_there_and_each_person_once() {
    let fixture = RecorderFixture::shared().await;
    let (recorder, task) = fixture.recorder(Limits { queue: 10_000, ..Limits::default() });
    let people: Vec<Key> = (0..5_000).map(|_| anyone()).collect();
    let mut answers = JoinSet::new();
    for person in people.iter().chain(&people) {
        let (recorder, person) = (recorder.clone(), *person);
        answers.spawn(async move { recorder.record(visit(person)).await });
    }
    assert!(answers.join_all().await.iter().all(Result::is_ok));
    let stored = fixture.stored_set().await;
    assert!(stored.len() == people.len() && people.iter().all(|person| stored.contains(person)));
    assert_eq!(fixture.counted("recorded"), 10_000);
    let batches = fixture.metrics.batches.get();
    assert!((20..10_000).contains(&batches), "10,000 rows make at least 20 batches of 500, but were not written one by one: {batches}");
    assert!(task.stop().await);
}

#[tokio::test]
async fn a_second_visit_of_the_day_answers_the_same_and_the_first_poster_stays() {
    let fixture = RecorderFixture::shared().await;
    let (recorder, _task) = fixture.recorder(Limits::default());
    let person = anyone();
    let at = |poster_no| VisitRow { poster_no, ..visit(person) };
    // In one batch, then in a later one.
    let (third, fifth) = (queued(&recorder, at(3)), queued(&recorder, at(5)));
    assert_eq!((third.await, fifth.await), (Ok(()), Ok(())));
    assert_eq!(recorder.record(at(2)).await, Ok(()));
    let tomorrow = today().succ_opt().unwrap();
    assert_eq!(recorder.record(visit_on(tomorrow, person)).await, Ok(()));
    let posters: Vec<i16> = sqlx::query_scalar("select poster_no from visit order by visit_date")
        .fetch_all(&mut fixture.connect(DbRole::Owner).await)
        .await
        .unwrap();
    assert_eq!(posters, [3, 1], "the day's first, and the next day's own");
}

#[tokio::test]
async fn a_poisoned_row_fails_alone() {
    let fixture = RecorderFixture::shared().await;
    let (recorder, _task) = fixture.recorder(Limits::default());
    let without_partition = today() + chrono::Days::new(400);
    let good: Vec<Waiting> = (0..20).map(|_| queued(&recorder, visit(anyone()))).collect();
    let poisoned = queued(&recorder, visit_on(without_partition, anyone()));
    let late = queued(&recorder, visit(anyone()));
    for waiting in good.into_iter().chain([late]) {
        assert_eq!(waiting.await, Ok(()));
    }
    assert_eq!(poisoned.await, Err(RecordError::NoPartition));
    assert_eq!(fixture.metrics.row_by_row.get(), 1, "they were one batch");
    assert_eq!(fixture.stored_set().await.len(), 21);
    assert!(recorder.is_up());
    assert_eq!(recorder.record(visit(anyone())).await, Ok(()));
    assert_eq!((fixture.counted("recorded"), fixture.counted("failed")), (22, 1));
}

#[tokio::test]
async fn what_the_database_refuses_for_good_is_told_and_the_recorder_goes_on() {
    let fixture = RecorderFixture::shared().await;
    let mut owner = fixture.connect(DbRole::Owner).await;
    let (recorder, _task) = fixture.recorder(Limits::default());
    sqlx::query("revoke insert on visit from ashiato_web").execute(&mut owner).await.unwrap();
    assert_eq!(recorder.record(visit(anyone())).await, Err(RecordError::Refused));
    sqlx::query("grant insert on visit to ashiato_web").execute(&mut owner).await.unwrap();
    assert_eq!(recorder.record(visit(anyone())).await, Ok(()));
}

#[tokio::test]
async fn a_full_queue_says_so_at_once_and_keeps_what_it_holds() {
    let fixture = RecorderFixture::shared().await;
    let (recorder, _task) = fixture.recorder(patient());
    let mut holder = fixture.connect(DbRole::Owner).await;
    let mut lock = holder.begin().await.unwrap();
    sqlx::query("lock table visit in access exclusive mode").execute(&mut *lock).await.unwrap();
    let mut waiting = vec![queued(&recorder, visit(anyone()))];
    fixture.until_recorder_waits_for_lock().await;
    // The writer holds the first; the queue takes exactly its size.
    waiting.extend((0..ashiato::visit::QUEUE_ROWS).map(|_| queued(&recorder, visit(anyone()))));
    let mut one_more = queued(&recorder, visit(anyone()));
    let now = one_more.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(now, Poll::Ready(Err(RecordError::Full)));
    lock.rollback().await.unwrap();
    let held = waiting.len();
    for answer in waiting {
        assert_eq!(answer.await, Ok(()));
    }
    assert_eq!(fixture.stored_set().await.len(), held);
    assert_eq!(fixture.counted("full"), 1);
}

#[tokio::test]
async fn a_database_that_stands_still_is_given_up_in_time_and_nothing_piles_up() {
    let fixture = RecorderFixture::shared().await;
    let limits = Limits { attempt: Duration::from_millis(400), answer: Duration::from_millis(600), ..Limits::default() };
    let (recorder, _task) = fixture.recorder(limits);
    assert_eq!(recorder.record(visit(anyone())).await, Ok(()));
    let mut holder = fixture.connect(DbRole::Owner).await;
    let mut lock = holder.begin().await.unwrap();
    sqlx::query("lock table visit in access exclusive mode").execute(&mut *lock).await.unwrap();
    let started = Instant::now();
    let first: Vec<Waiting> = (0..2_000).map(|_| queued(&recorder, visit(anyone()))).collect();
    for answer in first {
        assert_eq!(answer.await, Err(RecordError::Unavailable));
    }
    // Four batches, of which only the first one waited.
    assert!(started.elapsed() >= limits.attempt * 3 / 4 && started.elapsed() < 3 * limits.answer, "{:?}", started.elapsed());
    lock.rollback().await.unwrap();
    until_up(&recorder).await;
    assert_eq!(recorder.record(visit(anyone())).await, Ok(()));
}

#[tokio::test]
async fn a_connection_that_died_in_a_quiet_hour_costs_nobody_an_error() {
    let fixture = RecorderFixture::shared().await;
    let (recorder, _task) = fixture.recorder(Limits::default());
    assert_eq!(recorder.record(visit(anyone())).await, Ok(()));
    let ended: Vec<bool> = sqlx::query_scalar(
        "select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
           and backend_type = 'client backend'",
    )
    .fetch_all(&mut fixture.connect(DbRole::Owner).await)
    .await
    .unwrap();
    assert_eq!(ended, [true]);
    assert_eq!(recorder.record(visit(anyone())).await, Ok(()));
    assert!(recorder.is_up());
}

#[tokio::test]
async fn a_stopped_server_is_told_at_once_and_a_started_one_is_found_again() {
    let mut fixture = RecorderFixture::own(Durability::Fast).await;
    let (recorder, _task) = fixture.recorder(Limits::default());
    assert_eq!(recorder.record(visit(anyone())).await, Ok(()));
    fixture.stop_server().await;
    for _ in 0..100 {
        let asked = Instant::now();
        assert_eq!(recorder.record(visit(anyone())).await, Err(RecordError::Unavailable));
        assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    }
    assert!(!recorder.is_up());
    fixture.start_server().await;
    until_up(&recorder).await;
    assert_eq!(recorder.record(visit(anyone())).await, Ok(()));
    assert_eq!(fixture.stored_set().await.len(), 2);
}

#[tokio::test]
async fn a_recorder_may_start_before_its_database() {
    let fixture = RecorderFixture::own(Durability::Fast).await;
    fixture.proxy().shut();
    let (recorder, _task) = fixture.recorder(Limits::default());
    assert_eq!(recorder.record(visit(anyone())).await, Err(RecordError::Unavailable));
    fixture.open_proxy();
    until_up(&recorder).await;
    assert_eq!(recorder.record(visit(anyone())).await, Ok(()));
}

#[tokio::test]
async fn a_cut_cable_is_noticed_without_the_servers_help() {
    let fixture = RecorderFixture::own(Durability::Fast).await;
    let limits = Limits { attempt: Duration::from_millis(200), answer: Duration::from_millis(300), ..Limits::default() };
    let (recorder, _task) = fixture.recorder(limits);
    assert_eq!(recorder.record(visit(anyone())).await, Ok(()));
    fixture.proxy().fall_silent();
    let asked = Instant::now();
    assert_eq!(recorder.record(visit(anyone())).await, Err(RecordError::Unavailable));
    assert!(asked.elapsed() >= limits.attempt && asked.elapsed() < 10 * limits.answer, "{:?}", asked.elapsed());
    fixture.open_proxy();
    until_up(&recorder).await;
    assert_eq!(recorder.record(visit(anyone())).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_under_load_loses_nothing_that_was_answered() {
    let mut fixture = RecorderFixture::own(Durability::Full).await;
    let (recorder, task) = fixture.recorder(Limits::default());
    let (tell, mut told) = mpsc::unbounded_channel();
    let mut visitors = JoinSet::new();
    for _ in 0..64 {
        visitors.spawn(keep_coming(recorder.clone(), tell.clone()));
    }
    let mut answered = Vec::new();
    told.recv_many(&mut answered, 1).await;
    while answered.len() < 2_000 {
        told.recv_many(&mut answered, 2_000).await;
    }
    fixture.kill_server().await;
    while let Ok(more) = told.try_recv() {
        answered.push(more);
    }
    let before = answered.len();
    fixture.start_server().await;
    while answered.len() < before + 2_000 {
        told.recv_many(&mut answered, 2_000).await;
    }
    visitors.shutdown().await;
    assert!(task.stop().await);
    drop(tell);
    told.recv_many(&mut answered, usize::MAX >> 32).await;
    let stored = fixture.stored_set().await;
    assert!(fixture.counted("failed") > 0, "somebody was turned away, or the kill was not seen");
    let lost = answered.iter().filter(|key| !stored.contains(*key)).count();
    assert_eq!(lost, 0, "of {} answered", answered.len());
}

/// A visitor after the other; who is turned away is followed by the next a moment later.
async fn keep_coming(recorder: Recorder, tell: mpsc::UnboundedSender<Key>) {
    loop {
        let person = anyone();
        match recorder.record(visit(person)).await {
            Ok(()) => drop(tell.send(person)),
            Err(RecordError::Unavailable) => tokio::time::sleep(Duration::from_millis(5)).await,
            Err(other) => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn stopping_writes_what_waits_and_takes_no_more() {
    let fixture = RecorderFixture::shared().await;
    let (recorder, task) = fixture.recorder(Limits::default());
    let waiting: Vec<Waiting> = (0..1_500).map(|_| queued(&recorder, visit(anyone()))).collect();
    assert!(task.stop().await);
    for answer in waiting {
        assert_eq!(answer.await, Ok(()));
    }
    assert_eq!(fixture.stored_set().await.len(), 1_500);
    assert_eq!(recorder.record(visit(anyone())).await, Err(RecordError::Closed));
    assert!(!recorder.is_up());
}

#[tokio::test]
async fn stopping_does_not_wait_for_a_database_that_is_away() {
    let fixture = RecorderFixture::own(Durability::Fast).await;
    fixture.proxy().shut();
    let (recorder, task) = fixture.recorder(Limits::default());
    let waiting = queued(&recorder, visit(anyone()));
    let asked = Instant::now();
    assert!(task.stop().await);
    assert!(asked.elapsed() < Duration::from_secs(1));
    assert_eq!(waiting.await, Err(RecordError::Unavailable));
}

#[tokio::test]
async fn partitions_are_made_ahead_put_in_order_once_and_dropped() {
    let fixture = RecorderFixture::shared().await;
    let mut notifier = fixture.connect(DbRole::Notifier).await;
    let made = partitions::ensure_days(&mut notifier, today(), partitions::DAYS_AHEAD).await.unwrap();
    assert_eq!(made.len(), 8, "yesterday, today and tomorrow were there");
    assert!(partitions::ensure_days(&mut notifier, today(), partitions::DAYS_AHEAD).await.unwrap().is_empty());
    let days = partitions::days(&mut notifier).await.unwrap();
    assert_eq!((days.len(), days.first().copied(), days.last().copied()), (11, today().pred_opt(), Some(today() + chrono::Days::new(9))));

    let (recorder, _task) = fixture.recorder(Limits::default());
    let venue = anyone().0;
    for _ in 0..50 {
        assert_eq!(recorder.record(visit((venue, rand::random()))).await, Ok(()));
    }
    assert_eq!(partitions::count(&mut notifier, venue, today()).await.unwrap(), 50);
    assert_eq!(partitions::count(&mut notifier, anyone().0, today()).await.unwrap(), 0);

    let tomorrow = today().succ_opt().unwrap();
    let closed = partitions::unclustered_days(&mut notifier, tomorrow).await.unwrap();
    assert_eq!(closed, [today().pred_opt().unwrap(), today()]);
    for day in closed {
        partitions::cluster_closed_day(&mut notifier, day).await.unwrap();
        partitions::vacuum_closed_day(&mut fixture.connect(DbRole::Owner).await, day).await.unwrap();
    }
    assert!(partitions::unclustered_days(&mut notifier, tomorrow).await.unwrap().is_empty());
    let in_order: bool =
        sqlx::query_scalar("select array_agg(mac order by ctid) = array_agg(mac order by mac) from visit where visit_date = $1")
            .bind(today())
            .fetch_one(&mut fixture.connect(DbRole::Owner).await)
            .await
            .unwrap();
    assert!(in_order);

    partitions::drop_day(&mut notifier, today()).await.unwrap();
    partitions::drop_day(&mut notifier, today()).await.unwrap();
    assert_eq!(recorder.record(visit(anyone())).await, Err(RecordError::NoPartition));
    partitions::cluster_closed_day(&mut notifier, today()).await.unwrap();
}

/// What new sessions of the test's database may do.
async fn read_only(fixture: &RecorderFixture, on: bool) {
    let mut owner = fixture.connect(DbRole::Owner).await;
    let name: String = sqlx::query_scalar("select current_database()").fetch_one(&mut owner).await.unwrap();
    let statements = [
        "set default_transaction_read_only = off".to_owned(),
        format!("alter database \"{name}\" set default_transaction_read_only = {}", if on { "on" } else { "off" }),
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()".to_owned(),
    ];
    for statement in statements {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut owner).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_became_a_standby_is_said_by_name_and_found_again_without_a_visitor() {
    let fixture = RecorderFixture::shared().await;
    let (recorder, task) = fixture.recorder(Limits::default());
    until_up(&recorder).await;
    read_only(&fixture, true).await;
    while recorder.trouble() != Some(Cause::ReadOnly) || recorder.is_up() {
        let _refused = recorder.record(visit(anyone())).await;
    }
    let hole = loop {
        let _refused = recorder.record(visit(anyone())).await;
        if let Some(hole) = recorder.hole().filter(|hole| hole.refused >= 3) {
            break hole;
        }
    };
    assert_eq!(hole.ended, None);
    read_only(&fixture, false).await;
    // Nobody comes: the writer has to try by itself.
    until_up(&recorder).await;
    let person = anyone();
    recorder.record(visit(person)).await.unwrap();
    assert_eq!(fixture.stored().await, [person], "the writer's own tries left nothing");
    assert!(task.stop().await);
}
