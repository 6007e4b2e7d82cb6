//! The schema itself: migrations apply, the two group roles hold, partitions come and go.
use crate::support::db::Db;
use ashiato::base::db::{self, DbRole};
use chrono::NaiveDate;

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_is_current_and_each_role_wears_its_name() {
    let db = Db::fresh().await;
    assert!(db::is_migrated(&db.pool(DbRole::Web).await).await.unwrap());
    for role in [DbRole::Web, DbRole::Notifier] {
        let mut connection = db.connect(role).await;
        let name: String = sqlx::query_scalar("select current_user::text").fetch_one(&mut connection).await.unwrap();
        assert_eq!(Some(name.as_str()), role.name());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_notifier_makes_and_drops_partitions() {
    let db = Db::fresh().await;
    let day = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
    let create = "select create_visit_day($1)";
    assert!(sqlx::query(create).bind(day).execute(&mut db.connect(DbRole::Web).await).await.is_err());
    let mut notifier = db.connect(DbRole::Notifier).await;
    sqlx::query(create).bind(day).execute(&mut notifier).await.unwrap();
    let days: Vec<NaiveDate> = sqlx::query_scalar("select visit_days()").fetch_all(&mut notifier).await.unwrap();
    assert_eq!(days, [day]);
    sqlx::query("select drop_visit_day($1)").bind(day).execute(&mut notifier).await.unwrap();
    let days: Vec<NaiveDate> = sqlx::query_scalar("select visit_days()").fetch_all(&mut notifier).await.unwrap();
    assert!(days.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_is_held_by_one_at_a_time() {
    let db = Db::fresh().await;
    let (mut one, mut other) = (db.connect(DbRole::Web).await, db.connect(DbRole::Web).await);
    assert!(db::try_lock(&mut one, "a").await.unwrap());
    assert!(!db::try_lock(&mut other, "a").await.unwrap());
    assert!(db::try_lock(&mut other, "b").await.unwrap());
    db::unlock(&mut one, "a").await.unwrap();
    assert!(db::try_lock(&mut other, "a").await.unwrap());
}
