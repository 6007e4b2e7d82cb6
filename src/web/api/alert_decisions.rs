//! Alerts for programs, before their release: the list, the preview, the words, sending back.
use crate::alert::listing::{self, Asked, Begin, List, MAX_LISTED};
use crate::alert::{self, Advice, AlertId, NotPlain, RawWording, StayCount, WordingError, WordingField, WordingProblem};
use crate::audit::Reading;
use crate::base::cursor::{Cursor, Page};
use crate::official::{MayApprove, MayTrace, MayView};
use crate::web::api::alerts::{committed, reason, rules};
use crate::web::error::{Error, FieldProblem};
use crate::web::form::{Json, Query};
use crate::web::read_audit;
use crate::web::session::May;
use crate::web::state::State;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// A line of the list. No number of it comes from visits.
#[derive(Serialize)]
struct Listed {
    id: AlertId,
    number: String,
    state: alert::State,
    created_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold_until: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replaced_by: Option<AlertId>,
    venues: i64,
    days: i64,
    cases: Vec<String>,
}

/// Alerts in one answer unless the question says how many.
const PAGE: i64 = 50;

/// A place that an answer gave out as `next` or `prev`.
fn place(query: &Query, name: &str) -> Result<Option<Cursor>, Error> {
    query.has(name).then(|| query.get(name).parse().map_err(|_| Error::field(name, "malformed"))).transpose()
}

/// `GET /api/v1/alerts`: what waits for somebody first, and counted apart; page by page.
pub(crate) async fn list(state: Data<State>, _may: May<MayView>, query: Query) -> Result<HttpResponse, Error> {
    let only = match query.has("list") {
        false => None,
        true => Some([List::parse(query.get("list")).ok_or_else(|| Error::field("list", "unknown_choice"))?]),
    };
    let from = match (place(&query, "after")?, place(&query, "before")?) {
        (Some(_), Some(_)) => return Err(Error::field("before", "unknown_choice")),
        (after, before) => after.map(Begin::After).or_else(|| before.map(Begin::Before)),
    };
    let limit = query.limit(PAGE, MAX_LISTED)?;
    let asked = Asked { lists: only.as_ref().map(<[List; 1]>::as_slice), from, limit, ..Asked::default() };
    let mut connection = state.pool.acquire().await?;
    let [waiting, ..] = listing::sizes(&mut connection, false).await?;
    let Page { rows, next, prev } = alert::lines(&mut connection, &asked).await?;
    let listed: Vec<_> = rows
        .into_iter()
        .map(|line| Listed {
            id: line.status.id,
            number: line.status.number.to_string(),
            state: line.status.state,
            created_at: line.status.created_at,
            hold_until: line.status.hold_until,
            replaced_by: line.status.replaced_by,
            venues: line.venues,
            days: line.days,
            cases: line.cases,
        })
        .collect();
    Ok(HttpResponse::Ok().json(json!({ "waiting": waiting, "alerts": listed, "next": next, "prev": prev })))
}

/// A stay with what an official should know of its venue.
#[derive(Serialize)]
struct Stay {
    #[serde(flatten)]
    count: StayCount,
    #[serde(skip_serializing_if = "Option::is_none")]
    venue: Option<Venue>,
}

#[derive(Serialize)]
struct Venue {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    kana: Option<String>,
    address: String,
    reviewed: bool,
    may_be_named: bool,
}

#[derive(Serialize)]
struct ShownWording<'a> {
    advice: Advice,
    until: NaiveDate,
    #[serde(skip_serializing_if = "Option::is_none")]
    note_ja: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note_en: Option<&'a str>,
    name_venues: bool,
}

/// `GET /api/v1/alerts/{id}/preview`
pub(crate) async fn preview(state: Data<State>, may: May<MayTrace>, id: Path<AlertId>) -> Result<HttpResponse, Error> {
    read_audit::note(&state, may.0.actor(), Reading::AlertPreview, Some(id.0)).await?;
    let mut connection = state.pool.acquire().await?;
    let now = state.clock.now();
    let preview = alert::preview(&mut connection, now, &state.service, *id).await?;
    let mut around = alert::surroundings(&mut connection, now, &state.service, &state.city, &preview).await?;
    let stay = |count: &StayCount| Stay {
        count: *count,
        venue: around.cards.remove(&count.venue_id).map(|card| Venue {
            name: card.name,
            kana: card.kana,
            address: card.address,
            reviewed: card.reviewed,
            may_be_named: card.may_be_named,
        }),
    };
    let stays: Vec<Stay> = preview.stays.iter().map(stay).collect();
    let wording = ShownWording {
        advice: preview.wording.advice,
        until: preview.wording.until,
        note_ja: preview.wording.note_ja.as_deref(),
        note_en: preview.wording.note_en.as_deref(),
        name_venues: preview.wording.name_venues,
    };
    Ok(HttpResponse::Ok().json(json!({
        "number": preview.number, "revision": preview.revision, "digest": preview.digest, "stays": stays, "visits": preview.visits, "withdrawn": preview.withdrawn,
        "text": preview.text, "wording": wording, "overlaps": around.overlaps, "outlook": around.outlook,
    })))
}

/// The words that a program chooses.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Words {
    advice: String,
    until: Option<String>,
    note_ja: Option<String>,
    note_en: Option<String>,
    #[serde(default)]
    name_venues: bool,
}

/// `POST /api/v1/alerts/{id}/wording`
pub(crate) async fn wording(
    state: Data<State>,
    may: May<MayTrace>,
    id: Path<AlertId>,
    Json(words): Json<Words>,
) -> Result<HttpResponse, Error> {
    let raw = RawWording {
        advice: words.advice,
        until: words.until.unwrap_or_default(),
        note_ja: words.note_ja.unwrap_or_default(),
        note_en: words.note_en.unwrap_or_default(),
        name_venues: words.name_venues,
    };
    let mut act = state.act(&may.0).await?;
    alert::set_wording(&mut act, *id, &raw).await?;
    committed(&state, act, *id).await
}

/// Why an approver sends an alert back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendBack {
    reason: String,
}

/// `POST /api/v1/alerts/{id}/return`
pub(crate) async fn send_back(
    state: Data<State>,
    may: May<MayApprove>,
    id: Path<AlertId>,
    Json(why): Json<SendBack>,
) -> Result<HttpResponse, Error> {
    let why = reason("reason", &why.reason)?;
    let mut act = state.act(&may.0).await?;
    alert::send_back(&mut act, &rules(&state), *id, &why).await?;
    committed(&state, act, *id).await
}

fn problem((field, problem): &(WordingField, WordingProblem)) -> FieldProblem {
    let code = match problem {
        WordingProblem::Unknown => "unknown_choice",
        WordingProblem::OutOfRange => "out_of_range",
        WordingProblem::Note(NotPlain::TooLong) => "too_long",
        WordingProblem::Note(NotPlain::Characters) => "forbidden_characters",
        WordingProblem::Note(NotPlain::Link) => "holds_link",
        WordingProblem::Note(NotPlain::Mail) => "holds_mail_address",
        WordingProblem::Note(NotPlain::Phone) => "holds_phone_number",
    };
    FieldProblem { field: field.as_str().to_owned(), code }
}

impl From<WordingError> for Error {
    fn from(error: WordingError) -> Self {
        match error {
            WordingError::Invalid(problems) => Self::invalid(problems.iter().map(problem).collect()),
            WordingError::Alert(error) => error.into(),
        }
    }
}
