//! The table `official_session`, as its owners see it.
use crate::official::own_account::OpenSession;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// The open sessions of an official, the newest first.
pub(in crate::official) async fn of(
    conn: &mut PgConnection,
    official: Uuid,
    this: Uuid,
    idle: DateTime<Utc>,
    oldest: DateTime<Utc>,
) -> Result<Vec<OpenSession>, sqlx::Error> {
    sqlx::query_as!(
        OpenSession,
        r#"select id, created_at, seen_at, id = $2 as "is_this!" from official_session
           where official_id = $1 and seen_at > $3 and created_at > $4 order by created_at desc, id"#,
        official,
        this,
        idle,
        oldest
    )
    .fetch_all(conn)
    .await
}

/// Ends a session of this official.
pub(in crate::official) async fn end(conn: &mut PgConnection, official: Uuid, session: Uuid) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!("delete from official_session where id = $1 and official_id = $2", session, official).execute(conn).await?;
    Ok(done.rows_affected() == 1)
}

pub(in crate::official) async fn email(conn: &mut PgConnection, official: Uuid) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar!("select email from official where id = $1", official).fetch_optional(conn).await
}
