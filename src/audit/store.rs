//! The tables `audit_entry` and `audit_read`.
use super::Actor;
use super::chain::{Link, Stored};
use super::log::{AuditLine, Filter};
use super::reading::{ALARM, Read, Reason, Repeat};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::HashSet;
use uuid::Uuid;

/// The newest entry's identifier and hash.
pub(super) async fn newest(conn: &mut PgConnection) -> Result<Option<(i64, [u8; 32])>, sqlx::Error> {
    let row = sqlx::query!("select id, hash from audit_entry order by id desc limit 1").fetch_optional(conn).await?;
    row.map(|row| Ok((row.id, row.hash.try_into().map_err(|_| sqlx::Error::Decode("audit_entry.hash is not 32 bytes".into()))?)))
        .transpose()
}

/// Adds an entry. `detail` goes in as text, so that the very bytes that were hashed are kept.
pub(super) async fn insert(conn: &mut PgConnection, link: &Link<'_>, previous: &[u8; 32], hash: &[u8; 32]) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into audit_entry (id, at, actor_kind, actor_id, action, target_kind, target_id, detail, previous, hash)
         values ($1, $2, $3, $4, $5, $6, $7, $8::text::json, $9, $10)",
        link.id,
        link.at,
        &*link.actor_kind,
        link.actor_id,
        &*link.action,
        &*link.target_kind,
        link.target_id,
        &*link.detail,
        previous.as_slice(),
        hash.as_slice(),
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Up to `limit` entries after the one numbered `after`, in order.
pub(super) async fn page(conn: &mut PgConnection, after: i64, limit: i64) -> Result<Vec<Stored>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select id, at, actor_kind, actor_id, action, target_kind, target_id, detail::text as "detail!", previous, hash
           from audit_entry where id > $1 order by id limit $2"#,
        after,
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Stored {
            link: Link {
                id: row.id,
                at: row.at,
                actor_kind: row.actor_kind.into(),
                actor_id: row.actor_id,
                action: row.action.into(),
                target_kind: row.target_kind.into(),
                target_id: row.target_id,
                detail: row.detail.into(),
            },
            previous: row.previous,
            hash: row.hash,
        })
        .collect())
}

/// Counts a look at a thing in a minute; returns how many there were in that minute.
pub(super) async fn count_read(conn: &mut PgConnection, minute: DateTime<Utc>, read: &Read) -> Result<i32, sqlx::Error> {
    sqlx::query_scalar!(
        "insert into audit_read (actor_kind, actor_id, minute, what, target_id, reason, reads) values ($1, $2, $3, $4, $5, $6, 1)
         on conflict (actor_kind, actor_id, minute, what, target_id, reason) do update set reads = audit_read.reads + 1
         returning reads",
        read.actor.kind(),
        read.actor.id().unwrap_or_default(),
        minute,
        read.what.action(),
        read.target.unwrap_or_default(),
        read.reason.as_ref().map_or("", Reason::as_str),
    )
    .fetch_one(conn)
    .await
}

/// Different looks of a person since then, and reads with their repeats.
pub(super) async fn reads_since(conn: &mut PgConnection, actor: Actor, since: DateTime<Utc>) -> Result<(i64, i64), sqlx::Error> {
    let row = sqlx::query!(
        r#"select count(*) as "looks!", coalesce(sum(reads), 0) as "reads!" from audit_read
           where actor_kind = $1 and actor_id = $2 and minute > $3"#,
        actor.kind(),
        actor.id().unwrap_or_default(),
        since,
    )
    .fetch_one(conn)
    .await?;
    Ok((row.looks, row.reads))
}

/// Whether an alarm about a person was raised since then.
pub(super) async fn alarm_since(conn: &mut PgConnection, actor: Actor, since: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select exists (
               select from audit_entry
               where action = $1 and target_kind = $2 and target_id is not distinct from $3 and at > $4
           ) as "told!""#,
        ALARM,
        actor.kind(),
        actor.id(),
        since,
    )
    .fetch_one(conn)
    .await
}

/// Minutes before `before` with reads that the chain does not tell of yet, locked; oldest first.
pub(super) async fn lock_repeats(conn: &mut PgConnection, before: DateTime<Utc>, limit: i64) -> Result<Vec<Repeat>, sqlx::Error> {
    sqlx::query_as!(
        Repeat,
        "select actor_kind, actor_id, minute, what, target_id, reason, reads, chained from audit_read
         where minute < $1 and reads > chained order by minute limit $2 for update skip locked",
        before,
        limit,
    )
    .fetch_all(conn)
    .await
}

