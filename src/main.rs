//! The `ashiato` program; all it does is in [`ashiato::cli`].
use std::process::ExitCode;

fn main() -> ExitCode {
    ashiato::cli::run()
}
