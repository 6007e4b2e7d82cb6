//! Forgetting, against two clocks.
mod clock;

use crate::alert::fixture::{AlertFixture, RETENTION_DAYS, TOKYO};
use ashiato::base::clock::{Clock, SystemClock};
use ashiato::base::db::DbRole;
use ashiato::keys::SealedRow;
use ashiato::retention::{self, CLOCK_TOLERANCE, MAX_WAIT_DAYS, PurgeError};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use sqlx::Row;

/// The real present: the purge compares it with Postgres's.
fn now() -> DateTime<Utc> {
    SystemClock.now()
}

/// A fixture with three visitors at one venue, `days` ago.
async fn visited(days: i64) -> (AlertFixture, ashiato::venue::VenueId, NaiveDate) {
    let fixture = AlertFixture::at(now() - Duration::days(days)).await;
    let venue = fixture.venue().await;
    fixture.visits(venue, 0..3).await;
    let date = fixture.today();
    (fixture, venue, date)
}

/// A row of `seal_epoch`: id, date, encapsulated key, canary, moment.
type Epoch = (i64, NaiveDate, Vec<u8>, Vec<u8>, DateTime<Utc>);

async fn rows(fixture: &AlertFixture) -> Vec<SealedRow> {
    let rows = sqlx::query("select * from visit").fetch_all(&fixture.notifier).await.unwrap();
    let row = |row: sqlx::postgres::PgRow| SealedRow {
        venue_id: row.get("venue_id"),
        visit_date: row.get("visit_date"),
        mac: row.get("mac"),
        epoch_id: row.get("epoch_id"),
        sealed: row.get("sealed"),
    };
    rows.into_iter().map(row).collect()
}

#[tokio::test]
async fn after_the_purge_an_old_copy_opens_nothing() {
    let (fixture, venue, date) = visited(32).await;
    fixture.release(&[(venue, date)]).await;
    let copy = rows(&fixture).await;
    let epochs: Vec<Epoch> =
        sqlx::query_as("select id, visit_date, enc, canary, created_at from seal_epoch").fetch_all(&fixture.notifier).await.unwrap();
    let mut conn = fixture.notifier.acquire().await.unwrap();
    assert!(fixture.opener.open_visits(&mut conn, &copy).await.unwrap().iter().all(Result::is_ok));
    fixture.deliver().await;
    fixture.dispatch().await;

    let purged = fixture.purge_at(now(), false).await.unwrap();
    assert!(purged.dates.contains(&date), "{purged:?}");
    assert_eq!((rows(&fixture).await.len(), fixture.count("select count(*) from outbox where kind = 'notice'").await), (0, 0));
    assert!(!fixture.keys.days().unwrap().contains(&date));

    assert_eq!(fixture.purge_at(now(), false).await.unwrap().dates, [], "nothing is left to do");

    // The old copy comes back, epochs and all: the key is gone.
    let mut owner = fixture.db.connect(DbRole::Owner).await;
    for (id, date, enc, canary, at) in epochs {
        let restore = "insert into seal_epoch (id, visit_date, enc, canary, created_at) values ($1, $2, $3, $4, $5) on conflict do nothing";
        sqlx::query(restore).bind(id).bind(date).bind(enc).bind(canary).bind(at).execute(&mut owner).await.unwrap();
    }
    let fresh = ashiato::keys::Opener::new(fixture.keys.clone());
    for opener in [&fresh, &*fixture.opener] {
        assert!(opener.open_visits(&mut conn, &copy).await.unwrap().iter().all(Result::is_err));
    }
    let hash: Option<String> = sqlx::query_scalar(
        "select detail ->> 'public_key_sha256' from audit_entry where action = 'retention.purge' and detail ->> 'date' = $1::text",
    )
    .bind(date.to_string())
    .fetch_one(&mut owner)
    .await
    .unwrap();
    assert_eq!(hash.unwrap().len(), 64);
}

#[tokio::test]
async fn the_last_promised_day_is_kept() {
    let (fixture, _, date) = visited(31).await;
    let purged = fixture.purge_at(now(), false).await.unwrap();
    assert!(!purged.dates.contains(&date));
    assert_eq!(rows(&fixture).await.len(), 3);
}

#[tokio::test]
async fn clocks_that_disagree_purge_nothing() {
    let (fixture, _, date) = visited(40).await;
    let slack = Duration::seconds(30);
    for wrong in [now() + CLOCK_TOLERANCE + slack, now() - CLOCK_TOLERANCE - slack, now() + Duration::days(10)] {
        assert!(matches!(fixture.purge_at(wrong, false).await, Err(PurgeError::ClocksDisagree(_))));
    }
    assert_eq!(rows(&fixture).await.len(), 3);
    let purged = fixture.purge_at(now() + CLOCK_TOLERANCE - slack, false).await.unwrap();
    assert!(purged.dates.contains(&date));
}

