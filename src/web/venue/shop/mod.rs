//! A shop's own page: behind a session that belongs to its contact mailbox ([`login`]). What to do next first, then numbers,
//! posters, what the city wrote, and the data.
pub(crate) mod acts;
pub(crate) mod check;
pub(crate) mod edit;
pub(crate) mod login;
pub(crate) mod mail;
pub(crate) mod page;
pub(crate) mod posters;

use crate::base::token::Token;
use crate::venue::{self, Owner, Shopkeeper, Venue, VenueId, VenueKind, VenueStatus};
use crate::web::error::Error;
use crate::web::look::{Frame, Look, page};
use crate::web::state::State;
use actix_web::cookie::time::Duration as CookieAge;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, dev};
use askama::Template;
use sqlx::PgConnection;
use std::future::{Ready, ready};

/// The session's cookie; sent to the shop's own pages alone.
const COOKIE: &str = "shop";
/// The cookie of a round of checking; sent to codes alone.
const CHECK_COOKIE: &str = "shop-check";
/// Where codes stand: in links, and in QR codes, whose letters are capitals.
const CHECK_PATHS: [&str; 2] = ["/c", "/C"];

/// Who holds the mailbox. A handler that takes it cannot be reached without a session.
pub(crate) struct Keeper(pub Shopkeeper);

impl FromRequest for Keeper {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(request.extensions().get::<Shopkeeper>().cloned().map(Self).ok_or_else(unauthorised))
    }
}

fn unauthorised() -> Error {
    Error::new(StatusCode::UNAUTHORIZED, "unauthorised")
}

impl Keeper {
    /// The right over one venue and what it is; 404 for every venue that is not the mailbox's.
    async fn venue(&self, conn: &mut PgConnection, id: VenueId) -> Result<(Owner, Venue), Error> {
        let owner = self.0.owner(&mut *conn, id).await?.ok_or_else(Error::not_found)?;
        let venue = venue::show(conn, id).await?.ok_or_else(Error::not_found)?;
        Ok((owner, venue))
    }
}

/// The session's token, if the request carries one.
pub(crate) fn token(request: &HttpRequest) -> Option<Token> {
    Token::from_client(request.cookie(COOKIE)?.value())
}

/// The token of a round of checking. The hot path asks for it: nothing is parsed unless a cookie is there.
pub(crate) fn check_token(request: &HttpRequest) -> Option<Token> {
    request.headers().get(actix_web::http::header::COOKIE)?;
    Token::from_client(request.cookie(CHECK_COOKIE)?.value())
}

/// Who holds the session, if any.
pub(crate) async fn shopkeeper(request: &HttpRequest, state: &State) -> Result<Option<Shopkeeper>, Error> {
    match token(request) {
        Some(token) => Ok(venue::owner::shopkeeper(&mut *state.pool.acquire().await?, state.clock.now(), &token).await?),
        None => Ok(None),
    }
}

fn cookie(state: &State, name: &'static str, value: String, path: &'static str, same_site: SameSite) -> Cookie<'static> {
    let secure = state.service.base_url.starts_with("https://");
    Cookie::build(name, value).path(path).http_only(true).same_site(same_site).secure(secure).finish()
}

/// On to the own page with a new session.
pub(crate) fn enter(state: &State, token: &Token, to: &str) -> HttpResponse {
    let mut cookie = cookie(state, COOKIE, token.expose().to_owned(), "/shop", SameSite::Strict);
    cookie.set_max_age(CookieAge::seconds(venue::owner::SESSION_VALID.num_seconds()));
    HttpResponse::SeeOther().insert_header((LOCATION, to.to_owned())).cookie(cookie).finish()
}

/// A page after an act: the note says what was done.
fn done_at(look: Look, state: &State, path: &str, done: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, done_path(look, state, path, done))).finish()
}

/// `path` with what was done, in the language that was chosen.
pub(crate) fn done_path(look: Look, state: &State, path: &str, done: &str) -> String {
    let lang = look.frame(&state.service).lang;
    if lang.is_empty() { format!("{path}?done={done}") } else { format!("{path}{lang}&done={done}") }
}

/// What was done, in words; an unknown key says nothing.
fn done_words(f: &Frame<'_>, key: &str) -> Option<String> {
    let w = f.w;
    Some(match key {
        "confirmed" => w.shop_done_confirmed(),
        "confirmed-pending" => w.shop_done_confirmed_pending(),
        "saved" => w.shop_done_saved(),
        "moved" => w.shop_done_moved(),
        "added" => w.shop_done_added(),
        "renamed" => w.shop_done_renamed(),
        "rotated" => w.shop_done_rotated(),
        "revoked" => w.shop_done_revoked(),
        "paused" => w.shop_done_paused(),
        "unpaused" => w.shop_done_unpaused(),
        "closed" => w.shop_done_closed(),
        "answered" => w.shop_done_answered(),
        "mail-on" => w.shop_done_mail_on(),
        "mail-off" => w.shop_done_mail_off(),
        "already" => w.shop_done_already(),
        "check-end" => w.shop_done_checked_end(),
        _ => return None,
    })
}

/// A line of the list.
struct Line {
    id: VenueId,
    name: String,
    kind: String,
    state: String,
}

#[derive(Template)]
#[template(path = "web/venue/shop/list.html")]
struct ListPage<'a> {
    f: Frame<'a>,
    venues: Vec<Line>,
}

fn state_words(f: &Frame<'_>, status: VenueStatus, paused: bool) -> String {
    if paused && status == VenueStatus::Active { f.w.shop_paused_state() } else { status.label(f.locale) }
}

fn kind_words(f: &Frame<'_>, kind: VenueKind) -> String {
    kind.label(f.locale)
}

/// `GET /shop`: the mailbox's venues; straight to the only one.
pub(crate) async fn list(look: Look, state: Data<State>, keeper: Keeper) -> Result<HttpResponse, Error> {
    let venues = keeper.0.venues(&mut *state.pool.acquire().await?).await?;
    let f = look.frame(&state.service);
    if let [only] = venues.as_slice() {
        return Ok(HttpResponse::SeeOther().insert_header((LOCATION, format!("/shop/{}{}", only.id, f.lang))).finish());
    }
    let line = |venue: venue::owner::OwnVenue| Line {
        id: venue.id,
        kind: kind_words(&f, venue.kind),
        state: state_words(&f, venue.status, venue.paused),
        name: venue.name,
    };
    page(StatusCode::OK, &ListPage { venues: venues.into_iter().map(line).collect(), f })
}
