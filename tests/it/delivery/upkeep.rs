//! What tidies up behind delivery, step by step.
use super::fixture::{DeliveryFixture, PATIENT};
use ashiato::base::clock::Clock;
use ashiato::base::db::DbRole;
use ashiato::mail::Drained;
use chrono::Duration as Span;

/// Postgres refuses what one step does to one row, at every turn; a bug of ours would look the same.
const REFUSE_RESCUE: &str = "
    create function refuse() returns trigger language plpgsql as $$ begin raise exception 'refused'; end $$;
    create trigger refuse before update on outbox for each row
        when (old.state = 'leased' and new.state = 'queued') execute function refuse()";

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_fails_holds_up_neither_the_others_nor_the_mails() {
    let fixture = DeliveryFixture::new().await;
    let (now, ids) = (fixture.clock.now(), fixture.queue_many(3).await);
    let [stuck, over, due] = ids[..] else { panic!("three") };
    sqlx::raw_sql(REFUSE_RESCUE).execute(&mut fixture.db.connect(DbRole::Owner).await).await.unwrap();
    let dead_process = "update outbox set state = 'leased', lease = id, lease_until = $2 where id = $1";
    let at_its_end = "update outbox set expires_at = $2, next_at = $2 + interval '1 minute' where id = $1";
    for (statement, id, at) in [(dead_process, stuck, now - Span::seconds(1)), (at_its_end, over, now)] {
        sqlx::query(statement).bind(id).bind(at).execute(&fixture.pool).await.unwrap();
    }
    let drained = fixture.notifier(1, PATIENT).await.drain().await;
    assert_eq!(drained, Drained { sent: 1, ..Drained::default() }, "the database is not away");
    let mut states = Vec::new();
    for id in [stuck, over, due] {
        states.push(fixture.row(id).await.state);
    }
    assert_eq!(states, ["leased", "dead", "sent"]);
}
