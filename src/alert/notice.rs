//! Decides about a notice just before it is sent. This is the only place that opens an address for an alert.
use super::NoticeText;
use super::dispatch::store::{self, ReleaseState};
use super::withdrawn::{self, Before, WAIT_FOR_CORRECTION};
use crate::base::clock::{SharedClock, Zone};
use crate::base::email_address::EmailAddress;
use crate::base::locale::Locale;
use crate::base::window::SendWindow;
use crate::keys::{OpenedVisit, Opener, PersonScope, SealedRow, Unopenable};
use crate::mail::{Claimed, Content, Prepared, Rendered, Wait, suppression};
use crate::venue::VenueId;
use chrono::{DateTime, Duration, Utc};
use sqlx::PgConnection;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use uuid::Uuid;

/// The kind of a row that is a notice, and no correction.
const NOTICE: &str = "notice";

/// How long a notice of a paused alert is left alone before it is asked for again; so long may a resumed alert take to go on.
const PAUSE_LOOK: Duration = Duration::seconds(30);

/// Opens, filters and renders the notices that delivery has claimed: cancelled? paused? → open → suppressed? → is this person
/// told by another notice of the alert? → did this person get a notice that was withdrawn? → the words of the alert in the
/// visitor's language.
pub struct NoticeContent {
    opener: Arc<Opener>,
    clock: SharedClock,
    window: SendWindow,
    zone: Zone,
}

/// A notice whose address lies open for a moment. No `Debug`: it holds an address.
struct Opened {
    row: Claimed,
    alert: Uuid,
    visit: OpenedVisit,
}

impl NoticeContent {
    /// Content that opens with `opener`, within the hours of `window` in `zone`.
    #[must_use]
    pub fn new(opener: Arc<Opener>, clock: SharedClock, window: SendWindow, zone: Zone) -> Self {
        Self { opener, clock, window, zone }
    }

    /// The decision that follows from the alert alone; `None`: the notice may be opened.
    fn judge(&self, row: &Claimed, alerts: &HashMap<Uuid, ReleaseState>) -> Option<Prepared> {
        match row.alert_id.and_then(|alert| alerts.get(&alert)) {
            None => Some(Prepared::Dead("no-alert")),
            Some(release) if release.is_over() => Some(Prepared::Cancelled),
            Some(release) if release.paused => Some(Prepared::Wait(self.clock.now() + PAUSE_LOOK, Wait::Paused)),
            Some(release) if release.texts.is_none() => Some(Prepared::Dead("not-released")),
            Some(release) => self.night(release).map(|until| Prepared::Wait(until, Wait::Night)),
        }
    }

    /// When a notice may leave that may not leave now: a mail that was deferred, or of a long alert, must not arrive at night.
    fn night(&self, release: &ReleaseState) -> Option<DateTime<Utc>> {
        let now = self.clock.now();
        let may_leave = self.window.is_open(now, self.zone) || release.tonight_until.is_some_and(|until| now < until);
        (!may_leave).then(|| self.window.opens(now, self.zone))
    }

    async fn open(
        &self,
        conn: &mut PgConnection,
        rows: Vec<Claimed>,
        done: &mut Vec<(Claimed, Prepared)>,
    ) -> Result<Vec<Opened>, sqlx::Error> {
        let sealed: Vec<SealedRow> = rows.iter().map(sealed_row).collect();
        let opened = self.opener.open_visits(conn, &sealed).await?;
        let mut good = Vec::with_capacity(rows.len());
        for (row, visit) in rows.into_iter().zip(opened) {
            match visit {
                Ok(visit) => good.push(Opened { alert: row.alert_id.unwrap_or_default(), row, visit }),
                Err(reason) => done.push((row, Prepared::Dead(Unopenable::code(reason)))),
            }
        }
        Ok(good)
    }

    /// Which of these notices go to people who want none or cannot be reached. Whose mail is sent again after it was refused is held
    /// for reachable until it is refused again.
    async fn suppressed(&self, conn: &mut PgConnection, opened: &[Opened]) -> Result<HashSet<Uuid>, sqlx::Error> {
        let person = |notice: &Opened| self.opener.person(PersonScope::Suppression, &notice.visit.address);
        let people: Vec<_> = opened.iter().map(person).collect();
        let again: Vec<_> = opened.iter().zip(&people).filter(|(notice, _)| notice.row.repeats > 0).map(|(_, person)| *person).collect();
        if !again.is_empty() {
            suppression::forgive(&mut *conn, &again).await?;
        }
        let listed = suppression::among(&mut *conn, &people).await?;
        Ok(opened.iter().zip(people).filter(|(_, person)| listed.contains(person)).map(|(notice, _)| notice.row.id).collect())
    }

    /// Which of these notices speak to their person; the person's other notices of the alert are merged into them.
    async fn speakers(&self, conn: &mut PgConnection, opened: &[Opened]) -> Result<HashSet<Uuid>, sqlx::Error> {
        let claim =
            |notice: &Opened| (notice.alert, self.opener.person(PersonScope::Alert(notice.alert), &notice.visit.address), notice.row.id);
        let claims: BTreeSet<_> = opened.iter().map(claim).collect();
        let claims: Vec<_> = claims.into_iter().collect();
        Ok(store::claim_people(conn, &claims).await?.into_iter().collect())
    }

