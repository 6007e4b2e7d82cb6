//! Venues and their posters for programs.
use crate::audit::Actor;
use crate::base::email_address::EmailAddress;
use crate::official::{MayTrace, MayView};
use crate::poster;
use crate::venue::search::MAX_LISTED;
use crate::venue::{self, Applicant, FieldError, Filter, NewVenue, PosterId, PosterStatus, Problem, RawVenue, Said, VenueId, VenueStatus};
use crate::web::api::again::Repeatable;
use crate::web::error::{Error, FieldProblem};
use crate::web::form::{Json, Query};
use crate::web::limit::{self, Act};
use crate::web::print_kit;
use crate::web::session::{May, Somebody};
use crate::web::state::State;
use crate::web::venue::apply::apply_anonymously;
use crate::web::venue::posters::drawn;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// `POST /api/v1/venues`: anonymous applications are confirmed by mail; a token's are not.
///
/// Sent again under one `Idempotency-Key`, it is applied for once.
pub(crate) async fn create(
    http: HttpRequest,
    state: Data<State>,
    somebody: Somebody,
    request: Repeatable<RawVenue>,
) -> Result<HttpResponse, Error> {
    let session = somebody.0.map(|caller| caller.authorise::<MayTrace>()).transpose().map_err(|_| Error::forbidden("forbidden"))?;
    let new = NewVenue::parse(&request.body).map_err(|errors| Error::invalid(errors.iter().map(problem).collect()))?;
    let Some(session) = session else {
        limit::check(&http, &state, Act::Mail)?;
        let id = apply_anonymously(&state, request.venue_id(), &new).await?;
        return Ok(HttpResponse::Created().json(json!({ "id": id, "status": "unconfirmed" })));
    };
    let mut act = state.act(Actor::Visitor).await?;
    let mark = request.mark(session.principal());
    if let Some(mark) = &mark
        && let Some(answer) = act.kept_answer(mark).await?
    {
        return Ok(HttpResponse::Created().json(answer));
    }
    let applicant = Applicant::Official(&session, state.venue_policy);
    let applied = json!(venue::apply(&mut act, &new, applicant).await?);
    if let Some(mark) = &mark {
        act.keep_answer(mark, &applied).await?;
    }
    act.commit().await?;
    Ok(HttpResponse::Created().json(applied))
}

fn problem(error: &FieldError) -> FieldProblem {
    let field = match error.entry {
        Some(entry) => format!("{}[{entry}]", error.field.as_str()),
        None => error.field.as_str().to_owned(),
    };
    FieldProblem { field, code: error.problem.code() }
}

/// Venues in one answer unless the question says how many.
const PAGE: i64 = 50;

/// `GET /api/v1/venues`: found by name, kana, address or code, page by page.
pub(crate) async fn list(state: Data<State>, _may: May<MayView>, query: Query) -> Result<HttpResponse, Error> {
    let statuses = match query.get("status") {
        "" => Vec::new(),
        status => vec![status.parse::<VenueStatus>().map_err(|_| Error::field("status", "unknown_choice"))?],
    };
    let limit = query.limit(PAGE, MAX_LISTED)?;
    let filter = Filter {
        query: venue::Query::parse(query.get("q")),
        statuses,
        after: query.id("after")?.map(VenueId),
        limit: Some(limit),
        ..Filter::default()
    };
    let mut connection = state.pool.acquire().await?;
    let rows = venue::list(&mut connection, &filter).await?;
    let next = (i64::try_from(rows.len()) == Ok(limit)).then(|| rows.last().map(|row| row.id)).flatten();
    Ok(HttpResponse::Ok().json(json!({ "venues": rows, "next": next })))
}

/// `GET /api/v1/venues/{id}`
pub(crate) async fn show(state: Data<State>, _may: May<MayView>, id: Path<VenueId>) -> Result<HttpResponse, Error> {
    let mut connection = state.pool.acquire().await?;
    let venue = venue::show(&mut connection, *id).await?.ok_or_else(Error::not_found)?;
    Ok(HttpResponse::Ok().json(json!({
        "id": venue.id, "name": venue.name, "kana": venue.kana, "kind": venue.kind.as_str(), "address": venue.address,
        "status": venue.status.as_str(), "reviewed": venue.reviewed_at.is_some(),
    })))
}

/// `POST /api/v1/venues/{id}/approve`
pub(crate) async fn approve(state: Data<State>, may: May<MayTrace>, id: Path<VenueId>) -> Result<HttpResponse, Error> {
    let mut act = state.act(&may.0).await?;
    let decided = venue::approve(&mut act, *id).await?;
    act.commit().await?;
    Ok(HttpResponse::Ok().json(json!({ "id": *id, "status": decided.status.as_str() })))
}

/// An official's words to a venue.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refusal {
    reason: String,
}

/// The same, as a question.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    question: String,
}

fn said(field: &'static str, text: &str) -> Result<Said, Error> {
    Said::parse(text).map_err(|problem| Error::field(field, Problem::Text(problem).code()))
}

