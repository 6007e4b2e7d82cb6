//! 「ポスターを確認」: the owner goes round and scans each poster with the phone's camera. While a round is on, a short-lived cookie
//! makes the scanned code say which poster it is instead of asking for an address; a code can be typed as well.
//!
//! Its cookie goes to `/c` and `/C` alone, and says nothing but which venue is being checked. Reading a code keeps a day and
//! changes nothing else, so a GET may do it.
use super::page::hanging;
use super::{CHECK_COOKIE, CHECK_PATHS, ShopRequest, check_token, done_path};
use crate::base::code::PosterCode;
use crate::venue::owner_actions::{self, Checked};
use crate::venue::{self, Owner, Venue, VenueId};
use crate::web::console::field::{self, Field as Input};
use crate::web::error::Error;
use crate::web::form::{Form, Query};
use crate::web::limit::{self, Act};
use crate::web::page::{Frame, Language, page};
use crate::web::state::State;
use actix_web::cookie::time::Duration as CookieAge;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use sqlx::PgConnection;

/// Posters that are named as not checked yet; the others are counted.
const MAX_LEFT: usize = 20;

/// How a round stands.
struct Round {
    done: usize,
    all: usize,
    left: Vec<String>,
    more: usize,
}

#[derive(Template)]
#[template(path = "web/venue/shop/check.html")]
struct CheckPage<'a> {
    f: Frame<'a>,
    venue: &'a Venue,
    round: Round,
    on: bool,
    code: Input,
}

#[derive(Template)]
#[template(path = "web/venue/shop/checked.html")]
struct CheckedPage<'a> {
    f: Frame<'a>,
    venue: VenueId,
    checked: Checked,
    round: Round,
}

async fn round(conn: &mut PgConnection, state: &State, venue: &Venue) -> Result<Round, Error> {
    let today = state.service.zone.business_date(state.clock.now(), venue.day_starts_minutes);
    let posters = hanging(venue::posters(conn, venue.id).await?);
    let all = posters.len();
    let open: Vec<String> = posters.into_iter().filter(|poster| poster.checked_on != Some(today)).map(|poster| poster.label).collect();
    let (done, more) = (all - open.len(), open.len().saturating_sub(MAX_LEFT));
    Ok(Round { done, all, left: open.into_iter().take(MAX_LEFT).collect(), more })
}

/// `GET /shop/{id}/check`; `?on=` after the round was begun.
pub(crate) async fn form(shop: ShopRequest, id: Path<VenueId>, query: Query) -> Result<HttpResponse, Error> {
    check_page(&shop, *id, query.get("on") == "yes", "", None).await
}

async fn check_page(shop: &ShopRequest, id: VenueId, on: bool, typed: &str, error: Option<String>) -> Result<HttpResponse, Error> {
    let mut connection = shop.state.pool.acquire().await?;
    let (_, venue) = shop.venue(&mut connection, id).await?;
    let round = round(&mut connection, &shop.state, &venue).await?;
    drop(connection);
    let f = shop.language.frame(&shop.state.service);
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let mut code = Input::new("c", "code", f.w.shop_check_type_label()).hint(f.w.code_hint()).value(typed).error(error);
    field::focus_first_wrong(&mut [&mut code]);
    page(status, &CheckPage { f, venue: &venue, round, on, code })
}

