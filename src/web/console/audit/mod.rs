//! The auditor's page: the chain in words, by filters, a page at a time; its verification; and the export.
mod export;
mod search;

pub(crate) use export::export;
pub(crate) use search::Search;

use crate::alert;
use crate::audit::{self, Actor, AuditLine, Entry, Filter, VerifyError, words};
use crate::base::clock::Zone;
use crate::base::locale::Locale;
use crate::base::text::thousands;
use crate::official::{self, MayAudit};
use crate::web::console::{ConsoleFrame, ConsoleRequest, Here};
use crate::web::error::Error;
use crate::web::page::page;
use crate::web::session::May;
use crate::web::state::State;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// Entries on a page: two screens.
const PAGE: i64 = 50;

/// An entry in words.
pub(crate) struct EntryRow {
    pub(crate) id: i64,
    pub(crate) at: String,
    /// The kind of actor, and their name where there is one.
    pub(crate) kind: String,
    pub(crate) who: Option<String>,
    pub(crate) did: String,
    pub(crate) action: String,
    pub(crate) facts: Vec<String>,
    /// The name of the target, or the beginning of its identifier.
    pub(crate) target: Option<String>,
    pub(crate) target_kind: String,
    pub(crate) target_id: Option<Uuid>,
    pub(crate) hash: String,
}

/// Whether and when the chain was last found whole.
enum Checked {
    Never,
    Good(String),
    Bad { text: String, place: String },
}

#[derive(Template)]
#[template(path = "web/console/audit/page.html")]
struct Page<'a> {
    d: ConsoleFrame<'a>,
    search: Search,
    bad: bool,
    done: Option<String>,
    rows: Vec<EntryRow>,
    /// Continues after this entry, if there is more.
    next: Option<i64>,
    paged: bool,
    actors: Vec<(String, String, bool)>,
    actions: Vec<(String, String, bool)>,
    entries: String,
    head: Option<String>,
    checked: Checked,
}

/// `GET /console/audit`
pub(crate) async fn show(console: ConsoleRequest, _may: May<MayAudit>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let d = console.frame(Here::Audit).await?;
    let (locale, zone) = (d.f.locale, console.state.service.zone);
    let mut connection = console.state.pool.acquire().await?;
    let search = Search::of(&request);
    let filter = search.filter(&mut connection, zone).await?;
    let bad = filter.is_none();
    let lines = match &filter {
        Some(filter) => audit::list(&mut connection, filter, search.before, PAGE + 1).await?,
        None => Vec::new(),
    };
    let more = lines.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
    let mut rows = in_words(&mut connection, locale, zone, &lines).await?;
    rows.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let next = rows.last().filter(|_| more).map(|row| row.id);
    let head = audit::head(&mut connection).await?;
    let page_ = Page {
        bad,
        next,
        rows,
        paged: search.before.is_some(),
        actors: actors(&mut connection, locale, &search).await?,
        actions: actions(&mut connection, locale, &search).await?,
        entries: thousands(head.map_or(0, |(entries, _)| entries)),
        head: head.map(|(_, hash)| HEXLOWER.encode(&hash)),
        checked: checked(&mut connection, locale, zone).await?,
        done: console.done.clone().filter(|key| key == "verified" || key == "broken"),
        search,
        d,
    };
    page(if bad { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &page_)
}

/// `POST /console/audit/verify`: walks the whole chain, and puts on record that and by whom it was done.
pub(crate) async fn verify(console: ConsoleRequest, may: May<MayAudit>) -> Result<HttpResponse, Error> {
    let whole = verify_and_record(&console.state, may.0.actor()).await?.is_ok();
    let lang = console.language.frame(&console.state.service).lang.replace('?', "&");
    let done = if whole { "verified" } else { "broken" };
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, format!("/console/audit?done={done}{lang}"))).finish())
}

/// The chain is broken at this entry.
pub(crate) struct BrokenAt(pub(crate) i64);

/// Walks the whole chain; the outcome becomes an entry of it either way.
pub(crate) async fn verify_and_record(state: &State, actor: Actor) -> Result<Result<audit::Verified, BrokenAt>, Error> {
    let mut connection = state.pool.acquire().await?;
    let (outcome, detail) = match audit::verify(&mut connection).await {
        Ok(verified) => (Ok(verified), json!({ "entries": verified.entries, "head": HEXLOWER.encode(&verified.head) })),
        Err(VerifyError::Broken { at_id }) => (Err(BrokenAt(at_id)), json!({ "broken_at": at_id })),
        Err(VerifyError::HeadMissing) => return Err(Error::internal()),
        Err(VerifyError::Db(error)) => return Err(error.into()),
    };
    if let Err(BrokenAt(at)) = &outcome {
        tracing::error!(at, "the audit chain is broken");
    }
    let entry = Entry { actor, action: "audit.verify", target_kind: "audit", target_id: None, detail };
    let mut tx = state.pool.begin().await?;
    audit::record(&mut tx, state.clock.now(), &entry).await?;
    tx.commit().await?;
    Ok(outcome)
}

