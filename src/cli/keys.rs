//! `ashiato keys init | status | rotate-secret`
use crate::base::config::{Settings, SettingsError};
use crate::base::db::{self, DbRole};
use crate::cli::{WithSettings, secret};
use crate::keys::{CanaryHealth, KeyStore, canary_health};
use anyhow::Context;
use clap::Subcommand;

/// What to do with keys.
#[derive(Subcommand)]
pub(super) enum Command {
    /// Make the worker's keys in KEYS_DIR and print its public key
    Init(WithSettings),
    /// Which days have keys, and whether seals open
    Status(WithSettings),
    /// A change of SECRET_KEY: what is left of it, and its end
    RotateSecret(secret::Rotate),
}

pub(super) async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Init(options) => init(&options.settings),
        Command::Status(options) => status(&options.settings).await,
        Command::RotateSecret(options) => secret::rotate(&options).await,
    }
}

fn init(settings: &Settings) -> anyhow::Result<()> {
    let keys = KeyStore::init(&settings.keys_dir())?;
    println!("{}", keys.public_key());
    eprintln!("Give this to every web process as NOTIFIER_PUBLIC_KEY. Keep KEYS_DIR out of every backup.");
    Ok(())
}

async fn status(settings: &Settings) -> anyhow::Result<()> {
    let keys = KeyStore::open(&settings.keys_dir())?;
    println!("public key: {}", keys.public_key());
    let days = keys.days()?;
    match (days.first(), days.last()) {
        (Some(first), Some(last)) => println!("day keys: {} from {first} to {last}", days.len()),
        _ => println!("day keys: none yet; the worker makes them"),
    }
    let url = settings.database_url()?.ok_or(SettingsError::Missing(vec!["DATABASE_URL"]))?;
    let mut connection = db::connect(&url, DbRole::Notifier).await.context("DATABASE_URL")?;
    let clock = crate::base::clock::SystemClock;
    let health = canary_health(&mut connection, crate::base::clock::Clock::now(&clock)).await?;
    println!(
        "canaries: {}",
        match health {
            CanaryHealth::Good => "good",
            CanaryHealth::Late => "late: no worker has opened them for 10 minutes",
            CanaryHealth::Failed => "FAILED: check-ins are sealed in a way that does not open",
        }
    );
    Ok(())
}
