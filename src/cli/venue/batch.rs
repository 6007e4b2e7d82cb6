//! `ashiato venue batch ID [--release|--undo]`: an imported list, its mails, and its undo. The mails themselves are posted by the
//! service, which has the keys; it does so within a minute.
use crate::base::clock::{Clock, SystemClock};
use crate::base::config::Settings;
use crate::cli::WithSettings;
use crate::official::Act;
use crate::venue::City;
use crate::venue::import::{self, ImportId, undo};
use crate::visit::undo_import;
use anyhow::Context;
use clap::Args;
use sqlx::PgConnection;

/// Venues printed that stayed.
const TOLD: i64 = 200;

/// Options of `ashiato venue batch`.
#[derive(Args)]
#[group(id = "act", multiple = false, args = ["release", "undo"])]
pub(in crate::cli) struct Options {
    #[command(flatten)]
    with: WithSettings,
    /// The import, as `venue import` printed it
    id: ImportId,
    /// Let the mails to the owners go
    #[arg(long)]
    release: bool,
    /// Take the import back where nobody has checked in; possible for 7 days
    #[arg(long)]
    undo: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Options {
    pub(super) fn settings(&self) -> &Settings {
        &self.with.settings
    }
}

pub(super) async fn run(connection: &mut PgConnection, options: &Options) -> anyhow::Result<()> {
    let (now, id) = (SystemClock.now(), options.id);
    let mut act = Act::without_letters(connection, now, City::operator()).await?;
    if options.release {
        import::release(&mut act, id).await?;
    }
    if options.undo {
        undo_import(&mut act, options.settings().zone(), id).await?;
    }
    act.commit().await?;
    let batch = import::batch(connection, now, id).await?.context("there is no such import")?;
    let kept = undo::kept(connection, id, TOLD).await?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&batch.told(&kept))?);
        return Ok(());
    }
    println!("venues\t{}\nposters\t{}\ninvited\t{}", batch.venues, batch.posters, batch.invited);
    println!("mails that wait\t{}\nmails posted\t{}", batch.held, batch.posted);
    for (name, at) in [("released", batch.released_at), ("undone", batch.undone_at)] {
        println!("{name}\t{}", at.map_or_else(|| "no".to_owned(), |at| at.to_rfc3339()));
    }
    if batch.may_undo(now) {
        println!("can be undone until\t{}", batch.undo_until().to_rfc3339());
    }
    for kept in kept {
        println!("row {}\tstays: {}\t{}\t{}", kept.row, kept.why.as_str(), kept.venue, kept.name);
    }
    Ok(())
}