/// Entries in words, with the names of whom and what they speak of.
pub(crate) async fn in_words(
    conn: &mut PgConnection,
    locale: Locale,
    zone: Zone,
    lines: &[AuditLine],
) -> Result<Vec<EntryRow>, sqlx::Error> {
    let mut ids: Vec<Uuid> = lines.iter().flat_map(|line| [line.actor_id, line.target]).flatten().collect();
    ids.sort_unstable();
    ids.dedup();
    let names = alert::names(conn, &ids).await?;
    Ok(lines.iter().map(|line| row(locale, zone, line, &names)).collect())
}

fn row(locale: Locale, zone: Zone, line: &AuditLine, names: &HashMap<Uuid, String>) -> EntryRow {
    let w = locale.words();
    let detail: Value = serde_json::from_str(&line.detail).unwrap_or_default();
    let facts = detail.as_object().into_iter().flatten().filter_map(|(key, value)| words::fact(locale, zone, key, value)).collect();
    let name = |id: Uuid| names.get(&id).cloned();
    EntryRow {
        id: line.id,
        at: words::moment(locale, zone, line.at),
        kind: actor_kind(locale, &line.actor_kind),
        who: line.actor_id.map(|id| name(id).unwrap_or_else(|| w.audit_actor_unknown())),
        did: words::did(w, &line.action),
        action: line.action.clone(),
        facts,
        target: line.target.map(|id| name(id).unwrap_or_else(|| id.to_string().chars().take(8).collect())),
        target_kind: target_kind(locale, &line.target_kind),
        target_id: line.target,
        hash: HEXLOWER.encode(&line.hash),
    }
}

fn actor_kind(locale: Locale, kind: &str) -> String {
    let w = locale.words();
    match kind {
        "official" => w.audit_actor_official(),
        "token" => w.audit_actor_token(),
        "venue" => w.audit_actor_venue(),
        "visitor" => w.audit_actor_visitor(),
        "system" => w.audit_actor_system(),
        other => other.to_owned(),
    }
}

fn target_kind(locale: Locale, kind: &str) -> String {
    let w = locale.words();
    match kind {
        "alert" => w.audit_target_alert(),
        "case" => w.audit_target_case(),
        "keys" => w.audit_target_keys(),
        "venue" => w.audit_target_venue(),
        "official" => w.audit_target_official(),
        "api_token" | "token" => w.audit_target_api_token(),
        other => other.to_owned(),
    }
}

/// Everybody who may be asked for: value, name, chosen.
async fn actors(conn: &mut PgConnection, locale: Locale, search: &Search) -> Result<Vec<(String, String, bool)>, sqlx::Error> {
    let mut all: Vec<(String, String)> = official::everybody(conn)
        .await?
        .into_iter()
        .filter_map(|(actor, name)| {
            Some((format!("{}:{}", actor.kind(), actor.id()?), format!("{name}（{}）", actor_kind(locale, actor.kind()))))
        })
        .collect();
    all.extend(["visitor", "system"].map(|kind| (kind.to_owned(), actor_kind(locale, kind))));
    Ok(all.into_iter().map(|(value, name)| (value.clone(), name, value == search.actor)).collect())
}

/// Every action that occurs: value, sentence, chosen.
async fn actions(conn: &mut PgConnection, locale: Locale, search: &Search) -> Result<Vec<(String, String, bool)>, sqlx::Error> {
    let w = locale.words();
    let mut all = vec![("read.".to_owned(), w.audit_reads())];
    all.extend(audit::actions(conn).await?.into_iter().map(|action| (action.clone(), words::did(w, &action))));
    Ok(all.into_iter().map(|(value, name)| (value.clone(), name, value == search.action)).collect())
}

async fn checked(conn: &mut PgConnection, locale: Locale, zone: Zone) -> Result<Checked, sqlx::Error> {
    let filter = Filter { action: Some("audit.verify".to_owned()), ..Filter::default() };
    let lines = audit::list(conn, &filter, None, 1).await?;
    let Some(row) = in_words(conn, locale, zone, &lines).await?.pop() else { return Ok(Checked::Never) };
    let w = locale.words();
    let detail: Value = serde_json::from_str(&lines[0].detail).unwrap_or_default();
    Ok(match detail.get("broken_at").and_then(Value::as_i64) {
        None => Checked::Good(w.audit_chain_good(row.at, row.who.unwrap_or(row.kind))),
        Some(place) => Checked::Bad { text: w.audit_chain_bad(row.at, place.to_string()), place: place.to_string() },
    })
}

impl Page<'_> {
    /// The link to the next or first page, or to the export, with the same filter.
    fn link(&self, path: &str, before: Option<&i64>) -> String {
        self.search.link(path, before.copied(), self.d.f.lang)
    }

    fn count(&self) -> String {
        self.rows.len().to_string()
    }

    /// The link that shows everything about one thing.
    fn about(&self, id: &Uuid) -> String {
        format!("/console/audit?target={id}{}", self.d.f.lang.replace('?', "&"))
    }
}
