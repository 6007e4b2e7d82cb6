//! Printed letters to venues that the city entered, each with its posters: one PDF for a venue, or for a piece of a batch.
use crate::base::config::Service;
use crate::official::Act;
use crate::poster::kit::{Activation, Kit, Letter, Part};
use crate::venue::activation::letters;
use crate::venue::import::{self, ImportId};
use crate::venue::{self, ActivationKey, City, VenueId};
use crate::web::error::Error;
use crate::web::state::State;
use actix_web::HttpResponse;
use chrono::{DateTime, Duration, Utc};
use serde::Serialize;

/// Venues in one file: some eight hundred pages, drawn in a few seconds and still opened by any viewer.
const MAX_VENUES: usize = 200;
/// Posters in one file; below what a kit takes.
const MAX_POSTERS: i64 = 3_000;
/// The parts that go into the envelope.
pub(crate) const PARTS: [Part; 4] = [Part::Letter, Part::A4, Part::A5, Part::Cards];

/// A piece of a batch that is printed as one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Piece {
    /// Its first row.
    pub(crate) from: i32,
    /// Its last row.
    pub(crate) to: i32,
    #[serde(skip)]
    pub(crate) venues: Vec<VenueId>,
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

/// The kits of those of `venues` that still wait for their owner, in this order. The codes are good once the act is committed.
pub(crate) async fn kits<With>(
    act: &mut Act<'_, City, With>,
    service: &Service,
    key: &ActivationKey,
    venues: &[VenueId],
) -> Result<Vec<Kit>, sqlx::Error> {
    let mut codes = letters(act, key, &service.base_url, venues).await?;
    let mut kits = Vec::with_capacity(codes.len());
    for id in venues {
        let (Some(code), Some(venue)) = (codes.remove(id), venue::show(&mut act.tx, *id).await?) else { continue };
        let posters = venue::posters(&mut act.tx, *id).await?;
        let kit = super::of(service, &venue, &posters);
        let letter = Letter {
            venue_name: venue.name,
            postal_code: venue.postal_code,
            address: venue.address,
            city_name: service.city.clone(),
            service_name: service.name.clone(),
            operator: service.operator.clone(),
            hotline: service.hotline.clone(),
            hotline_hours: service.hotline_hours.clone(),
            written: service.zone.today(act.now),
            activation: Activation {
                url: code.url,
                page: format!("{}/venues/activate", service.host),
                code: code.code,
                valid_until: service.zone.today(code.expires_at - Duration::days(1)),
            },
        };
        kits.push(Kit { letter: Some(letter), ..kit });
    }
    Ok(kits)
}

/// The answer with the letters of a batch: of all of it, or of the piece that begins with row `from`.
pub(crate) async fn of_batch(state: &State, now: DateTime<Utc>, by: City, id: ImportId, from: Option<i32>) -> Result<HttpResponse, Error> {
    let waiting = import::waiting(&mut *state.pool.acquire().await?, id).await?;
    let piece = pieces(&waiting).into_iter().find(|piece| from.is_none_or(|from| piece.from == from));
    let piece = piece.ok_or_else(|| Error::conflict("nothing_to_print"))?;
    answer(state, now, by, &piece.venues).await
}

/// The answer with the letters of these venues.
pub(crate) async fn answer(state: &State, now: DateTime<Utc>, by: City, venues: &[VenueId]) -> Result<HttpResponse, Error> {
    let mut act = state.act_at(now, by).await?;
    let kits = kits(&mut act, &state.service, state.activation()?, venues).await?;
    act.commit().await?;
    super::answer(kits, PARTS.to_vec()).await
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
