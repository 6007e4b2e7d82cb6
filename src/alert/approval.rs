//! Four eyes: one person submits, another approves, and the worker checks the stored approval again before it acts.
use super::preview::{Preview, preview_of};
use super::progress::{self, Refusal, State, Status};
use super::signed::{Approved, Submitted as Statement};
use super::store::Submitted;
use super::wording::may_last_until;
use super::{AlertError, AlertId, Caps, Digest, Texts, control_letters, release_letters, store, venue_told};
use crate::base::clock::Zone;
use crate::base::text::{self, TextError};
use crate::base::window::SendWindow;
use crate::case::Stay;
use crate::official::{self, Act, MayApprove, MayTrace, Principal, Role, Session, Voucher};
use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// Visits by which a small alert may grow between approval and release: somebody always checks in late.
const GROWTH_FLOOR: i64 = 5;

/// The city's rules for releases.
pub struct ReleaseRules {
    /// `HOLD_MINUTES`
    pub hold_minutes: u16,
    /// `TOKENS_MAY_APPROVE`
    pub tokens_may_approve: bool,
    /// `SEND_WINDOW`
    pub window: SendWindow,
    /// `MAX_NOTICES_PER_ALERT`, `MAX_NOTICES_PER_DAY`
    pub caps: Caps,
    /// `TELL_VENUES`
    pub tell_venues: bool,
}

/// Longest reason, in characters: a sentence that a colleague reads before deciding.
pub const MAX_REASON_CHARS: usize = 200;

/// Why somebody wants what is out of the ordinary: one line, not empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// Reads a reason.
    ///
    /// # Errors
    /// See [`TextError`]; it has 1 to [`MAX_REASON_CHARS`] characters.
    pub fn parse(typed: &str) -> Result<Self, TextError> {
        text::line(typed, MAX_REASON_CHARS).map(Self)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The revision and digest that a submitter looked at, and the request to send tonight. A program that sends neither submits
/// what is there at this moment.
#[derive(Clone, Debug, Default)]
pub struct Submission {
    /// [`Preview::revision`] and [`Preview::digest`] of what was looked at.
    pub seen: Option<(i32, Digest)>,
    /// Why it should leave outside `SEND_WINDOW`. Counts only if the approver says so, too.
    pub tonight: Option<Reason>,
}

/// The revision and digest that an approver looked at, and the number that they typed.
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
    /// The alert that was approved.
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

    fn statement<'a>(&self, digest: &'a [u8], tonight: Option<&'a str>, pauses: i32) -> Approved<'a> {
        let Self { alert, revision, visits, approved_at, hold_until } = *self;
        Approved { alert, revision, digest, visits, at: approved_at, hold_until, tonight, pauses }
    }
}

/// The most notices that an approval of `visits` allows: max(1.2 × count, count + 5) (docs/DESIGN.md §3 "Release").
#[must_use]
pub fn growth_limit(visits: i64) -> i64 {
    let visits = visits.max(0);
    visits.saturating_add((visits / 5).max(GROWTH_FLOOR))
}

/// Asks for the release of a draft, or once more of an alert that the worker sent back. Approvers get a letter.
///
/// # Errors
/// [`AlertError::WrongState`] unless the alert is a draft or was sent back; [`AlertError::Stale`] when something else was looked at;
/// [`AlertError::UntilPassed`]; [`AlertError::NotVouched`] when nobody would believe the caller; [`AlertError::NotReady`] while letters cannot be sealed.
pub async fn submit(
    act: &mut Act<'_, &Session<MayTrace>>,
    _rules: &ReleaseRules,
    alert: AlertId,
    asked: &Submission,
) -> Result<Preview, AlertError> {
    let before = locked(&mut act.tx, alert).await?;
    if !before.may_be_submitted() {
        return Err(AlertError::WrongState(before.state));
    }
    let seen = preview_of(&mut act.tx, act.now, act.with.service, &before).await?;
    if asked.seen.is_some_and(|asked| asked != (seen.revision, seen.digest)) {
        return Err(AlertError::Stale);
    }
    let until = seen.wording.until;
    if !may_last_until(until, act.now, act.zone()) {
        return Err(AlertError::UntilPassed);
    }
    let tonight = asked.tonight.as_ref().map(Reason::as_str);
    let by = act.by.principal().to_string();
    store::submit(&mut act.tx, act.now, alert, &Submitted { revision: before.next_revision(), by: &by, until, tonight }).await?;
    let status = progress::status(&mut act.tx, alert).await?.ok_or(AlertError::Unknown)?;
    let preview = preview_of(&mut act.tx, act.now, act.with.service, &status).await?;
    let digest = preview.digest.as_bytes();
    let said = Statement { alert, revision: preview.revision, digest, visits: preview.visits, at: act.now };
    let signed = act.by.sign(&said.statement())?;
    store::insert_submission(&mut act.tx, &said, &signed).await?;
    release_letters::post_submitted(act, &preview).await?;
    let detail = json!({ "revision": preview.revision, "visits": preview.visits, "digest": preview.digest, "tonight": tonight.is_some() });
    act.record("alert.submit", alert, detail).await?;
    Ok(preview)
}

