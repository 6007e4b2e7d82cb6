//! Lists of venues on the command line. Whoever holds it is the operator, and the record says so.
use super::{Export, Import};
use crate::audit::Actor;
use crate::base::clock::{Clock, SystemClock};
use crate::base::config::{Settings, SettingsError};
use crate::base::csv::Sheet;
use crate::base::locale::Locale;
use crate::base::table;
use crate::cli::serve::setup;
use crate::keys::{NotifierPublicKey, Sealer};
use crate::venue::import::{self, Checked, ImportError};
use crate::venue::{City, export as venues};
use anyhow::Context;
use serde_json::json;
use sqlx::{Connection, PgConnection};
use std::io::Write;

/// Things to put right that are printed.
const TOLD: usize = 200;

/// `ashiato venue import FILE`
pub(super) async fn import(connection: &mut PgConnection, settings: &Settings, options: &Import) -> anyhow::Result<()> {
    let length = std::fs::metadata(&options.file).map_err(|error| setup(format!("{}: {error}", options.file.display())))?.len();
    anyhow::ensure!(length <= table::MAX_FILE_BYTES as u64, table::TableError::TooLarge);
    let file = std::fs::read(&options.file).map_err(|error| setup(format!("{}: {error}", options.file.display())))?;
    let fingerprint = import::fingerprint(&file);
    let rows = table::read_apart(file).await?;
    let mut checked = import::check(&rows)?;
    let now = SystemClock.now();
    import::find_twins(connection, &mut checked).await?;
    if options.dry_run || !checked.errors.is_empty() {
        tell(&checked, options.json, None)?;
        anyhow::ensure!(checked.errors.is_empty(), "{} things in the list are wrong; nothing was changed", checked.errors.len());
        return Ok(());
    }
    let sealer = sealer(connection, settings, &checked).await?;
    let mut tx = connection.begin().await?;
    let by = City::operator();
    let made = import::import(&mut tx, &sealer, now, settings.zone(), &by, &checked, fingerprint, None, options.again).await;
    let made = made.map_err(|error| match error {
        ImportError::Again(id) => anyhow::anyhow!("the same file was imported within the last hour as {id}; --again imports it once more"),
        error => error.into(),
    })?;
    tx.commit().await?;
    tell(&checked, options.json, Some(made.id))
}

/// Letters to mailboxes are sealed for the notifier. A list without any needs no key.
async fn sealer(connection: &mut PgConnection, settings: &Settings, checked: &Checked) -> anyhow::Result<Sealer> {
    let secrets = settings.secret_keys()?;
    let notifier = match settings.notifier_public_key()? {
        Some(text) => text.parse::<NotifierPublicKey>().map_err(|error| setup(format!("NOTIFIER_PUBLIC_KEY: {error}")))?,
        None => return Err(SettingsError::Missing(vec!["NOTIFIER_PUBLIC_KEY"]).into()),
    };
    let sealer = Sealer::new(secrets, notifier, settings.zone());
    if checked.invited() < checked.planned.len() {
        sealer.refresh(connection, SystemClock.now()).await.context("no key to seal letters with; is the worker running?")?;
    }
    Ok(sealer)
}

fn tell(checked: &Checked, as_json: bool, id: Option<import::ImportId>) -> anyhow::Result<()> {
    let (venues, posters, invited) = (checked.planned.len(), checked.posters(), checked.invited());
    if as_json {
        let told = json!({
            "dry_run": id.is_none(), "id": id, "venues": venues, "posters": posters, "invited": invited,
            "errors": checked.errors, "twins": checked.twins, "ignored": checked.ignored,
        });
        println!("{}", serde_json::to_string_pretty(&told)?);
        return Ok(());
    }
    for error in checked.errors.iter().take(TOLD) {
        println!("row {}\t{}\t{}", error.row, error.column.as_str(), error.code);
    }
    for twin in checked.twins.iter().take(TOLD) {
        let other = match (twin.earlier_row, twin.venue) {
            (Some(row), _) => format!("row {row}"),
            (None, Some(id)) => id.to_string(),
            (None, None) => String::new(),
        };
        println!("row {}\tsame name and address as {other}\t{}", twin.row, twin.name);
    }
    if !checked.ignored.is_empty() {
        println!("columns not read\t{}", checked.ignored.join(", "));
    }
    println!("venues\t{venues}\nposters\t{posters}\ninvited\t{invited}");
    match id {
        Some(id) => println!("imported\t{id}"),
        None => println!("nothing was changed"),
    }
    Ok(())
}

/// `ashiato venue export`
pub(super) async fn export(connection: &mut PgConnection, options: &Export) -> anyhow::Result<()> {
    let extension = options.out.as_ref().map(|out| out.extension().and_then(|extension| extension.to_str()).unwrap_or_default());
    if !matches!(extension, None | Some("csv" | "xlsx")) {
        return Err(setup("--out: the name must end in .csv or .xlsx").into());
    }
    let now = SystemClock.now();
    let mut tx = connection.begin().await?;
    let rows = venues::export(&mut tx, now, Actor::System, Locale::default()).await?;
    tx.commit().await?;
    let bytes = if extension == Some("xlsx") {
        table::xlsx(&rows, now)?
    } else {
        let mut sheet = Sheet::default();
        rows.iter().for_each(|row| sheet.row(row.iter().map(String::as_str)));
        sheet.take()
    };
    match &options.out {
        Some(out) => std::fs::write(out, bytes).with_context(|| out.display().to_string()),
        None => std::io::stdout().write_all(&bytes).context("standard output"),
    }
}
