//! An import of venues is taken back where nobody has checked in: the one act that venues and visits do together.
use super::store;
use crate::base::clock::Zone;
use crate::official::Act;
use crate::venue::import::ImportId;
use crate::venue::import::undo::{self, UndoError, Undone};
use crate::venue::{City, VenueId};
use std::collections::HashSet;

/// Takes an import back, see [`crate::venue::import::undo`]. Visits are asked for one date after the
/// other, from the day before the import (a business day ends after midnight) to the day after now.
///
/// # Errors
/// See [`UndoError`]; the caller rolls back.
pub async fn undo_import<With>(act: &mut Act<'_, City, With>, zone: Zone, id: ImportId) -> Result<Undone, UndoError> {
    let begun = undo::begin(&mut act.tx, act.now, id).await?;
    let venues: Vec<uuid::Uuid> = begun.venues().into_iter().map(|venue| venue.0).collect();
    let first = zone.today(begun.made_at()).pred_opt();
    let last = zone.today(act.now).succ_opt().unwrap_or(chrono::NaiveDate::MAX);
    let mut visited: HashSet<VenueId> = HashSet::new();
    for date in first.unwrap_or(chrono::NaiveDate::MIN).iter_days().take_while(|date| *date <= last) {
        visited.extend(store::visited(&mut act.tx, date, &venues).await?.into_iter().map(VenueId));
    }
    undo::finish(act, begun, &visited).await
}
