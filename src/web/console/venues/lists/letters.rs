//! Printed letters to venues that the city entered, each with its posters: one PDF for a venue, or for a piece of a batch.
use crate::official::{MayTrace, Session};
use crate::poster::kit::{Activation, Kit, Letter, Part};
use crate::venue::activation::{self, letters};
use crate::venue::import::{self, ImportId};
use crate::venue::{self, VenueId};
use crate::web::console::Desk;
use crate::web::error::Error;
use crate::web::form::Form;
use crate::web::kit;
use crate::web::session::May;
use crate::web::state::State;
use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use chrono::Duration;

/// Venues in one file: some eight hundred pages, drawn in a few seconds and still opened by any viewer.
const MAX_VENUES: usize = 200;
/// Posters in one file; below what a kit takes.
const MAX_POSTERS: i64 = 3_000;
/// What goes into the envelope.
const PARTS: [Part; 4] = [Part::Letter, Part::A4, Part::A5, Part::Cards];

/// A piece of a batch that is printed as one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Its first row.
    pub(crate) from: i32,
    /// Its last row.
    pub(crate) to: i32,
    venues: Vec<VenueId>,
}

/// Cuts the venues that wait into pieces, in the list's order. A venue with more posters than a piece takes is one by itself.
pub(crate) fn pieces(waiting: &[(i32, VenueId, i64)]) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut posters = 0;
    for (row, venue, count) in waiting {
        posters += count;
        match pieces.last_mut() {
            Some(piece) if piece.venues.len() < MAX_VENUES && posters <= MAX_POSTERS => {
                piece.to = *row;
                piece.venues.push(*venue);
            }
            _ => {
                posters = *count;
                pieces.push(Piece { from: *row, to: *row, venues: vec![*venue] });
            }
        }
    }
    pieces
}

/// `POST /console/venues/import/{id}/letters`: letters and posters of the piece that begins with row `from`.
pub(crate) async fn of_batch(
    state: Data<State>,
    desk: Desk,
    may: May<MayTrace>,
    id: Path<ImportId>,
    form: Form,
) -> Result<HttpResponse, Error> {
    let waiting = import::waiting(&mut *state.pool.acquire().await?, *id).await?;
    let from = form.get("from").parse::<i32>().ok();
    let piece = pieces(&waiting).into_iter().find(|piece| from.is_none_or(|from| piece.from == from));
    let piece = piece.ok_or_else(|| Error::conflict("nothing_to_print"))?;
    printed(&state, &desk, &may.0, &piece.venues).await
}

/// `POST /console/venues/{id}/letter`
pub(crate) async fn of_venue(state: Data<State>, desk: Desk, may: May<MayTrace>, id: Path<VenueId>) -> Result<HttpResponse, Error> {
    printed(&state, &desk, &may.0, &[*id]).await
}

/// `POST /console/venues/{id}/letter/renew`: the letter is in the wrong hands.
pub(crate) async fn renew(state: Data<State>, desk: Desk, may: May<MayTrace>, id: Path<VenueId>) -> Result<HttpResponse, Error> {
    let mut tx = state.pool.begin().await?;
    activation::renew(&mut tx, &state.activation, desk.now, &may.0, *id).await?;
    tx.commit().await?;
    Ok(crate::web::console::cases::to_page(&desk, &state, &format!("/console/venues/{id}"), "letter_renewed"))
}

async fn printed(state: &State, desk: &Desk, session: &Session<MayTrace>, venues: &[VenueId]) -> Result<HttpResponse, Error> {
    let service = &state.service;
    let mut tx = state.pool.begin().await?;
    let mut codes = letters(&mut tx, &state.activation, desk.now, session, &service.base_url, venues).await?;
    let mut kits = Vec::with_capacity(venues.len());
    for id in venues {
        let (Some(code), Some(kit)) = (codes.remove(id), kit::read(&mut tx, service, *id).await?) else { continue };
        let Some(venue) = venue::show(&mut tx, *id).await? else { continue };
        let letter = Letter {
            venue_name: venue.name,
            postal_code: venue.postal_code,
            address: venue.address,
            city_name: service.city.clone(),
            service_name: service.name.clone(),
            operator: service.operator.clone(),
            hotline: service.hotline.clone(),
            hotline_hours: service.hotline_hours.clone(),
            written: service.zone.today(desk.now),
            activation: Activation {
                url: code.url,
                page: format!("{}/venues/activate", service.host),
                code: code.code,
                valid_until: service.zone.today(code.expires_at - Duration::days(1)),
            },
        };
        kits.push(Kit { letter: Some(letter), ..kit });
    }
    tx.commit().await?;
    kit::answer(kits, PARTS.to_vec()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_is_cut_by_venues_and_by_posters() {
        let waiting = |count: i32, posters: i64| (2..count + 2).map(|row| (row, VenueId::random(), posters)).collect::<Vec<_>>();
        let cut = |waiting: &[(i32, VenueId, i64)]| pieces(waiting).iter().map(|piece| (piece.from, piece.to)).collect::<Vec<_>>();
        assert_eq!(cut(&waiting(200, 2)), [(2, 201)]);
        assert_eq!(cut(&waiting(201, 2)), [(2, 201), (202, 202)]);
        assert_eq!(cut(&waiting(13, 500)), [(2, 7), (8, 13), (14, 14)]);
        assert_eq!(cut(&waiting(2, 5_000)), [(2, 2), (3, 3)]);
        assert!(cut(&[]).is_empty());
    }
}