/// The second pair of eyes. Stores what it saw, starts the hold and mails every approver number, count and words. With a reason
/// of the submitter and one of the approver (`tonight`) it also leaves outside `SEND_WINDOW`.
///
/// # Errors
/// [`AlertError::SamePrincipal`] for who submitted it (whatever credential is used), [`AlertError::TokenMayNotApprove`],
/// [`AlertError::NeedsAdmin`] beyond the caps, [`AlertError::Stale`] and [`AlertError::WrongCount`] when something else was looked
/// at, [`AlertError::WrongState`], [`AlertError::NotVouched`], [`AlertError::SubmissionNotVouched`].
pub async fn approve(
    act: &mut Act<'_, &Session<MayApprove>>,
    rules: &ReleaseRules,
    alert: AlertId,
    seen: &Seen,
    tonight: Option<&Reason>,
) -> Result<Approval, AlertError> {
    may_approve(rules, act.by)?;
    let status = locked(&mut act.tx, alert).await?;
    if status.state != State::Submitted {
        return Err(AlertError::WrongState(status.state));
    }
    let submitter = status.submitted_by.as_deref().ok_or(AlertError::WrongState(State::Draft))?;
    if !are_two(submitter, &act.by.principal().to_string()) {
        return Err(AlertError::SamePrincipal);
    }
    let preview = preview_of(&mut act.tx, act.now, act.with.service, &status).await?;
    check_seen(seen, &preview)?;
    // The worker makes the same checks after the hold. Here somebody can still mend what fails.
    let submission = store::submission(&mut act.tx, alert, preview.revision).await?;
    if submitter_of(&mut act.tx, alert, submission.as_ref(), submitter, preview.digest.as_bytes()).await?.is_none() {
        return Err(AlertError::SubmissionNotVouched);
    }
    // A correction reaches those who were told, and nobody else: no cap may keep it from them.
    let capped = status.corrects.is_none() && act.by.role() != Role::Admin;
    let today = act.zone().begin_of(act.today());
    if capped && is_beyond_caps(&mut act.tx, today, rules.caps, &preview).await? {
        return Err(AlertError::NeedsAdmin);
    }
    let tonight = tonight.map(Reason::as_str).filter(|_| status.tonight_submitted.is_some());
    let hold_until = act.now + Duration::minutes(i64::from(rules.hold_minutes));
    let approval = Approval { alert, revision: preview.revision, visits: preview.visits, approved_at: act.now, hold_until };
    let said = approval.statement(preview.digest.as_bytes(), tonight, store::pauses(&mut act.tx, alert).await?);
    let signed = act.by.sign(&said.statement())?;
    store::approve(&mut act.tx, &said, &act.by.principal().to_string(), &signed).await?;
    let starts_at = if tonight.is_some() { hold_until } else { rules.window.opens(hold_until, act.zone()) };
    match status.corrects {
        Some(corrected) => control_letters::post_correction_held(act, &preview, corrected, starts_at).await?,
        None => {
            release_letters::post_held(act, &preview, starts_at).await?;
            venue_told::post(act, rules, &preview, alert, hold_until).await?;
        }
    }
    let detail = json!({
        "revision": approval.revision, "visits": approval.visits, "digest": preview.digest, "hold_until": hold_until,
        "tonight": tonight.is_some(),
    });
    act.record("alert.approve", alert, detail).await?;
    Ok(approval)
}

