//! A venue's own page: behind a session that belongs to its contact mailbox ([`login`]). What to do next first, then numbers,
//! posters, what the city wrote, and the data.
pub(crate) mod acts;
pub(crate) mod check;
pub(crate) mod edit;
pub(crate) mod login;
pub(crate) mod mail;
pub(crate) mod page;
pub(crate) mod posters;

use crate::base::token::Token;
use crate::venue::{self, MailboxHolder, Owner, Venue, VenueId, VenueKind, VenueStatus};
use crate::web::error::Error;
use crate::web::page::{Frame, Language, page};
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

/// The session's cookie where the service has no https, on a developer's machine; sent to the venue's own pages alone.
const COOKIE: &str = "shop";
/// The same with https: no other host of the city's domain can set it, so nobody is led into another venue's session
/// (RFC 6265bis §4.1.3.2). Its price is that it goes to every path.
const HOST_COOKIE: &str = "__Host-shop";
/// The cookie of a round of checking; sent to codes alone.
const CHECK_COOKIE: &str = "shop-check";
/// Where codes stand: in links, and in QR codes, whose letters are capitals.
const CHECK_PATHS: [&str; 2] = ["/c", "/C"];

/// A request of whoever holds a venue's mailbox: who asks, in which language, and of what. A handler that takes it cannot be
/// reached without a session.
pub(crate) struct ShopRequest {
    /// The holder of the mailbox.
    pub(crate) holder: MailboxHolder,
    /// The language of the page.
    pub(crate) language: Language,
    /// The state of the process.
    pub(crate) state: Data<State>,
}

impl FromRequest for ShopRequest {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let holder = request.extensions().get::<MailboxHolder>().cloned();
        let shop = holder.zip(request.app_data::<Data<State>>());
        let shop = shop.map(|(holder, state)| Self { holder, language: Language::of(request), state: state.clone() });
        ready(shop.ok_or_else(unauthorised))
    }
}

fn unauthorised() -> Error {
    Error::new(StatusCode::UNAUTHORIZED, "unauthorised")
}

impl ShopRequest {
    /// The right over one venue and what it is; 404 for every venue that is not the mailbox's.
    async fn venue(&self, conn: &mut PgConnection, id: VenueId) -> Result<(Owner, Venue), Error> {
        let owner = self.holder.owner(&mut *conn, id).await?.ok_or_else(Error::not_found)?;
        let venue = venue::show(conn, id).await?.ok_or_else(Error::not_found)?;
        Ok((owner, venue))
    }
}

/// The session's token, if the request carries one.
pub(crate) fn token(request: &HttpRequest, state: &State) -> Option<Token> {
    Token::from_client(request.cookie(session_cookie(&state.service.base_url, "").name())?.value())
}

/// The cookie of a session.
fn session_cookie(base_url: &str, value: &str) -> Cookie<'static> {
    let secure = base_url.starts_with("https://");
    let (name, path) = if secure { (HOST_COOKIE, "/") } else { (COOKIE, "/shop") };
    Cookie::build(name, value.to_owned()).path(path).http_only(true).same_site(SameSite::Strict).secure(secure).finish()
}

/// The token of a round of checking. The hot path asks for it: nothing is parsed unless a cookie is there.
pub(crate) fn check_token(request: &HttpRequest) -> Option<Token> {
    request.headers().get(actix_web::http::header::COOKIE)?;
    Token::from_client(request.cookie(CHECK_COOKIE)?.value())
}

/// The holder of the session, if any.
pub(crate) async fn mailbox_holder(request: &HttpRequest, state: &State) -> Result<Option<MailboxHolder>, Error> {
    match token(request, state) {
        Some(token) => Ok(venue::owner_session::mailbox_holder(&mut *state.pool.acquire().await?, state.clock.now(), &token).await?),
        None => Ok(None),
    }
}

/// On to the own page with a new session.
pub(crate) fn enter(state: &State, token: &Token, to: &str) -> HttpResponse {
    let mut cookie = session_cookie(&state.service.base_url, token.expose());
    cookie.set_max_age(CookieAge::seconds(venue::owner_session::SESSION_VALID.num_seconds()));
    HttpResponse::SeeOther().insert_header((LOCATION, to.to_owned())).cookie(cookie).finish()
}

/// A page after an act: the note says what was done.
fn done_at(language: Language, state: &State, path: &str, done: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, done_path(language, state, path, done))).finish()
}

/// `path` with what was done, in the language that was chosen.
pub(crate) fn done_path(language: Language, state: &State, path: &str, done: &str) -> String {
    let lang = language.frame(&state.service).lang;
    if lang.is_empty() { format!("{path}?done={done}") } else { format!("{path}{lang}&done={done}") }
}

/// The result of the last act, in words; an unknown key says nothing.
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
struct OwnVenueLine {
    id: VenueId,
    name: String,
    kind: String,
    state: String,
}

#[derive(Template)]
#[template(path = "web/venue/shop/list.html")]
struct ListPage<'a> {
    f: Frame<'a>,
    venues: Vec<OwnVenueLine>,
}

fn state_words(f: &Frame<'_>, status: VenueStatus, paused: bool) -> String {
    if paused && status == VenueStatus::Active { f.w.shop_paused_state() } else { status.label(f.locale) }
}

fn kind_words(f: &Frame<'_>, kind: VenueKind) -> String {
    kind.label(f.locale)
}

/// `GET /shop`: the mailbox's venues; straight to the only one.
pub(crate) async fn list(shop: ShopRequest) -> Result<HttpResponse, Error> {
    let venues = shop.holder.venues(&mut *shop.state.pool.acquire().await?).await?;
    let f = shop.language.frame(&shop.state.service);
    if let [only] = venues.as_slice() {
        return Ok(HttpResponse::SeeOther().insert_header((LOCATION, format!("/shop/{}{}", only.id, f.lang))).finish());
    }
    let line = |venue: venue::owner_session::OwnVenue| OwnVenueLine {
        id: venue.id,
        kind: kind_words(&f, venue.kind),
        state: state_words(&f, venue.status, venue.paused),
        name: venue.name,
    };
    page(StatusCode::OK, &ListPage { venues: venues.into_iter().map(line).collect(), f })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_https_no_other_host_can_set_the_session() {
        let cookie = session_cookie("https://ashiato.city.example.jp", "x").to_string();
        assert_eq!(cookie, "__Host-shop=x; HttpOnly; SameSite=Strict; Secure; Path=/");
        assert_eq!(session_cookie("http://localhost:8080", "x").to_string(), "shop=x; HttpOnly; SameSite=Strict; Path=/shop");
    }
}
