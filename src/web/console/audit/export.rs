//! The chain as a list for spreadsheets: by the same filter as the page, in words and codes, read and sent a page at a time.
use super::search::Search;
use super::{EntryRow, in_words};
use crate::audit::{self, Entry, Filter, MAX_LISTED};
use crate::base::clock::Zone;
use crate::base::csv::Sheet;
use crate::base::locale::Locale;
use crate::official::MayAudit;
use crate::repeated;
use crate::web::console::ConsoleRequest;
use crate::web::error::Error;
use crate::web::session::May;
use crate::web::state::State;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use futures_core::Stream;
use serde_json::json;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// Pieces that wait for a slow reader.
const WAITING: usize = 2;

/// `GET /console/audit/export.csv`
pub(crate) async fn export(console: ConsoleRequest, may: May<MayAudit>, request: HttpRequest) -> Result<HttpResponse, Error> {
    let (search, zone, locale) = (Search::of(&request), console.state.service.zone, console.language.locale);
    let mut connection = console.state.pool.acquire().await?;
    let filter = search.filter(&mut connection, zone).await?.ok_or_else(|| Error::field("filter", "unreadable"))?;
    drop(connection);
    let detail = json!({ "filter": Search { before: None, ..search }.link("", None, "") });
    let entry = Entry { actor: may.0.actor(), action: "audit.export", target_kind: "audit", target_id: None, detail };
    let mut tx = console.state.pool.begin().await?;
    audit::record(&mut tx, console.now, &entry).await?;
    tx.commit().await?;
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        if let Err(error) = write(&console.state, &filter, locale, zone, &sender).await {
            repeated!(warn, "an export of the audit chain ended early", error);
            // The reader sees a broken transfer and no list that looks whole.
            let _gone = sender.send(Err(error)).await;
        }
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"audit-{}.csv\"", zone.today(console.now))))
        .streaming(Pieces(receiver)))
}

async fn write(
    state: &State,
    filter: &Filter,
    locale: Locale,
    zone: Zone,
    sender: &mpsc::Sender<Result<Bytes, Error>>,
) -> Result<(), Error> {
    let w = locale.words();
    let mut sheet = Sheet::default();
    let heads = [
        w.audit_col_no(),
        w.audit_col_at(),
        w.audit_col_kind(),
        w.audit_col_who(),
        w.audit_col_did(),
        w.audit_col_kind(),
        w.audit_col_target(),
        w.audit_col_id(),
        w.audit_col_detail(),
        w.audit_col_code(),
        w.audit_col_hash(),
    ];
    sheet.row(heads.iter().map(String::as_str));
    let mut before = None;
    loop {
        // Nothing is held between two pages: a slow reader keeps no connection.
        let mut connection = state.pool.acquire().await?;
        let lines = audit::list(&mut connection, filter, before, MAX_LISTED).await?;
        let rows = in_words(&mut connection, locale, zone, &lines).await?;
        drop(connection);
        for row in &rows {
            add(&mut sheet, row);
        }
        before = rows.last().map(|row| row.id);
        // Nobody reads any more.
        if sender.send(Ok(sheet.take().into())).await.is_err() || before.is_none() {
            return Ok(());
        }
    }
}

fn add(sheet: &mut Sheet, row: &EntryRow) {
    let (id, target_id, facts) = (row.id.to_string(), row.target_id.map(|id| id.to_string()).unwrap_or_default(), row.facts.join(" / "));
    sheet.row([
        id.as_str(),
        &row.at,
        &row.kind,
        row.who.as_deref().unwrap_or_default(),
        &row.did,
        &row.target_kind,
        row.target.as_deref().unwrap_or_default(),
        &target_id,
        &facts,
        &row.action,
        &row.hash,
    ]);
}

/// The pieces of a file as they come.
struct Pieces(mpsc::Receiver<Result<Bytes, Error>>);

impl Stream for Pieces {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context)
    }
}
