//! A venue's mailbox is lost: an official gives the venue another one. Both mailboxes are told; no code changes.
use super::proof::Link;
use super::{VenueError, VenueId, VenueStatus, letters, store};
use crate::base::email_address::EmailAddress;
use crate::official::{Act, MayTrace, Session};
use serde_json::json;

/// Whether a venue in this state may get another mailbox: it has been confirmed or entered by the city, and goes on.
#[must_use]
pub fn may_be_replaced(status: VenueStatus) -> bool {
    matches!(status, VenueStatus::Invited | VenueStatus::Pending | VenueStatus::Active | VenueStatus::Suspended)
}

/// Sends a venue's letters elsewhere from now on. The new mailbox gets a fresh link, if the venue has posters to show; every
/// older link is dead. The old mailbox hears that it happened, not where to. `false`: it is the mailbox already.
///
/// # Errors
/// [`VenueError::Unknown`], [`VenueError::NobodyToAsk`] in a state that keeps its mailbox, [`VenueError::Post`], [`VenueError::Db`].
pub async fn replace_contact(act: &mut Act<'_, &Session<MayTrace>>, id: VenueId, contact: &EmailAddress) -> Result<bool, VenueError> {
    let venue = store::lock_venue(&mut act.tx, id).await?.ok_or(VenueError::Unknown)?;
    if !may_be_replaced(venue.status) {
        return Err(VenueError::NobodyToAsk(venue.status));
    }
    if venue.contact.as_ref().is_some_and(|old| old.expose() == contact.expose()) {
        return Ok(false);
    }
    store::review::set_contact(&mut act.tx, id, contact).await?;
    store::review::drop_links(&mut act.tx, id).await?;
    let link = (venue.status == VenueStatus::Active).then(|| Link::new(act.now));
    if let Some(link) = &link {
        store::put_link(&mut act.tx, id, link, act.now).await?;
    }
    if let Some(old) = &venue.contact {
        act.post(&letters::contact_left(id, &venue.name, old, venue.locale)).await?;
    }
    act.post(&letters::contact_taken(id, &venue.name, contact, venue.locale, link.as_ref())).await?;
    let detail = json!({ "had_one": venue.contact.is_some() });
    act.record("venue.contact", id, detail).await?;
    Ok(true)
}
