//! `ashiato official invite|list|role|disable|enable|reset|withdraw|confirm|vouch`
use crate::base::clock::{Clock, SystemClock};
use crate::base::config::{Settings, SettingsError};
use crate::base::db::{self, DbRole};
use crate::base::email_address::EmailAddress;
use crate::cli::WithSettings;
use crate::cli::serve::setup;
use crate::official::{self, Act, By, NewOfficial, Official, Role};
use anyhow::Context;
use clap::{Args, Subcommand};
use sqlx::{Connection, PgConnection};

/// What to do with accounts of officials.
#[derive(Subcommand)]
pub(super) enum Command {
    /// Make an account and print its one-time link, alone
    Invite(Invite),
    /// List all accounts
    List(WithSettings),
    /// Give an account a role, whatever it holds now: also after somebody wrote another one into the database
    Role(GiveRole),
    /// Disable an account and end its sessions
    Disable(Who),
    /// Enable a disabled account
    Enable(Who),
    /// Take password and second factor away and print a new one-time link, alone
    Reset(Who),
    /// Take an open invitation back; an account whose owner never joined goes with it
    Withdraw(Who),
    /// Confirm a new approver or administrator in place of a second administrator
    Confirm(Who),
    /// Vouch for the signing key of an account that joined before there were keys
    Vouch(Vouch),
}

/// Options of `ashiato official invite`.
#[derive(Args)]
pub(super) struct Invite {
    #[command(flatten)]
    with: WithSettings,
    /// The person's mail address, with which they log in
    email: String,
    /// What the person may do: viewer, tracer, approver, auditor, admin
    #[arg(long)]
    role: Role,
    /// What colleagues call the person [default: the address before its @]
    #[arg(long)]
    name: Option<String>,
}

/// Options of `ashiato official role`.
#[derive(Args)]
pub(super) struct GiveRole {
    #[command(flatten)]
    with: WithSettings,
    /// The account's mail address
    email: String,
    /// What the person may do: viewer, tracer, approver, auditor, admin
    #[arg(long)]
    role: Role,
}

/// An account by its address.
#[derive(Args)]
pub(super) struct Who {
    #[command(flatten)]
    with: WithSettings,
    /// The account's mail address
    email: String,
}

/// Options of `ashiato official vouch`.
#[derive(Args)]
pub(super) struct Vouch {
    #[command(flatten)]
    with: WithSettings,
    /// The account's mail address
    email: String,
    /// The key's letters, as the person reads them on their own page, "My account"
    key: String,
}

impl Command {
    fn settings(&self) -> &Settings {
        match self {
            Self::Invite(options) => &options.with.settings,
            Self::List(with) => &with.settings,
            Self::Disable(who) | Self::Enable(who) | Self::Reset(who) | Self::Withdraw(who) | Self::Confirm(who) => &who.with.settings,
            Self::Role(given) => &given.with.settings,
            Self::Vouch(vouch) => &vouch.with.settings,
        }
    }
}

pub(super) async fn run(command: Command) -> anyhow::Result<()> {
    let settings = command.settings();
    let url = settings.database_url()?.ok_or(SettingsError::Missing(vec!["DATABASE_URL"]))?;
    let mut connection = db::connect(&url, DbRole::Owner).await.context("DATABASE_URL")?;
    let now = SystemClock.now();
    match &command {
        Command::Invite(options) => {
            let base_url = settings.base_url()?;
            let name = options.name.as_deref().unwrap_or_else(|| options.email.split('@').next().unwrap_or_default());
            let new = NewOfficial::parse(&options.email, name, options.role.as_str()).map_err(|bad| setup(said(&bad)))?;
            let mut act = Act::without_letters(&mut connection, now, By::Operator).await?;
            let invitation = official::invite(&mut act, &new).await?;
            act.commit().await?;
            println!("{}", invitation.url(&base_url));
        }
        Command::List(_) => {
            for official in official::officials(&mut connection, now).await? {
                println!("{}\t{}\t{}\t{}", official.email, official.role, official.standing.as_str(), official.name);
            }
        }
        Command::Role(given) => {
            let account = find(&mut connection, &given.email).await?;
            let mut act = Act::without_letters(&mut connection, now, By::Operator).await?;
            official::change_role(&mut act, account.id, given.role).await?;
            act.commit().await?;
        }
        Command::Disable(who) => {
            let account = find(&mut connection, &who.email).await?;
            let mut act = Act::without_letters(&mut connection, now, By::Operator).await?;
            official::disable(&mut act, account.id).await?;
            act.commit().await?;
        }
        Command::Enable(who) => {
            let account = find(&mut connection, &who.email).await?;
            let mut act = Act::without_letters(&mut connection, now, By::Operator).await?;
            official::enable(&mut act, account.id).await?;
            act.commit().await?;
        }
        Command::Reset(who) => {
            let base_url = settings.base_url()?;
            let account = find(&mut connection, &who.email).await?;
            let mut act = Act::without_letters(&mut connection, now, By::Operator).await?;
            let invitation = official::reset(&mut act, account.id).await?;
            act.commit().await?;
            println!("{}", invitation.url(&base_url));
        }
        Command::Withdraw(who) => {
            let account = find(&mut connection, &who.email).await?;
            let mut act = Act::without_letters(&mut connection, now, By::Operator).await?;
            official::withdraw(&mut act, account.id).await?;
            act.commit().await?;
        }
        Command::Confirm(who) => {
            let account = find(&mut connection, &who.email).await?;
            let mut tx = connection.begin().await?;
            let confirmed = official::confirm_by_operator(&mut tx, now, account.id).await?;
            tx.commit().await?;
            anyhow::ensure!(confirmed, "nothing of this account waits to be confirmed");
        }
        Command::Vouch(vouch) => {
            let account = find(&mut connection, &vouch.email).await?;
            let mut tx = connection.begin().await?;
            let role = official::vouch(&mut tx, now, account.id, &vouch.key).await?;
            tx.commit().await?;
            println!("{role}");
        }
    }
    Ok(())
}

async fn find(connection: &mut PgConnection, email: &str) -> anyhow::Result<Official> {
    let email = EmailAddress::parse(email).map_err(setup)?;
    official::official_by_email(connection, SystemClock.now(), &email).await?.context("no official has this address")
}

fn said(bad: &official::BadOfficial) -> String {
    let email = bad.email.map(|error| format!("EMAIL: {error}"));
    let name = bad.name.map(|error| format!("--name: {error}"));
    email.into_iter().chain(name).collect::<Vec<_>>().join("; ")
}
