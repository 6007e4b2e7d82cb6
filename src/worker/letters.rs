//! Finds the words of a mail: notices in the alert room, letters in the room that posted them.
use crate::alert::{self, NoticeContent};
use crate::base::clock::SharedClock;
use crate::base::config::Service;
use crate::base::email_address::EmailAddress;
use crate::keys::{Opener, PersonScope, SealedLetterRow};
use crate::mail::{Claimed, Content, Letter, LetterKind, Prepared};
use crate::official;
use crate::stats;
use crate::venue;
use crate::visit::my_visits;
use async_trait::async_trait;
use sqlx::PgConnection;
use std::sync::Arc;

/// Opens and words everything that leaves.
pub struct Mailroom {
    opener: Arc<Opener>,
    notices: NoticeContent,
    service: Service,
    clock: SharedClock,
}

impl Mailroom {
    /// A mailroom that opens with `opener` and words notices with `notices`.
    #[must_use]
    pub fn new(opener: Arc<Opener>, notices: NoticeContent, service: Service, clock: SharedClock) -> Self {
        Self { opener, notices, service, clock }
    }

    async fn letters(&self, conn: &mut PgConnection, rows: Vec<Claimed>) -> Result<Vec<(Claimed, Prepared)>, sqlx::Error> {
        let sealed: Vec<_> = rows.iter().map(sealed_letter).collect();
        let opened = self.opener.open_letters(conn, &sealed).await?;
        let mut prepared = Vec::with_capacity(rows.len());
        for (row, opened) in rows.into_iter().zip(opened) {
            let answer = match opened {
                Ok(payload) => self.letter(conn, &row, &payload).await?,
                Err(unopenable) => Prepared::Dead(unopenable.code()),
            };
            prepared.push((row, answer));
        }
        Ok(prepared)
    }

    async fn letter(&self, conn: &mut PgConnection, row: &Claimed, payload: &[u8]) -> Result<Prepared, sqlx::Error> {
        let Ok(letter) = Letter::open(&row.kind, payload) else {
            return Ok(Prepared::Dead("unreadable letter"));
        };
        if is_for_officials(letter.kind) && !official::is_reader(conn, &letter.to).await? {
            return Ok(Prepared::Cancelled);
        }
        let words = match letter.kind {
            LetterKind::VenueConfirmation | LetterKind::VenueDecision | LetterKind::VenueQuestion | LetterKind::VenueContact => {
                return venue::letters::prepare(conn, self.clock.now(), &self.service, &letter).await;
            }
            LetterKind::ShopMonthly => return stats::monthly::prepare(conn, self.clock.now(), &self.service, &letter).await,
            LetterKind::ShopLink => return venue::letters::prepare_shop_link(conn, &self.service, &letter).await,
            LetterKind::VisitorLink => {
                return my_visits::prepare(conn, &self.opener, self.clock.now(), &self.service, row.id, &letter).await;
            }
            LetterKind::VenueAlerted => {
                return alert::prepare_venue_letter(conn, self.clock.now(), &self.service, row.id, &letter).await;
            }
            LetterKind::CorrectionHeld | LetterKind::SendingStopped | LetterKind::SendingResumed => {
                alert::control_letters::render(&self.service, &letter)
            }
            LetterKind::AlertSubmitted | LetterKind::AlertReturned | LetterKind::AlertHeld => {
                alert::release_letters::prepare(conn, &self.service, &letter).await?
            }
            LetterKind::Alarm => official::render_alarm_raised(&self.service, &letter),
            LetterKind::ReadAlarm => official::render_alarm(&self.service, &letter),
            LetterKind::OfficialInvitation => {
                return official::prepare_invitation(conn, self.clock.now(), &self.service, &letter).await;
            }
            LetterKind::OfficialChanged => official::render_letter(&self.service, &letter),
        };
        Ok(words.map_or(Prepared::Dead("letter lacks a parameter"), Prepared::Mail))
    }
}

/// Letters that go to officials who have joined, and to nobody else.
fn is_for_officials(kind: LetterKind) -> bool {
    match kind {
        LetterKind::AlertSubmitted
        | LetterKind::AlertReturned
        | LetterKind::AlertHeld
        | LetterKind::CorrectionHeld
        | LetterKind::SendingStopped
        | LetterKind::SendingResumed
        | LetterKind::Alarm
        | LetterKind::ReadAlarm
        | LetterKind::OfficialChanged => true,
        LetterKind::OfficialInvitation
        | LetterKind::VenueConfirmation
        | LetterKind::VenueDecision
        | LetterKind::VenueQuestion
        | LetterKind::VenueContact
        | LetterKind::VenueAlerted
        | LetterKind::ShopMonthly
        | LetterKind::ShopLink
        | LetterKind::VisitorLink => false,
    }
}

fn sealed_letter(row: &Claimed) -> SealedLetterRow {
    SealedLetterRow { id: row.id, kind: row.kind.clone(), visit_date: row.visit_date, epoch_id: row.epoch_id, sealed: row.sealed.clone() }
}

#[async_trait]
impl Content for Mailroom {
    async fn prepare(&self, conn: &mut PgConnection, rows: Vec<Claimed>) -> Result<Vec<(Claimed, Prepared)>, sqlx::Error> {
        let (notices, letters): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.alert_id.is_some());
        let mut prepared = Vec::with_capacity(notices.len() + letters.len());
        if !letters.is_empty() {
            prepared.extend(self.letters(conn, letters).await?);
        }
        if !notices.is_empty() {
            prepared.extend(self.notices.prepare(conn, notices).await?);
        }
        Ok(prepared)
    }

    fn mark(&self, address: &EmailAddress) -> [u8; 32] {
        self.opener.person(PersonScope::Refusal, address)
    }
}
