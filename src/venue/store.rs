//! The SQL of venues, their confirmations and posters.
pub(super) mod activation;
pub(super) mod import;
pub(super) mod import_letters;
pub(super) mod import_undo;
pub(super) mod monthly;
pub(super) mod owner_actions;
pub(super) mod owner_session;
pub(super) mod public;
pub(super) mod review;

use super::application::NewVenue;
use super::confirmation::{LETTER_PAUSE_SECONDS, MAX_LETTERS, MAX_TRIES};
use super::poster::{HangingPoster, Poster, PosterStatus, PosterView};
use super::proof::{Link, Proof};
use super::venue_list::{StayFacts, Venue};
use super::{PosterId, VenueId, VenueKind, VenueStatus};
use crate::base::code::PosterCode;
use crate::base::email_address::EmailAddress;
use crate::base::locale::Locale;
use chrono::{DateTime, Duration, Utc};
use sqlx::{PgConnection, query, query_as, query_scalar};
use std::collections::HashMap;
use uuid::Uuid;

/// A venue as a confirmation or a decision needs it.
pub(super) struct Pending {
    pub(super) id: VenueId,
    pub(super) name: String,
    /// `None`: the city entered it without a mailbox.
    pub(super) contact: Option<EmailAddress>,
    pub(super) locale: Locale,
    pub(super) status: VenueStatus,
    /// Whether an official ever looked at it.
    pub(super) reviewed: bool,
}

struct PendingRow {
    id: VenueId,
    name: String,
    contact_email: Option<String>,
    locale: String,
    status: VenueStatus,
    reviewed: bool,
}

impl TryFrom<PendingRow> for Pending {
    type Error = sqlx::Error;

    fn try_from(row: PendingRow) -> Result<Self, sqlx::Error> {
        let (contact, locale) = (address(row.contact_email.as_deref())?, locale(&row.locale)?);
        Ok(Self { id: row.id, name: row.name, contact, locale, status: row.status, reviewed: row.reviewed })
    }
}

/// Account data was checked before it was written; what does not read was written by another hand. Says nothing of the text.
fn unreadable(what: &'static str) -> sqlx::Error {
    sqlx::Error::Decode(what.into())
}

fn address(text: Option<&str>) -> Result<Option<EmailAddress>, sqlx::Error> {
    let parsed = text.map(EmailAddress::parse).transpose();
    parsed.map_err(|_| unreadable("venue.contact_email is no address"))
}

fn locale(tag: &str) -> Result<Locale, sqlx::Error> {
    Locale::from_tag(tag).ok_or_else(|| unreadable("venue.locale is no known language"))
}

fn code(text: &str) -> Result<PosterCode, sqlx::Error> {
    PosterCode::parse(text).map_err(|_| unreadable("poster.code is no code"))
}

/// How a venue begins, whatever it says of itself.
pub(super) struct Begins {
    pub(super) id: VenueId,
    pub(super) status: VenueStatus,
    /// Whether an official has looked at it.
    pub(super) reviewed: bool,
    pub(super) at: DateTime<Utc>,
}

pub(super) async fn insert_venue(tx: &mut PgConnection, new: &NewVenue, begins: &Begins) -> Result<(), sqlx::Error> {
    query!(
        "insert into venue (id, name, kana, kind, address, contact_email, locale, day_starts_minutes, status, created_at, reviewed_at,
                            postal_code, phone, guests_per_day, message, opens_on, closes_on, monthly_mail, may_be_named, listed)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, case when $11 then $10::timestamptz end,
                 $12, $13, $14, $15, $16, $17, $18, $19, $20)",
        begins.id.0,
        new.name,
        new.kana,
        new.kind.as_str(),
        new.address,
        new.contact.as_ref().map(EmailAddress::expose),
        new.locale.tag(),
        new.day_starts_minutes,
        begins.status.as_str(),
        begins.at,
        begins.reviewed,
        new.more.postal_code,
        new.more.phone,
        new.more.guests_per_day,
        new.more.message,
        new.more.days.map(|(opens, _)| opens),
        new.more.days.map(|(_, closes)| closes),
        new.more.monthly_mail,
        new.more.may_be_named,
        new.more.listed
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Secrets for a mailbox that is not proven, in place of whatever link the venue had.
pub(super) async fn put_confirmation(
    tx: &mut PgConnection,
    venue: VenueId,
    proof: &Proof,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    query!("delete from venue_confirmation where venue_id = $1", venue.0).execute(&mut *tx).await?;
    insert_confirmation(tx, venue, proof, now, expires_at).await
}

