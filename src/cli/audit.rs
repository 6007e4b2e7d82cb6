//! `ashiato audit verify | export`
use crate::audit::{self, MAX_LISTED, VerifyError};
use crate::base::config::{Settings, SettingsError};
use crate::base::csv::Sheet;
use crate::base::db::{self, DbRole};
use crate::cli::WithSettings;
use anyhow::Context;
use chrono::SecondsFormat;
use clap::{Args, Subcommand};
use data_encoding::HEXLOWER;
use sqlx::PgConnection;
use std::io::Write;

/// What to do with the audit chain.
#[derive(Subcommand)]
pub(super) enum Command {
    /// Walk the whole chain; exit code 1 and the place when it is broken
    Verify(Verify),
    /// Print every entry as CSV, oldest first, with all that the hashes cover
    Export(WithSettings),
}

/// Options of `ashiato audit verify`.
#[derive(Args)]
pub(super) struct Verify {
    #[command(flatten)]
    with: WithSettings,
    /// A head that was noted earlier: also fail when no entry has this hash any more
    #[arg(long, value_parser = parse_hash)]
    head: Option<Hash>,
}

/// 32 bytes in hexadecimal.
#[derive(Clone, Copy)]
struct Hash([u8; 32]);

fn parse_hash(text: &str) -> Result<Hash, String> {
    let bytes = HEXLOWER.decode(text.trim().to_ascii_lowercase().as_bytes()).map_err(|error| error.to_string())?;
    bytes.try_into().map(Hash).map_err(|_| "64 hexadecimal digits are needed".to_owned())
}

pub(super) async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Verify(options) => {
            let mut connection = connect(&options.with.settings).await?;
            verify(&mut connection, options.head).await
        }
        Command::Export(options) => {
            let mut connection = connect(&options.settings).await?;
            export(&mut connection).await
        }
    }
}

async fn connect(settings: &Settings) -> anyhow::Result<PgConnection> {
    let url = settings.database_url()?.ok_or(SettingsError::Missing(vec!["DATABASE_URL"]))?;
    db::connect(&url, DbRole::Notifier).await.context("DATABASE_URL")
}

async fn verify(connection: &mut PgConnection, head: Option<Hash>) -> anyhow::Result<()> {
    let verified = match head {
        Some(Hash(head)) => audit::verify_with_head(connection, &head).await,
        None => audit::verify(connection).await,
    };
    match verified {
        Ok(verified) => {
            println!("entries: {}", verified.entries);
            println!("head: {}", HEXLOWER.encode(&verified.head));
            Ok(())
        }
        Err(error @ (VerifyError::Broken { .. } | VerifyError::HeadMissing)) => anyhow::bail!("{error}"),
        Err(VerifyError::Db(error)) => Err(error).context("the chain could not be read"),
    }
}

async fn export(connection: &mut PgConnection) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let mut sheet = Sheet::default();
    sheet.row(["id", "at", "actor_kind", "actor_id", "action", "target_kind", "target_id", "detail", "previous", "hash"]);
    let mut after = 0;
    loop {
        let page = audit::after(connection, after, MAX_LISTED).await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for line in &page {
            let id = |id: Option<uuid::Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
            sheet.row([
                line.id.to_string().as_str(),
                &line.at.to_rfc3339_opts(SecondsFormat::Micros, true),
                &line.actor_kind,
                &id(line.actor_id),
                &line.action,
                &line.target_kind,
                &id(line.target),
                &line.detail,
                &HEXLOWER.encode(&line.previous),
                &HEXLOWER.encode(&line.hash),
            ]);
        }
        out.write_all(&sheet.take())?;
    }
    out.write_all(&sheet.take())?;
    Ok(())
}
