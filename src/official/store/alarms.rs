//! The table `alarm`, and who is told of one.
use crate::official::alarm::{Alarm, AlarmKind};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

struct AlarmRow {
    id: Uuid,
    kind: String,
    detail: String,
    raised_at: DateTime<Utc>,
}

impl TryFrom<AlarmRow> for Alarm {
    type Error = sqlx::Error;

    fn try_from(row: AlarmRow) -> Result<Self, sqlx::Error> {
        let kind = AlarmKind::from_name(&row.kind);
        let kind = kind.ok_or_else(|| sqlx::Error::Decode("alarm.kind is none that we know".into()))?;
        Ok(Self { id: row.id, kind, detail: row.detail, raised_at: row.raised_at })
    }
}

/// Keeps an open alarm fresh; false when none is open. Writes once in `pace_before`, or when the detail is another.
pub(in crate::official) async fn refresh(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    pace_before: DateTime<Utc>,
    kind: AlarmKind,
    detail: &str,
) -> Result<bool, sqlx::Error> {
    let open = sqlx::query_scalar!("select id from alarm where kind = $1 and cleared_at is null", kind.as_str());
    let Some(id) = open.fetch_optional(&mut *conn).await? else { return Ok(false) };
    sqlx::query!(
        "update alarm set seen_at = $2, detail = $3 where id = $1 and (seen_at <= $4 or detail <> $3)",
        id,
        now,
        detail,
        pace_before
    )
    .execute(conn)
    .await?;
    Ok(true)
}

/// Opens an alarm; false when another process was first.
pub(in crate::official) async fn insert(conn: &mut PgConnection, alarm: &Alarm) -> Result<bool, sqlx::Error> {
    let done = sqlx::query!(
        "insert into alarm (id, kind, detail, raised_at, seen_at) values ($1, $2, $3, $4, $4)
         on conflict (kind) where cleared_at is null do nothing",
        alarm.id,
        alarm.kind.as_str(),
        alarm.detail,
        alarm.raised_at
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Closes the open alarm of this kind and returns it. A clock that went back must not stop it.
pub(in crate::official) async fn clear(conn: &mut PgConnection, now: DateTime<Utc>, kind: AlarmKind) -> Result<Option<Uuid>, sqlx::Error> {
    sqlx::query_scalar!(
        "update alarm set cleared_at = greatest($2, raised_at) where kind = $1 and cleared_at is null returning id",
        kind.as_str(),
        now
    )
    .fetch_optional(conn)
    .await
}

/// Whether an open alarm of this kind was found to hold after `since`.
pub(in crate::official) async fn seen_since(conn: &mut PgConnection, kind: AlarmKind, since: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (select from alarm where kind = $1 and cleared_at is null and seen_at > $2) as "seen!""#,
        kind.as_str(),
        since
    )
    .fetch_one(conn)
    .await
}

pub(in crate::official) async fn open(conn: &mut PgConnection) -> Result<Vec<Alarm>, sqlx::Error> {
    let rows = sqlx::query_as!(AlarmRow, "select id, kind, detail, raised_at from alarm where cleared_at is null order by raised_at, id");
    rows.fetch_all(conn).await?.into_iter().map(Alarm::try_from).collect()
}

/// Takes the alarms of which nobody was told yet. Of a kind that was told after `told_after` only the mark is set: an alarm that
/// comes and goes must not fill mailboxes.
pub(in crate::official) async fn take_untold(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    told_after: DateTime<Utc>,
) -> Result<Vec<Alarm>, sqlx::Error> {
    let rows = sqlx::query_as!(
        AlarmRow,
        r#"with untold as (
               select id from alarm where told_at is null order by raised_at, id for update skip locked
           ), told as (
               select a.id, exists (select from alarm b where b.kind = a.kind and b.told_at > $2) as lately
               from alarm a join untold on untold.id = a.id
           ), marked as (
               update alarm a set told_at = case when told.lately then $2 else $1 end
               from told where told.id = a.id
               returning a.id, a.kind, a.detail, a.raised_at, told.lately
           )
           select id as "id!", kind as "kind!", detail as "detail!", raised_at as "raised_at!"
           from marked where not lately order by raised_at, id"#,
        now,
        told_after
    );
    rows.fetch_all(conn).await?.into_iter().map(Alarm::try_from).collect()
}
