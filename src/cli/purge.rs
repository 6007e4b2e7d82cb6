//! `ashiato purge`
use crate::base::clock::{Clock, SystemClock};
use crate::base::config::{Settings, SettingsError};
use crate::base::db::{self, DbRole, SecondClock};
use crate::keys::KeyStore;
use crate::retention::{self, How, Purged, Retention};
use crate::stats;
use anyhow::Context;
use chrono::NaiveDate;
use clap::Args;

/// Options of `ashiato purge`.
#[derive(Args)]
pub(super) struct Options {
    #[command(flatten)]
    pub(super) settings: Settings,
    /// Say what would be erased, and erase nothing
    #[arg(long)]
    dry_run: bool,
    /// Erase this date although the clock is in doubt; it must be past retention by the clock. May be given several times
    #[arg(long, value_name = "DATE")]
    let_go: Vec<NaiveDate>,
}

pub(super) async fn run(options: Options) -> anyhow::Result<()> {
    let settings = &options.settings;
    let url = settings.database_url()?.ok_or(SettingsError::Missing(vec!["DATABASE_URL"]))?;
    let keys = KeyStore::open(&settings.keys_dir()).context("without the keys nothing can be erased for good")?;
    let pool = db::pool(&url, DbRole::Notifier, 4)?;
    let local = SystemClock.now();
    let database = SecondClock::default().now(&mut *pool.acquire().await?).await?;
    if !options.dry_run {
        // A day that was never counted would be gone.
        stats::count_days(&mut *pool.acquire().await?, local, settings.zone()).await?;
    }
    let synchronised = crate::base::time_sync::synchronised().await;
    // A command has not been running: what was lived, the worker knows.
    let look = retention::Look { local, database, elapsed: chrono::Duration::zero(), synchronised };
    let how = How { dry_run: options.dry_run, let_go: options.let_go };
    let kept = Retention { zone: settings.zone(), days: settings.retention_days };
    let purged = retention::purge(&look, &pool, &keys, kept, &how).await?;
    if synchronised != Some(true) {
        println!("warning: nobody says that this machine's time is synchronised");
    }
    tell(&purged, how.dry_run);
    Ok(())
}

fn tell(purged: &Purged, dry_run: bool) {
    let verb = if dry_run { "would be erased" } else { "erased" };
    for date in &purged.dates {
        println!("{date}: visits, outbox rows and keys {verb}");
    }
    for date in &purged.waiting {
        println!("{date}: past retention, but an alert on it is unsent; it waits at most {} days", retention::MAX_WAIT_DAYS);
    }
    for date in &purged.held {
        println!("{date}: past retention by the clock, but held back; to erase it now: ashiato purge --let-go {date}");
    }
    if let Some(doubt) = &purged.doubt {
        println!("the clock is in doubt: {doubt}");
    }
    println!(
        "{verb}: {} dates, {} notices expired, {} cases, {} alerts, {} person hashes",
        purged.dates.len(),
        purged.expired,
        purged.tidied.cases,
        purged.tidied.alerts,
        purged.tidied.people
    );
}
