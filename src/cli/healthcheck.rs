//! `ashiato healthcheck`: for the image's HEALTHCHECK, which has no curl.
use crate::cli::demo::http;
use anyhow::bail;
use clap::Args;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Options of `ashiato healthcheck`.
#[derive(Args)]
pub(super) struct Options {
    /// Address that the service listens on
    #[arg(long, env = "LISTEN_ADDR", default_value = "127.0.0.1:8080")]
    listen_addr: SocketAddr,
}

pub(super) async fn run(options: &Options) -> anyhow::Result<()> {
    let mut to = options.listen_addr;
    if to.ip().is_unspecified() {
        to.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    let answer = http::send(to, "GET", "/readyz", &[], b"").await?;
    if answer.status != 200 {
        bail!("not ready: {}", answer.text().trim().replace('\n', ", "));
    }
    println!("ready");
    Ok(())
}
