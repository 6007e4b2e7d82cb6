//! `ashiato purge`
use crate::base::clock::{Clock, SystemClock};
use crate::base::config::{Settings, SettingsError};
use crate::base::db::{self, DbRole};
use crate::keys::KeyStore;
use crate::retention;
use crate::stats;
use anyhow::Context;
use clap::Args;

/// Options of `ashiato purge`.
#[derive(Args)]
pub(super) struct Options {
    #[command(flatten)]
    pub(super) settings: Settings,
    /// Say what would be erased, and erase nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) async fn run(options: Options) -> anyhow::Result<()> {
    let settings = &options.settings;
    let url = settings.database_url()?.ok_or(SettingsError::Missing(vec!["DATABASE_URL"]))?;
    let keys = KeyStore::open(&settings.keys_dir()).context("without the keys nothing can be erased for good")?;
    let pool = db::pool(&url, DbRole::Notifier, 4)?;
    let now = SystemClock.now();
    if !options.dry_run {
        // A day that was never counted would be gone.
        stats::count_days(&mut *pool.acquire().await?, now, settings.zone()).await?;
    }
    let purged = retention::purge(now, &pool, &keys, settings.zone(), settings.retention_days, options.dry_run).await?;
    let verb = if options.dry_run { "would be erased" } else { "erased" };
    for date in &purged.dates {
        println!("{date}: visits, outbox rows and keys {verb}");
    }
    for date in &purged.waiting {
        println!("{date}: past retention, but an alert on it is unsent; it waits at most {} days", retention::MAX_WAIT_DAYS);
    }
    println!(
        "{verb}: {} dates, {} notices expired, {} cases, {} alerts, {} person hashes",
        purged.dates.len(),
        purged.expired,
        purged.tidied.cases,
        purged.tidied.alerts,
        purged.tidied.people
    );
    Ok(())
}
