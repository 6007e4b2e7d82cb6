//! Whose words a mail gets: notices from the alert room, letters from the room that posted them.
use crate::alert::{self, NoticeContent};
use crate::base::config::Service;
use crate::keys::{Opener, SealedLetterRow};
use crate::mail::{Claimed, Content, Letter, LetterKind, Prepared, Rendered};
use crate::venue;
use async_trait::async_trait;
use sqlx::PgConnection;
use std::sync::Arc;

/// Opens and words everything that leaves.
pub struct Mailroom {
    opener: Arc<Opener>,
    notices: NoticeContent,
    service: Service,
}

impl Mailroom {
    /// A mailroom that opens with `opener` and words notices with `notices`.
    #[must_use]
    pub fn new(opener: Arc<Opener>, notices: NoticeContent, service: Service) -> Self {
        Self { opener, notices, service }
    }

    async fn letters(&self, conn: &mut PgConnection, rows: Vec<Claimed>) -> Result<Vec<(Claimed, Prepared)>, sqlx::Error> {
        let sealed: Vec<_> = rows.iter().map(sealed_letter).collect();
        let opened = self.opener.open_letters(conn, &sealed).await?;
        Ok(rows
            .into_iter()
            .zip(opened)
            .map(|(row, opened)| {
                let prepared = match opened {
                    Ok(payload) => self.letter(&row.kind, &payload),
                    Err(unopenable) => Prepared::Dead(unopenable.code()),
                };
                (row, prepared)
            })
            .collect())
    }

    fn letter(&self, kind: &str, payload: &[u8]) -> Prepared {
        let Ok(letter) = Letter::open(kind, payload) else {
            return Prepared::Dead("unreadable letter");
        };
        let words = match letter.kind {
            LetterKind::VenueConfirmation | LetterKind::VenueDecision => {
                venue::letters::render(letter.kind, letter.locale, &letter.params, &self.service).map(|(subject, body)| Rendered {
                    to: letter.to.clone(),
                    locale: letter.locale,
                    subject,
                    body,
                })
            }
            LetterKind::AlertSubmitted | LetterKind::AlertHeld => alert::letters::render(&self.service, &letter),
        };
        words.map_or(Prepared::Dead("letter lacks a parameter"), Prepared::Mail)
    }
}

fn sealed_letter(row: &Claimed) -> SealedLetterRow {
    SealedLetterRow { id: row.id, kind: row.kind.clone(), visit_date: row.visit_date, epoch_id: row.epoch_id, sealed: row.sealed.clone() }
}

#[async_trait]
impl Content for Mailroom {
    async fn prepare(&self, conn: &mut PgConnection, rows: Vec<Claimed>) -> Result<Vec<(Claimed, Prepared)>, sqlx::Error> {
        let (notices, letters): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.kind == "notice");
        let mut prepared = Vec::with_capacity(notices.len() + letters.len());
        if !letters.is_empty() {
            prepared.extend(self.letters(conn, letters).await?);
        }
        if !notices.is_empty() {
            prepared.extend(self.notices.prepare(conn, notices).await?);
        }
        Ok(prepared)
    }
}
