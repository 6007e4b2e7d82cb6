//! The decision sheet (決裁票) of an alert: who did what, when, with which words and numbers, on paper. It is made anew from what is
//! stored each time it is asked for, and ends with the entries of the audit chain, by which it can be checked.
mod sheet;
pub(super) mod store;

use super::preview::{self, StayCount};
use super::{AlertError, AlertId, AlertNumber, Status, Texts, progress};
use crate::audit::{self, AuditLine, MAX_LISTED};
use crate::base::config::Service;
use crate::base::locale::Locale;
use crate::mail::Counts;
use crate::official::Principal;
use crate::poster::pdf::PdfError;
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// The names of alerts, cases, venues, officials and tokens by their identifiers. Things that are gone have none.
///
/// # Errors
/// The database.
pub async fn names(conn: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, String>, sqlx::Error> {
    if ids.is_empty() { Ok(HashMap::new()) } else { store::names(conn, ids).await }
}

/// The alert with this number.
///
/// # Errors
/// The database.
pub async fn by_number(conn: &mut PgConnection, number: &AlertNumber) -> Result<Option<Uuid>, sqlx::Error> {
    store::by_number(conn, number).await
}

/// Why there is no sheet.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The alert.
    #[error(transparent)]
    Alert(#[from] AlertError),
    /// The paper.
    #[error(transparent)]
    Pdf(#[from] PdfError),
}

impl From<sqlx::Error> for RecordError {
    fn from(error: sqlx::Error) -> Self {
        Self::Alert(error.into())
    }
}

/// A sheet, ready to be printed.
pub struct Record {
    /// The alert's number, for the name of the file.
    pub number: AlertNumber,
    /// The PDF.
    pub pdf: Vec<u8>,
}

/// Who reads a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader {
    /// The language that it is written in.
    pub locale: Locale,
    /// Whether they may know numbers exactly.
    pub exact: bool,
}

/// Makes the decision sheet of an alert as it stands at `now`. Unless `exact` numbers are rounded to 5 and small ones hidden, and
/// the details of the chain's entries are left out, for they hold the same numbers.
///
/// # Errors
/// [`AlertError::Unknown`], the database, or the paper.
pub async fn record(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    service: &Service,
    alert: AlertId,
    reader: Reader,
) -> Result<Record, RecordError> {
    let facts = gather(conn, now, service, alert).await?;
    let number = facts.status.number.clone();
    let pdf = sheet::draw(&facts, service, reader)?;
    Ok(Record { number, pdf })
}

/// All that stands on a sheet.
struct Facts {
    now: DateTime<Utc>,
    status: Status,
    cases: Vec<Case>,
    stays: Vec<StayLine>,
    /// Before the release: what a preview counts.
    counts: Vec<StayCount>,
    /// Of those whom it reaches, how many once got a notice that was withdrawn.
    withdrawn: i64,
    approvals: Vec<ApprovalLine>,
    texts: Texts,
    late: Vec<LateLine>,
    delivery: Counts,
    entries: Vec<AuditLine>,
    names: HashMap<Uuid, String>,
}

/// A case on the sheet.
struct Case {
    reference: String,
    reported_by: String,
    created_at: DateTime<Utc>,
}

/// A stay on the sheet.
struct StayLine {
    venue_id: Uuid,
    venue: String,
    date: NaiveDate,
    late: Option<i32>,
    notices: i64,
}

/// An approval on the sheet.
struct ApprovalLine {
    revision: i32,
    principal: String,
    visits: i32,
    approved_at: DateTime<Utc>,
    hold_until: DateTime<Utc>,
    tonight_reason: Option<String>,
}

/// A release of late visits on the sheet.
struct LateLine {
    released_at: DateTime<Utc>,
    principal: String,
    visits: i32,
    handled_at: Option<DateTime<Utc>>,
    refused_reason: Option<String>,
}

async fn gather(conn: &mut PgConnection, now: DateTime<Utc>, service: &Service, alert: AlertId) -> Result<Facts, AlertError> {
    let status = progress::status(conn, alert).await?.ok_or(AlertError::Unknown)?;
    let (texts, counts, withdrawn) = match store::released_texts(conn, alert.0).await? {
        Some(texts) => (texts, Vec::new(), store::told_before(conn, alert.0).await?),
        None => {
            let preview = preview::preview_of(conn, now, service, &status).await?;
            (preview.text, preview.stays, preview.withdrawn)
        }
    };
    let entries = audit::about(conn, "alert", alert.0, MAX_LISTED).await?;
    let cases = store::cases(conn, alert.0).await?;
    let approvals = store::approvals(conn, alert.0).await?;
    let late = store::late_releases(conn, alert.0).await?;
    // Alerts are called by their numbers; the correction of this one, or what it corrects, is one more name.
    let related = [status.corrects, status.corrected_by].into_iter().flatten().map(|alert| alert.0);
    let principals = [Some(status.created_by.as_str()), status.submitted_by.as_deref()].into_iter().flatten();
    let principals = principals
        .chain(cases.iter().map(|case| case.reported_by.as_str()))
        .chain(approvals.iter().map(|approval| approval.principal.as_str()))
        .chain(late.iter().map(|late| late.principal.as_str()));
    let officials = principals.filter_map(|principal| match principal.parse() {
        Ok(Principal::Official(id)) => Some(id),
        _ => None,
    });
    let mut ids: Vec<Uuid> = officials.chain(related).chain(entries.iter().filter_map(|entry| entry.actor_id)).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(Facts {
        now,
        stays: store::stays(conn, alert.0).await?,
        delivery: progress::delivery(conn, alert).await?,
        names: names(conn, &ids).await?,
        status,
        cases,
        counts,
        withdrawn,
        approvals,
        texts,
        late,
        entries,
    })
}
