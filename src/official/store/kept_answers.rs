//! The table `kept_answer`.
use crate::official::kept_answer::KeptAnswer;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// What was answered to this request after `since`.
pub(in crate::official) async fn find(
    conn: &mut PgConnection,
    request: &[u8; 32],
    since: DateTime<Utc>,
) -> Result<Option<KeptAnswer>, sqlx::Error> {
    sqlx::query_as!(KeptAnswer, "select body, answer from kept_answer where request = $1 and made_at > $2", request, since)
        .fetch_optional(conn)
        .await
}

/// Keeps an answer to a request with a body; an older one, whose time is over, gives way.
pub(in crate::official) async fn keep(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    (request, body): (&[u8; 32], &[u8; 32]),
    answer: &serde_json::Value,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into kept_answer (request, body, answer, made_at) values ($1, $2, $3, $4)
         on conflict (request) do update set body = $2, answer = $3, made_at = $4",
        request,
        body,
        answer,
        now,
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Erases what was answered up to `until`, or from `beyond` on: nobody has answered then yet.
pub(in crate::official) async fn forget(conn: &mut PgConnection, until: DateTime<Utc>, beyond: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from kept_answer where made_at <= $1 or made_at >= $2", until, beyond).execute(conn).await.map(drop)
}
