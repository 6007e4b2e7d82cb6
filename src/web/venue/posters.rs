//! A venue's posters: the page that shows them to whoever holds the link of its newest letter, and the files to print.
use crate::base::config::Service;
use crate::base::token::Token;
use crate::poster::kit::{Kit, Part};
use crate::poster::{self, PosterError};
use crate::repeated;
use crate::venue::{self, HangingPoster, PendingVenue, PosterId, PosterStatus, VenueId, VenueStatus, letters};
use crate::web::error::Error;
use crate::web::page::{Frame, Language, page};
use crate::web::print_kit;
use crate::web::state::State;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{Data, Path};
use askama::Template;

/// Pixels of a module in a PNG: 29 modules and their quiet zone make 592 pixels, sharp on a 5 cm print at 300 dpi.
const PNG_MODULE_PX: u32 = 16;
/// Posters whose code is drawn on the page, about 4 kB each; the others stand there with their files only.
const MAX_DRAWN: usize = 20;

#[derive(Template)]
#[template(path = "web/venue/posters.html")]
struct PostersPage<'a> {
    f: Frame<'a>,
    name: &'a str,
    /// The token of the page's own link, and until when it is good.
    link: Option<(&'a str, String)>,
    posters: Vec<Item>,
}

/// A poster on the page.
struct Item {
    id: PosterId,
    label: String,
    code: String,
    qr: Option<String>,
}

/// The posters behind the link of a letter, with their files.
pub(super) async fn by_link(language: Language, state: &State, token: &str, venue: &PendingVenue) -> Result<HttpResponse, Error> {
    let until = letters::until(language.locale, state.service.zone, venue.expires_at);
    posters_page(language, state, venue.id, &venue.name, Some((token, until))).await
}

/// The posters after the digits were typed. Only the hash of the link is known here, so the files wait behind the mail's link.
pub(super) async fn by_digits(language: Language, state: &State, venue: VenueId, name: &str) -> Result<HttpResponse, Error> {
    posters_page(language, state, venue, name, None).await
}

async fn posters_page(
    language: Language,
    state: &State,
    venue: VenueId,
    name: &str,
    link: Option<(&str, String)>,
) -> Result<HttpResponse, Error> {
    let mut connection = state.pool.acquire().await?;
    let hanging = venue::posters(&mut connection, venue).await?.into_iter().filter(|poster| poster.status == PosterStatus::Active);
    let posters = hanging.enumerate().map(|(place, poster)| item(&state.service, poster, place < MAX_DRAWN)).collect::<Result<_, _>>()?;
    page(StatusCode::OK, &PostersPage { f: language.frame(&state.service), name, link, posters })
}

fn item(service: &Service, poster: venue::Poster, draw: bool) -> Result<Item, Error> {
    let url = poster::check_in_url(&service.base_url, &poster.code);
    let qr = draw.then(|| poster::qr_svg(&url)).transpose().map_err(not_drawn)?;
    Ok(Item { id: poster.id, code: poster.code.grouped(), label: poster.label, qr })
}

/// `GET /venues/confirm/{token}/{id}.svg|.png|.pdf`: a poster of the venue whose letter held the link. Uses nothing up.
pub(crate) async fn file(state: Data<State>, path: Path<(String, String)>) -> Result<HttpResponse, Error> {
    let (token, file) = path.into_inner();
    let token = Token::from_client(&token).ok_or_else(Error::not_found)?;
    let (id, extension) = file.rsplit_once('.').ok_or_else(Error::not_found)?;
    let id: PosterId = id.parse().map_err(|_| Error::not_found())?;
    let mut connection = state.pool.acquire().await?;
    let venue = venue::peek(&mut connection, state.clock.now(), &token).await?.ok_or_else(Error::not_found)?;
    let hanging = venue::poster(&mut connection, id).await?.ok_or_else(Error::not_found)?;
    let alive = hanging.venue_status == VenueStatus::Active && hanging.poster.status == PosterStatus::Active;
    if hanging.poster.venue_id != venue.id || !alive {
        return Err(Error::not_found());
    }
    let (kind, bytes) = drawn(&state.service, &hanging, extension, None)?;
    let disposition = format!("attachment; filename=\"{}\"", file_name(&hanging, extension));
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, kind)).insert_header((CONTENT_DISPOSITION, disposition)).body(bytes))
}

/// ASCII alone: a label may hold anything, a header may not.
pub(super) fn file_name(hanging: &HangingPoster, extension: &str) -> String {
    let what = if extension == "png" { "qr" } else { "poster" };
    format!("{what}-{}.{extension}", hanging.poster.no)
}

/// The wall poster (`svg`, `pdf`), or the bare code as pixels (`png`, so many for a module): its media type and its bytes.
pub(crate) fn drawn(
    service: &Service,
    hanging: &HangingPoster,
    extension: &str,
    module_px: Option<u32>,
) -> Result<(&'static str, Vec<u8>), Error> {
    let print = print_kit::print(service, hanging);
    let (kind, bytes) = match extension {
        "svg" => ("image/svg+xml", poster::svg(&print).map(String::into_bytes)),
        "png" => ("image/png", poster::png(&print.url(), module_px.unwrap_or(PNG_MODULE_PX))),
        "pdf" => {
            let alone = Kit { posters: vec![print], letter: None };
            return Ok(("application/pdf", poster::kit::pdf(&[alone], &[Part::A4])?.bytes));
        }
        _ => return Err(Error::not_found()),
    };
    Ok((kind, bytes.map_err(not_drawn)?))
}

fn not_drawn(error: PosterError) -> Error {
    repeated!(error, "a poster could not be drawn", error);
    Error::internal()
}
