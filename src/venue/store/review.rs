//! The SQL of search and of the officials' console.
use crate::base::email_address::EmailAddress;
use crate::venue::review::{Application, Card, Question, Queue, QueueSizes};
use crate::venue::search::{Filter, VenueRow};
use crate::venue::search_key::{Entry, Query, VERSION};
use crate::venue::{VenueId, VenueKind, VenueStatus};
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, query, query_as, query_scalar};
use std::collections::HashMap;
use uuid::Uuid;

/// A venue that is to be folded: identifier, name, kana, address.
pub(in crate::venue) type Outdated = (VenueId, String, Option<String>, String);

/// Venues without folded words of this version.
pub(in crate::venue) async fn outdated(conn: &mut PgConnection, version: i16, limit: i64) -> Result<Vec<Outdated>, sqlx::Error> {
    let rows = query!(
        r#"select v.id as "id: VenueId", v.name, v.kana, v.address
           from venue v left join venue_search s on s.venue_id = v.id and s.version = $1
           where s.venue_id is null
           limit $2"#,
        version,
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name, row.kana, row.address)).collect())
}

/// Writes folded words down, in place of older ones. A gram holds no space, so one text carries all of a venue's.
pub(in crate::venue) async fn put_entries(conn: &mut PgConnection, entries: &[(VenueId, &Entry)]) -> Result<(), sqlx::Error> {
    let ids: Vec<Uuid> = entries.iter().map(|(id, _)| id.0).collect();
    let folded: Vec<String> = entries.iter().map(|(_, entry)| entry.key.clone()).collect();
    let grams: Vec<String> = entries.iter().map(|(_, entry)| entry.grams.iter().cloned().collect::<Vec<_>>().join(" ")).collect();
    let twins: Vec<Vec<u8>> = entries.iter().map(|(_, entry)| entry.twin.to_vec()).collect();
    query!(
        "insert into venue_search (venue_id, version, folded, grams, twin)
         select id, $1, folded, string_to_array(grams, ' '), twin
         from unnest($2::uuid[], $3::text[], $4::text[], $5::bytea[]) as new (id, folded, grams, twin)
         on conflict (venue_id) do update
         set version = excluded.version, folded = excluded.folded, grams = excluded.grams, twin = excluded.twin",
        VERSION,
        &ids,
        &folded,
        &grams,
        &twins
    )
    .execute(conn)
    .await
    .map(drop)
}

fn names(statuses: &[VenueStatus]) -> Vec<String> {
    statuses.iter().map(|status| status.as_str().to_owned()).collect()
}

/// Venues that hold every word. The index finds those that hold every pair of characters; `position` takes the words as they
/// are, where `like` would see patterns. What begins with the first word, or has such a code, comes first.
pub(in crate::venue) async fn search(
    conn: &mut PgConnection,
    asked: &Query,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<VenueRow>, sqlx::Error> {
    let grams: Vec<String> = asked.grams().into_iter().collect();
    let Some((first, others)) = asked.words.split_first() else {
        return Ok(Vec::new());
    };
    query_as!(
        VenueRow,
        r#"with found as materialized (
               select id, min(place) as place
               from (select s.venue_id as id,
                            case when position(chr(10) || $3 in chr(10) || s.folded) > 0 then 0 else 1 end as place
                     from venue_search s
                     where s.grams @> $1 and position($3 in s.folded) > 0
                       and (cardinality($2::text[]) = 0
                            or not exists (select from unnest($2) as w (word) where position(word in s.folded) = 0))
                     union all
                     select p.venue_id, 0 from poster p where p.code ~>=~ $4 and p.code ~<~ ($4 || '~')) as hit
               group by id
           ), sorted as (
               select v.id, f.place, v.name, v.kana, v.kind, v.address, v.status, v.reviewed_at is not null as reviewed
               from found f join venue v on v.id = f.id
               where ($5::text is null or v.kind = $5) and (cardinality($6::text[]) = 0 or v.status = any($6))
           )
           select id as "id: VenueId", name, kana, kind as "kind: VenueKind", address, status as "status: VenueStatus",
                  reviewed as "reviewed!"
           from sorted
           where $7::uuid is null or (place, name, id) > (select place, name, id from sorted where id = $7)
           order by place, name, id
           limit $8"#,
        &grams,
        others,
        first,
        asked.code,
        filter.kind.map(VenueKind::as_str),
        &names(&filter.statuses),
        filter.after.map(|id| id.0),
        limit
    )
    .fetch_all(conn)
    .await
}

