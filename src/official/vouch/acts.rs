//! Web's side: what people do to accounts is written down signed, in the transaction that does it.
use super::needs_two;
use crate::audit::{self, Entry};
use crate::base::token::Token;
use crate::keys::PUBLIC_KEY_LEN;
use crate::official::account::{AccountError, By};
use crate::official::role::Role;
use crate::official::session::{MayAdmin, Principal, Session};
use crate::official::statement::{Signed, Signer, Statement};
use crate::official::store::{acts as store, signatories};
use chrono::{DateTime, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

/// The actor has no key that counts: nobody would believe the act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this account or token is not vouched for")]
pub struct NotVouched;

/// The kind of act on an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub(in crate::official) enum ActKind {
    Invite,
    Join,
    Role,
    Reset,
    Enable,
    Confirm,
    Token,
    Disable,
    Withdraw,
    Revoke,
}

impl ActKind {
    pub(in crate::official) fn as_str(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::Join => "join",
            Self::Role => "role",
            Self::Reset => "reset",
            Self::Enable => "enable",
            Self::Confirm => "confirm",
            Self::Token => "token",
            Self::Disable => "disable",
            Self::Withdraw => "withdraw",
            Self::Revoke => "revoke",
        }
    }
}

/// An act, as it is written and as it is signed.
pub(in crate::official) struct Act {
    pub(in crate::official) kind: ActKind,
    pub(in crate::official) official: Uuid,
    pub(in crate::official) standing: i64,
    pub(in crate::official) role: Option<Role>,
    pub(in crate::official) email_sha256: Option<Vec<u8>>,
    pub(in crate::official) public_key: Option<Vec<u8>>,
    pub(in crate::official) until: Option<DateTime<Utc>>,
    pub(in crate::official) token: Option<Uuid>,
    pub(in crate::official) at: DateTime<Utc>,
}

impl Act {
    fn new(kind: ActKind, official: Uuid, at: DateTime<Utc>) -> Self {
        Self { kind, official, standing: 0, role: None, email_sha256: None, public_key: None, until: None, token: None, at }
    }

    pub(super) fn statement(&self) -> Statement {
        Statement::new("ashiato official act v1")
            .text(self.kind.as_str())
            .id(self.official)
            .number(self.standing)
            .maybe(self.role.map(|role| role.as_str().as_bytes()))
            .maybe(self.email_sha256.as_deref())
            .maybe(self.public_key.as_deref())
            .number(self.until.map_or(0, |until| until.timestamp_micros()))
            .maybe(self.token.as_ref().map(|token| token.as_bytes().as_slice()))
            .at(self.at)
    }
}

/// Power that an account is given.
pub(in crate::official) struct Grant {
    pub(in crate::official) kind: ActKind,
    pub(in crate::official) official: Uuid,
    pub(in crate::official) role: Role,
    /// The mailbox that the link of an invitation or a reset goes to.
    pub(in crate::official) email_sha256: [u8; 32],
    /// The link's public key, and until when it is good.
    pub(in crate::official) link: Option<([u8; PUBLIC_KEY_LEN], DateTime<Utc>)>,
    /// The account had as much before.
    pub(in crate::official) only_less: bool,
}

/// How a mailbox stands in a statement.
pub(in crate::official) fn mailbox(email: &str) -> [u8; 32] {
    Sha256::digest(email.as_bytes()).into()
}

/// Writes down that an account was given power. Returns whether a second administrator must confirm it.
pub(in crate::official) async fn grant(tx: &mut PgConnection, now: DateTime<Utc>, by: By<'_>, grant: Grant) -> Result<bool, AccountError> {
    let session = match by {
        By::Operator => return super::grant_by_operator(tx, now, &grant).await.map(|()| false).map_err(AccountError::from),
        By::Admin(session) => session,
    };
    let mut act = Act::new(grant.kind, grant.official, now);
    act.standing = store::next_standing(tx, grant.official).await?;
    act.role = Some(grant.role);
    act.email_sha256 = Some(grant.email_sha256.to_vec());
    (act.public_key, act.until) = grant.link.map(|(key, until)| (key.to_vec(), until)).unzip();
    let signed = match session.sign(&act.statement()) {
        Ok(signed) => Some(signed),
        Err(NotVouched) if grant.only_less => None,
        Err(NotVouched) => return Err(AccountError::NotVouched),
    };
    store::insert(tx, &act, signed.as_ref()).await?;
    let takes_two = needs_two(grant.role) && !grant.only_less;
    Ok(takes_two && signatories::is_second(tx, &session.principal().to_string()).await?)
}

