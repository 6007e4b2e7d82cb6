//! Cases for programs: report, list, look at, give stays and notes, close and open again.
use crate::alert::{self, AlertId, DraftError, ReportError};
use crate::base::text::TextError;
use crate::case::{self, Case, CaseError, CaseId, CaseProblem, CaseRow, DateProblem, NewCase, Note, NoteProblem, Noted, Stay, StayProblem};
use crate::official::{MayTrace, MayView};
use crate::web::api::again::Repeatable;
use crate::web::error::{Error, FieldProblem};
use crate::web::form::{Json, Query};
use crate::web::session::May;
use crate::web::state::State;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::PgConnection;

/// Cases in one answer unless the question says how many.
const PAGE: i64 = 50;

/// A case as programs see it.
#[derive(Serialize)]
struct ShownCase {
    #[serde(flatten)]
    row: Listed,
    visited: Vec<Stay>,
    notes: Vec<ShownNote>,
    alerts: Vec<AlertId>,
}

#[derive(Serialize)]
struct Listed {
    id: CaseId,
    reference: String,
    onset: Option<NaiveDate>,
    tested: Option<NaiveDate>,
    stays: i64,
    created_at: DateTime<Utc>,
    closed_at: Option<DateTime<Utc>>,
}

#[derive(Serialize)]
struct ShownNote {
    no: i16,
    note: String,
    noted_at: DateTime<Utc>,
}

impl From<CaseRow> for Listed {
    fn from(row: CaseRow) -> Self {
        let CaseRow { id, reference, onset, tested, stays, created_at, closed_at } = row;
        Self { id, reference, onset, tested, stays, created_at, closed_at }
    }
}

/// Stays to add, and stays to take away.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stays {
    #[serde(default)]
    stays: Vec<Stay>,
    #[serde(default)]
    remove: Vec<Stay>,
}

/// A note.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewNote {
    note: String,
}

/// `GET /api/v1/cases`: open ones first, then newest first, page by page.
pub(crate) async fn list(state: Data<State>, _may: May<MayView>, query: Query) -> Result<HttpResponse, Error> {
    let (after, limit) = (query.id("after")?.map(CaseId), query.limit(PAGE, case::MAX_LISTED)?);
    let mut connection = state.pool.acquire().await?;
    let rows = case::list(&mut connection, after, limit).await?;
    let next = (i64::try_from(rows.len()) == Ok(limit)).then(|| rows.last().map(|row| row.id)).flatten();
    let cases: Vec<Listed> = rows.into_iter().map(Listed::from).collect();
    Ok(HttpResponse::Ok().json(json!({ "cases": cases, "next": next })))
}

/// `GET /api/v1/cases/{id}`
pub(crate) async fn show(state: Data<State>, _may: May<MayView>, id: Path<CaseId>) -> Result<HttpResponse, Error> {
    let mut connection = state.pool.acquire().await?;
    Ok(HttpResponse::Ok().json(shown(&mut connection, *id).await?))
}

/// `POST /api/v1/cases`: reports a case; an alert of its own is drafted with it.
///
/// Sent again under one `Idempotency-Key`, it is reported once.
pub(crate) async fn create(state: Data<State>, may: May<MayTrace>, request: Repeatable<NewCase>) -> Result<HttpResponse, Error> {
    let mut act = state.act(&may.0).await?;
    let mark = request.mark(may.0.principal());
    if let Some(mark) = &mark
        && let Some(answer) = act.kept_answer(mark).await?
    {
        return Ok(HttpResponse::Created().json(answer));
    }
    let reported = alert::report_case(&mut act, &request.body).await?;
    let answer = json!({ "id": reported.id, "alert_id": reported.alert_id });
    if let Some(mark) = &mark {
        act.keep_answer(mark, &answer).await?;
    }
    act.commit().await?;
    Ok(HttpResponse::Created().json(answer))
}

/// `POST /api/v1/cases/{id}/stays`: all or nothing; the case's draft follows.
pub(crate) async fn stays(
    state: Data<State>,
    may: May<MayTrace>,
    id: Path<CaseId>,
    Json(body): Json<Stays>,
) -> Result<HttpResponse, Error> {
    let mut act = state.act(&may.0).await?;
    if body.stays.is_empty() && body.remove.is_empty() {
        return Err(Error::field("stays", "empty"));
    }
    if body.remove.len() > case::MAX_STAYS {
        return Err(Error::field("remove", "too_many"));
    }
    if !body.remove.is_empty() {
        alert::remove_stays(&mut act, *id, &body.remove).await?;
    }
    if !body.stays.is_empty() {
        alert::add_stays(&mut act, *id, &body.stays).await?;
    }
    let shown = shown(&mut act.tx, *id).await?;
    act.commit().await?;
    Ok(HttpResponse::Ok().json(shown))
}

