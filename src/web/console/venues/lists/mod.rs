//! Lists of venues on the desk: a file goes up, a page shows what would be made, one button makes it, and a page follows the batch.
//! Between the two pages the file waits in the database (`venue/import`): nothing half done, no script, nothing uploaded twice.
pub(crate) mod letters;
pub(crate) mod words;

use crate::audit::words::moment;
use crate::base::table;
use crate::official::{MayTrace, Session};
use crate::venue::export::template;
use crate::venue::import::{self, Batch, Checked, Column, ImportError, ImportId, Member};
use crate::venue::{City, VenueId};
use crate::web::api::venue_lists::{exported, sheet_file};
use crate::web::console::history::Names;
use crate::web::console::{Desk, DeskFrame, Here};
use crate::web::error::Error;
use crate::web::form::{Form, Query};
use crate::web::kit::letters::{Piece, pieces};
use crate::web::look::page;
use crate::web::session::May;
use crate::web::state::State;
use crate::web::upload::FormFile;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Path};
use askama::Template;

/// Rows shown of a list before it is imported.
const SHOWN_ROWS: usize = 20;
/// Problems and twins shown at once.
const SHOWN_PROBLEMS: usize = 100;
/// Venues of a batch on one page.
const PAGE: i64 = 50;

/// A problem in words: row, column, what.
struct Wrong {
    row: u32,
    column: String,
    what: String,
}

/// An earlier batch.
struct Earlier {
    id: ImportId,
    at: String,
    by: String,
    venues: i64,
    invited: i64,
}

#[derive(Template)]
#[template(path = "web/console/venues/lists/import.html")]
struct ImportPage<'a> {
    d: DeskFrame<'a>,
    columns: Vec<(String, String)>,
    earlier: Vec<Earlier>,
    /// Why the file is not read at all.
    error: Option<String>,
    /// What is wrong inside it, and how much there is of it.
    wrong: Vec<Wrong>,
    wrong_count: usize,
    max_rows: String,
}

/// A row that would be made.
struct Line {
    row: u32,
    name: String,
    place: String,
    kind: String,
    posters: usize,
    invited: bool,
}

/// A row that is known already.
struct TwinLine {
    row: u32,
    name: String,
    earlier_row: Option<u32>,
    venue: Option<(VenueId, String)>,
}

#[derive(Template)]
#[template(path = "web/console/venues/lists/checked.html")]
struct CheckedPage<'a> {
    d: DeskFrame<'a>,
    id: ImportId,
    venues: usize,
    posters: usize,
    invited: usize,
    lines: Vec<Line>,
    twins: Vec<TwinLine>,
    twin_count: usize,
    ignored: String,
    /// The same file was imported a moment ago.
    again: Option<ImportId>,
    /// The box was not ticked.
    error: Option<String>,
}

/// A venue of a batch.
struct Made {
    member: Member,
    state: String,
    sign: &'static str,
}

#[derive(Template)]
#[template(path = "web/console/venues/lists/batch.html")]
struct BatchPage<'a> {
    d: DeskFrame<'a>,
    batch: Batch,
    at: String,
    by: String,
    /// What can be printed: first and last row of each file.
    pieces: Vec<Piece>,
    made: Vec<Made>,
    next: Option<i32>,
    done: Option<String>,
}

/// `GET /console/venues/import`
pub(crate) async fn form(state: Data<State>, desk: Desk) -> Result<HttpResponse, Error> {
    import_page(&state, &desk, None, &[]).await
}

async fn import_page(state: &State, desk: &Desk, error: Option<String>, errors: &[import::RowError]) -> Result<HttpResponse, Error> {
    let d = desk.frame(state, Here::Venues).await?;
    let (w, locale, zone) = (d.f.w, d.f.locale, state.service.zone);
    let mut connection = state.pool.acquire().await?;
    let batches = import::batches(&mut connection, desk.now).await?;
    let names = Names::read(&mut connection, batches.iter().map(|batch| batch.made_by.as_str())).await?;
    drop(connection);
    let earlier = batches.into_iter().map(|batch| Earlier {
        id: batch.id,
        at: moment(locale, zone, batch.made_at),
        by: words::maker(w, &names, &batch.made_by),
        venues: batch.venues,
        invited: batch.invited,
    });
    let wrong = errors.iter().take(SHOWN_PROBLEMS);
    let wrong = wrong.map(|error| Wrong { row: error.row, column: error.column.title(w), what: words::problem(w, error) }).collect();
    let status = if error.is_some() || !errors.is_empty() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let columns = Column::ALL.iter().map(|column| (column.title(w), column.hint(w))).collect();
    let max_rows = (table::MAX_ROWS - 1).to_string();
    page(status, &ImportPage { d, columns, earlier: earlier.collect(), error, wrong, wrong_count: errors.len(), max_rows })
}