/// Writes down that power was taken away. It needs no signature: a false one stops somebody, and releases nothing.
pub(in crate::official) async fn take_away(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    kind: ActKind,
    official: Uuid,
    token: Option<Uuid>,
) -> Result<(), sqlx::Error> {
    let act = Act { token, ..Act::new(kind, official, now) };
    store::insert(tx, &act, None).await
}

/// The statement that an invited person signs with the link: this is my key from now on. Kept beside the invitation until it is used up.
pub(in crate::official) fn sign_join(token: &Token, official: Uuid, key: [u8; PUBLIC_KEY_LEN], now: DateTime<Utc>) -> Signed {
    let act = Act { public_key: Some(key.to_vec()), ..Act::new(ActKind::Join, official, now) };
    Signer::of_invitation(token).sign(&act.statement())
}

/// Writes down that an invited person brought in a key.
pub(in crate::official) async fn write_join(
    tx: &mut PgConnection,
    official: Uuid,
    key: Vec<u8>,
    signed_at: DateTime<Utc>,
    signed: &[u8],
) -> Result<(), sqlx::Error> {
    let act = Act { public_key: Some(key), ..Act::new(ActKind::Join, official, signed_at) };
    store::insert_signed(tx, &act, Some(signed)).await
}

/// Writes down that an official made a token that counts as them.
pub(in crate::official) async fn write_token(
    tx: &mut PgConnection,
    now: DateTime<Utc>,
    by: &Session<MayAdmin>,
    official: Uuid,
    made: (Uuid, Role, [u8; PUBLIC_KEY_LEN]),
) -> Result<Result<(), NotVouched>, sqlx::Error> {
    let (token, role, key) = made;
    let act = Act { role: Some(role), public_key: Some(key.to_vec()), token: Some(token), ..Act::new(ActKind::Token, official, now) };
    match by.sign(&act.statement()) {
        Ok(signed) => store::insert(tx, &act, Some(&signed)).await.map(Ok),
        Err(error) => Ok(Err(error)),
    }
}

/// The second administrator: what a first one gave an account counts from now on. `false`: nothing waits.
///
/// # Errors
/// [`AccountError::Own`] for the account itself, [`AccountError::SameAdmin`] for who gave it, [`AccountError::ByToken`] for a token
/// from the command line, [`AccountError::NotVouched`].
pub async fn confirm(tx: &mut PgConnection, now: DateTime<Utc>, by: &Session<MayAdmin>, official: Uuid) -> Result<bool, AccountError> {
    let Some(waiting) = signatories::waiting(tx, official).await? else {
        return Ok(false);
    };
    match by.principal() {
        Principal::Token(_) => return Err(AccountError::ByToken),
        Principal::Official(id) if *id == official => return Err(AccountError::Own),
        principal if waiting.granted_by.as_deref() == Some(principal.to_string().as_str()) => return Err(AccountError::SameAdmin),
        Principal::Official(_) => {}
    }
    let act = Act { standing: waiting.standing, role: Some(waiting.role), ..Act::new(ActKind::Confirm, official, now) };
    let signed = by.sign(&act.statement()).map_err(|NotVouched| AccountError::NotVouched)?;
    store::insert(tx, &act, Some(&signed)).await?;
    let detail = json!({ "role": waiting.role.as_str() });
    let entry = Entry { actor: by.actor(), action: "official.confirm", target_kind: "official", target_id: Some(official), detail };
    audit::record(tx, now, &entry).await?;
    Ok(true)
}
