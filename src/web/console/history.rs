//! The history of one thing, from the audit chain, in words; and the names of stored principals.
use crate::audit::{self, words};
use crate::base::clock::Zone;
use crate::official::{self, Principal};
use crate::web::console::ConsoleFrame;
use crate::web::error::Error;
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// Entries shown of one thing; the auditor's page has them all.
const MOST: i64 = 100;

/// A line of the history.
pub(crate) struct Happened {
    pub(crate) at: String,
    pub(crate) what: String,
    pub(crate) who: String,
}

/// Everything that was done to a thing, oldest first.
pub(crate) async fn about(
    connection: &mut PgConnection,
    d: &ConsoleFrame<'_>,
    zone: Zone,
    kind: &str,
    id: Uuid,
) -> Result<Vec<Happened>, Error> {
    let lines = audit::about(connection, kind, id, MOST).await?;
    let ids: Vec<Uuid> = lines.iter().filter_map(|line| line.actor_id).collect();
    let names = official::names(connection, &ids).await?;
    let (w, locale) = (d.f.w, d.f.locale);
    let line = |line: audit::AuditLine| Happened {
        at: words::moment(locale, zone, line.at),
        what: words::did(w, &line.action),
        who: line.actor_id.and_then(|id| names.get(&id).cloned()).unwrap_or_default(),
    };
    Ok(lines.into_iter().map(line).collect())
}

/// Names behind stored principals.
pub(crate) struct Names(HashMap<Uuid, String>);

impl Names {
    /// Looks up the officials among these principals.
    pub(crate) async fn read<'a>(connection: &mut PgConnection, principals: impl Iterator<Item = &'a str>) -> Result<Self, Error> {
        let ids: Vec<Uuid> = principals.filter_map(official_id).collect();
        Ok(Self(official::names(connection, &ids).await?))
    }

    /// The name of whoever this is: an official's, or a token's.
    pub(crate) fn of(&self, principal: &str) -> String {
        match principal.parse() {
            Ok(Principal::Official(id)) => self.0.get(&id).cloned().unwrap_or_default(),
            Ok(Principal::Token(name)) => name,
            Err(_) => String::new(),
        }
    }
}

fn official_id(principal: &str) -> Option<Uuid> {
    match principal.parse() {
        Ok(Principal::Official(id)) => Some(id),
        _ => None,
    }
}
