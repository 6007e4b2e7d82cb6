//! Delivery for programs: how mails fare, of one alert and of all, what may be asked of waiting ones, and the stop of everything.
use crate::alert::{self, AlertId, Board, DeliveryRequest, Halt, Status};
use crate::audit::Reading;
use crate::mail::FailureReason;
use crate::mail::board::FEW;
use crate::mail::provider::Provider;
use crate::official::Act;
use crate::official::{MayApprove, MayTrace, MayView};
use crate::web::api::alerts::{Delivery, rules};
use crate::web::error::Error;
use crate::web::form::{Json, MaybeJson};
use crate::web::read_audit;
use crate::web::session::May;
use crate::web::state::State;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use uuid::Uuid;

/// How mails fare.
#[derive(Serialize)]
struct ShownBoard {
    delivery: Delivery,
    /// The sum of the nine states.
    mails: i64,
    ambiguous_attempts: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest_waiting: Option<DateTime<Utc>>,
    /// Turns, over all rows, after a row had ended.
    repeats: i64,
    /// Mails taken within the last minute.
    sent_per_minute: i64,
    reasons: Vec<ShownReason>,
    companies: Vec<ProviderCounts>,
}

#[derive(Serialize)]
struct ShownReason {
    state: String,
    code: String,
    meaning: FailureReason,
    mails: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_at: Option<DateTime<Utc>>,
}

#[derive(Serialize)]
struct ProviderCounts {
    company: Provider,
    sent: Few,
    deferred: Few,
    ambiguous: Few,
    bounced: Few,
    dead: Few,
}

/// A number by provider: below [`FEW`] only that it is not zero.
struct Few(i64);

impl Serialize for Few {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 == 0 || self.0 >= FEW { serializer.serialize_i64(self.0) } else { serializer.collect_str(&format_args!("<{FEW}")) }
    }
}

/// One alert's mails.
#[derive(Serialize)]
struct ShownAlert {
    id: AlertId,
    number: String,
    state: alert::State,
    #[serde(flatten)]
    mails: ShownBoard,
    late: i64,
    /// A retry or an end was asked for and is not carried out yet.
    request_pending: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    corrects: Option<AlertId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    corrected_by: Option<AlertId>,
}

/// Whether anything of an alert may leave.
#[derive(Serialize)]
struct ShownSending {
    stopped: bool,
    stops: Vec<ShownStop>,
}

#[derive(Serialize)]
struct ShownStop {
    id: Uuid,
    kind: &'static str,
    reason: String,
    since: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trial_since: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trial_refused_at: Option<DateTime<Utc>>,
}

/// Which refused mails are sent again: those with one of these reasons. A program that says none means all.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgainAsked {
    reasons: Vec<String>,
}

/// Why all sending is stopped.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StopAsked {
    reason: String,
}

/// Which stops were looked at. A program that says none ends what holds at this moment.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResumeAsked {
    stops: Vec<Uuid>,
}

impl From<Board> for ShownBoard {
    fn from(board: Board) -> Self {
        let reason = |reason: crate::mail::Reason| ShownReason {
            meaning: FailureReason::of(&reason.reason),
            state: reason.state,
            code: reason.reason,
            mails: reason.rows,
            next_at: reason.next_at,
        };
        let companies = board.providers.iter().map(|(company, fared)| ProviderCounts {
            company: *company,
            sent: Few(fared.sent),
            deferred: Few(fared.deferred),
            ambiguous: Few(fared.ambiguous),
            bounced: Few(fared.bounced),
            dead: Few(fared.dead),
        });
        Self {
            delivery: Delivery::of(&board.counts),
            mails: board.counts.rows(),
            ambiguous_attempts: board.counts.ambiguous_attempts,
            repeats: board.counts.repeats,
            oldest_waiting: board.oldest_waiting,
            sent_per_minute: board.per_minute,
            companies: companies.collect(),
            reasons: board.reasons.into_iter().map(reason).collect(),
        }
    }
}

/// `GET /api/v1/delivery`
pub(crate) async fn overall(state: Data<State>, may: May<MayView>) -> Result<HttpResponse, Error> {
    read_audit::note(&state, may.0.actor(), Reading::DeliveryBoard, None).await?;
    let mut connection = state.pool.acquire().await?;
    let board = alert::board(&mut connection, state.clock.now(), None).await?;
    Ok(HttpResponse::Ok().json(ShownBoard::from(board)))
}

/// `GET /api/v1/alerts/{id}/delivery`
pub(crate) async fn of_alert(state: Data<State>, may: May<MayView>, id: Path<AlertId>) -> Result<HttpResponse, Error> {
    read_audit::note(&state, may.0.actor(), Reading::AlertDelivery, Some(id.0)).await?;
    let mut connection = state.pool.acquire().await?;
    Ok(HttpResponse::Ok().json(shown(&mut connection, state.clock.now(), *id).await?))
}

