//! `ashiato venue kit`
use crate::base::config::Settings;
use crate::cli::WithSettings;
use crate::poster::kit::{KitFile, Part, UnknownPart, pdf};
use crate::venue::VenueId;
use crate::web::print_kit;
use anyhow::Context;
use clap::Args;
use sqlx::PgConnection;
use std::path::{Path, PathBuf};

/// Options of `ashiato venue kit`.
#[derive(Args)]
pub(in crate::cli) struct Kit {
    #[command(flatten)]
    with: WithSettings,
    /// The venue's identifier
    id: VenueId,
    /// Where to write it
    #[arg(long, value_name = "FILE.pdf")]
    out: PathBuf,
    /// Only these parts, with commas: guide, a4, a3, a5, tent, cards, labels21, labels65, staff [default: all]
    #[arg(long, default_value = "", hide_default_value = true, value_parser = parts)]
    part: Parts,
}

/// A list of parts as one argument.
#[derive(Clone)]
struct Parts(Vec<Part>);

fn parts(names: &str) -> Result<Parts, UnknownPart> {
    Part::parse_list(names).map(Parts)
}

impl Kit {
    pub(super) fn settings(&self) -> &Settings {
        &self.with.settings
    }
}

/// Writes the file.
pub(super) async fn write(connection: &mut PgConnection, options: &Kit) -> anyhow::Result<()> {
    let service = options.settings().service()?;
    let kit = print_kit::read(connection, &service, options.id).await?.context("no venue has this identifier")?;
    let file = pdf(&[kit], &options.part.0)?;
    std::fs::write(&options.out, &file.bytes).with_context(|| options.out.display().to_string())?;
    tell(&options.out, &file);
    Ok(())
}

/// Says what was written, and what is not on it.
pub(super) fn tell(out: &Path, file: &KitFile) {
    println!("{}: {} pages", out.display(), file.pages);
    if !file.missing.is_empty() {
        let missing: String = file.missing.iter().collect();
        println!("not in the typeface, printed as 〓: {missing}");
    }
    for part in file.left_out.iter().filter(|part| **part != Part::Letter) {
        println!("left out, the host name is too long for a code of that size: {part}");
    }
}