/// Venues by name.
pub(in crate::venue) async fn browse(conn: &mut PgConnection, filter: &Filter, limit: i64) -> Result<Vec<VenueRow>, sqlx::Error> {
    query_as!(
        VenueRow,
        r#"select id as "id: VenueId", name, kana, kind as "kind: VenueKind", address, status as "status: VenueStatus",
                  reviewed_at is not null as "reviewed!"
           from venue
           where ($1::text is null or kind = $1) and (cardinality($2::text[]) = 0 or status = any($2))
             and ($3::uuid is null or (name, id) > (select name, id from venue where id = $3))
           order by name, id
           limit $4"#,
        filter.kind.map(VenueKind::as_str),
        &names(&filter.statuses),
        filter.after.map(|id| id.0),
        limit
    )
    .fetch_all(conn)
    .await
}

pub(in crate::venue) async fn cards(conn: &mut PgConnection, ids: &[VenueId]) -> Result<HashMap<VenueId, Card>, sqlx::Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = query_as!(
        Card,
        r#"select id as "id: VenueId", name, kana, kind as "kind: VenueKind", address, status as "status: VenueStatus",
                  reviewed_at is not null as "reviewed!", may_be_named
           from venue where id = any($1)"#,
        &ids
    );
    Ok(rows.fetch_all(conn).await?.into_iter().map(|card| (card.id, card)).collect())
}

/// The lists of the console. What is decided about a venue is decided in the knowledge of its answers. An application that
/// waits is not listed again for its answer: it shows it where it waits.
pub(in crate::venue) async fn queue(
    conn: &mut PgConnection,
    which: Queue,
    after: Option<VenueId>,
    limit: i64,
) -> Result<Vec<Application>, sqlx::Error> {
    query_as!(
        Application,
        r#"select v.id as "id: VenueId", v.name, v.kana, v.kind as "kind: VenueKind", v.address, v.created_at,
                  (select max(q.asked_at) from venue_question q where q.venue_id = v.id) as asked_at,
                  (select max(q.answered_at) from venue_question q where q.venue_id = v.id and q.read_at is null) as answered_at,
                  (select count(*) from venue_search s
                   join venue_search t on t.twin = s.twin and t.venue_id <> s.venue_id
                   join venue o on o.id = t.venue_id and o.status in ('pending', 'active', 'suspended')
                   where s.venue_id = v.id) as "twins!"
           from venue v
           where (case $1 when 'unreviewed' then v.status = 'active' and v.reviewed_at is null
                          when 'answered' then v.status in ('active', 'suspended') and exists (
                              select from venue_question q where q.venue_id = v.id and q.answered_at is not null and q.read_at is null
                                                             and q.answered_at > coalesce(v.decided_at, '-infinity'))
                          else v.status = 'pending' end)
             and ($2::uuid is null or (v.created_at, v.id) > (select created_at, id from venue where id = $2))
           order by v.created_at, v.id
           limit $3"#,
        which.as_str(),
        after.map(|id| id.0),
        limit
    )
    .fetch_all(conn)
    .await
}

