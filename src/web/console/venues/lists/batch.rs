//! A list that was imported: how it stands, the mails that wait for their release, and its undo.
use super::super::sign;
use super::{to_import, words};
use crate::audit::words::moment;
use crate::official::MayTrace;
use crate::venue::import::undo::{self, Kept, UndoError};
use crate::venue::import::{self, Batch, ImportId, Member};
use crate::venue::{City, VenueId};
use crate::visit::undo_import;
use crate::web::console::history::Names;
use crate::web::console::{ConsoleFrame, ConsoleRequest, Here};
use crate::web::error::Error;
use crate::web::form::{Form, Query};
use crate::web::page::page;
use crate::web::print_kit::letters::{Piece, pieces};
use crate::web::server::post_import_letters;
use crate::web::session::May;
use crate::web::state::State;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;

/// Venues of a batch on one page.
const PAGE: i64 = 50;
/// Venues shown that stayed when their import was undone.
const SHOWN_KEPT: i64 = 100;

/// A venue of a batch.
struct Made {
    member: Member,
    state: String,
    sign: &'static str,
}

/// A venue that stayed.
struct Stayed {
    row: i32,
    venue: VenueId,
    name: String,
    why: String,
}

#[derive(Template)]
#[template(path = "web/console/venues/lists/batch.html")]
struct BatchPage<'a> {
    d: ConsoleFrame<'a>,
    batch: Batch,
    at: String,
    by: String,
    /// When and by whom its mails were released.
    released: Option<(String, String)>,
    /// When and by whom it was undone.
    undone: Option<(String, String)>,
    undo_until: String,
    may_undo: bool,
    kept: Vec<Stayed>,
    /// The files that can be printed: first and last row of each.
    pieces: Vec<Piece>,
    made: Vec<Made>,
    next: Option<i32>,
    done: Option<String>,
    /// The box that takes it back was not ticked.
    error: Option<String>,
}

impl BatchPage<'_> {
    fn has_mails(&self) -> bool {
        self.batch.held + self.batch.posted + self.batch.mails_left_out > 0
    }

    fn kept_more(&self) -> bool {
        i64::try_from(self.kept.len()).is_ok_and(|shown| shown < self.batch.kept)
    }
}

/// How a batch stands.
pub(super) async fn page_of(console: &ConsoleRequest, id: ImportId, query: &Query, error: Option<String>) -> Result<HttpResponse, Error> {
    let d = console.frame(Here::Venues).await?;
    let (w, locale, zone) = (d.f.w, d.f.locale, console.state.service.zone);
    let mut connection = console.state.pool.acquire().await?;
    let batch = import::batch(&mut connection, console.now, id).await?.ok_or_else(Error::not_found)?;
    let after = query.get("after").parse().unwrap_or(0);
    let pieces = pieces(&import::waiting(&mut connection, id).await?);
    let mut members = import::members(&mut connection, id, after, PAGE + 1).await?;
    let kept = undo::kept(&mut connection, id, SHOWN_KEPT).await?;
    let people = [Some(&batch.made_by), batch.released_by.as_ref(), batch.undone_by.as_ref()];
    let names = Names::read(&mut connection, people.into_iter().flatten().map(String::as_str)).await?;
    drop(connection);
    let more = i64::try_from(members.len()).is_ok_and(|count| count > PAGE);
    members.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let next = if more { members.last().map(|member| member.row) } else { None };
    let made = members.into_iter().map(|member| Made { state: member.status.label(locale), sign: sign(member.status), member });
    let done = match console.done.as_deref() {
        Some("imported") => Some(w.bulk_done_imported(batch.venues.to_string(), batch.posters.to_string())),
        Some("before") => Some(w.bulk_done_before()),
        Some("released") => Some(w.bulk_mails_done()),
        Some("released_before") => Some(w.bulk_mails_before()),
        Some("undone") => Some(w.bulk_undone_done()),
        Some("undone_before") => Some(w.bulk_undone_before()),
        _ => None,
    };
    let when_and_who = |at, by: &Option<String>| {
        let by = words::maker(w, &names, by.as_deref().unwrap_or_default());
        Some((moment(locale, zone, at?), by))
    };
    let stayed = |kept: Kept| Stayed { row: kept.row, venue: kept.venue, name: kept.name, why: words::kept(w, kept.why) };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page_of = BatchPage {
        at: moment(locale, zone, batch.made_at),
        by: words::maker(w, &names, &batch.made_by),
        released: when_and_who(batch.released_at, &batch.released_by),
        undone: when_and_who(batch.undone_at, &batch.undone_by),
        undo_until: moment(locale, zone, batch.undo_until()),
        may_undo: batch.may_undo(console.now),
        kept: kept.into_iter().map(stayed).collect(),
        pieces,
        made: made.collect(),
        next,
        done,
        error,
        batch,
        d,
    };
    page(status, &page_of)
}

/// `POST /console/venues/import/{id}/release`: the mails to its owners may go. Pressed twice they go once.
pub(crate) async fn release(console: ConsoleRequest, may: May<MayTrace>, id: Path<ImportId>) -> Result<HttpResponse, Error> {
    let mut act = console.act(City::from(&may.0)).await?;
    let released = import::release(&mut act, *id).await?;
    act.commit().await?;
    soon(&console.state).await;
    Ok(to_import(&console, *id, if released.changed { "released" } else { "released_before" }))
}

/// `POST /console/venues/import/{id}/undo`: takes the import back.
pub(crate) async fn undo(console: ConsoleRequest, may: May<MayTrace>, id: Path<ImportId>, form: Form) -> Result<HttpResponse, Error> {
    if form.get("sure") != "yes" {
        let error = console.language.locale.words().bulk_undo_tick();
        return page_of(&console, *id, &Query::default(), Some(error)).await;
    }
    let mut act = console.act(City::from(&may.0)).await?;
    match undo_import(&mut act, console.state.service.zone, *id).await {
        Ok(_) => {
            act.commit().await?;
            soon(&console.state).await;
            Ok(to_import(&console, *id, "undone"))
        }
        Err(UndoError::Undone) => Ok(to_import(&console, *id, "undone_before")),
        Err(error) => Err(error.into()),
    }
}

/// Gives the letters their first turn at once. What is not posted now is posted by the upkeep; it says why in the log.
pub(crate) async fn soon(state: &State) {
    if let Err(error) = post_import_letters(state, 1).await {
        tracing::warn!(%error, "letters of an imported list could not be posted yet");
    }
}
