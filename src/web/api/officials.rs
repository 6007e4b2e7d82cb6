//! Accounts of officials and API tokens, for programs of admins.
use crate::base::locale::Locale;
use crate::official::{self, AccountError, AccountState, ApiToken, By, Change, MayAdmin, NewOfficial, Official, Role, TokenError};
use crate::venue::Problem;
use crate::web::error::{Error, FieldProblem};
use crate::web::form::Json;
use crate::web::session::May;
use crate::web::state::State;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

/// An account as programs see it.
#[derive(Serialize)]
struct Account {
    id: Uuid,
    name: String,
    email: String,
    role: &'static str,
    status: &'static str,
    created_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invited_until: Option<DateTime<Utc>>,
    trust: &'static str,
}

impl From<Official> for Account {
    fn from(official: Official) -> Self {
        let invited_until = match official.standing {
            AccountState::Invited(until) => Some(until),
            _ => None,
        };
        Self {
            id: official.id,
            name: official.name,
            email: official.email,
            role: official.role.as_str(),
            status: official.standing.as_str(),
            created_at: official.created_at,
            invited_until,
            trust: official.trust.as_str(),
        }
    }
}

/// A token as programs see it.
#[derive(Serialize)]
struct TokenItem {
    id: Uuid,
    name: String,
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    made_by: Option<Uuid>,
    created_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<DateTime<Utc>>,
}

impl From<ApiToken> for TokenItem {
    fn from(token: ApiToken) -> Self {
        Self {
            id: token.id,
            name: token.name,
            role: token.role.as_str(),
            made_by: token.made_by.map(|(id, _)| id),
            created_at: token.created_at,
            revoked_at: token.revoked_at,
        }
    }
}

/// Somebody to be invited.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAccount {
    email: String,
    name: String,
    role: String,
    locale: Option<Locale>,
}

/// Another role.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRole {
    role: String,
}

/// A token to be made.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    name: String,
    role: String,
}

fn role(text: &str) -> Result<Role, Error> {
    text.parse().map_err(|_| Error::field("role", Problem::UnknownChoice.code()))
}

/// `GET /api/v1/officials`
pub(crate) async fn list(state: Data<State>, _may: May<MayAdmin>) -> Result<HttpResponse, Error> {
    let all = official::officials(&mut *state.pool.acquire().await?, state.clock.now()).await?;
    Ok(HttpResponse::Ok().json(all.into_iter().map(Account::from).collect::<Vec<_>>()))
}

/// `GET /api/v1/officials/{id}`
pub(crate) async fn show(state: Data<State>, _may: May<MayAdmin>, id: Path<Uuid>) -> Result<HttpResponse, Error> {
    shown(&state, *id).await
}

async fn shown(state: &State, id: Uuid) -> Result<HttpResponse, Error> {
    let found = official::official(&mut *state.pool.acquire().await?, state.clock.now(), id).await?;
    Ok(HttpResponse::Ok().json(Account::from(found.ok_or_else(Error::not_found)?)))
}

/// `POST /api/v1/officials`: the link goes to the mailbox alone.
pub(crate) async fn invite(state: Data<State>, may: May<MayAdmin>, Json(new): Json<NewAccount>) -> Result<HttpResponse, Error> {
    let parsed = NewOfficial::parse(&new.email, &new.name, &new.role).map_err(|bad| {
        let email = bad.email.map(|error| ("email", Problem::Address(error)));
        let name = bad.name.map(|error| ("name", Problem::Text(error)));
        let role = bad.role.then_some(("role", Problem::UnknownChoice));
        let problem = |(field, problem): (&str, Problem)| FieldProblem { field: field.to_owned(), code: problem.code() };
        Error::invalid([email, name, role].into_iter().flatten().map(problem).collect())
    })?;
    let mut act = state.act(By::Admin(&may.0)).await?;
    let invitation = official::invite(&mut act, &parsed).await?;
    official::post_invitation(&mut act, new.locale.unwrap_or_default(), &invitation).await?;
    official::tell_admins(&mut act, invitation.official, (Change::Invited, invitation.takes_two)).await?;
    act.commit().await?;
    let until = invitation.expires_at;
    Ok(HttpResponse::Created().json(json!({ "id": invitation.official, "status": "invited", "invited_until": until })))
}

/// `POST /api/v1/officials/{id}/role`
pub(crate) async fn change_role(
    state: Data<State>,
    may: May<MayAdmin>,
    id: Path<Uuid>,
    Json(new): Json<NewRole>,
) -> Result<HttpResponse, Error> {
    let role = role(&new.role)?;
    let mut act = state.act(By::Admin(&may.0)).await?;
    if let Some(given) = official::change_role(&mut act, *id, role).await? {
        official::tell_admins(&mut act, *id, (Change::Role, given.takes_two)).await?;
    }
    act.commit().await?;
    shown(&state, *id).await
}

/// `POST /api/v1/officials/{id}/disable`
pub(crate) async fn disable(state: Data<State>, may: May<MayAdmin>, id: Path<Uuid>) -> Result<HttpResponse, Error> {
    let mut act = state.act(By::Admin(&may.0)).await?;
    official::disable(&mut act, *id).await?;
    act.commit().await?;
    shown(&state, *id).await
}