/// `POST /console/venues/import`: judges the file; a good one waits for the button on the page that follows.
pub(crate) async fn upload(state: Data<State>, desk: Desk, may: May<MayTrace>, FormFile(file): FormFile) -> Result<HttpResponse, Error> {
    let w = desk.look.locale.words();
    if file.is_empty() {
        return import_page(&state, &desk, Some(w.bulk_file_none()), &[]).await;
    }
    let rows = match table::read_apart(file.clone()).await {
        Ok(rows) => rows,
        Err(error) => return import_page(&state, &desk, Some(words::unreadable(w, error)), &[]).await,
    };
    let checked = match import::check(&rows) {
        Ok(checked) => checked,
        Err(error) => return import_page(&state, &desk, Some(words::headless(w, &error)), &[]).await,
    };
    if !checked.errors.is_empty() {
        return import_page(&state, &desk, None, &checked.errors).await;
    }
    let mut tx = state.pool.begin().await?;
    let id = import::keep(&mut tx, desk.now, &City::from(&may.0), &file).await?;
    tx.commit().await?;
    Ok(to_import(&desk, &state, id, ""))
}

fn to_import(desk: &Desk, state: &State, id: ImportId, done: &str) -> HttpResponse {
    let path = format!("/console/venues/import/{id}");
    if done.is_empty() {
        let lang = desk.look.frame(&state.service).lang;
        return HttpResponse::SeeOther().insert_header((LOCATION, format!("{path}{lang}"))).finish();
    }
    crate::web::console::cases::to_page(desk, state, &path, done)
}

/// `GET /console/venues/import/{id}`: what would be made; once it is made, how the batch stands.
pub(crate) async fn show(
    state: Data<State>,
    desk: Desk,
    may: May<MayTrace>,
    id: Path<ImportId>,
    query: Query,
) -> Result<HttpResponse, Error> {
    match kept(&state, &desk, &may.0, *id).await? {
        Some((checked, before, _)) => checked_page(&state, &desk, *id, &checked, before, None).await,
        None => batch_page(&state, &desk, *id, &query).await,
    }
}

/// The list that waits, judged anew, and whether the same was imported a moment ago.
async fn kept(
    state: &State,
    desk: &Desk,
    session: &Session<MayTrace>,
    id: ImportId,
) -> Result<Option<(Checked, Option<ImportId>, [u8; 32])>, Error> {
    let mut connection = state.pool.acquire().await?;
    let Some(file) = import::kept(&mut connection, desk.now, &City::from(session), id).await? else {
        return Ok(None);
    };
    let fingerprint = import::fingerprint(&file);
    // It was good when it was kept.
    let rows = table::read_apart(file).await.map_err(|_| Error::internal())?;
    let mut checked = import::check(&rows).map_err(|_| Error::internal())?;
    import::find_twins(&mut connection, &mut checked).await?;
    let before = import::imported_before(&mut connection, desk.now, fingerprint).await?;
    Ok(Some((checked, before, fingerprint)))
}

async fn checked_page(
    state: &State,
    desk: &Desk,
    id: ImportId,
    checked: &Checked,
    again: Option<ImportId>,
    error: Option<String>,
) -> Result<HttpResponse, Error> {
    let d = desk.frame(state, Here::Venues).await?;
    let locale = d.f.locale;
    let line = |planned: &import::Planned| Line {
        row: planned.row(),
        name: planned.name().to_owned(),
        place: planned.address().to_owned(),
        kind: planned.kind().label(locale),
        posters: planned.posters(),
        invited: planned.invited(),
    };
    let twin = |twin: &import::Twin| TwinLine {
        row: twin.row,
        name: twin.name.clone(),
        earlier_row: twin.earlier_row,
        venue: twin.venue.zip(twin.status).map(|(id, status)| (id, status.label(locale))),
    };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page_of = CheckedPage {
        d,
        id,
        venues: checked.planned.len(),
        posters: checked.posters(),
        invited: checked.invited(),
        lines: checked.planned.iter().take(SHOWN_ROWS).map(line).collect(),
        twins: checked.twins.iter().take(SHOWN_PROBLEMS).map(twin).collect(),
        twin_count: checked.twins.len(),
        ignored: checked.ignored.join("、"),
        again,
        error,
    };
    page(status, &page_of)
}

