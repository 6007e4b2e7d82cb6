//! Alerts for programs: join cases, preview, submit, approve by another principal, hold, cancel, pause, resume, release late visits.
use crate::alert::{self, AlertError, AlertId, Digest, Reason, ReleaseRules, Seen, Status, Submission};
use crate::audit::Reading;
use crate::base::text::TextError;
use crate::case::CaseId;
use crate::mail::Counts;
use crate::official::Act;
use crate::official::{MayApprove, MayTrace, MayView};
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

/// Which cases to join.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Join {
    cases: Vec<CaseId>,
}

/// The number that the approver saw. A program that sends none approves what is there at this moment.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Typed {
    visits: i64,
}

/// The revision and digest that the submitter looked at, and the request to send tonight; all of it may be left out.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    revision: Option<i32>,
    digest: Option<String>,
    tonight: Option<String>,
}

/// The revision and digest that the approver looked at, and the number that they typed. A program that sends no revision approves
/// what is there at this moment.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Approved {
    visits: i64,
    revision: Option<i32>,
    digest: Option<String>,
    tonight: Option<String>,
}

/// Revision and digest of a preview belong together.
fn seen(revision: Option<i32>, digest: Option<&str>) -> Result<Option<(i32, Digest)>, Error> {
    match (revision, digest) {
        (None, None) => Ok(None),
        (Some(revision), Some(digest)) => {
            let digest = digest.parse().map_err(|_| Error::field("digest", "unknown_choice"))?;
            Ok(Some((revision, digest)))
        }
        (None, Some(_)) => Err(Error::field("revision", "empty")),
        (Some(_), None) => Err(Error::field("digest", "empty")),
    }
}

/// A reason, or the field's problem.
pub(super) fn reason(field: &str, typed: &str) -> Result<Reason, Error> {
    Reason::parse(typed).map_err(|problem| match problem {
        TextError::Empty => Error::field(field, "empty"),
        TextError::TooLong => Error::field(field, "too_long"),
        TextError::Forbidden => Error::field(field, "forbidden_characters"),
    })
}

/// An alert as programs see it.
#[derive(Serialize)]
struct ShownAlert {
    id: AlertId,
    number: String,
    state: alert::State,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold_until: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent_back: Option<&'static str>,
    /// When its first notices leave, if all goes well.
    #[serde(skip_serializing_if = "Option::is_none")]
    starts_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    returned: Option<Returned>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replaced_by: Option<AlertId>,
    delivery: Delivery,
    ambiguous_attempts: i64,
    late: i64,
}

/// The reason with which an approver sent it back.
#[derive(Serialize)]
struct Returned {
    at: DateTime<Utc>,
    reason: String,
}

/// All states; their sum is the number of rows matched.
#[derive(Serialize)]
pub(crate) struct Delivery {
    queued: i64,
    sent: i64,
    deferred: i64,
    ambiguous: i64,
    merged: i64,
    suppressed: i64,
    bounced: i64,
    cancelled: i64,
    dead: i64,
}

impl Delivery {
    pub(crate) fn of(counts: &Counts) -> Self {
        Self {
            queued: counts.queued,
            sent: counts.sent,
            deferred: counts.deferred,
            ambiguous: counts.ambiguous,
            merged: counts.merged,
            suppressed: counts.suppressed,
            bounced: counts.bounced,
            cancelled: counts.cancelled,
            dead: counts.dead,
        }
    }
}

pub(in crate::web) fn rules(state: &State) -> ReleaseRules {
    ReleaseRules {
        hold_minutes: state.hold_minutes,
        tokens_may_approve: state.tokens_may_approve,
        window: state.city.window,
        caps: state.city.caps,
        tell_venues: state.tell_venues,
    }
}

/// `POST /api/v1/alerts`
pub(crate) async fn create(state: Data<State>, may: May<MayTrace>, Json(join): Json<Join>) -> Result<HttpResponse, Error> {
    let mut act = state.act(&may.0).await?;
    let id = alert::draft(&mut act, &join.cases).await?;
    let shown = shown(&state, &mut act.tx, id).await?;
    act.commit().await?;
    Ok(HttpResponse::Created().json(shown))
}

/// `GET /api/v1/alerts/{id}`
pub(crate) async fn show(state: Data<State>, may: May<MayView>, id: Path<AlertId>) -> Result<HttpResponse, Error> {
    read_audit::note(&state, may.0.actor(), Reading::AlertDelivery, Some(id.0)).await?;
    let mut connection = state.pool.acquire().await?;
    Ok(HttpResponse::Ok().json(shown(&state, &mut connection, *id).await?))
}

/// `POST /api/v1/alerts/{id}/submit`
pub(crate) async fn submit(
    state: Data<State>,
    may: May<MayTrace>,
    id: Path<AlertId>,
    MaybeJson(asked): MaybeJson<Asked>,
) -> Result<HttpResponse, Error> {
    let asked = asked.unwrap_or_default();
    let tonight = asked.tonight.as_deref().map(|typed| reason("tonight", typed)).transpose()?;
    let submission = Submission { seen: seen(asked.revision, asked.digest.as_deref())?, tonight };
    let mut act = state.act(&may.0).await?;
    alert::submit(&mut act, &rules(&state), *id, &submission).await?;
    committed(&state, act, *id).await
}

