//! `ashiato token create`
use crate::base::clock::{Clock, SystemClock};
use crate::base::config::SettingsError;
use crate::base::db::{self, DbRole};
use crate::cli::WithSettings;
use crate::official::{Role, create_token};
use anyhow::Context;
use clap::{Args, Subcommand};
use sqlx::Connection;

/// What to do with tokens.
#[derive(Subcommand)]
pub(super) enum Command {
    /// Make an API token and print it, once and alone
    Create(Create),
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
    let Command::Create(options) = command;
    let url = options.with.settings.database_url()?.ok_or(SettingsError::Missing(vec!["DATABASE_URL"]))?;
    let mut connection = db::connect(&url, DbRole::Owner).await.context("DATABASE_URL")?;
    let mut tx = connection.begin().await?;
    let (_, token) = create_token(&mut tx, SystemClock.now(), &options.name, options.role, None).await?;
    tx.commit().await?;
    println!("{}", token.expose());
    Ok(())
}
