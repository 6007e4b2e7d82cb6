//! Four eyes: submitting, approving, and what the notifier believes of a stored approval.
use super::draft::watch_until;
use super::preview::{Preview, preview_of};
use super::progress::{self, Refusal, State, Status};
use super::{AlertError, AlertId, Digest, Texts, letters, store};
use crate::audit::{self, Entry};
use crate::base::config::Service;
use crate::case::Stay;
use crate::keys::Sealer;
use crate::official::{MayApprove, MayTrace, Principal, Session};
use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// Visits by which a small alert may grow between approval and release: somebody always checks in late.
const GROWTH_FLOOR: i64 = 5;

/// What the city decided about releases, and what the letters about them need.
pub struct ReleaseRules<'a> {
    /// How the service names itself: the words of the notices hang on it.
    pub service: &'a Service,
    /// Seals the letters to the approvers.
    pub sealer: &'a Sealer,
    /// `HOLD_MINUTES`
    pub hold_minutes: u16,
    /// `TOKENS_MAY_APPROVE`
    pub tokens_may_approve: bool,
}

/// What an approver looked at and typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// [`Preview::revision`]
    pub revision: i32,
    /// [`Preview::digest`]
    pub digest: Digest,
    /// The number of visits, typed by hand.
    pub visits: i64,
}

/// An approval that was checked: two distinct principals, these stays, these words, this count. Only this file builds one, and
/// nothing is matched without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    alert: AlertId,
    revision: i32,
    visits: i64,
    approved_at: DateTime<Utc>,
    hold_until: DateTime<Utc>,
}

impl Approval {
    /// Whose approval.
    #[must_use]
    pub fn alert(&self) -> AlertId {
        self.alert
    }

    /// Which revision it binds.
    #[must_use]
    pub fn revision(&self) -> i32 {
        self.revision
    }

    /// How many visits the approver saw.
    #[must_use]
    pub fn visits(&self) -> i64 {
        self.visits
    }

    /// When it was given.
    #[must_use]
    pub fn approved_at(&self) -> DateTime<Utc> {
        self.approved_at
    }

    /// From when on notices may be queued.
    #[must_use]
    pub fn hold_until(&self) -> DateTime<Utc> {
        self.hold_until
    }
}

/// The most notices that an approval of `visits` allows: max(1.2 × count, count + 5) (DESIGN §3 "Matching and alerts").
#[must_use]
pub fn growth_limit(visits: i64) -> i64 {
    let visits = visits.max(0);
    visits.saturating_add((visits / 5).max(GROWTH_FLOOR))
}

/// Asks for the release of a draft, or once more of an alert that the notifier sent back. Approvers get a letter.
///
/// # Errors
/// [`AlertError::WrongState`] unless the alert is a draft or was sent back; [`AlertError::NotReady`] while letters cannot be sealed.
pub async fn submit(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    rules: &ReleaseRules<'_>,
    session: &Session<MayTrace>,
    alert: AlertId,
) -> Result<Preview, AlertError> {
    let before = locked(tx, alert).await?;
    if before.state != State::Draft && before.refused.is_none() {
        return Err(AlertError::WrongState(before.state));
    }
    let until = watch_until(now, rules.service.zone);
    store::submit(tx, now, alert, before.next_revision(), &session.principal().to_string(), until).await?;
    let status = progress::status(tx, alert).await?.ok_or(AlertError::Unknown)?;
    let preview = preview_of(tx, rules.service, &status).await?;
    letters::post_submitted(tx, now, rules, &preview).await?;
    let entry = Entry {
        actor: session.actor(),
        action: "alert.submit",
        target_kind: "alert",
        target_id: Some(alert.0),
        detail: json!({ "revision": preview.revision, "visits": preview.visits, "digest": preview.digest }),
    };
    audit::record(tx, now, &entry).await?;
    Ok(preview)
}

