//! Accounts: invited, given another role, disabled, enabled, reset. Whatever weakens an account's hold ends its sessions.
//!
//! There is no default account: the first comes from the command line. The last admin who can log in cannot be taken away, for
//! then nobody could manage accounts.
use super::invitation::{self, Invitation};
use super::role::Role;
use super::session::{MayAdmin, Session};
use super::store::{accounts as store, credentials, invitations};
use super::vouch::{self, ActKind, Grant, mailbox};
use crate::audit::Acting;
use crate::audit::Actor;
use crate::audit::Target;
use crate::base::db;
use crate::base::email_address::{AddressError, EmailAddress};
use crate::base::text::{self, TextError};
use crate::base::token::Token;
use crate::keys::PersonalKey;
use crate::official::Act;
use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

/// Longest name of an official, in characters: one line in a list.
pub const MAX_OFFICIAL_NAME: usize = 60;

/// On whose authority accounts are managed.
#[derive(Clone, Copy)]
pub enum By<'a> {
    /// An admin, at the console or through a token.
    Admin(&'a Session<MayAdmin>),
    /// The operator, on the command line of the machine itself.
    Operator,
}

impl Acting for By<'_> {
    fn actor(&self) -> Actor {
        match self {
            Self::Admin(session) => session.actor(),
            Self::Operator => Actor::System,
        }
    }
}

/// A person to be invited, checked. No `Debug`.
pub struct NewOfficial {
    /// Where the link goes, and with what they log in.
    pub email: EmailAddress,
    /// Their name as colleagues know it.
    pub name: String,
    /// Their role.
    pub role: Role,
}

impl NewOfficial {
    /// Checks what was typed; every field that is wrong is named.
    ///
    /// # Errors
    /// [`BadOfficial`]
    pub fn parse(email: &str, name: &str, role: &str) -> Result<Self, BadOfficial> {
        match (EmailAddress::parse(email), text::line(name, MAX_OFFICIAL_NAME), role.parse::<Role>()) {
            (Ok(email), Ok(name), Ok(role)) => Ok(Self { email, name, role }),
            (email, name, role) => Err(BadOfficial { email: email.err(), name: name.err(), role: role.is_err() }),
        }
    }
}

/// Which fields of a person to be invited are wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("address, name or role are not right")]
pub struct BadOfficial {
    /// The address.
    pub email: Option<AddressError>,
    /// The name.
    pub name: Option<TextError>,
    /// The role is none.
    pub role: bool,
}

/// Why nothing was done to an account.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// There is no such account.
    #[error("no such official")]
    Unknown,
    /// There is an account with this address.
    #[error("an account with this address exists")]
    Exists,
    /// Nobody else could manage accounts then.
    #[error("this is the last admin who can log in")]
    LastAdmin,
    /// Disabled: it must be enabled first.
    #[error("the account is disabled")]
    Disabled,
    /// One changes one's own second factor on one's own page.
    #[error("one's own account is reset on one's own page")]
    Own,
    /// Nobody vouched for the key of who acts: the worker would not believe it.
    #[error("your own account or token is not vouched for")]
    NotVouched,
    /// The person who gave an account its role cannot be the second who confirms it.
    #[error("a second administrator must confirm: this was granted by the same one")]
    SameAdmin,
    /// A command-line token is nobody in particular, so it confirms nothing.
    #[error("a command-line token confirms nothing")]
    ByToken,
    /// The account has no key, or another one than what was typed.
    #[error("this is not the key of the account: read it from its own page (ASCII letters and digits, four groups)")]
    WrongKey,
    /// No invitation waits that could be withdrawn.
    #[error("no invitation is open")]
    NoInvitation,
    /// The database.
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

/// How an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountState {
    /// An invitation waits; good before this.
    Invited(DateTime<Utc>),
    /// Neither credential nor a good invitation: a new one is needed.
    Lapsed,
    /// Can log in.
    Active,
    /// Cannot.
    Disabled,
}

impl AccountState {
    /// The name for programs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invited(_) => "invited",
            Self::Lapsed => "lapsed",
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }
}

/// An account as admins see it. No `Debug`: it holds an address.
pub struct Official {
    /// The account.
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// The address with which they log in.
    pub email: String,
    /// The role.
    pub role: Role,
    /// How it stands.
    pub standing: AccountState,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When an open session was last used.
    pub seen_at: Option<DateTime<Utc>>,
    /// How far the worker would believe it.
    pub trust: Trust,
}

/// How far the worker believes what an account signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// As far as its role goes.
    Full,
    /// A second administrator must confirm what this principal gave it.
    Waits {
        /// The administrator who gave it.
        by: Option<String>,
    },
    /// Not at all: it has no key that somebody vouched for.
    NoKey,
}

