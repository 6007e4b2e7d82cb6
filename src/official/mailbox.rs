//! The mailboxes that may be written to. Every letter to officials asks here and nowhere else: nothing goes to a mailbox whose owner has
//! not shown
//! that it is theirs, for a mistyped address belongs to a stranger.
use super::role::Role;
use super::store::accounts as store;
use crate::base::email_address::EmailAddress;
use sqlx::PgConnection;
use uuid::Uuid;

/// Officials who get a letter at most: a city has a handful; more rows would be a mistake.
pub const MAX_READERS: i64 = 200;

/// Where those read their mail who approve alerts.
pub const APPROVERS: [Role; 2] = [Role::Approver, Role::Admin];
/// Where those read their mail who look after the audit chain.
pub const AUDITORS: [Role; 2] = [Role::Auditor, Role::Admin];
/// Where those read their mail who manage accounts.
pub const ADMINS: [Role; 1] = [Role::Admin];

/// The mailboxes of officials in one of these roles who have joined and can act, those who joined first first.
///
/// # Errors
/// The database.
pub async fn readers(conn: &mut PgConnection, roles: &[Role]) -> Result<Vec<EmailAddress>, sqlx::Error> {
    let rows = store::readers(conn, roles, None, MAX_READERS).await?;
    Ok(rows.iter().filter_map(|email| EmailAddress::parse(email).ok()).collect())
}

/// Whether a letter to officials may leave to this mailbox now. Asked again when it leaves: who was disabled meanwhile gets none, and
/// no stranger whom somebody wrote on one.
///
/// # Errors
/// The database.
pub async fn is_reader(conn: &mut PgConnection, mailbox: &EmailAddress) -> Result<bool, sqlx::Error> {
    match store::id_of(conn, &mailbox.normalised()).await? {
        Some(official) => Ok(mailbox_of(conn, official).await?.is_some()),
        None => Ok(false),
    }
}

/// The mailbox of one official; `None`: gone, disabled, or not joined.
///
/// # Errors
/// The database.
pub async fn mailbox_of(conn: &mut PgConnection, official: Uuid) -> Result<Option<EmailAddress>, sqlx::Error> {
    let row = store::readers(conn, &[], Some(official), 1).await?.pop();
    Ok(row.and_then(|email| EmailAddress::parse(&email).ok()))
}