/// Notes that the chain tells of all reads of these minutes; their rows are locked.
pub(super) async fn mark_chained(conn: &mut PgConnection, repeats: &[Repeat]) -> Result<(), sqlx::Error> {
    for repeat in repeats {
        sqlx::query!(
            "update audit_read set chained = reads
             where actor_kind = $1 and actor_id = $2 and minute = $3 and what = $4 and target_id = $5 and reason = $6",
            repeat.actor_kind,
            repeat.actor_id,
            repeat.minute,
            repeat.what,
            repeat.target_id,
            repeat.reason,
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// Forgets minutes before `before` of which the chain tells everything.
pub(super) async fn forget_reads(conn: &mut PgConnection, before: DateTime<Utc>) -> Result<(), sqlx::Error> {
    sqlx::query!("delete from audit_read where minute < $1 and reads = chained", before).execute(conn).await.map(drop)
}

/// Entries before `before` that fit, newest first.
pub(super) async fn list(conn: &mut PgConnection, filter: &Filter, before: i64, limit: i64) -> Result<Vec<AuditLine>, sqlx::Error> {
    let rows = sqlx::query_as!(
        EntryRow,
        r#"select id, at, actor_kind, actor_id, action, target_kind, target_id, detail::text as "detail!", previous, hash
           from audit_entry
           where id < $1 and ($2::timestamptz is null or at >= $2) and ($3::timestamptz is null or at < $3)
             and ($4::text is null or actor_kind = $4) and ($5::uuid is null or actor_id = $5)
             and ($6::text is null or action = $6 or ($6 like '%.' and starts_with(action, $6)))
             and ($7::uuid is null or target_id = $7)
           order by id desc limit $8"#,
        before,
        filter.from,
        filter.until,
        filter.actor.map(Actor::kind),
        filter.actor.and_then(Actor::id),
        filter.action,
        filter.target,
        limit,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(EntryRow::line).collect()
}

/// Entries after the one numbered `after`, oldest first.
pub(super) async fn after(conn: &mut PgConnection, after: i64, limit: i64) -> Result<Vec<AuditLine>, sqlx::Error> {
    let rows = sqlx::query_as!(
        EntryRow,
        r#"select id, at, actor_kind, actor_id, action, target_kind, target_id, detail::text as "detail!", previous, hash
           from audit_entry where id > $1 order by id limit $2"#,
        after,
        limit,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(EntryRow::line).collect()
}

/// Acts on one thing, oldest first.
pub(super) async fn about(conn: &mut PgConnection, kind: &str, target: Uuid, limit: i64) -> Result<Vec<AuditLine>, sqlx::Error> {
    let rows = sqlx::query_as!(
        EntryRow,
        r#"select id, at, actor_kind, actor_id, action, target_kind, target_id, detail::text as "detail!", previous, hash
           from audit_entry where target_kind = $1 and target_id = $2 and not starts_with(action, 'read.') order by id limit $3"#,
        kind,
        target,
        limit,
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(EntryRow::line).collect()
}

/// Which of these things entries of other names than `other_than` are about.
pub(super) async fn touched(
    conn: &mut PgConnection,
    kind: &str,
    targets: &[Uuid],
    other_than: &[&str],
) -> Result<HashSet<Uuid>, sqlx::Error> {
    let other_than: Vec<String> = other_than.iter().map(|action| (*action).to_owned()).collect();
    let found = sqlx::query_scalar!(
        r#"select distinct target_id as "target!" from audit_entry
           where target_kind = $1 and target_id = any($2) and action <> all($3)"#,
        kind,
        targets,
        &other_than,
    );
    Ok(found.fetch_all(conn).await?.into_iter().collect())
}

/// The names of all actions, found by leaping from one to the next in the index instead of reading every entry.
pub(super) async fn actions(conn: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar!(
        r#"with recursive leap as (
               (select action from audit_entry order by action limit 1)
               union all
               select (select e.action from audit_entry e where e.action > leap.action order by e.action limit 1)
               from leap where leap.action is not null
           )
           select action as "action!" from leap where action is not null"#
    )
    .fetch_all(conn)
    .await
}

/// Whether an entry has this hash.
pub(super) async fn has_hash(conn: &mut PgConnection, hash: &[u8; 32]) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"select exists (select from audit_entry where hash = $1) as "there!""#, hash.as_slice()).fetch_one(conn).await
}

/// An entry as it is stored.
struct EntryRow {
    id: i64,
    at: DateTime<Utc>,
    actor_kind: String,
    actor_id: Option<Uuid>,
    action: String,
    target_kind: String,
    target_id: Option<Uuid>,
    detail: String,
    previous: Vec<u8>,
    hash: Vec<u8>,
}

impl EntryRow {
    fn line(self) -> Result<AuditLine, sqlx::Error> {
        let bytes = |bytes: Vec<u8>| bytes.try_into().map_err(|_| sqlx::Error::Decode("a hash of audit_entry is not 32 bytes".into()));
        Ok(AuditLine {
            id: self.id,
            at: self.at,
            actor: Actor::of(&self.actor_kind, self.actor_id),
            actor_kind: self.actor_kind,
            actor_id: self.actor_id,
            action: self.action,
            target_kind: self.target_kind,
            target: self.target_id,
            detail: self.detail,
            previous: bytes(self.previous)?,
            hash: bytes(self.hash)?,
        })
    }
}
