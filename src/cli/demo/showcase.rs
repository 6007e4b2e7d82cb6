//! The content of the demonstration's page: the story's venue, one of its visitors, and the row that was written for them.
use super::catcher::Caught;
use super::place::ShownVisit;
use crate::alert::{self, AlertId};
use crate::base::clock::keep_until;
use crate::base::db::{self, DbRole};
use crate::base::email_address::EmailAddress;
use crate::keys::Opener;
use crate::visit;
use crate::web::{Mailbox, Showcase, Views};
use async_trait::async_trait;
use std::sync::{Arc, OnceLock};

/// Looks at all places of the demonstration. It knows what to look at once the story has been told.
pub(super) struct Places {
    database_url: String,
    opener: Arc<Opener>,
    caught: Caught,
    retention_days: u16,
    shown: OnceLock<ShownVisit>,
}

impl Places {
    pub(super) fn new(database_url: String, opener: Arc<Opener>, caught: Caught, retention_days: u16) -> Self {
        Self { database_url, opener, caught, retention_days, shown: OnceLock::new() }
    }

    /// From now on, this is shown.
    pub(super) fn show(&self, shown: ShownVisit) {
        // A story is told once.
        let _first = self.shown.set(shown);
    }

    /// The notices that this person got.
    fn mails(&self, visitor: &str, number: &str) -> Vec<usize> {
        let (newest, _) = self.caught.newest(usize::MAX);
        let theirs = newest.iter().filter(|mail| mail.to == visitor && mail.subject.contains(number));
        theirs.map(|mail| mail.no).collect()
    }
}

#[async_trait]
impl Showcase for Places {
    async fn views(&self) -> Result<Option<Views>, sqlx::Error> {
        let Some((shown, visitor)) = self.shown.get().and_then(|shown| Some((shown, EmailAddress::parse(&shown.visitor).ok()?))) else {
            return Ok(None);
        };
        let mut conn = db::connect(&self.database_url, DbRole::Owner).await?;
        // The worker alone can tell which row is whose; web could not ask.
        let macs = self.opener.macs(shown.date, vec![shown.venue_id], &visitor).await?;
        let row = match macs.and_then(|macs| macs.first().copied()) {
            Some(mac) => visit::stored(&mut conn, shown.venue_id, shown.date, &mac).await?,
            None => None,
        };
        let delivery = alert::delivery(&mut conn, AlertId(shown.alert_id)).await?;
        Ok(Some(Views {
            venue: shown.venue.clone(),
            poster: shown.poster.clone(),
            posters: shown.posters,
            date: shown.date,
            keep_until: keep_until(shown.date, self.retention_days),
            recorded: visit::recorded(&mut conn, shown.venue_id, shown.date).await?,
            number: shown.number.clone(),
            sent: delivery.sent,
            matched: delivery.rows(),
            mails: self.mails(&shown.visitor, &shown.number),
            visitor: shown.visitor.clone(),
            row,
        }))
    }
}
