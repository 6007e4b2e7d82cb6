//! Lists of venues on the command line. Whoever holds it is the operator, and the record says so.
use super::{Export, Import};
use crate::audit::Actor;
use crate::base::clock::{Clock, SystemClock};
use crate::base::csv::Sheet;
use crate::base::locale::Locale;
use crate::base::table;
use crate::cli::serve::setup;
use crate::official::Act;
use crate::venue::import::{self, Checked, ImportError, KnownBy, Unseen, Wanted};
use crate::venue::{City, export as venues};
use anyhow::Context;
use serde_json::json;
use sqlx::{Connection, PgConnection};
use std::io::Write;

/// Things to put right that are printed.
const TOLD: usize = 200;

/// `ashiato venue import FILE`
pub(super) async fn import(connection: &mut PgConnection, options: &Import) -> anyhow::Result<()> {
    let length = std::fs::metadata(&options.file).map_err(|error| setup(format!("{}: {error}", options.file.display())))?.len();
    anyhow::ensure!(length <= table::MAX_FILE_BYTES as u64, table::TableError::TooLarge);
    let file = std::fs::read(&options.file).map_err(|error| setup(format!("{}: {error}", options.file.display())))?;
    let fingerprint = import::fingerprint(&file);
    let rows = table::read_apart(file).await?;
    let wanted = Wanted { known: options.again, hidden: options.hidden, struck: options.struck };
    let mut checked = import::check(&rows, wanted)?;
    let now = SystemClock.now();
    import::find_twins(connection, &mut checked).await?;
    if options.dry_run || !checked.errors.is_empty() {
        tell(&checked, options.json, None)?;
        anyhow::ensure!(checked.errors.is_empty(), "{} things in the list are wrong; nothing was changed", checked.errors.len());
        return Ok(());
    }
    let mut act = Act::without_letters(connection, now, City::operator()).await?;
    let made = match import::import(&mut act, &mut checked, fingerprint, None).await {
        Ok(made) => made,
        Err(ImportError::Again(id)) => {
            tell(&checked, options.json, None)?;
            anyhow::bail!("the same file was imported within the last hour as {id}; --again imports it once more");
        }
        Err(ImportError::NothingNew) => {
            tell(&checked, options.json, None)?;
            anyhow::bail!("nothing in the list is new; --again, --hidden and --struck import what is left out");
        }
        Err(error) => return Err(error.into()),
    };
    act.commit().await?;
    tell(&checked, options.json, Some(made.id))
}

fn tell(checked: &Checked, as_json: bool, id: Option<import::ImportId>) -> anyhow::Result<()> {
    let (venues, posters, invited) = (checked.venues(), checked.posters(), checked.invited());
    let (known, hidden, struck) = (checked.known(), checked.unseen(Unseen::Hidden), checked.unseen(Unseen::Struck));
    if as_json {
        let told = json!({
            "dry_run": id.is_none(), "id": id, "venues": venues, "posters": posters, "invited": invited, "mails": venues - invited,
            "known": known, "hidden": hidden, "struck": struck, "errors": checked.errors, "twins": checked.twins().collect::<Vec<_>>(),
            "left_out": checked.left_out, "ignored": checked.ignored, "hidden_columns": checked.hidden_columns,
        });
        println!("{}", serde_json::to_string_pretty(&told)?);
        return Ok(());
    }
    for error in checked.errors.iter().take(TOLD) {
        println!("row {}\t{}\t{}", error.row, error.column.as_str(), error.code);
    }
    for twin in checked.twins().take(TOLD) {
        let other = match (twin.venue, twin.earlier_row) {
            (Some(id), _) => id.to_string(),
            (None, Some(row)) => format!("row {row}"),
            (None, None) => String::new(),
        };
        let by = if twin.by == KnownBy::Number { "same number" } else { "same name and address" };
        println!("row {}\t{by} as {other}\t{}", twin.row, twin.name);
    }
    for left in checked.left_out.iter().take(TOLD) {
        let why = if left.why == Unseen::Hidden { "hidden" } else { "struck out" };
        println!("row {}\t{why}\t{}", left.row, left.name);
    }
    if !checked.hidden_columns.is_empty() {
        let names: Vec<&str> = checked.hidden_columns.iter().map(|column| column.as_str()).collect();
        println!("hidden columns, read too\t{}", names.join(", "));
    }
    if !checked.ignored.is_empty() {
        println!("columns not read\t{}", checked.ignored.join(", "));
    }
    println!("venues\t{venues}\nposters\t{posters}\ninvited\t{invited}");
    for (left, count) in [("known", known), ("hidden", hidden), ("struck out", struck)].into_iter().filter(|(_, count)| *count > 0) {
        println!("left out, {left}\t{count}");
    }
    match id {
        Some(id) => println!("imported\t{id}\nmails that wait for their release\t{}", venues - invited),
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