/// The second pair of eyes. Stores what it saw, starts the hold and mails every approver number, count and words.
///
/// # Errors
/// [`AlertError::SamePrincipal`] for who submitted it (whatever credential is used), [`AlertError::TokenMayNotApprove`],
/// [`AlertError::Stale`] and [`AlertError::WrongCount`] when something else was looked at, [`AlertError::WrongState`].
pub async fn approve(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    rules: &ReleaseRules<'_>,
    session: &Session<MayApprove>,
    alert: AlertId,
    seen: &Seen,
) -> Result<Approval, AlertError> {
    may_approve(rules, session)?;
    let status = locked(tx, alert).await?;
    if status.state != State::Submitted {
        return Err(AlertError::WrongState(status.state));
    }
    let submitter = status.submitted_by.as_deref().ok_or(AlertError::WrongState(State::Draft))?;
    if !are_two(submitter, &session.principal().to_string()) {
        return Err(AlertError::SamePrincipal);
    }
    let preview = preview_of(tx, rules.service, &status).await?;
    check_seen(seen, &preview)?;
    let hold_until = now + Duration::minutes(i64::from(rules.hold_minutes));
    let approval = Approval { alert, revision: preview.revision, visits: preview.visits, approved_at: now, hold_until };
    store::approve(tx, &approval, &session.principal().to_string(), &preview.digest).await?;
    letters::post_held(tx, now, rules, &preview, status.until, hold_until).await?;
    let entry = Entry {
        actor: session.actor(),
        action: "alert.approve",
        target_kind: "alert",
        target_id: Some(alert.0),
        detail: json!({ "revision": approval.revision, "visits": approval.visits, "digest": preview.digest, "hold_until": hold_until }),
    };
    audit::record(tx, now, &entry).await?;
    Ok(approval)
}

/// A command-line token is nobody in particular, so it may release nothing unless the city said so.
pub(super) fn may_approve(rules: &ReleaseRules<'_>, session: &Session<MayApprove>) -> Result<(), AlertError> {
    if session.is_command_line_token() && !rules.tokens_may_approve { Err(AlertError::TokenMayNotApprove) } else { Ok(()) }
}

fn check_seen(seen: &Seen, preview: &Preview) -> Result<(), AlertError> {
    if seen.revision != preview.revision || seen.digest != preview.digest {
        Err(AlertError::Stale)
    } else if seen.visits != preview.visits {
        Err(AlertError::WrongCount)
    } else {
        Ok(())
    }
}

/// The alert as it stands, with its row locked: whoever decides something about it waits for whoever is deciding.
pub(super) async fn locked(tx: &mut PgConnection, alert: AlertId) -> Result<Status, AlertError> {
    store::lock(tx, alert).await?;
    progress::status(tx, alert).await?.ok_or(AlertError::Unknown)
}

/// Whether two stored principals are two people. One that cannot be read is nobody, hence never a second person.
fn are_two(one: &str, other: &str) -> bool {
    matches!((one.parse::<Principal>(), other.parse::<Principal>()), (Ok(one), Ok(other)) if one != other)
}

/// An approval as it is stored, before anybody believes it.
pub(super) struct StoredApproval {
    pub(super) revision: i32,
    pub(super) submitted_by: Option<String>,
    pub(super) principal: String,
    pub(super) digest: Vec<u8>,
    pub(super) visits: i32,
    pub(super) approved_at: DateTime<Utc>,
    pub(super) hold_until: DateTime<Utc>,
}

/// The notifier's own check of a stored approval: the web process that wrote it may have been taken over since.
pub(super) fn verify(alert: AlertId, stored: &StoredApproval, stays: &BTreeSet<Stay>, texts: &Texts) -> Result<Approval, Refusal> {
    if !stored.submitted_by.as_deref().is_some_and(|submitter| are_two(submitter, &stored.principal)) {
        return Err(Refusal::SamePrincipal);
    }
    if stored.digest != Digest::of(stays, texts).as_bytes() {
        return Err(Refusal::Digest);
    }
    Ok(Approval {
        alert,
        revision: stored.revision,
        visits: stored.visits.into(),
        approved_at: stored.approved_at,
        hold_until: stored.hold_until,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_bounded_by_a_fifth_or_by_five() {
        // By hand: 1.2 × 24 = 28.8 < 29 = 24 + 5; 1.2 × 25 = 30 = 25 + 5; 1.2 × 30 = 36; 1.2 × 34 = 40.8.
        for (visits, limit) in [(-1, 5), (0, 5), (1, 6), (24, 29), (25, 30), (29, 34), (30, 36), (34, 40), (35, 42), (10_000, 12_000)] {
            assert_eq!(growth_limit(visits), limit, "{visits}");
        }
        assert_eq!(growth_limit(i64::MAX), i64::MAX);
    }

    #[test]
    fn one_person_is_never_two() {
        let id = uuid::Uuid::from_u128(7);
        let official = Principal::Official(id).to_string();
        assert!(are_two(&official, "token:night"));
        assert!(are_two("token:day", "token:night"));
        assert!(!are_two("token:night", "token:night"));
        assert!(!are_two(&official, &official.to_uppercase().replace("OFFICIAL", "official")));
        assert!(!are_two("token:night", "nobody"));
        assert!(!are_two("", "token:night"));
    }
}
