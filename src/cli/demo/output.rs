//! The output of the demonstration.
use super::officials::DemoAccount;
use super::place::Links;
use crate::poster;
use std::time::Instant;

pub(super) fn title() {
    println!("Ashiato 足あと — QR check-in contact tracing. All people and places in this story are made up.");
}

pub(super) fn line(text: &str) {
    println!("{text}");
}

/// One step with what it counted and how long it took.
pub(super) fn step(what: &str, counted: &str, since: Instant) {
    println!("  {what:<58} {counted:<42} {:>6} ms", since.elapsed().as_millis());
}

/// One poster as people would scan it, and where to look.
pub(super) fn links(base_url: &str, links: &Links, accounts: &[DemoAccount]) -> anyhow::Result<()> {
    let url = poster::check_in_url(base_url, &links.code.parse()?);
    println!("\n{}\n  {}  {url}", poster::terminal(&url)?, links.poster);
    println!("  home      {base_url}/");
    println!("  check in  {base_url}/c/{}", links.code);
    println!("  mailbox   {base_url}/mailbox");
    println!("  four eyes {base_url}/demo");
    println!("  genuine?  {base_url}/alerts/check?number={}", links.number);
    println!("  API       {base_url}/api/v1/openapi.json");
    println!("  console   {base_url}/console");
    for account in accounts {
        match &account.link {
            Some(link) => println!("    {:<22} once: {link}", account.who),
            None => println!("    {:<22} logs in as {}", account.who, account.email),
        }
    }
    println!();
    Ok(())
}
