//! One act: who acts, when, in which transaction, and with what.
//!
//! The caller begins it and commits it; a room's verb only adds to it. So a change, its audit entry and its letters are written
//! together or not at all, everything within an act happens at one time, and authority stays a type: a verb names it in [`Act::by`].
//! An act that is dropped leaves nothing.
use crate::audit::{self, Acting, Actor, Entry, Target};
use crate::base::clock::Zone;
use crate::base::config::Service;
use crate::keys::Sealer;
use crate::mail::{self, Letter, PostError};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{Connection, PgConnection, PgPool, Postgres, Transaction};
use uuid::Uuid;

/// An act that has begun. `By` says on whose authority: a [`super::Session`], a venue's owner, or an [`Actor`] where nothing has to
/// be allowed. `With` says what the act can do besides writing: post [`Letters`], or nothing, as on the command line.
pub struct Act<'a, By, With = Letters<'a>> {
    /// Everything that belongs to the act is written in it.
    pub tx: Transaction<'a, Postgres>,
    /// The time of the act.
    pub now: DateTime<Utc>,
    /// Who acts.
    pub by: By,
    /// What it can do besides.
    pub with: With,
}

/// What letters are made of.
#[derive(Clone, Copy)]
pub struct Letters<'a> {
    /// How the service names itself, and its time zone.
    pub service: &'a Service,
    /// Seals them.
    pub sealer: &'a Sealer,
}

impl<'a, By> Act<'a, By> {
    /// Begins an act that can post letters. Nothing is left of it until [`Act::commit`].
    ///
    /// # Errors
    /// The database has no connection.
    pub async fn begin(pool: &PgPool, now: DateTime<Utc>, with: Letters<'a>, by: By) -> Result<Self, sqlx::Error> {
        Ok(Self { tx: pool.begin().await?, now, by, with })
    }

    /// The zone in which a day begins and ends.
    #[must_use]
    pub fn zone(&self) -> Zone {
        self.with.service.zone
    }

    /// The date of the act, by the calendar.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.zone().today(self.now)
    }

    /// Seals a letter and queues it: it goes out if and only if the act commits.
    ///
    /// # Errors
    /// [`PostError`]
    pub async fn post(&mut self, letter: &Letter) -> Result<(), PostError> {
        self.post_at(self.now, letter).await.map(drop)
    }

    /// As [`Act::post`], for a letter that goes out at `at` or later. Returns its identifier.
    ///
    /// # Errors
    /// [`PostError`]
    pub async fn post_at(&mut self, at: DateTime<Utc>, letter: &Letter) -> Result<Uuid, PostError> {
        let zone = self.zone();
        mail::post_at(&mut self.tx, self.with.sealer, self.now, at, zone, letter).await
    }
}

impl<'a, By> Act<'a, By, ()> {
    /// Begins an act that posts no letter.
    ///
    /// # Errors
    /// The database.
    pub async fn without_letters(conn: &'a mut PgConnection, now: DateTime<Utc>, by: By) -> Result<Self, sqlx::Error> {
        Ok(Self { tx: conn.begin().await?, now, by, with: () })
    }
}

impl<'a, By, With> Act<'a, By, With> {
    /// The same act, once it is known on whose authority.
    #[must_use]
    pub fn by<Next>(self, by: Next) -> Act<'a, Next, With> {
        Act { tx: self.tx, now: self.now, by, with: self.with }
    }

    /// A part of the act that may fail without the rest: it is settled for itself, inside the whole.
    ///
    /// # Errors
    /// The database.
    pub async fn part<Next>(&mut self, by: Next) -> Result<Act<'_, Next, With>, sqlx::Error>
    where
        With: Copy,
    {
        Ok(Act { tx: self.tx.begin().await?, now: self.now, by, with: self.with })
    }

    /// Writes all of it.
    ///
    /// # Errors
    /// The database; it is unknown then whether it was written.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        self.tx.commit().await
    }

    /// Leaves nothing of it.
    ///
    /// # Errors
    /// The database; nothing was written all the same.
    pub async fn rollback(self) -> Result<(), sqlx::Error> {
        self.tx.rollback().await
    }

    /// Writes all of it when its verbs succeeded; a refusal or failure leaves nothing.
    ///
    /// # Errors
    /// The verbs', or the database's.
    pub async fn settle<T, E: From<sqlx::Error>>(self, outcome: Result<T, E>) -> Result<T, E> {
        match &outcome {
            Ok(_) => self.tx.commit().await?,
            Err(_) => self.tx.rollback().await?,
        }
        outcome
    }

    /// Notes the act of somebody whom only the act itself made known, such as the venue behind a printed code; else as [`Act::record`].
    ///
    /// # Errors
    /// The database.
    pub async fn record_as(
        &mut self,
        actor: Actor,
        action: &'static str,
        target: impl Into<Target>,
        detail: serde_json::Value,
    ) -> Result<(), sqlx::Error> {
        let Target { kind, id } = target.into();
        let entry = Entry { actor, action, target_kind: kind, target_id: id, detail };
        audit::record(&mut self.tx, self.now, &entry).await
    }
}

impl<By: Acting, With> Act<'_, By, With> {
    /// Notes the act in the audit chain. Writers of the chain take turns from here to the commit: this stands last.
    ///
    /// # Errors
    /// The database.
    pub async fn record(&mut self, action: &'static str, target: impl Into<Target>, detail: serde_json::Value) -> Result<(), sqlx::Error> {
        let actor = self.by.actor();
        self.record_as(actor, action, target, detail).await
    }
}
