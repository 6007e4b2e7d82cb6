//! `ashiato venue letters`
use super::kit::tell;
use crate::base::clock::{Clock, SystemClock};
use crate::base::config::Settings;
use crate::cli::WithSettings;
use crate::cli::secret::data_keys;
use crate::official::Act;
use crate::poster::kit::pdf;
use crate::venue::import::{self, ImportId};
use crate::venue::{ActivationKey, City, VenueId};
use crate::web::print_kit::letters::{PARTS, kits, pieces};
use anyhow::Context;
use clap::Args;
use sqlx::PgConnection;
use std::path::{Path, PathBuf};

/// Options of `ashiato venue letters`.
#[derive(Args)]
#[group(id = "which", required = true, multiple = false, args = ["ids", "import"])]
pub(in crate::cli) struct Letters {
    #[command(flatten)]
    with: WithSettings,
    /// The venues' identifiers
    #[arg(value_name = "ID")]
    ids: Vec<VenueId>,
    /// All that wait of an imported list, in its order
    #[arg(long, value_name = "ID")]
    import: Option<ImportId>,
    /// Where to write them; of a long list, FILE-2-201.pdf and so on, by its rows
    #[arg(long, value_name = "FILE.pdf")]
    out: PathBuf,
}

impl Letters {
    pub(super) fn settings(&self) -> &Settings {
        &self.with.settings
    }
}

/// Writes the files.
pub(super) async fn write(connection: &mut PgConnection, options: &Letters) -> anyhow::Result<()> {
    let settings = options.settings();
    let service = settings.service()?;
    let key = ActivationKey::new(&data_keys(connection, &settings.secret_keys()?).await?);
    let now = SystemClock.now();
    let mut files = vec![(options.out.clone(), options.ids.clone())];
    if let Some(id) = options.import {
        import::batch(connection, now, id).await?.context("no import has this identifier")?;
        let pieces = pieces(&import::waiting(connection, id).await?);
        let whole = pieces.len() == 1;
        let path = |from, to| if whole { options.out.clone() } else { numbered(&options.out, from, to) };
        files = pieces.into_iter().map(|piece| (path(piece.from, piece.to), piece.venues)).collect();
    }
    let mut printed = 0;
    for (out, venues) in files {
        let mut act = Act::without_letters(connection, now, City::operator()).await?;
        let kits = kits(&mut act, &service, &key, &venues).await?;
        if kits.is_empty() {
            continue;
        }
        // First the codes: a file that cannot be written is asked for again, and holds the same.
        act.commit().await?;
        let file = pdf(&kits, &PARTS)?;
        std::fs::write(&out, &file.bytes).with_context(|| out.display().to_string())?;
        printed += kits.len();
        tell(&out, &file);
    }
    anyhow::ensure!(printed > 0, "none of them waits for its owner; nothing was printed");
    println!("letters\t{printed}");
    Ok(())
}

/// The name of one file of several.
fn numbered(out: &Path, from: i32, to: i32) -> PathBuf {
    let stem = out.file_stem().unwrap_or_default().to_string_lossy();
    out.with_file_name(format!("{stem}-{from}-{to}.pdf"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_a_long_list_are_told_apart_by_their_rows() {
        assert_eq!(numbered(Path::new("/tmp/封書.pdf"), 2, 201), Path::new("/tmp/封書-2-201.pdf"));
        assert_eq!(numbered(Path::new("letters"), 202, 202), Path::new("letters-202-202.pdf"));
    }
}