#[tokio::test]
async fn a_date_waits_for_an_unsent_alert_but_five_days_at_most() {
    for (days, waits) in [(RETENTION_DAYS + MAX_WAIT_DAYS, true), (RETENTION_DAYS + MAX_WAIT_DAYS + 1, false)] {
        let (fixture, venue, date) = visited(days.into()).await;
        fixture.release(&[(venue, date)]).await;
        let purged = fixture.purge_at(now(), false).await.unwrap();
        assert_eq!(purged.waiting.contains(&date), waits, "{days} days");
        assert_eq!(purged.dates.contains(&date), !waits);
        assert_eq!(purged.expired, if waits { 0 } else { 3 });
        if waits {
            fixture.deliver().await;
            assert!(fixture.purge_at(now(), false).await.unwrap().dates.contains(&date), "sent: it waits no longer");
        }
    }
}

#[tokio::test]
async fn a_forgotten_draft_holds_nothing_up() {
    let (fixture, venue, date) = visited(33).await;
    fixture.report(&[(venue, date)]).await;
    assert!(fixture.purge_at(now(), false).await.unwrap().dates.contains(&date));
}

#[tokio::test]
async fn a_dry_run_tells_and_changes_nothing() {
    let (fixture, venue, date) = visited(100).await;
    fixture.release(&[(venue, date)]).await;
    let audited = fixture.count("select count(*) from audit_entry").await;
    let told = fixture.purge_at(now(), true).await.unwrap();
    assert!(told.dates.contains(&date));
    assert_eq!((told.expired, told.tidied.cases), (3, 1));
    assert_eq!((rows(&fixture).await.len(), fixture.count("select count(*) from case_report").await), (3, 1));
    assert_eq!(fixture.count("select count(*) from outbox where state = 'queued'").await, 3);
    assert_eq!(fixture.count("select count(*) from audit_entry").await, audited);
    assert!(fixture.keys.days().unwrap().contains(&date));
    assert_eq!(fixture.purge_at(now(), false).await.unwrap(), told, "and then it does what it told");
}

#[tokio::test]
async fn a_purge_killed_after_any_step_is_finished_by_the_next() {
    for step in 1..=4 {
        let (fixture, venue, date) = visited(40).await;
        fixture.release(&[(venue, date)]).await;
        if step >= 1 {
            fixture.sql("update outbox set state = 'dead', reason = 'expired', finished_at = now() where venue_id = $1", venue.0).await;
        }
        if step >= 2 {
            sqlx::query("select drop_visit_day($1)").bind(date).execute(&fixture.notifier).await.unwrap();
        }
        if step >= 3 {
            fixture.sql("delete from outbox where venue_id = $1", venue.0).await;
        }
        if step >= 4 {
            fixture.keys.destroy_day(date).unwrap();
        }
        assert!(fixture.purge_at(now(), false).await.unwrap().dates.contains(&date), "after step {step}");
        assert!(!fixture.keys.days().unwrap().contains(&date));
        let left = "select (select count(*) from visit) + (select count(*) from outbox where kind = 'notice')";
        assert_eq!(fixture.count(left).await, 0);
        let audited: i64 = sqlx::query_scalar("select count(*) from audit_entry where detail ->> 'date' = $1")
            .bind(date.to_string())
            .fetch_one(&fixture.notifier)
            .await
            .unwrap();
        assert_eq!(audited, 1, "after step {step}");
        assert_eq!(fixture.purge_at(now(), false).await.unwrap().dates, []);
    }
}

#[tokio::test]
async fn cases_go_before_the_alerts_that_answer_to_their_number() {
    let (fixture, venue, date) = visited(91).await;
    let alert = fixture.release(&[(venue, date)]).await;
    fixture.report(&[(venue, date)]).await;
    fixture.deliver().await;
    fixture.dispatch().await;
    let number = fixture.status(alert).await.number;
    let tidied = fixture.purge_at(now(), false).await.unwrap().tidied;
    assert_eq!((tidied.cases, tidied.alerts, tidied.people), (2, 1, 3), "the draft goes with its case");
    assert_eq!(fixture.count("select (select count(*) from stay) + (select count(*) from alert_stay)").await, 0);
    let mut conn = fixture.web.acquire().await.unwrap();
    assert!(ashiato::alert::check_number(&mut conn, TOKYO, &number).await.unwrap().is_some());
    assert!(retention::POLICY.iter().any(|rule| rule.what.starts_with("case_report")));
}