impl Trust {
    /// The name for programs.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Waits { .. } => "waits",
            Self::NoKey => "no_key",
        }
    }
}

/// An account was given something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// A second administrator must confirm it before the account may approve.
    pub takes_two: bool,
}

/// All accounts, by name.
///
/// # Errors
/// The database.
pub async fn officials(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<Official>, sqlx::Error> {
    store::all(conn, now, None).await
}

/// One account.
///
/// # Errors
/// The database.
pub async fn official(conn: &mut PgConnection, now: DateTime<Utc>, id: Uuid) -> Result<Option<Official>, sqlx::Error> {
    Ok(store::all(conn, now, Some(id)).await?.pop())
}

/// The account with this address.
///
/// # Errors
/// The database.
pub async fn official_by_email(conn: &mut PgConnection, now: DateTime<Utc>, email: &EmailAddress) -> Result<Option<Official>, sqlx::Error> {
    match store::id_of(conn, &email.normalised()).await? {
        Some(id) => official(conn, now, id).await,
        None => Ok(None),
    }
}

/// Makes an account that can log in once its invitation was followed. In the caller's transaction.
///
/// # Errors
/// [`AccountError::Exists`] and [`AccountError::Db`].
pub async fn invite<With>(act: &mut Act<'_, By<'_>, With>, new: &NewOfficial) -> Result<Invitation, AccountError> {
    let official = Uuid::new_v4();
    if !store::insert(&mut act.tx, official, new, act.now).await? {
        return Err(AccountError::Exists);
    }
    let (token, expires_at) = invitation::open(&mut act.tx, act.now, official).await?;
    let takes_two = vouch_for_link(act, ActKind::Invite, (official, new.role, &new.email), (&token, expires_at)).await?;
    record(act, "official.invite", official, json!({ "role": new.role.as_str() })).await?;
    let (email, name, role) = (new.email.clone(), new.name.clone(), new.role);
    Ok(Invitation { official, email, name, role, token, expires_at, is_reset: false, takes_two })
}

/// Vouches for who will read a link. Returns whether a second administrator must confirm.
async fn vouch_for_link<With>(
    act: &mut Act<'_, By<'_>, With>,
    kind: ActKind,
    (official, role, email): (Uuid, Role, &EmailAddress),
    (token, until): (&Token, DateTime<Utc>),
) -> Result<bool, AccountError> {
    let link = Some((PersonalKey::of_invitation(token).public(), until));
    let grant = Grant { kind, official, role, email_sha256: mailbox(&email.normalised()), link, only_less: false };
    vouch::grant(&mut act.tx, act.now, act.by, grant).await
}

/// Vouches for an account whose mailbox and key stay.
async fn vouch_again<With>(act: &mut Act<'_, By<'_>, With>, kind: ActKind, account: &Official, role: Role) -> Result<bool, AccountError> {
    let only_less = kind == ActKind::Role && account.role.covers(role);
    let email_sha256 = mailbox(&account.email);
    vouch::grant(&mut act.tx, act.now, act.by, Grant { kind, official: account.id, role, email_sha256, link: None, only_less }).await
}

/// Takes everything away with which somebody logged in, ends their sessions, and makes a new invitation.
///
/// # Errors
/// [`AccountError`]; admins cannot reset themselves, nor the last admin.
pub async fn reset<With>(act: &mut Act<'_, By<'_>, With>, official: Uuid) -> Result<Invitation, AccountError> {
    let account = locked(&mut act.tx, act.now, official).await?;
    if account.standing == AccountState::Disabled {
        return Err(AccountError::Disabled);
    }
    if let By::Admin(session) = act.by {
        if session.principal() == &super::Principal::Official(official) {
            return Err(AccountError::Own);
        }
        keep_an_admin(&mut act.tx, &account, None).await?;
    }
    let email = EmailAddress::parse(&account.email).map_err(|_| AccountError::Unknown)?;
    credentials::remove(&mut act.tx, official).await?;
    let sessions = credentials::end_sessions(&mut act.tx, official, None).await?;
    let (token, expires_at) = invitation::open(&mut act.tx, act.now, official).await?;
    let takes_two = vouch_for_link(act, ActKind::Reset, (official, account.role, &email), (&token, expires_at)).await?;
    record(act, "official.reset", official, json!({ "sessions_ended": sessions })).await?;
    let is_reset = account.standing == AccountState::Active;
    Ok(Invitation { official, email, name: account.name, role: account.role, token, expires_at, is_reset, takes_two })
}

/// Gives an account another role and ends its sessions; `None` when it has that role already. On the operator's word it has the role
/// in any case: what the account says may differ from what was vouched for.
///
/// # Errors
/// [`AccountError`]
pub async fn change_role<With>(act: &mut Act<'_, By<'_>, With>, official: Uuid, role: Role) -> Result<Option<Given>, AccountError> {
    let account = locked(&mut act.tx, act.now, official).await?;
    if account.role == role && matches!(act.by, By::Admin(_)) {
        return Ok(None);
    }
    keep_an_admin(&mut act.tx, &account, Some(role)).await?;
    store::set_role(&mut act.tx, official, role).await?;
    let sessions = credentials::end_sessions(&mut act.tx, official, None).await?;
    let takes_two = vouch_again(act, ActKind::Role, &account, role).await?;
    let detail = json!({ "from": account.role.as_str(), "to": role.as_str(), "sessions_ended": sessions });
    record(act, "official.change_role", official, detail).await?;
    Ok(Some(Given { takes_two }))
}

/// Disables an account: its sessions end, its tokens and an open invitation are good for nothing. `false` when it was disabled.
///
/// # Errors
/// [`AccountError`]
pub async fn disable<With>(act: &mut Act<'_, By<'_>, With>, official: Uuid) -> Result<bool, AccountError> {
    let account = locked(&mut act.tx, act.now, official).await?;
    if account.standing == AccountState::Disabled {
        if matches!(act.by, By::Operator) {
            // An account that another administrator took away is gone for the operator, too.
            vouch::end_by_operator(&mut act.tx, official, act.now).await?;
        }
        return Ok(false);
    }
    keep_an_admin(&mut act.tx, &account, None).await?;
    store::set_disabled(&mut act.tx, official, Some(act.now)).await?;
    let sessions = credentials::end_sessions(&mut act.tx, official, None).await?;
    invitations::remove(&mut act.tx, official).await?;
    match act.by {
        By::Operator => vouch::end_by_operator(&mut act.tx, official, act.now).await?,
        By::Admin(_) => vouch::take_away(&mut act.tx, act.now, ActKind::Disable, official, None).await?,
    }
    record(act, "official.disable", official, json!({ "sessions_ended": sessions })).await?;
    Ok(true)
}

/// Enables a disabled account: password and second factor are those of before. `None` when it was enabled.
///
/// # Errors
/// [`AccountError`]
pub async fn enable<With>(act: &mut Act<'_, By<'_>, With>, official: Uuid) -> Result<Option<Given>, AccountError> {
    let account = locked(&mut act.tx, act.now, official).await?;
    if account.standing != AccountState::Disabled {
        return Ok(None);
    }
    store::set_disabled(&mut act.tx, official, None).await?;
    let takes_two = vouch_again(act, ActKind::Enable, &account, account.role).await?;
    record(act, "official.enable", official, json!({ "role": account.role.as_str() })).await?;
    Ok(Some(Given { takes_two }))
}

/// Takes an open invitation back: its link is dead, and a letter that still waits does not leave. An account whose owner never joined
/// goes with it, so that a mistyped address is free again.
///
/// # Errors
/// [`AccountError::NoInvitation`] and the others of [`AccountError`].
pub async fn withdraw<With>(act: &mut Act<'_, By<'_>, With>, official: Uuid) -> Result<(), AccountError> {
    let account = locked(&mut act.tx, act.now, official).await?;
    if !matches!(account.standing, AccountState::Invited(_) | AccountState::Lapsed) {
        return Err(AccountError::NoInvitation);
    }
    invitations::remove(&mut act.tx, official).await?;
    vouch::take_away(&mut act.tx, act.now, ActKind::Withdraw, official, None).await?;
    store::forget_invited(&mut act.tx, official).await?;
    record(act, "official.withdraw", official, json!({})).await?;
    Ok(())
}

/// The account; changes to accounts take turns from here on, so that two admins cannot take each other away at once.
async fn locked(tx: &mut PgConnection, now: DateTime<Utc>, official: Uuid) -> Result<Official, AccountError> {
    db::lock_transaction(tx, "official").await?;
    self::official(tx, now, official).await?.ok_or(AccountError::Unknown)
}

/// Refuses what would leave nobody who can manage accounts.
async fn keep_an_admin(tx: &mut PgConnection, account: &Official, becomes: Option<Role>) -> Result<(), AccountError> {
    let loses = account.role == Role::Admin && account.standing == AccountState::Active && becomes != Some(Role::Admin);
    if loses && store::other_admins(tx, account.id).await? == 0 { Err(AccountError::LastAdmin) } else { Ok(()) }
}

async fn record<With>(
    act: &mut Act<'_, By<'_>, With>,
    action: &'static str,
    official: Uuid,
    detail: serde_json::Value,
) -> Result<(), sqlx::Error> {
    act.record(action, Target::one("official", official), detail).await
}