/// `POST /api/v1/officials/{id}/enable`
pub(crate) async fn enable(state: Data<State>, may: May<MayAdmin>, id: Path<Uuid>) -> Result<HttpResponse, Error> {
    let mut act = state.act(By::Admin(&may.0)).await?;
    if let Some(given) = official::enable(&mut act, *id).await? {
        official::tell_admins(&mut act, *id, (Change::Enabled, given.takes_two)).await?;
    }
    act.commit().await?;
    shown(&state, *id).await
}

/// `POST /api/v1/officials/{id}/reset`: a new invitation instead of password and second factor.
pub(crate) async fn reset(state: Data<State>, may: May<MayAdmin>, id: Path<Uuid>) -> Result<HttpResponse, Error> {
    let mut act = state.act(By::Admin(&may.0)).await?;
    let invitation = official::reset(&mut act, *id).await?;
    official::post_invitation(&mut act, Locale::default(), &invitation).await?;
    if invitation.is_reset {
        official::tell_admins(&mut act, *id, (Change::Reset, invitation.takes_two)).await?;
    }
    act.commit().await?;
    shown(&state, *id).await
}

/// `POST /api/v1/officials/{id}/withdraw`: an open invitation is taken back; an account that never joined goes with it.
pub(crate) async fn withdraw(state: Data<State>, may: May<MayAdmin>, id: Path<Uuid>) -> Result<HttpResponse, Error> {
    let mut act = state.act(By::Admin(&may.0)).await?;
    official::tell_admins(&mut act, *id, (Change::Withdrawn, false)).await?;
    official::withdraw(&mut act, *id).await?;
    act.commit().await?;
    state.wake.notify_one();
    Ok(HttpResponse::Ok().json(json!({ "id": *id, "status": "withdrawn" })))
}

/// `POST /api/v1/officials/{id}/confirm`: the second administrator.
pub(crate) async fn confirm(state: Data<State>, may: May<MayAdmin>, id: Path<Uuid>) -> Result<HttpResponse, Error> {
    let mut act = state.act(By::Admin(&may.0)).await?;
    if !official::confirm(&mut act.tx, act.now, &may.0, *id).await? {
        return Err(Error::conflict("nothing_to_confirm"));
    }
    official::tell_admins(&mut act, *id, (Change::Confirmed, false)).await?;
    act.commit().await?;
    state.wake.notify_one();
    Ok(HttpResponse::Ok().json(json!({ "id": *id, "status": "confirmed" })))
}

/// `GET /api/v1/tokens`
pub(crate) async fn tokens(state: Data<State>, _may: May<MayAdmin>) -> Result<HttpResponse, Error> {
    let all = official::tokens(&mut *state.pool.acquire().await?).await?;
    Ok(HttpResponse::Ok().json(all.into_iter().map(TokenItem::from).collect::<Vec<_>>()))
}

/// `POST /api/v1/tokens`: the token is in this answer and nowhere else.
pub(crate) async fn create_token(state: Data<State>, may: May<MayAdmin>, Json(new): Json<NewToken>) -> Result<HttpResponse, Error> {
    let role = role(&new.role)?;
    let mut tx = state.pool.begin().await?;
    let (id, token) = official::create_own_token(&mut tx, state.clock.now(), &may.0, &new.name, role).await?;
    tx.commit().await?;
    state.wake.notify_one();
    Ok(HttpResponse::Created().json(json!({ "id": id, "token": token.expose() })))
}

/// `POST /api/v1/tokens/{id}/revoke`
pub(crate) async fn revoke_token(state: Data<State>, may: May<MayAdmin>, id: Path<Uuid>) -> Result<HttpResponse, Error> {
    let mut tx = state.pool.begin().await?;
    let revoked = official::revoke_token(&mut tx, state.clock.now(), *id, may.0.actor()).await?;
    tx.commit().await?;
    if revoked { Ok(HttpResponse::Ok().json(json!({ "id": *id, "status": "revoked" }))) } else { Err(Error::not_found()) }
}

impl From<AccountError> for Error {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Unknown => Self::not_found(),
            AccountError::Exists => Self::conflict("official_exists"),
            AccountError::LastAdmin => Self::conflict("last_admin"),
            AccountError::Disabled => Self::conflict("official_disabled"),
            AccountError::Own => Self::conflict("own_account"),
            AccountError::NotVouched => Self::forbidden("not_vouched"),
            AccountError::SameAdmin => Self::forbidden("same_admin"),
            AccountError::ByToken => Self::forbidden("token_may_not_confirm"),
            AccountError::WrongKey => Self::forbidden("forbidden"),
            AccountError::NoInvitation => Self::conflict("no_invitation"),
            AccountError::Db(error) => error.into(),
        }
    }
}

impl From<TokenError> for Error {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Name(error) => Self::field("name", Problem::Text(error).code()),
            TokenError::UnknownMaker => Self::forbidden("forbidden"),
            TokenError::ByToken => Self::forbidden("token_may_not_make_tokens"),
            TokenError::BeyondMaker => Self::forbidden("forbidden"),
            TokenError::NotVouched(_) => Self::forbidden("not_vouched"),
            TokenError::Db(error) => error.into(),
        }
    }
}
