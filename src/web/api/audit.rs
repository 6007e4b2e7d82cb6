//! The audit chain for programs: entries by filter, newest first, and its verification.
use crate::alert;
use crate::audit::{self, AuditLine, MAX_LISTED};
use crate::official::MayAudit;
use crate::web::console::audit::{BrokenAt, Search, verify_and_record};
use crate::web::error::Error;
use crate::web::form::Form;
use crate::web::session::May;
use crate::web::state::State;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use uuid::Uuid;

/// Entries given when the program does not say how many.
const USUAL: i64 = 100;

/// An entry as programs see it.
#[derive(Serialize)]
struct ShownEntry {
    id: i64,
    at: DateTime<Utc>,
    actor: Named,
    action: String,
    target: Named,
    detail: Value,
    hash: String,
}

#[derive(Serialize)]
struct Named {
    kind: String,
    id: Option<Uuid>,
    name: Option<String>,
}

impl ShownEntry {
    fn of(line: AuditLine, names: &HashMap<Uuid, String>) -> Self {
        let named = |kind, id: Option<Uuid>| Named { kind, id, name: id.and_then(|id| names.get(&id).cloned()) };
        Self {
            id: line.id,
            at: line.at,
            actor: named(line.actor_kind, line.actor_id),
            action: line.action,
            target: named(line.target_kind, line.target),
            detail: serde_json::from_str(&line.detail).unwrap_or_default(),
            hash: HEXLOWER.encode(&line.hash),
        }
    }
}

/// `GET /api/v1/audit`
pub(crate) async fn list(state: Data<State>, _may: May<MayAudit>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let form = Form::parse(request.query_string().as_bytes())?;
    let number = |name: &str| match form.given(name) {
        None => Ok(None),
        Some(text) => text.parse::<i64>().ok().filter(|number| *number > 0).map(Some).ok_or_else(|| Error::field(name, "out_of_range")),
    };
    let (before, limit) = (number("before")?, number("limit")?.unwrap_or(USUAL));
    if limit > MAX_LISTED {
        return Err(Error::field("limit", "out_of_range"));
    }
    // The console's form may leave a day empty; a program leaves it out.
    if let Some(name) = ["from", "to"].into_iter().find(|name| form.given(name) == Some("")) {
        return Err(Error::field(name, "malformed"));
    }
    let mut connection = state.pool.acquire().await?;
    let filter = Search::of(&request).filter(&mut connection, state.service.zone).await?;
    let filter = filter.ok_or_else(|| Error::field("filter", "unreadable"))?;
    let lines = audit::list(&mut connection, &filter, before, limit).await?;
    let ids: Vec<Uuid> = lines.iter().flat_map(|line| [line.actor_id, line.target]).flatten().collect();
    let names = alert::names(&mut connection, &ids).await?;
    let entries: Vec<_> = lines.into_iter().map(|line| ShownEntry::of(line, &names)).collect();
    let full = i64::try_from(entries.len()).unwrap_or(i64::MAX) == limit;
    let next = entries.last().filter(|_| full).map(|entry| entry.id);
    Ok(HttpResponse::Ok().json(json!({ "entries": entries, "next": next })))
}

/// `POST /api/v1/audit/verify`
pub(crate) async fn verify(state: Data<State>, may: May<MayAudit>) -> Result<HttpResponse, Error> {
    let answer = match verify_and_record(&state, may.0.actor()).await? {
        Ok(verified) => json!({ "whole": true, "entries": verified.entries, "head": HEXLOWER.encode(&verified.head) }),
        Err(BrokenAt(id)) => json!({ "whole": false, "broken_at": id }),
    };
    Ok(HttpResponse::Ok().json(answer))
}
