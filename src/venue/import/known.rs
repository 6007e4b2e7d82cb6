//! Which rows of a list are venues already, so that a list that is handed in again makes nothing twice.
//!
//! A venue counts while it is invited, pending, active or suspended. One that was refused or closed does
//! not, so an import that was undone can be made again; nor does an application that nobody confirmed:
//! anybody can make those, in anybody's name.
//!
//! A row is a venue's if name and address are the same however they are written ([`crate::venue::same`]).
//! Else by its own number, if that belongs to the place for good (see [`super::column`]) and the name or
//! the address agrees too, and if no other row of the list is that venue: then two venues share a licence.
use super::check::{self, Checked, KnownBy, Twin};
use crate::venue::store::import as store;
use crate::venue::{VenueId, VenueStatus, index_outdated, same};
use sqlx::PgConnection;
use std::collections::{HashMap, HashSet};

/// A venue that has one of the list's numbers.
pub(in crate::venue) struct Numbered {
    pub(in crate::venue) number_key: String,
    pub(in crate::venue) id: VenueId,
    pub(in crate::venue) status: VenueStatus,
    pub(in crate::venue) name: String,
    pub(in crate::venue) address: String,
}

/// Notes beside each row the venue that it is already, or the earlier row. Asked again, it says what holds then.
///
/// # Errors
/// The database.
pub async fn find_twins(conn: &mut PgConnection, checked: &mut Checked) -> Result<(), sqlx::Error> {
    // Venues that an older program wrote down are compared by the same rules, even if web has not come to them yet.
    while index_outdated(conn).await? > 0 {}
    check::note_repeated(&mut checked.rows);
    let twins: Vec<[u8; 16]> = checked.rows.iter().map(|planned| planned.entry.twin).collect();
    let by_place = store::twins(conn, &twins).await?;
    let numbers: Vec<String> = checked.rows.iter().filter_map(|planned| planned.number_key.clone()).collect();
    let mut by_number: HashMap<String, Vec<Numbered>> = HashMap::new();
    for venue in store::numbered(conn, &numbers).await? {
        by_number.entry(venue.number_key.clone()).or_default().push(venue);
    }
    // A venue whose own row is in the list is no other row's.
    let mut taken: HashSet<VenueId> = by_place.values().map(|(venue, _)| *venue).collect();
    for planned in &mut checked.rows {
        let found = match by_place.get(&planned.entry.twin) {
            Some((venue, status)) => Some((*venue, *status, KnownBy::NameAndAddress)),
            None => {
                let named = planned.number_key.as_ref().and_then(|number| by_number.get(number));
                let agrees = |venue: &&Numbered| {
                    !taken.contains(&venue.id)
                        && (same::name(&venue.name) == same::name(&planned.new.name)
                            || same::address(&venue.address) == same::address(&planned.new.address))
                };
                named.and_then(|venues| venues.iter().find(agrees)).map(|venue| (venue.id, venue.status, KnownBy::Number))
            }
        };
        if let Some((venue, status, by)) = found {
            taken.insert(venue);
            let earlier_row = planned.twin.as_ref().and_then(|twin| twin.earlier_row);
            let (row, name) = (planned.row, planned.new.name.clone());
            planned.twin = Some(Twin { row, name, by, earlier_row, venue: Some(venue), status: Some(status) });
        }
    }
    Ok(())
}
