//! `POST /api/v1/cases`
use crate::alert::{self, DraftError, ReportError};
use crate::case::{CaseError, CaseProblem, NewCase, StayProblem};
use crate::official::MayTrace;
use crate::web::error::{Error, FieldProblem};
use crate::web::form::Json;
use crate::web::session::May;
use crate::web::state::State;
use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::json;

/// Reports a case; an alert of its own is drafted with it.
pub(crate) async fn create(state: Data<State>, may: May<MayTrace>, Json(new): Json<NewCase>) -> Result<HttpResponse, Error> {
    let mut tx = state.pool.begin().await?;
    let (now, service) = (state.clock.now(), &state.service);
    let reported = alert::report_case(&mut tx, now, service.zone, service.retention_days, &may.0, &new).await?;
    tx.commit().await?;
    Ok(HttpResponse::Created().json(json!({ "id": reported.id, "alert_id": reported.alert_id })))
}

fn problem(problem: &CaseProblem) -> FieldProblem {
    let (field, code) = match problem {
        CaseProblem::Reference(_) => ("reference".to_owned(), "bad_reference"),
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

impl From<CaseError> for Error {
    fn from(error: CaseError) -> Self {
        match error {
            CaseError::Invalid(problems) => Self::invalid(problems.iter().map(problem).collect()),
            CaseError::Database(error) => error.into(),
        }
    }
}

impl From<ReportError> for Error {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Case(error) => error.into(),
            ReportError::Draft(error) => error.into(),
        }
    }
}

impl From<DraftError> for Error {
    fn from(error: DraftError) -> Self {
        match error {
            DraftError::NoCases => Self::field("cases", "empty"),
            DraftError::TooManyCases => Self::field("cases", "too_many"),
            DraftError::TooManyStays => Self::field("cases", "too_many_stays"),
            DraftError::UnknownCases(_) => Self::field("cases", "unknown_case"),
            DraftError::Database(error) => error.into(),
        }
    }
}
