//! The print kit over the web: what is printed for a venue, and the answer that carries the file. Officials, programs and the
//! venue's own page ask here.
pub(crate) mod letters;

use crate::base::config::Service;
use crate::base::locale::Locale;
use crate::poster::kit::{self, Kit, KitError, Part};
use crate::poster::{Place, Poster};
use crate::repeated;
use crate::venue::{self, HangingPoster, PosterStatus, Venue, VenueId, VenueKind, VenueStatus};
use crate::web::error::Error;
use crate::web::form::Query;
use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use chrono::NaiveDate;
use sqlx::PgConnection;

/// Tells programs which characters the typeface lacks: `U+20BB7, U+2715`.
const MISSING_GLYPHS: &str = "Missing-Glyphs";
/// Tells programs which parts were left out since a module of their codes would be too narrow: `labels65`.
const LEFT_OUT: &str = "Left-Out-Parts";

/// Whether a venue prints at all: nothing hangs in what is not confirmed, refused or closed.
fn prints(status: VenueStatus) -> bool {
    !matches!(status, VenueStatus::Unconfirmed | VenueStatus::Refused | VenueStatus::Closed)
}

/// The print kit of a venue: its posters that are alive.
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

/// The print of a poster that hangs.
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
    /// Which parts cannot be printed, since the host's name is too long for their codes.
    pub(crate) narrow: Option<String>,
}

impl Printing {
    /// For the page of a venue at this path; `None` where nothing hangs.
    pub(crate) fn of(locale: Locale, kit: &Kit, page: &str) -> Option<Self> {
        if kit.posters.is_empty() {
            return None;
        }
        let w = locale.words();
        let narrow = kit::too_narrow(kit);
        let offered = Part::ALL.into_iter().filter(|part| *part != Part::Letter && !narrow.contains(part));
        let parts = offered.map(|part| (part.as_str(), part.label(locale)));
        let missing: String = kit::missing(kit).into_iter().collect();
        let missing = Some(missing).filter(|missing| !missing.is_empty()).map(|missing| w.kit_page_missing(missing));
        let narrow: Vec<String> = narrow.iter().map(|part| part.label(locale)).collect();
        let narrow = (!narrow.is_empty()).then(|| w.kit_page_narrow(narrow.join(" · ")));
        let path = format!("{page}/kit.pdf");
        Some(Self { path, title: w.kit_page_title(), all: w.kit_page_all(), parts: parts.collect(), missing, narrow })
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
    let left_out: Vec<&str> = file.left_out.iter().filter(|part| **part != Part::Letter).map(|part| part.as_str()).collect();
    if !left_out.is_empty() {
        response.insert_header((LEFT_OUT, left_out.join(", ")));
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
                repeated!(error, "a kit was not drawn", error);
                Self::internal()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::clock::Zone;

    /// What the page offers to print for a host of so many characters.
    fn printing(host: usize) -> Printing {
        let host = format!("{}.example.jp", "a".repeat(host - ".example.jp".len()));
        let service = Service {
            city: "あおば市".into(),
            name: "感染症お知らせサービス".into(),
            operator: "あおば市".into(),
            hotline: "0120-000-000".into(),
            hotline_hours: String::new(),
            base_url: format!("https://{host}"),
            host,
            zone: Zone(chrono_tz::Asia::Tokyo),
            retention_days: 31,
            public_list: false,
        };
        let hanging = venue::Poster {
            id: uuid::Uuid::nil().to_string().parse().unwrap(),
            venue_id: uuid::Uuid::nil().to_string().parse().unwrap(),
            no: 1,
            label: "入口".into(),
            code: "000000000012".parse().unwrap(),
            status: PosterStatus::Active,
            edition: 1,
            created_at: "2026-11-22T03:00:00Z".parse().unwrap(),
            revoked_at: None,
            checked_on: None,
            scanned_on: None,
        };
        let poster = printed(&service, "喫茶 ひだまり", VenueKind::Restaurant, None, &hanging);
        Printing::of(Locale::Ja, &Kit { posters: vec![poster], letter: None }, "/shop/1").unwrap()
    }

    #[test]
    fn a_part_that_no_phone_could_read_is_not_offered_and_said() {
        let (fits, over) = (printing(57), printing(64));
        let offers = |printing: &Printing| printing.parts.iter().any(|(part, _)| *part == "labels65");
        assert!(offers(&fits) && fits.narrow.is_none());
        assert!(!offers(&over) && over.narrow.is_some_and(|said| said.contains(&Part::Labels65.label(Locale::Ja))));
    }
}