pub(in crate::venue) async fn queue_sizes(conn: &mut PgConnection) -> Result<QueueSizes, sqlx::Error> {
    query_as!(
        QueueSizes,
        r#"select (select count(*) from venue where status = 'pending') as "waiting!",
                  (select count(distinct v.id) from venue_question q join venue v on v.id = q.venue_id
                   where q.answered_at is not null and q.read_at is null and q.answered_at > coalesce(v.decided_at, '-infinity')
                     and v.status in ('active', 'suspended')) as "answered!",
                  (select count(*) from venue where status = 'active' and reviewed_at is null) as "unreviewed!""#
    )
    .fetch_one(conn)
    .await
}

pub(in crate::venue) async fn twins(conn: &mut PgConnection, id: VenueId) -> Result<Vec<VenueRow>, sqlx::Error> {
    query_as!(
        VenueRow,
        r#"select v.id as "id: VenueId", v.name, v.kana, v.kind as "kind: VenueKind", v.address, v.status as "status: VenueStatus",
                  v.reviewed_at is not null as "reviewed!"
           from venue_search s
           join venue_search t on t.twin = s.twin and t.venue_id <> s.venue_id
           join venue v on v.id = t.venue_id
           where s.venue_id = $1 and v.status <> 'unconfirmed'
           order by v.created_at, v.id
           limit 20"#,
        id.0
    )
    .fetch_all(conn)
    .await
}

pub(in crate::venue) async fn questions(conn: &mut PgConnection, id: VenueId) -> Result<Vec<Question>, sqlx::Error> {
    query_as!(
        Question,
        "select asked_at, asked_by, question, answer, answered_at, read_at from venue_question where venue_id = $1 order by asked_at desc limit 50",
        id.0
    )
    .fetch_all(conn)
    .await
}

pub(in crate::venue) async fn was_asked(
    conn: &mut PgConnection,
    id: VenueId,
    question: &str,
    since: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    query_scalar!(
        r#"select exists (select from venue_question where venue_id = $1 and question = $2 and asked_at > $3) as "asked!""#,
        id.0,
        question,
        since
    )
    .fetch_one(conn)
    .await
}

pub(in crate::venue) async fn insert_question(
    tx: &mut PgConnection,
    id: VenueId,
    now: DateTime<Utc>,
    asked_by: &str,
    question: &str,
) -> Result<(), sqlx::Error> {
    query!("insert into venue_question (venue_id, asked_at, asked_by, question) values ($1, $2, $3, $4)", id.0, now, asked_by, question)
        .execute(tx)
        .await
        .map(drop)
}

/// A venue's answers are read. Whether there was any that was not.
pub(in crate::venue) async fn mark_read(tx: &mut PgConnection, id: VenueId, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    let read =
        query!("update venue_question set read_at = $2 where venue_id = $1 and answered_at is not null and read_at is null", id.0, now);
    Ok(read.execute(tx).await?.rows_affected() > 0)
}

/// An official looked at it. Whether that was the first time.
pub(in crate::venue) async fn mark_reviewed(tx: &mut PgConnection, id: VenueId, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    let done = query!("update venue set reviewed_at = $2 where id = $1 and reviewed_at is null", id.0, now).execute(tx).await?;
    Ok(done.rows_affected() == 1)
}

pub(in crate::venue) async fn set_kana(tx: &mut PgConnection, id: VenueId, kana: Option<&str>) -> Result<(), sqlx::Error> {
    query!("update venue set kana = $2 where id = $1", id.0, kana).execute(tx).await.map(drop)
}

/// Where a venue's letters go from now on.
pub(in crate::venue) async fn set_contact(tx: &mut PgConnection, id: VenueId, contact: &EmailAddress) -> Result<(), sqlx::Error> {
    query!("update venue set contact_email = $2 where id = $1", id.0, contact.expose()).execute(tx).await.map(drop)
}

/// Every link that a letter of this venue held is dead, and every round of its posters is over.
pub(in crate::venue) async fn drop_links(tx: &mut PgConnection, id: VenueId) -> Result<(), sqlx::Error> {
    query!("delete from shop_check where venue_id = $1", id.0).execute(&mut *tx).await?;
    query!("delete from venue_confirmation where venue_id = $1", id.0).execute(tx).await.map(drop)
}
