//! Lists of venues for programs: in by CSV or XLSX, out by either.
use crate::base::csv::Sheet;
use crate::base::locale::Locale;
use crate::base::table::{self, TableError, XLSX_TYPE};
use crate::official::{MayTrace, Session};
use crate::venue::import::undo::{self, UndoError};
use crate::venue::import::{self, Checked, HeadError, ImportError, ImportId, ReleaseError, RowError, Unseen, Wanted};
use crate::venue::{self, City, VenueId, VenueStatus, export};
use crate::visit::undo_import;
use crate::web::console::venues::lists::batch::soon;
use crate::web::error::{Error, FieldProblem};
use crate::web::form::Query;
use crate::web::page::Language;
use crate::web::print_kit::letters;
use crate::web::session::May;
use crate::web::state::State;
use crate::web::upload::TableFile;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, http::header::HeaderValue};
use serde_json::{Value, json};

/// Problems that one answer tells; a list with more is put right in rounds.
pub(crate) const MAX_TOLD: usize = 200;

/// `POST /api/v1/venues/import?dry_run=&again=&hidden=&struck=&id=`: all that is asked for of the list, or nothing.
pub(crate) async fn create(
    state: Data<State>,
    may: May<MayTrace>,
    query: Query,
    TableFile(file): TableFile,
) -> Result<HttpResponse, Error> {
    let dry_run = flag(&query, "dry_run")?;
    let wanted = Wanted { known: flag(&query, "again")?, hidden: flag(&query, "hidden")?, struck: flag(&query, "struck")? };
    let id = query.id("id")?.map(ImportId);
    let fingerprint = import::fingerprint(&file);
    let rows = table::read_apart(file).await.map_err(unreadable)?;
    let mut checked = import::check(&rows, wanted).map_err(|error| headless(&error))?;
    let mut act = state.act(City::from(&may.0)).await?;
    import::find_twins(&mut act.tx, &mut checked).await?;
    if dry_run {
        return Ok(HttpResponse::Ok().json(told(&checked, None)));
    }
    if !checked.errors.is_empty() {
        return Err(Error::invalid(checked.errors.iter().take(MAX_TOLD).map(problem).collect()));
    }
    let made = import::import(&mut act, &mut checked, fingerprint, id).await?;
    act.commit().await?;
    Ok(HttpResponse::Created().json(told(&checked, Some(made.id))))
}

fn flag(query: &Query, name: &str) -> Result<bool, Error> {
    match query.get(name) {
        "" | "false" => Ok(false),
        "true" => Ok(true),
        _ => Err(Error::field(name, "unknown_choice")),
    }
}

fn told(checked: &Checked, id: Option<ImportId>) -> Value {
    let errors = &checked.errors[..checked.errors.len().min(MAX_TOLD)];
    let twins: Vec<_> = checked.twins().take(MAX_TOLD).collect();
    let left_out: Vec<_> = checked.left_out.iter().take(MAX_TOLD).collect();
    let (venues, invited) = (checked.venues(), checked.invited());
    let mut answer = json!({
        "dry_run": id.is_none(), "venues": venues, "posters": checked.posters(), "invited": invited, "mails": venues - invited,
        "known": checked.known(), "hidden": checked.unseen(Unseen::Hidden), "struck": checked.unseen(Unseen::Struck),
        "error_count": checked.errors.len(), "errors": errors, "twin_count": checked.twins().count(), "twins": twins,
        "left_out": left_out, "ignored": checked.ignored, "hidden_columns": checked.hidden_columns,
    });
    if let Some(id) = id {
        answer["id"] = json!(id);
    }
    answer
}

fn problem(error: &RowError) -> FieldProblem {
    FieldProblem { field: format!("rows[{}].{}", error.row, error.column.as_str()), code: error.code }
}

fn unreadable(error: TableError) -> Error {
    match (error, error.row()) {
        (TableError::TooLarge, _) => Error::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
        (_, Some(row)) => Error::field(&format!("rows[{row}]"), error.code()),
        (_, None) => Error::field("file", error.code()),
    }
}

fn headless(error: &HeadError) -> Error {
    match error {
        HeadError::NoRows => Error::field("file", "no_rows"),
        HeadError::Twice(column) => Error::field(column.as_str(), "column_twice"),
        HeadError::Missing(columns) => Error::invalid(
            columns.iter().map(|column| FieldProblem { field: column.as_str().to_owned(), code: "column_missing" }).collect(),
        ),
    }
}

impl From<ImportError> for Error {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Errors(_) => Self::invalid(Vec::new()),
            ImportError::Again(_) => Self::conflict("imported_already"),
            ImportError::NothingNew => Self::conflict("nothing_new"),
            ImportError::Db(error) => error.into(),
        }
    }
}

impl From<ReleaseError> for Error {
    fn from(error: ReleaseError) -> Self {
        match error {
            ReleaseError::Unknown => Self::not_found(),
            ReleaseError::Undone => Self::conflict("import_undone"),
            ReleaseError::Db(error) => error.into(),
        }
    }
}

impl From<UndoError> for Error {
    fn from(error: UndoError) -> Self {
        match error {
            UndoError::Unknown => Self::not_found(),
            UndoError::Undone => Self::conflict("import_undone"),
            UndoError::TooLate => Self::conflict("undo_too_late"),
            UndoError::Db(error) => error.into(),
        }
    }
}

