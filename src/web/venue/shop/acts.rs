//! An owner's acts of one press: pause, start again, close for good, answer the city, the monthly letter.
use super::page::own_page;
use super::{ShopRequest, done_at};
use crate::audit::Actor;
use crate::base::text::TextError;
use crate::venue::review::MAX_SAID_CHARS;
use crate::venue::{self, Said, Venue, VenueId, owner_actions};
use crate::web::error::Error;
use crate::web::form::Form;
use crate::web::page::{Frame, page};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Path;
use askama::Template;
use chrono::DateTime;

/// The page that asks once more before an act is done.
#[derive(Template)]
#[template(path = "web/venue/shop/confirm.html")]
pub(super) struct ConfirmAct<'a> {
    pub(super) f: Frame<'a>,
    pub(super) venue: &'a Venue,
    /// Where the form goes, below the venue's page.
    pub(super) act: String,
    /// Where one goes back to.
    pub(super) back: String,
    /// As a title, what happens, on the button.
    pub(super) words: (String, String, String),
}

async fn confirm_page(shop: &ShopRequest, id: VenueId, act: &str, words: (String, String, String)) -> Result<HttpResponse, Error> {
    let (_, venue) = shop.venue(&mut *shop.state.pool.acquire().await?, id).await?;
    let f = shop.language.frame(&shop.state.service);
    page(StatusCode::OK, &ConfirmAct { f, venue: &venue, act: act.to_owned(), back: format!("/shop/{id}{}", f.lang), words })
}

/// `GET /shop/{id}/pause`
pub(crate) async fn pause_form(shop: ShopRequest, id: Path<VenueId>) -> Result<HttpResponse, Error> {
    let w = shop.language.locale.words();
    confirm_page(&shop, *id, "pause", (w.shop_pause(), w.shop_pause_text(), w.shop_pause())).await
}

/// `GET /shop/{id}/close`
pub(crate) async fn close_form(shop: ShopRequest, id: Path<VenueId>) -> Result<HttpResponse, Error> {
    let w = shop.language.locale.words();
    let text = w.shop_close_text(shop.state.service.retention_days.to_string());
    confirm_page(&shop, *id, "close", (w.shop_close(), text, w.shop_close())).await
}

fn home(id: VenueId) -> String {
    format!("/shop/{id}")
}

/// `POST /shop/{id}/pause`
pub(crate) async fn pause(shop: ShopRequest, id: Path<VenueId>) -> Result<HttpResponse, Error> {
    let mut act = shop.state.act(Actor::Visitor).await?;
    let (owner, _) = shop.venue(&mut act.tx, *id).await?;
    let mut act = act.by(&owner);
    let changed = owner_actions::pause(&mut act).await?;
    act.commit().await?;
    Ok(done_at(shop.language, &shop.state, &home(*id), if changed { "paused" } else { "already" }))
}

/// `POST /shop/{id}/unpause`
pub(crate) async fn unpause(shop: ShopRequest, id: Path<VenueId>) -> Result<HttpResponse, Error> {
    let mut act = shop.state.act(Actor::Visitor).await?;
    let (owner, _) = shop.venue(&mut act.tx, *id).await?;
    let mut act = act.by(&owner);
    let changed = owner_actions::unpause(&mut act).await?;
    act.commit().await?;
    Ok(done_at(shop.language, &shop.state, &home(*id), if changed { "unpaused" } else { "already" }))
}

/// `POST /shop/{id}/close`
pub(crate) async fn close(shop: ShopRequest, id: Path<VenueId>) -> Result<HttpResponse, Error> {
    let mut act = shop.state.act(Actor::Visitor).await?;
    let (owner, _) = shop.venue(&mut act.tx, *id).await?;
    let mut act = act.by(&owner);
    let decided = venue::close_own(&mut act).await?;
    act.commit().await?;
    Ok(done_at(shop.language, &shop.state, &home(*id), if decided.changed { "closed" } else { "already" }))
}

/// `POST /shop/{id}/monthly`
pub(crate) async fn monthly(shop: ShopRequest, id: Path<VenueId>, form: Form) -> Result<HttpResponse, Error> {
    let on = form.get("on") == "yes";
    let mut act = shop.state.act(Actor::Visitor).await?;
    let (owner, _) = shop.venue(&mut act.tx, *id).await?;
    let mut act = act.by(&owner);
    owner_actions::set_monthly_mail(&mut act, on).await?;
    act.commit().await?;
    Ok(done_at(shop.language, &shop.state, &home(*id), if on { "mail-on" } else { "mail-off" }))
}

/// `POST /shop/{id}/answer`
pub(crate) async fn answer(shop: ShopRequest, id: Path<VenueId>, form: Form) -> Result<HttpResponse, Error> {
    let w = shop.language.locale.words();
    let (typed, question) = (form.get("answer"), form.get("question").parse().unwrap_or_default());
    let said = match Said::parse(typed) {
        Ok(said) => said,
        Err(error) => {
            let text = match error {
                TextError::Empty => w.shop_city_answer_empty(),
                TextError::TooLong => w.desk_venue_said_too_long(MAX_SAID_CHARS.to_string()),
                TextError::Forbidden => w.apply_forbidden(),
            };
            return own_page(&shop, *id, "", Some((question, typed.to_owned(), text))).await;
        }
    };
    let mut act = shop.state.act(Actor::Visitor).await?;
    let (owner, _) = shop.venue(&mut act.tx, *id).await?;
    let mut act = act.by(&owner);
    let asked_at = DateTime::from_timestamp_micros(question).unwrap_or_default();
    let answered = owner_actions::answer(&mut act, asked_at, &said).await?;
    act.commit().await?;
    Ok(done_at(shop.language, &shop.state, &home(*id), if answered { "answered" } else { "already" }))
}