/// `POST /api/v1/alerts/{id}/approve`
pub(crate) async fn approve(
    state: Data<State>,
    may: May<MayApprove>,
    id: Path<AlertId>,
    MaybeJson(approved): MaybeJson<Approved>,
) -> Result<HttpResponse, Error> {
    let tonight = approved.as_ref().and_then(|approved| approved.tonight.as_deref());
    let tonight = tonight.map(|typed| reason("tonight", typed)).transpose()?;
    let looked = approved.as_ref().map(|approved| seen(approved.revision, approved.digest.as_deref())).transpose()?.flatten();
    let mut act = state.act(&may.0).await?;
    let preview = alert::preview(&mut act.tx, state.clock.now(), &state.service, *id).await?;
    let visits = approved.map_or(preview.visits, |approved| approved.visits);
    let (revision, digest) = looked.unwrap_or((preview.revision, preview.digest));
    let seen = Seen { revision, digest, visits };
    alert::approve(&mut act, &rules(&state), *id, &seen, tonight.as_ref()).await?;
    let answer = committed(&state, act, *id).await?;
    state.wake.notify_one();
    Ok(answer)
}

/// `POST /api/v1/alerts/{id}/cancel`
pub(crate) async fn cancel(state: Data<State>, may: May<MayTrace>, id: Path<AlertId>) -> Result<HttpResponse, Error> {
    let mut act = state.act(&may.0).await?;
    alert::cancel(&mut act, *id).await?;
    committed(&state, act, *id).await
}

/// `POST /api/v1/alerts/{id}/pause`
pub(crate) async fn pause(state: Data<State>, may: May<MayTrace>, id: Path<AlertId>) -> Result<HttpResponse, Error> {
    let mut act = state.act(&may.0).await?;
    alert::pause(&mut act, *id).await?;
    committed(&state, act, *id).await
}

/// `POST /api/v1/alerts/{id}/resume`
pub(crate) async fn resume(state: Data<State>, may: May<MayApprove>, id: Path<AlertId>) -> Result<HttpResponse, Error> {
    let mut act = state.act(&may.0).await?;
    alert::resume(&mut act, *id).await?;
    committed(&state, act, *id).await
}

/// `POST /api/v1/alerts/{id}/release-late`
pub(crate) async fn release_late(
    state: Data<State>,
    may: May<MayApprove>,
    id: Path<AlertId>,
    MaybeJson(typed): MaybeJson<Typed>,
) -> Result<HttpResponse, Error> {
    let mut act = state.act(&may.0).await?;
    let late = alert::status(&mut act.tx, *id).await?.ok_or_else(Error::not_found)?.late;
    let typed = typed.map_or(late, |typed| typed.visits);
    alert::release_late(&mut act, &rules(&state), *id, typed).await?;
    let answer = committed(&state, act, *id).await?;
    state.wake.notify_one();
    Ok(answer)
}

/// Commits a decision and answers with the alert as it is now.
pub(super) async fn committed<By>(state: &State, mut act: Act<'_, By>, id: AlertId) -> Result<HttpResponse, Error> {
    let shown = shown(state, &mut act.tx, id).await?;
    act.commit().await?;
    Ok(HttpResponse::Ok().json(shown))
}

async fn shown(state: &State, connection: &mut PgConnection, id: AlertId) -> Result<ShownAlert, Error> {
    let status: Status = alert::status(connection, id).await?.ok_or_else(Error::not_found)?;
    let counts = alert::delivery(connection, id).await?;
    Ok(ShownAlert {
        id,
        number: status.number.to_string(),
        state: status.state,
        hold_until: status.hold_until,
        sent_back: status.refused.map(alert::Refusal::as_str),
        starts_at: status.starts_at(state.city.window, state.service.zone),
        replaced_by: status.replaced_by,
        returned: status.returned.map(|returned| Returned { at: returned.at, reason: returned.reason }),
        delivery: Delivery::of(&counts),
        ambiguous_attempts: counts.ambiguous_attempts,
        late: status.late,
    })
}

impl From<AlertError> for Error {
    fn from(error: AlertError) -> Self {
        match error {
            AlertError::Unknown => Self::not_found(),
            AlertError::WrongState(_) => Self::conflict("wrong_state"),
            AlertError::SamePrincipal => Self::forbidden("same_principal"),
            AlertError::TokenMayNotApprove => Self::forbidden("token_may_not_approve"),
            AlertError::NotVouched => Self::forbidden("not_vouched"),
            AlertError::SubmissionNotVouched => Self::conflict("submission_not_vouched"),
            AlertError::NotYours => Self::forbidden("not_yours"),
            AlertError::Stale => Self::conflict("stale"),
            AlertError::UntilPassed => Self::conflict("until_passed"),
            AlertError::NeedsAdmin => Self::forbidden("needs_admin"),
            AlertError::WrongCount => Self::conflict("wrong_count"),
            AlertError::NothingLate => Self::conflict("nothing_late"),
            AlertError::ReleasePending => Self::conflict("release_pending"),
            AlertError::Reason(TextError::Empty) => Self::field("reason", "empty"),
            AlertError::Reason(TextError::TooLong) => Self::field("reason", "too_long"),
            AlertError::Reason(TextError::Forbidden) => Self::field("reason", "forbidden_characters"),
            AlertError::AlreadyStopped => Self::conflict("already_stopped"),
            AlertError::NotStopped => Self::conflict("not_stopped"),
            AlertError::NothingWaiting => Self::conflict("nothing_waiting"),
            AlertError::RequestPending => Self::conflict("request_pending"),
            AlertError::AlreadyCorrected => Self::conflict("already_corrected"),
            AlertError::NobodyToCorrect => Self::conflict("nobody_to_correct"),
            AlertError::RetentionOver => Self::conflict("retention_over"),
            AlertError::NotReady => Self::unavailable(),
            AlertError::LetterTooLong => Self::internal(),
            AlertError::Database(error) => error.into(),
        }
    }
}
