//! The decision sheet of an alert as a file, for people and for programs.
use crate::alert::{self, AlertId, Reader, RecordError};
use crate::audit::{Actor, Reading};
use crate::base::locale::Locale;
use crate::official::{MayView, Role};
use crate::repeated;
use crate::web::console::ConsoleRequest;
use crate::web::error::Error;
use crate::web::page::Language;
use crate::web::read_audit;
use crate::web::session::May;
use crate::web::state::State;
use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{Data, Path};

/// `GET /console/alerts/{id}/record.pdf`
pub(crate) async fn page(console: ConsoleRequest, may: May<MayView>, id: Path<AlertId>) -> Result<HttpResponse, Error> {
    file(&console.state, may.0.actor(), may.0.role(), console.language.locale, *id).await
}

/// `GET /api/v1/alerts/{id}/record.pdf`
pub(crate) async fn api(state: Data<State>, language: Language, may: May<MayView>, id: Path<AlertId>) -> Result<HttpResponse, Error> {
    file(&state, may.0.actor(), may.0.role(), language.locale, *id).await
}

async fn file(state: &State, actor: Actor, role: Role, locale: Locale, id: AlertId) -> Result<HttpResponse, Error> {
    read_audit::note(state, actor, Reading::AlertRecord, Some(id.0)).await?;
    let mut connection = state.pool.acquire().await?;
    let reader = Reader { locale, exact: role != Role::Viewer };
    let record = alert::record(&mut connection, state.clock.now(), &state.service, id, reader).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/pdf"))
        .insert_header((CONTENT_DISPOSITION, format!("inline; filename=\"kessai-{}.pdf\"", record.number)))
        .body(record.pdf))
}

impl From<RecordError> for Error {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Alert(error) => error.into(),
            RecordError::Pdf(error) => {
                repeated!(error, "a decision sheet was not drawn", error);
                Self::internal()
            }
        }
    }
}
