//! One file per subcommand; the only place that prints, and where the rooms are wired together.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line speaks to people by printing")]

mod audit;
pub mod demo;
mod healthcheck;
mod keys;
mod migrate;
mod official;
mod openapi;
mod purge;
mod secret;
mod serve;
pub mod service;
mod signal;
pub mod stopping;
mod token;
mod venue;

use crate::base::config::{LogFormat, Settings, SettingsError, is_left_empty};
use crate::base::telemetry;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use std::process::ExitCode;

/// QR check-in contact tracing that a city can run.
#[derive(Parser)]
#[command(name = "ashiato", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Try it: starts its own Postgres, plays the whole story once, and goes on serving
    Demo(demo::Options),
    /// Run the service: web, worker, or both
    Serve(serve::Options),
    /// Run the worker alone: the same as `serve --role worker`
    Worker(WithSettings),
    /// Bring the database schema up to date
    Migrate(WithSettings),
    /// The worker's keys
    #[command(subcommand)]
    Keys(keys::Command),
    /// Accounts of officials
    #[command(subcommand)]
    Official(official::Command),
    /// API tokens
    #[command(subcommand)]
    Token(token::Command),
    /// Venues: look up, import and export lists, print
    #[command(subcommand)]
    Venue(venue::Command),
    /// The record of who did what
    #[command(subcommand)]
    Audit(audit::Command),
    /// Erase what has outlived its retention
    Purge(purge::Options),
    /// Print the OpenAPI document
    Openapi,
    /// Ask a running service whether it is ready; exit code 0 or 1
    Healthcheck(healthcheck::Options),
}

/// A subcommand that takes settings and nothing else.
#[derive(Args, Clone)]
pub struct WithSettings {
    #[command(flatten)]
    settings: Settings,
}

/// A failure with an exit code of its own.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Exit {
    code: u8,
    message: String,
}

/// Something is missing on this machine or in the settings: nothing was started.
pub(crate) const EXIT_SETUP: u8 = 2;

/// Reads the command line, does what it says, and tells how it ended.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::from_arg_matches(&command().get_matches()).unwrap_or_else(|error| error.exit());
    telemetry::start_logs(cli.command.log_format(), cli.command.log_filter());
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("ashiato: cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let ended = runtime.block_on(cli.command.run());
    // Blocking tasks that still hang (a DNS look-up, say) must not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ashiato: {error:#}");
            ExitCode::from(exit_code(&error))
        }
    }
}

/// The command line, without the settings that the environment holds empty.
fn command() -> clap::Command {
    fn without_empty(command: clap::Command) -> clap::Command {
        let full = |argument: clap::Arg| match argument.get_env() {
            Some(name) if is_left_empty(name) => argument.env(None::<&'static str>),
            _ => argument,
        };
        command.mut_args(full).mut_subcommands(without_empty)
    }
    without_empty(Cli::command())
}

/// A wrong setting counts as [`EXIT_SETUP`] wherever it is found.
fn exit_code(error: &anyhow::Error) -> u8 {
    match error.downcast_ref::<Exit>() {
        Some(exit) => exit.code,
        None if error.is::<SettingsError>() => EXIT_SETUP,
        None => 1,
    }
}

impl Command {
    async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Demo(options) => demo::run(options).await,
            Self::Serve(options) => serve::run(options.settings, options.role).await,
            Self::Worker(options) => serve::run(options.settings, serve::Role::Worker).await,
            Self::Migrate(options) => migrate::run(&options.settings).await,
            Self::Keys(command) => keys::run(command).await,
            Self::Official(command) => official::run(command).await,
            Self::Token(command) => token::run(command).await,
            Self::Venue(command) => venue::run(command).await,
            Self::Audit(command) => audit::run(command).await,
            Self::Purge(options) => purge::run(options).await,
            Self::Openapi => openapi::run(),
            Self::Healthcheck(options) => healthcheck::run(&options).await,
        }
    }

    fn settings(&self) -> Option<&Settings> {
        match self {
            Self::Serve(options) => Some(&options.settings),
            Self::Worker(options) | Self::Migrate(options) => Some(&options.settings),
            Self::Purge(options) => Some(&options.settings),
            Self::Demo(_)
            | Self::Keys(_)
            | Self::Official(_)
            | Self::Audit(_)
            | Self::Token(_)
            | Self::Venue(_)
            | Self::Openapi
            | Self::Healthcheck(_) => None,
        }
    }

    fn log_format(&self) -> LogFormat {
        self.settings().map_or(LogFormat::Text, |settings| settings.log_format)
    }

    fn log_filter(&self) -> &str {
        match self {
            Self::Demo(options) => options.log_filter(),
            _ => self.settings().map_or("warn", |settings| settings.rust_log.as_str()),
        }
    }
}

/// The table of settings for `docs/SETTINGS.md`, made from the same struct that `--help` is made from.
#[must_use]
pub fn settings_table() -> String {
    let command = Cli::command();
    let mut table = String::from("| setting | default | meaning |\n|---|---|---|\n");
    let serve = command.find_subcommand("serve");
    for argument in serve.into_iter().flat_map(clap::Command::get_arguments) {
        let Some(name) = argument.get_env().and_then(|name| name.to_str()) else { continue };
        if name.ends_with("_FILE") {
            continue;
        }
        let defaults: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
        let default = if defaults.is_empty() { String::new() } else { format!("`{}`", defaults.join(",")) };
        let help = argument.get_help().map(ToString::to_string).unwrap_or_default().replace('|', "\\|");
        table += &format!("| `{name}` | {default} | {help} |\n");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_table_of_settings_names_what_production_needs() {
        let table = settings_table();
        for name in ["BASE_URL", "SECRET_KEY", "SMTP_URL", "MAIL_FROM", "HOTLINE", "NOTIFIER_PUBLIC_KEY"] {
            assert!(table.contains(&format!("`{name}`")), "{name}");
        }
    }
}