/// `POST /api/v1/alerts/{id}/retry`
pub(crate) async fn retry(state: Data<State>, may: May<MayApprove>, id: Path<AlertId>) -> Result<HttpResponse, Error> {
    request_delivery(&state, &may, *id, DeliveryRequest::Retry).await
}

/// `POST /api/v1/alerts/{id}/give-up`
pub(crate) async fn give_up(state: Data<State>, may: May<MayApprove>, id: Path<AlertId>) -> Result<HttpResponse, Error> {
    request_delivery(&state, &may, *id, DeliveryRequest::GiveUp).await
}

/// `POST /api/v1/alerts/{id}/send-again`
pub(crate) async fn send_again(
    state: Data<State>,
    may: May<MayApprove>,
    id: Path<AlertId>,
    MaybeJson(asked): MaybeJson<AgainAsked>,
) -> Result<HttpResponse, Error> {
    let reasons = asked.map(|asked| asked.reasons);
    let mut act = state.act(&may.0).await?;
    alert::send_again(&mut act, &rules(&state), *id, reasons.as_deref()).await?;
    asked_for(&state, act, *id).await
}

async fn request_delivery(state: &State, may: &May<MayApprove>, id: AlertId, request: DeliveryRequest) -> Result<HttpResponse, Error> {
    let mut act = state.act(&may.0).await?;
    alert::request_delivery(&mut act, &rules(state), id, request).await?;
    asked_for(state, act, id).await
}

/// Commits a request, and answers with the alert as it is now.
async fn asked_for<By>(state: &State, mut act: Act<'_, By>, id: AlertId) -> Result<HttpResponse, Error> {
    let answer = shown(&mut act.tx, act.now, id).await?;
    act.commit().await?;
    state.wake.notify_one();
    Ok(HttpResponse::Ok().json(answer))
}

/// `POST /api/v1/alerts/{id}/correct`
pub(crate) async fn correct(state: Data<State>, may: May<MayTrace>, id: Path<AlertId>) -> Result<HttpResponse, Error> {
    let mut act = state.act(&may.0).await?;
    let correction = alert::correct(&mut act, *id).await?;
    let answer = shown(&mut act.tx, act.now, correction).await?;
    act.commit().await?;
    state.wake.notify_one();
    Ok(HttpResponse::Created().json(answer))
}

async fn shown(connection: &mut PgConnection, now: DateTime<Utc>, id: AlertId) -> Result<ShownAlert, Error> {
    let status: Status = alert::status(connection, id).await?.ok_or_else(Error::not_found)?;
    let board = alert::board(connection, now, Some(id)).await?;
    Ok(ShownAlert {
        id,
        number: status.number.to_string(),
        state: status.state,
        mails: board.into(),
        late: status.late,
        request_pending: status.request_pending,
        corrects: status.corrects,
        corrected_by: status.corrected_by,
    })
}

/// `GET /api/v1/sending`
pub(crate) async fn sending(state: Data<State>, _may: May<MayView>) -> Result<HttpResponse, Error> {
    let mut connection = state.pool.acquire().await?;
    Ok(HttpResponse::Ok().json(shown_sending(&mut connection).await?))
}

/// `POST /api/v1/sending/stop`
pub(crate) async fn stop(state: Data<State>, may: May<MayTrace>, Json(asked): Json<StopAsked>) -> Result<HttpResponse, Error> {
    let mut act = state.act(&may.0).await?;
    alert::stop_sending(&mut act, &asked.reason).await?;
    let answer = shown_sending(&mut act.tx).await?;
    act.commit().await?;
    Ok(HttpResponse::Ok().json(answer))
}

/// `POST /api/v1/sending/resume`
pub(crate) async fn resume(
    state: Data<State>,
    may: May<MayApprove>,
    MaybeJson(asked): MaybeJson<ResumeAsked>,
) -> Result<HttpResponse, Error> {
    let mut act = state.act(&may.0).await?;
    let seen = match asked {
        Some(asked) => asked.stops,
        None => alert::halts(&mut act.tx).await?.into_iter().map(|halt| halt.stop.id).collect(),
    };
    alert::resume_sending(&mut act, &rules(&state), &seen).await?;
    let answer = shown_sending(&mut act.tx).await?;
    act.commit().await?;
    state.wake.notify_one();
    Ok(HttpResponse::Ok().json(answer))
}

async fn shown_sending(connection: &mut PgConnection) -> Result<ShownSending, Error> {
    let halts = alert::halts(connection).await?;
    let stop = |Halt { stop, by }: Halt| ShownStop {
        id: stop.id,
        kind: stop.kind.as_str(),
        reason: stop.reason,
        since: stop.stopped_at,
        by,
        answer: stop.answer,
        trial_since: stop.trial_at,
        trial_refused_at: stop.trial_refused_at,
    };
    Ok(ShownSending { stopped: !halts.is_empty(), stops: halts.into_iter().map(stop).collect() })
}
