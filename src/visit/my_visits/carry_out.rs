//! The worker's side of the own page: it alone can open who asked, compute the macs of older dates, and erase.
use super::act::Act;
use super::letter::COUNTED;
use super::page::{Found, OwnVisit};
use super::store::{self, Waiting};
use crate::audit::{self, Actor, Entry};
use crate::base::clock::Zone;
use crate::base::email_address::EmailAddress;
use crate::base::token::Token;
use crate::keys::{Opener, PersonScope, SealedLetterRow};
use crate::mail::{self, suppression};
use crate::venue::{self, VenueId};
use crate::visit::store as visits;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

/// Requests of one turn; the next turn comes within a second.
const MAX_PER_TURN: i64 = 50;
/// Venues asked about in one statement: index look-ups of a few milliseconds in all.
const VENUES_PER_STATEMENT: usize = 1_000;

/// The requests that people still wait for, oldest first; at most fifty.
///
/// # Errors
/// The database.
pub async fn waiting(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<Waiting>, sqlx::Error> {
    store::waiting(conn, now, MAX_PER_TURN).await
}

/// Does what was asked, in one transaction with its audit entry. A request that does not open, or whose link is gone, is closed
/// without a word. No matcher may be at work while visits are erased, or it could queue a notice that it has just read.
///
/// # Errors
/// The database, or the keys' directory: the request waits on.
pub async fn carry_out(
    conn: &mut PgConnection,
    opener: &Opener,
    now: DateTime<Utc>,
    zone: Zone,
    request: &Waiting,
) -> Result<(), sqlx::Error> {
    let Some(asked) = open(conn, opener, now, request).await? else {
        return store::done(conn, request.id, now).await;
    };
    // Looking up is long and only reads; it needs no transaction.
    let looked = if asked.act == Act::Look { Some(look(conn, opener, now, zone, &asked.address).await?) } else { None };
    let mut tx = conn.begin().await?;
    let found = match looked {
        Some(found) => {
            audit::record(&mut tx, now, &entry("visit.look_up", json!({}))).await?;
            Some(found)
        }
        None => change(&mut tx, opener, now, &asked).await?,
    };
    if let Some(sealed) = found.and_then(|found| found.seal(&asked.token)) {
        store::set_found(&mut tx, &asked.token.sha256(), &sealed).await?;
    }
    store::done(&mut tx, request.id, now).await?;
    tx.commit().await
}

/// Erases links with all they held, and what counted letters, when their time is over.
///
/// # Errors
/// The database.
pub async fn forget_expired(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    store::delete_expired(conn, now, now - COUNTED).await
}

/// A request that has proven its link. No `Debug`: it holds an address.
struct Opened {
    act: Act,
    token: Token,
    address: EmailAddress,
    found: Option<Found>,
}

async fn open(conn: &mut PgConnection, opener: &Opener, now: DateTime<Utc>, request: &Waiting) -> Result<Option<Opened>, sqlx::Error> {
    let row = SealedLetterRow {
        id: request.id,
        kind: request.kind.clone(),
        visit_date: request.visit_date,
        epoch_id: request.epoch_id,
        sealed: request.sealed.clone(),
    };
    let opened = opener.open_letters(conn, &[row]).await?.pop();
    let Some((act, token)) = opened.and_then(Result::ok).and_then(|payload| Act::read(&request.kind, &payload)) else {
        return Ok(None);
    };
    let Some(link) = store::own_link(conn, &token.sha256(), now).await? else {
        return Ok(None);
    };
    let found = link.found.and_then(|sealed| Found::open(&token, &sealed));
    Ok(opener.reveal(&token, &link.address).map(|address| Opened { act, token, address, found }))
}

/// Finds the person's visits: day by day, the mac that each venue's day would hold, looked up by primary key.
async fn look(
    conn: &mut PgConnection,
    opener: &Opener,
    now: DateTime<Utc>,
    zone: Zone,
    address: &EmailAddress,
) -> Result<Found, sqlx::Error> {
    let venues: Vec<Uuid> = venue::ids(conn).await?.into_iter().map(|venue| venue.0).collect();
    let today = zone.today(now);
    let mut own = Vec::new();
    for date in visits::days(conn).await?.into_iter().filter(|date| *date <= today) {
        let Some(macs) = opener.macs(date, venues.clone(), address).await? else { continue };
        for (venues, macs) in venues.chunks(VENUES_PER_STATEMENT).zip(macs.chunks(VENUES_PER_STATEMENT)) {
            let there = visits::own(conn, date, venues, macs).await?;
            own.extend(there.into_iter().map(|venue| OwnVisit { date, venue: VenueId(venue) }));
        }
    }
    own.sort_unstable_by(|one, other| other.cmp(one));
    let person = opener.person(PersonScope::Suppression, address);
    Ok(Found { looked_at: now, stopped: suppression::contains(conn, &person).await?, visits: own })
}

/// Everything but a look. Returns what the page shows from now on.
async fn change(tx: &mut PgConnection, opener: &Opener, now: DateTime<Utc>, asked: &Opened) -> Result<Option<Found>, sqlx::Error> {
    let mut found = asked.found.clone();
    let listed = found.as_ref().map(|found| found.visits.clone()).unwrap_or_default();
    match asked.act {
        Act::Look => {}
        Act::Forget { venue, date } => forget(tx, opener, now, asked, &[OwnVisit { date, venue }]).await?,
        Act::ForgetAll => forget(tx, opener, now, asked, &listed).await?,
        Act::Stop | Act::Start => suppress(tx, opener, now, asked).await?,
    }
    if let Some(found) = &mut found {
        match asked.act {
            Act::Look => {}
            Act::Forget { venue, date } => found.visits.retain(|visit| *visit != OwnVisit { date, venue }),
            Act::ForgetAll => found.visits.clear(),
            Act::Stop => found.stopped = true,
            Act::Start => found.stopped = false,
        }
    }
    Ok(found)
}

/// Erases visits of this person, and what the outbox holds about them. The macs are computed from the address, so nobody can
/// name another's visit.
async fn forget(tx: &mut PgConnection, opener: &Opener, now: DateTime<Utc>, asked: &Opened, own: &[OwnVisit]) -> Result<(), sqlx::Error> {
    let (mut erased, mut cancelled) = (0_u64, 0);
    for visit in own {
        let Some(mac) = mac(opener, visit.date, visit.venue, &asked.address).await? else { continue };
        erased += u64::from(visits::erase(tx, visit.venue.0, visit.date, &mac).await?);
        cancelled += mail::forget_visit(tx, now, visit.venue.0, visit.date, &mac).await?;
    }
    audit::record(tx, now, &entry("visit.forget", json!({ "visits": erased, "notices_cancelled": cancelled }))).await.map(drop)
}

async fn mac(opener: &Opener, date: NaiveDate, venue: VenueId, address: &EmailAddress) -> Result<Option<[u8; 16]>, sqlx::Error> {
    Ok(opener.macs(date, vec![venue.0], address).await?.and_then(|macs| macs.first().copied()))
}

async fn suppress(tx: &mut PgConnection, opener: &Opener, now: DateTime<Utc>, asked: &Opened) -> Result<(), sqlx::Error> {
    let person = opener.person(PersonScope::Suppression, &asked.address);
    let action = if asked.act == Act::Stop {
        suppression::add(&mut *tx, now, &person, suppression::Cause::Asked).await?;
        "visit.stop_notices"
    } else {
        suppression::remove(&mut *tx, &person).await?;
        "visit.start_notices"
    };
    audit::record(tx, now, &entry(action, json!({}))).await.map(drop)
}

/// The entry names neither person nor venue: it is kept for ever.
fn entry(action: &'static str, detail: serde_json::Value) -> Entry {
    Entry { actor: Actor::Visitor, action, target_kind: "visit", target_id: None, detail }
}
