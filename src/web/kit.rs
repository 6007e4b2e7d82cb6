//! The print kit over the web: what is printed for a venue, and the answer that carries the file. Officials, programs and the
//! shop's own page ask here.
pub(crate) mod letters;

use crate::base::config::Service;
use crate::base::locale::Locale;
use crate::poster::kit::{self, Kit, KitError, Part};
use crate::poster::{Place, Poster};
use crate::venue::{self, HangingPoster, PosterStatus, Venue, VenueId, VenueKind, VenueStatus};
use crate::web::error::Error;
use crate::web::form::Query;
use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use chrono::NaiveDate;
use sqlx::PgConnection;

/// Tells programs which characters the typeface lacks: `U+20BB7, U+2715`.
const MISSING_GLYPHS: &str = "Missing-Glyphs";

/// Whether a venue prints at all: nothing hangs in what is not confirmed, refused or closed.
fn prints(status: VenueStatus) -> bool {
    !matches!(status, VenueStatus::Unconfirmed | VenueStatus::Refused | VenueStatus::Closed)
}

/// What a venue prints: its posters that are alive.
pub(crate) fn of(service: &Service, venue: &Venue, posters: &[venue::Poster]) -> Kit {
    let alive = posters.iter().filter(|poster| prints(venue.status) && poster.status == PosterStatus::Active);
    let mut posters: Vec<Poster> = alive.map(|poster| printed(service, &venue.name, venue.kind, venue.closes_on, poster)).collect();
    posters.sort_by_key(|poster| poster.no);
    Kit { posters, letter: None }
}

/// The same, read from the database. `None`: there is no such venue.
pub(crate) async fn read(connection: &mut PgConnection, service: &Service, id: VenueId) -> Result<Option<Kit>, sqlx::Error> {
    let Some(venue) = venue::show(connection, id).await? else { return Ok(None) };
    let posters = venue::posters(connection, id).await?;
    Ok(Some(of(service, &venue, &posters)))
}

/// What is printed on a poster that hangs.
pub(crate) fn print(service: &Service, hanging: &HangingPoster) -> Poster {
    printed(service, &hanging.venue_name, hanging.kind, None, &hanging.poster)
}

fn printed(service: &Service, venue: &str, kind: VenueKind, last_day: Option<NaiveDate>, poster: &venue::Poster) -> Poster {
    let place = match Place::from_label(&poster.label) {
        Place::Entrance if kind == VenueKind::Event => Place::Event,
        place => place,
    };
    Poster {
        venue_name: venue.to_owned(),
        place,
        label: poster.label.clone(),
        no: poster.no,
        code: poster.code,
        base_url: service.base_url.clone(),
        city_name: service.city.clone(),
        service_name: service.name.clone(),
        english_name: String::new(),
        hotline: service.hotline.clone(),
        hotline_hours: service.hotline_hours.clone(),
        retention_days: service.retention_days,
        edition: u16::try_from(poster.edition).unwrap_or(1),
        issued: service.zone.today(poster.created_at),
        valid_until: last_day,
    }
}

/// The links of a page to what can be printed.
pub(crate) struct Printing {
    /// Where the file lies.
    pub(crate) path: String,
    pub(crate) title: String,
    pub(crate) all: String,
    /// The parts, by name and label.
    pub(crate) parts: Vec<(&'static str, String)>,
    /// Which characters would not be printed.
    pub(crate) missing: Option<String>,
}

impl Printing {
    /// For the page of a venue at this path; `None` where nothing hangs.
    pub(crate) fn of(locale: Locale, kit: &Kit, page: &str) -> Option<Self> {
        if kit.posters.is_empty() {
            return None;
        }
        let w = locale.words();
        let parts = Part::ALL.into_iter().filter(|part| *part != Part::Letter).map(|part| (part.as_str(), part.label(locale)));
        let missing: String = kit::missing(kit).into_iter().collect();
        let missing = Some(missing).filter(|missing| !missing.is_empty()).map(|missing| w.kit_page_missing(missing));
        let path = format!("{page}/kit.pdf");
        Some(Self { path, title: w.kit_page_title(), all: w.kit_page_all(), parts: parts.collect(), missing })
    }
}

/// The parts that `?part=` asks for.
pub(crate) fn parts(query: &Query) -> Result<Vec<Part>, Error> {
    Part::parse_list(query.get("part")).map_err(|_| Error::field("part", "unknown_choice"))
}

/// Draws away from the threads that answer requests, and answers with the file.
pub(crate) async fn answer(kits: Vec<Kit>, parts: Vec<Part>) -> Result<HttpResponse, Error> {
    let name = match parts[..] {
        [Part::Letter, ..] => "letters.pdf".to_owned(),
        [part] => format!("poster-{part}.pdf"),
        _ => "poster-kit.pdf".to_owned(),
    };
    let drawn = actix_web::web::block(move || kit::pdf(&kits, &parts)).await.map_err(|_| Error::internal())?;
    let file = drawn?;
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, "application/pdf"));
    response.insert_header((CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")));
    if !file.missing.is_empty() {
        let missing: Vec<String> = file.missing.iter().take(50).map(|character| format!("U+{:04X}", u32::from(*character))).collect();
        response.insert_header((MISSING_GLYPHS, missing.join(", ")));
    }
    Ok(response.body(file.bytes))
}

impl From<KitError> for Error {
    fn from(error: KitError) -> Self {
        match error {
            KitError::Nothing => Self::conflict("nothing_to_print"),
            KitError::TooMany => Self::conflict("too_many_posters"),
            KitError::TooNarrow(_) => Self::conflict("code_too_narrow"),
            KitError::Code(_) | KitError::Pdf(_) => {
                tracing::error!(%error, "a kit was not drawn");
                Self::internal()
            }
        }
    }
}