/// Lax: a camera's app may open the page from elsewhere.
fn check_cookie(state: &State, value: &str, path: &'static str) -> Cookie<'static> {
    let secure = state.service.base_url.starts_with("https://");
    Cookie::build(CHECK_COOKIE, value.to_owned()).path(path).http_only(true).same_site(SameSite::Lax).secure(secure).finish()
}

/// `POST /shop/{id}/check`: begins a round; from now on the phone's camera does the rest.
pub(crate) async fn begin(shop: ShopRequest, id: Path<VenueId>) -> Result<HttpResponse, Error> {
    let mut connection = shop.state.pool.acquire().await?;
    let (owner, _) = shop.venue(&mut connection, *id).await?;
    let token = venue::owner_session::begin_check(&mut connection, shop.state.clock.now(), &owner).await?;
    let lang = shop.language.frame(&shop.state.service).lang;
    let to = format!("/shop/{}/check{}on=yes", *id, if lang.is_empty() { "?".to_owned() } else { format!("{lang}&") });
    let mut answer = HttpResponse::SeeOther();
    answer.insert_header((LOCATION, to));
    for path in CHECK_PATHS {
        let mut cookie = check_cookie(&shop.state, token.expose(), path);
        cookie.set_max_age(CookieAge::seconds(venue::owner_session::CHECK_VALID.num_seconds()));
        answer.append_header((actix_web::http::header::SET_COOKIE, cookie.to_string()));
    }
    Ok(answer.finish())
}

/// `POST /shop/{id}/check/end`: codes ask visitors for their address again.
pub(crate) async fn end(shop: ShopRequest, id: Path<VenueId>) -> Result<HttpResponse, Error> {
    shop.venue(&mut *shop.state.pool.acquire().await?, *id).await?;
    let mut answer = HttpResponse::SeeOther();
    answer.insert_header((LOCATION, done_path(shop.language, &shop.state, &format!("/shop/{}", *id), "check-end")));
    for path in CHECK_PATHS {
        let mut gone = check_cookie(&shop.state, "", path);
        gone.make_removal();
        answer.append_header((actix_web::http::header::SET_COOKIE, gone.to_string()));
    }
    Ok(answer.finish())
}

/// `POST /shop/{id}/check/code`: the same for a code that was typed.
pub(crate) async fn by_code(request: HttpRequest, shop: ShopRequest, id: Path<VenueId>, form: Form) -> Result<HttpResponse, Error> {
    limit::check(&request, &shop.state, Act::Guess)?;
    let typed = form.get("code");
    let Ok(code) = PosterCode::parse(typed) else {
        let w = shop.language.locale.words();
        let error = if typed.trim().is_empty() { w.code_empty() } else { w.code_wrong() };
        let shown = if typed.chars().count() <= crate::web::visitor::MAX_TYPED_CODE { typed } else { "" };
        return check_page(&shop, *id, false, shown, Some(error)).await;
    };
    let (owner, _) = shop.venue(&mut *shop.state.pool.acquire().await?, *id).await?;
    checked_page(shop.language, &shop.state, &owner, Some(&code)).await
}

/// The page of a scanned code while a round is on; `None` when none is.
pub(crate) async fn scanned(request: &HttpRequest, language: Language, state: &State, code: &str) -> Result<Option<HttpResponse>, Error> {
    let Some(token) = check_token(request) else { return Ok(None) };
    if limit::check(request, state, Act::Guess).is_err() {
        return Ok(None);
    }
    let owner = venue::owner_session::checking(&mut *state.pool.acquire().await?, state.clock.now(), &token).await?;
    match owner {
        // A code that cannot be one of ours hangs there all the same.
        Some(owner) => checked_page(language, state, &owner, PosterCode::parse(code).ok().as_ref()).await.map(Some),
        None => Ok(None),
    }
}

async fn checked_page(language: Language, state: &State, owner: &Owner, code: Option<&PosterCode>) -> Result<HttpResponse, Error> {
    let mut tx = state.pool.begin().await?;
    let venue = venue::show(&mut tx, owner.venue()).await?.ok_or_else(Error::not_found)?;
    let today = state.service.zone.business_date(state.clock.now(), venue.day_starts_minutes);
    let checked = match code {
        Some(code) => owner_actions::check(&mut tx, owner, code, today).await?,
        None => Checked::Foreign,
    };
    let round = round(&mut tx, state, &venue).await?;
    tx.commit().await?;
    page(StatusCode::OK, &CheckedPage { f: language.frame(&state.service), venue: venue.id, checked, round })
}
