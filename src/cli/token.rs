//! `ashiato token create|list|revoke`
use crate::audit::Actor;
use crate::base::clock::{Clock, SystemClock};
use crate::base::config::SettingsError;
use crate::base::db::{self, DbRole};
use crate::cli::WithSettings;
use crate::official::{Role, create_token, revoke_token, tokens};
use anyhow::Context;
use clap::{Args, Subcommand};
use sqlx::Connection;
use uuid::Uuid;

/// What to do with tokens.
#[derive(Subcommand)]
pub(super) enum Command {
    /// Make an API token and print it, once and alone
    Create(Create),
    /// List all tokens; none can be shown again
    List(WithSettings),
    /// End a token at once
    Revoke(Revoke),
}

/// Options of `ashiato token revoke`.
#[derive(Args)]
pub(super) struct Revoke {
    #[command(flatten)]
    with: WithSettings,
    /// The token's identifier, as `ashiato token list` prints it
    id: Uuid,
}

/// Options of `ashiato token create`.
#[derive(Args)]
pub(super) struct Create {
    #[command(flatten)]
    with: WithSettings,
    /// What the token may do: viewer, tracer, approver, auditor, admin
    #[arg(long)]
    role: Role,
    /// Whose token it is. Two tokens of one name count as one person when an alert needs two
    #[arg(long)]
    name: String,
}

pub(super) async fn run(command: Command) -> anyhow::Result<()> {
    let settings = match &command {
        Command::Create(options) => &options.with.settings,
        Command::List(with) => &with.settings,
        Command::Revoke(options) => &options.with.settings,
    };
    let url = settings.database_url()?.ok_or(SettingsError::Missing(vec!["DATABASE_URL"]))?;
    let mut connection = db::connect(&url, DbRole::Owner).await.context("DATABASE_URL")?;
    match command {
        Command::Create(options) => {
            let mut tx = connection.begin().await?;
            let (_, token) = create_token(&mut tx, SystemClock.now(), &options.name, options.role, None).await?;
            tx.commit().await?;
            println!("{}", token.expose());
        }
        Command::List(_) => {
            for token in tokens(&mut connection).await? {
                let maker = token.made_by.map_or("-".to_owned(), |(_, name)| name);
                let standing = if token.revoked_at.is_some() { "revoked" } else { "active" };
                println!("{}\t{}\t{standing}\t{maker}\t{}", token.id, token.role, token.name);
            }
        }
        Command::Revoke(options) => {
            let revoked = revoke_token(&mut connection, SystemClock.now(), options.id, Actor::System).await?;
            anyhow::ensure!(revoked, "no such token, or it was revoked before");
        }
    }
    Ok(())
}
