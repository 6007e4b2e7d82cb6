//! `ashiato venue list|show|import|batch|letters|export|kit`
mod batch;
mod kit;
mod letters;
mod lists;

use crate::base::config::{Settings, SettingsError};
use crate::base::db::{self, DbRole};
use crate::base::locale::Locale;
use crate::cli::WithSettings;
use crate::cli::serve::setup;
use crate::venue::{self, Filter, Query, VenueId, VenueStatus};
use anyhow::Context;
use clap::{Args, Subcommand};
use serde_json::json;
use sqlx::PgConnection;
use std::path::PathBuf;

/// What to do with venues.
#[derive(Subcommand)]
pub(super) enum Command {
    /// List venues: identifier, state, kind, name and address, with tabs between
    List(List),
    /// Show one venue
    Show(Show),
    /// Import a list (CSV or XLSX), whole or not at all
    Import(Import),
    /// Say how an imported list stands; release its mails, or take it back
    Batch(batch::Options),
    /// Write the letters to venues that wait for their owners, each with its posters, as a PDF
    Letters(letters::Letters),
    /// Write all venues as a list
    Export(Export),
    /// Write a venue's print kit as a PDF
    Kit(kit::Kit),
}

/// Options of `ashiato venue list`.
#[derive(Args)]
pub(super) struct List {
    #[command(flatten)]
    with: WithSettings,
    /// Words of name, kana or address, or a poster's code
    #[arg(default_value = "")]
    query: String,
    /// Only venues in this state
    #[arg(long)]
    status: Option<VenueStatus>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Options of `ashiato venue show`.
#[derive(Args)]
pub(super) struct Show {
    #[command(flatten)]
    with: WithSettings,
    /// The venue's identifier
    id: VenueId,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Options of `ashiato venue import`. Exit codes: 0 done, 1 the list is wrong or holds nothing new and nothing was changed, 2 settings
/// or file are missing.
#[derive(Args)]
pub(super) struct Import {
    #[command(flatten)]
    with: WithSettings,
    /// The list
    file: PathBuf,
    /// Say what would be made, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Import rows too whose venue there is already: it is made twice
    #[arg(long)]
    again: bool,
    /// Import rows too that the sheet hides
    #[arg(long)]
    hidden: bool,
    /// Import rows too that are struck out
    #[arg(long)]
    struck: bool,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Options of `ashiato venue export`.
#[derive(Args)]
pub(super) struct Export {
    #[command(flatten)]
    with: WithSettings,
    /// Where to: a name that ends in .csv or .xlsx [default: CSV on standard output]
    #[arg(long)]
    out: Option<PathBuf>,
}

impl Command {
    fn settings(&self) -> &Settings {
        match self {
            Self::List(options) => &options.with.settings,
            Self::Show(options) => &options.with.settings,
            Self::Import(options) => &options.with.settings,
            Self::Batch(options) => options.settings(),
            Self::Letters(options) => options.settings(),
            Self::Export(options) => &options.with.settings,
            Self::Kit(options) => options.settings(),
        }
    }
}

pub(super) async fn run(command: Command) -> anyhow::Result<()> {
    let url = command.settings().database_url()?.ok_or(SettingsError::Missing(vec!["DATABASE_URL"]))?;
    let mut connection = db::connect(&url, DbRole::Owner).await.context("DATABASE_URL")?;
    match &command {
        Command::List(options) => list(&mut connection, options).await,
        Command::Show(options) => show(&mut connection, options).await,
        Command::Import(options) => lists::import(&mut connection, options).await,
        Command::Batch(options) => batch::run(&mut connection, options).await,
        Command::Letters(options) => letters::write(&mut connection, options).await,
        Command::Export(options) => lists::export(&mut connection, options).await,
        Command::Kit(options) => kit::write(&mut connection, options).await,
    }
}

async fn list(connection: &mut PgConnection, options: &List) -> anyhow::Result<()> {
    let query = Query::parse(&options.query);
    if query.is_none() && !options.query.trim().is_empty() {
        return Err(setup("QUERY: nothing to search for").into());
    }
    let mut filter = Filter { query, statuses: options.status.into_iter().collect(), ..Filter::default() };
    let mut all = Vec::new();
    loop {
        let rows = venue::list(connection, &filter).await?;
        filter.after = rows.last().map(|row| row.id);
        if !options.json {
            for row in &rows {
                println!("{}\t{}\t{}\t{}\t{}", row.id, row.status, row.kind, row.name, row.address);
            }
        }
        if rows.is_empty() {
            break;
        }
        all.extend(rows);
    }
    if options.json {
        println!("{}", serde_json::to_string_pretty(&all)?);
    }
    Ok(())
}

async fn show(connection: &mut PgConnection, options: &Show) -> anyhow::Result<()> {
    let venue = venue::show(connection, options.id).await?.context("no venue has this identifier")?;
    let posters = venue::posters(connection, options.id).await?;
    let hanging = posters.iter().filter(|poster| poster.status == venue::PosterStatus::Active).count();
    let contact = venue.contact.as_ref().map(|contact| contact.expose().to_owned());
    let facts = json!({
        "id": venue.id, "name": venue.name, "kana": venue.kana, "kind": venue.kind, "status": venue.status, "postal_code": venue.postal_code,
        "address": venue.address, "contact_email": contact, "phone": venue.phone, "guests_per_day": venue.guests_per_day,
        "opens_on": venue.opens_on, "closes_on": venue.closes_on, "listed": venue.listed, "posters": hanging, "created_at": venue.created_at,
    });
    if options.json {
        println!("{}", serde_json::to_string_pretty(&facts)?);
        return Ok(());
    }
    let w = Locale::default();
    println!("{}\t{}（{}）", venue.name, venue.kind.label(w), venue.status.label(w));
    for (name, fact) in facts.as_object().into_iter().flatten().filter(|(name, fact)| *name != "name" && !fact.is_null()) {
        println!("{name}\t{}", fact.as_str().map_or_else(|| fact.to_string(), str::to_owned));
    }
    Ok(())
}
