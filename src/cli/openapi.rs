//! `ashiato openapi`
use crate::web::openapi;

pub(super) fn run() -> anyhow::Result<()> {
    println!("{}", openapi::DOCUMENT.trim_end());
    Ok(())
}