    /// Notices of alerts that were cancelled: one is merged where another notice of the alert reached its person, who was told of this
    /// visit with it. Every other counts for nobody from now on.
    async fn take_back(&self, conn: &mut PgConnection, rows: Vec<Claimed>, done: &mut Vec<(Claimed, Prepared)>) -> Result<(), sqlx::Error> {
        let mut unopened = Vec::new();
        let opened = self.open(conn, rows, &mut unopened).await?;
        done.extend(unopened.into_iter().map(|(row, _)| (row, Prepared::Cancelled)));
        let person = |notice: &Opened| self.opener.person(PersonScope::Alert(notice.alert), &notice.visit.address);
        let asked: Vec<_> = opened.iter().map(|notice| (notice.alert, person(notice), notice.row.id)).collect();
        let told: HashSet<Uuid> = store::told_by_another(conn, &asked).await?.into_iter().collect();
        let answer = |id| if told.contains(&id) { Prepared::Merged } else { Prepared::Cancelled };
        done.extend(opened.into_iter().map(|notice| (answer(notice.row.id), notice.row)).map(|(answer, row)| (row, answer)));
        Ok(())
    }

    /// Which of these notices go to people who once got one that was withdrawn. A correction itself is no such notice.
    async fn told_before(
        &self,
        conn: &mut PgConnection,
        opened: &[Opened],
        speakers: &HashSet<Uuid>,
    ) -> Result<HashMap<Uuid, Before>, sqlx::Error> {
        let leaves = |notice: &&Opened| notice.row.kind == NOTICE && speakers.contains(&notice.row.id);
        let people: Vec<_> = opened.iter().filter(leaves).map(|notice| (notice.row.id, &notice.visit.address)).collect();
        withdrawn::told_before(conn, &self.opener, &people).await
    }
}

#[async_trait::async_trait]
impl Content for NoticeContent {
    async fn prepare(&self, conn: &mut PgConnection, rows: Vec<Claimed>) -> Result<Vec<(Claimed, Prepared)>, sqlx::Error> {
        let mut done = Vec::with_capacity(rows.len());
        let mut taken_back = Vec::new();
        let ids: BTreeSet<Uuid> = rows.iter().filter_map(|row| row.alert_id).collect();
        let release_states = store::release_states(conn, &ids.into_iter().collect::<Vec<_>>()).await?;
        let alerts: HashMap<Uuid, ReleaseState> = release_states.into_iter().map(|release| (release.alert, release)).collect();
        let mut released = Vec::with_capacity(rows.len());
        for row in rows {
            match self.judge(&row, &alerts) {
                Some(Prepared::Cancelled) if row.kind == NOTICE => taken_back.push(row),
                None => released.push(row),
                Some(answer) => done.push((row, answer)),
            }
        }
        self.take_back(conn, taken_back, &mut done).await?;
        let opened = self.open(conn, released, &mut done).await?;
        let suppressed = self.suppressed(conn, &opened).await?;
        let (unwanted, wanted): (Vec<_>, Vec<_>) = opened.into_iter().partition(|notice| suppressed.contains(&notice.row.id));
        done.extend(unwanted.into_iter().map(|notice| (notice.row, Prepared::Suppressed)));
        let speakers = self.speakers(conn, &wanted).await?;
        let before = self.told_before(&mut *conn, &wanted, &speakers).await?;
        let now = self.clock.now();
        done.extend(wanted.into_iter().map(|notice| finish(now, notice, &alerts, &speakers, &before)));
        Ok(done)
    }

    fn mark(&self, address: &EmailAddress) -> [u8; 32] {
        self.opener.person(PersonScope::Refusal, address)
    }
}

fn finish(
    now: DateTime<Utc>,
    notice: Opened,
    alerts: &HashMap<Uuid, ReleaseState>,
    speakers: &HashSet<Uuid>,
    before: &HashMap<Uuid, Before>,
) -> (Claimed, Prepared) {
    let Opened { row, alert, visit } = notice;
    let before = before.get(&row.id);
    let prepared = if !speakers.contains(&row.id) {
        Prepared::Merged
    } else if before == Some(&Before::CorrectionWaits) && now < row.created_at + WAIT_FOR_CORRECTION {
        Prepared::Wait(now + PAUSE_LOOK, Wait::Correction)
    } else {
        render(alerts.get(&alert), &row, visit, before.is_some())
    };
    (row, prepared)
}

fn render(release: Option<&ReleaseState>, row: &Claimed, visit: OpenedVisit, told_before: bool) -> Prepared {
    let locale: Locale = visit.locale;
    let Some(texts) = release.and_then(|release| release.texts.as_ref()) else {
        return Prepared::Dead("not-released");
    };
    // A person who was at several venues gets one mail; the other notices are merged into it.
    let NoticeText { subject, body } = texts.for_visit(locale, VenueId(row.venue_id.unwrap_or_default()), row.visit_date, told_before);
    Prepared::Mail(Rendered { to: visit.address, locale, subject, body })
}

fn sealed_row(row: &Claimed) -> SealedRow {
    SealedRow {
        venue_id: row.venue_id.unwrap_or_default(),
        visit_date: row.visit_date,
        mac: row.mac.clone().unwrap_or_default(),
        epoch_id: row.epoch_id,
        sealed: row.sealed.clone(),
    }
}
