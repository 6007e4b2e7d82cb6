//! Lists of venues for programs: in by CSV or XLSX, out by either.
use crate::base::csv::Sheet;
use crate::base::locale::Locale;
use crate::base::table::{self, TableError, XLSX_TYPE};
use crate::official::{MayTrace, Session};
use crate::venue::import::{self, Checked, HeadError, ImportError, ImportId, RowError};
use crate::venue::{self, City, VenueId, VenueStatus, export};
use crate::web::error::{Error, FieldProblem};
use crate::web::form::Query;
use crate::web::kit::letters;
use crate::web::look::Look;
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

/// `POST /api/v1/venues/import?dry_run=&again=`: all of the list, or nothing.
pub(crate) async fn create(
    state: Data<State>,
    may: May<MayTrace>,
    query: Query,
    TableFile(file): TableFile,
) -> Result<HttpResponse, Error> {
    let (dry_run, again) = (flag(&query, "dry_run")?, flag(&query, "again")?);
    let fingerprint = import::fingerprint(&file);
    let rows = table::read_apart(file).await.map_err(unreadable)?;
    let mut checked = import::check(&rows).map_err(|error| headless(&error))?;
    let mut tx = state.pool.begin().await?;
    import::find_twins(&mut tx, &mut checked).await?;
    if dry_run {
        return Ok(HttpResponse::Ok().json(told(&checked, None)));
    }
    if !checked.errors.is_empty() {
        return Err(Error::invalid(checked.errors.iter().take(MAX_TOLD).map(problem).collect()));
    }
    let (now, zone, by) = (state.clock.now(), state.service.zone, City::from(&may.0));
    let made = import::import(&mut tx, &state.sealer, now, zone, &by, &checked, fingerprint, None, again).await?;
    tx.commit().await?;
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
    let twins = &checked.twins[..checked.twins.len().min(MAX_TOLD)];
    let mut answer = json!({
        "dry_run": id.is_none(), "venues": checked.planned.len(), "posters": checked.posters(), "invited": checked.invited(),
        "error_count": checked.errors.len(), "errors": errors, "twin_count": checked.twins.len(), "twins": twins, "ignored": checked.ignored,
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
            ImportError::Venue(error) => error.into(),
        }
    }
}

/// `GET /api/v1/venues/import/{id}`: how a batch stands, and what of it can be printed.
pub(crate) async fn show(state: Data<State>, _may: May<MayTrace>, id: Path<ImportId>) -> Result<HttpResponse, Error> {
    let mut connection = state.pool.acquire().await?;
    let batch = import::batch(&mut connection, state.clock.now(), *id).await?.ok_or_else(Error::not_found)?;
    let pieces = letters::pieces(&import::waiting(&mut connection, *id).await?);
    Ok(HttpResponse::Ok().json(json!({
        "id": batch.id, "made_at": batch.made_at, "venues": batch.venues, "posters": batch.posters, "invited": batch.invited,
        "activated": batch.activated, "printed": batch.printed, "pieces": pieces,
    })))
}

/// `POST /api/v1/venues/import/{id}/letters?from=`: letters and posters of those who still wait, or of the piece that begins with a row.
pub(crate) async fn print_letters(state: Data<State>, may: May<MayTrace>, id: Path<ImportId>, query: Query) -> Result<HttpResponse, Error> {
    let from = Some(query.get("from")).filter(|from| !from.is_empty());
    let from =
        from.map(|from| from.parse().ok().filter(|row| *row >= 2).ok_or_else(|| Error::field("from", "out_of_range"))).transpose()?;
    let now = state.clock.now();
    import::batch(&mut *state.pool.acquire().await?, now, *id).await?.ok_or_else(Error::not_found)?;
    letters::of_batch(&state, now, &City::from(&may.0), *id, from).await
}

/// `POST /api/v1/venues/{id}/letter`: its letter and posters, while it waits for its owner.
pub(crate) async fn print_letter(state: Data<State>, may: May<MayTrace>, id: Path<VenueId>) -> Result<HttpResponse, Error> {
    venue::show(&mut *state.pool.acquire().await?, *id).await?.ok_or_else(Error::not_found)?;
    letters::answer(&state, state.clock.now(), &City::from(&may.0), &[*id]).await
}

/// `POST /api/v1/venues/{id}/letter/renew`: the printed one is in the wrong hands.
pub(crate) async fn renew_letter(state: Data<State>, may: May<MayTrace>, id: Path<VenueId>) -> Result<HttpResponse, Error> {
    let mut tx = state.pool.begin().await?;
    venue::activation::renew(&mut tx, state.activation()?, state.clock.now(), &City::from(&may.0), *id).await?;
    tx.commit().await?;
    Ok(HttpResponse::Ok().json(json!({ "id": *id, "status": VenueStatus::Invited.as_str() })))
}

/// `GET /api/v1/venues/export.csv`
pub(crate) async fn export_csv(state: Data<State>, may: May<MayTrace>, look: Look) -> Result<HttpResponse, Error> {
    exported(&state, &may.0, look.locale, false).await
}

/// `GET /api/v1/venues/export.xlsx`
pub(crate) async fn export_xlsx(state: Data<State>, may: May<MayTrace>, look: Look) -> Result<HttpResponse, Error> {
    exported(&state, &may.0, look.locale, true).await
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