/// `POST /api/v1/cases/{id}/notes`
pub(crate) async fn notes(
    state: Data<State>,
    may: May<MayTrace>,
    id: Path<CaseId>,
    Json(new): Json<NewNote>,
) -> Result<HttpResponse, Error> {
    let note = Note::parse(&new.note).map_err(|problem| Error::field("note", note_code(problem)))?;
    let mut act = state.act(&may.0).await?;
    case::add_note(&mut act, *id, &note).await?;
    let shown = shown(&mut act.tx, *id).await?;
    act.commit().await?;
    Ok(HttpResponse::Ok().json(shown))
}

/// `POST /api/v1/cases/{id}/close`
pub(crate) async fn close(state: Data<State>, may: May<MayTrace>, id: Path<CaseId>) -> Result<HttpResponse, Error> {
    let mut act = state.act(&may.0).await?;
    case::close(&mut act, *id).await?;
    let shown = shown(&mut act.tx, *id).await?;
    act.commit().await?;
    Ok(HttpResponse::Ok().json(shown))
}

/// `POST /api/v1/cases/{id}/reopen`
pub(crate) async fn reopen(state: Data<State>, may: May<MayTrace>, id: Path<CaseId>) -> Result<HttpResponse, Error> {
    let mut act = state.act(&may.0).await?;
    case::reopen(&mut act, *id).await?;
    let shown = shown(&mut act.tx, *id).await?;
    act.commit().await?;
    Ok(HttpResponse::Ok().json(shown))
}

async fn shown(connection: &mut PgConnection, id: CaseId) -> Result<ShownCase, Error> {
    let Case { row, stays, notes, .. } = case::show(connection, id).await?.ok_or_else(Error::not_found)?;
    let alerts = alert::of_case(connection, id).await?;
    let notes = notes.into_iter().map(|Noted { no, note, noted_at, .. }| ShownNote { no, note, noted_at }).collect();
    Ok(ShownCase { row: row.into(), visited: stays, notes, alerts })
}

fn problem(problem: &CaseProblem) -> FieldProblem {
    let (field, code) = match problem {
        CaseProblem::Reference(_) => ("reference".to_owned(), "bad_reference"),
        CaseProblem::Date { which, problem: DateProblem::Future } => (which.as_str().to_owned(), "future"),
        CaseProblem::Date { which, problem: DateProblem::TooOld } => (which.as_str().to_owned(), "too_old"),
        CaseProblem::Note(problem) => ("note".to_owned(), note_code(*problem)),
        CaseProblem::NoStays => ("stays".to_owned(), "empty"),
        CaseProblem::TooManyStays(_) => ("stays".to_owned(), "too_many"),
        CaseProblem::Stay { index, problem } => match problem {
            StayProblem::Future => (format!("stays[{index}].date"), "future"),
            StayProblem::TooOld { .. } => (format!("stays[{index}].date"), "too_old"),
            StayProblem::UnknownVenue => (format!("stays[{index}].venue_id"), "unknown_venue"),
            StayProblem::NeverActive => (format!("stays[{index}].venue_id"), "never_active"),
        },
    };
    FieldProblem { field, code }
}

fn note_code(problem: NoteProblem) -> &'static str {
    match problem {
        NoteProblem::Text(TextError::Empty) => "empty",
        NoteProblem::Text(TextError::TooLong) => "too_long",
        NoteProblem::Text(TextError::Forbidden) => "forbidden_characters",
        NoteProblem::Mail | NoteProblem::Phone | NoteProblem::Name => "names_a_person",
    }
}

impl From<CaseError> for Error {
    fn from(error: CaseError) -> Self {
        match error {
            CaseError::Invalid(problems) => Self::invalid(problems.iter().map(problem).collect()),
            CaseError::Unknown => Self::not_found(),
            CaseError::Closed => Self::conflict("case_closed"),
            CaseError::TooManyNotes => Self::conflict("too_many_notes"),
            CaseError::Database(error) => error.into(),
        }
    }
}

impl From<ReportError> for Error {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Case(error) => error.into(),
            ReportError::Draft(error) => error.into(),
            ReportError::Submitted => Self::conflict("stay_submitted"),
            ReportError::Database(error) => error.into(),
        }
    }
}

impl From<DraftError> for Error {
    fn from(error: DraftError) -> Self {
        match error {
            DraftError::NoCases => Self::field("cases", "empty"),
            DraftError::NoStays => Self::field("cases", "no_stays"),
            DraftError::TooManyCases => Self::field("cases", "too_many"),
            DraftError::TooManyStays => Self::field("cases", "too_many_stays"),
            DraftError::UnknownCases(_) => Self::field("cases", "unknown_case"),
            DraftError::Database(error) => error.into(),
        }
    }
}