/// `POST /console/venues/import/{id}`: makes it. Pressed twice it makes one batch.
pub(crate) async fn make(
    state: Data<State>,
    desk: Desk,
    may: May<MayTrace>,
    id: Path<ImportId>,
    form: Form,
) -> Result<HttpResponse, Error> {
    let Some((checked, before, fingerprint)) = kept(&state, &desk, &may.0, *id).await? else {
        return match import::batch(&mut *state.pool.acquire().await?, desk.now, *id).await? {
            Some(_) => Ok(to_import(&desk, &state, *id, "before")),
            None => Err(Error::not_found()),
        };
    };
    let (now, zone, by, again) = (desk.now, state.service.zone, City::from(&may.0), form.get("again") == "yes");
    let mut tx = state.pool.begin().await?;
    match import::import(&mut tx, &state.sealer, now, zone, &by, &checked, fingerprint, Some(*id), again).await {
        Ok(_) => {
            tx.commit().await?;
            Ok(to_import(&desk, &state, *id, "imported"))
        }
        Err(ImportError::Again(other)) if other == *id => Ok(to_import(&desk, &state, *id, "before")),
        Err(ImportError::Again(other)) => {
            tx.rollback().await?;
            let error = desk.look.locale.words().bulk_again_tick();
            checked_page(&state, &desk, *id, &checked, before.or(Some(other)), Some(error)).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn batch_page(state: &State, desk: &Desk, id: ImportId, query: &Query) -> Result<HttpResponse, Error> {
    let d = desk.frame(state, Here::Venues).await?;
    let (w, locale, zone) = (d.f.w, d.f.locale, state.service.zone);
    let mut connection = state.pool.acquire().await?;
    let batch = import::batch(&mut connection, desk.now, id).await?.ok_or_else(Error::not_found)?;
    let after = query.get("after").parse().unwrap_or(0);
    let pieces = pieces(&import::waiting(&mut connection, id).await?);
    let mut members = import::members(&mut connection, id, after, PAGE + 1).await?;
    let names = Names::read(&mut connection, std::iter::once(batch.made_by.as_str())).await?;
    drop(connection);
    let more = i64::try_from(members.len()).is_ok_and(|count| count > PAGE);
    members.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let next = if more { members.last().map(|member| member.row) } else { None };
    let made = members.into_iter().map(|member| Made { state: member.status.label(locale), sign: super::sign(member.status), member });
    let done = match desk.done.as_deref() {
        Some("imported") => Some(w.bulk_done_imported(batch.venues.to_string(), batch.posters.to_string())),
        Some("before") => Some(w.bulk_done_before()),
        _ => None,
    };
    let (at, by) = (moment(locale, zone, batch.made_at), words::maker(w, &names, &batch.made_by));
    page(StatusCode::OK, &BatchPage { d, at, by, pieces, made: made.collect(), next, done, batch })
}

/// `GET /console/venues/import/template.csv`
pub(crate) async fn template_csv(state: Data<State>, desk: Desk) -> Result<HttpResponse, Error> {
    sheet_file(&state, template(desk.look.locale), "venues-template", false).await
}

/// `GET /console/venues/import/template.xlsx`
pub(crate) async fn template_xlsx(state: Data<State>, desk: Desk) -> Result<HttpResponse, Error> {
    sheet_file(&state, template(desk.look.locale), "venues-template", true).await
}

/// `GET /console/venues/export.csv`
pub(crate) async fn export_csv(state: Data<State>, desk: Desk, may: May<MayTrace>) -> Result<HttpResponse, Error> {
    exported(&state, &may.0, desk.look.locale, false).await
}

/// `GET /console/venues/export.xlsx`
pub(crate) async fn export_xlsx(state: Data<State>, desk: Desk, may: May<MayTrace>) -> Result<HttpResponse, Error> {
    exported(&state, &may.0, desk.look.locale, true).await
}
