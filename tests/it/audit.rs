//! Whatever is changed in the audit chain afterwards is found.
use crate::support::db::Db;
use ashiato::audit::{self, Actor, Entry, VerifyError};
use ashiato::base::db::DbRole;
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{Connection, PgConnection};
use tokio::task::JoinSet;
use uuid::Uuid;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_316_400, 123_456_789).unwrap()
}

fn entry(number: usize) -> Entry {
    let detail = json!({ "visits": number, "b": "喫茶 ひだまり", "a": null });
    Entry {
        actor: Actor::Official(Uuid::from_u128(1)),
        action: "alert.approve",
        target_kind: "alert",
        target_id: Some(Uuid::nil()),
        detail,
    }
}

async fn record(conn: &mut PgConnection, count: usize) {
    let mut tx = conn.begin().await.unwrap();
    for number in 0..count {
        audit::record(&mut tx, now(), &entry(number)).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn both_processes_write_one_chain_without_gaps() {
    let db = Db::fresh().await;
    assert_eq!(audit::verify(&mut db.connect(DbRole::Web).await).await.unwrap().entries, 0);
    let mut given_up = db.connect(DbRole::Web).await;
    let mut tx = given_up.begin().await.unwrap();
    audit::record(&mut tx, now(), &entry(0)).await.unwrap();
    let mut writers = JoinSet::new();
    for role in [DbRole::Web, DbRole::Notifier].into_iter().cycle().take(20) {
        let mut conn = db.connect(role).await;
        writers.spawn(async move { record(&mut conn, 3).await });
    }
    tx.rollback().await.unwrap();
    writers.join_all().await;
    assert_eq!(audit::verify(&mut db.connect(DbRole::Web).await).await.unwrap().entries, 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_tampered_with_is_found_at_its_place() {
    let attacks = [
        ("altered", "update audit_entry set detail = '{}' where id = 3", 3),
        ("spaces in the detail", "update audit_entry set detail = (detail::text || ' ')::json where id = 3", 3),
        ("dated back", "update audit_entry set at = at - interval '1 microsecond' where id = 3", 3),
        ("another actor", "update audit_entry set actor_id = gen_random_uuid() where id = 5", 5),
        ("deleted", "delete from audit_entry where id = 3", 3),
        ("deleted first", "delete from audit_entry where id = 1", 1),
        ("deleted and closed up", "delete from audit_entry where id = 3; update audit_entry set id = id - 1 where id > 3", 3),
        (
            "exchanged",
            "update audit_entry set id = case id when 3 then -4 else -3 end where id in (3, 4); update audit_entry set id = -id where id < 0",
            3,
        ),
        (
            "appended with a wrong hash",
            "insert into audit_entry select 6, at, actor_kind, actor_id, action, target_kind, target_id, detail, hash, hash from audit_entry where id = 5",
            6,
        ),
    ];
    for (what, attack, place) in attacks {
        let db = Db::fresh().await;
        record(&mut db.connect(DbRole::Web).await, 5).await;
        let mut owner = db.connect(DbRole::Owner).await;
        let head = audit::verify(&mut owner).await.unwrap().head;
        sqlx::raw_sql(attack).execute(&mut owner).await.unwrap();
        match audit::verify(&mut owner).await {
            Err(VerifyError::Broken { at_id }) => assert_eq!(at_id, place, "{what}"),
            other => panic!("{what}: {other:?}"),
        }
        if what == "altered" {
            sqlx::raw_sql("delete from audit_entry where id >= 3").execute(&mut owner).await.unwrap();
            assert_ne!(audit::verify(&mut owner).await.unwrap().head, head, "a cut end shows against a head that was noted");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_longer_than_a_page_is_walked_to_its_end() {
    let db = Db::fresh().await;
    let mut owner = db.connect(DbRole::Owner).await;
    record(&mut owner, 1_000).await;
    assert_eq!(audit::verify(&mut owner).await.unwrap().entries, 1_000);
    record(&mut owner, 3).await;
    assert_eq!(audit::verify(&mut owner).await.unwrap().entries, 1_003);
    sqlx::raw_sql("update audit_entry set action = 'alert.cancel' where id = 1001").execute(&mut owner).await.unwrap();
    assert!(matches!(audit::verify(&mut owner).await, Err(VerifyError::Broken { at_id: 1_001 })));
}
