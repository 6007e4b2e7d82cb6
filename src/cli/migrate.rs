//! `ashiato migrate`
use crate::base::config::{Settings, SettingsError};
use crate::base::db;
use anyhow::Context;

pub(super) async fn run(settings: &Settings) -> anyhow::Result<()> {
    let url = settings.database_url()?.ok_or(SettingsError::Missing(vec!["DATABASE_URL"]))?;
    db::migrate(&url).await.context("the schema was not changed by the step that failed")?;
    println!("the schema is up to date");
    Ok(())
}
