//! SQL of requests about waiting mails, of letters to venues, and of the names of principals.
use crate::alert::signed::DeliveryRequested;
use crate::alert::venue_told::{Concerned, SendPermission, Told};
use crate::alert::{AlertId, AlertNumber, DeliveryRequest};
use crate::base::email_address::EmailAddress;
use crate::base::locale::Locale;
use crate::mail::Reason;
use crate::mail::outbox::HOPELESS;
use crate::official::Signed;
use crate::venue::VenueId;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// The name of a stored principal: an official's or a token's.
pub(in crate::alert) async fn name_of(conn: &mut PgConnection, principal: &str) -> Result<String, sqlx::Error> {
    let name = sqlx::query_scalar!("select name from official where 'official:' || id::text = $1", principal).fetch_optional(conn).await?;
    Ok(name.unwrap_or_else(|| principal.strip_prefix("token:").unwrap_or(principal).to_owned()))
}

pub(in crate::alert) async fn insert_request(
    tx: &mut PgConnection,
    said: &DeliveryRequested<'_>,
    principal: &str,
    signed: &Signed,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into delivery_request (alert_id, asked_at, act, principal, reasons, signed) values ($1, $2, $3, $4, $5, $6)",
        said.alert.0,
        said.at,
        said.request.as_str(),
        principal,
        said.reasons,
        signed.as_bytes(),
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Mails of an alert that failed in a passing way (`mail::retry`).
pub(in crate::alert) async fn retryable(conn: &mut PgConnection, id: AlertId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar!(
        r#"select count(*) as "mails!" from outbox
           where alert_id = $1 and (state = 'deferred' or (state = 'dead' and reason in ('expired', 'given-up')))"#,
        id.0,
    )
    .fetch_one(conn)
    .await
}

/// Why mails of an alert ended that may get another turn (`mail::send_again`), the most frequent first.
pub(in crate::alert) async fn refused(conn: &mut PgConnection, id: AlertId, limit: i64) -> Result<Vec<Reason>, sqlx::Error> {
    sqlx::query_as!(
        Reason,
        r#"select min(state) as "state!", reason as "reason!", count(*) as "rows!", null::timestamptz as next_at from outbox
           where alert_id = $1 and state in ('bounced', 'dead') and reason is not null and reason <> all($2)
           group by reason order by count(*) desc, reason limit $3"#,
        id.0,
        &HOPELESS as &[&str],
        limit,
    )
    .fetch_all(conn)
    .await
}

/// The venues of an alert's stays that somebody can be told about.
pub(in crate::alert) async fn concerned_venues(conn: &mut PgConnection, id: AlertId) -> Result<Vec<Concerned>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select v.id as "id!: VenueId", v.name as "name!", v.contact_email as "contact_email!", v.locale as "locale!"
           from venue v
           where v.status in ('active', 'suspended', 'closed') and v.contact_email is not null
             and exists (select from alert_stay s where s.alert_id = $1 and s.venue_id = v.id)
           order by v.id"#,
        id.0,
    )
    .fetch_all(conn)
    .await?;
    let concerned = |venue, name, contact: String, locale: String| {
        let to = EmailAddress::parse(&contact).ok()?;
        Some(Concerned { venue, name, to, locale: Locale::from_tag(&locale).unwrap_or_default() })
    };
    Ok(rows.into_iter().filter_map(|row| concerned(row.id, row.name, row.contact_email, row.locale)).collect())
}

pub(in crate::alert) async fn insert_venue_letter(
    tx: &mut PgConnection,
    letter: Uuid,
    id: AlertId,
    venue: VenueId,
    revision: i32,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into alert_venue_letter (letter_id, alert_id, venue_id, revision) values ($1, $2, $3, $4)",
        letter,
        id.0,
        venue.0,
        revision,
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Which alerts a venue was told of since `since`, newest first.
pub(in crate::alert) async fn told(conn: &mut PgConnection, venue: VenueId, since: DateTime<Utc>) -> Result<Vec<Told>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select a.number, l.told_at as "told_at!",
               (select min(k.started_at) from alert c join alert_dispatch k on k.alert_id = c.id where c.corrects = a.id) as corrected_at
           from alert_venue_letter l join alert a on a.id = l.alert_id
           where l.venue_id = $1 and l.told_at >= $2 order by l.told_at desc"#,
        venue.0,
        since,
    );
    let told = rows.fetch_all(conn).await?.into_iter();
    Ok(told.map(|row| Told { number: AlertNumber::from_stored(row.number), at: row.told_at, corrected_at: row.corrected_at }).collect())
}

/// A request about an alert's mails that is not carried out yet.
pub(in crate::alert) async fn open_request(tx: &mut PgConnection, alert: AlertId) -> Result<Option<OpenRequest>, sqlx::Error> {
    sqlx::query_as!(
        OpenRequest,
        r#"select act as "request: DeliveryRequest", reasons, asked_at, signed from delivery_request where alert_id = $1 and handled_at is null"#,
        alert.0
    )
    .fetch_optional(tx)
    .await
}

/// A request as it is stored, before anybody believes it.
pub(in crate::alert) struct OpenRequest {
    pub(in crate::alert) request: DeliveryRequest,
    /// Only what ended for these reasons.
    pub(in crate::alert) reasons: Option<Vec<String>>,
    pub(in crate::alert) asked_at: DateTime<Utc>,
    pub(in crate::alert) signed: Option<Vec<u8>>,
}

/// The request is carried out; an alert that was done may have mails to send again.
pub(in crate::alert) async fn close_request(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    alert: AlertId,
    mails: u64,
    again: bool,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "update delivery_request set handled_at = $2, mails = $3::bigint::int where alert_id = $1 and handled_at is null",
        alert.0,
        now,
        i64::try_from(mails).unwrap_or(i64::MAX),
    )
    .execute(&mut *tx)
    .await?;
    if again {
        sqlx::query!("update alert_dispatch set finished_at = null where alert_id = $1", alert.0).execute(tx).await?;
    }
    Ok(())
}

/// How a venue's letter stands to its alert; the one that may leave is noted, so that no other tells the same venue. None: no
/// approval wrote it.
pub(in crate::alert) async fn venue_letter(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    letter: Uuid,
) -> Result<Option<SendPermission>, sqlx::Error> {
    let row = sqlx::query!(
        r#"select l.told_at is not null as "told!",
               a.cancelled_at is not null or a.revision <> l.revision or coalesce(d.refused_revision = l.revision, false)
                   or exists (select from alert_venue_letter o
                              where o.alert_id = l.alert_id and o.venue_id = l.venue_id and o.told_at is not null) as "never!",
               a.paused_at is null and a.pauses <= coalesce(d.resumed_pause, 0) and coalesce(d.revision = l.revision, false) and d.started_at is not null
                   and not exists (select from sending_stop s where s.ended_at is null) as "now!"
           from alert_venue_letter l join alert a on a.id = l.alert_id left join alert_dispatch d on d.alert_id = a.id
           where l.letter_id = $1"#,
        letter,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    // One that was put off by the mail server comes by here again.
    Ok(Some(match (row.told, row.never, row.now) {
        (true, _, true) => SendPermission::May,
        (true, _, false) | (false, false, false) => SendPermission::NotYet,
        (false, true, _) => SendPermission::Never,
        (false, false, true) => {
            sqlx::query!("update alert_venue_letter set told_at = $2 where letter_id = $1", letter, now).execute(tx).await?;
            SendPermission::May
        }
    }))
}