/// `POST /api/v1/venues/{id}/refuse`
pub(crate) async fn refuse(
    state: Data<State>,
    may: May<MayTrace>,
    id: Path<VenueId>,
    Json(body): Json<Refusal>,
) -> Result<HttpResponse, Error> {
    let reason = said("reason", &body.reason)?;
    let mut act = state.act(&may.0).await?;
    let decided = venue::refuse(&mut act, *id, &reason).await?;
    act.commit().await?;
    Ok(HttpResponse::Ok().json(json!({ "id": *id, "status": decided.status.as_str() })))
}

/// `POST /api/v1/venues/{id}/ask`
pub(crate) async fn ask(state: Data<State>, may: May<MayTrace>, id: Path<VenueId>, Json(body): Json<Asked>) -> Result<HttpResponse, Error> {
    let question = said("question", &body.question)?;
    let mut act = state.act(&may.0).await?;
    venue::review::ask(&mut act, *id, &question).await?;
    let venue = venue::show(&mut act.tx, *id).await?.ok_or_else(Error::not_found)?;
    act.commit().await?;
    Ok(HttpResponse::Ok().json(json!({ "id": *id, "status": venue.status.as_str() })))
}

/// Another mailbox for a venue.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Moved {
    contact_email: String,
}

/// `POST /api/v1/venues/{id}/contact`
pub(crate) async fn contact(
    state: Data<State>,
    may: May<MayTrace>,
    id: Path<VenueId>,
    Json(body): Json<Moved>,
) -> Result<HttpResponse, Error> {
    let contact =
        EmailAddress::parse(&body.contact_email).map_err(|problem| Error::field("contact_email", Problem::Address(problem).code()))?;
    let mut act = state.act(&may.0).await?;
    venue::replace_contact(&mut act, *id, &contact).await?;
    let venue = venue::show(&mut act.tx, *id).await?.ok_or_else(Error::not_found)?;
    act.commit().await?;
    Ok(HttpResponse::Ok().json(json!({ "id": *id, "status": venue.status.as_str() })))
}

/// Declares acts that need no words.
macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident = $act:path),* $(,)?) => {$(
        $(#[$doc])*
        pub(crate) async fn $name(state: Data<State>, may: May<MayTrace>, id: Path<VenueId>) -> Result<HttpResponse, Error> {
            let mut act = state.act(&may.0).await?;
            let decided = $act(&mut act, *id).await?;
            act.commit().await?;
            Ok(HttpResponse::Ok().json(json!({ "id": *id, "status": decided.status.as_str() })))
        }
    )*};
}

acts! {
    /// `POST /api/v1/venues/{id}/suspend`
    suspend = venue::suspend,
    /// `POST /api/v1/venues/{id}/reinstate`
    reinstate = venue::resume,
    /// `POST /api/v1/venues/{id}/close`
    close = venue::close,
}

/// A poster as programs see it.
#[derive(Serialize)]
struct Item {
    id: PosterId,
    no: i16,
    label: String,
    code: String,
    url: String,
    status: &'static str,
}

/// `GET /api/v1/venues/{id}/posters`
pub(crate) async fn posters(state: Data<State>, _may: May<MayTrace>, id: Path<VenueId>) -> Result<HttpResponse, Error> {
    let mut connection = state.pool.acquire().await?;
    venue::show(&mut connection, *id).await?.ok_or_else(Error::not_found)?;
    let items: Vec<_> = venue::posters(&mut connection, *id)
        .await?
        .into_iter()
        .map(|poster| Item {
            id: poster.id,
            no: poster.no,
            url: poster::check_in_url(&state.service.base_url, &poster.code),
            code: poster.code.to_string(),
            label: poster.label,
            status: poster.status.as_str(),
        })
        .collect();
    Ok(HttpResponse::Ok().json(items))
}

/// `GET /api/v1/venues/{id}/kit.pdf?part=…`
pub(crate) async fn print_kit(state: Data<State>, _may: May<MayTrace>, id: Path<VenueId>, query: Query) -> Result<HttpResponse, Error> {
    let parts = print_kit::parts(&query)?;
    let mut connection = state.pool.acquire().await?;
    let kit = print_kit::read(&mut connection, &state.service, *id).await?.ok_or_else(Error::not_found)?;
    drop(connection);
    print_kit::answer(vec![kit], parts).await
}

/// `GET /api/v1/posters/{id}.svg|.pdf|.png`: the wall poster, or the bare code as pixels.
pub(crate) async fn poster_file(state: Data<State>, _may: May<MayTrace>, file: Path<String>, query: Query) -> Result<HttpResponse, Error> {
    let (id, extension) = file.rsplit_once('.').ok_or_else(Error::not_found)?;
    let id: PosterId = id.parse().map_err(|_| Error::not_found())?;
    let mut connection = state.pool.acquire().await?;
    let hanging = venue::poster(&mut connection, id).await?.ok_or_else(Error::not_found)?;
    if hanging.poster.status == PosterStatus::Revoked {
        return Err(Error::conflict("poster_revoked"));
    }
    let px = Some(query.get("px")).filter(|px| !px.is_empty());
    let px = px
        .map(|px| px.parse().ok().filter(|px| (1..=poster::MAX_MODULE_PX).contains(px)).ok_or_else(|| Error::field("px", "out_of_range")));
    let px = px.transpose()?;
    let (kind, bytes) = drawn(&state.service, &hanging, extension, px)?;
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, kind)).body(bytes))
}