/// `GET /api/v1/venues/import/{id}`: how a batch stands, and what of it can be printed.
pub(crate) async fn show(state: Data<State>, _may: May<MayTrace>, id: Path<ImportId>) -> Result<HttpResponse, Error> {
    let mut connection = state.pool.acquire().await?;
    let batch = import::batch(&mut connection, state.clock.now(), *id).await?.ok_or_else(Error::not_found)?;
    let pieces = letters::pieces(&import::waiting(&mut connection, *id).await?);
    let kept = undo::kept(&mut connection, *id, i64::try_from(MAX_TOLD).unwrap_or(i64::MAX)).await?;
    let mut told = batch.told(&kept);
    told["pieces"] = json!(pieces);
    Ok(HttpResponse::Ok().json(told))
}

/// `POST /api/v1/venues/import/{id}/release`: the mails to its owners may go.
pub(crate) async fn release(state: Data<State>, may: May<MayTrace>, id: Path<ImportId>) -> Result<HttpResponse, Error> {
    let mut act = state.act(City::from(&may.0)).await?;
    let released = import::release(&mut act, *id).await?;
    act.commit().await?;
    soon(&state).await;
    Ok(HttpResponse::Ok().json(released))
}

/// `POST /api/v1/venues/import/{id}/undo`: takes the import back where nobody has checked in.
pub(crate) async fn undo(state: Data<State>, may: May<MayTrace>, id: Path<ImportId>) -> Result<HttpResponse, Error> {
    let mut act = state.act(City::from(&may.0)).await?;
    let mut undone = undo_import(&mut act, state.service.zone, *id).await?;
    act.commit().await?;
    soon(&state).await;
    let kept = undone.kept.len();
    undone.kept.truncate(MAX_TOLD);
    Ok(HttpResponse::Ok().json(json!({
        "id": undone.id, "venues": undone.venues, "withdrawn": undone.withdrawn, "recalled": undone.recalled, "kept_count": kept,
        "kept": undone.kept,
    })))
}

/// `POST /api/v1/venues/import/{id}/letters?from=`: letters and posters of those who still wait, or of the piece that begins with a row.
pub(crate) async fn print_letters(state: Data<State>, may: May<MayTrace>, id: Path<ImportId>, query: Query) -> Result<HttpResponse, Error> {
    let from = Some(query.get("from")).filter(|from| !from.is_empty());
    let from =
        from.map(|from| from.parse().ok().filter(|row| *row >= 2).ok_or_else(|| Error::field("from", "out_of_range"))).transpose()?;
    let now = state.clock.now();
    import::batch(&mut *state.pool.acquire().await?, now, *id).await?.ok_or_else(Error::not_found)?;
    letters::of_batch(&state, now, City::from(&may.0), *id, from).await
}

/// `POST /api/v1/venues/{id}/letter`: its letter and posters, while it waits for its owner.
pub(crate) async fn print_letter(state: Data<State>, may: May<MayTrace>, id: Path<VenueId>) -> Result<HttpResponse, Error> {
    venue::show(&mut *state.pool.acquire().await?, *id).await?.ok_or_else(Error::not_found)?;
    letters::answer(&state, state.clock.now(), City::from(&may.0), &[*id]).await
}

/// `POST /api/v1/venues/{id}/letter/renew`: the printed one is in the wrong hands.
pub(crate) async fn renew_letter(state: Data<State>, may: May<MayTrace>, id: Path<VenueId>) -> Result<HttpResponse, Error> {
    let mut act = state.act(City::from(&may.0)).await?;
    venue::activation::renew(&mut act, state.activation()?, *id).await?;
    act.commit().await?;
    Ok(HttpResponse::Ok().json(json!({ "id": *id, "status": VenueStatus::Invited.as_str() })))
}

/// `GET /api/v1/venues/export.csv`
pub(crate) async fn export_csv(state: Data<State>, may: May<MayTrace>, language: Language) -> Result<HttpResponse, Error> {
    exported(&state, &may.0, language.locale, false).await
}

/// `GET /api/v1/venues/export.xlsx`
pub(crate) async fn export_xlsx(state: Data<State>, may: May<MayTrace>, language: Language) -> Result<HttpResponse, Error> {
    exported(&state, &may.0, language.locale, true).await
}

/// Every venue as a file.
pub(crate) async fn exported(state: &State, session: &Session<MayTrace>, locale: Locale, xlsx: bool) -> Result<HttpResponse, Error> {
    let now = state.clock.now();
    let mut tx = state.pool.begin().await?;
    let rows = export::export(&mut tx, now, session.actor(), locale).await?;
    tx.commit().await?;
    let name = format!("venues-{}", state.service.zone.today(now));
    sheet_file(state, rows, &name, xlsx).await
}

/// Rows as a file to keep: CSV, or XLSX made on a thread for slow work.
pub(crate) async fn sheet_file(state: &State, rows: Vec<Vec<String>>, name: &str, xlsx: bool) -> Result<HttpResponse, Error> {
    let (kind, extension, bytes) = if xlsx {
        let now = state.clock.now();
        let made = tokio::task::spawn_blocking(move || table::xlsx(&rows, now)).await.map_err(|_| Error::internal())?;
        (XLSX_TYPE, "xlsx", made.map_err(|_| Error::internal())?)
    } else {
        let mut sheet = Sheet::default();
        rows.iter().for_each(|row| sheet.row(row.iter().map(String::as_str)));
        ("text/csv; charset=utf-8", "csv", sheet.take())
    };
    let disposition = format!("attachment; filename=\"{name}.{extension}\"");
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, HeaderValue::from_static(kind)))
        .insert_header((CONTENT_DISPOSITION, disposition))
        .body(bytes))
}