pub(super) async fn insert_confirmation(
    tx: &mut PgConnection,
    venue: VenueId,
    proof: &Proof,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    query!(
        "insert into venue_confirmation (venue_id, token_sha256, code_hash, sent_at, expires_at) values ($1, $2, $3, $4, $5)",
        venue.0,
        &proof.token.sha256()[..],
        proof.digits_hash,
        now,
        expires_at
    )
    .execute(tx)
    .await
    .map(drop)
}

/// New secrets for a venue that is still unconfirmed, within the limits on letters: [`MAX_LETTERS`], and [`LETTER_PAUSE_SECONDS`]
/// between two.
pub(super) async fn renew_confirmation(
    tx: &mut PgConnection,
    venue: VenueId,
    proof: &Proof,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<bool, sqlx::Error> {
    let renewed = query!(
        "update venue_confirmation c
         set token_sha256 = $2, code_hash = $3, tries = 0, letters = letters + 1, sent_at = $4, expires_at = $5, opened_at = null
         from venue v left join venue_activation a on a.venue_id = v.id
         where c.venue_id = $1 and v.id = c.venue_id and c.code_hash <> ''
           and (v.status = 'unconfirmed' or (v.contact_email is null and a.contact_email is not null)) and c.letters < $6 and c.sent_at <= $7",
        venue.0,
        &proof.token.sha256()[..],
        proof.digits_hash,
        now,
        expires_at,
        MAX_LETTERS,
        now - Duration::seconds(LETTER_PAUSE_SECONDS)
    )
    .execute(tx)
    .await?;
    Ok(renewed.rows_affected() == 1)
}

/// A link to a venue's posters in place of whatever proof it had; a venue that an official entered had none.
/// Nobody was told digits for it: no text has the empty hash, and there are no tries left.
pub(super) async fn put_link(tx: &mut PgConnection, venue: VenueId, link: &Link, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    query!(
        "insert into venue_confirmation (venue_id, token_sha256, code_hash, tries, sent_at, expires_at) values ($1, $2, '', $3, $4, $5)
         on conflict (venue_id) do update
         set token_sha256 = excluded.token_sha256, code_hash = excluded.code_hash, tries = excluded.tries,
             sent_at = excluded.sent_at, expires_at = excluded.expires_at, opened_at = null",
        venue.0,
        &link.token.sha256()[..],
        MAX_TRIES,
        now,
        link.expires_at
    )
    .execute(tx)
    .await
    .map(drop)
}

/// A mailbox that an owner named while activating is unconfirmed, wherever its venue stands.
pub(super) async fn confirmation_by_token(
    conn: &mut PgConnection,
    token_sha256: [u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<(Pending, DateTime<Utc>)>, sqlx::Error> {
    let row = query!(
        r#"select v.id as "id: VenueId", v.name, coalesce(v.contact_email, a.contact_email) as contact_email, v.locale,
                  case when v.contact_email is null and a.contact_email is not null then 'unconfirmed' else v.status end as "status!: VenueStatus",
                  v.reviewed_at is not null as "reviewed!", c.expires_at
           from venue_confirmation c join venue v on v.id = c.venue_id left join venue_activation a on a.venue_id = v.id
           where c.token_sha256 = $1 and c.expires_at > $2"#,
        &token_sha256[..],
        now
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        let (id, name, contact_email, locale) = (row.id, row.name, row.contact_email, row.locale);
        let pending = PendingRow { id, name, contact_email, locale, status: row.status, reviewed: row.reviewed };
        Ok((pending.try_into()?, row.expires_at))
    })
    .transpose()
}

/// Counts a try and hands out the hash to compare with; `None`: nothing there, expired or used up.
pub(super) async fn take_try(
    conn: &mut PgConnection,
    venue: VenueId,
    max_tries: i16,
    now: DateTime<Utc>,
) -> Result<Option<String>, sqlx::Error> {
    query_scalar!(
        "update venue_confirmation set tries = tries + 1 where venue_id = $1 and tries < $2 and expires_at > $3 returning code_hash",
        venue.0,
        max_tries,
        now
    )
    .fetch_optional(conn)
    .await
}

pub(super) async fn reset_tries(tx: &mut PgConnection, venue: VenueId) -> Result<(), sqlx::Error> {
    query!("update venue_confirmation set tries = 0 where venue_id = $1", venue.0).execute(tx).await.map(drop)
}

pub(super) async fn pending(conn: &mut PgConnection, venue: VenueId) -> Result<Option<Pending>, sqlx::Error> {
    let row = query_as!(
        PendingRow,
        r#"select v.id as "id: VenueId", v.name, coalesce(v.contact_email, a.contact_email) as contact_email, v.locale,
                  v.status as "status: VenueStatus", v.reviewed_at is not null as "reviewed!"
           from venue v left join venue_activation a on a.venue_id = v.id where v.id = $1"#,
        venue.0
    );
    row.fetch_optional(conn).await?.map(TryInto::try_into).transpose()
}

/// The same, with the row locked until the transaction ends: decisions about one venue come one after the other.
pub(super) async fn lock_venue(tx: &mut PgConnection, venue: VenueId) -> Result<Option<Pending>, sqlx::Error> {
    let row = query_as!(
        PendingRow,
        r#"select id as "id: VenueId", name, contact_email, locale, status as "status: VenueStatus", reviewed_at is not null as "reviewed!"
           from venue where id = $1 for update"#,
        venue.0
    );
    row.fetch_optional(tx).await?.map(TryInto::try_into).transpose()
}

pub(super) async fn status(conn: &mut PgConnection, venue: VenueId) -> Result<Option<VenueStatus>, sqlx::Error> {
    query_scalar!(r#"select status as "status: VenueStatus" from venue where id = $1"#, venue.0).fetch_optional(conn).await
}

/// Whether this was the confirmation that counted.
pub(super) async fn confirm(tx: &mut PgConnection, venue: VenueId, to: VenueStatus, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    let done =
        query!("update venue set status = $2, confirmed_at = $3 where id = $1 and status = 'unconfirmed'", venue.0, to.as_str(), now);
    Ok(done.execute(tx).await?.rows_affected() == 1)
}

/// Why an application was refused, for its owner's page.
pub(super) async fn set_refused_because(tx: &mut PgConnection, venue: VenueId, reason: &str) -> Result<(), sqlx::Error> {
    query!("update venue set refused_because = $2 where id = $1", venue.0, reason).execute(tx).await.map(drop)
}

pub(super) async fn set_status(tx: &mut PgConnection, venue: VenueId, to: VenueStatus, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    query!(
        "update venue set status = $2, decided_at = $3, reviewed_at = coalesce(reviewed_at, $3) where id = $1",
        venue.0,
        to.as_str(),
        now
    )
    .execute(tx)
    .await
    .map(drop)
}

pub(super) async fn venue(conn: &mut PgConnection, id: VenueId) -> Result<Option<Venue>, sqlx::Error> {
    let row = query!(
        r#"select name, kana, kind as "kind: VenueKind", address, contact_email, locale, day_starts_minutes, may_be_named,
                  status as "status: VenueStatus", created_at, confirmed_at, decided_at, reviewed_at,
                  postal_code, phone, guests_per_day, message, opens_on, closes_on, monthly_mail, paused_at, listed
           from venue where id = $1"#,
        id.0
    );
    let Some(row) = row.fetch_optional(conn).await? else {
        return Ok(None);
    };
    Ok(Some(Venue {
        id,
        name: row.name,
        kana: row.kana,
        kind: row.kind,
        address: row.address,
        contact: address(row.contact_email.as_deref())?,
        locale: locale(&row.locale)?,
        day_starts_minutes: row.day_starts_minutes,
        may_be_named: row.may_be_named,
        status: row.status,
        created_at: row.created_at,
        confirmed_at: row.confirmed_at,
        decided_at: row.decided_at,
        reviewed_at: row.reviewed_at,
        postal_code: row.postal_code,
        phone: row.phone,
        guests_per_day: row.guests_per_day,
        message: row.message,
        opens_on: row.opens_on,
        closes_on: row.closes_on,
        monthly_mail: row.monthly_mail,
        paused_at: row.paused_at,
        listed: row.listed,
    }))
}

pub(super) async fn discard_abandoned(tx: &mut PgConnection, applied_before: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    query!("delete from poster where venue_id in (select id from venue where status = 'unconfirmed' and created_at < $1)", applied_before)
        .execute(&mut *tx)
        .await?;
    let gone = query!("delete from venue where status = 'unconfirmed' and created_at < $1", applied_before).execute(tx).await?;
    Ok(gone.rows_affected())
}

/// Posters `first_no`, `first_no + 1` … with fresh codes, one per label.
pub(super) async fn insert_posters(
    tx: &mut PgConnection,
    venue: VenueId,
    first_no: i16,
    labels: &[String],
    now: DateTime<Utc>,
) -> Result<Vec<Poster>, sqlx::Error> {
    let new: Vec<_> = (first_no..).zip(labels).map(|(no, label)| fresh(venue, no, 1, label, now)).collect();
    let ids: Vec<_> = new.iter().map(|poster| poster.id.0).collect();
    let numbers: Vec<_> = new.iter().map(|poster| poster.no).collect();
    let codes: Vec<_> = new.iter().map(|poster| poster.code.as_str().to_owned()).collect();
    query!(
        "insert into poster (id, venue_id, no, label, code, status, created_at)
         select id, $1, no, label, code, 'active', $2
         from unnest($3::uuid[], $4::smallint[], $5::text[], $6::text[]) as new (id, no, label, code)",
        venue.0,
        now,
        &ids,
        &numbers,
        labels,
        &codes
    )
    .execute(tx)
    .await?;
    Ok(new)
}

/// The next edition of a poster whose code has just been revoked.
pub(super) async fn insert_edition(tx: &mut PgConnection, old: &Poster, now: DateTime<Utc>) -> Result<Poster, sqlx::Error> {
    let new = fresh(old.venue_id, old.no, old.edition.saturating_add(1), &old.label, now);
    query!(
        "insert into poster (id, venue_id, no, edition, label, code, status, created_at) values ($1, $2, $3, $4, $5, $6, 'active', $7)",
        new.id.0,
        new.venue_id.0,
        new.no,
        new.edition,
        new.label,
        new.code.as_str(),
        now
    )
    .execute(tx)
    .await?;
    Ok(new)
}

fn fresh(venue: VenueId, no: i16, edition: i16, label: &str, now: DateTime<Utc>) -> Poster {
    let code = PosterCode::generate(&mut rand::rng());
    let (id, label, status) = (PosterId::random(), label.to_owned(), PosterStatus::Active);
    Poster { id, venue_id: venue, no, edition, label, code, status, created_at: now, revoked_at: None, checked_on: None, scanned_on: None }
}

pub(super) async fn last_poster_no(tx: &mut PgConnection, venue: VenueId) -> Result<i16, sqlx::Error> {
    query_scalar!(r#"select coalesce(max(no), 0::smallint) as "last!" from poster where venue_id = $1"#, venue.0).fetch_one(tx).await
}

pub(super) async fn posters(conn: &mut PgConnection, venue: VenueId) -> Result<Vec<Poster>, sqlx::Error> {
    let rows = query!(
        r#"select id as "id: PosterId", no, edition, label, code, status as "status: PosterStatus", created_at, revoked_at, checked_on,
                  scanned_on
           from poster where venue_id = $1 order by no, edition desc"#,
        venue.0
    );
    rows.fetch_all(conn)
        .await?
        .into_iter()
        .map(|row| {
            Ok(Poster {
                id: row.id,
                venue_id: venue,
                no: row.no,
                edition: row.edition,
                label: row.label,
                code: code(&row.code)?,
                status: row.status,
                created_at: row.created_at,
                revoked_at: row.revoked_at,
                checked_on: row.checked_on,
                scanned_on: row.scanned_on,
            })
        })
        .collect()
}

pub(super) async fn ids(conn: &mut PgConnection) -> Result<Vec<VenueId>, sqlx::Error> {
    query_scalar!(r#"select id as "id: VenueId" from venue order by id"#).fetch_all(conn).await
}

pub(super) async fn names(conn: &mut PgConnection, venues: &[VenueId]) -> Result<HashMap<VenueId, String>, sqlx::Error> {
    let venues: Vec<Uuid> = venues.iter().map(|venue| venue.0).collect();
    let rows = query!(r#"select id as "id: VenueId", name from venue where id = any($1)"#, &venues).fetch_all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

pub(super) async fn poster(conn: &mut PgConnection, id: PosterId) -> Result<Option<HangingPoster>, sqlx::Error> {
    let row = query!(
        r#"select p.venue_id as "venue_id: VenueId", p.no, p.edition, p.label, p.code, p.status as "status: PosterStatus",
                  p.created_at, p.revoked_at, p.checked_on, p.scanned_on, v.name, v.kind as "kind: VenueKind", v.status as "venue_status: VenueStatus"
           from poster p join venue v on v.id = p.venue_id where p.id = $1"#,
        id.0
    );
    let Some(row) = row.fetch_optional(conn).await? else {
        return Ok(None);
    };
    let poster = Poster {
        id,
        venue_id: row.venue_id,
        no: row.no,
        edition: row.edition,
        label: row.label,
        code: code(&row.code)?,
        status: row.status,
        created_at: row.created_at,
        revoked_at: row.revoked_at,
        checked_on: row.checked_on,
        scanned_on: row.scanned_on,
    };
    Ok(Some(HangingPoster { poster, venue_name: row.name, kind: row.kind, venue_status: row.venue_status }))
}

pub(super) async fn find_by_code(conn: &mut PgConnection, code: &PosterCode) -> Result<Option<PosterView>, sqlx::Error> {
    query_as!(
        PosterView,
        r#"select p.venue_id as "venue_id: VenueId", p.id as "poster_id: PosterId", p.no as poster_no, p.label,
                  v.name as venue_name, v.kind as "kind: VenueKind", v.day_starts_minutes,
                  v.opens_on, v.closes_on, v.paused_at is not null as "paused!", v.message
           from poster p join venue v on v.id = p.venue_id
           where p.code = $1 and p.status = 'active' and v.status = 'active'"#,
        code.as_str()
    )
    .fetch_optional(conn)
    .await
}

/// Whether the code was alive.
pub(super) async fn revoke(tx: &mut PgConnection, id: PosterId, now: DateTime<Utc>) -> Result<bool, sqlx::Error> {
    let done = query!("update poster set status = 'revoked', revoked_at = $2 where id = $1 and status = 'active'", id.0, now);
    Ok(done.execute(tx).await?.rows_affected() == 1)
}

pub(super) async fn revoke_all(tx: &mut PgConnection, venue: VenueId, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    let done = query!("update poster set status = 'revoked', revoked_at = $2 where venue_id = $1 and status = 'active'", venue.0, now);
    done.execute(tx).await.map(drop)
}

pub(super) async fn stay_facts(conn: &mut PgConnection, ids: &[VenueId]) -> Result<HashMap<VenueId, StayFacts>, sqlx::Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = query!(
        r#"select id as "id: VenueId", day_starts_minutes, status in ('active', 'suspended', 'closed') as "was_active!"
           from venue where id = any($1)"#,
        &ids,
    )
    .fetch_all(conn)
    .await?;
    let place = |was_active, day_starts_minutes| StayFacts { was_active, day_starts_minutes };
    Ok(rows.into_iter().map(|row| (row.id, place(row.was_active, row.day_starts_minutes))).collect())
}