/// Gives an alert back to who submitted it, with a reason: it is a draft again.
///
/// # Errors
/// [`AlertError::WrongState`] unless it waits for an approval; [`AlertError::NotReady`] while its letter cannot be sealed.
pub async fn send_back(
    act: &mut Act<'_, &Session<MayApprove>>,
    _rules: &ReleaseRules,
    alert: AlertId,
    reason: &Reason,
) -> Result<(), AlertError> {
    let status = locked(&mut act.tx, alert).await?;
    if status.state != State::Submitted {
        return Err(AlertError::WrongState(status.state));
    }
    store::send_back(&mut act.tx, act.now, alert, &act.by.principal().to_string(), reason.as_str()).await?;
    if let Some(submitter) = &status.submitted_by {
        release_letters::post_returned(act, &status.number, submitter).await?;
    }
    let detail = json!({ "revision": status.revision });
    Ok(act.record("alert.return", alert, detail).await?)
}

/// Whether so many new notices need an administrator. The day that they are counted to begins at `today`.
pub(super) async fn is_beyond_caps(
    conn: &mut PgConnection,
    today: DateTime<Utc>,
    caps: Caps,
    preview: &Preview,
) -> Result<bool, sqlx::Error> {
    let (of_alert, of_day) = store::notices_sent(conn, preview.alert, today).await?;
    Ok(caps.stop(preview.visits, of_alert, of_day))
}

/// A command-line token is nobody in particular, so it may release nothing unless the city said so.
pub(super) fn may_approve(rules: &ReleaseRules, session: &Session<MayApprove>) -> Result<(), AlertError> {
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
    pub(super) tonight_submitted: Option<String>,
    pub(super) tonight_approved: Option<String>,
    /// The alert's pauses that it ended.
    pub(super) pauses: i32,
    pub(super) signed: Option<Vec<u8>>,
}

/// A submission as it is stored.
pub(super) struct StoredSubmission {
    pub(super) revision: i32,
    pub(super) digest: Vec<u8>,
    pub(super) visits: i64,
    pub(super) submitted_at: DateTime<Utc>,
    pub(super) signed: Vec<u8>,
}

/// The signatory of the submission of exactly this revision; none if the signature does not count now, or is not the named submitter's.
async fn submitter_of(
    conn: &mut PgConnection,
    alert: AlertId,
    stored: Option<&StoredSubmission>,
    submitted_by: &str,
    digest: &[u8],
) -> Result<Option<Voucher>, sqlx::Error> {
    let Some(stored) = stored.filter(|stored| stored.digest == digest) else { return Ok(None) };
    let StoredSubmission { revision, visits, submitted_at, .. } = *stored;
    let said = Statement { alert, revision, digest, visits, at: submitted_at };
    let signer = official::vouched(conn, &said.statement(), Some(&stored.signed)).await?;
    Ok(signer.filter(|signer| signer.principal.to_string() == submitted_by && signer.role.covers(Role::Tracer)))
}

/// The approver, if both signatures hold: two signatories who count at this moment signed this very release.
pub(super) async fn believed(
    conn: &mut PgConnection,
    approval: &Approval,
    stored: &StoredApproval,
    tokens_may_approve: bool,
) -> Result<Option<Voucher>, sqlx::Error> {
    let submission = store::submission(conn, approval.alert, approval.revision).await?;
    let submitted_by = stored.submitted_by.as_deref().unwrap_or_default();
    let submitter = submitter_of(conn, approval.alert, submission.as_ref(), submitted_by, &stored.digest).await?;
    let said = approval.statement(&stored.digest, stored.tonight_approved.as_deref(), stored.pauses);
    let approver = official::vouched(conn, &said.statement(), stored.signed.as_deref()).await?;
    let (Some(submitter), Some(approver)) = (submitter, approver) else { return Ok(None) };
    let counts = approver.may_release(tokens_may_approve);
    let two = submitter.principal != approver.principal && approver.principal.to_string() == stored.principal;
    Ok((counts && two).then_some(approver))
}

impl StoredApproval {
    /// Until when it may leave outside the hours: the end of the night after the hold, if both people chose so.
    pub(super) fn tonight_until(&self, window: SendWindow, zone: Zone) -> Option<DateTime<Utc>> {
        let both = self.tonight_submitted.is_some() && self.tonight_approved.is_some();
        both.then(|| window.next_opening(self.hold_until, zone))
    }
}

/// The worker's own check of a stored approval: the web process that wrote it may have been taken over since.
pub(super) fn verify(alert: AlertId, stored: &StoredApproval, stays: &BTreeSet<Stay>, texts: &Texts) -> Result<Approval, Refusal> {
    if !stored.submitted_by.as_deref().is_some_and(|submitter| are_two(submitter, &stored.principal)) {
        return Err(Refusal::SamePrincipal);
    }
    if stored.digest != Digest::of(stays, texts, stored.tonight_submitted.as_deref()).as_bytes() {
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
